package handback

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
)

// fold takes records into the store, in one transaction, and returns whose items
// changed. It uses no clock: the same records give the same queue.
func (st *store) fold(ctx context.Context, recs []journal.Record, to journal.Seq) (_ touched, err error) {
	raw, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	defer func() {
		if err != nil {
			_ = raw.Rollback()
			err = fmt.Errorf("handback.db: %w", err)
		}
	}()
	t, at := &tx{Tx: raw, ctx: ctx, ready: map[string]*sql.Stmt{}, touched: touched{}}, st.at
	for i := range recs {
		rec := &recs[i]
		known, err := t.take(rec)
		if err != nil {
			return nil, err
		}
		if !known {
			at.unreadable++
		}
		at.seq, at.record = rec.Seq, rec.ID
	}
	at.seq = max(at.seq, to)
	if err := t.exec(`UPDATE at SET seq=?, record=?, unreadable=?`, int64(at.seq), at.record[:], int64(at.unreadable)); err != nil {
		return nil, err
	}
	if err := raw.Commit(); err != nil {
		return nil, err
	}
	st.at = at
	return t.touched, nil
}

// take folds one record and reports whether it could be read.
func (t *tx) take(rec *journal.Record) (known bool, err error) {
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

// kindsOf are the kinds of what an entry says. One without facts is its form as
// it was filled in.
func kindsOf(e *entry.Entry) []string {
	var out []string
	for _, f := range e.Facts {
		if k := string(message.KindOf(f)); k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	if len(e.Facts) == 0 && e.Patient != "" && !e.Withdrawn {
		out = append(out, string(message.Other))
	}
	return out
}

// signed takes in a version of an entry. One that corrects a version about which
// something has happened with a target waits anew: the correction is handed back
// too.
func (t *tx) signed(e *entry.Entry, seq journal.Seq) error {
	if e.State != entry.Signed {
		return nil
	}
	row := &entryRow{
		root: e.Root, key: e.Key, seq: seq, first: seq, patient: e.Patient, kase: e.Case, ward: e.Ward, form: e.Form,
		at: e.At.UnixNano(), by: e.By, kinds: kindsOf(e),
	}
	if e.Key == e.Root { // the first version: nothing can stand before it
		fresh, err := t.addEntry(row)
		if err != nil || fresh {
			return err
		}
	}
	old, err := t.entry(e.Root)
	if err != nil {
		return err
	}
	if old != nil {
		row.first = old.first
		if seq <= old.seq {
			return nil
		}
	}
	if err := t.putEntry(row); err != nil || old == nil {
		return err
	}
	states, err := t.states(e.Root)
	if err != nil {
		return err
	}
	for target, s := range states {
		if old.patient != row.patient {
			t.touch(target, old.patient, row.first)
		}
		if err := t.putState(target, row, s.corrected(e.Key)); err != nil {
			return err
		}
	}
	return nil
}

// corrected is what is left of a state when another version counts. What of the
// earlier ones the target holds is kept; where that is not known, a person looks.
func (s *stateRow) corrected(key string) stateRow {
	next := stateRow{Key: key, State: Waiting, Turn: s.Turn + 1, Before: s.Before, Had: maps.Clone(s.Had)}
	for _, part := range s.Done {
		next.has(part, s.Key)
	}
	switch s.State {
	case Sent: // the lane says what became of it
		next.State, next.Past, next.Stopped = Sent, s.Key, true
		if s.Past != "" {
			next.Past = s.Past
		}
		next.Control, next.Part, next.To, next.Leaves, next.Attempts = s.Control, s.Part, s.To, s.Leaves, s.Attempts
	case Unclear:
		next.State, next.Answer = Unclear, doubtful
	case Hand:
		next.State, next.Answer = Unclear, byHandBefore
	case Waiting, Released, Accepted, Refused, Rest, Nothing:
	}
	return next
}

// Why a corrected entry is with a person. Sent anew it goes as one that the
// target does not have.
const (
	doubtful     = "Eine frühere Fassung war unterwegs, als sie berichtigt wurde; ob sie ankam, ist nicht bekannt. Bitte im Zielsystem nachsehen: Steht sie dort, dort berichtigen. Steht sie nicht dort, neu senden."
	byHandBefore = "Eine frühere Fassung wurde von Hand eingetragen. Bitte dort berichtigen; neu senden nur, wenn sie dort nicht steht."
)

// has notes that the target holds a version of a part.
func (s *stateRow) has(part, key string) {
	if s.Had == nil {
		s.Had = map[string]string{}
	}
	s.Had[part] = key
	s.Before = key
}

// event takes in one fact of the hand-back.
func (t *tx) event(e *event, seq journal.Seq) error {
	if err := t.people(e, seq); err != nil {
		return err
	}
	switch e.Step {
	case opened, closed:
		return t.opened(e, seq)
	case reported:
		if e.Report.Final {
			return t.opened(&event{Step: closed, Target: e.Target, Upto: e.Report.Upto, Act: e.Act}, seq)
		}
	case sending:
		q, err := t.queue(e.Target)
		if err != nil || !q.Mode.drains() { // it was stopped first: the message does not leave
			return err
		}
		return t.each(e, func(s *stateRow) bool { return s.leave(e, seq) })
	case withheld:
		return t.each(e, func(s *stateRow) bool { return s.withhold(e) })
	case answered, unheard, untaken, leftover:
		return t.each(e, func(s *stateRow) bool { return s.follow(e) })
	case released, seconded, recalled, byHand, again:
		return t.each(e, func(s *stateRow) bool { return s.decide(e) })
	}
	return nil
}

func (t *tx) opened(e *event, seq journal.Seq) error {
	q, err := t.queue(e.Target)
	if err != nil {
		return err
	}
	switch {
	case q.Mode == Closed && e.Step == closed: // the report has done it
		return nil
	case q.Mode == Closed:
		q.Begun = e.Act
	}
	q.Mode, q.Act = e.Mode, e.Act
	if e.Step == closed {
		q.Mode, q.Since = Closed, max(e.Upto, q.Since)+1
		if e.Upto == 0 {
			q.Since = seq + 1
		}
	}
	t.touchAll(e.Target)
	return t.put(`INSERT OR REPLACE INTO queue VALUES(?,?)`, []any{e.Target}, q)
}

// each changes the state rows of the entries that an event is about. One about
// another version than the one that counts has no effect, for the correction was
// faster; but what became of a message that had left is taken in.
func (t *tx) each(e *event, change func(*stateRow) bool) error {
	items := e.Items
	if e.Root != "" {
		items = []versionOf{{Root: e.Root, Key: e.Key}}
	}
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
		changed := false
		if it.Key == row.key {
			changed = change(&s)
		} else {
			changed = s.past(e)
		}
		if !changed {
			continue
		}
		if err := t.putState(e.Target, row, s); err != nil {
			return err
		}
	}
	return nil
}

func positive(code string) bool { return code == "AA" || code == "CA" }

// leave notes that a message leaves, and reports whether it may: an entry that
// was recalled or decided about since the lane looked stays, and what was taken
// does not leave again.
func (s *stateRow) leave(e *event, seq journal.Seq) bool {
	if s.Turn != e.Turn || s.Past != "" || s.Stopped || slices.Contains(s.Done, e.Part) {
		return false
	}
	switch {
	case s.State == Released:
		s.Attempts = 0
	case s.State != Sent || s.Control != e.Control:
		return false
	}
	s.State, s.Of, s.Control, s.Part, s.To, s.Leaves = Sent, e.Of, e.Control, e.Part, e.To, seq
	s.Attempts++
	return true
}

// past takes in what became of a message of an earlier version.
func (s *stateRow) past(e *event) bool {
	if s.State != Sent || s.Past != e.Key || s.Control != e.Control {
		return false
	}
	switch {
	case e.Step == answered:
		if positive(e.Code) {
			s.has(e.Part, e.Key)
		}
		s.State = Waiting
	case e.Step == untaken:
		s.State = Waiting
	case e.Step == unheard:
		s.State, s.Answer = Unclear, doubtful
	default:
		return false
	}
	s.idle()
	return true
}

// idle notes that no message is under way. Which one was, and how often it was
// sent, stays for people to read.
func (s *stateRow) idle() {
	s.Past, s.Stopped, s.Part, s.To, s.Leaves = "", false, "", "", 0
}

// follow moves the state along what happened to a message.
func (s *stateRow) follow(e *event) bool {
	if e.Step == leftover {
		if s.State != Released {
			return false
		}
		s.State, s.Answer = s.whole(e.Text), e.Text
		return true
	}
	if s.State != Sent || s.Control != e.Control {
		return false
	}
	switch {
	case e.Step == unheard:
		s.State, s.Answer = Unclear, e.Text
	case e.Step == untaken && s.Stopped: // recalled while it was under way
		s.State, s.Decided, s.Second = Waiting, Act{}, Act{}
		s.Turn++
	case e.Step == untaken:
		s.State = Released
	case !positive(e.Code):
		s.State, s.Code, s.Answer = Refused, e.Code, e.Text
	default:
		s.State, s.Code, s.Answer = Released, e.Code, e.Text
		s.Done = append(s.Done, e.Part)
		switch {
		case e.Last:
			s.State = s.whole(e.Left)
			if e.Left != "" {
				s.Answer = e.Left
			}
		case s.Stopped: // recalled while it was under way: what is left of it waits
			s.State, s.Decided, s.Second = Waiting, Act{}, Act{}
			s.Turn++
		}
	}
	s.idle()
	return true
}

// whole is the state of an entry of which every message was taken.
func (s *stateRow) whole(left string) State {
	switch {
	case left != "":
		return Rest
	case len(s.Done) > 0:
		return Accepted
	}
	return Nothing
}

// decide moves the state along what a person decided.
func (s *stateRow) decide(e *event) bool {
	switch {
	case e.Step == released && s.State == Waiting:
		s.State, s.Decided, s.Second, s.Hold = Released, e.Act, Act{}, NoHold
	case e.Step == seconded && s.State == Released && s.Decided.By.ID != e.Act.By.ID && !s.Second.Done():
		s.Second = e.Act
	case e.Step == recalled && s.State == Released:
		s.State, s.Decided, s.Second = Waiting, Act{}, Act{}
	case e.Step == recalled && s.State == Sent && !s.Stopped: // the lane says what became of it
		s.Stopped = true
	case e.Step == byHand && s.State.Open() && s.State != Sent:
		s.State, s.Decided = Hand, e.Act
	case e.Step == again && s.State.WithPerson():
		if s.State == Refused {
			s.Again++ // a new control ID: the target has an answer to the old one
		}
		s.State, s.Decided, s.Second, s.Attempts, s.Control, s.Hold = Released, e.Act, Act{}, 0, "", NoHold
	default:
		return false
	}
	s.Turn++
	return true
}
