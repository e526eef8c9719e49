package inquiry

import (
	"context"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// CheckIndex compares the saved index of sealed records with the journal and
// changes nothing. No Book may be open on the folder.
func CheckIndex(ctx context.Context, j journal.Source, o Options) (journal.Verdict, error, error) {
	file := seal.NewFile(filepath.Join(o.Dir, "sealed.state"), o.Key.Derive("sealed index 1"))
	fresh := func() *index { return &index{s: savedIndex{Version: indexVersion}} }
	return journal.CheckSaved(ctx, j, name, file, fresh(), fresh())
}
