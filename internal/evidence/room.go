package evidence

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxHeld is how many bytes the comparisons of an item's files may take in a record.
// What else a hand-over says fits beside them into maxEvent.
const maxHeld = 704 << 10

// Takes answers an error where the item would have so many files that one record
// could not name the comparison of each of them: it could never be handed over.
// Of more, only names, roles and hashes count; a file whose hash is not known yet
// counts as a new one. A nil item is one that is yet to be made. Errors: Invalid.
func (i *Item) Takes(more ...File) error {
	var have []File
	if i != nil {
		have = i.Files
	}
	known := func(f File) bool {
		return f.Hash != "" && slices.ContainsFunc(have, func(o File) bool { return o.Hash == f.Hash })
	}
	size := 0
	for at, f := range slices.Concat(have, more) {
		if !f.Role.compared() || at >= len(have) && known(f) {
			continue
		}
		b, err := json.Marshal(Comparison{Of: f.Name, Alg: "SHA-256", Want: strings.Repeat("0", 64), Got: strings.Repeat("0", 64), Here: true})
		if err != nil {
			return fmt.Errorf("evidence: %w", err)
		}
		size += len(b) + len(",")
	}
	if size <= maxHeld || len(more) == 0 {
		return nil
	}
	return errInvalid(fmt.Sprintf("Zu diesem Beweisstück gehören schon %d Dateien; mit den neuen wären es zu viele für den Eintrag einer Übergabe. Bitte ein weiteres Beweisstück anlegen oder die Dateien vorher zu einem Archiv packen (ZIP, TAR).", len(have)),
		fmt.Sprintf("This item has %d files already; with the new ones they would be too many for the record of a hand-over. Please make another item, or pack the files into an archive first (ZIP, TAR).", len(have)))
}

// compared reports whether files of the role are compared at each hand-over.
func (r Role) compared() bool { return r == Content || r == Photo }
