package web

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/watch"
)

func fixtureCrisis() *crisis.Crisis {
	act := func(name string, before time.Duration) crisis.Act {
		return crisis.Act{Person: name, Name: name, At: ago(before)}
	}
	c := &crisis.Crisis{
		ID: "c1", Kind: rulebook.Cyberattack, Title: "Dateien verschlüsselt, Lösegeldforderung", Stage: crisis.StageConfirmed, Began: ago(14 * time.Hour), Opened: act("S. Weber", 14*time.Hour), Declared: act("Dr. A. Stein", 13*time.Hour),
		Confirmed: act("R. Vogel", 13*time.Hour), Outages: []string{"o1"}, First: "Netze trennen, Strom anlassen.", Rhythm: 4 * time.Hour, Agenda: []string{"Lage der Versorgung", "Stand der Eindämmung"},
		Knowledge: map[rulebook.Start]crisis.Known{rulebook.FromKnowledge: {At: ago(19 * time.Hour), Who: "R. Vogel", How: "Anruf", By: act("Dr. A. Stein", 12*time.Hour), Was: []crisis.Known{{At: ago(13 * time.Hour), Who: "Leitstelle", By: act("Dr. A. Stein", 12*time.Hour)}}}},
		Meeting:   crisis.Meeting{At: ago(-30 * time.Minute), Place: "Raum 12"}, Held: []crisis.Meeting{{At: ago(5 * time.Hour), Held: act("Dr. A. Stein", 5*time.Hour), Outcome: "Netz bleibt getrennt.", Attended: "Stein, Vogel"}},
	}
	for i, p := range rulebook.Default()[rulebook.Cyberattack].Tasks {
		x := crisis.Task{ID: p.ID, Phase: p.Phase, Title: p.Title.DE, How: p.How.DE, Role: p.Role, Due: ago(13*time.Hour - p.Due), After: p.After, Containment: p.Containment, State: crisis.TaskOpen}
		switch {
		case i == 0:
			x.State, x.Note, x.By = crisis.TaskDone, "alle Stationen bestätigt", act("S. Weber", 12*time.Hour)
		case p.ID == "insurer":
			x.State, x.Note, x.By = crisis.TaskNotNeeded, "keine Versicherung", act("Dr. A. Stein", 10*time.Hour)
		case p.ID == "cut-remote":
			x.Hook, x.Agreed, x.Person, x.Name = "cut-remote", []crisis.Act{act("R. Vogel", 5*time.Minute)}, "it", "R. Vogel"
			x.Runs = []crisis.Run{{ID: "r", Hook: "cut-remote", Started: ago(time.Hour), Ended: ago(time.Hour), Code: 7, Output: "kein Zugang\n", Note: "Der Befehl meldet einen Fehler.", Agreed: []crisis.Act{act("R. Vogel", time.Hour), act("Dr. A. Stein", time.Hour)}}}
		}
		c.Tasks = append(c.Tasks, x)
	}
	c.Shifts = []crisis.Shift{
		{ID: "s1", Role: rulebook.Lead, Name: "Dr. A. Stein", Reach: "0511 4711", From: ago(8 * time.Hour), Until: ago(-20 * time.Minute)},
		{ID: "s2", Role: rulebook.Lead, Name: "K. Roth", Deputy: true, From: ago(8 * time.Hour), Until: ago(-2 * time.Hour)},
		{ID: "s3", Role: rulebook.ITLead, Name: "R. Vogel", From: ago(-time.Hour), Until: ago(-9 * time.Hour)},
	}
	c.Handovers = []crisis.Handover{{ID: "h1", Role: rulebook.Lead, Text: "Leitstelle informiert.\nBSI offen.", To: "K. Roth", By: act("Dr. A. Stein", 20*time.Minute)}, {ID: "h0", Role: rulebook.ITLead, Text: "Netz getrennt.", To: "R. Vogel", By: act("T. Adler", 8*time.Hour), Accepted: act("R. Vogel", 8*time.Hour)}}
	c.Reports = map[string]crisis.Report{
		"bsig-24h": {Duty: "bsig-24h", Versions: []crisis.ReportVersion{{Number: 1, Fields: map[string]string{"what": "Verschlüsselung", "entity": "Klinikum"}, By: act("Dr. A. Stein", 3*time.Hour)}}, Sent: []crisis.Dispatch{{Version: 1, At: ago(2 * time.Hour), Way: "Telefon", To: "BSI", Number: "2026-1", Digest: "0123456789abcdef", By: act("Dr. A. Stein", 2*time.Hour)}}},
		"dsgvo-34": {Duty: "dsgvo-34", Applies: "yes", Why: "hohes Risiko", Decided: act("Dr. A. Stein", time.Hour)},
		"dsgvo-33": {Duty: "dsgvo-33", Versions: []crisis.ReportVersion{{Number: 1, Fields: map[string]string{"what": "Verlust der Verfügbarkeit", "persons": "12000"}, By: act("Dr. A. Stein", 3*time.Hour)}}},
	}
	c.Notices = []crisis.Notice{{ID: "n1", Title: "Rechner nicht neu starten.", Text: "Kein Gerät ausschalten.", Level: crisis.Urgent, By: act("Dr. A. Stein", time.Hour)}, {ID: "n0", Text: "Küche liefert kalt", Level: crisis.Info, Wards: []string{"3A"}, By: act("K. Roth", 3*time.Hour), Withdrawn: act("K. Roth", 2*time.Hour)}}
	c.Texts = []crisis.Statement{{ID: "t1", What: "press", Version: 1, Title: "IT-Störung", Text: "Das Klinikum arbeitet im Notbetrieb.", By: act("K. Roth", time.Hour)}}
	c.Restrictions = []crisis.Restriction{{ID: "r1", Service: crisis.Ambulances, Scope: "außer Reanimation", Why: "CT steht", From: ago(12 * time.Hour), Until: ago(-4 * time.Hour), By: act("Dr. A. Stein", 12*time.Hour)}, {ID: "r0", Service: crisis.Elective, Why: "Säle belegt", From: ago(12 * time.Hour), By: act("Dr. A. Stein", 12*time.Hour), Lifted: act("Dr. A. Stein", time.Hour)}}
	c.Capacity = []crisis.Capacity{{Unit: "Intensivstation", Light: "yellow", Free: "2", By: act("Dr. A. Stein", time.Hour)}, {Unit: "Labor", Light: "red", Note: "nur Notfall", By: act("Dr. A. Stein", time.Hour)}, {Unit: "Kreißsaal", Light: "green", By: act("Dr. A. Stein", time.Hour)}}
	c.Evacuation = crisis.Evacuation{Ordered: act("Dr. A. Stein", 30*time.Minute), Why: "Rauch", Wards: []string{"3A"}, Point: "Halle Ost", Moved: map[string]crisis.Moved{string(fixtureWard().Rows[0].Key): {Ward: "3A", Bed: "301 F", To: "Halle Ost", By: act("S. Weber", 5*time.Minute)}}}
	c.Situations = []crisis.Situation{{Number: 1, By: act("Dr. A. Stein", time.Hour), Sections: []crisis.Section{{ID: "lage", Title: lang.Text{DE: "Lage", EN: "Situation"}, Text: "Netz getrennt."}}}}
	for i, text := range []string{"Lage eröffnet (Cyberangriff): Dateien verschlüsselt.", "Krisenlage erklärt.", "Krisenlage bestätigt.", "Netz bleibt getrennt, bis die Forensik frei gibt.", "Leitstelle bestätigt die Abmeldung (von Leitstelle Nord)", "Berichtigung zu Zeile 5: Leitstelle Süd"} {
		l := crisis.Line{Number: i + 1, Seq: 88000, At: ago(13*time.Hour - time.Duration(i)*time.Minute), Kind: crisis.State, By: "Dr. A. Stein", Text: text}
		if i == 3 {
			l.Kind, l.Recorded = crisis.Decision, ago(10*time.Hour)
		}
		if i == 5 {
			l.Kind, l.Corrects = crisis.MessageIn, 5
		}
		c.Lines = append(c.Lines, l)
	}
	return c
}

