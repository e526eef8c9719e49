package testkit_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/foreign"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/testkit"
)

// TestWhatFewKnowStandsNowhereElse: an incident with a suspected insider is
// declared, people are called, something is secured and records are held. Nobody
// outside of the circle meets its title on any page, sheet, message, metric or
// line of the log, nor gets any page of it by its address. One of them is then
// named, and is in the circle.
func TestWhatFewKnowStandsNowhereElse(t *testing.T) {
	t.Parallel()
	const title = "Kranichkonto manipuliert Werte"
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms, func(c *config.Config) {
		c.Callout.Declared, c.Evidence.Freeze, c.Retention = "stab", true, config.Retention{Days: 30, KeepReadsDays: 60}
	})
	aDay(h)
	contacts(t, h)
	lead := h.As("krisenstab")
	page := lead.Page("/crisis").Submit("/crisis", "kind", "insider", "title", title).Answers(200)
	_, id, _ := strings.Cut(page.Attr("section.outage", "id"), "-")
	lead.Post("/crisis/"+id+"/do/declare", "key", "d1").Answers(303)
	h.As("krisenstab2").Post("/crisis/"+id+"/do/confirm", "key", "d2").Answers(303)
	soon(t, "the team is called", func() bool { return len(h.Hub.Callout.Of(id)) == 1 && len(sms.all()) == 1 })
	if said := sms.all()[0]; strings.Contains(said, "Kranich") || strings.Contains(said, crisis.KindName(rulebook.Insider).DE) {
		t.Errorf("the SMS tells everybody who sees it: %s", said)
	}
	soon(t, "the records are held", func() bool { return len(h.Hub.Evidence.Standing()) == 1 })
	auto := h.Hub.Callout.Of(id)[0].ID
	lead.Page("/callout?crisis="+id).Submit("/callout", "group", "stab", "title", title, "place", "Raum 12").Answers(200).Submit("/callout").Answers(200)
	lead.Upload("/evidence/new", "photo", []testkit.Upload{{Name: "a.png", Body: aPhoto(t)}}, "key", "e1", "case", id, "kind", "log", "title", "Anmeldeprotokoll", "found", "VPN", "taken", "A. Stein", "place", "Tresor").Answers(200).Sees(title)
	item := h.Hub.Evidence.ByLabel("B1-0001")
	lead.Page("/evidence/holds?case="+id).Submit("/evidence/holds/set", "what", "whole", "about", id, "why", title).Answers(200)
	h.Settle()

	held := h.Hub.Evidence.Standing()[0].ID
	calls := []string{auto}
	for _, c := range h.Hub.Callout.Of(id) {
		calls = append(calls, c.ID)
	}
	var direct []string
	for _, tab := range []string{"", "/tasks", "/log", "/team", "/deadlines", "/messages", "/service", "/situation", "/report/dsgvo-33", "/print/logbook.pdf"} {
		direct = append(direct, "/crisis/"+id+tab)
	}
	for _, c := range calls {
		direct = append(direct, "/callout/"+c, "/callout/"+c+"/list.pdf")
	}
	direct = append(direct, "/callout?crisis="+id, "/evacuation/"+id, "/evacuation/"+id+"/list.pdf", "/evidence/list.pdf?case="+id, "/evidence/item/"+item.ID, "/evidence/item/"+item.ID+"/handover",
		"/evidence/item/"+item.ID+"/print/sheet.pdf", "/evidence/item/"+item.ID+"/print/label.pdf", "/evidence/item/"+item.ID+"/file/"+item.Files[0].Hash, "/evidence/package?case="+id)
	posts := map[string][]string{
		"/evidence/holds/ask": {"of", held, "why", "nicht mehr nötig"}, "/evidence/holds/set": {"what", "case", "case", id, "why", "so"},
		"/evidence/item/" + item.ID + "/do/note": {"text", "gelesen"}, "/callout/" + calls[0] + "/do/end": {"why", "Irrtum"}, "/crisis/" + id + "/do/log": {"kind", "decision", "text", "gelesen"},
		"/evidence/package": {"case", id, "for", "mich", "why", "so"}, "/callout": {"group", "stab", "title", "so", "crisis", id},
	}
	for _, who := range []string{"pflege", "arzt", "aufnahme", "labor", "radiologie", "apotheke", "it"} {
		person := h.As(who)
		if n := walkAll(t, person, maxPages, title); n < 5 {
			t.Errorf("%s: only %d pages", who, n)
		}
		for _, path := range append(direct, "/evidence", "/evidence/new", "/evidence/holds", "/evidence?scan=B1-0001", "/evidence?case="+id, "/evidence/holds?case="+id, "/callout", "/crisis", "/crisis/register") {
			got := person.Look(path)
			if bytes.Contains(got.Body, []byte("Kranich")) {
				t.Errorf("%s: %s tells of it", who, path)
			}
			if strings.Contains(path, id) && !strings.HasPrefix(path, "/evidence?") && !strings.HasPrefix(path, "/evidence/holds") && got.Status != http.StatusNotFound && got.Status != http.StatusForbidden {
				t.Errorf("%s: %s answers %d", who, path, got.Status)
			}
		}
		for path, fields := range posts {
			if got := person.Post(path, append(fields, "key", who+path)...); got.Status < 400 || bytes.Contains(got.Body, []byte("Kranich")) {
				t.Errorf("%s: POST %s answers %d", who, path, got.Status)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/signin"} {
		if got := h.Visitor().Look(path); bytes.Contains(got.Body, []byte("Kranich")) {
			t.Errorf("%s tells of it", path)
		}
	}
	if strings.Contains(h.Log(), "Kranich") {
		t.Error("the log tells of it")
	}

	// Who leads and who audits meet it everywhere; so does who is named.
	for _, path := range []string{"/crisis", "/evidence", "/evidence/new", "/evidence/holds", "/callout", "/callout/" + calls[len(calls)-1], "/evidence/item/" + item.ID} {
		if got := lead.Look(path); got.Status != 200 || !bytes.Contains(got.Body, []byte("Kranich")) && !strings.HasPrefix(path, "/callout/") {
			t.Errorf("the crisis team: %s answers %d without it", path, got.Status)
		}
	}
	h.As("revision").Page("/evidence").Sees(title)
	lead.Post("/crisis/"+id+"/do/seat", "key", "s1", "role", "it", "person", "it", "name", "R. Vogel", "until", "+4h").Answers(303)
	h.As("it").Page("/evidence/item/" + item.ID).Sees(title)
	h.As("it").Page("/callout").Sees(title)

	// Patients are brought out by everybody, whatever the incident is.
	lead.Post("/crisis/"+id+"/do/evacuate", "key", "v1", "ward", "3B", "point", "Halle Ost", "why", "Drohung").Answers(303)
	out := h.As("pflege").Page("/crisis").NotSees(title).Sees("Liste und Abhaken")
	h.As("pflege").Page(out.Attr("main a[href^=/evacuation/]", "href")).Answers(200).NotSees(title).Sees("Halle Ost")
	h.Pass(time.Minute)
}

// TestWhatFewKnowIsToldApart: two incidents are declared at once. Who is called
// for one of them is not told of the other in the same words.
func TestWhatFewKnowIsToldApart(t *testing.T) {
	t.Parallel()
	h := alarmHouse(t, foreign.NewMailHost(t, nil), newSMSGateway(t))
	contacts(t, h)
	one := callout.Order{Group: "stab", Title: "Dateien verschlüsselt", Trigger: callout.ByDeclared, Of: []callout.Occasion{{Key: "declared/1", Crisis: "1", Line: "Dateien verschlüsselt"}}}
	two := one
	two.Title, two.Of = "Näheres nur mündlich", []callout.Occasion{{Key: "declared/2", Crisis: "2", Line: "Näheres nur mündlich"}}
	if n := len(h.Hub.Callout.Together([]callout.Order{one, two})); n != 1 {
		t.Errorf("two of the same moment are %d call-outs", n)
	}
	two.Apart = true
	if n := len(h.Hub.Callout.Together([]callout.Order{one, two})); n != 2 {
		t.Errorf("with what few may know they are %d call-outs", n)
	}
}
