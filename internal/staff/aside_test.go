package staff

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// breaks lets the journal fail with err from now on; nil mends it.
func (m *memory) breaks(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func unwritable() error {
	return fault.New(fault.Unavailable, lang.Text{DE: "Das Journal kann gerade nicht schreiben.", EN: "The journal cannot write just now."})
}

// served is a staffed house whose hub runs, with a file for what waits.
func served(t *testing.T) (*house, *memory) {
	t.Helper()
	m := newMemory()
	h := houseOn(t, m, Options{AsideFile: filepath.Join(t.TempDir(), "reads-aside")}).staffed()
	h.following.Store(true)
	return h, m
}

func (h *house) opens(s Session, page string) {
	h.t.Helper()
	_, err := h.RecordRead(h.t.Context(), Read{Person: s.Person.ID, Session: s.ID, Patient: "p1", Page: page, Mode: "emergency"})
	h.must(err)
}

func TestReadingGoesOnWhileTheJournalCannotBeWritten(t *testing.T) {
	t.Parallel()
	h, m := served(t)
	ctx := t.Context()
	before := len(m.recs)
	m.breaks(unwritable())
	token, s := h.signIn("s.weber", weberPassword)
	if _, err := h.Session(ctx, token); err != nil {
		t.Fatal("the session does not hold:", err)
	}
	h.must(h.OpenGlass(ctx, s, Glass{Ward: "ITS", Reason: "Aushilfe in der Nacht"}))
	h.opens(s, "chart/lab")
	h.clock.step(time.Minute)
	h.opens(s, "chart/lab") // the same look
	h.opens(s, "chart/medication")
	if got := h.Aside(); got.Waiting != 4 || got.Kept != 4 || got.Since.IsZero() {
		t.Fatalf("aside is %+v, want sign-in, grant and two reads", got)
	}
	refused(t, "a new person", h.Add(ctx, Console(), Person{ID: "neu", Name: "Neu", Roles: []Role{Nurse}}), fault.Unavailable)
	refused(t, "a new password", h.SetPassword(ctx, Console(), "lange", weberPassword), fault.Unavailable)
	if len(m.recs) != before {
		t.Fatal("the broken journal has taken something")
	}
	if err := h.bringIn(ctx); err == nil || h.Aside().Waiting != 4 {
		t.Fatalf("a journal that still fails: %v, %+v", err, h.Aside())
	}
	m.breaks(nil)
	h.must(h.bringIn(ctx))
	h.must(h.bringIn(ctx))
	if got := h.Aside(); got != (Aside{}) {
		t.Errorf("aside is %+v after everything was brought in", got)
	}
	reads, err := h.Reads(ctx, ReadFilter{})
	h.must(err)
	if len(reads) != 2 || reads[1].Page != "chart/lab" || reads[0].Page != "chart/medication" {
		t.Fatalf("the audit has %+v", reads)
	}
	if !reads[0].Late || !reads[1].Late || !reads[0].Time.After(reads[1].Time) {
		t.Errorf("late reads have no mark or not their own time: %+v", reads)
	}
	if n := len(m.recs) - before; n != 4 || m.recs[before].Kind != journal.Staff || m.recs[before+3].Kind != journal.Read {
		t.Errorf("%d records came late, not in order", n)
	}
	h.opens(s, "chart/vitals")
	if reads, _ := h.Reads(ctx, ReadFilter{}); len(reads) != 3 || reads[0].Late {
		t.Errorf("a read after the fault: %+v", reads[0])
	}
	if _, err := os.Stat(h.o.AsideFile); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file of what was aside is left behind")
	}
}

