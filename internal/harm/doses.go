package harm

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// doses finds the planned doses of the window that nobody recorded.
func (s *search) doses() {
	if !s.w.touches(Dose, "") {
		return
	}
	for i := range s.p.Medication {
		it := &s.p.Medication[i]
		slots := s.slots(it)
		key := it.V.Key()
		for _, at := range slots {
			if at.After(s.end()) {
				continue
			}
			v := inForce(it, at)
			f := Finding{Kind: Dose, What: drugOf(v), At: at, From: at.Add(doseGrace), Severity: Medium}
			if pressing(v) {
				f.Severity = High
			}
			f.Answer = s.given(&it.V, func(d *clinical.Dose) bool {
				return chart.Answers(d.Due, d.At, at, slots)
			})
			due := at
			if f.Answer != nil && f.Answer.Kind == "" { // postponed: due later
				if until := f.Answer.At; until.After(at) {
					due, f.From = until, until.Add(doseGrace)
				}
				f.Answer = nil
			}
			if due.Before(s.w.From) { // what was postponed into the outage belongs to it
				continue
			}
			if f.Answer == nil {
				f.Answer = s.notDue(it, at)
			}
			s.add(f, key, at.UTC().Format(time.RFC3339))
		}
		s.days(it)
	}
}

// days finds the days on which a drug with a rhythm but without times of day
// was in force and nobody recorded a single dose. Nobody may guess when it was
// due, so such a day is a finding when it is over.
func (s *search) days(it *chart.Item[clinical.Prescription]) {
	key := it.V.Key()
	for _, at := range s.spans(it, wholeDays) {
		if at.Before(s.w.From) || at.After(s.end()) {
			continue
		}
		v := inForce(it, at)
		f := Finding{Kind: Dose, What: drugOf(v), At: at, From: at.Add(doseGrace), Severity: Medium}
		if v.Interval+v.Scheme != "" {
			f.What += " (" + strings.TrimSpace(v.Interval+" "+v.Scheme) + ")"
		}
		if pressing(v) {
			f.Severity = High
		}
		y, m, day := at.Date()
		f.Answer = s.given(&it.V, func(d *clinical.Dose) bool {
			dy, dm, dd := d.At.In(s.zone).Date()
			return d.Status != clinical.Postponed && dy == y && dm == m && dd == day
		})
		if f.Answer == nil {
			f.Answer = s.notDue(it, at)
		}
		s.add(f, key, "day", at.Format(time.DateOnly))
	}
}

// wholeDays returns the last minute of each day between from and to on which a
// prescription without times of day was in force since noon.
func wholeDays(p *clinical.Prescription, from, to time.Time) []time.Time {
	if p.AsNeeded || !p.Status.Open() || p.Status == clinical.OnHold || len(p.Times) > 0 || p.Rate != "" || chart.Once(p.Interval) {
		return nil
	}
	var out []time.Time
	for day := from; ; day = day.AddDate(0, 0, 1) {
		y, m, d := day.Date()
		noon, end := time.Date(y, m, d, 12, 0, 0, 0, from.Location()), time.Date(y, m, d, 23, 59, 0, 0, from.Location())
		if !end.Before(to) {
			return out
		}
		if !end.Before(from) && !p.Start.After(noon) && (p.End.IsZero() || p.End.After(end)) {
			out = append(out, end)
		}
	}
}

// slots returns the planned times of a prescription around the window, each by
// the version that may have been in force then. A chart knows when a version was
// last said, not when first: the time between two is planned by both, so that no
// dose that was once due disappears because its prescription is sent again.
func (s *search) slots(it *chart.Item[clinical.Prescription]) []time.Time {
	return s.spans(it, chart.PlannedDoses)
}

