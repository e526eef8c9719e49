package chart

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// What was written here and handed back comes round again by the feeds of the
// system that took it. It is the same thing, so it is shown once: the entry
// stays, and [Item.Back] says that the other system has it. Nothing is guessed:
// it is known by our own number, or by patient, kind, time and value all being
// the same. Under our number with another content it is a newer version, as
// from any sender; without a number and not wholly the same it is another thing.

// Echo says where an entry of ours came back from.
type Echo struct {
	Origin clinical.Origin `json:"o,omitzero"`
	Number string          `json:"n,omitempty"` // under which that system goes on with it
}

// Known reports whether it came back at all.
func (e Echo) Known() bool { return e.Origin.Seq != 0 }

// newest is the origin of the newest statement that says what stands.
func (it *Item[T]) newest() clinical.Origin {
	if it.Back.Known() && later(it.Back.Origin, it.Origin) {
		return it.Back.Origin
	}
	return it.Origin
}

// hear notes that o says the same as the entry.
func (it *Item[T]) hear(o clinical.Origin, number string) {
	if !it.Back.Known() || later(o, it.Back.Origin) {
		it.Back = Echo{o, number}
	}
}

// echoes finds the entry of ours that n says again, and notes it.
func echoes[T any](list []Item[T], n *Item[T], number string, says func(ours *T) bool) bool {
	if n.Origin.Feed == Here || n.Cancelled {
		return false
	}
	free := -1
	for i := range list {
		it := &list[i]
		if it.Origin.Feed != Here || it.Cancelled || !says(&it.V) {
			continue
		}
		if it.Back.Known() && it.Back.Number == number {
			it.hear(n.Origin, number) // sent again
			return true
		}
		if free < 0 && !it.Back.Known() {
			free = i
		}
	}
	if free < 0 {
		return false
	}
	list[free].hear(n.Origin, number)
	return true
}

// sameMoment compares times as HL7 carries them, to the second.
func sameMoment(a, b time.Time) bool {
	return a.Truncate(time.Second).Equal(b.Truncate(time.Second))
}

// orSame reports whether b says the same as a, or nothing.
func orSame(a, b string) bool { return b == "" || a == b }

// wrote notes the section and the day of a result that was written here.
func (h *head) wrote(section, day int) {
	if h.Wrote == 0 || day < h.WroteFrom {
		h.WroteFrom = day
	}
	if h.Wrote == 0 || day > h.WroteTo {
		h.WroteTo = day
	}
	h.Wrote |= 1 << section
}

// wroteToo takes over what was written here with results that move to h.
func (h *head) wroteToo(o *head) {
	if o.Wrote == 0 {
		return
	}
	if h.Wrote == 0 {
		h.WroteFrom, h.WroteTo = o.WroteFrom, o.WroteTo
	}
	h.Wrote |= o.Wrote
	h.WroteFrom, h.WroteTo = min(h.WroteFrom, o.WroteFrom), max(h.WroteTo, o.WroteTo)
}

// echoed takes a result that is one of ours, come back: nothing is filed for it.
// Under our number with another content it becomes the newer version of ours.
func (f *folder) echoed(h *headDoc, n *clinical.Result, c *clinical.Change) bool {
	if c.Origin.Feed == Here || c.Sample != nil || n.Device {
		return false
	}
	group := f.desk.group(h.pid)
	for _, g := range group {
		for section := range sections() {
			if g.Wrote&(1<<section) == 0 {
				continue
			}
			if f.byNumber(g, section, n, c) {
				return true
			}
		}
	}
	if n.At.IsZero() || n.Status == clinical.Withdrawn || n.Status == clinical.Pending {
		return false
	}
	day := f.dayOf(n.At)
	for _, g := range group {
		if g.Wrote == 0 || day < g.WroteFrom || day > g.WroteTo {
			continue
		}
		for section := range sections() {
			if g.Wrote&(1<<section) != 0 && f.byValue(g, section, day, n, c) {
				return true
			}
		}
	}
	return false
}

// byNumber looks for ours under the numbers that n bears.
func (f *folder) byNumber(g *headDoc, section int, n *clinical.Result, c *clinical.Change) bool {
	number := orderOf(n)
	if number == "" {
		return false
	}
	for _, day := range slices.Clone(f.desk.part(chapterKey{pid: g.pid, kind: chapterHomes + section}).days(number)) {
		k := chapterKey{pid: g.pid, kind: chapterResults + section, day: day}
		i := slices.IndexFunc(f.desk.part(k).Results, func(it Item[clinical.Result]) bool { return f.ours(&it, n, number) })
		if i < 0 {
			continue
		}
		d := f.desk.edit(k)
		it := &d.Results[i]
		f.changed(f.desk.touch(g))
		if saysAgain(&it.V, n) && it.Origin.Feed == Here && !it.Cancelled {
			it.hear(c.Origin, echoNumber(n))
			return true
		}
		own := it.V
		n.Placer, n.Filler, n.SubID, n.Section, n.Code, n.Local, n.Group, n.Sort = own.Placer, own.Filler, own.SubID, own.Section, own.Code, own.Local, own.Group, own.Sort
		n.Of = clinical.Assigned{}
		if !sameMoment(own.At, n.At) && f.dayOf(n.At) != day { // it stays on its day; its versions say both times
			n.Comment = or(n.Comment, own.Comment)
		}
		takeResult(it, n, c)
		g.mark(it)
		return true
	}
	return false
}

