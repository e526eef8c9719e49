package chart

import (
	"slices"
	"strings"

	"notbetrieb/internal/clinical"
)

// A laboratory that has no number of its own yet sends a first value under the
// placer's alone; the final one has both. The two are one result where placer,
// code and sub-ID agree and so does the sample, and where no other filler has
// such a value: results of two fillers are never one.

// A filed result is where an entry lies.
type filed struct {
	at chapterKey
	it *Item[clinical.Result]
}

// oneOrder gives n the filler's number that its placer order goes by, or gives
// n's to what was filed under the placer's alone.
func (f *folder) oneOrder(h *headDoc, n *clinical.Result, c *clinical.Change) {
	if n.Placer == "" {
		return
	}
	fits := f.underPlacer(h, n, c)
	if len(fits) == 0 {
		return
	}
	filler := n.Filler
	for _, e := range fits {
		switch own := e.it.V.Filler; {
		case own == "" && n.Filler == "": // as it was sent before
			return
		case own == "" || own == filler:
		case filler != "":
			return
		default:
			filler = own
		}
	}
	if n.Filler == "" {
		n.Filler = filler
		return
	}
	for _, e := range fits {
		if e.it.V.Filler == "" {
			f.refile(h, e, filler)
		}
	}
}

// underPlacer returns the entries of n's placer order that can be n's own: of
// its code and sub-ID and of its sample, or if there is none the one entry whose
// time may have been corrected.
func (f *folder) underPlacer(h *headDoc, n *clinical.Result, c *clinical.Change) []filed {
	section := sectionNumber(n.Section)
	var same, near []filed
	for _, day := range f.desk.part(chapterKey{pid: h.pid, kind: chapterHomes + section}).days(n.Placer) {
		k := chapterKey{pid: h.pid, kind: chapterResults + section, day: day}
		d := f.desk.part(k)
		for i := range d.Results {
			it := &d.Results[i]
			if it.V.Placer != n.Placer || !sameObservation(&it.V, n) || !samePanel(it, n) {
				continue
			}
			if sameSample(it, n) {
				same = append(same, filed{k, it})
			} else if mayMove(it, n, c) {
				near = append(near, filed{k, it})
			}
		}
	}
	if len(same) == 0 && len(near) == 1 && near[0].it.Origin.Seq != c.Origin.Seq {
		return near
	}
	return same
}

// sameObservation reports whether two results are of one code and sub-ID,
// whatever their orders' numbers.
func sameObservation(a, b *clinical.Result) bool {
	code, other := or(a.Local.Code, a.Code.Code), or(b.Local.Code, b.Code.Code)
	if code == "" && other == "" { // sent with a name only
		code, other = strings.ToLower(or(a.Local.Text, a.Code.Text)), strings.ToLower(or(b.Local.Text, b.Code.Text))
	}
	return code == other && plainSub(a.SubID) == plainSub(b.SubID)
}

// refile gives an entry that has the placer's number alone the filler's.
func (f *folder) refile(h *headDoc, e filed, filler string) {
	old := e.it.V.Key()
	now := e.it.V
	now.Filler = filler
	key := now.Key()
	d := f.desk.edit(e.at)
	if d.find(key) >= 0 {
		return // there is one; two entries cannot have one key
	}
	e.it.V.Filler = filler
	d.index = nil
	homes := f.desk.edit(chapterKey{pid: h.pid, kind: chapterHomes + e.at.kind - chapterResults})
	if !slices.Contains(homes.days(filler), e.at.day) {
		homes.addHome(filler, e.at.day)
	}
	h.renameResult(old, key)
}

// renameResult follows a result whose key changed, wherever the head names it.
func (h *head) renameResult(old, now string) {
	for i := range h.Marks {
		if h.Marks[i].Key == old {
			h.Marks[i].Key = now
		}
	}
	for i := range h.P.Unheard {
		if h.P.Unheard[i].Result == old {
			h.P.Unheard[i].Result = now
		}
	}
	for i := range h.P.Notices {
		if h.P.Notices[i].V.Result == old {
			h.P.Notices[i].V.Result = now
		}
	}
}
