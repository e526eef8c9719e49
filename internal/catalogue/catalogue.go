// Package catalogue is what the hospital's laboratory offers: the analytes with
// unit, specimen, reference range and limits, and the profiles in which they
// are ordered. It judges a value against them and knows no patient. The
// built-in catalogue is a start; the laboratory replaces it with its own.
package catalogue

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Catalogue is everything the laboratory offers.
type Catalogue struct {
	Version    string
	ApprovedBy string // who approved it for this house, "" if nobody did
	ApprovedOn string // day of the approval as written
	Specimens  []Specimen
	Analytes   []*Analyte
	Profiles   []*Profile
	Units      []string // every unit that a value may have
}

// Approved reports whether a person of the laboratory stands behind it.
func (c *Catalogue) Approved() bool { return c.ApprovedBy != "" && c.ApprovedOn != "" }

// Specimen is one kind of tube or cup.
type Specimen struct {
	ID   string
	Name lang.Text
}

// Analyte is one thing that is measured.
type Analyte struct {
	Code     string // of the laboratory
	LOINC    string
	Name     lang.Text
	Unit     string
	Digits   int    // decimals that are kept
	Specimen string // ID of its specimen
	Group    string // heading under which it stands
	Section  clinical.Section
	Sort     int  // place in the catalogue
	Words    bool // the result is said in words

	// Outside of Possible a value cannot be; outside of Usual it is asked about
	// once more; beyond Critical somebody has to know now. Open sides are nil.
	Possible, Usual, Critical Span
	Ranges                    []Range
}

// Span is from Low to High; a side that is nil is open.
type Span struct{ Low, High *float64 }

// holds reports whether v lies within.
func (s Span) holds(v float64) bool {
	return (s.Low == nil || v >= *s.Low) && (s.High == nil || v <= *s.High)
}

// Text writes the span as reference ranges are printed: "3,5 - 5,1", "< 5".
func (s Span) Text(digits int) string {
	say := func(v float64) string {
		return strings.Replace(strconv.FormatFloat(v, 'f', digits, 64), ".", ",", 1)
	}
	switch {
	case s.Low != nil && s.High != nil:
		return say(*s.Low) + " - " + say(*s.High)
	case s.High != nil:
		return "< " + say(*s.High)
	case s.Low != nil:
		return "> " + say(*s.Low)
	}
	return ""
}

// Range is a reference range of some people.
type Range struct {
	Sex      clinical.Sex // "" for both
	From, To int          // whole years of age, To included; To 0 has no end
	Span
	Critical *Span // where it differs from that of the analyte
}

// Profile is several analytes that are ordered by one tick.
type Profile struct {
	Code     string
	Name     lang.Text
	Analytes []*Analyte
}

// Person is what a reference range depends on.
type Person struct {
	Years int
	Known bool // Years is
	Sex   clinical.Sex
}

// Analyte returns the analyte of a code, LOINC or name, nil if there is none.
func (c *Catalogue) Analyte(s string) *Analyte {
	s = strings.TrimSpace(s)
	for _, a := range c.Analytes {
		if s != "" && (strings.EqualFold(s, a.Code) || s == a.LOINC || strings.EqualFold(s, a.Name.DE) || strings.EqualFold(s, a.Name.EN)) {
			return a
		}
	}
	return nil
}

// Of returns what a code that was ordered asks for: the analytes of a profile,
// or the one analyte. None for a code of somebody else.
func (c *Catalogue) Of(code string) []*Analyte {
	for _, p := range c.Profiles {
		if strings.EqualFold(p.Code, code) {
			return p.Analytes
		}
	}
	if a := c.Analyte(code); a != nil {
		return []*Analyte{a}
	}
	return nil
}

// Specimen returns the specimen of that ID, or one named by the ID itself.
func (c *Catalogue) Specimen(id string) Specimen {
	if i := slices.IndexFunc(c.Specimens, func(s Specimen) bool { return s.ID == id }); i >= 0 {
		return c.Specimens[i]
	}
	return Specimen{id, lang.Text{DE: id}}
}

// Unit returns the unit as the catalogue writes it; false for one it does not
// know.
func (c *Catalogue) Unit(s string) (string, bool) {
	plain := func(s string) string { return strings.NewReplacer(" ", "", "μ", "µ").Replace(strings.ToLower(s)) }
	for _, u := range c.Units {
		if plain(u) == plain(s) {
			return u, true
		}
	}
	return "", false
}

// Range returns the reference range for a person; false where the catalogue
// has none: then a value is not judged against one.
func (a *Analyte) Range(p Person) (Range, bool) {
	for _, r := range a.Ranges {
		if r.Sex != "" && r.Sex != p.Sex {
			continue
		}
		if (r.From > 0 || r.To > 0) && !p.Known || p.Known && (p.Years < r.From || r.To > 0 && p.Years > r.To) {
			continue
		}
		return r, true
	}
	return Range{}, false
}

// Verdict is what the catalogue says of a value.
type Verdict int

const (
	Fine Verdict = iota
	Unusual
	Impossible
)

// Plausible reports whether a value can be.
func (a *Analyte) Plausible(v float64) Verdict {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0) || !a.Possible.holds(v):
		return Impossible
	case !a.Usual.holds(v):
		return Unusual
	}
	return Fine
}

// Flag returns H, L, HH, LL or "" for a value of a person. A value at a critical
// limit is not beyond it. comparator is "<", ">" or "".
func (a *Analyte) Flag(v float64, comparator string, p Person) string {
	r, ok := a.Range(p)
	critical := a.Critical
	if ok && r.Critical != nil {
		critical = *r.Critical
	}
	below := func(limit *float64) bool {
		return limit != nil && (v < *limit || v == *limit && strings.HasPrefix(comparator, "<"))
	}
	above := func(limit *float64) bool {
		return limit != nil && (v > *limit || v == *limit && strings.HasPrefix(comparator, ">"))
	}
	switch {
	case below(critical.Low):
		return "LL"
	case above(critical.High):
		return "HH"
	case ok && below(r.Low):
		return "L"
	case ok && above(r.High):
		return "H"
	}
	return ""
}

//go:embed catalogue.yaml
var builtIn []byte

// Default returns the built-in catalogue. Everybody shares it; it is not
// changed.
var Default = sync.OnceValue(func() *Catalogue {
	c, err := Load(builtIn)
	if err != nil {
		panic(err) // part of the program; a test reads it
	}
	return c
})