func TestWhatStateHoldsAfterwardsFollowsFromTheJournal(t *testing.T) {
	t.Parallel()
	h, m := served(t)
	ctx := t.Context()
	m.breaks(unwritable())
	for range 5 {
		_, _, err := h.SignIn(ctx, "lange", "falsch geraten", "10.3.1.9:1")
		if err == nil {
			t.Fatal("a wrong password signs in")
		}
	}
	_, _, err := h.SignIn(ctx, "lange", langePassword, "10.3.1.9:1")
	refused(t, "a locked name", err, fault.Forbidden)
	h.clock.step(16 * time.Minute)
	token, s := h.signIn("lange", langePassword)
	h.must(h.OpenGlass(ctx, s, Glass{Reason: "Aushilfe in der Nacht"}))
	h.must(h.flush(ctx)) // must not keep in staff.db what the journal does not say
	h.must(h.SignOut(ctx, token))
	_, s = h.signIn("s.weber", weberPassword)
	m.breaks(nil)
	h.must(h.Add(ctx, Console(), Person{ID: "neu", Name: "Neu", Roles: []Role{Nurse}})) // brings in what came before
	if h.Aside().Waiting != 0 || m.recs[len(m.recs)-1].Kind != journal.Staff {
		t.Errorf("a new fact did not wait for the older ones: %+v", h.Aside())
	}
	p, _ := h.Person("lange")
	if got := h.Sessions(); len(got) != 1 || got[0].ID != s.ID || !p.LockedUntil.IsZero() {
		t.Errorf("sessions %+v, locked until %v", got, p.LockedUntil)
	}
	h.restart()
	fresh := houseOn(t, m, Options{})
	fresh.clock.step(16 * time.Minute)
	a, b := h.Sessions(), fresh.Sessions()
	if len(a) != 1 || len(b) != 1 || a[0].ID != b[0].ID {
		t.Errorf("kept %v, folded anew %v", a, b)
	}
}

func TestWhatWaitsSurvivesACrash(t *testing.T) {
	t.Parallel()
	h, m := served(t)
	ctx := t.Context()
	m.breaks(unwritable())
	token, s := h.signIn("s.weber", weberPassword)
	h.opens(s, "chart/lab")
	h.opens(s, "print/ward")
	before := len(m.recs)
	torn, err := os.OpenFile(h.o.AsideFile, os.O_WRONLY|os.O_APPEND, 0)
	h.must(err)
	_, err = torn.WriteString("\x00\x00\x01\x00abc") // the power went while a fourth was written
	h.must(errors.Join(err, torn.Close()))
	raw, err := os.ReadFile(h.o.AsideFile)
	h.must(err)
	if strings.Contains(string(raw), "weber") || strings.Contains(string(raw), "chart") {
		t.Error("the file tells who read what")
	}
	h.must(h.store.db.Close()) // killed: nothing is flushed

	h.start() // the journal still fails
	h.following.Store(true)
	if got := h.Aside(); got.Waiting != 3 || got.Kept != 3 {
		t.Fatalf("recovered %+v, want three", got)
	}
	if _, err := h.Session(ctx, token); err != nil {
		t.Error("the session of before does not hold:", err)
	}
	h.opens(s, "chart/vitals")
	h.must(h.store.db.Close())
	m.breaks(nil)
	h.start()
	if got := h.Aside(); got.Waiting != 0 || len(m.recs) != before+4 {
		t.Errorf("%+v waits, %d records came", got, len(m.recs)-before)
	}
	reads, err := h.Reads(ctx, ReadFilter{})
	h.must(err)
	if len(reads) != 3 || reads[2].Page != "chart/lab" || reads[0].Page != "chart/vitals" {
		t.Errorf("the audit has %+v", reads)
	}
	h.restart()
	if len(m.recs) != before+4 {
		t.Error("a further start wrote something twice")
	}
}

func TestAStopBetweenBringingInAndRemovingTheFileWritesNothingTwice(t *testing.T) {
	t.Parallel()
	h, m := served(t)
	m.breaks(unwritable())
	_, s := h.signIn("s.weber", weberPassword)
	h.opens(s, "chart/lab")
	raw, err := os.ReadFile(h.o.AsideFile)
	h.must(err)
	m.breaks(nil)
	h.must(h.bringIn(t.Context()))
	n := len(m.recs)
	h.must(os.WriteFile(h.o.AsideFile, raw, 0o600))
	h.restart()
	if len(m.recs) != n || h.Aside() != (Aside{}) {
		t.Errorf("%d records more, aside %+v", len(m.recs)-n, h.Aside())
	}
}

func TestADamagedFrameCostsOnlyItselfAndTheFileIsKept(t *testing.T) {
	t.Parallel()
	h, m := served(t)
	m.breaks(unwritable())
	_, s := h.signIn("s.weber", weberPassword)
	h.opens(s, "chart/lab")
	h.opens(s, "chart/vitals")
	raw, err := os.ReadFile(h.o.AsideFile)
	h.must(err)
	raw[len(raw)/2] ^= 1
	h.must(os.WriteFile(h.o.AsideFile, raw, 0o600))
	h.must(h.store.db.Close())
	m.breaks(nil)
	n := len(m.recs)
	h.start()
	if len(m.recs) != n+2 {
		t.Errorf("%d of three records are there", len(m.recs)-n)
	}
	if !strings.Contains(h.log.String(), "not all readable") {
		t.Error("nobody is told")
	}
	if kept, err := os.ReadFile(h.o.AsideFile + ".damaged"); err != nil || len(kept) != len(raw) {
		t.Error("the damaged file is gone:", err)
	}
}

