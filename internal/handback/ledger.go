package handback

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// Delivery is one message that was sent to a target.
type Delivery struct {
	Control  string // MSH-10
	Type     string // "ORU^R01"
	Root     string // of its entry
	Key      string // of the version
	Patient  clinical.PatientKey
	At       time.Time // when it was sent first
	Attempts int
	Code     string // of the last answer, "" for none
	Text     string // the target's words
}

// Taken reports whether the target said that it took the message.
func (d *Delivery) Taken() bool { return positive(d.Code) }

// Held is a message that a target says it holds.
type Held struct {
	Control string
	Times   int // how often it took it: 1 is right
}

// Comparison is what was answered here beside what a target holds.
type Comparison struct {
	Same    int        // taken by both sides' word
	Lost    []Delivery // the target answered that it took it, and does not hold it
	Unheard []Delivery // the target holds it, its answer never came: sent again, or with a person
	Doubled []Delivery // the target took it more than once
	Strange []string   // control IDs that were never sent from here
}

// Even reports whether both sides say the same.
func (c Comparison) Even() bool {
	return len(c.Lost)+len(c.Unheard)+len(c.Doubled)+len(c.Strange) == 0
}

// Ledger is every message that was sent to one target, read from the journal
// and kept in memory: for comparing both sides. It is safe for use by many
// goroutines.
type Ledger struct {
	j      *journal.Journal
	target string

	mu   sync.Mutex
	at   journal.Seq
	sent map[string]*Delivery
}

// NewLedger returns the ledger of a target; it reads the journal when it is
// asked.
func NewLedger(j *journal.Journal, target string) *Ledger {
	return &Ledger{j: j, target: target, sent: map[string]*Delivery{}}
}

// Compare sets what was sent up to now beside what the target holds.
func (l *Ledger) Compare(ctx context.Context, there []Held) (Comparison, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(ctx); err != nil {
		return Comparison{}, err
	}
	var c Comparison
	held := map[string]bool{}
	for _, h := range there {
		held[h.Control] = true
		d := l.sent[h.Control]
		switch {
		case d == nil:
			c.Strange = append(c.Strange, h.Control)
		case h.Times > 1:
			c.Doubled = append(c.Doubled, *d)
		case d.Taken():
			c.Same++
		default:
			c.Unheard = append(c.Unheard, *d)
		}
	}
	for id, d := range l.sent {
		if d.Taken() && !held[id] {
			c.Lost = append(c.Lost, *d)
		}
	}
	for _, list := range [][]Delivery{c.Lost, c.Unheard, c.Doubled} {
		slices.SortFunc(list, func(a, b Delivery) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Control, b.Control)) })
	}
	return c, nil
}

// read takes in what the journal has gained.
func (l *Ledger) read(ctx context.Context) error {
	for head := l.j.Head(); l.at < head; {
		recs, err := l.j.Read(ctx, l.at+1, batch)
		if err != nil {
			return err
		}
		for i := range recs {
			l.take(&recs[i])
			l.at = recs[i].Seq
		}
		if len(recs) == 0 {
			l.at = head
		}
	}
	return nil
}

func (l *Ledger) take(rec *journal.Record) {
	if rec.Kind != journal.Handback {
		return
	}
	e, err := decode(rec.Body)
	if err != nil || e.Target != l.target || e.Control == "" {
		return
	}
	d := l.sent[e.Control]
	switch e.Step {
	case sending:
		if d == nil {
			d = &Delivery{Control: e.Control, Type: e.Type, Root: e.Root, Key: e.Key, Patient: e.Patient, At: e.At}
			l.sent[e.Control] = d
		}
		d.Attempts++
	case answered:
		if d != nil && !d.Taken() {
			d.Code, d.Text = e.Code, e.Text
		}
	case opened, released, seconded, recalled, unheard, untaken, leftover, byHand, again, matched, closed:
	}
}
