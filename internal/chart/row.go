package chart

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// rowDoc is a row of a ward list as it is stored: without what depends on the
// time of reading, which is computed from the marks.
type rowDoc struct {
	Row   Row
	Marks []keptMark
	Fresh []time.Time
	Warns []keptWarn
}

// bed names a stored row.
type bed struct {
	Ward string
	Case clinical.CaseNo
}

// bedRow is a row with the columns that the house overview counts.
type bedRow struct {
	bed
	doc      rowDoc
	isolated int64 // isolated until (unix seconds), forever, or 0: not
	critical int64 // newest critical result, unix seconds
	till     int64 // the row is not shown after this time (unix seconds); 0: no end
}

// How long a stay that nobody ends is shown on a list.
const (
	visitShown = 24 * time.Hour // an outpatient after the newest movement
	planShown  = 48 * time.Hour // a planned admission or transfer after its time
)

// rows returns the rows of a person: one for each stay that is present in a
// ward, and one for each ward that expects it.
func rows(r rules, p *Patient, group []*headDoc) []bedRow {
	var out []bedRow
	base, made := rowDoc{}, false
	for i := range p.Stays {
		s := &p.Stays[i]
		if s.State == Left || s.State == CalledOff {
			continue
		}
		if !made {
			base, made = baseRow(r, p, group), true
		}
		row := base
		stayRow(&row, p, s)
		here := (s.State == Present || s.State == Away) && s.Now.V.Ward != ""
		if here {
			br := finish(row, s.Now.V, s)
			br.till = visitEnds(s)
			out = append(out, br)
		}
		if w := s.Expecting.V.Ward; s.Expecting.Known && w != "" && (!here || w != s.Now.V.Ward) {
			row.Row.Arriving = true
			row.Row.Admit = s.Expecting.Origin
			br := finish(row, s.Expecting.V, s)
			due := when(s.Expecting.Origin)
			if s.ExpectedAdmit.Known && s.ExpectedAdmit.V.After(due) {
				due = s.ExpectedAdmit.V
			}
			br.till = due.Add(planShown).Unix()
			out = append(out, br)
		}
	}
	return oneEach(out)
}

// oneEach keeps the first row of a stay in a ward.
func oneEach(rows []bedRow) []bedRow {
	var out []bedRow
	for _, r := range rows {
		if !slices.ContainsFunc(out, func(o bedRow) bool { return o.bed == r.bed }) {
			out = append(out, r)
		}
	}
	return out
}

// visitEnds is when a visit counts as over that nobody ends (unix seconds), 0
// for a stay that somebody must end: outpatients are rarely discharged.
func visitEnds(s *Stay) int64 {
	if c := s.Class.V; (c != clinical.Outpatient && c != clinical.Recurring) || s.State != Present {
		return 0
	}
	return newestMove(s).Add(visitShown).Unix()
}

// endVisits shows visits that are over as such.
func endVisits(p *Patient, now time.Time) {
	for i := range p.Stays {
		if till := visitEnds(&p.Stays[i]); till != 0 && till <= now.Unix() {
			p.Stays[i].State = Left
		}
	}
}

// newestMove is when the newest movement began; for a place in passing, when it
// was said.
func newestMove(s *Stay) time.Time {
	var newest time.Time
	for i := range s.Movements {
		if m := &s.Movements[i]; !m.Cancelled && at(m.V.Start, m.Origin).After(newest) {
			newest = at(m.V.Start, m.Origin)
		}
	}
	if newest.IsZero() {
		return when(s.Now.Origin)
	}
	return newest
}

// baseRow is what every row of a person shows.
func baseRow(r rules, p *Patient, group []*headDoc) rowDoc {
	row := Row{
		Key: p.Key, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V, Unnamed: p.Unnamed.V, Dead: p.Dead.V || p.Died.Known,
		NoneKnown: p.NoneKnown.V, Mother: p.MotherKey, Seq: p.Seq,
	}
	for _, a := range p.Allergies {
		if !a.Cancelled {
			row.Allergies = append(row.Allergies, a.V.To.Label())
		}
	}
	row.Diagnosis = mainDiagnosis(p)
	for _, m := range p.Medication {
		if !m.Cancelled && m.V.Status.Open() {
			row.Doses = append(row.Doses, dues(&m.V, answersIn(group, &m.V), r.zone)...)
		}
	}
	row.Contested = len(p.Contests())
	doc := rowDoc{Row: row, Warns: warns(p, r.zone)}
	for _, h := range group {
		doc.Marks = append(doc.Marks, h.Marks...)
		for _, f := range h.Fresh {
			doc.Fresh = append(doc.Fresh, f.At)
		}
		if o := h.P.Name.Origin; o.Seq > row.Origin.Seq {
			row.Origin = o
		}
	}
	if len(group) > 1 {
		slices.SortStableFunc(doc.Marks, func(a, b keptMark) int { return b.M.At.Compare(a.M.At) })
	}
	for _, o := range p.Orders {
		if o.Cancelled || !o.V.Status.Open() {
			continue
		}
		if doc.Row.OpenOrders == nil {
			doc.Row.OpenOrders = map[clinical.Section]int{}
		}
		doc.Row.OpenOrders[o.V.Section]++
	}
	return doc
}

// doseWords is the amount of a planned dose. Where the times of day alone would
// mislead, what was prescribed stands behind it: 2-0-1-0 is not the same amount
// each time, and a weekly drug with a time of day is not a daily one.
func doseWords(p *clinical.Prescription) string {
	word := ""
	switch {
	case strings.Trim(p.Scheme, "01-") != "" || strings.Contains(p.Scheme, "00") || strings.Contains(p.Scheme, "10") || strings.Contains(p.Scheme, "11"):
		word = p.Scheme
	case p.Scheme == "" && !daily(p.Interval):
		word = p.Interval
	}
	if word == "" {
		return p.Dose
	}
	return strings.TrimSpace(p.Dose + " (" + word + ")")
}

