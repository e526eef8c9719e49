package watch

import (
	"cmp"
	"slices"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// Availability is how one system stood in one span of time.
type Availability struct {
	From, To time.Time
	Up       time.Duration
	Degraded time.Duration // also while restoring and catching up
	Down     time.Duration
	Planned  time.Duration // in maintenance, whatever its state
	Unseen   time.Duration // nobody watched, or nothing was known yet
	Failures int           // times it went down outside maintenance
	Longest  time.Duration // the longest of them, within the span
}

// Share is the part of the watched time outside maintenance in which the system
// was not down; ok is false if there was none.
func (a Availability) Share() (share float64, ok bool) {
	seen := a.Up + a.Degraded + a.Down
	if seen <= 0 {
		return 0, false
	}
	return float64(a.Up+a.Degraded) / float64(seen), true
}

// availability adds up the changes of one system between two moments. It is
// pure. The changes are in order.
func availability(changes []Change, planned func(time.Time) bool, cuts []time.Time, blind []Span, from, to time.Time) Availability {
	a := Availability{From: from, To: to}
	at := []time.Time{from, to}
	for _, c := range changes {
		at = append(at, c.At)
	}
	for _, b := range blind {
		at = append(at, b.From, b.To)
	}
	at = append(at, cuts...)
	at = slices.DeleteFunc(at, func(t time.Time) bool { return t.Before(from) || t.After(to) })
	slices.SortFunc(at, time.Time.Compare)
	var lasting time.Duration
	for i := 1; i < len(at); i++ {
		begin, d := at[i-1], at[i].Sub(at[i-1])
		if d <= 0 {
			continue
		}
		state := stateAt(changes, begin)
		switch {
		case planned(begin):
			a.Planned += d
			lasting = 0
		case state == "" || slices.ContainsFunc(blind, func(b Span) bool { return !begin.Before(b.From) && begin.Before(b.To) }):
			a.Unseen += d
		case state == incident.Down:
			if lasting == 0 {
				a.Failures++
			}
			lasting += d
			a.Longest = max(a.Longest, lasting)
			a.Down += d
		case state == incident.Up:
			lasting = 0
			a.Up += d
		default:
			lasting = 0
			a.Degraded += d
		}
	}
	return a
}

// stateAt is the state that a system had at t.
func stateAt(changes []Change, t time.Time) incident.State {
	var s incident.State
	for _, c := range changes {
		if c.At.After(t) {
			break
		}
		s = c.State
	}
	return s
}

// Months returns the availability of a system in the newest months, the present
// one first and up to now.
func (w *Watch) Months(id string, n int) []Availability {
	now := w.o.Now().In(w.o.Zone)
	w.now.RLock()
	defer w.now.RUnlock()
	var changes []Change
	if s := w.now.Fold.systems[id]; s != nil {
		changes = s.Changes
	}
	planned := func(t time.Time) bool { return w.now.Fold.maintained(id, t) }
	var cuts []time.Time
	for _, x := range w.now.Fold.windows {
		if slices.Contains(x.Systems, id) {
			cuts = append(cuts, x.From, x.end())
		}
	}
	var out []Availability
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, w.o.Zone)
	to := now
	for range n {
		if len(changes) == 0 || to.Before(changes[0].At) {
			break
		}
		out = append(out, availability(changes, planned, cuts, w.now.Fold.blind, first, to))
		first, to = first.AddDate(0, -1, 0), first
	}
	return out
}

// Turned is what stopped, or ran again, within one minute.
type Turned struct {
	Minute  time.Time
	State   incident.State // Down or Up
	Systems []lang.Text    // their names, the weightiest first
}

// Turns returns what stopped and what ran again after from, in whole minutes
// that were over at to: the same minutes give the same answer each time.
// Maintenance is none of it.
func (w *Watch) Turns(from, to time.Time) []Turned {
	to = to.Truncate(time.Minute)
	e := w.o.Estate()
	type when struct {
		minute int64
		state  incident.State
	}
	by := map[when][]estate.System{}
	w.now.RLock()
	defer w.now.RUnlock()
	for _, s := range e.Systems {
		down := false
		st := w.now.Fold.systems[s.ID]
		if st == nil {
			continue
		}
		for _, c := range st.Changes {
			stopped := c.State == incident.Down && !down && !w.now.Fold.maintained(s.ID, c.At)
			runs := c.State == incident.Up && down
			down = (down || stopped) && !runs
			if (stopped || runs) && c.At.After(from) && c.At.Before(to) {
				k := when{c.At.Truncate(time.Minute).Unix(), c.State}
				by[k] = append(by[k], s)
			}
		}
	}
	var out []Turned
	for k, systems := range by {
		slices.SortStableFunc(systems, func(a, b estate.System) int { return Tier(a.Weight) - Tier(b.Weight) })
		t := Turned{Minute: time.Unix(k.minute, 0).UTC(), State: k.state}
		for _, s := range systems {
			t.Systems = append(t.Systems, s.Name)
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Turned) int {
		return cmp.Or(a.Minute.Compare(b.Minute), cmp.Compare(a.State, b.State))
	})
	return out
}
