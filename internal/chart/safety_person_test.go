package chart

import (
	"testing"
	"time"
)

func TestAnUnidentifiedPersonWhoGetsANameIsUnidentifiedNoMore(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.tell("kis", "ADT^A01", "11190700", "EVN|A01|20261119070000", pid("100", "Unbekannt^Mann 1", "", "M"), pv1("3A^301^F", "1"))
	if r := h.rowOf("3A", "100"); !r.Unnamed {
		t.Fatal("not unidentified")
	}
	h.tell("kis", "ADT^A08", "11190800", "EVN|A08", pid("100", "Yılmaz^Mehmet", "19700101", "M"), pv1("3A^301^F", "1"))
	if r := h.rowOf("3A", "100"); r.Unnamed || r.Name.Family != "Yılmaz" {
		t.Errorf("identified, but: %v %+v", r.Unnamed, r.Name)
	}
	// The unidentified state, sent earlier, comes late once more.
	h.tell("kis", "ADT^A08", "11190730", "EVN|A08", pid("100", "Unbekannt^Mann 1", "", "M"), pv1("3A^301^F", "1"))
	if r := h.rowOf("3A", "100"); r.Unnamed {
		t.Error("an old message made the person unidentified again")
	}
	// One whose name is invented stays unidentified as long as the sender keeps that name.
	h.tell("kis", "ADT^A01", "11190710", "EVN|A01|20261119071000", "PID|||200^^^KIS^PI||Trauma^Siebzehn||||||||||||||||||||||||||Y", pv1("3A^301^T", "2"))
	h.tell("kis", "ADT^A08", "11190720", "EVN|A08", pid("200", "Trauma^Siebzehn", "", "M"), pv1("3A^301^T", "2"))
	if r := h.rowOf("3A", "200"); !r.Unnamed {
		t.Error("a silent message identified the person")
	}
}

func TestADeathTakenBack(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A08", "11190710", "EVN|A08", anna+"|||||||||||||||||||||20261119070500|Y")
	if r := h.rowOf("3A", "100"); !r.Dead {
		t.Fatal("not dead")
	}
	h.tell("kis", "ADT^A08", "11190720", "EVN|A08", anna+"||||||||||||||||||||||N")
	if r := h.rowOf("3A", "100"); r.Dead {
		t.Error("the sender says that she lives; the list says dead")
	}
	if p := h.chartOf("100"); p.Dead.V || p.Died.Known {
		t.Errorf("dead %+v died %+v", p.Dead, p.Died)
	}
}

func TestAPersonDeletedAndSentAgainIsNotDeleted(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A29", "11190710", "EVN|A29", anna)
	if !h.chartOf("100").Withdrawn.V {
		t.Fatal("not marked")
	}
	h.tell("kis", "ADT^A28", "11190720", "EVN|A28", anna)
	if h.chartOf("100").Withdrawn.V {
		t.Error("still marked as deleted at the sender")
	}
}

func TestAMergeOfPersonsIsNoMergeOfTheirCases(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A01", "11180700", "EVN|A01|20261118070000", pid("200", "Mueller^Anna", "19510403", "F"), pv1("ITS^1^1", "2"))
	h.tell("kis", "ADT^A03", "11181200", "EVN|A03|20261118120000", pid("200", "Mueller^Anna", "19510403", "F"), pv1("ITS^1^1", "2"))
	h.tell("kis", "ADT^A40", "11190730", "EVN|A40", anna, "MRG|200^^^KIS^PI||||2", "PV1||I|||||||||||||||||1")
	p := h.chartOf("100")
	if len(p.Stays) != 2 || len(p.Linked) != 1 {
		t.Fatalf("stays %d, linked %d", len(p.Stays), len(p.Linked))
	}
	h.tell("kis", "ADT^A37", "11190740", "EVN|A37", anna, pid("200", "Mueller^Anna", "19510403", "F"))
	if p, q := h.chartOf("100"), h.chartOf("200"); len(p.Stays) != 1 || len(q.Stays) != 1 || p.Stays[0].Case != "1" || q.Stays[0].Case != "2" {
		t.Errorf("after the merge was taken back: %d and %d stays", len(p.Stays), len(q.Stays))
	}
}

