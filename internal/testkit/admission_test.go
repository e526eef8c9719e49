package testkit_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/testkit"
)

// withEmergency is the hospital with an emergency department.
func withEmergency(c *config.Config) {
	c.Wards = append(c.Wards, config.Ward{Code: "ZNA", Name: "Notaufnahme", Kind: config.WardEmergency, Beds: []config.Room{{Room: "R1", Beds: []string{"1", "2"}}}})
	c.Web.Session.Idle = c.Web.Session.Absolute
}

// downHouse is a hospital with a patient on 3A and the KIS out of service.
func downHouse(t *testing.T) *testkit.Hospital {
	t.Helper()
	h := testkit.New(t, withEmergency)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	return h
}

// newPerson opens the form of a new person.
func newPerson(h *testkit.Hospital, by string) *testkit.Page {
	return h.As(by).Page("/admission").Submit("/admission/admit-new", "act", "begin").Answers(200)
}

var caseNumber = regexp.MustCompile(`NF\d{8}`)

// caseOf is the case number that a page shows.
func caseOf(t *testing.T, p *testkit.Page) string {
	t.Helper()
	no := caseNumber.FindString(p.Text())
	if no == "" {
		t.Fatalf("%s shows no case number:\n%s", p.Path, p.Text())
	}
	return no
}

// keyOn is the key of the patient whose wristband the page offers.
func keyOn(t *testing.T, p *testkit.Page) string {
	t.Helper()
	for _, l := range p.Links() {
		if key, ok := strings.CutSuffix(strings.TrimPrefix(l, "/print/patient/"), "/wristband.pdf"); ok {
			return key
		}
	}
	t.Fatalf("%s offers no wristband", p.Path)
	return ""
}

func TestANewPersonIsAdmittedAndLiesOnTheWard(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	done := newPerson(h, "aufnahme").Submit("/admission/admit-new", "family", "Baumgarten", "given", "Lieselotte", "birth", "12.06.1948", "sex", "F",
		"street", "Am Anger 3", "zip", "53177", "city", "Bonn", "kvnr", "X110411675", "fund", "Kasse am Ort", "class", "I", "cause", "Sturz",
		"allergies", "Penicillin, Latex", "cave", "Marcumar", "contact", "Baumgarten, Horst", "relation", "Ehemann", "contactphone", "0228 1",
		"ward", "3A", "act", "beds").Answers(200).
		Submit("/admission/admit-new", "place", "3A · 302 · F", "act", "sign").Answers(200)
	done.Sees("eingetragen", "Baumgarten, Lieselotte", "12.06.1948", "3A · Zi 302 F", "noch nicht im KIS")
	no := caseOf(t, done)
	h.As("pflege").Page("/ward/3A").Sees("Baumgarten, Lieselotte", "Penicillin", "Latex", "Marcumar", "Sturz", no)
	band := h.As("aufnahme").Page("/print/patient/" + keyOn(t, done) + "/wristband.pdf").Answers(200)
	if !strings.HasPrefix(string(band.Body), "%PDF") {
		t.Error("no wristband")
	}
	h.As("aufnahme").Page("/search?q=" + no).Sees("Baumgarten")
	matrix := sheet.Code{Form: sheet.FormWristband, Case: clinical.CaseNo(no), Page: 1, Seq: 12}.String()
	for _, scanned := range []string{matrix, no} { // DataMatrix and Code 128 of the wristband
		h.As("aufnahme").Page("/admission").Submit("/admission", "q", scanned).Answers(200).Sees("Ist im Haus: öffnen", "Baumgarten")
	}
	h.As("aufnahme").Page("/search?q=X110411675").Sees("Baumgarten")
	h.As("arzt").Page("/patient/"+keyOn(t, done)+"/course").Sees("Kasse am Ort", "Ehemann")
	h.Check()
}

