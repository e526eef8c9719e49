package estate

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"notbetrieb/internal/lang"
)

// Column is one column of a table: how people head it, what may stand in it and
// how that is stored. A stored value is text in a form that does not depend on
// the language; it stands in the journal and is what two versions are compared
// by.
type Column struct {
	Key   string // of the stored form: "rto"
	Head  lang.Text
	Also  []string // further heads that are understood
	Must  bool     // may not be empty
	Hint  lang.Text
	Words []Word // the closed set of values, nil for none
	Ref   string // key of the table whose rows it names, "" for none
	Many  bool   // names any number of them
	Long  bool   // a text of several lines

	read func(string) (string, bool) // as people write it to stored
	want lang.Text                   // what read accepts
	show func(string, lang.Lang) string
}

// Word is one value of a closed set.
type Word struct {
	Stored string
	Say    lang.Text
	also   []string
}

// Show returns a stored value as people write it.
func (c *Column) Show(stored string, l lang.Lang) string {
	if stored == "" || c.show == nil {
		return stored
	}
	return c.show(stored, l)
}

// Read returns the stored form of what a person wrote, or what was expected.
// References are read by the table they lead to, see [Import].
func (c *Column) Read(s string) (string, *lang.Text) {
	s = strings.TrimSpace(s)
	if len(s) > maxCell {
		return "", &lang.Text{DE: "Der Text ist zu lang (mehr als 4.000 Zeichen).", EN: "The text is too long (more than 4,000 characters)."}
	}
	v, ok := c.read(s)
	switch {
	case !ok:
		return "", &c.want
	case v == "" && c.Must:
		return "", &lang.Text{DE: "Hier fehlt eine Angabe.", EN: "A value is missing here."}
	}
	return v, nil
}

// bound is a column with its place in a row of type T.
type bound[T any] struct {
	Column
	get func(*T) string
	set func(*T, string) bool // of a stored value
}

func (b bound[T]) must() bound[T] { b.Must = true; return b }

func (b bound[T]) long() bound[T] { b.Long = true; return b }

func (b bound[T]) also(heads ...string) bound[T] { b.Also = heads; return b }

func (b bound[T]) hint(de, en string) bound[T] { b.Hint = lang.Text{DE: de, EN: en}; return b }

// plain is a text without control characters.
func plain(s string) (string, bool) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if r == '\u00a0' || r == '\t' {
			return ' '
		}
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s), true
}

func text[T any](key, de, en string, p func(*T) *string) bound[T] {
	return bound[T]{
		Column: Column{Key: key, Head: lang.Text{DE: de, EN: en}, read: plain},
		get:    func(r *T) string { return *p(r) }, set: func(r *T, v string) bool { *p(r) = v; return true },
	}
}

func ident[T any](p func(*T) *string) bound[T] {
	b := text("id", "Kennung", "ID", p).also("id", "kürzel", "key", "kennzeichen")
	b.Hint = lang.Text{
		DE: "Kleinbuchstaben, Ziffern und Bindestrich. Leer: wird aus dem Namen gebildet. Sollte sich nie mehr ändern.",
		EN: "Lower-case letters, digits and hyphen. Empty: made of the name. Should never change again.",
	}
	b.read = func(s string) (string, bool) {
		s = strings.ToLower(s)
		return s, s == "" || wholeID(s)
	}
	b.want = lang.Text{
		DE: "Eine Kennung besteht aus Kleinbuchstaben, Ziffern und Bindestrichen, höchstens 60 Zeichen.",
		EN: "An ID consists of lower-case letters, digits and hyphens, at most 60 characters.",
	}
	return b
}

func ref[T any](key, de, en, table string, p func(*T) *string) bound[T] {
	b := text(key, de, en, p)
	b.Ref = table
	return b
}

func refs[T any](key, de, en, table string, p func(*T) *[]string) bound[T] {
	return bound[T]{
		Column: Column{Key: key, Head: lang.Text{DE: de, EN: en}, Ref: table, Many: true, read: plain, Hint: lang.Text{
			DE: "Mehrere mit Komma getrennt.", EN: "Several separated by commas.",
		}},
		get: func(r *T) string { return strings.Join(*p(r), ", ") },
		set: func(r *T, v string) bool { *p(r) = split(v); return true },
	}
}

