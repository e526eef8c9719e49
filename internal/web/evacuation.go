package web

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
)

// evacuationPage is the list of patients to be brought out, checked off by scan.
type evacuationPage struct {
	Frame
	ID       string
	Name     string
	Point    string
	Why      string
	Since    stamp
	Ended    stamp
	Ward     string
	Wards    []filterLink
	Rows     []evacRow
	Moved    int
	All      int
	To       string // the destination that stays from one scan to the next
	Key      string
	Problems []problem
	Done     string // who was checked off just now
	Places   []string
	Resumed  bool
	Scan     string
	Do       string   // what a scan does: "" checks off, else the mobility that it sets; stays from one scan to the next
	Does     []choice // what it can do
	Ways     []choice // how patients can be brought out
	Moves    []mobilityCount
}

// evacRow is one patient.
type evacRow struct {
	paper.Evacuee
	Key   clinical.PatientKey
	Ward  string
	By    string
	Out   stamp
	Moves mobility
	Form  movesForm
}

// movesForm says how one patient moves.
type movesForm struct {
	ID, Key, Ward, Patient, Name, To, Do string

	Said bool
	Ways []choice
}

var evacuationPageT = parse[evacuationPage]("evacuation")

// evacuationWards are the wards that are cleared, with their rows.
func (s *Server) evacuationWards(v *visit, c *crisis.Crisis) ([]chart.Ward, error) {
	house, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	var out []chart.Ward
	for _, w := range house.Wards {
		if w.Occupied == 0 || len(c.Evacuation.Wards) > 0 && !slices.Contains(c.Evacuation.Wards, w.Code) {
			continue
		}
		ward, err := v.view.Ward(v.Context(), w.Code)
		if err != nil {
			return nil, err
		}
		out = append(out, ward)
	}
	if len(c.Evacuation.Wards) > 0 {
		return out, nil
	}
	nowhere, err := v.view.Nowhere(v.Context(), v.lang)
	if err != nil || len(nowhere.Rows) == 0 {
		return out, err
	}
	return append(out, nowhere), nil
}

// evacuees counts the patients of the wards that are cleared; 0 while the charts
// cannot be read.
func (s *Server) evacuees(v *visit, c *crisis.Crisis) int {
	house, err := s.houseOf(v)
	if err != nil {
		return 0
	}
	n := 0
	for _, w := range house.Wards {
		if len(c.Evacuation.Wards) == 0 || slices.Contains(c.Evacuation.Wards, w.Code) {
			n += w.Occupied
		}
	}
	if nowhere, err := v.view.Unplaced(v.Context()); err == nil && len(c.Evacuation.Wards) == 0 {
		n += len(nowhere)
	}
	return n
}

// passEvacuation is the gate of the list: the right, and an order in force, which
// opens the list as a declared outage opens a ward.
func (s *Server) passEvacuation(v *visit, page, what string) (*crisis.Crisis, http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, nil, err
	}
	c, err := s.evacuationOf(v, v.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	d := s.p.Staff.MayRead(sess, v.declared() || c.Evacuation.Runs(), "", "", staff.Evacuate, v.now)
	switch d.Verdict {
	case staff.Allowed:
	case staff.NeedsGlass:
		return nil, s.toGlass(v, "", ""), nil
	case staff.Denied:
		return nil, nil, fault.New(fault.Forbidden, d.Say)
	}
	if !c.Evacuation.Ordered.Done() {
		return nil, nil, fault.New(fault.NotFound, lang.Text{DE: "In dieser Lage ist keine Evakuierung angeordnet.", EN: "No evacuation is ordered in this incident."})
	}
	if _, err := s.charts(v); err != nil {
		return nil, nil, err
	}
	return c, nil, s.record(v, sess, d, want{page: page, what: what})
}

