package inquiry

import (
	"context"

	"notbetrieb/internal/journal"
)

// CheckIndex compares the saved index of sealed records with the journal and
// changes nothing. No Book may be open on the folder.
func CheckIndex(ctx context.Context, j journal.Source, o Options) (journal.Verdict, error, error) {
	return journal.CheckSaved(ctx, j, name, stateFile(o), newIndex(), newIndex())
}
