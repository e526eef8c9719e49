package review

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"
)

// auditMessage is what is read of a DICOM audit message (PS3.15 A.5.1).
type auditMessage struct {
	Event struct {
		Action string    `xml:"EventActionCode,attr"`
		At     string    `xml:"EventDateTime,attr"`
		ID     codedAttr `xml:"EventID"`
	} `xml:"EventIdentification"`
	Who []struct {
		ID        string `xml:"UserID,attr"`
		Alt       string `xml:"AlternativeUserID,attr"`
		Name      string `xml:"UserName,attr"`
		Requestor string `xml:"UserIsRequestor,attr"`
		From      string `xml:"NetworkAccessPointID,attr"`
	} `xml:"ActiveParticipant"`
	What []struct {
		ID   string `xml:"ParticipantObjectID,attr"`
		Type string `xml:"ParticipantObjectTypeCode,attr"`
		Role string `xml:"ParticipantObjectTypeCodeRole,attr"`
	} `xml:"ParticipantObjectIdentification"`
}

type codedAttr struct {
	CSD  string `xml:"csd-code,attr"`
	Code string `xml:"code,attr"` // RFC 3881
	Text string `xml:"originalText,attr"`
	Name string `xml:"displayName,attr"`
}

var (
	auditOpen  = []byte("<AuditMessage")
	auditClose = []byte("</AuditMessage>")
)

// atna finds audit messages in whatever stands around them: syslog headers, an
// XML list, line ends.
func (l *log) atna(r io.Reader) error {
	b := bufio.NewReaderSize(r, 64<<10)
	var buf []byte
	n, skip, end := 0, false, false
	for !end {
		part, err := b.ReadSlice('>')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF:
			end = true
		case err != nil:
			return err
		}
		if !skip {
			buf = append(buf, part...)
		}
		if i := bytes.Index(buf, auditOpen); i < 0 {
			buf = buf[max(0, len(buf)-len(auditOpen)):]
			skip = skip && !bytes.HasSuffix(part, auditClose)
			continue
		} else if i > 0 {
			buf = append(buf[:0], buf[i:]...)
		}
		switch {
		case bytes.HasSuffix(buf, auditClose):
			n++
			l.report.Lines++
			l.message(n, buf)
			buf = buf[:0]
		case len(buf) > maxMessage:
			n++
			l.report.Lines++
			l.report.bad(n, "Die Nachricht ist zu lang.", "The message is too long.")
			buf, skip = buf[:0], true
		case end && len(buf) > 0:
			n++
			l.report.Lines++
			l.report.bad(n, "Die Nachricht bricht ab.", "The message is cut off.")
		}
		if n > maxLines {
			return badMapping("Das Protokoll hat zu viele Nachrichten. Bitte teilen.", "The log has too many messages. Please split it.")
		}
	}
	if n == 0 {
		return badMapping("In der Datei steht keine Audit-Nachricht (AuditMessage).", "There is no audit message (AuditMessage) in the file.")
	}
	return nil
}

func (l *log) message(n int, b []byte) {
	var m auditMessage
	if xml.Unmarshal(b, &m) != nil { // the cause may quote the message
		l.report.bad(n, "Das XML der Nachricht ist nicht lesbar.", "The XML of the message cannot be read.")
		return
	}
	a := Access{At: l.instant(m.Event.At), What: firstOf(m.Event.ID.Text, m.Event.ID.Name, m.Event.ID.CSD, m.Event.ID.Code)}
	for i, w := range m.Who {
		if i == 0 || w.Requestor == "true" {
			a.Person, a.Name, a.From = firstOf(w.Alt, w.ID), w.Name, w.From
		}
		if w.Requestor == "true" {
			break
		}
	}
	a.Deed = dicomDeed(firstOf(m.Event.ID.CSD, m.Event.ID.Code), m.Event.Action)
	done := false
	for _, p := range m.What {
		if p.Type == "1" && p.Role == "1" { // a person, the patient
			a.Number, _, _ = strings.Cut(p.ID, "^")
			l.take(n, a)
			done = true
		}
	}
	if !done {
		l.take(n, a)
	}
}

// dicomDeed says what an event (DCM, CID 400) with an action code is.
func dicomDeed(event, action string) Deed {
	switch event {
	case "110106", "110104": // Export; Transferring DICOM Instances
		return Exported
	case "110112": // Query
		return Searched
	case "110105": // DICOM Study Deleted
		return Changed
	case "110127": // Emergency Override Started
		return Unlocked
	}
	switch action {
	case "C", "U", "D":
		return Changed
	}
	return Looked
}

// instant reads an XML or FHIR time; one without a zone is in the mapping's.
func (l *log) instant(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(text), l.zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			return w
		}
	}
	return ""
}
