package web

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// A critical value counts as delivered when a named person took note of it. The
// hospital's own systems see to that while they run; here it is seen to in an
// outage, and for what came shortly before it.

// beforeOutage is how far back from the beginning of an outage critical values
// are asked about.
const beforeOutage = 4 * time.Hour

// unheardView is a critical value that waits for somebody.
type unheardView struct {
	Key     clinical.PatientKey
	Name    string
	Place   string
	Case    string
	Label   string
	Value   string
	Unit    string
	At      stamp
	Since   stamp // when it came
	Section lang.Text
	ID      string // of the result, as a form carries it
	Seq     uint64
	Form    string // key of the entry that takes note

	Told, Did string // as typed in the form that comes back
	Readback  bool
}

func newUnheard(c chart.Critical, f Frame) unheardView {
	since := c.Mark.Origin.Sent
	if since.IsZero() {
		since = c.Mark.Origin.Received
	}
	return unheardView{
		Label: c.Mark.Label, Value: plain(c.Mark.Value, f.Lang), Unit: c.Mark.Unit, At: f.stamp(c.Mark.At), Since: f.stamp(since),
		Section: sectionWord(c.Section), ID: base64.RawURLEncoding.EncodeToString([]byte(c.Result)), Seq: c.Mark.Origin.Seq,
	}
}

// unheardOf are those of one patient, in an outage.
func unheardOf(all []chart.Critical, f Frame) []unheardView {
	if f.Mode.Kind != incident.Emergency {
		return nil
	}
	var out []unheardView
	for _, c := range all {
		if u := newUnheard(c, f); u.Since.At.After(f.Mode.Since.At.Add(-beforeOutage)) {
			out = append(out, u)
		}
	}
	return out
}

// unheard are those of a ward, or of the house for "", the longest waiting
// first.
func (s *Server) unheard(v *visit, ward string, f Frame) ([]unheardView, error) {
	if v.mode.Kind != incident.Emergency || !staff.May(v.session.Person, staff.SeeResults) {
		return nil, nil
	}
	tasks, _, err := s.worked(v, chart.WorkQuery{Kinds: []chart.TaskKind{chart.TaskCritical}, Ward: ward, Since: v.mode.Since.Add(-beforeOutage)})
	if err != nil {
		return nil, err
	}
	var out []unheardView
	for _, t := range tasks {
		u := newUnheard(t.Critical, f)
		u.Key, u.Name, u.Place, u.Case = t.Key, t.Name.Display(), placeWord(t.Place), string(t.Case)
		out = append(out, u)
	}
	return out, nil
}

// criticalListPage is every critical value of the house that waits.
type criticalListPage struct {
	Frame
	Rows []unheardView
}

// criticalPage is where somebody takes note for one patient.
type criticalPage struct {
	Frame
	Rows     []unheardView
	Heard    []lineView
	Action   string
	Phone    bool   // the reader tells others by telephone
	Own      bool   // the reader takes note
	Typed    string // what was typed about a value that waits no more
	Problems []problem
}

var (
	criticalListPageT = parse[criticalListPage]("criticallist")
	criticalPageT     = parse[criticalPage]("critical")
)

// showCriticalList draws the list of the house; for somebody who works on some
// wards that of these wards.
func (s *Server) showCriticalList(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeResults); err != nil {
		return nil, err
	}
	wards := []string{""}
	if p := v.session.Person; len(p.Wards) > 0 {
		wards = p.Wards
	}
	var p criticalListPage
	for _, ward := range wards {
		res, err := s.pass(v, want{right: staff.SeeResults, page: "desk/critical", ward: ward})
		if res != nil || err != nil {
			return res, err
		}
		f, err := s.frame(v)
		if err != nil {
			return nil, err
		}
		p.Frame = f.titled("desk/critical", lang.Text{DE: "Kritische Werte ohne Kenntnisnahme", EN: "Critical values nobody took note of"})
		rows, err := s.unheard(v, ward, f)
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, rows...)
	}
	p.Refresh = true
	return criticalListPageT.of(p)
}

