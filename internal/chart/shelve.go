package chart

import (
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
)

// trace is what a person left in the tables beside the own documents; the
// difference to the next one is what has to be written.
type trace struct {
	Birth   int
	Present bool
	Names   []pair
	Numbers []string
	Beds    []bed
	Tasks   []taskRef
}

// pair is an entry of the name index: one name, and the others in one line.
type pair struct{ A, B string }

// dbShelf keeps documents in SQLite. It belongs to the writer.
type dbShelf struct {
	*conn
	codecs *codecs
	rules  rules
	words  map[string]bool // words that the typing-error index has, as far as seen
}

func (s *dbShelf) person(key clinical.PatientKey) (int64, error) {
	return s.number("SELECT pid FROM person WHERE key=?", string(key))
}

func (s *dbShelf) owner(no clinical.CaseNo) (int64, error) {
	return s.number("SELECT pid FROM owner WHERE no=?", string(no))
}

func (s *dbShelf) ordered(no string) (pids []int64, err error) {
	err = s.each(func(st *sqlite3.Stmt) bool { pids = append(pids, st.ColumnInt64(0)); return true },
		"SELECT pid FROM ordered WHERE no=? ORDER BY pid", no)
	return pids, err
}

func (s *dbShelf) lastPerson() (int64, error) { return s.number("SELECT max(pid) FROM person") }

func (s *dbShelf) head(pid int64, d *headDoc) (found bool, err error) {
	var bad error
	err = s.each(func(st *sqlite3.Stmt) bool {
		found = true
		n, e := decode(s.codecs, s.codecs.head, st.ColumnRawBlob(0), &d.head)
		d.size = headInMemory(n)
		var t trace
		if e == nil {
			_, e = decode(s.codecs, s.codecs.trace, st.ColumnRawBlob(1), &t)
		}
		d.trace, d.seen, d.root, bad = t, st.ColumnInt64(2), st.ColumnInt64(3), e
		return false
	}, "SELECT head, trace, seen, root FROM person WHERE pid=?", pid)
	if err == nil {
		err = bad
	}
	return found, err
}

func (s *dbShelf) chapters(pid int64) (out []chapterKey, err error) {
	err = s.each(func(st *sqlite3.Stmt) bool {
		out = append(out, chapterKey{pid: pid, kind: st.ColumnInt(0), day: st.ColumnInt(1)})
		return true
	}, "SELECT kind, day FROM chapter WHERE pid=?", pid)
	return out, err
}

func (s *dbShelf) chapter(k chapterKey, d *openDoc) (found bool, err error) {
	var bad error
	err = s.each(func(st *sqlite3.Stmt) bool {
		found = true
		n, e := decode(s.codecs, s.codecs.chapter, st.ColumnRawBlob(0), &d.chapter)
		d.size, bad = chapterInMemory(n), e
		return false
	}, "SELECT body FROM chapter WHERE pid=? AND kind=? AND day=?", k.pid, k.kind, k.day)
	if err == nil {
		err = bad
	}
	return found, err
}

// store writes everything dirty on the desk, and returns the wards whose list
// changed.
func (s *dbShelf) store(d *desk) (wards []string, err error) {
	for _, no := range d.newCases {
		if err := s.run("INSERT OR REPLACE INTO owner VALUES(?,?)", string(no), d.cases[no]); err != nil {
			return nil, err
		}
	}
	for no, pids := range d.orders {
		for _, pid := range pids {
			if err := s.run("INSERT OR IGNORE INTO ordered VALUES(?,?)", no, pid); err != nil {
				return nil, err
			}
		}
	}
	ahead := s.encodeAhead(d)
	defer ahead.stop()
	for _, k := range d.dirtyParts {
		c := d.parts[k]
		size, err := s.storeChapter(k, c, ahead)
		if err != nil {
			return nil, err
		}
		d.size += size - c.size
		c.size = size
	}
	done := map[int64]bool{}
	for i := 0; i < len(d.dirtyHeads); i++ { // grows: a merge changes the whole group
		root := d.root(d.dirtyHeads[i].pid)
		if done[root] {
			continue
		}
		done[root] = true
		group := d.group(root)
		w, err := s.storeGroup(d, group, ahead)
		if err != nil {
			return nil, err
		}
		for _, ward := range w {
			if !slices.Contains(wards, ward) {
				wards = append(wards, ward)
			}
		}
	}
	return wards, d.err
}