// daily reports whether an interval says no more than the times of day do.
func daily(interval string) bool {
	s := strings.ToUpper(strings.NewReplacer(" ", "", ".", "", "Ä", "AE", "ä", "AE").Replace(interval))
	switch s {
	case "", "QD", "Q1D", "QAM", "QPM", "QHS", "HS", "DAILY", "BID", "TID", "QID", "TAEGLICH":
		return true
	}
	hours := strings.TrimSuffix(strings.TrimPrefix(s, "Q"), "H")
	return len(s) > 2 && s[0] == 'Q' && s[len(s)-1] == 'H' && strings.Trim(hours, "0123456789") == "" && len(hours) < 3 ||
		strings.HasSuffix(s, "XTGL") || strings.HasSuffix(s, "XTAEGLICH")
}

// once reports whether an interval says that a drug is given one time only: as
// the standard has it, or as houses write it. 1x alone is once, 1x täglich is not.
func once(interval string) bool {
	switch strings.ToUpper(strings.NewReplacer(" ", "", ".", "", "-", "", "×", "x", "*", "x").Replace(interval)) {
	case "ONCE", "1X", "1MAL", "EINMAL", "EINMALIG", "1XEINMALIG", "EINMALGABE", "EINMALDOSIS":
		return true
	}
	return false
}

// onceEarly is how long before its planned begin a dose given once may be given
// and still be the one that was meant; a dose given earlier was of an order
// before this one.
const onceEarly = 12 * time.Hour

// mainDiagnosis returns the words of the diagnosis with priority 1, else of the
// newest one.
func mainDiagnosis(p *Patient) string {
	best := -1
	for i := range p.Diagnoses {
		d := &p.Diagnoses[i]
		if d.Cancelled {
			continue
		}
		if best < 0 {
			best = i
			continue
		}
		b := &p.Diagnoses[best]
		if first, was := d.V.Priority == 1, b.V.Priority == 1; first != was {
			if first {
				best = i
			}
		} else if later(d.Origin, b.Origin) && d.Origin.Seq != b.Origin.Seq {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return p.Diagnoses[best].V.What.Label()
}

func stayRow(row *rowDoc, p *Patient, s *Stay) {
	w := &row.Row
	w.Case, w.Class, w.State = s.Case, s.Class.V, s.State
	w.Since = s.Admitted.V
	w.Doctor = or(or(s.Attending.V.Name, s.Admitting.V.Name), s.Attending.V.ID)
	w.Expected = s.ExpectedDischarge.V
	if s.State == Planned {
		w.Expected = s.ExpectedAdmit.V
	}
	w.Reason = s.Reason.V
	w.Admit = s.Now.Origin
	w.Elsewhere = s.Elsewhere.V
	w.Origin = newestOrigin(p, s)
	w.Shared, w.NamesAlike = false, false
}

// newestOrigin returns the origin of the newest statement about person or stay.
func newestOrigin(p *Patient, s *Stay) (o clinical.Origin) {
	take := func(n clinical.Origin) {
		if n.Seq > o.Seq {
			o = n
		}
	}
	for _, n := range []clinical.Origin{
		p.Name.Origin, p.Birth.Origin, p.Sex.Origin, p.NoneKnown.Origin, s.Class.Origin, s.Attending.Origin,
		s.Now.Origin, s.Elsewhere.Origin, s.Expecting.Origin, s.Reason.Origin,
	} {
		take(n)
	}
	last(take, p.Allergies)
	last(take, p.Alerts)
	last(take, p.Diagnoses)
	last(take, p.Orders)
	last(take, p.Medication)
	last(take, p.Claims)
	last(take, s.Movements)
	return o
}

func last[T any](take func(clinical.Origin), list []Item[T]) {
	for i := range list {
		take(list[i].Origin)
	}
}

func finish(row rowDoc, p clinical.Place, s *Stay) bedRow {
	row.Row.Place = p
	br := bedRow{bed: bed{Ward: p.Ward, Case: s.Case}, doc: row, isolated: isolatedTill(row.Warns)}
	for _, m := range row.Marks {
		if m.M.Origin.Seq > br.doc.Row.Origin.Seq {
			br.doc.Row.Origin = m.M.Origin
		}
		if t := known(&m.M).Unix(); m.M.Critical && t > br.critical {
			br.critical = t
		}
	}
	return br
}

// reading is how long a mark is new.
const reading = 24 * time.Hour

// row returns the stored row as it is read at now.
func (d *rowDoc) row(now time.Time) Row {
	r := d.Row
	from := now.Add(-reading)
	for i := range d.Marks {
		m := &d.Marks[i]
		switch {
		case known(&m.M).Before(from):
		case m.Score:
			switch {
			case r.Score == nil:
				r.Score = &m.M
			case r.ScoreWas == nil:
				r.ScoreWas = &m.M
			}
		case m.Vital:
			if r.Vital == nil {
				r.Vital = &m.M
			} else if len(r.Vitals) < 2 && m.M.Label != r.Vital.Label && !slices.ContainsFunc(r.Vitals, func(o Mark) bool { return o.Label == m.M.Label }) {
				r.Vitals = append(r.Vitals, m.M)
			}
		case len(r.Critical) < 3:
			r.Critical = append(r.Critical, m.M)
		}
	}
	for _, t := range d.Fresh {
		if !t.Before(from) {
			r.NewFindings++
		}
	}
	r.warn(d.Warns, now)
	return r
}
