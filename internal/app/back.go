package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// This file makes the targets of the configuration, to which entries are handed
// back.

func (h *Hub) openHandback(ctx context.Context) error {
	var targets []handback.Target
	var errs []error
	for _, c := range h.Config.Targets {
		t, err := h.target(c)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		targets = append(targets, t)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var err error
	h.Back, err = handback.Open(ctx, h.folder("handback"), h.Keys.Root.Derive("handback"), h.Journal, h.Chart, targets, handback.Options{
		Site: h.Config.Hospital.Site, Now: h.now, Log: h.log, Signer: h.Keys.Signer,
	})
	return err
}

func (h *Hub) target(c config.HandbackTarget) (handback.Target, error) {
	t := handback.Target{
		Target: message.Target{
			Name: c.Name, Version: c.Version, Charset: c.Charset, SendingApp: c.SendingApp, SendingFacility: c.SendingFacility,
			ReceivingApp: c.ReceivingApp, ReceivingFacility: c.ReceivingFacility, Authority: h.Config.Mapping.Identity.Authority,
			OldOrders: c.OldOrders, Zone: h.Zone, Takes: message.DefaultTakes(),
		},
		System: c.System, Address: c.Address, Dial: hl7.ClientOptions{Answer: c.Answer}, Lanes: c.Lanes, Repeats: c.Repeats,
	}
	for _, kind := range c.ByHand {
		t.Takes[message.Kind(kind)] = message.ByHand
	}
	for _, kind := range c.FourEyes {
		t.FourEyes = append(t.FourEyes, message.Kind(kind))
	}
	for _, f := range h.Config.Feeds {
		if f.System == c.System {
			t.Feeds = append(t.Feeds, f.Name)
		}
	}
	if c.TLS.CA == "" {
		return t, nil
	}
	var err error
	t.Dial.TLS, err = targetTLS(c)
	return t, err
}

// targetTLS reads the certificates of the connection to a target.
func targetTLS(c config.HandbackTarget) (*tls.Config, error) {
	bad := func(err error, file string) error {
		return fault.Mark(fmt.Errorf("targets %s: %w", c.Name, err), fault.Invalid, lang.Text{
			DE: "Zielsystem " + c.Name + ": " + file + " fehlt oder ist nicht brauchbar.",
			EN: "Target " + c.Name + ": " + file + " is missing or cannot be used.",
		})
	}
	pem, err := os.ReadFile(c.TLS.CA)
	if err != nil {
		return nil, bad(err, c.TLS.CA)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, bad(errors.New("no certificate"), c.TLS.CA)
	}
	out := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if c.TLS.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLS.Cert, c.TLS.Key)
		if err != nil {
			return nil, bad(err, c.TLS.Cert)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}
