package bundle

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
)

var update = flag.Bool("update", false, "rewrite the golden files, then read the diff")

const (
	firstKey  = "0191f0f0f0f07000800000000000abcd"
	secondKey = "0191f0f0f0f0700080000000deadbeef"
)

var (
	at     = time.Date(2026, 11, 21, 8, 5, 0, 0, time.FixedZone("CET", 3600))
	weber  = clinical.Staff{ID: "s.weber", Name: "Dr. von Weber, Sabine"}
	number = entry.Number(firstKey)
	house  = Systems{
		Patients: "https://klinik.example/pid", Cases: "https://klinik.example/fall", Entries: "https://klinik.example/notbetrieb",
		Staff: "https://klinik.example/notbetrieb/personal", Codes: "https://klinik.example/notbetrieb/codes", Types: map[string]string{"note": "VL160105"},
		Orders: "https://klinik.example/auftrag", Ours: func(no string) bool { return strings.HasPrefix(no, "NB") || strings.HasPrefix(no, "N0") },
	}
)

func written(form string, facts ...clinical.Fact) message.Sending {
	takes := message.DefaultTakes()
	takes[message.Warning] = message.AsData
	return message.Sending{
		To: message.Target{Name: "fhir", Zone: at.Location(), Takes: takes},
		Entry: &entry.Entry{
			Key: firstKey, Root: firstKey, Form: form, State: entry.Signed, Case: "4711", At: at, Written: at.Add(7 * time.Minute), By: weber, Facts: facts,
		},
		About: message.Subject{IDs: []clinical.Identifier{{Value: "100815", Authority: "KIS"}}, Case: "4711", Name: clinical.Name{Family: "Müller"}},
		Sheet: []byte("%PDF-1.4 a sheet"), Now: at.Add(12 * time.Hour),
	}
}

// again is a second version of a sending, of which the target has the first.
func again(s message.Sending, withdrawn bool, facts entry.Facts) message.Sending {
	e := *s.Entry
	e.Key, e.Corrects, e.Withdrawn, e.Reason, e.Facts = secondKey, firstKey, withdrawn, "vertippt", facts
	s.Entry, s.Before = &e, firstKey
	return s
}

func value(code, sub, unit string, v float64) clinical.Result {
	low, high := 50.0, 110.0
	return clinical.Result{
		Filler: number, SubID: sub, Code: clinical.Coded{Code: code, Text: sub, System: "LN"}, Section: clinical.Vitals, Value: plain(v), Number: &v, Unit: unit,
		Low: &low, High: &high, Flags: []string{"H"}, Status: clinical.Final, At: at, By: weber, Comment: "im Liegen",
	}
}

