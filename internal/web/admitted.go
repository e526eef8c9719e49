package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
)

// admittedPage says what was signed and offers what is printed next.
type admittedPage struct {
	Frame
	What   lang.Text
	Row    admittedRow
	Prints bool
	Begins bool
	Twin   string // address of the next child of this mother
	Gone   bool   // taken back
	By     string
	When   stamp
}

// admittedRow is one person of the admission.
type admittedRow struct {
	Key     clinical.PatientKey
	Root    string
	Name    string
	Birth   string
	Age     string
	Sex     string
	Number  string
	Case    string
	Place   string
	State   lang.Text
	Triage  string
	Unnamed bool
	Gone    bool
	N       int
}

var admittedPageT = parse[admittedPage]("admitted")

// rowOf is what the chart shows of the entry's patient.
func (s *Server) rowOf(v *visit, f Frame, e desk.Version) (admittedRow, error) {
	row := admittedRow{Key: e.Patient, Root: e.Root, Case: string(e.Case), Gone: e.Withdrawn, Triage: e.Fields["triage"]}
	if field, ok := entry.Unidentified.Field("triage"); ok {
		for _, x := range field.Options {
			if x.Value == row.Triage {
				row.Triage = x.Label.In(f.Lang)
			}
		}
	}
	if len(e.IDs) > 0 {
		row.Number = e.IDs[0].Value
	}
	p, err := v.view.Patient(v.Context(), e.Patient, chart.Head())
	if err != nil {
		if fault.KindOf(err) == fault.NotFound { // the charts are a moment behind
			return row, nil
		}
		return row, err
	}
	row.Name, row.Birth, row.Age, row.Sex = p.Name.V.Display(), p.Birth.V.German(), f.ageOf(p.Birth.V), f.sexOf(p.Sex.V)
	row.Unnamed = p.Unnamed.V
	if st, ok := p.Current(); ok {
		row.Place, row.State = placeWord(st.Now.V), stayWord(st.State)
		if row.Case == "" {
			row.Case = string(st.Case)
		}
	}
	return row, nil
}

func (s *Server) showAdmitted(v *visit) (http.Handler, error) {
	e, err := s.admittedEntry(v)
	if err != nil {
		return nil, err
	}
	if res, err := s.atDesk(v, "admission/done", e.Patient); res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	row, err := s.rowOf(v, f, e)
	if err != nil {
		return nil, err
	}
	form := entry.FormOf(e.Form)
	p := admittedPage{
		Frame: f.titled("admission", lang.Text{DE: "Eingetragen", EN: "Recorded"}), What: form.Title, Row: row, Begins: form.Begins && form != entry.Same,
		Prints: f.User.Can(string(staff.Print)), Gone: e.Withdrawn, By: e.By.Name, When: f.stamp(e.At),
	}
	if e.Form == entry.Birth.Kind {
		n, _ := strconv.Atoi(e.Fields["order"]) // an only child so far is the first
		q := url.Values{"mother": {string(entry.ParseID(e.Fields["mother"]).Key())}, "order": {strconv.Itoa(max(n, 1) + 1)}}
		p.Twin = "/admission/newborn?" + q.Encode()
	}
	return admittedPageT.of(p)
}

// admittedEntry is the entry of the admission that the address names.
func (s *Server) admittedEntry(v *visit) (desk.Version, error) {
	if _, err := v.needSession(); err != nil {
		return desk.Version{}, err
	}
	e, err := s.p.Desk.Current(v.Context(), v.PathValue("root"))
	if err != nil {
		return e, err
	}
	if form := entry.FormOf(e.Form); form == nil || form.Page == "" {
		return e, fault.New(fault.NotFound, lang.Text{DE: "Diesen Eintrag gibt es hier nicht.", EN: "There is no such entry here."})
	}
	return e, nil
}

