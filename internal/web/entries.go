package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/score"
	"notbetrieb/internal/staff"
)

// writingPage offers the forms that the person may sign for the patient.
type writingPage struct {
	Frame
	Forms  []formLink
	Moves  []formLink // admission, transfer, discharge
	Drafts []draftView
	More   bool      // there are drafts that are not listed
	Closed lang.Text // why nothing can be recorded now
	Sheets []sheetView
}

type formLink struct {
	Href  string
	Label lang.Text
}

type draftView struct {
	Href string
	Kind string
	Form lang.Text
	By   string
	At   stamp
	Mine bool
}

// entryPage is one entry with all its versions.
type entryPage struct {
	Frame
	Root     string
	Form     lang.Text
	Versions []versionView // newest first
	Action   string
	Correct  string    // address of the form, "" if the reader may not
	Withdraw bool      // the reader may take it back
	Stays    lang.Text // why it cannot be taken back
	Key      string
	Of       string // key of the version that is shown as the one that stands
	Why      string
	Problems []problem
	Orders   []orderLine // that it placed
	Labels   string      // address of their specimen labels, "" for none
	Newer    []lineView  // what the chart shows by now instead, newest value of each field
	Stands   bool        // the chart shows the values of this entry as the newest
}

type versionView struct {
	Fields    []shownField
	Scores    []scoreView
	At        stamp
	Written   stamp
	Late      bool
	By        string
	Second    string
	Role      string
	From      string
	Sheet     string
	SheetBy   string
	Reason    string
	Withdrawn bool
	Now       bool
	Seq       uint64
	Back      []lang.Text // how it stands with the systems that are back
}

type shownField = entry.Shown

var (
	writingPageT = parse[writingPage]("writing")
	entryPageT   = parse[entryPage]("entry")
)

func (s *Server) showWriting(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeIdentity, "write")
	if res != nil || err != nil {
		return res, err
	}
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	p := writingPage{Frame: f.titled("patient", lang.Text{DE: "Eintragen", EN: "Record"})}
	if open, _ := s.writable(v); !open {
		p.Closed = lang.Text{
			DE: "Es ist kein Ausfall erklärt. Eingetragen wird im KIS; hier erst, wenn ein Ausfall erklärt ist.",
			EN: "No outage is declared. Entries belong into the HIS; here they are taken once an outage is declared.",
		}
	} else {
		for _, form := range s.formsOffered() {
			if form.Page == "" && staff.May(v.session.Person, staff.Right(form.Right)) {
				p.Forms = append(p.Forms, formLink{"/patient/" + string(o.p.Key) + "/write/" + form.Kind, form.Title})
			}
		}
	}
	if open, _ := s.writable(v); open && staff.May(v.session.Person, staff.Prescribe) {
		p.Forms = append(p.Forms, formLink{"/patient/" + string(o.p.Key) + "/prescribe", lang.Text{DE: "Verordnung", EN: "Prescription"}})
	}
	if p.Closed.DE == "" {
		p.Moves = s.moveLinks(v, o.p)
	}
	p.Drafts, p.More = s.draftViews(o.p, v, f), o.p.MoreDrafts
	if staff.May(v.session.Person, staff.FileSheets) {
		p.Sheets = s.sheetsIn(o)
	}
	return writingPageT.of(p)
}

func (s *Server) draftViews(p *chart.Patient, v *visit, f Frame) []draftView {
	var out []draftView
	for _, d := range p.Drafts {
		form := s.formOf(d.V.Form)
		if form == nil {
			continue
		}
		view := draftView{Kind: form.Kind, Form: form.Title, By: d.V.By.Name, At: f.stamp(d.V.At), Mine: d.V.By.ID == v.session.Person.ID}
		if staff.May(v.session.Person, staff.Right(form.Right)) {
			view.Href = "/patient/" + string(p.Key) + "/write/" + form.Kind + "?draft=" + d.V.Key
		}
		out = append(out, view)
	}
	return out
}

// entryOpened is a signed entry that the reader may see.
func (s *Server) entryOpened(v *visit) (*opened, []desk.Version, http.Handler, error) {
	o, res, err := s.patient(v, v.formPart(), staff.SeeIdentity, "entry")
	if res != nil || err != nil {
		return nil, nil, res, err
	}
	all, err := s.p.Desk.Versions(v.Context(), v.PathValue("root"))
	if err != nil {
		return nil, nil, nil, err
	}
	of := all[0].Patient
	if of != o.p.Key && !slices.ContainsFunc(o.p.Linked, func(l chart.Link) bool { return l.Key == of }) {
		return nil, nil, nil, fault.New(fault.NotFound, lang.Text{DE: "Diesen Eintrag gibt es in dieser Akte nicht.", EN: "There is no such entry in this chart."})
	}
	form := s.formOf(all[0].Form)
	if form == nil || !staff.May(v.session.Person, staff.SeeChart) && !staff.May(v.session.Person, staff.Right(form.Right)) {
		return nil, nil, nil, fault.New(fault.Forbidden, lang.Text{DE: "Diese Ansicht gehört nicht zu Ihren Aufgaben im Haus.", EN: "This view is not part of your role in the house."})
	}
	return o, all, nil, nil
}

