package way

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/foreign"
	"notbetrieb/internal/seal"
)

const wait = 40 * time.Second

var at = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

func message(to string) Message {
	return Message{ID: "c1-1-1-call-x", To: to, Name: "R. Vogel", Subject: "ALARM: Kernstab, Klinik am Lindenhof", Text: "ALARM: Kernstab\n\nWohin: Raum 12\nhttps://alarm.example/a/geheimertoken\nGrüße", Short: `ALARM "Kernstab" & Grüße`, Link: "https://alarm.example/a/geheimertoken", Code: "481516", At: at}
}

func expect(t *testing.T, what string, got Result, want Outcome, said string) {
	t.Helper()
	if got.Outcome != want || !strings.Contains(got.Detail, said) {
		t.Errorf("%s: %s %q, want %s %q", what, got.Outcome, got.Detail, want, said)
	}
	for _, secret := range []string{"geheim", "ertoken", "481516"} {
		if strings.Contains(got.Detail, secret) {
			t.Errorf("%s tells a secret: %q", what, got.Detail)
		}
	}
}

// TestAMailHostOfAnotherProvider: the password goes over STARTTLS alone, and
// only to a host whose certificate is trusted.
func TestAMailHostOfAnotherProvider(t *testing.T) {
	t.Parallel()
	ca, err := seal.NewCA("Provider", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.IssueServer(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	roots := filepath.Join(dir, "ca.crt")
	if err := seal.WriteCA(roots, filepath.Join(dir, "ca.key"), ca); err != nil {
		t.Fatal(err)
	}
	cert := id.TLS()
	host := foreign.NewMailHost(t, &cert)
	s := Mail{Host: host.Addr, Security: STARTTLS, From: "alarm@klinik.example", User: "alarm", Password: "geheim", CA: roots, Wait: wait}
	expect(t, "taken", s.Send(t.Context(), message("vogel@klinik.example")), Accepted, "")
	s.Password = "falsch"
	if r := s.Send(t.Context(), message("vogel@klinik.example")); r.Outcome == Accepted || strings.Contains(r.Detail, "falsch") {
		t.Errorf("wrong password: %+v", r)
	}
	s.Password, s.CA = "geheim", ""
	expect(t, "not trusted", s.Send(t.Context(), message("vogel@klinik.example")), Unreached, "certificate not trusted")
	s.CA = filepath.Join(dir, "fehlt.crt")
	expect(t, "file missing", s.Send(t.Context(), message("vogel@klinik.example")), Refused, "")
	if n := len(host.Mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
	secure := foreign.NewSecureMailHost(t, &cert)
	s = Mail{Host: secure.Addr, Security: TLS, From: "alarm@klinik.example", User: "alarm", Password: "geheim", CA: roots, Wait: wait}
	expect(t, "TLS from the start", s.Send(t.Context(), message("vogel@klinik.example")), Accepted, "")
	s.CA = ""
	expect(t, "TLS not trusted", s.Send(t.Context(), message("vogel@klinik.example")), Unreached, "certificate not trusted")
}

// TestAMailArrivesAtARealMailHost as it was written, with a head that keeps
// holiday replies away.
func TestAMailArrivesAtARealMailHost(t *testing.T) {
	t.Parallel()
	host := foreign.NewMailHost(t, nil)
	s := Mail{Host: host.Addr, Security: NoTLS, From: "alarm@klinik.example", Wait: wait}
	expect(t, "taken", s.Send(t.Context(), message("vogel@klinik.example")), Accepted, "")
	mails := host.Mails()
	if len(mails) != 1 || mails[0].To != "vogel@klinik.example" || mails[0].From != "alarm@klinik.example" {
		t.Fatalf("%+v", mails)
	}
	for _, want := range []string{"Subject: ALARM: Kernstab, Klinik am Lindenhof", "Auto-Submitted: auto-generated", "Message-ID: <c1-1-1-call-x@", "Raum 12", "Gr=C3=BC=C3=9Fe"} {
		if !strings.Contains(mails[0].Text, want) {
			t.Errorf("%q is not in\n%s", want, mails[0].Text)
		}
	}
	host.Refuse(func(_, to string) error { return foreign.MailRefusal(550, "unknown "+to) })
	expect(t, "no such mailbox", s.Send(t.Context(), message("weg@klinik.example")), Refused, "550")
	host.Refuse(func(_, _ string) error { return foreign.MailRefusal(451, "busy, geheim") })
	expect(t, "busy", s.Send(t.Context(), message("vogel@klinik.example")), Unreached, "451")
	host.Refuse(nil)
	expect(t, "no address", s.Send(t.Context(), message("vogel")), Refused, "")
	s.Security = STARTTLS
	expect(t, "no encryption there", s.Send(t.Context(), message("vogel@klinik.example")), Unreached, "")
	if n := len(host.Mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// TestAMailHostThatHangsIsLeft: it has the text and says nothing; whether the
// mail arrives nobody knows.
func TestAMailHostThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	host := foreign.NewMailHost(t, nil)
	host.Hold()
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for len(host.Mails()) == 0 {
			time.Sleep(time.Millisecond)
		}
		stop()
	}()
	s := Mail{Host: host.Addr, Security: NoTLS, From: "alarm@klinik.example", Wait: wait}
	expect(t, "hangs", s.Send(ctx, message("vogel@klinik.example")), Unclear, "")
	gone := Mail{Host: closedPort(t), Security: NoTLS, From: "alarm@klinik.example", Wait: wait}
	expect(t, "nobody there", gone.Send(t.Context(), message("vogel@klinik.example")), Unreached, "cannot be reached")
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// gateway answers as it is told and keeps the last request.
type gateway struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	answer string
	head   http.Header
	body   string
	path   string
	n      int
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{status: 200, answer: "OK"}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		g.mu.Lock()
		defer g.mu.Unlock()
		g.head, g.body, g.path, g.n = r.Header, string(b), r.Method+" "+r.URL.RequestURI(), g.n+1
		w.WriteHeader(g.status)
		_, _ = w.Write([]byte(g.answer))
	}))
	t.Cleanup(g.Close)
	return g
}

