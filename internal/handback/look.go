package handback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
)

// looked keeps the conflicts that were found. An item's stay the same as long
// as its version, the patient's chart and who the patient is there do.
type looked struct {
	mu    sync.Mutex
	seen  map[lookedAt]lookedFor
	known map[lookedAt]bool // patients of whom a target has a number: that stays
}

type lookedAt struct{ target, root string }

type lookedFor struct {
	key     string
	chart   uint64
	matched time.Time
	second  bool
	out     []Conflict
}

// maxLooked is how many items' conflicts are kept.
const maxLooked = 100_000

// Look fills in the conflicts of items that nobody has settled, as of now.
func (b *Book) Look(ctx context.Context, target string, items []Item) error {
	t := b.target(target)
	if t == nil {
		return noTarget()
	}
	v, err := b.charts.View(ctx)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // only read
	by := map[clinical.PatientKey][]*Item{}
	for i := range items {
		switch it := &items[i]; it.State {
		case Waiting, Released, Refused, Unclear, Rest:
			by[it.Patient] = append(by[it.Patient], it)
		case Sent, Accepted, Hand, Nothing:
		}
	}
	for key, list := range by {
		if err := b.look(ctx, v, t, key, list); err != nil {
			return err
		}
	}
	return nil
}

// look finds the conflicts of one patient's items.
func (b *Book) look(ctx context.Context, v *chart.View, t *Target, key clinical.PatientKey, list []*Item) error {
	p, err := v.Patient(ctx, key, chart.Head())
	if fault.KindOf(err) == fault.NotFound {
		return nil // about no patient, or not folded yet
	}
	if err != nil {
		return err
	}
	m, err := b.match(ctx, t, key, p.Key)
	if err != nil {
		return err
	}
	full := false
	for _, it := range list {
		at, now := lookedAt{t.Name, it.Root}, lookedFor{key: it.Key, chart: p.Told, matched: m.Act.At, second: m.Second.Done()}
		if out, ok := b.looked.get(at, now); ok {
			it.Conflicts = out
			continue
		}
		e := entry.Entry{Root: it.Root, Key: it.Key, Patient: it.Patient, Case: it.Case, At: it.At}
		if p.Told > uint64(it.Seq) || slices.Contains(it.Kinds, message.Admission) {
			if e, err = b.entry(ctx, it.Seq); err != nil {
				return err
			}
			if !full {
				if p, err = v.Patient(ctx, key, partOf(list)); err != nil {
					return err
				}
				full = true
			}
		}
		owner, err := ownerOf(ctx, v, it.Case)
		if err != nil {
			return err
		}
		now.out = Conflicts(t, &e, it.Seq, p, owner, m)
		it.Conflicts = now.out
		b.looked.put(at, now)
	}
	return nil
}

// ownerOf returns who has a case, "" for nobody.
func ownerOf(ctx context.Context, v *chart.View, no clinical.CaseNo) (clinical.PatientKey, error) {
	if no == "" {
		return "", nil
	}
	owner, err := v.Owner(ctx, no)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return owner, err
}

// partOf is what of a chart items are compared with.
func partOf(list []*Item) chart.Part {
	var kinds []message.Kind
	since := list[0].At
	for _, it := range list {
		kinds = append(kinds, it.Kinds...)
		if it.At.Before(since) {
			since = it.At
		}
	}
	return part(kinds, since)
}

func (l *looked) get(at lookedAt, now lookedFor) ([]Conflict, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was, ok := l.seen[at]
	if !ok || was.key != now.key || was.chart != now.chart || !was.matched.Equal(now.matched) || was.second != now.second {
		return nil, false
	}
	return was.out, true
}

func (l *looked) put(at lookedAt, now lookedFor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil || len(l.seen) >= maxLooked {
		l.seen = map[lookedAt]lookedFor{}
	}
	l.seen[at] = now
}

// lookAtOnce is how many items are looked at together.
const lookAtOnce = 2000

// lookMost is how many items are looked at for one page or one act.
const lookMost = 50_000

