package chart

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
)

// TaskKind says what waits.
type TaskKind int

// The numbers are part of the key on disk.
const (
	TaskOrder    TaskKind = 1 // an order that is open
	TaskCritical TaskKind = 2 // a critical result that nobody has taken note of
	TaskDraft    TaskKind = 3 // an entry that is not signed
	TaskReview   TaskKind = 4 // a prescription made or changed here that no pharmacist looked at
	TaskRemark   TaskKind = 5 // a pharmacist's remark that no physician took note of
	TaskRequest  TaskKind = 6 // what a ward asks of the pharmacy
)

// Task is one thing that waits for somebody, with whom it concerns. One of
// Order, Critical, Draft, Prescription (with Review for a remark) and Request is
// set, by Kind.
type Task struct {
	Kind    TaskKind
	Key     clinical.PatientKey
	Case    clinical.CaseNo
	Name    clinical.Name
	Birth   clinical.Date
	Sex     clinical.Sex
	Unnamed bool
	Place   clinical.Place
	State   StayState
	Dead    bool
	Section clinical.Section
	At      time.Time // when it began to wait

	Order    Item[clinical.Order]
	Critical Critical
	Draft    Item[clinical.Draft]

	Prescription Item[clinical.Prescription]
	Review       Item[clinical.Review]
	Request      Item[clinical.Request]
}

// WorkQuery chooses tasks; zero fields choose all.
type WorkQuery struct {
	Kinds    []TaskKind
	Sections []clinical.Section
	Ward     string
	Number   string    // placer or filler number of the order, as scanned
	Person   string    // author of a draft
	Since    time.Time // began to wait at or after
	Limit    int       // 0 means 200
	Offset   int
}

// taskRow is a task on its way to disk.
type taskRow struct {
	ref  taskRef
	task Task
}

// taskRef names a stored task; Sum changes with what it shows.
type taskRef struct {
	Kind int
	Ref  string
	Sum  uint64
}

// tasksOf returns what waits for somebody with this person. Orders that were
// open long before the person left the house wait for nobody.
func tasksOf(p *Patient) []taskRow {
	if len(p.Orders)+len(p.Unheard)+len(p.Drafts)+len(p.Medication)+len(p.Requests) == 0 {
		return nil
	}
	base := Task{Key: p.Key, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V, Unnamed: p.Unnamed.V, Dead: p.Dead.V}
	if s, ok := p.Current(); ok {
		base.Case, base.Place, base.State = s.Case, s.Now.V, s.State
	}
	var out []taskRow
	add := func(t Task, ref string, seq uint64, more ...string) {
		out = append(out, taskRow{task: t, ref: taskRef{Kind: int(t.Kind), Ref: ref, Sum: sumOf(&t, seq, more)}})
	}
	for _, o := range p.Orders {
		if o.Cancelled || !o.V.Status.Open() || base.State == Left && o.Origin.Feed != Here {
			continue
		}
		t := base
		t.Kind, t.Section, t.At, t.Order = TaskOrder, o.V.Section, at(o.V.Requested, o.Origin), o
		t.Order.Was = nil
		add(t, o.V.Placer+"\x1f"+o.V.Filler, o.Origin.Seq, string(o.V.Status))
	}
	for _, c := range p.Unheard {
		t := base
		t.Kind, t.Section, t.At, t.Critical = TaskCritical, c.Section, when(c.Mark.Origin), c
		add(t, c.Result, c.Mark.Origin.Seq)
	}
	for _, d := range p.Drafts {
		t := base
		t.Kind, t.At, t.Draft = TaskDraft, d.V.At, d
		add(t, d.V.Key, d.Origin.Seq)
	}
	for _, t := range pharmacyTasks(p, base) {
		ref := t.Request.V.ID
		if t.Kind != TaskRequest {
			ref = t.Prescription.V.Key() + "\x1f" + t.Review.V.ID
		}
		add(t, ref, max(t.Prescription.Origin.Seq, t.Request.Origin.Seq), strconv.FormatUint(t.Review.Origin.Seq, 10))
	}
	return out
}

