package watch

import (
	"context"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Command is one act of a person, as a form sends it. The caller checks the
// right to act.
type Command struct {
	Key    string // drawn when the form was opened: the same key again is the same act
	Person string
	Name   string
}

const (
	maxText   = 500                 // bytes of a reason
	maxAhead  = 90 * 24 * time.Hour // that maintenance may lie ahead
	maxWindow = 14 * 24 * time.Hour // and last
)

// Acknowledge says that somebody has seen the alarm about a system and sees to
// it. seq is the record of the state that the person saw; if it is another one
// now, nothing is done (Conflict).
func (w *Watch) Acknowledge(ctx context.Context, c Command, system string, seq uint64, text string) error {
	return w.about(ctx, c, Acknowledged, system, seq, text)
}

// Decline says that a proposed outage is none. It holds until the state changes.
func (w *Watch) Decline(ctx context.Context, c Command, system string, seq uint64, text string) error {
	if len(strings.TrimSpace(text)) < 3 {
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte den Grund angeben.", EN: "Please give the reason."})
	}
	return w.about(ctx, c, Declined, system, seq, text)
}

func (w *Watch) about(ctx context.Context, c Command, step Step, system string, seq uint64, text string) error {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		return errLong()
	}
	return w.do(ctx, c, event{Step: step, System: system, Of: seq, Text: text}, func() error {
		if w.now.Fold.systems[system].now().Seq != seq || seq == 0 {
			return fault.New(fault.Conflict, lang.Text{
				DE: "Der Zustand hat sich inzwischen geändert. Bitte ansehen und noch einmal entscheiden.",
				EN: "The state has changed meanwhile. Please look and decide again.",
			})
		}
		return nil
	})
}

// Plan announces maintenance of systems: what fails in it is no alarm, and their
// feeds may be silent.
func (w *Watch) Plan(ctx context.Context, c Command, systems []string, from, to time.Time, why string) error {
	why = strings.TrimSpace(why)
	now := w.o.Now()
	e := w.o.Estate()
	switch {
	case len(systems) == 0:
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte mindestens ein System wählen.", EN: "Please choose at least one system."})
	case slices.ContainsFunc(systems, func(id string) bool { _, there := e.System(id); return !there }):
		return fault.New(fault.NotFound, lang.Text{DE: "Dieses System gibt es nicht.", EN: "There is no such system."})
	case !from.Before(to) || !now.Before(to):
		return fault.New(fault.Invalid, lang.Text{DE: "Das Ende liegt nicht nach dem Beginn, oder es ist schon vorbei.", EN: "The end does not lie after the begin, or has passed."})
	case to.Sub(from) > maxWindow || from.Sub(now) > maxAhead:
		return fault.New(fault.Invalid, lang.Text{
			DE: "Eine Wartung dauert höchstens 14 Tage und beginnt in höchstens 90 Tagen.", EN: "Maintenance lasts at most 14 days and begins within 90 days.",
		})
	case len(why) < 3:
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte den Grund angeben.", EN: "Please give the reason."})
	case len(why) > maxText:
		return errLong()
	}
	win := &Window{Systems: slices.Sorted(slices.Values(systems)), From: from.UTC(), To: to.UTC(), Why: why}
	if err := w.do(ctx, c, event{Step: Planned, Window: win}, func() error { return nil }); err != nil {
		return err
	}
	w.pause(win.Systems, func(name string) { w.now.Fold.feeds[name].Pause(win.From, win.To) })
	return nil
}

// CallOff ends maintenance before its end, or takes it back.
func (w *Watch) CallOff(ctx context.Context, c Command, window string) error {
	var systems []string
	err := w.do(ctx, c, event{Step: CalledOff, Ref: window}, func() error {
		i := slices.IndexFunc(w.now.Fold.windows, func(x Window) bool { return x.ID == window })
		if i < 0 {
			return fault.New(fault.NotFound, lang.Text{DE: "Diese Wartung gibt es nicht.", EN: "There is no such maintenance."})
		}
		if x := w.now.Fold.windows[i]; !x.end().After(w.o.Now()) {
			return fault.New(fault.Conflict, lang.Text{DE: "Diese Wartung ist schon vorbei.", EN: "This maintenance is over already."})
		}
		systems = w.now.Fold.windows[i].Systems
		return nil
	})
	if err == nil {
		w.pause(systems, func(name string) { w.now.Fold.feeds[name].Resume(w.o.Now()) })
	}
	return err
}

// pause does something to the feeds of systems.
func (w *Watch) pause(systems []string, do func(feed string)) {
	e := w.o.Estate()
	w.now.Lock()
	defer w.now.Unlock()
	for _, f := range w.o.Feeds {
		if slices.Contains(systems, w.systemOf(e, f)) {
			do(f.Name)
		}
	}
}

// do records one act, if check, which holds the fold, does not object.
func (w *Watch) do(ctx context.Context, c Command, e event, check func() error) error {
	if c.Person == "" || c.Key == "" || len(c.Key) > 200 {
		return fault.Newf(fault.Invalid, lang.Text{
			DE: "Die Angaben sind unvollständig. Bitte die Seite neu laden.", EN: "The details are incomplete. Please reload the page.",
		}, "watch %s: act without key or person", e.Step)
	}
	now := w.o.Now().Round(0).UTC()
	e.At, e.By = now, &Act{Person: c.Person, Name: c.Name, At: now}
	id := journal.KeyOf("watch", c.Key, nil)
	w.act.Lock()
	defer w.act.Unlock()
	if err := w.Advance(ctx, 0); err != nil {
		return err
	}
	w.now.RLock()
	_, done := w.now.Fold.known[id]
	var err error
	if !done {
		err = check()
	}
	w.now.RUnlock()
	if done || err != nil {
		return err
	}
	return w.write(ctx, id, e)
}

func errLong() error {
	return fault.New(fault.Invalid, lang.Text{DE: "Der Text ist zu lang.", EN: "The text is too long."})
}
