// Package rhythm learns how often a feed sends, by weekday and hour, and says
// when it has fallen silent, sends much less or much more than it does at this
// hour.
//
// It is pure statistics over the times of messages: no clock, no I/O, no
// knowledge of what is in a message. The model, and what it was measured to do,
// are described in docs/watch.md.
package rhythm

import (
	"math"
	"slices"
	"time"
)

// Kind is what is wrong with a feed. The words are the stored form.
type Kind string

const (
	Silence Kind = "silence" // nothing has come for too long
	Drop    Kind = "drop"    // much less than at this hour
	Flood   Kind = "flood"   // much more than at this hour
)

// A Finding is something wrong with a feed that stands now.
type Finding struct {
	Kind     Kind          `json:"kind"`
	Since    time.Time     `json:"since"`            // when it was found
	From     time.Time     `json:"from"`             // Silence: the last message; else the begin of the window
	Window   time.Duration `json:"window,omitempty"` // Drop, Flood: what was counted
	Got      int           `json:"got"`              // messages in it; Silence: that have come since
	Back     time.Time     `json:"back,omitzero"`    // Silence: the first of them
	Expected float64       `json:"expected"`         // messages expected in it
}

// Options are what a feed is judged by.
type Options struct {
	// FalseAlarms is how many alarms a year the feed may raise while nothing is
	// wrong: half of them silences, a quarter drops, a quarter floods. Zero: 1.
	FalseAlarms float64
}

const (
	learnDays = 28   // before a feed has been seen so long it is not judged
	learnGaps = 50   // nor before so many gaps were seen
	weekFade  = 0.9  // what a week-old count weighs beside a new one
	dayFade   = 0.99 // what a day-old gap weighs beside a new one
	// quarantine is how many hours old an hour is when it is learned from, and
	// keepHours how many are remembered one by one.
	quarantine = 48
	keepHours  = quarantine + 25
	newNormal  = 7 * 24 * time.Hour
	minFlood   = 30 // fewer messages are no flood, however rare
	// A shorter silence, or one in which fewer messages would have come, is none:
	// a feed may be as even as a clock until the day it is not.
	minSilence = 5 * time.Minute
	minMissing = 3
	// longest is the silence after which a feed begins anew instead of being
	// followed hour by hour.
	longest = 400 * 24 * time.Hour
)

// scales are the windows, in hours, in which drops and floods are looked for.
var scales = [...]int{1, 4, 24}

// cell is what came in one hour of one weekday: faded sums.
type cell struct {
	Sum    float64 `json:"s"`
	Weight float64 `json:"w"`
}

// hour is one hour that was counted.
type hour struct {
	Start time.Time `json:"t"`
	N     int       `json:"n"`
	Low   float64   `json:"l"` // expected at least
	High  float64   `json:"h"` // and at most
	Plain bool      `json:"p,omitempty"`
	Out   bool      `json:"o,omitempty"` // paused, or within an alarm: not judged and not learned
}

// spread is how much counts vary: with the mean m by m·Burst (messages that come
// together) and by m²·Rate (busier and calmer days). Both are fitted to what
// counts were off by, a straight line through off²/m over m; these are its
// faded sums.
type spread struct {
	N  float64 `json:"n"`
	X  float64 `json:"x"`
	XX float64 `json:"xx"`
	Y  float64 `json:"y"`
	XY float64 `json:"xy"`
}

func (s *spread) add(got int, mean, fade float64) {
	off := float64(got) - mean
	y := off * off / mean
	s.N, s.X, s.XX, s.Y, s.XY = fade*s.N+1, fade*s.X+mean, fade*s.XX+mean*mean, fade*s.Y+y, fade*s.XY+mean*y
}

// at is the spread of a count with the mean, as [atMost] takes it.
func (s spread) at(mean float64) float64 {
	if s.N < 24 || mean <= 0 {
		return 1
	}
	burst, rate := s.Y/s.N, 0.0
	if d := s.N*s.XX - s.X*s.X; d > 1e-9*s.N*s.XX {
		rate = max((s.N*s.XY-s.X*s.Y)/d, 0)
		burst = (s.Y - rate*s.X) / s.N
	}
	if burst < 1 {
		burst, rate = 1, max((s.XY-s.X)/s.XX, 0)
	}
	const unsure = 1.25 // the fit itself is uncertain
	return max(unsure*rate+(unsure*burst-1)/mean, minSpread)
}

