package watch

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Check compares the saved state with a fresh fold of the journal and changes
// nothing: states, findings, alerts, maintenance and what people said of them.
// What was learned of rhythms also depends on when it was looked at; it is only
// read. A file that is missing, or lacks a feed that is new in the
// configuration, is no damage. No Watch may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]journal.Finding, error) {
	o.fill()
	return journal.CheckSaved(ctx, j, journal.Saved{
		Part: "watch", Of: lang.Text{DE: "der Wache", EN: "the watch"}, File: file(o),
		Empty: func() journal.State {
			return journal.NewMemory(func() judged { return judged{newMemory(o).Fold} }, func(plain []byte) (judged, error) {
				f, err := readFold(plain, o)
				return judged{f}, err
			})
		},
	})
}

// judged is a fold as far as it follows from the records alone, whenever they
// are folded.
type judged struct{ *fold }

// Bytes leaves out what was learned of rhythms: the same records give the same
// bytes.
func (f judged) Bytes() ([]byte, error) {
	only := *f.fold
	only.feeds, only.systems = nil, map[string]*system{}
	for id, s := range f.systems {
		if len(s.Changes) > 0 || s.Ack.Of != 0 || s.Declined.Of != 0 {
			only.systems[id] = s
		}
	}
	return only.Bytes()
}
