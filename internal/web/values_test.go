package web

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

func TestTimesAreWrittenAsAWardSaysThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		at         time.Time
		clock, age string
	}{
		{"today", ago(12 * time.Minute), "05:24", "vor 12 min"},
		{"seconds", ago(40 * time.Second), "05:35", "vor 40 s"},
		{"hours of this night", ago(3*time.Hour + 24*time.Minute), "02:12", "vor 3 h 24"},
		{"yesterday carries the date", ago(8 * time.Hour), "Mi 18.11. 21:36", "vor 8 h"},
		{"days", ago(50 * time.Hour), "Di 17.11. 03:36", "vor 2 d"},
		{"last year carries the year", time.Date(2025, 3, 2, 7, 5, 0, 0, berlin), "02.03.2025 07:05", "vor 626 d"},
		{"soon", ago(-20 * time.Minute), "05:56", "in 20 min"},
		{"a planned day is not a midnight", time.Date(2026, 11, 23, 0, 0, 0, 0, berlin), "Mo 23.11.", "in 3 d"},
		{"never sent", time.Time{}, "nicht übermittelt", ""},
	} {
		s := stamp{At: c.at, Now: theNow}
		if got := s.clock(lang.DE); got != c.clock {
			t.Errorf("%s: clock %q, want %q", c.name, got, c.clock)
		}
		if got := s.age(lang.DE); got != c.age {
			t.Errorf("%s: age %q, want %q", c.name, got, c.age)
		}
	}
}

func TestValuesAreCutAtTheDecimalSign(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]num{"6.1": {"6", ",1"}, "6,1": {"6", ",1"}, "12": {"12", ""}, "-0.5": {"-0", ",5"}, "positiv": {Whole: "positiv"}, "1e5": {Whole: "1e5"}, "NaN": {Whole: "NaN"}, "120/80": {Whole: "120/80"}, "": {}} {
		if got := decimal(in, lang.DE); got != want {
			t.Errorf("%q is cut into %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]string{"3.5-5.1": "3,5 – 5,1", "-2.0 - 3.0": "-2,0 – 3,0", "<5": "<5", "siehe Befund": "siehe Befund", "1:10-1:20": "1:10-1:20"} {
		if got := rangeWord(in, lang.DE); got != want {
			t.Errorf("range %q is written %q, want %q", in, got, want)
		}
	}
}

func TestWhichDosesAreDue(t *testing.T) {
	t.Parallel()
	day := func(h, m int) clinical.DayTime { return clinical.DayTime(h*60 + m) }
	since := incident.Mode{Kind: incident.Emergency, Since: ago(3 * time.Hour)}
	at2 := onDay(theNow, day(2, 0))
	for _, c := range []struct {
		name string
		dose chart.Due
		mode incident.Mode
		want dueState // "" nothing due
	}{
		{"an hour and more past and not recorded", chart.Due{At: day(2, 0)}, incident.Mode{}, dueOver},
		{"just past", chart.Due{At: day(5, 0)}, incident.Mode{}, dueNow},
		{"soon", chart.Due{At: day(5, 55)}, incident.Mode{}, dueNow},
		{"evening before midnight belongs to the night", chart.Due{At: day(22, 30)}, incident.Mode{}, dueOver},
		{"the next shift is not shown", chart.Due{At: day(8, 0)}, incident.Mode{}, ""},
		{"given at its time", chart.Due{At: day(2, 0), Answers: []chart.Answer{{Due: at2, At: at2, Status: clinical.Given}}}, incident.Mode{}, ""},
		{"given the day before", chart.Due{At: day(2, 0), Answers: []chart.Answer{{Due: at2.AddDate(0, 0, -1), At: at2, Status: clinical.Given}}}, incident.Mode{}, dueOver},
		{"refused", chart.Due{At: day(2, 0), Answers: []chart.Answer{{Due: at2, At: at2, Status: clinical.Refused}}}, incident.Mode{}, ""},
		{"postponed to now", chart.Due{At: day(2, 0), Answers: []chart.Answer{{Due: at2, At: at2, Until: theNow, Status: clinical.Postponed}}}, incident.Mode{}, dueNow},
		{"postponed out of the shift before", chart.Due{At: day(21, 0), Answers: []chart.Answer{{Due: at2.Add(-5 * time.Hour), At: at2, Until: at2, Status: clinical.Postponed}}}, incident.Mode{}, dueOver},
		{"postponed into the next shift", chart.Due{At: day(2, 0), Answers: []chart.Answer{{Due: at2, At: at2, Until: theNow.Add(3 * time.Hour), Status: clinical.Postponed}}}, incident.Mode{}, ""},
		{"without a time of day is never due", chart.Due{Timeless: true, Interval: "Q8H"}, incident.Mode{}, ""},
		{"as needed is never due", chart.Due{At: day(2, 0), AsNeeded: true}, incident.Mode{}, ""},
		{"not yet begun", chart.Due{At: day(2, 0), From: ago(time.Hour)}, incident.Mode{}, ""},
		{"already stopped", chart.Due{At: day(5, 30), Until: ago(5 * time.Hour)}, incident.Mode{}, ""},
		{"past, and nobody recorded it while the KIS is down", chart.Due{At: day(4, 0)}, since, dueOver},
		{"past before the KIS went down", chart.Due{At: day(1, 0)}, since, dueOver},
	} {
		f := fixtureFrame(incident.Normal)
		f.Mode = newModeView(c.mode, f)
		got := dueInShift([]chart.Due{c.dose}, f)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].State != c.want) {
			t.Errorf("%s: got %+v, want %q", c.name, got, c.want)
		}
	}
}

