package testkit_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/testkit"
)

// A crisis is told in a file: who does what when, and what the screens and
// clocks say then. A line is one of
//
//	+90m                        time passes
//	WHO opens KIND | TITLE      an incident is opened
//	WHO does ACT | FIELD=VALUE … a button of the incident is pressed
//	WHO reports DUTY | FIELD=VALUE …
//	WHO sent DUTY | FIELD=VALUE …
//	WHO sees PATH | TEXT …      all of it stands on the page
//	WHO misses PATH | TEXT …    none of it does
//	WHO may not PATH            the page is refused
//	refused                     in front of a line: the act is not taken
//
// {id} is the incident; of=first:KIND is the ID of the first form of that act on the page.
type tale struct {
	t  *testing.T
	h  *testkit.Hospital
	id string
}

func (s *tale) tell(file string) {
	s.t.Helper()
	f, err := os.Open(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if d, ok := strings.CutPrefix(line, "+"); ok {
			passed, err := time.ParseDuration(d)
			if err != nil {
				s.t.Fatalf("%s:%d: %v", file, n, err)
			}
			s.h.Pass(passed)
			if _, err := s.h.Hub.Crisis.Remind(s.t.Context()); err != nil {
				s.t.Fatal(err)
			}
			continue
		}
		if !s.line(line) {
			s.t.Errorf("%s:%d: %s", file, n, line)
		}
	}
}

// line plays one line and reports whether it came as told.
func (s *tale) line(line string) bool {
	s.t.Helper()
	line, refused := strings.CutPrefix(line, "refused ")
	head, tail, _ := strings.Cut(line, "|")
	words := strings.Fields(strings.ReplaceAll(head, "{id}", s.id))
	var args []string
	for a := range strings.SplitSeq(tail, ";") {
		if a = strings.TrimSpace(a); a != "" {
			args = append(args, strings.ReplaceAll(a, "{id}", s.id))
		}
	}
	who := s.h.As(words[0])
	switch words[1] {
	case "opens":
		form := []string{"kind", words[2], "title", args[0]}
		for _, a := range args[1:] {
			name, value, _ := strings.Cut(a, "=")
			form = append(form, name, value)
		}
		page := who.Page("/crisis").Submit("/crisis", form...)
		ids := regexp.MustCompile(`id="c-([0-9a-f]+)"`).FindSubmatch(page.Body)
		if page.Status != 200 || ids == nil {
			return false
		}
		s.id = string(ids[1])
		return true
	case "does", "reports", "sent":
		page := s.act(who, words[1], words[2], args)
		if bad := page.Status >= 400 || page.Has("#problems"); bad != refused {
			s.t.Logf("%d %s", page.Status, page.Text())
			return false
		}
		return true
	case "sees", "misses":
		page := who.Page(words[2])
		ok := page.Status == 200
		text := strings.ToLower(page.Text())
		for _, a := range args {
			if strings.Contains(text, strings.ToLower(a)) != (words[1] == "sees") {
				s.t.Logf("%q on:\n%s", a, page.Text())
				ok = false
			}
		}
		return ok
	case "may":
		return who.Look(words[3]).Status == 403
	}
	s.t.Fatalf("unknown line %q", line)
	return false
}

func (s *tale) act(who *testkit.Person, verb, what string, args []string) *testkit.Page {
	s.t.Helper()
	form := []string{"key", journal.KeyOf(s.id, what+who.ID, []byte(strings.Join(args, ";"))).String()}
	prefix := ""
	if verb == "reports" {
		prefix = "f."
		form = append(form, "act", "save")
	} else if verb == "sent" {
		form = append(form, "act", "sent")
	}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		if kind, ok := strings.CutPrefix(value, "first:"); ok {
			value = s.first(kind)
		}
		form = append(form, prefix+name, value)
	}
	path := "/crisis/" + s.id + "/do/" + what
	if verb != "does" {
		path = "/crisis/" + s.id + "/report/" + what
	}
	page := who.Post(path, form...)
	if to := page.Location(); to != "" {
		return who.Page(to)
	}
	return page
}

