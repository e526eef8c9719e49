package app

import (
	"context"
	"log/slog"
	"time"

	"notbetrieb/internal/intake"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

const (
	lookEvery  = 5 * time.Second
	pruneEvery = 24 * time.Hour
)

// keepHouse watches the hub itself and drops once a day what may go.
func (h *Hub) keepHouse(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			h.look()
		case <-prune.C:
			if err := h.Retain(ctx); err != nil && ctx.Err() == nil {
				h.log.Error("retention", slog.Any("err", err))
				h.Alarms.Raise("retention", lang.Text{
					DE: "Das Löschen nach Aufbewahrungsfrist ist fehlgeschlagen. Es wurde nichts verloren; das Protokoll nennt den Grund.",
					EN: "Dropping by retention failed. Nothing was lost; the log names the reason.",
				})
			} else {
				h.Alarms.Clear("retention")
			}
		}
	}
}

// look raises and clears the alarms about the hub's own health.
func (h *Hub) look() {
	if err := h.Journal.Health(); err != nil {
		h.Alarms.Raise("journal", lang.Text{
			DE: "Das Journal kann nicht geschrieben werden. Gelesen werden kann weiter. Platte prüfen.",
			EN: "The journal cannot be written. Reading goes on. Check the disk.",
		})
		return
	}
	h.Alarms.Clear("journal")
	for _, f := range h.Config.Feeds { // storing works again
		h.Alarms.ClearIf("intake/"+f.Name, func(a Alarm) bool {
			return a.Text == alarmText(f.Name, intake.ErrStore) && h.now().Sub(a.Last) > time.Minute
		})
	}
}

// Retain drops the records that the configured retention lets go: those of
// patients who are not in house and of whom nothing came for so long, and
// reads older than their own limit. Everything else stays.
func (h *Hub) Retain(ctx context.Context) error {
	r := h.Config.Retention
	if r.Days <= 0 && r.KeepReadsDays <= 0 {
		return nil
	}
	now := h.now()
	messages, reads := now.AddDate(0, 0, -r.Days), now.AddDate(0, 0, -r.KeepReadsDays)
	needed := func(journal.Seq) bool { return true }
	if r.Days > 0 {
		if _, err := h.Chart.Forget(ctx, messages); err != nil {
			return err
		}
		v, err := h.Chart.View(ctx)
		if err != nil {
			return err
		}
		defer v.Close()
		if needed, err = v.Keep(ctx); err != nil {
			return err
		}
	}
	before := messages
	if r.Days <= 0 || r.KeepReadsDays > 0 && reads.After(messages) {
		before = reads
	}
	report, err := h.Journal.Prune(ctx, before, func(rec journal.Record) bool {
		switch rec.Kind {
		case journal.HL7:
			return r.Days > 0 && rec.Received.Before(messages) && !needed(rec.Seq)
		case journal.Read:
			return r.KeepReadsDays > 0 && rec.Received.Before(reads)
		}
		return false
	})
	if err != nil {
		return err
	}
	if r.KeepReadsDays > 0 {
		if _, err := h.Staff.ForgetReads(ctx, reads); err != nil {
			return err
		}
	}
	h.log.InfoContext(ctx, "retention", slog.Any("report", report))
	return nil
}
