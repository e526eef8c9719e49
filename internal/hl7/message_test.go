package hl7

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// aufnahme is an admission as a German KIS sends it, in ISO-8859-15.
const aufnahme = "MSH|^~\\&|KIS|KLINIKUM|NB|KLINIKUM|202611211204+0100||ADT^A01^ADT_A01|4711|P|2.5|17||AL|NE|DEU|8859/15\r" +
	"EVN|A01|202611211203||NP41I0\r" +
	"PID|1||0000815^^^KIS^PI~A123456780^^^AOK&109519005&IK^NH||von der Heide&von der&Heide^Karl-Otto^J\xF6rg^jun.^^Dr. med.^L||19510403|M|||Am M\xFChlenbach 3^^K\xF6ln^^50667^DE~\"\"||0221\\F\\47 11||\"\"\r" +
	"PV1|1|I|3B^312^2^KLINIKUM||||||||||||||||4711001^^^KIS^VN\r" +
	"ZBE|77^KIS|202611211200||INSERT|N\r" +
	"NTE|1||Kosten 12,50 \xA4\\.br\\n\xFCchtern \\H\\bleiben\\N\\\r" +
	"OBX|1|NM|2823-3^Kalium^LN||5,9|mmol/l\r" +
	"OBX|2|FT|X||Zeile 1\\X0A\\Zeile 2\\XE4\\ C:\\Befunde\\ende\r"

func mustParse(t testing.TB, raw string) *Message {
	t.Helper()
	m, err := Parse([]byte(raw))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return m
}

func TestGetFindsValuesByPath(t *testing.T) {
	t.Parallel()
	m := mustParse(t, aufnahme)
	tests := []struct{ path, want string }{
		{"MSH-1", "|"},
		{"MSH-2", "^~\\&"},
		{"MSH-3", "KIS"},
		{"MSH-9.2", "A01"},
		{"MSH-10", "4711"},
		{"MSH-18", "8859/15"},
		{"PID-3", "0000815"},
		{"PID-3.4", "KIS"},
		{"PID-3(2)", "A123456780"},
		{"PID-3(2).4.1", "AOK"},
		{"PID-3(2).4.2", "109519005"},
		{"PID-3(2).5", "NH"},
		{"PID-3(3)", ""},
		{"PID-5.1", "von der Heide"},
		{"PID-5.1.2", "von der"},
		{"PID-5.1.3", "Heide"},
		{"PID-5.3", "Jörg"},
		{"PID-11.1", "Am Mühlenbach 3"},
		{"PID-11(2)", ""},
		{"PID-13", "0221|47 11"},
		{"PID-15", ""},
		{"PID-99", ""},
		{"PV1-3.2", "312"},
		{"ZBE-4", "INSERT"},
		{"NTE-3", "Kosten 12,50 €\nnüchtern bleiben"},
		{"OBX-3.2", "Kalium"},
		{"OBX[2]-5", "Zeile 1\nZeile 2ä C:\\Befunde\\ende"},
		{"OBX[3]-5", ""},
		{"XYZ-1", ""},
		{"PID", ""}, {"", ""}, {"PID-", ""}, {"PID-0", ""}, {"PID-5.x", ""}, {"PID-3(", ""}, {"PID[0]-3", ""}, {"PID-3.1.1.1", ""},
	}
	for _, tt := range tests {
		if got := m.Get(tt.path); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
		}
	}
}

func TestNullIsNotEmpty(t *testing.T) {
	t.Parallel()
	pid, _ := mustParse(t, aufnahme).Segment("PID")
	if f := pid.Field(15); !f.Null() || f.Empty() || f.Text() != "" {
		t.Errorf("PID-15: null %v empty %v text %q", f.Null(), f.Empty(), f.Text())
	}
	if f := pid.Field(14); f.Null() || !f.Empty() {
		t.Errorf("PID-14: null %v empty %v", f.Null(), f.Empty())
	}
	if r := pid.Field(11).Rep(1); !r.Null() {
		t.Errorf("PID-11(2) is not null")
	}
	odd := mustParse(t, "MSH|^~\\&|A\rPV1|1||^^^|\r")
	pv1, _ := odd.Segment("PV1")
	if !pv1.Field(3).Empty() || !pv1.Field(2).Empty() || pv1.Field(1).Empty() {
		t.Error("only delimiters must be empty")
	}
}

