package testkit

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Password is the password of everybody in the hospital of a test.
const Password = "Lindenblüte-47"

// patience bounds every wait. It is no measure of speed: a test that reaches it
// hangs.
const patience = 60 * time.Second

// Start is when a story begins, on a Saturday in November. The hospital's clock
// stands still until [Hospital.Pass] moves it.
func Start() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// Hospital is a running hub with its senders and its people.
type Hospital struct {
	Config config.Config
	Hub    *app.Hub

	t       testing.TB
	keys    app.Keys
	logs    *logbook
	secrets *secrets

	mu     sync.Mutex
	now    time.Time
	serves *app.Serving
	still  string // address of the pages of a hub that does not fold its charts; "" for none
	stop   context.CancelFunc
	ended  chan error
	lines  map[string]*line
	people map[string]*Person
}

// New starts the hospital of a story and stops it when the test ends. change,
// if any, changes the configuration first.
func New(t testing.TB, change ...func(*config.Config)) *Hospital {
	t.Helper()
	dir := t.TempDir()
	c := Config(filepath.Join(dir, "data"))
	for _, f := range change {
		f(&c)
	}
	if err := app.CreateKeys(c.Keys.File, "testhaus", ""); err != nil {
		t.Fatal(err)
	}
	keys, err := app.OpenKeys(c.Keys.File, "")
	if err != nil {
		t.Fatal(err)
	}
	h := &Hospital{
		Config: c, t: t, keys: keys, logs: &logbook{}, secrets: &secrets{}, now: Start(),
		lines: map[string]*line{}, people: map[string]*Person{},
	}
	t.Cleanup(h.end)
	h.start()
	if err := SignUp(t.Context(), h.Hub.Staff); err != nil {
		t.Fatal(err)
	}
	return h
}

// Config is the configuration of the test hospital: four wards, four feeds on
// free ports.
func Config(data string) config.Config {
	c := config.Default()
	c.Hospital.Name, c.Hospital.Site = "Klinik am Lindenhof", "lindenhof"
	c.Data = data
	c.Keys.File = filepath.Join(data, "keys", "master.key")
	c.Web.Listen = "127.0.0.1:0"
	c.Systems = []config.System{
		{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}, {ID: "lis", Name: lang.Text{DE: "Labor", EN: "Laboratory"}},
		{ID: "pdms", Name: lang.Text{DE: "Vitalwerte", EN: "Vital signs"}}, {ID: "ris", Name: lang.Text{DE: "Radiologie", EN: "Radiology"}},
	}
	for _, s := range c.Systems {
		f := config.DefaultFeed()
		f.Name, f.Label, f.System, f.Listen = s.ID, s.Name, s.ID, "127.0.0.1:0"
		c.Feeds = append(c.Feeds, f)
	}
	c.Wards = []config.Ward{
		{Code: "3A", Name: "Innere Medizin 3A", Kind: config.WardNormal, Beds: []config.Room{{Room: "301", Beds: []string{"F", "T"}}, {Room: "302", Beds: []string{"F", "T"}}}},
		{Code: "3B", Name: "Chirurgie 3B", Kind: config.WardNormal, Beds: []config.Room{{Room: "311", Beds: []string{"F", "T"}}}},
		{Code: "ITS", Name: "Intensivstation", Kind: config.WardICU, Beds: []config.Room{{Room: "1", Beds: []string{"A", "B"}}}},
		{Code: "GEB", Name: "Geburtshilfe", Kind: config.WardBirth, Beds: []config.Room{{Room: "21", Beds: []string{"F", "K"}}}},
	}
	c.Mapping = mapping()
	return c
}

func mapping() interpret.Tables {
	var t interpret.Tables
	t.Identity.Authority = "HAUS"
	t.Feeds = map[string]interpret.FeedTable{"lis": {Section: "lab"}, "ris": {Section: "radiology"}, "pdms": {Section: "vitals"}}
	t.Results = []interpret.ResultRule{
		{Feed: "lis", Code: "K", LOINC: "2823-3", Text: "Kalium", Unit: "mmol/l", Group: "Elektrolyte", Sort: 110},
		{Feed: "lis", Code: "NA", LOINC: "2951-2", Text: "Natrium", Unit: "mmol/l", Group: "Elektrolyte", Sort: 100},
		{Feed: "lis", Code: "HB", LOINC: "718-7", Text: "Hämoglobin", Unit: "g/dl", Group: "Blutbild", Sort: 10},
		{Feed: "pdms", Code: "HF", LOINC: "8867-4", Text: "Puls", Unit: "/min", Section: "vitals", Group: "Vitalzeichen", Sort: 20},
	}
	return t
}