// split takes a list apart at commas, semicolons and line ends.
func split(s string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

func word[T any, W ~string](key, de, en string, words []Word, p func(*T) *W) bound[T] {
	b := bound[T]{
		Column: Column{Key: key, Head: lang.Text{DE: de, EN: en}, Words: words},
		get:    func(r *T) string { return string(*p(r)) },
	}
	b.read = func(s string) (string, bool) {
		if s == "" {
			return "", true
		}
		for _, w := range words {
			if strings.EqualFold(s, w.Stored) || strings.EqualFold(s, w.Say.DE) || strings.EqualFold(s, w.Say.EN) ||
				slices.ContainsFunc(w.also, func(a string) bool { return strings.EqualFold(s, a) }) {
				return w.Stored, true
			}
		}
		return "", false
	}
	b.show = func(v string, l lang.Lang) string {
		for _, w := range words {
			if w.Stored == v {
				return w.Say.In(l)
			}
		}
		return v
	}
	b.set = func(r *T, v string) bool {
		*p(r) = W(v)
		return v == "" || slices.ContainsFunc(words, func(w Word) bool { return w.Stored == v })
	}
	var de2, en2 []string
	for _, w := range words {
		de2, en2 = append(de2, w.Say.DE), append(en2, w.Say.EN)
	}
	b.want = lang.Text{DE: "Möglich sind: " + strings.Join(de2, ", ") + ".", EN: "Possible values: " + strings.Join(en2, ", ") + "."}
	return b
}

func span[T any](key, de, en string, p func(*T) *Span) bound[T] {
	return bound[T]{
		Column: Column{
			Key: key, Head: lang.Text{DE: de, EN: en},
			read: func(s string) (string, bool) { v, ok := ParseSpan(s); return v.String(), ok },
			show: func(v string, l lang.Lang) string {
				s, _ := ParseSpan(v)
				if s.D == 0 {
					return v
				}
				return s.In(l)
			},
			want: lang.Text{
				DE: "Eine Zeit mit Einheit, zum Beispiel 30 min, 4 h, 2 Tage.", EN: "A length of time with its unit, for example 30 min, 4 h, 2 days.",
			},
		},
		get: func(r *T) string { return p(r).String() },
		set: func(r *T, v string) (ok bool) { *p(r), ok = ParseSpan(v); return ok },
	}
}

var dateWant = lang.Text{DE: "Ein Tag wie 31.12.2026.", EN: "A day such as 2026-12-31."}

func date[T any](key, de, en string, p func(*T) *Date) bound[T] {
	return bound[T]{
		Column: Column{
			Key: key, Head: lang.Text{DE: de, EN: en},
			read: func(s string) (string, bool) { v, ok := ParseDate(s); return v.String(), ok },
			show: func(v string, l lang.Lang) string {
				d, _ := ParseDate(v)
				if l == lang.EN {
					return d.String()
				}
				return d.German()
			},
			want: dateWant,
		},
		get: func(r *T) string { return p(r).String() },
		set: func(r *T, v string) (ok bool) { *p(r), ok = ParseDate(v); return ok },
	}
}

func euro[T any](key, de, en string, p func(*T) *Euro) bound[T] {
	return bound[T]{
		Column: Column{
			Key: key, Head: lang.Text{DE: de, EN: en},
			read: func(s string) (string, bool) { v, ok := ParseEuro(s); return v.String(), ok },
			want: lang.Text{DE: "Ein Betrag in ganzen Euro.", EN: "An amount in whole euros."},
		},
		get: func(r *T) string { return p(r).String() },
		set: func(r *T, v string) (ok bool) { *p(r), ok = ParseEuro(v); return ok },
	}
}

func count[T any, N ~int | ~int64](key, de, en string, p func(*T) *N) bound[T] {
	return bound[T]{
		Column: Column{
			Key: key, Head: lang.Text{DE: de, EN: en}, want: lang.Text{DE: "Eine ganze Zahl.", EN: "A whole number."},
			read: func(s string) (string, bool) {
				if s == "" {
					return "", true
				}
				n, err := strconv.ParseInt(strings.TrimSuffix(s, ",0"), 10, 32)
				if n == 0 {
					return "", err == nil
				}
				return strconv.FormatInt(n, 10), err == nil && n > 0
			},
		},
		get: func(r *T) string {
			if *p(r) == 0 {
				return ""
			}
			return strconv.FormatInt(int64(*p(r)), 10)
		},
		set: func(r *T, v string) bool {
			if v == "" {
				return true
			}
			n, err := strconv.ParseInt(v, 10, 32)
			*p(r) = N(n)
			return err == nil && n > 0
		},
	}
}

var (
	yes = Word{"yes", lang.Text{DE: "ja", EN: "yes"}, []string{"x", "j", "y", "wahr", "true", "1", "✓"}}
	no  = Word{"no", lang.Text{DE: "nein", EN: "no"}, []string{"n", "falsch", "false", "0", "-", "–"}}
)

// tick is yes or not; no is not stored.
func tick[T any](key, de, en string, p func(*T) *bool) bound[T] {
	b := word(key, de, en, []Word{yes, no}, func(*T) *string { return new(string) })
	read := b.read
	b.read = func(s string) (string, bool) {
		v, ok := read(s)
		if v == no.Stored {
			v = ""
		}
		return v, ok
	}
	b.get = func(r *T) string {
		if *p(r) {
			return yes.Stored
		}
		return ""
	}
	b.set = func(r *T, v string) bool { *p(r) = v == yes.Stored; return v == "" || v == yes.Stored }
	return b
}

// Explain says what goes into the column.
func (c *Column) Explain() lang.Text {
	out := c.Hint
	add := func(t lang.Text) {
		if out.DE != "" {
			t.DE, t.EN = " "+t.DE, " "+t.EN
		}
		out.DE, out.EN = out.DE+t.DE, out.EN+t.EN
	}
	if c.want.DE != "" && c.want != c.Hint {
		add(c.want)
	}
	if t, ok := TableOf(c.Ref); ok {
		add(lang.Text{DE: "Kennung oder Name aus " + t.Title.DE + ".", EN: "ID or name from " + t.Title.EN + "."})
	}
	return out
}
