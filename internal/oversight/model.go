// Package oversight is the desk of those who look over accesses to patient data:
// it brings together our own read audit and the logs of other systems, asks the
// rules of package review about them, keeps what people judged about the hits,
// and lists what was deleted or altered in the hospital's own data. Its acts are
// records in the journal.
package oversight

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/review"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/staff"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "review record", Version: 1, Most: 4 << 20}

// step says what an act did. The words are the stored form and never change.
type step string

const (
	logTaken   step = "log"    // a foreign log was read in
	listTaken  step = "list"   // a roster, or a list of protected charts
	rulesSet   step = "rules"  // the rules were changed
	hitJudged  step = "judged" // somebody judged a hit
	logDropped step = "drop"   // a log is no longer taken into account
)

// Act is who did something, and when.
type Act struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
}

// Verdict is what somebody judged about a hit. The words are the stored form.
type Verdict string

const (
	Explained  Verdict = "explained"
	Suspicious Verdict = "suspicious"
	Reopened   Verdict = "open"
)

// Verdicts returns every verdict in the order of the form.
func Verdicts() []Verdict { return []Verdict{Explained, Suspicious, Reopened} }

// Judgement is what stands about a hit.
type Judgement struct {
	Hit     string  `json:"hit"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`
	By      Act     `json:"-"`

	Count int       `json:"count,omitempty"` // accesses of the hit as it was judged
	Upto  time.Time `json:"upto,omitzero"`   // the last of them
}

// Covers reports whether the judgement is about all of the hit: with accesses
// that came afterwards, or from a log read in later, it is open again.
func (j *Judgement) Covers(h *review.Hit) bool {
	return j.Count == 0 || h.Count <= j.Count && !h.To.After(j.Upto)
}

// Log is a foreign log that was read in.
type Log struct {
	ID      string         `json:"-"`
	Seq     journal.Seq    `json:"-"`
	Name    string         `json:"name"`
	Hash    string         `json:"hash"` // SHA-256 of the file, hexadecimal
	Size    int64          `json:"size"`
	Mapping review.Mapping `json:"mapping"`
	Report  review.Report  `json:"report"`
	Chunks  []journal.Seq  `json:"chunks"` // records that hold the file
	By      Act            `json:"-"`
	Dropped Act            `json:"-"` // who took it out again
}

// ListKind says what a list is about.
type ListKind string

const (
	Roster  ListKind = "roster"  // who was on duty where and when
	Flagged ListKind = "flagged" // charts of colleagues and of persons of public interest
)

// List is a list that somebody read in; the newest of each kind counts.
type List struct {
	Kind ListKind `json:"kind"`
	Name string   `json:"name"`
	Text string   `json:"text"`
	Rows int      `json:"rows"`
	By   Act      `json:"-"`
}

// RuleSet is a version of the rules.
type RuleSet struct {
	Text string `json:"text"`
	Why  string `json:"why"`
	By   Act    `json:"-"`
}

// record is the body of a record of kind Review.
type record struct {
	V     int        `json:"v"`
	Step  step       `json:"t"`
	By    Act        `json:"by"`
	Log   *Log       `json:"log,omitempty"`
	List  *List      `json:"list,omitempty"`
	Rules *RuleSet   `json:"rules,omitempty"`
	Judge *Judgement `json:"judge,omitempty"`
	Of    string     `json:"of,omitempty"`  // logDropped
	Why   string     `json:"why,omitempty"` // logDropped
}

func (r *record) whole() bool {
	if r.By.Person == "" || r.By.At.IsZero() {
		return false
	}
	switch r.Step {
	case logTaken:
		return r.Log != nil && r.Log.Hash != "" && len(r.Log.Chunks) > 0
	case listTaken:
		return r.List != nil && (r.List.Kind == Roster || r.List.Kind == Flagged)
	case rulesSet:
		return r.Rules != nil
	case hitJudged:
		return r.Judge != nil && r.Judge.Hit != "" && slices.Contains(Verdicts(), r.Judge.Verdict)
	case logDropped:
		return r.Of != ""
	}
	return false
}

// newState knows which records are acts: few, and read again at a start.
func newState() *journal.Memory[*journal.Marks] {
	return journal.NewMarks(func(r *journal.Record) string {
		if r.Kind == journal.Review {
			return string(r.Kind)
		}
		return ""
	})
}

