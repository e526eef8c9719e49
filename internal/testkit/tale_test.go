package testkit_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/testkit"
)

// A crisis is told in a file, from the first look to the last report: who does
// what when, and what screens, paper and clocks say then. A line is one of
//
//	house hook NAME | COMMAND    the configuration: a command of containment; {temp} is a folder of the test
//	house alerts                 other monitorings are heard, outages proposed at once
//	house critical               it is a critical installation
//	house calls                  a gateway for SMS; the crisis team is called once an incident is declared
//	+90m                         time passes
//	receives FEED | MESSAGE; …   a system sends
//	alert HOST STATE | TEXT      another monitoring says DOWN or UP
//	declares SYSTEM              two people declare an outage
//	estate FILE                  IT reads the house's systems in
//	contacts                     the crisis team and its deputies are written down
//	mobile NUMBER gets | TEXT …  an SMS arrives that says all of it
//	mobile NUMBER answers | FIELD=VALUE …  the link in the last one is opened and its form sent
//	restarts                     the hub stops and starts again
//	clock DUTY WORD | MOMENT     the clock stands at: off, calm, half, three-quarters, nine-tenths, over, sent, late; and is due then
//	WHO opens KIND | TITLE       an incident is opened
//	WHO begins SYSTEM KIND       the same, with what the watch knows
//	WHO does ACT | FIELD=VALUE …  a button of the incident is pressed
//	WHO reports DUTY | FIELD=VALUE …
//	WHO sent DUTY | FIELD=VALUE …
//	WHO scans CASE | FIELD=VALUE …  a wristband, on the list of the evacuation
//	WHO fills PAGE ACTION | FIELD=VALUE …  any other form
//	WHO uploads PAGE NAME FILE | FIELD=VALUE …  one with a file: one beside the tale, a photo.png, or - for none
//	WHO packs N | FIELD=VALUE …  evidence leaves the house; N items prove themselves outside
//	WHO reviews DAY to DAY       begins an access review and waits until it is over
//	WHO judges LIST | FIELD=VALUE …  the first hit of a list of the access review
//	WHO finds LIST | TEXT …      all of it stands on the first hit of a list
//	WHO because REASON           break-glass
//	WHO sees PATH | TEXT …       all of it stands on the page
//	WHO misses PATH | TEXT …     none of it does
//	WHO prints PATH | TEXT …     all of it stands in the PDF
//	WHO reads PATH | TEXT …      all of it stands in the file
//	WHO may not PATH             the page is refused
//	refused                      in front of a line: the act is not taken
//	soon                         in front of sees: not at once, the watch looks first
//
// {id} is the incident, {call} its call-out, {CASE} the chart of a case on 3A,
// {B1-0001} the item of evidence with that label; of=first:KIND is the ID of the
// first form of that act on the page.
type tale struct {
	t    *testing.T
	h    *testkit.Hospital
	id   string
	file string
	temp string
	sms  *smsGateway // of a house that calls

	charts map[string]string // by case
}

// TestCrises tells every file of testdata/crisis, each in a house of its own.
func TestCrises(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/crisis/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	after := map[string]func(*tale){"ransomware": (*tale).papers}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(b), "\n")
			s := &tale{t: t, file: file, temp: t.TempDir(), charts: map[string]string{}}
			s.h = crisisHouse(t, s.house(lines))
			for n, line := range lines {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "house ") && !s.line(line) {
					t.Errorf("%s:%d: %s", file, n+1, line)
				}
			}
			if f := after[name]; f != nil {
				f(s)
			}
			s.h.Check()
		})
	}
}

// alertToken is the word that other monitorings of the tales show.
const alertToken = "sehr-geheimes-wort"

// house is the configuration that the head of a file asks for.
func (s *tale) house(lines []string) func(*config.Config) {
	return func(c *config.Config) {
		for _, line := range lines {
			words, tail, _ := strings.Cut(line, "|")
			switch f := strings.Fields(words); {
			case len(f) == 3 && f[0] == "house" && f[1] == "hook":
				c.Crisis.Hooks = append(c.Crisis.Hooks, config.Hook{Name: f[2], Label: lang.Text{DE: f[2]}, Command: []string{"/bin/sh", "-c", strings.ReplaceAll(strings.TrimSpace(tail), "{temp}", s.temp)}, Timeout: 30 * time.Second})
			case len(f) == 2 && f[0] == "house" && f[1] == "alerts":
				token := filepath.Join(s.temp, "token")
				if err := os.WriteFile(token, []byte(alertToken+"\n"), 0o600); err != nil {
					s.t.Fatal(err)
				}
				c.Watch.Propose, c.Watch.AlertToken = 0, token
			case len(f) == 2 && f[0] == "house" && f[1] == "critical":
				c.Crisis.Critical = true
			case len(f) == 2 && f[0] == "house" && f[1] == "calls":
				s.sms = newSMSGateway(s.t)
				callsBySMS(c, s.sms)
			case len(f) > 0 && f[0] == "house":
				s.t.Fatalf("unknown line %q", line)
			}
		}
	}
}

