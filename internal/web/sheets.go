package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
)

// sheetPage is one filed page of paper: its picture, what was taken from it, and
// the forms to take more.
type sheetPage struct {
	Frame
	Sheet    sheetView
	Forms    []formLink
	Doses    []formLink // planned and without a record when the page was scanned
	Typed    []typedView
	Others   []sheetView // other scans of the same form
	Key      string
	Why      string
	Closed   bool // nothing can be recorded now
	Problems []problem
}

// sheetView is a filed page as lists and forms show it.
type sheetView struct {
	Root    string
	Patient clinical.PatientKey
	Name    string // of the patient
	Title   string
	Page    int
	Serial  string
	Scanned stamp
	Filed   stamp
	By      string
	Person  bool // a person filed it
	Done    bool
	DoneBy  string
	DoneAt  stamp
	Image   bool
	Scan    string // which file and page
	Entries int
}

// Href is the address of the page.
func (s sheetView) Href() string { return "/patient/" + string(s.Patient) + "/sheet/" + s.Root }

// Picture is the address of its picture.
func (s sheetView) Picture() string { return s.Href() + "/picture" }

type typedView struct {
	Href string
	Form lang.Text
	At   stamp
	By   string
	Off  bool
}

// sheetsPage lists a ward's filed paper whose content is not transcribed.
type sheetsPage struct {
	Frame
	Ward string
	Rows []sheetView
}

var (
	sheetPageT  = parse[sheetPage]("sheet")
	sheetsPageT = parse[sheetsPage]("sheets")
)

func newSheetView(p tray.Page, f Frame) sheetView {
	out := sheetView{
		Root: p.Filed.Root, Patient: p.Filed.Patient, Title: p.Filed.Title, Page: p.Filed.Page, Serial: p.Filed.Serial.Spaced(), Scanned: f.stamp(p.At),
		Filed: f.stamp(p.Filed.At), By: p.Filed.By.Name, Person: p.Filed.Match == "person", Done: p.Filed.Done, DoneBy: p.Filed.DoneBy.Name,
		DoneAt: f.stamp(p.Filed.DoneAt), Image: p.Picture != 0, Scan: fileNumber(p.File) + "/" + group(uint64(max(p.N, 0))),
	}
	return out
}

// sheetOpened opens a filed page through the chart it lies in.
func (s *Server) sheetOpened(v *visit, page string) (*opened, tray.Page, http.Handler, error) {
	o, res, err := s.patient(v, v.givePart(), staff.FileSheets, page) // doses: the boxes of a plan that have a record
	if res != nil || err != nil {
		return nil, tray.Page{}, res, err
	}
	p, ok := s.p.Tray.Filed(v.PathValue("root"))
	if !ok || !o.is(p.Filed.Patient) {
		return nil, p, nil, noSuch(lang.Text{
			DE: "Dieser Bogen liegt nicht in dieser Akte. Vielleicht wurde er zurückgenommen.", EN: "This form is not in this chart. Perhaps it was taken back.",
		})
	}
	return o, p, nil, nil
}

func (s *Server) showSheetPicture(v *visit) (http.Handler, error) {
	_, p, res, err := s.sheetOpened(v, "chart/sheet/picture")
	if res != nil || err != nil {
		return res, err
	}
	seq, media, err := s.shownPicture(v, p)
	if err != nil {
		return nil, err
	}
	rec, err := s.p.Journal.Get(v.Context(), seq)
	if err != nil {
		return nil, err
	}
	return file(rec.Body, media), nil
}

// shownPicture is the picture that the entry filed: turned, where a person
// turned it.
func (s *Server) shownPicture(v *visit, p tray.Page) (journal.Seq, string, error) {
	e, err := s.p.Desk.Current(v.Context(), p.Filed.Root)
	if err != nil {
		return 0, "", err
	}
	for _, f := range e.Facts {
		if d, ok := f.(clinical.Document); ok && d.Body.Seq != 0 {
			return journal.Seq(d.Body.Seq), d.Media, nil
		}
	}
	return 0, "", noSuch(lang.Text{DE: "Von dieser Seite gibt es kein Bild.", EN: "There is no picture of this page."})
}

func (s *Server) showSheet(v *visit) (http.Handler, error) {
	o, p, res, err := s.sheetOpened(v, "chart/sheet")
	if res != nil || err != nil {
		return res, err
	}
	return s.drawSheet(v, http.StatusOK, o, p, nil)
}

