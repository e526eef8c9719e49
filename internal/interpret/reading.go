package interpret

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/encoding"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Reading is what one record says.
type Reading struct {
	Head
	Changes  []clinical.Change
	Problems []Problem // what could not be read; empty for a message fully read
}

// Head is what is known of a message whether or not it could be read.
type Head struct {
	Feed    string      // the record's source
	Kind    string      // "ADT^A02", "ASTM" for an analyser, "" if there is no header
	Control string      // MSH-10, H-3
	Sent    time.Time   // MSH-7, H-14; zero if not sent
	Test    bool        // MSH-11 or H-12 says so: there are no changes at all
	Charset hl7.Charset // how the characters were read, and by which rule
	Known   bool        // the event is one of Events

	// Where the message belongs, as far as it could be read: for the list of
	// unread messages. Not for anything clinical.
	IDs  []clinical.Identifier
	Case clinical.CaseNo
	Ward string
}

// The codes of problems. They are stable: pages, metrics and sites' own lists
// refer to them.
const (
	Syntax       = "syntax"        // no HL7 or ASTM message, or too large
	Incomplete   = "incomplete"    // an analyser ended its message before its end; nothing of it is used
	NoPatient    = "no-patient"    // names neither a patient nor a case, nor a specimen
	UnknownEvent = "unknown-event" // an event that is not in Events
	UnknownWard  = "unknown-ward"  // a ward that the site's table does not list; the patient is shown there as sent
	BadTime      = "bad-time"      // a time that is none; the field is left out
	BadValue     = "bad-value"     // a value that is not what its field holds
	Unmapped     = "unmapped"      // a code missing in a table that the site wants complete
	ByHand       = "by-hand"       // understood, but a person has to decide
	Internal     = "internal"      // a fault of this program; the rest was read
)

// Problem is one thing in a message that was not read. Its Reason holds no
// value of the message except codes of the house (wards, events, results).
type Problem struct {
	Code    string
	Reason  lang.Text
	Segment string // "OBX[3]-14", "PV1-3", "" for the message
}

// Record reads one record. It never panics and always answers the same for the
// same record and tables. Records of other kinds than hl7v2 and astm have no
// changes and no problems here.
func (s *Site) Record(rec journal.Record) (out Reading) {
	out.Feed = rec.Source
	r := reader{s: s, f: s.feed(rec.Source), rec: &rec, out: &out}
	switch rec.Kind {
	case journal.HL7:
		r.guard("", r.message)
	case journal.ASTM:
		b := bench{reader: &r}
		r.guard("", b.message)
	default:
	}
	return out
}

// reader is the work on one message.
type reader struct {
	s   *Site
	f   *feed
	rec *journal.Record
	out *Reading
	m   *hl7.Message

	event  Event
	origin clinical.Origin
	app    string // MSH-3.1
	scope
	homeless bool // told already that the patient is missing

	given map[string]bool    // IDs of the documents of this message
	keys  map[string]sameKey // keys of the results of this message
}

// scope is the patient that the segments at hand are about.
type scope struct {
	ids    []clinical.Identifier
	caseNo clinical.CaseNo
	pv1    segment
}

// guard runs a part of the reading: a panic in it costs that part only.
func (r *reader) guard(where string, part func()) {
	defer func() {
		if recover() != nil { // what was recovered may hold a value of the message
			r.broken(where)
		}
	}()
	part()
}

// guarded reads one segment, as guard does.
func (r *reader) guarded(seg segment, read func(segment)) {
	defer func() {
		if recover() != nil {
			r.broken(r.where(seg, 0))
		}
	}()
	read(seg)
}

func (r *reader) broken(where string) {
	r.problem(Internal, where, lang.Text{
		DE: "Dieser Teil konnte wegen eines Programmfehlers nicht gelesen werden. Der Rest wurde übernommen.",
		EN: "This part could not be read because of a program fault. The rest was taken over.",
	})
}

// message reads the whole record.
func (r *reader) message() {
	body := r.rec.Body
	if r.f.charset != nil {
		body = recode(body, r.f.charset)
	}
	m, err := hl7.Parse(body)
	if err != nil {
		r.problem(Syntax, "", syntaxReason(err))
		return
	}
	r.m = m
	msh := m.At(0)
	r.head(msh)
	switch {
	case r.out.Test:
	case r.out.Known:
		r.event.read(r)
	default:
		r.hint()
	}
}

// hint notes where a message belongs that is not read.
func (r *reader) hint() {
	pid, _ := r.first("PID")
	pv1, _ := r.first("PV1")
	r.enter(pid, pv1)
	r.place(pv1, 3)
}

