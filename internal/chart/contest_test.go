package chart

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// rxTale tells one prescription, statement by statement, as the journal has it.
type rxTale struct {
	h   head
	seq uint64
}

var taleStart = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// say folds one statement; minute is what the sender's clock shows.
func (s *rxTale) say(feed string, minute int, p clinical.Prescription) {
	s.seq++
	at := taleStart.Add(time.Duration(minute) * time.Minute)
	s.h.prescription(p, &clinical.Change{Origin: clinical.Origin{Seq: s.seq, Feed: feed, Sent: at, Received: taleStart.Add(time.Duration(s.seq) * time.Hour)}})
}

func (s *rxTale) contest(t *testing.T) (Contest, bool) {
	t.Helper()
	if len(s.h.P.Medication) != 1 {
		t.Fatalf("%d prescriptions", len(s.h.P.Medication))
	}
	return s.h.P.Contest(&s.h.P.Medication[0])
}

func ramipril(change ...func(*clinical.Prescription)) clinical.Prescription {
	p := clinical.Prescription{
		Placer: "M1", Drug: clinical.Coded{Text: "Ramipril"}, Dose: "5 mg", Scheme: "1-0-0-0", Times: []clinical.DayTime{480}, Route: "p.o.",
		Status: clinical.InProgress, By: clinical.Staff{Name: "Dr. Alt"},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func dose(d string) func(*clinical.Prescription) {
	return func(p *clinical.Prescription) { p.Dose = d }
}

func status(s clinical.OrderStatus) func(*clinical.Prescription) {
	return func(p *clinical.Prescription) {
		p.Status = s
		p.Stood = clinical.Staff{Name: "Dr. Berg"}
	}
}

func settled(by clinical.Settlement) func(*clinical.Prescription) {
	return func(p *clinical.Prescription) { p.Settled = by }
}

func only(s clinical.OrderStatus) clinical.Prescription {
	return clinical.Prescription{Placer: "M1", Status: s, Aside: true}
}

// What was stopped or changed here stays so, whatever a system that knows
// nothing of it sends afterwards, and both are seen until a person decides.
func TestWhatWasSignedHereIsNeverUndoneByAMessage(t *testing.T) {
	t.Parallel()
	type step struct {
		feed   string
		minute int
		rx     clinical.Prescription
	}
	ordered := step{"kis", 0, ramipril()}
	stop := step{Here, 20, ramipril(status(clinical.Cancelled))}
	less := step{Here, 20, ramipril(dose("2,5 mg"))}
	for _, c := range []struct {
		name   string
		steps  []step
		status clinical.OrderStatus
		dose   string
		theirs string // dose of the other side; "" if nothing is contested
	}{
		{"the old state again, sent later", []step{ordered, stop, {"kis", 60, ramipril()}}, clinical.Cancelled, "5 mg", "5 mg"},
		{"the old state again, bearing an earlier time", []step{ordered, stop, {"kis", 10, ramipril()}}, clinical.Cancelled, "5 mg", "5 mg"},
		{"the old state again, from a clock that is hours slow", []step{ordered, stop, {"kis", -300, ramipril()}}, clinical.Cancelled, "5 mg", "5 mg"},
		{"ordered by a clock that is hours fast, stopped after", []step{{"kis", 300, ramipril()}, stop}, clinical.Cancelled, "5 mg", ""},
		{"a release that names only the number", []step{ordered, stop, {"kis", 60, only(clinical.InProgress)}}, clinical.Cancelled, "5 mg", "5 mg"},
		{"another amount than the one that was stopped", []step{ordered, stop, {"kis", 60, ramipril(dose("10 mg"))}}, clinical.Cancelled, "5 mg", "10 mg"},
		{"the old amount after it was changed here", []step{ordered, less, {"kis", 60, ramipril()}}, clinical.InProgress, "2,5 mg", "5 mg"},
		{"a release says nothing of the amount", []step{ordered, less, {"kis", 60, only(clinical.InProgress)}}, clinical.InProgress, "2,5 mg", ""},
		{"it was told of the change, written otherwise", []step{ordered, less, {"kis", 60, ramipril(dose("2.5 mg"))}}, clinical.InProgress, "2.5 mg", ""},
		{"it was told of the stop", []step{ordered, stop, {"kis", 60, only(clinical.Cancelled)}}, clinical.Cancelled, "5 mg", ""},
		{"told of the stop, it begins again", []step{ordered, stop, {"kis", 60, only(clinical.Cancelled)}, {"kis", 90, ramipril()}}, clinical.Cancelled, "5 mg", "5 mg"},
		{"it stops what it had running", []step{ordered, less, {"kis", 60, only(clinical.Cancelled)}}, clinical.Cancelled, "2,5 mg", ""},
		{"it repeats a stop that was undone here", []step{ordered, {"kis", 5, only(clinical.Cancelled)}, {Here, 20, ramipril()}, {"kis", 60, only(clinical.Cancelled)}}, clinical.InProgress, "5 mg", "5 mg"},
		{"it contradicts, then agrees", []step{ordered, stop, {"kis", 60, ramipril()}, {"kis", 90, only(clinical.Cancelled)}}, clinical.Cancelled, "5 mg", ""},
		{"an older message after one that agrees", []step{ordered, less, {"kis", 60, ramipril(dose("2.5 mg"))}, {"kis", 30, ramipril()}}, clinical.InProgress, "2.5 mg", ""},
		{"decided for here", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(status(clinical.Cancelled), settled(clinical.KeptOurs))}}, clinical.Cancelled, "5 mg", ""},
		{"decided for here, and repeated", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(status(clinical.Cancelled), settled(clinical.KeptOurs))}, {"kis", 80, ramipril()}}, clinical.Cancelled, "5 mg", ""},
		{"decided for here, then something new", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(status(clinical.Cancelled), settled(clinical.KeptOurs))}, {"kis", 80, ramipril(dose("10 mg"))}}, clinical.Cancelled, "5 mg", "10 mg"},
		{"stopped again after a decision, and repeated", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(status(clinical.Cancelled), settled(clinical.KeptOurs))}, {Here, 75, ramipril()}, {Here, 76, ramipril(status(clinical.Cancelled))}, {"kis", 80, ramipril()}}, clinical.Cancelled, "5 mg", "5 mg"},
		{"decided for the other side", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(settled(clinical.TookTheirs))}}, clinical.InProgress, "5 mg", ""},
		{"decided for the other side, which goes on", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(settled(clinical.TookTheirs))}, {"kis", 80, ramipril(dose("10 mg"))}}, clinical.InProgress, "10 mg", ""},
		{"the decision is made anew", []step{ordered, stop, {"kis", 60, ramipril()}, {Here, 70, ramipril(settled(clinical.TookTheirs))}, {Here, 75, ramipril(status(clinical.Cancelled), settled(clinical.KeptOurs))}, {"kis", 80, ramipril()}}, clinical.Cancelled, "5 mg", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s rxTale
			for _, x := range c.steps {
				s.say(x.feed, x.minute, x.rx)
			}
			got, contested := s.contest(t)
			it := s.h.P.Medication[0]
			if it.V.Status != c.status || it.V.Dose != c.dose || it.Cancelled != (c.status == clinical.Cancelled) {
				t.Errorf("stands as %s %s, cancelled %v", it.V.Status, it.V.Dose, it.Cancelled)
			}
			if contested != (c.theirs != "") || contested && got.Theirs.V.Dose != c.theirs {
				t.Errorf("contested %v: %q, want %q", contested, got.Theirs.V.Dose, c.theirs)
			}
			if n := len(s.h.P.Contests()); n != map[bool]int{true: 1}[contested] {
				t.Errorf("%d contests", n)
			}
		})
	}
}

