package handback

import (
	"context"

	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
)

// mllp is the way from one lane to its target by HL7 v2. One lane uses it at a
// time.
type mllp struct {
	t *Target
	c *hl7.Client
}

// answer is what a target says to a message.
type answer struct {
	code string // as in MSA-1: AA or CA if the target took it, AE, AR, CE or CR if it refused it
	text string // the target's words
}

func (o *mllp) messages(s message.Sending) ([]message.Message, []message.Left, error) {
	all, left := message.For(s)
	return all, left, nil
}

// ready connects where that is needed. With an error nothing has left.
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

// send delivers a message and returns its answer. With an error nobody knows
// whether the target took it. In enhanced mode (HL7 v2.5 section 2.9.3) "stored"
// is not yet taken: what the application says follows.
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

// Close ends the connection; ready makes another.
func (o *mllp) Close() error {
	if o.c == nil {
		return nil
	}
	c := o.c
	o.c = nil
	return c.Close()
}
