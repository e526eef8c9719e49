package callout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
)

// look is how often the clock is looked at.
const look = time.Second

// Work calls whoever has to be called until ctx ends, then waits for what is
// being sent. Only one may work on a book.
func (b *Book) Work(ctx context.Context) error {
	defer b.sends.Wait()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := b.Look(ctx); err != nil && ctx.Err() == nil {
			b.o.Log.ErrorContext(ctx, "call-outs do not go on", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-b.changed:
		case <-tick.C:
		}
	}
}

// Look does everything that is due now. What is sent goes on after it returns.
func (b *Book) Look(ctx context.Context) error {
	now := b.o.Now()
	mine := func(id string) bool { _, ok := b.mine.Load(id); return ok }
	quiet := b.o.Quiet != nil && b.o.Quiet(now)
	var errs []error
	for _, c := range b.All() {
		if c.Rests(now) {
			continue
		}
		for _, s := range c.due(now, b.o.Policy, quiet, mine) {
			if err := b.step(ctx, c, s); err != nil { // the others are called nevertheless
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// Idle waits until nothing is being sent.
func (b *Book) Idle() { b.sends.Wait() }

// step does one step that is due. That somebody was faster is no error.
func (b *Book) step(ctx context.Context, c *Callout, s step) error {
	r := record{Step: s.what, Callout: c.ID, Post: s.post, Person: s.person}
	key := ""
	switch s.what {
	case stepSending:
		return b.send(ctx, c, s)
	case stepSent:
		r.Of, r.Lost, key = s.sending, true, "sent/"+s.sending
	case stepCalled:
		r.Number, key = s.number, fmt.Sprintf("called/%s/%s/%d", c.ID, s.post, s.number)
	case stepNobody:
		key = "nobody/" + c.ID + "/" + s.post
	case stepGroup, stepNoGroup, stepStarted, stepAnswered, stepEnded:
		return nil
	}
	_, err := b.do(ctx, Act{Key: key}, r)
	return notLate(err)
}

func notLate(err error) error {
	if fault.KindOf(err) == fault.Conflict {
		return nil
	}
	return err
}

// send records that something leaves, and then lets it leave: a message that
// left is never unknown.
func (b *Book) send(ctx context.Context, c *Callout, s step) error {
	over := c.Ended.Done()
	post, person := c.at(s.person)
	out := person.Ways[s.way].Out
	slot := func() {}
	if slots := b.slots[out]; slots != nil {
		select {
		case slots <- struct{}{}:
			slot = func() { <-slots }
		default:
			return nil // the next look takes it
		}
	}
	key := fmt.Sprintf("sending/%s/%s/%t/%d/%d", c.ID, s.person, over, s.way, s.try)
	id := journal.KeyOf("callout", key, nil).String()
	b.mine.Store(id, true)
	_, err := b.do(ctx, Act{Key: key}, record{Step: stepSending, Callout: c.ID, Person: s.person, Way: s.way, Try: s.try, Clear: over})
	if err != nil {
		b.mine.Delete(id)
		slot()
		return notLate(err)
	}
	b.sends.Go(func() {
		defer func() { b.mine.Delete(id); slot(); b.wake() }()
		b.hand(ctx, c, post, person, s, id)
	})
	return nil
}

func (c *Callout) at(person string) (Post, Person) {
	for _, p := range c.Posts {
		for _, x := range p.Chain {
			if x.ID == person {
				return p, x
			}
		}
	}
	return Post{}, Person{}
}

// hand hands one message to its way out and records what came of it.
func (b *Book) hand(ctx context.Context, c *Callout, post Post, x Person, s step, id string) {
	r := way.Result{Outcome: way.Refused, Detail: "not configured any more"}
	w := x.Ways[s.way]
	if i := slices.IndexFunc(b.o.Outs, func(o Out) bool { return o.Name == w.Out }); i >= 0 {
		r = b.o.Outs[i].Send.Send(ctx, b.message(c, post, x, s))
	}
	if r.Outcome != way.Accepted {
		b.o.Log.WarnContext(ctx, "alarm not taken", "callout", c.ID, "person", x.ID, "way", w.Out, "try", s.try, "outcome", string(r.Outcome))
	}
	_, err := b.do(context.WithoutCancel(ctx), Act{Key: "sent/" + id}, record{Step: stepSent, Callout: c.ID, Person: x.ID, Of: id, Out: r.Outcome, Said: r.Detail})
	if err != nil {
		b.o.Log.ErrorContext(ctx, "the outcome of an alarm is not recorded", "callout", c.ID, "err", err)
	}
}
