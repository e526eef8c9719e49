package rulebook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/holiday"
	"notbetrieb/internal/lang"
)

func TestAPlaybookShipsForEachKindAndHasItsSixPhases(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		p := Default()[k]
		if p == nil {
			t.Errorf("%s has no playbook", k)
			continue
		}
		if p.First.DE == "" || p.Meeting.Every <= 0 || len(p.Team) < 5 || BuiltIn(k) == nil {
			t.Errorf("%s: first words, rhythm of meetings, team or file are missing", k)
		}
		for _, phase := range Phases() {
			if !slices.ContainsFunc(p.Tasks, func(x Task) bool { return x.Phase == phase }) {
				t.Errorf("%s has no task of the phase %s", k, phase)
			}
		}
		for _, x := range p.Tasks {
			if x.Due == 0 || x.How.DE == "" {
				t.Errorf("%s: %s does not say how or by when", k, x.ID)
			}
		}
	}
	hooks := 0
	for _, x := range Default()[Cyberattack].Tasks {
		if x.Containment {
			hooks++
		}
	}
	if hooks < 5 {
		t.Errorf("a cyberattack has %d tasks of containment", hooks)
	}
}

func TestEveryMistakeOfAPlaybookIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(filepath.Base(name), "duties") {
			_, err = LoadDuties(filepath.Base(name), b)
		} else {
			_, err = Load(filepath.Base(name), b)
		}
		var m Mistakes
		if !errors.As(err, &m) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var want []string
		for i, line := range strings.Split(string(b), "\n") {
			if _, what, ok := strings.Cut(line, "# ! "); ok {
				for _, w := range strings.Split(what, " & ") {
					want = append(want, fmt.Sprintf("%4d %s", i+1, w))
				}
			}
		}
		var got []string
		for _, x := range m {
			got = append(got, fmt.Sprintf("%4d %s", x.Line, x.Key))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"), m.In(lang.EN))
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, k := range Kinds() {
		f.Add(BuiltIn(k))
	}
	f.Add([]byte("kind: [a, {b: c}]\ntasks:\n - &x 1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := Load("x.yaml", b); err == nil && len(p.Tasks) == 0 {
			t.Error("a playbook without a task was read")
		}
		if d, err := LoadDuties("x.yaml", b); err == nil && len(d) == 0 {
			t.Error("a file without a duty was read")
		}
	})
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t *testing.T, z *time.Location, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	if len(s) > 16 {
		layout = "2006-01-02 15:04:05"
	}
	x, err := time.ParseInLocation(layout, s, z)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWhenReportsAreDue(t *testing.T) {
	t.Parallel()
	z := berlin(t)
	hour := Duty{Term: Term{Hours: 24}, From: FromKnowledge, Weekends: "stands"}
	three := Duty{Term: Term{Hours: 72}, From: FromKnowledge, Weekends: "stands"}
	month := Duty{Term: Term{Months: 1}, From: FromKnowledge, Weekends: "moves"}
	fixed := Duty{Term: Term{Months: 1}, From: FromKnowledge, Weekends: "stands"}
	days := Duty{Term: Term{Days: 14}, From: FromKnowledge, Weekends: "stands"}
	once := Duty{Term: Term{AtOnce: true}, From: FromKnowledge}
	nw, sn, ni := House{Country: "DE", State: "NW"}, House{Country: "DE", State: "SN"}, House{Country: "DE", State: "NI"}
	for _, c := range []struct {
		name     string
		d        Duty
		h        House
		know     string
		due      string
		plainEnd string // where it differs
	}{
		{"24 hours of a winter night", hour, nw, "2026-11-19 02:14", "2026-11-20 02:14", ""},
		{"24 hours over the night when clocks go back end an hour early by the clock", hour, nw, "2026-10-24 14:00", "2026-10-25 13:00", ""},
		{"24 hours over the night when clocks go forward end an hour late by the clock", hour, nw, "2027-03-27 14:00", "2027-03-28 15:00", ""},
		{"72 hours run through a weekend and a holiday", three, nw, "2026-12-24 18:00", "2026-12-27 18:00", ""},
		{"72 hours over the turn of the year", three, nw, "2026-12-30 23:30", "2027-01-02 23:30", ""},
		{"72 hours over the leap day", three, nw, "2028-02-28 09:00", "2028-03-02 09:00", ""},
		{"72 hours where there is no leap day", three, nw, "2027-02-27 09:00", "2027-03-02 09:00", ""},
		{"a month ends with the day of the same number", month, nw, "2026-11-19 02:14", "2026-12-21 23:59:59", "2026-12-19 23:59:59"},
		{"a month that stands ends on the Saturday", fixed, nw, "2026-11-19 02:14", "2026-12-19 23:59:59", ""},
		{"a month from the 31st ends with the last day of the shorter month", month, nw, "2027-01-31 10:00", "2027-03-01 23:59:59", "2027-02-28 23:59:59"},
		{"in a leap year that is the 29th", month, nw, "2028-01-31 10:00", "2028-02-29 23:59:59", ""},
		{"a month from the 30th of January of a leap year", month, nw, "2028-01-30 10:00", "2028-02-29 23:59:59", ""},
		{"a month over the turn of the year moves from Sunday to Monday", month, nw, "2026-12-10 10:00", "2027-01-11 23:59:59", "2027-01-10 23:59:59"},
		{"a month that ends on Good Friday moves over Easter", month, nw, "2027-02-26 08:00", "2027-03-30 23:59:59", "2027-03-26 23:59:59"},
		{"All Saints' is a holiday in North Rhine-Westphalia", month, nw, "2027-10-01 08:00", "2027-11-02 23:59:59", "2027-11-01 23:59:59"},
		{"but not in Lower Saxony", month, ni, "2027-10-01 08:00", "2027-11-01 23:59:59", ""},
		{"the day of repentance is one in Saxony", month, sn, "2026-10-18 08:00", "2026-11-19 23:59:59", "2026-11-18 23:59:59"},
		{"a month that ends at Christmas on a Friday moves to Monday", month, nw, "2026-11-25 08:00", "2026-12-28 23:59:59", "2026-12-25 23:59:59"},
		{"a day of 25 hours is counted to its end", days, nw, "2026-10-11 08:00", "2026-10-25 23:59:59", ""},
		{"14 days do not count the day of the event", days, nw, "2026-11-01 23:59", "2026-11-15 23:59:59", ""},
		{"at once has no number", once, nw, "2026-11-01 23:59", "", ""},
	} {
		d := c.d
		got := Clock(&d, []*Duty{&d}, c.h, Times{Knowledge: at(t, z, c.know)}, z)
		if c.due == "" {
			if !got.Due.IsZero() || !got.AtOnce || !got.Runs() {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if want := at(t, z, c.due); !got.Due.Equal(want) {
			t.Errorf("%s: due %s, want %s", c.name, got.Due.In(z), want)
		}
		plain := c.due
		if c.plainEnd != "" {
			plain = c.plainEnd
		}
		if want := at(t, z, plain); !got.Plain.Equal(want) {
			t.Errorf("%s: unmoved %s, want %s", c.name, got.Plain.In(z), want)
		}
	}
}

func duty(t *testing.T, id string) *Duty {
	t.Helper()
	for _, d := range Duties("DE") {
		if d.ID == id {
			return d
		}
	}
	t.Fatal("no duty " + id)
	return nil
}

func TestTheReportsToTheFederalOfficeFollowEachOther(t *testing.T) {
	t.Parallel()
	z := berlin(t)
	h := House{Country: "DE", State: "NW", NIS2: true}
	know := at(t, z, "2026-11-19 02:14")
	times := Times{Knowledge: know, Sent: map[string]time.Time{}}
	clock := func(id string) Deadline { return Clock(duty(t, id), Duties("DE"), h, times, z) }

	if d := clock("bsig-progress"); !d.Assumed || !d.Due.Equal(at(t, z, "2026-12-22 23:59:59")) {
		t.Errorf("before the 72-hour report is out its end counts: %+v", d)
	}
	if d := clock("bsig-final"); d.Runs() {
		t.Errorf("the final report waits while the incident lasts: %s", d.Due)
	}
	times.Sent["bsig-72h"] = at(t, z, "2026-11-20 16:00")
	if d := clock("bsig-progress"); d.Assumed || !d.Due.Equal(at(t, z, "2026-12-21 23:59:59")) { // the 20th is a Sunday
		t.Errorf("a month after the report: %+v", d)
	}
	times.Closed = at(t, z, "2026-12-01 12:00")
	if d := clock("bsig-progress"); d.Runs() {
		t.Error("an incident that is over needs no progress report")
	}
	if d := clock("bsig-final"); !d.Due.Equal(at(t, z, "2026-12-21 23:59:59")) {
		t.Errorf("the final report of an incident that ended before: %s", d.Due)
	}
	times.Sent["bsig-progress"], times.Closed = at(t, z, "2026-12-18 10:00"), time.Time{}
	if d := clock("bsig-final"); d.Runs() {
		t.Error("after a progress report the final one waits for the end")
	}
	times.Closed = at(t, z, "2027-01-29 10:00")
	if d := clock("bsig-final"); !d.Due.Equal(at(t, z, "2027-03-01 23:59:59")) { // 28 February is a Sunday
		t.Errorf("a month after the end: %s", d.Due)
	}
}

func TestABreachHasItsOwnMomentOfKnowledge(t *testing.T) {
	t.Parallel()
	z := berlin(t)
	h := House{Country: "DE", State: "BY", Operator: Private}
	d := duty(t, "dsgvo-33")
	know, breach := at(t, z, "2026-11-19 02:14"), at(t, z, "2026-11-21 09:00")
	if got := Clock(d, Duties("DE"), h, Times{Knowledge: know}, z); !got.Due.Equal(know.Add(72 * time.Hour)) {
		t.Errorf("without an own moment the incident's counts: %s", got.Due)
	}
	if got := Clock(d, Duties("DE"), h, Times{Knowledge: know, Breach: breach}, z); !got.Due.Equal(breach.Add(72 * time.Hour)) {
		t.Errorf("with one it counts: %s", got.Due)
	}
	if got := d.Addressee(h).DE; got != "Bayerisches Landesamt für Datenschutzaufsicht" {
		t.Errorf("goes to %s", got)
	}
	h.Operator = Public
	if got := d.Addressee(h).DE; got != "Bayerischer Landesbeauftragter für den Datenschutz" {
		t.Errorf("goes to %s", got)
	}
	h.Operator = Catholic
	if d.Concerns(h, Cyberattack) || !duty(t, "kdg-33").Concerns(h, Cyberattack) {
		t.Error("a catholic house reports under the KDG")
	}
	for _, state := range holiday.States() {
		if state != "BY" && d.ToByState[state] == "" {
			t.Errorf("%s has no authority", state)
		}
	}
}

func TestWhichDutiesConcernAHouse(t *testing.T) {
	t.Parallel()
	concerns := func(h House, k Kind) string {
		var out []string
		for _, d := range Duties(h.Country) {
			if d.Concerns(h, k) {
				out = append(out, d.ID)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		h    House
		k    Kind
		want string
	}{
		{House{Country: "DE", State: "NW", Operator: Public}, Fire, "dsgvo-33 dsgvo-34 diversion land-health"},
		{House{Country: "DE", State: "NW", Operator: Private, NIS2: true}, Cyberattack, "bsig-24h bsig-72h bsig-interim bsig-progress bsig-final bsig-35 dsgvo-33 dsgvo-34 diversion land-health"},
		{House{Country: "DE", State: "NW", Operator: Protestant, NIS2: true, Critical: true}, Flood, "bsig-24h bsig-72h bsig-interim bsig-progress bsig-final bsig-35 kritis-24h kritis-update kritis-month dsgekd-32 dsgvo-34 diversion land-health"},
		{House{Country: "AT", Operator: Private}, Cyberattack, "dsgvo-33 dsgvo-34"},
		{House{Country: "CH", Critical: true}, Cyberattack, "isg-24h isg-14d dsg-24"},
		{House{Country: "CH", Critical: true}, Fire, "dsg-24"},
		{House{Country: "FR"}, Fire, ""},
	} {
		if got := concerns(c.h, c.k); got != c.want {
			t.Errorf("%+v %s: %s, want %s", c.h, c.k, got, c.want)
		}
	}
}

func TestADutyOfOneStateConcernsNoOther(t *testing.T) {
	t.Parallel()
	list, err := LoadDuties("land.yaml", []byte(`country: DE
fields: [{id: what, name: Was}]
duties:
  - {id: nw, law: KHGG NRW, name: Meldung, to: Bezirksregierung, states: [NW], from: knowledge, within: 3d, weekends: moves, fields: [what*]}
  - {id: all, law: X, name: Meldung, to: Amt, from: knowledge, within: 24h, fields: [what]}
`))
	if err != nil {
		t.Fatal(err)
	}
	for state, want := range map[string]int{"NW": 2, "BY": 1, "": 1} {
		n := 0
		for _, d := range list {
			if d.Concerns(House{Country: "DE", State: state}, Fire) {
				n++
			}
		}
		if n != want {
			t.Errorf("in %q %d duties concern the house, want %d", state, n, want)
		}
	}
	z := berlin(t) // three days from a Thursday end on a Sunday: on Monday
	if d := Clock(list[0], list, House{Country: "DE", State: "NW"}, Times{Knowledge: at(t, z, "2026-11-19 08:00")}, z); !d.Due.Equal(at(t, z, "2026-11-23 23:59:59")) {
		t.Errorf("due %s", d.Due.In(z))
	}
}

// TestTheReportsAskWhatTheLawAsks compares the fields that ship with what the
// laws want to be told.
func TestTheReportsAskWhatTheLawAsks(t *testing.T) {
	t.Parallel()
	for id, fields := range map[string]string{
		// BSIG § 32 (1) no. 1 to 4 and (2), (3)
		"bsig-24h":      "malicious* cross-border*",
		"bsig-72h":      "malicious* cross-border* severity* service indicators installation systems* began began-sure noticed aware* aware-who patients staff diverted data cause attack measures others help forecast number",
		"bsig-progress": "what* severity* measures* cross-border*",
		"bsig-final":    "what* severity* cause* measures* cross-border* service",
		// KRITIS-DachG § 18
		"kritis-24h":    "what* cause cross-border* patients share duration area*",
		"kritis-month":  "what* cause* cross-border* patients* share* duration* area* measures*",
		"kritis-update": "what* measures* duration*",
		// DSGVO Art. 33 (3) a to d, and what the states' forms ask beyond it
		"dsgvo-33":    "what* breach-kind* data* groups* persons records dpo* consequences* measures* entity* reporter* contact* processor follow-up number began ended noticed aware* delay risk* risk-why protection informed informed-how others cross-border attachments",
		"kdg-33":      "what* breach-kind* data* groups* persons records dpo* consequences* measures* delay",
		"dsgekd-32":   "what* breach-kind* data* groups* persons records dpo* consequences* measures* delay",
		"dsgvo-34":    "what* dpo* consequences* measures* persons-text*",
		"diversion":   "scope* capacity* began* until",
		"bsig-35":     "service* measures* persons-text*",
		"land-health": "what* service* diverted*",
	} {
		d := duty(t, id)
		for _, f := range strings.Fields(fields) {
			name, required := strings.CutSuffix(f, "*")
			i := slices.IndexFunc(d.Form, func(x Field) bool { return x.ID == name })
			if i < 0 {
				t.Errorf("%s does not ask %s", id, name)
			} else if d.Form[i].Required != required {
				t.Errorf("%s: %s is required: %t", id, name, d.Form[i].Required)
			}
		}
	}
	for _, c := range []struct{ id, within, weekends string }{
		{"bsig-24h", "24h", "stands"}, {"bsig-72h", "72h", "stands"}, {"bsig-final", "1mo", "moves"}, {"bsig-progress", "1mo", "moves"}, {"kritis-24h", "24h", "stands"},
		{"kritis-month", "1mo", "moves"}, {"dsgvo-33", "72h", "stands"}, {"kdg-33", "72h", "stands"}, {"dsgekd-32", "72h", "stands"}, {"dsgvo-34", "at-once", "stands"},
	} {
		if d := duty(t, c.id); d.Within != c.within || d.Weekends != c.weekends {
			t.Errorf("%s: within %s, weekends %s", c.id, d.Within, d.Weekends)
		}
	}
}

func TestWarningsComeAtHalfThreeQuartersAndNinePartsOfTen(t *testing.T) {
	t.Parallel()
	z := berlin(t)
	h := House{Country: "DE", State: "NW"}
	start := at(t, z, "2026-10-24 14:00") // clocks go back in the night
	d := Clock(&Duty{Term: Term{Hours: 24}, From: FromKnowledge, Weekends: "stands"}, nil, h, Times{Knowledge: start}, z)
	for _, c := range []struct {
		after time.Duration
		want  Warning
	}{{0, Calm}, {12*time.Hour - time.Second, Calm}, {12 * time.Hour, Half}, {18 * time.Hour, ThreeQuarters}, {21*time.Hour + 36*time.Minute, NinetyPercent},
		{24 * time.Hour, NinetyPercent}, {24*time.Hour + time.Second, Overdue}} {
		if got := d.Level(start.Add(c.after)); got != c.want {
			t.Errorf("after %s: %d, want %d", c.after, got, c.want)
		}
	}
	month := Clock(&Duty{Term: Term{Months: 1}, From: FromKnowledge, Weekends: "moves"}, nil, h, Times{Knowledge: at(t, z, "2026-11-19 02:14")}, z)
	if got := month.Level(at(t, z, "2026-12-20 12:00")); got != NinetyPercent {
		t.Errorf("the days that the law adds are no delay: %d", got)
	}
	if got := month.Level(at(t, z, "2026-12-22 00:00")); got != Overdue {
		t.Errorf("after the moved end: %d", got)
	}
}

func TestATextShipsForEachKindAndEveryReader(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		for _, what := range []string{"press", "patients", "relatives", "dispatch"} {
			title, text, ok := DraftOf(what, k, map[string]string{"haus": "Klinikum Nordheide", "einschraenkungen": "", "rueckruf": "0511 4711"})
			if !ok || title == "" || strings.ContainsAny(text, "{}") || what == "press" && !strings.Contains(text, "Klinikum Nordheide") {
				t.Errorf("%s for %s: %q %q", what, k, title, text)
			}
		}
	}
	if _, _, ok := DraftOf("letter", Fire, nil); ok {
		t.Error("a text that nobody wrote")
	}
	if _, err := loadTexts("x", []byte("texts:\n  - {what: press, kinds: [fire], title: a, text: 'seit {gestern'}\n")); err == nil {
		t.Error("an unknown placeholder is taken")
	}
}
