package paper

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// The hospital of these tests: Saturday, 21 November 2026, 05:38. The KIS was
// lost at 02:11.
var (
	berlin  = time.FixedZone("CET", 3600)
	printed = time.Date(2026, 11, 21, 5, 38, 0, 0, berlin)
	asOf    = time.Date(2026, 11, 21, 5, 31, 40, 0, berlin)
)

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, berlin)
}

func from(feed string, t time.Time) clinical.Origin {
	return clinical.Origin{Seq: 80000 + uint64(t.Unix()%9000), Feed: feed, Sent: t, Received: t.Add(2 * time.Second)}
}

func known[T any](v T, t time.Time) chart.Value[T] {
	return chart.Value[T]{V: v, Known: true, Origin: from("kis-adt", t)}
}

func kis(id string) incident.System {
	return incident.System{ID: strings.ToLower(id), Name: lang.Text{DE: id, EN: map[string]string{"KIS": "HIS"}[id]}}
}

func headOf(kind incident.ModeKind, l lang.Lang) Head {
	m := incident.Mode{Kind: kind}
	if kind != incident.Normal {
		m.Since = at(21, 2, 14)
		m.Systems = []incident.System{kis("KIS"), kis("LIS")}
	}
	return Head{
		Hospital: "Klinikum Lindenhof gGmbH, Allgemeinkrankenhaus", Mode: m, AsOf: asOf, Seq: 88123, Printed: printed,
		PrintedBy: "S. Weber", Where: "Drucker Stützpunkt 3A", Lang: l, Zone: berlin,
	}
}

func packOptions() PackOptions {
	return PackOptions{
		Limits: Limits{Master: 12 * time.Hour, Medication: 4 * time.Hour, Laboratory: 12 * time.Hour, Vitals: 8 * time.Hour},
		Feeds: []chart.Feed{
			{Name: "kis-adt", Label: lang.Text{DE: "KIS", EN: "HIS"}, System: "kis", Last: at(21, 2, 11)},
			{Name: "lis", Label: lang.Text{DE: "Labor", EN: "Laboratory"}, System: "lis", Last: at(21, 1, 52)},
			{Name: "ris", Label: lang.Text{DE: "Radiologie", EN: "Radiology"}, System: "ris", Last: at(21, 5, 12)},
		},
		Wards: map[string]string{"3A": "Station 3A · Innere Medizin", "NEO": "Neugeborene"},
	}
}

func lab(panel, loinc, name, value, unit, ref string, t time.Time, flags ...string) chart.Item[clinical.Result] {
	r := clinical.Result{
		Filler: "L" + t.Format("0102150405"), Panel: clinical.Coded{Text: panel}, Code: clinical.Coded{Code: loinc, Text: name, System: "LN"},
		Section: clinical.Laboratory, Value: value, Unit: unit, Range: ref, Flags: flags, Status: clinical.Final, At: t,
	}
	if v, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err == nil {
		r.Number = &v
	}
	return chart.Item[clinical.Result]{V: r, Origin: from("lis", t.Add(50*time.Minute))}
}

func vital(loinc, name, unit string, v float64, digits int, t time.Time) chart.Item[clinical.Result] {
	return chart.Item[clinical.Result]{Origin: from("kis-adt", t.Add(time.Minute)), V: clinical.Result{
		Code: clinical.Coded{Code: loinc, Text: name, System: "LN"}, Section: clinical.Vitals,
		Value: strconv.FormatFloat(v, 'f', digits, 64), Number: &v, Unit: unit, Status: clinical.Final, At: t,
	}}
}

func vitalWeek(fever float64) []chart.Item[clinical.Result] {
	var out []chart.Item[clinical.Result]
	for d := 21; d >= 15; d-- {
		for _, h := range []int{20, 13, 6} {
			t := at(d, h, 10)
			if d == 21 && h == 6 {
				t = at(21, 5, 5)
			}
			if t.After(printed) {
				continue
			}
			x := float64(d*3 + h/7)
			out = append(out,
				vital(loincTemperature, "Temperatur", "°C", math.Round((36.6+fever*(0.5+0.5*math.Sin(x*1.7)))*10)/10, 1, t),
				vital(loincPulse, "Puls", "/min", math.Round(78+fever*9+8*math.Sin(x)), 0, t),
				vital(loincSystolic, "RR systolisch", "mmHg", math.Round(128+12*math.Cos(x)), 0, t),
				vital(loincDiastolic, "RR diastolisch", "mmHg", math.Round(74+6*math.Cos(x)), 0, t),
				vital("59408-5", "SpO₂", "%", math.Round(95-fever+math.Sin(x)), 0, t))
		}
	}
	out[0].Origin.Feed, out[1].Origin.Feed = "here", "here"
	return out
}

