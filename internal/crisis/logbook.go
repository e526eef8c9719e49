package crisis

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// A printed logbook has pages of lines. Each page has a hash over its lines and
// the page before, so that a page cannot be changed, left out or put elsewhere;
// the newest hash is signed with the key that signs the journal's checkpoints.
// A page that was full once is the same on every later print.

const (
	pageLines = 22   // lines on a page at most
	pageBytes = 3000 // bytes of text on a page at most, unless one line has more
)

// LogPage is one page of a logbook.
type LogPage struct {
	Number int    `json:"number"`
	Lines  []Line `json:"-"`
	First  int    `json:"first"` // number of its first line
	Last   int    `json:"last"`
	Before string `json:"before"` // hash of the page before, hexadecimal
	Hash   string `json:"hash"`
}

// Paged returns the lines as pages.
func Paged(crisis string, lines []Line) []LogPage {
	var out []LogPage
	before := hashOf("notbetrieb logbook 1", crisis)
	for len(lines) > 0 {
		n, size := 1, len(lines[0].Text)
		for n < len(lines) && n < pageLines && size+len(lines[n].Text) <= pageBytes {
			size += len(lines[n].Text)
			n++
		}
		p := LogPage{Number: len(out) + 1, Lines: lines[:n:n], First: lines[0].Number, Last: lines[n-1].Number, Before: before}
		words := []string{"page", before}
		for _, l := range p.Lines {
			words = append(words, l.canonical())
		}
		p.Hash = hashOf(words...)
		before = p.Hash
		out, lines = append(out, p), lines[n:]
	}
	return out
}

// canonical is the one way to write a line for its hash.
func (l Line) canonical() string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	return strings.Join([]string{
		strconv.Itoa(l.Number), strconv.FormatUint(uint64(l.Seq), 10), at(l.At), at(l.Recorded), string(l.Kind), strconv.Quote(l.By), strconv.Quote(l.Text), strconv.Itoa(l.Corrects),
	}, " ")
}

