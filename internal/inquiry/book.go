package inquiry

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Journal is what a Book needs of the journal.
type Journal interface {
	journal.Source
	AppendAll(ctx context.Context, recs []journal.Record) ([]journal.Seq, error)
	Get(ctx context.Context, s journal.Seq) (journal.Record, error)
	Checkpoint(ctx context.Context) ([]byte, error)
	ProveRecord(ctx context.Context, s, size journal.Seq) (tlog.RecordProof, tlog.Hash, error)
}

// Options are where and how a Book keeps its state.
type Options struct {
	Dir  string   // folder for the index of sealed records; "" keeps none
	Key  seal.Key // seals the index and salts passphrases
	Site string   // of the records written
	Cost Cost     // zero: DefaultCost

	Open time.Duration // how long an investigation stays open after the last look; 30 min
	Wait time.Duration // how long the first passphrase waits for the second; 10 min
	Now  func() time.Time
	Log  *slog.Logger
}

// Who acts: a person in a session.
type Who struct{ Person, Name, Session string }

func (w Who) act(at time.Time) Act { return Act{Person: w.Person, Name: w.Name, At: at.UTC()} }

// Book is where sealed investigations are opened. What is open is in memory
// only. Its methods may be used by many goroutines.
type Book struct {
	*journal.Follower

	o       Options
	journal Journal
	index   *journal.Memory[*journal.Marks]
	hashing chan struct{} // held while a passphrase is made into a key

	mu     sync.Mutex
	rooms  map[string]*room
	offers map[string]*offer // by session
	drafts map[string]*draft // by code
	tries  tries
}

// offer is a passphrase that waits for a second one.
type offer struct {
	who    Who
	member string // person or envelope
	secret secret
	until  time.Time
}

const (
	maxOpen = 4 * time.Hour
	name    = "sealed records"
)

// Open opens the book and brings its index up to the journal's end.
func Open(ctx context.Context, j Journal, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Open <= 0 {
		o.Open = 30 * time.Minute
	}
	if o.Wait <= 0 {
		o.Wait = 10 * time.Minute
	}
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost()
	}
	b := &Book{o: o, journal: j, index: newIndex(), hashing: make(chan struct{}, 1), rooms: map[string]*room{}, offers: map[string]*offer{}, drafts: map[string]*draft{}}
	f := journal.Following{Name: name, State: b.index, Log: o.Log, Acts: 100}
	if o.Dir != "" {
		f.File = stateFile(o)
	}
	var err error
	b.Follower, err = journal.Follow(ctx, j, f)
	return b, err
}

// Classes of sealed records: whatever has the size of a lock may be one.
const (
	sealedPage = "page"
	sealedLock = "lock"
)

// newIndex knows which records are sealed ones, and nothing else about them.
func newIndex() *journal.Memory[*journal.Marks] {
	return journal.NewMarks(func(r *journal.Record) string {
		switch {
		case r.Kind != journal.Sealed:
			return ""
		case len(r.Body) == lockSize:
			return sealedLock
		}
		return sealedPage
	})
}

// lists returns every sealed record, and those that may be locks, in order.
func (b *Book) lists() (sealed, locks []journal.Seq) {
	b.index.RLock()
	defer b.index.RUnlock()
	locks = b.index.Fold.Of(sealedLock)
	sealed = slices.Concat(locks, b.index.Fold.Of(sealedPage))
	slices.Sort(sealed)
	return sealed, locks
}

func stateFile(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, "sealed.state"), o.Key.Derive("sealed index 1"))
}

// tries counts wrong passphrases and codes. It forgets them at a restart: each
// costs most of a second then, too.
type tries struct {
	by  map[string][]time.Time
	all []time.Time
}

const (
	wrongEach  = 5
	wrongIn    = 15 * time.Minute
	wrongAll   = 40
	wrongAllIn = time.Hour
)

func (t *tries) tooMany(person string, now time.Time) bool {
	old := func(in time.Duration) func(time.Time) bool {
		return func(at time.Time) bool { return now.Sub(at).Abs() > in }
	}
	t.all = slices.DeleteFunc(t.all, old(wrongAllIn))
	if t.by == nil {
		t.by = map[string][]time.Time{}
	}
	t.by[person] = slices.DeleteFunc(t.by[person], old(wrongIn))
	return len(t.by[person]) >= wrongEach || len(t.all) >= wrongAll
}

