package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	near := around{Alike: true}
	at := func(path string) Frame { g := f; g.Path = path; return g }
	draw(add, "house", housePageT, newHousePage(fixtureHouse(), at("/")))
	draw(add, "ward", wardPageT, newWardPage(fixtureWard(), at("/ward/3A"), ""))
	draw(add, "overview", overviewPageT, newOverviewPage(p, f, near))
	draw(add, "curve", curvePageT, newCurvePage(p, f, near, 0))
	draw(add, "medication", medicationPageT, newMedicationPage(p, f, near))
	draw(add, "lab", labPageT, newLabPage(p, f, near, "", 0))
	draw(add, "findings", findingsPageT, newFindingsPage(p, f, near, ""))
	draw(add, "finding", findingPageT, newFindingPage(p, p.Documents[0], f, near))
	moreGallery(add, f)
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

func moreGallery(add func(string, []byte, error), f Frame) {}
