package entry

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Fill reads what was typed. sure holds the words of earlier mistakes that the
// writer confirmed. The answer is usable only without mistakes; what was typed
// is in it either way.
func (f *Form) Fill(get func(name string) string, sure []string, about About) (*Filled, []Mistake) {
	out := &Filled{
		Form: f, About: about, At: about.Now.Truncate(time.Second), Typed: map[string]string{},
		number: map[string]float64{}, time: map[string]time.Time{}, date: map[string]clinical.Date{},
	}
	var wrong []Mistake
	if text := strings.TrimSpace(get(AtField)); text != "" {
		out.Typed[AtField] = text
		at, ok := ParseTime(text, about.Now)
		if !ok || at.After(about.Now.Add(time.Minute)) {
			wrong = append(wrong, Mistake{Field: AtField, Say: lang.Text{
				DE: "Die Uhrzeit ist nicht lesbar oder liegt in der Zukunft. So: 02:10 oder 18.11. 23:40.",
				EN: "The time cannot be read or lies in the future. Like this: 02:10 or 18.11. 23:40.",
			}})
		} else {
			out.At = at
		}
	}
	filled := false
	for i := range f.Fields {
		field := &f.Fields[i]
		text := clean(get(field.Name), field.Kind)
		if text == "" {
			if field.Need {
				wrong = append(wrong, Mistake{Field: field.Name, Say: lang.Text{DE: field.Label.DE + " fehlt.", EN: field.Label.EN + " is missing."}})
			}
			continue
		}
		filled = true
		out.Typed[field.Name] = text
		wrong = append(wrong, out.read(field, text)...)
	}
	if !filled && len(wrong) == 0 {
		wrong = append(wrong, Mistake{Say: lang.Text{DE: "Das Formular ist leer. Es wurde nichts gespeichert.", EN: "The form is empty. Nothing was stored."}})
	}
	if len(wrong) == 0 && f.Rules != nil {
		wrong = f.Rules(out)
	}
	wrong = slices.DeleteFunc(wrong, func(m Mistake) bool { return m.Sure != "" && slices.Contains(sure, m.Sure) })
	return out, wrong
}

// clean drops what no text of a form holds: control characters, broken bytes,
// blanks around.
func clean(s string, kind FieldKind) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && kind == Lines:
			return r
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069: // also those that turn the direction of reading
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// Clean returns one line as a field keeps it.
func Clean(s string) string { return clean(s, Line) }

// read reads one field.
func (f *Filled) read(field *Field, text string) []Mistake {
	wrong := func(de, en string) []Mistake {
		return []Mistake{{Field: field.Name, Say: lang.Text{DE: field.Label.DE + ": " + de, EN: field.Label.EN + ": " + en}}}
	}
	if n, most := utf8.RuneCountInString(text), field.most(); n > most {
		return wrong(fmt.Sprintf("höchstens %d Zeichen, es sind %d.", most, n), fmt.Sprintf("at most %d characters, there are %d.", most, n))
	}
	switch field.Kind {
	case Amount:
		v, ok := ParseNumber(text)
		if !ok {
			return wrong("keine Zahl. So: 38,2.", "no number. Like this: 38.2.")
		}
		f.number[field.Name] = round(v, field.Digits)
		return field.limits(v, text)
	case Pressure:
		up, down, ok := ParsePressure(text)
		if !ok {
			return wrong("so: 120/80.", "like this: 120/80.")
		}
		f.number[field.Name] = up
		if down > 0 {
			f.number[field.Name+"/"] = down
			if down >= up {
				return wrong("der untere Wert ist nicht kleiner als der obere.", "the lower value is not below the upper one.")
			}
		}
		return field.limits(up, text)
	case Choice:
		if !slices.ContainsFunc(field.Options, func(o Option) bool { return o.Value == text }) {
			return wrong("diese Auswahl gibt es nicht.", "there is no such choice.")
		}
	case Moment:
		t, ok := ParseTime(text, f.Now)
		if !ok {
			return wrong("nicht lesbar. So: 02:10 oder 18.11. 23:40.", "cannot be read. Like this: 02:10 or 18.11. 23:40.")
		}
		f.time[field.Name] = t
	case Coming:
		t, ok := ParseComing(text, f.Now)
		if !ok {
			return wrong("nicht lesbar. So: 14:00, morgen 08:00 oder 24.11. 08:00.", "cannot be read. Like this: 14:00, tomorrow 08:00 or 24.11. 08:00.")
		}
		f.time[field.Name] = t
	case Day:
		d, ok := ParseDay(text, f.Now)
		if !ok {
			return wrong("kein Datum. So: 03.04.1951, oder nur das Jahr.", "no date. Like this: 03.04.1951, or the year alone.")
		}
		f.date[field.Name] = d
	case Bed:
		if _, ok := ParsePlace(text); !ok {
			return wrong("diesen Platz gibt es nicht.", "there is no such place.")
		}
	case Line, Lines, Check:
	}
	return nil
}

