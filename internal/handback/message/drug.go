package message

import (
	"fmt"
	"regexp"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
)

// rde writes RDE^O11 (HL7 v2.5 section 4.13.3), O01 before version 2.4.
func (m *maker) rde(p clinical.Prescription) {
	event := "O11"
	if m.before("2.4") {
		event = "O01"
	}
	w := m.timing(p)
	m.begin(Medication, "", "RDE", event, "RDE_O11", m.e.At)
	m.doubt = p.Status == clinical.Cancelled && m.e.Corrects != "" && !m.own(p)
	m.patient(true)
	tq := ""
	if m.before("2.5") {
		tq = m.quantityTiming(w)
	}
	c := fields(16)
	c.set(1, m.prescriptionControl(p))
	c.set(2, m.number(p.Placer))
	c.set(3, m.number(p.Filler))
	c.set(5, state(p.Status))
	c.set(7, tq)
	c.set(9, m.clock(m.e.Written))
	c.set(10, m.staff(m.e.By))
	c.set(12, m.staff(p.By))
	c.set(15, m.clock(p.Start))
	c.set(16, m.words(p.Indication))
	m.b.Segment("ORC", c...)
	m.rxe(p, w, tq)
	if !m.before("2.5") {
		m.b.Segment("TQ1", "1", "", m.b.Text(w.repeat), m.b.Reps(w.times...), "", "", m.clock(p.Start), m.clock(p.End), w.priority, m.b.Text(w.condition), m.b.Text(w.text))
	}
	m.rxr(p.Route, "")
	m.end()
}

// own reports whether the prescription was written by this entry.
func (m *maker) own(p clinical.Prescription) bool {
	return strings.HasPrefix(p.Placer, entry.Number(m.e.Root))
}

// prescriptionControl is ORC-1 of a prescription: new only under a number of
// this entry's own.
func (m *maker) prescriptionControl(p clinical.Prescription) string {
	own := m.own(p)
	switch {
	case p.Status == clinical.Cancelled && own:
		return "CA"
	case p.Status == clinical.Cancelled, p.Status == clinical.Completed:
		return "DC"
	case p.Status == clinical.OnHold:
		return "HD"
	case own && !m.known():
		return "NW"
	}
	return "XO"
}

// rxe writes what is to be given. What has no field of its own is an
// instruction in words (RXE-7).
func (m *maker) rxe(p clinical.Prescription, w when, tq string) {
	x := fields(27)
	x.set(1, tq)
	x.set(2, m.code(p.Drug))
	if p.Drug.Zero() {
		x.set(2, m.words(p.Substance))
	} else if p.Substance != "" && p.Substance != p.Drug.Text {
		x.set(2, m.b.Comps(p.Drug.Code, p.Drug.Text, m.system(p.Drug.System), "", p.Substance, "ATC"))
	}
	say := w.say
	if q, ok := amountOf(p.Dose); ok {
		x.set(3, q.low)
		x.set(4, q.high)
		x.set(5, m.words(q.unit))
	} else if p.Dose != "" {
		say = append(say, "Einzeldosis: "+p.Dose)
	}
	x.set(6, m.words(p.Form))
	if p.MaxDaily != "" { // RXE-19 would be what is given in a day, not the most
		say = append(say, "höchstens "+p.MaxDaily+" in 24 h")
	}
	note := oneLine(p.Note)
	if len(note) > shortQuestion {
		note = ""
	}
	if q, ok := rateOf(p.Rate); ok {
		x.set(23, q.low)
		x.set(24, m.words(q.unit))
	} else if p.Rate != "" {
		say = append(say, "Laufrate: "+p.Rate)
	}
	if q, ok := amountOf(p.Strength); ok && q.high == "" {
		x.set(25, q.low)
		x.set(26, m.words(q.unit))
	} else if p.Strength != "" {
		say = append(say, "Stärke: "+p.Strength)
	}
	x.set(7, m.instructions(note, say))
	x.set(27, m.words(p.Indication))
	m.b.Segment("RXE", x...)
	if note == "" {
		m.lines(p.Note)
	}
}

func (m *maker) instructions(note string, say []string) string {
	var reps []string
	for _, s := range append([]string{note}, say...) {
		if s != "" {
			reps = append(reps, m.words(s))
		}
	}
	return m.b.Reps(reps...)
}

// when is the timing of a prescription.
type when struct {
	repeat    string   // TQ1-3
	times     []string // TQ1-4: 0800
	priority  string   // TQ1-9
	condition string   // TQ1-10
	text      string   // TQ1-11
	start     string
	end       string
	say       []string // what stands as an instruction
}

