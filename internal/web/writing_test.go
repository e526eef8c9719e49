package web

import (
	"maps"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
)

const fixtureKey = "0192f0f0f0f070008000000000000001"

// fixtureOpened is the patient of the fixtures with an open chart.
func fixtureOpened(f Frame) *opened {
	return &opened{p: fixturePatient(), frame: f, near: around{Alike: true, Weight: fixtureWeight()}, ward: "3A", kase: "4711001"}
}

// fixtureVersion is a set of vital signs that asks for action, entered late.
func fixtureVersion() desk.Version {
	fields := map[string]string{"bp": "88/40", "pulse": "118", "temp": "39,4", "resp": "26", "spo2": "91", "o2": "4", "acvpu": "V", "pain": "6", "note": "Schüttelfrost"}
	e := entry.Entry{
		Key: fixtureKey, Root: fixtureKey, Form: "vitals", State: entry.Signed, Patient: fixturePatient().Key,
		At: ago(2 * time.Hour), Written: ago(20 * time.Minute), By: clinical.Staff{ID: "s.weber", Name: "S. Weber"}, Fields: fields,
	}
	form := entry.FormOf("vitals")
	filled := refill(desk.Version{Entry: e}, form, entry.About{Now: e.Written, Birth: fixturePatient().Birth.V})
	filled.At = e.At
	e.Facts = form.Says(filled, entry.Number(e.Root))
	return desk.Version{Seq: 88100, Entry: e}
}

// writingGallery draws the pages of writing in every state they have.
func writingGallery(add func(string, []byte, error), f Frame) {
	o := fixtureOpened(f)
	vitals, risk := entry.FormOf("vitals"), entry.FormOf("resuscitation")
	typed := map[string]string{"bp": "42/120", "pulse": "25", "temp": "384", "at": "25:00"}
	filled := func(form *entry.Form, w writeForm) (*entry.Filled, []entry.Mistake) {
		return form.Fill(func(n string) string { return w.typed[n] }, w.sure, entry.About{Now: theNow, Birth: o.p.Birth.V})
	}
	for _, form := range entry.Forms() {
		draw(add, "write-"+form.Kind, writePageT, newWritePage(o, form, writeForm{key: fixtureKey, typed: map[string]string{}}, nil))
	}
	w := writeForm{key: fixtureKey, typed: typed}
	_, wrong := filled(vitals, w)
	draw(add, "write-error", writePageT, newWritePage(o, vitals, w, wrong))
	w.typed = map[string]string{"pulse": "25", "temp": "33"}
	_, wrong = filled(vitals, w)
	asked := newWritePage(o, vitals, w, wrong)
	asked.Round = &roundView{Ward: "3A", Bed: "301 F", Nr: 4, Of: 24, Next: "/n", Before: "/b", Scan: "/ward/3A/round", Missed: true}
	draw(add, "write-asked-round", writePageT, asked)
	w.root, w.reason, w.resumed, w.stored = fixtureKey, "", true, &storedView{Href: "/e", By: "S. Weber", At: f.stamp(ago(time.Minute))}
	draw(add, "write-correction-resumed", writePageT, newWritePage(o, vitals, w, []entry.Mistake{{Field: "reason", Say: lang.Text{DE: "Bitte sagen, warum korrigiert wird.", EN: "Please say why."}}}))
	begun := newWritePage(o, vitals, writeForm{key: fixtureKey, typed: map[string]string{}}, nil)
	begun.Begun = []draftView{{Href: "/d", At: f.stamp(ago(time.Hour))}}
	begun.Signed = &signedView{State: entry.Signed, Form: vitals.Title, Name: "MÜLLER, Anna", At: f.stamp(ago(time.Minute)), Entry: "/e", Correct: "/c"}
	draw(add, "write-begun", writePageT, begun)
	r := writeForm{key: fixtureKey, typed: map[string]string{"status": "DNR", "basis": "patient", "text": "Gespräch mit der Tochter"}}
	draw(add, "confirm", confirmPageT, newConfirmPage(o, risk, r, theNow))
	var forms []formLink
	for _, x := range entry.Forms() {
		forms = append(forms, formLink{"/w/" + x.Kind, x.Title})
	}
	wf := f
	wf.Banner = newBanner(o.p, f, "write", o.near)
	draw(add, "writing", writingPageT, writingPage{Frame: wf.titled("patient", lang.Text{DE: "Eintragen", EN: "Record"}), Forms: forms, Drafts: []draftView{{Href: "/d", Form: vitals.Title, By: "S. Weber", At: f.stamp(ago(time.Hour)), Mine: true}}})
	one := fixtureVersion()
	first := newVersionView(one, vitals, f, true)
	first.Scores = scoreViews(one, vitals, o.p, f)
	p := entryPage{Frame: wf.titled("patient", vitals.Title), Root: fixtureKey, Form: vitals.Title, Versions: []versionView{first, newVersionView(one, vitals, f, false)}, Action: "/a", Correct: "/c", Key: fixtureKey}
	p.now(one, vitals, o.p)
	draw(add, "entry", entryPageT, p)
	task := chart.Task{Key: o.p.Key, Case: "4711001", Name: o.p.Name.V, Birth: o.p.Birth.V, Place: clinical.Place{Ward: "3A", Room: "301", Bed: "F"}, At: ago(30 * time.Hour), Draft: chart.Item[clinical.Draft]{V: clinical.Draft{Key: fixtureKey, Form: "vitals", By: clinical.Staff{ID: "k", Name: "K. Huber"}}}}
	df := f
	df.User = &userView{Name: "S. Weber", ID: "s.weber", Wards: []string{"3A"}, Rights: maps.Clone(f.User.Rights)}
	df.User.Rights["write-nursing"] = true
	draw(add, "drafts", draftsPageT, newDraftsPage([]chart.Task{task}, []chart.Task{task}, df))
	ward := fixtureWard()
	h := newHandoverPage(ward, f, false)
	for _, row := range bedside(ward) {
		h.Rows = append(h.Rows, newHandoverRow(row, o.p, f, h.From.At, h.To.At))
	}
	h.Rows[0].Text, h.Rows[0].By, h.Rows[0].At, h.Rows[0].Before, h.Rows[0].Entry = "Situation: Fieber\nEmpfehlung: Blutkultur", "S. Weber", f.stamp(ago(9*time.Hour)), true, "/e"
	h.Rows[0].Missed = []lineView{{Text: "Heparin", Note: "5 000 IE", At: f.stamp(ago(2 * time.Hour)), Word: doseWord(clinical.Refused)}}
	draw(add, "handover", handoverPageT, h)
	wp := newWardPage(ward, f, "")
	wp.Handover, wp.Done = "/h", true
	wp.writing()
	draw(add, "ward-writing", wardPageT, wp)
	ov := newOverviewPage(o.p, f, o.near)
	ov.News = &newsView{Value: "13", At: f.stamp(ago(2 * time.Hour)), Level: "ok", Mark: markOf([]string{"HH"}, true), Trend: trendOf("3", "13"), Was: f.stamp(ago(8 * time.Hour)), Origin: sourceView{Seq: 9, Here: true, Href: "/e"}, scoreView: scoreViews(one, vitals, o.p, f)[0]}
	draw(add, "overview-news2", overviewPageT, ov)
}

