package scan

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// pdfFile is a PDF being read (ISO 32000-1).
type pdfFile struct {
	ctx    context.Context
	doc    *model.Context
	limits Limits
}

// sheetOf is a leaf of the page tree with what it inherits (7.7.3).
type sheetOf struct {
	dict      types.Dict
	resources types.Object
	box       types.Object // crop box, or media box
	media     types.Object
	turn      int // degrees clockwise
}

func pdfPages(ctx context.Context, file []byte, l Limits, yield func(Page, error) bool) error {
	f, sheets, err := openPDF(ctx, file, l)
	if err != nil {
		return err
	}
	for i, s := range sheets {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := i + 1
		p, err := guarded(func() (Page, error) { return f.page(s), nil })
		if err != nil {
			p = Page{Problem: damaged(err)}
		}
		p.Number = n
		if p.keep == nil && p.Problem != nil {
			p.keep = func() (string, []byte, error) { return f.alone(n) }
		}
		if !yield(p, nil) {
			return nil
		}
	}
	return nil
}

func openPDF(ctx context.Context, file []byte, l Limits) (*pdfFile, []sheetOf, error) {
	conf := &model.Configuration{
		Reader15: true, ValidationMode: model.ValidationRelaxed, Offline: true, Eol: types.EolLF,
		UnsupportedResourcePolicy: model.UnsupportedResourceSkip, Limits: model.DefaultResourceLimits(),
	}
	conf.Limits.MaxStreamBytes = int64(l.Bytes)
	conf.Limits.MaxDecodeBytes = 32 << 20 // of what is not a picture: directories and page contents
	conf.Limits.MaxImagePixels = int64(l.Pixels)
	conf.Limits.MaxObjectCount, conf.Limits.MaxXRefEntries = 1_000_000, 1_000_000
	doc, err := guarded(func() (*model.Context, error) { return pdfcpu.ReadWithContext(ctx, bytes.NewReader(file), conf) })
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case errors.Is(err, pdfcpu.ErrWrongPassword), errors.Is(err, pdfcpu.ErrOwnerPasswordRequired):
		return nil, nil, fault.Mark(err, fault.Invalid, lang.Text{
			DE: "Diese PDF-Datei ist mit einem Kennwort geschützt. Bitte ohne Kennwort scannen.",
			EN: "This PDF file is protected by a password. Please scan without a password.",
		})
	case err != nil:
		return nil, nil, damagedFile(errPDF)
	}
	f := &pdfFile{ctx: ctx, doc: doc, limits: l}
	sheets, err := guarded(f.sheets)
	if err != nil {
		return nil, nil, err
	}
	doc.PageCount = len(sheets)
	return f, sheets, nil
}

// errPDF stands for what the PDF library says: its errors may quote the file,
// and so what is written about a patient.
var errPDF = errors.New("pdf: not readable")

func damagedFile(err error) error {
	return fault.Mark(err, fault.Invalid, lang.Text{
		DE: "Diese PDF-Datei ist beschädigt oder unvollständig. Bitte den Stapel neu scannen.",
		EN: "This PDF file is damaged or incomplete. Please scan the stack again.",
	})
}

