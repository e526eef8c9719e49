package app

import (
	"context"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

const (
	// reserve is how much of the disk is kept for the house itself in bytes:
	// signing in, the record of each read, declaring an outage. Gateways take
	// nothing more when less is free, so that a full disk stops the feeds,
	// whose senders keep their messages, and not the reading on the wards.
	reserve = 256 << 20
	// startFree is what must be free to open the journal at all.
	startFree = 16 << 20
	// freeEvery is how often the disk is asked.
	freeEvery = time.Second
)

// roomy is a journal that takes messages only while the reserve is untouched.
type roomy struct {
	journal *journal.Journal
	free    func() (uint64, error)

	mu   sync.Mutex
	at   time.Time
	full bool
}

// Append is that of the journal; Unavailable where the reserve would be used.
func (r *roomy) Append(ctx context.Context, rec journal.Record) (journal.Seq, error) {
	if r.tight() {
		return 0, fault.Newf(fault.Unavailable, lang.Text{
			DE: "Der Datenträger ist fast voll. Nachrichten werden nicht mehr angenommen, damit weiter gelesen werden kann.",
			EN: "The disk is nearly full. Messages are no longer taken, so that reading can go on.",
		}, "intake: less than %d bytes free", int64(reserve))
	}
	return r.journal.Append(ctx, rec)
}

// tight reports whether less than the reserve was free when last asked. A disk
// that does not answer is left to the journal to judge.
func (r *roomy) tight() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); r.at.IsZero() || now.Sub(r.at) >= freeEvery {
		free, err := r.free()
		r.full, r.at = err == nil && free < reserve, now
	}
	return r.full
}
