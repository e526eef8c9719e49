package web

import (
	"fmt"
	"strings"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch"
	"notbetrieb/internal/watch/probe"
	"notbetrieb/internal/watch/rhythm"
)

// watchPage is the board of the watch.
type watchPage struct {
	Frame
	Alarms    []alarmView
	Tiers     []watchTier
	Watched   []watchedFeed
	Alerts    []alertView
	Windows   []windowView
	Proposals int
	Unwatched []lang.Text
	Places    []placeView
	Silent    int // of Places
	Key       string
	Problems  []problem
}

// watchSystemPage is one system with its history.
type watchSystemPage struct {
	Frame
	Row     watchRow
	Probes  []probeView
	History []watchChange
	Months  []monthView
	Watched []watchedFeed
	Ack     alarmView // Seq 0: there is no alarm about it
	Key     string
	Problem []problem
}

// maintenancePage plans maintenance.
type maintenancePage struct {
	Frame
	Systems  []choice
	Form     maintenanceForm
	Windows  []windowView
	Key      string
	Problems []problem
}

// maintenanceForm is what was typed, kept on every error.
type maintenanceForm struct{ From, To, Why string }

// alarmView is one cause with what fails because of it.
type alarmView struct {
	System   string
	Name     lang.Text
	State    stateView
	Since    stamp
	Seq      uint64
	Why      []causeView
	Affected []lang.Text
	Planned  bool
	Acked    string // who has seen it
	AckedAt  stamp
	AckText  string
}

// causeView is one reason for a state.
type causeView struct {
	What lang.Text
	Say  lang.Text
}

// stateView is a state as word and mark.
type stateView struct {
	Word lang.Text
	Kind string // ok, amber, red, none
}

type watchTier struct {
	Title lang.Text
	Rows  []watchRow
}

// watchRow is one system on the board.
type watchRow struct {
	ID       string
	Name     lang.Text
	State    stateView
	Since    stamp
	Why      []causeView
	From     []lang.Text // systems whose failure it comes from
	Notices  []causeView
	Newest   stamp
	Planned  stamp // end of maintenance; unknown: none
	Proposed bool
	Href     string // to declare the outage
}

// watchedFeed is one feed with its rhythm.
type watchedFeed struct {
	Name     lang.Text
	Last     stamp
	Spark    feedSpark
	Found    []lang.Text
	Expected string // messages an hour
	Due      stamp
	Learning stamp // until then it is learned; unknown: it is judged
	Level    string
}

type alertView struct {
	Names    string
	Text     string
	Since    stamp
	Critical bool
}

type windowView struct {
	ID      string
	Systems string
	From    stamp
	To      stamp
	Why     string
	By      string
	Now     bool
}

type probeView struct {
	Kind    lang.Text
	Target  string
	Every   string
	Verdict stateView
	Say     lang.Text
	At      stamp
	Took    string
	CertEnd stamp
}

type watchChange struct {
	At    stamp
	State stateView
	Why   []causeView
}

type monthView struct {
	Name     string
	Share    string // "99,93 %", "" where nothing was watched
	Down     string
	Degraded string
	Planned  string
	Unseen   string
	Failures int
	Longest  string
}

var (
	watchPageT       = parse[watchPage]("watch")
	watchSystemPageT = parse[watchSystemPage]("watchsystem")
	maintenancePageT = parse[maintenancePage]("maintenance")
)

// watchNames are the systems' names by ID.
type watchNames map[string]lang.Text

func namesOf(rows []watch.Row) watchNames {
	n := watchNames{}
	for _, r := range rows {
		n[r.System.ID] = r.System.Name
	}
	return n
}

func (n watchNames) of(ids []string) []lang.Text {
	var out []lang.Text
	for _, id := range ids {
		name, ok := n[id]
		if !ok || name.DE == "" {
			name = lang.Text{DE: id}
		}
		out = append(out, name)
	}
	return out
}

