// Package journal keeps every fact as one immutable record in an append-only,
// encrypted, hash-covered file. It is the truth that everything else is
// derived from.
//
// It refuses to say "stored" before the disk said so, to change or reorder a
// record, to write where another process writes, and to go on writing a
// journal that is shorter than a checkpoint kept elsewhere. It knows nothing
// about the meaning of a record's body.
//
// The bytes on disk are described in docs/journal-format.md.
package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Options change how a journal works. The zero Options are the defaults.
type Options struct {
	// Now is the hub's clock, written into records and nothing else.
	// Default time.Now.
	Now func() time.Time
	// BatchMax is the largest number of records in one batch. Default 512.
	BatchMax int
	// MaxBody is the largest body in bytes. Default 64 MiB.
	MaxBody int
	// CheckpointEvery is how long after an append the tree is signed and the
	// anchor written, at most. Default 5 s.
	CheckpointEvery time.Duration
	// Origin is the first line of checkpoints. Default: the signer's name.
	Origin string
	// AnchorDir is where the file anchor is kept, best on another disk; the
	// folder must exist. Default: the journal's folder. See
	// [Journal.AnchorHealth].
	AnchorDir string
	// MinFree is how many bytes must be free on the disk to start; negative
	// switches the check off. Default 256 MiB.
	MinFree int64
	// Log receives what an operator must know. Default: nothing is logged.
	Log *slog.Logger

	vfs string // tests only: the name of a registered VFS
}

func (o *Options) fill(signer note.Signer) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.BatchMax <= 0 {
		o.BatchMax = 512
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 64 << 20
	}
	if o.CheckpointEvery <= 0 {
		o.CheckpointEvery = 5 * time.Second
	}
	if o.Origin == "" && signer != nil {
		o.Origin = signer.Name()
	}
	if o.MinFree == 0 {
		o.MinFree = 256 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Journal is an open journal that can be written. It is safe for use by many
// goroutines.
type Journal struct {
	o      Options
	dir    string
	signer note.Signer
	r      *reader
	w      *writer
	lock   *dirLock

	head    atomic.Uint64
	health  atomic.Pointer[error]
	pruning sync.Mutex // one Prune at a time

	mu      sync.Mutex
	waiting []*request
	moved   chan struct{} // closed when the head moves
	closing bool

	wake    chan struct{}
	stopped chan struct{}
	endErr  error // of the writer's last work; read after stopped
	end     sync.Once

	// What the writer's goroutine alone uses.
	crowd    int           // requests in the last batch
	took     time.Duration // what the last batch took
	signedAt time.Time     // of the newest checkpoint
	signed   Seq
	keptAt   time.Time // of the newest checkpoint that stays in the table
	rolling  Seq       // the one that the next replaces; 0 for none
	newest   atomic.Pointer[[]byte]

	anchored   atomic.Pointer[error] // why the newest checkpoint is not in the anchor
	anchorRead bool                  // the anchor that lies there fits this journal
}

// Open opens the journal in dir, making it if there is none. It takes a lock
// that only one process can hold, and proves that the head, the newest batch
// and the anchor fit together.
//
// The error's kind is Conflict if another process writes here or the format is
// newer than this program, Forbidden if the key does not fit, Corrupt if the
// journal is damaged or older than its anchor (then [OpenReader] still reads),
// Unavailable if the disk is full or away.
func Open(ctx context.Context, dir string, key seal.Key, signer note.Signer, o Options) (_ *Journal, err error) {
	o.fill(signer)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, storeFault(err, "open", sayUnwritable())
	}
	if err := enoughFree(dir, o.MinFree); err != nil {
		return nil, err
	}
	v, err := newVault(key)
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	at := newStorage(dir, o.vfs)
	j := &Journal{
		o: o, dir: dir, signer: signer, lock: lock,
		r:       newReader(at, v),
		w:       &writer{at: at, v: v, max: o.BatchMax, ids: newIDIndex(v.ids)},
		moved:   make(chan struct{}),
		wake:    make(chan struct{}, 1),
		stopped: make(chan struct{}),
	}
	if err := j.start(ctx); err != nil {
		return nil, errors.Join(storeFault(err, "open", sayUnwritable()), j.w.drop(), j.r.close(), lock.release())
	}
	go j.run()
	return j, nil
}

func (j *Journal) start(ctx context.Context) error {
	if err := checkWAL(j.w.at.path); err != nil {
		return err
	}
	if err := j.w.reload(ctx); err != nil {
		return err
	}
	if err := anchorAway(j.dir, j.o.AnchorDir); err != nil {
		j.anchored.Store(&err)
		j.o.Log.Error("journal anchor", "err", err)
	} else if err := j.checkAnchor(ctx); err != nil {
		return err
	}
	if err := j.w.emptyWAL(); err != nil {
		return err
	}
	j.signedAt = time.Now()
	j.w.acked = j.w.seq()
	j.head.Store(uint64(j.w.seq()))
	return nil
}

// anchorPath is where the newest checkpoint is kept outside the database.
func (o Options) anchorPath(dir string) string {
	if o.AnchorDir != "" {
		dir = o.AnchorDir
	}
	return filepath.Join(dir, anchorName)
}

// maxAtOnce is how many of the largest bodies one AppendAll may carry.
const maxAtOnce = 4

