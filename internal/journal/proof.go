package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// ErrProof is wrapped when a proof does not hold: the record or the older
// checkpoint is not part of what the newer checkpoint signs.
var ErrProof = errors.New("proof does not hold")

// Leaf returns the hash by which the tree knows r: SHA-256 over a zero byte and
// the record's encoding, Seq included.
func Leaf(r Record) tlog.Hash {
	return sha256.Sum256(appendRecord([]byte{tagRecord}, &r))
}

// ProveRecord returns the proof that record s is in the tree of the first size
// records, and its leaf hash. It also works for a pruned record.
func (j *Journal) ProveRecord(ctx context.Context, s, size Seq) (tlog.RecordProof, tlog.Hash, error) {
	return j.r.proveRecord(ctx, s, size, j.Head())
}

// ProveTree returns the proof that the first older records of the journal are
// also the first ones of the tree of newer records.
func (j *Journal) ProveTree(ctx context.Context, newer, older Seq) (tlog.TreeProof, error) {
	return j.r.proveTree(ctx, newer, older, j.Head())
}

// CheckRecord verifies a proof of ProveRecord against a checkpoint.
func CheckRecord(c Checkpoint, s Seq, leaf tlog.Hash, p tlog.RecordProof) error {
	if s == 0 || s > c.Size {
		return fmt.Errorf("record %d of %d: %w", s, c.Size, ErrProof)
	}
	if err := tlog.CheckRecord(p, int64(c.Size), c.Root, int64(s)-1, leaf); err != nil {
		return fmt.Errorf("record %d of %d: %w", s, c.Size, ErrProof)
	}
	return nil
}

// CheckTree verifies a proof of ProveTree between two checkpoints.
func CheckTree(newer, older Checkpoint, p tlog.TreeProof) error {
	if older.Size == 0 {
		return nil // nothing was witnessed
	}
	if older.Size > newer.Size {
		return fmt.Errorf("checkpoint %d from %d: %w", newer.Size, older.Size, ErrProof)
	}
	if err := tlog.CheckTree(p, int64(newer.Size), newer.Root, int64(older.Size), older.Root); err != nil {
		return fmt.Errorf("checkpoint %d from %d: %w", newer.Size, older.Size, ErrProof)
	}
	return nil
}

func outside(s, size, head Seq) error {
	return fault.Newf(fault.NotFound, lang.Text{
		DE: "Diesen Journaleintrag gibt es nicht.",
		EN: "There is no such journal record.",
	}, "journal proof: record %d of %d, head %d", s, size, head)
}

func (r *reader) proveRecord(ctx context.Context, s, size, head Seq) (tlog.RecordProof, tlog.Hash, error) {
	if s == 0 || s > size || size > head {
		return nil, tlog.Hash{}, outside(s, size, head)
	}
	hs := r.hashes(ctx)
	leaf, err := hs.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(s)-1)})
	if err != nil {
		return nil, tlog.Hash{}, storeFault(err, "proof", sayUnreadable())
	}
	p, err := tlog.ProveRecord(int64(size), int64(s)-1, hs)
	if err != nil {
		return nil, tlog.Hash{}, storeFault(err, "proof", sayUnreadable())
	}
	return p, leaf[0], nil
}

func (r *reader) proveTree(ctx context.Context, newer, older, head Seq) (tlog.TreeProof, error) {
	if older == 0 {
		return nil, nil
	}
	if older > newer || newer > head {
		return nil, outside(older, newer, head)
	}
	p, err := tlog.ProveTree(int64(newer), int64(older), r.hashes(ctx))
	if err != nil {
		return nil, storeFault(err, "proof", sayUnreadable())
	}
	return p, nil
}
