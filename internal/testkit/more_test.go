package testkit_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/testkit"
)

func TestACorrectedMappingReadsWhatWasUnread(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Mapping.Wards = []interpret.WardRule{{Code: "3A"}, {Code: "ITS"}, {Code: "GEB"}}
	})
	h.Receive("kis", "a01_mueller_3A.hl7", "a02_mueller_to_CHI3B.hl7")
	h.Declare("kis")
	h.As("arzt").Page("/unread").Sees("ADT^A02")
	h.As("pflege").Page("/ward/3B").NotSees("Müller")
	h.Config.Mapping.Wards = append(h.Config.Mapping.Wards, interpret.WardRule{Code: "3B", Aliases: []string{"CHI3B"}})
	h.Restart() // the old charts are shown until the new ones are built beside them
	waitFor(t, func() bool { return h.As("pflege").Page("/ward/3B").Has("tr[data-case=26047110]") })
	h.As("pflege").Page("/ward/3B").In("tr[data-case=26047110]").Sees("Müller", "311 T")
	h.As("arzt").Page("/unread").Sees("Alles gelesen")
	h.Check()
}

func TestAGrantEndsByItself(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) { c.Web.Session = config.Session{Idle: 48 * time.Hour, Absolute: 72 * time.Hour} })
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.As("pflege").WithReason("Angehörige fragen nach der Allergie").Look("/ward/3A").Answers(200)
	if at := h.As("pflege").Look("/ward/ITS").Location(); !underPath(at, "/glass") {
		t.Errorf("a grant for the own wards opens the intensive care unit: %q", at)
	}
	h.Pass(24 * time.Hour)
	if at := h.As("pflege").Look("/ward/3A").Location(); !underPath(at, "/glass") {
		t.Errorf("a day later the ward still opens: %q", at)
	}
}

func TestWhatASenderWritesIsNeverRunByABrowser(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	text := strings.NewReplacer("Schmidt-Lorenz", "<script>alert(1)</script>Zeile", "Renate", `"><img src=x onerror=alert(2)>`).Replace(messageText(t, "a01_schmidt_1949_3A.hl7"))
	h.Receive("kis", text)
	h.Declare("kis")
	ward := h.As("pflege").Page("/ward/3A")
	key := chartOf(ward, "26060001")
	for _, path := range []string{"/ward/3A", key, key + "/lab", key + "/course", key + "/sources", "/search?q=%3Cscript%3Ealert(3)%3C/script%3E", "/search?q=Zeile"} {
		page := h.As("arzt").Page(path)
		if page.Has("main script") || page.Has("main img") || page.Has(".banner script") || page.Has("[onerror]") {
			t.Errorf("%s holds what a sender wrote as code", path)
		}
	}
	record := h.As("arzt").Page(key+"/sources").Attr("tr.link a", "href")
	if page := h.As("arzt").Page(record); page.Has("main script") || page.Has("[onerror]") {
		t.Error("the raw message is shown as code")
	}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.As("arzt").From("https://boese.example").Post("/outages/declared", "key", "k", "system", "kis", "why", "von fremder Seite", "alone", "von fremder Seite").Answers(http.StatusForbidden)
	h.As("arzt").Page("/").In("#modeline").Sees("Normalbetrieb")
}

func TestMachinesAreToldTheStateAndNoPatient(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	h := testkit.New(t, func(c *config.Config) { c.Metrics.Listen = addr })
	aDay(h)
	machine := testkit.Browser(t, func() string { return "http://" + addr })
	machine.Look("/readyz").Answers(200)
	machine.Look("/healthz").Answers(200)
	metrics := machine.Look("/metrics").Answers(200)
	for _, want := range []string{"notbetrieb_journal_head", "notbetrieb_chart_position", "notbetrieb_alarms 0", `feed="lis"`} {
		if !strings.Contains(string(metrics.Body), want) {
			t.Errorf("the metrics do not hold %s", want)
		}
	}
	h.NoSecrets("the metrics", metrics.Body)
	h.Visitor().Look("/readyz").Answers(200)
	h.Visitor().Look("/healthz").Answers(200)
	signin := h.Visitor().Look("/signin")
	h.NoSecrets("the sign-in page", signin.Body)
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Cache-Control": "no-store"} {
		if got := signin.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestPagesAboutNobodyNameNobody(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	h.Declare("kis")
	for _, id := range everybody {
		for _, path := range []string{"/", "/outages", "/unread", "/print", "/password", "/glass", "/people"} {
			page := h.As(id).Look(path)
			h.NoSecrets(id+" on "+path, page.Body)
		}
	}
}

func TestALockedPersonIsUnlockedByIT(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	for range 10 {
		h.Visitor().Page("/signin").Submit("/signin", "id", "labor", "password", "falsch-geraten-1")
	}
	locked := h.Visitor().Page("/signin").Submit("/signin", "id", "labor", "password", testkit.Password)
	if locked.Status == http.StatusOK {
		t.Fatalf("ten wrong passwords do not lock: %s", locked.Text())
	}
	h.Settle()
	person := h.As("it").Page("/people/labor")
	if !person.Has("form[action=/people/labor/unlock]") {
		t.Fatalf("the person's page offers no unlocking:\n%s", person.Text())
	}
	person.Submit("/people/labor/unlock").Answers(200)
	h.Pass(2 * time.Minute)
	h.Visitor().SignIn("labor", testkit.Password)
}
