package interpret

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// bench is the work on one message of an analyser (LIS2-A2). Its results are
// not validated by anybody: they are preliminary whatever the analyser says,
// until the laboratory says otherwise.
type bench struct {
	*reader
	m *astm.Message

	ids      []clinical.Identifier
	person   clinical.Demographics
	order    astm.Record
	number   string // on the specimen
	control  bool   // the specimen is one of quality control
	note     string // comments on the order
	specimen string // in words

	result  clinical.Result
	pending bool // result waits for its comments
}

// The comments that say what an analyser's result is worth.
const (
	notValidated = "Analysengerät, nicht validiert"
	seenAtDevice = "Analysengerät, am Gerät bestätigt, nicht validiert"
	questionable = "Analysengerät, nicht validiert. Das Gerät stellt den Wert in Frage."
	noResult     = "Analysengerät: kein Ergebnis"
)

func (b *bench) message() {
	body := b.rec.Body
	if b.f.charset != nil {
		body = recode(body, b.f.charset)
	}
	m, err := astm.Parse(body)
	if err != nil {
		b.problem(Syntax, "", analyserSyntax(err))
		return
	}
	b.m = m
	b.head(m.At(0))
	if b.out.Test {
		return
	}
	whole := b.complete()
	for i := range m.Len() {
		b.guardedRecord(m.At(i), whole)
	}
	b.guard("", b.flush)
	if !whole {
		b.problem(Incomplete, "L", lang.Text{
			DE: "Das Analysengerät hat die Nachricht nicht zu Ende gesendet. Nichts daraus wurde übernommen. Bitte am Gerät nachsehen und erneut senden.",
			EN: "The analyser did not send the message to its end. Nothing of it was used. Please look at the analyser and send it again.",
		})
	}
}

func analyserSyntax(err error) lang.Text {
	if errors.Is(err, astm.ErrNoHeader) {
		return lang.Text{DE: "Keine Nachricht eines Analysengeräts: Sie beginnt nicht mit einem Kopfsatz (H).",
			EN: "No message of an analyser: it does not begin with a header record (H)."}
	}
	return lang.Text{DE: "Die Nachricht ist zu groß.", EN: "The message is too large."}
}

// head reads the header record (LIS2-A2 section 6).
func (b *bench) head(h astm.Record) {
	o := b.out
	o.Kind, o.Known = "ASTM", true
	o.Charset = hl7.Charset{Used: b.m.Charset(), Rule: hl7.RuleValid}
	if o.Charset.Used != "UTF-8" {
		o.Charset.Rule = hl7.RuleFallback
	}
	if b.f.charset != nil {
		o.Charset.Used, o.Charset.Rule = b.f.charsetAs, "feed"
	}
	o.Control = trim(h.Field(3).All())
	b.app = trim(h.Field(5).Comp(1).All())
	o.Sent = b.time(h, 14)
	b.origin = clinical.Origin{Seq: uint64(b.rec.Seq), Feed: b.rec.Source, Sent: o.Sent, Received: b.rec.Received}
	switch fold(h.Field(12).All()) {
	case "T", "D", "Q": // training, debugging, quality control
		o.Test = true
	}
}

// complete reports whether the message ends as it should: with a terminator
// that does not say that something went wrong (LIS2-A2 section 13).
func (b *bench) complete() bool {
	last := b.m.At(b.m.Len() - 1)
	if last.Type() != 'L' {
		return false
	}
	switch fold(last.Field(3).All()) {
	case "T", "R", "E":
		return false
	}
	return true
}

// guardedRecord reads one record: a panic in it costs that record only.
func (b *bench) guardedRecord(rec astm.Record, whole bool) {
	defer func() {
		if recover() != nil {
			b.broken(b.where(rec, 0))
		}
	}()
	b.record(rec, whole)
}

// record reads one record. Of a message that is not whole it reads only whom it
// names. Queries (Q) are kept and not answered; M and S are kept.
func (b *bench) record(rec astm.Record, whole bool) {
	if rec.Type() != 'C' {
		b.flush()
	}
	switch rec.Type() {
	case 'P':
		b.patient(rec)
	case 'O':
		b.specimenOf(rec)
	case 'R':
		if whole && !b.control {
			b.measured(rec)
		}
	case 'C':
		b.comment(rec)
	}
}

