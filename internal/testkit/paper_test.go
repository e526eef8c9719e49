package testkit_test

import (
	"bytes"
	"testing"

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

func TestANursePrintsFormsAndAPad(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	page := nurse.Page(chart+"/forms").Answers(200).Sees("Fieberkurve", "Müller")
	page.Submit(chart + "/forms").Answers(422).Sees("Kein Bogen gewählt")
	page.Submit(chart+"/forms", "n.vitals", "99").Answers(422).Sees("Vitalwerte: eine Zahl von 0 bis 20")
	printed(t, page, chart+"/forms", "n.vitals", "2", "n.curve", "1")
	pad := nurse.Page("/ward/3A/pad").Answers(200).Sees("Notfallblock")
	printed(t, pad, "/ward/3A/pad")
	list := nurse.Page("/print/ward-results.pdf?ward=3A").Answers(200)
	if !bytes.HasPrefix(list.Body, []byte("%PDF-")) {
		t.Error("the list of results is no PDF")
	}
	h.As("it").Page("/ward/3A/pad").Answers(403)
}
