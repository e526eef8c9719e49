package chart

import (
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
)

func TestEmbeddedBytesComeOutHoweverTheyWereWrapped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, field, coding, want string
		kind                      fault.Kind
	}{
		{"plain", "^application^pdf^Base64^JVBERi0xLjQ=", "Base64", "%PDF-1.4", 0},
		{"without padding", "^application^pdf^Base64^JVBERi0xLjQ", "Base64", "%PDF-1.4", 0},
		{"with escaped line breaks", `^application^pdf^Base64^JVBE\.br\Ri0x\X0D\LjQ=`, "Base64", "%PDF-1.4", 0},
		{"components left out", "PDF^Base64^JVBERi0xLjQ=", "Base64", "%PDF-1.4", 0},
		{"hexadecimal", "^application^pdf^Hex^255044462d312e34", "Hex", "%PDF-1.4", 0},
		{"as it is", `^text^plain^A^R\T\D Befund`, "A", "R&D Befund", 0},
		{"damaged", "^application^pdf^Base64^JVB!!!", "Base64", "", fault.Invalid},
		{"empty", "", "Base64", "", fault.NotFound},
	} {
		rec := journal.Record{Kind: journal.HL7, Body: text(`MSH|^~\&|RIS|KH|NB|KH|202611190900||MDM^T02|2|P|2.5`, `OBX|1|ED|X||`+c.field)}
		got, err := Body(rec, clinical.BodyRef{Segment: 1, Field: 5, Rep: 1, Coding: c.coding})
		if string(got) != c.want || err != nil && fault.KindOf(err) != c.kind || err == nil && c.want == "" {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
	}
}
