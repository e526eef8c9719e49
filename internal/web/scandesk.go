package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
)

// pagesAtOnce is how many scanned pages the desk shows at once.
const pagesAtOnce = 30

// scanDeskPage lists the scanned pages that wait for a person.
type scanDeskPage struct {
	Frame
	Rows   []scanRow
	Total  int
	Hidden int // of wards that the reader may not see now
	Glass  string
	Aside  bool
	Pager  pagerView
	Ward   string
}

type scanRow struct {
	Ref    string
	File   string
	N      int
	At     stamp
	Ward   string
	Reason lang.Text
	Again  string // why it was taken back
	Form   string // as the code says
	Why    string // it was set aside
	By     string
	Image  bool
}

// scanOnePage is one page that waits, with the picture large.
type scanOnePage struct {
	Frame
	Row      scanRow
	Turn     int
	Left     string
	Right    string
	Proposed *hitRow
	Hits     []hitRow
	Total    int
	Asked    string
	FileAs   string // address of the page that confirms, before the patient's key
	Whys     []lang.Text
	Why      string
	Other    string // why, in the reader's own words
	State    string // "waits", "filed", "aside"
	FiledAt  string // the sheet in the chart
	Problems []problem
	Key      string
}

// filingPage confirms in whose chart a page goes.
type filingPage struct {
	Frame
	Row      scanRow
	Kinds    []kindChoice
	Serial   string
	Page     string
	Turn     int
	Key      string
	Action   string
	Asked    []lang.Text
	Problems []problem
	Resumed  bool
}

type kindChoice struct {
	Value string
	Label lang.Text
	Here  bool
}

var (
	scanDeskPageT = parse[scanDeskPage]("scandesk")
	scanOnePageT  = parse[scanOnePage]("scanpage")
	filingPageT   = parse[filingPage]("filing")
)

// scanForms names the forms of the desk for scanned paper.
func (s *Server) scanForms(on func(string, show)) {
	on("POST /desk/scan/{ref}/file", s.filePage)
	on("POST /desk/scan/{ref}/aside", s.putPageAside)
	on("POST /desk/scan/{ref}/back", s.takePageBack)
	on("POST /patient/{key}/sheet/{root}/back", s.takeSheetBack)
	on("POST /patient/{key}/sheet/{root}/done", s.markSheet)
}

func newScanRow(p tray.Page, f Frame) scanRow {
	r := scanRow{Ref: p.Ref, File: fileNumber(p.File), N: p.N, At: f.stamp(p.At), Ward: p.Ward, Again: p.LastWhy, Image: p.Picture != 0}
	if p.Reason != nil {
		r.Reason = *p.Reason
	}
	if p.Aside != nil {
		r.Why, r.By = p.Aside.Why, p.Aside.By.Name
	}
	if c, ok := p.Code(); ok && c.Serial != "" {
		r.Form = c.Serial.Spaced()
	}
	return r
}

func (s *Server) showScanDesk(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.FileSheets)
	if err != nil {
		return nil, err
	}
	aside := v.FormValue("aside") != ""
	all := s.p.Tray.Waiting()
	if aside {
		all = s.p.Tray.SetAside()
	}
	var seen []tray.Page
	var by staff.Decision
	hidden := 0
	for _, p := range all {
		if d, ok := s.mayFile(v, p.Ward); ok {
			seen, by = append(seen, p), d
		} else {
			hidden++
		}
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	page := scanDeskPage{
		Frame: f.titled("paper", lang.Text{DE: "Gescanntes Papier", EN: "Scanned paper"}), Total: len(seen), Hidden: hidden, Aside: aside,
		Glass: "/glass?" + url.Values{"back": {v.URL.RequestURI()}}.Encode(),
	}
	page.Refresh = true
	if wards := sess.Person.Wards; len(wards) > 0 {
		page.Ward = wards[0]
	}
	from, _ := strconv.Atoi(v.FormValue("from")) // anything else is the first page
	from = max(0, min(from, len(seen)))
	for _, p := range seen[from:min(from+pagesAtOnce, len(seen))] {
		page.Rows = append(page.Rows, newScanRow(p, f))
	}
	at := func(n int) string {
		q := url.Values{"from": {strconv.Itoa(n)}}
		if aside {
			q.Set("aside", "1")
		}
		return "/desk/scan?" + q.Encode()
	}
	if from > 0 {
		page.Pager.Newer = at(max(from-pagesAtOnce, 0))
	}
	if from+pagesAtOnce < len(seen) {
		page.Pager.Older = at(from + pagesAtOnce)
	}
	if len(page.Rows) > 0 {
		if err := s.record(v, sess, by, want{page: "desk/scan", what: fmt.Sprintf("%d Seiten", len(page.Rows))}); err != nil {
			return nil, err
		}
	}
	return scanDeskPageT.of(page)
}