func samples() map[string]message.Sending {
	drug := clinical.Coded{Code: "01234567", Text: "Novalgin 500 mg", System: "PZN"}
	rx := func(p clinical.Prescription) message.Sending {
		p.Placer, p.Drug, p.Status, p.By, p.Start = number, drug, clinical.InProgress, weber, at
		return written("prescription", p)
	}
	dose := func(d clinical.Dose) message.Sending {
		d.ID, d.Prescription, d.Drug, d.At, d.By, d.Route = number, "RX17", drug, at, weber, "p.o."
		return written("dose", d)
	}
	vitals := written("vitals", value("8480-6", "bp.s", "mmHg", 185), value("8462-4", "bp.d", "mmHg", 95), value("8867-4", "pulse", "/min", 88),
		clinical.Result{Filler: number, SubID: "acvpu", Code: clinical.Coded{Code: "80288-4", Text: "Bewusstsein", System: "LN"}, Section: clinical.Vitals, Value: "wach", Status: clinical.Final, At: at})
	n := 5.0
	lab := written("lab", clinical.Result{
		Placer: "A77", Filler: number, Code: clinical.Coded{Code: "1988-5", Text: "CRP", System: "LN"}, Local: clinical.Coded{Code: "CRP", System: "L"}, Section: clinical.Laboratory,
		Value: "<5", Number: &n, Comparator: "<", Unit: "mg/l", Range: "< 5", Status: clinical.Preliminary, At: at,
	}, clinical.Result{Placer: "A77", Filler: number, Code: clinical.Coded{Code: "K", Text: "Kalium", System: "L"}, Section: clinical.Laboratory, Status: clinical.NoResult, At: at})
	note := written("note", clinical.Document{ID: number, Kind: clinical.Coded{Code: "note", Text: "Ärztlicher Verlauf", System: "Notbetrieb"}, Title: "Ärztlicher Verlauf", Text: "Zeile 1\n\"Zeile\" 2 <b>", Status: clinical.Final, At: at, By: weber})
	order := written("order-lab", clinical.Order{Placer: "N000123", What: clinical.Coded{Code: "BB", Text: "Kleines Blutbild", System: "L"}, Section: clinical.Laboratory, Status: clinical.Ordered, Priority: "S", Requested: at, Due: at.Add(time.Hour), By: weber, Question: "Anämie?", Specimen: "EDTA-Blut"})
	admitted := written("admission",
		clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Heide", Prefix: "von der", Given: "Änne", Further: "Zoë", Title: "Dr."}), Birth: clinical.Say(clinical.Date{Year: 1951, Month: 4}), Sex: clinical.Say(clinical.Diverse), Address: clinical.Say(clinical.Address{Street: "Am Löhr 5", City: "Köln", Zip: "50667", Country: "DE"}), Phones: clinical.Say([]string{"0221 1"})},
		clinical.Movement{ID: number, Kind: clinical.Admission, Action: clinical.Insert, Start: at, To: clinical.Place{Ward: "3A", Room: "312"}, Class: clinical.Inpatient},
		clinical.StayDetails{Class: clinical.Say(clinical.Emergency), Reason: clinical.Say("Dyspnoe")},
		clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Penicillin"}}, Action: clinical.Insert},
	)
	admitted.About.New = true
	diagnosis := written("diagnosis", clinical.Diagnosis{ID: number, What: clinical.Coded{Code: "J18.9", Text: "Pneumonie", System: "ICD-10-GM"}, Kind: "W", Priority: 1, At: at, By: weber, Action: clinical.Insert})
	given := dose(clinical.Dose{Status: clinical.Given, Amount: "500 mg", Checked: weber})
	return map[string]message.Sending{
		"vitals": vitals, "vitals-withdrawn": again(vitals, true, entry.Retract(vitals.Entry.Facts)),
		"vitals-corrected": again(vitals, false, entry.Supersede(vitals.Entry.Facts, entry.Facts{value("8867-4", "pulse", "/min", 66)})),
		"lab":              lab, "note": note, "note-corrected": again(note, false, entry.Supersede(note.Entry.Facts, note.Entry.Facts)), "note-withdrawn": again(note, true, entry.Retract(note.Entry.Facts)),
		"order": order, "order-cancelled": again(order, true, entry.Retract(order.Entry.Facts)), "admission": admitted,
		"diagnosis": diagnosis, "diagnosis-withdrawn": again(diagnosis, true, entry.Retract(diagnosis.Entry.Facts)),
		"procedure":  written("procedure", clinical.Procedure{ID: number, What: clinical.Coded{Code: "5-470.11", Text: "Appendektomie", System: "OPS"}, At: at, By: weber, Action: clinical.Insert}),
		"allergy":    written("allergy", clinical.AllergyFact{Action: clinical.Insert, Allergy: clinical.Allergy{Kind: "DA", To: clinical.Coded{Text: "Penicillin"}, Severity: "SV", Reaction: "Anaphylaxie"}}),
		"no-allergy": written("allergy", clinical.AllergyFact{Action: clinical.Insert, NoneKnown: true}),
		"warning":    written("alert", clinical.Alert{Kind: clinical.Isolation, What: clinical.Coded{Text: "MRSA"}, From: at, Action: clinical.Insert}),
		"rx-scheme":  rx(clinical.Prescription{Dose: "1 Tbl.", Scheme: "1-0-1-0", Times: []clinical.DayTime{480, 1080}, Route: "p.o.", Note: "nach dem Essen"}),
		"rx-uneven":  rx(clinical.Prescription{Dose: "1 Tbl.", Scheme: "2-0-½-0", Times: []clinical.DayTime{480, 1080}, Route: "p.o."}),
		"rx-needed":  rx(clinical.Prescription{Dose: "2–5 mg", AsNeeded: true, MaxDaily: "30 mg", Indication: "Schmerz", Route: "i.v."}),
		"rx-rate":    rx(clinical.Prescription{Rate: "2,5 ml/h", Route: "i.v."}),
		"rx-stopped": written("prescription", clinical.Prescription{Placer: "NB7", Drug: drug, Status: clinical.Cancelled, Start: at}),
		"dose":       given, "dose-retracted": again(given, true, entry.Retract(given.Entry.Facts)),
		"dose-refused":   dose(clinical.Dose{Status: clinical.Refused, Reason: "lehnt ab"}),
		"dose-postponed": dose(clinical.Dose{Status: clinical.Postponed, Reason: "OP", Until: at.Add(2 * time.Hour)}),
		"notice":         written("notice", clinical.Notice{Result: "x", By: weber, At: at}),
	}
}

