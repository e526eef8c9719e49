package dosing

import (
	"slices"
	"strings"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Double says whose giving a second person countersigns.
type Double struct {
	Table *Table
	Names []string // as a house writes them; none: those that the table marks
	// Trusting gives drugs alone that the table does not know, even if they go
	// into a vein, under the skin, to the spinal cord or into the lungs.
	Trusting bool
}

// Needs reports whether a second person confirms a dose of the drug, and why. A
// name that is spelt nearly like one of them counts as it: here one question too
// many costs a minute.
func (d Double) Needs(p clinical.Prescription) (why lang.Text, needed bool) {
	if d.marked(p) {
		return lang.Text{DE: "Hochrisiko-Arzneimittel", EN: "high-risk drug"}, true
	}
	drug := d.Table.find(p)
	if name := d.nearlyMarked(p, drug); name != "" {
		return lang.Text{
			DE: "„" + drug.label + "“ ist fast so geschrieben wie „" + name + "“, ein Hochrisiko-Arzneimittel",
			EN: "“" + drug.label + "” is spelt nearly like “" + name + "”, a high-risk drug",
		}, true
	}
	if !d.Trusting && unknown(drug) && invasive(p) {
		return lang.Text{
			DE: "„" + drug.label + "“ steht nicht in der Arzneimitteltabelle und wird nicht über den Magen gegeben" + wayWords(p.Route),
			EN: "“" + drug.label + "” is not in the drug table and is not given through the stomach" + wayWords(p.Route),
		}, true
	}
	return lang.Text{}, false
}

func wayWords(route string) string {
	if route == "" {
		return ""
	}
	return " (" + route + ")"
}

// marked reports whether the drug is one of them by code or whole name.
func (d Double) marked(p clinical.Prescription) bool {
	if len(d.Names) == 0 {
		return d.Table.SecondPerson(p)
	}
	return slices.ContainsFunc(d.Names, func(name string) bool { return d.Table.Means(name, p) })
}

// unknown reports whether the table knows nothing in the drug but what others
// are dissolved in.
func unknown(d drug) bool {
	only := !slices.ContainsFunc(d.known, func(s *substance) bool { return !s.Carrier })
	return len(d.known) == 0 || only && len(d.unread) > 0
}

// nearlyMarked returns the name of a drug that needs a second person and that
// the unread words of this one nearly spell, "" for none.
func (d Double) nearlyMarked(p clinical.Prescription, drug drug) string {
	left := drug.unread
	if len(left) == 0 {
		return ""
	}
	var said []string // each word, and two that stand apart by mistake
	for _, text := range []string{p.Substance, p.Drug.Text} {
		list := slices.DeleteFunc(words(text), hollow)
		for i, w := range list {
			if slices.Contains(left, w) {
				said = append(said, w)
				if i+1 < len(list) {
					said = append(said, w+list[i+1])
				}
				if i > 0 {
					said = append(said, list[i-1]+w)
				}
			}
		}
	}
	for _, name := range d.names(p) {
		folded := strings.Join(words(name), "")
		if slices.ContainsFunc(said, func(w string) bool { return w == folded || Near(w, folded) || nearStem(w, folded) }) {
			return name
		}
	}
	return ""
}

// nearStem is [Near] for a word that has a salt at its end.
func nearStem(w, name string) bool {
	return slices.ContainsFunc(withoutSalt(w), func(stem string) bool { return Near(stem, name) })
}

// names are those of the drugs that need a second person by the prescription's
// way of giving.
func (d Double) names(p clinical.Prescription) []string {
	out := slices.Clone(d.Names)
	for _, s := range d.Table.all {
		switch {
		case len(d.Names) == 0 && d.Table.highRisk(s, p):
		case slices.ContainsFunc(d.Names, func(name string) bool { found, _ := d.Table.read(name); return slices.Contains(found, s) }):
		default:
			continue
		}
		out = append(append(append(out, s.Name), s.Also...), s.Brands...)
	}
	return out
}

// highRisk reports whether the table marks a substance for the way it is given.
func (t *Table) highRisk(s *substance, p clinical.Prescription) bool {
	ways := routeOf(p.Route)
	return s.HighRisk == "always" || s.HighRisk == "iv" && (len(ways) == 0 || slices.Contains(ways, "iv") || p.Rate != "")
}

var (
	// mild are the ways of giving by which a wrong drug is slow, or stays where it
	// is put.
	mild = set(`po oral peroral peg sonde magensonde enteral sublingual sl bukkal buccal mund rektal rect vaginal vag nasal nase ohr otal auge ocular ophthalmisch op topisch lokal kutan haut
transdermal td dermal pflaster`)
	solid = set(`tablette tabletten tbl tabl filmtablette filmtabletten fta retardtablette retardtabletten kapsel kapseln kps hartkapsel dragee dragees brausetablette tropfen gtt saft sirup zäpfchen supp salbe creme gel
pflaster granulat`)
	liquid = set(`ampulle ampullen amp injektion inj injektionslösung infusion infusionslösung inf kurzinfusion dauerinfusion perfusor fertigspritze fertigspritzen spritze fertigpen pen durchstechflasche infusionsflasche`)
)

// invasive reports whether a drug is given into the body past skin and stomach,
// or breathed in. A way that cannot be read counts, unless the form says that it
// is swallowed or put on; so does no way at all where the form says that it is
// injected.
func invasive(p clinical.Prescription) bool {
	form := append(words(p.Form), words(p.Dose)...)
	has := func(of map[string]bool) bool {
		return slices.ContainsFunc(form, func(w string) bool { return of[w] })
	}
	list := words(strings.ReplaceAll(p.Route, ".", ""))
	if len(list) == 0 {
		return p.Rate != "" || has(liquid) && !has(solid)
	}
	other := slices.ContainsFunc(list, func(w string) bool { return !mild[w] })
	known := routeOf(p.Route)
	if slices.ContainsFunc(known, func(w string) bool { return w == "iv" || w == "sc" || w == "im" || w == "inh" }) {
		return true
	}
	return other && len(known) == 0 && !has(solid)
}

// Near reports whether two folded words differ by one typing error, long ones
// (from seven letters) by two at most: a letter too many, too few, another one,
// or two changed about. Equal words and words of fewer than five letters are not
// near.
func Near(a, b string) bool {
	n := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	if a == b || min(utf8.RuneCountInString(a), utf8.RuneCountInString(b)) < shortest {
		return false
	}
	most := 1
	if n >= 7 {
		most = 2
	}
	return errorsBetween([]rune(a), []rune(b), most) <= most
}

// errorsBetween counts the typing errors between two words (restricted
// Damerau-Levenshtein distance); more than most is most + 1.
func errorsBetween(a, b []rune, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		least := next[0]
		for j, y := range b {
			cost := 1
			if x == y {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
			least = min(least, next[j+1])
		}
		if least > most {
			return most + 1
		}
		before, row = row, next
	}
	return row[len(b)]
}
