package config

import (
	"strings"
	"testing"
)

func TestTargetsAndForwardingsAreChecked(t *testing.T) {
	t.Parallel()
	const head = "systems: [{id: kis, name: {de: KIS, en: HIS}}]\nfeeds:\n  - {name: kis-adt, system: kis, listen: \"0.0.0.0:2575\"}\n  - {name: geraet, system: kis, kind: astm, listen: \"0.0.0.0:2576\"}\n"
	const fhir = "targets:\n  - name: kis\n    system: kis\n    kind: fhir\n    address: ADDRESS\n    fhir: {patients: \"https://k.example/pid\", cases: \"urn:oid:1.2.3\", own: \"https://k.example/nb\"}\n"
	for name, c := range map[string]struct{ text, want string }{
		"a FHIR target":                    {strings.Replace(fhir, "ADDRESS", "https://kis.example/fhir", 1), ""},
		"one on this machine":              {strings.Replace(fhir, "ADDRESS", "http://127.0.0.1:8080/fhir", 1), ""},
		"one in the clear":                 {strings.Replace(fhir, "ADDRESS", "http://kis.example/fhir", 1), "targets[0].address"},
		"one without an address":           {strings.Replace(fhir, "ADDRESS", "10.20.0.9:2575", 1), "targets[0].address"},
		"one without systems":              {"targets: [{name: kis, system: kis, kind: fhir, address: \"https://kis.example/fhir\"}]\n", "targets[0].fhir.patients"},
		"a kind that is none":              {"targets: [{name: kis, system: kis, kind: dicom, address: \"10.20.0.9:2575\"}]\n", "targets[0].kind"},
		"documents that are typed in":      {"targets: [{name: kis, system: kis, address: \"10.20.0.9:2575\", by_hand: [dose], as_document: [dose]}]\n", "targets[0].as_document[0]"},
		"documents":                        {"targets: [{name: kis, system: kis, address: \"10.20.0.9:2575\", as_document: [dose, order]}]\n", ""},
		"a forwarding":                     {"forward: [{name: archiv, feeds: [kis-adt], types: [ADT, \"ORU^R01\"], address: \"10.20.0.9:2575\"}]\n", ""},
		"a forwarding of an analyser":      {"forward: [{name: archiv, feeds: [geraet], address: \"10.20.0.9:2575\"}]\n", "forward[0].feeds[0]"},
		"a forwarding of nothing":          {"forward: [{name: archiv, address: \"10.20.0.9:2575\"}]\n", "forward[0].feeds"},
		"a forwarding that does not wait":  {"forward: [{name: archiv, feeds: [kis-adt], address: \"10.20.0.9:2575\", answer: 1ms}]\n", "forward[0].answer"},
		"two forwardings of the same name": {"forward:\n  - {name: archiv, feeds: [kis-adt], address: \"10.20.0.9:2575\"}\n  - {name: archiv, feeds: [kis-adt], address: \"10.20.0.9:2576\"}\n", "forward[1].name"},
	} {
		_, _, err := Parse([]byte("hospital: {name: H, site: s}\ndata: /srv/nb\nkeys: {file: /srv/nb/k}\n" + head + c.text))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want a mistake at %s", name, err, c.want)
		}
	}
}
