package crisis

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

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
	c = r.must(r.Log(ctx, who("keeper"), c.ID, Entry{Kind: Decision, Text: "Abmeldung bleibt bis 06:00"}))
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
