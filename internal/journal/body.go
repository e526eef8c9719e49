package journal

import (
	"encoding/json"
	"errors"
	"fmt"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// What [Form.Decode] returns. Neither quotes the body.
var (
	ErrBody  = errors.New("record body is not of its form")
	ErrNewer = errors.New("record was written by a newer version")
)

// Form is how a package writes the bodies of its records: as JSON, with the
// version in the field V.
type Form struct {
	Name    string // of a body, in errors: "harm record"
	Version int    // that is written; those before it are read
	Most    int    // bytes
}

// Encode returns the body as it is stored. One that could not be read again is
// fault.Invalid.
func (f Form) Encode(body any) ([]byte, error) {
	b, err := json.Marshal(body)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	case len(b) > f.Most:
		return nil, fault.Mark(fmt.Errorf("%s: %d bytes: %w", f.Name, len(b), ErrBody), fault.Invalid, lang.Text{DE: "Das ist zu viel auf einmal.", EN: "This is too much at once."})
	}
	return b, nil
}

// Decode reads a stored body; version points to its field V. A body of a newer
// version is ErrNewer: it is kept in the journal, counted and left alone.
func (f Form) Decode(b []byte, body any, version *int) error {
	switch {
	case len(b) > f.Most || json.Unmarshal(b, body) != nil || *version < 1: // the cause may quote the body
		return ErrBody
	case *version > f.Version:
		return ErrNewer
	}
	return nil
}
