package crisis

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Hook is a command that a task of containment runs. It stands in the
// configuration: no page can change it or add a word to it, and no shell reads it.
type Hook struct {
	Name    string
	Label   lang.Text
	Command []string // the program with its whole path, then its arguments
	Timeout time.Duration
}

const (
	maxOutput  = 64 << 10 // bytes of a command's output that are kept
	hookLimit  = 10 * time.Minute
	unknownEnd = "Ausgang unbekannt: der Hub wurde währenddessen beendet. Bitte am System nachsehen."
)

// Hook returns a configured command.
func (b *Book) Hook(name string) (Hook, bool) {
	i := slices.IndexFunc(b.o.Hooks, func(h Hook) bool { return h.Name == name })
	if i < 0 {
		return Hook{}, false
	}
	return b.o.Hooks[i], true
}

// Agree agrees to run the command of a task. With the agreement of a second
// person it runs at once, and Agree returns without waiting for its end. An
// agreement holds for 30 minutes. In an exercise nothing runs; the logbook says
// what would have.
func (b *Book) Agree(ctx context.Context, by Act, crisis, task string) (*Crisis, error) {
	ctx = context.WithoutCancel(ctx)
	c, id, err := b.do(ctx, by, event{Step: stepAgreed, Crisis: crisis, Task: task})
	if err != nil {
		return c, err
	}
	t, _ := c.Task(task)
	live := t.agreed(b.o.Now())
	if len(live) < 2 || live[1].Key != by.Key || live[1].Person != by.Person {
		return c, nil
	}
	return b.start(ctx, c, t, id)
}

// Disagree takes back every agreement to run the command of a task.
func (b *Book) Disagree(ctx context.Context, by Act, crisis, task, why string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepDisagreed, Crisis: crisis, Task: task, Text: strings.TrimSpace(why)})
	return c, err
}

// start records that the command begins, then runs it. The record comes first:
// a command that ran is never unknown. Of all who come here for one agreement,
// in other processes too, only the one whose record stands runs the command.
func (b *Book) start(ctx context.Context, c *Crisis, t Task, run string) (*Crisis, error) {
	h, ok := b.Hook(t.Hook)
	if !ok {
		return nil, errInvalid("Dieser Befehl steht nicht mehr in der Konfiguration.", "This command is no longer in the configuration.")
	}
	me := journal.NewID().String()
	b.mine.Store(me, true)
	now, _, err := b.do(ctx, Act{Key: "run/" + run}, event{Step: stepRun, Crisis: c.ID, Task: t.ID, Of: run, Word: me})
	if fault.KindOf(err) == fault.Conflict { // somebody was faster, perhaps this form itself
		now, err = b.Crisis(c.ID)
	}
	if err != nil {
		b.mine.Delete(me)
		return nil, err
	}
	if begun, _ := now.Task(t.ID); !slices.ContainsFunc(begun.Runs, func(r Run) bool { return r.ID == run && r.Starter == me }) {
		b.mine.Delete(me)
		return now, nil
	}
	b.runs.Go(func() { b.run(ctx, now, t, run, h) })
	return now, nil
}

// run runs a command whose begin is recorded, and records its end.
func (b *Book) run(ctx context.Context, c *Crisis, t Task, run string, h Hook) {
	e := event{Step: stepRan, Crisis: c.ID, Task: t.ID, Of: run}
	if c.Exercise {
		e.Text = "In der Übung nicht ausgeführt: " + strings.Join(h.Command, " ")
	} else {
		e.Code, e.Output, e.Text = execute(ctx, h)
	}
	if _, _, err := b.do(ctx, Act{Key: "ran/" + run}, e); err != nil {
		b.o.Log.ErrorContext(ctx, "the end of a command is not recorded", "hook", h.Name, "err", err)
	}
}

// execute runs a command with nothing but its own words: no shell, no input, an
// empty environment but for the search path of the system.
func execute(ctx context.Context, h Hook) (code int, output, note string) {
	limit := h.Timeout
	if limit <= 0 || limit > hookLimit {
		limit = hookLimit
	}
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	cmd := exec.CommandContext(ctx, h.Command[0], h.Command[1:]...)
	out := &tail{}
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	whole(cmd)
	cmd.WaitDelay = 5 * time.Second // a child that keeps the output open
	err := cmd.Run()
	exit := (*exec.ExitError)(nil)
	switch {
	case ctx.Err() != nil:
		return -1, out.String(), "Abgebrochen nach " + limit.String() + "."
	case errors.As(err, &exit):
		return exit.ExitCode(), out.String(), "Der Befehl meldet einen Fehler."
	case err != nil:
		return -1, out.String(), "Der Befehl konnte nicht gestartet werden."
	}
	return 0, out.String(), ""
}

// tail keeps the first bytes that are written and counts the rest as lost.
type tail struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	room := maxOutput - t.b.Len()
	if len(p) > room {
		t.b.Write(p[:max(room, 0)])
		t.more = true
		return len(p), nil
	}
	t.b.Write(p)
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := strings.ToValidUTF8(t.b.String(), string(utf8.RuneError))
	if t.more {
		s += "\n[…]"
	}
	return s
}

// EndLostRuns gives each command that has no end and is not of this process an
// end of unknown outcome. It is called when a hub starts to serve.
func (b *Book) EndLostRuns(ctx context.Context) error {
	for _, c := range b.All() {
		for _, t := range c.Tasks {
			for _, r := range t.Runs {
				if _, ours := b.mine.Load(r.Starter); ours || !r.Ended.IsZero() {
					continue
				}
				e := event{Step: stepRan, Crisis: c.ID, Task: t.ID, Of: r.ID, Code: -1, Text: unknownEnd}
				if _, _, err := b.do(ctx, Act{Key: "ran/" + r.ID}, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
