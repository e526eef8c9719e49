package testkit_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/foreign"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/testkit"
)

// by are the call-outs that something began by itself.
func by(h *testkit.Hospital, t callout.Trigger) []*callout.Callout {
	var out []*callout.Callout
	for _, c := range h.Hub.Callout.All() {
		if c.Trigger == t {
			out = append(out, c)
		}
	}
	return out
}

// TestATermToReportThatRunsOutCallsByItself: at 75 %, although the hub was off
// when it passed, once and not again after the next restart; it asks nobody to
// come.
func TestATermToReportThatRunsOutCallsByItself(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms, func(c *config.Config) { c.Callout.Deadlines = "stab" })
	contacts(t, h)
	id := declareCrisis(t, h)
	inc, err := h.Hub.Crisis.SignKnowledge(t.Context(), crisis.Act{Person: "krisenstab", Name: "Dr. A. Stein", Key: "kn"}, id, rulebook.FromKnowledge, h.Clock(), "Dr. A. Stein", "Meldung der IT")
	if err != nil {
		t.Fatal(err)
	}
	var first crisis.Due
	for _, d := range h.Hub.Crisis.Deadlines(inc) {
		if d.Open() && d.Runs() && !d.AtOnce && (first.Duty == nil || d.At(rulebook.ThreeQuarters).Before(first.At(rulebook.ThreeQuarters))) && d.Due.Sub(d.Start) >= 20*time.Hour {
			first = d
		}
	}
	if first.Duty == nil {
		t.Fatal("no term runs")
	}
	if n := len(by(h, callout.ByDeadline)); n != 0 {
		t.Fatalf("%d call-outs before anything has passed", n)
	}
	h.Stop()
	h.Pass(first.At(rulebook.ThreeQuarters).Sub(h.Clock()) + 90*time.Minute)
	h.Restart()
	told := func() *callout.Callout {
		for _, c := range by(h, callout.ByDeadline) {
			if slices.ContainsFunc(c.Of, func(o callout.Occasion) bool {
				return strings.Contains(o.Line, "75 %") && strings.Contains(o.Line, first.Duty.Name.DE)
			}) {
				return c
			}
		}
		return nil
	}
	soon(t, "somebody is told", func() bool { return told() != nil })
	if c := told(); c.Ask != callout.Read || c.Crisis != id {
		t.Errorf("%+v", c)
	}
	n := len(by(h, callout.ByDeadline))
	h.Restart()
	h.Pass(10 * time.Minute) // what the restart broke off is sent again
	soon(t, "the hub has looked again", func() bool { return len(sms.all()) >= n })
	if again := len(by(h, callout.ByDeadline)); again != n {
		t.Errorf("%d call-outs, then %d", n, again)
	}
	h.Check()
}

// TestTermsOfOneMomentAreOneCall: two duties have the same term from the same
// moment of knowledge. The leader is called once, with both.
func TestTermsOfOneMomentAreOneCall(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms, func(c *config.Config) { c.Callout.Deadlines = "stab" })
	contacts(t, h)
	id := declareCrisis(t, h)
	inc, err := h.Hub.Crisis.SignKnowledge(t.Context(), crisis.Act{Person: "krisenstab", Name: "Dr. A. Stein", Key: "kn"}, id, rulebook.FromKnowledge, h.Clock(), "Dr. A. Stein", "Meldung der IT")
	if err != nil {
		t.Fatal(err)
	}
	moments := map[time.Time][]string{}
	for _, d := range h.Hub.Crisis.Deadlines(inc) {
		if d.Open() && d.Runs() && !d.AtOnce {
			at := d.At(rulebook.ThreeQuarters)
			moments[at] = append(moments[at], d.Duty.Name.DE)
		}
	}
	var at time.Time
	for m, names := range moments {
		if len(names) > len(moments[at]) {
			at = m
		}
	}
	if len(moments[at]) < 2 {
		t.Fatalf("no terms of one moment: %v", moments)
	}
	h.Stop()
	h.Pass(at.Sub(h.Clock()))
	h.Restart()
	named := func(c *callout.Callout, name string) bool {
		return slices.ContainsFunc(c.Of, func(o callout.Occasion) bool { return strings.Contains(o.Line, name) })
	}
	soon(t, "somebody is told", func() bool { return len(by(h, callout.ByDeadline)) > 0 })
	first := by(h, callout.ByDeadline)[0]
	for _, name := range moments[at] {
		if !named(first, name) {
			t.Errorf("%q is not named in %+v", name, first.Of)
		}
	}
	soon(t, "the SMS left", func() bool { return len(sms.all()) > 0 })
	h.Pass(time.Minute)
	h.Restart()
	if n := len(by(h, callout.ByDeadline)); n != 1 {
		t.Errorf("%d call-outs", n)
	}
	page := h.As("krisenstab").Page("/callout/" + first.ID).Answers(200)
	for _, name := range moments[at] {
		page.Sees(name)
	}
	h.Check()
}

