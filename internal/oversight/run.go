package oversight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

const (
	learnDays   = 28               // before the span, from which habits are learnt
	maxSpan     = 92               // days of a span
	maxAccesses = 2_000_000        // of one review
	maxPatients = 50_000           // whose movements are looked up
	freshFor    = 10 * time.Minute // a result of the same question is not worked out anew
)

// Run is one review: what was asked, and what came of it.
type Run struct {
	Span    review.Span
	By      string    // who asked
	At      time.Time // when it was begun
	Until   time.Time // when it is no longer kept
	Outcome review.Outcome
	Changes []Change // of the span, the newest first, without Before and After: see [Desk.Whole]
	Logs    int      // foreign logs taken in
	Cut     bool     // more accesses than one review takes
	asOf    journal.Seq
}

func fits(span review.Span) error {
	if !span.To.After(span.From) || span.To.AddDate(0, 0, -maxSpan).After(span.From) {
		return invalid("Der Zeitraum muss einen Anfang vor dem Ende haben und höchstens 92 Tage lang sein.", "The time must begin before it ends and be 92 days at most.")
	}
	return nil
}

// Look reviews the accesses of a span, of at most 92 days, and finds what was
// altered in it. tell is told how far it is; nil tells nobody.
func (d *Desk) Look(ctx context.Context, span review.Span, tell func(Progress)) (*Run, error) {
	if tell == nil {
		tell = func(Progress) {}
	}
	if err := fits(span); err != nil {
		return nil, err
	}
	b, err := d.book(ctx)
	if err != nil {
		return nil, err
	}
	rules, _, err := b.inForce()
	if err != nil {
		return nil, err
	}
	r := &Run{Span: span, At: d.o.Now(), asOf: b.asked}
	r.Until = r.At.Add(keepFor)
	all, err := d.gather(ctx, b, r, tell)
	if err != nil {
		return nil, err
	}
	read, known := map[clinical.PatientKey]bool{}, map[clinical.PatientKey]review.Patient{}
	for i := range all {
		if a := &all[i]; a.Patient != "" && span.Has(a.At) {
			read[a.Patient] = true
		}
	}
	if r.Changes, err = d.changes(ctx, span, read, known, tell); err != nil {
		return nil, err
	}
	w, err := d.world(ctx, b, read, r, known, tell)
	if err != nil {
		return nil, err
	}
	tell(Progress{Stage: Judging})
	r.Outcome, err = review.Look(ctx, all, w, rules, span)
	return r, err
}

// Hit returns a hit of a review.
func (r *Run) Hit(id string) (review.Hit, error) {
	for _, h := range r.Outcome.Hits {
		if h.ID == id {
			return h, nil
		}
	}
	return review.Hit{}, fault.New(fault.NotFound, lang.Text{DE: "Diesen Treffer gibt es in der Auswertung nicht.", EN: "There is no such hit in the review."})
}

// gather collects the accesses of the span and of the weeks before it.
func (d *Desk) gather(ctx context.Context, b *book, r *Run, tell func(Progress)) (_ []review.Access, err error) {
	since := r.Span.From.AddDate(0, 0, -learnDays)
	all, err := d.own(ctx, since, r, tell)
	if err != nil {
		return nil, err
	}
	v, err := d.charts.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	resolve := d.resolver(ctx, v)
	for i := range all {
		resolve(&all[i])
	}
	for n, l := range b.logs {
		tell(Progress{Importing, n, len(b.logs)})
		if l.Dropped.Person != "" || l.Report.Last.Before(since) || !l.Report.First.Before(r.Span.To.Add(review.After)) {
			continue
		}
		r.Logs++
		_, err := review.Read(&pieces{ctx: ctx, j: d.journal, seqs: l.Chunks}, l.Name, l.Mapping, func(a review.Access) {
			if a.At.Before(since) || !a.At.Before(r.Span.To.Add(review.After)) {
				return
			}
			if len(all) >= maxAccesses {
				r.Cut = true
				return
			}
			resolve(&a)
			all = append(all, a)
		})
		if err != nil {
			return nil, fmt.Errorf("access log: %w", err)
		}
	}
	return all, nil
}

