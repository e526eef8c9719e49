package inquiry

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// house is a journal with a book on it.
type house struct {
	*Book
	t        *testing.T
	j        *journal.Journal
	dir      string
	root     seal.Key
	signer   note.Signer
	verifier note.Verifier
	mu       sync.Mutex
	now      time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	secret, public, err := seal.NewSigningKey("haus")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: t.TempDir(), root: seal.NewKey(), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	if h.signer, err = note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	if h.verifier, err = seal.NewVerifier(public); err != nil {
		t.Fatal(err)
	}
	h.open()
	t.Cleanup(h.close)
	return h
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.j, err = journal.Open(context.Background(), h.dir, h.root, h.signer, journal.Options{MinFree: -1}); err != nil {
		h.t.Fatal(err)
	}
	h.Book, err = Open(context.Background(), h.j, Options{Dir: h.dir, Key: h.root.Derive("inquiry"), Cost: Cost{Memory: 8, Time: 1, Lanes: 1}, Now: h.clock})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	if err := h.Book.Close(); err != nil {
		h.t.Error(err)
	}
	if err := h.j.Close(); err != nil {
		h.t.Error(err)
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func who(id string) Who { return Who{Person: id, Name: strings.ToUpper(id), Session: "session-" + id} }

func phrase(id string) string { return "Regenbogen kocht Suppe für " + id }

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, k fault.Kind) {
	h.t.Helper()
	if err == nil || fault.KindOf(err) != k {
		h.t.Fatalf("got %v, want %v", err, k)
	}
}

const title, subject = "Vorgang Nachtigall", "Hausmeisterkonto liest nachts Akten von Prominenten"

// begin sets an investigation up with adler, stein and brandt.
func (h *house) begin() {
	h.t.Helper()
	ctx := h.t.Context()
	h.ok(h.Begin(ctx, who("adler"), title, subject, []string{"vogel"}, phrase("adler"), phrase("adler")))
	code := h.Standing(who("adler")).Draft.Code
	h.refused(h.Seal(ctx, who("adler")), fault.Invalid)
	for _, p := range []string{"stein", "brandt"} {
		h.ok(h.Join(ctx, who(p), code, phrase(p), phrase(p)))
	}
	h.refused(h.Join(ctx, who("vogel"), code, phrase("vogel"), phrase("vogel")), fault.Invalid)
	h.ok(h.Seal(ctx, who("adler")))
}

// enterAs opens what two people have together and returns the room.
func (h *house) enterAs(a, b string) string {
	h.t.Helper()
	for _, p := range []string{a, b} {
		h.ok(h.Offer(h.t.Context(), who(p), phrase(p), false))
	}
	rooms := h.Standing(who(b)).Rooms
	if len(rooms) != 1 || len(h.Standing(who(a)).Rooms) != 1 {
		h.t.Fatalf("%s and %s opened %d rooms", a, b, len(rooms))
	}
	return rooms[0].ID
}

func (h *house) see(p, room string) *Case {
	h.t.Helper()
	c, _, err := h.Case(h.t.Context(), who(p), room, "Seite")
	h.ok(err)
	return c
}

func TestEachPairOpensAndNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	people := []string{"adler", "stein", "brandt"}
	for i, a := range people {
		for _, b := range people[i+1:] {
			room := h.enterAs(a, b)
			if c := h.see(a, room); c.Title != title || len(c.Wrong) > 0 {
				t.Errorf("%s and %s see %q, wrong %v", a, b, c.Title, c.Wrong)
			}
			if _, _, err := h.Case(t.Context(), who("vogel"), room, "x"); fault.KindOf(err) != fault.NotFound {
				t.Errorf("somebody else sees the room: %v", err)
			}
			stranger := who(a)
			stranger.Session = "another"
			if _, _, err := h.Case(t.Context(), stranger, room, "x"); fault.KindOf(err) != fault.NotFound {
				t.Errorf("another session of the same person sees the room: %v", err)
			}
			h.ok(h.Leave(t.Context(), who(a), room))
		}
	}
	// One person alone, even twice, opens nothing; nor does somebody not named.
	h.ok(h.Offer(t.Context(), who("adler"), phrase("adler"), false))
	again := who("adler")
	again.Session = "second"
	h.ok(h.Offer(t.Context(), again, phrase("adler"), false))
	if s := h.Standing(again); len(s.Rooms) > 0 || !s.Waiting {
		t.Errorf("one person alone has %+v", s)
	}
	h.refused(h.Offer(t.Context(), who("vogel"), phrase("adler"), false), fault.Invalid)
	if s := h.Standing(who("vogel")); s.Waiting || len(s.Rooms) > 0 || s.Draft != nil {
		t.Errorf("a stranger has %+v", s)
	}
}