func TestTheWardListNamesDrugsWithoutATimeOfDay(t *testing.T) {
	t.Parallel()
	drip := chart.Due{Drug: "Vollelektrolyt", Timeless: true, Rate: "83 ml/h"}
	w := chart.Ward{Code: "3A", Rows: []chart.Row{{Key: "k", Place: clinical.Place{Ward: "3A", Room: "1", Bed: "F"}, Doses: []chart.Due{
		drip, {Drug: "Cefuroxim", Dose: "1,5 g", Timeless: true, Interval: "Q8H"}, drip, drip,
	}}}}
	page := newWardPage(w, fixtureFrame(incident.Normal), "")
	b, err := wardPageT.bytes(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"laufend: Vollelektrolyt 83 ml/h", "ohne Uhrzeit: Cefuroxim 1,5 g alle 8 h", "+ 1 weitere"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	if strings.Contains(string(b), "nichts fällig") || page.Filters[1].Count != 0 {
		t.Error("a drug without a time counts as due, or the list says that there is nothing")
	}
}

func TestTheBeginOfAnOutageIsRead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"02:10": "19.11.2026 02:10", "23:40": "18.11.2026 23:40", "18.11. 23:40": "18.11.2026 23:40", "2.10 Uhr": "19.11.2026 02:10",
		"18.11.2026 04:00": "18.11.2026 04:00", "": "19.11.2026 05:36", "20.11. 01:00": "", "gestern": "", "25:00": "",
	} {
		got, err := parseSince(in, theNow)
		if want == "" {
			if err == nil {
				t.Errorf("%q is read as %v", in, got)
			}
			continue
		}
		if err != nil || got.Format("02.01.2006 15:04") != want {
			t.Errorf("%q is read as %v (%v), want %s", in, got, err, want)
		}
	}
}

func TestDataIsAsOldAsWhatTheLostSystemsSentLast(t *testing.T) {
	t.Parallel()
	feeds := []chart.Feed{{Name: "kis", System: "kis", Last: ago(3 * time.Hour)}, {Name: "lis", System: "lis", Last: ago(time.Minute)}}
	if got := DataAsOf(feeds, incident.Mode{Kind: incident.Normal}); !got.Equal(ago(time.Minute)) {
		t.Errorf("normal operation: %v", got)
	}
	m := incident.Mode{Kind: incident.Emergency, Systems: []incident.System{{ID: "kis"}}}
	if got := DataAsOf(feeds, m); !got.Equal(ago(3 * time.Hour)) {
		t.Errorf("without the KIS: %v", got)
	}
}

func TestFlagsAreShapesAndWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags    []string
		sym      string
		critical bool
	}{{[]string{"HH"}, "↑↑‼", true}, {[]string{"L"}, "↓", false}, {[]string{"N"}, "", false}, {[]string{"A"}, "◆", false}, {[]string{"AA"}, "‼", true}, {nil, "", false}, {[]string{">"}, "↑↑‼", true}} {
		m := markOf(c.flags, false)
		if m.Sym != c.sym || m.Critical != c.critical || m.Abnormal != (c.sym != "") || (m.Sym != "") != (m.Word.DE != "") {
			t.Errorf("%v: %+v", c.flags, m)
		}
	}
}

