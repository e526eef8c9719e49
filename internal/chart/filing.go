package chart

import (
	"slices"

	"notbetrieb/internal/clinical"
)

// How many bytes an entry takes on the desk, roughly.
const entrySize = 600

// result files one observation in the chapter of its section and day. An
// observation is found again under its order's number even if its time was
// corrected to another day.
func (f *folder) result(h *headDoc, n *clinical.Result, c *clinical.Change) {
	if n.Section == "" {
		n.Section = clinical.OtherSection
	}
	at := n.At
	if at.IsZero() {
		at = when(c.Origin)
	}
	section := sectionNumber(n.Section)
	if orderOf(n) != "" && n.Section != clinical.Vitals {
		f.oneOrder(h, n, c)
		f.sibling(h, n, c)
	}
	key := n.Key()
	want := chapterKey{pid: h.pid, kind: chapterResults + section, day: f.dayOf(at)}
	if c.Origin.Feed == Here {
		h.wrote(section, want.day)
	}
	number := orderOf(n)
	if number != "" {
		homes := chapterKey{pid: h.pid, kind: chapterHomes + section}
		for _, day := range f.desk.part(homes).days(number) {
			k := chapterKey{pid: h.pid, kind: want.kind, day: day}
			if day != want.day && f.desk.part(k).find(key) >= 0 {
				want = f.rehome(k, want, key, n, c)
				break
			}
		}
		for _, no := range []string{number, n.Placer} { // found by either
			if no != "" && !slices.Contains(f.desk.part(homes).days(no), want.day) {
				f.desk.edit(homes).addHome(no, want.day)
			}
		}
		f.noteOrder(h.pid, n)
	}
	d := f.desk.edit(want)
	i := d.find(key)
	if i < 0 {
		i = len(d.Results)
		d.index[key] = i
		d.Results = append(d.Results, Item[clinical.Result]{
			V: *n, Origin: c.Origin, Case: c.Case, Cancelled: n.Status == clinical.Withdrawn,
		})
		d.size += entrySize
		f.desk.size += entrySize
	} else {
		n.Placer = or(n.Placer, d.Results[i].V.Placer)
		was, versions := d.Results[i].Origin.Seq, len(d.Results[i].Was)
		if takeResult(&d.Results[i], n, c) {
			h.reopen(n.Placer, n.Filler, c.Origin)
		}
		if now := d.Results[i].Origin.Seq; now != was && len(d.Results[i].Was) == versions { // word for word again
			h.repeated(d.Results[i].V.Key(), was, now)
		}
	}
	h.mark(&d.Results[i])
}

// rehome decides where an observation is kept that is filed at old and now has
// a time that belongs to the chapter at want: it moves only if the new
// statement supersedes.
func (f *folder) rehome(old, want chapterKey, key string, n *clinical.Result, c *clinical.Change) chapterKey {
	from := f.desk.part(old)
	i := from.find(key)
	it := from.Results[i]
	if !supersedes(n.Status, c.Origin, it.V.Status, it.Origin) {
		return old
	}
	from = f.desk.edit(old)
	from.Results = slices.Delete(from.Results, i, i+1)
	from.index = nil
	to := f.desk.edit(want)
	if to.find(key) < 0 {
		to.index[key] = len(to.Results)
		to.Results = append(to.Results, it)
	}
	return want
}

// noteOrder remembers what the message's results mean for their order: all
// final closes it, anything open keeps it in part.
func (f *folder) noteOrder(pid int64, n *clinical.Result) {
	to := clinical.Completed
	switch n.Status {
	case clinical.Pending:
		return
	case clinical.Preliminary:
		to = clinical.PartResult
	case clinical.Final, clinical.Corrected, clinical.Withdrawn, clinical.NoResult:
	}
	f.news(orderRef{pid: pid, placer: n.Placer, filler: n.Filler}, to)
}

// catchUp closes an order whose results came before it.
func (f *folder) catchUp(h *headDoc, n *clinical.Order) {
	section := sectionNumber(n.Section)
	for _, number := range []string{n.Filler, n.Placer} {
		if number == "" {
			continue
		}
		for _, day := range f.desk.part(chapterKey{pid: h.pid, kind: chapterHomes + section}).days(number) {
			d := f.desk.part(chapterKey{pid: h.pid, kind: chapterResults + section, day: day})
			for i := range d.Results {
				if r := &d.Results[i].V; orderOf(r) == number {
					f.noteOrder(h.pid, r)
				}
			}
		}
	}
}

