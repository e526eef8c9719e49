package crisis

import (
	"encoding/json"
	"errors"
	"fmt"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of crises.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 2

// savedName is the file in the data folder.
const savedName = "crises.state"

// saved is the fold as it is kept between starts, so that a start need not read
// the whole journal.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Crises     []savedCrisis
	Known      map[string]journal.Seq
	Refused    map[string]refusal
	Unreadable uint64
}

// savedCrisis is a crisis with what the record's form of a task leaves out.
type savedCrisis struct {
	*Crisis
	Tasks []savedTask
}

type savedTask struct {
	Task   Task
	State  TaskState
	Person string
	Name   string
	Note   string
	By     Act
	Agreed []Act
	Runs   []Run
}

// readFold returns the fold that Bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, fmt.Errorf("crisis: %w", journal.ErrLayout)
	}
	f := newFold()
	f.applied, f.last, f.unreadable = v.Seq, v.Record, v.Unreadable
	for _, x := range v.Crises {
		if x.Crisis == nil {
			return nil, errors.New("crisis: saved state is not whole")
		}
		for _, t := range x.Tasks {
			t.Task.State, t.Task.Person, t.Task.Name, t.Task.Note, t.Task.By, t.Task.Agreed, t.Task.Runs = t.State, t.Person, t.Name, t.Note, t.By, t.Agreed, t.Runs
			x.Crisis.Tasks = append(x.Crisis.Tasks, t.Task)
		}
		f.crises = append(f.crises, x.Crisis)
	}
	for k, seq := range v.Known {
		id, err := journal.ParseID(k)
		if err != nil {
			return nil, fmt.Errorf("crisis: %w", err)
		}
		f.known[id] = seq
	}
	for k, r := range v.Refused {
		id, err := journal.ParseID(k)
		if err != nil {
			return nil, fmt.Errorf("crisis: %w", err)
		}
		f.refused[id] = r
	}
	return f, nil
}

// Bytes returns the fold in its saved form.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{Version: savedVersion, Seq: f.applied, Record: f.last, Known: map[string]journal.Seq{}, Refused: map[string]refusal{}, Unreadable: f.unreadable}
	for _, c := range f.crises {
		x := savedCrisis{Crisis: c}
		for _, t := range c.Tasks {
			x.Tasks = append(x.Tasks, savedTask{t, t.State, t.Person, t.Name, t.Note, t.By, t.Agreed, t.Runs})
		}
		v.Crises = append(v.Crises, x)
	}
	for id, seq := range f.known {
		v.Known[id.String()] = seq
	}
	for id, r := range f.refused {
		v.Refused[id.String()] = r
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("crisis: %w", err)
	}
	return b, nil
}