func TestWrongPassphrasesAreFew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	for range wrongEach {
		h.refused(h.Offer(t.Context(), who("stein"), "falscher Satz mit Wörtern", false), fault.Invalid)
	}
	h.refused(h.Offer(t.Context(), who("stein"), phrase("stein"), false), fault.Unavailable)
	h.refused(h.Join(t.Context(), who("stein"), "abc", "x", "x"), fault.Unavailable)
	h.pass(wrongIn + time.Minute)
	h.ok(h.Offer(t.Context(), who("stein"), phrase("stein"), false))
}

func TestNothingStaysOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	h.ok(h.Offer(t.Context(), who("adler"), phrase("adler"), false))
	h.pass(11 * time.Minute)
	h.ok(h.Offer(t.Context(), who("stein"), phrase("stein"), false))
	if s := h.Standing(who("stein")); len(s.Rooms) != 0 {
		t.Fatal("a passphrase of eleven minutes ago opened the case")
	}
	h.ok(h.Offer(t.Context(), who("brandt"), phrase("brandt"), false))
	room := h.Standing(who("brandt")).Rooms[0].ID
	h.pass(31 * time.Minute)
	if _, _, err := h.Case(t.Context(), who("brandt"), room, "x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("open after half an hour: %v", err)
	}
	// The hub ends between two passphrases: nothing is half open, nothing lost.
	h.ok(h.Offer(t.Context(), who("adler"), phrase("adler"), false))
	h.close()
	h.open()
	h.ok(h.Offer(t.Context(), who("stein"), phrase("stein"), false))
	if s := h.Standing(who("stein")); len(s.Rooms) != 0 || !s.Waiting {
		t.Errorf("after a restart one passphrase has %+v", s)
	}
	h.ok(h.Offer(t.Context(), who("adler"), phrase("adler"), false))
	if s := h.Standing(who("adler")); len(s.Rooms) != 1 {
		t.Errorf("two passphrases have %+v", s)
	}
}

