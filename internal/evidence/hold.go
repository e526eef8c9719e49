package evidence

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Holds returns every legal hold, the newest first.
func (b *Book) Holds() []Hold {
	b.now.RLock()
	defer b.now.RUnlock()
	out := slices.Clone(b.now.Fold.holds)
	slices.Reverse(out)
	return out
}

// Standing returns the holds that stand, the newest first.
func (b *Book) Standing() []Hold {
	return slices.DeleteFunc(b.Holds(), func(h Hold) bool { return !h.Stands() })
}

// SetHold sets a legal hold and returns its ID. An act without a person is the
// house's own rule. It waits for a step of dropping that runs: what the hold is
// about and was there when SetHold returned stays from then on. (See [Book.Dropping].)
func (b *Book) SetHold(ctx context.Context, by Act, s Scope, why string) (string, error) {
	s.From, s.To = utc(s.From), utc(s.To)
	switch {
	case !said(why):
		return "", errInvalid("Bitte den Grund angeben.", "Please give the reason.")
	case !s.Whole && s.From.IsZero() && len(s.Patients) == 0:
		return "", errInvalid("Bitte angeben, was gesperrt wird.", "Please say what is held.")
	case !s.To.IsZero() && s.To.Before(s.From):
		return "", errInvalid("Das Ende liegt vor dem Beginn.", "The end lies before the begin.")
	case len(s.Patients) > 500:
		return "", errInvalid("Höchstens 500 Patienten in einem Vermerk.", "At most 500 patients in one hold.")
	}
	if err := b.noDropping(ctx); err != nil {
		return "", err
	}
	defer func() { <-b.dropping }()
	if b.o.Charted != nil && len(s.Patients) > 0 && !b.did(by) {
		if err := b.o.Charted(ctx, s.Patients); err != nil {
			return "", err
		}
	}
	return b.do(ctx, by, event{Step: stepHold, Scope: &s, Text: strings.TrimSpace(why)})
}

// Dropping runs one step of dropping old records and tells it what is held. No
// hold is set meanwhile: each one is either known to the step or comes after it.
// Steps should be short.
func (b *Book) Dropping(ctx context.Context, step func(Held) error) error {
	if err := b.noDropping(ctx); err != nil {
		return err
	}
	defer func() { <-b.dropping }()
	if err := b.Advance(ctx, 0); err != nil {
		return err
	}
	return step(b.Held())
}

// noDropping waits until nothing is dropped and keeps it so.
func (b *Book) noDropping(ctx context.Context) error {
	select {
	case b.dropping <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("evidence: %w", ctx.Err())
	}
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Round(0).UTC()
}

// AskLift asks to lift a hold; a second person does.
func (b *Book) AskLift(ctx context.Context, by Act, hold, why string) error {
	if !said(why) {
		return errInvalid("Bitte den Grund angeben.", "Please give the reason.")
	}
	_, err := b.do(ctx, by, event{Step: stepLiftAsked, Hold: hold, Text: strings.TrimSpace(why)})
	return err
}

// CallOffLift takes back what somebody asked for.
func (b *Book) CallOffLift(ctx context.Context, by Act, hold string) error {
	_, err := b.do(ctx, by, event{Step: stepLiftOff, Hold: hold})
	return err
}

// Lift lifts a hold. It must be another person than the one who asked.
func (b *Book) Lift(ctx context.Context, by Act, hold string) error {
	_, err := b.do(ctx, by, event{Step: stepLifted, Hold: hold})
	return err
}

// Held is what the standing holds keep from being dropped, all together.
type Held struct {
	Whole    bool
	From     time.Time // records received from then on; zero: no span is held
	Patients map[string]bool
}

// Held returns what is held now. The end of a span is not part of it: a chart is
// whole or gone, and what came later is part of the charts of the span.
func (b *Book) Held() Held {
	out := Held{Patients: map[string]bool{}}
	for _, h := range b.Standing() {
		out.Whole = out.Whole || h.Scope.Whole
		if f := h.Scope.From; !f.IsZero() && (out.From.IsZero() || f.Before(out.From)) {
			out.From = f
		}
		for _, p := range h.Scope.Patients {
			out.Patients[p] = true
		}
	}
	return out
}

// Limit moves the time before which records are dropped so that no held span is
// touched; zero for dropping nothing.
func (h Held) Limit(before time.Time) time.Time {
	switch {
	case h.Whole:
		return time.Time{}
	case !h.From.IsZero() && h.From.Before(before):
		return h.From
	}
	return before
}
