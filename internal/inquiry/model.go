package inquiry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// step says what a page tells. The words are the stored form and never change.
type step string

const (
	opened     step = "opened"
	unlocked   step = "unlocked" // two people together
	looked     step = "look"
	noted      step = "note"
	decided    step = "decision"
	tookHit    step = "hit"
	tookChange step = "change"
	attached   step = "file"
	piece      step = "piece" // of an attachment
	proposed   step = "propose"
	agreed     step = "agree"
	dropped    step = "drop"
	rekeyed    step = "rekeyed"    // first page under a new key
	superseded step = "superseded" // last page under an old one
	closed     step = "closed"
	reopened   step = "reopened"
	released   step = "released"
	locked     step = "locked"
)

// Act is who did something, and when.
type Act struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
}

// Member is a holder of the key: a named person, or an envelope with a printed
// key that is kept for the worst case.
type Member struct {
	ID       string `json:"id"` // sign-in name, or "envelope"
	Name     string `json:"name"`
	Public   []byte `json:"public"`
	Envelope bool   `json:"envelope,omitempty"`
}

// envelopeID stands for the person of an envelope: nobody's sign-in name.
const envelopeID = "(envelope)"

// File is an attachment.
type File struct {
	Name   string        `json:"name"`
	Media  string        `json:"media"`
	Size   int64         `json:"size"`
	Hash   string        `json:"hash"` // SHA-256, hexadecimal
	Pieces []journal.Seq `json:"pieces"`
}

// Taken is what was taken in from a review or a list of changes: as it was shown
// then, with the raw facts.
type Taken struct {
	Ref    string   `json:"ref"`
	Title  string   `json:"title"`
	Facts  []string `json:"facts"`
	Before string   `json:"before,omitempty"`
	After  string   `json:"after,omitempty"`
}

// Kind is what four eyes are needed for.
type Kind string

const (
	Close   Kind = "close"
	Reopen  Kind = "reopen"
	Add     Kind = "add"
	Remove  Kind = "remove"
	Release Kind = "release"
)

// Proposal is one of them, proposed by one and waiting for another.
type Proposal struct {
	ID     string `json:"id"`
	Kind   Kind   `json:"kind"`
	Member Member `json:"member,omitzero"` // of Add and Remove
	Why    string `json:"why"`
	By     Act    `json:"-"`
}

// page is the content of one sealed record.
type page struct {
	V    int        `json:"v"`
	N    uint64     `json:"n"`    // from 1, without gaps
	Prev journal.ID `json:"prev"` // the page before
	Step step       `json:"t"`
	By   Act        `json:"by"`
	With Act        `json:"with,omitzero"` // the second person, where there is one
	Form string     `json:"form,omitempty"`

	Title    string     `json:"title,omitempty"`
	Text     string     `json:"text,omitempty"`
	Suspects []string   `json:"suspects,omitempty"` // sign-in names
	Others   []string   `json:"others,omitempty"`   // suspects without an account, in words
	Members  []Member   `json:"members,omitempty"`
	Case     *caseID    `json:"case,omitempty"`
	Old      [][]byte   `json:"old,omitempty"` // earlier keys
	Taken    *Taken     `json:"taken,omitempty"`
	File     *File      `json:"file,omitempty"`
	Data     []byte     `json:"data,omitempty"`
	Proposal *Proposal  `json:"proposal,omitempty"`
	Of       string     `json:"of,omitempty"`
	Bridge   journal.ID `json:"bridge,omitzero"` // rekeyed: the last page under the old key
}

const pageVersion = 1

// Entry is one line of an investigation.
type Entry struct {
	N     uint64
	Seq   journal.Seq
	ID    journal.ID
	Kind  string // the step
	By    Act
	With  Act
	Title string
	Text  string
	Taken *Taken
	File  *File
	Of    string
}

// Case is an investigation as its holders see it.
type Case struct {
	ID       string
	Title    string
	Subject  string
	Suspects []string // sign-in names: nothing lets them in
	Others   []string // without an account, in words
	Members  []Member
	Opened   Act
	Closed   Act // zero: running
	Entries  []Entry
	Open     []Proposal // waiting for a second person
	Wrong    []string   // pages that are missing or do not fit
}

// Running reports whether the investigation is open for entries.
func (c *Case) Running() bool { return c.Closed.Person == "" }

// Holds reports whether the person is named.
func (c *Case) Holds(person string) bool {
	return slices.ContainsFunc(c.Members, func(m Member) bool { return m.ID == person && !m.Envelope })
}

