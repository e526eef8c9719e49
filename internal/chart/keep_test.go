package chart

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// story sends a few days of a small hospital.
func (w *world) story(n int) {
	g := &generated{rnd: rand.New(rand.NewPCG(5, 5)), now: start().Add(-48 * time.Hour)}
	for range n {
		w.src.add(g.message())
	}
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Mueller", "Anna", place("3A", "302", "F"))
	w.send("kis", of("100", "", mergeFrom("200")))
	w.send("lis", of("", "77", potassium(w.now, "4", 4, clinical.Final)))
	w.person("300", "77", "Weber", "Karl", place("ITS", "1", "1"))
	w.send("lis", of("300", "1", potassium(w.now, "4", 4, clinical.Final)))
}

// complete waits until the file is durable and named.
func (w *world) complete() {
	w.t.Helper()
	w.settle()
	for range 2000 {
		if _, err := os.Stat(filepath.Join(w.cfg.Dir, pointer)); err == nil {
			return
		}
		time.Sleep(5 * time.Millisecond) // the pointer has no signal of its own
	}
	w.t.Fatal("the charts were never completed")
}

func (w *world) viewFile() string {
	w.t.Helper()
	name, err := os.ReadFile(filepath.Join(w.cfg.Dir, pointer))
	if err != nil {
		w.t.Fatal(err)
	}
	return filepath.Join(w.cfg.Dir, strings.TrimSpace(string(name)))
}

func (w *world) check(refold bool) []Finding {
	w.t.Helper()
	f, err := check(w.t.Context(), w.cfg, w.src, "v1", refold)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// However the records came together when they were folded, a fresh fold gives
// the same, also of who was merged into somebody else.
func TestAMergedPatientWhoLivesOnIsSound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("200", "F2", person("Wiens", "Wladimir", 2012, 8, 7, clinical.Male)))
	w.send("kis", of("100", "F1", person("Wiens", "Wladimir", 2012, 8, 7, clinical.Male)))
	w.send("kis", of("100", "", mergeFrom("200")))
	w.settle()
	w.send("kis", of("100", "F1", person("Wienß", "Wladimir", 2012, 8, 7, clinical.Male)))
	w.complete()
	w.close()
	if f := w.check(true); len(f) != 0 {
		t.Fatalf("sound charts: %+v", f)
	}
}

func TestCheckFindsNothingInSoundChartsAndEachKindOfDamage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.story(1500)
	w.complete()
	w.close()
	if f := w.check(true); len(f) != 0 {
		t.Fatalf("sound charts: %+v", f)
	}
	first := func(f []Finding) string {
		if len(f) == 0 {
			return ""
		}
		return f[0].Code
	}
	w.src.add(message{Feed: "kis", Sent: w.now, Received: w.now})
	if got := first(w.check(false)); got != FoundBehind {
		t.Errorf("behind: %q", got)
	}
	w.src.msgs = w.src.msgs[:len(w.src.msgs)-2]
	if got := first(w.check(false)); got != FoundAhead {
		t.Errorf("ahead: %q", got)
	}
	w.src.add(message{Feed: "kis", Sent: w.now, Received: w.now}) // another last record than was folded
	if got := first(w.check(true)); got != FoundDiffers {
		t.Errorf("differs: %q", got)
	}
	if f, err := check(t.Context(), w.cfg, w.src, "v2", false); err != nil || first(f) != FoundVersion {
		t.Errorf("version: %v %v", f, err)
	}
	other := w.cfg
	other.Key = seal.Key{7}
	if f, err := check(t.Context(), other, w.src, "v1", false); err != nil || first(f) != FoundDamaged {
		t.Errorf("other key: %v %v", f, err)
	}
	flip(t, w.viewFile(), 3)
	if got := first(w.check(false)); got != FoundDamaged {
		t.Errorf("flipped bits: %q", got)
	}
	if err := os.Remove(w.viewFile()); err != nil {
		t.Fatal(err)
	}
	if got := first(w.check(false)); got != FoundMissing {
		t.Errorf("missing: %q", got)
	}
}

