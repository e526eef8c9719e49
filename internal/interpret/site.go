package interpret

import (
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// Site is one hospital's compiled tables. It never changes and may be used by
// many goroutines.
type Site struct {
	version string
	zone    *time.Location

	own     string            // the hospital's own authority, "" if not configured
	here    string            // the authority of numbers given by Notbetrieb
	aliases map[string]string // authority as sent → canonical
	feeds   map[string]*feed
	other   *feed

	wards          map[string]string // folded spelling → code
	closed         bool              // wards not listed are reported
	classes        map[string]clinical.Class
	sexes          map[string]clinical.Sex
	systems        map[string]string
	systemPrefix   [][2]string
	units          map[string]string
	flags          map[string]string
	routes         map[string]string
	dayTimes       [4]clinical.DayTime
	frequencies    map[string]frequency
	noAllergy      map[string]bool
	motherRelation map[string]bool
	unknownName    map[string]bool
	report         map[clinical.Section]bool
	events         map[string]Event
}

// Version names these tables together with this package's own reading. Data
// that was derived under another version has to be rebuilt.
func (s *Site) Version() string { return s.version }

// feed returns the rules of a feed.
func (s *Site) feed(name string) *feed {
	if f, ok := s.feeds[name]; ok {
		return f
	}
	return s.other
}

// system returns the canonical name of a coding system, or the name as sent.
func (s *Site) system(sent string) string {
	if sent == "" {
		return ""
	}
	if name, ok := s.systems[sent]; ok {
		return name
	}
	key := fold(sent)
	if name, ok := s.systems[key]; ok {
		return name
	}
	for _, p := range s.systemPrefix {
		if strings.HasPrefix(key, p[0]) {
			return p[1]
		}
	}
	return sent
}

// unit returns a unit as printed.
func (s *Site) unit(sent string) string {
	if u, ok := s.units[sent]; ok {
		return u
	}
	return sent
}

// like reports whether a folded text fits a rule: equal, or beginning with the
// rule where that ends in a star. A rule that says nothing fits everything.
func like(rule, text string) bool {
	if rule == "" || rule == text {
		return true
	}
	prefix, ok := strings.CutSuffix(rule, "*")
	return ok && strings.HasPrefix(text, prefix)
}

// sectionOf sorts an order, a result or a document by the feed's rules.
func (f *feed) sectionOf(application, service, code, text string) clinical.Section {
	application, service, code, text = fold(application), fold(service), fold(code), fold(text)
	for i := range f.sections {
		r := &f.sections[i]
		if like(r.application, application) && like(r.service, service) && like(r.code, code) && begins(text, r.text) {
			return r.section
		}
	}
	if f.section != "" {
		return f.section
	}
	return clinical.OtherSection
}

// begins reports whether text begins with the whole words of rule: "CT Thorax"
// with "CT", but not "CTG".
func begins(text, rule string) bool {
	rest, ok := strings.CutPrefix(text, rule)
	if !ok || rest == "" || rule == "" {
		return ok
	}
	c := rest[0]
	return !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80)
}
