package harm

import (
	"encoding/json"
	"fmt"
	"maps"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// savedVersion is the layout of harm.state. A file of another layout is ignored
// and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "harm.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	States     map[clinical.PatientKey]map[string]*State
	Reports    []*Report
	Refused    journal.ByID[refusal]
	Known      journal.ByID[journal.Seq]
	Unreadable uint64
}

// readFold returns the fold that Bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, fmt.Errorf("harm: %w", journal.ErrLayout)
	}
	f := newFold()
	f.applied, f.last, f.reports, f.unreadable = v.Seq, v.Record, v.Reports, v.Unreadable
	for k, m := range v.States {
		f.states[k] = m
	}
	maps.Copy(f.refused, v.Refused)
	maps.Copy(f.known, v.Known)
	return f, nil
}

// Bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, States: f.states, Reports: f.reports,
		Refused: f.refused, Known: f.known, Unreadable: f.unreadable,
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("harm: %w", err)
	}
	return b, nil
}
