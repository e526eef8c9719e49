package handback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Queue is where a target's hand-back stands.
type Queue struct {
	Target string
	System string
	Mode   Mode
	Since  journal.Seq // first record whose entries are handed back
	Begun  Act
	Act    Act  // the newest decision about the mode
	Braked bool // it paused by itself, because the target does not answer
}

// Queue returns where a target's hand-back stands.
func (b *Book) Queue(ctx context.Context, target string) (Queue, error) {
	t := b.target(target)
	if t == nil {
		return Queue{}, noTarget()
	}
	if err := b.Wait(ctx, b.born); err != nil { // what is not folded yet must not look like nothing
		return Queue{}, err
	}
	var body []byte
	q := queueRow{Mode: Closed}
	err := b.st.db.QueryRowContext(ctx, `SELECT body FROM queue WHERE target=?`, target).Scan(&body)
	if err == nil {
		err = json.Unmarshal(body, &q)
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return Queue{}, fmt.Errorf("handback.db: %w", err)
	}
	return Queue{
		Target: target, System: t.System, Mode: q.Mode, Since: q.Since, Begun: q.Begun, Act: q.Act, Braked: q.Mode == Paused && q.Act.By.ID == itself.ID,
	}, nil
}

func noTarget() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Dieses Zielsystem ist nicht eingerichtet.", EN: "This target system is not configured."})
}

// Filter chooses items; zero fields choose all.
type Filter struct {
	States  []State
	Patient clinical.PatientKey
	Ward    string
	Wards   []string     // any of these; nil: all
	Kind    message.Kind // what it is about
	Limit   int          // 0: 200
	After   journal.Seq  // first versions after this record
	Upto    journal.Seq  // versions up to this record; 0: all
}

const itemColumns = entryColumns + `, coalesce(s.body, x'')`

// Items returns what of a target's queue the filter finds, oldest first, with
// their conflicts.
func (b *Book) Items(ctx context.Context, target string, f Filter) ([]Item, error) {
	items, err := b.list(ctx, target, f)
	if err == nil {
		err = b.Look(ctx, target, items)
	}
	return items, err
}

// list returns what the filter finds, and reads no chart.
func (b *Book) list(ctx context.Context, target string, f Filter) ([]Item, error) {
	q, err := b.Queue(ctx, target)
	if err != nil || q.Mode == Closed {
		return nil, err
	}
	cond, args := []string{"e.seq>=?", "e.first>?"}, []any{target, int64(q.Since), int64(f.After)}
	if len(f.States) > 0 {
		in := make([]string, len(f.States))
		for i, s := range f.States {
			in[i] = "?"
			args = append(args, string(s))
		}
		cond = append(cond, "coalesce(s.state,'waiting') IN ("+strings.Join(in, ",")+")")
	}
	if f.Patient != "" {
		cond, args = append(cond, "e.patient=?"), append(args, string(f.Patient))
	}
	if f.Ward != "" {
		cond, args = append(cond, "e.ward=?"), append(args, f.Ward)
	}
	if f.Wards != nil {
		in := make([]string, len(f.Wards))
		for i, w := range f.Wards {
			in[i] = "?"
			args = append(args, w)
		}
		cond = append(cond, "e.ward IN ("+strings.Join(in, ",")+")")
	}
	if f.Kind != "" {
		cond, args = append(cond, "' '||e.kinds||' ' LIKE ?"), append(args, "% "+string(f.Kind)+" %")
	}
	if f.Upto != 0 {
		cond, args = append(cond, "e.seq<=?"), append(args, int64(f.Upto))
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 200
	}
	return b.items(ctx, target, `SELECT `+itemColumns+` FROM entry e LEFT JOIN state s ON s.target=? AND s.root=e.root WHERE `+
		strings.Join(cond, " AND ")+` ORDER BY e.first LIMIT ?`, append(args, limit)...)
}

// head returns the oldest item of a patient that may be sent, nil if there is
// none: behind an admission that is not settled nothing goes, because it needs
// the case.
func (b *Book) head(ctx context.Context, target string, p clinical.PatientKey) (*Item, error) {
	t := b.target(target)
	rows, err := b.st.db.QueryContext(ctx, `SELECT `+itemColumns+` FROM state s JOIN entry e USING(root)
		WHERE s.target=? AND s.patient=? AND s.state IN `+openStates+` ORDER BY s.seq`, target, string(p))
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close() //nolint:errcheck // only read
	for rows.Next() {
		it, err := scanItem(rows, t)
		if err != nil {
			return nil, err
		}
		switch it.State {
		case Waiting, Refused, Unclear:
			if slices.Contains(it.Kinds, message.Admission) {
				return nil, nil
			}
			continue
		case Released, Sent, Accepted, Rest, Hand, Nothing:
		}
		if t.agreed(&it) {
			return &it, nil
		}
	}
	return nil, rows.Err()
}

