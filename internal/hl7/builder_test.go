package hl7

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestBuilderWritesWhatIsReadBack(t *testing.T) {
	t.Parallel()
	odd := Delims{Field: '$', Component: '%', Repetition: '~', Escape: '!', Subcomponent: '@', Truncation: '#'}
	for _, charset := range []string{"8859/1", "8859/15", "UNICODE UTF-8", "UNICODE UTF-16", "windows-1252"} {
		for _, d := range []Delims{DefaultDelims(), odd} {
			b := NewBuilder(d, charset)
			b.Segment("MSH", "KIS", "H", "NB", "H", "202611211200", "", b.Comps("ADT", "A01"), "1", "P", "2.5", "", "", "", "", "DEU", charset)
			b.Segment("PID", "1", "", b.Reps(b.Comps("815", "", "", "KIS"), b.Comps("A|1^2~3&4\\5#6")), "", b.Join(b.Subs("von der Weißenfels", "von der", "Weißenfels"), Escape("Jörg & Söhne", d)), "", "", "")
			raw, lost := b.Segment("NTE", "1", "", b.Text("Zeile 1\nZeile 2\r\t$%!@")).Encode()
			if lost != 0 {
				t.Errorf("%s: %d characters lost", charset, lost)
			}
			m, err := Parse(raw)
			if err != nil {
				t.Fatalf("%s: %v", charset, err)
			}
			for path, want := range map[string]string{
				"MSH-9.2": "A01", "MSH-18": charset, "PID-3.4": "KIS", "PID-3(2)": "A|1^2~3&4\\5#6",
				"PID-5": "von der Weißenfels", "PID-5.1.3": "Weißenfels", "PID-5.2": "Jörg & Söhne", "NTE-3": "Zeile 1\nZeile 2\r\t$%!@",
			} {
				if got := m.Get(path); got != want {
					t.Errorf("%s %s: got %q, want %q", charset, path, got, want)
				}
			}
			if pid, _ := m.Segment("PID"); pid.Fields() != 5 {
				t.Errorf("empty fields at the end were written: %d", pid.Fields())
			}
		}
	}
}

func TestBuilderReportsWhatTheCharsetDoesNotHave(t *testing.T) {
	t.Parallel()
	for charset, want := range map[string]struct {
		text string
		lost int
	}{"8859/1": {"Müller ? ?", 2}, "8859/15": {"Müller € ?", 1}, "ASCII": {"M?ller ? ?", 3}, "": {"Müller € Ł", 0}, "8859/2": {"Müller ? Ł", 1}} {
		b := NewBuilder(DefaultDelims(), charset).Segment("MSH", "A", "", "", "", "", "", "", "", "", "", "", "", "", "", "", charset)
		raw, lost := b.Segment("NTE", "1", "", "Müller € Ł").Encode()
		m, err := Parse(raw)
		if err != nil || lost != want.lost || m.Get("NTE-3") != want.text {
			t.Errorf("%q: got %q, %d lost, %v", charset, m.Get("NTE-3"), lost, err)
		}
	}
}

func TestALineEndCannotBreakOutOfAField(t *testing.T) {
	t.Parallel()
	b := NewBuilder(DefaultDelims(), "").Segment("MSH", "A").Segment("NTE", "1", "", "x\rPID|1||fremd\n")
	m, err := Parse(b.Bytes())
	if err != nil || m.Len() != 2 {
		t.Fatalf("got %d segments, %v", m.Len(), err)
	}
	none := Escape("a|b^c\nd", Delims{Field: '|', Component: '^'})
	if none != "a b c d" {
		t.Errorf("without an escape character: %q", none)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(aufnahme), "Müller|^~\\&", "8859/15")
	f.Add([]byte("MSH|^~\\&|A\nOBX|1\n\nText\\X\\.br"), "a\nb\rc\td", "UNICODE UTF-8")
	f.Add([]byte("MSH$$\r$"), `""x`, "")
	f.Fuzz(func(t *testing.T, raw []byte, value, charset string) {
		m, err := Parse(raw)
		if err == nil {
			walk(t, m)
		} else if m != nil {
			t.Fatal("a message beside an error")
		}
		roundTrip(t, value, charset)
	})
}

// walk reads everything in a message.
func walk(t *testing.T, m *Message) {
	for _, s := range m.Segments() {
		if len(s.Name()) != 3 {
			t.Fatalf("segment name %q", s.Name())
		}
		fields := fieldsOf(s)
		if s.Fields() != max(len(fields)-1, 0) {
			t.Fatalf("%d fields, want %d", s.Fields(), len(fields)-1)
		}
		for n := range s.Fields() + 2 {
			f := s.Field(n)
			if got := f.Raw(); n < len(fields) && string(got) != fields[n] || n >= len(fields) && got != nil {
				t.Fatalf("field %d is %q of %q", n, got, s.Raw())
			}
			for _, r := range f.Reps() {
				for c := range r.Comps() + 1 {
					for u := range r.Comp(c).Subs() + 1 {
						if !utf8.ValidString(r.Comp(c).Sub(u)) && !f.literal {
							t.Fatal("text is not UTF-8")
						}
					}
				}
			}
			if f.Null() && f.Empty() {
				t.Fatal("null and empty")
			}
		}
	}
	_ = m.Get("PID-3(2).4.1")
}

