package handback

import (
	"context"

	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
)

// outlet is the way from one lane to its target: HL7 v2 over MLLP, or FHIR. One
// lane uses it at a time.
type outlet interface {
	// messages returns what an entry becomes, in the order of sending, and what is
	// left to people.
	messages(s message.Sending) ([]message.Message, []message.Left, error)
	// ready connects where that is needed. With an error nothing has left.
	ready(ctx context.Context) error
	// prepare looks up at the target what a message needs before it can be sent.
	// With an error nothing of the message has left.
	prepare(ctx context.Context, m *message.Message) error
	// send delivers a message and returns its answer. With an error nobody knows
	// whether the target took it.
	send(ctx context.Context, m *message.Message) (answer, error)
	// Close ends the connection; ready makes another.
	Close() error
}

// answer is what a target says to a message.
type answer struct {
	code string // as in MSA-1: AA or CA if the target took it, AE, AR, CE or CR if it refused it
	text string // the target's words
}

func (t *Target) outlet() outlet {
	if t.FHIR != nil {
		return &fhir{t: t}
	}
	return &mllp{t: t}
}

// mllp is the way by HL7 v2.
type mllp struct {
	t *Target
	c *hl7.Client
}

func (o *mllp) messages(s message.Sending) ([]message.Message, []message.Left, error) {
	all, left := message.For(s)
	return all, left, nil
}

func (o *mllp) prepare(context.Context, *message.Message) error { return nil }

func (o *mllp) ready(ctx context.Context) error {
	if o.c != nil {
		return nil
	}
	c, err := hl7.Dial(ctx, o.t.Address, o.t.Dial)
	if err == nil {
		o.c = c
	}
	return err
}

// maxStrange is how many frames that are not the application acknowledgement
// are read over.
const maxStrange = 64

// send: in enhanced mode (HL7 v2.5 section 2.9.3) "stored" is not yet taken, and
// what the application says follows.
func (o *mllp) send(ctx context.Context, m *message.Message) (answer, error) {
	raw, err := o.c.Send(ctx, m.Raw)
	if err != nil {
		return answer{}, err
	}
	a, err := hl7.ParseAck(raw)
	if err != nil {
		return answer{}, err
	}
	for n := 0; o.t.Enhanced && a.Code == hl7.CA; n++ {
		if n == maxStrange {
			return answer{}, hl7.ErrNoAnswer
		}
		if raw, err = o.c.Receive(ctx); err != nil {
			return answer{}, err
		}
		if next, err := hl7.ParseAck(raw); err == nil && next.ControlID == m.Control {
			a = next
		}
	}
	return answer{code: string(a.Code), text: a.Text}, nil
}

func (o *mllp) Close() error {
	if o.c == nil {
		return nil
	}
	c := o.c
	o.c = nil
	return c.Close()
}

// sheet renders the entry where the target takes a part of it as a document;
// nil where it does not.
func (b *Book) sheet(ctx context.Context, s *message.Sending) ([]byte, error) {
	if b.o.Render == nil || !s.NeedsSheet() {
		return nil, nil
	}
	return b.o.Render(ctx, s.Entry)
}
