package callout

import (
	"errors"
	"slices"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// form is that of the bodies this package writes: the longest is a call-out to
// everybody, with every address.
var form = journal.Form{Name: "callout record", Version: 1, Most: 32 << 20}

// Step says what a record did. The words are the stored form and never change.
type Step string

const (
	stepGroup    Step = "group"      // a group was written down
	stepNoGroup  Step = "group-gone" // or taken away
	stepStarted  Step = "started"
	stepSending  Step = "sending" // written before anything leaves
	stepSent     Step = "sent"    // what came of it
	stepCalled   Step = "called"  // it is the next one's turn
	stepNobody   Step = "nobody"  // nobody of the chain is left
	stepAnswered Step = "answered"
	stepEnded    Step = "ended"
)

// record is the body of a record of kind Callout, as JSON.
type record struct {
	V       int    `json:"v"`
	Step    Step   `json:"step"`
	By      Act    `json:"by"`
	Callout string `json:"callout,omitempty"`

	Group *Group `json:"group,omitempty"` // stepGroup; of stepNoGroup only its ID
	Seen  uint64 `json:"seen,omitempty"`  // the group as its author saw it
	Plan  *plan  `json:"plan,omitempty"`  // stepStarted

	Post   string `json:"post,omitempty"`
	Person string `json:"person,omitempty"`
	Way    int    `json:"way,omitempty"`
	Try    int    `json:"try,omitempty"`
	Clear  bool   `json:"clear,omitempty"` // of stepSending: the all-clear. Of stepEnded: there is one

	Of   string      `json:"of,omitempty"` // stepSent: the sending's record
	Out  way.Outcome `json:"out,omitempty"`
	Lost bool        `json:"lost,omitempty"`
	Said string      `json:"said,omitempty"`

	Number  int    `json:"number,omitempty"` // stepCalled: how many are called then
	Word    Word   `json:"word,omitempty"`
	Minutes int    `json:"minutes,omitempty"`
	Via     Via    `json:"via,omitempty"`
	Text    string `json:"text,omitempty"`
}

// plan is a call-out with everybody and every address in it: what the estate
// says later does not reach back.
type plan struct {
	Crisis  string     `json:"crisis,omitempty"`
	Group   string     `json:"group"`
	Name    string     `json:"name"`
	Title   string     `json:"title"`
	Text    string     `json:"text,omitempty"`
	Place   string     `json:"place,omitempty"`
	Phone   string     `json:"phone,omitempty"`
	Ask     Ask        `json:"ask"`
	Drill   bool       `json:"drill,omitempty"`
	Trigger Trigger    `json:"trigger"`
	Of      []Occasion `json:"of,omitempty"`
	Quorum  int        `json:"quorum"`
	Posts   []planPost `json:"posts"`
	Left    int        `json:"left,omitempty"`
}

type planPost struct {
	ID       string       `json:"id"`
	Function string       `json:"function"`
	Chain    []planPerson `json:"chain"`
}

type planPerson struct {
	ID      string  `json:"id"`
	Contact string  `json:"contact,omitempty"`
	Name    string  `json:"name"`
	Code    string  `json:"code"`
	Ways    []Way   `json:"ways,omitempty"`
	Phones  []Phone `json:"phones,omitempty"`
}

func (r record) encode() ([]byte, error) {
	r.V = form.Version
	b, err := form.Encode(r)
	if errors.Is(err, journal.ErrBody) {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "So viele Personen mit so vielen Wegen passen nicht in eine Alarmierung. Bitte Gruppen bilden.", EN: "So many people with so many ways do not fit into one call-out. Please make groups."})
	}
	return b, err
}

// decodeRecord reads the body of a record of kind Callout. It never returns one
// that lacks what its step needs.
func decodeRecord(body []byte) (record, error) {
	var r record
	if err := form.Decode(body, &r, &r.V); err != nil {
		return record{}, err
	}
	if r.By.At.IsZero() || !r.whole() {
		return record{}, journal.ErrBody
	}
	return r, nil
}

// whole reports whether the record has what its step needs.
func (r *record) whole() bool {
	switch r.Step {
	case stepGroup:
		return r.Group != nil && r.Group.ID != "" && r.Group.Name != "" && len(r.Group.Seats) > 0 && r.By.Person != ""
	case stepNoGroup:
		return r.Group != nil && r.Group.ID != "" && r.By.Person != ""
	case stepStarted:
		return r.Plan.whole()
	}
	if r.Callout == "" {
		return false
	}
	switch r.Step {
	case stepSending:
		return r.Person != "" && r.Way >= 0 && r.Try > 0
	case stepSent:
		return r.Person != "" && r.Of != "" && (r.Lost || slices.Contains(way.Outcomes(), r.Out))
	case stepCalled:
		return r.Post != "" && r.Number > 1
	case stepNobody:
		return r.Post != ""
	case stepAnswered:
		return r.Person != "" && slices.Contains([]Word{Coming, Cannot, Knows, NoReply, Said}, r.Word) && r.Via != "" && r.Minutes >= 0
	case stepEnded:
		return r.By.Person != ""
	case stepGroup, stepNoGroup, stepStarted:
	}
	return false
}

func (p *plan) whole() bool {
	if p == nil || p.Title == "" || p.Name == "" || p.Ask != Come && p.Ask != Read || len(p.Posts) == 0 || p.Quorum < 1 || p.Quorum > len(p.Posts) || !occasions(p.Of) {
		return false
	}
	seen := map[string]bool{}
	for _, post := range p.Posts {
		if post.ID == "" || seen[post.ID] || len(post.Chain) == 0 {
			return false
		}
		seen[post.ID] = true
		for _, x := range post.Chain {
			if x.ID == "" || seen[x.ID] || x.Name == "" {
				return false
			}
			seen[x.ID] = true
		}
	}
	return true
}
