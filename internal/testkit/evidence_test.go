package testkit_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

// anIncident opens and declares an incident and returns its ID.
func anIncident(t *testing.T, h *testkit.Hospital, kind, title string) string {
	t.Helper()
	page := h.As("it").Page("/crisis").Submit("/crisis", "kind", kind, "title", title).Answers(200)
	id := regexp.MustCompile(`id="c-([0-9a-f]+)"`).FindSubmatch(page.Body)
	if id == nil {
		t.Fatal("no incident on the page")
	}
	c := string(id[1])
	page.Submit("/crisis/" + c + "/do/declare").Answers(200)
	return c
}

func aPhoto(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// In the night of the attack a disk and a log are secured, the police takes the
// disk with a signature on paper and a firm the log with one on the screen, and
// what leaves the house is checked with nothing but the public key.
func TestWhatWasSecuredIsHandedOverWithoutAGap(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	c := anIncident(t, h, "cyberattack", "Dateien auf allen Servern verschlüsselt")
	it, lead := h.As("it"), h.As("krisenstab")
	it.Page("/crisis/" + c).Sees("Beweise")
	it.Page("/evidence?case="+c).Sees("Noch nichts gesichert", "steht kein Sperrvermerk")
	log := []byte(strings.Repeat("Nov 19 02:01 sshd[411]: Accepted password for root\n", 20_000))
	page := it.Upload("/evidence/new", "photo", []testkit.Upload{{Name: "schrank.png", Body: aPhoto(t)}}, "key", "e1", "case", c, "kind", "disk", "title", "Systemplatte FS01", "serial", "ZA1B2C",
		"found", "Serverraum U1", "taken", "R. Vogel", "power", "on", "volatile", "yes", "place", "Tresor", "seal", "S-4711", "hash", strings.Repeat("AB", 32), "of", "fs01.dd").
		Answers(200).Sees("B1-0001", "Systemplatte FS01", "S-4711", "R. Vogel")
	disk := h.Hub.Evidence.ByLabel("B1-0001").ID
	if !page.Has(`img[src^=/evidence/item/` + disk + `]`) {
		t.Error("the photo is not on the page")
	}
	it.Upload("/evidence/new", "photo", nil, "key", "e2", "case", c, "kind", "log", "title", "", "found", "VPN", "taken", "R. Vogel", "place", "hier").Answers(422).Sees("in ein paar Worten beschreiben").In("form[action=/evidence/new]").Sees("")
	it.Upload("/evidence/new", "photo", nil, "key", "e2", "case", c, "kind", "log", "title", "Anmeldeprotokoll", "found", "VPN", "taken", "R. Vogel", "place", "hier").Answers(200).Sees("B1-0002")
	second := h.Hub.Evidence.ByLabel("B1-0002").ID
	it.CutUpload("/evidence/item/"+second+"/files", "content", testkit.Upload{Name: "auth.log", Body: log}, "key", "f0", "text", "mit scp geholt").Answers(422).Sees("Die Übertragung ist abgebrochen").NotSees("auth.log")
	it.Upload("/evidence/item/"+second+"/files", "content", []testkit.Upload{{Name: "auth.log", Body: log}}, "key", "f1", "text", "mit scp geholt").Answers(200).Sees("auth.log", "mit scp geholt")

	// The label is scanned; the police gets the disk.
	h.Pass(20 * time.Minute)
	it.Page("/evidence?scan=b1-0001").Sees("Systemplatte FS01")
	hand := "/evidence/item/" + disk + "/handover"
	it.Page(hand).Submit(hand, "to", "KHK Brandt", "org", "LKA", "why", "§ 94 StPO", "intact", "yes", "signed", "paper", "hash."+strings.Repeat("ab", 32), strings.Repeat("ac", 32)).Answers(422).
		Sees("weicht von der bei der Sicherstellung ab").Submit(hand, "hash."+strings.Repeat("ab", 32), strings.Repeat("ab", 32), "intact", "yes").Answers(200).Sees("KHK Brandt (LKA)", "unterschriebenes Papier fehlt noch", "stimmt")
	it.Page("/evidence?case=" + c).Sees("Unterschrift fehlt")
	for _, file := range []string{"print/receipt.pdf?line=2", "print/sheet.pdf", "print/label.pdf"} {
		if got := it.Look("/evidence/item/" + disk + "/" + file).Answers(200); !bytes.HasPrefix(got.Body, []byte("%PDF")) {
			t.Errorf("%s is no PDF", file)
		}
	}
	it.Upload("/evidence/item/"+disk+"/files", "receipt", []testkit.Upload{{Name: "quittung.png", Body: aPhoto(t)}}, "key", "r1", "of", "2").Answers(200).Sees("unterschriebene Quittung").NotSees("fehlt noch")

	// The firm signs on the screen.
	hand = "/evidence/item/" + second + "/handover"
	it.Page(hand).Submit(hand, "to", "Dr. Falk", "org", "Forensik Nord", "why", "Auftrag 12", "signed", "screen").Answers(422).Sees("Unterschrift fehlt")
	drawn := "data:image/png;base64," + base64.StdEncoding.EncodeToString(aPhoto(t))
	it.Page(hand).Submit(hand, "to", "Dr. Falk", "org", "Forensik Nord", "why", "Auftrag 12", "signed", "screen", "signature", drawn).Answers(200).Sees("auf dem Bildschirm unterschrieben")
	it.Look("/evidence/item/" + second + "/print/receipt.pdf?line=3").Answers(200)

	// A file is opened: the look is on record.
	name := h.Hub.Evidence.ByLabel("B1-0002").Files[0].Hash
	if got := h.As("revision").Look("/evidence/item/" + second + "/file/" + name).Answers(200); !bytes.Equal(got.Body, log) || got.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("the file comes back as %d bytes of %s", len(got.Body), got.Header.Get("Content-Type"))
	}
	h.As("revision").Page("/audit").Sees("Beweise: Datei", "B1-0002")

	// What leaves the house.
	order := []string{"key", "x1", "case", c, "for", "LKA Niedersachsen", "why", "Vorgang 2026/4711"}
	it.Post("/evidence/package", order...).Answers(http.StatusForbidden)
	zip := lead.Post("/evidence/package", order...).Answers(200).Body
	m, broken, err := evidence.VerifyPackage(t.Context(), bytes.NewReader(zip), int64(len(zip)), h.Hub.Keys.Verifier)
	if err != nil || len(broken) != 0 || len(m.Items) != 2 || m.For != "LKA Niedersachsen" {
		t.Fatalf("%v %+v %+v", err, broken, m)
	}
	changed := bytes.Replace(zip, []byte("Accepted password for root"), []byte("Rejected password for root"), 1)
	if _, broken, _ := evidence.VerifyPackage(t.Context(), bytes.NewReader(changed), int64(len(changed)), h.Hub.Keys.Verifier); len(broken) == 0 {
		t.Error("a changed log is not found")
	}
	lead.Page("/evidence?case="+c).Sees("LKA Niedersachsen", "ganz übertragen")
	lead.Look("/evidence/list.pdf?case=" + c).Answers(200)

	// The end needs two.
	it.Page("/evidence/item/"+second).Submit("/evidence/item/"+second+"/do/end", "way", "destroyed", "why", "Staatsanwaltschaft gab frei").Answers(200).Sees("Bestätigen muss eine zweite Person")
	lead.Page("/evidence/item/" + second).Submit("/evidence/item/" + second + "/do/end-confirm").Answers(200).Sees("Vernichtet")
	h.As("pflege").Look("/evidence").Answers(http.StatusForbidden)
	h.As("pflege").Look("/evidence/item/" + disk).Answers(http.StatusForbidden)
	h.As("revision").Look(hand).Answers(http.StatusForbidden)
	h.Check()
	h.Replay()
	it.Page("/evidence?scan=B1-0002").Sees("Vernichtet", "auth.log")
	h.Check()
}