// flip changes a bit in each of every n-th page.
func flip(t *testing.T, path string, n int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096*n + 100; i < len(b); i += 4096 * n {
		b[i] ^= 4
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedChartsAreRebuilt(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, w *world){
		"flipped bits":  func(t *testing.T, w *world) { flip(t, w.viewFile(), 1) },
		"cut in half":   func(t *testing.T, w *world) { cutHalf(t, w.viewFile()) },
		"empty":         func(t *testing.T, w *world) { put(t, w.viewFile(), nil) },
		"text instead":  func(t *testing.T, w *world) { put(t, w.viewFile(), bytes.Repeat([]byte("nothing "), 4096)) },
		"gone":          func(t *testing.T, w *world) { _ = os.Remove(w.viewFile()) },
		"pointer wrong": func(t *testing.T, w *world) { put(t, filepath.Join(w.cfg.Dir, pointer), []byte("../../etc")) },
		"all gone":      func(_ *testing.T, w *world) { _ = os.RemoveAll(w.cfg.Dir) },
		"another key":   func(_ *testing.T, w *world) { w.cfg.Key = seal.Key{99} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.story(400)
			w.complete()
			w.close()
			harm(t, w)
			w.open("v1")
			for range 400 { // damage inside the file is met by reading
				v := w.view()
				p, err := v.Patient(t.Context(), key("100"), All())
				_, err2 := v.House(t.Context())
				_ = v.Close()
				if err == nil && err2 == nil && len(p.Stays) == 2 {
					return
				}
				w.send("kis", of("100", "1", person("Müller", "Anna", 1951, 4, 3, clinical.Female)))
				time.Sleep(10 * time.Millisecond)
			}
			t.Error("the charts did not come back")
		})
	}
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func cutHalf(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, b[:len(b)/2])
}