func (s *Server) showEntry(v *visit) (http.Handler, error) {
	o, all, res, err := s.entryOpened(v)
	if res != nil || err != nil {
		return res, err
	}
	if last := all[len(all)-1]; last.Form == entry.SheetForm && !last.Withdrawn && staff.May(v.session.Person, staff.FileSheets) {
		return seeOther("/patient/" + string(o.p.Key) + "/sheet/" + last.Root), nil
	}
	return s.drawEntry(v, http.StatusOK, o, all, nil)
}

func (s *Server) drawEntry(v *visit, code int, o *opened, all []desk.Version, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	form := s.formOf(all[0].Form)
	p := entryPage{
		Frame: f.titled("patient", form.Title), Root: all[0].Root, Form: form.Title, Key: desk.NewKey(), Of: all[len(all)-1].Key,
		Action: "/patient/" + string(o.p.Key) + "/entry/" + all[0].Root + "/withdraw", Problems: problems, Why: v.PostFormValue("why"),
	}
	for i := len(all) - 1; i >= 0; i-- {
		p.Versions = append(p.Versions, newVersionView(all[i], form, f, i == len(all)-1))
		p.Versions[len(p.Versions)-1].Scores = scoreViews(all[i], form, o.p, f)
	}
	var err error
	if p.Versions[0].Back, err = s.handedBack(v, &all[len(all)-1]); err != nil {
		return nil, err
	}
	if last := all[len(all)-1]; !last.Withdrawn {
		p.Orders, p.Labels = placed(last.Facts, o.p)
	}
	p.now(all[len(all)-1], form, o.p)
	open, _ := s.writable(v)
	if last := all[len(all)-1]; open && !last.Withdrawn && staff.May(v.session.Person, staff.Right(form.Right)) {
		p.Stays = stays(all[0].Entry)
		p.Withdraw = p.Stays == lang.Text{} && form != entry.SpecimenArrived && form != entry.TakenNote
		switch {
		case form.Page == "" && form.Says != nil:
			p.Correct = "/patient/" + string(o.p.Key) + "/write/" + form.Kind + "?correct=" + all[0].Root
		case form.Page != "" && form != entry.Same: // who is who is taken back, not corrected
			p.Correct = "/patient/" + string(o.p.Key) + "/" + form.Page + "?correct=" + all[0].Root
		}
	}
	return entryPageT.status(code, p)
}

// handedBack says how a version of an entry stands with each system that it goes
// back to; nothing where it has not left.
func (s *Server) handedBack(v *visit, e *desk.Version) ([]lang.Text, error) {
	if s.p.Back == nil { // nothing is handed back from here
		return nil, nil
	}
	var out []lang.Text
	for _, name := range s.p.Back.Targets() {
		items, err := s.p.Back.State(v.Context(), name, e.Root)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it.Key != e.Key || it.State == handback.Waiting || it.State == handback.Nothing {
				continue
			}
			system, word := s.targetName(name), backWord(it.State)
			out = append(out, lang.Text{DE: system.In(lang.DE) + ": " + word.In(lang.DE), EN: system.In(lang.EN) + ": " + word.In(lang.EN)})
		}
	}
	return out, nil
}

func newVersionView(e desk.Version, form *entry.Form, f Frame, now bool) versionView {
	out := versionView{
		At: f.stamp(e.At), Written: f.stamp(e.Written), Late: e.Late(), By: e.By.Name, Second: e.Second.Name, Role: e.Role, From: e.From,
		Sheet: e.Sheet, SheetBy: e.SheetBy, Reason: e.Reason, Withdrawn: e.Withdrawn, Now: now, Seq: uint64(e.Seq),
	}
	out.Fields = form.Shown(e.Fields, f.Lang)
	return out
}

// stays says why an entry cannot be struck out, nothing if it can. What changed
// a prescription is not taken back by forgetting it: of several changes nobody
// could say which one then holds.
func stays(e entry.Entry) lang.Text {
	if e.Form == entry.StandingForm || e.Form == entry.ContestForm || e.Form == entry.PrescriptionForm && e.Fields["was"] != "" {
		return lang.Text{
			DE: "Die Änderung einer Verordnung wird nicht zurückgenommen. Bitte die Verordnung noch einmal ändern, absetzen oder fortsetzen.",
			EN: "A change of a prescription is not withdrawn. Please change, stop or resume the prescription once more.",
		}
	}
	return lang.Text{}
}

