package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Frame is what every page says around its content: the mode, the age of the
// data, the person signed in and the way to the other pages.
type Frame struct {
	Lang     lang.Lang
	Now      time.Time // in the hospital's zone
	House    string    // the hospital's name
	Title    lang.Text
	At       string // the page's name, marks the place in the navigation
	Path     string // this page's address with its query
	Mode     modeView
	Feeds    []feedView
	AsOf     stamp
	Seq      uint64
	User     *userView // nil before sign-in
	Unread   int
	Unsigned int         // entries that the person has begun and not signed
	Signed   *signedView // what the person has just signed, nil for nothing
	Night    bool
	Refresh  bool // the page renews itself
	Land     bool // printed across
	Wall     bool // on a display on the wall: no navigation
	Outside  bool // for somebody who is not of the house's pages: nothing of its state is said
	Notices  []noticeView
	Posted   string // mark of all messages to staff that stand; it changes with them
	Query    string
	Banner   *banner
	Demo     *demoView
	Limits   Limits
	Paper    int  // scanned pages that wait for a person
	Late     bool // reads are recorded aside: the journal cannot be written
	Forward  *forwardPill
}

func (f Frame) language() lang.Lang { return f.Lang }

func (f Frame) stamp(t time.Time) stamp {
	if t.IsZero() {
		return stamp{Now: f.Now}
	}
	return stamp{At: t.In(f.Now.Location()), Now: f.Now}
}

// Printed is the moment the page was drawn, for the printed line.
func (f Frame) Printed() string { return f.Now.Format("02.01.2006 15:04") }

// titled returns the frame with title and place set.
func (f Frame) titled(at string, title lang.Text) Frame {
	f.At, f.Title = at, title
	return f
}

// A Limit says when data counts as ageing and as old.
type Limit struct{ Amber, Red time.Duration }

// Limits are the house's limits for the age of data.
type Limits struct {
	Feed  Limit            // a feed without a message
	Feeds map[string]Limit // by the feed's name, where it differs
	Vital Limit            // the newest vital sign
}

// DefaultLimits are used where the configuration names none: a feed is ageing
// after 15 minutes without a message and old after an hour; vital signs after
// 12 and 24 hours.
func DefaultLimits() Limits {
	return Limits{
		Feed:  Limit{Amber: 15 * time.Minute, Red: time.Hour},
		Vital: Limit{Amber: 12 * time.Hour, Red: 24 * time.Hour},
	}
}

func (l Limits) feed(name string) Limit {
	if f, ok := l.Feeds[name]; ok {
		return f
	}
	return l.Feed
}

// level says where an age stands: "ok", "amber", "red", or "never" without a
// time. A limit of zero is no limit.
func (l Limit) level(s stamp) string {
	switch {
	case !s.Known():
		return "never"
	case l.Red > 0 && s.Old() >= l.Red:
		return "red"
	case l.Amber > 0 && s.Old() >= l.Amber:
		return "amber"
	}
	return "ok"
}

// modeView is the mode as the head of the page says it.
type modeView struct {
	Kind    incident.ModeKind
	Since   stamp
	Systems []lang.Text
	Pending []pendingView
	Crises  []string // titles of declared incidents
}

// Word is the mode's name.
func (m modeView) Word() lang.Text {
	switch m.Kind {
	case incident.Emergency:
		return lang.Text{DE: "NOTBETRIEB", EN: "EMERGENCY OPERATION"}
	case incident.Exercise:
		return lang.Text{DE: "ÜBUNG", EN: "EXERCISE"}
	case incident.Normal:
	}
	return lang.Text{DE: "Normalbetrieb", EN: "Normal operation"}
}

// Down is what is out of service, in words.
func (m modeView) Down() lang.Text {
	if len(m.Systems) == 0 {
		return lang.Text{}
	}
	var de, en []string
	for _, s := range m.Systems {
		de, en = append(de, s.In(lang.DE)), append(en, s.In(lang.EN))
	}
	return lang.Text{DE: strings.Join(de, ", ") + " ausgefallen", EN: strings.Join(en, ", ") + " out of service"}
}

type pendingView struct {
	System lang.Text
	By     string
	ID     string
}