func (t *tries) wrong(person string, now time.Time) {
	t.by[person], t.all = append(t.by[person], now), append(t.all, now)
}

func errTries() error {
	return fault.New(fault.Unavailable, lang.Text{DE: "Zu viele Versuche. Bitte in einer Viertelstunde noch einmal.", EN: "Too many attempts. Please try again in a quarter of an hour."})
}

// errNothing is the one answer to whatever does not open: to somebody who is
// not named as to somebody who mistyped.
func errNothing() error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Damit öffnet sich nichts. Bitte Schreibweise prüfen; Groß- und Kleinschreibung zählen.",
		EN: "This opens nothing. Please check the spelling; upper and lower case count.",
	})
}

func errGone() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Diese Seite gibt es nicht.", EN: "There is no such page."})
}

// key makes a passphrase into a key pair, one at a time.
func (b *Book) key(ctx context.Context, phrase, member string) (secret, error) {
	select {
	case b.hashing <- struct{}{}:
		defer func() { <-b.hashing }()
	case <-ctx.Done():
		return secret{}, fmt.Errorf("inquiry: %w", ctx.Err())
	}
	return newSecret(phrase, member, b.o.Key, b.o.Cost)
}

// Standing is what one session has before it.
type Standing struct {
	Rooms   []Room // open to it
	Waiting bool   // a passphrase of this session waits for a second one
	Until   time.Time
	Draft   *Draft // being set up
}

// Room is an open investigation.
type Room struct{ ID, Title string }

// Standing returns what is open to the session.
func (b *Book) Standing(w Who) Standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tidy()
	var s Standing
	for _, r := range b.rooms {
		if r.inside[w.Session].Person == w.Person {
			s.Rooms = append(s.Rooms, Room{r.id, r.c.Title})
		}
	}
	slices.SortFunc(s.Rooms, func(a, b Room) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
	if o := b.offers[w.Session]; o != nil && o.who.Person == w.Person {
		s.Waiting, s.Until = true, o.until
	}
	s.Draft = b.draftOf(w)
	return s
}

// drop shuts a room. The caller holds mu.
func (b *Book) drop(id string) {
	if r := b.rooms[id]; r != nil {
		r.shut()
		delete(b.rooms, id)
	}
}

// tidy closes what was open long enough. The caller holds mu.
func (b *Book) tidy() {
	now := b.o.Now()
	for id, r := range b.rooms {
		if !now.Before(r.until) || !now.Before(r.most) {
			b.drop(id)
		}
	}
	for s, o := range b.offers {
		if !now.Before(o.until) {
			delete(b.offers, s)
		}
	}
	for c, d := range b.drafts {
		if !now.Before(d.until) {
			delete(b.drafts, c)
		}
	}
}