// own returns our own read audit from since to the end of the span.
func (d *Desk) own(ctx context.Context, since time.Time, r *Run, tell func(Progress)) ([]review.Access, error) {
	var all []review.Access
	f := staff.ReadFilter{From: since, To: r.Span.To.Add(review.After), Limit: 1000}
	for {
		reads, err := d.staff.Reads(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range reads {
			if a, ok := accessOf(&reads[i]); ok {
				all = append(all, a)
			}
		}
		tell(Progress{Stage: Reading, Done: len(all)})
		if len(reads) < f.Limit {
			return all, nil
		}
		if len(all) >= maxAccesses {
			r.Cut = true
			return all, nil
		}
		f.Before = reads[len(reads)-1].Seq
	}
}

// accessOf is a read as the rules see it; false for a look at the audit itself.
func accessOf(r *staff.Read) (review.Access, bool) {
	a := review.Access{
		Ref: fmt.Sprintf("#%d", r.Seq), System: review.Here, At: r.Time, Person: r.Person, Name: r.Name, Patient: r.Patient, Ward: r.Ward,
		What: r.Page, From: r.From, Session: r.Session, Glass: r.Glass, Reason: r.Reason, Deed: review.Looked,
	}
	first, _, _ := strings.Cut(r.Page, "/")
	switch first {
	case "audit", "review":
		return a, false
	case "search":
		a.Deed = review.Searched
	case "print":
		switch r.Page {
		case "print/bands", "print/specimens", "print/forms": // wristbands, labels and empty forms: no chart leaves
			if r.Patient == "" {
				a.Deed = review.Listed
			}
		default:
			a.Deed = review.Printed
		}
	case "export":
		a.Deed = review.Exported
	default:
		if r.Patient == "" {
			a.Deed = review.Listed
		}
	}
	return a, true
}

// resolver finds the patients of a foreign log by the hospital's own numbers and
// cases, as of one view. What it does not know stays a number. A key of before a
// merge becomes the one that counts now: one patient is one.
func (d *Desk) resolver(ctx context.Context, v *chart.View) func(*review.Access) {
	numbers, cases, now := map[string]clinical.PatientKey{}, map[string]clinical.PatientKey{}, map[clinical.PatientKey]clinical.PatientKey{}
	return func(a *review.Access) {
		if a.Patient != "" {
			key, seen := now[a.Patient]
			if !seen {
				key = a.Patient
				if p, err := v.Patient(ctx, a.Patient, chart.Head()); err == nil {
					key = p.Key
				}
				now[a.Patient] = key
			}
			a.Patient = key
			return
		}
		if a.Number != "" {
			key, seen := numbers[a.Number]
			if !seen {
				if p, err := v.Patient(ctx, d.number(a.Number), chart.Head()); err == nil {
					key = p.Key
				}
				numbers[a.Number] = key
			}
			a.Patient = key
		}
		if a.Patient == "" && a.Case != "" {
			key, seen := cases[a.Case]
			if !seen {
				key, _ = v.Owner(ctx, clinical.CaseNo(a.Case)) // unknown stays ""
				cases[a.Case] = key
			}
			a.Patient = key
		}
	}
}

// world collects what the rules may know: people, movements of the patients that
// were read, duties, protected charts, what was altered.
func (d *Desk) world(ctx context.Context, b *book, read map[clinical.PatientKey]bool, r *Run, known map[clinical.PatientKey]review.Patient, tell func(Progress)) (_ *review.World, err error) {
	w := &review.World{Zone: d.o.Zone, Now: r.At, People: map[string]review.Person{}, Patients: known, Flagged: map[clinical.PatientKey]string{}}
	for _, p := range d.staff.People() {
		x := review.Person{Name: p.Name, Wards: p.Wards}
		for _, r := range p.Roles {
			x.Roles, x.Work = append(x.Roles, string(r)), append(x.Work, r.Name())
		}
		w.People[p.ID] = x
	}
	if l := b.lists[Roster]; l != nil {
		if w.Duties, err = readRoster(l.Text, d.o.Zone); err != nil {
			return nil, err
		}
	}
	if l := b.lists[Flagged]; l != nil {
		if err := d.protected(ctx, l, w); err != nil {
			return nil, err
		}
	}
	want := maps.Clone(read)
	for i := range r.Changes {
		c := &r.Changes[i]
		if c.Patient != "" && c.Grave() {
			w.Alters = append(w.Alters, review.Alter{Ref: c.Ref, Patient: c.Patient, At: c.At, What: lang.Text{DE: c.Kind.Name().DE + " (" + c.Label + ")", EN: c.Kind.Name().EN + " (" + c.Label + ")"}, By: c.By})
			want[c.Patient] = true
		}
	}
	return w, d.patients(ctx, want, w, tell)
}

// protected takes in the protected charts, under the key that each has now: the
// list may name a number that was merged into another one.
func (d *Desk) protected(ctx context.Context, l *List, w *review.World) (err error) {
	list, err := readFlagged(l.Text)
	if err != nil {
		return err
	}
	v, err := d.charts.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	resolve := d.resolver(ctx, v)
	for _, f := range list {
		a := review.Access{Patient: d.number(f.patient)}
		resolve(&a)
		w.Flagged[a.Patient] = f.why
		if p, ok := w.People[f.person]; ok {
			p.Own = append(p.Own, a.Patient)
			w.People[f.person] = p
		}
	}
	return nil
}

func (d *Desk) patients(ctx context.Context, want map[clinical.PatientKey]bool, w *review.World, tell func(Progress)) error {
	for key := range want {
		if _, ok := w.Patients[key]; ok { // its chart was looked through for changes
			delete(want, key)
		}
	}
	keys := slices.Sorted(maps.Keys(want))
	return d.each(ctx, keys[:min(len(keys), max(maxPatients-len(w.Patients), 0))], chart.Head(), func(key clinical.PatientKey, p *chart.Patient) {
		w.Patients[key] = patientOf(p)
	}, func(n int) { tell(Progress{Following, n, len(keys)}) })
}

// viewFor is how many charts are read in one view: a view that is held for long
// keeps the charts' file from being tidied.
const viewFor = 500

// each reads charts one after the other, so that only one is in memory. One that
// is no longer there is passed over.
func (d *Desk) each(ctx context.Context, keys []clinical.PatientKey, part chart.Part, take func(clinical.PatientKey, *chart.Patient), done func(int)) error {
	n := 0
	for some := range slices.Chunk(keys, viewFor) {
		done(n)
		if err := d.eachOf(ctx, some, part, take); err != nil {
			return err
		}
		n += len(some)
	}
	return nil
}

func (d *Desk) eachOf(ctx context.Context, keys []clinical.PatientKey, part chart.Part, take func(clinical.PatientKey, *chart.Patient)) (err error) {
	v, err := d.charts.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	for _, key := range keys {
		p, err := v.Patient(ctx, key, part)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		take(key, p)
	}
	return nil
}

// patientOf is a chart as the rules see it.
func patientOf(p *chart.Patient) review.Patient {
	out := review.Patient{Surname: review.Fold(p.Name.V.Family)}
	for i := range p.Stays {
		out.Stays = append(out.Stays, staysOf(&p.Stays[i])...)
	}
	for i := range p.Orders {
		if t := p.Orders[i].V.Requested; !t.IsZero() {
			out.Orders = append(out.Orders, t)
		}
	}
	return out
}

// staysOf is one stay as times on wards.
func staysOf(s *chart.Stay) []review.Stay {
	var out []review.Stay
	at := func(i int) (clinical.Movement, bool) {
		m := s.Movements[i]
		return m.V, !m.Cancelled && !m.V.Start.IsZero()
	}
	for i := range s.Movements {
		m, ok := at(i)
		if !ok {
			continue
		}
		if m.Kind == clinical.PlanTransfer || m.Kind == clinical.PlanDischarge { // who is to go is still there
			continue
		}
		if n := len(out); n > 0 && out[n-1].To.IsZero() && (m.Kind == clinical.Discharge || m.To.Ward != "" && m.To.Ward != out[n-1].Ward) {
			out[n-1].To = m.Start
		}
		if m.Kind != clinical.Discharge && m.To.Ward != "" && (len(out) == 0 || !out[len(out)-1].To.IsZero()) {
			out = append(out, review.Stay{Ward: m.To.Ward, From: m.Start})
		}
	}
	if len(out) == 0 && s.Now.V.Ward != "" && s.Admitted.Known {
		out = append(out, review.Stay{Ward: s.Now.V.Ward, From: s.Admitted.V, To: s.Discharged.V})
	}
	if n := len(out); n > 0 && out[n-1].To.IsZero() && s.State == chart.Left {
		out[n-1].To = s.Discharged.V
	}
	if x := s.Elsewhere; x.Known && x.V.Ward != "" { // a ward that a message names without a movement
		out = append(out, review.Stay{Ward: x.V.Ward, From: x.Origin.Received, To: s.Discharged.V})
	}
	return slices.DeleteFunc(out, func(x review.Stay) bool { return x.From.IsZero() })
}
