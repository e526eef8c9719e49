package way

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Gateway is an SMS gateway with an HTTP interface. In URL, header values and
// Body stand the places {number}, {text}, {id}, {name} and {secret}; each is
// written as the surroundings ask.
type Gateway struct {
	Method   string
	URL      string
	Headers  map[string]string
	Body     string
	Type     string // of the body: application/json, application/x-www-form-urlencoded, text/xml, text/plain
	Secret   string
	Accepted *regexp.Regexp // the answer of a gateway that took the message; nil: any with status 200 to 299
	CA       string
	Wait     time.Duration
}

// Send asks the gateway to send one SMS.
func (g Gateway) Send(ctx context.Context, m Message) Result {
	put := func(text string, escape func(string) string) string {
		return strings.NewReplacer("{number}", escape(m.To), "{text}", escape(m.Short), "{id}", escape(m.ID), "{name}", escape(m.Name), "{secret}", escape(g.Secret)).Replace(text)
	}
	header := http.Header{}
	for k, v := range g.Headers {
		header.Set(k, put(v, oneLine))
	}
	if g.Type != "" {
		header.Set("Content-Type", g.Type)
	}
	return ask(ctx, asking{method: g.Method, url: put(g.URL, url.QueryEscape), header: header, body: []byte(put(g.Body, escapeOf(g.Type))), ca: g.CA, wait: g.Wait, accepted: g.Accepted, hide: []string{m.Link, path.Base(m.Link), m.Short, m.Code, g.Secret, url.QueryEscape(g.Secret)}})
}

func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }

// escapeOf is how a value is written into a body of the type.
func escapeOf(kind string) func(string) string {
	kind = strings.ToLower(kind)
	switch {
	case strings.Contains(kind, "json"):
		return func(s string) string {
			b, _ := json.Marshal(s) // of a string: never fails
			return string(b[1 : len(b)-1])
		}
	case strings.Contains(kind, "urlencoded"):
		return url.QueryEscape
	case strings.Contains(kind, "xml"):
		return func(s string) string {
			var b strings.Builder
			_ = xml.EscapeText(&b, []byte(s)) // of a Builder: never fails
			return b.String()
		}
	}
	return func(s string) string { return s }
}

// asking is one request.
type asking struct {
	method, url string
	header      http.Header
	body        []byte
	ca          string
	wait        time.Duration
	accepted    *regexp.Regexp
	hide        []string
}

// ask makes the request once. An answer of 408, 429 or 5xx can be tried again;
// any other that is no success will be the same again.
func ask(ctx context.Context, a asking) Result {
	c, err := client(a.ca)
	if err != nil {
		return Result{Refused, "not configured: " + told(err.Error(), a.hide...)}
	}
	ctx, stop := context.WithTimeout(ctx, a.wait)
	defer stop()
	var begun atomic.Bool // set by the connection, which may outlive the answer
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { begun.Store(true) }})
	r, err := http.NewRequestWithContext(ctx, a.method, a.url, bytes.NewReader(a.body))
	if err != nil {
		return Result{Refused, "not configured: address not valid"}
	}
	r.Header = a.header
	res, err := c.Do(r)
	if err != nil {
		return failed(err, begun.Load(), a.hide...)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return failed(err, true, a.hide...)
	}
	out := Result{Accepted, told(strconv.Itoa(res.StatusCode)+" "+string(b), a.hide...)}
	switch code := res.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		out.Outcome = Unreached
	case code < 200 || code > 299, a.accepted != nil && !a.accepted.Match(b):
		out.Outcome = Refused
	}
	return out
}

// Webhook tells another system, as JSON that is signed with a shared secret.
type Webhook struct {
	URL    string
	Secret string
	CA     string
	Wait   time.Duration
}

// Signature is the header of a webhook: "t=" seconds since 1970 ",v1=" the
// HMAC-SHA-256 in hexadecimal digits over those seconds, a dot and the body.
const Signature = "Notbetrieb-Signature"

// Sign returns the value of the header Signature.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(t + "."))
	h.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))
}

// Send posts the message.
func (w Webhook) Send(ctx context.Context, m Message) Result {
	body, err := json.Marshal(map[string]any{
		"id": m.ID, "to": m.To, "name": m.Name, "subject": m.Subject, "text": m.Text, "short": m.Short, "link": m.Link, "code": m.Code, "exercise": m.Exercise, "at": m.At.UTC().Format(time.RFC3339),
	})
	if err != nil {
		return Result{Refused, "cannot be written"}
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {m.ID}}
	header.Set(Signature, Sign(w.Secret, m.At, body))
	return ask(ctx, asking{method: http.MethodPost, url: w.URL, header: header, body: body, ca: w.CA, wait: w.Wait, hide: []string{m.Link, path.Base(m.Link), m.Text, m.Code, w.Secret}})
}

// Matrix is an account on a Matrix server. It writes into rooms that it is in
// (Client-Server API v1.11, 9.6.2). A try that comes again under the same ID is
// shown once.
type Matrix struct {
	Server string // base address
	Token  string
	Room   string // where a person has no room of their own: "!…:server"; "" for none
	CA     string
	Wait   time.Duration
}

// Send writes the message into the room.
func (x Matrix) Send(ctx context.Context, m Message) Result {
	room, text := m.To, m.Text
	if !strings.HasPrefix(room, "!") {
		if room, text = x.Room, m.Name+": "+m.Text; room == "" {
			return Result{Refused, "no room"}
		}
	}
	body, err := json.Marshal(map[string]string{"msgtype": "m.text", "body": text})
	if err != nil {
		return Result{Refused, "cannot be written"}
	}
	to := strings.TrimRight(x.Server, "/") + "/_matrix/client/v3/rooms/" + url.PathEscape(room) + "/send/m.room.message/" + url.PathEscape(m.ID)
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + x.Token}}
	return ask(ctx, asking{method: http.MethodPut, url: to, header: header, body: body, ca: x.CA, wait: x.Wait, hide: []string{m.Link, path.Base(m.Link), m.Text, m.Code, x.Token}})
}
