package handback_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

var (
	trials    = flag.Int("trials", 60, "how many hand-backs with crashes and a KIS that misbehaves")
	trialFrom = flag.Uint64("trial", 1, "seed of the first of them")
)

const day0 = "2026-11-21T06:00:00Z"

// trial is one hand-back in which everything that can go wrong does: the process
// dies between any two steps, and its folder comes back as it was, older, or
// empty; the KIS refuses, is silent, answers late or to something else, cuts
// connections and dies; people release, recall, stop, correct and withdraw.
type trial struct {
	t    *testing.T
	r    *rand.Rand
	dir  string
	key  seal.Key
	j    *journal.Journal
	c    *chart.Chart
	kis  *fakekis.KIS
	to   handback.Target
	calm bool // nobody decides anything after the release: then the order must be kept

	b     *handback.Book
	life  context.Context
	end   context.CancelFunc
	done  chan error
	fuse  atomic.Int64 // so many points until the process dies; negative: it lives
	image string       // an older copy of the derived file, "" for none
	lives int

	roots    []string
	versions map[string][]entry.Entry // by root, the first one first
	released map[string]bool          // keys of versions that a person released
	unclear  map[string]bool          // roots that people had to look for
	signed   int
	alarm    atomic.Bool // the queue paused by itself
}

