package forward

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// house is a journal into which feeds deliver, and a relay that can be stopped
// and killed.
type house struct {
	*Relay
	t     *testing.T
	j     *journal.Journal
	dir   string
	key   seal.Key
	dests []Destination
	n     int
	step  func(string) error
	halt  func()
}

func newHouse(t *testing.T, dests ...Destination) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), key: seal.NewKey(), dests: dests}
	secret, _, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	h.j, err = journal.Open(t.Context(), filepath.Join(h.dir, "journal"), h.key, signer, journal.Options{MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.stop()
		if err := h.j.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) start() {
	h.t.Helper()
	r, err := Open(h.t.Context(), h.j, h.dests, Options{Dir: h.dir, Key: h.key, Retry: time.Millisecond})
	if err != nil {
		h.t.Fatal(err)
	}
	h.Relay, r.step = r, h.step
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := r.Run(ctx); err != nil {
			h.t.Error(err)
		}
	})
	h.halt = func() { stop(); wg.Wait(); h.halt = nil }
}

func (h *house) stop() {
	if h.halt != nil {
		h.halt()
	}
}

// message is one of a feed: about a patient, with a text.
func message(n int, typ, patient string) []byte {
	return fmt.Appendf(nil, "MSH|^~\\&|KIS|HAUS|ARCHIV||20261121080000||%s|M%04d|P|2.5\rPID|1||%s^^^HAUS^PI\rZZZ|%d|Größe 1 & 2\r", typ, n, patient, n)
}

// receives stores a message of a feed and returns it.
func (h *house) receives(feed, typ, patient string) []byte {
	h.t.Helper()
	h.n++
	raw := message(h.n, typ, patient)
	h.stores(feed, raw)
	return raw
}

func (h *house) stores(feed string, raw []byte) journal.Seq {
	h.t.Helper()
	seq, err := h.j.Append(h.t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.HL7, Source: feed, Body: raw})
	if err != nil {
		h.t.Fatal(err)
	}
	return seq
}

// until waits until the destination's standing fits.
func (h *house) until(name string, fits func(Standing) bool) Standing {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	for {
		moved := h.changed()
		all := h.Standings()
		i := slices.IndexFunc(all, func(s Standing) bool { return s.Name == name })
		if fits(all[i]) {
			return all[i]
		}
		select {
		case <-moved:
		case <-time.After(time.Millisecond): // what is stuck is in no record
		case <-ctx.Done():
			h.t.Fatalf("the forwarding stands still: %+v", all[i])
		}
	}
}

func idle(s Standing) bool { return s.Waiting == 0 && s.Stuck == nil }

func receiver(t *testing.T, o fakekis.Options) *fakekis.KIS {
	t.Helper()
	k, err := fakekis.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Stop)
	return k
}

func to(name string, k *fakekis.KIS, feeds ...string) Destination {
	return Destination{Name: name, Feeds: feeds, Address: k.Addr(), Dial: hl7.ClientOptions{Answer: time.Minute}, Repeats: true}
}

// holds reports whether the receiver holds exactly these messages, in order.
func holds(t *testing.T, k *fakekis.KIS, want ...[]byte) {
	t.Helper()
	got := k.Accepted()
	if len(got) != len(want) {
		t.Errorf("%d messages arrived, want %d", len(got), len(want))
		return
	}
	for i := range want {
		if !bytes.Equal(got[i].Raw, want[i]) {
			t.Errorf("message %d is\n%q, was\n%q", i, got[i].Raw, want[i])
		}
	}
}

var it = clinical.Staff{ID: "it", Name: "R. Vogel"}

func TestEachMessageOfAFeedArrivesAsItCameInAndInOrder(t *testing.T) {
	t.Parallel()
	k := receiver(t, fakekis.Options{})
	d := to("archiv", k, "kis", "lis")
	d.Types = []string{"ADT", "ORU^R01"}
	h := newHouse(t, d)
	h.receives("kis", "ADT^A01", "100") // before the destination began
	h.start()
	var want [][]byte
	for i := range 20 {
		want = append(want, h.receives("kis", "ADT^A08", fmt.Sprint(100+i%3)), h.receives("lis", "ORU^R01", "100"))
		h.receives("kis", "ORM^O01", "100") // another type
		h.receives("ris", "ADT^A08", "100") // another feed
	}
	s := h.until("archiv", func(s Standing) bool { return s.Passed == 40 && idle(s) })
	if s.Last.IsZero() || len(s.Aside) != 0 {
		t.Errorf("%+v", s)
	}
	holds(t, k, want...)
}

