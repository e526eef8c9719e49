package handback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Matched is who a patient of the outage is at a target, by a person's word.
type Matched struct {
	IDs    []clinical.Identifier `json:"ids,omitempty"`  // the target's own number first
	Case   clinical.CaseNo       `json:"case,omitempty"` // the target's case; "" is ours
	New    bool                  `json:"new,omitempty"`  // unknown there: our number goes as a temporary one
	Act    Act                   `json:"act,omitzero"`
	Second Act                   `json:"second,omitzero"`

	lacks bool // the second person, where two are needed
}

// Done reports whether a person has said who it is.
func (m Matched) Done() bool { return m.New || len(m.IDs) > 0 }

// Lacks reports whether a second person must still agree.
func (m Matched) Lacks() bool { return m.Done() && m.lacks }

// Known reports whether entries may go to that person.
func (m Matched) Known() bool { return m.Done() && !m.lacks }

// matching takes in what people said about who a patient is.
func (t *tx) matching(e *event) error {
	row := Matched{IDs: e.IDs, Case: e.Case, New: e.New, Act: e.Act}
	if e.Step == agreed {
		var err error
		if row, err = readMatch(t.QueryRowContext(t.ctx, matchQuery, e.Target, string(e.Patient))); err != nil || !row.Done() || row.Second.Done() || row.Act.By.ID == e.Act.By.ID {
			return err
		}
		row.Second = e.Act
	}
	if e.Step == parted {
		return t.exec(`DELETE FROM match WHERE target=? AND patient=?`, e.Target, string(e.Patient))
	}
	return t.put(`INSERT OR REPLACE INTO match VALUES(?,?,?)`, []any{e.Target, string(e.Patient)}, row)
}

// confirmedNew notes that a patient is new there: whoever releases the admission
// of somebody unknown there says so.
func (t *tx) confirmedNew(e *event, it versionOf) error {
	row, err := t.entry(it.Root)
	if err != nil || row == nil || !slices.Contains(it.Over, string(Unknown)+":"+string(row.patient)) {
		return err
	}
	if m, err := readMatch(t.QueryRowContext(t.ctx, matchQuery, e.Target, string(row.patient))); err != nil || m.Done() {
		return err
	}
	return t.put(`INSERT OR REPLACE INTO match VALUES(?,?,?)`, []any{e.Target, string(row.patient)}, Matched{New: true, Act: e.Act})
}

const matchQuery = `SELECT body FROM match WHERE target=? AND patient=?`

func readMatch(row *sql.Row) (Matched, error) {
	var body []byte
	var m Matched
	err := row.Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	return m, err
}

// match returns who a patient is at a target, under the first of its keys of
// which somebody has said so.
func (b *Book) match(ctx context.Context, t *Target, keys ...clinical.PatientKey) (Matched, error) {
	for _, key := range keys {
		m, err := readMatch(b.st.db.QueryRowContext(ctx, matchQuery, t.Name, string(key)))
		if err != nil {
			return m, fmt.Errorf("handback.db: %w", err)
		}
		if m.Done() {
			m.lacks = t.matchedByTwo() && !m.Second.Done()
			return m, nil
		}
	}
	return Matched{}, nil
}

// matchedByTwo reports whether two people say who a patient is: where two
// release admissions.
func (t *Target) matchedByTwo() bool { return slices.Contains(t.FourEyes, message.Admission) }

// Matching returns who a patient is at a target by a person's word, and how many
// messages about that patient have left.
func (b *Book) Matching(ctx context.Context, target string, p clinical.PatientKey) (m Matched, sent int, err error) {
	t := b.target(target)
	if t == nil {
		return m, 0, noTarget()
	}
	if m, err = b.match(ctx, t, p); err != nil {
		return m, 0, err
	}
	err = b.st.db.QueryRowContext(ctx, `SELECT coalesce(sum(n),0) FROM sent_to WHERE target=? AND patient=?`, target, string(p)).Scan(&sent)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return m, sent, err
}

// Match says who a patient of the outage is at a target. The error's kind is
// Conflict where messages about the patient have left under another number:
// then the two numbers must be joined there.
func (b *Book) Match(ctx context.Context, key journal.ID, target string, p clinical.PatientKey, ids []clinical.Identifier, no clinical.CaseNo, by Act) error {
	if len(ids) == 0 || strings.TrimSpace(ids[0].Value) == "" {
		return fault.New(fault.Invalid, lang.Text{DE: "Die Patientennummer im Zielsystem fehlt.", EN: "The patient number in the target system is missing."})
	}
	return b.say(ctx, key, target, p, event{Step: matched, IDs: ids, Case: no, Act: by})
}

// MatchNew says that a patient of the outage is new at a target: the admission
// goes there, with our number as a temporary one.
func (b *Book) MatchNew(ctx context.Context, key journal.ID, target string, p clinical.PatientKey, by Act) error {
	return b.say(ctx, key, target, p, event{Step: matched, New: true, Act: by})
}

