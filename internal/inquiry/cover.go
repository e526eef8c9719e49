package inquiry

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Every hub writes sealed records that say nothing, so that a sealed record
// tells nobody that there is an investigation. They are made as real ones are,
// with keys that are thrown away.

const (
	noiseLeast = 3 * time.Hour
	noiseMost  = 30 * time.Hour
)

// noise writes some at irregular times.
func (b *Book) noise(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(noiseLeast + time.Duration(draw(uint64(noiseMost-noiseLeast)))):
		}
		recs, err := b.someNoise()
		if err == nil {
			_, err = b.journal.AppendAll(ctx, recs)
		}
		if err != nil && ctx.Err() == nil {
			b.o.Log.WarnContext(ctx, "sealed record not written", "err", err)
		}
	}
}

// someNoise makes a lock or not, up to four pages of usual sizes, and now and then
// what looks like an attachment.
func (b *Book) someNoise() ([]journal.Record, error) {
	var out []journal.Record
	key := seal.NewKey()
	if draw(4) == 0 {
		var members []Member
		for range 2 {
			s, err := newSecret(PrintedKey(), "", seal.NewKey(), Cost{Memory: 8, Time: 1, Lanes: 1})
			if err != nil {
				return nil, err
			}
			members = append(members, Member{Public: s.public})
		}
		var id caseID
		_, _ = rand.Read(id[:])
		body, err := newLock(id, key, members)
		if err != nil {
			return nil, err
		}
		out = append(out, b.sealed(journal.NewID(), body))
	}
	for _, p := range emptyPages() {
		id := journal.NewID()
		body, err := sealPage(key, id, p)
		if err != nil {
			return nil, err
		}
		out = append(out, b.sealed(id, body))
	}
	return out, nil
}

// emptyPages are pages of usual sizes that say nothing.
func emptyPages() []page {
	var pages []page
	if draw(12) == 0 {
		for range 1 + draw(3) {
			pages = append(pages, page{V: pageVersion, Data: make([]byte, min(draw(1<<(13+draw(8))), pieceSize))})
		}
	}
	for range 1 + draw(4) {
		pages = append(pages, page{V: pageVersion, Text: string(make([]byte, draw(6000)/6))})
	}
	return pages
}

// draw returns a random number below n.
func draw(n uint64) uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	return binary.BigEndian.Uint64(b[:]) % n
}