// underWay returns the items of which a message left and nobody knows yet what
// became of it.
func (b *Book) underWay(ctx context.Context, target string) ([]Item, error) {
	return b.items(ctx, target, `SELECT `+itemColumns+` FROM state s JOIN entry e USING(root) WHERE s.target=? AND s.state='sent' ORDER BY s.seq`, target)
}

// heads returns who has something to send, each with the first record of the
// oldest.
func (b *Book) heads(ctx context.Context, target string) (map[clinical.PatientKey]journal.Seq, error) {
	rows, err := b.st.db.QueryContext(ctx, `SELECT patient, min(seq) FROM state WHERE target=? AND state IN `+openStates+` GROUP BY patient`, target)
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close() //nolint:errcheck // only read
	out := map[clinical.PatientKey]journal.Seq{}
	for rows.Next() {
		var p string
		var first int64
		if err := rows.Scan(&p, &first); err != nil {
			return nil, fmt.Errorf("handback.db: %w", err)
		}
		out[clinical.PatientKey(p)] = journal.Seq(first)
	}
	return out, rows.Err()
}

// item returns what has happened with one entry and a target; nil if nothing
// has.
func (b *Book) item(ctx context.Context, target, root string) (*Item, error) {
	list, err := b.items(ctx, target, `SELECT `+itemColumns+` FROM state s JOIN entry e USING(root) WHERE s.target=? AND s.root=?`, target, root)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (b *Book) items(ctx context.Context, target, query string, args ...any) ([]Item, error) {
	t := b.target(target)
	if t == nil {
		return nil, noTarget()
	}
	rows, err := b.st.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close()
	var out []Item
	for rows.Next() {
		it, err := scanItem(rows, t)
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, rows.Err()
}

func scanItem(rows *sql.Rows, t *Target) (Item, error) {
	var body []byte
	e, err := scanEntry(rows, &body)
	if err != nil {
		return Item{}, fmt.Errorf("handback.db: %w", err)
	}
	return itemOf(t, e, body)
}

func itemOf(t *Target, e *entryRow, body []byte) (Item, error) {
	s := stateRow{Key: e.key, State: Waiting}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &s); err != nil {
			return Item{}, fmt.Errorf("handback.db: %w", err)
		}
	}
	it := Item{
		Target: t.Name, Root: e.root, Key: e.key, Seq: e.seq, First: e.first, Needs: 1, Patient: e.patient, Case: e.kase, Ward: e.ward, Form: e.form,
		At: time.Unix(0, e.at), By: e.by, State: s.State, Messages: s.Of, Done: len(s.Done), Attempts: s.Attempts, Control: s.Control,
		Answer: s.Answer, Decided: s.Decided, Second: s.Second, Again: s.Again, Before: s.Before, Hold: s.Hold, s: s,
	}
	for _, k := range e.kinds {
		it.Kinds = append(it.Kinds, message.Kind(k))
	}
	if t.needsTwo(&it) {
		it.Needs = 2
	}
	if len(it.Kinds) == 0 && it.State == Waiting {
		it.State = Nothing
	}
	return it, nil
}

// Progress is how many items of a target stand where, in one ward or, with Ward
// empty, in all.
type Progress struct {
	Ward  string
	Count map[State]int
}

// Progress returns the counts of each ward, by name.
func (b *Book) Progress(ctx context.Context, target string) ([]Progress, error) {
	q, err := b.Queue(ctx, target)
	if err != nil || q.Mode == Closed {
		return nil, err
	}
	all := map[string]map[State]int{}
	add := func(ward string, s State, n int) {
		if all[ward] == nil {
			all[ward] = map[State]int{}
		}
		if all[ward][s] += n; all[ward][s] == 0 {
			delete(all[ward], s)
		}
	}
	// An entry without a state row waits, or holds nothing for the target; both
	// counts are read from an index alone.
	err = b.counts(ctx, `SELECT ward, idle, '', count(*) FROM entry WHERE seq>=? GROUP BY ward, idle`, []any{int64(q.Since)}, func(ward string, rests State, _ State, n int) {
		add(ward, rests, n)
	})
	if err != nil {
		return nil, err
	}
	err = b.counts(ctx, `SELECT ward, idle, state, count(*) FROM state WHERE target=? AND version>=? GROUP BY ward, idle, state`, []any{target, int64(q.Since)}, func(ward string, rests, is State, n int) {
		add(ward, rests, -n)
		add(ward, is, n)
	})
	if err != nil {
		return nil, err
	}
	var out []Progress
	for _, ward := range slices.Sorted(maps.Keys(all)) {
		if len(all[ward]) > 0 {
			out = append(out, Progress{Ward: ward, Count: all[ward]})
		}
	}
	return out, nil
}

