package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
)

func (h *Hub) evidenceOptions() evidence.Options {
	o := evidence.Options{
		Dir: h.folder("evidence"), Key: h.Keys.Root.Derive("evidence"), Site: h.Config.Hospital.Site, Hospital: h.Config.Hospital.Name,
		MaxFile: int64(h.Config.Evidence.MaxFile), Signer: h.Keys.Signer, Zone: h.Zone, Now: h.now, Log: h.log,
	}
	room := &roomy{free: func() (uint64, error) { return journal.Free(h.folder("evidence")) }}
	o.Tight = room.tight
	return o
}

// held is what legal holds keep, as of the journal's end, those included that
// the house sets by itself.
func (h *Hub) held(ctx context.Context) (evidence.Held, error) {
	for _, c := range h.Crisis.Running() {
		if err := h.freeze(ctx, c); err != nil {
			return evidence.Held{}, err
		}
	}
	if err := h.Evidence.Advance(ctx, 0); err != nil {
		return evidence.Held{}, err
	}
	return h.Evidence.Held(), nil
}

// freeze sets the house's own legal hold for a declared attack where the
// configuration says so: once for each incident, whoever lifts it.
func (h *Hub) freeze(ctx context.Context, c *crisis.Crisis) error {
	if !h.Config.Evidence.Freeze || c.Exercise || c.Kind != rulebook.Cyberattack && c.Kind != rulebook.Insider {
		return nil
	}
	if slices.ContainsFunc(h.Evidence.Holds(), func(x evidence.Hold) bool { return x.Scope.Case == c.ID && x.Set.Person == "" }) {
		return nil
	}
	s := evidence.Scope{Case: c.ID, From: c.Began.AddDate(0, 0, -h.Config.Evidence.Days)}
	why := fmt.Sprintf("Von selbst gesetzt mit der Erklärung der Lage „%s“ (evidence.freeze).", c.Title)
	_, err := h.Evidence.SetHold(ctx, evidence.Act{Key: "freeze " + c.ID}, s, why)
	return err
}

// replayEvidence folds the evidence anew. The files are no part of what is
// derived: they stay.
func (h *Hub) replayEvidence(ctx context.Context) error {
	for _, err := range []error{os.MkdirAll(h.folder("evidence"), 0o700), os.Remove(filepath.Join(h.folder("evidence"), evidence.StateFile))} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("evidence: %w", err)
		}
	}
	b, err := evidence.Open(ctx, h.Journal, h.evidenceOptions())
	if err != nil {
		return err
	}
	return b.Close()
}
