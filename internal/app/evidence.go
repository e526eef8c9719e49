package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

func (h *Hub) evidenceOptions() evidence.Options {
	o := evidence.Options{
		Dir: h.folder("evidence"), Key: h.Keys.Root.Derive("evidence"), Site: h.Config.Hospital.Site, Hospital: h.Config.Hospital.Name,
		MaxFile: int64(h.Config.Evidence.MaxFile), Signer: h.Keys.Signer, Zone: h.Zone, Now: h.now, Log: h.log,
	}
	room := &roomy{free: func() (uint64, error) { return journal.Free(h.folder("evidence")) }}
	o.Tight, o.Charted = room.tight, h.charted
	return o
}

// charted answers an error unless there is a chart of each patient.
func (h *Hub) charted(ctx context.Context, patients []string) (err error) {
	v, err := h.Chart.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	for _, key := range patients {
		if _, err := v.Patient(ctx, clinical.PatientKey(key), chart.Head()); fault.KindOf(err) == fault.NotFound {
			return fault.Mark(err, fault.Invalid, lang.Text{
				DE: "Eine der Akten ist inzwischen nach Aufbewahrungsfrist gelöscht. Der Sperrvermerk ist nicht gesetzt.",
				EN: "One of the charts was dropped by retention meanwhile. The hold is not set.",
			})
		} else if err != nil {
			return err
		}
	}
	return nil
}

// freezeAll sets the holds that the house sets by itself.
func (h *Hub) freezeAll(ctx context.Context) error {
	for _, c := range h.Crisis.Running() {
		if err := h.freeze(ctx, c); err != nil {
			return err
		}
	}
	return nil
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
	why := fmt.Sprintf("Von selbst gesetzt mit der Erklärung der Lage „%s“ (evidence.freeze).", c.Outside())
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