// state is what is kept of a feed between starts.
type state struct {
	Begun    time.Time           `json:"begun,omitzero"`
	Last     time.Time           `json:"last,omitzero"`    // the newest message
	Upto     time.Time           `json:"upto,omitzero"`    // everything before is counted
	Open     float64             `json:"open"`             // messages expected since Last
	Came     int                 `json:"came,omitempty"`   // messages after a silence, and
	Missed   float64             `json:"missed,omitempty"` // how many were expected meanwhile
	Unfit    bool                `json:"unfit,omitempty"`  // the gap that lasts is not learned from
	Count    int                 `json:"count"`            // in the present hour
	Touched  bool                `json:"touched,omitempty"`
	Fresh    time.Time           `json:"fresh,omitzero"` // windows do not reach behind it
	Cells    [7][24]cell         `json:"cells"`
	Gaps     gaps                `json:"gaps"`
	Spread   [len(scales)]spread `json:"spread"`
	Few      [len(scales)]gaps   `json:"few"`            // how surprisingly small counts were: −ln of their probability
	Many     [len(scales)]gaps   `json:"many"`           // and how surprisingly large
	Past     []hour              `json:"past,omitempty"` // oldest first
	Standing []Finding           `json:"standing,omitempty"`
	Pauses   []span              `json:"pauses,omitempty"`
}

type span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Feed is the rhythm of one feed. It is not safe for use by several goroutines.
type Feed struct {
	cal Calendar
	o   Options
	s   state

	// Of the present hour, worked out when it begins.
	present hour
	tooMany int // a count that is a flood before the hour is over; 0: none
	// Worked out once a day, at worked.
	silent float64
	few    [len(scales)]float64
	many   [len(scales)]float64
	worked time.Time
}

// New makes a feed that has not been seen.
func New(cal Calendar, o Options) *Feed {
	if o.FalseAlarms <= 0 {
		o.FalseAlarms = 1
	}
	return &Feed{cal: cal, o: o}
}

// Saw takes one message that came at t. Times go forward; one that lies before
// what was counted already counts as now.
func (f *Feed) Saw(t time.Time) {
	t = t.UTC()
	if f.s.Begun.IsZero() || t.Sub(f.s.Upto) > longest {
		f.begin(t)
	}
	f.At(t)
	f.back()
	if !f.s.Unfit && f.learning(weekly) {
		f.s.Gaps.add(f.s.Open)
	}
	f.s.Last, f.s.Open, f.s.Unfit = f.s.Upto, 0, !f.present.Plain || f.s.Touched
	f.s.Count++
	if f.tooMany > 0 && f.s.Count >= f.tooMany && !f.s.Touched && f.standing(Flood) < 0 && f.standing(Drop) < 0 {
		f.raise(Finding{Kind: Flood, Since: f.s.Upto, From: f.present.Start, Window: time.Hour, Got: f.s.Count, Expected: f.present.High})
	}
}

// back lets a silence end with the third message after it, if as much as is
// usual comes again: one message in an hour where sixty are usual is not the
// end. Where too little has come it is counted anew, each ten messages expected.
func (f *Feed) back() {
	i := f.standing(Silence)
	if i < 0 {
		return
	}
	x := &f.s.Standing[i]
	f.s.Unfit = true
	if x.Got == 0 {
		x.Back, f.s.Missed, f.s.Came = f.s.Upto, 0, 0
	}
	x.Got++
	f.s.Came++
	usual := atMost(f.s.Came, f.s.Missed, f.s.Spread[0].at(f.s.Missed)) >= 0.05
	switch {
	case usual && f.s.Came >= 3:
		f.s.Standing = slices.Delete(f.s.Standing, i, i+1)
		f.s.Fresh = f.present.Start.Add(time.Hour)
	case !usual && f.s.Missed >= 10:
		f.s.Missed, f.s.Came = 0, 0
	}
}

func (f *Feed) begin(t time.Time) {
	f.s = state{Begun: t, Last: t, Upto: t, Pauses: f.s.Pauses, Unfit: true, Touched: true} // the first hour may be cut
	f.worked = time.Time{}
	f.open(t.Truncate(time.Hour))
}

