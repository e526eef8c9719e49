package web

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch"
	"notbetrieb/internal/watch/probe"
	"notbetrieb/internal/watch/rhythm"
)

func fixtureWatch() watch.Board {
	text := func(de, en string) lang.Text { return lang.Text{DE: de, EN: en} }
	refused := []watch.Cause{{Kind: watch.ByProbe, ID: "db-ping", Say: text("Verbindung abgelehnt: an diesem Port läuft nichts.", "Connection refused: nothing runs at this port.")}}
	db := estate.System{ID: "datenbanken", Name: text("Datenbanken", "Databases"), Weight: estate.Essential}
	kis := estate.System{ID: "kis", Name: text("KIS", "HIS"), Weight: estate.Vital}
	silent := watch.Cause{Kind: watch.ByFeed, ID: "kis-adt", Say: text("still seit 21.11. 02:11 Uhr", "silent since 21.11. 02:11")}
	win := watch.Window{ID: "w1", Systems: []string{"mail"}, From: ago(time.Hour), To: ago(-2 * time.Hour), Why: "Umzug in das neue Rechenzentrum", By: watch.Act{Person: "it", Name: "R. Vogel"}}
	var beats []rhythm.Beat
	for i := range 48 {
		n := []int{4, 3, 3, 5, 9, 20, 48, 60, 66, 61, 55, 50, 47, 44, 40, 36, 30, 24, 18, 14, 10, 8, 6, 5}[i%24]
		if i > 44 {
			n = 0
		}
		beats = append(beats, rhythm.Beat{Start: ago(time.Duration(48-i) * time.Hour), N: n, Low: float64(n) * 0.6, High: float64(n)*1.4 + 3, Judged: i != 20, Part: i == 47})
	}
	return watch.Board{
		At: theNow,
		Rows: []watch.Row{
			{System: kis, State: incident.Down, Since: ago(190 * time.Minute), Seq: 7, Why: []watch.Cause{silent}, From: []string{"datenbanken"}, Feeds: []string{"kis-adt"}, Newest: ago(20 * time.Second), Proposed: true,
				Probes: []watch.ProbeLine{
					{ID: "kis-web", Kind: "http", Target: "https://kis.klinik.example/", Every: time.Minute, Taken: probe.Bad, At: ago(20 * time.Second), Last: probe.Result{Verdict: probe.Bad, Say: text("Antwortet mit Status 503.", "Answers with status 503."), Took: 48 * time.Millisecond, CertEnd: ago(-200 * time.Hour)}},
					{ID: "kis-ping", Kind: "icmp", Target: "192.0.2.22", Every: time.Minute, Taken: probe.Blind, At: ago(30 * time.Second), Last: probe.Result{Verdict: probe.Blind, Say: text("Ping ist diesem Programm nicht erlaubt (net.ipv4.ping_group_range).", "This program may not ping.")}},
					{ID: "kis-fhir", Kind: "fhir", Target: "https://kis.klinik.example/fhir", Every: 5 * time.Minute},
				}},
			{System: estate.System{ID: "lis", Name: text("Labor", "Laboratory"), Weight: estate.Vital}, State: incident.CatchingUp, Since: ago(12 * time.Minute), Feeds: []string{"lis"}},
			{System: db, State: incident.Down, Since: ago(192 * time.Minute), Seq: 6, Why: refused, Probes: []watch.ProbeLine{{ID: "db-ping", Kind: "postgresql"}}, Newest: ago(15 * time.Second), Proposed: true},
			{System: estate.System{ID: "pacs", Name: text("PACS", "PACS"), Weight: estate.Essential}, State: incident.Up, Since: ago(900 * time.Hour), Probes: []watch.ProbeLine{{ID: "pacs-echo", Kind: "dicom"}}, Newest: ago(40 * time.Second),
				Notices: []watch.Cause{{Kind: watch.ByProbe, ID: "pacs-echo", Say: text("Antwortet; das Zertifikat läuft in 9 Tagen ab.", "Answers; the certificate ends in 9 days.")}}},
			{System: estate.System{ID: "mail", Name: text("Mail", "Mail"), Weight: estate.Supporting}, State: incident.Degraded, Since: ago(40 * time.Minute), Probes: []watch.ProbeLine{{ID: "mail-smtp", Kind: "smtp"}}, Newest: ago(4 * time.Minute), Window: win},
			{System: estate.System{ID: "kueche", Name: text("Küche", "Kitchen"), Weight: estate.Supporting}},
		},
		Feeds: []watch.FeedLine{
			{Name: "kis-adt", Label: text("KIS Aufnahme", "HIS admissions"), System: "kis", Last: ago(193 * time.Minute), Beats: beats, Expected: 55, Ready: true, Found: []rhythm.Finding{{Kind: rhythm.Silence, From: ago(193 * time.Minute)}}, Say: []lang.Text{silent.Say}},
			{Name: "lis", Label: text("Labor", "Laboratory"), System: "lis", Last: ago(2 * time.Minute), Beats: beats[:40], Expected: 7.5, Ready: true, Due: ago(-70 * time.Minute)},
			{Name: "docs", Label: text("Dokumente", "Documents"), System: "kis", Last: ago(50 * time.Minute), ReadyAt: ago(-300 * time.Hour)},
		},
		Alarms: []watch.Alarm{
			{System: "datenbanken", State: incident.Down, Since: ago(192 * time.Minute), Seq: 6, Why: refused, Affected: []string{"kis"}, Ack: watch.Said{Of: 6, By: watch.Act{Person: "it", Name: "R. Vogel", At: ago(180 * time.Minute)}, Text: "bin im Rechenzentrum"}},
			{System: "mail", State: incident.Degraded, Since: ago(40 * time.Minute), Seq: 9, Planned: true},
		},
		Alerts: []watch.Alert{
			{Key: "icinga db1 tablespace", Names: []string{"db1", "tablespace"}, Critical: true, Text: "ORA-01653: Tablespace ist voll", Since: ago(200 * time.Minute)},
			{Key: "zabbix sw3 4711", Names: []string{"sw3"}, Text: "Hohe Last an Port 12", Since: ago(20 * time.Minute)},
		},
		Windows: []watch.Window{win},
		Proposals: []watch.Proposal{
			{System: db, Since: ago(192 * time.Minute), Seq: 6, Why: refused},
			{System: kis, Since: ago(190 * time.Minute), Seq: 7, Why: []watch.Cause{silent}, From: []string{"datenbanken"}},
		},
		Unwatched:  1,
		Workplaces: fixturePlaces(),
	}
}

