package interpret

import (
	"errors"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

var errBody = errors.New("interpret: no embedded document at that place")

// Body returns the bytes of an embedded document from the record that brought
// it: ref is the one of a clinical.Document of the same record. The error is of
// kind fault.NotFound where the record holds no such bytes.
func (s *Site) Body(rec journal.Record, ref clinical.BodyRef) ([]byte, error) {
	body := rec.Body
	if f := s.feed(rec.Source); f.charset != nil {
		body = recode(body, f.charset)
	}
	m, err := hl7.Parse(body)
	if err != nil {
		return nil, noBody(err)
	}
	if ref.Rep < 1 || ref.Field < 1 || ref.URL != "" {
		return nil, noBody(errBody)
	}
	rep := m.At(ref.Segment).Field(ref.Field).Rep(ref.Rep - 1)
	e := readEncapsulated(rep)
	if len(e.data) == 0 {
		return nil, noBody(errBody)
	}
	out, ok := e.decoded()
	if !ok {
		return nil, fault.Mark(errBody, fault.Corrupt, lang.Text{
			DE: "Das Dokument ist beschädigt angekommen. Die Rohnachricht ist unverändert gespeichert.",
			EN: "The document arrived damaged. The raw message is stored unchanged.",
		})
	}
	return out, nil
}

func noBody(err error) error {
	return fault.Mark(err, fault.NotFound, lang.Text{
		DE: "Die Nachricht enthält dieses Dokument nicht.", EN: "The message does not hold this document.",
	})
}
