package testkit_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/testkit"
)

// filedSheet is a scanned page in the chart, filed by a nurse.
func filedSheet(t *testing.T, h *testkit.Hospital, chart, kind string) string {
	t.Helper()
	nurse := h.As("pflege")
	ref := onDesk(t, h, nurse, 1)[0]
	filed := nurse.Page(ref).Submit(ref, "q", "26047110").Submit(ref+"/file", "kind", kind).Answers(200)
	if !strings.HasPrefix(filed.Path, chart+"/sheet/") {
		t.Fatalf("filed at %s", filed.Path)
	}
	return filed.Path
}

// linksTo are the links of a page into a part of it.
func linksTo(p *testkit.Page, part string) []string {
	var out []string
	for _, l := range p.Links() {
		if strings.Contains(l, part) {
			out = append(out, l)
		}
	}
	return out
}

// A plan was written by hand for hours. The physician's prescription is typed in
// beside its picture, then the nurse's boxes, one by one; each entry names the
// page, the time on the paper and whose initials stand there.
func TestAMedicationPlanIsTypedInBesideItsScan(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Pass(5 * time.Hour) // 15:00 UTC, 16:00 in Berlin
	sheet := filedSheet(t, h, chart, "medication")
	doctor, nurse := h.As("arzt"), h.As("pflege")

	form := doctor.Page(sheetLink(t, doctor.Page(sheet).Answers(200), chart+"/prescribe?sheet=")).Answers(200).Sees("Vom Papier", "Geschrieben von")
	fill := []string{"drug", "Pantoprazol", "strength", "40 mg", "dose", "1 Tbl.", "route", "p.o.", "times", "12:00, 20:00", "start", "21.11.2026 11:00", "act", "check"}
	form.Submit(chart+"/prescribe", fill...).Answers(422).Sees("Zeit vom Bogen", "wer es geschrieben hat")
	form.Submit(chart+"/prescribe", append(fill, "at", "04:00", "sheetby", "JB")...).Answers(422).Sees("kein Ausfall erklärt")
	check := form.Submit(chart+"/prescribe", append(fill, "at", "11:10", "sheetby", "JB")...).Answers(200).Sees("Vom Papier", "JB, 11:10")
	back := check.Submit(chart+"/prescribe", "act", "edit").Answers(200)
	if got := back.Attr("#sheetby", "value") + " " + back.Attr("#at", "value"); got != "JB 11:10" {
		t.Errorf("back in the form stands %q", got)
	}
	sign := []string{"act", "sign"}
	if check.Has("#despite") {
		sign = append(sign, "despite", "so verordnet")
	} else if check.Has("#warned") {
		sign = append(sign, "warned", "1")
	}
	page := check.Submit(chart+"/prescribe", sign...).Answers(200).Sees("Schon übertragen", "11:10")
	if !strings.HasPrefix(page.Path, sheet) {
		t.Errorf("after signing at %s, not beside the paper", page.Path)
	}
	doctor.Page(linksTo(page.In("section.panel"), chart+"/entry/")[0]).Answers(200).Sees("geschrieben von JB", "vom Bogen", "11:10")

	list := nurse.Page(sheet).Answers(200).Sees("Gaben ohne Eintrag", "Pantoprazol 1 Tbl., 12:00").NotSees("20:00")
	if links := linksTo(list, "/prescribe?"); len(links) > 0 {
		t.Error("a nurse is offered to prescribe")
	}
	dose := nurse.Page(sheetLink(t, list, chart+"/give?")).Answers(200).Sees("Vom Papier")
	dose.Submit(chart+"/give", "status", "given", "amount", "1 Tbl.", "act", "check").Answers(422).Sees("Zeit vom Bogen", "wer es geschrieben hat")
	sure := dose.Submit(chart+"/give", "status", "given", "amount", "1 Tbl.", "at", "12:10", "sheetby", "swe", "act", "check").Answers(200)
	more := []string{"act", "sign"}
	for _, one := range sure.Answered() {
		more = append(more, "sure", one)
	}
	done := sure.Submit(chart+"/give", more...).Answers(200).NotSees("Pantoprazol 1 Tbl., 12:00")
	if !strings.HasPrefix(done.Path, sheet) {
		t.Errorf("after the box at %s, not beside the paper", done.Path)
	}
	done.In("section.panel").Sees("Verordnung 11:10 · Dr. J. Brandt", "Gabe 12:10 · S. Weber")
	doctor.Page(chart+"/medication").Sees("12:10", "gegeben")
	h.Replay()
	h.As("pflege").Page(sheet).Sees("Schon übertragen")
	h.Check()
}

// A sheet of the laboratory is typed in by the laboratory, row by row of the
// order that it answers.
func TestALaboratorySheetIsTypedInBesideItsScan(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.ELEK", "1")
	h.Pass(2 * time.Hour)
	sheet := filedSheet(t, h, chart, "lab-result")
	lab := h.As("labor")
	list := lab.Page(sheet).Answers(200).Sees("Werte: Elektrolyte", tubes[0])
	if links := linksTo(h.As("pflege").Page(sheet), "/results/"); len(links) > 0 {
		t.Error("a nurse is offered the laboratory's values")
	}
	if links := linksTo(h.As("pflege").Page(sheet), "/write/order-lab?sheet="); len(links) != 1 {
		t.Error("a nurse is not offered to type a request in")
	}
	page := lab.Page(linksTo(list, "/results/")[0]).Answers(200).Sees("Vom Papier", "Geschrieben von")
	action := chart + "/results/" + url.PathEscape(tubes[0])
	k := rowOf(t, page, "Kalium")
	told := page.Submit(action, "v"+k, "4,4", "act", "sign").Answers(422).Sees("Zeit vom Bogen", "wer es geschrieben hat")
	if got := told.Attr("#v"+k, "value"); got != "4,4" {
		t.Errorf("what was typed is lost: %q", got)
	}
	done := told.Submit(action, "at", "11:20", "sheetby", "tö", "act", "sign").Answers(200).Sees("Schon übertragen", "11:20")
	if !strings.HasPrefix(done.Path, sheet) {
		t.Errorf("after the values at %s, not beside the paper", done.Path)
	}
	lab.Page(linksTo(done.In("section.panel"), chart+"/entry/")[0]).Answers(200).Sees("geschrieben von tö", "vom Bogen")
	h.As("arzt").Page(chart+"/lab").Sees("4,4", "vorläufig")
	h.Check()
}
