package web

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/lang"
)

// fixtureHarm is what a night did to two patients.
func fixtureHarm() []harm.Line {
	anna := &harm.Item{Key: "HAUS:10041234", Name: clinical.Name{Family: "Müller", Given: "Anna Maria"}, Birth: clinical.Date{Year: 1952, Month: 3, Day: 4}, Case: "26047110", Place: clinical.Place{Ward: "3A", Room: "302", Bed: "F"}}
	karl := &harm.Item{Key: "HAUS:10049999", Name: clinical.Name{Family: "Schmidt", Given: "Karl"}, Birth: clinical.Date{Year: 1949, Month: 7, Day: 1}, Case: "26047222", Place: clinical.Place{Ward: "3B", Room: "311", Bed: "T"}, Gone: true}
	line := func(it *harm.Item, ref string, k harm.Kind, section clinical.Section, what string, d time.Duration, sev harm.Severity) harm.Line {
		return harm.Line{Item: it, Finding: harm.Finding{Ref: ref, Kind: k, Section: section, System: "kis", What: what, Ward: it.Place.Ward, At: ago(d), From: ago(d - time.Hour), Severity: sev}}
	}
	lines := []harm.Line{
		line(anna, "a1", harm.Critical, clinical.Laboratory, "Kalium 6,1 mmol/l", 3*time.Hour, harm.High),
		line(anna, "a2", harm.Dose, "", "Furosemid-ratiopharm 40 mg 1 Amp. i.v.", 2*time.Hour, harm.Medium),
		line(anna, "a3", harm.Dose, "", "Heparin-Natrium 5 000 IE s.c.", 4*time.Hour, harm.High),
		line(anna, "a4", harm.Order, clinical.Radiology, "CT Thorax", 5*time.Hour, harm.High),
		line(karl, "k1", harm.CalledOff, "", "Herzkatheter", 6*time.Hour, harm.High),
		line(karl, "k2", harm.Dose, "", "Ramipril 5 mg 1 Tbl. p.o.", 5*time.Hour, harm.Medium),
		line(karl, "k3", harm.Order, clinical.Laboratory, "Blutbild", 7*time.Hour, harm.Medium),
	}
	me := harm.Act{Person: "s.weber", Name: "S. Weber", At: ago(time.Hour)}
	lines[1].State.Owner, lines[2].State.Owner = me, me
	lines[5].Answer = &harm.Answer{Kind: harm.Recorded, At: ago(time.Hour), By: "B. Thoma", Feed: "here", Seq: 88001}
	lines[6].State = harm.State{Owner: me, Outcome: harm.NoHarm, Text: "Probe lag im Labor, Wert telefonisch erfragt", By: me, Act: 88002}
	return lines
}

func everything(*harm.Line) (bool, bool)  { return true, true }
func numbersOnly(*harm.Line) (bool, bool) { return true, false }

func fixtureReports() []harm.Report {
	return []harm.Report{
		{ID: "r2", Event: harm.Event{What: "Auf 3A lagen zwei Medikationsbögen; Heparin wurde zweimal gespritzt. Beobachtung, kein Schaden.", At: ago(4 * time.Hour), Ward: "3A", Kind: harm.EventMedication, Degree: harm.Reached, Factors: []harm.Factor{harm.FactorPaper, harm.FactorHandover}, Helped: "Ein Bogen je Bett, der alte kommt weg."}, Stored: ago(3 * time.Hour), Status: harm.Working, Measures: "Bögen werden nummeriert.", Review: harm.Act{Name: "Dr. A. Stein", At: ago(2 * time.Hour)}},
		{ID: "r1", Event: harm.Event{What: "Röhrchen mit falschem Etikett bemerkt, bevor es ins Labor ging.", At: ago(9 * time.Hour), Kind: harm.EventIdentity, Degree: harm.NearMiss}, By: &harm.Act{Person: "s.weber", Name: "S. Weber"}, Stored: ago(8 * time.Hour), Status: harm.New},
	}
}

