package handback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Target is one system that entries are handed back to.
type Target struct {
	message.Target
	System  string // of the estate: "kis"
	Address string // host:port of its MLLP listener
	FHIR    *FHIR  // instead of Address, where it takes FHIR transactions; nil: HL7 v2
	Dial    hl7.ClientOptions
	Lanes   int           // connections at the same time; 0: 4
	Slow    time.Duration // between two messages while it is drained slowly; 0: 1 s
	// Repeats says that the target knows a message that comes again by its
	// control ID and takes it once. Without it a message whose answer was lost
	// goes to a person.
	Repeats  bool
	Brake    int            // where it does not: after so many messages in a row without an answer the queue pauses by itself; 0: 3
	FourEyes []message.Kind // kinds that two people release
	Feeds    []string       // feeds that come from it
}

// Options are what the surroundings give to a Book.
type Options struct {
	Site   string
	Now    func() time.Time
	Log    *slog.Logger
	Render func(ctx context.Context, e *entry.Entry) ([]byte, error) // the entry as a PDF; nil: no target takes documents
	Signer note.Signer                                               // of reports; nil: they are not signed
	Braked func(target string, now bool)                             // that a queue paused by itself, and that a person decided since; may be nil
	Retry  time.Duration                                             // after a connection that failed; 0: 1 s, doubled up to a minute
}

// Book is the queues of all targets. It is safe for use by many goroutines.
type Book struct {
	j       *journal.Journal
	charts  *chart.Chart
	targets []Target
	o       Options
	log     *slog.Logger

	folding sync.Mutex // held by who reads the journal and writes the store
	st      *store

	reporting sync.Mutex // held from the counting of a report to its record

	looked looked // conflicts that were found, so that nothing is read twice

	mu    sync.Mutex
	moved chan struct{} // closed and replaced when the fold moved
	pos   journal.Seq
	heard journal.Seq       // last record that is not the hand-back's own
	lanes map[string]*lanes // of the targets that are delivered to
	dies  func(point) bool  // a test's: whether the process dies here
	dead  atomic.Bool
	most  int         // items that are looked at for one page or one act
	born  journal.Seq // the journal's head when the book was opened
}

// Open opens the queues kept in dir. The file is derived: where it is missing,
// damaged or ahead of the journal it is folded anew.
func Open(ctx context.Context, dir string, key seal.Key, j *journal.Journal, charts *chart.Chart, targets []Target, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	st, err := openStore(ctx, dir, key, o.Log)
	if err != nil {
		return nil, err
	}
	if o.Retry <= 0 {
		o.Retry = time.Second
	}
	if o.Braked == nil {
		o.Braked = func(string, bool) {}
	}
	b := &Book{j: j, charts: charts, targets: targets, o: o, log: o.Log, st: st, moved: make(chan struct{}), born: j.Head(), most: lookMost, lanes: map[string]*lanes{}}
	if err := b.fits(ctx); err != nil {
		b.log.WarnContext(ctx, "hand-back queues are folded anew", "err", err)
		if err := st.db.Close(); err != nil {
			return nil, err
		}
		if b.st, err = newStore(ctx, filepath.Join(dir, storeName), key); err != nil {
			return nil, err
		}
	}
	b.pos, b.heard = b.st.at.seq, b.st.at.seq
	return b, nil
}

var errAhead = errors.New("handback.db is not of this journal")

// fits reports an error if the store was folded from another journal than this.
func (b *Book) fits(ctx context.Context) error {
	at := b.st.at
	if at.seq == 0 {
		return nil
	}
	if at.seq > b.j.Head() {
		return errAhead
	}
	rec, err := b.j.Get(ctx, at.seq)
	if errors.Is(err, journal.ErrPruned) {
		return nil
	}
	if err != nil {
		return err
	}
	if rec.ID != at.record && at.record != (journal.ID{}) {
		return errAhead
	}
	return nil
}

// Close closes the store; Run must have ended.
func (b *Book) Close() error { return b.st.db.Close() }

// So many records are read at once, and folded in one transaction while their
// bodies are not too many bytes.
const (
	batch      = 500
	batchMost  = 8000
	batchBytes = 16 << 20
)

