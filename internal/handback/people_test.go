package handback_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// hears takes in a message of a feed: segments after MSH, at a minute of the
// day after.
func (h *house) hears(feed, kind string, minute int, segments ...string) {
	h.t.Helper()
	at := time.Date(2026, 11, 22, 10, minute, 0, 0, time.UTC)
	h.n++
	head := fmt.Sprintf(`MSH|^~\&|KIS|HAUS|NB|HAUS|%s||%s|K%d|P|2.5|||||DE|UNICODE UTF-8`, at.Format("20060102150405"), kind, h.n)
	body := strings.Join(append([]string{head}, segments...), "\r") + "\r"
	seq, err := h.j.Append(h.t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.HL7, Source: feed, Time: at, Body: []byte(body)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.settle(seq)
}

// settle waits until charts and queue hold the record.
func (h *house) settle(seq journal.Seq) {
	h.t.Helper()
	if err := h.charts.Wait(h.t.Context(), seq); err != nil {
		h.t.Fatal(err)
	}
	if err := h.Wait(h.t.Context(), seq); err != nil {
		h.t.Fatal(err)
	}
}

// signs signs an entry of other facts.
func (h *house) signs(id clinical.Identifier, no string, facts ...clinical.Fact) entry.Entry {
	h.t.Helper()
	h.n++
	at := time.Date(2026, 11, 21, 8, h.n%60, 0, 0, time.UTC)
	key := journal.NewID().String()
	e := entry.Entry{
		Key: key, Root: key, Form: "note", State: entry.Signed, Patient: id.Key(), IDs: []clinical.Identifier{id}, Case: clinical.CaseNo(no),
		Ward: "3A", At: at, Written: at, By: clinical.Staff{ID: "arzt", Name: "Dr. J. Brandt"}, Facts: facts,
	}
	h.append(e)
	return e
}

func (h *house) append(e entry.Entry) {
	h.t.Helper()
	body, err := e.Encode()
	if err != nil {
		h.t.Fatal(err)
	}
	rid, err := journal.ParseID(e.Key)
	if err != nil {
		h.t.Fatal(err)
	}
	seq, err := h.j.Append(h.t.Context(), journal.Record{ID: rid, Kind: journal.Entry, Source: entry.Feed, Time: e.At, Body: body})
	if err != nil {
		h.t.Fatal(err)
	}
	h.settle(seq)
}

func (h *house) mode(m handback.Mode) {
	h.t.Helper()
	if err := h.SetMode(h.t.Context(), journal.NewID(), "kis", m, h.act("it")); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) items(f handback.Filter) []handback.Item {
	h.t.Helper()
	items, err := h.Items(h.t.Context(), "kis", f)
	if err != nil {
		h.t.Fatal(err)
	}
	return items
}

func (h *house) decide(d handback.Decision, items []handback.Item, who, why string) {
	h.t.Helper()
	by := h.act(who)
	by.Why = why
	if err := h.Decide(h.t.Context(), journal.NewID(), "kis", d, items, by); err != nil {
		h.t.Fatal(err)
	}
}

// told returns the messages that the KIS took, and forgets them.
func (h *house) told() string {
	h.kis.mu.Lock()
	defer h.kis.mu.Unlock()
	out := strings.Join(h.kis.list, "\n")
	h.kis.list = nil
	return strings.ReplaceAll(out, "\r", "\n")
}

const (
	pid100    = "PID|1||100^^^HAUS^PI||Weber^Karl||19500101|M"
	inBed     = "PV1|1|I|3A^301^F||||||||||||||||F100^^^HAUS^VN"
	admitted  = "ADT^A01^ADT_A01"
	evn       = "EVN|A01|20261122100000"
	bloodTest = "OBX|1|NM|2823-3^Kalium^LN||5.1|mmol/l|||||F|||20261122095000"
)

func potassium(v float64) clinical.Result {
	return clinical.Result{Filler: "x", Code: clinical.Coded{Code: "2823-3", Text: "Kalium", System: "LN"}, Section: clinical.Laboratory, Value: fmt.Sprint(v), Number: &v, Unit: "mmol/l", Status: clinical.Final, At: time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)}
}

