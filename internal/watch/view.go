package watch

import (
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/probe"
	"notbetrieb/internal/watch/rhythm"
)

// Row is one system as the board shows it.
type Row struct {
	System   estate.System
	State    incident.State // "" if it is not watched, or nothing is known yet
	Since    time.Time
	Seq      uint64 // record of the state
	Why      []Cause
	From     []string // systems whose failure it comes from; empty if from itself
	Window   Window   // maintenance now; zero: none
	Probes   []ProbeLine
	Feeds    []string
	Newest   time.Time // of its probes
	Notices  []Cause   // worth knowing though all is well
	Proposed bool
}

// ProbeLine is one probe with its newest result.
type ProbeLine struct {
	ID     string
	Kind   string
	Target string
	Every  time.Duration
	Taken  probe.Verdict // "" before it was settled
	Last   probe.Result
	At     time.Time // zero: not run yet
}

// FeedLine is one feed as the board shows it.
type FeedLine struct {
	Name     string
	Label    lang.Text
	System   string
	Last     time.Time
	Beats    []rhythm.Beat
	Expected float64 // messages an hour, now
	Due      time.Time
	Ready    bool
	ReadyAt  time.Time
	Found    []rhythm.Finding
	Say      []lang.Text
}

// Proposal is an outage that a person may declare.
type Proposal struct {
	System estate.System
	Since  time.Time
	Seq    uint64
	Why    []Cause
	From   []string // systems whose failure it comes from; empty if from itself
}

// Board is everything the watch sees, as of one moment.
type Board struct {
	At        time.Time
	Rows      []Row // weightiest first
	Feeds     []FeedLine
	Alarms    []Alarm
	Alerts    []Alert // of other monitorings, that stand
	Windows   []Window
	Proposals []Proposal
	Unwatched int // systems without probe, feed and alert

	Workplaces []WorkplaceLine // who was not heard of longest first
}

// beats is how many hours of a feed a page draws.
const beats = 48

// Board returns what the watch sees now.
func (w *Watch) Board() Board {
	now := w.o.Now()
	e := w.o.Estate()
	results := w.sched.results()
	w.now.RLock()
	defer w.now.RUnlock()
	b := Board{At: now, Alarms: alarms(e, now, w.now.Fold), Workplaces: w.Workplaces()}
	for i := range b.Alarms {
		b.Alarms[i].Why = w.why(e, b.Alarms[i].System, results, b.Alarms[i].Why)
	}
	feeds := map[string][]string{}
	for _, f := range w.o.Feeds {
		line := w.feedLine(e, f)
		b.Feeds = append(b.Feeds, line)
		feeds[line.System] = append(feeds[line.System], f.Name)
	}
	from := map[string][]string{}
	for _, a := range b.Alarms {
		for _, id := range a.Affected {
			from[id] = append(from[id], a.System)
		}
	}
	for _, s := range e.Systems {
		r := w.row(e, s, results, now)
		r.Feeds, r.From = feeds[s.ID], from[s.ID]
		if r.State == "" && len(r.Probes) == 0 && len(r.Feeds) == 0 {
			b.Unwatched++
		}
		if r.Proposed {
			b.Proposals = append(b.Proposals, Proposal{System: s, Since: r.Since, Seq: r.Seq, Why: r.Why, From: r.From})
		}
		b.Rows = append(b.Rows, r)
	}
	slices.SortStableFunc(b.Rows, func(x, y Row) int { return Tier(x.System.Weight) - Tier(y.System.Weight) })
	slices.SortStableFunc(b.Proposals, func(x, y Proposal) int {
		if len(x.From) == 0 != (len(y.From) == 0) {
			return len(x.From) - len(y.From) // causes before what comes of them
		}
		return Tier(x.System.Weight) - Tier(y.System.Weight)
	})
	b.Alerts = slices.SortedFunc(maps.Values(w.now.Fold.alerts), func(x, y Alert) int {
		if c := y.Since.Compare(x.Since); c != 0 {
			return c
		}
		return strings.Compare(x.Key, y.Key)
	})
	for _, x := range slices.Backward(w.now.Fold.windows) {
		if x.end().After(now) {
			b.Windows = append(b.Windows, x)
		}
	}
	return b
}

