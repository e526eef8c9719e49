package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

const (
	anchorName = "anchor"
	maxNote    = 64 << 10
)

// A Checkpoint says: the first Size records have this tree root. Its signed
// form is a C2SP checkpoint: origin, size and root in base64, one line each,
// an empty line and signature lines.
type Checkpoint struct {
	Origin string
	Size   Seq
	Root   tlog.Hash
}

// text is the signed part of a checkpoint.
func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatUint(uint64(c.Size), 10) + "\n" + c.Root.String() + "\n"
}

var errNote = errors.New("journal: no checkpoint in this format")

// parseCheckpoint reads the signed part. Lines after the third are extensions
// and are ignored, as the format says.
func parseCheckpoint(text string) (Checkpoint, error) {
	if len(text) > maxNote {
		return Checkpoint{}, errNote
	}
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, errNote
	}
	n, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(n, 10) != lines[1] {
		return Checkpoint{}, errNote
	}
	h, err := tlog.ParseHash(lines[2])
	if err != nil || h.String() != lines[2] {
		return Checkpoint{}, errNote
	}
	return Checkpoint{Origin: lines[0], Size: Seq(n), Root: h}, nil
}

// OpenCheckpoint verifies the signature of a note and reads the checkpoint.
func OpenCheckpoint(signed []byte, v note.Verifier) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, errNote
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	return parseCheckpoint(n.Text)
}

// own verifies the signer's own signatures by making them again: Ed25519 gives
// the same signature for the same text.
type own struct{ note.Signer }

// Verify reports whether sig is what this signer writes under msg.
func (o own) Verify(msg, sig []byte) bool {
	again, err := o.Sign(msg)
	return err == nil && bytes.Equal(again, sig)
}

// Checkpoint signs the journal as it is now, stores the note in the journal
// and in the anchor file, and returns it. Where only the anchor could not be
// written, it returns the note with the error.
func (j *Journal) Checkpoint(ctx context.Context) (signed []byte, err error) {
	var note []byte
	err = j.do(ctx, func(w *writer) error {
		var err error
		note, err = j.sign(w, true)
		return err
	})
	if ctx.Err() != nil {
		return nil, err // perhaps the writer is still at it
	}
	return note, err
}

// LatestCheckpoint returns the newest signed checkpoint of this run, nil if
// there is none yet.
func (j *Journal) LatestCheckpoint() []byte {
	if p := j.newest.Load(); p != nil {
		return *p
	}
	return nil
}

// keepEvery is how often a checkpoint stays in the table for ever; those made
// in between replace each other.
const keepEvery = time.Hour

// sign runs in the writer's goroutine.
func (j *Journal) sign(w *writer, keep bool) ([]byte, error) {
	c := Checkpoint{Origin: j.o.Origin, Size: w.seq(), Root: w.root}
	signed, err := note.Sign(&note.Note{Text: c.text()}, j.signer)
	if err != nil {
		return nil, fmt.Errorf("journal checkpoint: %w", err)
	}
	keep = keep || time.Since(j.keptAt) >= keepEvery
	err = w.transact(func() error {
		if j.rolling != 0 && j.rolling != c.Size {
			if err := errors.Join(w.st.unnote.BindInt64(1, int64(j.rolling)), w.st.unnote.Exec()); err != nil {
				return err
			}
		}
		st := w.st.note
		if err := errors.Join(st.BindInt64(1, int64(c.Size)), st.BindBlob(2, signed), st.Exec()); err != nil {
			return err
		}
		return w.st.commit.Exec()
	})
	if j.rolling = c.Size; err != nil || keep {
		j.rolling = 0
	}
	j.signedAt = time.Now() // also after a failure: not again with every batch
	if err != nil {
		return nil, storeFault(err, "checkpoint", sayUnwritable())
	}
	if err := j.anchor(signed); err != nil {
		return signed, storeFault(err, "checkpoint", sayUnwritable())
	}
	if keep {
		j.keptAt = j.signedAt
	}
	j.signed = c.Size
	j.newest.Store(&signed)
	return signed, nil
}

// writeAnchor replaces the anchor file: temporary file, fsync, rename, fsync of
// the folder.
func writeAnchor(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, anchorName+"-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// checkAnchor refuses a journal that is shorter than its anchor or has another
// history.
func (j *Journal) checkAnchor(ctx context.Context) error {
	b, err := os.ReadFile(j.o.anchorPath(j.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := OpenCheckpoint(b, own{j.signer})
	if err != nil {
		return fault.Mark(fmt.Errorf("anchor: %w", err), fault.Corrupt, lang.Text{
			DE: "Der Anker des Journals ist unlesbar oder trägt eine fremde Unterschrift. Es wird nichts geschrieben, bis ein Mensch entschieden hat.",
			EN: "The journal's anchor is unreadable or has a foreign signature. Nothing is written until a person has decided.",
		})
	}
	switch err := j.consistent(ctx, c); {
	case errors.Is(err, errShorter):
		return fault.Mark(fmt.Errorf("anchor: %w", err), fault.Corrupt, lang.Text{
			DE: fmt.Sprintf("Das Journal hat %d Einträge, sein Anker bezeugt %d. Es ist älter oder gekürzt. Es wird nichts geschrieben, bis ein Mensch entschieden hat.", j.w.seq(), c.Size),
			EN: fmt.Sprintf("The journal has %d records, its anchor witnesses %d. It is older or was cut. Nothing is written until a person has decided.", j.w.seq(), c.Size),
		})
	case err != nil:
		return fault.Mark(fmt.Errorf("anchor: %w", err), fault.Corrupt, lang.Text{
			DE: "Das Journal hat eine andere Vergangenheit als sein Anker. Es wird nichts geschrieben, bis ein Mensch entschieden hat.",
			EN: "The journal has another past than its anchor. Nothing is written until a person has decided.",
		})
	}
	if c.Size == j.w.seq() {
		j.signed = c.Size
		j.newest.Store(&b)
	}
	return nil
}

var (
	errShorter = errors.New("journal is shorter than the checkpoint")
	errForked  = errors.New("journal has another root at the checkpoint's size")
)

func (j *Journal) consistent(ctx context.Context, c Checkpoint) error {
	if c.Size > j.w.seq() {
		return fmt.Errorf("%w: %d < %d", errShorter, j.w.seq(), c.Size)
	}
	f, err := frontierAt(int64(c.Size), j.r.hashes(ctx))
	if err != nil {
		return err
	}
	if f.root() != c.Root {
		return errForked
	}
	return nil
}
