package paper

import (
	"context"
	"fmt"
	"io"
	"iter"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/sheet"
)

// Station is one ward of a house pack with the charts of its patients.
type Station struct {
	Ward     chart.Ward
	Patients []*chart.Patient
}

// House writes the packs of all wards into one document, ward by ward: only one
// ward's charts and one patient's pages are in memory at a time. Total is the
// number of patients expected, for progress, which is called after each patient
// where it is not nil. House stops between two patients when ctx ends or when
// the sequence gives an error; the document is then incomplete and unreadable,
// and the error says so.
func House(ctx context.Context, w io.Writer, h Head, wards iter.Seq2[Station, error], total int, o PackOptions, progress func(done, total int)) error {
	d, err := newDocument(w, h, o, d2(h, "Hausmappe", "House pack"))
	if err != nil {
		return err
	}
	done := 0
	tick := func() error {
		done++
		if progress != nil {
			progress(done, max(done, total))
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("house pack stopped: %w", err)
		}
		return nil
	}
	for s, err := range wards {
		if err != nil {
			return fmt.Errorf("read ward for house pack: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("house pack stopped: %w", err)
		}
		if err := d.ward(s.Ward, s.Patients, tick); err != nil {
			return err
		}
	}
	if d.out.Pages() == 0 {
		if err := d.empty(); err != nil {
			return err
		}
	}
	return d.close()
}

// empty writes the one page of a job that found no ward.
func (d *document) empty() error {
	f := d.newFlow(false, sheet.Code{Ward: "-"}, d.say("Hausmappe", "House pack"))
	f.start(sheet.FormList)
	f.para(style{f.f.bold, strong}, 0, d.say("Keine Station gefunden. Dieser Auftrag enthält keine Patienten.", "No ward was found. This job holds no patients."))
	return f.finish("", false)
}
