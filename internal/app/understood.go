package app

import (
	"strconv"

	"notbetrieb/internal/lang"
)

// counted is a part that knows how many records of the journal it could not
// understand.
type counted interface{ Unreadable() uint64 }

// lookAtRecords raises an alarm for each part of the hub that met records it does
// not understand: written by a newer version, or damaged before they were stored.
// What they say is missing on the pages of that part until the hub is a version
// that reads them.
func (h *Hub) lookAtRecords() {
	for _, p := range []struct {
		key  string
		part counted
		name lang.Text
	}{
		{"staff", h.Staff, lang.Text{DE: "Personen und Anmeldungen", EN: "people and sign-ins"}},
		{"outages", h.Board, lang.Text{DE: "Ausfälle und Betriebsart", EN: "outages and mode"}},
		{"harm", h.Harm, lang.Text{DE: "Ausfallfolgen", EN: "harm of the outage"}},
		{"estate", h.Estate, lang.Text{DE: "Systeme und Kontakte", EN: "systems and contacts"}},
		{"watch", h.Watch, lang.Text{DE: "Wache", EN: "watch"}},
		{"crisis", h.Crisis, lang.Text{DE: "Krisenlagen", EN: "incidents"}},
		{"callout", h.Callout, lang.Text{DE: "Alarmierung", EN: "call-out"}},
		{"evidence", h.Evidence, lang.Text{DE: "Beweise und Sperrvermerke", EN: "evidence and legal holds"}},
	} {
		n := p.part.Unreadable()
		if n == 0 {
			h.Alarms.Clear("unreadable/" + p.key)
			continue
		}
		text := lang.Text{DE: strconv.FormatUint(n, 10) + " Einträge", EN: strconv.FormatUint(n, 10) + " records"}
		if n == 1 {
			text = lang.Text{DE: "1 Eintrag", EN: "1 record"}
		}
		h.Alarms.Raise("unreadable/"+p.key, lang.Text{
			DE: p.name.DE + ": " + text.DE + " im Journal kann diese Version nicht lesen. Was darin steht, fehlt auf den Seiten. Wurde eine ältere Version gestartet? Dann bitte die neuere wieder einspielen; sonst hilft notbetrieb check.",
			EN: p.name.EN + ": this version cannot read " + text.EN + " in the journal. What they say is missing on the pages. Was an older version started? Then please install the newer one again; otherwise notbetrieb check helps.",
		})
	}
}
