package probe

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/foreign"
	"notbetrieb/internal/hl7"
)

// wide is the time that a probe of a living server gets: the machine may be
// slow. short is what one of a silent server gets.
const (
	wide  = time.Minute
	short = 200 * time.Millisecond
)

type options map[string]string

// found checks the verdict of a probe and that its words hold all of says.
func found(t *testing.T, s Spec, limit time.Duration, want Verdict, says ...string) Result {
	t.Helper()
	got := Run(t.Context(), s, limit)
	if got.Verdict != want {
		t.Fatalf("%s %s: %s (%s), want %s", s.Kind, s.Options, got.Verdict, got.Say.DE, want)
	}
	for _, say := range says {
		if !strings.Contains(got.Say.DE, say) {
			t.Errorf("%s %s says %q, which does not hold %q", s.Kind, s.Options, got.Say.DE, say)
		}
	}
	if got.Say.DE == "" || got.Say.EN == "" {
		t.Errorf("%s says nothing", s.Kind)
	}
	return got
}

func silent(nc net.Conn) {
	buf := make([]byte, 1024)
	for {
		if _, err := nc.Read(buf); err != nil {
			return
		}
	}
}

func hangUp(net.Conn) {}

func TestTCP(t *testing.T) {
	t.Parallel()
	found(t, Spec{Kind: "tcp", Target: serve(t, nil, silent)}, wide, Good)
	found(t, Spec{Kind: "tcp", Target: fmt.Sprintf("127.0.0.1:%d", freePort(t))}, wide, Bad, "abgelehnt")
	found(t, Spec{Kind: "tcp", Target: "kis.klinik.invalid:80"}, wide, Bad, "Name")
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	now := time.Now()
	year := now.AddDate(1, 0, 0)
	fine := ours.issue(t, "", now.Add(-time.Hour), year)
	soon := ours.issue(t, "", now.Add(-time.Hour), now.AddDate(0, 0, 10))
	tests := []struct {
		name    string
		cert    tls.Certificate
		options options
		want    Verdict
		say     string
		end     bool
	}{
		{"as it should be", fine, nil, Good, "in Ordnung", true},
		{"ends soon", soon, nil, Good, "in 9 Tagen", true},
		{"ends soon, but that is early enough", soon, options{"warn": "3"}, Good, "", true},
		{"expired", ours.issue(t, "", now.AddDate(0, -1, 0), now.Add(-time.Hour)), nil, Bad, "abgelaufen", true},
		{"expired, and nobody minds", ours.issue(t, "", now.AddDate(0, -1, 0), now.Add(-time.Hour)), options{"verify": "no"}, Weak, "abgelaufen", true},
		{"not valid yet", ours.issue(t, "", now.Add(time.Hour), year), nil, Bad, "noch nicht", true},
		{"of another name", ours.issue(t, "pacs.klinik.test", now.Add(-time.Hour), year), nil, Bad, "anderen Namen", true},
		{"of another name that is right", ours.issue(t, "pacs.klinik.test", now.Add(-time.Hour), year), options{"name": "pacs.klinik.test"}, Good, "", true},
		{"of an authority nobody knows", other.issue(t, "", now.Add(-time.Hour), year), nil, Bad, "nicht vertraut", true},
		{"of an authority nobody knows, and nobody minds", other.issue(t, "", now.Add(-time.Hour), year), options{"verify": "no"}, Good, "", true},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, &x.cert, silent)
			got := found(t, Spec{Kind: "tls", Target: addr, Options: x.options, Roots: ours.pool}, wide, x.want, x.say)
			if got.Notice != strings.Contains(x.say, "Tagen") {
				t.Errorf("notice %t: %s", got.Notice, got.Say.DE)
			}
			if got.CertEnd.IsZero() == x.end {
				t.Errorf("the end of the certificate is %s", got.CertEnd)
			}
		})
	}
	t.Run("no TLS", func(t *testing.T) {
		t.Parallel()
		addr := serve(t, nil, func(nc net.Conn) { fmt.Fprint(nc, "220 mail\r\n"); silent(nc) })
		found(t, Spec{Kind: "tls", Target: addr}, wide, Bad, "kein TLS")
	})
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		found(t, Spec{Kind: "tls", Target: serve(t, nil, silent)}, short, Bad, "Keine Antwort")
	})
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "KIS bereit") })
	mux.HandleFunc("/signin", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/broken", http.StatusFound) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	at := func(path string, o options) Spec { return Spec{Kind: "http", Target: srv.URL + path, Options: o} }

	got := found(t, at("/ok", nil), wide, Good, "200")
	if d := time.Since(got.PeerTime); got.PeerTime.IsZero() || d > time.Hour || d < -time.Hour {
		t.Errorf("the server's clock is %s", got.PeerTime)
	}
	found(t, at("/ok", options{"text": "KIS bereit"}), wide, Good)
	found(t, at("/ok", options{"text": "KIS wartet"}), wide, Bad, "Text fehlt")
	found(t, at("/ok", options{"status": "204,302"}), wide, Bad, "200")
	found(t, at("/signin", nil), wide, Good, "401")
	found(t, at("/away", nil), wide, Good, "302")
	found(t, at("/broken", nil), wide, Bad, "500")
	found(t, at("/missing", nil), wide, Bad, "404")
	found(t, at("/endless", options{"text": "nie"}), wide, Bad, "Text fehlt")
	found(t, at("/hangs", nil), short, Bad, "Keine Antwort")
	found(t, Spec{Kind: "http", Target: "http://" + serve(t, nil, hangUp)}, wide, Bad, "beendet")

	ours := newAuthority(t)
	old := ours.issue(t, "", time.Now().AddDate(0, -1, 0), time.Now().Add(-time.Hour))
	secured := httptest.NewUnstartedServer(mux)
	secured.TLS = &tls.Config{Certificates: []tls.Certificate{old}}
	secured.StartTLS()
	defer secured.Close()
	got = found(t, Spec{Kind: "http", Target: secured.URL + "/ok", Roots: ours.pool}, wide, Bad, "abgelaufen")
	if got.CertEnd.IsZero() {
		t.Error("an expired certificate does not tell its end")
	}
	found(t, Spec{Kind: "http", Target: secured.URL + "/ok", Options: options{"verify": "no"}}, wide, Weak, "abgelaufen")
}

