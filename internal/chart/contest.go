package chart

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Contest is a prescription of which another system says otherwise than what
// was signed here. What was signed here stays in force until a person with the
// right to prescribe decides.
type Contest struct {
	Ours   Item[clinical.Prescription]
	Theirs Item[clinical.Prescription]
}

// Contest returns what another system says of a prescription since its state was
// signed here, false if it says the same, or nothing, or somebody has decided.
func (p *Patient) Contest(it *Item[clinical.Prescription]) (Contest, bool) {
	if !led(it) {
		return Contest{}, false
	}
	i := indexItem(p.Claims, func(b *clinical.Prescription) bool { return samePrescription(b, &it.V) })
	if i < 0 || p.Claims[i].Origin.Seq < it.Origin.Seq || agree(&p.Claims[i].V, &it.V) {
		return Contest{}, false
	}
	return Contest{Ours: *it, Theirs: p.Claims[i]}, true
}

// Contests returns every contested prescription in the order of the medication.
func (p *Patient) Contests() []Contest {
	var out []Contest
	if len(p.Claims) == 0 {
		return nil
	}
	for i := range p.Medication {
		if c, ok := p.Contest(&p.Medication[i]); ok {
			out = append(out, c)
		}
	}
	return out
}

// Sides returns both sides of a prescription that is or was contested: what was
// signed here last and what another system said last; false if there are not
// both. A decision can be made anew as long as there are.
func (p *Patient) Sides(it *Item[clinical.Prescription]) (Contest, bool) {
	c := Contest{Ours: *it, Theirs: *it}
	if !led(it) { // taken over, or that system speaks again
		i := slices.IndexFunc(it.Was, func(w Version[clinical.Prescription]) bool {
			return w.Origin.Feed == Here && w.V.Settled != clinical.TookTheirs
		})
		if i < 0 || it.V.Settled != clinical.TookTheirs {
			return c, false
		}
		c.Ours.V, c.Ours.Origin = it.Was[i].V, it.Was[i].Origin
		return c, true
	}
	i := indexItem(p.Claims, func(b *clinical.Prescription) bool { return samePrescription(b, &it.V) })
	if i < 0 || agree(&p.Claims[i].V, &it.V) {
		return c, false
	}
	c.Theirs = p.Claims[i]
	return c, true
}

// led reports whether the state of a prescription was signed here and holds
// against what other systems say.
func led(it *Item[clinical.Prescription]) bool {
	return it.Origin.Feed == Here && it.V.Settled != clinical.TookTheirs
}

// sign brings a prescription into a state that was signed here. Its writer saw
// all that the journal held before, so that it stands over it whichever clock
// other systems have.
func (it *Item[T]) sign(v T, o clinical.Origin) {
	switch {
	case o.Seq < it.Origin.Seq:
		it.Was = addVersion(it.Was, Version[T]{V: v, Origin: o})
	case equal(&v, &it.V):
		it.Origin, it.Cancelled = o, false
	default:
		it.Was = slices.Insert(it.Was, 0, Version[T]{V: it.V, Origin: it.Origin, Off: it.Cancelled})
		it.V, it.Origin, it.Cancelled = v, o, false
	}
}

