package scan

import (
	"bytes"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// matrix is a transformation (ISO 32000-1, 8.3.4): x' = a·x + c·y + e, y' = b·x +
// d·y + f.
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{a: 1, d: 1}

// then returns m followed by n.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d,
		m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d,
		m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f,
	}
}

func (m matrix) of(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// back returns the inverse, or false where there is none.
func (m matrix) back() (matrix, bool) {
	det := m.a*m.d - m.b*m.c
	if det == 0 || det != det {
		return matrix{}, false
	}
	return matrix{m.d / det, -m.b / det, -m.c / det, m.a / det, (m.c*m.f - m.d*m.e) / det, (m.b*m.e - m.a*m.f) / det}, true
}

// painted is a picture on its page: the unit square goes where at says.
type painted struct {
	pic pic
	at  matrix
}

const (
	mostPaintings = 2000 // pictures on one page
	mostNesting   = 8    // forms within forms
)

// painter follows the content of a page as far as pictures go, and notes what
// else is on it.
type painter struct {
	f       *pdfFile
	painted []painted
	pixels  int  // decoded so far
	text    bool // visible text is shown
	problem error
}

// run reads a content stream (7.8.2).
func (c *painter) run(content []byte, resources types.Object, at matrix, depth int) {
	type state struct {
		at     matrix
		hidden bool
	}
	now := state{at: at}
	var kept []state
	var args []token
	num := func(i int) float64 {
		if i < 0 || i >= len(args) {
			return 0
		}
		return args[i].n
	}
	r := lexer{rest: content}
	for {
		t, ok := r.next()
		if !ok || c.f.ctx.Err() != nil || len(c.painted) >= mostPaintings {
			return
		}
		if t.kind != isOperator {
			if args = append(args, t); len(args) > 64 {
				args = args[1:]
			}
			continue
		}
		switch t.s {
		case "q":
			if len(kept) < 256 {
				kept = append(kept, now)
			}
		case "Q":
			if n := len(kept); n > 0 {
				now, kept = kept[n-1], kept[:n-1]
			}
		case "cm":
			if n := len(args) - 6; n >= 0 {
				now.at = matrix{num(n), num(n + 1), num(n + 2), num(n + 3), num(n + 4), num(n + 5)}.then(now.at)
			}
		case "Tr": // 3 is the invisible text of a scanner's own reading
			n := num(len(args) - 1)
			now.hidden = n == 3 || n == 7
		case "Tj", "TJ", "'", `"`:
			c.text = c.text || !now.hidden
		case "Do":
			if len(args) > 0 {
				c.do(args[len(args)-1].s, resources, now.at, depth)
			}
		case "BI":
			c.inline(&r, resources, now.at)
		}
		args = args[:0]
	}
}

// do paints an external object: a picture, or a form with content of its own.
func (c *painter) do(name string, resources types.Object, at matrix, depth int) {
	res, _ := c.f.get(resources).(types.Dict)
	objects, _ := c.f.get(res["XObject"]).(types.Dict)
	sd, ok := c.f.get(objects[name]).(types.StreamDict)
	if !ok {
		return
	}
	switch kind, _ := c.f.get(sd.Dict["Subtype"]).(types.Name); kind {
	case "Image":
		c.paint(sd, resources, at)
	case "Form":
		if depth >= mostNesting {
			return
		}
		if m := c.f.numbers(sd.Dict["Matrix"]); len(m) == 6 {
			at = matrix{m[0], m[1], m[2], m[3], m[4], m[5]}.then(at)
		}
		if sd.DecodeWithLimit(c.f.doc.Conf.Limits.MaxDecodeBytes) != nil {
			return
		}
		if own, ok := sd.Dict["Resources"]; ok {
			resources = own
		}
		c.run(sd.Content, resources, at, depth+1)
	}
}

func (c *painter) paint(sd types.StreamDict, resources types.Object, at matrix) {
	w, _ := c.f.number(sd.Dict["Width"])
	h, _ := c.f.number(sd.Dict["Height"])
	if !fits(int(w), int(h), c.f.limits.Pixels) || c.pixels > 4*c.f.limits.Pixels {
		c.problem = tooLarge()
		return
	}
	c.pixels += int(w) * int(h)
	p, err := c.f.picture(sd, resources)
	if err != nil && c.problem == nil {
		c.problem = err
	}
	if p.img != nil || p.mask != nil {
		c.painted = append(c.painted, painted{p, at})
	}
}

// longNames are the abbreviations of inline pictures (8.9.7).
var longNames = map[string]string{
	"BPC": "BitsPerComponent", "CS": "ColorSpace", "D": "Decode", "DP": "DecodeParms", "F": "Filter", "H": "Height", "IM": "ImageMask", "W": "Width",
	"G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK", "I": "Indexed",
	"AHx": "ASCIIHexDecode", "A85": "ASCII85Decode", "LZW": "LZWDecode", "Fl": "FlateDecode", "RL": "RunLengthDecode", "CCF": "CCITTFaxDecode", "DCT": "DCTDecode",
}

func long(s string) string {
	if l, ok := longNames[s]; ok {
		return l
	}
	return s
}

// inline paints a picture that stands in the content itself.
func (c *painter) inline(r *lexer, resources types.Object, at matrix) {
	sd := types.StreamDict{Dict: types.Dict{}}
	for {
		t, ok := r.next()
		if !ok {
			return
		}
		if t.kind == isOperator { // ID
			break
		}
		v, ok := r.next()
		if !ok {
			return
		}
		sd.Dict[long(t.s)] = r.object(v, 0)
	}
	end := 0
	for {
		i := bytes.Index(r.rest[end:], []byte("EI"))
		if i < 0 {
			r.rest = nil // the picture never ends
			return
		}
		if end += i; r.endsAt(end) {
			break
		}
		end += 2
	}
	if end >= 2 {
		sd.Raw = r.rest[1 : end-1] // without the blank on either side
	}
	r.rest = r.rest[end+2:]
	sd.FilterPipeline = filters(sd.Dict)
	c.paint(sd, resources, at)
}

// filters is the pipeline that a dictionary without references asks for.
func filters(d types.Dict) []types.PDFFilter {
	names, ok := d["Filter"].(types.Array)
	if !ok && d["Filter"] != nil {
		names = types.Array{d["Filter"]}
	}
	parms, ok := d["DecodeParms"].(types.Array)
	if !ok && d["DecodeParms"] != nil {
		parms = types.Array{d["DecodeParms"]}
	}
	var out []types.PDFFilter
	for i, n := range names {
		name, _ := n.(types.Name)
		f := types.PDFFilter{Name: string(name)}
		if i < len(parms) {
			f.DecodeParms, _ = parms[i].(types.Dict)
		}
		out = append(out, f)
	}
	return out
}

type tokenKind uint8

const (
	isOperator tokenKind = iota
	isNumber
	isName
	isString // hexadecimal digits; nothing of a string in parentheses
	isOpen   // [ or <<
	isClose  // ] or >>
)

type token struct {
	kind tokenKind
	s    string
	n    float64
}

// lexer takes content apart (7.2).
type lexer struct{ rest []byte }

func white(b byte) bool {
	return b == 0 || b == '\t' || b == '\n' || b == '\f' || b == '\r' || b == ' '
}

func delimiter(b byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), b) >= 0 }