func TestDNS(t *testing.T) {
	t.Parallel()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Header = dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}
			m.Additionals = nil
			switch {
			case q.Name.String() != "kis.klinik.test.":
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{10, 20, 0, 9}},
				}}
			}
			if b, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(b, from)
			}
		}
	}()
	at := func(o options) Spec { return Spec{Kind: "dns", Target: c.LocalAddr().String(), Options: o} }
	found(t, at(options{"name": "kis.klinik.test"}), wide, Good)
	found(t, at(options{"name": "kis.klinik.test", "answer": "10.20.0.9"}), wide, Good)
	found(t, at(options{"name": "kis.klinik.test", "answer": "10.20.0.1"}), wide, Bad, "andere Adresse")
	found(t, at(options{"name": "weg.klinik.test"}), wide, Bad, "kennt den Namen nicht")
}

func TestLDAPAgainstOpenLDAP(t *testing.T) {
	t.Parallel()
	addr := slapd(t)
	dn := "cn=probe,dc=klinik,dc=test"
	found(t, Spec{Kind: "ldap", Target: "ldap://" + addr}, wide, Good, "Verzeichnis antwortet")
	found(t, Spec{Kind: "ldap", Target: "ldap://" + addr, Options: options{"user": dn}, Secret: "geheim"}, wide, Good, "Anmeldung")
	found(t, Spec{Kind: "ldap", Target: "ldap://" + addr, Options: options{"user": dn}, Secret: "falsch"}, wide, Weak, "nimmt aber die Anmeldung")
	found(t, Spec{Kind: "ldap", Target: "ldap://" + addr, Options: options{"user": dn}}, wide, Blind, "Kennwort")
	found(t, Spec{Kind: "ldap", Target: "ldap://" + addr, Options: options{"starttls": "yes"}}, wide, Bad)
	found(t, Spec{Kind: "ldap", Target: "ldap://" + serve(t, nil, silent)}, short, Bad, "Keine Antwort")
	found(t, Spec{Kind: "ldap", Target: "ldap://" + serve(t, nil, hangUp)}, wide, Bad)
}

