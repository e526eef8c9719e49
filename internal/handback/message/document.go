package message

import (
	"encoding/base64"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
)

// mdm writes a document: T02 for a new one, T06 for an addendum, T10 for one
// that replaces, T11 for one that is taken back (HL7 v2.5 section 9.5).
func (m *maker) mdm(d clinical.Document) {
	event, status := "T02", "AU"
	switch {
	case d.Status == clinical.Withdrawn:
		event, status = "T11", "CA"
	case m.e.Corrects != "" || d.Replaces != "":
		event = "T10"
	case d.Addendum != "":
		event = "T06"
	}
	if d.Status == clinical.Preliminary {
		status = "PR"
	}
	m.begin(Document, "MDM", event, "MDM_T02")
	m.patient()
	m.txa(d, status)
	for i, line := range strings.Split(d.Text, "\n") {
		f := make([]string, 11)
		f[0], f[1], f[2], f[4], f[10] = strconv.Itoa(i+1), "TX", m.code(d.Kind), m.b.Text(line), resultStatus(d.Status)
		m.b.Segment("OBX", f...)
	}
	m.end()
}

func (m *maker) txa(d clinical.Document, status string) {
	f := make([]string, 19)
	f[0], f[1], f[2], f[3] = "1", m.code(d.Kind), mediaType(d.Media), m.clock(d.At)
	f[5], f[8], f[11] = m.clock(d.At), m.staff(d.By), m.b.Text(d.ID)
	f[12] = m.b.Text(d.Replaces + d.Addendum)
	f[13] = m.b.Text(d.Placer)
	f[16] = status
	f[15] = m.b.Text(d.Title)
	m.b.Segment("TXA", f...)
}

// mediaType is TXA-3 (HL7 table 0191).
func mediaType(media string) string {
	switch {
	case media == "", strings.HasPrefix(media, "text/"):
		return "TX"
	case strings.HasPrefix(media, "image/"):
		return "IM"
	}
	return "AP"
}

// rendered writes the whole entry as a PDF.
func (m *maker) rendered(pdf []byte) {
	m.begin(Document, "MDM", "T02", "MDM_T02")
	m.patient()
	d := clinical.Document{
		ID: m.out[len(m.out)-1].Control, Kind: clinical.Coded{Code: m.e.Form, Text: "Eintrag aus dem Notbetrieb", System: "Notbetrieb"},
		Title: "Eintrag aus dem Notbetrieb", At: m.e.At, By: m.e.By, Media: "application/pdf",
	}
	m.txa(d, "AU")
	f := make([]string, 11)
	f[0], f[1], f[2], f[10] = "1", "ED", m.code(d.Kind), "F"
	f[4] = m.b.Comps("", "AP", "PDF", "Base64", base64.StdEncoding.EncodeToString(pdf))
	m.b.Segment("OBX", f...)
	m.end()
}
