package testkit_test

import (
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/testkit"
)

// prescribe signs a prescription without findings that ask anything and returns
// the page after it.
func prescribe(t *testing.T, h *testkit.Hospital, chart string, values ...string) *testkit.Page {
	t.Helper()
	check := h.As("arzt").Page(chart+"/prescribe").Answers(200).Submit(chart+"/prescribe", append(values, "act", "check")...).Answers(200)
	var more []string
	if check.Has("#warned") {
		more = append(more, "warned", "1")
	}
	if check.Has("#despite") {
		more = append(more, "despite", "Nutzen überwiegt")
	}
	return check.Submit(chart+"/prescribe", append(more, "act", "sign")...).Answers(200).Sees("Medikation")
}

// linkTo returns the first address on the page that holds all parts.
func linkTo(t *testing.T, p *testkit.Page, parts ...string) string {
	t.Helper()
	for _, l := range p.Links() {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(l, part)
		}
		if all {
			return l
		}
	}
	t.Fatalf("%s links to nothing with %q: %q", p.Path, parts, p.Links())
	return ""
}

var pantoprazol = []string{"drug", "Pantoprazol", "strength", "40 mg", "form", "Tablette", "dose", "1 Tbl.", "route", "p.o.", "times", "10:00 18:00"}

func TestAPhysicianPrescribesAndANurseGives(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	form := doctor.Page(chart + "/prescribe").Answers(200).Sees("nicht freigegeben")
	form.Submit(chart+"/prescribe", "drug", "Pantoprazol", "act", "check").Answers(422).Sees("Weg fehlt")
	form.Submit(chart+"/prescribe", "drug", "Pantoprazol", "route", "p.o.", "act", "check").Answers(422).Sees("Einzeldosis fehlt", "wann gegeben wird")
	check := form.Submit(chart+"/prescribe", append(pantoprazol, "act", "check")...).Answers(200)
	check.Sees("Für MÜLLER, Jürgen Pantoprazol 40 mg Tablette 1 Tbl. 10:00 18:00 p.o. verordnen", "Nicht geprüft", "Wechselwirkungen werden nicht geprüft", "Einzeldosis gelesen als 40 mg", "In 24 h höchstens 80 mg")
	if got := check.Submit(chart+"/prescribe", "act", "edit").Answers(200).Attr("#dose", "value"); got != "1 Tbl." {
		t.Errorf("back in the form the dose is %q", got)
	}
	first := check.Submit(chart+"/prescribe", "act", "sign").Answers(200).Sees("Pantoprazol", "hier eingetragen", "Dr. J. Brandt")
	again := check.Submit(chart+"/prescribe", "act", "sign").Answers(200)
	if first.Path != again.Path || strings.Count(again.Text(), "Pantoprazol") != strings.Count(first.Text(), "Pantoprazol") {
		t.Errorf("a double click prescribes twice: %s", again.Text())
	}

	nurse := h.As("pflege")
	list := nurse.Page("/ward/3A/doses").Answers(200).Sees("Müller, Jürgen", "10:00 Pantoprazol 40 mg", "fällig").NotSees("18:00")
	nurse.Page("/ward/3A/doses?shift=late").Sees("18:00 Pantoprazol 40 mg", "geplant")
	give := nurse.Page(list.Attr("#next", "href")).Answers(200).Sees("Pantoprazol", "1 Tbl.", "p.o.", "10:00")
	h.Pass(5 * time.Minute)
	confirm := give.Submit(chart+"/give", "act", "check").Answers(200).Sees("Für MÜLLER, Jürgen 1 Tbl. Pantoprazol p.o. gegeben 10:05 eintragen")
	back := confirm.Submit(chart+"/give", "act", "sign").Answers(200)
	if !strings.HasPrefix(back.Path, "/ward/3A/doses") {
		t.Errorf("after recording: %s", back.Path)
	}
	back.Sees("✓ gegeben 10:05 · S. Weber").NotSees("◆ fällig Geben")
	confirm.Submit(chart+"/give", "act", "sign").Answers(200)
	if n := strings.Count(h.As("arzt").Page(chart+"/medication").Text(), "gegeben S. Weber"); n != 1 {
		t.Errorf("a double click gives %d doses", n)
	}
	entry := nurse.Page(linkTo(t, nurse.Page(give.Path).Sees("10:00 wurde um 10:05 von S. Weber als „gegeben“ eingetragen"), "/entered/"))
	entry.Answers(200).Sees("Gabe", "Was geschah", "gegeben", "Gegebene Menge")
	entry.Submit(entry.Path+"/withdraw", "why", "falsches Bett").Answers(200).Sees("zurückgenommen")
	if n := nurse.Page("/ward/3A/doses").Sees("1 fällig").Count("#next"); n != 1 {
		t.Error("a dose recorded in error is not due again")
	}
	nurse.Page(give.Path).NotSees("eingetragen.").Submit(chart+"/give", "act", "check").NotSees("Stimmt das?").Submit(chart+"/give", "act", "sign").Answers(200).Sees("✓ gegeben 10:05")
	nurse.Page(chart + "/entered/1").Answers(404)
	h.Check()
}

