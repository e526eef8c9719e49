package journal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/seal"
)

// tag is an ID encrypted as one AES-256 block: a secret permutation, so that
// equal IDs meet, no two different ones do, and nobody without the key can
// test whether a message is in the journal.
type tag [16]byte

// pendingMax is how many IDs may wait in memory for table ids. A tag is random,
// so each one written alone changes a page of its own; written in slices of
// the tag space they share pages. What waits is read again from the newest
// batches at the next start: at most twice this number of records.
const pendingMax = 1 << 16

// idIndex finds the Seq of an ID. It is used by the writer's goroutine only.
type idIndex struct {
	block   cipher.Block
	buckets [256]map[tag]Seq // by first byte: not yet in the table
	written [256]Seq         // the table holds the bucket's IDs up to here
	count   int
	next    int // the bucket to be written next
}

func newIDIndex(k seal.Key) *idIndex {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic("journal: " + err.Error()) // only for a wrong key length
	}
	x := &idIndex{block: block}
	for i := range x.buckets {
		x.buckets[i] = make(map[tag]Seq)
	}
	return x
}

func (x *idIndex) tagOf(id ID) (t tag) {
	x.block.Encrypt(t[:], id[:])
	return t
}

// reset says that the table is complete up to low and nothing waits.
func (x *idIndex) reset(low Seq) {
	for i := range x.buckets {
		clear(x.buckets[i])
		x.written[i] = low
	}
	x.count = 0
}

func (x *idIndex) add(t tag, s Seq) {
	b := x.buckets[t[0]]
	if _, ok := b[t]; !ok {
		x.count++
		b[t] = s
	}
}

// low returns the Seq up to which the table holds every ID.
func (x *idIndex) low() Seq { return slices.Min(x.written[:]) }

// find looks among the waiting IDs, then in the table.
func (x *idIndex) find(t tag, look *sqlite3.Stmt) (Seq, bool, error) {
	if s, ok := x.buckets[t[0]][t]; ok {
		return s, true, nil
	}
	if err := look.BindBlob(1, t[:]); err != nil {
		return 0, false, err
	}
	found := look.Step()
	var s Seq
	if found {
		s = Seq(look.ColumnInt64(0))
	}
	if err := look.Reset(); err != nil {
		return 0, false, err
	}
	return s, found, nil
}

// slice is a part of the waiting IDs on its way into the table.
type slice struct{ from, n int }

// write puts buckets into the table until no more than keep would wait
// after adding more, inside the caller's transaction. The index itself changes only
// with written.
func (x *idIndex) write(insert *sqlite3.Stmt, keep, more int) (slice, error) {
	s := slice{from: x.next}
	for left := x.count + more; left > keep && s.n < len(x.buckets); s.n++ {
		b := x.buckets[(s.from+s.n)%len(x.buckets)]
		left -= len(b)
		if err := writeBucket(b, insert); err != nil {
			return s, err
		}
	}
	return s, nil
}

func writeBucket(b map[tag]Seq, insert *sqlite3.Stmt) error {
	tags := make([]tag, 0, len(b))
	for t := range b {
		tags = append(tags, t)
	}
	slices.SortFunc(tags, func(a, b tag) int { return bytes.Compare(a[:], b[:]) })
	for i := range tags {
		if err := insert.BindBlob(1, tags[i][:]); err != nil {
			return err
		}
		if err := insert.BindInt64(2, int64(b[tags[i]])); err != nil {
			return err
		}
		if err := insert.Exec(); err != nil {
			return fmt.Errorf("ids: %w", err)
		}
	}
	return nil
}

// lowAfter is what low will return once s is durable and head is upTo.
func (x *idIndex) lowAfter(s slice, upTo Seq) Seq {
	w := x.written
	for i := range s.n {
		w[(s.from+i)%len(w)] = upTo
	}
	return slices.Min(w[:])
}

// done forgets what s wrote. upTo is the head before the transaction.
func (x *idIndex) done(s slice, upTo Seq) {
	for i := range s.n {
		k := (s.from + i) % len(x.buckets)
		x.count -= len(x.buckets[k])
		clear(x.buckets[k])
		x.written[k] = upTo
	}
	x.next = (s.from + s.n) % len(x.buckets)
}
