package tray

import (
	"context"
	"encoding/json"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/sheet"
)

func TestAPageIsFiledOnlyWhereNothingSpeaksAgainstIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run()
	form := func(kase clinical.CaseNo) Form {
		return w.print(Form{Kind: "vitals", Code: sheet.FormVitals, Title: lang.Text{DE: "Vitalwerte"}, Case: kase})
	}
	of := func(f Form) sheet.Code {
		return sheet.Code{Form: f.Code, Serial: f.Serial, Case: f.Case, Ward: f.Ward, Page: 1, Seq: 9}
	}
	label := func(kase clinical.CaseNo) sheet.Code { return sheet.Code{Form: sheet.FormLabel, Case: kase} }
	pad := w.print(Form{Kind: "progress", Code: sheet.FormProgress, Ward: "3A"})
	cover := w.print(Form{Kind: PadCover, Code: sheet.FormBlank, Ward: "3A"})
	other := form("100")
	other.Case = "200" // a code that was never printed so
	wrong := form("100")
	wrong.Code = sheet.FormCurve
	drill := Form{Serial: sheet.NewSerial(), Kind: "vitals", Code: sheet.FormVitals, Case: "100"}
	_, err := Print(t.Context(), w.j, "haus", journal.NewID(), Printed{At: time.Now(), Forms: []Form{drill}, Exercise: true})
	ok(t, err)
	for _, c := range []struct {
		name string
		page *image.Gray
		kase clinical.CaseNo // in whose chart it is; "": it waits
		why  string
	}{
		{"a printed form", page(t, of(form("100"))), "100", ""},
		{"a sheet of a pack, without a serial", page(t, sheet.Code{Form: sheet.FormMedication, Case: "200", Page: 2, Seq: 4}), "200", ""},
		{"with the patient's own label", page(t, of(form("100")), label("100")), "100", ""},
		{"with another patient's label", page(t, of(form("100")), label("200")), "", "verschiedenen Fällen"},
		{"with the label of nobody here", page(t, of(form("100")), label("999")), "", "verschiedenen Fällen"},
		{"two forms", page(t, of(form("100")), of(form("100"))), "", "zwei verschiedene"},
		{"a case nobody has", page(t, of(form("999"))), "", "nicht bekannt"},
		{"a serial nobody printed", page(t, sheet.Code{Form: sheet.FormVitals, Serial: sheet.NewSerial(), Case: "100", Page: 1}), "", "nicht gedruckt"},
		{"another case than the form was printed for", page(t, of(other)), "", "stimmt nicht"},
		{"another form than was printed", page(t, of(wrong)), "", "stimmt nicht"},
		{"a form of the pad", page(t, of(pad)), "", "ohne Patient"},
		{"a form of the pad with a label", page(t, of(pad), label("100")), "", "ohne Patient"},
		{"the cover of the pad", page(t, of(cover)), "", "Deckblatt"},
		{"a form of an exercise", page(t, of(drill)), "", "Übung"},
		{"a ward list", page(t, sheet.Code{Form: sheet.FormList, Ward: "3A", Page: 1, Seq: 3}), "", "Stationsliste"},
		{"a label alone", page(t, label("100")), "", "kein Blattcode"},
		{"a page without a code", page(t), "", "kein Blattcode"},
		{"an empty page", white(), "", "Leere Seite"},
		{"a small picture", image.NewGray(image.Rect(0, 0, 200, 300)), "", "zu klein"},
	} {
		file := w.take(pngOf(t, c.page))
		got, found := w.Page(Ref(file, 1))
		switch {
		case !found:
			t.Errorf("%s: the page is gone", c.name)
		case c.kase == "" && !got.Waits():
			t.Errorf("%s: filed in %s, must wait", c.name, got.Filed.Case)
		case c.kase == "" && (got.Reason == nil || !strings.Contains(got.Reason.DE, c.why)):
			t.Errorf("%s: waits for %v, want %q", c.name, got.Reason, c.why)
		case c.kase != "" && got.Waits():
			t.Errorf("%s: waits: %v", c.name, got.Reason)
		case c.kase != "" && got.Filed.Case != c.kase:
			t.Errorf("%s: filed in %s, want %s", c.name, got.Filed.Case, c.kase)
		}
	}
}

