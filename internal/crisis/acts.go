package crisis

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

const (
	minText = 3    // characters of a reason
	maxText = 8000 // bytes of a text
	ahead   = 5 * time.Minute
)

// do records one act and returns the crisis as it stands then, with the ID of
// the act's record. What the fold decided about the record is the outcome: if
// another hub was faster, the record stays and has no effect.
//
// All acts: by.Person is required, by.At is filled in where it is zero, the same
// by.Key again returns the outcome of the first time. The caller checks the right
// to act. Errors: Invalid for what cannot be, NotFound for a crisis that is not
// there, Conflict where somebody was faster or a second person is needed.
func (b *Book) do(ctx context.Context, by Act, e event) (*Crisis, string, error) {
	if len(by.Key) > 200 || tooLong(e) {
		return nil, "", errInvalid("Die Angaben sind zu lang.", "The details are too long.")
	}
	if by.At.IsZero() {
		by.At = b.o.Now()
	}
	by.At = by.At.Round(0).UTC()
	e.By = by
	id := journal.NewID()
	if by.Key != "" {
		id = journal.KeyOf("crisis", by.Key, nil)
	}
	b.act.Lock()
	defer b.act.Unlock()
	if err := b.Advance(ctx, 0); err != nil {
		return nil, "", err
	}
	b.now.RLock()
	seq, done := b.now.Fold.known[id]
	why, against := b.now.Fold.judge(e)
	if c := b.now.Fold.find(e.Crisis); c != nil {
		e.Prev = c.Last
	}
	b.now.RUnlock()
	switch {
	case done:
		return b.again(ctx, seq, id, e)
	case why != "":
		return nil, "", b.refuse(why, against)
	case !e.whole() && e.Step != stepOpened, e.By.Person == "" && e.Step != stepObserved && e.Step != stepWarned && e.Step != stepRun && e.Step != stepRan:
		return nil, "", errInvalid("Die Angaben sind unvollständig.", "The details are incomplete.")
	}
	body, err := e.encode()
	if err != nil {
		return nil, "", err
	}
	seq, err = b.journal.Append(ctx, journal.Record{ID: id, Time: by.At, Site: b.o.Site, Source: "crisis", Kind: journal.Crisis, Body: body})
	if err != nil {
		return nil, "", fmt.Errorf("crisis %s: %w", e.Step, err)
	}
	if err := b.Advance(ctx, seq); err != nil {
		return nil, "", err
	}
	return b.outcome(id, e)
}

func tooLong(e event) bool {
	for _, s := range []string{e.Title, e.Text, e.Name, e.Alone, e.Reach, e.Of, e.Word, e.Bed, e.Ward} {
		if len(s) > maxText || !utf8.ValidString(s) {
			return true
		}
	}
	for _, s := range e.Fields {
		if len(s) > maxText || !utf8.ValidString(s) {
			return true
		}
	}
	return slices.ContainsFunc(e.Parts, func(s Section) bool { return len(s.Text) > 4*maxText })
}

// again answers a form that was sent before: the same content is the same act,
// another one is a conflict.
func (b *Book) again(ctx context.Context, seq journal.Seq, id journal.ID, e event) (*Crisis, string, error) {
	recs, err := b.journal.Read(ctx, seq, 1)
	if err != nil {
		return nil, "", fmt.Errorf("crisis: read journal: %w", err)
	}
	if len(recs) == 1 && recs[0].Seq == seq {
		was, err := decodeEvent(recs[0].Body)
		if err == nil && !sameAct(was, e) {
			return nil, "", fault.Newf(fault.Conflict, lang.Text{
				DE: "Dieses Formular wurde schon für etwas anderes abgeschickt. Bitte die Seite neu laden.",
				EN: "This form was already sent for something else. Please reload the page.",
			}, "crisis %s: command key was used for %s", e.Step, was.Step)
		}
	}
	return b.outcome(id, e)
}

