package sheet

import (
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
)

func TestACodeIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]Code{
		"NB1|M|4711001|2|88123|A2F0":             {Form: FormMedication, Case: "4711001", Page: 2, Seq: 88123},
		"NB1|L|#3A|1|88123|0F88":                 {Form: FormList, Ward: "3A", Page: 1, Seq: 88123},
		"NB1|E|@k3jq|4|0|D587":                   {Form: FormBlank, Key: "k3jq", Page: 4},
		"NB1|U|%407%7C%25%C3%84|1|1|A539":        {Form: FormOverview, Case: "@7|%Ä", Page: 1, Seq: 1},
		"NB2|F|7K2M9QXTE4|4711001|1|88123|1346":  {Form: FormCurve, Serial: "7K2M9QXTE4", Case: "4711001", Page: 1, Seq: 88123},
		"NB2|N|0000000001|#3A|1|0|0925":          {Form: FormAdmission, Serial: "0000000001", Ward: "3A", Page: 1},
		"NB2|A|ZZZZZZZZZZ||2|0|40C0":             {Form: FormRequest, Serial: "ZZZZZZZZZZ", Page: 2},
		"NB2|Q|7K2M9QXTE4|@k3jqz7|1|88123|4225":  {Form: FormVitals, Serial: "7K2M9QXTE4", Key: "k3jqz7", Page: 1, Seq: 88123},
		"NB2|B|7K2M9QXTE4|%2312%7C3|1|7|DE95":    {Form: FormFinding, Serial: "7K2M9QXTE4", Case: "#12|3", Page: 1, Seq: 7},
		"NB2|V|7K2M9QXTE4|#Kinder%20A|3|12|2564": {Form: FormProgress, Serial: "7K2M9QXTE4", Ward: "Kinder A", Page: 3, Seq: 12},
	} {
		if got := c.String(); got != text {
			t.Errorf("code is %s, want %s", got, text)
		}
		back, err := Parse(c.String())
		if err != nil || back != c {
			t.Errorf("%s read back as %+v, %v", text, back, err)
		}
	}
}

func TestAPatientIsNeverLostToAWard(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Code{
		"NB1|E|4711001|1|0|": {Form: FormBlank, Case: "4711001", Key: "k3jq", Ward: "3A", Page: 1},
		"NB1|E|@k3jq|1|0|":   {Form: FormBlank, Key: "k3jq", Ward: "3A", Page: 1},
	} {
		if got := c.String(); !strings.HasPrefix(got, want) {
			t.Errorf("code is %s, want %s…", got, want)
		}
	}
}

func TestAMisreadCodeIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []Code{
		{Form: FormMedication, Case: "4711001", Page: 2, Seq: 88123},
		{Form: FormCurve, Serial: "7K2M9QXTE4", Case: "4711001", Page: 1, Seq: 88123},
	} {
		good := c.String()
		for i := range good {
			for _, c := range "0X|" {
				bad := good[:i] + string(c) + good[i+1:]
				if bad == good {
					continue
				}
				if _, err := Parse(bad); fault.KindOf(err) != fault.Invalid {
					t.Errorf("%q was accepted", bad)
				}
			}
		}
		if _, err := Parse(good + " "); err == nil {
			t.Error("a code with a blank behind it was accepted")
		}
	}
}

// Each of these has a right check and is still nothing we would print.
func TestACodeWeWouldNotHaveWrittenIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "NB1", "NB3|M|1|1|1", "NB1|M|1|1", "NB1|M|1|01|1", "NB1|M|1|+1|1", "NB1|M|1|-1|1", "NB1|M|1|1|x",
		"NB1||1|1|1", "NB1|MM|1|1|1", "NB1|m|1|1|1", "NB1|M|@|1|1", "NB1|M|#|1|1", "NB1|M|%41|1|1", "NB1|M|%4|1|1", "NB1|M|%zz|1|1", "NB1|M|ä|1|1",
		"NB2|M|1|1|1", "NB2|M||1|1|1", "NB2|M|7K2M9QXTE|1|1|1", "NB2|M|7k2m9qxte4|1|1|1", "NB2|M|7K2M9QXTEO|1|1|1", "NB1|M|7K2M9QXTE4|1|1|1",
	} {
		whole := s + "|" + checkOf(s)
		if _, err := Parse(whole); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q was accepted", whole)
		}
	}
}

func checkOf(s string) string {
	const digits = "0123456789ABCDEF"
	n := crc16(s)
	return string([]byte{digits[n>>12], digits[n>>8&15], digits[n>>4&15], digits[n&15]})
}

func TestTheCheckIsTheCommonCRC16(t *testing.T) {
	t.Parallel()
	if got := crc16("123456789"); got != 0x29b1 {
		t.Errorf("CRC-16 is %04X, want 29B1", got)
	}
}

func TestASerialIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"7K2M0 QXT14", "7k2m0qxt14", " 7K2MO-QXTI4 ", "7k2mo qxtl4"} {
		if s, err := ParseSerial(typed); err != nil || s != "7K2M0QXT14" {
			t.Errorf("%q is %q, %v", typed, s, err)
		}
	}
	for _, typed := range []string{"", "7K2M0QXT1", "7K2M0QXT145", "7K2M0QXTU4", "7K2M0QXTÄ4"} {
		if s, err := ParseSerial(typed); fault.KindOf(err) != fault.Invalid || s != "" {
			t.Errorf("%q is %q, %v", typed, s, err)
		}
	}
}

func TestEachPrintGetsASerialOfItsOwn(t *testing.T) {
	t.Parallel()
	seen, used := map[Serial]bool{}, map[rune]bool{}
	for range 2000 {
		s := NewSerial()
		back, err := ParseSerial(s.Spaced())
		if err != nil || back != s || seen[s] {
			t.Fatalf("serial %q: read back %q, %v, seen before %v", s, back, err, seen[s])
		}
		seen[s] = true
		for _, c := range s {
			used[c] = true
		}
	}
	if len(used) != 32 {
		t.Errorf("%d of 32 letters are used", len(used))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("NB1|M|4711001|2|88123|A2F0", "4711001")
	f.Add("NB2|A|ZZZZZZZZZZ||2|0", "#3A")
	f.Fuzz(func(t *testing.T, read, number string) {
		for _, read := range []string{read, read + "|" + checkOf(read)} {
			if c, err := Parse(read); err == nil && c.String() != read {
				t.Errorf("%q: read as %+v, which is written %q", read, c, c)
			}
		}
		for _, c := range []Code{
			{Form: FormBlank, Case: clinical.CaseNo(number), Page: 1},
			{Form: FormCurve, Serial: NewSerial(), Ward: number, Page: 1},
		} {
			if back, err := Parse(c.String()); err != nil || back != c {
				t.Errorf("%q came back as %+v, %v", number, back, err)
			}
		}
	})
}
