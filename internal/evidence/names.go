package evidence

import "notbetrieb/internal/lang"

// Say is the kind in words.
func (k Kind) Say() lang.Text {
	return map[Kind]lang.Text{
		"server": {DE: "Server", EN: "Server"}, "computer": {DE: "Rechner, Notebook", EN: "Computer, notebook"}, "disk": {DE: "Datenträger (Festplatte, USB, Band)", EN: "Storage medium (disk, USB, tape)"},
		"phone": {DE: "Telefon, Tablet", EN: "Telephone, tablet"}, "network": {DE: "Netzgerät", EN: "Network device"}, "backup": {DE: "Datensicherung", EN: "Backup copy"}, "log": {DE: "Protokoll (Log)", EN: "Log"},
		"image": {DE: "Abbild (Image)", EN: "Image"}, "file": {DE: "Datei, Nachricht", EN: "File, message"}, "paper": {DE: "Papier", EN: "Paper"}, "other": {DE: "Anderes", EN: "Other"},
	}[k]
}

// PowerName says how a device was found.
func PowerName(p string) lang.Text {
	return map[string]lang.Text{"on": {DE: "eingeschaltet", EN: "switched on"}, "off": {DE: "ausgeschaltet", EN: "switched off"}, "unknown": {DE: "unbekannt", EN: "unknown"}, "": {DE: "entfällt", EN: "does not apply"}}[p]
}

// VolatileName says what became of memory and network state.
func VolatileName(v string) lang.Text {
	return map[string]lang.Text{"yes": {DE: "gesichert", EN: "secured"}, "no": {DE: "nicht gesichert", EN: "not secured"}, "": {DE: "entfällt", EN: "does not apply"}}[v]
}

// Say is the step in words.
func (s Step) Say() lang.Text {
	return map[Step]lang.Text{
		stepSecured: {DE: "Gesichert", EN: "Secured"}, stepFiles: {DE: "Dateien hinzugefügt", EN: "Files added"}, stepHanded: {DE: "Übergeben", EN: "Handed over"}, stepReceipt: {DE: "Unterschriebene Quittung abgelegt", EN: "Signed receipt filed"},
		stepGap: {DE: "LÜCKE IN DER KETTE", EN: "GAP IN THE CHAIN"}, stepKept: {DE: "Anderer Ort oder Siegel", EN: "Other place or seal"}, stepVerified: {DE: "Prüfsummen verglichen", EN: "Hashes compared"}, stepNote: {DE: "Bemerkung", EN: "Note"},
		stepCorrected: {DE: "Berichtigung", EN: "Correction"}, stepEndAsked: {DE: "Rückgabe oder Vernichtung beantragt", EN: "Return or destruction asked for"}, stepEndOff: {DE: "Antrag zurückgezogen", EN: "Called off"}, stepEnded: {DE: "Beendet", EN: "Ended"},
	}[s]
}

// Say is the line in words.
func (e Entry) Say() lang.Text {
	switch {
	case e.Way == Returned && e.Step == stepEnded:
		return lang.Text{DE: "Zurückgegeben", EN: "Returned"}
	case e.Way == Destroyed && e.Step == stepEnded:
		return lang.Text{DE: "Vernichtet", EN: "Destroyed"}
	case e.Way == Returned:
		return lang.Text{DE: "Rückgabe beantragt", EN: "Return asked for"}
	case e.Way == Destroyed:
		return lang.Text{DE: "Vernichtung beantragt", EN: "Destruction asked for"}
	}
	return e.Step.Say()
}

// EndName says how an item ended.
func EndName(way string) lang.Text {
	return map[string]lang.Text{Returned: {DE: "zurückgegeben", EN: "returned"}, Destroyed: {DE: "vernichtet", EN: "destroyed"}}[way]
}

// Say is the role of a file in words.
func (r Role) Say() lang.Text {
	return map[Role]lang.Text{Content: {DE: "Beweisdatei", EN: "Evidence"}, Photo: {DE: "Foto", EN: "Photo"}, Receipt: {DE: "Quittung", EN: "Receipt"}, Signature: {DE: "Unterschrift", EN: "Signature"}}[r]
}

// Say is how it was signed, in words.
func (s Signed) Say() lang.Text {
	return map[Signed]lang.Text{OnScreen: {DE: "auf dem Bildschirm unterschrieben", EN: "signed on screen"}, OnPaper: {DE: "auf Papier", EN: "on paper"}, Refused: {DE: "Unterschrift verweigert", EN: "signature refused"}}[s]
}

// IntactName says how the seal was.
func IntactName(s string) lang.Text {
	return map[string]lang.Text{"yes": {DE: "Siegel unversehrt", EN: "seal intact"}, "no": {DE: "SIEGEL BESCHÄDIGT", EN: "SEAL BROKEN"}}[s]
}

// Handed reports whether the line gives the item to somebody else.
func (e Entry) Handed() bool { return e.Step == stepHanded }

// Receipted reports whether a receipt is printed for the line.
func (e Entry) Receipted() bool { return e.Step == stepHanded || e.Step == stepEnded }

// Gap reports whether the line is a gap.
func (e Entry) Gap() bool { return e.Step == stepGap }

// Asks reports whether the line asks for the end.
func (e Entry) Asks() bool { return e.Step == stepEndAsked }
