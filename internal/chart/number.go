package chart

import (
	"slices"
	"strings"

	"notbetrieb/internal/clinical"
)

// An order's number is unique only within the system that gave it (EI.2 to
// EI.4), and most messages do not say which that is. So a number is taken as it
// is as long as one system gave it to orders of this patient; the number of a
// further one bears its name behind it: "1001 (EXTLAB)". What a sender says in
// one message and leaves out in the next is known by the feed.

// The sides of an order. A feed speaks for the filler behind it; the placer's
// number comes back by every other feed.
const (
	placerSide = "p"
	fillerSide = "f"
)

// A giver is a system that gave a number, as far as it was said, and the feeds
// that brought it.
type giver struct {
	of    string
	feeds []string
}

const (
	giverSeparator = "\x1f"
	feedSeparator  = "\x1e"
)

// givers returns who gave a number of the patient, the first one first; nil
// where it was never said.
func (f *folder) givers(h *headDoc, side, no string) (out []giver) {
	d := f.desk.part(chapterKey{pid: h.pid, kind: chapterNumbers})
	i := d.find(side + no)
	if i < 0 {
		return nil
	}
	for _, s := range strings.Split(d.Homes[i].To, giverSeparator) {
		parts := strings.Split(s, feedSeparator)
		out = append(out, giver{of: parts[0], feeds: parts[1:]})
	}
	return out
}

func (f *folder) keepGivers(h *headDoc, side, no string, list []giver) {
	words := make([]string, len(list))
	for i, g := range list {
		words[i] = strings.Join(append([]string{g.of}, g.feeds...), feedSeparator)
	}
	d := f.desk.edit(chapterKey{pid: h.pid, kind: chapterNumbers})
	i := d.find(side + no)
	if i < 0 {
		i = len(d.Homes)
		d.index[side+no] = i
		d.Homes = append(d.Homes, home{Number: side + no})
	}
	d.Homes[i].To = strings.Join(words, giverSeparator)
}

// number returns the number under which an order is kept. stranger reports
// whether entries under the bare number came by other feeds alone.
func (f *folder) number(h *headDoc, side, no, of, feed string, stranger func() (feed string, yes bool)) string {
	if no == "" {
		return ""
	}
	list := f.givers(h, side, no)
	if len(list) == 0 {
		if of == "" {
			return no
		}
		if other, yes := stranger(); yes {
			list = append(list, giver{feeds: []string{other}})
		}
	}
	i, certain := whose(list, side, of, feed)
	if !certain {
		return no + " (?)"
	}
	if i < 0 {
		i = len(list)
		list = append(list, giver{})
	}
	if g := &list[i]; g.of == "" && of != "" || !slices.Contains(g.feeds, feed) {
		g.of = or(g.of, of)
		g.feeds = append(slices.Clip(g.feeds), feed)
		slices.Sort(g.feeds)
		g.feeds = slices.Compact(g.feeds)
		f.keepGivers(h, side, no, list)
	}
	if i == 0 {
		return no
	}
	return no + " (" + or(list[i].of, list[i].feeds[0]) + ")"
}

// whose returns which giver a message means, -1 for a new one. It is not certain
// where the message does not say and several fit.
func whose(list []giver, side, of, feed string) (i int, certain bool) {
	if of != "" {
		i = slices.IndexFunc(list, func(g giver) bool { return strings.EqualFold(g.of, of) })
		if i < 0 { // the same sender did not say so before
			i = slices.IndexFunc(list, func(g giver) bool { return g.of == "" && slices.Contains(g.feeds, feed) })
		}
		return i, true
	}
	n := 0
	for at, g := range list {
		if slices.Contains(g.feeds, feed) {
			i, n = at, n+1
		}
	}
	switch {
	case n == 1:
		return i, true
	case n > 1:
		return 0, false
	case side == fillerSide:
		return -1, true
	}
	return 0, len(list) == 1
}

// settle puts the numbers of an order, of whatever kind, into the form under
// which they are kept.
func (f *folder) settle(h *headDoc, placer, filler *string, of *clinical.Assigned, o clinical.Origin, section clinical.Section) {
	if o.Feed == Here { // written from the chart, whose numbers these are
		*of = clinical.Assigned{}
		return
	}
	nobody := func() (string, bool) { return "", false }
	*placer = f.number(h, placerSide, *placer, of.Placer, o.Feed, nobody)
	*filler = f.number(h, fillerSide, *filler, of.Filler, o.Feed, func() (string, bool) {
		return f.stranger(h, *filler, o.Feed, section)
	})
	*of = clinical.Assigned{}
}