// Two people have the same form open. The second one is told, and sending again
// does not take the thing away from who has it now; a typing error is asked about.
func TestAStaleFormHandsNothingOver(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	c := anIncident(t, h, "cyberattack", "Dateien verschlüsselt")
	it, lead := h.As("it"), h.As("krisenstab")
	want := strings.Repeat("ab", 32)
	it.Upload("/evidence/new", "photo", nil, "key", "e1", "case", c, "kind", "disk", "title", "Systemplatte FS01", "found", "Serverraum U1", "taken", "R. Vogel", "power", "off", "place", "Tresor", "hash", want, "of", "fs01.dd").Answers(200)
	id := h.Hub.Evidence.ByLabel("B1-0001").ID
	item, hand := "/evidence/item/"+id, "/evidence/item/"+id+"/handover"
	first, second := it.Page(hand), lead.Page(hand)
	stale := lead.Page(item)
	first.Submit(hand, "to", "KHK Brandt", "org", "LKA", "why", "§ 94 StPO", "signed", "paper").Answers(200).Sees("KHK Brandt (LKA)")
	again := second.Submit(hand, "to", "Dr. Falk", "org", "Forensik Nord", "why", "Auftrag 12", "signed", "paper").Answers(http.StatusConflict).Sees("inzwischen jemand anderes", "nichts eingetragen", "KHK Brandt")
	again.Submit(hand).Answers(http.StatusConflict)
	gone := stale.Submit(item+"/do/end", "way", "destroyed", "why", "Staatsanwaltschaft gab frei").Answers(http.StatusConflict)
	gone.Submit(item + "/do/end").Answers(http.StatusConflict)
	if got := h.Hub.Evidence.ByLabel("B1-0001"); got.Holder.Name != "KHK Brandt" || len(got.Entries) != 2 {
		t.Errorf("it is with %s after %d lines", got.Holder, len(got.Entries))
	}
	wrong := strings.Repeat("ab", 31) + "ac"
	asked := it.Page(item).Submit(item+"/do/verify", "hash."+want, wrong).Answers(http.StatusUnprocessableEntity).Sees("stimmt nicht überein", "als Abweichung eintragen")
	if n := len(h.Hub.Evidence.ByLabel("B1-0001").Entries); n != 2 {
		t.Fatalf("a typing error is on record: %d lines", n)
	}
	asked.Submit(item+"/do/verify", "hash."+want, strings.Repeat("ab", 31)+"ad", "deviates", wrong).Answers(http.StatusUnprocessableEntity)
	asked.Submit(item+"/do/verify", "hash."+want, wrong, "deviates", wrong).Answers(200).Sees("weicht ab", wrong)
}

