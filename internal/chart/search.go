package chart

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

const (
	searchLimit = 50                     // hits answered where the query names no limit
	searchKeep  = 200                    // persons found before the search stops looking
	searchScan  = 2500                   // index entries read for one word
	searchSoft  = 150 * time.Millisecond // after this no more similar words are tried
)

// How well a patient was found, best first.
const (
	byNumber = iota
	byName
	byBeginning
	bySimilar
)

// candidate is one identity that was found.
type candidate struct {
	pid     int64
	grade   int
	present bool // in house, as far as the index tells
}

// finder collects what one search finds.
type finder struct {
	v     *View
	q     question
	query Query
	found map[int64]int // identity → its place in order
	order []candidate
	until time.Time
	err   error
}

// Search finds patients by name parts in any order, birth date, case, patient
// or insurance number, or ward. It answers the page of hits that the query asks
// for and how many were found; more than some hundred are not counted. Patients
// in house come first, exact before similar ones. Nothing typed finds nothing.
func (v *View) Search(ctx context.Context, q Query) (_ []Hit, _ int, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	f := &finder{v: v, q: ask(q.Text, v.now), query: q, found: map[int64]int{}, until: v.c.cfg.Now().Add(searchSoft)}
	if !f.ward() {
		f.byNumbers()
		if len(f.q.birth) > 0 && (len(f.q.words) == 0 || f.fullDate()) {
			f.byBirth()
		}
		if len(f.q.words) > 0 && (len(f.q.birth) == 0 || !f.fullDate()) && (len(f.q.numbers) == 0 || len(f.found) == 0) {
			f.byWords()
		}
		if len(f.q.words) > 0 && len(f.found) == 0 {
			f.bySimilarWords()
		}
	}
	if f.err != nil {
		return nil, 0, f.err
	}
	return f.answer()
}

func (f *finder) add(pid int64, grade int, present bool) {
	i, ok := f.found[pid]
	if !ok {
		f.found[pid] = len(f.order)
		f.order = append(f.order, candidate{pid, grade, present})
		return
	}
	f.order[i].grade = min(f.order[i].grade, grade)
}

func (f *finder) full() bool {
	return f.err != nil || len(f.order) >= max(searchKeep, f.query.Offset+f.query.Limit)
}

func (f *finder) each(row func(*sqlite3.Stmt) bool, sql string, args ...any) {
	if f.err == nil {
		f.err = f.v.conn.each(row, sql, args...)
	}
}

// ward finds everybody on a ward that is named as it is configured.
func (f *finder) ward() bool {
	want := names.Fold(f.query.Text)
	if want == "" {
		return true
	}
	for _, w := range f.v.c.cfg.Wards {
		if names.Fold(w.Code) != want && names.Fold(w.Name) != want {
			continue
		}
		f.each(func(s *sqlite3.Stmt) bool {
			f.add(s.ColumnInt64(0), byName, true)
			return !f.full()
		}, "SELECT pid FROM bed WHERE ward=? AND (till=0 OR till>?)", w.Code, f.v.now.Unix())
		return true
	}
	return false
}

// byNumbers finds exact numbers, then beginnings of at least four characters.
func (f *finder) byNumbers() {
	tried := f.q.numbers
	if f.q.whole != "" && !slices.Contains(tried, f.q.whole) {
		tried = append([]string{f.q.whole}, tried...)
	}
	for _, n := range tried {
		f.each(func(s *sqlite3.Stmt) bool { f.add(s.ColumnInt64(0), byNumber, true); return true },
			"SELECT pid FROM number WHERE v=? LIMIT 100", n)
	}
	if len(f.found) > 0 || len(f.q.words) > 0 || len(f.q.birth) > 0 {
		return
	}
	for _, n := range tried {
		if len(n) >= 4 {
			f.each(func(s *sqlite3.Stmt) bool { f.add(s.ColumnInt64(0), byBeginning, true); return !f.full() },
				"SELECT pid FROM number WHERE v>=? AND v<? LIMIT ?", n, n+"\U0010ffff", searchKeep)
		}
	}
}

// fullDate reports whether a whole birth date was typed.
func (f *finder) fullDate() bool {
	return slices.ContainsFunc(f.q.birth, clinical.Date.Full)
}

// span is the range of birth numbers that a date stands for.
func span(d clinical.Date) (from, to int) {
	from, to = birthNumber(d), birthNumber(d)
	switch {
	case d.Month == 0:
		to += 9999
	case d.Day == 0:
		to += 99
	}
	return from, to
}

// born is the range of birth numbers that names are looked for in: what was
// typed of a year or month, else everything.
func (f *finder) born() (from, to int) {
	if len(f.q.birth) == 0 {
		return 0, 99999999
	}
	return span(f.q.birth[0])
}

