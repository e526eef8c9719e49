package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Drugs is what a house decides about medication.
type Drugs struct {
	Table  *dosing.Table // nil: the built-in one
	Second []string      // drugs whose giving a second person signs; none: those that the table marks
	Times  entry.Times   // of a scheme's figures; zero: the usual ones
	// Trusting lets one person give what the table does not know, by any way.
	Trusting bool
}

// drugRoutes names the pages of medication.
func (s *Server) drugRoutes(on func(string, show)) {
	on("GET /patient/{key}/prescribe", s.showPrescribe)
	on("GET /patient/{key}/prescription", s.showStanding)
	on("GET /patient/{key}/contest", s.showContest)
	on("GET /patient/{key}/give", s.showGive)
	on("GET /ward/{code}/doses", s.showDoses)
	on("GET /patient/{key}/entered/{seq}", s.showEntered)
}

// drugForms names those that take what people record.
func (s *Server) drugForms(on func(string, show)) {
	on("POST /patient/{key}/prescribe", s.prescribe)
	on("POST /patient/{key}/prescription", s.setStanding)
	on("POST /patient/{key}/contest", s.setContest)
	on("POST /patient/{key}/give", s.give)
}

// showEntered leads from a record of the journal to the entry that it holds:
// charts know records, people know entries.
func (s *Server) showEntered(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	seq, err := seqOf(v)
	if err != nil {
		return nil, err
	}
	e, err := s.p.Desk.At(v.Context(), journal.Seq(seq))
	if err != nil {
		return nil, err
	}
	return seeOther("/patient/" + url.PathEscape(v.PathValue("key")) + "/entry/" + e.Root), nil // there it is checked who may see it
}

// enteredPath is the address of the entry behind what stands in a chart, "" for
// what was not written here.
func enteredPath(patient clinical.PatientKey, o clinical.Origin) string {
	if o.Feed != chart.Here || o.Seq == 0 {
		return ""
	}
	return "/patient/" + url.PathEscape(string(patient)) + "/entered/" + strconv.FormatUint(o.Seq, 10)
}

// fill puts the defaults where a house decided nothing.
func (d *Drugs) fill() error {
	if d.Table == nil {
		t, err := dosing.Default()
		if err != nil {
			return err
		}
		d.Table = t
	}
	if d.Times == (entry.Times{}) {
		d.Times = entry.UsualTimes()
	}
	return nil
}

// Double says which drugs a second person signs, also on paper.
func (d *Drugs) Double() dosing.Double {
	return dosing.Double{Table: d.Table, Names: d.Second, Trusting: d.Trusting}
}

// second reports whether a second person signs a dose of p.
func (d *Drugs) second(p clinical.Prescription) bool {
	_, needed := d.Double().Needs(p)
	return needed
}

// secondWhy says why, empty if one person is enough.
func (d *Drugs) secondWhy(p clinical.Prescription) lang.Text {
	why, _ := d.Double().Needs(p)
	return why
}

// rxItem is one prescription of a chart.
type rxItem = chart.Item[clinical.Prescription]

// rxNamed finds the prescription of that key. The error's kind is NotFound.
func rxNamed(p *chart.Patient, key string) (rxItem, error) {
	for _, it := range p.Medication {
		if it.V.Key() == key {
			return it, nil
		}
	}
	return rxItem{}, noSuch(lang.Text{DE: "Diese Verordnung gibt es in dieser Akte nicht.", EN: "There is no such prescription in this chart."})
}

// rxPath is the address of a page about one prescription.
func rxPath(patient clinical.PatientKey, page, key string) string {
	return "/patient/" + url.PathEscape(string(patient)) + "/" + page + "?rx=" + url.QueryEscape(key)
}

// labDays is how far back the kidney function is looked for.
const labDays = 90

// rxPart is what a prescription is checked against.
func (v *visit) rxPart() chart.Part { return chart.Part{Lab: true, Since: v.recentDays(labDays)} }

