package dosing

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Table is what the checks know about drugs: the built-in file or the house's
// own one. It never claims to be complete.
type Table struct {
	Version    string // of the file
	ApprovedBy string // pharmacist who approved the file for this house, "" if nobody did
	ApprovedOn string // day of the approval as written

	classes map[string]lang.Text
	groups  map[string]*group
	all     []*substance
	atc     map[string]*substance
	pzn     map[string]*substance
	names   map[string]*substance // words of a name or brand, joined by blanks
	longest int                   // words of the longest name
	partOf  map[string]bool       // folded parts of combinations
	said    map[string]*group     // words of an allergy group as people write them
	deepest int                   // words of the longest of them
	other   map[string]bool       // allergies to what is no drug
}

// Approved reports whether a person of the pharmacy stands behind the table.
func (t *Table) Approved() bool { return t.ApprovedBy != "" && t.ApprovedOn != "" }

// file is the table as written.
type file struct {
	Version    string       `yaml:"version"`
	ApprovedBy string       `yaml:"approved_by"`
	ApprovedOn string       `yaml:"approved_on"`
	Classes    []class      `yaml:"classes"`
	Groups     []*group     `yaml:"groups"`
	NoDrugs    []string     `yaml:"no_drugs"`
	Substances []*substance `yaml:"substances"`
}

// class is a class of which a patient gets one drug at a time.
type class struct {
	ID string `yaml:"id"`
	DE string `yaml:"de"`
	EN string `yaml:"en"`
}

// group is a group of drugs that an allergy may hold for together.
type group struct {
	ID     string   `yaml:"id"`
	DE     string   `yaml:"de"`
	EN     string   `yaml:"en"`
	Said   []string `yaml:"said"`   // as people write it: Penicillin, PCN
	Within string   `yaml:"within"` // level for another drug of the group
	Cross  []cross  `yaml:"cross"`
}

// cross is another group that may react too.
type cross struct {
	Group string `yaml:"group"`
	Level string `yaml:"level"`
}

// substance is one substance or fixed combination.
type substance struct {
	Name      string   `yaml:"name"`
	ATC       []string `yaml:"atc"`
	PZN       []string `yaml:"pzn"`
	Also      []string `yaml:"also"`
	Brands    []string `yaml:"brands"`
	Parts     []string `yaml:"parts"` // of a combination or of what the body makes of it
	Class     []string `yaml:"class"`
	Groups    []string `yaml:"groups"`
	Limits    []bound  `yaml:"limits"`
	Renal     []renal  `yaml:"renal"`
	Age       []ages   `yaml:"age"`
	Pregnancy hint     `yaml:"pregnancy"`
	HighRisk  string   `yaml:"high_risk"` // always, or iv
	Weekly    bool     `yaml:"weekly"`    // other than i.v. only once a week
	Drops     float64  `yaml:"drops_per_ml"`
	Carrier   bool     `yaml:"carrier"` // what others are dissolved in
}

// bound is the usual maximum for adults by one way of giving.
type bound struct {
	Route   string `yaml:"route"` // "" is every way
	Single  string `yaml:"single"`
	Daily   string `yaml:"daily"`
	Daily65 string `yaml:"daily_65"` // from 65 years on
	DailyKg string `yaml:"daily_kg"` // for each kg of body weight

	single, daily, daily65, dailyKg Amount
}

// hint is a sentence with a level.
type hint struct {
	Level string `yaml:"level"`
	DE    string `yaml:"de"`
	EN    string `yaml:"en"`
}

// renal holds where the eGFR is under Below.
type renal struct {
	Below float64 `yaml:"below"`
	Level string  `yaml:"level"`
	DE    string  `yaml:"de"`
	EN    string  `yaml:"en"`
}

// ages holds from and below an age in years; 0 is no limit.
type ages struct {
	From  int    `yaml:"from"`
	Below int    `yaml:"below"`
	Level string `yaml:"level"`
	DE    string `yaml:"de"`
	EN    string `yaml:"en"`
}

//go:embed substances.yaml
var builtIn []byte

// Default returns the built-in table. It is an aid that the hospital's pharmacy
// has to approve: nobody has.
var Default = sync.OnceValues(func() (*Table, error) { return Load(builtIn) })

// BuiltIn returns the text of the built-in table, to be edited by the house.
func BuiltIn() []byte { return slices.Clone(builtIn) }

// drug is what the table knows of one prescribed drug.
type drug struct {
	label    string       // as prescribed
	known    []*substance // usually one
	unread   []string     // words of the name that mean nothing to the table
	disagree bool         // code and name mean different substances
	code     string       // ATC code that the table lacks
}

