package scan

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"

	"github.com/hhrutter/tiff"
)

// directory is where one page of a TIFF begins, and how it is turned.
type directory struct {
	offset      int64
	orientation int // 1 to 8
	thumbnail   bool
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
		d := directory{offset: int64(at), orientation: 1}
		for e := file[at+2 : end]; len(e) > 0; e = e[12:] {
			switch order.Uint16(e) {
			case 0x00fe: // NewSubfileType
				d.thumbnail = order.Uint32(e[8:])&1 != 0
			case 0x0112: // Orientation
				d.orientation = int(order.Uint16(e[8:]))
			}
		}
		out = append(out, d)
		at = order.Uint32(file[end:])
	}
	return out, nil
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
		if d.thumbnail && len(dirs) > 1 {
			continue
		}
		number++
		p := Page{Number: number}
		p.Image, p.Problem = tiffPage(file, d, l)
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
	return upright(img, d.orientation), nil
}

func tiffProblem(err error) error {
	var unknown tiff.UnsupportedError
	if errors.As(err, &unknown) {
		return foreign("TIFF", err)
	}
	return damaged(err)
}
