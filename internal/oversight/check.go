package oversight

import (
	"context"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Check compares the saved index with a fresh fold of the journal and changes
// nothing. No Desk may be open on the folder.
func Check(ctx context.Context, j journal.Source, o Options) (journal.Verdict, error, error) {
	file := seal.NewFile(filepath.Join(o.Dir, "review.state"), o.Key.Derive("review 1"))
	fresh := func() *state { return &state{s: saved{Version: savedVersion}} }
	return journal.CheckSaved(ctx, j, name, file, fresh(), fresh())
}