// factsOf is what the checks know of the patient.
func factsOf(p *chart.Patient, near around, now time.Time) dosing.Facts {
	f := dosing.Facts{Day: now, Birth: p.Birth.V, Sex: p.Sex.V, Pregnant: pregnant(p, now), NoneKnown: p.NoneKnown.V}
	if w := near.Weight; w != nil && w.Number != nil && strings.EqualFold(w.Unit, "kg") {
		f.WeightKg = w.Number
	}
	for _, it := range p.Results { // newest first
		r := &it.V
		if it.Cancelled || !usable(*r) || r.Number == nil || r.Comparator != "" {
			continue
		}
		switch {
		case f.EGFR == nil && eGFR(r):
			f.EGFR = r.Number
		case f.Creatinine == nil && r.Code.Code == "2160-0" && strings.EqualFold(strings.ReplaceAll(r.Unit, " ", ""), "mg/dl"):
			f.Creatinine = r.Number
		}
	}
	for _, a := range p.Allergies {
		if !a.Cancelled {
			f.Allergies = append(f.Allergies, a.V)
		}
	}
	for _, m := range p.Medication {
		if !m.Cancelled {
			f.Others = append(f.Others, m.V)
		}
	}
	return f
}

// eGFR reports whether a result is an estimated glomerular filtration rate: by
// its LOINC code, else by its name.
func eGFR(r *clinical.Result) bool {
	switch r.Code.Code {
	case "33914-3", "48642-3", "48643-1", "50210-4", "62238-1", "69405-9", "70969-1", "77147-7", "88293-6", "88294-4", "94677-2", "98979-8", "98980-6":
		return true
	}
	return strings.HasPrefix(strings.ToLower(r.Code.Text), "egfr")
}

// findingLine is one finding of a check.
type findingLine struct {
	Level string // stop, warn, note
	Word  lang.Text
	Text  lang.Text
}

func findingLines(list []dosing.Finding) []findingLine {
	var out []findingLine
	for _, x := range list {
		l := findingLine{Level: "note", Word: lang.Text{DE: "Hinweis", EN: "Note"}, Text: x.Text}
		switch {
		case x.Unchecked:
			l.Word = lang.Text{DE: "nicht geprüft", EN: "not checked"}
		case x.Severity == dosing.Stop:
			l.Level, l.Word = "stop", lang.Text{DE: "Nicht ohne Begründung", EN: "Not without a reason"}
		case x.Severity == dosing.Warn:
			l.Level, l.Word = "warn", lang.Text{DE: "Bitte bestätigen", EN: "Please confirm"}
		case x.Severity == dosing.Note:
		}
		out = append(out, l)
	}
	return out
}

// reportText is the check as it is kept in the entry: every finding, and what
// could not be checked.
func reportText(t *dosing.Table, r dosing.Report) string {
	var b strings.Builder
	for _, l := range append(findingLines(r.Findings), findingLines(r.Unchecked)...) {
		b.WriteString(l.Word.DE + ": " + l.Text.DE + "\n")
	}
	b.WriteString("Tabelle " + t.Version)
	if t.Approved() {
		b.WriteString(", freigegeben von " + t.ApprovedBy + " am " + t.ApprovedOn)
	}
	return b.String()
}

// tableLine says which table the checks were made with.
func (s *Server) tableLine() lang.Text {
	t := s.c.Drugs.Table
	if t.Approved() {
		return lang.Text{
			DE: "Geprüft mit der Arzneimitteltabelle " + t.Version + ", freigegeben von " + t.ApprovedBy + " am " + t.ApprovedOn + ".",
			EN: "Checked with drug table " + t.Version + ", approved by " + t.ApprovedBy + " on " + t.ApprovedOn + ".",
		}
	}
	return lang.Text{
		DE: "▲ Die Arzneimitteltabelle " + t.Version + " ist von der Apotheke nicht freigegeben.",
		EN: "▲ Drug table " + t.Version + " is not approved by the pharmacy.",
	}
}

// inputGroups are the fields of a form with what was typed and what is wrong.
func inputGroups(fields []entry.Field, typed map[string]string, wrong []entry.Mistake, first string) []inputGroup {
	var out []inputGroup
	for _, x := range fields {
		view := inputView{Field: x, Value: typed[x.Name], First: x.Name == first}
		for _, m := range wrong {
			if m.Field == x.Name && m.Sure == "" {
				view.Wrong = m.Say
			}
		}
		if n := len(out); n == 0 || out[n-1].Name != x.Group {
			out = append(out, inputGroup{Name: x.Group})
		}
		out[len(out)-1].Fields = append(out[len(out)-1].Fields, view)
	}
	return out
}

