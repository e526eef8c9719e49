package interpret

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"notbetrieb/internal/clinical"
)

// feed is what applies to the messages of one feed: its own rules before those
// of all feeds.
type feed struct {
	authority  string
	types      []string
	casePaths  []fieldPath
	patient    []fieldPath    // of analysers
	specimen   []fieldPath    // of analysers
	order      *regexp.Regexp // within the specimen's number; nil: all of it
	zone       *time.Location
	charset    encoding.Encoding // nil: as the message says
	charsetAs  string
	section    clinical.Section
	place      PlaceParts
	movements  bool
	aside      bool
	mappedOnly bool

	places   []placeRule
	sections []sectionRule
	results  map[string]result
	alerts   map[string][]AlertRule
	segments map[string][]segmentRule
}

type fieldPath struct {
	segment     string
	field, comp int
}

type placeRule struct {
	match           *regexp.Regexp
	ward, room, bed string
}

// sectionRule is a SectionRule with folded texts.
type sectionRule struct {
	application, service, code, text string
	section                          clinical.Section
}

// result is a compiled ResultRule.
type result struct {
	loinc, text, unit, group string
	section                  clinical.Section
	sort                     int
}

// feeds compiles every feed that is named anywhere, and the one for all others.
func (c *compiler) feeds() {
	names := map[string]bool{}
	for name := range c.t.Feeds {
		names[name] = true
	}
	note := func(name string) {
		if name != "" {
			names[name] = true
		}
	}
	for _, r := range c.t.Places {
		note(r.Feed)
	}
	for _, r := range c.t.Sections {
		note(r.Feed)
	}
	for _, r := range c.t.Results {
		note(r.Feed)
	}
	for _, r := range c.t.ZSegments {
		note(r.Feed)
	}
	c.s.aliases = c.t.Identity.Aliases
	c.s.own, c.s.here = c.t.Identity.Authority, c.t.Identity.Here
	c.s.other = c.feed("")
	c.s.feeds = make(map[string]*feed, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c.s.feeds[name] = c.feed(name)
	}
}

// feed compiles one feed; name "" is the one for all feeds without rules of
// their own. Mistakes in rules for all feeds are told once, by that one.
func (c *compiler) feed(name string) *feed {
	t, path := c.t.Feeds[name], "feeds."+name
	f := &feed{
		authority: t.Authority, types: t.Types, zone: c.s.zone, movements: t.Movements == nil || *t.Movements,
		place: PlaceParts{Ward: 1, Room: 2, Bed: 3, Facility: 4}, mappedOnly: t.MappedOnly,
		results: map[string]result{}, alerts: map[string][]AlertRule{}, segments: map[string][]segmentRule{},
	}
	if f.authority == "" {
		f.authority = c.t.Identity.Authority
	}
	if len(f.types) == 0 {
		f.types = c.t.Identity.Types
	}
	if t.Place != nil {
		f.place = *t.Place
	}
	if t.Section != "" {
		f.section, _ = c.section(path+".section", t.Section)
	}
	if t.Zone != "" {
		zone, err := time.LoadLocation(t.Zone)
		if err != nil {
			c.wrong(path+".zone", "unknown zone %q", t.Zone)
		} else {
			f.zone = zone
		}
	}
	c.charset(f, path, t.Charset)
	switch t.Demographics {
	case "", "full":
	case "aside":
		f.aside = true
	default:
		c.wrong(path+".demographics", "%q is neither full nor aside", t.Demographics)
	}
	c.casePaths(f, path, t.Case)
	c.analyser(f, path, t)
	mine := func(feed string) bool { return feed == "" || feed == name }
	quiet := c.errs
	c.rules(f, mine)
	if name != "" { // keep only what concerns this feed's own rules
		fresh := c.errs[len(quiet):]
		c.errs = quiet[:len(quiet):len(quiet)]
		for _, err := range fresh {
			if !slices.ContainsFunc(c.errs, func(e error) bool { return e.Error() == err.Error() }) {
				c.errs = append(c.errs, err)
			}
		}
	}
	return f
}

func (c *compiler) charset(f *feed, path, name string) {
	if name == "" {
		return
	}
	enc, err := htmlindex.Get(name)
	if err != nil {
		c.wrong(path+".charset", "unknown character set %q", name)
		return
	}
	f.charset, f.charsetAs = enc, name
}

func (c *compiler) casePaths(f *feed, path string, paths []string) {
	if len(paths) == 0 {
		paths = []string{"PV1-19"}
	}
	for i, text := range paths {
		seg, rest, ok := strings.Cut(text, "-")
		at, ok2 := readPath(rest)
		if !ok || !ok2 || len(seg) != 3 {
			c.wrong(fmt.Sprintf("%s.case[%d]", path, i), "%q is no path such as PV1-19", text)
			continue
		}
		f.casePaths = append(f.casePaths, fieldPath{seg, at.field, at.comp})
	}
}