func TestTheSameAdmissionSentTwiceIsOneStay(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	form := newPerson(h, "aufnahme")
	values := []string{"family", "Baumgarten", "given", "Lieselotte", "birth", "12.06.1948", "sex", "F", "class", "I", "ward", "3B", "act", "beds"}
	form = form.Submit("/admission/admit-new", values...)
	first := form.Submit("/admission/admit-new", "place", "3B · 311 · F", "act", "sign").Answers(200)
	again := form.Submit("/admission/admit-new", "place", "3B · 311 · F", "act", "sign").Answers(200)
	if first.Path != again.Path || caseOf(t, first) != caseOf(t, again) {
		t.Errorf("two stays: %s and %s", first.Path, again.Path)
	}
	other := form.Submit("/admission/admit-new", "given", "Karla", "place", "3B · 311 · T", "act", "sign").Answers(409)
	other.Sees("mit anderen Angaben schon unterschrieben", "M. Kurz")
	if got := other.Attr("#given", "value"); got != "Karla" {
		t.Errorf("what was typed is lost: %q", got)
	}
	h.As("pflege").Page("/ward/3B").NotSees("Karla")
	if only := h.As("aufnahme").Page("/search?q=Baumgarten"); !strings.HasPrefix(only.Path, "/patient/") {
		t.Errorf("not exactly one Baumgarten: %s", only.Text())
	}
}

func TestAKnownPersonGetsANewStay(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	key := strings.TrimPrefix(chartOf(h.As("pflege").Page("/ward/3A"), "26047110"), "/patient/")
	out := h.As("pflege").Page("/patient/"+key+"/move/discharge").Submit("/patient/"+key+"/move/discharge", "disposition", "01", "act", "sign").Answers(200)
	out.Sees("regulär beendet").Submit("/patient/"+key+"/move/discharge", "act", "sign").Answers(200).Sees("eingetragen", "entlassen")
	h.As("pflege").Page("/ward/3A").NotSees("Müller")
	h.As("aufnahme").Page("/admission").Submit("/admission", "q", "Müller, Jürgen").Answers(200).Sees("Aufnehmen", "Müller, Jürgen", "entlassen")
	form := h.As("aufnahme").Page("/admission/admit?patient=" + key).Answers(200).Sees("Müller, Jürgen")
	done := form.Submit("/admission/admit", "ward", "3A", "act", "beds").Submit("/admission/admit", "place", "3A · 301 · T", "class", "I", "act", "sign").Answers(200)
	no := caseOf(t, done)
	h.As("pflege").Page("/ward/3A").Sees("Müller, Jürgen", no)
	again := h.As("aufnahme").Page("/admission/admit?patient="+key).Submit("/admission/admit", "ward", "3B", "act", "beds").
		Submit("/admission/admit", "place", "3B", "class", "I", "act", "sign").Answers(422)
	again.Sees("schon im Haus", no)
}

func TestADoubletIsAskedAboutBeforeAChartIsMade(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	birth := regexp.MustCompile(`\d\d\.\d\d\.\d{4}`).FindString(h.As("pflege").Page("/ward/3A").In("tr.link").Text())
	form := newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", "3B", "act", "beds")
	asked := form.Submit("/admission/admit-new", "family", "Müller", "given", "Jürgen", "birth", birth, "sex", "F", "class", "I", "place", "3B", "act", "sign").Answers(422)
	asked.Sees("schon jemand bekannt", "Nein, es ist jemand anderes", "Ja, diese Person")
	asked.Submit("/admission/admit-new", "act", "sign").Answers(422).Sees("schon jemand bekannt")
	word := asked.Attr("#other", "value")
	done := asked.Submit("/admission/admit-new", "sure", word, "act", "sign").Answers(200).Sees("eingetragen")
	h.As("pflege").Page("/ward/3B").Sees("Müller, Jürgen")
	h.As("pflege").Page("/patient/" + keyOn(t, done)).Sees("Mögliche Doppelanlage")
}

func TestAWrongCheckDigitIsAskedAbout(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	h.As("aufnahme").Page("/admission").Submit("/admission", "q", "X110411676").Answers(200).Sees("Prüfziffer")
	form := newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", "3B", "act", "beds")
	asked := form.Submit("/admission/admit-new", "family", "Baumgarten", "given", "Lotte", "sex", "F", "class", "I", "place", "3B", "kvnr", "X110411676", "act", "sign").Answers(422)
	asked.Sees("Die Prüfziffer der Versichertennummer passt nicht")
	asked.Submit("/admission/admit-new", "act", "sign").Answers(200).Sees("eingetragen")
	newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", "3B", "act", "beds").
		Submit("/admission/admit-new", "family", "Thoma", "given", "Lotte", "sex", "F", "class", "I", "place", "3B", "kvnr", "4711", "act", "sign").Answers(422).Sees("neun Ziffern")
}

