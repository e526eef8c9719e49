package handback_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/bundle"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// fhirServer is a system that takes transactions over HTTPS: it knows
// conditional creates, keeps what it took, and misbehaves as told.
type fhirServer struct {
	*httptest.Server
	mu       sync.Mutex
	held     map[string]int // resources by type and identifier: how often they were created
	requests []string       // X-Request-Id of every transaction that arrived
	token    string
	down     int      // so many searches fail
	do       []string // what it does with the next ones; then it accepts
	free     chan struct{}
}

func newFHIRServer(t *testing.T, do ...string) *fhirServer {
	t.Helper()
	s := &fhirServer{held: map[string]int{}, do: do, free: make(chan struct{})}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.answer))
	t.Cleanup(func() {
		s.CloseClientConnections()
		select {
		case <-s.free:
		default:
			close(s.free)
		}
		s.Close()
	})
	return s
}

type wireEntry struct {
	Resource struct {
		ResourceType string
		ID           string
	}
	Request struct{ Method, URL, IfNoneExist string }
}

func (s *fhirServer) answer(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.search(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	var b struct {
		ResourceType, Type string
		Entry              []wireEntry
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/fhir" || r.Header.Get("Content-Type") != "application/fhir+json" ||
		json.Unmarshal(body, &b) != nil || b.Type != "transaction" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, r.Header.Get("X-Request-Id"))
	s.token = r.Header.Get("Authorization")
	do := ""
	if len(s.do) > 0 {
		do, s.do = s.do[0], s.do[1:]
	}
	s.mu.Unlock()
	outcome := func(status int, words string) {
		w.Header().Set("Content-Type", "application/fhir+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"resourceType": "OperationOutcome", "issue": []any{
			map[string]any{"severity": "information", "diagnostics": "nicht für Menschen"},
			map[string]any{"severity": "error", "code": "processing", "diagnostics": words},
		}})
	}
	switch do {
	case "unprocessable":
		outcome(http.StatusUnprocessableEntity, "Fall 4711 ist abgeschlossen")
	case "broken":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "too many":
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	case "takes, then breaks":
		s.take(b.Entry)
		w.WriteHeader(http.StatusBadGateway)
	case "conflict": // without an OperationOutcome
		w.WriteHeader(http.StatusConflict)
	case "gone": // a proxy, not the server
		w.WriteHeader(http.StatusNotFound)
	case "sign-in":
		outcome(http.StatusUnauthorized, "token expired")
	case "elsewhere":
		http.Redirect(w, r, s.URL+"/other", http.StatusTemporaryRedirect)
	case "silent":
		select {
		case <-s.free:
		case <-r.Context().Done():
		}
	case "takes, then cuts":
		s.take(b.Entry)
		panic(http.ErrAbortHandler)
	case "takes, then says nothing of it":
		s.take(b.Entry)
		_, _ = io.WriteString(w, `{"resourceType":"Bundle","type":"transaction-response","entry":[]}`)
	case "no FHIR":
		_, _ = io.WriteString(w, "<html>Willkommen</html>")
	case "takes a part":
		respond(w, s.take(b.Entry[:1]), `{"response":{"status":"422 Unprocessable Entity","outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"error","details":{"text":"Einheit unbekannt"}}]}}}`, len(b.Entry))
	default:
		respond(w, s.take(b.Entry), "", len(b.Entry))
	}
}

// search finds whatever is asked for: a person who is numbered 404 not at all,
// 300 twice, and 200 with a record that was joined with hers; 503 it cannot look up.
func (s *fhirServer) search(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.down--
	down := s.down >= 0
	s.mu.Unlock()
	if down || strings.HasSuffix(r.URL.Query().Get("identifier"), "|503") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	typ := strings.TrimPrefix(r.URL.Path, "/fhir/")
	_, number, _ := strings.Cut(r.URL.Query().Get("identifier"), "|")
	one := `{"resource":{"resourceType":"` + typ + `","id":"` + number + `"}}`
	list := one
	switch {
	case typ == "Patient" && number == "404":
		list = ""
	case typ == "Patient" && number == "300":
		list = one + "," + one
	case typ == "Patient" && number == "200":
		list = one + `,{"resource":{"resourceType":"Patient","id":"old","active":false}}`
	}
	w.Header().Set("Content-Type", "application/fhir+json")
	_, _ = io.WriteString(w, `{"resourceType":"Bundle","type":"searchset","entry":[`+list+`]}`)
}

// respond writes a transaction-response; what is missing up to n is rest.
func respond(w http.ResponseWriter, taken []string, rest string, n int) {
	w.Header().Set("Content-Type", "application/fhir+json")
	for len(taken) < n {
		taken = append(taken, rest)
	}
	_, _ = io.WriteString(w, `{"resourceType":"Bundle","type":"transaction-response","entry":[`+strings.Join(taken, ",")+`]}`)
}

