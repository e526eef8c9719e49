package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/bundle"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/numbers"
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
		Site: h.Config.Hospital.Site, Now: h.now, Log: h.log, Render: h.sheetOf, Signer: h.Keys.Signer, Braked: h.braked,
	})
	return err
}

// braked keeps the alarm about a hand-back that paused by itself.
func (h *Hub) braked(target string, now bool) {
	if !now {
		h.Alarms.Clear("handback/" + target)
		return
	}
	h.Alarms.Raise("handback/"+target, lang.Text{
		DE: "Die Rückgabe an " + target + " hat sich selbst angehalten: Mehrere Nachrichten nacheinander blieben ohne Antwort. Bitte dort nachsehen, was angekommen ist, und dann unter Rückgabe wieder senden.",
		EN: "The hand-back to " + target + " has paused by itself: several messages in a row were left unanswered. Please look there what arrived, then send again under Hand-back.",
	})
}

func (h *Hub) target(c config.HandbackTarget) (handback.Target, error) {
	t := handback.Target{
		Target: message.Target{
			Name: c.Name, Version: c.Version, Charset: c.Charset, SendingApp: c.SendingApp, SendingFacility: c.SendingFacility,
			ReceivingApp: c.ReceivingApp, ReceivingFacility: c.ReceivingFacility, Authority: h.Config.Mapping.Identity.Authority,
			OldOrders: c.OldOrders, Zone: h.Zone, Takes: message.DefaultTakes(),
		},
		System: c.System, Address: c.Address, Dial: hl7.ClientOptions{Answer: c.Answer}, Lanes: c.Lanes, Repeats: c.Repeats, Brake: c.PauseAfter,
	}
	for _, kind := range c.AsDocument {
		t.Takes[message.Kind(kind)] = message.AsDocument
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
	files, err := targetTLS(c.Name, c.TLS)
	if err != nil {
		return t, err
	}
	if c.Kind == config.ToFHIR {
		t.FHIR, err = h.fhirWay(c, files)
		return t, err
	}
	if c.TLS.CA != "" || c.TLS.Cert != "" {
		t.Dial.TLS = files
	}
	return t, nil
}

// fhirWay is how a target of kind fhir is reached.
func (h *Hub) fhirWay(c config.HandbackTarget, files *tls.Config) (*handback.FHIR, error) {
	out := &handback.FHIR{
		Base: c.Address, TLS: files, Answer: c.Answer,
		Systems: bundle.Systems{
			Patients: c.FHIR.Patients, Cases: c.FHIR.Cases, Orders: c.FHIR.Orders, Entries: c.FHIR.Own + "/eintrag", Staff: c.FHIR.Own + "/personal",
			Codes: c.FHIR.Own + "/code", Types: map[string]string{}, Ours: h.drawnHere,
		},
	}
	for _, x := range c.FHIR.Types {
		out.Systems.Types[x.Form] = x.Code
	}
	if c.FHIR.TokenFile == "" {
		return out, nil
	}
	out.Token = func() (string, error) {
		b, err := os.ReadFile(c.FHIR.TokenFile)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(b))
		if token == "" || strings.ContainsAny(token, "\r\n") {
			return "", errNoToken
		}
		return token, nil
	}
	if _, err := out.Token(); err != nil {
		return nil, badFile(c.Name, c.FHIR.TokenFile, err)
	}
	return out, nil
}

var errNoToken = errors.New("the file holds no token")

// entryNumber is the length of the number of an entry in characters.
const entryNumber = 18

// drawnHere reports whether an order or a prescription has a number that was
// given in the outage: of a range of its own, or that of its entry.
func (h *Hub) drawnHere(no string) bool {
	ranges := h.Config.Numbers.Ranges()
	for _, s := range []numbers.Scheme{ranges["order"], ranges["specimen"]} {
		if _, err := s.Parse(no); err == nil {
			return true
		}
	}
	return len(no) >= entryNumber && strings.HasPrefix(no, "NB")
}

func badFile(name, file string, err error) error {
	return fault.Mark(fmt.Errorf("target %s: %w", name, err), fault.Invalid, lang.Text{
		DE: "Zielsystem " + name + ": " + file + " fehlt oder ist nicht brauchbar.",
		EN: "Target " + name + ": " + file + " is missing or cannot be used.",
	})
}

// targetTLS reads the certificates of a connection.
func targetTLS(name string, c config.TargetTLS) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, badFile(name, c.CA, err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, badFile(name, c.CA, errors.New("no certificate"))
		}
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, badFile(name, c.Cert, err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}
