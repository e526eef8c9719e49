package testkit_test

import (
	"strings"
	"sync"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

// secondAnalyst hires a second person for the laboratory.
func secondAnalyst(t *testing.T, h *testkit.Hospital) *testkit.Person {
	t.Helper()
	p := staff.Person{ID: "labor2", Name: "U. Klee", Roles: []staff.Role{staff.Laboratory}, Lang: lang.DE}
	if err := h.Hub.Staff.Add(t.Context(), staff.Console(), p); err != nil {
		t.Fatal(err)
	}
	if err := h.Hub.Staff.SetPassword(t.Context(), staff.Console(), p.ID, testkit.Password); err != nil {
		t.Fatal(err)
	}
	return h.As(p.ID)
}

// rowOf returns the number of an analyte's row on the page of an order.
func rowOf(t *testing.T, page *testkit.Page, label string) string {
	t.Helper()
	for i := range 20 {
		no := string(rune('0' + i%10))
		if i >= 10 {
			no = "1" + no
		}
		if page.Has("label[for=v"+no+"]") && strings.Contains(page.In("label[for=v"+no+"]").Text(), label) {
			return no
		}
	}
	t.Fatalf("no row of %s:\n%s", label, page.Text())
	return ""
}

func TestFromOrderToWardThroughTheLaboratorysDesk(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.ELEK", "1", "taken", "09:50")
	lab := h.As("labor")
	desk := lab.Page("/desk/lab").Answers(200)
	desk.Sees("Elektrolyte", "Müller", "Notfall", tubes[0])
	desk.Submit("/desk/lab", "scan", "NA000000999").Answers(404).Sees("Kein offener Auftrag hat die Nummer NA000000999", "Die Probe behalten")
	page := desk.Submit("/desk/lab", "scan", strings.ToLower(tubes[0])).Answers(200)
	action := chart + "/results/" + tubes[0]
	page.Sees("Kalium", "3,5 - 5,1", "Natrium", "angefordert")
	page = page.Submit(action + "/arrived").Answers(200).Sees("in Arbeit")
	k, na := rowOf(t, page, "Kalium"), rowOf(t, page, "Natrium")

	page.Submit(action, "act", "sign").Answers(422).Sees("kein neuer Wert")
	page.Submit(action, "v"+k, "61", "act", "sign").Answers(422).Sees("61 mmol/l kann nicht sein")
	page.Submit(action, "v"+k, "sechs", "act", "sign").Answers(422).Sees("keine Zahl")
	asked := page.Submit(action, "v"+k, "9,1", "v"+na, "140", "act", "sign").Answers(422).Sees("9,1 mmol/l ist ungewöhnlich")
	if got := asked.Attr("#v"+na, "value"); got != "140" {
		t.Errorf("what was typed is lost: %q", got)
	}
	stored := page.Submit(action, "v"+k, "6,4", "v"+na, "140", "act", "sign").Answers(200)
	stored.Sees("Gespeichert", tubes[0], "Teilbefund")
	page.Submit(action, "v"+k, "6,4", "v"+na, "140", "act", "sign").Answers(200).Sees("Gespeichert") // a double click
	ward := h.As("arzt").Page(chart + "/lab").In("table")
	ward.Sees("Kalium", "6,4", "vorläufig")

	if list := h.As("arzt").Page("/print/ward-results.pdf?ward=3A").Answers(200); !strings.HasPrefix(string(list.Body), "%PDF-") {
		t.Errorf("no list of results: %.20q", list.Body)
	}
	h.As("aufnahme").Page("/print/ward-results.pdf?ward=3A").Answers(403)
	own := lab.Page(action)
	own.Submit(action, "r"+k, "1", "act", "release").Answers(422).Sees("haben Sie selbst eingetragen")
	second := secondAnalyst(t, h)
	look := second.Page(action)
	released := look.Submit(action, "act", "release").Answers(200)
	released.Sees("Gespeichert")
	look.Submit(action, "act", "release").Answers(200).Sees("Gespeichert") // a double click
	h.As("arzt").Page(chart+"/lab").In("table").Sees("6,4", "140").NotSees("vorläufig")
	if w := lab.Page("/desk/lab"); !strings.Contains(w.Text(), "Teilbefund") {
		t.Errorf("two of four values finished the order:\n%s", w.Text())
	}

	rest := second.Page(action)
	cl, ca := rowOf(t, rest, "Chlorid"), rowOf(t, rest, "Calcium")
	rest.Submit(action, "n"+cl, "1", "act", "sign").Answers(422).Sees("braucht einen Grund")
	rest.Submit(action, "n"+cl, "1", "c"+cl, "hämolytisch", "v"+ca, "2,3", "act", "sign").Answers(200)
	lab.Page(action).Submit(action, "act", "release").Answers(200).Sees("Nichts wartet")
	fix := lab.Page(action)
	fix.Submit(action, "v"+k, "4,6", "act", "sign").Answers(422).Sees("warum korrigiert wird")
	fix.Submit(action, "v"+k, "4,6", "reason", "Probe verwechselt", "act", "sign").Answers(200)
	h.As("arzt").Page(chart+"/lab").In("table").Sees("4,6", "6,4", "kein Ergebnis")
	h.Check()
	h.Replay()
}

func TestATubeOfAnotherPatientIsRefused(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", strings.NewReplacer("10047110", "10047199", "26047110", "26047199", "Müller", "Huber", "K00001", "K00009", "|301|F", "|302|F").Replace(string(h.Message("a01_mueller_3A.hl7"))))
	other := chartOf(h.As("pflege").Page("/ward/3A"), "26047199")
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "R", "x.CRP", "1")
	lab := h.As("labor")
	lab.Page(other+"/results/"+tubes[0]).Answers(404).Sees("gehört nicht zu dieser Person", "nichts gespeichert")
	lab.Post(other+"/results/"+tubes[0], "key", "0191f0f0f0f070008000000000000001", "act", "sign", "code", "CRP/", "no", "0", "v0", "5").Answers(404)
	h.As("arzt").Page(other + "/lab").NotSees("CRP")
	h.As("pflege").Page(chart + "/results/" + tubes[0]).Answers(403)
}