// spans is slots for whatever plans the times of one version.
func (s *search) spans(it *chart.Item[clinical.Prescription], plan func(p *clinical.Prescription, from, to time.Time) []time.Time) []time.Time {
	from, to := s.w.From.In(s.zone).AddDate(0, 0, -1), s.end().In(s.zone).AddDate(0, 0, 1)
	versions := history(it)
	var out []time.Time
	for n := range versions {
		begin, end := from, to
		if n > 0 {
			begin = stored(versions[n-1].Origin).In(s.zone)
		}
		if n+1 < len(versions) {
			end = stored(versions[n+1].Origin).In(s.zone)
		}
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		if begin.Before(end) {
			out = append(out, plan(&versions[n].V, begin, end)...)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// inForce is the version of a prescription that was in force at t.
func inForce(it *chart.Item[clinical.Prescription], t time.Time) *clinical.Prescription {
	versions := history(it)
	best := &versions[0].V
	for i := range versions {
		if !stored(versions[i].Origin).After(t) {
			best = &versions[i].V
		}
	}
	return best
}

// given returns the record that answers a planned dose. For a postponed one
// without a later record the answer has no kind, and At is the time it was
// postponed to.
func (s *search) given(p *clinical.Prescription, answers func(*clinical.Dose) bool) *Answer {
	var put *Answer
	for i := range slices.Backward(s.p.Doses) { // oldest first
		d := &s.p.Doses[i]
		switch {
		case d.Cancelled || !chart.Of(&d.V, p) || d.V.Status == clinical.Retracted || d.V.Status == clinical.Dispensed || !answers(&d.V):
		case d.V.Status == clinical.Postponed:
			put = &Answer{At: d.V.Until}
		default:
			return answer(Recorded, d.V.By.Name, d.Origin)
		}
	}
	return put
}

// notDue says why a planned dose was not due after all: the prescription had
// ended, or the patient had left. Both may become known later.
func (s *search) notDue(it *chart.Item[clinical.Prescription], at time.Time) *Answer {
	if end := it.V.End; !end.IsZero() && !at.Before(end) {
		return answer(Stopped, it.V.By.Name, it.Origin)
	}
	for _, v := range history(it) { // a newer version that says since when, and plans another time
		if begins := v.V.Start; begins.After(s.w.From) && !at.Before(begins) && !slices.Contains(it.V.Times, timeOfDay(at, s.zone)) &&
			!slices.Contains(v.V.Times, timeOfDay(at, s.zone)) && stored(v.Origin).After(at) {
			return answer(Stopped, v.V.By.Name, v.Origin)
		}
	}
	var left *Answer
	for i := range s.p.Stays {
		st := &s.p.Stays[i]
		switch st.State {
		case chart.CalledOff, chart.Planned:
			continue
		case chart.Present, chart.Away:
			if !st.Admitted.Known || !st.Admitted.V.After(at) {
				return nil // in house
			}
		case chart.Left:
			out, o := discharge(st)
			if out.After(at) && (!st.Admitted.Known || !st.Admitted.V.After(at)) {
				return nil
			}
			if !out.IsZero() && !out.After(at) && (left == nil || stored(o).After(left.At)) {
				left = answer(Stopped, "", o)
			}
		}
	}
	return left
}

// timeOfDay is the minute after midnight.
func timeOfDay(t time.Time, zone *time.Location) clinical.DayTime {
	t = t.In(zone)
	return clinical.DayTime(60*t.Hour() + t.Minute())
}

// discharge is when a stay ended and what said so.
func discharge(st *chart.Stay) (time.Time, clinical.Origin) {
	if st.Discharged.Known {
		return st.Discharged.V, st.Discharged.Origin
	}
	for i := range slices.Backward(st.Movements) {
		if m := &st.Movements[i]; m.V.Kind == clinical.Discharge && !m.Cancelled {
			return m.V.Start, m.Origin
		}
	}
	return time.Time{}, clinical.Origin{}
}

// drugOf is a prescription as one line.
func drugOf(p *clinical.Prescription) string {
	name := p.Drug.Label()
	if name == "" {
		name = p.Substance
	}
	if name == "" {
		name = "ohne Bezeichnung"
	}
	line := name
	if p.Strength != "" && !strings.Contains(name, p.Strength) {
		line += " " + p.Strength
	}
	for _, part := range []string{p.Dose, p.Route} {
		if part != "" {
			line += " " + part
		}
	}
	return line
}

// urgentDrugs are groups of which a late dose harms sooner than others, by ATC
// code and by the stems of the names on prescriptions without one.
var urgentDrugs = []struct {
	atc   string
	stems []string
}{
	{"A10", []string{"insulin"}},
	{"B01", []string{"heparin", "enoxaparin", "apixaban", "rivaroxaban", "edoxaban", "dabigatran", "phenprocoumon", "clopidogrel", "ticagrelor"}},
	{"C01A", []string{"digoxin", "digitoxin"}},
	{"C01B", []string{"amiodaron"}},
	{"H02", []string{"hydrocortison", "prednisolon", "dexamethason"}},
	{"J01", []string{"cillin", "cef", "penem", "vancomycin", "gentamicin", "linezolid", "clindamycin", "metronidazol", "floxacin"}},
	{"J02", []string{"conazol", "fungin"}},
	{"J05", []string{"ciclovir"}},
	{"L04", []string{"tacrolimus", "ciclosporin", "mycophenol", "everolimus"}},
	{"N02A", []string{"morphin", "oxycodon", "hydromorphon", "fentanyl", "piritramid", "tilidin"}},
	{"N03", []string{"levetiracetam", "valproat", "lamotrigin", "carbamazepin", "lacosamid", "phenytoin"}},
	{"N04", []string{"levodopa", "madopar"}},
}

// pressing reports whether a late dose of the drug harms sooner than others.
func pressing(p *clinical.Prescription) bool {
	atc := strings.Contains(strings.ToUpper(p.Drug.System), "ATC")
	words := strings.ToLower(p.Drug.Text + " " + p.Substance)
	for _, g := range urgentDrugs {
		if atc && strings.HasPrefix(strings.ToUpper(p.Drug.Code), g.atc) {
			return true
		}
		for _, stem := range g.stems {
			if strings.Contains(words, stem) {
				return true
			}
		}
	}
	return false
}
