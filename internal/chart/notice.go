package chart

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// How much is kept in a head of what waits for people. What is dropped stays in
// the journal and in the lists it belongs to.
const (
	maxUnheard = 60
	maxNotices = 200
	maxDrafts  = 500
	unheardAge = 28 * 24 * time.Hour
)

// draft keeps the newest state of a draft, and forgets one that was signed or
// thrown away. One that finds no room is said to be missing.
func (h *head) draft(d clinical.Draft, c *clinical.Change) {
	p := &h.P
	p.Drafts = slices.DeleteFunc(p.Drafts, func(it Item[clinical.Draft]) bool { return it.V.Key == d.Key })
	if d.Ended {
		return
	}
	if len(p.Drafts) >= maxDrafts {
		p.MoreDrafts = true
		return
	}
	p.Drafts = slices.Insert(p.Drafts, 0, itemOf(d, c, ""))
}

// notice keeps who took note of a result, and takes the result off the list of
// those that wait for somebody: that very statement, not a later correction.
func (h *head) notice(n clinical.Notice, c *clinical.Change) {
	p := &h.P
	p.Notices = slices.Insert(p.Notices, 0, itemOf(n, c, ""))
	p.Notices = p.Notices[:min(len(p.Notices), maxNotices)]
	p.Unheard = slices.DeleteFunc(p.Unheard, func(u Critical) bool {
		return u.Result == n.Result && (n.Of == 0 || u.Mark.Origin.Seq <= n.Of)
	})
}

// listen keeps the list of critical results that nobody has taken note of,
// after the entry it changed.
func (h *head) listen(it *Item[clinical.Result]) {
	r, p := &it.V, &h.P
	key := r.Key()
	old := slices.IndexFunc(p.Unheard, func(u Critical) bool { return u.Result == key })
	if old >= 0 {
		p.Unheard = slices.Delete(p.Unheard, old, old+1)
	}
	if !r.Critical() || it.Cancelled || r.Section == clinical.Vitals || h.heard(key, it) {
		return
	}
	at := r.At
	if at.IsZero() {
		at = when(it.Origin)
	}
	newest := when(it.Origin)
	p.Unheard = append(p.Unheard, Critical{Result: key, Section: r.Section, Mark: Mark{
		Label: label(r), Value: r.Shown(), Unit: r.Unit, Flag: firstFlag(r), At: at, Critical: true, Origin: it.Origin,
	}})
	p.Unheard = slices.DeleteFunc(p.Unheard, func(u Critical) bool { return newest.Sub(when(u.Mark.Origin)) > unheardAge })
	slices.SortStableFunc(p.Unheard, func(a, b Critical) int { return known(&b.Mark).Compare(known(&a.Mark)) })
	p.Unheard = p.Unheard[:min(len(p.Unheard), maxUnheard)]
}

// repeated says that a result that was stated under the old number is stated
// again without any change: who took note of it knows it still.
func (h *head) repeated(key string, old, now uint64) {
	for i := range h.P.Notices {
		if n := &h.P.Notices[i].V; n.Result == key && n.Of >= old {
			n.Of = max(n.Of, now)
		}
	}
}

// heard reports whether somebody took note of this statement of a result, or of
// an earlier one with the same value: its second look is no news.
func (h *head) heard(key string, it *Item[clinical.Result]) bool {
	seq := it.Origin.Seq
	for i := range it.Was {
		w := &it.Was[i]
		if MeasuredLater(it, w) {
			continue
		}
		if w.V.Shown() != it.V.Shown() || w.V.Unit != it.V.Unit || !w.V.Critical() {
			break
		}
		seq = w.Origin.Seq
	}
	return slices.ContainsFunc(h.P.Notices, func(n Item[clinical.Notice]) bool {
		return n.V.Result == key && n.V.Of >= seq
	})
}
