package handback

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/handback/bundle"
	"notbetrieb/internal/handback/message"
)

// FHIR is how a target is reached that takes an entry as a FHIR R4 transaction.
type FHIR struct {
	Base    string                 // of its RESTful interface: "https://kis.example/fhir"
	TLS     *tls.Config            // nil: the machine's own
	Token   func() (string, error) // for the bearer header, asked before each transaction; nil: none
	Answer  time.Duration          // how long an answer is waited for; 0: 30 s
	Systems bundle.Systems
}

const (
	maxAnswer   = 4 << 20 // bytes of an answer that are read
	maxWords    = 1000    // characters of a refusal that are kept
	fhirJSON    = "application/fhir+json"
	transaction = "Bundle"
)

var (
	errNotTaken = errors.New("fhir: the server did not take the transaction")
	errUnclear  = errors.New("fhir: the answer does not say what became of the transaction")
)

// fhir is the way by FHIR.
type fhir struct {
	t *Target
	c *http.Client

	body    []byte // of the message that is ready
	refused answer // why it cannot be sent, where it has a code
}

// messages makes one transaction of the entry.
func (o *fhir) messages(s message.Sending) ([]message.Message, []message.Left, error) {
	b, left, err := bundle.For(s, o.t.FHIR.Systems)
	if err != nil || len(b.Raw) == 0 {
		return nil, left, err
	}
	return []message.Message{{
		Type: transaction, Part: transaction, Control: message.ControlID(s.To.Name, s.Entry.Key, transaction, s.Again), Raw: b.Raw,
	}}, left, nil
}

// prepare looks up whom the transaction is about: what goes wrong there is no
// message without an answer.
func (o *fhir) prepare(ctx context.Context, m *message.Message) (err error) {
	o.body, o.refused, err = o.placed(ctx, m)
	return err
}

func (o *fhir) ready(context.Context) error {
	if o.c != nil {
		return nil
	}
	tr := &http.Transport{TLSClientConfig: o.t.FHIR.TLS, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute}
	o.c = &http.Client{
		Transport: tr, Timeout: o.t.FHIR.Answer,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // health data goes only where it was configured to go
	}
	if o.c.Timeout <= 0 {
		o.c.Timeout = 30 * time.Second
	}
	return nil
}

func (o *fhir) Close() error {
	if o.c != nil {
		o.c.CloseIdleConnections()
		o.c = nil
	}
	return nil
}

// send posts the transaction. The errors of a server that did not take it, or of
// which that is not known, are errors; a refusal is an answer.
func (o *fhir) send(ctx context.Context, m *message.Message) (answer, error) {
	if o.refused.code != "" {
		return o.refused, nil
	}
	got, err := o.call(ctx, http.MethodPost, o.t.FHIR.Base, m.Control, o.body)
	if err != nil {
		return answer{}, err
	}
	return judge(got, entries(m.Raw))
}

// response is what a server sent.
type response struct {
	status int
	after  time.Duration // Retry-After; 0: it does not say
	body   []byte
}

// maxAfter is the longest that a server is left alone because it says so.
const maxAfter = 15 * time.Minute

// notTaken is the error of a server that says that it did not take what was
// sent.
type notTaken struct {
	status int
	after  time.Duration // how long it wants to be left alone; 0: it does not say
	sure   bool          // it did nothing with it: sent again it cannot be there twice
}

func (e *notTaken) Error() string { return fmt.Sprintf("%v: status %d", errNotTaken, e.status) }

func (e *notTaken) Unwrap() error { return errNotTaken }

// notTaken returns what an answer says that is none. Of the statuses from 500
// on only 503 says that nothing was done (RFC 9110 section 15.6.4).
func (r *response) notTaken() error {
	return &notTaken{status: r.status, after: r.after, sure: r.status < http.StatusInternalServerError || r.status == http.StatusServiceUnavailable}
}

// retryAfter reads the header Retry-After, seconds or a date (RFC 9110 section
// 10.2.3).
func retryAfter(h http.Header) time.Duration {
	s := h.Get("Retry-After")
	d := time.Duration(0)
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(s); err == nil {
		d = time.Until(at)
	}
	return max(0, min(d, maxAfter))
}