// TestWhatTheKISSaidMeanwhileStandsInTheWay goes through what can happen there
// between the entry and its release, and whether it holds.
func TestWhatTheKISSaidMeanwhileStandsInTheWay(t *testing.T) {
	t.Parallel()
	known := clinical.Identifier{Value: "100", Authority: "HAUS", Type: "PI"}
	order := clinical.Order{Placer: "A7", What: clinical.Coded{Text: "CT Abdomen"}, Section: clinical.Radiology, Status: clinical.Ordered}
	penicillin := clinical.AllergyFact{Allergy: clinical.Allergy{Kind: "DA", To: clinical.Coded{Text: "Penicillin"}, Severity: "SV"}, Action: clinical.Insert}
	for name, c := range map[string]struct {
		fact  clinical.Fact
		who   clinical.Identifier
		say   func(h *house)
		want  handback.Hold
		holds bool
	}{
		"nothing": {fact: potassium(4), say: func(*house) {}},
		"merged": {fact: potassium(4), want: handback.Merged, holds: true, say: func(h *house) {
			h.hears("kis", "ADT^A40^ADT_A39", 1, "EVN|A40|20261122100100", "PID|1||200^^^HAUS^PI||Weber^Karl-Heinz||19500101|M", "MRG|100^^^HAUS^PI")
		}},
		"merged by another system": {fact: potassium(4), say: func(h *house) {
			h.hears("lis", "ADT^A40^ADT_A39", 1, "EVN|A40|20261122100100", "PID|1||200^^^HAUS^PI||Weber^Karl-Heinz||19500101|M", "MRG|100^^^HAUS^PI")
		}},
		"renamed": {fact: potassium(4), want: handback.Renamed, holds: true, say: func(h *house) {
			h.hears("kis", "ADT^A08^ADT_A01", 1, evn, "PID|1||100^^^HAUS^PI||Meier^Karl||19500101|M", inBed)
		}},
		"born another day": {fact: potassium(4), want: handback.Renamed, holds: true, say: func(h *house) {
			h.hears("kis", "ADT^A08^ADT_A01", 1, evn, "PID|1||100^^^HAUS^PI||Weber^Karl||19510101|M", inBed)
		}},
		"told again as it was": {fact: potassium(4), say: func(h *house) { h.hears("kis", "ADT^A08^ADT_A01", 1, evn, pid100, inBed) }},
		"discharged, a value": {fact: potassium(4), want: handback.Discharged, say: func(h *house) {
			h.hears("kis", "ADT^A03^ADT_A03", 1, "EVN|A03|20261122100100", pid100, inBed)
		}},
		"discharged, an order": {fact: order, want: handback.Discharged, holds: true, say: func(h *house) {
			h.hears("kis", "ADT^A03^ADT_A03", 1, "EVN|A03|20261122100100", pid100, inBed)
		}},
		"a newer value": {fact: potassium(4), want: handback.Newer, say: func(h *house) {
			h.hears("kis", "ORU^R01^ORU_R01", 1, pid100, inBed, "OBR|1||L99|LAB|||20261122095000", bloodTest)
		}},
		"a newer value of another": {fact: potassium(4), say: func(h *house) {
			h.hears("kis", "ADT^A01^ADT_A01", 1, evn, "PID|1||300^^^HAUS^PI||Kurz^Ina||19600101|F", "PV1|1|I|3A^302^F||||||||||||||||F300^^^HAUS^VN")
			h.hears("kis", "ORU^R01^ORU_R01", 2, "PID|1||300^^^HAUS^PI||Kurz^Ina||19600101|F", "PV1|1|I|||||||||||||||||F300^^^HAUS^VN", "OBR|1||L99|LAB|||20261122095000", bloodTest)
		}},
		"the allergy changed there": {fact: penicillin, want: handback.Newer, holds: true, say: func(h *house) {
			h.hears("kis", "ADT^A08^ADT_A01", 1, evn, pid100, inBed, "AL1|1|DA|^Penicillin|MI")
		}},
		"the allergy stands there already": {fact: penicillin, want: handback.There, holds: true, say: func(h *house) {
			h.hears("kis", "ADT^A08^ADT_A01", 1, evn, pid100, inBed, "AL1|1|DA|^Penicillin|SV")
		}},
		"the value stands there already": {fact: potassium(4), want: handback.There, holds: true, say: func(h *house) {
			h.hears("kis", "ORU^R01^ORU_R01", 1, pid100, inBed, "OBR|1||L99|LAB|||20261121070000", "OBX|1|NM|2823-3^Kalium^LN||4|mmol/l|||||F|||20261121070000")
		}},
		"nobody knows the patient there":   {fact: potassium(4), who: clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}, want: handback.Temporary, holds: true, say: func(*house) {}},
		"an admission of somebody unknown": {fact: clinical.Movement{Kind: clinical.Admission, Action: clinical.Insert, Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), To: clinical.Place{Ward: "3A"}}, who: clinical.Identifier{Value: "NP2", Authority: "NOTBETRIEB", Type: "PI"}, want: handback.Unknown, holds: true, say: func(*house) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.hears("kis", admitted, 0, evn, pid100, inBed)
			who, no := known, "F100"
			if c.who.Value != "" {
				who, no = c.who, ""
			}
			h.signs(who, no, c.fact)
			c.say(h)
			h.mode(handback.Testing)
			got := h.items(handback.Filter{})
			if len(got) != 1 {
				t.Fatalf("%d items", len(got))
			}
			if c.want == "" {
				if len(got[0].Conflicts) != 0 {
					t.Errorf("%+v", got[0].Conflicts)
				}
				return
			}
			i := slices.IndexFunc(got[0].Conflicts, func(x handback.Conflict) bool { return x.Kind == c.want })
			if len(got[0].Conflicts) != 1 || i < 0 || got[0].Conflicts[i].Holds != c.holds || got[0].Conflicts[i].Say.DE == "" {
				t.Errorf("%+v", got[0].Conflicts)
			}
		})
	}
}