func TestAnAllergyStopsAPrescriptionUnlessItIsReasoned(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("arzt").Page(chart + "/prescribe")
	check := form.Submit(chart+"/prescribe", "drug", "Amoxicillin", "strength", "1000 mg", "dose", "1 Tbl.", "route", "p.o.", "interval", "alle 8 h", "act", "check").Answers(200)
	check.Sees("Nicht ohne Begründung", "Allergie", "Amoxicillin", "Uhrzeiten 02:00 · 10:00 · 18:00")
	check.Submit(chart+"/prescribe", "act", "sign").Answers(422).Sees("Bitte begründen")
	page := check.Submit(chart+"/prescribe", "despite", "Testung negativ, Allergologie 2025", "act", "sign").Answers(200).Sees("Amoxicillin")
	if !strings.Contains(page.Path, "signed=") {
		t.Errorf("at %s", page.Path)
	}
	give := h.As("pflege").Page(h.As("pflege").Page("/ward/3A/doses").Attr("#next", "href"))
	asked := give.Submit(chart+"/give", "act", "check").Answers(200).Sees("Stimmt das?", "Allergie")
	asked.Submit(chart+"/give", "act", "sign").Answers(422).Sees("Noch nicht bestätigt")
	asked.Submit(chart+"/give", "sure", asked.Attr("#sure0", "value"), "act", "sign").Answers(200).Sees("✓ gegeben")
}

func TestADoubleAndTooMuchAreStopped(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "o11_mueller_ramipril.hl7")
	form := h.As("arzt").Page(chart + "/prescribe")
	form.Submit(chart+"/prescribe", "drug", "Ramipril", "strength", "5 mg", "dose", "10 Tbl.", "route", "p.o.", "scheme", "1-0-1-0", "act", "check").Answers(200).
		Sees("bereits verordnet", "Nicht ohne Begründung", "100 mg")
	form.Submit(chart+"/prescribe", "drug", "Hausmischung 7", "dose", "1 Tbl.", "route", "p.o.", "scheme", "1-0-0", "act", "check").Answers(200).Sees("nicht in der Tabelle")
}

func TestADrugOfTheKISIsChangedAndStoppedHere(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "o11_mueller_ramipril.hl7")
	doctor := h.As("arzt")
	change := linkTo(t, doctor.Page(chart+"/medication"), "/prescribe?rx=")
	form := doctor.Page(change).Answers(200).Sees("aus dem KIS", "Bisher: Ramipril 5 mg")
	other := doctor.Page(change)
	check := form.Submit(chart+"/prescribe", "dose", "0,5 Tbl.", "scheme", "1-0-0-0", "interval", "", "act", "check").Answers(200).Sees("Bisher", "0,5 Tbl.")
	check.NotSees("bereits verordnet")
	sign := []string{"act", "sign"}
	if check.Has("#despite") {
		sign = append(sign, "despite", "Blutdruck niedrig")
	} else if check.Has("#warned") {
		sign = append(sign, "warned", "1")
	}
	check.Submit(chart+"/prescribe", sign...).Answers(200).Sees("0,5 Tbl.", "hier eingetragen")
	check.Submit(chart+"/prescribe", sign...).Answers(200) // a double click
	other.Submit(chart+"/prescribe", "dose", "2 Tbl.", "scheme", "1-0-0-0", "interval", "", "act", "check").Submit(chart+"/prescribe", sign...).Answers(422).Sees("inzwischen geändert")

	standing := linkTo(t, doctor.Page(chart+"/medication"), "/prescription?rx=")
	page := doctor.Page(standing).Answers(200).Sees("Für MÜLLER, Jürgen Ramipril 5 mg", "absetzen")
	page.Submit(chart+"/prescription", "to", "stop").Answers(422).Sees("Warum fehlt")
	page.Submit(chart+"/prescription", "to", "stop", "why", "Hypotonie").Answers(200).Sees("Abgesetzt", "abgesetzt von Dr. J. Brandt: Hypotonie")
	page.Submit(chart+"/prescription", "to", "stop", "why", "Hypotonie").Answers(200)
	h.Receive("kis", "o11_mueller_ramipril.hl7") // the KIS sends its old order once more
	doctor.Page(chart+"/medication").Sees("Abgesetzt", "Hypotonie")
	doctor.Page(standing).Submit(chart+"/prescription", "to", "resume", "why", "Blutdruck stabil").Answers(200).NotSees("Hypotonie")
	doctor.Page(standing).Submit(chart+"/prescription", "to", "hold", "why", "nüchtern").Answers(200).Sees("pausiert")
	h.As("pflege").Page(chart + "/prescribe").Answers(403)
	h.Replay()
	doctor.Page(chart+"/medication").Sees("0,5 Tbl.", "pausiert von Dr. J. Brandt: nüchtern")
}

