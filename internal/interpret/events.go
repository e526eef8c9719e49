package interpret

import "notbetrieb/internal/lang"

// Event is one kind of message and what becomes of it. The list is the
// conformance table of the integration guide.
type Event struct {
	Kind    string    // "ADT^A02"; a type alone stands for all its other events
	Meaning lang.Text // what is read
	Changes bool      // false: known, and read without changes

	read func(*reader)
}

// eventList collects events.
type eventList []Event

// reads adds events that make changes.
func (l *eventList) reads(read func(*reader), de, en string, kinds ...string) {
	for _, kind := range kinds {
		*l = append(*l, Event{Kind: kind, Meaning: lang.Text{DE: de, EN: en}, Changes: true, read: read})
	}
}

// passes adds events that are known and change nothing here.
func (l *eventList) passes(de, en string, kinds ...string) {
	for _, kind := range kinds {
		*l = append(*l, Event{Kind: kind, Meaning: lang.Text{DE: de, EN: en}, read: (*reader).nothing})
	}
}

// Events returns every event that is known, in the order of the guide.
func Events() []Event {
	l := make(eventList, 0, 160)
	l.movements()
	l.persons()
	l.identities()
	l.clinicals()
	l.pharmacies()
	l.others()
	return l
}

func (l *eventList) movements() {
	adt := (*reader).adt
	l.reads(adt, "Aufnahme", "Admission", "ADT^A01")
	l.reads(adt, "Verlegung", "Transfer", "ADT^A02")
	l.reads(adt, "Entlassung", "Discharge", "ADT^A03")
	l.reads(adt, "Ambulante Aufnahme, Besuch", "Outpatient registration, visit", "ADT^A04")
	l.reads(adt, "Geplante Aufnahme", "Planned admission", "ADT^A05", "ADT^A14")
	l.reads(adt, "Wechsel der Fallart", "Change of class", "ADT^A06", "ADT^A07")
	l.reads(adt, "Daten geändert; ein Ort ist eine Momentaufnahme", "Data changed; a place is a snapshot", "ADT^A08", "ADT^Z99")
	l.reads(adt, "Unterwegs, Ankunft", "Departing, arriving", "ADT^A09", "ADT^A10")
	l.reads(adt, "Storno der Aufnahme", "Cancel of admission", "ADT^A11")
	l.reads(adt, "Storno der Verlegung", "Cancel of transfer", "ADT^A12")
	l.reads(adt, "Storno der Entlassung", "Cancel of discharge", "ADT^A13")
	l.reads(adt, "Geplante Verlegung, geplante Entlassung", "Planned transfer, planned discharge", "ADT^A15", "ADT^A16")
	l.reads(adt, "Bettentausch zweier Patienten", "Swap of two patients' beds", "ADT^A17")
	l.reads(adt, "Beurlaubung, Rückkehr", "Leave of absence, return", "ADT^A21", "ADT^A22")
	l.reads(adt, "Storno einer Planung", "Cancel of a plan", "ADT^A25", "ADT^A26", "ADT^A27", "ADT^A38")
	l.reads(adt, "Storno von Ankunft oder Abgang", "Cancel of arriving or departing", "ADT^A32", "ADT^A33")
	l.reads(adt, "Storno von Beurlaubung oder Rückkehr", "Cancel of leave or return", "ADT^A52", "ADT^A53")
	l.reads(adt, "Arztwechsel", "Change of physician", "ADT^A54", "ADT^A55", "ADT^A61", "ADT^A62")
}

func (l *eventList) persons() {
	adt := (*reader).adt
	l.reads(adt, "Person angelegt oder geändert", "Person added or changed", "ADT^A28", "ADT^A31")
	l.reads((*reader).deletions, "Person beim Sender gelöscht: Akte bleibt, wird markiert", "Person deleted at the sender: the chart stays, marked", "ADT^A29")
	l.reads(adt, "Allergien (IAM: hinzu, weg, geändert)", "Allergies (IAM: added, removed, changed)", "ADT^A60")
}

func (l *eventList) identities() {
	l.reads((*reader).merges, "Patienten zusammengeführt", "Patients merged", "ADT^A18", "ADT^A30", "ADT^A34", "ADT^A36", "ADT^A39", "ADT^A40")
	l.reads((*reader).caseMerges, "Fälle zusammengeführt, Fallnummer geändert", "Cases merged, case number changed", "ADT^A35", "ADT^A41", "ADT^A42", "ADT^A49", "ADT^A50")
	l.reads((*reader).unmerges, "Zusammenführung zurückgenommen", "Merge taken back", "ADT^A37")
	l.reads((*reader).caseMoves, "Fall zu anderem Patienten", "Case moved to another patient", "ADT^A44", "ADT^A45")
	l.reads((*reader).renumbers, "Patientennummer geändert", "Patient number changed", "ADT^A46", "ADT^A47")
	hand := func(de, en string, kinds ...string) {
		for _, kind := range kinds {
			*l = append(*l, Event{Kind: kind, Meaning: lang.Text{DE: de, EN: en}, read: (*reader).byHand})
		}
	}
	hand("Patienten verknüpft: entscheidet ein Mensch", "Patients linked: a person decides", "ADT^A24")
	hand("Fall gelöscht: entscheidet ein Mensch", "Visit deleted: a person decides", "ADT^A23")
	hand("Nummer zu anderem Patienten: entscheidet ein Mensch", "Number moved to another patient: a person decides", "ADT^A43")
	l.passes("Bettenstatus", "Bed status", "ADT^A20")
	l.passes("Nebennummer geändert", "Alternate number changed", "ADT^A48", "ADT^A51")
	l.passes("Abfrage und Antwort", "Query and answer", "ADT^A19", "QRY^A19", "ADR^A19")
}

