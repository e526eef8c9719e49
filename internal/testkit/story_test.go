package testkit_test

import (
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/testkit"
)

func TestResultReachesTheWardThatHasThePatientNow(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	h.As("pflege").Page("/ward/3A").In("tr[data-case=26047110]").Sees("Müller", "301 F", "14.03.1958")
	h.Receive("kis", "a02_mueller_to_3B.hl7")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	h.As("pflege").Page("/ward/3B").In("tr[data-case=26047110]").Sees("Müller", "311 T", "Kalium 6,1", "kritisch", "Amoxicillin")
	h.As("pflege").Page("/ward/3A").NotSees("Müller", "6,1")
	h.As("pflege").Page("/").In("tr.link").Sees("3B")
}

func TestTwinsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_twin_lea_3A.hl7", "a01_twin_mia_3A.hl7")
	h.Receive("lis", "r01_twin_mia_by_number_only.hl7")
	h.Declare("kis")
	ward := h.As("pflege").Page("/ward/3A")
	lea, mia := ward.In("tr[data-case=26052201]"), ward.In("tr[data-case=26052202]")
	mia.Sees("Mia", "Kalium 2,4", "Namensgleich")
	lea.Sees("Lea", "Namensgleich").NotSees("2,4")
	h.As("pflege").Page(chartOf(ward, "26052201")+"/lab").Sees("Lea", "nicht übermittelt").NotSees("2,4")
	h.As("pflege").Page(chartOf(ward, "26052202")+"/lab").Sees("Mia", "2,4", "Namensgleich")
}

func TestTwoPeopleOfOneNameOnOneWardAreMarked(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_schmidt_1949_3A.hl7")
	h.Declare("kis")
	h.As("pflege").Page("/ward/3A").In("tr[data-case=26060001]").NotSees("Namensgleich")
	h.Receive("kis", "a01_schmidt_1971_3A.hl7")
	ward := h.As("pflege").Page("/ward/3A")
	ward.In("tr[data-case=26060001]").Sees("Namensgleich", "22.02.1949")
	ward.In("tr[data-case=26060002]").Sees("Namensgleich", "30.11.1971")
	h.As("pflege").Page(chartOf(ward, "26060001")).In(".notices").Sees("Namensgleich", "Geburtsdatum und Fallnummer vergleichen")
}

func TestTheKISIsDownAndTheChartStaysReadable(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) { c.Web.Session.Idle = 12 * time.Hour })
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	h.Declare("kis")
	feed := func() *testkit.Page { return h.As("arzt").Page("/ward/3A").In("#feeds") }
	feed().Sees("KIS", "Labor").NotSees("veraltet bald", "still")
	h.Pass(20 * time.Minute)
	feed().In(".amber").Sees("KIS", "veraltet bald")
	h.Pass(2 * time.Hour)
	feed().In(".red").Sees("KIS", "still")
	page := h.As("arzt").Page("/ward/3A")
	page.In(".asof").Sees("Stand der Daten", "10:00", "2 h")
	chart := h.As("arzt").Page(chartOf(page, "26047110"))
	chart.In("#modeline").Sees("Notbetrieb", "KIS", "Stand der Daten")
	chart.In(".banner").Sees("Müller, Jürgen", "14.03.1958", "26047110", "Amoxicillin")
	chart.Sees("Kalium", "6,1")
}

func TestAMergeShowsTheResultsOfBothAndIsUndone(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_gross_old_number_3A.hl7", "a04_gross_second_number_outpatient.hl7")
	h.Receive("lis", "r01_gross_first_number_sodium_128.hl7", "r01_gross_second_number_hb_7_9.hl7")
	h.Declare("kis")
	key := chartOf(h.As("arzt").Page("/ward/3A"), "26070001")
	h.As("arzt").Page(key+"/lab").Sees("Natrium", "128").NotSees("Hämoglobin")
	h.Receive("kis", "a40_gross_merged.hl7")
	h.As("arzt").Page(key+"/lab").Sees("Natrium", "128", "Hämoglobin", "7,9", "zusammengeführte Patientennummer", "10070002")
	h.As("arzt").Page("/search?q=10070002").Sees("Großmann, Ännchen")
	h.Receive("kis", "a37_gross_taken_apart.hl7")
	h.As("arzt").Page(key+"/lab").Sees("Natrium", "128").NotSees("Hämoglobin", "7,9", "10070002")
	h.As("arzt").Page("/search?q=10070002").In(".banner").Sees("Grossmann, Aennchen").NotSees("Großmann")
}

func TestACancelledDischargePutsThePatientBack(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "a02_mueller_to_3B.hl7")
	h.Declare("kis")
	h.Receive("kis", "a03_mueller_discharged.hl7")
	h.As("pflege").Page("/ward/3B").NotSees("Müller")
	h.As("pflege").Page("/search?q=26047110").Sees("entlassen")
	h.Receive("kis", "a13_mueller_discharge_cancelled.hl7")
	h.As("pflege").Page("/ward/3B").In("tr[data-case=26047110]").Sees("Müller", "311 T")
}

