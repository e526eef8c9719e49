package interpret

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

func record(feed, msg string) journal.Record {
	return journal.Record{Seq: 1, Source: feed, Kind: journal.HL7, Body: []byte(msg)}
}

func TestAFaultInOneSegmentLeavesTheRest(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	broken := *s
	broken.events = maps.Clone(s.events)
	e := broken.events["ADT^A08"]
	e.read = func(r *reader) {
		for _, g := range r.groups(false) {
			r.enter(g.pid, g.pv1)
			r.person(g.pid, false)
			r.guarded(g.pv1, func(segment) { panic("Müller, Anna") })
			r.emit(clinical.PersonDeleted{})
		}
	}
	broken.events["ADT^A08"] = e
	r := broken.Record(record("kis", "MSH|^~\\&|||||||ADT^A08|1|P|2.5\rPID|||4711||Müller^Anna\rPV1||I"))
	if len(r.Changes) != 2 || len(r.Problems) != 1 || r.Problems[0].Code != Internal || r.Problems[0].Segment != "PV1" {
		t.Errorf("got %d changes, problems %v", len(r.Changes), r.Problems)
	}
	if strings.Contains(fmt.Sprint(r.Problems), "Müller") {
		t.Error("the problem holds what the panic held")
	}
	e.read = func(*reader) { panic("all of it") }
	broken.events["ADT^A08"] = e
	if r := broken.Record(record("kis", "MSH|^~\\&|||||||ADT^A08|1|P|2.5")); len(r.Problems) != 1 || r.Problems[0].Code != Internal {
		t.Errorf("got %v", r.Problems)
	}
}

func TestOtherRecordsAndBrokenBytes(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	if r := s.Record(journal.Record{Kind: journal.Entry, Source: "here", Body: []byte("{}")}); len(r.Changes)+len(r.Problems) != 0 {
		t.Error("an entry is not for interpret")
	}
	for name, body := range map[string]string{"empty": "", "text": "Guten Tag", "half": "MS", "letters": "MSHA|"} {
		r := s.Record(record("kis", body))
		if len(r.Problems) != 1 || r.Problems[0].Code != Syntax || len(r.Changes) != 0 {
			t.Errorf("%s: %v", name, r.Problems)
		}
	}
}

func TestATestMessageNeverBecomesAChange(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	for processing, test := range map[string]bool{"T": true, "D": true, "t": true, "T^A": true, "P": false, "": false} {
		r := s.Record(record("kis", "MSH|^~\\&|||||20261103||ADT^A01|1|"+processing+"|2.5\rPID|||4711||Müller^Anna\rPV1||I|3A"))
		if r.Test != test || test && len(r.Changes) > 0 || !test && len(r.Changes) == 0 {
			t.Errorf("MSH-11 %q: test %v, %d changes", processing, r.Test, len(r.Changes))
		}
	}
}

func TestTheSamePatientUnderAllFeedsAndAuthorities(t *testing.T) {
	t.Parallel()
	s := germanSite(t)
	want := clinical.Identifier{Value: "4711", Authority: "KIS"}.Key()
	for name, pid3 := range map[string]string{
		"typed":               "4711^^^KIS^PI",
		"without authority":   "4711",
		"alias":               "4711^^^SAP-ISH^PI",
		"by OID":              "4711^^^&1.2.276.0.76.3.1.999.1&ISO^PI",
		"insurance first":     "A123456780^^^GKV^NH~4711^^^KIS^PI",
		"foreign clinic too":  "99^^^UKX^PI~4711^^^KIS^PI",
		"blanks":              " 4711 ^^^KIS^pi",
		"medical record type": "4711^^^KIS^MR",
	} {
		r := s.Record(record("lis", "MSH|^~\\&|||||20261103||ADT^A08|1|P|2.5\rPID|||"+pid3+"||X"))
		if len(r.Changes) == 0 || r.Changes[0].IDs[0].Key() != want {
			t.Errorf("%s: %v", name, r.IDs)
		}
	}
	for name, pid3 := range map[string]string{
		"insurance only": "A123456780^^^GKV^NH", "null": `""`, "empty": "", "only authority": "^^^KIS^PI", "case number": "26001^^^KIS^VN",
	} {
		r := s.Record(record("lis", "MSH|^~\\&|||||20261103||ADT^A08|1|P|2.5\rPID||4711|"+pid3+"|4711|X"))
		if len(r.Changes) != 0 || len(r.Problems) != 1 || r.Problems[0].Code != NoPatient {
			t.Errorf("%s: %v %v", name, r.Changes, r.Problems)
		}
	}
	other := s.Record(record("lis", "MSH|^~\\&|||||20261103||ADT^A08|1|P|2.5\rPID|||4711^^^UKX^PI||X"))
	if other.Changes[0].IDs[0].Key() == want {
		t.Error("4711 of another hospital is not our 4711")
	}
}