// Whoever looks at evidence is on record: each item, sheet and file by itself, and
// a page that is opened again within minutes once.
func TestEveryLookAtEvidenceIsOnRecord(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	c := anIncident(t, h, "insider", "Befunde gelöscht")
	it := h.As("it")
	var ids []string
	for n, name := range []string{"a", "b"} {
		it.Upload("/evidence/new", "photo", []testkit.Upload{{Name: name + ".png", Body: append(aPhoto(t), name...)}}, "key", "k"+name, "case", c, "kind", "log", "title", "Protokoll "+name, "found", "VPN", "taken", "R. Vogel", "place", "hier").Answers(200)
		ids = append(ids, h.Hub.Evidence.ByLabel([]string{"B1-0001", "B1-0002"}[n]).ID)
	}
	it.Page("/evidence/item/"+ids[0]+"/handover").Submit("/evidence/item/"+ids[0]+"/handover", "to", "KHK Brandt", "org", "LKA", "why", "§ 94 StPO", "signed", "paper").Answers(200)
	lead := h.As("krisenstab")
	paths := []string{"/evidence?case=" + c, "/evidence/package?case=" + c, "/evidence/list.pdf?case=" + c, "/evidence/holds"}
	for _, id := range ids {
		i, err := h.Hub.Evidence.Item(id)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, "/evidence/item/"+id, "/evidence/item/"+id+"/print/sheet.pdf", "/evidence/item/"+id+"/print/label.pdf", "/evidence/item/"+id+"/file/"+i.Files[0].Hash)
	}
	paths = append(paths, "/evidence/item/"+ids[0]+"/print/receipt.pdf?line=2")
	reads := func() map[string]int {
		t.Helper()
		all, err := h.Hub.Staff.Reads(t.Context(), staff.ReadFilter{Person: "krisenstab"})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]int{}
		for _, r := range all {
			out[r.Page+" "+r.What]++
		}
		return out
	}
	for _, p := range paths {
		lead.Look(p).Answers(200)
	}
	first := reads()
	for _, want := range []string{"evidence/list B1", "evidence/package B1", "print/evidence Liste B1", "evidence/holds Sperrvermerke", "evidence/item B1-0001", "evidence/item B1-0002",
		"print/evidence B1-0001 Begleitschein", "print/evidence B1-0002 Etikett", "print/evidence B1-0001 Quittung Zeile 2"} {
		if first[want] != 1 {
			t.Errorf("%q stands %d times on record: %v", want, first[want], first)
		}
	}
	if len(first) != len(paths) {
		t.Errorf("%d looks are on record as %d", len(paths), len(first))
	}
	lead.Look("/evidence/item/" + ids[0]).Answers(200)
	if n := reads()["evidence/item B1-0001"]; n != 1 {
		t.Errorf("the same page again within minutes: %d records", n)
	}
	h.Pass(10 * time.Minute)
	lead.Look("/evidence/item/" + ids[0]).Answers(200)
	if n := reads()["evidence/item B1-0001"]; n != 2 {
		t.Errorf("the same page later: %d records", n)
	}
}