// ours reports whether the entry was written here and bears the number, as its
// own or as that under which it came back, for the same observation.
func (f *folder) ours(it *Item[clinical.Result], n *clinical.Result, number string) bool {
	here := it.Origin.Feed == Here || slices.ContainsFunc(it.Was, func(w Version[clinical.Result]) bool { return w.Origin.Feed == Here })
	return here && sameTest(&it.V, n) && (it.Back.Number == echoNumber(n) ||
		orderOf(&it.V) == number && (it.V.Filler == "" || n.Filler == it.V.Filler) && plainSub(it.V.SubID) == plainSub(n.SubID))
}

// byValue looks for ours that says wholly the same under no number, or another
// one that does not contradict.
func (f *folder) byValue(g *headDoc, section, day int, n *clinical.Result, c *clinical.Change) bool {
	k := chapterKey{pid: g.pid, kind: chapterResults + section, day: day}
	fits := func(it *Item[clinical.Result]) bool {
		return it.Origin.Feed == Here && !it.Cancelled && sameTest(&it.V, n) && saysAgain(&it.V, n) &&
			(n.Placer == "" || it.V.Placer == "" || n.Placer == it.V.Placer)
	}
	number, at := echoNumber(n), -1
	list := f.desk.part(k).Results
	for i := range list {
		if !fits(&list[i]) {
			continue
		}
		if b := list[i].Back; b.Known() && b.Number == number {
			at = i
			break
		} else if at < 0 && !b.Known() {
			at = i
		}
	}
	if at < 0 {
		return false
	}
	f.desk.edit(k).Results[at].hear(c.Origin, number)
	f.changed(f.desk.touch(g))
	if no := orderOf(n); no != "" {
		f.desk.edit(chapterKey{pid: g.pid, kind: chapterHomes + section}).addHome(no, day)
	}
	return true
}

// echoNumber is the number under which a result came back: of the order, and the
// sub-ID as it was sent.
func echoNumber(n *clinical.Result) string { return orderOf(n) + "\x1f" + plainSub(n.SubID) }

// sameTest compares codes: ours by LOINC or by the laboratory's own code, theirs
// as sent or as mapped.
func sameTest(a, b *clinical.Result) bool {
	for _, x := range []clinical.Coded{a.Code, a.Local} {
		for _, y := range []clinical.Coded{b.Code, b.Local} {
			if x.Code != "" && x.Code == y.Code && x.System == y.System {
				return true
			}
		}
	}
	return false
}

// saysAgain reports whether b is a with the same value, unit and time, and as
// settled.
func saysAgain(a, b *clinical.Result) bool {
	settled := func(s clinical.ResultStatus) bool { return s == clinical.Final || s == clinical.Corrected }
	if a.Status != b.Status && !(settled(a.Status) && settled(b.Status)) || !sameMoment(a.At, b.At) || a.Comparator != b.Comparator {
		return false
	}
	if a.Number != nil && b.Number != nil {
		return *a.Number == *b.Number && a.Unit == b.Unit
	}
	return a.Number == nil && b.Number == nil && a.Value == b.Value && a.Unit == b.Unit
}

// sameRx reports whether theirs is the prescription as it was written here.
func sameRx(a, b *clinical.Prescription) bool {
	return samePrescription(a, b) && sameCode(a.Drug, b.Drug) && a.Dose == b.Dose && a.Scheme == b.Scheme && slices.Equal(a.Times, b.Times) &&
		a.Interval == b.Interval && a.Rate == b.Rate && a.AsNeeded == b.AsNeeded && a.Status == b.Status && orSame(a.Route, b.Route) &&
		(b.Start.IsZero() || sameMoment(a.Start, b.Start)) && sameMoment(a.End, b.End)
}

// sameGiven reports whether theirs is the dose as it was written here: by its
// number, or of the same prescription at the same time.
func sameGiven(a, b *clinical.Dose) bool {
	return (a.ID == b.ID || a.Prescription == b.Prescription) && sameCode(a.Drug, b.Drug) && a.Amount == b.Amount && a.Status == b.Status &&
		sameMoment(a.At, b.At) && orSame(a.Route, b.Route)
}

// sameWriting reports whether theirs is the text as it was written here.
func sameWriting(a, b *clinical.Document) bool {
	return a.Text != "" && a.Text == b.Text && sameMoment(a.At, b.At) && a.Status == b.Status && (a.ID == b.ID || sameCode(a.Kind, b.Kind))
}

// sameMovement reports whether theirs is the movement as it was written here.
func sameMovement(a, b *clinical.Movement) bool {
	return a.Kind == b.Kind && sameMoment(a.Start, b.Start) && a.To == b.To
}

// echoed returns the movement of ours that m says again under a number of its
// own, -1 if none does.
func (s *stay) echoed(m *clinical.Movement) int {
	return slices.IndexFunc(s.Moves, func(mv move) bool {
		last := &mv.Versions[len(mv.Versions)-1]
		return m.Action == clinical.Insert && last.Origin.Feed == Here && last.V.Action != clinical.Cancel && sameMovement(&last.V, m)
	})
}