// told is a page with where it stands.
type told struct {
	page
	seq journal.Seq
	id  journal.ID
	key int // index of the key it is under, in the room
}

// says reports whether the page tells what p does.
func (p *page) says(x *page) bool {
	file := func(f *File) string {
		if f == nil {
			return ""
		}
		return f.Name + " " + f.Hash
	}
	ref := func(t *Taken) string {
		if t == nil {
			return ""
		}
		return t.Ref
	}
	why := func(y *Proposal) string {
		if y == nil {
			return ""
		}
		return string(y.Kind) + " " + y.Member.ID + " " + y.Why
	}
	return p.Step == x.Step && p.Title == x.Title && p.Text == x.Text && p.Of == x.Of && file(p.File) == file(x.File) && ref(p.Taken) == ref(x.Taken) && why(p.Proposal) == why(x.Proposal)
}

// fold makes the case of its pages, in the order of the journal.
func fold(id caseID, pages []told) *Case {
	c := &Case{ID: fmt.Sprintf("%x", id[:])}
	var before told
	for i, p := range pages {
		switch {
		case i == 0 && p.N != 1:
			c.Wrong = append(c.Wrong, fmt.Sprintf("1–%d", p.N-1))
		case i > 0 && p.N > before.N+1:
			c.Wrong = append(c.Wrong, fmt.Sprintf("%d–%d", before.N+1, p.N-1))
		case i > 0 && (p.N <= before.N || p.Prev != before.id):
			c.Wrong = append(c.Wrong, fmt.Sprintf("%d", p.N))
		}
		before = p
		c.apply(p)
	}
	return c
}

func (c *Case) apply(p told) {
	switch p.Step {
	case opened:
		c.Title, c.Subject, c.Suspects, c.Others, c.Members, c.Opened = p.Title, p.Text, p.Suspects, p.Others, p.Members, p.By
	case rekeyed:
		c.Members = p.Members
	case proposed:
		x := *p.Proposal
		x.By = p.By
		c.Open = append(c.Open, x)
	case dropped, agreed:
		c.Open = slices.DeleteFunc(c.Open, func(x Proposal) bool { return x.ID == p.Of })
	case closed:
		c.Closed = p.With
	case reopened:
		c.Closed = Act{}
	case piece, superseded:
		return
	}
	c.Entries = append(c.Entries, Entry{N: p.N, Seq: p.seq, ID: p.id, Kind: string(p.Step), By: p.By, With: p.With, Title: p.Title, Text: p.Text, Taken: p.Taken, File: p.File, Of: p.Of})
	if p.Proposal != nil {
		e := &c.Entries[len(c.Entries)-1]
		e.Title, e.Text = string(p.Proposal.Kind), p.Proposal.Why
		if p.Proposal.Member.Name != "" {
			e.Text = p.Proposal.Member.Name + ": " + e.Text
		}
	}
}

// room is an investigation while two people have it open.
type room struct {
	id       string // of the address: drawn for this opening
	caseID   caseID
	keys     []seal.Key         // the newest last
	pages    []told             // with those of a failed opening: every page of the case
	inside   map[string]entrant // by session: who opened it
	until    time.Time
	most     time.Time
	c        *Case
	seen     map[string]time.Time // looks by session and page
	released map[string]bool      // proposals of reports that two people agreed to
	removals []Proposal           // who may be removed is told nobody before it is done, and never to that person
}

// entrant is somebody inside, with the key that let them in.
type entrant struct {
	Act
	public []byte
}

// bars reports whether the person is a suspect of the case: no key, not even
// that of an envelope, lets a suspect in.
func (r *room) bars(person string) bool { return slices.Contains(r.c.Suspects, person) }

// envelopes names the envelopes among the keys: what was opened with one says so.
func (r *room) envelopes(keys ...[]byte) string {
	var out []string
	for _, m := range r.c.Members {
		if m.Envelope && slices.ContainsFunc(keys, func(k []byte) bool { return slices.Equal(k, m.Public) }) {
			out = append(out, "Umschlag: "+m.Name)
		}
	}
	return strings.Join(out, ", ")
}

// shut forgets the keys. The room is used no more.
func (r *room) shut() {
	clear(r.keys)
	r.pages, r.c, r.inside = nil, nil, nil
}

func (r *room) key() seal.Key { return r.keys[len(r.keys)-1] }
