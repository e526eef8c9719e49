package interpret

// Tables are the site's mapping tables as they stand in the configuration
// file. Every table is optional: the built-in tables for German hospitals
// apply, and an entry of the site overrides the built-in entry of the same
// name. Lists of rules are tried from the top, the site's own before the
// built-in ones; the first that fits counts.
type Tables struct {
	NoDefaults bool `yaml:"no_defaults,omitempty"` // leave the built-in tables out

	Identity    IdentityTable            `yaml:"identity,omitempty"`
	Feeds       map[string]FeedTable     `yaml:"feeds,omitempty"`   // by the feed's name
	Wards       []WardRule               `yaml:"wards,omitempty"`   // if there are any: every other ward is reported
	Places      []PlaceRule              `yaml:"places,omitempty"`  // places sent in a form of their own
	Classes     map[string]string        `yaml:"classes,omitempty"` // PV1-2 as sent → I, O, E, P, R, B
	Sexes       map[string]string        `yaml:"sexes,omitempty"`   // PID-8 as sent → F, M, D, U
	Systems     map[string][]string      `yaml:"systems,omitempty"` // coding system → how it is sent; "ICD10*" stands for all that begin so
	Sections    []SectionRule            `yaml:"sections,omitempty"`
	Results     []ResultRule             `yaml:"results,omitempty"`
	Units       map[string]string        `yaml:"units,omitempty"` // unit as sent → as printed
	Flags       map[string]string        `yaml:"flags,omitempty"` // OBX-8 as sent → HL7 table 0078
	DayTimes    DayTimes                 `yaml:"day_times,omitempty"`
	Frequencies map[string]FrequencyRule `yaml:"frequencies,omitempty"` // BID, 2xtgl, …; capital letters, no blanks
	Routes      map[string]string        `yaml:"routes,omitempty"`      // RXR-1 as sent → as printed
	Alerts      []AlertRule              `yaml:"alerts,omitempty"`
	ZSegments   []SegmentRule            `yaml:"z_segments,omitempty"`

	UnknownNames    []string `yaml:"unknown_names,omitempty"`    // family names given to unidentified persons
	NoAllergy       []string `yaml:"no_allergy,omitempty"`       // AL1-3 codes or texts that say: none known
	MotherRelations []string `yaml:"mother_relations,omitempty"` // NK1-3 codes that name a newborn's mother
	ReportSections  []string `yaml:"report_sections,omitempty"`  // sections whose text lines are one report
}

// IdentityTable says which of the identifiers in PID-3 is the hospital's own.
type IdentityTable struct {
	// Authority is the hospital's own assigning authority (PID-3.4), and the
	// one that an identifier without authority has.
	Authority string `yaml:"authority,omitempty"`
	// Aliases are other spellings of authorities: as sent → canonical.
	Aliases map[string]string `yaml:"aliases,omitempty"`
	// Types are the identifier types (PID-3.5) that can be the hospital's own
	// number, best first; "-" stands for an identifier without type.
	Types []string `yaml:"types,omitempty"`
	// Here is the authority of the numbers that Notbetrieb itself gave in an
	// outage. A system that carries one beside its own number still speaks of
	// its own. It comes from the numbers of the configuration.
	Here string `yaml:"-"`
}

// FeedTable is what differs for one feed.
type FeedTable struct {
	Authority string   `yaml:"authority,omitempty"` // of identifiers without one; default identity.authority
	Types     []string `yaml:"types,omitempty"`     // as identity.types, for this feed
	Case      []string `yaml:"case,omitempty"`      // where the case number stands, best first; default [PV1-19]
	Zone      string   `yaml:"zone,omitempty"`      // of times without one: Europe/Berlin
	Charset   string   `yaml:"charset,omitempty"`   // read all messages so, whatever MSH-18 says
	Section   string   `yaml:"section,omitempty"`   // of orders, results and documents that no rule sorts
	// Place says which component of PV1-3 holds what; 0 or left out: not sent.
	Place *PlaceParts `yaml:"place,omitempty"`
	// Movements false: the places this feed sends move nobody (A01, A02 of a
	// subsystem that only repeats what it was told).
	Movements *bool `yaml:"movements,omitempty"`
	// Demographics says what PID of this feed's ADT messages counts as: full
	// (default) or aside (fills only what is unknown).
	Demographics string `yaml:"demographics,omitempty"`
	// Patient says for an analyser (ASTM) where a number of the hospital stands,
	// best first; default [P-3]. ["-"]: nowhere.
	Patient []string `yaml:"patient,omitempty"`
	// Specimen says for an analyser where the number on the specimen stands;
	// default [O-3].
	Specimen []string `yaml:"specimen,omitempty"`
	// Order is a regular expression over the whole number on the specimen; its
	// group 1 is the order number. Default: the number as it is.
	Order string `yaml:"order,omitempty"`
	// MappedOnly reports every result code that is missing in results.
	MappedOnly bool `yaml:"mapped_only,omitempty"`
}

