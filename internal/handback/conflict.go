package handback

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Conflict is why somebody must look before an entry goes to a target: what its
// feeds have said since the entry was written does not fit with it.
type Conflict struct {
	Kind  Hold
	Holds bool      // nothing is sent until a person confirmed this very conflict
	Mark  string    // what a person confirms: the kind and what it is about, no health data
	Say   lang.Text // with the content, for people
	At    time.Time // when the target's system said so, zero if it has not spoken of it
}

// Conflicts returns what in the chart, which holds what the target's feeds have
// said since, does not fit with an entry that was recorded as seq. m is who the
// patient is there by a person's word, owner who has the entry's case now, ""
// for nobody. It is pure; p need hold only the parts that the entry's facts are
// about.
//
// What holds and what only warns: what can reach the wrong person, undo
// something newer or start something for somebody who has left, holds. A value
// that carries its own time does no harm beside a newer one, so it warns.
func Conflicts(t *Target, e *entry.Entry, seq journal.Seq, p *chart.Patient, owner clinical.PatientKey, m Matched) []Conflict {
	c := finder{t: t, e: e, seq: uint64(seq), p: p, own: entry.Number(e.Root)}
	switch {
	case m.Known() || known(t, p):
		c.identity()
	case admits(e):
		c.add(Unknown, true, string(e.Patient), lang.Text{
			DE: "Im Zielsystem ist zu dieser Person keine Nummer bekannt: sie würde dort als neue Person aufgenommen. Ist sie dort schon bekannt, bitte zuordnen.",
			EN: "The target system has no number for this person: it would be admitted there as a new person. If it is known there already, please match it.",
		}, time.Time{})
	default:
		c.add(Temporary, true, "", lang.Text{
			DE: "Im Zielsystem ist zu dieser Person keine Nummer bekannt. Bitte zuordnen oder als neu melden.",
			EN: "The target system has no number for this person as far as we know. Please match the person or report it as new.",
		}, time.Time{})
	}
	c.stay(m, owner)
	for _, f := range e.Facts {
		c.fact(f)
	}
	return c.out
}

// holding returns the marks of those that hold.
func holding(list []Conflict) (out []string) {
	for _, c := range list {
		if c.Holds {
			out = append(out, c.Mark)
		}
	}
	return out
}

// unconfirmed returns the first conflict that holds and is not among the marks
// that a person confirmed; nil if there is none.
func unconfirmed(list []Conflict, over []string) *Conflict {
	for i := range list {
		if list[i].Holds && (list[i].Kind.final() || !slices.Contains(over, list[i].Mark)) {
			return &list[i]
		}
	}
	return nil
}

// finder collects the conflicts of one entry.
type finder struct {
	t   *Target
	e   *entry.Entry
	seq uint64
	p   *chart.Patient
	own string
	out []Conflict
}

func (c *finder) add(kind Hold, holds bool, about string, say lang.Text, at time.Time) {
	mark := string(kind)
	if about != "" {
		mark += ":" + about
	}
	if !slices.ContainsFunc(c.out, func(x Conflict) bool { return x.Mark == mark }) {
		c.out = append(c.out, Conflict{Kind: kind, Holds: holds, Mark: mark, Say: say, At: at})
	}
}

// theirs reports whether a feed of the target said it, and after the entry was
// recorded.
func (c *finder) theirs(o clinical.Origin) bool {
	return o.Seq > c.seq && slices.Contains(c.t.Feeds, o.Feed)
}

func said(o clinical.Origin) time.Time {
	if o.Sent.IsZero() {
		return o.Received
	}
	return o.Sent
}

// known reports whether the patient has a number that the target gave.
func known(t *Target, p *chart.Patient) bool {
	return slices.ContainsFunc(p.IDs, func(id clinical.Identifier) bool { return id.Authority == t.Authority && id.Value != "" })
}