func TestReplayGivesTheSameChartsAndSwitchesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.story(600)
	w.complete()
	w.close()
	before := w.viewFile()
	reached := uint64(0)
	if err := replay(t.Context(), w.cfg, w.src, "v1", func(s journal.Seq) { reached = uint64(s) }); err != nil {
		t.Fatal(err)
	}
	if w.viewFile() == before || reached != w.src.head() {
		t.Errorf("still %s, reached %d", before, reached)
	}
	if _, err := os.Stat(before); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old file stays: %v", err)
	}
	if f := w.check(true); len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestDiffNamesWhatAnotherMappingWouldChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.story(300)
	w.settle()
	w.close()
	changed := newScripted()
	for _, m := range w.src.msgs {
		if m.Seq == uint64(len(w.src.msgs))-5 { // the admission of 100
			m.Changes = []clinical.Change{of("100", "1", person("Möller", "Anna", 1951, 4, 3, clinical.Female))}
		}
		changed.add(m)
	}
	got := map[string]int{}
	for d, err := range diff(t.Context(), w.cfg, [2]source{w.src, changed}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if d.Key != key("100") {
			t.Errorf("%s of another person", d.Field)
		}
		got[d.Field]++
	}
	if got["Name"] != 2 || got["Stays"] == 0 || len(got) > 4 {
		t.Errorf("differences %v", got)
	}
	for _, err := range diff(t.Context(), w.cfg, [2]source{w.src, w.src}, nil) {
		t.Errorf("the same mapping differs: %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(w.cfg.Dir, "compare-*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestForgettingTakesWholePersonsAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = start().Add(-90 * 24 * time.Hour)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Altmann", "Otto", place("3A", "302", "F"))
	gone := w.send("kis", of("200", "2", clinical.Movement{Action: clinical.Insert, Kind: clinical.Discharge, Start: w.now}))
	w.now = start()
	kept := w.send("kis", of("100", "1", person("Müller", "Anna", 1951, 4, 3, clinical.Female)))
	w.complete()
	before := start().Add(-30 * 24 * time.Hour)
	if n, err := w.chart.Forget(t.Context(), before, func(p clinical.PatientKey) bool { return p == key("200") }); err != nil || n != 0 {
		t.Fatalf("forgot %d of whom something is still needed: %v", n, err)
	}
	n, err := w.chart.Forget(t.Context(), before, func(clinical.PatientKey) bool { return false })
	if err != nil || n != 1 {
		t.Fatalf("forgot %d: %v", n, err)
	}
	v := w.view()
	if _, err := v.Patient(t.Context(), key("200"), Head()); err == nil {
		t.Error("still there")
	}
	for _, q := range []string{"Altmann", "Altman", "200", "2"} {
		if hits, _, err := v.Search(t.Context(), Query{Text: q}); err != nil || len(hits) != 0 {
			t.Errorf("%q still finds %d: %v", q, len(hits), err)
		}
	}
	keep, err := v.Keep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if keep(seq(gone)) || !keep(seq(kept)) || !keep(1) || !keep(seq(w.src.head()+1)) {
		t.Errorf("keep: %v %v %v", keep(seq(gone)), keep(seq(kept)), keep(1))
	}
	_ = v.Close()
	w.person("200", "3", "Altmann", "Otto", place("3A", "302", "F")) // comes back
	if p := w.patient("200"); len(p.Stays) != 1 || p.Stays[0].Case != "3" {
		t.Errorf("came back with %+v", p.Stays)
	}
}

// A hub stops while old records are being dropped: what is asked of the charts
// then is refused, and nobody waits for it.
func TestAHubThatStopsWaitsForNoWorkOnTheCharts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.close()
	c, err := openWith(t.Context(), w.cfg, w.src, "v1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	run, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(run) }()
	if err := c.Dropped(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	asked := make(chan error, 1)
	go func() { asked <- c.Refold(context.WithoutCancel(run)) }()
	select {
	case err := <-asked:
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("after the end: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it waits for work that nobody does")
	}
}

func TestNothingReadableLiesOnTheDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("0815471199", "4711001", "Quarzlinger", "Xaveria", place("3A", "301", "F"))
	w.complete()
	w.close()
	err := filepath.WalkDir(w.cfg.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, word := range []string{"Quarzlinger", "quarzlinger", "Xaveria", "0815471199", "4711001", "CREATE TABLE"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q", filepath.Base(path), word)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestChangedPatientsOfAWard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Weber", "Karl", place("3A", "302", "F"))
	printed := w.view().Seq()
	w.send("lis", of("200", "2", potassium(w.now, "4,1", 4.1, clinical.Final)))
	got, err := w.view().Changed(t.Context(), "3A", printed)
	if err != nil || len(got) != 1 || got[0] != key("200") {
		t.Errorf("%v %v", got, err)
	}
}

func TestAViewStaysAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	v := w.view()
	w.send("kis", of("100", "1", transfer(w.now, place("ITS", "1", "1"))))
	w.settle()
	if l, err := v.Ward(t.Context(), "3A"); err != nil || l.Occupied != 1 || v.Seq() != 1 {
		t.Errorf("the view moved on: %+v %v", l, err)
	}
	if l := w.ward("3A"); l.Occupied != 0 {
		t.Errorf("a new view is old: %+v", l)
	}
}

// Stopped again and again in the middle of its work, the chart folds every
// record once.
func TestInterruptedAtAnyMomentNothingIsFoldedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := &generated{rnd: rand.New(rand.NewPCG(6, 6)), now: start()}
	r := rand.New(rand.NewPCG(8, 8))
	for range 40 {
		for range r.IntN(60) {
			w.src.add(g.message())
		}
		time.Sleep(time.Duration(r.IntN(4000)) * time.Microsecond) // the moment is what the test varies
		w.close()
		w.open("v1")
	}
	w.story(0)
	w.complete()
	v := w.view()
	h, err := v.House(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := uint64(0)
	for _, f := range h.Feeds {
		count += f.Count
	}
	if count != w.src.head() {
		t.Errorf("%d messages counted, %d sent", count, w.src.head())
	}
	_ = v.Close()
	w.close()
	if f := w.check(true); len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestASubscriberHearsOfTheWardsThatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.complete()
	moved, stop := w.chart.Subscribe()
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	m := <-moved
	for ; m.Seq < 1; m = <-moved {
	}
	if len(m.Wards) != 1 || m.Wards[0] != "3A" {
		t.Errorf("%+v", m)
	}
	w.send("kis", of("100", "1", transfer(w.now, place("ITS", "1", "1"))))
	if m := <-moved; len(m.Wards) != 2 || m.Seq != 2 {
		t.Errorf("a transfer changes two lists: %+v", m)
	}
	stop()
	stop()
	if _, ok := <-moved; ok {
		t.Error("the channel is still open")
	}
}
