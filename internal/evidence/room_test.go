package evidence

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/fault"
)

// many are files as records name them; their bytes are of no concern here.
func many(from, n int) []File {
	var out []File
	for at := from; at < from+n; at++ {
		out = append(out, File{Hash: fmt.Sprintf("%064x", at), Size: 1, Name: fmt.Sprintf("Protokoll „%05d“ <alt>.log", at), Role: Content})
	}
	return out
}

// An item takes as many files as a hand-over can name, and not one more: what is
// taken in can be handed over, with everything else that a hand-over may say.
func TestAnItemTakesAsManyFilesAsAHandOverCanName(t *testing.T) {
	t.Parallel()
	all := many(0, 20_000)
	i, most := &Item{}, 0
	for low, high := 0, len(all); low < high; { // the border
		n := (low + high + 1) / 2
		if i.Takes(all[:n]...) == nil {
			low = n
		} else {
			high = n - 1
		}
		most = low
	}
	if most < 2_000 || most == len(all) {
		t.Fatalf("it takes %d files", most)
	}
	i.Files = all[:most]
	if err := i.Takes(all[most]); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Say(err).DE, "weiteres Beweisstück") {
		t.Errorf("one more: %v", err)
	}
	if err := errors.Join(i.Takes(), i.Takes(all[:5]...), i.Takes(File{Name: "quittung.pdf", Role: Receipt})); err != nil {
		t.Errorf("nothing, what is there already, a receipt: %v", err)
	}
	worst := strings.Repeat("<", maxWord) // six bytes each
	p := Party{Name: worst, Org: worst, Reach: worst}
	e := event{Step: stepHanded, From: &p, To: &p, Text: strings.Repeat("<", maxText), Seal: worst, Place: worst, Case: worst, Item: worst, By: Act{Person: worst, Name: worst, Key: worst}}
	e.Logbook = (&fold{items: map[string]*Item{worst: {Ref: "B1-0001", Thing: Thing{Title: worst}}}}).line(e, time.UTC)
	if e.Logbook == nil {
		t.Fatal("it makes no line")
	}
	for _, f := range i.Files {
		e.Checks = append(e.Checks, Comparison{Of: f.Name, Alg: "SHA-256", Want: f.Hash, Got: f.Hash, Here: true})
	}
	for range maxSums {
		e.Checks = append(e.Checks, Comparison{Of: worst, Alg: "SHA-512", Want: strings.Repeat("a", 128), Got: strings.Repeat("a", 128)})
	}
	if _, err := e.encode(); err != nil {
		t.Errorf("with %d files the hand-over does not fit: %v", most, err)
	}
}

func TestTooManyFilesAreRefusedAndTheItemCanBeHandedOver(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	i := r.secure(aDisk())
	more := func() event {
		return event{Step: stepFiles, Case: i.Case, Item: i.ID, Files: many(len(i.Files), maxFiles)}
	}
	for i.Takes(more().Files...) == nil {
		if _, err := r.do(ctx, who("it"), more()); err != nil {
			t.Fatal(err)
		}
		i = r.item(i.ID)
	}
	if _, err := r.do(ctx, who("it"), more()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("too many: %v", err)
	}
	if n := len(r.item(i.ID).Files); n != len(i.Files) {
		t.Errorf("%d files are named, want %d", n, len(i.Files))
	}
	h := handed(i, police())
	h.Deviates = []string{"here"} // none of them has bytes
	if err := r.HandOver(ctx, who("it"), i.ID, h); err != nil {
		t.Fatal(err)
	}
	if got := r.item(i.ID); got.Holder != police() || len(got.Entries[got.Turn-1].Checks) != len(i.Files) {
		t.Errorf("with %d files: %v", len(i.Files), got.Holder)
	}
}
