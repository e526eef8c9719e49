package incident

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Check compares the saved outages with a fresh fold of the journal and changes
// nothing. A file that is missing is no damage: it is only written now and
// then. No Board may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]journal.Finding, error) {
	return journal.CheckSaved(ctx, j, journal.Saved{
		Part: "incident", Of: lang.Text{DE: "der Ausfälle", EN: "the outages"}, File: file(o),
		Empty: func() journal.State { return journal.NewMemory(newFold, readFold) },
	})
}
