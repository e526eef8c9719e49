package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // also where the machine has no zones

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/score"
	"notbetrieb/internal/sheet"
)

// serials returns serials that are the same in each run.
func serials() func() sheet.Serial {
	n := 0
	return func() sheet.Serial {
		n++
		return sheet.Serial(fmt.Sprintf("7K2M9QX%03d", n))
	}
}

// allKinds returns a form of each kind like the given one.
func allKinds(b Blank) []Blank {
	next := serials()
	var out []Blank
	for _, k := range Kinds() {
		b.Kind, b.Serial = k, next()
		out = append(out, b)
	}
	return out
}

// asked is an order for a laboratory made before the LIS was lost.
func asked() *clinical.Order {
	return &clinical.Order{
		Placer: "A-2026-004711", What: clinical.Coded{Text: "Blutgasanalyse und Laktat"}, Section: clinical.Laboratory, Priority: "S",
		Requested: at(21, 5, 10), Due: at(21, 6, 0), By: clinical.Staff{Name: "Dr. Okonjo"}, Question: "Laktatverlauf bei Sepsis, Ausschluss Hypoxie", Specimen: "Blut arteriell",
	}
}

func formCases() []sheetCase {
	ward, patients := ward3A()
	head := headOf(incident.Emergency, lang.DE)
	forms := func(h Head, o PackOptions, blanks ...Blank) func(io.Writer) error {
		return func(w io.Writer) error { return Blanks(w, h, blanks, o) }
	}
	thirty := crowded()
	thirty.Medication, thirty.Allergies = thirty.Medication[:30], thirty.Allergies[:5]
	duplex := packOptions()
	duplex.Duplex = true
	row := ward.Rows[0]
	return []sheetCase{
		{"all forms without a patient", 21, forms(head, packOptions(), allKinds(Blank{Ward: "3A"})...)},
		{"all forms for a patient", 22, forms(head, packOptions(), allKinds(Blank{Patient: anna(), Row: &row})...)},
		{"all forms in an exercise in English", 21, forms(headOf(incident.Exercise, lang.EN), packOptions(), allKinds(Blank{Patient: heide()})...)},
		{"all forms for a patient with long names", 31, forms(head, packOptions(), allKinds(Blank{Patient: thirty})...)},
		{"a medication plan of two days with thirty drugs", 16, forms(head, packOptions(), Blank{Kind: KindMedication, Serial: "7K2M9QXTE4", Patient: thirty, Days: []time.Time{at(21, 12, 0), at(22, 12, 0)}})},
		{"a form for a newborn and its mother", 1, forms(head, packOptions(), Blank{Kind: KindNewborn, Serial: "7K2M9QXTE4", Patient: newborn(), Mother: mother()})},
		{"forms for a person without a name", 3, forms(head, packOptions(), Blank{Kind: KindUnknown, Serial: "7K2M9QXTE4", Patient: unnamed()}, Blank{Kind: KindCurve, Serial: "7K2M9QXTE5", Patient: unnamed()})},
		{"requests with an order number", 3, forms(head, packOptions(),
			Blank{Kind: KindLaboratory, Serial: "7K2M9QXTE4", Patient: anna(), Order: asked()},
			Blank{Kind: KindLaboratory, Serial: "7K2M9QXTE5", Order: asked()},
			Blank{Kind: KindLabResult, Serial: "7K2M9QXTE6", Patient: anna(), Order: asked(), Analytes: []Analyte{{"Kalium", "mmol/l", "3,5–5,1"}, {"Thyreoidea-stimulierendes Hormon basal", "mU/l", "0,27–4,20"}}})},
		{"an emergency pad for a duplex printer", 10, func(w io.Writer) error {
			return Pad(w, head, PadPlan{ward, []PadCount{{KindCurve, 2}, {KindAdmission, 1}, {KindUnknown, 0}, {KindProgress, 1}}, serials()}, duplex)
		}},
		{"a list of results of a ward", 1, func(w io.Writer) error {
			return WardResults(w, head, ResultList{ward, "7K2M9QXTE4", at(20, 0, 0), []BedResults{{ward.Rows[0], patients[2].Results}, {ward.Rows[1], heide().Results}}}, packOptions())
		}},
		{"a list of results without patients", 1, func(w io.Writer) error {
			return WardResults(w, head, ResultList{Ward: chart.Ward{Code: "9Z"}, Serial: "7K2M9QXTE4"}, PackOptions{})
		}},
	}
}

