package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
)

func runTCP(ctx context.Context, s Spec) Result {
	nc, err := dial(ctx, s.Target)
	if err != nil {
		return failed(ctx, err)
	}
	_ = nc.Close() // what was asked is answered
	return good("Der Port ist offen.", "The port is open.")
}

// shown is what a TLS handshake showed of the peer's certificates.
type shown struct {
	end time.Time // of the first to end
	err error     // why they are not accepted
}

// tlsConfig is how a probe speaks TLS with name. Certificates are looked at
// after the handshake, so that also those that are not accepted tell their end.
func (s Spec) tlsConfig(name string, into *shown) *tls.Config {
	return &tls.Config{
		ServerName:         name,
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // verified below
		VerifyConnection: func(state tls.ConnectionState) error {
			for _, c := range state.PeerCertificates {
				if into.end.IsZero() || c.NotAfter.Before(into.end) {
					into.end = c.NotAfter
				}
			}
			if !s.on("verify", true) {
				return nil
			}
			o := x509.VerifyOptions{Roots: s.Roots, DNSName: name, Intermediates: x509.NewCertPool()}
			for _, c := range state.PeerCertificates[1:] {
				o.Intermediates.AddCert(c)
			}
			_, into.err = state.PeerCertificates[0].Verify(o)
			return into.err
		},
	}
}

// aged adds the end of the certificate to a result and says so where that is
// near.
func (s Spec) aged(r Result, c shown) Result {
	r.CertEnd = c.end
	if c.end.IsZero() || r.Verdict != Good {
		return r
	}
	switch left := time.Until(c.end); {
	case left < 0: // and nobody verifies it
		r.Verdict = Weak
		r.Say.DE, r.Say.EN = "Antwortet; das Zertifikat ist abgelaufen.", "Answers; the certificate has expired."
	case left < time.Duration(s.warnDays())*24*time.Hour:
		n := strconv.Itoa(int(left.Hours() / 24))
		r.Notice = true
		r.Say.DE, r.Say.EN = "Antwortet; das Zertifikat läuft in "+n+" Tagen ab.", "Answers; the certificate ends in "+n+" days."
	}
	return r
}

func runTLS(ctx context.Context, s Spec) Result {
	name := s.Options["name"]
	if name == "" {
		name, _, _ = net.SplitHostPort(s.Target)
	}
	nc, err := dial(ctx, s.Target)
	if err != nil {
		return failed(ctx, err)
	}
	defer nc.Close()
	var seen shown
	if err := tls.Client(nc, s.tlsConfig(name, &seen)).HandshakeContext(ctx); err != nil {
		if seen.err != nil {
			err = seen.err
		}
		r := failed(ctx, err)
		r.CertEnd = seen.end
		return r
	}
	return s.aged(good("Verbindung und Zertifikat sind in Ordnung.", "Connection and certificate are fine."), seen)
}

// secure wraps nc in TLS where the option says so.
func (s Spec) secure(ctx context.Context, nc net.Conn, seen *shown) (net.Conn, error) {
	name, _, _ := net.SplitHostPort(s.Target)
	c := tls.Client(nc, s.tlsConfig(name, seen))
	if err := c.HandshakeContext(ctx); err != nil {
		if seen.err != nil {
			err = seen.err
		}
		return nil, err
	}
	return c, nil
}

func runDNS(ctx context.Context, s Spec) Result {
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Target)
	}}
	got, err := r.LookupHost(ctx, s.Options["name"]+".")
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return bad("Der Namensdienst kennt den Namen nicht.", "The name service does not know the name.")
	case err != nil:
		return bad("Der Namensdienst antwortet nicht.", "The name service does not answer.")
	}
	if want := s.Options["answer"]; want != "" && !slices.Contains(got, want) {
		return bad("Der Namensdienst nennt eine andere Adresse als erwartet.", "The name service gives another address than expected.")
	}
	return good("Der Name wird aufgelöst.", "The name is resolved.")
}

// runICMP sends one echo request over an unprivileged socket (Linux, macOS).
func runICMP(ctx context.Context, s Spec) Result {
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip4", s.Target)
	if err != nil || len(ips) == 0 {
		return failed(ctx, err)
	}
	c, err := icmp.ListenPacket("udp4", "0.0.0.0")
	if err != nil {
		if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EPROTONOSUPPORT) || errors.Is(err, syscall.EAFNOSUPPORT) {
			return blind("Ping ist diesem Programm nicht erlaubt (net.ipv4.ping_group_range).", "This program may not ping (net.ipv4.ping_group_range).")
		}
		return blind("Ping ist auf diesem Rechner nicht möglich.", "Ping is not possible on this machine.")
	}
	defer c.Close()
	end, _ := ctx.Deadline()
	if err := c.SetDeadline(end); err != nil {
		return failed(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	ask := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{Seq: 1, Data: []byte("notbetrieb")}}
	b, err := ask.Marshal(nil)
	if err != nil {
		return failed(ctx, err)
	}
	if _, err := c.WriteTo(b, &net.UDPAddr{IP: ips[0]}); err != nil {
		return failed(ctx, err)
	}
	buf := make([]byte, 1500)
	for {
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return failed(ctx, err)
		}
		m, err := icmp.ParseMessage(1, buf[:n])
		if a, ok := from.(*net.UDPAddr); err == nil && ok && a.IP.Equal(ips[0]) && m.Type == ipv4.ICMPTypeEchoReply {
			return good("Der Rechner antwortet auf Ping.", "The host answers to ping.")
		}
	}
}
