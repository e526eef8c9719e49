package web

import (
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/lang"
)

func backWord(s handback.State) lang.Text {
	switch s {
	case handback.Waiting:
		return lang.Text{DE: "wartet auf Freigabe", EN: "waits for release"}
	case handback.Released:
		return lang.Text{DE: "freigegeben", EN: "released"}
	case handback.Sent:
		return lang.Text{DE: "unterwegs", EN: "on its way"}
	case handback.Accepted:
		return lang.Text{DE: "angenommen", EN: "accepted"}
	case handback.Refused:
		return lang.Text{DE: "abgelehnt", EN: "refused"}
	case handback.Unclear:
		return lang.Text{DE: "unklar, im Zielsystem nachsehen", EN: "unclear, look into the target system"}
	case handback.Rest:
		return lang.Text{DE: "Rest von Hand eintragen", EN: "type in the rest by hand"}
	case handback.Hand:
		return lang.Text{DE: "von Hand erledigt", EN: "done by hand"}
	case handback.Nothing:
		return lang.Text{DE: "betrifft das System nicht", EN: "does not concern the system"}
	}
	return lang.Text{DE: string(s)}
}

func modeWord(m handback.Mode) lang.Text {
	switch m {
	case handback.Closed:
		return lang.Text{DE: "keine Rückgabe", EN: "no hand-back"}
	case handback.Testing:
		return lang.Text{DE: "wird getestet, nichts wird gesendet", EN: "being tested, nothing is sent"}
	case handback.Paused:
		return lang.Text{DE: "angehalten", EN: "paused"}
	case handback.Slowly:
		return lang.Text{DE: "sendet langsam", EN: "sends slowly"}
	case handback.Flowing:
		return lang.Text{DE: "sendet", EN: "sends"}
	}
	return lang.Text{DE: string(m)}
}

func kindWord(k message.Kind) lang.Text {
	switch k {
	case message.Admission:
		return lang.Text{DE: "Aufnahme, Bewegung", EN: "admission, movement"}
	case message.Vitals:
		return lang.Text{DE: "Vitalwerte", EN: "vital signs"}
	case message.Laboratory:
		return lang.Text{DE: "Laborwerte", EN: "laboratory"}
	case message.Document:
		return lang.Text{DE: "Text", EN: "text"}
	case message.Order:
		return lang.Text{DE: "Anforderung", EN: "order"}
	case message.Medication:
		return lang.Text{DE: "Verordnung", EN: "prescription"}
	case message.Dose:
		return lang.Text{DE: "Gabe", EN: "dose"}
	case message.Allergy:
		return lang.Text{DE: "Allergie", EN: "allergy"}
	case message.Diagnosis:
		return lang.Text{DE: "Diagnose, Eingriff", EN: "diagnosis, procedure"}
	case message.Warning:
		return lang.Text{DE: "Warnung", EN: "warning"}
	}
	if k == message.Other {
		return lang.Text{DE: "Sonstiges", EN: "other"}
	}
	return lang.Text{DE: string(k)}
}

// holdWord names a conflict in a few words.
func holdWord(h handback.Hold) lang.Text {
	switch h {
	case handback.Temporary:
		return lang.Text{DE: "dort unbekannt", EN: "unknown there"}
	case handback.Unknown:
		return lang.Text{DE: "dort unbekannt, würde aufgenommen", EN: "unknown there, would be admitted"}
	case handback.Merged:
		return lang.Text{DE: "dort zusammengeführt", EN: "merged there"}
	case handback.Renamed:
		return lang.Text{DE: "heißt dort anders", EN: "has another name there"}
	case handback.Deleted:
		return lang.Text{DE: "dort gelöscht", EN: "deleted there"}
	case handback.Discharged:
		return lang.Text{DE: "dort entlassen", EN: "discharged there"}
	case handback.CaseMerged:
		return lang.Text{DE: "Fall dort zusammengeführt", EN: "case merged there"}
	case handback.CaseGone:
		return lang.Text{DE: "Fall einer anderen Person", EN: "case of another person"}
	case handback.Newer:
		return lang.Text{DE: "dort Neueres", EN: "newer there"}
	case handback.There:
		return lang.Text{DE: "steht dort schon", EN: "is there already"}
	case handback.Behind:
		return lang.Text{DE: "wartet auf Früheres", EN: "waits for something earlier"}
	case handback.Unready:
		return lang.Text{DE: "ließ sich nicht senden", EN: "could not be sent"}
	case handback.Characters:
		return lang.Text{DE: "Zeichen nicht darstellbar", EN: "characters cannot be sent"}
	case handback.NoHold:
	}
	return lang.Text{DE: string(h)}
}

func outcomeOf(o handback.Outcome) lang.Text {
	switch o {
	case handback.Arrived:
		return lang.Text{DE: "angenommen", EN: "accepted"}
	case handback.ByHand:
		return lang.Text{DE: "von Hand erledigt", EN: "done by hand"}
	case handback.Empty:
		return lang.Text{DE: "nichts zu senden", EN: "nothing to send"}
	case handback.Pending:
		return lang.Text{DE: "noch offen", EN: "still open"}
	}
	return lang.Text{DE: string(o)}
}

func standingWord(s handback.Standing) lang.Text {
	switch s {
	case handback.Same:
		return lang.Text{DE: "auf beiden Seiten gleich", EN: "the same on both sides"}
	case handback.Ours:
		return lang.Text{DE: "nur hier", EN: "only here"}
	case handback.Theirs:
		return lang.Text{DE: "nur dort", EN: "only there"}
	case handback.Differ:
		return lang.Text{DE: "verschieden", EN: "differs"}
	}
	return lang.Text{DE: string(s)}
}

// pairWord names the kind of a thing that is compared.
func pairWord(kind string) lang.Text {
	switch kind {
	case "result":
		return lang.Text{DE: "Wert", EN: "value"}
	case "prescription":
		return lang.Text{DE: "Verordnung", EN: "prescription"}
	case "dose":
		return lang.Text{DE: "Gabe", EN: "dose"}
	case "order":
		return lang.Text{DE: "Auftrag", EN: "order"}
	case "document":
		return lang.Text{DE: "Text", EN: "text"}
	case "allergy":
		return lang.Text{DE: "Allergie", EN: "allergy"}
	case "alert":
		return lang.Text{DE: "Warnung", EN: "warning"}
	case "diagnosis":
		return lang.Text{DE: "Diagnose", EN: "diagnosis"}
	case "procedure":
		return lang.Text{DE: "Eingriff", EN: "procedure"}
	case "movement":
		return lang.Text{DE: "Bewegung", EN: "movement"}
	}
	return lang.Text{DE: kind}
}
