package testkit_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/testkit"
)

// printed returns the PDF that a page of forms answers with.
func printed(t *testing.T, page *testkit.Page, action string, values ...string) []byte {
	t.Helper()
	got := page.Submit(action, values...).Answers(200)
	if !bytes.HasPrefix(got.Body, []byte("%PDF-")) {
		t.Fatalf("%s is no PDF:\n%s", got.Path, got.Text())
	}
	return got.Body
}

// onPaper prints a PDF: one image for each page, at 150 dpi.
func onPaper(t *testing.T, pdf []byte, from, to int) []*image.Gray {
	t.Helper()
	tool, err := exec.LookPath("pdftoppm")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no pdftoppm")
		}
		t.Skip("no pdftoppm on this machine")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, "-r", "150", "-gray", "-png", "-f", strconv.Itoa(from), "-l", strconv.Itoa(to), in, filepath.Join(dir, "page"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm: %v %s", err, out)
	}
	names, err := filepath.Glob(filepath.Join(dir, "page*.png"))
	if err != nil || len(names) == 0 {
		t.Fatal("nothing printed", err)
	}
	slices.Sort(names)
	var pages []*image.Gray
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		g := image.NewGray(img.Bounds())
		draw.Draw(g, g.Rect, img, image.Point{}, draw.Src)
		pages = append(pages, g)
	}
	return pages
}

// scanned is a page as a scanner sends it: with dust, as JPEG. Another seed is
// another scan of the same page.
func scanned(t *testing.T, page *image.Gray, seed uint64) []byte {
	t.Helper()
	dusty := image.NewGray(page.Rect)
	copy(dusty.Pix, page.Pix)
	rng := rand.New(rand.NewPCG(seed, 7))
	for range len(dusty.Pix) / 200 {
		dusty.Pix[rng.IntN(len(dusty.Pix))] = uint8(rng.IntN(256))
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, dusty, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func upsideDown(page *image.Gray) *image.Gray {
	out := image.NewGray(page.Rect)
	for i, v := range page.Pix {
		out.Pix[len(out.Pix)-1-i] = v
	}
	return out
}

// sideBySide lays two pages on one image.
func sideBySide(a, b *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, a.Rect.Dx()+b.Rect.Dx(), max(a.Rect.Dy(), b.Rect.Dy())))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, a.Rect, a, image.Point{}, draw.Src)
	draw.Draw(out, b.Rect.Add(image.Pt(a.Rect.Dx(), 0)), b, image.Point{}, draw.Src)
	return out
}

// withoutCode whites the code at the lower right out.
func withoutCode(page *image.Gray) *image.Gray {
	out := image.NewGray(page.Rect)
	copy(out.Pix, page.Pix)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	draw.Draw(out, image.Rect(w*3/4, h*7/8, w, h), image.NewUniform(color.White), image.Point{}, draw.Src)
	return out
}

// read waits until every file that came is read and the charts show it.
func read(t *testing.T, h *testkit.Hospital) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := h.Hub.Tray.Idle(ctx); err != nil {
		t.Fatal(err)
	}
	h.Settle()
}

func jpegs(bodies ...[]byte) []testkit.Upload {
	var out []testkit.Upload
	for i, b := range bodies {
		out = append(out, testkit.Upload{Name: "scan" + strconv.Itoa(i+1) + ".jpg", Body: b})
	}
	return out
}

