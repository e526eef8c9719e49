package dosing

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Unit is what an amount is counted in. Amounts of one unit can be compared;
// between two units there is no way without a strength.
type Unit uint8

const (
	_          Unit = iota
	Milligram       // every mass: 1 g is 1000 of it, 1 µg is 0.001
	IU              // international units (IE, E)
	Millimole       //
	Millilitre      //
	Piece           // tablet, ampoule, syringe, bag
	Drop            //
)

// unitNames are the units in short, as printed.
var unitNames = [...]lang.Text{
	{DE: "?", EN: "?"}, {DE: "mg", EN: "mg"}, {DE: "IE", EN: "IU"}, {DE: "mmol", EN: "mmol"},
	{DE: "ml", EN: "ml"}, {DE: "Stück", EN: "pieces"}, {DE: "Tropfen", EN: "drops"},
}

// Name returns the unit as printed.
func (u Unit) Name() lang.Text {
	if int(u) < len(unitNames) {
		return unitNames[u]
	}
	return unitNames[0]
}

// Amount is how much, read from words. A range keeps both ends.
type Amount struct {
	Low, High float64
	Unit      Unit
	PerKg     bool // for each kilogram of body weight
}

// times is the amount n times.
func (a Amount) times(n float64) Amount {
	a.Low, a.High = a.Low*n, a.High*n
	return a
}

// Text is the upper end with its unit as printed: "0,5 mg", "75 µg", "5 000 IE".
func (a Amount) Text() lang.Text {
	v, u := a.High, a.Unit.Name()
	if a.Unit == Milligram {
		switch {
		case v >= 1000:
			v, u = v/1000, lang.Text{DE: "g", EN: "g"}
		case v < 0.1 && v > 0:
			v, u = v*1000, lang.Text{DE: "µg", EN: "µg"}
		}
	}
	if a.PerKg {
		u.DE, u.EN = u.DE+"/kg", u.EN+"/kg"
	}
	s := figure(v)
	return lang.Text{DE: s + " " + u.DE, EN: strings.Replace(s, ",", ".", 1) + " " + u.EN}
}

