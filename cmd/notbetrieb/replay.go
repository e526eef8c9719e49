package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

func runReplay(ctx context.Context, c console, args []string) error {
	fs := c.flags("replay", "rebuild everything derived from the journal, or show what another mapping would change")
	path := fs.String("config", "", "configuration `FILE`")
	diff := fs.String("diff", "", "change nothing: show what the mapping of this configuration `FILE` would change")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *diff != "" {
		if _, err := c.load(*diff); err != nil {
			return err
		}
		b, err := os.ReadFile(*diff)
		if err != nil {
			return err
		}
		return c.onHub(ctx, *path, "replay diff", []string{string(b)}, c.out)
	}
	cfg, err := c.load(*path)
	if err != nil {
		return err
	}
	keys, err := c.keys(cfg)
	if err != nil {
		return err
	}
	if err := app.Replay(ctx, cfg, keys, func(s journal.Seq) { fmt.Fprintf(c.err, "\rrecord %d", s) }); err != nil {
		if fault.KindOf(err) == fault.Conflict {
			fmt.Fprintln(c.err, "a hub is running here: stop it first, or restart it with the new mapping; it then rebuilds beside and goes on showing the old charts meanwhile")
		}
		return err
	}
	fmt.Fprintln(c.err)
	_, err = fmt.Fprintln(c.out, "rebuilt")
	return err
}

// replayDiff prints what another mapping would change, person by person. The
// values are health data: they go to the operator who holds the key, and the
// look is recorded.
func replayDiff(ctx context.Context, h *app.Hub, call app.Call, out, _ io.Writer) error {
	if len(call.Args) != 1 {
		return fault.New(fault.Invalid, lang.Text{DE: "Eine Konfiguration wird erwartet.", EN: "One configuration is expected."})
	}
	next, _, err := config.Parse([]byte(call.Args[0]))
	if err != nil {
		return err
	}
	if err := h.RecordConsole(ctx, call.User, "replay-diff", "", ""); err != nil {
		return err
	}
	all, err := h.Diff(ctx, next.Mapping, nil)
	if err != nil {
		return err
	}
	n, people := 0, map[string]bool{}
	for d, err := range all {
		if err != nil {
			return err
		}
		n++
		people[string(d.Key)] = true
		if _, err := fmt.Fprintf(out, "%s %s\n  - %s\n  + %s\n", d.Key, d.Field, d.Before, d.After); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%d differences in the charts of %d persons\n", n, len(people))
	return err
}
