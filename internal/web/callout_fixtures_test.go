package web

import (
	"maps"
	"testing"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// fixtureCallout has a person in every state: one comes, one cannot, one has a
// gateway that fails, for one nobody is left.
func fixtureCallout() *callout.Callout {
	at := func(before time.Duration) time.Time { return ago(before) }
	sent := func(w, try int, out way.Outcome, said string) callout.Sending {
		return callout.Sending{ID: "s", Way: w, Try: try, Began: at(9 * time.Minute), Ended: at(9 * time.Minute), Out: out, Said: said}
	}
	ways := []callout.Way{{Out: "sms", Kind: estate.Mobile, To: "+491715550001"}, {Out: "mail-extern", Kind: estate.Mail, To: "vogel@klinik.example"}}
	phones := []callout.Phone{{Kind: estate.Mobile, Value: "0171 5550001"}, {Kind: estate.InPerson, Value: "Ahornweg 4"}}
	answer := func(w callout.Word, via callout.Via, before time.Duration) callout.Answer {
		return callout.Answer{Word: w, Via: via, By: callout.Act{At: at(before), Name: "K. Roth"}}
	}
	person := func(id, name string, sends []callout.Sending, answers ...callout.Answer) callout.Person {
		return callout.Person{ID: id, Contact: id, Name: name, Code: "48151" + id[:1], Ways: ways, Phones: phones, Since: at(10 * time.Minute), Sent: sends, Answers: answers}
	}
	come := answer(callout.Coming, callout.ByVoice, 6*time.Minute)
	come.Minutes, come.Note = 25, "steht im Stau"
	lost := sent(0, 1, "", "")
	lost.Lost = true
	waits := callout.Person{ID: "3.2", Name: "T. Brinkmann", Code: "481599", Ways: ways}
	return &callout.Callout{
		ID: "a1", Crisis: "c1", Group: "stab", Name: "Kernstab", Title: "Cyberangriff: Dateien verschlüsselt", Text: "Kein Rechner darf neu starten.", Place: "Raum 12", Phone: "0511 4700", Ask: callout.Come, Trigger: callout.ByPerson, Quorum: 2,
		Of:      []callout.Occasion{{Key: "declared/c1", Crisis: "c1", Line: "Cyberangriff: Dateien verschlüsselt"}, {Key: "due/c1", Crisis: "c1", Line: "Meldefrist zu 75 % vergangen: Erstmeldung an das BSI, Frist bis 23.11.2026 02:00 Uhr"}},
		Started: callout.Act{Name: "Dr. A. Stein", At: at(10 * time.Minute)},
		Posts: []callout.Post{
			{ID: "1", Function: "Leitung", Called: 1, Chain: []callout.Person{person("1.1", "Dr. A. Stein", []callout.Sending{lost, sent(0, 2, way.Accepted, "200 OK")}, answer(callout.NoReply, callout.ByVoice, 7*time.Minute), come)}},
			{ID: "2", Function: "IT", Called: 1, Nobody: at(2 * time.Minute), Chain: []callout.Person{person("2.1", "R. Vogel", []callout.Sending{sent(0, 3, way.Unreached, "503"), sent(1, 1, way.Refused, "mail host: sending SMTP RCPT TO command 550")}, answer(callout.Cannot, callout.BySMS, 5*time.Minute))}},
			{ID: "3", Function: "Pflegedirektion", Called: 1, Chain: []callout.Person{person("3.1", "S. Weber", []callout.Sending{sent(0, 1, way.Unclear, "")}, callout.Answer{Word: callout.Coming, Via: callout.ByNumber, By: callout.Act{At: at(3 * time.Minute)}}), waits}},
		},
	}
}

func calloutGallery(add func(string, []byte, error), f Frame) {
	c, drill := fixtureCallout(), fixtureCallout()
	drill.ID, drill.Drill, drill.Ended, drill.EndWhy, drill.AllClear = "a0", true, callout.Act{Name: "K. Roth", At: ago(time.Minute)}, "Übung beendet", true
	reader := *f.User
	reader.Rights = maps.Clone(reader.Rights)
	reader.Rights["call-out"], reader.Rights["work-crisis"] = true, true
	f.User = &reader
	group := callout.Group{ID: "stab", Name: "Kernstab", Quorum: 2, Seats: []callout.Seat{{Role: rulebook.Lead, Contact: "stein"}, {Function: "Pforte", Contact: "pforte"}}, By: callout.Act{Name: "R. Vogel", At: ago(24 * time.Hour)}, Seq: 7}
	form := calloutForm{Group: "stab", Title: c.Title, Text: c.Text, Place: c.Place, Phone: c.Phone, Crisis: "c1"}
	list := newCalloutsPage(f, []*callout.Callout{c, drill}, []callout.Group{group}, fixtureCrisis(), form)
	list.Ways, list.Problems = []string{"sms", "mail-extern"}, []problem{{"title", lang.Text{DE: "Bitte in ein paar Worten sagen, was ist.", EN: "Please say in a few words what it is."}}}
	list.Uncalled = []uncalledView{{Crisis: "c1", Title: "Dateien verschlüsselt", Group: "stab", Declared: f.stamp(ago(13 * time.Hour)), Late: true}, {Crisis: "c2", Title: "Telematik gestört", Group: "stab", Declared: f.stamp(ago(time.Hour))}}
	draw(add, "callouts", calloutsPageT, list)
	pre := callout.Preview{Name: "Kernstab", Quorum: 2, Posts: c.Posts, People: 3, Ways: map[string]int{"sms": 3, "mail-extern": 2}, Voice: c.Posts[0].Chain, Lost: c.Posts[1].Chain, Left: 12}
	draw(add, "callout-ask", calloutAskPageT, newCalloutAskPage(f, form, pre, list.Ways, "k"))
	draw(add, "callout", calloutPageT, newCalloutPage(f, c))
	draw(add, "callout-drill", calloutPageT, newCalloutPage(f, drill))
	draw(add, "callout-group", callGroupPageT, newCallGroupPage(f, group, false, []estate.Contact{{ID: "stein", Name: "Dr. A. Stein", Function: "Geschäftsführung"}, {ID: "pforte", Name: "Pforte"}}))
	out := Frame{Lang: f.Lang, Now: f.Now, House: f.House, Night: f.Night, Outside: true, Title: lang.Text{DE: "Alarm beantworten", EN: "Answer the alarm"}, Limits: f.Limits, Path: "/"}
	asked := callout.Invited{Callout: c, Person: c.Posts[2].Chain[0], Text: "ALARM: Kernstab\nKlinik am Lindenhof\n\nDateien verschlüsselt"}
	draw(add, "answer", answerPageT, newAnswerPage(out, asked, "token", nil))
	asked.Person.Answers = []callout.Answer{{Word: callout.Coming, Minutes: 20, Via: callout.ByLink, By: callout.Act{At: ago(time.Minute)}}}
	draw(add, "answered", answerPageT, newAnswerPage(out, asked, "token", nil))
}

func TestCalloutTemplatesFitTheirTypes(t *testing.T) {
	t.Parallel()
	fits(t, calloutsPageT)
	fits(t, calloutAskPageT)
	fits(t, calloutPageT)
	fits(t, callGroupPageT)
	fits(t, answerPageT)
}

// TestNobodyFollowsLinksWithoutEnd: one address is held up, another is not, and
// after a minute, or when the clock is set back, everybody may again.
func TestNobodyFollowsLinksWithoutEnd(t *testing.T) {
	t.Parallel()
	var c callers
	now := time.Date(2026, 3, 29, 1, 59, 30, 0, time.UTC)
	for i := range perCaller {
		if !c.take("10.0.0.1", now) {
			t.Fatalf("held up after %d", i)
		}
	}
	if c.take("10.0.0.1", now.Add(59*time.Second)) {
		t.Error("not held up")
	}
	if !c.take("10.0.0.2", now) {
		t.Error("another address is held up")
	}
	if !c.take("10.0.0.1", now.Add(time.Minute)) || !c.take("10.0.0.1", now.Add(-time.Hour)) {
		t.Error("held up for ever")
	}
}