func stateFile(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, "review.state"), o.Key.Derive("review 1"))
}

// book is what follows from the acts.
type book struct {
	logs   []*Log
	lists  map[ListKind]*List
	rules  []RuleSet
	judged map[string][]Judgement // the newest last
	asked  journal.Seq            // the last act that gives reviews another answer
}

// Journal is what a Desk needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
	Get(ctx context.Context, s journal.Seq) (journal.Record, error)
	Head() journal.Seq
}

// Options are where and how a Desk keeps its state.
type Options struct {
	Dir       string   // folder for the folded state; "" keeps none
	Key       seal.Key // seals it
	Site      string   // of the records written
	Authority string   // of the hospital's patient numbers, for those in foreign logs
	Zone      *time.Location
	Now       func() time.Time
	Log       *slog.Logger
}

// Desk is where accesses are looked over. Its methods may be used by many
// goroutines.
type Desk struct {
	*journal.Follower

	o       Options
	journal Journal
	charts  *chart.Chart
	staff   *staff.Book
	state   *journal.Memory[*journal.Marks]
	act     sync.Mutex // held from check to record

	mu    sync.Mutex
	known *book // of the acts up to upto
	upto  journal.Seq
	runs  []*Run          // kept results, the newest first
	jobs  map[string]*job // by person

	turn  chan struct{}   // held by the review that is worked out
	base  context.Context //nolint:containedctx // reviews outlive the requests that start them
	end   context.CancelFunc
	group sync.WaitGroup
}

const name = "access reviews"

// Open opens the desk and brings it up to the journal's end.
func Open(ctx context.Context, j Journal, charts *chart.Chart, people *staff.Book, o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Desk{o: o, journal: j, charts: charts, staff: people, state: newState(), jobs: map[string]*job{}, turn: make(chan struct{}, 1)}
	d.base, d.end = context.WithCancel(context.WithoutCancel(ctx))
	f := journal.Following{Name: name, State: d.state, Log: o.Log}
	if o.Dir != "" {
		f.File = stateFile(o)
	}
	var err error
	d.Follower, err = journal.Follow(ctx, j, f)
	return d, err
}

// book reads the acts that came since the last look.
func (d *Desk) book(ctx context.Context) (*book, error) {
	if err := d.Advance(ctx, 0); err != nil {
		return nil, err
	}
	d.state.RLock()
	acts := d.state.Fold.Of(string(journal.Review))
	d.state.RUnlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	next := d.known.clone()
	at := d.upto
	for _, seq := range acts {
		if seq <= at {
			continue
		}
		rec, err := d.journal.Get(ctx, seq)
		if err != nil {
			return nil, fmt.Errorf("oversight: %w", err)
		}
		var r record
		if form.Decode(rec.Body, &r, &r.V) == nil && r.whole() {
			next.apply(seq, rec.ID, r)
		}
		at = seq
	}
	d.known, d.upto = next, at
	return next, nil
}

func (b *book) clone() *book {
	out := &book{lists: map[ListKind]*List{}, judged: map[string][]Judgement{}}
	if b == nil {
		return out
	}
	out.logs, out.rules, out.asked = slices.Clone(b.logs), slices.Clone(b.rules), b.asked
	for k, v := range b.lists {
		out.lists[k] = v
	}
	for k, v := range b.judged {
		out.judged[k] = slices.Clip(v)
	}
	return out
}

func (b *book) apply(seq journal.Seq, id journal.ID, r record) {
	if r.Step != hitJudged {
		b.asked = seq
	}
	switch r.Step {
	case logTaken:
		l := *r.Log
		l.ID, l.Seq, l.By = id.String(), seq, r.By
		b.logs = slices.DeleteFunc(b.logs, func(x *Log) bool { return x.Hash == l.Hash }) // read anew with another mapping
		b.logs = append(b.logs, &l)
	case listTaken:
		l := *r.List
		l.By = r.By
		b.lists[l.Kind] = &l
	case rulesSet:
		x := *r.Rules
		x.By = r.By
		b.rules = append(b.rules, x)
	case hitJudged:
		j := *r.Judge
		j.By = r.By
		b.judged[j.Hit] = append(b.judged[j.Hit], j)
	case logDropped:
		for i, l := range b.logs {
			if l.ID == r.Of && l.Dropped.Person == "" {
				c := *l
				c.Dropped = r.By
				b.logs[i] = &c
			}
		}
	}
}
