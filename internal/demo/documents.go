package demo

import (
	"encoding/base64"
	"strings"
)

// pdfFrom is how long before Plan.Start documents come as PDF; older ones come
// as text, which keeps the history small.
const pdfFrom = 84 * hour

// paper is one document of the archive.
type paper struct {
	no       int
	s        *stay
	kind     string // code of the document type
	title    string
	at       int64
	by       doctor
	text     string
	drawing  string
	form     string // "pdf", "cda", "text"
	parent   int    // of an addendum or replacement
	complete string // TXA-17: DO documented, AU authenticated
}

// examDocument sends the finding of an examination as a document.
func (w *world) examDocument(r *request, result string) {
	w.lastDoc++
	p := &paper{
		no: w.lastDoc, s: r.s, kind: "BEF-" + r.e.code, title: r.e.text, at: w.now, by: w.reader(r.e),
		text: findingText(r, result), form: w.form(60), complete: "AU",
	}
	switch r.e.service {
	case "CUS", "CTH":
		p.drawing = "ecg"
	case "EN":
		p.drawing = "scope"
	}
	w.sendMDM("T02", p)
	if w.dice.percent(3) {
		w.at(w.now+w.dice.span(hour, 2*day), func() {
			w.lastDoc++
			next := *p
			next.no, next.parent, next.at = w.lastDoc, p.no, w.now
			next.title += " (Nachtrag)"
			next.text = "Nachtrag: Histologie ohne Anhalt für Malignität."
			next.form, next.drawing = "text", ""
			w.sendMDM("T06", &next)
		})
	}
}

// form throws how a document comes: as PDF in so many of 100 cases lately.
func (w *world) form(percent int) string {
	if w.now > w.start-pdfFrom && w.dice.percent(percent) {
		return "pdf"
	}
	return "text"
}

// letter sends the discharge letter: preliminary with the patient, final days
// later; some are taken back because they belong to somebody else.
func (w *world) letter(s *stay) {
	if s.bed != nil || s.ill == nil {
		return
	}
	w.lastDoc++
	p := &paper{
		no: w.lastDoc, s: s, kind: "ABR", title: "Vorläufiger Entlassungsbrief", at: w.now, by: s.doc,
		text: w.letterText(s), form: w.form(55), complete: "DO",
	}
	if p.form == "text" && w.dice.percent(12) {
		p.form = "cda"
	}
	w.sendMDM("T02", p)
	switch t := w.dice.n(100); {
	case t < 22:
		w.at(w.now+w.dice.span(day, 4*day), func() {
			w.lastDoc++
			next := *p
			next.no, next.parent, next.at = w.lastDoc, p.no, w.now
			next.title, next.complete = "Entlassungsbrief", "AU"
			w.sendMDM("T10", &next)
		})
	case t < 24:
		w.at(w.now+w.dice.span(20*minute, 6*hour), func() { w.sendMDM("T11", p) })
	}
}

func (w *world) letterText(s *stay) string {
	var b strings.Builder
	b.WriteString("Sehr geehrte Frau Kollegin, sehr geehrter Herr Kollege,\n\n")
	b.WriteString("wir berichten über die stationäre Behandlung vom " + w.german(s.admitted) + " bis " + w.german(s.ended) + ".\n\n")
	b.WriteString("Aufnahmegrund: " + s.reason + "\n\nDiagnosen:\n")
	for _, x := range s.diags {
		b.WriteString("- " + x.text + " (" + x.icd + ")\n")
	}
	if len(s.done) > 0 {
		b.WriteString("\nMaßnahmen:\n")
		for _, x := range s.done {
			b.WriteString("- " + x.text + " (" + x.ops + "), " + w.german(x.at) + "\n")
		}
	}
	b.WriteString("\nVerlauf: Unter der Behandlung kam es zu einer deutlichen Besserung. Der Verlauf war ohne Besonderheiten, " +
		"die Entlassung erfolgt in stabilem Allgemeinzustand.\n\nMedikation bei Entlassung:\n")
	for _, r := range s.rx {
		if r.d.days == 0 && strings.Contains(r.d.scheme, "-") {
			b.WriteString("- " + r.d.text + "  " + r.d.scheme + "\n")
		}
	}
	b.WriteString("\nProcedere: Wir bitten um Kontrolle der Laborwerte in einer Woche.\n\nMit freundlichen kollegialen Grüßen")
	return b.String()
}