func TestADeadReceiverHoldsUpNobody(t *testing.T) {
	t.Parallel()
	alive, dead := receiver(t, fakekis.Options{}), receiver(t, fakekis.Options{})
	dead.Stop()
	h := newHouse(t, to("archiv", alive, "kis"), to("register", dead, "kis"))
	h.start()
	var want [][]byte
	for range 30 {
		want = append(want, h.receives("kis", "ADT^A08", "100"))
	}
	h.until("archiv", func(s Standing) bool { return s.Passed == 30 && idle(s) })
	holds(t, alive, want...)
	s := h.until("register", func(s Standing) bool { return s.Waiting == 30 && s.Stuck != nil })
	if s.Stuck.Control != "M0001" || s.Oldest.IsZero() || s.Passed != 0 {
		t.Errorf("%+v %+v", s, s.Stuck)
	}
	h.stop() // a night passes
	h.start()
	if err := dead.Start(); err != nil {
		t.Fatal(err)
	}
	h.until("register", func(s Standing) bool { return s.Passed == 30 && idle(s) })
	holds(t, dead, want...)
}

func TestARefusedMessageWaitsForAPersonWithThoseOfItsPatient(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]Decision{"sent again": Again, "left out": Skip} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := receiver(t, fakekis.Options{Rules: []fakekis.Rule{{Control: "M0001", Times: 2, Do: fakekis.Refuse, Text: "Patient gesperrt"}}})
			h := newHouse(t, to("archiv", k, "kis"))
			h.start()
			a1, b1 := h.receives("kis", "ADT^A01", "100"), h.receives("kis", "ADT^A01", "200")
			a2, b2 := h.receives("kis", "ADT^A08", "100"), h.receives("kis", "ADT^A08", "200")
			s := h.until("archiv", func(s Standing) bool { return s.Passed == 2 && idle(s) })
			holds(t, k, b1, b2)
			if len(s.Aside) != 2 || s.Aside[0].Text != "Patient gesperrt" || s.Aside[0].Code != "AE" || !s.Aside[1].Behind || s.Aside[1].Control != "M0003" {
				t.Fatalf("%+v", s.Aside)
			}
			h.stop() // nothing of it is lost over a restart
			h.start()
			act := journal.NewID()
			seqs := []journal.Seq{s.Aside[0].Seq}
			for range 2 { // pressed twice
				if err := h.Decide(t.Context(), act, "archiv", decide, seqs, it); err != nil {
					t.Fatal(err)
				}
			}
			if decide == Skip {
				s := h.until("archiv", func(s Standing) bool { return len(s.Aside) == 0 && idle(s) })
				holds(t, k, b1, b2, a2)
				if s.Skipped != 1 || s.Passed != 3 {
					t.Errorf("%+v", s)
				}
				if err := h.Decide(t.Context(), journal.NewID(), "archiv", Skip, seqs, it); fault.KindOf(err) != fault.NotFound {
					t.Errorf("decided twice: %v", err)
				}
				return
			}
			h.until("archiv", func(s Standing) bool { return len(s.Aside) == 2 && !s.Aside[0].Again }) // refused once more
			holds(t, k, b1, b2)
			if err := h.Decide(t.Context(), journal.NewID(), "archiv", Again, seqs, it); err != nil {
				t.Fatal(err)
			}
			h.until("archiv", func(s Standing) bool { return len(s.Aside) == 0 && s.Passed == 4 })
			holds(t, k, b1, b2, a1, a2)
		})
	}
}