func TestAbsentThingsAreEmptyAndHarmless(t *testing.T) {
	t.Parallel()
	m := mustParse(t, aufnahme)
	s, ok := m.Segment("PD1")
	if ok || s.Exists() || s.Name() != "" || s.Index() != -1 || s.Fields() != 0 || s.Raw() != nil {
		t.Errorf("absent segment: %v %q %d", ok, s.Name(), s.Index())
	}
	if f := s.Field(3); f.Text() != "" || !f.Empty() || f.Null() || f.Reps() != nil || f.Raw() != nil {
		t.Error("absent field says something")
	}
	if got := s.Field(1).Rep(7).Comp(3).Sub(2); got != "" {
		t.Errorf("absent sub: %q", got)
	}
	pid, _ := m.Segment("PID")
	if pid.Field(-1).Text() != "" || pid.Field(0).Text() != "" || pid.Field(3).Rep(-1).Text() != "" || pid.Field(3).Rep(0).Comp(0).Text() != "" {
		t.Error("numbers below the first must be absent")
	}
	if m.At(-1).Exists() || m.At(99).Exists() || m.All("PD1") != nil {
		t.Error("absent segments exist")
	}
}

func TestSegmentsKeepOrderAndNumbers(t *testing.T) {
	t.Parallel()
	m := mustParse(t, aufnahme)
	var names []string
	for i, s := range m.Segments() {
		names = append(names, s.Name())
		if s.Index() != i || m.At(i) != s {
			t.Errorf("segment %d has index %d", i, s.Index())
		}
	}
	if got := strings.Join(names, " "); got != "MSH EVN PID PV1 ZBE NTE OBX OBX" {
		t.Errorf("got %s", got)
	}
	msh := m.At(0)
	if msh.Fields() != 18 || m.At(4).Fields() != 5 {
		t.Errorf("MSH has %d fields, ZBE %d", msh.Fields(), m.At(4).Fields())
	}
	pid := m.At(2)
	if r := pid.Field(3).Reps(); len(r) != 2 || r[1].Comps() != 5 || r[1].Comp(4).Subs() != 3 || r[1].Text() != "A123456780" {
		t.Errorf("PID-3 has %d repetitions", len(r))
	}
	if got := string(pid.Field(5).Rep(0).Comp(1).Raw()); got != "von der Heide&von der&Heide" {
		t.Errorf("raw component %q", got)
	}
	if all := m.All("OBX"); len(all) != 2 || all[1].Field(1).Text() != "2" {
		t.Errorf("got %d OBX", len(all))
	}
}