func white() *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 1240, 1754))
	for i := range img.Pix {
		img.Pix[i] = 250
	}
	return img
}

func TestTheFormOfThePadGoesWhereAPersonSaidAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run()
	pad := w.print(Form{Kind: "progress", Code: sheet.FormProgress, Title: lang.Text{DE: "Verlauf"}, Ward: "3A"})
	code := sheet.Code{Form: pad.Code, Serial: pad.Serial, Ward: "3A", Page: 1}
	first, second := w.take(pngOf(t, page(t, code))), sheet.Code{Form: pad.Code, Serial: pad.Serial, Ward: "3A", Page: 2}
	back := w.take(pngOf(t, page(t, second)))
	f := Filing{Patient: w.patient("100"), Kind: "progress", Title: "Verlauf", Serial: pad.Serial, Page: 1, By: clinical.Staff{ID: "pflege", Name: "S. Weber"}}
	root, seq, err := w.File(t.Context(), Ref(first, 1), f)
	ok(t, err)
	ok(t, w.Wait(t.Context(), w.j.Head()))
	if p, _ := w.Page(Ref(back, 1)); p.Filed == nil || p.Filed.Case != "100" || p.Filed.Match != "code" {
		t.Errorf("the other page of the form is not with the first: %+v", p.Filed)
	}
	if again, at, err := w.File(t.Context(), Ref(first, 1), f); err != nil || again != root || at < seq {
		t.Errorf("sent twice: %s, %v", again, err)
	}
	f.By.ID = "arzt"
	f.Patient = w.patient("200")
	if _, _, err := w.File(t.Context(), Ref(first, 1), f); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second person could file it elsewhere: %v", err)
	}
	// with a label of somebody else it waits again
	odd := w.take(pngOf(t, page(t, code, sheet.Code{Form: sheet.FormLabel, Case: "200"})))
	if p, _ := w.Page(Ref(odd, 1)); !p.Waits() || !strings.Contains(p.Reason.DE, "Etikett eines anderen") {
		t.Errorf("the label of another patient did not stop it: %+v", p)
	}
}

func (w *world) patient(no clinical.CaseNo) *chart.Patient {
	w.t.Helper()
	v, err := w.c.View(w.t.Context())
	ok(w.t, err)
	defer func() { ok(w.t, v.Close()) }()
	key, err := v.Owner(w.t.Context(), no)
	ok(w.t, err)
	p, err := v.Patient(w.t.Context(), key, chart.Head())
	ok(w.t, err)
	return p
}

func TestAFileWhoseReadingBrokeOffIsReadAgainAndFiledOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.print(Form{Kind: "vitals", Code: sheet.FormVitals, Case: "100"})
	ok(t, w.Advance(t.Context(), 0))
	body := pngOf(t, page(t, sheet.Code{Form: form.Code, Serial: form.Serial, Case: "100", Page: 1}))
	got, err := w.Take(t.Context(), body, Came{By: clinical.Staff{ID: "pflege"}})
	ok(t, err)
	rec, err := w.j.Get(t.Context(), got.File)
	ok(t, err)
	r, err := w.Tray.take(t.Context(), rec)
	ok(t, err)
	ok(t, w.fileAll(t.Context(), &r)) // the hub stops here: filed, but not noted
	w.Tray = w.open()
	stop := w.run()
	ok(t, w.Idle(t.Context()))
	recs, err := w.j.Read(t.Context(), 1, 1000)
	ok(t, err)
	entries := 0
	for _, r := range recs {
		if r.Kind == journal.Entry {
			entries++
		}
	}
	if p, found := w.Page(Ref(got.File, 1)); !found || p.Filed == nil || entries != 1 {
		t.Errorf("found %v, filed %v, %d entries", found, p.Filed, entries)
	}
	again, err := w.Take(t.Context(), body, Came{By: clinical.Staff{ID: "arzt"}})
	if ok(t, err); !again.Again || again.File != got.File {
		t.Errorf("the same file is another one: %+v", again)
	}
	ok(t, w.Wait(t.Context(), w.j.Head()))
	stop()
	w.Tray = w.open() // as it was saved
	if p, found := w.Page(Ref(got.File, 1)); !found || p.Filed == nil || w.Seq() != w.j.Head() {
		t.Errorf("after a start: found %v, at %d of %d", found, w.Seq(), w.j.Head())
	}
}