// fieldsOf cuts a segment in the plainest way; the fields count from 1.
func fieldsOf(s Segment) []string {
	raw := string(s.Raw())
	if len(raw) < 4 {
		return nil
	}
	fields := append([]string{""}, strings.Split(raw[4:], raw[3:4])...)
	if headed(s.Raw()) {
		fields = slices.Insert(fields, 1, raw[3:4])
	}
	return fields
}

func TestFieldsBeyondAllStandardsAreFound(t *testing.T) {
	t.Parallel()
	long := "ZLG"
	for n := range 3 * maxEnds {
		long += "|" + strconv.Itoa(n+1)
	}
	for _, name := range []string{"ZLG", "MSH"} {
		m, err := Parse([]byte("MSH|^~\\&|A\r" + name + long[3:] + "\rNTE|1\r"))
		if err != nil {
			t.Fatal(err)
		}
		walk(t, m)
		if s := m.At(1); s.Fields() < 3*maxEnds || s.Field(400).Raw() != nil {
			t.Errorf("%s: %d fields", name, s.Fields())
		}
	}
}

// roundTrip: what is built, parsed and read is the same.
func roundTrip(t *testing.T, value, charset string) {
	if !utf8.ValidString(value) || !utf8.ValidString(charset) || value == null || strings.ContainsRune(value, utf8.RuneError) {
		return
	}
	known, table := lookupCharset(charset)
	b := NewBuilder(DefaultDelims(), charset)
	b.Segment("MSH", "A", "", "", "", "", "", "", "", "", "", "", "", "", "", "", Escape(charset, DefaultDelims()))
	raw, lost := b.Segment("NTE", "1", "", b.Text(value), "x").Encode()
	m, err := Parse(raw)
	if err != nil {
		t.Fatalf("built message does not parse: %v", err)
	}
	// A single-byte message that happens to be UTF-8, or uses control
	// characters, is read by another rule, on purpose.
	if lost > 0 || table != nil && m.Charset().Used != known {
		return
	}
	if got := m.Get("NTE-3"); got != value {
		t.Fatalf("%q in %q (%+v) was read as %q", value, charset, m.Charset(), got)
	}
}

func benchmarkMessage() []byte {
	return []byte("MSH|^~\\&|KIS|KLINIKUM|NB|KLINIKUM|202611211204+0100||ADT^A01^ADT_A01|4711|P|2.5|||AL|NE|DEU|8859/15\r" +
		"EVN|A01|202611211203||NP41I0\r" +
		"PID|1||0000815^^^KIS^PI~A123456780^^^AOK^NH||M\xFCller&von&M\xFCller^Karl-Otto^J\xF6rg^^^Dr. med.^L||19510403|M|||Am M\xFChlenbach 3^^K\xF6ln^^50667^DE||0221 4711\r" +
		"NK1|1|M\xFCller^Anna|EHE|Am M\xFChlenbach 3^^K\xF6ln^^50667^DE|0221 4711\r" +
		"PV1|1|I|3B^312^2^KLINIKUM||||||||||||||||4711001^^^KIS^VN|||||||||||||||||||||||||202611211200\r" +
		"PV2|||^Luftnot\rAL1|1|DA|^Penicillin|SV\rDG1|1||I50.01^Rechtsherzinsuffizienz^I10|||AD\r" +
		"IN1|1|109519005|109519005|AOK Rheinland|||||||||20260101||||M\xFCller^Karl-Otto||19510403||||||||||||||||||A123456780\r" +
		"ZBE|77^KIS|202611211200||INSERT|N\r")
}

func BenchmarkParseAndTenReads(b *testing.B) {
	raw := benchmarkMessage()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		pid, _ := m.Segment("PID")
		pv1, _ := m.Segment("PV1")
		n := len(pid.Field(3).Text()) + len(pid.Field(5).Text()) + len(pid.Field(5).Comp(2).Text()) + len(pid.Field(7).Text()) +
			len(pid.Field(8).Text()) + len(pv1.Field(2).Text()) + len(pv1.Field(3).Text()) + len(pv1.Field(3).Comp(2).Text()) +
			len(pv1.Field(19).Text()) + len(m.At(0).Field(9).Comp(2).Text())
		if n < 30 {
			b.Fatal(n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	raw := benchmarkMessage()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadHeader(b *testing.B) {
	raw := benchmarkMessage()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadHeader(raw); err != nil {
			b.Fatal(err)
		}
	}
}
