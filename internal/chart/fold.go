package chart

import (
	"fmt"
	"slices"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
)

// message is one record of the journal as the fold sees it.
type message struct {
	Seq      uint64
	Received time.Time
	Sent     time.Time
	Feed     string
	Kind     string // "ADT^A02"
	Control  string
	Test     bool // counted, never folded
	Silent   bool // no message of a feed: counted nowhere
	Changes  []clinical.Change
	Problems []problem
	Aside    *aside
	hint     hint
}

// hint says where a message may belong, for the unread list only.
type hint struct {
	ids  []clinical.Identifier
	no   clinical.CaseNo
	ward string
}

// problem is a part of a message that could not be read.
type problem struct {
	Code    string
	Reason  lang.Text
	Segment string
}

// folder turns messages into documents on a desk. It uses no clock and no
// randomness: the same journal gives the same charts.
type folder struct {
	rules
	desk  *desk
	feeds map[string]*feedState
	lists lists

	m       *message
	touched []int64
	given   []orderNews // what this message's results mean for their orders
	told    []orderRef  // orders of which it says so itself
	blamed  bool        // this message was listed as unread already

	named struct { // the identifier that was asked for last
		id  clinical.Identifier
		key clinical.PatientKey
	}
	placed struct { // the order number that was asked for last
		no  string
		seq uint64
		by  []int64
	}
}

// orderRef names an order of a person.
type orderRef struct {
	pid            int64
	placer, filler string
}

// orderNews is what a message's results mean for an order.
type orderNews struct {
	ref    orderRef
	status clinical.OrderStatus
}

// news notes a status; an order with anything open stays open.
func (f *folder) news(ref orderRef, to clinical.OrderStatus) {
	for i := range f.given {
		if f.given[i].ref == ref {
			if to == clinical.PartResult {
				f.given[i].status = to
			}
			return
		}
	}
	f.given = append(f.given, orderNews{ref, to})
}

func (a orderRef) same(b orderRef) bool {
	return a.pid == b.pid && (a.placer != "" && a.placer == b.placer || a.filler != "" && a.filler == b.filler)
}

// feedState is what is known of a feed.
type feedState struct {
	Last     time.Time
	LastSent time.Time
	Count    uint64
	dirty    bool
}

// lists are the entries that a batch adds to the unread list.
type lists struct {
	unread  []Unread
	asides  []aside
	waiting []waiting // messages that name a case or an order nobody has yet
}

type waiting struct {
	no  string // a case number, or what awaitedOrder returns
	seq uint64
}

// apply folds one message.
func (f *folder) apply(m *message) {
	f.m, f.touched, f.blamed = m, f.touched[:0], false
	f.given = f.given[:0]
	f.told = f.told[:0]
	if m.Aside != nil {
		a := *m.Aside
		a.At = m.Received
		f.lists.asides = append(f.lists.asides, a)
	}
	f.count(m)
	if m.Test {
		return
	}
	for _, first := range []bool{true, false} { // who is who comes before what is said of them
		for i := range m.Changes {
			if c := &m.Changes[i]; aboutIdentity(c.What) == first && !c.Outside {
				f.change(c)
			}
		}
	}
	for _, n := range f.given {
		if slices.ContainsFunc(f.told, n.ref.same) {
			continue // the message says itself how the order stands
		}
		f.desk.touch(f.desk.head(n.ref.pid)).advance(n.ref.placer, n.ref.filler, n.status, f.origin())
	}
	for _, p := range m.Problems {
		f.unread(p)
	}
	f.source()
}

func (f *folder) origin() clinical.Origin {
	return clinical.Origin{Seq: f.m.Seq, Feed: f.m.Feed, Sent: f.m.Sent, Received: f.m.Received}
}

func (f *folder) count(m *message) {
	if m.Silent {
		return
	}
	s := f.feeds[m.Feed]
	if s == nil {
		s = &feedState{}
		f.feeds[m.Feed] = s
	}
	s.dirty = true
	s.Count++
	if m.Received.After(s.Last) {
		s.Last = m.Received
	}
	if m.Sent.After(s.LastSent) {
		s.LastSent = m.Sent
	}
}