func (s *Server) drawSheet(v *visit, code int, o *opened, p tray.Page, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	page := sheetPage{
		Frame: f.titled("patient", lang.Text{DE: "Gescanntes Papier", EN: "Scanned paper"}), Sheet: newSheetView(p, f), Key: desk.NewKey(),
		Why: v.PostFormValue("why"), Problems: problems,
	}
	if open, _ := s.writable(v); open {
		page.Forms, page.Doses = s.paperForms(v, o, p.Filed.Root), s.paperDoses(v, o, p.Filed.Root, p.At)
	} else {
		page.Closed = true
	}
	for _, t := range s.p.Tray.Typed(p.Name()) {
		if form := s.formOf(t.Form); form != nil && o.is(t.Patient) {
			page.Typed = append(page.Typed, typedView{"/patient/" + string(o.p.Key) + "/entry/" + t.Root, form.Title, f.stamp(t.At), t.By.Name, t.Withdrawn})
		}
	}
	for _, other := range s.p.Tray.Of(p.Filed.Serial) {
		if other.Ref != p.Ref && o.is(other.Filed.Patient) {
			page.Others = append(page.Others, newSheetView(other, f))
		}
	}
	return sheetPageT.status(code, page)
}

// markSheet says that everything on a sheet was entered, or that it was not.
func (s *Server) markSheet(v *visit) (http.Handler, error) {
	o, p, res, err := s.sheetOpened(v, "chart/sheet")
	if res != nil || err != nil {
		return res, err
	}
	if res, err = s.mayPutAway(v, o.ward, o.p.Key); res != nil || err != nil {
		return res, err
	}
	if v.resumed {
		return s.drawSheet(v, http.StatusOK, o, p, nil)
	}
	done := v.PostFormValue("act") != "open"
	if p.Filed.Done == done { // sent twice
		return seeOther("/patient/" + string(o.p.Key) + "/sheet/" + p.Filed.Root), nil
	}
	was, err := s.p.Desk.Current(v.Context(), p.Filed.Root)
	if err != nil {
		return nil, err
	}
	e := tray.Marked(was.Entry, done)
	e.Key, e.Written, e.From, e.Seen = v.PostFormValue("key"), v.now, v.from(), v.view.Seq()
	e.By = clinical.Staff{ID: v.session.Person.ID, Name: v.session.Person.Name}
	e.Role = v.role(staff.FileSheets)
	seq, err := s.p.Desk.Correct(v.Context(), was, e)
	if err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Invalid || k == fault.Unavailable {
			return s.drawSheet(v, status(k), o, p, []problem{{"", fault.Say(err)}})
		}
		return nil, err
	}
	s.settle(v, seq)
	if done && o.ward != "" {
		return seeOther("/ward/" + url.PathEscape(o.ward) + "/sheets"), nil
	}
	return seeOther("/patient/" + string(o.p.Key) + "/sheet/" + p.Filed.Root), nil
}

// takeSheetBack takes a page out of a chart: it waits at the desk again.
func (s *Server) takeSheetBack(v *visit) (http.Handler, error) {
	o, p, res, err := s.sheetOpened(v, "chart/sheet")
	if res != nil || err != nil {
		return res, err
	}
	if res, err = s.mayPutAway(v, o.ward, o.p.Key); res != nil || err != nil {
		return res, err
	}
	why := strings.TrimSpace(v.PostFormValue("why"))
	if v.resumed || why == "" {
		return s.drawSheet(v, http.StatusUnprocessableEntity, o, p, []problem{{"why", lang.Text{
			DE: "Bitte sagen, warum der Bogen nicht in diese Akte gehört.", EN: "Please say why the form does not belong to this chart.",
		}}})
	}
	if err := s.withdrawSheet(v, p.Filed.Root, why); err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Invalid || k == fault.Unavailable {
			return s.drawSheet(v, status(k), o, p, []problem{{"", fault.Say(err)}})
		}
		return nil, err
	}
	return seeOther("/desk/scan/" + p.Ref), nil
}