func TestADoseIsRefusedPostponedOrLeftOut(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	nurse := h.As("pflege")
	give := nurse.Page(nurse.Page("/ward/3A/doses").Attr("#next", "href"))
	give.Submit(chart+"/give", "status", "refused", "act", "check").Answers(422).Sees("Grund fehlt")
	give.Submit(chart+"/give", "status", "postponed", "why", "away", "act", "check").Answers(422).Sees("Auf wann verschoben")
	give.Submit(chart+"/give", "status", "postponed", "why", "away", "until", "11:30", "act", "check").Answers(200).
		Sees("Für MÜLLER, Jürgen Pantoprazol p.o. verschoben auf 11:30 eintragen").Submit(chart+"/give", "act", "sign").Answers(200).Sees("11:30 Pantoprazol", "geplant", "verschoben 10:00")
	h.Pass(90 * time.Minute)
	list := nurse.Page("/ward/3A/doses")
	list.In("#next")
	again := nurse.Page(list.Attr("#next", "href")).Sees("10:00 wurde um 10:00 von S. Weber als „verschoben“ eingetragen")
	again.Submit(chart+"/give", "status", "refused", "why", "other", "act", "check").Answers(422).Sees("den anderen Grund")
	again.Submit(chart+"/give", "status", "refused", "why", "will", "words", "Bauchweh", "act", "check").Submit(chart+"/give", "act", "sign").Answers(200).Sees("✗ abgelehnt 11:30 · S. Weber", "0 fällig")
	h.As("arzt").Page(chart + "/medication").Sees("abgelehnt – möchte es nicht; Bauchweh")
	h.As("arzt").Page("/ward/3A").NotSees("10:00 Pantoprazol")
}

func TestTheWristbandOfSomebodyElseIsRefusedAndRecordedNowhere(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "a01_schmidt_1949_3A.hl7")
	prescribe(t, h, chart, pantoprazol...)
	nurse := h.As("pflege")
	give := nurse.Page(nurse.Page("/ward/3A/doses").Attr("#next", "href"))
	band := func(no string, form sheet.Form) string {
		return sheet.Code{Form: form, Case: "26047110", Page: 1, Seq: 7}.String()
	}
	wrong := sheet.Code{Form: sheet.FormWristband, Case: "26049999", Page: 1, Seq: 7}.String()
	before := h.Hub.Journal.Head()
	for _, scanned := range []string{wrong, "26049999", "irgendwas", wrong + "x"} {
		for _, act := range []string{"check", "sign"} {
			page := give.Submit(chart+"/give", "band", scanned, "act", "check")
			if act == "sign" {
				page = nurse.Post(chart+"/give", "rx", rxOf(t, give.Path), "due", dueOf(t, give.Path), "n", "0", "status", "given", "amount", "1 Tbl.", "band", scanned, "act", "sign")
			}
			page.Answers(422).In("#wrongband").Sees("Armband stimmt nicht")
			if page.Attr("#band", "value") != "" {
				t.Error("the wrong number stays in the field")
			}
		}
	}
	give.Submit(chart+"/give", "band", band("26047110", sheet.FormMedication), "act", "check").Answers(422).Sees("kein Armband")
	h.Settle()
	h.As("arzt").Page(chart + "/medication").Sees("Keine Gaben")
	if got := entriesSince(t, h, before); got != 0 {
		t.Errorf("%d entries were written", got)
	}
	for _, scanned := range []string{band("", sheet.FormWristband), "26047110", "10047110"} {
		give.Submit(chart+"/give", "band", scanned, "act", "check").Answers(200).Sees("Armband gescannt: es ist das richtige")
	}
	give.Submit(chart+"/give", "band", "26047110", "pack", "-03752864", "act", "check").Answers(200).Sees("PZN 03752864 gescannt: nicht vergleichbar").
		Submit(chart+"/give", "act", "sign").Answers(200).Sees("✓ gegeben")
}