// What is done with evidence stands in the incident's logbook by itself, on its
// signed pages, and in the file that is checked offline; in no other incident's.
func TestTheLogbookTellsOfEvidenceByItself(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	other := anIncident(t, h, "technical", "Speicher ausgefallen")
	h.As("it").Page("/crisis").Submit("/crisis", "kind", "cyberattack", "title", "Dateien verschlüsselt").Answers(200)
	var c string
	for _, x := range h.Hub.Crisis.All() {
		if x.ID != other {
			c = x.ID
		}
	}
	it, lead := h.As("it"), h.As("krisenstab")
	it.Upload("/evidence/new", "photo", nil, "key", "e1", "case", c, "kind", "disk", "title", "Systemplatte FS01", "found", "Serverraum U1", "taken", "R. Vogel", "power", "off", "place", "Tresor").Answers(200)
	item := "/evidence/item/" + h.Hub.Evidence.ByLabel("B1-0001").ID
	h.Pass(5 * time.Minute)
	it.Page(item+"/handover").Submit(item+"/handover", "to", "KHK Brandt", "org", "LKA", "why", "§ 94 StPO", "signed", "paper").Answers(200)
	it.Page(item).Submit(item+"/do/note", "text", "Quittung liegt im Ordner 7").Answers(200)
	lead.Page("/evidence/holds?case="+c).Submit("/evidence/holds/set", "what", "whole", "about", c, "why", "Staatsanwaltschaft 2026/12").Answers(200)
	of := h.Hub.Evidence.Standing()[0].ID
	lead.Page("/evidence/holds").Submit("/evidence/holds/ask", "of", of, "why", "Verfahren eingestellt").Answers(200)
	it.Page("/evidence/holds").Submit("/evidence/holds/lift", "of", of).Answers(200)
	it.Page(item).Submit(item+"/do/end", "way", "destroyed", "why", "Staatsanwaltschaft gab frei").Answers(200)
	lead.Page(item).Submit(item + "/do/end-confirm").Answers(200)
	h.Settle()
	lines := []string{"Beweisstück B1-0001 gesichert", "übergeben: R. Vogel → KHK Brandt (LKA)", "Sperrvermerk gesetzt (das ganze Journal): Staatsanwaltschaft 2026/12", "Aufhebung des Sperrvermerks beantragt", "Sperrvermerk aufgehoben", "Vernichtung beantragt", "B1-0001 (Systemplatte FS01) vernichtet"}
	lead.Page("/crisis/" + c + "/log").Sees(lines...).NotSees("Ordner 7")
	lead.Page("/crisis/"+other+"/log").NotSees("B1-0001", "Sperrvermerk gesetzt")
	lead.Look("/crisis/" + c + "/print/logbook.pdf").Answers(200)
	file := lead.Look("/crisis/" + c + "/print/logbook.json").Answers(200).Body
	l, broken := crisis.VerifyLogbook(file, h.Hub.Keys.Verifier)
	if len(broken) > 0 {
		t.Fatalf("untouched: %+v", broken)
	}
	var all []string
	for _, x := range l.Lines {
		all = append(all, x.Text)
	}
	for _, want := range lines {
		if text := strings.Join(all, "\n"); strings.Count(text, want) != 1 {
			t.Errorf("%q is in the file %d times", want, strings.Count(text, want))
		}
	}
	for n, r := range l.Records {
		if r.Kind != journal.Evidence {
			continue
		}
		without := *l
		without.Records = slices.Delete(slices.Clone(l.Records), n, n+1)
		b, err := without.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if _, broken := crisis.VerifyLogbook(b, h.Hub.Keys.Verifier); len(broken) == 0 {
			t.Errorf("without record %d nothing is found", r.Seq)
		}
	}
	h.Check()
	h.Replay()
	h.As("krisenstab").Page("/crisis/" + c + "/log").Sees(lines...)
	h.Check()
}

