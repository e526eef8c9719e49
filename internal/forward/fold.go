package forward

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "forward record", Version: 1, Most: 1 << 20}

// step says which fact a record states. The words are the stored form and never
// change.
type step string

const (
	begun   step = "begun"   // a destination gets what comes after To
	passed  step = "passed"  // everything up to To is done with; N messages of it were accepted
	refused step = "refused" // the message at To was refused, or cannot be sent: with a person
	behind  step = "behind"  // the message at To waits behind one of the same patient
	skipped step = "skipped" // the message at To is left out, as a person decided
	decided step = "decided" // a person decided about Seqs
	settled step = "settled" // what became of the message Seq that was sent once more
)

// event is the body of a record of kind Forward.
type event struct {
	V    int         `json:"v"`
	Step step        `json:"t"`
	Dest string      `json:"dest"`
	To   journal.Seq `json:"to,omitempty"`
	N    uint64      `json:"n,omitempty"` // accepted since the last fact

	Seq      journal.Seq `json:"seq,omitempty"`
	Control  string      `json:"control,omitempty"`
	Type     string      `json:"type,omitempty"`
	Feed     string      `json:"feed,omitempty"`
	Received time.Time   `json:"received,omitzero"`
	Patient  string      `json:"patient,omitempty"` // PID-3 as sent
	Code     string      `json:"code,omitempty"`
	Text     string      `json:"text,omitempty"` // the destination's words

	How  Decision       `json:"how,omitempty"`
	Seqs []journal.Seq  `json:"seqs,omitempty"`
	By   clinical.Staff `json:"by,omitzero"`
	At   time.Time      `json:"at,omitzero"`
}

