package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"notbetrieb/internal/journal"
)

// rawRate appends writes of size bytes to a plain file, each followed by fsync,
// and returns how many a second the disk takes.
func rawRate(dir string, size int, long time.Duration) (float64, error) {
	f, err := os.OpenFile(filepath.Join(dir, "raw"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, fmt.Errorf("raw file: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	buf := make([]byte, max(size, 1))
	for i := range buf {
		buf[i] = byte(i * 131)
	}
	n := 0
	begun := time.Now()
	for time.Since(begun) < long {
		if _, err := f.Write(buf); err != nil {
			return 0, fmt.Errorf("raw file: %w", err)
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("raw file: %w", err)
		}
		n++
	}
	return float64(n) / time.Since(begun).Seconds(), nil
}

// plainFile is the least that could stand in the journal's place: the bodies of
// all who wait, in one write and one fsync. No encryption, no order kept
// elsewhere, no second look at an ID, no proof.
type plainFile struct {
	f       *os.File
	mu      sync.Mutex
	waiting []*plainWait
	busy    bool
	next    journal.Seq
	commits int
}

type plainWait struct {
	body []byte
	seq  journal.Seq
	err  error
	done chan struct{}
}

func newPlainFile(dir string) (*plainFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("plain file: %w", err)
	}
	return &plainFile{f: f}, nil
}

// Append writes r.Body; whoever finds the file free writes for all that wait.
func (p *plainFile) Append(_ context.Context, r journal.Record) (journal.Seq, error) {
	w := &plainWait{body: r.Body, done: make(chan struct{})}
	p.mu.Lock()
	p.waiting = append(p.waiting, w)
	lead := !p.busy
	p.busy = true
	p.mu.Unlock()
	if lead {
		p.write()
	}
	<-w.done
	return w.seq, w.err
}

func (p *plainFile) write() {
	var buf []byte
	for {
		p.mu.Lock()
		all := p.waiting
		p.waiting = nil
		if len(all) == 0 {
			p.busy = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		buf = buf[:0]
		for _, w := range all {
			buf = append(buf, w.body...)
		}
		_, err := p.f.Write(buf)
		if err == nil {
			err = p.f.Sync()
		}
		p.commits++
		for _, w := range all {
			p.next++
			w.seq, w.err = p.next, err
			close(w.done)
		}
	}
}