func TestSMTP(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	fine := ours.issue(t, "", time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0))
	yes := options{"starttls": "yes"}
	open, guarded, secure := foreign.NewMailHost(t, nil), foreign.NewMailHost(t, &fine), foreign.NewSecureMailHost(t, &fine)
	found(t, Spec{Kind: "smtp", Target: open.Addr}, wide, Good, "Mailserver antwortet")
	found(t, Spec{Kind: "smtp", Target: open.Addr, Options: yes}, wide, Bad, "kein STARTTLS")
	found(t, Spec{Kind: "smtp", Target: guarded.Addr, Options: yes, Roots: ours.pool}, wide, Good)
	found(t, Spec{Kind: "smtp", Target: guarded.Addr, Options: yes, Roots: newAuthority(t).pool}, wide, Bad, "nicht vertraut")
	found(t, Spec{Kind: "tls", Target: secure.Addr, Roots: ours.pool}, wide, Good)
	if n := len(open.Mails()) + len(guarded.Mails()); n != 0 {
		t.Errorf("a probe left %d mails", n)
	}
	found(t, Spec{Kind: "smtp", Target: serve(t, nil, mail("220 mail", nil))}, wide, Good)
	found(t, Spec{Kind: "smtp", Target: serve(t, nil, mail("220 mail", nil)), Options: yes}, wide, Bad, "kein STARTTLS")
	found(t, Spec{Kind: "smtp", Target: serve(t, nil, mail("220 mail", &fine)), Options: yes, Roots: ours.pool}, wide, Good)
	found(t, Spec{Kind: "smtp", Target: serve(t, nil, mail("220 mail", &fine)), Options: yes, Roots: newAuthority(t).pool}, wide, Bad, "nicht vertraut")
	found(t, Spec{Kind: "smtp", Target: serve(t, nil, mail("421 busy", nil))}, wide, Bad, "bedient aber nicht")
	found(t, Spec{Kind: "smtp", Target: serve(t, nil, silent)}, short, Bad, "Keine Antwort")
}

// receiver answers each message with code.
func receiver(code hl7.AckCode) func(net.Conn) {
	return func(nc net.Conn) {
		c := hl7.NewConn(nc, hl7.Limits{})
		for {
			raw, err := c.ReadFrame(context.Background())
			if err != nil {
				return
			}
			h, err := hl7.ReadHeader(raw)
			if err != nil || !strings.Contains(string(raw), "|T|2.5") || c.WriteFrame(hl7.Answer(h, code, "", time.Now(), "1")) != nil {
				return
			}
		}
	}
}

func TestHL7(t *testing.T) {
	t.Parallel()
	at := func(f func(net.Conn), o options) Spec {
		return Spec{Kind: "hl7", Target: serve(t, nil, f), Options: o}
	}
	found(t, at(receiver(hl7.AA), nil), wide, Good)
	found(t, at(receiver(hl7.AA), options{"accept": "yes", "app": "KIS", "message": "ADT^A01"}), wide, Good)
	found(t, at(receiver(hl7.AR), nil), wide, Good)
	found(t, at(receiver(hl7.AR), options{"accept": "yes"}), wide, Bad, "nimmt die Prüfnachricht nicht an")
	found(t, at(silent, nil), short, Bad, "antwortet aber nicht")
	found(t, at(hangUp, nil), wide, Bad)
	found(t, at(func(nc net.Conn) { fmt.Fprint(nc, strings.Repeat("HTTP/1.1 400 Bad Request\r\n", 1000)) }, nil), wide, Bad)
	ours := newAuthority(t)
	fine := ours.issue(t, "", time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0))
	found(t, Spec{Kind: "hl7", Target: serve(t, &fine, receiver(hl7.AA)), Options: options{"tls": "yes"}, Roots: ours.pool}, wide, Good)
}