// sheets walks the page tree. The counts in it are not believed: a page that
// they leave out would be lost.
func (f *pdfFile) sheets() ([]sheetOf, error) {
	root, err := f.doc.Pages()
	if err != nil || root == nil {
		return nil, damagedFile(errPDF)
	}
	var out []sheetOf
	seen := map[int]bool{}
	var walk func(o types.Object, from sheetOf, depth int) error
	walk = func(o types.Object, from sheetOf, depth int) error {
		if ref, ok := o.(types.IndirectRef); ok {
			if seen[ref.ObjectNumber.Value()] || depth > 50 {
				return damagedFile(errors.New("pdf: page tree goes in a circle"))
			}
			seen[ref.ObjectNumber.Value()] = true
		}
		d, _ := f.get(o).(types.Dict)
		from.inherit(f, d)
		kids, inner := f.get(d["Kids"]).(types.Array)
		if !inner {
			if out = append(out, from); len(out) > f.limits.Pages {
				return tooMany(len(out))
			}
			return nil
		}
		for _, k := range kids {
			if err := walk(k, from, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(*root, sheetOf{}, 0); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, damagedFile(errors.New("pdf: no pages"))
	}
	return out, nil
}

func (s *sheetOf) inherit(f *pdfFile, d types.Dict) {
	s.dict = d
	for key, to := range map[string]*types.Object{"Resources": &s.resources, "CropBox": &s.box, "MediaBox": &s.media} {
		if o, ok := d[key]; ok {
			*to = o
		}
	}
	if n, ok := f.number(d["Rotate"]); ok {
		s.turn = ((int(n)/90*90)%360 + 360) % 360
	}
}

// get follows references; what cannot be had is nil.
func (f *pdfFile) get(o types.Object) types.Object {
	if o == nil {
		return nil
	}
	v, err := f.doc.Dereference(o)
	if err != nil {
		return nil
	}
	return v
}

func (f *pdfFile) number(o types.Object) (float64, bool) {
	switch n := f.get(o).(type) {
	case types.Integer:
		return float64(n.Value()), true
	case types.Float:
		return n.Value(), true
	}
	return 0, false
}

func (f *pdfFile) numbers(o types.Object) []float64 {
	a, _ := f.get(o).(types.Array)
	out := make([]float64, 0, len(a))
	for _, e := range a {
		n, ok := f.number(e)
		if !ok {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// page draws the pictures of one page.
func (f *pdfFile) page(s sheetOf) Page {
	content, err := f.doc.PageContent(s.dict, 0)
	if err != nil && !errors.Is(err, model.ErrNoContent) {
		return Page{Problem: damaged(errPDF)}
	}
	c := &painter{f: f}
	c.run(content, s.resources, identity, 0)
	p := Page{Problem: c.problem}
	if p.Problem == nil && len(c.painted) == 0 {
		p.Problem = fault.New(fault.Invalid, lang.Text{
			DE: "Diese Seite enthält kein Bild. Bitte von Hand zuordnen oder ausdrucken und scannen.",
			EN: "This page holds no picture. Please file it by hand, or print and scan it.",
		})
	}
	if len(c.painted) == 0 {
		return p
	}
	box := f.numbers(s.box)
	if len(box) != 4 {
		box = f.numbers(s.media)
	}
	if one, ok := c.alone(box, s.turn); ok && p.Problem == nil && !c.text {
		p.Image = one.pic.img
		if one.pic.jpeg != nil {
			p.keep = func() (string, []byte, error) { return "image/jpeg", one.pic.jpeg, nil }
		}
		return p
	}
	img, err := c.compose(box, s.turn)
	if err != nil {
		p.Problem = err
		return p
	}
	p.Image = img
	if c.text && p.Problem == nil {
		p.Problem = fault.New(fault.Invalid, lang.Text{
			DE: "Diese Seite enthält außer Bildern auch Text, der hier nicht dargestellt wird. Bitte die Originalseite öffnen.",
			EN: "Besides pictures this page holds text that is not shown here. Please open the original page.",
		})
	}
	return p
}

// alone returns a PDF of page n.
func (f *pdfFile) alone(n int) (string, []byte, error) {
	data, err := guarded(func() ([]byte, error) {
		doc, err := pdfcpu.ExtractPages(f.doc, []int{n}, false)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		doc.Write.Writer = bufio.NewWriter(&b)
		if err := pdfcpu.WriteContext(doc); err != nil {
			return nil, err
		}
		if err := doc.Write.Flush(); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	})
	if err != nil {
		return "", nil, fault.Mark(fmt.Errorf("cut out page %d: %w", n, errPDF), fault.NotFound, lang.Text{
			DE: "Diese Seite lässt sich nicht einzeln speichern. Sie ist in der ganzen Datei enthalten.",
			EN: "This page cannot be stored by itself. It is part of the whole file.",
		})
	}
	return "application/pdf", data, nil
}

// pic is a decoded picture of a PDF.
type pic struct {
	img     image.Image
	jpeg    []byte      // its bytes, where it is a JPEG that needs nothing else
	mask    *image.Gray // where it is see-through (0) and where not, nil if nowhere
	stencil bool        // img is nil: mask is painted in black
}
