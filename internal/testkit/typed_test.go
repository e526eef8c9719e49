package testkit_test

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/testkit"
)

// sheetOfPaper is a form on some page, in the hands of whoever may send it.
type sheetOfPaper struct {
	testkit.Form
	by    string
	route string
	on    string
}

// postRoutes are the addresses that forms are sent to, as the source names
// them.
func postRoutes(t *testing.T) []route {
	t.Helper()
	files, err := filepath.Glob("../web/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("the source is not there", err)
	}
	var out []route
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`on\("POST ([^"]+)"`).FindAllStringSubmatch(string(b), -1) {
			like := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(m[1]), `[^/]+`)
			out = append(out, route{m[1], regexp.MustCompile("^" + like + "$")})
		}
	}
	return out
}

// route is the address of a form, and what such addresses look like.
type route struct {
	name string
	like *regexp.Regexp
}

// routeOf is the route that an address belongs to, the most exact one.
func routeOf(routes []route, path string) string {
	best := ""
	for _, r := range routes {
		if r.like.MatchString(path) && (best == "" || strings.Count(r.name, "{") < strings.Count(best, "{")) {
			best = r.name
		}
	}
	return best
}

// collect keeps the forms of a page that are not known yet.
func collect(t *testing.T, page *testkit.Page, routes []route, found map[string]sheetOfPaper) {
	t.Helper()
	for _, f := range page.Forms() {
		u, err := url.Parse(f.Action)
		if err != nil {
			t.Fatal(err)
		}
		route := routeOf(routes, u.Path)
		kind := route + " " + strings.Join(f.Typed, " ")
		if strings.HasPrefix(route, "/patient/{key}/write/") {
			kind = u.Path[strings.LastIndexByte(u.Path, '/'):]
		}
		if _, known := found[kind]; !known && route != "" {
			found[kind] = sheetOfPaper{f, page.By(), route, page.Path}
		}
	}
}

// differing is what differs between the addresses of pages that hold the same
// forms. One page of a kind is enough.
var differing = regexp.MustCompile(`[0-9a-z-]{12,}|\d+|/(stops|system)/.*`)

// formsIn walks the pages as somebody and collects each kind of form once.
func formsIn(t *testing.T, who *testkit.Person, routes []route, found map[string]sheetOfPaper) {
	t.Helper()
	todo, seen := []string{"/"}, map[string]bool{"/": true}
	for n := 0; len(todo) > 0 && n < maxPages; n++ {
		at := todo[0]
		todo = todo[1:]
		page := who.Page(at)
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			continue
		}
		collect(t, page, routes, found)
		for _, link := range page.Links() {
			u, err := url.Parse(link)
			if err != nil || u.IsAbs() || u.Scheme != "" || strings.HasSuffix(u.Path, ".pdf") || strings.HasPrefix(u.Path, "/assets/") || strings.HasSuffix(u.Path, "/picture") {
				continue
			}
			base, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			to := base.ResolveReference(u)
			to.Fragment = ""
			kind := differing.ReplaceAllString(to.Path, "#")
			for _, name := range slices.Sorted(maps.Keys(to.Query())) {
				kind += " " + name
			}
			if !seen[kind] {
				seen[kind], todo = true, append(todo, to.RequestURI())
			}
		}
	}
}

// TestWhatIsTypedIsOnTheAnswerWhateverItIs sends every form of every role into
// each refusal there is. The words are on the page that comes back.
func TestWhatIsTypedIsOnTheAnswerWhateverItIs(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		withEmergency(c)
		to := config.DefaultTarget()
		to.Name, to.System, to.Address = "kis", "kis", "127.0.0.1:9" // nobody is sent anything
		c.Targets = append(c.Targets, to)
	})
	h.Receive("kis", "a01_mueller_3A.hl7", "a04_unknown_man_3B.hl7", "o01_mueller_ct_ordered.hl7", "adt_q77_mueller_unknown_event.hl7")
	h.Pass(5 * time.Minute)
	h.Declare("kis")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	more := somethingOfEach(t, h)
	routes := postRoutes(t)
	found := map[string]sheetOfPaper{}
	for _, p := range more {
		collect(t, p, routes, found)
	}
	for _, id := range everybody {
		formsIn(t, h.As(id), routes, found)
	}
	sent := map[string]bool{}
	var last []func() // what may be taken, and change what stands
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		f := found[kind]
		if keptFrom[f.route] != "" {
			continue
		}
		sent[f.route] = true
		if len(f.Typed) == 0 { // buttons only
			continue
		}
		words := []string{}
		form := url.Values{}
		for name, v := range f.Sent {
			form[name] = v
		}
		for i, name := range f.Typed {
			word := fmt.Sprintf("wort%d größer", i)
			form[name] = []string{word}
			words = append(words, word)
		}
		form.Set("act", "sign")
		last = append(last, refused(t, h, f, form, words))
	}
	for _, send := range last {
		send()
	}
	for _, r := range routes {
		if !sent[r.name] && keptFrom[r.name] == "" {
			t.Errorf("no form for %s was found: nobody looks whether it loses what is typed", r.name)
		}
	}
}

