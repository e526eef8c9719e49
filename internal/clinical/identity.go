// Package clinical holds the words of the ward: patients, stays, beds, results
// and doses, and the rules that hold for each of them on its own.
//
// It imports only the standard library (and the two-language texts) and does
// no I/O. Every other package speaks in these types; none of them invents a
// second spelling of a case number or a ward.
package clinical

import (
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"strings"
)

// An Identifier names a person in one numbering: a hospital number, a health
// insurance number, an identity card. Two identifiers are the same only if
// value and authority are equal; nothing is guessed.
type Identifier struct {
	Value     string `json:"v"`           // as sent, blanks trimmed
	Authority string `json:"a,omitempty"` // assigning authority (CX.4.1 namespace), "" if not sent
	Type      string `json:"t,omitempty"` // HL7 table 0203: PI, PT, MR, SS, NII, …
}

// Key returns the person's key for this identifier: a short token that can
// stand in an address or a log without giving the number away at a glance. The
// same identifier always has the same key; the key of an empty identifier is "".
func (i Identifier) Key() PatientKey {
	v := strings.TrimSpace(i.Value)
	if v == "" {
		return ""
	}
	text := make([]byte, 0, 64)
	text = append(append(text, "patient\x00"...), i.Authority...)
	text = append(append(text, 0), v...)
	sum := sha256.Sum256(text)
	var key [16]byte
	keyLetters.Encode(key[:], sum[:10])
	return PatientKey(key[:])
}

// keyLetters is base32 (RFC 4648 section 6) in lower case.
var keyLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")

// LogValue keeps identifiers out of logs.
func (Identifier) LogValue() slog.Value { return slog.StringValue("[identifier]") }

// PatientKey names one identity of a patient inside Notbetrieb (16 lower-case
// base32 characters). It is derived from the hospital's own patient number, so
// a rebuilt chart has the same addresses. A merge links keys; it never changes
// or deletes one.
type PatientKey string

// CaseNo is the number of one stay (Fallnummer, PV1-19). The empty CaseNo means
// the sender gave none; it matches nothing, not even another empty CaseNo.
type CaseNo string

// Same reports whether both are known and equal.
func (c CaseNo) Same(o CaseNo) bool { return c != "" && c == o }

// Name is a person's name as sent, in its parts (XPN). It never reaches a log.
type Name struct {
	Family  string `json:"f,omitempty"` // without the prefix: "Heide"
	Prefix  string `json:"p,omitempty"` // "von der"
	Given   string `json:"g,omitempty"` // first given name(s)
	Further string `json:"m,omitempty"` // further given names
	Suffix  string `json:"s,omitempty"` // "jun."
	Title   string `json:"d,omitempty"` // academic degree: "Dr. med."
}

// LogValue keeps names out of logs, whoever passes one to slog.
func (Name) LogValue() slog.Value { return slog.StringValue("[name]") }

// Zero reports whether no part of the name is known.
func (n Name) Zero() bool { return n == Name{} }

// Display returns the name as the ward reads it: "von der HEIDE, Karl-Otto". A
// name that was not sent is "Name nicht übermittelt".
func (n Name) Display() string {
	if n.Family == "" && n.Given == "" {
		return "Name nicht übermittelt"
	}
	family := strings.ToUpper(strings.ReplaceAll(n.Family, "ß", "ẞ"))
	if n.Prefix != "" {
		family = n.Prefix + " " + family
	}
	given := strings.TrimSpace(n.Given + " " + n.Further)
	if n.Suffix != "" {
		family += " " + n.Suffix
	}
	if n.Title != "" {
		given = strings.TrimSpace(n.Title + " " + given)
	}
	switch {
	case family == "":
		return given
	case given == "":
		return family
	}
	return family + ", " + given
}

// Sex is the administrative sex (HL7 table 0001).
type Sex string

const (
	SexUnknown Sex = ""  // not sent, or U
	Female     Sex = "F" //
	Male       Sex = "M" //
	Diverse    Sex = "D" // also sent as O or X
)

// Letter returns the letter used in lists: w, m, d or "?".
func (s Sex) Letter() string {
	switch s {
	case Female:
		return "w"
	case Male:
		return "m"
	case Diverse:
		return "d"
	case SexUnknown:
	}
	return "?"
}

// Place is where a patient lies: ward, room, bed. Codes are the site's own,
// already mapped by the site's tables.
type Place struct {
	Ward     string `json:"w,omitempty"`
	Room     string `json:"r,omitempty"`
	Bed      string `json:"b,omitempty"`
	Facility string `json:"f,omitempty"`
}

// Zero reports whether no part of the place is known.
func (p Place) Zero() bool { return p == Place{} }

// Staff is a person of the hospital as named in a message (XCN).
type Staff struct {
	ID   string `json:"i,omitempty"`
	Name string `json:"n,omitempty"` // display form: "Dr. Weber, Sabine"
}

// Zero reports whether nobody is named.
func (s Staff) Zero() bool { return s == Staff{} }

// Coded is a coded value (CE, CWE): code, text and coding system, each as sent.
// Code systems are named as in HL7 table 0396 where known: LN (LOINC), I10
// (ICD-10-GM, sent as "ICD10GM2026" and alike), OPS, PZN, ATC, L (local).
type Coded struct {
	Code   string `json:"c,omitempty"`
	Text   string `json:"t,omitempty"`
	System string `json:"s,omitempty"`
}

// Zero reports whether nothing is coded.
func (c Coded) Zero() bool { return c == Coded{} }

// Label returns what a person reads: the text, or the code where no text came.
func (c Coded) Label() string {
	if c.Text != "" {
		return c.Text
	}
	return c.Code
}
