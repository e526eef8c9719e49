package scan

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/boombuler/barcode/datamatrix"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
)

// rounds is how often each disturbance is tried, each time another one of its
// kind; the table in docs/sheets.md was made with 20.
var rounds = flag.Int("rounds", 1, "pages of each kind of bad scan")

// disturbance is one way in which a page reaches us worse than it was printed.
type disturbance struct {
	name string
	mild bool // every page must be read
	do   func(t testing.TB, rng *rand.Rand, page *image.Gray) *image.Gray
}

func plain(dpi float64) camera { return camera{scale: dpi / 300} }

func shot(c camera) func(testing.TB, *rand.Rand, *image.Gray) *image.Gray {
	return func(_ testing.TB, rng *rand.Rand, page *image.Gray) *image.Gray { return c.shoot(rng, page) }
}

// then takes the page with a camera and disturbs the image.
func then(c camera, do func(rng *rand.Rand, img *image.Gray)) func(testing.TB, *rand.Rand, *image.Gray) *image.Gray {
	return func(_ testing.TB, rng *rand.Rand, page *image.Gray) *image.Gray {
		img := c.shoot(rng, page)
		do(rng, img)
		return img
	}
}

func turned(degrees float64) camera { return camera{scale: 0.5, turn: degrees, whole: true} }

func disturbances() []disturbance {
	list := []disturbance{
		{"as printed, 300 dpi", true, func(_ testing.TB, _ *rand.Rand, p *image.Gray) *image.Gray { return p }},
		{"200 dpi", true, shot(plain(200))},
		{"150 dpi", true, shot(plain(150))},
		{"120 dpi", false, shot(plain(120))},
		{"100 dpi", false, shot(plain(100))},
		{"600 dpi", true, func(_ testing.TB, _ *rand.Rand, p *image.Gray) *image.Gray { return doubled(p) }},
		{"printed at 90 %", true, shot(camera{scale: 0.5, dx: -0.04, dy: -0.04}.sized(0.9))},
		{"printed at 110 %, cut at the edge", true, shot(camera{scale: 0.55, dx: 0.02, dy: 0.02})},
		{"noise, sigma 20", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { noise(rng, i, 20) })},
		{"noise, sigma 50", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { noise(rng, i, 50) })},
		{"specks, 2 %", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { specks(rng, i, 0.02) })},
		{"specks, 10 %", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { specks(rng, i, 0.10) })},
		{"blurred once", true, then(plain(150), func(_ *rand.Rand, i *image.Gray) { blur(i, 1) })},
		{"blurred three times", false, then(plain(150), func(_ *rand.Rand, i *image.Gray) { blur(i, 3) })},
		{"low contrast, greys 150 to 200", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { contrast(i, 150, 200); noise(rng, i, 3) })},
		{"very low contrast, greys 180 to 205", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { contrast(i, 180, 205); noise(rng, i, 3) })},
		{"one bit, 150 dpi", true, then(plain(150), func(_ *rand.Rand, i *image.Gray) { oneBit(i, 128) })},
		{"one bit, too dark", false, then(plain(150), func(_ *rand.Rand, i *image.Gray) { oneBit(i, 200) })},
		{"one bit, too pale", false, then(plain(150), func(_ *rand.Rand, i *image.Gray) { oneBit(i, 70) })},
		{"fax, fine: one bit, 200 dpi, specks", true, then(plain(200), func(rng *rand.Rand, i *image.Gray) { oneBit(i, 140); specks(rng, i, 0.01) })},
		{"JPEG quality 30", true, func(t testing.TB, rng *rand.Rand, p *image.Gray) *image.Gray {
			return jpegged(t, plain(150).shoot(rng, p), 30)
		}},
		{"JPEG quality 10", false, func(t testing.TB, rng *rand.Rand, p *image.Gray) *image.Gray {
			return jpegged(t, plain(150).shoot(rng, p), 10)
		}},
		{"shadow", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { shade(rng, i) })},
		{"coffee", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { stains(rng, i, spotOf(i)) })},
		{"fold through the code", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { fold(rng, i, spotOf(i), 3) })},
		{"pen stroke through the code, 0.5 mm", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { pen(rng, i, spotOf(i), 3) })},
		{"pen stroke through the code, 1 mm", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { pen(rng, i, spotOf(i), 6) })},
		{"crumpled a little", true, shot(camera{scale: 0.5, wave: 1.5})},
		{"crumpled", false, shot(camera{scale: 0.5, wave: 4})},
		{"crumpled badly", false, shot(camera{scale: 0.5, wave: 7})},
		{"turned by 4 degrees under a black lid", true, shot(camera{scale: 0.5, turn: 4, whole: true, lid: 20})},
		{"sheared by 3 %", true, shot(camera{scale: 0.5, shear: 0.03})},
		{"sheared by 8 %", false, shot(camera{scale: 0.5, shear: 0.08})},
		{"photographed at a slant", true, then(camera{scale: 0.6, tilt: 0.15, turn: 4, whole: true}, func(rng *rand.Rand, i *image.Gray) { shade(rng, i); noise(rng, i, 6) })},
		{"photographed from far off", false, then(camera{scale: 0.5, tilt: 0.1, turn: -7}.sized(0.75), func(rng *rand.Rand, i *image.Gray) { shade(rng, i); noise(rng, i, 6) })},
		{"all at once: turned, noise, blur, shadow, JPEG 40", false, func(t testing.TB, rng *rand.Rand, p *image.Gray) *image.Gray {
			img := camera{scale: 0.5, turn: rng.Float64()*360 - 180, shear: 0.01, whole: true, wave: 1}.shoot(rng, p)
			blur(img, 1)
			shade(rng, img)
			noise(rng, img, 10)
			return jpegged(t, img, 40)
		}},
	}
	for _, a := range []float64{0.5, 1, 2, 5, 10, 20, 45, 90, 95, 180, 183, 270, 266} {
		list = append(list, disturbance{fmt.Sprintf("turned by %g degrees", a), true, shot(turned(a))})
	}
	return list
}