// patient reads the patient record: numbers that can be the hospital's, and
// what the analyser holds the person for.
func (b *bench) patient(p astm.Record) {
	b.ids, b.person = nil, clinical.Demographics{Aside: true}
	b.order, b.number, b.note, b.control, b.homeless = astm.Record{}, "", "", false, false
	for _, at := range b.f.patient {
		if v := pathValue(p, at); v != "" {
			b.ids = append(b.ids, clinical.Identifier{Value: v, Authority: b.f.authority})
		}
	}
	if b.out.IDs == nil {
		b.out.IDs = b.ids
	}
	name := clinical.Name{Family: compText(p.Field(6), 1), Given: compText(p.Field(6), 2)}
	if family, given, ok := strings.Cut(name.Family, ","); ok && name.Given == "" {
		name.Family, name.Given = trim(family), trim(given)
	}
	if !name.Zero() {
		b.person.Name = clinical.Say(name)
	}
	if y, m, d, err := hl7.ParseDate(trim(p.Field(8).All())); err == nil {
		b.person.Birth = clinical.Say(clinical.Date{Year: y, Month: m, Day: d})
	}
	if sex := b.s.sexes[fold(p.Field(9).All())]; sex != clinical.SexUnknown {
		b.person.Sex = clinical.Say(sex)
	}
}

func compText(f astm.Field, n int) string { return trim(f.Comp(n).All()) }

func pathValue(rec astm.Record, at fieldPath) string {
	return compText(rec.Field(at.field), max(at.comp, 1))
}

// specimenOf reads the order record: the number on the specimen is that of the
// order. Action code Q (O-12) is a specimen of quality control, which belongs to
// nobody.
func (b *bench) specimenOf(o astm.Record) {
	b.order, b.number, b.note, b.homeless = o, "", "", false
	b.control = fold(o.Field(12).All()) == "Q"
	for _, at := range b.f.specimen {
		if b.number = pathValue(o, at); b.number != "" {
			break
		}
	}
	if b.f.order != nil && b.number != "" {
		m := b.f.order.FindStringSubmatch(b.number)
		if m == nil {
			b.number = "" // not of the form that the site's orders have
			return
		}
		b.number = m[1]
	}
}

// measured reads one result record (LIS2-A2 section 9).
func (b *bench) measured(rec astm.Record) {
	b.result = clinical.Result{
		Placer: b.number, Section: b.f.sectionOf(b.app, "", "", ""), Range: analyserRange(rec.Field(6)),
		At: b.sampled(rec),
	}
	res := &b.result
	if res.Section == clinical.OtherSection {
		res.Section = clinical.Laboratory
	}
	if !b.test(rec) {
		return
	}
	v := numeric(trim(rec.Field(4).All()))
	res.Value, res.Number, res.Comparator = v.text, v.number, v.comparator
	if unit := trim(rec.Field(5).All()); unit != "" {
		res.Unit = b.s.unit(unit)
	} else if res.Number == nil {
		res.Unit = ""
	}
	res.Low, res.High = reference(strings.ToLower(res.Range))
	flags := rec.Field(7)
	for i := range flags.Reps() {
		flag := trim(flags.Rep(i).Comp(1).All())
		if mapped, ok := b.s.flags[fold(flag)]; ok {
			flag = mapped
		}
		if flag != "" {
			res.Flags = append(res.Flags, flag)
		}
	}
	if by := compText(rec.Field(11), 1); by != "" {
		res.By = clinical.Staff{ID: by}
	}
	b.status(rec)
	res.Comment = joinLines(res.Comment, b.note)
	b.pending = true
}

// test names the observation: by the site's table for the whole of R-3, then
// for its test. The test stands in component 4 (the maker's code), else in 1
// (a universal one), else in 5 or 2, where some put it. What follows the test,
// such as a dilution, tells two measurements of one test apart.
func (b *bench) test(rec astm.Record) bool {
	f := rec.Field(3)
	sent, at := clinical.Coded{Text: compText(f, 2)}, 0
	for _, n := range []int{4, 1, 5, 2} {
		if sent.Code = compText(f, n); sent.Code != "" {
			at = n
			break
		}
	}
	if at == 0 {
		b.problem(BadValue, b.where(rec, 3), lang.Text{
			DE: "Das Analysengerät nennt nicht, was es gemessen hat.", EN: "The analyser does not name what it measured.",
		})
		return false
	}
	if at == 1 {
		sent.System = b.s.system(compText(f, 3))
	}
	var rest []string
	for n := max(at, 3) + 1; n <= f.Rep(0).Comps(); n++ {
		rest = append(rest, compText(f, n))
	}
	b.result.SubID = strings.TrimRight(strings.Join(rest, "^"), "^")
	whole := clinical.Coded{Code: trim(f.All()), Text: sent.Text}
	if !b.tableResult(&b.result, whole) && !b.tableResult(&b.result, sent) && b.f.mappedOnly {
		b.unmapped(b.where(rec, 3), sent)
	}
	return true
}