// massPage admits many at once: one line each.
type massPage struct {
	Frame
	Series   string
	Action   string
	Next     int           // number of the line that is filled in
	Count    int           // admitted so far
	Rows     []admittedRow // newest first
	Wards    []wardChoice
	Triages  []entry.Option
	Sexes    []entry.Option
	Typed    map[string]string
	Problems []problem
	Most     int
}

var massPageT = parse[massPage]("mass")

const (
	mostAtOnce   = 50
	mostInSeries = 500
)

// massKey is the key of one line of a series: the series can be read back
// without being kept anywhere.
func massKey(series string, n int) string {
	return journal.KeyOf("mass", series, []byte(strconv.Itoa(n))).String()
}

// newMass begins a series.
func (s *Server) newMass(v *visit) (http.Handler, error) {
	if res, err := s.atDesk(v, "admission/mass", ""); res != nil || err != nil {
		return res, err
	}
	return seeOther("/admission/mass/" + desk.NewKey()), nil
}

// series reads what was admitted in the series so far.
func (s *Server) series(v *visit) ([]desk.Version, error) {
	id := v.PathValue("series")
	if _, err := journal.ParseID(id); err != nil {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Liste gibt es nicht.", EN: "There is no such list."})
	}
	var out []desk.Version
	for n := 0; n < mostInSeries; n++ {
		e, err := s.p.Desk.Current(v.Context(), massKey(id, n))
		if fault.KindOf(err) == fault.NotFound && err != nil {
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (s *Server) showMass(v *visit) (http.Handler, error) {
	if res, err := s.atDesk(v, "admission/mass", ""); res != nil || err != nil {
		return res, err
	}
	return s.drawMass(v, http.StatusOK, map[string]string{"count": "1", "ward": v.FormValue("ward")}, nil)
}

func (s *Server) drawMass(v *visit, code int, typed map[string]string, problems []problem) (http.Handler, error) {
	all, err := s.series(v)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	next := len(all)
	if n, err := strconv.Atoi(v.PostFormValue("n")); v.resumed && err == nil {
		next = n
	}
	sex, _ := entry.Unidentified.Field("sex")
	p := massPage{
		Frame: f.titled("admission", lang.Text{DE: "Viele auf einmal aufnehmen", EN: "Admit many at once"}), Series: v.PathValue("series"),
		Action: "/admission/mass/" + v.PathValue("series"), Next: next, Count: len(all), Triages: entry.Triages, Sexes: sex.Options, Typed: typed, Problems: problems, Most: mostAtOnce,
	}
	for i := len(all) - 1; i >= 0; i-- {
		row, err := s.rowOf(v, f, all[i])
		if err != nil {
			return nil, err
		}
		row.N = i + 1
		p.Rows = append(p.Rows, row)
	}
	beds, err := s.beds(v, lang.Text{}, "", "")
	if err != nil {
		return nil, err
	}
	ward := typed["ward"]
	if ward == "" {
		ward = s.emergencyWard(v, all)
	}
	for _, w := range beds.Wards {
		w.Here = w.Code == ward
		p.Wards = append(p.Wards, w)
	}
	return massPageT.status(code, p)
}

// emergencyWard is where the last one of the series went, else the emergency
// department.
func (s *Server) emergencyWard(v *visit, all []desk.Version) string {
	if len(all) > 0 {
		return all[len(all)-1].Ward
	}
	h, err := s.houseOf(v)
	if err != nil {
		return ""
	}
	for _, w := range h.Wards {
		if w.Kind == "emergency" {
			return w.Code
		}
	}
	return ""
}

// admitMass signs the next lines of a series.
func (s *Server) admitMass(v *visit) (http.Handler, error) {
	if res, err := s.atDesk(v, "admission/mass", ""); res != nil || err != nil {
		return res, err
	}
	if _, err := journal.ParseID(v.PathValue("series")); err != nil {
		return s.unknown(v)
	}
	typed := map[string]string{}
	for _, name := range []string{"triage", "sex", "age", "ward", "count"} {
		typed[name] = v.PostFormValue(name)
	}
	if v.resumed {
		return s.drawMass(v, http.StatusOK, typed, nil) // with the line's own number: it may stand already
	}
	n, err1 := strconv.Atoi(v.PostFormValue("n"))
	count, err2 := strconv.Atoi(typed["count"])
	if err1 != nil || err2 != nil || n < 0 || count < 1 || count > mostAtOnce || n+count > mostInSeries {
		return s.drawMass(v, http.StatusUnprocessableEntity, typed, []problem{{"count", lang.Text{
			DE: fmt.Sprintf("Höchstens %d auf einmal und %d in einer Liste.", mostAtOnce, mostInSeries), EN: fmt.Sprintf("At most %d at once and %d in one list.", mostAtOnce, mostInSeries),
		}}})
	}
	place, err := s.checkPlace(v, typed["ward"], "", true)
	if err != nil {
		return nil, err
	}
	a := &admission{form: entry.Unidentified}
	var seq journal.Seq
	for i := n; i < n+count; i++ {
		a.w = writeForm{key: massKey(v.PathValue("series"), i), typed: map[string]string{
			"triage": typed["triage"], "sex": typed["sex"], "age": typed["age"], "place": typed["ward"], "class": string(clinical.Emergency),
		}}
		filled, wrong := s.fill(v, a)
		if wrong = append(wrong, place...); len(wrong) > 0 {
			var problems []problem
			for _, m := range wrong {
				problems = append(problems, problem{map[string]string{"place": "ward"}[m.Field] + map[bool]string{true: m.Field}[m.Field != "place"], m.Say})
			}
			return s.drawMass(v, http.StatusUnprocessableEntity, typed, problems)
		}
		root, err := s.standing(v, a.form.Kind, a.w.key, filled.Typed)
		if err == nil && root == "" {
			_, seq, err = s.beginStay(v, a, filled)
		}
		if fault.KindOf(err) == fault.Conflict && err != nil {
			s.shown(v, seq)
			typed["count"] = strconv.Itoa(n + count - i) // what is left: the lines before are stored
			return s.drawMass(v, http.StatusConflict, typed, []problem{{"", lang.Text{
				DE: fmt.Sprintf("Jemand anderes hat in dieser Liste inzwischen aufgenommen. Gespeichert sind %d von %d; %d noch nicht gespeichert, bitte noch einmal.", i-n, count, n+count-i),
				EN: fmt.Sprintf("Somebody else has admitted in this list meanwhile. %d of %d are stored; %d not stored yet, please once more.", i-n, count, n+count-i),
			}}})
		}
		if err != nil {
			return nil, err
		}
	}
	s.shown(v, seq)
	return seeOther("/admission/mass/" + v.PathValue("series")), nil
}

// printMass draws the wristbands of a series, with from only those behind that
// number.
func (s *Server) printMass(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	if _, err := s.charts(v); err != nil {
		return nil, err
	}
	all, err := s.series(v)
	if err != nil {
		return nil, err
	}
	from, _ := strconv.Atoi(v.FormValue("from")) // empty is all
	ward := ""
	var bands []paper.Band
	var keys []clinical.PatientKey
	for _, e := range all[min(max(from, 0), len(all)):] {
		if e.Withdrawn {
			continue
		}
		p, err := v.view.Patient(v.Context(), e.Patient, chart.Head())
		if err != nil {
			return nil, err
		}
		ward = e.Ward
		bands, keys = append(bands, paper.Band{Patient: p}), append(keys, p.Key)
	}
	res, err := s.pass(v, want{right: staff.Print, page: "print/bands", ward: ward, what: fmt.Sprintf("%d Armbänder", len(bands))})
	if res != nil || err != nil {
		return res, err
	}
	if err := s.recordEach(v, ward, keys); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := paper.Wristband(&b, s.head(v), bands, s.c.Band); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "armbaender"), nil
}
