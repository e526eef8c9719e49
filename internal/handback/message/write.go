package message

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// null is how a field says that there is no value any more (HL7 v2.5 section
// 2.5.3).
const null = `""`

func named(text, name string) string {
	if name == "" {
		name = "KIS"
	}
	return strings.ReplaceAll(text, "%s", name)
}

// begin starts a message: MSH, and EVN where the type has one. at is when the
// event was.
func (m *maker) begin(kind Kind, part, typ, event, structure string, at time.Time) {
	m.b, m.doubt = newPen(m.t.Charset), false
	if part == "" {
		m.count[kind]++
		part = partOf(kind, m.count[kind])
	}
	m.now = Message{Kind: kind, Part: part, Type: typ + "^" + event, Control: ControlID(m.t.Name, m.e.Key, part, m.Again)}
	name := m.b.Comps(typ, event, structure)
	if m.before("2.4") { // MSH-9.3 came with 2.4
		name = m.b.Comps(typ, event)
	}
	processing := m.t.Processing
	if processing == "" {
		processing = "P"
	}
	ack := ""
	if m.t.Enhanced {
		ack = "AL"
	}
	m.b.Segment("MSH", m.b.Text(m.t.SendingApp), m.b.Text(m.t.SendingFacility), m.b.Text(m.t.ReceivingApp), m.b.Text(m.t.ReceivingFacility),
		m.clock(m.Now), "", name, m.now.Control, processing, m.t.Version, "", "", ack, ack, "DEU", m.t.Charset)
	if typ == "ADT" || typ == "MDM" {
		m.b.Segment("EVN", event, m.clock(m.e.Written), "", "", m.staff(m.e.By), m.clock(at))
	}
}

// before reports whether the target speaks an older version than v.
func (m *maker) before(v string) bool { return m.t.Version < v }

// end finishes the message. One that lost characters is left to a person.
func (m *maker) end() {
	raw, lost := m.b.Encode()
	msg := m.now
	msg.Raw, msg.Lost, msg.Spelled = raw, lost, *m.b.spelled
	m.now = Message{}
	if m.doubt {
		m.leave(msg.Kind, &msg,
			"Eine Änderung an einer Verordnung oder Anforderung, die nicht aus diesem Eintrag stammt, wurde zurückgenommen. Die Nachricht würde sie in %s ganz absetzen. Bitte prüfen.",
			"A change of an order or prescription that is not this entry's own was taken back. The message would stop it in %s altogether. Please check.")
		return
	}
	if lost == 0 {
		m.out = append(m.out, msg)
		return
	}
	m.leave(msg.Kind, &msg,
		fmt.Sprintf("%d Zeichen kennt der Zeichensatz von %%s nicht. Bitte lesen und dann senden oder von Hand eintragen.", lost),
		fmt.Sprintf("%d characters are not in the character set of %%s. Please read it, then send it or type it in.", lost))
}

// clock writes a time with its zone (HL7 v2.5 section 2.A.89), "" for none.
func (m *maker) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(m.t.Zone).Format("20060102150405-0700")
}

// date writes a day that may be known in part.
func date(d clinical.Date) string { return strings.ReplaceAll(d.ISO(), "-", "") }

// day writes the day of a time, "" for none.
func (m *maker) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(m.t.Zone).Format("20060102")
}

// staff writes an XCN. The number is ours: the authority says so, that nobody
// takes it for one of the target's.
func (m *maker) staff(s clinical.Staff) string {
	if s.Zero() {
		return ""
	}
	family, given, _ := strings.Cut(s.Name, ", ")
	title := ""
	for {
		word, rest, ok := strings.Cut(family, " ")
		if !ok || !strings.HasSuffix(word, ".") {
			break
		}
		title, family = strings.TrimSpace(title+" "+word), rest
	}
	authority := m.t.SendingApp
	if s.ID == "" {
		authority = ""
	}
	return m.b.Comps(s.ID, family, given, "", "", "", title, "", authority)
}

// local is the coding system of our own codes (HL7 table 0396: 99zzz).
const local = "99NB"

// system is a coding system as HL7 table 0396 names it. Germany's catalogues
// bear their year.
func (m *maker) system(s string) string {
	switch {
	case s == "Notbetrieb":
		return local
	case s == "LOINC":
		return "LN"
	case (s == "ICD-10-GM" || s == "I10") && !m.before("2.5"):
		return fmt.Sprintf("I10G%d", m.e.At.In(m.t.Zone).Year())
	case s == "ICD-10-GM":
		return "I10"
	}
	return s
}

// code writes a CE or CWE.
func (m *maker) code(c clinical.Coded) string { return m.b.Comps(c.Code, c.Text, m.system(c.System)) }

// text writes a CE or CWE of which only the words are known.
func (m *maker) words(s string) string {
	if s == "" {
		return ""
	}
	return m.b.Comps("", s)
}