func TestAContestSaysBothSides(t *testing.T) {
	t.Parallel()
	kis := lang.Text{DE: "KIS", EN: "HIS"}
	var s rxTale
	s.say("kis", 0, ramipril())
	s.say(Here, 20, ramipril(status(clinical.Cancelled)))
	s.say("kis", 60, ramipril())
	c, ok := s.contest(t)
	if got, want := c.Say(kis, time.UTC).DE, "KIS sagt (20.11. 09:00): weiter (5 mg 1-0-0-0 p.o.); hier abgesetzt am 20.11. 08:20 von Dr. Berg"; !ok || got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	if c.Drug() != "Ramipril" {
		t.Errorf("drug %q", c.Drug())
	}
	if got := c.Say(kis, time.UTC).In(lang.EN); !strings.HasPrefix(got, "HIS says") {
		t.Errorf("%q", got)
	}
	sides, ok := s.h.P.Sides(&s.h.P.Medication[0])
	if !ok || sides.Ours.V.Status != clinical.Cancelled || sides.Theirs.V.Status != clinical.InProgress {
		t.Errorf("sides before: %v %+v", ok, sides)
	}
	s.say(Here, 70, ramipril(settled(clinical.TookTheirs)))
	sides, ok = s.h.P.Sides(&s.h.P.Medication[0])
	if !ok || sides.Ours.V.Status != clinical.Cancelled || sides.Theirs.V.Status != clinical.InProgress {
		t.Errorf("sides after the decision: %v %+v", ok, sides)
	}
}

