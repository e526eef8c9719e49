// Package way is how one message leaves the house: by mail, through an SMS
// gateway, a command that drives an own modem, a webhook or a Matrix server. It
// sends once and says honestly what came of it; it knows no hospital and keeps
// nothing. Whom to call and what follows is decided elsewhere.
package way

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode"
)

// Message is what one person is told on one way. It holds no health data.
type Message struct {
	ID       string // the same for each try to tell the same: receivers that look at it show it once
	To       string // number, address or room
	Name     string // of the person
	Subject  string
	Text     string // for ways with room
	Short    string // for an SMS
	Link     string // where the person answers; "" for none. Never in a result
	Code     string // the answer code
	Exercise bool
	At       time.Time
}

// Outcome is what came of one try. The words are the stored form.
type Outcome string

const (
	Accepted  Outcome = "accepted"  // the first station took it over; whether it arrives nobody knows
	Refused   Outcome = "refused"   // it says no, and will again
	Unreached Outcome = "unreached" // nothing was handed over: it can be tried again
	Unclear   Outcome = "unclear"   // handed over without an answer: it may arrive, and twice if tried again
)

// Outcomes returns every outcome.
func Outcomes() []Outcome { return []Outcome{Accepted, Refused, Unreached, Unclear} }

// Result is the outcome of one try with what the other side said, in its own
// words. The detail holds no secret and no link.
type Result struct {
	Outcome Outcome
	Detail  string
}

// Sender is one way out of the house. Send ends when ctx does.
type Sender interface {
	Send(ctx context.Context, m Message) Result
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 16 << 10

// maxDetail is the longest detail, in characters.
const maxDetail = 160

// told cleans what the other side said for people to read.
func told(text string, hide ...string) string {
	for _, h := range hide {
		if len(h) > 3 {
			text = strings.ReplaceAll(text, h, "…")
		}
	}
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "�"), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if r := []rune(text); len(r) > maxDetail {
		text = string(r[:maxDetail]) + "…"
	}
	return text
}

// failed is the result of a connection that broke; begun says that the message
// may have been handed over before.
func failed(err error, begun bool, hide ...string) Result {
	r := Result{Unreached, "connection: " + told(plain(err), hide...)}
	if begun {
		r.Outcome = Unclear
	}
	return r
}

// plain is the innermost words of an error of the network: the outer ones quote
// addresses with whatever stands in them.
func plain(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var name x509.HostnameError
	switch {
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "stopped"
	case errors.As(err, &dns):
		return "name not found"
	case errors.As(err, &name), errors.As(err, &cert):
		return "certificate not trusted"
	case errors.As(err, &op) && op.Op == "dial":
		return "cannot be reached"
	}
	return "broken off"
}

// Secret reads a password or token from a file: its first line. The error names
// no content.
func Secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	s, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if s = strings.TrimSpace(s); s == "" {
		return "", errors.New("secret: the file is empty")
	}
	return s, nil
}

// Number returns a telephone number as gateways take it: digits, with + in
// front where it had one, or 00 in its place; country, such as "49", stands for
// a leading 0. ok is false for what is no number.
func Number(s, country string) (string, bool) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") {
		s = strings.Replace(s, "(0)", "", 1) // +49 (0)171: the 0 of those who ring inside the country
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			b.WriteRune(r)
		case strings.ContainsRune(" -/().\u00a0", r):
		default:
			return "", false
		}
	}
	n := b.String()
	if rest, ok := strings.CutPrefix(n, "00"); ok {
		n = "+" + rest
	}
	if country != "" && strings.HasPrefix(n, "0") {
		n = "+" + country + n[1:]
	}
	digits := len(strings.TrimPrefix(n, "+"))
	return n, digits >= 4 && digits <= 15 // E.164: at most 15
}

// roots are the authorities of this machine and those of the file.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("authorities: no certificate in the file")
	}
	return pool, nil
}

// client asks without following to another place: a gateway that sends us
// elsewhere is misconfigured, and a token must not travel.
func client(ca string) (*http.Client, error) {
	pool, err := roots(ca)
	if err != nil {
		return nil, err
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	t.DisableKeepAlives = true
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}
