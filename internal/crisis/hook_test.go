package crisis

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/rulebook"
)

// script is a program in a folder of the test.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACommandRunsOnceAfterTwoPeopleAgreed(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "ran")
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{script(t, `printf "%s|%s\n" "$1" "$HOME" >>`+mark+`; echo VPN getrennt`), `$(id); rm -rf /`}, Timeout: 30 * time.Second})
	ctx := t.Context()
	c := r.attack()
	if x, _ := c.Task("cut-remote"); x.Hook != "cut-remote" {
		t.Fatal("the task has no command")
	}
	if x, _ := c.Task("lock-accounts"); x.Hook != "" {
		t.Error("a command that is not configured stands at a task")
	}
	c = r.must(r.Agree(ctx, who("vogel", "a1"), c.ID, "cut-remote"))
	if _, err := os.Stat(mark); err == nil {
		t.Fatal("it ran with one agreement")
	}
	_, err := r.Agree(ctx, who("vogel", "a2"), c.ID, "cut-remote")
	journaltest.Refused(t, "the same person twice", err, fault.Conflict, "zweite Person")
	r.must(r.Agree(ctx, who("vogel", "a1"), c.ID, "cut-remote")) // the form sent again
	r.must(r.Agree(ctx, who("stein", "b1"), c.ID, "cut-remote"))
	r.must(r.Agree(ctx, who("stein", "b1"), c.ID, "cut-remote")) // and again
	r.waitRuns(ctx)
	got, err := os.ReadFile(mark)
	if err != nil || string(got) != "$(id); rm -rf /|\n" {
		t.Errorf("it ran as %q, %v: once, its words untouched by a shell, without our environment", got, err)
	}
	x, _ := r.must(r.Crisis(c.ID)).Task("cut-remote")
	if len(x.Runs) != 1 || x.Runs[0].Code != 0 || !strings.Contains(x.Runs[0].Output, "VPN getrennt") || len(x.Runs[0].Agreed) != 2 || x.Runs[0].Ended.IsZero() {
		t.Errorf("the record says %+v", x.Runs)
	}
	log := r.must(r.Crisis(c.ID)).Search("vpn getrennt", "")
	if len(log) != 1 || !strings.Contains(log[0].Text, "beendet mit 0") {
		t.Errorf("the logbook says %+v", log)
	}
}

// The second person's browser goes away in the moment the agreement is sent: the
// command runs nevertheless, nobody has to find out and agree again.
func TestACommandRunsAlthoughTheBrowserWentAway(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "ran")
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{script(t, "echo x >>"+mark)}})
	c := r.attack()
	r.must(r.Agree(t.Context(), who("vogel", "a"), c.ID, "cut-remote"))
	gone, leave := context.WithCancel(t.Context())
	leave()
	r.must(r.Agree(gone, who("stein", "b"), c.ID, "cut-remote"))
	r.waitRuns(t.Context())
	if got, err := os.ReadFile(mark); err != nil || string(got) != "x\n" {
		t.Errorf("it ran as %q, %v", got, err)
	}
}

// A finger that presses twice sends the same form at the same moment.
func TestAFormThatComesTwiceAtOnceRunsTheCommandOnce(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "ran")
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{script(t, "echo x >>"+mark)}})
	ctx := t.Context()
	c := r.attack()
	r.must(r.Agree(ctx, who("vogel", "a"), c.ID, "cut-remote"))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := r.Agree(ctx, who("stein", "b"), c.ID, "cut-remote"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	r.waitRuns(ctx)
	if got, err := os.ReadFile(mark); err != nil || string(got) != "x\n" {
		t.Errorf("it ran as %q, %v", got, err)
	}
	if x, _ := r.must(r.Crisis(c.ID)).Task("cut-remote"); len(x.Runs) != 1 {
		t.Errorf("the record says %+v", x.Runs)
	}
}