// The same in a whole chart, folded once and again from the journal: the ward
// sees it, and a rebuilt chart says the same.
func TestAWardSeesAContestedPrescription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("100", "F1", person("Alt", "Anna", 1951, 4, 3, clinical.Female)), of("100", "F1", admit(start(), place("3A", "301", "F"))))
	w.send("kis", of("100", "F1", ramipril()))
	w.send(Here, of("100", "F1", ramipril(status(clinical.Cancelled))))
	w.send("kis", of("100", "F1", ramipril()))
	for _, mapping := range []string{"v2", "v3"} { // as it was folded, and rebuilt
		p := w.patient("100")
		if len(p.Contests()) != 1 || p.Medication[0].V.Status.Open() {
			t.Errorf("before %s: contests %+v", mapping, p.Contests())
		}
		rows := w.ward("3A").Rows
		if rows[0].Contested != 1 || len(rows[0].Doses) != 0 {
			t.Errorf("before %s: row contested %d, doses %+v", mapping, rows[0].Contested, rows[0].Doses)
		}
		w.close()
		w.open(mapping)
	}
}

// An allergy that was signed here is never taken away by another system, and one
// that another system repeats is never taken away here: a line too many is read.
func TestAnAllergySignedHereStandsWhateverAnotherSystemTakesBack(t *testing.T) {
	t.Parallel()
	penicillin := func(a clinical.Action) clinical.AllergyFact {
		return clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Penicillin"}}, Action: a}
	}
	severe := penicillin(clinical.Insert)
	severe.Reaction = "Schock"
	type step struct {
		feed string
		fact clinical.AllergyFact
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string // reaction of what stands; "-" if nothing does
	}{
		{"both said it, the other takes it back", []step{{"kis", penicillin(clinical.Insert)}, {Here, severe}, {"kis", penicillin(clinical.Cancel)}}, "Schock"},
		{"said here, repeated there, taken back there", []step{{Here, penicillin(clinical.Insert)}, {"kis", penicillin(clinical.Insert)}, {"kis", penicillin(clinical.Cancel)}}, ""},
		{"said here, said otherwise there, taken back there", []step{{Here, severe}, {"kis", penicillin(clinical.Insert)}, {"kis", penicillin(clinical.Cancel)}}, "Schock"},
		{"the other empties its list", []step{{Here, severe}, {"kis", penicillin(clinical.Insert)}, {"kis", clinical.AllergyFact{ClearAll: true}}}, "Schock"},
		{"the other says that there are none", []step{{Here, severe}, {"kis", clinical.AllergyFact{NoneKnown: true}}}, "Schock"},
		{"both took it back", []step{{"kis", penicillin(clinical.Insert)}, {Here, severe}, {"kis", penicillin(clinical.Cancel)}, {Here, func() clinical.AllergyFact { s := severe; s.Action = clinical.Cancel; return s }()}}, "-"},
		{"taken back here, the other's stands", []step{{"kis", penicillin(clinical.Insert)}, {Here, severe}, {Here, func() clinical.AllergyFact { s := severe; s.Action = clinical.Cancel; return s }()}}, ""},
		{"taken back here, and said again there", []step{{Here, severe}, {Here, func() clinical.AllergyFact { s := severe; s.Action = clinical.Cancel; return s }()}, {"kis", penicillin(clinical.Insert)}}, ""},
		{"only the other said it, and takes it back", []step{{"kis", penicillin(clinical.Insert)}, {"kis", penicillin(clinical.Cancel)}}, "-"},
	} {
		var h head
		for i, s := range c.steps {
			at := taleStart.Add(time.Duration(i) * time.Minute)
			h.allergy(rules{leading: map[string]bool{"kis": true, Here: true}}, &s.fact, &clinical.Change{Origin: clinical.Origin{Seq: uint64(i + 1), Feed: s.feed, Sent: at, Received: at}})
		}
		if len(h.P.Allergies) != 1 {
			t.Errorf("%s: %d allergies", c.name, len(h.P.Allergies))
			continue
		}
		it := h.P.Allergies[0]
		if it.Cancelled != (c.want == "-") || !it.Cancelled && it.V.Reaction != c.want {
			t.Errorf("%s: cancelled %v, reaction %q", c.name, it.Cancelled, it.V.Reaction)
		}
	}
}