func TestAnAnalysersValueIsValidatedAtTheSameDesk(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Feeds = append(c.Feeds, analyserFeed())
		c.Mapping.Results = append(c.Mapping.Results, c.Mapping.Results[0])
		r := &c.Mapping.Results[len(c.Mapping.Results)-1]
		r.Feed, r.Code = "cobas", "991"
	})
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	h.Declare("lis")
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.K", "1", "x.NA", "1")
	analyser := h.Analyser("cobas")
	measure := func(value string) {
		t.Helper()
		if err := analyser.Send(t.Context(), potassiumOf(tubes[0], value)); err != nil {
			t.Fatal(err)
		}
		h.Settle()
	}
	measure("6.1")
	lab := h.As("labor")
	lab.Page("/desk/lab?show=validate").Sees(tubes[0], "Teilbefund")
	action := chart + "/results/" + tubes[0]
	page := lab.Page(action).Sees("Gerät")
	k := rowOf(t, page, "Kalium")
	if v, c := page.Attr("#v"+k, "value"), page.Attr("input[name=c"+k+"]", "value"); v != "6,1" || !strings.Contains(c, "Hämolyse") {
		t.Fatalf("shows %q %q", v, c)
	}
	page.Submit(action, "act", "release").Answers(200)
	h.As("arzt").Page(chart + "/lab").Sees("6,1").NotSees("nicht validiert")
	measure("4.9") // a rerun: the validated value stands
	h.As("arzt").Page(chart+"/lab").Sees("6,1", "Neue Messung am Gerät, nicht validiert: 4,9")
	again := lab.Page(action).Sees("Gerät maß danach", "4,9")
	again.Submit(action, "v"+k, "4,9", "reason", "Nachmessung ohne Hämolyse", "act", "sign").Answers(200)
	h.As("arzt").Page(chart+"/lab").Sees("4,9", "6,1").NotSees("nicht validiert")
	h.Check()
	h.Replay()
}

func TestAValueTypedInARowThatIsAnotherByNowIsTold(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "R", "x.CRP", "1")
	action := chart + "/results/" + tubes[0]
	lab := h.As("labor")
	lab.Page(action).Submit(action, "v0", "12", "act", "sign").Answers(200)
	lab.Post(action, "key", "0191f0f0f0f070008000000000000002", "act", "sign", "code", "CRP/", "no", "0", "q0", "0", "v0", "31").
		Answers(422).Sees("CRP wurde inzwischen geändert: 12")
	lab.Post(action, "key", "0191f0f0f0f070008000000000000003", "act", "sign", "code", "HB/", "no", "0", "v0", "7,4", "c0", "").
		Answers(422).Sees("HB: Die Zeile ist inzwischen anders. Nicht gespeichert: „7,4“")
	h.As("arzt").Page(chart + "/lab").In("table").Sees("12").NotSees("31")
	h.Check()
}