// scanned opens a scanned page: right, ward of the paper, recorded read.
func (s *Server) page(v *visit, what string) (tray.Page, http.Handler, error) {
	if _, err := v.need(staff.FileSheets); err != nil {
		return tray.Page{}, nil, err
	}
	p, ok := s.p.Tray.Page(v.PathValue("ref"))
	if !ok {
		return p, nil, noSuch(lang.Text{DE: "Diese gescannte Seite gibt es nicht.", EN: "There is no such scanned page."})
	}
	w := want{right: staff.FileSheets, page: what, ward: p.Ward, what: "Seite " + p.Ref}
	if p.Filed != nil { // it is part of a chart now
		w.patient, w.ward = p.Filed.Patient, p.Filed.Ward
	}
	res, err := s.pass(v, w)
	return p, res, err
}

func turnOf(text string) int {
	n, _ := strconv.Atoi(text) // anything else is upright
	return (n%360 + 360) % 360 / 90 * 90
}

func (s *Server) showScanPicture(v *visit) (http.Handler, error) {
	p, res, err := s.page(v, "desk/scan/picture")
	if res != nil || err != nil {
		return res, err
	}
	data, err := s.p.Tray.Picture(v.Context(), p)
	if err != nil {
		return nil, err
	}
	media, turn := p.Media, turnOf(v.FormValue("turn"))
	switch {
	case v.FormValue("thumb") != "":
		media, data, err = tray.Thumb(data, 320, turn)
	case turn != 0:
		media, data, err = tray.Turned(data, turn)
	}
	if err != nil {
		return nil, err
	}
	return file(data, media), nil
}

func (s *Server) showScanPage(v *visit) (http.Handler, error) {
	p, res, err := s.page(v, "desk/scan/page")
	if res != nil || err != nil {
		return res, err
	}
	return s.drawScanPage(v, http.StatusOK, p, nil)
}

func (s *Server) drawScanPage(v *visit, code int, p tray.Page, problems []problem) (http.Handler, error) {
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	turn := turnOf(v.FormValue("turn"))
	q := strings.TrimSpace(v.FormValue("q"))
	at := func(turn int) string { return "?turn=" + strconv.Itoa(turn%360) }
	page := scanOnePage{
		Frame: f.titled("paper", lang.Text{DE: "Gescannte Seite", EN: "Scanned page"}), Row: newScanRow(p, f), Turn: turn, Asked: q,
		Left: at(turn + 270), Right: at(turn + 90), Whys: asideReasons(), Why: v.PostFormValue("why"), Other: v.PostFormValue("other"), State: "waits",
		Problems: problems, Key: desk.NewKey(), FileAs: "/desk/scan/" + p.Ref + "/file?turn=" + strconv.Itoa(turn) + "&patient=",
	}
	switch {
	case p.Filed != nil:
		page.State, page.FiledAt = "filed", "/patient/"+string(p.Filed.Patient)+"/sheet/"+p.Filed.Root
		return scanOnePageT.status(code, page)
	case p.Aside != nil:
		page.State = "aside"
		return scanOnePageT.status(code, page)
	}
	if q != "" {
		return s.seekPatient(v, view, page, q, f)
	}
	if key, ok, err := s.p.Tray.Says(v.Context(), view, &p); err != nil {
		return nil, err
	} else if ok {
		pat, err := view.Patient(v.Context(), key, chart.Head())
		if err != nil {
			return nil, err
		}
		page.Proposed = newProposed(pat, f)
	}
	return scanOnePageT.status(code, page)
}

func newProposed(p *chart.Patient, f Frame) *hitRow {
	r := &hitRow{Key: p.Key, Name: p.Name.V.Display(), Birth: p.Birth.V.German(), Age: f.ageOf(p.Birth.V), Sex: f.sexOf(p.Sex.V)}
	if st, ok := p.Current(); ok {
		r.Case, r.Place = string(st.Case), placeWord(st.Now.V)
	}
	return r
}