// byBirth finds people born on the day, or in the month or year, whose name has
// all words.
func (f *finder) byBirth() {
	for _, d := range f.q.birth {
		from, to := span(d)
		for _, present := range f.presence() {
			if len(f.q.words) == 0 {
				f.each(func(s *sqlite3.Stmt) bool {
					f.add(s.ColumnInt64(0), byName, present == 1)
					return !f.full()
				}, "SELECT pid FROM person WHERE birth BETWEEN ? AND ? AND present=?", from, to, present)
				continue
			}
			f.each(func(s *sqlite3.Stmt) bool {
				if f.hasWords(s.ColumnRawBlob(1)) {
					f.add(s.ColumnInt64(0), byName, present == 1)
				}
				return !f.full()
			}, "SELECT pid, trace FROM person WHERE birth BETWEEN ? AND ? AND present=? LIMIT ?", from, to, present, searchScan)
		}
	}
}

// presence lists which parts of the index to read: those in house first. Visits
// of today are in the second part.
func (f *finder) presence() []int {
	return []int{1, 0}
}

// hasWords reports whether the names in a stored trace have every word, or one
// spelled alike.
func (f *finder) hasWords(blob []byte) bool {
	var t trace
	if _, err := decode(f.v.c.codecs, f.v.c.codecs.trace, blob, &t); err != nil {
		f.err = errors.Join(f.err, err)
		return false
	}
	for _, n := range t.Names {
		all := strings.Fields(n.A + " " + n.B)
		ok := true
		for _, w := range f.q.words {
			ok = ok && slices.ContainsFunc(all, func(x string) bool { return strings.HasPrefix(x, w) || names.Similar(w, x) })
		}
		if ok {
			return true
		}
	}
	return false
}

// byWords finds names that have every word, each as typed or as a beginning.
func (f *finder) byWords() {
	from, to := f.born()
	for i, anchor := range f.q.words {
		rest := others(f.q.words, i)
		for _, present := range f.presence() {
			if len(rest) > 0 { // both exact or second a beginning: straight to the place
				f.each(func(s *sqlite3.Stmt) bool {
					f.check(candidate{pid: s.ColumnInt64(0), present: present == 1}, anchor, s.ColumnText(1), s.ColumnText(2), rest)
					return !f.full()
				}, "SELECT pid, a, b FROM name WHERE present=? AND a=? AND b>=? AND b<? AND birth BETWEEN ? AND ? LIMIT ?",
					present, anchor, rest[0], rest[0]+"\U0010ffff", from, to, searchScan)
			}
			n := 0
			f.each(func(s *sqlite3.Stmt) bool {
				n++
				f.check(candidate{pid: s.ColumnInt64(0), present: present == 1}, anchor, s.ColumnText(1), s.ColumnText(2), rest)
				return !f.full() && n < searchScan
			}, "SELECT pid, a, b FROM name WHERE present=? AND a>=? AND a<? AND birth BETWEEN ? AND ?",
				present, anchor, anchor+"\U0010ffff", from, to)
			if f.full() {
				return
			}
		}
		if len(f.found) > 0 { // names are indexed each way round: another anchor finds the same
			return
		}
	}
}

func others(words []string, i int) []string {
	return slices.Concat(words[:i], words[i+1:])
}

// check adds an entry whose other words are all there.
func (f *finder) check(c candidate, anchor, a, b string, rest []string) {
	all := strings.Fields(a + " " + b)
	grade := byName
	if first, _, _ := strings.Cut(a, " "); first != anchor {
		grade = byBeginning
	}
	for _, w := range rest {
		exact := slices.Contains(all, w)
		if !exact && !slices.ContainsFunc(all, func(x string) bool { return strings.HasPrefix(x, w) }) {
			return
		}
		if !exact {
			grade = byBeginning
		}
	}
	f.add(c.pid, grade, c.present)
}

// bySimilarWords finds names with typing errors: each word by the index of
// neighbours, then the entries that have one of the candidates for each word. A
// word that is somebody's name as typed is first taken to be right.
func (f *finder) bySimilarWords() {
	all, sure := make([][]string, len(f.q.words)), make([][]string, len(f.q.words))
	for i, w := range f.q.words {
		all[i] = f.candidates(w)
		sure[i] = all[i]
		if len(all[i]) > 0 && all[i][0] == w {
			sure[i] = all[i][:1]
		}
	}
	f.among(sure)
	if len(f.found) == 0 {
		f.among(all)
	}
}

// among finds entries that have one of the candidates for each word.
func (f *finder) among(cands [][]string) {
	for i, anchors := range cands {
		for _, anchor := range anchors {
			if f.full() || f.v.c.cfg.Now().After(f.until) {
				return
			}
			f.similar(anchor, i, cands)
		}
		if len(f.found) > 0 {
			return
		}
	}
}

