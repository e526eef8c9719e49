package harm

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// Find returns what may have harmed the patient in the windows, also what was
// settled by an entry since, and what will be due until the given time; see
// [Finding.Shown]. It uses no clock: the same chart gives the same findings.
// Nothing it once gave disappears because more is recorded; it is answered.
//
// until is in the hospital's zone. The chart must hold what [Part] asks for.
func Find(p *chart.Patient, windows []Window, until time.Time) []Finding {
	s := search{p: p, until: until, zone: until.Location(), seen: map[string]bool{}}
	for _, w := range windows {
		s.w = w
		s.doses()
		s.orders()
		s.results()
		s.documents()
		s.appointments()
	}
	slices.SortFunc(s.found, func(a, b Finding) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ref, b.Ref)) })
	return s.found
}

// Part is what Find needs of a chart for windows that begin at from.
func Part(from time.Time) chart.Part {
	return chart.Part{Lab: true, Other: true, Documents: true, Doses: true, Since: from.Add(-resultAge)}
}

// search is the looking through one chart for one window after the other.
type search struct {
	p     *chart.Patient
	w     Window
	until time.Time
	zone  *time.Location
	seen  map[string]bool // refs: what two outages touched is one finding
	found []Finding
}

// end is the end of the window, or of what is looked at.
func (s *search) end() time.Time {
	if s.w.To.IsZero() || s.until.Before(s.w.To) {
		return s.until
	}
	return s.w.To
}

// add keeps a finding once; parts name it.
func (s *search) add(f Finding, parts ...string) {
	sum := sha256.Sum256([]byte(string(f.Kind) + "\x1f" + strings.Join(parts, "\x1f")))
	f.Ref = hex.EncodeToString(sum[:10])
	if s.seen[f.Ref] || f.From.After(s.until) {
		return
	}
	if died, ok := s.died(); ok && f.Answer == nil && f.From.After(died) { // nobody waits for it; what was due in life stays
		f.Answer = answer(Deceased, "", s.p.Dead.Origin)
	}
	s.seen[f.Ref] = true
	f.System = s.w.System
	f.Ward = wardAt(s.p, f.At)
	s.found = append(s.found, f)
}

// died is when the patient died, as far as is known: when it was said, where no
// time was.
func (s *search) died() (time.Time, bool) {
	switch {
	case !s.p.Dead.V:
		return time.Time{}, false
	case s.p.Died.Known:
		return s.p.Died.V, true
	}
	return stored(s.p.Dead.Origin), true
}

func stored(o clinical.Origin) time.Time {
	if !o.Received.IsZero() {
		return o.Received
	}
	return o.Sent
}

func answer(kind AnswerKind, by string, o clinical.Origin) *Answer {
	return &Answer{Kind: kind, At: stored(o), By: by, Feed: o.Feed, Seq: o.Seq}
}

// history returns every version of an entry, oldest first.
func history[T any](it *chart.Item[T]) []chart.Version[T] {
	out := slices.Clone(it.Was)
	slices.Reverse(out)
	return append(out, chart.Version[T]{V: it.V, Origin: it.Origin})
}

// urgent reports whether an order asks for a result at once (TQ1-9, HL7 table
// 0485).
func urgent(o *clinical.Order) bool {
	switch strings.ToUpper(o.Priority) {
	case "S", "STAT", "A", "ASAP", "T":
		return true
	}
	return false
}

// orders finds those that were open when the system failed, and those placed
// since, as long as there is no result.
func (s *search) orders() {
	for i := range s.p.Orders {
		it := &s.p.Orders[i]
		o := &it.V
		if !s.w.touches(Order, o.Section) || o.Section == clinical.Diet || o.Section == clinical.Transport || o.Section == clinical.Vitals {
			continue
		}
		versions := history(it)
		s.calledOffOrder(it, versions)
		asked := o.Requested
		if asked.IsZero() {
			asked = stored(versions[0].Origin)
		}
		from, ok := s.orderFrom(o, asked, versions)
		if !ok {
			continue
		}
		f := Finding{Kind: Order, Section: o.Section, What: named(o.What), At: asked, From: from, Severity: Medium}
		if o.Status == clinical.PartResult {
			f.What += " (Teilergebnis)"
		}
		if urgent(o) {
			f.Severity = High
		}
		for _, v := range versions {
			if !v.V.Status.Open() {
				f.Answer = answer(Resulted, "", v.Origin)
				if v.V.Status != clinical.Completed {
					f.Answer.Kind = Revoked
				}
				break
			}
		}
		if f.Answer == nil && it.Cancelled {
			f.Answer = answer(Revoked, "", it.Origin)
		}
		s.add(f, cmp.Or(o.Placer, o.Filler))
	}
}

