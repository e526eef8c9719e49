package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// reportPage is where the finding of an order is written.
type reportPage struct {
	Frame
	Order    workRow
	Groups   []inputGroup
	Action   string
	Key      string
	Seq      uint64 // of the version the writer sees, 0 for none
	Stands   lang.Text
	By       string
	Since    stamp
	Problems []problem
	Resumed  bool
}

var reportPageT = parse[reportPage]("report")

// reportOpened is an order at the desk of those who report.
type reportOpened struct {
	*opened
	order   clinical.Order
	stands  *chart.Item[clinical.Document] // the finding written here so far
	alarmed bool                           // it was critical
}

func (s *Server) reportAt(v *visit) (*reportOpened, http.Handler, error) {
	o, it, res, err := s.orderAt(v, findingDesk, chart.Part{Documents: true, Other: true})
	if res != nil || err != nil {
		return nil, res, err
	}
	r := &reportOpened{opened: o, order: it.V}
	id := entry.FindingID(cmp.Or(it.V.Placer, it.V.Filler))
	if i := slices.IndexFunc(o.p.Documents, func(d chart.Item[clinical.Document]) bool { return d.V.ID == id }); i >= 0 {
		r.stands = &o.p.Documents[i]
	}
	r.alarmed = slices.ContainsFunc(o.p.Results, func(x chart.Item[clinical.Result]) bool {
		return x.V.SubID == "critical" && ofOrder(&x.V, &it.V) && !x.Cancelled
	})
	return r, nil, nil
}

func (s *Server) showReport(v *visit) (http.Handler, error) {
	r, res, err := s.reportAt(v)
	if res != nil || err != nil {
		return res, err
	}
	typed := map[string]string{}
	if r.stands != nil && r.stands.Origin.Feed == chart.Here {
		e, err := s.p.Desk.At(v.Context(), journal.Seq(r.stands.Origin.Seq))
		if err != nil {
			return nil, err
		}
		typed = e.Fields
	}
	return s.drawReport(v, http.StatusOK, r, typed, desk.NewKey(), r.seq(), nil)
}

// seq is the version that stands.
func (r *reportOpened) seq() uint64 {
	if r.stands == nil {
		return 0
	}
	return r.stands.Origin.Seq
}

func (s *Server) drawReport(v *visit, code int, r *reportOpened, typed map[string]string, key string, seq uint64, wrong []entry.Mistake) (http.Handler, error) {
	f := r.frame
	f.Banner = newBanner(r.p, f, "findings", r.near)
	o := r.order
	p := reportPage{
		Frame: f.titled("desk/findings", lang.Text{DE: "Befund schreiben", EN: "Write the finding"}), Action: answerPath(findingDesk, r.p.Key, o), Key: key, Seq: seq, Resumed: v.resumed,
		Order: workRow{Number: cmp.Or(o.Placer, o.Filler), What: o.What.Label(), Question: o.Question, Section: sectionWord(o.Section), Status: orderWord(o.Status),
			Stat: o.Priority == "S", Urgent: o.Priority == "A", At: f.stamp(o.Requested), By: o.By.Name},
	}
	if r.stands != nil {
		p.Stands, p.By, p.Since = resultWord(r.stands.V.Status), r.stands.V.By.Name, f.stamp(r.stands.V.At)
	}
	for _, m := range wrong {
		p.Problems = append(p.Problems, problem{m.Field, m.Say})
	}
	g := inputGroup{}
	for i, x := range entry.Finding.Fields {
		view := inputView{Field: x, Value: typed[x.Name], First: i == 1}
		for _, m := range wrong {
			if m.Field == x.Name {
				view.Wrong = m.Say
			}
		}
		g.Fields = append(g.Fields, view)
	}
	p.Groups = []inputGroup{g}
	return reportPageT.status(code, p)
}

// signReport signs a finding.
func (s *Server) signReport(v *visit) (http.Handler, error) {
	r, res, err := s.reportAt(v)
	if res != nil || err != nil {
		return res, err
	}
	typed := map[string]string{}
	for _, x := range entry.Finding.Fields {
		typed[x.Name] = v.PostFormValue(x.Name)
	}
	key := v.PostFormValue("key")
	seen, _ := strconv.ParseUint(strings.Map(digits, v.PostFormValue("seq")), 10, 64) // empty: nothing stood there
	again := func(code int, wrong ...entry.Mistake) (http.Handler, error) {
		return s.drawReport(v, code, r, typed, key, r.seq(), wrong)
	}
	if v.resumed {
		return s.drawReport(v, http.StatusOK, r, typed, key, seen, nil)
	}
	filled, wrong := entry.Finding.Fill(func(name string) string { return typed[name] }, nil, entry.About{Now: v.now, Birth: r.p.Birth.V, Sex: r.p.Sex.V, By: v.by()})
	if len(wrong) > 0 {
		return s.drawReport(v, http.StatusUnprocessableEntity, r, typed, key, seen, wrong)
	}
	stood, err := s.p.Desk.Versions(v.Context(), key)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	if seen != r.seq() && len(stood) == 0 {
		return again(http.StatusConflict, entry.Mistake{Say: lang.Text{
			DE: "Zu diesem Auftrag hat " + r.stands.V.By.Name + " inzwischen einen Befund gespeichert. Ihr Text steht noch hier und ist nicht gespeichert. Bitte vergleichen; noch einmal unterschreiben ersetzt den anderen.",
			EN: r.stands.V.By.Name + " has stored a finding for this order meanwhile. Your text is still here and not stored. Please compare; signing again replaces the other.",
		}})
	}
	corrects := r.stands != nil && done(r.stands.V.Status)
	e := s.entryOf(v, r.opened, entry.Finding.Kind, key)
	e.At, e.Fields = filled.At, filled.Typed
	e.Facts = entry.Reported(filled, r.order, corrects, r.alarmed)
	number := cmp.Or(r.order.Placer, r.order.Filler)
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Unavailable {
			key = desk.NewKey()
			return again(status(k), entry.Mistake{Say: fault.Say(err)})
		}
		return nil, err
	}
	return s.signed(v, r.opened, "/desk/findings?done="+number, e.Root, seq)
}