// blanks returns one form of each kind with whatever an odd sender gave.
func (o odd) blanks(p *chart.Patient) []Blank {
	b := Blank{Patient: pick(o, p, nil), Mother: pick(o, p, nil), Ward: o.text(), From: o.time(), Days: []time.Time{o.time(), o.time()}}
	if o.r.IntN(2) == 0 {
		b.Order = &clinical.Order{Placer: o.text(), What: o.coded(), Question: o.text(), Priority: o.text(), Specimen: o.text(), Due: o.time(), By: clinical.Staff{Name: o.text()}}
	}
	for range o.r.IntN(50) {
		b.Analytes = append(b.Analytes, Analyte{o.text(), o.text(), o.text()})
	}
	return allKinds(b)
}

func TestFormsOfOddPatientsStayOnThePageAndLegible(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			o := odd{rand.New(rand.NewPCG(seed, 23))}
			p := o.patient(8)
			checkBoxes(t, drawTo(t, func(w io.Writer) error {
				return Blanks(w, headOf(incident.Emergency, lang.DE), o.blanks(p), packOptions())
			}))
		})
	}
}

// formCode is where the code of a form is.
var formCode = field{183, 268.5, 20, 21}

// copied returns an image as a bad copy has it: black or white.
func copied(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewGray(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			v := color.GrayModel.Convert(img.At(x, y)).(color.Gray)
			if v.Y > 140 {
				v.Y = 255
			} else {
				v.Y = 0
			}
			out.SetGray(x, y, v)
		}
	}
	return out
}

// inked returns the width and height in millimetres of what is dark.
func inked(img image.Image) (w, h float64) {
	b := img.Bounds()
	dark := image.Rectangle{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 128 {
				dark = dark.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return float64(dark.Dx()) * 25.4 / 150, float64(dark.Dy()) * 25.4 / 150
}

func TestTheCodeOfEachFormIsReadFromAGreyScanAndFromABadCopy(t *testing.T) {
	t.Parallel()
	for name, blank := range map[string]Blank{"of each kind": {Patient: anna()}, "for a ward": {Ward: "3A", Kind: KindVitals}, "for nobody": {Kind: KindCurve}, "without a case": {Patient: &chart.Patient{Key: "k3jqz7aaaaaaaaaa"}, Kind: KindProgress}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			blanks := []Blank{blank}
			if blanks[0].Serial = "ZZZZZZZZZZ"; blank.Kind == "" {
				blanks = allKinds(blank)
			}
			d := drawTo(t, func(w io.Writer) error { return Blanks(w, headOf(incident.Emergency, lang.DE), blanks, packOptions()) })
			count := strings.Count(d.text(t), "\f")
			at, page := -1, 0
			for n := 1; n <= count; n++ {
				img := d.scan(t, n, formCode)
				got, err := sheet.Parse(readMatrix(t, img))
				if err != nil {
					t.Fatalf("page %d: %v", n, err)
				}
				if again := readMatrix(t, copied(img)); again != got.String() {
					t.Errorf("page %d: the copy reads %q", n, again)
				}
				if page++; got.Page == 1 {
					at, page = at+1, 1
				}
				want := sheet.Code{Form: blanks[at].Kind.Form(), Serial: blanks[at].Serial, Page: page, Seq: 88123, Ward: blank.Ward}
				if blank.Patient != nil {
					stay, _ := blank.Patient.Current()
					if want.Case = stay.Case; want.Case == "" {
						want.Key = blank.Patient.Key
					}
				}
				if got != want {
					t.Errorf("page %d reads %+v, want %+v", n, got, want)
				}
				if w, h := inked(img); w+4*module < leastMatrix || h+4*module < leastMatrix {
					t.Errorf("page %d: the code is %.1f × %.1f mm", n, w, h)
				}
			}
			if at+1 != len(blanks) {
				t.Errorf("%d forms, want %d", at+1, len(blanks))
			}
		})
	}
}

