package typeface

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// needed are the characters a German chart is written with, beyond ASCII.
const needed = "äöüÄÖÜßẞéèčćłşšžğñøåµμ°±≤≥≈²³⁹½¼Ω α β γ Δ ‰ € ↑ ↓ → ← ‼ ▲ ▼ △ ● ○ ■ □ ☐ ◆ ✓ ✗ ⚠ ▸ ▾ – — … · • × ÷ − „ “ ” ‚ ‘ ’ « » † \u00a0\u202f\u2009"

func TestEveryFaceHasTheCharactersOfAChart(t *testing.T) {
	t.Parallel()
	for _, face := range Faces() {
		b, err := TTF(face)
		if err != nil {
			t.Fatal(err)
		}
		cmap := runes(t, b)
		for _, r := range needed {
			if cmap[r] == 0 {
				t.Errorf("%s lacks %q (U+%04X)", face, r, r)
			}
		}
	}
}

func TestFiguresAreAsWideAsEachOther(t *testing.T) {
	t.Parallel()
	for _, face := range Faces() {
		b, err := TTF(face)
		if err != nil {
			t.Fatal(err)
		}
		cmap, hmtx := runes(t, b), table(t, b, "hmtx")
		zero := binary.BigEndian.Uint16(hmtx[4*int(cmap['0']):])
		for _, r := range "123456789" {
			if got := binary.BigEndian.Uint16(hmtx[4*int(cmap[r]):]); got != zero {
				t.Errorf("%s: %q is %d wide, 0 is %d", face, r, got, zero)
			}
		}
	}
}

func TestWebFilesAreWOFF2AndLicenceIsThere(t *testing.T) {
	t.Parallel()
	for _, face := range Faces() {
		b, err := WOFF2(face)
		if err != nil || !bytes.HasPrefix(b, []byte("wOF2")) {
			t.Errorf("%s: not a WOFF2 file (%v)", face, err)
		}
	}
	if l, err := Licence(); err != nil || !bytes.Contains(l, []byte("SIL OPEN FONT LICENSE")) {
		t.Errorf("licence: %v", err)
	}
}

// table returns one table of a TrueType file.
func table(t *testing.T, b []byte, tag string) []byte {
	t.Helper()
	n := int(binary.BigEndian.Uint16(b[4:]))
	for i := range n {
		e := b[12+16*i:]
		if string(e[:4]) == tag {
			off, size := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
			return b[off : off+size]
		}
	}
	t.Fatalf("no table %s", tag)
	return nil
}

// runes reads the format 4 character map (OpenType, cmap): rune to glyph.
func runes(t *testing.T, b []byte) map[rune]uint16 {
	t.Helper()
	c := table(t, b, "cmap")
	out := map[rune]uint16{}
	for i := range int(binary.BigEndian.Uint16(c[2:])) {
		s := c[binary.BigEndian.Uint32(c[4+8*i+4:]):]
		if binary.BigEndian.Uint16(s) != 4 {
			continue
		}
		x2 := int(binary.BigEndian.Uint16(s[6:]))
		u16 := func(at int) uint16 { return binary.BigEndian.Uint16(s[at:]) }
		for k := 0; k < x2; k += 2 {
			end, start := u16(14+k), u16(16+x2+k)
			delta, ro := u16(16+2*x2+k), int(u16(16+3*x2+k))
			for r := int(start); r <= int(end) && r != 0xFFFF; r++ {
				g := uint16(r) + delta
				if ro != 0 {
					if g = u16(16 + 3*x2 + k + ro + 2*(r-int(start))); g != 0 {
						g += delta
					}
				}
				out[rune(r)] = g
			}
		}
	}
	return out
}
