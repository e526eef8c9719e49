package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/staff"
)

// demoHub returns the configuration of the demo hospital in dir, with keys that
// are made where there are none.
func demoHub(dir string, start time.Time) (config.Config, app.Keys, error) {
	cfg := app.DemoConfig(demo.New(demo.Plan{Seed: 1, Start: start}), dir, "127.0.0.1:0")
	if _, err := os.Stat(cfg.Keys.File); errors.Is(err, os.ErrNotExist) {
		if err := app.CreateKeys(cfg.Keys.File, "bench", ""); err != nil {
			return cfg, app.Keys{}, err
		}
	}
	keys, err := app.OpenKeys(cfg.Keys.File, "")
	return cfg, keys, err
}

// openHub opens the demo hospital's hub in dir.
func openHub(ctx context.Context, dir string) (*app.Hub, error) {
	cfg, keys, err := demoHub(dir, time.Now())
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, cfg, keys, app.Options{Hash: staff.HashCost{Memory: 1024, Time: 1, Threads: 1}})
}

// appendBatch is how many records a filling measure hands over at once.
const appendBatch = 4096

// filler appends messages to a journal in large transactions.
type filler struct {
	ctx   context.Context
	j     *journal.Journal
	recs  []journal.Record
	total int
	bytes int64
}

func (f *filler) put(feed string, at time.Time, raw []byte) error {
	f.recs = append(f.recs, journal.Record{
		ID: journal.KeyOf(feed, "", raw), Time: at, Received: at, Site: "demo", Source: feed, Kind: journal.HL7, Body: raw,
	})
	f.total++
	f.bytes += int64(len(raw))
	if len(f.recs) < appendBatch {
		return nil
	}
	return f.flush()
}

func (f *filler) flush() error {
	if len(f.recs) == 0 {
		return nil
	}
	_, err := f.j.AppendAll(f.ctx, f.recs)
	f.recs = f.recs[:0]
	if err != nil {
		return fmt.Errorf("fill the journal: %w", err)
	}
	return nil
}

// fillHistories appends a number of histories of the demo hospital, each of two
// weeks with patients and cases of its own, one after the other; the last one
// ends now.
func fillHistories(ctx context.Context, j *journal.Journal, histories int, small bool) (*filler, error) {
	f := &filler{ctx: ctx, j: j}
	const fortnight = 14 * 24 * time.Hour
	now := time.Now()
	for n := range histories {
		start := now.Add(-time.Duration(histories-1-n) * fortnight)
		house := demo.New(demo.Plan{Seed: int64(n + 1), Start: start, Small: small})
		for m := range house.History(ctx) {
			if err := f.put(m.Feed, m.At, otherPeople(m.Raw, n)); err != nil {
				return nil, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return f, f.flush()
}

// otherPeople gives the patients and cases of a history numbers of their own:
// every history of the demo hospital counts from the same first number. Patient
// numbers are 1002nnnn, cases 471nnnn; only whole fields and components change.
func otherPeople(raw []byte, n int) []byte {
	if n == 0 {
		return raw
	}
	for i := 1; i+9 < len(raw); i++ {
		if c := raw[i-1]; c != '|' && c != '^' && c != '~' {
			continue
		}
		switch {
		case string(raw[i:i+4]) == "1002" && digits(raw[i+4:i+8]) && raw[i+8] == '^':
			raw[i+3] = byte('2' + n)
		case string(raw[i:i+3]) == "471" && digits(raw[i+3:i+7]) && raw[i+7] == '^':
			raw[i+2] = byte('1' + n)
		}
	}
	return raw
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
