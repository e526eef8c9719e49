package chart

import (
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
)

// One order number can stand for several values of one test: a day profile, or
// the same test in blood and urine. Interpret tells those of one message apart;
// messages that come one by one, or correct one of them, are told apart here,
// by the time of sampling and by the panel. A value that might be another one
// is filed beside the first and not over it.

// sibling gives n the sub-ID of the entry that it speaks of, or one of its own
// where it speaks of none that is filed.
func (f *folder) sibling(h *headDoc, n *clinical.Result, c *clinical.Change) {
	all := f.family(h, n)
	if len(all) == 0 {
		return
	}
	key := n.Key()
	for _, it := range all {
		if it.V.Key() == key && sameSample(it, n) && samePanel(it, n) {
			return
		}
	}
	var one *Item[clinical.Result]
	several := false
	for _, it := range all {
		if it.Origin.Seq == c.Origin.Seq || !samePanel(it, n) { // this message speaks of that one already
			continue
		}
		if sameSample(it, n) {
			n.SubID = it.V.SubID
			return
		}
		several = several || one != nil
		one = it
	}
	if one != nil && !several && mayMove(one, n, c) {
		n.SubID = one.V.SubID
		return
	}
	n.SubID = free(all, n)
}

// family returns every value that is filed under the order number, code and
// sub-ID of n, however they were told apart.
func (f *folder) family(h *headDoc, n *clinical.Result) (out []*Item[clinical.Result]) {
	section := sectionNumber(n.Section)
	number := orderOf(n)
	base := *n
	base.SubID = plainSub(n.SubID)
	key := base.Key()
	for _, day := range f.desk.part(chapterKey{pid: h.pid, kind: chapterHomes + section}).days(number) {
		d := f.desk.part(chapterKey{pid: h.pid, kind: chapterResults + section, day: day})
		if base.SubID == n.SubID {
			if i := d.find(key); i >= 0 && sameSample(&d.Results[i], n) && samePanel(&d.Results[i], n) {
				return []*Item[clinical.Result]{&d.Results[i]} // what is usual needs no search
			}
		}
		for i := range d.Results {
			if k := d.Results[i].V.Key(); strings.HasPrefix(k, key) && (len(k) == len(key) || k[len(key)] == '@' || k[len(key)] == '#') {
				out = append(out, &d.Results[i])
			}
		}
	}
	return out
}

// plainSub is a sub-ID as it was sent, without what tells two values apart.
func plainSub(s string) string {
	if i := strings.LastIndexByte(s, '#'); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 && len(s) == i+15 {
		s = s[:i]
	}
	return s
}

func sameSample(it *Item[clinical.Result], n *clinical.Result) bool { return it.V.At.Equal(n.At) }

func samePanel(it *Item[clinical.Result], n *clinical.Result) bool {
	return it.V.Panel.Code == n.Panel.Code || it.V.Panel.Code == "" || n.Panel.Code == ""
}

// mayMove reports whether two values of different times are one whose time was
// corrected: the newer statement says that it corrects, the older one was not
// final, or one of them has no time of its own.
func mayMove(it *Item[clinical.Result], n *clinical.Result, c *clinical.Change) bool {
	if it.V.At.Equal(it.Origin.Sent) || n.At.Equal(c.Origin.Sent) || it.V.At.IsZero() || n.At.IsZero() {
		return true
	}
	older, newer := it.V.Status, n.Status
	if !supersedes(n.Status, c.Origin, it.V.Status, it.Origin) {
		older, newer = newer, older
	}
	switch newer {
	case clinical.Corrected, clinical.Withdrawn:
		return true
	}
	return older == clinical.Preliminary || older == clinical.Pending
}

// free returns a sub-ID under which nothing is filed yet.
func free(all []*Item[clinical.Result], n *clinical.Result) string {
	try := *n
	taken := func() bool {
		key := try.Key()
		return slices.ContainsFunc(all, func(it *Item[clinical.Result]) bool { return it.V.Key() == key })
	}
	base := plainSub(n.SubID) + "@" + n.At.UTC().Format("20060102150405")
	for i := 1; taken(); i++ {
		if try.SubID = base; i > 1 {
			try.SubID = base + "#" + strconv.Itoa(i)
		}
	}
	return try.SubID
}
