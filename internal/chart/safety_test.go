package chart

import (
	"testing"
)

func TestTwoAllergiesUnderTheCodeForFreeTextAreTwo(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A08", "11190710", "EVN|A08", pid("100", "Müller^Anna", "19510403", "F"), pv1("3A^301^F", "1"),
		"AL1|1|DA|FREI^Penicillin^L|SV", "AL1|2|FA|FREI^Erdnüsse^L|SV")
	h.tell("kis", "ADT^A08", "11190720", "EVN|A08", pid("100", "Müller^Anna", "19510403", "F"), pv1("3A^301^F", "1"),
		"AL1|1|DA|FREI^Latex^L|MO")
	if got := allergyNames(h.chartOf("100").Allergies); got != "Penicillin, Erdnüsse, Latex" {
		t.Errorf("allergies %q", got)
	}
}

func TestNoneKnownTakenBackIsNotNoneKnown(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A60", "11190710", "EVN|A60", pid("100", "Müller^Anna", "19510403", "F"), "IAM|1|DA|716186003^keine Allergien bekannt^SCT||||A")
	if !h.rowOf("3A", "100").NoneKnown {
		t.Fatal("none known was not read")
	}
	h.tell("kis", "ADT^A60", "11190720", "EVN|A60", pid("100", "Müller^Anna", "19510403", "F"), "IAM|1|DA|716186003^keine Allergien bekannt^SCT|||D")
	if h.rowOf("3A", "100").NoneKnown {
		t.Error("the sender took 'none known' back; it is still shown")
	}
}

func TestAnAllergyDeletedFromADoubletBeforeTheMergeStaysWithTheSurvivor(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	two := pid("200", "Mueller^Anna", "19510403", "F")
	h.tell("kis", "ADT^A60", "11190710", "EVN|A60", pid("100", "Müller^Anna", "19510403", "F"), "IAM|1|DA|J01C^Penicillin^ATC|SV||A")
	h.tell("kis", "ADT^A60", "11190711", "EVN|A60", two, "IAM|1|DA|J01C^Penicillin^ATC|SV||A")
	h.tell("kis", "ADT^A60", "11190720", "EVN|A60", two, "IAM|1|DA|J01C^Penicillin^ATC|||D")
	h.tell("kis", "ADT^A40", "11190730", "EVN|A40", pid("100", "Müller^Anna", "19510403", "F"), "MRG|200^^^KIS^PI")
	if got := h.rowOf("3A", "100").Allergies; len(got) != 1 {
		t.Errorf("allergies on the list %q", got)
	}
	// Taken back after the merge it is gone, whichever number had it.
	h.tell("kis", "ADT^A60", "11190740", "EVN|A60", pid("100", "Müller^Anna", "19510403", "F"), "IAM|1|DA|J01C^Penicillin^ATC|||D")
	if got := h.rowOf("3A", "100").Allergies; len(got) != 0 {
		t.Errorf("withdrawn, but on the list %q", got)
	}
}

const anna = "PID|||100^^^KIS^PI||Müller^Anna||19510403|F"

func TestACriticalResultOfAnOldSpecimenIsNewWhenItComes(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("lis", "ORU^R01", "11191300", anna, "PV1||I|||||||||||||||||1",
		"OBR|1||M7|BK^Blutkultur|||20261115120000", "OBX|1|ST|BKERG^Blutkultur||Staphylococcus aureus|||AA|||F")
	r := h.rowOf("3A", "100")
	if len(r.Critical) != 1 {
		t.Errorf("a positive blood culture of four days ago, reported now, is not on the list: %+v", r.Critical)
	}
}

func TestAFindingOfAnOldSpecimenIsNewWhenItComes(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("ris", "ORU^R01", "11191300", anna, "PV1||I|||||||||||||||||1",
		"OBR|1||P7|HISTO^Histologie|||20261112120000", "OBX|1|FT|HISTO^Histologie||Adenokarzinom||||||F")
	if r := h.rowOf("3A", "100"); r.NewFindings != 1 {
		t.Errorf("%d new findings", r.NewFindings)
	}
}

func TestAComparatorIsShownOnce(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("lis", "ORU^R01", "11190900", anna, "OBR|1||F1|LAB^Labor|||20261119083000", "OBX|1|NM|TNT^Troponin^L||>10000|ng/l|<14|HH|||F")
	if m := h.rowOf("3A", "100").Critical; len(m) != 1 || m[0].Value != ">10000" {
		t.Errorf("marks %+v", m)
	}
}

func TestResultsThatHaveOnlyANameAreKeptApart(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("lis", "ORU^R01", "11190900", anna, "OBR|1||F1|LAB^Labor|||20261119083000", "OBX|1|NM|^Kalium||4,1|mmol/l||||||F")
	h.tell("lis", "ORU^R01", "11190910", anna, "OBR|1||F1|LAB^Labor|||20261119083000", "OBX|1|NM|^Natrium||140|mmol/l||||||F")
	p := h.chartOf("100")
	if len(p.Results) != 2 {
		t.Errorf("results %q", current(p))
	}
}

func glucose(order, at, value, status string) []string {
	return []string{anna, "OBR|1||" + order + "|BZ^Blutzucker|||20261119" + at + "00", "OBX|1|NM|GLU^Glukose^L||" + value + "|mg/dl|||||" + status}
}