type resource = map[string]any

// resources reads a transaction.
func resources(t *testing.T, raw []byte) (list []resource, requests []resource, urls []string) {
	t.Helper()
	var b struct {
		ResourceType, Type string
		Entry              []struct {
			FullURL           string
			Resource, Request resource
		}
	}
	if err := json.Unmarshal(raw, &b); err != nil || b.ResourceType != "Bundle" || b.Type != "transaction" {
		t.Fatalf("%v: %s", err, raw)
	}
	for _, e := range b.Entry {
		list, requests, urls = append(list, e.Resource), append(requests, e.Request), append(urls, e.FullURL)
	}
	return list, requests, urls
}

func TestTransactionsAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for name, s := range samples() {
		b, left, err := For(s, house)
		if err != nil || len(left) != 0 || len(b.Raw) == 0 {
			t.Errorf("%s: %v, left %v", name, err, left)
		}
		golden := filepath.Join("testdata", name+".golden.json")
		if *update {
			_ = os.MkdirAll("testdata", 0o755)
			if err := os.WriteFile(golden, b.Raw, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(b.Raw, want) {
			t.Errorf("%s is\n%s", name, b.Raw)
		}
	}
}

// required is what the resource and its ISiK profile ask for (SPECS: search
// parameters a confirmed system must answer, and R4's own cardinalities).
var required = map[string][]string{
	"Observation":              {"identifier", "status", "category", "code", "subject", "encounter", "effectiveDateTime"},
	"MedicationRequest":        {"identifier", "status", "intent", "medicationCodeableConcept", "subject", "encounter", "authoredOn", "dosageInstruction"},
	"MedicationAdministration": {"identifier", "status", "medicationCodeableConcept", "subject", "context", "effectiveDateTime", "performer"},
	"ServiceRequest":           {"identifier", "status", "intent", "code", "subject", "encounter", "authoredOn", "requester"},
	"AllergyIntolerance":       {"identifier", "verificationStatus", "code", "patient", "recordedDate", "recorder"},
	"Condition":                {"identifier", "verificationStatus", "category", "code", "subject", "encounter", "recordedDate"},
	"Procedure":                {"identifier", "status", "category", "code", "subject", "encounter", "performedDateTime"},
	"DocumentReference":        {"identifier", "masterIdentifier", "status", "type", "subject", "date", "author", "description", "securityLabel", "content", "context"},
	"Flag":                     {"identifier", "status", "code", "subject", "period"},
	"Patient":                  {"identifier", "active", "name", "gender", "birthDate"},
	"Encounter":                {"identifier", "status", "class", "type", "subject", "period"},
	"Provenance":               {"id", "target", "recorded", "agent", "entity"},
}

var statuses = map[string][]string{
	"Observation": {"registered", "preliminary", "final", "corrected", "cancelled", "entered-in-error"}, "MedicationRequest": {"active", "on-hold", "stopped", "completed", "entered-in-error"},
	"MedicationAdministration": {"completed", "not-done", "entered-in-error"}, "ServiceRequest": {"active", "on-hold", "revoked", "completed", "entered-in-error"},
	"Procedure": {"completed", "entered-in-error"}, "DocumentReference": {"current", "entered-in-error"}, "Flag": {"active", "entered-in-error"}, "Encounter": {"in-progress"},
}

func TestEachResourceHasWhatItsProfileAsksFor(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, s := range samples() {
		b, _, err := For(s, house)
		if err != nil {
			t.Fatal(err)
		}
		list, requests, urls := resources(t, b.Raw)
		if len(list) != b.Resources+1 {
			t.Errorf("%s: %d resources, counted %d", name, len(list), b.Resources)
		}
		for i, r := range list {
			typ, _ := r["resourceType"].(string)
			seen[typ] = true
			if required[typ] == nil {
				t.Fatalf("%s: %s has no line", name, typ)
			}
			for _, field := range required[typ] {
				if field == "performer" && strings.Contains(name, "retracted") {
					continue
				}
				if r[field] == nil {
					t.Errorf("%s: %s has no %s", name, typ, field)
				}
			}
			if status, _ := r["status"].(string); statuses[typ] != nil && !slices.Contains(statuses[typ], status) {
				t.Errorf("%s: %s has the status %q", name, typ, status)
			}
			if v := r["verificationStatus"]; v != nil {
				wrong := strings.Contains(string(mustJSON(t, v)), "entered-in-error")
				if wrong == (r["clinicalStatus"] != nil) {
					t.Errorf("%s: %s is %v and has the clinical status %v", name, typ, v, r["clinicalStatus"])
				}
			}
			if typ == "Observation" && r["valueQuantity"] == nil && r["valueString"] == nil && r["component"] == nil && r["dataAbsentReason"] == nil {
				t.Errorf("%s: an observation without a value", name)
			}
			empty(t, name+" "+typ, r)
			references(t, name+" "+typ, r, urls)
			idempotent(t, name, typ, requests[i])
		}
	}
	for typ := range required {
		if !seen[typ] {
			t.Errorf("%s is never written", typ)
		}
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func idempotent(t *testing.T, name, typ string, request resource) {
	t.Helper()
	where, _ := request["url"].(string)
	condition, _ := request["ifNoneExist"].(string)
	switch {
	case typ == "Provenance" && request["method"] == "PUT" && strings.HasPrefix(where, "Provenance/"):
	case request["method"] == "POST" && where == typ && strings.HasPrefix(condition, "identifier="):
	case request["method"] == "PUT" && strings.HasPrefix(where, typ+"?identifier=") && condition == "":
	default:
		t.Errorf("%s: sent twice %s would be there twice: %v", name, typ, request)
	}
}

// empty refuses what FHIR forbids: empty objects, lists and texts.
func empty(t *testing.T, where string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			t.Errorf("%s: an empty object", where)
		}
		for k, x := range v {
			empty(t, where+"."+k, x)
		}
	case []any:
		if len(v) == 0 {
			t.Errorf("%s: an empty list", where)
		}
		for _, x := range v {
			empty(t, where, x)
		}
	case string:
		if strings.TrimSpace(v) == "" {
			t.Errorf("%s: an empty text", where)
		}
	case nil:
		t.Errorf("%s: null", where)
	}
}

func references(t *testing.T, where string, v any, urls []string) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["reference"].(string); ok {
			if !slices.Contains(urls, ref) && !strings.HasPrefix(ref, "Patient?identifier=https%3A%2F%2Fklinik.example%2Fpid%7C") && !strings.HasPrefix(ref, "Encounter?identifier=https%3A%2F%2Fklinik.example%2Ffall%7C") {
				t.Errorf("%s refers to %q", where, ref)
			}
		}
		for k, x := range v {
			references(t, where+"."+k, x, urls)
		}
	case []any:
		for _, x := range v {
			references(t, where, x, urls)
		}
	}
}

