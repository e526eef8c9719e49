package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
)

// ErrFont reports a font file that this package cannot embed.
var ErrFont = errors.New("font not usable")

// A Font is a parsed TrueType font. It is immutable and may be shared by any
// number of documents drawn at the same time.
type Font struct {
	tables    map[string][]byte
	upem      float64
	glyphs    int
	longLoca  bool
	widths    []uint16 // advance by glyph, in font units
	runes     map[rune]uint16
	latin     [0x250]uint16 // the same for the characters most texts are made of
	ascent    int           // 1/1000 em, as are the following
	descent   int
	capHeight int
	bbox      [4]int
	bold      bool
}

// ParseFont reads a TrueType font with glyf outlines (OpenType "Data Types",
// "The OpenType Font File"). Fonts with CFF outlines are refused.
func ParseFont(ttf []byte) (*Font, error) {
	f := &Font{tables: map[string][]byte{}, runes: map[rune]uint16{}}
	if err := f.directory(ttf); err != nil {
		return nil, err
	}
	if err := f.metrics(); err != nil {
		return nil, err
	}
	if err := f.charmap(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Font) directory(b []byte) error {
	if len(b) < 12 {
		return fmt.Errorf("%w: too short", ErrFont)
	}
	if v := binary.BigEndian.Uint32(b); v != 0x00010000 && v != 0x74727565 {
		return fmt.Errorf("%w: no TrueType outlines", ErrFont)
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if len(b) < 12+16*n {
		return fmt.Errorf("%w: table directory cut off", ErrFont)
	}
	for i := range n {
		e := b[12+16*i:]
		off, size := uint64(binary.BigEndian.Uint32(e[8:])), uint64(binary.BigEndian.Uint32(e[12:]))
		if off+size > uint64(len(b)) {
			return fmt.Errorf("%w: table cut off", ErrFont)
		}
		f.tables[string(e[:4])] = b[off : off+size]
	}
	for tag, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 1, "cmap": 4} {
		if len(f.tables[tag]) < least {
			return fmt.Errorf("%w: table %s missing", ErrFont, tag)
		}
	}
	return nil
}

func (f *Font) metrics() error {
	head, hhea, hmtx := f.tables["head"], f.tables["hhea"], f.tables["hmtx"]
	f.upem = float64(binary.BigEndian.Uint16(head[18:]))
	f.glyphs = int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
	f.longLoca = binary.BigEndian.Uint16(head[50:]) == 1
	f.bold = binary.BigEndian.Uint16(head[44:])&1 != 0
	long := int(binary.BigEndian.Uint16(hhea[34:]))
	width := 2
	if f.longLoca {
		width = 4
	}
	if f.upem == 0 || f.glyphs == 0 || long == 0 || len(hmtx) < 4*long+2*max(0, f.glyphs-long) || len(f.tables["loca"]) < width*(f.glyphs+1) {
		return fmt.Errorf("%w: metrics contradict", ErrFont)
	}
	f.widths = make([]uint16, f.glyphs)
	for i := range f.widths {
		f.widths[i] = binary.BigEndian.Uint16(hmtx[4*min(i, long-1):])
	}
	f.ascent = f.milli(int16(binary.BigEndian.Uint16(hhea[4:])))
	f.descent = f.milli(int16(binary.BigEndian.Uint16(hhea[6:])))
	for i := range f.bbox {
		f.bbox[i] = f.milli(int16(binary.BigEndian.Uint16(head[36+2*i:])))
	}
	f.capHeight = 700
	if os2 := f.tables["OS/2"]; len(os2) >= 90 && binary.BigEndian.Uint16(os2) >= 2 {
		f.capHeight = f.milli(int16(binary.BigEndian.Uint16(os2[88:])))
	}
	return nil
}

// milli converts font units to thousandths of an em.
func (f *Font) milli(v int16) int { return int(float64(v) * 1000 / f.upem) }

func (f *Font) charmap() error {
	cmap := f.tables["cmap"]
	var best []byte
	rank := 0
	for i := range int(binary.BigEndian.Uint16(cmap[2:])) {
		if len(cmap) < 12+8*i {
			break
		}
		e := cmap[4+8*i:]
		off := uint64(binary.BigEndian.Uint32(e[4:]))
		if off+8 > uint64(len(cmap)) {
			continue
		}
		sub := cmap[off:]
		r := 0
		switch binary.BigEndian.Uint16(sub) {
		case 4:
			r = 1
		case 12:
			r = 2
		}
		if platform := binary.BigEndian.Uint16(e); platform != 0 && platform != 3 {
			r = 0
		}
		if r > rank {
			best, rank = sub, r
		}
	}
	switch rank {
	case 1:
		f.segments(best)
	case 2:
		f.groups(best)
	default:
		return fmt.Errorf("%w: no Unicode character map", ErrFont)
	}
	for r := range f.latin {
		f.latin[r] = f.runes[rune(r)]
	}
	return nil
}

// segments reads a cmap subtable of format 4.
func (f *Font) segments(b []byte) {
	n := int(binary.BigEndian.Uint16(b[6:])) / 2
	if len(b) < 16+8*n {
		return
	}
	left := 1 << 17 // characters looked at: segments of a broken font may overlap
	at := func(block, i int) int { return int(binary.BigEndian.Uint16(b[14+2*n*block+2*i+min(block, 1)*2:])) }
	for i := range n {
		end, start, delta, offset := at(0, i), at(1, i), at(2, i), at(3, i)
		for c := start; c <= end && c != 0xffff && left > 0; c++ {
			left--
			g := (c + delta) & 0xffff
			if offset != 0 {
				p := 16 + 6*n + 2*i + offset + 2*(c-start)
				if p+2 > len(b) {
					continue
				}
				if g = int(binary.BigEndian.Uint16(b[p:])); g != 0 {
					g = (g + delta) & 0xffff
				}
			}
			if g != 0 && g < f.glyphs {
				f.runes[rune(c)] = uint16(g)
			}
		}
	}
}

// groups reads a cmap subtable of format 12.
func (f *Font) groups(b []byte) {
	if len(b) < 16 {
		return
	}
	n := int(binary.BigEndian.Uint32(b[12:]))
	for i := range min(n, (len(b)-16)/12) {
		e := b[16+12*i:]
		start, end, g := binary.BigEndian.Uint32(e), binary.BigEndian.Uint32(e[4:]), binary.BigEndian.Uint32(e[8:])
		for c := start; c <= end && c <= 0x10ffff && int(g+c-start) < f.glyphs; c++ {
			f.runes[rune(c)] = uint16(g + c - start)
		}
	}
}

// glyph returns the glyph of r, 0 if the font has none.
func (f *Font) glyph(r rune) uint16 {
	if r >= 0 && int(r) < len(f.latin) {
		return f.latin[r]
	}
	return f.runes[r]
}

// Has reports whether the font has a glyph for r.
func (f *Font) Has(r rune) bool { return f.glyph(r) != 0 }

// Width returns the width of s in millimetres at size points.
func (f *Font) Width(s string, size float64) float64 {
	var sum int
	for _, r := range s {
		sum += int(f.widths[f.glyph(r)])
	}
	return float64(sum) / f.upem * size * mmPerPoint
}

// outline returns the glyf bytes of glyph g, nil if it has no outline.
func (f *Font) outline(g uint16) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to uint32
	if f.longLoca {
		from, to = binary.BigEndian.Uint32(loca[4*int(g):]), binary.BigEndian.Uint32(loca[4*int(g)+4:])
	} else {
		from, to = 2*uint32(binary.BigEndian.Uint16(loca[2*int(g):])), 2*uint32(binary.BigEndian.Uint16(loca[2*int(g)+2:]))
	}
	if from >= to || int(to) > len(glyf) {
		return nil
	}
	return glyf[from:to]
}

