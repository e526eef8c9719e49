package estate

import (
	"archive/zip"
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/lang"
)

func file(name, content string) File { return File{Name: name, Data: []byte(content)} }

// house is a small estate that other tests build on.
func house(t testing.TB) *Tables {
	t.Helper()
	in := Read([]File{file("haus.yaml", `
systems:
  - {name: KIS, weight: lebenswichtig, owner: IT, rto: 4 h, mtd: 8 h, fallback: Papier}
  - {name: Netz, weight: wichtig, owner: IT, rto: 1 h}
contacts:
  - {name: IT, mobile: 0171 39200 01, root: ja}
dependencies:
  - {system: KIS, on: Netz}
`)}, &Tables{})
	for _, m := range in.Mistakes {
		t.Fatal(m.Place(lang.DE), m.Say.DE)
	}
	return &in.Tables
}

func TestASpreadsheetIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	latin, err := charmap.Windows1252.NewEncoder().String("Kennung;Name;Bedeutung;Wiederanlaufzeit;Verantwortlicher\r\n;Kreißsaal;Wichtig;4 Std.;Leitung Ärzte\r\nkis;KIS;A;30 min;it\r\n")
	if err != nil {
		t.Fatal(err)
	}
	in := Read([]File{
		file("Systeme.csv", latin),
		file("kontakte.csv", "\ufeffName,Handy,Aufgabe\n\"Leitung Ärzte\",\"0171 39200 01, 0171 39200 02\",\"Chefin, vertritt\"\nIT,'+49 171 39200 03,\n"),
		file("Abhängigkeiten.tsv", "# wer braucht wen\nsystem\tart\tvon\nKIS\t\tKreißsaal\n"),
	}, &Tables{})
	if len(in.Mistakes) > 0 {
		t.Fatal(in.Mistakes)
	}
	e := New(in.Tables)
	room, ok := e.System("kreisssaal")
	if !ok || room.Name.DE != "Kreißsaal" || room.Weight != Essential || room.RTO.String() != "4h" || room.Owner != "leitung-aerzte" {
		t.Errorf("system is %+v", room)
	}
	boss, _ := e.Contact("leitung-aerzte")
	if len(boss.Ways) != 2 || boss.Ways[1] != (Way{Mobile, "0171 39200 02"}) || boss.Function != "Chefin, vertritt" {
		t.Errorf("contact is %+v", boss)
	}
	if it, _ := e.Contact("it"); it.Ways[0].Value != "+49 171 39200 03" {
		t.Errorf("number is %+v", it)
	}
	if want := []Dependency{{System: "kis", On: "kreisssaal", Kind: Needs}}; !reflect.DeepEqual(e.Dependencies, want) {
		t.Errorf("dependencies are %+v", e.Dependencies)
	}
}

