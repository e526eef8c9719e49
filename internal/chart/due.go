package chart

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// Answer is what became of one planned dose.
type Answer struct {
	Due    time.Time // the planned time that it answers; zero where none could be told
	At     time.Time
	Until  time.Time // of a postponed one: when it is to be given
	Status clinical.DoseStatus
}

// gave reports whether anything of the dose was given.
func gave(s clinical.DoseStatus) bool { return s == clinical.Given || s == clinical.Partly }

// answers reports whether a status says what became of a dose at the bed.
func answers(s clinical.DoseStatus) bool {
	return s != clinical.Dispensed && s != clinical.Retracted
}

// Dose is one planned dose on one day.
type Dose struct {
	Due
	Time   time.Time // as prescribed
	Now    time.Time // when it is to be given: Time, or what it was postponed to
	Answer *Answer   // nil: nothing is recorded
}

// Open reports whether somebody still has to give it or say why not.
func (p *Dose) Open() bool { return p.Answer == nil || p.Answer.Status == clinical.Postponed }

// DoseGrace is how long after its planned time a dose without a record is
// overdue; until then it is the work of the moment. doseSoon is how long before
// it is due, doseNear how far from a planned time a dose may have been given
// that does not say which one it answers.
const (
	DoseGrace = time.Hour
	doseSoon  = 30 * time.Minute
	doseNear  = 6 * time.Hour
)

// DoseState says where a planned dose that nobody has answered stands.
type DoseState uint8

const (
	DosePlanned DoseState = iota // later
	DoseDue                      // within half an hour, or past
	DoseOverdue                  // past by more than [DoseGrace] and not recorded
)

// StateAt says where a dose that is to be given at a time stands at now. It is
// the same on every list, in an outage too: a dose that nobody recorded on
// either side is overdue, never planned.
func StateAt(at, now time.Time) DoseState {
	switch past := now.Sub(at); {
	case past < -doseSoon:
		return DosePlanned
	case past > DoseGrace:
		return DoseOverdue
	}
	return DoseDue
}

// dayUnknown reports whether nobody can say on which days a dose falls.
func (d *Due) dayUnknown() bool { return d.Every > 1 && d.From.IsZero() }

// Between returns the planned doses that are to be given at from or later and
// before to, in the zone of from; those that are answered too. A dose as needed
// and one without a time of day is never planned. When it is planned follows
// from [PlannedDoses].
func (d *Due) Between(from, to time.Time) []Dose {
	if d.AsNeeded || d.Timeless {
		return nil
	}
	as := clinical.Prescription{Times: []clinical.DayTime{d.At}, Start: d.From, End: d.Until, Status: clinical.InProgress}
	if d.Every > 1 {
		as.Interval = "Q" + strconv.Itoa(d.Every) + "D"
	}
	var out []Dose
	for _, t := range PlannedDoses(&as, from.AddDate(0, 0, -1), to) { // one day before: it may be postponed into the time asked for
		p := Dose{Due: *d, Time: t, Now: t, Answer: d.answer(t)}
		if a := p.Answer; a != nil && a.Status == clinical.Postponed && a.Until.After(t) {
			p.Now = a.Until
		}
		if !p.Now.Before(from) && p.Now.Before(to) {
			out = append(out, p)
		}
	}
	return out
}

// answer returns the newest answer to the dose planned for t, nil for none. That
// it was postponed answers nothing once something else is recorded.
func (d *Due) answer(t time.Time) *Answer {
	var best *Answer
	for i := range d.Answers {
		a := &d.Answers[i]
		if !Answers(a.Due, a.At, t, nil) {
			continue
		}
		if later := best == nil || a.At.After(best.At); best == nil || delayed(a.Status) == delayed(best.Status) && later || delayed(best.Status) && !delayed(a.Status) {
			best = a
		}
	}
	return best
}

// delayed reports whether a status says only that the dose comes later.
func delayed(s clinical.DoseStatus) bool { return s == clinical.Postponed }

// Answers reports whether a dose that was recorded for due, or for no planned
// time (zero) at the time at, answers the one planned for t. Planned are the
// times among which the nearest is looked for, the earlier of two.
func Answers(due, at, t time.Time, planned []time.Time) bool {
	if !due.IsZero() {
		return due.Truncate(time.Minute).Equal(t)
	}
	var best time.Time
	for i, s := range planned {
		if i == 0 || at.Sub(s).Abs() < at.Sub(best).Abs() || at.Sub(s).Abs() == at.Sub(best).Abs() && s.Before(best) {
			best = s
		}
	}
	return len(planned) > 0 && best.Equal(t) && at.Sub(t).Abs() <= doseNear
}

