package harm

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Command is one act on findings of one patient, as a form sends it.
type Command struct {
	Key     string // drawn when the form was opened: the same key again is the same act
	Person  string
	Name    string
	Patient clinical.PatientKey
	Found   []Touched
	Seen    uint64 // the newest act that the form showed
}

// maxFound is how many findings one act may be about.
const maxFound = 400

// Take gives findings into the person's hands, also out of another's.
func (g *Register) Take(ctx context.Context, c Command) error {
	return g.about(ctx, c, record{Step: Taken})
}

// Release gives them back: they are nobody's.
func (g *Register) Release(ctx context.Context, c Command) error {
	return g.about(ctx, c, record{Step: Released})
}

// Settle states what came of findings. A text is needed where the patient was
// harmed or the harm was averted. Settling what is settled corrects it; the
// record before stays.
func (g *Register) Settle(ctx context.Context, c Command, what Outcome, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case !slices.Contains(Outcomes(), what):
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte das Ergebnis wählen.", EN: "Please choose the outcome."})
	case (what == Harmed || what == Averted) && len(text) < 3:
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte in ein paar Worten sagen, was war.", EN: "Please say in a few words what it was."})
	case len(text) > maxText:
		return fault.New(fault.Invalid, lang.Text{DE: "Der Text ist zu lang.", EN: "The text is too long."})
	}
	return g.about(ctx, c, record{Step: Settled, Outcome: what, Text: text})
}

// Reopen takes an outcome back.
func (g *Register) Reopen(ctx context.Context, c Command) error {
	return g.about(ctx, c, record{Step: Reopened})
}

func (g *Register) about(ctx context.Context, c Command, r record) error {
	if len(c.Found) == 0 || len(c.Found) > maxFound {
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte mindestens eine Zeile wählen.", EN: "Please choose at least one line."})
	}
	r.Patient, r.Found, r.Seen = c.Patient, c.Found, c.Seen
	ward := c.Found[0].Ward
	_, err := g.do(ctx, c.Key, &Act{Person: c.Person, Name: c.Name}, r, ward)
	return err
}

// Submit stores the report of an event and returns its ID. by is nil for an
// anonymous one: then nothing in the record says who wrote it, and its time is
// that of the hour.
func (g *Register) Submit(ctx context.Context, key string, by *Act, e Event) (string, error) {
	if wrong := e.Check(by == nil, g.o.Now()); len(wrong) > 0 {
		for _, say := range wrong {
			return "", fault.New(fault.Invalid, say)
		}
	}
	e.At = e.At.UTC().Truncate(time.Minute)
	if by == nil {
		e.At = e.At.Truncate(time.Hour)
	}
	id, err := g.do(ctx, key, by, record{Step: Reported, Event: &e}, e.Ward)
	return id.String(), err
}

// Review states where the work on a report stands and what follows from it.
// seen is [Report.Act] as the person saw it.
func (g *Register) Review(ctx context.Context, key string, by Act, report string, seen uint64, status Status, measures string) error {
	measures = strings.TrimSpace(measures)
	switch {
	case !slices.Contains(Statuses(), status):
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte den Stand wählen.", EN: "Please choose the status."})
	case len(measures) > maxText:
		return fault.New(fault.Invalid, lang.Text{DE: "Der Text ist zu lang.", EN: "The text is too long."})
	}
	if _, err := g.Report(report); err != nil {
		return err
	}
	_, err := g.do(ctx, key, &by, record{Step: Reviewed, Of: report, Seen: seen, Status: status, Measures: measures}, "")
	return err
}