func TestDICOMAgainstDcmtk(t *testing.T) {
	t.Parallel()
	addr := storescp(t)
	found(t, Spec{Kind: "dicom", Target: addr, Options: options{"called": "PACS"}}, wide, Good, "C-ECHO")
	found(t, Spec{Kind: "dicom", Target: serve(t, nil, receiver(hl7.AA)), Options: options{"called": "PACS"}}, short, Bad)
	found(t, Spec{Kind: "dicom", Target: serve(t, nil, silent), Options: options{"called": "PACS"}}, short, Bad, "Keine Antwort")
}

func TestFHIR(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		status int
		body   string
		want   Verdict
	}{
		{200, `{"text":{"a":[1,2,{"b":3}]},"resourceType":"CapabilityStatement","fhirVersion":"4.0.1"}`, Good},
		{200, `{"resourceType":"OperationOutcome"}`, Bad},
		{200, `<html>`, Bad},
		{401, ``, Weak},
		{503, ``, Bad},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/fhir/metadata" {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			w.WriteHeader(x.status)
			fmt.Fprint(w, x.body)
		}))
		found(t, Spec{Kind: "fhir", Target: srv.URL + "/fhir/"}, wide, x.want)
		srv.Close()
	}
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	addr := postgres(t)
	user := options{"user": "probe"}
	found(t, Spec{Kind: "postgresql", Target: addr + "/postgres", Options: user, Secret: "geheim"}, wide, Good, "Datenbank antwortet")
	found(t, Spec{Kind: "postgresql", Target: addr + "/postgres", Options: user, Secret: "falsch"}, wide, Weak, "nimmt aber die Anmeldung")
	found(t, Spec{Kind: "postgresql", Target: addr + "/weg", Options: user, Secret: "geheim"}, wide, Bad, "bedient aber nicht")
}

// TestSQLServer speaks the driver's whole way through a sign-in and a question,
// with a server of ours: it proves the options we hand the driver, not Microsoft.
func TestSQLServer(t *testing.T) {
	t.Parallel()
	plain := options{"user": "probe", "tls": "no"}
	target := serve(t, nil, sqlServer) + "/kis"
	found(t, Spec{Kind: "sqlserver", Target: target, Options: plain, Secret: "geheim"}, wide, Good, "Datenbank antwortet")
	found(t, Spec{Kind: "sqlserver", Target: target, Options: plain, Secret: "falsch"}, wide, Weak, "nimmt aber die Anmeldung")
	found(t, Spec{Kind: "sqlserver", Target: target, Options: options{"user": "probe"}, Secret: "geheim"}, wide, Bad) // it has no TLS
}

func TestDatabasesThatAreNotThere(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"postgresql", "sqlserver", "oracle"} {
		s := Spec{Kind: kind, Options: options{"user": "probe"}, Secret: "x"}
		s.Target = fmt.Sprintf("127.0.0.1:%d/kis", freePort(t))
		found(t, s, wide, Bad)
		s.Target = serve(t, nil, hangUp) + "/kis"
		found(t, s, wide, Bad)
		s.Target = serve(t, nil, silent) + "/kis"
		found(t, s, short, Bad, "Keine Antwort")
		s.Target = serve(t, nil, mail("220 mail", nil)) + "/kis"
		found(t, s, short, Bad)
	}
}

