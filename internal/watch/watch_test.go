package watch

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/watch/probe"
	"notbetrieb/internal/watch/rhythm"
)

func record(seq journal.Seq, at time.Time, body []byte) journal.Record {
	return journal.Record{Seq: seq, ID: journal.NewID(), Received: at, Kind: journal.Watch, Source: "watch", Body: body}
}

// story is a small hospital that is watched: a network, a database that needs
// it, a KIS that needs the database, and a laboratory known by its feed alone.
type story struct {
	*Watch
	t     *testing.T
	clock *journaltest.Clock
	j     *journal.Journal
	o     Options
}

func hospital() *estate.Estate {
	text := func(s string) lang.Text { return lang.Text{DE: s} }
	probeOf := func(id, system string) estate.Probe {
		return estate.Probe{ID: id, System: system, Kind: estate.ProbeTCP, Target: "192.0.2.1:80"}
	}
	return estate.New(estate.Tables{
		Systems: []estate.System{
			{ID: "netz", Name: text("Netz"), Weight: estate.Essential},
			{ID: "db", Name: text("Datenbank"), Weight: estate.Supporting},
			{ID: "kis", Name: text("KIS"), Weight: estate.Vital},
			{ID: "lis", Name: text("Labor"), Weight: estate.Vital},
			{ID: "fax", Name: text("Fax"), Weight: estate.Supporting},
		},
		Dependencies: []estate.Dependency{
			{System: "kis", On: "db", Kind: estate.Needs}, {System: "db", On: "netz", Kind: estate.Needs}, {System: "kis", On: "fax", Kind: estate.Helpful},
		},
		Probes: []estate.Probe{
			probeOf("netz-1", "netz"), probeOf("db-1", "db"), probeOf("kis-1", "kis"), probeOf("kis-2", "kis"),
			{ID: "db-hook", System: "db", Kind: estate.ProbeWebhook, Target: "db-host"},
		},
		Feeds: []estate.Feed{{Name: "labor", System: "lis"}},
	})
}

func tell(t *testing.T) *story {
	t.Helper()
	c := journaltest.At(time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC))
	j := journaltest.Open(t, journal.Options{Now: c.Now})
	e := hospital()
	s := &story{t: t, clock: c, j: j, o: Options{
		Dir: t.TempDir(), Key: seal.NewKey(), Zone: time.UTC, Now: c.Now, Estate: func() *estate.Estate { return e },
		Feeds: []Feed{{Name: "labor", System: "kis", Silent: time.Hour}}, Propose: 2 * time.Minute,
	}}
	s.open()
	return s
}

func (s *story) open() {
	s.t.Helper()
	w, err := Open(s.t.Context(), s.j, s.o)
	if err != nil {
		s.t.Fatal(err)
	}
	w.sched.plan(s.o.Estate())
	s.Watch = w
}

// saw gives probes a result, three times, so that it is settled, and concludes.
func (s *story) saw(v probe.Verdict, ids ...string) {
	s.t.Helper()
	for range 3 {
		s.sched.mu.Lock()
		for _, id := range ids {
			l := s.sched.looks[id]
			l.last, l.at = probe.Result{Verdict: v, Say: lang.Text{DE: "gesehen: " + string(v)}}, s.clock.Now()
			l.results = append(l.results, v)
			l.taken = settle(l.results, l.taken, l.every)
		}
		s.sched.mu.Unlock()
		s.clock.Pass(20 * time.Second)
	}
	s.look()
}

