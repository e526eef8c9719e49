package web

import (
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
)

// fixtureBeds is a choice of places with a free, a taken and no bed.
func fixtureBeds() *bedPicker {
	return &bedPicker{
		Label: lang.Text{DE: "Wohin", EN: "Where to"}, Ward: "3A",
		Wards: []wardChoice{{Code: "ZNA", Name: "Notaufnahme", Free: 3}, {Code: "3A", Name: "Innere Medizin, Kardiologie", Free: 4, Here: true}},
		Beds: []bedChoice{
			{ID: "bed-0", Value: "3A · 302 · F", Label: "302 F", Chosen: true}, {ID: "bed-1", Value: "3A · 305 · F", Label: "305 F", Taken: true},
			{ID: "bed-2", Value: "3A"},
		},
	}
}

// admissionGallery draws the pages of the admission.
func admissionGallery(add func(string, []byte, error), f Frame) {
	s := &Server{}
	v := &visit{now: theNow}
	hits := newSearchPage(fixtureHits(), 3, chart.Query{Text: "müler"}, f).Rows
	draw(add, "desk", deskPageT, deskPage{
		Frame: f.titled("admission", lang.Text{DE: "Aufnahme", EN: "Admission"}), Text: "Müller 03.04.1951", Asked: true, Rows: hits, Total: len(hits),
		Card: "MÜLLER, Anna *03.04.1951 · Kasse am Ort · X110411675", Warn: lang.Text{DE: "Die Prüfziffer passt nicht.", EN: "The check digit does not fit."},
		New: []carriedField{{"family", "Müller"}},
	})
	draw(add, "desk-shut", deskPageT, deskPage{Frame: f.titled("admission", lang.Text{DE: "Aufnahme", EN: "Admission"}), Shut: true, Closed: lang.Text{DE: "Es ist kein Ausfall erklärt.", EN: "No outage is declared."}})
	a := &admission{form: entry.New, same: hits, w: writeForm{key: "k", typed: map[string]string{"family": "Müller", "given": "Anna", "birth": "03.04.2951", "kvnr": "X110411676"}}}
	p := s.admitView(v, f, a, []entry.Mistake{
		{Field: "birth", Say: lang.Text{DE: "Das Geburtsdatum liegt in der Zukunft.", EN: "The birth date lies in the future."}},
		{Field: "kvnr", Sure: "kvnr=X", Say: lang.Text{DE: "Die Prüfziffer der Versichertennummer passt nicht.", EN: "The check digit does not fit."}},
		{Field: "same", Sure: "other", Say: lang.Text{DE: "Unter diesem Namen ist schon jemand bekannt.", EN: "Somebody of this name is known already."}},
	})
	p.Frame, p.Action, p.Beds = f.titled("admission", entry.New.Title), "/admission/admit-new", fixtureBeds()
	draw(add, "admit", admitPageT, p)
	patient := fixturePatient()
	in := f
	in.Banner = newBanner(patient, f, "write", around{Weight: fixtureWeight()})
	a = &admission{form: entry.Depart, w: writeForm{key: "k", typed: map[string]string{"disposition": "01"}}}
	p = s.admitView(v, in, a, nil)
	p.Frame, p.Action = in.titled("patient", entry.Depart.Title), "/patient/x/move/discharge"
	p.Confirm = []shownField{{Label: lang.Text{DE: "Entlassungsart", EN: "Disposition"}, Text: "regulär beendet"}}
	draw(add, "discharge", admitPageT, p)
	a = &admission{form: entry.Move, w: writeForm{key: "k", root: "r", typed: map[string]string{}}}
	p = s.admitView(v, in, a, nil)
	p.Frame, p.Action, p.Beds = in.titled("patient", entry.Move.Title), "/patient/x/move/transfer", fixtureBeds()
	draw(add, "transfer", admitPageT, p)
	row := admittedRow{Key: patient.Key, Root: "r", Name: "UNBEKANNT, Fall NF00471103", Birth: "??.??.1986", Age: "ca. 40 J", Sex: "m", Number: "NP00815003", Case: "NF00471103", Place: "ZNA", Triage: "rot – sofort", Unnamed: true, N: 1}
	draw(add, "admitted", admittedPageT, admittedPage{Frame: f.titled("admission", lang.Text{DE: "Eingetragen", EN: "Recorded"}), What: entry.Unidentified.Title, Row: row, Prints: true, Begins: true, Twin: "/admission/newborn?mother=x&order=2", By: "M. Kurz", When: f.stamp(ago(time.Minute))})
	sex, _ := entry.Unidentified.Field("sex")
	gone := row
	gone.Gone, gone.N = true, 2
	draw(add, "mass", massPageT, massPage{
		Frame: f.titled("admission", lang.Text{DE: "Viele auf einmal aufnehmen", EN: "Admit many at once"}), Action: "/admission/mass/x", Next: 2, Count: 2, Rows: []admittedRow{gone, row},
		Wards: fixtureBeds().Wards, Triages: entry.Triages, Sexes: sex.Options, Typed: map[string]string{"count": "1"}, Most: mostAtOnce,
	})
	draw(add, "swap", swapPageT, swapPage{Frame: in.titled("patient", lang.Text{DE: "Betten tauschen", EN: "Swap beds"}), Key: "k", Action: "/patient/x/swap", Place: "3A · Zi 301 F", Mine: "3A · 301 · F",
		Others: []swapChoice{{ID: "with-0", Value: "y 3A · 302 · F", Name: "YILDIRIM, Ayşe", Birth: "30.01.1968", Place: "3A · Zi 302 T"}}})
	draw(add, "same", samePageT, samePage{Frame: in.titled("patient", entry.Same.Title), Search: "/patient/x/same", Action: "/patient/x/joined", Key: "k", Rows: hits, Asked: "Müller", How: "Ausweis"})
	draw(add, "same-sure", samePageT, samePage{Frame: in.titled("patient", entry.Same.Title), Search: "/patient/x/same", Action: "/patient/x/joined", Key: "k", Rows: hits, Chosen: &hits[0], Asked: "Müller", How: "Ausweis"})
	draw(add, "writing", writingPageT, writingPage{Frame: in.titled("patient", lang.Text{DE: "Eintragen", EN: "Record"}), Forms: []formLink{{"/x", entry.Person.Title}}, Moves: []formLink{{"/y", entry.Move.Title}, {"/z", entry.Depart.Title}}})
}

func TestAdmissionTemplatesFitTheirTypes(t *testing.T) {
	t.Parallel()
	fits(t, deskPageT)
	fits(t, admitPageT)
	fits(t, admittedPageT)
	fits(t, massPageT)
	fits(t, swapPageT)
	fits(t, samePageT)
}

func TestANameIsTakenOutOfWhatWasTyped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Müller, Anna 03.04.1951": "birth=03.04.1951&family=M%C3%BCller&given=Anna",
		"Müller Anna *03.04.1951": "birth=03.04.1951&family=M%C3%BCller&given=Anna",
		"von der Heide, Karl":     "family=von+der+Heide&given=Karl",
		"4711001":                 "",
		"Müller":                  "family=M%C3%BCller",
	} {
		if got := nameFields(text).Encode(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