// sameAct reports whether two acts say the same, whenever they were written.
func sameAct(a, b event) bool {
	for _, e := range []*event{&a, &b} {
		e.By.At, e.Prev, e.Plan = time.Time{}, 0, nil
		switch e.Step {
		case stepMeetingHeld, stepSeated, stepRestricted, stepLogged, stepSent, stepOpened: // filled in with the clock
			e.At, e.Began = time.Time{}, time.Time{}
		case stepObserved: // made of names that people may change meanwhile
			e.Text = ""
		}
	}
	x, err := a.encode()
	y, err2 := b.encode()
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

func (b *Book) outcome(id journal.ID, e event) (*Crisis, string, error) {
	b.now.RLock()
	r, refused := b.now.Fold.refused[id]
	crisis := e.Crisis
	if e.Step == stepOpened {
		crisis = id.String()
	}
	c := b.now.Fold.find(crisis)
	b.now.RUnlock()
	if refused {
		return c, "", b.refuse(r.Why, r.Against)
	}
	return c, id.String(), nil
}

func (b *Book) refuse(why Reason, against Act) error {
	kind, say := why.say(by(against, b.o.Zone))
	return fault.Newf(kind, say, "crisis: %s", why)
}

// by says who and when: "S. Weber (19.11. 02:20 Uhr)".
func by(a Act, zone *time.Location) lang.Text {
	if zone == nil {
		zone = time.UTC
	}
	who := a.Name
	if who == "" {
		who = a.Person
	}
	at := a.At.In(zone).Format("02.01. 15:04")
	return lang.Text{DE: who + " (" + at + " Uhr)", EN: who + " (" + at + ")"}
}

// said is a moment in words of the house.
func (b *Book) said(t time.Time) string {
	t = t.In(b.o.Zone)
	zone, _ := t.Zone()
	if german, ok := map[string]string{"CET": "MEZ", "CEST": "MESZ"}[zone]; ok {
		zone = german
	}
	return t.Format("02.01.2006 15:04 ") + zone
}

func errInvalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

func errWhy() error {
	return errInvalid("Bitte den Grund angeben.", "Please give the reason.")
}

func reason(s string) bool { return utf8.RuneCountInString(strings.TrimSpace(s)) >= minText }

// Opening is what somebody says when an incident is opened.
type Opening struct {
	Kind     rulebook.Kind
	Title    string
	Began    time.Time // zero: now
	Sure     bool      // when it began is known, not estimated
	Exercise bool
	Outages  []string
	Known    string // what is known at the beginning, for the logbook
}

// OpenCrisis opens an incident: it is written down and watched, but not declared.
func (b *Book) OpenCrisis(ctx context.Context, by Act, o Opening) (*Crisis, error) {
	o.Title = strings.TrimSpace(o.Title)
	now := b.o.Now()
	if o.Began.IsZero() {
		o.Began = now
	}
	switch {
	case !slices.Contains(rulebook.Kinds(), o.Kind):
		return nil, errInvalid("Bitte die Art der Lage wählen.", "Please choose the kind of the incident.")
	case !reason(o.Title):
		return nil, errInvalid("Bitte in ein paar Worten sagen, was geschehen ist.", "Please say in a few words what happened.")
	case o.Began.After(now.Add(ahead)):
		return nil, errInvalid("Der Beginn liegt in der Zukunft.", "The begin lies in the future.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepOpened, Kind: o.Kind, Title: o.Title, Text: strings.TrimSpace(o.Known), Began: o.Began.UTC(), Sure: o.Sure, Exercise: o.Exercise, Outages: o.Outages})
	return c, err
}

// Declare declares an opened incident and takes over the tasks of its playbook.
// A second person confirms; alone is the reason why there is none.
func (b *Book) Declare(ctx context.Context, by Act, crisis, alone string) (*Crisis, error) {
	alone = strings.TrimSpace(alone)
	if alone != "" && !reason(alone) {
		return nil, errWhy()
	}
	c, err := b.Crisis(crisis)
	if err != nil {
		return nil, err
	}
	if by.At.IsZero() {
		by.At = b.o.Now()
	}
	c, _, err = b.do(ctx, by, event{Step: stepDeclared, Crisis: crisis, Alone: alone, Plan: b.plan(c.Kind, by.At)})
	return c, err
}

// plan is what a crisis takes over from the playbook of a kind.
func (b *Book) plan(k rulebook.Kind, declared time.Time) *plan {
	p := b.o.Playbooks[k]
	if p == nil {
		p = rulebook.Default()[k]
	}
	out := &plan{Version: p.Version, First: p.First.DE, Rhythm: p.Meeting.Every}
	for _, a := range p.Meeting.Agenda {
		out.Agenda = append(out.Agenda, a.DE)
	}
	hooks := map[string]bool{}
	for _, h := range b.o.Hooks {
		hooks[h.Name] = true
	}
	for _, t := range p.Tasks {
		x := Task{ID: t.ID, Phase: t.Phase, Title: t.Title.DE, How: t.How.DE, Role: t.Role, After: t.After, Containment: t.Containment}
		if t.Due > 0 {
			x.Due = declared.Add(t.Due).UTC().Round(0)
		}
		if hooks[t.Hook] {
			x.Hook = t.Hook
		}
		out.Tasks = append(out.Tasks, x)
	}
	return out
}

// Confirm puts a declared crisis into force. It must be another person than the
// one who declared it; a crisis that one person put into force alone can be
// confirmed afterwards.
func (b *Book) Confirm(ctx context.Context, by Act, crisis string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepConfirmed, Crisis: crisis})
	return c, err
}

// AskClose asks for the end of a crisis; it lasts until a second person confirms.
func (b *Book) AskClose(ctx context.Context, by Act, crisis, why string) (*Crisis, error) {
	if why = strings.TrimSpace(why); !reason(why) {
		return nil, errWhy()
	}
	c, _, err := b.do(ctx, by, event{Step: stepCloseAsked, Crisis: crisis, Text: why})
	return c, err
}

// CallOffClose takes back that the end was asked for.
func (b *Book) CallOffClose(ctx context.Context, by Act, crisis string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepCloseOff, Crisis: crisis})
	return c, err
}