// seekPatient lists the patients that were searched for; the one that a scanned
// number names is confirmed at once.
func (s *Server) seekPatient(v *visit, view *chart.View, page scanOnePage, q string, f Frame) (http.Handler, error) {
	if len(q) > 200 {
		q = strings.ToValidUTF8(q[:200], "")
	}
	hits, total, err := view.Search(v.Context(), chart.Query{Text: q, Limit: hitsPerPage})
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: staff.Search, page: "search", what: fmt.Sprintf("%d Treffer", total)})
	if res != nil || err != nil {
		return res, err
	}
	if len(hits) == 1 && total == 1 && hits[0].Why.DE == "" {
		return seeOther(page.FileAs + string(hits[0].Key)), nil
	}
	page.Hits, page.Total = newSearchPage(hits, total, chart.Query{Text: q}, f).Rows, total
	return scanOnePageT.of(page)
}

// asideReasons are why a page belongs to no chart, as people choose them.
func asideReasons() []lang.Text {
	return []lang.Text{
		{DE: "leere Rückseite", EN: "empty reverse"},
		{DE: "doppelt gescannt", EN: "scanned twice"},
		{DE: "Deckblatt oder Liste, keine Akte", EN: "cover or list, no chart"},
		{DE: "unleserlich, wird neu gescannt", EN: "illegible, will be scanned again"},
		{DE: "gehört nicht in dieses Haus", EN: "does not belong to this house"},
	}
}

// toFile opens the page and the chosen chart to file one in the other.
func (s *Server) toFile(v *visit) (tray.Page, *opened, http.Handler, error) {
	p, res, err := s.page(v, "desk/scan/file")
	if res != nil || err != nil {
		return p, nil, res, err
	}
	v.SetPathValue("key", v.FormValue("patient"))
	o, res, err := s.patient(v, chart.Head(), staff.FileSheets, "desk/scan/file")
	if res == nil && err == nil {
		res, err = s.mayPutAway(v, o.ward, o.p.Key)
	}
	return p, o, res, err
}

// mayPutAway is the gate before somebody decides where a page of paper belongs.
// That is no writing: the page says what its writer wrote, so neither the right
// to write what stands on it is asked for, nor that entries are taken now, for
// paper is found weeks later. But an exercise does not open it, as it opens
// reading: then, as in normal operation, it needs a reason.
func (s *Server) mayPutAway(v *visit, ward string, patient clinical.PatientKey) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	d := s.p.Staff.MayRead(sess, v.mode.Kind == incident.Emergency, ward, patient, staff.FileSheets, v.now)
	switch d.Verdict {
	case staff.Allowed:
		return nil, nil
	case staff.NeedsGlass:
		return s.toGlass(v, ward, patient), nil
	case staff.Denied:
	}
	return nil, fault.New(fault.Forbidden, d.Say)
}

// toDecide opens a page about which something is decided without a chart.
func (s *Server) toDecide(v *visit) (tray.Page, http.Handler, error) {
	p, res, err := s.page(v, "desk/scan/page")
	if res == nil && err == nil {
		res, err = s.mayPutAway(v, p.Ward, "")
	}
	return p, res, err
}

func (s *Server) showFiling(v *visit) (http.Handler, error) {
	p, o, res, err := s.toFile(v)
	if res != nil || err != nil {
		return res, err
	}
	if !p.Waits() {
		return seeOther("/desk/scan/" + p.Ref), nil
	}
	typed := filingForm{turn: turnOf(v.FormValue("turn"))}
	if c, ok := p.Code(); ok {
		typed.serial, typed.page, typed.kind = c.Serial.Spaced(), strconv.Itoa(c.Page), string(c.Form)
		if form, known := s.p.Tray.Form(c.Serial); known {
			typed.kind = form.Kind
		}
	}
	return s.drawFiling(v, http.StatusOK, p, o, typed, nil, nil)
}

// filingForm is what a person says of a page.
type filingForm struct {
	kind, serial, page string
	turn               int
	sure               bool
}

