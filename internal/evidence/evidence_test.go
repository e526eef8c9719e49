package evidence

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/seal"
)

// room is where evidence is kept: a real journal, a clock, the book.
type room struct {
	*Book
	t *testing.T
	j *journal.Journal
	o Options
	v note.Verifier

	clock func() time.Time
	pass  func(time.Duration)
}

func newRoom(t *testing.T) *room {
	t.Helper()
	signer, public := journaltest.Signer(t)
	now := journaltest.At(time.Date(2026, 11, 19, 2, 14, 30, 0, time.UTC))
	r := &room{t: t, clock: now.Now, pass: now.Pass, j: journaltest.OpenSigned(t, signer, journal.Options{})}
	var err error
	if r.v, err = seal.NewVerifier(public); err != nil {
		t.Fatal(err)
	}
	r.o = Options{Dir: t.TempDir(), Key: seal.NewKey(), Site: "nord", Hospital: "Klinikum Nordheide", MaxFile: 4 << 20, Zone: time.UTC, Now: r.clock, Signer: signer}
	r.start()
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func (r *room) start() {
	r.t.Helper()
	b, err := Open(r.t.Context(), r.j, r.o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Book = b
}

func who(person string, key ...string) Act {
	a := Act{Person: person, Name: "Fr. " + person}
	if len(key) > 0 {
		a.Key = key[0]
	}
	return a
}

// bring takes content in as a form does.
func (r *room) bring(role Role, name string, content []byte) Incoming {
	r.t.Helper()
	t, err := r.Take(r.t.Context(), bytes.NewReader(content), r.MaxFile(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return Incoming{Taken: t, Name: name, Role: role}
}

func picture(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func aDisk() Thing {
	return Thing{Kind: "disk", Title: "Systemplatte des Dateiservers", Serial: "Seagate ST2000 ZA1B2C", Found: "Serverraum U1, Schrank 4", Power: "on", Volatile: "yes",
		Taken: Party{Name: "R. Vogel"}, Tool: "dc3dd", Version: "7.3.1", Blocker: "Tableau T8u", Seal: "S-4711", Place: "Tresor Verwaltung",
		Hashes: []Hash{{Value: strings.Repeat("ab", 32), Of: "fs01.dd"}}}
}

func (r *room) secure(t Thing, files ...Incoming) *Item {
	r.t.Helper()
	id, err := r.Secure(r.t.Context(), who("it"), "c1", "Verschlüsselung", t, files)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.item(id)
}

func (r *room) item(id string) *Item {
	r.t.Helper()
	i, err := r.Item(id)
	if err != nil {
		r.t.Fatal(err)
	}
	return i
}

func police() Party {
	return Party{Name: "KHK Brandt", Org: "LKA Niedersachsen", Reach: "Vorgang 2026/4711"}
}

func TestNumbersAreDrawnPerCaseAndNeverTwice(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	var refs []string
	for _, incident := range []string{"c1", "c1", "c2", "c1"} {
		id, err := r.Secure(t.Context(), who("it"), incident, "Lage "+incident, aDisk(), nil)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r.item(id).Ref)
	}
	if want := []string{"B1-0001", "B1-0002", "B2-0001", "B1-0003"}; !slices.Equal(refs, want) {
		t.Errorf("labels %v, want %v", refs, want)
	}
	if i := r.ByLabel(" b2-0001 "); i == nil || i.Case != "c2" {
		t.Errorf("the scanned label leads to %+v", i)
	}
	first, err := r.Secure(t.Context(), who("it", "k1"), "c1", "Lage", aDisk(), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Secure(t.Context(), who("it", "k1"), "c1", "Lage", aDisk(), nil)
	if err != nil || again != first || len(r.Case("c1").Items) != 4 {
		t.Errorf("the same form twice: %v, %d items", err, len(r.Case("c1").Items))
	}
	other := aDisk()
	other.Title = "Eine andere Platte"
	if _, err := r.Secure(t.Context(), who("it", "k1"), "c1", "Lage", other, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same key for another item: %v", err)
	}
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for name, change := range map[string]func(*Thing){
		"no kind":            func(x *Thing) { x.Kind = "ship" },
		"no description":     func(x *Thing) { x.Title = " " },
		"no place of find":   func(x *Thing) { x.Found = "" },
		"no place":           func(x *Thing) { x.Place = "" },
		"nobody":             func(x *Thing) { x.Taken.Name = "" },
		"in the future":      func(x *Thing) { x.At = r.clock().Add(time.Hour) },
		"hash of odd length": func(x *Thing) { x.Hashes = []Hash{{Value: "abc"}} },
		"hash of 33 bytes":   func(x *Thing) { x.Hashes = []Hash{{Value: strings.Repeat("ab", 33)}} },
		"hash with a letter": func(x *Thing) { x.Hashes = []Hash{{Value: strings.Repeat("xy", 32)}} },
		"no state":           func(x *Thing) { x.Power = "maybe" },
		"too long":           func(x *Thing) { x.Serial = strings.Repeat("9", maxWord+1) },
	} {
		x := aDisk()
		change(&x)
		if _, err := r.Secure(t.Context(), who("it"), "c1", "Lage", x, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c := r.Case("c1"); c != nil {
		t.Errorf("something was recorded: %+v", c)
	}
}

// handed is a hand-over that is right in everything.
func handed(i *Item, to Party) HandOver {
	return HandOver{Turn: i.Turn, To: to, Why: "Sicherstellung nach § 94 StPO", Intact: "yes", Signed: OnPaper}
}

func TestOnlyWhoHasItCanHandItOver(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i := r.secure(aDisk())
	stale := handed(i, Party{Name: "Dr. A. Stein"})
	r.pass(time.Hour)
	if err := r.HandOver(t.Context(), who("it"), i.ID, handed(i, police())); err != nil {
		t.Fatal(err)
	}
	if err := r.HandOver(t.Context(), who("krisenstab"), i.ID, stale); fault.KindOf(err) != fault.Conflict {
		t.Errorf("from somebody who no longer has it: %v", err)
	}
	i = r.item(i.ID)
	if i.Stored != "" {
		t.Errorf("the police keeps it in %q", i.Stored)
	}
	if i.Holder != police() || i.Turn != 2 || !i.Entries[1].Unsigned() {
		t.Errorf("after the hand-over: %+v", i)
	}
	for name, change := range map[string]func(*HandOver){
		"to oneself":           func(h *HandOver) { h.To = Party{Name: "khk brandt", Org: "lka niedersachsen"} },
		"before the last":      func(h *HandOver) { h.At = r.clock().Add(-30 * time.Minute) },
		"in the future":        func(h *HandOver) { h.At = r.clock().Add(time.Hour) },
		"without a reason":     func(h *HandOver) { h.Why = "" },
		"nothing of the seal":  func(h *HandOver) { h.Intact = "" },
		"no signature":         func(h *HandOver) { h.Signed = OnScreen },
		"not signed":           func(h *HandOver) { h.Signed = "" },
		"hash of other length": func(h *HandOver) { h.Typed = map[string]string{strings.Repeat("ab", 32): "abcd"} },
	} {
		h := handed(i, Party{Name: "Dr. A. Stein"})
		change(&h)
		if err := r.HandOver(t.Context(), who("it"), i.ID, h); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(r.item(i.ID).Entries); n != 2 {
		t.Errorf("%d lines after refused acts", n)
	}
}

// Whoever goes back in the browser, corrects what was typed and sends again is
// told that the first one stands: it must not look as if the second did.
func TestTheSameFormTwiceIsOneActAndAChangedOneIsToldSo(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	bare := aDisk()
	bare.Seal = ""
	i := r.secure(bare)
	typed := func(hash string) map[string]string { return map[string]string{strings.Repeat("ab", 32): hash} }
	r.pass(time.Hour)
	first := handed(i, police())
	first.Intact, first.Seal, first.At, first.Typed = "", "S-9", r.clock().Add(-10*time.Minute), typed(strings.Repeat("ab", 32))
	for range 2 {
		if err := r.HandOver(ctx, who("it", "h1"), i.ID, first); err != nil {
			t.Errorf("the same hand-over: %v", err)
		}
		r.pass(time.Minute)
	}
	for name, change := range map[string]func(*HandOver){
		"another time": func(h *HandOver) { h.At = h.At.Add(5 * time.Minute) },
		"another hash": func(h *HandOver) {
			h.Typed, h.Deviates = typed(strings.Repeat("ac", 32)), []string{strings.Repeat("ac", 32)}
		},
		"no hash": func(h *HandOver) { h.Typed = nil },
	} {
		h := first
		change(&h)
		if err := r.HandOver(ctx, who("it", "h1"), i.ID, h); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a hand-over with %s: %v", name, err)
		}
	}
	if err := r.Verify(ctx, who("it", "v1"), i.ID, typed(strings.Repeat("ab", 32)), nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(ctx, who("it", "v1"), i.ID, typed(strings.Repeat("ac", 32)), nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another measured hash: %v", err)
	}
	bare.At = r.clock().Add(-time.Hour)
	for _, want := range []fault.Kind{fault.Internal, fault.Conflict} {
		_, err := r.Secure(ctx, who("it", "s1"), "c1", "Lage", bare, nil)
		if err != nil && fault.KindOf(err) != want || err == nil && want == fault.Conflict {
			t.Errorf("secured at another time: %v", err)
		}
		bare.At = bare.At.Add(time.Minute)
	}
	if n := len(r.item(i.ID).Entries); n != 3 {
		t.Errorf("%d lines", n)
	}
}

func TestTheSignedPaperIsAttachedOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i := r.secure(aDisk())
	if err := r.HandOver(t.Context(), who("it"), i.ID, handed(i, police())); err != nil {
		t.Fatal(err)
	}
	if err := r.AttachReceipt(t.Context(), who("it"), i.ID, 1, r.bring(Receipt, "q.png", picture(t, 8))); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a receipt for a line without a hand-over: %v", err)
	}
	if err := r.AttachReceipt(t.Context(), who("it"), i.ID, 2, r.bring(Receipt, "q.txt", []byte("unterschrieben"))); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a receipt that is no scan: %v", err)
	}
	if err := r.AttachReceipt(t.Context(), who("it"), i.ID, 2, r.bring(Receipt, "q.png", picture(t, 9))); err != nil {
		t.Fatal(err)
	}
	if err := r.AttachReceipt(t.Context(), who("it"), i.ID, 2, r.bring(Receipt, "q2.png", picture(t, 10))); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second receipt: %v", err)
	}
	if got := r.item(i.ID); len(got.Awaited()) != 0 || len(got.Files) != 1 {
		t.Errorf("after the receipt: %+v", got)
	}
}

func TestADifferenceIsLookedAtAndThenRecorded(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	content := bytes.Repeat([]byte("Nov 19 02:01 sshd: Accepted\n"), 40_000) // several pieces
	i := r.secure(aDisk(), r.bring(Content, "auth.log", content), r.bring(Photo, "schrank.png", picture(t, 20)))
	h := handed(i, police())
	h.Typed = map[string]string{strings.Repeat("ab", 32): strings.Repeat("AB ", 32)} // typed in groups
	if err := r.HandOver(t.Context(), who("it"), i.ID, h); err != nil {
		t.Fatal(err)
	}
	got := r.item(i.ID).Entries[1]
	if len(got.Checks) != 3 || got.Deviates() || !got.Checks[0].Here || got.Checks[2].Here {
		t.Errorf("compared: %+v", got.Checks)
	}
	r.spoil(i.Files[0].Hash, 1000)
	h = handed(r.item(i.ID), Party{Name: "BSI"})
	if err := r.HandOver(t.Context(), who("it"), i.ID, h); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a file that was changed goes on unseen: %v", err)
	}
	h.Deviates = []string{"here"}
	if err := r.HandOver(t.Context(), who("it"), i.ID, h); err != nil {
		t.Fatal(err)
	}
	if x := r.item(i.ID); !x.Deviates() || x.Entries[2].Checks[0].Got != "" || !x.Entries[2].Checks[1].Right() {
		t.Errorf("the difference is not shown: %+v", x.Entries[2].Checks)
	}
	measured := map[string]string{strings.Repeat("ab", 32): strings.Repeat("CD", 32)}
	for what, confirmed := range map[string][]string{"at once": nil, "another one was confirmed": {strings.Repeat("ce", 32), "here"}} {
		err := r.Verify(t.Context(), who("it"), i.ID, measured, confirmed)
		if d := (*Deviation)(nil); fault.KindOf(err) != fault.Invalid || !errors.As(err, &d) || len(d.Checks) != 1 || d.Checks[0].Got != strings.Repeat("cd", 32) {
			t.Errorf("a typed hash that differs, %s: %v", what, err)
		}
	}
	if n := len(r.item(i.ID).Entries); n != 3 {
		t.Fatalf("a typing error is on record: %d lines", n)
	}
	if err := r.Verify(t.Context(), who("it"), i.ID, measured, []string{strings.Repeat("cd", 32)}); err != nil {
		t.Fatal(err)
	}
	if x := r.item(i.ID).Entries[3]; x.Checks[2].Right() {
		t.Errorf("a typed hash that differs: %+v", x.Checks)
	}
}

// Two people hand the same thing over, or file the same receipt, in the same
// moment: one does, and the other is told who did.
func TestOfTwoAtOnceOneWinsAndTheOtherIsTold(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i := r.secure(aDisk())
	together := func(act func(n int) error) {
		t.Helper()
		errs := make([]error, 6)
		var all sync.WaitGroup
		for n := range errs {
			all.Go(func() { errs[n] = act(n) })
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case fault.KindOf(err) != fault.Conflict, !strings.Contains(fault.Say(err).DE, "Fr. p"):
				t.Errorf("the loser is told: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of six won", won)
		}
	}
	name := func(n int) string { return "p" + string(rune('0'+n)) }
	together(func(n int) error {
		return r.HandOver(t.Context(), who(name(n)), i.ID, handed(i, Party{Name: "KHK Nr. " + name(n), Org: "LKA"}))
	})
	scans := make([]Incoming, 6)
	for n := range scans {
		scans[n] = r.bring(Receipt, "q.png", picture(t, 10+n))
	}
	together(func(n int) error {
		defer scans[n].Drop()
		return r.AttachReceipt(t.Context(), who(name(n)), i.ID, 2, scans[n])
	})
	r.left(1)
	got := r.item(i.ID)
	if len(got.Entries) != 3 || got.Holder != got.Entries[1].To || len(got.Files) != 1 {
		t.Errorf("afterwards: %+v", got)
	}
}

// spoil flips a bit of a file in the store.
func (r *room) spoil(sum string, at int) {
	r.t.Helper()
	b, err := os.ReadFile(r.path(sum))
	if err != nil {
		r.t.Fatal(err)
	}
	b[at] ^= 1
	if err := os.WriteFile(r.path(sum), b, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func TestAGapIsWrittenDownAndNeverHidden(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i := r.secure(aDisk())
	lost := r.clock()
	r.pass(5 * time.Hour)
	now := Party{Name: "H. Krüger", Org: "Pforte"}
	for name, err := range map[string]error{
		"no reason":   r.Gap(t.Context(), who("it"), i.ID, 1, lost, r.clock(), now, " "),
		"no end":      r.Gap(t.Context(), who("it"), i.ID, 1, lost, time.Time{}, now, "lag unbewacht"),
		"ends before": r.Gap(t.Context(), who("it"), i.ID, 1, r.clock(), lost, now, "lag unbewacht"),
		"in the past": r.Gap(t.Context(), who("it"), i.ID, 1, lost.Add(-time.Hour), r.clock(), now, "lag unbewacht"),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Gap(t.Context(), who("it"), i.ID, 1, lost, r.clock(), now, "lag unbewacht an der Pforte"); err != nil {
		t.Fatal(err)
	}
	got := r.item(i.ID)
	if got.Gaps() != 1 || got.Holder != now || got.Turn != 2 {
		t.Errorf("after the gap: %+v", got)
	}
	// In the gap nobody knows who had it: nobody can have given it to anybody.
	h := handed(got, police())
	if h.At = lost.Add(time.Hour); fault.KindOf(r.HandOver(t.Context(), who("it"), i.ID, h)) != fault.Invalid {
		t.Error("it was handed over in the gap")
	}
	if since := got.Entries[1].Since(); !since.Equal(r.clock()) {
		t.Errorf("with who has it after the gap since %s", since)
	}
	if err := r.Correct(t.Context(), who("it"), i.ID, 2, "Es war bis 06:00 Uhr, nicht bis 07:14"); err != nil {
		t.Fatal(err)
	}
	if err := r.Correct(t.Context(), who("it"), i.ID, 9, "gibt es nicht"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the correction of no line: %v", err)
	}
	if x := r.item(i.ID); len(x.Entries) != 3 || x.Entries[1].Text != "lag unbewacht an der Pforte" || x.Entries[2].Of != 2 {
		t.Errorf("corrected in place: %+v", x.Entries)
	}
}

func TestTheEndNeedsTwoPeople(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i := r.secure(aDisk())
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	kind := func(what string, err error, want fault.Kind) {
		t.Helper()
		if fault.KindOf(err) != want || err == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	kind("confirmed before it is asked", r.ConfirmEnd(ctx, who("b"), i.ID, 1), fault.NotFound)
	must(r.AskEnd(ctx, who("a"), i.ID, i.Turn, Destroyed, Party{}, "Freigabe der Staatsanwaltschaft"))
	kind("confirmed by the same person", r.ConfirmEnd(ctx, who("a"), i.ID, 2), fault.Conflict)
	kind("handed over meanwhile", r.HandOver(ctx, who("a"), i.ID, handed(i, police())), fault.Conflict)
	must(r.CallOffEnd(ctx, who("b"), i.ID, 2))
	kind("confirmed after it was called off", r.ConfirmEnd(ctx, who("b"), i.ID, 2), fault.NotFound)
	must(r.AskEnd(ctx, who("a"), i.ID, i.Turn, Returned, Party{Name: "Einkauf"}, "Verfahren eingestellt"))
	must(r.ConfirmEnd(ctx, who("b"), i.ID, 4))
	got := r.item(i.ID)
	if got.Ended != Returned || got.Holder.Name != "Einkauf" || got.Entries[4].Way != Returned {
		t.Errorf("returned: %+v", got)
	}
	kind("handed over after the end", r.HandOver(ctx, who("a"), i.ID, handed(got, police())), fault.Conflict)
	kind("a gap after the end", r.Gap(ctx, who("a"), i.ID, got.Turn, r.clock(), r.clock(), police(), "weg ist weg"), fault.Conflict)
	must(r.Note(ctx, who("a"), i.ID, "Quittung liegt im Ordner 7"))
}

func TestWhatIsFoldedIsTheSameAfterARestart(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	i := r.secure(aDisk(), r.bring(Content, "a.log", []byte("eins")))
	if err := r.HandOver(t.Context(), who("it"), i.ID, handed(i, police())); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SetHold(t.Context(), who("a"), Scope{Whole: true}, "Staatsanwaltschaft"); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := Check(t.Context(), r.j, r.o)
	if err != nil || len(found) != 1 || found[0].Code != FoundHold || !found[0].Notice {
		t.Errorf("checked: %+v %v", found, err)
	}
	whole, err := os.ReadFile(filepath.Join(r.o.Dir, StateFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := file(r.o).Store([]byte(`{"Version":0}`)); err != nil {
		t.Fatal(err)
	}
	if found, err = Check(t.Context(), r.j, r.o); err != nil || len(found) != 1 || found[0].Code != FoundHold {
		t.Errorf("a state that another version has written is damage: %+v %v", found, err)
	}
	if err := os.WriteFile(filepath.Join(r.o.Dir, StateFile), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	if got := r.item(i.ID); got.Holder != police() || len(r.Standing()) != 1 {
		t.Errorf("after the restart: %+v", got)
	}
	r.spoil(i.Files[0].Hash, 70)
	if err := os.WriteFile(filepath.Join(filesDir(r.o), "fremd"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err = Check(t.Context(), r.j, r.o)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range found {
		codes = append(codes, string(f.Code))
	}
	if want := []string{FoundFileBad, FoundHold, FoundStray}; !slices.Equal(slices.Sorted(slices.Values(codes)), slices.Sorted(slices.Values(want))) {
		t.Errorf("found %v, want %v", codes, want)
	}
	if err := os.Remove(r.path(i.Files[0].Hash)); err != nil {
		t.Fatal(err)
	}
	if found, err = Check(t.Context(), r.j, r.o); err != nil || found[0].Code != FoundFileLost {
		t.Errorf("a missing file: %+v %v", found, err)
	}
}

// broken is a transfer that ends in the middle.
type broken struct{ left int }

var errCut = errors.New("cut")

func (b *broken) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errCut
	}
	n := min(len(p), b.left)
	b.left -= n
	return n, nil
}

func TestATransferThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	if _, err := r.Take(t.Context(), &broken{left: 2 * pieceSize}, r.MaxFile(), nil); !errors.Is(err, errCut) {
		t.Errorf("cut: %v", err)
	}
	for _, size := range []int{10, pieceSize, pieceSize + 10} { // what a form says whose connection was lost
		cut := io.MultiReader(io.LimitReader(zeros{}, int64(size)), iotest.ErrReader(io.ErrUnexpectedEOF))
		if _, err := r.Take(t.Context(), cut, r.MaxFile(), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the connection was lost after %d bytes: %v", size, err)
		}
	}
	if _, err := r.Take(t.Context(), io.LimitReader(zeros{}, 5<<20), r.MaxFile(), nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("too large: %v", err)
	}
	if _, err := r.Take(t.Context(), strings.NewReader(""), r.MaxFile(), nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("empty: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	if _, err := r.Take(ctx, io.LimitReader(zeros{}, 3<<20), r.MaxFile(), func(int64) { stop() }); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	r.left(0)
	r.bring(Content, "halb.dd", []byte("die Maschine fällt aus, bevor der Eintrag steht"))
	r.left(1)
	r.start() // the process was killed: nobody dropped it
	r.left(0)
	if r.Case("c1") != nil {
		t.Error("there is half an item")
	}
}

// failing is a journal whose disk is full for a while, or which does not hear in
// time that a record is stored.
type failing struct {
	*journal.Journal
	full, deaf bool
}

func (j *failing) Append(ctx context.Context, r journal.Record) (journal.Seq, error) {
	if j.full {
		return 0, errCut
	}
	s, err := j.Journal.Append(ctx, r)
	if j.deaf && err == nil {
		return 0, errCut
	}
	return s, err
}

// Whatever becomes of an act, of its files there is exactly what a record names.
func TestAnActWithoutARecordLeavesNoFiles(t *testing.T) {
	t.Parallel()
	for _, killed := range []bool{false, true} {
		r := newRoom(t)
		j := &failing{Journal: r.j}
		again := func() {
			b, err := Open(t.Context(), j, r.o)
			if err != nil {
				t.Fatal(err)
			}
			r.Book = b
		}
		again()
		i := r.secure(aDisk(), r.bring(Content, "a.log", []byte("eins")))
		r.left(1)
		add := func(name, key string, content ...string) error {
			var files []Incoming
			for n, c := range content {
				files = append(files, r.bring(Content, name+strings.Repeat("x", n), []byte(c)))
			}
			defer Drop(files)
			return r.AddFiles(t.Context(), who("it", key), i.ID, files, "")
		}
		j.full = true
		if err := add("b.log", "k1", "zwei", "drei"); !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		if err := add("b.log", "k2", "eins"); !errors.Is(err, errCut) { // the same content as one that is there
			t.Fatal(err)
		}
		j.full, j.deaf = false, true
		if err := add("c.log", "k3", "vier", "drei"); !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		j.deaf = false
		want := 3 // one, three and four
		if killed {
			again()
		} else {
			if err := add("d.log", "k4", "fünf"); err != nil {
				t.Fatal(err)
			}
			want++
		}
		r.left(want)
		got := r.item(i.ID)
		if len(got.Files) != want {
			t.Errorf("killed %v: %d files are named, want %d", killed, len(got.Files), want)
		}
		for _, f := range got.Files {
			if sum, err := r.Sum(t.Context(), f.Hash, f.Size); err != nil || sum != f.Hash {
				t.Errorf("killed %v: %s reads as %q, %v", killed, f.Name, sum, err)
			}
		}
	}
}

// A file that no record names and that was part of the store stays: an older
// journal may have been restored.
func TestTheSweepTouchesNothingThatWasPartOfTheStore(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.secure(aDisk(), r.bring(Content, "a.log", []byte("eins")))
	if err := os.WriteFile(filepath.Join(filesDir(r.o), "fremd"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.left(2)
}

// left checks how many files lie in the store.
func (r *room) left(want int) {
	r.t.Helper()
	got, err := os.ReadDir(filesDir(r.o))
	if err != nil || len(got) != want {
		r.t.Errorf("%d files lie there, want %d: %v", len(got), want, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestFilesComeBackAsTheyCameInAndTellNothingOnDisk(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, size := range []int{1, pieceSize - 1, pieceSize, pieceSize + 1, 2 * pieceSize, 2*pieceSize + 7} {
		content := bytes.Repeat([]byte("geheim!"), size/7+1)[:size]
		x := r.bring(Content, "x", content)
		if err := errors.Join(r.keep(x.Taken), r.settle(x.Hash)); err != nil {
			t.Fatal(err)
		}
		in, err := r.Store.Open(x.Hash, x.Size)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes come back as %d: %v", size, len(got), err)
		}
		_ = in.Close()
		sealed, err := os.ReadFile(r.path(x.Hash))
		if err != nil || bytes.Contains(sealed, []byte("geheim!")) || strings.Contains(r.path(x.Hash), x.Hash) {
			t.Errorf("%d bytes lie readable on the disk: %v", size, err)
		}
		for what, worse := range map[string][]byte{
			"cut":            sealed[:len(sealed)-1],
			"a piece less":   sealed[:max(len(storeMagic)+idSize, len(sealed)-pieceSize-seal.Overhead)],
			"longer":         append(bytes.Clone(sealed), 0),
			"another header": append([]byte("x"), sealed[1:]...),
		} {
			if err := os.WriteFile(r.path(x.Hash), worse, 0o600); err != nil {
				t.Fatal(err)
			}
			if sum, err := r.Sum(t.Context(), x.Hash, x.Size); err != nil || sum != "" {
				t.Errorf("%d bytes, %s: read as %q, %v", size, what, sum, err)
			}
		}
	}
}

// Whoever can write to the disk but has no key puts one file in the place of
// another. Nobody gets the one for the other, nor as many bytes of it as the
// other has, and it leaves the house in no package.
func TestAFileInThePlaceOfAnotherIsNotGivenOut(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"as long": 2*pieceSize + 7, "shorter": 5, "longer": 3 * pieceSize, "longer by a piece": 3*pieceSize + 7} {
		r := newRoom(t)
		right, other := bytes.Repeat([]byte{1}, 2*pieceSize+7), bytes.Repeat([]byte{2}, size)
		i := r.secure(aDisk(), r.bring(Content, "a.dd", right), r.bring(Content, "b.dd", other))
		a, b := i.Files[0], i.Files[1]
		if err := os.Rename(r.path(b.Hash), r.path(a.Hash)); err != nil {
			t.Fatal(err)
		}
		in, err := r.Store.Open(a.Hash, a.Size)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(in); fault.KindOf(err) != fault.Corrupt || int64(len(got)) >= a.Size {
			t.Errorf("%s: %d of %d bytes are given out: %v", name, len(got), a.Size, err)
		}
		_ = in.Close()
		ordered, err := r.OrderExport(t.Context(), who("a"), "c1", Order{For: "BSI", Why: "Vorgang", Items: []string{i.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if err := ordered.Write(t.Context(), r.j, io.Discard, nil); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: goes out in a package: %v", name, err)
		}
	}
}

func TestAHoldIsLiftedByTwoPeopleAndMovesTheLimit(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	before := r.clock().AddDate(0, 0, -30)
	if got := r.Held().Limit(before); !got.Equal(before) {
		t.Errorf("without a hold the limit is %s", got)
	}
	for name, s := range map[string]Scope{"nothing": {}, "ends before": {From: r.clock(), To: r.clock().Add(-time.Hour)}, "case without time": {Case: "c1"}} {
		if _, err := r.SetHold(ctx, who("a"), s, "Grund genug"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	since := r.clock().AddDate(0, 0, -90)
	hold, err := r.SetHold(ctx, who("a"), Scope{Case: "c1", From: since}, "Staatsanwaltschaft")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.SetHold(ctx, who("a"), Scope{Patients: []string{"k:1"}}, "Haftungsfall"); err != nil {
		t.Fatal(err)
	}
	if h := r.Held(); !h.Limit(before).Equal(since) || !h.Patients["k:1"] {
		t.Errorf("held: %+v", h)
	}
	if got := r.Held().Limit(since.AddDate(0, 0, -1)); !got.Equal(since.AddDate(0, 0, -1)) {
		t.Errorf("a limit before the span moves to %s", got)
	}
	whole, err := r.SetHold(ctx, who("a"), Scope{Whole: true}, "Alles")
	if err != nil || !r.Held().Limit(before).IsZero() {
		t.Errorf("the whole journal: %v", err)
	}
	if err := r.Lift(ctx, who("b"), whole); fault.KindOf(err) != fault.NotFound {
		t.Errorf("lifted before it is asked: %v", err)
	}
	for _, id := range []string{whole, hold} {
		if err := r.AskLift(ctx, who("a"), id, "Verfahren eingestellt"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Lift(ctx, who("a"), whole); fault.KindOf(err) != fault.Conflict {
		t.Errorf("lifted by one person: %v", err)
	}
	if err := errors.Join(r.Lift(ctx, who("b"), whole), r.CallOffLift(ctx, who("b"), hold)); err != nil {
		t.Fatal(err)
	}
	if err := r.Lift(ctx, who("b"), hold); fault.KindOf(err) != fault.NotFound {
		t.Errorf("lifted after it was called off: %v", err)
	}
	if h := r.Held(); h.Whole || !h.Limit(before).Equal(since) || len(r.Holds()) != 3 {
		t.Errorf("after lifting: %+v", h)
	}
}
