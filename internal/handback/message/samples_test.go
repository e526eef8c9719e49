package message

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
)

// The night of an outage: what a ward, an admission desk, a laboratory and two
// physicians wrote of three people.

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

func clock(hour, minute int) time.Time { return time.Date(2026, 11, 21, hour, minute, 0, 0, berlin) }

const (
	firstKey  = "0191f0f0f0f07000800000000000abcd"
	secondKey = "0191f0f0f0f0700080000000deadbeef"
)

var (
	nurse  = clinical.Staff{ID: "k.schroeder", Name: "Schröder, Käthe"}
	doctor = clinical.Staff{ID: "s.weber", Name: "Dr. von Weber, Sabine"}
	number = entry.Number(firstKey)
)

// odd is what people and pasted texts hold.
const odd = `Größe 1|2^3~4\5&6 # "so"`

func subject() Subject {
	return Subject{
		IDs: []clinical.Identifier{{Value: "100815", Authority: "KIS", Type: "PI"}}, Case: "4711",
		Name:  clinical.Name{Family: "Weißenfels-Müller", Prefix: "von der", Given: "Jörg-Peter", Further: "Änne", Title: "Dr. med.", Suffix: "jun."},
		Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}, Sex: clinical.Male, Place: clinical.Place{Ward: "3A", Room: "312", Bed: "2", Facility: "HAUS"}, Class: clinical.Inpatient,
	}
}

func target(version, charset string, old bool) Target {
	return Target{
		Name: "kis", Version: version, Charset: charset, SendingApp: "NOTBETRIEB", SendingFacility: "HAUS", ReceivingApp: "KIS", ReceivingFacility: "HAUS",
		Authority: "KIS", OldOrders: old, Zone: berlin, Takes: DefaultTakes(),
	}
}

func targets() map[string]Target {
	return map[string]Target{
		"2.5":     target("2.5", "UNICODE UTF-8", false),
		"2.5-old": target("2.5", "8859/1", true),
		"2.3.1":   target("2.3.1", "8859/1", true),
	}
}

// sample is one entry of that night.
type sample struct {
	name  string
	entry *entry.Entry
	about func(*Subject)
	was   string // key of the version the target has
}

func written(form string, facts ...clinical.Fact) *entry.Entry {
	return &entry.Entry{
		Key: firstKey, Root: firstKey, Form: form, State: entry.Signed, Patient: "p", Case: "4711", At: clock(8, 5), Written: clock(8, 12),
		By: nurse, Facts: facts,
	}
}

// corrected is a second version.
func corrected(form string, old, now entry.Facts) *entry.Entry {
	e := written(form, entry.Supersede(old, now)...)
	e.Key, e.Corrects, e.Reason = secondKey, firstKey, "vertippt"
	return e
}

// withdrawn is a second version that takes everything back.
func withdrawn(form string, old entry.Facts) *entry.Entry {
	e := written(form, entry.Retract(old)...)
	e.Key, e.Corrects, e.Withdrawn, e.Reason = secondKey, firstKey, true, "falscher Patient"
	return e
}

// filled is an entry of a form.
func filled(t *testing.T, kind string, typed map[string]string) *entry.Entry {
	t.Helper()
	form := entry.FormOf(kind)
	if form == nil {
		t.Fatalf("no form %s", kind)
	}
	f, wrong := form.Fill(func(name string) string { return typed[name] }, nil, entry.About{
		Now: clock(8, 12), Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}, Sex: clinical.Male, By: nurse,
	})
	for _, w := range wrong {
		if w.Sure == "" {
			t.Fatalf("%s: %s %s", kind, w.Field, w.Say.DE)
		}
	}
	e := written(kind, form.Says(f, number)...)
	e.Fields = f.Typed
	return e
}

// choice is the first option of a field.
func fill(kind string) map[string]string {
	typed := map[string]string{"at": "08:05"}
	for i, f := range entry.FormOf(kind).Fields {
		switch f.Kind {
		case entry.Choice:
			typed[f.Name] = f.Options[min(i%2, len(f.Options)-1)].Value
		case entry.Line, entry.Lines:
			typed[f.Name] = odd
			if f.Max > 0 && f.Max < 40 {
				typed[f.Name] = ""
			}
			if f.Kind == entry.Lines {
				typed[f.Name] = "Erste Zeile: " + odd + "\n\nDritte Zeile ≥ 5 µg"
			}
		}
	}
	return typed
}

