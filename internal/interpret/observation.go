package interpret

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// observations reads the OBX that are results. Lines of one text, sent as
// several OBX with the same code and sub-ID, are one result.
func (r *reader) observations(p *panel, list []noted) {
	r.out.Changes = slices.Grow(r.out.Changes, len(list)+1)
	for i := 0; i < len(list); i++ {
		var res clinical.Result
		ok := false
		r.guarded(list[i].seg, func(seg segment) { res, ok = r.observation(p, list[i]) })
		if ok {
			i += r.furtherLines(&res, list[i:])
		}
		if !ok {
			continue
		}
		r.apart(&res)
		r.emit(res)
	}
}

// apart keeps two results of one message that would have the same key (a day's
// profile under one order number): the later one is told from the first by its
// time, or by a count.
func (r *reader) apart(res *clinical.Result) {
	if r.keys == nil {
		r.keys = make(map[string]sameKey)
	}
	key := keyInMessage(res)
	known, twice := r.keys[key]
	if !twice {
		r.keys[key] = sameKey{at: res.At, n: 1}
		return
	}
	known.n++
	r.keys[key] = known
	if sub := res.SubID; !known.at.Equal(res.At) {
		res.SubID = sub + "@" + res.At.UTC().Format("20060102150405")
		key = keyInMessage(res)
		if _, taken := r.keys[key]; !taken {
			r.keys[key] = sameKey{at: res.At, n: 1}
			return
		}
	}
	res.SubID = fmt.Sprintf("%s#%d", res.SubID, known.n)
}

// keyInMessage is the key of a result, with the system that gave its number.
func keyInMessage(res *clinical.Result) string {
	if of := res.Of.Filler; of != "" {
		return res.Key() + "\x1f" + of
	}
	return res.Key()
}

// sameKey is the first result of a key in a message, and how many there were.
type sameKey struct {
	at time.Time
	n  int
}

// furtherLines adds the OBX that go on with the text of the first one, and
// returns how many there were.
func (r *reader) furtherLines(res *clinical.Result, list []noted) int {
	n := 1
	lines := []string(nil)
	for n < len(list) && continues(list[n-1], list[n]) {
		lines = append(lines, freeText(list[n].seg.Field(5)))
		res.Comment = joinLines(res.Comment, list[n].note)
		n++
	}
	if n > 1 {
		res.Value = strings.Join(append([]string{res.Value}, lines...), "\n")
		res.Number, res.Comparator = nil, ""
	}
	return n - 1
}

// continues reports whether b is the next line of the text a.
func continues(a, b noted) bool {
	switch b.kind {
	case "TX", "FT", "ST":
	default:
		return false
	}
	name := word(a.seg.Field(3))
	return a.kind == b.kind && name != "" && name == word(b.seg.Field(3)) &&
		word(a.seg.Field(4)) == word(b.seg.Field(4)) &&
		b.seg.Field(6).Empty() && b.seg.Field(7).Empty() && b.seg.Field(8).Empty()
}

// observation reads one OBX as a result; false if it makes none.
func (r *reader) observation(p *panel, o noted) (clinical.Result, bool) {
	seg := o.seg
	sent := r.codedField(seg.Field(3))
	if r.alertOf(seg, sent) {
		return clinical.Result{}, false
	}
	v := r.measure(o)
	res := clinical.Result{
		Placer: p.placer, Filler: p.filler, Panel: p.what, SubID: entity(seg.Field(4)), Section: p.section,
		Value: v.text, Number: v.number, Comparator: v.comparator, Range: trim(seg.Field(7).All()),
		Comment: joinLines(p.note, o.note), By: staffField(seg.Field(16)), Of: p.of,
	}
	if sent.Zero() {
		sent = p.what
	}
	if sent.Zero() {
		return clinical.Result{}, false
	}
	r.nameResult(&res, seg, sent)
	r.unitOf(&res, seg, v.unit)
	res.Low, res.High = reference(res.Range)
	res.Flags = r.flags(seg.Field(8))
	res.At = r.observedAt(p, seg, res.Section)
	var ok bool
	if res.Status, ok = r.resultStatus(p, seg, v); !ok {
		return clinical.Result{}, false
	}
	if res.Section == clinical.Vitals { // a measurement is told from the next one by its time
		res.SubID += "@" + res.At.UTC().Format("20060102150405")
	}
	return res, true
}

// nameResult maps the code that was sent: by the site's table, else by a LOINC
// code that the message itself gives.
func (r *reader) nameResult(res *clinical.Result, seg segment, sent clinical.Coded) {
	if !r.tableResult(res, sent) {
		r.alternateCode(res, seg, sent)
	}
}

// tableResult maps the code that was sent by the site's table; false if it is
// not there.
func (r *reader) tableResult(res *clinical.Result, sent clinical.Coded) bool {
	rule, ok := r.f.results[resultKey(sent.Code, sent.System)]
	if !ok || sent.System == "" {
		if plain, found := r.f.results[sent.Code]; found && !ok {
			rule, ok = plain, true
		}
	}
	res.Code = sent
	if !ok {
		return false
	}
	if rule.section != "" {
		res.Section = rule.section
	}
	res.Group, res.Sort = rule.group, rule.sort
	res.Unit = rule.unit
	if rule.loinc != "" && rule.loinc != sent.Code {
		res.Local = sent
		res.Code = clinical.Coded{Code: rule.loinc, Text: sent.Text, System: "LN"}
	}
	if rule.text != "" {
		res.Code.Text = rule.text
	}
	return true
}

