package inquiry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// What needs four eyes: one of those inside proposes, another one agrees.

// Invite draws a code by which somebody new gives a passphrase for an open case.
func (b *Book) Invite(w Who, room string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, room)
	if err != nil {
		return "", err
	}
	for _, d := range b.drafts {
		if d.room == room {
			return d.code, nil
		}
	}
	code := newCode(10)
	b.drafts[code] = &draft{code: code, by: w, room: room, suspects: r.c.Suspects, until: b.o.Now().Add(draftFor), sessions: map[string]bool{}}
	return code, nil
}

// Invited returns who came with a code and waits to be named.
func (b *Book) Invited(w Who, room string) []Member {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.room(w, room); err != nil {
		return nil
	}
	for _, d := range b.drafts {
		if d.room == room {
			return slices.Clone(d.members)
		}
	}
	return nil
}

// Propose proposes something that a second person has to agree to. member is
// the person of Add (who came with a code) and of Remove.
func (b *Book) Propose(ctx context.Context, w Who, room, form string, k Kind, member, why string) error {
	why = strings.TrimSpace(why)
	if len(why) < 5 || len(why) > maxText {
		return invalid("Bitte in ein paar Worten sagen, warum.", "Please say why in a few words.")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, room)
	if err != nil {
		return err
	}
	p := Proposal{ID: fmt.Sprintf("%x", idFor(r.key(), "proposal "+form)), Kind: k, Why: why, By: w.act(b.o.Now())}
	running := r.c.Running()
	switch {
	case k == Close && running, k == Reopen && !running, k == Release:
	case k == Add && running:
		m, ok := b.newcomer(r, member)
		if !ok {
			return invalid("Diese Person hat noch keinen Schlüsselsatz zu dieser Einladung eingegeben.", "This person has not given a passphrase for this invitation yet.")
		}
		p.Member = m
	case k == Remove && running:
		return b.proposeRemoval(r, w, p, member)
	default:
		return fault.New(fault.Conflict, lang.Text{DE: "Das geht im jetzigen Stand des Vorgangs nicht.", EN: "That is not possible as the investigation stands now."})
	}
	return b.write(ctx, r, form, page{Step: proposed, By: p.By, Proposal: &p})
}

func (b *Book) newcomer(r *room, id string) (Member, bool) {
	for _, d := range b.drafts {
		for _, m := range d.members {
			if d.room == r.id && m.ID == id && !m.Envelope && !r.c.Holds(id) {
				return m, len(r.c.Members) < maxMembers
			}
		}
	}
	return Member{}, false
}

// proposeRemoval keeps the proposal in memory: a page about it could be read by
// the person it is about.
func (b *Book) proposeRemoval(r *room, w Who, p Proposal, member string) error {
	i := slices.IndexFunc(r.c.Members, func(m Member) bool { return memberName(m) == member })
	switch {
	case i < 0:
		return invalid("Diese Person ist nicht benannt.", "This person is not named.")
	case r.c.Members[i].ID == w.Person:
		return invalid("Wer gehen will, bittet zwei andere darum.", "Whoever wants to leave asks two others.")
	case !r.c.Members[i].Envelope && persons(r.c.Members) < 3 || len(r.c.Members) < 3:
		return invalid("Es müssen zwei benannte Personen bleiben. Bitte zuerst eine weitere benennen.", "Two named people must remain. Please name another one first.")
	}
	p.Member = r.c.Members[i]
	if !slices.ContainsFunc(r.removals, func(x Proposal) bool { return x.ID == p.ID }) {
		r.removals = append(r.removals, p)
	}
	return nil
}

// memberName names a holder of a key in a form: the person, or an envelope by
// its label.
func memberName(m Member) string {
	if m.Envelope {
		return m.ID + m.Name
	}
	return m.ID
}

// Ref names the holder in forms.
func (m Member) Ref() string { return memberName(m) }

func persons(list []Member) int {
	n := 0
	for _, m := range list {
		if !m.Envelope {
			n++
		}
	}
	return n
}

// Drop takes a proposal back, or declines it.
func (b *Book) Drop(ctx context.Context, w Who, room, form, of string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, room)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(r.removals, func(x Proposal) bool { return x.ID == of && x.Member.ID != w.Person }); i >= 0 {
		r.removals = slices.Delete(slices.Clone(r.removals), i, i+1)
		return nil
	}
	if !slices.ContainsFunc(r.c.Open, func(x Proposal) bool { return x.ID == of }) {
		return nil // done already
	}
	return b.write(ctx, r, form, page{Step: dropped, By: w.act(b.o.Now()), Of: of})
}

