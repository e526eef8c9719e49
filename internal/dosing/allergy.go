package dosing

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
)

// allergies compares the drug with every allergy, coded or in words.
func (c *check) allergies() {
	if len(c.f.Allergies) == 0 {
		if !c.f.NoneKnown {
			c.unchecked(AllergyFound, "Allergien nicht übermittelt: nicht geprüft.", "Allergies not sent: not checked.")
		}
		return
	}
	for _, a := range c.f.Allergies {
		c.allergy(a)
	}
	c.maybeAllergic()
	if len(c.drug.known) == 0 {
		c.strange()
	}
}

// maybeAllergic asks about an allergy that would be found if the unread words of
// the drug were spelt as a name that they are nearly. It is never taken for that.
func (c *check) maybeAllergic() {
	for _, w := range c.drug.unread {
		for _, name := range c.t.nearly(w) {
			meant := c.t.names[name]
			if meant == nil {
				continue
			}
			for _, a := range c.f.Allergies {
				try := &check{t: c.t, drug: drug{label: meant.Name, known: []*substance{meant}}}
				try.allergy(a)
				if try.r.Worst() >= Warn {
					c.found(MaybeAllergy, Warn, "Möglicherweise Allergie gegen „"+a.To.Label()+"“: „"+c.drug.label+"“ ist fast so geschrieben wie „"+meant.Name+"“. Bitte vergleichen.",
						"Possibly an allergy to “"+a.To.Label()+"”: “"+c.drug.label+"” is spelt nearly like “"+meant.Name+"”. Please compare.")
				}
			}
		}
	}
}

// strange asks a person to compare a drug that the table does not know with the
// allergies: a name that is spelt otherwise must not pass in silence.
func (c *check) strange() {
	var against []string
	for _, a := range c.f.Allergies {
		if shown := a.To.Label(); shown != "" && !c.harmless(a) {
			against = append(against, shown)
		}
	}
	if len(against) == 0 {
		return
	}
	de, en := "", ""
	for _, w := range words(c.drug.label) {
		for _, name := range c.t.nearly(w) {
			de, en = de+" Ist „"+name+"“ gemeint?", en+" Is “"+name+"” meant?"
		}
	}
	list := strings.Join(against, ", ")
	c.found(AllergyFound, Warn, "„"+c.drug.label+"“ ist nicht in der Tabelle und nicht mit den Allergien ("+list+") verglichen: bitte selbst vergleichen."+de,
		"“"+c.drug.label+"” is not in the table and was not compared with the allergies ("+list+"): please compare yourself."+en)
}

// mistyped warns of an allergy whose words are a typing error away from what
// would be found. It is never taken for that: a person is asked.
func (c *check) mistyped(shown string, left []string) {
	for _, w := range left {
		for _, name := range c.t.nearly(w) {
			meant := &check{t: c.t, p: c.p, drug: c.drug}
			meant.allergy(clinical.Allergy{To: clinical.Coded{Text: name}})
			if meant.r.Worst() >= Warn {
				c.found(AllergyFound, Warn, "Allergie „"+shown+"“: Ist „"+name+"“ gemeint? Verordnet ist "+c.drug.label+".",
					"Allergy “"+shown+"”: is “"+name+"” meant? Prescribed is "+c.drug.label+".")
				break // the nearest is enough to ask
			}
		}
	}
}

// shortest is how many letters a word has at least to be a typing error away
// from another: of shorter ones too many are.
const shortest = 5

// nearly returns the names of substances and allergy groups that are one or two
// typing errors away from a folded word, the nearest first; see [Near].
func (t *Table) nearly(w string) []string {
	if utf8.RuneCountInString(w) < shortest {
		return nil
	}
	var out []string
	for name := range t.names {
		if Near(w, name) {
			out = append(out, name)
		}
	}
	for name := range t.said {
		if Near(w, name) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(errorsBetween([]rune(w), []rune(a), 2), errorsBetween([]rune(w), []rune(b), 2)), strings.Compare(a, b))
	})
	return slices.Compact(out)
}

// told is what an allergy speaks of.
type told struct {
	substances []*substance
	groups     []*group
	parts      []string // folded parts of combinations: Sulbactam
	left       []string
}

// reaction words say what happened, not what it was against.
var reaction = set(`allergie allergien allergisch allergische allergischer unverträglichkeit unverträglichkeiten intoleranz überempfindlichkeit anaphylaxie anaphylaktisch anaphylaktische
anaphylaktischer schock exanthem urtikaria ausschlag hautausschlag juckreiz quincke ödem angioödem auf gegen bei nach in der die das zn vd va z n v d a bekannt bekannte bekannter verdacht
reaktion reaktionen übelkeit erbrechen durchfall rötung schwellung atemnot luftnot asthma bronchospasmus 2 kindheit jahr jahre ca vor seit fraglich schwer schwere leicht leichte mittel
keine kein no allergy to rash medikament medikamente antibiotikum antibiotika als kind typ iv i`)

var allergyEnds = []string{"allergie", "unvertraglichkeit", "allergy", "intoleranz"}

