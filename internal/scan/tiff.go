package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"

	"github.com/hhrutter/tiff"
)

// directory is one page of a TIFF: where it begins, and its numbers by tag.
type directory struct {
	offset int64
	tags   map[uint16][]uint32
}

// The tags that are needed here (TIFF 6.0, section 8 and 11).
const (
	tagSubfile     = 0x00fe // bit 0: a thumbnail
	tagWidth       = 0x0100
	tagHeight      = 0x0101
	tagCompression = 0x0103
	tagPhotometric = 0x0106 // 0: white is zero
	tagFillOrder   = 0x010a // 2: the lowest bit of a byte comes first
	tagOffsets     = 0x0111
	tagOrientation = 0x0112
	tagStripRows   = 0x0116
	tagCounts      = 0x0117
	tagT4Options   = 0x0124 // bit 0: in two dimensions
)

// number is the first value of a tag, or what it is without one.
func (d directory) number(tag uint16, without int) int {
	if v := d.tags[tag]; len(v) > 0 {
		return int(v[0])
	}
	return without
}

var errTIFF = errors.New("tiff: directory outside the file or in a circle")

// directories walks the pages of a TIFF (TIFF 6.0, section 2), at most a number
// of them. Those before an error are returned with it.
func directories(file []byte, most int) ([]directory, error) {
	if len(file) < 8 {
		return nil, errTIFF
	}
	var order binary.ByteOrder = binary.LittleEndian
	if file[0] == 'M' {
		order = binary.BigEndian
	}
	var out []directory
	seen := map[uint32]bool{}
	for at := order.Uint32(file[4:]); at != 0 && len(out) < most; {
		if seen[at] || int64(at)+2 > int64(len(file)) {
			return out, errTIFF
		}
		seen[at] = true
		n := int64(order.Uint16(file[at:]))
		end := int64(at) + 2 + 12*n
		if end+4 > int64(len(file)) {
			return out, errTIFF
		}
		d := directory{offset: int64(at), tags: map[uint16][]uint32{}}
		for e := file[at+2 : end]; len(e) > 0; e = e[12:] {
			d.tags[order.Uint16(e)] = numbers(file, e[:12], order)
		}
		out = append(out, d)
		at = order.Uint32(file[end:])
	}
	return out, nil
}

// numbers are the values of an entry of type SHORT or LONG, none of others.
func numbers(file, entry []byte, order binary.ByteOrder) []uint32 {
	kind, n := order.Uint16(entry[2:]), int64(order.Uint32(entry[4:]))
	size := map[uint16]int64{3: 2, 4: 4}[kind]
	if size == 0 || n > 1<<16 {
		return nil
	}
	values := entry[8:]
	if n*size > 4 {
		at := int64(order.Uint32(entry[8:]))
		if at+n*size > int64(len(file)) {
			return nil
		}
		values = file[at:]
	}
	out := make([]uint32, n)
	for i := range out {
		if size == 2 {
			out[i] = uint32(order.Uint16(values[2*i:]))
		} else {
			out[i] = order.Uint32(values[4*i:])
		}
	}
	return out
}

func tiffPages(ctx context.Context, file []byte, l Limits, yield func(Page, error) bool) error {
	dirs, broken := directories(file, l.Pages+1)
	if len(dirs) > l.Pages {
		return tooMany(len(dirs))
	}
	number := 0
	for _, d := range dirs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.number(tagSubfile, 0)&1 != 0 && len(dirs) > 1 {
			continue
		}
		number++
		p := Page{Number: number}
		p.Image, p.Problem = tiffPage(file, d, l)
		if p.Image != nil {
			p.Image = upright(p.Image, d.number(tagOrientation, 1))
		}
		if !yield(p, nil) {
			return nil
		}
	}
	if broken != nil {
		yield(Page{Number: number + 1, Problem: damaged(broken)}, nil)
	}
	return nil
}

func tiffPage(file []byte, d directory, l Limits) (image.Image, error) {
	if c := d.number(tagCompression, 1); c >= 2 && c <= 4 {
		return faxPage(file, d, l)
	}
	c, err := guarded(func() (image.Config, error) { return tiff.DecodeConfigAt(bytes.NewReader(file), d.offset) })
	if err == nil && !fits(c.Width, c.Height, l.Pixels) {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, tiffProblem(err)
	}
	img, err := guarded(func() (image.Image, error) { return tiff.DecodeAt(bytes.NewReader(file), d.offset) })
	if err != nil {
		return nil, tiffProblem(err)
	}
	return img, nil
}

// faxPage decodes a page of compression 2, 3 or 4, strip by strip. Of a damaged
// one there is an image with the error.
func faxPage(file []byte, d directory, l Limits) (image.Image, error) {
	f := fax{w: d.number(tagWidth, 0), k: -1, reverse: d.number(tagFillOrder, 1) == 2}
	h := d.number(tagHeight, 0)
	if !fits(f.w, h, l.Pixels) {
		return nil, tooLarge()
	}
	switch d.number(tagCompression, 1) {
	case 2:
		f.k, f.plain, f.aligned = 0, true, true
	case 3:
		f.k = d.number(tagT4Options, 0) & 1
	}
	out := image.NewGray(image.Rect(0, 0, f.w, h))
	rows := min(h, max(1, d.number(tagStripRows, h)))
	offsets, counts := d.tags[tagOffsets], d.tags[tagCounts]
	var problem error
	for y := 0; y < h; y += rows {
		i := y / rows
		f.h = min(rows, h-y)
		var strip []byte
		if i < len(offsets) {
			from, to := min(len(file), int(offsets[i])), len(file)
			if i < len(counts) {
				to = min(to, from+int(counts[i]))
			}
			strip = file[from:to]
		}
		g, err := f.decode(strip)
		if err != nil {
			problem = damaged(err)
		}
		copy(out.Pix[y*out.Stride:], g.Pix)
	}
	if d.number(tagPhotometric, 0) == 1 {
		for i := range out.Pix {
			out.Pix[i] = 255 - out.Pix[i]
		}
	}
	return out, problem
}

func tiffProblem(err error) error {
	var unknown tiff.UnsupportedError
	if errors.As(err, &unknown) {
		return foreign("TIFF", err)
	}
	return damaged(err)
}