// find looks a drug up by ATC code, PZN and every name it bears. Each of them
// may add a substance; none takes one away.
func (t *Table) find(p clinical.Prescription) drug {
	d := drug{label: labelOf(p)}
	add := func(s *substance) {
		if s != nil && !slices.Contains(d.known, s) {
			d.known = append(d.known, s)
		}
	}
	code := strings.ToUpper(strings.ReplaceAll(p.Drug.Code, " ", ""))
	switch sys := strings.ToUpper(p.Drug.System); {
	case strings.Contains(sys, "ATC"):
		add(t.atc[code])
	case strings.Contains(sys, "PZN"):
		add(t.pzn[pzn(code)])
	}
	coded := len(d.known)
	if sys := strings.ToUpper(p.Drug.System); coded == 0 && code != "" && strings.Contains(sys, "ATC") {
		d.code = code
	}
	for _, name := range []string{p.Substance, p.Drug.Text} {
		found, left := t.read(name)
		if coded > 0 && len(found) > 0 && !slices.ContainsFunc(found, func(s *substance) bool { return s.covers(d.known[0]) || d.known[0].covers(s) }) {
			d.disagree = true
		}
		for _, s := range found {
			if !slices.ContainsFunc(d.known, func(k *substance) bool { return k.covers(s) }) {
				d.known = slices.DeleteFunc(d.known, func(k *substance) bool { return s.covers(k) })
				add(s)
			}
		}
		// A brand that the table lacks does not matter where the substance field
		// is read to the end.
		if name == p.Drug.Text && p.Drug.Text != "" && len(found) == 0 && len(d.known) > 0 && len(d.unread) == 0 && strings.TrimSpace(p.Substance) != "" {
			continue
		}
		d.unread = append(d.unread, left...)
	}
	slices.Sort(d.unread)
	d.unread = slices.Compact(d.unread)
	return d
}

// covers reports whether s holds all that o does.
func (s *substance) covers(o *substance) bool {
	if s == o {
		return true
	}
	parts := o.parts()
	return !slices.ContainsFunc(parts, func(p string) bool { return !slices.Contains(s.parts(), p) })
}

// parts are the folded names of what is in it.
func (s *substance) parts() []string {
	list := s.Parts
	if len(list) == 0 {
		list = []string{s.Name}
	}
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = strings.Join(words(p), " ")
	}
	return out
}

func labelOf(p clinical.Prescription) string {
	switch {
	case p.Drug.Text != "":
		return p.Drug.Text
	case p.Substance != "":
		return p.Substance
	}
	return p.Drug.Code
}

// pzn is a PZN in its eight digits.
func pzn(s string) string {
	s = strings.TrimPrefix(s, "PZN")
	s = strings.Trim(s, "- ")
	for len(s) > 0 && len(s) < 8 {
		s = "0" + s
	}
	return s
}

const maxWords = 40 // of one name that are read

// read finds every substance that a name speaks of, the longest names first,
// and the words that mean nothing here. A salt counts as its substance only
// where what is left of the word is exactly a name.
func (t *Table) read(name string) (found []*substance, left []string) {
	list := fold(name)
	if len(list) > maxWords {
		list = list[:maxWords]
	}
	after := false // directly behind a substance
	for i := 0; i < len(list); {
		s, n := t.longestName(list[i:])
		switch {
		case after && saltWord[list[i]] && n <= 1:
			i++
			continue
		case s != nil:
			found, after = append(found, s), true
			i += n
			continue
		case list[i] == stop, list[i] == "plus" && t.begins(list[i+1:]):
			after = false
		case !hollow(list[i]):
			left, after = append(left, list[i]), false
		}
		i++
	}
	return found, left
}

// begins reports whether list begins with a name. "Plus" between two names
// parts them; at the end of one ("Delix plus") it stands for a substance that
// is not named.
func (t *Table) begins(list []string) bool {
	s, _ := t.longestName(list)
	return s != nil
}

// longestName finds the longest known name at the beginning of list and how
// many words of it, stops included, it takes.
func (t *Table) longestName(list []string) (*substance, int) {
	if len(list) == 0 || list[0] == stop {
		return nil, 0
	}
	var best *substance
	taken := 0
	var plain []string
	for i, w := range list {
		if w != stop {
			plain = append(plain, w)
			if len(plain) > t.longest {
				break
			}
		}
		if s := t.names[strings.Join(plain, " ")]; s != nil && w != stop {
			best, taken = s, i+1
		}
	}
	if best != nil {
		return best, taken
	}
	for _, stem := range withoutSalt(list[0]) {
		if s := t.names[stem]; s != nil {
			return s, 1
		}
	}
	return nil, 0
}