// contest weighs what another system says of a prescription whose state was
// signed here, and reports whether that is all there is to fold. A system that
// repeats what it said before, or says anything new that people would give,
// changes nothing: it stands beside until somebody decides. So nothing that was
// stopped here begins again by itself, whichever time its message bears. That it
// has come to agree, or now ends or pauses what it had running, counts at once.
// It uses the places in the journal and the times of that system alone, never
// one clock against another but for what it ends.
func (h *head) contest(it *Item[clinical.Prescription], n clinical.Prescription, aside bool, c *clinical.Change) bool {
	o := c.Origin
	if o.Feed == Here || !led(it) {
		return false
	}
	said := h.claimOn(it)
	last := h.theirs(it)
	if aside {
		from := &it.V
		if last != nil {
			from = last
		}
		fillPrescription(&n, from)
	}
	if o.Seq < it.Origin.Seq || said != nil && !later(o, said.Origin) {
		it.Was = addVersion(it.Was, Version[clinical.Prescription]{V: n, Origin: o})
		return true
	}
	switch {
	case aside && running(&n) && running(&it.V): // it says nothing of the amount
		if said != nil && !running(&said.V) {
			n = it.V
			n.Settled, n.Stood = "", clinical.Staff{}
			h.claim(it, n, c)
		}
		return true
	case agree(&n, &it.V):
		h.claim(it, n, c)
		return aside || !later(o, it.Origin)
	case !running(&n) && running(&it.V) && (last == nil || running(last)) && later(o, it.Origin):
		h.claim(it, n, c)
		return false
	}
	h.claim(it, n, c)
	return true
}

// claim keeps what another system says beside a prescription. What it repeats is
// no news where a person has decided against it, or has still to decide.
func (h *head) claim(it *Item[clinical.Prescription], n clinical.Prescription, c *clinical.Change) {
	said := h.claimOn(it)
	switch {
	case said == nil:
		h.P.Claims = append(h.P.Claims, itemOf(n, c, ""))
	case agree(&said.V, &n) && (it.V.Settled == clinical.KeptOurs || said.Origin.Seq > it.Origin.Seq):
	default:
		*said = itemOf(n, c, "")
	}
}

// claimOn is what another system says since the state was signed here.
func (h *head) claimOn(it *Item[clinical.Prescription]) *Item[clinical.Prescription] {
	i := indexItem(h.P.Claims, func(b *clinical.Prescription) bool { return samePrescription(b, &it.V) })
	if i < 0 {
		return nil
	}
	return &h.P.Claims[i]
}

// theirs returns what another system said last of a prescription, nil if none
// ever did.
func (h *head) theirs(it *Item[clinical.Prescription]) *clinical.Prescription {
	if said := h.claimOn(it); said != nil {
		return &said.V
	}
	var best *Version[clinical.Prescription]
	for i := range it.Was {
		if w := &it.Was[i]; w.Origin.Feed != Here && (best == nil || later(w.Origin, best.Origin)) {
			best = w
		}
	}
	if best == nil {
		return nil
	}
	return &best.V
}

// running reports whether people would give the drug.
func running(p *clinical.Prescription) bool { return p.Status.Open() && p.Status != clinical.OnHold }

// agree reports whether two states of a prescription mean the same at the bed:
// both not given, or the same drug, amount, times and way until the same time.
func agree(a, b *clinical.Prescription) bool {
	switch {
	case a.Status.Open() != b.Status.Open() || running(a) != running(b):
		return false
	case !a.Status.Open():
		return true
	}
	drug := sameCode(a.Drug, b.Drug) || alike(a.Drug.Label(), b.Drug.Label()) || a.Substance != "" && alike(a.Substance, b.Substance)
	strength := a.Strength == "" || b.Strength == "" || alike(a.Strength, b.Strength)
	return drug && strength && alike(a.Dose, b.Dose) && alike(a.Rate, b.Rate) && alike(a.Route, b.Route) && a.AsNeeded == b.AsNeeded &&
		(a.MaxDaily == "" || b.MaxDaily == "" || alike(a.MaxDaily, b.MaxDaily)) && sameRhythm(a, b) &&
		a.End.Truncate(time.Minute).Equal(b.End.Truncate(time.Minute))
}

// sameRhythm compares the times of day where both name some, else the words.
func sameRhythm(a, b *clinical.Prescription) bool {
	if len(a.Times) > 0 && len(b.Times) > 0 {
		return slices.Equal(a.Times, b.Times) && (a.Scheme == "" || b.Scheme == "" || alike(a.Scheme, b.Scheme)) && everyDays(a.Interval) == everyDays(b.Interval)
	}
	return alike(a.Scheme, b.Scheme) && alike(a.Interval, b.Interval) && len(a.Times) == len(b.Times)
}

