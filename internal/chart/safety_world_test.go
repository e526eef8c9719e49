package chart

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
)

// hospital is a world that is told messages as they come over the wire: they
// are interpreted with the tables of the hospital of interpret's own stories,
// then folded.
type hospital struct {
	*world
	site *interpret.Site
	zone *time.Location
	told int
}

func newHospital(t *testing.T) *hospital {
	t.Helper()
	raw, err := os.ReadFile("../interpret/testdata/german/tables.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tables interpret.Tables
	if err := yaml.UnmarshalWithOptions(raw, &tables, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	site, err := interpret.Compile(tables, zone)
	if err != nil {
		t.Fatal(err)
	}
	return &hospital{world: newWorld(t), site: site, zone: zone}
}

// tell sends one message of a feed. sent is MSH-7 as MMDDhhmm of 2026; the rest
// are the segments behind MSH.
func (h *hospital) tell(feed, kind, sent string, segments ...string) uint64 {
	h.t.Helper()
	at, err := time.ParseInLocation("200601021504", "2026"+sent, h.zone)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.tellAt(feed, kind, "2026"+sent+"00", at, segments...)
}

// tellAt sends a message with MSH-7 as written, received at that moment.
func (h *hospital) tellAt(feed, kind, sent string, received time.Time, segments ...string) uint64 {
	h.t.Helper()
	h.told++
	head := fmt.Sprintf(`MSH|^~\&|%s|KLINIKUM|NOTBETRIEB|KLINIKUM|%s||%s|C%d|P|2.5|||||DEU|UNICODE UTF-8`,
		strings.ToUpper(feed), sent, kind, h.told)
	rec := journal.Record{
		Seq: journal.Seq(h.src.head() + 1), Source: feed, Kind: journal.HL7, Received: received,
		Body: []byte(strings.Join(append([]string{head}, segments...), "\r") + "\r"),
	}
	s := journalSource{site: h.site}
	return h.src.add(s.message(&rec))
}

// pid is a PID segment of a patient.
func pid(number, name, birth, sex string) string {
	return fmt.Sprintf("PID|||%s^^^KIS^PI||%s||%s|%s", number, name, birth, sex)
}

// pv1 is a PV1 segment of an inpatient.
func pv1(at, no string) string { return "PV1||I|" + at + "||||||||||||||||" + no }

// anna admits the patient of most stories: number 100, case 1, 3A 301-F.
func (h *hospital) anna() {
	h.tell("kis", "ADT^A01", "11190700", "EVN|A01|20261119070000", pid("100", "Müller^Anna", "19510403", "F"), pv1("3A^301^F", "1"),
		"ZBE|1^KIS|20261119070000||INSERT|N||3A")
}

func (h *hospital) chartOf(number string) *Patient {
	h.t.Helper()
	return h.patient(number)
}

func (h *hospital) rowOf(ward, number string) Row {
	h.t.Helper()
	for _, r := range h.ward(ward).Rows {
		if !r.Free && r.Key == key(number) {
			return r
		}
	}
	h.t.Fatalf("%s is not on %s", number, ward)
	return Row{}
}

// current are the values of the results that count, as "code=value".
func current(p *Patient) string {
	var out []string
	for i := len(p.Results) - 1; i >= 0; i-- {
		r := &p.Results[i]
		if r.Cancelled {
			continue
		}
		out = append(out, or(or(r.V.Local.Code, r.V.Code.Code), r.V.Code.Text)+"="+r.V.Value)
	}
	return strings.Join(out, " ")
}

func allergyNames(list []Item[clinical.Allergy]) string {
	var out []string
	for _, a := range list {
		if !a.Cancelled {
			out = append(out, a.V.To.Label())
		}
	}
	return strings.Join(out, ", ")
}

// raw sends a message as it stands.
func (h *hospital) raw(feed, body string, received time.Time) uint64 {
	h.t.Helper()
	rec := journal.Record{
		Seq: journal.Seq(h.src.head() + 1), Source: feed, Kind: journal.HL7, Received: received, Body: []byte(body),
	}
	s := journalSource{site: h.site}
	return h.src.add(s.message(&rec))
}
