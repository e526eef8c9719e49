package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// gallery renders every page with fixtures, in the frame given.
func gallery(t testing.TB, f Frame) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	add := func(name string, b []byte, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b
	}
	p := fixturePatient()
	near := around{Alike: true, Weight: fixtureWeight()}
	at := func(path string) Frame { g := f; g.Path = path; return g }
	draw(add, "house", housePageT, newHousePage(fixtureHouse(), at("/")))
	draw(add, "ward", wardPageT, newWardPage(fixtureWard(), at("/ward/3A"), ""))
	draw(add, "overview", overviewPageT, newOverviewPage(p, f, near))
	draw(add, "curve", curvePageT, newCurvePage(p, f, near, 0))
	draw(add, "medication", medicationPageT, newMedicationPage(p, f, near))
	draw(add, "lab", labPageT, newLabPage(p, f, near, "", 0))
	draw(add, "findings", findingsPageT, newFindingsPage(p, f, near, ""))
	draw(add, "finding", findingPageT, newFindingPage(p, edition{Item: p.Documents[0]}, f, near))
	moreGallery(add, f)
	writingGallery(add, f)
	paperGallery(add, f)
	admissionGallery(add, f)
	drugGallery(t, add, f)
	pharmacyGallery(t, add, f)
	estateGallery(t, add, f)
	handbackGallery(add, f)
	crisisGallery(add, f)
	calloutGallery(add, f)
	evidenceGallery(t, add, f)
	demoGallery(add, f)
	forwardGallery(add, f)
	watchGallery(add, f)
	oversightGallery(add, f)
	return out
}

func draw[T framed](add func(string, []byte, error), name string, p page[T], v T) {
	b, err := p.bytes(v)
	add(name, b, err)
}

