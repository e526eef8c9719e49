package interpret

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"notbetrieb/internal/clinical"
)

//go:embed defaults.yaml
var defaultsYAML []byte

// meaning is the version of this package's own reading: it goes up whenever the
// same tables give other changes, so that derived data is rebuilt.
const meaning = 2

// BuiltIn returns the built-in tables as the YAML text that Defaults reads, with
// its comments: a starting point for a site's own.
func BuiltIn() []byte { return bytes.Clone(defaultsYAML) }

// Defaults returns the built-in tables for German hospitals.
func Defaults() (Tables, error) {
	var t Tables
	if err := yaml.UnmarshalWithOptions(defaultsYAML, &t, yaml.Strict()); err != nil {
		return Tables{}, fmt.Errorf("built-in mapping tables: %w", err)
	}
	return t, nil
}

// Compile checks the tables and makes them ready for use. Times without a zone
// are in zone (nil: UTC) where the feed names no other. The error joins every
// mistake, each beginning with the path of its key, as in
// "results[3].section: unknown section "labor"".
func Compile(t Tables, zone *time.Location) (*Site, error) {
	if zone == nil {
		zone = time.UTC
	}
	if !t.NoDefaults {
		d, err := Defaults()
		if err != nil {
			return nil, err
		}
		t = overlay(d, t)
	}
	c := compiler{t: t, s: &Site{zone: zone}}
	c.s.events = map[string]Event{}
	for _, e := range Events() {
		c.s.events[e.Kind] = e
	}
	c.words()
	c.wards()
	c.timing()
	c.feeds()
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	canon, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("mapping tables: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(canon, "\x00%s\x00%d", zone, meaning))
	c.s.version = hex.EncodeToString(sum[:8])
	return c.s, nil
}

// overlay puts the site's tables over the built-in ones.
func overlay(d, t Tables) Tables {
	merge := func(a, b map[string]string) map[string]string {
		m := maps.Clone(a)
		if m == nil {
			m = map[string]string{}
		}
		maps.Copy(m, b)
		return m
	}
	if t.Identity.Types == nil {
		t.Identity.Types = d.Identity.Types
	}
	t.Classes = merge(d.Classes, t.Classes)
	t.Sexes = merge(d.Sexes, t.Sexes)
	t.Units = merge(d.Units, t.Units)
	t.Flags = merge(d.Flags, t.Flags)
	t.Routes = merge(d.Routes, t.Routes)
	systems := maps.Clone(d.Systems)
	for k, v := range t.Systems {
		systems[k] = slices.Concat(v, systems[k])
	}
	t.Systems = systems
	freq := maps.Clone(d.Frequencies)
	maps.Copy(freq, t.Frequencies)
	t.Frequencies = freq
	t.Sections = slices.Concat(t.Sections, d.Sections)
	t.Results = slices.Concat(t.Results, d.Results)
	t.Alerts = slices.Concat(t.Alerts, d.Alerts)
	t.ZSegments = slices.Concat(t.ZSegments, d.ZSegments)
	pick := func(site *string, built string) {
		if *site == "" {
			*site = built
		}
	}
	pick(&t.DayTimes.Morning, d.DayTimes.Morning)
	pick(&t.DayTimes.Noon, d.DayTimes.Noon)
	pick(&t.DayTimes.Evening, d.DayTimes.Evening)
	pick(&t.DayTimes.Night, d.DayTimes.Night)
	t.UnknownNames = slices.Concat(t.UnknownNames, d.UnknownNames)
	t.NoAllergy = slices.Concat(t.NoAllergy, d.NoAllergy)
	t.MotherRelations = slices.Concat(t.MotherRelations, d.MotherRelations)
	if t.ReportSections == nil {
		t.ReportSections = d.ReportSections
	}
	return t
}

// compiler collects the mistakes.
type compiler struct {
	t    Tables
	s    *Site
	errs []error
}

func (c *compiler) wrong(path, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{path}, args...)...))
}

// words compiles the tables that map one word to another.
func (c *compiler) words() {
	s, t := c.s, c.t
	s.classes = map[string]clinical.Class{}
	for _, k := range slices.Sorted(maps.Keys(t.Classes)) {
		v := clinical.Class(t.Classes[k])
		switch v {
		case "", clinical.Inpatient, clinical.Outpatient, clinical.Emergency, clinical.PreAdmit, clinical.Recurring, clinical.Newborn:
			s.classes[fold(k)] = v
		default:
			c.wrong("classes."+k, "unknown class %q: want I, O, E, P, R, B or an empty one", v)
		}
	}
	s.sexes = map[string]clinical.Sex{}
	for _, k := range slices.Sorted(maps.Keys(t.Sexes)) {
		switch v := t.Sexes[k]; v {
		case "F", "M", "D":
			s.sexes[fold(k)] = clinical.Sex(v)
		case "U", "":
			s.sexes[fold(k)] = clinical.SexUnknown
		default:
			c.wrong("sexes."+k, "unknown sex %q: want F, M, D or U", v)
		}
	}
	s.systems = map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(t.Systems)) {
		for _, as := range t.Systems[k] {
			if prefix, ok := strings.CutSuffix(as, "*"); ok {
				s.systemPrefix = append(s.systemPrefix, [2]string{fold(prefix), k})
				continue
			}
			s.systems[fold(as)] = k
		}
	}
	s.units, s.flags = t.Units, folded(t.Flags)
	s.routes = folded(t.Routes)
	s.noAllergy, s.motherRelation, s.unknownName = set(t.NoAllergy), set(t.MotherRelations), set(t.UnknownNames)
	s.report = map[clinical.Section]bool{}
	for i, name := range t.ReportSections {
		if sec, ok := c.section(fmt.Sprintf("report_sections[%d]", i), name); ok {
			s.report[sec] = true
		}
	}
}

