package incident

import (
	"encoding/json"
	"fmt"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of outages.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "outages.state"

// saved is the fold as it is kept between starts, so that a start need not read
// the whole journal.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Outages    []Outage
	States     map[string]stateSet
	Log        []Entry
	Unreadable uint64
}

// readFold returns the fold that Bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, fmt.Errorf("outages: %w", journal.ErrLayout)
	}
	f := newFold()
	f.applied, f.last, f.log, f.unreadable = v.Seq, v.Record, v.Log, v.Unreadable
	for i := range v.Outages {
		f.outages = append(f.outages, &v.Outages[i])
	}
	for k, st := range v.States {
		f.states[k] = st
	}
	for i, n := range f.log {
		f.byRecord[n.Record] = i
	}
	return f, nil
}

// Bytes returns the fold in its saved form.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{Version: savedVersion, Seq: f.applied, Record: f.last, States: f.states, Log: f.log, Unreadable: f.unreadable}
	for _, o := range f.outages {
		v.Outages = append(v.Outages, *o)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("outages: %w", err)
	}
	return b, nil
}
