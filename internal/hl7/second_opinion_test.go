package hl7

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	second "github.com/google/simhospital/pkg/hl7"
)

// TestAnotherParserReadsTheSame compares fields of the samples with a parser of
// other origin, where that one can read the file.
func TestAnotherParserReadsTheSame(t *testing.T) {
	t.Parallel()
	if err := second.TimezoneAndLocation("UTC"); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range sampleFiles(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw = bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF"))
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\r")), []byte("\n"), []byte("\r"))
		m, err := Parse(raw)
		if err != nil {
			continue // a batch
		}
		theirs, err := second.ParseMessage(raw)
		if err != nil {
			continue
		}
		compared += compareWith(t, filepath.Base(file), m, theirs)
	}
	t.Logf("%d values compared", compared)
	if compared < 500 {
		t.Errorf("only %d values compared", compared)
	}
}

func compareWith(t *testing.T, file string, m *Message, theirs *second.Message) (compared int) {
	same := func(path string, value *second.ST) {
		if value == nil {
			return
		}
		compared++
		// Theirs leaves subcomponents in where the type has none.
		want, _, _ := strings.Cut(value.String(), "&")
		if got := m.Get(path); got != want && want != null {
			t.Errorf("%s %s: got %q, the other parser has %q", file, path, got, want)
		}
	}
	id := func(v *second.ID) *second.ST { return (*second.ST)(v) }
	is := func(v *second.IS) *second.ST { return (*second.ST)(v) }
	if msh, err := theirs.MSH(); err == nil && msh != nil {
		same("MSH-10", msh.MessageControlID)
		if msh.MessageType != nil {
			same("MSH-9.1", id(msh.MessageType.MessageCode))
			same("MSH-9.2", id(msh.MessageType.TriggerEvent))
		}
		if msh.SendingApplication != nil {
			same("MSH-3.1", is(msh.SendingApplication.NamespaceID))
		}
	}
	if pid, err := theirs.PID(); err == nil && pid != nil {
		for i, cx := range pid.PatientIdentifierList {
			same(path("PID-3", i, ".1"), cx.IDNumber)
			same(path("PID-3", i, ".5"), id(cx.IdentifierTypeCode))
			if cx.AssigningAuthority != nil {
				same(path("PID-3", i, ".4.1"), is(cx.AssigningAuthority.NamespaceID))
			}
		}
		for i, name := range pid.PatientName {
			if name.FamilyName != nil {
				same(path("PID-5", i, ".1.1"), name.FamilyName.Surname)
			}
			same(path("PID-5", i, ".2"), name.GivenName)
			same(path("PID-5", i, ".3"), name.SecondAndFurtherGivenNamesOrInitialsThereof)
		}
		same("PID-8", is(pid.AdministrativeSex))
	}
	if pv1, err := theirs.PV1(); err == nil && pv1 != nil {
		same("PV1-2", is(pv1.PatientClass))
		if pv1.AssignedPatientLocation != nil {
			same("PV1-3.1", is(pv1.AssignedPatientLocation.PointOfCare))
			same("PV1-3.2", is(pv1.AssignedPatientLocation.Room))
		}
	}
	if all, err := theirs.AllOBX(); err == nil {
		for i, obx := range all {
			at := "OBX[" + string(rune('1'+i)) + "]"
			if i > 8 {
				break
			}
			same(at+"-2", id(obx.ValueType))
			if obx.ObservationIdentifier != nil {
				same(at+"-3.1", obx.ObservationIdentifier.Identifier)
				same(at+"-3.2", obx.ObservationIdentifier.Text)
			}
		}
	}
	return compared
}

func path(field string, i int, rest string) string {
	if i > 8 {
		i = 8
	}
	return field + "(" + string(rune('1'+i)) + ")" + rest
}
