package foreign

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// MailHost is a real SMTP server that keeps what it is given.
type MailHost struct {
	Addr string

	mu     sync.Mutex
	mails  []Mail
	refuse func(from, to string) error // answers a recipient; nil takes all
	hold   chan struct{}               // of a host that hangs after the text
}

// Mail is one mail that a MailHost took.
type Mail struct {
	From, To string
	Text     string // with its head
}

// NewMailHost starts a mail host on loopback until the test ends. With a
// certificate it offers STARTTLS and wants user and password "alarm", "geheim".
func NewMailHost(t testing.TB, cert *tls.Certificate) *MailHost {
	t.Helper()
	return newMailHost(t, cert, false)
}

// NewSecureMailHost is NewMailHost with TLS from the first byte.
func NewSecureMailHost(t testing.TB, cert *tls.Certificate) *MailHost {
	t.Helper()
	return newMailHost(t, cert, true)
}

func newMailHost(t testing.TB, cert *tls.Certificate, secure bool) *MailHost {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &MailHost{Addr: l.Addr().String()}
	s := smtp.NewServer(h)
	s.Domain, s.ReadTimeout, s.WriteTimeout = "mail.example", time.Minute, time.Minute
	if cert != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12}
	}
	if secure {
		l = tls.NewListener(l, s.TLSConfig)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() {
		h.Release()
		_ = s.Close()
	})
	return h
}

// Mails returns what was taken, the oldest first.
func (h *MailHost) Mails() []Mail {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Mail(nil), h.mails...)
}

// Refuse lets answer decide about each recipient; nil takes all.
func (h *MailHost) Refuse(answer func(from, to string) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = answer
}

// Hold lets the host hang after it has the text of a mail, until Release.
func (h *MailHost) Hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hold = make(chan struct{})
}

// Release ends Hold.
func (h *MailHost) Release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hold != nil {
		close(h.hold)
		h.hold = nil
	}
}

// NewSession is called by the server for each connection.
func (h *MailHost) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &session{h: h, secure: secure, wants: c.Server().TLSConfig != nil}, nil
}

type session struct {
	h      *MailHost
	mail   Mail
	secure bool
	wants  bool
	known  bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "alarm" || password != "geheim" {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.wants && !s.known {
		return smtp.ErrAuthRequired
	}
	s.mail.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.h.mu.Lock()
	refuse := s.h.refuse
	s.h.mu.Unlock()
	if refuse != nil {
		if err := refuse(s.mail.From, to); err != nil {
			return err
		}
	}
	s.mail.To = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.Text = string(b)
	s.h.mu.Lock()
	s.h.mails = append(s.h.mails, s.mail)
	hold := s.h.hold
	s.h.mu.Unlock()
	if hold != nil {
		<-hold
		return errors.New("gone")
	}
	return nil
}

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }

// MailRefusal is an answer of a mail host with its code, such as 550 or 451.
func MailRefusal(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}
