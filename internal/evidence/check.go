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

// The codes of findings of Check. They are stable.
const (
	FoundDamaged  = "evidence-damaged"      // bytes of the saved state are wrong, or the key is another one
	FoundAhead    = "evidence-ahead"        // stands at a record that the journal does not have
	FoundDiffers  = "evidence-differs"      // a fresh fold of the journal gives something else
	FoundFileLost = "evidence-file-missing" // a file that the journal names is not there
	FoundFileBad  = "evidence-file-damaged" // its bytes are not those that were taken in
	FoundStray    = "evidence-file-stray"   // a file that no record names; a notice
	FoundHold     = "evidence-hold"         // a legal hold stands; a notice
)

// Damage is one thing that Check found. Nothing in it is health data.
type Damage struct {
	Code   string
	Text   lang.Text
	Err    error // for the operator; may be nil
	Notice bool  // no damage
}

// Check compares the saved state with a fresh fold of the journal, reads every
// file that was taken in to its end, and changes nothing. A state that is missing
// is no damage: it is only written now and then. No Book may be open on the
// folder.
func Check(ctx context.Context, j Journal, o Options) ([]Damage, error) {
	o.fill()
	fresh := journal.NewMemory(newFold, readFold)
	if _, err := journal.Follow(ctx, j, journal.Following{Name: name, State: fresh, Log: o.Log}); err != nil {
		return nil, err
	}
	v, why, err := journal.CheckSaved(ctx, j, name, file(o), journal.NewMemory(newFold, readFold), journal.NewMemory(newFold, readFold))
	if err != nil {
		return nil, err
	}
	out := savedFinding(v, why)
	files, err := checkFiles(ctx, o, fresh.Fold)
	out = append(out, files...)
	for _, h := range fresh.Fold.holds {
		if h.Stands() {
			at := h.Set.At.In(o.Zone).Format("02.01.2006 15:04")
			out = append(out, Damage{Code: FoundHold, Notice: true, Text: lang.Text{
				DE: "Ein Sperrvermerk vom " + at + " hält das Löschen nach Aufbewahrungsfrist an.", EN: "A legal hold of " + at + " stops dropping by retention.",
			}})
		}
	}
	return out, err
}

func savedFinding(v journal.Verdict, why error) []Damage {
	switch v {
	case journal.SavedDamaged:
		return []Damage{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Der gespeicherte Stand der Beweise ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved state of the evidence is damaged or was written with another key. It is built anew from the journal at the next start.",
		}}}
	case journal.SavedAhead:
		return []Damage{{Code: FoundAhead, Text: lang.Text{
			DE: "Der gespeicherte Stand der Beweise steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved state of the evidence stands at a record that the journal does not have. Was an older journal restored?",
		}}}
	case journal.SavedDiffers:
		return []Damage{{Code: FoundDiffers, Text: lang.Text{
			DE: "Der abgeleitete Stand der Beweise stimmt nicht mit dem Journal überein. Die Datei evidence/evidence.state löschen: sie wird neu aufgebaut. Den Ordner evidence/files nie löschen.",
			EN: "The derived state of the evidence does not agree with the journal. Delete the file evidence/evidence.state: it is built anew. Never delete the folder evidence/files.",
		}}}
	case journal.SavedWell:
	}
	return nil
}

// checkFiles reads every file that the journal names.
func checkFiles(ctx context.Context, o Options, f *fold) ([]Damage, error) {
	s := &Store{dir: filesDir(o), key: filesKey(o), box: seal.NewBox(filesKey(o))}
	var out []Damage
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
					out = append(out, Damage{Code: FoundFileLost, Text: lang.Text{DE: "Eine Datei von Beweisstück " + i.Ref + " fehlt im Ordner evidence/files.", EN: "A file of item " + i.Ref + " is missing in the folder evidence/files."}})
					continue
				}
				got, err := s.Sum(ctx, x.Hash, x.Size)
				if err != nil {
					return out, err
				}
				if got != x.Hash {
					out = append(out, Damage{Code: FoundFileBad, Text: lang.Text{DE: "Eine Datei von Beweisstück " + i.Ref + " im Ordner evidence/files ist beschädigt oder wurde verändert.", EN: "A file of item " + i.Ref + " in the folder evidence/files is damaged or was changed."}})
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
		out = append(out, Damage{Code: FoundStray, Notice: true, Text: lang.Text{
			DE: fmt.Sprintf("%d Dateien im Ordner evidence/files nennt kein Eintrag: Wurde ein älteres Journal zurückgespielt? Nicht löschen, bevor das geklärt ist.", stray),
			EN: fmt.Sprintf("%d files in the folder evidence/files are named by no record: was an older journal restored? Do not delete them before this is clear.", stray),
		}})
	}
	return out, nil
}