// sheetLink returns the first link of a page that begins so.
func sheetLink(t *testing.T, page *testkit.Page, prefix string) string {
	t.Helper()
	for _, l := range page.Links() {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	t.Fatalf("%s has no link to %s:\n%s", page.Path, prefix, page.Text())
	return ""
}

func TestANursePrintsFormsAndAPad(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	page := nurse.Page(chart+"/forms").Answers(200).Sees("Fieberkurve", "Müller")
	page.Submit(chart + "/forms").Answers(422).Sees("Kein Bogen gewählt")
	page.Submit(chart+"/forms", "n.vitals", "99").Answers(422).Sees("Vitalwerte: eine Zahl von 0 bis 20")
	head := h.Hub.Journal.Head()
	printed(t, page, chart+"/forms", "n.vitals", "2", "n.curve", "1")
	printed(t, page, chart+"/forms", "n.vitals", "2", "n.curve", "1") // sent twice it is the same job
	recs, err := h.Hub.Journal.Read(t.Context(), head+1, 100)
	if err != nil {
		t.Fatal(err)
	}
	jobs := 0
	for _, r := range recs {
		if r.Kind == journal.Printed {
			jobs++
		}
	}
	if jobs != 1 {
		t.Errorf("%d print jobs, want 1", jobs)
	}
	page.Submit(chart+"/forms", "n.vitals", "1").Answers(409)
	pad := nurse.Page("/ward/3A/pad").Answers(200).Sees("Notfallblock")
	printed(t, pad, "/ward/3A/pad")
	list := nurse.Page("/print/ward-results.pdf?ward=3A").Answers(200)
	if !bytes.HasPrefix(list.Body, []byte("%PDF-")) {
		t.Error("the list of results is no PDF")
	}
	h.As("it").Page("/ward/3A/pad").Answers(403)
	h.As("it").Page("/scan").Answers(403)
}

func TestAFilledInSheetFindsItsPatientAndIsTranscribed(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	paper := onPaper(t, printed(t, nurse.Page(chart+"/forms"), chart+"/forms", "n.vitals", "1"), 1, 1)
	file := scanned(t, upsideDown(paper[0]), 1)
	nurse.Upload("/scan", "files", jpegs(file), "ward", "3A").Answers(200).Sees("angenommen")
	read(t, h)
	nurse.Page("/scan").Sees("1 Seiten", "1 in der Akte")
	nurse.Upload("/scan", "files", jpegs(file), "ward", "3A").Answers(200).Sees("Schon gescannt")

	list := nurse.Page("/ward/3A/sheets").Answers(200).Sees("Müller", "Vitalwerte")
	at := sheetLink(t, list, chart+"/sheet/")
	sheet := nurse.Page(at).Answers(200).Sees("Werte noch nicht übertragen", "nach dem Blattcode zugeordnet")
	picture := nurse.Page(sheetLink(t, sheet, at+"/picture")).Answers(200)
	if got := picture.Header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") {
		t.Errorf("the picture may do things: %q", got)
	}
	img, _, err := image.Decode(bytes.NewReader(picture.Body))
	if err != nil {
		t.Fatal(err)
	}
	if found := scan.Read(scan.Page{Image: img}.Grey()); found.Problem != nil || found.Turn != 0 {
		t.Errorf("the picture does not stand upright: %d degrees, %v", found.Turn, found.Problem)
	}
	h.As("arzt").Page(chart+"/findings").Sees("Vitalwerte", "gescanntes Papier, Werte noch nicht übertragen")

	form := nurse.Page(sheetLink(t, sheet, chart+"/write/vitals?sheet=")).Answers(200).Sees("Geschrieben von", "Vom Papier")
	form.Submit(chart+"/write/vitals", "pulse", "72", "act", "sign").Answers(422).Sees("Zeit vom Bogen", "wer es geschrieben hat")
	back := form.Submit(chart+"/write/vitals", "pulse", "72", "at", "09:40", "sheetby", "swe", "act", "sign").Answers(200)
	back.Sees("Schon übertragen", "Vitalwerte", "9:40")
	nurse.Page(sheetLink(t, back, chart+"/entry/")).Sees("geschrieben von swe", "vom Bogen")
	back.Submit(at+"/done", "act", "done").Answers(200).Sees("Alles Papier dieser Station ist übertragen")
	h.As("arzt").Page(chart + "/findings").In("tbody").Sees("Werte übertragen").NotSees("noch nicht übertragen")
	nurse.Page(at).Submit(at+"/done", "act", "open").Answers(200).Sees("Werte noch nicht übertragen")

	// a second scan of the same sheet is another version of it
	nurse.Upload("/scan", "files", jpegs(scanned(t, paper[0], 2)), "ward", "3A")
	read(t, h)
	nurse.Page(at).Sees("andere Fassung dieser Seite")
	h.Replay()
	h.As("pflege").Page(at).Answers(200).Sees("andere Fassung dieser Seite", "Schon übertragen")
	h.Check()
}

