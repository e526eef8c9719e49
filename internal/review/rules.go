package review

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Rules are the numbers of the built-in rules. A house changes them; the file
// says all of a rule or nothing.
type Rules struct {
	Relation Relation `yaml:"relation"`
	Mass     Mass     `yaml:"mass"`
	Hours    Hours    `yaml:"hours"`
	Before   Before   `yaml:"before-change"`
	Searches Searches `yaml:"searches"`
	Glass    Glass    `yaml:"glass"`
	Own      Own      `yaml:"own-name"`
	Flagged  Flagged  `yaml:"flagged"`
	TakeOut  TakeOut  `yaml:"take-out"`
}

// Relation: reading without a treatment relation.
type Relation struct {
	On     bool          `yaml:"on"`
	Ahead  time.Duration `yaml:"ahead"` // before a stay begins, and around an order
	After  time.Duration `yaml:"after"` // after it ended
	House  []string      `yaml:"house"` // roles that work for every ward
	Least  int           `yaml:"least"` // patients of a day from which it is a hit
	Points int           `yaml:"points"`
}

// Mass: many patients in a day against the own and the role's rhythm.
type Mass struct {
	On     bool    `yaml:"on"`
	Least  int     `yaml:"least"`  // patients of a day below which nothing is a hit
	Times  float64 `yaml:"times"`  // as often as the own median day
	Role   float64 `yaml:"role"`   // as often as the median day of the role, where the own is not known
	Days   int     `yaml:"days"`   // days of own rhythm below which it counts as not known
	Points int     `yaml:"points"` // of the least; more patients give more
}

// Hours: reading at hours that fit neither the role nor the own habit.
type Hours struct {
	On     bool              `yaml:"on"`
	Roles  map[string]string `yaml:"roles"` // "06:00-20:00"; a role that is not named works around the clock
	Share  float64           `yaml:"share"` // of the own accesses: an hour with less is unusual
	Learn  int               `yaml:"learn"` // own accesses from which a habit is known
	Least  int               `yaml:"least"` // accesses of a day from which it is a hit
	Points int               `yaml:"points"`
}

// Before: reading just before something of the same patient was altered.
type Before struct {
	On     bool          `yaml:"on"`
	Within time.Duration `yaml:"within"`
	Points int           `yaml:"points"`
}

// Searches: many searches of which none led to a chart.
type Searches struct {
	On     bool          `yaml:"on"`
	Least  int           `yaml:"least"`
	Within time.Duration `yaml:"within"` // a chart opened so long after a search came of it
	Points int           `yaml:"points"`
}

// Glass: break-glass with nothing done afterwards, or much of it.
type Glass struct {
	On     bool `yaml:"on"`
	Least  int  `yaml:"least"` // reasons of a day from which it is a hit
	Points int  `yaml:"points"`
}

// Own: the own record, or a patient of the same surname.
type Own struct {
	On     bool     `yaml:"on"`
	Common []string `yaml:"common"` // surnames too frequent to mean anything
	Points int      `yaml:"points"`
}

// Flagged: a colleague or somebody of public interest.
type Flagged struct {
	On     bool `yaml:"on"`
	Points int  `yaml:"points"`
}

// TakeOut: prints and exports.
type TakeOut struct {
	On     bool `yaml:"on"`
	Least  int  `yaml:"least"` // prints and exports of a day
	Points int  `yaml:"points"`
}

// Default returns the rules of a house that has set none.
func Default() Rules {
	return Rules{
		Relation: Relation{On: true, Ahead: 24 * time.Hour, After: 72 * time.Hour, House: []string{"admission", "laboratory", "radiology", "pharmacy", "crisis"}, Least: 3, Points: 40},
		Mass:     Mass{On: true, Least: 40, Times: 3, Role: 2, Days: 5, Points: 50},
		Hours:    Hours{On: true, Roles: map[string]string{"admission": "05:00-23:00", "pharmacy": "06:00-20:00", "it": "06:00-20:00", "auditor": "06:00-20:00"}, Share: 0.01, Learn: 200, Least: 5, Points: 30},
		Before:   Before{On: true, Within: 24 * time.Hour, Points: 70},
		Searches: Searches{On: true, Least: 20, Within: 5 * time.Minute, Points: 25},
		Glass:    Glass{On: true, Least: 3, Points: 25},
		Own:      Own{On: true, Common: []string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann"}, Points: 35},
		Flagged:  Flagged{On: true, Points: 45},
		TakeOut:  TakeOut{On: true, Least: 10, Points: 35},
	}
}

// maxRules is the longest file of rules in bytes.
const maxRules = 64 << 10

// Load reads rules from YAML, strictly: an unknown word, a wrong type or a
// number that makes no sense is a fault.Invalid that names the line. A rule that
// is not in the file keeps its built-in numbers.
func Load(text []byte) (Rules, error) {
	r := Default()
	if len(text) > maxRules {
		return r, invalid("die Datei ist zu groß", "the file is too large")
	}
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict(), yaml.DisallowUnknownField(), yaml.CustomUnmarshaler(readLasting))
	if err := d.Decode(&r); err != nil && !errors.Is(err, io.EOF) {
		why := yaml.FormatError(err, false, false)
		return Default(), invalid(why, why)
	}
	return r, r.check()
}