func TestTheConfirmationSaysWhomAndWhatInItsButton(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency")
	w := writeForm{key: fixtureKey, typed: map[string]string{"status": "DNR", "basis": "patient", "text": "Gespräch"}}
	b, err := confirmPageT.bytes(newConfirmPage(fixtureOpened(f), entry.FormOf("resuscitation"), w, theNow))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Für MÜLLER, Anna eintragen: keine Reanimation (DNR)"; !strings.Contains(strings.Join(strings.Fields(string(b)), " "), want) {
		t.Errorf("the button does not say %q", want)
	}
	was := w.content()
	w.typed["status"] = "full"
	if w.content() == was {
		t.Error("other content has the word that was confirmed")
	}
}

func TestARoundVisitsWhoLiesInABedOnce(t *testing.T) {
	t.Parallel()
	row := func(key string, change func(*chart.Row)) chart.Row {
		r := chart.Row{Key: clinical.PatientKey(key), State: chart.Present}
		if change != nil {
			change(&r)
		}
		return r
	}
	w := chart.Ward{Rows: []chart.Row{
		row("a", nil), row("", func(r *chart.Row) { r.Free = true }), row("b", func(r *chart.Row) { r.Dead = true }), row("c", func(r *chart.Row) { r.State = chart.Away }),
		row("d", nil), row("a", nil), row("e", func(r *chart.Row) { r.Arriving = true }), row("f", nil),
	}}
	var got []string
	for _, r := range bedside(w) {
		got = append(got, string(r.Key))
	}
	if strings.Join(got, "") != "adf" {
		t.Errorf("visits %v", got)
	}
}

