package message

import (
	"fmt"
	"regexp"
	"strings"

	"notbetrieb/internal/clinical"
)

// order writes ORM^O01, or OMG^O19 and for the laboratory OML^O21.
func (m *maker) order(o clinical.Order) {
	typ, event, structure := "OMG", "O19", "OMG_O19"
	if o.Section == clinical.Laboratory || o.Section == clinical.Microbiology {
		typ, event, structure = "OML", "O21", "OML_O21"
	}
	if m.t.OldOrders || m.t.Version < "2.4" {
		typ, event, structure = "ORM", "O01", "ORM_O01"
	}
	m.begin(Order, typ, event, structure)
	m.patient()
	c := make([]string, 15)
	c[0], c[1], c[2], c[4] = m.control(o.Status), m.b.Text(o.Placer), m.b.Text(o.Filler), state(o.Status)
	c[8], c[11] = m.clock(o.Requested), m.staff(o.By)
	m.b.Segment("ORC", c...)
	if m.t.Version >= "2.5" {
		m.b.Segment("TQ1", "1", "", "", "", "", "", m.clock(o.Due), "", m.b.Text(o.Priority))
	}
	f := make([]string, 31)
	f[0], f[1], f[2], f[3] = "1", m.b.Text(o.Placer), m.b.Text(o.Filler), m.code(o.What)
	f[12], f[15], f[23] = m.b.Text(oneLine(o.Question)), m.staff(o.By), sectionCode(o.Section)
	if m.t.Version < "2.5" {
		f[4], f[5] = m.b.Text(o.Priority), m.clock(o.Requested)
		f[26] = m.b.Comps("", "", "", m.clock(o.Due), "", o.Priority)
	}
	f[30] = m.b.Comps("", oneLine(o.Question))
	m.b.Segment("OBR", f...)
	if o.Specimen != "" {
		m.b.Segment("NTE", "1", "L", m.b.Text("Material: "+o.Specimen))
	}
	m.end()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// control is ORC-1 (HL7 table 0119).
func (m *maker) control(s clinical.OrderStatus) string {
	switch {
	case s == clinical.Cancelled:
		return "CA"
	case s == clinical.Completed || s == clinical.OrderFailed:
		return "SC"
	case s == clinical.OnHold:
		return "HD"
	case m.e.Corrects != "":
		return "XO"
	}
	return "NW"
}

// state is ORC-5 (HL7 table 0038).
func state(s clinical.OrderStatus) string {
	switch s {
	case clinical.Scheduled:
		return "SC"
	case clinical.InProgress:
		return "IP"
	case clinical.PartResult:
		return "A"
	case clinical.Completed:
		return "CM"
	case clinical.OnHold:
		return "HD"
	case clinical.Cancelled, clinical.OrderFailed:
		return "CA"
	case clinical.Ordered:
	}
	return ""
}

// sectionCode is OBR-24 (HL7 table 0074).
func sectionCode(s clinical.Section) string {
	switch s {
	case clinical.Laboratory:
		return "LAB"
	case clinical.Microbiology:
		return "MB"
	case clinical.Radiology:
		return "RAD"
	case clinical.Endoscopy:
		return "OTH"
	case clinical.Cardiology:
		return "CUS"
	case clinical.Pathology:
		return "SP"
	case clinical.Consult:
		return "PHY"
	case clinical.Nursing, clinical.Diet, clinical.Transport, clinical.Vitals, clinical.Surgery, clinical.Pharmacy, clinical.OtherSection:
	}
	return "OTH"
}

// prescriptionControl is ORC-1 of a prescription.
func (m *maker) prescriptionControl(s clinical.OrderStatus) string {
	switch {
	case s == clinical.Cancelled && m.e.Withdrawn:
		return "CA"
	case s == clinical.Cancelled || s == clinical.Completed:
		return "DC"
	}
	return m.control(s)
}

// rde writes RDE^O11 (HL7 v2.5 section 4.14.1).
func (m *maker) rde(p clinical.Prescription) {
	event := "O11"
	if m.t.Version < "2.4" {
		event = "O01"
	}
	m.begin(Medication, "RDE", event, "RDE_O11")
	m.patient()
	c := make([]string, 16)
	c[0], c[1], c[2] = m.prescriptionControl(p.Status), m.b.Text(p.Placer), m.b.Text(p.Filler)
	c[8], c[11], c[14] = m.clock(m.e.Written), m.staff(p.By), m.clock(p.Start)
	c[15] = m.b.Comps("", p.Indication)
	m.b.Segment("ORC", c...)
	m.timing(p)
	x := make([]string, 27)
	x[1] = m.code(p.Drug)
	if p.Drug.Zero() {
		x[1] = m.b.Comps("", p.Substance)
	}
	n, unit := amountOf(p.Dose)
	x[2], x[4], x[5], x[6] = m.b.Text(n), m.b.Comps("", unit), m.b.Comps("", p.Form), m.b.Comps("", oneLine(p.Note))
	if max, per := amountOf(p.MaxDaily); p.MaxDaily != "" {
		x[18] = m.b.Comps(max, per)
	}
	if rate, per := amountOf(p.Rate); p.Rate != "" {
		x[22], x[23] = m.b.Text(rate), m.b.Comps("", per)
	}
	strength, of := amountOf(p.Strength)
	x[24], x[25], x[26] = m.b.Text(strength), m.b.Comps("", of), m.b.Comps("", p.Indication)
	m.b.Segment("RXE", x...)
	m.b.Segment("RXR", m.b.Comps("", p.Route))
	m.end()
}

// timing writes TQ1: the scheme or the times of day, as needed where it is so.
func (m *maker) timing(p clinical.Prescription) {
	repeat := m.b.Text(p.Scheme)
	if p.Scheme == "" {
		repeat = m.b.Text(p.Interval)
	}
	var times []string
	for _, t := range p.Times {
		times = append(times, fmt.Sprintf("%02d%02d", int(t)/60, int(t)%60))
	}
	priority, condition := "", ""
	if p.AsNeeded {
		priority, condition = "PRN", p.Indication
	}
	m.b.Segment("TQ1", "1", "", repeat, m.b.Reps(times...), "", "", m.clock(p.Start), m.clock(p.End), priority, m.b.Text(condition))
}

// number is an amount as people write it: digits with blanks between groups, a
// decimal comma or point, or a range.
var number = regexp.MustCompile(`^([<>]?[0-9][0-9 .,]*(?:-[0-9][0-9.,]*)?)\s*(.*)$`)

// amountOf splits "5 000 IE" into 5000 and IE. What is no amount is all unit.
func amountOf(s string) (n, unit string) {
	parts := number.FindStringSubmatch(strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " ")))
	if parts == nil {
		return "", s
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(parts[1]), " ", ""), ",", "."), parts[2]
}