// weekly is how long rates are learned before gaps are measured by them.
const weekly = 14 * 24 * time.Hour

func (f *Feed) learning(after time.Duration) bool { return f.s.Upto.Sub(f.s.Begun) >= after }

// Ready reports whether the feed is judged: it has been seen long enough.
func (f *Feed) Ready() bool {
	return f.learning(learnDays*24*time.Hour) && f.s.Gaps.count() >= learnGaps
}

// ReadyAt is when it will have been seen long enough; zero before its first
// message.
func (f *Feed) ReadyAt() time.Time {
	if f.s.Begun.IsZero() {
		return time.Time{}
	}
	return f.s.Begun.Add(learnDays * 24 * time.Hour)
}

// At brings the feed up to now, hour by hour, and returns what is wrong with it.
func (f *Feed) At(now time.Time) []Finding {
	now = now.UTC()
	if f.s.Begun.IsZero() {
		return nil
	}
	for f.s.Upto.Before(now) && now.Sub(f.s.Upto) <= longest {
		end := f.present.Start.Add(time.Hour)
		step := end
		if now.Before(end) {
			step = now
		}
		f.pass(step)
		if step.Equal(end) {
			f.close()
			f.open(end)
		}
	}
	if f.Ready() && f.standing(Silence) < 0 && f.s.Open >= f.limit() && f.s.Upto.Sub(f.s.Last) >= minSilence {
		f.raise(Finding{Kind: Silence, Since: f.s.Upto, From: f.s.Last, Expected: f.s.Open})
	}
	return slices.Clone(f.s.Standing)
}

// pass lets the time until to go by within the present hour.
func (f *Feed) pass(to time.Time) {
	idle := f.paused(f.s.Upto, to)
	if idle > 0 {
		f.s.Unfit = true
	}
	expected := f.present.Low * (to.Sub(f.s.Upto) - idle).Hours()
	f.s.Open += expected
	f.s.Missed += expected
	f.s.Upto = to
}

// paused is how much of the time between lies in planned pauses; the hour is
// marked if any does, or did a moment ago: what was held back comes then.
func (f *Feed) paused(from, to time.Time) time.Duration {
	var idle time.Duration
	for _, p := range f.s.Pauses {
		a, b := from, to
		if p.From.After(a) {
			a = p.From
		}
		if p.To.Before(b) {
			b = p.To
		}
		idle += max(b.Sub(a), 0)
		if from.Before(p.To.Add(time.Hour)) && to.After(p.From) {
			f.s.Touched = true
		}
	}
	return min(idle, to.Sub(from))
}

// Pause says that the feed was or will be idle for a known reason, such as
// planned maintenance, or that nobody listened. The time is not judged and not
// learned.
func (f *Feed) Pause(from, to time.Time) {
	if !from.Before(to) {
		return
	}
	f.s.Pauses = slices.DeleteFunc(f.s.Pauses, func(p span) bool { return f.s.Upto.Sub(p.To) > 48*time.Hour })
	f.s.Pauses = append(f.s.Pauses, span{from.UTC(), to.UTC()})
}

// Resume ends pauses that reach beyond t at t: the maintenance is over or was
// called off.
func (f *Feed) Resume(t time.Time) {
	f.s.Pauses = slices.DeleteFunc(f.s.Pauses, func(p span) bool { return !p.From.Before(t) })
	for i := range f.s.Pauses {
		if f.s.Pauses[i].To.After(t) {
			f.s.Pauses[i].To = t.UTC()
		}
	}
}

// open begins an hour.
func (f *Feed) open(start time.Time) {
	f.present = hour{Start: start}
	day := f.cal.Day(start)
	f.present.Low, f.present.High = f.rates(day, start)
	f.present.Plain = day.Plain
	if !day.Plain {
		f.s.Unfit = true
	}
	f.tooMany = 0
	if f.Ready() && !start.Before(f.s.Fresh) {
		f.work()
		f.tooMany = max(highest(math.Exp(-f.many[0]), f.present.High, f.s.Spread[0].at(f.present.High)), minFlood)
	}
}

