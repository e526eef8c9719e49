package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
)

// drugServer is a server that knows what the house decided about medication and
// nothing else.
func drugServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{c: Config{Zone: berlin}}
	ok(t, s.c.Drugs.fill())
	return s
}

// drugGallery draws the pages of medication.
func drugGallery(t testing.TB, add func(string, []byte, error), f Frame) {
	s := drugServer(t)
	p := fixturePatient()
	o := &opened{p: p, frame: f, near: around{Alike: true, Weight: fixtureWeight()}, ward: "3A"}
	form := url.Values{"second": {"k.huber"}, "why": {"Hypotonie"}}
	r := httptest.NewRequest(http.MethodPost, "/patient/x/give", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v := &visit{Request: r, now: theNow, session: &staff.Session{Person: fixturePeople()[0]}}
	page := func(name string, h http.Handler, err error) {
		rec := httptest.NewRecorder()
		if err == nil {
			h.ServeHTTP(rec, r)
		}
		add(name, rec.Body.Bytes(), err)
	}
	prescription := entry.FormOf(entry.PrescriptionForm)
	typed := map[string]string{"drug": "Amoxicillin", "strength": "1000 mg", "dose": "1 Tbl.", "route": "p.o.", "interval": "alle 8 h"}
	x := prescribing{form: prescription, key: "k", typed: typed}
	h, err := s.drawPrescribe(v, o, x, []entry.Mistake{{Field: "scheme", Say: lang.Text{DE: "Schema nicht lesbar. So: 1-0-1-0 oder ½-0-½.", EN: "The scheme cannot be read."}}})
	page("prescribe", h, err)
	x.rx, x.was, x.of = p.Medication[0].V.Key(), p.Medication[0], "87000"
	x.typed = entry.PrescriptionFields(x.was.V)
	h, err = s.drawPrescribe(v, o, x, nil)
	page("prescribe-change", h, err)
	x.typed = typed
	filled, wrong := prescription.Fill(func(n string) string { return typed[n] }, nil, entry.About{Now: theNow})
	if len(wrong) > 0 {
		t.Fatalf("%+v", wrong)
	}
	rx := filled.Prescription(clinical.Prescription{}, "NB1", entry.UsualTimes())
	h, err = s.drawPrescribed(o, x, rx, s.c.Drugs.Table.Check(rx, factsOf(p, o.near, theNow)), "", []entry.Mistake{{Field: "despite", Say: lang.Text{DE: "Bitte begründen.", EN: "Please give the reason."}}})
	page("prescribed", h, err)
	h, err = s.drawStanding(v, o, p.Medication[0], nil)
	page("standing", h, err)
	contestGallery(s, v, o, page)
	doseGallery(t, s, v, o, page)
}

// contested is the fixture's patient with a drug that was stopped here and that
// the KIS goes on with.
func contested() *chart.Patient {
	p := fixturePatient()
	it := &p.Medication[0]
	theirs := *it
	theirs.Origin.Seq, theirs.Origin.Sent = 90010, theNow.Add(-20*time.Minute)
	it.V.Status, it.V.Stood, it.Cancelled = clinical.Cancelled, clinical.Staff{ID: "dr.berg", Name: "Dr. U. Berg"}, true
	it.Origin = clinical.Origin{Seq: 90001, Feed: chart.Here, Sent: theNow.Add(-time.Hour), Received: theNow.Add(-time.Hour)}
	p.Claims = []rxItem{theirs}
	return p
}

func contestGallery(s *Server, v *visit, o *opened, page func(string, http.Handler, error)) {
	c := *o
	c.p = contested()
	it := c.p.Medication[0]
	sides, _ := c.p.Sides(&it)
	h, err := s.drawContest(v, &c, it, sides, []entry.Mistake{{Field: "why", Say: lang.Text{DE: "Bitte ausfüllen.", EN: "Please fill this in."}}})
	page("contest", h, err)
	m := newMedicationPage(c.p, c.frame, c.near)
	m.rxRights(c.frame, c.p.Key, true)
	h, err = medicationPageT.of(m)
	page("medication-contested", h, err)
}

func doseGallery(t testing.TB, s *Server, v *visit, o *opened, page func(string, http.Handler, error)) {
	x := giving{form: entry.FormOf(entry.DoseForm), key: "k", it: o.p.Medication[0], due: onDay(theNow, 8*60)}
	x.typed = map[string]string{"status": "given", "amount": "5 000 IE"}
	h, err := s.drawGive(v, o, x, []entry.Mistake{{Field: "band", Say: lang.Text{DE: "Falsches Armband.", EN: "Wrong wristband."}}}, http.StatusUnprocessableEntity)
	page("give-wrong-band", h, err)
	filled, wrong := x.form.Fill(func(n string) string { return x.typed[n] }, nil, entry.About{Now: theNow})
	if len(wrong) > 0 {
		t.Fatalf("%+v", wrong)
	}
	rx := x.it
	rx.V.Drug, rx.V.Route = clinical.Coded{Text: "Heparin"}, "i.v."
	x.it = rx
	h, err = s.drawGiving(v, o, x, filled, s.giveQuestions(o, x, filled), nil, http.StatusOK)
	page("giving", h, err)
	for i := range o.p.Medication {
		if o.p.Medication[i].V.AsNeeded {
			x.it, x.due = o.p.Medication[i], time.Time{}
		}
	}
	h, err = s.drawGive(v, o, x, nil, http.StatusOK)
	page("give-needed", h, err)
	d := dosing24{s: s, f: o.frame, open: true}
	d.from, d.to, d.name = shiftNamed("", theNow)
	w := fixtureWard()
	list := []wardPatient{{w.Rows[0], contested()}, {w.Rows[4], o.p}}
	doses := d.page(w, list)
	doses.next("", "")
	h, err = dosesPageT.of(doses)
	page("doses", h, err)
}

func TestAWristbandMustBeThePatients(t *testing.T) {
	t.Parallel()
	p := &chart.Patient{
		Key: "annakeyannakey00", IDs: []clinical.Identifier{{Value: "900417"}}, Stays: []chart.Stay{{Case: "4711001"}, {Case: "4600002"}},
		Linked: []chart.Link{{Key: "oldkeyoldkeyold0", IDs: []clinical.Identifier{{Value: "881204"}}}},
	}
	p.Name.V = clinical.Name{Family: "Müller", Given: "Anna"}
	code := func(c sheet.Code) string { c.Page, c.Seq = 1, 9; return c.String() }
	for _, c := range []struct {
		name, text string
		right      bool
		sees       string
	}{
		{"the band", code(sheet.Code{Form: sheet.FormWristband, Case: "4711001"}), true, ""},
		{"the band of an earlier case", code(sheet.Code{Form: sheet.FormWristband, Case: "4600002"}), true, ""},
		{"the bars", "4711001", true, ""},
		{"blanks around", " 4711001 ", true, ""},
		{"the patient number", "900417", true, ""},
		{"a merged number", "881204", true, ""},
		{"a band without a case", code(sheet.Code{Form: sheet.FormWristband, Key: "annakeyannakey00"}), true, ""},
		{"a band of the merged chart", code(sheet.Code{Form: sheet.FormWristband, Key: "oldkeyoldkeyold0"}), true, ""},
		{"somebody else's band", code(sheet.Code{Form: sheet.FormWristband, Case: "4711002"}), false, "Falsches Armband"},
		{"somebody else's key", code(sheet.Code{Form: sheet.FormWristband, Key: "xxxxxxxxxxxxxxxx"}), false, "Falsches Armband"},
		{"somebody else's sheet", code(sheet.Code{Form: sheet.FormMedication, Case: "4711002"}), false, "Falsches Armband"},
		{"the own sheet", code(sheet.Code{Form: sheet.FormMedication, Case: "4711001"}), false, "kein Armband"},
		{"the own label", code(sheet.Code{Form: sheet.FormLabel, Case: "4711001"}), false, "kein Armband"},
		{"a code of a ward", code(sheet.Code{Form: sheet.FormList, Ward: "3A"}), false, "Falsches Armband"},
		{"a part of the number", "471100", false, "Falsches Armband"},
		{"misread", "NB1|W|4711001|1|9|0000", false, "nicht richtig gelesen"},
		{"nothing", "", false, "Falsches Armband"},
	} {
		say, right := bandOf(p, c.text)
		if right != c.right || !strings.Contains(say.DE, c.sees) {
			t.Errorf("%s: %v %q", c.name, right, say.DE)
		}
		if !right && c.text != "" && strings.Contains(say.DE, "4711002") {
			t.Errorf("%s: the number of somebody else is shown", c.name)
		}
	}
}

func TestTheShiftsOfADay(t *testing.T) {
	t.Parallel()
	at := func(day, h int) time.Time { return time.Date(2026, 11, day, h, 0, 0, 0, berlin) }
	for _, c := range []struct {
		name string
		now  time.Time
		from time.Time
		here string
	}{
		{"", at(19, 10), at(19, 6), "early"},
		{"early", at(19, 10), at(19, 6), "early"},
		{"late", at(19, 10), at(19, 14), "late"},
		{"night", at(19, 10), at(18, 22), "night"},
		{"night", at(19, 15), at(19, 22), "night"},
		{"early", at(19, 15), at(19, 6), "early"},
		{"early", at(19, 23), at(20, 6), "early"},
		{"late", at(19, 23), at(19, 14), "late"},
		{"late", at(20, 3), at(19, 14), "late"},
		{"unsinn", at(20, 3), at(19, 22), "night"},
	} {
		from, to, here := shiftNamed(c.name, c.now)
		if !from.Equal(c.from) || here != c.here || to.Sub(from) != 8*time.Hour {
			t.Errorf("%q at %v: %v to %v, %s", c.name, c.now, from, to, here)
		}
	}
}

func TestTheListGoesOnWithTheNextDoseThatIsDue(t *testing.T) {
	t.Parallel()
	at := onDay(theNow, 8*60)
	row := func(minutes int, state dueState) doseRow {
		return doseRow{State: state, Href: "x", due: at.Add(time.Duration(minutes) * time.Minute)}
	}
	for _, c := range []struct {
		name, after string
		due         time.Time
		want        [2]int
	}{
		{"the first of all", "", time.Time{}, [2]int{0, 0}},
		{"behind the one recorded", "a", at, [2]int{0, 2}},
		{"on to the next bed", "a", at.Add(30 * time.Minute), [2]int{1, 1}},
		{"from the last bed back to the first", "b", at.Add(2 * time.Hour), [2]int{0, 0}},
	} {
		p := dosesPage{Patients: []dosePatient{
			{Key: "a", Rows: []doseRow{row(-60, dueOver), row(0, ""), row(15, dueNow), row(120, duePlanned)}},
			{Key: "b", Rows: []doseRow{row(0, ""), row(0, dueNow)}},
		}}
		if c.after == "b" {
			p.Patients[1].Rows[1].State = ""
		}
		due := ""
		if !c.due.IsZero() {
			due = c.due.Format(time.RFC3339)
		}
		p.next(clinical.PatientKey(c.after), due)
		got := [2]int{-1, -1}
		for i := range p.Patients {
			for j := range p.Patients[i].Rows {
				if p.Patients[i].Rows[j].Next {
					got = [2]int{i, j}
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatAPrescriptionIsCheckedAgainst(t *testing.T) {
	t.Parallel()
	p := fixturePatient()
	f := factsOf(p, around{Weight: fixtureWeight()}, theNow)
	if f.EGFR == nil || *f.EGFR != 22 || f.Creatinine == nil || *f.Creatinine != 2.14 || f.WeightKg == nil || *f.WeightKg != 78.4 {
		t.Errorf("eGFR %v, creatinine %v, weight %v", f.EGFR, f.Creatinine, f.WeightKg)
	}
	if len(f.Allergies) != 2 || len(f.Others) == 0 || f.Pregnant || f.NoneKnown {
		t.Errorf("%+v", f)
	}
	pounds := *fixtureWeight()
	pounds.Unit = "lb"
	p.Results = nil
	if f := factsOf(p, around{Weight: &pounds}, theNow); f.WeightKg != nil || f.EGFR != nil {
		t.Errorf("another unit was taken for kg: %+v", f)
	}
}

// Somebody with several roles signs in the one that allows it.
func TestAnEntryBearsTheRoleThatAllowedIt(t *testing.T) {
	t.Parallel()
	s := drugServer(t)
	s.orderLab, s.values, s.byPhone = &entry.Form{Kind: "laboratory"}, &entry.Form{Kind: "values"}, &entry.Form{Kind: "telephone"}
	p := fixturePatient()
	v := &visit{Request: httptest.NewRequest(http.MethodPost, "/?asof=9", nil), now: theNow, view: &chart.View{}, session: &staff.Session{Person: staff.Person{
		ID: "x", Roles: []staff.Role{staff.IT, staff.Nurse, staff.Physician},
	}}}
	for form, want := range map[string]staff.Role{entry.PrescriptionForm: staff.Physician, entry.DoseForm: staff.Nurse, "death": staff.Physician, "transfer": staff.Nurse} {
		if got := s.entryOf(v, &opened{p: p}, form, "k").Role; got != string(want) {
			t.Errorf("%s is signed as %q, want %q", form, got, want)
		}
	}
}