// readAllergy reads what an allergy is against. Every part that is not
// understood stays in left, to be compared by a person.
func (t *Table) readAllergy(a clinical.Allergy) told {
	var out told
	if strings.Contains(strings.ToUpper(a.To.System), "ATC") {
		if s := t.atc[strings.ToUpper(a.To.Code)]; s != nil {
			out.substances = append(out.substances, s)
		} else if a.To.Text == "" {
			out.left = append(out.left, a.To.Code)
		}
	}
	text := a.To.Text
	if text == "" && !strings.Contains(strings.ToUpper(a.To.System), "ATC") {
		text = a.To.Code
	}
	list := fold(text)
	if len(list) > maxWords {
		list = list[:maxWords]
	}
	for i, w := range list {
		for _, end := range allergyEnds {
			if stem, ok := strings.CutSuffix(w, end); ok && len(stem) > 2 {
				list[i] = stem
			}
		}
	}
	for i := 0; i < len(list); {
		g, m := t.longestGroup(list[i:])
		s, n := t.longestName(list[i:])
		if g != nil {
			out.groups = append(out.groups, g)
		}
		if s != nil {
			out.substances = append(out.substances, s)
		}
		switch w := list[i]; {
		case max(m, n) > 0:
			i += max(m, n)
			continue
		case t.partOf[w]:
			out.parts = append(out.parts, w)
		case w == stop, reaction[w], hollow(w), saltWord[w], t.other[w]:
		default:
			out.left = append(out.left, w)
		}
		i++
	}
	return out
}

// longestGroup finds the longest name of an allergy group at the beginning.
func (t *Table) longestGroup(list []string) (*group, int) {
	var best *group
	taken := 0
	for n := 1; n <= min(len(list), t.deepest); n++ {
		if g := t.said[strings.Join(list[:n], " ")]; g != nil {
			best, taken = g, n
		}
	}
	return best, taken
}

func (c *check) allergy(a clinical.Allergy) {
	shown := a.To.Label()
	if a.Reaction != "" {
		shown += " (" + a.Reaction + ")"
	}
	if shown == "" {
		c.unchecked(AllergyFound, "Eine Allergie ohne Angabe wogegen: nicht geprüft.", "An allergy that does not say against what: not checked.")
		return
	}
	what := c.t.readAllergy(a)
	direct := func() {
		c.found(AllergyFound, Stop, "Allergie: "+shown+". Verordnet ist "+c.drug.label+".", "Allergy: "+shown+". Prescribed is "+c.drug.label+".")
	}
	for _, s := range c.drug.known {
		for _, x := range what.substances {
			if common(s, x) != "" {
				direct()
			}
		}
		for _, part := range what.parts {
			if slices.Contains(s.parts(), part) {
				direct()
			}
		}
		for _, g := range what.groups {
			if slices.Contains(s.Groups, g.ID) {
				direct()
			}
		}
	}
	if slices.ContainsFunc(words(a.To.Text), func(w string) bool {
		return len(w) > 3 && !reaction[w] && !hollow(w) && !saltWord[w] && slices.Contains(append(words(c.p.Drug.Text), words(c.p.Substance)...), w)
	}) {
		direct() // the same word stands in both
	}
	if !slices.ContainsFunc(c.r.Findings, func(f Finding) bool {
		return f.Kind == AllergyFound && strings.HasPrefix(f.Text.DE, "Allergie: "+shown+".")
	}) {
		c.cross(shown, what)
	}
	c.mistyped(shown, what.left)
	if len(what.left) > 0 || len(what.substances)+len(what.groups)+len(what.parts) == 0 && !c.harmless(a) {
		c.unchecked(AllergyFound, "Allergie „"+shown+"“ keinem Wirkstoff sicher zugeordnet: bitte selbst vergleichen.", "Allergy “"+shown+"” not assigned to a substance for certain: please compare yourself.")
	}
}

// harmless reports whether an allergy speaks only of what is no drug, or of
// none at all.
func (c *check) harmless(a clinical.Allergy) bool {
	list := words(a.To.Text)
	none := len(list) > 0 && (list[0] == "keine" || list[0] == "no")
	return slices.ContainsFunc(list, func(w string) bool { return c.t.other[w] }) || none && !slices.ContainsFunc(list, func(w string) bool { return !reaction[w] })
}

// cross looks for relatives: another drug of the group, or a group that is
// known to react too.
func (c *check) cross(shown string, what told) {
	var of []*group
	of = append(of, what.groups...)
	named := map[*group]bool{}
	for _, x := range what.substances {
		for _, id := range x.Groups {
			of, named[c.t.groups[id]] = append(of, c.t.groups[id]), true
		}
	}
	for _, s := range c.drug.known {
		for _, g := range of {
			if named[g] && slices.Contains(s.Groups, g.ID) {
				c.found(CrossAllergy, levels[g.Within], "Kreuzallergie möglich ("+g.DE+"): Allergie gegen "+shown+". Verordnet ist "+c.drug.label+".",
					"Cross allergy possible ("+cmp.Or(g.EN, g.DE)+"): allergy to "+shown+". Prescribed is "+c.drug.label+".")
			}
			for _, x := range g.Cross {
				if slices.Contains(s.Groups, x.Group) {
					c.found(CrossAllergy, levels[x.Level], "Kreuzallergie möglich ("+g.DE+" und "+c.t.groups[x.Group].DE+"): Allergie gegen "+shown+". Verordnet ist "+c.drug.label+".",
						"Cross allergy possible ("+cmp.Or(g.EN, g.DE)+" and "+cmp.Or(c.t.groups[x.Group].EN, c.t.groups[x.Group].DE)+"): allergy to "+shown+". Prescribed is "+c.drug.label+".")
				}
			}
		}
	}
}
