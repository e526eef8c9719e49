package estate

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Verify compares the saved state with a fresh fold of the journal and changes
// nothing. A file that is missing is no damage: it is only written now and
// then. No Book may be open on the folder.
func Verify(ctx context.Context, j Journal, o Options) ([]journal.Finding, error) {
	return journal.CheckSaved(ctx, j, journal.Saved{
		Part: "estate", Of: lang.Text{DE: "der Systeme", EN: "the systems"}, File: stateFile(o),
		Empty: func() journal.State { return journal.NewMemory(newFold, readFold) },
	})
}
