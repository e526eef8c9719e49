package interpret

import (
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// prescription reads one medication order: RXE where the pharmacy encoded it,
// else RXO as it was written.
func (r *reader) prescription(o *order) {
	status, ok := controlStatus(o)
	if !ok {
		return
	}
	p := clinical.Prescription{
		Status: status, By: staffField(o.orc.Field(12)), Aside: !states(o) || !o.rxo.Exists() && !o.rxe.Exists(),
	}
	p.Placer, p.Of.Placer = r.number(o.orc.Field(2))
	p.Filler, p.Of.Filler = r.number(o.orc.Field(3))
	if o.rxo.Exists() {
		r.asWritten(&p, o.rxo)
	}
	if o.rxe.Exists() {
		r.asEncoded(&p, o.rxe)
	}
	p.Route = r.route(o.rxr)
	if p.Indication == "" {
		p.Indication = label(r.codedField(o.orc.Field(16)))
	}
	t := r.timings(o)
	p.Scheme, p.Times, p.Interval, p.AsNeeded = t.scheme, t.times, t.interval, t.asNeeded
	p.Start, p.End = t.start, t.end
	if p.Start.IsZero() {
		p.Start = r.firstTime(at{o.orc, 15})
	}
	if p.Dose == "" || t.varied {
		p.Dose = t.dose
	}
	for _, seg := range o.rxc {
		p.Note = joinLines(p.Note, r.component(seg))
	}
	p.Note = joinLines(joinLines(p.Note, t.note), o.note)
	if p.Drug.Zero() && p.Placer == "" && p.Filler == "" {
		return
	}
	if p.Placer == "" && p.Filler == "" {
		p.Filler = "@" + p.Drug.Label() + p.Start.UTC().Format("@20060102150405")
	}
	r.emit(p)
}

// states reports whether the message states the whole order anew, and not only
// a change of its status (ORC-1).
func states(o *order) bool {
	switch fold(o.orc.Field(1).Text()) {
	case "", "NW", "SN", "XO", "XX", "RO", "PA", "CH", "RF", "AF", "RE", "OK", "NA":
		return true
	}
	return false
}

// asWritten reads RXO.
func (r *reader) asWritten(p *clinical.Prescription, rxo segment) {
	r.drug(p, rxo.Field(1))
	p.Dose = amount(rxo.Field(2), rxo.Field(3), r.unitWord(rxo.Field(4)))
	p.Form = label(r.codedField(rxo.Field(5)))
	p.Note = joinLines(joinReps(rxo.Field(6)), joinReps(rxo.Field(7)))
	p.Strength = joinWords(word(rxo.Field(18)), r.unitWord(rxo.Field(19)))
	p.Indication = joinReps(rxo.Field(20))
	p.Rate = joinWords(strings.ReplaceAll(word(rxo.Field(21)), ".", ","), r.unitWord(rxo.Field(22)))
}

// asEncoded reads RXE over what RXO said.
func (r *reader) asEncoded(p *clinical.Prescription, rxe segment) {
	set := func(to *string, s string) {
		if s != "" {
			*to = s
		}
	}
	r.drug(p, rxe.Field(2))
	set(&p.Dose, amount(rxe.Field(3), rxe.Field(4), r.unitWord(rxe.Field(5))))
	set(&p.Form, label(r.codedField(rxe.Field(6))))
	set(&p.Note, joinLines(joinReps(rxe.Field(7)), joinReps(rxe.Field(21))))
	set(&p.Strength, joinWords(word(rxe.Field(25)), r.unitWord(rxe.Field(26))))
	set(&p.Indication, joinReps(rxe.Field(27)))
	rate, per := word(rxe.Field(23)), word(rxe.Field(22))
	unit := r.unitWord(rxe.Field(24))
	if rate != "" && unit != "" && !strings.Contains(unit, "/") {
		unit += perText(per)
	}
	set(&p.Rate, joinWords(strings.ReplaceAll(rate, ".", ","), unit))
	if daily := rxe.Field(19); !daily.Empty() {
		p.Note = joinLines(p.Note, joinWords("Tagesdosis", word(daily), value(daily.Comp(2))))
	}
	if p.By.Zero() {
		p.By = staffField(rxe.Field(13))
	}
	if p.Placer == "" && p.Filler == "" {
		p.Filler = word(rxe.Field(15))
	}
}

// perText is RXE-22 (give per: H1, H24, M30) behind a unit without it.
func perText(per string) string {
	per = fold(per)
	if len(per) < 1 {
		return ""
	}
	unit, ok := map[byte]string{'H': "h", 'M': "min", 'S': "s", 'D': "d"}[per[0]]
	if !ok {
		return ""
	}
	if n := per[1:]; n != "" && n != "1" {
		return "/" + n + " " + unit
	}
	return "/" + unit
}

// drug reads what is prescribed; the second triple, where it is an ATC code,
// names the substance.
func (r *reader) drug(p *clinical.Prescription, f hl7.Field) {
	if f.Empty() {
		return
	}
	p.Drug = r.coded(f.Rep(0))
	if r.s.system(value(f.Comp(6))) == "ATC" {
		p.Substance = value(f.Comp(5))
	}
}

// amount is "1 Tbl." or "1–2 Tbl.".
func amount(least, most hl7.Field, unit string) string {
	low, high := word(least), word(most)
	if low == "" {
		low, high = high, ""
	}
	if high != "" && high != low {
		low += "–" + high
	}
	if low == "" {
		return ""
	}
	return joinWords(strings.ReplaceAll(low, ".", ","), unit)
}

// unitWord is a coded unit as printed.
func (r *reader) unitWord(f hl7.Field) string {
	if f.Empty() || f.Null() {
		return ""
	}
	code, text := word(f), value(f.Comp(2))
	if printed, ok := r.s.units[code]; ok {
		return printed
	}
	if text != "" {
		return text
	}
	return code
}

// route joins the routes of RXR.
func (r *reader) route(rxr []segment) string {
	var list []string
	for _, seg := range rxr {
		c := r.codedField(seg.Field(1))
		w := c.Label()
		if printed, ok := r.s.routes[fold(c.Code)]; ok {
			w = printed
		}
		if w != "" && (len(list) == 0 || list[len(list)-1] != w) {
			list = append(list, w)
		}
	}
	return strings.Join(list, ", ")
}

// component reads RXC: the base or an additive of an infusion.
func (r *reader) component(seg segment) string {
	kind := "Zusatz"
	if fold(seg.Field(1).Text()) == "B" {
		kind = "Träger"
	}
	name := r.codedField(seg.Field(2)).Label()
	if name == "" {
		return ""
	}
	return kind + ": " + joinWords(name, amount(seg.Field(3), hl7.Field{}, r.unitWord(seg.Field(4))))
}

// prescriptionKey names the prescription that a dose belongs to, as
// clinical.Prescription.Key does.
func prescriptionKey(o *order) string {
	placer, filler := entity(o.orc.Field(2)), entity(o.orc.Field(3))
	if placer == "" && filler == "" {
		filler = word(o.rxe.Field(15))
	}
	if placer == "" && filler == "" {
		return ""
	}
	return clinical.Prescription{Placer: placer, Filler: filler}.Key()
}

// dose reads one administration (RXA).
func (r *reader) dose(o *order, rxa segment, vaccine bool) {
	d := clinical.Dose{
		Prescription: prescriptionKey(o), Drug: r.codedField(rxa.Field(5)), At: r.time(rxa, 3),
		By: staffField(rxa.Field(10)), Lot: word(rxa.Field(15)), Route: r.route(o.rxr), Vaccine: vaccine,
		Reason: joinReps(rxa.Field(18)),
	}
	if n := word(rxa.Field(6)); n != "" && n != "999" {
		d.Amount = joinWords(strings.ReplaceAll(n, ".", ","), r.unitWord(rxa.Field(7)))
	}
	if len(o.rxr) > 0 {
		d.Site = label(r.codedField(o.rxr[0].Field(2)))
	}
	if vaccine {
		d.Prescription = ""
	}
	d.Status = doseStatus(rxa, d.Drug.Code)
	if d.Reason == "" && d.Status != clinical.Given {
		d.Reason = joinReps(rxa.Field(9))
	}
	d.ID = r.doseID(o, rxa, d)
	r.whose(&d, o)
	if d.Drug.Zero() {
		d.Drug = r.codedField(o.rxe.Field(2))
	}
	if d.Drug.Zero() {
		d.Drug = r.codedField(o.rxo.Field(1))
	}
	if d.Drug.Zero() && d.Prescription == "" {
		return
	}
	r.emit(d)
}

// whose notes the systems that gave the numbers of which a dose is made.
func (r *reader) whose(d *clinical.Dose, o *order) {
	placer, placerOf := r.number(o.orc.Field(2))
	filler, fillerOf := r.number(o.orc.Field(3))
	if d.Of = (clinical.Assigned{Placer: placerOf, Filler: fillerOf}); d.Of != (clinical.Assigned{}) {
		d.Placer, d.Filler = placer, filler
	}
}

// doseStatus reads RXA-20 (HL7 table 0322) and RXA-21.
func doseStatus(rxa segment, code string) clinical.DoseStatus {
	if fold(rxa.Field(21).Text()) == "D" {
		return clinical.Retracted
	}
	switch fold(rxa.Field(20).Text()) {
	case "RE":
		return clinical.Refused
	case "NA":
		return clinical.NotGiven
	case "PA":
		return clinical.Partly
	}
	if code == "998" { // CVX: no vaccine administered
		return clinical.NotGiven
	}
	return clinical.Given
}

// doseID names one administration: order, counter and time. Senders that count
// nothing leave the time to tell two doses apart.
func (r *reader) doseID(o *order, seg segment, d clinical.Dose) string {
	id := entity(o.orc.Field(3))
	if id == "" {
		id = entity(o.orc.Field(2))
	}
	if id == "" {
		id = d.Drug.Code
	}
	if n := word(seg.Field(2)); n != "" && n != "0" && seg.Name() == "RXA" {
		id += "/" + n
	}
	if !d.At.IsZero() {
		id += "@" + d.At.UTC().Format("20060102150405")
	}
	return id
}

// dispensing reads RXD: handed out by the pharmacy, not yet given.
func (r *reader) dispensing(o *order, rxd segment) {
	d := clinical.Dose{
		Prescription: prescriptionKey(o), Drug: r.codedField(rxd.Field(2)), At: r.time(rxd, 3),
		By: staffField(rxd.Field(10)), Lot: word(rxd.Field(18)), Route: r.route(o.rxr), Status: clinical.Dispensed,
		Reason: joinReps(rxd.Field(9)),
	}
	d.Amount = amount(rxd.Field(4), hl7.Field{}, r.unitWord(rxd.Field(5)))
	if d.Prescription == "" {
		if n := word(rxd.Field(7)); n != "" {
			d.Prescription = "f" + n
		}
	}
	d.ID = "d" + r.doseID(o, rxd, d)
	r.whose(&d, o)
	if n := word(rxd.Field(1)); n != "" {
		d.ID += "/" + n
	}
	if d.Drug.Zero() && d.Prescription == "" {
		return
	}
	r.emit(d)
}

// vaccinations reads VXU.
func (r *reader) vaccinations() {
	r.eachOrder(func(o *order) {
		for _, rxa := range o.rxa {
			r.guarded(rxa, func(seg segment) { r.dose(o, seg, true) })
		}
	})
}
