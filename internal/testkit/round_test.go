package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/testkit"
)

// record signs a form of the patient and returns the page that follows.
func record(who *testkit.Person, chart, form string, values ...string) *testkit.Page {
	path := chart + "/write/" + form
	return who.Page(path).Answers(200).Submit(path, append(values, "act", "sign")...)
}

func TestFromTheWardListABloodPressureIsOneLinkAndOneForm(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	link := ""
	for _, l := range nurse.Page("/ward/3A").Links() {
		if strings.HasPrefix(l, chart+"/write/vitals") {
			link = l
		}
	}
	back := nurse.Page(link).Answers(200).Submit(chart+"/write/vitals", "bp", "118/76", "act", "sign").Answers(200)
	if !strings.HasPrefix(back.Path, "/ward/3A?signed=") {
		t.Fatalf("led to %s", back.Path)
	}
	back.Sees("Vitalwerte", "für MÜLLER, Jürgen eingetragen", "ansehen", "korrigieren")
	h.Check()
}

func TestTheLineAboutWhatWasSignedIsOnlyForWhoSignedIt(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	path := chart + "/write/vitals"
	signed := nurse.Page(path+"?back=/ward/3A").Submit(path, "temp", "38,4", "act", "sign")
	address := signed.Path
	nurse.Page(address).Sees("eingetragen · ansehen")
	h.As("arzt").Page(address).NotSees("eingetragen · ansehen")
	nurse.Page("/ward/3A?signed=1").NotSees("eingetragen · ansehen")
	nurse.Page("/ward/3A?signed=999999").NotSees("eingetragen · ansehen")
	h.Pass(11 * time.Minute)
	nurse.Page(address).NotSees("eingetragen · ansehen")
}

func TestTheSameValuesTwiceAreAskedAbout(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	record(h.As("pflege"), chart, "vitals", "bp", "118/76", "temp", "36,6").Answers(200)
	path := chart + "/write/vitals"
	asked := record(h.As("pflege"), chart, "vitals", "bp", "118 76", "temp", "36.60").Answers(422)
	asked.Sees("Dieselben Werte wurden um", "von S. Weber eingetragen")
	asked.Submit(path, "act", "sign").Answers(200).Sees("gilt")
	record(h.As("pflege"), chart, "vitals", "bp", "119/76", "temp", "36,6").Answers(200).Sees("119/76")
	h.Pass(11 * time.Minute)
	record(h.As("pflege"), chart, "vitals", "bp", "118/76", "temp", "36,6").Answers(200).Sees("gilt")
}

func TestWhatWasWithdrawnMayBeRecordedAgainWithoutAQuestion(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := record(h.As("pflege"), chart, "vitals", "temp", "38,4").Answers(200)
	entry.Submit(entry.Path+"/withdraw", "why", "falscher Patient").Answers(200).Sees("zurückgenommen")
	record(h.As("pflege"), chart, "vitals", "temp", "38,4").Answers(200).Sees("gilt")
}

func TestAStatusOfResuscitationIsReadOnceMoreBeforeItCounts(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	path := chart + "/write/resuscitation"
	who := h.As("arzt")
	sure := record(who, chart, "resuscitation", "status", "DNR", "basis", "patient", "text", "Gespräch mit der Tochter").Answers(200)
	sure.Sees("Für MÜLLER, Jürgen eintragen: keine Reanimation (DNR)", "Gespräch mit der Tochter")
	who.Page(chart).NotSees("keine Reanimation (DNR)")
	sure.Submit(path, "act", "edit").Answers(200).Sees("Weiter für MÜLLER, Jürgen")
	if again := sure.Submit(path, "status", "full", "act", "sign").Answers(200); !strings.Contains(again.Text(), "eintragen: volle Therapie") {
		t.Error("what was confirmed for one content signs another")
	}
	who.Post("/signout")
	lost := sure.Submit(path, "act", "sign").Answers(401)
	back := lost.Submit("/signin", "id", "arzt", "password", testkit.Password).Answers(200).Sees("Noch nicht gespeichert")
	once := back.Submit(path, "act", "sign").Answers(200).Sees("bitte noch einmal lesen")
	done := once.Submit(path, "act", "sign").Answers(200).Sees("gilt", "keine Reanimation (DNR)")
	who.Page(chart).Sees("keine Reanimation (DNR)")
	root := done.Path[strings.LastIndexByte(done.Path, '/')+1:]
	fix := who.Page(path+"?correct="+root).Submit(path, "status", "full", "reason", "Wille geändert", "act", "sign").Answers(200)
	fix.Sees("Korrektur", "Wille geändert", "eintragen: volle Therapie").Submit(path, "act", "sign").Answers(200).Sees("ersetzt")
	who.Page(chart).NotSees("keine Reanimation (DNR)")
}