// TestAMergeAfterTheReleaseIsAskedAbout: what nobody has confirmed does not
// leave, and what somebody has confirmed goes to the survivor.
func TestAMergeAfterTheReleaseIsAskedAbout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	h.records("100", 37.2)
	h.mode(handback.Testing)
	h.decide(handback.Release, h.items(handback.Filter{}), "arzt", "")
	h.hears("kis", "ADT^A40^ADT_A39", 1, "EVN|A40|20261122100100", "PID|1||200^^^HAUS^PI||Weber^Karl-Heinz||19500101|M", "MRG|100^^^HAUS^PI")
	h.mode(handback.Flowing)
	items := h.until(func(items []handback.Item) bool { return items[0].Hold == handback.Merged })
	if items[0].State != handback.Waiting || h.told() != "" || !strings.Contains(items[0].Answer, "Karl-Heinz") {
		t.Fatalf("%+v", items[0])
	}
	h.decide(handback.Release, items, "arzt", "")
	h.until(all(handback.Accepted))
	if got := h.told(); !strings.Contains(got, "200^^^HAUS") || strings.Contains(got, "100^^^HAUS^PI") {
		t.Errorf("went to\n%s", got)
	}
}

// TestAPatientOfTheOutageIsMatchedByPeople follows an unknown person from the
// first entry to the number that the KIS has.
func TestAPatientOfTheOutageIsMatchedByPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(target *handback.Target) { target.FourEyes = []message.Kind{message.Admission} })
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	stranger := clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}
	h.signs(stranger, "", potassium(4))
	h.mode(handback.Flowing)
	ctx, ids := t.Context(), []clinical.Identifier{{Value: "100", Authority: "HAUS", Type: "PI"}}
	if err := h.Decide(ctx, journal.NewID(), "kis", handback.Release, h.items(handback.Filter{}), h.act("arzt")); err == nil {
		t.Error("released without a number")
	}
	who, err := h.Strangers(ctx, "kis")
	if err != nil || len(who) != 1 || who[0].Key != stranger.Key() || who[0].Entries != 1 {
		t.Fatalf("%+v %v", who, err)
	}
	if err := h.Match(ctx, journal.NewID(), "kis", stranger.Key(), ids, "F100", h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	if got := h.items(handback.Filter{}); len(got[0].Conflicts) == 0 {
		t.Error("one person is enough")
	}
	if err := h.Agree(ctx, journal.NewID(), "kis", stranger.Key(), h.act("arzt")); err == nil {
		t.Error("the same person twice")
	}
	if err := h.Agree(ctx, journal.NewID(), "kis", stranger.Key(), h.act("pflege")); err != nil {
		t.Fatal(err)
	}
	if err := h.Part(ctx, journal.NewID(), "kis", stranger.Key(), h.act("pflege")); err != nil {
		t.Fatal(err)
	}
	if m, _, err := h.Matching(ctx, "kis", stranger.Key()); err != nil || m.Done() {
		t.Fatalf("%+v %v", m, err)
	}
	key := journal.NewID()
	for range 2 { // pressed twice
		if err := h.Match(ctx, key, "kis", stranger.Key(), ids, "F100", h.act("arzt")); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Agree(ctx, journal.NewID(), "kis", stranger.Key(), h.act("pflege")); err != nil {
		t.Fatal(err)
	}
	h.decide(handback.Release, h.items(handback.Filter{}), "arzt", "")
	h.until(all(handback.Accepted))
	if got := h.told(); !strings.Contains(got, "100^^^HAUS") || !strings.Contains(got, "F100^") || strings.Contains(got, "NP1") {
		t.Errorf("went as\n%s", got)
	}
	if err := h.Part(ctx, journal.NewID(), "kis", stranger.Key(), h.act("pflege")); err == nil {
		t.Error("taken back after something was sent")
	}
}

func TestWhoeverReleasesTheAdmissionOfSomebodyUnknownSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stranger := clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}
	h.signs(stranger, "FN1", clinical.Movement{ID: "m1", Kind: clinical.Admission, Action: clinical.Insert, Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), To: clinical.Place{Ward: "3A"}})
	h.signs(stranger, "FN1", potassium(4))
	h.mode(handback.Flowing)
	h.decide(handback.Release, h.items(handback.Filter{})[:1], "arzt", "")
	h.until(func(items []handback.Item) bool { return items[0].State == handback.Accepted })
	if got := h.told(); !strings.Contains(got, "ADT^A01") || !strings.Contains(got, "NP1^^^NOTBETRIEB^PT") {
		t.Errorf("went as\n%s", got)
	}
	items := h.items(handback.Filter{States: []handback.State{handback.Waiting}})
	if len(items) != 1 || len(items[0].Conflicts) != 0 {
		t.Fatalf("%+v", items)
	}
	h.decide(handback.Release, items, "arzt", "")
	h.until(all(handback.Accepted))
}

