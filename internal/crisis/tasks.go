package crisis

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
)

// AddTask adds a task that the playbook does not have.
func (b *Book) AddTask(ctx context.Context, by Act, crisis string, t Task) (*Crisis, error) {
	t.Title, t.How = strings.TrimSpace(t.Title), strings.TrimSpace(t.How)
	switch {
	case !reason(t.Title):
		return nil, errInvalid("Bitte schreiben, was zu tun ist.", "Please write what to do.")
	case !slices.Contains(rulebook.Phases(), t.Phase):
		return nil, errInvalid("Bitte die Phase wählen.", "Please choose the phase.")
	case !slices.Contains(rulebook.Roles(), t.Role):
		return nil, errInvalid("Bitte wählen, wer zuständig ist.", "Please choose who is responsible.")
	case len(t.Title)+len(t.How) > maxText:
		return nil, errInvalid("Der Text ist zu lang.", "The text is too long.")
	}
	id := journal.KeyOf("crisis-task", crisis+"/"+by.Key, []byte(t.Title)).String()[:12]
	t = Task{ID: "own-" + id, Phase: t.Phase, Title: t.Title, How: t.How, Role: t.Role, Due: t.Due.UTC(), Containment: t.Containment, Own: true}
	c, _, err := b.do(ctx, by, event{Step: stepTaskAdded, Crisis: crisis, New: &t})
	return c, err
}

// TakeTask gives a task to a person, to nobody where name is empty.
func (b *Book) TakeTask(ctx context.Context, by Act, crisis, task, person, name string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepTaskTaken, Crisis: crisis, Task: task, Person: person, Name: strings.TrimSpace(name)})
	return c, err
}

// MoveTask gives a task another time, with the reason.
func (b *Book) MoveTask(ctx context.Context, by Act, crisis, task string, due time.Time, why string) (*Crisis, error) {
	if why = strings.TrimSpace(why); !reason(why) || due.IsZero() {
		return nil, errWhy()
	}
	c, _, err := b.do(ctx, by, event{Step: stepTaskDue, Crisis: crisis, Task: task, At: due.UTC(), Said: b.said(due), Text: why})
	return c, err
}

// EndTask states that a task is done; note may be empty unless a task that comes
// first is open.
func (b *Book) EndTask(ctx context.Context, by Act, crisis, task, note string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepTaskDone, Crisis: crisis, Task: task, Text: strings.TrimSpace(note)})
	return c, err
}

// DropTask states that a task is not needed, with the reason.
func (b *Book) DropTask(ctx context.Context, by Act, crisis, task, why string) (*Crisis, error) {
	if why = strings.TrimSpace(why); !reason(why) {
		return nil, errWhy()
	}
	c, _, err := b.do(ctx, by, event{Step: stepTaskNot, Crisis: crisis, Task: task, Text: why})
	return c, err
}

// ReopenTask opens a task that was ended.
func (b *Book) ReopenTask(ctx context.Context, by Act, crisis, task, why string) (*Crisis, error) {
	if why = strings.TrimSpace(why); !reason(why) {
		return nil, errWhy()
	}
	c, _, err := b.do(ctx, by, event{Step: stepTaskReopened, Crisis: crisis, Task: task, Text: why})
	return c, err
}

// Pressing returns the open tasks, those due first at the top; those without a
// time last.
func (c *Crisis) Pressing() []Task {
	out := slices.DeleteFunc(slices.Clone(c.Tasks), func(t Task) bool { return t.State != TaskOpen })
	slices.SortStableFunc(out, func(a, b Task) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			return cmp.Compare(boolInt(a.Due.IsZero()), boolInt(b.Due.IsZero()))
		}
		return a.Due.Compare(b.Due)
	})
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Count is how many tasks of a phase are open, overdue and ended.
type Count struct{ Open, Overdue, Ended int }

// Counts returns the tasks of each phase in numbers.
func (c *Crisis) Counts(now time.Time) map[rulebook.Phase]Count {
	out := map[rulebook.Phase]Count{}
	for _, t := range c.Tasks {
		n := out[t.Phase]
		switch {
		case t.State != TaskOpen:
			n.Ended++
		case t.Overdue(now):
			n.Open++
			n.Overdue++
		default:
			n.Open++
		}
		out[t.Phase] = n
	}
	return out
}
