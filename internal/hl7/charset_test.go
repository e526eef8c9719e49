package hl7

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTheRightCharacterSetIsUsedAndTheRuleRecorded(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, label, value string
		want, used, rule   string
	}{
		{"no label, ASCII", "", "Mueller", "Mueller", "US-ASCII", RuleASCII},
		{"no label, UTF-8", "", "Müller", "Müller", "UTF-8", RuleValid},
		{"ASCII claimed, UTF-8 sent", "ASCII", "Müller", "Müller", "UTF-8", RuleValid},
		{"no label, Latin", "", "M\xFCller \xA4", "Müller €", "ISO-8859-15", RuleFallback},
		{"no label, Windows", "", "M\xFCller \x80", "Müller €", "windows-1252", RuleWindows},
		{"unknown label, Latin", "KLINGON", "M\xFCller", "Müller", "ISO-8859-15", RuleFallback},
		{"unknown label, UTF-8", "KLINGON", "Müller", "Müller", "UTF-8", RuleValid},
		{"8859/1", "8859/1", "M\xFCller \xA4", "Müller ¤", "ISO-8859-1", RuleLabel},
		{"8859/1, only ASCII", "8859/1", "Mueller", "Mueller", "ISO-8859-1", RuleASCII},
		{"8859/1 claimed, UTF-8 sent", "8859/1", "Müller", "Müller", "UTF-8", RuleLie},
		{"8859/15 claimed, Windows sent", "8859/15", "M\xFCller \x84x\x93", "Müller „x“", "windows-1252", RuleWindows},
		{"8859/15", "8859/15", "M\xFCller \xA4 \xA6", "Müller € Š", "ISO-8859-15", RuleLabel},
		{"8859-15 misspelt", "ISO8859-15", "\xA4", "€", "ISO-8859-15", RuleLabel},
		{"8859-1 misspelt", "8859-1", "\xFC", "ü", "ISO-8859-1", RuleLabel},
		{"ISO IR100", "ISO IR100", "\xFC", "ü", "ISO-8859-1", RuleLabel},
		{"ISO_IR 101", "ISO_IR 101", "\xA3\xF3d\xBC", "Łódź", "ISO-8859-2", RuleLabel},
		{"8859/2", "8859/2", "\xA3\xF3d\xBC", "Łódź", "ISO-8859-2", RuleLabel},
		{"8859/2 that could be UTF-8 stays what it says", "8859/2", "P\xD3\xA3TORAK", "PÓŁTORAK", "ISO-8859-2", RuleLabel},
		{"8859/2 claimed, UTF-8 sent", "8859/2", "Müller Ł", "Müller Ł", "UTF-8", RuleLie},
		{"8859/3", "8859/3", "\xFD\xAC", "ŭĴ", "ISO-8859-3", RuleLabel},
		{"8859/4", "8859/4", "\xE0\xEF", "āī", "ISO-8859-4", RuleLabel},
		{"8859/5", "8859/5", "\xB8\xD2\xD0\xDD", "Иван", "ISO-8859-5", RuleLabel},
		{"8859/6", "8859/6", "\xC7\xE4", "ال", "ISO-8859-6", RuleLabel},
		{"8859/7", "8859/7", "\xC1\xE8\xDE\xED\xE1", "Αθήνα", "ISO-8859-7", RuleLabel},
		{"8859/8", "8859/8", "\xF9\xEC", "של", "ISO-8859-8", RuleLabel},
		{"8859/9", "8859/9", "\xDEim\xFEek", "Şimşek", "ISO-8859-9", RuleLabel},
		{"8859/7 with a byte it does not have", "8859/7", "\xFF\xFC", "ÿü", "ISO-8859-15", RuleFallback},
		{"windows-1252", "windows-1252", "\x80\xFC", "€ü", "windows-1252", RuleLabel},
		{"CP1252", "CP1252", "\x80\xFC", "€ü", "windows-1252", RuleLabel},
		{"code page 850", "CP850", "M\x81ller", "Müller", "IBM850", RuleLabel},
		{"UNICODE UTF-8", "UNICODE UTF-8", "Müller 日本", "Müller 日本", "UTF-8", RuleLabel},
		{"UTF-8", "UTF-8", "Müller", "Müller", "UTF-8", RuleLabel},
		{"UNICODE", "UNICODE", "Müller", "Müller", "UTF-8", RuleLabel},
		{"UTF-8 claimed, one Latin value", "UNICODE UTF-8", "M\xFCller", "Müller", "UTF-8", RuleValues},
		{"first of several is ASCII", "ASCII~8859/1", "M\xFCller", "Müller", "ISO-8859-1", RuleLabel},
		{"first of several is empty", "~8859/2", "\xA3", "Ł", "ISO-8859-2", RuleLabel},
		{"hex escape in the message's set", "8859/15", `\XA4\\XFC\`, "€ü", "ISO-8859-15", RuleASCII},
		{"hex escape in UTF-8", "UNICODE UTF-8", `\XC3BC\\XC3\\XBC\`, "üü", "UTF-8", RuleASCII},
		{"hex escape that is not UTF-8", "UNICODE UTF-8", `\XFC\`, "ü", "UTF-8", RuleASCII},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mustParse(t, "MSH|^~\\&|A||||||ADT^A01|1|P|2.5||||||"+tt.label+"\rPID|1||7||"+tt.value+"\r")
			if got := m.Get("PID-5"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if cs := m.Charset(); cs.Label != tt.label || cs.Used != tt.used || cs.Rule != tt.rule {
				t.Errorf("got %+v, want %s by %q", cs, tt.used, tt.rule)
			}
		})
	}
}

func TestOneLatinValueDoesNotSpoilAUTF8Message(t *testing.T) {
	t.Parallel()
	m := mustParse(t, "MSH|^~\\&|A||||||ADT^A01|1|P|2.5||||||UNICODE UTF-8\rPID|1||7||Jörg^J\xF6rg\r")
	if m.Get("PID-5.1") != "Jörg" || m.Get("PID-5.2") != "Jörg" {
		t.Errorf("got %q and %q", m.Get("PID-5.1"), m.Get("PID-5.2"))
	}
}

func TestUTF16IsConverted(t *testing.T) {
	t.Parallel()
	text := "MSH|^~\\&|KIS||||||ADT^A01|4711|P|2.5||||||UNICODE UTF-16\rPID|1||7||Müller „𝄞“\r"
	for _, tt := range []struct {
		name string
		w    wideOrder
		skip int
	}{{"little endian", little, 0}, {"big endian", big, 0}, {"little endian without mark", little, 2}, {"big endian without mark", big, 2}} {
		raw := widen([]byte(text), tt.w)[tt.skip:]
		m, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := m.Get("PID-5"); got != "Müller „𝄞“" || string(m.Raw()) != string(raw) {
			t.Errorf("%s: got %q", tt.name, got)
		}
		if cs := m.Charset(); cs.Used != "UTF-16" && tt.skip == 0 {
			t.Errorf("%s: got %+v", tt.name, cs)
		}
		h, err := ReadHeader(raw)
		if err != nil || h.ControlID != "4711" {
			t.Errorf("%s: header %v %q", tt.name, err, h.ControlID)
		}
	}
}

func TestEveryNamedLabelIsKnown(t *testing.T) {
	t.Parallel()
	for _, label := range strings.Split("8859/1 8859/2 8859/3 8859/4 8859/5 8859/6 8859/7 8859/8 8859/9 8859/15 UTF-8 UNICODE ISO8859-15 8859-1 ISO-8859-1 iso_8859-1 ISO_IR_100 latin1 windows-1252 CP1252 WIN-1252 ASCII", " ") {
		if known, _ := lookupCharset(label); known == "" {
			t.Errorf("%s is not known", label)
		}
	}
}

func FuzzCharset(f *testing.F) {
	f.Add("8859/15", []byte("M\xFCller \xA4"))
	f.Add("", []byte("Müller"))
	f.Add("UNICODE UTF-8", []byte("M\xFCller\\XC3BC\\"))
	f.Add("ASCII~8859/7", []byte("\xFF\x80"))
	f.Fuzz(func(t *testing.T, label string, value []byte) {
		raw := []byte("MSH|^~\\&|A||||||ADT^A01|1|P|2.5||||||" + label + "\rPID|1||")
		raw = append(raw, value...)
		m, err := Parse(raw)
		if err != nil {
			t.Fatalf("Parse: %v", err)
		}
		cs := m.Charset()
		if cs.Used == "" || cs.Rule == "" {
			t.Fatalf("no charset: %+v", cs)
		}
		for _, s := range m.Segments() {
			if text := s.Field(3).All(); !utf8.ValidString(text) {
				t.Fatalf("text is not UTF-8: %q", text)
			}
		}
	})
}
