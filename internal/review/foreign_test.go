package review

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
)

func csvMapping() Mapping {
	return Mapping{Format: CSV, System: "KIS", Zone: "Europe/Berlin", Columns: Columns{Time: "Zeit", Person: "Benutzer", Patient: "PatNr", Case: "Fall", Action: "Aktion", Ward: "Station"}}
}

func readAll(t *testing.T, text string, m Mapping) ([]Access, Report, error) {
	t.Helper()
	var out []Access
	r, err := Read(strings.NewReader(text), "log.csv", m, func(a Access) { out = append(out, a) })
	return out, r, err
}

func TestCSV(t *testing.T) {
	t.Parallel()
	text := "\ufeffZeit;Benutzer;PatNr;Fall;Aktion;Station\n" +
		"18.11.2026 02:10:00;KURZ;3004;2704;Akte geöffnet;3A\r\n" +
		"2026-11-18T02:11:00+01:00;kurz;;2705;\"Druck; Brief\";3A\n" +
		"\n" +
		"kein Datum;kurz;1;;x;\n" +
		"18.11.2026 02:12;;1;;x;\n" +
		"18.11.2026 02:12;kurz;\"1;;x;\n" +
		"18.11.2026 02:13;kurz;5;;Befund gelöscht;3A\n"
	got, rep, err := readAll(t, text, csvMapping())
	if err != nil || rep.Events != 3 || rep.Bad != 3 || rep.Lines != 6 {
		t.Fatalf("%v %+v", err, rep)
	}
	first := got[0]
	if first.Person != "kurz" || first.Number != "3004" || first.Case != "2704" || first.Deed != Looked || first.Ref != "log.csv:2" || !first.At.Equal(time.Date(2026, 11, 18, 1, 10, 0, 0, time.UTC)) {
		t.Errorf("%+v", first)
	}
	if got[1].Deed != Printed || !got[1].At.Equal(time.Date(2026, 11, 18, 1, 11, 0, 0, time.UTC)) || got[2].Deed != Changed {
		t.Errorf("%+v", got[1:])
	}
	for i, line := range []int{5, 6, 7} {
		if rep.List[i].Line != line {
			t.Errorf("line %d is said to be %d", line, rep.List[i].Line)
		}
	}
	latin, err := charmap.Windows1252.NewEncoder().String("Zeit;Benutzer;PatNr;Fall;Aktion;Station\n18.11.2026 02:10;müller;1;;geändert;\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, rep, err := readAll(t, latin, csvMapping()); err != nil || rep.Bad != 1 {
		t.Errorf("another character set is read as UTF-8: %v %+v", err, rep)
	}
	m := csvMapping()
	m.Charset = "windows-1252"
	if got, _, err := readAll(t, latin, m); err != nil || got[0].Person != "müller" || got[0].Deed != Changed {
		t.Errorf("%v %+v", err, got)
	}
	long := "Zeit;Benutzer;PatNr;Fall;Aktion;Station\n18.11.2026 02:10;kurz;1;;" + strings.Repeat("x", maxMessage) + ";\n18.11.2026 02:11;kurz;2;;x;\n"
	if got, rep, err := readAll(t, long, csvMapping()); err != nil || len(got) != 1 || rep.Bad != 1 {
		t.Errorf("a line that is too long: %v %+v", err, rep)
	}
}

func TestWhatCannotBeReadLikeThis(t *testing.T) {
	t.Parallel()
	with := func(change func(*Mapping)) Mapping {
		m := csvMapping()
		change(&m)
		return m
	}
	ok := "Zeit;Benutzer;PatNr;Fall;Aktion;Station\n18.11.2026 02:10;kurz;1;;x;\n"
	for name, c := range map[string]struct {
		text string
		m    Mapping
	}{
		"no column of the name": {ok, with(func(m *Mapping) { m.Columns.Ward = "Bereich" })},
		"no patient":            {ok, with(func(m *Mapping) { m.Columns.Patient, m.Columns.Case = "", "" })},
		"no time":               {ok, with(func(m *Mapping) { m.Columns.Time = "" })},
		"empty":                 {"", csvMapping()},
		"zone":                  {ok, with(func(m *Mapping) { m.Zone = "Mitteleuropa" })},
		"charset":               {ok, with(func(m *Mapping) { m.Charset = "ebcdic" })},
		"format":                {ok, with(func(m *Mapping) { m.Format = "xlsx" })},
		"system":                {ok, with(func(m *Mapping) { m.System = " " })},
		"no audit message":      {ok, Mapping{Format: ATNA, System: "PACS"}},
		"no bundle":             {"{\"resourceType\":\"Bundle\",", Mapping{Format: FHIR, System: "X"}},
	} {
		if _, rep, err := readAll(t, c.text, c.m); err == nil && rep.Events > 0 {
			t.Errorf("%s: read", name)
		}
	}
}

const auditMessageText = `<AuditMessage><EventIdentification EventActionCode="%s" EventDateTime="2026-11-18T02:10:00+01:00" EventOutcomeIndicator="0"><EventID csd-code="%s" codeSystemName="DCM" originalText="%s"/></EventIdentification>` +
	`<ActiveParticipant UserID="PACS1" UserIsRequestor="false"/><ActiveParticipant UserID="Kurz" UserName="Kurz, M." UserIsRequestor="true" NetworkAccessPointID="10.0.0.7"/>` +
	`<ParticipantObjectIdentification ParticipantObjectID="1.2.3" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3"/>` +
	`<ParticipantObjectIdentification ParticipantObjectID="3004^^^&amp;1.2.3&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1"/></AuditMessage>`

