package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
)

// wardRoutes names the pages of writing on a ward.
func (s *Server) wardRoutes(on func(string, show)) {
	on("GET /ward/{code}/round", s.showRound)
	on("GET /ward/{code}/handover", s.showHandover)
	on("GET /patient/{key}/entry-at/{seq}", s.showEntryAt)
	on("GET /drafts", s.showDrafts)
}

// A round goes through a ward bed by bed with one form. Its state is in the
// address: the ward, the form and the patient; nothing is kept on the server.

// roundView is what the form says of the round it belongs to.
type roundView struct {
	Ward   string
	Bed    string
	Nr, Of int
	Next   string // address that skips this patient
	Before string // address of the patient before, "" for the first
	Scan   string // where a scanned wristband goes
	Missed bool   // the wristband scanned last belongs to nobody on this ward
}

// Ends reports whether no patient comes after this one.
func (r *roundView) Ends() bool { return r.Nr == r.Of }

// roundAddress is the address that goes on from a patient of the round; step
// is after, before or bed.
func roundAddress(ward, form, step string, key clinical.PatientKey) string {
	q := url.Values{"form": {form}}
	if step != "" {
		q.Set(step, string(key))
	}
	return "/ward/" + url.PathEscape(ward) + "/round?" + q.Encode()
}

// bedside returns the rows that a round visits: those who lie in a bed, each
// person once, in the order of the beds.
func bedside(w chart.Ward) []chart.Row {
	var out []chart.Row
	for _, r := range w.Rows {
		if r.Free || r.Arriving || r.Dead || r.State == chart.Away {
			continue
		}
		if !slices.ContainsFunc(out, func(o chart.Row) bool { return o.Key == r.Key }) {
			out = append(out, r)
		}
	}
	return out
}