// close ends the present hour: it is judged, then learned from.
func (f *Feed) close() {
	h := f.present
	h.N = f.s.Count
	h.Out = f.s.Touched || len(f.s.Standing) > 0
	f.s.Past = append(f.s.Past, h)
	if len(f.s.Past) > keepHours {
		f.s.Past = slices.Delete(f.s.Past, 0, len(f.s.Past)-keepHours)
	}
	f.s.Count, f.s.Touched = 0, false
	if f.Ready() {
		f.judge(h.Start.Add(time.Hour))
	}
	if f.changed() {
		f.begin(h.Start.Add(time.Hour))
		return
	}
	if h.Start.Hour() == 0 {
		f.s.Gaps.fade(dayFade)
		for i := range scales {
			f.s.Few[i].fade(dayFade)
			f.s.Many[i].fade(dayFade)
		}
	}
	if n := len(f.s.Past); n > quarantine {
		f.learn(n - quarantine)
	}
}

// changed reports whether a finding has stood for a week while messages came:
// that is how the feed sends now, and it is learned anew.
func (f *Feed) changed() bool {
	return slices.ContainsFunc(f.s.Standing, func(x Finding) bool {
		return f.s.Upto.Sub(x.Since) >= newNormal && (x.Kind != Silence || x.Got > 0)
	})
}

// learn takes the hour before Past[n] into rates and spreads. It is two days
// old: had it been the begin of something wrong, that would be known by now.
func (f *Feed) learn(n int) {
	h := f.s.Past[n-1]
	if h.Out || !h.Plain {
		return
	}
	if f.learning(weekly) {
		f.learnSpread(n)
	}
	local := h.Start.In(f.cal.Zone)
	c := &f.s.Cells[local.Weekday()][local.Hour()]
	c.Sum, c.Weight = weekFade*c.Sum+float64(h.N), weekFade*c.Weight+1
}

// learnSpread takes in how far the windows that end before Past[end] are off.
func (f *Feed) learnSpread(end int) {
	for i, n := range scales {
		w, ok := f.window(n, end)
		if !ok || !w.Plain || w.Low <= 0 {
			continue
		}
		if f.learning(weekly + 7*24*time.Hour) { // the spread is known a little
			few, many := f.surprise(i, w)
			f.s.Few[i].add(few)
			f.s.Many[i].add(many)
		}
		f.s.Spread[i].add(w.N, w.Low, 1-(1-dayFade)/24)
	}
}

// surprise is how improbable it is that a window holds so few, or so many: −ln
// of the probability.
func (f *Feed) surprise(scale int, w hour) (few, many float64) {
	v := f.s.Spread[scale]
	return -math.Log(max(atMost(w.N, w.Low, v.at(w.Low)), 1e-300)), -math.Log(max(atLeast(w.N, w.High, v.at(w.High)), 1e-300))
}

// rates is what is expected in the hour that begins at start.
func (f *Feed) rates(day Day, start time.Time) (low, high float64) {
	h := start.In(f.cal.Zone).Hour()
	low, high = f.rate(day.Low, h), f.rate(day.High, h)
	return min(low, high), max(low, high)
}

// rate is the mean of one hour of one weekday, held by that of the other working
// days, or of the weekend, as long as there is little of its own.
func (f *Feed) rate(c Class, hour int) float64 {
	own := f.s.Cells[c][hour]
	var like cell
	for d := range f.s.Cells {
		if weekend(Class(d)) == weekend(c) {
			like.Sum += f.s.Cells[d][hour].Sum
			like.Weight += f.s.Cells[d][hour].Weight
		}
	}
	if like.Weight == 0 {
		return 0
	}
	// Half a message more than was seen: what has not come yet may come.
	return (own.Sum + (like.Sum+0.5)/like.Weight) / (own.Weight + 1)
}

func weekend(c Class) bool { return c == time.Saturday || c == time.Sunday }

// window sums the n hours before Past[end]; ok is false if they are not all
// there, or one of them is not to be judged.
func (f *Feed) window(n, end int) (hour, bool) {
	if end < n {
		return hour{}, false
	}
	sum := hour{Start: f.s.Past[end-n].Start, Plain: true}
	for _, h := range f.s.Past[end-n : end] {
		if h.Out {
			return hour{}, false
		}
		sum.N += h.N
		sum.Low += h.Low
		sum.High += h.High
		sum.Plain = sum.Plain && h.Plain
	}
	return sum, true
}