// row is one system. The caller holds mu.
func (w *Watch) row(e *estate.Estate, s estate.System, results map[string]look, now time.Time) Row {
	c := w.now.Fold.systems[s.ID].now()
	r := Row{System: s, State: c.State, Since: c.At, Seq: c.Seq, Why: w.why(e, s.ID, results, c.Why)}
	for _, p := range e.ProbesOf(s.ID) {
		if p.Kind == estate.ProbeWebhook {
			continue
		}
		line := ProbeLine{ID: p.ID, Kind: string(p.Kind), Target: p.Target, Every: w.sched.every(p)}
		if l, ok := results[p.ID]; ok {
			line.Taken, line.Last, line.At = l.taken, l.last, l.at
			if l.at.After(r.Newest) {
				r.Newest = l.at
			}
			if l.last.Notice {
				r.Notices = append(r.Notices, Cause{ByProbe, p.ID, l.last.Say})
			}
		}
		r.Probes = append(r.Probes, line)
	}
	for _, x := range w.now.Fold.windows {
		if x.covers(s.ID, now) {
			r.Window = x
		}
	}
	st := w.now.Fold.systems[s.ID]
	r.Proposed = proposable(r.State) && now.Sub(r.Since) >= w.o.Propose && r.Window.ID == "" && st.Declined.Of != c.Seq
	return r
}

// why returns the reasons for a state as they are seen now, or those that were
// recorded with it. The caller holds mu.
func (w *Watch) why(e *estate.Estate, system string, results map[string]look, recorded []Cause) []Cause {
	if now := w.evidence(e, system, results).why; len(now) > 0 {
		return now
	}
	return recorded
}

// feedLine is one feed. The caller holds mu.
func (w *Watch) feedLine(e *estate.Estate, f Feed) FeedLine {
	feed := w.now.Fold.feeds[f.Name]
	l := FeedLine{
		Name: f.Name, Label: f.Label, System: w.systemOf(e, f), Last: feed.Last(), Beats: feed.Beats(beats), Expected: feed.Expected(),
		Due: feed.Due(), Ready: feed.Ready(), ReadyAt: feed.ReadyAt(), Found: slices.Clone(w.now.Fold.findings[f.Name]),
	}
	for _, x := range l.Found {
		l.Say = append(l.Say, findingWords(x, w.o.Zone))
	}
	return l
}

// System returns one system with its history, newest change first; ok is false
// if the estate has none of that ID.
func (w *Watch) System(id string) (row Row, history []Change, ok bool) {
	now := w.o.Now()
	e := w.o.Estate()
	s, ok := e.System(id)
	if !ok {
		return Row{}, nil, false
	}
	results := w.sched.results()
	w.now.RLock()
	defer w.now.RUnlock()
	row = w.row(e, s, results, now)
	for _, a := range alarms(e, now, w.now.Fold) {
		if slices.Contains(a.Affected, id) {
			row.From = append(row.From, a.System)
		}
	}
	for _, f := range w.o.Feeds {
		if w.systemOf(e, f) == id {
			row.Feeds = append(row.Feeds, f.Name)
		}
	}
	if st := w.now.Fold.systems[id]; st != nil {
		history = slices.Clone(st.Changes)
		slices.Reverse(history)
	}
	return row, history, true
}

// Counts is what a metric may tell: no names, no patients.
type Counts struct {
	Up, Degraded, Down, Unknown int
	Alarms                      int // causes that nobody has acknowledged, maintenance aside
	Silent                      int // feeds
	Probes                      uint64
	Late                        time.Duration // the longest a probe began after its time
}

// Counts returns the numbers of the present moment.
func (w *Watch) Counts() Counts {
	b := w.Board()
	var c Counts
	for _, r := range b.Rows {
		switch r.State {
		case incident.Up:
			c.Up++
		case incident.Down:
			c.Down++
		case incident.Degraded, incident.Restoring, incident.CatchingUp:
			c.Degraded++
		default:
			c.Unknown++
		}
	}
	for _, a := range b.Alarms {
		if !a.Planned && a.Ack.Of == 0 {
			c.Alarms++
		}
	}
	for _, f := range b.Feeds {
		if slices.ContainsFunc(f.Found, func(x rhythm.Finding) bool { return x.Kind == rhythm.Silence }) {
			c.Silent++
		}
	}
	w.sched.mu.Lock()
	c.Probes, c.Late = w.sched.ran, w.sched.late
	w.sched.mu.Unlock()
	return c
}