// similar adds entries under one candidate of word i that fit all other words.
func (f *finder) similar(anchor string, i int, cands [][]string) {
	from, to := f.born()
	fits := func(all []string) bool {
		for j, w := range f.q.words {
			if j == i {
				continue
			}
			if !slices.ContainsFunc(all, func(x string) bool {
				return strings.HasPrefix(x, w) || slices.Contains(cands[j], x) || names.Similar(w, x)
			}) {
				return false
			}
		}
		return true
	}
	for _, present := range f.presence() {
		row := func(s *sqlite3.Stmt) bool {
			if fits(strings.Fields(s.ColumnText(1) + " " + s.ColumnText(2))) {
				f.add(s.ColumnInt64(0), bySimilar, present == 1)
			}
			return !f.full()
		}
		for j := range cands {
			if j == i {
				continue
			}
			for _, other := range append([]string{f.q.words[j]}, cands[j]...) {
				f.each(row, "SELECT pid, a, b FROM name WHERE present=? AND a=? AND b>=? AND b<? AND birth BETWEEN ? AND ? LIMIT 200",
					present, anchor, other, other+"\U0010ffff", from, to)
			}
		}
		if len(f.q.words) == 1 {
			f.each(row, "SELECT pid, a, b FROM name WHERE present=? AND a=? AND birth BETWEEN ? AND ? LIMIT 200",
				present, anchor, from, to)
		}
	}
}

// candidates returns the indexed words that may be meant by w, nearest first.
func (f *finder) candidates(w string) []string {
	var out []string
	for _, k := range names.Neighbours(w) {
		n := 0
		f.each(func(s *sqlite3.Stmt) bool {
			if word := s.ColumnText(0); names.Similar(w, word) && !slices.Contains(out, word) {
				out = append(out, word)
			}
			n++
			return n < 300
		}, "SELECT word FROM typo WHERE k=?", k)
	}
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(names.Distance(w, a), names.Distance(w, b)), cmp.Compare(a, b))
	})
	return out[:min(len(out), 8)]
}

// ranked is a hit on its way to the answer.
type ranked struct {
	Hit
	present bool
	grade   int
}

// answer turns candidates into the page of hits that was asked for. Only as
// many as the page needs are read, the best first.
func (f *finder) answer() ([]Hit, int, error) {
	slices.SortStableFunc(f.order, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.grade/bySimilar, b.grade/bySimilar), -boolCompare(a.present, b.present), cmp.Compare(a.grade, b.grade))
	})
	limit := f.query.Limit
	if limit <= 0 {
		limit = searchLimit
	}
	from := max(f.query.Offset, 0)
	all, total, err := f.load(from + limit + 10)
	if err != nil {
		return nil, 0, err
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.grade/bySimilar, b.grade/bySimilar), -boolCompare(a.present, b.present), cmp.Compare(a.grade, b.grade),
			cmp.Compare(names.Fold(a.Name.Family), names.Fold(b.Name.Family)), cmp.Compare(names.Given(a.Name), names.Given(b.Name)),
			cmp.Compare(birthNumber(a.Birth), birthNumber(b.Birth)), cmp.Compare(a.Key, b.Key))
	})
	same := map[string]int{}
	for i := range all {
		same[names.Fold(all[i].Name.Family)+"|"+names.Given(all[i].Name)]++
	}
	from = min(from, len(all))
	hits := make([]Hit, 0, min(limit, len(all)-from))
	for _, r := range all[from:min(from+limit, len(all))] {
		if r.grade == bySimilar {
			r.Why = lang.Text{DE: "ähnlich geschrieben", EN: "spelled alike"}
		}
		r.Alike = same[names.Fold(r.Name.Family)+"|"+names.Given(r.Name)] > 1
		hits = append(hits, r.Hit)
	}
	return hits, total, nil
}

// load reads the first n persons among the candidates; total counts the others
// too.
func (f *finder) load(n int) (all []ranked, total int, err error) {
	byRoot := map[int64]int{}
	for i, c := range f.order {
		if len(all) >= n {
			return all, len(all) + len(f.order) - i, nil
		}
		var bad error
		err := f.v.conn.each(func(s *sqlite3.Stmt) bool {
			root := s.ColumnInt64(0)
			if i, ok := byRoot[root]; ok {
				all[i].Merged = all[i].Merged && root != c.pid
				all[i].grade = min(all[i].grade, c.grade)
				return false
			}
			var doc hitDoc
			if _, bad = decode(f.v.c.codecs, f.v.c.codecs.hit, s.ColumnRawBlob(1), &doc); bad != nil {
				return false
			}
			r := ranked{Hit: doc.Hit, grade: c.grade}
			if doc.Till != 0 && doc.Till <= f.v.now.Unix() {
				r.State = Left
			}
			r.present = r.State == Present || r.State == Away
			r.Merged = root != c.pid
			if f.query.Present && !r.present || f.query.Ward != "" && (!r.present || r.Place.Ward != f.query.Ward) {
				return false
			}
			byRoot[root] = len(all)
			all = append(all, r)
			return false
		}, "SELECT r.pid, r.hit FROM person p JOIN person r ON r.pid=p.root WHERE p.pid=?", c.pid)
		if err = errors.Join(err, bad); err != nil {
			return nil, 0, err
		}
	}
	return all, len(all), nil
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
