package fakekis

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/hl7"
)

// Behaviour is what the KIS does with a message.
type Behaviour string

// The behaviours.
const (
	Accept      Behaviour = "accept"       // takes it and says so: AA; CA and AA in enhanced mode
	Refuse      Behaviour = "refuse"       // AE (CE in enhanced mode), with text and ERR; not taken
	Reject      Behaviour = "reject"       // AR (CR); not taken
	RefuseLater Behaviour = "refuse-later" // CA, then AE: stored, but its application does not want it; in original mode AE
	Silent      Behaviour = "silent"       // neither takes nor answers; the connection stays
	TakeSilent  Behaviour = "take-silent"  // takes it and does not answer; the connection stays
	Late        Behaviour = "late"         // takes it, answers after the rule's delay, or at Release where it has none
	WrongID     Behaviour = "wrong-id"     // takes it, answers with the control ID of another message
	Garbage     Behaviour = "garbage"      // takes it, answers with what is no acknowledgement
	CutBefore   Behaviour = "cut-before"   // cuts the connection, does not take it
	CutAfter    Behaviour = "cut-after"    // takes it, cuts the connection
	DieBefore   Behaviour = "die-before"   // goes down before it takes it
	DieAfter    Behaviour = "die-after"    // takes it, goes down before it answers
)

// takes reports whether the message is taken.
func (b Behaviour) takes() bool {
	switch b {
	case Accept, TakeSilent, Late, WrongID, Garbage, CutAfter, DieAfter:
		return true
	case Refuse, Reject, RefuseLater, Silent, CutBefore, DieBefore:
	}
	return false
}

// Rule is what the KIS does with which messages.
type Rule struct {
	Type    string // "ADT^A01", or "ADT" for all of them; "" for every type
	Patient string // PID-3.1; "" for everybody
	Control string // MSH-10; "" for every one
	After   int    // so many fitting messages pass first
	Times   int    // it holds for so many; 0: for all
	Do      Behaviour
	Text    string        // MSA-3 and ERR-8 of a refusal; "" has a sentence of its own
	Delay   time.Duration // of Late
}

func (r *Rule) fits(typ, patient, control string) bool {
	return (r.Type == "" || r.Type == typ || strings.HasPrefix(typ, r.Type+"^")) && (r.Patient == "" || r.Patient == patient) && (r.Control == "" || r.Control == control)
}

// decide finds the rule for a message. The caller holds the lock.
func (k *KIS) decide(typ, patient, control string) Rule {
	for i := range k.o.Rules {
		r := &k.o.Rules[i]
		if k.left[i] == 0 || !r.fits(typ, patient, control) {
			continue
		}
		if k.skip[i] > 0 {
			k.skip[i]--
			continue
		}
		if k.left[i] > 0 {
			k.left[i]--
		}
		return *r
	}
	roll := rand.New(rand.NewPCG(k.o.Seed, uint64(k.seen))).IntN(1000)
	for _, b := range slices.Sorted(maps.Keys(k.o.Chances)) {
		if roll -= k.o.Chances[b]; roll < 0 {
			return Rule{Do: b}
		}
	}
	return Rule{Do: Accept}
}

// Arrival is a message that reached the KIS, taken or not.
type Arrival struct {
	Control, Type, Patient string
	Did                    Behaviour
	Text                   string // of a refusal
	Again                  bool   // it had the message already
}

// receive does with one message what it is told.
func (k *KIS) receive(ctx context.Context, conn *hl7.Conn, raw []byte) error {
	h, err := hl7.ReadHeader(raw)
	if err != nil {
		return k.write(conn, hl7.Answer(hl7.Header{}, hl7.AR, "no MSH", k.o.Now(), "0"))
	}
	m, err := hl7.Parse(raw)
	if err != nil {
		return k.write(conn, hl7.Answer(h, hl7.AR, "not readable", k.o.Now(), "0"))
	}
	rule, hold := k.enter(h, m, raw)
	switch rule.Do {
	case Accept:
		return k.accepted(conn, h, raw)
	case Late:
		if err := wait(ctx, rule.Delay, hold); err != nil {
			return err
		}
		return k.accepted(conn, h, raw)
	case Refuse:
		return k.refused(conn, h, hl7.AE, hl7.CE, rule.Text)
	case Reject:
		return k.refused(conn, h, hl7.AR, hl7.CR, rule.Text)
	case RefuseLater:
		if h.WantsAccept() {
			if err := k.write(conn, k.answer(h, hl7.CA, "")); err != nil {
				return err
			}
		}
		if h.WantsApplication(false) {
			return k.write(conn, k.answer(h, hl7.AE, rule.Text))
		}
	case Silent, TakeSilent:
	case WrongID:
		h.ControlID = "X" + h.ControlID[min(1, len(h.ControlID)):]
		return k.accepted(conn, h, raw)
	case Garbage:
		return k.write(conn, []byte("MSH|^~\\&|KIS\rZZZ|1\r"))
	case CutBefore, CutAfter:
		return errCut
	case DieBefore, DieAfter:
		k.down()
		return errCut
	}
	return nil
}

func wait(ctx context.Context, delay time.Duration, hold <-chan struct{}) error {
	if delay <= 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-hold:
			return nil
		}
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (k *KIS) write(conn *hl7.Conn, answer []byte) error { return conn.WriteFrame(answer) }

// answer is an acknowledgement with a control ID of its own.
func (k *KIS) answer(h hl7.Header, code hl7.AckCode, text string) []byte {
	k.mu.Lock()
	k.answers++
	id := "A" + strconv.Itoa(k.answers)
	k.mu.Unlock()
	return hl7.Answer(h, code, text, k.o.Now(), id)
}

// accepted answers as the sender asked: one answer in original mode, up to two
// in enhanced mode.
func (k *KIS) accepted(conn *hl7.Conn, h hl7.Header, _ []byte) error {
	if h.WantsAccept() {
		if err := k.write(conn, k.answer(h, hl7.CA, "")); err != nil {
			return err
		}
	}
	if h.WantsApplication(true) {
		return k.write(conn, k.answer(h, hl7.AA, ""))
	}
	return nil
}

func (k *KIS) refused(conn *hl7.Conn, h hl7.Header, application, accept hl7.AckCode, text string) error {
	if h.Enhanced() && h.AcceptAck != "NE" && h.AcceptAck != "" {
		return k.write(conn, k.answer(h, accept, text))
	}
	return k.write(conn, k.answer(h, application, text))
}
