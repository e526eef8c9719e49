package inquiry

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// CheckIndex compares the saved index of sealed records with the journal and
// changes nothing. No Book may be open on the folder.
func CheckIndex(ctx context.Context, j journal.Source, o Options) ([]journal.Finding, error) {
	return journal.CheckSaved(ctx, j, journal.Saved{
		Part: "sealed", Of: lang.Text{DE: "der versiegelten Untersuchungen", EN: "the sealed investigations"}, File: stateFile(o),
		Empty: func() journal.State { return newIndex() },
	})
}
