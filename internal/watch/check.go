package watch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// The codes of findings of Check. They are stable.
const (
	FoundDamaged = "watch-damaged" // bytes are wrong, or the key is another one
	FoundAhead   = "watch-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "watch-differs" // a fresh fold of the journal gives something else
)

// Damage is one thing that Check found wrong.
type Damage struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Check compares the saved state with a fresh fold of the journal and changes
// nothing: states, findings, alerts, maintenance and what people said of them.
// What was learned of rhythms also depends on when it was looked at; it is only
// read. A file that is missing, or lacks a feed that is new in the
// configuration, is no damage. No Watch may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]Damage, error) {
	o.fill()
	v, why, err := journal.CheckSaved(ctx, j, name, file(o), factual{newMemory(o)}, factual{newMemory(o)})
	if err != nil {
		return nil, err
	}
	switch v {
	case journal.SavedDamaged:
		return []Damage{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Der gespeicherte Stand der Wache ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved state of the watch is damaged or was written with another key. It is built anew from the journal at the next start.",
		}}}, nil
	case journal.SavedAhead:
		return []Damage{{Code: FoundAhead, Text: lang.Text{
			DE: "Der gespeicherte Stand der Wache steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved state of the watch stands at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	case journal.SavedDiffers:
		return []Damage{{Code: FoundDiffers, Text: lang.Text{
			DE: "Der abgeleitete Stand der Wache stimmt nicht mit dem Journal überein. Den Ordner watch löschen: er wird neu aufgebaut.",
			EN: "The derived state of the watch does not agree with the journal. Delete the folder watch: it is built anew.",
		}}}, nil
	default:
		return nil, nil
	}
}

// factual is a memory of which only the facts are compared.
type factual struct{ *journal.Memory[*fold] }

// Save returns the facts.
func (m factual) Save() ([]byte, journal.Seq, error) {
	m.RLock()
	defer m.RUnlock()
	plain, err := m.Fold.facts()
	return plain, m.Fold.applied, err
}

// facts is what follows from the records alone, whenever they are folded: the
// same records give the same bytes.
func (f *fold) facts() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, Systems: map[string]*system{}, Findings: f.findings, Alerts: f.alerts,
		Windows: f.windows, Blind: f.blind, Unreadable: f.unreadable,
	}
	for id, s := range f.systems {
		if len(s.Changes) > 0 || s.Ack.Of != 0 || s.Declined.Of != 0 {
			v.Systems[id] = s
		}
	}
	for id, seq := range f.known {
		v.Known = append(v.Known, knownAct{id, seq})
	}
	slices.SortFunc(v.Known, func(a, b knownAct) int { return cmp.Compare(a.Seq, b.Seq) })
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	return b, nil
}