func TestWhatIsWrittenStandsOnceAndInOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	room := h.enterAs("adler", "stein")
	ctx := t.Context()
	for range 2 { // a double click
		h.ok(h.Note(ctx, who("adler"), room, "form-1", "Das Konto gehört R. Vogel.", false))
	}
	h.ok(h.Note(ctx, who("stein"), room, "form-2", "Personalabteilung befragen.", true))
	h.ok(h.Take(ctx, who("stein"), room, "form-3", Taken{Ref: "hit", Title: "Massenhaft gelesen", Facts: []string{"200 Akten"}}, false))
	data := bytes.Repeat([]byte("Protokoll der Türanlage\n"), 70_000) // three pieces
	h.ok(h.Attach(ctx, who("adler"), room, "form-4", `C:\tmp\tuer.log`, "text/plain", bytes.NewReader(data)))
	c := h.see("adler", room)
	var kinds []string
	for _, e := range c.Entries {
		if e.Kind != string(looked) {
			kinds = append(kinds, e.Kind)
		}
	}
	if got := strings.Join(kinds, " "); got != "opened unlocked note decision hit file" {
		t.Errorf("entries: %s", got)
	}
	file := c.Entries[len(c.Entries)-1]
	for _, e := range c.Entries {
		if e.File != nil {
			file = e
		}
	}
	var back bytes.Buffer
	f, err := h.File(ctx, who("stein"), room, file.N, &back)
	if err != nil || f.Name != "tuer.log" || !bytes.Equal(back.Bytes(), data) {
		t.Fatalf("attachment: %v %q %d bytes", err, f.Name, back.Len())
	}
	h.close()
	h.open()
	room = h.enterAs("stein", "brandt")
	c = h.see("brandt", room)
	if len(c.Wrong) > 0 || c.Entries[2].Kind != string(noted) && !strings.Contains(c.Entries[2].Text, "Seite") {
		t.Errorf("after a restart: wrong %v, %+v", c.Wrong, c.Entries[2])
	}
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	room := h.enterAs("adler", "stein")
	ctx := t.Context()
	h.ok(h.Propose(ctx, who("adler"), room, "p1", Close, "", "Der Verdacht ist ausgeräumt"))
	c := h.see("stein", room)
	if len(c.Open) != 1 {
		t.Fatalf("%d proposals", len(c.Open))
	}
	h.refused(h.Agree(ctx, who("adler"), room, "a0", c.Open[0].ID), fault.Forbidden)
	h.ok(h.Agree(ctx, who("stein"), room, "a1", c.Open[0].ID))
	if c = h.see("stein", room); c.Running() || len(c.Open) != 0 {
		t.Fatal("not closed")
	}
	h.refused(h.Note(ctx, who("stein"), room, "n", "noch etwas", false), fault.Conflict)
	h.ok(h.Propose(ctx, who("stein"), room, "p2", Reopen, "", "neue Hinweise"))
	h.ok(h.Agree(ctx, who("adler"), room, "a2", h.see("adler", room).Open[0].ID))
	if !h.see("adler", room).Running() {
		t.Error("not open again")
	}
}

func TestSomebodyIsNamedLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	room := h.enterAs("adler", "stein")
	ctx := t.Context()
	h.ok(h.Note(ctx, who("adler"), room, "n", "vor der Aufnahme", false))
	code, err := h.Invite(who("adler"), room)
	h.ok(err)
	h.refused(h.Propose(ctx, who("adler"), room, "p0", Add, "roth", "vertritt die Leitung"), fault.Invalid)
	h.ok(h.Join(ctx, who("roth"), code, phrase("roth"), phrase("roth")))
	h.refused(h.Offer(ctx, who("roth"), phrase("roth"), false), fault.Invalid)
	h.ok(h.Propose(ctx, who("adler"), room, "p1", Add, "roth", "vertritt die Leitung"))
	h.ok(h.Agree(ctx, who("stein"), room, "a1", h.see("stein", room).Open[0].ID))
	h.ok(h.Leave(ctx, who("adler"), room))
	room = h.enterAs("roth", "brandt")
	if c := h.see("roth", room); len(c.Members) != 4 || len(c.Wrong) > 0 || len(c.Open) > 0 {
		t.Errorf("%d members, wrong %v, open %v", len(c.Members), c.Wrong, c.Open)
	}
}

func TestTheSuspectIsRemoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	ctx := t.Context()
	room := h.enterAs("adler", "stein")
	h.ok(h.Offer(ctx, who("brandt"), phrase("brandt"), false)) // comes in as the third
	h.ok(h.Note(ctx, who("adler"), room, "n1", "davor geschrieben", false))
	h.ok(h.Propose(ctx, who("adler"), room, "p", Remove, "brandt", "selbst verdächtig"))
	if len(h.see("brandt", room).Open) != 0 {
		t.Error("the person sees the proposal")
	}
	h.refused(h.Agree(ctx, who("brandt"), room, "x", h.see("stein", room).Open[0].ID), fault.Conflict)
	h.ok(h.Agree(ctx, who("stein"), room, "a", h.see("stein", room).Open[0].ID))
	if _, _, err := h.Case(ctx, who("brandt"), room, "x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the person is still inside: %v", err)
	}
	h.ok(h.Note(ctx, who("adler"), room, "n2", "danach geschrieben", false))
	h.ok(h.Leave(ctx, who("stein"), room))
	// With one of the others the person opens nothing any more.
	for _, p := range []string{"brandt", "adler"} {
		h.ok(h.Offer(ctx, who(p), phrase(p), false))
	}
	if s := h.Standing(who("brandt")); len(s.Rooms) != 0 {
		t.Fatal("the removed person opens the case with another one")
	}
	h.pass(time.Hour)
	room = h.enterAs("adler", "stein")
	c := h.see("adler", room)
	text := plainText(c)
	if len(c.Wrong) > 0 || !strings.Contains(text, "davor geschrieben") || !strings.Contains(text, "danach geschrieben") {
		t.Errorf("wrong %v in\n%s", c.Wrong, text)
	}
	h.refused(h.Propose(ctx, who("adler"), room, "q", Remove, "stein", "auch verdächtig"), fault.Invalid)
}