// Agree is the second person's word on who a patient is. The error's kind is
// Forbidden for the person who said it.
func (b *Book) Agree(ctx context.Context, key journal.ID, target string, p clinical.PatientKey, by Act) error {
	m, _, err := b.Matching(ctx, target, p)
	switch {
	case err != nil:
		return err
	case !m.Lacks():
		return fault.New(fault.Conflict, lang.Text{DE: "Hier ist nichts zu bestätigen.", EN: "There is nothing to confirm here."})
	case m.Act.By.ID == by.By.ID:
		return fault.New(fault.Forbidden, lang.Text{
			DE: "Die Zuordnung stammt von Ihnen. Bestätigen muss sie eine zweite Person.", EN: "You made this match. A second person must confirm it.",
		})
	}
	return b.say(ctx, key, target, p, event{Step: agreed, Act: by})
}

// Part takes back who a patient is, as long as nothing has left.
func (b *Book) Part(ctx context.Context, key journal.ID, target string, p clinical.PatientKey, by Act) error {
	return b.say(ctx, key, target, p, event{Step: parted, Act: by})
}

func (b *Book) say(ctx context.Context, key journal.ID, target string, p clinical.PatientKey, e event) error {
	if seq, err := b.j.Find(ctx, key); err != nil || seq != 0 { // sent twice
		return err
	}
	m, sent, err := b.Matching(ctx, target, p)
	if err != nil {
		return err
	}
	if sent > 0 && e.Step != agreed && (m.Done() && !(m.New && len(e.IDs) > 0) || e.Step == parted) {
		return fault.New(fault.Conflict, lang.Text{
			DE: fmt.Sprintf("Unter der bisherigen Zuordnung wurden schon %d Nachrichten gesendet. Sie lässt sich hier nicht mehr ändern; bitte die beiden Nummern im Zielsystem zusammenführen.", sent),
			EN: fmt.Sprintf("%d messages have already left under the present match. It cannot be changed here any more; please join the two numbers in the target system.", sent),
		})
	}
	e.Target, e.Patient = target, p
	_, err = b.write(ctx, key, e)
	return err
}

// Stranger is a patient of the outage of whom the target has no number as far
// as is known here.
type Stranger struct {
	Key     clinical.PatientKey
	Entries int // waiting
	Matched Matched
}

// Strangers returns who must be matched before anything can go, those who are
// matched already last.
func (b *Book) Strangers(ctx context.Context, target string) ([]Stranger, error) {
	t := b.target(target)
	if t == nil {
		return nil, noTarget()
	}
	q, err := b.Queue(ctx, target)
	if err != nil || q.Mode == Closed {
		return nil, err
	}
	rows, err := b.st.db.QueryContext(ctx, `SELECT e.patient, count(*) FROM entry e LEFT JOIN state s ON s.target=? AND s.root=e.root
		WHERE e.seq>=? AND e.patient<>'' AND e.kinds<>'' AND coalesce(s.state,'waiting') IN ('waiting','released','refused','unclear','rest') GROUP BY 1`, target, int64(q.Since))
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []Stranger
	for rows.Next() {
		var key string
		var s Stranger
		if err := rows.Scan(&key, &s.Entries); err != nil {
			return nil, fmt.Errorf("handback.db: %w", err)
		}
		s.Key = clinical.PatientKey(key)
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return b.unknownOf(ctx, t, all)
}

// unknownOf keeps those of whom the target has no number.
func (b *Book) unknownOf(ctx context.Context, t *Target, all []Stranger) ([]Stranger, error) {
	v, err := b.charts.View(ctx)
	if err != nil {
		return nil, err
	}
	defer v.Close() //nolint:errcheck // only read
	var out []Stranger
	for _, s := range all {
		if b.looked.isKnown(t.Name, s.Key) {
			continue
		}
		p, err := v.Patient(ctx, s.Key, chart.Head())
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(p.IDs, func(id clinical.Identifier) bool { return id.Authority == t.Authority }) {
			if p.Key == s.Key && len(p.Linked) == 0 { // by its own number, which no one takes back
				b.looked.setKnown(t.Name, s.Key)
			}
			continue
		}
		if s.Matched, err = b.match(ctx, t, s.Key, p.Key); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Stranger) int {
		rank := func(s Stranger) int {
			switch {
			case s.Matched.Known():
				return 2
			case s.Matched.Lacks():
				return 0
			}
			return 1
		}
		return rank(a) - rank(b)
	})
	return out, nil
}

// Number is the number that a target has for a person; false if none is known.
func (b *Book) Number(target string, p *chart.Patient) (clinical.Identifier, bool) {
	t := b.target(target)
	if t == nil {
		return clinical.Identifier{}, false
	}
	for _, id := range p.IDs {
		if id.Authority == t.Authority && id.Value != "" {
			return id, true
		}
	}
	return clinical.Identifier{}, false
}

// joining leaves out the message that joins a number which the target never
// had: whoever was identified before anything about them left is one person
// there from the beginning.
func (b *Book) joining(ctx context.Context, t *Target, e *entry.Entry, all []message.Message) ([]message.Message, error) {
	if !slices.ContainsFunc(all, joins) {
		return all, nil
	}
	for _, f := range e.Facts {
		m, ok := f.(clinical.Merge)
		if !ok {
			continue
		}
		for _, id := range m.From {
			var sent int
			err := b.st.db.QueryRowContext(ctx, `SELECT count(*) FROM sent_to WHERE target=? AND patient=? AND no=?`, t.Name, string(id.Key()), id.Value).Scan(&sent)
			if err != nil || sent > 0 || id.Authority == t.Authority {
				return all, err
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), joins), nil
}

func joins(m message.Message) bool { return m.Type == "ADT^A40" || m.Type == "ADT^A34" }