func TestICMP(t *testing.T) {
	t.Parallel()
	got := Run(t.Context(), Spec{Kind: "icmp", Target: "127.0.0.1"}, wide)
	if got.Verdict != Good && (got.Verdict != Blind || !strings.Contains(got.Say.DE, "Ping ist")) {
		t.Errorf("ping of this machine: %s (%s)", got.Verdict, got.Say.DE)
	}
}

func TestLage(t *testing.T) {
	t.Parallel()
	state := map[string]any{"erezept": map[string]any{"outage": "none"}, "kim": map[string]any{"outage": "none"}, "neu": map[string]any{"outage": "full"}}
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"appStatus": state})
	}))
	defer srv.Close()
	at := func(service string) Spec {
		return Spec{Kind: "ti-lage", Target: srv.URL + "/lageapi/v2/tilage", Options: options{"service": service}}
	}
	found(t, at(""), wide, Good, "keine Störung")
	state["kim"] = map[string]any{"outage": "partial"}
	found(t, at(""), wide, Weak, "Teilweise", "KIM")
	found(t, at("erezept"), wide, Good)
	state["erezept"] = map[string]any{"outage": "full", "hasMaintenance": true}
	found(t, at("erezept,kim"), wide, Bad, "E-Rezept")
	found(t, at("vsdm"), wide, Blind, "vsdm")
	status = http.StatusBadGateway
	found(t, at(""), wide, Blind, "keine Auskunft")
	if Slowest("ti-lage") != 5*time.Minute {
		t.Error("the telematics may be asked every five minutes at most")
	}
}

// The systems E-Rezept and KIM have a probe each: the service is asked once.
func TestTheTelematicsAreAskedOnceForAllWhoWantToKnow(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	status := atomic.Int32{}
	status.Store(http.StatusOK)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(int(status.Load()))
		fmt.Fprint(w, `{"appStatus":{"erezept":{"outage":"full"},"kim":{"outage":"none"}}}`)
	}))
	defer srv.Close()
	var shared Shared
	at := func(path, service string) Spec {
		return Spec{Kind: "ti-lage", Target: srv.URL + path, Options: options{"service": service}, Shared: &shared}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { found(t, at("/a", "erezept"), wide, Bad, "E-Rezept") })
		all.Go(func() { found(t, at("/a", "kim"), wide, Good) })
	}
	all.Wait()
	if got := Run(t.Context(), at("/a", "kim"), wide); !got.PeerTime.IsZero() {
		t.Error("an answer that was kept tells the time")
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	status.Store(http.StatusInternalServerError)
	found(t, at("/b", "kim"), wide, Blind)
	found(t, at("/b", "kim"), wide, Blind)
	if n := asked.Load(); n != 2 {
		t.Errorf("a service that fails is asked again at once: %d", n)
	}
	shared.answers[srv.URL+"/b"].at = time.Now().Add(-5 * time.Minute)
	status.Store(http.StatusOK)
	found(t, at("/b", "kim"), wide, Good)

	shared.answers[srv.URL+"/b"].at = time.Now().Add(-5 * time.Minute)
	late, stop := context.WithCancel(t.Context())
	stop()
	if got := runLage(late, at("/b", "kim")); got.Verdict == Good {
		t.Errorf("without time to ask, an answer of long ago passes for one of now: %+v", got)
	}
}

func TestConnector(t *testing.T) {
	t.Parallel()
	body := `<?xml version="1.0" encoding="UTF-8"?><c:ConnectorServices xmlns:c="http://ws.gematik.de/conn/ServiceDirectory/v3.1"/>`
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/connector.sds" {
			fmt.Fprint(w, body)
		}
	}))
	defer srv.Close()
	s := Spec{Kind: "connector", Target: srv.URL, Options: options{"verify": "no"}}
	found(t, s, wide, Good, "Konnektor antwortet")
	body = "<html/>"
	found(t, s, wide, Bad, "kein Dienstverzeichnis")
	found(t, Spec{Kind: "connector", Target: srv.URL}, wide, Bad, "nicht vertraut")
}

