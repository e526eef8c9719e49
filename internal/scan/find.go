package scan

import (
	"cmp"
	"image"
	"slices"
)

// level is a page at one resolution. A page of any format is taken for A4 when
// millimetres are meant; the search allows for two thirds to one and a half of
// every length.
type level struct {
	w, h  int
	pix   []uint8
	scale float64 // pixels of the level per pixel of the page
	mm    float64 // pixels per millimetre, if the page is A4
}

// shrunk returns the page with its longer side no longer than about most, each
// pixel the mean of a square of the page. A page that is small enough is used as
// it is.
func shrunk(page *image.Gray, most int) *level {
	b := page.Rect
	f := max(1, (max(b.Dx(), b.Dy())+most/2)/most)
	l := &level{w: b.Dx() / f, h: b.Dy() / f, scale: 1 / float64(f)}
	l.mm = float64(max(l.w, l.h)) / 297
	l.pix = make([]uint8, l.w*l.h)
	sums := make([]uint32, l.w)
	for y := range l.h {
		out := l.pix[y*l.w : (y+1)*l.w]
		if f == 1 {
			copy(out, page.Pix[y*page.Stride:])
			continue
		}
		clear(sums)
		for dy := range f {
			row := page.Pix[(y*f+dy)*page.Stride:]
			for x := range sums {
				for _, v := range row[x*f : x*f+f] {
					sums[x] += uint32(v)
				}
			}
		}
		for x, s := range sums {
			out[x] = uint8(s / uint32(f*f))
		}
	}
	return l
}

// spot is a place on the page in parts of its width and height.
type spot struct{ x, y float64 }

const (
	mostSpots = 40 // places of a page that are looked at closely
	cell      = 8  // pixels: 1.4 mm at 150 dpi
	window    = 6  // cells: about 8 mm, which fits into every code
)

// busySpots returns the places that look like the inside of a DataMatrix: many
// edges in both directions and no gap in between, as a line of text would have.
// The busiest comes first.
func busySpots(l *level) []spot {
	cols, rows := l.w/cell, l.h/cell
	busy := make([]int32, cols*rows)
	for cy := range rows {
		for cx := range cols {
			busy[cy*cols+cx] = l.edges(cx*cell, cy*cell)
		}
	}
	type scored struct {
		x, y  int
		score int32
	}
	var all []scored
	var in [window * window]int32
	for y := 0; y+window <= rows; y++ {
		for x := 0; x+window <= cols; x++ {
			if busy[(y+window/2)*cols+x+window/2] < cell*cell*6 {
				continue // less than 6 of 255 grey levels between neighbours
			}
			for j := range window {
				copy(in[j*window:], busy[(y+j)*cols+x:(y+j)*cols+x+window])
			}
			slices.Sort(in[:])
			if s := in[len(in)/5]; s >= cell*cell*4 {
				all = append(all, scored{x, y, s})
			}
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
	})
	var best []scored
	for _, s := range all {
		near := func(o scored) bool { return max(s.x-o.x, o.x-s.x) < window-1 && max(s.y-o.y, o.y-s.y) < window-1 }
		if slices.ContainsFunc(best, near) {
			continue
		}
		if best = append(best, s); len(best) == mostSpots {
			break
		}
	}
	out := make([]spot, len(best))
	for i, s := range best {
		out[i] = spot{(float64(s.x) + window/2) * cell / float64(l.w), (float64(s.y) + window/2) * cell / float64(l.h)}
	}
	return out
}

// edges is how much the grey changes within a cell, in that direction in which
// it changes less.
func (l *level) edges(x0, y0 int) int32 {
	var across, down int32
	for y := y0; y < y0+cell; y++ {
		row := l.pix[y*l.w:]
		next := l.pix[min(y+2, l.h-1)*l.w:]
		for x := x0; x < x0+cell; x++ {
			v := int32(row[x])
			a, d := v-int32(row[min(x+2, l.w-1)]), v-int32(next[x])
			across += max(a, -a)
			down += max(d, -d)
		}
	}
	return min(across, down)
}
