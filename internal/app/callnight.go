package app

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/config"
	"notbetrieb/internal/watch"
)

const (
	// nightEvery is how long after one call-out of the watch the next begins: a
	// house whose network fails calls people once, not once for each system.
	nightEvery = 10 * time.Minute
	// nightHold is how long a system that comes and goes calls nobody again.
	nightHold = time.Hour
	// nightOld is the age from which a proposal calls nobody any more.
	nightOld = 12 * time.Hour
)

// nightTold is what the watch has told of at night. It is not kept over a
// restart: what was told of stands in the call-outs; at worst a system that comes
// and goes is told of once more.
type nightTold struct {
	proposals map[string]bool      // system and record
	systems   map[string]time.Time // when last
	last      time.Time
}

func proposalKey(p watch.Proposal) string { return fmt.Sprintf("%s/%d", p.System.ID, p.Seq) }

// due are the proposals that nobody was told of, if it is time to tell.
func (n *nightTold) due(all []watch.Proposal, now time.Time) []watch.Proposal {
	lately := func(at time.Time, d time.Duration) bool {
		since := now.Sub(at)
		return since >= 0 && since < d
	}
	if lately(n.last, nightEvery) {
		return nil
	}
	var out []watch.Proposal
	for _, p := range all {
		if now.Sub(p.Since) <= nightOld && !n.proposals[proposalKey(p)] && !lately(n.systems[p.System.ID], nightHold) {
			out = append(out, p)
		}
	}
	return out
}

// tell notes that people were told.
func (n *nightTold) tell(of []watch.Proposal, now time.Time) {
	if n.proposals == nil {
		n.proposals, n.systems = map[string]bool{}, map[string]time.Time{}
	}
	for _, p := range of {
		n.proposals[proposalKey(p)], n.systems[p.System.ID] = true, now
	}
	n.last = now
}

func nightKey(p watch.Proposal) string { return "night/" + proposalKey(p) }

// nightDue are the outages that the watch proposes at night and nobody was told
// of, if it is time to tell.
func (h *Hub) nightDue(now time.Time, told *nightTold) []watch.Proposal {
	n := h.Config.Callout.Night
	if n.Group == "" || !atNight(now.In(h.Zone), n) {
		return nil
	}
	if told.last.IsZero() { // after a restart
		for _, c := range h.Callout.All() {
			if c.Trigger == callout.ByWatch {
				told.last = c.Started.At
				break
			}
		}
	}
	due := slices.DeleteFunc(told.due(h.Watch.Board().Proposals, now), func(p watch.Proposal) bool { return h.Callout.Began(nightKey(p)) })
	return due[:min(len(due), callout.MaxOccasions)] // the others in the next call-out
}

// nightOrders tell of all outages that are new in one call-out.
func (h *Hub) nightOrders(due []watch.Proposal) []callout.Order {
	if len(due) == 0 {
		return nil
	}
	first, more := due[0], ""
	switch len(due) {
	case 1:
	case 2:
		more = " und 1 weiteres System"
	default:
		more = fmt.Sprintf(" und %d weitere Systeme", len(due)-1)
	}
	o := callout.Order{
		Group: h.Config.Callout.Night.Group, Title: "Ausfall vermutet: " + short(first.System.Name.DE, 70) + more, Text: "Die Wache meldet es seit " + first.Since.In(h.Zone).Format("15:04") + " Uhr. Bitte prüfen und den Ausfall melden.",
		Ask: callout.Read, Trigger: callout.ByWatch,
	}
	for _, p := range due {
		o.Of = append(o.Of, callout.Occasion{Key: nightKey(p), Line: "Ausfall vermutet: " + short(p.System.Name.DE, 70) + ", seit " + p.Since.In(h.Zone).Format("15:04") + " Uhr"})
	}
	return []callout.Order{o}
}

// atNight reports whether the clock on the wall is between from and until, both
// checked by the configuration.
func atNight(now time.Time, n config.Night) bool {
	in, round := within(now, n.From, n.Until)
	return in || round
}

// atQuiet reports the same of the hours in which the all-clear wakes nobody.
func atQuiet(now time.Time, q config.Quiet) bool {
	in, _ := within(now, q.From, q.Until)
	return in
}

// within reports whether the clock on the wall is between from and until; round
// is true where both are the same, or no time can be read.
func within(now time.Time, from, until string) (in, round bool) {
	f, err := time.Parse("15:04", from)
	u, err2 := time.Parse("15:04", until)
	if errors.Join(err, err2) != nil {
		return false, true // to call is safer than not to
	}
	minute := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	at, a, b := minute(now), minute(f), minute(u)
	switch {
	case a == b:
		return false, true
	case a < b:
		return at >= a && at < b, false
	}
	return at >= a || at < b, false
}