func TestAMergeTakenBackInEitherOrderOfNumbersStaysTakenBack(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	two := pid("200", "Mueller^Anna", "19510403", "F")
	h.tell("kis", "ADT^A28", "11190705", "EVN|A28", two)
	h.tell("kis", "ADT^A40", "11190710", "EVN|A40", anna, "MRG|200^^^KIS^PI")
	h.tell("kis", "ADT^A37", "11190720", "EVN|A37", two, anna)
	h.tell("kis", "ADT^A40", "11190710", "EVN|A40", anna, "MRG|200^^^KIS^PI") // the old one comes again
	if p := h.chartOf("200"); p.Key != key("200") {
		t.Error("merged again by an old message")
	}
}

func TestTheBedOfTheNewerOfTwoAdmissionsAtOneTimeCounts(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for _, bed := range []string{"3A^310^F", "3A^302^F", "3A^301^T"} { // the bed was corrected twice
		h.tell("kis", "ADT^A01", "1119070"+bed[5:6], "EVN|A01", pid("100", "Müller^Anna", "19510403", "F"), "PV1||I|"+bed+"||||||||||||||||1|||||||||||||||||||||||||20261119070000")
	}
	// 310 was sent at 07:00, 302 at 07:02, 301 at 07:01: 302 is the newest.
	if r := h.rowOf("3A", "100"); r.Place.Room != "302" {
		t.Errorf("lies in %+v", r.Place)
	}
}

func TestATransferWithADayOnlyComesAfterTheAdmissionOfThatDay(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.tell("kis", "ADT^A01", "11190700", "EVN|A01|20261119070000||||20261119070000", anna, pv1("3A^301^F", "1"))
	h.tell("kis", "ADT^A02", "11191000", "EVN|A02|20261119100000||||20261119", anna, pv1("ITS^1^1", "1"))
	if r := h.rowOf("ITS", "100"); r.Place.Bed != "1" {
		t.Errorf("lies in %+v", r.Place)
	}
}

func TestTheHourThatComesTwice(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	utc := func(hour, min int) time.Time { return time.Date(2026, 10, 25, hour, min, 0, 0, time.UTC) }
	// 02:50 summer time, then 02:10 winter time: twenty minutes later.
	h.tellAt("kis", "ADT^A01", "20261025025000", utc(0, 50), "EVN|A01|20261025025000", anna, pv1("3A^301^F", "1"))
	h.tellAt("kis", "ADT^A02", "20261025021000", utc(1, 10), "EVN|A02|20261025021000", anna, pv1("ITS^1^1", "1"))
	if r := h.rowOf("ITS", "100"); !r.Admit.Sent.Equal(utc(1, 10)) {
		t.Errorf("sent %v", r.Admit.Sent)
	}
	pulse := func(v string) []string {
		return []string{anna, "OBR|1|||VS", "OBX|1|NM|HF^Puls||" + v + "|/min|||||F|||20261025023000"}
	}
	h.tellAt("pdms", "ORU^R01", "20261025023100", utc(0, 31), pulse("60")...)
	h.tellAt("pdms", "ORU^R01", "20261025023100", utc(1, 31), pulse("140")...)
	p := h.chartOf("100")
	if len(p.Results) != 2 || !p.Results[0].V.At.Equal(utc(1, 30)) || !p.Results[1].V.At.Equal(utc(0, 30)) {
		t.Errorf("%q", current(p))
	}
}

func TestADayThatIsPlannedIsOverOnceThePatientIsThere(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.tell("kis", "ADT^A05", "11180900", "EVN|A05", anna, pv1("ITS^1^1", "1"), "PV2||||||||20261119120000")
	h.tell("kis", "ADT^A01", "11190700", "EVN|A01|20261119070000", anna, pv1("3A^301^F", "1")) // five hours early, other ward
	h.rowOf("3A", "100")
	for _, r := range h.ward("ITS").Rows {
		if r.Key == key("100") {
			t.Errorf("still expected on the planned ward: %+v", r.Place)
		}
	}
}

