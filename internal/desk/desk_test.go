package desk_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
)

// office is a journal with a desk on it.
type office struct {
	*desk.Desk
	j *journal.Journal
}

func newOffice(t *testing.T) office {
	t.Helper()
	j := journaltest.Open(t, journal.Options{})
	return office{desk.New(j, "haus", "hub"), j}
}

func written(key, temp string) entry.Entry {
	at := time.Date(2026, 11, 21, 8, 5, 0, 0, time.UTC)
	return entry.Entry{
		Key: key, Root: key, Form: "vitals", Patient: "p", IDs: []clinical.Identifier{{Value: "100"}}, At: at, Written: at,
		By: clinical.Staff{ID: "pflege", Name: "S. Weber"}, Fields: map[string]string{"temp": temp},
		Facts: entry.Facts{clinical.Result{Filler: entry.Number(key), SubID: "temp", Value: temp, Status: clinical.Final}},
	}
}

func TestASignedEntryIsOneHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := written(desk.NewKey(), "38,4")
	var wg sync.WaitGroup
	seqs := make([]journal.Seq, 8)
	for i := range seqs {
		wg.Go(func() {
			mine := e
			mine.Written = e.Written.Add(time.Duration(i) * time.Second) // the second click is later
			mine.At, mine.Seen = mine.Written, uint64(i)
			seq, err := o.Sign(t.Context(), mine)
			if err != nil {
				t.Error(err)
			}
			seqs[i] = seq
		})
	}
	wg.Wait()
	for _, s := range seqs {
		if s != seqs[0] {
			t.Errorf("places %v", seqs)
		}
	}
	if o.j.Head() != 1 {
		t.Errorf("%d records", o.j.Head())
	}
}

func TestAnotherContentUnderTheSameKeyIsAConflict(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := written(desk.NewKey(), "38,4")
	if _, err := o.Sign(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	_, err := o.Sign(t.Context(), written(e.Key, "36,6"))
	taken, ok := errors.AsType[*desk.Taken](err)
	if !ok || fault.KindOf(err) != fault.Conflict || taken.Entry.Fields["temp"] != "38,4" {
		t.Errorf("%v", err)
	}
}

func TestVersionsFormARowAndNeverFork(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := written(desk.NewKey(), "38,4")
	if _, err := o.Sign(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	first, err := o.Current(t.Context(), e.Root)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, lost := 0, 0
	for i := range 6 { // six people correct the same version at once
		wg.Go(func() {
			fix := written(desk.NewKey(), fmt.Sprintf("37,%d", i))
			fix.Reason = "Zahlendreher"
			_, err := o.Correct(t.Context(), first, fix)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case fault.KindOf(err) == fault.Conflict:
				lost++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 5 {
		t.Errorf("%d corrections stand, %d were told", won, lost)
	}
	now, err := o.Current(t.Context(), e.Root)
	if err != nil || now.Corrects != e.Key || now.Root != e.Root {
		t.Fatalf("%+v %v", now, err)
	}
	if _, err := o.Withdraw(t.Context(), now, e.By, desk.NewKey(), "falsches Bett", desk.Moment{Time: e.Written}); err != nil {
		t.Fatal(err)
	}
	all, err := o.Versions(t.Context(), e.Root)
	if err != nil || len(all) != 3 || !all[2].Withdrawn || all[2].Facts[0].(clinical.Result).Status != clinical.Withdrawn {
		t.Fatalf("%+v %v", all, err)
	}
}

func TestADraftIsKeptUntilItIsSigned(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := written(desk.NewKey(), "38,4")
	e.State, e.Facts = entry.Draft, nil
	one, err := o.Keep(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.Keep(t.Context(), e); err != nil || again != one {
		t.Errorf("kept twice: %d %d %v", one, again, err)
	}
	e.Fields = map[string]string{"temp": "38,5"}
	two, err := o.Keep(t.Context(), e)
	if err != nil || two == one {
		t.Errorf("another state: %d %v", two, err)
	}
	if _, err := o.Versions(t.Context(), e.Key); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a draft is no version: %v", err)
	}
	if _, err := o.Sign(t.Context(), written(e.Key, "38,5")); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Keep(t.Context(), e); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a signed entry became a draft again: %v", err)
	}
}

// A draft that is kept while its form is signed leaves nothing open behind,
// whichever of the two is first.
func TestADraftThatIsKeptWhileItIsSignedIsNoDraft(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 40 {
		e := written(desk.NewKey(), "38,4")
		draft := e
		draft.State, draft.Facts = entry.Draft, nil
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := o.Sign(t.Context(), e); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if _, err := o.Keep(t.Context(), draft); err != nil && fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		})
		wg.Wait()
		last, err := o.At(t.Context(), o.j.Head())
		if err != nil || last.State == entry.Draft {
			t.Fatalf("the newest of it is a draft: %v %v", last.State, err)
		}
	}
}

// A correction has a key of its own: with that of another version the row of
// versions would have no end.
func TestACorrectionHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := written(desk.NewKey(), "38,4")
	if _, err := o.Sign(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	first, err := o.Current(t.Context(), e.Root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Correct(t.Context(), first, written(e.Key, "37,4")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("under its own key: %v", err)
	}
	second := written(desk.NewKey(), "37,4")
	third := written(desk.NewKey(), "37,5")
	for _, fix := range []entry.Entry{second, third, second} { // the last one is a ring
		now, err := o.Current(t.Context(), e.Root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Correct(t.Context(), now, fix); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := o.Versions(t.Context(), e.Root); err != nil || len(all) != 4 {
		t.Errorf("%d versions, %v", len(all), err)
	}
}

func TestOnlyWholeEntriesAreKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := written(desk.NewKey(), "38,4")
	e.By = clinical.Staff{}
	if _, err := o.Sign(t.Context(), e); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if o.j.Head() != 0 {
		t.Error("it was stored")
	}
	for _, root := range []string{"", "x", desk.NewKey()} {
		if _, err := o.Current(t.Context(), root); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", root, err)
		}
	}
}

// newest is the newest state of the entry under a key.
func (o office) newest(t *testing.T, key string) entry.Entry {
	t.Helper()
	for seq := o.j.Head(); seq > 0; seq-- {
		e, err := o.At(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if e.Key == key {
			return e
		}
	}
	t.Fatal("there is no such entry")
	return entry.Entry{}
}

func TestADraftThatArrivesWhileTheFormIsSignedWaitsForNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 50 {
		e := written(desk.NewKey(), "38,4")
		draft := e
		draft.State = entry.Draft
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := o.Sign(t.Context(), e); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if _, err := o.Keep(t.Context(), draft); err != nil && fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		})
		both.Wait()
		if got := o.newest(t, e.Key); got.State == entry.Draft {
			t.Fatal("a signed form still waits as a draft")
		}
	}
}

func TestWhatIsTypedAgainIsKeptAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	key := desk.NewKey()
	for i, x := range []struct {
		temp  string
		state entry.State
	}{{"38", entry.Draft}, {"38,4", entry.Draft}, {"38", entry.Draft}, {"38", entry.Dropped}, {"38", entry.Draft}} {
		e := written(key, x.temp)
		e.State, e.Written = x.state, e.Written.Add(time.Duration(i)*time.Second)
		if _, err := o.Keep(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if got := o.newest(t, key); got.State != x.state || got.Fields["temp"] != x.temp {
			t.Errorf("step %d: %s %q is the newest, want %s %q", i, got.State, got.Fields["temp"], x.state, x.temp)
		}
	}
}
