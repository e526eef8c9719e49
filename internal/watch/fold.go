package watch

import (
	"slices"
	"time"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/watch/rhythm"
)

// keep is how long changes are remembered for pages and reports. Older ones are
// in the journal.
const keep = 400 * 24 * time.Hour

// Change is one change of a system's state.
type Change struct {
	Seq   uint64
	At    time.Time
	State incident.State
	Why   []Cause
}

// Said is what a person said about a state.
type Said struct {
	Of   uint64 // the record of the state
	By   Act
	Text string
}

// Span is a time in which nobody watched.
type Span struct{ From, To time.Time }

// system is what is known of one system.
type system struct {
	Changes  []Change // oldest first
	Ack      Said
	Declined Said
}

func (s *system) now() Change {
	if s == nil || len(s.Changes) == 0 {
		return Change{}
	}
	return s.Changes[len(s.Changes)-1]
}

// fold is everything that follows from the records: those of the watch, and the
// times of the feeds' messages. It uses no clock and does no I/O: the same
// records give the same fold.
type fold struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	systems    map[string]*system
	findings   map[string][]rhythm.Finding // that stand, by feed
	alerts     map[string]Alert            // that stand, by key
	windows    []Window                    // in the order they were planned
	blind      []Span
	feeds      map[string]*rhythm.Feed
	known      map[journal.ID]journal.Seq // of acts
	unreadable uint64
}

func newFold() *fold {
	return &fold{
		systems: map[string]*system{}, findings: map[string][]rhythm.Finding{}, alerts: map[string]Alert{},
		feeds: map[string]*rhythm.Feed{}, known: map[journal.ID]journal.Seq{},
	}
}

func (f *fold) system(id string) *system {
	s := f.systems[id]
	if s == nil {
		s = &system{}
		f.systems[id] = s
	}
	return s
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
func (f *fold) apply(r journal.Record) {
	if r.Seq <= f.applied {
		return
	}
	f.applied, f.last = r.Seq, r.ID
	switch r.Kind {
	case journal.HL7, journal.ASTM, journal.FHIR, journal.DICOM:
		if feed := f.feeds[r.Source]; feed != nil {
			feed.Saw(r.Received)
		}
		return
	case journal.Watch:
	default:
		return
	}
	e, err := decodeEvent(r.Body)
	if err != nil {
		f.unreadable++
		return
	}
	f.take(e, r)
}

func (f *fold) take(e event, r journal.Record) {
	switch e.Step {
	case Began:
		if e.Since.Before(e.At) {
			f.blind = append(f.blind, Span{e.Since, e.At})
			for _, feed := range f.feeds {
				feed.Pause(e.Since, e.At)
			}
		}
	case Changed:
		s := f.system(e.System)
		s.Changes = append(s.Changes, Change{Seq: uint64(r.Seq), At: e.At, State: e.State, Why: e.Why})
		if n := slices.IndexFunc(s.Changes, func(c Change) bool { return e.At.Sub(c.At) < keep }); n > 1 {
			s.Changes = slices.Delete(s.Changes, 0, n-1) // the one before is how the time kept begins
		}
	case FeedFound:
		f.findings[e.Feed] = append(slices.DeleteFunc(f.findings[e.Feed], func(x rhythm.Finding) bool { return x.Kind == e.Found.Kind }), *e.Found)
	case FeedEnded:
		if e.Found == nil {
			delete(f.findings, e.Feed)
			return
		}
		if f.findings[e.Feed] = slices.DeleteFunc(f.findings[e.Feed], func(x rhythm.Finding) bool { return x.Kind == e.Found.Kind }); len(f.findings[e.Feed]) == 0 {
			delete(f.findings, e.Feed)
		}
	case AlertCame:
		f.alerts[e.Alert.Key] = *e.Alert
	case AlertEnded:
		delete(f.alerts, e.Alert.Key)
	case Acknowledged, Declined, Planned, CalledOff:
		f.known[r.ID] = r.Seq
		f.act(e, r)
	}
}

// act takes what a person did.
func (f *fold) act(e event, r journal.Record) {
	switch e.Step {
	case Acknowledged:
		f.system(e.System).Ack = Said{e.Of, *e.By, e.Text}
	case Declined:
		f.system(e.System).Declined = Said{e.Of, *e.By, e.Text}
	case Planned:
		w := *e.Window
		w.ID, w.By = r.ID.String(), *e.By
		f.windows = append(slices.DeleteFunc(f.windows, func(o Window) bool { return e.At.Sub(o.To) > keep }), w)
	case CalledOff:
		for i := range f.windows {
			if w := &f.windows[i]; w.ID == e.Ref && w.Off.At.IsZero() {
				w.Off = *e.By
			}
		}
	case Began, Changed, FeedFound, FeedEnded, AlertCame, AlertEnded: // no acts
	}
}

// maintained reports whether system is in planned maintenance at t.
func (f *fold) maintained(system string, t time.Time) bool {
	return slices.ContainsFunc(f.windows, func(w Window) bool { return w.covers(system, t) })
}
