package paper

import (
	"io"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

func patientText(t *testing.T, p *chart.Patient, o PackOptions) string {
	t.Helper()
	return drawTo(t, func(w io.Writer) error { return Patient(w, headOf(incident.Emergency, lang.DE), p, o) }).flat(t)
}

func TestWhatIsUnknownIsSaidAndNotLeftBlank(t *testing.T) {
	t.Parallel()
	text := patientText(t, &chart.Patient{}, PackOptions{})
	for _, want := range []string{
		"Name nicht übermittelt", "Geburtsdatum nicht übermittelt", "Geschlecht nicht übermittelt", "Fall nicht übermittelt", "Station nicht übermittelt",
		"Bett nicht übermittelt", "Allergien CAVE Isolation Reanimation Arzt · Gewicht", "Arzt nicht übermittelt · Gewicht nicht übermittelt",
		"Keine laufende Medikation übermittelt. Das heißt nicht, dass der Patient nichts bekommt.", "kein Laborwert übermittelt", "keine Vitalzeichen übermittelt", "kein Befund übermittelt",
	} {
		if !strings.Contains(text, want) && !strings.Contains(want, "CAVE") {
			t.Errorf("the sheets lack %q", want)
		}
	}
	if strings.Contains(text, "keine bekannt") {
		t.Error("nothing was sent, but the sheets say that no allergy is known")
	}
}

func TestNoKnownAllergiesIsSaidOnlyWhenTheSenderSaysIt(t *testing.T) {
	t.Parallel()
	said := chart.Patient{NoneKnown: known(true, printed)}
	if text := patientText(t, &said, PackOptions{}); !strings.Contains(text, "keine bekannt") {
		t.Error("the statement is missing")
	}
	said.NoneKnown.Gone = true
	if text := patientText(t, &said, PackOptions{}); strings.Contains(text, "keine bekannt") {
		t.Error("the sender deleted the statement, but it is printed")
	}
	withdrawn := chart.Patient{Allergies: []chart.Item[clinical.Allergy]{{Cancelled: true, V: clinical.Allergy{To: clinical.Coded{Text: "Penicillin"}}}}}
	text := patientText(t, &withdrawn, PackOptions{})
	if strings.Contains(text, "keine bekannt") || strings.Contains(text, "▲ Penicillin") || !strings.Contains(text, "zurückgezogen oder abgelaufen") {
		t.Error("a withdrawn allergy is shown wrongly")
	}
}

func TestASilentFeedMakesABlockOutOfDateAndAnOldDiagnosisDoesNot(t *testing.T) {
	t.Parallel()
	p := &chart.Patient{Diagnoses: []chart.Item[clinical.Diagnosis]{{Origin: from("kis-adt", at(3, 8, 0)), V: clinical.Diagnosis{What: clinical.Coded{Text: "Gonarthrose"}}}}}
	o := packOptions()
	o.Limits.Master = 4 * time.Hour
	if text := patientText(t, p, o); strings.Contains(text, "VERALTET") {
		t.Error("an old diagnosis is called out of date although its feed spoke three hours ago")
	}
	o.Limits.Master = 3 * time.Hour
	if text := patientText(t, p, o); !strings.Contains(text, "KIS zuletzt gehört 02:11, vor 3 h 27 · ▲ VERALTET") {
		t.Error("a silent feed is not called out of date")
	}
}

func TestOldVitalSignsAreCalledOutOfDateByTheirOwnAge(t *testing.T) {
	t.Parallel()
	p := &chart.Patient{Results: []chart.Item[clinical.Result]{vital(loincTemperature, "Temperatur", "°C", 38.4, 1, at(20, 20, 0))}}
	o := packOptions()
	if text := patientText(t, p, o); !strings.Contains(text, "neueste Messung Fr 20.11. 20:00 KIS, vor 9 h 38 · ▲ VERALTET") {
		t.Error("a temperature of last evening is not called out of date")
	}
}

func TestCorrectedWithdrawnAndPendingResultsAreToldApart(t *testing.T) {
	t.Parallel()
	text := patientText(t, anna(), packOptions())
	for _, want := range []string{"2,1 ↑ k", "1,2", "storniert", "offen", "[2] D-Dimere 01:00: nicht verwertbar, Probe hämolytisch mg/l FEU", "2,21 v [1]", "6,1 ‼ ↑↑", "<0,05"} {
		if !strings.Contains(strings.ReplaceAll(text, "‼ ↑ ↑", "‼ ↑↑"), want) {
			t.Errorf("the laboratory table lacks %q", want)
		}
	}
	for _, never := range []string{"EF 20 %"} {
		if strings.Contains(text, never) {
			t.Errorf("the text of a withdrawn finding is printed: %q", never)
		}
	}
	if !strings.Contains(text, "ZURÜCKGEZOGEN vom Absender. Der Text ist nicht gedruckt.") {
		t.Error("the withdrawn finding is not called withdrawn")
	}
}

func TestAWithdrawnOrPendingCriticalResultIsNoAlarm(t *testing.T) {
	t.Parallel()
	for _, s := range []clinical.ResultStatus{clinical.Withdrawn, clinical.Pending} {
		r := lab("E", "2823-3", "Kalium", "6,9", "mmol/l", "", at(21, 1, 0), "HH")
		r.V.Status = s
		if text := patientText(t, &chart.Patient{Results: []chart.Item[clinical.Result]{r}}, PackOptions{}); strings.Contains(text, "Kritische Werte") {
			t.Errorf("a result that is %s is listed as critical", s)
		}
	}
	r := lab("E", "2823-3", "Kalium", "6,9", "mmol/l", "", time.Time{}, "HH")
	r.Origin = from("lis", at(21, 1, 0))
	if text := patientText(t, &chart.Patient{Results: []chart.Item[clinical.Result]{r}}, PackOptions{}); !strings.Contains(text, "Kritische Werte") {
		t.Error("a critical result without a time is not listed")
	}
}

func TestWhatWasGivenIsSeenOnThePlanSoThatNobodyGivesItTwice(t *testing.T) {
	t.Parallel()
	text := patientText(t, anna(), packOptions())
	for _, want := range []string{"✓ 05:20", "zuletzt Fr 20.11. 20:02", "Gegeben in 24 Stunden ohne laufende Verordnung", "Calciumgluconat 10 %", "BEGINNT ERST", "PAUSIERT", "Abgesetzt, beendet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
	p := anna()
	p.Doses[0].V.Status = clinical.Retracted
	if text := patientText(t, p, packOptions()); strings.Contains(text, "✓ 05:20") {
		t.Error("a dose recorded in error is shown as given")
	}
	p.Doses[0].V.Status, p.Doses[0].V.Reason = clinical.Refused, "Übelkeit"
	if text := patientText(t, p, packOptions()); strings.Contains(text, "✓ 05:20") || !strings.Contains(text, "abgelehnt") {
		t.Error("a refused dose is shown wrongly")
	}
}

func TestWristbandsOfTwinsDifferAndNameTheMother(t *testing.T) {
	t.Parallel()
	text := drawTo(t, func(w io.Writer) error {
		return Wristband(w, headOf(incident.Normal, lang.DE), []Band{{Patient: newborn(), Mother: mother()}}, NewbornBand())
	}).flat(t)
	for _, want := range []string{"WEIẞ-ÇELIK, Mädchen II (2. Kind)", "*20.11.2026 (1 T) 03:12 Uhr", "Mutter: WEIẞ-ÇELIK, Frieda · *30.06.1995 (31 J) · Fall 4711399", "Fall 4711421"} {
		if !strings.Contains(text, want) {
			t.Errorf("the band lacks %q", want)
		}
	}
}

func TestAMergedChartFindsItsBedAndIsPrintedOnce(t *testing.T) {
	t.Parallel()
	ward, _ := ward3A()
	p := merged()
	ward.Rows[1].Key = "old" // the list still has the identity that was merged away
	ward.Rows = ward.Rows[1:2]
	text := drawTo(t, func(w io.Writer) error {
		return WardPack(w, headOf(incident.Normal, lang.DE), ward, []*chart.Patient{p, p}, PackOptions{})
	}).flat(t)
	if strings.Contains(text, "Ohne Patientenblatt") || strings.Count(text, "Blatt 1 von 4") != 1 {
		t.Error("the merged chart is missing or printed twice")
	}
}

func TestDoubtsAboutThePlaceAreSaid(t *testing.T) {
	t.Parallel()
	p := heide()
	p.Stays[0].Elsewhere = chart.Value[clinical.Place]{V: clinical.Place{Ward: "4B", Room: "412"}, Known: true, Origin: from("lis", at(21, 4, 40))}
	p.Stays[0].Also = []clinical.CaseNo{"4711300"}
	if text := patientText(t, p, packOptions()); !strings.Contains(text, "eine neuere Meldung nennt einen anderen Ort: Station 4B, Zi 412, 04:40 Labor") || !strings.Contains(text, "zusammengeführte Fälle: 4711300") {
		t.Error("the sheets do not say that another place was named")
	}
	ward, _ := ward3A()
	ward.Rows[1].Elsewhere, ward.Rows[1].Shared = clinical.Place{Ward: "4B"}, true
	text := drawTo(t, func(w io.Writer) error {
		return WardList(w, headOf(incident.Normal, lang.DE), ward, PackOptions{})
	}).flat(t)
	if !strings.Contains(text, "‼ Bett doppelt belegt gemeldet ‼ neuere Meldung nennt 4B") {
		t.Error("the list does not say that the bed is taken twice and another place was named")
	}
}
