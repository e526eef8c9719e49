package tray

import (
	"context"
	"errors"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// machine signs what the code on a sheet decided.
var machine = clinical.Staff{ID: "scan", Name: "Scan-Eingang"}

// fileAll files the pages that are clear and says of the others why they wait.
func (t *Tray) fileAll(ctx context.Context, r *reading) (err error) {
	waiting, cancel := context.WithTimeout(ctx, forCharts)
	_ = t.charts.Wait(waiting, r.File) // late charts only make a page wait for a person
	cancel()
	v, err := t.charts.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	for i := range r.Pages {
		p := &r.Pages[i]
		if p.Reason != nil {
			continue
		}
		if err := t.fileOne(ctx, v, p); err != nil {
			return err
		}
	}
	return nil
}

// fileOne files a page by its code, or notes why it waits.
func (t *Tray) fileOne(ctx context.Context, v *chart.View, p *Page) error {
	f, why, err := t.place(ctx, v, p)
	if err != nil {
		return err
	}
	if why == nil {
		_, err := t.enter(ctx, p, f)
		if st, ok := f.Patient.Current(); ok && p.Ward == "" {
			p.Ward = st.Now.V.Ward
		}
		if fault.KindOf(err) == fault.Conflict && err != nil {
			return nil // a person was faster, or it was filed before the hub stopped
		}
		return err
	}
	p.Reason = why
	return nil
}

func say(de, en string) *lang.Text { return &lang.Text{DE: de, EN: en} }

// place finds out whose the page is. It returns why a person must say so
// instead: where the code, the register of printed forms, a label or an earlier
// scan leave a doubt.
func (t *Tray) place(ctx context.Context, v *chart.View, p *Page) (Filing, *lang.Text, error) {
	code, ok := p.Code()
	if !ok {
		return Filing{}, say("Auf dieser Seite ist kein Blattcode lesbar.", "No sheet code can be read on this page."), nil
	}
	f := Filing{Serial: code.Serial, Page: code.Page, Kind: string(code.Form), Title: titleOf(code.Form), By: machine, match: "code"}
	form, known := t.Form(code.Serial)
	if p.Ward == "" {
		p.Ward = code.Ward
	}
	switch {
	case code.Form == sheet.FormList:
		return f, say("Das ist eine Stationsliste. Sie gehört in keine Akte.", "This is a ward list. It belongs to no chart."), nil
	case code.Serial != "" && !known:
		return f, say("Diese Bogennummer ist hier nicht gedruckt worden. Bitte von Hand zuordnen.", "This sheet number was not printed here. Please file the page by hand."), nil
	case known && (form.Code != code.Form || form.Case != code.Case || code.Case == "" && form.Patient != code.Key):
		return f, say("Der Blattcode stimmt nicht mit dem gedruckten Bogen überein. Bitte von Hand zuordnen.", "The code differs from the form that was printed. Please file the page by hand."), nil
	case form.Exercise:
		return f, say("Dieser Bogen wurde in einer Übung gedruckt. Er gehört in keine Akte.", "This form was printed in an exercise. It belongs to no chart."), nil
	case form.Kind == PadCover:
		return f, say("Das ist das Deckblatt eines Notfallblocks. Es gehört in keine Akte.", "This is the cover of an emergency pad. It belongs to no chart."), nil
	case known:
		f.Kind, f.Title = form.Kind, form.Title.DE
		if p.Ward == "" {
			p.Ward = form.Ward
		}
	}
	pat, why, err := t.whose(ctx, v, code)
	if why != nil || err != nil {
		return f, why, err
	}
	for _, l := range p.Labelled() {
		on, why, err := t.named(ctx, v, l)
		if err != nil {
			return f, nil, err
		}
		if why != nil || on.Key != pat.Key {
			return f, say("Auf dem Bogen klebt das Etikett eines anderen Patienten. Bitte von Hand zuordnen.", "The label of another patient is stuck on the sheet. Please file the page by hand."), nil
		}
	}
	f.Patient, f.Case = pat, code.Case
	t.now.RLock()
	same := t.now.Fold.same(p)
	t.now.RUnlock()
	if same != nil {
		return f, say("Dieselbe Seite ist schon gescannt und liegt in der Akte.", "This very page was scanned already and is in the chart."), nil
	}
	return f, nil, nil
}

// whose resolves the subject of a sheet: what its code names, or, for a form
// that was printed without a patient, whom a person gave it to.
func (t *Tray) whose(ctx context.Context, v *chart.View, code sheet.Code) (*chart.Patient, *lang.Text, error) {
	if code.Case != "" || code.Key != "" {
		return t.named(ctx, v, code)
	}
	t.now.RLock()
	bound, ok := t.now.Fold.bound(code.Serial)
	t.now.RUnlock()
	if code.Serial == "" || !ok {
		return nil, say("Dieser Bogen wurde ohne Patient gedruckt. Bitte zuordnen.", "This form was printed without a patient. Please file it."), nil
	}
	p, err := v.Patient(ctx, bound.Patient, chart.Head())
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, say("Der Patient dieses Bogens ist hier nicht mehr bekannt.", "The patient of this form is not known here any more."), nil
	}
	return p, nil, err
}

// named returns the patient whom a code names.
func (t *Tray) named(ctx context.Context, v *chart.View, code sheet.Code) (*chart.Patient, *lang.Text, error) {
	key := code.Key
	var err error
	if code.Case != "" {
		key, err = v.Owner(ctx, code.Case)
	}
	var p *chart.Patient
	if err == nil {
		p, err = v.Patient(ctx, key, chart.Head())
	}
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, say("Der Fall auf diesem Bogen ist hier nicht bekannt. Bitte von Hand zuordnen.", "The case on this sheet is not known here. Please file the page by hand."), nil
	}
	return p, nil, err
}

// Says returns the patient whom the code or a label on the page names, for a
// person to judge; false where none or several do.
func (t *Tray) Says(ctx context.Context, v *chart.View, p *Page) (clinical.PatientKey, bool, error) {
	codes := p.Labelled()
	for _, s := range p.Sheets {
		if c, err := sheet.Parse(s); err == nil {
			codes = append(codes, c)
		}
	}
	var found clinical.PatientKey
	for _, c := range codes {
		if c.Case == "" && c.Key == "" {
			continue
		}
		pat, why, err := t.named(ctx, v, c)
		if err != nil {
			return "", false, err
		}
		if why != nil {
			continue
		}
		if found != "" && found != pat.Key {
			return "", false, nil
		}
		found = pat.Key
	}
	return found, found != "", nil
}

// titleOf names the sheets that carry no serial.
func titleOf(f sheet.Form) string {
	switch f {
	case sheet.FormOverview:
		return "Patientenblatt"
	case sheet.FormMedication:
		return "Medikationsplan"
	case sheet.FormResults:
		return "Befundblatt"
	case sheet.FormBlank:
		return "Blatt zum Schreiben"
	case sheet.FormCurve:
		return "Fieberkurve"
	case sheet.FormVitals:
		return "Vitalwerte"
	case sheet.FormRequest:
		return "Anforderung"
	case sheet.FormFinding:
		return "Befund"
	case sheet.FormAdmission:
		return "Aufnahme"
	case sheet.FormProgress:
		return "Verlauf"
	case sheet.FormList, sheet.FormWristband, sheet.FormLabel:
	}
	return entryTitle
}

const entryTitle = "Gescanntes Papier"
