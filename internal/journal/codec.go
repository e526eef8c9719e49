package journal

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// recordVersion is the first byte of an encoded record (docs/journal-format.md).
const recordVersion = 1

var errDecode = errors.New("journal: bytes are no record of this format")

// appendRecord appends the encoding of r to b. These bytes are what the hash
// tree covers; they must never change for a version.
func appendRecord(b []byte, r *Record) []byte {
	b = append(b, recordVersion)
	b = binary.AppendUvarint(b, uint64(r.Seq))
	b = append(b, r.ID[:]...)
	b = appendTime(b, r.Time)
	b = appendTime(b, r.Received)
	b = appendWord(b, r.Site)
	b = appendWord(b, r.Source)
	b = appendWord(b, string(r.Kind))
	b = appendWord(b, r.Patient)
	b = appendWord(b, r.Ward)
	b = binary.AppendUvarint(b, uint64(len(r.Body)))
	return append(b, r.Body...)
}

// appendTime writes 0 for the zero time, else 1, the Unix second (zigzag) and
// the nanosecond.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	b = append(b, 1)
	b = binary.AppendVarint(b, t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

func appendWord(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// scanner reads the fields of an encoding. After the first mistake every read
// returns zero and bad stays set.
type scanner struct {
	b     []byte
	bad   bool
	words map[string]string // one copy of each word that repeats
}

func (s *scanner) fail() { s.bad, s.b = true, nil }

func (s *scanner) byte() byte {
	if len(s.b) == 0 {
		s.fail()
		return 0
	}
	c := s.b[0]
	s.b = s.b[1:]
	return c
}

// uvarint refuses an encoding longer than needed: one value, one encoding.
func (s *scanner) uvarint() uint64 {
	v, n := binary.Uvarint(s.b)
	if n <= 0 || (n > 1 && s.b[n-1] == 0) {
		s.fail()
		return 0
	}
	s.b = s.b[n:]
	return v
}

func (s *scanner) bytes(n uint64) []byte {
	if n > uint64(len(s.b)) {
		s.fail()
		return nil
	}
	p := s.b[:n:n]
	s.b = s.b[n:]
	return p
}

func (s *scanner) word() string {
	n := s.uvarint()
	if n > maxWord {
		s.fail()
		return ""
	}
	p := s.bytes(n)
	if w, ok := s.words[string(p)]; ok {
		return w
	}
	w := string(p)
	if s.words != nil && len(s.words) < 4096 {
		s.words[w] = w
	}
	return w
}

func (s *scanner) id() (id ID) {
	copy(id[:], s.bytes(uint64(len(id))))
	return id
}

func (s *scanner) time() time.Time {
	switch s.byte() {
	case 0:
		return time.Time{}
	case 1:
		u := s.uvarint()
		sec := int64(u >> 1)
		if u&1 != 0 {
			sec = ^sec
		}
		ns := s.uvarint()
		// 1<<40 seconds are 34,000 years: what lies beyond is no clock.
		if ns >= 1e9 || sec > 1<<40 || sec < -(1<<40) {
			s.fail()
			return time.Time{}
		}
		t := time.Unix(sec, int64(ns)).UTC()
		if t.IsZero() { // has an encoding of its own
			s.fail()
		}
		return t
	default:
		s.fail()
		return time.Time{}
	}
}

// decodeRecord reads one encoding that fills b. The Body of the record points
// into b.
func decodeRecord(b []byte, words map[string]string) (Record, error) {
	s := scanner{b: b, words: words}
	var r Record
	if s.byte() != recordVersion {
		return Record{}, errDecode
	}
	seq := s.uvarint()
	r.Seq = Seq(seq)
	r.ID = s.id()
	r.Time = s.time()
	r.Received = s.time()
	r.Site = s.word()
	r.Source = s.word()
	r.Kind = Kind(s.word())
	r.Patient = s.word()
	r.Ward = s.word()
	r.Body = s.bytes(s.uvarint())
	if s.bad || len(s.b) != 0 || seq > math.MaxInt64 {
		return Record{}, errDecode
	}
	return r, nil
}