// take creates what is not there yet.
func (s *fhirServer) take(list []wireEntry) (said []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range list {
		status := "201 Created"
		name := e.Resource.ResourceType + "?" + e.Request.IfNoneExist
		if e.Request.Method == http.MethodPut {
			name = e.Request.URL
		}
		if s.held[name] > 0 && e.Request.IfNoneExist == "" && e.Request.Method == http.MethodPost {
			s.held[name]++ // a create without a condition is one more
		} else if s.held[name] > 0 {
			status = "200 OK"
		} else {
			s.held[name] = 1
		}
		said = append(said, `{"response":{"status":"`+status+`"}}`)
	}
	return said
}

// observations are the identifiers of the observations it holds.
func (s *fhirServer) observations(t *testing.T) []string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for name, n := range s.held {
		q, ok := strings.CutPrefix(name, "Observation?identifier=")
		if !ok {
			continue
		}
		id, err := url.QueryUnescape(q)
		if err != nil || n != 1 {
			t.Errorf("%s: %d times, %v", name, n, err)
		}
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// node is a hub that hands back by FHIR and can be stopped and started.
type node struct {
	*house
	charts *chart.Chart
	dir    string
	key    seal.Key
	target handback.Target
	halt   func()
}

func newNode(t *testing.T, s *fhirServer, change func(*handback.Target)) *node {
	t.Helper()
	n := &node{dir: t.TempDir(), key: seal.NewKey()}
	secret, _, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), filepath.Join(n.dir, "journal"), n.key, signer, journal.Options{MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	site, err := interpret.Compile(interpret.Tables{}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if n.charts, err = chart.Open(t.Context(), chart.Config{Dir: filepath.Join(n.dir, "chart"), Key: n.key.Derive("chart"), Zone: time.UTC}, j, site); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	const own = "https://klinik.example/nb"
	n.target = handback.Target{
		Target: message.Target{Name: "kis", Authority: "HAUS", Zone: time.UTC, Takes: message.DefaultTakes()},
		System: "kis", Repeats: true,
		FHIR: &handback.FHIR{
			Base: s.URL + "/fhir", TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, Answer: time.Minute,
			Token:   func() (string, error) { return "geheim", nil },
			Systems: bundle.Systems{Patients: own + "/pid", Cases: own + "/fall", Entries: own + "/eintrag", Staff: own + "/personal", Codes: own + "/code"},
		},
	}
	if change != nil {
		change(&n.target)
	}
	n.house = &house{t: t, j: j}
	n.start()
	t.Cleanup(func() {
		n.stop()
		if err := errors.Join(n.charts.Close(), j.Close()); err != nil {
			t.Error(err)
		}
	})
	return n
}

func (n *node) start() {
	n.t.Helper()
	b, err := handback.Open(n.t.Context(), n.dir, n.key, n.j, n.charts, []handback.Target{n.target}, handback.Options{Retry: time.Millisecond})
	if err != nil {
		n.t.Fatal(err)
	}
	n.Book = b
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{n.charts.Run, b.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				n.t.Error(err)
			}
		})
	}
	n.halt = func() { stop(); wg.Wait() }
}

func (n *node) stop() {
	n.halt()
	if err := n.Close(); err != nil {
		n.t.Error(err)
	}
}

// released signs an entry and releases it.
func (n *node) released(patient string, temp float64) entry.Entry {
	n.t.Helper()
	e := n.records(patient, temp)
	if err := n.SetMode(n.t.Context(), journal.NewID(), "kis", handback.Flowing, n.act("it")); err != nil {
		n.t.Fatal(err)
	}
	items, err := n.Items(n.t.Context(), "kis", handback.Filter{States: []handback.State{handback.Waiting}})
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.Decide(n.t.Context(), journal.NewID(), "kis", handback.Release, items, n.act("arzt")); err != nil {
		n.t.Fatal(err)
	}
	return e
}

func TestAnEntryIsATransactionThatIsTakenOnce(t *testing.T) {
	t.Parallel()
	for _, trouble := range [][]string{
		nil, {"broken", "gone", "sign-in"}, {"takes, then cuts"}, {"takes, then says nothing of it", "takes, then cuts", "broken"}, {"elsewhere", "no FHIR"},
	} {
		t.Run(strings.Join(trouble, "+"), func(t *testing.T) {
			t.Parallel()
			s := newFHIRServer(t, trouble...)
			n := newNode(t, s, nil)
			e := n.released("100", 38.4)
			n.until(all(handback.Accepted))
			if got, want := s.observations(t), []string{"https://klinik.example/nb/eintrag|" + entry.Number(e.Root) + "-temp"}; !slices.Equal(got, want) {
				t.Errorf("it holds %q, want %q", got, want)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.requests) != len(trouble)+1 {
				t.Errorf("%d transactions", len(s.requests))
			}
			for _, id := range s.requests {
				if id != s.requests[0] || len(id) != 20 {
					t.Errorf("attempts under %q", s.requests)
				}
			}
			if s.token != "Bearer geheim" {
				t.Errorf("it signed in with %q", s.token)
			}
		})
	}
}