// do records one act. What the fold decided about the record is the outcome: if
// another hub was faster, the record stays and has no effect.
func (g *Register) do(ctx context.Context, key string, by *Act, r record, ward string) (journal.ID, error) {
	if key == "" || len(key) > 200 || by != nil && by.Person == "" {
		return journal.ID{}, fault.Newf(fault.Invalid, lang.Text{
			DE: "Die Angaben sind unvollständig. Bitte die Seite neu laden.", EN: "The details are incomplete. Please reload the page.",
		}, "harm %s: act without key or person", r.Step)
	}
	now := g.o.Now().Round(0).UTC()
	rec := journal.Record{
		ID: journal.KeyOf("harm", key, nil), Time: now, Site: g.o.Site, Source: "harm", Kind: journal.Harm, Patient: string(r.Patient), Ward: ward,
	}
	if by != nil {
		act := *by
		act.At = now
		r.By = &act
	} else {
		rec.Time = now.Truncate(time.Hour)
	}
	g.act.Lock()
	defer g.act.Unlock()
	if err := g.Advance(ctx, 0); err != nil {
		return rec.ID, err
	}
	if seq, done := g.known(rec.ID); done {
		return rec.ID, g.again(ctx, seq, rec.ID, r)
	}
	if why, against := g.judge(&r); why != "" {
		return rec.ID, g.refuse(refusal{why, against})
	}
	var err error
	if rec.Body, err = r.encode(); err != nil {
		return rec.ID, err
	}
	seq, err := g.journal.Append(ctx, rec)
	if err != nil {
		return rec.ID, fmt.Errorf("harm %s: %w", r.Step, err)
	}
	if err := g.Advance(ctx, seq); err != nil {
		return rec.ID, err
	}
	return rec.ID, g.outcome(rec.ID)
}

func (g *Register) known(id journal.ID) (journal.Seq, bool) {
	g.now.RLock()
	defer g.now.RUnlock()
	seq, ok := g.now.Fold.known[id]
	return seq, ok
}

func (g *Register) judge(r *record) (Reason, Act) {
	g.now.RLock()
	defer g.now.RUnlock()
	return g.now.Fold.judge(r)
}

// again answers a form that was sent before: the same content is the same act,
// another one is a conflict.
func (g *Register) again(ctx context.Context, seq journal.Seq, id journal.ID, r record) error {
	recs, err := g.journal.Read(ctx, seq, 1)
	if err != nil {
		return fmt.Errorf("harm: read journal: %w", err)
	}
	if len(recs) == 1 && recs[0].Seq == seq {
		if was, err := decodeRecord(recs[0].Body); err == nil && !sameAct(was, r) {
			return fault.Newf(fault.Conflict, lang.Text{
				DE: "Dieses Formular wurde schon mit anderem Inhalt abgeschickt. Bitte die Seite neu laden.",
				EN: "This form was already sent with another content. Please reload the page.",
			}, "harm %s: key was used for %s", r.Step, was.Step)
		}
	}
	return g.outcome(id)
}

// sameAct reports whether two records say the same, whenever they were written.
func sameAct(a, b record) bool {
	a.Found, b.Found = refsOf(a.Found), refsOf(b.Found)
	if (a.By == nil) != (b.By == nil) {
		return false
	}
	if a.By != nil {
		x, y := *a.By, *b.By
		x.At, y.At = time.Time{}, time.Time{}
		a.By, b.By = &x, &y
	}
	left, err := a.encode()
	right, err2 := b.encode()
	return err == nil && err2 == nil && bytes.Equal(left, right)
}

// refsOf leaves of findings what names them: how the chart words them may change
// between two sendings.
func refsOf(found []Touched) []Touched {
	out := make([]Touched, len(found))
	for i, t := range found {
		out[i].Ref = t.Ref
	}
	slices.SortFunc(out, func(a, b Touched) int { return strings.Compare(a.Ref, b.Ref) })
	return out
}

// outcome returns what became of the recorded act.
func (g *Register) outcome(id journal.ID) error {
	g.now.RLock()
	r, refused := g.now.Fold.refused[id]
	g.now.RUnlock()
	if refused {
		return g.refuse(r)
	}
	return nil
}

func (g *Register) refuse(r refusal) error {
	if r.Why == noReport {
		return errGone()
	}
	who, at := r.Against.Name, r.Against.At.In(g.o.Zone).Format("02.01. 15:04")
	if who == "" {
		who = r.Against.Person
	}
	if who == "" {
		return fault.New(fault.Conflict, lang.Text{
			DE: "Inzwischen hat sich hier etwas geändert. Bitte ansehen und noch einmal entscheiden.",
			EN: "Something has changed here meanwhile. Please look and decide again.",
		})
	}
	return fault.Newf(fault.Conflict, lang.Text{
		DE: "Jemand war schneller: " + who + " (" + at + " Uhr). Bitte ansehen und noch einmal entscheiden.",
		EN: "Somebody was faster: " + who + " (" + at + "). Please look and decide again.",
	}, "harm: somebody was faster")
}