func drug(no int, brand, substance, strength, form, dose, scheme, route string) chart.Item[clinical.Prescription] {
	return chart.Item[clinical.Prescription]{Origin: from("kis-adt", at(20, 18, 20)), V: clinical.Prescription{
		Placer: fmt.Sprintf("V%05d", no), Drug: clinical.Coded{Text: brand, System: "PZN"}, Substance: substance, Strength: strength,
		Form: form, Dose: dose, Scheme: scheme, Route: route, Start: at(18, 8, 0), Status: clinical.InProgress,
		By: clinical.Staff{Name: "Dr. Okonjo"},
	}}
}

func stayAt(no clinical.CaseNo, ward, room, bed string, admitted time.Time, reason string) chart.Stay {
	return chart.Stay{
		Case: no, Class: known(clinical.Inpatient, admitted), State: chart.Present,
		Now:       known(clinical.Place{Ward: ward, Room: room, Bed: bed}, at(19, 11, 42)),
		Admitted:  known(admitted, admitted),
		Attending: known(clinical.Staff{ID: "1022", Name: "OÄ Dr. Brandstätter, Miriam"}, admitted),
		Reason:    known(reason, admitted), Service: known("Innere Medizin", admitted),
	}
}

// anna has everything a chart can have, in believable measure.
func anna() *chart.Patient {
	id := clinical.Identifier{Value: "100234", Authority: "LINDENHOF", Type: "PI"}
	p := &chart.Patient{
		Key: id.Key(), Seq: 88011, IDs: []clinical.Identifier{id},
		Name:      known(clinical.Name{Family: "Müller", Given: "Anna"}, at(18, 14, 20)),
		BirthName: known(clinical.Name{Family: "Groß"}, at(18, 14, 20)),
		Birth:     known(clinical.Date{Year: 1951, Month: 4, Day: 3}, at(18, 14, 20)),
		Sex:       known(clinical.Female, at(18, 14, 20)),
		Stays:     []chart.Stay{stayAt("4711001", "3A", "301", "F", at(18, 14, 20), "Pneumonie links basal, Luftnot seit 3 Tagen")},
	}
	o := from("kis-adt", at(18, 15, 2))
	p.Allergies = []chart.Item[clinical.Allergy]{
		{Origin: o, V: clinical.Allergy{Kind: "DA", To: clinical.Coded{Text: "Penicillin"}, Severity: "SV", Reaction: "Anaphylaxie 2009"}},
		{Origin: o, V: clinical.Allergy{Kind: "MA", To: clinical.Coded{Text: "Latex"}, Severity: "MI", Reaction: "Kontaktekzem"}},
		{Origin: o, Cancelled: true, V: clinical.Allergy{Kind: "FA", To: clinical.Coded{Text: "Erdbeeren"}}},
	}
	p.Alerts = []chart.Item[clinical.Alert]{
		{Origin: o, V: clinical.Alert{Kind: clinical.Isolation, What: clinical.Coded{Code: "MRSA", Text: "Kontaktisolation"}, From: at(19, 9, 0)}},
		{Origin: o, V: clinical.Alert{Kind: clinical.Risk, What: clinical.Coded{Text: "Sturzgefahr"}}},
		{Origin: o, V: clinical.Alert{Kind: clinical.Cave, What: clinical.Coded{Text: "Marcumar bis 17.11."}}},
		{Origin: o, V: clinical.Alert{Kind: clinical.Resuscitation, What: clinical.Coded{Text: "keine Reanimation, keine Intubation (DNR/DNI)"}}},
	}
	p.Diagnoses = []chart.Item[clinical.Diagnosis]{
		{Origin: o, V: clinical.Diagnosis{What: clinical.Coded{Code: "J18.1", Text: "Lobärpneumonie, nicht näher bezeichnet"}, Kind: "W", Priority: 1, At: at(18, 15, 0)}},
		{Origin: o, V: clinical.Diagnosis{What: clinical.Coded{Code: "I48.1", Text: "Vorhofflimmern, persistierend"}, Kind: "W", Priority: 2, At: at(18, 15, 0)}},
		{Origin: o, V: clinical.Diagnosis{What: clinical.Coded{Code: "N18.3", Text: "Chronische Nierenkrankheit, Stadium 3"}, Kind: "W", Priority: 3, At: at(18, 15, 0)}},
		{Origin: o, Cancelled: true, V: clinical.Diagnosis{What: clinical.Coded{Code: "I26.9", Text: "Lungenembolie ohne akutes Cor pulmonale"}, Kind: "A", At: at(18, 14, 30)}},
	}
	p.Procedures = []chart.Item[clinical.Procedure]{{Origin: o, V: clinical.Procedure{What: clinical.Coded{Code: "1-710", Text: "Ganzkörperplethysmographie"}, At: at(19, 10, 30)}}}
	annaOrders(p)
	annaDrugs(p)
	annaResults(p)
	p.Documents = []chart.Item[clinical.Document]{
		{Origin: from("ris", at(20, 16, 4)), V: clinical.Document{ID: "R-88120", Title: "Röntgen Thorax in zwei Ebenen", Section: clinical.Radiology, Status: clinical.Corrected, At: at(20, 15, 40), By: clinical.Staff{Name: "Dr. Yıldız, Cem"}, Media: "text/plain",
			Text: "Klinische Angaben: Verlaufskontrolle bei Pneumonie links.\n\nBefund: Gegenüber der Voraufnahme vom 18.11. regredientes Infiltrat im linken Unterfeld. Kleiner Randwinkelerguss links, ca. 150 ml. Kein Pneumothorax. Herz nicht sicher verbreitert, Zwerchfelle glatt begrenzt.\n\nBeurteilung: Rückläufige Unterlappenpneumonie links. Kleiner Begleiterguss."},
			Was: []chart.Version[clinical.Document]{{Origin: from("ris", at(20, 15, 50))}}},
		{Origin: from("kis-adt", at(19, 12, 0)), Cancelled: true, V: clinical.Document{ID: "D-1", Title: "Echokardiographie", Section: clinical.Cardiology, Status: clinical.Withdrawn, At: at(19, 11, 0), Text: "EF 20 %"}},
		{Origin: from("kis-adt", at(18, 18, 0)), V: clinical.Document{ID: "D-2", Title: "Arztbrief Hausarztpraxis Dr. Sörensen", Section: clinical.OtherSection, Status: clinical.Final, At: at(18, 9, 0), Media: "application/pdf", Body: clinical.BodyRef{Size: 184320}}},
	}
	p.Contacts = []chart.Item[clinical.Contact]{{Origin: o, V: clinical.Contact{Name: clinical.Name{Family: "Müller-Lüdenscheidt", Given: "Jürgen"}, Relation: "Sohn", Phones: []string{"0171 5550123"}, Role: "Betreuer"}}}
	return p
}