// entriesSince counts the entries behind a place of the journal.
func entriesSince(t *testing.T, h *testkit.Hospital, before journal.Seq) (n int) {
	t.Helper()
	recs, err := h.Hub.Journal.Read(t.Context(), before+1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		if r.Kind == journal.Entry {
			n++
		}
	}
	return n
}

// rootOf is the key of the entry that a record holds.
func rootOf(t *testing.T, h *testkit.Hospital, seq string) string {
	t.Helper()
	n, err := strconv.ParseUint(seq, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.Hub.Journal.Get(t.Context(), journal.Seq(n))
	if err != nil {
		t.Fatal(err)
	}
	e, err := entry.Decode(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return e.Root
}

func rxOf(t *testing.T, path string) string  { return queryOf(t, path, "rx") }
func dueOf(t *testing.T, path string) string { return queryOf(t, path, "due") }

func queryOf(t *testing.T, path, name string) string {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}

func TestAHighRiskDrugNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, "drug", "Heparin", "strength", "5 000 IE", "dose", "5 000 IE", "route", "i.v.", "times", "10:00 18:00")
	nurse := h.As("pflege")
	give := nurse.Page(nurse.Page("/ward/3A/doses").Sees("zweite Person").Attr("#next", "href"))
	confirm := give.Submit(chart+"/give", "act", "check").Answers(200).Sees("Doppelkontrolle", "Für MÜLLER, Jürgen 5 000 IE Heparin i.v. gegeben 10:00 eintragen")
	sign := func(values ...string) *testkit.Page {
		return confirm.Submit(chart+"/give", append(values, "act", "sign")...)
	}
	sign().Answers(422).Sees("zweite Person")
	sign("second", "arzt", "second-password", "falsch").Answers(422).Sees("Name oder Passwort stimmt nicht")
	sign("second", "pflege", "second-password", testkit.Password).Answers(422).Sees("muss eine andere sein")
	sign("second", "PFLEGE ", "second-password", testkit.Password).Answers(422).Sees("muss eine andere sein")
	sign("second", "labor", "second-password", testkit.Password).Answers(422).Sees("darf hier nicht gegenzeichnen")
	h.As("arzt").Page(chart + "/medication").Sees("Keine Gaben")
	wrong := sign("second", "arzt", "second-password", "falsch").Answers(422)
	if strings.Contains(string(wrong.Body), "falsch\"") {
		t.Error("the password comes back in the page")
	}
	done := sign("second", "arzt", "second-password", testkit.Password).Answers(200).Sees("✓ gegeben")
	done.NotSees("ohne Doppelkontrolle gegeben")
	sign("second", "arzt", "second-password", testkit.Password).Answers(200)
}

func TestALockedSecondPersonIsLockedEverywhere(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, "drug", "Heparin", "strength", "5 000 IE", "dose", "5 000 IE", "route", "i.v.", "times", "10:00 18:00")
	nurse := h.As("pflege")
	confirm := nurse.Page(nurse.Page("/ward/3A/doses").Attr("#next", "href")).Submit(chart+"/give", "act", "check")
	for range 5 {
		confirm.Submit(chart+"/give", "second", "pflege2", "second-password", "falsch", "act", "sign").Answers(422)
	}
	confirm.Submit(chart+"/give", "second", "pflege2", "second-password", testkit.Password, "act", "sign").Answers(422).Sees("gesperrt")
	list := confirm.Submit(chart+"/give", "alone", "nachts allein", "act", "sign").Answers(200)
	list.Sees("ohne Doppelkontrolle gegeben", "ohne Doppelkontrolle: nachts allein")
}

