package handback

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
)

// Find returns the items of these roots, in no order.
func (b *Book) Find(ctx context.Context, target string, roots []string) ([]Item, error) {
	var out []Item
	for len(roots) > 0 {
		some := roots[:min(len(roots), 500)]
		roots = roots[len(some):]
		args := []any{target}
		for _, r := range some {
			args = append(args, r)
		}
		list, err := b.items(ctx, target, `SELECT `+itemColumns+` FROM entry e LEFT JOIN state s ON s.target=? AND s.root=e.root WHERE e.root IN (?`+
			strings.Repeat(",?", len(some)-1)+`)`, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, b.Look(ctx, target, out)
}

// State returns how an entry stands with a target, without conflicts: nothing
// where it is not known.
func (b *Book) State(ctx context.Context, target, root string) ([]Item, error) {
	return b.items(ctx, target, `SELECT `+itemColumns+` FROM entry e LEFT JOIN state s ON s.target=? AND s.root=e.root WHERE e.root=?`, target, root)
}

// System is the system of the estate behind a target, "" for none of that name.
func (b *Book) System(target string) string {
	if t := b.target(target); t != nil {
		return t.System
	}
	return ""
}

// Standing says how one thing stands on both sides.
type Standing string

// The standings.
const (
	Same   Standing = "same"    // recorded here, and come back as it was
	Ours   Standing = "ours"    // recorded here; the target has not said it
	Theirs Standing = "theirs"  // said by the target since, not recorded here
	Differ Standing = "differs" // recorded here, and the target says it otherwise
)

// Pair is one thing about a patient: as it was recorded here and as the target
// says it.
type Pair struct {
	Kind   string // "result", "prescription", …
	What   string
	Ours   string // "" where it was not recorded here
	Theirs string // "" where the target has not said it
	At     time.Time
	State  Standing
	Entry  uint64 // record of the entry, 0 for none
	Record uint64 // record of the target's message, 0 for none
	Gone   bool   // taken back by who said it last
}

// Pairs lays what was recorded here since from beside what the target's feeds
// have said since, newest first. It is pure, and guesses nothing: what belongs
// together the chart knows by number, or by being wholly the same.
func Pairs(t *Target, p *chart.Patient, from journal.Seq) []Pair {
	s := sides{t: t, from: uint64(from)}
	lay(&s, "result", p.Results, func(r *clinical.Result) (string, string, time.Time) {
		return r.Code.Label(), strings.TrimSpace(r.Shown() + " " + r.Unit), r.At
	})
	lay(&s, "prescription", p.Medication, func(m *clinical.Prescription) (string, string, time.Time) {
		return m.Drug.Label(), strings.TrimSpace(entry.RxLine(*m) + " " + string(m.Status)), m.Start
	})
	lay(&s, "dose", p.Doses, func(d *clinical.Dose) (string, string, time.Time) {
		return d.Drug.Label(), strings.TrimSpace(d.Amount + " " + string(d.Status)), d.At
	})
	lay(&s, "order", p.Orders, func(o *clinical.Order) (string, string, time.Time) {
		return o.What.Label(), string(o.Status), o.Requested
	})
	lay(&s, "document", p.Documents, func(d *clinical.Document) (string, string, time.Time) {
		return cmp.Or(d.Title, d.Kind.Label()), d.Text, d.At
	})
	lay(&s, "allergy", p.Allergies, func(a *clinical.Allergy) (string, string, time.Time) {
		return a.To.Label(), strings.TrimSpace(a.Severity + " " + a.Reaction), a.Since
	})
	lay(&s, "alert", p.Alerts, func(a *clinical.Alert) (string, string, time.Time) {
		return a.What.Label(), string(a.Kind), a.From
	})
	lay(&s, "diagnosis", p.Diagnoses, func(d *clinical.Diagnosis) (string, string, time.Time) {
		return d.What.Label(), strings.TrimSpace(d.What.Code + " " + d.Kind), d.At
	})
	lay(&s, "procedure", p.Procedures, func(x *clinical.Procedure) (string, string, time.Time) {
		return x.What.Label(), x.What.Code, x.At
	})
	for i := range p.Stays {
		lay(&s, "movement", p.Stays[i].Movements, func(m *clinical.Movement) (string, string, time.Time) {
			return string(m.Kind), strings.TrimSpace(m.To.Ward + " " + m.To.Room + " " + m.To.Bed), m.Start
		})
	}
	slices.SortStableFunc(s.out, func(a, b Pair) int {
		rank := []Standing{Differ, Ours, Theirs, Same}
		return cmp.Or(cmp.Compare(slices.Index(rank, a.State), slices.Index(rank, b.State)), b.At.Compare(a.At))
	})
	return s.out
}

// sides collects pairs.
type sides struct {
	t    *Target
	from uint64
	out  []Pair
}

func (s *sides) theirs(o clinical.Origin) bool {
	return o.Seq >= s.from && slices.Contains(s.t.Feeds, o.Feed)
}

func (s *sides) ours(o clinical.Origin) bool { return o.Seq >= s.from && o.Feed == chart.Here }

// lay adds one list of the chart.
func lay[T any](s *sides, kind string, list []chart.Item[T], words func(*T) (what, value string, at time.Time)) {
	for i := range list {
		it := &list[i]
		what, value, at := words(&it.V)
		p := Pair{Kind: kind, What: what, At: at, Gone: it.Cancelled}
		if at.IsZero() {
			p.At = said(it.Origin)
		}
		was := func(mine func(clinical.Origin) bool) *chart.Version[T] {
			for j := range it.Was {
				if mine(it.Was[j].Origin) {
					return &it.Was[j]
				}
			}
			return nil
		}
		switch {
		case s.ours(it.Origin):
			p.State, p.Ours, p.Entry = Ours, value, it.Origin.Seq
			if s.theirs(it.Back.Origin) {
				p.State, p.Theirs, p.Record = Same, value, it.Back.Origin.Seq
			} else if w := was(s.theirs); w != nil { // ours is the newer one
				_, p.Theirs, _ = words(&w.V)
				p.State, p.Record = Differ, w.Origin.Seq
			}
		case s.theirs(it.Origin):
			p.State, p.Theirs, p.Record = Theirs, value, it.Origin.Seq
			if w := was(s.ours); w != nil {
				_, p.Ours, _ = words(&w.V)
				p.State, p.Entry = Differ, w.Origin.Seq
			}
		default:
			continue
		}
		s.out = append(s.out, p)
	}
}

// Side returns what was recorded here and what the target said since about one
// patient, and the items of the entries by their record.
func (b *Book) Side(ctx context.Context, target string, p *chart.Patient) ([]Pair, map[uint64]Item, error) {
	t := b.target(target)
	if t == nil {
		return nil, nil, noTarget()
	}
	q, err := b.Queue(ctx, target)
	if err != nil {
		return nil, nil, err
	}
	items := map[uint64]Item{}
	first := journal.Seq(p.Seq)
	keys := []clinical.PatientKey{p.Key}
	for _, l := range p.Linked {
		keys = append(keys, l.Key)
	}
	for _, key := range keys {
		list, err := b.Items(ctx, target, Filter{Patient: key, Limit: lookAtOnce})
		if err != nil {
			return nil, nil, fmt.Errorf("items of a patient: %w", err)
		}
		for _, it := range list {
			items[uint64(it.Seq)] = it
			first = min(first, it.First)
		}
	}
	if len(items) == 0 {
		return nil, items, nil
	}
	return Pairs(t, p, max(first, q.Since)), items, nil
}
