package web

import (
	"notbetrieb/internal/harm"
	"notbetrieb/internal/lang"
)

func harmKindWord(k harm.Kind) lang.Text {
	switch k {
	case harm.Dose:
		return lang.Text{DE: "Gabe nicht eingetragen", EN: "dose not recorded"}
	case harm.Order:
		return lang.Text{DE: "Auftrag ohne Ergebnis", EN: "order without result"}
	case harm.Result:
		return lang.Text{DE: "Ergebnis angekündigt, nicht da", EN: "result announced, not here"}
	case harm.Preliminary:
		return lang.Text{DE: "nur vorläufig", EN: "only preliminary"}
	case harm.Critical:
		return lang.Text{DE: "kritischer Wert, nicht quittiert", EN: "critical value, not acknowledged"}
	case harm.CalledOff:
		return lang.Text{DE: "Eingriff oder Termin abgesagt", EN: "operation or appointment called off"}
	}
	return lang.Text{DE: string(k)}
}

func outcomeWord(o harm.Outcome) lang.Text {
	switch o {
	case harm.NoHarm:
		return lang.Text{DE: "geprüft, kein Schaden", EN: "checked, no harm"}
	case harm.Averted:
		return lang.Text{DE: "Schaden abgewendet", EN: "harm averted"}
	case harm.Harmed:
		return lang.Text{DE: "Schaden eingetreten", EN: "harm occurred"}
	case harm.NotApplicable:
		return lang.Text{DE: "trifft nicht zu", EN: "not applicable"}
	}
	return lang.Text{DE: string(o)}
}

// settledWord says by which entry a finding was settled.
func settledWord(k harm.AnswerKind) lang.Text {
	switch k {
	case harm.Recorded:
		return lang.Text{DE: "erledigt durch Eintrag: Gabe eingetragen", EN: "done by entry: dose recorded"}
	case harm.Stopped:
		return lang.Text{DE: "erledigt durch Eintrag: war nicht mehr fällig", EN: "done by entry: no longer due"}
	case harm.Resulted:
		return lang.Text{DE: "erledigt durch Eintrag: Ergebnis da", EN: "done by entry: result is here"}
	case harm.Revoked:
		return lang.Text{DE: "erledigt durch Eintrag: storniert oder korrigiert", EN: "done by entry: cancelled or corrected"}
	case harm.Noticed:
		return lang.Text{DE: "erledigt durch Eintrag: quittiert", EN: "done by entry: acknowledged"}
	case harm.Deceased:
		return lang.Text{DE: "wartet nicht mehr: verstorben", EN: "waits no more: deceased"}
	case harm.Rebooked:
		return lang.Text{DE: "erledigt durch Eintrag: neu geplant", EN: "done by entry: planned anew"}
	}
	return lang.Text{DE: string(k)}
}

func eventKindWord(k harm.EventKind) lang.Text {
	switch k {
	case harm.EventMedication:
		return lang.Text{DE: "Medikation", EN: "Medication"}
	case harm.EventLaboratory:
		return lang.Text{DE: "Labor", EN: "Laboratory"}
	case harm.EventIdentity:
		return lang.Text{DE: "Verwechslung", EN: "Mix-up"}
	case harm.EventDelay:
		return lang.Text{DE: "Verzögerung", EN: "Delay"}
	case harm.EventDevice:
		return lang.Text{DE: "Gerät", EN: "Device"}
	case harm.EventCommunication:
		return lang.Text{DE: "Verständigung, Übergabe", EN: "Communication, handover"}
	case harm.EventOther:
		return lang.Text{DE: "anderes", EN: "other"}
	}
	return lang.Text{DE: string(k)}
}

func degreeWord(d harm.Degree) lang.Text {
	switch d {
	case harm.Hazard:
		return lang.Text{DE: "Gefahr: es hätte ein Fehler werden können", EN: "Hazard: it could have become an error"}
	case harm.NearMiss:
		return lang.Text{DE: "Beinahe: der Fehler hat niemanden erreicht", EN: "Near miss: the error reached nobody"}
	case harm.Reached:
		return lang.Text{DE: "Erreicht: ohne Schaden, allenfalls mehr Beobachtung", EN: "Reached the patient: no harm, at most more watching"}
	case harm.Temporary:
		return lang.Text{DE: "Vorübergehender Schaden", EN: "Passing harm"}
	case harm.Lasting:
		return lang.Text{DE: "Bleibender Schaden, Lebensgefahr oder Tod", EN: "Lasting harm, danger to life or death"}
	}
	return lang.Text{DE: string(d)}
}

func factorWord(f harm.Factor) lang.Text {
	switch f {
	case harm.FactorOutage:
		return lang.Text{DE: "ein System fehlte", EN: "a system was missing"}
	case harm.FactorStaffing:
		return lang.Text{DE: "zu wenige oder fremde Leute", EN: "too few people, or strange to the ward"}
	case harm.FactorHandover:
		return lang.Text{DE: "Übergabe, Verständigung", EN: "handover, communication"}
	case harm.FactorPaper:
		return lang.Text{DE: "Papier unlesbar, fehlte oder doppelt", EN: "paper unreadable, missing or double"}
	case harm.FactorTraining:
		return lang.Text{DE: "der Weg war nicht bekannt", EN: "the way to do it was not known"}
	case harm.FactorSurround:
		return lang.Text{DE: "Unruhe, Licht, Unterbrechung", EN: "noise, light, interruption"}
	case harm.FactorEquipment:
		return lang.Text{DE: "Gerät, Material", EN: "device, material"}
	}
	return lang.Text{DE: string(f)}
}

func eventStatusWord(s harm.Status) lang.Text {
	switch s {
	case harm.New:
		return lang.Text{DE: "neu", EN: "new"}
	case harm.Working:
		return lang.Text{DE: "in Arbeit", EN: "in work"}
	case harm.Decided:
		return lang.Text{DE: "Maßnahmen beschlossen", EN: "measures decided"}
	case harm.Closed:
		return lang.Text{DE: "abgeschlossen", EN: "closed"}
	}
	return lang.Text{DE: string(s)}
}
