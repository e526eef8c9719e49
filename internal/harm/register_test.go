package harm

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/seal"
)

func late() time.Time { return on("19 09:17") }

func options(t *testing.T) Options {
	t.Helper()
	return Options{Dir: t.TempDir(), Key: seal.NewKey(), Zone: berlin, Now: late}
}

func register(t *testing.T, j Journal, o Options) *Register {
	t.Helper()
	g, err := Open(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func by(person, key string, seen uint64, refs ...string) Command {
	c := Command{Key: key, Person: person, Name: "Fr. " + person, Patient: "HAUS:1", Seen: seen}
	for _, r := range refs {
		c.Found = append(c.Found, Touched{Ref: r, Kind: Dose, What: "Ramipril 5 mg", At: on("19 08:00"), From: on("19 09:00")})
	}
	return c
}

func well(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTakenSettledAndOpenedAgain(t *testing.T) {
	t.Parallel()
	j := journaltest.Open(t, journal.Options{Now: late})
	g := register(t, j, options(t))
	ctx := t.Context()
	well(t, g.Take(ctx, by("weber", "k1", 0, "a", "b")))
	s := g.States("HAUS:1")
	if s["a"].Owner.Person != "weber" || !s["b"].Open() {
		t.Fatalf("taken: %+v", s)
	}
	journaltest.Refused(t, "settled on an old page", g.Settle(ctx, by("lange", "k2", 0, "a"), NoHarm, ""), fault.Conflict, "Fr. weber", "09:17")
	seen := s["a"].Act
	journaltest.Refused(t, "harm without words", g.Settle(ctx, by("weber", "k3", seen, "a"), Harmed, " "), fault.Invalid)
	journaltest.Refused(t, "no outcome", g.Settle(ctx, by("weber", "k3", seen, "a"), "gut", "x"), fault.Invalid)
	journaltest.Refused(t, "nothing chosen", g.Settle(ctx, by("weber", "k3", seen), NoHarm, ""), fault.Invalid)
	well(t, g.Settle(ctx, by("weber", "k4", seen, "a"), NoHarm, "gegeben, Kurve liegt im Zimmer"))
	well(t, g.Settle(ctx, by("weber", "k4", seen, "a"), NoHarm, "gegeben, Kurve liegt im Zimmer"))
	journaltest.Refused(t, "the same form with another content", g.Settle(ctx, by("weber", "k4", seen, "a"), Averted, "doch nicht"), fault.Conflict)
	s = g.States("HAUS:1")
	if a := s["a"]; a.Open() || a.Outcome != NoHarm || a.By.Name != "Fr. weber" || j.Head() != 2 {
		t.Fatalf("settled: %+v, %d records", a, j.Head())
	}
	if !reflect.DeepEqual(g.States("HAUS:9", "HAUS:1"), s) || len(g.States("HAUS:9")) != 0 {
		t.Error("what was done under a merged number is not found")
	}
	well(t, g.Reopen(ctx, by("weber", "k5", s["a"].Act, "a")))
	well(t, g.Release(ctx, by("weber", "k6", g.States("HAUS:1")["a"].Act, "a")))
	if a := g.States("HAUS:1")["a"]; !a.Open() || a.Owner.Person != "" {
		t.Errorf("opened again: %+v", a)
	}
}

func TestTwoPeopleAtOnce(t *testing.T) {
	t.Parallel()
	g := register(t, journaltest.Open(t, journal.Options{Now: late}), options(t))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won, told := 0, 0
	for i := range 12 {
		wg.Go(func() {
			who := string(rune('a' + i))
			err := g.Take(t.Context(), by(who, who, 0, "x"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if fault.KindOf(err) == fault.Conflict {
				told++
			}
		})
	}
	wg.Wait()
	if won != 1 || told != 11 {
		t.Errorf("%d won, %d were told", won, told)
	}
}

func event() Event {
	return Event{What: "Heparin doppelt gegeben, zwei Bögen lagen da", At: on("19 05:42"), Ward: "3A", Kind: EventMedication, Degree: Reached, Factors: []Factor{FactorPaper}}
}

// TestAnAnonymousReportHasNoAuthor reads the journal as somebody with its key
// would: nothing in the record says who, and no minute when.
func TestAnAnonymousReportHasNoAuthor(t *testing.T) {
	t.Parallel()
	j := journaltest.Open(t, journal.Options{Now: late})
	g := register(t, j, options(t))
	id, err := g.Submit(t.Context(), "k1", nil, event())
	well(t, err)
	recs, err := j.Read(t.Context(), 1, 10)
	well(t, err)
	r := recs[0]
	if bytes.Contains(r.Body, []byte(`"by"`)) || bytes.Contains(r.Body, []byte("05:42")) || bytes.Contains(r.Body, []byte("04:42")) || r.Patient != "" || r.Time.Minute() != 0 {
		t.Errorf("the record tells: %s, %+v", r.Body, r)
	}
	rep, err := g.Report(id)
	well(t, err)
	if rep.By != nil || rep.Stored.Minute() != 0 || rep.Event.At.Minute() != 0 || rep.Status != New {
		t.Errorf("report %+v", rep)
	}
	about := event()
	about.Patient = "HAUS:1"
	_, err = g.Submit(t.Context(), "k2", nil, about)
	journaltest.Refused(t, "anonymous about a chart", err, fault.Invalid, "nicht anonym")
}

func TestAReportAndWhatFollows(t *testing.T) {
	t.Parallel()
	g := register(t, journaltest.Open(t, journal.Options{Now: late}), options(t))
	ctx := t.Context()
	short := event()
	short.What = "kurz"
	_, err := g.Submit(ctx, "k0", &Act{Person: "weber"}, short)
	journaltest.Refused(t, "too short", err, fault.Invalid)
	id, err := g.Submit(ctx, "k1", &Act{Person: "weber", Name: "S. Weber"}, event())
	well(t, err)
	again, err := g.Submit(ctx, "k1", &Act{Person: "weber", Name: "S. Weber"}, event())
	well(t, err)
	if again != id || len(g.Reports()) != 1 {
		t.Errorf("sent twice: %d reports", len(g.Reports()))
	}
	rep := g.Reports()[0]
	well(t, g.Review(ctx, "k2", Act{Person: "stein", Name: "Dr. A. Stein"}, id, rep.Act, Decided, "ein Bogen je Bett"))
	journaltest.Refused(t, "an old page", g.Review(ctx, "k3", Act{Person: "adler"}, id, rep.Act, Closed, ""), fault.Conflict, "Dr. A. Stein")
	journaltest.Refused(t, "no such report", g.Review(ctx, "k4", Act{Person: "adler"}, "unheard-of", 0, Closed, ""), fault.NotFound)
	if rep, err = g.Report(id); err != nil || rep.Status != Decided || rep.Measures != "ein Bogen je Bett" || rep.By.Name != "S. Weber" {
		t.Errorf("%+v, %v", rep, err)
	}
}

func TestRestartAndRebuildGiveTheSame(t *testing.T) {
	t.Parallel()
	j, o := journaltest.Open(t, journal.Options{Now: late}), options(t)
	g := register(t, j, o)
	ctx := t.Context()
	well(t, g.Take(ctx, by("weber", "k1", 0, "a", "b")))
	well(t, g.Settle(ctx, by("weber", "k2", 1, "a"), Averted, "Arzt hat es bemerkt"))
	_, err := g.Submit(ctx, "k3", nil, event())
	well(t, err)
	_, err = j.Append(ctx, journal.Record{ID: journal.NewID(), Kind: journal.Harm, Body: []byte("kaputt")})
	well(t, err)
	well(t, g.Advance(ctx, 0))
	want, err := g.now.Fold.Bytes()
	well(t, err)
	path := filepath.Join(o.Dir, savedName)
	for what, change := range map[string]func() error{
		"kept": func() error { return nil }, "deleted": func() error { return os.Remove(path) },
		"damaged": func() error { return os.WriteFile(path, []byte("kein Zustand"), 0o600) },
	} {
		well(t, errors.Join(g.Close(), change()))
		g = register(t, j, o)
		if got, err := g.now.Fold.Bytes(); err != nil || !bytes.Equal(got, want) || g.Unreadable() != 1 {
			t.Errorf("after the file was %s\n%s, want\n%s (%v)", what, got, want, err)
		}
	}
	well(t, g.Close())
	if found, err := Check(ctx, j, o); err != nil || len(found) != 0 {
		t.Errorf("check: %+v, %v", found, err)
	}
	well(t, os.WriteFile(path, []byte("kein Zustand"), 0o600))
	if found, err := Check(ctx, j, o); err != nil || len(found) != 1 || found[0].Code != "harm-damaged" {
		t.Errorf("check of a damaged file: %+v, %v", found, err)
	}
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, []byte("Ramipril")) {
		t.Errorf("the saved state is readable: %v", err)
	}
}

func FuzzRecord(f *testing.F) {
	good, err := record{Step: Taken, By: &Act{Person: "weber", At: on("19 09:00")}, Patient: "HAUS:1", Found: []Touched{{Ref: "a"}}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"v":1,"t":"reviewed"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		fo := newFold()
		fo.apply(journal.Record{Seq: 1, ID: journal.ID{1}, Kind: journal.Harm, Body: b})
		if fo.applied != 1 {
			t.Error("the position stands still")
		}
		if _, err := fo.Bytes(); err != nil {
			t.Error(err)
		}
	})
}