func TestLineEndsAndNoiseAroundAMessageDoNotMatter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		raw  string
	}{
		{"CR", "MSH|^~\\&|A\rPID|1||7\rPV1|1\r"},
		{"LF", "MSH|^~\\&|A\nPID|1||7\nPV1|1\n"},
		{"CRLF", "MSH|^~\\&|A\r\nPID|1||7\r\nPV1|1\r\n"},
		{"mixed", "MSH|^~\\&|A\nPID|1||7\r\nPV1|1\r"},
		{"no line end at the end", "MSH|^~\\&|A\rPID|1||7\rPV1|1"},
		{"empty lines", "\r\n\r\nMSH|^~\\&|A\r\r\n\nPID|1||7\rPV1|1\r\r"},
		{"UTF-8 mark", "\xEF\xBB\xBFMSH|^~\\&|A\rPID|1||7\rPV1|1\r"},
		{"blanks and frame bytes", " \t\x0BMSH|^~\\&|A\rPID|1||7\rPV1|1\r\x1C\r"},
		{"frame byte before the mark", "\x0B\xEF\xBB\xBFMSH|^~\\&|A\rPID|1||7\rPV1|1\r\x1C\r"},
		{"indented lines", "MSH|^~\\&|A\r\n  PID|1||7\r\n\tPV1|1\r\n"},
		{"other delimiters", "MSH$%~!@$A\rPID$1$$7\rPV1$1\r"},
		{"fifth delimiter", "MSH|^~\\&#|A\rPID|1||7\rPV1|1\r"},
		{"lines before MSH", "Guten Tag,\r\nanbei:\r\n  MSH|^~\\&|A\rPID|1||7\rPV1|1\r"},
		{"short MSH-2", "MSH|^|A\rPID|1||7\rPV1|1\r"},
		{"empty MSH-2", "MSH||A\rPID|1||7\rPV1|1\r"},
		{"doubled backslash in MSH-2", "MSH|^~\\\\&|A\rPID|1||7\rPV1|1\r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mustParse(t, tt.raw)
			if m.Len() != 3 || m.Get("PID-3") != "7" || m.Get("MSH-3") != "A" || m.Get("PV1-1") != "1" {
				t.Errorf("got %d segments, PID-3 %q, MSH-3 %q, PV1-1 %q", m.Len(), m.Get("PID-3"), m.Get("MSH-3"), m.Get("PV1-1"))
			}
			if string(m.Raw()) != tt.raw {
				t.Error("raw bytes changed")
			}
		})
	}
}

func TestALineBreakInsideATextLosesNothing(t *testing.T) {
	t.Parallel()
	m := mustParse(t, "MSH|^~\\&|A\rOBX|1|TX|B||Befund:\nHerz unauffällig.\r\n\r\nKein Erguss|\rOBX|2|TX|B||Ende\r")
	if got, want := m.Get("OBX-5"), "Befund:\nHerz unauffällig.\r\n\r\nKein Erguss"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := m.Get("OBX[2]-5"); got != "Ende" {
		t.Errorf("got %q", got)
	}
	for name, raw := range map[string]string{
		"LF inside CR":   "MSH|^~\\&|A\rOBX|1|TX|B||Befund:\nEKG\rPV2\rNTE|1||x\r",
		"CR inside CR":   "MSH|^~\\&|A\rOBX|1|TX|B||Befund:\rEKG\rCRP\runauffällig\rPV2\rNTE|1||x\r",
		"LF inside CRLF": "MSH|^~\\&|A\r\nOBX|1|TX|B||Befund:\nEKG\r\nPV2\r\nNTE|1||x\r\n",
	} {
		m := mustParse(t, raw)
		if !strings.Contains(m.Get("OBX-5"), "EKG") || m.Len() != 4 || m.Get("NTE-3") != "x" {
			t.Errorf("%s: %d segments, OBX-5 %q", name, m.Len(), m.Get("OBX-5"))
		}
		if s, ok := m.Segment("PV2"); !ok || s.Fields() != 0 {
			t.Errorf("%s: the empty PV2 is gone", name)
		}
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "MSH", "MS", "MSHallo", "MSH |", "PID|1\r", "\x0B\x1C\r", "MSH\r", "\xFF\xFE", "\xEF\xBB\xBF", "MSH\xA7^~\\&", "FHS|^~\\&\rMSH|^~\\&|A\r", "Text\rBHS|^~\\&\rMSH|^~\\&|A\r", strings.Repeat("x\r", maxPreamble) + "MSH|^~\\&|A\r"} {
		if _, err := Parse([]byte(raw)); !errors.Is(err, ErrNoHeader) {
			t.Errorf("%q: got %v", raw, err)
		}
	}
	many := "MSH|^~\\&|A\r" + strings.Repeat("NTE|1\r", MaxSegments)
	if _, err := Parse([]byte(many)); !errors.Is(err, ErrTooManySegments) {
		t.Errorf("got %v", err)
	}
}

