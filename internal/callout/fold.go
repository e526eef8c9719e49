package callout

import (
	"slices"

	"notbetrieb/internal/journal"
)

// Reason says why a record has no effect. The words are the stored form.
type Reason string

const (
	noCallout   Reason = "no-callout"
	noSuch      Reason = "no-such" // person, post or sending
	isOver      Reason = "over"
	underWay    Reason = "under-way" // something is being sent to this person
	onlyOnce    Reason = "only-once"
	changedByAn Reason = "changed" // by somebody else after this person looked
)

// refusal is a record without effect, with the act it collides with.
type refusal struct {
	Why     Reason
	Against Act
}

// fold is everything that follows from the records of call-outs. It uses no
// clock and does no I/O: the same records give the same fold.
type fold struct {
	applied    journal.Seq
	last       journal.ID
	callouts   []*Callout // in the order they began
	groups     []Group    // in the order they were written down first
	refused    map[journal.ID]refusal
	known      map[journal.ID]journal.Seq
	occasions  map[string]bool // that call-outs tell of
	unreadable uint64
}

func newFold() *fold {
	return &fold{refused: map[journal.ID]refusal{}, known: map[journal.ID]journal.Seq{}, occasions: map[string]bool{}}
}

// At returns where the fold stands.
func (f *fold) At() (journal.Seq, journal.ID) { return f.applied, f.last }

// Take takes records in and returns how many steps were among them.
func (f *fold) Take(recs []journal.Record) int {
	n := len(f.known)
	for _, r := range recs {
		f.apply(r)
	}
	return len(f.known) - n
}

