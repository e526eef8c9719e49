package callout

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of callout.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 2

// savedName is the file in the data folder.
const savedName = "callout.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Callouts   []*Callout
	Groups     []savedGroup
	Refused    journal.ByID[refusal]
	Known      journal.ByID[journal.Seq]
	Unreadable uint64
}

// savedGroup is a group with what its record's form leaves out.
type savedGroup struct {
	Group Group
	By    Act
	Seq   uint64
}

// readFold returns the fold that bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, fmt.Errorf("callouts: %w", journal.ErrLayout)
	}
	f := newFold()
	f.applied, f.last, f.unreadable = v.Seq, v.Record, v.Unreadable
	for _, g := range v.Groups {
		g.Group.By, g.Group.Seq = g.By, g.Seq
		f.groups = append(f.groups, g.Group)
	}
	for _, c := range v.Callouts {
		if c == nil {
			return nil, errors.New("callouts: saved state is not whole")
		}
		f.begin(c)
	}
	maps.Copy(f.refused, v.Refused)
	maps.Copy(f.known, v.Known)
	return f, nil
}

// Bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{Version: savedVersion, Seq: f.applied, Record: f.last, Callouts: f.callouts, Refused: f.refused, Known: f.known, Unreadable: f.unreadable}
	for _, g := range f.groups {
		v.Groups = append(v.Groups, savedGroup{g, g.By, g.Seq})
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("callouts: %w", err)
	}
	return b, nil
}
