package pdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/typeface"
)

func face(tb testing.TB) *Font {
	tb.Helper()
	b, err := typeface.TTF(typeface.Regular)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := ParseFont(b)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func write(tb testing.TB, out io.Writer, f *Font, texts ...string) {
	tb.Helper()
	w := NewWriter(out, Info{Title: "Größe", Producer: "Test", Language: "de-DE", Created: time.Date(2026, 11, 21, 5, 38, 0, 0, time.UTC)})
	total := w.Form(20, 6)
	for i, text := range texts {
		p := w.Page(200, 60)
		p.Text(10, 20, f, 12, 0, text)
		p.Place(total, 10, 30)
		p.Box(5, 5, 90, 50, 0.3, 0)
		if err := w.Add(p); err != nil {
			tb.Fatal(err)
		}
		w.Mark(fmt.Sprintf("Seite %d", i+1), i%3 != 0)
	}
	total.Page().Text(0, 5, f, 10, 0, fmt.Sprintf("von %d", w.Pages()))
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
}

func popplerText(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is not installed (poppler-utils)")
		}
		t.Skip("pdftotext is not installed (poppler-utils): the document is not read back")
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, "-enc", "UTF-8", file, "-")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("pdftotext: %v %s", err, stderr.String())
	}
	return string(out)
}

func TestTextComesBackWithEveryGermanAndUnitCharacter(t *testing.T) {
	t.Parallel()
	const all = "äöüÄÖÜßẞ µg ≥ ≤ ↑ ↓ ‼ ° ² ³ ½ – „“ ŁŚŻ ĞŞİı ÇÊÑ"
	var b bytes.Buffer
	write(t, &b, face(t), all, "zwei", "drei", "vier")
	text := popplerText(t, b.Bytes())
	if !strings.Contains(text, all) {
		t.Errorf("read back %q", text)
	}
	if n := strings.Count(text, "von 4"); n != 4 {
		t.Errorf("the form drawn last stands on %d of 4 pages", n)
	}
}

func TestACharacterTheFontLacksIsReadBackAsMissing(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	write(t, &b, face(t), "A漢B")
	if text := popplerText(t, b.Bytes()); !strings.Contains(text, "A\ufffdB") {
		t.Errorf("read back %q", text)
	}
}

// TestTheIndexPointsAtEveryObject reads the cross-reference table as a reader
// does that trusts it.
func TestTheIndexPointsAtEveryObject(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	write(t, &b, face(t), "eins", "zwei", "drei", "vier", "fünf")
	doc := b.Bytes()
	at := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	var start int
	if _, err := fmt.Sscanf(string(doc[bytes.LastIndex(doc, []byte("startxref")):]), "startxref\n%d", &start); err != nil || start != at {
		t.Fatalf("startxref %d, table at %d, %v", start, at, err)
	}
	lines := strings.Split(string(doc[at:]), "\n")
	var n int
	if _, err := fmt.Sscanf(lines[1], "0 %d", &n); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < n; i++ {
		var off int
		if _, err := fmt.Sscanf(lines[2+i], "%d", &off); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%d 0 obj\n", i); !bytes.HasPrefix(doc[off:], []byte(want)) {
			t.Errorf("object %d is not where the index says", i)
		}
	}
}

func TestADocumentIsTheSameEachTimeAndSmall(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	f := face(t)
	write(t, &a, f, "Müller", "Größe")
	write(t, &b, f, "Müller", "Größe")
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two runs differ")
	}
	if a.Len() > 20<<10 {
		t.Errorf("%d bytes: the font was not reduced to what is used", a.Len())
	}
}

func TestADocumentWithoutPagesIsAnError(t *testing.T) {
	t.Parallel()
	if err := NewWriter(io.Discard, Info{}).Close(); err == nil {
		t.Error("no error")
	}
}

func TestFilesThatAreNoFontAreRefused(t *testing.T) {
	t.Parallel()
	whole, err := typeface.TTF(typeface.Regular)
	if err != nil {
		t.Fatal(err)
	}
	cff := append([]byte("OTTO"), whole[4:]...)
	for name, b := range map[string][]byte{"nothing": nil, "text": []byte("no font at all, really"), "CFF outlines": cff, "half a font": whole[:len(whole)/2], "only a head": whole[:12]} {
		if _, err := ParseFont(b); !errors.Is(err, ErrFont) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASubsetIsAFontWithTheSameOutlines(t *testing.T) {
	t.Parallel()
	f := face(t)
	used := map[uint16]rune{}
	for _, r := range "Äẞ½1" {
		used[f.glyph(r)] = r
	}
	sub := f.subset(used)
	back := &Font{tables: map[string][]byte{}}
	n := int(binary.BigEndian.Uint16(sub[4:]))
	for i := range n {
		e := sub[12+16*i:]
		off, size := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
		back.tables[string(e[:4])] = sub[off : off+size]
	}
	back.longLoca = true
	for g := range used {
		if !bytes.HasPrefix(back.outline(g), f.outline(g)) {
			t.Errorf("glyph %d changed", g)
		}
		for _, p := range f.parts(g) {
			if !bytes.HasPrefix(back.outline(p), f.outline(p)) {
				t.Errorf("part %d of glyph %d is missing", p, g)
			}
		}
	}
	if len(sub) > 30<<10 {
		t.Errorf("subset of four characters has %d bytes", len(sub))
	}
}

func FuzzParseFont(f *testing.F) {
	b, err := typeface.TTF(typeface.CondensedRegular)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:4096], uint32(0), byte(0))
	f.Add(b, uint32(5), byte(200))
	f.Add(b, uint32(len(b)/2), byte(255))
	f.Fuzz(func(t *testing.T, data []byte, at uint32, with byte) {
		data = bytes.Clone(data)
		if len(data) > 0 {
			data[int(at)%len(data)] = with
		}
		font, err := ParseFont(data)
		if err != nil {
			return
		}
		w := NewWriter(io.Discard, Info{})
		p := w.Page(100, 100)
		p.Text(1, 1, font, 9, 0, "Hä½ẞ漢")
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNumbersAreShortAndAlwaysNumbers(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{0: "0 ", -0.001: "0 ", 1.005: "1 ", 12.5: "12.5 ", -0.05: "-0.05 ", 841.89: "841.89 ", 3.999: "4 ", math.Inf(1): "0 ", 1e300: "0 "} {
		p := NewWriter(io.Discard, Info{}).Page(1, 1)
		p.num(v)
		if string(p.b) != want {
			t.Errorf("%v is written %q, want %q", v, p.b, want)
		}
	}
	p := NewWriter(io.Discard, Info{}).Page(1, 1)
	if p.num(math.NaN()); string(p.b) != "0 " {
		t.Errorf("NaN is written %q", p.b)
	}
}