func TestTwoPatientsInOneBedAreSeenWithoutTheFacility(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A01", "11190710", "EVN|A01|20261119071000", pid("200", "Weber^Karla", "19600101", "F"), pv1("3A^301^F^KLINIKUM", "2"))
	if !h.rowOf("3A", "100").Shared || !h.rowOf("3A", "200").Shared {
		t.Error("two patients in one bed are not marked")
	}
}

func TestAPrescriptionWhoseHoldCameFirstIsReadable(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "RDE^O11", "11191000", anna, "PV1||I|||||||||||||||||1", "ORC|HD|V1")
	h.tell("kis", "RDE^O11", "11190900", anna, "PV1||I|||||||||||||||||1", "ORC|NW|V1", "TQ1|||1-0-1-0",
		"RXE||PZN1^Marcumar 3 mg^PZN|1||TBL", "RXR|PO")
	p := h.chartOf("100")
	if len(p.Medication) != 1 || p.Medication[0].V.Drug.Text != "Marcumar 3 mg" || p.Medication[0].V.Status != "hold" || p.Medication[0].V.Scheme != "1-0-1-0" {
		t.Errorf("medication %+v", p.Medication)
	}
}

func TestATestMessageChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	for _, mark := range []string{"T", "D", "t", "T^T"} {
		at := time.Date(2026, 11, 19, 7, 0, 0, 0, time.UTC)
		rec := "MSH|^~\\&|KIS|K|N|K|20261119080000||ADT^A02|X" + mark + "|" + mark + "|2.5\rEVN|A02|20261119080000\r" + anna + "\r" + pv1("ITS^1^1", "1") + "\r"
		h.raw("kis", rec, at)
	}
	h.rowOf("3A", "100")
	if l := h.ward("ITS"); l.Occupied != 0 {
		t.Error("a test message moved a patient")
	}
}

func TestALaboratoryNeverRenamesOrMovesAPatient(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("lis", "ADT^A08", "11190900", "EVN|A08", pid("100", "Muller^Ana", "19510304", "M"), pv1("ITS^1^1", "1"))
	h.tell("lis", "ADT^A02", "11190901", "EVN|A02|20261119090100", pid("100", "Muller^Ana", `""`, "M"), pv1("ITS^1^1", "1"))
	p := h.chartOf("100")
	if p.Name.V.Family != "Müller" || p.Birth.V.German() != "03.04.1951" || p.Sex.V != "F" {
		t.Errorf("%+v %+v", p.Name.V, p.Birth.V)
	}
}

func TestAnAdmissionSentAgainMovesNobodyBack(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	first := "PV1||I|3A^301^F||||||||||||||||1|||||||||||||||||||||||||20261119"
	h.tell("kis", "ADT^A01", "11190700", "EVN|A01|20261119070000", anna, first)
	h.tell("kis", "ADT^A02", "11191000", "EVN|A02|20261119100000||||20261119100000", anna, pv1("ITS^1^1", "1"))
	h.tell("kis", "ADT^A01", "11191100", "EVN|A01|20261119110000", anna, first)
	if r := h.rowOf("ITS", "100"); r.Elsewhere.Ward != "" {
		t.Errorf("%+v", r.Elsewhere)
	}
}

func TestAStopThatNamesTheDrugByItsNumberAloneStopsIt(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"RDE^O11", "ORM^O01", "OMP^O09"} {
		h := newHospital(t)
		h.anna()
		h.tell("kis", "RDE^O11", "11190900", anna, "PV1||I|||||||||||||||||1", "ORC|NW|V1", "TQ1|||1-0-1-0", "RXE||PZN1^Marcumar 3 mg^PZN|1||TBL", "RXR|PO")
		h.tell("kis", kind, "11191000", anna, "PV1||I|||||||||||||||||1", "ORC|DC|V1")
		p := h.chartOf("100")
		if len(p.Medication) != 1 || !p.Medication[0].Cancelled || p.Medication[0].V.Scheme != "1-0-1-0" || len(p.Orders) != 0 {
			t.Errorf("%s: medication %+v orders %+v", kind, p.Medication, p.Orders)
		}
		if d := h.rowOf("3A", "100").Doses; len(d) != 0 {
			t.Errorf("%s: still due: %+v", kind, d)
		}
	}
}

func TestAChangedSchemeReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	drug := []string{"RXE||PZN1^Metoprolol 47,5 mg^PZN|1||TBL", "RXR|PO"}
	h.tell("kis", "RDE^O11", "11190900", append([]string{anna, "ORC|NW|V1", "TQ1|||1-0-1-0"}, drug...)...)
	h.tell("kis", "RDE^O11", "11191000", append([]string{anna, "ORC|XO|V1", "TQ1|||PRN"}, drug...)...)
	d := h.rowOf("3A", "100").Doses
	if len(d) != 1 || !d[0].AsNeeded {
		t.Errorf("due %+v", d)
	}
	if p := h.chartOf("100"); p.Medication[0].V.Scheme != "" || len(p.Medication[0].Was) != 1 {
		t.Errorf("medication %+v", p.Medication)
	}
	h.tell("kis", "RDE^O11", "11190930", append([]string{anna, "ORC|XO|V1", "TQ1|||0-0-1-0"}, drug...)...) // late
	if p := h.chartOf("100"); !p.Medication[0].V.AsNeeded || len(p.Medication[0].Was) != 2 {
		t.Errorf("a late change counts: %+v", p.Medication)
	}
}

func TestACancelMeansItsOwnMovement(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	move := func(kind, sent, at, place, prior string) {
		h.tell("kis", kind, sent, "EVN|"+kind[4:]+"|20261119"+sent[4:]+"00||||"+at, anna, "PV1||I|"+place+"|||"+prior+"|||||||||||||1")
	}
	move("ADT^A01", "11190700", "20261119070000", "3A^301^F", "")
	move("ADT^A02", "11190800", "20261119080000", "ITS^1^1", "3A^301^F")
	// The transfer to 3B never came; its cancel says that the patient is on ITS again.
	move("ADT^A12", "11191000", "", "ITS^1^1", "3B^1^1")
	if r := h.rowOf("ITS", "100"); r.Place.Bed != "1" {
		t.Errorf("lies in %+v", r.Place)
	}
	move("ADT^A02", "11191100", "20261119110000", "3A^302^F", "ITS^1^1")
	move("ADT^A12", "11191200", "", "ITS^1^1", "3A^302^F")
	if r := h.rowOf("ITS", "100"); r.Place.Bed != "1" {
		t.Errorf("lies in %+v", r.Place)
	}
	move("ADT^A03", "11191300", "20261119130000", "ITS^1^1", "")
	move("ADT^A13", "11191310", "", "ITS^1^1", "")
	h.rowOf("ITS", "100")
}

func TestAnOldPersonMessageThatComesLateChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "ADT^A08", "11191000", "EVN|A08", pid("100", "Weber&von&Weber^Anna", "19510403", "F")+`|||""`)
	h.tell("kis", "ADT^A08", "11190900", "EVN|A08", pid("100", "Müller^Anna", "19510404", "F")+"|||Hauptstr. 1^^Bonn^^53111")
	p := h.chartOf("100")
	if p.Name.V.Family != "Weber" || p.Birth.V.Day != 3 || p.Address.Known || !p.Address.Gone {
		t.Errorf("%+v %+v %+v", p.Name.V, p.Birth.V, p.Address)
	}
}