func (s *story) look() {
	s.t.Helper()
	if err := s.conclude(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) message(feed string) {
	s.t.Helper()
	seq, err := s.j.Append(s.t.Context(), journal.Record{ID: journal.NewID(), Source: feed, Kind: journal.HL7, Body: []byte("MSH|")})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Wait(s.t.Context(), seq); err != nil {
		s.t.Fatal(err)
	}
}

// states is the board in one line.
func (s *story) states() string {
	var out []string
	for _, r := range s.Board().Rows {
		if r.State != "" {
			out = append(out, r.System.ID+" "+string(r.State))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (s *story) is(want string) {
	s.t.Helper()
	if got := s.states(); got != want {
		s.t.Fatalf("the board says %q, want %q", got, want)
	}
}

func (s *story) refused(err error, kind fault.Kind) {
	s.t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		s.t.Errorf("got %v, want %v", err, kind)
	}
}

func (s *story) well(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func vogel(key string) Command { return Command{Key: key, Person: "it", Name: "R. Vogel"} }

func TestTheDatabaseFailsAndTheKISWithIt(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.saw(probe.Good, "netz-1", "db-1", "kis-1", "kis-2")
	s.is("db up, kis up, netz up")

	s.saw(probe.Bad, "kis-1")
	s.is("db up, kis degraded, netz up") // partial outage is the normal case
	s.saw(probe.Bad, "kis-2")
	s.is("db up, kis down, netz up")
	if a := s.Board().Alarms; len(a) != 1 || a[0].System != "kis" || len(a[0].Affected) != 0 {
		t.Fatalf("alarms %+v", a)
	}
	s.saw(probe.Bad, "db-1")
	a := s.Board().Alarms
	if len(a) != 1 || a[0].System != "db" || !reflect.DeepEqual(a[0].Affected, []string{"kis"}) || a[0].Why[0].Say.DE != "gesehen: bad" {
		t.Fatalf("want one alarm about the database with the KIS affected, got %+v", a)
	}
	s.clock.Pass(3 * time.Minute)
	p := s.Board().Proposals
	if len(p) != 2 || p[0].System.ID != "db" || p[1].System.ID != "kis" || !reflect.DeepEqual(p[1].From, []string{"db"}) {
		t.Fatalf("proposals %+v", p)
	}

	s.refused(s.Acknowledge(t.Context(), vogel("a"), "db", a[0].Seq-1, ""), fault.Conflict)
	s.well(s.Acknowledge(t.Context(), vogel("b"), "db", a[0].Seq, "fahre hin"))
	s.well(s.Acknowledge(t.Context(), vogel("b"), "db", a[0].Seq, "fahre hin")) // the same form twice
	if ack := s.Board().Alarms[0].Ack; ack.By.Name != "R. Vogel" || ack.Text != "fahre hin" {
		t.Errorf("acknowledged by %+v", ack)
	}
	s.refused(s.Decline(t.Context(), vogel("c"), "kis", p[1].Seq, ""), fault.Invalid)
	s.well(s.Decline(t.Context(), vogel("d"), "kis", p[1].Seq, "nur die Prüfung"))
	if p := s.Board().Proposals; len(p) != 1 || p[0].System.ID != "db" {
		t.Errorf("after one was declined there are %+v", p)
	}

	s.saw(probe.Good, "db-1", "kis-1", "kis-2")
	s.is("db restoring, kis restoring, netz up")
	if a := s.Board().Alarms; len(a) != 0 {
		t.Errorf("alarms while all answer: %+v", a)
	}
	s.clock.Pass(5 * time.Minute)
	s.look()
	s.is("db up, kis up, netz up")
	_, history, ok := s.System("kis")
	if !ok || len(history) != 5 || history[0].State != incident.Up || history[2].State != incident.Down {
		t.Errorf("history %+v", history)
	}
	m := s.Months("kis", 3)
	if len(m) != 1 || m[0].Failures != 1 || m[0].Down <= 0 {
		t.Errorf("availability %+v", m)
	}
}

func TestASilentLaboratoryBecomesAProposal(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.look()
	s.is("") // nothing has come yet: nothing is known
	s.message("labor")
	s.clock.Pass(59 * time.Minute)
	s.look()
	s.is("lis up")
	s.clock.Pass(2 * time.Minute)
	s.look()
	s.is("lis down")
	if f := s.Board().Feeds[0]; f.System != "lis" || len(f.Say) != 1 || !strings.HasPrefix(f.Say[0].DE, "still seit 19.11. 09:00") {
		t.Errorf("the feed says %+v", f.Say)
	}
	s.clock.Pass(2 * time.Minute)
	if p := s.Board().Proposals; len(p) != 1 || p[0].System.ID != "lis" {
		t.Fatalf("proposals %+v", p)
	}
	s.message("labor")
	s.look()
	s.is("lis restoring")
	s.clock.Pass(10 * time.Minute)
	s.look()
	s.is("lis up")
}

func TestMaintenanceIsNoAlarm(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.saw(probe.Good, "netz-1", "db-1", "kis-1", "kis-2")
	now := s.clock.Now()
	s.refused(s.Plan(t.Context(), vogel("p0"), []string{"weg"}, now, now.Add(time.Hour), "Update"), fault.NotFound)
	s.refused(s.Plan(t.Context(), vogel("p0"), []string{"kis"}, now, now, "Update"), fault.Invalid)
	s.refused(s.Plan(t.Context(), vogel("p0"), []string{"kis"}, now, now.AddDate(0, 1, 0), "Update"), fault.Invalid)
	s.well(s.Plan(t.Context(), vogel("p1"), []string{"kis"}, now, now.Add(2*time.Hour), "Update auf 7.2"))
	s.saw(probe.Bad, "kis-1", "kis-2")
	s.clock.Pass(10 * time.Minute)
	b := s.Board()
	if len(b.Proposals) != 0 || len(b.Alarms) != 1 || !b.Alarms[0].Planned || s.Counts().Alarms != 0 {
		t.Errorf("in maintenance: proposals %+v, alarms %+v", b.Proposals, b.Alarms)
	}
	s.well(s.CallOff(t.Context(), vogel("p2"), b.Windows[0].ID))
	s.refused(s.CallOff(t.Context(), vogel("p3"), b.Windows[0].ID), fault.Conflict)
	if p := s.Board().Proposals; len(p) != 1 {
		t.Errorf("after it was called off: %+v", p)
	}
}

func TestAnotherMonitoringIsHeard(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.saw(probe.Good, "db-1")
	mux := http.NewServeMux()
	mux.Handle("POST /hooks/{format}", s.Hook("streng-geheim"))
	srv := httptest.NewServer(mux)
	defer srv.Close()
	call := func(token, format, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/hooks/"+format, strings.NewReader(body))
		s.well(err)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		s.well(err)
		s.well(res.Body.Close())
		return res.StatusCode
	}
	critical := `{"host":"db-host","service":"tablespace","state":"CRITICAL","output":"99 % voll"}`
	if got := call("falsch", "icinga", critical); got != http.StatusUnauthorized {
		t.Errorf("with a wrong token: %d", got)
	}
	if got := call("streng-geheim", "icinga", `{"host":1}`); got != http.StatusBadRequest {
		t.Errorf("with nonsense: %d", got)
	}
	if got := call("streng-geheim", "icinga", strings.Repeat("x", maxHook+1)); got != http.StatusRequestEntityTooLarge {
		t.Errorf("with too much: %d", got)
	}
	before := s.j.Head()
	for range 3 { // it repeats itself
		if got := call("streng-geheim", "icinga", critical); got != http.StatusNoContent {
			t.Fatalf("an alert: %d", got)
		}
	}
	if s.j.Head() != before+1 {
		t.Errorf("three calls of one alert made %d records", s.j.Head()-before)
	}
	s.look()
	s.is("db degraded")
	if a := s.Board().Alerts; len(a) != 1 || a[0].Text != "99 % voll" {
		t.Errorf("alerts %+v", a)
	}
	call("streng-geheim", "icinga", `{"host":"db-host","service":"tablespace","state":"OK"}`)
	s.look()
	s.is("db up")
	// A system that nothing else looks at comes back by the other monitoring's word.
	call("streng-geheim", "icinga", `{"host":"fax","state":"DOWN","output":"kein Ton"}`)
	s.look()
	s.is("db up, fax down")
	call("streng-geheim", "icinga", `{"host":"fax","state":"UP"}`)
	s.look()
	s.is("db up, fax restoring")
	s.clock.Pass(settled + time.Minute)
	s.look()
	s.is("db up, fax up")
	s.look()
	s.is("db up, fax up")
	many := 0
	for range 200 {
		if call("streng-geheim", "icinga", critical) == http.StatusTooManyRequests {
			many++
		}
	}
	if many == 0 {
		t.Error("200 calls in a row were all taken")
	}
}

func TestWhatWasSeenIsThereAfterARestart(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.saw(probe.Good, "netz-1", "db-1")
	s.message("labor")
	s.saw(probe.Bad, "db-1")
	s.well(s.Acknowledge(t.Context(), vogel("b"), "db", s.Board().Alarms[0].Seq, "ja"))
	before := s.Board()
	s.well(s.Close())
	s.clock.Pass(time.Hour)
	again := func(what string) {
		t.Helper()
		s.open()
		after := s.Board()
		if !reflect.DeepEqual(before.Alarms, after.Alarms) || !after.Feeds[0].Last.Equal(before.Feeds[0].Last) {
			t.Errorf("%s: before %+v, after %+v", what, before.Alarms, after.Alarms)
		}
	}
	again("from the file")
	s.well(os.WriteFile(filepath.Join(s.o.Dir, savedName), []byte("zerstört"), 0o600))
	again("from the journal")

	s.well(s.begin(t.Context()))
	if n := len(s.now.Fold.blind); n != 1 {
		t.Fatalf("an hour in which nobody watched makes %d spans", n)
	}
	if m := s.Months("db", 1); m[0].Unseen < time.Hour-time.Minute {
		t.Errorf("unseen %s", m[0].Unseen)
	}
}

func TestRhythmIsLearnedFromTheJournalInOnePass(t *testing.T) {
	t.Parallel()
	s := tell(t)
	var recs []journal.Record
	begin := s.clock.Now()
	for at := begin; at.Before(begin.AddDate(0, 0, 35)); at = at.Add(15 * time.Minute) {
		recs = append(recs, journal.Record{ID: journal.NewID(), Source: "labor", Kind: journal.HL7, Received: at, Body: []byte("MSH|")})
	}
	for part := range slices.Chunk(recs, 500) {
		if _, err := s.j.AppendAll(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	s.clock.Pass(35 * 24 * time.Hour)
	s.open()
	f := s.Board().Feeds[0]
	if !f.Ready || f.Due.IsZero() || f.Expected < 3.5 || f.Expected > 4.5 || len(f.Beats) == 0 {
		t.Fatalf("five weeks of messages taught %+v", f)
	}
	s.clock.Pass(f.Due.Sub(s.clock.Now()) + time.Minute)
	s.look()
	s.is("lis down")
	if got := s.Board().Feeds[0].Found; len(got) != 1 || got[0].Kind != rhythm.Silence {
		t.Errorf("found %+v", got)
	}
}

// TestProbesRunByThemselves lets the schedule ask a real socket.
func TestProbesRunByThemselves(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			_ = nc.Close()
		}
	}()
	e := estate.New(estate.Tables{
		Systems: []estate.System{{ID: "kis"}},
		Probes: []estate.Probe{
			{ID: "a", System: "kis", Kind: estate.ProbeTCP, Target: l.Addr().String(), Interval: estate.Of(time.Second)},
			{ID: "ti", System: "kis", Kind: estate.ProbeTILage, Target: "https://ti.invalid/", Interval: estate.Of(time.Second)},
			{ID: "geheim", System: "kis", Kind: estate.ProbeLDAP, Target: "ldap://ad.invalid", Options: map[string]string{"secret": "fehlt"}},
		},
	})
	s := newSchedule(Options{Now: time.Now, Every: time.Second, Timeout: time.Minute, Secret: SecretsIn(t.TempDir())}, func(probe.Result) {})
	s.plan(e)
	s.mu.Lock()
	for i := range s.queue {
		s.queue[i].at = time.Now()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(t.Context())
	}()
	for len(s.results()) < 3 {
		select {
		case <-t.Context().Done():
			t.Fatal("the probes do not run")
		case <-time.After(10 * time.Millisecond):
		}
	}
	r := s.results()
	if r["a"].taken != probe.Good || r["ti"].last.Verdict != probe.Blind || r["geheim"].last.Verdict != probe.Blind {
		t.Errorf("results %+v", r)
	}
	if got := r["ti"].every; got != 5*time.Minute {
		t.Errorf("the telematics are asked every %s", got)
	}
	if got := r["a"].every; got != quickest {
		t.Errorf("a probe may run every %s", got)
	}
	s.plan(estate.New(estate.Tables{}))
	if len(s.results()) != 0 {
		t.Error("probes that are gone are still there")
	}
}

// A service that asks for it is never asked more often, whatever chance adds to
// the time between two probes and however its answers change.
func TestChanceDoesNotHurryASlowProbe(t *testing.T) {
	t.Parallel()
	e := estate.New(estate.Tables{
		Systems: []estate.System{{ID: "rx"}},
		Probes:  []estate.Probe{{ID: "ti", System: "rx", Kind: estate.ProbeTILage, Target: "https://ti.invalid/", Interval: estate.Of(time.Second)}},
	})
	s := newSchedule(Options{Now: time.Now, Every: time.Second, Timeout: time.Minute}, func(probe.Result) {})
	s.plan(e)
	for range 200 {
		s.mu.Lock()
		turn := s.queue[0]
		s.queue = nil
		s.mu.Unlock()
		before := time.Now()
		s.ask(t.Context(), turn)
		if wait := s.queue[0].at.Sub(before); wait < 5*time.Minute {
			t.Fatalf("the telematics are asked again after %s", wait)
		}
	}
}

func TestTheHubWatchesItself(t *testing.T) {
	t.Parallel()
	raised := map[string]string{}
	free := uint64(10e9)
	s := newSelf(Options{
		Raise: func(k string, text lang.Text) { raised[k] = text.DE }, Clear: func(k string) { delete(raised, k) },
		Self: Self{Folders: []string{"/daten"}, MinFree: 5e9, Free: func(string) (uint64, error) { return free, nil }},
	})
	s.look()
	if len(raised) != 0 {
		t.Fatalf("all is well, but: %v", raised)
	}
	free, s.disk = 1e9, time.Time{}
	for range 5 {
		s.heard(probe.Result{PeerTime: time.Now().Add(2 * time.Minute)})
	}
	s.look()
	if !strings.Contains(raised["watch/disk/daten"], "1.0 GB") || !strings.Contains(raised["watch/clock-drift"], "nach") {
		t.Errorf("raised %v", raised)
	}
	free, s.disk, s.offsets = 10e9, time.Time{}, nil
	for range 3 {
		s.heard(probe.Result{PeerTime: time.Now()})
	}
	s.look()
	if len(raised) != 0 {
		t.Errorf("all is well again, but: %v", raised)
	}
	s.clock(time.Minute, time.Minute-time.Second)
	if len(raised) != 0 {
		t.Errorf("a second more or less is no jump: %v", raised)
	}
	s.clock(time.Hour+5*time.Second, 5*time.Second)
	if !strings.Contains(raised["watch/clock-jump"], "1h0m0s") {
		t.Errorf("after an hour's jump: %v", raised)
	}
}
