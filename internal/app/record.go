package app

import (
	"bytes"
	"context"
	"errors"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
)

// sheetOf draws the sheet of an entry for a target that takes a part of it as a
// document. The same entry gives the same bytes, but for the person's name,
// which is that of today.
func (h *Hub) sheetOf(ctx context.Context, e *entry.Entry) (_ []byte, err error) {
	r := paper.Recorded{Form: h.formOf(e.Form), Ward: h.wardName(e.Ward)}
	all, err := h.Desk.Versions(ctx, e.Root)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if v := &all[i].Entry; v.State == entry.Signed {
			r.Versions = append(r.Versions, v)
			if v.Key == e.Key {
				break
			}
		}
	}
	v, err := h.Chart.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	p, err := v.Patient(ctx, e.Patient, chart.Head())
	if err != nil {
		return nil, err
	}
	r.Name, r.Birth, r.Sex = p.Name.V, p.Birth.V, p.Sex.V
	if r.Scan, r.Media, err = h.scanOf(ctx, e); err != nil {
		return nil, err
	}
	mode := incident.Emergency
	if h.Board.Mode(h.now()).Kind == incident.Exercise {
		mode = incident.Exercise
	}
	head := paper.Head{
		Hospital: h.Config.Hospital.Name, Mode: incident.Mode{Kind: mode}, Where: "Notbetrieb", PrintedBy: e.By.Name, Lang: lang.DE, Zone: h.Zone,
	}
	var b bytes.Buffer
	if err := paper.Record(&b, head, r); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// formOf returns a form as this house has it, nil if it is not known.
func (h *Hub) formOf(kind string) *entry.Form {
	for _, form := range []*entry.Form{entry.LaboratoryOrder(h.Assays), entry.Results(h.Assays), entry.PhoneResult(h.Assays)} {
		if form.Kind == kind {
			return form
		}
	}
	return entry.FormOf(kind)
}

func (h *Hub) wardName(code string) string {
	for _, w := range h.Config.Wards {
		if w.Code == code && w.Name != "" {
			return w.Name
		}
	}
	return code
}

// scanOf returns the scanned page that an entry filed, nil for none.
func (h *Hub) scanOf(ctx context.Context, e *entry.Entry) ([]byte, string, error) {
	for _, f := range e.Facts {
		if d, ok := f.(clinical.Document); ok && d.Body.Seq != 0 {
			rec, err := h.Journal.Get(ctx, journal.Seq(d.Body.Seq))
			return rec.Body, d.Media, err
		}
	}
	return nil, "", nil
}