// One message to which a receiver never answers is skipped by a person; the
// others then arrive.
func TestAMessageWithoutAnAnswerCanBeLeftOut(t *testing.T) {
	t.Parallel()
	k := receiver(t, fakekis.Options{Rules: []fakekis.Rule{{Control: "M0001", Do: fakekis.CutBefore}}})
	h := newHouse(t, to("archiv", k, "kis"))
	h.start()
	h.receives("kis", "ADT^A01", "100")
	next := h.receives("kis", "ADT^A08", "100")
	s := h.until("archiv", func(s Standing) bool { return s.Stuck != nil && s.Stuck.Tries > 2 })
	if err := h.Decide(t.Context(), journal.NewID(), "archiv", Again, []journal.Seq{s.Stuck.Seq}, it); fault.KindOf(err) != fault.NotFound {
		t.Errorf("what is tried anyway is sent again: %v", err)
	}
	if err := h.Decide(t.Context(), journal.NewID(), "archiv", Skip, []journal.Seq{s.Stuck.Seq}, it); err != nil {
		t.Fatal(err)
	}
	s = h.until("archiv", func(s Standing) bool { return s.Passed == 1 && idle(s) })
	if s.Skipped != 1 {
		t.Errorf("%+v", s)
	}
	holds(t, k, next)
}

func TestWhatCannotBeConfirmedIsWithAPerson(t *testing.T) {
	t.Parallel()
	k := receiver(t, fakekis.Options{})
	h := newHouse(t, to("archiv", k, "kis"))
	h.start()
	h.stores("kis", []byte("kein HL7"))
	h.stores("kis", []byte("MSH|^~\\&|KIS|HAUS|||20261121080000||ADT^A01|N1|P|2.5|||NE|NE\rPID|1||1\r"))
	want := h.receives("kis", "ADT^A01", "100")
	s := h.until("archiv", func(s Standing) bool { return s.Passed == 1 && idle(s) })
	if len(s.Aside) != 2 || s.Aside[0].Text == "" || s.Aside[1].Text == "" {
		t.Errorf("%+v", s.Aside)
	}
	holds(t, k, want)
}

func TestANarrowerConfigurationLeavesNothingWaiting(t *testing.T) {
	t.Parallel()
	k := receiver(t, fakekis.Options{})
	k.Stop()
	h := newHouse(t, to("archiv", k, "kis"))
	h.start()
	h.receives("kis", "ORU^R01", "100")
	want := h.receives("kis", "ADT^A01", "100")
	h.receives("kis", "ORU^R01", "100")
	h.until("archiv", func(s Standing) bool { return s.Waiting == 3 })
	h.stop()
	h.dests[0].Types = []string{"ADT"}
	h.start()
	if err := k.Start(); err != nil {
		t.Fatal(err)
	}
	h.until("archiv", func(s Standing) bool { return s.Passed == 1 && idle(s) })
	holds(t, k, want)
}

// TestAKillAtAnyStepLosesAndDoublesNothing kills the process before a message
// leaves, when its answer is there, and when that was written down, at each
// occurrence in turn, until everything arrived.
func TestAKillAtAnyStepLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, repeats := range []bool{true, false} {
		for _, where := range []string{"sending", "answered", "noted"} {
			t.Run(fmt.Sprint(where, " ", repeats), func(t *testing.T) {
				t.Parallel()
				k := receiver(t, fakekis.Options{Doubles: !repeats, Rules: []fakekis.Rule{{Control: "M0003", Do: fakekis.Refuse}}})
				d := to("archiv", k, "kis")
				d.Repeats = repeats
				h := newHouse(t, d)
				var calls, kills atomic.Int64
				dead := make(chan struct{}, 1)
				h.step = func(what string) error { // dies at the 1st, then at the 2nd, the 3rd … time
					if what != where || calls.Add(1) <= kills.Load() || kills.Load() >= 6 {
						return nil
					}
					calls.Store(0)
					kills.Add(1)
					select {
					case dead <- struct{}{}:
					default:
					}
					return errKilled
				}
				h.start()
				var want [][]byte
				for i := range 12 {
					want = append(want, h.receives("kis", "ADT^A08", fmt.Sprint(i%2)))
				}
				alive := func(through func(Standing) bool) func(Standing) bool {
					return func(s Standing) bool {
						select {
						case <-dead:
							h.stop()
							if err := os.Remove(filepath.Join(h.dir, savedName)); err != nil && !os.IsNotExist(err) {
								t.Fatal(err)
							}
							h.start() // a killed process saved nothing
							return false
						default:
							return through(s)
						}
					}
				}
				s := h.until("archiv", alive(func(s Standing) bool { return idle(s) && s.Passed+uint64(len(s.Aside)) >= 12 }))
				if kills.Load() == 0 {
					t.Error("it was never killed")
				}
				if len(s.Aside) == 0 || s.Aside[0].Control != "M0003" {
					t.Fatalf("%+v", s.Aside)
				}
				k.SetRules()
				if err := h.Decide(t.Context(), journal.NewID(), "archiv", Again, []journal.Seq{s.Aside[0].Seq}, it); err != nil {
					t.Fatal(err)
				}
				h.until("archiv", alive(func(s Standing) bool { return idle(s) && len(s.Aside) == 0 }))
				arrived(t, k, want, repeats, int(kills.Load()))
			})
		}
	}
}

