package crisis

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

func (r *room) due(c *Crisis, id string) Due {
	r.t.Helper()
	for _, d := range r.Deadlines(c) {
		if d.Duty.ID == id {
			return d
		}
	}
	r.t.Fatalf("no duty %s", id)
	return Due{}
}

func TestTheClocksRunFromTheSignedMomentOfKnowledge(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	if d := r.due(c, "bsig-24h"); d.Runs() || !d.Open() {
		t.Error("without a signed moment no clock runs, but the report stands open")
	}
	know := r.clock().Add(-time.Hour)
	c = r.must(r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, know, "R. Vogel", ""))
	if d := r.due(c, "bsig-24h"); !d.Due.Equal(know.Add(24*time.Hour)) || !d.Open() {
		t.Errorf("due %s", d.Due)
	}
	_, err := r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, know.Add(-time.Hour), "R. Vogel", "")
	journaltest.Refused(t, "another moment without a reason", err, fault.Invalid, "begründen")
	c = r.must(r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, know.Add(-time.Hour), "Nachtschicht 3A", "die Schicht sah es früher"))
	if k := c.Knowledge[rulebook.FromKnowledge]; len(k.Was) != 1 || !k.Was[0].At.Equal(know) || k.Was[0].Who != "R. Vogel" {
		t.Errorf("what was signed before is gone: %+v", k)
	}
	if d := r.due(c, "dsgvo-33"); !d.Due.Equal(know.Add(71*time.Hour)) || d.To != "Landesbeauftragte für Datenschutz und Informationsfreiheit Nordrhein-Westfalen" {
		t.Errorf("art. 33 is due %s to %s", d.Due, d.To)
	}
	if d := r.due(c, "diversion"); d.Applies {
		t.Error("nobody was turned away")
	}
	c = r.must(r.Restrict(ctx, who("huber"), c.ID, Restriction{Service: Ambulances, Why: "kein CT"}))
	if d := r.due(c, "diversion"); !d.Open() || !d.AtOnce || !d.Start.Equal(r.clock()) {
		t.Errorf("ambulances are turned away: %+v", d)
	}
	if d := r.due(c, "dsgvo-34"); d.Applies {
		t.Error("art. 34 waits for a decision")
	}
	c = r.must(r.Decide(ctx, who("stein"), c.ID, "dsgvo-34", true, "hohes Risiko"))
	c = r.must(r.Decide(ctx, who("stein"), c.ID, "bsig-24h", false, "Dienstleister meldet für uns"))
	if !r.due(c, "dsgvo-34").Open() || r.due(c, "bsig-24h").Open() {
		t.Error("a person decides whether a duty applies")
	}
}

func TestWarningsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	start := r.clock()
	c = r.must(r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, start, "R. Vogel", ""))
	warned := func() []string {
		var out []string
		for _, l := range r.must(r.Crisis(c.ID)).Search("frist der Meldung „Frühe Erstmeldung, BSIG § 32 Abs. 1 Nr. 1“", State) {
			out = append(out, l.Text)
		}
		slices.Reverse(out)
		return out
	}
	remind := func() time.Time {
		t.Helper()
		next, err := r.Remind(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	if next := remind(); !next.Equal(start.Add(12*time.Hour)) || len(warned()) != 0 {
		t.Errorf("next %s, %v", next, warned())
	}
	for range 3 {
		r.pass(12 * time.Hour)
		remind()
		remind()
		r.start()
		remind()
	}
	want := []string{"Von der Frist der Meldung „Frühe Erstmeldung, BSIG § 32 Abs. 1 Nr. 1“ sind 50 % vergangen.", "Von der Frist der Meldung „Frühe Erstmeldung, BSIG § 32 Abs. 1 Nr. 1“ sind 90 % vergangen.", "Frist der Meldung „Frühe Erstmeldung, BSIG § 32 Abs. 1 Nr. 1“ ist abgelaufen."}
	if got := warned(); !slices.Equal(got, want) {
		t.Errorf("the logbook says %q", got)
	}
	c = r.must(r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, r.clock(), "R. Vogel", "war vorher nicht erheblich"))
	r.pass(12 * time.Hour)
	remind()
	if got := warned(); len(got) != 4 || !strings.Contains(got[3], "50 %") {
		t.Errorf("with another moment the warnings begin anew: %q", got)
	}
}

