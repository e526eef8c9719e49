package chart

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// View is the charts as of one record: whatever it answers belongs together.
// It is for one goroutine and must be closed soon; the memory it answers may be
// kept.
type View struct {
	c     *Chart
	file  *file
	conn  *conn
	seq   uint64
	asOf  time.Time
	now   time.Time
	ended bool
	last  struct { // the person asked for last, and the numbers of all identities
		key  clinical.PatientKey
		pids []int64
	}
}

// View begins a read transaction. The error's kind is Unavailable when there
// is no chart to read or ctx ends before a connection is free.
func (c *Chart) View(ctx context.Context) (*View, error) {
	f, err := c.hold()
	if err != nil {
		return nil, err
	}
	cn, err := f.readers.take(ctx)
	if err != nil {
		f.release()
		return nil, unavailable(err)
	}
	cn.SetInterrupt(ctx)
	v := &View{c: c, file: f, conn: cn, now: c.cfg.Now()}
	if err := v.begin(); err != nil {
		return nil, errors.Join(unavailable(err), v.Close())
	}
	return v, nil
}

func unavailable(err error) error {
	return fault.Mark(err, fault.Unavailable, lang.Text{
		DE: "Die Akten können gerade nicht gelesen werden. Bitte in wenigen Sekunden erneut versuchen.",
		EN: "The charts cannot be read right now. Please try again in a few seconds.",
	})
}

func (v *View) begin() error {
	if err := v.conn.run("BEGIN"); err != nil {
		return err
	}
	pos, err := v.conn.number("SELECT v FROM meta WHERE k='pos'")
	if err != nil {
		return err
	}
	asOf, err := v.conn.number("SELECT v FROM meta WHERE k='asof'")
	v.seq, v.asOf = uint64(pos), fromNano(asOf, v.c.rules.zone)
	return err
}

// Close ends the view. A second Close does nothing.
func (v *View) Close() error {
	if v.ended {
		return nil
	}
	v.ended = true
	err := v.conn.rollback()
	if err != nil { // a connection that cannot end its transaction is not used again
		err = errors.Join(fmt.Errorf("chart view: %w", err), v.conn.Close())
		v.conn = nil
	}
	v.file.readers.free <- v.conn
	v.file.release()
	return err
}

// note looks at the error of an answer: one that shows damage has the charts
// rebuilt and tells the user what happens.
func (v *View) note(err *error) {
	if *err == nil || !rebuildable(*err) {
		return
	}
	v.c.mu.Lock()
	v.c.rebuild = true
	if v.c.wake != nil {
		v.c.wake()
	}
	v.c.mu.Unlock()
	*err = fault.Mark(*err, fault.Corrupt, lang.Text{
		DE: "Die Akten-Datei ist beschädigt und wird gerade aus dem Journal neu aufgebaut. Es ist nichts verloren. Bitte in einigen Minuten erneut versuchen.",
		EN: "The chart file is damaged and is being rebuilt from the journal. Nothing is lost. Please try again in a few minutes.",
	})
}

// Seq is the newest record that is folded.
func (v *View) Seq() uint64 { return v.seq }

// AsOf is when the newest folded message was received, zero if there is none.
// Records of the house itself (reads, sign-ins, outages) do not make it newer.
func (v *View) AsOf() time.Time { return v.asOf }

// Part says which bulky lists of a chart are wanted. Everything else (person,
// stays, warnings, diagnoses, orders, medication) always comes.
type Part struct {
	Lab       bool // laboratory and microbiology results
	Vitals    bool
	Other     bool // results of every other section
	Documents bool
	Doses     bool
	Since     time.Time // results and doses from this day on; zero: all there are
}

// Head asks for no bulky lists.
func Head() Part { return Part{} }

// All asks for the whole chart.
func All() Part {
	return Part{Lab: true, Vitals: true, Other: true, Documents: true, Doses: true}
}

func (p Part) kinds() []int {
	var out []int
	for i, s := range sections() {
		switch s {
		case clinical.Laboratory, clinical.Microbiology:
			if p.Lab {
				out = append(out, chapterResults+i)
			}
		case clinical.Vitals:
			if p.Vitals {
				out = append(out, chapterResults+i)
			}
		default:
			if p.Other {
				out = append(out, chapterResults+i)
			}
		}
	}
	if p.Documents {
		out = append(out, chapterDocuments)
	}
	if p.Doses {
		out = append(out, chapterDoses)
	}
	return out
}