// TestWhoIsNewThereIsAdmittedFirst: what is released before the admission comes
// back to people.
func TestWhoIsNewThereIsAdmittedFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stranger := clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}
	h.signs(stranger, "FN1", clinical.Movement{ID: "m1", Kind: clinical.Admission, Action: clinical.Insert, Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), To: clinical.Place{Ward: "3A"}})
	h.signs(stranger, "FN1", potassium(4))
	h.mode(handback.Flowing)
	if err := h.MatchNew(t.Context(), journal.NewID(), "kis", stranger.Key(), h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	h.decide(handback.Release, h.items(handback.Filter{})[1:], "arzt", "")
	items := h.until(func(items []handback.Item) bool { return items[1].Hold == handback.Behind })
	if items[1].State != handback.Waiting || items[1].Answer == "" || h.told() != "" {
		t.Fatalf("%+v", items[1])
	}
	h.decide(handback.Release, items, "arzt", "")
	h.until(all(handback.Accepted))
	if got := h.told(); strings.Index(got, "ADT^A01") > strings.Index(got, "ORU^R01") {
		t.Errorf("went in the order\n%s", got)
	}
}

// TestTwoNumbersAreJoinedOnlyWhereBothAreKnown: somebody unknown is identified
// here; the KIS hears of it only if it had the number from here.
func TestTwoNumbersAreJoinedOnlyWhereBothAreKnown(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"never sent": false, "admitted there before": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.hears("kis", admitted, 0, evn, pid100, inBed)
			stranger := clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}
			h.signs(stranger, "FN1", clinical.Movement{ID: "m1", Kind: clinical.Admission, Action: clinical.Insert, Start: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), To: clinical.Place{Ward: "3A"}})
			h.mode(handback.Flowing)
			if known {
				h.decide(handback.Release, h.items(handback.Filter{}), "arzt", "")
				h.until(all(handback.Accepted))
			}
			h.told()
			h.signs(clinical.Identifier{Value: "100", Authority: "HAUS", Type: "PI"}, "", clinical.Merge{From: []clinical.Identifier{stranger}})
			h.decide(handback.Release, h.items(handback.Filter{States: []handback.State{handback.Waiting}}), "arzt", "")
			h.until(func(items []handback.Item) bool {
				return !slices.ContainsFunc(items, func(it handback.Item) bool { return it.State.Open() })
			})
			got := h.told()
			if strings.Contains(got, "ADT^A40") != known {
				t.Errorf("told\n%s", got)
			}
			if !known && (strings.Contains(got, "NP1^^^NOTBETRIEB") || !strings.Contains(got, "PID|1||100^^^HAUS")) {
				t.Errorf("the admission went as\n%s", got)
			}
		})
	}
}