// stranger reports whether results or orders under a bare filler number came by
// other feeds alone, and returns one of these.
func (f *folder) stranger(h *headDoc, filler, feed string, section clinical.Section) (other string, yes bool) {
	note := func(by string) {
		if by == feed {
			other, yes = "", true
		} else if !yes {
			other = by
		}
	}
	number := sectionNumber(section)
	for _, day := range f.desk.part(chapterKey{pid: h.pid, kind: chapterHomes + number}).days(filler) {
		d := f.desk.part(chapterKey{pid: h.pid, kind: chapterResults + number, day: day})
		for i := range d.Results {
			if d.Results[i].V.Filler == filler {
				note(d.Results[i].Origin.Feed)
			}
		}
	}
	for i := range h.P.Orders {
		if it := &h.P.Orders[i]; it.V.Filler == filler {
			note(it.Origin.Feed)
		}
	}
	return other, other != ""
}

// settleDocument also puts the number right of which the document's own is made.
func (f *folder) settleDocument(h *headDoc, n *clinical.Document, o clinical.Origin) {
	was := or(n.Filler, n.Placer)
	f.settle(h, &n.Placer, &n.Filler, &n.Of, o, n.Section)
	n.ID = renamed(n.ID, was, or(n.Filler, n.Placer))
}

// settleDose puts the numbers right of which a dose's own and its prescription's
// are made.
func (f *folder) settleDose(h *headDoc, n *clinical.Dose, o clinical.Origin) {
	if n.Placer == "" && n.Filler == "" {
		return // no giver was said: the numbers are in the key of the prescription
	}
	was := or(n.Filler, n.Placer)
	f.settle(h, &n.Placer, &n.Filler, &n.Of, o, clinical.Pharmacy)
	n.Prescription = clinical.Prescription{Placer: n.Placer, Filler: n.Filler}.Key()
	n.ID = renamed(n.ID, was, or(n.Filler, n.Placer))
	n.Placer, n.Filler = "", ""
}

// renamed puts the number now in the place of was at the beginning of a longer
// one.
func renamed(id, was, now string) string {
	if was == now || was == "" {
		return id
	}
	head, number := "", id
	if strings.HasPrefix(id, "d"+was) { // of a dispensing
		head, number = "d", id[1:]
	}
	rest, ok := strings.CutPrefix(number, was)
	if !ok || rest != "" && !strings.ContainsAny(rest[:1], "/#@") {
		return id
	}
	return head + now + rest
}

// carry returns the number under which an order of src is kept with dst: who
// gave it goes with it.
func (f *folder) carry(src, dst *headDoc, side, no, feed string, section clinical.Section) string {
	bare, of := no, ""
	if list := f.givers(src, side, no); len(list) > 0 {
		of = list[0].of
	} else if i := strings.LastIndex(no, " ("); i > 0 {
		if list := f.givers(src, side, no[:i]); len(list) > 0 {
			bare, of = no[:i], strings.TrimSuffix(no[i+2:], ")")
		}
	}
	if of == "?" {
		return no
	}
	return f.number(dst, side, bare, of, feed, func() (string, bool) {
		if side == placerSide {
			return "", false
		}
		return f.stranger(dst, bare, feed, section)
	})
}

// carryResult puts the numbers of a result right that moves from src to dst.
func (f *folder) carryResult(src, dst *headDoc, it *Item[clinical.Result]) {
	old := it.V.Key()
	it.V.Placer = f.carry(src, dst, placerSide, it.V.Placer, it.Origin.Feed, it.V.Section)
	it.V.Filler = f.carry(src, dst, fillerSide, it.V.Filler, it.Origin.Feed, it.V.Section)
	if now := it.V.Key(); now != old {
		src.renameResult(old, now)
	}
}

// carryOrder puts the numbers of an order right that moves from src to dst.
func (f *folder) carryOrder(src, dst *headDoc, it *Item[clinical.Order]) {
	placer, filler := it.V.Placer, it.V.Filler
	it.V.Placer, it.V.Filler = "", "" // it is no stranger to itself
	placer = f.carry(src, dst, placerSide, placer, it.Origin.Feed, it.V.Section)
	filler = f.carry(src, dst, fillerSide, filler, it.Origin.Feed, it.V.Section)
	it.V.Placer, it.V.Filler = placer, filler
}