func TestATNA(t *testing.T) {
	t.Parallel()
	text := "<85>1 2026-11-18T02:10:00Z pacs - - - - " + fmt.Sprintf(auditMessageText, "R", "110103", "Accessed") + "\n" +
		"<85>1 " + fmt.Sprintf(auditMessageText, "R", "110106", "Export") + "<AuditMessage><broken></AuditMessage>" + fmt.Sprintf(auditMessageText, "D", "110105", "Study deleted") + "<AuditMessage><EventIdent"
	got, rep, err := readAll(t, text, Mapping{Format: ATNA, System: "PACS"})
	if err != nil || rep.Events != 3 || rep.Bad != 2 {
		t.Fatalf("%v %+v", err, rep)
	}
	if a := got[0]; a.Person != "kurz" || a.Name != "Kurz, M." || a.Number != "3004" || a.From != "10.0.0.7" || a.Deed != Looked || !a.At.Equal(time.Date(2026, 11, 18, 1, 10, 0, 0, time.UTC)) {
		t.Errorf("%+v", a)
	}
	if got[1].Deed != Exported || got[2].Deed != Changed {
		t.Errorf("%s %s", got[1].Deed, got[2].Deed)
	}
	huge := "<AuditMessage>" + strings.Repeat("<x/>", maxMessage/4+10) + "</AuditMessage>" + fmt.Sprintf(auditMessageText, "R", "110103", "A")
	if got, rep, err := readAll(t, huge, Mapping{Format: ATNA, System: "PACS"}); err != nil || len(got) != 1 || rep.Bad != 1 {
		t.Errorf("a message that is too long: %v %+v", err, rep)
	}
}

const auditEventText = `{"resourceType":"AuditEvent","type":{"code":"rest","display":"RESTful Operation"},"subtype":[{"code":"read"}],"action":"%s","recorded":"2026-11-18T02:10:00+01:00",` +
	`"agent":[{"who":{"identifier":{"value":"app"}},"requestor":false},{"altId":"Kurz","name":"Kurz, M.","requestor":true,"network":{"address":"10.0.0.7"}}],` +
	`"entity":[{"what":{"reference":"Patient/3004"},"role":{"code":"1"}},{"what":{"reference":"Encounter/2704"}}]}`

func TestFHIR(t *testing.T) {
	t.Parallel()
	one, gone := fmt.Sprintf(auditEventText, "R"), fmt.Sprintf(auditEventText, "D")
	for name, text := range map[string]string{
		"bundle": `{"resourceType":"Bundle","type":"collection","total":3,"entry":[{"resource":` + one + `},{"fullUrl":"x","resource":{"resourceType":"Patient"}},{"resource":` + gone + `}],"link":[]}`,
		"lines":  one + "\n{\"resourceType\":\n" + gone + "\n",
		"cut":    `{"resourceType":"Bundle","entry":[{"resource":` + one + `},{"resource":` + gone + `},{"resource":{`,
	} {
		got, rep, err := readAll(t, text, Mapping{Format: FHIR, System: "Portal"})
		if err != nil || rep.Events != 2 || rep.Bad != 1 {
			t.Errorf("%s: %v %+v", name, err, rep)
			continue
		}
		if a := got[0]; a.Person != "kurz" || a.Number != "3004" || a.Case != "2704" || a.Deed != Looked || a.From != "10.0.0.7" || got[1].Deed != Changed {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// endless is a file that goes on and on within one value.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.given += len(p)
	return len(p), nil
}

func TestOneHugeValueDoesNotFillTheMemory(t *testing.T) {
	t.Parallel()
	for _, start := range []string{`{"resourceType":"Bundle","entry":[{"resource":` + fmt.Sprintf(auditEventText, "R") + `},{"resource":{"text":"`, `{"resourceType":"Bundle","entry":[{"resource":` + fmt.Sprintf(auditEventText, "R") + `}],"note":"`} {
		e := &endless{}
		rep, err := Read(io.MultiReader(strings.NewReader(start), e), "f", Mapping{Format: FHIR, System: "Portal"}, func(Access) {})
		if err != nil || rep.Events != 1 || rep.Bad != 1 || e.given > 2*maxValue {
			t.Errorf("%v %+v, %d bytes were read", err, rep, e.given)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("csv", "Zeit;Benutzer;PatNr;Fall;Aktion;Station\n18.11.2026 02:10;kurz;1;;x;\n")
	f.Add("atna", fmt.Sprintf(auditMessageText, "R", "110103", "A"))
	f.Add("fhir", fmt.Sprintf(auditEventText, "R"))
	f.Fuzz(func(t *testing.T, format, text string) {
		m := csvMapping()
		m.Format = Format(format)
		n := 0
		r, err := Read(strings.NewReader(text), "f", m, func(a Access) {
			n++
			if a.Person == "" || a.At.IsZero() || len(a.What) > 100 {
				t.Errorf("%+v", a)
			}
		})
		if err == nil && (n != r.Events || r.Bad < len(r.List)) {
			t.Errorf("%d accesses, %+v", n, r)
		}
	})
}