func newTrial(t *testing.T, seed uint64) *trial {
	t.Helper()
	x := &trial{
		t: t, r: rand.New(rand.NewPCG(seed, 4)), dir: t.TempDir(), key: seal.NewKey(), calm: seed%3 == 0,
		versions: map[string][]entry.Entry{}, released: map[string]bool{}, unclear: map[string]bool{},
	}
	secret, _, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	if x.j, err = journal.Open(t.Context(), filepath.Join(x.dir, "journal"), x.key, signer, journal.Options{MinFree: -1}); err != nil {
		t.Fatal(err)
	}
	site, err := interpret.Compile(interpret.Tables{}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if x.c, err = chart.Open(t.Context(), chart.Config{Dir: filepath.Join(x.dir, "chart"), Key: x.key.Derive("chart"), Zone: time.UTC}, x.j, site); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	folded := make(chan error, 1)
	go func() { folded <- x.c.Run(ctx) }()
	repeats := x.r.IntN(3) > 0
	x.kis, err = fakekis.New(fakekis.Options{Authority: "HAUS", Seed: seed, Doubles: !repeats, Chances: x.mischief()})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.kis.Start(); err != nil {
		t.Fatal(err)
	}
	x.to = handback.Target{
		Target: message.Target{
			Name: "kis", Version: "2.5", Charset: "UNICODE UTF-8", SendingApp: "NOTBETRIEB", ReceivingApp: "KIS", Authority: "HAUS", Zone: time.UTC,
			Takes: message.DefaultTakes(), Enhanced: x.r.IntN(3) == 0,
		},
		System: "kis", Address: x.kis.Addr(), Lanes: 1 + x.r.IntN(4), Repeats: repeats, Slow: time.Millisecond,
		Dial: hl7.ClientOptions{Answer: 40 * time.Millisecond}, // one that comes later is a late answer: the proof is that this does no harm
	}
	t.Cleanup(func() {
		x.stop()
		stop()
		x.kis.Stop()
		if err := errors.Join(<-folded, x.c.Close(), x.j.Close()); err != nil {
			t.Error(err)
		}
	})
	return x
}

// mischief is what the KIS does beside accepting, per mille.
func (x *trial) mischief() map[fakekis.Behaviour]int {
	out := map[fakekis.Behaviour]int{}
	all := []fakekis.Behaviour{
		fakekis.Silent, fakekis.TakeSilent, fakekis.Late, fakekis.WrongID, fakekis.Garbage, fakekis.CutBefore, fakekis.CutAfter, fakekis.DieBefore, fakekis.DieAfter,
	}
	if !x.calm {
		all = append(all, fakekis.Refuse, fakekis.Reject, fakekis.RefuseLater)
	}
	for range 1 + x.r.IntN(5) {
		out[all[x.r.IntN(len(all))]] = 30 + x.r.IntN(120)
	}
	return out
}

// rise starts the process on the folder.
func (x *trial) rise() {
	x.t.Helper()
	x.lives++
	b, err := handback.Open(x.t.Context(), x.folder(), x.key, x.j, x.c, []handback.Target{x.to}, handback.Options{Retry: 2 * time.Millisecond, Braked: func(_ string, now bool) { x.alarm.Store(now) }})
	if err != nil {
		x.t.Fatal(err)
	}
	x.fuse.Store(-1)
	if x.lives < 8 && x.r.IntN(3) > 0 {
		x.fuse.Store(int64(1 + x.r.IntN(14)))
	}
	life, end := context.WithCancel(context.Background())
	b.Dies(func(string) bool {
		if x.fuse.Add(-1) != 0 {
			return false
		}
		end() // what is in the middle of something stops there
		return true
	})
	x.b, x.life, x.end, x.done = b, life, end, make(chan error, 1)
	go func() { x.done <- b.Run(life) }()
}

func (x *trial) folder() string { return filepath.Join(x.dir, fmt.Sprint("back-", x.lives)) }

// bury ends the process where it is, and lets its folder come back as a crash, a
// backup or a lost disk leaves it.
func (x *trial) bury() {
	x.t.Helper()
	x.b.Kill()
	x.end()
	if err := <-x.done; err != nil {
		x.t.Fatal("run:", err)
	}
	old := x.folder()
	next := filepath.Join(x.dir, fmt.Sprint("back-", x.lives+1))
	switch x.r.IntN(4) {
	case 0: // lost
	case 1: // from a backup
		if x.image != "" {
			x.copy(x.image, next)
		}
	default:
		x.copy(old, next) // before it is closed: with what was written and not yet moved to its place
	}
	if x.r.IntN(3) == 0 {
		x.image = old + "-kept"
		x.copy(old, x.image)
	}
	if err := x.b.Close(); err != nil {
		x.t.Fatal(err)
	}
	x.b = nil
}

func (x *trial) copy(from, to string) {
	x.t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || os.MkdirAll(to, 0o700) != nil {
		x.t.Fatal("copy:", err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(from, e.Name()))
		if errors.Is(err, fs.ErrNotExist) { // the database has just tidied up behind itself
			continue
		}
		if err != nil || os.WriteFile(filepath.Join(to, e.Name()), raw, 0o600) != nil {
			x.t.Fatal("copy:", err)
		}
	}
}

func (x *trial) stop() {
	if x.b != nil {
		x.end()
		if err := errors.Join(<-x.done, x.b.Close()); err != nil {
			x.t.Error(err)
		}
		x.b = nil
	}
}

// does lets a person do something. Where the process dies meanwhile, the same
// act is done again once it is back.
func (x *trial) does(act func(ctx context.Context) error) {
	x.t.Helper()
	for {
		if x.life.Err() != nil {
			x.bury()
			x.rise()
		}
		err := act(x.life)
		if err == nil || x.life.Err() == nil && !x.b.Dead() {
			if err != nil {
				x.t.Fatal("a person's act:", err)
			}
			return
		}
	}
}

func (x *trial) mode(m handback.Mode) {
	x.t.Helper()
	id := journal.NewID()
	x.does(func(ctx context.Context) error { return x.b.SetMode(ctx, id, "kis", m, act("it")) })
}

// decide lets a person decide about items as they stand now.
func (x *trial) decide(d handback.Decision, some func(handback.Item) bool) int {
	x.t.Helper()
	var items []handback.Item
	x.does(func(ctx context.Context) error {
		all, err := x.b.Items(ctx, "kis", handback.Filter{})
		items = nil
		for _, it := range all {
			if some(it) {
				items = append(items, it)
			}
		}
		return err
	})
	if len(items) == 0 {
		return 0
	}
	id, by := journal.NewID(), act("arzt")
	by.Why = "im KIS nachgesehen"
	if d == handback.Release || d == handback.Resend {
		for _, it := range items {
			x.released[it.Key] = true
		}
	}
	x.does(func(ctx context.Context) error { return x.b.Decide(ctx, id, "kis", d, items, by) })
	return len(items)
}

func act(who string) handback.Act {
	return handback.Act{By: clinical.Staff{ID: who, Name: who}, At: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
}

// signs appends a version of an entry: the first one, of somebody and a form
// that the dice choose, where old is nil.
func (x *trial) signs(old *entry.Entry, withdraws bool) {
	x.t.Helper()
	x.writes(old, withdraws, fmt.Sprint(100+x.r.IntN(3)), forms[x.r.IntN(len(forms))])
}

func (x *trial) writes(old *entry.Entry, withdraws bool, patient, form string) {
	x.t.Helper()
	x.signed++
	key := journal.NewID()
	start, err := time.Parse(time.RFC3339, day0)
	if err != nil {
		x.t.Fatal(err)
	}
	at := start.Add(time.Duration(x.signed) * time.Minute)
	e := entry.Entry{Key: key.String(), Root: key.String(), State: entry.Signed, Ward: "3A", At: at, Written: at, By: clinical.Staff{ID: "pflege", Name: "Weber, S."}}
	if old == nil {
		id := clinical.Identifier{Value: patient, Authority: "HAUS", Type: "PI"}
		e.Patient, e.IDs, e.Case = id.Key(), []clinical.Identifier{id}, clinical.CaseNo("F"+id.Value)
		e.Form = form
		e.Facts = x.facts(e.Form, e.Root, at)
		x.roots = append(x.roots, e.Root)
	} else {
		e.Root, e.Corrects, e.Patient, e.IDs, e.Case, e.Form, e.Withdrawn = old.Root, old.Key, old.Patient, old.IDs, old.Case, old.Form, withdraws
		if withdraws {
			e.Facts = entry.Retract(old.Facts)
		} else {
			e.Facts = entry.Supersede(old.Facts, x.facts(e.Form, e.Root, at))
		}
	}
	body, err := e.Encode()
	if err != nil {
		x.t.Fatal(err)
	}
	seq, err := x.j.Append(x.t.Context(), journal.Record{ID: key, Kind: journal.Entry, Source: entry.Feed, Time: at, Body: body})
	if err != nil {
		x.t.Fatal(err)
	}
	x.versions[e.Root] = append(x.versions[e.Root], e)
	x.does(func(ctx context.Context) error { return x.b.Wait(ctx, seq) })
}

// forms of the trials: one message, two, a movement that others wait behind, and
// one of which a part is left to a person.
var forms = []string{"vitals", "round", "transfer", "warned"}

// facts are what a form says; every version says something of its own.
func (x *trial) facts(form, root string, at time.Time) entry.Facts {
	n := float64(x.signed)
	number := entry.Number(root)
	pulse := clinical.Result{
		Filler: number, SubID: "pulse", Code: clinical.Coded{Code: "8867-4", Text: "Puls", System: "LN"}, Section: clinical.Vitals,
		Value: fmt.Sprint(n), Number: &n, Unit: "/min", Status: clinical.Final, At: at,
	}
	switch form {
	case "round":
		return entry.Facts{pulse, clinical.Document{
			ID: number, Kind: clinical.Coded{Code: "note", Text: "Verlauf"}, Title: "Verlauf", Status: clinical.Final, At: at, Media: "text/plain", Text: fmt.Sprint("Befinden ", n),
		}}
	case "transfer":
		return entry.Facts{clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.Transfer, Event: "A02", Start: at, To: clinical.Place{Ward: "3A", Room: fmt.Sprint(n)}}}
	case "warned":
		return entry.Facts{pulse, clinical.Alert{Kind: clinical.Cave, What: clinical.Coded{Text: "Sturzgefahr"}, Action: clinical.Insert}}
	}
	return entry.Facts{pulse}
}

// parts of an entry of a form that go as messages.
func parts(form string) []string {
	switch form {
	case "round":
		return []string{"vitals/1", "document/1"}
	case "transfer":
		return []string{"admission/1"}
	}
	return []string{"vitals/1"}
}

func TestHandBackIsExactlyOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	var sum struct {
		sync.Mutex
		lives, entries, messages, byHand int
	}
	t.Cleanup(func() {
		t.Logf("%d hand-backs, %d entries, %d processes, %d messages reached the KIS, %d entries with people", *trials, sum.entries, sum.lives, sum.messages, sum.byHand)
	})
	for i := range uint64(*trials) {
		seed := *trialFrom + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			x := newTrial(t, seed)
			x.rise()
			x.chaos()
			byHand := x.judge(x.settle())
			sum.Lock()
			defer sum.Unlock()
			sum.lives, sum.entries, sum.messages, sum.byHand = sum.lives+x.lives, sum.entries+len(x.roots), sum.messages+len(x.kis.Arrived()), sum.byHand+byHand
		})
	}
}