// line plays one line and reports whether it came as told.
func (s *tale) line(line string) bool {
	s.t.Helper()
	if d, ok := strings.CutPrefix(line, "+"); ok {
		passed, err := time.ParseDuration(d)
		if err != nil {
			s.t.Fatal(err)
		}
		s.h.Pass(passed)
		_, err = s.h.Hub.Crisis.Remind(s.t.Context())
		return err == nil
	}
	line, refused := strings.CutPrefix(line, "refused ")
	line, soon := strings.CutPrefix(line, "soon ")
	head, tail, _ := strings.Cut(s.named(line), "|")
	words := strings.Fields(head)
	var args []string
	for a := range strings.SplitSeq(tail, ";") {
		if a = strings.TrimSpace(a); a != "" {
			args = append(args, a)
		}
	}
	switch words[0] {
	case "receives":
		s.h.Receive(words[1], args...)
		return true
	case "contacts":
		contacts(s.t, s.h)
		return true
	case "mobile":
		return s.mobile(words[1], words[2], args)
	case "alert":
		return s.alert(words[1], words[2], args[0])
	case "declares":
		s.h.Declare(words[1])
		return true
	case "restarts":
		s.h.Restart()
		return true
	case "estate":
		return s.readIn(words[1])
	case "clock":
		return s.clock(words[1], words[2], args)
	}
	if soon {
		return s.soon(words, args)
	}
	return s.person(words, args, refused)
}

// named puts the incident and the charts of cases in their places.
func (s *tale) named(line string) string {
	line = strings.ReplaceAll(line, "{id}", s.id)
	if strings.Contains(line, "{call}") {
		line = strings.ReplaceAll(line, "{call}", s.h.Hub.Callout.Of(s.id)[0].ID)
	}
	line = regexp.MustCompile(`\{B\d+-\d+\}`).ReplaceAllStringFunc(line, func(label string) string {
		return s.h.Hub.Evidence.ByLabel(strings.Trim(label, "{}")).ID
	})
	return regexp.MustCompile(`\{\d+\}`).ReplaceAllStringFunc(line, func(no string) string {
		if s.charts[no] == "" {
			s.charts[no] = chartOf(s.h.As("pflege").Page("/ward/3A"), strings.Trim(no, "{}"))
		}
		return s.charts[no]
	})
}

// person plays what one person does or looks at.
func (s *tale) person(words, args []string, refused bool) bool {
	s.t.Helper()
	who := s.h.As(words[0])
	var page *testkit.Page
	switch words[1] {
	case "opens":
		page = who.Page("/crisis").Submit("/crisis", append([]string{"kind", words[2], "title", args[0]}, fields(args[1:])...)...)
		return s.opened(page)
	case "begins":
		page = who.Page("/crisis?from="+words[2]).Submit("/crisis", "kind", words[3])
		return s.opened(page)
	case "does", "reports", "sent":
		page = s.act(who, words[1], words[2], args)
	case "scans":
		at := "/evacuation/" + s.id
		page = who.Page(at).Submit(at, append([]string{"scan", words[2]}, fields(args)...)...)
	case "fills":
		page = who.Page(words[2]).Submit(words[3], fields(args)...)
	case "uploads":
		page = s.uploads(who, words[2], words[3], words[4], args)
	case "packs":
		return s.packs(who, words[2], args)
	case "reviews":
		page = who.Post("/review", "from", words[2], "to", words[4])
		if err := s.h.Hub.Review.Idle(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	case "judges":
		hit := s.hit(who, words[2])
		page = hit.Submit(strings.ReplaceAll(hit.Attr("form.form", "action"), "&amp;", "&"), fields(args)...)
	case "finds":
		hit := s.hit(who, words[2])
		return s.holds(hit, hit.Text(), args, true)
	case "because":
		who.WithReason(strings.Join(words[2:], " "))
		return true
	case "sees", "misses":
		page = who.Page(words[2])
		return s.holds(page, page.Text(), args, words[1] == "sees")
	case "prints":
		page = who.Look(words[2])
		return s.holds(page, pdfText(s.t, page.Body), args, true)
	case "reads":
		page = who.Look(words[2])
		return s.holds(page, string(page.Body), args, true)
	case "may":
		return who.Look(words[3]).Status == http.StatusForbidden
	default:
		s.t.Fatalf("unknown line %q", words)
	}
	if bad := page.Status >= 400 || page.Has("#problems"); bad != refused {
		s.t.Logf("%d %s", page.Status, page.Text())
		return false
	}
	return true
}

func fields(args []string) []string {
	var out []string
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		out = append(out, name, value)
	}
	return out
}

