package testkit_test

import (
	"image"
	"image/draw"
	"math"
	"strings"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/testkit"
)

// signedEntries counts what was signed so far.
func signedEntries(t *testing.T, h *testkit.Hospital) int {
	t.Helper()
	recs, err := h.Hub.Journal.Read(t.Context(), 1, 5000)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range recs {
		if r.Kind != journal.Entry {
			continue
		}
		if e, err := entry.Decode(r.Body); err != nil || e.State == entry.Signed {
			n++
		}
	}
	return n
}

// What cannot be is refused with a sentence that says why; what was typed stays
// in the form, nothing is stored, and put right it is signed.
func TestWhatCannotBeIsRefusedAndStaysInTheForm(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	phone := []string{"from", "Fr. Klee, Labor", "what", "Kalium", "value", "4,2", "unit", "mmol/l", "readback", "1"}
	for _, x := range []struct {
		who, form   string
		values      []string
		field, typo string
		says        string
		right       string
	}{
		{"pflege", "vitals", []string{"temp", "36,8"}, "bp", "76/118", "der untere Wert", "118/76"},
		{"pflege", "vitals", []string{"bp", "120/80"}, "temp", "384", "384 kann nicht sein", "38,4"},
		{"pflege", "vitals", nil, "pulse", "720", "720 kann nicht sein", "72"},
		{"pflege", "vitals", nil, "spo2", "140", "140 kann nicht sein", "94"},
		{"pflege", "vitals", nil, "resp", "viel", "resp", "18"},
		{"pflege", "vitals", []string{"pulse", "70"}, "at", "25:61", "Uhrzeit", "09:30"},
		{"pflege", "vitals", []string{"pulse", "71"}, "at", "24.12.2026 10:00", "Zukunft", "09:40"},
		{"pflege", "fluids", nil, "oral", "zwei Becher", "Zahl", "400"},
		{"pflege", "phone-result", phone, "value", "42", "42 mmol/l kann nicht sein", "4,3"},
		{"pflege", "phone-result", replaced(phone, "value", "4,6"), "unit", "Löffel", "Einheit „Löffel“ ist nicht bekannt", "mmol/l"},
		{"pflege", "phone-result", replaced(phone, "value", "4,5"), "unit", "mg/dl", "Kalium wird hier in mmol/l angegeben", "mmol/l"},
		{"arzt", "diagnosis", []string{"text", "Pneumonie", "kind", "W"}, "code", "xyz", "ICD", "J18.9"},
	} {
		name := x.form + " " + x.field + " " + x.typo
		before := signedEntries(t, h)
		action := chart + "/write/" + x.form
		page := h.As(x.who).Page(action).Submit(action, replaced(x.values, x.field, x.typo, "act", "sign")...)
		if page.Status != 422 || !page.Has(".problems") {
			t.Errorf("%s: %d %s", name, page.Status, page.Text())
			continue
		}
		if said := page.In(".problems").Text(); x.says != x.field && !strings.Contains(said, x.says) {
			t.Errorf("%s: the page says %q, should say %q", name, said, x.says)
		}
		if got := page.Attr("#"+x.field, "value"); got != x.typo {
			t.Errorf("%s: the field holds %q", name, got)
		}
		if n := signedEntries(t, h); n != before {
			t.Errorf("%s: %d entries were signed", name, n-before)
		}
		page.Submit(action, x.field, x.right, "act", "sign").Answers(200).Sees("gilt")
		if n := signedEntries(t, h); n != before+1 {
			t.Errorf("%s: put right it is %d entries", name, n-before)
		}
	}
	h.Check()
}

// replaced is a form's values with others in their place.
func replaced(values []string, with ...string) []string {
	var out []string
	for i := 0; i < len(values); i += 2 {
		if values[i] != with[0] {
			out = append(out, values[i], values[i+1])
		}
	}
	return append(out, with...)
}

// crumpled is a page whose paper is out of place by so many dots, in waves.
func crumpled(page *image.Gray, dots float64) *image.Gray {
	out := blankLike(page)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	for y := range h {
		for x := range w {
			fx := x + int(math.Round(dots*math.Sin(float64(y)/37+float64(x)/91)))
			fy := y + int(math.Round(dots*math.Sin(float64(x)/41-float64(y)/73)))
			if fx >= 0 && fy >= 0 && fx < w && fy < h {
				out.Pix[y*out.Stride+x] = page.Pix[fy*page.Stride+fx]
			}
		}
	}
	return out
}

// labelled is a page with somebody's label stuck on it.
func labelled(page, labels *image.Gray) *image.Gray {
	out := image.NewGray(page.Rect)
	copy(out.Pix, page.Pix)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	at := image.Rect(w/2, h/2, w/2+w/3, h/2+h/8)
	draw.Draw(out, at, labels, image.Pt(0, 0), draw.Src)
	return out
}