// problemsOf are the mistakes that stand in the way.
func problemsOf(wrong []entry.Mistake) []problem {
	var out []problem
	for _, m := range wrong {
		if m.Sure == "" {
			out = append(out, problem{m.Field, m.Say})
		}
	}
	return out
}

// typedOf is what was typed into the fields.
func typedOf(v *visit, fields []entry.Field) map[string]string {
	typed := map[string]string{entry.AtField: v.PostFormValue(entry.AtField)}
	for _, x := range fields {
		typed[x.Name] = v.PostFormValue(x.Name)
	}
	return typed
}

// fieldsOf returns the fields of a form that people fill in.
func fieldsOf(form *entry.Form, without ...string) []entry.Field {
	return slices.DeleteFunc(slices.Clone(form.Fields), func(x entry.Field) bool { return slices.Contains(without, x.Name) })
}

// aboutOf is what a form knows of the patient and of the person at the screen.
func aboutOf(v *visit, p *chart.Patient) entry.About {
	who := v.session.Person
	return entry.About{Now: v.now, Birth: p.Birth.V, Sex: p.Sex.V, Pregnant: pregnant(p, v.now), By: clinical.Staff{ID: who.ID, Name: who.Name}}
}

// changedMistake says who changed it.
func changedMistake(it rxItem, f Frame) entry.Mistake {
	by := it.V.By.Name
	if by == "" {
		by = f.source(it.Origin).Feed.DE
	}
	return entry.Mistake{Say: lang.Text{
		DE: "Diese Verordnung wurde inzwischen geändert (" + by + ", " + f.stamp(it.Origin.Received).clock(lang.DE) + "). Bitte den neuen Stand ansehen; eingetragen wurde nichts.",
		EN: "This prescription was changed meanwhile (" + by + ", " + f.stamp(it.Origin.Received).clock(lang.EN) + "). Please look at how it stands now; nothing was recorded.",
	}}
}

// rxRights puts the ways to change and to give beside the lines of a medication
// page, for those who may.
func (m *medicationPage) rxRights(f Frame, patient clinical.PatientKey, open bool) {
	if !open {
		return
	}
	if f.User.Can(string(staff.Prescribe)) {
		m.Prescribe = "/patient/" + string(patient) + "/prescribe"
	}
	for i := range m.Contests {
		if f.User.Can(string(staff.Prescribe)) {
			m.Contests[i].Href = rxPath(patient, "contest", m.Contests[i].key)
		}
	}
	m.Request = requestPath(patient, "/patient/"+string(patient)+"/medication", f, open)
	for _, list := range [][]rxLine{m.Regular, m.Infusions, m.AsNeeded, m.Stopped} {
		for i := range list {
			l := &list[i]
			if f.User.Can(string(staff.Prescribe)) {
				if l.Contest != nil || l.Decided {
					l.Decide = rxPath(patient, "contest", l.Key)
				}
				l.Change, l.Stand = rxPath(patient, "prescribe", l.Key), rxPath(patient, "prescription", l.Key)
			}
			if f.User.Can(string(staff.GiveDoses)) {
				l.Give = rxPath(patient, "give", l.Key)
			}
			if f.User.Can(string(staff.Dispense)) {
				l.Review = rxPath(patient, "pharmacy", l.Key)
			}
		}
	}
}

// takenMistake tells the second of two people what stands already.
func takenMistake(t *desk.Taken, f Frame) entry.Mistake {
	at := f.stamp(t.Entry.Written)
	return entry.Mistake{Say: lang.Text{
		DE: "Inzwischen hat " + t.Entry.By.Name + " um " + at.clock(lang.DE) + " dasselbe eingetragen. Ihr Eintrag wurde nicht gespeichert; bitte vergleichen.",
		EN: "Meanwhile " + t.Entry.By.Name + " recorded the same at " + at.clock(lang.EN) + ". Your entry was not stored; please compare.",
	}}
}

// nowInOutage refuses what is meant for now while no outage lasts.
func (s *Server) nowInOutage(v *visit) error {
	if s.inOutage(v, v.now) {
		return nil
	}
	return fault.New(fault.Forbidden, lang.Text{
		DE: "Der Ausfall ist beendet. Verordnet wird im KIS.", EN: "The outage is over. Prescribe in the HIS.",
	})
}

// codeFor is the status of a form that is shown again.
func codeFor(wrong []entry.Mistake) int {
	if len(wrong) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
