package watch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/watch/probe"
)

var t0 = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// TestOneLostAnswerIsNoFailure reads like a row of results: g good, w weak, b
// bad, - blind.
func TestOneLostAnswerIsNoFailure(t *testing.T) {
	t.Parallel()
	verdicts := map[rune]probe.Verdict{'g': probe.Good, 'w': probe.Weak, 'b': probe.Bad, '-': probe.Blind}
	tests := []struct {
		results string
		every   time.Duration
		want    probe.Verdict
	}{
		{"g", time.Minute, probe.Good},
		{"b", time.Minute, ""},
		{"bb", time.Minute, ""},
		{"bbb", time.Minute, probe.Bad},
		{"gggb", time.Minute, probe.Good},
		{"gggbb", time.Minute, probe.Good},
		{"gggbgb", time.Minute, probe.Good},
		{"gggbgbb", time.Minute, probe.Bad},
		{"gggbbb", time.Minute, probe.Bad},
		{"gbbbg", time.Minute, probe.Bad},
		{"gbbbggg", time.Minute, probe.Good},
		{"gwbw", time.Minute, probe.Weak},
		{"gwww", time.Minute, probe.Weak},
		{"bbbww", time.Minute, probe.Weak},
		{"ggg---", time.Minute, probe.Blind},
		{"---g", time.Minute, probe.Blind},
		{"---ggg", time.Minute, probe.Good},
		{"gb", 5 * time.Minute, probe.Good},
		{"gbb", 5 * time.Minute, probe.Bad},
		{"gbbg", 5 * time.Minute, probe.Bad},
		{"gbbgg", 5 * time.Minute, probe.Good},
	}
	for _, x := range tests {
		var h history
		var got probe.Verdict
		for _, r := range x.results {
			h = append(h, verdicts[r])
			got = settle(h, got, x.every)
		}
		if got != x.want {
			t.Errorf("%s every %s: %q, want %q", x.results, x.every, got, x.want)
		}
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		e    evidence
		want incident.State
	}{
		{"all answer", evidence{good: 3}, incident.Up},
		{"one of three does not", evidence{good: 2, bad: 1}, incident.Degraded},
		{"none does", evidence{bad: 3}, incident.Down},
		{"answers weakly", evidence{weak: 1}, incident.Degraded},
		{"answers, but its feed is silent", evidence{good: 1, feeds: 1, silent: 1}, incident.Degraded},
		{"no probe, one of two feeds silent", evidence{feeds: 2, silent: 1}, incident.Degraded},
		{"no probe, all feeds silent", evidence{feeds: 2, silent: 2}, incident.Down},
		{"no answer, though a feed still sends", evidence{bad: 1, feeds: 1}, incident.Down},
		{"a feed sends less", evidence{good: 1, feeds: 1, low: 1}, incident.Degraded},
		{"a feed floods", evidence{good: 1, feeds: 1, flood: 1}, incident.Up},
		{"another monitoring says critical", evidence{critical: 1}, incident.Down},
		{"another monitoring says critical, but it answers", evidence{good: 1, critical: 1}, incident.Degraded},
		{"another monitoring warns", evidence{warning: 1}, incident.Degraded},
	} {
		if got := x.e.level(); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
}

func TestTheWayBackUp(t *testing.T) {
	t.Parallel()
	up, half, down, flood := evidence{good: 1}, evidence{weak: 1}, evidence{bad: 1}, evidence{good: 1, feeds: 1, flood: 1}
	for _, x := range []struct {
		name   string
		prev   incident.State
		e      evidence
		steady time.Duration
		want   incident.State
	}{
		{"nothing known, well", "", up, 0, incident.Up},
		{"nothing known, down", "", down, 0, incident.Down},
		{"fails", incident.Up, down, 0, incident.Down},
		{"gets weak", incident.Up, half, 0, incident.Degraded},
		{"gets well", incident.Degraded, up, 0, incident.Up},
		{"answers again", incident.Down, up, 0, incident.Restoring},
		{"answers a little", incident.Down, half, 0, incident.Restoring},
		{"not long enough", incident.Restoring, up, 4 * time.Minute, incident.Restoring},
		{"long enough", incident.Restoring, up, 5 * time.Minute, incident.Up},
		{"falls again", incident.Restoring, down, 0, incident.Down},
		{"sends what it held back", incident.Restoring, flood, 0, incident.CatchingUp},
		{"still does", incident.CatchingUp, flood, 0, incident.CatchingUp},
		{"has done", incident.CatchingUp, up, 0, incident.Up},
		{"does not get beyond half", incident.Restoring, half, 31 * time.Minute, incident.Degraded},
	} {
		if got := next(x.prev, t0, x.e, x.steady, t0.Add(time.Hour), settled); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
	if got := next(incident.CatchingUp, t0, flood, 0, t0.Add(13*time.Hour), settled); got != incident.Up {
		t.Errorf("a flood of 13 hours is still %s", got)
	}
}

// needing makes an estate from lines like "kis: db net".
func needing(lines ...string) *estate.Estate {
	var tab estate.Tables
	for _, l := range lines {
		id, needs, _ := strings.Cut(l, ":")
		tab.Systems = append(tab.Systems, estate.System{ID: id})
		for _, n := range strings.Fields(needs) {
			tab.Dependencies = append(tab.Dependencies, estate.Dependency{System: id, On: n, Kind: estate.Needs})
		}
	}
	return estate.New(tab)
}

func TestOneCauseForManyFailures(t *testing.T) {
	t.Parallel()
	e := needing("net:", "db: net", "kis: db", "pacs: net", "ris: kis pacs", "a: b", "b: c", "c: a", "alone:")
	tests := []struct {
		name string
		down []string // in the order they failed
		want map[string]string
	}{
		{"the database", []string{"kis", "db", "ris"}, map[string]string{"kis": "db", "db": "db", "ris": "db"}},
		{"the network takes all", []string{"net", "db", "kis", "pacs", "ris"}, map[string]string{"net": "net", "db": "net", "kis": "net", "pacs": "net", "ris": "net"}},
		{"two at once", []string{"kis", "pacs", "ris"}, map[string]string{"kis": "kis", "pacs": "pacs", "ris": "kis pacs"}},
		{"what lies between still lives", []string{"net", "kis"}, map[string]string{"net": "net", "kis": "kis"}},
		{"a circle: who failed first", []string{"b", "a", "c"}, map[string]string{"a": "b", "b": "b", "c": "b"}},
		{"one alone", []string{"alone"}, map[string]string{"alone": "alone"}},
	}
	for _, x := range tests {
		var down []failing
		for i, id := range x.down {
			down = append(down, failing{id, t0.Add(time.Duration(i) * time.Minute)})
		}
		got := causes(e, down)
		for id, want := range x.want {
			if g := strings.Join(got[id], " "); g != want {
				t.Errorf("%s: %s comes from %q, want %q", x.name, id, g, want)
			}
		}
	}
}

func TestAvailabilityOfAMonth(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	at := func(h int) time.Time { return from.Add(time.Duration(h) * time.Hour) }
	changes := []Change{
		{At: at(10), State: incident.Up},
		{At: at(20), State: incident.Down}, {At: at(23), State: incident.Restoring}, {At: at(24), State: incident.Up},
		{At: at(30), State: incident.Down}, {At: at(40), State: incident.Up}, // in maintenance from 29 to 41
		{At: at(50), State: incident.Down}, {At: at(60), State: incident.Up}, // nobody watched from 52 to 58
		{At: at(70), State: incident.Degraded},
	}
	win := Window{Systems: []string{"kis"}, From: at(29), To: at(60), Off: Act{At: at(41)}}
	a := availability(changes, func(x time.Time) bool { return win.covers("kis", x) }, []time.Time{win.From, win.end()},
		[]Span{{at(52), at(58)}}, from, at(80))
	h := func(n int) time.Duration { return time.Duration(n) * time.Hour }
	want := Availability{From: from, To: at(80), Unseen: h(16), Planned: h(12), Down: h(3 + 4), Degraded: h(1 + 10), Up: h(10 + 5 + 9 + 10), Failures: 2, Longest: h(4)}
	if a != want {
		t.Errorf("got  %+v\nwant %+v", a, want)
	}
	if sum := a.Up + a.Degraded + a.Down + a.Planned + a.Unseen; sum != h(80) {
		t.Errorf("the parts make %s of 80 h", sum)
	}
	if s, ok := a.Share(); !ok || s < 0.86 || s > 0.87 {
		t.Errorf("available %f", s)
	}
}

func TestAlertsOfOtherMonitorings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		format   Format
		body     string
		firing   bool
		critical bool
		meets    string
		text     string
	}{
		{"Alertmanager fires", Alertmanager, `{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"InstanceDown","instance":"kis-db1:9100","severity":"critical"},"annotations":{"summary":"kis-db1\nist weg"},"startsAt":"2026-11-20T01:58:00Z","fingerprint":"ab12"}]}`, true, true, "kis-db1", "kis-db1 ist weg"},
		{"Alertmanager warns of a system by its label", Alertmanager, `{"alerts":[{"status":"firing","labels":{"alertname":"DiskFull","system":"pacs","severity":"warning"},"fingerprint":"x"}]}`, true, false, "pacs", "DiskFull"},
		{"Alertmanager resolves", Alertmanager, `{"alerts":[{"status":"resolved","labels":{"alertname":"InstanceDown","instance":"kis-db1:9100"},"fingerprint":"ab12"}]}`, false, true, "kis-db1", "InstanceDown"},
		{"Icinga: service critical", Icinga, `{"host":"kis1","service":"oracle","state":"CRITICAL","output":"ORA-12514","since":"1763604000"}`, true, true, "kis1!oracle", "ORA-12514"},
		{"Icinga: host up", Icinga, `{"host":"kis1","state":"UP","since":1763604000.5}`, false, false, "kis1", ""},
		{"Zabbix: disaster", Zabbix, `{"value":"1","severity":"5","host":"pacs1","trigger":"4711","name":"PACS antwortet nicht"}`, true, true, "pacs1", "PACS antwortet nicht"},
		{"Zabbix: average, recovered", Zabbix, `{"value":0,"severity":3,"host":"pacs1","trigger":4711}`, false, false, "pacs1", ""},
	}
	for _, x := range tests {
		got, err := parseAlerts(x.format, []byte(x.body), t0)
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %d alerts", x.name, err, len(got))
			continue
		}
		a := got[0]
		if a.firing != x.firing || a.Critical != x.critical || a.Text != x.text || !a.meets("other", map[string]bool{x.meets: true}) || a.meets("other", nil) {
			t.Errorf("%s: %+v", x.name, a)
		}
		if a.Since.After(t0) || t0.Sub(a.Since) > keep {
			t.Errorf("%s: since %s", x.name, a.Since)
		}
	}
	for _, bad := range []struct {
		format Format
		body   string
	}{
		{Alertmanager, `{}`}, {Alertmanager, `[]`}, {Alertmanager, `{"alerts":[{"status":"maybe"}]}`}, {Icinga, `{"host":"x","state":"BROKEN"}`},
		{Icinga, `{"state":"OK"}`}, {Zabbix, `{"host":"x","trigger":"1","value":"2"}`}, {"nagios", `{}`},
		{Alertmanager, `{"alerts":[` + strings.TrimSuffix(strings.Repeat(`{"status":"firing","labels":{"alertname":"a"},"fingerprint":"f"},`, 501), ",") + `]}`},
	} {
		if got, err := parseAlerts(bad.format, []byte(bad.body), t0); err == nil {
			t.Errorf("%s takes %.60s as %d alerts", bad.format, bad.body, len(got))
		}
	}
}