// identity finds what became of the person there: merged, renamed, deleted.
func (c *finder) identity() {
	if c.p.Key != c.e.Patient {
		for _, l := range c.p.Linked {
			if l.Key == c.e.Patient && c.theirs(l.Origin) {
				who := c.p.Name.V.Display() + " *" + c.p.Birth.V.German()
				c.add(Merged, true, string(c.p.Key), lang.Text{
					DE: "Wurde dort zusammengeführt in " + who + " (" + ownNumber(c.t, c.p) + "). Der Eintrag geht an diese Person.",
					EN: "Was merged there into " + who + " (" + ownNumber(c.t, c.p) + "). The entry goes to this person.",
				}, said(l.Origin))
			}
		}
	}
	for _, r := range c.p.Renamed {
		if !c.theirs(r.Origin) {
			continue
		}
		was, now := r.Was.Display()+" *"+r.WasBirth.German(), r.Now.Display()+" *"+r.Birth.German()
		c.add(Renamed, true, journalMark(r.Origin), lang.Text{
			DE: "Als der Eintrag geschrieben wurde, hieß die Person hier " + was + ", dort heißt sie jetzt " + now + ".",
			EN: "When the entry was written the person was " + was + " here; there it is now " + now + ".",
		}, said(r.Origin))
	}
	if w := c.p.Withdrawn; w.V && c.theirs(w.Origin) {
		c.add(Deleted, true, "", lang.Text{DE: "Die Person wurde dort gelöscht.", EN: "The person was deleted there."}, said(w.Origin))
	}
}

// journalMark names a record in a mark.
func journalMark(o clinical.Origin) string { return strconv.FormatUint(o.Seq, 10) }

// ownNumber is the number that the target has for the patient.
func ownNumber(t *Target, p *chart.Patient) string {
	for _, id := range p.IDs {
		if id.Authority == t.Authority {
			return id.Value
		}
	}
	return "–"
}

// stay finds what became of the case there.
func (c *finder) stay(m Matched, owner clinical.PatientKey) {
	if c.e.Case == "" || m.Case != "" {
		return
	}
	for i := range c.p.Stays {
		st := &c.p.Stays[i]
		if slices.Contains(st.Also, c.e.Case) {
			c.add(CaseMerged, true, string(st.Case), lang.Text{
				DE: "Der Fall wurde dort mit Fall " + string(st.Case) + " zusammengeführt. Der Eintrag geht in diesen Fall.",
				EN: "The case was merged there with case " + string(st.Case) + ". The entry goes into that case.",
			}, time.Time{})
		} else if !st.Case.Same(c.e.Case) {
			continue
		}
		c.closed(st)
		return
	}
	if owner == "" || owner == c.p.Key {
		return
	}
	c.add(CaseGone, true, string(c.e.Case), lang.Text{
		DE: "Der Fall " + string(c.e.Case) + " gehört jetzt zu einer anderen Person.",
		EN: "The case " + string(c.e.Case) + " belongs to another person now.",
	}, time.Time{})
}

// closed finds whether the case ended there. What is only told of it later does
// no harm; an order, a prescription or a movement would begin something anew.
func (c *finder) closed(st *chart.Stay) {
	acts := slices.ContainsFunc(c.e.Facts, func(f clinical.Fact) bool {
		switch f := f.(type) {
		case clinical.Order:
			return f.Status.Open()
		case clinical.Prescription:
			return f.Status.Open()
		case clinical.Movement:
			return true
		}
		return false
	})
	switch o := endedBy(st); {
	case !c.theirs(o):
	case st.State == chart.Left:
		c.add(Discharged, acts, string(st.Case)+":"+journalMark(o), lang.Text{
			DE: "Dort am " + german(said(o), c.t.Zone) + " entlassen, der Fall ist geschlossen.",
			EN: "Discharged there on " + german(said(o), c.t.Zone) + ", the case is closed.",
		}, said(o))
	case st.State == chart.CalledOff:
		c.add(Discharged, true, string(st.Case)+":"+journalMark(o), lang.Text{
			DE: "Dort wurde die Aufnahme storniert.", EN: "The admission was cancelled there.",
		}, said(o))
	}
}

