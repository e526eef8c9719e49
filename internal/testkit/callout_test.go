package testkit_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
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

// TestNobodyIsReachable: the gateway fails, the mail arrives and nobody answers.
// The deputy is called, then nobody is left: the board of the incident says so in
// red and the logbook keeps it. The hub is restarted in the middle. At last the
// deputy rings and tells the code.
func TestNobodyIsReachable(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	sms.mood.Store(http.StatusInternalServerError)
	h := alarmHouse(t, mail, sms, func(c *config.Config) { c.Callout.Declared, c.Callout.Tries = "stab", 1 })
	contacts(t, h)
	id := declareCrisis(t, h)
	soon(t, "the crisis team is called by itself", func() bool { return len(h.Hub.Callout.Of(id)) == 1 })
	soon(t, "the mail left", func() bool { return len(mail.Mails()) == 1 })
	if text := mail.Mails()[0].Text; !strings.Contains(text, "To: <vogel@klinik.example>") || !strings.Contains(text, "Cyberangriff") {
		t.Errorf("the mail says\n%s", text)
	}
	h.Restart()
	h.Pass(9 * time.Minute)
	soon(t, "the deputy is called", func() bool { return len(mail.Mails()) == 2 })
	h.Pass(9 * time.Minute)
	unreachable := func() int { return h.Hub.Callout.Of(id)[0].Unreachable() }
	soon(t, "nobody is left", func() bool { return unreachable() == 2 })
	team := h.As("krisenstab")
	board := team.Page("/crisis/"+id).Answers(200).Sees("2 nicht erreichbar", "0 von 2")
	if !board.Has(".tag.red") {
		t.Error("it is not red")
	}
	team.Page("/crisis/" + id + "?wall=1").Answers(200).Sees("0 / 2 ● 2")
	logged := func(text string) func() bool {
		return func() bool { return strings.Contains(team.Page("/crisis/"+id+"/log").Text(), text) }
	}
	soon(t, "the logbook knows", logged("niemand erreichbar für IT (R. Vogel)"))
	c := h.Hub.Callout.Of(id)[0]
	page := team.Page("/callout/"+c.ID).Answers(200).Sees("niemand erreichbar – bitte anrufen", "nicht erreichbar", "500")
	deputy, _ := c.Person("1.2")
	page.Submit("/callout/"+c.ID+"/do/code", "code", "000000", "word", "coming").Answers(422).Sees("Diesen Code hat niemand")
	page.Submit("/callout/"+c.ID+"/do/code", "code", deputy.Code[:3]+" "+deputy.Code[3:], "minutes", "40", "word", "coming").Answers(200).Sees("T. Brinkmann kommt", "kommt in 40 min (Code, Dr. A. Stein)", "1 von 2")
	soon(t, "the logbook knows that it is enough", logged("1 haben zugesagt, das genügt"))
	if n := len(h.Hub.Callout.Of(id)); n != 1 {
		t.Errorf("%d call-outs of one declaration", n)
	}
	h.Check()
}

// declareCrisis opens an incident and has it declared by one and confirmed by
// another.
func declareCrisis(t *testing.T, h *testkit.Hospital) string {
	t.Helper()
	page := h.As("krisenstab").Page("/crisis").Submit("/crisis", "kind", "cyberattack", "title", "Dateien verschlüsselt").Answers(200)
	id := regexp.MustCompile(`id="c-([0-9a-f]+)"`).FindSubmatch(page.Body)
	if id == nil {
		t.Fatal("no incident")
	}
	h.As("krisenstab").Post("/crisis/"+string(id[1])+"/do/declare", "key", "d1").Answers(303)
	h.As("krisenstab2").Post("/crisis/"+string(id[1])+"/do/confirm", "key", "d2").Answers(303)
	return string(id[1])
}

// TestAnSMSThatComesBack counts only from the gateway that shows the token.
func TestAnSMSThatComesBack(t *testing.T) {
	t.Parallel()
	mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
	const token = "ein-langes-geheimes-wort"
	file := filepath.Join(t.TempDir(), "sms.token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := alarmHouse(t, mail, sms, func(c *config.Config) { c.Callout.SMSToken = file })
	contacts(t, h)
	c := alarm(t, h, "drill", "1")
	soon(t, "the SMS left", func() bool { return len(sms.all()) == 1 })
	if text := sms.all()[0]; !strings.Contains(text, "PROBEALARM (ÜBUNG)") {
		t.Errorf("a drill says %q", text)
	}
	x, _ := c.Person("1.1")
	send := func(bearer string) int {
		page, err := h.Visitor().Try("/hooks/sms", url.Values{"id": {"7"}, "from": {"+491715550001"}, "text": {x.Code + " 15"}}, "Authorization", "Bearer "+bearer)
		if err != nil {
			t.Fatal(err)
		}
		return page.Status
	}
	if a, b, c := send("falsch"), send(token), send(token); a != 401 || b != 200 || c != 200 {
		t.Errorf("%d, %d, %d", a, b, c)
	}
	h.As("krisenstab").Page("/callout/"+c.ID).Answers(200).Sees("Übung: alle Texte sind so bezeichnet", "kommt in 15 min (SMS)", "1 von 2")
	h.As("krisenstab").Page("/callout").Answers(200).Sees("Probealarme", "1 von 2")
	if now := h.Hub.Callout.All()[0]; len(now.Posts[0].Chain[0].Answers) != 1 {
		t.Error("one SMS is two answers")
	}
}