// FuzzAlerts: whatever another program sends, it is refused or becomes alerts
// that fit a page and a record.
func FuzzAlerts(f *testing.F) {
	f.Add("alertmanager", []byte(`{"alerts":[{"status":"firing","labels":{"alertname":"a"},"fingerprint":"f"}]}`))
	f.Add("icinga", []byte(`{"host":"x","state":"OK","since":"1"}`))
	f.Add("zabbix", []byte(`{"host":"x","trigger":1,"value":"1","severity":null}`))
	f.Fuzz(func(t *testing.T, format string, b []byte) {
		got, err := parseAlerts(Format(format), b, t0)
		if err != nil {
			return
		}
		for _, a := range got {
			e := event{V: 1, Step: AlertCame, At: t0, Alert: &a.Alert}
			body, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decodeEvent(body); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if len(a.Text) > 4*maxWord || slices.ContainsFunc(a.Names, func(n string) bool { return n == "" || len(n) > 4*maxWord }) {
				t.Fatalf("too long: %+v", a)
			}
		}
	})
}

// FuzzRecord: no body upsets the fold.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"changed","at":"2026-11-20T02:00:00Z","system":"kis","state":"down"}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if e, err := decodeEvent(b); err == nil {
			newFold().take(e, record(1, e.At, b))
		}
	})
}