func (w *world) german(t int64) string {
	c := w.civil(t)
	return pad(c.d, 2) + "." + pad(c.m, 2) + "." + itoa(c.y)
}

// sendMDM sends a document (MDM T02 new, T06 addendum, T10 replacement, T11
// cancelled).
func (w *world) sendMDM(event string, p *paper) {
	s := p.s
	m := w.begin(docs, "MDM", event, map[bool]string{true: "MDM_T01", false: "MDM_T02"}[event == "T11"])
	w.evn(event, w.now)
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	m.seg("TXA")
	m.raw(1, "1")
	m.f(2, p.kind, p.title, "L")
	m.raw(3, map[string]string{"text": "TX", "pdf": "AP", "cda": "TX"}[p.form])
	m.raw(4, w.ts(p.at))
	m.raw(6, w.ts(p.at))
	m.f(9, p.by.id, p.by.family, p.by.given, "", "", p.by.title)
	m.f(12, "D"+itoa(p.no), "KIS-DOK")
	if p.parent != 0 {
		m.f(13, "D"+itoa(p.parent), "KIS-DOK")
	}
	m.f(16, p.title)
	m.raw(17, p.complete)
	m.raw(19, map[bool]string{true: "CA", false: "AV"}[event == "T11"])
	if event != "T11" {
		w.docOBX(m, p)
	}
	w.end(docs, s.p.lane)
}

func (w *world) docOBX(m *wire, p *paper) {
	m.seg("OBX")
	m.raw(1, "1")
	m.raw(2, map[bool]string{true: "FT", false: "ED"}[p.form == "text"])
	m.f(3, p.kind, p.title, "L")
	switch p.form {
	case "text":
		m.f(5, p.text)
	case "pdf":
		one := sheet{
			title: p.title, patient: w.patientLine(p.s), lines: strings.Split(p.text, "\n"),
			signed: p.by.words(), drawing: p.drawing, seed: p.no,
		}
		m.raw(5, "KIS-DOK^application^pdf^Base64^")
		m.b = base64.StdEncoding.AppendEncode(m.b, one.pdf())
	case "cda":
		m.raw(5, "KIS-DOK^text^xml^Base64^")
		m.b = base64.StdEncoding.AppendEncode(m.b, []byte(w.cda(p)))
	}
	m.raw(11, map[bool]string{true: "F", false: "P"}[p.complete == "AU"])
	m.raw(14, w.ts(p.at))
}

func (w *world) patientLine(s *stay) string {
	p := s.p
	name := p.family
	if p.prefix != "" {
		name = p.prefix + " " + p.family
	}
	return name + ", " + p.given + "   geb. " + pad(p.born.d, 2) + "." + pad(p.born.m, 2) + "." + itoa(p.born.y) + "   Fall " + itoa(s.no)
}

// cda writes a discharge letter as CDA R2, level 1 with a narrative body.
func (w *world) cda(p *paper) string {
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<ClinicalDocument xmlns="urn:hl7-org:v3">`)
	b.WriteString(`<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>`)
	b.WriteString(`<id root="1.2.276.0.76.3.1.999" extension="D` + itoa(p.no) + `"/>`)
	b.WriteString(`<code code="11490-0" codeSystem="2.16.840.1.113883.6.1" displayName="Arztbrief"/>`)
	b.WriteString(`<title>` + esc.Replace(p.title) + `</title><effectiveTime value="` + w.ts(p.at) + `"/>`)
	b.WriteString(`<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="de-DE"/>`)
	who := p.s.p
	b.WriteString(`<recordTarget><patientRole><id root="1.2.276.0.76.3.1.999.1" extension="` + itoa(who.no) + `"/><patient><name><given>` +
		esc.Replace(who.given) + `</given><family>` + esc.Replace(who.family) + `</family></name><administrativeGenderCode code="` +
		string(who.sex) + `" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="` + who.birthStamp(w) + `"/></patient></patientRole></recordTarget>`)
	b.WriteString(`<component><structuredBody><component><section><title>Entlassungsbrief</title><text>`)
	for para := range strings.SplitSeq(p.text, "\n") {
		if para != "" {
			b.WriteString(`<paragraph>` + esc.Replace(para) + `</paragraph>`)
		}
	}
	b.WriteString(`</text></section></component></structuredBody></component></ClinicalDocument>`)
	return b.String()
}
