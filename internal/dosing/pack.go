package dosing

import (
	"regexp"
	"strings"

	"notbetrieb/internal/clinical"
)

// What a scanner reads from a pack in Germany. The PZN is in each of them: the
// Code 39 of the pack ("-" and eight digits), the DataMatrix of IFA (PPN: data
// identifier 9N, agency 11, PZN, two check digits; IFA, specification of the
// PPN code) and that of GS1 (NTIN: application identifier 01 with 04150, PZN
// and check digit; GS1 General Specifications).
var (
	ppn     = regexp.MustCompile(`(?:^|9N)11(\d{8})(\d{2})(?:\D|$)`)
	ppnLong = regexp.MustCompile(`9N11(\d{8})(\d{2})`)
	ntin    = regexp.MustCompile(`^(?:\]d2)?(?:\(01\)|01)?0?4150(\d{8})(\d)`)
	printed = regexp.MustCompile(`(?i)^(?:PZN)?[ :-]*(\d{7,8})$`)
)

// ReadPZN returns the PZN, in eight digits, of a scanned or typed text; false
// if there is none in it or a check digit is wrong.
func ReadPZN(scanned string) (string, bool) {
	s := strings.TrimSpace(scanned)
	if len(s) > 400 {
		return "", false
	}
	for _, r := range []*regexp.Regexp{ppnLong, ppn} {
		if m := r.FindStringSubmatch(s); m != nil && ppnCheck("11"+m[1]) == m[2] && pznRight(m[1]) {
			return m[1], true
		}
	}
	if m := ntin.FindStringSubmatch(s); m != nil && gtinCheck("04150"+m[1]) == m[2][0] && pznRight(m[1]) {
		return m[1], true
	}
	if m := printed.FindStringSubmatch(s); m != nil {
		n := pzn(m[1])
		return n, pznRight(n)
	}
	return "", false
}

// pznRight checks the last digit of a PZN: the sum of each of the first seven
// times its place, modulo 11. A remainder of ten is never given out.
func pznRight(n string) bool {
	if len(n) != 8 {
		return false
	}
	sum := 0
	for i, c := range []byte(n[:7]) {
		sum += int(c-'0') * (i + 1)
	}
	return sum%11 == int(n[7]-'0')
}

// ppnCheck returns the two check digits of a PPN: the sum of each character's
// code times 2, 3, 4 …, modulo 97.
func ppnCheck(s string) string {
	sum := 0
	for i, c := range []byte(s) {
		sum += int(c) * (i + 2)
	}
	sum %= 97
	return string([]byte{byte('0' + sum/10), byte('0' + sum%10)})
}

// gtinCheck returns the check digit of the first 13 digits of a GTIN-14.
func gtinCheck(s string) byte {
	sum := 0
	for i, c := range []byte(s) {
		n := int(c - '0')
		if i%2 == 0 {
			n *= 3
		}
		sum += n
	}
	return byte('0' + (10-sum%10)%10)
}

// Fit says how a scanned pack goes with a prescription.
type Fit uint8

const (
	FitUnknown   Fit = iota // nothing to compare with
	FitSame                 // the PZN that was prescribed
	FitSubstance            // another pack of a substance that was prescribed; its strength is not compared
	FitOther                // another drug, or another pack of which nothing is known
)

// Fits compares a scanned PZN with what was prescribed.
func (t *Table) Fits(p clinical.Prescription, scanned string) Fit {
	wanted := ""
	if strings.Contains(strings.ToUpper(p.Drug.System), "PZN") {
		wanted = pzn(strings.ToUpper(strings.ReplaceAll(p.Drug.Code, " ", "")))
	}
	if wanted != "" && wanted == scanned {
		return FitSame
	}
	known := t.find(p).known
	switch s := t.pzn[scanned]; {
	case s != nil && len(known) > 0:
		for _, k := range known {
			if k == s {
				return FitSubstance
			}
		}
		return FitOther
	case wanted != "":
		return FitOther
	}
	return FitUnknown
}
