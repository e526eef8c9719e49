package callout

import (
	"cmp"
	"fmt"
	"slices"

	"notbetrieb/internal/journal"
)

// Occasion is one thing that calls people by itself: a declared incident, a
// warning of a term to report, a system that the watch takes for gone. Each
// calls once, whatever call-out tells of it.
type Occasion struct {
	Key    string `json:"key"`              // the same for ever
	Crisis string `json:"crisis,omitempty"` // the incident it belongs to
	Line   string `json:"line"`             // what it is, for those called
}

// MaxOccasions is how many occasions one call-out tells of.
const MaxOccasions = 500

const (
	maxLines = 20  // of them written out in a text
	maxLine  = 200 // characters
)

func occasions(of []Occasion) bool {
	seen := map[string]bool{}
	for _, o := range of {
		if o.Key == "" || len(o.Key) > maxKey || o.Line == "" || seen[o.Key] {
			return false
		}
		seen[o.Key] = true
	}
	return len(of) <= MaxOccasions
}

// clipped are occasions whose lines are short enough to be sent.
func clipped(of []Occasion) []Occasion {
	out := slices.Clone(of)
	for i := range out {
		out[i].Line = clip(out[i].Line, maxLine)
	}
	return out
}

// About reports whether the call-out belongs to the incident, or tells of
// something in it.
func (c *Callout) About(crisis string) bool {
	return c.Crisis == crisis || crisis != "" && slices.ContainsFunc(c.Of, func(o Occasion) bool { return o.Crisis == crisis })
}

// Lines are what the call-out tells of, one line each, where that is more than
// its title says.
func (c *Callout) Lines() []string {
	if len(c.Of) < 2 {
		return nil
	}
	var out []string
	for i, o := range c.Of {
		if i == maxLines {
			return append(out, fmt.Sprintf("und %d weitere", len(c.Of)-i))
		}
		out = append(out, o.Line)
	}
	return out
}

// told reports whether a call-out has told of the occasion. Before there were
// occasions its key was that of the record.
func (f *fold) told(key string) bool {
	_, before := f.known[journal.KeyOf("callout", key, nil)]
	return before || f.occasions[key]
}

// Began reports whether a call-out tells of the occasion.
func (b *Book) Began(key string) bool {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.told(key)
}

// bundle are orders that become one call-out: the first has all the people.
type bundle struct {
	orders []Order
	who    []string
}

// Together returns what is left to begin of orders that fall on one moment:
// without the occasions that a call-out tells of already, and with those in one
// whose people are called by another anyway. Nobody is called twice for what can
// be said at once. An exercise and what is real are never put together, nor is what
// few may know with anything else.
func (b *Book) Together(orders []Order) []Order {
	var found []bundle
	for _, o := range b.untold(orders) {
		found = append(found, bundle{[]Order{o}, b.firsts(o)})
	}
	slices.SortStableFunc(found, func(x, y bundle) int { return len(y.who) - len(x.who) }) // the larger takes the smaller in
	var all []bundle
	for _, x := range found {
		i := slices.IndexFunc(all, func(y bundle) bool { return y.takes(x) })
		if i < 0 {
			all = append(all, x)
			continue
		}
		all[i].orders = append(all[i].orders, x.orders...)
	}
	var out []Order
	for _, x := range all {
		out = append(out, x.order())
	}
	return out
}

// untold are the orders with the occasions that nobody was told of.
func (b *Book) untold(orders []Order) []Order {
	var out []Order
	for _, o := range orders {
		o.Of = slices.DeleteFunc(slices.Clone(o.Of), func(x Occasion) bool { return b.Began(x.Key) })
		if len(o.Of) > 0 {
			out = append(out, o)
		}
	}
	return out
}

// firsts are those an order calls first; none where it cannot be sent.
func (b *Book) firsts(o Order) []string {
	p, err := b.plan(o)
	if err != nil {
		return nil
	}
	var out []string
	for _, post := range p.Posts {
		x := post.Chain[0]
		out = append(out, cmp.Or(x.Contact, "/"+x.Name)) // no contact has a slash
	}
	return out
}

// takes reports whether everybody of y is called by x anyway.
func (x bundle) takes(y bundle) bool {
	if x.orders[0].Apart || y.orders[0].Apart {
		return false
	}
	n := 0
	for _, o := range x.orders {
		n += len(o.Of)
	}
	inside := len(y.who) > 0 && !slices.ContainsFunc(y.who, func(who string) bool { return !slices.Contains(x.who, who) })
	return inside && x.orders[0].Drill == y.orders[0].Drill && n+len(y.orders[0].Of) <= MaxOccasions
}

// order is the one call-out: to the people of the first order, in the words of
// the most urgent, with every occasion.
func (x bundle) order() Order {
	wide := x.orders[0]
	if len(x.orders) == 1 {
		return wide
	}
	slices.SortStableFunc(x.orders, func(a, b Order) int { return cmp.Compare(a.rank(), b.rank()) })
	out := x.orders[0]
	out.Group, out.Holders, out.Of = wide.Group, wide.Holders, nil
	for _, o := range x.orders {
		out.Of = append(out.Of, o.Of...)
	}
	more := " und 1 weiterer Anlass"
	if n := len(x.orders) - 1; n > 1 {
		more = fmt.Sprintf(" und %d weitere Anlässe", n)
	}
	out.Title = clip(out.Title, maxTitle-len([]rune(more))) + more
	if out.Ask == Read {
		out.Text = "" // of one of them: the lines say it of each
	}
	return out
}

// rank is 0 for an order that people are to come for.
func (o Order) rank() int {
	if o.Ask == Read {
		return 1
	}
	return 0
}