// A resuscitation status that was signed here stands first on the ward list; an
// old one that another system sends again afterwards is seen beside it.
func TestAResuscitationStatusSignedHereIsNotReplacedByARepeatedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	full := clinical.Alert{Kind: clinical.Resuscitation, What: clinical.Coded{Code: "FULL", Text: "volle Therapie"}}
	none := clinical.Alert{Kind: clinical.Resuscitation, What: clinical.Coded{Code: "dnr", Text: "keine Reanimation", System: "Notbetrieb"}, From: w.cfg.Now().Add(-6 * time.Hour)}
	now := func() string {
		for _, r := range w.ward("3A").Rows {
			if r.Key == key("100") {
				return r.Resuscitate
			}
		}
		return "not on the list"
	}
	for _, c := range []struct {
		feed string
		say  clinical.Alert
		want string
	}{
		{"kis", full, "volle Therapie"},
		{Here, none, "keine Reanimation"},
		{"kis", full, "keine Reanimation; anders gemeldet: volle Therapie"},
		{"kis", full, "keine Reanimation; anders gemeldet: volle Therapie"},
	} {
		if c.feed == "kis" {
			w.now = latest(w.now, none.From.Add(time.Minute))
		}
		if c.want == "volle Therapie" {
			w.now = start()
		}
		w.send(c.feed, of("100", "1", c.say))
		if got := now(); got != c.want {
			t.Errorf("%s says %q: %q, want %q", c.feed, c.say.What.Text, got, c.want)
		}
	}
}

// No draft drops off in silence: there is room for many, and a chart that has
// more says so.
func TestADraftThatFindsNoRoomIsSaidToBeMissing(t *testing.T) {
	t.Parallel()
	var h head
	keep := func(n int, ended bool) {
		at := clinical.Origin{Seq: uint64(n + 1), Feed: Here, Sent: taleStart}
		h.draft(clinical.Draft{Key: "d" + strconv.Itoa(n), Form: "care-note", At: taleStart, Ended: ended}, &clinical.Change{Origin: at})
	}
	for n := range 60 {
		keep(n, false)
	}
	if len(h.P.Drafts) != 60 || h.P.MoreDrafts {
		t.Errorf("%d of 60 drafts are listed, more %v", len(h.P.Drafts), h.P.MoreDrafts)
	}
	for n := range maxDrafts + 1 {
		keep(n, false)
	}
	if len(h.P.Drafts) != maxDrafts || !h.P.MoreDrafts {
		t.Errorf("%d drafts are listed, more %v", len(h.P.Drafts), h.P.MoreDrafts)
	}
	keep(3, true)
	keep(maxDrafts, false)
	if len(h.P.Drafts) != maxDrafts || h.P.Drafts[0].V.Key != "d"+strconv.Itoa(maxDrafts) {
		t.Error("a draft that is kept again takes no room that became free")
	}
}