// TestAnSMSGatewayOfAnyKind: the places are written as JSON, as a form, as XML
// and in the address; what counts as taken is the house's to say.
func TestAnSMSGatewayOfAnyKind(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	s := Gateway{Method: "POST", URL: g.URL + "/send?to={number}", Headers: map[string]string{"Authorization": "Bearer {secret}"}, Secret: "geheim", Wait: wait}
	for _, c := range []struct{ kind, body, want string }{
		{"application/json", `{"text":"{text}"}`, `{"text":"ALARM \"Kernstab\" \u0026 Grüße"}`},
		{"application/x-www-form-urlencoded", "t={text}", "t=ALARM+%22Kernstab%22+%26+Gr%C3%BC%C3%9Fe"},
		{"Application/JSON; charset=UTF-8", `{"text":"{text}"}`, `{"text":"ALARM \"Kernstab\" \u0026 Grüße"}`},
		{"text/xml", "<t>{text}</t>", "<t>ALARM &#34;Kernstab&#34; &amp; Grüße</t>"},
		{"text/plain", "{text}", `ALARM "Kernstab" & Grüße`},
	} {
		s.Type, s.Body = c.kind, c.body
		expect(t, c.kind, s.Send(t.Context(), message("+491715550001")), Accepted, "200 OK")
		if g.body != c.want || g.path != "POST /send?to=%2B491715550001" || g.head.Get("Authorization") != "Bearer geheim" {
			t.Errorf("%s: %s %q", c.kind, g.path, g.body)
		}
	}
	s.Accepted = regexp.MustCompile(`^OK id=\d+`)
	for _, c := range []struct {
		status int
		answer string
		want   Outcome
	}{
		{200, "OK id=7", Accepted}, {200, "ERROR no credit", Refused}, {202, "OK id=7 geheim https://alarm.example/a/geheimertoken", Accepted},
		{202, "OK id=8 https%3A%2F%2Falarm.example%2Fa%2Fgeheimertoken", Accepted}, {500, "", Unreached}, {503, "", Unreached}, {429, "", Unreached}, {408, "", Unreached}, {400, "", Refused}, {401, "", Refused}, {302, "", Refused},
	} {
		g.mu.Lock()
		g.status, g.answer = c.status, c.answer
		g.mu.Unlock()
		expect(t, strconv.Itoa(c.status)+" "+c.answer, s.Send(t.Context(), message("+491715550001")), c.want, strconv.Itoa(c.status))
	}
}