func fixtureDue(c *crisis.Crisis) []crisis.Due {
	h := rulebook.House{Country: "DE", State: "NW", Operator: rulebook.Public, NIS2: true}
	sent := map[string]time.Time{"bsig-24h": ago(2 * time.Hour)}
	times := rulebook.Times{Knowledge: c.Knowledge[rulebook.FromKnowledge].At, Diversion: c.Diverted(), Sent: sent}
	var out []crisis.Due
	for _, d := range rulebook.Duties("DE") {
		if d.Concerns(h, c.Kind) {
			out = append(out, crisis.Due{Deadline: rulebook.Clock(d, rulebook.Duties("DE"), h, times, time.UTC), To: d.Addressee(h).DE, Report: c.Reports[d.ID], Applies: d.When != rulebook.WhenDecided || c.Reports[d.ID].Applies == "yes"})
		}
	}
	return out
}

func fixtureHead(f Frame, tab string) crisisHead {
	c := fixtureCrisis()
	h := crisisHead{Frame: f.titled("crisis", lang.Text{DE: c.Title}), C: c, Name: c.Title, Kind: crisis.KindName(c.Kind), Stage: crisis.StageName(c.Stage), Began: f.stamp(c.Began), Lasts: "14 h", Key: "k"}
	for _, t := range crisisTabs {
		h.Tabs = append(h.Tabs, filterLink{Href: "/crisis/c1/" + t.tab, Label: t.label, Here: t.tab == tab})
	}
	return h
}