func formSamples(t *testing.T) []sample {
	with := func(kind string, more map[string]string) map[string]string {
		typed := fill(kind)
		for k, v := range more {
			typed[k] = v
		}
		return typed
	}
	var out []sample
	for _, x := range []struct {
		name, kind string
		more       map[string]string
	}{
		{"vitals", "vitals", map[string]string{"bp": "185/95", "pulse": "88", "temp": "38,4", "resp": "18", "spo2": "91", "o2": "2", "acvpu": "A", "pain": "3", "note": "nach Mobilisation"}},
		{"fluids", "fluids", map[string]string{"oral": "200", "iv": "500", "urine": "350", "stool": "2x breiig", "note": ""}},
		{"gcs", "gcs", map[string]string{"eyes": "4", "verbal": "4", "motor": "6", "note": ""}},
		{"braden", "braden", nil}, {"besd", "besd", nil},
		{"care-note", "care-note", nil}, {"handover", "handover", nil}, {"note", "note", nil}, {"consent", "consent", nil},
		{"alert", "alert", map[string]string{"kind": "isolation", "what": "MRSA", "until": "24.12.2026"}},
		{"resuscitation", "resuscitation", map[string]string{"status": "DNR", "basis": "patient"}},
		{"diagnosis", "diagnosis", map[string]string{"code": "J18.9", "text": "Pneumonie", "kind": "W", "main": "1"}},
		{"procedure", "procedure", map[string]string{"code": "5-470.11", "text": "Appendektomie"}},
		{"allergy", "allergy", map[string]string{"to": "Penicillin", "kind": "DA", "severity": "SV", "reaction": "Anaphylaxie", "none": ""}},
		{"allergy-none", "allergy", map[string]string{"to": "", "kind": "", "severity": "", "reaction": "", "none": "1"}},
	} {
		out = append(out, sample{name: x.name, entry: filled(t, x.kind, with(x.kind, x.more))})
	}
	return out
}

func ward(w, r, b string) clinical.Place {
	return clinical.Place{Ward: w, Room: r, Bed: b, Facility: "HAUS"}
}