func (e *event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

func decode(body []byte) (event, error) {
	var e event
	if err := form.Decode(body, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.Step == "" {
		return event{}, journal.ErrBody
	}
	return e, nil
}

// Aside is a message that waits for a person, or behind one that does.
type Aside struct {
	Seq      journal.Seq // of the message
	Control  string
	Type     string
	Feed     string
	Received time.Time
	Patient  string // PID-3 as sent
	Code     string // MSA-1 of the last answer; "" for one that was not sent
	Text     string // the destination's words
	Behind   bool   // it was not sent: one of the same patient is before it
	Again    bool   // it is to be sent once more
	By       clinical.Staff
	At       time.Time // of the refusal, or of the decision
}

// standing is one destination.
type standing struct {
	Pos     journal.Seq // everything up to here is done with or aside
	Clear   journal.Seq // nothing up to here waits
	Passed  uint64
	Skipped uint64
	Seen    uint64 // messages for it that arrived
	Handled uint64 // of them, those up to Pos
	Decided uint64 // decisions of people
	At      time.Time
	Aside   []*Aside      // in the order of the journal
	Skip    []journal.Seq // to be left out when it is their turn

	of   map[string]int // how many are aside, by patient; nil: to be counted
	calm bool           // nothing that is aside may be sent now: only a decision or an answer changes that
}

func (s *standing) aside(seq journal.Seq) *Aside {
	i := slices.IndexFunc(s.Aside, func(a *Aside) bool { return a.Seq == seq })
	if i < 0 {
		return nil
	}
	return s.Aside[i]
}

func (s *standing) drop(seq journal.Seq) {
	s.Aside = slices.DeleteFunc(s.Aside, func(a *Aside) bool { return a.Seq == seq })
	s.of = nil
}

// held reports whether a message of the patient waits for a person. A receiver
// that refuses everything for hours must not make each further one slower.
func (s *standing) held(patient string) bool {
	if s.of == nil {
		s.of = map[string]int{}
		for _, a := range s.Aside {
			s.of[a.Patient]++
		}
	}
	return patient != "" && s.of[patient] > 0
}

// ready returns the oldest message that is aside and may be sent now; nil for
// none. One waits until every older one of its patient is gone. Only the
// destination's lane asks.
func (s *standing) ready() *Aside {
	if s.calm {
		return nil
	}
	before := map[string]bool{}
	for _, a := range s.Aside {
		if !before[a.Patient] && (a.Again || a.Behind) {
			return a
		}
		if a.Patient != "" {
			before[a.Patient] = true
		}
	}
	s.calm = true
	return nil
}

// fold is the forwarding as the journal tells it.
type fold struct {
	Applied journal.Seq
	Last    journal.ID `json:"-"`
	Dests   map[string]*standing

	dests []Destination // of the configuration
}

func newFold(dests []Destination) *fold { return &fold{Dests: map[string]*standing{}, dests: dests} }

// At returns the last record taken in.
func (f *fold) At() (journal.Seq, journal.ID) { return f.Applied, f.Last }

// Take takes records in and returns how many: each is one that the lanes look at.
func (f *fold) Take(recs []journal.Record) int {
	for i := range recs {
		f.apply(&recs[i])
	}
	return len(recs)
}

// apply folds one record. It uses no clock. Records that were applied before
// change nothing.
func (f *fold) apply(rec *journal.Record) {
	if rec.Seq <= f.Applied {
		return
	}
	f.Applied, f.Last = rec.Seq, rec.ID
	if rec.Kind != journal.Forward {
		for i := range f.dests {
			s := f.Dests[f.dests[i].Name]
			if s == nil || rec.Seq <= s.Pos {
				continue
			}
			if f.dests[i].wants(rec) {
				s.Seen++
			} else if s.Seen == s.Handled {
				s.Clear = rec.Seq
			}
		}
		return
	}
	e, err := decode(rec.Body)
	if err != nil {
		return
	}
	s := f.Dests[e.Dest]
	if e.Step == begun {
		if s == nil {
			f.Dests[e.Dest] = &standing{Pos: e.To}
		}
		return
	}
	if s == nil {
		return
	}
	s.take(&e)
}

func (s *standing) take(e *event) {
	switch e.Step {
	case passed, refused, behind, skipped:
		if e.To <= s.Pos {
			return
		}
		s.Pos, s.Passed, s.Handled = e.To, s.Passed+e.N, s.Handled+e.N
		s.Seen = max(s.Seen, s.Handled)
		if !e.At.IsZero() && e.N > 0 {
			s.At = e.At
		}
		if e.Step == passed {
			if e.N == 0 { // nothing up to To is wanted any more
				s.Handled = s.Seen
			}
			return
		}
		s.Handled++
		s.Seen = max(s.Seen, s.Handled)
		s.Skip = slices.DeleteFunc(s.Skip, func(x journal.Seq) bool { return x <= e.To })
		if e.Step == skipped {
			s.Skipped++
			return
		}
		held := s.held(e.Patient) // it may have been decided about meanwhile
		s.Aside = append(s.Aside, &Aside{
			Seq: e.To, Control: e.Control, Type: e.Type, Feed: e.Feed, Received: e.Received, Patient: e.Patient,
			Code: e.Code, Text: e.Text, Behind: e.Step == behind, At: e.At,
		})
		s.calm = s.calm && (e.Step != behind || held)
		s.of[e.Patient]++
	case decided:
		s.Decided++
		s.calm = false
		for _, seq := range e.Seqs {
			a := s.aside(seq)
			switch {
			case a == nil && e.How == Skip && seq > s.Pos:
				s.Skip = append(s.Skip, seq)
			case a != nil && e.How == Skip:
				s.drop(seq)
				s.Skipped++
			case a != nil && e.How == Again:
				a.Again, a.By, a.At = true, e.By, e.At
			}
		}
	case settled:
		s.calm = false
		if a := s.aside(e.Seq); a != nil {
			if positive(e.Code) {
				s.drop(e.Seq)
				s.Passed, s.At = s.Passed+1, e.At
				return
			}
			a.Code, a.Text, a.Again, a.Behind, a.At = e.Code, e.Text, false, false, e.At
		}
	case begun:
	}
}

func positive(code string) bool { return code == "AA" || code == "CA" }