// fixtureFailing is what the watch knows of the failure of the databases.
func fixtureFailing() watch.Outline {
	b := fixtureWatch()
	text := func(de string) lang.Text { return lang.Text{DE: de} }
	e := estate.New(estate.Tables{
		Systems: []estate.System{
			{ID: "datenbanken", Name: text("Datenbanken"), Weight: estate.Essential, Area: estate.Infrastructure, Fallback: "Lesen im Notbetrieb"},
			{ID: "kis", Name: text("KIS"), Weight: estate.Vital, Fallback: "Papierkurve aus der Mappe der Station"},
			{ID: "apotheke", Name: text("Apotheke"), Weight: estate.Essential},
		},
		Dependencies: []estate.Dependency{{System: "kis", On: "datenbanken", Kind: estate.Needs}, {System: "apotheke", On: "kis", Kind: estate.Needs}},
	})
	o, _ := watch.OutlineOf(e, b, "kis")
	return o
}

func crisisGallery(add func(string, []byte, error), f Frame) {
	c := fixtureCrisis()
	now := f.Now
	f.Notices = []noticeView{{Title: "Rechner nicht neu starten.", Text: "Kein Gerät ausschalten.", Level: crisis.Urgent, By: "Dr. A. Stein", At: f.stamp(ago(time.Hour))}, {Text: "Küche liefert kalt", Level: crisis.Important, By: "K. Roth", At: f.stamp(ago(time.Hour))}}
	opened := fixtureCrisis()
	opened.ID, opened.Stage, opened.Declared = "c2", crisis.StageOpen, crisis.Act{}
	over := fixtureCrisis()
	over.ID, over.Stage, over.Closed = "c3", crisis.StageClosed, crisis.Act{Name: "K. Roth", At: ago(time.Hour)}
	draw(add, "notes", notesPageT, newNotesPage(f))
	outside := f
	outside.User, outside.Notices, outside.Posted = nil, nil, "mark"
	draw(add, "signin-posted", signinPageT, newSigninPage(outside, "", "/", nil, lang.Text{}))
	draw(add, "crises", crisesPageT, newCrisesPage([]*crisis.Crisis{c, opened, over}, f, openForm{Title: "Rauch"}))
	failing := fixtureFailing()
	outline, filled := outlineOf(failing, fixtureWatch(), f)
	begun := newCrisesPage(nil, f, filled)
	begun.Known = &outline
	draw(add, "crises-watch", crisesPageT, begun)
	for _, wall := range []bool{false, true} {
		p := newBoardPage(fixtureHead(f, "board"), fixtureDue(c), now, wall)
		p.Team = chairViews(c.Team(now, []rulebook.Role{rulebook.Lead, rulebook.Press}), f)
		p.Numbers = &boardNumbers{Patients: 312, Beds: 350, Free: 38, Critical: 3, Isolated: 9, Touched: 41, Urgent: 7, Untouched: 22}
		p.Systems = newBoardSystems(fixtureWatch(), []incident.System{{ID: "kis", Name: lang.Text{DE: "KIS"}}, {ID: "ris", Name: lang.Text{DE: "RIS"}}, {ID: "pacs", Name: lang.Text{DE: "PACS"}}},
			map[string]incident.State{"kis": incident.Down, "ris": incident.Down, "pacs": incident.Up}, []incident.Outage{{ID: "o1", System: "kis", Since: ago(14 * time.Hour)}, {ID: "o3", System: "ris", Since: ago(2 * time.Hour)}}, f)
		p.Outages = []linkedOutage{{"o1", lang.Text{DE: "KIS"}, f.stamp(ago(14 * time.Hour)), true, true}, {"o2", lang.Text{DE: "PACS"}, f.stamp(ago(time.Hour)), false, false}}
		p.Evac, p.Places = &evacCount{12, 28, "/evacuation/c1"}, newPlacesView(fixturePlaces())
		p.Calls = []calloutLine{newCalloutLine(fixtureCallout(), f)}
		name := "crisis"
		if wall {
			name = "crisis-wall"
		}
		draw(add, name, crisisBoardPageT, p)
	}
	h := fixtureHead(f, "tasks")
	h.form, h.typed, h.Problems = "task-done/elective", map[string][]string{"note": {"lief schon"}}, []problem{{Say: lang.Text{DE: "Eine Aufgabe davor ist noch offen.", EN: "A task that comes first is still open."}}}
	tasks := newCrisisTasksPage(h, nil, "all", now)
	for i := range tasks.Groups {
		for j := range tasks.Groups[i].Tasks {
			if x := &tasks.Groups[i].Tasks[j]; x.HookName != "" {
				x.Hook, x.Command = lang.Text{DE: "Fernzugänge schließen", EN: "Close remote access"}, "/usr/local/sbin/vpn-off --all"
			}
		}
	}
	draw(add, "crisis-tasks", crisisTasksPageT, tasks)
	draw(add, "crisis-log", crisisLogPageT, newCrisisLogPage(fixtureHead(f, "log"), "", ""))
	draw(add, "crisis-team", crisisTeamPageT, newCrisisTeamPage(fixtureHead(f, "team"), nil, now))
	due := fixtureDue(c)
	draw(add, "crisis-deadlines", crisisDuePageT, newCrisisDuePage(fixtureHead(f, "deadlines"), due))
	draw(add, "crisis-report", dutyPageT, newDutyPage(fixtureHead(f, "deadlines"), due[0], c.Prefill(due[0].Duty, nil, map[string]string{"reporter": "Dr. A. Stein"})))
	fill := map[string]string{"haus": "Klinikum", "einschraenkungen": ""}
	draw(add, "crisis-messages", crisisMessagesPageT, newMessagesPage(fixtureHead(f, "messages"), []string{"3A", "3B"}, fill))
	service := newServicePage(fixtureHead(f, "service"), []wardLine{{Code: "3A", Name: "Innere", Beds: 28, Occupied: 24, Free: 4}}, fill)
	service.Evac = &evacCount{12, 28, "/evacuation/c1"}
	draw(add, "crisis-service", crisisServicePageT, service)
	draw(add, "crisis-situation", crisisSituationPageT, newSituationPage(fixtureHead(f, "situation"), []crisis.Section{{ID: "lage", Title: lang.Text{DE: "Lage", EN: "Situation"}, Text: "Netz getrennt."}, {ID: "systeme", Title: lang.Text{DE: "Systeme", EN: "Systems"}, Text: "KIS: ausgefallen"}}, 1))
	draw(add, "crisis-register", registerPageT, newRegisterPage([]crisis.Breach{{Crisis: c, Due: due[5], Known: c.Knowledge[rulebook.FromKnowledge]}}, f))
	evac := newEvacuationPage(c, []chart.Ward{fixtureWard()}, "", f)
	for _, r := range fixtureWard().Rows {
		if !r.Free {
			evac.Rows = append(evac.Rows, newEvacRow(c, fixtureWard(), r, nil, f))
		}
	}
	evac.doing("lying")
	evac.Rows[0].Moves, evac.Rows[0].Mobility, evac.Rows[0].MobilityFrom = mobility{How: crisis.ByChair, Said: true}, "Rollstuhl", "S. Weber 05:20"
	evac.listed()
	evac.To, evac.Done, evac.Problems = "Halle Ost", "3A 301 F · MÜLLER, Anna", []problem{{"scan", lang.Text{DE: "Zu dieser Nummer liegt niemand hier.", EN: "Nobody of this number lies here."}}}
	draw(add, "evacuation", evacuationPageT, evac)
}