func newModeView(m incident.Mode, f Frame) modeView {
	v := modeView{Kind: m.Kind, Since: f.stamp(m.Since), Crises: m.Crises}
	if v.Kind == "" {
		v.Kind = incident.Normal
	}
	names := map[string]lang.Text{}
	for _, s := range m.Systems {
		v.Systems = append(v.Systems, s.Name)
		names[s.ID] = s.Name
	}
	for _, o := range m.Pending {
		n, ok := names[o.System]
		if !ok {
			n = lang.Text{DE: strings.ToUpper(o.System)}
		}
		v.Pending = append(v.Pending, pendingView{System: n, By: o.Declared.Name, ID: o.ID})
	}
	return v
}

// feedView is one feed with the age of its newest message.
type feedView struct {
	Name   string
	Label  lang.Text
	System string
	Last   stamp
	Level  string // ok, amber, red, never
	Count  uint64
	Unread uint64
}

func newFeedViews(feeds []chart.Feed, f Frame) []feedView {
	out := make([]feedView, 0, len(feeds))
	for _, x := range feeds {
		s := f.stamp(x.Last)
		label := x.Label
		if label.DE == "" {
			label = lang.Text{DE: x.Name}
		}
		out = append(out, feedView{
			Name: x.Name, Label: label, System: x.System, Last: s,
			Level: f.Limits.feed(x.Name).level(s), Count: x.Count, Unread: x.Unread,
		})
	}
	return out
}

// userView is the person signed in and what the navigation may offer.
type userView struct {
	Name   string
	ID     string
	Wards  []string
	Glass  []glassView
	Rights map[staff.Right]bool
}

// Can reports whether the person has the right; templates name it by its word.
func (u *userView) Can(r string) bool { return u != nil && u.Rights[staff.Right(r)] }

// Records reports whether the person may record anything about a patient.
func (u *userView) Records() bool {
	return slices.ContainsFunc(entry.Forms(), func(f *entry.Form) bool { return u.Can(f.Right) })
}

type glassView struct {
	What   string
	Until  stamp
	Reason string
}

// demoView is the switch of the simulated hospital.
type demoView struct {
	On    bool // the simulated KIS is sending
	Note  lang.Text
	Speed string
}

// now returns the frame's AsOf in words where it is old enough to matter.
func (f Frame) AsOfLevel() string { return f.Limits.Feed.level(f.AsOf) }

// RefreshSeconds is how often a page renews itself.
func (Frame) RefreshSeconds() int { return 60 }

// sourceView is where a value came from, as a page shows it. Href is empty for
// those who may not see raw messages.
type sourceView struct {
	Seq  uint64
	Feed lang.Text
	Href string
	Here bool      // written in Notbetrieb itself
	Back lang.Text // the system that has it too, in words; empty for none
}

// source names the feed in words and links the raw message, through the open
// patient where there is one; what was written here links its entry, and says
// where it has arrived since.
func (f Frame) source(o clinical.Origin, back ...chart.Echo) sourceView {
	v := sourceView{Seq: o.Seq, Feed: lang.Text{DE: o.Feed}, Here: o.Feed == chart.Here}
	if v.Here {
		v.Feed = lang.Text{DE: "hier eingetragen", EN: "entered here"}
	}
	for _, x := range f.Feeds {
		if x.Name == o.Feed {
			v.Feed = x.Label
		}
	}
	for _, b := range back {
		if v.Here && b.Known() {
			at := f.source(b.Origin).Feed
			v.Back = lang.Text{DE: "angekommen: " + at.In(lang.DE), EN: "arrived: " + at.In(lang.EN)}
		}
	}
	if v.Here && o.Seq != 0 && f.Banner != nil && f.User.Can(string(staff.SeeChart)) {
		v.Href = "/patient/" + string(f.Banner.Key) + "/entry-at/" + strconv.FormatUint(o.Seq, 10)
		return v
	}
	if o.Seq != 0 && f.User.Can(string(staff.SeeSources)) && f.Banner != nil {
		v.Href = "/patient/" + string(f.Banner.Key) + "/record/" + strconv.FormatUint(o.Seq, 10)
	}
	return v
}