func noPatient() error {
	return fault.New(fault.NotFound, lang.Text{
		DE: "Diese Patientin oder dieser Patient ist hier nicht bekannt.",
		EN: "This patient is not known here.",
	})
}

// shelfOf returns a shelf that reads through the view.
func (v *View) shelf() *dbShelf {
	return &dbShelf{conn: v.conn, codecs: v.c.codecs, rules: v.c.rules}
}

// group returns the heads of a person's identities, the survivor first.
func (v *View) group(key clinical.PatientKey) ([]*headDoc, error) {
	d := &desk{shelf: v.shelf()}
	d.clear()
	pid := d.lookup(key)
	if pid == 0 {
		if d.err != nil {
			return nil, d.err
		}
		return nil, noPatient()
	}
	group := d.group(pid)
	return group, d.err
}

// Patient returns the chart of the person that key belongs to, whichever of
// the merged identities it names: Key in the answer is the surviving one. The
// error's kind is NotFound if the key is unknown.
func (v *View) Patient(ctx context.Context, key clinical.PatientKey, want Part) (_ *Patient, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	group, err := v.group(key)
	if err != nil {
		return nil, err
	}
	p := union(v.c.rules, group)
	v.last.key, v.last.pids = p.Key, pidsOf(group)
	endVisits(p, v.now)
	if err := v.chapters(p, group, want); err != nil {
		return nil, err
	}
	if p.MotherKey != "" {
		known, err := v.conn.number("SELECT count(*) FROM person WHERE key=?", string(p.MotherKey))
		if err != nil {
			return nil, err
		}
		if known == 0 {
			p.MotherKey = ""
		}
	}
	if p.Doublets, err = v.doublets(p, group); err != nil {
		return nil, err
	}
	return p, nil
}

// Owner returns the key of the person who has the case. The error's kind is
// NotFound if nobody is known to have it.
func (v *View) Owner(ctx context.Context, no clinical.CaseNo) (_ clinical.PatientKey, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	d := &desk{shelf: v.shelf()}
	d.clear()
	pid := d.owner(no)
	if pid == 0 {
		if d.err != nil {
			return "", d.err
		}
		return "", noPatient()
	}
	key := d.head(d.root(pid)).P.Key
	return key, d.err
}

func pidsOf(group []*headDoc) []int64 {
	out := make([]int64, len(group))
	for i, h := range group {
		out[i] = h.pid
	}
	return out
}

// NewestVital returns the vital sign measured last of those that is knows, from
// the day of since on; false if there is none. Older days are not read once a
// day has one. The error's kind is NotFound if the key is unknown.
func (v *View) NewestVital(ctx context.Context, key clinical.PatientKey, since time.Time, is func(*Item[clinical.Result]) bool) (best Item[clinical.Result], found bool, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	pids := v.last.pids
	if v.last.key != key {
		group, err := v.group(key)
		if err != nil {
			return best, false, err
		}
		pids = pidsOf(group)
	}
	kind := chapterResults + sectionNumber(clinical.Vitals)
	for _, pid := range pids {
		var bad error
		err := v.conn.each(func(s *sqlite3.Stmt) bool {
			var ch chapter
			if _, bad = decode(v.c.codecs, v.c.codecs.chapter, s.ColumnRawBlob(0), &ch); bad != nil {
				return false
			}
			timed := false
			for i := range ch.Results {
				if it := &ch.Results[i]; is(it) {
					timed = timed || !it.V.At.IsZero()
					if !found || it.V.At.After(best.V.At) {
						best, found = *it, true
					}
				}
			}
			return !timed // one without a time is filed under the day it came
		}, "SELECT body FROM chapter WHERE pid=? AND kind=? AND day>=? ORDER BY day DESC", pid, kind, v.c.rules.dayOf(since))
		if err = errors.Join(err, bad); err != nil {
			return best, false, err
		}
	}
	return best, found, nil
}

// chapters adds the bulky lists.
func (v *View) chapters(p *Patient, group []*headDoc, want Part) error {
	since := -1 << 30
	if !want.Since.IsZero() {
		since = v.c.rules.dayOf(want.Since)
	}
	var found []chapter
	for _, h := range group {
		for _, kind := range want.kinds() {
			from := since
			if kind == chapterDocuments {
				from = -1 << 30
			}
			var bad error
			err := v.conn.each(func(s *sqlite3.Stmt) bool {
				var ch chapter
				if _, bad = decode(v.c.codecs, v.c.codecs.chapter, s.ColumnRawBlob(0), &ch); bad != nil {
					return false
				}
				found = append(found, ch)
				return true
			}, "SELECT body FROM chapter WHERE pid=? AND kind=? AND day>=?", h.pid, kind, from)
			if err = errors.Join(err, bad); err != nil {
				return err
			}
		}
	}
	p.Results = joined(found, func(ch *chapter) []Item[clinical.Result] { return ch.Results })
	p.Documents = joined(found, func(ch *chapter) []Item[clinical.Document] { return ch.Documents })
	p.Doses = joined(found, func(ch *chapter) []Item[clinical.Dose] { return ch.Doses })
	sortLists(p)
	return nil
}