// alike compares two entries as written: 2,5 mg and 2.5mg are one.
func alike(a, b string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, ",", ".")), ""))
	}
	return plain(a) == plain(b)
}

// Drug is what the contest is about.
func (c *Contest) Drug() string {
	return or(or(c.Ours.V.Drug.Label(), c.Ours.V.Substance), or(c.Theirs.V.Drug.Label(), c.Theirs.V.Substance))
}

// Say is the contest in one line: KIS sagt (20.11. 09:10): weiter (5 mg 1-0-0-0
// p.o.); hier abgesetzt am 20.11. 08:20 von Dr. Berg. System is what the house
// calls the other system, with the time that its message bears.
func (c *Contest) Say(system lang.Text, zone *time.Location) lang.Text {
	theirs, ours := stance(&c.Theirs.V, lang.Text{DE: "weiter", EN: "goes on"}), stance(&c.Ours.V, lang.Text{DE: "geändert", EN: "changed"})
	if running(&c.Theirs.V) {
		amount := " (" + amountOf(c.Theirs.V.Dose, rhythm(&c.Theirs.V), c.Theirs.V.Rate, c.Theirs.V.Route) + ")"
		theirs.DE, theirs.EN = theirs.DE+amount, theirs.EN+amount
	}
	sent, at := when(c.Theirs.Origin).In(zone).Format("02.01. 15:04"), when(c.Ours.Origin).In(zone).Format("02.01. 15:04")
	out := lang.Text{
		DE: system.DE + " sagt (" + sent + "): " + theirs.DE + "; hier " + ours.DE + " am " + at,
		EN: system.In(lang.EN) + " says (" + sent + "): " + theirs.In(lang.EN) + "; here " + ours.In(lang.EN) + " on " + at,
	}
	if by := or(or(c.Ours.V.Stood.Name, c.Ours.V.Stood.ID), or(c.Ours.V.By.Name, c.Ours.V.By.ID)); by != "" {
		out.DE, out.EN = out.DE+" von "+by, out.EN+" by "+by
	}
	if running(&c.Ours.V) {
		amount := " (" + amountOf(c.Ours.V.Dose, rhythm(&c.Ours.V), c.Ours.V.Rate, c.Ours.V.Route) + ")"
		out.DE, out.EN = out.DE+amount, out.EN+amount
	}
	return out
}

// Stands is the word for how a prescription stands: in force, on hold, stopped.
func Stands(p *clinical.Prescription) lang.Text {
	return stance(p, lang.Text{DE: "in Kraft", EN: "in force"})
}

// stance is the word for how one side has the prescription.
func stance(p *clinical.Prescription, on lang.Text) lang.Text {
	switch {
	case p.Status == clinical.OnHold:
		return lang.Text{DE: "pausiert", EN: "on hold"}
	case p.Status == clinical.Completed:
		return lang.Text{DE: "beendet", EN: "ended"}
	case !p.Status.Open():
		return lang.Text{DE: "abgesetzt", EN: "stopped"}
	}
	return on
}

// rhythm is when a prescription is given, in as few words as it was written.
func rhythm(p *clinical.Prescription) string {
	if p.Scheme+p.Interval != "" || len(p.Times) == 0 {
		word := amountOf(p.Scheme, p.Interval)
		if p.AsNeeded {
			word = amountOf(word, "bei Bedarf")
		}
		return word
	}
	var out []string
	for _, t := range p.Times {
		out = append(out, clockWord(t))
	}
	return strings.Join(out, " ")
}

// clockWord writes minutes after midnight as 08:00.
func clockWord(t clinical.DayTime) string {
	return time.Date(2000, 1, 1, 0, int(t), 0, 0, time.UTC).Format("15:04")
}
