package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// failed is the result of an error of the network, in words.
func failed(ctx context.Context, err error) Result {
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	end, ends := ctx.Deadline()
	switch {
	case ctx.Err() != nil, ends && !time.Now().Before(end), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), timeout(err):
		return bad("Keine Antwort in der erlaubten Zeit.", "No answer within the time allowed.")
	case errors.As(err, &dns) && dns.IsNotFound:
		return bad("Der Name ist nicht bekannt.", "The name is not known.")
	case errors.As(err, &dns):
		return bad("Der Name kann nicht aufgelöst werden: der Namensdienst antwortet nicht.", "The name cannot be resolved: the name service does not answer.")
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(err.Error(), "actively refused"):
		return bad("Verbindung abgelehnt: an diesem Port läuft nichts.", "Connection refused: nothing runs at this port.")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return bad("Der Rechner ist nicht erreichbar.", "The host cannot be reached.")
	case isCertificate(err):
		return certificate(err)
	case errors.As(err, &record):
		return bad("Die Gegenseite spricht kein TLS.", "The peer does not speak TLS.")
	case errors.As(err, &alert):
		return bad("Die Gegenseite lehnt die gesicherte Verbindung ab.", "The peer refuses the secured connection.")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed),
		strings.Contains(err.Error(), "server closed"), strings.Contains(err.Error(), "broken connection"): // net/http says it in words only
		return bad("Die Gegenseite hat die Verbindung beendet.", "The peer ended the connection.")
	}
	return bad("Die Verbindung kommt nicht zustande.", "The connection cannot be made.")
}

func timeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

func isCertificate(err error) bool {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var verify *tls.CertificateVerificationError
	return errors.As(err, &invalid) || errors.As(err, &name) || errors.As(err, &unknown) || errors.As(err, &verify)
}

// certificate says why a certificate is not accepted.
func certificate(err error) Result {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if invalid.Cert != nil && time.Now().Before(invalid.Cert.NotBefore) {
			return bad("Das Zertifikat gilt noch nicht.", "The certificate is not valid yet.")
		}
		return bad("Das Zertifikat ist abgelaufen.", "The certificate has expired.")
	case errors.As(err, &name):
		return bad("Das Zertifikat gilt für einen anderen Namen.", "The certificate is for another name.")
	case errors.As(err, &unknown):
		return bad("Das Zertifikat ist von einer Stelle, der nicht vertraut wird.", "The certificate is of an authority that is not trusted.")
	}
	return bad("Das Zertifikat wird nicht angenommen.", "The certificate is not accepted.")
}