// number writes an EI. A number that two systems gave bears the system's name
// in brackets in the chart.
func (m *maker) number(no string) string {
	if n, of, ok := strings.Cut(no, " ("); ok && strings.HasSuffix(of, ")") {
		return m.b.Comps(n, strings.TrimSuffix(of, ")"))
	}
	return m.b.Text(no)
}

// place writes a PL.
func (m *maker) place(p clinical.Place) string { return m.b.Comps(p.Ward, p.Room, p.Bed, p.Facility) }

// name writes an XPN of that type (HL7 table 0200).
func (m *maker) name(n clinical.Name, typ string) string {
	if n.Zero() {
		return ""
	}
	family := m.b.Text(n.Family)
	if n.Prefix != "" {
		family = m.b.Subs(n.Prefix+" "+n.Family, n.Prefix, n.Family)
	}
	return m.b.Join(family, m.b.Text(n.Given), m.b.Text(n.Further), m.b.Text(n.Suffix), "", m.b.Text(n.Title), typ)
}

// identifiers writes PID-3.
func (m *maker) identifiers(ids []clinical.Identifier) string {
	var reps []string
	for _, id := range ids {
		authority, typ := id.Authority, id.Type
		if authority == "" {
			authority = m.t.Authority
		}
		if typ == "" {
			typ = "PI"
		}
		reps = append(reps, m.b.Comps(id.Value, "", "", authority, typ))
	}
	return m.b.Reps(reps...)
}

// caseNumber writes PV1-19.
func (m *maker) caseNumber() string {
	if m.s.Case == "" {
		return ""
	}
	return m.b.Comps(string(m.s.Case), "", "", m.t.Authority, "VN")
}

// sexCode is PID-8 (HL7 table 0001).
func sexCode(s clinical.Sex) string {
	switch s {
	case clinical.Female, clinical.Male:
		return string(s)
	case clinical.Diverse:
		return "O"
	case clinical.SexUnknown:
	}
	return "U"
}

// patient writes PID and PV1 of a message about something else: what is not
// known stays empty, and characters that the target does not have stand as "?"
// in the name, which is there only to be compared.
func (m *maker) patient(place bool) {
	n := m.s.Name
	for _, part := range []*string{&n.Family, &n.Prefix, &n.Given, &n.Further, &n.Suffix, &n.Title} {
		*part = m.b.plain(*part)
	}
	sex := ""
	if m.s.Sex != clinical.SexUnknown {
		sex = sexCode(m.s.Sex)
	}
	m.b.Segment("PID", "1", "", m.identifiers(m.s.IDs), "", m.name(n, "L"), "", date(m.s.Birth), sex)
	f := fields(45)
	f.set(1, "1")
	f.set(2, class(m.s.Class))
	if place { // in an ADT message it would move the patient
		f.set(3, m.place(m.s.Place))
	}
	f.set(19, m.caseNumber())
	m.b.Segment("PV1", f...)
}

// class is PV1-2 (HL7 table 0004): one that is not known must not make an
// outpatient an inpatient.
func class(c clinical.Class) string {
	if c == "" {
		return "U"
	}
	return string(c)
}

// row is the fields of a segment, set by their number from 1 on.
type row []string

func fields(n int) row { return make(row, n) }

func (r row) set(n int, s string) { r[n-1] = s }

// lines writes a text as NTE, one for each line.
func (m *maker) lines(text string) {
	if text == "" {
		return
	}
	for i, line := range strings.Split(text, "\n") {
		m.b.Segment("NTE", strconv.Itoa(i+1), "L", m.b.Text(line))
	}
}

// oneLine is a text without line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// pen writes text that the target's charset may not have.
type pen struct {
	*hl7.Builder
	spelled *int
	has     func(rune) bool
}

func newPen(charset string) pen {
	known := map[rune]bool{}
	return pen{Builder: hl7.NewBuilder(hl7.DefaultDelims(), charset), spelled: new(int), has: func(r rune) bool {
		if r < 0x80 {
			return true
		}
		ok, asked := known[r]
		if !asked {
			_, lost := hl7.NewBuilder(hl7.DefaultDelims(), charset).Segment("NTE", string(r)).Encode()
			ok = lost == 0
			known[r] = ok
		}
		return ok
	}}
}

// Text escapes a value, spelled so that the charset has it where that can be.
func (p pen) Text(s string) string { return p.Builder.Text(p.spell(s)) }

// Comps joins values to components.
func (p pen) Comps(values ...string) string { return p.Builder.Comps(p.all(values)...) }

// Subs joins values to subcomponents.
func (p pen) Subs(values ...string) string { return p.Builder.Subs(p.all(values)...) }

func (p pen) all(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = p.spell(v)
	}
	return out
}