func TestAnOrderNumberIsReadFromEachSpecimenLabel(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*chart.Patient{"for a patient": anna(), "without a patient": nil} {
		d := drawTo(t, func(w io.Writer) error {
			return Blanks(w, headOf(incident.Normal, lang.DE), []Blank{{Kind: KindLaboratory, Serial: "7K2M9QXTE4", Patient: p, Order: asked()}}, packOptions())
		})
		bottom := 297.0 - marginFoot - footHeight
		for i := range specimenCols {
			x := marginLeft + 61*float64(i)
			if got := readMatrix(t, d.scan(t, 1, field{x + 48, bottom - 13.6, 12.6, 12.8})); got != asked().Placer {
				t.Errorf("%s, label %d: DataMatrix reads %q", name, i+1, got)
			}
			if got := readBars(t, d.scan(t, 1, field{x + 0.6, bottom - 15, 48, 10})); got != asked().Placer {
				t.Errorf("%s, label %d: Code 128 reads %q", name, i+1, got)
			}
		}
	}
}

// TestEveryBoxToWriteInHasRoomForAHand looks at every box drawn with a pen that
// only such boxes have.
func TestEveryBoxToWriteInHasRoomForAHand(t *testing.T) {
	t.Parallel()
	const least = 7 * 72 / 25.4
	pens := map[string]bool{"0.71": true, "0.57": true} // pen and rowPen in points
	drawing := regexp.MustCompile(`(?m)^([0-9.]+) w$|^[0-9.]+ [0-9.]+ ([0-9.]+) ([0-9.]+) re S$`)
	for _, c := range formCases() {
		boxes, width := 0, ""
		for _, content := range contents(t, c.draw) {
			for _, m := range drawing.FindAllStringSubmatch(string(content), -1) {
				if m[1] != "" {
					width = m[1]
					continue
				}
				if !pens[width] {
					continue
				}
				boxes++
				if h, err := strconv.ParseFloat(m[3], 64); err != nil || h < least {
					t.Errorf("%s: a box is %s points high", c.name, m[3])
				}
			}
		}
		if boxes == 0 && !strings.HasPrefix(c.name, "a list") && !strings.HasPrefix(c.name, "a medication") {
			t.Errorf("%s: no box found", c.name)
		}
	}
}

func TestAPadForAWardHoldsEnoughForEachBed(t *testing.T) {
	t.Parallel()
	for _, beds := range []int{-1, 0, 1, 28} {
		perBed := map[Kind]int{}
		for _, c := range PadFor(beds) {
			if c.Count < 1 || !c.Kind.Valid() {
				t.Errorf("%d beds: %d of %s", beds, c.Count, c.Kind)
			}
			perBed[c.Kind] += c.Count
		}
		for _, k := range []Kind{KindCurve, KindVitals, KindMedication, KindProgress} {
			if perBed[k] < beds {
				t.Errorf("%d beds: %d of %s", beds, perBed[k], k)
			}
		}
	}
}

func TestAFormSaysWhoseItIsOnEachPage(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		d := drawTo(t, func(w io.Writer) error {
			return Blanks(w, headOf(incident.Emergency, lang.DE), []Blank{{Kind: k, Serial: "7K2M9QXTE4", Patient: anna()}}, packOptions())
		})
		pages := strings.Split(d.text(t), "\f")
		for i, p := range pages[:len(pages)-1] {
			flat := strings.Join(strings.Fields(p), " ")
			for _, want := range []string{
				"MÜLLER, Anna", "*03.04.1951 (75 J)", "Fall 4711001", "▲ Penicillin (Anaphylaxie 2009)", k.Title().DE, "Bogen 7K2M9 QXTE4", "NOTBETRIEB seit",
				"Journal Nr. 88123", "Daten vom Stand Sa 21.11.2026 05:31", "Gedruckt Sa 21.11.2026 05:38", fmt.Sprintf("Blatt %d von %d", i+1, len(pages)-1),
			} {
				if !strings.Contains(flat, want) {
					t.Errorf("%s page %d lacks %q", k, i+1, want)
				}
			}
		}
	}
}

