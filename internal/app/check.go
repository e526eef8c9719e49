package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/config"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// A Finding is one damage that a check found, or a notice.
type Finding struct {
	Part   string // journal, chart, staff, incident, harm
	Code   string
	Text   lang.Text
	Err    error // for the operator; may be nil
	Notice bool  // no damage: charts behind, not built yet or of another mapping; the next start sees to it
}

// Damages returns how many of the findings are damage.
func Damages(found []Finding) int {
	n := 0
	for _, f := range found {
		if !f.Notice {
			n++
		}
	}
	return n
}

// noDamage reports whether what was found is derived state that is not there or
// not of now: a hub that was killed, made anew or got another mapping.
func noDamage(code string) bool {
	switch code {
	case chart.FoundBehind, chart.FoundMissing, chart.FoundVersion, staff.FoundMissing, staff.FoundVersion:
		return true
	}
	return false
}

// CheckJournal verifies the journal beside a running hub. witnesses are
// checkpoints that were kept elsewhere.
func CheckJournal(ctx context.Context, cfg config.Config, keys Keys, witnesses [][]byte) ([]Finding, journal.Stats, error) {
	h, err := plan(cfg, keys, Options{})
	if err != nil {
		return nil, journal.Stats{}, err
	}
	found, stats, err := journal.Check(ctx, h.folder("journal"), keys.Root, keys.Verifier, witnesses,
		journal.CheckOptions{AnchorDir: cfg.Checkpoint.AnchorDir})
	var out []Finding
	for _, f := range found {
		text := f.Text
		if f.Last > 0 {
			where := fmt.Sprintf(" (%d–%d)", f.First, f.Last)
			text = lang.Text{DE: text.DE + where, EN: text.EN + where}
		}
		out = append(out, Finding{Part: "journal", Code: string(f.Code), Text: text, Err: f.Err})
	}
	return out, stats, err
}

// CheckDerived compares everything derived with a fresh fold of the journal.
// No hub may be running on the data folder.
func CheckDerived(ctx context.Context, cfg config.Config, keys Keys) (_ []Finding, err error) {
	h, err := plan(cfg, keys, Options{})
	if err != nil {
		return nil, err
	}
	h.Journal, err = journal.Open(ctx, h.folder("journal"), keys.Root, keys.Signer, h.journalOptions())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Journal.Close()) }()
	var out []Finding
	charts, err := chart.Check(ctx, h.chartConfig(), h.Journal, h.Site, true)
	for _, f := range charts {
		out = append(out, Finding{Part: "chart", Code: f.Code, Text: f.Text, Err: f.Err, Notice: noDamage(f.Code)})
	}
	if err != nil {
		return out, err
	}
	more, err := h.checkPeople(ctx)
	return append(out, more...), err
}

// checkPeople compares people, reads and outages with fresh folds, in a folder
// of its own.
func (h *Hub) checkPeople(ctx context.Context) (out []Finding, err error) {
	tmp, err := os.MkdirTemp(h.Config.Data, "check-")
	if err != nil {
		return nil, fmt.Errorf("check folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	people, err := staff.Check(ctx, h.folder("staff"), tmp, h.Keys.Root.Derive("staff"), h.Journal, h.staffOptions(Options{}))
	for _, f := range people {
		out = append(out, Finding{Part: "staff", Code: f.Code, Text: f.Text, Err: f.Err, Notice: noDamage(f.Code)})
	}
	if err != nil {
		return out, err
	}
	outages, err := incident.Check(ctx, h.Journal, h.boardOptions())
	for _, f := range outages {
		out = append(out, Finding{Part: "incident", Code: f.Code, Text: f.Text, Err: f.Err})
	}
	if err != nil {
		return out, err
	}
	damages, err := harm.Check(ctx, h.Journal, h.harmOptions())
	for _, f := range damages {
		out = append(out, Finding{Part: "harm", Code: f.Code, Text: f.Text, Err: f.Err})
	}
	return out, err
}

// Replay rebuilds everything derived from the journal. No hub may be running
// on the data folder.
func Replay(ctx context.Context, cfg config.Config, keys Keys, progress func(journal.Seq)) (err error) {
	h, err := plan(cfg, keys, Options{})
	if err != nil {
		return err
	}
	h.Journal, err = journal.Open(ctx, h.folder("journal"), keys.Root, keys.Signer, h.journalOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Journal.Close()) }()
	if err := chart.Replay(ctx, h.chartConfig(), h.Journal, h.Site, progress); err != nil {
		return err
	}
	for _, part := range []string{"staff", "incident", "harm"} {
		if err := errors.Join(os.RemoveAll(h.folder(part)), os.MkdirAll(h.folder(part), 0o700)); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	book, err := staff.Open(ctx, h.folder("staff"), keys.Root.Derive("staff"), h.Journal, h.staffOptions(Options{}))
	if err != nil {
		return err
	}
	if err := book.Close(); err != nil {
		return err
	}
	board, err := incident.Open(ctx, h.Journal, systems(cfg), h.boardOptions())
	if err != nil {
		return err
	}
	if err := board.Close(); err != nil {
		return err
	}
	list, err := harm.Open(ctx, h.Journal, h.harmOptions())
	if err != nil {
		return err
	}
	return list.Close()
}
