package paper

import (
	"io"
	"strings"
	"testing"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// TestThePhoneTreeNamesEverybodyInOrder prints the template's tree and reads it
// back: callers stand before those whom they call, nobody is left out, and what
// works without the house's network stands first.
func TestThePhoneTreeNamesEverybodyInOrder(t *testing.T) {
	t.Parallel()
	tables, err := estate.Template()
	if err != nil {
		t.Fatal(err)
	}
	tables.Contacts = append(tables.Contacts, estate.Contact{ID: "x", Name: "Nur per Mail", Ways: []estate.Way{{Kind: estate.Mail, Value: "x@klinik.example"}}})
	e := estate.New(*tables)
	text := drawTo(t, func(w io.Writer) error { return PhoneTree(w, headOf(incident.Normal, lang.DE), e, 4711) }).flat(t)
	at := -1
	for _, name := range []string{"Pforte", "› Leitung des Krisenstabs", "› › Kaufmännische Leitung", "› › › Datenschutz", "› Leitung IT", "› › IT-Bereitschaft Netz", "Weitere Kontakte", "Forensik-Dienstleister"} {
		i := strings.Index(text, name)
		if i <= at {
			t.Errorf("%q stands at %d, not after %d", name, i, at)
		}
		at = i
	}
	for _, c := range e.Contacts {
		if !strings.Contains(text, c.Name) {
			t.Errorf("%s is missing", c.Name)
		}
	}
	for _, want := range []string{"Stand Nr. 4711", "0171 39200 21", "nur über das Netz des Hauses", "E-Mail: x@klinik.example"} {
		if !strings.Contains(text, want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
}