func TestEscapesAreReadAndUnknownOnesKept(t *testing.T) {
	t.Parallel()
	tests := []struct{ sent, want string }{
		{`\F\\S\\T\\R\\E\`, `|^&~\`},
		{`\P\`, `#`},
		{`a\.br\b\.BR\c`, "a\nb\nc"},
		{`a\.sp\b\.sp 2\c\.sp+3\d`, "a\nb\n\nc\n\n\nd"},
		{`\.in+4\a\.ti 2\b\.fi\c\.nf\d\.ce\e\.sk 3\f`, "a  bcd\ne   f"},
		{`\.sp 99999999\x`, strings.Repeat("\n", maxSkip) + "x"},
		{`\.sp-5\x`, "x"},
		{`\.qq\x`, `\.qq\x`},
		{`\X41\\X4243\`, "ABC"},
		{`\X4\ \XZZ\ \X\`, `\X4\ \XZZ\ \X\`},
		{`\H\fett\N\`, "fett"},
		{`\C2842\ \M1B2442\ \Zab\N\F\`, `\C2842\ \M1B2442\ \Zab\N|`}, // an end does not open another
		{`C:\Befunde\ende`, `C:\Befunde\ende`},
		{`offen\`, `offen\`},
		{`\\`, `\\`},
		{`a\.br`, `a\.br`},
	}
	for _, tt := range tests {
		m := mustParse(t, "MSH|^~\\&|A\rNTE|1||"+tt.sent+"\r")
		if got := m.Get("NTE-3"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.sent, got, tt.want)
		}
	}
	none := mustParse(t, "MSH|^~|A\rNTE|1||a\\F\\b & c\r")
	if got := none.Get("NTE-3"); got != `a\F\b & c` {
		t.Errorf("without escape character: %q", got)
	}
}

// sampleFiles returns the sample messages beside the repository, or skips.
func sampleFiles(t testing.TB) []string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		base := filepath.Join(dir, "shared", "samples", "hl7v2")
		if _, err := os.Stat(base); err == nil {
			files, err := filepath.Glob(filepath.Join(base, "*", "*.hl7"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no samples in %s", base)
			}
			return files
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no folder shared/samples/hl7v2 beside the repository")
		}
		dir = filepath.Dir(dir)
	}
}

func TestAllSampleFilesAreReadAndKeptByteForByte(t *testing.T) {
	t.Parallel()
	for _, file := range sampleFiles(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(raw)
		messages, info, err := SplitBatch(raw)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		if len(info.Problems) > 0 {
			t.Errorf("%s: %q", filepath.Base(file), info.Problems)
		}
		for _, one := range messages {
			checkSample(t, filepath.Base(file), one)
		}
		if !bytes.Equal(raw, before) {
			t.Errorf("%s: the file's bytes were changed", filepath.Base(file))
		}
	}
}

func checkSample(t *testing.T, file string, raw []byte) {
	t.Helper()
	m, err := Parse(raw)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	h, err := ReadHeader(raw)
	if err != nil || h.Type != m.Get("MSH-9.1") || h.ControlID != m.Get("MSH-10") || h.Version != m.Get("MSH-12") {
		t.Errorf("%s: header %v %q, message %q", file, err, h.ControlID, m.Get("MSH-10"))
	}
	if !bytes.Equal(m.Raw(), raw) {
		t.Errorf("%s: raw bytes changed", file)
	}
	// Fields put together again are the segment.
	for _, s := range m.Segments() {
		joined := []byte(s.Name())
		first := 1
		if s.Name() == "MSH" {
			joined, first = append(joined, m.d.Field), 2
		}
		for n := first; n <= s.Fields(); n++ {
			if n > first || first == 1 {
				joined = append(joined, m.d.Field)
			}
			joined = append(joined, s.Field(n).Raw()...)
		}
		if !bytes.Equal(joined, s.Raw()) {
			t.Errorf("%s: segment %d is not its fields", file, s.Index())
		}
	}
}