// changedLater says that the prescription of an entry was changed or stopped
// since: struck out, the entry would stop what somebody else ordered.
func changedLater(p *chart.Patient, e desk.Version) lang.Text {
	if e.Withdrawn {
		return lang.Text{}
	}
	for _, f := range e.Facts {
		rx, ok := f.(clinical.Prescription)
		if !ok {
			continue
		}
		if it, err := rxNamed(p, rx.Key()); err == nil && it.Origin.Seq != uint64(e.Seq) {
			return lang.Text{
				DE: "Diese Verordnung wurde seither geändert oder abgesetzt. Zurückgenommen wurde nichts; bitte die Verordnung selbst ändern oder absetzen.",
				EN: "This prescription was changed or stopped since. Nothing was withdrawn; please change or stop the prescription itself.",
			}
		}
	}
	return lang.Text{}
}

// withdrawEntry strikes an entry out: it was made in error.
func (s *Server) withdrawEntry(v *visit) (http.Handler, error) {
	o, all, res, err := s.entryOpened(v)
	if res != nil || err != nil {
		return res, err
	}
	form := s.formOf(all[0].Form)
	if res, err = s.mayWrite(v, o.ward, o.p.Key, staff.Right(form.Right)); res != nil || err != nil {
		return res, err
	}
	if say := stays(all[0].Entry); say != (lang.Text{}) {
		return nil, fault.New(fault.Forbidden, say)
	}
	why := strings.TrimSpace(v.PostFormValue("why"))
	if v.resumed || why == "" {
		say := lang.Text{DE: "Bitte sagen, warum der Eintrag ein Irrtum war.", EN: "Please say why the entry was made in error."}
		return s.drawEntry(v, http.StatusUnprocessableEntity, o, all, []problem{{"why", say}})
	}
	sess := *v.session
	by := clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}
	at := desk.Moment{Time: v.now, From: v.from(), Seen: seenOf(v)}
	at.Role = v.role(staff.Right(form.Right))
	last := all[len(all)-1]
	if say := changedLater(o.p, last); say != (lang.Text{}) {
		return s.drawEntry(v, http.StatusConflict, o, all, []problem{{"", say}})
	}
	if last.Withdrawn {
		return s.signed(v, o, "", all[0].Root, last.Seq)
	}
	if last.Key != v.PostFormValue("of") {
		return s.drawEntry(v, http.StatusConflict, o, all, []problem{{"", lang.Text{
			DE: "Dieser Eintrag wurde inzwischen korrigiert. Bitte ansehen, was jetzt gilt; zurückgenommen wurde nichts.",
			EN: "This entry was corrected meanwhile. Please look at what stands now; nothing was withdrawn.",
		}}})
	}
	seq, err := s.p.Desk.Withdraw(v.Context(), last, by, v.PostFormValue("key"), why, at)
	if err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Unavailable {
			return s.drawEntry(v, status(k), o, all, []problem{{"", fault.Say(err)}})
		}
		return nil, err
	}
	return s.signed(v, o, "", all[0].Root, seq)
}

// now compares the entry with what the chart shows as the newest value of each
// of its fields.
func (p *entryPage) now(last desk.Version, form *entry.Form, patient *chart.Patient) {
	newest := lastOf(patient, form, p.Frame)
	for _, x := range form.Fields {
		l, ok := newest[x.Name]
		if !ok || last.Fields[x.Name] == "" || last.Withdrawn {
			continue
		}
		if l.origin.Seq == uint64(last.Seq) || l.at.At.Equal(last.At) {
			p.Stands = true
			continue
		}
		p.Newer = append(p.Newer, lineView{Text: x.Label.In(p.Lang), Note: strings.TrimSpace(l.text + " " + x.Unit), At: l.at, Origin: p.source(l.origin)})
	}
}

// scoreView is a score with everything it was made from.
type scoreView struct {
	score.Result
	Stored string // what stands in the chart, where it is not what the fields give now
}

// scoreViews works the scores of a version out of its fields anew, so that they
// are shown with their parts in the reader's language. What was stored counts:
// where it differs, it is shown.
func scoreViews(e desk.Version, form *entry.Form, p *chart.Patient, f Frame) []scoreView {
	about := entry.About{Now: e.Written.In(f.Now.Location()), Birth: p.Birth.V, Sex: p.Sex.V, Pregnant: pregnantThen(e)}
	var out []scoreView
	for _, r := range refill(e, form, about).Scores() {
		view := scoreView{Result: r}
		for _, fact := range e.Facts {
			if s, ok := fact.(clinical.Result); ok && s.SubID == "score" && s.Code == r.Code && s.Value != r.Shown().DE {
				view.Stored = s.Value
			}
		}
		out = append(out, view)
	}
	return out
}

// showEntryAt leads from a value to the entry that it came with.
func (s *Server) showEntryAt(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeIdentity); err != nil {
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
	base := "/patient/" + url.PathEscape(v.PathValue("key"))
	if e.State != entry.Signed {
		return seeOther(base + "/write/" + e.Form + "?draft=" + e.Key), nil
	}
	return seeOther(base + "/entry/" + e.Root), nil
}