func TestAPageThatIsNotClearWaitsForAPerson(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "a01_schmidt_1949_3A.hl7")
	nurse := h.As("pflege")
	paper := onPaper(t, printed(t, nurse.Page(chart+"/forms"), chart+"/forms", "n.vitals", "1", "n.progress", "1"), 1, 2)
	nurse.Upload("/scan", "files", []testkit.Upload{
		{Name: "zwei.jpg", Body: scanned(t, sideBySide(paper[0], paper[1]), 1)},
		{Name: "ohne.jpg", Body: scanned(t, withoutCode(paper[0]), 2)},
		{Name: "brief.pdf", Body: []byte("%PDF-1.4 nothing in it")},
	}, "ward", "3A").Answers(200)
	read(t, h)
	desk := nurse.Page("/desk/scan").Answers(200).Sees("zwei verschiedene Bögen", "kein Blattcode")
	if got := desk.Count(".scans li.panel"); got != 3 {
		t.Fatalf("%d pages wait, want 3:\n%s", got, desk.Text())
	}
	h.As("pflege2").Page("/desk/scan").Sees("3 Seiten anderer Stationen")
	desk.In(".nav .pill").Sees("3")

	// the page without a code is filed by a person
	ref := ""
	for _, l := range desk.Links() {
		if strings.HasPrefix(l, "/desk/scan/") && !strings.Contains(l, "picture") && nurse.Page(l).Has("figure.paper") && strings.Contains(nurse.Page(l).Text(), "kein Blattcode") {
			ref = l
			break
		}
	}
	page := nurse.Page(ref)
	confirm := page.Submit(ref, "q", "26047110").Answers(200).Sees("In die Akte von MÜLLER")
	confirm.Submit(ref + "/file").Answers(422).Sees("was für ein Bogen")
	filed := confirm.Submit(ref+"/file", "kind", "vitals", "page", "1").Answers(200).Sees("zugeordnet von S. Weber", "Müller")
	if again := confirm.Submit(ref+"/file", "kind", "vitals", "page", "1").Answers(200); again.Path != filed.Path {
		t.Errorf("sent twice it is filed twice: %s and %s", filed.Path, again.Path)
	}
	// it was the wrong chart
	filed.Submit(strings.Split(filed.Path, "?")[0]+"/back", "why", "").Answers(422)
	waits := filed.Submit(strings.Split(filed.Path, "?")[0]+"/back", "why", "falsche Akte").Answers(200).Sees("Zurückgenommen: S. Weber: falsche Akte")
	h.As("arzt").Page(chart+"/findings").In("tr.off").Sees("Vitalwerte", "zurückgezogen")
	aside := waits.Submit(ref+"/aside", "why", "").Answers(422).Sees("in keine Akte")
	nurse.Post("/signout")
	back := aside.Submit(ref+"/aside", "why", "leere Rückseite", "other", "Probedruck").Answers(401).Submit("/signin", "id", "pflege", "password", testkit.Password)
	if back.Attr("#other", "value") != "Probedruck" || !strings.Contains(string(back.Body), `"leere Rückseite" selected`) {
		t.Error("what was chosen is lost after the sign-in")
	}
	back.Submit(ref+"/aside", "why", "", "other", "Probedruck").Answers(200)
	if got := nurse.Page("/desk/scan").Count(".scans li.panel"); got != 2 {
		t.Errorf("%d pages wait, want 2", got)
	}
	nurse.Page("/desk/scan?aside=1").Sees("Probedruck", "S. Weber")
	nurse.Page(ref).Submit(ref+"/back", "why", "doch gebraucht").Answers(200).Sees("Wem gehört diese Seite?")
	h.Check()
}