// SignUp adds the people of the test hospital: one of each role, and a second
// nurse and a second member of the crisis team.
func SignUp(ctx context.Context, book *staff.Book) error {
	var errs []error
	for _, p := range []staff.Person{
		{ID: "pflege", Name: "S. Weber", Roles: []staff.Role{staff.Nurse}, Wards: []string{"3A", "3B"}},
		{ID: "pflege2", Name: "B. Thoma", Roles: []staff.Role{staff.Nurse}, Wards: []string{"ITS"}},
		{ID: "arzt", Name: "Dr. J. Brandt", Roles: []staff.Role{staff.Physician}},
		{ID: "aufnahme", Name: "M. Kurz", Roles: []staff.Role{staff.Admission}},
		{ID: "labor", Name: "T. Özdemir", Roles: []staff.Role{staff.Laboratory}},
		{ID: "radiologie", Name: "Dr. P. Lang", Roles: []staff.Role{staff.Radiology}},
		{ID: "apotheke", Name: "K. Sommer", Roles: []staff.Role{staff.Pharmacy}},
		{ID: "it", Name: "R. Vogel", Roles: []staff.Role{staff.IT}},
		{ID: "krisenstab", Name: "Dr. A. Stein", Roles: []staff.Role{staff.Crisis}},
		{ID: "krisenstab2", Name: "K. Roth", Roles: []staff.Role{staff.Crisis}},
		{ID: "revision", Name: "H. Adler", Roles: []staff.Role{staff.Auditor}},
	} {
		p.Lang = lang.DE
		errs = append(errs, book.Add(ctx, staff.Console(), p), book.SetPassword(ctx, staff.Console(), p.ID, Password))
	}
	return errors.Join(errs...)
}

// CheapHash is a password hash that costs a test nothing.
func CheapHash() staff.HashCost { return staff.HashCost{Memory: 8, Time: 1, Threads: 1} }

// Clock is the hospital's clock.
func (h *Hospital) Clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Pass lets time pass.
func (h *Hospital) Pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *Hospital) options() app.Options {
	return app.Options{Log: slog.New(slog.NewJSONHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: h.Clock, Clock: h.Clock, Hash: CheapHash()}
}

func (h *Hospital) start() {
	h.t.Helper()
	o := h.options()
	hub, err := app.Open(h.t.Context(), h.Config, h.keys, o)
	if err != nil {
		h.t.Fatal("open:", err)
	}
	s, err := hub.Listen(o, app.Pages(nil, lang.Text{}))
	if err != nil {
		h.t.Fatal("listen:", errors.Join(err, hub.Close()))
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	h.Hub, h.serves, h.stop, h.ended = hub, s, stop, ended
}

// Stop stops the hub in good order.
func (h *Hospital) Stop() {
	h.t.Helper()
	if h.stop == nil {
		return
	}
	for _, l := range h.lines {
		l.hangUp()
	}
	h.stop()
	err := <-h.ended
	if err := errors.Join(err, h.Hub.Close()); err != nil {
		h.t.Error("stop:", err)
	}
	h.stop = nil
}

// Restart stops the hub and starts it anew on the same folder. Feeds and pages
// get new ports; people stay signed in where the hub lets them.
func (h *Hospital) Restart() {
	h.t.Helper()
	h.Stop()
	h.start()
}

// Check verifies the whole data folder of the stopped hub and fails the test
// for each damage.
func (h *Hospital) Check() {
	h.t.Helper()
	h.Stop()
	found, stats, err := app.CheckJournal(h.t.Context(), h.Config, h.keys, nil)
	if err != nil {
		h.t.Fatal("check:", err)
	}
	more, err := app.CheckDerived(h.t.Context(), h.Config, h.keys)
	if err != nil {
		h.t.Fatal("check derived:", err)
	}
	for _, f := range append(found, more...) {
		if f.Notice {
			continue
		}
		h.t.Errorf("check of %d records found %s/%s: %s (%v)", stats.Records, f.Part, f.Code, f.Text.EN, f.Err)
	}
}

// Replay rebuilds everything derived from the journal and starts the hub again.
func (h *Hospital) Replay() {
	h.t.Helper()
	h.Stop()
	if err := app.Replay(h.t.Context(), h.Config, h.keys, func(journal.Seq) {}); err != nil {
		h.t.Fatal("replay:", err)
	}
	h.start()
}

// Settle waits until the charts and the people's book show what the journal
// holds.
func (h *Hospital) Settle() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	head := h.Hub.Journal.Head()
	if err := errors.Join(h.Hub.Chart.Wait(ctx, head), h.Hub.Staff.Wait(ctx, head), h.Hub.Board.Wait(ctx, head), h.Hub.Harm.Wait(ctx, head), h.Hub.Crisis.Wait(ctx, head), h.Hub.Tray.Wait(ctx, head), h.Hub.Back.Wait(ctx, head)); err != nil {
		h.t.Fatalf("the folds do not catch up (%s): %v", fault.Say(err).EN, err)
	}
}

// end looks for health data where none may be, stops the hub, and looks again.
func (h *Hospital) end() {
	h.secrets.seek(h.t, h.Config.Data)
	h.Stop()
	h.secrets.seek(h.t, h.Config.Data)
	h.secrets.seekLog(h.t, h.logs.bytes())
}
