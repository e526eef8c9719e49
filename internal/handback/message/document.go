package message

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
)

// edition is the number of a version of a document: T10 needs one of its own
// beside that of the document that it replaces.
func (m *maker) edition(id, key string) string {
	if key == m.e.Root || len(key) < 8 {
		return id
	}
	return id + "-" + strings.ToUpper(key[len(key)-8:])
}

// mdm writes a document: T02 for a new one, T06 for an addendum, T10 for one
// that replaces, T11 for one that is taken back (HL7 v2.5 section 9.5).
func (m *maker) mdm(d clinical.Document) {
	if d.Status != clinical.Withdrawn && d.Text == "" && len(m.Sheet) == 0 {
		m.leave(Document, nil, "Zu diesem Dokument liegt kein Inhalt vor, den %s annehmen könnte.", "There is no content of this document that %s could take.")
		return
	}
	x := txa{Document: d, event: "T02", parent: d.Addendum}
	x.ID = m.edition(d.ID, m.e.Key)
	before := m.had(Document)
	switch {
	case d.Status == clinical.Withdrawn:
		x.event = "T11"
		if before != "" {
			x.ID = m.edition(d.ID, before)
		}
	case before != "":
		x.event, x.parent = "T10", m.edition(d.ID, before)
	case d.Replaces != "":
		x.event, x.parent = "T10", d.Replaces
	case d.Addendum != "":
		x.event = "T06"
	}
	m.begin(Document, "", "MDM", x.event, documentStructure(x.event), d.At)
	m.patient(true)
	m.txa(x)
	switch {
	case x.event == "T11":
	case d.Text == "":
		m.enclosed(x, m.Sheet)
	default:
		for i, line := range strings.Split(d.Text, "\n") {
			f := m.content(i+1, "TX", x)
			f.set(5, m.b.Text(line))
			m.b.Segment("OBX", f...)
		}
	}
	m.end()
}

func documentStructure(event string) string {
	if event == "T11" {
		return "MDM_T01"
	}
	return "MDM_T02"
}

// txa is a document as MDM names it.
type txa struct {
	clinical.Document
	event, parent string
}

func (m *maker) txa(x txa) {
	f := fields(19)
	f.set(1, "1")
	f.set(2, m.b.Text(m.documentType(x.Kind).Code)) // IS has no components
	f.set(3, mediaType(x))
	f.set(4, m.clock(x.At))
	f.set(6, m.clock(m.e.Written))
	f.set(9, m.staff(x.By))
	f.set(12, m.b.Text(x.ID))
	f.set(13, m.b.Text(x.parent))
	f.set(14, m.number(x.Placer))
	f.set(15, m.number(x.Filler))
	f.set(16, m.b.Text(x.Title))
	f.set(17, "AU") // HL7 table 0271: authenticated
	if x.Status == clinical.Preliminary {
		f.set(17, "PA")
	}
	f.set(19, "AV") // HL7 table 0273
	if x.event == "T11" {
		f.set(19, "CA")
	}
	m.b.Segment("TXA", f...)
}

// documentType is the target's own type where one is configured.
func (m *maker) documentType(kind clinical.Coded) clinical.Coded {
	if own := m.t.Documents[kind.Code]; own != "" {
		return clinical.Coded{Code: own, Text: kind.Text}
	}
	if kind.Code == "" {
		kind.Code = kind.Text
	}
	return kind
}

// mediaType is TXA-3 (HL7 table 0191).
func mediaType(x txa) string {
	if x.Text != "" || x.Media == "" || strings.HasPrefix(x.Media, "text/") {
		return "TX"
	}
	return "AP"
}

// content is an OBX of a document.
func (m *maker) content(n int, typ string, x txa) row {
	f := fields(11)
	f.set(1, strconv.Itoa(n))
	f.set(2, typ)
	f.set(3, m.code(m.documentType(x.Kind)))
	f.set(11, "F")
	if x.Status == clinical.Preliminary {
		f.set(11, "P")
	}
	return f
}

// enclosed writes a PDF.
func (m *maker) enclosed(x txa, pdf []byte) {
	f := m.content(1, "ED", x)
	f.set(5, m.b.Comps(m.t.SendingApp, "AP", "PDF", "Base64", base64.StdEncoding.EncodeToString(pdf)))
	m.b.Segment("OBX", f...)
}

// rendered writes the whole entry as a PDF, once for all kinds that go so.
func (m *maker) rendered() {
	before := m.hadPart(sheetPart)
	if len(m.wanted) == 0 || m.e.Withdrawn && before == "" {
		return
	}
	form := clinical.Coded{Code: m.e.Form, Text: "Eintrag aus dem Notbetrieb", System: local}
	if f := entry.FormOf(m.e.Form); f != nil {
		form.Text = f.Title.DE
	}
	id := entry.Number(m.e.Root) + "-BLATT"
	x := txa{event: "T02", Document: clinical.Document{
		ID: m.edition(id, m.e.Key), Kind: form, Title: form.Text, At: m.e.At, By: m.e.By, Media: "application/pdf", Status: clinical.Final,
	}}
	switch {
	case m.e.Withdrawn:
		x.event, x.ID = "T11", m.edition(id, before)
	case before != "":
		x.event, x.parent = "T10", m.edition(id, before)
	}
	m.begin(m.wanted[0], sheetPart, "MDM", x.event, documentStructure(x.event), m.e.At)
	m.patient(true)
	m.txa(x)
	if x.event != "T11" {
		m.enclosed(x, m.Sheet)
	}
	m.end()
}

// NeedsSheet reports whether a part of the entry goes to the target as a PDF, so
// that Sheet must be there.
func (s *Sending) NeedsSheet() bool {
	if s.Entry.State != entry.Signed || s.Entry.Withdrawn {
		return false
	}
	for _, kind := range s.Kinds() {
		switch s.To.Takes[kind] {
		case AsDocument:
			return true
		case ByHand, "":
		case AsData:
			switch kind {
			case Warning, Other, Allergy: // some versions have no segment for them
				return true
			case Document:
				if slices.ContainsFunc(s.Facts(kind), func(f clinical.Fact) bool { return f.(clinical.Document).Text == "" }) {
					return true
				}
			}
		}
	}
	return false
}