// first is the ID in the first form of an act on the incident's pages.
func (s *tale) first(act string) string {
	s.t.Helper()
	who := s.h.As("krisenstab2") // who writes a thing does not see the form to accept it
	for _, tab := range []string{"team", "messages", "service", "tasks"} {
		page := who.Page("/crisis/" + s.id + "/" + tab)
		if sel := "form[action=/crisis/" + s.id + "/do/" + act + "]"; page.Has(sel) {
			return page.In(sel).Attr("input[name=of]", "value")
		}
	}
	s.t.Fatalf("no form for %s", act)
	return ""
}

// crisisHouse is a hospital at night, in Berlin, in North Rhine-Westphalia.
func crisisHouse(t *testing.T, change ...func(*config.Config)) *testkit.Hospital {
	t.Helper()
	return testkit.New(t, append([]func(*config.Config){func(c *config.Config) {
		c.Web.Session.Idle, c.Web.Session.Absolute = 60*24*time.Hour, 90*24*time.Hour
		c.Crisis.State = "NW"
	}}, change...)...)
}

func TestRansomwareAtNight(t *testing.T) {
	t.Parallel()
	mark := filepath.Join(t.TempDir(), "ran")
	h := crisisHouse(t, func(c *config.Config) {
		c.Crisis.Hooks = []config.Hook{{Name: "cut-remote", Label: lang.Text{DE: "VPN abschalten"}, Command: []string{"/bin/sh", "-c", "echo VPN ist aus; echo x >>" + mark}, Timeout: 30 * time.Second}}
	})
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Pass(17 * time.Hour) // Sunday 02:00 UTC, 03:00 in Berlin
	h.Declare("kis")
	s := &tale{t: t, h: h}
	s.tell("testdata/crisis/ransomware.txt")
	if b, err := os.ReadFile(mark); err != nil || string(b) != "x\n" {
		t.Errorf("the command ran as %q, %v", b, err)
	}
	s.papers()
	if t.Failed() {
		return
	}
	h.Restart()
	h.As("krisenstab").Page("/crisis/"+s.id).Sees("beendet", "Einsatztagebuch")
	h.Check()
}

// papers prints everything and checks the exported logbook with the pinned key.
func (s *tale) papers() {
	s.t.Helper()
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

func TestFireWithEvacuation(t *testing.T) {
	t.Parallel()
	h := crisisHouse(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	s := &tale{t: t, h: h}
	s.tell("testdata/crisis/fire.txt")
	nurse := h.As("pflege2") // of another ward, at the assembly point
	evac := "/evacuation/" + s.id
	page := nurse.Page(evac + "?ward=3A").Answers(200)
	page.Sees("Müller", "Halle Ost", "0 von 1", "nicht erhoben")
	page.Submit(evac, "scan", "99999999", "to", "Halle Ost").Answers(404).Sees("liegt niemand")
	done := page.Submit(evac, "scan", "26047110", "to", "Halle Ost").Answers(200)
	done.Sees("1 von 1", "✓ Halle Ost", "B. Thoma")
	page.Submit(evac, "scan", "26047110", "to", "Halle Ost").Answers(200).Sees("1 von 1") // the same form again
	if list := nurse.Look(evac + "/list.pdf"); list.Status != 200 || !strings.HasPrefix(string(list.Body), "%PDF") {
		t.Errorf("the list on paper: %d", list.Status)
	}
	h.As("krisenstab").Page("/crisis/" + s.id).Sees("Evakuierung: 1 von 1")
	h.As("krisenstab").Page("/crisis/"+s.id+"/log").Sees("Evakuierung: 3A 301 F nach Halle Ost").NotSees("Müller", "26047110")
	h.As("revision").Page("/audit").Sees("evacuation")
	h.As("krisenstab").Post("/crisis/"+s.id+"/do/evacuated", "key", "e1")
	if again := nurse.Look(evac); again.Status != 303 || !strings.HasPrefix(again.Location(), "/glass") {
		t.Errorf("after the end and without an outage the list is open: %d %s", again.Status, again.Location())
	}
	h.As("labor").Look(evac)
	if no := h.As("labor").Look(evac); no.Status != 403 {
		t.Errorf("the laboratory sees the list: %d", no.Status)
	}
}

func TestTelematicsOnFriday(t *testing.T) {
	t.Parallel()
	s := &tale{t: t, h: crisisHouse(t)}
	s.tell("testdata/crisis/telematics.txt")
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
