package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// file is the catalogue as written.
type file struct {
	Version    string `yaml:"version"`
	ApprovedBy string `yaml:"approved_by"`
	ApprovedOn string `yaml:"approved_on"`
	Specimens  []struct {
		ID string `yaml:"id"`
		DE string `yaml:"de"`
		EN string `yaml:"en"`
	} `yaml:"specimens"`
	Analytes []analyteFile `yaml:"analytes"`
	Profiles []struct {
		Code     string   `yaml:"code"`
		DE       string   `yaml:"de"`
		EN       string   `yaml:"en"`
		Analytes []string `yaml:"analytes"`
	} `yaml:"profiles"`
	Units []string `yaml:"units"`
}

type analyteFile struct {
	Code     string      `yaml:"code"`
	LOINC    string      `yaml:"loinc"`
	DE       string      `yaml:"de"`
	EN       string      `yaml:"en"`
	Unit     string      `yaml:"unit"`
	Digits   int         `yaml:"digits"`
	Specimen string      `yaml:"specimen"`
	Group    string      `yaml:"group"`
	Section  string      `yaml:"section"`
	Words    bool        `yaml:"words"`
	Possible []float64   `yaml:"possible"`
	Usual    []float64   `yaml:"usual"`
	Low      *float64    `yaml:"critical_low"`
	High     *float64    `yaml:"critical_high"`
	Ranges   []rangeFile `yaml:"ranges"`
}

type rangeFile struct {
	Sex      string   `yaml:"sex"`
	From     int      `yaml:"from"`
	To       int      `yaml:"to"`
	Low      *float64 `yaml:"low"`
	High     *float64 `yaml:"high"`
	Critical *struct {
		Low  *float64 `yaml:"low"`
		High *float64 `yaml:"high"`
	} `yaml:"critical"`
}

// maxFile bounds a catalogue's file.
const maxFile = 4 << 20

// Load reads a catalogue (YAML; docs/handbook-laboratory.md names the keys). An
// unknown key, a code that stands twice, limits that contradict each other and
// a profile of unknown analytes are errors of kind Invalid, all at once.
func Load(b []byte) (_ *Catalogue, err error) {
	defer func() {
		if recover() != nil { // of the parser, on malformed input
			err = invalid(errors.New("catalogue: the YAML parser gave up"))
		}
	}()
	if len(b) > maxFile {
		return nil, invalid(errors.New("catalogue: the file is too large"))
	}
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict()).Decode(&f); err != nil {
		return nil, invalid(fmt.Errorf("catalogue: %w", err))
	}
	l := loader{c: &Catalogue{Version: f.Version, ApprovedBy: f.ApprovedBy, ApprovedOn: f.ApprovedOn, Units: f.Units}}
	for _, s := range f.Specimens {
		if s.ID == "" || s.DE == "" || slices.ContainsFunc(l.c.Specimens, func(x Specimen) bool { return x.ID == s.ID }) {
			l.wrong("specimen %q has no name or stands twice", s.ID)
		}
		l.c.Specimens = append(l.c.Specimens, Specimen{s.ID, lang.Text{DE: s.DE, EN: s.EN}})
	}
	codes := map[string]bool{}
	for i := range f.Analytes {
		a := &f.Analytes[i]
		if a.Code == "" || a.DE == "" || codes[a.Code] {
			l.wrong("analyte %q has no code or name, or its code stands twice", a.Code)
		}
		codes[a.Code] = true
		l.analyte(a, i)
	}
	for _, p := range f.Profiles {
		if p.Code == "" || p.DE == "" || codes[p.Code] || len(p.Analytes) == 0 {
			l.wrong("profile %q has no code, name or analyte, or its code stands twice", p.Code)
		}
		codes[p.Code] = true
		out := &Profile{Code: p.Code, Name: lang.Text{DE: p.DE, EN: p.EN}}
		for _, code := range p.Analytes {
			i := slices.IndexFunc(l.c.Analytes, func(a *Analyte) bool { return a.Code == code })
			if i < 0 {
				l.wrong("profile %s names analyte %q, which is not there", p.Code, code)
				continue
			}
			out.Analytes = append(out.Analytes, l.c.Analytes[i])
		}
		l.c.Profiles = append(l.c.Profiles, out)
	}
	if len(l.c.Analytes) == 0 {
		l.wrong("there is no analyte")
	}
	if len(l.errs) > 0 {
		return nil, invalid(errors.Join(l.errs...))
	}
	return l.c, nil
}