// follow folds the journal until ctx ends.
func (b *Book) follow(ctx context.Context) error {
	for {
		if err := b.j.Wait(ctx, b.Seq()); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		if err := b.advance(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			b.log.ErrorContext(ctx, "hand-back does not follow the journal", "err", err)
			pause(ctx, time.Second)
		}
	}
}

// advance folds everything up to the journal's present head.
func (b *Book) advance(ctx context.Context) error {
	b.folding.Lock()
	defer b.folding.Unlock()
	for head := b.j.Head(); b.st.at.seq < head; {
		recs, to, err := b.read(ctx, b.st.at.seq+1, head)
		if err != nil {
			return err
		}
		changed, err := b.st.fold(ctx, recs, to)
		if err != nil {
			return err
		}
		b.mu.Lock()
		b.pos = b.st.at.seq
		for i := range recs {
			if recs[i].Kind != journal.Handback {
				b.heard = recs[i].Seq
			}
		}
		for target, patients := range changed {
			if l := b.lanes[target]; l != nil {
				l.touch(patients)
			}
		}
		close(b.moved)
		b.moved = make(chan struct{})
		b.mu.Unlock()
	}
	return nil
}

// read returns the next records, and the record up to which there are no others.
func (b *Book) read(ctx context.Context, from, head journal.Seq) (all []journal.Record, to journal.Seq, err error) {
	size := 0
	for len(all) < batchMost && size < batchBytes && from <= head {
		recs, err := b.j.Read(ctx, from, batch)
		if err != nil {
			return nil, 0, err
		}
		if len(recs) == 0 {
			return all, head, nil
		}
		for i := range recs {
			size += len(recs[i].Body)
		}
		all = append(all, recs...)
		from = recs[len(recs)-1].Seq + 1
	}
	return all, from - 1, nil
}

// caughtUp waits until the charts know what the hospital said up to here.
func (b *Book) caughtUp(ctx context.Context) error {
	b.mu.Lock()
	heard := b.heard
	b.mu.Unlock()
	return b.charts.Wait(ctx, heard)
}

// Seq returns the last record that was taken in.
func (b *Book) Seq() journal.Seq {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pos
}