func TestOneActReleasesWhatNothingHolds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	for range 5 {
		h.records("100", 37)
	}
	h.signs(clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}, "", potassium(4))
	h.mode(handback.Testing)
	b, err := h.Bulk(t.Context(), "kis", handback.Release, "arzt", handback.Filter{})
	if err != nil || len(b.Items) != 5 || b.Held != 1 {
		t.Fatalf("%d items, %d held, %v", len(b.Items), b.Held, err)
	}
	if b, err := h.Bulk(t.Context(), "kis", handback.Release, "arzt", handback.Filter{Kind: message.Laboratory}); err != nil || len(b.Items) != 0 || b.Held != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	if b, err := h.Bulk(t.Context(), "kis", handback.Release, "arzt", handback.Filter{Wards: []string{"3B"}}); err != nil || len(b.Items)+b.Held != 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	got, next, err := h.Conflicting(t.Context(), "kis", handback.Filter{})
	if err != nil || next != 0 || len(got) != 1 {
		t.Fatalf("%+v, %v, %v", got, next, err)
	}
}

// TestTooManyForOneActAreReleasedInParts: what is not looked at is said, and can
// be reached, also behind entries that stay where they are.
func TestTooManyForOneActAreReleasedInParts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.LookMost(3)
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	for range 4 {
		h.signs(clinical.Identifier{Value: "NP1", Authority: "NOTBETRIEB", Type: "PI"}, "", potassium(4)) // nobody there: held
	}
	for range 4 {
		h.records("100", 37)
	}
	h.mode(handback.Testing)
	var parts []string
	var f handback.Filter
	for {
		b, err := h.Bulk(t.Context(), "kis", handback.Release, "arzt", f)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, fmt.Sprintf("%d+%d", len(b.Items), b.Held))
		if f.After = b.Next; b.Next == 0 {
			break
		}
	}
	if got := strings.Join(parts, " "); got != "0+3 2+1 2+0" {
		t.Errorf("parts %s", got)
	}
	found := 0
	for f.After = 0; ; {
		list, next, err := h.Conflicting(t.Context(), "kis", f)
		if err != nil {
			t.Fatal(err)
		}
		found += len(list)
		if f.After = next; next == 0 {
			break
		}
	}
	if found != 4 {
		t.Errorf("%d with a conflict", found)
	}
}