// sized makes the page smaller in an image of the same size.
func (c camera) sized(by float64) camera {
	c.zoom = by
	return c
}

// outcome counts what became of the pages of one disturbance.
type outcome struct{ pages, read, misread int }

func (o *outcome) count(r Result, want sheet.Code) {
	o.pages++
	switch {
	case r.Problem == nil && r.Code == want:
		o.read++
	case r.Problem == nil:
		o.misread++
	}
	for _, c := range r.Sheets {
		if c != want {
			o.misread++
		}
	}
}

// TestDisturbedPagesAreReadOrLeftToAPerson is the measure of this package: how
// many pages of each kind of bad scan are read, and that none is misread.
func TestDisturbedPagesAreReadOrLeftToAPerson(t *testing.T) {
	t.Parallel()
	pages := sheets(t)
	for i, d := range disturbances() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			var o outcome
			for j := range *rounds {
				p := pages[(i+j)%len(pages)]
				rng := newRand(uint64(i)<<32 | uint64(j))
				o.count(Read(d.do(t, rng, p.img)), p.code)
			}
			t.Logf("%-50s read %3d of %d, misread %d", d.name, o.read, o.pages, o.misread)
			if o.misread > 0 {
				t.Errorf("%d of %d pages were misread", o.misread, o.pages)
			}
			if d.mild && o.read < o.pages {
				t.Errorf("%d of %d pages were read", o.read, o.pages)
			}
		})
	}
}