// orderFrom is when an order becomes a finding, false if the window does not
// touch it.
func (s *search) orderFrom(o *clinical.Order, asked time.Time, versions []chart.Version[clinical.Order]) (time.Time, bool) {
	from := s.w.From
	switch {
	case asked.Before(s.w.From.Add(-orderAge)):
		return from, false
	case asked.Before(s.w.From):
		for _, v := range versions { // how it stood when the system failed
			if !v.V.Status.Open() && !stored(v.Origin).After(s.w.From) {
				return from, false
			}
		}
	default:
		wait := orderWait
		if urgent(o) {
			wait = statWait
		}
		from = asked.Add(wait)
		if asked.After(s.end()) {
			return from, false
		}
	}
	if o.Due.After(from) {
		from = o.Due
	}
	return from, !from.After(s.end()) || asked.After(s.w.From)
}

// calledOffOrder finds an operation or examination that was cancelled in the
// outage.
func (s *search) calledOffOrder(it *chart.Item[clinical.Order], versions []chart.Version[clinical.Order]) {
	o := &it.V
	severity := Medium
	switch o.Section {
	case clinical.Surgery:
		severity = High
	case clinical.Endoscopy, clinical.Cardiology:
	default:
		return
	}
	if !s.w.touches(CalledOff, o.Section) {
		return
	}
	for _, v := range versions {
		off := v.V.Status == clinical.Cancelled || v.V.Status == clinical.OrderFailed
		if at := stored(v.Origin); off && s.w.holds(at) {
			f := Finding{Kind: CalledOff, Section: o.Section, What: named(o.What), At: at, From: at, Severity: severity}
			if o.Status.Open() || o.Status == clinical.Completed {
				f.Answer = answer(Rebooked, "", it.Origin)
			}
			s.add(f, cmp.Or(o.Placer, o.Filler))
			return
		}
	}
}

// results finds critical values, announced values and preliminary ones.
func (s *search) results() {
	for i := range s.p.Results {
		it := &s.p.Results[i]
		if it.V.Section == clinical.Vitals || !s.w.touches(Result, it.V.Section) {
			continue
		}
		versions := history(it)
		for n := range versions {
			s.critical(it, versions, n)
		}
		s.announced(it, versions)
		s.preliminary(it, versions)
	}
}

// critical finds one version of a result that is critical and that nobody took
// note of.
func (s *search) critical(it *chart.Item[clinical.Result], versions []chart.Version[clinical.Result], n int) {
	r, o := &versions[n].V, versions[n].Origin
	at := stored(o)
	if !r.Critical() || !s.w.holds(at) && !(s.w.holds(r.At) && at.After(s.w.From)) { // the second: sent again later
		return
	}
	f := Finding{Kind: Critical, Section: r.Section, What: valueOf(r), At: at, From: at.Add(criticalGrace), Severity: High}
	for i := range slices.Backward(s.p.Notices) { // oldest first
		note := &s.p.Notices[i]
		if note.V.Result == r.Key() && (note.V.Of == 0 || note.V.Of >= o.Seq) && !stored(note.Origin).Before(at) {
			f.Answer = answer(Noticed, cmp.Or(note.V.Told.Name, note.V.By.Name), note.Origin)
			break
		}
	}
	if f.Answer == nil && n+1 < len(versions) && valueOf(&versions[n+1].V) != f.What {
		f.Answer = answer(Revoked, "", versions[n+1].Origin)
	}
	if f.Answer == nil && it.Cancelled && n+1 == len(versions) {
		f.Answer = answer(Revoked, "", it.Origin)
	}
	s.add(f, r.Key(), r.Shown())
}

// announced finds a result that was announced and did not come.
func (s *search) announced(it *chart.Item[clinical.Result], versions []chart.Version[clinical.Result]) {
	s.unfinished(it, versions, Result, clinical.Pending, resultWait)
}

// preliminary finds a critical or urgent result that is still preliminary.
func (s *search) preliminary(it *chart.Item[clinical.Result], versions []chart.Version[clinical.Result]) {
	critical := func(v chart.Version[clinical.Result]) bool {
		return v.V.Status == clinical.Preliminary && v.V.Critical()
	}
	if slices.ContainsFunc(versions, critical) || s.urgentOrder(it.V.Placer, it.V.Filler) {
		s.unfinished(it, versions, Preliminary, clinical.Preliminary, prelimWait)
	}
}

func (s *search) unfinished(it *chart.Item[clinical.Result], versions []chart.Version[clinical.Result], kind Kind, status clinical.ResultStatus, wait time.Duration) {
	for n := range versions {
		r, o := &versions[n].V, versions[n].Origin
		if r.Status != status {
			continue
		}
		f := Finding{Kind: kind, Section: r.Section, What: named(r.Code), At: stored(o), Severity: Medium}
		if kind == Preliminary {
			f.What, f.Severity = valueOf(r), High
		}
		for _, later := range versions[n+1:] {
			if later.V.Status != status {
				f.Answer = answer(Resulted, later.V.By.Name, later.Origin)
				break
			}
		}
		if f.Answer == nil && it.Cancelled {
			f.Answer = answer(Revoked, "", it.Origin)
		}
		if s.waits(&f, wait) {
			s.add(f, r.Key())
		}
		return
	}
}

