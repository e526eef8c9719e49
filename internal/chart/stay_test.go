package chart

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
)

// step is one message about a stay: when it was sent and what it says.
type told struct {
	min int // minutes after the start, both sent and (if m.Start is not set) begun
	m   clinical.Movement
}

func ins(kind clinical.MovementKind, no string, min int, to clinical.Place) clinical.Movement {
	return clinical.Movement{ID: no, Action: clinical.Insert, Kind: kind, Start: start().Add(time.Duration(min) * time.Minute), To: to}
}

func act(a clinical.Action, m clinical.Movement) clinical.Movement {
	m.Action = a
	return m
}

func historic(m clinical.Movement) clinical.Movement {
	m.Historic = true
	return m
}

func nothing(kind clinical.MovementKind) clinical.Movement {
	return clinical.Movement{Action: clinical.Cancel, Kind: kind}
}

// own is a cancel that came as a movement with a number (ZBE-4 INSERT).
func own(kind clinical.MovementKind, no string, min int) clinical.Movement {
	m := act(clinical.Cancel, ins(kind, no, min, clinical.Place{}))
	m.OwnID = true
	return m
}

// fold folds messages in the order given by perm.
func foldStay(tellings []told, perm []int, feed func(told) string) Stay {
	s := stay{S: Stay{Case: "1"}}
	for n, i := range perm {
		t := tellings[i]
		at := start().Add(time.Duration(t.min) * time.Minute)
		s.take(t.m, clinical.Origin{Seq: uint64(n + 1), Feed: feed(t), Sent: at, Received: start().Add(time.Duration(n) * time.Second)})
	}
	return s.public(rules{leading: map[string]bool{"kis": true}, zone: time.UTC})
}

func kis(told) string { return "kis" }