func TestTheCurveBeginsOnTheDayOfAdmission(t *testing.T) {
	t.Parallel()
	p := fixturePatient()
	if got := sevenDays(p, theNow, 0).from; !got.Equal(time.Date(2026, 11, 16, 0, 0, 0, 0, berlin)) {
		t.Errorf("page begins %v", got)
	}
	later := theNow.AddDate(0, 0, 8)
	if got := sevenDays(p, later, 0).from; !got.Equal(time.Date(2026, 11, 23, 0, 0, 0, 0, berlin)) {
		t.Errorf("second page begins %v", got)
	}
	if got := sevenDays(p, later, 1).from; !got.Equal(time.Date(2026, 11, 16, 0, 0, 0, 0, berlin)) {
		t.Errorf("older page begins %v", got)
	}
}

func TestAnAutumnDayOf25HoursStaysOneField(t *testing.T) {
	t.Parallel()
	s := span7{from: time.Date(2026, 10, 22, 0, 0, 0, 0, berlin), to: time.Date(2026, 10, 29, 0, 0, 0, 0, berlin)}
	width := (curveW - curveLeft - curveRight) / 7
	for day := range 7 {
		at := time.Date(2026, 10, 22+day, 12, 0, 0, 0, berlin)
		if got, want := s.x(at), curveLeft+(float64(day)+.5)*width; got-want > .01 || want-got > .01 {
			t.Errorf("noon of day %d is drawn at %.1f, want %.1f", day, got, want)
		}
	}
}

// TestNoPageHidesItsFrame: a field of a page with the name of one of the frame
// would be shown at the head instead of it.
func TestNoPageHidesItsFrame(t *testing.T) {
	t.Parallel()
	frame := map[string]bool{}
	for f := range reflect.TypeFor[Frame]().Fields() {
		frame[f.Name] = true
	}
	for _, p := range []any{housePage{}, wardPage{}, overviewPage{}, curvePage{}, medicationPage{}, labPage{}, findingsPage{}, findingPage{}, ordersPage{}, appointmentsPage{},
		coursePage{}, sourcesPage{}, recordPage{}, unreadPage{}, searchPage{}, outagesPage{}, declarePage{}, peoplePage{}, personPage{}, auditPage{}, signinPage{}, passwordPage{},
		glassPage{}, printPage{}, jobPage{}, errorPage{}} {
		for f := range reflect.TypeOf(p).Fields() {
			if !f.Anonymous && frame[f.Name] {
				t.Errorf("%T hides %s of the frame", p, f.Name)
			}
		}
	}
}

func TestAnUnreadItemSaysHowManyMessagesItStandsFor(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Normal)
	b, err := unreadPageT.bytes(newUnreadPage([]chart.Unread{{Seq: 90, Feed: "kis", Code: "unknown-ward", Count: 1234, First: 12}, {Seq: 8, Feed: "kis", Code: "syntax", Count: 1, First: 8}}, 2, 1235, false, f))
	if err != nil {
		t.Fatal(err)
	}
	page := answer{body: string(b)}
	page.sees(t, "gleiche Meldungen seit Nr. 12; beiseitelegen gilt für alle", "2 Einträge ungelesen aus 1 235 Meldungen")
	if n := strings.Count(string(b), "gleiche Meldungen"); n != 1 {
		t.Errorf("%d items stand for others", n)
	}
}

func TestARecordSaysWhenItsGroupWasSetAside(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Normal)
	item := chart.Unread{Seq: 90, Feed: "kis", Code: "unknown-ward", Count: 3, First: 12}
	page := func(u chart.Unread) answer {
		p := newRecordPage(fixtureRecord(), []chart.Unread{u}, f)
		p.Missed[0].Last = 90
		b, err := recordPageT.bytes(p)
		if err != nil {
			t.Fatal(err)
		}
		return answer{body: string(b)}
	}
	page(item).sees(t, "3 gleiche Meldungen, Nr. 12 bis 90; beiseitelegen gilt für diese und die älteren")
	item.Aside, item.AsideBy, item.AsideAt = true, "K. Huber", theNow.Add(-time.Hour)
	page(item).sees(t, "beiseitegelegt von K. Huber, 04:36", "Beiseitegelegt sind 3 gleiche Meldungen, Nr. 12 bis 90")
	item.Count = 1
	if b := page(item).body; strings.Contains(b, "gleiche Meldungen") {
		t.Error("an item that stands alone speaks of others")
	}
}