func newWatchPage(b watch.Board, f Frame, key string, problems []problem) watchPage {
	p := watchPage{Frame: f.titled("watch", lang.Text{DE: "Wache", EN: "Watch"}), Key: key, Problems: problems, Proposals: len(b.Proposals)}
	p.Refresh = len(problems) == 0
	p.Places, p.Silent = newPlaceViews(b.Workplaces, f)
	names := namesOf(b.Rows)
	feeds := feedNames(b.Feeds)
	for _, a := range b.Alarms {
		p.Alarms = append(p.Alarms, newAlarmView(a, names, feeds, f))
	}
	tiers := map[int]*watchTier{}
	var order []int
	for _, r := range b.Rows {
		if r.State == "" && len(r.Probes) == 0 && len(r.Feeds) == 0 {
			p.Unwatched = append(p.Unwatched, r.System.Name)
			continue
		}
		n := watch.Tier(r.System.Weight)
		if tiers[n] == nil {
			tiers[n] = &watchTier{Title: tierWord(n)}
			order = append(order, n)
		}
		tiers[n].Rows = append(tiers[n].Rows, newWatchRow(r, names, feeds, f))
	}
	for _, n := range order {
		p.Tiers = append(p.Tiers, *tiers[n])
	}
	for _, x := range b.Feeds {
		p.Watched = append(p.Watched, newWatchedFeed(x, f))
	}
	for _, a := range b.Alerts {
		p.Alerts = append(p.Alerts, alertView{Names: strings.Join(a.Names, " · "), Text: a.Text, Since: f.stamp(a.Since), Critical: a.Critical})
	}
	p.Windows = newWindowViews(b.Windows, names, f)
	return p
}

func feedNames(feeds []watch.FeedLine) watchNames {
	n := watchNames{}
	for _, x := range feeds {
		n[x.Name] = x.Label
	}
	return n
}

func newAlarmView(a watch.Alarm, names, feeds watchNames, f Frame) alarmView {
	return alarmView{
		System: a.System, Name: names.of([]string{a.System})[0], State: newStateView(a.State), Since: f.stamp(a.Since), Seq: a.Seq,
		Why: newCauseViews(a.Why, feeds), Affected: names.of(a.Affected), Planned: a.Planned,
		Acked: a.Ack.By.Name, AckedAt: f.stamp(a.Ack.By.At), AckText: a.Ack.Text,
	}
}

func newWatchRow(r watch.Row, names, feeds watchNames, f Frame) watchRow {
	v := watchRow{
		ID: r.System.ID, Name: r.System.Name, State: newStateView(r.State), Since: f.stamp(r.Since), Why: newCauseViews(r.Why, feeds),
		From: names.of(r.From), Notices: newCauseViews(r.Notices, feeds), Newest: f.stamp(r.Newest), Proposed: r.Proposed,
	}
	if v.Name.DE == "" {
		v.Name.DE = r.System.ID
	}
	if r.Window.ID != "" {
		v.Planned = f.stamp(r.Window.To)
	}
	if r.Proposed {
		v.Href = "/outages?system=" + r.System.ID + "#declare"
	}
	return v
}

func newCauseViews(why []watch.Cause, feeds watchNames) []causeView {
	var out []causeView
	for _, c := range why {
		v := causeView{Say: c.Say}
		switch c.Kind {
		case watch.ByProbe:
			v.What = lang.Text{DE: "Prüfung " + c.ID, EN: "probe " + c.ID}
		case watch.ByFeed:
			name := feeds.of([]string{c.ID})[0]
			v.What = lang.Text{DE: "Zulieferung " + name.DE, EN: "feed " + name.In(lang.EN)}
		case watch.ByAlert:
			v.What = lang.Text{DE: "Fremdmeldung", EN: "other monitoring"}
		}
		out = append(out, v)
	}
	return out
}

