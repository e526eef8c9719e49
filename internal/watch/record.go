package watch

import (
	"time"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/rhythm"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "watch record", Version: 1, Most: 64 << 10}

// Step says what a record is about. The words are the stored form.
type Step string

const (
	Began        Step = "began"        // the watch began; before, nobody watched since a time
	Changed      Step = "changed"      // the state of a system
	FeedFound    Step = "feed-found"   // something is wrong with a feed
	FeedEnded    Step = "feed-ended"   // no more
	AlertCame    Step = "alert-came"   // another monitoring says that something is wrong
	AlertEnded   Step = "alert-ended"  // no more
	Acknowledged Step = "acknowledged" // somebody has seen the alarm and sees to it
	Declined     Step = "declined"     // somebody decided that it is no outage
	Planned      Step = "planned"      // maintenance
	CalledOff    Step = "called-off"   // maintenance that does not take place, or is over early
)

// Act is who did a thing, and when.
type Act struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
}

// CauseKind says what a state was concluded from. The words are the stored form.
type CauseKind string

const (
	ByProbe CauseKind = "probe"
	ByFeed  CauseKind = "feed"
	ByAlert CauseKind = "alert"
)

// Cause is one reason for a state.
type Cause struct {
	Kind CauseKind `json:"kind"`
	ID   string    `json:"id"` // of the probe, the feed or the alert
	Say  lang.Text `json:"say"`
}

// Window is planned maintenance of systems.
type Window struct {
	ID      string    `json:"id"`
	Systems []string  `json:"systems"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Why     string    `json:"why"`
	By      Act       `json:"by"`
	Off     Act       `json:"off,omitzero"` // called off, or over early
}

// covers reports whether system is in maintenance at t.
func (w Window) covers(system string, t time.Time) bool {
	end := w.end()
	if t.Before(w.From) || !t.Before(end) {
		return false
	}
	for _, s := range w.Systems {
		if s == system {
			return true
		}
	}
	return false
}

// end is when the window ends, or ended.
func (w Window) end() time.Time {
	if !w.Off.At.IsZero() && w.Off.At.Before(w.To) {
		return w.Off.At
	}
	return w.To
}

// event is the body of a record of kind Watch.
type event struct {
	V      int             `json:"v"`
	Step   Step            `json:"t"`
	At     time.Time       `json:"at"`
	Since  time.Time       `json:"since,omitzero"` // Began: nobody watched since
	System string          `json:"system,omitempty"`
	State  incident.State  `json:"state,omitempty"`
	Why    []Cause         `json:"why,omitempty"`
	Feed   string          `json:"feed,omitempty"`
	Found  *rhythm.Finding `json:"found,omitempty"`
	Alert  *Alert          `json:"alert,omitempty"`
	Of     uint64          `json:"of,omitempty"` // Acknowledged, Declined: the record of the state
	Text   string          `json:"text,omitempty"`
	Window *Window         `json:"window,omitempty"`
	Ref    string          `json:"ref,omitempty"` // CalledOff: the window
	By     *Act            `json:"by,omitempty"`
}

func (e event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

// decodeEvent reads the body of a record of kind Watch. It never returns one
// that lacks what its step needs.
func decodeEvent(b []byte) (event, error) {
	var e event
	if err := form.Decode(b, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.At.IsZero() || !e.whole() {
		return event{}, journal.ErrBody
	}
	return e, nil
}

func (e event) whole() bool {
	acted := e.By != nil && e.By.Person != "" && !e.By.At.IsZero()
	switch e.Step {
	case Began:
		return !e.Since.IsZero()
	case Changed:
		return e.System != "" && known(e.State)
	case FeedFound:
		return e.Feed != "" && e.Found != nil
	case FeedEnded:
		return e.Feed != ""
	case AlertCame, AlertEnded:
		return e.Alert != nil && e.Alert.Key != ""
	case Acknowledged, Declined:
		return acted && e.System != "" && e.Of != 0
	case Planned:
		return acted && e.Window != nil && len(e.Window.Systems) > 0 && e.Window.From.Before(e.Window.To)
	case CalledOff:
		return acted && e.Ref != ""
	}
	return false
}

func known(s incident.State) bool {
	switch s {
	case incident.Up, incident.Degraded, incident.Down, incident.Restoring, incident.CatchingUp:
		return true
	}
	return false
}