func TestEveryMistakeIsSaidAtOnceWithItsPlace(t *testing.T) {
	t.Parallel()
	in := Read([]File{
		file("systeme.csv", "Name;Bedeutung;RTO;Verantwortlich;Farbe\nKIS;wichtg;4;Niemand;rot\n;;;;\nKIS;;;;\n;wichtig;;;\n"),
		file("haus.yaml", "dependencies:\n  - {system: KIS, on: KSI}\n  - system: KIS\ncontracts: 5\nautos: []\n"),
		file("tabelle1.csv", "a;b\n"),
		file("bild.png", "x"),
		file("leer.csv", ""),
		file("kontakte.csv", "Name;Name\n\"offen;x\n"),
	}, &Tables{})
	var got []string
	for _, m := range in.Mistakes {
		got = append(got, m.Place(lang.DE)+": "+m.Say.DE)
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		"systeme.csv, Zeile 1, Spalte Farbe: Diese Spalte gibt es in Systeme nicht",
		"systeme.csv, Zeile 2, Spalte Bedeutung: „wichtg“ ist hier nicht möglich. Möglich sind: lebenswichtig",
		"systeme.csv, Zeile 2, Spalte RTO: „4“ ist hier nicht möglich. Eine Zeit mit Einheit",
		"systeme.csv, Zeile 2, Spalte Verantwortlich: „Niemand“ steht nicht unter Kontakte",
		"systeme.csv, Zeile 4: „kis“ steht schon in Zeile 2",
		"systeme.csv, Zeile 5, Spalte Name: Hier fehlt eine Angabe",
		"haus.yaml, dependencies, Zeile 2, Spalte on: „KSI“ steht nicht unter Systeme. Gemeint ist vielleicht „kis“.",
		"haus.yaml, dependencies, Zeile 3, Spalte on: Hier fehlt eine Angabe",
		"haus.yaml, Zeile 4: Unter contracts wird eine Liste erwartet",
		"haus.yaml, Zeile 5: Eine Tabelle „autos“ gibt es nicht",
		"tabelle1.csv: Aus dem Namen der Datei geht nicht hervor",
		"bild.png: Diese Art von Datei wird nicht gelesen",
		"leer.csv: Die Datei ist leer",
		"kontakte.csv, Zeile 2: Die Anführungszeichen gehen nicht auf",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody said %q in\n%s", want, all)
		}
	}
}

// A probe that could never run is told when it is written, not when it is needed.
func TestAProbeIsCheckedByItsKind(t *testing.T) {
	t.Parallel()
	was := house(t)
	in := Read([]File{file("pruefungen.csv", `System;Art;Ziel;Einstellungen
KIS;tcp;kis:70000;
KIS;tcp;:443;
KIS;http;kis.klinik.example;
KIS;tls;kis:443;warm=20
KIS;dns;192.0.2.61:53;
KIS;postgresql;db:5432;user=probe
KIS;webhook;kis-agent;status=200
KIS;dicom;pacs:104;"called=PACS; tempo=9"
KIS;tls;kis:443;warn=20
KIS;webhook;kis-agent;
KIS;icmp;192.0.2.1;
`)}, was)
	var got []string
	for _, m := range in.Mistakes {
		got = append(got, m.Place(lang.DE)+": "+m.Say.DE)
	}
	want := []string{
		"pruefungen.csv, Zeile 2, Spalte Ziel: „kis:70000“ ist hier nicht möglich. Ein Port ist eine Zahl von 1 bis 65535.",
		"pruefungen.csv, Zeile 3, Spalte Ziel: „:443“ ist hier nicht möglich. Dem Ziel fehlt der Rechner vor dem Port.",
		"pruefungen.csv, Zeile 4, Spalte Ziel: „kis.klinik.example“ ist hier nicht möglich. Das Ziel ist eine Adresse mit http:// oder https://, ohne Kennwort darin.",
		"pruefungen.csv, Zeile 5, Spalte Einstellungen: „warm=20“ ist hier nicht möglich. Diese Angabe kennt die Prüfung tls nicht: warm. Es gibt: name, verify, warn.",
		"pruefungen.csv, Zeile 6, Spalte Einstellungen: Es fehlt die Angabe name.",
		"pruefungen.csv, Zeile 7, Spalte Ziel: „db:5432“ ist hier nicht möglich. Das Ziel ist Rechner, Port und Datenbank: 10.20.0.9:5432/kis.",
		"pruefungen.csv, Zeile 8, Spalte Einstellungen: „status=200“ ist hier nicht möglich. Eine Prüfung der Art webhook hat keine Einstellungen.",
		"pruefungen.csv, Zeile 9, Spalte Einstellungen: „called=PACS; tempo=9“ ist hier nicht möglich. Diese Angabe kennt die Prüfung dicom nicht: tempo. Es gibt: called, calling, tls, verify.",
	}
	if len(got) != len(want) {
		t.Fatalf("%d mistakes:\n%s", len(got), strings.Join(got, "\n"))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("said %q\nwant %q", got[i], want[i])
		}
	}
	table, _ := TableOf("probes")
	_, wrong := New(*was).Edit(table, "", map[string]string{"id": "p", "system": "KIS", "kind": "tcp", "target": "kis", "options": "x=1"})
	if !strings.Contains(wrong["target"].DE, "Rechner und Port") || !strings.Contains(wrong["options"].DE, "Sie hat keine.") {
		t.Errorf("the screen says %v", wrong)
	}
}

