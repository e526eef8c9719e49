// Package desk is where people's entries become records: it gives each the key
// that makes it one entry however often it is sent, stores it durably before
// anybody is told so, and finds the version that counts. It keeps nothing of
// its own; what stands in the charts follows from the journal.
package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Desk writes entries into the journal.
type Desk struct {
	j    *journal.Journal
	site string
	node string
}

// New returns a desk of one node; site is the hospital, where there are several.
func New(j *journal.Journal, site, node string) *Desk { return &Desk{j: j, site: site, node: node} }

// Sign stores a signed entry and returns its place in the journal once it is
// durable. The same entry sent again returns the same place. The error's kind
// is Conflict if another content was signed under this key, or another
// correction of the same version was faster; [Taken] then has what stands.
func (d *Desk) Sign(ctx context.Context, e entry.Entry) (journal.Seq, error) {
	e.State = entry.Signed
	return d.write(ctx, e, recordID(&e))
}

// Keep stores a draft, or the throwing away of one. Each kept state is a record
// of its own; the newest counts.
func (d *Desk) Keep(ctx context.Context, e entry.Entry) (journal.Seq, error) {
	if e.State == entry.Signed {
		return 0, fmt.Errorf("desk: a signed entry is no draft")
	}
	signed, err := d.j.Find(ctx, recordID(&e))
	if err != nil {
		return 0, err
	}
	if signed != 0 && e.State != entry.Dropped { // a draft that came late can still be thrown away
		return 0, conflict()
	}
	body, err := contentOf(e)
	if err != nil {
		return 0, err
	}
	// What stood there before and stands there again is a state of its own.
	body = binary.BigEndian.AppendUint64(body, uint64(e.Written.UnixNano()))
	seq, err := d.write(ctx, e, journal.KeyOf("draft", e.Key, body))
	if err != nil || e.State == entry.Dropped {
		return seq, err
	}
	if signed, err = d.j.Find(ctx, recordID(&e)); err != nil || signed == 0 {
		return seq, err
	}
	e.State = entry.Dropped // it was signed between the look and the write: no draft is left behind
	_, err = d.Keep(ctx, e)
	return seq, err
}

func (d *Desk) write(ctx context.Context, e entry.Entry, id journal.ID) (journal.Seq, error) {
	e.Node = d.node
	if err := e.Check(); err != nil {
		return 0, err
	}
	body, err := e.Encode()
	if err != nil {
		return 0, err
	}
	seq, err := d.j.Append(ctx, journal.Record{
		ID: id, Time: e.Written, Site: d.site, Source: entry.Feed, Kind: journal.Entry,
		Patient: string(e.Patient), Ward: e.Ward, Body: body,
	})
	if err != nil {
		return 0, err
	}
	stands, err := d.j.Get(ctx, seq)
	if err != nil {
		return 0, err
	}
	if bytes.Equal(stands.Body, body) {
		return seq, nil
	}
	was, err := entry.Decode(stands.Body)
	if err != nil {
		return 0, err
	}
	same, err := sameContent(was, e)
	if err != nil {
		return 0, err
	}
	if !same {
		return 0, &Taken{Seq: seq, Entry: was, err: conflict()}
	}
	return seq, nil
}

// Taken is the error of an entry whose place is taken by another content.
type Taken struct {
	Seq   journal.Seq
	Entry entry.Entry // what stands there
	err   error
}

func (t *Taken) Error() string { return t.err.Error() }

// Unwrap returns the error with its kind and sentence.
func (t *Taken) Unwrap() error { return t.err }

func conflict() error {
	return fault.New(fault.Conflict, lang.Text{
		DE: "Dieser Eintrag ist inzwischen unterschrieben oder korrigiert. Was Sie getippt haben, steht noch hier; bitte mit dem gespeicherten Stand vergleichen.",
		EN: "This entry was signed or corrected meanwhile. What you typed is still here; please compare it with what is stored.",
	})
}