func TestOfTwoWhoGiveTheSameDoseTheSecondIsTold(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	who := []*testkit.Person{h.As("pflege"), h.As("arzt")}
	forms := make([]*testkit.Page, len(who))
	for i, p := range who {
		forms[i] = p.Page(p.Page("/ward/3A/doses").Attr("#next", "href")).Submit(chart+"/give", "act", "check").Answers(200)
	}
	answers := make([]*testkit.Page, len(who))
	var wg sync.WaitGroup
	for i := range forms {
		wg.Go(func() { answers[i] = forms[i].Submit(chart+"/give", "act", "sign") })
	}
	wg.Wait()
	won := -1
	for i, a := range answers {
		switch a.Status {
		case 200:
			if won >= 0 {
				t.Fatal("both were recorded")
			}
			won = i
		case 409, 422:
			a.Sees("10:00 wurde um 10:00 von", "als „gegeben“ eingetragen")
		default:
			t.Fatalf("answered %d", a.Status)
		}
	}
	if won < 0 {
		t.Fatal("neither was recorded")
	}
	h.Settle()
	medication := h.As("arzt").Page(chart + "/medication").Text()
	if n := strings.Count(medication, "✓ gegeben "); n != 1 {
		t.Errorf("%d doses stand:\n%s", n, medication)
	}
	// Whoever means it can say so.
	late := who[1-won]
	look := linkTo(t, late.Page("/ward/3A/doses"), "/give?rx=", "due=")
	second := late.Page(look).Submit(chart+"/give", "act", "check").Answers(200).Sees("Trotzdem noch einmal eintragen?")
	second.Submit(chart+"/give", "act", "sign").Answers(422)
	second.Submit(chart+"/give", "sure", second.Attr("#sure0", "value"), "act", "sign").Answers(200)
}

func TestADrugAsNeededSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.As("arzt").Page(chart+"/prescribe").Submit(chart+"/prescribe", "drug", "Paracetamol", "dose", "1 g", "route", "p.o.", "needed", "1", "act", "check").Answers(422).Sees("in 24 h höchstens", "Es fehlt, wogegen")
	prescribe(t, h, chart, "drug", "Paracetamol", "strength", "500 mg", "dose", "1 g", "route", "p.o.", "needed", "1", "most", "2 g", "indication", "Schmerzen")
	nurse := h.As("pflege")
	for i := range 3 {
		list := nurse.Page("/ward/3A/doses")
		list.Sees("bei Bedarf", []string{"noch 2 g von 2 g", "noch 1 g von 2 g", "noch 0 mg von 2 g"}[i])
		page := nurse.Page(linkTo(t, list, "/give?rx=")).Submit(chart+"/give", "act", "check").Answers(200)
		if i == 2 {
			page.Sees("2 g von höchstens 2 g")
			page.Submit(chart+"/give", "act", "sign").Answers(422)
			break
		}
		page.Submit(chart+"/give", "act", "sign").Answers(200)
		h.Pass(time.Hour)
	}
}

func TestTheAmountTheTimeAndAStoppedDrugAreAskedAbout(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	nurse := h.As("pflege")
	give := nurse.Page(nurse.Page("/ward/3A/doses").Attr("#next", "href"))
	give.Submit(chart+"/give", "amount", "2 Tbl.", "act", "check").Answers(200).Sees("Verordnet sind 1 Tbl., eingetragen 2 Tbl.")
	h.Pass(2 * time.Hour)
	give.Submit(chart+"/give", "act", "check").Answers(200).Sees("Geplant war 10:00, gegeben 12:00")
	give.Submit(chart+"/give", "at", "10:10", "act", "check").Answers(200).NotSees("Stimmt das?").Sees("gegeben 10:10")
	give.Submit(chart+"/give", "at", "20.11. 08:00", "act", "check").Answers(422).Sees("kein Ausfall erklärt")
	nurse.Page("/ward/3A/doses").Sees("überfällig")
	doctor := h.As("arzt")
	doctor.Page(linkTo(t, doctor.Page(chart+"/medication"), "/prescription?rx=")).Submit(chart+"/prescription", "to", "stop", "why", "nicht mehr nötig").Answers(200)
	give.Submit(chart+"/give", "at", "10:10", "act", "check").Answers(200).Sees("Diese Verordnung ist abgesetzt. Trotzdem gegeben?")
	nurse.Page("/ward/3A/doses").NotSees("Pantoprazol")
}

