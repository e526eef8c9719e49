package web

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
)

// resultHours is how far back the printed list of a ward's results reaches.
const resultHours = 24

// printWardResults draws the results of a ward of the last day: for the ward, or
// for a laboratory that carries them there.
func (s *Server) printWardResults(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeResults); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	w, err := view.Ward(v.Context(), v.FormValue("ward"))
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: staff.Print, page: "print/results", ward: w.Code, what: fmt.Sprintf("%d Betten", len(w.Rows))})
	if res != nil || err != nil {
		return res, err
	}
	list := paper.ResultList{Ward: w, Serial: sheet.NewSerial(), Since: v.now.Add(-resultHours * time.Hour)}
	var keys []clinical.PatientKey
	for _, r := range w.Rows {
		if r.Free {
			continue
		}
		p, err := view.Patient(v.Context(), r.Key, chart.Part{Lab: true, Other: true, Since: v.recentDays(2)})
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, p.Key)
		list.Beds = append(list.Beds, paper.BedResults{Row: r, Results: p.Results})
	}
	if err := s.recordEach(v, w.Code, keys); err != nil {
		return nil, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := paper.WardResults(&b, s.head(v), list, s.packOptions(v, h)); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), lang.Text{DE: "befunde-", EN: "results-"}.In(v.lang)+w.Code), nil
}