// counts reads lines of ward, what an entry without a state row is, state and
// number.
func (b *Book) counts(ctx context.Context, query string, args []any, each func(ward string, rests, is State, n int)) error {
	rows, err := b.st.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var ward, is string
		var idle bool
		var n int
		if err := rows.Scan(&ward, &idle, &is, &n); err != nil {
			return fmt.Errorf("handback.db: %w", err)
		}
		rests := Waiting
		if idle {
			rests = Nothing
		}
		each(ward, rests, State(is), n)
	}
	return rows.Err()
}

// SetMode begins, pauses, slows or ends the draining of a target's queue. A
// queue that begins holds every entry since it was closed the last time. It is
// closed, with a last report that says so, only when every entry is accounted
// for: the error's kind is Conflict before. What was signed after the report's
// last record belongs to the next hand-back. key makes the same act sent twice one.
func (b *Book) SetMode(ctx context.Context, key journal.ID, target string, mode Mode, by Act) error {
	q, err := b.Queue(ctx, target)
	if err != nil {
		return err
	}
	switch mode {
	case Testing, Paused, Slowly, Flowing:
	case Closed:
		if q.Mode == Closed {
			return nil
		}
		if _, err = b.keepReport(ctx, key, target, true, by); err == nil {
			b.o.Braked(target, false)
		}
		return err
	default:
		return fault.New(fault.Invalid, lang.Text{DE: "Diese Betriebsart gibt es nicht.", EN: "There is no such mode."})
	}
	if _, err = b.write(ctx, key, event{Step: opened, Target: target, Mode: mode, Act: by}); err == nil {
		b.o.Braked(target, false)
	}
	return err
}

// Decision is what a person decides about items.
type Decision string

// The decisions.
const (
	Release Decision = "release" // may be sent
	Second  Decision = "second"  // the second person agrees
	Recall  Decision = "recall"  // not to be sent after all
	TypedIn Decision = "hand"    // entered there by hand, or not needed there: Act.Why says which
	Resend  Decision = "again"   // was with a person and is to be sent anew
)

// Decide records a decision about items in the versions and with the conflicts
// that the person saw: releasing one confirms its conflicts. What no person can
// confirm is not released: the error's kind is Conflict.
func (b *Book) Decide(ctx context.Context, key journal.ID, target string, d Decision, items []Item, by Act) error {
	t := b.target(target)
	if t == nil {
		return noTarget()
	}
	steps := map[Decision]step{Release: released, Second: seconded, Recall: recalled, TypedIn: byHand, Resend: again}
	e := event{Step: steps[d], Target: target, Act: by}
	if e.Step == "" {
		return fault.New(fault.Invalid, lang.Text{DE: "Diese Entscheidung gibt es nicht.", EN: "There is no such decision."})
	}
	if d == TypedIn && strings.TrimSpace(by.Why) == "" {
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte sagen, was von Hand getan wurde.", EN: "Please say what was done by hand."})
	}
	if d == Second && slices.ContainsFunc(items, func(it Item) bool { return it.Decided.By.ID == by.By.ID }) {
		return fault.New(fault.Forbidden, lang.Text{DE: "Die zweite Freigabe gibt eine andere Person.", EN: "Another person gives the second release."})
	}
	if d == Release || d == Resend {
		for _, it := range items {
			if c := unconfirmed(it.Conflicts, holding(it.Conflicts)); c != nil {
				return fault.New(fault.Conflict, Never(c.Kind))
			}
		}
	}
	for n := 0; len(items) > 0; n++ {
		some := items[:min(len(items), decideAtOnce)]
		items = items[len(some):]
		e.Items = nil
		for _, it := range some {
			e.Items = append(e.Items, versionOf{Root: it.Root, Key: it.Key, Over: holding(it.Conflicts)})
		}
		id := key
		if n > 0 {
			id = journal.KeyOf("handback", fmt.Sprintf("%s/%d", key, n), nil)
		}
		if _, err := b.write(ctx, id, e); err != nil {
			return err
		}
	}
	return nil
}

// Never says why a conflict of this kind cannot be confirmed, and what to do
// instead; empty for one that a person may confirm.
func Never(h Hold) lang.Text {
	switch {
	case !h.final():
		return lang.Text{}
	case h == CaseGone:
		return lang.Text{
			DE: "Der Fall gehört dort jetzt zu einer anderen Person. Solche Einträge werden von Hand eingetragen, wo sie hingehören. Es wurde nichts freigegeben.",
			EN: "The case belongs to another person there now. Such entries are typed in by hand where they belong. Nothing was released.",
		}
	}
	return lang.Text{
		DE: "Wer im Zielsystem keine Nummer hat, wird zuerst zugeordnet. Es wurde nichts freigegeben.",
		EN: "Who has no number in the target system must be matched first. Nothing was released.",
	}
}

// decideAtOnce is how many items one record decides about.
const decideAtOnce = 1000