// TestGallery renders every page in both languages and every mode; with
// GALLERY_DIR set it also writes them there as files a browser can open.
func TestGallery(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("GALLERY_DIR")
	for _, kind := range []incident.ModeKind{incident.Normal, incident.Emergency, incident.Exercise} {
		for _, l := range []lang.Lang{lang.DE, lang.EN} {
			for _, night := range []bool{false, true} {
				f := fixtureFrame(kind)
				f.Lang, f.Night = l, night
				for name, b := range gallery(t, f) {
					if !strings.HasSuffix(strings.TrimSpace(string(b)), "</html>") {
						t.Errorf("%s %s %s: page is cut off", name, kind, l)
					}
					if dir == "" {
						continue
					}
					suffix := "-" + string(kind) + "-" + string(l)
					if night {
						suffix += "-night"
					}
					if err := os.WriteFile(filepath.Join(dir, name+suffix+".html"), []byte(strings.ReplaceAll(string(b), `"/assets/`+assets.hash+`/`, `"assets/`)), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if dir == "" {
		return
	}
	if err := os.MkdirAll(filepath.Join(dir, "assets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range assets.files {
		if err := os.WriteFile(filepath.Join(dir, "assets", name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func moreGallery(add func(string, []byte, error), f Frame) {
	p := fixturePatient()
	near := around{Weight: fixtureWeight()}
	draw(add, "orders", ordersPageT, newOrdersPage(p, f, near))
	draw(add, "appointments", appointmentsPageT, newAppointmentsPage(p, f, near))
	draw(add, "course", coursePageT, newCoursePage(p, f, near))
	draw(add, "sources", sourcesPageT, newSourcesPage(p, fixtureSources(), f, near))
	draw(add, "record", recordPageT, newRecordPage(fixtureRecord(), fixtureUnread()[:1], f))
	draw(add, "unread", unreadPageT, newUnreadPage(fixtureUnread(), 3, 5, false, f))
	draw(add, "search", searchPageT, newSearchPage(fixtureHits(), 3, chart.Query{Text: "müler"}, f))
	draw(add, "search-none", searchPageT, newSearchPage(nil, 0, chart.Query{Text: "xyz"}, f))
	draw(add, "outages", outagesPageT, newOutagesPage(fixtureBoard(), f, declareForm{Why: "KIS antwortet nicht"}, []problem{{"system", lang.Text{DE: "Bitte das System wählen.", EN: "Please choose the system."}}}, "k"))
	draw(add, "declare", declarePageT, declarePage{Frame: f.titled("outages", lang.Text{DE: "Ausfall erklären", EN: "Declare an outage"}), System: lang.Text{DE: "KIS", EN: "HIS"}, Since: f.stamp(ago(200 * time.Minute)), Form: declareForm{Why: "Antwortet nicht, Rechenzentrum ohne Strom", Alone: "Nachts allein, Leitstelle nicht erreichbar"}})
	draw(add, "people", peoplePageT, newPeoplePage(fixturePeople(), f))
	draw(add, "person", personPageT, newPersonPage(fixturePeople()[1], false, f, []problem{{"password", lang.Text{DE: "Das Passwort ist zu kurz.", EN: "The password is too short."}}}))
	draw(add, "audit", auditPageT, newAuditPage(fixtureReads(), auditForm{}, "/audit?before=1", f))
	draw(add, "glass", glassPageT, glassPage{Frame: f.titled("glass", lang.Text{DE: "Lesen mit Grund", EN: "Reading with a reason"}), Why: lang.Text{DE: "Es ist kein Ausfall erklärt. Patientendaten öffnen sich hier nur mit einem Grund.", EN: "No outage is declared."}, Back: "/ward/3A", Ward: "3A"})
	draw(add, "print", printPageT, newPrintPage(fixtureHouse(), f, "3A", string(p.Key), "MÜLLER, Anna", nil))
	draw(add, "job", jobPageT, newJobPage(jobView{ID: "x", Done: 120, Total: 312, Started: f.stamp(ago(10 * time.Second))}, f))
	given := newErrorPage(f, 503, lang.Text{DE: "Das Journal kann gerade nicht geschrieben werden.", EN: "The journal cannot be written right now."}, "/")
	given.Typed = []typedText{{lang.Text{DE: "Einschätzung", EN: "Assessment"}, "Fieber seit gestern\nBlutkultur", 2}, {lang.Text{}, "38,4", 1}}
	given.Again = &carried{Path: "/patient/k/write/vitals", Fields: []carriedField{{"temp", "38,4"}}}
	draw(add, "error-typed", errorPageT, given)
	draw(add, "error", errorPageT, newErrorPage(f, 503, lang.Text{DE: "Die Akten können gerade nicht gelesen werden. Bitte in wenigen Sekunden erneut versuchen.", EN: "The charts cannot be read right now."}, "/"))
	deskGallery(add, f)
	draw(add, "password", passwordPageT, newPasswordPage(f, true, nil))
	harmGallery(add, f)
	out := f
	out.User = nil
	draw(add, "signin", signinPageT, newSigninPage(out, "s.weber", "/", []problem{{"password", lang.Text{DE: "Anmeldename oder Passwort ist falsch.", EN: "Sign-in name or password is wrong."}}}, lang.Text{DE: "Vorführung: schwester / nacht"}))
}

// TestTemplatesFitTheirTypes checks every template against the one type it may
// be given: a misspelt field fails here, not at the bedside.
func TestTemplatesFitTheirTypes(t *testing.T) {
	t.Parallel()
	fits(t, housePageT)
	fits(t, wardPageT)
	fits(t, overviewPageT)
	fits(t, curvePageT)
	fits(t, medicationPageT)
	fits(t, labPageT)
	fits(t, findingsPageT)
	fits(t, findingPageT)
	fits(t, ordersPageT)
	fits(t, appointmentsPageT)
	fits(t, coursePageT)
	fits(t, sourcesPageT)
	fits(t, recordPageT)
	fits(t, unreadPageT)
	fits(t, searchPageT)
	fits(t, outagesPageT)
	fits(t, declarePageT)
	fits(t, peoplePageT)
	fits(t, personPageT)
	fits(t, auditPageT)
	fits(t, signinPageT)
	fits(t, passwordPageT)
	fits(t, glassPageT)
	fits(t, printPageT)
	fits(t, jobPageT)
	fits(t, errorPageT)
	fits(t, formsPageT)
	fits(t, padPageT)
	fits(t, scanPageT)
	fits(t, scanDeskPageT)
	fits(t, scanOnePageT)
	fits(t, filingPageT)
	fits(t, sheetPageT)
	fits(t, sheetsPageT)
	fits(t, writePageT)
	fits(t, worklistPageT)
	fits(t, resultPageT)
	fits(t, criticalPageT)
	fits(t, criticalListPageT)
	fits(t, reportPageT)
	fits(t, pharmacyPageT)
	fits(t, reviewPageT)
	fits(t, replyPageT)
	fits(t, writePageT)
	fits(t, writingPageT)
	fits(t, entryPageT)
	fits(t, confirmPageT)
	fits(t, draftsPageT)
	fits(t, handoverPageT)
	fits(t, harmPageT)
	fits(t, patientHarmPageT)
	fits(t, eventPageT)
	fits(t, eventsPageT)
	fits(t, eventOnePageT)
	fits(t, harmExportPageT)
	fits(t, prescribePageT)
	fits(t, prescribedPageT)
	fits(t, standingPageT)
	fits(t, givePageT)
	fits(t, givingPageT)
	fits(t, dosesPageT)
	fits(t, backPageT)
	fits(t, queuePageT)
	fits(t, askPageT)
	fits(t, strangersPageT)
	fits(t, matchPageT)
	fits(t, sidesPageT)
	fits(t, backReportPageT)
	fits(t, estatePageT)
	fits(t, estateSystemPageT)
	fits(t, estateMapPageT)
	fits(t, estateStopsPageT)
	fits(t, estateOrderPageT)
	fits(t, estateChecksPageT)
	fits(t, estateContactsPageT)
	fits(t, estateOptionsPageT)
	fits(t, estateTablePageT)
	fits(t, estateRowPageT)
	fits(t, estateImportPageT)
	fits(t, estatePreviewPageT)
	fits(t, estateVersionsPageT)
	fits(t, watchPageT)
	fits(t, evidencePageT)
	fits(t, securePageT)
	fits(t, itemPageT)
	fits(t, handOverPageT)
	fits(t, packagePageT)
	fits(t, holdsPageT)
	fits(t, watchSystemPageT)
	fits(t, maintenancePageT)
}

func fits[T framed](t *testing.T, p page[T]) {
	t.Helper()
	p = tied[T](p.name) // fresh: a template that was drawn once has been rewritten by its escaper
	var zero T
	for l, tm := range p.in {
		if err := templatecheck.CheckHTML(tm().Lookup("layout"), zero); err != nil {
			t.Errorf("page %s in %s: %v", p.name, l, err)
		}
	}
}