func TestAnEnvelopeStandsInForSomebody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.ok(h.Begin(ctx, who("adler"), title, subject, nil, phrase("adler"), phrase("adler")))
	h.ok(h.Join(ctx, who("stein"), h.Standing(who("adler")).Draft.Code, phrase("stein"), phrase("stein")))
	key, err := h.Envelope(ctx, who("adler"), "Tresor der Geschäftsführung")
	h.ok(err)
	h.ok(h.Seal(ctx, who("adler")))
	h.ok(h.Offer(ctx, who("neu"), strings.ToLower(strings.ReplaceAll(key, "-", " ")), true))
	h.ok(h.Offer(ctx, who("stein"), phrase("stein"), false))
	if s := h.Standing(who("neu")); len(s.Rooms) != 1 {
		t.Errorf("the envelope opens %d rooms", len(s.Rooms))
	}
}

func TestNothingOnTheDiskTellsAnything(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	room := h.enterAs("adler", "stein")
	h.ok(h.Note(t.Context(), who("adler"), room, "n", "Nachtigall singt", false))
	// Whoever has every key of the hub reads the journal: sealed records are noise
	// of a few sizes, and look like those that say nothing.
	recs, err := h.j.Read(t.Context(), 1, 100)
	h.ok(err)
	var noise []journal.Record
	for _, x := range newVisit() {
		some, err := h.blanks(seal.NewKey(), x)
		h.ok(err)
		noise = append(noise, some...)
	}
	n := 0
	for _, r := range append(recs, noise...) {
		if r.Kind != journal.Sealed {
			continue
		}
		n++
		if l := len(r.Body); l < lockSize || l&(l-1) != 0 {
			t.Errorf("a sealed record has %d bytes", l)
		}
		if r.Patient != "" || r.Ward != "" || r.Source != "sealed" {
			t.Errorf("a sealed record says %q %q %q", r.Source, r.Patient, r.Ward)
		}
		for _, word := range []string{"Nachtigall", "adler", "ADLER", "vogel", "note", "opened"} {
			if bytes.Contains(r.Body, []byte(word)) {
				t.Errorf("a sealed record says %q", word)
			}
		}
	}
	if n < 5 {
		t.Fatalf("only %d sealed records", n)
	}
	files, err := filepath.Glob(filepath.Join(h.dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
}

func TestAReportProvesItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	ctx := t.Context()
	room := h.enterAs("adler", "stein")
	h.ok(h.Note(ctx, who("adler"), room, "n", "erste Notiz", false))
	h.ok(h.Attach(ctx, who("adler"), room, "f", "beleg.txt", "text/plain", strings.NewReader("Beleg")))
	h.ok(h.Propose(ctx, who("adler"), room, "p", Release, "", "für die Staatsanwaltschaft"))
	none := func(*Case) (map[string][]byte, error) { return map[string][]byte{}, nil }
	of := h.see("adler", room).Open[0].ID
	if _, err := h.Report(ctx, who("adler"), room, of, none); fault.KindOf(err) != fault.Forbidden {
		t.Fatalf("a report without a second person: %v", err)
	}
	h.ok(h.Agree(ctx, who("stein"), room, "a", of))
	zipped, err := h.Report(ctx, who("adler"), room, of, none)
	h.ok(err)
	c, broken := Check(zipped, h.verifier)
	if len(broken) > 0 || c.Title != title {
		t.Fatalf("%+v", broken)
	}
	tampered(t, zipped, h.verifier)
}