// document files one document. One that replaces another takes it in as its
// history; an addendum stands on its own and names what it adds to.
func (f *folder) document(h *headDoc, n clinical.Document, c *clinical.Change) {
	homes := chapterKey{pid: h.pid, kind: chapterDocHomes}
	key := documentKey(&n)
	if now := f.desk.part(homes).movedTo(key); now != "" {
		f.replaced(h, now, n, c) // it was replaced before it came
		return
	}
	at := n.At
	if at.IsZero() {
		at = when(c.Origin)
	}
	day := f.dayOf(at)
	if days := f.desk.part(homes).days(key); len(days) > 0 {
		day = days[0]
	}
	d := f.desk.edit(chapterKey{pid: h.pid, kind: chapterDocuments, day: day})
	it := Item[clinical.Document]{V: n, Origin: c.Origin, Case: c.Case, Cancelled: n.Status == clinical.Withdrawn}
	if echoes(d.Documents, &it, key, func(o *clinical.Document) bool { return sameWriting(o, &n) }) {
		return
	}
	i := d.find(key)
	if i < 0 {
		i = len(d.Documents)
		d.index[key] = i
		d.Documents = append(d.Documents, it)
		f.desk.edit(homes).addHome(key, day)
		d.size += entrySize + len(n.Text)
		f.desk.size += entrySize + len(n.Text)
	} else {
		takeDocument(&d.Documents[i], n, c.Origin)
	}
	h.fresh(&d.Documents[i])
	if n.Replaces != "" && n.Replaces != key {
		f.replace(h, n.Replaces, &d.Documents[i])
	}
	if ref := (orderRef{h.pid, n.Placer, n.Filler}); (n.Placer != "" || n.Filler != "") && n.Status != clinical.Pending {
		to := clinical.Completed
		if n.Status == clinical.Preliminary {
			to = clinical.PartResult
		}
		f.news(ref, to)
	}
}

// replace takes the document under number old out of its place and makes it
// history of it.
func (f *folder) replace(h *headDoc, old string, it *Item[clinical.Document]) {
	homes := f.desk.edit(chapterKey{pid: h.pid, kind: chapterDocHomes})
	if homes.movedTo(documentKey(&it.V)) == old {
		return // two documents that replace each other: both stay
	}
	homes.moveTo(old, documentKey(&it.V))
	for _, day := range slices.Clone(homes.days(old)) {
		d := f.desk.edit(chapterKey{pid: h.pid, kind: chapterDocuments, day: day})
		i := d.find(old)
		if i < 0 {
			continue
		}
		gone := d.Documents[i]
		it = f.cutDocument(d, i, it)
		it.Was = addVersion(it.Was, Version[clinical.Document]{V: gone.V, Origin: gone.Origin})
		for _, w := range gone.Was {
			it.Was = addVersion(it.Was, w)
		}
		h.Fresh = slices.DeleteFunc(h.Fresh, func(fd freshDoc) bool { return fd.ID == old })
	}
}

// cutDocument removes entry i of d and returns where it, which may lie behind i
// in the same chapter, is now.
func (f *folder) cutDocument(d *openDoc, i int, it *Item[clinical.Document]) *Item[clinical.Document] {
	key := documentKey(&it.V)
	d.Documents = slices.Delete(d.Documents, i, i+1)
	d.index = nil
	if j := d.find(key); j >= 0 {
		return &d.Documents[j]
	}
	return it
}

// replaced files a document as history of the one that replaced it.
func (f *folder) replaced(h *headDoc, now string, n clinical.Document, c *clinical.Change) {
	for _, day := range f.desk.part(chapterKey{pid: h.pid, kind: chapterDocHomes}).days(now) {
		d := f.desk.edit(chapterKey{pid: h.pid, kind: chapterDocuments, day: day})
		if i := d.find(now); i >= 0 {
			it := &d.Documents[i]
			it.Was = addVersion(it.Was, Version[clinical.Document]{V: n, Origin: c.Origin})
			if n.Replaces != "" && n.Replaces != documentKey(&n) {
				f.replace(h, n.Replaces, it)
			}
			return
		}
	}
}