func (s *dbShelf) storeChapter(k chapterKey, c *openDoc, ahead *encoding) (size int, err error) {
	b, plain := ahead.chapter()
	if len(c.Results)+len(c.Documents)+len(c.Doses)+len(c.Sources)+len(c.Homes) == 0 {
		return 0, s.run("DELETE FROM chapter WHERE pid=? AND kind=? AND day=?", k.pid, k.kind, k.day)
	}
	return chapterInMemory(plain), s.run("INSERT OR REPLACE INTO chapter VALUES(?,?,?,?)", k.pid, k.kind, k.day, b)
}

// storeGroup writes the identities of one person and what is found of them in
// lists and search. All of them, every time: what stands at a merged identity
// must not depend on which records came together.
func (s *dbShelf) storeGroup(d *desk, group []*headDoc, ahead *encoding) (wards []string, err error) {
	p := union(s.rules, group)
	beds := rows(s.rules, p, group)
	hit, present := hitOf(p)
	for i, h := range group {
		t := trace{Birth: birthNumber(h.P.Birth.V), Present: present, Names: namesOf(&h.P), Numbers: numbersOf(h)}
		mine, waits := beds[:0:0], []taskRow(nil)
		if i == 0 {
			mine, waits = beds, tasksOf(p)
			for _, b := range beds {
				t.Beds = append(t.Beds, b.bed)
			}
		}
		for _, b := range append(t.Beds, h.trace.Beds...) {
			wards = append(wards, b.Ward)
		}
		if err := s.storeTrace(h, &t, mine); err != nil {
			return nil, err
		}
		if t.Tasks, err = s.storeTasks(h, waits); err != nil {
			return nil, err
		}
		h.trace, h.root = t, group[0].pid
		size, err := s.storeHead(h, &hit, p, ahead)
		if err != nil {
			return nil, err
		}
		d.size += size - h.size
		h.size = size
	}
	return wards, nil
}

func (s *dbShelf) storeHead(h *headDoc, hit *hitDoc, p *Patient, ahead *encoding) (size int, err error) {
	b, plain, ok := ahead.head(h)
	if !ok {
		b, plain = encodeSized(s.codecs, s.codecs.head, &h.head)
	}
	return headInMemory(plain), s.run("INSERT OR REPLACE INTO person VALUES(?,?,?,?,?,?,?,?,?,?)", h.pid, string(h.P.Key), h.root,
		h.trace.Birth, h.trace.Present, p.Seq, h.seen,
		encode(s.codecs, s.codecs.hit, hit), encode(s.codecs, s.codecs.trace, &h.trace), b)
}

// storeTrace writes the difference between the old and the new trace.
func (s *dbShelf) storeTrace(h *headDoc, t *trace, beds []bedRow) error {
	old := &h.trace
	for _, n := range old.Names {
		if old.Present != t.Present || !slices.Contains(t.Names, n) {
			if err := s.run("DELETE FROM name WHERE present=? AND a=? AND b=? AND pid=?", old.Present, n.A, n.B, h.pid); err != nil {
				return err
			}
		}
	}
	for _, n := range t.Names {
		if old.Present != t.Present || old.Birth != t.Birth || !slices.Contains(old.Names, n) {
			if err := s.run("INSERT OR REPLACE INTO name VALUES(?,?,?,?,?)", t.Present, n.A, n.B, h.pid, t.Birth); err != nil {
				return err
			}
			if err := s.learn(n.A); err != nil {
				return err
			}
		}
	}
	for _, v := range old.Numbers {
		if !slices.Contains(t.Numbers, v) {
			if err := s.run("DELETE FROM number WHERE v=? AND pid=?", v, h.pid); err != nil {
				return err
			}
		}
	}
	for _, v := range t.Numbers {
		if !slices.Contains(old.Numbers, v) {
			if err := s.run("INSERT OR IGNORE INTO number VALUES(?,?)", v, h.pid); err != nil {
				return err
			}
		}
	}
	for _, b := range old.Beds {
		if !slices.Contains(t.Beds, b) {
			if err := s.run("DELETE FROM bed WHERE ward=? AND pid=? AND no=?", b.Ward, h.pid, string(b.Case)); err != nil {
				return err
			}
		}
	}
	for i := range beds {
		b := &beds[i]
		if err := s.run("INSERT OR REPLACE INTO bed VALUES(?,?,?,?,?,?,?,?,?)", b.Ward, h.pid, string(b.Case), b.doc.Row.Seq,
			b.doc.Row.Arriving, b.isolated, b.critical, b.till, encode(s.codecs, s.codecs.row, &b.doc)); err != nil {
			return err
		}
	}
	return nil
}