// figure is a number in German with thousands parted by a narrow blank.
func figure(v float64) string {
	if v >= 1e12 || v != v {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	if v > 0 && v < 1e-6 {
		return "< 0,000001"
	}
	whole, part, _ := strings.Cut(strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if part != "" {
		whole += "," + part
	}
	return whole
}

var (
	errNoAmount = fault.New(fault.Invalid, lang.Text{DE: "keine lesbare Menge", EN: "no readable amount"})
	errUnit     = fault.New(fault.Invalid, lang.Text{DE: "Einheit nicht lesbar", EN: "unit not readable"})
	errPoint    = fault.New(fault.Invalid, lang.Text{DE: "Punkt oder Komma ist mehrdeutig (Tausender oder Dezimalstelle)", EN: "point or comma is ambiguous (thousands or decimals)"})
	errSurface  = fault.New(fault.Invalid, lang.Text{DE: "Dosis je m² Körperoberfläche", EN: "dose for each m² of body surface"})
	errHuge     = fault.New(fault.Invalid, lang.Text{DE: "Zahl zu groß", EN: "number too large"})
)

const (
	maxText  = 80   // bytes of an amount that are read
	maxValue = 1e10 // beyond it is no amount of a drug
)

var (
	groupedPoint = regexp.MustCompile(`^\d{1,3}((?:\.\d{3})+),(\d+)`)               // 1.000,5
	groupedComma = regexp.MustCompile(`^\d{1,3}((?:,\d{3})+)\.(\d+)`)               // 1,000.5
	manyGroups   = regexp.MustCompile(`^\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})`) // 1.000.000
	blankGroups  = regexp.MustCompile(`^\d{1,3}(?:[ ']\d{3})+`)                     // 5 000
	plainNumber  = regexp.MustCompile(`^(\d+)(?:([.,])(\d+))?`)                     // 5, 0,5, 0.5
	mixedNumber  = regexp.MustCompile(`^(?:(\d+) )?([1-3])/([2-4])(?:[^\d,.]|$)`)   // 1/2, 1 1/2
)

var halves = strings.NewReplacer("½", " 1/2", "¼", " 1/4", "¾", " 3/4", "⅓", " 1/3", "⅔", " 2/3")

// blanks makes every kind of blank and apostrophe one, and lets one stand.
var blanks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\t", " ", "’", "'")

// smooth is s ready for reading numbers.
func smooth(s string) string {
	return strings.Join(strings.Fields(halves.Replace(blanks.Replace(s))), " ")
}

// number reads the number at the beginning of s (which is smooth) and returns
// what follows. "5.000" and "5,000" may be five or five thousand: that is
// errPoint, never a guess; "0,125" and "5 000" are clear.
func number(s string) (float64, string, error) {
	digits := func(n int, keep string) (float64, string, error) {
		v, err := strconv.ParseFloat(keep, 64)
		switch {
		case err != nil:
			return 0, s, errNoAmount
		case v > maxValue:
			return 0, s, errHuge
		}
		rest := s[n:]
		if rest != "" && strings.ContainsAny(rest[:1], ".,'") && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' {
			return 0, s, errPoint
		}
		return v, strings.TrimLeft(rest, " "), nil
	}
	strip := func(m string) string {
		return strings.NewReplacer(" ", "", "'", "", ".", "", ",", "").Replace(m)
	}
	if m := mixedNumber.FindStringSubmatch(s); m != nil {
		whole, _ := strconv.ParseFloat("0"+m[1], 64)
		top, _ := strconv.ParseFloat(m[2], 64)
		bottom, _ := strconv.ParseFloat(m[3], 64)
		if top >= bottom || whole > maxValue {
			return 0, s, errNoAmount
		}
		end := strings.IndexByte(s, '/') + 2
		return whole + top/bottom, strings.TrimLeft(s[end:], " "), nil
	}
	for _, re := range []*regexp.Regexp{groupedPoint, groupedComma} {
		if m := re.FindStringSubmatch(s); m != nil {
			part := m[2]
			return digits(len(m[0]), strip(m[0][:len(m[0])-len(part)])+"."+part)
		}
	}
	if m := manyGroups.FindString(s); m != "" {
		return digits(len(m), strip(m))
	}
	if m := blankGroups.FindString(s); m != "" {
		after := s[len(m):]
		if after != "" && after[0] >= '0' && after[0] <= '9' {
			return 0, s, errNoAmount
		}
		if d := plainNumber.FindStringSubmatch("0" + after); d != nil && d[3] != "" {
			return digits(len(m)+1+len(d[3]), strip(m)+"."+d[3])
		}
		return digits(len(m), strip(m))
	}
	m := plainNumber.FindStringSubmatch(s)
	switch {
	case m == nil:
		return 0, s, errNoAmount
	case m[3] == "":
		return digits(len(m[0]), m[1])
	case len(m[3]) == 3 && len(m[1]) <= 3 && strings.Trim(m[1], "0") != "":
		return 0, s, errPoint
	}
	return digits(len(m[0]), m[1]+"."+m[3])
}

type unitWord struct {
	unit  Unit
	scale float64
}

// unitWords are the units by their folded spelling.
var unitWords = withPieces(map[string]unitWord{
	"kg": {Milligram, 1e6}, "g": {Milligram, 1000}, "gramm": {Milligram, 1000}, "mg": {Milligram, 1}, "milligramm": {Milligram, 1},
	"µg": {Milligram, 1e-3}, "ug": {Milligram, 1e-3}, "mcg": {Milligram, 1e-3}, "mikrogramm": {Milligram, 1e-3}, "ng": {Milligram, 1e-6},
	"ie": {IU, 1}, "iu": {IU, 1}, "e": {IU, 1}, "u": {IU, 1}, "einheit": {IU, 1}, "einheiten": {IU, 1}, "units": {IU, 1},
	"mega": {IU, 1e6}, "mmol": {Millimole, 1}, "ml": {Millilitre, 1}, "milliliter": {Millilitre, 1}, "l": {Millilitre, 1000}, "liter": {Millilitre, 1000},
	"tr": {Drop, 1}, "trpf": {Drop, 1}, "trp": {Drop, 1}, "tropfen": {Drop, 1}, "gtt": {Drop, 1},
})

// withPieces adds everything that is counted in pieces.
func withPieces(words map[string]unitWord) map[string]unitWord {
	for _, w := range strings.Fields("tbl tabl tab tablette tabletten filmtablette filmtabletten retardtablette retardtabletten brausetablette brausetabletten schmelztablette schmelztabletten " +
		"st stk stck stuck stueck kps kaps kapsel kapseln hartkapsel hartkapseln retardkapsel retardkapseln drg dragee dragees amp ampulle ampullen btl beutel supp zapfchen fl flasche flaschen dfl durchstechflasche durchstechflaschen " +
		"infusionsflasche infusionsflaschen spritze spritzen fertigspritze fertigspritzen hub hube spruhstoss spruhstosse pflaster inhalationskapsel pen") {
		words[w] = unitWord{Piece, 1}
	}
	return words
}

// unitFold makes spellings of a unit equal: "I.E.", "[iU]", "{Tbl}", "μg".
func unitFold(s string) string {
	s = strings.ToLower(s)
	return strings.NewReplacer(".", "", "[", "", "]", "", "{", "", "}", "", "μ", "µ", "ä", "a", "ö", "o", "ü", "u", "ß", "ss").Replace(s)
}

// unit reads the unit at the beginning of s and returns what follows. "Mio." and
// "Tsd." before it count.
func unit(s string) (unitWord, string, error) {
	scale := 1.0
	for {
		word, rest := s, ""
		if i := strings.IndexAny(s, " /(*×"); i >= 0 {
			word, rest = s[:i], s[i:]
		}
		rest = strings.TrimLeft(rest, " ")
		switch unitFold(word) {
		case "mio", "million", "millionen":
			scale, s = scale*1e6, rest
		case "tsd", "tausend":
			scale, s = scale*1e3, rest
		default:
			u, ok := unitWords[unitFold(word)]
			if !ok || scale > 1 && u.unit != IU {
				return unitWord{}, s, errUnit
			}
			u.scale *= scale
			return u, rest, nil
		}
		if scale > 1e6 || s == "" {
			return unitWord{}, s, errUnit
		}
	}
}

// rangeSign parts "20–40" and "1-2"; the blanks around it may be missing.
var rangeSign = regexp.MustCompile(`^ ?(?:–|-|—|bis) ?`)

// lead is what may stand before an amount.
var lead = regexp.MustCompile(`(?i)^(?:bis zu|bis|max\.|max|maximal|ca\.|höchstens) ?`)

// timesSign is between the two of "2 x 500 mg" and "2 Tbl. à 500 mg".
var timesSign = regexp.MustCompile(`(?i)^(?:(?:x|×|\*) ?|(?:à|a) )`)

// ReadAmount reads how much of something one dose is: "1 Tbl.", "5 000 IE",
// "0,5 mg", "20–40 Tr.", "½ Tbl.", "4/0,5 g" (the sum of both parts),
// "2 x 500 mg", "5 mg/kg". What has two readings is an error, as is every word
// left over; the error's sentence says why.
func ReadAmount(s string) (Amount, error) {
	if len(s) > maxText {
		return Amount{}, errNoAmount
	}
	s = smooth(s)
	s = s[len(lead.FindString(s)):]
	return amount(s, true)
}

func amount(s string, product bool) (Amount, error) {
	low, rest, err := number(s)
	if err != nil {
		return Amount{}, err
	}
	high := low
	if m := rangeSign.FindString(rest); m != "" {
		if high, rest, err = number(rest[len(m):]); err != nil {
			return Amount{}, err
		}
	}
	if after, ok := strings.CutPrefix(rest, "/"); ok && low == high {
		return sum(low, strings.TrimLeft(after, " "))
	}
	if m := timesSign.FindString(rest); m != "" && product {
		a, err := amount(rest[len(m):], false)
		return Amount{Low: a.Low * low, High: a.High * high, Unit: a.Unit, PerKg: a.PerKg}, err
	}
	u, rest, err := unit(rest)
	if err != nil {
		return Amount{}, err
	}
	a := Amount{Low: min(low, high) * u.scale, High: max(low, high) * u.scale, Unit: u.unit}
	if m := timesSign.FindString(rest); m != "" && u.unit == Piece && product {
		each, err := amount(rest[len(m):], false)
		return Amount{Low: each.Low * a.Low, High: each.High * a.High, Unit: each.Unit, PerKg: each.PerKg}, err
	}
	return tail(a, rest)
}

// tail reads what may follow the unit: nothing, or "/kg".
func tail(a Amount, rest string) (Amount, error) {
	switch unitFold(strings.ReplaceAll(rest, " ", "")) {
	case "":
		return a, nil
	case "/kg", "/kgkg", "/kgkörpergewicht", "/kgkorpergewicht", "/kgbw":
		a.PerKg = true
		return a, nil
	case "/m²", "/m2", "/m²kof", "/m2kof":
		return Amount{}, errSurface
	}
	if after, ok := strings.CutPrefix(rest, "/"); ok && a.Unit != Millilitre {
		b, err := amount(strings.TrimLeft(after, " "), false)
		if err == nil && b.Unit == a.Unit && !b.PerKg {
			return Amount{Low: a.Low + b.Low, High: a.High + b.High, Unit: a.Unit}, nil
		}
	}
	return Amount{}, errUnit
}

// sum reads "0,5 g" behind "4/": a combination as printed on its box.
func sum(first float64, s string) (Amount, error) {
	second, rest, err := number(s)
	if err != nil {
		return Amount{}, err
	}
	third := 0.0
	if after, ok := strings.CutPrefix(rest, "/"); ok {
		if third, rest, err = number(strings.TrimLeft(after, " ")); err != nil {
			return Amount{}, err
		}
	}
	u, rest, err := unit(rest)
	if err != nil || u.unit != Milligram && u.unit != IU {
		return Amount{}, errUnit
	}
	v := (first + second + third) * u.scale
	return tail(Amount{Low: v, High: v, Unit: u.unit}, rest)
}

// strength is what one piece, or one volume, holds.
type strength struct {
	each   Amount
	volume float64 // ml that hold it, 0 if none is given
	piece  bool    // each is what one piece holds ("40 mg", "40 mg/0,4 ml"); false for "10 mg/ml"
}

// readStrength reads "40 mg", "5 000 IE/0,2 ml", "10 mg/ml", "4/0,5 g",
// "100 mg/25 mg". Per cent are not read: of what is not said.
func readStrength(s string) (strength, error) {
	if len(s) > maxText {
		return strength{}, errNoAmount
	}
	s = smooth(s)
	body, last := s, ""
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		body, last = strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
	}
	volume, piece := 0.0, true
	if last != "" {
		if u, ok := unitWords[unitFold(last)]; ok && u.unit == Millilitre {
			volume, piece = u.scale, false
		} else if v, err := amount(last, false); err == nil && v.Unit == Millilitre {
			volume = v.High
		}
	}
	if volume == 0 {
		body = s
	}
	a, err := amount(body, false)
	switch {
	case err != nil:
		return strength{}, err
	case a.PerKg || a.Low != a.High || a.High <= 0 || volume < 0:
		return strength{}, errNoAmount
	case a.Unit != Milligram && a.Unit != IU && a.Unit != Millimole:
		return strength{}, errUnit
	}
	return strength{each: a, volume: volume, piece: piece}, nil
}