// Append returns the record's Seq once it is on stable storage.
//
// A nil error means durable. Any error means unknown: the record may still
// appear later, so the caller repeats Append with the same ID, which returns
// the first Seq instead of writing twice. Append never means "understood".
// The record's Seq is ignored. The Body must not be changed while Append runs,
// nor after an error, when the writer may still be at it.
//
// The error's kind is Invalid for a record the journal cannot take, Unavailable
// if the disk is full or failing or the journal is closed, Conflict if another
// writer took over, Corrupt if the journal is damaged.
func (j *Journal) Append(ctx context.Context, r Record) (Seq, error) {
	seqs, err := j.AppendAll(ctx, []Record{r})
	if err != nil {
		return 0, err
	}
	return seqs[0], nil
}

// AppendAll appends records in one transaction: all are durable or, after an
// error, all are unknown. The contract is that of [Journal.Append]; the answer
// has one Seq for each record, in order.
func (j *Journal) AppendAll(ctx context.Context, recs []Record) ([]Seq, error) {
	if len(recs) == 0 {
		return nil, nil
	}
	q := &request{recs: append(make([]Record, 0, len(recs)), recs...), done: make(chan struct{}, 1)}
	total := 0
	for i := range q.recs {
		r := &q.recs[i]
		if err := r.valid(j.o.MaxBody); err != nil {
			return nil, err
		}
		if total += len(r.Body); total > maxAtOnce*j.o.MaxBody {
			return nil, fault.Newf(fault.Invalid, lang.Text{
				DE: "Zu viele Daten auf einmal. Bitte in kleineren Teilen übergeben.",
				EN: "Too much data at once. Please pass it on in smaller parts.",
			}, "journal append: %d records in one call are too large", len(q.recs))
		}
		if r.Received.IsZero() {
			r.Received = j.o.Now()
		}
	}
	if err := j.ask(ctx, q); err != nil {
		return nil, err
	}
	return q.seqs, nil
}

// ask hands q to the writer and waits for the answer.
func (j *Journal) ask(ctx context.Context, q *request) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("journal append: %w", err)
	}
	j.mu.Lock()
	if j.closing {
		j.mu.Unlock()
		return storeFault(ErrClosed, "append", sayClosed())
	}
	j.waiting = append(j.waiting, q)
	first := len(j.waiting) == 1
	j.mu.Unlock()
	if first {
		j.ring()
	}
	select {
	case <-q.done:
		return q.err
	case <-ctx.Done():
		return fmt.Errorf("journal append, outcome unknown: %w", ctx.Err())
	}
}

// do runs fn in the writer's goroutine, between batches.
func (j *Journal) do(ctx context.Context, fn func(*writer) error) error {
	return j.ask(ctx, &request{job: fn, done: make(chan struct{}, 1)})
}

func (j *Journal) ring() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Head returns the Seq of the newest durable record, 0 for an empty journal.
func (j *Journal) Head() Seq { return Seq(j.head.Load()) }

// Health returns nil if the journal takes records, else the error that the
// last append got.
func (j *Journal) Health() error {
	if p := j.health.Load(); p != nil {
		return *p
	}
	return nil
}

// Get returns one record. The error's kind is NotFound if there is none or it
// was pruned (then it wraps [ErrPruned]), Corrupt if it does not authenticate.
func (j *Journal) Get(ctx context.Context, s Seq) (Record, error) { return j.r.get(ctx, s) }

// Read returns the next records with Seq >= from, at most max, in order.
// Pruned ones are left out, so Seqs may have gaps; an empty answer means there
// is nothing from from on. A short answer does not mean the end: what follows
// may be damaged, and the next call says so. The bodies share memory and must not be changed.
func (j *Journal) Read(ctx context.Context, from Seq, max int) ([]Record, error) {
	return good(j.r.read(ctx, from, j.Head(), max))
}

// Wait returns nil as soon as Head is greater than after. It returns the
// error of ctx, or one that wraps [ErrClosed] when the journal is closed.
func (j *Journal) Wait(ctx context.Context, after Seq) error {
	for {
		j.mu.Lock()
		moved, closing := j.moved, j.closing
		j.mu.Unlock()
		if j.Head() > after {
			return nil
		}
		if closing {
			return storeFault(ErrClosed, "wait", sayClosed())
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Follow returns the records from from on, waiting for those that are yet to
// come, until ctx ends, the journal is closed or reading fails; the last pair
// holds the error. Pruned records are left out.
func (j *Journal) Follow(ctx context.Context, from Seq) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for next := max(from, 1); ; {
			err := j.Wait(ctx, next-1)
			head := j.Head() // before reading: what was pruned up to here is skipped
			var recs []Record
			if err == nil {
				recs, err = j.r.read(ctx, next, head, followStep)
			}
			for _, r := range recs {
				if !yield(r, nil) {
					return
				}
				next = r.Seq + 1
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			if len(recs) < followStep {
				next = max(next, head+1)
			}
		}
	}
}

// followStep is how many records Follow reads at a time.
const followStep = 512

// Close writes what waits, signs a last checkpoint and gives the folder free.
// Calls after it fail with an error that wraps [ErrClosed].
func (j *Journal) Close() error {
	j.end.Do(func() {
		j.mu.Lock()
		j.closing = true
		j.mu.Unlock()
		j.ring()
		<-j.stopped
		j.endErr = errors.Join(j.endErr, j.r.close(), j.lock.release())
	})
	return j.endErr
}
