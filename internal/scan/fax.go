package scan

import (
	"errors"
	"image"
	"math/bits"
)

// fax is a picture coded as by fax machines and black-and-white scanners: ITU-T
// T.4 (group 3, in one or two dimensions) or T.6 (group 4).
type fax struct {
	w, h    int
	k       int  // as in PDF: below 0 group 4, 0 group 3 in one dimension, above 0 in two
	aligned bool // each row begins with a byte
	plain   bool // no ends of line at all (TIFF compression 2)
	reverse bool // the first bit of a byte is the lowest
}

var errFax = errors.New("fax: damaged rows or an early end")

// decode returns the picture, black on white. A damaged row of group 3 is left
// as the row above it and reading goes on at the next end of line, as a fax
// machine does; group 4 ends there. What is missing stays white, and the error
// says that something is.
func (f fax) decode(data []byte) (*image.Gray, error) {
	g := image.NewGray(image.Rect(0, 0, f.w, f.h))
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	r := &bitReader{data: data, reverse: f.reverse}
	above := []int{f.w} // where the colour changes, from white at the left
	lines := false      // rows begin with ends of line
	var problem error
	for y := 0; y < f.h; y++ {
		flat, ends := f.k == 0, 0
		switch {
		case f.k < 0 || f.plain:
			if f.aligned {
				r.align()
			}
			if r.endOfBlock() || r.done() {
				return g, missing(y, f.h, problem)
			}
		default:
			next := func() {
				for r.endOfLine() {
					if ends++; f.k > 0 {
						flat = r.take(1) == 1
					}
				}
			}
			if next(); ends == 0 && lines { // the row before was damaged and seemed to end early
				problem = errFax
				r.toEndOfLine()
				next()
			}
			lines = ends > 0
			if ends == 0 && f.aligned {
				r.align()
			}
			if ends == 0 && f.k > 0 {
				flat = r.take(1) == 1
			}
			if ends >= 2 && y > 0 || r.done() {
				return g, missing(y, f.h, problem)
			}
		}
		row, ok := f.row(r, above, flat)
		if !ok {
			problem = errFax
			if f.k < 0 || f.plain {
				return g, problem
			}
			row = above
			if !r.toEndOfLine() {
				return g, problem
			}
		}
		drawRow(g, y, row)
		above = row
	}
	return g, problem
}

func missing(y, h int, problem error) error {
	if problem == nil && y < h {
		return errFax
	}
	return problem
}

// drawRow draws a row from its changes of colour.
func drawRow(g *image.Gray, y int, row []int) {
	line := g.Pix[y*g.Stride : y*g.Stride+g.Rect.Dx()]
	for i := 0; i < len(row); i += 2 {
		to := len(line)
		if i+1 < len(row) {
			to = row[i+1]
		}
		clear(line[min(row[i], len(line)):min(to, len(line))])
	}
}

// row reads one row as its changes of colour.
func (f fax) row(r *bitReader, above []int, flat bool) ([]int, bool) {
	books := faxCodes()
	var out []int
	at, black := 0, 0
	run := func() bool {
		n := r.run(books.run[black])
		if n < 0 || at+n > f.w {
			return false
		}
		at += n
		out = append(out, at)
		black ^= 1
		return true
	}
	start := true // the imaginary pixel before the first
	for at < f.w {
		if len(out) > 2*f.w {
			return nil, false // runs of nothing without end
		}
		if flat {
			if !run() {
				return nil, false
			}
			continue
		}
		b1, b2 := f.changes(above, at, black, start)
		start = false
		switch m := r.code(books.mode); m {
		case -1:
			return nil, false
		case modePass:
			at = b2
		case modeHorizontal:
			if !run() || !run() {
				return nil, false
			}
		default:
			to := b1 + m - modeV0
			if to < at || to > f.w {
				return nil, false
			}
			at = to
			out = append(out, at)
			black ^= 1
		}
	}
	// Runs of nothing are no changes.
	kept := out[:0]
	for _, x := range out {
		if n := len(kept); n > 0 && kept[n-1] == x {
			kept = kept[:n-1]
		} else {
			kept = append(kept, x)
		}
	}
	return kept, true
}

// changes returns the first change on the row above to the right of at that
// begins the other colour, and the one after it (T.4, 4.2.1).
func (f fax) changes(above []int, at, black int, start bool) (b1, b2 int) {
	i := black
	for i < len(above) && (above[i] < at || above[i] == at && !start) {
		i += 2
	}
	b1, b2 = f.w, f.w
	if i < len(above) {
		b1 = above[i]
	}
	if i+1 < len(above) {
		b2 = above[i+1]
	}
	return b1, b2
}

// bitReader gives the bits of a stream; after its end there are zeros.
type bitReader struct {
	data    []byte
	at      int // in bits
	reverse bool
}

func (r *bitReader) done() bool { return r.at >= 8*len(r.data) }

func (r *bitReader) align() { r.at = (r.at + 7) &^ 7 }

func (r *bitReader) bit(at int) int {
	if at>>3 >= len(r.data) {
		return 0
	}
	b := r.data[at>>3]
	if r.reverse {
		b = bits.Reverse8(b)
	}
	return int(b>>(7-at&7)) & 1
}

func (r *bitReader) take(n int) int {
	v := 0
	for range n {
		v = v<<1 | r.bit(r.at)
		r.at++
	}
	return v
}

// code reads one code of a book, or -1 and nothing.
func (r *bitReader) code(b *codeBook) int {
	v := 0
	for n := 1; n <= longestCode; n++ {
		v = v<<1 | r.bit(r.at+n-1)
		if c := b[n][v]; c >= 0 {
			if r.at += n; r.at > 8*len(r.data) {
				return -1
			}
			return int(c)
		}
	}
	return -1
}

// run reads a whole run: any number of multiples of 64, then the rest.
func (r *bitReader) run(b *codeBook) int {
	sum := 0
	for {
		n := r.code(b)
		if n < 0 || sum > 1<<20 {
			return -1
		}
		if sum += n; n < 64 {
			return sum
		}
	}
}

// endOfLine passes over an end of line (eleven zeros or more, then a one), if
// one is next.
func (r *bitReader) endOfLine() bool {
	n := 0
	for r.bit(r.at+n) == 0 && r.at+n < 8*len(r.data) {
		n++
	}
	if n < 11 || r.at+n >= 8*len(r.data) {
		return false
	}
	r.at += n + 1
	return true
}

// endOfBlock reports whether the two ends of line are next that end group 4.
func (r *bitReader) endOfBlock() bool {
	was := r.at
	end := r.take(12) == 1 && r.take(12) == 1
	if !end {
		r.at = was
	}
	return end
}

// toEndOfLine goes to the next end of line, so that it is next, or to the end
// of the data.
func (r *bitReader) toEndOfLine() bool {
	zeros := 0
	for ; !r.done(); r.at++ {
		if r.bit(r.at) == 1 {
			if zeros >= 11 {
				r.at -= zeros
				return true
			}
			zeros = -1
		}
		zeros++
	}
	return false
}