func TestCrisisTemplatesFitTheirTypes(t *testing.T) {
	t.Parallel()
	fits(t, crisesPageT)
	fits(t, crisisBoardPageT)
	fits(t, crisisTasksPageT)
	fits(t, crisisLogPageT)
	fits(t, crisisTeamPageT)
	fits(t, crisisDuePageT)
	fits(t, dutyPageT)
	fits(t, crisisMessagesPageT)
	fits(t, crisisServicePageT)
	fits(t, crisisSituationPageT)
	fits(t, registerPageT)
	fits(t, evacuationPageT)
	fits(t, notesPageT)
}

func TestTimesThatLieAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 30, 14, 10, 0, 0, time.UTC)
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"14:30", "2026-12-30 14:30"}, {"14:10", "2026-12-31 14:10"}, {"06.00 Uhr", "2026-12-31 06:00"}, {"+2h", "2026-12-30 16:10"}, {"+1h30m", "2026-12-30 15:40"},
		{"31.12. 08:00", "2026-12-31 08:00"}, {"2.1. 08:00", "2027-01-02 08:00"}, {"02.01.2027 8:00", "2027-01-02 08:00"},
	} {
		got, err := parseAhead(c.text, now)
		if said := got.Format("2006-01-02 15:04"); err != nil || c.want != "" && said != c.want || c.want == "" && !got.IsZero() {
			t.Errorf("%q: %s, %v", c.text, said, err)
		}
	}
	for _, text := range []string{"bald", "25:00", "31.02. 08:00", "+", "+-2h", "1.2.3.4 08:00", "08:00 morgen"} {
		if got, err := parseAhead(text, now); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

// One cause is one line, whatever fails with it; what people declared and the
// watch does not see stands for itself.
func TestTheBoardNamesCausesOnce(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Emergency)
	list := newBoardSystems(fixtureWatch(), []incident.System{{ID: "kis", Name: lang.Text{DE: "KIS"}}, {ID: "ris", Name: lang.Text{DE: "RIS"}}, {ID: "pacs", Name: lang.Text{DE: "PACS"}}},
		map[string]incident.State{"kis": incident.Down, "ris": incident.Down, "pacs": incident.Up}, []incident.Outage{{System: "ris", Since: ago(2 * time.Hour)}}, f)
	var got []string
	for _, x := range list {
		s := x.Name.DE + " " + string(x.State)
		if len(x.Affected) > 0 {
			s += " (" + shortList(x.Affected, 9, lang.DE) + ")"
		}
		if x.Declared {
			s += " declared"
		}
		if x.Planned {
			s += " planned"
		}
		got = append(got, s)
	}
	if list[0].Declare != "kis" || list[1].Declare != "" {
		t.Errorf("to be declared are %q and %q, want the KIS that the databases took down, and nothing of the declared", list[0].Declare, list[1].Declare)
	}
	want := "Datenbanken down (KIS); RIS down declared; Labor catching-up; PACS up; Mail degraded planned"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("the board says\n%s, want\n%s", s, want)
	}
	lines := strings.Join(systemLines(list), "\n")
	for _, w := range []string{"Datenbanken: ausgefallen seit", "Davon betroffen: KIS.", "RIS: ausgefallen seit", "Mail: eingeschränkt, geplante Wartung", "In Betrieb: PACS."} {
		if !strings.Contains(lines, w) {
			t.Errorf("the report lacks %q:\n%s", w, lines)
		}
	}
}