func TestNullDeletesAndEmptySaysNothing(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	row := func() *testkit.Page { return h.As("pflege").Page("/ward/3A").In("tr[data-case=26047110]") }
	key := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	h.Receive("kis", "a08_mueller_says_nothing_about_doctor.hl7")
	row().Sees("Sommerfeld")
	h.As("arzt").Page(key + "/course").Sees("0711 5550147")
	h.Receive("kis", "a08_mueller_doctor_and_phone_deleted.hl7")
	row().NotSees("Sommerfeld")
	h.As("arzt").Page(key).In(".banner").Sees("Arzt nicht übermittelt")
	h.As("arzt").Page(key + "/course").NotSees("0711 5550147")
}

func TestClearedAllergiesAreSaidAndNeverReadAsNone(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	row := func() *testkit.Page { return h.As("pflege").Page("/ward/3A").In("tr[data-case=26047110] .warns") }
	row().Sees("Amoxicillin")
	h.Receive("kis", "a08_mueller_allergies_deleted.hl7")
	row().Sees("nicht übermittelt").NotSees("Amoxicillin", "keine bekannt")
	h.Receive("kis", "a08_mueller_no_allergies_known.hl7")
	row().Sees("keine bekannt").NotSees("nicht übermittelt")
}

func TestACorrectionShowsTheNewValueAndTheStruckOldOne(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7", "r01_mueller_potassium_corrected_4_6.hl7")
	h.Declare("kis")
	ward := h.As("pflege").Page("/ward/3A")
	ward.In("tr[data-case=26047110]").NotSees("6,1", "kritisch")
	lab := h.As("pflege").Page(chartOf(ward, "26047110") + "/lab")
	lab.In(".labtable").Sees("4,6")
	lab.In(".labtable s").Sees("6,1")
	h.Receive("lis", "r01_mueller_potassium_withdrawn.hl7")
	lab = h.As("pflege").Page(chartOf(ward, "26047110") + "/lab")
	lab.In(".labtable .withdrawn").Sees("zurückgezogen")
	h.As("pflege").Page("/ward/3A").In("tr[data-case=26047110]").NotSees("4,6", "6,1")
}

func TestATestMessageNeverReachesAWard(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "t_a01_testpatient_3A.hl7")
	h.Receive("lis", "t_r01_mueller_test_potassium_9_9.hl7")
	h.Declare("kis")
	ward := h.As("pflege").Page("/ward/3A")
	ward.Sees("Müller").NotSees("Testmann", "9,9")
	h.As("pflege").Page("/search?q=Testmann").Sees("Niemand gefunden")
	h.As("pflege").Page("/search?q=26099999").Sees("Niemand gefunden")
	h.As("pflege").Page(chartOf(ward, "26047110") + "/lab").NotSees("9,9")
}

func TestAnUnknownEventIsListedReadableAndSetAside(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "adt_q77_mueller_unknown_event.hl7")
	list := h.As("arzt").Page("/unread")
	list.Sees("ADT^Q77", "KIS")
	record := list.Attr("tr.link a", "href")
	if at := h.As("it").Look(record).Location(); !underPath(at, "/glass") {
		t.Errorf("IT is led to %q, want a reason first", at)
	}
	h.As("labor").Look(record).Answers(403)
	h.As("revision").Look("/unread").Answers(403)
	h.Declare("kis")
	h.As("arzt").Page(record).Sees("Verlegungswunsch Angehörige").Submit(record + "/aside").Sees("Alles gelesen")
	h.As("arzt").Page("/unread?aside=1").Sees("ADT^Q77", "Dr. J. Brandt")
	h.As("arzt").Page("/").In("main").NotSees("ungelesen aus")
}

func TestAnUnknownPatientIsSaidToBeUnknown(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a04_unknown_man_3B.hl7")
	h.Declare("kis")
	ward := h.As("pflege").Page("/ward/3B")
	ward.In("tr[data-case=26080001]").Sees("unbekannte Person", "1960")
	h.As("pflege").Page(chartOf(ward, "26080001")).Sees("Angaben zur Identität sind vorläufig", "nicht übermittelt")
}

func TestANewbornIsLinkedToTheMother(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_newborn_brandtner_GEB.hl7", "a01_mother_brandtner_GEB.hl7")
	h.Declare("kis")
	ward := h.As("arzt").Page("/ward/GEB")
	mother, child := chartOf(ward, "26090001"), chartOf(ward, "26090002")
	h.As("arzt").Page(child).In(".notices").Sees("Mutter", "Akte der Mutter öffnen")
	if to := h.As("arzt").Page(child).Attr(".notices a[href^=/patient]", "href"); to != mother {
		t.Errorf("the child's page leads to %s, want %s", to, mother)
	}
	h.As("arzt").Page(mother).In(".notices").Sees("Kind", "Brandtner, Mädchen 1")
}

func TestADocumentIsShownAsItCame(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "t02_mueller_letter_pdf.hl7")
	h.Declare("kis")
	key := chartOf(h.As("arzt").Page("/ward/3A"), "26047110")
	list := h.As("arzt").Page(key + "/findings").Sees("Arztbrief")
	finding := h.As("arzt").Page(list.Attr("main a[href^="+key+"/findings/]", "href")).Sees("Arztbrief")
	for _, link := range finding.Links() {
		if underPath(link, key+"/document/") {
			pdf := h.As("arzt").Look(link).Answers(200)
			if got := pdf.Header.Get("Content-Type"); got != "application/pdf" || string(pdf.Body[:5]) != "%PDF-" {
				t.Errorf("the document is %s, begins %q", got, pdf.Body[:5])
			}
			return
		}
	}
	t.Error("the finding's page shows no document")
}