func aboutIdentity(f clinical.Fact) bool {
	switch f.(type) {
	case clinical.Merge, clinical.Unmerge, clinical.CaseMove, clinical.Renumber:
		return true
	}
	return false
}

// change folds one change if it is certain whom it concerns.
func (f *folder) change(c *clinical.Change) {
	pid := f.who(c)
	if pid == 0 {
		return
	}
	h := f.desk.touch(f.desk.head(pid))
	f.changed(h)
	h.seen = max(h.seen, f.m.Received.Unix())
	if !slices.Contains(f.touched, pid) {
		f.touched = append(f.touched, pid)
	}
	if c.Sample == nil && f.keyOf(c) != "" { // else the case alone said whose it is
		h.addIDs(c.IDs)
	}
	f.fact(h, c)
}

// changed notes that the message changed the chart of h.
func (f *folder) changed(h *headDoc) {
	h.P.Seq = max(h.P.Seq, f.m.Seq)
	if f.m.Feed != Here {
		h.P.Told = max(h.P.Told, f.m.Seq)
	}
}

// fact folds what the change says into the head and chapters of its person.
func (f *folder) fact(h *headDoc, c *clinical.Change) {
	o := c.Origin
	switch what := c.What.(type) {
	case clinical.Demographics:
		f.doubt(h, &what)
		h.demographics(f.rules, &what, o)
	case clinical.StayDetails:
		f.stay(h, c).details(f.rules, &what, o)
	case clinical.Movement:
		f.movement(h, &what, c)
	case clinical.Merge:
		f.merge(h, &what, c)
	case clinical.Unmerge:
		f.unmerge(h, &what, c)
	case clinical.CaseMove:
		f.caseMove(h, &what, c)
	case clinical.Renumber:
		f.merge(h, &clinical.Merge{From: what.Old}, c)
	case clinical.PersonDeleted:
		say(f.rules, &h.P.Withdrawn, clinical.Say(true), saying{by: o})
	case clinical.AllergyFact:
		h.allergy(f.rules, &what, c)
	case clinical.Alert:
		h.alert(what, c)
	case clinical.Diagnosis:
		h.diagnosis(what, c)
	case clinical.Procedure:
		h.procedure(what, c)
	case clinical.Insurance:
		h.insurance(what, c)
	case clinical.Contact:
		h.contact(what, c)
	case clinical.Order:
		f.order(h, what, c)
	case clinical.Result:
		if c.Sample != nil {
			c = f.underOrder(h, &what, c)
			what.Device = true
		}
		if f.echoed(h, &what, c) {
			break
		}
		f.settle(h, &what.Placer, &what.Filler, &what.Of, o, what.Section)
		f.result(h, &what, c)
	case clinical.Document:
		f.settleDocument(h, &what, o)
		f.document(h, what, c)
	case clinical.Prescription:
		f.settle(h, &what.Placer, &what.Filler, &what.Of, o, clinical.Pharmacy)
		h.prescription(what, c)
	case clinical.Dose:
		f.settleDose(h, &what, o)
		f.dose(h, what, c)
	case clinical.Appointment:
		h.appointment(what, c)
	case clinical.Draft:
		h.draft(what, c)
	case clinical.Notice:
		for _, m := range f.desk.group(h.pid) { // of the number under which the result stands
			if slices.ContainsFunc(m.P.Unheard, func(u Critical) bool { return u.Result == what.Result }) {
				h = f.desk.touch(m)
				f.changed(h)
				break
			}
		}
		h.notice(what, c)
	case clinical.Review, clinical.Request, clinical.Reply:
		h.pharmacy(what, c)
	case clinical.Progress:
		h.order(clinical.Order{Placer: what.Placer, Filler: what.Filler, Status: what.Status, Aside: true}, c)
		f.told = append(f.told, orderRef{h.pid, what.Placer, what.Filler})
	default:
		panic(fmt.Sprintf("chart: fact %T not handled", what))
	}
}

