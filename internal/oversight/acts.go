package oversight

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/review"
)

const (
	chunk     = 1 << 20 // bytes of a file in one record
	maxList   = 1 << 20
	maxReason = 2000
)

func invalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

// record appends an act. The same id again is the same act.
func (d *Desk) record(ctx context.Context, id journal.ID, r record) error {
	r.V, r.By.At = form.Version, d.o.Now().UTC()
	body, err := form.Encode(r)
	if err != nil {
		return err
	}
	seq, err := d.journal.Append(ctx, journal.Record{ID: id, Time: r.By.At, Site: d.o.Site, Source: "review", Kind: journal.Review, Body: body})
	if err != nil {
		return fmt.Errorf("oversight %s: %w", r.Step, err)
	}
	return d.Advance(ctx, seq)
}

// TakeLog reads a foreign log as a stream into the journal. The same file again
// with the same mapping is the same log: again is true then. What cannot be
// read at all is fault.Invalid, and no log is there.
func (d *Desk) TakeLog(ctx context.Context, by Act, file string, m review.Mapping, r io.Reader) (l Log, again bool, err error) {
	d.act.Lock()
	defer d.act.Unlock()
	w := &chunks{ctx: ctx, d: d, hash: sha256.New()}
	name := path.Base(strings.ReplaceAll(strings.TrimSpace(file), `\`, "/"))
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	l = Log{Name: name, Mapping: m}
	l.Report, err = review.Read(io.TeeReader(r, w), name, m, func(review.Access) {})
	if err == nil {
		_, err = io.Copy(io.Discard, io.TeeReader(io.LimitReader(r, review.MaxLog+1), w)) // what the format did not need
	}
	if err == nil {
		err = w.flush()
	}
	switch {
	case err != nil:
		return l, false, err
	case w.size > review.MaxLog:
		return l, false, invalid("Die Datei ist zu groß. Bitte teilen.", "The file is too large. Please split it.")
	case l.Report.Events == 0:
		return l, false, invalid("In der Datei wurde kein lesbarer Zugriff gefunden. Bitte Format, Spalten und Zeitformat prüfen.", "No readable access was found in the file. Please check format, columns and times.")
	}
	l.Hash, l.Size, l.Chunks = hex.EncodeToString(w.hash.Sum(nil)), w.size, w.seqs
	words, err := json.Marshal(m)
	if err != nil {
		return l, false, fmt.Errorf("oversight: %w", err)
	}
	id := journal.KeyOf("access log", l.Hash, words)
	b, err := d.book(ctx)
	if err != nil {
		return l, false, err
	}
	for _, x := range b.logs {
		if x.Hash == l.Hash && x.Dropped.Person == "" && sameMapping(x.Mapping, m) {
			return *x, true, nil
		}
		if x.ID == id.String() { // read in before, taken out or read otherwise since
			id = journal.NewID()
		}
	}
	err = d.record(ctx, id, record{Step: logTaken, By: by, Log: &l})
	l.ID, l.By = id.String(), by
	return l, false, err
}

func sameMapping(a, b review.Mapping) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

// DropLog takes a log out of later reviews; the file stays in the journal.
func (d *Desk) DropLog(ctx context.Context, by Act, id, why string) error {
	if len(strings.TrimSpace(why)) < 3 {
		return invalid("Bitte sagen, warum.", "Please say why.")
	}
	b, err := d.book(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(b.logs, func(l *Log) bool { return l.ID == id }) {
		return fault.New(fault.NotFound, lang.Text{DE: "Dieses Protokoll gibt es nicht.", EN: "There is no such log."})
	}
	return d.record(ctx, journal.KeyOf("drop", id, nil), record{Step: logDropped, By: by, Of: id, Why: why})
}

// chunks writes a file into the journal, piece by piece. A piece is known by its
// content: a file that is read in again adds nothing.
type chunks struct {
	ctx  context.Context
	d    *Desk
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
	buf  []byte
	size int64
	seqs []journal.Seq
}

func (c *chunks) Write(p []byte) (int, error) {
	_, _ = c.hash.Write(p) // a hash takes everything
	c.size += int64(len(p))
	if c.size > review.MaxLog {
		return 0, invalid("Die Datei ist zu groß. Bitte teilen.", "The file is too large. Please split it.")
	}
	c.buf = append(c.buf, p...)
	for len(c.buf) >= chunk {
		if err := c.put(c.buf[:chunk]); err != nil {
			return 0, err
		}
		c.buf = append(c.buf[:0], c.buf[chunk:]...)
	}
	return len(p), nil
}

func (c *chunks) flush() error {
	if len(c.buf) == 0 {
		return nil
	}
	err := c.put(c.buf)
	c.buf = nil
	return err
}

func (c *chunks) put(b []byte) error {
	seq, err := c.d.journal.Append(c.ctx, journal.Record{
		ID: journal.KeyOf("access log piece", "", b), Time: c.d.o.Now().UTC(), Site: c.d.o.Site, Source: "access-log", Kind: journal.File, Body: bytes.Clone(b),
	})
	if err != nil {
		return fmt.Errorf("oversight: %w", err)
	}
	c.seqs = append(c.seqs, seq)
	return nil
}

// pieces reads a file back out of the journal.
type pieces struct {
	ctx  context.Context
	j    Journal
	seqs []journal.Seq
	left []byte
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.left) == 0 {
		if len(p.seqs) == 0 {
			return 0, io.EOF
		}
		rec, err := p.j.Get(p.ctx, p.seqs[0])
		if err != nil {
			return 0, fmt.Errorf("oversight: %w", err)
		}
		p.left, p.seqs = rec.Body, p.seqs[1:]
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

// Logs returns the foreign logs, the newest first.
func (d *Desk) Logs(ctx context.Context) ([]Log, error) {
	b, err := d.book(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Log, 0, len(b.logs))
	for _, l := range slices.Backward(b.logs) {
		out = append(out, *l)
	}
	return out, nil
}

// TakeList reads a list in. It replaces the one of its kind.
func (d *Desk) TakeList(ctx context.Context, by Act, kind ListKind, file string, text []byte) (int, error) {
	if len(text) > maxList {
		return 0, invalid("Die Liste ist zu groß.", "The list is too large.")
	}
	l := List{Kind: kind, Name: path.Base(file), Text: string(text)}
	var err error
	switch kind {
	case Roster:
		var duties []review.Duty
		duties, err = readRoster(l.Text, d.o.Zone)
		l.Rows = len(duties)
	case Flagged:
		var rows []flaggedRow
		rows, err = readFlagged(l.Text)
		l.Rows = len(rows)
	default:
		err = invalid("Bitte die Art der Liste wählen.", "Please choose the kind of list.")
	}
	if err != nil {
		return 0, err
	}
	return l.Rows, d.record(ctx, journal.NewID(), record{Step: listTaken, By: by, List: &l})
}

// Lists returns the lists in force.
func (d *Desk) Lists(ctx context.Context) (map[ListKind]List, error) {
	b, err := d.book(ctx)
	if err != nil {
		return nil, err
	}
	out := map[ListKind]List{}
	for k, l := range b.lists {
		out[k] = *l
	}
	return out, nil
}

// columns are the German names of columns.
var columns = map[string]string{"von": "from", "bis": "to", "stationen": "wards", "grund": "why"}

// rows reads a small CSV with a header: name;name … in any order.
func rows(text string, need ...string) ([]map[string]string, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	head, _, _ := strings.Cut(text, "\n")
	if strings.Contains(head, ";") {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		return nil, invalid("Die Liste ist nicht lesbar: eine Kopfzeile, Spalten mit Semikolon.", "The list cannot be read: a header line, columns with semicolons.")
	}
	at := map[string]int{}
	for i, h := range all[0] {
		h = strings.ToLower(strings.TrimSpace(h))
		at[cmp.Or(columns[h], h)] = i
	}
	for _, n := range need {
		if _, ok := at[n]; !ok {
			return nil, invalid("Die Spalte „"+german(n)+"“ fehlt.", "The column “"+n+"” is missing.")
		}
	}
	var out []map[string]string
	for _, row := range all[1:] {
		m := map[string]string{}
		for k, i := range at {
			if i < len(row) {
				m[k] = strings.TrimSpace(row[i])
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// german is the German name of a column.
func german(column string) string {
	for de, name := range columns {
		if name == column {
			return de
		}
	}
	return column
}

// readRoster reads person;from;to;wards. Wards are separated by blanks; none is
// the whole house.
func readRoster(text string, zone *time.Location) ([]review.Duty, error) {
	list, err := rows(text, "person", "from", "to")
	if err != nil {
		return nil, err
	}
	var out []review.Duty
	for i, m := range list {
		from, to := moment(m["from"], zone), moment(m["to"], zone)
		if m["person"] == "" || from.IsZero() || !to.After(from) {
			return nil, invalid(fmt.Sprintf("Zeile %d: person, von oder bis ist nicht lesbar (so: 21.11.2026 19:00).", i+2), fmt.Sprintf("Line %d: person, from or to cannot be read (like 21.11.2026 19:00).", i+2))
		}
		out = append(out, review.Duty{Person: strings.ToLower(m["person"]), From: from, To: to, Wards: strings.Fields(m["wards"])})
	}
	return out, nil
}

func moment(text string, zone *time.Location) time.Time {
	for _, layout := range []string{"02.01.2006 15:04", "2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

// flaggedRow is a chart that is specially protected, and whose own record it is.
type flaggedRow struct{ patient, person, why string }

// readFlagged reads patient;why;person: the patient number, a word, and the
// sign-in name of a colleague whose own record it is.
func readFlagged(text string) ([]flaggedRow, error) {
	list, err := rows(text, "patient", "why")
	if err != nil {
		return nil, err
	}
	var out []flaggedRow
	for i, m := range list {
		if m["patient"] == "" || m["why"] == "" {
			return nil, invalid(fmt.Sprintf("Zeile %d: patient oder grund fehlt.", i+2), fmt.Sprintf("Line %d: patient or why is missing.", i+2))
		}
		out = append(out, flaggedRow{m["patient"], strings.ToLower(m["person"]), m["why"]})
	}
	return out, nil
}

// number is the key of a patient number as the hospital gives it.
func (d *Desk) number(no string) clinical.PatientKey {
	return clinical.Identifier{Value: no, Authority: d.o.Authority}.Key()
}

// Rules returns the rules in force and their versions, the newest first.
func (d *Desk) Rules(ctx context.Context) (review.Rules, []RuleSet, error) {
	b, err := d.book(ctx)
	if err != nil {
		return review.Rules{}, nil, err
	}
	return b.inForce()
}

func (b *book) inForce() (review.Rules, []RuleSet, error) {
	was := slices.Clone(b.rules)
	slices.Reverse(was)
	if len(was) == 0 {
		return review.Default(), nil, nil
	}
	r, err := review.Load([]byte(was[0].Text))
	return r, was, err
}

// SetRules changes the rules. Who changed them, why, and what stood before stays
// visible.
func (d *Desk) SetRules(ctx context.Context, by Act, text, why string) error {
	if _, err := review.Load([]byte(text)); err != nil {
		return err
	}
	if len(strings.TrimSpace(why)) < 5 {
		return invalid("Bitte in ein paar Worten sagen, warum die Regeln geändert werden.", "Please say in a few words why the rules are changed.")
	}
	return d.record(ctx, journal.NewID(), record{Step: rulesSet, By: by, Rules: &RuleSet{Text: text, Why: why}})
}

// Judge records what somebody judged about a hit; key is drawn when the form is
// opened. Nobody judges a hit about themselves.
func (d *Desk) Judge(ctx context.Context, by Act, key string, h review.Hit, v Verdict, why string) error {
	why = strings.TrimSpace(why)
	switch {
	case h.Person == by.Person:
		return fault.New(fault.Forbidden, lang.Text{DE: "Einen Treffer über sich selbst bewertet jemand anderes.", EN: "A hit about oneself is judged by somebody else."})
	case !slices.Contains(Verdicts(), v):
		return invalid("Bitte die Bewertung wählen.", "Please choose the judgement.")
	case len(why) < 5 || len(why) > maxReason:
		return invalid("Bitte die Bewertung in ein paar Worten begründen.", "Please give the reason for the judgement in a few words.")
	}
	id, err := journal.ParseID(key)
	if err != nil {
		return invalid("Dieses Formular ist nicht lesbar. Bitte die Seite neu laden.", "This form cannot be read. Please reload the page.")
	}
	return d.record(ctx, id, record{Step: hitJudged, By: by, Judge: &Judgement{Hit: h.ID, Verdict: v, Why: why, Count: h.Count, Upto: h.To.UTC()}})
}

// Judgements returns what was judged about a hit, the newest last.
func (d *Desk) Judgements(ctx context.Context, hit string) ([]Judgement, error) {
	b, err := d.book(ctx)
	if err != nil {
		return nil, err
	}
	return b.judged[hit], nil
}
