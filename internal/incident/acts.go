package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

const (
	minWhy  = 3    // characters of a reason
	maxText = 1000 // bytes of a reason
	ahead   = 5 * time.Minute
	longAgo = 400 * 24 * time.Hour
)

// Declare states that a system has been out of service since a time (zero:
// now). by.Why is required. Without alone the outage waits for a second person;
// alone is the reason for putting it into force with one. If the system has an
// open outage already, that one is returned with a Conflict that says whose.
//
// All acts: by.Person is required; by.At is filled in where it is zero; the
// same by.Key again returns the outcome of the first time. The caller checks
// the right to act.
func (b *Board) Declare(ctx context.Context, by Act, system string, since time.Time, exercise bool, alone string) (Outage, error) {
	now := b.o.Now()
	if since.IsZero() {
		since = now
	}
	alone = strings.TrimSpace(alone)
	switch {
	case !slices.ContainsFunc(b.systems, func(s System) bool { return s.ID == system }):
		return Outage{}, fault.New(fault.NotFound, lang.Text{DE: "Dieses System gibt es nicht.", EN: "There is no such system."})
	case !reason(by.Why):
		return Outage{}, errWhy()
	case alone != "" && !reason(alone):
		return Outage{}, errAlone()
	}
	if err := plausible(since, now); err != nil {
		return Outage{}, err
	}
	return b.do(ctx, by, event{Step: Declared, System: system, Since: since.UTC(), Exercise: exercise, Alone: alone})
}

// Confirm puts a declared outage into force. It must be another person than the
// one who declared it (Conflict). An outage that one person put into force
// alone can be confirmed afterwards.
func (b *Board) Confirm(ctx context.Context, by Act, outage string) (Outage, error) {
	return b.do(ctx, by, event{Step: Confirmed, Outage: outage})
}

// AskEnd asks for the end of an outage in force; it lasts until a second person
// confirms.
func (b *Board) AskEnd(ctx context.Context, by Act, outage string) (Outage, error) {
	return b.do(ctx, by, event{Step: EndAsked, Outage: outage})
}

// CallOffEnd takes back that the end was asked for.
func (b *Board) CallOffEnd(ctx context.Context, by Act, outage string) (Outage, error) {
	return b.do(ctx, by, event{Step: EndCalledOff, Outage: outage})
}

// ConfirmEnd ends an outage whose end another person asked for.
func (b *Board) ConfirmEnd(ctx context.Context, by Act, outage string) (Outage, error) {
	return b.do(ctx, by, event{Step: EndConfirmed, Outage: outage})
}

// EndAlone ends an outage with one person only; why is the reason for that.
func (b *Board) EndAlone(ctx context.Context, by Act, outage, why string) (Outage, error) {
	why = strings.TrimSpace(why)
	if !reason(why) {
		return Outage{}, errAlone()
	}
	return b.do(ctx, by, event{Step: EndedAlone, Outage: outage, Alone: why})
}

// Withdraw takes back a declaration that no second person has confirmed.
func (b *Board) Withdraw(ctx context.Context, by Act, outage string) (Outage, error) {
	return b.do(ctx, by, event{Step: WasWithdrawn, Outage: outage})
}

// Correct states another begin of an outage, also of one that ended. by.Why is
// required; what was stated before stays in the log.
func (b *Board) Correct(ctx context.Context, by Act, outage string, since time.Time) (Outage, error) {
	if !reason(by.Why) {
		return Outage{}, errWhy()
	}
	if since.IsZero() {
		return Outage{}, errSince()
	}
	if err := plausible(since, b.o.Now()); err != nil {
		return Outage{}, err
	}
	return b.do(ctx, by, event{Step: Corrected, Outage: outage, Since: since.UTC()})
}

