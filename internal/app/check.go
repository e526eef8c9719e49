package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/config"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// A Finding is one damage that a check found.
type Finding struct {
	Part string // journal, chart, staff, incident
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
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
		out = append(out, Finding{Part: "chart", Code: f.Code, Text: f.Text, Err: f.Err})
	}
	if err != nil {
		return out, err
	}
	more, err := h.checkPeople(ctx)
	return append(out, more...), err
}

// checkPeople folds people and outages anew in a folder of their own and
// compares.
func (h *Hub) checkPeople(ctx context.Context) (_ []Finding, err error) {
	tmp, err := os.MkdirTemp(h.Config.Data, "check-")
	if err != nil {
		return nil, fmt.Errorf("check folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	var out []Finding
	kept, err := h.people(ctx, h.folder("staff"))
	if err != nil {
		return nil, err
	}
	fresh, err := h.people(ctx, tmp)
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(kept, fresh) {
		out = append(out, Finding{Part: "staff", Code: "differs", Text: lang.Text{
			DE: "Die abgeleiteten Personen oder Zugriffe stimmen nicht mit dem Journal überein. Den Ordner staff löschen: er wird neu aufgebaut.",
			EN: "The derived people or reads do not agree with the journal. Delete the folder staff: it is built anew.",
		}})
	}
	saved, err := h.outages(ctx, h.boardOptions())
	if err != nil {
		return out, err
	}
	o := h.boardOptions()
	o.Dir = ""
	anew, err := h.outages(ctx, o)
	if err != nil {
		return out, err
	}
	if !reflect.DeepEqual(saved, anew) {
		out = append(out, Finding{Part: "incident", Code: "differs", Text: lang.Text{
			DE: "Die abgeleiteten Ausfälle stimmen nicht mit dem Journal überein. Den Ordner incident löschen: er wird neu aufgebaut.",
			EN: "The derived outages do not agree with the journal. Delete the folder incident: it is built anew.",
		}})
	}
	return out, nil
}

// peopleState is what can be compared of a book.
type peopleState struct {
	People []staff.Person
	Reads  []staff.Read
}

func (h *Hub) people(ctx context.Context, dir string) (_ peopleState, err error) {
	b, err := staff.Open(ctx, dir, h.Keys.Root.Derive("staff"), h.Journal, h.staffOptions(Options{}))
	if err != nil {
		return peopleState{}, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	run, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- b.Run(run) }()
	if err := b.Wait(ctx, h.Journal.Head()); err != nil {
		return peopleState{}, err
	}
	s := peopleState{People: b.People()}
	var before uint64
	for {
		page, err := b.Reads(ctx, staff.ReadFilter{Limit: 1000, Before: before})
		if err != nil {
			return peopleState{}, err
		}
		s.Reads = append(s.Reads, page...)
		if len(page) < 1000 {
			break
		}
		before = page[len(page)-1].Seq
	}
	stop()
	return s, ended(run, <-done)
}

func (h *Hub) outages(ctx context.Context, o incident.Options) ([]incident.Outage, error) {
	b, err := incident.Open(ctx, h.Journal, systems(h.Config), o)
	if err != nil {
		return nil, err
	}
	return b.Outages(true), nil
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
	for _, part := range []string{"staff", "incident"} {
		if err := errors.Join(os.RemoveAll(h.folder(part)), os.MkdirAll(h.folder(part), 0o700)); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	if _, err := h.people(ctx, h.folder("staff")); err != nil {
		return err
	}
	_, err = h.outages(ctx, h.boardOptions())
	return err
}