func annaOrders(p *chart.Patient) {
	p.Orders = []chart.Item[clinical.Order]{
		{Origin: from("kis-adt", at(21, 1, 58)), V: clinical.Order{Placer: "A1", What: clinical.Coded{Text: "Kalium, Kontrolle"}, Section: clinical.Laboratory, Status: clinical.Ordered, Priority: "S", Requested: at(21, 1, 55), Due: at(21, 4, 0), Question: "Hyperkaliämie 6,1", Specimen: "Heparinplasma", By: clinical.Staff{Name: "Dr. Okonjo"}}},
		{Origin: from("kis-adt", at(20, 17, 0)), V: clinical.Order{Placer: "A2", What: clinical.Coded{Text: "CT Thorax mit Kontrastmittel"}, Section: clinical.Radiology, Status: clinical.Scheduled, Priority: "R", Requested: at(20, 16, 55), Due: at(21, 10, 30), Question: "Abszedierung? Cave Nierenfunktion (GFR 38 ml/min/1,73 m²)", By: clinical.Staff{Name: "OÄ Dr. Brandstätter, Miriam"}}},
		{Origin: from("kis-adt", at(19, 9, 0)), V: clinical.Order{Placer: "A3", What: clinical.Coded{Text: "Physiotherapie, Atemtherapie"}, Section: clinical.Consult, Status: clinical.Completed, Requested: at(19, 9, 0)}},
	}
	p.Appointments = []chart.Item[clinical.Appointment]{{Origin: from("kis-adt", at(20, 17, 2)), V: clinical.Appointment{What: clinical.Coded{Text: "CT Thorax"}, Start: at(21, 10, 30), Place: "Radiologie, CT 1", Status: clinical.Booked}}}
}