func (s *tale) holds(page *testkit.Page, text string, args []string, want bool) bool {
	ok := page.Status == http.StatusOK
	text = strings.ToLower(text)
	for _, a := range args {
		if strings.Contains(text, strings.ToLower(a)) != want {
			s.t.Logf("%q on %d:\n%s", a, page.Status, text)
			ok = false
		}
	}
	return ok
}

// soon looks again whenever the journal has grown, until the page says it.
func (s *tale) soon(words, args []string) bool {
	ctx, stop := context.WithTimeout(s.t.Context(), time.Minute)
	defer stop()
	for {
		head := s.h.Hub.Journal.Head()
		if err := errors.Join(s.h.Hub.Crisis.Wait(ctx, head), s.h.Hub.Watch.Wait(ctx, head), s.h.Hub.Callout.Wait(ctx, head)); err != nil {
			s.t.Fatal(err) // a page drawn before them would miss what the journal has
		}
		page := s.h.As(words[0]).Page(words[2])
		missing := false
		for _, a := range args {
			missing = missing || !strings.Contains(strings.ToLower(page.Text()), strings.ToLower(a))
		}
		if page.Status == http.StatusOK && !missing {
			return true
		}
		if err := s.h.Hub.Journal.Wait(ctx, head); err != nil {
			s.t.Fatalf("%s never says %q: %v\n%s", words[2], args, err, page.Text())
		}
	}
}

func (s *tale) opened(page *testkit.Page) bool {
	ids := regexp.MustCompile(`id="c-([0-9a-f]+)"`).FindSubmatch(page.Body)
	if page.Status != http.StatusOK || ids == nil {
		s.t.Log(page.Text())
		return false
	}
	s.id = string(ids[1])
	return true
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

// alert is what another monitoring says, in the form of Icinga.
func (s *tale) alert(host, state, text string) bool {
	body := `{"host":"` + host + `","state":"` + state + `","output":"` + text + `"}`
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.h.URL()+"/hooks/alerts/icinga", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+alertToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusNoContent
}

// readIn imports the systems of a file beside the tale.
func (s *tale) readIn(name string) bool {
	b, err := os.ReadFile(filepath.Join(filepath.Dir(s.file), name))
	if err != nil {
		s.t.Fatal(err)
	}
	page := s.h.As("it").Upload("/estate/import", "files", []testkit.Upload{{Name: name, Body: b}})
	if page.Status != http.StatusOK {
		s.t.Log(page.Text())
		return false
	}
	return page.Submit("/estate/accept", "why", "Grundlage").Status == http.StatusOK
}

// clock compares where the clock of a report stands, and when it is due in words
// of the house.
func (s *tale) clock(duty, word string, due []string) bool {
	c, err := s.h.Hub.Crisis.Crisis(s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, d := range s.h.Hub.Crisis.Deadlines(c) {
		if d.Duty.ID != duty {
			continue
		}
		got, at := clockWord(d, s.h.Clock()), d.Due.In(s.h.Hub.Zone).Format("02.01. 15:04")
		if got != word || len(due) > 0 && at != due[0] {
			s.t.Logf("%s: %s, due %s", duty, got, at)
			return false
		}
		return true
	}
	s.t.Logf("no clock %s", duty)
	return word == "off"
}

func clockWord(d crisis.Due, now time.Time) string {
	switch {
	case d.Late() > 0:
		return "late"
	case !d.SentAt().IsZero():
		return "sent"
	case !d.Applies || !d.Runs():
		return "off"
	}
	return map[rulebook.Warning]string{rulebook.Calm: "calm", rulebook.Half: "half", rulebook.ThreeQuarters: "three-quarters", rulebook.NinetyPercent: "nine-tenths", rulebook.Overdue: "over"}[d.Level(now)]
}
