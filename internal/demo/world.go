package demo

import (
	"container/heap"
	"math"
	"strconv"
	"time"
)

// world is the hospital while it lives: an event queue and everything that the
// events know. It has one thread and no clock of its own, so the same plan
// gives the same messages byte for byte.
type world struct {
	h     *House
	dice  dice
	now   int64 // seconds since 1970
	start int64 // Plan.Start
	first int64 // local midnight at the begin of the history
	queue eventQueue
	made  uint64
	out   func(Message) // takes each message as it is made
	buf   wire          // reused for every message

	wards  []*wardState
	byCode map[string]*wardState
	icu    *wardState

	lastPerson, lastCase, lastMove int
	lastOrder, lastDoc, lastVisit  int
	control                        [8]int // last control ID of each feed
	stamp                          stamper
	stays                          []*stay // inpatients and emergency patients present now
	dayNo                          int     // days since the history began
	twins                          int     // births that are to be twins
	guests                         []*stay // two people of one name
	known                          []*person
}

type event struct {
	at    int64
	order uint64 // events of one second run in the order they were made
	do    func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return last
}

// at runs do at time t, or at once if that has passed.
func (w *world) at(t int64, do func()) {
	w.made++
	heap.Push(&w.queue, event{max(t, w.now), w.made, do})
}

// runTo runs all events up to and including t.
func (w *world) runTo(t int64) {
	for len(w.queue) > 0 && w.queue[0].at <= t {
		w.step()
	}
	w.now = max(w.now, t)
}

func (w *world) step() {
	e := heap.Pop(&w.queue).(event)
	w.now = e.at
	e.do()
}

// newWorld lays the house out and plans its first day.
func (h *House) newWorld() *world {
	w := &world{
		h: h, dice: newDice(h.plan.Seed, "world"), start: h.plan.Start.Unix(),
		byCode: map[string]*wardState{}, stamp: stamper{zone: h.plan.Zone},
		lastPerson: 10_020_000, lastCase: 4_711_000, lastMove: 880_000,
		lastOrder: 2_600_000, lastDoc: 51_000, lastVisit: 900_000,
	}
	w.out = func(Message) {}
	begin := h.plan.Start.In(h.plan.Zone).AddDate(0, 0, -h.days)
	w.first = time.Date(begin.Year(), begin.Month(), begin.Day(), 0, 0, 0, 0, h.plan.Zone).Unix()
	w.now = w.first
	for _, p := range plans(h.plan.Small) {
		ws := newWardState(p)
		w.hire(ws)
		w.wards = append(w.wards, ws)
		w.byCode[p.code] = ws
		if p.kind == Intensive {
			w.icu = ws
		}
	}
	w.takeOver()
	w.at(w.first, w.newDay)
	return w
}

// midnight returns the local midnight of the day that holds t, days later.
func (w *world) midnight(t int64, days int) int64 {
	y, m, d := time.Unix(t, 0).In(w.h.plan.Zone).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, w.h.plan.Zone).Unix()
}

// clock returns the time of day hh:mm on the day of t, days later.
func (w *world) clock(t int64, days, hh, mm int) int64 {
	y, m, d := time.Unix(t, 0).In(w.h.plan.Zone).Date()
	return time.Date(y, m, d+days, hh, mm, 0, 0, w.h.plan.Zone).Unix()
}

func (w *world) weekday(t int64) time.Weekday { return time.Unix(t, 0).In(w.h.plan.Zone).Weekday() }

func (w *world) hour(t int64) int { return time.Unix(t, 0).In(w.h.plan.Zone).Hour() }

func (w *world) civil(t int64) civil {
	y, m, d := time.Unix(t, 0).In(w.h.plan.Zone).Date()
	return civil{y, int(m), d}
}

// stamper writes HL7 timestamps in the zone of the house.
type stamper struct {
	zone   *time.Location
	hour   int64 // the hour that base belongs to
	base   [10]byte
	filled bool
}

// at returns t as YYYYMMDDHHMMSS, "" for 0.
func (s *stamper) at(t int64) string {
	if t == 0 {
		return ""
	}
	// A zone changes its offset at full quarters of an hour at most: one hour
	// of UTC has one local hour and date in every zone that Germany uses.
	hour := t - mod(t, 3600)
	if !s.filled || hour != s.hour {
		tt := time.Unix(hour, 0).In(s.zone)
		copy(s.base[:], tt.Format("2006010215"))
		s.hour, s.filled = hour, true
		if tt.Minute() != 0 { // a zone with half hours: not cached
			s.filled = false
			return time.Unix(t, 0).In(s.zone).Format("20060102150405")
		}
	}
	rest := int(t - hour)
	mm, ss := rest/60, rest%60
	b := [14]byte{10: '0' + byte(mm/10), '0' + byte(mm%10), '0' + byte(ss/10), '0' + byte(ss%10)}
	copy(b[:], s.base[:])
	return string(b[:])
}

func mod(a, b int64) int64 { return ((a % b) + b) % b }

// ts returns t as an HL7 timestamp.
func (w *world) ts(t int64) string { return w.stamp.at(t) }

func (w *world) nextOrder() int { w.lastOrder++; return w.lastOrder }

func itoa(n int) string { return strconv.Itoa(n) }

func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