// evacueesOf reads what the list says of each patient of a ward.
func (s *Server) evacueesOf(v *visit, c *crisis.Crisis, w chart.Ward) ([]evacRow, error) {
	rows := slices.DeleteFunc(slices.Clone(w.Rows), func(r chart.Row) bool { return r.Free || r.Arriving || r.Dead })
	out := make([]evacRow, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = s.evacRow(v, c, w, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Server) evacRow(v *visit, c *crisis.Crisis, w chart.Ward, r chart.Row) (evacRow, error) {
	f := s.bare(v)
	want := chart.Part{Vitals: true, Since: v.now.Add(-bradenHolds)}
	if w.Kind == "icu" { // many values, and how they are brought out is known
		want.Since = v.recentDays(2)
	}
	p, err := v.view.Patient(v.Context(), r.Key, want)
	if err != nil {
		return evacRow{}, err
	}
	return newEvacRow(c, w, r, p, f), nil
}

// newEvacRow is one patient with what the chart says; p is nil where it says
// nothing.
func newEvacRow(c *crisis.Crisis, w chart.Ward, r chart.Row, p *chart.Patient, f Frame) evacRow {
	x := evacRow{Key: r.Key, Ward: w.Code, Evacuee: paper.Evacuee{
		Bed: strings.TrimSpace(r.Place.Room + " " + r.Place.Bed), Name: r.Name.Display(), Birth: "*" + r.Birth.German(), Case: string(r.Case), Sex: f.sexOf(r.Sex), Alike: r.NamesAlike,
		Oxygen: lang.Text{DE: "nicht erhoben", EN: "not taken"}.In(f.Lang), Isolation: strings.Join(r.Isolation, ", "), Note: strings.Join(r.Alerts, ", "),
	}}
	if r.Unnamed {
		x.Name = lang.Text{DE: "unbekannt", EN: "unidentified"}.In(f.Lang) + " " + x.Name
	}
	if r.State == chart.Away {
		x.Note = strings.TrimSpace(lang.Text{DE: "beurlaubt, nicht im Haus", EN: "on leave, not in the house"}.In(f.Lang) + " " + x.Note)
	}
	if x.Isolation != "" {
		x.Isolation = "ISO " + x.Isolation
	}
	if r.Mother != "" {
		x.Note = strings.TrimSpace(lang.Text{DE: "Neugeborenes, mit der Mutter", EN: "newborn, with the mother"}.In(f.Lang) + " " + x.Note)
	}
	if p != nil {
		x.Oxygen, x.Oxygenated = oxygenOf(p, f)
	}
	if x.Moves = mobilityOf(c.Evacuation.Mobility[string(r.Key)], w.Kind, p, f); x.Moves.Known() {
		x.Mobility, x.MobilityFrom = x.Moves.Word().In(f.Lang), x.Moves.From.In(f.Lang)
		if x.Moves.At.Known() {
			x.MobilityFrom += " " + x.Moves.At.clock(f.Lang)
		}
	}
	if m, ok := c.Evacuation.Moved[string(r.Key)]; ok {
		x.To, x.At, x.By, x.Out = m.To, m.By.At, m.By.Name, f.stamp(m.By.At)
	}
	return x
}

func (s *Server) showEvacuation(v *visit) (http.Handler, error) {
	c, res, err := s.passEvacuation(v, "evacuation", v.FormValue("ward"))
	if res != nil || err != nil {
		return res, err
	}
	return s.drawEvacuation(v, http.StatusOK, c, v.FormValue("ward"), evacForm{to: v.FormValue("to"), done: v.FormValue("done"), do: v.FormValue("do")}, nil)
}

// evacForm is what was typed: the destination, what a scan does, the number.
type evacForm struct{ to, do, scan, done string }

func (s *Server) drawEvacuation(v *visit, code int, c *crisis.Crisis, ward string, form evacForm, problems []problem) (http.Handler, error) {
	wards, err := s.evacuationWards(v, c)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := newEvacuationPage(c, wards, ward, f)
	p.To, p.Done, p.Scan, p.Problems, p.Resumed = form.to, form.done, form.scan, problems, v.resumed
	p.doing(form.do)
	if p.To == "" {
		p.To = c.Evacuation.Point
	}
	for _, w := range wards {
		if w.Code != p.Ward {
			continue
		}
		if p.Rows, err = s.evacueesOf(v, c, w); err != nil {
			return nil, err
		}
		p.listed()
	}
	return evacuationPageT.status(code, p)
}

// listed counts the rows and gives each its form.
func (p *evacuationPage) listed() {
	p.Moves = countMobility(p.Rows)
	for i := range p.Rows {
		r := &p.Rows[i]
		r.Form = movesForm{ID: p.ID, Key: p.Key + "m" + string(r.Key), Ward: p.Ward, Patient: string(r.Key), Name: r.Name, To: p.To, Do: p.Do, Said: r.Moves.Said, Ways: p.Ways}
	}
}

// doing sets what a scan does.
func (p *evacuationPage) doing(do string) {
	p.Ways = mobilityChoices("")
	p.Does = []choice{{"", lang.Text{DE: "hakt ab, mit Ziel", EN: "checks off, with destination"}, do == ""}}
	for _, c := range mobilityChoices(crisis.Mobility(do)) {
		if c.Here {
			p.Do = do
		}
		p.Does = append(p.Does, choice{c.Value, lang.Text{DE: "setzt: " + c.Label.DE, EN: "sets: " + c.Label.EN}, c.Here})
	}
}

func newEvacuationPage(c *crisis.Crisis, wards []chart.Ward, ward string, f Frame) evacuationPage {
	e := c.Evacuation
	p := evacuationPage{Frame: f.titled("crisis", lang.Text{DE: "Evakuierung", EN: "Evacuation"}), ID: c.ID, Name: c.Title, Point: e.Point, Why: e.Why, Since: f.stamp(e.Ordered.At), Ended: f.stamp(e.Ended.At), Ward: ward, Moved: len(e.Moved), Key: journal.NewID().String()}
	p.Refresh = true
	seen := map[string]bool{}
	for _, m := range e.Moved {
		seen[m.To] = true
	}
	seen[e.Point] = true
	for to := range seen {
		p.Places = append(p.Places, to)
	}
	slices.Sort(p.Places)
	for i, w := range wards {
		left := 0
		for _, r := range w.Rows {
			if r.Free || r.Arriving || r.Dead {
				continue
			}
			p.All++
			if _, ok := e.Moved[string(r.Key)]; !ok {
				left++
			}
		}
		if ward == "" && (i == 0 || slices.Contains(f.wardsOf(), w.Code)) && (p.Ward == "" || p.Ward == wards[0].Code) {
			p.Ward = w.Code
		}
		p.Wards = append(p.Wards, filterLink{Href: "/evacuation/" + c.ID + "?ward=" + w.Code, Label: lang.Text{DE: w.Code}, Count: left})
	}
	for i := range p.Wards {
		p.Wards[i].Here = p.Wards[i].Label.DE == p.Ward
	}
	return p
}

func (f Frame) wardsOf() []string {
	if f.User == nil {
		return nil
	}
	return f.User.Wards
}

// checkOff notes where a patient went, found by the wristband or chosen from the
// list.
func (s *Server) checkOff(v *visit) (http.Handler, error) {
	c, res, err := s.passEvacuation(v, "evacuation", "erfassen")
	if res != nil || err != nil {
		return res, err
	}
	ward, form := v.PostFormValue("ward"), evacForm{to: strings.TrimSpace(v.PostFormValue("to")), do: v.PostFormValue("do"), scan: strings.TrimSpace(v.PostFormValue("scan"))}
	if v.resumed {
		return s.drawEvacuation(v, http.StatusOK, c, ward, form, nil)
	}
	key, row, at, err := s.evacuee(v, c, form.scan, clinical.PatientKey(v.PostFormValue("patient")))
	if err == nil {
		err = s.evacuate(v, c, key, row, at, form)
	}
	if err != nil {
		k := fault.KindOf(err)
		if k != fault.Invalid && k != fault.Conflict && k != fault.NotFound {
			return nil, err
		}
		if c, err2 := s.evacuationOf(v, c.ID); err2 == nil {
			return s.drawEvacuation(v, status(k), c, ward, form, []problem{{"scan", fault.Say(err)}})
		}
		return nil, err
	}
	if c, err = s.evacuationOf(v, c.ID); err != nil {
		return nil, err
	}
	if v.PostFormValue("act") != "back" {
		form.done, form.scan = strings.TrimSpace(at+" "+row.Place.Room+" "+row.Place.Bed+" · "+row.Name.Display()+" *"+row.Birth.German()), ""
		if how, set := setsMobility(v); set {
			form.done += " → " + crisis.MobilityName(how).In(v.lang)
		} else {
			form.done += " → " + form.to
		}
	}
	if form.scan == "" && ward == "" {
		ward = at
	}
	return s.drawEvacuation(v, http.StatusOK, c, ward, form, nil)
}

// setsMobility reports whether the form says how a patient moves: a button of the
// row, or a scan that was told to.
func setsMobility(v *visit) (crisis.Mobility, bool) {
	if v.PostFormValue("act") == "moves" {
		return crisis.Mobility(v.PostFormValue("how")), true
	}
	do := v.PostFormValue("do")
	return crisis.Mobility(do), v.PostFormValue("scan") != "" && do != ""
}

// evacuate records one act of the list: where to, back, or how.
func (s *Server) evacuate(v *visit, c *crisis.Crisis, key clinical.PatientKey, row chart.Row, ward string, form evacForm) error {
	by := crisis.Act{Person: v.session.Person.ID, Name: v.session.Person.Name, Key: v.PostFormValue("key")}
	moved := crisis.Moved{Ward: ward, Bed: strings.TrimSpace(row.Place.Room + " " + row.Place.Bed), To: form.to}
	how, sets := setsMobility(v)
	var err error
	switch {
	case sets:
		_, err = s.p.Crisis.SetMobility(v.Context(), by, c.ID, string(key), how)
	case v.PostFormValue("act") == "back":
		_, err = s.p.Crisis.MoveBack(v.Context(), by, c.ID, string(key), moved)
	default:
		_, err = s.p.Crisis.Move(v.Context(), by, c.ID, string(key), moved)
	}
	return err
}

// evacuee finds the patient of a scanned wristband, a case number, or a row.
func (s *Server) evacuee(v *visit, c *crisis.Crisis, scan string, key clinical.PatientKey) (clinical.PatientKey, chart.Row, string, error) {
	number := clinical.CaseNo(scan)
	if code, err := sheet.Parse(scan); err == nil {
		number, key = code.Case, code.Key
	}
	wards, err := s.evacuationWards(v, c)
	if err != nil {
		return "", chart.Row{}, "", err
	}
	for _, w := range wards {
		for _, r := range w.Rows {
			if !r.Free && (key != "" && r.Key == key || key == "" && number != "" && r.Case == number) {
				return r.Key, r, w.Code, nil
			}
		}
	}
	return "", chart.Row{}, "", fault.New(fault.NotFound, lang.Text{
		DE: "Zu dieser Nummer liegt niemand auf den Stationen, die geräumt werden. Bitte Armband noch einmal scannen oder die Zeile wählen.",
		EN: "Nobody of this number lies on the wards that are cleared. Please scan the wristband again or choose the row.",
	})
}

// printEvacuation draws the list of all wards that are cleared, or of one.
func (s *Server) printEvacuation(v *visit) (http.Handler, error) {
	c, res, err := s.passEvacuation(v, "print/evacuation", v.FormValue("ward"))
	if res != nil || err != nil {
		return res, err
	}
	wards, err := s.evacuationWards(v, c)
	if err != nil {
		return nil, err
	}
	var out []paper.EvacuationWard
	for _, w := range wards {
		if one := v.FormValue("ward"); one != "" && one != w.Code {
			continue
		}
		rows, err := s.evacueesOf(v, c, w)
		if err != nil {
			return nil, err
		}
		x := paper.EvacuationWard{Name: w.Code + " · " + w.Name}
		if w.Code == chart.NoWard {
			x.Name = w.Name
		}
		for _, r := range rows {
			x.Patients = append(x.Patients, r.Evacuee)
		}
		out = append(out, x)
	}
	var b bytes.Buffer
	if err := paper.Evacuation(&b, s.head(v), c.Evacuation.Point, out); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "evakuierung-"+strconv.Itoa(len(out))), nil
}