// judge looks for drops and floods in the windows that end now, and lets those
// that stand end when counts are ordinary again.
func (f *Feed) judge(now time.Time) {
	if f.calm(now) || len(f.s.Standing) > 0 {
		return
	}
	f.work()
	runs := f.runs()
	for i, n := range scales {
		w, ok := f.window(n, len(f.s.Past))
		if !ok || w.Start.Before(f.s.Fresh) {
			continue
		}
		found := Finding{Since: now, From: w.Start, Window: time.Duration(n) * time.Hour, Got: w.N}
		switch few, many := f.surprise(i, w); {
		case few >= f.few[i] && !runs:
			found.Kind, found.Expected = Drop, w.Low
		case many >= f.many[i] && w.N >= minFlood:
			found.Kind, found.Expected = Flood, w.High
		default:
			continue
		}
		f.raise(found)
		return
	}
}

// runs reports whether the messages of a day come in one run: then few of them
// in a window only say that the run is early or late, and one that does not come
// is a silence.
func (f *Feed) runs() bool {
	sum, most := 0.0, 0.0
	for _, h := range f.s.Past[max(len(f.s.Past)-24, 0):] {
		sum, most = sum+h.Low, max(most, h.Low)
	}
	return most > sum/2
}

// calm ends a drop or a flood once the newest hours are ordinary: as many hours
// as make thirty expected messages, at most a day.
func (f *Feed) calm(now time.Time) bool {
	i := slices.IndexFunc(f.s.Standing, func(x Finding) bool { return x.Kind != Silence })
	if i < 0 {
		return false
	}
	x := f.s.Standing[i]
	var got hour
	for n := 1; n <= len(f.s.Past) && n <= 24 && got.Low < 30; n++ {
		h := f.s.Past[len(f.s.Past)-n]
		got.N, got.Low, got.High = got.N+h.N, got.Low+h.Low, got.High+h.High
	}
	v := f.s.Spread[0]
	if x.Kind == Drop && atMost(got.N, got.Low, v.at(got.Low)) < 0.2 || x.Kind == Flood && atLeast(got.N, got.High, v.at(got.High)) < 0.2 {
		return false
	}
	f.s.Standing = slices.Delete(f.s.Standing, i, i+1)
	f.s.Fresh = now
	return true
}

func (f *Feed) standing(k Kind) int {
	return slices.IndexFunc(f.s.Standing, func(x Finding) bool { return x.Kind == k })
}

// raise lets a finding stand. A silence takes the place of a drop: it says more.
func (f *Feed) raise(x Finding) {
	if x.Kind == Silence {
		f.s.Standing = slices.DeleteFunc(f.s.Standing, func(o Finding) bool { return o.Kind == Drop })
	}
	f.s.Standing = append(f.s.Standing, x)
	for i := range f.s.Past { // it began before it was seen
		if !f.s.Past[i].Start.Before(x.From.Add(-24 * time.Hour)) {
			f.s.Past[i].Out = true
		}
	}
}

// work works the limits out, once a day: for a silence from how often gaps of a
// length come, for drops and floods from the distribution of counts, or from how
// surprising counts were if they were more so than that distribution knows.
func (f *Feed) work() {
	if !f.worked.IsZero() && f.s.Upto.Sub(f.worked) < 24*time.Hour {
		return
	}
	f.worked = f.s.Upto
	week := 0.0
	for d := range f.s.Cells {
		for h := range f.s.Cells[d] {
			week += f.rate(Class(d), h)
		}
	}
	f.silent = f.s.Gaps.beyond(week * 52.18 / (f.o.FalseAlarms / 2))
	looks := 365.25 * 24 * float64(len(scales)) / (f.o.FalseAlarms / 4)
	for i := range scales {
		f.few[i], f.many[i] = math.Log(looks), math.Log(looks)
		if x := f.s.Few[i].beyond(looks); !math.IsInf(x, 1) {
			f.few[i] = max(f.few[i], x)
		}
		if x := f.s.Many[i].beyond(looks); !math.IsInf(x, 1) {
			f.many[i] = max(f.many[i], x)
		}
	}
}

// limit is how many messages must be missing for a silence.
func (f *Feed) limit() float64 {
	f.work()
	return max(f.silent, minMissing)
}