// Missed returns the planned doses to be given at since or later and before
// until about which nothing was recorded, or only that they were postponed,
// earliest first. A rhythm slower than a day is left out where nobody said when
// it began: of it nobody knows the day. With the begin of an outage and a moment somewhat ago it is the list
// of the doses that may not have been given.
func Missed(doses []Due, since, until time.Time) []Dose {
	var out []Dose
	for i := range doses {
		if doses[i].dayUnknown() {
			continue
		}
		for _, p := range doses[i].Between(since, until) {
			if p.Open() {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Dose) int { return a.Now.Compare(b.Now) })
	return out
}

// DuesOf returns the planned doses of the patient's open prescriptions, with
// the answers among p.Doses. Zone is the hospital's.
func DuesOf(p *Patient, zone *time.Location) []Due {
	var out []Due
	for i := range p.Medication {
		it := &p.Medication[i]
		if it.Cancelled || !it.V.Status.Open() {
			continue
		}
		var list []Answer
		for j := range p.Doses {
			if d := &p.Doses[j]; Of(&d.V, &it.V) && !d.Cancelled && answers(d.V.Status) {
				list = append(list, Answer{Due: d.V.Due, At: d.V.At, Until: d.V.Until, Status: d.V.Status})
			}
		}
		out = append(out, dues(&it.V, list, zone)...)
	}
	return out
}

// Of reports whether the dose is one of the prescription.
func Of(d *clinical.Dose, p *clinical.Prescription) bool { return ofPrescription(d.Prescription, p) }

func ofPrescription(key string, p *clinical.Prescription) bool {
	return key == p.Key() || p.Filler != "" && key == "f"+p.Filler
}

// DueOf returns the planned time that a dose of the prescription answers: the
// one that it names, else the nearest one within six hours; zero where there is
// none.
func DueOf(p *clinical.Prescription, d *clinical.Dose, zone *time.Location) time.Time {
	if !d.Due.IsZero() {
		return d.Due
	}
	return nearest(p, d.At, zone)
}

// nearest returns the planned time that a dose given at a time answers if it
// names none; zero if none is within six hours.
func nearest(p *clinical.Prescription, at time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	as := *p
	as.Status = clinical.InProgress // also of one that was stopped since
	at = at.In(zone)
	planned := PlannedDoses(&as, at.Add(-doseNear), at.Add(doseNear+time.Minute))
	for _, t := range planned {
		if Answers(time.Time{}, at, t, planned) {
			return t
		}
	}
	return time.Time{}
}

// dues returns the planned doses of one prescription: at least one, so that no
// drug in force is missing from the list, and none for a drug that was to be
// given once and has been.
func dues(p *clinical.Prescription, list []Answer, zone *time.Location) []Due {
	due := Due{
		Prescription: p.Key(), Drug: or(p.Drug.Label(), p.Substance), Dose: doseWords(p), Route: p.Route,
		AsNeeded: p.AsNeeded, From: p.Start, Until: p.End, Hold: p.Status == clinical.OnHold, Every: everyDays(p.Interval),
	}
	var whole time.Time
	answered := make([]Answer, 0, len(list))
	for _, a := range list {
		if a.Due.IsZero() {
			a.Due = nearest(p, a.At, zone)
		}
		answered = append(answered, a)
		if gave(a.Status) && a.At.After(due.Last) {
			due.Last = a.At
		}
		if a.Status == clinical.Given {
			whole = latest(whole, a.At)
		}
	}
	switch {
	case once(p.Interval) && !whole.IsZero() && !whole.Before(p.Start.Add(-onceEarly)):
		return nil
	case due.AsNeeded:
		return []Due{due}
	case len(p.Times) == 0 || due.Hold: // a paused drug is not due at any time, but is said
		due.Timeless, due.Dose, due.Rate, due.Interval = true, p.Dose, p.Rate, or(p.Scheme, p.Interval)
		return []Due{due}
	}
	var out []Due
	for _, t := range p.Times {
		due.At, due.Answers = t, answersAt(answered, t, zone)
		out = append(out, due)
	}
	return out
}

// answersAt returns the answers to doses planned for that time of day.
func answersAt(list []Answer, t clinical.DayTime, zone *time.Location) []Answer {
	if zone == nil {
		zone = time.UTC
	}
	var out []Answer
	for _, a := range list {
		if day := a.Due.In(zone); time.Date(day.Year(), day.Month(), day.Day(), 0, int(t), 0, 0, zone).Equal(a.Due.Truncate(time.Minute)) {
			out = append(out, a)
		}
	}
	return out
}

// everyDays is how many days lie between two doses where an interval says that
// it is more than one; else 0.
func everyDays(interval string) int {
	s := strings.ToUpper(strings.NewReplacer(" ", "", ".", "", "Ä", "AE", "ä", "AE", "ö", "OE", "Ö", "OE", "×", "X").Replace(interval))
	switch s {
	case "QOD", "Q2D", "JEDEN2TAG", "JEDENZWEITENTAG", "ALLE2TAGE":
		return 2
	case "QW", "Q1W", "WOECHENTLICH", "1XWOECHENTLICH", "1XPROWOCHE":
		return 7
	case "MONATLICH", "Q1L", "1XMONATLICH":
		return 28
	}
	if len(s) < 3 || s[0] != 'Q' {
		return 0
	}
	n := 0
	for _, c := range s[1 : len(s)-1] {
		if c < '0' || c > '9' || n > 1000 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	switch s[len(s)-1] {
	case 'D':
		if n > 1 {
			return n
		}
	case 'W':
		return n * 7
	case 'L':
		return n * 28
	}
	return 0
}