func (r *Rules) check() error {
	for _, x := range []struct {
		key    string
		n      int
		points int
	}{
		{"relation", r.Relation.Least, r.Relation.Points}, {"mass", r.Mass.Least, r.Mass.Points}, {"hours", r.Hours.Least, r.Hours.Points},
		{"before-change", 1, r.Before.Points}, {"searches", r.Searches.Least, r.Searches.Points}, {"glass", r.Glass.Least, r.Glass.Points},
		{"own-name", 1, r.Own.Points}, {"flagged", 1, r.Flagged.Points}, {"take-out", r.TakeOut.Least, r.TakeOut.Points},
	} {
		if x.n < 1 {
			return invalid(x.key+".least: muss mindestens 1 sein", x.key+".least: must be at least 1")
		}
		if x.points < 1 || x.points > 100 {
			return invalid(x.key+".points: muss zwischen 1 und 100 liegen", x.key+".points: must be from 1 to 100")
		}
	}
	for key, d := range map[string]time.Duration{"relation.ahead": r.Relation.Ahead, "relation.after": r.Relation.After, "before-change.within": r.Before.Within, "searches.within": r.Searches.Within} {
		if d < 0 || d > 90*24*time.Hour {
			return invalid(key+": muss zwischen 0 und 90 Tagen liegen", key+": must be from 0 to 90 days")
		}
	}
	if r.Mass.Times < 1 || r.Mass.Role < 1 || r.Mass.Days < 1 {
		return invalid("mass: times, role und days müssen mindestens 1 sein", "mass: times, role and days must be at least 1")
	}
	if r.Hours.Share < 0 || r.Hours.Share > 1 || r.Hours.Learn < 1 {
		return invalid("hours: share liegt zwischen 0 und 1, learn ist mindestens 1", "hours: share is from 0 to 1, learn at least 1")
	}
	for role, text := range r.Hours.Roles {
		if _, err := parseShift(text); err != nil {
			return invalid("hours.roles."+role+": so schreiben: 06:00-20:00", "hours.roles."+role+": write it like 06:00-20:00")
		}
	}
	return nil
}

func invalid(de, en string) error {
	return fault.New(fault.Invalid, lang.Text{DE: "Die Regeln sind so nicht lesbar: " + de, EN: "The rules cannot be read like this: " + en})
}

// shift is a time of day in minutes; one that ends before it begins goes over
// midnight.
type shift struct{ from, to int }

func (s shift) has(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	if s.from <= s.to {
		return m >= s.from && m < s.to
	}
	return m >= s.from || m < s.to
}

func parseShift(text string) (shift, error) {
	if len(text) != 11 || text[2] != ':' || text[5] != '-' || text[8] != ':' {
		return shift{}, errors.New("no shift")
	}
	var n [4]int
	for i, at := range []int{0, 3, 6, 9} {
		v, err := strconv.Atoi(text[at : at+2])
		if err != nil || v < 0 || i%2 == 0 && v > 24 || i%2 == 1 && v > 59 {
			return shift{}, errors.New("no shift")
		}
		n[i] = v
	}
	return shift{n[0]*60 + n[1], n[2]*60 + n[3]}, nil
}

// readLasting reads a length of time: 24 Stunden, 30 minutes, 24h.
func readLasting(into *time.Duration, text []byte) error {
	d, ok := lang.ReadLasting(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	if !ok {
		return errors.New("eine Dauer bitte so schreiben: 24 Stunden, 30 Minuten, 3 Tage (write a duration like 24 hours, 30 minutes, 3 days)")
	}
	*into = d
	return nil
}

// Text returns the rules as the file says them, lengths of time in words of l.
func (r Rules) Text(l lang.Lang) string {
	b, err := yaml.MarshalWithOptions(r, yaml.Indent(2), yaml.CustomMarshaler(func(d time.Duration) ([]byte, error) { return []byte(lang.Lasting(d).In(l)), nil }))
	if err != nil {
		return ""
	}
	return string(b)
}

// machineLasting is a length of time as Go writes it.
var machineLasting = regexp.MustCompile(`\b(\d+h)?(\d+m)?\d+s\b`)

// InWords returns a text of rules with the lengths of time in words of l that a
// machine wrote; all else stays as somebody wrote it.
func InWords(text string, l lang.Lang) string {
	return machineLasting.ReplaceAllStringFunc(text, func(word string) string {
		if d, ok := lang.ReadLasting(word); ok {
			return lang.Lasting(d).In(l)
		}
		return word
	})
}

// rule is one built-in rule.
type rule struct {
	id   string
	on   func(*Rules) bool
	find func(*input) []Hit
}

func rules() []rule {
	return []rule{
		{"before-change", func(r *Rules) bool { return r.Before.On }, (*input).beforeChange},
		{"mass", func(r *Rules) bool { return r.Mass.On }, (*input).mass},
		{"relation", func(r *Rules) bool { return r.Relation.On }, (*input).relation},
		{"flagged", func(r *Rules) bool { return r.Flagged.On }, (*input).flagged},
		{"own-name", func(r *Rules) bool { return r.Own.On }, (*input).ownName},
		{"take-out", func(r *Rules) bool { return r.TakeOut.On }, (*input).takeOut},
		{"hours", func(r *Rules) bool { return r.Hours.On }, (*input).hours},
		{"searches", func(r *Rules) bool { return r.Searches.On }, (*input).searches},
		{"glass", func(r *Rules) bool { return r.Glass.On }, (*input).glass},
	}
}

// IDs returns every rule, the gravest first.
func IDs() []string {
	var out []string
	for _, r := range rules() {
		out = append(out, r.id)
	}
	return out
}