// status sets what the result is worth. Final, corrected and verified are
// the analyser's words: to the ward they are preliminary.
func (b *bench) status(rec astm.Record) {
	res, code := &b.result, fold(rec.Field(9).All())
	res.Status, res.Comment = clinical.Preliminary, notValidated
	switch code {
	case "F", "C", "P", "R", "S", "M", "Q", "":
	case "V":
		res.Comment = seenAtDevice
	case "W":
		res.Comment = questionable
	case "X", "N", "I":
	default:
		b.problem(BadValue, b.where(rec, 9), lang.Text{
			DE: "Der Befundstatus ist nicht bekannt. Der Wert wird als vorläufig angezeigt.",
			EN: "The status of the result is not known. The value is shown as preliminary.",
		})
	}
	if res.Value == "" || code == "X" || code == "N" { // not the last word either: somebody runs it again
		res.Status, res.Comment = clinical.Pending, noResult
	}
}

// sampled is when the specimen was taken (O-8), else when it was measured (R-13,
//
func (b *bench) sampled(rec astm.Record) time.Time {
	if t := b.time(b.order, 8); !t.IsZero() {
		return t
	}
	for _, n := range []int{13, 12} {
		if t := b.time(rec, n); !t.IsZero() {
			return t
		}
	}
	return b.stated()
}

// analyserRange is R-6 as printed: two numbers as components are a range.
func analyserRange(f astm.Field) string {
	low, high := compText(f, 1), compText(f, 2)
	if f.Reps() == 1 && f.Rep(0).Comps() == 2 && parseNumber(low) != nil && parseNumber(high) != nil {
		return low + "-" + high
	}
	return trim(f.All())
}

// comment reads a comment on the result or the order before it. A code alone
// says nothing where it is 0.
func (b *bench) comment(c astm.Record) {
	text := compText(c.Field(4), 2)
	if text == "" {
		text = compText(c.Field(4), 1)
	}
	switch text = cleanText(text); {
	case text == "" || text == "0":
	case b.pending:
		b.result.Comment = joinLines(b.result.Comment, text)
	case b.order.Exists():
		b.note = joinLines(b.note, text)
	}
}

// flush adds the result whose comments are read.
func (b *bench) flush() {
	if !b.pending {
		return
	}
	b.pending = false
	if len(b.ids) == 0 && b.number == "" {
		if !b.homeless {
			b.homeless = true
			b.problem(NoPatient, "O-3", lang.Text{
				DE: "Das Analysengerät nennt weder eine Patientennummer des Hauses noch eine Auftragsnummer.",
				EN: "The analyser names neither a patient number of the hospital nor an order number.",
			})
		}
		return
	}
	b.apart(&b.result)
	b.out.Changes = append(b.out.Changes, clinical.Change{
		Origin: b.origin, IDs: b.ids, Sample: &clinical.Sample{Order: b.number, Person: b.person}, What: b.result,
	})
}

// time reads a time field; zero where it is empty or no time.
func (b *bench) time(rec astm.Record, n int) time.Time {
	text := trim(rec.Field(n).All())
	if text == "" {
		return time.Time{}
	}
	t, _, ok := b.parseTime(text)
	if !ok {
		b.badTime(b.where(rec, n))
	}
	return t
}

// where names a field of a record: R[3]-14. The number is left out where the
// record stands only once.
func (b *bench) where(rec astm.Record, field int) string {
	if len(b.out.Problems) >= maxProblems {
		return ""
	}
	n, all := 0, 0
	for i := range b.m.Len() {
		if b.m.At(i).Type() == rec.Type() {
			if all++; i <= rec.Index() {
				n++
			}
		}
	}
	name := string(rec.Type())
	if all > 1 {
		name = fmt.Sprintf("%s[%d]", name, n)
	}
	if field > 0 {
		name = fmt.Sprintf("%s-%d", name, field)
	}
	return name
}
