package watch

import (
	"context"
	"slices"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/probe"
	"notbetrieb/internal/watch/rhythm"
)

// step is how often states are concluded.
const step = 5 * time.Second

// minBlind is the shortest time between the newest record and a start that
// counts as one in which nobody watched.
const minBlind = 2 * time.Minute

// Look asks the systems and concludes their states until ctx ends. It returns
// nil.
func (w *Watch) Look(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		w.o.Log.ErrorContext(ctx, "the begin of the watch is not recorded", "err", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.sched.run(ctx)
	}()
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		w.sched.plan(w.o.Estate())
		if err := w.conclude(ctx); err != nil && ctx.Err() == nil {
			w.o.Log.ErrorContext(ctx, "what the watch saw is not recorded", "err", err)
		}
		w.self.look()
		select {
		case <-ctx.Done():
			<-done
			return nil
		case <-tick.C:
		case <-w.wake:
		}
	}
}

// soon lets states be concluded now instead of at the next step.
func (w *Watch) soon() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// begin records that nobody watched since the newest record of the journal.
func (w *Watch) begin(ctx context.Context) error {
	now := w.o.Now()
	since := now
	if at := w.Seq(); at > 0 {
		recs, err := w.journal.Read(ctx, at, 1)
		if err == nil && len(recs) == 1 && recs[0].Received.Before(now) {
			since = recs[0].Received
		}
	}
	if now.Sub(since) < minBlind {
		return nil
	}
	return w.write(ctx, journal.NewID(), event{Step: Began, At: now.UTC(), Since: since.UTC()})
}

// conclude works out where every system and feed stands, and records what has
// changed.
func (w *Watch) conclude(ctx context.Context) error {
	now := w.o.Now()
	e := w.o.Estate()
	if err := w.writeAll(ctx, w.feedChanges(now)); err != nil {
		return err
	}
	return w.writeAll(ctx, w.stateChanges(e, now))
}

func (w *Watch) writeAll(ctx context.Context, events []event) error {
	for _, e := range events {
		if err := w.write(ctx, journal.NewID(), e); err != nil {
			return err
		}
	}
	return nil
}

// feedChanges brings the feeds up to now and returns what is new.
func (w *Watch) feedChanges(now time.Time) []event {
	w.now.Lock()
	defer w.now.Unlock()
	var out []event
	for _, cfg := range w.o.Feeds {
		feed := w.now.Fold.feeds[cfg.Name]
		stand := w.stands(cfg, feed, now)
		was := w.now.Fold.findings[cfg.Name]
		has := func(list []rhythm.Finding, k rhythm.Kind) bool {
			return slices.ContainsFunc(list, func(x rhythm.Finding) bool { return x.Kind == k })
		}
		for _, x := range stand {
			if !has(was, x.Kind) {
				out = append(out, event{Step: FeedFound, At: now.UTC(), Feed: cfg.Name, Found: &x})
			}
		}
		for _, x := range was {
			if !has(stand, x.Kind) {
				out = append(out, event{Step: FeedEnded, At: now.UTC(), Feed: cfg.Name, Found: &x})
			}
		}
	}
	return out
}

// stands is what is wrong with a feed now: by its rhythm, or, while that is
// still learned, by the silence that the configuration names, on working days
// between seven and nineteen.
func (w *Watch) stands(cfg Feed, feed *rhythm.Feed, now time.Time) []rhythm.Finding {
	found := feed.At(now)
	local := now.In(w.o.Zone)
	last := feed.Last()
	if feed.Ready() || cfg.Silent <= 0 || last.IsZero() || now.Sub(last) < cfg.Silent {
		return found
	}
	standing := slices.ContainsFunc(w.now.Fold.findings[cfg.Name], func(x rhythm.Finding) bool { return x.Kind == rhythm.Silence })
	day := w.o.calendar().Day(now)
	byDay := local.Hour() >= 7 && local.Hour() < 19 && day.Plain && day.Low != time.Saturday && day.Low != time.Sunday
	if !standing && !byDay {
		return found
	}
	return append(found, rhythm.Finding{Kind: rhythm.Silence, Since: now.UTC(), From: last})
}

// stateChanges returns the systems whose state is another one now.
func (w *Watch) stateChanges(e *estate.Estate, now time.Time) []event {
	results := w.sched.results()
	w.now.Lock()
	defer w.now.Unlock()
	var out []event
	for _, s := range e.Systems {
		ev := w.evidence(e, s.ID, results)
		if !ev.seen() {
			continue
		}
		level := string(ev.level())
		st := w.levels[s.ID]
		if st.level != level {
			st = steady{level, now}
			w.levels[s.ID] = st
		}
		prev := w.now.Fold.systems[s.ID].now()
		state := next(prev.State, prev.At, ev, now.Sub(st.since), now, w.o.Settle)
		if state != prev.State {
			out = append(out, event{Step: Changed, At: now.UTC(), System: s.ID, State: state, Why: ev.why})
		}
	}
	return out
}

// maxWhy is how many causes a record holds.
const maxWhy = 20

// evidence collects what is seen of a system. The caller holds mu.
func (w *Watch) evidence(e *estate.Estate, id string, results map[string]look) evidence {
	var ev evidence
	because := func(kind CauseKind, id string, say lang.Text) {
		if len(ev.why) < maxWhy {
			ev.why = append(ev.why, Cause{kind, id, say})
		}
	}
	names := map[string]bool{}
	for _, p := range e.ProbesOf(id) {
		if p.Kind == estate.ProbeWebhook {
			names[p.Target] = true
			continue
		}
		r, ok := results[p.ID]
		if !ok {
			continue
		}
		switch r.taken {
		case probe.Good:
			ev.good++
		case probe.Weak:
			ev.weak++
			because(ByProbe, p.ID, r.last.Say)
		case probe.Bad:
			ev.bad++
			because(ByProbe, p.ID, r.last.Say)
		case probe.Blind:
		}
	}
	for _, f := range w.o.Feeds {
		if w.systemOf(e, f) != id {
			continue
		}
		feed := w.now.Fold.feeds[f.Name]
		if feed.Last().IsZero() || !feed.Ready() && f.Silent <= 0 {
			continue
		}
		ev.feeds++
		for _, x := range w.now.Fold.findings[f.Name] {
			switch x.Kind {
			case rhythm.Silence:
				ev.silent++
			case rhythm.Drop:
				ev.low++
			case rhythm.Flood:
				ev.flood++
			}
			because(ByFeed, f.Name, findingWords(x, w.o.Zone))
		}
	}
	for _, a := range w.now.Fold.alerts {
		if !a.meets(id, names) {
			continue
		}
		if a.Critical {
			ev.critical++
		} else {
			ev.warning++
		}
		because(ByAlert, a.Key, a.say())
	}
	return ev
}

// systemOf is the system behind a feed.
func (w *Watch) systemOf(e *estate.Estate, f Feed) string {
	if id, ok := e.FeedSystem(f.Name); ok {
		return id
	}
	return f.System
}

// proposable reports whether a state is one that an outage is proposed for.
func proposable(s incident.State) bool { return s == incident.Down }
