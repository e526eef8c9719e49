// Package egk reads what a health insurance card (elektronische
// Gesundheitskarte) says of the insured person: the containers PD and VD of
// schema VSD 5.2, as a card reader or a practice program shows or copies them.
// It talks to no reader and no telematics service.
package egk

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Card is what a card says.
type Card struct {
	KVNR      string
	Name      clinical.Name
	Birth     clinical.Date
	Sex       clinical.Sex
	Address   clinical.Address
	Insurance clinical.Insurance // with From and, if it is over, Until
}

// maxCard bounds the text of a card in bytes, also unpacked.
const maxCard = 64 << 10

// gzipHead is how base64 of gzip begins.
const gzipHead = "H4sI"

// container is PD or VD; the elements of the two have different names.
type container struct {
	KVNR   string `xml:"Versicherter>Versicherten_ID"`
	Person struct {
		Birth  string `xml:"Geburtsdatum"`
		Given  string `xml:"Vorname"`
		Family string `xml:"Nachname"`
		Sex    string `xml:"Geschlecht"`
		Prefix string `xml:"Vorsatzwort"`
		Suffix string `xml:"Namenszusatz"`
		Title  string `xml:"Titel"`
		Street struct {
			Zip     string `xml:"Postleitzahl"`
			City    string `xml:"Ort"`
			Country string `xml:"Land>Wohnsitzlaendercode"`
			Street  string `xml:"Strasse"`
			No      string `xml:"Hausnummer"`
		} `xml:"StrassenAdresse"`
	} `xml:"Versicherter>Person"`
	Cover struct {
		From  string `xml:"Beginn"`
		Until string `xml:"Ende"`
		Fund  struct {
			IK   string `xml:"Kostentraegerkennung"`
			Name string `xml:"Name"`
		} `xml:"Kostentraeger"`
	} `xml:"Versicherter>Versicherungsschutz"`
}

// Reads reports whether a text looks like that of a card at all, rather than
// like a name or a number.
func Reads(text string) bool {
	return strings.Contains(text, "<") && strings.Contains(text, "Versichertendaten") || strings.HasPrefix(strings.TrimSpace(text), gzipHead)
}

// Parse reads the text of one or both containers: XML, or each packed as the
// connector hands it out (base64 of gzip), separated by blanks. A text that
// says neither who nor where insured is fault.Invalid.
func Parse(text string) (Card, error) {
	bad := fault.New(fault.Invalid, lang.Text{
		DE: "Der Text der Gesundheitskarte ist nicht lesbar. Bitte die Angaben von Hand eintragen.",
		EN: "The text of the health card cannot be read. Please type the details.",
	})
	if len(text) > maxCard {
		return Card{}, bad
	}
	var c Card
	for _, doc := range documents(text) {
		var x container
		d := xml.NewDecoder(bytes.NewReader(doc))
		d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // already text
		if d.Decode(&x) != nil {
			return Card{}, bad
		}
		c.take(&x)
	}
	if c.Name.Zero() && c.KVNR == "" && c.Insurance.IK == "" {
		return Card{}, bad
	}
	c.Insurance.Number = c.KVNR
	return c, nil
}

// documents returns the XML documents in the text, as UTF-8.
func documents(text string) [][]byte {
	var out [][]byte
	if strings.Contains(text, "<") {
		parts := strings.Split(text, "<?xml")
		for i, part := range parts {
			if strings.TrimSpace(part) == "" {
				continue
			}
			if i > 0 {
				part = "<?xml" + part
			}
			out = append(out, []byte(strings.TrimSpace(part)))
		}
		return out
	}
	// Each container begins with the head of gzip; a field of one line has
	// taken away what stood between two.
	for part := range strings.FieldsSeq(strings.ReplaceAll(text, gzipHead, " "+gzipHead)) {
		packed, err := base64.StdEncoding.DecodeString(part)
		if err != nil {
			return [][]byte{nil}
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return [][]byte{nil}
		}
		b, err := io.ReadAll(io.LimitReader(z, maxCard))
		if err != nil {
			return [][]byte{nil}
		}
		plain, err := charmap.ISO8859_15.NewDecoder().Bytes(b)
		if err != nil {
			return [][]byte{nil}
		}
		out = append(out, plain)
	}
	return out
}

func (c *Card) take(x *container) {
	p := &x.Person
	if x.KVNR != "" || p.Family != "" {
		c.KVNR, _ = clinical.KVNR(x.KVNR)
		c.Name = clinical.Name{Family: trim(p.Family), Prefix: trim(p.Prefix), Given: trim(p.Given), Suffix: trim(p.Suffix), Title: trim(p.Title)}
		c.Birth = date(p.Birth)
		c.Sex = sex(trim(p.Sex))
		c.Address = clinical.Address{
			Street: strings.TrimSpace(trim(p.Street.Street) + " " + trim(p.Street.No)), Zip: trim(p.Street.Zip), City: trim(p.Street.City),
			Country: trim(p.Street.Country),
		}
	}
	if x.Cover.Fund.IK != "" || x.Cover.Fund.Name != "" {
		c.Insurance = clinical.Insurance{
			Fund: trim(x.Cover.Fund.Name), IK: trim(x.Cover.Fund.IK), From: date(x.Cover.From), Until: date(x.Cover.Until),
		}
	}
}

// trim keeps a field to one printable line of a sane length.
func trim(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 100 {
		return string(r[:100])
	}
	return s
}

func sex(s string) clinical.Sex {
	switch s {
	case "W":
		return clinical.Female
	case "M":
		return clinical.Male
	case "D", "X":
		return clinical.Diverse
	}
	return clinical.SexUnknown
}

// date reads YYYYMMDD; parts that are 00 are unknown.
func date(s string) clinical.Date {
	s = strings.TrimSpace(s)
	if len(s) != 8 || strings.Trim(s, "0123456789") != "" {
		return clinical.Date{}
	}
	y, _ := strconv.Atoi(s[:4]) // digits: see above
	m, _ := strconv.Atoi(s[4:6])
	d, _ := strconv.Atoi(s[6:])
	if m > 12 || d > 31 || m == 0 {
		return clinical.Date{Year: y}
	}
	return clinical.Date{Year: y, Month: m, Day: d}
}
