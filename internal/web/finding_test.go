package web

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// document sends a PDF, or only a word about one, from the KIS.
func (h *house) document(event, id, replaces, words string) {
	h.t.Helper()
	txa := "TXA|1|RAD^Röntgen Thorax^L|AP|" + at(3600e9) + strings.Repeat("|", 12-4) + id + "|" + replaces + "||||AU"
	lines := []string{"EVN|" + event[4:7] + "|" + at(60e9), "PID|1||900417^^^KIS^PI||Müller^Anna^^^^^L||19510403|F", pv1("3A^301^F"), txa}
	if words != "" {
		lines = append(lines, "OBX|1|ED|RAD^Röntgen Thorax^L||^application^pdf^Base64^"+base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 "+words))+"||||||F")
	}
	h.receive("kis", event, lines...)
}

func TestTheBytesOfAWithdrawnOrReplacedFindingStayOpenable(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.document("MDM^T02^MDM_T02", "D1", "", "zurückgezogen")
	h.document("MDM^T11^MDM_T01", "D1", "", "")
	h.document("MDM^T02^MDM_T02", "D5", "", "erste Fassung")
	h.document("MDM^T10^MDM_T02", "D6", "D5", "zweite Fassung")
	h.declare()
	nurse := h.as("weber")
	base := "/patient/" + annaKey
	links := func(page, of string) []string {
		var out []string
		for _, m := range regexp.MustCompile(`(?:href|src)="(`+base+of+`[^"#?]+)`).FindAllStringSubmatch(page, -1) {
			out = append(out, m[1])
		}
		return out
	}
	pdf := func(page answer, words string) {
		t.Helper()
		found := links(page.body, "/document/")
		if len(found) == 0 {
			t.Fatalf("no file on %s: %s", page.path, page.text())
		}
		if a := nurse.get(found[0]); a.code != http.StatusOK || !strings.HasSuffix(a.body, words) {
			t.Errorf("%s: %d %.80q, want %q", found[0], a.code, a.body, words)
		}
	}
	list := links(nurse.get(base+"/findings").body, "/findings/")
	if len(list) != 2 {
		t.Fatalf("findings %v", list)
	}
	for _, path := range list {
		page := nurse.get(path)
		was := links(page.body, "/findings/")
		if len(was) != 1 {
			t.Fatalf("%s: earlier versions %v: %s", path, was, page.text())
		}
		first := nurse.get(was[0])
		if strings.Contains(page.body, "Nicht danach handeln") {
			pdf(page, "zurückgezogen")
			page.sees(t, "Zurückgezogene Fassung öffnen")
			pdf(first, "zurückgezogen")
			first.sees(t, "Nicht danach handeln", "Frühere Fassung, sie gilt nicht mehr.")
			if strings.Contains(page.body, "<iframe") || strings.Contains(first.body, "<iframe") {
				t.Error("a withdrawn finding opens by itself")
			}
			continue
		}
		pdf(page, "zweite Fassung")
		pdf(first, "erste Fassung")
		first.sees(t, "Frühere Fassung, sie gilt nicht mehr.", "Zur neuesten Fassung")
		page.seesNot(t, "Frühere Fassung, sie gilt nicht mehr.")
	}
}

func TestTwoTextFindingsOfOneMessageHavePagesOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.receive("kis", "ORU^R01^ORU_R01", "PID|1||900417^^^KIS^PI||Müller^Anna", pv1("3A^301^F"),
		"OBR|1|A1|F1|CT^CT Schädel^L|||"+at(3600e9)+strings.Repeat("|", 24-7)+"RAD|F", "OBX|1|FT|CT^CT Schädel^L||Keine Blutung||||||F",
		"OBR|2|A2|F2|RX^Röntgen Thorax^L|||"+at(3600e9)+strings.Repeat("|", 24-7)+"RAD|F", "OBX|1|FT|RX^Röntgen Thorax^L||Infiltrat rechts||||||F")
	h.declare()
	nurse := h.as("weber")
	page := nurse.get("/patient/" + annaKey + "/findings").body
	all := regexp.MustCompile(`href="(/patient/`+annaKey+`/findings/[^"?]+)`).FindAllStringSubmatch(page, -1)
	if len(all) != 2 {
		t.Fatalf("%d findings", len(all))
	}
	seen := nurse.get(all[0][1]).text() + nurse.get(all[1][1]).text()
	for _, want := range []string{"Keine Blutung", "Infiltrat rechts"} {
		if strings.Count(seen, want) != 1 {
			t.Errorf("%q stands %d times", want, strings.Count(seen, want))
		}
	}
}
