package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Seq is a record's place in the journal: 1 for the first, without gaps. Zero
// is before the first.
type Seq uint64

// Kind says what a record's body is.
type Kind string

// The kinds of this version. A reader meets others when a newer version wrote
// them, and must keep them.
const (
	HL7     Kind = "hl7v2"
	ASTM    Kind = "astm" // a message of an analyser, LIS2-A2
	FHIR    Kind = "fhir"
	DICOM   Kind = "dicom"
	File    Kind = "file"
	Entry   Kind = "entry"
	Command Kind = "command"
	Read    Kind = "read"
	Staff   Kind = "staff"
	Outage  Kind = "outage"
	Export  Kind = "export"
	Mapping Kind = "mapping"
	Numbers Kind = "numbers" // a block of case or patient numbers, reserved for a node
	Printed Kind = "printed" // forms to write on, with the serials that scans of them are known by
	Scanned Kind = "scanned" // what came of a scanned file, and what was read of its pages
	Harm    Kind = "harm"    // an item of the harm list was taken over or settled, or an event reported
	// Handback is a fact of the delivery of entries to a returned system.
	Handback Kind = "handback"
	Callout  Kind = "callout" // a step of calling people to the crisis team, or who belongs to a group
	Crisis   Kind = "crisis"  // an act of the crisis team, or what the hub wrote into its logbook
	Forward  Kind = "forward" // how far a feed was passed on to a second receiver
	Estate   Kind = "estate"  // what somebody changed about the hospital's systems
	// Watch is a change that the watch saw at a system or a feed, or what people
	// said about it.
	Watch    Kind = "watch"
	Evidence Kind = "evidence" // what was secured, handed over, held from being dropped
	// Review is an act of those who look over accesses: a foreign log read in, a
	// hit judged, rules changed.
	Review Kind = "review"
	// Sealed is a record that only the holders of its key can read. Every hub
	// writes some of them that say nothing.
	Sealed Kind = "sealed"
)

// ID is the idempotency key of a record, given by its author. The journal
// stores each ID once, for ever.
type ID [16]byte

// KeyOf returns the ID of something that was received: the first 16 bytes of
// SHA-256 over source, number and body, each after its length (8 bytes, big
// endian). The body is part of it because senders count anew after a restart.
func KeyOf(source, number string, body []byte) ID {
	h := sha256.New()
	var n [8]byte
	part := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	part([]byte(source))
	part([]byte(number))
	part(body)
	return ID(h.Sum(nil)[:16])
}

// NewID returns a fresh random ID in the layout of a UUIDv7 (RFC 9562): the
// time in milliseconds, then 74 random bits.
func NewID() ID {
	var id ID
	_, _ = rand.Read(id[:]) // never fails: see crypto/rand
	ms := uint64(time.Now().UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// String returns the ID as 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads the form that String returns.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 2*len(id) {
		return ID{}, fmt.Errorf("journal id: want %d hexadecimal digits", 2*len(id))
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, fmt.Errorf("journal id: %w", err)
	}
	return id, nil
}

// Record is one fact. Its Body is never changed and must not be changed by who
// reads it: records of one batch share memory.
type Record struct {
	Seq      Seq       // given by the journal
	ID       ID        // given by the author, never zero
	Time     time.Time // the author's clock; may be zero
	Received time.Time // the hub's clock; Append fills it in if zero
	Site     string    // the hospital, where there are several
	Source   string    // the feed, the station or the part that wrote it
	Kind     Kind
	Patient  string // where known; for routing only
	Ward     string // where known; for routing only
	Body     []byte
}

// maxWord is the longest Site, Source, Kind, Patient or Ward in bytes.
const maxWord = 1024

// valid reports whether the journal can take r.
func (r *Record) valid(maxBody int) error {
	bad := func(what string) error {
		return fault.Newf(fault.Invalid, lang.Text{
			DE: "Der Eintrag kann so nicht gespeichert werden (" + what + ").",
			EN: "The entry cannot be stored like this (" + what + ").",
		}, "journal record: %s", what)
	}
	switch {
	case r.ID == ID{}:
		return bad("ID")
	case r.Kind == "":
		return bad("Kind")
	case len(r.Site) > maxWord || len(r.Source) > maxWord || len(r.Kind) > maxWord ||
		len(r.Patient) > maxWord || len(r.Ward) > maxWord:
		return bad("Site, Source, Kind, Patient, Ward")
	case len(r.Body) > maxBody:
		return fault.Newf(fault.Invalid, lang.Text{
			DE: fmt.Sprintf("Die Nachricht ist zu groß (mehr als %d MB).", maxBody>>20),
			EN: fmt.Sprintf("The message is too large (more than %d MB).", maxBody>>20),
		}, "journal record: body of %d bytes, limit %d", len(r.Body), maxBody)
	}
	return nil
}

// String names the record without its content.
func (r Record) String() string { return fmt.Sprintf("record %d %s", r.Seq, r.Kind) }

// LogValue keeps content, patient and ID out of logs.
func (r Record) LogValue() slog.Value {
	return slog.GroupValue(slog.Uint64("seq", uint64(r.Seq)), slog.String("kind", string(r.Kind)), slog.String("source", r.Source))
}