func ordered(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

type stayCase struct {
	name  string
	told  []told
	state StayState
	place string // ward/room/bed
}

func stayCases() []stayCase {
	a, b, c := place("3A", "301", "F"), place("ITS", "1", "1"), place("5B", "502", "T")
	return []stayCase{
		{"admitted", []told{{0, ins(clinical.Admission, "1", 0, a)}}, Present, "3A/301/F"},
		{"moved twice", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}}, Present, "5B/502/T"},
		{"the second move is cancelled by its number", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, act(clinical.Cancel, ins(clinical.Transfer, "3", 20, c))}}, Present, "ITS/1/1"},
		{"the newest move is cancelled without a number", []told{{0, ins(clinical.Admission, "", 0, a)}, {10, ins(clinical.Transfer, "", 10, b)}, {20, ins(clinical.Transfer, "", 20, c)}, {30, nothing(clinical.Transfer)}}, Present, "ITS/1/1"},
		{"cancelled without a number and done again", []told{{0, ins(clinical.Admission, "", 0, a)}, {10, ins(clinical.Transfer, "", 10, b)}, {20, nothing(clinical.Transfer)}, {30, ins(clinical.Transfer, "", 10, b)}}, Present, "ITS/1/1"},
		{"an update corrects the place of a move", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, act(clinical.Update, ins(clinical.Transfer, "2", 10, c))}}, Present, "5B/502/T"},
		{"an update corrects the time, so another move is the last", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, act(clinical.Update, ins(clinical.Transfer, "2", 25, b))}}, Present, "ITS/1/1"},
		{"a historic move changes nothing", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, historic(ins(clinical.Transfer, "3", 15, c))}}, Present, "ITS/1/1"},
		{"a correction of an old move marked historic leaves it in the chain", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, historic(act(clinical.Update, ins(clinical.Admission, "1", 1, a)))}, {30, act(clinical.Cancel, ins(clinical.Transfer, "2", 10, b))}}, Present, "3A/301/F"},
		{"discharged", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Discharge, "2", 10, a)}}, Left, "3A/301/F"},
		{"discharge cancelled", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Discharge, "2", 10, a)}, {20, act(clinical.Cancel, ins(clinical.Discharge, "2", 10, a))}}, Present, "3A/301/F"},
		{"discharge cancelled, feed began after admission", []told{{10, ins(clinical.Discharge, "", 10, a)}, {20, clinical.Movement{Action: clinical.Cancel, Kind: clinical.Discharge, To: a}}}, Present, "3A/301/F"},
		{"on leave", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.LeaveStart, "2", 10, a)}}, Away, "3A/301/F"},
		{"back from leave", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.LeaveStart, "2", 10, a)}, {20, ins(clinical.LeaveEnd, "3", 20, clinical.Place{})}}, Present, "3A/301/F"},
		{"admission cancelled", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, act(clinical.Cancel, ins(clinical.Admission, "1", 0, a))}}, CalledOff, ""},
		{"the second move is cancelled by an act with its own number", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, own(clinical.Transfer, "4", 30)}}, Present, "ITS/1/1"},
		{"such an act names the begin of the one it takes back", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, own(clinical.Transfer, "4", 10)}}, Present, "5B/502/T"},
		{"such an act is sent again", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, own(clinical.Transfer, "4", 30)}, {40, own(clinical.Transfer, "4", 31)}}, Present, "ITS/1/1"},
		{"such an act has the number of the one it takes back", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, own(clinical.Transfer, "2", 30)}}, Present, "5B/502/T"},
		{"taken back, done again, taken back again", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, own(clinical.Transfer, "2", 30)}, {30, ins(clinical.Transfer, "2", 10, b)}, {40, own(clinical.Transfer, "2", 30)}}, Present, "3A/301/F"},
		{"the cancelled one is corrected later and stays cancelled", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, ins(clinical.Transfer, "3", 20, c)}, {30, own(clinical.Transfer, "4", 30)}, {40, act(clinical.Update, ins(clinical.Transfer, "3", 21, a))}}, Present, "ITS/1/1"},
		{"discharge cancelled by an act with its own number", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Discharge, "2", 10, a)}, {20, own(clinical.Discharge, "3", 20)}}, Present, "3A/301/F"},
		{"such an act fits nothing", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, own(clinical.Discharge, "3", 20)}}, Present, "ITS/1/1"},
		{"admission cancelled behind a transfer", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, act(clinical.Cancel, ins(clinical.Admission, "1", 0, a))}}, CalledOff, ""},
		{"admission cancelled behind a transfer, no numbers", []told{{0, ins(clinical.Admission, "", 0, a)}, {10, ins(clinical.Transfer, "", 10, b)}, {20, nothing(clinical.Admission)}}, CalledOff, ""},
		{"admission cancelled behind a discharge", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Discharge, "2", 10, b)}, {20, own(clinical.Admission, "3", 20)}}, CalledOff, ""},
		{"an admission that is not known is cancelled", []told{{10, ins(clinical.Transfer, "2", 10, b)}, {20, nothing(clinical.Admission)}}, CalledOff, ""},
		{"admission cancelled, then the transfer too", []told{{0, ins(clinical.Admission, "", 0, a)}, {10, ins(clinical.Transfer, "", 10, b)}, {20, nothing(clinical.Admission)}, {21, clinical.Movement{Action: clinical.Cancel, Kind: clinical.Transfer, To: a, From: b}}}, CalledOff, ""},
		{"moved after the admission was cancelled", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, act(clinical.Cancel, ins(clinical.Admission, "1", 0, a))}, {30, ins(clinical.Transfer, "3", 30, c)}}, Present, "5B/502/T"},
		{"seen after the admission was cancelled", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, act(clinical.Cancel, ins(clinical.Admission, "1", 0, a))}, {30, clinical.Movement{Kind: clinical.StaySnapshot, To: c}}}, Present, "5B/502/T"},
		{"admitted anew after the admission was cancelled", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, act(clinical.Cancel, ins(clinical.Admission, "1", 0, a))}, {30, ins(clinical.Admission, "3", 30, c)}}, Present, "5B/502/T"},
		{"an emergency is admitted and moved, and the admission cancelled", []told{{0, ins(clinical.Visit, "1", 0, c)}, {10, ins(clinical.Admission, "2", 10, a)}, {20, ins(clinical.Transfer, "3", 20, b)}, {30, act(clinical.Cancel, ins(clinical.Admission, "2", 10, a))}}, Present, "5B/502/T"},
		{"planned, admitted, moved, and the admission cancelled", []told{{0, ins(clinical.PlanAdmission, "1", 0, c)}, {10, ins(clinical.Admission, "2", 10, a)}, {20, ins(clinical.Transfer, "3", 20, b)}, {30, act(clinical.Cancel, ins(clinical.Admission, "2", 10, a))}}, Planned, ""},
		{"planned", []told{{0, ins(clinical.PlanAdmission, "1", 600, a)}}, Planned, ""},
		{"plan cancelled", []told{{0, ins(clinical.PlanAdmission, "1", 600, a)}, {1, act(clinical.Cancel, ins(clinical.PlanAdmission, "1", 600, a))}}, CalledOff, ""},
		{"planned, then admitted", []told{{0, ins(clinical.PlanAdmission, "1", 5, a)}, {10, ins(clinical.Admission, "2", 10, b)}}, Present, "ITS/1/1"},
		{"a registered emergency becomes an inpatient", []told{{0, ins(clinical.Visit, "1", 0, b)}, {10, ins(clinical.ClassChange, "2", 10, a)}}, Present, "3A/301/F"},
		{"known only in passing", []told{{0, clinical.Movement{Kind: clinical.StaySnapshot, To: a}}, {10, clinical.Movement{Kind: clinical.StaySnapshot, To: b}}}, Present, "ITS/1/1"},
		{"a place in passing does not move anybody", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, clinical.Movement{Kind: clinical.StaySnapshot, To: b}}}, Present, "3A/301/F"},
		{"the feed began later, then a move came", []told{{0, clinical.Movement{Kind: clinical.StaySnapshot, To: a}}, {10, ins(clinical.Transfer, "2", 10, b)}}, Present, "ITS/1/1"},
		{"the only move is taken back", []told{{0, clinical.Movement{Kind: clinical.StaySnapshot, To: a}}, {10, ins(clinical.Transfer, "2", 10, b)}, {20, act(clinical.Cancel, ins(clinical.Transfer, "2", 10, b))}, {30, clinical.Movement{Kind: clinical.StaySnapshot, To: a}}}, Present, "3A/301/F"},
		{"left the ward, not yet arrived", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Departing, "2", 10, b)}}, Present, "3A/301/F"},
		{"arrived", []told{{0, ins(clinical.Admission, "1", 0, a)}, {10, ins(clinical.Departing, "2", 10, b)}, {20, ins(clinical.Arriving, "3", 20, b)}}, Present, "ITS/1/1"},
	}
}

