// Package sheet holds the code that a sheet of paper carries, so that who draws
// it, who reads it from a scan and who files what was read speak of the same
// thing. It draws nothing and reads no images.
package sheet

import (
	"fmt"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Form says what kind of sheet a code is printed on.
type Form string

// What the system prints about a patient or a ward.
const (
	FormList       Form = "L" // ward list
	FormOverview   Form = "U" // patient: warnings, diagnoses, orders
	FormMedication Form = "M" // patient: medication plan with boxes to sign
	FormResults    Form = "R" // patient: laboratory, vital signs, findings
	FormBlank      Form = "E" // patient: empty sheet to write on
	FormWristband  Form = "W"
	FormLabel      Form = "K"
)

// What a ward writes on while the systems are gone and scans afterwards.
const (
	FormCurve     Form = "F" // Fieberkurve
	FormVitals    Form = "Q" // vital signs
	FormRequest   Form = "A" // request to laboratory, imaging, consultants
	FormFinding   Form = "B" // finding of an examination
	FormAdmission Form = "N" // admission of a new patient
	FormProgress  Form = "V" // progress notes
)

// Sticks reports whether f is stuck on something else: a label or wristband
// names a patient but is no sheet of its own.
func (f Form) Sticks() bool { return f == FormLabel || f == FormWristband }

// Code is what the DataMatrix at the lower right of a sheet says, so that a
// scanned sheet finds its patient, form and page:
//
//	NB1|form|subject|page|seq|check
//	NB2|form|serial|subject|page|seq|check
//
// Subject is the case number; "@" and the patient's key where no case is known;
// "#" and the ward's code on a ward list or on a form that was printed for a
// ward before its patient was known; empty on a form for any ward. Characters
// outside printable ASCII and | % @ # are written as %XX of their UTF-8 bytes.
// Page counts from 1 within the sheets of the subject, or of the serial where
// there is one. Seq is the journal position the sheet was drawn at, 0 if none.
// Check is the CRC-16 (polynomial 1021, start FFFF) of all that is before the
// last bar, in four hexadecimal digits. A code without a serial is NB1.
type Code struct {
	Form   Form
	Serial Serial // of the printed document, empty where a reprint is the same sheet
	Case   clinical.CaseNo
	Key    clinical.PatientKey // only without a case
	Ward   string              // only without case and key
	Page   int
	Seq    uint64
}

const (
	plainVersion  = "NB1"
	serialVersion = "NB2"
)

// String returns the text of the code.
func (c Code) String() string {
	subject := escape(string(c.Case))
	switch {
	case c.Case != "":
	case c.Key != "":
		subject = "@" + escape(string(c.Key))
	case c.Ward != "":
		subject = "#" + escape(c.Ward)
	}
	head := plainVersion + "|" + string(c.Form)
	if c.Serial != "" {
		head = serialVersion + "|" + string(c.Form) + "|" + string(c.Serial)
	}
	s := fmt.Sprintf("%s|%s|%d|%d", head, subject, c.Page, c.Seq)
	return fmt.Sprintf("%s|%04X", s, crc16(s))
}

// Parse reads the text of a sheet's code. A code of another kind, a misread one
// and one that Code.String would have written otherwise are fault.Invalid.
func Parse(s string) (Code, error) {
	bad := fault.New(fault.Invalid, lang.Text{
		DE: "Das ist kein Blattcode von Notbetrieb, oder er wurde falsch gelesen. Bitte den Bogen neu scannen.",
		EN: "This is no sheet code of Notbetrieb, or it was misread. Please scan the sheet again.",
	})
	i := strings.LastIndexByte(s, '|')
	if i < 0 || s[i+1:] != fmt.Sprintf("%04X", crc16(s[:i])) {
		return Code{}, bad
	}
	f := strings.Split(s[:i], "|")
	c := Code{}
	switch {
	case len(f) == 5 && f[0] == plainVersion:
	case len(f) == 6 && f[0] == serialVersion && Serial(f[2]).valid():
		c.Serial = Serial(f[2])
		f = append(f[:2], f[3:]...)
	default:
		return Code{}, bad
	}
	c.Form = Form(f[1])
	subject, marked := f[2], byte(0)
	if subject != "" && (subject[0] == '@' || subject[0] == '#') {
		marked, subject = subject[0], subject[1:]
	}
	plain, ok := unescape(subject)
	page, err1 := strconv.Atoi(f[3])
	seq, err2 := strconv.ParseUint(f[4], 10, 64)
	if !ok || err1 != nil || err2 != nil || page < 0 {
		return Code{}, bad
	}
	switch marked {
	case '@':
		c.Key = clinical.PatientKey(plain)
	case '#':
		c.Ward = plain
	default:
		c.Case = clinical.CaseNo(plain)
	}
	c.Page, c.Seq = page, seq
	if len(c.Form) != 1 || c.Form < "A" || c.Form > "Z" || c.String() != s {
		return Code{}, bad
	}
	return c, nil
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte("|%@#", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), true
}

func crc16(s string) uint16 {
	crc := uint16(0xffff)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