// SetState sets where a system stands. While an outage is in force the system
// cannot be up: the outage is ended instead (Conflict).
func (b *Board) SetState(ctx context.Context, by Act, system string, state State) error {
	switch {
	case !slices.ContainsFunc(b.systems, func(s System) bool { return s.ID == system }):
		return fault.New(fault.NotFound, lang.Text{DE: "Dieses System gibt es nicht.", EN: "There is no such system."})
	case !knownState(state):
		return fault.New(fault.Invalid, lang.Text{DE: "Diesen Zustand gibt es nicht.", EN: "There is no such state."})
	}
	_, err := b.do(ctx, by, event{Step: StateSet, System: system, State: state})
	return err
}

// do records one act and returns the outage as it stands then. What the fold
// decided about the record is the outcome: if another hub was faster, the
// record stays in the log as refused.
func (b *Board) do(ctx context.Context, by Act, e event) (Outage, error) {
	by.Why = strings.TrimSpace(by.Why)
	if by.Person == "" || len(by.Why) > maxText || len(e.Alone) > maxText || len(by.Key) > 200 {
		return Outage{}, fault.Newf(fault.Invalid, lang.Text{
			DE: "Die Angaben sind unvollständig oder zu lang.", EN: "The details are incomplete or too long.",
		}, "outage %s: act without person or too long", e.Step)
	}
	if by.At.IsZero() {
		by.At = b.o.Now()
	}
	by.At = by.At.Round(0).UTC()
	e.Act = actFact(by)
	id := journal.NewID()
	if by.Key != "" {
		id = journal.KeyOf("outage", by.Key, nil)
	}
	b.act.Lock()
	defer b.act.Unlock()
	if err := b.Advance(ctx, 0); err != nil {
		return Outage{}, err
	}
	if n, done := b.entry(id); done {
		return b.outcome(n, e)
	}
	if why, against := b.judge(e); why != "" {
		return b.refuse(e, why, against)
	}
	body, err := e.encode()
	if err != nil {
		return Outage{}, err
	}
	seq, err := b.journal.Append(ctx, journal.Record{
		ID: id, Time: by.At, Site: b.o.Site, Source: "incident", Kind: journal.Outage, Body: body,
	})
	if err != nil {
		return Outage{}, fmt.Errorf("outage %s: %w", e.Step, err)
	}
	if err := b.Advance(ctx, seq); err != nil {
		return Outage{}, err
	}
	n, done := b.entry(id)
	if !done {
		return Outage{}, fmt.Errorf("outage %s: record %d is no act", e.Step, seq)
	}
	return b.outcome(n, e)
}

func (b *Board) entry(id journal.ID) (Entry, bool) {
	b.now.RLock()
	defer b.now.RUnlock()
	i, ok := b.now.Fold.byRecord[id]
	if !ok {
		return Entry{}, false
	}
	return b.now.Fold.log[i], true
}

func (b *Board) judge(e event) (Reason, Act) {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.judge(e)
}

// outcome returns what became of the act recorded as n; e is what was asked.
func (b *Board) outcome(n Entry, e event) (Outage, error) {
	if n.Step != e.Step || n.Act.Person != e.Act.Person || e.Outage != "" && n.Outage != e.Outage ||
		e.System != "" && n.System != e.System {
		return Outage{}, fault.Newf(fault.Conflict, lang.Text{
			DE: "Dieses Formular wurde schon für etwas anderes abgeschickt. Bitte die Seite neu laden.",
			EN: "This form was already sent for something else. Please reload the page.",
		}, "outage %s: command key was used for %s", e.Step, n.Step)
	}
	if n.Refused != "" {
		return b.refuse(e, n.Refused, n.Against)
	}
	o, _ := b.Outage(n.Outage)
	return o, nil
}

