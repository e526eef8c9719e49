package paper

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper/pdf"
)

// Form says what kind of sheet a code is printed on.
type Form string

const (
	FormList       Form = "L" // ward list
	FormOverview   Form = "U" // patient: warnings, diagnoses, orders
	FormMedication Form = "M" // patient: medication plan with boxes to sign
	FormResults    Form = "R" // patient: laboratory, vital signs, findings
	FormBlank      Form = "E" // patient: empty sheet to write on
	FormWristband  Form = "W"
	FormLabel      Form = "K"
)

// SheetCode is what the DataMatrix at the lower right of a sheet says, so that
// a scanned sheet finds its patient, form and page:
//
//	NB1|form|subject|page|seq|check
//
// Subject is the case number; "@" and the patient's key where no case is known;
// "#" and the ward's code on a ward list. Characters outside printable ASCII
// and | % @ # are written as %XX of their UTF-8 bytes. Page counts from 1 within
// the patient's sheets. Seq is the journal position the sheet was drawn at.
// Check is the CRC-16 (polynomial 1021, start FFFF) of all that is before the
// last bar, in four hexadecimal digits.
type SheetCode struct {
	Form Form
	Case clinical.CaseNo
	Key  clinical.PatientKey // only without a case
	Ward string              // only on a ward list
	Page int
	Seq  uint64
}

const codeVersion = "NB1"

// String returns the text of the code.
func (c SheetCode) String() string {
	subject := escape(string(c.Case))
	switch {
	case c.Ward != "":
		subject = "#" + escape(c.Ward)
	case c.Case == "" && c.Key != "":
		subject = "@" + escape(string(c.Key))
	}
	s := fmt.Sprintf("%s|%s|%s|%d|%d", codeVersion, c.Form, subject, c.Page, c.Seq)
	return fmt.Sprintf("%s|%04X", s, crc16(s))
}

// ParseSheetCode reads the text of a sheet's code. A code of another kind or a
// misread one is fault.Invalid.
func ParseSheetCode(s string) (SheetCode, error) {
	bad := fault.New(fault.Invalid, lang.Text{
		DE: "Das ist kein Blattcode von Notbetrieb, oder er wurde falsch gelesen. Bitte den Bogen neu scannen.",
		EN: "This is no sheet code of Notbetrieb, or it was misread. Please scan the sheet again.",
	})
	i := strings.LastIndexByte(s, '|')
	if i < 0 || s[i+1:] != fmt.Sprintf("%04X", crc16(s[:i])) {
		return SheetCode{}, bad
	}
	f := strings.Split(s[:i], "|")
	if len(f) != 5 || f[0] != codeVersion {
		return SheetCode{}, bad
	}
	c := SheetCode{Form: Form(f[1])}
	subject, marked := f[2], byte(0)
	if subject != "" && (subject[0] == '@' || subject[0] == '#') {
		marked, subject = subject[0], subject[1:]
	}
	plain, ok := unescape(subject)
	page, err1 := strconv.Atoi(f[3])
	seq, err2 := strconv.ParseUint(f[4], 10, 64)
	if !ok || err1 != nil || err2 != nil || page < 0 {
		return SheetCode{}, bad
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

// module is the side of one DataMatrix square in millimetres: 3.2 pixels of a
// scan at 150 dpi.
const module = 0.55

// matrix draws a DataMatrix with its lower right corner at (right, bottom),
// two modules of white around it included, and returns its side. A text that
// makes more than most millimetres is drawn smaller.
func matrix(p *pdf.Page, right, bottom, most float64, text string) float64 {
	code, err := datamatrix.Encode(text)
	if err != nil {
		return 0 // over 1,500 characters: the sheet says the same in words
	}
	n := code.Bounds().Dx()
	m := min(module, most/float64(n+4))
	side := m * float64(n+4)
	modules(p, code, right-side+2*m, bottom-side+2*m, m*float64(n), m*float64(code.Bounds().Dy()))
	return side
}

func modules(p *pdf.Page, code barcode.Barcode, x, y, w, h float64) {
	b := code.Bounds()
	p.Modules(x, y, w, h, b.Dx(), b.Dy(), func(i, j int) bool {
		r, _, _, _ := code.At(b.Min.X+i, b.Min.Y+j).RGBA()
		return r == 0
	})
}

// bars draws a Code 128 no wider than most, ten modules of white on both sides
// included, and returns its whole width; 0 if the text cannot be coded or would
// need bars narrower than a scanner reads.
func bars(p *pdf.Page, x, y, h, most float64, text string) float64 {
	if text == "" {
		return 0
	}
	code, err := code128.Encode(text)
	if err != nil {
		return 0
	}
	n := code.Bounds().Dx()
	m := min(0.5, most/float64(n+20))
	if m < 0.25 {
		return 0
	}
	modules(p, code, x+10*m, y, m*float64(n), h)
	return m * float64(n+20)
}