func TestFluidsAddUpByWhoSaidThem(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency")
	form := entry.FormOf("fluids")
	typed := map[string]string{"oral": "400", "iv": "500", "tube": "100", "urine": "700", "drain": "50", "vomit": "30"}
	filled, wrong := form.Fill(func(n string) string { return typed[n] }, nil, entry.About{Now: theNow})
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	var rs []chart.Item[clinical.Result]
	for _, x := range form.Says(filled, "NB1") {
		rs = append(rs, chart.Item[clinical.Result]{V: x.(clinical.Result), Origin: clinical.Origin{Seq: 1, Feed: chart.Here}})
	}
	b, ok := balanceOf(readings(rs, f), theNow.Add(-time.Hour), theNow)
	if !ok || b.In != 1000 || b.Out != 780 {
		t.Errorf("what was written here: in %v out %v, every part counts once", b.In, b.Out)
	}
	sent := func(code string, v float64) chart.Item[clinical.Result] {
		return chart.Item[clinical.Result]{V: clinical.Result{Code: clinical.Coded{Code: code}, Section: clinical.Vitals, Value: "1", Number: &v, Status: clinical.Final, At: theNow.Add(-time.Minute)}, Origin: clinical.Origin{Seq: 2, Feed: "kis"}}
	}
	b, _ = balanceOf(readings(append(rs, sent("9192-6", 600), sent("9262-7", 800)), f), theNow.Add(-time.Hour), theNow)
	if b.Out != 780+800 {
		t.Errorf("the output that the KIS sends holds its urine: out %v", b.Out)
	}
	b, _ = balanceOf(readings([]chart.Item[clinical.Result]{sent("9192-6", 600)}, f), theNow.Add(-time.Hour), theNow)
	if b.Out != 600 {
		t.Errorf("urine alone is the output: %v", b.Out)
	}
}

func TestBalancesStandByShiftAndByTheDayThatEndsWithTheNight(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency") // 05:36, in the night that began at 22
	read := func(back time.Duration, v float64) reading {
		return reading{stamp: f.stamp(ago(back)), value: v, here: true}
	}
	by := map[string][]reading{"in": {read(14*time.Hour, 300), read(6*time.Hour, 200), read(time.Hour, 500)}, "urine": {read(2*time.Hour, 400)}}
	lines := fluidTable(by, span7{theNow.AddDate(0, 0, -6), midnight(theNow).AddDate(0, 0, 1)}, f)
	var got []string
	for _, l := range lines {
		got = append(got, l.Label.DE+" "+l.Balance)
	}
	if want := "letzte 24 h +600, 24 h +600, Nacht +300, Spät +300"; strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestATrendNeedsTwoTotals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ was, is, want string }{{"3", "5", "↗"}, {"5", "3", "↘"}, {"4", "4", "→"}, {"3", "unvollständig (bisher 2)", ""}} {
		if got := trendOf(c.was, c.is).Sym; got != c.want {
			t.Errorf("%s then %s: %q", c.was, c.is, got)
		}
	}
}

func TestScoresOfAnEntryAreShownAsTheyWereSigned(t *testing.T) {
	t.Parallel()
	f := fixtureFrame("emergency")
	e := fixtureVersion()
	views := scoreViews(e, entry.FormOf("vitals"), fixturePatient(), f)
	if len(views) != 1 || views[0].Total != 18 || views[0].Stored != "" {
		t.Fatalf("got %+v", views)
	}
	e.Fields["temp"] = "37" // not what was signed
	if v := scoreViews(e, entry.FormOf("vitals"), fixturePatient(), f); v[0].Stored != "18" {
		t.Errorf("what was signed is hidden: %+v", v[0])
	}
}

func TestADraftIsThrownAwayByWhoBeganItAndShownToTheWard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.declare()
	weber, thoma := h.as("weber"), h.as("thoma")
	path := "/patient/" + annaKey + "/write/care-note"
	weber.post(path, "key", fixtureKey, "text", "unruhig", "act", "draft").sees(t, "Entwurf behalten")
	thoma.get("/drafts").sees(t, "Von anderen auf meinen Stationen", "Pflegebericht", "von S. Weber")
	if a := thoma.post(path, "key", fixtureKey, "act", "drop"); a.code != 403 {
		t.Errorf("a colleague threw the draft away: %d", a.code)
	}
	weber.get("/drafts").sees(t, "Pflegebericht", "MÜLLER, Anna")
	weber.post(path, "key", fixtureKey, "act", "drop", "back", "/drafts").sees(t, "Entwurf verworfen", "Sie haben nichts begonnen")
	thoma.get("/drafts").seesNot(t, "Pflegebericht")
}