// mayNote reports how the person may take note: for the ward, or by telling it
// on the telephone.
func mayNote(p staff.Person) (own, phone bool) {
	return staff.May(p, staff.WriteNursing), staff.May(p, staff.EnterResults) || staff.May(p, staff.ReportFindings) && !staff.May(p, staff.WriteNursing)
}

func (s *Server) showCritical(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeResults, "critical")
	if res != nil || err != nil {
		return res, err
	}
	return s.drawCritical(v, http.StatusOK, o, "", nil)
}

func (s *Server) drawCritical(v *visit, code int, o *opened, id string, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "lab", o.near)
	p := criticalPage{
		Frame: f.titled("patient", lang.Text{DE: "Kritische Werte", EN: "Critical values"}), Rows: f.Banner.Unheard, Action: "/patient/" + string(o.p.Key) + "/critical",
		Problems: problems,
	}
	f.Banner.Unheard = nil // they stand on the page
	p.Own, p.Phone = mayNote(v.session.Person)
	told, did := entry.Clean(v.PostFormValue("told")), entry.Clean(v.PostFormValue("did"))
	waits := false
	for i := range p.Rows {
		r := &p.Rows[i]
		r.Form = desk.NewKey()
		if sent := v.PostFormValue("result"); sent == "" || r.ID != sent {
			continue
		}
		waits = true
		r.Told, r.Did = told, did
		if key := v.PostFormValue("key"); r.ID == id && key != "" { // the form that comes back is the one that was sent
			r.Form, r.Readback = key, v.PostFormValue("readback") != ""
		}
	}
	if !waits {
		p.Typed = strings.TrimSpace(told + " " + did)
	}
	for _, n := range o.p.Notices[:min(len(o.p.Notices), 20)] {
		p.Heard = append(p.Heard, lineView{Text: noticeWord(n.V, f), At: f.stamp(n.V.At)})
	}
	return criticalPageT.status(code, p)
}

func noticeWord(n clinical.Notice, f Frame) string {
	who := n.By.Name
	if n.Told.Name != "" {
		who = n.Told.Name + lang.Text{DE: ", telefonisch durch ", EN: ", by telephone from "}.In(f.Lang) + n.By.Name
	}
	if n.Did != "" {
		who += ": " + n.Did
	}
	return who
}

// heardBy says who took note of a critical result and when.
func heardBy(all []chart.Item[clinical.Notice], r *chart.Item[clinical.Result], f Frame) string {
	key := r.V.Key()
	for _, n := range all { // newest first
		if n.V.Result == key {
			return noticeWord(n.V, f) + " " + f.stamp(n.V.At).clock(f.Lang)
		}
	}
	return ""
}

// takeNote records that a named person knows of a critical value.
func (s *Server) takeNote(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeResults, "critical")
	if res != nil || err != nil {
		return res, err
	}
	own, phone := mayNote(v.session.Person)
	right := staff.WriteNursing
	byPhone := phone && v.PostFormValue("act") == "phone"
	switch {
	case byPhone && staff.May(v.session.Person, staff.EnterResults):
		right = staff.EnterResults
	case byPhone:
		right = staff.ReportFindings
	case !own:
		return nil, fault.New(fault.Forbidden, lang.Text{DE: "Kenntnis nimmt die Station. Bitte dort anrufen und die Mitteilung eintragen.", EN: "The ward takes note. Please call there and record what you told."})
	}
	if res, err = s.mayWrite(v, o.ward, o.p.Key, right); res != nil || err != nil {
		return res, err
	}
	id := v.PostFormValue("result")
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return s.unknown(v)
	}
	told, did := entry.Clean(v.PostFormValue("told")), entry.Clean(v.PostFormValue("did"))
	switch {
	case v.resumed:
		return s.drawCritical(v, http.StatusOK, o, id, nil)
	case byPhone && told == "":
		return s.drawCritical(v, http.StatusUnprocessableEntity, o, id, []problem{{"told-" + v.PostFormValue("seq"), lang.Text{DE: "Wem wurde der Wert mitgeteilt? Bitte Name und Station.", EN: "Who was told? Please give name and ward."}}})
	case byPhone && v.PostFormValue("readback") == "":
		return s.drawCritical(v, http.StatusUnprocessableEntity, o, id, []problem{{"readback-" + v.PostFormValue("seq"), lang.Text{DE: "Bitte zurücklesen lassen und ankreuzen.", EN: "Please have it read back and tick."}}})
	}
	return s.signNote(v, o, string(raw), told, did, right)
}

