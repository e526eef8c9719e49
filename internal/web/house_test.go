package web

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/numbers"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
)

// house is the real thing in one process: journal, charts, people, outages and
// pages over a socket.
type house struct {
	t       testing.TB
	journal *journal.Journal
	charts  *chart.Chart
	staff   *staff.Book
	outages *incident.Board
	tray    *tray.Tray
	back    *handback.Book // of the wing that hands back
	server  *httptest.Server
	control int
}

// wing is a part of the house that few tests need: it fills in its Parts and
// returns what runs it until the context ends, and what closes it then.
type wing func(ctx context.Context, h *house, key seal.Key, p *Parts) (run func(context.Context) error, shut func() error)

const testPassword = "Nachtdienst auf 3A ist lang"

func newHouse(t testing.TB, wings ...wing) *house {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	secret, _, err := seal.NewSigningKey("klinikum-test")
	ok(t, err)
	signer, err := note.NewSigner(secret)
	ok(t, err)
	key := seal.NewKey()
	h := &house{t: t}
	h.journal, err = journal.Open(ctx, t.TempDir(), key, signer, journal.Options{MinFree: -1})
	ok(t, err)
	tables, err := interpret.Defaults()
	ok(t, err)
	tables.Identity.Here = "NOTBETRIEB"
	site, err := interpret.Compile(tables, berlin)
	ok(t, err)
	h.charts, err = chart.Open(ctx, chart.Config{
		Dir: t.TempDir(), Key: key, Zone: berlin,
		Wards: []chart.WardPlan{
			{Code: "3A", Name: "Innere Medizin", Kind: "inpatient", Beds: []chart.Bed{{Room: "301", Name: "F"}, {Room: "301", Name: "T"}, {Room: "302", Name: "F"}}},
			{Code: "3B", Name: "Gastroenterologie", Kind: "inpatient", Beds: []chart.Bed{{Room: "311", Name: "F"}}},
			{Code: "ZNA", Name: "Notaufnahme", Kind: "emergency", Beds: []chart.Bed{{Room: "R1", Name: "1"}}},
		},
		Feeds: []chart.FeedPlan{{Name: "kis", Label: lang.Text{DE: "KIS", EN: "HIS"}, System: "kis"}, {Name: "lis", Label: lang.Text{DE: "Labor", EN: "Laboratory"}, System: "lis"}},
	}, h.journal, site)
	ok(t, err)
	cheap := staff.HashCost{Memory: 64, Time: 1, Threads: 1}
	h.staff, err = staff.Open(ctx, t.TempDir(), key, h.journal, staff.Options{Hash: cheap})
	ok(t, err)
	h.outages, err = incident.Open(ctx, h.journal, []incident.System{{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}, {ID: "lis", Name: lang.Text{DE: "Labor", EN: "Laboratory"}}}, incident.Options{Zone: berlin})
	ok(t, err)
	office, err := numbers.Open(ctx, h.journal, "hub", map[numbers.Kind]numbers.Scheme{"order": {Prefix: "NA", Digits: 8}, "case": {Prefix: "9", Digits: 8}, "patient": {Prefix: "P", Digits: 8}}, numbers.Options{Dir: t.TempDir()})
	ok(t, err)
	t.Cleanup(func() { _ = office.Close() })
	writes := desk.New(h.journal, "klinikum", "hub")
	h.tray, err = tray.Open(ctx, h.journal, h.charts, writes.Sign, tray.Options{})
	ok(t, err)
	parts := Parts{Journal: h.journal, Charts: h.charts, Staff: h.staff, Outages: h.outages, Desk: writes, Tray: h.tray, Numbers: office}
	runs, shuts := []func(context.Context) error{h.charts.Run, h.staff.Run, h.outages.Run, h.tray.Run}, []func() error{}
	for _, w := range wings {
		run, shut := w(ctx, h, key, &parts)
		runs, shuts = append(runs, run), append(shuts, shut)
	}
	done := make(chan struct{}, len(runs))
	for _, run := range runs {
		go func() { _ = run(ctx); done <- struct{}{} }()
	}
	srv, err := New(Config{House: "Klinikum Bad Sonnenfeld", Zone: berlin, Authority: "NOTBETRIEB"}, parts)
	ok(t, err)
	h.server = httptest.NewServer(srv.Handler())
	t.Cleanup(func() {
		h.server.Close()
		srv.Close()
		stop()
		for range runs {
			<-done
		}
		for _, shut := range shuts {
			_ = shut()
		}
		_ = h.charts.Close()
		_ = h.staff.Close()
		_ = h.journal.Close()
	})
	h.hire("weber", "S. Weber", []string{"3A"}, staff.Nurse)
	h.hire("thoma", "B. Thoma", []string{"3A"}, staff.Nurse)
	h.hire("huber", "K. Huber", nil, staff.Physician)
	h.hire("adler", "T. Adler", nil, staff.IT)
	h.hire("pruef", "R. Prüfer", nil, staff.Auditor)
	h.hire("aufn", "A. Aufnahme", nil, staff.Admission)
	h.hire("krise", "C. Krise", nil, staff.Crisis)
	return h
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) hire(id, name string, wards []string, roles ...staff.Role) {
	h.t.Helper()
	ok(h.t, h.staff.Add(h.t.Context(), staff.Console(), staff.Person{ID: id, Name: name, Wards: wards, Roles: roles, Lang: lang.DE}))
	ok(h.t, h.staff.SetPassword(h.t.Context(), staff.Console(), id, testPassword))
}