func TestAWithdrawnPageWaitsAndWhoIsSecondIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run()
	file := w.take(pngOf(t, page(t)))
	ref := Ref(file, 1)
	by := clinical.Staff{ID: "pflege", Name: "S. Weber"}
	_, err := w.PutAside(t.Context(), ref, "leere Rückseite", Filing{By: by})
	ok(t, err)
	ok(t, w.Wait(t.Context(), w.j.Head()))
	p, _ := w.Page(ref)
	if p.Waits() || len(w.SetAside()) != 1 {
		t.Fatal("not set aside")
	}
	last, err := w.d.Current(t.Context(), p.Aside.Root)
	ok(t, err)
	_, err = w.d.Withdraw(t.Context(), last, by, journal.NewID().String(), "doch nicht leer", deskMoment())
	ok(t, err)
	ok(t, w.Wait(t.Context(), w.j.Head()))
	p, _ = w.Page(ref)
	if !p.Waits() || !strings.Contains(p.LastWhy, "doch nicht leer") {
		t.Fatalf("does not wait again: %+v", p)
	}
	f := Filing{Patient: w.patient("200"), Kind: "vitals", Title: "Vitalwerte", By: by, Turn: 90}
	root, _, err := w.File(t.Context(), ref, f)
	ok(t, err)
	if root == last.Root {
		t.Error("the filing has the key of the decision that was taken back")
	}
	e, err := w.d.Current(t.Context(), root)
	ok(t, err)
	doc, _ := e.Facts[0].(clinical.Document)
	rec, err := w.j.Get(t.Context(), journal.Seq(doc.Body.Seq))
	ok(t, err)
	img, err := decode(rec.Body)
	if ok(t, err); img.Bounds().Dx() < img.Bounds().Dy() {
		t.Error("the picture was not turned")
	}
	if done := Marked(e.Entry, true); done.Fields[entry.SheetDone] == "" || strings.Contains(done.Facts[0].(clinical.Document).Title, "noch nicht") {
		t.Error("a transcribed sheet still says that it is not")
	}
}

func TestAnEntryMetBeforeItsPageCountsOnceThePageIsKnown(t *testing.T) {
	t.Parallel()
	e := entry.Entry{
		Key: strings.Repeat("ab", 16), Root: strings.Repeat("ab", 16), Form: entry.SheetForm, State: entry.Signed, Patient: "p",
		Fields: map[string]string{entry.SheetRef: "7-1", entry.SheetTitle: "Verlauf"},
	}
	body, err := e.Encode()
	ok(t, err)
	read, err := json.Marshal(note{Read: &reading{File: 7, Pages: []Page{{Ref: "7-1", File: 7, N: 1}}}})
	ok(t, err)
	s := newState()
	s.apply(&journal.Record{Seq: 9, Kind: journal.Entry, Body: body})
	if p := s.Pages["7-1"]; p.Waits() || p.Known {
		t.Error("a page is known before its file was read")
	}
	s.apply(&journal.Record{Seq: 10, Kind: journal.Scanned, Body: read})
	if p := s.Pages["7-1"]; !p.Known || p.Filed == nil || p.Filed.Title != "Verlauf" {
		t.Errorf("the entry is lost: %+v", p)
	}
	s.apply(&journal.Record{Seq: 11, Kind: journal.Scanned, Body: read})
	if s.Files[7].Pages != 1 {
		t.Error("a second reading counts")
	}
}