// Wait returns when the record seq is taken in.
func (b *Book) Wait(ctx context.Context, seq journal.Seq) error {
	for {
		b.mu.Lock()
		pos, moved := b.pos, b.moved
		b.mu.Unlock()
		if pos >= seq {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

// Run follows the journal and delivers until ctx ends, and returns nil then.
// What a message was in the middle of is taken up at the next start.
func (b *Book) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := range b.targets {
		wg.Go(func() { b.deliver(ctx, &b.targets[i]) })
	}
	return b.follow(ctx)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// target returns the target of that name, nil if there is none.
func (b *Book) target(name string) *Target {
	for i := range b.targets {
		if b.targets[i].Name == name {
			return &b.targets[i]
		}
	}
	return nil
}

// Targets returns the names of the configured targets.
func (b *Book) Targets() []string {
	var out []string
	for i := range b.targets {
		out = append(out, b.targets[i].Name)
	}
	return out
}

// write appends one fact and waits until it is folded.
func (b *Book) write(ctx context.Context, id journal.ID, e event) (journal.Seq, error) {
	if b.dead.Load() {
		return 0, errDead
	}
	body, err := e.encode()
	if err != nil {
		return 0, err
	}
	seq, err := b.j.Append(ctx, journal.Record{
		ID: id, Time: e.Act.At, Site: b.o.Site, Source: "handback", Kind: journal.Handback, Patient: string(e.Patient), Body: body,
	})
	if err != nil {
		return 0, err
	}
	return seq, b.Wait(ctx, seq)
}

// entry reads the version of an entry at a record.
func (b *Book) entry(ctx context.Context, seq journal.Seq) (entry.Entry, error) {
	rec, err := b.j.Get(ctx, seq)
	if err != nil {
		return entry.Entry{}, err
	}
	return entry.Decode(rec.Body)
}

// raw returns the bytes of the message that left with a record, nil if they were
// not kept.
func (b *Book) raw(ctx context.Context, seq journal.Seq) ([]byte, error) {
	rec, err := b.j.Get(ctx, seq)
	if err != nil {
		return nil, err
	}
	e, err := decode(rec.Body)
	return e.Raw, err
}

// subject is the patient as the target knows that one. The Conflict, if any, is
// why the entry cannot go there yet: nobody has confirmed it.
func (b *Book) subject(ctx context.Context, t *Target, e *entry.Entry, it *Item) (message.Subject, *Conflict, error) {
	if err := b.caughtUp(ctx); err != nil {
		return message.Subject{}, nil, err
	}
	v, err := b.charts.View(ctx)
	if err != nil {
		return message.Subject{}, nil, err
	}
	defer v.Close() //nolint:errcheck // only read
	p, err := v.Patient(ctx, e.Patient, chart.Head())
	if err != nil {
		return message.Subject{}, nil, err
	}
	m, err := b.match(ctx, t, e.Patient, p.Key)
	if err != nil {
		return message.Subject{}, nil, err
	}
	over, err := b.confirmed(ctx, t.Name, it.Root, it.Key)
	if err != nil {
		return message.Subject{}, nil, err
	}
	owner, err := ownerOf(ctx, v, e.Case)
	if err != nil {
		return message.Subject{}, nil, err
	}
	if c := unconfirmed(Conflicts(t, e, it.Seq, p, owner, m), over); c != nil {
		return message.Subject{}, c, nil
	}
	s := subjectOf(t, e, p, m)
	if m.New && !admits(e) && !known(t, p) {
		c, err := b.behind(ctx, t, e.Patient)
		return s, c, err
	}
	return s, nil, nil
}

// behind is why an entry about somebody who is new at a target waits: the target
// takes admissions, and none of that person has been settled.
func (b *Book) behind(ctx context.Context, t *Target, p clinical.PatientKey) (*Conflict, error) {
	if w := t.Takes[message.Admission]; w == "" || w == message.ByHand {
		return nil, nil
	}
	q, err := b.Queue(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	var all, settled int
	err = b.st.db.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN s.state IN ('accepted','rest','hand','nothing') THEN 1 END)
		FROM entry e LEFT JOIN state s ON s.target=? AND s.root=e.root WHERE e.patient=? AND e.seq>=? AND ' '||e.kinds||' ' LIKE ?`,
		t.Name, string(p), int64(q.Since), "% "+string(message.Admission)+" %").Scan(&all, &settled)
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	if all == 0 || settled > 0 {
		return nil, nil
	}
	return &Conflict{Kind: Behind, Holds: true, Mark: string(Behind), Say: lang.Text{
		DE: "Die Person ist dort neu, und ihre Aufnahme ist dort noch nicht angekommen. Bitte zuerst die Aufnahme freigeben, danach diesen Eintrag.",
		EN: "The person is new there, and the admission has not arrived yet. Please release the admission first, then this entry.",
	}}, nil
}

// subjectOf says how the target knows the patient.
func subjectOf(t *Target, e *entry.Entry, p *chart.Patient, m Matched) message.Subject {
	s := message.Subject{Case: e.Case, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V}
	for _, st := range p.Stays {
		if st.Case.Same(e.Case) || slices.Contains(st.Also, e.Case) {
			s.Case, s.Place, s.Class = st.Case, st.Now.V, st.Class.V
		}
	}
	for _, id := range p.IDs {
		if id.Authority == t.Authority {
			s.IDs = append(s.IDs, id)
		}
	}
	if own := slices.DeleteFunc(slices.Clone(s.IDs), func(id clinical.Identifier) bool { return gone(p, id) }); len(own) > 0 {
		s.IDs = own // a number that was merged away there names nobody any more
	}
	if len(m.IDs) > 0 {
		s.IDs = m.IDs
		if m.Case != "" {
			s.Case = m.Case
		}
	}
	if len(s.IDs) == 0 { // the target gives its own number, ours stands as a temporary one
		s.New = admits(e)
		for _, id := range p.IDs {
			id.Type = "PT"
			s.IDs = append(s.IDs, id)
		}
	}
	return s
}

// gone reports whether a number belongs to an identity that was merged into the
// patient.
func gone(p *chart.Patient, id clinical.Identifier) bool {
	return slices.ContainsFunc(p.Linked, func(l chart.Link) bool { return slices.Contains(l.IDs, id) })
}

// admits reports whether the entry makes the patient known to a target.
func admits(e *entry.Entry) bool {
	for _, f := range e.Facts {
		if mv, ok := f.(clinical.Movement); ok && (mv.Kind == clinical.Admission || mv.Kind == clinical.Visit) {
			return true
		}
	}
	return false
}
