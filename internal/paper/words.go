package paper

import (
	"fmt"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// voice says times, ages and the words of the ward in the language of a sheet.
type voice struct {
	lang lang.Lang
	zone *time.Location
	now  time.Time
}

func (v voice) say(de, en string) string { return lang.Text{DE: de, EN: en}.In(v.lang) }

func (v voice) unsent() string { return v.say("nicht übermittelt", "not sent") }

var (
	daysDE   = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}
	daysEN   = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	monthsEN = [...]string{"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

// day returns "Sa 21.11." or "Sat 21 Nov", with the year where it is not that
// of printing.
func (v voice) day(t time.Time) string {
	t = t.In(v.zone)
	if t.Year() != v.now.In(v.zone).Year() {
		return v.fullDay(t)
	}
	if v.lang == lang.EN {
		return fmt.Sprintf("%s %d %s", daysEN[t.Weekday()], t.Day(), monthsEN[t.Month()])
	}
	return fmt.Sprintf("%s %02d.%02d.", daysDE[t.Weekday()], t.Day(), t.Month())
}

// shortDay is day for narrow columns: English without the weekday.
func (v voice) shortDay(t time.Time) string {
	d := v.day(t)
	if _, rest, ok := strings.Cut(d, " "); ok && v.lang == lang.EN {
		return rest
	}
	return d
}

func (v voice) fullDay(t time.Time) string {
	t = t.In(v.zone)
	if v.lang == lang.EN {
		return fmt.Sprintf("%s %d %s %04d", daysEN[t.Weekday()], t.Day(), monthsEN[t.Month()], t.Year())
	}
	return fmt.Sprintf("%s %02d.%02d.%04d", daysDE[t.Weekday()], t.Day(), t.Month(), t.Year())
}

func (v voice) clock(t time.Time) string { return t.In(v.zone).Format("15:04") }

// stamp returns day, year and time; unknown is said.
func (v voice) stamp(t time.Time) string {
	if t.IsZero() {
		return v.say("unbekannt", "unknown")
	}
	return v.fullDay(t) + " " + v.clock(t)
}

// when returns the time alone on the day of printing, else day and time.
func (v voice) when(t time.Time) string {
	if t.IsZero() {
		return v.say("Zeit unbekannt", "time unknown")
	}
	if v.sameDay(t, v.now) {
		return v.clock(t)
	}
	return v.day(t) + " " + v.clock(t)
}

func clockOf(t clinical.DayTime) string {
	m := ((int(t) % (24 * 60)) + 24*60) % (24 * 60)
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}

func (v voice) sameDay(a, b time.Time) bool {
	ya, ma, da := a.In(v.zone).Date()
	yb, mb, db := b.In(v.zone).Date()
	return ya == yb && ma == mb && da == db
}

// ago returns "vor 3 h 24", measured to the time of printing.
func (v voice) ago(t time.Time) string {
	d := v.now.Sub(t)
	switch {
	case t.IsZero():
		return v.say("Alter unbekannt", "age unknown")
	case d < 0:
		return v.say("in der Zukunft", "in the future")
	}
	return v.say("vor "+v.span(d), v.span(d)+" ago")
}

func (v voice) span(d time.Duration) string {
	m := int(d.Minutes())
	switch {
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case m < 48*60 && m%60 == 0:
		return fmt.Sprintf("%d h", m/60)
	case m < 48*60:
		return fmt.Sprintf("%d h %02d", m/60, m%60)
	}
	return fmt.Sprintf("%d %s", m/(24*60), v.say("Tagen", "days"))
}

func (v voice) name(n clinical.Name, unnamed bool) string {
	switch {
	case n.Family == "" && n.Given == "" && unnamed:
		return v.say("UNBEKANNTE PERSON", "UNKNOWN PERSON")
	case n.Family == "" && n.Given == "":
		return v.say("Name nicht übermittelt", "Name not sent")
	}
	return n.Display()
}

// birth returns "*03.04.1951 (75 J)".
func (v voice) birth(d clinical.Date) string {
	if d.Zero() {
		return v.say("Geburtsdatum nicht übermittelt", "birth date not sent")
	}
	return "*" + v.date(d) + " (" + v.age(d) + ")"
}

func (v voice) date(d clinical.Date) string {
	if v.lang != lang.EN || d.Zero() {
		return d.German()
	}
	day, month := "??", "???"
	if d.Month >= 1 && d.Month <= 12 {
		month = monthsEN[d.Month]
		if d.Day != 0 {
			day = fmt.Sprintf("%02d", d.Day)
		}
	}
	return fmt.Sprintf("%s %s %04d", day, month, d.Year)
}

func (v voice) age(d clinical.Date) string {
	age := d.Age(v.now.In(v.zone))
	if v.lang != lang.EN {
		return age
	}
	return strings.NewReplacer(" J", " y", " M", " mo", " W", " wk", " T", " d").Replace(age)
}

func (v voice) sex(s clinical.Sex) string {
	switch s {
	case clinical.Female:
		return v.say("weiblich", "female")
	case clinical.Male:
		return v.say("männlich", "male")
	case clinical.Diverse:
		return v.say("divers", "diverse")
	case clinical.SexUnknown:
	}
	return v.say("Geschlecht nicht übermittelt", "sex not sent")
}

func (v voice) letter(s clinical.Sex) string {
	if v.lang != lang.EN {
		return s.Letter()
	}
	return map[clinical.Sex]string{clinical.Female: "f", clinical.Male: "m", clinical.Diverse: "x"}[s]
}

func (v voice) caseNo(c clinical.CaseNo) string {
	if c == "" {
		return v.say("Fall nicht übermittelt", "case not sent")
	}
	return v.say("Fall ", "Case ") + string(c)
}

// place returns room and bed: "Zi 301 Bett F".
func (v voice) place(p clinical.Place) string {
	var out []string
	if p.Room != "" {
		out = append(out, v.say("Zi ", "Room ")+p.Room)
	}
	if p.Bed != "" {
		out = append(out, v.say("Bett ", "Bed ")+p.Bed)
	}
	if len(out) == 0 {
		return v.say("Bett nicht übermittelt", "bed not sent")
	}
	return strings.Join(out, " ")
}

func (v voice) sectionName(s clinical.Section) string {
	switch s {
	case clinical.Laboratory:
		return v.say("Labor", "Laboratory")
	case clinical.Microbiology:
		return v.say("Mikrobiologie", "Microbiology")
	case clinical.Vitals:
		return v.say("Vitalzeichen", "Vital signs")
	case clinical.Radiology:
		return v.say("Radiologie", "Radiology")
	case clinical.Endoscopy:
		return v.say("Endoskopie", "Endoscopy")
	case clinical.Cardiology:
		return v.say("Kardiologie", "Cardiology")
	case clinical.Pathology:
		return v.say("Pathologie", "Pathology")
	case clinical.Surgery:
		return v.say("OP", "Surgery")
	case clinical.Consult:
		return v.say("Konsil", "Consult")
	case clinical.Nursing:
		return v.say("Pflege", "Nursing")
	case clinical.Pharmacy:
		return v.say("Apotheke", "Pharmacy")
	case clinical.OtherSection:
	}
	return v.say("Sonstiges", "Other")
}

func (v voice) orderStatus(s clinical.OrderStatus) string {
	switch s {
	case clinical.Ordered:
		return v.say("angefordert", "ordered")
	case clinical.Scheduled:
		return v.say("terminiert", "scheduled")
	case clinical.InProgress:
		return v.say("in Arbeit", "in progress")
	case clinical.PartResult:
		return v.say("Teilergebnis", "partial result")
	case clinical.Completed:
		return v.say("erledigt", "completed")
	case clinical.OnHold:
		return v.say("zurückgestellt", "on hold")
	case clinical.Cancelled:
		return v.say("storniert", "cancelled")
	case clinical.OrderFailed:
		return v.say("nicht ausführbar", "failed")
	}
	return v.unsent()
}

// number writes a value with the decimal sign of the language. Only a value
// that the sender gave as a number is touched.
func (v voice) number(r clinical.Result) string {
	s := strings.TrimSpace(r.Value)
	if r.Number == nil {
		return s
	}
	if v.lang == lang.EN {
		s = strings.Replace(s, ",", ".", 1)
	} else if strings.Count(s, ".") == 1 && !strings.Contains(s, ",") {
		s = strings.Replace(s, ".", ",", 1)
	}
	if r.Comparator != "" && !strings.HasPrefix(s, r.Comparator) {
		s = r.Comparator + s
	}
	return strings.NewReplacer("<=", "≤", ">=", "≥").Replace(s)
}
