package message

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/hl7"
)

// everything is every message that the samples, and movements of every kind,
// make for every target.
func everything(t *testing.T) map[string][]Message {
	out := map[string][]Message{}
	kinds := []clinical.MovementKind{clinical.PlanAdmission, clinical.Admission, clinical.Visit, clinical.Transfer, clinical.ClassChange, clinical.Discharge, clinical.LeaveStart, clinical.LeaveEnd, clinical.PlanTransfer, clinical.PlanDischarge, clinical.Departing, clinical.Arriving, clinical.StaySnapshot}
	for name, to := range targets() {
		list := samples(t)
		for _, kind := range kinds {
			for _, class := range []clinical.Class{clinical.Inpatient, clinical.Outpatient} {
				mv := clinical.Movement{ID: number, Kind: kind, Action: clinical.Insert, Start: clock(8, 0), To: ward("3A", "1", "1"), Class: class}
				list = append(list, sample{name: "move", entry: written("x", mv)}, sample{name: "move", entry: withdrawn("x", entry.Facts{mv}), was: firstKey})
			}
		}
		noted := clinical.Document{ID: number, Kind: clinical.Coded{Code: "note"}, Text: "x", Status: clinical.Final, At: clock(8, 0)}
		added := noted
		added.Addendum = "KIS7"
		warned := entry.Facts{clinical.Alert{Kind: clinical.Cave, What: clinical.Coded{Text: "schwieriger Atemweg"}, Action: clinical.Insert}}
		list = append(list, sample{name: "addendum", entry: written("note", added)},
			sample{name: "warning", entry: corrected("alert", warned, warned), was: firstKey}, sample{name: "warning", entry: withdrawn("alert", warned), was: firstKey})
		for _, s := range list {
			messages, _ := For(sending(s, to))
			out[name] = append(out[name], messages...)
		}
	}
	return out
}

// TestTheConformanceTableIsWhatIsSent holds the table to the messages: none that
// it does not list, none in other segments, and no line that never happens.
func TestTheConformanceTableIsWhatIsSent(t *testing.T) {
	t.Parallel()
	hit := map[int]bool{}
	for name, list := range everything(t) {
		for _, m := range list {
			i := slices.IndexFunc(Conformance(), func(r Row) bool {
				return r.Kind == m.Kind && (r.Type == m.Type || r.Old == m.Type) && (strings.Contains(r.Segments, "OBR") == bytes.Contains(m.Raw, []byte("\rOBR|")) || m.Kind != Order)
			})
			if i < 0 {
				t.Errorf("%s: %s of %s is not in the table", name, m.Type, m.Kind)
				continue
			}
			for j, r := range Conformance() { // orders of all sections share ORM
				if r.Kind == m.Kind && (r.Type == m.Type || r.Old == m.Type) {
					hit[j] = true
				}
			}
			if m.Kind == Allergy && m.Type == "MDM^T02" {
				continue
			}
			parsed, err := hl7.Parse(m.Raw)
			if err != nil {
				t.Fatal(err)
			}
			rest := strings.Fields(Conformance()[i].Segments)
			for _, seg := range parsed.Segments() {
				at := slices.IndexFunc(rest, func(s string) bool { return strings.Trim(s, "[]") == seg.Name() })
				if at < 0 && (seg.Name() == "OBX" || seg.Name() == "NTE") { // OBX NTE repeat together
					continue
				}
				if at < 0 {
					t.Errorf("%s: %s of %s: %s out of place", name, m.Type, m.Kind, seg.Name())
					continue
				}
				for _, missed := range rest[:at] {
					if !strings.HasPrefix(missed, "[") && strings.Trim(missed, "[]") != seg.Name() {
						t.Errorf("%s: %s of %s has no %s", name, m.Type, m.Kind, missed)
					}
				}
				rest = append([]string{"[" + seg.Name() + "]"}, rest[at+1:]...)
			}
		}
	}
	for i, r := range Conformance() {
		if !hit[i] {
			t.Errorf("%s %s never happens", r.Kind, r.Type)
		}
	}
}