// Forms have grids, boxes and lines of their own; none of them hides the code.
func TestEveryFormIsReadFromABadScan(t *testing.T) {
	t.Parallel()
	var blanks []paper.Blank
	for i, k := range paper.Kinds() {
		b := paper.Blank{Kind: k, Serial: serialOf(i), Ward: "3A"}
		if i%2 == 0 {
			b.Patient = inpatient("Müller", "4711001")
		}
		blanks = append(blanks, b)
	}
	var pdf bytes.Buffer
	if err := paper.Blanks(&pdf, head(), blanks, paper.PackOptions{}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "forms.pdf")
	if err := os.WriteFile(file, pdf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	poppler(t, "pdftoppm", "-r", "150", "-gray", "-png", file, filepath.Join(dir, "p"))
	pages, err := filepath.Glob(filepath.Join(dir, "p-*.png"))
	if err != nil || len(pages) < len(blanks) {
		t.Fatalf("%d pages of %d forms, %v", len(pages), len(blanks), err)
	}
	at := -1
	for n, name := range pages {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rng := newRand(uint64(n))
		img := camera{scale: 1, turn: rng.Float64()*8 - 4, whole: true}.shoot(rng, pictureOf(t, bytes.NewReader(raw)))
		noise(rng, img, 10)
		if n%3 == 0 {
			oneBit(img, 140)
		}
		r := Read(img)
		if r.Problem != nil {
			t.Errorf("page %d: %v", n+1, r.Problem)
			continue
		}
		if r.Code.Page == 1 {
			at++
		}
		if want := blanks[at]; r.Code.Form != want.Kind.Form() || r.Code.Serial != want.Serial || (r.Code.Case != "") != (want.Patient != nil) {
			t.Errorf("page %d reads %v, which is not %v", n+1, r.Code, want.Kind)
		}
	}
}

func TestAPageSaysHowItLies(t *testing.T) {
	t.Parallel()
	page := sheets(t)[1]
	for degrees, want := range map[float64]struct {
		turn int
		skew float64
	}{0: {0, 0}, 2: {0, 2}, -3: {0, -3}, 90: {270, 0}, 180: {180, 0}, 183: {180, 3}, 270: {90, 0}, 266: {90, -4}} {
		img := turned(degrees).shoot(newRand(1), page.img)
		r := Read(img)
		if r.Problem != nil || r.Turn != want.turn || math.Abs(r.Skew-want.skew) > 1 {
			t.Errorf("turned by %g: to be turned by %d, then %.1f are missing, %v; want %d, %.1f", degrees, r.Turn, r.Skew, r.Problem, want.turn, want.skew)
		}
		if degrees == 0 && !spotOf(img).In(r.At) {
			t.Errorf("the code is at %v", r.At)
		}
	}
}

// blankPage is an empty page of A4 at 150 dpi.
func blankPage() *image.Gray {
	g := image.NewGray(image.Rect(0, 0, 1240, 1754))
	each(g, func(_, _ int, _ float64) float64 { return 250 })
	return g
}

// cat is a photograph: soft shapes, fur, no code.
func cat() *image.Gray {
	rng := newRand(9)
	g := image.NewGray(image.Rect(0, 0, 1600, 1200))
	each(g, func(x, y int, _ float64) float64 {
		body := 90 * math.Exp(-(math.Pow(float64(x-800)/400, 2) + math.Pow(float64(y-700)/300, 2)))
		stripes := 40 * math.Sin(float64(x)/23+3*math.Sin(float64(y)/70))
		fur := 35 * math.Sin(float64(x*7+y*3)/5) * math.Sin(float64(y*5-x)/4)
		return 200 - body + stripes + fur + rng.NormFloat64()*12
	})
	return g
}

// The page of a stack that is not one sheet with one code goes to a person.
func TestAPageThatIsNotOneSheetIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	plan := sheet.Code{Form: sheet.FormMedication, Case: "4711001", Page: 2, Seq: 88123}
	other := sheet.Code{Form: sheet.FormMedication, Case: "4711002", Page: 2, Seq: 88123}
	empty := sheet.Code{Form: sheet.FormCurve, Serial: "7K2M9QXTE4", Ward: "3A", Page: 1}
	label := sheet.Code{Form: sheet.FormLabel, Case: "4711001", Page: 1, Seq: 88123}
	label2 := sheet.Code{Form: sheet.FormLabel, Case: "4711002", Page: 1, Seq: 88123}
	long := sheet.Code{Form: sheet.FormCurve, Serial: "7K2M9QXTE4", Case: "KH-LINDENHOF/2026-INNERE/000471100123", Page: 12, Seq: 88123}
	byKey := sheet.Code{Form: sheet.FormLabel, Key: "k3jqz7a2b4c6d8e0", Page: 1, Seq: 88123}
	with := func(texts ...string) *image.Gray {
		g := blankPage()
		for i, s := range texts {
			stampCode(g, s, []int{1080, 200, 900, 150}[i], []int{1600, 300, 200, 1500}[i], 3)
		}
		return g
	}
	spoiled := with(plan.String())
	each(spoiled, func(x, y int, v float64) float64 {
		if x > 1085 && x < 1130 && y > 1605 && y < 1650 {
			return 255 - v
		}
		return v
	})
	misprint := plan.String()
	for name, c := range map[string]struct {
		img    *image.Gray
		kind   fault.Kind
		read   sheet.Code
		sheets int
		labels int
	}{
		"one sheet":                            {img: with(plan.String()), read: plan, sheets: 1},
		"a long case number":                   {img: with(long.String()), read: long, sheets: 1},
		"the same code twice":                  {img: with(plan.String(), plan.String()), read: plan, sheets: 1},
		"an empty form":                        {img: with(empty.String()), read: empty, sheets: 1},
		"an empty form with a label":           {img: with(empty.String(), label.String()), read: empty, sheets: 1, labels: 1},
		"a sheet with the label of its case":   {img: with(plan.String(), label.String()), read: plan, sheets: 1, labels: 1},
		"a sheet with a label without a case":  {img: with(plan.String(), byKey.String()), read: plan, sheets: 1, labels: 1},
		"a sheet with a drug's own DataMatrix": {img: with(plan.String(), "010405050000000021ABC1725123110X1"), read: plan, sheets: 1},
		"two sheets":                           {img: with(plan.String(), other.String()), kind: fault.Conflict, sheets: 2},
		"a sheet with another case's label":    {img: with(plan.String(), label2.String()), kind: fault.Conflict, sheets: 1, labels: 1},
		"an empty form with two labels":        {img: with(empty.String(), label.String(), label2.String()), kind: fault.Conflict, sheets: 1, labels: 2},
		"a label only":                         {img: with(label.String()), kind: fault.Invalid, labels: 1},
		"a code with a wrong check":            {img: with(misprint[:len(misprint)-1] + "1"), kind: fault.Invalid},
		"a code spoiled":                       {img: spoiled, kind: fault.Invalid},
		"an empty page":                        {img: blankPage(), kind: fault.Invalid},
		"a black page":                         {img: image.NewGray(image.Rect(0, 0, 1240, 1754)), kind: fault.Invalid},
		"noise only":                           {img: sheetless(), kind: fault.Invalid},
		"a photograph of a cat":                {img: cat(), kind: fault.Invalid},
		"a stamp":                              {img: image.NewGray(image.Rect(0, 0, 100, 100)), kind: fault.Invalid},
		"no image at all":                      {kind: fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Read(c.img)
			if (r.Problem != nil) != (c.kind != 0) || r.Problem != nil && fault.KindOf(r.Problem) != c.kind {
				t.Errorf("problem %v of kind %v", r.Problem, fault.KindOf(r.Problem))
			}
			if r.Code != c.read || len(r.Sheets) != c.sheets || len(r.Labels) != c.labels {
				t.Errorf("read %v; %d sheets, %d labels", r.Code, len(r.Sheets), len(r.Labels))
			}
		})
	}
}

