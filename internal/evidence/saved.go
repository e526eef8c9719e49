package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of evidence.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 3

// StateFile is the file in the folder that may be deleted: it is folded anew.
const StateFile = "evidence.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Cases      []*Case
	Holds      []Hold
	HoldLast   journal.Seq
	Told       map[string]journal.Seq
	Known      map[string]journal.Seq
	Refused    map[string]refusal
	Unreadable uint64
}

// readFold returns the fold that Bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil {
		return nil, errors.New("evidence: saved state does not read")
	}
	if v.Version != savedVersion {
		return nil, fmt.Errorf("evidence: %w", journal.ErrLayout)
	}
	f := newFold()
	f.applied, f.last, f.cases, f.holds, f.holdLast, f.unreadable = v.Seq, v.Record, v.Cases, v.Holds, v.HoldLast, v.Unreadable
	maps.Copy(f.told, v.Told)
	for _, c := range f.cases {
		for _, i := range c.Items {
			if i.Turn < 1 || i.Turn > len(i.Entries) || i.Asked > len(i.Entries) {
				return nil, errors.New("evidence: saved state is not whole")
			}
			f.items[i.ID] = i
		}
	}
	for id, r := range v.Refused {
		if key, err := journal.ParseID(id); err == nil {
			f.refused[key] = r
		}
	}
	for id, seq := range v.Known {
		if key, err := journal.ParseID(id); err == nil {
			f.known[key] = seq
		}
	}
	return f, nil
}

// Bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, Cases: f.cases, Holds: f.holds, HoldLast: f.holdLast, Told: f.told,
		Known: map[string]journal.Seq{}, Refused: map[string]refusal{}, Unreadable: f.unreadable,
	}
	for id, r := range f.refused {
		v.Refused[id.String()] = r
	}
	for id, seq := range f.known {
		v.Known[id.String()] = seq
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return b, nil
}
