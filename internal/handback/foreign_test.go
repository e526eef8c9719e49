package handback_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/foreign"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/hl7"
)

// stranger asks a FHIR server of other origin.
func stranger(t *testing.T, method, address, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	var r map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %v %v", resp.Status, r, err)
	}
	return r
}

// TestAServerOfOtherOriginTakesWhatIsReleased goes the whole way: an entry is
// released, and Medplum's server holds it in the right person's chart. A person
// whom it does not know goes to people here.
func TestAServerOfOtherOriginTakesWhatIsReleased(t *testing.T) {
	t.Parallel()
	base := "http://" + foreign.Start(t, foreign.FHIR).Addr + "/fhir"
	const own = "https://klinik.example/nb"
	patient := stranger(t, "POST", base+"/Patient", `{"resourceType":"Patient","identifier":[{"system":"`+own+`/pid","value":"100"}]}`)["id"].(string)
	stay := stranger(t, "POST", base+"/Encounter", `{"resourceType":"Encounter","status":"in-progress","class":{"code":"IMP"},"identifier":[{"system":"`+own+`/fall","value":"F100"}]}`)["id"].(string)
	n := newNode(t, newFHIRServer(t), func(t *handback.Target) { t.FHIR.Base = base })
	e := n.released("100", 38.4)
	n.until(all(handback.Accepted))
	n.released("999", 36.6)
	items := n.until(func(items []handback.Item) bool { return len(items) == 2 && items[1].State == handback.Refused })
	if !strings.Contains(items[1].Answer, "nicht bekannt") {
		t.Errorf("it says %q", items[1].Answer)
	}
	list, _ := stranger(t, "GET", base+"/Observation?identifier="+url.QueryEscape(own+"/eintrag|"+entry.Number(e.Root)+"-temp"), "")["entry"].([]any)
	if len(list) != 1 {
		t.Fatalf("it holds %d of it", len(list))
	}
	o := list[0].(map[string]any)["resource"].(map[string]any)
	subject, _ := o["subject"].(map[string]any)
	encounter, _ := o["encounter"].(map[string]any)
	value, _ := o["valueQuantity"].(map[string]any)
	if subject["reference"] != "Patient/"+patient || encounter["reference"] != "Encounter/"+stay || value["value"] != 38.4 || value["code"] != "Cel" {
		t.Errorf("subject %v, encounter %v, value %v", subject, encounter, value)
	}
	if all, _ := stranger(t, "GET", base+"/Observation", "")["entry"].([]any); len(all) != 1 {
		t.Errorf("it holds %d observations", len(all))
	}
}

// TestAReceiverOfOtherOriginTakesWhatIsReleased does the same by HL7 v2.
func TestAReceiverOfOtherOriginTakesWhatIsReleased(t *testing.T) {
	t.Parallel()
	p := foreign.Start(t, foreign.HL7)
	n := newNode(t, newFHIRServer(t), func(t *handback.Target) {
		t.FHIR, t.Address, t.Version, t.Charset, t.SendingApp = nil, p.Addr, "2.5", "UNICODE UTF-8", "NOTBETRIEB"
		t.Dial = hl7.ClientOptions{Answer: time.Minute}
		t.Lanes = 1
	})
	e := n.released("100", 38.4)
	n.until(all(handback.Accepted))
	var got struct {
		Type, Event string
		Segments    []struct {
			Name   string
			Fields []string
		}
	}
	if err := json.Unmarshal([]byte(p.Line(t)), &got); err != nil || got.Type+got.Event != "ORUR01" {
		t.Fatalf("%+v %v", got, err)
	}
	want := map[string]string{"PID": "1.1.1=100 ", "OBR": "1.1.1=" + entry.Number(e.Root), "OBX": "1.1.1=38.4"}
	for _, s := range got.Segments {
		if x := want[s.Name]; x != "" && !strings.Contains(strings.Join(s.Fields, " ")+" ", x) {
			t.Errorf("%s is %q, want %q", s.Name, s.Fields, x)
		}
		delete(want, s.Name)
	}
	if len(want) != 0 {
		t.Errorf("it has no %v in %+v", want, got.Segments)
	}
}
