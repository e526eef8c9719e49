package oversight

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Check compares the saved index with a fresh fold of the journal and changes
// nothing. No Desk may be open on the folder.
func Check(ctx context.Context, j journal.Source, o Options) ([]journal.Finding, error) {
	return journal.CheckSaved(ctx, j, journal.Saved{
		Part: "review", Of: lang.Text{DE: "der Prüfungen von Zugriffen", EN: "the access reviews"}, File: stateFile(o),
		Empty: func() journal.State { return newState() },
	})
}
