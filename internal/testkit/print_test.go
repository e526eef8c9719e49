package testkit_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/testkit"
)

// pdfText is what a reader of a printed PDF reads.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Fatalf("this is no PDF: %q", pdf[:min(len(pdf), 40)])
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed")
	}
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func says(t *testing.T, where, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(w)) {
			t.Errorf("%s does not say %q:\n%s", where, w, text)
		}
	}
}

func TestTheWardFolderHoldsEveryPatientOfTheWard(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	h.Declare("kis")
	for _, ward := range []string{"3A", "3B", "ITS", "GEB"} {
		page := h.As("arzt").Page("/ward/" + ward)
		text := pdfText(t, h.As("arzt").Look("/print/ward.pdf?ward="+ward).Answers(200).Body)
		says(t, "the folder of "+ward, text, "NOTBETRIEB", "KIS", "Klinik am Lindenhof", "Seite 1 von")
		if page.Count("tr[data-case]") == 0 {
			t.Errorf("ward %s is empty", ward)
		}
		for _, kase := range page.Cases() {
			says(t, "the folder of "+ward, text, kase)
		}
		list := pdfText(t, h.As("arzt").Look("/print/ward.pdf?list=1&ward="+ward).Answers(200).Body)
		for _, kase := range page.Cases() {
			says(t, "the list of "+ward, list, kase)
		}
	}
	key := chartOf(h.As("arzt").Page("/ward/3B"), "26047110")
	_, no, _ := cut(key)
	text := pdfText(t, h.As("arzt").Look("/print/patient/"+no+".pdf").Answers(200).Body)
	says(t, "the patient's sheets", text, "Müller", "14.03.1958", "Amoxicillin", "K80.2", "4,6", "Ramipril", "CT Abdomen", "NOTBETRIEB")
	for _, sheet := range []string{"wristband", "labels"} {
		says(t, "the "+sheet, pdfText(t, h.As("arzt").Look("/print/patient/"+no+"/"+sheet+".pdf").Answers(200).Body), "Müller", "26047110")
	}
	h.Settle()
	audit := h.As("revision").Page("/audit?patient=" + no)
	audit.Sees("print/pack", "print/patient", "print/wristband", "print/labels")
}

func TestPagesAndSheetsSayTheMode(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.As("arzt").WithReason("Angehörige fragen nach der Allergie")
	key := chartOf(h.As("arzt").Page("/ward/3A"), "26047110")
	_, no, _ := cut(key)
	at := []string{"/", "/ward/3A", key, key + "/lab", key + "/curve", key + "/medication", key + "/findings", key + "/orders",
		key + "/appointments", key + "/course", key + "/sources", "/search?q=Mü", "/unread", "/outages", "/print", "/password", "/nirgends"}
	sheet := "/print/patient/" + no + ".pdf"
	said := func(mode string) {
		t.Helper()
		for _, path := range at {
			h.As("arzt").Page(path).In("#modeline .modeword").Sees(mode)
		}
		h.Visitor().Page("/signin").In("#modeline .modeword").Sees(mode)
		says(t, "the sheet", pdfText(t, h.As("arzt").Look(sheet).Answers(200).Body), mode)
	}
	said("Normalbetrieb")
	h.Declare("lis", "exercise", "1")
	said("Übung")
	end(h)
	h.Declare("kis")
	said("Notbetrieb")
}

func TestTheHouseFolderIsDrawnInOneJob(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	h.Declare("kis")
	crisis := h.As("krisenstab")
	if !crisis.Page("/").Has("nav a[href=/print]") {
		t.Error("no link leads the crisis team to the house folder")
	}
	choose := crisis.Page("/print")
	if choose.Has("form[action=/print/ward.pdf]") {
		t.Error("the crisis team is offered ward folders that it may not open")
	}
	page := choose.Submit("/print/house").Answers(200)
	job, _, _ := strings.Cut(page.Path, "?")
	waitFor(t, func() bool { return h.As("krisenstab").Page(job).Has("a[href^=" + job + ".pdf]") })
	text := pdfText(t, crisis.Look(job+".pdf").Answers(200).Body)
	for _, ward := range []string{"3A", "3B", "ITS", "GEB"} {
		for _, kase := range h.As("arzt").Page("/ward/" + ward).Cases() {
			says(t, "the house folder", text, kase)
		}
	}
	h.As("arzt").Post("/print/house").Answers(403)
	h.As("pflege").Look(job).Answers(403)
	h.Settle()
	_, no, _ := cut(chartOf(h.As("arzt").Page("/ward/3B"), "26047110"))
	h.As("revision").Page("/audit?patient=" + no).Sees("print/pack")
}

// comes is the planned admission of a patient to an empty ward.
const comes = "MSH|^~\\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121080000||ADT^A14|K14001|P|2.5|||||DE|UNICODE UTF-8\r" +
	"EVN|A14|20261121080000\rPID|1||10049001^^^HAUS^PI||Kommnick^Petra^^^^^L||19610203|F\r" +
	"PV1|1|P|GEB^21^F||||||||||||||||26049001^^^HAUS^VN\rPV2||||||||20261121150000\r"

// Those who are coming, and those in house whom no message has put into a ward,
// are patients of the house too.
func TestBothHouseFoldersHoldThosePatientsWhoAreComing(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "a01_ostwald_no_ward.hl7", comes)
	h.Declare("kis")
	lead := crisis.Act{Person: "krisenstab", Name: "Dr. A. Stein"}
	c, err := h.Hub.Crisis.OpenCrisis(t.Context(), lead, crisis.Opening{Kind: rulebook.Power, Title: "Trafo ausgefallen"})
	if err == nil {
		_, err = h.Hub.Crisis.Declare(t.Context(), lead, c.ID, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	team := h.As("krisenstab")
	team.Page("/").Sees("2 Patienten im Haus", "1 ohne Station")
	job, _, _ := strings.Cut(team.Page("/print").Submit("/print/house").Answers(200).Path, "?")
	waitFor(t, func() bool { return h.As("krisenstab").Page(job).Has("a[href^=" + job + ".pdf]") })
	var console bytes.Buffer
	if err := h.Hub.PrintPDF(t.Context(), app.PrintJob{House: true, Lang: lang.DE, User: "root"}, &console, nil); err != nil {
		t.Fatal(err)
	}
	page, command := pdfText(t, team.Look(job+".pdf").Answers(200).Body), pdfText(t, console.Bytes())
	for name, text := range map[string]string{"the page's folder": page, "the command's folder": command} {
		says(t, name, text, "26047110", "Kommnick", "26049001", "kommt", "ohne Station: im Haus, aber wo, sagt keine Nachricht", "Ostwald", "26047999", "Krisenlage: Trafo ausgefallen")
	}
	if a, b := strings.Count(page, "26047999"), strings.Count(command, "26047999"); a != b || a < 2 {
		t.Errorf("who has no ward stands %d times in the one folder and %d times in the other", a, b)
	}
	if a, b := strings.Count(page, "26049001"), strings.Count(command, "26049001"); a != b || a < 2 {
		t.Errorf("who is coming stands %d times in the one folder and %d times in the other", a, b)
	}
	if door := h.Visitor().Page("/signin"); !strings.Contains(door.Text(), "NOTBETRIEB") || strings.Contains(door.Text(), "Trafo") {
		t.Errorf("at the door stands the mode, and not what the incident is about:\n%s", door.Text())
	}
}