func fixturePlaces() []watch.WorkplaceLine {
	at := func(name, ward, from string, seen bool, ago time.Duration) watch.WorkplaceLine {
		return watch.WorkplaceLine{Workplace: watch.Workplace{Name: name, Ward: ward, From: netip.MustParsePrefix(from)}, Seen: seen, For: ago}
	}
	return []watch.WorkplaceLine{
		at("3A Stützpunkt", "3A", "10.20.3.11/32", true, 14*time.Minute), at("Pforte", "", "10.20.0.0/30", false, 12*time.Minute),
		at("ITS Zentrale", "ITS", "10.20.9.11/32", true, 70*time.Second),
	}
}

// TestTheWallSaysWhoIsSilent is the one line that is read from three metres.
func TestTheWallSaysWhoIsSilent(t *testing.T) {
	t.Parallel()
	lines := fixturePlaces()
	for _, x := range []struct {
		name  string
		lines []watch.WorkplaceLine
		heard int
		say   string
	}{
		{"one silent, one awaited", lines, 1, "3A Stützpunkt seit 14 min still"},
		{"nobody", lines[1:], 1, ""},
		{"two", append(lines[:1:1], watch.WorkplaceLine{For: 20 * time.Minute}), 0, "3A Stützpunkt seit 14 min und 1 weitere still"},
	} {
		if got := newPlacesView(x.lines); got.Heard != x.heard || got.All != len(x.lines) || got.Say.DE != x.say {
			t.Errorf("%s: %+v", x.name, got)
		}
	}
	if newPlacesView(nil) != nil {
		t.Error("none are configured, and something is said")
	}
}