// The hub dies between the agreement and the command: the form sent again runs
// it, once. What another process began is not begun again.
func TestACommandBeginsInOneProcess(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "ran")
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{script(t, "echo x >>"+mark)}})
	ctx := t.Context()
	c := r.attack()
	r.must(r.Agree(ctx, who("vogel", "a"), c.ID, "cut-remote"))
	if _, _, err := r.do(ctx, who("stein", "b"), event{Step: stepAgreed, Crisis: c.ID, Task: "cut-remote"}); err != nil {
		t.Fatal(err)
	}
	r.start()
	other, err := Open(ctx, r.j, Options{Key: r.o.Key, Zone: r.o.Zone, Now: r.clock, House: r.o.House, Hooks: r.o.Hooks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	var both sync.WaitGroup
	for range 8 {
		for _, b := range []*Book{r.Book, other} {
			both.Go(func() { _, _ = b.Agree(ctx, who("stein", "b"), c.ID, "cut-remote") })
		}
	}
	both.Wait()
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	r.waitRuns(ctx)
	if got, err := os.ReadFile(mark); err != nil || string(got) != "x\n" {
		t.Errorf("it ran as %q, %v", got, err)
	}
}

func TestAnAgreementHoldsHalfAnHour(t *testing.T) {
	t.Parallel()
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{"/bin/true"}})
	ctx := t.Context()
	c := r.attack()
	r.must(r.Agree(ctx, who("vogel"), c.ID, "cut-remote"))
	r.pass(31 * time.Minute)
	c = r.must(r.Agree(ctx, who("stein"), c.ID, "cut-remote"))
	if x, _ := c.Task("cut-remote"); len(x.Runs) != 0 || len(x.Agreements(r.clock())) != 1 {
		t.Errorf("an old agreement counts: %+v", x)
	}
	r.must(r.Disagree(ctx, who("vogel"), c.ID, "cut-remote", "Station 4 hängt daran"))
	c = r.must(r.Agree(ctx, who("vogel"), c.ID, "cut-remote"))
	if x, _ := c.Task("cut-remote"); len(x.Runs) != 0 {
		t.Error("an agreement that was taken back counts")
	}
}

func TestHowACommandEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		hook Hook
		code int
		out  string
		note string
	}{
		{"with an error", Hook{Command: []string{script(t, "echo kein Zugang >&2; exit 7")}}, 7, "kein Zugang", "meldet einen Fehler"},
		{"too late", Hook{Command: []string{script(t, "echo Anfang; exec sleep 600")}, Timeout: 300 * time.Millisecond}, -1, "", "Abgebrochen"},
		{"not at all", Hook{Command: []string{"/nirgendwo/hook"}}, -1, "", "nicht gestartet"},
		{"with much to say", Hook{Command: []string{script(t, "head -c 200000 /dev/zero | tr '\\0' x")}}, 0, "[…]", ""},
	} {
		code, out, note := execute(t.Context(), c.hook)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(note, c.note) || len(out) > maxOutput+10 {
			t.Errorf("%s: %d, %d bytes %.40q, %q", c.name, code, len(out), out, note)
		}
	}
}

func TestInAnExerciseNothingRuns(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "ran")
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{"/bin/touch", mark}})
	ctx := t.Context()
	c := r.must(r.OpenCrisis(ctx, who("a"), Opening{Kind: rulebook.Cyberattack, Title: "Übung Herbst", Exercise: true}))
	r.must(r.Declare(ctx, who("a"), c.ID, ""))
	r.must(r.Agree(ctx, who("a"), c.ID, "cut-remote"))
	r.must(r.Agree(ctx, who("b"), c.ID, "cut-remote"))
	r.waitRuns(ctx)
	if _, err := os.Stat(mark); err == nil {
		t.Error("an exercise cut the network")
	}
	if x, _ := r.must(r.Crisis(c.ID)).Task("cut-remote"); len(x.Runs) != 1 || !strings.Contains(x.Runs[0].Note, "Übung nicht ausgeführt: /bin/touch") {
		t.Errorf("the exercise says %+v", x.Runs)
	}
}

func TestACommandWhoseHubDiedHasAnUnknownEnd(t *testing.T) {
	t.Parallel()
	r := newRoom(t, Hook{Name: "cut-remote", Command: []string{"/bin/true"}})
	ctx := t.Context()
	c := r.attack()
	r.must(r.Agree(ctx, who("a"), c.ID, "cut-remote"))
	_, _, err := r.do(ctx, who("b"), event{Step: stepAgreed, Crisis: c.ID, Task: "cut-remote"}) // the hub dies before the command
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.do(ctx, Act{Key: "run/x"}, event{Step: stepRun, Crisis: c.ID, Task: "cut-remote", Of: "x"}); err != nil {
		t.Fatal(err)
	}
	r.start()
	_, err = r.Agree(ctx, who("a"), c.ID, "cut-remote")
	journaltest.Refused(t, "run again while nobody knows", err, fault.Conflict, "läuft")
	if err := r.EndLostRuns(ctx); err != nil {
		t.Fatal(err)
	}
	if x, _ := r.must(r.Crisis(c.ID)).Task("cut-remote"); len(x.Runs) != 1 || x.Runs[0].Code != -1 || !strings.Contains(x.Runs[0].Note, "Ausgang unbekannt") {
		t.Errorf("%+v", x.Runs)
	}
	r.must(r.Agree(ctx, who("a"), c.ID, "cut-remote"))
}
