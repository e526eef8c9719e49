package callout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/seal"
)

// Journal is what a Book needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
}

// Options are where a Book keeps its state, and what the house has decided.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state; the links are made with it
	Site string   // of the records written

	Hospital string                   // its name, in the texts
	URL      string                   // where the people called reach the pages of this hub; "": no link is sent
	Answers  string                   // the number that a code can be told or sent to; "" for none
	Country  string                   // telephone code that stands for a leading 0, such as "49"
	Outs     []Out                    // in the order they are tried
	Policy   Policy                   // zero: DefaultPolicy
	Quiet    func(now time.Time) bool // when the all-clear wakes nobody who need not be woken; nil: never

	Estate func() *estate.Estate
	Role   func(rulebook.Role) string // what a role is called

	Zone *time.Location   // of times in the texts; time.Local
	Now  func() time.Time // the clock that is written down; time.Now
	Log  *slog.Logger     // nil is silent
}

// Book is the call-outs of the house and the groups they go to. All methods may
// be used by many goroutines.
type Book struct {
	*journal.Follower

	o       Options
	journal Journal
	now     *journal.Memory[*fold]

	act     sync.Mutex // held from check to record: of two people acting at once one wins
	mine    sync.Map   // sendings of this process
	sends   sync.WaitGroup
	slots   map[string]chan struct{} // by way out: one for each message that is being sent on it
	changed chan struct{}            // something was recorded

	links links
}

// atOnce is how many messages leave at the same time on one way out: one that is
// stuck holds up no other.
const atOnce = 16

// name is what errors and logs call the fold.
const name = "callouts"

func file(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("callout view 1"))
}

// Open opens the book and brings it up to the journal's end. Nothing is sent
// until Work.
func Open(ctx context.Context, j Journal, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Policy == (Policy{}) {
		o.Policy = DefaultPolicy()
	}
	if o.Estate == nil {
		o.Estate = func() *estate.Estate { return estate.New(estate.Tables{}) }
	}
	if o.Role == nil {
		o.Role = func(r rulebook.Role) string { return string(r) }
	}
	b := &Book{o: o, journal: j, now: journal.NewMemory(newFold, readFold), slots: map[string]chan struct{}{}, changed: make(chan struct{}, 1)}
	for _, x := range o.Outs {
		b.slots[x.Name] = make(chan struct{}, atOnce)
		if x.One {
			b.slots[x.Name] = make(chan struct{}, 1)
		}
	}
	f := journal.Following{Name: name, State: b.now, Log: o.Log, Changed: b.wake}
	if o.Dir != "" {
		f.File = file(o)
	}
	var err error
	b.Follower, err = journal.Follow(ctx, j, f)
	return b, err
}

func (b *Book) wake() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// Unreadable returns how many records could not be understood.
func (b *Book) Unreadable() uint64 {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.unreadable
}

// All returns the call-outs, the newest first.
func (b *Book) All() []*Callout {
	b.now.RLock()
	defer b.now.RUnlock()
	out := slices.Clone(b.now.Fold.callouts)
	slices.Reverse(out)
	return out
}

// Of returns the call-outs of an incident and those that tell of it, the newest
// first.
func (b *Book) Of(crisis string) []*Callout {
	return slices.DeleteFunc(b.All(), func(c *Callout) bool { return !c.About(crisis) })
}

// Called reports whether people were called to come to the incident, in earnest
// or as a drill.
func (b *Book) Called(crisis string, drill bool) bool {
	return slices.ContainsFunc(b.Of(crisis), func(c *Callout) bool { return c.Ask == Come && c.Drill == drill })
}

// Callout returns one call-out.
func (b *Book) Callout(id string) (*Callout, error) {
	b.now.RLock()
	defer b.now.RUnlock()
	if c := b.now.Fold.find(id); c != nil {
		return c, nil
	}
	return nil, b.refuse(refusal{Why: noCallout})
}

// Groups returns the groups that people wrote down.
func (b *Book) Groups() []Group {
	b.now.RLock()
	defer b.now.RUnlock()
	return slices.Clone(b.now.Fold.groups)
}

// Group returns one group that people wrote down.
func (b *Book) Group(id string) (Group, bool) {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.group(id)
}

// Outs returns the names of the ways out, in the order they are tried.
func (b *Book) Outs() []string {
	var out []string
	for _, o := range b.o.Outs {
		out = append(out, o.Name)
	}
	return out
}

// Answers returns the number that codes can be told to, "" for none.
func (b *Book) Answers() string { return b.o.Answers }

// linkLife is how long a link can be answered.
const linkLife = 7 * 24 * time.Hour

// token is the secret in the link of one person: 128 bits that follow from the
// key of the hub, so that none is kept anywhere.
func (b *Book) token(callout, person string) string {
	key := b.o.Key.Derive("callout link 1")
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(callout + "/" + person))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// Invited is whom a link was sent to.
type Invited struct {
	Callout *Callout
	Person  Person
	Post    Post
	Text    string // as it was sent
}

// Invited finds whom a link was sent to; ok is false for one that was never
// made, or is too old.
func (b *Book) Invited(token string) (Invited, bool) {
	at, ok := b.linked(sha256.Sum256([]byte(token)))
	if !ok {
		return Invited{}, false
	}
	c, err := b.Callout(at.callout)
	if err != nil || c.Started.At.Before(b.o.Now().Add(-linkLife)) {
		return Invited{}, false
	}
	post, x := c.at(at.person)
	if x.Since.IsZero() {
		return Invited{}, false
	}
	return Invited{c, x, post, b.text(c, post, x)}, true
}

// links finds people by the hash of their link, so that a link that was never
// made costs no more than one that was.
type links struct {
	mu   sync.Mutex
	seen map[string]bool // call-outs
	of   map[[sha256.Size]byte]linked
}

type linked struct{ callout, person string }

func (b *Book) linked(hash [sha256.Size]byte) (linked, bool) {
	all := b.All()
	b.links.mu.Lock()
	defer b.links.mu.Unlock()
	if b.links.seen == nil {
		b.links.seen, b.links.of = map[string]bool{}, map[[sha256.Size]byte]linked{}
	}
	oldest := b.o.Now().Add(-linkLife)
	for _, c := range all {
		if b.links.seen[c.ID] || c.Started.At.Before(oldest) {
			continue
		}
		b.links.seen[c.ID] = true
		for _, post := range c.Posts {
			for _, x := range post.Chain {
				b.links.of[sha256.Sum256([]byte(b.token(c.ID, x.ID)))] = linked{c.ID, x.ID}
			}
		}
	}
	at, ok := b.links.of[hash]
	return at, ok
}
