package app

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
)

// mostForms is how many of one form the command line prints at once.
const mostForms = 500

// forms writes forms to write on. Their serials are in the journal before the
// first byte leaves.
func (p press) forms(ctx context.Context, w io.Writer, head paper.Head, o paper.PackOptions) error {
	kind := paper.Kind(p.job.Form)
	if !p.job.Pad && !kind.Valid() {
		return fault.New(fault.Invalid, lang.Text{DE: "Diesen Bogen gibt es nicht.", EN: "There is no such form."})
	}
	if p.job.Count < 1 || p.job.Count > mostForms {
		return fault.New(fault.Invalid, lang.Text{
			DE: fmt.Sprintf("--count geht von 1 bis %d.", mostForms), EN: fmt.Sprintf("--count goes from 1 to %d.", mostForms),
		})
	}
	done := tray.Printed{By: clinical.Staff{ID: staff.Console().ID, Name: p.job.User}, From: "console", At: p.h.now(), Exercise: head.Mode.Kind == incident.Exercise}
	pages := map[sheet.Serial]int{}
	o.Pages = func(serial sheet.Serial, n int) { pages[serial] = n }
	add := func(f tray.Form) sheet.Serial {
		f.Serial = sheet.NewSerial()
		done.Forms = append(done.Forms, f)
		return f.Serial
	}
	var b bytes.Buffer
	var err error
	switch {
	case p.job.Pad:
		err = p.pad(ctx, &b, head, o, add)
	default:
		err = p.blanks(ctx, &b, head, o, kind, add)
	}
	if err != nil {
		return err
	}
	for i := range done.Forms {
		done.Forms[i].Pages = pages[done.Forms[i].Serial]
	}
	if _, err := tray.Print(ctx, p.h.Journal, p.h.Config.Hospital.Site, journal.NewID(), done); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (p press) blanks(ctx context.Context, w io.Writer, head paper.Head, o paper.PackOptions, kind paper.Kind, add func(tray.Form) sheet.Serial) error {
	f := tray.Form{Kind: string(kind), Code: kind.Form(), Title: kind.Title(), Ward: p.job.Ward}
	var pat *chart.Patient
	if p.job.Patient != "" {
		var err error
		if pat, err = p.patient(ctx, p.job.Patient); err != nil {
			return err
		}
		f.Patient = pat.Key
		if st, ok := pat.Current(); ok {
			f.Case, f.Ward = st.Case, st.Now.V.Ward
		}
	} else if _, err := p.v.Ward(ctx, p.job.Ward); err != nil {
		return err
	}
	var list []paper.Blank
	for range p.job.Count {
		list = append(list, paper.Blank{Kind: kind, Serial: add(f), Patient: pat, Ward: p.job.Ward})
	}
	return paper.Blanks(w, head, list, o)
}

func (p press) pad(ctx context.Context, w io.Writer, head paper.Head, o paper.PackOptions, add func(tray.Form) sheet.Serial) error {
	ward, err := p.v.Ward(ctx, p.job.Ward)
	if err != nil {
		return err
	}
	counts := paper.PadFor(max(ward.Beds, ward.Occupied))
	todo := []tray.Form{{Kind: tray.PadCover, Code: sheet.FormBlank, Title: lang.Text{DE: "Notfallblock", EN: "Emergency pad"}, Ward: ward.Code}} // the cover comes first
	for _, c := range counts {
		for range c.Count {
			todo = append(todo, tray.Form{Kind: string(c.Kind), Code: c.Kind.Form(), Title: c.Kind.Title(), Ward: ward.Code})
		}
	}
	plan := paper.PadPlan{Ward: chart.Ward{Code: ward.Code, Name: ward.Name}, Counts: counts, Serial: func() sheet.Serial {
		if len(todo) == 0 {
			return "" // refused by the printer
		}
		f := todo[0]
		todo = todo[1:]
		return add(f)
	}}
	return paper.Pad(w, head, plan, o)
}
