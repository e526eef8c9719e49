package testkit_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	fold "notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// keyIn is the key in the address of an entry.
func keyIn(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Two people have the same entry open for correction: the second is told, and
// what the first wrote stands.
func TestTheSecondOfTwoCorrectionsIsToldWhoWasFaster(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	to := chart + "/write/vitals?correct=" + keyIn(entry.Path)
	one, two := h.As("pflege").Page(to), h.As("arzt").Page(to)
	one.Submit(chart+"/write/vitals", "temp", "37,4", "reason", "Zahlendreher", "act", "sign").Answers(200).Sees("37,4")
	late := two.Submit(chart+"/write/vitals", "temp", "38,8", "reason", "verlesen", "act", "sign").Answers(409)
	late.Sees("Schon unterschrieben von S. Weber")
	if got := late.Attr("#temp", "value"); got != "38,8" {
		t.Errorf("what was typed is lost: %q", got)
	}
	h.As("arzt").Page(entry.Path).Sees("gilt", "37,4").NotSees("38,8")
	// Having seen what stands, signing again supersedes it.
	late.Submit(chart+"/write/vitals", "act", "sign").Answers(200).Sees("gilt", "38,8")
	h.Check()
}

// The back button shows the form of a correction that was signed: signed again
// with another value it is not silently dropped, and the same again changes
// nothing, also when somebody corrected it once more meanwhile.
func TestACorrectionSentAgainIsTheSameOrToldApart(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	to := chart + "/write/vitals?correct=" + keyIn(entry.Path)
	form := h.As("pflege").Page(to)
	fix := []string{"temp", "37,4", "reason", "Zahlendreher", "act", "sign"}
	form.Submit(chart+"/write/vitals", fix...).Answers(200).Sees("37,4")
	form.Submit(chart+"/write/vitals", fix...).Answers(200).Sees("37,4")
	form.Submit(chart+"/write/vitals", "temp", "36,4", "reason", "Zahlendreher", "act", "sign").Answers(409)
	h.As("arzt").Page(to).Submit(chart+"/write/vitals", "temp", "39,4", "reason", "verlesen", "act", "sign").Answers(200)
	form.Submit(chart+"/write/vitals", fix...).Answers(200).Sees("gilt", "39,4")
	h.As("arzt").Page(chart + "/curve").Sees("39,4").NotSees("37,4")
}

// A form corrects only entries of its own kind: otherwise whoever may write one
// form could take back what another role signed.
func TestAFormCorrectsOnlyItsOwnKind(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	will := h.As("arzt").Page(chart+"/write/resuscitation").Submit(chart+"/write/resuscitation", "status", "DNR", "basis", "patient", "text", "mit ihm selbst", "act", "sign").Answers(200).Submit(chart+"/write/resuscitation", "act", "sign").Answers(200)
	root := keyIn(will.Path)
	nurse := h.As("pflege")
	nurse.Page(chart + "/write/care-note?correct=" + root).Answers(404)
	nurse.Page(chart + "/write/vitals?correct=" + root).Answers(404)
	key := nurse.Page(chart+"/write/vitals").Attr("input[name=key]", "value")
	nurse.Post(chart+"/write/vitals", "key", key, "temp", "38,4", "root", root, "of", root, "reason", "x", "act", "sign").Answers(404)
	h.As("arzt").Page(chart).Sees("keine Reanimation (DNR)")
}

// A correction of a version that was taken back meanwhile brings nothing back
// to life unseen.
func TestAWithdrawnEntryIsNotCorrectedUnseen(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	form := h.As("arzt").Page(chart + "/write/vitals?correct=" + keyIn(entry.Path))
	h.As("pflege").Page(entry.Path).Submit(entry.Path+"/withdraw", "why", "falsches Bett").Answers(200).Sees("zurückgenommen")
	form.Submit(chart+"/write/vitals", "temp", "37,4", "reason", "Zahlendreher", "act", "sign").Answers(409)
	h.As("arzt").Page(chart+"/curve").NotSees("37,4", "38,4")
	h.As("arzt").Page(chart + "/write/vitals?correct=" + keyIn(entry.Path)).Answers(404)
}

// Who takes an entry back has seen what it says.
func TestOnlyTheVersionThatWasSeenIsWithdrawn(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	old := h.As("arzt").Page(entry.Path)
	h.As("pflege").Page(chart+"/write/vitals?correct="+keyIn(entry.Path)).Submit(chart+"/write/vitals", "temp", "37,4", "reason", "Zahlendreher", "act", "sign").Answers(200)
	old.Submit(entry.Path+"/withdraw", "why", "falsches Bett").Answers(409)
	h.As("arzt").Page(chart + "/curve").Sees("37,4")
}

// A resuscitation status is one: the newest decision, not two that contradict
// each other. Taken back, it lets the one before stand again; one that was
// decided earlier and written later changes nothing.
func TestThereIsOneResuscitationStatus(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	decide := func(status, at string) *testkit.Page {
		return doctor.Page(chart+"/write/resuscitation").Submit(chart+"/write/resuscitation", "status", status, "basis", "patient", "text", "mit ihm selbst", "at", at, "act", "sign").Answers(200).Submit(chart+"/write/resuscitation", "act", "sign").Answers(200)
	}
	dnr, full := "keine Reanimation (DNR)", "volle Therapie"
	h.Pass(2 * time.Hour)
	decide("DNR", "10:00")
	changed := decide("full", "10:30")
	doctor.Page(chart).In(".banner").Sees(full).NotSees(dnr)
	doctor.Page("/ward/3A").Sees(full).NotSees(dnr)
	decide("comfort", "09:50")
	doctor.Page(chart).In(".banner").Sees(full).NotSees("nur lindernde Behandlung")
	doctor.Page(changed.Path).Submit(changed.Path+"/withdraw", "why", "falscher Patient").Answers(200)
	doctor.Page(chart).In(".banner").Sees(dnr).NotSees(full)
	h.Check()
}

// An allergy that the KIS knows stays, whoever took back to have written it
// here; and of two who wrote it here one taking it back leaves the other's.
func TestTakingBackAnAllergyLeavesWhatOthersSaid(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	write := func(to string) *testkit.Page {
		page := doctor.Page(chart+"/write/allergy").Submit(chart+"/write/allergy", "to", to, "act", "sign")
		if page.Status == 422 { // asked whether the same shall stand twice
			page = page.Submit(chart+"/write/allergy", "act", "sign")
		}
		return page.Answers(200)
	}
	takeBack := func(p *testkit.Page) {
		doctor.Page(p.Path).Submit(p.Path+"/withdraw", "why", "falscher Patient").Answers(200)
	}
	takeBack(write("Amoxicillin"))
	doctor.Page(chart).In(".banner").Sees("Amoxicillin")
	one, two := write("Latex"), write("Latex")
	takeBack(one)
	doctor.Page(chart).In(".banner").Sees("Latex")
	takeBack(two)
	doctor.Page(chart).In(".banner").NotSees("Latex")
	spelt := write("ibuprofen")
	doctor.Page(chart+"/write/allergy?correct="+keyIn(spelt.Path)).Submit(chart+"/write/allergy", "to", "Ibuprofen", "reason", "Schreibweise", "act", "sign").Answers(200)
	doctor.Page(chart).In(".banner").Sees("Ibuprofen")
	takeBack(spelt)
	doctor.Page(chart).In(".banner").NotSees("Ibuprofen", "ibuprofen").Sees("Amoxicillin")
	h.Check()
}

// A diagnosis that gets its code by a correction stays, and a procedure whose
// time is corrected stands once.
func TestACorrectedDiagnosisStays(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Pass(2 * time.Hour)
	doctor := h.As("arzt")
	was := doctor.Page(chart+"/write/diagnosis").Submit(chart+"/write/diagnosis", "text", "Pneumonie", "kind", "W", "act", "sign").Answers(200)
	doctor.Page(chart+"/write/diagnosis?correct="+keyIn(was.Path)).Submit(chart+"/write/diagnosis", "code", "J18.9", "reason", "Code ergänzt", "act", "sign").Answers(200)
	doctor.Page(chart).Sees("J18.9", "Pneumonie")
	was = doctor.Page(chart+"/write/procedure").Submit(chart+"/write/procedure", "text", "Pleurapunktion", "at", "10:00", "act", "sign").Answers(200)
	doctor.Page(chart+"/write/procedure?correct="+keyIn(was.Path)).Submit(chart+"/write/procedure", "at", "10:30", "reason", "Zeit", "act", "sign").Answers(200)
	p, err := h.Hub.Chart.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	patient, err := p.Patient(t.Context(), clinical.PatientKey(strings.TrimPrefix(chart, "/patient/")), fold.Head())
	if err != nil {
		t.Fatal(err)
	}
	stand := 0
	for _, x := range patient.Procedures {
		if !x.Cancelled && x.V.What.Text == "Pleurapunktion" {
			stand++
		}
	}
	if stand != 1 {
		t.Errorf("the procedure stands %d times", stand)
	}
}

// Struck out after somebody changed it, a prescription would stop what that
// person ordered.
func TestAPrescriptionThatWasChangedIsNotWithdrawn(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	signed := prescribe(t, h, chart, pantoprazol...)
	root := rootOf(t, h, queryOf(t, signed.Path, "signed"))
	entry := doctor.Page(chart + "/entry/" + root).Answers(200)
	change := doctor.Page(linkTo(t, doctor.Page(chart+"/medication"), "/prescribe?rx="))
	check := change.Submit(chart+"/prescribe", "times", "10:00", "act", "check").Answers(200)
	more := []string{"act", "sign"}
	if check.Has("#warned") {
		more = append(more, "warned", "1")
	}
	check.Submit(chart+"/prescribe", more...).Answers(200)
	entry.Submit(chart+"/entry/"+root+"/withdraw", "why", "Irrtum").Answers(409).Sees("seither geändert")
	h.As("pflege").Page("/ward/3A/doses").Sees("10:00 Pantoprazol")
}

// The longest note that the form takes is taken, also in umlauts; a longer one
// is told apart from an empty one.
func TestALongNoteIsNotLost(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("pflege").Page(chart + "/write/care-note")
	form.Submit(chart+"/write/care-note", "text", strings.Repeat("€", 10000), "act", "sign").Answers(200).Sees("gilt")
	form.Submit(chart+"/write/care-note", "text", strings.Repeat("€", 100000), "act", "sign").Answers(422).Sees("zu lang")
}

// An entry says which state its writer saw: that of the page the form stood on.
func TestAnEntrySaysWhatItsWriterSaw(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("pflege").Page(chart + "/write/vitals")
	seen := form.Attr("input[name=asof]", "value")
	h.As("arzt").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "39,4", "act", "sign").Answers(200)
	form.Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign").Answers(200)
	recs, err := h.Hub.Journal.Read(t.Context(), 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		if r.Kind != journal.Entry {
			continue
		}
		e, err := entry.Decode(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if e.Fields["temp"] == "38,4" && strconv.FormatUint(e.Seen, 10) != seen {
			t.Errorf("it says %d, the page was as of %s", e.Seen, seen)
		}
	}
}

// A draft opens in its own form only.
func TestADraftOpensInItsOwnForm(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	list := h.As("arzt").Page(chart+"/write/note").Submit(chart+"/write/note", "text", "Verdacht auf Sepsis", "act", "draft").Answers(200)
	link := linkTo(t, list, "draft=")
	h.As("pflege").Page(strings.Replace(link, "/write/note", "/write/care-note", 1)).Answers(404).NotSees("Sepsis")
	h.As("pflege").Page(link).Answers(403).NotSees("Sepsis")
	h.As("arzt").Page(link).Answers(200).Sees("Sepsis")
}

// The outage was ended while somebody typed, or the patient was moved to
// another ward: a reason is asked for, and what was typed is not lost.
func TestWhatWasTypedComesBackBehindTheReason(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("pflege").Page(chart + "/write/vitals")
	page := h.As("arzt").Page("/outages")
	id := strings.TrimPrefix(page.In("section.outage").Attr("section", "id"), "#")
	page.Submit("/outages/"+id+"/end", "why", "wieder da", "alone", "niemand sonst erreichbar").Answers(200)
	ask := form.Submit(chart+"/write/vitals", "bp", "118/76", "at", "10:00", "act", "sign").Answers(403).Sees("Was Sie getippt haben, ist noch da")
	ask = ask.Submit("/glass", "reason", " ").Answers(422).Sees("Was Sie getippt haben, ist noch da")
	back := ask.Submit("/glass", "reason", "Im Ausfall gemessen").Answers(200).Sees("Noch nicht gespeichert", "Müller")
	if got := back.Attr("#bp", "value"); got != "118/76" {
		t.Fatalf("what was typed is lost: %q", got)
	}
	back.Submit(chart+"/write/vitals", "act", "sign").Answers(200).Sees("gilt", "118/76")
}

// A dose was given at a time that was changed afterwards: the new time is due,
// and whoever gives it is asked, not left to find out.
func TestADoseGivenBeforeTheTimeWasChangedIsAskedAbout(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	nurse := h.As("pflege")
	give := nurse.Page(nurse.Page("/ward/3A/doses").Attr("#next", "href"))
	give.Submit(chart+"/give", "act", "check").Submit(chart+"/give", "act", "sign").Answers(200).Sees("✓ gegeben")
	change := h.As("arzt").Page(linkTo(t, h.As("arzt").Page(chart+"/medication"), "/prescribe?rx="))
	check := change.Submit(chart+"/prescribe", "times", "11:00 19:00", "act", "check").Answers(200)
	more := []string{"act", "sign"}
	if check.Has("#warned") {
		more = append(more, "warned", "1")
	}
	check.Submit(chart+"/prescribe", more...).Answers(200)
	h.Pass(time.Hour)
	next := nurse.Page(nurse.Page("/ward/3A/doses").Sees("11:00 Pantoprazol").Attr("#next", "href"))
	next.Submit(chart+"/give", "act", "check").Answers(200).Sees("kürzer her, als es verordnet ist")
}

// Only somebody whom nobody knew can turn out to be somebody else: two people
// whom the hospital knows are never joined here, whatever is sent.
func TestTwoKnownPatientsAreNotJoined(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "a01_schmidt_1949_3A.hl7")
	other := ""
	for _, l := range h.As("arzt").Page("/ward/3A").Links() {
		if key, ok := strings.CutPrefix(l, "/patient/"); ok && !strings.Contains(key, "/") && !strings.HasSuffix(chart, key) {
			other = key
		}
	}
	h.As("arzt").Page(chart + "/same").Answers(409)
	h.As("arzt").Post(chart+"/joined", "key", "0191f0f0f0f070008000000000000001", "into", other, "how", "Ausweis", "confirmed", "1").Answers(409)
	h.As("arzt").Page(chart).Answers(200).In(".banner").Sees("Müller")
}
