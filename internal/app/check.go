package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/watch"
)

// A Finding is one damage that a check found, or a notice.
type Finding struct {
	Part   string // journal, chart, staff, incident, harm, estate, crisis, callout, evidence, watch, review, sealed
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
	return inPart("journal", found), stats, err
}

// still is a journal that is only read, up to the record that was its newest
// when it was opened.
type still struct {
	*journal.Reader
	head journal.Seq
}

func openStill(ctx context.Context, dir string, keys Keys) (*still, error) {
	r, err := journal.OpenReader(ctx, dir, keys.Root, journal.Options{})
	if err != nil {
		return nil, err
	}
	head, err := r.Head(ctx)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &still{r, head}, nil
}

func (s *still) Head() journal.Seq { return s.head }

// Wait waits in vain for what is behind the end: nothing comes any more.
func (s *still) Wait(ctx context.Context, after journal.Seq) error {
	if s.head > after {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// Append refuses: a check writes nothing.
func (s *still) Append(context.Context, journal.Record) (journal.Seq, error) {
	return 0, fault.New(fault.Unavailable, lang.Text{DE: "Beim Prüfen wird nichts geschrieben.", EN: "A check writes nothing."})
}

// CheckDerived compares everything derived with a fresh fold of the journal. It
// writes nothing into the data folder but its scratch, and not even that where
// the folder is a read-only copy. While a hub is running, what is derived changes
// under the check: the one finding then is a notice that says so.
func CheckDerived(ctx context.Context, cfg config.Config, keys Keys) (_ []Finding, err error) {
	h, err := plan(cfg, keys, Options{})
	if err != nil {
		return nil, err
	}
	if journal.Locked(h.folder("journal")) {
		return []Finding{{Part: "derived", Code: FoundRunning, Notice: true, Text: lang.Text{
			DE: "Ein Hub läuft auf diesem Datenordner: Akten, Personen und Ausfälle wurden nicht verglichen. Dazu den Hub anhalten oder eine Kopie des Ordners prüfen.",
			EN: "A hub is running on this data folder: charts, people and outages were not compared. Stop the hub for that, or check a copy of the folder.",
		}}}, nil
	}
	j, err := openStill(ctx, h.folder("journal"), keys)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	scratch, err := scratchFolder(cfg.Data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	charts, err := h.checkCharts(ctx, filepath.Join(scratch, "chart"), j)
	if err != nil {
		return charts, err
	}
	more, err := h.checkPeople(ctx, filepath.Join(scratch, "staff"), j)
	return append(charts, more...), err
}

// FoundRunning is the code of the notice that a hub is running.
const FoundRunning = "derived-running"

// scratchFolder makes a folder for copies: beside the data, where there is room
// for them, else in the system's folder for such things. What lies there is as
// encrypted as the data.
func scratchFolder(data string) (string, error) {
	dir, err := os.MkdirTemp(data, "check-")
	if err != nil {
		dir, err = os.MkdirTemp("", "notbetrieb-check-")
	}
	if err != nil {
		return "", fmt.Errorf("check folder: %w", err)
	}
	return dir, nil
}

// checkCharts compares a copy of the charts with a fresh fold.
func (h *Hub) checkCharts(ctx context.Context, dir string, j *still) ([]Finding, error) {
	if err := copyCharts(dir, h.folder("chart")); err != nil {
		return nil, fmt.Errorf("check charts: %w", err)
	}
	c := h.chartConfig()
	c.Dir = dir
	var out []Finding
	charts, err := chart.Check(ctx, c, j, h.Site, true)
	for _, f := range charts {
		out = append(out, Finding{Part: "chart", Code: f.Code, Text: f.Text, Err: f.Err, Notice: noDamage(f.Code)})
	}
	return out, err
}

// copyCharts copies the files of the charts, without what lies in folders.
func copyCharts(to, from string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasSuffix(e.Name(), "-shm") {
			continue
		}
		if err := copyFile(filepath.Join(to, e.Name()), filepath.Join(from, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// checkPeople compares people and reads with a fresh fold, in a folder of its
// own, and then what the other parts keep.
func (h *Hub) checkPeople(ctx context.Context, dir string, j *still) (out []Finding, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("check people: %w", err)
	}
	people, err := staff.Check(ctx, h.folder("staff"), dir, h.Keys.Root.Derive("staff"), j, h.staffOptions(Options{}))
	for _, f := range people {
		out = append(out, Finding{Part: "staff", Code: f.Code, Text: f.Text, Err: f.Err, Notice: noDamage(f.Code)})
	}
	if err != nil {
		return out, err
	}
	saved, err := h.checkSaved(ctx, j)
	return append(out, saved...), err
}

// checkSaved compares what each part keeps of the journal in a file of its own.
func (h *Hub) checkSaved(ctx context.Context, j *still) (out []Finding, err error) {
	emergency, err := h.crisisOptions()
	if err != nil {
		return nil, err
	}
	seen, err := h.watchOptions()
	if err != nil {
		return nil, err
	}
	calls := callout.Options{Dir: h.folder("callout"), Key: h.Keys.Root.Derive("callout")} // without the secrets of the ways
	for _, x := range []struct {
		part  string
		check func() ([]journal.Finding, error)
	}{
		{"incident", func() ([]journal.Finding, error) { return incident.Check(ctx, j, h.boardOptions()) }},
		{"harm", func() ([]journal.Finding, error) { return harm.Check(ctx, j, h.harmOptions()) }},
		{"estate", func() ([]journal.Finding, error) { return estate.Verify(ctx, j, h.estateOptions()) }},
		{"crisis", func() ([]journal.Finding, error) { return crisis.Check(ctx, j, emergency) }},
		{"callout", func() ([]journal.Finding, error) { return callout.Check(ctx, j, calls) }},
		{"watch", func() ([]journal.Finding, error) { return watch.Check(ctx, j, seen) }},
		{"review", func() ([]journal.Finding, error) { return oversight.Check(ctx, j, h.reviewOptions()) }},
		{"sealed", func() ([]journal.Finding, error) { return inquiry.CheckIndex(ctx, j, h.inquiryOptions()) }},
		{"evidence", func() ([]journal.Finding, error) { return evidence.Check(ctx, j, h.evidenceOptions()) }},
	} {
		found, err := x.check()
		if out = append(out, inPart(x.part, found)...); err != nil {
			return out, err
		}
	}
	return out, nil
}

func inPart(part string, found []journal.Finding) []Finding {
	var out []Finding
	for _, f := range found {
		text := f.Text
		if f.Last > 0 {
			where := fmt.Sprintf(" (%d–%d)", f.First, f.Last)
			text = lang.Text{DE: text.DE + where, EN: text.EN + where}
		}
		out = append(out, Finding{Part: part, Code: string(f.Code), Text: text, Err: f.Err, Notice: f.Notice})
	}
	return out
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
	for _, part := range []string{"staff", "incident", "harm", "estate", "crisis", "callout", "tray", "handback", "forward", "watch", "review", "sealed"} {
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
	if err := list.Close(); err != nil {
		return err
	}
	systems, err := estate.Open(ctx, h.Journal, h.estateOptions())
	if err != nil {
		return err
	}
	if err := systems.Close(); err != nil {
		return err
	}
	if err := h.openCrisis(ctx); err != nil {
		return err
	}
	if err := h.Crisis.Close(); err != nil {
		return err
	}
	return h.replayEvidence(ctx)
}