func newStateView(s incident.State) stateView {
	v := stateView{Word: stateWord(s)}
	switch s {
	case incident.Up:
		v.Kind = "ok"
	case incident.Down:
		v.Kind = "red"
	case incident.Degraded, incident.Restoring, incident.CatchingUp:
		v.Kind = "amber"
	default:
		v.Kind = "none"
	}
	return v
}

func tierWord(n int) lang.Text {
	switch n {
	case 1:
		return lang.Text{DE: "Lebenswichtig", EN: "Vital"}
	case 2:
		return lang.Text{DE: "Wichtig", EN: "Essential"}
	}
	return lang.Text{DE: "Unterstützend", EN: "Supporting"}
}

func newWatchedFeed(x watch.FeedLine, f Frame) watchedFeed {
	v := watchedFeed{Name: x.Label, Last: f.stamp(x.Last), Found: x.Say, Spark: sparkOfFeed(x.Beats), Level: "ok", Due: f.stamp(x.Due)}
	v.Expected = plain(fmt.Sprintf("%.1f", x.Expected), f.Lang)
	if x.Expected >= 10 {
		v.Expected = fmt.Sprintf("%.0f", x.Expected)
	}
	if !x.Ready {
		v.Learning, v.Expected, v.Due = f.stamp(x.ReadyAt), "", stamp{}
	}
	for _, found := range x.Found {
		v.Level = "amber"
		if found.Kind == rhythm.Silence {
			v.Level = "red"
			break
		}
	}
	return v
}

func newWindowViews(list []watch.Window, names watchNames, f Frame) []windowView {
	var out []windowView
	for _, w := range list {
		var systems []string
		for _, n := range names.of(w.Systems) {
			systems = append(systems, n.In(f.Lang))
		}
		out = append(out, windowView{
			ID: w.ID, Systems: strings.Join(systems, ", "), From: f.stamp(w.From), To: f.stamp(w.To), Why: w.Why, By: w.By.Name, Now: !f.Now.Before(w.From),
		})
	}
	return out
}

// feedSpark is the course of a feed: what came hour by hour as a line, what is
// ordinary as a band.
type feedSpark struct {
	Band string
	Line string
	X, Y float64
}

const (
	feedSparkW = 192.0
	feedSparkH = 32.0
)

func sparkOfFeed(beats []rhythm.Beat) feedSpark {
	if n := len(beats); n > 0 && beats[n-1].Part {
		beats = beats[:n-1] // the hour that is not over would look like a drop
	}
	if len(beats) < 3 {
		return feedSpark{}
	}
	top := 1.0
	for _, b := range beats {
		top = max(top, float64(b.N))
		if b.Judged {
			top = max(top, b.High)
		}
	}
	x := func(i int) float64 { return 2 + float64(i)/float64(len(beats)-1)*(feedSparkW-6) }
	y := func(v float64) float64 { return 2 + (top-v)/top*(feedSparkH-4) }
	var s feedSpark
	var line, upper strings.Builder
	lower := ""
	for i, b := range beats {
		fmt.Fprintf(&line, "%.1f,%.1f ", x(i), y(float64(b.N)))
		if b.Judged {
			fmt.Fprintf(&upper, "%.1f,%.1f ", x(i), y(b.High))
			lower = fmt.Sprintf("%.1f,%.1f ", x(i), y(b.Low)) + lower
		}
	}
	s.Line = strings.TrimSpace(line.String())
	s.Band = strings.TrimSpace(upper.String() + lower)
	s.X, s.Y = x(len(beats)-1), y(float64(beats[len(beats)-1].N))
	return s
}

