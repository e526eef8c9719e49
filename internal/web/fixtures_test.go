package web

import (
	"math"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// The fixtures are people who do not exist, on a night that was not.

var berlin = mustZone("Europe/Berlin")

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// theNow is Thursday 19 November 2026, 05:36.
var theNow = time.Date(2026, 11, 19, 5, 36, 0, 0, berlin)

func ago(d time.Duration) time.Time { return theNow.Add(-d) }

func org(seq uint64, feed string, d time.Duration) clinical.Origin {
	return clinical.Origin{Seq: seq, Feed: feed, Sent: ago(d), Received: ago(d - 2*time.Second)}
}

func val[T any](v T, o clinical.Origin) chart.Value[T] {
	return chart.Value[T]{V: v, Known: true, Origin: o}
}

func fixtureRights() map[staff.Right]bool {
	m := map[staff.Right]bool{}
	for _, r := range []staff.Right{staff.SeeHouse, staff.SeeWard, staff.Search, staff.SeeIdentity, staff.SeeChart, staff.SeeMedication, staff.SeeResults,
		staff.SeeFindings, staff.SeeSources, staff.SeeUnread, staff.Print, staff.PrintHouse, staff.DeclareOutage, staff.ManagePeople, staff.SearchReads, staff.OperateDemo, staff.BreakGlass, staff.Admit, staff.SeeHarm, staff.ReportEvent, staff.ReviewHarm, staff.SeeEstate, staff.KeepEstate, staff.SeeEvidence, staff.KeepEvidence, staff.GiveEvidence, staff.HoldRecords, staff.FileSheets, staff.ReleaseEntries, staff.OperateHandback} {
		m[r] = true
	}
	return m
}

func fixtureFrame(kind incident.ModeKind) Frame {
	f := Frame{
		Lang: lang.DE, Now: theNow, House: "Klinikum Bad Sonnenfeld", Path: "/", Limits: DefaultLimits(), Seq: 88123,
		User: &userView{Name: "S. Weber", ID: "s.weber", Wards: []string{"3A", "3B"}, Rights: fixtureRights()},
	}
	f.AsOf = f.stamp(ago(14 * time.Second))
	kis := 40 * time.Second
	m := incident.Mode{Kind: kind}
	switch kind {
	case incident.Emergency:
		kis = 3*time.Hour + 24*time.Minute
		m.Since = ago(3*time.Hour + 22*time.Minute)
		m.Systems = []incident.System{{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}, {ID: "ris", Name: lang.Text{DE: "RIS", EN: "RIS"}}}
	case incident.Exercise:
		m.Since = ago(22 * time.Minute)
		m.Systems = []incident.System{{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}}
	case incident.Normal:
	}
	f.Mode = newModeView(m, f)
	f.Feeds = newFeedViews([]chart.Feed{
		{Name: "kis-adt", Label: lang.Text{DE: "KIS Aufnahme", EN: "HIS admissions"}, System: "kis", Last: ago(kis), Count: 40122},
		{Name: "kis-orders", Label: lang.Text{DE: "KIS Medikation", EN: "HIS medication"}, System: "kis", Last: ago(kis + 70*time.Second), Count: 31877},
		{Name: "lis", Label: lang.Text{DE: "Labor", EN: "Laboratory"}, System: "lis", Last: ago(6 * time.Minute), Count: 12001},
		{Name: "ris", Label: lang.Text{DE: "Radiologie", EN: "Radiology"}, System: "ris", Last: ago(38 * time.Minute), Count: 3120},
		{Name: "pdms", Label: lang.Text{DE: "Vitalwerte", EN: "Vital signs"}, System: "pdms", Last: ago(2 * time.Minute), Count: 90877},
	}, f)
	f.Unread = 3
	return f
}

func fixtureHouse() chart.House {
	return chart.House{Seq: 88123, AsOf: theNow, Patients: 312, Unread: 3, Wards: []chart.WardLine{
		{Code: "ZNA", Name: "Zentrale Notaufnahme", Kind: "emergency", Beds: 14, Occupied: 11, Critical: 2, Isolated: 1, Arriving: 3},
		{Code: "ITS1", Name: "Operative Intensivstation", Kind: "icu", Beds: 12, Occupied: 11, Critical: 4, Isolated: 2, Arriving: 0},
		{Code: "ITS2", Name: "Internistische Intensivstation", Kind: "icu", Beds: 10, Occupied: 10, Critical: 3, Isolated: 1, Arriving: 1},
		{Code: "2A", Name: "Unfallchirurgie", Kind: "inpatient", Beds: 32, Occupied: 29, Critical: 1, Isolated: 2, Arriving: 2},
		{Code: "2B", Name: "Allgemein- und Viszeralchirurgie", Kind: "inpatient", Beds: 32, Occupied: 30, Critical: 0, Isolated: 1, Arriving: 1},
		{Code: "3A", Name: "Innere Medizin, Kardiologie", Kind: "inpatient", Beds: 28, Occupied: 24, Critical: 3, Isolated: 2, Arriving: 1},
		{Code: "3B", Name: "Innere Medizin, Gastroenterologie", Kind: "inpatient", Beds: 28, Occupied: 27, Critical: 1, Isolated: 4, Arriving: 0},
		{Code: "4A", Name: "Neurologie mit Stroke Unit", Kind: "inpatient", Beds: 30, Occupied: 26, Critical: 1, Isolated: 0, Arriving: 1},
		{Code: "5G", Name: "Geriatrie", Kind: "inpatient", Beds: 36, Occupied: 35, Critical: 0, Isolated: 3, Arriving: 0},
		{Code: "K1", Name: "Kinderklinik", Kind: "inpatient", Beds: 24, Occupied: 15, Critical: 0, Isolated: 1, Arriving: 0},
		{Code: "GEB", Name: "Geburtshilfe und Wochenstation", Kind: "obstetrics", Beds: 26, Occupied: 19, Critical: 0, Isolated: 0, Arriving: 4},
		{Code: "RAD", Name: "Radiologie", Kind: "service", Beds: 0, Occupied: 3, Critical: 0, Isolated: 0, Arriving: 0},
		{Code: "LAB", Name: "Labor", Kind: "service", Beds: 0, Occupied: 0, Critical: 0, Isolated: 0, Arriving: 0},
	}}
}

type bedPatient struct {
	bed, family, prefix, given string
	y, m, d                    int
	sex                        clinical.Sex
	day                        int
	doctor, why                string
}

func fixtureWard() chart.Ward {
	people := []bedPatient{
		{"301 F", "Müller", "", "Anna", 1951, 4, 3, "F", 4, "Dr. Weber, Sabine", "Dekompensierte Herzinsuffizienz"},
		{"301 T", "Heide", "von der", "Karl-Otto", 1944, 9, 21, "M", 1, "Dr. Weber, Sabine", "Pneumonie, nicht näher bezeichnet"},
		{"302 F", "", "", "", 0, 0, 0, "", 0, "", ""},
		{"302 T", "Yıldırım", "", "Ayşe", 1968, 1, 30, "F", 2, "Dr. Okonkwo, Chidi", "NSTEMI"},
		{"303 F", "Müller", "", "Anna-Maria", 1953, 11, 3, "F", 7, "Dr. Weber, Sabine", "Vorhofflimmern, tachykard"},
		{"303 M", "Großkopf-Schäfer", "", "Gertrud", 1938, 6, 12, "F", 11, "Dr. Okonkwo, Chidi", "Exsikkose, Synkope"},
		{"303 T", "Öztürk", "", "Mehmet", 1975, 2, 14, "M", 1, "Dr. Weber, Sabine", "Thoraxschmerz, Ausschluss ACS"},
		{"304 F", "Kowalczyk", "", "Zdzisław", 1949, 12, 24, "M", 3, "PD Dr. Brandt, Ute", "Aortenklappenstenose"},
		{"304 T", "Lindner", "", "Rosemarie", 1957, 8, 8, "F", 5, "PD Dr. Brandt, Ute", "Lungenembolie"},
		{"305 F", "", "", "", 0, 0, 0, "", 0, "", ""},
		{"305 T", "Bärenfänger", "", "Jürgen", 1962, 3, 17, "M", 9, "Dr. Okonkwo, Chidi", "Endokarditis"},
		{"306 F", "Saint-Exupéry", "de", "Chloé", 1990, 7, 29, "F", 2, "Dr. Weber, Sabine", "Myokarditis"},
		{"306 T", "Schulze", "", "Hans-Dieter", 1940, 5, 1, "M", 14, "Dr. Weber, Sabine", "Terminale Herzinsuffizienz"},
		{"307 E", "Nguyen", "", "Thi Lan", 1983, 10, 5, "F", 6, "PD Dr. Brandt, Ute", "Tuberkulose, Verdacht"},
		{"308 F", "Weiß", "", "Elfriede", 1935, 1, 19, "F", 8, "Dr. Okonkwo, Chidi", "Hypertensive Entgleisung"},
		{"308 T", "Ramírez Ortega", "", "José", 1959, 4, 22, "M", 4, "PD Dr. Brandt, Ute", "Linksherzkatheter"},
	}
	w := chart.Ward{Code: "3A", Name: "Innere Medizin, Kardiologie", Kind: "inpatient", Beds: 28}
	for i, p := range people {
		room, bed, _ := strings.Cut(p.bed, " ")
		r := chart.Row{Place: clinical.Place{Ward: "3A", Room: room, Bed: bed}}
		if p.family == "" {
			r.Free = true
			w.Rows = append(w.Rows, r)
			continue
		}
		w.Occupied++
		c := strconv.Itoa(4711001 + i*37)
		r.Key = clinical.Identifier{Value: c}.Key()
		r.Case, r.Name = clinical.CaseNo(c), clinical.Name{Family: p.family, Prefix: p.prefix, Given: p.given}
		r.Birth, r.Sex, r.Class, r.State = clinical.Date{Year: p.y, Month: p.m, Day: p.d}, p.sex, clinical.Inpatient, chart.Present
		r.Since, r.Doctor, r.Diagnosis = ago(time.Duration(p.day-1)*24*time.Hour+3*time.Hour), p.doctor, p.why
		if p.day == 1 {
			r.Since = ago(4 * time.Hour)
		}
		r.Origin, r.OpenOrders = org(uint64(88000+i), "kis-adt", time.Hour), map[clinical.Section]int{}
		w.Rows = append(w.Rows, r)
	}
	wardDetails(w.Rows)
	arr := chart.Row{Place: clinical.Place{Ward: "3A"}, Arriving: true, Key: "arrivingarriving", Case: "4712000", Name: clinical.Name{Family: "Petersen", Given: "Wiebke"},
		Birth: clinical.Date{Year: 1971, Month: 2, Day: 2}, Sex: clinical.Female, Class: clinical.Inpatient, State: chart.Planned, Expected: ago(-3 * time.Hour), Reason: "Elektive Kardioversion"}
	w.Rows = append(w.Rows, arr)
	return w
}

func wardDetails(rows []chart.Row) {
	hep := func(h, m int, last time.Duration) chart.Due {
		return chart.Due{Drug: "Heparin", Dose: "5 000 IE s.c.", At: clinical.DayTime(h*60 + m), Last: ago(last), From: ago(90 * time.Hour)}
	}
	anna := &rows[0]
	anna.NamesAlike, rows[4].NamesAlike = true, true
	anna.Allergies, anna.Isolation = []string{"Penicillin"}, []string{"MRSA"}
	anna.Critical = []chart.Mark{{Label: "Kalium", Value: "6.1", Unit: "mmol/l", Flag: "HH", At: ago(3*time.Hour + 56*time.Minute), Critical: true}}
	anna.Vital = &chart.Mark{Label: "RR", Value: "92/54", Unit: "mmHg", Flag: "L", At: ago(50 * time.Minute)}
	anna.OpenOrders[clinical.Laboratory] = 1
	anna.OpenOrders[clinical.Cardiology] = 1
	anna.Doses = []chart.Due{hep(2, 0, 14*time.Hour), {Drug: "Furosemid", Dose: "40 mg i.v.", At: 5*60 + 30, From: ago(50 * time.Hour)}, {Drug: "Pantoprazol", Dose: "40 mg p.o.", At: 8 * 60}}
	anna.NewFindings = 2
	rows[1].NoneKnown = true
	rows[1].Vital = &chart.Mark{Label: "Temp", Value: "38.9", Unit: "°C", Flag: "H", At: ago(6*time.Hour + 6*time.Minute)}
	rows[1].Critical = []chart.Mark{{Label: "Laktat", Value: "4.2", Unit: "mmol/l", Flag: "HH", At: ago(70 * time.Minute), Critical: true}}
	rows[1].OpenOrders[clinical.Microbiology] = 2
	rows[1].OpenOrders[clinical.Radiology] = 1
	rows[1].Doses = []chart.Due{{Drug: "Ceftriaxon", Dose: "2 g i.v.", At: 6 * 60, From: ago(4 * time.Hour)}, {Drug: "Vollelektrolyt", Timeless: true, Rate: "83 ml/h"}}
	rows[3].Allergies = []string{"Kontrastmittel, jodhaltig", "Ibuprofen"}
	rows[3].Doses = []chart.Due{hep(6, 0, 24*time.Hour)}
	rows[3].Critical = []chart.Mark{{Label: "Troponin T", Value: "412", Unit: "ng/l", Flag: "HH", At: ago(2 * time.Hour), Critical: true}}
	rows[4].NoneKnown, rows[5].NoneKnown = true, false
	rows[5].Resuscitate = "keine Reanimation"
	rows[5].Alerts = []string{"Sturzgefahr", "Dekubitusrisiko"}
	rows[6].NoneKnown, rows[6].NewFindings = true, 1
	rows[7].OpenOrders[clinical.Surgery] = 1
	rows[8].Allergies = []string{"Latex"}
	rows[8].Doses = []chart.Due{{Drug: "Enoxaparin", Dose: "80 mg s.c.", At: 4 * 60, From: ago(80 * time.Hour)}}
	rows[10].Isolation = []string{"Kontakt"}
	rows[12].Resuscitate, rows[12].State = "DNR/DNI", chart.Away
	rows[13].Isolation = []string{"Aerosol"}
	rows[13].Alerts = []string{"Dolmetscher Vietnamesisch"}
	rows[14].Dead = true
}

var drugs = []clinical.Prescription{
	{Placer: "M1", Drug: clinical.Coded{Code: "01970503", Text: "Furosemid-ratiopharm", System: "PZN"}, Substance: "Furosemid", Strength: "40 mg", Form: "Ampulle", Dose: "1 Amp.", Scheme: "1-0-1-0", Times: []clinical.DayTime{330, 1080}, Route: "i.v.", Note: "Gewicht täglich"},
	{Placer: "M2", Drug: clinical.Coded{Text: "Ramipril"}, Substance: "Ramipril", Strength: "5 mg", Form: "Tablette", Dose: "1 Tbl.", Scheme: "1-0-0-0", Times: []clinical.DayTime{480}, Route: "p.o."},
	{Placer: "M3", Drug: clinical.Coded{Text: "Beloc-Zok mite"}, Substance: "Metoprololsuccinat", Strength: "47,5 mg", Form: "Retardtablette", Dose: "1 Tbl.", Scheme: "1-0-1-0", Times: []clinical.DayTime{480, 1200}, Route: "p.o."},
	{Placer: "M4", Drug: clinical.Coded{Text: "Heparin-Natrium"}, Substance: "Heparin", Strength: "5 000 IE/0,2 ml", Form: "Injektionslösung", Dose: "5 000 IE", Times: []clinical.DayTime{120, 600, 1080}, Route: "s.c.", Interval: "alle 8 h"},
	{Placer: "M5", Drug: clinical.Coded{Text: "Pantozol"}, Substance: "Pantoprazol", Strength: "40 mg", Form: "Tablette", Dose: "1 Tbl.", Scheme: "1-0-0-0", Times: []clinical.DayTime{480}, Route: "p.o."},
	{Placer: "M6", Drug: clinical.Coded{Text: "Noradrenalin-Perfusor"}, Substance: "Norepinephrin", Strength: "5 mg/50 ml", Form: "Perfusor", Rate: "2,4 ml/h", Route: "i.v. ZVK", Note: "Ziel MAD über 65 mmHg"},
	{Placer: "M7", Drug: clinical.Coded{Text: "Novaminsulfon"}, Substance: "Metamizol", Strength: "500 mg/ml", Form: "Tropfen", Dose: "20–40 Tr.", AsNeeded: true, MaxDaily: "4 × täglich", Indication: "Schmerz NRS über 3", Route: "p.o."},
	{Placer: "M8", Drug: clinical.Coded{Text: "Ampicillin/Sulbactam"}, Substance: "Ampicillin, Penicilline", Strength: "3 g", Form: "Infusion", Dose: "3 g", Scheme: "1-1-1-0", Times: []clinical.DayTime{360, 840, 1320}, Route: "i.v.", Status: clinical.Cancelled, Note: "Abgesetzt wegen Allergie"},
	{Placer: "M9", Drug: clinical.Coded{Text: "Kalinor"}, Substance: "Kalium", Strength: "1,56 g", Form: "Brausetablette", Dose: "1 Tbl.", Scheme: "1-1-1-0", Route: "p.o.", Status: clinical.Completed},
	{Placer: "M10", Drug: clinical.Coded{Text: "Marcumar"}, Substance: "Phenprocoumon", Strength: "3 mg", Form: "Tablette", Dose: "nach INR", Times: []clinical.DayTime{1080}, Route: "p.o.", Status: clinical.OnHold, Note: "pausiert bis Rücksprache"},
}

func fixturePatient() *chart.Patient {
	o := org(87990, "kis-adt", 90*time.Hour)
	p := &chart.Patient{
		Key: clinical.Identifier{Value: "4711001"}.Key(), Seq: 88101, IDs: []clinical.Identifier{{Value: "900417", Authority: "KIS", Type: "PI"}},
		Name: val(clinical.Name{Family: "Müller", Given: "Anna"}, o), BirthName: val(clinical.Name{Family: "Schäfer"}, o),
		Birth: val(clinical.Date{Year: 1951, Month: 4, Day: 3}, o), Sex: val(clinical.Female, o),
		Address: val(clinical.Address{Street: "Lange Straße 12 a", Zip: "32105", City: "Bad Sonnenfeld"}, o), Phones: val([]string{"05222 40 11 23"}, o),
		Language: val("Deutsch", o),
		Linked:   []chart.Link{{Key: "abcdefabcdefabcd", IDs: []clinical.Identifier{{Value: "881204"}}, Origin: org(86000, "kis-adt", 80*time.Hour)}},
	}
	place := clinical.Place{Ward: "3A", Room: "301", Bed: "F"}
	p.Stays = []chart.Stay{{
		Case: "4711001", Class: val(clinical.Inpatient, o), Service: val("Kardiologie", o), Attending: val(clinical.Staff{Name: "Dr. Weber, Sabine"}, o), Referring: val(clinical.Staff{Name: "Dr. Hoppe, Bad Sonnenfeld"}, o),
		Admitted: val(time.Date(2026, 11, 16, 10, 40, 0, 0, berlin), o), Reason: val("Zunehmende Luftnot seit drei Tagen, Beinödeme beidseits", o),
		ExpectedDischarge: val(time.Date(2026, 11, 23, 11, 0, 0, 0, berlin), o), Now: val(place, o), State: chart.Present,
		Movements: []chart.Item[clinical.Movement]{
			{V: clinical.Movement{ID: "B1", Kind: clinical.Admission, Event: "A01", Start: time.Date(2026, 11, 16, 10, 40, 0, 0, berlin), To: clinical.Place{Ward: "ZNA", Room: "S2"}}, Origin: org(86500, "kis-adt", 67*time.Hour)},
			{V: clinical.Movement{ID: "B2", Kind: clinical.Transfer, Event: "A02", Start: time.Date(2026, 11, 16, 13, 5, 0, 0, berlin), To: clinical.Place{Ward: "ITS2", Room: "4", Bed: "1"}, From: clinical.Place{Ward: "ZNA"}}, Origin: org(86612, "kis-adt", 64*time.Hour), Cancelled: true},
			{V: clinical.Movement{ID: "B3", Kind: clinical.Transfer, Event: "A02", Start: time.Date(2026, 11, 18, 14, 20, 0, 0, berlin), To: place, From: clinical.Place{Ward: "ITS2"}}, Origin: org(87711, "kis-adt", 15*time.Hour)},
		},
	}}
	p.Allergies = []chart.Item[clinical.Allergy]{
		{V: clinical.Allergy{Kind: "DA", To: clinical.Coded{Text: "Penicilline"}, Severity: "SV", Reaction: "Anaphylaxie 2009"}, Origin: o},
		{V: clinical.Allergy{Kind: "MA", To: clinical.Coded{Text: "Pflaster"}, Severity: "MI", Reaction: "Rötung"}, Origin: o},
	}
	p.Alerts = []chart.Item[clinical.Alert]{
		{V: clinical.Alert{Kind: clinical.Isolation, What: clinical.Coded{Text: "MRSA, Kontaktisolation"}}, Origin: o},
		{V: clinical.Alert{Kind: clinical.Cave, What: clinical.Coded{Text: "Herzschrittmacher DDD"}}, Origin: o},
		{V: clinical.Alert{Kind: clinical.Risk, What: clinical.Coded{Text: "Sturzgefahr"}}, Origin: o},
		{V: clinical.Alert{Kind: clinical.Resuscitation, What: clinical.Coded{Text: "volle Therapie"}}, Origin: o},
	}
	p.Diagnoses = []chart.Item[clinical.Diagnosis]{
		{V: clinical.Diagnosis{What: clinical.Coded{Code: "I50.14", Text: "Linksherzinsuffizienz mit Beschwerden in Ruhe", System: "ICD10GM2026"}, Kind: "A", Priority: 1, At: ago(66 * time.Hour)}, Origin: o},
		{V: clinical.Diagnosis{What: clinical.Coded{Code: "I48.1", Text: "Vorhofflimmern, persistierend"}, Kind: "W", Priority: 2, At: ago(66 * time.Hour)}, Origin: o},
		{V: clinical.Diagnosis{What: clinical.Coded{Code: "N18.3", Text: "Chronische Nierenkrankheit, Stadium 3"}, Kind: "W", Priority: 3, At: ago(66 * time.Hour)}, Origin: o},
		{V: clinical.Diagnosis{What: clinical.Coded{Code: "E11.90", Text: "Diabetes mellitus, Typ 2"}, Kind: "W", Priority: 4, At: ago(60 * time.Hour)}, Origin: o},
	}
	p.Procedures = []chart.Item[clinical.Procedure]{{V: clinical.Procedure{What: clinical.Coded{Code: "3-052", Text: "Transösophageale Echokardiographie"}, At: ago(40 * time.Hour)}, Origin: o}}
	p.Insurances = []chart.Item[clinical.Insurance]{{V: clinical.Insurance{Fund: "AOK NordWest", IK: "103411401", Number: "M123456789"}, Origin: o}}
	p.Contacts = []chart.Item[clinical.Contact]{{V: clinical.Contact{Name: clinical.Name{Family: "Müller", Given: "Frank"}, Relation: "Sohn", Phones: []string{"0171 555 01 23"}, Role: "Bevollmächtigter"}, Origin: o}}
	fixtureOrders(p)
	fixtureMedication(p)
	fixtureVitals(p)
	fixtureLab(p)
	return p
}

func fixtureOrders(p *chart.Patient) {
	p.Orders = []chart.Item[clinical.Order]{
		{V: clinical.Order{Placer: "A9", What: clinical.Coded{Text: "Elektrolyte, Kontrolle"}, Section: clinical.Laboratory, Status: clinical.InProgress, Priority: "S", Requested: ago(2 * time.Hour), Question: "Kalium 6,1: Verlauf", By: clinical.Staff{Name: "Dr. Weber, Sabine"}, Specimen: "Lithium-Heparin"}, Origin: org(88090, "kis-orders", 2*time.Hour)},
		{V: clinical.Order{Placer: "A8", What: clinical.Coded{Text: "Echokardiographie transthorakal"}, Section: clinical.Cardiology, Status: clinical.Scheduled, Requested: ago(20 * time.Hour), Due: time.Date(2026, 11, 19, 9, 15, 0, 0, berlin), Question: "EF? Perikarderguss?", By: clinical.Staff{Name: "Dr. Weber, Sabine"}}, Origin: org(87800, "kis-orders", 20*time.Hour)},
		{V: clinical.Order{Placer: "A7", What: clinical.Coded{Text: "Röntgen Thorax in zwei Ebenen"}, Section: clinical.Radiology, Status: clinical.Completed, Requested: ago(60 * time.Hour)}, Origin: org(86700, "kis-orders", 60*time.Hour)},
		{V: clinical.Order{Placer: "A6", What: clinical.Coded{Text: "Konsil Nephrologie"}, Section: clinical.Consult, Status: clinical.Cancelled, Requested: ago(50 * time.Hour)}, Origin: org(86900, "kis-orders", 50*time.Hour), Cancelled: true},
	}
	p.Documents = []chart.Item[clinical.Document]{
		{V: clinical.Document{ID: "D3", Kind: clinical.Coded{Text: "Röntgenbefund"}, Title: "Röntgen Thorax in zwei Ebenen", Section: clinical.Radiology, Status: clinical.Final, At: ago(9 * time.Hour), By: clinical.Staff{Name: "Dr. Lohmann, Peer"}, Media: "text/plain",
			Text: "Klinische Angaben: Dyspnoe, Beinödeme.\n\nBefund: Herz linksbetont verbreitert. Beidseits basale Pleuraergüsse, rechts mehr als links. Vermehrte interstitielle Zeichnung mit Kerley-B-Linien. Kein Pneumothorax. Schrittmacheraggregat links pektoral, Sonden regelrecht.\n\nBeurteilung: Pulmonalvenöse Stauung mit Ergüssen, im Vergleich zur Voraufnahme gering rückläufig. Kein Infiltrat."}, Origin: org(87905, "ris", 9*time.Hour)},
		{V: clinical.Document{ID: "D2", Kind: clinical.Coded{Text: "Arztbrief"}, Title: "Verlegungsbrief Intensivstation", Section: clinical.OtherSection, Status: clinical.Final, At: ago(15 * time.Hour), By: clinical.Staff{Name: "OA Dr. Thiel"}, Media: "application/pdf", Body: clinical.BodyRef{Segment: 5, Field: 5, Coding: "Base64", Size: 84210}}, Origin: org(87700, "kis-doc", 15*time.Hour)},
		{V: clinical.Document{ID: "D1", Kind: clinical.Coded{Text: "EKG"}, Title: "Ruhe-EKG, 12 Ableitungen", Section: clinical.Cardiology, Status: clinical.Withdrawn, At: ago(60 * time.Hour), Media: "application/pdf", Body: clinical.BodyRef{Segment: 4, Size: 40000}}, Origin: org(86720, "kis-doc", 60*time.Hour)},
	}
	p.Appointments = []chart.Item[clinical.Appointment]{
		{V: clinical.Appointment{Filler: "T1", What: clinical.Coded{Text: "Echokardiographie"}, Start: time.Date(2026, 11, 19, 9, 15, 0, 0, berlin), Place: "Herzecholabor, Ebene 1", Status: clinical.Booked}, Origin: org(87801, "kis-orders", 20*time.Hour)},
		{V: clinical.Appointment{Filler: "T2", What: clinical.Coded{Text: "Physiotherapie"}, Start: time.Date(2026, 11, 19, 11, 0, 0, 0, berlin), Place: "Station", Status: clinical.Rescheduled}, Origin: org(87802, "kis-orders", 20*time.Hour)},
	}
}

func fixtureMedication(p *chart.Patient) {
	for i, d := range drugs {
		d.By = clinical.Staff{Name: "Dr. Weber, Sabine"}
		d.Start = time.Date(2026, 11, 16, 14, 0, 0, 0, berlin)
		if d.Status == "" {
			d.Status = clinical.InProgress
		}
		if d.Status == clinical.Cancelled || d.Status == clinical.Completed {
			d.End = time.Date(2026, 11, 17, 9, 30, 0, 0, berlin)
		}
		it := chart.Item[clinical.Prescription]{V: d, Origin: org(uint64(87000+i), "kis-orders", 60*time.Hour)}
		if i == 5 {
			w := d
			w.Rate = "4,0 ml/h"
			it.Was = []chart.Version[clinical.Prescription]{{V: w, Origin: org(87001, "kis-orders", 20*time.Hour)}}
		}
		p.Medication = append(p.Medication, it)
		for day := 16; day <= 19; day++ {
			for _, at := range d.Times {
				t := time.Date(2026, 11, day, 0, int(at)+6, 0, 0, berlin)
				if t.Before(d.Start) || t.After(theNow) || !d.End.IsZero() && t.After(d.End) || d.Status == clinical.OnHold || day == 19 && at == 330 {
					continue
				}
				st := clinical.Given
				reason := ""
				if day == 18 && at == 480 && i == 1 {
					st, reason = clinical.Refused, "übel"
				}
				p.Doses = append(p.Doses, chart.Item[clinical.Dose]{V: clinical.Dose{Prescription: d.Placer, Drug: d.Drug, Amount: d.Dose, Route: d.Route, At: t, By: clinical.Staff{Name: "S. Krüger"}, Status: st, Reason: reason}, Origin: org(87300, "kis-orders", theNow.Sub(t))})
			}
		}
	}
	p.Doses = append(p.Doses, chart.Item[clinical.Dose]{V: clinical.Dose{Prescription: "M7", Drug: drugs[6].Drug, Amount: "30 Tr.", Route: "p.o.", At: ago(7 * time.Hour), Status: clinical.Given}, Origin: org(87950, "kis-orders", 7*time.Hour)})
	sortDoses(p.Doses)
}

func sortDoses(d []chart.Item[clinical.Dose]) {
	for i := range d {
		for j := i; j > 0 && d[j].V.At.After(d[j-1].V.At); j-- {
			d[j], d[j-1] = d[j-1], d[j]
		}
	}
}

func result(code, text string, section clinical.Section, v float64, dec int, unit, rng string, at time.Time, flags ...string) chart.Item[clinical.Result] {
	r := clinical.Result{Filler: "F" + at.Format("0102150405"), Code: clinical.Coded{Code: code, Text: text, System: "LN"}, Section: section, Value: strconv.FormatFloat(v, 'f', dec, 64), Number: &v, Unit: unit, Range: rng, Status: clinical.Final, At: at, Flags: flags}
	if lo, hi, ok := strings.Cut(rng, " – "); ok {
		a, _ := strconv.ParseFloat(strings.Replace(lo, ",", ".", 1), 64)
		b, _ := strconv.ParseFloat(strings.Replace(hi, ",", ".", 1), 64)
		r.Low, r.High = &a, &b
	}
	return chart.Item[clinical.Result]{V: r, Origin: org(88050, "lis", theNow.Sub(at))}
}

func fixtureVitals(p *chart.Patient) {
	for h := 66; h >= 0; h -= 4 {
		at := ago(time.Duration(h)*time.Hour + 50*time.Minute)
		x := float64(66 - h)
		temp := 37.1 + 1.7*math.Exp(-(x-20)*(x-20)/120) + .2*math.Sin(x)
		pulse := 92 + 18*math.Sin(x/9) + 4*math.Cos(x)
		sys := 118 - x/4 + 9*math.Sin(x/5)
		var flag []string
		if temp > 38 {
			flag = []string{"H"}
		}
		add := func(code, text string, v float64, dec int, unit string, flags ...string) {
			it := result(code, text, clinical.Vitals, v, dec, unit, "", at, flags...)
			it.Origin.Feed = "pdms"
			if h == 2 {
				it.Origin.Feed = "here"
			}
			p.Results = append(p.Results, it)
		}
		add("8310-5", "Temperatur", temp, 1, "°C", flag...)
		add("8867-4", "Puls", math.Round(pulse), 0, "/min")
		low := []string{}
		if sys < 95 {
			low = []string{"L"}
		}
		add("8480-6", "RR systolisch", math.Round(sys), 0, "mmHg", low...)
		add("8462-4", "RR diastolisch", math.Round(sys*.6), 0, "mmHg")
		add("59408-5", "SpO2", math.Round(92+3*math.Sin(x/8)), 0, "%")
		add("9279-1", "Atemfrequenz", math.Round(20+3*math.Cos(x/7)), 0, "/min")
		if h%8 == 2 {
			add("72514-3", "Schmerz", float64(h%5), 0, "")
			add("9108-2", "Einfuhr", 250+float64(h%3)*120, 0, "ml")
			add("9262-7", "Ausfuhr", 300+float64(h%4)*150, 0, "ml")
		}
	}
	p.Results = append(p.Results, result("29463-7", "Körpergewicht", clinical.Vitals, 78.4, 1, "kg", "", ago(22*time.Hour)), result("29463-7", "Körpergewicht", clinical.Vitals, 81.2, 1, "kg", "", ago(64*time.Hour)))
}

type labLine struct {
	code, text, unit, rng string
	dec                   int
	v                     []float64
}

func fixtureLab(p *chart.Patient) {
	times := []time.Time{ago(236 * time.Minute), ago(14 * time.Hour), ago(23 * time.Hour), ago(38 * time.Hour), ago(47 * time.Hour), ago(62 * time.Hour), ago(66 * time.Hour), ago(300 * time.Hour), ago(500 * time.Hour), ago(900 * time.Hour)}
	lines := []labLine{
		{"2744-1", "pH", "", "7,35 – 7,45", 2, []float64{7.33, -1, 7.36, -1, -1, 7.31, 7.29}},
		{"2524-7", "Laktat", "mmol/l", "0,5 – 2,2", 1, []float64{2.4, -1, 1.9, -1, -1, 3.1, 3.8}},
		{"718-7", "Hämoglobin", "g/dl", "12,0 – 15,5", 1, []float64{10.9, 11.1, -1, 11.4, -1, 11.8, 12.1, 12.4, 12.6, 12.2}},
		{"4544-3", "Hämatokrit", "%", "36 – 45", 0, []float64{33, 34, -1, 35, -1, 36, 37, 38, 38, 37}},
		{"6690-2", "Leukozyten", "/nl", "3,9 – 10,2", 1, []float64{11.8, 13.2, -1, 14.9, -1, 12.2, 10.4, 7.1, 6.8, 7}},
		{"777-3", "Thrombozyten", "/nl", "150 – 370", 0, []float64{188, 191, -1, 201, -1, 214, 220, 231, 240, 228}},
		{"2951-2", "Natrium", "mmol/l", "136 – 145", 0, []float64{131, 132, 133, 134, -1, 133, 132, 138, 139, 138}},
		{"2823-3", "Kalium", "mmol/l", "3,5 – 5,1", 1, []float64{6.1, 5.4, 5.2, 4.9, -1, 4.6, 4.4, 4.2, 4.3, 4.1}},
		{"17861-6", "Calcium", "mmol/l", "2,20 – 2,55", 2, []float64{2.21, -1, 2.24, -1, -1, 2.3, 2.28}},
		{"2160-0", "Kreatinin", "mg/dl", "0,51 – 0,95", 2, []float64{2.14, 1.98, 1.87, 1.74, -1, 1.61, 1.55, 1.32, 1.3, 1.28}},
		{"62238-1", "eGFR (CKD-EPI)", "ml/min", "über 60", 0, []float64{22, 25, 27, 29, -1, 32, 34, 41, 42, 43}},
		{"3094-0", "Harnstoff", "mg/dl", "17 – 43", 0, []float64{98, 91, 88, 80, -1, 71, 66, 52, 50, 48}},
		{"1742-6", "GPT (ALT)", "U/l", "10 – 35", 0, []float64{64, -1, -1, 71, -1, -1, 77, 31, 30, 29}},
		{"1920-8", "GOT (AST)", "U/l", "10 – 35", 0, []float64{51, -1, -1, 60, -1, -1, 68, 27, 26, 28}},
		{"5902-2", "Quick", "%", "70 – 130", 0, []float64{31, 34, -1, 29, -1, -1, 26}},
		{"6301-6", "INR", "", "0,85 – 1,15", 2, []float64{2.31, 2.18, -1, 2.44, -1, -1, 2.68}},
		{"1988-5", "CRP", "mg/l", "0 – 5", 1, []float64{88.2, 112.4, -1, 141.0, -1, 96.0, 41.3, 4.1, 3.9, 4.4}},
		{"67151-1", "Troponin T hs", "ng/l", "0 – 14", 0, []float64{48, -1, 52, -1, 61, 66, 58}},
		{"33762-6", "NT-proBNP", "pg/ml", "0 – 450", 0, []float64{8120, -1, -1, 9940, -1, -1, 11830, 1980}},
		{"2345-7", "Glukose", "mg/dl", "74 – 106", 0, []float64{164, 188, 172, 201, 149, 190, 212}},
	}
	for _, l := range lines {
		for i, v := range l.v {
			if v < 0 {
				continue
			}
			it := result(l.code, l.text, clinical.Laboratory, v, l.dec, l.unit, l.rng, times[i])
			if lo, hi := it.V.Low, it.V.High; lo != nil && v < *lo {
				it.V.Flags = []string{"L"}
			} else if hi != nil && v > *hi {
				it.V.Flags = []string{"H"}
			}
			switch {
			case l.text == "Kalium" && i == 0:
				it.V.Flags, it.V.Comment = []string{"HH"}, "Telefonisch an Station 3A, Sr. Krüger, 01:52. Probe nicht hämolytisch."
			case l.text == "NT-proBNP" && i == 0:
				it.V.Status = clinical.Preliminary
			case l.text == "Leukozyten" && i == 1:
				w := it.V
				w.Value = "18.2"
				it.V.Status, it.Was = clinical.Corrected, []chart.Version[clinical.Result]{{V: w, Origin: it.Origin}}
			case l.text == "Glukose" && i == 4:
				it.V.Status = clinical.Withdrawn
			}
			p.Results = append(p.Results, it)
		}
	}
	pend := result("2823-3", "Kalium", clinical.Laboratory, 0, 1, "mmol/l", "3,5 – 5,1", ago(40*time.Minute))
	pend.V.Value, pend.V.Number, pend.V.Status = "", nil, clinical.Pending
	na := result("2951-2", "Natrium", clinical.Laboratory, 0, 0, "mmol/l", "136 – 145", ago(40*time.Minute))
	na.V.Value, na.V.Number, na.V.Status = "", nil, clinical.Pending
	mrsa := result("", "MRSA-Abstrich Nase/Rachen", clinical.Microbiology, 0, 0, "", "", times[5], "A")
	mrsa.V.Value, mrsa.V.Number = "Staphylococcus aureus (MRSA) nachgewiesen", nil
	dig := result("", "Digitoxin", clinical.Laboratory, 0, 0, "ng/ml", "10 – 25", times[6])
	dig.V.Value, dig.V.Number, dig.V.Comparator = "<5", nil, "<"
	p.Results = append(p.Results, pend, na, mrsa, dig)
}