// alternateCode takes the second triple of OBX-3 if that is a LOINC code.
func (r *reader) alternateCode(res *clinical.Result, seg segment, sent clinical.Coded) {
	if sent.System == "LN" {
		return
	}
	rep := seg.Field(3).Rep(0)
	if code := value(rep.Comp(4)); code != "" && code != sent.Code && r.s.system(value(rep.Comp(6))) == "LN" {
		res.Local = sent
		res.Code = clinical.Coded{Code: code, Text: sent.Text, System: "LN"}
		if rule, ok := r.f.results[code]; ok {
			res.Group, res.Sort, res.Unit = rule.group, rule.sort, rule.unit
			if rule.section != "" {
				res.Section = rule.section
			}
		}
		return
	}
	if r.f.mappedOnly {
		r.unmapped(r.where(seg, 3), sent)
	}
}

func (r *reader) unmapped(where string, sent clinical.Coded) {
	r.problem(Unmapped, where, lang.Text{
		DE: "Der Befundcode „" + shown(sent.Code) + "“ steht nicht in der Tabelle. Der Wert wird angezeigt, wie er kam.",
		EN: "The result code \"" + shown(sent.Code) + "\" is not in the table. The value is shown as it came.",
	})
}

// unitOf sets the unit as printed: OBX-6, else the value's own, else the one
// that the site's table names for this code.
func (r *reader) unitOf(res *clinical.Result, seg segment, own string) {
	unit := word(seg.Field(6))
	if unit == "" {
		unit = value(seg.Field(6).Comp(2))
	}
	if unit == "" {
		unit = own
	}
	if unit != "" {
		res.Unit = r.s.unit(unit)
	} else if res.Number == nil {
		res.Unit = ""
	}
}

func (r *reader) flags(f hl7.Field) []string {
	if f.Empty() || f.Null() {
		return nil
	}
	var list []string
	for _, rep := range f.Reps() {
		flag := value(rep.Comp(1))
		if mapped, ok := r.s.flags[fold(flag)]; ok {
			flag = mapped
		}
		if flag != "" {
			list = append(list, flag)
		}
	}
	return list
}

// observedAt is the time of sampling for laboratory results (OBR-7, SPM-17),
// and the time of the observation (OBX-14) for all others.
func (r *reader) observedAt(p *panel, seg segment, section clinical.Section) time.Time {
	own := r.time(seg, 14)
	if section != clinical.Laboratory && section != clinical.Microbiology && !own.IsZero() {
		return own
	}
	if t := r.time(p.obr, 7); !t.IsZero() {
		return t
	}
	if t := r.time(p.spm, 17); !t.IsZero() {
		return t
	}
	if !own.IsZero() {
		return own
	}
	if t := r.time(p.obr, 22); !t.IsZero() {
		return t
	}
	return r.stated()
}

// resultStatus reads OBX-11 (HL7 table 0085), else OBR-25. Partial and
// unverified results that come with a value are preliminary ones.
func (r *reader) resultStatus(p *panel, seg segment, v measured) (clinical.ResultStatus, bool) {
	code := fold(seg.Field(11).Text())
	if code == "" {
		code = fold(p.obr.Field(25).Text())
	}
	if v.null {
		return clinical.Withdrawn, true
	}
	switch code {
	case "F", "V", "B":
		return clinical.Final, true
	case "C", "A":
		return clinical.Corrected, true
	case "P":
		return clinical.Preliminary, true
	case "D", "W":
		return clinical.Withdrawn, true
	case "X", "N":
		return clinical.NoResult, true
	case "R", "S":
		if v.text != "" {
			return clinical.Preliminary, true
		}
		return clinical.Pending, true
	case "I", "O":
		return clinical.Pending, true
	case "U":
		if v.text != "" {
			return clinical.Final, true
		}
		r.problem(ByHand, r.where(seg, 11), lang.Text{
			DE: "Ein vorläufiger Wert wird ohne erneute Übermittlung endgültig (Status U). Er bleibt als vorläufig angezeigt.",
			EN: "A preliminary value becomes final without being sent again (status U). It stays shown as preliminary.",
		})
		return "", false
	case "":
		if v.text == "" {
			return clinical.Pending, true
		}
		return clinical.Final, true
	}
	r.problem(BadValue, r.where(seg, 11), lang.Text{
		DE: "Der Befundstatus ist nicht bekannt. Der Wert wird als vorläufig angezeigt.",
		EN: "The status of the result is not known. The value is shown as preliminary.",
	})
	return clinical.Preliminary, true
}

// observationAside reads an OBX that stands in an ADT message or the like:
// weight, height, isolation.
func (r *reader) observationAside(seg segment) {
	p := panel{section: r.f.sectionOf(r.app, "", "", "")}
	o := observed(seg)
	if o.encapsulated() {
		r.attachment(&p, o)
		return
	}
	if res, ok := r.observation(&p, o); ok {
		r.emit(res)
	}
}
