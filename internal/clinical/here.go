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

// Review says that a pharmacist looked at a prescription, and what the ward
// should know of it.
type Review struct {
	ID           string    `json:"i"`
	Prescription string    `json:"p"` // [Prescription.Key]
	Of           uint64    `json:"q"` // journal number of the statement that was looked at: a changed prescription is a new one
	By           Staff     `json:"b"`
	At           time.Time `json:"t"`
	Remark       string    `json:"r,omitempty"` // to the prescriber, who has to take note of it
	Off          bool      `json:"x,omitempty"` // it was made in error
}

// Request is what a ward asks of the pharmacy for a patient.
type Request struct {
	ID       string    `json:"i"`
	Drug     string    `json:"d"`
	Amount   string    `json:"a"`
	Priority string    `json:"u,omitempty"` // as of an [Order]: S at once, A today, R routine
	Note     string    `json:"n,omitempty"`
	By       Staff     `json:"b"`
	At       time.Time `json:"t"`
	Off      bool      `json:"x,omitempty"` // it was made in error
}

// Reply is a named person's answer: a physician's to the remark of a [Review],
// the pharmacy's to a [Request].
type Reply struct {
	ID      string    `json:"i"`
	To      string    `json:"o"` // ID of what it answers
	Of      uint64    `json:"q"` // journal number of that statement: a corrected one waits again
	Refused bool      `json:"f,omitempty"`
	Note    string    `json:"n,omitempty"`
	By      Staff     `json:"b"`
	At      time.Time `json:"t"`
	Off     bool      `json:"x,omitempty"` // it was made in error
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