// Offer gives a passphrase: the own one, or the printed key of an envelope. Two
// different people with two different keys open what both are named in; the
// first one waits. Errors: Invalid for one that opens nothing, Unavailable after
// too many of these.
func (b *Book) Offer(ctx context.Context, w Who, phrase string, envelope bool) error {
	b.mu.Lock()
	late := b.tries.tooMany(w.Person, b.o.Now())
	b.mu.Unlock()
	if late {
		return errTries()
	}
	member := w.Person
	if envelope {
		member = envelopeID
	}
	if len(phrase) > maxPhrase {
		return errNothing()
	}
	s, err := b.key(ctx, phrase, member)
	if err != nil {
		return err
	}
	if err := b.Advance(ctx, 0); err != nil {
		return err
	}
	locks, err := b.locks(ctx)
	if err != nil {
		return err
	}
	named := map[caseID]bool{}
	for _, l := range locks { // takes a while: others go on meanwhile
		if id, ok := s.names(l.Body); ok {
			named[id] = true
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tidy()
	if b.tries.tooMany(w.Person, b.o.Now()) { // sent at the same time as those that were wrong
		return errTries()
	}
	if prepares := b.again(w, s); len(named) == 0 && prepares {
		return nil
	}
	if len(named) == 0 {
		b.tries.wrong(w.Person, b.o.Now())
		return errNothing()
	}
	if b.enter(ctx, w, s) {
		return nil
	}
	done := false
	for session, o := range b.offers {
		if o.who.Person == w.Person || slices.Equal(o.secret.public, s.public) {
			continue
		}
		ok, err := b.pair(ctx, w, s, o, locks)
		if err != nil {
			return err
		}
		if ok {
			delete(b.offers, session)
			done = true
		}
	}
	if !done {
		b.offers[w.Session] = &offer{who: w, member: member, secret: s, until: b.o.Now().Add(b.o.Wait)}
	}
	return nil
}

// locks returns every record that may be a lock, the newest first. To try one
// takes a millisecond: a lock is always written together with a page, so one
// that stands alone in the journal is none.
func (b *Book) locks(ctx context.Context) ([]journal.Record, error) {
	sealed, seqs := b.lists()
	beside := func(s journal.Seq) bool { _, ok := slices.BinarySearch(sealed, s); return ok }
	out := make([]journal.Record, 0, len(seqs))
	for _, s := range slices.Backward(seqs) {
		if !beside(s-1) && !beside(s+1) {
			continue
		}
		r, err := b.journal.Get(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("inquiry: %w", err)
		}
		out = append(out, r)
	}
	return out, nil
}

// enter lets a member into rooms that two others have open already.
func (b *Book) enter(ctx context.Context, w Who, s secret) bool {
	in := false
	for _, r := range b.rooms {
		if r.bars(w.Person) || !slices.ContainsFunc(r.c.Members, func(m Member) bool { return slices.Equal(m.Public, s.public) }) {
			continue
		}
		r.inside[w.Session] = entrant{w.act(b.o.Now()), s.public}
		if b.write(ctx, r, "", page{Step: unlocked, By: w.act(b.o.Now()), Text: r.envelopes(s.public)}) == nil {
			r.until, in = b.o.Now().Add(b.o.Open), true
		}
	}
	return in
}

// pair opens every case that both are named in. The caller holds mu.
func (b *Book) pair(ctx context.Context, w Who, s secret, o *offer, locks []journal.Record) (bool, error) {
	done, tried := false, map[caseID]bool{}
	for _, l := range locks {
		id, ok := s.names(l.Body)
		other, ok2 := o.secret.names(l.Body)
		if !ok || !ok2 || id != other || tried[id] {
			continue
		}
		key, ok := open(l.Body, s, o.secret)
		if !ok {
			continue
		}
		tried[id] = true
		r, err := b.load(ctx, id, key)
		if err != nil {
			return done, err
		}
		if r == nil {
			continue
		}
		if r.bars(w.Person) || r.bars(o.who.Person) {
			r.shut()
			continue
		}
		now := b.o.Now()
		r.inside[w.Session], r.inside[o.who.Session] = entrant{w.act(now), s.public}, entrant{o.who.act(now), o.secret.public}
		r.until, r.most = now.Add(b.o.Open), now.Add(maxOpen)
		b.rooms[r.id] = r
		if err := b.write(ctx, r, "", page{Step: unlocked, By: w.act(now), With: o.who.act(now), Text: r.envelopes(s.public, o.secret.public)}); err != nil {
			return done, err
		}
		done = true
	}
	return done, nil
}

// load reads every page of a case; nil where the key is an old one.
func (b *Book) load(ctx context.Context, id caseID, key seal.Key) (*room, error) {
	r := &room{id: newCode(20), caseID: id, keys: []seal.Key{key}, inside: map[string]entrant{}, seen: map[string]time.Time{}, released: map[string]bool{}}
	sealed, _ := b.lists()
	var mine []told
	for _, s := range slices.Backward(sealed) {
		rec, err := b.journal.Get(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("inquiry: %w", err)
		}
		for i := 0; i < len(r.keys); i++ {
			p, ok := openPage(r.keys[i], rec.ID, rec.Body)
			if !ok {
				continue
			}
			if p.Step == superseded && r.keys[i] == key {
				return nil, nil // a lock of before somebody was removed
			}
			for _, k := range p.Old {
				if len(k) == seal.KeySize {
					r.keys = append(r.keys, seal.Key(k))
				}
			}
			if p.Step == piece {
				p.Data = nil // read again when it is needed
			}
			mine = append(mine, told{page: p, seq: s, id: rec.ID, key: i})
			break
		}
	}
	if len(mine) == 0 {
		return nil, nil
	}
	slices.Reverse(mine)
	slices.Reverse(r.keys) // the newest last
	for i := range mine {
		mine[i].key = len(r.keys) - 1 - mine[i].key
	}
	r.pages, r.c = mine, fold(id, mine)
	return r, nil
}

// write adds a page to an open case. form is the key of the form that asked for
// it: the same one again is the same page. After an error nobody knows whether
// the page is there, so the case is shut and read anew. The caller holds mu.
func (b *Book) write(ctx context.Context, r *room, form string, p page) error {
	_, err := b.writeAt(ctx, r, form, p)
	return err
}

// writeAt is write that says which record it became.
func (b *Book) writeAt(ctx context.Context, r *room, form string, p page) (journal.Seq, error) {
	id := journal.NewID()
	if form != "" {
		id = idFor(r.key(), form)
		if i := slices.IndexFunc(r.pages, func(t told) bool { return t.id == id }); i >= 0 {
			if !r.pages[i].says(&p) {
				return 0, fault.New(fault.Conflict, lang.Text{DE: "Dieses Formular wurde schon mit anderem Inhalt gespeichert. Das hier ist nicht gespeichert.", EN: "This form was stored with another content before. This one is not stored."})
			}
			return r.pages[i].seq, nil
		}
	}
	rec, t, err := b.next(r, id, p)
	if err != nil {
		return 0, err
	}
	seqs, err := b.journal.AppendAll(ctx, []journal.Record{rec})
	if err != nil {
		b.drop(r.id)
		return 0, fmt.Errorf("inquiry: %w", err)
	}
	t.seq = seqs[0]
	b.keep(r, t)
	return seqs[0], nil
}

// next seals the page that follows the last one of the room.
func (b *Book) next(r *room, id journal.ID, p page) (journal.Record, told, error) {
	p.V, p.N = pageVersion, 1
	if n := len(r.pages); n > 0 {
		p.N, p.Prev = r.pages[n-1].N+1, r.pages[n-1].id
	}
	body, err := sealPage(r.key(), id, p)
	if err != nil {
		return journal.Record{}, told{}, err
	}
	return b.sealed(id, body), told{page: p, id: id, key: len(r.keys) - 1}, nil
}

func (b *Book) sealed(id journal.ID, body []byte) journal.Record {
	return journal.Record{ID: id, Time: b.o.Now().UTC(), Site: b.o.Site, Source: "sealed", Kind: journal.Sealed, Body: body}
}

// keep takes written pages into the room. What is handed out of a case is never
// changed afterwards: the case is folded anew.
func (b *Book) keep(r *room, pages ...told) {
	for i := range pages {
		if pages[i].Step == piece {
			pages[i].Data = nil
		}
	}
	r.pages = append(slices.Clip(r.pages), pages...)
	r.c = fold(r.caseID, r.pages)
}

// room returns an open case for a session that is inside. The caller holds mu.
func (b *Book) room(w Who, id string) (*room, error) {
	b.tidy()
	r := b.rooms[id]
	if r == nil || r.inside[w.Session].Person != w.Person {
		return nil, errGone()
	}
	r.until = b.o.Now().Add(b.o.Open)
	return r, nil
}

// lookEvery is how long the same look at the same page is one look.
const lookEvery = 5 * time.Minute

// Case returns an open investigation as it is now, and until when it stays open.
// The look is written into it first.
func (b *Book) Case(ctx context.Context, w Who, id, what string) (*Case, time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, id)
	if err != nil {
		return nil, time.Time{}, err
	}
	now := b.o.Now()
	if at, ok := r.seen[w.Session+what]; !ok || now.Sub(at).Abs() > lookEvery {
		if err := b.write(ctx, r, "", page{Step: looked, By: w.act(now), Text: what}); err != nil {
			return nil, time.Time{}, err
		}
		r.seen[w.Session+what] = now
	}
	c := *r.c
	for _, x := range r.removals {
		if x.Member.ID != w.Person {
			c.Open = append(slices.Clip(c.Open), x)
		}
	}
	return &c, earlier(r.until, r.most), nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// watch shuts what was open long enough where nobody comes by any more.
func (b *Book) watch(ctx context.Context) {
	every := time.NewTicker(time.Minute)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			b.mu.Lock()
			b.tidy()
			b.mu.Unlock()
		}
	}
}

// Gone forgets a session that signed out: its passphrase waits no more, and a
// case that nobody else has open is shut.
func (b *Book) Gone(session string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.offers, session)
	for id, r := range b.rooms {
		if _, in := r.inside[session]; in {
			delete(r.inside, session)
			if len(r.inside) == 0 {
				b.drop(id)
			}
		}
	}
}

// Run follows the journal, and writes noise now and then, until ctx ends.
func (b *Book) Run(ctx context.Context) error {
	go b.noise(ctx)
	go b.watch(ctx)
	return b.Follower.Run(ctx)
}
