package watch

import (
	"slices"
	"time"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/probe"
	"notbetrieb/internal/watch/rhythm"
)

// This file concludes the state of a system from what is seen of it. It is pure.

// history is the newest results of one probe, newest last.
type history []probe.Verdict

// The hysteresis of a probe: it has failed when three of the newest four results
// say so, and is well again after three that do not. Where results are minutes
// apart two of two are enough.
const (
	remember = 4
	needed   = 3
	seldom   = 4 * time.Minute
)

// settle is what a probe is taken to be after its newest result, given what it
// was taken to be before.
func settle(h history, was probe.Verdict, every time.Duration) probe.Verdict {
	want := needed
	if every >= seldom {
		want = 2
	}
	newest := h[max(len(h)-remember, 0):]
	if every >= seldom {
		newest = h[max(len(h)-want, 0):]
	}
	count := func(of []probe.Verdict, v ...probe.Verdict) (n int) {
		for _, x := range of {
			if slices.Contains(v, x) {
				n++
			}
		}
		return n
	}
	last := h[max(len(h)-want, 0):]
	switch {
	case len(h) == 0:
		return was
	case count(newest, probe.Bad) >= want:
		return probe.Bad
	case count(newest, probe.Bad, probe.Weak) >= want:
		return probe.Weak
	case len(last) == want && count(last, probe.Blind) == want:
		return probe.Blind
	case count(last, probe.Good) == want, was == "" && h[len(h)-1] == probe.Good:
		return probe.Good
	}
	return was
}

// evidence is what is seen of one system at one moment.
type evidence struct {
	good, weak, bad int // probes that are settled
	feeds           int // that are judged or fixed
	silent          int
	low             int // feeds with a drop
	flood           int
	critical        int // alerts of another monitoring
	warning         int
	why             []Cause
}

// seen reports whether there is anything to conclude from.
func (e evidence) seen() bool {
	return e.good+e.weak+e.bad+e.feeds+e.critical+e.warning > 0
}

// level is the state that the evidence shows, without regard to what was before:
// up, degraded or down.
func (e evidence) level() incident.State {
	answers := e.good+e.weak > 0
	switch {
	case e.bad > 0 && !answers:
		return incident.Down
	case e.bad == 0 && !answers && (e.feeds > 0 && e.silent == e.feeds || e.feeds == 0 && e.critical > 0):
		return incident.Down
	case e.bad+e.weak+e.silent+e.low+e.critical+e.warning > 0:
		return incident.Degraded
	}
	return incident.Up
}

// How long a system that was down must look well before it counts as up.
const (
	settled    = 5 * time.Minute
	stillWeak  = 30 * time.Minute
	catchingUp = 12 * time.Hour // after that a flood is no catching up
)

// next is the state after prev, which has stood since. steady is how long the
// level has been what it is.
func next(prev incident.State, since time.Time, e evidence, steady time.Duration, now time.Time, wait time.Duration) incident.State {
	level := e.level()
	if level == incident.Down {
		return incident.Down
	}
	switch prev {
	case incident.Down:
		return incident.Restoring
	case incident.Restoring:
		switch {
		case level == incident.Up && e.flood > 0:
			return incident.CatchingUp
		case level == incident.Up && steady >= wait:
			return incident.Up
		case level == incident.Degraded && steady >= stillWeak:
			return incident.Degraded
		}
		return incident.Restoring
	case incident.CatchingUp:
		switch {
		case level == incident.Up && e.flood > 0 && now.Sub(since) < catchingUp:
			return incident.CatchingUp
		case level == incident.Degraded && steady < settled:
			return incident.CatchingUp
		}
		return level
	case incident.Up, incident.Degraded:
	}
	return level
}

// findingWords says what is wrong with a feed.
func findingWords(x rhythm.Finding, zone *time.Location) lang.Text {
	at := x.From.In(zone).Format("02.01. 15:04")
	switch x.Kind {
	case rhythm.Silence:
		return lang.Text{DE: "still seit " + at + " Uhr", EN: "silent since " + at}
	case rhythm.Drop:
		return lang.Text{DE: "viel weniger als sonst um diese Zeit", EN: "much less than usual at this time"}
	case rhythm.Flood:
		return lang.Text{DE: "viel mehr als sonst um diese Zeit", EN: "much more than usual at this time"}
	}
	return lang.Text{DE: "auffällig", EN: "conspicuous"}
}
