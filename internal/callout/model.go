// Package callout calls people to the crisis team and knows who comes: whom to
// call on which ways, what was sent and what came of it, who answered, who is
// called instead. Each step is a record of the journal, written before it is
// done; what waits is worked out from the records and the clock alone, so that a
// hub that dies in the middle goes on where it stood. At worst somebody is told
// twice, and that is shown.
//
// Its texts are written by people of the crisis team and hold no health data.
package callout

import (
	"slices"
	"time"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
)

// Act is who did a thing and when.
type Act struct {
	Person string    `json:"person,omitempty"` // sign-in name; "" for what the hub did by itself
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
	Key    string    `json:"key,omitempty"` // command key of the form: the same key again is the same act
}

// Done reports whether somebody has acted.
func (a Act) Done() bool { return !a.At.IsZero() }

// Ask is what the people called are asked for. The words are the stored form.
type Ask string

const (
	Come Ask = "come" // to come, and when
	Read Ask = "read" // to say that they know
)

// Trigger is what began a call-out. The words are the stored form.
type Trigger string

const (
	ByPerson   Trigger = "person"
	ByDeclared Trigger = "declared" // a crisis was declared
	ByDeadline Trigger = "deadline" // a statutory clock passed a warning
	ByWatch    Trigger = "watch"    // the watch proposes an outage at night
)

// Callout is one call to a group as it stands. It is never changed: what is read
// stays as of one record.
type Callout struct {
	ID       string
	Crisis   string // the incident it belongs to; "" for none
	Group    string
	Name     string // of the group
	Title    string
	Text     string
	Place    string // where to come
	Phone    string // the number to ring
	Ask      Ask
	Drill    bool // a test: marked as one in every text
	Trigger  Trigger
	Of       []Occasion // what it tells of, where no person began it
	Quorum   int        // posts that are enough
	Started  Act
	Posts    []Post
	Left     int // who are not called, because they are too many at once
	Ended    Act
	EndWhy   string
	AllClear bool // those who were called are told that it is over
	Last     journal.Seq
}

// Post is one function that somebody is needed for, with those who can fill it
// in the order they are called.
type Post struct {
	ID       string
	Function string
	Chain    []Person
	Called   int       // so many of the chain are called
	Nobody   time.Time // when it was found that nobody is left; zero: not
}

// Person is somebody on a chain.
type Person struct {
	ID      string // in the call-out: "2.1"
	Contact string // ID of the estate; "" for one who is only on a seat
	Name    string
	Code    string // the answer code
	Ways    []Way  // that something can be sent on, in the order they are tried
	Phones  []Phone
	Since   time.Time // when it was this person's turn; zero: not yet
	Sent    []Sending
	Answers []Answer
}

// Way is one configured way out with the address it takes.
type Way struct {
	Out  string         `json:"out"` // name of the configured way
	Kind estate.WayKind `json:"kind"`
	To   string         `json:"to"`
}

// Phone is a way to reach somebody by voice or on foot.
type Phone struct {
	Kind  estate.WayKind `json:"kind"`
	Value string         `json:"value"`
}

// Sending is one try to tell somebody.
type Sending struct {
	ID    string
	Way   int // of Person.Ways
	Try   int // 1 for the first on this way
	Clear bool
	Began time.Time
	Ended time.Time // zero: it is under way, or the hub died meanwhile
	Out   way.Outcome
	Lost  bool // the hub died meanwhile: nobody knows whether it left
	Said  string
}

// Word is what somebody answers. The words are the stored form.
type Word string

const (
	Coming  Word = "coming"
	Cannot  Word = "cannot"
	Knows   Word = "knows"   // has read it
	NoReply Word = "noreply" // was rung without an answer; ends nothing
	Said    Word = "said"    // an SMS that is not understood; ends nothing
)

// Via is how an answer came. The words are the stored form.
type Via string

const (
	ByLink  Via = "link"
	BySMS   Via = "sms"
	ByCode  Via = "code"  // told, and typed here
	ByVoice Via = "voice" // reached by somebody who rang
	// ByNumber is an SMS without the code: only its sender's number is the
	// person's, and that can be forged.
	ByNumber Via = "number"
)

// Answer is what somebody answered.
type Answer struct {
	Word    Word
	Minutes int // until they are there; 0: not said
	Via     Via
	By      Act // who typed it; no person for a link or SMS
	Note    string
	Late    bool // the call-out was over
}

// Counts reports whether the answer decides who is called. The number of a
// sender alone can call the deputy and never spare anybody a call: a "yes" that
// only it vouches for is shown and waits for the code or for somebody who rings.
func (a Answer) Counts() bool {
	return a.Word != NoReply && a.Word != Said && !a.Late && (a.Via != ByNumber || a.Word == Cannot)
}

// Unproved reports whether somebody has to ask the person: a "yes" without the
// code.
func (a Answer) Unproved() bool { return a.Via == ByNumber && (a.Word == Coming || a.Word == Knows) }