func TestAReportKeepsItsVersionsAndTheProofOfDispatch(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	know := r.clock()
	c = r.must(r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, know, "R. Vogel", ""))
	c = r.must(r.SaveReport(ctx, who("stein"), c.ID, "bsig-24h", map[string]string{"entity": "Klinikum Nordheide", "what": "Verschlüsselung", "foreign": "x"}))
	_, err := r.SendReport(ctx, who("stein"), c.ID, "bsig-24h", Dispatch{Version: 1, Way: "Portal"})
	journaltest.Refused(t, "sent with gaps and no word", err, fault.Invalid, "Meldende Person")
	full := map[string]string{"entity": "Klinikum Nordheide", "reporter": "Dr. A. Stein", "contact": "0511 4711", "aware": "19.11.2026 02:14", "malicious": "ja", "cross-border": "unbekannt", "what": "Verschlüsselung aller Dateiserver"}
	c = r.must(r.SaveReport(ctx, who("stein"), c.ID, "bsig-24h", full))
	r.pass(25 * time.Hour)
	c = r.must(r.SendReport(ctx, who("stein"), c.ID, "bsig-24h", Dispatch{Version: 2, Way: "Meldeportal", Number: "2026-0815"}))
	d := r.due(c, "bsig-24h")
	if d.Open() || d.Late() != time.Hour || len(d.Report.Versions) != 2 || d.Report.Versions[0].Fields["foreign"] != "" {
		t.Errorf("sent: late by %s, %+v", d.Late(), d.Report)
	}
	body, err := r.ReportJSON(c, "bsig-24h", 2)
	if err != nil || Digest(body) != d.Report.Sent[0].Digest {
		t.Errorf("the proof does not fit what was sent: %v", err)
	}
	r.start()
	if again, err := r.ReportJSON(r.must(r.Crisis(c.ID)), "bsig-24h", 2); err != nil || !bytes.Equal(again, body) {
		t.Errorf("after a restart the report reads otherwise: %v\n%s\n%s", err, body, again)
	}
	var parsed struct {
		Law    string
		Fields []struct{ ID, Value string }
	}
	if err := json.Unmarshal(body, &parsed); err != nil || parsed.Law != "BSIG § 32 Abs. 1 Nr. 1" || len(parsed.Fields) != len(full) || parsed.Fields[0].Value != "Klinikum Nordheide" {
		t.Errorf("%v: %+v", err, parsed)
	}
	// Lawyers word the duties anew, the incident turns out to be of another kind:
	// what went out reads as it did.
	r.must(r.ChangeKind(ctx, who("stein"), c.ID, rulebook.Insider, "Zugang mit eigenem Konto"))
	other := *r.due(c, "bsig-24h").Duty
	other.Law, other.Name.DE, other.Form = "BSIG § 99", "Erste Meldung", []rulebook.Field{{ID: "what", Name: lang.Text{DE: "Sachverhalt"}}}
	for _, duties := range [][]*rulebook.Duty{{&other}, {}} {
		o := r.o
		o.Dir, o.Duties = "", duties
		b, err := Open(ctx, r.j, o)
		if err != nil {
			t.Fatal(err)
		}
		then, err := b.Crisis(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.ReportJSON(then, "bsig-24h", 2); err != nil || !bytes.Equal(again, body) {
			t.Errorf("with other duties the report reads otherwise: %v\n%s", err, again)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	next := r.due(c, "bsig-72h").Duty
	pre := r.must(r.Crisis(c.ID)).Prefill(next, r.Duties(), map[string]string{"systems": "KIS, PACS", "what": "aus dem Titel"})
	if pre["what"] != "Verschlüsselung aller Dateiserver" || pre["systems"] != "KIS, PACS" || pre["reporter"] != "Dr. A. Stein" {
		t.Errorf("the next report begins with %v", pre)
	}
	if pre["number"] != "2026-0815" {
		t.Errorf("the next report to the same office bears the number %q", pre["number"])
	}
	// The data protection authority has another number, and its clock another begin.
	pre = r.must(r.Crisis(c.ID)).Prefill(r.due(c, "dsgvo-33").Duty, r.Duties(), map[string]string{"aware": "20.11.2026 09:00"})
	if pre["number"] != "" || pre["aware"] != "20.11.2026 09:00" || pre["what"] != "Verschlüsselung aller Dateiserver" {
		t.Errorf("the report to another office begins with %v", pre)
	}
}

// The knowledge counts, not the declaration: an incident that nobody has declared
// yet runs against the same law.
func TestWarningsComeBeforeADeclarationToo(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.must(r.OpenCrisis(ctx, who("nacht"), Opening{Kind: rulebook.Cyberattack, Title: "Auffällige Anmeldungen"}))
	if next, err := r.Remind(ctx); err != nil || !next.IsZero() {
		t.Errorf("without knowledge no clock runs: %s, %v", next, err)
	}
	know := r.clock()
	r.must(r.SignKnowledge(ctx, who("stein"), c.ID, rulebook.FromKnowledge, know, "R. Vogel", ""))
	r.pass(13 * time.Hour)
	next, err := r.Remind(ctx)
	if err != nil || !next.Equal(know.Add(18*time.Hour)) {
		t.Errorf("the next warning comes %s, %v", next, err)
	}
	if got := r.must(r.Crisis(c.ID)).Search("Frühe Erstmeldung 50 %", ""); len(got) != 1 {
		t.Errorf("the logbook says %+v", got)
	}
}

// Ambulances are turned away, taken again, and turned away once more: the
// dispatch centre has to hear it each time.
func TestEachDiversionIsReported(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	if d := r.due(c, "diversion"); d.Open() {
		t.Error("open before any diversion")
	}
	divert := func() *Crisis {
		return r.must(r.Restrict(ctx, who("stein"), c.ID, Restriction{Service: Ambulances, Why: "Schockraum voll"}))
	}
	c = divert()
	if d := r.due(c, "diversion"); !d.Open() || !d.Runs() || !d.Start.Equal(r.clock()) {
		t.Errorf("%+v", d)
	}
	c = r.must(r.SaveReport(ctx, who("stein"), c.ID, "diversion", map[string]string{"entity": "Klinikum Nordheide"}))
	r.pass(5 * time.Minute)
	c = r.must(r.SendReport(ctx, who("stein"), c.ID, "diversion", Dispatch{Version: 1, Way: "Telefon", Note: "mündlich"}))
	if r.due(c, "diversion").Open() {
		t.Error("open after it was reported")
	}
	c = r.must(r.Restrict(ctx, who("stein"), c.ID, Restriction{Service: Elective, Why: "Saal 3 steht"}))
	if r.due(c, "diversion").Open() {
		t.Error("elective operations concern no dispatch centre")
	}
	c = r.must(r.Lift(ctx, who("stein"), c.ID, c.Restrictions[0].ID))
	r.pass(3 * time.Hour)
	c = divert()
	if d := r.due(c, "diversion"); !d.Open() || !d.Start.Equal(r.clock()) {
		t.Errorf("the second one is taken for reported: %+v", d)
	}
}

func TestTheRegisterNamesABreachThatWasNotReported(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	r.must(r.Decide(ctx, who("stein"), c.ID, "dsgvo-33", false, "kein Risiko: Sicherung nach 20 Minuten zurück"))
	drill := r.must(r.OpenCrisis(ctx, who("a"), Opening{Kind: rulebook.Fire, Title: "Übung", Exercise: true}))
	r.must(r.Declare(ctx, who("a"), drill.ID, "Übung der Nacht"))
	reg := r.Register()
	if len(reg) != 1 || reg[0].Crisis.ID != c.ID || reg[0].Due.Applies || reg[0].Due.Report.Why == "" {
		t.Errorf("%+v", reg)
	}
}

func TestSeatsShiftsAndHandover(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	wanted := r.Playbook(c.Kind).Team
	r.must(r.Seat(ctx, who("stein"), c.ID, Shift{Role: rulebook.Lead, Person: "stein", Name: "Dr. A. Stein", Until: r.clock().Add(8 * time.Hour)}))
	r.must(r.Seat(ctx, who("stein"), c.ID, Shift{Role: rulebook.Lead, Deputy: true, Name: "K. Roth", Until: r.clock().Add(8 * time.Hour)}))
	c = r.must(r.Seat(ctx, who("stein"), c.ID, Shift{Role: rulebook.ITLead, Name: "R. Vogel", From: r.clock().Add(6 * time.Hour), Until: r.clock().Add(14 * time.Hour)}))
	team := c.Team(r.clock(), wanted)
	if len(team) < len(wanted) || team[0].Role != rulebook.Lead || len(team[0].Now) != 2 || team[0].Now[1].Name != "K. Roth" {
		t.Fatalf("the team is %+v", team)
	}
	if i := slices.IndexFunc(team, func(c Chair) bool { return c.Role == rulebook.Press }); i < 0 || len(team[i].Now) != 0 {
		t.Error("a seat that nobody took is not named")
	}
	r.pass(7*time.Hour + 40*time.Minute)
	if team = c.Team(r.clock(), wanted); !team[0].Ending {
		t.Error("a shift ends in twenty minutes and nobody follows")
	}
	c = r.must(r.Hand(ctx, who("stein"), c.ID, rulebook.Lead, "huber", "Dr. K. Huber", "BSI gemeldet, Presse wartet bis neun"))
	h := c.Handovers[0]
	_, err := r.Accept(ctx, who("stein"), c.ID, h.ID)
	journaltest.Refused(t, "accepted by its writer", err, fault.Conflict, "zweite Person")
	_, err = r.Accept(ctx, who("weber"), c.ID, h.ID)
	journaltest.Refused(t, "accepted by somebody else", err, fault.Conflict, "jemand anderen")
	agenda := c.AgendaFor(r.clock(), r.Deadlines(c))
	has := func(k PointKind) bool { return slices.ContainsFunc(agenda, func(p Point) bool { return p.Kind == k }) }
	if !has(PointHandover) || !has(PointSeat) || !has(PointOverdue) || !has(PointStanding) || has(PointDeadline) {
		t.Errorf("the agenda is %+v", agenda)
	}
	c = r.must(r.Accept(ctx, who("huber"), c.ID, h.ID))
	r.must(r.SignKnowledge(ctx, who("huber"), c.ID, rulebook.FromKnowledge, r.clock(), "R. Vogel", ""))
	c = r.must(r.HoldMeeting(ctx, who("huber"), c.ID, "Meldung bis zehn Uhr", "alle", time.Time{}))
	if len(c.Held) != 1 || c.Meeting.At.Sub(r.clock()) > 4*time.Hour || c.Meeting.At.Before(r.clock()) {
		t.Errorf("the next meeting is %s", c.Meeting.At)
	}
	if agenda = c.AgendaFor(r.clock(), r.Deadlines(c)); has(PointHandover) || has(PointDeadline) {
		t.Errorf("accepted, and the report can wait for the meeting after: %+v", agenda)
	}
}

func TestNoticesGoToTheirWardsUntilTheyEnd(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	c := r.attack()
	r.must(r.Post(ctx, who("a"), c.ID, Notice{Text: "Küche liefert kalt", Level: Info}))
	r.must(r.Post(ctx, who("a"), c.ID, Notice{Text: "Monitore von Hand ablesen", Level: Urgent, Wards: []string{"ITS"}, Until: r.clock().Add(time.Hour)}))
	if got := r.Notices(r.clock(), "3A"); len(got) != 1 || got[0].Level != Info {
		t.Errorf("3A sees %+v", got)
	}
	if got := r.Notices(r.clock(), "ITS"); len(got) != 2 || got[0].Level != Urgent {
		t.Errorf("ITS sees %+v", got)
	}
	r.pass(time.Hour)
	if got := r.Notices(r.clock(), "ITS"); len(got) != 1 {
		t.Errorf("it has ended: %+v", got)
	}
	r.must(r.Unpost(ctx, who("b"), c.ID, r.Notices(r.clock())[0].ID))
	if got := r.Notices(r.clock(), "ITS"); len(got) != 0 {
		t.Errorf("it was taken back: %+v", got)
	}
	c = r.must(r.Draft(ctx, who("a"), c.ID, "press", "Mitteilung", "Wir arbeiten im Notbetrieb."))
	_, err := r.Release(ctx, who("a"), c.ID, c.Texts[0].ID)
	journaltest.Refused(t, "released by its author", err, fault.Conflict, "zweite Person")
	r.must(r.Release(ctx, who("b"), c.ID, c.Texts[0].ID))
}

// TestADutyThatWasRemovedKeepsItsReports: the house takes a duty out of its file
// while an incident runs. What was written for it stays on the list, in its words.
func TestADutyThatWasRemovedKeepsItsReports(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	c := r.attack()
	r.must(r.SaveReport(t.Context(), who("stein"), c.ID, "bsig-24h", map[string]string{"entity": "Klinikum Nordheide", "what": "Verschlüsselung"}))
	was := r.due(c, "bsig-24h")
	if err := r.Book.Close(); err != nil {
		t.Fatal(err)
	}
	r.o.Duties = slices.DeleteFunc(slices.Clone(rulebook.Duties("DE")), func(d *rulebook.Duty) bool { return d.ID == "bsig-24h" })
	r.start()
	c = r.must(r.Crisis(c.ID))
	all := r.Deadlines(c)
	last := all[len(all)-1]
	if !last.Gone || last.Duty.ID != "bsig-24h" || last.Duty.Name != was.Duty.Name || last.Duty.Law != was.Duty.Law || len(last.Report.Versions) != 1 || last.Open() || last.Runs() {
		t.Fatalf("%+v", last)
	}
	for _, d := range all[:len(all)-1] {
		if d.Gone {
			t.Errorf("%s is in the file", d.Duty.ID)
		}
	}
	if v, err := r.Version(c, "bsig-24h", 1); err != nil || len(v.Form) == 0 {
		t.Errorf("%+v %v", v, err)
	}
	if _, err := r.SaveReport(t.Context(), who("stein"), c.ID, "bsig-24h", map[string]string{"what": "neu"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a new version: %v", err)
	}
	if _, err := r.Remind(t.Context()); err != nil {
		t.Error(err)
	}
}