func TestWhatCannotBeAProbe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    Spec
		part Part
		say  string
	}{
		{Spec{Kind: "ftp", Target: "x:1"}, OfKind, "ftp"},
		{Spec{Kind: "tcp", Target: "kis"}, OfTarget, "Rechner und Port"},
		{Spec{Kind: "tcp", Target: "kis:0"}, OfTarget, "1 bis 65535"},
		{Spec{Kind: "tcp", Target: "kis:65536"}, OfTarget, "1 bis 65535"},
		{Spec{Kind: "tcp", Target: ":80"}, OfTarget, "fehlt der Rechner"},
		{Spec{Kind: "tcp", Target: "kis:80", Options: options{"speed": "1"}}, OfOptions, "speed. Sie hat keine."},
		{Spec{Kind: "tls", Target: "kis:443", Options: options{"warn": "bald"}}, OfOptions, "Zahl von Tagen"},
		{Spec{Kind: "tls", Target: "kis:443", Options: options{"verify": "vielleicht"}}, OfOptions, "yes oder no"},
		{Spec{Kind: "tls", Target: "kis:443", Options: options{"status": "200"}}, OfOptions, "status. Es gibt: name, verify, warn."},
		{Spec{Kind: "http", Target: "file:///etc/passwd"}, OfTarget, "http://"},
		{Spec{Kind: "http", Target: "http://user:secret@kis/"}, OfTarget, "ohne Kennwort"},
		{Spec{Kind: "http", Target: "https:///kis"}, OfTarget, "fehlt der Rechner"},
		{Spec{Kind: "http", Target: "https://kis:70000/"}, OfTarget, "1 bis 65535"},
		{Spec{Kind: "http", Target: "http://kis/", Options: options{"status": "2xx"}}, OfOptions, "Zahl wie 200"},
		{Spec{Kind: "dns", Target: "10.0.0.1:53"}, OfOptions, "name"},
		{Spec{Kind: "ldap", Target: "http://dc"}, OfTarget, "ldap://"},
		{Spec{Kind: "ldap", Target: "ldap://dc", Options: options{"secret": "s"}}, OfOptions, "user fehlt"},
		{Spec{Kind: "dicom", Target: "pacs:104"}, OfOptions, "called"},
		{Spec{Kind: "dicom", Target: "pacs:104", Options: options{"called": "SEHR-LANGER-AE-TITEL"}}, OfOptions, "AE-Titel"},
		{Spec{Kind: "postgresql", Target: "db:5432", Options: options{"user": "u"}}, OfTarget, "Datenbank"},
		{Spec{Kind: "postgresql", Target: "db/kis", Options: options{"user": "u"}}, OfTarget, "Rechner und Port"},
		{Spec{Kind: "postgresql", Target: "db:5432/kis?sslmode=disable", Options: options{"user": "u"}}, OfTarget, "Datenbank"},
		{Spec{Kind: "oracle", Target: "db:1521/kis"}, OfOptions, "user"},
		{Spec{Kind: "icmp", Target: "kis:80"}, OfTarget, "ohne Port"},
	} {
		s := c.s
		wrong := Check(s)
		if len(wrong) != 1 || wrong[0].Part != c.part || fault.KindOf(wrong[0].Err) != fault.Invalid || !strings.Contains(fault.Say(wrong[0].Err).DE, c.say) {
			t.Errorf("%s %s %v: %v", s.Kind, s.Target, s.Options, wrong)
		}
		if got := Run(t.Context(), s, wide); got.Verdict != Blind {
			t.Errorf("%s %s was run: %s", s.Kind, s.Target, got.Verdict)
		}
	}
	for k, w := range ways() {
		if w.run == nil || w.target == nil {
			t.Errorf("%s cannot be run", k)
		}
	}
}
