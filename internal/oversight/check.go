package oversight

import (
	"context"

	"notbetrieb/internal/journal"
)

// Check compares the saved index with a fresh fold of the journal and changes
// nothing. No Desk may be open on the folder.
func Check(ctx context.Context, j journal.Source, o Options) (journal.Verdict, error, error) {
	return journal.CheckSaved(ctx, j, name, stateFile(o), newState(), newState())
}