// waits sets when something that was announced becomes a finding, and reports
// whether the window touches it: it still waited when the system failed, or was
// announced while it was gone.
func (s *search) waits(f *Finding, wait time.Duration) bool {
	if f.At.After(s.end()) || f.At.Before(s.w.From.Add(-resultAge)) || f.Answer != nil && !f.Answer.At.After(s.w.From) {
		return false
	}
	f.From = f.At.Add(wait)
	if f.From.Before(s.w.From) {
		f.From = s.w.From
	}
	return true
}

// urgentOrder reports whether the order with these numbers is urgent.
func (s *search) urgentOrder(placer, filler string) bool {
	return slices.ContainsFunc(s.p.Orders, func(it chart.Item[clinical.Order]) bool {
		o := &it.V
		return urgent(o) && (placer != "" && o.Placer == placer || filler != "" && o.Filler == filler)
	})
}

// documents finds findings of urgent orders that are still preliminary.
func (s *search) documents() {
	for i := range s.p.Documents {
		it := &s.p.Documents[i]
		d := &it.V
		if !s.w.touches(Preliminary, d.Section) || !s.urgentOrder(d.Placer, d.Filler) {
			continue
		}
		versions := history(it)
		for n := range versions {
			if versions[n].V.Status != clinical.Preliminary {
				continue
			}
			f := Finding{Kind: Preliminary, Section: d.Section, What: cmp.Or(d.Title, named(d.Kind)), At: stored(versions[n].Origin), Severity: High}
			for _, later := range versions[n+1:] {
				if later.V.Status != clinical.Preliminary {
					f.Answer = answer(Resulted, later.V.By.Name, later.Origin)
					break
				}
			}
			if f.Answer == nil && it.Cancelled {
				f.Answer = answer(Revoked, "", it.Origin)
			}
			if s.waits(&f, prelimWait) {
				s.add(f, "document", cmp.Or(d.ID, d.Filler, d.Placer))
			}
			break
		}
	}
}

// appointments finds those that were called off in the outage.
func (s *search) appointments() {
	if !s.w.touches(CalledOff, "") {
		return
	}
	off := func(a *clinical.Appointment) bool {
		return a.Status == clinical.CalledOff || a.Status == clinical.Removed || a.Status == clinical.NoShow
	}
	for i := range s.p.Appointments {
		it := &s.p.Appointments[i]
		versions := history(it)
		for n := range versions {
			at := stored(versions[n].Origin)
			if a := &versions[n].V; !off(a) || !s.w.holds(at) {
				continue
			}
			f := Finding{Kind: CalledOff, What: named(it.V.What), At: at, From: at, Severity: Medium}
			for m := n + 1; m < len(versions); m++ {
				if !off(&versions[m].V) {
					f.Answer = answer(Rebooked, "", versions[m].Origin)
					break
				}
			}
			s.add(f, it.V.Key(), it.V.Start.UTC().Format(time.RFC3339))
			break
		}
	}
}

// named is a coded word, or what can be said where there is none.
func named(c clinical.Coded) string { return cmp.Or(c.Label(), "ohne Bezeichnung") }

// valueOf is a result as one line: "Kalium 6,1 mmol/l".
func valueOf(r *clinical.Result) string {
	return strings.Join(strings.Fields(named(r.Code)+" "+r.Shown()+" "+r.Unit), " ")
}

// wardAt is the ward where the patient was at t; the present or last one where
// that is not known.
func wardAt(p *chart.Patient, t time.Time) string {
	ward, best := "", time.Time{}
	for i := range p.Stays {
		for j := range p.Stays[i].Movements {
			m := &p.Stays[i].Movements[j]
			if w := m.V.To.Ward; !m.Cancelled && w != "" && !m.V.Start.After(t) && m.V.Start.After(best) && takesPlace(m.V.Kind) {
				ward, best = w, m.V.Start
			}
		}
	}
	if ward != "" {
		return ward
	}
	if st, ok := p.Current(); ok {
		return st.Now.V.Ward
	}
	return ""
}

// takesPlace reports whether a movement puts the patient into a ward.
func takesPlace(k clinical.MovementKind) bool {
	switch k {
	case clinical.Admission, clinical.Visit, clinical.Transfer, clinical.Arriving, clinical.ClassChange, clinical.LeaveEnd:
		return true
	case clinical.PlanAdmission, clinical.Discharge, clinical.LeaveStart, clinical.PlanTransfer, clinical.PlanDischarge, clinical.Departing, clinical.StaySnapshot:
	}
	return false
}
