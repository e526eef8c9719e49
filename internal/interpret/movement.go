package interpret

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// move is what an ADT event does to a stay.
type move struct {
	kind   clinical.MovementKind
	cancel bool
}

// moves returns what the event of HL7 table 0003 does to a stay; false for
// events that move nobody.
func moves(event string) (move, bool) {
	switch event {
	case "A01":
		return move{kind: clinical.Admission}, true
	case "A02":
		return move{kind: clinical.Transfer}, true
	case "A03":
		return move{kind: clinical.Discharge}, true
	case "A04":
		return move{kind: clinical.Visit}, true
	case "A05", "A14":
		return move{kind: clinical.PlanAdmission}, true
	case "A06", "A07":
		return move{kind: clinical.ClassChange}, true
	case "A09":
		return move{kind: clinical.Departing}, true
	case "A10":
		return move{kind: clinical.Arriving}, true
	case "A11":
		return move{kind: clinical.Admission, cancel: true}, true
	case "A12":
		return move{kind: clinical.Transfer, cancel: true}, true
	case "A13":
		return move{kind: clinical.Discharge, cancel: true}, true
	case "A15":
		return move{kind: clinical.PlanTransfer}, true
	case "A16":
		return move{kind: clinical.PlanDischarge}, true
	case "A17":
		return move{kind: clinical.Transfer}, true
	case "A21":
		return move{kind: clinical.LeaveStart}, true
	case "A22":
		return move{kind: clinical.LeaveEnd}, true
	case "A25":
		return move{kind: clinical.PlanDischarge, cancel: true}, true
	case "A26":
		return move{kind: clinical.PlanTransfer, cancel: true}, true
	case "A27", "A38":
		return move{kind: clinical.PlanAdmission, cancel: true}, true
	case "A32":
		return move{kind: clinical.Arriving, cancel: true}, true
	case "A33":
		return move{kind: clinical.Departing, cancel: true}, true
	case "A52":
		return move{kind: clinical.LeaveStart, cancel: true}, true
	case "A53":
		return move{kind: clinical.LeaveEnd, cancel: true}, true
	}
	return move{}, false
}

// movements reads the movements of one patient's group: its ZBE segments where
// there are some, else the event itself. A feed whose places move nobody gives
// snapshots only.
func (r *reader) movements(g *group, evn segment) {
	event := r.eventCode()
	mv, moving := moves(event)
	if !moving {
		mv = move{kind: clinical.StaySnapshot}
	}
	base := r.movement(g, event, mv)
	if !r.f.movements {
		r.snapshot(base)
		return
	}
	if len(g.zbe) == 0 {
		if !moving {
			r.snapshot(base)
			return
		}
		base.Action = clinical.Insert
		if mv.cancel {
			base.Action = clinical.Cancel
		}
		base.Start = r.start(g, evn, base)
		r.emit(base)
		return
	}
	for _, zbe := range g.zbe {
		r.guarded(zbe, func(segment) { r.zbe(base, mv, zbe, evn) })
	}
}

// eventCode is the trigger event without the message type: "A02".
func (r *reader) eventCode() string {
	kind := r.out.Kind
	for i := range len(kind) {
		if kind[i] == '^' {
			return kind[i+1:]
		}
	}
	return ""
}

// movement is what PV1 says of the movement.
func (r *reader) movement(g *group, event string, mv move) clinical.Movement {
	m := clinical.Movement{Kind: mv.kind, Event: event, To: r.place(g.pv1, 3), From: r.place(g.pv1, 6)}
	if c, ok := r.class(g.pv1.Field(2)).Value(); ok {
		m.Class = c
	}
	switch mv.kind { // the place that is planned, not the one where the patient is
	case clinical.PlanAdmission, clinical.PlanTransfer, clinical.Departing:
		if p := r.place(g.pv1, 42); !p.Zero() {
			m.From, m.To = m.To, p
		}
	case clinical.Arriving: // the temporary place, where no other is named
		if p := r.place(g.pv1, 11); !p.Zero() && m.To.Zero() {
			m.To = p
		}
	}
	if event == "A11" && m.Class == clinical.Outpatient {
		m.Kind = clinical.Visit
	}
	return m
}

// start finds the time of a movement that has no ZBE. A cancel names the time
// of the movement that it takes back, where it is sent; else it is zero and
// means the newest one of its kind.
func (r *reader) start(g *group, evn segment, m clinical.Movement) time.Time {
	if t := r.moment(evn, 6, evn, m.Kind); !t.IsZero() {
		return t
	}
	switch m.Kind {
	case clinical.Admission, clinical.Visit:
		if t := r.time(g.pv1, 44); !t.IsZero() {
			return t
		}
	case clinical.Discharge:
		if t := r.moment(g.pv1, 45, evn, m.Kind); !t.IsZero() {
			return t
		}
	case clinical.PlanAdmission:
		if t := r.time(g.pv2, 8); !t.IsZero() {
			return t
		}
	case clinical.PlanDischarge:
		if t := r.time(g.pv2, 9); !t.IsZero() {
			return t
		}
	}
	if m.Action == clinical.Cancel {
		return time.Time{}
	}
	return r.recorded(evn)
}