// watchToken is a file with the word that another monitoring shows.
func watchToken(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(alertToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// fails lets another monitoring say that a vital system is gone.
func fails(t *testing.T, h *testkit.Hospital) {
	t.Helper()
	now, _ := h.Hub.Estate.Current()
	next := now.Tables
	next.Systems = []estate.System{{ID: "kis", Weight: estate.Vital, Area: estate.Clinical, Fallback: "Papierkurve aus der Mappe"}}
	next.Systems[0].Name.DE = "KIS"
	who := estate.Command{Key: "k", Person: "it", Name: "IT", Why: "Anfang"}
	if err := h.Hub.Estate.Accept(t.Context(), who, estate.FromTemplate, estate.Diff(&now.Tables, &next)); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL()+"/hooks/alerts/icinga", strings.NewReader(`{"host":"kis","state":"DOWN","output":"Verbindung verloren"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+alertToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		t.Fatalf("the alert: %d", res.StatusCode)
	}
}

// TestTheWatchCallsAtNight: what it proposes is told once, to those whom the
// house named.
func TestTheWatchCallsAtNight(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms, func(c *config.Config) {
		c.Watch.Propose, c.Watch.AlertToken = 0, watchToken(t)
		c.Callout.Night = config.Night{Group: "stab", From: "0:00", Until: "0:00"}
	})
	soon(t, "that there is no such group is said before the night", func() bool {
		a, ok := h.Hub.Alarms.Get("group/callout.night.group")
		return ok && strings.Contains(a.Text.DE, "stab")
	})
	contacts(t, h)
	fails(t, h)
	soon(t, "somebody is told", func() bool { return len(by(h, callout.ByWatch)) == 1 })
	soon(t, "the SMS left", func() bool { return len(sms.all()) == 1 })
	if text := sms.all()[0]; !strings.Contains(text, "HINWEIS") || !strings.Contains(text, "Ausfall vermutet") {
		t.Errorf("the SMS says %q", text)
	}
	if _, ok := h.Hub.Alarms.Get("group/callout.night.group"); ok {
		t.Error("the alarm still stands")
	}
	h.Check()
}

// TestManyAnswerFromOneAddress: a provider shows all its customers as one. Whoever
// tries links that were never made keeps nobody from answering.
func TestManyAnswerFromOneAddress(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms)
	contacts(t, h)
	alarm(t, h)
	soon(t, "the SMS left", func() bool { return len(sms.all()) == 1 })
	link := regexp.MustCompile(`http://alarm\.example(/a/\S+)`).FindStringSubmatch(sms.all()[0])[1]
	stranger := h.Visitor()
	for range 21 {
		stranger.Page("/a/geraten")
	}
	stranger.Page("/a/geraten").Answers(http.StatusServiceUnavailable)
	for range 25 {
		h.Visitor().Page(link).Answers(200).Sees("Ich komme")
	}
}

// TestADrillStaysADrill: a form that comes back because a word is missing keeps
// what was ticked and typed, also in an incident that is
// no exercise.
func TestADrillStaysADrill(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms)
	contacts(t, h)
	id := declareCrisis(t, h)
	page := h.As("krisenstab").Post("/callout", "crisis", id, "group", "stab", "title", "", "place", "Raum 12", "drill", "1", "key", "k").Answers(422)
	if !page.Has("#drill[checked]") || page.Attr("#place", "value") != "Raum 12" {
		t.Errorf("the form has forgotten it:\n%s", page.Text())
	}
}
