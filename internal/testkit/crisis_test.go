package testkit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/testkit"
)

// crisisHouse is a hospital at night, in Berlin, in North Rhine-Westphalia.
func crisisHouse(t *testing.T, change ...func(*config.Config)) *testkit.Hospital {
	t.Helper()
	return testkit.New(t, append([]func(*config.Config){func(c *config.Config) {
		c.Web.Session.Idle, c.Web.Session.Absolute = 60*24*time.Hour, 90*24*time.Hour
		c.Crisis.State = "NW"
	}}, change...)...)
}

// papers looks that the command ran once, prints everything and checks the exported logbook with the pinned key.
func (s *tale) papers() {
	s.t.Helper()
	if b, err := os.ReadFile(filepath.Join(s.temp, "ran")); err != nil || string(b) != "x\n" {
		s.t.Errorf("the command ran as %q, %v", b, err)
	}
	who := s.h.As("krisenstab")
	at := "/crisis/" + s.id + "/print/"
	var file []byte
	for _, name := range []string{"logbook.pdf", "report.pdf?duty=bsig-24h&version=1", "situation.pdf?version=1", "dispatch.pdf", "logbook.json", "report.json?duty=bsig-24h&version=1"} {
		page := who.Look(at + name)
		if page.Status != 200 || len(page.Body) < 200 {
			s.t.Errorf("%s: %d, %d bytes", name, page.Status, len(page.Body))
		}
		if name == "logbook.json" {
			file = page.Body
		}
		if strings.Contains(name, ".pdf") && !strings.HasPrefix(string(page.Body), "%PDF") {
			s.t.Errorf("%s is no PDF", name)
		}
	}
	public, err := os.ReadFile(filepath.Join(filepath.Dir(s.h.Config.Keys.File), "checkpoint.pub"))
	if err != nil {
		s.t.Fatal(err)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		s.t.Fatal(err)
	}
	l, broken := crisis.VerifyLogbook(file, v)
	if len(broken) != 0 || l == nil || len(l.Lines) < 30 {
		s.t.Errorf("the logbook that left the house: %+v", broken)
	}
	if _, broken := crisis.VerifyLogbook([]byte(strings.Replace(string(file), "Lösegeld", "Losegeld", 1)), v); len(broken) == 0 {
		s.t.Error("a changed letter was not seen")
	}
	pdftotext, err := exec.LookPath("pdftotext")
	if err != nil {
		return
	}
	pdf := filepath.Join(s.t.TempDir(), "logbook.pdf")
	if err := os.WriteFile(pdf, who.Look(at+"logbook.pdf").Body, 0o600); err != nil {
		s.t.Fatal(err)
	}
	out, err := exec.Command(pdftotext, "-layout", pdf, "-").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range l.Pages[:len(l.Pages)-1] { // the last one has grown by the lines of the export
		if !strings.Contains(string(out), p.Hash) {
			s.t.Errorf("page %d does not bear its hash", p.Number)
		}
	}
}

// TestTheEvacuationListForgetsNobody clears the whole house: with oxygen from the
// ward's own entry, one patient on leave, and one whom no message has put into a
// ward.
func TestTheEvacuationListForgetsNobody(t *testing.T) {
	t.Parallel()
	h := crisisHouse(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "a01_schmidt_1949_3A.hl7", "a01_ostwald_no_ward.hl7")
	h.Declare("kis")
	nurse := h.As("pflege")
	chart := chartOf(nurse.Page("/ward/3A"), "26047110")
	nurse.Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "o2", "3", "act", "sign").Answers(200)
	away := chartOf(nurse.Page("/ward/3A"), "26060001")
	nurse.Page(away+"/move/leave").Submit(away+"/move/leave", "cause", "Trauerfall", "act", "sign").Answers(200)
	s := &tale{t: t, h: h, charts: map[string]string{}}
	for _, line := range []string{
		"pflege opens fire | Rauch im ganzen Haus",
		"pflege does declare | alone=niemand zu erreichen",
		"krisenstab does evacuate | point=Halle Ost; why=Rauch breitet sich aus",
		"pflege sees /evacuation/{id}?ward=3A | 3 l/min; beurlaubt, nicht im Haus; 0 von 3",
		"krisenstab prints /evacuation/{id}/list.pdf | 3 l/min; beurlaubt, nicht im Haus; ohne Station; Ostwald; 26047999",
		"pflege2 scans 26047999 | to=Halle Ost",
		"pflege2 sees /evacuation/{id}?ward=ohne+Station | Ostwald; ✓ Halle Ost; 1 von 3",
		"krisenstab sees /crisis/{id} | Evakuierung: 1 von 3",
		"krisenstab sees /crisis/{id}/log | Evakuierung: ohne Station nach Halle Ost",
	} {
		if !s.line(line) {
			t.Errorf("%s", line)
		}
	}
	h.Check()
}

func TestWhatATypistWroteComesBackAfterTheSignInEnded(t *testing.T) {
	t.Parallel()
	h := crisisHouse(t, func(c *config.Config) { c.Web.Session.Idle = 30 * time.Minute })
	s := &tale{t: t, h: h}
	if !s.line("arzt opens power | Trafo ausgefallen") || !s.line("arzt does declare") || !s.line("it does confirm") {
		t.Fatal("no crisis")
	}
	who := h.As("krisenstab")
	page := who.Page("/crisis/" + s.id + "/log").Answers(200)
	form, err := page.Form("/crisis/"+s.id+"/do/log", "kind", "decision", "text", "Aggregat zwei wird angefahren")
	if err != nil {
		t.Fatal(err)
	}
	h.Pass(45 * time.Minute)
	var values []string
	for name, v := range form {
		values = append(values, name, v[0])
	}
	asked := who.Post("/crisis/"+s.id+"/do/log", values...).Answers(401)
	back := asked.Submit("/signin", "id", "krisenstab", "password", testkit.Password).Answers(200)
	back.Sees("Die Anmeldung war abgelaufen", "Aggregat zwei wird angefahren")
	back.Submit("/crisis/" + s.id + "/do/log").Answers(200).In("table").Sees("Aggregat zwei wird angefahren")
}