// readPath reads field[.component].
func readPath(s string) (fieldPath, bool) {
	field, comp, dotted := strings.Cut(s, ".")
	n, err := strconv.Atoi(field)
	k := 1
	var err2 error
	if dotted {
		k, err2 = strconv.Atoi(comp)
	}
	if err != nil || err2 != nil || n < 1 || k < 1 || n > 999 || k > 999 {
		return fieldPath{}, false
	}
	return fieldPath{field: n, comp: k}, true
}

// rules compiles the lists of rules for the feeds that mine accepts.
func (c *compiler) rules(f *feed, mine func(string) bool) {
	for i, r := range c.t.Places {
		if !mine(r.Feed) {
			continue
		}
		path := fmt.Sprintf("places[%d]", i)
		if re := c.pattern(path+".match", r.Match); re != nil {
			f.places = append(f.places, placeRule{re, r.Ward, r.Room, r.Bed})
		}
		if r.Ward == "" {
			c.wrong(path+".ward", "missing")
		}
	}
	for i, r := range c.t.Sections {
		if !mine(r.Feed) {
			continue
		}
		path := fmt.Sprintf("sections[%d]", i)
		sec, _ := c.section(path+".section", r.Section)
		if r.Feed == "" && r.Application == "" && r.Service == "" && r.Code == "" && r.Text == "" {
			c.wrong(path, "fits everything: name a feed, application, service, code or text")
		}
		f.sections = append(f.sections, sectionRule{fold(r.Application), fold(r.Service), fold(r.Code), fold(r.Text), sec})
	}
	for i, r := range c.t.Results {
		if mine(r.Feed) {
			c.resultRule(f, fmt.Sprintf("results[%d]", i), r)
		}
	}
	for i, r := range c.t.Alerts {
		path := fmt.Sprintf("alerts[%d]", i)
		if !alertKind(r.Kind) {
			c.wrong(path+".kind", "unknown kind of alert %q", r.Kind)
		}
		switch r.Segment {
		case "OBX", "DG1", "AL1", "IAM", "PV1", "PV2", "PID":
		default:
			c.wrong(path+".segment", "alerts are read from OBX, DG1, AL1, IAM, PV1, PV2 and PID, not from %q", r.Segment)
		}
		if r.Code == "" {
			c.wrong(path+".code", "missing")
		}
		r.Code = fold(r.Code)
		f.alerts[r.Segment] = append(f.alerts[r.Segment], r)
	}
	for i, r := range c.t.ZSegments {
		if mine(r.Feed) {
			c.segmentRule(f, fmt.Sprintf("z_segments[%d]", i), r)
		}
	}
}

func (c *compiler) resultRule(f *feed, path string, r ResultRule) {
	if r.Code == "" {
		c.wrong(path+".code", "missing")
		return
	}
	out := result{loinc: r.LOINC, text: r.Text, unit: r.Unit, group: r.Group, sort: r.Sort}
	if r.Section != "" {
		out.section, _ = c.section(path+".section", r.Section)
	}
	if r.LOINC != "" && !loinc(r.LOINC) {
		c.wrong(path+".loinc", "%q is no LOINC code (as 2823-3)", r.LOINC)
	}
	key := resultKey(r.Code, c.s.system(r.System))
	if _, ok := f.results[key]; !ok {
		f.results[key] = out
	}
}

// loinc checks the form: one to seven digits, hyphen, one digit. The check digit
// is not calculated: codes that are in use (3150-6) do not fit the rule.
func loinc(s string) bool {
	body, check, ok := strings.Cut(s, "-")
	digits := func(s string, most int) bool {
		return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
	}
	return ok && digits(body, 7) && digits(check, 1)
}

func resultKey(code, system string) string {
	if system == "" {
		return code
	}
	return code + "\x00" + fold(system)
}

func alertKind(s string) bool {
	switch clinical.AlertKind(s) {
	case clinical.Isolation, clinical.Cave, clinical.Resuscitation, clinical.Risk, clinical.Pregnancy:
		return true
	}
	return false
}

// analyser compiles what says whose specimen an analyser measured.
func (c *compiler) analyser(f *feed, path string, t FeedTable) {
	f.patient = c.recordPaths(path+".patient", "P", t.Patient, "P-3")
	f.specimen = c.recordPaths(path+".specimen", "O", t.Specimen, "O-3")
	if t.Order == "" {
		return
	}
	f.order = c.pattern(path+".order", t.Order)
	if f.order != nil && f.order.NumSubexp() != 1 {
		c.wrong(path+".order", "%q has not exactly one group, the order number", t.Order)
		f.order = nil
	}
}

func (c *compiler) recordPaths(path, record string, paths []string, otherwise string) (out []fieldPath) {
	if len(paths) == 0 {
		paths = []string{otherwise}
	}
	if len(paths) == 1 && paths[0] == "-" {
		return nil
	}
	for i, text := range paths {
		letter, rest, _ := strings.Cut(text, "-")
		at, ok := readPath(rest)
		if !ok || letter != record {
			c.wrong(fmt.Sprintf("%s[%d]", path, i), "%q is no path such as %s", text, otherwise)
			continue
		}
		out = append(out, fieldPath{letter, at.field, at.comp})
	}
	return out
}
