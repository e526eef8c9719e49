package egk_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/egk"
	"notbetrieb/internal/fault"
)

const (
	pd = `<?xml version="1.0" encoding="ISO-8859-15"?><UC_PersoenlicheVersichertendatenXML xmlns="http://ws.gematik.de/fa/vsdm/vsd/v5.2" CDM_VERSION="5.2.0"><Versicherter><Versicherten_ID>X110411675</Versicherten_ID><Person><Geburtsdatum>19510403</Geburtsdatum><Vorname>Änne</Vorname><Nachname>Weiß</Nachname><Geschlecht>W</Geschlecht><Vorsatzwort>von der</Vorsatzwort><Titel>Dr.</Titel><StrassenAdresse><Postleitzahl>53177</Postleitzahl><Ort>Bonn</Ort><Land><Wohnsitzlaendercode>D</Wohnsitzlaendercode></Land><Strasse>Am Markt</Strasse><Hausnummer>3 a</Hausnummer></StrassenAdresse></Person></Versicherter></UC_PersoenlicheVersichertendatenXML>`
	vd = `<?xml version="1.0" encoding="ISO-8859-15"?><UC_AllgemeineVersicherungsdatenXML xmlns="http://ws.gematik.de/fa/vsdm/vsd/v5.2" CDM_VERSION="5.2.0"><Versicherter><Versicherungsschutz><Beginn>20180111</Beginn><Kostentraeger><Kostentraegerkennung>109500969</Kostentraegerkennung><Name>Kasse für Prüfungen</Name><AbrechnenderKostentraeger><Kostentraegerkennung>100000000</Kostentraegerkennung><Name>andere</Name></AbrechnenderKostentraeger></Kostentraeger></Versicherungsschutz></Versicherter></UC_AllgemeineVersicherungsdatenXML>`
)

func anna() egk.Card {
	return egk.Card{
		KVNR: "X110411675", Name: clinical.Name{Family: "Weiß", Prefix: "von der", Given: "Änne", Title: "Dr."},
		Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}, Sex: clinical.Female,
		Address:   clinical.Address{Street: "Am Markt 3 a", Zip: "53177", City: "Bonn", Country: "D"},
		Insurance: clinical.Insurance{Fund: "Kasse für Prüfungen", IK: "109500969", Number: "X110411675", From: clinical.Date{Year: 2018, Month: 1, Day: 11}},
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	b, err := charmap.ISO8859_15.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(z.Bytes())
}

func TestACardIsReadAsTextAndAsTheConnectorPacksIt(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"text": pd + "\n" + vd, "turned": vd + pd, "packed": packed(t, pd) + "\n" + packed(t, vd), "one line": packed(t, pd) + packed(t, vd)} {
		if !egk.Reads(text) {
			t.Errorf("%s: not seen as a card", name)
		}
		got, err := egk.Parse(text)
		if err != nil || got != anna() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestOneContainerAloneIsACard(t *testing.T) {
	t.Parallel()
	got, err := egk.Parse(pd)
	if err != nil || got.Name != anna().Name || got.Insurance.Number != "X110411675" {
		t.Errorf("PD alone: %+v, %v", got, err)
	}
	got, err = egk.Parse(vd)
	if err != nil || got.Insurance.IK != "109500969" || !got.Name.Zero() {
		t.Errorf("VD alone: %+v, %v", got, err)
	}
}

func TestWhatIsNoCardIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Müller", "<a/>", "H4sIxxxx", "<UC_Versichertendaten", pd[:len(pd)/2]} {
		if _, err := egk.Parse(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Parse(%.20q): %v", text, err)
		}
	}
	for _, text := range []string{"Müller, Anna", "4711001", "03.04.1951", "<3"} {
		if egk.Reads(text) {
			t.Errorf("%q seen as a card", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(pd + vd)
	f.Add("H4sIAAAAAAAA/w==")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := egk.Parse(text)
		if err == nil && c.KVNR == "" && c.Name.Zero() && c.Insurance.IK == "" {
			t.Error("a card that says nothing")
		}
	})
}