// parts returns the glyphs a composite glyph is made of (OpenType, glyf,
// "Composite Glyph Description").
func (f *Font) parts(g uint16) []uint16 {
	b := f.outline(g)
	if len(b) < 10 || int16(binary.BigEndian.Uint16(b)) >= 0 {
		return nil
	}
	var out []uint16
	for b = b[10:]; len(b) >= 4; {
		flags := binary.BigEndian.Uint16(b)
		if p := binary.BigEndian.Uint16(b[2:]); int(p) < f.glyphs {
			out = append(out, p)
		}
		step := 6
		if flags&1 != 0 { // arguments are words
			step = 8
		}
		switch {
		case flags&0x08 != 0: // one scale
			step += 2
		case flags&0x40 != 0: // two scales
			step += 4
		case flags&0x80 != 0: // matrix
			step += 8
		}
		if flags&0x20 == 0 || len(b) < step { // no more components
			break
		}
		b = b[step:]
	}
	return out
}

// subset returns a font file that holds the outlines of the used glyphs and of
// those they are made of. Glyph numbers stay as they are, so that text written
// before the set was complete stays right.
func (f *Font) subset(used map[uint16]rune) []byte {
	keep := map[uint16]bool{0: true}
	var add func(g uint16)
	add = func(g uint16) {
		if keep[g] {
			return
		}
		keep[g] = true
		for _, p := range f.parts(g) {
			add(p)
		}
	}
	last := uint16(0)
	for g := range used {
		add(g)
	}
	for g := range keep {
		last = max(last, g)
	}
	n := int(last) + 1
	loca, hmtx := make([]byte, 4*(n+1)), make([]byte, 4*n)
	var glyf []byte
	for g := range n {
		binary.BigEndian.PutUint32(loca[4*g:], uint32(len(glyf)))
		binary.BigEndian.PutUint16(hmtx[4*g:], f.widths[g])
		if !keep[uint16(g)] {
			continue
		}
		o := f.outline(uint16(g))
		if len(o) >= 10 {
			copy(hmtx[4*g+2:], f.sideBearing(g))
		}
		glyf = append(glyf, o...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	binary.BigEndian.PutUint32(loca[4*n:], uint32(len(glyf)))
	head := append([]byte(nil), f.tables["head"]...)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint32(head[8:], 0)
	hhea := append([]byte(nil), f.tables["hhea"]...)
	binary.BigEndian.PutUint16(hhea[34:], uint16(n))
	maxp := append([]byte(nil), f.tables["maxp"]...)
	binary.BigEndian.PutUint16(maxp[4:], uint16(n))
	out := map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "loca": loca, "glyf": glyf}
	for _, tag := range []string{"cvt ", "fpgm", "prep"} {
		if t := f.tables[tag]; len(t) > 0 {
			out[tag] = t
		}
	}
	return assemble(out)
}

// sideBearing returns the two bytes of glyph g's left side bearing.
func (f *Font) sideBearing(g int) []byte {
	hmtx, long := f.tables["hmtx"], int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	if g < long {
		return hmtx[4*g+2 : 4*g+4]
	}
	p := 4*long + 2*(g-long)
	return hmtx[p : p+2]
}

// assemble builds a font file from tables, in tag order.
func assemble(tables map[string][]byte) []byte {
	tags := make([]string, 0, len(tables))
	for t := range tables {
		tags = append(tags, t)
	}
	sort.Strings(tags)
	n := len(tags)
	shift := 0
	for 1<<(shift+1) <= n {
		shift++
	}
	b := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 << shift, shift, 16*n - 16<<shift} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	off := 12 + 16*n
	for _, t := range tags {
		b = append(b, t...)
		b = binary.BigEndian.AppendUint32(b, checksum(tables[t]))
		b = binary.BigEndian.AppendUint32(b, uint32(off))
		b = binary.BigEndian.AppendUint32(b, uint32(len(tables[t])))
		off += (len(tables[t]) + 3) &^ 3
	}
	for _, t := range tags {
		b = append(b, tables[t]...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	return b
}

func checksum(b []byte) uint32 {
	var sum uint32
	for i := 0; i < len(b); i += 4 {
		var w [4]byte
		copy(w[:], b[i:])
		sum += binary.BigEndian.Uint32(w[:])
	}
	return sum
}
