package demo

// Mapping is what a site that takes in this house's feeds has to know about it:
// the data of its mapping tables. It is plain data; whoever configures the site
// turns it into the tables of the interpreter.
type Mapping struct {
	Authority string              // whose the hospital's own numbers are (PID-3.4)
	Wards     []WardMapping       // every ward, with the names that other systems give it
	Results   []ResultMapping     // local codes of laboratory and monitors
	Sections  []SectionMapping    // what an order or document is about, by its code
	Alerts    []AlertMapping      // observations that are warnings
	Segments  []SegmentMapping    // the vendor's own segments
	NoAllergy []string            // AL1-3 codes that say: none known
	Intervals map[string][]string // TQ1-3 codes of this house → times of day
}

// WardMapping names one ward.
type WardMapping struct {
	Code    string
	Aliases []string
}

// ResultMapping maps one local code of a feed.
type ResultMapping struct {
	Feed    string
	Code    string // OBX-3.1
	LOINC   string // "" where there is none
	Text    string
	Unit    string
	Section string // clinical section: lab, vitals
	Group   string // heading in the cumulative table
	Sort    int
}

// SectionMapping sorts orders and documents by code (OBR-4.1, TXA-2.1); a * at
// the end stands for any rest.
type SectionMapping struct{ Code, Section string }

// AlertMapping makes a warning of an observation of the KIS.
type AlertMapping struct {
	Segment string            // OBX
	Code    string            // OBX-3.1
	Values  map[string]string // OBX-5.1 → what is shown
	Kind    string            // isolation, cave, resuscitation, risk, pregnancy
}

// SegmentMapping reads a Z segment; paths are field.component.
type SegmentMapping struct {
	Feed, Segment, Fact, Code, Text, From, Until string
	Cancel                                       map[string]string // path → value that ends it
}

// Mapping returns the tables of this house.
func (h *House) Mapping() Mapping {
	m := Mapping{
		Authority: "KIS",
		NoAllergy: []string{"NKA"},
		Intervals: map[string][]string{"Q8H": {"06:00", "14:00", "22:00"}},
	}
	for _, p := range plans(h.plan.Small) {
		m.Wards = append(m.Wards, WardMapping{p.code, []string{p.other}})
	}
	for _, s := range services {
		m.Wards = append(m.Wards, WardMapping{Code: s.Code})
	}
	for i, a := range analytes {
		m.Results = append(m.Results, ResultMapping{LIS, a.code, a.loinc, a.text, a.unit, "lab", a.group, 100 + i})
	}
	for i, v := range vitalSigns {
		m.Results = append(m.Results, ResultMapping{PDMS, v.local, v.loinc, v.text, printed(v.unit), "vitals", "Vitalzeichen", i + 1})
	}
	for _, e := range exams {
		section := sectionOf(e.service)
		m.Sections = append(m.Sections, SectionMapping{e.code, section}, SectionMapping{"BEF-" + e.code, section})
	}
	for _, c := range cultures {
		m.Sections = append(m.Sections, SectionMapping{c.code, "micro"})
	}
	for _, p := range panels {
		m.Sections = append(m.Sections, SectionMapping{p.code, "lab"})
	}
	m.Sections = append(m.Sections, SectionMapping{"OPB", "surgery"}, SectionMapping{"VITAL", "vitals"}, SectionMapping{"ABR", "other"})
	m.Alerts = alertMappings()
	m.Segments = []SegmentMapping{{
		Feed: KISADT, Segment: "ZIS", Fact: "isolation", Code: "2.1", Text: "2.2", From: "3", Until: "4",
		Cancel: map[string]string{"5": "E"},
	}}
	return m
}

// printed is the unit as it is read on a sheet.
func printed(unit string) string {
	switch unit {
	case "Cel":
		return "°C"
	case "mm[Hg]":
		return "mmHg"
	}
	return unit
}

func sectionOf(service string) string {
	switch service {
	case "EN":
		return "endoscopy"
	case "CUS", "CTH":
		return "cardiology"
	}
	return "radiology"
}

func alertMappings() []AlertMapping {
	iso := AlertMapping{Segment: "OBX", Code: "ISO", Values: map[string]string{}, Kind: "isolation"}
	for _, a := range isolations {
		iso.Values[a.value] = a.say
	}
	return []AlertMapping{
		iso,
		{"OBX", "REA", map[string]string{"DNR": "keine Reanimation (DNR)", "DNI": "keine Intubation (DNI)"}, "resuscitation"},
		{"OBX", "STURZ", map[string]string{"J": "erhöhtes Sturzrisiko", "N": ""}, "risk"},
		{"OBX", "DEKU", map[string]string{"J": "Dekubitusrisiko", "N": ""}, "risk"},
		{"OBX", "SSW", map[string]string{"J": "Schwangerschaft", "N": ""}, "pregnancy"},
		{"OBX", "CAVE", nil, "cave"}, // the text that was sent is shown
	}
}