func (l *eventList) clinicals() {
	results, orders := (*reader).results, (*reader).orders
	l.reads(results, "Befunde, Messwerte, Dokumente", "Results, measurements, documents", "ORU^R01", "ORU^R03", "ORU^R32", "ORU")
	l.reads(results, "Befunde nach Probe oder Auftrag", "Results by specimen or order", "OUL^R21", "OUL^R22", "OUL^R23", "OUL^R24", "OUL")
	l.reads((*reader).documents, "Dokument neu", "New document", "MDM^T01", "MDM^T02")
	l.reads((*reader).documents, "Dokumentstatus geändert", "Document status changed", "MDM^T03", "MDM^T04")
	l.reads((*reader).documents, "Nachtrag zu einem Dokument", "Addendum to a document", "MDM^T05", "MDM^T06")
	l.reads((*reader).documents, "Dokument bearbeitet", "Document edited", "MDM^T07", "MDM^T08")
	l.reads((*reader).documents, "Dokument ersetzt", "Document replaced", "MDM^T09", "MDM^T10")
	l.reads((*reader).documents, "Dokument storniert", "Document cancelled", "MDM^T11")
	l.reads(orders, "Anforderung (Labor, Bildgebung, Konsil …)", "Order (laboratory, imaging, consult, …)", "ORM^O01", "ORM", "OMG^O19", "OML^O21", "OML^O33", "OML^O35", "OMI^O23")
	l.reads((*reader).answers, "Antwort auf eine Anforderung", "Answer to an order", "ORR^O02", "ORR", "ORG^O20", "ORL^O22", "ORL^O34", "ORL^O36", "ORI^O24")
	l.reads((*reader).appointments, "Termin gebucht, verschoben, geändert", "Appointment booked, moved, changed", "SIU^S12", "SIU^S13", "SIU^S14")
	l.reads((*reader).appointments, "Termin abgesagt, abgebrochen, gelöscht", "Appointment cancelled, discontinued, deleted", "SIU^S15", "SIU^S16", "SIU^S17")
	l.reads((*reader).appointments, "Terminleistung hinzu, geändert, weg", "Appointment's service added, changed, removed", "SIU^S18", "SIU^S19", "SIU^S20", "SIU^S21", "SIU^S22")
	l.reads((*reader).appointments, "Nicht erschienen", "Did not appear", "SIU^S26")
	l.passes("Zeitfenster gesperrt oder frei", "Slot blocked or free", "SIU^S23", "SIU^S24", "SIU^S25", "SIU^S27")
}

func (l *eventList) pharmacies() {
	orders := (*reader).orders
	l.reads(orders, "Verordnung", "Prescription", "RDE^O11", "RDE^O25", "RDE^O01", "RDE", "OMP^O09")
	l.reads(orders, "Abgabe durch die Apotheke", "Dispensed by the pharmacy", "RDS^O13", "RDS^O01", "RDS")
	l.reads(orders, "Gabe", "Administration", "RAS^O17", "RAS^O01", "RAS")
	l.reads((*reader).vaccinations, "Impfung", "Vaccination", "VXU^V04")
	l.reads((*reader).answers, "Antwort auf eine Verordnung", "Answer to a prescription", "RRE^O12", "RRE^O26", "RRE^O02", "ORP^O10", "RRD^O14", "RRA^O18")
}

func (l *eventList) others() {
	billing := (*reader).billing
	l.reads(billing, "Diagnosen, Prozeduren, Versicherung", "Diagnoses, procedures, cover", "BAR^P01", "BAR^P02", "BAR^P05", "BAR^P10", "BAR^P12", "DFT^P03", "DFT^P11")
	l.reads(billing, "Überweisung mit Diagnosen und Befunden", "Referral with diagnoses and results", "REF^I12", "REF^I13", "REF^I14", "REF^I15")
	l.reads((*reader).problems, "Problemliste", "Problem list", "PPR^PC1", "PPR^PC2", "PPR^PC3")
	l.passes("Fall abgerechnet", "Account closed", "BAR^P06")
	l.passes("Stammdaten, Abfragen, Quittungen", "Master files, queries, acknowledgements", "MFN", "MFK", "QBP", "RSP", "QRY", "DSR", "ORF", "ACK", "MCF", "QCK", "NMD", "NMQ", "SRM", "SRR", "SQM", "SQR", "RRI", "EAN", "EAR", "EAC", "ESU", "SSU", "INU", "LSU", "STC", "TCU", "BPS", "BRP")
}