// recordID is the place of a signed entry: a first version has its own key, a
// correction the place behind the version it corrects. There is one such place,
// so that versions form a row and never fork.
func recordID(e *entry.Entry) journal.ID {
	if e.Corrects != "" {
		return next(e.Corrects)
	}
	id, err := journal.ParseID(e.Key)
	if err != nil {
		return journal.ID{} // refused by Check
	}
	return id
}

func next(key string) journal.ID { return journal.KeyOf("correction", key, nil) }

// contentOf is what makes two sendings of an entry the same: whom it is about,
// who signed, and what was typed. The moment of sending, and what follows from
// it or was drawn for it (a time left empty, an order number), are not part of
// it.
func contentOf(e entry.Entry) ([]byte, error) {
	b, err := json.Marshal([]any{
		e.Key, e.Root, e.Corrects, e.Withdrawn, e.Reason, e.Form, e.State, e.Patient, e.By.ID, e.Second.ID, e.Sheet, e.SheetBy, e.Fields,
	})
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

func sameContent(a, b entry.Entry) (bool, error) {
	x, err := contentOf(a)
	if err != nil {
		return false, err
	}
	y, err := contentOf(b)
	return bytes.Equal(x, y), err
}

// At returns the entry that a record holds. The error's kind is NotFound if the
// record is none.
func (d *Desk) At(ctx context.Context, seq journal.Seq) (entry.Entry, error) {
	rec, err := d.j.Get(ctx, seq)
	if err != nil {
		return entry.Entry{}, err
	}
	if rec.Kind != journal.Entry {
		return entry.Entry{}, noEntry()
	}
	e, err := entry.Decode(rec.Body)
	if err != nil {
		return entry.Entry{}, fault.Mark(err, fault.Corrupt, lang.Text{
			DE: "Dieser Eintrag kann nicht gelesen werden. Er ist im Journal erhalten.",
			EN: "This entry cannot be read. It is kept in the journal.",
		})
	}
	return e, nil
}

func noEntry() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Diesen Eintrag gibt es hier nicht.", EN: "There is no such entry here."})
}

// Version is one version of an entry with its place in the journal.
type Version struct {
	Seq journal.Seq
	entry.Entry
}

// Versions returns every version of a signed entry, first one first. root is
// the key of the first version.
func (d *Desk) Versions(ctx context.Context, root string) ([]Version, error) {
	id, err := journal.ParseID(root)
	if err != nil {
		return nil, noEntry()
	}
	var out []Version
	for seen := map[journal.ID]bool{}; !seen[id]; {
		seen[id] = true
		seq, err := d.j.Find(ctx, id)
		if err != nil {
			return nil, err
		}
		if seq == 0 {
			break
		}
		e, err := d.At(ctx, seq)
		if err != nil {
			return nil, err
		}
		out = append(out, Version{Seq: seq, Entry: e})
		id = next(e.Key)
	}
	if len(out) == 0 {
		return nil, noEntry()
	}
	return out, nil
}

// Current returns the version that counts.
func (d *Desk) Current(ctx context.Context, root string) (Version, error) {
	all, err := d.Versions(ctx, root)
	if err != nil {
		return Version{}, err
	}
	return all[len(all)-1], nil
}

// Correct signs e as the version behind current. What current said and e no
// longer says is taken back.
func (d *Desk) Correct(ctx context.Context, current Version, e entry.Entry) (journal.Seq, error) {
	e.Root, e.Corrects = current.Root, current.Key
	e.Facts = entry.Supersede(current.Facts, e.Facts)
	return d.Sign(ctx, e)
}

// Withdraw strikes out the current version of an entry: it was made in error.
func (d *Desk) Withdraw(ctx context.Context, current Version, by clinical.Staff, key, why string, now Moment) (journal.Seq, error) {
	e := current.Entry
	e.Key, e.Corrects, e.Withdrawn, e.Reason = key, current.Key, true, why
	e.By, e.Role, e.From, e.Seen, e.Written = by, now.Role, now.From, now.Seen, now.Time
	e.Facts = entry.Retract(current.Facts)
	return d.Sign(ctx, e)
}
