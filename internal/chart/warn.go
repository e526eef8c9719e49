package chart

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// keptWarn is a warning as it is stored; one that has ended is not shown.
type keptWarn struct {
	Kind  clinical.AlertKind
	Text  string
	Until time.Time // zero: no end
	Here  bool      // a resuscitation status that was signed here
}

// forever is after every end of an isolation.
const forever = math.MaxInt64

// warns returns the warnings that a row shows, those on resuscitation with the
// newest first, but before them what was signed here.
func warns(p *Patient, zone *time.Location) []keptWarn {
	var out []keptWarn
	var wishes []*Item[clinical.Alert]
	for i := range p.Alerts {
		a := &p.Alerts[i]
		text := strings.TrimSpace(a.V.What.Label())
		switch a.V.Kind {
		case clinical.Isolation:
			text = or(text, "Isolation")
		case clinical.Pregnancy:
			text = or(text, "Schwangerschaft")
		case clinical.Resuscitation:
			if !a.Cancelled && text != "" && !p.Outdated(a) {
				wishes = append(wishes, a)
			}
			continue
		case clinical.Cave, clinical.Risk:
		default:
			continue
		}
		if !a.Cancelled && text != "" {
			out = append(out, keptWarn{Kind: a.V.Kind, Text: text, Until: a.V.Ends(zone)})
		}
	}
	slices.SortStableFunc(wishes, func(a, b *Item[clinical.Alert]) int {
		if here := a.Origin.Feed == Here; here != (b.Origin.Feed == Here) {
			if here {
				return -1
			}
			return 1
		}
		return cmp.Or(when(b.Origin).Compare(when(a.Origin)), cmp.Compare(b.Origin.Seq, a.Origin.Seq))
	})
	for _, a := range wishes {
		out = append(out, keptWarn{Kind: a.V.Kind, Text: a.V.What.Label(), Until: a.V.Ends(zone), Here: a.Origin.Feed == Here})
	}
	return out
}

// warn adds the warnings that are in force at now.
func (r *Row) warn(list []keptWarn, now time.Time) {
	contested := false // a resuscitation status that was signed here
	for _, w := range list {
		if !w.Until.IsZero() && !w.Until.After(now) {
			continue
		}
		switch w.Kind {
		case clinical.Isolation:
			r.Isolation = append(r.Isolation, w.Text)
		case clinical.Resuscitation:
			switch {
			case r.Resuscitate == "":
				r.Resuscitate, contested = w.Text, w.Here
			case contested && !w.Here && w.Text != r.Resuscitate: // the newest that says otherwise, beside what was signed here
				r.Resuscitate, contested = r.Resuscitate+"; anders gemeldet: "+w.Text, false
			}
		case clinical.Cave, clinical.Risk, clinical.Pregnancy:
			r.Alerts = append(r.Alerts, w.Text)
		}
	}
}

// Outdated reports whether a resuscitation status no longer counts because a
// later one was signed here. Such a form states the whole status, so that there
// is one and not two that contradict each other; taken back, it lets the one
// before stand again. Later is who decided later, not who wrote later.
func (p *Patient) Outdated(a *Item[clinical.Alert]) bool {
	if a.V.Kind != clinical.Resuscitation {
		return false
	}
	decided := func(x *Item[clinical.Alert]) time.Time {
		if x.V.From.IsZero() {
			return when(x.Origin)
		}
		return x.V.From
	}
	for i := range p.Alerts {
		b := &p.Alerts[i]
		if b.V.Kind != clinical.Resuscitation || b.Cancelled || b.Origin.Feed != Here || b.V.What == a.V.What {
			continue
		}
		if c := decided(b).Compare(decided(a)); c > 0 || c == 0 && b.Origin.Seq > a.Origin.Seq {
			return true
		}
	}
	return false
}

// isolatedTill is when the last isolation ends (unix seconds), forever for one
// without an end, 0 for none.
func isolatedTill(list []keptWarn) (till int64) {
	for _, w := range list {
		switch {
		case w.Kind != clinical.Isolation:
		case w.Until.IsZero():
			return forever
		default:
			till = max(till, w.Until.Unix())
		}
	}
	return till
}
