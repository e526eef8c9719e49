package chart

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Body returns the bytes of a document that is embedded in a record: the chart
// keeps only where they are. The error's kind is NotFound if the record has no
// such part, Invalid if its encoding is broken. A record that ref names itself
// is the bytes.
func Body(rec journal.Record, ref clinical.BodyRef) ([]byte, error) {
	if ref.Seq != 0 {
		if rec.Kind != journal.File || uint64(rec.Seq) != ref.Seq {
			return nil, noBody("not the file it names")
		}
		return rec.Body, nil
	}
	if ref.URL != "" || rec.Kind != journal.HL7 {
		return nil, noBody("not embedded")
	}
	m, err := hl7.Parse(rec.Body)
	if err != nil {
		return nil, noBody("message unreadable")
	}
	if ref.Segment < 0 || ref.Segment >= m.Len() {
		return nil, noBody("no such segment")
	}
	rep := m.At(ref.Segment).Field(max(ref.Field, 1)).Rep(max(ref.Rep, 1) - 1)
	if len(rep.Raw()) == 0 {
		return nil, noBody("empty field")
	}
	c := dataOf(rep)
	switch ref.Coding {
	case "Base64":
		return fromBase64(c.Raw(), m.Delims().Escape)
	case "Hex":
		out, err := hex.DecodeString(string(bytes.Join(bytes.Fields(c.Raw()), nil)))
		if err != nil {
			return nil, brokenBody(fmt.Errorf("hex body: %w", err))
		}
		return out, nil
	}
	return []byte(c.All()), nil
}

// dataOf returns the component that holds the data: the fifth, or the largest
// where a sender left components out.
func dataOf(rep hl7.Rep) hl7.Comp {
	at := 5
	if n := rep.Comps(); n != 5 || len(rep.Comp(5).Raw()) == 0 {
		best := -1
		for i := 1; i <= min(n, 8); i++ {
			if size := len(rep.Comp(i).Raw()); size > best {
				at, best = i, size
			}
		}
	}
	return rep.Comp(at)
}

// fromBase64 decodes what senders make of base64: with line breaks, with HL7
// escapes for them, with or without padding, with the letters for addresses.
func fromBase64(raw []byte, escape byte) ([]byte, error) {
	clean := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch b := raw[i]; {
		case b == escape:
			if end := bytes.IndexByte(raw[i+1:], escape); end >= 0 && end < 16 {
				i += end + 1
			}
		case b == '-':
			clean = append(clean, '+')
		case b == '_':
			clean = append(clean, '/')
		case b == '=', b <= ' ':
		default:
			clean = append(clean, b)
		}
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(out, clean)
	if err != nil {
		return nil, brokenBody(fmt.Errorf("base64 body: %w", err))
	}
	return out[:n], nil
}

func noBody(why string) error {
	return fault.Newf(fault.NotFound, lang.Text{
		DE: "Dieses Dokument ist in der Nachricht nicht enthalten.",
		EN: "The message does not hold this document.",
	}, "document body: %s", why)
}

func brokenBody(err error) error {
	return fault.Mark(err, fault.Invalid, lang.Text{
		DE: "Dieses Dokument ist beschädigt angekommen und lässt sich nicht öffnen. Die Nachricht selbst ist aufbewahrt.",
		EN: "This document arrived damaged and cannot be opened. The message itself is kept.",
	})
}
