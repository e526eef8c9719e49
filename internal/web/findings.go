package web

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// findingsPage lists the documents of the chart, newest first.
type findingsPage struct {
	Frame
	Groups  []filterLink
	Rows    []documentRow
	Section string
}

type documentRow struct {
	ID      string
	At      stamp
	Title   string
	Kind    string
	Section lang.Text
	Status  lang.Text
	Final   bool
	Off     bool
	New     bool
	By      string
	Media   string
	Size    string
	Replace bool
	Origin  sourceView
}

// findingPage shows one document.
type findingPage struct {
	Frame
	Row      documentRow
	Text     []string // paragraphs of a text document
	File     string   // address of the embedded file, "" if none
	Inline   bool     // a browser shows it in the page
	Image    bool
	URL      string // kept elsewhere
	Was      []documentRow
	Addendum string
	Current  string // of an earlier version: the one that counts
}

var (
	findingsPageT = parse[findingsPage]("findings")
	findingPageT  = parse[findingPage]("finding")
)

// documentID names a state of a document inside a patient's chart: the record
// and segment it came in, and which of that record's documents it is.
func documentID(d chart.Item[clinical.Document]) string {
	h := fnv.New32a()
	for _, s := range []string{d.V.ID, d.V.Filler, d.V.Placer, d.V.Kind.Code, d.V.Title} {
		_, _ = h.Write([]byte(s + "\x1f")) // never fails
	}
	return fmt.Sprintf("%d-%d-%08x", d.Origin.Seq, d.V.Body.Segment, h.Sum32())
}

// carrier is the record that holds the bytes of a document. The message that
// withdraws one holds none: they are where the state before came from.
func carrier(d chart.Item[clinical.Document]) uint64 {
	if d.V.Body.Seq != 0 { // a record of their own
		return d.V.Body.Seq
	}
	seq := d.Origin.Seq
	if d.V.Status != clinical.Withdrawn {
		return seq
	}
	for _, w := range d.Was {
		if w.V.Body != d.V.Body {
			continue
		}
		seq = w.Origin.Seq
		if w.V.Status != clinical.Withdrawn {
			break
		}
	}
	return seq
}

// fileOf is the address of a document's embedded file inside the chart.
func fileOf(d chart.Item[clinical.Document]) string {
	return strconv.FormatUint(carrier(d), 10) + "/" + strconv.Itoa(d.V.Body.Segment)
}

// An edition is one state of a document.
type edition struct {
	chart.Item[clinical.Document]
	current string // ID of the state that counts, "" if it is this one
}

// findEdition looks for a state of a document, those that count first.
func findEdition(docs []chart.Item[clinical.Document], is func(chart.Item[clinical.Document]) bool) (edition, bool) {
	for _, d := range docs {
		if is(d) {
			return edition{Item: d}, true
		}
	}
	for _, d := range docs {
		for i := range d.Was {
			if w := formerState(d, i); is(w) {
				return edition{Item: w, current: documentID(d)}, true
			}
		}
	}
	return edition{}, false
}

// formerState returns the i-th earlier state of a document. What was withdrawn is
// so in every state.
func formerState(d chart.Item[clinical.Document], i int) chart.Item[clinical.Document] {
	return chart.Item[clinical.Document]{V: d.Was[i].V, Origin: d.Was[i].Origin, Case: d.Case, Cancelled: d.Cancelled, Was: d.Was[i+1:]}
}

func documentTitle(d clinical.Document) string {
	return cmp.Or(d.Title, d.Kind.Label(), d.ID)
}

func newDocumentRow(d chart.Item[clinical.Document], f Frame) documentRow {
	r := documentRow{
		ID: documentID(d), At: f.stamp(d.V.At), Title: documentTitle(d.V), Kind: d.V.Kind.Label(), Section: sectionWord(d.V.Section),
		Status: resultWord(d.V.Status), Final: d.V.Status == clinical.Final || d.V.Status == clinical.Corrected,
		Off: d.Cancelled || d.V.Status == clinical.Withdrawn, By: d.V.By.Name, Media: mediaWord(d.V.Media), Replace: len(d.Was) > 0, Origin: f.source(d.Origin, d.Back),
	}
	r.New = r.At.Known() && r.At.Old() < 24*60*60*1e9 && r.At.Old() >= 0
	if d.V.Body.Size > 0 {
		r.Size = group(uint64(max(d.V.Body.Size/1024, 1))) + " kB"
	}
	return r
}

func mediaWord(m string) string {
	switch {
	case m == "application/pdf":
		return "PDF"
	case m == "text/plain" || m == "":
		return "Text"
	case strings.Contains(m, "xml"):
		return "CDA"
	case strings.HasPrefix(m, "image/"):
		return strings.ToUpper(strings.TrimPrefix(m, "image/"))
	}
	return m
}

func newFindingsPage(p *chart.Patient, f Frame, near around, section string) findingsPage {
	f.Banner = newBanner(p, f, "findings", near)
	v := findingsPage{Frame: f.titled("patient", lang.Text{DE: "Befunde", EN: "Findings"}), Section: section}
	v.Refresh = true
	counts := map[clinical.Section]int{}
	for _, d := range p.Documents {
		counts[d.V.Section]++
		if section == "" || string(d.V.Section) == section {
			v.Rows = append(v.Rows, newDocumentRow(d, f))
		}
	}
	base := "/patient/" + string(p.Key) + "/findings"
	v.Groups = append(v.Groups, filterLink{base, lang.Text{DE: "alle", EN: "all"}, len(p.Documents), section == ""})
	for _, s := range sections {
		if n := counts[s.section]; n > 0 {
			v.Groups = append(v.Groups, filterLink{base + "?section=" + string(s.section), s.label, n, string(s.section) == section})
		}
	}
	return v
}

func newFindingPage(p *chart.Patient, d edition, f Frame, near around) findingPage {
	f.Banner = newBanner(p, f, "findings", near)
	v := findingPage{Frame: f.titled("patient", lang.Text{DE: "Befund", EN: "Finding"}), Row: newDocumentRow(d.Item, f), URL: d.V.Body.URL, Addendum: d.V.Addendum, Current: d.current}
	for _, para := range strings.Split(strings.ReplaceAll(d.V.Text, "\r\n", "\n"), "\n\n") {
		if s := strings.TrimRight(para, " \n"); s != "" {
			v.Text = append(v.Text, s)
		}
	}
	if d.V.Body.Size > 0 && d.V.Media != "text/plain" {
		v.File = "/patient/" + string(p.Key) + "/document/" + fileOf(d.Item)
		v.Inline = d.V.Media == "application/pdf" && !v.Row.Off
		v.Image = (d.V.Media == "image/png" || d.V.Media == "image/jpeg" || d.V.Media == "image/gif") && !v.Row.Off
	}
	for i := range d.Was {
		v.Was = append(v.Was, newDocumentRow(formerState(d.Item, i), f))
	}
	return v
}
