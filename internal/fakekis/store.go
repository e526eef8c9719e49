package fakekis

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// Accepted is a message that the KIS took.
type Accepted struct {
	Control string // MSH-10
	Sender  string // MSH-3 and MSH-4
	Type    string // "ORU^R01"
	At      time.Time
	Raw     []byte
	Again   int  // how often it came once more and was not taken a second time
	Other   bool // it came once more under the same control ID with other content: a fault of the sender
}

// Accepted returns what the KIS took, in its order.
func (k *KIS) Accepted() []Accepted {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.took)
}

// Arrived returns every message that reached the KIS, also those that it did not
// take, in their order.
func (k *KIS) Arrived() []Arrival {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.said)
}

// enter decides what to do with a message, and takes it if so decided.
func (k *KIS) enter(h hl7.Header, m *hl7.Message, raw []byte) (Rule, <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer k.notify()
	k.seen++
	patient := m.Get("PID-3.1")
	typ := h.Type + "^" + h.Event
	rule := k.decide(typ, patient, h.ControlID)
	sender := h.SendingApp + "|" + h.SendingFacility
	at, known := k.control[sender+"|"+h.ControlID]
	known = known && !k.o.Doubles
	if why := k.objection(typ, patient); why != "" && rule.Do == Accept && !known {
		rule = Rule{Do: Refuse, Text: why}
	}
	switch rule.Do {
	case Refuse, Reject, RefuseLater:
		if known { // it took the message: it repeats that answer
			rule = Rule{Do: Accept}
		}
	}
	if rule.Text == "" {
		switch rule.Do {
		case Refuse, RefuseLater:
			rule.Text = "Nachricht nicht verarbeitbar"
		case Reject:
			rule.Text = "Schnittstelle gesperrt"
		}
	}
	k.said = append(k.said, Arrival{Control: h.ControlID, Type: typ, Patient: patient, Did: rule.Do, Text: rule.Text, Again: known})
	switch {
	case !rule.Do.takes():
	case known:
		k.took[at].Again++
		k.took[at].Other = k.took[at].Other || !sameButTime(k.took[at].Raw, raw)
	default:
		a := Accepted{Control: h.ControlID, Sender: sender, Type: typ, At: k.o.Now(), Raw: bytes.Clone(raw)}
		if err := k.keep(a); err != nil { // as if it had not taken it: the sender tries again
			return Rule{Do: CutBefore}, k.hold
		}
		k.take(a)
		if k.o.Echo {
			k.echo(h, raw)
		}
	}
	return rule, k.hold
}

// sameButTime compares two messages but for MSH-7.
func sameButTime(a, b []byte) bool {
	cut := func(raw []byte) [][]byte {
		line, rest, _ := bytes.Cut(raw, []byte("\r"))
		fields := bytes.Split(line, []byte("|"))
		if len(fields) > 6 {
			fields = slices.Delete(fields, 6, 7)
		}
		return append(fields, rest)
	}
	return slices.EqualFunc(cut(a), cut(b), bytes.Equal)
}

// take notes a message and reads it. The caller holds the lock.
func (k *KIS) take(a Accepted) {
	k.control[a.Sender+"|"+a.Control] = len(k.took)
	k.took = append(k.took, a)
	r := k.site.Record(journal.Record{
		Seq: journal.Seq(len(k.took)), Source: "notbetrieb", Kind: journal.HL7, Body: a.Raw, Received: a.At,
	})
	k.view.fold(r)
	if k.o.Numbers {
		k.number(r)
	}
}

func (k *KIS) file() string { return filepath.Join(k.o.Dir, "accepted.mllp") }

// keep writes a message to the folder before it is answered.
func (k *KIS) keep(a Accepted) error {
	if k.o.Dir == "" {
		return nil
	}
	f, err := os.OpenFile(k.file(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	framed := append(append([]byte{0x0B}, a.Raw...), 0x1C, '\r')
	_, err = f.Write(framed)
	return errors.Join(err, f.Sync(), f.Close())
}

// load takes again what an earlier process took. A last frame that was not
// finished was never answered and does not count.
func (k *KIS) load() error {
	if k.o.Dir == "" {
		return nil
	}
	raw, err := os.ReadFile(k.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("fakekis: %w", err)
	}
	end := []byte{0x1C, '\r'}
	whole := bytes.LastIndex(raw, end)
	if whole < 0 {
		whole = -len(end)
	}
	if whole+len(end) < len(raw) {
		if err := os.Truncate(k.file(), int64(whole+len(end))); err != nil {
			return fmt.Errorf("fakekis: %w", err)
		}
	}
	for frame := range bytes.SplitSeq(raw[:whole+len(end)], end) {
		body := bytes.TrimPrefix(frame, []byte{0x0B})
		h, err := hl7.ReadHeader(body)
		if err != nil {
			continue
		}
		k.take(Accepted{Control: h.ControlID, Sender: h.SendingApp + "|" + h.SendingFacility, Type: h.Type + "^" + h.Event, At: k.o.Now(), Raw: body})
	}
	return nil
}