// receive stores a message as a gateway does and waits until the charts hold
// it. Lines are segments; MSH is written for it.
func (h *house) receive(feed, event string, lines ...string) journal.Seq {
	h.t.Helper()
	h.control++
	now := time.Now().In(berlin)
	msg := fmt.Sprintf("MSH|^~\\&|%s|KH|NB|KH|%s||%s|T%d|P|2.5|||AL|NE||UNICODE UTF-8\r", strings.ToUpper(feed), now.Format("20060102150405"), event, h.control) + strings.Join(lines, "\r") + "\r"
	seq, err := h.journal.Append(h.t.Context(), journal.Record{ID: journal.NewID(), Time: now, Source: feed, Kind: journal.HL7, Body: []byte(msg)})
	ok(h.t, err)
	ok(h.t, h.charts.Wait(h.t.Context(), seq))
	return seq
}

func at(back time.Duration) string { return time.Now().In(berlin).Add(-back).Format("20060102150405") }

// pv1 is an inpatient's PV1 up to the case number in PV1-19.
func pv1(place string) string { return "PV1|1|I|" + place + strings.Repeat("|", 19-3) + "4711001" }

// admit admits Anna Müller to 3A 301 F.
func (h *house) admit() {
	h.t.Helper()
	h.receive("kis", "ADT^A01^ADT_A01", "EVN|A01|"+at(30*time.Hour), "PID|1||900417^^^KIS^PI||Müller^Anna^^^^^L||19510403|F",
		pv1("3A^301^F")+strings.Repeat("|", 44-19)+at(30*time.Hour), "AL1|1|DA|PEN^Penicillin|SV|Anaphylaxie", "DG1|1||I50.14^Linksherzinsuffizienz^ICD10GM2026|||A")
}

func (h *house) potassium(value, flag string) {
	h.t.Helper()
	h.receive("lis", "ORU^R01^ORU_R01", "PID|1||900417^^^KIS^PI||Müller^Anna", pv1("3A^301^F"),
		"OBR|1|A1|F1|ELYT^Elektrolyte^L|||"+at(time.Hour), "OBX|1|NM|2823-3^Kalium^LN||"+value+"|mmol/l|3.5-5.1|"+flag+"|||F|||"+at(time.Hour))
}

// declare puts an outage of the KIS into force.
func (h *house) declare() {
	h.t.Helper()
	o, err := h.outages.Declare(h.t.Context(), incident.Act{Person: "huber", Name: "K. Huber", Why: "antwortet nicht"}, "kis", time.Now().Add(-time.Hour), false, "")
	ok(h.t, err)
	_, err = h.outages.Confirm(h.t.Context(), incident.Act{Person: "krise", Name: "C. Krise"}, o.ID)
	ok(h.t, err)
}

// person is a browser without a screen.
type person struct {
	h *house
	c *http.Client
}

// answer is one page as it came.
type answer struct {
	code int
	path string // after redirects
	body string
	head http.Header
}

func (h *house) visitor() *person {
	jar, err := cookiejar.New(nil)
	ok(h.t, err)
	return &person{h: h, c: &http.Client{Jar: jar}}
}

// as signs somebody in.
func (h *house) as(id string) *person {
	h.t.Helper()
	p := h.visitor()
	a := p.post("/signin", "id", id, "password", testPassword)
	if a.path != "/" {
		h.t.Fatalf("sign-in of %s: %d at %s: %s", id, a.code, a.path, a.text())
	}
	return p
}

func (p *person) get(path string) answer {
	p.h.t.Helper()
	res, err := p.c.Get(p.h.server.URL + path)
	ok(p.h.t, err)
	return p.read(res)
}

func (p *person) post(path string, pairs ...string) answer {
	p.h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, err := p.c.PostForm(p.h.server.URL+path, form)
	ok(p.h.t, err)
	return p.read(res)
}

func (p *person) read(res *http.Response) answer {
	p.h.t.Helper()
	b, err := io.ReadAll(res.Body)
	ok(p.h.t, err)
	ok(p.h.t, res.Body.Close())
	return answer{code: res.StatusCode, path: res.Request.URL.Path, body: string(b), head: res.Header}
}

// text is the page without its tags, blanks pressed together.
func (a answer) text() string {
	var b strings.Builder
	for rest := a.body; rest != ""; {
		before, after, found := strings.Cut(rest, "<")
		b.WriteString(html.UnescapeString(before))
		if !found {
			break
		}
		tag, next, _ := strings.Cut(after, ">")
		if !strings.HasPrefix(strings.TrimPrefix(tag, "/"), "span") {
			b.WriteByte(' ')
		}
		rest = next
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (a answer) sees(t testing.TB, words ...string) {
	t.Helper()
	text := a.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: %q is not on the page (%d): %.700s", a.path, w, a.code, text)
		}
	}
}

func (a answer) seesNot(t testing.TB, words ...string) {
	t.Helper()
	text := a.text()
	for _, w := range words {
		if strings.Contains(text, w) {
			t.Errorf("%s: %q is on the page", a.path, w)
		}
	}
}