// Answered returns the answer that counts: the newest that says anything.
func (p Person) Answered() (Answer, bool) {
	for _, a := range slices.Backward(p.Answers) {
		if a.Counts() {
			return a, true
		}
	}
	return Answer{}, false
}

// proved reports whether the person has answered in a way that ends the calling
// of this person.
func (p Person) proved() bool {
	a, ok := p.Answered()
	return ok && a.Via != ByNumber
}

// Comes reports whether the person has said so, or that they know.
func (p Person) Comes() bool {
	a, ok := p.Answered()
	return ok && a.Word != Cannot
}

// Moves reports whether the person may be on the way: has said so, or something
// that is not understood, also without the code or too late, and has not taken it
// back with the code. Nobody is on the way who was only to know.
func (c *Callout) Moves(x Person) bool {
	moves := false
	for _, a := range x.Answers {
		switch a.Word {
		case Coming, Said:
			moves = c.Ask == Come
		case Cannot:
			moves = moves && a.Via == ByNumber
		case Knows, NoReply:
		}
	}
	return moves
}

// Cleared reports whether the all-clear may have reached the person.
func (p Person) Cleared() bool {
	return slices.ContainsFunc(p.Sent, func(s Sending) bool {
		return s.Clear && (s.Lost || s.Ended.IsZero() || s.Out == way.Accepted || s.Out == way.Unclear)
	})
}

// Told reports whether something may have reached the person.
func (p Person) Told() bool {
	return slices.ContainsFunc(p.Sent, func(s Sending) bool {
		return !s.Clear && (s.Lost || s.Ended.IsZero() || s.Out == way.Accepted || s.Out == way.Unclear)
	})
}

// Twice reports whether the person may have got the same thing twice.
func (p Person) Twice() bool {
	for i, s := range p.Sent {
		for _, b := range p.Sent[:i] {
			if b.Way == s.Way && b.Clear == s.Clear && (b.Lost || b.Out == way.Unclear || b.Out == way.Accepted) {
				return true
			}
		}
	}
	return false
}

// By returns who fills the post.
func (p Post) By() (Person, bool) {
	for _, x := range p.Chain {
		if x.Comes() {
			return x, true
		}
	}
	return Person{}, false
}

// Covered reports whether somebody fills the post.
func (p Post) Covered() bool { _, ok := p.By(); return ok }

// Unreachable reports whether nobody of the chain could be had.
func (p Post) Unreachable() bool { return !p.Nobody.IsZero() && !p.Covered() }

// Covered counts the posts that somebody fills.
func (c *Callout) Covered() int {
	n := 0
	for _, p := range c.Posts {
		if p.Covered() {
			n++
		}
	}
	return n
}

// Unreachable counts the posts for which nobody could be had.
func (c *Callout) Unreachable() int {
	n := 0
	for _, p := range c.Posts {
		if p.Unreachable() {
			n++
		}
	}
	return n
}

// Running reports whether somebody is still called.
func (c *Callout) Running() bool {
	return !c.Ended.Done() && slices.ContainsFunc(c.Posts, func(p Post) bool { return !p.Covered() })
}

// Over reports whether it was ended, or everybody asked for has answered.
func (c *Callout) Over() bool { return !c.Running() }

// Person finds somebody by ID.
func (c *Callout) Person(id string) (Person, bool) {
	for _, p := range c.Posts {
		for _, x := range p.Chain {
			if x.ID == id {
				return x, true
			}
		}
	}
	return Person{}, false
}

// FirstAt is when the first post was filled, and QuorumAt when as many were as
// the group asks for; zero for not yet.
func (c *Callout) FirstAt() time.Time { return c.filledAt(1) }

// QuorumAt: see FirstAt.
func (c *Callout) QuorumAt() time.Time { return c.filledAt(c.Quorum) }

func (c *Callout) filledAt(n int) time.Time {
	var at []time.Time
	for _, p := range c.Posts {
		first := time.Time{}
		for _, x := range p.Chain {
			for _, a := range x.Answers {
				if x.Comes() && a.Counts() && a.Word != Cannot && (first.IsZero() || a.By.At.Before(first)) {
					first = a.By.At
				}
			}
		}
		if !first.IsZero() {
			at = append(at, first)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	if n < 1 || len(at) < n {
		return time.Time{}
	}
	return at[n-1]
}

// Group is whom a call-out goes to.
type Group struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Quorum int    `json:"quorum"` // posts that are enough; 0: all
	Seats  []Seat `json:"seats"`
	By     Act    `json:"-"`
	Seq    uint64 `json:"-"`
}

// Seat is one post of a group: a role of the crisis team or a function in words,
// and the contact who fills it. The deputies are those of the estate.
type Seat struct {
	Role     rulebook.Role `json:"role,omitempty"`
	Function string        `json:"function,omitempty"`
	Contact  string        `json:"contact"`
}

// The groups that nobody has to write down.
const (
	GroupTeam = "team" // who sits in the crisis team of the incident
	GroupLead = "lead" // who leads it
	GroupTree = "tree" // everybody in the phone tree
)
