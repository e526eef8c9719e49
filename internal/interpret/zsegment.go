package interpret

import (
	"maps"
	"slices"
	"strings"

	"notbetrieb/internal/clinical"
)

// operand is where a rule finds a text: a field of the segment, or the text
// that the rule itself names.
type operand struct {
	fixed string
	at    fieldPath
	set   bool
}

// segmentRule is a compiled SegmentRule.
type segmentRule struct {
	fact                           string
	when, cancel                   []condition
	code, text, from, until, phone operand
	kind                           string
}

type condition struct {
	at   fieldPath
	want string // folded; * for any
}

// The facts a rule can make besides warnings.
const (
	factAllergy   = "allergy"
	factNoneKnown = "none_known"
	factDiagnosis = "diagnosis"
	factContact   = "contact"
	factReason    = "reason"
)

func (c *compiler) segmentRule(f *feed, path string, r SegmentRule) {
	out := segmentRule{fact: r.Fact, kind: r.Kind}
	switch r.Fact {
	case factAllergy, factNoneKnown, factDiagnosis, factContact, factReason:
	default:
		if !alertKind(r.Fact) {
			c.wrong(path+".fact", "unknown fact %q", r.Fact)
		}
	}
	if len(r.Segment) != 3 || r.Segment[0] != 'Z' {
		c.wrong(path+".segment", "%q is no segment of a site's own (Z..)", r.Segment)
	}
	if r.Code == "" && r.Text == "" && r.Fact != factNoneKnown {
		c.wrong(path, "names neither code nor text")
	}
	out.when = c.conditions(path+".when", r.When)
	out.cancel = c.conditions(path+".cancel", r.Cancel)
	out.code = c.operand(path+".code", r.Code)
	out.text = c.operand(path+".text", r.Text)
	out.from = c.operand(path+".from", r.From)
	out.until = c.operand(path+".until", r.Until)
	out.phone = c.operand(path+".phone", r.Phone)
	f.segments[r.Segment] = append(f.segments[r.Segment], out)
}

func (c *compiler) conditions(path string, m map[string]string) []condition {
	var list []condition
	for _, k := range slices.Sorted(maps.Keys(m)) {
		at, ok := readPath(k)
		if !ok {
			c.wrong(path, "%q is no field such as 3 or 3.2", k)
		}
		list = append(list, condition{at, fold(m[k])})
	}
	return list
}

func (c *compiler) operand(path, s string) operand {
	if s == "" {
		return operand{}
	}
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return operand{fixed: s[1 : len(s)-1], set: true}
	}
	at, ok := readPath(s)
	if !ok {
		c.wrong(path, "%q is neither a field such as 3.2 nor a text in quotes ('…')", s)
	}
	return operand{at: at, set: true}
}

func (o operand) read(seg segment) string {
	if !o.set || o.at.field == 0 {
		return o.fixed
	}
	return value(seg.Field(o.at.field).Comp(o.at.comp))
}

func holds(list []condition, seg segment) bool {
	for _, c := range list {
		v := fold(value(seg.Field(c.at.field).Comp(c.at.comp)))
		if c.want == "*" && v == "" || c.want != "*" && !like(c.want, v) || c.want == "" && v != "" {
			return false
		}
	}
	return true
}

// ownSegments reads the site's own segments of a message that has no lists.
func (r *reader) ownSegments(g *group) {
	if len(r.f.segments) == 0 {
		return
	}
	for _, seg := range g.all {
		if rules := r.f.segments[seg.Name()]; rules != nil {
			r.guarded(seg, func(seg segment) { r.ownSegment(seg, rules) })
		}
	}
}

// ownSegment reads a Z segment by the site's rules; every rule that fits makes
// its fact.
func (r *reader) ownSegment(seg segment, rules []segmentRule) {
	for _, rule := range rules {
		if !holds(rule.when, seg) {
			continue
		}
		act := clinical.Insert
		if len(rule.cancel) > 0 && holds(rule.cancel, seg) {
			act = clinical.Cancel
		}
		what := clinical.Coded{Code: rule.code.read(seg), Text: rule.text.read(seg)}
		if what.Zero() && rule.fact != factNoneKnown {
			continue
		}
		r.emitOwn(rule, what, act, seg)
	}
}

func (r *reader) emitOwn(rule segmentRule, what clinical.Coded, act clinical.Action, seg segment) {
	switch rule.fact {
	case factAllergy:
		r.emitAllergy(clinical.Allergy{Kind: rule.kind, To: what}, act, seg)
	case factNoneKnown:
		r.emit(clinical.AllergyFact{Allergy: clinical.Allergy{To: what}, Action: act, NoneKnown: true})
	case factDiagnosis:
		r.emit(clinical.Diagnosis{What: what, Kind: rule.kind, Action: act})
	case factContact:
		contact := clinical.Contact{Name: clinical.Name{Family: what.Text}, Relation: what.Code}
		if phone := rule.phone.read(seg); phone != "" {
			contact.Phones = strings.Split(phone, ";")
		}
		r.emit(contact)
	case factReason:
		r.emit(clinical.StayDetails{Reason: clinical.Say(what.Label())})
	default:
		alert := clinical.Alert{Kind: clinical.AlertKind(rule.fact), What: what, Action: act}
		if rule.from.set {
			alert.From, _, _ = r.parseTime(rule.from.read(seg))
		}
		if rule.until.set {
			alert.Until, _, _ = r.parseTime(rule.until.read(seg))
		}
		r.emit(alert)
	}
}