func TestAnIncidentBeginsWithWhatTheWatchKnows(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Normal)
	known, form := outlineOf(fixtureFailing(), fixtureWatch(), f)
	if known.KindID != string(rulebook.Technical) || form.Kind != "" || form.From != "datenbanken" || form.Title != "Datenbanken ausgefallen, betroffen: KIS" || known.Stops != 2 {
		t.Errorf("the form begins with %+v, %+v", known, form)
	}
	for _, w := range []string{"Die Wache sieht: Datenbanken ausgefallen seit", "Prüfung db-ping: Verbindung abgelehnt", "Davon betroffen: KIS.", "Steht ohne Datenbanken still: KIS, Apotheke.", "Von Hand, Datenbanken: Lesen im Notbetrieb", "Von Hand, KIS: Papierkurve"} {
		if !strings.Contains(form.Known, w) {
			t.Errorf("%q is not said:\n%s", w, form.Known)
		}
	}
	if _, err := parseSince(form.Since, theNow); err != nil {
		t.Errorf("the begin cannot be read back: %v", err)
	}
}

// The numbers of the wall are at least a twenty-fifth of its height: a capital of
// the typeface is 0.698 of its size. Everything is on the display.
func TestTheWallIsReadFromThreeMetres(t *testing.T) {
	t.Parallel()
	b := browser(t)
	f := fixtureFrame(incident.Emergency)
	page := gallery(t, f)["crisis-wall"]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wall" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(page)
			return
		}
		r.SetPathValue("hash", assets.hash)
		r.SetPathValue("name", filepath.Base(r.URL.Path))
		serveAsset(w, r)
	}))
	t.Cleanup(srv.Close)
	for _, size := range [][2]int64{{1920, 1080}, {3840, 2160}} {
		ctx := newTab(t, b, size[0], size[1])
		do(t, ctx, chromedp.Navigate(srv.URL+"/wall"), chromedp.WaitVisible(css(".wl.big b")))
		least := ask[float64](t, ctx, `Math.min(...[...document.querySelectorAll(".wl.big b")].map(e => parseFloat(getComputedStyle(e).fontSize)))`)
		if least*0.698 < float64(size[1])/25 {
			t.Errorf("%v: a number is %.0f px of %d", size, least*0.698, size[1])
		}
		if high := ask[int](t, ctx, `document.documentElement.scrollHeight`); int64(high) > size[1] {
			t.Errorf("%v: the board is %d px high", size, high)
		}
		if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%v: %d px too wide", size, over)
		}
	}
}