func TestAHealthCardFillsTheForm(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	card := `<?xml version="1.0"?><UC_PersoenlicheVersichertendatenXML xmlns="http://ws.gematik.de/fa/vsdm/vsd/v5.2"><Versicherter><Versicherten_ID>X110411675</Versicherten_ID><Person><Geburtsdatum>19510812</Geburtsdatum><Vorname>Änne</Vorname><Nachname>Baumgarten</Nachname><Geschlecht>W</Geschlecht></Person></Versicherter></UC_PersoenlicheVersichertendatenXML>`
	found := h.As("aufnahme").Page("/admission").Submit("/admission", "q", card).Answers(200).Sees("Gesundheitskarte", "Baumgarten, Änne", "12.08.1951", "Niemand gefunden")
	form := found.Submit("/admission/admit-new", "act", "begin").Answers(200)
	for field, want := range map[string]string{"#family": "Baumgarten", "#given": "Änne", "#birth": "12.08.1951", "#kvnr": "X110411675"} {
		if got := form.Attr(field, "value"); got != want {
			t.Errorf("%s is %q", field, got)
		}
	}
	h.As("aufnahme").Page("/admission").Submit("/admission", "q", "<Versichertendaten").Answers(422).Sees("nicht lesbar")
}

func TestPlausibility(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	form := newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", "3A", "act", "beds")
	base := []string{"family", "Baumgarten", "given", "Lotte", "sex", "F", "class", "I", "act", "sign"}
	try := func(status int, says string, values ...string) {
		t.Helper()
		form.Submit("/admission/admit-new", append(values, base...)...).Answers(status).Sees(says)
	}
	try(422, "liegt in der Zukunft", "place", "3A · 302 · F", "birth", "24.12.2026")
	try(422, "Wohin fehlt", "birth", "24.12.1950")
	try(422, "mehr als 110 Jahre", "place", "3A · 302 · F", "birth", "24.12.1900")
	try(422, "kein Ausfall erklärt", "place", "3A · 302 · F", "at", "01.11. 12:00")
	try(422, "Bett gibt es auf der Station nicht", "place", "3A · 399 · F")
	try(422, "ein Bett der gewählten Station", "place", "3B · 311 · F")
	try(422, "inzwischen belegt", "place", "3A · 301 · F")
}

func TestAnUnknownPersonIsIdentified(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	form := h.As("aufnahme").Page("/admission/admit-unknown").Submit("/admission/admit-unknown", "ward", "ZNA", "act", "beds")
	done := form.Submit("/admission/admit-unknown", "triage", "red", "sex", "M", "age", "40", "found", "Hauptbahnhof", "class", "E", "place", "ZNA · R1 · 1", "act", "sign").Answers(200)
	no := caseOf(t, done)
	done.Sees("Unbekannt, Fall "+no, "unbekannte Person", "1986")
	chart := "/patient/" + keyOn(t, done)
	h.As("arzt").Page("/ward/ZNA").Sees("Unbekannt", "Triage rot", "Hauptbahnhof")
	h.As("arzt").Page(chart + "/curve").Sees("rot")
	named := h.As("aufnahme").Page(chart+"/write/person").Submit(chart+"/write/person", "family", "Grünwald", "given", "Theo", "birth", "03.03.1985", "act", "sign").Answers(200)
	named.Sees("Grünwald", "gilt")
	h.As("arzt").Page("/ward/ZNA").Sees("Grünwald, Theo").NotSees("unbekannte Person")
	h.As("aufnahme").Page("/search?q=Grünwald").Sees(no)
}

