package estate

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Command is one act as a form sends it.
type Command struct {
	Key    string // drawn when the form was opened: the same key again is the same act
	Person string
	Name   string
	Why    string
	Seen   uint64 // the newest version that the form showed
}

// Accept makes changes a version. Where somebody changed one of the rows after
// the person looked, nothing happens (fault.Conflict). The caller checks the
// right to act.
func (b *Book) Accept(ctx context.Context, c Command, from Source, changes []Change) error {
	return b.accept(ctx, c, record{Source: from, Changes: facts(changes)})
}

// Restore makes an earlier version the newest one again. What was added since
// goes, what was changed is as it was; all versions between stay.
func (b *Book) Restore(ctx context.Context, c Command, version uint64) error {
	then, err := b.At(ctx, version)
	if err != nil {
		return err
	}
	now, seen := b.Current()
	if _, done := b.known(journal.KeyOf("estate", c.Key, nil)); !done && seen != c.Seen {
		return errFaster(b.latest())
	}
	return b.accept(ctx, c, record{Source: FromVersion, Of: version, Changes: facts(Diff(&now.Tables, &then.Tables))})
}

func (b *Book) latest() Act {
	if v := b.Versions(); len(v) > 0 {
		return v[0].By
	}
	return Act{}
}

// accept records one act. What the fold decided about the record is the
// outcome: if another hub was faster, the record stays and has no effect.
func (b *Book) accept(ctx context.Context, c Command, r record) error {
	c.Why = strings.TrimSpace(c.Why)
	if c.Key == "" || len(c.Key) > 200 || c.Person == "" || len(c.Why) > maxCell {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Die Angaben sind unvollständig. Bitte die Seite neu laden.", EN: "The details are incomplete. Please reload the page.",
		})
	}
	now := b.o.Now().Round(0).UTC()
	r.By, r.Seen = Act{Person: c.Person, Name: c.Name, At: now, Why: c.Why}, c.Seen
	rec := journal.Record{ID: journal.KeyOf("estate", c.Key, nil), Time: now, Site: b.o.Site, Source: "estate", Kind: journal.Estate}
	b.act.Lock()
	defer b.act.Unlock()
	if err := b.Advance(ctx, 0); err != nil {
		return err
	}
	if seq, done := b.known(rec.ID); done {
		return b.again(ctx, seq, rec.ID, r)
	}
	if len(r.Changes) == 0 {
		return fault.New(fault.Invalid, lang.Text{DE: "Daran ist nichts anders, als es steht.", EN: "Nothing in it differs from what stands."})
	}
	if against, collides := b.collides(&r); collides {
		return errFaster(against)
	}
	var err error
	if rec.Body, err = r.encode(); err != nil {
		return err
	}
	seq, err := b.journal.Append(ctx, rec)
	if err != nil {
		return fmt.Errorf("estate: %w", err)
	}
	if err := b.Advance(ctx, seq); err != nil {
		return err
	}
	return b.outcome(rec.ID)
}

func (b *Book) known(id journal.ID) (journal.Seq, bool) {
	b.now.RLock()
	defer b.now.RUnlock()
	seq, ok := b.now.Fold.known[id]
	return seq, ok
}

func (b *Book) collides(r *record) (Act, bool) {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.judge(r)
}

// outcome returns what became of the act recorded under id.
func (b *Book) outcome(id journal.ID) error {
	b.now.RLock()
	against, refused := b.now.Fold.refused[id]
	b.now.RUnlock()
	if refused {
		return errFaster(against)
	}
	return nil
}

// again answers a form that was sent before: the same content is the same act.
func (b *Book) again(ctx context.Context, seq journal.Seq, id journal.ID, r record) error {
	recs, err := b.journal.Read(ctx, seq, 1)
	if err != nil {
		return fmt.Errorf("estate: %w", err)
	}
	if len(recs) == 1 && recs[0].Seq == seq {
		was, err := decodeRecord(recs[0].Body)
		if err == nil {
			was.By.At = r.By.At
			if r.Source == FromVersion && was.Source == FromVersion && was.Of == r.Of { // what differs may have changed since
				r.Changes, r.Seen = was.Changes, was.Seen
			}
			a, err1 := was.encode()
			z, err2 := r.encode()
			if err1 == nil && err2 == nil && bytes.Equal(a, z) {
				return b.outcome(id)
			}
		}
	}
	return fault.New(fault.Conflict, lang.Text{
		DE: "Dieses Formular wurde schon mit anderem Inhalt abgeschickt. Bitte die Seite neu laden.",
		EN: "This form was already sent with other content. Please reload the page.",
	})
}

func errFaster(by Act) error {
	who := by.Name
	if who == "" {
		who = by.Person
	}
	return fault.Newf(fault.Conflict, lang.Text{
		DE: "Jemand war schneller: " + who + " hat inzwischen etwas davon geändert. Bitte den neuen Stand ansehen.",
		EN: "Somebody was faster: " + who + " has changed part of this meanwhile. Please look at the new state.",
	}, "estate: changed meanwhile")
}

func errNoVersion() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Diesen Stand gibt es nicht.", EN: "There is no such version."})
}

// Done returns the row that the act under key was about, if it has taken effect.
// A form that is sent twice is answered by it.
func (b *Book) Done(ctx context.Context, key string) (row string, ok bool) {
	id := journal.KeyOf("estate", key, nil)
	seq, known := b.known(id)
	if key == "" || !known || b.outcome(id) != nil {
		return "", false
	}
	recs, err := b.journal.Read(ctx, seq, 1)
	if err != nil || len(recs) != 1 || recs[0].Seq != seq {
		return "", false
	}
	r, err := decodeRecord(recs[0].Body)
	if err != nil {
		return "", false
	}
	return r.Changes[0].Row, true
}
