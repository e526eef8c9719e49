package harm

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// State is what people did about one finding.
type State struct {
	Touched Touched
	Owner   Act // who took it; zero: nobody
	Outcome Outcome
	Text    string
	By      Act    // who settled it
	Act     uint64 // the newest record about it
}

// Open reports whether nobody has settled the finding.
func (s State) Open() bool { return s.Outcome == "" }

// Reason says why an act has no effect.
type Reason string

const (
	somebodyElse Reason = "somebody-else" // acted on a finding after this person looked
	noReport     Reason = "no-report"
)

// fold is everything that follows from the records of harm. It uses no clock
// and does no I/O: the same records give the same fold.
type fold struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	states     map[clinical.PatientKey]map[string]*State
	reports    []*Report // in the order they came
	refused    map[journal.ID]refusal
	known      map[journal.ID]journal.Seq
	unreadable uint64
}

type refusal struct {
	Why     Reason
	Against Act
}

func newFold() *fold {
	return &fold{
		states: map[clinical.PatientKey]map[string]*State{}, refused: map[journal.ID]refusal{}, known: map[journal.ID]journal.Seq{},
	}
}

func (f *fold) report(id string) *Report {
	for _, r := range f.reports {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// judge says why r has no effect now, or "". The act is the one it collides
// with.
func (f *fold) judge(r *record) (Reason, Act) {
	switch r.Step {
	case Reported:
		return "", Act{}
	case Reviewed:
		rep := f.report(r.Of)
		switch {
		case rep == nil:
			return noReport, Act{}
		case rep.Act > r.Seen:
			return somebodyElse, rep.Review
		}
		return "", Act{}
	case Taken, Released, Settled, Reopened:
	}
	for _, t := range r.Found {
		s := f.states[r.Patient][t.Ref]
		if s == nil || s.Act <= r.Seen {
			continue
		}
		if s.By.Person != "" {
			return somebodyElse, s.By
		}
		return somebodyElse, s.Owner
	}
	return "", Act{}
}

// At returns the last record taken in.
func (f *fold) At() (journal.Seq, journal.ID) { return f.applied, f.last }

// Take takes records in and returns how many acts were among them.
func (f *fold) Take(recs []journal.Record) (acts int) {
	n := len(f.known)
	for _, r := range recs {
		f.apply(r)
	}
	return len(f.known) - n
}

// apply takes one record. Records that were applied before change nothing.
func (f *fold) apply(rec journal.Record) {
	if rec.Seq <= f.applied {
		return
	}
	f.applied, f.last = rec.Seq, rec.ID
	if rec.Kind != journal.Harm {
		return
	}
	r, err := decodeRecord(rec.Body)
	if err != nil {
		f.unreadable++
		return
	}
	f.known[rec.ID] = rec.Seq
	if why, against := f.judge(&r); why != "" {
		f.refused[rec.ID] = refusal{why, against}
		return
	}
	seq := uint64(rec.Seq)
	switch r.Step {
	case Reported:
		f.reports = append(f.reports, &Report{
			ID: rec.ID.String(), Seq: seq, Event: *r.Event, By: r.By, Stored: reportedAt(rec, r.By), Status: New, Act: seq,
		})
	case Reviewed:
		rep := f.report(r.Of)
		rep.Status, rep.Measures, rep.Review, rep.Act = r.Status, r.Measures, *r.By, seq
	case Taken, Released, Settled, Reopened:
		f.take(&r, seq)
	}
}

// reportedAt is when a report was stored. Of an anonymous one the minute would
// tell who was at the screen.
func reportedAt(rec journal.Record, by *Act) time.Time {
	if by == nil {
		return rec.Received.UTC().Truncate(time.Hour)
	}
	return rec.Received.UTC()
}

func (f *fold) take(r *record, seq uint64) {
	mine := f.states[r.Patient]
	if mine == nil {
		mine = map[string]*State{}
		f.states[r.Patient] = mine
	}
	for _, t := range r.Found {
		s := mine[t.Ref]
		if s == nil {
			s = &State{}
			mine[t.Ref] = s
		}
		s.Touched, s.Act = t, seq
		switch r.Step {
		case Taken:
			s.Owner = *r.By
		case Released:
			s.Owner = Act{}
		case Settled:
			s.Outcome, s.Text, s.By = r.Outcome, r.Text, *r.By
			if s.Owner.Person == "" {
				s.Owner = *r.By
			}
		case Reopened:
			s.Outcome, s.Text, s.By = "", "", *r.By
		case Reported, Reviewed: // concern no finding
		}
	}
}