func (f *Field) most() int {
	switch {
	case f.Max > 0:
		return f.Max
	case f.Kind == Lines:
		return 10000
	}
	return 200
}

// limits judges a number.
func (f *Field) limits(v float64, text string) []Mistake {
	unit := strings.TrimSpace(" " + f.Unit)
	span := func(low, high float64) (string, string) {
		return Comma(low, f.Digits) + " bis " + Comma(high, f.Digits) + " " + unit, Point(low, f.Digits) + " to " + Point(high, f.Digits) + " " + unit
	}
	if (f.Low != 0 || f.High != 0) && (v < f.Low || v > f.High) {
		de, en := span(f.Low, f.High)
		return []Mistake{{Field: f.Name, Say: lang.Text{
			DE: fmt.Sprintf("%s: %s kann nicht sein. Möglich ist %s.", f.Label.DE, text, strings.TrimSpace(de)),
			EN: fmt.Sprintf("%s: %s cannot be. Possible is %s.", f.Label.EN, text, strings.TrimSpace(en)),
		}}}
	}
	if f.Usual != [2]float64{} && (v < f.Usual[0] || v > f.Usual[1]) {
		return []Mistake{{Field: f.Name, Sure: f.Name + "=" + text, Say: lang.Text{
			DE: fmt.Sprintf("%s: %s %s ist ungewöhnlich. Stimmt der Wert?", f.Label.DE, text, unit),
			EN: fmt.Sprintf("%s: %s %s is unusual. Is the value right?", f.Label.EN, text, unit),
		}}}
	}
	return nil
}

// ParseNumber reads a number with decimal comma or point. A point or blank
// between groups of three is not taken for either: 5.000 could be both.
func ParseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",")+strings.Count(s, ".") > 1 || strings.ContainsAny(s, "eExXpPnN_ ") {
		return 0, false
	}
	if i := strings.IndexAny(s, ",."); i > 0 && len(s)-i-1 == 3 && s[0] != '0' && s[i] == '.' {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// ParsePressure reads 120/80, 120 80 or the upper value alone.
func ParsePressure(s string) (up, down float64, ok bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == ' ' || r == '-' || r == '*' })
	if len(parts) == 0 || len(parts) > 2 {
		return 0, 0, false
	}
	up, ok = ParseNumber(parts[0])
	if !ok || len(parts) == 1 {
		return up, 0, ok
	}
	down, ok = ParseNumber(parts[1])
	return up, down, ok && down > 0
}

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}

// Comma writes a number as German text, Point as English.
func Comma(v float64, digits int) string { return strings.Replace(Point(v, digits), ".", ",", 1) }

// Point writes a number with as many decimals as it needs, at most digits.
func Point(v float64, digits int) string {
	return strconv.FormatFloat(round(v, digits), 'f', -1, 64)
}
