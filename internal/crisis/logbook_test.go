package crisis

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

func TestAPageThatWasFullStaysTheSame(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.busy()
	first := Paged(c.ID, c.Lines)
	for range 30 {
		c = r.must(r.Log(t.Context(), who("keeper"), c.ID, Entry{Kind: Observation, Text: "Alle Stationen melden sich stündlich"}))
	}
	then := Paged(c.ID, c.Lines)
	if len(first) < 2 || len(then) <= len(first) {
		t.Fatalf("%d and %d pages", len(first), len(then))
	}
	for i := range first[:len(first)-1] {
		if first[i].Hash != then[i].Hash || first[i].Last != then[i].Last {
			t.Errorf("page %d was printed with another hash", i+1)
		}
	}
	if then[1].Before != then[0].Hash {
		t.Error("a page does not name the one before")
	}
	long := Paged("x", []Line{{Number: 1, Text: strings.Repeat("x", 2*pageBytes)}, {Number: 2}})
	if len(long) != 2 || len(Paged("x", nil)) != 0 {
		t.Errorf("a line longer than a page: %d pages", len(long))
	}
}

func TestALogbookIsCheckedOfflineWithThePinnedKey(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.busy()
	other := r.must(r.OpenCrisis(ctx, who("a"), Opening{Kind: "planned", Title: "Wartung des Archivs"})) // records of others lie between
	prev := r.tell(c.ID, 0, "Beweisstück B1-0001 gesichert")
	r.tell(other.ID, 0, "Beweisstück B2-0001 gesichert")
	c = r.must(r.Log(ctx, who("keeper"), c.ID, Entry{Kind: Decision, Text: "Abmeldung bleibt bis 06:00"}))
	prev = r.tell(c.ID, prev, "Beweisstück B1-0001 übergeben")
	r.tell(c.ID, prev, "Sperrvermerk gesetzt")
	c = r.must(r.Log(ctx, who("keeper"), c.ID, Entry{Kind: Decision, Text: "Schicht übergeben"}))
	if last := c.Lines[len(c.Lines)-2]; last.Text != "Sperrvermerk gesetzt" || last.By != "R. Vogel" || last.Kind != State {
		t.Errorf("what evidence tells stands as %+v", last)
	}
	at := func(l *Logbook, text string) (line, record int) {
		line = slices.IndexFunc(l.Lines, func(x fileLine) bool { return strings.Contains(x.Text, text) })
		return line, slices.IndexFunc(l.Records, func(x fileProof) bool { return x.Seq == l.Lines[line].Seq })
	}
	l, err := r.Export(ctx, c, r.j)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(r.public))
	if err != nil {
		t.Fatal(err)
	}
	got, broken := VerifyLogbook(whole, v)
	if len(broken) != 0 || len(got.Lines) != len(c.Lines) || len(got.Records) != len(c.Lines) {
		t.Fatalf("untouched: %+v, %d lines, %d records of %d", broken, len(got.Lines), len(got.Records), len(c.Lines))
	}
	foreign, err := r.Export(ctx, r.must(r.Crisis(other.ID)), r.j)
	if err != nil {
		t.Fatal(err)
	}
	_, strange, err := seal.NewSigningKey("klinikum-nordheide")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := seal.NewVerifier(strings.TrimSpace(strange))
	if err != nil {
		t.Fatal(err)
	}
	resign := func(l *Logbook) { // a thief without the key signs with an own one
		secret, _, err := seal.NewSigningKey("klinikum-nordheide")
		if err != nil {
			t.Fatal(err)
		}
		s, err := note.NewSigner(secret)
		if err != nil {
			t.Fatal(err)
		}
		var given []Line
		for _, x := range l.Lines {
			given = append(given, Line(x))
		}
		l.Pages = Paged(l.Crisis, given)
		signed, err := note.Sign(&note.Note{Text: noteText(l.Hospital, l.Title, l.Crisis, l.Pages)}, s)
		if err != nil {
			t.Fatal(err)
		}
		l.Note = string(signed)
	}
	for _, x := range []struct {
		name   string
		tamper func(*Logbook)
		codes  []string
	}{
		{"a word of a line is changed", func(l *Logbook) { l.Lines[4].Text += " nicht" }, []string{"lines", "pages", "note"}},
		{"the time of a line is changed", func(l *Logbook) { l.Lines[4].At = l.Lines[4].At.Add(-time.Hour) }, []string{"lines", "pages", "note"}},
		{"the writer of a line is changed", func(l *Logbook) { l.Lines[4].By = "Fr. Niemand" }, []string{"lines", "pages", "note"}},
		{"a line and its record are deleted", func(l *Logbook) {
			l.Lines, l.Records = slices.Delete(l.Lines, 4, 5), slices.Delete(l.Records, 4, 5)
		}, []string{"chain", "lines", "pages", "note"}},
		{"the last line and its record are cut off", func(l *Logbook) {
			l.Lines, l.Records = l.Lines[:len(l.Lines)-1], l.Records[:len(l.Records)-1]
		}, []string{"pages", "note"}},
		{"two lines are exchanged", func(l *Logbook) {
			l.Lines[4], l.Lines[5] = l.Lines[5], l.Lines[4]
		}, []string{"lines", "pages", "note"}},
		{"two records are exchanged", func(l *Logbook) {
			l.Records[4], l.Records[5] = l.Records[5], l.Records[4]
		}, []string{"chain"}},
		{"a record is changed", func(l *Logbook) {
			l.Records[4].Body = bytes.Replace(l.Records[4].Body, []byte("Fr. "), []byte("Hr. "), 1)
		}, []string{"record"}},
		{"a record's time is changed", func(l *Logbook) { l.Records[4].Received = l.Records[4].Received.Add(time.Second) }, []string{"record"}},
		{"a hand-over and its line are deleted", func(l *Logbook) {
			line, rec := at(l, "B1-0001 übergeben")
			l.Lines, l.Records = slices.Delete(l.Lines, line, line+1), slices.Delete(l.Records, rec, rec+1)
		}, []string{"chain", "lines", "pages", "note"}},
		{"a hand-over's record is deleted", func(l *Logbook) {
			_, rec := at(l, "B1-0001 übergeben")
			l.Records = slices.Delete(l.Records, rec, rec+1)
		}, []string{"chain", "lines"}},
		{"a word of a hand-over's record is changed", func(l *Logbook) {
			_, rec := at(l, "B1-0001 übergeben")
			l.Records[rec].Body = bytes.Replace(l.Records[rec].Body, []byte("B1-0001"), []byte("B1-0002"), 1)
		}, []string{"record", "lines"}},
		{"two records of evidence are exchanged", func(l *Logbook) {
			_, a := at(l, "B1-0001 übergeben")
			_, b := at(l, "Sperrvermerk gesetzt")
			l.Records[a], l.Records[b] = l.Records[b], l.Records[a]
		}, []string{"chain"}},
		{"what was secured in another incident is put in", func(l *Logbook) {
			l.Records = append(l.Records, foreign.Records[len(foreign.Records)-1])
		}, []string{"other"}},
		{"a record of another incident is put in", func(l *Logbook) { l.Records[4] = foreign.Records[0] }, []string{"other", "chain", "lines"}},
		{"the first lines are cut off", func(l *Logbook) { l.Lines, l.Records = l.Lines[3:], l.Records[3:] }, []string{"chain", "lines", "pages", "note"}},
		{"pages are numbered anew and signed by somebody else", func(l *Logbook) { l.Lines[4].Text += " nicht"; resign(l) }, []string{"lines", "note"}},
		{"a page's hash is changed", func(l *Logbook) { l.Pages[0].Hash = l.Pages[1].Hash }, []string{"pages"}},
		{"a page bears another number", func(l *Logbook) { l.Pages[0].Number = 7 }, []string{"pages"}},
		{"the note is of another incident", func(l *Logbook) { l.Note = foreign.Note }, []string{"note"}},
		{"the checkpoint is changed", func(l *Logbook) { l.Checkpoint = strings.Replace(l.Checkpoint, "\n", "0\n", 2) }, []string{"checkpoint"}},
		{"it is another hospital's", func(l *Logbook) { l.Hospital = "Klinik am See" }, []string{"note"}},
		{"it is given another name", func(l *Logbook) { l.Crisis = other.ID }, []string{"other", "pages", "note"}},
	} {
		var copied Logbook
		if err := json.Unmarshal(whole, &copied); err != nil {
			t.Fatal(err)
		}
		x.tamper(&copied)
		b, err := json.Marshal(&copied)
		if err != nil {
			t.Fatal(err)
		}
		_, broken := VerifyLogbook(b, v)
		var codes []string
		for _, y := range broken {
			codes = append(codes, y.Code)
		}
		for _, want := range x.codes {
			if !slices.Contains(codes, want) {
				t.Errorf("%s: found %v, want %s", x.name, codes, want)
			}
		}
	}
	if _, broken := VerifyLogbook(whole, stranger); len(broken) < 2 {
		t.Errorf("with another key: %+v", broken)
	}
	for i := 0; i < len(whole); i += max(1, len(whole)/400) { // any byte
		b := bytes.Clone(whole)
		b[i] ^= 4
		if _, broken := VerifyLogbook(b, v); len(broken) == 0 {
			t.Errorf("byte %d of %d was changed unseen: %q", i, len(whole), b[max(0, i-40):min(len(b), i+40)])
		}
	}
}