// order folds an order.
func (f *folder) order(h *headDoc, o clinical.Order, c *clinical.Change) {
	f.index(h, &o)
	f.settle(h, &o.Placer, &o.Filler, &o.Of, c.Origin, o.Section)
	h.order(o, c)
	if o.Aside {
		f.told = append(f.told, orderRef{h.pid, o.Placer, o.Filler})
	} else {
		f.catchUp(h, &o)
	}
}

// stay returns the stay a change speaks of. It lies with the identity that has
// the case, which can be another number of the same person.
func (f *folder) stay(h *headDoc, c *clinical.Change) *stay {
	if owner := f.desk.owner(c.Case); owner != 0 && owner != h.pid {
		h = f.desk.touch(f.desk.head(owner))
		f.changed(h)
	}
	return h.stayOf(c.Case, true)
}

// movement folds one movement, and lists it where a person has to look: a cancel
// that fits nothing is not guessed, and a patient whose stay was called off and
// who is moved all the same is shown, and said to be so.
func (f *folder) movement(h *headDoc, m *clinical.Movement, c *clinical.Change) {
	s := f.stay(h, c)
	disputed := s.disputed(f.rules)
	s.take(*m, c.Origin)
	switch {
	case s.unfit(f.rules, m):
		f.unread(problem{Code: interpret.ByHand, Reason: lang.Text{
			DE: "Die Nachricht storniert eine Bewegung, die hier nicht bekannt ist. Es wurde nichts storniert. Bitte den Ort des Patienten prüfen.",
			EN: "The message cancels a movement that is not known here. Nothing was cancelled. Please check where the patient is.",
		}})
	case !disputed && s.disputed(f.rules):
		f.unread(problem{Code: interpret.ByHand, Reason: lang.Text{
			DE: "Die Aufnahme dieses Falls ist storniert. Eine spätere Nachricht nennt den Patienten trotzdem auf einer Station; dort wird er geführt. Bitte prüfen, ob er da ist.",
			EN: "The admission of this case is cancelled. A later message names the patient on a ward all the same, and is followed. Please check whether the patient is there.",
		}})
	}
}

// unread lists the message, or a part of it.
func (f *folder) unread(p problem) { f.unreadOn("", p) }

// unreadOn lists it for one chart, which need not be the one that the message
// names.
func (f *folder) unreadOn(key clinical.PatientKey, p problem) {
	u := Unread{
		Seq: f.m.Seq, Feed: f.m.Feed, Kind: f.m.Kind, Control: f.m.Control, Received: f.m.Received,
		Reason: p.Reason, Code: p.Code, Segment: p.Segment, Key: key,
	}
	u.Ward = f.m.hint.ward
	if u.Key == "" && len(f.m.hint.ids) > 0 {
		u.Key = f.m.hint.ids[0].Key()
	}
	for i := range f.m.Changes {
		c := &f.m.Changes[i]
		if u.Key == "" {
			u.Key = f.keyOf(c)
		}
		if mv, ok := c.What.(clinical.Movement); ok && u.Ward == "" {
			u.Ward = mv.To.Ward
		}
	}
	if len(f.touched) > 0 && u.Ward == "" {
		h := f.desk.head(f.touched[0])
		for i := range h.Stays {
			if s := h.Stays[i].public(f.rules); s.State == Present || s.State == Away {
				u.Ward = s.Now.V.Ward
			}
		}
	}
	f.lists.unread = append(f.lists.unread, u)
	f.blamed = true
}

// source notes the message behind each chart it touched.
func (f *folder) source() {
	for _, pid := range f.touched {
		k := chapterKey{pid: pid, kind: chapterSources, day: monthOf(f.m.Received)}
		s := Source{
			Seq: f.m.Seq, Feed: f.m.Feed, Kind: f.m.Kind, Control: f.m.Control, Sent: f.m.Sent,
			Received: f.m.Received, Test: f.m.Test,
		}
		if len(f.m.Problems) > 0 {
			s.Unread = f.m.Problems[0].Reason.DE
		}
		d := f.desk.edit(k)
		d.Sources = append(d.Sources, s)
		d.size += 100
		f.desk.size += 100
	}
}

// monthOf numbers months (UTC).
func monthOf(t time.Time) int {
	t = t.UTC()
	return t.Year()*12 + int(t.Month()) - 1
}
