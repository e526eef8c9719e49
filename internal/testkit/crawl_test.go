package testkit_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

var everybody = []string{"pflege", "arzt", "aufnahme", "labor", "radiologie", "apotheke", "it", "krisenstab", "revision"}

// maxPages bounds one walk.
const maxPages = 400

// walkAll opens every page that links lead to from the house page and reports
// each that does not answer, or shows what no page may show: one of the words too.
func walkAll(t *testing.T, who *testkit.Person, most int, words ...string) int {
	t.Helper()
	id := who.ID
	todo, seen := []string{"/"}, map[string]string{"/": "the start"}
	n := 0
	for ; len(todo) > 0 && n < most; n++ {
		at := todo[0]
		todo = todo[1:]
		page := who.Look(at)
		switch {
		case page.Status == http.StatusOK:
		case page.Status == http.StatusSeeOther:
			to := page.Location()
			if underPath(to, "/signin") {
				t.Errorf("%s: %s (from %s) leads to the sign-in", id, at, seen[at])
			}
			if seen[to] == "" {
				seen[to], todo = at, append(todo, to)
			}
			continue
		default:
			t.Errorf("%s: %s (from %s) answers %d: %.300s", id, at, seen[at], page.Status, page.Text())
			continue
		}
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, wrong := range append(words, "%!", "<nil>", "ZgotmplZ", "{{", "0001-01-01", "01.01.0001", "NaN") {
			if strings.Contains(page.Text(), wrong) {
				t.Errorf("%s: %s shows %q", id, at, wrong)
			}
		}
		for _, link := range page.Links() {
			u, err := url.Parse(link)
			if err == nil && u.Scheme == "tel" { // a telephone number of the phone tree
				continue
			}
			if err != nil || u.IsAbs() || u.Host != "" {
				t.Errorf("%s: %s links %q, which is no page of ours", id, at, link)
				continue
			}
			base, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			to := base.ResolveReference(u)
			to.Fragment = ""
			if next := to.RequestURI(); seen[next] == "" {
				seen[next], todo = at, append(todo, next)
			}
		}
	}
	return n
}

func TestEveryLinkLeadsSomewhereForEveryRole(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	h.Declare("kis")
	for _, language := range []string{"de", "en"} {
		for _, id := range everybody {
			h.As(id).Page("/").Submit("/settings/lang", "lang", language)
			if n := walkAll(t, h.As(id), maxPages); n < 5 {
				t.Errorf("%s (%s): only %d pages", id, language, n)
			}
		}
	}
	if strings.Contains(h.Log(), `"level":"ERROR"`) {
		t.Errorf("the walk left errors in the log:\n%s", h.Log())
	}
}

func TestInNormalTimesEveryLinkLeadsToAReason(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	for _, id := range everybody {
		walkAll(t, h.As(id), maxPages)
	}
}

// TestEveryRouteAnswersAsTheRightsTableSays opens each page about a patient of
// the reader's own ward, in a declared outage, as each role.
func TestEveryRouteAnswersAsTheRightsTableSays(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	h.Declare("kis")
	key := chartOf(h.As("arzt").Page("/ward/3B"), "26047110")
	_, no, _ := cut(key)
	findings := h.As("arzt").Page(key + "/findings")
	finding := findings.Attr("main a[href^="+key+"/findings/]", "href")
	id := finding[strings.LastIndexByte(finding, '/')+1:]
	seq, rest, _ := strings.Cut(id, "-")
	segment, _, _ := strings.Cut(rest, "-")
	record := h.As("arzt").Page(key+"/sources").Attr("tr.link a", "href")
	routes := []struct {
		path  string
		right staff.Right
	}{
		{"/", staff.SeeHouse}, {"/ward/3B", staff.SeeWard}, {key + "/curve", staff.SeeResults}, {key + "/lab", staff.SeeResults},
		{key + "/medication", staff.SeeMedication}, {key + "/findings", staff.SeeFindings}, {finding, staff.SeeFindings},
		{key + "/document/" + seq + "/" + segment, staff.SeeFindings}, {key + "/orders", staff.SeeChart}, {key + "/appointments", staff.SeeChart},
		{key + "/course", staff.SeeIdentity}, {key + "/sources", staff.SeeSources}, {record, staff.SeeSources},
		{"/search?q=Ha", staff.Search}, {"/unread", staff.SeeUnread}, {"/outages", staff.SeeHouse}, {"/audit", staff.SearchReads},
		{"/people", staff.ManagePeople}, {"/people/arzt", staff.ManagePeople}, {"/people/new", staff.ManagePeople},
		{"/print/ward.pdf?ward=3B", staff.Print}, {"/print/patient/" + no + ".pdf", staff.Print},
		{"/print/patient/" + no + "/wristband.pdf", staff.Print}, {"/print/patient/" + no + "/labels.pdf", staff.Print},
	}
	for _, who := range everybody {
		p, ok := h.Hub.Staff.Person(who)
		if !ok {
			t.Fatal("there is no " + who)
		}
		for _, r := range routes {
			got := h.As(who).Look(r.path)
			switch {
			case !staff.May(p, r.right) && got.Status != http.StatusForbidden:
				t.Errorf("%s without %s: %s answers %d %s", who, r.right, r.path, got.Status, got.Location())
			case staff.May(p, r.right) && got.Status != http.StatusOK && !(who == "it" && underPath(got.Location(), "/glass")):
				t.Errorf("%s with %s: %s answers %d %s", who, r.right, r.path, got.Status, got.Location())
			}
		}
		for _, path := range []string{"/nirgends", "/ward/9Z", "/patient/aaaaaaaaaaaaaaaa", key + "/findings/9-9", "/record/999999", key + "/record/1", "/print/house/x", "/patient/%00", "/ward/%2e%2e"} {
			if got := h.As(who).Look(path); got.Status >= 500 || got.Status == http.StatusOK {
				t.Errorf("%s: %s answers %d", who, path, got.Status)
			}
		}
	}
}