const guide = "../../../docs/handback.md"

// TestTheGuideListsWhatTheCodeSends compares the guide's tables with the code;
// -update rewrites them.
func TestTheGuideListsWhatTheCodeSends(t *testing.T) {
	t.Parallel()
	var messages, losses strings.Builder
	messages.WriteString("| Kind | Message | before 2.4, or old orders | When | Segments |\n|---|---|---|---|---|\n")
	for _, r := range Conformance() {
		old := r.Old
		if old == "" {
			old = "the same"
		}
		fmt.Fprintf(&messages, "| %s | %s | %s | %s | %s |\n", r.Kind, strings.Replace(r.Type, "^", " ", 1), strings.Replace(old, "^", " ", 1), r.When, r.Segments)
	}
	losses.WriteString("| Of | What becomes of it |\n|---|---|\n")
	for _, u := range Unsaids() {
		fmt.Fprintf(&losses, "| %s | %s |\n", u.Field, u.How)
	}
	raw, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for name, want := range map[string]string{"messages": messages.String(), "losses": losses.String()} {
		before, after, ok := strings.Cut(text, "<!-- "+name+":begin (generated) -->\n")
		listed, rest, ok2 := strings.Cut(after, "<!-- "+name+":end -->")
		if !ok || !ok2 {
			t.Fatalf("the guide has no place for %s", name)
		}
		if listed != want && !*update {
			t.Errorf("the guide's table of %s is old: run with -update", name)
		}
		text = before + "<!-- " + name + ":begin (generated) -->\n" + want + "<!-- " + name + ":end -->" + rest
	}
	if *update && !bytes.Equal(raw, []byte(text)) {
		if err := os.WriteFile(guide, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryMessageSaysWhoseItIsAndMovesNobodyByAccident(t *testing.T) {
	t.Parallel()
	moving := []string{"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A09", "A10", "A11", "A12", "A13", "A15", "A16", "A21", "A22", "A25", "A26", "A32", "A33", "A38", "A52", "A53", "Z99"}
	for name, list := range everything(t) {
		for _, m := range list {
			parsed, err := hl7.Parse(m.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if got := parsed.Get("PID-3.1"); got != "100815" {
				t.Errorf("%s %s is about %q", name, m.Type, got)
			}
			if len(m.Control) != 20 || parsed.Get("MSH-10") != m.Control {
				t.Errorf("%s %s: control ID %q", name, m.Type, m.Control)
			}
			typ, event, _ := strings.Cut(m.Type, "^")
			snapshot := m.Kind == Admission && event == "A08" && parsed.Get("ZBE-1") != ""
			if typ == "ADT" && !slices.Contains(moving, event) && !snapshot && parsed.Get("PV1-3") != "" {
				t.Errorf("%s %s would move the patient to %s", name, m.Type, parsed.Get("PV1-3"))
			}
		}
	}
}

func TestWhatNobodyKnowsOverwritesNothing(t *testing.T) {
	t.Parallel()
	in := sending(sample{entry: written("note", clinical.Diagnosis{What: clinical.Coded{Text: "Fieber"}})}, targets()["2.5"])
	in.About = Subject{IDs: in.About.IDs, Case: "4711"}
	messages, left := For(in)
	if len(messages) != 1 || len(left) != 0 {
		t.Fatal(messages, left)
	}
	m, _ := hl7.Parse(messages[0].Raw)
	for path, want := range map[string]string{"PID-8": "", "PID-5": "", "PID-7": "", "PV1-2": "U", "PV1-3": "", "PV1-19.1": "4711"} {
		if got := m.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestACharacterThatTheTargetLacksIsSpelledOrGoesToAPerson(t *testing.T) {
	t.Parallel()
	say := func(text, charset string, who clinical.Name) ([]Message, []Left) {
		in := sending(sample{entry: written("note", clinical.Document{ID: number, Text: text, Status: clinical.Final, At: clock(8, 0)})}, target("2.5", charset, false))
		in.About.Name = who
		return For(in)
	}
	weber := clinical.Name{Family: "Weber"}
	for charset, list := range map[string]map[string]string{
		"8859/1":  {"SpO₂ ≥ 92 % – „gut“": `SpO2 >= 92 % - "gut"`, "½ Tbl. µg °C ß": "½ Tbl. µg °C ß", "Łukasz Čapek": "Lukasz Capek", "10⁹/l": "10^9/l", "u\u0308ber": "über"},
		"8859/15": {"1½ Tbl.": "1 1/2 Tbl.", "5 €": "5 €"},
		"ASCII":   {"Größe μg": "Groesse ug", "38 °C": "38 Grad C"},
	} {
		for text, want := range list {
			messages, left := say(text, charset, weber)
			if len(messages) != 1 || len(left) != 0 {
				t.Errorf("%s: %q: %d messages, %v", charset, text, len(messages), left)
				continue
			}
			m, _ := hl7.Parse(messages[0].Raw)
			if got := m.Get("OBX-5"); got != want {
				t.Errorf("%s: %q became %q", charset, text, got)
			}
			if (messages[0].Spelled > 0) != (text != want) && text != "u\u0308ber" {
				t.Errorf("%s: %q: %d spelled", charset, text, messages[0].Spelled)
			}
		}
	}
	messages, left := say("говорит по-русски", "8859/1", weber)
	if len(messages) != 0 || len(left) != 1 || left[0].Message == nil || left[0].Message.Lost == 0 || len(left[0].Message.Raw) == 0 {
		t.Errorf("a text that got lost was sent: %v, %v", messages, left)
	}
	// The name is there to be compared: it holds no finding back.
	messages, left = say("Fieber", "8859/1", clinical.Name{Family: "Иванов", Given: "Łucja"})
	if len(messages) != 1 || len(left) != 0 {
		t.Fatalf("%d messages, %v", len(messages), left)
	}
	if m, _ := hl7.Parse(messages[0].Raw); m.Get("PID-5") != "??????" || m.Get("PID-5.2") != "Lucja" {
		t.Errorf("name %q", m.Get("PID-5"))
	}
	if messages, left = say("говорит по-русски", "UNICODE UTF-8", weber); len(messages) != 1 || len(left) != 0 {
		t.Error("UTF-8 has every character")
	}
}

func TestAmountsWithTwoReadingsAreNotSentAsNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]quantity{
		"1 Tbl.": {low: "1", unit: "Tbl."}, "5 000 IE": {low: "5000", unit: "IE"}, "5\u00a0000 IE": {low: "5000", unit: "IE"}, "0,5 mg": {low: "0.5", unit: "mg"},
		"1–2 Tbl.": {low: "1", high: "2", unit: "Tbl."}, "20-40 Tr.": {low: "20", high: "40", unit: "Tr."}, "½ Tbl.": {low: "0.5", unit: "Tbl."}, "1½ Tbl.": {low: "1.5", unit: "Tbl."},
		"500mg": {low: "500", unit: "mg"}, "0.125 mg": {low: "0.125", unit: "mg"}, "12 500,5 IE": {low: "12500.5", unit: "IE"}, "5 mg/kg": {low: "5", unit: "mg/kg"},
	} {
		if got, ok := amountOf(text); !ok || got != want {
			t.Errorf("%q: %+v %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "1.000 IE", "12.500.000 IE", "2 x 500 mg", "4/0,5 g", "nach Schema", "1,2,3 mg", "2 500 000", "1e3 mg", "-5 mg", "1.000–2.000 IE"} {
		if got, ok := amountOf(text); ok && text != "2 500 000" {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
	for text, want := range map[string]quantity{"2,5 ml/h": {low: "2.5", unit: "ml/h"}, "50 ml/24 h": {low: "50", unit: "ml/24 h"}} {
		if got, ok := rateOf(text); !ok || got != want {
			t.Errorf("%q: %+v %v", text, got, ok)
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"1 Tbl.", "5 000 IE", "½", "1.000", "20–40 Tr.", "2 x 500 mg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, read := range []func(string) (quantity, bool){amountOf, rateOf} {
			if q, ok := read(s); ok && (q.low == "" || strings.ContainsAny(q.low, " ,-–½¼¾")) {
				t.Errorf("%q: %+v is no HL7 number", s, q)
			}
		}
	})
}

func TestControlIDsStayAndAreNeverSharedByTwoMessages(t *testing.T) {
	t.Parallel()
	s := formSamples(t)[0]
	s.entry.Facts = append(s.entry.Facts, clinical.Alert{Kind: clinical.Cave, What: clinical.Coded{Text: "x"}}, clinical.Diagnosis{What: clinical.Coded{Text: "y"}})
	in := sending(s, targets()["2.5"])
	first, _ := For(in)
	by := map[Kind]string{}
	seen := map[string]bool{}
	for _, m := range first {
		if seen[m.Control] {
			t.Errorf("%s twice", m.Control)
		}
		seen[m.Control], by[m.Kind] = true, m.Control
	}
	in.To.Takes = DefaultTakes() // the target no longer takes vital signs
	delete(in.To.Takes, Vitals)
	in.Now = clock(23, 0)
	again, left := For(in)
	if len(again) != len(first)-1 || len(left) != 1 || left[0].Kind != Vitals {
		t.Fatalf("%d messages, left %v", len(again), left)
	}
	for _, m := range again {
		if by[m.Kind] != m.Control {
			t.Errorf("%s got another control ID", m.Kind)
		}
	}
	in.Again = 1
	third, _ := For(in)
	for _, m := range third {
		if seen[m.Control] {
			t.Errorf("%s: released anew after a refusal with the old control ID", m.Kind)
		}
	}
}

func TestWhatTheTargetNeverHadIsNotTakenBackThere(t *testing.T) {
	t.Parallel()
	old := entry.Facts{clinical.Result{Filler: number, SubID: "a", Section: clinical.Vitals, Code: clinical.Coded{Code: "1"}, Value: "1", Status: clinical.Final, At: clock(8, 0)}}
	if messages, left := For(sending(sample{entry: withdrawn("vitals", old)}, targets()["2.5"])); len(messages)+len(left) != 0 {
		t.Errorf("an entry that was withdrawn before anybody had it: %v %v", messages, left)
	}
	now := entry.Facts{clinical.Result{Filler: number, SubID: "b", Section: clinical.Vitals, Code: clinical.Coded{Code: "2"}, Value: "2", Status: clinical.Final, At: clock(8, 0)}}
	messages, _ := For(sending(sample{entry: corrected("vitals", old, now)}, targets()["2.5"]))
	if len(messages) != 1 || bytes.Contains(messages[0].Raw, []byte("||||||W|")) || !bytes.Contains(messages[0].Raw, []byte("||||||F|")) {
		t.Errorf("%s", messages[0].Raw)
	}
	draft := written("note", old...)
	draft.State = entry.Draft
	if messages, left := For(sending(sample{entry: draft}, targets()["2.5"])); len(messages)+len(left) != 0 {
		t.Error("a draft was sent")
	}
}

// TestTakingBackAChangeStopsNothingByItself: to take back a change of somebody
// else's prescription or order would stop that one altogether.
func TestTakingBackAChangeStopsNothingByItself(t *testing.T) {
	t.Parallel()
	rx := clinical.Prescription{Placer: "RX17", Drug: clinical.Coded{Text: "x"}, Status: clinical.InProgress}
	order := clinical.Order{Placer: "A77", What: clinical.Coded{Text: "x"}, Status: clinical.InProgress, Requested: clock(6, 0)}
	for _, f := range []clinical.Fact{rx, order} {
		changed := entry.Facts{f}
		if messages, left := For(sending(sample{entry: written("change", changed...)}, targets()["2.5"])); len(messages) != 1 || len(left) != 0 {
			t.Errorf("a change: %v %v", messages, left)
		}
		messages, left := For(sending(sample{entry: withdrawn("change", changed), was: firstKey}, targets()["2.5"]))
		if len(messages) != 0 || len(left) != 1 || left[0].Message == nil {
			t.Errorf("taken back: %v %v", messages, left)
		}
		stopped := entry.Facts{entry.Retract(changed)[0]}
		messages, _ = For(sending(sample{entry: written("stop", stopped...)}, targets()["2.5"]))
		if len(messages) != 1 || !bytes.Contains(messages[0].Raw, []byte("ORC|DC|RX17")) && !bytes.Contains(messages[0].Raw, []byte("ORC|CA|A77")) {
			t.Errorf("a stop got lost: %v", messages)
		}
	}
}

// TestNothingOfAnEntryIsDroppedSilently takes each sample to targets that take
// nothing, only documents, or have no sheet.
func TestNothingOfAnEntryIsDroppedSilently(t *testing.T) {
	t.Parallel()
	for _, s := range append(samples(t), sample{name: "empty", entry: written("own-page")}) {
		in := sending(s, targets()["2.5"])
		kinds := in.Kinds()
		if len(kinds) == 0 {
			t.Errorf("%s is about nothing", s.name)
		}
		in.To.Takes = nil
		if messages, left := For(in); len(messages) != 0 || len(left) != len(kinds) {
			t.Errorf("%s: by hand: %d messages, %d of %d left", s.name, len(messages), len(left), len(kinds))
		}
		in.To.Takes = map[Kind]Way{}
		for _, k := range Kinds() {
			in.To.Takes[k] = AsDocument
		}
		if messages, left := For(in); len(messages) != 1 || len(left) != 0 || !strings.HasPrefix(messages[0].Type, "MDM") {
			t.Errorf("%s: as a document: %d messages, %v", s.name, len(messages), left)
		}
		in.Sheet = nil
		if messages, left := For(in); !s.entry.Withdrawn && (len(messages) != 0 || len(left) != len(kinds)) {
			t.Errorf("%s: without a sheet: %d messages, %d left", s.name, len(messages), len(left))
		}
		in.About.IDs = nil
		if messages, left := For(in); len(messages) != 0 || len(left) != len(kinds) {
			t.Errorf("%s: of nobody: %d messages, %d left", s.name, len(messages), len(left))
		}
		in = sending(s, targets()["2.5"])
		in.To.NoZBE, in.To.Zone = true, nil
		for _, m := range first(For(in)) {
			if bytes.Contains(m.Raw, []byte("\rZBE|")) {
				t.Errorf("%s has ZBE", s.name)
			}
		}
	}
}

func TestEveryFactOfAnEntryIsOfSomeKind(t *testing.T) {
	t.Parallel()
	for _, f := range []clinical.Fact{
		clinical.Demographics{}, clinical.StayDetails{}, clinical.Movement{}, clinical.Merge{}, clinical.Unmerge{}, clinical.AllergyFact{}, clinical.Alert{},
		clinical.Diagnosis{}, clinical.Procedure{}, clinical.Insurance{}, clinical.Contact{}, clinical.Order{}, clinical.Result{}, clinical.Document{},
		clinical.Prescription{}, clinical.Dose{}, clinical.Appointment{}, clinical.Notice{}, clinical.Progress{},
	} {
		if k := KindOf(f); !slices.Contains(Kinds(), k) {
			t.Errorf("%T is of the kind %q", f, k)
		}
		in := sending(sample{entry: written("x", f)}, targets()["2.5"])
		if messages, left := For(in); len(messages)+len(left) == 0 {
			t.Errorf("%T is dropped", f)
		}
	}
	if _, err := (entry.Facts{clinical.Draft{}}).MarshalJSON(); err == nil {
		t.Error("a draft can be part of an entry: it needs a kind")
	}
}

func first(m []Message, _ []Left) []Message { return m }
