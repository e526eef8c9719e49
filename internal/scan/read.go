package scan

import (
	"image"
	"math"
	"slices"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// Result is what a page says of itself.
type Result struct {
	// Problem is nil if exactly one sheet code was read. It is fault.Invalid if
	// none was, and fault.Conflict if the page contradicts itself: two sheets, or
	// a label of another case than the sheet's. A person decides then.
	Problem error

	Code   sheet.Code   // of the sheet; only where Problem is nil
	Sheets []sheet.Code // every sheet code on the page, each once
	Labels []sheet.Code // every label or wristband on the page, each once: whoever stuck it on named a patient

	// Turn is by how many degrees clockwise (0, 90, 180, 270) the image is turned
	// to stand upright, and Skew what is missing then, within a degree. Both
	// are 0 where no code was read.
	Turn int
	Skew float64
	At   image.Rectangle // around the code that Turn comes from, in pixels
}

// leastSide is the shorter side of an image, in pixels, below which no code of
// a whole page can be told apart: 75 dpi of an A5 sheet.
const leastSide = 430

// Read finds the codes on a page, turned in any direction. A code counts only
// if its own check says so; nothing is ever put together from two tries. The
// image is not changed.
func Read(page *image.Gray) Result {
	if page == nil || min(page.Rect.Dx(), page.Rect.Dy()) < leastSide {
		return Result{Problem: fault.New(fault.Invalid, lang.Text{
			DE: "Das Bild ist zu klein. Bitte mit mindestens 150 dpi scannen.",
			EN: "The image is too small. Please scan with at least 150 dpi.",
		})}
	}
	var found []reading
	fine := shrunk(page, 3000)
	for _, c := range busySpots(shrunk(page, 1800)) {
		r, ok := fine.readAt(c.x*float64(page.Rect.Dx()), c.y*float64(page.Rect.Dy()))
		if ok && !slices.ContainsFunc(found, func(o reading) bool { return o.code == r.code }) {
			found = append(found, r)
		}
	}
	return judge(found)
}

// reading is one code with its place: the corners of its square on the page in
// pixels, from the upper left clockwise as the code itself stands.
type reading struct {
	code    sheet.Code
	corners [4]point
}

type point struct{ x, y float64 }

func judge(found []reading) Result {
	var r Result
	var of *reading
	for i, f := range found {
		if f.code.Form.Sticks() {
			r.Labels = append(r.Labels, f.code)
			continue
		}
		r.Sheets = append(r.Sheets, f.code)
		of = &found[i]
	}
	if of == nil && len(found) > 0 {
		of = &found[0]
	}
	if of != nil {
		r.Turn, r.Skew, r.At = of.stands()
	}
	switch {
	case len(r.Sheets) == 0:
		r.Problem = fault.New(fault.Invalid, lang.Text{
			DE: "Auf dieser Seite ist kein Blattcode lesbar. Bitte von Hand zuordnen oder neu scannen.",
			EN: "No sheet code can be read on this page. Please file it by hand or scan it again.",
		})
	case len(r.Sheets) > 1:
		r.Problem = fault.New(fault.Conflict, lang.Text{
			DE: "Auf dieser Seite liegen zwei verschiedene Bögen. Bitte einzeln scannen.",
			EN: "There are two different sheets on this page. Please scan them one by one.",
		})
	case slices.ContainsFunc(r.Labels, func(l sheet.Code) bool { return stranger(l, r.Sheets[0], r.Labels) }):
		r.Problem = fault.New(fault.Conflict, lang.Text{
			DE: "Etikett und Bogen gehören zu verschiedenen Fällen. Bitte von Hand zuordnen.",
			EN: "Label and sheet belong to different cases. Please file the page by hand.",
		})
	default:
		r.Code = r.Sheets[0]
	}
	return r
}

// stranger reports whether a label names another case or person than the sheet
// or another label. A case and a key cannot be compared here.
func stranger(label, page sheet.Code, labels []sheet.Code) bool {
	for _, o := range append([]sheet.Code{page}, labels...) {
		if label.Case != "" && o.Case != "" && label.Case != o.Case || label.Key != "" && o.Key != "" && label.Key != o.Key {
			return true
		}
	}
	return false
}

// stands returns how the page lies, seen from the lower edge of its code.
func (r reading) stands() (turn int, skew float64, at image.Rectangle) {
	right, left := r.corners[2], r.corners[3]
	angle := math.Atan2(right.y-left.y, right.x-left.x) * 180 / math.Pi // clockwise, as y points down
	quarter := math.Round(angle / 90)
	turn = (4 - int(quarter)) % 4 * 90
	at = image.Rect(int(left.x), int(left.y), int(left.x)+1, int(left.y)+1)
	for _, c := range r.corners {
		at = at.Union(image.Rect(int(c.x), int(c.y), int(c.x)+1, int(c.y)+1))
	}
	return turn % 360, angle - quarter*90, at
}
