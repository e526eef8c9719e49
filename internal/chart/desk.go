package chart

import (
	"slices"

	"notbetrieb/internal/clinical"
)

// shelf is where documents that are not on the desk are kept.
type shelf interface {
	// person returns the number of the identity, 0 if it is unknown.
	person(key clinical.PatientKey) (int64, error)
	// owner returns the identity that has the case, 0 if it is unknown.
	owner(no clinical.CaseNo) (int64, error)
	// ordered returns the identities that have or had an order of the number.
	ordered(no string) ([]int64, error)
	// lastPerson returns the highest number given so far.
	lastPerson() (int64, error)
	// head reads into d and reports whether there is one.
	head(pid int64, d *headDoc) (bool, error)
	// chapters returns the keys of all chapters of an identity.
	chapters(pid int64) ([]chapterKey, error)
	// chapter reads into d and reports whether there is one.
	chapter(k chapterKey, d *openDoc) (bool, error)
}

type chapterKey struct {
	pid  int64
	kind int
	day  int
}

// headDoc is a head on the desk.
type headDoc struct {
	head
	pid   int64
	trace trace // what is stored beside the head
	root  int64 // the survivor, as it is stored
	seen  int64 // when the newest record was received (unix seconds)
	kept  bool  // is stored
	dirty bool
	size  int
	used  uint64
}

// openDoc is a chapter on the desk.
type openDoc struct {
	open
	dirty bool
	size  int
	used  uint64
}

// desk holds the documents that the fold works on: written to in memory, put
// on the shelf together when the batch ends. It belongs to one goroutine. The
// first error of the shelf stays; what the fold does after it is thrown away.
type desk struct {
	shelf  shelf
	people map[clinical.PatientKey]int64
	cases  map[clinical.CaseNo]int64
	heads  map[int64]*headDoc
	parts  map[chapterKey]*openDoc
	next   int64

	batch      uint64
	size       int
	dirtyHeads []*headDoc
	dirtyParts []chapterKey
	newCases   []clinical.CaseNo  // cases whose owner is new
	orders     map[string][]int64 // numbers of orders that are new, and whose
	told       []string           // what messages may have waited for: new cases, new orders
	err        error
}

func newDesk(s shelf) (*desk, error) {
	last, err := s.lastPerson()
	if err != nil {
		return nil, err
	}
	d := &desk{shelf: s, next: last + 1}
	d.clear()
	return d, nil
}

func (d *desk) clear() {
	d.people, d.cases = map[clinical.PatientKey]int64{}, map[clinical.CaseNo]int64{}
	d.heads, d.parts = map[int64]*headDoc{}, map[chapterKey]*openDoc{}
	d.dirtyHeads, d.dirtyParts, d.newCases, d.size, d.err = nil, nil, nil, 0, nil
	d.orders, d.told = map[string][]int64{}, nil
}

func (d *desk) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// lookup returns the number of an identity, 0 if nobody has it.
func (d *desk) lookup(key clinical.PatientKey) int64 {
	if key == "" {
		return 0
	}
	if pid, ok := d.people[key]; ok {
		return pid
	}
	pid, err := d.shelf.person(key)
	if err != nil {
		d.fail(err)
	}
	if pid != 0 {
		d.people[key] = pid
	}
	return pid
}

// person returns the number of an identity, a new one for a new identity.
func (d *desk) person(key clinical.PatientKey) int64 {
	if pid := d.lookup(key); pid != 0 {
		return pid
	}
	pid := d.next
	d.next++
	d.people[key] = pid
	h := &headDoc{pid: pid}
	h.P.Key = key
	d.heads[pid] = h
	d.touch(h)
	return pid
}

// owner returns the identity that has a case, 0 if none has it.
func (d *desk) owner(no clinical.CaseNo) int64 {
	if no == "" {
		return 0
	}
	if pid, ok := d.cases[no]; ok {
		return pid
	}
	pid, err := d.shelf.owner(no)
	if err != nil {
		d.fail(err)
	}
	if pid != 0 {
		d.cases[no] = pid
	}
	return pid
}