// TestAGatewayThatTakesAndSaysNothing may have sent the SMS.
func TestAGatewayThatTakesAndSaysNothing(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		stop()
		<-r.Context().Done()
	}))
	t.Cleanup(hang.Close)
	s := Gateway{Method: "POST", URL: hang.URL, Body: "{number} {text}", Wait: wait}
	expect(t, "hangs", s.Send(ctx, message("+491715550001")), Unclear, "stopped")
	s.URL = "http://" + closedPort(t)
	expect(t, "nobody there", s.Send(t.Context(), message("+491715550001")), Unreached, "cannot be reached")
	s.URL = "http://gibt.es.nicht.invalid"
	if r := s.Send(t.Context(), message("+491715550001")); r.Outcome != Unreached {
		t.Errorf("no such name: %+v", r)
	}
}

// TestAWebhookIsSigned: the receiver can tell that it comes from here and when.
func TestAWebhookIsSigned(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	expect(t, "webhook", Webhook{URL: g.URL, Secret: "geheim", Wait: wait}.Send(t.Context(), message("4711")), Accepted, "200")
	if want := Sign("geheim", at, []byte(g.body)); g.head.Get(Signature) != want || g.head.Get("Idempotency-Key") != "c1-1-1-call-x" {
		t.Errorf("%v", g.head)
	}
	if Sign("geheim", at, []byte("x")) == Sign("geheim", at.Add(time.Second), []byte("x")) || Sign("geheim", at, nil) == Sign("anders", at, nil) {
		t.Error("the signature leaves something out")
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(g.body), &got); err != nil || got["to"] != "4711" || got["code"] != "481516" || got["at"] != "2026-11-22T02:00:00Z" {
		t.Errorf("%v %v", got, err)
	}
}

// TestMatrixShowsATryThatComesAgainOnce: the ID of the event is the same.
func TestMatrixShowsATryThatComesAgainOnce(t *testing.T) {
	t.Parallel()
	g := newGateway(t)
	x := Matrix{Server: g.URL + "/", Token: "geheim", Wait: wait}
	for range 2 {
		expect(t, "room", x.Send(t.Context(), message("!raum:klinik.example")), Accepted, "")
		if g.path != "PUT /_matrix/client/v3/rooms/%21raum:klinik.example/send/m.room.message/c1-1-1-call-x" || g.head.Get("Authorization") != "Bearer geheim" {
			t.Errorf("%s %v", g.path, g.head)
		}
	}
	expect(t, "no room", x.Send(t.Context(), message("@vogel:klinik.example")), Refused, "no room")
	x.Room = "!alle:klinik.example"
	expect(t, "the shared room", x.Send(t.Context(), message("@vogel:klinik.example")), Accepted, "")
	if !strings.Contains(g.body, `R. Vogel: ALARM`) {
		t.Errorf("%s", g.body)
	}
}

// TestAModemOfTheHouse: a command gets the number and the text as they are, no
// shell reads them.
func TestAModemOfTheHouse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return file
	}
	m := message("+491715550001")
	m.Short = "ALARM `id` $HOME; 'x'"
	ok := Command{Args: []string{"/bin/sh", script("ok", `printf '%s|%s|' "$1" "$2" >`+dir+`/out; cat >>`+dir+`/out; echo sent`), "{number}", "{text}"}, Wait: wait}
	expect(t, "sent", ok.Send(t.Context(), m), Accepted, "sent")
	if b, err := os.ReadFile(filepath.Join(dir, "out")); err != nil || string(b) != "+491715550001|"+m.Short+"|"+m.Short {
		t.Errorf("%q %v", b, err)
	}
	expect(t, "no network", Command{Args: []string{"/bin/sh", script("no", "echo no network; exit 3")}, Wait: wait}.Send(t.Context(), m), Unreached, "exit 3 no network")
	expect(t, "no program", Command{Args: []string{"/gibt/es/nicht"}, Wait: wait}.Send(t.Context(), m), Refused, "")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if r := (Command{Args: []string{"/bin/sh", script("hang", "sleep 600")}, Wait: wait}).Send(ctx, m); r.Outcome != Unclear {
		t.Errorf("stopped: %+v", r)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"0171 555-0001", "+491715550001"}, {"+49 (171) 5550001", "+491715550001"}, {"0049 171/5550001", "+491715550001"}, {"110", ""}, {"4711", "4711"},
		{"Pforte", ""}, {"0171 5550001 abends", ""}, {"", ""}, {"+49 171 555000100000", ""}, {"1+2345", ""}, {"-0171555", "+49171555"},
		{"+49 (0)171 5550001", "+491715550001"}, {"0049(0)171-5550001", "+491715550001"},
	} {
		got, ok := Number(c.in, "49")
		if !ok {
			got = ""
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}