// Close ends a crisis whose end another person asked for.
func (b *Book) CloseCrisis(ctx context.Context, by Act, crisis string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepClosed, Crisis: crisis})
	return c, err
}

// CloseAlone ends a crisis with one person only; why is the reason for that. An
// incident that was only opened ends so too.
func (b *Book) CloseAlone(ctx context.Context, by Act, crisis, why string) (*Crisis, error) {
	if why = strings.TrimSpace(why); !reason(why) {
		return nil, errWhy()
	}
	c, _, err := b.do(ctx, by, event{Step: stepClosedAlone, Crisis: crisis, Alone: why})
	return c, err
}

// ChangeKind states another kind; the tasks of its playbook that are not there
// yet are added, due from now.
func (b *Book) ChangeKind(ctx context.Context, by Act, crisis string, k rulebook.Kind, why string) (*Crisis, error) {
	if why = strings.TrimSpace(why); !reason(why) {
		return nil, errWhy()
	}
	if !slices.Contains(rulebook.Kinds(), k) {
		return nil, errInvalid("Bitte die Art der Lage wählen.", "Please choose the kind of the incident.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepKind, Crisis: crisis, Kind: k, Text: why, Plan: b.plan(k, b.o.Now())})
	return c, err
}

// Link adds declared outages to a crisis, or takes them out.
func (b *Book) Link(ctx context.Context, by Act, crisis string, add bool, outages ...string) (*Crisis, error) {
	step := stepLinked
	if !add {
		step = stepUnlinked
	}
	c, _, err := b.do(ctx, by, event{Step: step, Crisis: crisis, Outages: outages})
	return c, err
}

// Entry is a line that a person writes into the logbook.
type Entry struct {
	Kind     LineKind
	Text     string
	From, To string
	At       time.Time // when it happened; zero: now
}

// Log writes a line into the logbook. Lines are never changed.
func (b *Book) Log(ctx context.Context, by Act, crisis string, n Entry) (*Crisis, error) {
	n.Text = strings.TrimSpace(n.Text)
	now := b.o.Now()
	switch {
	case !slices.Contains(LineKinds(), n.Kind):
		return nil, errInvalid("Bitte die Art der Zeile wählen.", "Please choose the kind of the line.")
	case !reason(n.Text):
		return nil, errInvalid("Bitte schreiben, was einzutragen ist.", "Please write what to record.")
	case n.At.After(now.Add(ahead)):
		return nil, errInvalid("Die Zeit liegt in der Zukunft.", "The time lies in the future.")
	}
	e := event{Step: stepLogged, Crisis: crisis, Word: string(n.Kind), Text: n.Text, Name: strings.TrimSpace(n.From), Reach: strings.TrimSpace(n.To)}
	if !n.At.IsZero() {
		e.At = n.At.UTC()
	}
	c, _, err := b.do(ctx, by, e)
	return c, err
}

// CorrectLine writes a new line that corrects an older one, which stays.
func (b *Book) CorrectLine(ctx context.Context, by Act, crisis string, line int, text string) (*Crisis, error) {
	if text = strings.TrimSpace(text); !reason(text) {
		return nil, errInvalid("Bitte schreiben, was richtig ist.", "Please write what is right.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepLogCorrected, Crisis: crisis, Number: line, Text: text})
	return c, err
}

// Observe writes what the hub itself saw into the logbook, once for each key.
func (b *Book) Observe(ctx context.Context, crisis, key string, at time.Time, text string) error {
	_, _, err := b.do(ctx, Act{Key: "observed/" + crisis + "/" + key, At: at}, event{Step: stepObserved, Crisis: crisis, Text: text, At: at.UTC()})
	return err
}