// store is a server that understands conditional create and update.
type store map[string]resource

func (s store) apply(t *testing.T, raw []byte) {
	t.Helper()
	list, requests, _ := resources(t, raw)
	for i, r := range list {
		typ := r["resourceType"].(string)
		where := requests[i]["url"].(string)
		if q, ok := requests[i]["ifNoneExist"].(string); ok {
			if _, there := s[typ+"?"+q]; there {
				continue
			}
			where = typ + "?" + q
		}
		s[where] = r
	}
}

func TestATransactionSentTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for name, s := range samples() {
		b, _, err := For(s, house)
		if err != nil {
			t.Fatal(err)
		}
		server := store{}
		server.apply(t, b.Raw)
		once := maps.Clone(server)
		s.Now = s.Now.Add(time.Hour)
		b, _, _ = For(s, house)
		server.apply(t, b.Raw)
		if !bytes.Equal(mustJSON(t, once), mustJSON(t, server)) {
			t.Errorf("%s: the second time changed something", name)
		}
	}
}

func TestACorrectionFindsWhatItCorrects(t *testing.T) {
	t.Parallel()
	all := samples()
	server := store{}
	count := func(name string) int {
		b, _, err := For(all[name], house)
		if err != nil {
			t.Fatal(err)
		}
		server.apply(t, b.Raw)
		n := 0
		for where := range server {
			if !strings.HasPrefix(where, "Provenance/") {
				n++
			}
		}
		return n
	}
	if before, after := count("vitals"), count("vitals-corrected"); before != 3 || after != 3 {
		t.Errorf("%d, then %d observations", before, after)
	}
	if n := count("vitals-withdrawn"); n != 3 {
		t.Errorf("%d observations", n)
	}
	for where, r := range server {
		if strings.HasPrefix(where, "Observation") && r["status"] != "entered-in-error" {
			t.Errorf("%s is %v", where, r["status"])
		}
	}
}