// Labels as paper prints them are found on the page they are stuck on.
func TestAPrintedLabelIsReadOnItsPage(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := paper.Labels(&b, head(), []*chart.Patient{inpatient("Müller", "4711001")}, paper.Labels70x37(), 1, 1); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "labels.pdf")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	label := pictureOf(t, bytes.NewReader(poppler(t, "pdftoppm", "-r", "150", "-gray", "-png", "-W", "410", "-H", "216", file)))
	page := blankPage()
	stampCode(page, sheet.Code{Form: sheet.FormCurve, Serial: "7K2M9QXTE4", Ward: "3A", Page: 1}.String(), 1080, 1600, 3)
	draw.Draw(page, image.Rect(90, 80, 500, 296), label, image.Point{}, draw.Src)
	for _, dpi := range []float64{300, 225} { // of 300: the page as it is, and coarser
		r := Read(plain(dpi).shoot(newRand(1), page))
		if r.Problem != nil || len(r.Labels) != 1 || r.Labels[0].Case != "4711001" || r.Code.Form != sheet.FormCurve {
			t.Errorf("at %g dpi read %v, labels %v, %v", dpi/2, r.Code, r.Labels, r.Problem)
		}
	}
}

// However many modules are wrong, error correction and check together give the
// code or nothing.
func TestACodeAtTheLimitOfItsCorrectionIsNeverMisread(t *testing.T) {
	t.Parallel()
	want := sheet.Code{Form: sheet.FormCurve, Serial: "7K2M9QXTE4", Case: "4711001", Page: 1, Seq: 88123}
	m, err := datamatrix.Encode(want.String())
	if err != nil {
		t.Fatal(err)
	}
	n := m.Bounds().Dx()
	rng := newRand(4)
	for wrong := range 60 {
		read := 0
		for range 100 {
			grey := make([]float32, n*n)
			for i := range grey {
				v, _, _, _ := m.At(i%n, i/n).RGBA()
				grey[i] = float32(v >> 8)
			}
			for range wrong {
				i := rng.IntN(len(grey))
				grey[i] = 255 - grey[i]
			}
			c, ok := decoded(grey, n, 128)
			if ok && c != want {
				t.Fatalf("with %d modules wrong it reads %v", wrong, c)
			}
			if ok {
				read++
			}
		}
		if wrong <= 8 && read < 100 {
			t.Errorf("with %d modules wrong %d of 100 are read", wrong, read)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, dpi := range []float64{150, 300} {
		b.Run(fmt.Sprintf("dpi=%g", dpi), func(b *testing.B) {
			img := plain(dpi).shoot(newRand(1), sheets(b)[1].img)
			for b.Loop() {
				if r := Read(img); r.Problem != nil {
					b.Fatal(r.Problem)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}

// BenchmarkDisturbed reads one page of each kind of bad scan and reports how
// many are read.
func BenchmarkDisturbed(b *testing.B) {
	var imgs []*image.Gray
	pages := sheets(b)
	list := disturbances()
	for i, d := range list {
		imgs = append(imgs, d.do(b, newRand(uint64(i)), pages[i%len(pages)].img))
	}
	var o outcome
	for b.Loop() {
		o = outcome{}
		for i, img := range imgs {
			o.count(Read(img), pages[i%len(pages)].code)
		}
	}
	b.ReportMetric(float64(o.pages*b.N)/b.Elapsed().Seconds(), "pages/s")
	b.ReportMetric(100*float64(o.read)/float64(o.pages), "%read")
	b.ReportMetric(float64(o.misread), "misread")
}

func BenchmarkStack(b *testing.B) {
	var files builder
	for _, p := range sheets(b) {
		files.page("", wholePage, files.jpegPicture(b, p.img))
	}
	file := files.bytes()
	n := 0
	for b.Loop() {
		for p, err := range Pages(b.Context(), file, DefaultLimits()) {
			if err != nil || Read(p.Grey()).Problem != nil {
				b.Fatal(err, p.Problem)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pages/s")
}

// serialOf is the same serial in every run: what is read must not depend on
// chance.
func serialOf(i int) sheet.Serial { return sheet.Serial(fmt.Sprintf("7K3M9Q%04d", i)) }

func TestACodeIsReadWhereverItIsBusiest(t *testing.T) {
	t.Parallel()
	// In these the busiest place lies at a border, so that what is looked at first
	// does not hold the whole code.
	for _, serial := range []sheet.Serial{"Q0WWC70Q1V", "YS298FAZ1C", "QCS05ZVD0Q", "488EMB4TGD", "M757J6CNQK"} {
		want := sheet.Code{Form: sheet.FormCurve, Serial: serial, Case: "100", Page: 1, Seq: 9}
		m, err := datamatrix.Encode(want.String())
		if err != nil {
			t.Fatal(err)
		}
		const scale = 5
		img := image.NewGray(image.Rect(0, 0, 1240, 1754))
		draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
		for y := range m.Bounds().Dy() * scale {
			for x := range m.Bounds().Dx() * scale {
				img.Set(1070+x, 1570+y, m.At(x/scale, y/scale))
			}
		}
		if r := Read(img); r.Problem != nil || r.Code != want {
			t.Errorf("%s: %+v, %v", serial, r.Code, r.Problem)
		}
	}
}