// refuse says why an act has no effect, and to whom somebody was second. The
// outage it collided with comes along where there is one.
func (b *Board) refuse(e event, why Reason, against Act) (Outage, error) {
	b.now.RLock()
	defer b.now.RUnlock()
	var o Outage
	if p := b.now.Fold.find(e.Outage); p != nil {
		o = *p
	}
	for _, p := range b.now.Fold.outages {
		if why == alreadyDeclared && p.System == e.System && p.Exercise == e.Exercise && p.Open() {
			o = *p
		}
	}
	system := e.System
	if o.System != "" {
		system = o.System
	}
	kind, say := why.say(b.system(system).Name, against.by(b.o.Zone))
	return o, fault.Newf(kind, say, "outage %s: %s", e.Step, why)
}

// by says who and when: "S. Weber (02:20 Uhr)".
func (a Act) by(zone *time.Location) lang.Text {
	who := a.Name
	if who == "" {
		who = a.Person
	}
	at := a.At.In(zone).Format("02.01. 15:04")
	return lang.Text{DE: who + " (" + at + " Uhr)", EN: who + " (" + at + ")"}
}

// say is the sentence for a refused act.
func (r Reason) say(system, by lang.Text) (fault.Kind, lang.Text) {
	sys := lang.Text{DE: system.DE, EN: system.In(lang.EN)}
	switch r {
	case alreadyDeclared:
		return fault.Conflict, lang.Text{
			DE: "Der Ausfall von " + sys.DE + " ist schon gemeldet: " + by.DE + ".",
			EN: "The outage of " + sys.EN + " is already declared: " + by.EN + ".",
		}
	case noSuchOutage:
		return fault.NotFound, lang.Text{DE: "Diesen Ausfall gibt es nicht.", EN: "There is no such outage."}
	case alreadyOver:
		return fault.Conflict, lang.Text{
			DE: "Der Ausfall von " + sys.DE + " ist schon beendet: " + by.DE + ".",
			EN: "The outage of " + sys.EN + " is already over: " + by.EN + ".",
		}
	case alreadyDone:
		return fault.Conflict, lang.Text{
			DE: "Jemand war schneller: " + by.DE + ".", EN: "Somebody was faster: " + by.EN + ".",
		}
	case samePerson:
		return fault.Conflict, lang.Text{
			DE: "Bestätigen muss eine zweite Person. Gemeldet hat: " + by.DE + ".",
			EN: "A second person has to confirm. It was stated by: " + by.EN + ".",
		}
	case notInForce:
		return fault.Conflict, lang.Text{
			DE: "Dieser Ausfall ist noch nicht bestätigt. Er kann zurückgezogen werden.",
			EN: "This outage is not confirmed yet. It can be withdrawn.",
		}
	case inForce:
		return fault.Conflict, lang.Text{
			DE: "Der Ausfall von " + sys.DE + " ist in Kraft: " + by.DE + ". Er muss beendet werden.",
			EN: "The outage of " + sys.EN + " is in force: " + by.EN + ". It has to be ended.",
		}
	case endNotAsked:
		return fault.Conflict, lang.Text{
			DE: "Das Ende ist nicht beantragt oder wurde zurückgenommen.",
			EN: "The end was not asked for, or that was called off.",
		}
	}
	return fault.Conflict, lang.Text{DE: "Das geht jetzt nicht.", EN: "This is not possible now."}
}

func reason(s string) bool { return utf8.RuneCountInString(strings.TrimSpace(s)) >= minWhy }

func plausible(since, now time.Time) error {
	if since.After(now.Add(ahead)) || now.Sub(since) > longAgo {
		return errSince()
	}
	return nil
}

func errWhy() error {
	return fault.New(fault.Invalid, lang.Text{DE: "Bitte den Grund angeben.", EN: "Please give the reason."})
}

func errAlone() error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Bitte angeben, warum keine zweite Person bestätigen kann.",
		EN: "Please say why no second person can confirm.",
	})
}

func errSince() error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Der Beginn liegt in der Zukunft oder mehr als ein Jahr zurück.",
		EN: "The begin lies in the future or more than a year back.",
	})
}