// endedBy is who ended the stay.
func endedBy(st *chart.Stay) clinical.Origin {
	o := st.Discharged.Origin
	for _, m := range st.Movements {
		ends := m.V.Kind == clinical.Discharge && !m.Cancelled || m.V.Kind == clinical.Admission && m.Cancelled
		if at := newestOf(&m); ends && at.Seq > o.Seq {
			o = at
		}
	}
	return o
}

// newestOf is the origin of the newest statement about an entry of the chart.
func newestOf[T any](it *chart.Item[T]) clinical.Origin {
	if it.Back.Known() && it.Back.Origin.Seq > it.Origin.Seq {
		return it.Back.Origin
	}
	return it.Origin
}

func german(t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("02.01.2006 15:04")
}

// fact finds what the target says that is newer than the fact, or the same.
func (c *finder) fact(f clinical.Fact) {
	switch f := f.(type) {
	case clinical.Result:
		c.result(&f)
	case clinical.Prescription:
		newer(c, c.p.Medication, f.Key(), func(p *clinical.Prescription) bool { return p.Key() == f.Key() }, func(p *clinical.Prescription) string { return entry.RxLine(*p) })
	case clinical.Order:
		newer(c, c.p.Orders, f.Placer, func(o *clinical.Order) bool { return f.Placer != "" && o.Placer == f.Placer }, func(o *clinical.Order) string { return o.What.Label() })
	case clinical.AllergyFact:
		newer(c, c.p.Allergies, f.To.Code+f.To.Text, func(a *clinical.Allergy) bool { return sameThing(a.To, f.To) }, func(a *clinical.Allergy) string { return a.To.Label() })
		if none := c.p.NoneKnown; f.NoneKnown && c.theirs(none.Origin) && !none.V && f.Action != clinical.Cancel {
			c.newerThere("allergies", lang.Text{DE: "Allergien", EN: "allergies"}.DE, none.Origin)
		}
	case clinical.Diagnosis:
		newer(c, c.p.Diagnoses, f.What.Code+f.What.Text, func(d *clinical.Diagnosis) bool { return sameThing(d.What, f.What) }, func(d *clinical.Diagnosis) string { return d.What.Label() })
	case clinical.Alert:
		newer(c, c.p.Alerts, string(f.Kind)+f.What.Code+f.What.Text, func(a *clinical.Alert) bool {
			return a.Kind == f.Kind && (f.Kind == clinical.Resuscitation || sameThing(a.What, f.What))
		}, func(a *clinical.Alert) string { return a.What.Label() })
	case clinical.Dose:
		for i := range c.p.Doses {
			if it := &c.p.Doses[i]; it.Back.Known() && it.Origin.Seq == c.seq && it.V.ID == f.ID {
				c.there(f.Drug.Label(), it.Back.Origin)
			}
		}
	case clinical.Document:
		for i := range c.p.Documents {
			if it := &c.p.Documents[i]; it.Back.Known() && it.Origin.Seq == c.seq && it.V.ID == f.ID {
				c.there(cmp.Or(f.Title, f.Kind.Label()), it.Back.Origin)
			}
		}
	case clinical.Movement:
		c.movement(&f)
	}
}

func sameThing(a, b clinical.Coded) bool {
	if a.Code != "" && b.Code != "" {
		return a.Code == b.Code && a.System == b.System
	}
	return a.Text != "" && strings.EqualFold(strings.TrimSpace(a.Text), strings.TrimSpace(b.Text))
}

// newer looks in one list of the chart for what the target said of the same
// thing after the entry: another content holds, the same one is there already.
func newer[T any](c *finder, list []chart.Item[T], about string, same func(*T) bool, word func(*T) string) {
	for i := range list {
		it := &list[i]
		switch {
		case !same(&it.V):
		case it.Origin.Seq == c.seq && it.Back.Known() && c.theirs(it.Back.Origin):
			c.there(word(&it.V), it.Back.Origin)
		case c.theirs(it.Origin) && said(it.Origin).After(c.e.At):
			c.newerThere(about+":"+journalMark(it.Origin), word(&it.V), it.Origin)
		}
	}
}

