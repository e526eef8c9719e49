package testkit_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/testkit"
)

// TestTheEstateIsImportedReadAndCorrected walks the way of the head of IT: the
// template, a spreadsheet with mistakes, the same one mended, a single value, a
// colleague who was faster, and back to an earlier version.
func TestTheEstateIsImportedReadAndCorrected(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	it := h.As("it")
	it.Page("/estate").Answers(200).Sees("noch keine Systeme hinterlegt")
	preview := it.Page("/estate/import").Submit("/estate/template").Answers(200)
	preview.Sees("Was sich ändert", "neu", "Verzeichnisdienst", "übernehmen als R. Vogel")
	it.Page("/estate").Sees("noch keine Systeme hinterlegt") // nothing was stored
	versions := preview.Submit("/estate/accept", "why", "Grundlage").Answers(200).Sees("Vorlage", "R. Vogel", "Grundlage")
	it.Page("/estate").Answers(200).Sees("73 von 73", "Leitung Technik").NotSees("Kein System")
	preview.Submit("/estate/accept", "why", "Grundlage").Answers(200) // sent twice is once
	if n := versions.Count("tbody tr"); n != 1 {
		t.Errorf("%d versions", n)
	}

	team := h.As("krisenstab")
	team.Page("/estate/system/kis").Answers(200).Sees("Datenbankserver", "Papierkurve", "0171 39200 07", "Wartung KIS", "K-100234", "MTD")
	team.Page("/estate/stops/ad").Answers(200).Sees("Was steht still ohne Verzeichnisdienst", "KIS", "Notfallkonten", "Es springt ein: Fax")
	team.Page("/estate/stops/strom").Sees("Springt ein, solange es selbst läuft", "Netzersatzanlage")
	team.Page("/estate/map?of=kis").Answers(200).Sees("Karte der Abhängigkeiten: KIS", "Virtualisierung: wird gebraucht", "OP-Planung: steht still")
	team.Page("/estate/order").Answers(200).Sees("Stufe 1", "Stromversorgung", "Stufe 9")
	team.Page("/estate/checks").Answers(200).Sees("Mit Kernnetz stehen", "Jede Sicherung von PACS kann aus dem Netz gelöscht werden").NotSees("Widersprüche")
	team.Page("/estate/options").Answers(200).Sees("Cloud mit C5 Typ 2", "18.000 €", "Es gibt kein C5-Testat", "außerhalb des EWR")
	team.Page("/estate/contacts").Answers(200).Sees("Telefonkette", "Pforte", "Bereitschaft KIS-Hersteller")
	if sheet := team.Page("/estate/phonetree.pdf").Answers(200); !bytes.HasPrefix(sheet.Body, []byte("%PDF-")) {
		t.Errorf("phone tree is %.20q", sheet.Body)
	}
	h.As("pflege").Page("/estate").Answers(403)
	h.As("revision").Page("/estate/contacts").Answers(403)

	bad := []testkit.Upload{{Name: "Verträge.csv", Body: []byte("Name;Systeme;Endet am\nWartung KIS;KSI;morgen\n")}}
	it.Upload("/estate/import", "files", bad).Answers(422).Sees("2 Fehler", "Verträge.csv, Zeile 2, Spalte Systeme", "Gemeint ist vielleicht „kis“", "Spalte Endet am")
	good := []testkit.Upload{{Name: "Verträge.csv", Body: []byte("Kennung;Name;Systeme;Endet am\nv-kis;Wartung KIS;KIS;31.12.2030\nv-neu;Neuer Vertrag;LIS, Labor;\n")}}
	mended := it.Upload("/estate/import", "files", good).Answers(200)
	mended.Sees("1 neu", "1 geändert", "5 fallen weg", "2030", "Neuer Vertrag")
	team.Page("/estate/tables/spares/row?row=lte").Submit("/estate/tables/spares/row?row=lte", "act", "save", "count", "5", "why", "zwei dazu").Answers(200).Sees("LTE-Router", "5")
	stale := mended.Submit("/estate/accept").Answers(409).Sees("hat sich inzwischen geändert")
	stale.Submit("/estate/accept").Answers(200).Sees("eingelesen", "am Bildschirm")
	it.Page("/estate/tables/contracts").Sees("Neuer Vertrag", "31.12.2030").NotSees("Wartung Netzersatzanlage")

	mine, theirs := it.Page("/estate/tables/systems/row?row=kis"), team.Page("/estate/tables/systems/row?row=kis")
	mine.Submit("/estate/tables/systems/row?row=kis", "act", "save", "rto", "zwei").Answers(422).Sees("RTO: Eine Zeit mit Einheit", "Papierkurve")
	mine.Submit("/estate/tables/systems/row?row=kis", "act", "save", "rto", "1 h").Answers(200).Sees("1 h", "KIS kann nicht in 1 h wieder laufen")
	mine.Submit("/estate/tables/systems/row?row=kis", "act", "save", "rto", "1 h").Answers(200).Sees("KIS kann nicht in 1 h")
	theirs.Submit("/estate/tables/systems/row?row=kis", "act", "save", "rto", "3 h").Answers(409).Sees("Jemand war schneller: R. Vogel")
	mine.Submit("/estate/tables/systems/row?row=kis", "act", "remove").Answers(409).Sees("Das wird noch genannt in")
	it.Page("/estate/tables/systems/row?row=ad").Submit("/estate/tables/systems/row?row=ad", "act", "remove").Answers(409).Sees("Das wird noch genannt in", "Abhängigkeiten")

	all := it.Page("/estate/versions").Answers(200)
	kept := h.Hub.Estate.Versions()
	if n := all.Count("tbody tr"); n != 4 || len(kept) != 4 {
		t.Fatalf("%d versions", n)
	}
	first := strconv.FormatUint(kept[3].Seq, 10)
	all.Submit("/estate/restore", "version", first).Answers(200).Sees("zurück auf Stand " + first)
	it.Page("/estate/tables/contracts").Sees("Wartung Netzersatzanlage").NotSees("Neuer Vertrag")
	h.Restart()
	it.Page("/estate/tables/contracts").Sees("Wartung Netzersatzanlage")
	it.Page("/estate/system/kis").Sees("4 h").NotSees("kann nicht in 1 h")

	out := it.Page("/estate/export/estate.xlsx").Answers(200)
	in := estate.Read([]estate.File{{Name: "estate.xlsx", Data: out.Body}}, &estate.Tables{})
	now, _ := h.Hub.Estate.Current()
	if d := estate.Diff(&now.Tables, &in.Tables); len(in.Mistakes)+len(d) > 0 {
		t.Errorf("the workbook differs: %v %v", in.Mistakes, d)
	}
	if yaml := it.Page("/estate/export/template.yaml").Answers(200); !strings.Contains(string(yaml.Body), "Kreißsaalsystem") {
		t.Errorf("template: %.80s", yaml.Body)
	}
	if e, _ := h.Hub.Estate.Current(); e.Map("", lang.DE).Left != 0 {
		t.Error("not all systems are drawn")
	}
	h.Check()
}
