package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// Row is one number of the result.
type Row struct {
	Name     string   `json:"name"`
	Value    *float64 `json:"value,omitempty"` // nil: the measure failed
	Unit     string   `json:"unit"`
	Goal     *float64 `json:"goal,omitempty"`
	Better   string   `json:"better"` // "higher" or "lower"
	Peer     *float64 `json:"peer,omitempty"`
	PeerName string   `json:"peer_name,omitempty"`
	Failed   string   `json:"failed,omitempty"`

	group string
}

const (
	higher = "higher"
	lower  = "lower"
)

// met reports whether a row with a goal reaches it.
func (r Row) met() bool {
	switch {
	case r.Value == nil:
		return false
	case r.Goal == nil:
		return true
	case r.Better == higher:
		return *r.Value >= *r.Goal
	}
	return *r.Value < *r.Goal
}

func missedGoals(rows []Row) []Row {
	var out []Row
	for _, r := range rows {
		if !r.met() {
			out = append(out, r)
		}
	}
	return out
}

// measure is one thing that is measured, giving one row or several.
type measure struct {
	id, title string
	run       func(context.Context, *bench) error
}

// measures lists every measure in the order of the table.
func measures() []measure {
	return []measure{
		{"mllp", "Messages through MLLP sockets", mllp},
		{"journal", "Journal", journalRates},
		{"replay", "Rebuilding the charts", replay},
		{"patients", "Large patient base", largeBase},
		{"screen", "Message to ward page", screen},
		{"entries", "Entries", entries},
		{"pages", "Pages", pages},
		{"packs", "Paper", packs},
		{"scans", "Scanned paper", scans},
		{"handback", "Hand-back", handBack},
		{"estate", "Systems of the house", systems},
		{"watch", "Watch over systems", watching},
		{"evacuation", "Evacuation", evacuation},
	}
}

func measureIDs() []string {
	var out []string
	for _, m := range measures() {
		out = append(out, m.id)
	}
	return out
}

// bench collects the rows of one run.
type bench struct {
	settings
	out  io.Writer
	dir  string // of this run, removed at its end
	rows []Row
	at   string // the title of the measure that runs
}

func (b *bench) chosen(id string) bool {
	return b.only == "" || slices.Contains(strings.Split(b.only, ","), id)
}

// take runs one measure; its failure becomes a row.
func (b *bench) take(ctx context.Context, x measure) {
	b.at = x.title
	fmt.Fprintf(b.out, "\n%s\n", x.title)
	begun := time.Now()
	err := b.profiled(x, func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return x.run(ctx, b)
	})
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		b.rows = append(b.rows, Row{group: x.title, Name: x.title, Better: higher, Failed: first})
		fmt.Fprintf(b.out, "  FAILED: %v\n", err)
	}
	fmt.Fprintf(b.out, "  (%s)\n", time.Since(begun).Round(100*time.Millisecond))
	runtime.GC() // what one measure left is not the next one's
	debug.FreeOSMemory()
}

func (b *bench) profiled(x measure, run func() error) error {
	if b.profile == "" {
		return run()
	}
	stop, err := startProfile(filepath.Join(b.profile, x.id+".cpu"))
	if err != nil {
		return err
	}
	defer stop()
	return run()
}

// startProfile writes a CPU profile until stop.
func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("profile: %w", err), f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

// option adds to a row.
type option func(*Row)

func goal(g float64) option { return func(r *Row) { r.Goal = &g } }

func peer(v float64, name string) option {
	return func(r *Row) { r.Peer, r.PeerName = &v, name }
}

// add records one number and prints it at once.
func (b *bench) add(name string, value float64, unit, better string, opts ...option) {
	r := Row{group: b.at, Name: name, Value: &value, Unit: unit, Better: better}
	for _, o := range opts {
		o(&r)
	}
	b.rows = append(b.rows, r)
	line := fmt.Sprintf("  %-62s %12s %s", r.Name, number(value), r.Unit)
	if r.Goal != nil {
		line += "  goal " + goalText(r)
	}
	if r.Peer != nil {
		line += fmt.Sprintf("  beside %s (%s)", number(*r.Peer), r.PeerName)
	}
	fmt.Fprintln(b.out, line)
}

// note prints what happens while a long measure runs.
func (b *bench) note(format string, args ...any) {
	fmt.Fprintf(b.out, "  … "+format+"\n", args...)
}

// folder makes a fresh folder for one measure.
func (b *bench) folder(name string) (string, error) {
	dir, err := os.MkdirTemp(b.dir, name+"-")
	if err != nil {
		return "", fmt.Errorf("folder for the data: %w", err)
	}
	return dir, nil
}

// sized returns the full size, or the tiny one of a short run.
func sized[T any](b *bench, full, tiny T) T {
	if b.short {
		return tiny
	}
	return full
}