func TestDraftsAreFoundAgainAndThrownAwayByTheirWriter(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	path := chart + "/write/handover"
	nurse.Page(path).Submit(path, "s", "Fieber", "act", "draft").Answers(200).Sees("Entwurf behalten, nicht unterschrieben")
	nurse.Page("/ward/3A").Sees("Entwürfe 1")
	nurse.Page(path).Sees("Dieses Formular haben Sie schon begonnen")
	nurse.Page("/drafts").Answers(200).Sees("Übergabe (SBAR)", "MÜLLER, Jürgen", "Entwurf verwerfen").NotSees("älter als ein Tag")
	h.Pass(25 * time.Hour)
	nurse.SignIn("pflege", testkit.Password)
	mine := nurse.Page("/drafts").Sees("älter als ein Tag")
	mine.Submit(path, "act", "drop").Answers(200).Sees("Sie haben nichts begonnen", "Entwurf verworfen")
}

func TestAHighScoreStandsOnTheWardListAndLeadsToItsEntry(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	record(nurse, chart, "vitals", "resp", "16", "spo2", "97", "o2", "0", "bp", "120/80", "pulse", "80", "temp", "37", "acvpu", "A").Answers(200)
	nurse.Page("/ward/3A").Sees("NEWS2 0")
	h.Pass(time.Hour)
	nurse = h.As("pflege")
	record(nurse, chart, "vitals", "resp", "26", "spo2", "91", "o2", "4", "bp", "95/60", "pulse", "118", "temp", "39,2", "acvpu", "C", "pain", "7").Answers(200).Sees("Notfallteam", "Atemfrequenz 26 /min 3")
	nurse.Page("/ward/3A?show=critical").Sees("MÜLLER, Jürgen", "NEWS2 17", "gestiegen von 0")
	over := nurse.Page(chart).Sees("NEWS2 17", "gestiegen von 0", "Notfallteam", "neu verwirrt", "Schmerz (NRS)")
	link := ""
	for _, l := range over.Links() {
		if strings.Contains(l, "/entry-at/") {
			link = l
		}
	}
	nurse.Page(link).Answers(200).Sees("Vitalwerte", "39,2", "Die Akte zeigt diese Werte")
	h.Pass(time.Hour)
	nurse = h.As("pflege")
	record(nurse, chart, "vitals", "temp", "38,1").Answers(200)
	nurse.Page(link).Sees("Was die Akte inzwischen zeigt", "38,1")
}

func TestTheHandoverSaysWhatWasWrittenAndWhatChanged(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	nurse.Page("/ward/3A/handover").Answers(200).Sees("MÜLLER, Jürgen", "keine Übergabe geschrieben")
	record(nurse, chart, "handover", "s", "Fieber seit zwei Stunden", "r", "Blutkultur abwarten").Answers(200)
	record(nurse, chart, "vitals", "bp", "118/76", "temp", "38,9").Answers(200)
	record(nurse, chart, "fluids", "oral", "400", "urine", "700").Answers(200)
	record(nurse, chart, "care-note", "text", "unruhig").Answers(200)
	nurse.Page("/ward/3A/handover").Sees("Fieber seit zwei Stunden", "Blutkultur abwarten", "118/76", "38,9", "Bilanz −300 ml", "Pflegebericht").NotSees("vor dieser Schicht")
	h.Pass(8 * time.Hour)
	nurse = h.As("pflege")
	nurse.Page("/ward/3A/handover").Sees("Fieber seit zwei Stunden", "vor dieser Schicht geschrieben", "keine Vitalwerte in der Schicht")
	nurse.Page("/ward/3A/handover?shift=before").Sees("118/76").NotSees("vor dieser Schicht")
	h.As("aufnahme").Page("/ward/3A/handover").Answers(403)
}

func TestARoundGoesFromBedToBedAndAWristbandLeadsIt(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "a01_gross_old_number_3A.hl7")
	nurse := h.As("pflege")
	first := nurse.Page("/ward/3A/round?form=vitals").Answers(200).Sees("1 von 2", "überspringen")
	formOf := func(p *testkit.Page) string { path, _, _ := strings.Cut(p.Path, "?"); return path }
	path := formOf(first)
	second := first.Submit(path, "temp", "36,9", "act", "sign").Answers(200)
	second.Sees("2 von 2", "eingetragen · ansehen")
	other := formOf(second)
	if other == path {
		t.Fatal("the round did not go on")
	}
	second.Submit(other, "act", "sign").Answers(422).Sees("Das Formular ist leer", "2 von 2")
	nurse.Page("/ward/3A/round?form=vitals&before=" + other[len("/patient/"):strings.LastIndex(other, "/write")]).Sees("1 von 2")
	if got := nurse.Page("/ward/3A/round?form=vitals&scan=26047110"); formOf(got) != chart+"/write/vitals" {
		t.Errorf("the wristband led to %s", got.Path)
	}
	nurse.Page("/ward/3A/round?form=vitals&scan=99999999").Sees("gehört zu niemandem auf dieser Station", "1 von 2").NotSees("99999999")
	done := second.Submit(other, "temp", "37", "act", "sign").Answers(200)
	done.Sees("Die Runde ist zu Ende", "Station 3A")
	h.Check()
}