func TestARefusalIsInTheServersOwnWords(t *testing.T) {
	t.Parallel()
	for trouble, want := range map[string]string{"unprocessable": "Fall 4711 ist abgeschlossen", "conflict": "HTTP 409", "takes a part": "422 Unprocessable Entity Einheit unbekannt"} {
		s := newFHIRServer(t, trouble)
		n := newNode(t, s, nil)
		n.released("100", 38.4)
		items := n.until(all(handback.Refused))
		if items[0].Answer != want {
			t.Errorf("%s: %q", trouble, items[0].Answer)
		}
		if err := n.Decide(t.Context(), journal.NewID(), "kis", handback.Resend, items, n.act("arzt")); err != nil {
			t.Fatal(err)
		}
		n.until(all(handback.Accepted))
		if len(s.observations(t)) != 1 {
			t.Errorf("%s: it holds %q", trouble, s.observations(t))
		}
	}
}

// A server that is silent keeps one patient waiting, not the others; and a
// restart takes up where it was, under the same identifiers.
func TestAStopInTheMiddleOfATransactionDoublesNothing(t *testing.T) {
	t.Parallel()
	s := newFHIRServer(t, "silent")
	n := newNode(t, s, func(t *handback.Target) { t.Lanes = 2 })
	n.released("100", 38.4)
	n.until(all(handback.Sent))
	n.released("101", 36.6)
	n.until(func(items []handback.Item) bool { return items[1].State == handback.Accepted })
	n.stop()
	n.start()
	n.until(all(handback.Accepted))
	if got := s.observations(t); len(got) != 2 {
		t.Errorf("it holds %q", got)
	}
}

func TestATargetThatDoesNotKnowRepeatsIsNotAskedTwice(t *testing.T) {
	t.Parallel()
	for _, trouble := range []string{"takes, then cuts", "takes, then breaks"} {
		s := newFHIRServer(t, trouble)
		n := newNode(t, s, func(t *handback.Target) { t.Repeats = false })
		n.released("100", 38.4)
		n.until(all(handback.Unclear))
		s.mu.Lock()
		if len(s.requests) != 1 {
			t.Errorf("%s: %d transactions", trouble, len(s.requests))
		}
		s.mu.Unlock()
	}
}

// A server that says that it did nothing is asked again, whatever it knows of
// repetitions.
func TestWhatAServerSentBackUntouchedGoesAgain(t *testing.T) {
	t.Parallel()
	s := newFHIRServer(t, "too many", "broken", "sign-in", "elsewhere")
	n := newNode(t, s, func(t *handback.Target) { t.Repeats, t.Brake = false, 1 })
	n.released("100", 38.4)
	n.until(all(handback.Accepted))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) != 5 {
		t.Errorf("%d transactions", len(s.requests))
	}
}

func TestAServerOfAnotherAuthorityGetsNothing(t *testing.T) {
	t.Parallel()
	s := newFHIRServer(t)
	tried := make(chan struct{}, 1000)
	n := newNode(t, s, func(t *handback.Target) {
		t.FHIR.TLS = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		t.FHIR.Token = func() (string, error) {
			tried <- struct{}{}
			return "geheim", nil
		}
	})
	n.released("100", 38.4)
	<-tried
	<-tried // the first attempt has failed
	n.until(all(handback.Released))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) != 0 {
		t.Errorf("%d transactions went to a stranger", len(s.requests))
	}
}

// What goes wrong before the transaction leaves is tried again also where the
// server is not asked twice.
func TestASearchThatFailsIsNoMessageWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	s := newFHIRServer(t)
	s.down = 3
	n := newNode(t, s, func(t *handback.Target) { t.Repeats = false })
	n.released("100", 38.4)
	n.until(all(handback.Accepted))
	if n := len(s.observations(t)); n != 1 || len(s.requests) != 1 {
		t.Errorf("%d transactions, it holds %d observations", len(s.requests), n)
	}
}

// Whoever can never be looked up does not stay released for ever without anybody
// knowing why.
func TestWhatCanNeverBeMadeReadyIsWithAPerson(t *testing.T) {
	t.Parallel()
	n := newNode(t, newFHIRServer(t), func(t *handback.Target) { t.Lanes = 1 })
	n.released("503", 38.4)
	n.released("100", 37.2) // the server answers others
	items := n.until(func(items []handback.Item) bool {
		return len(items) == 2 && items[0].Hold == handback.Unready && items[1].State == handback.Accepted
	})
	if items[0].State != handback.Waiting || items[0].Answer == "" || items[0].Decided.Done() {
		t.Errorf("%+v", items[0])
	}
}

func TestAnEntryGoesToExactlyOnePersonOrToNobody(t *testing.T) {
	t.Parallel()
	for patient, want := range map[string]struct {
		state handback.State
		words string
	}{
		"404": {handback.Refused, "nicht bekannt"}, "300": {handback.Refused, "mehrfach"}, "200": {handback.Accepted, ""},
	} {
		s := newFHIRServer(t)
		n := newNode(t, s, nil)
		n.released(patient, 38.4)
		items := n.until(all(want.state))
		if !strings.Contains(items[0].Answer, want.words) {
			t.Errorf("%s: %q", patient, items[0].Answer)
		}
		if got := len(s.observations(t)); got != 0 != (want.state == handback.Accepted) {
			t.Errorf("%s: %d observations", patient, got)
		}
	}
}