func TestANewbornAndItsTwinAreTwoBesideTheMother(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	for i, n := range []string{"301", "302"} {
		h.tell("kis", "ADT^A01", "1119080"+string('0'+byte(i)), "EVN|A01|20261119080000",
			"PID|||"+n+"^^^KIS^PI||Müller^||202611190755|F|||||||||||||100^^^KIS^PI|||Y|"+string('1'+byte(i)), pv1("3A^301^F", "3"+n))
	}
	for _, n := range []string{"301", "302"} {
		r := h.rowOf("3A", n)
		if !r.NamesAlike || r.Mother != key("100") {
			t.Errorf("%s: alike %v mother %q", n, r.NamesAlike, r.Mother)
		}
		if p := h.chartOf(n); len(p.Doublets) != 0 {
			t.Errorf("a twin is told to be a doublet: %+v", p.Doublets)
		}
	}
	if d := h.chartOf("100").Doublets; len(d) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestADoseRetractedIsNotTheLastGiven(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "RDE^O11", "11190800", anna, "ORC|NW|V1", "TQ1|||1-0-1-0", "RXE||PZN1^Heparin^PZN|5000||IE", "RXR|SC")
	ras := func(sent, at, status, action string) {
		h.tell("kis", "RAS^O17", sent, anna, "ORC|RE|V1", "RXE||PZN1^Heparin^PZN|5000||IE", "RXA|0|1|"+at+"|"+at+"|PZN1^Heparin^PZN|5000|IE|||||||||||||"+status+"|"+action, "RXR|SC")
	}
	ras("11190805", "20261119080000", "CP", "A")
	ras("11191205", "20261119120000", "CP", "A")
	ras("11191210", "20261119120000", "CP", "D")
	for _, d := range h.rowOf("3A", "100").Doses {
		if d.Last.Hour() != 8 {
			t.Errorf("last given %v", d.Last)
		}
	}
}

func TestSearchByWhatPeopleKnow(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.tell("kis", "ADT^A01", "11190700", "EVN|A01", "PID|||100^^^KIS^PI||von der Heide^Karl-Otto||19510403|M", pv1("3A^301^F", "26000001"))
	h.tell("kis", "ADT^A01", "11190701", "EVN|A01", "PID|||200^^^KIS^PI||Groß-Müller&&Groß-Müller^Anneliese||19400229|F", pv1("3A^301^T", "26000002"))
	h.tell("kis", "ADT^A01", "11190702", "EVN|A01", "PID|||300^^^KIS^PI||Öztürk^Çiğdem^^^^Dr.||199012|F", pv1("3A^302^F", "26000003"))
	v := h.view()
	for text, want := range map[string]string{
		"von der heide": "100", "Heide": "100", "v. d. Heide": "100", "vonderheide": "100", "heide karl": "100", "Heyde": "100",
		"3.4.1951": "100", "03041951": "100", "1951": "100", "gross mueller": "200", "Müller Anneliese": "200", "Muller-Gross": "200",
		"GROSS": "200", "29.02.1940": "200", "oeztuerk": "300", "Ozturk": "300", "cigdem": "300", "Öztrük": "300", "12/1990": "300",
		"26000003": "300", "Dr. Öztürk": "300",
	} {
		hits, _, err := v.Search(t.Context(), Query{Text: text})
		if err != nil || len(hits) != 1 || hits[0].Key != key(want) {
			t.Errorf("%q finds %d: %v", text, len(hits), err)
		}
	}
}

func TestAResultThatNamesTheTwinIsShownToPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pid string
		doubt     bool
	}{
		{"the twin", "PID|||300^^^KIS^PI||Koç^Elif||20261119|F", true},
		{"herself", "PID|||300^^^KIS^PI||Koc^Ayşe||20261119|F", false},
		{"a short given name", "PID|||300^^^KIS^PI||KOC^A.||20261119|F", false},
		{"no name", "PID|||300^^^KIS^PI||||20261119|F", false},
		{"a stranger", "PID|||100^^^KIS^PI||Huber^Franz||19330101|M", true},
		{"a new family name", "PID|||100^^^KIS^PI||Weber^Anna||19510403|F", false},
		{"a name by which she is called", "PID|||100^^^KIS^PI||Müller^Hanne||19510403|F", false},
	} {
		h := newHospital(t)
		h.anna()
		h.tell("kis", "ADT^A01", "11190800", "EVN|A01|20261119080000", "PID|||300^^^KIS^PI||Koç^Ayşe||20261119|F||||||||||||||||Y|1", pv1("3A^302^F", "3"))
		h.tell("lis", "ORU^R01", "11190900", c.pid, "OBR|1||F1|LAB^Labor|||20261119083000", "OBX|1|NM|KA^Kalium||4,1|mmol/l|||||F")
		u := h.unread()
		if got := len(u) == 1 && u[0].Code == "other-name"; got != c.doubt || len(u) > 1 {
			t.Errorf("%s: %+v", c.name, u)
		}
	}
}