// call is one request. The error means that nobody knows what became of it.
func (o *fhir) call(ctx context.Context, method, target, control string, body []byte) (*response, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("fhir: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", fhirJSON)
	}
	req.Header.Set("Accept", fhirJSON)
	req.Header.Set("X-Request-Id", control) // FHIR R4 section 3.1.0.6
	if o.t.FHIR.Token != nil {
		token, err := o.t.FHIR.Token()
		if err != nil {
			return nil, fmt.Errorf("fhir: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := o.c.Do(req)
	if err != nil {
		return nil, errors.Join(errUnclear, bare(err))
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	got, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(got) > maxAnswer {
		return nil, errors.Join(errUnclear, err)
	}
	return &response{resp.StatusCode, retryAfter(resp.Header), got}, nil
}

// bare takes the address out of an error: it names a patient's number where a
// search went wrong, and errors are logged.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// entries counts what a transaction asks for.
func entries(raw []byte) int {
	var b struct{ Entry []struct{} }
	if json.Unmarshal(raw, &b) != nil {
		return -1
	}
	return len(b.Entry)
}

// reply is what is read of an answer: a Bundle of type transaction-response, or
// an OperationOutcome.
type reply struct {
	ResourceType string
	Type         string
	Entry        []struct {
		Response *struct {
			Status  string
			Outcome json.RawMessage
		}
	}
	Issue []issue
}

type issue struct {
	Severity    string
	Diagnostics string
	Details     struct{ Text string }
}

// judge says what an answer means for a transaction of n entries. Only a
// transaction-response in which every entry succeeded means that it was taken
// (FHIR R4 section 3.1.0.11.1). A refusal is one if the server says so in an
// OperationOutcome, or with a status that is about what was sent. What else
// comes with a status of 4xx is the doing of a proxy, a sign-in or a wrong
// address, and concerns no entry.
func judge(got *response, n int) (answer, error) {
	var r reply
	status, readable := got.status, json.Unmarshal(got.body, &r) == nil
	switch {
	case status >= 200 && status < 300:
		if !readable || r.ResourceType != "Bundle" || r.Type != "transaction-response" || len(r.Entry) != n {
			return answer{}, errUnclear
		}
		return each(&r)
	case status == http.StatusUnauthorized, status == http.StatusProxyAuthRequired, status == http.StatusRequestTimeout,
		status == http.StatusTooEarly, status == http.StatusTooManyRequests, status < 400, status >= 500:
		return answer{}, got.notTaken()
	case readable && r.ResourceType == "OperationOutcome":
		return refusal(status, r.Issue), nil
	}
	switch status {
	case http.StatusBadRequest, http.StatusNotAcceptable, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return refusal(status, nil), nil
	}
	return answer{}, got.notTaken()
}

// each looks at every entry's own status.
func each(r *reply) (answer, error) {
	for _, e := range r.Entry {
		if e.Response == nil || len(e.Response.Status) < 3 {
			return answer{}, errUnclear
		}
		switch e.Response.Status[0] {
		case '2':
		case '4':
			var out reply
			_ = json.Unmarshal(e.Response.Outcome, &out) // the status counts; the words are for people
			a := refusal(0, out.Issue)
			a.text = strings.TrimSpace(e.Response.Status + " " + a.text)
			return a, nil
		default:
			return answer{}, errUnclear
		}
	}
	return answer{code: "AA"}, nil
}

// refusal is the server's own words.
func refusal(status int, issues []issue) answer {
	var say []string
	for _, i := range issues {
		if i.Severity == "information" || i.Severity == "success" {
			continue
		}
		switch {
		case i.Details.Text != "":
			say = append(say, i.Details.Text)
		case i.Diagnostics != "":
			say = append(say, i.Diagnostics)
		}
	}
	text := []rune(strings.Join(say, "; "))
	if len(text) > maxWords {
		text = append(text[:maxWords], '…')
	}
	if len(text) == 0 && status > 0 {
		text = []rune(fmt.Sprintf("HTTP %d", status))
	}
	return answer{code: "AE", text: string(text)}
}