func annaDrugs(p *chart.Patient) {
	p.Medication = []chart.Item[clinical.Prescription]{
		drug(1, "Clexane multidose", "Enoxaparin-Natrium", "4 000 IE", "Fertigspritze", "4 000 IE", "", "s.c."),
		drug(2, "Meropenem Kabi 1 g", "Meropenem", "1 g", "Pulver zur Infusion", "1 g in 100 ml NaCl 0,9 %", "1-1-1", "i.v."),
		drug(3, "Bisoprolol-ratiopharm 2,5 mg", "Bisoprolol", "2,5 mg", "Tablette", "1 Tbl.", "1-0-½-0", "p.o."),
		drug(4, "Torasemid AL 10 mg", "Torasemid", "10 mg", "Tablette", "1 Tbl.", "1-0-0-0", "p.o."),
		drug(5, "Novaminsulfon Lichtenstein Tropfen", "Metamizol", "500 mg/ml", "Tropfen", "20–40 Tr.", "", "p.o."),
		drug(6, "Kaliumchlorid 7,45 %", "Kaliumchlorid", "1 mmol/ml", "Perfusor", "50 mmol / 50 ml", "", "i.v. ZVK"),
		drug(7, "Marcumar", "Phenprocoumon", "3 mg", "Tablette", "nach INR", "0-0-1-0", "p.o."),
		drug(8, "Pantoprazol 40 mg", "Pantoprazol", "40 mg", "Tablette magensaftresistent", "1 Tbl.", "", "p.o."),
	}
	p.Medication[0].V.Times = []clinical.DayTime{20 * 60}
	p.Medication[1].V.Times = []clinical.DayTime{6 * 60, 14 * 60, 22 * 60}
	p.Medication[1].V.Note = "CAVE Penicillinallergie: erste Gabe unter Überwachung war verträglich"
	p.Medication[4].V.AsNeeded = true
	p.Medication[4].V.MaxDaily = "160 Tr."
	p.Medication[4].V.Indication = "Fieber > 38,5 °C oder Schmerz ≥ 4"
	p.Medication[5].V.Rate = "5 ml/h"
	p.Medication[5].V.Status = clinical.OnHold
	p.Medication[6].V.Status = clinical.Cancelled
	p.Medication[7].V.Interval = "Q24H"
	p.Medication[7].V.Start = at(23, 8, 0)
	p.Doses = []chart.Item[clinical.Dose]{
		{Origin: from("here", at(21, 5, 20)), V: clinical.Dose{Prescription: "V00002", At: at(21, 5, 20), Status: clinical.Given}},
		{Origin: from("kis-adt", at(21, 1, 10)), V: clinical.Dose{Drug: clinical.Coded{Text: "Calciumgluconat 10 %"}, Amount: "10 ml", Route: "i.v.", At: at(21, 1, 10), Status: clinical.Given, By: clinical.Staff{Name: "Dr. Okonjo"}}},
		{Origin: from("kis-adt", at(20, 22, 5)), V: clinical.Dose{Prescription: "V00002", At: at(20, 22, 5), Status: clinical.Given}},
		{Origin: from("kis-adt", at(20, 20, 2)), V: clinical.Dose{Prescription: "V00001", At: at(20, 20, 2), Status: clinical.Given}},
		{Origin: from("kis-adt", at(20, 23, 40)), V: clinical.Dose{Prescription: "V00005", At: at(20, 23, 40), Status: clinical.Given}},
	}
}