// Agree is the second person's word: what was proposed is done.
func (b *Book) Agree(ctx context.Context, w Who, room, form, of string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, room)
	if err != nil {
		return err
	}
	all := append(slices.Clone(r.c.Open), r.removals...)
	i := slices.IndexFunc(all, func(x Proposal) bool { return x.ID == of && (x.Kind != Remove || x.Member.ID != w.Person) })
	if i < 0 {
		if r.released[of] {
			return nil // the same click twice
		}
		return fault.New(fault.Conflict, lang.Text{DE: "Dieser Vorschlag ist schon entschieden oder zurückgenommen.", EN: "This proposal was decided or taken back already."})
	}
	p := all[i]
	if p.By.Person == w.Person {
		return fault.New(fault.Forbidden, lang.Text{DE: "Zustimmen muss eine zweite Person.", EN: "A second person has to agree."})
	}
	me := w.act(b.o.Now())
	switch p.Kind {
	case Remove:
		return b.remove(ctx, r, p, me)
	case Add:
		return b.add(ctx, r, p, me)
	}
	if err := b.write(ctx, r, form, page{Step: agreed, By: me, With: p.By, Of: of, Title: string(p.Kind)}); err != nil {
		return err
	}
	switch p.Kind {
	case Close:
		return b.write(ctx, r, form+"/done", page{Step: closed, By: p.By, With: me, Text: p.Why})
	case Reopen:
		return b.write(ctx, r, form+"/done", page{Step: reopened, By: p.By, With: me, Text: p.Why})
	case Release:
		r.released[of] = true
	default:
	}
	return nil
}

// add writes a new lock over the same key that names one more.
func (b *Book) add(ctx context.Context, r *room, p Proposal, me Act) error {
	members := append(slices.Clone(r.c.Members), p.Member)
	lock, err := newLock(r.caseID, r.key(), members)
	if err != nil {
		return err
	}
	one, t1, err := b.next(r, journal.NewID(), page{Step: agreed, By: me, With: p.By, Of: p.ID, Title: string(p.Kind), Text: p.Member.Name})
	if err != nil {
		return err
	}
	after := &room{keys: r.keys, pages: append(slices.Clip(r.pages), t1)}
	two, t2, err := b.next(after, journal.NewID(), page{Step: rekeyed, By: p.By, With: me, Text: p.Member.Name, Members: members})
	if err != nil {
		return err
	}
	seqs, err := b.journal.AppendAll(ctx, []journal.Record{one, two, b.sealed(journal.NewID(), lock)})
	if err != nil {
		b.drop(r.id)
		return fmt.Errorf("inquiry: %w", err)
	}
	t1.seq, t2.seq = seqs[0], seqs[1]
	b.keep(r, t1, t2)
	for c, d := range b.drafts {
		if d.room == r.id {
			delete(b.drafts, c)
		}
	}
	return nil
}

// remove goes on under a new key that the removed holder has no share of. What
// was written before stays under the old one, which the new pages hold.
func (b *Book) remove(ctx context.Context, r *room, p Proposal, me Act) error {
	members := slices.DeleteFunc(slices.Clone(r.c.Members), func(m Member) bool { return slices.Equal(m.Public, p.Member.Public) })
	key := seal.NewKey()
	lock, err := newLock(r.caseID, key, members)
	if err != nil {
		return err
	}
	last, t1, err := b.next(r, journal.NewID(), page{Step: superseded, By: Act{Person: "-", At: b.o.Now().UTC()}})
	if err != nil {
		return err
	}
	after := &room{keys: append(slices.Clone(r.keys), key), pages: append(slices.Clip(r.pages), t1)}
	var old [][]byte
	for _, k := range slices.Backward(r.keys) {
		old = append(old, slices.Clone(k[:]))
	}
	first, t2, err := b.next(after, journal.NewID(), page{Step: rekeyed, By: p.By, With: me, Title: string(Remove), Text: p.Member.Name + ": " + p.Why, Members: members, Old: old})
	if err != nil {
		return err
	}
	seqs, err := b.journal.AppendAll(ctx, []journal.Record{last, b.sealed(journal.NewID(), lock), first})
	if err != nil {
		b.drop(r.id)
		return fmt.Errorf("inquiry: %w", err)
	}
	t1.seq, t2.seq = seqs[0], seqs[2]
	r.keys, r.removals = after.keys, slices.DeleteFunc(slices.Clone(r.removals), func(x Proposal) bool { return x.ID == p.ID })
	b.keep(r, t1, t2)
	for session, a := range r.inside {
		if a.Person == p.Member.ID || slices.Equal(a.public, p.Member.Public) {
			delete(r.inside, session)
		}
	}
	for session, o := range b.offers {
		if o.who.Person == p.Member.ID || slices.Equal(o.secret.public, p.Member.Public) {
			delete(b.offers, session)
		}
	}
	return nil
}