func admissionSamples() []sample {
	insert := clinical.Insert
	known := written("admission",
		clinical.Demographics{
			Name:      clinical.Say(clinical.Name{Family: "Größ-Öztürk", Given: "Zoë", Title: "Prof. Dr."}),
			BirthName: clinical.Say(clinical.Name{Family: "Strauß"}), Birth: clinical.Say(clinical.Date{Year: 1990, Month: 2, Day: 28}), Sex: clinical.Say(clinical.Diverse),
			Address: clinical.Say(clinical.Address{Street: "Am Löhr 5 & 7", City: "Köln", Zip: "50667", Country: "DEU"}), Phones: clinical.Say([]string{"0221 4711", "0170 1"}),
			Language: clinical.Say("türkisch"), Religion: clinical.Say("keine"), Citizen: clinical.Say("DEU"),
		},
		clinical.Movement{ID: number, Action: insert, Kind: clinical.Admission, Event: "A01", Start: clock(8, 5), To: ward("3A", "312", "2"), Class: clinical.Inpatient},
		clinical.StayDetails{
			Class: clinical.Say(clinical.Inpatient), Admitted: clinical.Say(clock(8, 5)), Reason: clinical.Say("Dyspnoe; gefunden: Bahnhof"),
			Attending: clinical.Say(doctor), ExpectedDischarge: clinical.Say(clock(18, 0)), Service: clinical.Say("INN"),
		},
		clinical.Insurance{Fund: "AOK Rheinland", IK: "104212505", Number: "X110411675"},
		clinical.Contact{Name: clinical.Name{Family: "Öztürk", Given: "Ali"}, Relation: "Ehemann", Role: "Bevollmächtigter", Phones: []string{"0221 4712", "0170 2"}},
	)
	unknown := written("admission",
		clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Unbekannt", Given: "Fall N0000012"}), Sex: clinical.Say(clinical.Male), Birth: clinical.Say(clinical.Date{Year: 1960}), Unknown: clinical.Say(true)},
		clinical.Movement{ID: number, Action: insert, Kind: clinical.Visit, Event: "A04", Start: clock(8, 5), To: ward("ZNA", "", ""), Class: clinical.Emergency},
		clinical.StayDetails{Class: clinical.Say(clinical.Emergency), Admitted: clinical.Say(clock(8, 5))},
	)
	newborn := written("newborn",
		clinical.Demographics{
			Name: clinical.Say(clinical.Name{Family: "Größ-Öztürk", Given: "Tochter 2"}), Sex: clinical.Say(clinical.Female), Birth: clinical.Say(clinical.Date{Year: 2026, Month: 11, Day: 21}),
			BirthTime: clinical.Say(clock(8, 5)), Mother: clinical.Say(clinical.Identifier{Value: "100815", Authority: "KIS", Type: "PI"}), Multiple: clinical.Say(true), BirthOrder: clinical.Say(2),
		},
		clinical.Movement{ID: number, Action: insert, Kind: clinical.Admission, Event: "A01", Start: clock(8, 5), To: ward("GEB", "1", ""), Class: clinical.Newborn},
		clinical.StayDetails{Class: clinical.Say(clinical.Newborn), Admitted: clinical.Say(clock(8, 5))},
	)
	move := func(kind clinical.MovementKind, event string, to clinical.Place) entry.Facts {
		return entry.Facts{clinical.Movement{ID: number, Action: insert, Kind: kind, Event: event, Start: clock(8, 5), To: to}}
	}
	transfer := entry.Facts{clinical.Movement{ID: number, Action: insert, Kind: clinical.Transfer, Event: "A02", Start: clock(8, 5), To: ward("ITS", "1", "4"), From: ward("3A", "312", "2")}}
	discharge := append(move(clinical.Discharge, "A03", clinical.Place{}), clinical.StayDetails{Disposition: clinical.Say("gegen ärztlichen Rat")})
	death := entry.Facts{clinical.Demographics{Died: clinical.Say(clock(8, 5)), Dead: clinical.Say(true)}}
	alive := written("death", clinical.Demographics{Died: clinical.Clear[time.Time](), Dead: clinical.Say(false)})
	alive.Key, alive.Corrects, alive.Withdrawn = secondKey, firstKey, true
	later := entry.Facts{clinical.Movement{ID: number, Action: insert, Kind: clinical.Transfer, Event: "A02", Start: clock(7, 55), To: ward("ITS", "1", "3")}}
	fresh := func(s *Subject) { *s = Subject{IDs: s.IDs, Case: "N0000012", New: true} }
	return []sample{
		{name: "admission", entry: known, about: fresh}, {name: "admission-unknown", entry: unknown, about: fresh}, {name: "admission-newborn", entry: newborn, about: fresh},
		{name: "admission-cancelled", entry: withdrawn("admission", known.Facts), was: firstKey},
		{name: "transfer", entry: written("transfer", transfer...)}, {name: "transfer-corrected", entry: corrected("transfer", transfer, later), was: firstKey},
		{name: "transfer-cancelled", entry: withdrawn("transfer", transfer), was: firstKey},
		{name: "leave", entry: written("leave", move(clinical.LeaveStart, "A21", clinical.Place{})...)}, {name: "leave-cancelled", entry: withdrawn("leave", move(clinical.LeaveStart, "A21", clinical.Place{})), was: firstKey},
		{name: "return", entry: written("return", move(clinical.LeaveEnd, "A22", ward("3A", "310", "1"))...)},
		{name: "discharge", entry: written("discharge", discharge...)}, {name: "discharge-cancelled", entry: withdrawn("discharge", discharge[:1]), was: firstKey},
		{name: "death", entry: written("death", death...)}, {name: "death-withdrawn", entry: alive, was: firstKey},
		{name: "person", entry: written("person", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Neu"}), Phones: clinical.Clear[[]string]()}), about: func(s *Subject) { s.Case = "" }},
		{name: "person-new", entry: written("person", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Neu"})}), about: func(s *Subject) { s.Case, s.New = "", true }},
		{name: "same-person", entry: written("same", clinical.Merge{From: []clinical.Identifier{{Value: "N900001", Authority: "NOTBETRIEB", Type: "PI"}}})},
	}
}

func number64(v float64) *float64 { return &v }

func careSamples() []sample {
	lab := entry.Facts{
		clinical.Result{Placer: "A77", Filler: number, Section: clinical.Laboratory, Code: clinical.Coded{Code: "2823-3", Text: "Kalium", System: "LN"}, Local: clinical.Coded{Code: "K", Text: "Kalium", System: "L"}, Value: "6,8", Number: number64(6.8), Unit: "mmol/l", Range: "3.5-5.1", Low: number64(3.5), High: number64(5.1), Flags: []string{"HH"}, Status: clinical.Final, At: clock(7, 30), By: nurse, Comment: "hämolytisch\nKontrolle erbeten"},
		clinical.Result{Placer: "A77", Filler: number, Section: clinical.Laboratory, Code: clinical.Coded{Code: "CRP", Text: "CRP", System: "L"}, Value: "<5", Number: number64(5), Comparator: "<", Unit: "mg/l", Status: clinical.Preliminary, At: clock(7, 30), By: nurse},
		clinical.Result{Placer: "A77", Filler: number, Section: clinical.Laboratory, Code: clinical.Coded{Code: "HBS", Text: "HBs-Ag", System: "L"}, Value: "negativ", Status: clinical.Final, At: clock(7, 30), By: nurse},
	}
	micro := written("micro", clinical.Result{Placer: "A78", Filler: number, Section: clinical.Microbiology, Code: clinical.Coded{Code: "BK", Text: "Blutkultur", System: "L"}, Value: "E. coli\nsensibel: " + odd, Status: clinical.Final, At: clock(7, 30), By: nurse})
	other := entry.Facts{lab[0]}
	fixed := lab[0].(clinical.Result)
	fixed.Value, fixed.Number, fixed.Flags = "4,2", number64(4.2), nil
	order := func(o clinical.Order) *entry.Entry {
		o.Placer, o.Requested, o.By = "N000123", clock(8, 5), doctor
		return written("order-lab", o)
	}
	labOrder := order(clinical.Order{What: clinical.Coded{Code: "BB", Text: "Kleines Blutbild", System: "L"}, Section: clinical.Laboratory, Status: clinical.Ordered, Priority: "S", Due: clock(9, 0), Question: "Anämie?", Specimen: "EDTA-Blut"})
	note := entry.FormOf("note").Says(&entry.Filled{Form: entry.FormOf("note"), About: entry.About{By: doctor}, At: clock(8, 5), Typed: map[string]string{"text": "Zeile eins\nZeile zwei"}}, number)
	started := clinical.Order{Placer: "A77", What: clinical.Coded{Code: "BB", Text: "Kleines Blutbild", System: "L"}, Section: clinical.Laboratory, Status: clinical.Completed, Requested: clock(6, 0), By: doctor}
	long := strings.Repeat("Seit drei Tagen Fieber und Husten, "+odd+". ", 9) + "\nFrage: Infiltrat?"
	return []sample{
		{name: "lab", entry: written("lab", lab...)}, {name: "micro", entry: micro},
		{name: "lab-corrected", entry: corrected("lab", lab, entry.Facts{fixed}), was: firstKey}, {name: "lab-corrected-before", entry: corrected("lab", other, entry.Facts{fixed})},
		{name: "lab-withdrawn", entry: withdrawn("lab", lab), was: firstKey},
		{name: "order-lab", entry: labOrder}, {name: "order-lab-cancelled", entry: withdrawn("order-lab", labOrder.Facts), was: firstKey},
		{name: "order-arrived", entry: written("arrival", clinical.Progress{Placer: "A77", Status: clinical.InProgress})},
		{name: "lab-part", entry: written("lab", lab[2], clinical.Progress{Placer: "A77", Filler: number, Status: clinical.PartResult})},
		{name: "order-done", entry: written("arrival", started)},
		{name: "order-radiology", entry: order(clinical.Order{What: clinical.Coded{Code: "RTX", Text: "Röntgen Thorax", System: "Notbetrieb"}, Section: clinical.Radiology, Status: clinical.Ordered, Priority: "A", Question: long})},
		{name: "note-corrected", entry: corrected("note", note, note), was: firstKey}, {name: "note-withdrawn", entry: withdrawn("note", note), was: firstKey},
		{name: "notice", entry: written("notice", clinical.Notice{Result: "x", By: doctor, At: clock(8, 5), Did: "Gabe von Calciumgluconat"})},
	}
}

func rx(p clinical.Prescription) *entry.Entry {
	p.By, p.Status, p.Start = doctor, clinical.InProgress, clock(8, 0)
	if p.Placer == "" {
		p.Placer = number
	}
	return written("prescription", p)
}

func drugSamples() []sample {
	drug := clinical.Coded{Code: "01234567", Text: "Novalgin 500 mg", System: "PZN"}
	dose := func(d clinical.Dose) entry.Facts {
		d.ID, d.Prescription, d.Drug, d.At, d.By = number, "RX17", drug, clock(8, 5), nurse
		return entry.Facts{d}
	}
	given := dose(clinical.Dose{Status: clinical.Given, Amount: "500 mg", Route: "p.o.", Due: clock(8, 0), Checked: doctor})
	stopped := clinical.Prescription{Placer: "RX17", Drug: drug, Dose: "1 Tbl.", Scheme: "1-0-1-0", Status: clinical.Cancelled, Start: clock(1, 0), By: doctor}
	return []sample{
		{name: "rx-scheme", entry: rx(clinical.Prescription{Drug: drug, Substance: "Metamizol", Strength: "500 mg", Form: "Tablette", Dose: "1 Tbl.", Scheme: "1-0-1-0", Times: []clinical.DayTime{480, 1080}, Route: "p.o.", Indication: "Schmerz", Note: "nach dem Essen", End: clock(23, 0)})},
		{name: "rx-uneven", entry: rx(clinical.Prescription{Drug: drug, Dose: "1 Tbl.", Scheme: "2-0-½-0", Times: []clinical.DayTime{480, 1080}, Route: "p.o."})},
		{name: "rx-times", entry: rx(clinical.Prescription{Drug: drug, Dose: "5 000 IE", Times: []clinical.DayTime{420, 1140}, Route: "s.c."})},
		{name: "rx-interval", entry: rx(clinical.Prescription{Drug: drug, Dose: "1,5 g", Interval: "alle 8 h", Times: []clinical.DayTime{0, 480, 960}, Route: "i.v."})},
		{name: "rx-needed", entry: rx(clinical.Prescription{Drug: clinical.Coded{Text: "Morphin"}, Dose: "2–5 mg", AsNeeded: true, MaxDaily: "30 mg", Indication: "Schmerz > 4", Route: "i.v."})},
		{name: "rx-infusion", entry: rx(clinical.Prescription{Drug: clinical.Coded{Text: "Noradrenalin"}, Strength: "5 mg", Form: "Infusion", Rate: "2,5 ml/h", Route: "i.v.", Note: "MAP > 65"})},
		{name: "rx-unclear", entry: rx(clinical.Prescription{Drug: drug, Dose: "1.000 IE", Interval: "jeden 2. Tag", Route: "s.c."})},
		{name: "rx-stopped", entry: written("prescription", stopped)},
		{name: "dose-given", entry: written("dose", given...)}, {name: "dose-corrected", entry: corrected("dose", given, dose(clinical.Dose{Status: clinical.Partly, Amount: "250 mg", Route: "p.o.", Reason: "erbrochen"})), was: firstKey},
		{name: "dose-retracted", entry: withdrawn("dose", given), was: firstKey},
		{name: "dose-refused", entry: written("dose", dose(clinical.Dose{Status: clinical.Refused, Reason: "lehnt ab", Route: "p.o."})...)},
		{name: "dose-not-given", entry: written("dose", dose(clinical.Dose{Status: clinical.NotGiven, Reason: "nüchtern", Route: "p.o."})...)},
		{name: "dose-postponed", entry: written("dose", dose(clinical.Dose{Status: clinical.Postponed, Until: clock(10, 0), Reason: "OP", Route: "p.o."})...)},
		{name: "dose-unclear", entry: written("dose", dose(clinical.Dose{Status: clinical.Given, Amount: "1.000 IE", Route: "s.c."})...)},
	}
}

func samples(t *testing.T) []sample {
	var out []sample
	for _, list := range [][]sample{formSamples(t), admissionSamples(), careSamples(), drugSamples()} {
		out = append(out, list...)
	}
	return out
}

var sheet = []byte("%PDF-1.4 a sheet")

// sending is a sample to a target.
func sending(s sample, to Target) Sending {
	about := subject()
	if s.about != nil {
		s.about(&about)
	}
	return Sending{To: to, Entry: s.entry, About: about, Sheet: sheet, Before: s.was, Now: clock(20, 0)}
}
