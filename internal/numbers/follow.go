package numbers

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"notbetrieb/internal/journal"
)

// Run follows the journal until ctx ends, then saves and returns nil. An
// Office works without it; with it a start, and the block after a long time
// without one, need not read far.
func (f *Office) Run(ctx context.Context) error {
	for {
		before := f.Seq()
		err := f.j.Wait(ctx, before)
		if err == nil {
			err = f.advance(ctx, 0)
		}
		if ctx.Err() != nil {
			return f.Close()
		}
		if err != nil {
			f.o.Log.ErrorContext(ctx, "numbers do not follow the journal", "err", err)
		}
		if err != nil || f.Seq() == before { // the second: all that is new was pruned
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Close saves what is reserved. What is left of the blocks in hand is dropped.
func (f *Office) Close() error { return f.save() }

// Seq returns the last record the Office has taken in.
func (f *Office) Seq() journal.Seq {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.ledger.applied
}

// advance reads the journal to its end, or at least to upto if that is not zero.
func (f *Office) advance(ctx context.Context, upto journal.Seq) error {
	select {
	case f.folding <- struct{}{}:
		defer func() { <-f.folding }()
	case <-ctx.Done():
		return fmt.Errorf("numbers: %w", ctx.Err())
	}
	for upto == 0 || f.Seq() < upto {
		recs, err := f.j.Read(ctx, f.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("numbers: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		f.mu.Lock()
		for _, r := range recs {
			f.ledger.apply(r)
		}
		f.mu.Unlock()
		if f.Seq()-f.saved >= saveEvery {
			if err := f.saveLocked(); err != nil { // a later save makes it good
				f.o.Log.ErrorContext(ctx, "reserved numbers not saved", "err", err)
			}
		}
	}
	if upto != 0 && f.Seq() < upto {
		return fmt.Errorf("numbers: record %d is not in the journal", upto)
	}
	return nil
}

func (f *Office) save() error {
	f.folding <- struct{}{}
	defer func() { <-f.folding }()
	return f.saveLocked()
}

// saveLocked writes the ledger to its file. The caller holds folding.
func (f *Office) saveLocked() error {
	if f.state == nil {
		return nil
	}
	f.mu.RLock()
	v := f.ledger.saved()
	f.mu.RUnlock()
	if v.Seq == f.saved {
		return nil
	}
	if err := f.state.store(v); err != nil {
		return err
	}
	f.saved = v.Seq
	return nil
}

// stateFile is numbers.state.
type stateFile struct{ file }

// stateVersion is the layout of numbers.state.
const stateVersion = 1

// saved is the ledger as it is kept between starts.
type saved struct {
	Version int         `json:"v"`
	Seq     journal.Seq `json:"seq"`
	Record  string      `json:"record"`
	Rooms   []savedRoom `json:"rooms"`
}

type savedRoom struct {
	Scheme
	By map[string]spans `json:"by"` // by node
}

func newStateFile(dir string) *stateFile {
	return &stateFile{file{filepath.Join(dir, "numbers.state")}}
}

// saved returns a copy of the ledger in its saved form.
func (l *ledger) saved() saved {
	v := saved{Version: stateVersion, Seq: l.applied, Record: l.last.String()}
	for _, s := range l.schemes() {
		r := savedRoom{Scheme: s, By: make(map[string]spans)}
		for node, set := range l.rooms[s].by {
			r.By[node] = append(spans(nil), set...)
		}
		v.Rooms = append(v.Rooms, r)
	}
	return v
}

// load returns the ledger of the file.
func (s *stateFile) load() (*ledger, error) {
	var v saved
	if err := s.file.load(&v); err != nil {
		return nil, err
	}
	return v.ledger()
}

// ledger returns the ledger that was saved.
func (v saved) ledger() (*ledger, error) {
	id, err := journal.ParseID(v.Record)
	if err != nil || v.Version != stateVersion {
		return nil, errFile
	}
	l := newLedger()
	l.applied, l.last = v.Seq, id
	for _, r := range v.Rooms {
		for node, set := range r.By {
			for _, x := range set {
				b := Block{Node: node, Kind: lostKind, Scheme: r.Scheme, From: x.From, To: x.To}
				if b.valid() != nil {
					return nil, errFile
				}
				l.add(b)
			}
		}
	}
	return l, nil
}
