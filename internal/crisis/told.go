package crisis

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"notbetrieb/internal/journal"
)

// told is what the logbook takes out of a record of another kind: what was
// secured as evidence, handed over or held makes its line here by itself, in the
// words of those who keep it. The record is the line: nothing is written twice.
type told struct {
	By      Act `json:"by"`
	Logbook *struct {
		Crisis string      `json:"crisis"`
		Prev   journal.Seq `json:"prev"` // the one before it of this crisis: none can be left out
		At     time.Time   `json:"at"`
		Text   string      `json:"text"`
	} `json:"logbook"`
}

// decodeTold reads a record that may make a line; false if it makes none.
func decodeTold(r journal.Record) (told, bool) {
	var t told
	if r.Kind != journal.Evidence || len(r.Body) > form.Most || json.Unmarshal(r.Body, &t) != nil {
		return told{}, false
	}
	return t, t.Logbook != nil && t.Logbook.Crisis != "" && t.Logbook.Text != "" && !t.By.At.IsZero()
}

// tell takes a record of another kind and reports whether it made a line.
func (f *fold) tell(r journal.Record) bool {
	t, ok := decodeTold(r)
	if !ok {
		return false
	}
	was := f.find(t.Logbook.Crisis)
	if was == nil || t.Logbook.Prev != was.Told { // the second: it had no effect
		return false
	}
	l := Line{Number: len(was.Lines) + 1, Seq: r.Seq, At: t.By.At, Kind: State, By: t.By.Name, Text: t.Logbook.Text}
	if at := t.Logbook.At; !at.IsZero() && !at.Equal(t.By.At) {
		l.At, l.Recorded = at, t.By.At
	}
	if l.By == "" {
		l.By = t.By.Person
	}
	if l.By == "" {
		l.By = "Notbetrieb"
	}
	c := was.clone()
	c.Told, c.Lines = r.Seq, append(c.Lines, l)
	f.replace(c)
	return true
}

// toldOf walks the chain of the other kinds' records with a line in a crisis's
// logbook, from the newest back.
func toldOf(ctx context.Context, c *Crisis, p Prover) ([]journal.Record, error) {
	var out []journal.Record
	for s := c.Told; s > 0; {
		r, err := p.Get(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("logbook: %w", err)
		}
		t, ok := decodeTold(r)
		if !ok || t.Logbook.Prev >= s {
			return nil, fmt.Errorf("logbook: record %d breaks the chain", s)
		}
		out = append(out, r)
		s = t.Logbook.Prev
	}
	return out, nil
}