func placeText(s *Stay) string {
	if !s.Now.Known {
		return ""
	}
	return fmt.Sprintf("%s/%s/%s", s.Now.V.Ward, s.Now.V.Room, s.Now.V.Bed)
}

func TestWhereAPatientIs(t *testing.T) {
	t.Parallel()
	for _, c := range stayCases() {
		s := foldStay(c.told, ordered(len(c.told)), kis)
		if s.State != c.state || placeText(&s) != c.place {
			t.Errorf("%s: %s %q, want %s %q", c.name, s.State, placeText(&s), c.state, c.place)
		}
	}
}

func TestAnyOrderOfArrivalAndRepetitionGivesTheSamePlace(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range stayCases() {
		for range 200 {
			perm := r.Perm(len(c.told))
			for range r.IntN(3) { // some messages come twice
				perm = append(perm, r.IntN(len(c.told)))
			}
			s := foldStay(c.told, perm, kis)
			if s.State != c.state || placeText(&s) != c.place {
				t.Fatalf("%s in order %v: %s %q, want %s %q", c.name, perm, s.State, placeText(&s), c.state, c.place)
			}
		}
	}
}

// Random histories: whatever the messages, every order gives the same.
func TestRandomHistoriesConverge(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	kinds := []clinical.MovementKind{clinical.Admission, clinical.Transfer, clinical.Transfer, clinical.Discharge, clinical.LeaveStart,
		clinical.LeaveEnd, clinical.StaySnapshot, clinical.PlanTransfer, clinical.ClassChange}
	wards := []string{"3A", "5B", "ITS"}
	for range 3000 {
		n := 2 + r.IntN(7)
		history := make([]told, n)
		for i := range history {
			m := ins(kinds[r.IntN(len(kinds))], "", 10*i+r.IntN(30), place(wards[r.IntN(3)], "1", "1"))
			if r.IntN(2) == 0 {
				m.ID = fmt.Sprint(r.IntN(4))
			}
			switch r.IntN(5) {
			case 0:
				m.Action = clinical.Cancel
				if m.OwnID = m.ID != "" && r.IntN(2) == 0; m.ID == "" || m.OwnID {
					m.Start, m.To = time.Time{}, clinical.Place{}
				}
			case 1:
				if m.ID != "" {
					m.Action = clinical.Update
				}
			case 2:
				m.Historic = r.IntN(3) == 0
			}
			history[i] = told{min: 10 * i, m: m}
		}
		want := foldStay(history, ordered(n), kis)
		for range 10 {
			perm := r.Perm(n)
			got := foldStay(history, append(perm, perm[0]), kis)
			if got.State != want.State || got.Now.V != want.Now.V || got.Expecting.V != want.Expecting.V || len(got.Movements) != len(want.Movements) {
				t.Fatalf("order %v: %s %v, want %s %v\n%+v", perm, got.State, got.Now.V, want.State, want.Now.V, history)
			}
		}
	}
}

func TestANewerPlaceInPassingIsShownBesideTheMovement(t *testing.T) {
	t.Parallel()
	a, b := place("3A", "301", "F"), place("ITS", "1", "1")
	s := foldStay([]told{{0, ins(clinical.Admission, "1", 0, a)}, {10, clinical.Movement{Kind: clinical.StaySnapshot, To: b}}}, ordered(2), kis)
	if !s.Elsewhere.Known || s.Elsewhere.V != b {
		t.Errorf("elsewhere %+v", s.Elsewhere)
	}
	s = foldStay([]told{{0, ins(clinical.Admission, "1", 0, a)}, {10, clinical.Movement{Kind: clinical.StaySnapshot, To: clinical.Place{Ward: "3A"}}}}, ordered(2), kis)
	if s.Elsewhere.Known {
		t.Errorf("the same ward is not elsewhere: %+v", s.Elsewhere)
	}
}

