package web

import (
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
)

// newsView is the newest NEWS2 on the overview, with what it was made of.
type newsView struct {
	scoreView
	Value  string
	At     stamp
	Level  string // ageing
	Mark   mark
	Trend  trend
	Was    stamp
	Said   string // its parts as they were stored, where they cannot be worked out
	Origin sourceView
}

// newsOf finds the newest NEWS2 of the patient and the one before it.
func (s *Server) newsOf(v *visit, o *opened, f Frame) *newsView {
	var found []*chart.Item[clinical.Result]
	for i := range o.p.Results { // newest first
		if it := &o.p.Results[i]; it.V.Code.Code == "NEWS2" && !it.Cancelled && usable(it.V) && len(found) < 2 {
			found = append(found, it)
		}
	}
	if len(found) == 0 {
		return nil
	}
	it := found[0]
	n := &newsView{Value: it.V.Value, At: f.stamp(it.V.At), Mark: markOf(it.V.Flags, it.V.Critical()), Origin: f.source(it.Origin, it.Back), Said: it.V.Comment}
	n.Level = f.Limits.Vital.level(n.At)
	if len(found) == 2 {
		n.Trend, n.Was = trendOf(found[1].V.Value, it.V.Value), f.stamp(found[1].V.At)
	}
	if it.Origin.Feed != chart.Here || s.p.Desk == nil {
		return n
	}
	e, err := s.p.Desk.At(v.Context(), journal.Seq(it.Origin.Seq))
	if err != nil { // the page says what is stored
		return n
	}
	form := entry.FormOf(e.Form)
	if form == nil {
		return n
	}
	for _, x := range scoreViews(desk.Version{Seq: journal.Seq(it.Origin.Seq), Entry: e}, form, o.p, f) {
		if x.Code == it.V.Code && x.Stored == "" {
			n.scoreView, n.Said = x, ""
		}
	}
	return n
}