// folded is m with folded keys.
func folded(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[fold(k)] = v
	}
	return out
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[fold(w)] = true
	}
	return m
}

// fold makes two spellings of a code equal: no blanks around, upper case.
func fold(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

func (c *compiler) wards() {
	s := c.s
	s.wards = map[string]string{}
	for i, w := range c.t.Wards {
		path := fmt.Sprintf("wards[%d]", i)
		if w.Code == "" {
			c.wrong(path+".code", "missing")
			continue
		}
		for _, as := range append([]string{w.Code}, w.Aliases...) {
			if other, ok := s.wards[fold(as)]; ok && other != w.Code {
				c.wrong(path, "%q already stands for ward %s", as, other)
				continue
			}
			s.wards[fold(as)] = w.Code
		}
	}
	s.closed = len(c.t.Wards) > 0
}

func (c *compiler) section(path, name string) (clinical.Section, bool) {
	switch sec := clinical.Section(name); sec {
	case clinical.Laboratory, clinical.Microbiology, clinical.Vitals, clinical.Radiology, clinical.Endoscopy,
		clinical.Cardiology, clinical.Pathology, clinical.Surgery, clinical.Consult, clinical.Nursing,
		clinical.Pharmacy, clinical.OtherSection:
		return sec, true
	}
	c.wrong(path, "unknown section %q", name)
	return "", false
}

// timing compiles the times of day and the frequencies.
func (c *compiler) timing() {
	d := c.t.DayTimes
	for i, v := range []struct{ key, text, otherwise string }{
		{"morning", d.Morning, "08:00"}, {"noon", d.Noon, "12:00"}, {"evening", d.Evening, "18:00"}, {"night", d.Night, "22:00"},
	} {
		if v.text == "" {
			v.text = v.otherwise
		}
		at, ok := dayTime(v.text)
		if !ok {
			c.wrong("day_times."+v.key, "%q is no time of day such as 08:00", v.text)
		}
		c.s.dayTimes[i] = at
	}
	c.s.frequencies = map[string]frequency{}
	for _, k := range slices.Sorted(maps.Keys(c.t.Frequencies)) {
		r, path := c.t.Frequencies[k], "frequencies."+k
		f := frequency{asNeeded: r.AsNeeded, text: r.Text}
		if r.Scheme != "" {
			if len(r.Times) > 0 {
				c.wrong(path, "has both scheme and times")
			}
			scheme, times, ok := c.s.scheme(r.Scheme)
			if !ok {
				c.wrong(path+".scheme", "%q is no scheme such as 1-0-1-0", r.Scheme)
			}
			f.scheme, f.times = scheme, times
		}
		for i, text := range r.Times {
			at, ok := dayTime(text)
			if !ok {
				c.wrong(fmt.Sprintf("%s.times[%d]", path, i), "%q is no time of day such as 08:00", text)
			}
			f.times = append(f.times, at)
		}
		slices.Sort(f.times)
		c.s.frequencies[frequencyKey(k)] = f
	}
}

// dayTime reads 8:00, 08:00 and 0800.
func dayTime(s string) (clinical.DayTime, bool) {
	s = strings.TrimSpace(s)
	h, m, ok := strings.Cut(s, ":")
	if !ok {
		if len(s) != 4 && len(s) != 6 {
			return 0, false
		}
		h, m = s[:2], s[2:]
	}
	m, _, _ = strings.Cut(m, ":")
	if len(m) == 4 {
		m = m[:2]
	}
	hours, err := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	if err != nil || err2 != nil || len(m) != 2 || len(h) > 2 || hours < 0 || minutes < 0 || minutes > 59 {
		return 0, false
	}
	if hours > 24 || hours == 24 && minutes > 0 {
		return 0, false
	}
	return clinical.DayTime((hours%24)*60 + minutes), true
}

// pattern compiles a regular expression over a whole text.
func (c *compiler) pattern(path, expr string) *regexp.Regexp {
	re, err := regexp.Compile("^(?:" + expr + ")$")
	if err != nil || expr == "" {
		c.wrong(path, "no regular expression: %q", expr)
		return nil
	}
	return re
}