func TestPressureTextAndUnevenSchemes(t *testing.T) {
	t.Parallel()
	get := func(name string) []resource {
		b, _, _ := For(samples()[name], house)
		list, _, _ := resources(t, b.Raw)
		return list
	}
	pressure := get("vitals")[0]
	if parts, _ := pressure["component"].([]any); len(parts) != 2 || !strings.Contains(string(mustJSON(t, pressure["code"])), "85354-9") {
		t.Errorf("%v", pressure)
	}
	content := mustJSON(t, get("note")[0]["content"])
	if text := base64.StdEncoding.EncodeToString([]byte("Zeile 1\n\"Zeile\" 2 <b>")); !bytes.Contains(content, []byte(text)) {
		t.Errorf("%s", content)
	}
	uneven := string(mustJSON(t, get("rx-uneven")[0]["dosageInstruction"]))
	if strings.Contains(uneven, "timeOfDay") || strings.Contains(uneven, "doseQuantity") || !strings.Contains(uneven, "2-0-½-0") {
		t.Errorf("parts of an uneven scheme could be taken for equal: %s", uneven)
	}
}

func TestWhatIsNotSentIsLeft(t *testing.T) {
	t.Parallel()
	move := clinical.Movement{ID: number, Kind: clinical.Transfer, Action: clinical.Insert, Start: at}
	unclear := written("dose", clinical.Dose{ID: number, Status: clinical.Given, Amount: "1.000 IE", At: at})
	for name, s := range map[string]message.Sending{
		"transfer": written("transfer", move), "unclear dose": unclear,
		"a prescription from before": written("prescription", clinical.Prescription{Placer: "RX17", Status: clinical.Cancelled}),
		"an order from before":       written("arrival", clinical.Order{Placer: "A77", Status: clinical.Completed, Requested: at.Add(-time.Hour)}),
	} {
		if b, left, err := For(s, house); err != nil || len(b.Raw) != 0 || len(left) != 1 {
			t.Errorf("%s: %v, %v, %s", name, err, left, b.Raw)
		}
	}
	for name, s := range samples() {
		s.To.Takes = nil
		if b, left, _ := For(s, house); len(b.Raw) != 0 || len(left) != len(s.Kinds()) {
			t.Errorf("%s: %d left", name, len(left))
		}
		s = samples()[name]
		s.About.IDs = nil
		if b, left, _ := For(s, house); len(b.Raw) != 0 || len(left) != len(s.Kinds()) {
			t.Errorf("%s of nobody: %d left", name, len(left))
		}
	}
	s := samples()["vitals"]
	s.Entry.State = entry.Draft
	if b, left, _ := For(s, house); len(b.Raw)+len(left) != 0 {
		t.Error("a draft was sent")
	}
}