// showSheets lists what a ward's paper holds that nobody has entered yet.
func (s *Server) showSheets(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.FileSheets); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	code := v.PathValue("code")
	if _, err := view.Ward(v.Context(), code); err != nil {
		return nil, err
	}
	var mine []tray.Page
	for _, p := range s.p.Tray.Untranscribed() {
		if p.Filed.Ward == code {
			mine = append(mine, p)
		}
	}
	res, err := s.pass(v, want{right: staff.FileSheets, page: "ward/sheets", ward: code, what: group(uint64(len(mine))) + " Seiten"})
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	page := sheetsPage{Frame: f.titled("ward/"+code, lang.Text{DE: "Papier, noch nicht übertragen", EN: "Paper not transcribed yet"}), Ward: code}
	page.Refresh = true
	for _, p := range mine {
		row := newSheetView(p, f)
		pat, err := view.Patient(v.Context(), p.Filed.Patient, chart.Head())
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		if pat != nil {
			row.Name, row.Patient = pat.Name.V.Display(), pat.Key
		}
		row.Entries = len(s.p.Tray.Typed(p.Name()))
		page.Rows = append(page.Rows, row)
	}
	return sheetsPageT.of(page)
}

// settle waits a moment until charts and tray show what was just recorded:
// whoever did it sees it. A slow fold only delays what the next page shows.
func (s *Server) settle(v *visit, seq journal.Seq) {
	ctx, cancel := context.WithTimeout(v.Context(), 3*time.Second)
	defer cancel()
	_ = s.p.Charts.Wait(ctx, seq)
	_ = s.p.Tray.Wait(ctx, seq)
}

// sheetByField is the name of the field that says who wrote on the paper.
const sheetByField = "sheetby"

// sheetAt is the filed page under root, if it lies in the opened chart.
func (s *Server) sheetAt(o *opened, root string) (tray.Page, bool) {
	if root == "" || s.p.Tray == nil {
		return tray.Page{}, false
	}
	p, ok := s.p.Tray.Filed(root)
	return p, ok && o.is(p.Filed.Patient)
}

// sheetOf is the filed page that an entry calls so, if it lies in the opened
// chart.
func (s *Server) sheetOf(o *opened, name string) (tray.Page, bool) {
	if name == "" || s.p.Tray == nil {
		return tray.Page{}, false
	}
	return s.p.Tray.Named(name, o.is)
}

// sheetMistakes is what a form lacks that is taken from paper: there the time
// is written, and somebody's name.
func (s *Server) sheetMistakes(o *opened, w writeForm) []entry.Mistake {
	if w.sheet == "" {
		return nil
	}
	var out []entry.Mistake
	if _, ok := s.sheetAt(o, w.sheet); !ok {
		out = append(out, entry.Mistake{Say: lang.Text{
			DE: "Der Bogen liegt nicht mehr in dieser Akte. Bitte prüfen, ob er zu diesem Patienten gehört.",
			EN: "The form is not in this chart any more. Please check whether it belongs to this patient.",
		}})
	}
	if strings.TrimSpace(w.typed[entry.AtField]) == "" {
		out = append(out, entry.Mistake{Field: entry.AtField, Say: lang.Text{DE: "Bitte die Zeit vom Bogen eintragen.", EN: "Please enter the time on the sheet."}})
	}
	if w.sheetBy == "" || len(w.sheetBy) > 200 {
		out = append(out, entry.Mistake{Field: sheetByField, Say: lang.Text{DE: "Bitte sagen, wer es geschrieben hat: Handzeichen oder Name.", EN: "Please say who wrote it: initials or name."}})
	}
	return out
}

// fromSheet notes on an entry which paper it is taken from, and leads back to it.
func (s *Server) fromSheet(o *opened, w *writeForm, e *entry.Entry) {
	p, ok := s.sheetAt(o, w.sheet)
	if !ok {
		return
	}
	e.Sheet, e.SheetBy = p.Name(), w.sheetBy
	if w.back == "" || w.back == "/" {
		w.back = "/patient/" + string(o.p.Key) + "/sheet/" + p.Filed.Root
	}
}

// sheetsIn lists the paper of a chart that is not transcribed yet.
func (s *Server) sheetsIn(o *opened) []sheetView {
	if s.p.Tray == nil {
		return nil
	}
	var out []sheetView
	for _, p := range s.p.Tray.Untranscribed() {
		if o.is(p.Filed.Patient) {
			view := newSheetView(p, o.frame)
			view.Patient = o.p.Key
			out = append(out, view)
		}
	}
	return out
}