func (f *fold) find(id string) *Callout {
	for _, c := range slices.Backward(f.callouts) {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (f *fold) group(id string) (Group, bool) {
	i := slices.IndexFunc(f.groups, func(g Group) bool { return g.ID == id })
	if i < 0 {
		return Group{}, false
	}
	return f.groups[i], true
}

// judge says why r has no effect now, or "".
func (f *fold) judge(r *record) (Reason, Act) {
	switch r.Step {
	case stepStarted:
		if slices.ContainsFunc(r.Plan.Of, func(o Occasion) bool { return f.told(o.Key) }) {
			return onlyOnce, Act{}
		}
		return "", Act{}
	case stepGroup, stepNoGroup:
		if g, ok := f.group(r.Group.ID); ok && g.Seq > r.Seen {
			return changedByAn, g.By
		}
		return "", Act{}
	case stepSending, stepSent, stepCalled, stepNobody, stepAnswered, stepEnded:
	}
	c := f.find(r.Callout)
	if c == nil {
		return noCallout, Act{}
	}
	return c.judge(r)
}

func (c *Callout) judge(r *record) (Reason, Act) {
	over := c.Ended.Done()
	person, there := c.Person(r.Person)
	post, _ := c.post(r.Post)
	switch r.Step {
	case stepSending:
		switch {
		case over != r.Clear || over && !c.AllClear:
			return isOver, c.Ended
		case !there || r.Way >= len(person.Ways):
			return noSuch, Act{}
		case person.sending() >= 0:
			return underWay, Act{}
		}
	case stepSent:
		i := slices.IndexFunc(person.Sent, func(s Sending) bool { return s.ID == r.Of })
		switch {
		case i < 0:
			return noSuch, Act{}
		case !person.Sent[i].Ended.IsZero():
			return onlyOnce, Act{}
		}
	case stepCalled:
		switch {
		case over:
			return isOver, c.Ended
		case r.Number != post.Called+1 || r.Number > len(post.Chain):
			return noSuch, Act{}
		}
	case stepNobody:
		switch {
		case over:
			return isOver, c.Ended
		case post.ID == "":
			return noSuch, Act{}
		case !post.Nobody.IsZero():
			return onlyOnce, Act{}
		}
	case stepAnswered:
		if !there {
			return noSuch, Act{}
		}
		if n := len(person.Answers); n > 0 && r.Via == ByLink && person.Answers[n-1].Via == ByLink {
			return onlyOnce, person.Answers[n-1].By
		}
	case stepEnded:
		if over {
			return onlyOnce, c.Ended
		}
	case stepGroup, stepNoGroup, stepStarted:
	}
	return "", Act{}
}

func (c *Callout) post(id string) (Post, bool) {
	i := slices.IndexFunc(c.Posts, func(p Post) bool { return p.ID == id })
	if i < 0 {
		return Post{}, false
	}
	return c.Posts[i], true
}

// sending returns the index of what is being sent to the person, or -1.
func (p Person) sending() int {
	return slices.IndexFunc(p.Sent, func(s Sending) bool { return s.Ended.IsZero() })
}

// apply takes one record. Records that were applied before change nothing.
func (f *fold) apply(rec journal.Record) {
	if rec.Seq <= f.applied {
		return
	}
	f.applied, f.last = rec.Seq, rec.ID
	if rec.Kind != journal.Callout {
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
	switch r.Step {
	case stepGroup, stepNoGroup:
		f.keep(&r, rec)
	case stepStarted:
		f.begin(begun(&r, rec))
	case stepSending, stepSent, stepCalled, stepNobody, stepAnswered, stepEnded:
		i := slices.IndexFunc(f.callouts, func(c *Callout) bool { return c.ID == r.Callout })
		f.callouts[i] = f.callouts[i].after(&r, rec)
	}
}

func (f *fold) begin(c *Callout) {
	f.callouts = append(f.callouts, c)
	for _, o := range c.Of {
		f.occasions[o.Key] = true
	}
}

func (f *fold) keep(r *record, rec journal.Record) {
	i := slices.IndexFunc(f.groups, func(g Group) bool { return g.ID == r.Group.ID })
	if r.Step == stepNoGroup {
		if i >= 0 {
			f.groups = slices.Delete(slices.Clone(f.groups), i, i+1)
		}
		return
	}
	g := *r.Group
	g.By, g.Seq = r.By, uint64(rec.Seq)
	f.groups = slices.Clone(f.groups)
	if i >= 0 {
		f.groups[i] = g
		return
	}
	f.groups = append(f.groups, g)
}

// begun is a call-out as its first record says: the first of each chain is
// called.
func begun(r *record, rec journal.Record) *Callout {
	p := r.Plan
	c := &Callout{ID: rec.ID.String(), Crisis: p.Crisis, Group: p.Group, Name: p.Name, Title: p.Title, Text: p.Text, Place: p.Place, Phone: p.Phone, Ask: p.Ask, Drill: p.Drill, Trigger: p.Trigger, Of: p.Of, Quorum: p.Quorum, Left: p.Left, Started: r.By, Last: rec.Seq}
	for _, x := range p.Posts {
		post := Post{ID: x.ID, Function: x.Function, Called: 1}
		for i, y := range x.Chain {
			person := Person{ID: y.ID, Contact: y.Contact, Name: y.Name, Code: y.Code, Ways: y.Ways, Phones: y.Phones}
			if i == 0 {
				person.Since = r.By.At
			}
			post.Chain = append(post.Chain, person)
		}
		c.Posts = append(c.Posts, post)
	}
	return c
}

// after is the call-out with one more record.
func (c *Callout) after(r *record, rec journal.Record) *Callout {
	n := *c
	n.Last, n.Posts = rec.Seq, slices.Clone(c.Posts)
	for i := range n.Posts {
		p := &n.Posts[i]
		k := slices.IndexFunc(p.Chain, func(x Person) bool { return x.ID == r.Person })
		if p.ID != r.Post && k < 0 {
			continue
		}
		p.Chain = slices.Clone(p.Chain)
		if k >= 0 {
			p.Chain[k].take(r, rec, c.Ended.Done())
			continue
		}
		switch r.Step {
		case stepCalled:
			p.Called = r.Number
			p.Chain[r.Number-1].Since = r.By.At
		case stepNobody:
			p.Nobody = r.By.At
		case stepSending, stepSent, stepAnswered, stepEnded, stepGroup, stepNoGroup, stepStarted:
		}
	}
	if r.Step == stepEnded {
		n.Ended, n.EndWhy, n.AllClear = r.By, r.Text, r.Clear
	}
	return &n
}

func (p *Person) take(r *record, rec journal.Record, over bool) {
	switch r.Step {
	case stepSending:
		p.Sent = append(slices.Clone(p.Sent), Sending{ID: rec.ID.String(), Way: r.Way, Try: r.Try, Clear: r.Clear, Began: r.By.At})
	case stepSent:
		p.Sent = slices.Clone(p.Sent)
		for i := range p.Sent {
			if s := &p.Sent[i]; s.ID == r.Of {
				s.Ended, s.Out, s.Lost, s.Said = r.By.At, r.Out, r.Lost, r.Said
			}
		}
	case stepAnswered:
		p.Answers = append(slices.Clone(p.Answers), Answer{Word: r.Word, Minutes: r.Minutes, Via: r.Via, By: r.By, Note: r.Text, Late: over})
	case stepCalled, stepNobody, stepEnded, stepGroup, stepNoGroup, stepStarted:
	}
}