func annaResults(p *chart.Patient) {
	e, b, n := "Elektrolyte", "Kleines Blutbild", "Niere, Entzündung"
	var out []chart.Item[clinical.Result]
	for i, t := range []time.Time{at(21, 1, 0), at(20, 6, 15), at(19, 6, 20), at(18, 15, 5)} {
		k := []string{"6,1", "5,2", "4,6", "4,4"}[i]
		flags := [][]string{{"HH"}, {"H"}, {"N"}, nil}[i]
		out = append(out,
			lab(e, "2823-3", "Kalium", k, "mmol/l", "3,5–5,1", t, flags...),
			lab(e, "2951-2", "Natrium", []string{"134", "136", "138", "131"}[i], "mmol/l", "136–145", t, []string{"L", "N", "N", "L"}[i]),
			lab(b, "6690-2", "Leukozyten", []string{"11,9", "14,2", "17,8", "21,35"}[i], "10⁹/l", "3,9–10,2", t, "H"),
			lab(b, "718-7", "Hämoglobin", []string{"10,4", "10,6", "11,1", "11,8"}[i], "g/dl", "12,0–15,6", t, "L"),
			lab(b, "777-3", "Thrombozyten", []string{"412", "398", "355", "301"}[i], "10⁹/l", "150–370", t, []string{"H", "H", "N", "N"}[i]),
			lab(n, "14682-9", "Kreatinin", []string{"148", "139", "131", "126"}[i], "µmol/l", "45–84", t, "H"),
			lab(n, "1988-5", "C-reaktives Protein", []string{"86,4", "142", "231", "298"}[i], "mg/l", "< 5", t, "H"))
	}
	pct := lab(n, "33959-8", "Procalcitonin", "0,05", "µg/l", "< 0,5", at(20, 6, 15))
	pct.V.Comparator = "<"
	inr := lab("Gerinnung", "6301-6", "INR", "2,1", "", "0,9–1,2", at(20, 6, 15), "H")
	inr.V.Status = clinical.Corrected
	old := inr.V
	old.Value, old.Status = "1,2", clinical.Final
	inr.Was = []chart.Version[clinical.Result]{{V: old, Origin: from("lis", at(20, 7, 0))}}
	trop := lab("Herz", "67151-1", "Troponin T hs", "14", "ng/l", "< 14", at(19, 6, 20))
	trop.V.Status = clinical.Withdrawn
	wait := lab("Gerinnung", "3173-2", "aPTT", "", "s", "25–37", at(21, 1, 0))
	wait.V.Status = clinical.Pending
	ddim := lab("Gerinnung", "48065-7", "D-Dimere", "nicht verwertbar, Probe hämolytisch", "mg/l FEU", "< 0,5", at(21, 1, 0))
	hemo := lab(e, "2000-8", "Calcium", "2,21", "mmol/l", "2,20–2,55", at(21, 1, 0))
	hemo.V.Status, hemo.V.Comment = clinical.Preliminary, "leicht hämolytisch"
	micro := lab("Blutkultur, 2 Paar", "600-7", "Kultur", "Streptococcus pneumoniae, Penicillin: sensibel, Ceftriaxon: sensibel", "", "", at(18, 15, 30), "A")
	micro.V.Section = clinical.Microbiology
	weight := vital(loincWeight, "Gewicht", "kg", 71.5, 1, at(19, 7, 0))
	p.Results = append(append(out, pct, inr, trop, wait, ddim, hemo, micro), append(vitalWeek(1.9), weight)...)
}

// heide is a second ordinary patient with few data.
func heide() *chart.Patient {
	id := clinical.Identifier{Value: "100777", Authority: "LINDENHOF"}
	p := &chart.Patient{
		Key: id.Key(), IDs: []clinical.Identifier{id},
		Name:      known(clinical.Name{Prefix: "von der", Family: "Heide", Given: "Karl-Otto", Further: "Friedrich Wilhelm", Title: "Prof. Dr. med."}, at(20, 19, 0)),
		Birth:     known(clinical.Date{Year: 1944, Month: 12}, at(20, 19, 0)),
		Sex:       known(clinical.Male, at(20, 19, 0)),
		NoneKnown: known(true, at(20, 19, 0)),
		Stays:     []chart.Stay{stayAt("4711377", "3A", "301", "T", at(20, 19, 0), "Dekompensierte Herzinsuffizienz")},
	}
	p.Medication = []chart.Item[clinical.Prescription]{drug(31, "Furosemid 40 mg", "Furosemid", "40 mg", "Tablette", "1 Tbl.", "1-1-0", "p.o.")}
	p.Results = vitalWeek(0.4)
	return p
}

// namesake has the name of anna and another birth date.
func namesake() *chart.Patient {
	id := clinical.Identifier{Value: "100891", Authority: "LINDENHOF"}
	return &chart.Patient{
		Key: id.Key(), IDs: []clinical.Identifier{id}, Name: known(clinical.Name{Family: "Müller", Given: "Anna-Lena"}, at(17, 9, 0)),
		Birth: known(clinical.Date{Year: 1962, Month: 9, Day: 12}, at(17, 9, 0)), Sex: known(clinical.Female, at(17, 9, 0)),
		Stays: []chart.Stay{stayAt("4710888", "3A", "305", "T", at(17, 9, 0), "Diabetische Entgleisung")},
	}
}