func harmGallery(add func(string, []byte, error), f Frame) {
	of := func(sight func(*harm.Line) (bool, bool), q harmQuery) harmPage {
		rows, blind := newHarmRows(fixtureHarm(), sight, f)
		p := newHarmPage(rows, q, f)
		p.Blind, p.Windows = blind, []harmWindow{{System: lang.Text{DE: "KIS", EN: "HIS"}, Since: f.stamp(ago(4 * time.Hour)), Until: f.stamp(time.Time{})}}
		return p
	}
	draw(add, "harm", harmPageT, of(everything, harmQuery{}))
	draw(add, "harm-all", harmPageT, of(everything, harmQuery{Show: "all", Sort: "ward"}))
	draw(add, "harm-crisis", harmPageT, of(numbersOnly, harmQuery{}))
	draw(add, "harm-none", harmPageT, newHarmPage(nil, harmQuery{}, f))
	system := func(string) lang.Text { return lang.Text{DE: "KIS", EN: "HIS"} }
	g := f
	g.Banner = newBanner(fixturePatient(), f, "harm", around{Weight: fixtureWeight()})
	one := newPatientHarmPage(fixtureHarm(), harmForm{key: "k", refs: []string{"a1"}, outcome: harm.Averted}, g, system)
	one.Action, one.Report, one.Record = "/patient/HAUS:10041234/harm", "/event?patient=HAUS:10041234", "/patient/HAUS:10041234/write"
	one.Problems = []problem{{"text", lang.Text{DE: "Bitte in ein paar Worten sagen, was war.", EN: "Please say in a few words what it was."}}}
	draw(add, "patientharm", patientHarmPageT, one)
	report := newEventPage(eventForm{Key: "k", What: "Heparin doppelt", Kind: harm.EventMedication, Factors: []harm.Factor{harm.FactorPaper}}, f, []problem{{"degree", lang.Text{DE: "Bitte wählen, wie weit es ging.", EN: "Please choose how far it went."}}})
	report.Mine = []eventRow{newEventRow(fixtureReports()[1], f)}
	draw(add, "event", eventPageT, report)
	draw(add, "events", eventsPageT, newEventsPage(fixtureReports(), true, f))
	draw(add, "eventone", eventOnePageT, newEventOnePage(fixtureReports()[0], "", "", f))
	draw(add, "harmexport", harmExportPageT, harmExportPage{Frame: f.titled("events", lang.Text{DE: "Auswertung unter Pseudonymen", EN: "Evaluation under pseudonyms"}), Lines: 127, Reports: 2})
}

func TestTheListPutsOneRowForOnePatientAndKind(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency")
	rows, blind := newHarmRows(fixtureHarm(), everything, f)
	if blind || len(rows) != 6 {
		t.Fatalf("%d rows, blind %v", len(rows), blind)
	}
	p := newHarmPage(rows, harmQuery{}, f)
	if p.Patients != 2 || p.Total != 4 || p.High != 4 || p.Nobodys != 3 || p.Shows[1].Count != 2 {
		t.Errorf("counts %+v", p)
	}
	if r := p.Rows[1]; r.Count != 2 || !r.Mine || !r.High || r.Name != "MÜLLER, Anna Maria" || !r.Since.At.Equal(ago(4*time.Hour)) {
		t.Errorf("second row %+v", r)
	}
	for q, want := range map[harmQuery]int{
		{Kind: harm.Dose}: 1, {Ward: "3B"}: 1, {Owner: "mine"}: 1, {Owner: "none"}: 3, {High: true}: 4, {Show: "done"}: 2, {Show: "all"}: 6, {Show: "done", Ward: "3A"}: 0,
	} {
		if got := newHarmPage(rows, q, f).Total; got != want {
			t.Errorf("%+v finds %d, want %d", q, got, want)
		}
	}
}

func TestTheCrisisTeamSeesNumbersAndNoContent(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency")
	rows, blind := newHarmRows(fixtureHarm(), numbersOnly, f)
	if !blind || len(rows) != 6 {
		t.Fatalf("%d rows, blind %v", len(rows), blind)
	}
	for _, r := range rows {
		if r.Birth != "" || r.Href != "" || len(r.What) != 0 || r.Bed != "" || r.ByEntry && r.By != "" || len(r.Name) > 5 {
			t.Errorf("a row tells too much: %+v", r)
		}
	}
}

func TestALongListHasPages(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency")
	var lines []harm.Line
	for i := range 150 {
		l := fixtureHarm()[0]
		it := *l.Item
		it.Key = clinical.PatientKey(string(rune('A'+i%26)) + string(rune('a'+i/26)))
		l.Item = &it
		lines = append(lines, l)
	}
	rows, _ := newHarmRows(lines, everything, f)
	seen := 0
	for page := range 3 {
		seen += len(newHarmPage(rows, harmQuery{Page: page}, f).Rows)
	}
	last := newHarmPage(rows, harmQuery{Page: 2}, f)
	if seen != 150 || last.Pager.Older != "" || last.Pager.Newer != "/harm?page=1" || len(newHarmPage(rows, harmQuery{Whole: true}, f).Rows) != 150 {
		t.Errorf("%d rows on three pages, %+v", seen, last.Pager)
	}
}
