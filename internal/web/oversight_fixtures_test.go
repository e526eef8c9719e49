package web

import (
	"testing"
	"time"

	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/review"
)

func fixtureFound() []review.Hit {
	var many []review.Access
	for i := range 12 {
		many = append(many, review.Access{Ref: "#4711", System: "Notbetrieb", At: ago(8*time.Hour - time.Duration(i)*time.Minute), Person: "kurz", What: "chart/course", Patient: "aaaabbbbccccdddd", Case: "26047110", Ward: "3A", From: "10.0.3.17", Reason: "Bettenplanung"})
	}
	unknown := lang.Text{DE: "Die Regel zählt. Sie weiß nicht, ob jemand Betten plant.", EN: "The rule counts. It does not know whether somebody plans beds."}
	return []review.Hit{
		{ID: "0123456789abcdef", Rule: "mass", Person: "kurz", Name: "M. Kurz", From: ago(8 * time.Hour), To: ago(7 * time.Hour), Count: 200, Patients: make([]string, 200), Points: 70, Unknown: unknown, Events: many,
			Why: []lang.Text{{DE: "200 Patienten an einem Tag geöffnet.", EN: "200 patients opened on one day."}}, Against: []lang.Text{{DE: "Beim Lesen genannter Grund: „Bettenplanung“", EN: "Reason given when reading: “Bettenplanung”"}}},
		{ID: "0123456789abcdee", Rule: "before-change", Person: "it", Name: "R. Vogel", From: ago(30 * time.Hour), To: ago(29 * time.Hour), Count: 1, Patients: []string{"x"}, Points: 70, Unknown: unknown, Events: many[:1], Why: []lang.Text{{DE: "Kurz davor gelesen.", EN: "Read just before."}}},
	}
}

func reviewFixture(f Frame, tab string, title lang.Text) reviewHead {
	h := reviewHead{Frame: f.titled("review", title), From: "19.11.2026", To: "25.11.2026"}
	for _, t := range reviewTabs {
		h.Tabs = append(h.Tabs, filterLink{Href: t.path, Label: t.label, Here: t.path == tab})
	}
	return h
}

func oversightGallery(add func(string, []byte, error), f Frame) {
	hits := fixtureFound()
	p := hitsPage{reviewHead: reviewFixture(f, "/review", hitsTitle)}
	p.Found = foundView{Asked: true, Kept: true, Made: f.stamp(ago(time.Hour)), Until: f.stamp(ago(-3 * time.Hour)), Old: true}
	p.fill(&oversight.Run{At: f.Now, Logs: 2, Cut: true, Outcome: review.Outcome{Hits: hits, Accesses: 41022, Strangers: 17, Nameless: 3}}, map[string]oversight.Verdict{hits[1].ID: oversight.Suspicious}, hitsQuery{})
	draw(add, "hits", hitsPageT, p)
	draw(add, "hits-none", hitsPageT, hitsPage{reviewHead: reviewFixture(f, "/review", hitsTitle)})
	working := hitsPage{reviewHead: reviewFixture(f, "/review", hitsTitle)}
	working.Refresh = true
	working.Found = foundView{Asked: true, Running: true, Begun: f.stamp(ago(time.Minute)), Stage: stageWord(oversight.Comparing), Step: 3, Steps: 5, Done: 4000, Total: 20000, Other: "/review?from=01.11.2026&to=02.11.2026"}
	draw(add, "hits-working", hitsPageT, working)
	failed := hitsPage{reviewHead: reviewFixture(f, "/review", hitsTitle)}
	failed.Found = foundView{Asked: true, Failed: lang.Text{DE: "Die Akten können gerade nicht gelesen werden.", EN: "The charts cannot be read right now."}}
	draw(add, "hits-failed", hitsPageT, failed)
	judged := []oversight.Judgement{{Hit: hits[0].ID, Verdict: oversight.Suspicious, Why: "kein Dienst in dieser Nacht", By: oversight.Act{Person: "revision", Name: "H. Adler", At: ago(time.Hour)}}}
	one := newHitPage(reviewFixture(f, "/review", lang.Text{DE: "Treffer", EN: "Hit"}), hits[0], judged)
	one.Rooms = []choice{{Value: "abc", Label: lang.Text{DE: "Vorgang Kranich"}}}
	draw(add, "hit", hitPageT, one)
	h := reviewFixture(f, "/review/changes", lang.Text{DE: "Änderungen an eigenen Daten", EN: "Changes to our own data"})
	c := changesPage{reviewHead: h, Asked: true, Reason: "Anzeige vorbereiten", Open: true, Rooms: one.Rooms, Key: "k"}
	c.show(c.fill([]oversight.Change{
		{Ref: "a", Kind: oversight.DocumentWithdrawn, At: ago(6 * time.Hour), Patient: "aaaabbbbccccdddd", Case: "26047110", Label: "Röntgen Thorax", Before: "Auffälliger Herd im rechten Oberlappen.", After: "–", BeforeN: 80100, Seq: 88000, Feed: "kis", By: "EVN-5 kurz Kurz M"},
		{Ref: "b", Kind: oversight.ResultCorrected, At: ago(9 * time.Hour), Patient: "aaaabbbbccccdddd", Label: "Kalium", Before: "6,1 mmol/l [HH]", After: "4,6 mmol/l", BeforeN: 80010, Seq: 87001, Feed: "lis"},
		{Ref: "c", Kind: oversight.ResultWithdrawn, At: ago(10 * time.Hour), Label: "Natrium", After: "–", Seq: 87000, Feed: "lis"},
	}, "", 0))
	draw(add, "changes", changesPageT, c)
	logs := []oversight.Log{{ID: "x", Name: "kis-audit.csv", Hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Mapping: review.Mapping{Format: review.CSV, System: "KIS"}, Report: review.Report{Lines: 90000, Events: 89990, Bad: 10, List: []review.Bad{{Line: 17, Why: lang.Text{DE: "Die Zeit ist nicht lesbar.", EN: "The time cannot be read."}}}, First: ago(90 * time.Hour), Last: ago(time.Hour)}, By: oversight.Act{Name: "H. Adler", At: ago(time.Minute)}}}
	lists := map[oversight.ListKind]oversight.List{oversight.Roster: {Kind: oversight.Roster, Name: "dienst.csv", Rows: 300, By: oversight.Act{Name: "H. Adler", At: ago(time.Minute)}}}
	draw(add, "logs", logsPageT, newLogsPage(reviewFixture(f, "/review/logs", lang.Text{DE: "Protokolle und Listen", EN: "Logs and lists"}), logs, lists, map[string]string{"system": "KIS"}, lang.Text{DE: "Eingelesen", EN: "Read in"}, time.UTC))
	draw(add, "rules", rulesPageT, newRulesPage(reviewFixture(f, "/review/rules", lang.Text{DE: "Regeln der Auswertung", EN: "Rules of the review"}), review.Default(), []oversight.RuleSet{{Text: "mass:\n  on: true\n", Why: "Bettenplanung liest viel", By: oversight.Act{Name: "H. Adler", At: ago(time.Hour)}}}, "", ""))
	door := inquiryPage{Frame: f.titled("inquiry", lang.Text{DE: "Versiegelter Vorgang", EN: "Sealed investigation"}), Waiting: true, Until: f.stamp(ago(-10 * time.Minute)), May: true, Form: map[string]string{}, Printed: "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23", Label: "Tresor", Rooms: []inquiry.Room{{ID: "abc", Title: "Vorgang Kranich"}},
		Draft: &inquiry.Draft{Mine: true, Code: "abcdefghij", Title: "Vorgang Kranich", Subject: "Nachts gelesen", Members: []inquiry.Member{{ID: "revision", Name: "H. Adler"}, {Name: "Tresor", Envelope: true}}}}
	draw(add, "inquiry", inquiryPageT, door)
	vogel := suspectRow{ID: "it", Name: "R. Vogel", Roles: []lang.Text{{DE: "IT", EN: "IT"}}}
	door.Suspects = &suspectForm{Chosen: []suspectRow{{ID: "kurz", Name: "M. Kurz", Roles: []lang.Text{{DE: "Aufnahme", EN: "Admission"}}, Wards: "3A", On: true}}, Query: "weber", Asked: true, More: 3,
		Found: []suspectRow{{ID: "weber", Name: "S. Weber", Off: true}}, Others: "Fogel von der Wartung", Alike: []alikeRow{{Line: "Fogel von der Wartung", People: []suspectRow{vogel}}}, Sure: "Fogel von der Wartung"}
	draw(add, "inquiry-suspects", inquiryPageT, door)
	draw(add, "case", casePageT, fixtureCase(f))
}

