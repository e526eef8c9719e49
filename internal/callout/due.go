package callout

import (
	"slices"
	"time"

	"notbetrieb/internal/callout/way"
)

// Policy says when what is done.
type Policy struct {
	Tries   int           // on one way, where nothing was handed over
	Pause   time.Duration // before the second try; twice as long before each further one
	NextWay time.Duration // without an answer after a way took it, the next way is tried
	Deputy  time.Duration // without an answer for so long, the deputy is called
}

// DefaultPolicy is that of a house that says nothing of it.
func DefaultPolicy() Policy {
	return Policy{Tries: 3, Pause: 20 * time.Second, NextWay: 2 * time.Minute, Deputy: 8 * time.Minute}
}

// step is one thing to do now.
type step struct {
	what    Step // stepSending, stepSent (of one that was lost), stepCalled, stepNobody
	post    string
	person  string
	way     int
	try     int
	number  int
	sending string
	first   bool // nothing was tried for this person before
}

// passed reports whether d has passed since at. A clock that was set back makes
// it true: to go on at once is better than to wait for hours that are over.
func passed(at, now time.Time, d time.Duration) bool {
	since := now.Sub(at)
	return since >= d || since < -time.Minute
}

// Stale is the age from which a call-out is not taken up again, and none begins
// by itself: after a hub was gone for long nobody is called for what is over.
const Stale = 12 * time.Hour

// Rests reports whether a call-out is too old to be taken up again.
func (c *Callout) Rests(now time.Time) bool {
	at := c.Started.At
	if c.Ended.Done() {
		at = c.Ended.At
	}
	return now.Sub(at) > Stale
}

// due returns what is to be done at now. mine says of a sending that this
// process is at it; any other without an end was lost when a hub died. quiet says
// that it is a time to wake nobody who need not be woken.
func (c *Callout) due(now time.Time, p Policy, quiet bool, mine func(sending string) bool) []step {
	var out []step
	over := c.Ended.Done()
	for _, post := range c.Posts {
		covered := post.Covered()
		for _, x := range post.Chain {
			if i := x.sending(); i >= 0 {
				if !mine(x.Sent[i].ID) {
					out = append(out, step{what: stepSent, person: x.ID, sending: x.Sent[i].ID})
				}
				continue
			}
			calls := !over && !covered && !x.proved() && !x.Since.IsZero()
			if clear := over && c.AllClear && c.clears(x, quiet); !calls && !clear {
				continue
			}
			if w, try, ok := x.next(now, p, over); ok {
				out = append(out, step{what: stepSending, person: x.ID, way: w, try: try, first: x.last(over) == nil})
			}
		}
		if !over && !covered && post.spent(now, p) {
			switch {
			case post.Called < len(post.Chain):
				out = append(out, step{what: stepCalled, post: post.ID, number: post.Called + 1})
			case post.Nobody.IsZero():
				out = append(out, step{what: stepNobody, post: post.ID})
			}
		}
	}
	// Where a way takes one after the other, nobody waits for the second try of
	// somebody else.
	slices.SortStableFunc(out, func(a, b step) int {
		if a.first == b.first {
			return 0
		}
		if a.first {
			return -1
		}
		return 1
	})
	return out
}

// next returns the way and the try that are due for the person.
func (x Person) next(now time.Time, p Policy, clear bool) (w, try int, ok bool) {
	order := x.order(clear)
	last := x.last(clear)
	if last == nil {
		if len(order) == 0 {
			return 0, 0, false
		}
		return order[0], 1, true
	}
	switch {
	case last.Out == way.Accepted:
		if !clear && !passed(last.Ended, now, p.NextWay) {
			return 0, 0, false
		}
	case last.Out == way.Refused:
	case last.Try < p.Tries:
		return last.Way, last.Try + 1, passed(last.Ended, now, p.Pause<<min(last.Try-1, 6))
	}
	i := slices.Index(order, last.Way)
	if i < 0 || i+1 >= len(order) {
		return 0, 0, false
	}
	if clear && !x.took(order[i+1], false) && slices.ContainsFunc(order, func(w int) bool { return x.took(w, true) }) {
		return 0, 0, false // who has it need not get it where the call never was
	}
	return order[i+1], 1, true
}

// took reports whether the way took the call, or the all-clear.
func (x Person) took(w int, clear bool) bool {
	return slices.ContainsFunc(x.Sent, func(s Sending) bool { return s.Clear == clear && s.Way == w && s.Out == way.Accepted })
}

// clears reports whether the person is to be told now that it is over: at once
// who may be on the way; whoever else may have got the call when nobody is woken
// by it, so that nobody comes who reads the call later.
func (c *Callout) clears(x Person, quiet bool) bool {
	return c.Moves(x) || x.Told() && !quiet
}

// order is that in which the ways are tried: for the all-clear first those that
// took the call, each of them: it is to stand where the call stands.
func (x Person) order(clear bool) []int {
	out := make([]int, len(x.Ways))
	for i := range out {
		out[i] = i
	}
	if !clear {
		return out
	}
	rank := func(w int) int {
		if x.took(w, false) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b int) int { return rank(a) - rank(b) })
	return out
}

func (x Person) last(clear bool) *Sending {
	for i := range slices.Backward(x.Sent) {
		if x.Sent[i].Clear == clear {
			return &x.Sent[i]
		}
	}
	return nil
}

// failed reports whether every way was tried and none may have told the person.
func (x Person) failed(p Policy) bool {
	if len(x.Ways) == 0 {
		return len(x.Phones) == 0
	}
	last := x.last(false)
	if last == nil || last.Ended.IsZero() || x.Told() || last.Way != len(x.Ways)-1 {
		return false
	}
	return last.Out == way.Refused || last.Try >= p.Tries
}

// spent reports whether the last one called is not to be waited for any longer.
func (post Post) spent(now time.Time, p Policy) bool {
	x := post.Chain[post.Called-1]
	a, answered := x.Answered()
	return answered && a.Word == Cannot || x.failed(p) || x.waited(now, p)
}

// waited reports whether the person had time enough to answer: from the first
// message that left, not from the turn, because a modem sends one after the other.
// Nobody waits for ever for a way that is stuck.
func (x Person) waited(now time.Time, p Policy) bool {
	switch {
	case len(x.Sent) > 0:
		return passed(x.Sent[0].Began, now, p.Deputy)
	case len(x.Ways) > 0:
		return passed(x.Since, now, 3*p.Deputy)
	}
	return passed(x.Since, now, p.Deputy)
}