// moment reads when a movement was. A day without a time of day would be
// midnight, and the movement would stand before all others of its day; on the
// day on which it was recorded it is taken to be when it was recorded. An
// admission is the first of its day in any case, and may be sent again later.
func (r *reader) moment(seg segment, n int, evn segment, kind clinical.MovementKind) time.Time {
	t := r.time(seg, n)
	switch kind {
	case clinical.Admission, clinical.Visit, clinical.PlanAdmission:
		return t
	}
	if t.IsZero() {
		return t
	}
	if _, p, _ := r.parseTime(seg.Field(n).Text()); p >= hl7.ToHour {
		return t
	}
	if told := r.recorded(evn).In(r.f.zone); told.Year() == t.Year() && told.YearDay() == t.YearDay() {
		return told
	}
	return t
}

// recorded is when the event was recorded, else when the message was sent, else
// when it came.
func (r *reader) recorded(evn segment) time.Time {
	if t := r.time(evn, 2); !t.IsZero() {
		return t
	}
	if !r.out.Sent.IsZero() {
		return r.out.Sent
	}
	return r.rec.Received
}

// snapshot states where the patient is, without moving anybody.
func (r *reader) snapshot(m clinical.Movement) {
	if m.To.Ward == "" {
		return
	}
	r.emit(clinical.Movement{
		Action: clinical.Insert, Kind: clinical.StaySnapshot, Event: m.Event, Start: r.stated(), To: m.To, Class: m.Class,
	})
}

// stated is the time for which a snapshot holds.
func (r *reader) stated() time.Time {
	if !r.out.Sent.IsZero() {
		return r.out.Sent
	}
	return r.rec.Received
}

// zbe reads one movement segment (IHE PAM; HL7 Deutschland, Segment ZBE). The
// French fields 8 and 9 are not looked at.
func (r *reader) zbe(base clinical.Movement, mv move, zbe, evn segment) {
	m := base
	for _, rep := range zbe.Field(1).Reps() {
		if m.ID = value(rep.Comp(1)); m.ID != "" {
			break
		}
	}
	m.Start, m.End = r.moment(zbe, 2, evn, mv.kind), r.time(zbe, 3)
	if historic, ok := saidFlag(zbe.Field(5)).Value(); ok {
		m.Historic = historic
	}
	ward := zbe.Field(7)
	if m.Responsible = value(ward.Comp(1)); m.Responsible == "" {
		m.Responsible = value(ward.Comp(10)) // XON.10: organisation identifier
	}
	switch action := fold(zbe.Field(4).Text()); action {
	case "INSERT", "":
		m.Action = clinical.Insert
		if mv.cancel { // the cancel is a movement of its own at the sender, or names the one it takes back
			m.Action, m.OwnID = clinical.Cancel, m.ID != ""
		}
	case "UPDATE":
		m.Action = clinical.Update
	case "CANCEL", "DELETE":
		m.Action = clinical.Cancel
	case "REFERENCE": // names the present movement without changing it
		r.snapshot(base)
		return
	default:
		r.problem(BadValue, r.where(zbe, 4), lang.Text{
			DE: "Die Aktion der Bewegung ist nicht INSERT, UPDATE oder CANCEL.",
			EN: "The action of the movement is not INSERT, UPDATE or CANCEL.",
		})
		r.snapshot(base)
		return
	}
	if original := fold(zbe.Field(6).Text()); original != "" && (m.Action != clinical.Insert || m.Kind == clinical.StaySnapshot) {
		if of, ok := moves(original); ok {
			if of.cancel && !mv.cancel && m.Action == clinical.Cancel {
				r.cancelledCancel(base, zbe)
				return
			}
			m.Kind, m.Event = of.kind, original
			if of.cancel && m.Action == clinical.Update { // of the cancel, which says the same as before
				m.Action, m.OwnID = clinical.Cancel, m.ID != ""
			}
		}
	}
	if m.Kind == clinical.StaySnapshot && m.Action != clinical.Insert {
		r.problem(BadValue, r.where(zbe, 6), lang.Text{
			DE: "Welche Bewegung geändert oder storniert wird, ist nicht angegeben (ZBE-6). Der Ort wurde als Momentaufnahme übernommen.",
			EN: "Which movement is changed or cancelled is not named (ZBE-6). The place was taken as a snapshot.",
		})
		r.snapshot(base)
		return
	}
	if m.Start.IsZero() && m.Action == clinical.Insert {
		m.Start = r.start(&group{pv1: r.pv1}, evn, m)
	}
	r.emit(m)
}

// cancelledCancel notes that a cancel was taken back. Which movement would be in
// force again is not said.
func (r *reader) cancelledCancel(base clinical.Movement, zbe segment) {
	r.problem(ByHand, r.where(zbe, 6), lang.Text{
		DE: "Ein Storno wurde selbst storniert (ZBE-6). Welche Bewegung damit wieder gilt, ist nicht gesagt. Bitte den Ort des Patienten prüfen.",
		EN: "A cancel was itself cancelled (ZBE-6). Which movement is in force again is not said. Please check where the patient is.",
	})
	r.snapshot(base)
}