func fixtureCase(f Frame) casePage {
	act := func(name string, before time.Duration) inquiry.Act {
		return inquiry.Act{Person: name, Name: name, At: ago(before)}
	}
	c := &inquiry.Case{Title: "Vorgang Kranich", Subject: "Wer las in der Nacht die Akten von 3A?", Suspects: []string{"kurz"}, Members: []inquiry.Member{{ID: "revision", Name: "H. Adler"}, {ID: "stein", Name: "Dr. A. Stein"}, {ID: "(envelope)", Name: "Tresor", Envelope: true}}, Opened: act("H. Adler", 5*time.Hour), Wrong: []string{"4–6"},
		Open: []inquiry.Proposal{{ID: "p1", Kind: inquiry.Release, Why: "für die Staatsanwaltschaft", By: act("Dr. A. Stein", time.Minute)}}}
	for i, e := range []inquiry.Entry{
		{Kind: "opened"}, {Kind: "unlocked", With: act("Dr. A. Stein", 4*time.Hour)}, {Kind: "note", Text: "Konto gesperrt.\nDienstplan angefordert."}, {Kind: "hit", Title: "Massenhaft gelesen: M. Kurz", Taken: &inquiry.Taken{Facts: []string{"200 Patienten an einem Tag"}}},
		{Kind: "change", Title: "Befund gelöscht", Taken: &inquiry.Taken{Facts: []string{"EVN-5 kurz"}, Before: "Auffälliger Herd", After: "–"}}, {Kind: "file", Title: "tuer.csv", File: &inquiry.File{Name: "tuer.csv", Size: 1700, Hash: "0123456789abcdef"}}, {Kind: "look", Text: "Vorgang"}, {Kind: "propose", Title: "release", Text: "für die Staatsanwaltschaft"},
	} {
		e.N, e.Seq, e.By = uint64(i+1), 88000, act("H. Adler", 3*time.Hour)
		c.Entries = append(c.Entries, e)
	}
	p := newCasePage(c, inquiry.Who{Person: "revision"}, f.titled("inquiry", lang.Text{DE: c.Title}))
	p.Room, p.Until, p.Code, p.Reports = "abc", f.stamp(ago(-20*time.Minute)), "abcdefghij", []string{"p0"}
	return p
}

func TestOversightTemplatesFitTheirTypes(t *testing.T) {
	t.Parallel()
	fits(t, hitsPageT)
	fits(t, hitPageT)
	fits(t, changesPageT)
	fits(t, logsPageT)
	fits(t, rulesPageT)
	fits(t, inquiryPageT)
	fits(t, casePageT)
}