func (c *finder) newerThere(about, what string, o clinical.Origin) {
	c.add(Newer, true, about, lang.Text{
		DE: "Dort am " + german(said(o), c.t.Zone) + " geändert: " + what + ". Der Eintrag hier ist älter und würde das überschreiben.",
		EN: "Changed there on " + german(said(o), c.t.Zone) + ": " + what + ". The entry here is older and would overwrite it.",
	}, said(o))
}

func (c *finder) there(what string, o clinical.Origin) {
	c.add(There, true, journalMark(o), lang.Text{
		DE: "Steht dort schon: " + what + " (gemeldet " + german(said(o), c.t.Zone) + "). Freigeben würde es doppelt eintragen.",
		EN: "Is there already: " + what + " (reported " + german(said(o), c.t.Zone) + "). Releasing would enter it twice.",
	}, said(o))
}

// result finds a newer value of the same kind. It warns: both carry their time.
func (c *finder) result(f *clinical.Result) {
	var best *chart.Item[clinical.Result]
	for i := range c.p.Results {
		it := &c.p.Results[i]
		if !sameTest(&it.V, f) {
			continue
		}
		if it.Origin.Seq == c.seq && it.Back.Known() && c.theirs(it.Back.Origin) {
			c.there(f.Code.Label()+" "+f.Shown(), it.Back.Origin)
			continue
		}
		if c.theirs(it.Origin) && it.V.At.After(f.At) && !it.Cancelled && (best == nil || it.V.At.After(best.V.At)) {
			best = it
		}
		if c.theirs(it.Origin) && it.V.Filler == c.own { // under our number, and other
			c.newerThere(c.own+":"+journalMark(it.Origin), f.Code.Label()+" "+it.V.Shown()+" "+it.V.Unit, it.Origin)
		}
	}
	if best == nil {
		return
	}
	c.add(Newer, false, "value:"+best.V.Code.Code+":"+journalMark(best.Origin), lang.Text{
		DE: "Dort gibt es einen neueren Wert: " + f.Code.Label() + " " + best.V.Shown() + " " + best.V.Unit + " vom " + german(best.V.At, c.t.Zone) + ".",
		EN: "There is a newer value there: " + f.Code.Label() + " " + best.V.Shown() + " " + best.V.Unit + " of " + german(best.V.At, c.t.Zone) + ".",
	}, said(best.Origin))
}

func sameTest(a, b *clinical.Result) bool {
	return a.Code.Code != "" && a.Code.Code == b.Code.Code && a.Code.System == b.Code.System ||
		a.Local.Code != "" && a.Local.Code == b.Local.Code && a.Local.System == b.Local.System
}

// movement finds whether the patient was moved there after this movement.
func (c *finder) movement(f *clinical.Movement) {
	if f.Kind == clinical.Admission || f.Kind == clinical.Visit {
		return // a stay that has it already is told by its case
	}
	for i := range c.p.Stays {
		st := &c.p.Stays[i]
		if !st.Case.Same(c.e.Case) {
			continue
		}
		for j := range st.Movements {
			it := &st.Movements[j]
			switch {
			case it.Origin.Seq == c.seq && it.Back.Known() && c.theirs(it.Back.Origin):
				c.there(it.V.To.Ward, it.Back.Origin)
			case c.theirs(it.Origin) && !it.Cancelled && it.V.Start.After(f.Start) && it.V.Kind != clinical.Discharge:
				c.newerThere("move:"+journalMark(it.Origin), it.V.To.Ward+" "+it.V.To.Room+" "+it.V.To.Bed, it.Origin)
			}
		}
	}
}

// part is what of a chart the facts of an entry are compared with.
func part(kinds []message.Kind, since time.Time) chart.Part {
	out := chart.Head()
	for _, k := range kinds {
		switch k {
		case message.Vitals:
			out.Vitals, out.Other = true, true
		case message.Laboratory:
			out.Lab, out.Other = true, true
		case message.Document:
			out.Documents = true
		case message.Dose:
			out.Doses = true
		}
	}
	out.Since = since
	return out
}