func TestADoseComesBackAfterTheSignInEndedWithoutThePassword(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, "drug", "Heparin", "strength", "5 000 IE", "dose", "5 000 IE", "route", "i.v.", "times", "10:00 18:00")
	nurse := h.As("pflege")
	confirm := nurse.Page(nurse.Page("/ward/3A/doses").Attr("#next", "href")).Submit(chart+"/give", "words", "ruhig", "act", "check")
	nurse.Post("/signout")
	page := confirm.Submit(chart+"/give", "second", "arzt", "second-password", "Geheimnis-der-Zweiten", "act", "sign").Answers(401)
	if strings.Contains(string(page.Body), "Geheimnis-der-Zweiten") {
		t.Error("the password of the second person is carried around the sign-in")
	}
	back := page.Submit("/signin", "id", "pflege", "password", testkit.Password).Answers(200).Sees("Noch nicht gespeichert")
	if back.Attr("#words", "value") != "ruhig" {
		t.Error("what was typed is lost")
	}
	h.As("arzt").Page(chart + "/medication").Sees("Keine Gaben")
}

func TestAHouseNamesItsOwnDrugsForTheSecondPerson(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Web.Session.Idle = 12 * time.Hour
		c.Medication.SecondPerson = []string{"Pantoprazol"}
	})
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	prescribe(t, h, chart, pantoprazol...)
	prescribe(t, h, chart, "drug", "Heparin", "strength", "5 000 IE", "dose", "5 000 IE", "route", "i.v.", "times", "10:00 18:00")
	h.As("pflege").Page("/ward/3A/doses").Sees("Pantoprazol 40 mg zweite Person").NotSees("Heparin 5 000 IE zweite Person", "Heparin zweite Person")
}

func TestEntriesOfMedicationAreShownAndChangesAreNotForgotten(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	signed := prescribe(t, h, chart, pantoprazol...)
	root := rootOf(t, h, queryOf(t, signed.Path, "signed"))
	page := h.As("arzt").Page(chart+"/entry/"+root).Answers(200).Sees("Verordnung", "gilt", "Pantoprazol", "Prüfung beim Verordnen", "Wechselwirkungen werden nicht geprüft")
	page.NotSees("Korrigieren")
	page.Submit(chart+"/entry/"+root+"/withdraw", "why", "falscher Patient").Answers(200).Sees("zurückgenommen")
	h.As("pflege").Page("/ward/3A/doses").NotSees("Pantoprazol")
	h.As("arzt").Page(chart + "/write/prescription").Answers(404)
	h.As("arzt").Page(chart + "/write").Sees("Verordnung")
}

func TestADrugThatNobodyKnowsIsNotInjectedByOnePerson(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, "drug", "Xyzumab", "dose", "10 mg", "route", "i.v.", "times", "10:00")
	nurse := h.As("pflege")
	list := nurse.Page("/ward/3A/doses").Answers(200).Sees("Xyzumab", "zweite Person")
	give := nurse.Page(list.Attr("#next", "href")).Answers(200)
	ask := give.Submit(chart+"/give", "act", "check").Answers(200).Sees("Doppelkontrolle", "„Xyzumab“ steht nicht in der Arzneimitteltabelle")
	ask.Submit(chart+"/give", "act", "sign").Answers(422).Sees("braucht eine zweite Person")
	ask.Submit(chart+"/give", "alone", "Nachtdienst allein", "act", "sign").Answers(200)
	nurse.Page("/ward/3A/doses").Sees("ohne Doppelkontrolle gegeben", "Xyzumab")
}

func TestADoseOfATimeThatIsNotPlannedIsAnExtraOne(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	nurse := h.As("pflege")
	planned := nurse.Page("/ward/3A/doses").Attr("#next", "href")
	wrong := strings.Replace(planned, url.QueryEscape("T10:00:00"), url.QueryEscape("T09:00:00"), 1)
	if wrong == planned {
		t.Fatalf("the address %q has no time", planned)
	}
	nurse.Page(planned).NotSees("keine Gabe geplant")
	give := nurse.Page(wrong).Answers(200).Sees("Für 09:00 ist von diesem Mittel keine Gabe geplant", "zusätzliche Gabe")
	asked := give.Submit(chart+"/give", "act", "check").Answers(200).Sees("Als zusätzliche Gabe eintragen?")
	asked.Submit(chart+"/give", "act", "sign").Answers(422).Sees("Noch nicht bestätigt")
	asked.Submit(chart+"/give", "sure", asked.Attr("#sure0", "value"), "act", "sign").Answers(200)
	nurse.Page("/ward/3A/doses").Sees("10:00 Pantoprazol 40 mg", "◆ fällig") // the planned one is still to be given
	nurse.Page(strings.Replace(planned, "due=", "due=gestern", 1)).Answers(404)
}
