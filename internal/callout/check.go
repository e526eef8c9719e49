package callout

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Check compares the saved state with a fresh fold of the journal and changes
// nothing. A file that is missing is no damage: it is only written now and
// then. No Book may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]journal.Finding, error) {
	return journal.CheckSaved(ctx, j, journal.Saved{
		Part: "callout", Of: lang.Text{DE: "der Alarmierungen", EN: "the call-outs"}, File: file(o),
		Empty: func() journal.State { return journal.NewMemory(newFold, readFold) },
	})
}