func TestTheCodeOfAnotherPatientIsAskedAboutAndAnUnknownSerialWaits(t *testing.T) {
	t.Parallel()
	other, theirs := inOutage(t)
	foreign := onPaper(t, printed(t, other.As("pflege").Page(theirs+"/forms"), theirs+"/forms", "n.vitals", "1"), 1, 1)
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7", "a01_schmidt_1949_3A.hl7")
	h.Declare("kis")
	nurse := h.As("pflege")
	nurse.Upload("/scan", "files", jpegs(scanned(t, foreign[0], 1)), "ward", "3A")
	read(t, h)
	desk := nurse.Page("/desk/scan").Sees("Bogennummer ist hier nicht gedruckt")
	page := nurse.Page(sheetLink(t, desk, "/desk/scan/"))
	page.Sees("Code oder Etikett nennen:", "Müller") // proposed, never filed by itself
	ref := strings.Split(page.Path, "?")[0]
	to := strings.TrimPrefix(chartOf(nurse.Page("/ward/3A"), "26060001"), "/patient/")
	confirm := nurse.Page(ref + "/file?patient=" + to).Answers(200)
	asked := confirm.Submit(ref+"/file", "kind", "vitals").Answers(422).Sees("einen anderen Patienten", "Trotzdem")
	asked.Submit(ref+"/file").Answers(200).Sees("Schmidt", "zugeordnet von S. Weber")
	h.Check()
}

func TestAFormOfThePadGetsItsPatientOnceAndKeepsIt(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	page := nurse.Page("/ward/3A/pad")
	var none []string
	for _, row := range []string{"curve", "vitals", "medication", "laboratory", "radiology", "consult", "transport", "diet", "phone-result", "admission", "admission-unknown", "handover", "wound", "nursing"} {
		none = append(none, "n."+row, "0")
	}
	paper := onPaper(t, printed(t, page, "/ward/3A/pad", append(none, "n.progress", "1")...), 2, 2)
	nurse.Upload("/scan", "files", jpegs(scanned(t, paper[0], 1)))
	read(t, h)
	desk := nurse.Page("/desk/scan").Sees("ohne Patient gedruckt", "Station 3A")
	ref := strings.Split(nurse.Page(sheetLink(t, desk, "/desk/scan/")).Path, "?")[0]
	nurse.Page(ref+"?q=26047110").Submit(ref+"/file").Answers(200).Sees("Verlauf", "Müller")
	nurse.Upload("/scan", "files", jpegs(scanned(t, paper[0], 2)), "ward", "3A")
	read(t, h)
	nurse.Page("/desk/scan").Sees("Keine Seite wartet")
	if got := nurse.Page("/ward/3A/sheets").Count("tbody tr"); got != 2 {
		t.Errorf("%d sheets, want 2", got)
	}
	h.As("arzt").Page(chart + "/findings").Sees("Verlauf")
	h.Check()
}

func TestAFileThatWasHandedInBeforeTheHubStoppedIsReadAfterwards(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	paper := onPaper(t, printed(t, nurse.Page(chart+"/forms"), chart+"/forms", "n.curve", "1"), 1, 1)
	nurse.Upload("/scan", "files", jpegs(scanned(t, paper[0], 1)), "ward", "3A").Answers(200)
	h.Restart()
	read(t, h)
	if got := h.As("pflege").Page("/ward/3A/sheets").Count("tbody tr td.n"); got != 1 {
		t.Errorf("%d sheets, want 1", got)
	}
	h.Check()
}

func TestWhatAScannerPutsIntoItsFolderIsFiled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := testkit.New(t, func(c *config.Config) { c.Scan.Folder = dir })
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	paper := onPaper(t, printed(t, h.As("pflege").Page(chart+"/forms"), chart+"/forms", "n.vitals", "1"), 1, 1)
	for name, body := range map[string][]byte{"Mueller.jpg": scanned(t, paper[0], 1), "leer.pdf": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	moved := func(to, name string) {
		for ctx := t.Context(); ; {
			if _, err := os.Stat(filepath.Join(dir, to, name)); err == nil {
				return
			}
			select {
			case <-ctx.Done():
				t.Fatalf("%s is not in %s", name, to)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	moved("done", "Mueller.jpg")
	moved("failed", "leer.pdf")
	read(t, h)
	h.As("pflege").Page("/ward/3A/sheets").Sees("Müller", "Vitalwerte")
	h.Check()
}