func TestAnUnknownPersonTurnsOutToBeKnown(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	form := h.As("aufnahme").Page("/admission/admit-unknown").Submit("/admission/admit-unknown", "ward", "ZNA", "act", "beds")
	done := form.Submit("/admission/admit-unknown", "sex", "F", "class", "E", "place", "ZNA", "act", "sign").Answers(200)
	key, no := keyOn(t, done), caseOf(t, done)
	same := h.As("aufnahme").Page("/patient/" + key + "/same?who=Müller").Answers(200).Sees("Müller, Jürgen")
	into := ""
	for _, id := range regexp.MustCompile(`into-[a-z2-7]{16}`).FindAllString(string(same.Body), 1) {
		into = strings.TrimPrefix(id, "into-")
	}
	same.Submit("/patient/"+key+"/joined", "into", into).Answers(422).Sees("woran sie erkannt wurde")
	sure := same.Submit("/patient/"+key+"/joined", "into", into, "how", "Ausweis in der Jacke").Answers(200)
	sure.Sees("Unbekannt, Fall "+no+" ist Müller, Jürgen", "Ausweis in der Jacke")
	h.As("aufnahme").Page("/patient/" + into + "/course").NotSees(no)
	one := sure.Submit("/patient/"+key+"/joined").Answers(200).Sees("eingetragen", "Müller, Jürgen")
	h.As("aufnahme").Page("/patient/"+into+"/course").Sees(no, "26047110")
	entry := h.As("aufnahme").Page("/patient/" + into + "/entry/" + one.Path[strings.LastIndexByte(one.Path, '/')+1:]).Answers(200)
	entry.Submit(entry.Path+"/withdraw", "why", "doch eine andere").Answers(200).Sees("zurückgenommen")
	h.As("aufnahme").Page("/patient/" + into + "/course").NotSees(no)
	h.Check()
}

func TestTwinsAreLinkedToTheirMother(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	done := newPerson(h, "pflege").Submit("/admission/admit-new", "family", "Baumgarten", "given", "Lotte", "birth", "12.06.1998", "sex", "F", "class", "I", "place", "3A", "act", "sign").Answers(200)
	mother := keyOn(t, done)
	h.As("pflege").Page("/patient/" + mother + "/write").Sees("Aufnahme eines Neugeborenen")
	form := h.As("pflege").Page("/admission/newborn?mother=" + mother).Answers(200)
	form.Submit("/admission/newborn", "sex", "F", "order", "1", "weight", "2450", "place", "3A", "act", "sign").Answers(422).Sees("Geburtszeit fehlt")
	first := form.Submit("/admission/newborn", "sex", "F", "order", "1", "weight", "2450", "place", "3A", "at", "09:52", "act", "sign").Answers(200)
	first.Sees("Baumgarten, Tochter 1", "21.11.2026")
	next := ""
	for _, l := range first.Links() {
		if strings.HasPrefix(l, "/admission/newborn") {
			next = l
		}
	}
	second := h.As("pflege").Page(next).Answers(200)
	if got := second.Attr("#order", "value"); got != "2" {
		t.Errorf("the next child is number %q", got)
	}
	done = second.Submit("/admission/newborn", "sex", "M", "weight", "2610", "place", "3A", "at", "09:55", "act", "sign").Answers(200).Sees("Baumgarten, Sohn 2")
	h.As("arzt").Page("/patient/"+keyOn(t, done)).Answers(200).Sees("Mutter", "Neugeborenes", "2,61")
	h.As("arzt").Page("/patient/"+mother).Sees("Kind", "Baumgarten, Tochter 1", "Baumgarten, Sohn 2")
	h.As("pflege").Page("/print/patient/" + keyOn(t, done) + "/wristband.pdf").Answers(200)
}

func TestTwentyAtOnceInTheEmergencyDepartment(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	list := h.As("arzt").Page("/admission/mass").Answers(200)
	seen := map[string]bool{}
	for i := range 17 {
		before := list
		list = list.Submit(list.Path, "triage", []string{"red", "yellow", "green"}[i%3], "sex", "M", "age", fmt.Sprint(20+i)).Answers(200)
		if i == 5 { // a double click
			before.Submit(before.Path, "triage", []string{"red", "yellow", "green"}[i%3], "sex", "M", "age", fmt.Sprint(20+i)).Answers(200)
		}
	}
	list = list.Submit(list.Path, "count", "3").Answers(200)
	for _, no := range list.Cases() {
		if seen[no] {
			t.Errorf("case %s twice", no)
		}
		seen[no] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 admitted", len(seen))
	}
	bands := h.As("arzt").Page(list.Path + "/bands.pdf").Answers(200)
	if n := strings.Count(string(bands.Body), "/Type /Page\n") + strings.Count(string(bands.Body), "/Type /Page "); n != 20 && n != 0 {
		t.Errorf("%d wristbands", n)
	}
	h.As("arzt").Page("/ward/ZNA").Sees("Triage rot", "Triage gelb", "20")
	list.Submit(list.Path, "count", "51").Answers(422)
	h.Check()
}

