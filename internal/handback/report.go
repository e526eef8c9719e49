package handback

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Outcome is what became of an entry, as a report says it.
type Outcome string

// The outcomes. An entry has exactly one.
const (
	Arrived Outcome = "accepted" // the target answered that it took every message
	ByHand  Outcome = "hand"     // a person typed it in there, or decided that it need not be
	Empty   Outcome = "nothing"  // there is nothing to send: it holds nothing for the target, or was withdrawn before anything left
	Pending Outcome = "open"     // none of these yet
)

// Outcomes returns all outcomes, in the order of a report.
func Outcomes() []Outcome { return []Outcome{Arrived, ByHand, Empty, Pending} }

// Report accounts for every entry of one hand-back. Its counts add up to the
// number of entries that stand in the journal, which are counted there and not
// in the queue.
type Report struct {
	Version    int             `json:"version"` // 1 for the first of the target
	Target     string          `json:"target"`
	System     string          `json:"system"`
	Final      bool            `json:"final"` // declared done by By
	At         time.Time       `json:"at"`
	By         clinical.Staff  `json:"by"`
	Since      journal.Seq     `json:"since"` // first record of the hand-back
	Upto       journal.Seq     `json:"upto"`  // last record that is accounted for
	Entries    int             `json:"entries"`
	Count      map[Outcome]int `json:"count"`
	Unreadable int             `json:"unreadable"` // records of entries that cannot be read: each needs a look
	Strange    int             `json:"strange"`    // in the queue and not in the journal: must be 0

	Sum        string        `json:"sum,omitempty"`        // SHA-256 of the document, hexadecimal
	Table      string        `json:"table,omitempty"`      // SHA-256 of the table (CSV)
	Checkpoint string        `json:"checkpoint,omitempty"` // signed note of the journal with the document in it
	Signature  string        `json:"signature,omitempty"`  // signed note of the report
	Parts      []journal.Seq `json:"parts,omitempty"`      // records that hold the document
}

// Whole reports whether the counts add up and everything could be read.
func (r *Report) Whole() bool {
	n := 0
	for _, c := range r.Count {
		n += c
	}
	return n == r.Entries && r.Unreadable == 0 && r.Strange == 0
}

// Line is one entry in a report. It names no patient but by the case.
type Line struct {
	Entry    string          `json:"entry"` // number that it has in every message
	Version  string          `json:"version"`
	Record   journal.Seq     `json:"record"`
	Form     string          `json:"form"`
	Kinds    []message.Kind  `json:"kinds,omitempty"`
	Case     clinical.CaseNo `json:"case,omitempty"`
	Ward     string          `json:"ward,omitempty"`
	At       time.Time       `json:"at"`
	By       string          `json:"by"`
	Outcome  Outcome         `json:"outcome"`
	State    State           `json:"state"`
	Messages []Told          `json:"messages,omitempty"`
	Released *Act            `json:"released,omitempty"`
	Second   *Act            `json:"second,omitempty"`
	Hand     *Act            `json:"hand,omitempty"`
}

// Told is one message of an entry and what the target answered last.
type Told struct {
	Control string    `json:"control"`
	Type    string    `json:"type"`
	At      time.Time `json:"at"` // of the answer; of the sending where none came
	Code    string    `json:"code,omitempty"`
	Text    string    `json:"text,omitempty"`
}

// Document is a report with its lines.
type Document struct {
	Report Report `json:"report"`
	Lines  []Line `json:"lines"`
}

// account is what the journal says of one hand-back.
type account struct {
	order      []string // roots, by their first record here
	versions   map[string]*Line
	told       map[string][]Told // by version
	unreadable int
}

// account reads the journal. It asks the queue nothing, so that the two can be
// compared.
func (b *Book) account(ctx context.Context, target string, from, upto journal.Seq) (*account, error) {
	a := &account{versions: map[string]*Line{}, told: map[string][]Told{}}
	for at := max(from, 1); at <= upto; {
		recs, err := b.j.Read(ctx, at, batch)
		if err != nil {
			return nil, err
		}
		if len(recs) == 0 {
			break // the rest was pruned
		}
		for i := range recs {
			if recs[i].Seq > upto {
				return a, nil
			}
			a.take(&recs[i], target)
		}
		at = recs[len(recs)-1].Seq + 1
	}
	return a, nil
}