func (r *lexer) next() (token, bool) {
	for len(r.rest) > 0 {
		switch b := r.rest[0]; {
		case white(b):
			r.rest = r.rest[1:]
		case b == '%':
			i := bytes.IndexAny(r.rest, "\r\n")
			if i < 0 {
				i = len(r.rest)
			}
			r.rest = r.rest[i:]
		case b == '(':
			return r.parens(), true
		case b == '<' && !bytes.HasPrefix(r.rest, []byte("<<")):
			i := bytes.IndexByte(r.rest, '>')
			if i < 0 {
				i = len(r.rest) - 1
			}
			s := string(r.rest[1:max(1, i)])
			r.rest = r.rest[i+1:]
			return token{kind: isString, s: s}, true
		case bytes.HasPrefix(r.rest, []byte("<<")), bytes.HasPrefix(r.rest, []byte(">>")):
			t := token{kind: isOpen, s: string(r.rest[:2])}
			if b == '>' {
				t.kind = isClose
			}
			r.rest = r.rest[2:]
			return t, true
		case b == '[' || b == ']':
			t := token{kind: isOpen, s: string(b)}
			if b == ']' {
				t.kind = isClose
			}
			r.rest = r.rest[1:]
			return t, true
		case b == '/':
			r.rest = r.rest[1:]
			return token{kind: isName, s: r.word()}, true
		case delimiter(b):
			r.rest = r.rest[1:]
		default:
			s := r.word()
			if n, err := strconv.ParseFloat(s, 64); err == nil {
				return token{kind: isNumber, s: s, n: n}, true
			}
			return token{kind: isOperator, s: s}, true
		}
	}
	return token{}, false
}

func (r *lexer) word() string {
	i := 0
	for i < len(r.rest) && !white(r.rest[i]) && !delimiter(r.rest[i]) {
		i++
	}
	s := string(r.rest[:i])
	r.rest = r.rest[i:]
	return s
}

func (r *lexer) parens() token {
	depth, i := 0, 0
	for ; i < len(r.rest); i++ {
		switch r.rest[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	r.rest = r.rest[min(len(r.rest), i+1):]
	return token{kind: isString}
}

// object builds the value that begins with t.
func (r *lexer) object(t token, depth int) types.Object {
	switch {
	case t.kind == isNumber:
		if n := int(t.n); float64(n) == t.n {
			return types.Integer(n)
		}
		return types.Float(t.n)
	case t.kind == isName:
		return types.Name(long(t.s))
	case t.kind == isString:
		return types.HexLiteral(t.s)
	case t.kind == isOperator:
		return types.Boolean(t.s == "true")
	case t.kind == isOpen && depth < mostNesting:
		var all types.Array
		for {
			v, ok := r.next()
			if !ok || v.kind == isClose {
				break
			}
			all = append(all, r.object(v, depth+1))
		}
		if t.s == "[" {
			return all
		}
		d := types.Dict{}
		for i := 0; i+1 < len(all); i += 2 {
			if key, ok := all[i].(types.Name); ok {
				d[string(key)] = all[i+1]
			}
		}
		return d
	}
	return nil
}

// endsAt reports whether the EI at i stands alone and content goes on after it.
func (r *lexer) endsAt(i int) bool {
	if i > 0 && !white(r.rest[i-1]) || i+2 < len(r.rest) && !white(r.rest[i+2]) {
		return false
	}
	for _, b := range r.rest[min(len(r.rest), i+2):min(len(r.rest), i+12)] {
		if !white(b) && (b < ' ' || b > '~') {
			return false
		}
	}
	return true
}
