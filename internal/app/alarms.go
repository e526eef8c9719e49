package app

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"notbetrieb/internal/lang"
)

// An Alarm is something an operator must act on now. It holds no health data.
type Alarm struct {
	Key   string // what it is about: "intake/kis-adt/store"
	Text  lang.Text
	Since time.Time
	Last  time.Time
	Count int
	// Told says that the alarm is about something that happened, such as a
	// message that did not arrive, and not about a state that ends by itself: it
	// stands until a person confirms that it was seen to.
	Told bool
}

// Mark changes whenever the alarm is raised again.
func (a Alarm) Mark() string {
	return strconv.FormatInt(a.Last.UnixNano(), 36) + "." + strconv.Itoa(a.Count)
}

// Alarms are the alarms that stand now. They are shown on the overview, counted
// as a metric and written to the log when raised.
type Alarms struct {
	mu  sync.Mutex
	set map[string]Alarm
	now func() time.Time
	on  func(Alarm) // called once when an alarm is new
}

// NewAlarms returns an empty set; on is called for each new alarm.
func NewAlarms(now func() time.Time, on func(Alarm)) *Alarms {
	return &Alarms{set: map[string]Alarm{}, now: now, on: on}
}

// Raise raises the alarm under key, or counts it again.
func (a *Alarms) Raise(key string, text lang.Text) { a.raise(key, text, false) }

// Tell raises an alarm that stands until somebody confirms it.
func (a *Alarms) Tell(key string, text lang.Text) { a.raise(key, text, true) }

func (a *Alarms) raise(key string, text lang.Text, told bool) {
	now := a.now()
	a.mu.Lock()
	al, standing := a.set[key]
	if !standing {
		al = Alarm{Key: key, Since: now}
	}
	al.Text, al.Last, al.Told = text, now, told
	al.Count++
	a.set[key] = al
	a.mu.Unlock()
	if !standing && a.on != nil {
		a.on(al)
	}
}

// Get returns the alarm that stands under key.
func (a *Alarms) Get(key string) (Alarm, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	al, ok := a.set[key]
	return al, ok
}

// Clear takes an alarm back because its cause has gone.
func (a *Alarms) Clear(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.set, key)
}

// All returns the standing alarms, oldest first.
func (a *Alarms) All() []Alarm {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Alarm, 0, len(a.set))
	for _, al := range a.set {
		out = append(out, al)
	}
	slices.SortFunc(out, func(x, y Alarm) int { return x.Since.Compare(y.Since) })
	return out
}

// ClearIf takes the alarm under key back if gone says that its cause has gone.
func (a *Alarms) ClearIf(key string, gone func(Alarm) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if al, ok := a.set[key]; ok && gone(al) {
		delete(a.set, key)
	}
}