// PlaceParts numbers the components of a place (PL).
type PlaceParts struct {
	Ward     int `yaml:"ward,omitempty"`
	Room     int `yaml:"room,omitempty"`
	Bed      int `yaml:"bed,omitempty"`
	Facility int `yaml:"facility,omitempty"`
}

// WardRule names one ward and how it is sent.
type WardRule struct {
	Code    string   `yaml:"code"`
	Aliases []string `yaml:"aliases,omitempty"`
}

// PlaceRule reads a place that is sent in one piece or under a code of its own.
// Match is a regular expression over the whole of ward^room^bed; Ward, Room and
// Bed may use its groups ($1).
type PlaceRule struct {
	Feed  string `yaml:"feed,omitempty"`
	Match string `yaml:"match"`
	Ward  string `yaml:"ward"`
	Room  string `yaml:"room,omitempty"`
	Bed   string `yaml:"bed,omitempty"`
}

// SectionRule sorts orders, results and documents. All of the fields that are
// set must fit; a * at the end stands for any rest.
type SectionRule struct {
	Feed        string `yaml:"feed,omitempty"`
	Application string `yaml:"application,omitempty"` // MSH-3.1
	Service     string `yaml:"service,omitempty"`     // OBR-24
	Code        string `yaml:"code,omitempty"`        // OBR-4.1, TXA-2.1
	Text        string `yaml:"text,omitempty"`        // OBR-4.2, TXA-2.2 or 16: begins so, any case
	Section     string `yaml:"section"`
}

// ResultRule maps one local code (OBX-3) of a laboratory or a monitor.
type ResultRule struct {
	Feed    string `yaml:"feed,omitempty"`
	Code    string `yaml:"code"`             // OBX-3.1 as sent; R-3 of an analyser: its test, or the whole field
	System  string `yaml:"system,omitempty"` // OBX-3.3 as sent, where the code alone is ambiguous
	LOINC   string `yaml:"loinc,omitempty"`
	Text    string `yaml:"text,omitempty"` // as shown: "Kalium"
	Unit    string `yaml:"unit,omitempty"` // the unit where the message names none
	Section string `yaml:"section,omitempty"`
	Group   string `yaml:"group,omitempty"`
	Sort    int    `yaml:"sort,omitempty"`
}

// DayTimes are the times of the four doses of a scheme such as 1-0-1-0.
type DayTimes struct {
	Morning string `yaml:"morning,omitempty"` // "08:00"
	Noon    string `yaml:"noon,omitempty"`
	Evening string `yaml:"evening,omitempty"`
	Night   string `yaml:"night,omitempty"`
}

// FrequencyRule says what a frequency code means. Scheme and Times exclude each
// other; a code that is only known to be one has neither.
type FrequencyRule struct {
	Scheme   string   `yaml:"scheme,omitempty"` // "1-0-1-0"
	Times    []string `yaml:"times,omitempty"`  // ["08:00", "20:00"]
	AsNeeded bool     `yaml:"as_needed,omitempty"`
	Text     string   `yaml:"text,omitempty"` // as printed: "alle 6 h"
}

// AlertRule makes a warning of a code in a segment: OBX-3 (with the value it
// must have), DG1-3, AL1-3 or PV1-15, PV1-16 and PV2 fields by their path.
type AlertRule struct {
	Segment string            `yaml:"segment"` // OBX, DG1, AL1, IAM, PV1, PV2, PID
	Field   int               `yaml:"field,omitempty"`
	Code    string            `yaml:"code"`             // first component; * at the end stands for any rest
	Values  map[string]string `yaml:"values,omitempty"` // OBX-5 → what is shown; "*" any value; "" as value ends the warning
	Kind    string            `yaml:"kind"`             // isolation, cave, resuscitation, risk, pregnancy
	Text    string            `yaml:"text,omitempty"`   // as shown; default the text sent
}

// SegmentRule reads a site's own segment. Paths are field[.component], such as
// "3" or "3.2"; a text in quotes ('Isolation') stands for itself.
type SegmentRule struct {
	Feed    string            `yaml:"feed,omitempty"`
	Segment string            `yaml:"segment"`        // ZAL
	When    map[string]string `yaml:"when,omitempty"` // path → value it must have; * any value
	Fact    string            `yaml:"fact"`           // isolation, cave, resuscitation, risk, pregnancy, allergy, none_known, diagnosis, contact, class, reason
	Code    string            `yaml:"code,omitempty"`
	Text    string            `yaml:"text,omitempty"`
	Kind    string            `yaml:"kind,omitempty"` // of an allergy or a diagnosis
	From    string            `yaml:"from,omitempty"`
	Until   string            `yaml:"until,omitempty"`
	Cancel  map[string]string `yaml:"cancel,omitempty"` // path → value that ends it
	Phone   string            `yaml:"phone,omitempty"`  // of a contact
}
