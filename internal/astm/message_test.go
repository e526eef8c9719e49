package astm

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestAMessageIsReadAsItsHeaderSays(t *testing.T) {
	t.Parallel()
	raw := chemistry()
	m, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Raw(), raw) || m.Len() != 9 || m.Charset() != "UTF-8" {
		t.Fatalf("%d records, charset %s", m.Len(), m.Charset())
	}
	types := ""
	for i := range m.Len() {
		types += string(m.At(i).Type())
	}
	if types != "HPORCRRCL" {
		t.Errorf("records %s", types)
	}
	h, o, r := m.At(0), m.At(2), m.At(6)
	for _, c := range []struct{ what, got, want string }{
		{"delimiters", h.Field(2).All(), `\^&`},
		{"sender", h.Field(5).Comp(1).All(), "c503"},
		{"sent", h.Field(14).All(), "20261121081503"},
		{"specimen", o.Field(3).All(), "4711001"},
		{"rack", o.Field(4).Comp(2).All(), "50012"},
		{"second test", o.Field(5).Rep(1).Comp(4).All(), "989"},
		{"value", r.Field(4).All(), "6.1"},
		{"flag", r.Field(7).All(), "HH"},
		{"absent field", r.Field(40).All(), ""},
		{"absent component", r.Field(4).Comp(2).All(), ""},
		{"absent record", m.At(99).Field(3).All(), ""},
		{"comment", m.At(7).Field(4).Comp(2).All(), "Hämolyse"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if n := o.Field(5).Reps(); n != 3 || r.Fields() != 14 || !h.Field(3).Empty() || o.Field(5).Empty() {
		t.Errorf("%d tests, %d fields", n, r.Fields())
	}
}

func TestTextIsReadInTheCharacterSetItWasSentIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, header, sent, want string }{
		{"ASCII", `H|\^&`, "Haemolyse", "Haemolyse"},
		{"UTF-8", `H|\^&`, "Hämolyse µl", "Hämolyse µl"},
		{"Latin-1", `H|\^&`, "H\xE4molyse \xB5l", "Hämolyse µl"},
		{"windows-1252", `H|\^&`, "\x80 5", "€ 5"},
		{"delimiters escaped", `H|\^&`, `a&F&b&S&c&R&d&E&e`, `a|b^c\d&e`},
		{"bytes escaped", `H|\^&`, `&XC3A4&`, "ä"},
		{"half a byte is no escape", `H|\^&`, `&X4&`, `&X4&`},
		{"highlighting", `H|\^&`, `&H&fett&N&`, "fett"},
		{"an escape character alone", `H|\^&`, `H&E-Färbung & mehr`, `H&E-Färbung & mehr`},
		{"other delimiters", `H!~#%`, `a%F%b`, "a!b"},
		{"no escape named", `H|\^`, `a&F&b`, "a&F&b"},
	} {
		d := c.header[1:2]
		m, err := Parse([]byte(c.header + "\rC" + d + "1" + d + "I" + d + c.sent + "\rL" + d + "1\r"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := m.At(1).Field(4).All(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestALineBreakInATextLosesNothing(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\r", "\n", "\r\n"} {
		m, err := Parse([]byte(strings.Join([]string{"\xEF\xBB\xBF" + `H|\^&`, `C|1|I|erste Zeile`, `zweite Zeile|G`, `L|1|N`, ""}, end)))
		if err != nil || m.Len() != 3 {
			t.Fatalf("%q: %d records, %v", end, m.Len(), err)
		}
		if got, want := m.At(1).Field(4).All(), "erste Zeile"+end+"zweite Zeile"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhatIsNoMessageIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"nothing":       {nil, ErrNoHeader},
		"HL7":           {[]byte(`MSH|^~\&|LIS`), ErrNoHeader},
		"a word":        {[]byte("Hallo"), ErrNoHeader},
		"only a letter": {[]byte("H"), ErrNoHeader},
		"too many":      {append([]byte("H|\r"), bytes.Repeat([]byte("C|\r"), MaxRecords)...), ErrTooManyRecords},
		"too large":     {make([]byte, MaxSize+1), ErrTooLarge},
	} {
		if _, err := Parse(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSeveralMessagesInOneAreParted(t *testing.T) {
	t.Parallel()
	one, two := string(chemistry()), "H|\\^&\rC|1|I|L allein\rL|1|N\r\n"
	got := Split([]byte(one + two + one))
	if len(got) != 3 || string(got[0]) != one || string(got[1]) != two || string(got[2]) != one {
		t.Errorf("got %q", got)
	}
	if got := Split([]byte("H|\\^&\rP|1\r" + one)); len(got) != 2 || string(got[1]) != one { // without its terminator
		t.Errorf("got %q", got)
	}
	if got := Split([]byte("kein Kopf\r")); len(got) != 1 || string(got[0]) != "kein Kopf\r" {
		t.Errorf("got %q", got)
	}
	for text, want := range map[string]bool{
		"": false, "H|\\^&\r": false, "H|\\^&\rL|1|N\r": true, "H|\\^&\rL": true, "H!\rL|1\r": false, "H!\rL!1\r\n": true,
		"H|\\^&\rC|1|I|L": false, "L|1|N\r": true,
	} {
		if Whole([]byte(text)) != want {
			t.Errorf("%q: whole %v", text, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(chemistry())
	f.Add([]byte("H!~#%\rR!1!###A!&X4&%X41%\rL"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		parts := Split(raw)
		if !bytes.Equal(bytes.Join(parts, nil), raw) {
			t.Fatal("parting loses bytes")
		}
		m, err := Parse(raw)
		if err != nil {
			return
		}
		at := 0
		for i := range m.Len() {
			r := m.At(i)
			n := bytes.Index(raw[at:], r.Raw())
			if n < 0 {
				t.Fatalf("record %d is not in the message", i)
			}
			if left := strings.Trim(string(raw[at:at+n]), "\r\n\t \xEF\xBB\xBF"); left != "" {
				t.Fatalf("lost %q", left)
			}
			at += n + len(r.Raw())
			var fields [][]byte
			for n := 1; n <= r.Fields(); n++ {
				fd := r.Field(n)
				fields = append(fields, fd.Raw())
				if !validUTF8([]byte(fd.All())) {
					t.Fatal("text is not UTF-8")
				}
				for k := range fd.Reps() {
					for c := range fd.Rep(k).Comps() {
						_ = fd.Rep(k).Comp(c + 1).All()
					}
				}
			}
			if !bytes.Equal(bytes.Join(fields, []byte{m.Delims().Field}), r.Raw()) {
				t.Fatal("fields lose bytes")
			}
		}
	})
}