// joined puts one kind of list of all chapters behind each other.
func joined[T any](chapters []chapter, list func(*chapter) []T) []T {
	parts := make([][]T, len(chapters))
	for i := range chapters {
		parts[i] = list(&chapters[i])
	}
	return slices.Concat(parts...)
}

func sortLists(p *Patient) {
	newestFirst(p.Results, func(it *Item[clinical.Result]) time.Time { return at(it.V.At, it.Origin) })
	newestFirst(p.Documents, func(it *Item[clinical.Document]) time.Time { return at(it.V.At, it.Origin) })
	newestFirst(p.Doses, func(it *Item[clinical.Dose]) time.Time { return at(it.V.At, it.Origin) })
}

// newestFirst sorts by time. Entries are large, so their places are sorted and
// each is moved once.
func newestFirst[T any](list []Item[T], when func(*Item[T]) time.Time) {
	type place struct {
		at int64
		i  int
	}
	order := make([]place, len(list))
	for i := range list {
		order[i] = place{at: when(&list[i]).UnixNano(), i: i}
	}
	slices.SortFunc(order, func(a, b place) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.i, b.i)) })
	for first := range order {
		if order[first].i < 0 {
			continue
		}
		held := list[first]
		for free := first; ; { // once round the ring of places that first is in
			from := order[free].i
			order[free].i = -1
			if from == first {
				list[free] = held
				break
			}
			list[free], free = list[from], from
		}
	}
}

// doublets looks for other persons with the same name and birth date. They are
// shown to people, never merged.
func (v *View) doublets(p *Patient, group []*headDoc) ([]Doublet, error) {
	if !p.Birth.V.Full() || p.Name.V.Family == "" || p.Unnamed.V {
		return nil, nil
	}
	family, given := names.Fold(p.Name.V.Family), names.Given(p.Name.V)
	if given == "" { // newborn twins without a name yet are two
		return nil, nil
	}
	var out []Doublet
	var bad error
	err := v.conn.each(func(s *sqlite3.Stmt) bool {
		root := s.ColumnInt64(0)
		if root == group[0].pid {
			return true
		}
		var hit hitDoc
		if _, bad = decode(v.c.codecs, v.c.codecs.hit, s.ColumnRawBlob(1), &hit); bad != nil {
			return false
		}
		if names.Fold(hit.Name.Family) == family && names.Given(hit.Name) == given &&
			!slices.ContainsFunc(out, func(d Doublet) bool { return d.Key == hit.Key }) {
			out = append(out, Doublet{Key: hit.Key, Name: hit.Name, Why: lang.Text{
				DE: "gleicher Name und gleiches Geburtsdatum, andere Patientennummer",
				EN: "same name and birth date, other patient number",
			}})
		}
		return true
	}, "SELECT root, hit FROM person WHERE birth=? LIMIT 500", birthNumber(p.Birth.V))
	return out, errors.Join(err, bad)
}

// Sources returns the records behind a chart, newest first: at most limit with
// Seq below before (0: from the newest).
func (v *View) Sources(ctx context.Context, key clinical.PatientKey, before uint64, limit int) (_ []Source, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	group, err := v.group(key)
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = 1 << 62
	}
	var out []Source
	for _, h := range group {
		n := 0
		var bad error
		err := v.conn.each(func(s *sqlite3.Stmt) bool {
			var ch chapter
			if _, bad = decode(v.c.codecs, v.c.codecs.chapter, s.ColumnRawBlob(0), &ch); bad != nil {
				return false
			}
			for _, src := range ch.Sources {
				if src.Seq < before {
					out = append(out, src)
					n++
				}
			}
			return n < limit
		}, "SELECT body FROM chapter WHERE pid=? AND kind=? ORDER BY day DESC", h.pid, chapterSources)
		if err = errors.Join(err, bad); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Source) int { return cmp.Compare(b.Seq, a.Seq) })
	out = slices.CompactFunc(out, func(a, b Source) bool { return a.Seq == b.Seq })
	return out[:min(len(out), limit)], nil
}
