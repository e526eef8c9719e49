package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// errWAL says that the write-ahead log holds committed transactions behind a
// damaged frame. SQLite would cut them off without a word.
var errWAL = errors.New("journal: write-ahead log is damaged before its end")

// checkWAL reads the write-ahead log of a database as SQLite does at recovery
// (sqlite.org/fileformat2.html, section 4), but goes on behind the first frame
// that does not verify. A crash can leave one half-written transaction at the
// end; two or more commits that chain on behind a bad frame were durable once.
// They are lost unless the database has their pages already, as after a crash
// in the moment when a finished log is begun anew. Nobody may be writing.
func checkWAL(db string) error {
	f, err := os.Open(db + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	w := walScan{r: f}
	n, err := w.scan()
	if err != nil || n == 0 {
		return err
	}
	same, err := w.inDatabase(db)
	if err != nil || same {
		return err
	}
	return fmt.Errorf("%w: %d commits behind the damage", errWAL, n)
}

const (
	walHeader   = 32
	frameHeader = 24
)

// walScan is one reading of a write-ahead log.
type walScan struct {
	r     io.ReaderAt
	page  int
	pages map[uint32]int64 // where the newest committed copy of a page lies
}

// scan returns how many commits, at least two, chain on behind a damaged
// frame; 0 if the log is whole up to one unfinished transaction.
func (w *walScan) scan() (lost int, err error) {
	var head [walHeader]byte
	if n, err := w.r.ReadAt(head[:], 0); n < walHeader {
		return 0, shortRead(err)
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch binary.BigEndian.Uint32(head[:]) &^ 1 {
	case 0x377f0682:
		if head[3]&1 == 1 {
			order = binary.BigEndian
		}
	default:
		return 0, nil // no log: SQLite ignores it
	}
	page := binary.BigEndian.Uint32(head[8:])
	if page < 512 || page > 65536 || page&(page-1) != 0 {
		return 0, nil
	}
	w.page, w.pages = int(page), make(map[uint32]int64)
	sum := walSum(order, [2]uint32{}, head[:24])
	headOK := sum == [2]uint32{binary.BigEndian.Uint32(head[24:]), binary.BigEndian.Uint32(head[28:])}
	return w.frames(order, sum, head[16:24], headOK)
}

func (w *walScan) frames(order binary.ByteOrder, sum [2]uint32, salt []byte, headOK bool) (lost int, err error) {
	bad, commits := !headOK, 0
	frame := make([]byte, frameHeader+w.page)
	open := make(map[uint32]int64) // pages of a transaction without its commit
	for off := int64(walHeader); ; off += int64(len(frame)) {
		if n, err := w.r.ReadAt(frame, off); n < len(frame) {
			return lost, shortRead(err)
		}
		if headOK && !bytes.Equal(frame[8:16], salt) {
			return lost, nil // left over from before the log was last begun anew
		}
		sum = walSum(order, walSum(order, sum, frame[:8]), frame[frameHeader:])
		said := [2]uint32{binary.BigEndian.Uint32(frame[16:]), binary.BigEndian.Uint32(frame[20:])}
		switch {
		case sum != said && !bad:
			bad = true
			clear(open)
		case sum != said: // another chain: what follows is older still
			commits = 0
			clear(open)
		}
		open[binary.BigEndian.Uint32(frame)] = off + frameHeader
		if binary.BigEndian.Uint32(frame[4:]) != 0 {
			for p, at := range open {
				w.pages[p] = at
			}
			clear(open)
			if bad && sum == said {
				commits++
			}
			if commits >= 2 {
				lost = commits
			}
		}
		sum = said
	}
}

// inDatabase reports whether the database has every page as the log has it.
func (w *walScan) inDatabase(db string) (bool, error) {
	f, err := os.Open(db)
	if err != nil {
		return false, err
	}
	defer f.Close()
	a, b := make([]byte, w.page), make([]byte, w.page)
	for p, at := range w.pages {
		if p == 0 {
			return false, nil
		}
		n, err := f.ReadAt(a, int64(p-1)*int64(w.page))
		if err := shortRead(err); err != nil {
			return false, err
		}
		m, err := w.r.ReadAt(b, at)
		if err := shortRead(err); err != nil {
			return false, err
		}
		if n != len(a) || m != len(b) || !bytes.Equal(a, b) {
			return false, nil
		}
	}
	return true, nil
}

// walSum is the checksum of section 4.2: two sums over pairs of words.
func walSum(order binary.ByteOrder, s [2]uint32, b []byte) [2]uint32 {
	for i := 0; i+8 <= len(b); i += 8 {
		s[0] += order.Uint32(b[i:]) + s[1]
		s[1] += order.Uint32(b[i+4:]) + s[0]
	}
	return s
}

func shortRead(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