// refused sends a form into the refusals that are sure. The one that is left, by
// what the form itself thinks of the words, comes last.
func refused(t *testing.T, h *testkit.Hospital, f sheetOfPaper, form url.Values, words []string) func() {
	t.Helper()
	var pairs []string
	for name, values := range form {
		for _, v := range values {
			pairs = append(pairs, name, v)
		}
	}
	holds := func(when string, p *testkit.Page) {
		t.Helper()
		for i, w := range words {
			if !strings.Contains(strings.ToLower(string(p.Body)), w) { // names to sign in with are made small
				t.Errorf("%s, %s (from %s): %s is lost in the answer %d at %s", f.Action, when, f.on, f.Typed[i], p.Status, p.Path)
			}
		}
	}
	u, err := url.Parse(f.Action)
	if err != nil {
		t.Fatal(err)
	}
	nobody := h.Visitor()
	out := nobody.Post(u.Path, pairs...)
	if out.Status != http.StatusUnauthorized {
		t.Errorf("%s without a sign-in answers %d", f.Action, out.Status)
	}
	holds("the sign-in has ended", out)
	holds("after the sign-in", out.Submit("/signin", "id", f.by, "password", testkit.Password))
	if rest, ok := strings.CutPrefix(u.Path, "/patient/"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		holds("the patient is gone", h.As(f.by).Post("/patient/niemand/"+rest, pairs...))
	}
	for _, other := range []string{"revision", "labor", "pflege"} {
		if p := h.As(other).Post(u.Path, pairs...); p.Status == http.StatusForbidden {
			holds("no right as "+other, p)
			break
		}
	}
	return func() {
		if p := h.As(f.by).Post(u.Path, pairs...); p.Status >= http.StatusBadRequest {
			holds("refused", p)
		}
	}
}

// keptFrom are routes that this walk meets no form of, and why nothing is lost
// there.
var keptFrom = map[string]string{
	"/scan":                          "takes files",
	"/estate/import":                 "takes files",
	"/signin":                        "its own tests",
	"/demo":                          "a switch of the demonstration",
	"/demo/kis":                      "a switch of the demonstration",
	"/alarms/confirm":                "a button; no alarm stands",
	"/people/{id}/unlock":            "a button; nobody is locked out",
	"/forward/{name}":                "ticks and buttons; nothing is forwarded here",
	"/handback/{target}/match/{key}": "a choice of cases; nobody is without a number here",
	"/patient/{key}/joined":          "asked for after a search; told below",
	"/estate/restore":                "a button of an older version; there is one version",
	"/watch/maintenance/{id}/off":    "a button",
	"/watch/system/{id}/{act}":       "said of an alarm or a proposal; none stands",
	"/evacuation/{id}":               "buttons of an evacuation",
	"/crisis/{id}/report/{duty}":     "a report that is due; none is",
	"/a/{token}":                     "opened from a message by somebody without a sign-in; none was sent here",
	"/callout/{id}/do/{act}":         "said of a call-out that runs; none does",
	"/review":                        "two days, which the page has in its address",
	"/review/changes":                "two days, which the page has in its address",
	"/review/lists":                  "takes files",
	"/review/hit/{id}":               "a judgement of a hit; nobody was looked over",
	"/review/logs/{id}/drop":         "a button of a log that was taken in; none was",
	"/inquiry/{room}":                "within a sealed investigation; see /inquiry",
	"/inquiry":                       "a sealed investigation shows nothing of itself to whoever comes next at the screen",
}

