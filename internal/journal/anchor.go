package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// anchorSeen is a file in the journal's folder that names the folder in which an
// anchor was written: from then on an empty folder of that name is a disk that
// is not mounted.
const anchorSeen = "anchor.place"

// anchorAway says why the folder of the anchor cannot be where the anchor is
// kept: it is missing, or as empty as the place where a disk is to be mounted.
// An anchor that was moved aside under another name in its folder is not away.
func anchorAway(dir, anchorDir string) error {
	if anchorDir == "" {
		return nil
	}
	away := func(err error) error {
		return fault.Mark(fmt.Errorf("anchor: %w", err), fault.Unavailable, lang.Text{
			DE: "Der zweite Ort für die Signatur (" + anchorDir + ") ist nicht da. Ist der Datenträger eingehängt?",
			EN: "The second place for the signature (" + anchorDir + ") is not there. Is its disk mounted?",
		})
	}
	entries, err := os.ReadDir(anchorDir)
	if err != nil {
		return away(err)
	}
	was, err := os.ReadFile(filepath.Join(dir, anchorSeen))
	if err != nil || strings.TrimSpace(string(was)) != anchorDir {
		return nil // no anchor was ever written there
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), anchorName) {
			return nil
		}
	}
	return away(fmt.Errorf("%s: the folder is empty and held an anchor before", anchorDir))
}

// AnchorHealth returns nil if the newest signature was written to its place, else
// why it was not. It is tried again after [Options.CheckpointEvery].
func (j *Journal) AnchorHealth() error {
	if p := j.anchored.Load(); p != nil {
		return *p
	}
	return nil
}

// anchor writes a signed checkpoint to the anchor. A place that was away may come
// back with an anchor that knows more than this journal: it is read first and
// never overwritten then.
func (j *Journal) anchor(signed []byte) (err error) {
	defer func() {
		if err != nil {
			j.anchorRead = false
			j.anchored.Store(&err)
		} else {
			j.anchored.Store(nil)
		}
	}()
	if err := anchorAway(j.dir, j.o.AnchorDir); err != nil {
		return err
	}
	if !j.anchorRead {
		if err := j.checkAnchor(context.Background()); err != nil {
			return err
		}
	}
	if err := writeAnchor(j.o.anchorPath(j.dir), signed); err != nil {
		return err
	}
	if !j.anchorRead && j.o.AnchorDir != "" {
		if err := os.WriteFile(filepath.Join(j.dir, anchorSeen), []byte(j.o.AnchorDir+"\n"), 0o600); err != nil {
			return fmt.Errorf("anchor: %w", err)
		}
	}
	j.anchorRead = true
	return nil
}
