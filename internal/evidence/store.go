package evidence

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// A file that was taken in lies in pieces, each sealed for its place: nothing
// of it is in memory but one piece, and a piece that was changed, left out or
// put elsewhere does not open. Layout: magic, 16 random bytes, then pieces of
// pieceSize plain bytes; the last one may be shorter and is sealed as the last.
const (
	storeMagic = "notbetrieb evidence 1\n"
	pieceSize  = 256 << 10
	idSize     = 16
	partSuffix = ".part" // of a file whose end has not come
	newSuffix  = ".new"  // of a whole one whose record may not have come
)

// Store keeps the files that were taken in, by the hash of their content.
type Store struct {
	dir   string
	key   seal.Key
	box   *seal.Box
	tight func() bool // the disk is nearly full; nil: never asked
}

// openStore opens the store in dir and removes what transfers that broke off
// have left.
func openStore(dir string, key seal.Key, tight func() bool) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("evidence files: %w", err)
	}
	parts, err := filepath.Glob(filepath.Join(dir, "*"+partSuffix))
	if err != nil {
		return nil, fmt.Errorf("evidence files: %w", err)
	}
	for _, p := range parts {
		if err := os.Remove(p); err != nil {
			return nil, fmt.Errorf("evidence files: %w", err)
		}
	}
	return &Store{dir: dir, key: key, box: seal.NewBox(key), tight: tight}, nil
}

// path returns where content with a hash lies. The name tells nothing about the
// content to whoever has no key.
func (s *Store) path(sum string) string {
	name := s.key.Derive("name " + sum)
	return filepath.Join(s.dir, hex.EncodeToString(name[:]))
}

// find returns where content with a hash lies, or would.
func (s *Store) find(sum string) string {
	path := s.path(sum)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(path + newSuffix); err == nil {
			return path + newSuffix // its record came, and the end of settling did not
		}
	}
	return path
}

// Taken is content that came in and is not yet part of anything. Either an act
// makes it so, or Drop removes it.
type Taken struct {
	Hash string // SHA-256, hexadecimal
	Size int64
	Head []byte // the first 512 bytes
	part string
}

// Drop removes content that no act has taken over. It may be called always.
func (t *Taken) Drop() {
	if t != nil && t.part != "" {
		_ = os.Remove(t.part) // the next start removes it
	}
}

// Take reads content to its end, at most most bytes, and keeps it durably aside.
// told is called with the bytes so far; nil is allowed. Errors: Invalid for
// content that is empty or too large, Unavailable where the disk is full.
func (s *Store) Take(ctx context.Context, r io.Reader, most int64, told func(int64)) (_ *Taken, err error) {
	f, err := os.CreateTemp(s.dir, "*"+partSuffix)
	if err != nil {
		return nil, unwritable(err)
	}
	t := &Taken{part: f.Name()}
	defer func() {
		if err != nil {
			_ = f.Close()
			t.Drop()
		}
	}()
	w := bufio.NewWriterSize(f, pieceSize+seal.Overhead)
	p := newPieces(s.box, w)
	if err := p.begin(); err != nil {
		return nil, unwritable(err)
	}
	sum := sha256.New()
	piece, next := make([]byte, pieceSize), make([]byte, pieceSize)
	n, end, err := fill(r, piece)
	for {
		if err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		t.Size += int64(n)
		switch {
		case t.Size > most:
			return nil, tooLarge(most)
		case s.tight != nil && s.tight():
			return nil, unwritable(errors.New("reserve of the disk"))
		}
		t.Head = append(t.Head, piece[:min(n, 512-len(t.Head))]...)
		sum.Write(piece[:n])
		if told != nil {
			told(t.Size)
		}
		var m int
		if !end { // the last piece is known by nothing coming after it
			m, end, err = fill(r, next)
		}
		last := end && m == 0
		if werr := p.add(piece[:n], last); werr != nil {
			return nil, unwritable(werr)
		}
		if last {
			break
		}
		piece, next, n = next, piece, m
	}
	if t.Size == 0 {
		return nil, fault.New(fault.Invalid, lang.Text{DE: "Die Datei ist leer.", EN: "The file is empty."})
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return nil, unwritable(err)
	}
	t.Hash = hex.EncodeToString(sum.Sum(nil))
	return t, nil
}