func TestWhatWasTypedComesBackAfterTheSignIn(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	c := anIncident(t, h, "insider", "Befunde gelöscht")
	it := h.As("it")
	it.Page("/evidence/new?case=" + c)
	h.Pass(13 * time.Hour)
	page := it.Upload("/evidence/new", "photo", []testkit.Upload{{Name: "a.png", Body: aPhoto(t)}}, "key", "s1", "case", c, "kind", "phone", "title", "Diensttelefon des Administrators", "found", "Büro 12", "taken", "R. Vogel", "place", "Tresor")
	if page.Status != http.StatusUnauthorized || h.Hub.Evidence.Case(c) != nil {
		t.Fatalf("after the session ended: %d", page.Status)
	}
	page.Submit("/signin", "id", "it", "password", testkit.Password).Answers(200).Sees("Was getippt war, steht noch da")
}

// A legal hold stops retention; when two people have lifted it, retention goes on.
func TestALegalHoldStopsRetention(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]string{
		"the whole journal": {"what", "whole"}, "an incident": {"what", "case"}, "a span of time": {"what", "span", "from", "01.01.2020"}, "a patient": {"what", "patients", "patients", "26047110"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := testkit.New(t, func(c *config.Config) { c.Retention = config.Retention{Days: 30, KeepReadsDays: 60} })
			h.Receive("kis", "a01_mueller_3A.hl7", "a03_mueller_discharged.hl7")
			h.Declare("kis")
			h.As("arzt").Page("/search?q=26047110").Sees("Müller")
			c := anIncident(t, h, "technical", "Speicher ausgefallen")
			lead := h.As("krisenstab")
			lead.Page("/evidence/holds?case=" + c).Sees("älter als 30 Tage")
			lead.Page("/evidence/holds?case="+c).Submit("/evidence/holds/set", append(set, "case", c, "why", "Staatsanwaltschaft 2026/12")...).Answers(200).Sees("Staatsanwaltschaft 2026/12", "gesperrt")
			h.Pass(90 * 24 * time.Hour)
			h.Receive("kis", "a01_heidenreich_ITS.hl7")
			retain := func() {
				t.Helper()
				if err := h.Hub.Retain(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			retain()
			for _, who := range []string{"arzt", "krisenstab", "it"} {
				h.As(who).SignIn(who, testkit.Password)
			}
			h.As("arzt").Page("/search?q=26047110").Sees("Müller").NotSees("Niemand gefunden")
			lead = h.As("krisenstab")
			if n := h.As("revision").Page("/audit").Count("tbody tr"); n < 3 {
				t.Errorf("%d reads are left", n)
			}
			of := h.Hub.Evidence.Standing()[0].ID
			lead.Page("/evidence/holds").Submit("/evidence/holds/ask", "of", of, "why", "Verfahren eingestellt").Answers(200).Sees("Aufheben muss eine zweite Person")
			lead.Post("/evidence/holds/lift", "key", "l1", "of", of).Answers(http.StatusConflict)
			h.As("it").Page("/evidence/holds").Submit("/evidence/holds/lift", "of", of).Answers(200).Sees("Keiner.", "Aufgehoben")
			retain()
			h.As("arzt").Page("/search?q=26047110").Sees("Niemand gefunden")
			h.Check()
		})
	}
}

func TestADeclaredAttackHoldsRecordsByItself(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Retention = config.Retention{Days: 30, KeepReadsDays: 60}
		c.Evidence.Freeze = true
	})
	h.Receive("kis", "a01_mueller_3A.hl7", "a03_mueller_discharged.hl7")
	h.Declare("kis")
	anIncident(t, h, "cyberattack", "Lösegeldforderung")
	h.Pass(80 * 24 * time.Hour)
	h.Receive("kis", "a01_heidenreich_ITS.hl7")
	for range 2 {
		if err := h.Hub.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.Hub.Evidence.Standing()); n != 1 {
		t.Errorf("%d holds stand", n)
	}
	h.As("arzt").SignIn("arzt", testkit.Password)
	h.As("arzt").Page("/search?q=26047110").Sees("Müller").NotSees("Niemand gefunden")
	h.As("krisenstab").Page("/evidence/holds").Sees("von selbst", "Lösegeldforderung")
}