// TestTheSecondPersonReleasesAllAtOnce: what they saw counted, never their own.
func TestTheSecondPersonReleasesAllAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(t *handback.Target) { t.FourEyes = []message.Kind{message.Vitals} })
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	for range 3 {
		h.records("100", 37)
	}
	h.mode(handback.Testing)
	items := h.items(handback.Filter{})
	h.decide(handback.Release, items[:2], "arzt", "")
	second := func(who string) handback.Bulk {
		t.Helper()
		b, err := h.Bulk(t.Context(), "kis", handback.Second, who, handback.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := second("arzt"); len(b.Items) != 0 || b.Own != 2 {
		t.Errorf("the first person as the second: %+v", b)
	}
	seen := second("pflege")
	if len(seen.Items) != 2 || seen.Own != 0 {
		t.Fatalf("%+v", seen)
	}
	again := second("pflege")
	if again.Mark() != seen.Mark() {
		t.Error("the same entries have another mark")
	}
	h.decide(handback.Recall, items[:1], "arzt", "")
	h.decide(handback.Release, items[2:], "arzt", "") // as many as before, but others
	if now := second("pflege"); len(now.Items) != 2 || now.Mark() == seen.Mark() {
		t.Errorf("other entries have the same mark: %+v", now)
	}
	b := second("pflege")
	h.decide(handback.Second, b.Items, "pflege", "")
	if now := second("apotheke"); len(now.Items)+now.Own != 0 {
		t.Errorf("left for a third person: %+v", now)
	}
}

// TestTheReportAccountsForEveryEntry counts in the journal what the queue says.
func TestTheReportAccountsForEveryEntry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	for range 4 {
		h.records("100", 37)
	}
	h.mode(handback.Flowing)
	items := h.items(handback.Filter{})
	h.decide(handback.Release, items[:2], "arzt", "")
	h.until(func(items []handback.Item) bool {
		return items[0].State == handback.Accepted && items[1].State == handback.Accepted
	})
	h.decide(handback.TypedIn, items[2:3], "pflege", "im KIS eingetippt")
	ctx := t.Context()
	r, err := h.Report(ctx, journal.NewID(), "kis", h.act("it"))
	if err != nil || r.Version != 1 || r.Final || r.Entries != 4 || !r.Whole() || r.Count[handback.Arrived] != 2 || r.Count[handback.ByHand] != 1 || r.Count[handback.Pending] != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	if err := h.SetMode(ctx, journal.NewID(), "kis", handback.Closed, h.act("it")); err == nil {
		t.Error("declared done with an entry open")
	}
	h.decide(handback.TypedIn, items[3:], "pflege", "nicht nötig, doppelt erfasst")
	key := journal.NewID()
	for range 2 { // pressed twice
		if err := h.SetMode(ctx, key, "kis", handback.Closed, h.act("it")); err != nil {
			t.Fatal(err)
		}
	}
	list, err := h.Reports(ctx, "kis")
	if err != nil || len(list) != 2 || !list[1].Final || list[1].By.ID != "it" || list[1].Count[handback.Pending] != 0 || list[1].Entries != 4 {
		t.Fatalf("%+v %v", list, err)
	}
	r, body, err := h.ReadReport(ctx, "kis", 2)
	if err != nil {
		t.Fatal(err)
	}
	d, err := handback.ParseDocument(body)
	if err != nil || len(d.Lines) != 4 {
		t.Fatal(err)
	}
	if l := d.Lines[0]; l.Outcome != handback.Arrived || len(l.Messages) != 1 || len(l.Messages[0].Control) != 20 || l.Messages[0].Code != "AA" || l.Messages[0].At.IsZero() || l.Messages[0].Type == "" || l.Released.By.ID != "arzt" {
		t.Errorf("%+v", l)
	}
	if l := d.Lines[2]; l.Outcome != handback.ByHand || l.Hand.By.ID != "pflege" || l.Hand.Why == "" || len(l.Messages) != 0 {
		t.Errorf("%+v", l)
	}
	for _, file := range [][]byte{body, d.CSV()} {
		if _, err := handback.Verify([]byte(r.Signature), h.verifier, file); err != nil {
			t.Error(err)
		}
		file = slices.Clone(file)
		file[len(file)/2] ^= 1
		if _, err := handback.Verify([]byte(r.Signature), h.verifier, file); err == nil {
			t.Error("a changed file is taken for the signed one")
		}
	}
	if _, err := handback.Verify([]byte(strings.Replace(r.Signature, "entries 4", "entries 3", 1)), h.verifier); err == nil {
		t.Error("a changed signature counts")
	}
	secret, public, _ := seal.NewSigningKey("other")
	if _, err := note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	other, _ := note.NewVerifier(public)
	if _, err := handback.Verify([]byte(r.Signature), other); err == nil {
		t.Error("another key's signature counts")
	}
}