func TestPicturesAreTurnedClockwise(t *testing.T) {
	t.Parallel()
	grey := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(i)
	}
	rgba := image.NewRGBA(grey.Rect)
	for y := range 2 {
		for x := range 3 {
			rgba.Set(x, y, grey.At(x, y))
		}
	}
	for turn, want := range map[int][]uint8{0: {0, 1, 2, 3, 4, 5}, 90: {3, 0, 4, 1, 5, 2}, 180: {5, 4, 3, 2, 1, 0}, 270: {2, 5, 1, 4, 0, 3}, -90: {2, 5, 1, 4, 0, 3}} {
		for _, img := range []image.Image{grey, rgba} {
			got := scan.Page{Image: turned(img, turn)}.Grey()
			for i, v := range want {
				if got.Pix[i] != v {
					t.Errorf("%T by %d: %v, want %v", img, turn, got.Pix, want)
					break
				}
			}
		}
	}
}

func TestTheFolderLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	told := 0
	f := Folder{Dir: dir, tray: w.Tray, seen: map[string]version{}, stored: map[string]version{}, Tell: func(lang.Text) { told++ }}
	body := pngOf(t, page(t))
	write(t, dir, "a.png", body)
	write(t, dir, "b.txt", []byte("no scan"))
	write(t, dir, "leer.tif", nil)
	ok(t, f.look(t.Context())) // seen once: somebody may still write
	if there(dir, "done/a.png") {
		t.Error("taken at the first look")
	}
	write(t, dir, "a.png", append(body, 0)) // its writer went on
	ok(t, f.look(t.Context()))
	if there(dir, "done/a.png") {
		t.Error("taken while it grew")
	}
	ok(t, f.look(t.Context()))
	if !there(dir, "done/a.png") || !there(dir, "failed/leer.tif") || !there(dir, "b.txt") || told != 1 {
		t.Error("not moved where it belongs")
	}
	write(t, dir, "a.png", body) // another file of that name
	ok(t, f.look(t.Context()))
	ok(t, f.look(t.Context()))
	if !there(dir, "done/a-2.png") {
		t.Error("the second file of a name is not beside the first")
	}
	write(t, dir, "c.png", pngOf(t, page(t)))
	ok(t, f.look(t.Context()))
	broken, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.look(broken); !errors.Is(err, context.Canceled) || !there(dir, "c.png") {
		t.Errorf("a file that could not be stored left its folder: %v", err)
	}
	if err := (&Folder{Dir: filepath.Join(dir, "nirgends"), tray: w.Tray}).look(t.Context()); err == nil || strings.Contains(withoutPath(err).Error(), "nirgends") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func there(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

func FuzzRecordsOfPaper(f *testing.F) {
	f.Add([]byte(`{"read":{"file":3,"pages":[{"ref":"3-1","n":1}]}}`), []byte(`{"forms":[{"s":"7K2M9QXTE4"}]}`))
	f.Add([]byte(`{"came":{"file":3}}`), []byte(`{`))
	f.Fuzz(func(t *testing.T, scanned, printed []byte) {
		s := newState()
		at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		for i, r := range []journal.Record{
			{Kind: journal.Scanned, Body: scanned}, {Kind: journal.Printed, Body: printed}, {Kind: journal.Entry, Body: scanned}, {Kind: journal.Scanned, Body: scanned},
		} {
			r.Seq, r.Received = journal.Seq(i+1), at
			s.apply(&r)
		}
		for _, p := range s.sorted(func(*Page) bool { return true }) {
			_, _ = p.Code()
			_ = p.Labelled()
			_ = p.Root()
		}
	})
}
