package web

import (
	"strings"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// readPages are the pages of recorded reads as auditors read them. A name that
// ends with a slash stands for all below it that have no word of their own.
var readPages = []struct {
	page string
	word lang.Text
}{
	{"ward", lang.Text{DE: "Stationsliste", EN: "Ward list"}},
	{"ward/sheets", lang.Text{DE: "Papier der Station", EN: "Paper of the ward"}},
	{"ward/round", lang.Text{DE: "Runde", EN: "Round"}},
	{"ward/orders", lang.Text{DE: "Anforderungen der Station", EN: "Orders of the ward"}},
	{"ward/handover", lang.Text{DE: "Übergabe", EN: "Handover"}},
	{"doses", lang.Text{DE: "Gaben der Station", EN: "Doses of the ward"}},
	{"drafts", lang.Text{DE: "Entwürfe", EN: "Drafts"}},
	{"search", lang.Text{DE: "Suche", EN: "Search"}},
	{"chart/overview", lang.Text{DE: "Akte: Übersicht", EN: "Chart: overview"}},
	{"chart/curve", lang.Text{DE: "Akte: Kurve", EN: "Chart: curve"}},
	{"chart/medication", lang.Text{DE: "Akte: Medikation", EN: "Chart: medication"}},
	{"chart/lab", lang.Text{DE: "Akte: Labor", EN: "Chart: laboratory"}},
	{"chart/findings", lang.Text{DE: "Akte: Befunde", EN: "Chart: findings"}},
	{"chart/finding", lang.Text{DE: "Akte: Befund", EN: "Chart: finding"}},
	{"chart/document", lang.Text{DE: "Akte: Dokument", EN: "Chart: document"}},
	{"chart/orders", lang.Text{DE: "Akte: Anforderungen", EN: "Chart: orders"}},
	{"chart/appointments", lang.Text{DE: "Akte: Termine", EN: "Chart: appointments"}},
	{"chart/course", lang.Text{DE: "Akte: Verlauf", EN: "Chart: course"}},
	{"chart/sources", lang.Text{DE: "Akte: Quellen", EN: "Chart: sources"}},
	{"chart/sheet", lang.Text{DE: "Akte: Bogen", EN: "Chart: form on paper"}},
	{"chart/sheet/picture", lang.Text{DE: "Akte: Bild eines Bogens", EN: "Chart: picture of a form"}},
	{"write/", lang.Text{DE: "Eintragen", EN: "Recording"}},
	{"move/", lang.Text{DE: "Verlegen, zusammenführen", EN: "Moving, merging"}},
	{"desk/lab", lang.Text{DE: "Laborplatz", EN: "Laboratory desk"}},
	{"desk/findings", lang.Text{DE: "Befundplatz", EN: "Findings desk"}},
	{"desk/pharmacy", lang.Text{DE: "Apotheke", EN: "Pharmacy"}},
	{"desk/critical", lang.Text{DE: "Kritische Werte", EN: "Critical values"}},
	{"desk/scan", lang.Text{DE: "Papier ohne Zuordnung", EN: "Paper not yet filed"}},
	{"desk/scan/", lang.Text{DE: "Gescannte Seite", EN: "Scanned page"}},
	{"print/ward", lang.Text{DE: "Druck: Stationsmappe", EN: "Print: ward folder"}},
	{"print/ward-results", lang.Text{DE: "Druck: Befundliste", EN: "Print: list of results"}},
	{"print/house", lang.Text{DE: "Druck: Hausmappe", EN: "Print: house folder"}},
	{"print/patient", lang.Text{DE: "Druck: Patientenblätter", EN: "Print: patient sheets"}},
	{"print/pack", lang.Text{DE: "Druck: Mappe von selbst", EN: "Print: folder by itself"}},
	{"print/bands", lang.Text{DE: "Druck: Armbänder", EN: "Print: wristbands"}},
	{"print/specimens", lang.Text{DE: "Druck: Probenetiketten", EN: "Print: specimen labels"}},
	{"print/forms", lang.Text{DE: "Druck: Bögen", EN: "Print: forms"}},
	{"print/evacuation", lang.Text{DE: "Druck: Evakuierungsliste", EN: "Print: evacuation list"}},
	{"print/", lang.Text{DE: "Druck", EN: "Print"}},
	{"harm", lang.Text{DE: "Ausfallfolgen", EN: "Consequences of the outage"}},
	{"harm/csv", lang.Text{DE: "Ausfallfolgen: Tabelle", EN: "Consequences of the outage: table"}},
	{"events", lang.Text{DE: "Ereignismeldungen", EN: "Event reports"}},
	{"export", lang.Text{DE: "Ausfuhr", EN: "Export"}},
	{"raw", lang.Text{DE: "Nachricht im Wortlaut", EN: "Message as sent"}},
	{"audit", lang.Text{DE: "Zugriffe", EN: "Access log"}},
	{"review", lang.Text{DE: "Auswertung der Zugriffe", EN: "Access review"}},
	{"review/", lang.Text{DE: "Auswertung der Zugriffe", EN: "Access review"}},
	{"evidence/list", lang.Text{DE: "Beweise: Liste", EN: "Evidence: list"}},
	{"evidence/item", lang.Text{DE: "Beweise: Beweisstück", EN: "Evidence: item"}},
	{"evidence/file", lang.Text{DE: "Beweise: Datei", EN: "Evidence: file"}},
	{"evidence/package", lang.Text{DE: "Beweise: Paket", EN: "Evidence: package"}},
	{"evidence/holds", lang.Text{DE: "Sperrvermerke", EN: "Legal holds"}},
	{"print/evidence", lang.Text{DE: "Druck: Beweise", EN: "Print: evidence"}},
	{"evidence/", lang.Text{DE: "Beweise", EN: "Evidence"}},
	{"handback", lang.Text{DE: "Rückgabe", EN: "Hand-back"}},
	{"handback/", lang.Text{DE: "Rückgabe", EN: "Hand-back"}},
}

// pageWord is the word for the page of a read. A page without a word keeps the
// name under which it is recorded, so that nothing recorded is hidden.
func pageWord(page string) lang.Text {
	word, long := lang.Text{DE: page, EN: page}, 0
	for _, r := range readPages {
		fits := r.page == page || strings.HasSuffix(r.page, "/") && strings.HasPrefix(page, r.page)
		if fits && len(r.page) > long {
			word, long = r.word, len(r.page)
		}
	}
	return word
}

// readMode is the word for the mode in which the house was at a read.
func readMode(mode string) lang.Text {
	switch incident.ModeKind(mode) {
	case incident.Emergency:
		return lang.Text{DE: "Notbetrieb", EN: "emergency"}
	case incident.Exercise:
		return lang.Text{DE: "Übung", EN: "exercise"}
	case incident.Normal:
		return lang.Text{DE: "normal", EN: "normal"}
	}
	return lang.Text{DE: mode, EN: mode}
}