// part returns the next items that a filter finds, at most lookMost, with their
// conflicts, and after which first version others follow; 0: none do.
func (b *Book) part(ctx context.Context, target string, f Filter) ([]Item, journal.Seq, error) {
	f.Limit = b.most + 1
	items, err := b.list(ctx, target, f)
	if err != nil {
		return nil, 0, err
	}
	var next journal.Seq
	if len(items) > b.most {
		items = items[:b.most]
		next = items[b.most-1].First
	}
	return items, next, b.Look(ctx, target, items)
}

// Conflicting returns the items that the filter finds and that have a conflict,
// oldest first. Where not all were looked at, the others come after next.
func (b *Book) Conflicting(ctx context.Context, target string, f Filter) (out []Item, next journal.Seq, err error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 200
	}
	items, next, err := b.part(ctx, target, f)
	if err != nil {
		return nil, 0, err
	}
	for _, it := range items {
		if len(it.Conflicts) == 0 {
			continue
		}
		if out = append(out, it); len(out) == limit {
			return out, 0, nil
		}
	}
	return out, next, nil
}

// Bulk is what one act decides about: every item that a filter finds, that the
// decision fits, and that nothing holds.
type Bulk struct {
	Items []Item
	Held  int         // left out: somebody must look at each
	Own   int         // left out: the same person cannot be the second
	Next  journal.Seq // those of which the first version comes after this were not looked at; 0: none
}

// Bulk returns what one act of a person would release at once, or release as the
// second, at most lookMost items.
func (b *Book) Bulk(ctx context.Context, target string, d Decision, by string, f Filter) (Bulk, error) {
	var out Bulk
	f.States = []State{Waiting}
	if d == Second {
		f.States = []State{Released}
	}
	items, next, err := b.part(ctx, target, f)
	if err != nil {
		return out, err
	}
	out.Next = next
	for _, it := range items {
		switch {
		case len(it.Kinds) == 0, d == Second && (it.Needs < 2 || it.Second.Done()):
		case d == Second && it.Decided.By.ID == by:
			out.Own++
		case len(holding(it.Conflicts)) > 0:
			out.Held++
		default:
			out.Items = append(out.Items, it)
		}
	}
	return out, nil
}

// Mark stands for just these items in these versions: what a person saw counted
// is what is decided about.
func (b *Bulk) Mark() string {
	sum := sha256.New()
	for i := range b.Items {
		_, _ = io.WriteString(sum, b.Items[i].Root+b.Items[i].Key+b.Items[i].Decided.By.ID+"\n") // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}

// Sum is how many items of each state there are, and how many of those that are
// released wait for the second person: no machine time is due for them.
type Sum struct {
	Count   map[State]int
	Second  int
	Machine int // agreed or on their way
	Latest  journal.Seq
}

// Sum counts a target's items.
func (b *Book) Sum(ctx context.Context, target string) (Sum, error) {
	s := Sum{Count: map[State]int{}, Latest: b.Seq()}
	wards, err := b.Progress(ctx, target)
	if err != nil {
		return s, err
	}
	for _, w := range wards {
		for st, n := range w.Count {
			s.Count[st] += n
		}
	}
	t := b.target(target)
	s.Machine = s.Count[Released] + s.Count[Sent]
	if s.Count[Released] == 0 || len(t.FourEyes) == 0 {
		return s, nil
	}
	f := Filter{States: []State{Released}, Limit: lookAtOnce}
	for {
		items, err := b.list(ctx, target, f)
		if err != nil {
			return s, err
		}
		for i := range items {
			if !t.agreed(&items[i]) {
				s.Second++
				s.Machine--
			}
		}
		if len(items) < lookAtOnce {
			return s, nil
		}
		f.After = items[len(items)-1].First
	}
}

func (l *looked) isKnown(target string, p clinical.PatientKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[lookedAt{target, string(p)}]
}

func (l *looked) setKnown(target string, p clinical.PatientKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || len(l.known) >= maxLooked {
		l.known = map[lookedAt]bool{}
	}
	l.known[lookedAt{target, string(p)}] = true
}
