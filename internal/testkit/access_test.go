package testkit_test

import (
	"net/http"
	"testing"

	"notbetrieb/internal/testkit"
)

func TestInNormalTimesAChartNeedsAReasonAndTheAuditorFindsIt(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	key := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	end(h)
	glass := h.As("pflege").Page(key)
	glass.Sees("Es ist kein Ausfall erklärt", "Warum müssen Sie jetzt lesen?").NotSees("Müller")
	glass.Submit("/glass", "reason", "").Answers(http.StatusUnprocessableEntity)
	chart := glass.Submit("/glass", "reason", "Angehörige fragen nach der Allergie").Answers(200)
	chart.In(".banner").Sees("Müller", "Amoxicillin")
	h.Settle()
	_, no, _ := cut(key)
	audit := h.As("revision").Page("/audit?patient=" + no)
	audit.Sees("S. Weber", "Angehörige fragen nach der Allergie", "chart/overview", "26047110")
	h.As("revision").Page("/audit?glass=1").Sees("Angehörige fragen nach der Allergie")
	h.As("revision").Look(key).Answers(http.StatusForbidden)
}

func TestADeclaredOutageOpensTheOwnWardsAndOthersNeedAReason(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "a01_heidenreich_ITS.hl7")
	if at := h.As("pflege").Look("/ward/3A").Location(); !underPath(at, "/glass") {
		t.Errorf("without an outage a ward leads to %q, want a reason first", at)
	}
	h.Declare("kis")
	h.As("pflege").Look("/ward/3A").Answers(200).Sees("Müller")
	glass := h.As("pflege").Page("/ward/ITS")
	glass.Sees("Dieser Bereich gehört nicht zu Ihren Stationen").NotSees("Heidenreich")
	glass.Submit("/glass", "reason", "Aushilfe auf der Intensivstation").Answers(200).Sees("von Heidenreich")
	its := h.As("pflege2").Look("/ward/ITS").Answers(200)
	if at := h.As("pflege2").Look("/ward/3A").Location(); !underPath(at, "/glass") {
		t.Errorf("another ward leads to %q, want a reason first", at)
	}
	key := chartOf(its, "26095501")
	if at := h.As("it").Look(key + "/sources").Location(); !underPath(at, "/glass") {
		t.Errorf("IT is led to %q in an outage, want a reason first", at)
	}
	h.As("it").Look(key).Answers(http.StatusForbidden)
	h.As("labor").Look(key + "/lab").Answers(200)
	h.As("labor").Look(key + "/medication").Answers(http.StatusForbidden)
	h.As("aufnahme").Look(key + "/lab").Answers(http.StatusForbidden)
}

func TestOnlyThoseWhoMayReachPeopleAndTheAccessLog(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	for _, id := range []string{"pflege", "arzt", "aufnahme", "labor", "radiologie", "apotheke", "krisenstab"} {
		h.As(id).Look("/audit").Answers(http.StatusForbidden)
		h.As(id).Look("/people").Answers(http.StatusForbidden)
		h.As(id).Look("/people/arzt").Answers(http.StatusForbidden)
		h.As(id).Post("/people/"+id, "name", "X", "role", "it", "roles", "it").Answers(http.StatusForbidden)
		h.As(id).Post("/people/it/password", "password", testkit.Password).Answers(http.StatusForbidden)
	}
	h.As("it").Look("/people").Answers(200).Sees("T. Özdemir")
	h.As("it").Look("/audit").Answers(http.StatusForbidden)
	h.As("revision").Look("/audit").Answers(200)
	h.As("revision").Look("/people").Answers(http.StatusForbidden)
	if at := h.Visitor().Look("/ward/3A").Location(); at != "/signin?back=%2Fward%2F3A" {
		t.Errorf("a stranger is led to %q", at)
	}
}

func TestAnOutageNeedsTwoPeople(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	id := h.Propose("kis")
	h.As("arzt").Page("/").In("#modeline").Sees("Normalbetrieb", "Ausfall gemeldet", "Bestätigung fehlt")
	h.As("arzt").Page("/outages").Sees("Bestätigen muss eine andere Person")
	same := h.As("arzt").Post("/outages/"+id+"/confirm", "key", "zweimal-derselbe").Answers(http.StatusConflict)
	same.In("#modeline").Sees("Normalbetrieb")
	h.As("revision").Post("/outages/"+id+"/confirm", "key", "revision").Answers(http.StatusForbidden)
	h.As("pflege").Page("/outages").Submit("/outages/" + id + "/confirm").Answers(200)
	h.Settle()
	h.As("arzt").Page("/").In("#modeline").Sees("Notbetrieb seit", "KIS")
	h.As("arzt").Page("/outages").Submit("/outages/"+id+"/end", "why", "KIS läuft wieder").Answers(200)
	h.As("arzt").Post("/outages/"+id+"/confirm-end", "key", "ende-derselbe").Answers(http.StatusConflict)
	h.As("pflege").Page("/outages").Submit("/outages/" + id + "/confirm-end").Answers(200)
	h.Settle()
	h.As("arzt").Page("/").In("#modeline").Sees("Normalbetrieb")
}

func TestOnePersonAloneDeclaresWithAReason(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	page := h.As("pflege").Page("/outages").Submit("/outages/declare", "system", "lis", "why", "Labor antwortet nicht", "alone", "Nachts allein auf Station")
	page.Sees("Gilt sofort mit einer Person").Submit("/outages/declared").Answers(200).Sees("allein in Kraft gesetzt", "Nachts allein auf Station")
	h.As("pflege").Page("/").In("#modeline").Sees("Notbetrieb", "Labor")
	short := h.As("arzt").Page("/outages").Submit("/outages/declare", "system", "kis", "why", "x")
	short.Answers(http.StatusUnprocessableEntity).Sees("Bitte in ein paar Worten sagen")
}

func TestWhoMustChangeThePasswordDoesThatFirst(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	h.As("it").Page("/people/pflege2").Submit("/people/pflege2/password", "password", "Kiefernzapfen-12").Answers(200)
	h.Settle()
	nurse := h.Visitor()
	if at := nurse.SignIn("pflege2", "Kiefernzapfen-12").Path; at != "/password" {
		t.Errorf("the first page is %s", at)
	}
	for _, path := range []string{"/", "/ward/ITS", "/unread", "/outages", "/search?q=Heidenreich", "/glass", "/print", "/nothing"} {
		if at := nurse.Look(path).Location(); at != "/password" {
			t.Errorf("%s leads to %q before the password is changed", path, at)
		}
	}
	if at := nurse.Post("/outages/declared", "key", "k", "system", "lis", "why", "darf noch nicht", "alone", "darf noch nicht").Location(); at != "/password" {
		t.Errorf("declaring leads to %q before the password is changed", at)
	}
	nurse.Page("/password").Submit("/password", "old", "Kiefernzapfen-12", "new", "Tannenwipfel-34", "again", "Tannenwipfel-34").Answers(200)
	nurse.Look("/ward/ITS").Answers(200)
}

// end ends the open outage with one person alone.
func end(h *testkit.Hospital) {
	page := h.As("arzt").Page("/outages")
	id := page.In("section.outage").Attr("section", "id")
	page.Submit("/outages/"+id+"/end", "why", "wieder da", "alone", "niemand sonst erreichbar").Answers(200)
	h.Settle()
}