func TestNoNumberIsGivenTwiceAfterARestart(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	seen := map[string]bool{}
	for range 3 {
		list := h.As("arzt").Page("/admission/mass")
		list = list.Submit(list.Path, "count", "4").Answers(200)
		for _, no := range list.Cases() {
			if seen[no] {
				t.Errorf("case %s twice", no)
			}
			seen[no] = true
		}
		h.Restart()
	}
	if len(seen) != 12 {
		t.Errorf("%d cases", len(seen))
	}
}

func TestAnAdmissionIsCorrectedAndTakenBack(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	done := newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", "3A", "act", "beds").
		Submit("/admission/admit-new", "family", "Baumgartn", "given", "Lotte", "sex", "F", "class", "I", "place", "3A · 302 · F", "act", "sign").Answers(200)
	no, chart := caseOf(t, done), "/patient/"+keyOn(t, done)
	root := done.Path[strings.LastIndexByte(done.Path, '/')+1:]
	form := h.As("aufnahme").Page(chart+"/move/admit-new?correct="+root).Answers(200).Sees("Korrektur", "302 F", "(belegt)")
	fixed := form.Submit(chart+"/move/admit-new", "family", "Baumgarten", "place", "3A · 302 · T", "reason", "Tippfehler", "act", "sign").Answers(200)
	if caseOf(t, fixed) != no {
		t.Errorf("the correction made another stay")
	}
	h.As("pflege").Page("/ward/3A").Sees("Baumgarten, Lotte", no).NotSees("Baumgartn,", "doppelt belegt")
	entry := h.As("aufnahme").Page(chart+"/entry/"+root).Answers(200).Sees("Tippfehler", "ersetzt", "Baumgartn")
	entry.Submit(chart+"/entry/"+root+"/withdraw", "why", "war gar nicht hier").Answers(200)
	h.As("pflege").Page("/ward/3A").NotSees("Baumgarten")
	h.Check()
}

// Two windows of one person send the same form at the same moment: the numbers
// are drawn twice, and there is one stay.
func TestTwoClicksAtOnceAreOneStay(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	key := newPerson(h, "aufnahme").Attr("input[name=key]", "value")
	const windows = 6
	to := make(chan string, windows)
	for range windows {
		w := h.Visitor()
		w.SignIn("aufnahme", testkit.Password)
		go func() {
			page := w.Post("/admission/admit-new", "key", key, "family", "Baumgarten", "given", "Lotte", "sex", "F", "class", "I", "place", "3B", "act", "sign")
			to <- fmt.Sprint(page.Status, " ", page.Location())
		}()
	}
	for range windows {
		if got := <-to; got != "303 /admission/done/"+key {
			t.Errorf("a window was led to %s", got)
		}
	}
	h.Settle()
	if ward := h.As("pflege").Page("/ward/3B"); len(ward.Cases()) != 1 {
		t.Errorf("%d stays", len(ward.Cases()))
	}
}

// The answer was lost and the sign-in has ended: the line that comes back is the
// one that was sent, not the next.
func TestALineOfACrowdThatComesBackAfterTheSignInIsTheSameLine(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	doctor := h.As("arzt")
	list := doctor.Page("/admission/mass").Answers(200)
	line := []string{"triage", "red", "sex", "M", "age", "40"}
	list.Submit(list.Path, line...).Answers(200) // nobody saw this
	doctor.Post("/signout")
	back := list.Submit(list.Path, line...).Answers(401).Submit("/signin", "id", "arzt", "password", testkit.Password).Answers(200)
	again := back.Submit(list.Path).Answers(200)
	if n := len(again.Cases()); n != 1 {
		t.Errorf("%d people were admitted, one came:\n%s", n, again.Text())
	}
	again.Submit(list.Path, line...).Answers(200).Sees("2 in dieser Liste")
}

func TestTwoPeopleInOneListLoseNoLine(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	mine := h.As("arzt").Page("/admission/mass").Answers(200)
	other := h.As("aufnahme").Page(mine.Path).Answers(200)
	mine.Submit(mine.Path, "triage", "red", "sex", "M").Answers(200)
	again := other.Submit(other.Path, "triage", "green", "sex", "F", "age", "8").Answers(409).Sees("noch nicht gespeichert")
	if got := again.Attr("#age", "value"); got != "8" {
		t.Errorf("what was typed is lost: %q", got)
	}
	list := again.Submit(again.Path).Answers(200).Sees("rot", "grün")
	if n := len(list.Cases()); n != 2 {
		t.Errorf("%d lines", n)
	}
}