// ras writes RAS^O17 (HL7 v2.5 section 4.14.4).
func (m *maker) ras(d clinical.Dose) {
	event := "O17"
	if m.t.Version < "2.4" {
		event = "O01"
	}
	m.begin(Dose, "RAS", event, "RAS_O17")
	m.patient()
	m.b.Segment("ORC", "RE", m.b.Text(strings.TrimPrefix(d.Prescription, "f")), "", "", "", "", "", "", m.clock(m.e.Written))
	x := make([]string, 22)
	x[0], x[1], x[2], x[3] = "0", "1", m.clock(d.At), m.clock(d.At)
	n, unit := amountOf(d.Amount)
	if n == "" {
		n = "999" // HL7 v2.5 section 4.14.7.6: the amount is not recorded
	}
	x[4], x[5], x[6] = m.code(d.Drug), m.b.Text(n), m.b.Comps("", unit)
	x[8], x[9], x[14] = m.b.Comps("", remark(d)), m.staff(d.By), m.b.Text(d.Lot)
	if d.Reason != "" && (d.Status == clinical.Refused || d.Status == clinical.NotGiven || d.Status == clinical.Postponed) {
		x[17] = m.b.Comps("", d.Reason)
	}
	x[19], x[20], x[21] = completion(d.Status), "A", m.clock(m.e.Written)
	if d.Status == clinical.Retracted {
		x[20] = "D"
	} else if m.e.Corrects != "" {
		x[20] = "U"
	}
	m.b.Segment("RXA", x...)
	m.b.Segment("RXR", m.b.Comps("", d.Route), m.b.Comps("", d.Site))
	m.end()
}

// remark is what of a dose has no field of its own.
func remark(d clinical.Dose) string {
	var out []string
	if d.Status == clinical.Postponed && !d.Until.IsZero() {
		out = append(out, "verschoben auf "+d.Until.Format("02.01. 15:04"))
	}
	if !d.Checked.Zero() {
		out = append(out, "Doppelkontrolle "+d.Checked.Name)
	}
	if d.Reason != "" && (d.Status == clinical.Given || d.Status == clinical.Partly) {
		out = append(out, d.Reason)
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
	case clinical.NotGiven, clinical.Postponed, clinical.Retracted:
		return "NA"
	case clinical.Given, clinical.Dispensed:
	}
	return "CP"
}