// arrived compares what the receiver holds with what was sent: everything, each
// patient's in order, none twice but as many as the kills explain where the
// receiver does not know repeats.
func arrived(t *testing.T, k *fakekis.KIS, want [][]byte, repeats bool, kills int) {
	t.Helper()
	seen, twice := map[string]int{}, 0
	order := map[string][]string{}
	for _, a := range k.Accepted() {
		if seen[a.Control]++; seen[a.Control] > 1 {
			twice++
			continue
		}
		m, err := hl7.Parse(a.Raw)
		if err != nil {
			t.Fatal(err)
		}
		order[m.Get("PID-3.1")] = append(order[m.Get("PID-3.1")], a.Control)
	}
	if len(seen) != len(want) {
		t.Errorf("%d of %d messages arrived", len(seen), len(want))
	}
	for patient, list := range order {
		if !slices.IsSorted(list) {
			t.Errorf("of patient %s they arrived as %s", patient, strings.Join(list, " "))
		}
	}
	if repeats && twice > 0 || twice > kills {
		t.Errorf("%d messages are there twice after %d kills", twice, kills)
	}
}

func TestTheSavedStateIsSealedAndCanBeLost(t *testing.T) {
	t.Parallel()
	k := receiver(t, fakekis.Options{Rules: []fakekis.Rule{{Control: "M0002", Do: fakekis.Refuse, Text: "Geheimnis"}}})
	h := newHouse(t, to("archiv", k, "kis"))
	h.start()
	for range 5 {
		h.receives("kis", "ADT^A08", "4711")
	}
	was := h.until("archiv", func(s Standing) bool { return s.Passed == 1 && len(s.Aside) == 4 })
	h.stop()
	file := filepath.Join(h.dir, savedName)
	b, err := os.ReadFile(file)
	if err != nil || bytes.Contains(b, []byte("Geheimnis")) || bytes.Contains(b, []byte("4711")) {
		t.Fatalf("%v %q", err, b)
	}
	for _, damage := range [][]byte{b, nil, b[:len(b)/2], []byte("nichts")} {
		if err := os.WriteFile(file, damage, 0o600); err != nil {
			t.Fatal(err)
		}
		h.start()
		now := h.until("archiv", idle)
		if now.Passed != was.Passed || len(now.Aside) != 4 || now.Aside[3].Control != was.Aside[3].Control {
			t.Errorf("%+v, was %+v", now, was)
		}
		h.stop()
	}
	holds(t, k, message(1, "ADT^A08", "4711"))
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"passed","dest":"archiv","to":7,"n":3}`))
	f.Add([]byte(`{"v":1,"t":"refused","dest":"archiv","to":9,"control":"M1","patient":"1^H"}`))
	f.Add([]byte(`{"v":1,"t":"decided","dest":"archiv","how":"skip","seqs":[9,12]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		fold := newFold(nil)
		fold.Dests["archiv"] = &standing{}
		for range 2 {
			fold.apply(&journal.Record{Seq: fold.Applied + 1, Kind: journal.Forward, Body: body})
		}
		s := fold.Dests["archiv"]
		if s.Handled > s.Seen {
			t.Errorf("more is done with than arrived: %+v", s)
		}
	})
}
