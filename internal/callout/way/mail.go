package way

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// Security is how a connection to a mail host is protected.
type Security string

const (
	STARTTLS Security = "starttls" // required: without it nothing is sent
	TLS      Security = "tls"      // from the first byte (RFC 8314)
	NoTLS    Security = "none"     // only inside the house
)

// Mail is one mail host (SMTP, RFC 5321).
type Mail struct {
	Host     string // name and port
	Security Security
	From     string
	User     string
	Password string
	Hello    string // our name in HELO; "" is that of the machine
	CA       string // file with authorities beside those of the machine
	Wait     time.Duration
}

// Send hands the message to the mail host. A mail host that breaks off after
// the text was sent leaves it unclear.
func (s Mail) Send(ctx context.Context, m Message) Result {
	msg := mail.NewMsg()
	if err := errors.Join(msg.From(s.From), msg.To(m.To)); err != nil {
		return Result{Refused, "address not valid"}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID + "@notbetrieb.invalid")
	msg.SetDateWithValue(m.At)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	msg.SetImportance(mail.ImportanceUrgent)
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	ctx, stop := context.WithTimeout(ctx, s.Wait)
	defer stop()
	c, err := s.client(ctx)
	if err != nil {
		return Result{Refused, "mail host not configured: " + told(err.Error(), s.Password)}
	}
	if err := c.DialWithContext(ctx); err != nil {
		return s.unsent(err, m)
	}
	err = c.Send(msg)
	_ = c.Close()
	if err != nil {
		return s.unsent(err, m)
	}
	return Result{Accepted, told(msg.ServerResponse(), m.Link)}
}

// client is ready to connect; its connection breaks when ctx ends.
func (s Mail) client(ctx context.Context) (*mail.Client, error) {
	host, port, err := net.SplitHostPort(s.Host)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	pool, err := roots(s.CA)
	if err != nil {
		return nil, err
	}
	secure := &tls.Config{ServerName: host, RootCAs: pool, MinVersion: tls.VersionTLS12}
	dial := func(now context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(now, network, addr)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = c.Close() }) // also after it was sent: ctx ends with it
		if s.Security != TLS {
			return c, nil
		}
		t := tls.Client(c, secure)
		return t, t.HandshakeContext(now)
	}
	o := []mail.Option{mail.WithPort(n), mail.WithTimeout(s.Wait), mail.WithoutNoop(), mail.WithTLSConfig(secure), mail.WithDialContextFunc(dial)}
	switch s.Security {
	case TLS:
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic)) // dial has done it: STARTTLS is not offered then
	case NoTLS:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	case STARTTLS:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Hello != "" {
		o = append(o, mail.WithHELO(s.Hello))
	}
	if s.User != "" {
		o = append(o, mail.WithUsername(s.User), mail.WithPassword(s.Password), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover))
	}
	return mail.NewClient(host, o...)
}

// unsent says what an error of the mail host means.
func (s Mail) unsent(err error, m Message) Result {
	var e *mail.SendError
	if !errors.As(err, &e) {
		return failed(err, false, s.Password, m.Link)
	}
	detail := "mail host: " + e.Reason.String()
	if code := e.ErrorCode(); code != 0 {
		detail += " " + strconv.Itoa(code)
	}
	r := Result{Unreached, told(detail, s.Password, m.Link)}
	switch code := e.ErrorCode(); {
	case code >= 500:
		r.Outcome = Refused
	case code >= 400:
	case e.Reason == mail.ErrSMTPDataClose, e.Reason == mail.ErrWriteContent:
		r.Outcome = Unclear
	case e.Reason == mail.ErrSMTPReset: // it was taken before
		r.Outcome = Accepted
	}
	return r
}
