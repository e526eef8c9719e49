package handback

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
)

// fold takes records into the store, in one transaction. It uses no clock: the
// same records give the same queue.
func (st *store) fold(ctx context.Context, recs []journal.Record, to journal.Seq) (err error) {
	raw, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("handback.db: %w", err)
	}
	defer func() {
		if err != nil {
			_ = raw.Rollback()
			err = fmt.Errorf("handback.db: %w", err)
		}
	}()
	t, at := tx{raw, ctx}, st.at
	for i := range recs {
		rec := &recs[i]
		known, err := t.take(rec)
		if err != nil {
			return err
		}
		if !known {
			at.unreadable++
		}
		at.seq, at.record = rec.Seq, rec.ID
	}
	at.seq = max(at.seq, to)
	if err := t.exec(`UPDATE at SET seq=?, record=?, unreadable=?`, int64(at.seq), at.record[:], int64(at.unreadable)); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return err
	}
	st.at = at
	return nil
}

// take folds one record and reports whether it could be read.
func (t tx) take(rec *journal.Record) (known bool, err error) {
	switch rec.Kind {
	case journal.Entry:
		e, err := entry.Decode(rec.Body)
		if err != nil {
			return false, nil // the charts list it as unread
		}
		return true, t.signed(&e, rec.Seq)
	case journal.Handback:
		e, err := decode(rec.Body)
		if err != nil {
			return false, nil
		}
		return true, t.event(&e, rec.Seq)
	}
	return true, nil
}

// signed takes in a version of an entry. One that corrects a version which a
// target has already accepted waits anew: the correction is handed back too.
func (t tx) signed(e *entry.Entry, seq journal.Seq) error {
	if e.State != entry.Signed {
		return nil
	}
	row := &entryRow{
		root: e.Root, key: e.Key, seq: seq, first: seq, patient: e.Patient, kase: e.Case, ward: e.Ward, form: e.Form,
		at: e.At.UnixNano(), by: e.By,
	}
	for _, f := range e.Facts {
		if k := string(message.KindOf(f)); k != "" && !slices.Contains(row.kinds, k) {
			row.kinds = append(row.kinds, k)
		}
	}
	old, err := t.entry(e.Root)
	if err != nil {
		return err
	}
	if old != nil {
		row.first = old.first
		if seq < old.seq {
			return nil
		}
	}
	if err := t.putEntry(row); err != nil || old == nil {
		return err
	}
	rows, err := t.QueryContext(t.ctx, `SELECT target FROM state WHERE root=?`, e.Root)
	if err != nil {
		return err
	}
	var targets []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		targets = append(targets, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, target := range targets {
		s, err := t.state(target, e.Root)
		if err != nil {
			return err
		}
		next := stateRow{Key: e.Key, State: Waiting, Before: s.Before}
		if s.State == Accepted || s.State == Sent || s.Done > 0 {
			next.Before = s.Key
		}
		if err := t.putState(target, row, next); err != nil {
			return err
		}
	}
	return nil
}

// event takes in one fact of the hand-back.
func (t tx) event(e *event, seq journal.Seq) error {
	if err := t.people(e, seq); err != nil {
		return err
	}
	switch e.Step {
	case opened, closed:
		return t.opened(e, seq)
	case withheld:
		return t.each(e, []versionOf{{Root: e.Root, Key: e.Key}}, func(s *stateRow) { s.withhold(e) })
	case sending, answered, unheard, leftover:
		return t.each(e, []versionOf{{Root: e.Root, Key: e.Key}}, func(s *stateRow) { s.follow(e) })
	case released, seconded, recalled, byHand, again:
		return t.each(e, e.Items, func(s *stateRow) { s.decide(e) })
	}
	return nil
}

func (t tx) opened(e *event, seq journal.Seq) error {
	q, err := t.queue(e.Target)
	if err != nil {
		return err
	}
	if q.Mode == Closed {
		q.Begun = e.Act
	}
	q.Mode, q.Act = e.Mode, e.Act
	if e.Step == closed {
		q.Mode, q.Since = Closed, max(e.Upto, q.Since)+1
		if e.Upto == 0 {
			q.Since = seq + 1
		}
	}
	return t.put(`INSERT OR REPLACE INTO queue VALUES(?,?)`, []any{e.Target}, q)
}

// each changes the state rows of entries. An event about another version than
// the one that counts has no effect: the correction was faster.
func (t tx) each(e *event, items []versionOf, change func(*stateRow)) error {
	for _, it := range items {
		row, err := t.entry(it.Root)
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		s, err := t.state(e.Target, it.Root)
		if err != nil {
			return err
		}
		if s.State == "" {
			s = stateRow{Key: row.key, State: Waiting}
		}
		if it.Key != row.key {
			if e.Step == answered && positive(e.Code) {
				s.Before = it.Key // the older version arrived after all
				if err := t.putState(e.Target, row, s); err != nil {
					return err
				}
			}
			continue
		}
		change(&s)
		if err := t.putState(e.Target, row, s); err != nil {
			return err
		}
	}
	return nil
}

func positive(code string) bool { return code == "AA" || code == "CA" }

// follow moves the state along what happened to a message.
func (s *stateRow) follow(e *event) {
	switch e.Step {
	case sending:
		if s.Control != e.Control {
			s.Attempts = 0
		}
		s.State, s.Of, s.Control = Sent, e.Of, e.Control
		s.Attempts++
	case answered:
		if s.Control != "" && s.Control != e.Control {
			return
		}
		s.Code, s.Answer = e.Code, e.Text
		if !positive(e.Code) {
			s.State = Refused
			return
		}
		s.Done = max(s.Done, e.N+1)
		s.State = Released
		if s.Done >= e.Of {
			s.State = Accepted
		}
	case unheard:
		if s.State == Sent && s.Control == e.Control {
			s.State, s.Answer = Unclear, e.Text
		}
	case leftover:
		s.State, s.Answer = Rest, e.Text
	default:
	}
}

// decide moves the state along what a person decided.
func (s *stateRow) decide(e *event) {
	switch e.Step {
	case released:
		if s.State == Waiting {
			s.State, s.Decided, s.Second = Released, e.Act, Act{}
		}
	case seconded:
		if s.State == Released && s.Decided.By.ID != e.Act.By.ID {
			s.Second = e.Act
		}
	case recalled:
		if s.State == Released && s.Done == 0 {
			s.State, s.Decided, s.Second = Waiting, Act{}, Act{}
		}
	case byHand:
		if s.State.Open() && s.State != Sent {
			s.State, s.Decided = Hand, e.Act
		}
	case again:
		if s.State == Refused {
			s.Again++ // a new control ID: the target has an answer to the old one
		}
		if s.State.WithPerson() {
			s.State, s.Decided, s.Attempts, s.Control = Released, e.Act, 0, ""
		}
	default:
	}
}
