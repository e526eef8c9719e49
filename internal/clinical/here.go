package clinical

import (
	"encoding/json"
	"time"
)

// Draft says that a person began an entry and has not signed it. It is shown to
// its author and on the chart as unsigned; it is no part of what is known of
// the patient.
type Draft struct {
	Key   string    `json:"k"`           // of the entry that it will become
	Form  string    `json:"f"`           // kind of the form
	By    Staff     `json:"b"`           // who began it
	At    time.Time `json:"t"`           // when it was last kept
	Ended bool      `json:"e,omitempty"` // signed or thrown away
}

// Notice says that a named person has taken note of a result: what a critical
// value needs before it counts as delivered.
type Notice struct {
	Result string    `json:"r"`           // [Result.Key]
	Of     uint64    `json:"q,omitempty"` // journal number of the statement that was seen: a corrected value is a new one
	By     Staff     `json:"b"`
	At     time.Time `json:"t"`
	Phone  bool      `json:"p,omitempty"` // told by telephone and read back
	Told   Staff     `json:"o,omitzero"`  // who was told, where that is not By
	Did    string    `json:"d,omitempty"` // what follows from it, in words
}

// Progress says how far an order is, and nothing else of it. Where an entry says
// so itself, its results do not decide it: five of six values are no finished
// order.
type Progress struct {
	Placer string      `json:"p,omitempty"`
	Filler string      `json:"f,omitempty"`
	Status OrderStatus `json:"s"`
}

// saidJSON is how a [Said] is written.
type saidJSON[T any] struct {
	V    *T   `json:"v,omitempty"`
	Gone bool `json:"gone,omitempty"`
}

// IsZero reports whether nothing was said, so that omitzero leaves it out.
func (s Said[T]) IsZero() bool { return s.how == silent }

// MarshalJSON writes {"v":…} for a value, {"gone":true} for a deletion and {}
// for silence.
func (s Said[T]) MarshalJSON() ([]byte, error) {
	var j saidJSON[T]
	switch s.how {
	case given:
		j.V = &s.v
	case cleared:
		j.Gone = true
	case silent:
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Said[T]) UnmarshalJSON(b []byte) error {
	var j saidJSON[T]
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	switch {
	case j.Gone:
		*s = Clear[T]()
	case j.V != nil:
		*s = Say(*j.V)
	default:
		*s = Said[T]{}
	}
	return nil
}