// learn puts a word into the index for typing errors, once.
func (s *dbShelf) learn(word string) error {
	if s.words[word] {
		return nil
	}
	if len(s.words) > 1<<16 {
		clear(s.words)
	}
	s.words[word] = true
	for i, k := range names.Neighbours(word) {
		if err := s.run("INSERT OR IGNORE INTO typo VALUES(?,?)", k, word); err != nil {
			return err
		}
		if i == 0 && s.Changes() == 0 {
			return nil // the word itself was there, so its neighbours are
		}
	}
	return nil
}

// namesOf returns the entries of the name index: every name and earlier name,
// each way round, a double name by its parts too.
func namesOf(p *Patient) []pair {
	var out []pair
	add := func(a, b string) {
		n := pair{A: a, B: b}
		if a != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	name := func(n clinical.Name) {
		given := names.Given(n)
		whole := ""
		for i, f := range names.Families(n) {
			if i == 0 {
				whole = f
			}
			add(f, given)
		}
		for g := given; g != ""; {
			add(g, whole)
			_, g, _ = strings.Cut(g, " ")
		}
	}
	name(p.Name.V)
	if b := p.BirthName.V; !b.Zero() {
		if b.Given == "" {
			b.Given, b.Further = p.Name.V.Given, p.Name.V.Further
		}
		name(b)
	}
	for _, n := range p.Names {
		name(n.V)
	}
	return out
}

// numbersOf returns the numbers under which a person is looked for.
func numbersOf(h *headDoc) []string {
	var out []string
	add := func(s string) {
		for _, v := range []string{names.Number(s), strings.TrimLeft(names.Number(s), "0")} {
			if v != "" && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	for _, id := range h.P.IDs {
		add(id.Value)
	}
	for _, no := range h.Cases {
		add(string(no))
	}
	for i := range h.Stays {
		add(string(h.Stays[i].S.Case))
		for _, no := range h.Stays[i].S.Also {
			add(string(no))
		}
	}
	for _, in := range h.P.Insurances {
		add(in.V.Number)
	}
	return out
}

// hitDoc is what the search shows of a person, as it is stored.
type hitDoc struct {
	Hit
	Till int64 // when a visit that nobody ends is over, see visitEnds
}

// hitOf returns what the search shows of a person, and whether that one is in
// house for longer than a visit.
func hitOf(p *Patient) (hit hitDoc, present bool) {
	hit.Hit = Hit{Key: p.Key, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V, IDs: p.IDs}
	if s, ok := p.Current(); ok {
		hit.Case, hit.Place, hit.State, hit.Since, hit.Left = s.Case, s.Now.V, s.State, s.Admitted.V, s.Discharged.V
		hit.Till = visitEnds(&s)
		present = (s.State == Present || s.State == Away) && hit.Till == 0
	}
	return hit, present
}

// birthNumber is the birth date as the number 19510403; unknown parts are 00.
func birthNumber(d clinical.Date) int { return d.Year*10000 + d.Month*100 + d.Day }