func syntaxReason(err error) lang.Text {
	if errors.Is(err, hl7.ErrNoHeader) {
		return lang.Text{DE: "Keine HL7-Nachricht: Sie beginnt nicht mit MSH.", EN: "No HL7 message: it does not begin with MSH."}
	}
	return lang.Text{DE: "Die Nachricht ist zu groß.", EN: "The message is too large."}
}

// recode turns a message of a feed with a fixed character set into marked UTF-8.
func recode(body []byte, enc encoding.Encoding) []byte {
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return append([]byte("\xEF\xBB\xBF"), text...)
}

func (r *reader) head(msh segment) {
	o := r.out
	o.Charset = r.m.Charset()
	if r.f.charset != nil {
		o.Charset.Used, o.Charset.Rule = r.f.charsetAs, "feed"
	}
	o.Control = strings.TrimSpace(msh.Field(10).All())
	r.app = trim(msh.Field(3).Text())
	o.Kind = r.kind(msh)
	if f := msh.Field(7); !f.Empty() {
		o.Sent = r.at(f, "MSH-7")
	}
	r.origin = clinical.Origin{Seq: uint64(r.rec.Seq), Feed: r.rec.Source, Sent: o.Sent, Received: r.rec.Received}
	switch fold(msh.Field(11).Text()) {
	case "T", "D":
		o.Test = true
	}
	ev, ok := r.s.events[o.Kind]
	if !ok {
		ev, ok = r.s.events[messageType(o.Kind)] // whole families that are read alike
	}
	o.Known = ok
	r.event = ev
	if !ok && !o.Test {
		r.problem(UnknownEvent, "MSH-9", lang.Text{
			DE: "Das Ereignis " + shown(o.Kind) + " ist nicht bekannt.",
			EN: "The event " + shown(o.Kind) + " is not known.",
		})
	}
}

// shown shortens a code for a sentence.
func shown(code string) string {
	if code == "" {
		return "?"
	}
	if len(code) > 24 {
		code = strings.ToValidUTF8(code[:24], "") + "…"
	}
	return code
}

func messageType(kind string) string {
	t, _, _ := strings.Cut(kind, "^")
	return t
}

// kind is MSH-9 as TYPE^EVENT. Old messages have the event in EVN-1 only, some
// write ADT_A01.
func (r *reader) kind(msh segment) string {
	f := msh.Field(9)
	typ, ev := fold(f.Comp(1).Text()), fold(f.Comp(2).Text())
	if ev == "" && len(typ) == 7 && typ[3] == '_' {
		typ, ev = typ[:3], typ[4:]
	}
	if ev == "" && typ == "ADT" {
		if evn, ok := r.first("EVN"); ok {
			ev = fold(evn.Field(1).Text())
		}
	}
	if ev == "" {
		return typ
	}
	return typ + "^" + ev
}

// emit adds a change about the patient at hand. Without any patient it is a
// problem, told once for each patient that is missing.
func (r *reader) emit(what clinical.Fact) {
	if len(r.ids) == 0 && r.caseNo == "" {
		r.missing()
		return
	}
	r.out.Changes = append(r.out.Changes, clinical.Change{Origin: r.origin, IDs: r.ids, Case: r.caseNo, What: what})
}

// missing tells once that no patient is named.
func (r *reader) missing() {
	if r.homeless {
		return
	}
	r.homeless = true
	r.problem(NoPatient, "PID-3", lang.Text{
		DE: "Die Nachricht nennt weder eine Patientennummer des Hauses noch eine Fallnummer.",
		EN: "The message names neither a patient number of the hospital nor a case number.",
	})
}

// maxProblems bounds what one message can put on the list.
const maxProblems = 100

func (r *reader) problem(code, where string, reason lang.Text) {
	if len(r.out.Problems) >= maxProblems {
		return
	}
	r.out.Problems = append(r.out.Problems, Problem{Code: code, Reason: reason, Segment: where})
}

// where names a field of a segment: OBX[3]-14. The number is left out where the
// segment stands only once.
func (r *reader) where(seg segment, field int) string {
	if len(r.out.Problems) >= maxProblems {
		return "" // nobody will read it
	}
	name := seg.Name()
	n, all := 0, 0
	for i := range r.m.Len() {
		if r.m.At(i).Name() == name {
			all++
			if i <= seg.Index() {
				n++
			}
		}
	}
	if all > 1 {
		name = fmt.Sprintf("%s[%d]", name, n)
	}
	if field > 0 {
		name = fmt.Sprintf("%s-%d", name, field)
	}
	return name
}
