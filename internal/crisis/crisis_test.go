package crisis

import (
	"context"
	"errors"
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
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/seal"
)

// room is a crisis team at work: a real journal, a clock, the book.
type room struct {
	*Book
	t      *testing.T
	j      *journal.Journal
	o      Options
	public string
	clock  func() time.Time
	pass   func(time.Duration)
}

func newRoom(t *testing.T, hooks ...Hook) *room {
	t.Helper()
	signer, public := journaltest.Signer(t)
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := journaltest.At(time.Date(2026, 11, 19, 2, 14, 0, 0, zone))
	r := &room{t: t, public: public, clock: now.Now, pass: now.Pass}
	r.j = journaltest.OpenSigned(t, signer, journal.Options{})
	r.o = Options{Dir: t.TempDir(), Key: seal.NewKey(), Site: "nord", Hospital: "Klinikum Nordheide", Zone: zone, Now: r.clock, Signer: signer, Hooks: hooks,
		House: rulebook.House{Country: "DE", State: "NW", Operator: rulebook.Public, NIS2: true}}
	r.start()
	t.Cleanup(func() { _ = r.Book.Close() })
	return r
}

func (r *room) start() {
	r.t.Helper()
	b, err := Open(r.t.Context(), r.j, r.o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Book = b
}

func who(person string, key ...string) Act {
	a := Act{Person: person, Name: "Fr. " + person}
	if len(key) > 0 {
		a.Key = key[0]
	}
	return a
}

func (r *room) must(c *Crisis, err error) *Crisis {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// attack is a cyberattack in force.
func (r *room) attack() *Crisis {
	r.t.Helper()
	ctx := r.t.Context()
	c := r.must(r.OpenCrisis(ctx, who("nacht"), Opening{Kind: rulebook.Cyberattack, Title: "Dateien verschlüsselt, Lösegeldforderung"}))
	c = r.must(r.Declare(ctx, who("stein"), c.ID, ""))
	return r.must(r.Confirm(ctx, who("vogel"), c.ID))
}

func TestFromOpenedToClosed(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	began := r.clock().Add(-20 * time.Minute)
	c := r.must(r.OpenCrisis(ctx, who("nacht"), Opening{Kind: rulebook.Cyberattack, Title: "Alle Bildschirme zeigen eine Forderung", Began: began, Sure: true}))
	if c.Stage != StageOpen || len(c.Tasks) != 0 || len(r.Running()) != 0 {
		t.Errorf("opened: %+v", c)
	}
	_, err := r.Confirm(ctx, who("vogel"), c.ID)
	journaltest.Refused(t, "confirmed before it was declared", err, fault.Conflict, "nicht erklärt")
	c = r.must(r.Declare(ctx, who("stein"), c.ID, ""))
	if c.Stage != StageDeclared || len(c.Tasks) < 20 || c.First == "" || c.Meeting.At.IsZero() {
		t.Errorf("declared: %s, %d tasks, meeting %s", c.Stage, len(c.Tasks), c.Meeting.At)
	}
	_, err = r.Confirm(ctx, who("stein"), c.ID)
	journaltest.Refused(t, "confirmed by who declared it", err, fault.Conflict, "zweite Person", "Fr. stein (19.11. 02:14 Uhr)")
	c = r.must(r.Confirm(ctx, who("vogel"), c.ID))
	if c.Stage != StageConfirmed {
		t.Errorf("confirmed: %s", c.Stage)
	}
	_, err = r.CloseCrisis(ctx, who("stein"), c.ID)
	journaltest.Refused(t, "ended without being asked for", err, fault.Conflict)
	r.must(r.AskClose(ctx, who("stein"), c.ID, "Alle Systeme sind zurück"))
	_, err = r.CloseCrisis(ctx, who("stein"), c.ID)
	journaltest.Refused(t, "ended by who asked for it", err, fault.Conflict, "zweite Person")
	c = r.must(r.CloseCrisis(ctx, who("vogel"), c.ID))
	if c.Stage != StageClosed || len(r.Running()) != 0 {
		t.Errorf("closed: %s", c.Stage)
	}
	_, err = r.Restrict(ctx, who("stein"), c.ID, Restriction{Service: Ambulances, Why: "zu spät"})
	journaltest.Refused(t, "acted on a crisis that is over", err, fault.Conflict, "schon beendet")
	c = r.must(r.Log(ctx, who("stein"), c.ID, Entry{Kind: Observation, Text: "Nachtrag aus dem Funkprotokoll", At: began}))
	if l := c.Lines[len(c.Lines)-1]; !l.At.Equal(began) || !l.Recorded.Equal(r.clock()) {
		t.Errorf("a late line has both times: %+v", l)
	}
}

func TestAWardCutOffDeclaresAlone(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.must(r.OpenCrisis(ctx, who("weber"), Opening{Kind: rulebook.Fire, Title: "Rauch im Versorgungsgang"}))
	_, err := r.Declare(ctx, who("weber"), c.ID, " ")
	if err != nil {
		t.Fatal("blanks are no reason for acting alone, and none is needed to be confirmed:", err)
	}
	d := r.must(r.OpenCrisis(ctx, who("weber"), Opening{Kind: rulebook.Fire, Title: "Rauch auch auf 3A"}))
	_, err = r.Declare(ctx, who("weber"), d.ID, "x")
	journaltest.Refused(t, "alone for nothing", err, fault.Invalid)
	d = r.must(r.Declare(ctx, who("weber"), d.ID, "Telefon tot, niemand erreichbar"))
	if d.Stage != StageConfirmed || d.Confirmed.Done() {
		t.Errorf("in force alone: %s, %+v", d.Stage, d.Confirmed)
	}
	d = r.must(r.Confirm(ctx, who("stein"), d.ID))
	if !d.Confirmed.Done() || !strings.Contains(d.Lines[1].Text, "allein, weil Telefon tot") {
		t.Errorf("confirmed afterwards: %+v, %q", d.Confirmed, d.Lines[1].Text)
	}
}

func TestWhatIsAskedBefore(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	n := len(c.Lines)
	for what, f := range map[string]func() error{
		"no kind": func() error { _, err := r.OpenCrisis(ctx, who("a"), Opening{Title: "Etwas"}); return err },
		"no words": func() error {
			_, err := r.OpenCrisis(ctx, who("a"), Opening{Kind: rulebook.Fire, Title: " "})
			return err
		},
		"tomorrow": func() error {
			_, err := r.OpenCrisis(ctx, who("a"), Opening{Kind: rulebook.Fire, Title: "Brand", Began: r.clock().Add(24 * time.Hour)})
			return err
		},
		"nobody": func() error { _, err := r.Log(ctx, Act{}, c.ID, Entry{Kind: Decision, Text: "Etwas"}); return err },
		"a novel": func() error {
			_, err := r.Log(ctx, who("a"), c.ID, Entry{Kind: Decision, Text: strings.Repeat("x", maxText+1)})
			return err
		},
		"broken text":     func() error { _, err := r.Log(ctx, who("a"), c.ID, Entry{Kind: Decision, Text: "abc\xff"}); return err },
		"no kind of line": func() error { _, err := r.Log(ctx, who("a"), c.ID, Entry{Kind: State, Text: "Etwas"}); return err },
		"no reason":       func() error { _, err := r.DropTask(ctx, who("a"), c.ID, "paper", "-"); return err },
		"no outcome":      func() error { _, err := r.HoldMeeting(ctx, who("a"), c.ID, "", "", time.Time{}); return err },
		"a shift of a week": func() error {
			_, err := r.Seat(ctx, who("a"), c.ID, Shift{Role: rulebook.Lead, Name: "A. B.", Until: r.clock().Add(7 * 24 * time.Hour)})
			return err
		},
		"silent handover": func() error { _, err := r.Hand(ctx, who("a"), c.ID, rulebook.Lead, "", "B. C.", "ok"); return err },
		"knew tomorrow": func() error {
			_, err := r.SignKnowledge(ctx, who("a"), c.ID, rulebook.FromKnowledge, r.clock().Add(time.Hour), "IT", "")
			return err
		},
		"empty report": func() error {
			_, err := r.SaveReport(ctx, who("a"), c.ID, "bsig-24h", map[string]string{"other": "x"})
			return err
		},
		"sent nothing": func() error {
			_, err := r.SendReport(ctx, who("a"), c.ID, "bsig-24h", Dispatch{Version: 1, Way: "Portal"})
			return err
		},
		"shouted": func() error { _, err := r.Post(ctx, who("a"), c.ID, Notice{Text: "Etwas", Level: "loud"}); return err },
		"no such service": func() error {
			_, err := r.Restrict(ctx, who("a"), c.ID, Restriction{Service: "coffee", Why: "aus"})
			return err
		},
		"no point": func() error { _, err := r.OrderEvacuation(ctx, who("a"), c.ID, nil, "", "Rauch"); return err },
		"no light": func() error {
			_, err := r.SetCapacity(ctx, who("a"), c.ID, Capacity{Unit: "ITS", Light: "blue"})
			return err
		},
		"empty situation": func() error {
			_, err := r.SaveSituation(ctx, who("a"), c.ID, []Section{{ID: "x", Text: " "}})
			return err
		},
	} {
		journaltest.Refused(t, what, f(), fault.Invalid)
	}
	_, err := r.Declare(ctx, who("a"), "0000", "")
	journaltest.Refused(t, "unknown crisis", err, fault.NotFound)
	_, err = r.SaveReport(ctx, who("a"), c.ID, "none", map[string]string{"what": "x"})
	journaltest.Refused(t, "unknown duty", err, fault.NotFound)
	_, err = r.EndTask(ctx, who("a"), c.ID, "none", "")
	journaltest.Refused(t, "unknown task", err, fault.Conflict)
	if c, _ := r.Crisis(c.ID); len(c.Lines) != n {
		t.Errorf("something was recorded: %+v", c.Lines[n:])
	}
}

func TestTheSameFormTwiceIsOneAct(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.must(r.OpenCrisis(ctx, who("nacht", "form-1"), Opening{Kind: rulebook.Power, Title: "Trafo ausgefallen"}))
	r.pass(time.Second)
	if again := r.must(r.OpenCrisis(ctx, who("nacht", "form-1"), Opening{Kind: rulebook.Power, Title: "Trafo ausgefallen"})); again.ID != c.ID {
		t.Errorf("opened twice: %s and %s", c.ID, again.ID)
	}
	_, err := r.OpenCrisis(ctx, who("nacht", "form-1"), Opening{Kind: rulebook.Power, Title: "Etwas anderes"})
	journaltest.Refused(t, "the key of another form", err, fault.Conflict)
	r.must(r.Declare(ctx, who("stein", "form-2"), c.ID, ""))
	r.start()
	c = r.must(r.Declare(ctx, who("stein", "form-2"), c.ID, ""))
	if c.Stage != StageDeclared || len(c.Lines) != 2 {
		t.Errorf("after a restart: %s, %d lines", c.Stage, len(c.Lines))
	}
	_, err = r.Declare(ctx, who("vogel", "form-2"), c.ID, "")
	journaltest.Refused(t, "the key of another person", err, fault.Conflict)
}

// A system gets another name while the hub is gone: what the hub saw of it stands
// in the logbook as it was said then, and is no conflict.
func TestWhatTheHubSawIsSaidOnceWhateverItIsCalledNow(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.attack()
	for _, text := range []string{"Wache, ausgefallen: KIS.", "Wache, ausgefallen: KIS (alt)."} {
		if err := r.Observe(t.Context(), c.ID, "watch/1/down", r.clock(), text); err != nil {
			t.Fatal(err)
		}
	}
	if l := r.must(r.Crisis(c.ID)).Search("wache, ausgefallen", ""); len(l) != 1 || l[0].Text != "Wache, ausgefallen: KIS." {
		t.Errorf("the logbook says %+v", l)
	}
}

func TestOfTwentyPeopleAtOnceOneDeclares(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.must(r.OpenCrisis(t.Context(), who("nacht"), Opening{Kind: rulebook.Flood, Title: "Wasser im Keller"}))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 20 {
		wg.Go(func() {
			_, err := r.Declare(t.Context(), who(string(rune('a'+i))), c.ID, "")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d declared it", won)
	}
}

// busy lets a night pass: something of everything.
func (r *room) busy() *Crisis {
	r.t.Helper()
	ctx := r.t.Context()
	c := r.attack()
	id := c.ID
	for _, f := range []func() (*Crisis, error){
		func() (*Crisis, error) { return r.Link(ctx, who("vogel"), id, true, "o1", "o2") },
		func() (*Crisis, error) { return r.Link(ctx, who("vogel"), id, false, "o2") },
		func() (*Crisis, error) { return r.TakeTask(ctx, who("weber"), id, "paper", "weber", "S. Weber") },
		func() (*Crisis, error) {
			return r.EndTask(ctx, who("weber"), id, "paper", "alle 24 Stationen bestätigt")
		},
		func() (*Crisis, error) { return r.DropTask(ctx, who("stein"), id, "insurer", "keine Versicherung") },
		func() (*Crisis, error) { return r.ReopenTask(ctx, who("stein"), id, "insurer", "doch eine gefunden") },
		func() (*Crisis, error) {
			return r.MoveTask(ctx, who("stein"), id, "scope", r.clock().Add(8*time.Hour), "Forensik kommt erst um acht")
		},
		func() (*Crisis, error) {
			return r.AddTask(ctx, who("stein", "k1"), id, Task{Title: "Bäckerei anrufen", Phase: rulebook.Operation, Role: rulebook.Admin})
		},
		func() (*Crisis, error) {
			return r.Seat(ctx, who("stein"), id, Shift{Role: rulebook.Lead, Person: "stein", Name: "Dr. A. Stein", Reach: "4711", Until: r.clock().Add(8 * time.Hour)})
		},
		func() (*Crisis, error) {
			return r.Hand(ctx, who("stein"), id, rulebook.Lead, "huber", "Dr. K. Huber", "Leitstelle informiert, BSI-Meldung offen")
		},
		func() (*Crisis, error) {
			return r.Log(ctx, who("keeper"), id, Entry{Kind: MessageIn, Text: "Leitstelle bestätigt Abmeldung", From: "Leitstelle Nord"})
		},
		func() (*Crisis, error) { return r.CorrectLine(ctx, who("keeper"), id, 2, "Erklärt wurde um 02:15") },
		func() (*Crisis, error) {
			return r.HoldMeeting(ctx, who("stein"), id, "Netz bleibt getrennt", "Stein, Vogel, Weber", time.Time{})
		},
		func() (*Crisis, error) {
			return r.SignKnowledge(ctx, who("stein"), id, rulebook.FromKnowledge, r.clock(), "R. Vogel", "Anruf der Nachtschicht")
		},
		func() (*Crisis, error) {
			return r.SaveReport(ctx, who("stein"), id, "bsig-24h", map[string]string{"entity": "Klinikum", "what": "Verschlüsselung"})
		},
		func() (*Crisis, error) {
			return r.SendReport(ctx, who("stein"), id, "bsig-24h", Dispatch{Version: 1, Way: "Telefon", Number: "BSI-2026-4711", Note: "Rest wird nachgereicht"})
		},
		func() (*Crisis, error) {
			return r.Decide(ctx, who("stein"), id, "dsgvo-34", true, "Abfluss bestätigt")
		},
		func() (*Crisis, error) {
			return r.Post(ctx, who("stein"), id, Notice{Title: "Rechner nicht neu starten", Text: "Kein Gerät ausschalten oder neu starten.", Level: Urgent})
		},
		func() (*Crisis, error) {
			return r.Draft(ctx, who("stein"), id, "press", "Erste Mitteilung", "Das Klinikum arbeitet im Notbetrieb.")
		},
		func() (*Crisis, error) {
			return r.Restrict(ctx, who("stein"), id, Restriction{Service: Ambulances, Why: "Bildgebung steht", Scope: "außer Reanimation"})
		},
		func() (*Crisis, error) {
			return r.SetCapacity(ctx, who("stein"), id, Capacity{Unit: "Intensiv", Light: "yellow", Free: "2"})
		},
		func() (*Crisis, error) {
			return r.OrderEvacuation(ctx, who("stein"), id, []string{"3A"}, "Halle Ost", "Rauch im Nebengebäude")
		},
		func() (*Crisis, error) {
			return r.Move(ctx, who("weber"), id, "annaannaannaanna", Moved{Ward: "3A", Bed: "301 F", To: "Halle Ost"})
		},
		func() (*Crisis, error) {
			return r.SaveSituation(ctx, who("stein"), id, []Section{{ID: "lage", Text: "Netz getrennt"}})
		},
	} {
		r.pass(time.Minute)
		c = r.must(f())
	}
	return c
}

func TestRestartAndRebuildGiveTheSameState(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.must(r.SetMobility(t.Context(), who("weber"), r.busy().ID, "annaannaannaanna", LyingDown))
	if _, err := r.j.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.Crisis, Body: []byte("kaputt")}); err != nil {
		t.Fatal(err)
	}
	if err := r.Advance(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	want := r.All()
	if r.Unreadable() != 1 || len(want) != 1 || len(want[0].Lines) < 25 {
		t.Fatalf("%d unreadable, %+v", r.Unreadable(), want)
	}
	path := filepath.Join(r.o.Dir, savedName)
	for _, c := range []struct {
		what   string
		change func() error
	}{
		{"kept", func() error { return nil }},
		{"deleted", func() error { return os.Remove(path) }},
		{"damaged", func() error { return os.WriteFile(path, []byte("kein Stand"), 0o600) }},
		{"sealed with another key", func() error { r.o.Key = seal.NewKey(); return nil }},
	} {
		if err := errors.Join(r.Book.Close(), c.change()); err != nil {
			t.Fatal(err)
		}
		r.start()
		if got := r.All(); !reflect.DeepEqual(got, want) {
			t.Errorf("after the file was %s\n%+v, want\n%+v", c.what, got[0], want[0])
		}
		if found, err := Check(t.Context(), r.j, r.o); err != nil || c.what == "kept" && len(found) != 0 {
			t.Errorf("check after %s: %v, %v", c.what, found, err)
		}
	}
	if err := r.Book.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(b), "weber") {
		t.Errorf("the saved state is readable: %v", err)
	}
	r.start()
}

func TestWhatWasReadStaysAsItWas(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.attack()
	before, tasks := len(c.Lines), c.Tasks[0].State
	r.must(r.EndTask(t.Context(), who("weber"), c.ID, c.Tasks[0].ID, "fertig"))
	if len(c.Lines) != before || c.Tasks[0].State != tasks {
		t.Error("a crisis that was read changed under its reader")
	}
}

func TestTasksWaitForEachOther(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	_, err := r.EndTask(ctx, who("huber"), c.ID, "elective", "")
	journaltest.Refused(t, "done before what comes first", err, fault.Invalid, "davor")
	r.must(r.EndTask(ctx, who("huber"), c.ID, "elective", "lief schon vor der Abmeldung"))
	_, err = r.EndTask(ctx, who("huber"), c.ID, "elective", "")
	journaltest.Refused(t, "done twice", err, fault.Conflict, "Fr. huber")
	r.pass(31 * time.Minute)
	counts := r.must(r.Crisis(c.ID)).Counts(r.clock())
	if n := counts[rulebook.Operation]; n.Ended != 1 || n.Overdue < 2 {
		t.Errorf("after half an hour: %+v", n)
	}
	c = r.must(r.ChangeKind(ctx, who("stein"), c.ID, rulebook.Insider, "Spur führt ins Haus"))
	if _, ok := c.Task("circle"); !ok || c.Kind != rulebook.Insider {
		t.Error("another kind brings no tasks")
	}
	if x, _ := c.Task("elective"); x.State != TaskDone {
		t.Error("another kind opens what is done")
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"opened","kind":"fire","title":"x","began":"2026-11-19T02:14:00Z","by":{"person":"a","at":"2026-11-19T02:14:00Z"}}`))
	f.Add([]byte(`{"v":1,"t":"task-added","crisis":"x","new":{"title":"a","phase":"return"},"by":{"person":"a","at":"2026-11-19T02:14:00Z"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEvent(b)
		if err != nil {
			return
		}
		fo := newFold()
		opened := event{Step: stepOpened, Kind: rulebook.Fire, Title: "Brand", Began: time.Unix(1, 0), By: Act{Person: "a", At: time.Unix(1, 0)}}
		body, _ := opened.encode()
		rec := journal.Record{Seq: 1, ID: journal.NewID(), Kind: journal.Crisis, Body: body}
		fo.apply(rec)
		e.Crisis = rec.ID.String()
		if body, err = e.encode(); err != nil {
			return
		}
		for i := range 3 { // whatever it says, the fold goes on
			fo.apply(journal.Record{Seq: journal.Seq(i + 2), ID: journal.NewID(), Kind: journal.Crisis, Body: body})
		}
	})
}

var _ Journal = (*journal.Journal)(nil)

func (r *room) waitRuns(ctx context.Context) {
	r.t.Helper()
	r.runs.Wait()
	if err := r.Advance(ctx, 0); err != nil {
		r.t.Fatal(err)
	}
}

// How a patient moves is said for the list, and is no line of a book that leaves
// the house.
func TestMobilityStandsOnTheListAlone(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.busy()
	c = r.must(r.SetMobility(t.Context(), who("weber"), c.ID, "annaannaannaanna", LyingDown))
	if m := c.Evacuation.Mobility["annaannaannaanna"]; m.How != LyingDown || m.By.Name == "" {
		t.Errorf("it says %+v", m)
	}
	for _, l := range c.Lines {
		if strings.Contains(l.Text, "liegend") {
			t.Errorf("the logbook says %q", l.Text)
		}
	}
	if _, err := r.SetMobility(t.Context(), who("weber"), c.ID, "annaannaannaanna", "fliegt"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an unknown word: %v", err)
	}
	c = r.must(r.SetMobility(t.Context(), who("weber"), c.ID, "annaannaannaanna", ""))
	if len(c.Evacuation.Mobility) != 0 {
		t.Errorf("taken back it says %+v", c.Evacuation.Mobility)
	}
	r.must(r.EndEvacuation(t.Context(), who("stein"), c.ID))
	if _, err := r.SetMobility(t.Context(), who("weber"), c.ID, "annaannaannaanna", OnFoot); fault.KindOf(err) != fault.Conflict {
		t.Errorf("after the end: %v", err)
	}
}
