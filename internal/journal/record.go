package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

type Seq uint64
type Kind string

const (
	HL7  Kind = "hl7v2"
	File Kind = "file"
)

type ID [16]byte

type Record struct {
	Seq            Seq
	ID             ID
	Time, Received time.Time
	Site, Source   string
	Kind           Kind
	Patient, Ward  string
	Body           []byte
}

// KeyOf derives the idempotency key from the source, the author's own number
// and the body.
func KeyOf(source, number string, body []byte) ID {
	h := sha256.New()
	var n [8]byte
	for _, part := range [][]byte{[]byte(source), []byte(number), body} {
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return ID(h.Sum(nil)[:16])
}