// own gives a case to an identity.
func (d *desk) own(no clinical.CaseNo, pid int64) {
	d.cases[no] = pid
	d.newCases = append(d.newCases, no)
	d.told = append(d.told, string(no))
}

// head returns the head of an identity for reading; touch it to write.
func (d *desk) head(pid int64) *headDoc {
	h, ok := d.heads[pid]
	if !ok {
		h = &headDoc{pid: pid}
		found, err := d.shelf.head(pid, h)
		if err != nil {
			d.fail(err)
		}
		h.kept = found
		d.heads[pid] = h
		d.size += h.size
	}
	h.used = d.batch
	return h
}

func (d *desk) touch(h *headDoc) *headDoc {
	if !h.dirty {
		h.dirty = true
		d.dirtyHeads = append(d.dirtyHeads, h)
	}
	return h
}

// part returns a chapter for reading; write to it through edit.
func (d *desk) part(k chapterKey) *openDoc {
	c, ok := d.parts[k]
	if !ok {
		c = &openDoc{}
		if _, err := d.shelf.chapter(k, c); err != nil {
			d.fail(err)
		}
		d.parts[k] = c
		d.size += c.size
	}
	c.used = d.batch
	return c
}

// chaptersOf returns the keys of all chapters of an identity, on the shelf and
// on the desk.
func (d *desk) chaptersOf(pid int64) ([]chapterKey, error) {
	keys, err := d.shelf.chapters(pid)
	if err != nil {
		return nil, err
	}
	for _, k := range d.dirtyParts {
		if k.pid == pid && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// edit returns a chapter for writing.
func (d *desk) edit(k chapterKey) *openDoc {
	c := d.part(k)
	if !c.dirty {
		c.dirty = true
		d.dirtyParts = append(d.dirtyParts, k)
	}
	return c
}

// root returns the identity into which pid was merged in the end, or pid.
func (d *desk) root(pid int64) int64 {
	for range 64 {
		into := d.head(pid).P.Into
		if into == "" {
			return pid
		}
		next := d.lookup(into)
		if next == 0 {
			return pid
		}
		pid = next
	}
	return pid
}

// group returns the identities of one person, the survivor first.
func (d *desk) group(pid int64) []*headDoc {
	out := []*headDoc{d.head(d.root(pid))}
	for i := 0; i < len(out) && len(out) < 256; i++ {
		for _, l := range out[i].P.Linked {
			if child := d.lookup(l.Key); child != 0 {
				out = append(out, d.head(child))
			}
		}
	}
	return out
}

// dirty returns how many documents wait to be stored.
func (d *desk) dirty() int { return len(d.dirtyHeads) + len(d.dirtyParts) }

// stored ends a batch: everything dirty is on the shelf now. Documents that
// the batch did not use leave when the desk holds more than limit bytes.
func (d *desk) stored(limit int) {
	for _, h := range d.dirtyHeads {
		h.dirty, h.kept = false, true
	}
	for _, k := range d.dirtyParts {
		d.parts[k].dirty = false
	}
	d.dirtyHeads, d.dirtyParts, d.newCases = d.dirtyHeads[:0], d.dirtyParts[:0], d.newCases[:0]
	clear(d.orders)
	d.told = d.told[:0]
	if d.size > limit {
		d.drop(limit)
	}
	if len(d.people) > 1<<17 {
		d.people = map[clinical.PatientKey]int64{}
	}
	if len(d.cases) > 1<<17 {
		d.cases = map[clinical.CaseNo]int64{}
	}
	d.batch++
}

// drop removes the documents that were not used for longest.
func (d *desk) drop(limit int) {
	for _, age := range []uint64{16, 4, 1, 0} {
		for k, c := range d.parts {
			if c.used+age <= d.batch {
				d.size -= c.size
				delete(d.parts, k)
			}
		}
		for pid, h := range d.heads {
			if h.used+age <= d.batch {
				d.size -= h.size
				delete(d.heads, pid)
			}
		}
		if d.size <= limit*3/4 {
			return
		}
	}
}