func (a *account) take(rec *journal.Record, target string) {
	switch rec.Kind {
	case journal.Entry:
		e, err := entry.Decode(rec.Body)
		if err != nil {
			a.unreadable++
			return
		}
		if e.State != entry.Signed {
			return
		}
		if a.versions[e.Root] == nil {
			a.order = append(a.order, e.Root)
		}
		l := &Line{
			Entry: entry.Number(e.Root), Version: e.Key, Record: rec.Seq, Form: e.Form, Case: e.Case, Ward: e.Ward, At: e.At, By: e.By.Name, Outcome: Pending, State: Waiting,
		}
		for _, k := range kindsOf(&e) {
			l.Kinds = append(l.Kinds, message.Kind(k))
		}
		a.versions[e.Root] = l
	case journal.Handback:
		e, err := decode(rec.Body)
		if err != nil || e.Target != target {
			return
		}
		switch e.Step {
		case sending:
			a.tell(e.Key, Told{Control: e.Control, Type: e.Type, At: e.At})
		case answered:
			a.tell(e.Key, Told{Control: e.Control, At: e.At, Code: e.Code, Text: e.Text})
		default:
		}
	}
}

// tell notes a message or its answer.
func (a *account) tell(version string, n Told) {
	list := a.told[version]
	i := slices.IndexFunc(list, func(t Told) bool { return t.Control == n.Control })
	switch {
	case n.Control == "":
	case i < 0:
		a.told[version] = append(list, n)
	case n.Code != "":
		n.Type = list[i].Type
		list[i] = n
	}
}

// settle says what became of an entry: by the state in the queue, which for one
// that is accepted must stand on answers in the journal.
func (l *Line) settle(it *Item, told []Told) {
	l.State, l.Messages = it.State, told
	act := func(a Act) *Act {
		if !a.Done() {
			return nil
		}
		return &a
	}
	switch it.State {
	case Accepted:
		good := 0
		for _, t := range told {
			if positive(t.Code) {
				good++
			}
		}
		switch {
		case good > 0 && good >= it.Done: // each message that counts as taken has its answer
			l.Outcome = Arrived
		case it.Messages == 0 && len(told) == 0:
			l.Outcome = Empty
		}
		l.Released, l.Second = act(it.Decided), act(it.Second)
	case Hand:
		l.Outcome, l.Hand = ByHand, act(it.Decided)
	case Nothing:
		l.Outcome = Empty
	case Waiting, Released, Sent, Refused, Unclear, Rest:
		l.Released, l.Second = act(it.Decided), act(it.Second)
	}
}

// snapshot returns a target's whole queue as of one record.
func (b *Book) snapshot(ctx context.Context, target string) (Queue, []Item, journal.Seq, error) {
	b.folding.Lock()
	defer b.folding.Unlock()
	q, err := b.Queue(ctx, target)
	if err != nil {
		return q, nil, 0, err
	}
	if q.Mode == Closed {
		return q, nil, 0, fault.New(fault.Conflict, lang.Text{DE: "Zu diesem System läuft keine Rückgabe.", EN: "No hand-back to this system is open."})
	}
	items, err := b.list(ctx, target, Filter{Limit: 1 << 30})
	return q, items, b.st.at.seq, err
}

// Draft makes a report as of now, and keeps it nowhere.
func (b *Book) Draft(ctx context.Context, target string, by Act) (Document, error) {
	if err := b.Wait(ctx, b.j.Head()); err != nil {
		return Document{}, err
	}
	q, items, upto, err := b.snapshot(ctx, target)
	if err != nil {
		return Document{}, err
	}
	a, err := b.account(ctx, target, q.Since, upto)
	if err != nil {
		return Document{}, err
	}
	d := Document{Report: Report{
		Target: target, System: q.System, At: by.At, By: by.By, Since: max(q.Since, 1), Upto: upto, Entries: len(a.order), Unreadable: a.unreadable, Count: map[Outcome]int{},
	}}
	queue := make(map[string]*Item, len(items))
	for i := range items {
		queue[items[i].Root] = &items[i]
	}
	for _, root := range a.order {
		l := a.versions[root]
		if it := queue[root]; it != nil && it.Key == l.Version {
			l.settle(it, a.told[l.Version])
		}
		delete(queue, root)
		d.Report.Count[l.Outcome]++
		d.Lines = append(d.Lines, *l)
	}
	d.Report.Strange = len(queue)
	return d, nil
}

