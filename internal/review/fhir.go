package review

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// auditEvent is what is read of an AuditEvent (FHIR R4).
type auditEvent struct {
	Type     string   `json:"resourceType"`
	Kind     coding   `json:"type"`
	Subtype  []coding `json:"subtype"`
	Action   string   `json:"action"`
	Recorded string   `json:"recorded"`
	Agent    []struct {
		Who       reference `json:"who"`
		Alt       string    `json:"altId"`
		Name      string    `json:"name"`
		Requestor bool      `json:"requestor"`
		Network   struct {
			Address string `json:"address"`
		} `json:"network"`
	} `json:"agent"`
	Entity []struct {
		What reference `json:"what"`
		Role coding    `json:"role"`
	} `json:"entity"`
}

type coding struct {
	Code    string `json:"code"`
	Display string `json:"display"`
}

type reference struct {
	Reference  string `json:"reference"`
	Display    string `json:"display"`
	Identifier struct {
		Value string `json:"value"`
	} `json:"identifier"`
}

// fhir reads the entries of a bundle one by one, or one resource a line.
func (l *log) fhir(r io.Reader) error {
	b := bufio.NewReaderSize(r, 64<<10)
	head, _ := b.Peek(4096) // an error shows again at the next read
	if bytes.Contains(head, []byte(`"Bundle"`)) || bytes.Contains(head, []byte(`"entry"`)) {
		return l.bundle(b)
	}
	err := lines(b, func(n int, line []byte, long bool) error {
		if len(bytes.TrimSpace(line)) == 0 && !long {
			return nil
		}
		l.report.Lines++
		if long {
			l.report.bad(n, "Die Zeile ist zu lang.", "The line is too long.")
			return nil
		}
		l.event(n, line)
		return nil
	})
	if err == nil && l.report.Lines == 0 {
		return badMapping("Die Datei ist leer.", "The file is empty.")
	}
	return err
}

// bundle walks the tokens of a bundle to its entries.
func (l *log) bundle(r io.Reader) error {
	broken := func() error {
		if l.report.Lines > 0 { // what came before counts; the rest is said
			l.report.bad(l.report.Lines+1, "Die Datei bricht hier ab oder ist ab hier nicht lesbar.", "The file is cut off here or cannot be read from here on.")
			return nil
		}
		return badMapping("Das ist kein FHIR-Bundle mit AuditEvents.", "This is no FHIR bundle of audit events.")
	}
	in := &metered{r: r, left: maxValue}
	d := json.NewDecoder(in)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return broken()
	}
	for d.More() {
		in.left = maxValue
		key, err := d.Token()
		if err != nil {
			return broken()
		}
		if key != "entry" {
			var skip json.RawMessage
			if d.Decode(&skip) != nil {
				return broken()
			}
			continue
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return broken()
		}
		for d.More() {
			in.left = maxValue
			var e struct {
				Resource json.RawMessage `json:"resource"`
			}
			if d.Decode(&e) != nil {
				return broken()
			}
			if l.report.Lines++; l.report.Lines > maxLines {
				return badMapping("Das Protokoll hat zu viele Einträge. Bitte teilen.", "The log has too many entries. Please split it.")
			}
			l.event(l.report.Lines, e.Resource)
		}
		if _, err := d.Token(); err != nil {
			return broken()
		}
	}
	if _, err := d.Token(); err != nil {
		return broken()
	}
	return nil
}

// maxValue is the longest value of a bundle in bytes that is taken into memory to
// be skipped; with a longer one the rest of the file cannot be read.
const maxValue = 4 << 20

// metered ends with an error where one value of a file is longer than left: a
// decoder keeps a value in memory as a whole.
type metered struct {
	r    io.Reader
	left int // bytes
}

func (m *metered) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errors.New("value too long")
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err
}

func (l *log) event(n int, b []byte) {
	var e auditEvent
	if len(b) > maxMessage || json.Unmarshal(b, &e) != nil || e.Type != "AuditEvent" {
		l.report.bad(n, "Das ist kein lesbares AuditEvent.", "This is no readable AuditEvent.")
		return
	}
	a := Access{At: l.instant(e.Recorded), What: firstOf(e.Kind.Display, e.Kind.Code)}
	words := []string{e.Kind.Code}
	for _, s := range e.Subtype {
		a.What = firstOf(s.Display, s.Code, a.What)
		words = append(words, s.Code)
	}
	for i, w := range e.Agent {
		if i == 0 || w.Requestor {
			a.Person, a.Name, a.From = firstOf(w.Alt, w.Who.Identifier.Value, tail(w.Who.Reference)), firstOf(w.Name, w.Who.Display), w.Network.Address
		}
		if w.Requestor {
			break
		}
	}
	a.Deed = fhirDeed(e.Action, words)
	for _, x := range e.Entity {
		if strings.HasPrefix(x.What.Reference, "Patient/") || x.Role.Code == "1" { // object-role 1: patient
			a.Number = firstOf(x.What.Identifier.Value, tail(x.What.Reference))
		} else if strings.HasPrefix(x.What.Reference, "Encounter/") {
			a.Case = firstOf(x.What.Identifier.Value, tail(x.What.Reference))
		}
	}
	l.take(n, a)
}

// fhirDeed says what an action (audit-event-action) with codes of its type is.
func fhirDeed(action string, words []string) Deed {
	for _, w := range words {
		switch {
		case w == "search" || w == "search-type" || w == "110112":
			return Searched
		case w == "110106" || strings.Contains(w, "export"):
			return Exported
		}
	}
	switch action {
	case "C", "U", "D":
		return Changed
	}
	return Looked
}

// tail is the ID of a reference: "Patient/123" is 123.
func tail(ref string) string {
	parts := strings.Split(ref, "/")
	return parts[len(parts)-1]
}
