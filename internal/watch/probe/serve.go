package probe

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"net/smtp"
	"net/url"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"notbetrieb/internal/dicom"
	"notbetrieb/internal/hl7"
)

// This file is the probes of directories, mail, HL7 and DICOM.

func ldapURL(target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.User != nil {
		return invalid("Das Ziel ist eine Adresse mit ldap:// oder ldaps://.", "The target is an address with ldap:// or ldaps://.")
	}
	return server(u)
}

// runLDAP binds with the account of the options, or reads the root entry
// without one (RFC 4512, 5.1).
func runLDAP(ctx context.Context, s Spec) Result {
	u, err := url.Parse(s.Target)
	if err != nil {
		return failed(ctx, err)
	}
	if s.Target = u.Host; u.Port() == "" {
		s.Target = net.JoinHostPort(u.Hostname(), map[string]string{"ldap": "389", "ldaps": "636"}[u.Scheme])
	}
	nc, err := dial(ctx, s.Target)
	if err != nil {
		return failed(ctx, err)
	}
	defer nc.Close()
	var seen shown
	secured := u.Scheme == "ldaps"
	if secured {
		if nc, err = s.secure(ctx, nc, &seen); err != nil {
			return s.broken(ctx, page{seen: seen}, err)
		}
	}
	c := ldap.NewConn(nc, secured)
	c.Start()
	defer c.Close()
	if end, ok := ctx.Deadline(); ok {
		c.SetTimeout(time.Until(end))
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.Close() })
	defer stop()
	if !secured && s.on("starttls", false) {
		if err := c.StartTLS(s.tlsConfig(u.Hostname(), &seen)); err != nil {
			if seen.err != nil {
				err = seen.err
			}
			return s.broken(ctx, page{seen: seen}, err)
		}
	}
	if dn := s.Options["user"]; dn != "" {
		if s.Secret == "" {
			return blind("Das Kennwort für die Anmeldung fehlt hier.", "The password for the sign-in is missing here.")
		}
		switch err := c.Bind(dn, s.Secret); {
		case ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultInsufficientAccessRights):
			return s.aged(weak("Das Verzeichnis antwortet, nimmt aber die Anmeldung der Prüfung nicht an.", "The directory answers, but does not accept the sign-in of the probe."), seen)
		case err != nil:
			return ldapFailed(ctx, err)
		}
		return s.aged(good("Die Anmeldung am Verzeichnis gelingt.", "The sign-in to the directory succeeds."), seen)
	}
	_, err = c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, "(objectClass=*)", []string{"supportedLDAPVersion"}, nil))
	if err != nil && !ldap.IsErrorAnyOf(err, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultOperationsError, ldap.LDAPResultInappropriateAuthentication) {
		return ldapFailed(ctx, err)
	}
	return s.aged(good("Das Verzeichnis antwortet.", "The directory answers."), seen)
}

// ldapFailed tells the errors of the network from what a directory says.
func ldapFailed(ctx context.Context, err error) Result {
	var e *ldap.Error
	if errors.As(err, &e) && e.ResultCode < ldap.ErrorNetwork {
		return bad("Das Verzeichnis antwortet mit einem Fehler.", "The directory answers with an error.")
	}
	return failed(ctx, err)
}

// runSMTP greets, asks for nothing and takes leave.
func runSMTP(ctx context.Context, s Spec) Result {
	nc, err := dial(ctx, s.Target)
	if err != nil {
		return failed(ctx, err)
	}
	defer nc.Close()
	stop := context.AfterFunc(ctx, func() { _ = nc.Close() })
	defer stop()
	name, _, _ := net.SplitHostPort(s.Target)
	c, err := smtp.NewClient(nc, name)
	if err != nil {
		return mailFailed(ctx, err)
	}
	defer c.Close()
	if err := c.Hello("notbetrieb.invalid"); err != nil {
		return mailFailed(ctx, err)
	}
	var seen shown
	if s.on("starttls", false) {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return bad("Der Mailserver bietet kein STARTTLS an.", "The mail server does not offer STARTTLS.")
		}
		if err := c.StartTLS(s.tlsConfig(name, &seen)); err != nil {
			if seen.err != nil {
				err = seen.err
			}
			return s.broken(ctx, page{seen: seen}, err)
		}
	}
	if err := c.Noop(); err != nil {
		return mailFailed(ctx, err)
	}
	_ = c.Quit() // it has answered; how it takes leave is its own affair
	return s.aged(good("Der Mailserver antwortet.", "The mail server answers."), seen)
}

// mailFailed tells what a mail server says from errors of the network: it
// answers with a number when it will not serve.
func mailFailed(ctx context.Context, err error) Result {
	if m := err.Error(); len(m) > 3 && (m[0] == '4' || m[0] == '5') && strings.Trim(m[:3], "0123456789") == "" {
		return bad("Der Mailserver antwortet, bedient aber nicht.", "The mail server answers, but does not serve.")
	}
	return failed(ctx, err)
}