// somethingOfEach leaves work for each role: a prescription in dispute, one with
// a remark of the pharmacy, an order, paper, a crisis, a report of an event.
func somethingOfEach(t *testing.T, h *testkit.Hospital) []*testkit.Page {
	t.Helper()
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	doctor, nurse, it := h.As("arzt"), h.As("pflege"), h.As("it")
	pharmacist := atPharmacy(t, h, chart)
	pharmacist.Page(linkTo(t, pharmacist.Page("/desk/pharmacy"), "/pharmacy?rx=")).Submit(chart+"/pharmacy", "act", "remark", "remark", "Bitte vor dem Essen").Answers(200)
	h.Receive("kis", bisoprolol("B1", "20261121080500", "5"))
	h.Settle()
	doctor.Page(linkTo(t, doctor.Page(chart+"/medication"), "/prescription?rx=90077")).Submit(chart+"/prescription", "to", "stop", "why", "Kalium 6,4").Answers(200)
	h.Pass(20 * time.Minute)
	h.Receive("kis", bisoprolol("B2", "20261121101500", "5"))
	h.Settle()
	nurse.Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign").Answers(200)
	doctor.Page(chart+"/write/order-lab").Submit(chart+"/write/order-lab", "urgency", "S", "x.ELEK", "1", "act", "sign").Answers(200)
	nurse.Page("/event").Submit("/event", "what", "Heparin doppelt gespritzt, zwei Bögen", "kind", "medication", "degree", "reached", "factor", "paper", "ward", "3A").Answers(200)
	preview := it.Page("/estate/import").Submit("/estate/template").Answers(200)
	preview.Submit("/estate/accept", "why", "Grundlage").Answers(200)
	crisis := &tale{t: t, h: h}
	if !crisis.line("arzt opens power | Trafo ausgefallen") || !crisis.line("arzt does declare") || !crisis.line("krisenstab does confirm") {
		t.Fatal("no crisis")
	}
	mode(h, "testing").Answers(200)
	h.As("krisenstab").Upload("/evidence/new", "photo", nil, "key", "e2", "case", crisis.id, "kind", "log", "title", "Anmeldeprotokoll", "found", "VPN", "taken", "R. Vogel", "place", "hier").Answers(200)

	nurse.Upload("/scan", "files", pictures(t, 4), "ward", "3A").Answers(200)
	read(t, h)
	var refs []string
	for _, l := range nurse.Page("/desk/scan").Links() {
		if strings.HasPrefix(l, "/desk/scan/") && !strings.Contains(l, "picture") && !slices.Contains(refs, l) {
			refs = append(refs, l)
		}
	}
	if len(refs) != 4 {
		t.Fatalf("%d pages wait, want 4", len(refs))
	}
	filing := nurse.Page(refs[0]).Submit(refs[0], "q", "26047110").Answers(200)
	filing.Submit(refs[0]+"/file", "kind", "vitals").Answers(200)
	nurse.Page(refs[1]).Submit(refs[1]+"/aside", "why", "leere Rückseite").Answers(200)
	h.Settle()
	return []*testkit.Page{
		nurse.Page(refs[2]).Submit(refs[2], "q", "26047110").Answers(200), nurse.Page(refs[1]).Answers(200), nurse.Page(chart + "/harm"),
		doctor.Page("/outages").Submit("/outages/declare", "system", "lis", "why", "Labor antwortet nicht").Answers(200),
		preview,
	}
}

// pictures are pages of paper without a code, none like another.
func pictures(t *testing.T, n int) []testkit.Upload {
	t.Helper()
	var out []testkit.Upload
	for i := range n {
		img := image.NewGray(image.Rect(0, 0, 620, 877))
		draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(img, image.Rect(60, 60, 300, 90+10*i), image.Black, image.Point{}, draw.Src)
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		out = append(out, testkit.Upload{Name: "blatt" + strconv.Itoa(i) + ".png", Body: b.Bytes()})
	}
	return out
}

// Somebody discharges the patient while another one still types: the transfer is
// refused, and its words are on the page.
func TestWhatWasTypedAboutAPatientWhoHasLeftIsGivenBack(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	clerk := h.As("aufnahme")
	form := clerk.Page(chart + "/move/transfer").Answers(200)
	nurse := h.As("pflege")
	nurse.Page(chart+"/move/discharge").Submit(chart+"/move/discharge", "disposition", "09", "to", "Haus Abendsonne", "act", "sign").Submit(chart+"/move/discharge", "act", "sign").Answers(200).Sees("entlassen")
	late := form.Submit(chart+"/move/transfer", "place", "3B|311|F", "cause", "Isolierung wegen Durchfall").Answers(409)
	late.Sees("keinen laufenden Aufenthalt", "Was Sie getippt haben", "Isolierung wegen Durchfall")
}