func TestMessagesMadeToBeSlowEnd(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	head := "MSH|^~\\&|||||20261103||%s|1|P|2.5\rPID|||4711||X\r"
	const n = 10_000
	for kind, line := range map[string]string{
		"ORU^R01": "OBX|1|NM|K||x|||||Q|F|||99999999\rNTE|1||Zeile\r",
		"MDM^T02": "OBX|1|ED|K||^application^pdf^Base64^QUJD\r",
		"ORU^R03": "OBX|1|ED|K|1|^application^pdf^Base64^QUJD\r",
		"ADT^A01": "ZBE|B|||INSERT|N\r",
		"RDE^O11": "TQ1|1|1^a||0800\rNTE|1||Zeile\r",
		"ADT^A40": "MRG|9\rPID|||8\r",
		"SIU^S12": "AIP|1||1^Huber\rNTE|1||Zeile\r",
	} {
		msg := fmt.Sprintf(head, kind)
		switch kind {
		case "RDE^O11":
			msg += "ORC|NW|1\rRXE||^X\r"
		case "SIU^S12":
			msg = strings.Replace(msg, "PID", "SCH|1|2\rPID", 1)
		case "ORU^R01", "ORU^R03":
			msg += "OBR|1|1|1|X\r"
		}
		r := s.Record(record("x", msg+strings.Repeat(line, n)))
		if len(r.Problems) > maxProblems {
			t.Errorf("%s: %d problems", kind, len(r.Problems))
		}
	}
}

// FuzzRecord: whatever comes, Record returns, twice the same, and never gives
// changes without a patient or from a test message.
func FuzzRecord(f *testing.F) {
	files, _ := filepath.Glob("testdata/german/*.hl7")
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, msg := range messagesOf(raw) {
			f.Add(msg)
		}
	}
	sites := []*Site{germanSite(f), openSite(f)}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range sites {
			sound(t, s, journal.Record{Seq: 7, Source: "lis", Kind: journal.HL7, Body: body, Received: time.Unix(1e9, 0)})
		}
	})
}

// FuzzAnalyser: the same for analysers, whose results are never final.
func FuzzAnalyser(f *testing.F) {
	files, _ := filepath.Glob("testdata/german/*.astm")
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, msg := range astm.Split(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r"))) {
			f.Add(msg)
		}
	}
	s := germanSite(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, feed := range []string{"cobas", "xn"} {
			r := sound(t, s, journal.Record{Seq: 7, Source: feed, Kind: journal.ASTM, Body: body, Received: time.Unix(1e9, 0)})
			for _, c := range r.Changes {
				res, ok := c.What.(clinical.Result)
				if !ok || c.Sample == nil || res.Status != clinical.Preliminary && res.Status != clinical.Pending {
					t.Fatalf("an analyser says %T, %s", c.What, res.Status)
				}
			}
		}
	})
}

// sound reads a record and fails the test for what no reading may be.
func sound(t *testing.T, s *Site, rec journal.Record) Reading {
	t.Helper()
	body := bytes.Clone(rec.Body)
	r := s.Record(rec)
	if !bytes.Equal(rec.Body, body) {
		t.Fatal("the body was changed")
	}
	if a, b := dump(r), dump(s.Record(rec)); a != b {
		t.Fatalf("two readings\n%s\n%s", a, b)
	}
	if r.Test && len(r.Changes) > 0 {
		t.Fatal("changes from a test message")
	}
	for _, c := range r.Changes {
		if len(c.IDs) == 0 && c.Case == "" && (c.Sample == nil || c.Sample.Order == "") {
			t.Fatal("a change about nobody")
		}
		if len(c.IDs) > 0 && c.IDs[0].Value == "" {
			t.Fatal("an empty identifier")
		}
	}
	for _, p := range r.Problems {
		if p.Code == Internal {
			t.Fatalf("fault in %s", p.Segment)
		}
	}
	return r
}