// runHL7 sends a query for nothing in test mode (MSH-11 T) and waits for an
// answer to it. Any answer shows that the receiver lives; what it thinks of the
// message counts only where accept is set.
func runHL7(ctx context.Context, s Spec) Result {
	var seen shown
	o := hl7.ClientOptions{Limits: hl7.Limits{Max: 64 << 10}}
	if s.on("tls", false) {
		name, _, _ := net.SplitHostPort(s.Target)
		o.TLS = s.tlsConfig(name, &seen)
	}
	if end, ok := ctx.Deadline(); ok {
		o.Answer = time.Until(end)
	}
	c, err := hl7.Dial(ctx, s.Target, o)
	if err != nil {
		if seen.err != nil {
			err = seen.err
		}
		return s.broken(ctx, page{seen: seen}, err)
	}
	defer c.Close()
	answer, err := c.Send(ctx, question(s, time.Now()))
	switch {
	case errors.Is(err, hl7.ErrNotMLLP):
		return bad("Die Gegenseite spricht kein MLLP.", "The peer does not speak MLLP.")
	case err != nil && ctx.Err() == nil && !timeout(err):
		return bad("Der Empfänger beendet die Verbindung ohne Antwort.", "The receiver ends the connection without an answer.")
	case err != nil:
		return bad("Der Empfänger nimmt die Verbindung an, antwortet aber nicht.", "The receiver takes the connection, but does not answer.")
	}
	ack, err := hl7.ParseAck(answer)
	if err != nil {
		return bad("Die Antwort ist keine HL7-Quittung.", "The answer is no HL7 acknowledgement.")
	}
	if s.on("accept", false) && ack.Code != hl7.AA && ack.Code != "CA" {
		return s.aged(bad("Der Empfänger nimmt die Prüfnachricht nicht an.", "The receiver does not accept the probe's message."), seen)
	}
	return s.aged(good("Der Empfänger antwortet.", "The receiver answers."), seen)
}

// question is the message of a probe: it asks for no patient and changes
// nothing.
func question(s Spec, now time.Time) []byte {
	kind := s.Options["message"]
	if kind == "" {
		kind = "NMQ^N01" // application management query (HL7 v2.5, chapter 14)
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails: see crypto/rand
	b := hl7.NewBuilder(hl7.DefaultDelims(), "")
	b.Segment("MSH", "NOTBETRIEB", "", b.Text(s.Options["app"]), b.Text(s.Options["facility"]),
		now.Format("20060102150405-0700"), "", kind, "NB"+hex.EncodeToString(id[:]), "T", "2.5")
	if strings.HasPrefix(kind, "NMQ") {
		b.Segment("NCK", now.Format("20060102150405-0700"))
	}
	return b.Bytes()
}

func runDICOM(ctx context.Context, s Spec) Result {
	nc, err := dial(ctx, s.Target)
	if err != nil {
		return failed(ctx, err)
	}
	var seen shown
	if s.on("tls", false) {
		plain := nc
		if nc, err = s.secure(ctx, plain, &seen); err != nil {
			_ = plain.Close()
			return s.broken(ctx, page{seen: seen}, err)
		}
	}
	t := dicom.Titles{Called: s.Options["called"], Calling: s.Options["calling"]}
	if t.Calling == "" {
		t.Calling = "NOTBETRIEB"
	}
	err = dicom.Echo(ctx, nc, t)
	var no *dicom.Rejected
	var status dicom.Status
	switch {
	case err == nil:
		return s.aged(good("C-ECHO ist beantwortet.", "The C-ECHO is answered."), seen)
	case errors.As(err, &no) && no.UnknownCalling():
		return weak("Antwortet, kennt aber unseren AE-Titel "+t.Calling+" nicht.", "Answers, but does not know our AE title "+t.Calling+".")
	case errors.As(err, &no) && no.UnknownCalled():
		return bad("Antwortet, heißt aber nicht "+t.Called+".", "Answers, but is not called "+t.Called+".")
	case errors.As(err, &no) && no.Busy():
		return weak("Antwortet, nimmt aber gerade keine Verbindung an.", "Answers, but takes no association at present.")
	case errors.As(err, &no):
		return bad("Lehnt die Verbindung ab.", "Rejects the association.")
	case errors.Is(err, dicom.ErrNoVerification):
		return weak("Antwortet, bietet aber kein C-ECHO an.", "Answers, but offers no C-ECHO.")
	case errors.As(err, &status):
		return bad("Beantwortet C-ECHO mit einem Fehler.", "Answers the C-ECHO with an error.")
	case errors.Is(err, dicom.ErrProtocol):
		return bad("Die Gegenseite spricht kein DICOM.", "The peer does not speak DICOM.")
	}
	return failed(ctx, err)
}
