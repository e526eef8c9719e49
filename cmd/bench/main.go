// Command bench takes every measure of this project in one run and prints it
// beside its goal and, where there is one, beside what the same machine does
// without us.
//
// It measures the product's own packages as they are used in a hub: the
// encrypted journal, real sockets, the whole hub with its pages. It refuses to
// hide: a measure that fails is shown as failed, one that misses its goal is
// named.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"notbetrieb/internal/app"
)

func main() {
	app.TuneMemory() // as the program does
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the command line.
type settings struct {
	out      string // folder of benchmarks.md and benchmarks.json; "" writes none
	dir      string // where the data is written: the disk that is measured
	cache    string // where the large patient base is kept between runs
	patients int
	short    bool
	only     string
	profile  string // folder of CPU profiles, one for each measure
}

func run(ctx context.Context, args []string, out, errw io.Writer) int {
	if len(args) > 1 && args[0] == "-child" {
		return runChild(ctx, args[1], args[2:], out, errw)
	}
	var s settings
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(errw)
	fs.StringVar(&s.out, "out", "", "folder whose benchmarks.md and benchmarks.json are written")
	fs.StringVar(&s.dir, "dir", os.TempDir(), "folder on the disk that is measured")
	fs.StringVar(&s.cache, "cache", "", "folder that keeps the large patient base for the next run")
	fs.IntVar(&s.patients, "patients", 1_000_000, "patients of the large base")
	fs.BoolVar(&s.short, "short", false, "tiny sizes: shows that every measure works, and nothing else")
	fs.StringVar(&s.only, "only", "", "comma-separated measures to take, of: "+strings.Join(measureIDs(), ", "))
	fs.StringVar(&s.profile, "profile", "", "folder for a CPU profile of each measure")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if err := s.check(); err != nil {
		fmt.Fprintln(errw, "bench:", err)
		return 2
	}
	if err := measureAll(ctx, s, out); err != nil {
		fmt.Fprintln(errw, "bench:", err)
		return 1
	}
	return 0
}

// check refuses a measure that does not exist: nothing would be taken, and that
// would look like success.
func (s settings) check() error {
	if s.only == "" {
		return nil
	}
	for _, id := range strings.Split(s.only, ",") {
		if !slices.Contains(measureIDs(), id) {
			return fmt.Errorf("no measure %q; there are %s", id, strings.Join(measureIDs(), ", "))
		}
	}
	return nil
}

// measureAll takes the chosen measures one after the other and writes what they
// gave. A measure that fails does not stop the others.
func measureAll(ctx context.Context, s settings, out io.Writer) error {
	dir, err := os.MkdirTemp(s.dir, "notbetrieb-bench-")
	if err != nil {
		return fmt.Errorf("folder for the data: %w", err)
	}
	defer os.RemoveAll(dir)
	m := describe(dir)
	fmt.Fprintln(out, m.sentence())
	if m.volatile {
		fmt.Fprintln(out, "Warning: the folder lies in memory, not on a disk; nothing measured there is durable. Choose another with -dir.")
	}
	b := &bench{settings: s, out: out, dir: dir}
	if s.short {
		b.patients = min(b.patients, 2000)
	}
	begun := time.Now()
	for _, x := range measures() {
		if !b.chosen(x.id) {
			continue
		}
		b.take(ctx, x)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	fmt.Fprintf(out, "\n%s", table(b.rows))
	fmt.Fprintf(out, "\nTook %s.\n", time.Since(begun).Round(time.Second))
	if missed := missedGoals(b.rows); len(missed) > 0 {
		fmt.Fprintln(out, "Missed or failed:")
		for _, r := range missed {
			fmt.Fprintln(out, " -", r.Name)
		}
	}
	if s.out == "" {
		return nil
	}
	return errors.Join(
		writeJSON(filepath.Join(s.out, "benchmarks.json"), b.rows),
		writeMarkdown(filepath.Join(s.out, "benchmarks.md"), m, b.rows),
	)
}