func (s *Server) drawFiling(v *visit, code int, p tray.Page, o *opened, typed filingForm, problems []problem, asked []lang.Text) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "", o.near)
	page := filingPage{
		Frame: f.titled("paper", lang.Text{DE: "In die Akte legen", EN: "Put into the chart"}), Row: newScanRow(p, f), Serial: typed.serial, Page: typed.page,
		Turn: typed.turn, Key: string(o.p.Key), Action: "/desk/scan/" + p.Ref + "/file", Asked: asked, Problems: problems, Resumed: v.resumed,
	}
	for _, k := range paper.Kinds() {
		page.Kinds = append(page.Kinds, kindChoice{string(k), k.Title(), string(k) == typed.kind})
	}
	page.Kinds = append(page.Kinds, kindChoice{"other", lang.Text{DE: "anderes Papier", EN: "other paper"}, typed.kind == "other"})
	return filingPageT.status(code, page)
}

func (s *Server) filePage(v *visit) (http.Handler, error) {
	p, o, res, err := s.toFile(v)
	if res != nil || err != nil {
		return res, err
	}
	typed := filingForm{
		kind: v.PostFormValue("kind"), serial: strings.TrimSpace(v.PostFormValue("serial")), page: strings.TrimSpace(v.PostFormValue("page")),
		turn: turnOf(v.PostFormValue("turn")), sure: v.PostFormValue("sure") != "",
	}
	if v.resumed {
		return s.drawFiling(v, http.StatusOK, p, o, typed, nil, nil)
	}
	filing := tray.Filing{
		Patient: o.p, Case: o.kase, Kind: typed.kind, Turn: typed.turn, From: v.from(), Seen: v.view.Seq(),
		By: clinical.Staff{ID: v.session.Person.ID, Name: v.session.Person.Name},
	}
	filing.Role = v.role(staff.FileSheets)
	problems := readFiling(typed, &filing)
	asked, err := s.doubts(v, p, o, &filing)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 || len(asked) > 0 && !typed.sure {
		return s.drawFiling(v, http.StatusUnprocessableEntity, p, o, typed, problems, asked)
	}
	root, seq, err := s.p.Tray.File(v.Context(), p.Ref, filing)
	if err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Unavailable {
			return s.drawFiling(v, status(k), p, o, typed, []problem{{"", fault.Say(err)}}, nil)
		}
		return nil, err
	}
	s.settle(v, seq)
	return seeOther("/patient/" + string(o.p.Key) + "/sheet/" + root), nil
}

// readFiling reads the fields of the form.
func readFiling(typed filingForm, filing *tray.Filing) []problem {
	var out []problem
	switch kind := paper.Kind(typed.kind); {
	case kind.Valid():
		filing.Title = kind.Title().DE
	case typed.kind == "other":
		filing.Title = "Gescanntes Papier"
	default:
		out = append(out, problem{"kind", lang.Text{DE: "Bitte sagen, was für ein Bogen es ist.", EN: "Please say what kind of form it is."}})
	}
	if typed.serial != "" {
		serial, err := sheet.ParseSerial(typed.serial)
		if err != nil {
			out = append(out, problem{"serial", fault.Say(err)})
		}
		filing.Serial = serial
	}
	if typed.page != "" {
		n, err := strconv.Atoi(typed.page)
		if err != nil || n < 1 || n > 99 {
			out = append(out, problem{"page", lang.Text{DE: "Seite: eine Zahl von 1 bis 99.", EN: "Page: a number from 1 to 99."}})
		}
		filing.Page = n
	}
	return out
}

// doubts are what speaks against the choice of a person, who is asked once more.
func (s *Server) doubts(v *visit, p tray.Page, o *opened, filing *tray.Filing) ([]lang.Text, error) {
	var out []lang.Text
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	codes := p.Labelled()
	for _, text := range p.Sheets {
		if c, err := sheet.Parse(text); err == nil {
			codes = append(codes, c)
		}
	}
	if form, known := s.p.Tray.Form(filing.Serial); known {
		codes = append(codes, sheet.Code{Form: form.Code, Case: form.Case, Key: form.Patient})
	} else if filing.Serial != "" {
		out = append(out, lang.Text{
			DE: "Die Bogennummer " + filing.Serial.Spaced() + " ist hier nicht gedruckt worden.", EN: "The sheet number " + filing.Serial.Spaced() + " was not printed here.",
		})
	}
	stranger := false
	for _, c := range codes {
		key := c.Key
		if c.Case != "" {
			if key, err = view.Owner(v.Context(), c.Case); err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
		}
		stranger = stranger || c.Case != "" && err != nil || key != "" && !o.is(key)
		err = nil
	}
	for _, other := range s.p.Tray.Of(filing.Serial) {
		stranger = stranger || !o.is(other.Filed.Patient)
	}
	if stranger {
		out = append(out, lang.Text{
			DE: "Der Code, ein Etikett oder ein anderer Scan dieses Bogens nennt einen anderen Patienten.",
			EN: "The code, a label or another scan of this form names another patient.",
		})
	}
	return out, nil
}