// fill reads until b is full; end says that nothing comes after it. Nothing but
// io.EOF itself is an end: a transfer that broke off says io.ErrUnexpectedEOF.
func fill(r io.Reader, b []byte) (n int, end bool, err error) {
	for n < len(b) {
		m, err := r.Read(b[n:])
		n += m
		switch {
		case err == io.EOF: //nolint:errorlint // one that is wrapped is no end
			return n, true, nil
		case err != nil:
			return n, false, err
		}
	}
	return n, false, nil
}

// keep makes the content durable under its name, before the record that names it.
// Either settle makes it part of the store, or abandon removes it.
func (s *Store) keep(t *Taken) error {
	if err := os.Rename(t.part, s.path(t.Hash)+newSuffix); err != nil {
		return unwritable(err)
	}
	t.part = ""
	return s.sync()
}

// settle makes kept content part of the store. The same content twice is one file.
func (s *Store) settle(sum string) error {
	path := s.path(sum)
	if err := os.Rename(path+newSuffix, path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(err)
	}
	return s.sync()
}

// abandon removes kept content that no record names.
func (s *Store) abandon(sum string) error {
	if err := os.Remove(s.path(sum) + newSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritable(err)
	}
	return nil
}

// sweep settles what an earlier process has kept and a record names, and removes
// the rest of it. Files that are part of the store stay, whoever names them.
func (s *Store) sweep(named []string) error {
	var all error
	for _, sum := range named {
		if _, err := os.Stat(s.path(sum) + newSuffix); err == nil {
			all = errors.Join(all, s.settle(sum))
		}
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"+newSuffix))
	if err != nil {
		return fmt.Errorf("evidence files: %w", err)
	}
	for _, p := range left {
		all = errors.Join(all, os.Remove(p))
	}
	return all
}

// sync makes names in the folder durable.
func (s *Store) sync() error {
	d, err := os.Open(s.dir)
	if err != nil {
		return unwritable(err)
	}
	defer d.Close()
	_ = d.Sync() // a folder cannot be synced on every system
	return nil
}

// Open returns the content with a hash and a size. A read fails with
// [seal.ErrForged] where bytes were changed, and where the file is another one
// that was taken in: its last piece is given out only after the hash was found
// right. Errors: NotFound.
func (s *Store) Open(sum string, size int64) (io.ReadCloser, error) {
	r, err := s.open(sum, size)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s *Store) open(sum string, size int64) (*reader, error) {
	f, err := os.Open(s.find(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Newf(fault.NotFound, lang.Text{DE: "Die Datei liegt nicht mehr im Beweisordner.", EN: "The file is no longer in the evidence folder."}, "evidence file is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("evidence file: %w", err)
	}
	r := &reader{f: f, in: bufio.NewReaderSize(f, pieceSize+seal.Overhead), box: s.box, want: sum, left: size, sum: sha256.New()}
	head := make([]byte, len(storeMagic)+idSize)
	if _, err := io.ReadFull(r.in, head); err != nil || !strings.HasPrefix(string(head), storeMagic) {
		return nil, errors.Join(damaged(seal.ErrForged), f.Close())
	}
	r.id = head[len(storeMagic):]
	return r, nil
}

// Sum reads the content with a hash and a size to its end and returns its
// SHA-256. Content that does not open, is gone or is another has the sum "".
func (s *Store) Sum(ctx context.Context, sum string, size int64) (got string, err error) {
	r, err := s.open(sum, size)
	if err != nil {
		return "", goneOrErr(err)
	}
	defer r.Close()
	if _, err = copyUntil(ctx, io.Discard, r); ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", goneOrErr(err)
	}
	return sumOf(r.sum), nil
}

// goneOrErr is nil for what is an answer about the content and no failure to ask.
func goneOrErr(err error) error {
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Corrupt {
		return nil
	}
	return err
}

// copyUntil copies in pieces and stops between two of them when ctx ends.
func copyUntil(ctx context.Context, w io.Writer, r io.Reader) (n int64, err error) {
	b := make([]byte, pieceSize)
	for ctx.Err() == nil {
		m, err := r.Read(b)
		if m > 0 {
			if _, werr := w.Write(b[:m]); werr != nil {
				return n, werr
			}
			n += int64(m)
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// pieces seals one piece after the other.
type pieces struct {
	box *seal.Box
	w   io.Writer
	id  [idSize]byte
	n   uint64
}

func newPieces(box *seal.Box, w io.Writer) *pieces {
	p := &pieces{box: box, w: w}
	_, _ = rand.Read(p.id[:]) // never fails: see crypto/rand
	return p
}

func (p *pieces) begin() error {
	_, err := p.w.Write(append([]byte(storeMagic), p.id[:]...))
	return err
}

func (p *pieces) add(plain []byte, last bool) error {
	_, err := p.w.Write(p.box.Seal(nil, plain, pieceName(p.id[:], p.n, last)))
	p.n++
	return err
}

// pieceName is what a piece is sealed for: its file, its place, and whether
// another one follows.
func pieceName(id []byte, n uint64, last bool) []byte {
	b := binary.BigEndian.AppendUint64(append([]byte(storeMagic), id...), n)
	if last {
		return append(b, 1)
	}
	return append(b, 0)
}

// reader opens one piece after the other.
type reader struct {
	f    *os.File
	in   *bufio.Reader
	box  *seal.Box
	id   []byte
	n    uint64
	rest []byte
	buf  []byte
	end  bool
	want string    // the hash of the whole
	left int64     // bytes of it that have not come
	sum  hash.Hash // of those that have
}

func (r *reader) Close() error { return r.f.Close() }

func (r *reader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.end {
			return 0, io.EOF
		}
		if err := r.open(); err != nil {
			return 0, err
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *reader) open() error {
	sealed := make([]byte, pieceSize+seal.Overhead)
	n, err := io.ReadFull(r.in, sealed)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("evidence file: %w", err)
	}
	if _, err := r.in.Peek(1); errors.Is(err, io.EOF) {
		r.end = true
	}
	r.buf, err = r.box.Open(r.buf[:0], sealed[:n], pieceName(r.id, r.n, r.end))
	if err != nil {
		return damaged(err)
	}
	r.sum.Write(r.buf)
	r.left -= int64(len(r.buf))
	if r.left < 0 || r.end != (r.left == 0) || r.end && sumOf(r.sum) != r.want {
		return damaged(seal.ErrForged)
	}
	r.rest, r.n = r.buf, r.n+1
	return nil
}

func damaged(err error) error {
	return fault.Mark(fmt.Errorf("evidence file: %w", err), fault.Corrupt, lang.Text{
		DE: "Die Datei im Beweisordner ist beschädigt oder wurde verändert.", EN: "The file in the evidence folder is damaged or was changed.",
	})
}

func unwritable(err error) error {
	return fault.Mark(fmt.Errorf("evidence file: %w", err), fault.Unavailable, lang.Text{
		DE: "Die Datei kann nicht gespeichert werden: Der Datenträger ist voll oder antwortet nicht. Es wurde nichts eingetragen.",
		EN: "The file cannot be stored: the disk is full or does not answer. Nothing was recorded.",
	})
}

func tooLarge(most int64) error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Die Datei ist größer als " + Bytes(most) + ". Ein großes Abbild bleibt außerhalb: bitte seine Prüfsumme, das Werkzeug und den Ort eintragen.",
		EN: "The file is larger than " + Bytes(most) + ". A large image stays outside: please record its hash, the tool and the place.",
	})
}

// Bytes is a number of bytes as people read it.
func Bytes(n int64) string {
	switch {
	case n >= 1<<30 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<30:
		return strings.Replace(fmt.Sprintf("%.1f GB", float64(n)/(1<<30)), ".", ",", 1)
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// sumOf returns the hexadecimal sum of h.
func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