func TestADayProfileSentOneByOneKeepsEveryValue(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("lis", "ORU^R01", "11190810", glucose("F1", "0800", "180", "F")...)
	h.tell("lis", "ORU^R01", "11191210", glucose("F1", "1200", "45", "F")...)
	h.tell("lis", "ORU^R01", "11191215", glucose("F1", "1200", "45", "F")...) // sent again
	if got := current(h.chartOf("100")); got != "GLU=180 GLU=45" {
		t.Errorf("results %q", got)
	}
	h.tell("lis", "ORU^R01", "11191220", glucose("F1", "1200", "54", "C")...)
	if got := current(h.chartOf("100")); got != "GLU=180 GLU=54" {
		t.Errorf("after the correction of the second: %q", got)
	}
	h.tell("lis", "ORU^R01", "11191230", glucose("F1", "0800", "180", "W")...)
	if got := current(h.chartOf("100")); got != "GLU=54" {
		t.Errorf("after the withdrawal of the first: %q", got)
	}
}

func TestACorrectionOfOneValueOfAProfileSentTogetherMeetsThatValue(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	both := append(glucose("F1", "0800", "180", "F"), glucose("F1", "1200", "45", "F")[1:]...)
	h.tell("lis", "ORU^R01", "11191210", both...)
	h.tell("lis", "ORU^R01", "11191220", glucose("F1", "1200", "54", "C")...)
	if got := current(h.chartOf("100")); got != "GLU=180 GLU=54" {
		t.Errorf("results %q", got)
	}
}

func TestACorrectedSamplingTimeIsOneValue(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("lis", "ORU^R01", "11190810", glucose("F1", "0800", "180", "P")...)
	h.tell("lis", "ORU^R01", "11190820", glucose("F1", "0745", "181", "F")...)
	h.tell("lis", "ORU^R01", "11190830", glucose("F1", "0730", "182", "C")...)
	if got := current(h.chartOf("100")); got != "GLU=182" {
		t.Errorf("results %q", got)
	}
}

func TestTheSameTestInBloodAndUrineUnderOneOrderStaysTwoValues(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	blood := []string{"OBR|1||F1|BB^Blutbild|||20261119080000", "OBX|1|NM|LEUK^Leukozyten^L||8,1|/nl||||||F"}
	urine := func(v, status string) []string {
		return []string{"OBR|2||F1|USTIX^Urinstatus|||20261119080000", "OBX|1|NM|LEUK^Leukozyten^L||" + v + "|/µl||||||" + status}
	}
	h.tell("lis", "ORU^R01", "11190810", append(append([]string{anna}, blood...), urine("500", "F")...)...)
	h.tell("lis", "ORU^R01", "11190830", append([]string{anna}, urine("25", "C")...)...)
	p := h.chartOf("100")
	for _, r := range p.Results {
		if r.V.Panel.Code == "BB" && r.V.Value == "8,1" && !r.Cancelled {
			continue
		}
		if r.V.Panel.Code == "USTIX" && r.V.Value == "25" {
			continue
		}
		t.Errorf("result %s %s", r.V.Panel.Code, r.V.Value)
	}
	if len(p.Results) != 2 {
		t.Errorf("results %q", current(p))
	}
}

func TestAStatusMessageDoesNotEmptyADocument(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("ris", "MDM^T02", "11190900", "EVN|T02", anna, "PV1||I|||||||||||||||||1",
		"TXA|1|CT^CT Thorax|TX|20261119083000||||||||D7|||||PA", "OBX|1|FT|CT^Befund||Lungenembolie beidseits||||||P")
	h.tell("ris", "MDM^T03", "11191000", "EVN|T03", anna, "PV1||I|||||||||||||||||1", "TXA|1|CT^CT Thorax|TX|20261119083000||||||||D7|||||AU")
	p := h.chartOf("100")
	if len(p.Documents) != 1 || p.Documents[0].V.Text != "Lungenembolie beidseits" || p.Documents[0].V.Status != "final" {
		t.Errorf("documents %+v", p.Documents)
	}
	// A notification of an edit (T07) without the words hides nothing either.
	h.tell("ris", "MDM^T07", "11191100", "EVN|T07", anna, "TXA|1|CT^CT Thorax|TX|20261119083000||||||||D7|||||AU")
	if p = h.chartOf("100"); p.Documents[0].V.Text == "" {
		t.Error("the document is empty after T07")
	}
}

func TestTheNewestWordOnResuscitationCounts(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A08", "11190710", "EVN|A08", anna, "OBX|1|CE|REA^Rea-Status||DNI||||||F")
	h.tell("kis", "ADT^A08", "11190720", "EVN|A08", anna, "OBX|1|CE|REA^Rea-Status||DNR||||||F")
	if got := h.rowOf("3A", "100").Resuscitate; got != "Keine Reanimation" {
		t.Errorf("resuscitation %q", got)
	}
	h.tell("kis", "ADT^A08", "11190730", "EVN|A08", anna, "OBX|1|CE|REA^Rea-Status||FULL||||||F")
	if got := h.rowOf("3A", "100").Resuscitate; got != "" {
		t.Errorf("resuscitation %q", got)
	}
}
