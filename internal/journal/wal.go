package journal

import (
	"bufio"
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
// The database must not be open for writing.
func checkWAL(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return scanWAL(bufio.NewReaderSize(f, 1<<20))
}

const (
	walHeader   = 32
	frameHeader = 24
)

func scanWAL(r io.Reader) error {
	var head [walHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return shortRead(err)
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch binary.BigEndian.Uint32(head[:]) {
	case 0x377f0682:
	case 0x377f0683:
		order = binary.BigEndian
	default:
		return nil // no WAL: SQLite ignores it
	}
	page := binary.BigEndian.Uint32(head[8:])
	if page < 512 || page > 65536 || page&(page-1) != 0 {
		return nil
	}
	sum := walSum(order, [2]uint32{}, head[:24])
	headOK := sum == [2]uint32{binary.BigEndian.Uint32(head[24:]), binary.BigEndian.Uint32(head[28:])}
	bad, commits := !headOK, 0
	frame := make([]byte, frameHeader+int(page))
	for n := 1; ; n++ {
		if _, err := io.ReadFull(r, frame); err != nil {
			return shortRead(err)
		}
		if string(frame[8:16]) != string(head[16:24]) {
			if headOK {
				return nil // left over from before the last reset
			}
			continue
		}
		sum = walSum(order, sum, frame[:8])
		sum = walSum(order, sum, frame[frameHeader:])
		said := [2]uint32{binary.BigEndian.Uint32(frame[16:]), binary.BigEndian.Uint32(frame[20:])}
		switch {
		case sum != said && !bad:
			bad = true
		case sum != said:
			commits = 0 // not even one unbroken chain
		case bad && binary.BigEndian.Uint32(frame[4:]) != 0:
			if commits++; commits >= 2 {
				return fmt.Errorf("%w: frame %d", errWAL, n)
			}
		}
		sum = said
	}
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
