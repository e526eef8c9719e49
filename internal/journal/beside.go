package journal

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/seal"
)

// Reader reads a journal that another process may be writing, or one that Open
// refuses to write. It changes nothing.
type Reader struct{ r *reader }

// OpenReader opens the journal in dir for reading. It takes no lock and asks
// no anchor. Of the options it uses none yet.
func OpenReader(ctx context.Context, dir string, key seal.Key, o Options) (*Reader, error) {
	v, err := newVault(key)
	if err != nil {
		return nil, err
	}
	r := newReader(newStorage(dir, o.vfs), v)
	err = r.with(ctx, func(rc *readConn) error {
		if err := checkFormat(rc.c); err != nil {
			return err
		}
		h, err := readHead(rc.c)
		if err != nil {
			return err
		}
		return v.fits(h.probe)
	})
	if err != nil {
		return nil, errors.Join(storeFault(err, "open", sayUnreadable()), r.close())
	}
	return &Reader{r}, nil
}

// Head returns the Seq of the newest durable record now.
func (r *Reader) Head(ctx context.Context) (Seq, error) {
	s, _, err := r.r.currentHead(ctx)
	return s, storeFault(err, "head", sayUnreadable())
}

// Get is [Journal.Get].
func (r *Reader) Get(ctx context.Context, s Seq) (Record, error) { return r.r.get(ctx, s) }

// Read is [Journal.Read].
func (r *Reader) Read(ctx context.Context, from Seq, max int) ([]Record, error) {
	head, err := r.Head(ctx)
	if err != nil {
		return nil, err
	}
	return good(r.r.read(ctx, from, head, max))
}

// Checkpoints returns up to max signed checkpoints of at least from records,
// in order.
func (r *Reader) Checkpoints(ctx context.Context, from Seq, max int) ([][]byte, error) {
	return r.r.checkpoints(ctx, from, max)
}

// ProveRecord is [Journal.ProveRecord].
func (r *Reader) ProveRecord(ctx context.Context, s, size Seq) (tlog.RecordProof, tlog.Hash, error) {
	head, err := r.Head(ctx)
	if err != nil {
		return nil, tlog.Hash{}, err
	}
	return r.r.proveRecord(ctx, s, size, head)
}

// ProveTree is [Journal.ProveTree].
func (r *Reader) ProveTree(ctx context.Context, newer, older Seq) (tlog.TreeProof, error) {
	head, err := r.Head(ctx)
	if err != nil {
		return nil, err
	}
	return r.r.proveTree(ctx, newer, older, head)
}

// Close closes the connections.
func (r *Reader) Close() error { return r.r.close() }

// Checkpoints returns up to max signed checkpoints of at least from records,
// in order.
func (j *Journal) Checkpoints(ctx context.Context, from Seq, max int) ([][]byte, error) {
	return j.r.checkpoints(ctx, from, max)
}

func (r *reader) checkpoints(ctx context.Context, from Seq, max int) (out [][]byte, err error) {
	err = r.with(ctx, func(rc *readConn) error {
		st, _, err := rc.c.Prepare("SELECT note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT ?")
		if err != nil {
			return err
		}
		defer st.Close()
		if err := errors.Join(st.BindInt64(1, int64(from)), st.BindInt(2, max)); err != nil {
			return err
		}
		for st.Step() {
			out = append(out, st.ColumnBlob(0, nil))
		}
		return st.Err()
	})
	if err != nil {
		return nil, storeFault(err, "checkpoints", sayUnreadable())
	}
	return out, nil
}