func (s *Server) signNote(v *visit, o *opened, result, told, did string, right staff.Right) (http.Handler, error) {
	back := safeBack(v.PostFormValue("back"))
	if back == "/" {
		back = "/patient/" + string(o.p.Key) + "/critical"
	}
	i := slices.IndexFunc(o.p.Unheard, func(c chart.Critical) bool { return c.Result == result })
	if i < 0 {
		if seq, ok := s.notedAlready(v, o, told, did, right != staff.WriteNursing); ok { // sent again: the answer was lost
			return s.signed(v, o, back, v.PostFormValue("key"), seq)
		}
		if told+did == "" {
			return seeOther(back), nil // somebody was faster; the page says who
		}
		return s.drawCritical(v, http.StatusConflict, o, "", []problem{{"", lang.Text{
			DE: "Von diesem Wert hat inzwischen schon jemand Kenntnis genommen, oder er wurde zurückgezogen. Was Sie getippt haben, ist nicht gespeichert. Bitte bei Bedarf im Verlauf eintragen.",
			EN: "Somebody has taken note of this value meanwhile, or it was withdrawn. What you typed is not stored. Please record it in the course if it is needed.",
		}}})
	}
	c := o.p.Unheard[i]
	if seen := v.PostFormValue("seq"); seen != "" && seen != uint64Word(c.Mark.Origin.Seq) {
		return s.drawCritical(v, http.StatusConflict, o, "", []problem{{"", lang.Text{
			DE: "Der Wert wurde inzwischen geändert. Bitte den neuen Wert lesen und dann Kenntnis nehmen.", EN: "The value was changed meanwhile. Please read the new one and then take note.",
		}}})
	}
	e := s.entryOf(v, o, entry.TakenNote.Kind, v.PostFormValue("key"))
	e.Role = v.role(right)
	e.Fields = map[string]string{"what": strings.TrimSpace(c.Mark.Label + " " + c.Mark.Value + " " + c.Mark.Unit), "seq": uint64Word(c.Mark.Origin.Seq)}
	n := clinical.Notice{Result: result, Of: c.Mark.Origin.Seq, By: v.by(), At: v.now, Did: did}
	if right != staff.WriteNursing { // told by telephone
		n.Phone, n.Told = true, clinical.Staff{Name: told}
		e.Fields["told"], e.Fields["readback"] = told, "1"
	}
	if did != "" {
		e.Fields["did"] = did
	}
	e.Facts = entry.Facts{n}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if err != nil {
		mistake, ok := refused(err, o.frame)
		if !ok {
			return nil, err
		}
		id := v.PostFormValue("result")
		if fault.KindOf(err) == fault.Conflict {
			id = "" // the key is taken
		}
		return s.drawCritical(v, status(fault.KindOf(err)), o, id, []problem{{"", mistake.Say}})
	}
	return s.signed(v, o, back, e.Root, seq)
}

// notedAlready finds the note that the person at the screen signed with the same
// form before.
func (s *Server) notedAlready(v *visit, o *opened, told, did string, byPhone bool) (journal.Seq, bool) {
	e := s.entryOf(v, o, entry.TakenNote.Kind, v.PostFormValue("key"))
	e.Fields = map[string]string{"did": did, "told": ""}
	if byPhone {
		e.Fields["told"] = told
	}
	return s.signedAlready(v, e)
}