func watchGallery(add func(string, []byte, error), f Frame) {
	b := fixtureWatch()
	draw(add, "watch", watchPageT, newWatchPage(b, f, "k", nil))
	draw(add, "watch-quiet", watchPageT, newWatchPage(watch.Board{Rows: b.Rows[3:4]}, f, "k", nil))
	history := []watch.Change{
		{Seq: 7, At: ago(190 * time.Minute), State: incident.Down, Why: b.Rows[0].Why}, {Seq: 5, At: ago(300 * time.Hour), State: incident.Up},
		{Seq: 3, At: ago(301 * time.Hour), State: incident.Restoring}, {Seq: 2, At: ago(302 * time.Hour), State: incident.Down},
	}
	months := []watch.Availability{
		{From: theNow.AddDate(0, 0, -20), To: theNow, Up: 480 * time.Hour, Down: 4*time.Hour + 10*time.Minute, Degraded: time.Hour, Failures: 2, Longest: 190 * time.Minute},
		{From: theNow.AddDate(0, -1, -20), To: theNow.AddDate(0, 0, -20), Unseen: 720 * time.Hour},
	}
	draw(add, "watch-system", watchSystemPageT, newWatchSystemPage(b.Rows[0], history, months, b, f, "k", nil))
	draw(add, "watch-system-cause", watchSystemPageT, newWatchSystemPage(b.Rows[2], nil, nil, b, f, "k", []problem{{Say: lang.Text{DE: "Der Zustand hat sich inzwischen geändert."}}}))
	draw(add, "maintenance", maintenancePageT, newMaintenancePage(b, []string{"mail"}, maintenanceForm{From: "2026-11-21T22:00", Why: "Update"}, f, "k", []problem{{"to", lang.Text{DE: "Bitte das Ende mit Datum und Uhrzeit angeben."}}}))
	board := fixtureBoard()
	board.watched = b
	draw(add, "outages-proposed", outagesPageT, newOutagesPage(board, f, proposed(b, "kis", f), nil, "k"))
}

func TestAProposalFillsTheForm(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Normal)
	form := proposed(fixtureWatch(), "kis", f)
	if form.System != "kis" || !strings.Contains(form.Why, "Zulieferung KIS Aufnahme: still seit") {
		t.Errorf("the form says %+v", form)
	}
	if _, err := parseSince(form.Since, f.Now); err != nil {
		t.Errorf("the begin %q cannot be read back: %v", form.Since, err)
	}
	board := fixtureBoard() // the KIS has an open outage there
	board.watched = fixtureWatch()
	p := newOutagesPage(board, f, declareForm{}, nil, "k")
	if len(p.Proposed) != 1 || p.Proposed[0].System != "datenbanken" || p.Proposed[0].Here {
		t.Errorf("proposed are %+v, want the databases alone", p.Proposed)
	}
	board.systems = append(board.systems, incident.System{ID: "datenbanken", Name: lang.Text{DE: "Datenbanken"}})
	board.states = map[string]incident.State{"datenbanken": incident.Up}
	p = newOutagesPage(board, f, declareForm{}, nil, "k")
	if last := p.Systems[len(p.Systems)-1]; last.Seen.DE != "ausgefallen" {
		t.Errorf("what the watch sees down and nobody declared is shown as %+v", last)
	}
}

// TestTheCourseOfAFeedStaysInItsField looks at the drawn points.
func TestTheCourseOfAFeedStaysInItsField(t *testing.T) {
	t.Parallel()
	s := sparkOfFeed(fixtureWatch().Feeds[0].Beats)
	for _, p := range strings.Fields(s.Line + " " + s.Band) {
		var x, y float64
		if n, err := fmt.Sscanf(p, "%f,%f", &x, &y); n != 2 || err != nil || x < 0 || x > feedSparkW || y < 0 || y > feedSparkH {
			t.Fatalf("point %s lies outside", p)
		}
	}
	if s.Line == "" || s.Band == "" || sparkOfFeed(nil) != (feedSpark{}) {
		t.Error("nothing is drawn")
	}
}