// TestWhatIsSignedAfterTheLastReportIsNotLost: an entry that comes while the
// hand-back is closed belongs to the next one.
func TestWhatIsSignedAfterTheLastReportIsNotLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.hears("kis", admitted, 0, evn, pid100, inBed)
	first := h.records("100", 37)
	h.mode(handback.Testing)
	h.decide(handback.TypedIn, h.items(handback.Filter{}), "pflege", "eingetippt")
	h.mode(handback.Closed)
	h.records("100", 38)
	corrected := first
	corrected.Key, corrected.Corrects = journal.NewID().String(), first.Key
	h.append(corrected)
	h.mode(handback.Testing)
	if got := h.items(handback.Filter{}); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	r, err := h.Report(t.Context(), journal.NewID(), "kis", h.act("it"))
	if err != nil || r.Entries != 2 || !r.Whole() || r.Count[handback.Pending] != 2 {
		t.Fatalf("%+v %v", r, err)
	}
}

func TestTheForecastSaysOnlyWhatIsKnown(t *testing.T) {
	t.Parallel()
	pace := func(good ...int) handback.Pace {
		return handback.Pace{Slot: 10 * time.Second, Good: good, Bad: make([]int, len(good))}
	}
	steady := pace(10, 10, 10, 10, 10, 10, 10, 10)
	for name, c := range map[string]struct {
		p        handback.Pace
		n        int
		known    bool
		from, to time.Duration
	}{
		"nothing to do":        {p: steady},
		"just begun":           {p: pace(0, 0, 0, 0, 10, 10), n: 100},
		"too few answers":      {p: pace(1, 1, 1, 1, 1, 1, 1), n: 100},
		"never one":            {p: pace(0, 0, 0, 0, 0, 0, 0, 0), n: 100},
		"it stands still":      {p: pace(10, 10, 10, 10, 0, 0, 0, 0, 0, 0), n: 100},
		"steady":               {p: steady, n: 600, known: true, from: 10 * time.Minute, to: 10 * time.Minute},
		"now fast, now slow":   {p: pace(20, 5, 20, 5, 20, 5, 20, 5), n: 600, known: true, from: 5 * time.Minute, to: 20 * time.Minute},
		"long ones are coarse": {p: steady, n: 60 * 61, known: true, from: 65 * time.Minute, to: 65 * time.Minute},
	} {
		f := c.p.Forecast(c.n)
		if f.Known != c.known || f.From != c.from || f.To != c.to || !f.Known && f.Why.DE == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