// dose files one administration and notes it for "last given".
func (f *folder) dose(h *headDoc, n clinical.Dose, c *clinical.Change) {
	at := n.At
	if at.IsZero() {
		at = when(c.Origin)
	}
	d := f.desk.edit(chapterKey{pid: h.pid, kind: chapterDoses, day: f.dayOf(at)})
	it := Item[clinical.Dose]{V: n, Origin: c.Origin, Case: c.Case, Cancelled: n.Status == clinical.Retracted}
	if echoes(d.Doses, &it, doseKey(&n), func(o *clinical.Dose) bool { return sameGiven(o, &n) }) {
		return
	}
	key := doseKey(&n)
	i := d.find(key)
	if i < 0 {
		i = len(d.Doses)
		d.index[key] = i
		d.Doses = append(d.Doses, it)
		d.size += entrySize
		f.desk.size += entrySize
	} else {
		one := enter(d.Doses[i:i+1:i+1], it, func(*clinical.Dose) bool { return true })
		d.Doses[i] = one[0]
	}
	dose := d.Doses[i].V
	if d.Doses[i].Cancelled {
		dose.Status = clinical.Retracted
	}
	h.given(&dose)
}

// caseMove hands a case to the change's person, with everything that was sent
// under it. Warnings are copied, not moved: one too many is looked at, one too
// few is not.
func (f *folder) caseMove(h *headDoc, m *clinical.CaseMove, c *clinical.Change) {
	owner := f.desk.owner(c.Case)
	f.desk.own(c.Case, h.pid)
	if !slices.Contains(h.Cases, c.Case) {
		h.Cases = append(h.Cases, c.Case)
	}
	if owner == 0 || owner == h.pid {
		h.stayOf(c.Case, true)
		return
	}
	group, mv := f.desk.group(owner), newMoving(c.Case)
	keys := make([][]chapterKey, len(group))
	for i, src := range group {
		var err error
		if keys[i], err = f.desk.chaptersOf(src.pid); err != nil {
			f.desk.fail(err)
			return
		}
		f.learnFrom(mv, src, keys[i])
	}
	for i, src := range group {
		if src.pid == h.pid {
			continue
		}
		f.changed(f.desk.touch(src))
		f.moveHead(src, h, mv)
		f.moveChapters(src, h, keys[i], mv)
	}
	f.stayedBehind(f.desk.head(owner), h, mv)
	if !slices.Contains(f.touched, owner) {
		f.touched = append(f.touched, owner)
	}
}

func (f *folder) moveHead(src, dst *headDoc, mv *moving) {
	no := mv.no
	src.Cases = slices.DeleteFunc(src.Cases, func(c clinical.CaseNo) bool { return c == no })
	if old := src.stayOf(no, false); old != nil {
		moved := *old
		src.Stays = slices.DeleteFunc(src.Stays, func(s stay) bool { return s.S.Case == moved.S.Case })
		dst.stayOf(no, true).absorb(f.rules, &moved)
	}
	dst.wroteToo(&src.head)
	had := len(dst.P.Orders)
	handOver(&src.P.Diagnoses, &dst.P.Diagnoses, mv, noNumbers)
	handOver(&src.P.Procedures, &dst.P.Procedures, mv, noNumbers)
	handOver(&src.P.Orders, &dst.P.Orders, mv, orderNumbers)
	handOver(&src.P.Medication, &dst.P.Medication, mv, drugNumbers)
	handOver(&src.P.Reviews, &dst.P.Reviews, mv, noNumbers)
	handOver(&src.P.Requests, &dst.P.Requests, mv, noNumbers)
	handOver(&src.P.Replies, &dst.P.Replies, mv, noNumbers)
	handOver(&src.P.Appointments, &dst.P.Appointments, mv, noNumbers)
	for i := range dst.P.Orders[had:] {
		f.carryOrder(src, dst, &dst.P.Orders[had+i])
		f.desk.order(dst.pid, numbers(&dst.P.Orders[had+i].V)...)
	}
	for _, a := range src.P.Allergies {
		if a.Case.Same(no) {
			dst.P.Allergies = enter(dst.P.Allergies, a, func(b *clinical.Allergy) bool { return sameAllergy(&a.V, b) })
		}
	}
	for _, a := range src.P.Alerts {
		if a.Case.Same(no) {
			dst.P.Alerts = enter(dst.P.Alerts, a, func(b *clinical.Alert) bool { return b.Kind == a.V.Kind && sameCode(a.V.What, b.What) })
		}
	}
}

// handOver takes the entries of a case from one list to another.
func handOver[T any](src, dst *[]Item[T], m *moving, numbers func(*T) []string) {
	*src = slices.DeleteFunc(*src, func(it Item[T]) bool {
		if m.takes(it.Case, numbers(&it.V)) {
			*dst = append(*dst, it)
			return true
		}
		return false
	})
}