// documentPart is how much of a document one record holds, in bytes.
const documentPart = 4 << 20

// Report makes a report and keeps it in the journal, as the next version of the
// target's. key makes the same act sent twice one.
func (b *Book) Report(ctx context.Context, key journal.ID, target string, by Act) (Report, error) {
	return b.keepReport(ctx, key, target, false, by)
}

// keepReport makes a report and writes it down. One record does it: with it a
// final one closes the hand-back too, so that whatever dies in between, there is
// never a second.
func (b *Book) keepReport(ctx context.Context, key journal.ID, target string, final bool, by Act) (Report, error) {
	b.reporting.Lock()
	defer b.reporting.Unlock()
	if err := b.Wait(ctx, b.j.Head()); err != nil {
		return Report{}, err
	}
	if seq, err := b.j.Find(ctx, key); err != nil || seq != 0 { // sent twice
		return b.reportAt(ctx, target, seq, err)
	}
	before, err := b.Reports(ctx, target)
	if err != nil {
		return Report{}, err
	}
	d, err := b.Draft(ctx, target, by)
	if err != nil {
		return Report{}, err
	}
	r := d.Report
	if final {
		if open := r.Count[Pending]; open > 0 || !r.Whole() {
			return r, notDone(open, &r)
		}
	}
	r.Version, r.Final = last(before).Version+1, final
	d.Report = r
	body, err := json.Marshal(d)
	if err != nil {
		return r, err
	}
	r.Sum, r.Table = sumOf(body), sumOf(d.CSV())
	for n := 0; n*documentPart < len(body); n++ {
		part, err := squeeze(body[n*documentPart : min((n+1)*documentPart, len(body))])
		if err != nil {
			return r, err
		}
		seq, err := b.write(ctx, journal.KeyOf("handback", fmt.Sprintf("%s/part/%d", key, n), body), event{Step: pages, Target: target, Act: by, Lines: part})
		if err != nil {
			return r, err
		}
		r.Parts = append(r.Parts, seq)
	}
	signed, err := b.j.Checkpoint(ctx)
	if signed == nil {
		return r, err
	}
	r.Checkpoint = string(signed)
	if b.o.Signer != nil {
		sig, err := note.Sign(&note.Note{Text: r.Text()}, b.o.Signer)
		if err != nil {
			return r, err
		}
		r.Signature = string(sig)
	}
	if err := b.alive(beforeReport); err != nil {
		return r, err
	}
	if _, err := b.write(ctx, key, event{Step: reported, Target: target, Act: by, Report: &r}); err != nil {
		return r, err
	}
	return r, b.alive(afterReport)
}

// reportAt returns the report of a record.
func (b *Book) reportAt(ctx context.Context, target string, seq journal.Seq, err error) (Report, error) {
	var r Report
	var body []byte
	if err == nil {
		err = b.st.db.QueryRowContext(ctx, `SELECT body FROM report WHERE target=? AND seq=?`, target, int64(seq)).Scan(&body)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.Conflict, lang.Text{
			DE: "Dieses Formular wurde schon für etwas anderes abgeschickt. Bitte die Seite neu laden.",
			EN: "This form was already sent for something else. Please reload the page.",
		})
	}
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	return r, err
}

func last(list []Report) Report {
	if len(list) == 0 {
		return Report{}
	}
	return list[len(list)-1]
}

func notDone(open int, r *Report) error {
	if open == 0 {
		return fault.New(fault.Conflict, lang.Text{
			DE: "Die Zahlen des Berichts gehen nicht auf. Bitte den Zwischenbericht ansehen und die IT rufen.",
			EN: "The numbers of the report do not add up. Please look at an interim report and call IT.",
		})
	}
	return fault.New(fault.Conflict, lang.Text{
		DE: fmt.Sprintf("%d von %d Einträgen sind noch nicht abgerechnet: angenommen, von Hand eingetragen oder als nicht nötig entschieden.", open, r.Entries),
		EN: fmt.Sprintf("%d of %d entries are not accounted for yet: accepted, typed in by hand or decided as not needed.", open, r.Entries),
	})
}