// However a page comes, it is in the right chart or it waits with a reason that
// a person understands; its picture can be seen, and the person can decide.
func TestHoweverAPageIsScannedItIsFiledRightOrWaits(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "a01_schmidt_1949_3A.hl7")
	nurse := h.As("pflege")
	theirs := chartOf(nurse.Page("/ward/3A"), "26060001")
	mine := onPaper(t, printed(t, nurse.Page(chart+"/forms"), chart+"/forms", "n.vitals", "9"), 1, 9)
	other := onPaper(t, printed(t, nurse.Page(theirs+"/forms"), theirs+"/forms", "n.vitals", "1"), 1, 1)
	labels := onPaper(t, nurse.Page("/print"+theirs+"/labels.pdf").Answers(200).Body, 1, 1)
	for i, x := range []struct {
		name string
		page *image.Gray
		says string // on the desk; "" where it files itself
		both bool   // one or the other: how far a code can be read is no promise
	}{
		{"as it was printed", mine[0], "", false},
		{"upside down", upsideDown(mine[1]), "", false},
		{"a little crumpled", crumpled(mine[2], 1), "", true},
		{"badly crumpled", crumpled(mine[3], 12), "", true},
		{"two codes of one patient", sideBySide(mine[4], mine[5]), "zwei verschiedene Bögen", false},
		{"two codes of two patients", sideBySide(mine[6], other[0]), "zwei verschiedene Bögen", false},
		{"another patient's label on it", labelled(mine[7], labels[0]), "verschiedenen Fällen", false},
		{"its code torn off", withoutCode(mine[8]), "kein Blattcode", false},
	} {
		taken := nurse.Upload("/scan", "files", []testkit.Upload{{Name: "scan.jpg", Body: scanned(t, x.page, uint64(i))}}, "ward", "3A").Answers(200).Sees("angenommen")
		read(t, h)
		ref := "/desk/scan/" + queryOf(t, taken.Path, "file") + "-1"
		page := nurse.Page(ref).Answers(200)
		waits := page.Has("form[action=" + ref + "/aside]")
		if waits != (x.says != "") && !x.both {
			t.Errorf("%s: waits %v:\n%s", x.name, waits, page.Text())
		}
		if img := nurse.Page(ref + "/picture").Answers(200); !strings.HasPrefix(img.Header.Get("Content-Type"), "image/") {
			t.Errorf("%s: no picture to look at", x.name)
		}
		if !waits {
			nurse.Page(sheetLink(t, page, chart+"/sheet/")).Answers(200).In(".banner").Sees("Müller")
			continue
		}
		if reason := page.In(".note.strong").Text(); !x.both && !strings.Contains(reason, x.says) {
			t.Errorf("%s: the desk says %q, should say %q", x.name, reason, x.says)
		}
		filed := nurse.Page(ref+"?q=26047110").Submit(ref+"/file", "kind", "vitals")
		if filed.Status == 422 { // something speaks against it: asked once more
			filed.Sees("Stimmt das?")
			filed = filed.Submit(ref + "/file")
		}
		filed.Answers(200).Sees("zugeordnet von S. Weber").In(".banner").Sees("Müller")
	}
	h.As("arzt").Page(theirs + "/findings").NotSees("gescanntes Papier")
	if got := nurse.Page("/ward/3A/sheets").Count("tbody tr td.n"); got != 8 {
		t.Errorf("%d pages are in charts, 8 were scanned", got)
	}
	nurse.Page("/desk/scan").Sees("Keine Seite wartet")
	if found := scan.Read(mine[0]); found.Problem != nil {
		t.Errorf("a page as it was printed cannot be read: %v", found.Problem)
	}
	h.Check()
}

// A result that names one patient and the order of another is in nobody's
// chart: it is listed with what speaks against it, and kept as it came.
func TestAResultForAnothersOrderIsInNobodysChart(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Feeds = append(c.Feeds, analyserFeed())
		c.Mapping.Results = append(c.Mapping.Results, c.Mapping.Results[0])
		r := &c.Mapping.Results[len(c.Mapping.Results)-1]
		r.Feed, r.Code = "cobas", "991"
	})
	h.Receive("kis", "a01_mueller_3A.hl7", "a01_schmidt_1949_3A.hl7")
	h.Declare("kis")
	h.Declare("lis")
	ward := h.As("pflege").Page("/ward/3A")
	mueller, schmidt := chartOf(ward, "26047110"), chartOf(ward, "26060001")
	_, tubes := orderLab(t, h.As("pflege"), mueller, "urgency", "S", "x.K", "1")
	named := strings.Replace(string(potassiumOf(tubes[0], "6.1")), "P|1\r", "P|1|10060001\r", 1)
	analyser := h.Analyser("cobas")
	if err := analyser.Send(t.Context(), []byte(named)); err != nil {
		t.Fatal(err)
	}
	oru := strings.Join([]string{
		`MSH|^~\&|LIS|HAUS|NOTBETRIEB|HAUS|20261121095000||ORU^R01|R00777|P|2.3|||||DE|UNICODE UTF-8`,
		"PID|1||10060001^^^HAUS^PI||Schmidt-Lorenz^Renate^^^^^L||19490222|F", "OBR|1|" + tubes[0] + "|L00777|KLCH^Klinische Chemie|||20261121094500",
		"OBX|1|NM|K^Kalium^L||7.7|mmol/l|||||F|||20261121094500",
	}, "\n")
	h.Receive("lis", oru)
	for _, chart := range []string{mueller, schmidt} {
		h.As("arzt").Page(chart+"/lab").NotSees("6,1", "7,7")
	}
	lab := h.As("labor")
	lab.Page(schmidt+"/results/"+tubes[0]).Answers(404).Sees("gehört nicht zu dieser Person", "nichts gespeichert")
	unread := h.As("arzt").Page("/unread")
	unread.Sees("ASTM", "anderen Person", "ORU^R01", "für eine andere Person")
	// Nothing of it is lost: the order waits, and the laboratory enters what is right.
	action := mueller + "/results/" + tubes[0]
	lab.Page(action).Submit(action, "v0", "4,1", "act", "sign").Answers(200).Sees("Gespeichert")
	h.As("arzt").Page(mueller + "/lab").Sees("4,1")
	h.Check()
	h.Replay()
}