func hashOf(words ...string) string {
	h := sha256.New()
	for _, w := range words {
		_, _ = fmt.Fprintf(h, "%d:%s\n", len(w), w) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Prover is what the journal proves of its records.
type Prover interface {
	Checkpoint(ctx context.Context) ([]byte, error)
	ProveRecord(ctx context.Context, s, size journal.Seq) (tlog.RecordProof, tlog.Hash, error)
	Get(ctx context.Context, s journal.Seq) (journal.Record, error)
}

// Logbook is a logbook as it leaves the house: what was printed, the records
// behind it, and what proves both.
type Logbook struct {
	Format     string      `json:"format"`
	Hospital   string      `json:"hospital"`
	Crisis     string      `json:"crisis"`
	Title      string      `json:"title"`
	Pages      []LogPage   `json:"pages"`
	Lines      []fileLine  `json:"lines"`
	Records    []fileProof `json:"records"`
	Checkpoint string      `json:"checkpoint"` // of the journal, signed
	Note       string      `json:"note"`       // of the pages, signed
}

type fileLine struct {
	Number   int         `json:"number"`
	Seq      journal.Seq `json:"record"`
	At       time.Time   `json:"at"`
	Recorded time.Time   `json:"recorded,omitzero"`
	Kind     LineKind    `json:"kind"`
	By       string      `json:"by"`
	Text     string      `json:"text"`
	Corrects int         `json:"corrects,omitempty"`
}

// fileProof is a record with the proof that it is in the journal.
type fileProof struct {
	Seq      journal.Seq  `json:"seq"`
	ID       string       `json:"id"`
	Time     time.Time    `json:"time"`
	Received time.Time    `json:"received"`
	Site     string       `json:"site,omitempty"`
	Source   string       `json:"source"`
	Kind     journal.Kind `json:"kind"`
	Patient  string       `json:"patient,omitempty"`
	Ward     string       `json:"ward,omitempty"`
	Body     []byte       `json:"body"`
	Proof    []string     `json:"proof"`
}

const logbookFormat = "notbetrieb logbook 1"

// SignedNote is the note of a logbook: how many lines and pages it has and the
// hash of the last one, signed.
func (b *Book) SignedNote(c *Crisis, pages []LogPage) (string, error) {
	n := &note.Note{Text: noteText(b.o.Hospital, c.Title, c.ID, pages)}
	signed, err := note.Sign(n, b.o.Signer)
	if err != nil {
		return "", fmt.Errorf("sign logbook: %w", err)
	}
	return string(signed), nil
}

func noteText(hospital, title, crisis string, pages []LogPage) string {
	last, lines := "-", 0
	if n := len(pages); n > 0 {
		last, lines = pages[n-1].Hash, pages[n-1].Last
	}
	return fmt.Sprintf("%s\nhospital %q\ntitle %q\ncrisis %s\nlines %d\npages %d\nlast %s\n", logbookFormat, hospital, title, crisis, lines, len(pages), last)
}

// Export returns the logbook of a crisis for people outside of the house, with
// the proof of each record behind it.
func (b *Book) Export(ctx context.Context, c *Crisis, p Prover) (*Logbook, error) {
	pages := Paged(c.ID, c.Lines)
	l := &Logbook{Format: logbookFormat, Hospital: b.o.Hospital, Crisis: c.ID, Title: c.Title, Pages: pages}
	var err error
	if l.Note, err = b.SignedNote(c, pages); err != nil {
		return nil, err
	}
	signed, err := p.Checkpoint(ctx)
	if err != nil && signed == nil {
		return nil, fmt.Errorf("logbook: %w", err)
	}
	l.Checkpoint = string(signed)
	size, err := checkpointSize(signed)
	if err != nil {
		return nil, err
	}
	for _, x := range c.Lines {
		l.Lines = append(l.Lines, fileLine(x))
	}
	recs, err := recordsOf(ctx, c, p)
	if err != nil {
		return nil, err
	}
	for _, r := range recs {
		proof, _, err := p.ProveRecord(ctx, r.Seq, size)
		if err != nil {
			return nil, fmt.Errorf("logbook: %w", err)
		}
		f := fileProof{Seq: r.Seq, ID: r.ID.String(), Time: r.Time, Received: r.Received, Site: r.Site, Source: r.Source, Kind: r.Kind, Patient: r.Patient, Ward: r.Ward, Body: r.Body}
		for _, h := range proof {
			f.Proof = append(f.Proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		l.Records = append(l.Records, f)
	}
	return l, nil
}

// recordsOf walks both chains behind a crisis's logbook from their newest records
// back, its own and that of evidence, and returns them in order.
func recordsOf(ctx context.Context, c *Crisis, p Prover) ([]journal.Record, error) {
	out, err := toldOf(ctx, c, p)
	if err != nil {
		return nil, err
	}
	for s := c.Last; s > 0; {
		r, err := p.Get(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("logbook: %w", err)
		}
		e, err := decodeEvent(r.Body)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
		if e.Prev >= s {
			break
		}
		s = e.Prev
	}
	slices.SortFunc(out, func(a, b journal.Record) int { return cmp.Compare(a.Seq, b.Seq) })
	return out, nil
}

func checkpointSize(signed []byte) (journal.Seq, error) {
	lines := bytes.SplitN(signed, []byte("\n"), 3)
	if len(lines) == 3 {
		if n, err := strconv.ParseUint(string(lines[1]), 10, 63); err == nil {
			return journal.Seq(n), nil
		}
	}
	return 0, fmt.Errorf("logbook: the checkpoint cannot be read")
}

// Broken is one thing that VerifyLogbook found wrong.
type Broken struct {
	Code string // stable: format, note, checkpoint, record, chain, lines, pages, other
	Page int    // 0 for none
	Line int
	Text lang.Text
}

// VerifyLogbook checks an exported logbook with nothing but the pinned public
// key: that the pages are those that were signed, that each line follows from
// its record, that each record is in the journal and that none between the first
// and the last was left out. It returns everything that is wrong.
func VerifyLogbook(b []byte, v note.Verifier) (*Logbook, []Broken) {
	var l Logbook
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || l.Format != logbookFormat {
		return nil, []Broken{{Code: "format", Text: lang.Text{DE: "Die Datei ist kein Einsatztagebuch von Notbetrieb.", EN: "The file is no logbook of Notbetrieb."}}}
	}
	w := &verifier{l: &l}
	w.records(v)
	w.pages(v)
	if !l.writes(b) {
		w.wrong("format", 0, 0, "Die Datei ist nicht Zeichen für Zeichen die ausgegebene.", "The file is not, character by character, the one that was given out.")
	}
	return &l, w.broken
}

// writes reports whether the logbook gives the bytes, white space aside.
func (l *Logbook) writes(b []byte) bool {
	var given bytes.Buffer
	want, err := json.Marshal(l)
	return err == nil && json.Compact(&given, b) == nil && bytes.Equal(given.Bytes(), want)
}

type verifier struct {
	l      *Logbook
	lines  []Line // that follow from the records
	broken []Broken
}

func (w *verifier) wrong(code string, page, line int, de, en string) {
	w.broken = append(w.broken, Broken{code, page, line, lang.Text{DE: de, EN: en}})
}

// records checks the proofs and the chain, and folds the lines anew.
func (w *verifier) records(v note.Verifier) {
	cp, err := journal.OpenCheckpoint([]byte(w.l.Checkpoint), v)
	if err != nil {
		w.wrong("checkpoint", 0, 0, "Die Unterschrift unter dem Prüfpunkt des Journals gilt nicht.", "The signature of the journal's checkpoint does not hold.")
	}
	f := newFold()
	var last, own, others journal.Seq // the newest of all, of the crisis, of evidence
	for i, x := range w.l.Records {
		id, idErr := journal.ParseID(x.ID)
		r := journal.Record{Seq: x.Seq, ID: id, Time: x.Time, Received: x.Received, Site: x.Site, Source: x.Source, Kind: x.Kind, Patient: x.Patient, Ward: x.Ward, Body: x.Body}
		line := i + 1
		proof := make(tlog.RecordProof, len(x.Proof))
		for j, s := range x.Proof {
			h, decodeErr := base64.StdEncoding.DecodeString(s)
			if decodeErr != nil || len(h) != len(proof[j]) {
				idErr = fmt.Errorf("proof")
				break
			}
			copy(proof[j][:], h)
		}
		if idErr != nil || err == nil && journal.CheckRecord(cp, x.Seq, journal.Leaf(r), proof) != nil {
			w.wrong("record", 0, line, fmt.Sprintf("Eintrag Nr. %d ist nicht der, der im Journal steht.", x.Seq), fmt.Sprintf("Record no. %d is not the one in the journal.", x.Seq))
			continue
		}
		prev, ok := w.chained(r)
		if !ok {
			w.wrong("other", 0, line, fmt.Sprintf("Eintrag Nr. %d gehört nicht zu dieser Lage.", x.Seq), fmt.Sprintf("Record no. %d does not belong to this incident.", x.Seq))
			continue
		}
		before := &own
		if x.Kind != journal.Crisis {
			before = &others
		}
		if prev != *before || x.Seq <= last {
			w.wrong("chain", 0, line, fmt.Sprintf("Vor Eintrag Nr. %d fehlt Nr. %d, oder die Reihenfolge ist verändert.", x.Seq, prev), fmt.Sprintf("Before record no. %d record no. %d is missing, or the order was changed.", x.Seq, prev))
		}
		last, *before = x.Seq, x.Seq
		f.apply(r)
	}
	if c := f.find(w.l.Crisis); c != nil {
		w.lines = c.Lines
	}
}

// chained returns the record before r in its chain; false if r does not belong to
// the crisis.
func (w *verifier) chained(r journal.Record) (prev journal.Seq, ok bool) {
	if t, ok := decodeTold(r); ok {
		return t.Logbook.Prev, t.Logbook.Crisis == w.l.Crisis
	}
	e, err := decodeEvent(r.Body)
	crisis := e.Crisis
	if e.Step == stepOpened {
		crisis = r.ID.String()
	}
	return e.Prev, err == nil && crisis == w.l.Crisis && r.Kind == journal.Crisis
}

// pages checks the lines against the records and the pages against the signed
// note.
func (w *verifier) pages(v note.Verifier) {
	var given []Line
	for _, x := range w.l.Lines {
		given = append(given, Line(x))
	}
	for i := range max(len(given), len(w.lines)) {
		if i >= len(given) || i >= len(w.lines) || given[i].canonical() != w.lines[i].canonical() {
			w.wrong("lines", 0, i+1, fmt.Sprintf("Zeile %d folgt nicht aus den Einträgen.", i+1), fmt.Sprintf("Line %d does not follow from the records.", i+1))
			break
		}
	}
	pages := Paged(w.l.Crisis, given)
	for i := range max(len(pages), len(w.l.Pages)) {
		if i >= len(pages) || i >= len(w.l.Pages) || pages[i].Hash != w.l.Pages[i].Hash || pages[i].Number != w.l.Pages[i].Number || pages[i].First != w.l.Pages[i].First || pages[i].Last != w.l.Pages[i].Last || pages[i].Before != w.l.Pages[i].Before {
			w.wrong("pages", i+1, 0, fmt.Sprintf("Die Prüfsumme von Seite %d stimmt nicht.", i+1), fmt.Sprintf("The hash of page %d is not right.", i+1))
			break
		}
	}
	n, err := note.Open([]byte(w.l.Note), note.VerifierList(v))
	switch {
	case err != nil:
		w.wrong("note", 0, 0, "Die Unterschrift unter dem Tagebuch gilt nicht.", "The signature of the logbook does not hold.")
	case n.Text != noteText(w.l.Hospital, w.l.Title, w.l.Crisis, pages):
		w.wrong("note", 0, 0, "Unterschrieben ist ein anderes Tagebuch: Zeilen, Seiten oder Prüfsumme weichen ab.", "Another logbook was signed: lines, pages or hash differ.")
	}
}

// Bytes is the file that leaves the house.
func (l *Logbook) Bytes() ([]byte, error) {
	b, err := json.MarshalIndent(l, "", " ")
	if err != nil {
		return nil, fmt.Errorf("logbook: %w", err)
	}
	return append(b, '\n'), nil
}