func TestADischargeTimeWithoutAMovement(t *testing.T) {
	t.Parallel()
	r := rules{leading: map[string]bool{"kis": true}, zone: time.UTC}
	at := func(min int) time.Time { return start().Add(time.Duration(min) * time.Minute) }
	by := func(min int) clinical.Origin {
		return clinical.Origin{Seq: uint64(min + 1), Feed: "kis", Sent: at(min), Received: at(min)}
	}
	s := stay{S: Stay{Case: "1"}}
	s.take(ins(clinical.Admission, "1", 0, place("3A", "301", "F")), by(0))
	s.details(r, &clinical.StayDetails{Discharged: clinical.Say(at(600))}, by(10))
	if got := s.public(r); got.State != Present || got.Discharged.Known || !got.ExpectedDischarge.Known {
		t.Errorf("a time to come is an expectation: %s %+v", got.State, got.Discharged)
	}
	s.details(r, &clinical.StayDetails{Discharged: clinical.Say(at(18))}, by(20))
	if got := s.public(r); got.State != Left || !got.Discharged.Known {
		t.Errorf("a time gone by is a discharge: %s", got.State)
	}
	s.take(nothing(clinical.Discharge), by(30))
	if got := s.public(r); got.State != Present || got.Discharged.Known {
		t.Errorf("the discharge was taken back: %s %+v", got.State, got.Discharged)
	}
}

func TestACancelThatFitsNothingIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	byHand := func(w *world) (n int) {
		for _, u := range w.unread() {
			if u.Code == interpret.ByHand && u.Key == key("100") {
				n++
			}
		}
		return n
	}
	a, b := place("3A", "301", "F"), place("ITS", "1", "1")
	t.Run("no discharge is known", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.person("100", "1", "Müller", "Anna", a)
		w.send("kis", of("100", "1", own(clinical.Discharge, "9", 20)))
		if s := w.patient("100").Stays[0]; s.State != Present || byHand(w) != 1 {
			t.Errorf("%s, %d by hand", s.State, byHand(w))
		}
		w.send("kis", of("100", "1", own(clinical.Discharge, "9", 21)))
		if byHand(w) != 1 {
			t.Errorf("said again: %d by hand", byHand(w))
		}
	})
	t.Run("a transfer without numbers went elsewhere", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.person("100", "1", "Müller", "Anna", a)
		w.send("kis", of("100", "1", nothing(clinical.Transfer)))
		if byHand(w) != 1 {
			t.Errorf("%d by hand", byHand(w))
		}
	})
	t.Run("one that fits is nobody's business", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.person("100", "1", "Müller", "Anna", a)
		w.send("kis", of("100", "1", transfer(w.now, b)))
		w.send("kis", of("100", "1", own(clinical.Transfer, "9", 20)))
		if s := w.patient("100").Stays[0]; s.Now.V != a || byHand(w) != 0 || !s.Movements[1].Cancelled {
			t.Errorf("at %v, %d by hand", s.Now.V, byHand(w))
		}
	})
}

func TestAStayThatWasCalledOffAndGoesOnIsSaid(t *testing.T) {
	t.Parallel()
	a, b := place("3A", "301", "F"), place("ITS", "1", "1")
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", a)
	w.send("kis", of("100", "1", transfer(w.now, b)))
	w.send("kis", of("100", "1", nothing(clinical.Admission)))
	s := w.patient("100").Stays[0]
	if s.State != CalledOff || len(s.Movements) != 2 || s.Movements[1].Cancelled || len(w.ward("ITS").Rows) != 2 || !w.ward("ITS").Rows[0].Free {
		t.Fatalf("%s %+v", s.State, s.Movements)
	}
	w.send("lis", of("100", "1", clinical.Movement{Kind: clinical.StaySnapshot, To: b}))
	if s := w.patient("100").Stays[0]; s.State != CalledOff || len(w.unread()) != 0 {
		t.Errorf("a late result brings nobody back: %s", s.State)
	}
	w.send("kis", of("100", "1", clinical.Movement{Kind: clinical.StaySnapshot, To: b}))
	w.send("kis", of("100", "1", clinical.Movement{Kind: clinical.StaySnapshot, To: b}))
	u := w.unread()
	if s := w.patient("100").Stays[0]; s.State != Present || s.Now.V != b || len(u) != 1 || u[0].Code != interpret.ByHand || u[0].Ward != "ITS" {
		t.Errorf("%s at %v, unread %+v", s.State, s.Now.V, u)
	}
}