// is reports whether the opened chart is that of the key.
func (o *opened) is(key clinical.PatientKey) bool {
	if o.p.Key == key {
		return true
	}
	for _, l := range o.p.Linked {
		if l.Key == key {
			return true
		}
	}
	return false
}

func (s *Server) putPageAside(v *visit) (http.Handler, error) {
	p, res, err := s.toDecide(v)
	if res != nil || err != nil {
		return res, err
	}
	why := strings.TrimSpace(v.PostFormValue("why"))
	if other := strings.TrimSpace(v.PostFormValue("other")); other != "" {
		why = other
	}
	if v.resumed && !p.Waits() {
		return s.givenBack(v)
	}
	if n := utf8.RuneCountInString(why); n > mostWhy {
		return s.drawScanPage(v, http.StatusUnprocessableEntity, p, []problem{{"other", lang.Text{
			DE: fmt.Sprintf("Der Grund hat %d Zeichen, höchstens %d werden gespeichert. Bitte kürzen.", n, mostWhy),
			EN: fmt.Sprintf("The reason has %d characters, at most %d are stored. Please shorten it.", n, mostWhy),
		}}})
	}
	if v.resumed || why == "" {
		return s.drawScanPage(v, http.StatusUnprocessableEntity, p, []problem{{"why", lang.Text{
			DE: "Bitte sagen, warum die Seite in keine Akte gehört.", EN: "Please say why the page belongs to no chart.",
		}}})
	}
	f := tray.Filing{By: clinical.Staff{ID: v.session.Person.ID, Name: v.session.Person.Name}, From: v.from()}
	f.Role = v.role(staff.FileSheets)
	seq, err := s.p.Tray.PutAside(v.Context(), p.Ref, why, f)
	if err != nil {
		return nil, err // decided meanwhile: the page has no such form any more
	}
	s.settle(v, seq)
	return seeOther("/desk/scan"), nil
}

// mostWhy is how many characters a reason about a scanned page may have.
const mostWhy = 300

// takePageBack brings a page that was set aside back to the desk.
func (s *Server) takePageBack(v *visit) (http.Handler, error) {
	p, res, err := s.toDecide(v)
	if res != nil || err != nil {
		return res, err
	}
	why := strings.TrimSpace(v.PostFormValue("why"))
	if p.Filed != nil {
		return nil, fault.New(fault.Conflict, lang.Text{
			DE: "Diese Seite liegt inzwischen in einer Akte. Es wurde nichts geändert.", EN: "This page is in a chart by now. Nothing was changed.",
		})
	}
	if v.resumed || why == "" {
		return s.drawScanPage(v, http.StatusUnprocessableEntity, p, []problem{{"why", lang.Text{DE: "Bitte sagen, warum.", EN: "Please say why."}}})
	}
	if p.Aside != nil {
		if err := s.withdrawSheet(v, p.Aside.Root, why); err != nil {
			return nil, err
		}
	}
	return seeOther("/desk/scan/" + p.Ref), nil
}

// withdrawSheet takes a decision about a page back.
func (s *Server) withdrawSheet(v *visit, root, why string) error {
	last, err := s.p.Desk.Current(v.Context(), root)
	if err != nil {
		return err
	}
	if last.Withdrawn {
		return nil
	}
	if last.Form != entry.SheetForm {
		return noSuch(lang.Text{DE: "Das ist kein gescanntes Papier.", EN: "That is no scanned paper."})
	}
	at := desk.Moment{Time: v.now, From: v.from()}
	at.Role = v.role(staff.FileSheets)
	seq, err := s.p.Desk.Withdraw(v.Context(), last, clinical.Staff{ID: v.session.Person.ID, Name: v.session.Person.Name}, v.PostFormValue("key"), why, at)
	if err != nil {
		return err
	}
	s.settle(v, seq)
	return nil
}
