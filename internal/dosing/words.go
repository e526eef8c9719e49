package dosing

import (
	"strings"
	"unicode"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// sayOf is the sentence of an error of this package.
func sayOf(err error) lang.Text { return fault.Say(err) }

// stop is the word that a sign or "und" between two names becomes: what stands
// on its sides are two things.
const stop = "|"

var letters = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "ae", "a", "oe", "o", "ue", "u", "é", "e", "è", "e", "®", "", "™", "")

// fold returns the words of a name for comparing: small letters, umlauts in
// either spelling alike, and [stop] between parts of a combination. Two names
// are the same only if their words are; nothing is nearly the same.
func fold(s string) []string {
	s = letters.Replace(strings.ToLower(s))
	var out []string
	var b strings.Builder
	end := func() {
		switch w := b.String(); w {
		case "":
		case "und", "and", "mit", "sowie", "oder":
			out = append(out, stop)
		default:
			out = append(out, w)
		}
		b.Reset()
	}
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case strings.ContainsRune("/+,;&|\n", r):
			end()
			out = append(out, stop)
		default:
			end()
		}
	}
	end()
	return out
}

// words is fold without the stops.
func words(s string) []string {
	var out []string
	for _, w := range fold(s) {
		if w != stop {
			out = append(out, w)
		}
	}
	return out
}

// set is the folded words of a list.
func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words(list) {
		out[w] = true
	}
	return out
}

// salts are what a salt or water of crystallisation adds to a substance's name,
// as a word of its own or at its end. Depot esters (decanoat, pamoat) are not
// here: their doses are others.
var salts = []string{
	"hydrogensuccinat", "hydrogentartrat", "hydrogenfumarat", "hydrogenmaleat", "hydrochlorid", "hydrobromid", "hemisuccinat", "hemifumarat", "succinat", "tartrat", "dinatrium", "natrium",
	"kalium", "calcium", "magnesium", "besilat", "besylat", "maleat", "mesilat", "fumarat", "citrat", "sulfat", "phosphat", "dihydrogenphosphat", "tosilat", "bromid", "chlorid", "nitrat",
	"trihydrat", "dihydrat", "monohydrat", "hemihydrat", "sesquihydrat", "arginin", "erbumin", "lysin", "propionat", "dipropionat", "carbonat", "salz", "hcl", "na",
}

var saltWord = set(strings.Join(salts, " "))

// empty words say nothing about what a drug is: forms, makers, units.
var empty = set(`tablette tabletten tbl tabl filmtablette filmtabletten fta retard retardtablette retardtabletten retardkapsel retardkapseln ret brausetablette brausetabletten schmelztablette
schmelztabletten magensaftresistente magensaftresistent msr kapsel kapseln kps hartkapsel hartkapseln weichkapseln dragees ampulle ampullen amp injektionslösung injektion inj infusion infusionslösung inf
infusionsflasche lösung loesung pulver konzentrat zur herstellung einer eines tropfen saft sirup granulat beutel zäpfchen supp suppositorien durchstechflasche fertigspritze fertigspritzen spritze
fertigpen pen patrone patronen perfusor dauerinfusion kurzinfusion inhalationslösung inhalationskapseln inhalationskapsel augentropfen salbe creme gel pflaster transdermales spray dosieraerosol suspension emulsion
einnehmen zum zu nehmen n1 n2 n3 st stück stk ml l mg g µg μg mcg ie e i mio mega mmol h prozent lsg
ratiopharm hexal stada 1a pharma aristo zentiva teva heumann aliud al abz ct puren sandoz mylan viatris accord kabi fresenius braun b baxter hikma eberth rotexmedica carino carinopharm noridem
panpharma ratio bayer pfizer sanofi novartis roche actavis betapharm basics dura glenmark tad krka winthrop hormosan neuraxpharm aurobindo amneal zydus dr reddys mite forte akut protect iv po sc im oral`)

// hollow reports whether a word says nothing about what a drug is.
func hollow(w string) bool {
	return empty[w] || strings.Trim(w, "0123456789") == "" || strings.Trim(w, "0123456789mgµlkie") == "" && w[0] >= '0' && w[0] <= '9'
}

// withoutSalt returns the names that w may be a salt of.
func withoutSalt(w string) []string {
	var out []string
	for _, s := range salts {
		if stem, ok := strings.CutSuffix(w, letters.Replace(s)); ok && len(stem) >= 4 && s != "na" {
			out = append(out, stem)
		}
	}
	return out
}