// tell appends a record of evidence with a line for a logbook, as evidence writes
// it, and returns its place.
func (r *room) tell(crisis string, prev journal.Seq, text string) journal.Seq {
	r.t.Helper()
	body, err := json.Marshal(map[string]any{
		"v": 1, "t": "handed-over", "by": Act{Person: "it", Name: "R. Vogel", At: r.o.Now()},
		"logbook": map[string]any{"crisis": crisis, "prev": prev, "at": r.o.Now().Add(-10 * time.Minute), "text": text},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	seq, err := r.j.Append(r.t.Context(), journal.Record{ID: journal.NewID(), Time: r.o.Now(), Source: "evidence", Kind: journal.Evidence, Body: body})
	if err != nil {
		r.t.Fatal(err)
	}
	return seq
}

// What evidence tells is a line once, after a restart too; what had no effect
// there, or is about another incident, is none.
func TestTheLogbookTellsWhatEvidenceSays(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.must(r.OpenCrisis(ctx, who("a"), Opening{Kind: "cyberattack", Title: "Verschlüsselung"}))
	before := len(c.Lines)
	first := r.tell(c.ID, 0, "Beweisstück B1-0001 gesichert")
	r.tell(c.ID, 0, "gleichzeitig und ohne Wirkung")
	r.tell("nirgends", 0, "in keiner Lage")
	r.tell(c.ID, first, "")
	second := r.tell(c.ID, first, "Beweisstück B1-0001 übergeben")
	check := func(b *Book) {
		t.Helper()
		if err := b.Advance(ctx, 0); err != nil {
			t.Fatal(err)
		}
		c, err := b.Crisis(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		told := c.Lines[before:]
		if len(told) != 2 || told[0].Seq != first || told[1].Seq != second || c.Told != second || told[1].Number != before+2 {
			t.Fatalf("told: %+v", told)
		}
		if x := told[0]; x.Recorded.Sub(x.At) != 10*time.Minute {
			t.Errorf("it happened at %s and was recorded at %s", x.At, x.Recorded)
		}
	}
	check(r.Book)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(ctx, r.j, r.o)
	if err != nil {
		t.Fatal(err)
	}
	check(again)
	if found, err := Check(ctx, r.j, r.o); err != nil || len(found) > 0 {
		t.Errorf("check: %+v %v", found, err)
	}
}

func FuzzVerifyLogbook(f *testing.F) {
	f.Add([]byte(`{"format":"notbetrieb logbook 1","crisis":"x","records":[{"seq":1,"id":"00","proof":["AA=="],"body":"e30="}],"lines":[{"number":1}],"pages":[{"number":1}]}`))
	_, public, err := seal.NewSigningKey("haus")
	if err != nil {
		f.Fatal(err)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, broken := VerifyLogbook(b, v); len(broken) == 0 {
			t.Error("a logbook that nobody signed is whole")
		}
	})
}
