package app

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/web"
)

// packDays is how far back a pack's laboratory, vitals and doses reach.
const packDays = 14

// A PrintJob is what the command line asks to be printed. Exactly one of Ward,
// Patient and House is set.
type PrintJob struct {
	Ward    string
	Patient string // a patient key, or a patient or case number
	House   bool
	List    bool   // of Ward: only the list
	Since   uint64 // only patients whose chart changed after this record
	Form    string // of Ward or Patient: a form to write on of this kind
	Count   int    // of Form
	Pad     bool   // of Ward: its emergency pad
	Lang    lang.Lang
	User    string
}

// PrintPDF writes the job as PDF. Each chart in it is recorded as read before
// the first byte leaves.
func (h *Hub) PrintPDF(ctx context.Context, job PrintJob, w io.Writer, progress func(done, total int)) (err error) {
	v, err := h.Chart.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	house, err := v.House(ctx)
	if err != nil {
		return err
	}
	now := h.now().In(h.Zone)
	mode := h.Board.Mode(now)
	mode.Crises = h.Crisis.Said()
	head := paper.Head{
		Hospital: h.Config.Hospital.Name, Mode: mode, AsOf: web.DataAsOf(house.Feeds, mode), Seq: v.Seq(), Printed: now,
		PrintedBy: job.User, Where: "notbetrieb print", Lang: job.Lang, Zone: h.Zone,
	}
	double, err := doubleCheck(h.Config)
	if err != nil {
		return err
	}
	o := paper.PackOptions{Feeds: house.Feeds, Wards: map[string]string{}, Limits: paperLimits(h.Config), Double: double}
	for _, line := range house.Wards {
		o.Wards[line.Code] = line.Name
	}
	if job.Since > 0 {
		o.Changed = paper.ChangedOnly{Seq: job.Since, Since: now}
	}
	p := press{h: h, v: v, since: now.AddDate(0, 0, -packDays), job: job}
	switch {
	case job.House:
		return paper.House(ctx, w, head, p.house(ctx, house.Wards), house.Patients+house.Unplaced, o, progress)
	case job.Form != "" || job.Pad:
		return p.forms(ctx, w, head, o)
	case job.Patient != "":
		pat, err := p.patient(ctx, job.Patient)
		if err != nil {
			return err
		}
		return paper.Patient(w, head, pat, o)
	}
	ward, err := v.Ward(ctx, job.Ward)
	if err != nil {
		return err
	}
	if job.List {
		if err := h.RecordConsole(ctx, job.User, "print/list", "", "ward "+job.Ward); err != nil {
			return err
		}
		return paper.WardList(w, head, ward, o)
	}
	patients, err := p.ward(ctx, ward)
	if err != nil {
		return err
	}
	return paper.WardPack(w, head, ward, patients, o)
}

// press reads the charts of one job.
type press struct {
	h     *Hub
	v     *chart.View
	since time.Time
	job   PrintJob
}

func (p press) part() chart.Part {
	part := chart.All()
	part.Since = p.since
	return part
}

// ward reads the charts of one ward, each recorded.
func (p press) ward(ctx context.Context, w chart.Ward) ([]*chart.Patient, error) {
	var only []clinical.PatientKey
	changed := p.job.Since > 0 && w.Code != chart.NoWard // what changed is known by wards alone
	if changed {
		var err error
		if only, err = p.v.Changed(ctx, w.Code, p.job.Since); err != nil {
			return nil, err
		}
	}
	var out []*chart.Patient
	for _, r := range w.Rows {
		if r.Free || changed && !slices.Contains(only, r.Key) {
			continue
		}
		if err := p.h.RecordConsole(ctx, p.job.User, "print/pack", r.Key, "ward "+w.Code); err != nil {
			return nil, err
		}
		pat, err := p.v.Patient(ctx, r.Key, p.part())
		if err != nil {
			return nil, err
		}
		out = append(out, pat)
	}
	return out, nil
}

// house yields ward after ward, and last those whom no message has put into one.
func (p press) house(ctx context.Context, lines []chart.WardLine) iter.Seq2[paper.Station, error] {
	return func(yield func(paper.Station, error) bool) {
		for _, line := range lines {
			if line.Occupied == 0 && line.Arriving == 0 {
				continue
			}
			w, err := p.v.Ward(ctx, line.Code)
			var s paper.Station
			if err == nil {
				s.Ward = w
				s.Patients, err = p.ward(ctx, w)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
		w, err := p.v.Nowhere(ctx, p.job.Lang)
		if err != nil || len(w.Rows) == 0 {
			if err != nil {
				yield(paper.Station{}, err)
			}
			return
		}
		patients, err := p.ward(ctx, w)
		yield(paper.Station{Ward: w, Patients: patients}, err)
	}
}

// patient reads the chart of one patient, named by key or number. It is
// recorded before it is read.
func (p press) patient(ctx context.Context, named string) (*chart.Patient, error) {
	key, err := onePatient(ctx, p.v, named)
	if err != nil {
		return nil, err
	}
	if err := p.h.RecordConsole(ctx, p.job.User, "print/patient", key, ""); err != nil {
		return nil, err
	}
	return p.v.Patient(ctx, key, p.part())
}