// showRound leads to the form of the next patient of the round.
func (s *Server) showRound(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	form := entry.FormOf(v.FormValue("form"))
	if form == nil || form.Says == nil || form.Page != "" {
		return nil, noSuch(lang.Text{DE: "Dieses Formular gibt es nicht.", EN: "There is no such form."})
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	w, err := view.Ward(v.Context(), v.PathValue("code"))
	if err != nil {
		return nil, err
	}
	if res, err := s.pass(v, want{right: staff.SeeWard, page: "ward/round", ward: w.Code}); res != nil || err != nil {
		return res, err
	}
	list := bedside(w)
	to, missed, err := s.step(v, list)
	if err != nil {
		return nil, err
	}
	q := url.Values{}
	if signed := v.FormValue("signed"); signed != "" {
		q.Set("signed", signed)
	}
	if to < 0 || to >= len(list) {
		q.Set("round", "done")
		return seeOther("/ward/" + url.PathEscape(w.Code) + "?" + q.Encode()), nil
	}
	q.Set("round", w.Code)
	if missed {
		q.Set("missed", "1")
	}
	return seeOther("/patient/" + string(list[to].Key) + "/write/" + form.Kind + "?" + q.Encode()), nil
}

// step finds where the round goes: the place in the list, behind its end when
// the round is over. missed says that a wristband was scanned of somebody who
// is not on the list; the round then stays where it was.
func (s *Server) step(v *visit, list []chart.Row) (to int, missed bool, err error) {
	at := func(name string) int {
		return slices.IndexFunc(list, func(r chart.Row) bool { return string(r.Key) == v.FormValue(name) })
	}
	switch {
	case strings.TrimSpace(v.FormValue("scan")) != "":
		if to, err = s.scanned(v, list, strings.TrimSpace(v.FormValue("scan"))); to >= 0 || err != nil {
			return to, false, err
		}
		return max(at("bed"), 0), true, nil
	case v.FormValue("after") != "":
		if to = at("after"); to < 0 { // no longer on the ward: the list says who is
			return len(list), false, nil
		}
		return to + 1, false, nil
	case v.FormValue("before") != "":
		return max(at("before")-1, 0), false, nil
	case v.FormValue("bed") != "":
		return max(at("bed"), 0), false, nil
	}
	return 0, false, nil
}

// scanned finds whom a scanned wristband belongs to, -1 for nobody in the list:
// our own code, a case number, or another number of exactly one person.
func (s *Server) scanned(v *visit, list []chart.Row, text string) (int, error) {
	if len(text) > 200 {
		return -1, nil
	}
	kase, key := text, ""
	if c, err := sheet.Parse(text); err == nil {
		kase, key = string(c.Case), string(c.Key)
	}
	if i := slices.IndexFunc(list, func(r chart.Row) bool {
		return kase != "" && string(r.Case) == kase || key != "" && string(r.Key) == key
	}); i >= 0 || kase == "" {
		return i, nil
	}
	hits, total, err := v.view.Search(v.Context(), chart.Query{Text: kase, Present: true, Limit: 2})
	if err != nil || total != 1 || len(hits) != 1 || hits[0].Why.DE != "" {
		return -1, err
	}
	return slices.IndexFunc(list, func(r chart.Row) bool { return r.Key == hits[0].Key }), nil
}

// roundOf says where the patient stands in the round of the ward, nil if the
// patient is not in it. It tells no more than a number: the list itself is read
// by whoever goes on.
func (s *Server) roundOf(v *visit, o *opened, form *entry.Form, ward string) (*roundView, error) {
	if ward == "" || !staff.May(v.session.Person, staff.SeeWard) {
		return nil, nil
	}
	w, err := v.view.Ward(v.Context(), ward)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list := bedside(w)
	i := slices.IndexFunc(list, func(r chart.Row) bool { return r.Key == o.p.Key })
	if i < 0 {
		return nil, nil
	}
	r := &roundView{
		Ward: w.Code, Bed: strings.TrimSpace(list[i].Place.Room + " " + list[i].Place.Bed), Nr: i + 1, Of: len(list),
		Next: roundAddress(w.Code, form.Kind, "after", o.p.Key), Scan: "/ward/" + url.PathEscape(w.Code) + "/round",
		Missed: v.Method == http.MethodGet && v.FormValue("missed") != "",
	}
	if i > 0 {
		r.Before = roundAddress(w.Code, form.Kind, "before", o.p.Key)
	}
	return r, nil
}

// next is where a signed form leads: on in its round, back to where it was
// opened, or "" to the entry itself.
func (w *writeForm) next(o *opened, form *entry.Form) string {
	if w.round != "" {
		return roundAddress(w.round, form.Kind, "after", o.p.Key)
	}
	return w.back
}

// content is a short word for everything that was typed: what was confirmed
// once more is what is signed, and nothing else.
func (w *writeForm) content() string {
	names := make([]string, 0, len(w.typed))
	for name := range w.typed {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		h.Write([]byte(name + "\x00" + strings.TrimSpace(w.typed[name]) + "\x00")) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// confirmPage asks once more before a form of high risk is signed.
type confirmPage struct {
	Frame
	Form      *entry.Form
	Fields    []shownField
	When      stamp
	Main      string // the one line that the button says
	Action    string
	Hidden    []carriedField
	Root      string
	Reason    string
	Confirmed string
}

var confirmPageT = parse[confirmPage]("confirm")

func newConfirmPage(o *opened, form *entry.Form, w writeForm, at time.Time) confirmPage {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	p := confirmPage{
		Frame: f.titled("patient", form.Title), Form: form, Fields: form.Shown(w.typed, f.Lang), When: f.stamp(at), Root: w.root, Reason: w.reason,
		Action: "/patient/" + string(o.p.Key) + "/write/" + form.Kind, Confirmed: w.content(),
	}
	if len(p.Fields) > 0 {
		p.Main = p.Fields[0].Text
	}
	hide := func(name, value string) { p.Hidden = append(p.Hidden, carriedField{name, value}) }
	hide("key", w.key)
	hide("root", w.root)
	hide("of", w.of)
	hide("back", w.back)
	hide("round", w.round)
	hide("sheet", w.sheet)
	hide(sheetByField, w.sheetBy)
	hide("reason", w.reason)
	for _, x := range w.sure {
		hide("sure", x)
	}
	hide(entry.AtField, w.typed[entry.AtField])
	for _, x := range form.Fields {
		hide(x.Name, w.typed[x.Name])
	}
	return p
}
