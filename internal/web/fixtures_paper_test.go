package web

import (
	"strconv"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/tray"
)

// paperGallery draws the pages about paper.
func paperGallery(add func(string, []byte, error), f Frame) {
	p := fixturePatient()
	near := around{Weight: fixtureWeight()}
	with := f
	with.Banner = newBanner(p, f, "print", near)
	forms := newFormsPage(with.titled("patient", lang.Text{DE: "Bögen drucken", EN: "Print forms"}), "k", func(k paper.Kind) string { return strconv.Itoa(len(k) % 3) })
	forms.Action = "/patient/x/forms"
	draw(add, "forms", formsPageT, forms)
	pad := newFormsPage(f.titled("ward/3A", lang.Text{DE: "Notfallblock 3A", EN: "Emergency pad 3A"}), "k", func(paper.Kind) string { return "28" })
	pad.Action, pad.Ward, pad.WardName, pad.Beds, pad.Since = "/ward/3A/pad", "3A", "Innere Medizin, Kardiologie", 28, "18.11.2026 05:36"
	draw(add, "pad", padPageT, pad)
	draw(add, "scan", scanPageT, scanPage{
		Frame: f.titled("paper", lang.Text{DE: "Papier einscannen", EN: "Scan paper"}), Types: scanTypes, Wards: []string{"3A", "3B"}, Ward: "3A", Taken: 1,
		Rows: []scanFileRow{
			{Seq: 90211, Name: "stapel.pdf", At: f.stamp(ago(time.Minute)), By: "S. Weber", New: true},
			{Seq: 90120, At: f.stamp(ago(20 * time.Minute)), By: "M. Kurz", Read: true, Pages: 12, Filed: 9, Waiting: 2, Aside: 1},
			{Seq: 90012, At: f.stamp(ago(time.Hour)), By: "M. Kurz", Read: true, Waiting: 1, Failed: lang.Text{DE: "Diese Datei ist kein Scan.", EN: "This file is no scan."}, Again: true},
		},
		Problems: []problem{{"files", lang.Text{DE: "stapel2.pdf: Die Datei ist leer.", EN: "stapel2.pdf: The file is empty."}}},
	})
	rows := []scanRow{
		{Ref: "90120-3", File: "90 120", N: 3, At: f.stamp(ago(20 * time.Minute)), Ward: "3A", Image: true, Reason: lang.Text{DE: "Auf dieser Seite ist kein Blattcode lesbar.", EN: "No sheet code can be read on this page."}},
		{Ref: "90120-4", File: "90 120", N: 4, At: f.stamp(ago(20 * time.Minute)), Ward: "3A", Form: "7K2M9 QXTE4", Again: "S. Weber: falsche Akte"},
	}
	draw(add, "scandesk", scanDeskPageT, scanDeskPage{Frame: f.titled("paper", lang.Text{DE: "Gescanntes Papier", EN: "Scanned paper"}), Rows: rows, Total: 2, Hidden: 3, Glass: "/glass", Ward: "3A"})
	one := scanOnePage{
		Frame: f.titled("paper", lang.Text{DE: "Gescannte Seite", EN: "Scanned page"}), Row: rows[0], Left: "?turn=270", Right: "?turn=90", Whys: asideReasons(),
		State: "waits", FileAs: "/desk/scan/90120-3/file?patient=", Proposed: newProposed(p, f), Asked: "müller", Key: "k",
		Problems: []problem{{"why", lang.Text{DE: "Bitte sagen, warum die Seite in keine Akte gehört.", EN: "Please say why."}}},
	}
	one.Hits, one.Total = newSearchPage(fixtureHits(), 3, chart.Query{Text: "müller"}, f).Rows, 3
	draw(add, "scanpage", scanOnePageT, one)
	one.State, one.Row.Why, one.Row.By = "aside", "leere Rückseite", "S. Weber"
	draw(add, "scanpage-aside", scanOnePageT, one)
	filing := filingPage{
		Frame: with.titled("paper", lang.Text{DE: "In die Akte legen", EN: "Put into the chart"}), Row: rows[0], Serial: "7K2M9 QXTE4", Page: "1", Key: string(p.Key),
		Action: "/desk/scan/90120-3/file", Asked: []lang.Text{{DE: "Der Code nennt einen anderen Patienten.", EN: "The code names another patient."}},
	}
	for _, k := range paper.Kinds() {
		filing.Kinds = append(filing.Kinds, kindChoice{string(k), k.Title(), k == paper.KindVitals})
	}
	draw(add, "filing", filingPageT, filing)
	sheet := newSheetView(tray.Page{Ref: "90120-1", File: 90120, N: 1, Picture: 90121, At: ago(20 * time.Minute), Filed: &tray.Filed{
		Root: "r", Patient: p.Key, Serial: "7K2M9QXTE4", Title: "Vitalwerte", Page: 1, By: clinical.Staff{Name: "S. Weber"}, At: ago(19 * time.Minute), Match: "person",
	}}, f)
	sheet.Name, sheet.Entries = "MÜLLER, Anna", 2
	page := sheetPage{
		Frame: with.titled("patient", lang.Text{DE: "Gescanntes Papier", EN: "Scanned paper"}), Sheet: sheet, Key: "k", Others: []sheetView{sheet},
		Typed: []typedView{{"/patient/x/entry/r", lang.Text{DE: "Vitalwerte", EN: "Vital signs"}, f.stamp(ago(8 * time.Hour)), "S. Weber", false}},
	}
	for _, form := range entry.Forms() {
		page.Forms = append(page.Forms, formLink{"/patient/x/write/" + form.Kind + "?sheet=r", form.Title})
	}
	draw(add, "sheet", sheetPageT, page)
	draw(add, "sheets", sheetsPageT, sheetsPage{Frame: f.titled("ward/3A", lang.Text{DE: "Papier, noch nicht übertragen", EN: "Paper not transcribed yet"}), Ward: "3A", Rows: []sheetView{sheet}})
	form := entry.FormOf("vitals")
	beside := writePage{Frame: with.titled("patient", form.Title), Form: form, Key: "k", Action: "/patient/x/write/vitals", Sheet: &sheet}
	for i, x := range form.Fields {
		beside.Groups = append(beside.Groups, inputGroup{Fields: []inputView{{Field: x, First: i == 0}}})
	}
	draw(add, "write-beside", writePageT, beside)
}
