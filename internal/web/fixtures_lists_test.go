package web

import (
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func fixtureSources() []chart.Source {
	return []chart.Source{
		{Seq: 88101, Feed: "lis", Kind: "ORU^R01", Control: "LIS0098812", Sent: ago(236 * time.Minute), Received: ago(235 * time.Minute)},
		{Seq: 88090, Feed: "kis-orders", Kind: "OML^O21", Control: "K771203", Sent: ago(2 * time.Hour), Received: ago(2 * time.Hour), Unread: "ORC-1"},
		{Seq: 87711, Feed: "kis-adt", Kind: "ADT^A02", Control: "K770412", Sent: ago(15 * time.Hour), Received: ago(15 * time.Hour)},
	}
}

func fixtureRecord() journal.Record {
	return journal.Record{Seq: 88042, Kind: journal.HL7, Source: "lis", Time: ago(time.Hour), Received: ago(time.Hour), Body: []byte(strings.Join([]string{
		"MSH|^~\\&|LIS|LAB|NOTBETRIEB|KH|20261119043600||ORU^R01^ORU_R01|LIS0098799|P|2.5|||AL|NE||8859/1",
		"PID|1||900417^^^KIS^PI||M\xfcller^Anna^^^^^L||19510403|F|||Lange Stra\xdfe 12 a^^Bad Sonnenfeld^^32105",
		"PV1|1|I|3A^301^F|||||||||||||||||4711001",
		"OBR|1|A9|F5512|ELYT^Elektrolyte^L|||20261119014000",
		"OBX|1|NM|2823-3^Kalium^LN||6.1|mmol/l|3.5-5.1|HH|||F|||20261119014000",
		"OBX|2|NM|XK77^Unbekannter Wert^L||zwölf|mmol/l||||F",
		"ZLA|1|intern~zweite|" + strings.Repeat("QkFTRTY0", 120),
	}, "\r"))}
}

func fixtureUnread() []chart.Unread {
	return []chart.Unread{
		{Seq: 88042, Feed: "lis", Kind: "ORU^R01", Control: "LIS0098799", Received: ago(time.Hour), Reason: lang.Text{DE: "Der Wert ist als Zahl angekündigt, aber keine Zahl.", EN: "The value is announced as a number but is none."}, Code: "number", Segment: "OBX[2]", Ward: "3A"},
		{Seq: 87002, Feed: "kis-adt", Kind: "ADT^A02", Received: ago(9 * time.Hour), Reason: lang.Text{DE: "Keine Patientennummer.", EN: "No patient number."}, Code: "no-patient"},
		{Seq: 86001, Feed: "ris", Kind: "MDM^T02", Received: ago(30 * time.Hour), Reason: lang.Text{DE: "Nicht lesbar: kein MSH-Segment.", EN: "Not readable: no MSH segment."}, Code: "syntax"},
	}
}

func fixtureHits() []chart.Hit {
	return []chart.Hit{
		{Key: clinical.Identifier{Value: "4711001"}.Key(), Name: clinical.Name{Family: "Müller", Given: "Anna"}, Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}, Sex: clinical.Female, Case: "4711001", Place: clinical.Place{Ward: "3A", Room: "301", Bed: "F"}, State: chart.Present, Since: ago(67 * time.Hour), Alike: true, Why: lang.Text{DE: "ähnlich geschrieben", EN: "similar spelling"}},
		{Key: "bbbbbbbbbbbbbbbb", Name: clinical.Name{Family: "Müller", Given: "Anna-Maria"}, Birth: clinical.Date{Year: 1953, Month: 11, Day: 3}, Sex: clinical.Female, Case: "4711149", Place: clinical.Place{Ward: "3A", Room: "303", Bed: "F"}, State: chart.Present, Since: ago(160 * time.Hour), Alike: true, Why: lang.Text{DE: "ähnlich geschrieben", EN: "similar spelling"}},
		{Key: "cccccccccccccccc", Name: clinical.Name{Family: "Möller", Given: "Jürgen"}, Birth: clinical.Date{Year: 1960, Month: 1, Day: 3}, Sex: clinical.Male, Case: "4700011", State: chart.Left, Since: ago(900 * time.Hour), Left: ago(700 * time.Hour), Merged: true},
	}
}

func fixtureBoard() board {
	return board{
		systems: []incident.System{{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}, {ID: "lis", Name: lang.Text{DE: "Labor", EN: "Laboratory"}}, {ID: "ris", Name: lang.Text{DE: "Radiologie", EN: "Radiology"}}, {ID: "pacs", Name: lang.Text{DE: "PACS", EN: "PACS"}}},
		states:  map[string]incident.State{"kis": incident.Down, "lis": incident.Up, "ris": incident.Degraded, "pacs": incident.Up},
		outages: []incident.Outage{
			{ID: "o2", System: "ris", Since: ago(40 * time.Minute), Declared: incident.Act{Person: "k.huber", Name: "K. Huber", At: ago(30 * time.Minute), Why: "Befunde bleiben aus"}},
			{ID: "o1", System: "kis", Since: ago(202 * time.Minute), Declared: incident.Act{Person: "s.weber", Name: "S. Weber", At: ago(200 * time.Minute), Why: "KIS antwortet nicht, Rechenzentrum ohne Strom"}, Confirmed: incident.Act{Person: "k.huber", Name: "K. Huber", At: ago(190 * time.Minute)}},
			{ID: "o0", System: "pacs", Exercise: true, Since: ago(900 * time.Hour), Declared: incident.Act{Person: "x", Name: "T. Adler", At: ago(900 * time.Hour), Why: "Übung Herbst"}, Confirmed: incident.Act{At: ago(899 * time.Hour)}, Ended: incident.Act{Name: "T. Adler", At: ago(898 * time.Hour)}},
		},
	}
}

func fixturePeople() []staff.Person {
	return []staff.Person{
		{ID: "s.weber", Name: "S. Weber", Roles: []staff.Role{staff.Nurse}, Wards: []string{"3A", "3B"}},
		{ID: "k.huber", Name: "K. Huber", Roles: []staff.Role{staff.Physician, staff.Crisis}, LockedUntil: ago(-10 * time.Minute)},
		{ID: "t.adler", Name: "T. Adler", Roles: []staff.Role{staff.IT}, MustChange: true},
		{ID: "alt", Name: "R. Alt", Roles: []staff.Role{staff.Auditor}, Disabled: true},
	}
}

func fixtureReads() []staff.Read {
	return []staff.Read{
		{Seq: 88122, Time: ago(time.Minute), Person: "s.weber", Name: "S. Weber", Roles: []staff.Role{staff.Nurse}, From: "10.3.1.20", Patient: clinical.Identifier{Value: "4711001"}.Key(), Case: "4711001", Ward: "3A", Page: "chart/lab", Mode: "emergency"},
		{Seq: 88120, Time: ago(3 * time.Minute), Person: "k.huber", Name: "K. Huber", Roles: []staff.Role{staff.Physician}, From: "10.3.1.22", Ward: "2A", Page: "ward", What: "32 Betten", Glass: true, Reason: "Konsil, Patient soll übernommen werden", Mode: "normal"},
	}
}

func fixtureWeight() *clinical.Result {
	w := result("29463-7", "Körpergewicht", clinical.Vitals, 78.4, 1, "kg", "", ago(22*time.Hour)).V
	return &w
}