func TestATableThatIsNotThereStays(t *testing.T) {
	t.Parallel()
	was := house(t)
	in := Read([]File{file("kontakte.csv", "Name;Mobil\nIT;1\nNetz;2\n")}, was)
	if len(in.Mistakes) > 0 || len(in.Tables.Systems) != 2 || len(in.Tables.Contacts) != 2 {
		t.Fatalf("%+v", in)
	}
	changes := Diff(was, &in.Tables)
	if len(changes) != 2 || changes[0].Row != "it" || changes[0].Was == nil || changes[1].Row != "netz" || changes[1].Was != nil {
		t.Errorf("changes are %+v", changes)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	want, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	want.Systems[0].Note = "=1+1; \"so\"\nzweite Zeile, 'und' #mehr"
	want.Systems[1].Note = "'=quoted"
	want.Contacts[0].Ways = append(want.Contacts[0].Ways, Way{Satellite, "+870 773 000 000"})
	want.Feeds = []Feed{{Name: "kis-adt", System: "kis", Note: "true"}}
	for i := range want.Contacts { // ways come back in the order of trying
		c := &want.Contacts[i]
		var ways []Way
		for _, k := range []WayKind{Mobile, Landline, Pager, Radio, Satellite, InPerson, Extension, Messenger, Mail, Fax} {
			for _, w := range c.Ways {
				if w.Kind == k {
					ways = append(ways, w)
				}
			}
		}
		c.Ways = ways
	}
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		book, err := XLSX(want, l)
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		z := zip.NewWriter(&packed)
		for _, table := range AllTables() {
			w, err := z.Create(Slug(table.Title.In(l)) + ".csv")
			if err == nil {
				_, err = w.Write(CSV(table, want, l))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		for _, f := range []File{{"haus.xlsx", book}, {"haus.zip", packed.Bytes()}, {"haus.yaml", YAML(want, l)}} {
			in := Read([]File{f}, &Tables{})
			for _, m := range in.Mistakes {
				t.Fatal(f.Name, l, m.Place(lang.DE), m.Say.DE)
			}
			for _, c := range Diff(want, &in.Tables) {
				t.Errorf("%s %s: %s %s: was %q, is %q", f.Name, l, c.Table, c.Row, c.Was, c.Now)
			}
			if !reflect.DeepEqual(*want, in.Tables) && len(Diff(want, &in.Tables)) == 0 {
				t.Errorf("%s %s: same cells, other rows", f.Name, l)
			}
		}
	}
}

func TestSecretsDoNotGoIntoTheSpreadsheet(t *testing.T) {
	t.Parallel()
	in := Read([]File{file("pruefungen.csv", "System;Art;Ziel;Einstellungen\nKIS;ldap;ldap://x;password=geheim\n")}, house(t))
	if len(in.Mistakes) != 1 || !strings.Contains(in.Mistakes[0].Say.DE, "Ein Passwort gehört nicht hierher") {
		t.Errorf("%+v", in.Mistakes)
	}
	in = Read([]File{file("pruefungen.csv", "System;Art;Ziel;Einstellungen\nKIS;LDAP;ldap://x;user=cn=a,dc=b; secret=ldap\n")}, house(t))
	if len(in.Mistakes) != 0 || in.Tables.Probes[0].Options["user"] != "cn=a,dc=b" || in.Tables.Probes[0].ID == "" {
		t.Errorf("%+v %+v", in.Mistakes, in.Tables.Probes)
	}
}

func TestAMailboxOfWorkbooksCannotFillTheMemory(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("systeme.csv")
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if _, err := w.Write(bytes.Repeat([]byte("a"), 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []File{{"haus.zip", bomb.Bytes()}, {"haus.xlsx", bomb.Bytes()}, {"haus.xlsx", []byte("PK\x03\x04")}, {"haus.yaml", bytes.Repeat([]byte("- ["), 10_000)}} {
		if in := Read([]File{f}, &Tables{}); len(in.Mistakes) == 0 {
			t.Errorf("%s was read: %v", f.Name, in.Came)
		}
	}
	many := "Name\n" + strings.Repeat("x\n", maxRows+5)
	if in := Read([]File{file("kontakte.csv", many)}, &Tables{}); len(in.Mistakes) > maxFound || in.More == 0 {
		t.Errorf("%d mistakes kept, %d more", len(in.Mistakes), in.More)
	}
}

func TestOneRowIsEditedOnScreen(t *testing.T) {
	t.Parallel()
	e := New(*house(t))
	systems, _ := TableOf("systems")
	changes, wrong := e.Edit(systems, "kis", map[string]string{"name": "KIS neu", "rto": "2 Std.", "owner": "it", "weight": "vital", "mtd": "8 h", "fallback": "Papier"})
	if wrong != nil || len(changes) != 1 || fmt.Sprint(changes[0].Cells()) != "[1 10]" {
		t.Errorf("%+v %v", changes, wrong)
	}
	_, wrong = e.Edit(systems, "kis", map[string]string{"rto": "zwei", "owner": "wer"})
	if len(wrong) != 3 || wrong["name"].DE == "" || wrong["rto"].DE == "" || wrong["owner"].DE == "" {
		t.Errorf("%v", wrong)
	}
	changes, wrong = e.Edit(systems, "", map[string]string{"name": "Labor"})
	if wrong != nil || changes[0].Row != "labor" || changes[0].Was != nil {
		t.Errorf("%+v %v", changes, wrong)
	}
	if _, wrong = e.Edit(systems, "", map[string]string{"name": "KIS"}); wrong["id"].DE == "" {
		t.Errorf("a second KIS: %v", wrong)
	}
	deps, _ := TableOf("dependencies")
	changes, wrong = e.Edit(deps, "kis/needs/netz/", map[string]string{"system": "KIS", "on": "Netz", "kind": "hilfreich"})
	if wrong != nil || len(changes) != 2 || changes[0].Row != "kis/helpful/netz/" || changes[1].Now != nil {
		t.Errorf("%+v %v", changes, wrong)
	}
	if _, err := e.Remove(systems, "netz"); err == nil || !strings.Contains(err.Error(), "Dependencies") && !strings.Contains(err.Error(), "Abhängigkeiten") {
		t.Errorf("netz is needed: %v", err)
	}
	if changes, err := e.Remove(deps, "kis/needs/netz/"); err != nil || len(changes) != 1 {
		t.Errorf("%+v %v", changes, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("systeme.csv", []byte("Name;RTO\nKIS;4 h\n"))
	f.Add("kontakte.csv", []byte("\ufeffName,Mobil\n\"a\"\"b\",1\n"))
	f.Add("a.yaml", []byte("systems:\n- name: x\n  rto: [1, 2]\n"))
	f.Add("a.yml", []byte("options: [{name: a, kind: cloud, c5: Typ 2}]\n"))
	f.Add("abhaengigkeiten.csv", []byte("System;Von\na;b\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		in := Read([]File{{name, data}}, &Tables{})
		if len(in.Mistakes) > 0 {
			return
		}
		again := Read([]File{{"a.yaml", YAML(&in.Tables, lang.DE)}}, &Tables{})
		for _, m := range again.Mistakes {
			t.Fatalf("%s: %s", m.Place(lang.DE), m.Say.DE)
		}
		if d := Diff(&in.Tables, &again.Tables); len(d) > 0 {
			t.Fatalf("%+v", d[0])
		}
		New(in.Tables).Check(Date{2026, 11, 22})
		New(in.Tables).Map("", lang.DE)
	})
}