func TestAFormThatCannotComeBackIsNotPrinted(t *testing.T) {
	t.Parallel()
	ward, _ := ward3A()
	head := headOf(incident.Normal, lang.DE)
	var out bytes.Buffer
	for name, err := range map[string]error{
		"no form":              Blanks(&out, head, nil, PackOptions{}),
		"no serial":            Blanks(&out, head, []Blank{{Kind: KindCurve}}, PackOptions{}),
		"a wrong serial":       Blanks(&out, head, []Blank{{Kind: KindCurve, Serial: "1"}}, PackOptions{}),
		"no such form":         Blanks(&out, head, []Blank{{Kind: "menu", Serial: "7K2M9QXTE4"}}, PackOptions{}),
		"a list of nothing":    WardResults(&out, head, ResultList{Ward: ward}, PackOptions{}),
		"an empty pad":         Pad(&out, head, PadPlan{ward, []PadCount{{KindCurve, 0}}, serials()}, PackOptions{}),
		"a pad of less":        Pad(&out, head, PadPlan{ward, []PadCount{{KindCurve, -1}}, serials()}, PackOptions{}),
		"a pad of a lorryload": Pad(&out, head, PadPlan{ward, []PadCount{{KindCurve, 1500}, {KindVitals, 501}}, serials()}, PackOptions{}),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if out.Len() > 0 {
		t.Errorf("%d bytes were written", out.Len())
	}
}

func TestAPadListsEachOfItsFormsAndNoTwoShareANumber(t *testing.T) {
	t.Parallel()
	ward, _ := ward3A()
	counts := PadFor(ward.Beds)
	want := 0
	for i := range counts {
		counts[i].Count = min(counts[i].Count, 1+i%2)
		want += counts[i].Count
	}
	d := drawTo(t, func(w io.Writer) error {
		return Pad(w, headOf(incident.Emergency, lang.DE), PadPlan{ward, counts, serials()}, packOptions())
	})
	pages := strings.Split(d.text(t), "\f")
	register, forms := "", map[string]string{}
	for i, p := range pages[:len(pages)-1] {
		if !strings.Contains(p, "Notfallblock") {
			no := strings.Fields(p[strings.LastIndex(p, "Bogen 7K2M9"):])[2]
			code, err := sheet.Parse(readMatrix(t, d.scan(t, i+1, formCode)))
			if err != nil || !strings.HasSuffix(string(code.Serial), no) || code.Ward != "3A" {
				t.Errorf("page %d says %s, its code %+v, %v", i+1, no, code, err)
			}
			forms[no] = p
		} else {
			register += p
		}
	}
	if len(forms) != want {
		t.Errorf("%d forms, want %d", len(forms), want)
	}
	for no := range forms {
		if strings.Count(register, "7K2M9 "+no) != 1 {
			t.Errorf("form %s does not stand in the register once", no)
		}
	}
	for _, rule := range []string{"1.", "2.", "3.", "4.", "5."} {
		if !strings.Contains(register, rule) {
			t.Errorf("the cover lacks rule %s", rule)
		}
	}
}

func TestAKurveStartsWithWhatIsKnownAndSaysWhatIsNot(t *testing.T) {
	t.Parallel()
	curve := func(p *chart.Patient, from time.Time) string {
		return drawTo(t, func(w io.Writer) error {
			return Blanks(w, headOf(incident.Emergency, lang.DE), []Blank{{Kind: KindCurve, Serial: "7K2M9QXTE4", Patient: p, From: from}}, packOptions())
		}).flat(t)
	}
	known := curve(anna(), time.Time{})
	for _, want := range []string{"Letzte bekannte Werte: Temp 37,8 °C (05:05) · Puls 96 /min (05:05)", "Fr 20.11.", "Do 26.11."} {
		if !strings.Contains(known, want) {
			t.Errorf("the Kurve lacks %q", want)
		}
	}
	if got := curve(unnamed(), time.Time{}); !strings.Contains(got, "Letzte bekannte Werte: nicht übermittelt") {
		t.Error("the Kurve does not say that no value was sent")
	}
	if got := curve(anna(), at(28, 12, 0)); !strings.Contains(got, "Sa 28.11.") || strings.Contains(got, "Do 26.11.") {
		t.Error("the Kurve does not begin on the day asked for")
	}
	withdrawn := anna()
	for i := range withdrawn.Results {
		if withdrawn.Results[i].V.Code.Code == loincTemperature {
			withdrawn.Results[i].V.Status = clinical.Withdrawn
		}
	}
	if got := curve(withdrawn, time.Time{}); strings.Contains(got, "Temp 3") {
		t.Error("a withdrawn temperature is printed as known")
	}
}

func TestANightBelongsToTheDayItBeganOn(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := &formSheets{chartSheets: &chartSheets{flow: &flow{document: &document{voice: voice{zone: zone}}}}}
	begin := time.Date(2026, 10, 22, shiftStart, 0, 0, 0, zone) // summer time ends on the 25th
	for when, want := range map[[3]int]int{
		{22, 6, 0}: 0, {22, 13, 59}: 0, {22, 14, 0}: 1, {22, 22, 0}: 2, {23, 5, 59}: 2, {23, 6, 0}: 3, {25, 5, 59}: 8, {25, 6, 0}: 9, {26, 6, 0}: 12, {29, 5, 59}: 20,
	} {
		if got := c.shift(time.Date(2026, 10, when[0], when[1], when[2], 0, 0, zone), begin); got != want {
			t.Errorf("%v is shift %d, want %d", when, got, want)
		}
	}
}

func TestADrugForTwoPeopleIsMarked(t *testing.T) {
	t.Parallel()
	house, err := dosing.Load([]byte("version: 1\nsubstances:\n  - {name: Torasemid, atc: [C03CA04], brands: [Torasemid AL], high_risk: always}\n"))
	if err != nil {
		t.Fatal(err)
	}
	marked := func(o PackOptions) string {
		pages := strings.Split(drawTo(t, func(w io.Writer) error {
			return Blanks(w, headOf(incident.Normal, lang.DE), []Blank{{Kind: KindMedication, Serial: "7K2M9QXTE4", Patient: anna()}}, o)
		}).text(t), "\f")
		var out []string
		for _, l := range strings.Split(pages[0], "\n") {
			if strings.Contains(l, "ZWEITE PERSON") {
				out = append(out, strings.Join(strings.Fields(l)[:1], " "))
			}
		}
		return strings.Join(out, " ")
	}
	if got := marked(packOptions()); got != "Kaliumchlorid" {
		t.Errorf("by the built-in table: %q", got)
	}
	if got := marked(PackOptions{Double: &dosing.Double{Table: house, Trusting: true}}); got != "Torasemid" {
		t.Errorf("by the hospital's own table: %q", got)
	}
}

func TestAMedicationFormHasEachDrugOnEachDayOnce(t *testing.T) {
	t.Parallel()
	p := crowded()
	p.Medication = p.Medication[:30]
	text := drawTo(t, func(w io.Writer) error {
		return Blanks(w, headOf(incident.Normal, lang.DE), []Blank{{Kind: KindMedication, Serial: "7K2M9QXTE4", Patient: p, Days: []time.Time{at(21, 12, 0), at(22, 12, 0)}}}, packOptions())
	}).flat(t)
	for i := range 30 {
		if n := strings.Count(text, fmt.Sprintf("Präparat-%03d", i)); n != 2 {
			t.Errorf("Präparat-%03d stands in the plans of two days %d times", i, n)
		}
	}
	for _, want := range []string{"Gaben am Sa 21.11.2026", "Gaben am So 22.11.2026", "A abgelehnt", "zweite Person prüft und zeichnet", "Arzt, Datum, Zeit:"} {
		if !strings.Contains(text, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
}

// newsRange reads a printed range, "≤ 8", "9–11" or "≥ 25", the last two by their
// one printed end.
func newsRange(t *testing.T, cell string) (from, to float64) {
	t.Helper()
	low, high, isRange := strings.Cut(strings.ReplaceAll(cell, ",", "."), "–")
	if rest, ok := strings.CutPrefix(low, "≤ "); ok {
		low, high, isRange = rest, rest, true
	}
	if rest, ok := strings.CutPrefix(low, "≥ "); ok {
		low, high, isRange = rest, rest, true
	}
	from, err1 := strconv.ParseFloat(low, 64)
	to, err2 := strconv.ParseFloat(high, 64)
	if !isRange || err1 != nil || err2 != nil || from > to {
		t.Fatalf("%q is no range", cell)
	}
	return from, to
}

// TestThePrintedNEWS2CountsAsTheWorkedOutOne compares the ends of each printed
// range with the points that are worked out on the screen.
func TestThePrintedNEWS2CountsAsTheWorkedOutOne(t *testing.T) {
	t.Parallel()
	points := [7]int{3, 2, 1, 0, 1, 2, 3}
	lines := map[string]func(v float64, air score.Breathing) (score.NEWS2, string){
		"Atemfrequenz /min": func(v float64, _ score.Breathing) (score.NEWS2, string) {
			return score.NEWS2{RespRate: &v}, "Atemfrequenz"
		},
		"SpO₂ % (Skala 1)": func(v float64, b score.Breathing) (score.NEWS2, string) {
			return score.NEWS2{SpO2: &v, Breathing: b}, "SpO2 (Skala 1)"
		},
		"SpO₂ % (Skala 2)*": func(v float64, b score.Breathing) (score.NEWS2, string) {
			return score.NEWS2{SpO2: &v, Breathing: b, Scale2: true}, "SpO2 (Skala 2)"
		},
		"RR systolisch mmHg": func(v float64, _ score.Breathing) (score.NEWS2, string) {
			return score.NEWS2{Systolic: &v}, "Blutdruck systolisch"
		},
		"Puls /min":     func(v float64, _ score.Breathing) (score.NEWS2, string) { return score.NEWS2{Pulse: &v}, "Puls" },
		"Temperatur °C": func(v float64, _ score.Breathing) (score.NEWS2, string) { return score.NEWS2{Temp: &v}, "Temperatur" },
	}
	compared := 0
	for _, r := range news2 {
		of := lines[r.name.DE]
		if of == nil {
			continue
		}
		step := 1.0
		if r.name.DE == "Temperatur °C" {
			step = 0.1
		}
		last := math.NaN()
		for i, cell := range r.cells {
			cell = firstOf(r.words[i].DE, cell)
			if cell == "" {
				continue
			}
			air := score.RoomAir
			if rest, ok := strings.CutSuffix(cell, " m. O₂"); ok {
				cell, air = rest, score.Oxygen
			}
			from, to := newsRange(t, cell)
			if !math.IsNaN(last) && math.Abs(from-last-step) > 0.01 {
				t.Errorf("%s: %q does not begin after %v", r.name.DE, cell, last)
			}
			last = to
			for _, v := range []float64{from, to} {
				n, label := of(v, air)
				for _, item := range n.Result().Items {
					if item.Label.DE == label {
						compared++
						if !item.Known || item.Points != points[i] {
							t.Errorf("%s: %v counts %d, printed under %d", r.name.DE, v, item.Points, points[i])
						}
					}
				}
			}
		}
	}
	if compared < 2*25 {
		t.Errorf("only %d values were compared", compared)
	}
}

func TestAWardListOfResultsHasWhatArrivedAndNamesWhoHasNone(t *testing.T) {
	t.Parallel()
	ward, patients := ward3A()
	text := drawTo(t, func(w io.Writer) error {
		return WardResults(w, headOf(incident.Emergency, lang.DE), ResultList{ward, "7K2M9QXTE4", at(21, 0, 0), []BedResults{{ward.Rows[0], patients[2].Results}, {ward.Rows[1], nil}}}, packOptions())
	}).flat(t)
	for _, want := range []string{"Ergebnisse, eingegangen seit Sa 21.11.2026 00:00", "MÜLLER, Anna", "‼ NAMENSGLEICH", "Kalium", "6,1 mmol/l ‼", "noch kein Ergebnis", "Ohne Ergebnis in dieser Zeit: Zi 301 Bett T von der HEIDE"} {
		if !strings.Contains(text, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	for _, not := range []string{"Procalcitonin", "Temperatur", "Troponin"} {
		if strings.Contains(text, not) {
			t.Errorf("the list has %q, which arrived earlier or is no result of a laboratory", not)
		}
	}
}

func TestEveryKindOfFormHasATitleAndAFiling(t *testing.T) {
	t.Parallel()
	for _, k := range Kinds() {
		if !k.Valid() || k.Title().DE == "" || k.Title().EN == "" || k.Form() == "" {
			t.Errorf("%s: title %+v, form %q", k, k.Title(), k.Form())
		}
	}
	if k := Kind("menu"); k.Valid() || k.Title() != (lang.Text{}) || k.Form() != "" {
		t.Error("a form that does not exist has a title")
	}
}
