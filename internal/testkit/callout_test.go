package testkit_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/config"
	"notbetrieb/internal/foreign"
	"notbetrieb/internal/testkit"
)

// smsGateway is a gateway of a provider, in a mood.
type smsGateway struct {
	*httptest.Server
	mu   sync.Mutex
	sent []string // number and text
	mood atomic.Value
}

func newSMSGateway(t *testing.T) *smsGateway {
	t.Helper()
	g := &smsGateway{}
	g.mood.Store(http.StatusOK)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() != nil {
			return
		}
		g.mu.Lock()
		g.sent = append(g.sent, r.FormValue("to")+" "+r.FormValue("text"))
		g.mu.Unlock()
		w.WriteHeader(g.mood.Load().(int))
		_, _ = w.Write([]byte("OK " + r.FormValue("text")))
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *smsGateway) all() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.sent...)
}

// alarmHouse is a hospital whose crisis team is called by SMS and by mail.
func alarmHouse(t *testing.T, mail *foreign.MailHost, sms *smsGateway, change ...func(*config.Config)) *testkit.Hospital {
	t.Helper()
	return testkit.New(t, append([]func(*config.Config){func(c *config.Config) {
		c.Web.Session.Idle, c.Web.Session.Absolute = 60*24*time.Hour, 90*24*time.Hour
		c.Callout.URL, c.Callout.Answers = "http://alarm.example", "0511 4711"
		s, m := config.DefaultOutlet(), config.DefaultOutlet()
		s.Name, s.Kind, s.URL, s.Body, s.Type = "sms", "sms", sms.URL+"/send", "to={number}&text={text}", "application/x-www-form-urlencoded"
		m.Name, m.Host, m.Security, m.From = "mail", mail.Addr, "none", "alarm@klinik.example"
		c.Callout.Ways = []config.Outlet{s, m}
	}}, change...)...)
}

// contacts writes three people down: the head of IT, whose deputy is the
// technician, and the medical director, who is only on the telephone.
func contacts(t *testing.T, h *testkit.Hospital) {
	t.Helper()
	who := h.As("krisenstab")
	for _, c := range [][]string{
		{"id", "technik", "name", "T. Brinkmann", "function", "Techniker", "mobile", "0171 5550002", "mail", "technik@klinik.example"},
		{"id", "it", "name", "R. Vogel", "function", "Leitung IT", "mobile", "0171 5550001", "mail", "vogel@klinik.example", "deputy", "technik"},
		{"id", "aed", "name", "Dr. M. Falk", "function", "Ärztliche Direktion", "landline", "0511 99"},
	} {
		page := who.Page("/estate/tables/contacts/row").Submit("/estate/tables/contacts/row", append(c, "act", "save")...)
		if page.Status != 200 {
			t.Fatalf("%d %s", page.Status, page.Text())
		}
	}
	page := who.Page("/callgroup/new").Submit("/callgroup/new", "id", "stab", "name", "Kernstab", "quorum", "1", "role0", "it", "contact0", "it", "function1", "Ärztliche Direktion", "contact1", "aed", "act", "save")
	page.Answers(200).Sees("Kernstab")
}

// soon looks again until it holds: what is sent goes on by itself.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func alarm(t *testing.T, h *testkit.Hospital, values ...string) *callout.Callout {
	t.Helper()
	form := append([]string{"group", "stab", "title", "Dateien verschlüsselt", "text", "Kein Rechner darf neu starten.", "place", "Raum 12", "phone", "0511 4700"}, values...)
	ask := h.As("krisenstab").Page("/callout").Submit("/callout", form...)
	ask.Answers(200).Sees("Gerufen werden: 2 Personen", "Kernstab", "sms: 1", "mail: 1", "Nur telefonisch: 1")
	if n := len(h.Hub.Callout.All()); n != 0 {
		t.Fatalf("%d call-outs before it was confirmed", n)
	}
	ask.Submit("/callout").Answers(200).Sees("Kernstab", "0 von 2", "R. Vogel")
	all := h.Hub.Callout.All()
	if len(all) != 1 {
		t.Fatalf("%d call-outs", len(all))
	}
	return all[0]
}

// TestTheCrisisTeamIsCalledAndAnswers: one reads the SMS and comes by the link,
// the other is reached by telephone; at the end both are told that it is over.
func TestTheCrisisTeamIsCalledAndAnswers(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	h := alarmHouse(t, mail, sms)
	contacts(t, h)
	c := alarm(t, h)
	soon(t, "the SMS left", func() bool { return len(sms.all()) == 1 })
	text := sms.all()[0]
	if !strings.HasPrefix(text, "+491715550001 ALARM Klinik am Lindenhof, Kernstab: Dateien verschlüsselt. Wohin: Raum 12. Tel. 0511 4700. Antwort: Code ") {
		t.Errorf("the SMS says %q", text)
	}
	link := regexp.MustCompile(`http://alarm\.example(/a/\S+)`).FindStringSubmatch(text)
	if link == nil {
		t.Fatalf("no link in %q", text)
	}
	outside := h.Visitor()
	outside.Page(link[1]).Answers(200).Sees("Kein Rechner darf neu starten.", "Ich komme").NotSees("Falk", "Normalbetrieb", "Anmelden")
	outside.Page(link[1]).Submit(link[1], "minutes", "20", "word", "coming").Answers(200).Sees("Ihre Antwort ist angekommen", "kommt in 20 min")
	outside.Post(link[1], "word", "cannot", "key", "another").Answers(409)
	team := h.As("krisenstab2")
	page := team.Page("/callout/"+c.ID).Answers(200).Sees("1 von 2", "R. Vogel kommt", "nötig 1", "Nur telefonisch", "0511 99")
	page.Submit("/callout/"+c.ID+"/do/answer", "person", "2.1", "minutes", "35", "word", "coming").Answers(200).Sees("2 von 2", "kommt in 35 min (Telefon, K. Roth)")
	if list := team.Page("/callout/" + c.ID + "/list.pdf").Answers(200); !strings.HasPrefix(string(list.Body), "%PDF-") {
		t.Error("the list is no PDF")
	}
	team.Page("/callout/"+c.ID).Submit("/callout/"+c.ID+"/do/end", "why", "Fehlalarm", "clear", "1").Answers(200).Sees("Fehlalarm", "Entwarnung telefonisch sagen")
	soon(t, "the all-clear left", func() bool { return len(sms.all()) == 2 })
	if last := sms.all()[1]; !strings.HasPrefix(last, "+491715550001 ENTWARNUNG") || strings.Contains(last, "/a/") {
		t.Errorf("the all-clear says %q", last)
	}
	h.Restart()
	h.As("krisenstab").Page("/callout").Answers(200).Sees("Kernstab", "2 von 2")
	if log := h.Log(); strings.Contains(log, link[1]) {
		t.Error("the link stands in the log")
	}
	h.Check()
}
