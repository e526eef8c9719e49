package web

import (
	"testing"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// estateGallery draws the pages of the estate, of the template and of an estate
// with everything wrong that a page can say.
func estateGallery(t testing.TB, add func(string, []byte, error), f Frame) {
	t.Helper()
	tables, err := estate.Template()
	if err != nil {
		t.Fatal(err)
	}
	before := estate.New(*tables)
	broken := *tables
	broken.Systems = append([]estate.System{{ID: "neu", Name: lang.Text{DE: "Ein System ohne alles"}}}, broken.Systems[3:]...)
	broken.Dependencies = append([]estate.Dependency{{System: "virtualisierung", On: "ad", Kind: estate.Needs}}, broken.Dependencies...)
	broken.Contacts = append([]estate.Contact{{ID: "x", Name: "Nur per Mail", CalledBy: "y", Ways: []estate.Way{{Kind: estate.Mail, Value: "x@klinik.example"}}}}, broken.Contacts...)
	after := estate.New(broken)
	today := estate.Date{Year: 2026, Month: time.November, Day: 22}
	states := map[string]incident.State{"kis": incident.Down, "lis": incident.Degraded}
	of := func(tab string) estateFrame {
		return estateFrame{Frame: f.titled("estate", lang.Text{DE: "Systeme", EN: "Systems"}), Tab: tab, May: true, Version: 88123, By: "R. Vogel", When: f.stamp(ago(time.Hour))}
	}
	found := after.Check(today)
	draw(add, "estate", estatePageT, newEstatePage(after, of("systems"), estateLook{sort: "stops"}, states, found))
	draw(add, "estate-none", estatePageT, newEstatePage(estate.New(estate.Tables{}), of("systems"), estateLook{}, states, nil))
	for _, id := range []string{"kis", "strom", "pacs"} {
		sys, _ := before.System(id)
		draw(add, "estatesystem-"+id, estateSystemPageT, newEstateSystemPage(before, sys, of("systems"), states, before.Check(today)))
		draw(add, "estatestops-"+id, estateStopsPageT, newEstateStopsPage(before, sys, of("map")))
	}
	lonely, _ := after.System("neu")
	draw(add, "estatesystem-neu", estateSystemPageT, newEstateSystemPage(after, lonely, of("systems"), states, found))
	draw(add, "estatemap", estateMapPageT, newEstateMapPage(before, of("map"), ""))
	draw(add, "estatemap-kis", estateMapPageT, newEstateMapPage(before, of("map"), "kis"))
	draw(add, "estateorder", estateOrderPageT, newEstateOrderPage(after, of("order")))
	draw(add, "estatechecks", estateChecksPageT, newEstateChecksPage(of("checks"), found))
	draw(add, "estatechecks-none", estateChecksPageT, newEstateChecksPage(of("checks"), nil))
	draw(add, "estatecontacts", estateContactsPageT, newEstateContactsPage(after, of("contacts"), ""))
	draw(add, "estateoptions", estateOptionsPageT, newEstateOptionsPage(before, of("options"), today))
	contracts, _ := estate.TableOf("contracts")
	draw(add, "estatetable", estateTablePageT, estateTablePage{of("tables/contracts"), newListView(before, contracts, f.Lang, true, func([]string) bool { return true })})
	systems, _ := estate.TableOf("systems")
	cells, _ := before.Row(systems, "kis")
	_, wrong := before.Edit(systems, "kis", map[string]string{"rto": "4", "owner": "wer"})
	row := newEstateRowPage(before, systems, of("systems"), "kis", cells, nil, wrong)
	row.Key, row.Seen = "k", 88123
	draw(add, "estaterow", estateRowPageT, row)
	in := estate.Read([]estate.File{{Name: "systeme.csv", Data: []byte("Name;RTO;Farbe\nKIS;4;rot\n;;\nKIS;;\n")}}, tables)
	draw(add, "estateimport", estateImportPageT, newEstateImportPage(before, of("import"), in, []problem{{"files", tooMuchEstate}}))
	preview := newEstatePreviewPage(before, after, of("import"), today)
	preview.ID, preview.Key, preview.Source, preview.Files = "p", "k", sourceWord(estate.FromFiles, 0), "systeme.xlsx"
	draw(add, "estatepreview", estatePreviewPageT, preview)
	draw(add, "estateversions", estateVersionsPageT, newEstateVersionsPage(of("versions"), []estate.Version{
		{Seq: 88123, By: estate.Act{Person: "it", Name: "R. Vogel", At: ago(time.Hour), Why: "Vertrag verlängert"}, Source: estate.FromScreen, Changed: 1},
		{Seq: 80001, By: estate.Act{Person: "it", Name: "R. Vogel", At: ago(50 * time.Hour)}, Source: estate.FromTemplate, Added: 300},
	}, lang.Text{DE: "Jemand war schneller.", EN: "Somebody was faster."}))
}