func sumOf(t *Task, seq uint64, more []string) uint64 {
	h := fnv.New64a()
	for _, s := range append([]string{
		string(t.Key), string(t.Case), t.Name.Display(), t.Birth.ISO(), string(t.Sex), t.Place.Ward, t.Place.Room, t.Place.Bed,
		string(t.State), strconv.FormatBool(t.Dead), strconv.FormatUint(seq, 10),
	}, more...) {
		_, _ = h.Write([]byte(s)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

// storeTasks writes the difference between the old and the new tasks.
func (s *dbShelf) storeTasks(h *headDoc, tasks []taskRow) ([]taskRef, error) {
	var refs []taskRef
	for i := range tasks {
		t := &tasks[i]
		refs = append(refs, t.ref)
		if slices.Contains(h.trace.Tasks, t.ref) {
			continue
		}
		who, number := "", ""
		switch t.task.Kind {
		case TaskOrder:
			number = names.Number(t.task.Order.V.Placer) + " " + names.Number(t.task.Order.V.Filler)
		case TaskDraft:
			who = t.task.Draft.V.By.ID
		case TaskCritical, TaskReview, TaskRemark, TaskRequest:
		}
		if err := s.run("INSERT OR REPLACE INTO task VALUES(?,?,?,?,?,?,?,?,?)", h.pid, t.ref.Kind, t.ref.Ref, sectionNumber(t.task.Section),
			t.task.Place.Ward, t.task.At.Unix(), number, who, encode(s.codecs, s.codecs.task, &t.task)); err != nil {
			return nil, err
		}
	}
	for _, old := range h.trace.Tasks {
		if !slices.ContainsFunc(refs, func(r taskRef) bool { return r.Kind == old.Kind && r.Ref == old.Ref }) {
			if err := s.run("DELETE FROM task WHERE pid=? AND kind=? AND ref=?", h.pid, old.Kind, old.Ref); err != nil {
				return nil, err
			}
		}
	}
	return refs, nil
}

// Work returns what waits for somebody in the whole house, the longest waiting
// first, and how many tasks the query finds in all.
func (v *View) Work(ctx context.Context, q WorkQuery) (_ []Task, _ int, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	cond, args := q.where()
	limit := q.Limit
	if limit <= 0 {
		limit = 200
	}
	var out []Task
	var bad error
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		var t Task
		if _, bad = decode(v.c.codecs, v.c.codecs.task, s.ColumnRawBlob(0), &t); bad != nil {
			return false
		}
		out = append(out, t)
		return true
	}, "SELECT body FROM task WHERE "+cond+" ORDER BY at, pid, kind, ref LIMIT ? OFFSET ?", append(args[:len(args):len(args)], limit, q.Offset)...)
	if err := errors.Join(err, bad); err != nil {
		return nil, 0, err
	}
	if n := q.Offset + len(out); len(out) < limit && (len(out) > 0 || q.Offset == 0) {
		return out, n, nil // the last of them is here
	}
	total, err := v.conn.number("SELECT count(*) FROM task WHERE "+cond, args...)
	return out, int(total), err
}

func (q *WorkQuery) where() (string, []any) {
	cond, args := []string{"1"}, []any{}
	add := func(c string, a ...any) { cond, args = append(cond, c), append(args, a...) }
	var kinds, sections []string
	for _, k := range q.Kinds {
		kinds = append(kinds, strconv.Itoa(int(k)))
	}
	for _, s := range q.Sections {
		sections = append(sections, strconv.Itoa(sectionNumber(s)))
	}
	if len(kinds) > 0 {
		add("kind IN (" + strings.Join(kinds, ",") + ")")
	}
	if len(sections) > 0 {
		add("section IN (" + strings.Join(sections, ",") + ")")
	}
	if q.Ward != "" {
		add("ward=?", q.Ward)
	}
	if n := names.Number(q.Number); n != "" {
		add("instr(' '||number||' ', ' '||?||' ')>0", n)
	}
	if q.Person != "" {
		add("who=?", q.Person)
	}
	if !q.Since.IsZero() {
		add("at>=?", q.Since.Unix())
	}
	return strings.Join(cond, " AND "), args
}
