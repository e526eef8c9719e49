package demo

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"

	"notbetrieb/internal/hl7"
)

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"X110411675", "X234567891", "A123456780", "F405001079"} {
		n, err := strconv.Atoi(good[1:9])
		if err != nil {
			t.Fatal(err)
		}
		if got := kvnr(good[0], n); got != good {
			t.Errorf("KVNR %s, want %s", got, good)
		}
	}
	for _, good := range []string{"260326822", "109519005"} {
		n, err := strconv.Atoi(good[:8])
		if err != nil {
			t.Fatal(err)
		}
		if got := ik(n); got != good {
			t.Errorf("IK %s, want %s", got, good)
		}
	}
	seen := map[string]bool{}
	for k := range drugs {
		p := pznOf(k)
		sum := 0
		for i := range 7 {
			sum += (i + 1) * int(p[i]-'0')
		}
		if len(p) != 8 || sum%11 != int(p[7]-'0') || seen[p] {
			t.Errorf("PZN %s of drug %d is wrong or given twice", p, k)
		}
		seen[p] = true
	}
}

func TestWhatTheCharsetOfTheKISCannotHoldIsWrittenAsRealSystemsDo(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, nine, one string }{
		{"Müller-Lüdenscheidt", "M\xFCller-L\xFCdenscheidt", "M\xFCller-L\xFCdenscheidt"},
		{"Weiß", "Wei\xDF", "Wei\xDF"},
		{"Đorđević", "Djordjevic", "Djordjevic"},
		{"Łukasiewicz", "Lukasiewicz", "Lukasiewicz"},
		{"Yılmaz", "Yilmaz", "Yilmaz"},
		{"Şahin", "Sahin", "Sahin"},
		{"Nguyễn", "Nguyen", "Nguyen"},
		{"Živković", "\xB4ivkovic", "Zivkovic"},
		{"5 €", "5 \xA4", "5 EUR"},
		{"½", "?", "\xBD"},
	}
	for _, x := range tests {
		if got := string(encodeLatin([]byte(x.in), true)); got != x.nine {
			t.Errorf("%s in ISO-8859-15: %q, want %q", x.in, got, x.nine)
		}
		if got := string(encodeLatin([]byte(x.in), false)); got != x.one {
			t.Errorf("%s in ISO-8859-1: %q, want %q", x.in, got, x.one)
		}
	}
}

func TestATextWithDelimitersComesBackAsItWas(t *testing.T) {
	t.Parallel()
	const text = "a|b^c&d~e\\f\nnächste Zeile"
	m := &wire{}
	m.b = append(m.b, `MSH|^~\&|X`...)
	m.seg("OBX")
	m.f(5, text, "zweite")
	x, err := hl7.Parse(m.bytes(utf8Set))
	if err != nil {
		t.Fatal(err)
	}
	if got := x.Get("OBX-5"); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
	if got := x.Get("OBX-5.2"); got != "zweite" {
		t.Errorf("got %q", got)
	}
}

// story is what the whole history holds of what a demo must show.
type story struct {
	kinds    map[string]int
	tests    int
	pdfs     int
	nulls    int
	prefix   bool
	critical int
	states   map[string]int // OBX-11 of laboratory
	sameName map[string]bool
}

