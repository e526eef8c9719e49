package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

func runCheck(ctx context.Context, c console, args []string) error {
	fs := c.flags("check", "verify the journal, its checkpoints and everything derived; repairs nothing")
	path := fs.String("config", "", "configuration `FILE`")
	only := fs.Bool("journal-only", false, "only the journal, which is all that can be checked while the hub runs")
	var witnesses [][]byte
	fs.Func("witness", "`FILE` with a checkpoint kept elsewhere; may be given several times", func(name string) error {
		b, err := os.ReadFile(name)
		witnesses = append(witnesses, b)
		return err
	})
	if err := parse(fs, args); err != nil {
		return err
	}
	cfg, err := c.load(*path)
	if err != nil {
		return err
	}
	keys, err := c.keys(cfg)
	if err != nil {
		return err
	}
	found, stats, err := app.CheckJournal(ctx, cfg, keys, witnesses)
	c.findings(found)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "journal: %d records verified in %d batches, %d pruned, %d checkpoints, %d witnesses, %d bytes\n",
		stats.Records, stats.Batches, stats.Pruned, stats.Checkpoints, stats.Witnesses, stats.Bytes)
	if app.Damages(found) == 0 && !*only {
		more, err := app.CheckDerived(ctx, cfg, keys)
		c.findings(more)
		if err != nil {
			return err
		}
		compared := !slices.ContainsFunc(more, func(f app.Finding) bool { return f.Code == app.FoundRunning })
		if compared && app.Damages(more) == 0 {
			fmt.Fprintln(c.out, "derived: no part contradicts the journal")
		}
		found = append(found, more...)
	}
	if n := app.Damages(found); n > 0 {
		return fault.Newf(fault.Corrupt, lang.Text{
			DE: fmt.Sprintf("%d Befunde.", n), EN: fmt.Sprintf("%d findings.", n),
		}, "%d findings", n)
	}
	fmt.Fprintln(c.out, "no damage found")
	return nil
}

// findings prints one line per finding.
func (c console) findings(found []app.Finding) {
	for _, f := range found {
		if f.Notice {
			fmt.Fprint(c.out, "notice ")
		}
		fmt.Fprintf(c.out, "%s/%s: %s", f.Part, f.Code, f.Text.In(lang.EN))
		if f.Err != nil {
			fmt.Fprintf(c.out, " [%v]", f.Err)
		}
		fmt.Fprintln(c.out)
	}
}
