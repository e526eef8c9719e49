package interpret

import (
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// appointments reads SIU: SCH says when and why, the AIx segments what, where
// and with whom.
func (r *reader) appointments() {
	groups := r.groups(false)
	sch, ok := r.first("SCH")
	if !ok {
		r.missing()
		return
	}
	a := r.appointment(sch)
	if tq, ok := r.first("TQ1"); ok { // v2.5 on; SCH-11 is kept for older receivers
		if start := r.time(tq, 7); !start.IsZero() {
			a.Start, a.End = start, r.time(tq, 8)
		}
	}
	for _, seg := range r.segments() {
		r.guarded(seg, func(seg segment) { r.resource(&a, seg) })
	}
	if a.End.IsZero() && !a.Start.IsZero() {
		a.End = a.Start.Add(duration(sch.Field(9), sch.Field(10)))
		if a.End.Equal(a.Start) {
			a.End = time.Time{}
		}
	}
	if a.Placer == "" && a.Filler == "" {
		a.Filler = "@" + r.out.Control
	}
	patients := 0
	for _, g := range groups {
		if !g.pid.Exists() {
			continue
		}
		patients++
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, true) })
		r.guard("PV1", func() { r.visit(&g) })
		for _, seg := range g.all {
			switch seg.Name() {
			case "DG1", "AL1", "OBX":
				r.guarded(seg, r.list)
			}
		}
		r.emit(a)
		r.ownSegments(&g)
	}
	if patients == 0 {
		r.missing()
	}
}

func (r *reader) appointment(sch segment) clinical.Appointment {
	a := clinical.Appointment{
		Placer: entity(sch.Field(1)), Filler: entity(sch.Field(2)), What: r.codedField(sch.Field(7)),
		Reason: label(r.codedField(sch.Field(6))), Status: r.appointmentStatus(sch),
		Start: r.componentTime(sch, 11, 4), End: r.componentTime(sch, 11, 5),
	}
	if a.What.Zero() {
		a.What = r.codedField(sch.Field(8))
	}
	return a
}

// componentTime reads a time within a TQ.
func (r *reader) componentTime(seg segment, field, comp int) time.Time {
	t, _, ok := r.parseTime(trim(seg.Field(field).Comp(comp).Sub(1)))
	if !ok {
		r.badTime(r.where(seg, field))
	}
	return t
}

// appointmentStatus is what the event says; SCH-25 (HL7 table 0278) counts
// where it says that the appointment is off.
func (r *reader) appointmentStatus(sch segment) clinical.AppointmentStatus {
	switch r.eventCode() {
	case "S13":
		return clinical.Rescheduled
	case "S14", "S18", "S19", "S20", "S21", "S22":
		return clinical.Changed
	case "S15":
		return clinical.CalledOff
	case "S16", "S17":
		return clinical.Removed
	case "S26":
		return clinical.NoShow
	}
	switch fold(sch.Field(25).Text()) {
	case "CANCELLED", "CANCELED":
		return clinical.CalledOff
	case "DELETED", "DC", "DISCONTINUED":
		return clinical.Removed
	case "NOSHOW":
		return clinical.NoShow
	}
	return clinical.Booked
}

// resource reads AIS, AIG, AIL, AIP and NTE. A resource that is taken off
// (segment action D) counts as not there.
func (r *reader) resource(a *clinical.Appointment, seg segment) {
	name := seg.Name()
	if len(name) == 3 && strings.HasPrefix(name, "AI") && fold(seg.Field(2).Text()) == "D" {
		return
	}
	var start time.Time
	switch name {
	case "AIS":
		if c := r.codedField(seg.Field(3)); !c.Zero() {
			a.What = c
		}
		start = r.time(seg, 4)
		if a.End.IsZero() && !start.IsZero() {
			if d := duration(seg.Field(7), seg.Field(8)); d > 0 {
				a.End = start.Add(d)
			}
		}
	case "AIG":
		a.Note = joinLines(a.Note, label(r.codedField(seg.Field(3))))
		start = r.time(seg, 8)
	case "AIL":
		if a.Place == "" {
			a.Place = r.placeText(seg.Field(3))
		}
		start = r.time(seg, 6)
	case "AIP":
		if who := staffField(seg.Field(3)); !who.Zero() {
			a.With = append(a.With, who)
		}
		start = r.time(seg, 6)
	case "NTE":
		a.Note = joinLines(a.Note, noteText(seg))
	}
	if a.Start.IsZero() {
		a.Start = start
	}
}

// placeText is a place in words: ward or point of care, room, facility.
func (r *reader) placeText(f hl7.Field) string {
	rep := f.Rep(0)
	ward := trim(rep.Comp(1).Sub(1))
	if code, ok := r.s.wards[fold(ward)]; ok {
		ward = code
	}
	words := []string{ward, trim(rep.Comp(2).Sub(1)), trim(rep.Comp(4).Sub(1))}
	if text := value(rep.Comp(9)); text != "" { // PL.9: location description
		return text
	}
	return strings.Trim(joinWith(" / ", words...), " ")
}

func joinWith(sep string, words ...string) string {
	var list []string
	for _, w := range words {
		if w != "" {
			list = append(list, w)
		}
	}
	return strings.Join(list, sep)
}

// duration reads a number with its unit; minutes where none is sent.
func duration(n, unit hl7.Field) time.Duration {
	count := number(n.Text())
	if count <= 0 || count > 100_000 {
		return 0
	}
	switch u := fold(unit.Text()); {
	case u == "S" || strings.HasPrefix(u, "SEC"):
		return time.Duration(count) * time.Second
	case strings.HasPrefix(u, "H"), strings.HasPrefix(u, "STD"):
		return time.Duration(count) * time.Hour
	}
	return time.Duration(count) * time.Minute
}