func rowOf(p *chart.Patient) chart.Row {
	s, _ := p.Current()
	r := chart.Row{
		Place: s.Now.V, Key: p.Key, Case: s.Case, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V, Unnamed: p.Unnamed.V, State: s.State,
		Since: s.Admitted.V, Doctor: s.Attending.V.Name, NoneKnown: p.NoneKnown.V, Reason: s.Reason.V,
	}
	for _, a := range p.Allergies {
		if !a.Cancelled {
			r.Allergies = append(r.Allergies, a.V.To.Label())
		}
	}
	return r
}

func ward3A() (chart.Ward, []*chart.Patient) {
	a, h, n := anna(), heide(), namesake()
	w := chart.Ward{Code: "3A", Name: "Station 3A · Innere Medizin", Kind: "inpatient", Beds: 5, Occupied: 3}
	ra, rh, rn := rowOf(a), rowOf(h), rowOf(n)
	ra.NamesAlike, rn.NamesAlike = true, true
	ra.Isolation, ra.Alerts, ra.Resuscitate = []string{"MRSA"}, []string{"Sturzgefahr"}, "DNR/DNI"
	ra.Critical = []chart.Mark{{Label: "Thrombozyten", Value: "18", Unit: "/nl", Flag: "LL", At: at(21, 1, 20), Critical: true}, {Label: "Kalium", Value: "6,1", Unit: "mmol/l", Flag: "HH", At: at(21, 1, 0), Critical: true}}
	ra.OpenOrders = map[clinical.Section]int{clinical.Laboratory: 1, clinical.Radiology: 1}
	ra.Doses = []chart.Due{{Drug: "Meropenem 1 g", Dose: "1 g", Route: "i.v.", At: 6 * 60}, {Drug: "Bisoprolol 2,5 mg", Dose: "1 Tbl.", Route: "p.o.", At: 8 * 60}, {Drug: "Torasemid 10 mg", Dose: "1 Tbl.", At: 8 * 60}, {Drug: "Heparin", At: 20 * 60}}
	ra.Diagnosis, ra.NewFindings = "Lobärpneumonie", 1
	rh.Vital = &chart.Mark{Label: "Temp", Value: "38,9", Unit: "°C", Flag: "H", At: at(20, 23, 10)}
	rh.Doses = []chart.Due{{Drug: "Vollelektrolyt", Timeless: true, Rate: "83 ml/h"}, {Drug: "Cefuroxim", Dose: "1,5 g", Route: "i.v.", Timeless: true, Interval: "Q8H"}}
	coming := chart.Row{Place: clinical.Place{Ward: "3A"}, Arriving: true, Key: "k3", Case: "4711500", Name: clinical.Name{Family: "Öztürk-Nowakowski", Given: "Ayşe"}, Birth: clinical.Date{Year: 1999, Month: 2, Day: 28}, Sex: clinical.Female, Expected: at(21, 9, 0)}
	w.Rows = []chart.Row{ra, rh, {Place: clinical.Place{Ward: "3A", Room: "302", Bed: "F"}, Free: true}, {Place: clinical.Place{Ward: "3A", Room: "302", Bed: "T"}, Free: true}, rn, coming}
	return w, []*chart.Patient{n, h, a}
}

// mother and newborn twin.
func mother() *chart.Patient {
	id := clinical.Identifier{Value: "101500", Authority: "LINDENHOF"}
	return &chart.Patient{
		Key: id.Key(), IDs: []clinical.Identifier{id}, Name: known(clinical.Name{Family: "Weiß-Çelik", Given: "Frieda"}, at(19, 8, 0)),
		Birth: known(clinical.Date{Year: 1995, Month: 6, Day: 30}, at(19, 8, 0)), Sex: known(clinical.Female, at(19, 8, 0)),
		Stays: []chart.Stay{stayAt("4711399", "GYN", "210", "F", at(19, 8, 0), "Geburt, Zwillinge")},
	}
}