// Reports returns a target's reports, oldest first.
func (b *Book) Reports(ctx context.Context, target string) ([]Report, error) {
	if b.target(target) == nil {
		return nil, noTarget()
	}
	if err := b.Wait(ctx, b.born); err != nil { // what is not folded yet must not look like nothing
		return nil, err
	}
	rows, err := b.st.db.QueryContext(ctx, `SELECT body FROM report WHERE target=? ORDER BY n`, target)
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var out []Report
	for rows.Next() {
		var body []byte
		var r Report
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &r); err != nil {
			return nil, fmt.Errorf("handback.db: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// ReadReport returns a report and its document, byte for byte as it was signed.
// The error's kind is NotFound if there is none of this version, Corrupt if the
// document is not the one that was signed.
func (b *Book) ReadReport(ctx context.Context, target string, version int) (Report, []byte, error) {
	var body []byte
	var r Report
	if err := b.Wait(ctx, b.born); err != nil {
		return r, nil, err
	}
	err := b.st.db.QueryRowContext(ctx, `SELECT body FROM report WHERE target=? AND n=?`, target, version).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil, fault.New(fault.NotFound, lang.Text{DE: "Diesen Bericht gibt es nicht.", EN: "There is no such report."})
	}
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil {
		return r, nil, fmt.Errorf("handback.db: %w", err)
	}
	var doc []byte
	for _, seq := range r.Parts {
		rec, err := b.j.Get(ctx, seq)
		if err != nil {
			return r, nil, err
		}
		e, err := decode(rec.Body)
		if err != nil {
			return r, nil, err
		}
		part, err := loosen(e.Lines)
		if err != nil {
			return r, nil, err
		}
		doc = append(doc, part...)
	}
	if sumOf(doc) != r.Sum {
		return r, nil, fault.New(fault.Corrupt, lang.Text{DE: "Der Bericht ist nicht der, der unterschrieben wurde.", EN: "The report is not the one that was signed."})
	}
	return r, doc, nil
}

// ParseDocument reads a document.
func ParseDocument(body []byte) (Document, error) {
	var d Document
	err := json.Unmarshal(body, &d)
	return d, err
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func squeeze(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

func loosen(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, documentPart))
}

// The first line of what is signed, and the words of its other lines.
const (
	reportHead  = "notbetrieb hand-back report 1"
	reportJSON  = "json-sha256"
	reportTable = "csv-sha256"
)

// Text is what the signature of a report is about.
func (r *Report) Text() string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "%s %v\n", name, value) }
	b.WriteString(reportHead + "\n")
	line("target", r.Target)
	line("version", r.Version)
	line("final", r.Final)
	line("records", fmt.Sprintf("%d-%d", r.Since, r.Upto))
	line("entries", r.Entries)
	for _, o := range Outcomes() {
		line(string(o), r.Count[o])
	}
	line(reportJSON, r.Sum)
	line(reportTable, r.Table)
	return b.String()
}

// Verify reports whether a signature is of the key and each file is one of the
// two that it names. The error says which is not.
func Verify(signature []byte, v note.Verifier, files ...[]byte) (text string, err error) {
	n, err := note.Open(signature, note.VerifierList(v))
	if err != nil {
		return "", fault.Mark(err, fault.Invalid, lang.Text{DE: "Die Unterschrift ist nicht gültig.", EN: "The signature is not valid."})
	}
	if !strings.HasPrefix(n.Text, reportHead+"\n") {
		return "", fault.New(fault.Invalid, lang.Text{DE: "Das ist keine Unterschrift eines Berichts der Rückgabe.", EN: "This is no signature of a hand-back report."})
	}
	for i, f := range files {
		sum := sumOf(f)
		if !strings.Contains(n.Text, "\n"+reportJSON+" "+sum+"\n") && !strings.Contains(n.Text, "\n"+reportTable+" "+sum+"\n") {
			return n.Text, fault.New(fault.Invalid, lang.Text{
				DE: "Datei " + strconv.Itoa(i+1) + " ist nicht die, die unterschrieben wurde.", EN: "File " + strconv.Itoa(i+1) + " is not the one that was signed.",
			})
		}
	}
	return n.Text, nil
}