func readStory(t *testing.T, h *House) story {
	s := story{kinds: map[string]int{}, states: map[string]int{}, sameName: map[string]bool{}}
	known := map[string]bool{}
	for _, r := range h.Mapping().Results {
		known[r.Feed+r.Code] = true
	}
	for m := range h.History(t.Context()) {
		x, err := hl7.Parse(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		s.kinds[x.Get("MSH-9.1")+"^"+x.Get("MSH-9.2")]++
		if x.Get("MSH-11") == "T" {
			s.tests++
			continue
		}
		if pid, ok := x.Segment("PID"); ok && pid.Field(13).Null() {
			s.nulls++
		}
		s.prefix = s.prefix || x.Get("PID-5.1.2") == "von der"
		if x.Get("PID-5.1") == "Müller" && x.Get("PID-5.2") == "Hans" {
			s.sameName[x.Get("PID-3")] = true
		}
		for _, obx := range x.All("OBX") {
			code := obx.Field(3).Comp(1).Text()
			switch {
			case m.Feed == LIS && x.Get("OBR-24") == "LAB":
				s.states[obx.Field(11).Text()]++
				if f := obx.Field(8).Text(); f == "HH" || f == "LL" {
					s.critical++
				}
				if !known[LIS+code] {
					t.Errorf("laboratory code %s is in no mapping", code)
				}
			case m.Feed == PDMS && obx.Field(3).Comp(3).Text() == "PDMS" && !known[PDMS+code]:
				t.Errorf("monitor code %s is in no mapping", code)
			}
			if obx.Field(5).Comp(3).Text() == "pdf" && !obx.Field(5).Comp(5).Empty() {
				s.pdfs++
				checkPDF(t, obx.Field(5).Comp(5).Text())
			}
		}
	}
	return s
}

func checkPDF(t *testing.T, encoded string) {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.LastIndex(b, []byte("startxref\n"))
	if !bytes.HasPrefix(b, []byte("%PDF-1.4")) || i < 0 {
		t.Fatal("a document is no PDF")
	}
	at, err := strconv.Atoi(string(bytes.Fields(b[i+10:])[0]))
	if err != nil || !bytes.HasPrefix(b[at:], []byte("xref\n0 ")) {
		t.Fatal("a PDF does not know where its table is")
	}
	rows := bytes.Split(b[at:], []byte("\n"))[3:]
	for n, row := range rows {
		if !bytes.HasSuffix(row, []byte(" 00000 n ")) {
			break
		}
		pos, err := strconv.Atoi(string(row[:10]))
		if err != nil || !bytes.HasPrefix(b[pos:], []byte(strconv.Itoa(n+1)+" 0 obj")) {
			t.Fatalf("object %d of a PDF is not where its table says", n+1)
		}
	}
}

func TestTheHistoryHoldsWhatADemoMustShow(t *testing.T) {
	t.Parallel()
	s := readStory(t, New(testPlan(1)))
	for _, kind := range strings.Fields(`ADT^A01 ADT^A02 ADT^A03 ADT^A04 ADT^A05 ADT^A06 ADT^A08 ADT^A11 ADT^A12 ADT^A13
		ADT^A21 ADT^A22 ADT^A28 ADT^A31 ADT^A37 ADT^A38 ADT^A40 ADT^A99 BAR^P05 BAR^P12 DFT^P03 MDM^T02 MDM^T06 MDM^T10 MDM^T11
		ORM^O01 OML^O21 ORU^R01 OUL^R22 RDE^O11 RAS^O17 RDS^O13 SIU^S12 SIU^S13 SIU^S14 SIU^S15 SIU^S17 SIU^S26`) {
		if s.kinds[kind] == 0 {
			t.Errorf("no %s", kind)
		}
	}
	total := 0
	for _, n := range s.kinds {
		total += n
	}
	if total < 25_000 || total > 45_000 {
		t.Errorf("%d messages", total)
	}
	for _, state := range []string{"F", "P", "C", "D", "X"} {
		if s.states[state] == 0 {
			t.Errorf("no laboratory value of status %s", state)
		}
	}
	if s.tests < 10 || s.nulls == 0 || !s.prefix || s.critical < 20 || len(s.sameName) < 2 || s.pdfs < 50 {
		t.Errorf("tests %d, nulls %d, von der %v, critical %d, Hans Müller %d, PDF %d", s.tests, s.nulls, s.prefix, s.critical, len(s.sameName), s.pdfs)
	}
}

func TestASmallHouseHasTwoWardsAndItsPatients(t *testing.T) {
	t.Parallel()
	p := testPlan(3)
	p.Small = true
	h := New(p)
	var codes []string
	for _, w := range h.Wards() {
		if w.Kind != Service {
			codes = append(codes, w.Code)
		}
	}
	if !slices.Equal(codes, []string{"ITS", "3A"}) {
		t.Errorf("wards %v", codes)
	}
	s := readStory(t, h)
	c := newCensus(t)
	for m := range h.History(t.Context()) {
		x, err := hl7.Parse(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if m.Feed == KISADT && x.Get("MSH-9.1") == "ADT" && x.Get("MSH-11") == "P" && x.Get("PID-3") != "" {
			c.read(x)
		}
	}
	if n := len(c.at); n < 14 || n > 24 {
		t.Errorf("%d patients", n)
	}
	t.Logf("%d patients, %v", len(c.at), s.kinds)
}

func TestTheIllnessesFitTheirTables(t *testing.T) {
	t.Parallel()
	c := readCases()
	for _, i := range c.ills {
		for name := range i.course {
			_, lab := c.analytes[name]
			if !lab && !slices.Contains([]string{"TEMP", "PULS", "RR", "AF", "SPO2", "NRS", "GEW"}, name) {
				t.Errorf("%s: the course of %s is of nothing that is measured", i.icd, name)
			}
		}
		if c.byWard[i.ward] == nil || i.losLo > i.losHi || i.ageLo > i.ageHi {
			t.Errorf("%s: ward, age or length of stay", i.icd)
		}
	}
	wards := map[string]bool{}
	for _, p := range house {
		wards[p.code] = true
		if p.kind != Emergency && p.kind != Intensive && len(c.byWard[p.code]) == 0 {
			t.Errorf("nobody falls ill for ward %s", p.code)
		}
	}
	for _, g := range guests {
		if !wards[g.ward] {
			t.Errorf("a guest of ward %s, which is none", g.ward)
		}
	}
}