func newborn() *chart.Patient {
	id := clinical.Identifier{Value: "101502", Authority: "LINDENHOF"}
	m := mother()
	p := &chart.Patient{
		Key: id.Key(), IDs: []clinical.Identifier{id}, Name: known(clinical.Name{Family: "Weiß-Çelik", Given: "Mädchen II"}, at(20, 3, 20)),
		Birth: known(clinical.Date{Year: 2026, Month: 11, Day: 20}, at(20, 3, 20)), BirthTime: known(at(20, 3, 12), at(20, 3, 20)),
		Sex: known(clinical.Female, at(20, 3, 20)), Mother: known(m.IDs[0], at(20, 3, 20)), MotherKey: m.Key,
		Order: known(2, at(20, 3, 20)), Multiple: known(true, at(20, 3, 20)),
		Stays: []chart.Stay{stayAt("4711421", "NEO", "1", "2", at(20, 3, 12), "Neugeborenes")},
	}
	p.Results = []chart.Item[clinical.Result]{vital(loincWeight, "Gewicht", "g", 2480, 0, at(20, 3, 20))}
	return p
}

// unnamed is a person nobody could name, brought in an hour ago.
func unnamed() *chart.Patient {
	id := clinical.Identifier{Value: "109999", Authority: "LINDENHOF"}
	return &chart.Patient{
		Key: id.Key(), IDs: []clinical.Identifier{id}, Unnamed: known(true, at(21, 4, 30)),
		Stays: []chart.Stay{{Case: "4711600", State: chart.Present, Now: known(clinical.Place{Ward: "ZNA", Room: "Schockraum 1"}, at(21, 4, 30)), Admitted: known(at(21, 4, 30), at(21, 4, 30))}},
	}
}

// merged holds two identities; nothing else is known.
func merged() *chart.Patient {
	p := heide()
	p.Linked = []chart.Link{{Key: "old", IDs: []clinical.Identifier{{Value: "099123"}}, Origin: from("kis-adt", at(20, 20, 0))}}
	p.Doublets = []chart.Doublet{{Key: "x", Name: clinical.Name{Family: "Heide", Given: "Karl"}, Why: lang.Text{DE: "gleiches Geburtsdatum, andere Nummer", EN: "same birth date, other number"}}}
	p.Dead = known(true, at(21, 3, 0))
	p.Died = known(at(21, 2, 50), at(21, 3, 0))
	return p
}

// crowded has sixty drugs, long names, forty allergies and a long finding.
func crowded() *chart.Patient {
	p := anna()
	p.Name.V = clinical.Name{Prefix: "Freifrau von und zu", Family: "Hohenstein-Leutkirchen-Oberndorf-Wittgenstein", Given: "Maria-Theresia", Further: "Adelheid Kunigunde Walburga Euphrosyne", Title: "Univ.-Prof. Dr. med. Dr. phil. habil."}
	o := from("kis-adt", at(18, 15, 2))
	for i := range 40 {
		p.Allergies = append(p.Allergies, chart.Item[clinical.Allergy]{Origin: o, V: clinical.Allergy{To: clinical.Coded{Text: fmt.Sprintf("Allergen-%02d Mischpräparat", i)}, Reaction: "Urtikaria mit Quincke-Ödem und Bronchospasmus"}})
	}
	p.Medication = nil
	for i := range 60 {
		d := drug(1000+i, fmt.Sprintf("Präparat-%03d Hydrochlorothiazid/Amilorid/Ramipril comp. retard", i), "Hydrochlorothiazidamiloridramiprilkombination", "12,5 mg/2,5 mg/5 mg", "Retardtablette mit veränderter Wirkstofffreisetzung", "1½ Tbl.", []string{"1-0-1-0", "", "2-2-2-2", "nach Plan"}[i%4], "p.o.")
		d.V.AsNeeded = i%10 == 9
		if i%15 == 14 {
			d.V.Status = clinical.Cancelled
		}
		d.V.Note = "Nicht mit Grapefruitsaft; " + strings.Repeat("Einnahme mit ausreichend Flüssigkeit vor der Mahlzeit. ", i%3)
		p.Medication = append(p.Medication, d)
	}
	var text strings.Builder
	for i := range 150 {
		fmt.Fprintf(&text, "Zeile %03d des Verlaufs: Patient wach, orientiert, kardiopulmonal stabil, keine Änderung gegenüber dem Vortag.\n", i)
	}
	p.Documents[0].V.Text = text.String()
	return p
}