func TestTwoReleaseTheSameValuesAtOnce(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "R", "x.CRP", "1")
	action := chart + "/results/" + tubes[0]
	h.As("labor").Page(action).Submit(action, "v0", "12", "act", "sign").Answers(200)
	one, two := secondAnalyst(t, h), h.As("labor")
	looks := []*testkit.Page{one.Page(action), two.Page(action)}
	answers := make([]*testkit.Page, 2)
	var wg sync.WaitGroup
	for i, page := range looks {
		wg.Go(func() {
			if i == 1 {
				page = page.Submit(action, "r0", "1", "act", "release")
				if page.Has("#alone") {
					page = page.Submit(action, "r0", "1", "alone", "allein im Dienst", "act", "release")
				}
				answers[i] = page
				return
			}
			answers[i] = page.Submit(action, "act", "release")
		})
	}
	wg.Wait()
	stored := 0
	for _, a := range answers {
		switch a.Status {
		case 200:
			stored++
		case 409, 422: // the other was faster, and the page says so
			if said := a.In(".problems").Text(); !strings.Contains(said, "gespeichert") && !strings.Contains(said, "inzwischen") {
				t.Errorf("the slower one reads %q", said)
			}
		default:
			t.Errorf("%d %s", a.Status, a.Text())
		}
	}
	if stored == 0 {
		t.Error("nobody released it")
	}
	h.As("arzt").Page(chart + "/lab").In("table").Sees("12").NotSees("vorläufig")
	h.Check()
}

func TestFurtherValuesNeedAKnownUnit(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "R", "x.CRP", "1")
	action := chart + "/results/" + tubes[0]
	page := h.As("labor").Page(action)
	page.Submit(action, "fn0", "Osmolalität", "fv0", "290", "fu0", "Löffel", "act", "sign").Answers(422).Sees("Einheit „Löffel“ ist nicht bekannt")
	page.Submit(action, "fn0", "Kalium", "fv0", "4", "fu0", "mg/dl", "act", "sign").Answers(422).Sees("Kalium wird hier in mmol/l angegeben")
	kept := page.Submit(action, "fn0", "Kalium", "fv0", "42", "fu0", "mmol/l", "act", "sign").Answers(422).Sees("kann nicht sein")
	if got := kept.Attr("#fv0", "value"); got != "42" {
		t.Errorf("what was typed is lost: %q", got)
	}
	page.Submit(action, "fn0", "Osmolalität", "fv0", "290", "fu0", "mosmol/kg", "act", "sign").Answers(200)
	h.As("arzt").Page(chart+"/lab").Sees("Osmolalität", "290", "mosmol/kg", "vorläufig")
}

// The rows of a form belong together by their order: the way around the sign-in
// keeps it, so that no value comes back beside another test.
func TestValuesComeBackBesideTheirTestsAfterTheSignInEnded(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.K", "1", "x.NA", "1", "x.CL", "1", "x.CA", "1")
	action := chart + "/results/" + tubes[0]
	lab := h.As("labor")
	page := lab.Page(action)
	values := map[string]string{"Natrium": "137", "Kalium": "4,8", "Chlorid": "101", "Calcium": "2,3"}
	fill := []string{"act", "sign"}
	for name, v := range values {
		fill = append(fill, "v"+rowOf(t, page, name), v)
	}
	lab.Post("/signout")
	back := page.Submit(action, fill...).Answers(401).Submit("/signin", "id", "labor", "password", testkit.Password).Answers(200)
	for name, want := range values {
		if got := back.Attr("#v"+rowOf(t, back, name), "value"); got != want {
			t.Errorf("%s came back as %q, typed was %q", name, got, want)
		}
	}
	back.Submit(action, "act", "sign").Answers(200).Sees("Gespeichert")
	h.As("arzt").Page(chart+"/lab").In("table").Sees("137", "4,8", "101", "2,3")
}
