package incident

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

func systems() []System {
	return []System{
		{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}},
		{ID: "lis", Name: lang.Text{DE: "Labor (LIS)", EN: "Laboratory (LIS)"}},
		{ID: "pacs", Name: lang.Text{DE: "PACS", EN: "PACS"}},
	}
}

type desk struct {
	*Board
	t   *testing.T
	j   Journal
	o   Options
	log *bytes.Buffer
}

func newDesk(t *testing.T, j Journal) *desk {
	t.Helper()
	d := &desk{t: t, j: j, log: &bytes.Buffer{}}
	d.o = Options{Dir: t.TempDir(), Key: seal.NewKey(), Zone: time.UTC, Now: func() time.Time { return at0214 },
		Log: slog.New(slog.NewTextHandler(d.log, nil))}
	d.start()
	return d
}

func (d *desk) start() {
	d.t.Helper()
	b, err := Open(d.t.Context(), d.j, systems(), d.o)
	if err != nil {
		d.t.Fatal(err)
	}
	d.Board = b
}

func by(person, key string) Act {
	return Act{Person: person, Name: "Fr. " + person, Why: "Das KIS antwortet nicht", Key: key}
}

func (d *desk) outage(o Outage, err error) Outage {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

func TestDeclareConfirmEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t, journaltest.Open(t, journal.Options{}))
	ctx := t.Context()
	since := at0214.Add(-3 * time.Minute)
	o := d.outage(d.Declare(ctx, by("weber", ""), "kis", since, false, ""))
	if o.ID == "" || !o.Since.Equal(since) || o.Effective() || !o.Declared.At.Equal(at0214) {
		t.Errorf("declared: %+v", o)
	}
	if m := d.Mode(at0214); m.Kind != Normal || len(m.Pending) != 1 {
		t.Errorf("mode while pending: %+v", m)
	}
	again, err := d.Declare(ctx, by("lange", ""), "kis", since, false, "")
	journaltest.Refused(t, "declared by a second person", err, fault.Conflict, "KIS", "Fr. weber (19.11. 02:14 Uhr)")
	if again.ID != o.ID {
		t.Errorf("the outage that is there does not come along: %+v", again)
	}
	_, err = d.Confirm(ctx, by("weber", ""), o.ID)
	journaltest.Refused(t, "confirmed by the same person", err, fault.Conflict, "zweite Person")
	o = d.outage(d.Confirm(ctx, by("lange", ""), o.ID))
	if m := d.Mode(at0214); m.Kind != Emergency || m.Systems[0].Name.DE != "KIS" || !m.Since.Equal(since) || d.States()["kis"] != Down {
		t.Errorf("mode in force: %+v, states %v", m, d.States())
	}
	d.outage(d.AskEnd(ctx, by("lange", ""), o.ID))
	o = d.outage(d.ConfirmEnd(ctx, by("weber", ""), o.ID))
	if o.Open() || d.Mode(at0214).Kind != Normal || d.States()["kis"] != Up {
		t.Errorf("after the end: %+v", o)
	}
	if len(d.Outages(false)) != 0 || len(d.Outages(true)) != 1 || len(d.Log(0)) != 4 || d.Log(1)[0].Step != EndConfirmed {
		t.Errorf("outages %v, log %v", d.Outages(true), d.Log(0))
	}
	if err := d.SetState(ctx, by("weber", ""), "kis", CatchingUp); err != nil || d.States()["kis"] != CatchingUp {
		t.Errorf("state: %v, %v", d.States(), err)
	}
}

func TestWhatIsAskedBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, journaltest.Open(t, journal.Options{}))
	ctx := t.Context()
	silent := by("weber", "")
	silent.Why = "  "
	for what, f := range map[string]func() error{
		"no reason":         func() error { _, err := d.Declare(ctx, silent, "kis", at0214, false, ""); return err },
		"alone for nothing": func() error { _, err := d.Declare(ctx, by("weber", ""), "kis", at0214, false, "."); return err },
		"in an hour": func() error {
			_, err := d.Declare(ctx, by("weber", ""), "kis", at0214.Add(time.Hour), false, "")
			return err
		},
		"last century": func() error { _, err := d.Declare(ctx, by("weber", ""), "kis", time.Unix(0, 0), false, ""); return err },
		"nobody":       func() error { _, err := d.Declare(ctx, Act{Why: "Ausfall"}, "kis", at0214, false, ""); return err },
		"novel": func() error {
			a := by("weber", "")
			a.Why = strings.Repeat("lang ", 1000)
			_, err := d.Declare(ctx, a, "kis", at0214, false, "")
			return err
		},
		"end alone for nothing": func() error { _, err := d.EndAlone(ctx, by("weber", ""), "x", " "); return err },
		"invented state":        func() error { return d.SetState(ctx, by("weber", ""), "kis", "asleep") },
		"corrected to nothing":  func() error { _, err := d.Correct(ctx, by("weber", ""), "x", time.Time{}); return err },
	} {
		journaltest.Refused(t, what, f(), fault.Invalid)
	}
	_, err := d.Declare(ctx, by("weber", ""), "kaffee", at0214, false, "")
	journaltest.Refused(t, "unknown system", err, fault.NotFound)
	_, err = d.Confirm(ctx, by("weber", ""), "unheard-of")
	journaltest.Refused(t, "unknown outage", err, fault.NotFound)
	if len(d.Log(0)) != 0 || d.Seq() != 0 {
		t.Errorf("something was recorded: %v", d.Log(0))
	}
}

func TestTheSameCommandTwiceIsOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, journaltest.Open(t, journal.Options{}))
	ctx := t.Context()
	o := d.outage(d.Declare(ctx, by("weber", "form-1"), "kis", at0214, false, ""))
	if again := d.outage(d.Declare(ctx, by("weber", "form-1"), "kis", at0214, false, "")); again != o {
		t.Errorf("again: %+v, want %+v", again, o)
	}
	d.outage(d.Confirm(ctx, by("lange", "form-2"), o.ID))
	d.start() // another process: the outcome is known after a restart
	o = d.outage(d.Confirm(ctx, by("lange", "form-2"), o.ID))
	if !o.Effective() || len(d.Log(0)) != 2 {
		t.Errorf("%+v, log %v", o, d.Log(0))
	}
	_, err := d.AskEnd(ctx, by("lange", "form-2"), o.ID)
	journaltest.Refused(t, "the key of another act", err, fault.Conflict)
	_, err = d.Confirm(ctx, by("vogel", "form-2"), o.ID)
	journaltest.Refused(t, "the key of another person", err, fault.Conflict)
}

func TestTwoPeopleAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, journaltest.Open(t, journal.Options{}))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, lost := 0, 0
	for i := range 20 {
		wg.Go(func() {
			_, err := d.Declare(t.Context(), by(string(rune('a'+i)), ""), "kis", at0214, false, "")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if fault.KindOf(err) == fault.Conflict {
				lost++
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 19 {
		t.Errorf("%d won, %d were told", won, lost)
	}
}

// second is a journal into which another hub writes first.
type second struct {
	Journal
	before func()
}

func (s *second) Append(ctx context.Context, r journal.Record) (journal.Seq, error) {
	if f := s.before; f != nil {
		s.before = nil
		f()
	}
	return s.Journal.Append(ctx, r)
}

func TestAnotherHubWasFaster(t *testing.T) {
	t.Parallel()
	j := journaltest.Open(t, journal.Options{})
	there := newDesk(t, j)
	late := &second{Journal: j}
	here := newDesk(t, late)
	late.before = func() {
		_, err := there.Declare(t.Context(), by("lange", ""), "kis", at0214, false, "")
		if err != nil {
			t.Error(err)
		}
	}
	o, err := here.Declare(t.Context(), by("weber", "form-1"), "kis", at0214, false, "")
	journaltest.Refused(t, "second by a moment", err, fault.Conflict, "Fr. lange")
	if o.Declared.Person != "lange" || len(here.Outages(true)) != 1 {
		t.Errorf("%+v", here.Outages(true))
	}
	if n := here.Log(1)[0]; n.Refused != alreadyDeclared || n.Against.Person != "lange" {
		t.Errorf("the log says %+v", n)
	}
	_, err = here.Declare(t.Context(), by("weber", "form-1"), "kis", at0214, false, "")
	journaltest.Refused(t, "sent again", err, fault.Conflict, "Fr. lange")
}

func TestRestartAndRebuildGiveTheSameBoard(t *testing.T) {
	t.Parallel()
	j := journaltest.Open(t, journal.Options{})
	d := newDesk(t, j)
	ctx := t.Context()
	o := d.outage(d.Declare(ctx, by("weber", ""), "kis", at0214, false, ""))
	d.outage(d.Confirm(ctx, by("lange", ""), o.ID))
	d.outage(d.Declare(ctx, by("vogel", ""), "lis", at0214, true, "Übung der Nachtschicht"))
	d.outage(d.Correct(ctx, by("weber", ""), o.ID, at0214.Add(-time.Hour)))
	if err := d.SetState(ctx, by("weber", ""), "pacs", Degraded); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(ctx, journal.Record{ID: journal.NewID(), Kind: journal.Outage, Body: []byte("kaputt")}); err != nil {
		t.Fatal(err)
	}
	type picture struct {
		outages []Outage
		log     []Entry
		states  map[string]State
		mode    Mode
		bad     uint64
		seq     journal.Seq
	}
	look := func() picture {
		return picture{d.Outages(true), d.Log(0), d.States(), d.Mode(at0214), d.Unreadable(), d.Seq()}
	}
	if err := d.Advance(ctx, 0); err != nil {
		t.Fatal(err)
	}
	want := look()
	if want.mode.Kind != Emergency || len(want.mode.Drill) != 1 || want.bad != 1 {
		t.Fatalf("picture is %+v", want)
	}
	path := filepath.Join(d.o.Dir, savedName)
	for what, change := range map[string]func() error{
		"kept":    func() error { return nil },
		"deleted": func() error { return os.Remove(path) },
		"damaged": func() error { return os.WriteFile(path, []byte("kein Zustand"), 0o600) },
		"sealed with another key": func() error {
			d.o.Key = seal.NewKey()
			return nil
		},
	} {
		if err := errors.Join(d.Close(), change()); err != nil {
			t.Fatal(err)
		}
		d.start()
		if got := look(); !reflect.DeepEqual(got, want) {
			t.Errorf("after the file was %s\n%+v, want\n%+v", what, got, want)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("weber")) || bytes.Contains(b, []byte("kis")) {
		t.Errorf("the saved state is readable: %v", err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBoardAheadOfTheJournalIsFoldedAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t, journaltest.Open(t, journal.Options{}))
	d.outage(d.Declare(t.Context(), by("weber", ""), "kis", at0214, false, "allein"))
	d.j = journaltest.Open(t, journal.Options{})
	d.start()
	if len(d.Outages(true)) != 0 || d.Mode(at0214).Kind != Normal {
		t.Errorf("outages of another journal: %+v", d.Outages(true))
	}
}

func TestRunFollowsTheJournal(t *testing.T) {
	t.Parallel()
	j := journaltest.Open(t, journal.Options{})
	changed := make(chan struct{}, 10)
	d := newDesk(t, j)
	d.o.Changed = func() { changed <- struct{}{} }
	d.start()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	there := newDesk(t, j)
	there.outage(there.Declare(ctx, by("weber", ""), "kis", at0214, false, "Station abgeschnitten"))
	<-changed
	if err := d.Wait(ctx, 1); err != nil || d.Mode(at0214).Kind != Emergency {
		t.Errorf("mode %+v, %v", d.Mode(at0214), err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
