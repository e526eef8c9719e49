package evidence

import (
	"slices"
	"strings"

	"notbetrieb/internal/journal"
)

// fold is everything that follows from the records of evidence. It uses no
// clock and does no I/O. An *Item or *Case in it is never changed but replaced.
type fold struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	cases      []*Case    // in the order of their first items
	items      map[string]*Item
	holds      []Hold
	holdLast   journal.Seq
	told       map[string]journal.Seq // by incident, the newest act with a line in its logbook
	known      map[journal.ID]journal.Seq
	refused    map[journal.ID]refusal
	unreadable uint64
}

// refusal is an act that had no effect, and what it collided with.
type refusal struct {
	Why     Reason
	Against Act
}

func newFold() *fold {
	return &fold{items: map[string]*Item{}, told: map[string]journal.Seq{}, known: map[journal.ID]journal.Seq{}, refused: map[journal.ID]refusal{}}
}

func (f *fold) find(id string) *Case {
	for _, c := range f.cases {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// lastOf returns the newest act with effect of a case, or of the holds.
func (f *fold) lastOf(id string) journal.Seq {
	if id == "" {
		return f.holdLast
	}
	if c := f.find(id); c != nil {
		return c.Last
	}
	return 0
}

// At returns where the fold stands.
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
	if r.Kind != journal.Evidence {
		return
	}
	e, err := decodeEvent(r.Body)
	if err != nil {
		f.unreadable++
		return
	}
	f.known[r.ID] = r.Seq
	if why, against := f.judge(e); why != "" {
		f.refused[r.ID] = refusal{why, against}
		return
	}
	if e.Logbook != nil {
		f.told[e.Logbook.Crisis] = r.Seq
	}
	if e.Step.ofHolds() {
		f.takeHold(e, r)
		return
	}
	c := &Case{ID: e.Case, Number: len(f.cases) + 1, Title: e.Title}
	if was := f.find(e.Case); was != nil {
		*c = *was
		c.Items, c.Exports = slices.Clone(was.Items), slices.Clone(was.Exports)
	} else {
		f.cases = append(f.cases, c)
	}
	c.Last = r.Seq
	c.take(e, r)
	for n, x := range f.cases {
		if x.ID == c.ID {
			f.cases[n] = c
		}
	}
	for _, i := range c.Items {
		f.items[i.ID] = i
	}
}

// take changes the case by an act that was found to have effect.
func (c *Case) take(e event, r journal.Record) {
	switch e.Step {
	case stepSecured:
		n := len(c.Items) + 1
		i := &Item{ID: r.ID.String(), Case: c.ID, Number: n, Ref: refOf(c.Number, n), Thing: *e.Thing, Holder: e.Thing.Taken, Stored: e.Thing.Place, Sealed: e.Thing.Seal}
		i.take(e, r)
		c.Items = append(c.Items, i)
	case stepExported:
		c.Exports = append(c.Exports, Export{ID: r.ID.String(), Seq: r.Seq, By: e.By, For: e.For, Why: e.Text, Items: e.Items})
	case stepExportEnd:
		for n := range c.Exports {
			if c.Exports[n].ID == e.Export {
				c.Exports[n].Digest, c.Exports[n].Done = e.Digest, e.By
			}
		}
	default:
		for n, was := range c.Items {
			if was.ID == e.Item {
				i := *was
				i.Entries, i.Files = slices.Clone(was.Entries), slices.Clone(was.Files)
				i.take(e, r)
				c.Items[n] = &i
			}
		}
	}
}

// take adds the act to the item's chain.
func (i *Item) take(e event, r journal.Record) {
	x := Entry{
		Number: len(i.Entries) + 1, Seq: r.Seq, Step: e.Step, By: e.By, At: e.At, Until: e.Until, Text: e.Text, Intact: e.Intact, Seal: e.Seal, Place: e.Place,
		Checks: e.Checks, Signed: e.Signed, Of: e.Of, Way: e.Way,
	}
	if e.From != nil {
		x.From = *e.From
	}
	if e.To != nil {
		x.To = *e.To
	}
	for _, f := range e.Files {
		f.Entry = x.Number
		x.Files = append(x.Files, f)
		if _, there := i.File(f.Hash); !there {
			i.Files = append(i.Files, f)
		}
	}
	switch e.Step {
	case stepSecured:
		x.At, x.To, i.Turn = e.Thing.At, e.Thing.Taken, x.Number
	case stepHanded, stepGap:
		i.Holder, i.Turn = x.To, x.Number
		if e.Step == stepGap {
			x.At, x.Until = e.At, e.Until
		}
	case stepReceipt:
		i.Entries[e.Of-1].Receipt = e.Files[0].Hash
	case stepEndAsked:
		i.Asked, x.From = x.Number, i.Holder
	case stepEndOff:
		i.Asked = 0
	case stepEnded:
		asked := i.Entries[i.Asked-1]
		i.Ended, i.Asked, i.Turn, x.Way = asked.Way, 0, x.Number, asked.Way
		x.From, x.To = i.Holder, asked.To
		if asked.Way == Returned {
			i.Holder = asked.To
		}
	}
	moved := (e.Step == stepHanded || e.Step == stepGap) && !strings.EqualFold(x.From.Org, x.To.Org)
	if e.Place != "" || moved || e.Step == stepEnded { // where another house keeps it is not known here
		i.Stored = e.Place
	}
	if e.Seal != "" {
		i.Sealed = e.Seal
	}
	if x.At.IsZero() {
		x.At = e.By.At
	}
	i.Entries = append(i.Entries, x)
}

func (f *fold) takeHold(e event, r journal.Record) {
	f.holdLast = r.Seq
	f.holds = slices.Clone(f.holds)
	if e.Step == stepHold {
		f.holds = append(f.holds, Hold{ID: r.ID.String(), Seq: r.Seq, Scope: *e.Scope, Why: e.Text, Set: e.By})
		return
	}
	for n := range f.holds {
		h := &f.holds[n]
		if h.ID != e.Hold {
			continue
		}
		switch e.Step {
		case stepLiftAsked:
			h.Asked, h.Asking = e.By, e.Text
		case stepLiftOff:
			h.Asked, h.Asking = Act{}, ""
		case stepLifted:
			h.Lifted = e.By
		}
	}
}