var (
	everyHours = regexp.MustCompile(`(?i)^(?:q|alle|every) ?(\d{1,2}) ?(?:h|std\.?|stunden|hours)$`)
	repeatCode = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}$`)
)

// timing says when p is to be given. Times of day stand in fields of their own
// only where the same amount is meant each time; a scheme such as 2-0-1-0 or
// ½-0-½ goes as a whole, so that nobody takes its parts for equal.
func (m *maker) timing(p clinical.Prescription) when {
	w := when{start: m.clock(p.Start), end: m.clock(p.End)}
	var clocks []string
	for _, t := range p.Times {
		w.times = append(w.times, fmt.Sprintf("%02d%02d", int(t)/60%24, int(t)%60))
		clocks = append(clocks, fmt.Sprintf("%02d:%02d", int(t)/60%24, int(t)%60))
	}
	every := everyHours.FindStringSubmatch(strings.TrimSpace(p.Interval))
	switch {
	case p.Scheme != "":
		w.repeat = p.Scheme
		if !Even(p.Scheme) {
			w.times, w.text = nil, p.Scheme
			say := "Schema " + p.Scheme + ", jede Zahl mal Einzeldosis"
			if len(clocks) > 0 {
				say += ", um " + strings.Join(clocks, " ")
			}
			w.say = append(w.say, say)
		}
		if p.Interval != "" {
			w.say = append(w.say, p.Interval)
		}
	case every != nil:
		w.repeat = "Q" + strings.TrimLeft(every[1], "0") + "H"
	case repeatCode.MatchString(p.Interval):
		w.repeat = p.Interval
	default:
		w.text = p.Interval
	}
	if p.AsNeeded {
		w.priority, w.condition = "PRN", p.Indication
	}
	return w
}

// quantityTiming writes the TQ of versions before 2.5.
func (m *maker) quantityTiming(w when) string {
	interval := m.b.Subs(w.repeat, strings.Join(w.times, ","))
	return m.b.Join("", interval, "", w.start, w.end, w.priority, m.b.Text(w.condition), m.b.Text(w.text))
}

// routes are routes as the ward writes them (HL7 table 0162).
var routes = map[string]string{
	"p.o.": "PO", "i.v.": "IV", "i.m.": "IM", "s.c.": "SC", "s.l.": "SL", "rektal": "PR", "rect.": "PR", "inh.": "IH", "inhalativ": "IH",
	"transdermal": "TD", "topisch": "TP", "nasal": "NS", "Magensonde": "NG", "i.c.": "ID",
}

// rxr writes route and site.
func (m *maker) rxr(route, site string) {
	if route == "" && site == "" {
		return
	}
	r := m.words(route)
	if code, ok := routes[route]; ok {
		r = m.b.Comps(code, route, "HL70162")
	}
	m.b.Segment("RXR", r, m.words(site))
}

// ras writes RAS^O17 (HL7 v2.5 section 4.13.5), O01 before version 2.4.
func (m *maker) ras(d clinical.Dose) {
	given := d.Status == clinical.Given || d.Status == clinical.Partly || d.Status == clinical.Dispensed
	q, readable := amountOf(d.Amount)
	if !readable || q.high != "" {
		if given {
			m.leave(Dose, nil, "Die gegebene Menge lässt sich nicht als Zahl mit Einheit senden. Bitte in %s von Hand eintragen.", "The amount given cannot be sent as a number with a unit. Please type it into %s.")
			return
		}
		q = quantity{low: "0"} // nothing was given
	}
	event := "O17"
	if m.before("2.4") {
		event = "O01"
	}
	m.begin(Dose, "", "RAS", event, "RAS_O17", d.At)
	m.patient(true)
	c := fields(9)
	c.set(1, "RE")
	if filler, ok := strings.CutPrefix(d.Prescription, "f"); ok {
		c.set(3, m.number(filler))
	} else {
		c.set(2, m.number(d.Prescription))
		c.set(3, m.b.Text(d.ID)) // what a correction finds this dose by
	}
	c.set(9, m.clock(m.e.Written))
	m.b.Segment("ORC", c...)
	if !d.Due.IsZero() && !m.before("2.5") {
		m.b.Segment("TQ1", "1", "", "", "", "", "", m.clock(d.Due))
	}
	x := fields(22)
	x.set(1, "0")
	x.set(2, "1")
	x.set(3, m.clock(d.At))
	x.set(4, m.clock(d.At))
	x.set(5, m.code(d.Drug))
	x.set(6, q.low)
	x.set(7, m.words(q.unit))
	x.set(9, m.words(m.remark(d)))
	x.set(10, m.staff(d.By))
	x.set(15, m.b.Text(d.Lot))
	if !given {
		x.set(18, m.words(oneLine(d.Reason)))
	}
	x.set(20, completion(d.Status))
	x.set(21, "A")
	switch {
	case d.Status == clinical.Retracted:
		x.set(21, "D")
	case m.known():
		x.set(21, "U")
	}
	x.set(22, m.clock(m.e.Written))
	m.b.Segment("RXA", x...)
	m.rxr(d.Route, d.Site)
	m.end()
}

// remark is what of a dose has no field of its own.
func (m *maker) remark(d clinical.Dose) string {
	var out []string
	if d.Status == clinical.Postponed && !d.Until.IsZero() {
		out = append(out, "verschoben auf "+d.Until.In(m.t.Zone).Format("02.01.2006 15:04"))
	}
	if !d.Checked.Zero() {
		out = append(out, "Doppelkontrolle: "+d.Checked.Name)
	}
	if d.Reason != "" && (d.Status == clinical.Given || d.Status == clinical.Partly) {
		out = append(out, oneLine(d.Reason))
	}
	return strings.Join(out, "; ")
}

// completion is RXA-20 (HL7 table 0322).
func completion(s clinical.DoseStatus) string {
	switch s {
	case clinical.Partly:
		return "PA"
	case clinical.Refused:
		return "RE"
	case clinical.NotGiven, clinical.Postponed:
		return "NA"
	case clinical.Given, clinical.Dispensed, clinical.Retracted:
	}
	return "CP"
}
