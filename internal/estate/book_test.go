package estate

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

func noon() time.Time { return time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC) }

func bookOptions(t *testing.T) Options {
	t.Helper()
	return Options{Dir: t.TempDir(), Key: seal.NewKey(), Zone: time.UTC, Now: noon}
}

func opened(t *testing.T, j Journal, o Options) *Book {
	t.Helper()
	b, err := Open(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func command(b *Book, person, key string) Command {
	_, seen := b.Current()
	return Command{Key: key, Person: person, Name: "Fr. " + person, Why: "weil", Seen: seen}
}

func well(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rto is the change of one system's RTO as the screen makes it.
func rto(t *testing.T, b *Book, id, value string) []Change {
	t.Helper()
	e, _ := b.Current()
	table, _ := TableOf("systems")
	cells, ok := e.Row(table, id)
	if !ok {
		t.Fatal(id)
	}
	typed := map[string]string{}
	for i, c := range table.Columns {
		typed[c.Key] = c.Show(cells[i], lang.DE)
	}
	typed["rto"] = value
	changes, wrong := e.Edit(table, id, typed)
	if wrong != nil {
		t.Fatal(wrong)
	}
	return changes
}

func rtoOf(t *testing.T, e *Estate, id string) string {
	t.Helper()
	s, ok := e.System(id)
	if !ok {
		t.Fatal(id)
	}
	return s.RTO.String()
}

func TestEveryVersionStaysAndCanBeHadBack(t *testing.T) {
	t.Parallel()
	j, o := journaltest.Open(t, journal.Options{Now: noon}), bookOptions(t)
	changed := 0
	o.Changed = func() { changed++ }
	b := opened(t, j, o)
	ctx := t.Context()
	want := house(t)
	well(t, b.Accept(ctx, command(b, "vogel", "1"), FromFiles, Diff(&Tables{}, want)))
	first, v1 := b.Current()
	if !reflect.DeepEqual(first.Tables, *want) || v1 == 0 || changed != 1 {
		t.Fatalf("accepted %+v, want %+v", first.Tables, *want)
	}
	well(t, b.Accept(ctx, command(b, "stein", "2"), FromScreen, rto(t, b, "kis", "2 h")))
	well(t, b.Accept(ctx, command(b, "stein", "3"), FromFiles, Diff(&first.Tables, &Tables{})[:1])) // a system goes
	_, v3 := b.Current()
	old := command(b, "vogel", "4")
	well(t, b.Restore(ctx, old, v1))
	well(t, b.Restore(ctx, old, v1)) // the same form again
	now, _ := b.Current()
	if d := Diff(&now.Tables, want); len(d) > 0 {
		t.Errorf("restored state differs: %+v", d)
	}
	all := b.Versions()
	if len(all) != 4 || all[0].Source != FromVersion || all[0].Of != v1 || all[2].Changed != 1 || all[1].Removed != 1 || all[3].Added != 4 {
		t.Errorf("versions are %+v", all)
	}
	then, err := b.At(ctx, v3)
	if err != nil || len(then.Systems) != 1 {
		t.Errorf("version %d: %v %v", v3, then, err)
	}
	if _, err := b.At(ctx, v3+1000); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a version that never was: %v", err)
	}
	journaltest.Refused(t, "restored what holds", b.Restore(ctx, command(b, "vogel", "5"), all[0].Seq), fault.Invalid, "nichts anders")

	well(t, b.Close())
	for what, change := range map[string]func() error{
		"kept":        func() error { return nil },
		"deleted":     func() error { return os.Remove(filepath.Join(o.Dir, savedName)) },
		"damaged":     func() error { return os.WriteFile(filepath.Join(o.Dir, savedName), []byte("kein Zustand"), 0o600) },
		"another key": func() error { o.Key = seal.NewKey(); return nil },
	} {
		well(t, change())
		again := opened(t, j, o)
		e, _ := again.Current()
		if !reflect.DeepEqual(e.Tables, now.Tables) || !reflect.DeepEqual(again.Versions(), all) {
			t.Errorf("after the file was %s the estate is another", what)
		}
		well(t, again.Close())
		if found, err := Verify(ctx, j, o); err != nil || len(found) > 0 {
			t.Errorf("after the file was %s: %v %v", what, found, err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(o.Dir, savedName))
	if err != nil || bytes.Contains(raw, []byte("0171")) {
		t.Errorf("the saved state is readable: %v", err)
	}
}

func TestOfTwoPeopleTheSecondIsTold(t *testing.T) {
	t.Parallel()
	j, o := journaltest.Open(t, journal.Options{Now: noon}), bookOptions(t)
	b := opened(t, j, o)
	other := o
	other.Dir = t.TempDir()
	there := opened(t, j, other) // another hub on the same journal
	ctx := t.Context()
	well(t, b.Accept(ctx, command(b, "vogel", "1"), FromFiles, Diff(&Tables{}, house(t))))
	well(t, there.Wait(ctx, b.Seq()))

	mine, theirs := command(b, "vogel", "2"), command(there, "stein", "3")
	changes, clash := rto(t, b, "kis", "2 h"), rto(t, there, "kis", "3 h")
	beside := rto(t, there, "netz", "2 h")
	well(t, b.Accept(ctx, mine, FromScreen, changes))
	well(t, b.Accept(ctx, mine, FromScreen, changes)) // sent twice is once
	journaltest.Refused(t, "the same row", there.Accept(ctx, theirs, FromScreen, clash), fault.Conflict, "Fr. vogel")
	theirs.Key = "4"
	well(t, there.Accept(ctx, theirs, FromScreen, beside)) // another row is no conflict
	journaltest.Refused(t, "the key of another act", there.Accept(ctx, Command{Key: "2", Person: "stein"}, FromScreen, beside), fault.Conflict, "anderem Inhalt")
	journaltest.Refused(t, "without a person", b.Accept(ctx, Command{Key: "9"}, FromScreen, changes), fault.Invalid, "unvollständig")
	well(t, b.Wait(ctx, there.Seq()))
	e, _ := b.Current()
	if rtoOf(t, e, "kis") != "2h" || rtoOf(t, e, "netz") != "2h" || len(b.Versions()) != 3 {
		t.Errorf("%+v", e.Systems)
	}
	if row, ok := b.Done(ctx, "2"); !ok || row != "kis" {
		t.Errorf("key 2 did %q %v", row, ok)
	}
	if _, ok := b.Done(ctx, "3"); ok {
		t.Error("a refused act counts as done")
	}
}

// late is a journal into which another hub writes first.
type late struct {
	Journal
	before func()
}

func (l *late) Append(ctx context.Context, r journal.Record) (journal.Seq, error) {
	if f := l.before; f != nil {
		l.before = nil
		f()
	}
	return l.Journal.Append(ctx, r)
}

func TestAnotherHubWasFasterByAMoment(t *testing.T) {
	t.Parallel()
	j, o := journaltest.Open(t, journal.Options{Now: noon}), bookOptions(t)
	slow := &late{Journal: j}
	b := opened(t, slow, o)
	o.Dir = t.TempDir()
	there := opened(t, j, o)
	ctx := t.Context()
	well(t, b.Accept(ctx, command(b, "vogel", "1"), FromFiles, Diff(&Tables{}, house(t))))
	well(t, there.Wait(ctx, b.Seq()))
	slow.before = func() {
		well(t, there.Accept(ctx, command(there, "stein", "2"), FromScreen, rto(t, there, "kis", "3 h")))
	}
	c, changes := command(b, "vogel", "3"), rto(t, b, "kis", "2 h")
	journaltest.Refused(t, "second by a moment", b.Accept(ctx, c, FromScreen, changes), fault.Conflict, "Fr. stein")
	journaltest.Refused(t, "sent again", b.Accept(ctx, c, FromScreen, changes), fault.Conflict, "Fr. stein")
	if e, _ := b.Current(); rtoOf(t, e, "kis") != "3h" || len(b.Versions()) != 2 {
		t.Errorf("%+v", b.Versions())
	}
}

func TestRecordsOfAnotherTimeAreCountedAndLeftOut(t *testing.T) {
	t.Parallel()
	j := journaltest.Open(t, journal.Options{Now: noon})
	b := opened(t, j, bookOptions(t))
	ctx := t.Context()
	for _, body := range []string{
		"kaputt", `{"v":99}`, `{"v":1,"by":{"person":"x","at":"2026-11-22T12:00:00Z"},"source":"files","changes":[]}`,
		`{"v":1,"by":{"person":"x","at":"2026-11-22T12:00:00Z"},"source":"files","changes":[{"t":"systems","r":"kis","c":{"id":"kis","name":"KIS","rto":"bald"}}]}`,
		`{"v":1,"by":{"person":"x","at":"2026-11-22T12:00:00Z"},"source":"files","changes":[{"t":"systems","r":"kis","c":{"id":"lis","name":"KIS"}}]}`,
		`{"v":1,"by":{"person":"x","at":"2026-11-22T12:00:00Z"},"source":"files","changes":[{"t":"rockets","r":"v2","c":{"id":"v2"}}]}`,
	} {
		if _, err := j.Append(ctx, journal.Record{ID: journal.NewID(), Kind: journal.Estate, Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	well(t, b.Wait(ctx, j.Head()))
	if e, _ := b.Current(); len(e.Systems) != 0 || b.Unreadable() != 5 {
		t.Errorf("%d systems, %d unreadable", len(e.Systems), b.Unreadable())
	}
}

func TestRunFollowsUntilItIsTold(t *testing.T) {
	t.Parallel()
	j, o := journaltest.Open(t, journal.Options{Now: noon}), bookOptions(t)
	changed := make(chan struct{}, 10)
	o.Changed = func() { changed <- struct{}{} }
	b := opened(t, j, o)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	o.Dir, o.Changed = t.TempDir(), nil
	there := opened(t, j, o)
	well(t, there.Accept(ctx, command(there, "vogel", "1"), FromFiles, Diff(&Tables{}, house(t))))
	<-changed
	if e, _ := b.Current(); len(e.Systems) != 2 {
		t.Errorf("%d systems", len(e.Systems))
	}
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
