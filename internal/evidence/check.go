package evidence

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// The codes of findings of Check, beside those of the saved state. They are stable.
const (
	FoundFileLost = "evidence-file-missing" // a file that the journal names is not there
	FoundFileBad  = "evidence-file-damaged" // its bytes are not those that were taken in
	FoundStray    = "evidence-file-stray"   // a file that no record names; a notice
	FoundHold     = "evidence-hold"         // a legal hold stands; a notice
)

// Check compares the saved state with a fresh fold of the journal, reads every
// file that was taken in to its end, and changes nothing. A state that is missing
// is no damage: it is only written now and then. No Book may be open on the
// folder.
func Check(ctx context.Context, j Journal, o Options) ([]journal.Finding, error) {
	o.fill()
	fresh := journal.NewMemory(newFold, readFold)
	if _, err := journal.Follow(ctx, j, journal.Following{Name: name, State: fresh, Log: o.Log}); err != nil {
		return nil, err
	}
	out, err := journal.CheckSaved(ctx, j, journal.Saved{
		Part: "evidence", Of: lang.Text{DE: "der Beweise", EN: "the evidence"}, File: file(o),
		Empty: func() journal.State { return journal.NewMemory(newFold, readFold) },
	})
	if err != nil {
		return nil, err
	}
	files, err := checkFiles(ctx, o, fresh.Fold)
	out = append(out, files...)
	for _, h := range fresh.Fold.holds {
		if h.Stands() {
			at := h.Set.At.In(o.Zone).Format("02.01.2006 15:04")
			out = append(out, journal.Finding{Code: FoundHold, Notice: true, Text: lang.Text{
				DE: "Ein Sperrvermerk vom " + at + " hält das Löschen nach Aufbewahrungsfrist an.", EN: "A legal hold of " + at + " stops dropping by retention.",
			}})
		}
	}
	return out, err
}

// checkFiles reads every file that the journal names.
func checkFiles(ctx context.Context, o Options, f *fold) ([]journal.Finding, error) {
	s := &Store{dir: filesDir(o), key: filesKey(o), box: seal.NewBox(filesKey(o))}
	var out []journal.Finding
	named := map[string]bool{}
	for _, c := range f.cases {
		for _, i := range c.Items {
			for _, x := range i.Files {
				path := s.find(x.Hash)
				if named[path] {
					continue
				}
				named[path] = true
				if _, err := os.Stat(path); os.IsNotExist(err) {
					out = append(out, journal.Finding{Code: FoundFileLost, Text: lang.Text{DE: "Eine Datei von Beweisstück " + i.Ref + " fehlt im Ordner evidence/files.", EN: "A file of item " + i.Ref + " is missing in the folder evidence/files."}})
					continue
				}
				got, err := s.Sum(ctx, x.Hash, x.Size)
				if err != nil {
					return out, err
				}
				if got != x.Hash {
					out = append(out, journal.Finding{Code: FoundFileBad, Text: lang.Text{DE: "Eine Datei von Beweisstück " + i.Ref + " im Ordner evidence/files ist beschädigt oder wurde verändert.", EN: "A file of item " + i.Ref + " in the folder evidence/files is damaged or was changed."}})
				}
			}
		}
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil && !os.IsNotExist(err) {
		return out, fmt.Errorf("evidence files: %w", err)
	}
	stray := 0
	for _, e := range entries {
		if !named[filepath.Join(s.dir, e.Name())] && !strings.HasSuffix(e.Name(), partSuffix) && !strings.HasSuffix(e.Name(), newSuffix) { // the next start settles or removes these
			stray++
		}
	}
	if stray > 0 {
		out = append(out, journal.Finding{Code: FoundStray, Notice: true, Text: lang.Text{
			DE: fmt.Sprintf("%d Dateien im Ordner evidence/files nennt kein Eintrag: Wurde ein älteres Journal zurückgespielt? Nicht löschen, bevor das geklärt ist.", stray),
			EN: fmt.Sprintf("%d files in the folder evidence/files are named by no record: was an older journal restored? Do not delete them before this is clear.", stray),
		}})
	}
	return out, nil
}