func TestWithoutASecondPlaceReadsWaitInMemoryUpToABound(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"none configured": "", "not mounted": filepath.Join(t.TempDir(), "no such disk", "reads-aside")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			var told []Aside
			h := houseOn(t, m, Options{AsideFile: file, AsideMost: 3, OnAside: func(a Aside) { told = append(told, a) }}).staffed()
			h.following.Store(true)
			m.breaks(unwritable())
			_, s := h.signIn("s.weber", weberPassword)
			for _, page := range []string{"chart/lab", "chart/vitals", "chart/orders", "chart/course"} {
				h.opens(s, page) // shown in any case
			}
			if got := h.Aside(); got.Waiting != 3 || got.Kept != 0 || got.Lost != 2 {
				t.Errorf("aside is %+v", got)
			}
			if !strings.Contains(h.log.String(), "reads=1") {
				t.Error("the log does not say how many are lost")
			}
			_, _, err := h.SignIn(t.Context(), "lange", langePassword, "10.3.1.7:1")
			refused(t, "a sign-in that nothing can hold", err, fault.Unavailable)
			m.breaks(nil)
			h.must(h.bringIn(t.Context()))
			if len(told) != 2 || told[0].Since.IsZero() || !told[1].Since.IsZero() {
				t.Errorf("told %+v, want the begin and the end", told)
			}
			if !strings.Contains(h.log.String(), "lost=2") {
				t.Error("the log does not say at the end how many are lost")
			}
		})
	}
}

func TestASecondPlaceThatComesBackTakesWhatIsInMemory(t *testing.T) {
	t.Parallel()
	m := newMemory()
	disk := filepath.Join(t.TempDir(), "disk")
	h := houseOn(t, m, Options{AsideFile: filepath.Join(disk, "reads-aside")}).staffed()
	h.following.Store(true)
	m.breaks(unwritable())
	_, s := h.signIn("s.weber", weberPassword)
	h.must(os.Mkdir(disk, 0o700))
	h.aside.file.failed = time.Time{}
	h.opens(s, "chart/lab")
	if got := h.Aside(); got.Kept != 2 {
		t.Errorf("aside is %+v", got)
	}
}

func TestOnlyAHubThatServesSetsReadsAside(t *testing.T) {
	t.Parallel()
	h, m := served(t)
	h.following.Store(false)
	m.breaks(unwritable())
	_, err := h.RecordRead(t.Context(), Read{Person: "#console", Page: "export"})
	refused(t, "a command that ends at once", err, fault.Unavailable)
	h.following.Store(true)
	for name, broken := range map[string]error{
		"closed":  fault.Mark(journal.ErrClosed, fault.Unavailable, lang.Text{DE: "zu"}),
		"fenced":  fault.Mark(journal.ErrFenced, fault.Conflict, lang.Text{DE: "zwei"}),
		"damaged": fault.New(fault.Corrupt, lang.Text{DE: "kaputt"}),
	} {
		m.breaks(broken)
		if _, err := h.RecordRead(t.Context(), Read{Person: "s.weber", Page: "ward"}); err == nil {
			t.Errorf("a journal that is %s sets reads aside", name)
		}
	}
	if h.Aside() != (Aside{}) {
		t.Errorf("aside is %+v", h.Aside())
	}
}

// hung is a journal whose disk answers nothing.
type hung struct{ *memory }

func (h hung) Append(ctx context.Context, _ journal.Record) (journal.Seq, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestAJournalThatHangsIsOneThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	h := houseOn(t, hung{newMemory()}, Options{Patience: time.Millisecond})
	h.following.Store(true)
	h.opens(Session{Person: Person{ID: "s.weber"}}, "ward")
	if h.Aside().Waiting != 1 {
		t.Errorf("aside is %+v", h.Aside())
	}
}

func TestRunBringsInWhatWaits(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{AsideEvery: time.Millisecond}).staffed()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	for !h.following.Load() {
		pause(ctx, time.Millisecond)
	}
	m.breaks(unwritable())
	n := m.count(journal.Read)
	h.opens(Session{Person: Person{ID: "s.weber"}}, "ward")
	m.breaks(nil)
	for m.count(journal.Read) != n+1 || h.Aside() != (Aside{}) {
		pause(ctx, time.Millisecond)
	}
	stop()
	h.must(<-ended)
}
