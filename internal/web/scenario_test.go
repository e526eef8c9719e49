package web

import (
	"net/http"
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/staff"
)

var annaKey = string(clinical.Identifier{Value: "900417", Authority: "KIS"}.Key())

func TestAResultReachesTheWardAndTheChart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.potassium("6.1", "HH")
	h.declare()
	nurse := h.as("weber")
	a := nurse.get("/ward/3A")
	a.sees(t, "NOTBETRIEB", "KIS ausgefallen", "MÜLLER, Anna", "*03.04.1951", "Penicillin", "Kalium", "6,1", "kritisch hoch", "302", "frei")
	for _, tab := range []struct {
		path string
		sees []string
	}{
		{"", []string{"Warum hier", "Linksherzinsuffizienz", "Allergie: Penicillin", "Anaphylaxie", "Kalium"}},
		{"/lab", []string{"Elektrolyte", "Kalium", "6,1 ↑↑‼"}},
		{"/curve", []string{"keine Vitalwerte übermittelt"}},
		{"/medication", []string{"Feste Medikation: nicht übermittelt"}},
		{"/findings", []string{"Befunde: nicht übermittelt"}},
		{"/orders", []string{"Anforderungen"}},
		{"/appointments", []string{"Keine Termine"}},
		{"/course", []string{"Aufnahme", "4711001", "3A · Zi 301 F"}},
		{"/sources", []string{"ADT^A01", "ORU^R01"}},
	} {
		a := nurse.get("/patient/" + annaKey + tab.path)
		if a.code != http.StatusOK {
			t.Errorf("%s: %d %s", tab.path, a.code, a.text())
		}
		a.sees(t, append(tab.sees, "MÜLLER, Anna", "weiblich", "Fall 4711001", "NOTBETRIEB")...)
	}
}

func TestAMoveTakesThePatientOffTheOldWard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.receive("kis", "ADT^A02^ADT_A02", "EVN|A02|"+at(60e9), "PID|1||900417^^^KIS^PI||Müller^Anna^^^^^L||19510403|F", strings.Replace(pv1("3B^311^F"), "3B^311^F|||", "3B^311^F|||3A^301^F", 1))
	h.declare()
	h.as("weber").get("/ward/3A").seesNot(t, "MÜLLER")
	h.as("huber").get("/ward/3B").sees(t, "MÜLLER, Anna")
}

func TestNoPatientDataWithoutSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.declare()
	nobody := h.visitor()
	for _, path := range []string{"/", "/ward/3A", "/patient/" + annaKey, "/patient/" + annaKey + "/lab", "/search?q=m%C3%BCller", "/unread", "/audit", "/people", "/record/1", "/print", "/print/ward.pdf?ward=3A", "/print/patient/" + annaKey + ".pdf"} {
		a := nobody.get(path)
		if a.path != "/signin" {
			t.Errorf("%s answered %d at %s", path, a.code, a.path)
		}
		a.seesNot(t, "MÜLLER", "Anna")
	}
}

func TestNormalOperationAsksForAReasonAndRecordsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	nurse := h.as("weber")
	a := nurse.get("/ward/3A")
	if a.path != "/glass" {
		t.Fatalf("ward opened at %s without a reason", a.path)
	}
	a.seesNot(t, "MÜLLER")
	a = nurse.post("/glass", "ward", "3A", "back", "/ward/3A", "reason", "a")
	a.sees(t, "Bitte prüfen", "Grund")
	a = nurse.post("/glass", "ward", "3A", "back", "/ward/3A", "reason", "KIS hängt, Leitstelle informiert")
	a.sees(t, "MÜLLER, Anna", "Normalbetrieb")
	reads, err := h.staff.Reads(t.Context(), staff.ReadFilter{Ward: "3A", Glass: true})
	ok(t, err)
	if len(reads) == 0 || reads[0].Reason != "KIS hängt, Leitstelle informiert" || reads[0].Page != "ward" {
		t.Errorf("break-glass read is not recorded: %+v", reads)
	}
	h.as("pruef").get("/audit?glass=1").sees(t, "S. Weber", "KIS hängt, Leitstelle informiert", "Station", "3A")
}

func TestEveryLookAtAChartIsRecorded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.declare()
	nurse := h.as("weber")
	for _, tab := range []string{"", "/lab", "/sources"} {
		nurse.get("/patient/" + annaKey + tab)
	}
	nurse.get("/search?q=niemand")
	if a := nurse.get("/print/patient/" + annaKey + ".pdf"); a.code != http.StatusOK || !strings.HasPrefix(a.body, "%PDF") {
		t.Errorf("print: %d %.200s", a.code, a.body)
	}
	if a := nurse.get("/print/ward.pdf?ward=3A"); a.code != http.StatusOK || !strings.HasPrefix(a.body, "%PDF") {
		t.Errorf("ward folder: %d %.200s", a.code, a.body)
	}
	reads, err := h.staff.Reads(t.Context(), staff.ReadFilter{Person: "weber"})
	ok(t, err)
	got := map[string]bool{}
	for _, r := range reads {
		got[r.Page] = true
	}
	for _, want := range []string{"chart/overview", "chart/lab", "chart/sources", "search", "print/patient", "print/ward", "print/pack"} {
		if !got[want] {
			t.Errorf("no read record for %s: %v", want, got)
		}
	}
}

func TestRolesSeeTheirPartOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.declare()
	admission := h.as("aufn")
	a := admission.get("/patient/" + annaKey)
	if a.path != "/patient/"+annaKey+"/course" {
		t.Errorf("admission lands at %s", a.path)
	}
	a.seesNot(t, "Linksherzinsuffizienz", "Diagnosen")
	for _, tab := range []string{"/lab", "/medication", "/findings", "/sources", "/curve"} {
		if a := admission.get("/patient/" + annaKey + tab); a.code != http.StatusForbidden {
			t.Errorf("admission reads %s: %d", tab, a.code)
		}
	}
	auditor := h.as("pruef")
	for _, path := range []string{"/ward/3A", "/patient/" + annaKey, "/search?q=m", "/people", "/unread"} {
		if a := auditor.get(path); a.code != http.StatusForbidden {
			t.Errorf("auditor reads %s: %d at %s", path, a.code, a.path)
		}
	}
	if a := h.as("weber").get("/ward/3B"); a.path != "/glass" {
		t.Errorf("a nurse of 3A opens 3B without a reason: %s", a.path)
	}
}

func TestAnOutageIsDeclaredByOneAndConfirmedByAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	doctor, crisis := h.as("huber"), h.as("krise")
	a := doctor.post("/outages/declare", "system", "", "why", "", "since", "25:99")
	if a.code != http.StatusUnprocessableEntity {
		t.Errorf("an empty form was taken: %d", a.code)
	}
	a.sees(t, "Bitte das System wählen.", "Uhrzeit ist nicht lesbar")
	a = doctor.post("/outages/declare", "system", "kis", "why", "KIS antwortet nicht", "key", "k1")
	a.sees(t, "KIS", "ist ausgefallen seit", "Ausfall erklären")
	for range 2 { // a double click is one outage
		a = doctor.post("/outages/declared", "system", "kis", "why", "KIS antwortet nicht", "key", "k1")
	}
	a.sees(t, "Normalbetrieb", "zweite Person fehlt noch", "Bestätigen muss eine andere Person.")
	outages := h.outages.Outages(true)
	if len(outages) != 1 {
		t.Fatalf("%d outages", len(outages))
	}
	a = crisis.post("/outages/" + outages[0].ID + "/confirm")
	a.sees(t, "NOTBETRIEB", "KIS ausgefallen")
	crisis.post("/outages/"+outages[0].ID+"/end", "why", "läuft wieder").sees(t, "Ende beantragt von")
	doctor.post("/outages/"+outages[0].ID+"/confirm-end").sees(t, "Normalbetrieb", "Beendet")
}

func TestWhatCouldNotBeReadIsListedShownAndSetAside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seq := h.receive("kis", "ADT^A01^ADT_A01", "EVN|A01|"+at(60e9), "PID|1||||Niemand^Ohne Nummer")
	h.declare()
	doctor := h.as("huber")
	doctor.get("/unread").sees(t, "Ungelesene Meldungen", "ADT^A01")
	path := "/record/" + group(uint64(seq))
	path = strings.ReplaceAll(path, "\u202f", "")
	doctor.get(path).sees(t, "PID", "Niemand^Ohne Nummer", "sicher gespeichert")
	doctor.post(path+"/aside", "segment", "", "do", "aside").sees(t, "Alles gelesen.")
	doctor.get("/unread?aside=1").sees(t, "K. Huber")
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+"/signout", nil)
	ok(t, err)
	req.Header.Set("Origin", "https://anderswo.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	ok(t, res.Body.Close())
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("answered %d", res.StatusCode)
	}
}

func TestHeadersKeepStrangersOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.visitor().get("/signin")
	csp := a.head.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if strings.Contains(a.body, "style=") || strings.Contains(a.body, "<style") || strings.Contains(a.body, "onclick") {
		t.Error("inline style or script on the page")
	}
	if a.head.Get("Cache-Control") != "no-store" {
		t.Errorf("cache %q", a.head.Get("Cache-Control"))
	}
	asset := h.visitor().get(assetURL("kit.css"))
	if !strings.Contains(asset.head.Get("Cache-Control"), "immutable") {
		t.Errorf("asset cache %q", asset.head.Get("Cache-Control"))
	}
	if a := h.visitor().get("/gibtsnicht"); a.code != http.StatusNotFound {
		t.Errorf("unknown page: %d", a.code)
	}
}

func TestBackLeadsOnlyToOurselves(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"/ward/3A": "/ward/3A", "//boese.example": "/", "https://boese.example": "/", "/\\boese.example": "/", "": "/", "/a\r\nX: y": "/"} {
		if got := safeBack(in); got != want {
			t.Errorf("safeBack(%q) = %q, want %q", in, got, want)
		}
	}
}