// The KIS comes round while a physician writes why it is wrong.
func TestADecisionThatCameTooLateIsGivenBack(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	h.Receive("kis", bisoprolol("B1", "20261121080500", "5"))
	h.Settle()
	doctor.Page(linkTo(t, doctor.Page(chart+"/medication"), "/prescription?rx=90077")).Submit(chart+"/prescription", "to", "stop", "why", "Kalium 6,4").Answers(200)
	h.Pass(20 * time.Minute)
	h.Receive("kis", bisoprolol("B2", "20261121101500", "5"))
	h.Settle()
	form := doctor.Page(chart + "/contest?rx=90077").Answers(200)
	h.Receive("kis", strings.Replace(bisoprolol("B3", "20261121101800", "5"), "ORC|NW|", "ORC|DC|", 1))
	h.Settle()
	doctor.Page(chart + "/medication").NotSees("Strittig:")
	form.Submit(chart+"/contest", "to", "ours", "why", "Kalium noch 6,1, Rücksprache OA").Answers(409).Sees("nichts mehr zu entscheiden", "Kalium noch 6,1, Rücksprache OA")
}

// The tube is booked in after the first values were typed.
func TestBookingASpecimenInKeepsTheValuesThatWereTyped(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.ELEK", "1")
	action := chart + "/results/" + tubes[0]
	page := h.As("labor").Page(action).Answers(200)
	k := rowOf(t, page, "Kalium")
	page = page.Submit(action+"/arrived", "v"+k, "4,4", "c"+k, "leicht hämolytisch", "fn0", "Laktat", "fv0", "1,9", "fu0", "mmol/l").Answers(200).Sees("in Arbeit", "Noch nicht gespeichert")
	for field, want := range map[string]string{"v" + k: "4,4", "fn0": "Laktat", "fv0": "1,9", "fu0": "mmol/l"} {
		if got := page.Attr("#"+field, "value"); got != want {
			t.Errorf("%s is %q, typed was %q", field, got, want)
		}
	}
	if got := page.Attr("input[name=c"+k+"]", "value"); got != "leicht hämolytisch" {
		t.Errorf("the remark is %q", got)
	}
	page.Submit(action, "act", "sign").Answers(200).Sees("Gespeichert")
	h.As("arzt").Page(chart+"/lab").Sees("4,4", "Laktat", "1,9")
	h.Check()
}

// A reason is stored as it was written, or it is said that it is too long: it is
// never cut.
func TestALongReasonIsToldAndNotCut(t *testing.T) {
	t.Parallel()
	h, _ := inOutage(t)
	nurse := h.As("pflege")
	nurse.Upload("/scan", "files", pictures(t, 1), "ward", "3A").Answers(200)
	read(t, h)
	ref := ""
	for _, l := range nurse.Page("/desk/scan").Links() {
		if strings.HasPrefix(l, "/desk/scan/") && !strings.Contains(l, "picture") {
			ref = l
		}
	}
	long := strings.Repeat("ä", 301)
	told := nurse.Page(ref).Submit(ref+"/aside", "other", long).Answers(422).Sees("301 Zeichen, höchstens 300")
	if got := told.Attr("#other", "value"); got != long {
		t.Errorf("of %d bytes %d came back", len(long), len(got))
	}
	told.Submit(ref+"/aside", "other", long[2:]).Answers(200)
	nurse.Page(ref).Sees(long[2:])
}

// A crisis is closed while somebody writes why it is of another kind.
func TestWhatIsTypedForAClosedCrisisIsGivenBack(t *testing.T) {
	t.Parallel()
	h := crisisHouse(t)
	s := &tale{t: t, h: h}
	if !s.line("arzt opens power | Trafo ausgefallen") || !s.line("arzt does declare") || !s.line("krisenstab does confirm") {
		t.Fatal("no crisis")
	}
	at := "/crisis/" + s.id
	form := h.As("krisenstab").Page(at).Answers(200)
	if !s.line("krisenstab does end | why=Strom ist da") || !s.line("krisenstab2 does end-confirm") {
		t.Fatal("not closed")
	}
	late := form.Submit(at+"/do/kind", "kind", "cyberattack", "why", "Anmeldungen aus dem Ausland").Answers(409)
	late.Sees("Was Sie getippt haben", "Anmeldungen aus dem Ausland")
}