func newWatchSystemPage(row watch.Row, history []watch.Change, months []watch.Availability, b watch.Board, f Frame, key string, problems []problem) watchSystemPage {
	names, feeds := namesOf(b.Rows), feedNames(b.Feeds)
	p := watchSystemPage{Row: newWatchRow(row, names, feeds, f), Key: key, Problem: problems}
	p.Frame = f.titled("watch", lang.Text{DE: "Wache: " + p.Row.Name.DE, EN: "Watch: " + p.Row.Name.In(lang.EN)})
	for _, x := range row.Probes {
		p.Probes = append(p.Probes, newProbeView(x, f))
	}
	for _, c := range history[:min(len(history), 100)] {
		p.History = append(p.History, watchChange{At: f.stamp(c.At), State: newStateView(c.State), Why: newCauseViews(c.Why, feeds)})
	}
	for _, m := range months {
		p.Months = append(p.Months, newMonthView(m, f))
	}
	for _, x := range b.Feeds {
		if x.System == row.System.ID {
			p.Watched = append(p.Watched, newWatchedFeed(x, f))
		}
	}
	for _, a := range b.Alarms {
		if a.System == row.System.ID {
			p.Ack = newAlarmView(a, names, feeds, f)
		}
	}
	return p
}

func newProbeView(x watch.ProbeLine, f Frame) probeView {
	v := probeView{Kind: probeWord(estate.ProbeKind(x.Kind)), Target: x.Target, Every: span(x.Every), Say: x.Last.Say, At: f.stamp(x.At), CertEnd: f.stamp(x.Last.CertEnd)}
	if !x.At.IsZero() {
		v.Took = fmt.Sprintf("%d ms", x.Last.Took.Milliseconds())
	}
	switch x.Taken {
	case probe.Good:
		v.Verdict = stateView{lang.Text{DE: "gut", EN: "good"}, "ok"}
	case probe.Weak:
		v.Verdict = stateView{lang.Text{DE: "schwach", EN: "weak"}, "amber"}
	case probe.Bad:
		v.Verdict = stateView{lang.Text{DE: "fehlgeschlagen", EN: "failed"}, "red"}
	case probe.Blind:
		v.Verdict = stateView{lang.Text{DE: "nicht möglich", EN: "not possible"}, "none"}
	default:
		v.Verdict = stateView{lang.Text{DE: "noch offen", EN: "not settled yet"}, "none"}
	}
	return v
}

// probeWord is a kind of probe as people call it.
func probeWord(k estate.ProbeKind) lang.Text {
	names := map[estate.ProbeKind]string{
		estate.ProbeTCP: "TCP", estate.ProbeTLS: "TLS", estate.ProbeHTTP: "HTTP", estate.ProbeDNS: "DNS", estate.ProbeLDAP: "LDAP", estate.ProbeSMTP: "SMTP",
		estate.ProbeHL7: "HL7", estate.ProbeDICOM: "DICOM C-ECHO", estate.ProbeFHIR: "FHIR", estate.ProbePostgreSQL: "PostgreSQL",
		estate.ProbeSQLServer: "SQL Server", estate.ProbeOracle: "Oracle", estate.ProbeICMP: "Ping", estate.ProbeTILage: "TI-Lage",
	}
	if n := names[k]; n != "" {
		return lang.Text{DE: n}
	}
	if k == estate.ProbeConnector {
		return lang.Text{DE: "Konnektor", EN: "connector"}
	}
	return lang.Text{DE: string(k)}
}

func newMonthView(a watch.Availability, f Frame) monthView {
	long := func(d time.Duration) string {
		if d < time.Second {
			return "–"
		}
		return span(d)
	}
	v := monthView{
		Name: a.From.Format("01/2006"), Down: long(a.Down), Degraded: long(a.Degraded), Planned: long(a.Planned), Unseen: long(a.Unseen),
		Failures: a.Failures, Longest: long(a.Longest),
	}
	if share, ok := a.Share(); ok {
		// Cut, not rounded: 99.999 % is not all.
		v.Share = plain(fmt.Sprintf("%.2f", float64(int(share*10000))/100), f.Lang) + " %"
	}
	return v
}
