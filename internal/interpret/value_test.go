package interpret

import (
	"strings"
	"testing"
)

func num(p *float64) any {
	if p == nil {
		return nil
	}
	return *p
}

func TestNumbersAsGermansAndMachinesWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"5.4": 5.4, "5,4": 5.4, " 12 ": 12.0, "-3": -3.0, "+2,5": 2.5, ".5": 0.5, "1.234,5": 1234.5, "1,234.5": 1234.5,
		"1.234": 1.234, "0": 0.0, "": nil, "-": nil, "1-2": nil, "neg.": nil, "1e5": nil, "1,2,3": nil, "12 mg": nil,
		"0x10": nil, "Inf": nil, "１２": nil, strings.Repeat("9", 40): nil,
	} {
		if got := num(parseNumber(text)); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestComparatorsStayApartFromTheNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		comparator string
		number     any
	}{
		"<0,1": {"<", 0.1}, "> 100": {">", 100.0}, "≤5": {"<=", 5.0}, ">= 3.2": {">=", 3.2}, "=<4": {"<=", 4.0},
		"<LOD": {"", nil}, "<": {"", nil}, "5": {"", 5.0},
	} {
		if m := numeric(text); m.comparator != want.comparator || num(m.number) != want.number || m.text != text {
			t.Errorf("%q: got %q %v, want %q %v", text, m.comparator, num(m.number), want.comparator, want.number)
		}
	}
}

func TestReferenceRangesInTheFormsOfTheField(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]any{
		"3,5-5,1":                 {3.5, 5.1},
		"3.5 - 5.1":               {3.5, 5.1},
		"3,5–5,1":                 {3.5, 5.1},
		"3,5 bis 5,1 mmol/l":      {3.5, 5.1},
		"[3.5;5.1]":               {3.5, 5.1},
		"(M) 14-18":               {14.0, 18.0},
		"Frauen: 12,0 - 16,0":     {12.0, 16.0},
		"-2 - 3":                  {-2.0, 3.0},
		"-3--1":                   {-3.0, -1.0},
		"<5,0":                    {nil, 5.0},
		"≤ 5":                     {nil, 5.0},
		"bis 35":                  {nil, 35.0},
		"bis 35 U/l":              {nil, 35.0},
		"unter 1,2":               {nil, 1.2},
		"> 60":                    {60.0, nil},
		"> 60 ml/min/1,73 m²":     {60.0, nil},
		"ab 12":                   {12.0, nil},
		"4,0-10,0 10*9/l":         {4.0, 10.0},
		"":                        {nil, nil},
		"negativ":                 {nil, nil},
		"5,1-3,5":                 {nil, nil}, // upside down: not a range we understand
		"3,5-5,1 / 4,0-6,0":       {nil, nil},
		"M 14-18 W 12-16":         {nil, nil},
		"14-18 12-16":             {nil, nil},
		"(2-3) 4-5":               {nil, nil},
		"siehe Befund":            {nil, nil},
		"1:80":                    {nil, nil},
		strings.Repeat("1-2", 40): {nil, nil},
	} {
		low, high := reference(text)
		if num(low) != want[0] || num(high) != want[1] {
			t.Errorf("%q: got %v to %v, want %v to %v", text, num(low), num(high), want[0], want[1])
		}
	}
}

func TestDosingSchemes(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	for text, want := range map[string]string{
		"1-0-1-0": "1-0-1-0 08:00, 18:00", "1-0-1": "1-0-1 08:00, 18:00", "0-0-0-1": "0-0-0-1 22:00",
		"½-0-½": "½-0-½ 08:00, 18:00", "0,5 - 0 - 0,5 - 1": "0,5-0-0,5-1 08:00, 18:00, 22:00", "1/2-1-0": "1/2-1-0 08:00, 12:00",
		"0-0-0-0": "0-0-0-0 ", "1-0": "", "1-0-1-0-1": "", "20260101": "", "a-b-c": "", "--": "", "BID": "", "1-,-1": "",
	} {
		scheme, times, ok := s.scheme(text)
		got := ""
		if ok {
			got = scheme + " " + clocks(times)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFrequencyCodesInTheirSpellings(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	for _, text := range []string{"2 x tgl.", "2xtgl", "2X täglich", "2 mal taeglich", "2×TGL"} {
		if _, ok := s.frequencies[frequencyKey(text)]; !ok {
			t.Errorf("%q is not known", text)
		}
	}
	for text, want := range map[string]int{"Q6H": 6, "Q12H": 12, "QH": 1, "Q30M": 0, "Q2D": 0, "Q1J2": 0} {
		if hours, ok := every(text); !ok || hours != want {
			t.Errorf("%q: got %d %v", text, hours, ok)
		}
	}
	for _, text := range []string{"BID", "Q", "QX", "6H", "Q6"} {
		if _, ok := every(text); ok {
			t.Errorf("%q was taken for an interval", text)
		}
	}
}

func TestDocumentsWithoutXMLMannersGiveTheirWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"breaks off":       {"<ClinicalDocument><title>Brief</title><text>Gut <b>erhol", "Brief\nGut erhol"},
		"Latin-1":          {"<?xml version='1.0' encoding='ISO-8859-1'?><d><text>Gr\xf6\xdfe</text></d>", "Größe"},
		"unknown encoding": {"<?xml version='1.0' encoding='x-mine'?><d><text>Text</text></d>", ""},
		"unclosed tags":    {"<d><text>eins<br>zwei</text><text>drei</text></d>", "eins\nzwei\ndrei"},
		"no words":         {"<d><code code='1'/></d>", ""},
		"entities":         {"<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><d><text>a &x; b&nbsp;c</text></d>", "a &x; b c"},
	} {
		if got, _ := cdaText([]byte(c.in)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	deep := strings.Repeat("<a>", 100_000) + "<text>x</text>"
	if got, _ := cdaText([]byte(deep)); got != "" {
		t.Error("words from below the depth limit")
	}
	long := "<d><text>" + strings.Repeat("Wort ", maxWords) + "</text></d>"
	if got, _ := cdaText([]byte(long)); len(got) > maxWords+100 {
		t.Errorf("%d bytes taken, limit %d", len(got), maxWords)
	}
	if got, _ := markupText([]byte("<html><head><title>x</title></head><body><p>Befund<br>o. B.<script>weg()</script></body>")); got != "Befund\no. B." {
		t.Errorf("HTML: %q", got)
	}
}