func invalid(err error) error {
	return fault.Mark(err, fault.Invalid, lang.Text{
		DE: "Der Laborkatalog ist nicht lesbar oder hat Fehler: " + err.Error(), EN: "The laboratory's catalogue cannot be read or has mistakes: " + err.Error(),
	})
}

type loader struct {
	c    *Catalogue
	errs []error
}

func (l *loader) wrong(format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("catalogue: "+format, args...))
}

func (l *loader) analyte(f *analyteFile, i int) {
	a := &Analyte{
		Code: f.Code, LOINC: f.LOINC, Name: lang.Text{DE: f.DE, EN: f.EN}, Unit: f.Unit, Digits: f.Digits, Specimen: f.Specimen, Group: f.Group,
		Section: clinical.Laboratory, Sort: 10 * (i + 1), Words: f.Words, Possible: l.span(f.Code, f.Possible), Usual: l.span(f.Code, f.Usual),
		Critical: Span{f.Low, f.High},
	}
	switch f.Section {
	case "", string(clinical.Laboratory):
	case string(clinical.Microbiology):
		a.Section = clinical.Microbiology
	default:
		l.wrong("%s: section %q is neither lab nor micro", f.Code, f.Section)
	}
	if !slices.ContainsFunc(l.c.Specimens, func(s Specimen) bool { return s.ID == f.Specimen }) {
		l.wrong("%s: specimen %q is not there", f.Code, f.Specimen)
	}
	if a.Unit != "" && !slices.Contains(l.c.Units, a.Unit) {
		l.c.Units = append(l.c.Units, a.Unit)
	}
	if f.Digits < 0 || f.Digits > 6 || f.Words && (f.Unit != "" || len(f.Ranges) > 0) {
		l.wrong("%s: digits, or numbers of an analyte in words", f.Code)
	}
	l.within(f.Code, a.Critical, a.Possible)
	l.within(f.Code, a.Usual, a.Possible)
	for _, r := range f.Ranges {
		out := Range{Sex: clinical.Sex(r.Sex), From: r.From, To: r.To, Span: Span{r.Low, r.High}}
		switch out.Sex {
		case "", clinical.Female, clinical.Male:
		default:
			l.wrong("%s: sex %q is neither F nor M", f.Code, r.Sex)
		}
		if r.Critical != nil {
			out.Critical = &Span{r.Critical.Low, r.Critical.High}
			l.within(f.Code, *out.Critical, a.Possible)
		}
		l.within(f.Code, out.Span, a.Possible)
		a.Ranges = append(a.Ranges, out)
	}
	l.c.Analytes = append(l.c.Analytes, a)
}

// span reads [low, high].
func (l *loader) span(code string, v []float64) Span {
	switch {
	case len(v) == 0:
		return Span{}
	case len(v) != 2 || v[0] >= v[1]:
		l.wrong("%s: limits are two numbers, the lower one first", code)
		return Span{}
	}
	return Span{&v[0], &v[1]}
}

// within checks that a span is in order and lies inside of another.
func (l *loader) within(code string, s, outer Span) {
	if s.Low != nil && s.High != nil && *s.Low >= *s.High ||
		s.Low != nil && !outer.holds(*s.Low) || s.High != nil && !outer.holds(*s.High) {
		l.wrong("%s: limits contradict each other", code)
	}
}
