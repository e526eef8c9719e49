package web

import (
	"net/url"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// A labGroup is one clinical group of analytes, in the order of a German
// cumulative report. An analyte belongs to it by LOINC code, else by the begin
// of its text.
type labGroup struct {
	id    string
	label lang.Text
	loinc []string
	words []string
}

var labGroups = []labGroup{
	{"gas", lang.Text{DE: "Blutgase", EN: "Blood gases"},
		[]string{"2744-1", "11558-4", "2745-8", "2019-8", "11557-6", "2703-7", "11556-8", "1959-6", "1960-4", "1961-2", "11555-0", "1925-7", "2708-6", "32693-4", "2518-9", "2524-7", "19224-5"},
		[]string{"ph", "pco2", "po2", "bicarb", "hco3", "be ", "base excess", "laktat", "so2"}},
	{"blood", lang.Text{DE: "Blutbild", EN: "Blood count"},
		[]string{"718-7", "59260-0", "20570-8", "4544-3", "71833-8", "789-8", "26453-1", "6690-2", "26464-8", "777-3", "26515-7", "787-2", "30428-7", "785-6", "28539-5", "786-4", "28540-3", "788-0", "770-8", "736-9", "5905-5", "713-8", "706-2", "17849-1"},
		[]string{"hämoglobin", "hb", "hämatokrit", "erythro", "leuko", "thrombo", "mcv", "mch", "neutro", "lympho", "mono", "eosino", "baso", "retikulo"}},
	{"salt", lang.Text{DE: "Elektrolyte", EN: "Electrolytes"},
		[]string{"2951-2", "2947-0", "2823-3", "6298-4", "2075-0", "17861-6", "2000-8", "1995-0", "1994-3", "2601-3", "19123-9", "2777-1", "14879-1"},
		[]string{"natrium", "kalium", "chlorid", "calcium", "kalzium", "magnesium", "phosphat"}},
	{"kidney", lang.Text{DE: "Niere", EN: "Kidney"},
		[]string{"2160-0", "14682-9", "3094-0", "22664-7", "33914-3", "62238-1", "98979-8", "48642-3", "3084-1", "14933-6", "33863-2"},
		[]string{"kreatinin", "harnstoff", "egfr", "gfr", "harnsäure", "cystatin"}},
	{"liver", lang.Text{DE: "Leber und Pankreas", EN: "Liver and pancreas"},
		[]string{"1920-8", "30239-8", "1742-6", "1743-4", "2324-2", "6768-6", "1975-2", "14631-6", "1968-7", "2532-0", "14804-9", "3040-3", "1798-8", "1751-7", "61151-7", "22763-7", "2885-2", "14114-3"},
		[]string{"got", "gpt", "ast", "alt", "ggt", "gamma-gt", "γ-gt", "alkalische", "ap ", "bilirubin", "ldh", "lipase", "amylase", "albumin", "gesamteiweiß", "ammoniak", "cholinesterase"}},
	{"clot", lang.Text{DE: "Gerinnung", EN: "Coagulation"},
		[]string{"5902-2", "6301-6", "5894-1", "3173-2", "14979-9", "3255-7", "48065-7", "48066-5", "30240-6", "3174-0", "46418-0", "27811-9"},
		[]string{"quick", "inr", "ptt", "aptt", "fibrinogen", "d-dimer", "antithrombin", "thrombinzeit", "anti-xa"}},
	{"inflam", lang.Text{DE: "Entzündung", EN: "Inflammation"},
		[]string{"1988-5", "30522-7", "33959-8", "75241-0", "30341-2", "4537-7", "26881-3"},
		[]string{"crp", "c-reaktiv", "procalcitonin", "pct", "bsg", "interleukin"}},
	{"heart", lang.Text{DE: "Herz und Muskel", EN: "Heart and muscle"},
		[]string{"6598-7", "10839-9", "67151-1", "89579-7", "6597-9", "2157-6", "13969-1", "32673-6", "33762-6", "30934-4", "2639-3", "71425-3"},
		[]string{"troponin", "ck", "nt-pro", "bnp", "myoglobin"}},
	{"sugar", lang.Text{DE: "Stoffwechsel und Hormone", EN: "Metabolism and hormones"},
		[]string{"2345-7", "2339-0", "14749-6", "15074-8", "4548-4", "59261-8", "2093-3", "14647-2", "2571-8", "14927-8", "2085-9", "13457-7", "3016-3", "11579-0", "3024-7", "3051-0", "2276-4", "2132-9", "1989-3", "2498-4", "3024-7", "14334-7", "2986-8"},
		[]string{"glukose", "glucose", "blutzucker", "hba1c", "cholesterin", "triglyc", "hdl", "ldl", "tsh", "ft3", "ft4", "ferritin", "eisen", "transferrin", "vitamin", "folsäure", "cortisol"}},
	{"drug", lang.Text{DE: "Medikamentenspiegel", EN: "Drug levels"},
		[]string{"10535-3", "4092-3", "3968-5", "11253-2", "4086-5", "3432-2"},
		[]string{"digoxin", "digitoxin", "vancomycin", "gentamicin", "tacrolimus", "valpro", "carbamazepin", "lithium", "phenytoin"}},
	{"urine", lang.Text{DE: "Urin", EN: "Urine"}, nil, []string{"urin", "u-"}},
	{"csf", lang.Text{DE: "Liquor", EN: "CSF"}, nil, []string{"liquor"}},
	{"group", lang.Text{DE: "Blutgruppe und Transfusion", EN: "Blood group and transfusion"},
		[]string{"882-1", "883-9", "10331-7", "890-4"}, []string{"blutgruppe", "antikörpersuch", "rhesus", "kreuzprobe"}},
	{"micro", lang.Text{DE: "Mikrobiologie und Virologie", EN: "Microbiology and virology"}, nil, []string{"kultur", "abstrich", "mrsa", "sars", "influenza", "erreger", "keim", "pcr", "hbs", "hiv", "clostridi", "norovirus"}},
	{"rest", lang.Text{DE: "Weitere", EN: "Other"}, nil, nil},
}

// labHeadings are the groups of one table: the usual ones and those that the
// site's mapping names besides, before "others".
type labHeadings []labGroup

// headingsFor returns the headings that the results need.
func headingsFor(all []chart.Item[clinical.Result]) labHeadings {
	h := slices.Clone(labHeadings(labGroups))
	for _, it := range all {
		name := it.V.Group
		if name == "" || h.named(name) >= 0 {
			continue
		}
		own := labGroup{id: "site-" + url.QueryEscape(strings.ToLower(name)), label: lang.Text{DE: name, EN: name}}
		h = slices.Insert(h, len(h)-1, own)
	}
	return h
}

// named returns the index of the heading that reads so, or -1.
func (h labHeadings) named(name string) int {
	return slices.IndexFunc(h, func(g labGroup) bool {
		return strings.EqualFold(g.label.DE, name) || strings.EqualFold(g.label.EN, name)
	})
}

// of returns the index of the heading under which the result stands: the one
// that the site's mapping names, else by LOINC code, else by the begin of its
// text.
func (h labHeadings) of(r clinical.Result) int {
	if i := h.named(r.Group); r.Group != "" && i >= 0 {
		return i
	}
	if r.Section == clinical.Microbiology {
		return slices.IndexFunc(h, func(g labGroup) bool { return g.id == "micro" })
	}
	for i, g := range h {
		if r.Code.Code != "" && slices.Contains(g.loinc, r.Code.Code) {
			return i
		}
	}
	text := strings.ToLower(r.Code.Label())
	for i, g := range h {
		for _, w := range g.words {
			if beginsWith(text, strings.TrimSpace(w)) {
				return i
			}
		}
	}
	return len(h) - 1
}

// beginsWith reports whether text begins with word; a short word must stand
// alone.
func beginsWith(text, word string) bool {
	return strings.HasPrefix(text, word) && (len(word) > 2 || text == word || strings.HasPrefix(text, word+" "))
}

// rank orders analytes as the site's mapping or their group lists them.
func (h labHeadings) rank(group int, r clinical.Result) int {
	if r.Sort > 0 {
		return r.Sort
	}
	if i := slices.Index(h[group].loinc, r.Code.Code); i >= 0 {
		return i
	}
	return 1000
}
