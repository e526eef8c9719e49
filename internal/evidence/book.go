package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Journal is what a Book needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
}

// Options are where and how a Book keeps its state.
type Options struct {
	Dir      string   // folder for the files and the folded state
	Key      seal.Key // seals both
	Site     string   // of the records written
	Hospital string   // its name, on packages
	MaxFile  int64    // bytes of one file; 0: 1 GiB
	Tight    func() bool
	Signer   note.Signer // of packages
	// Charted answers an error unless there is a chart of each patient; nil
	// believes it. It is asked when a hold is set, while nothing is dropped.
	Charted func(ctx context.Context, patients []string) error

	Zone *time.Location   // of times in sentences; time.Local
	Now  func() time.Time // the clock that is written down; time.Now
	Log  *slog.Logger     // nil is silent
}

// DefaultMaxFile is the largest file in bytes that is taken in unless the house
// says another size.
const DefaultMaxFile = 1 << 30

// MaxPhoto is the largest photo, signature or scanned receipt in bytes.
const MaxPhoto = 24 << 20

// Book is the evidence of the house and the legal holds. All methods may be
// used by many goroutines.
type Book struct {
	*journal.Follower
	*Store

	o       Options
	journal Journal
	now     *journal.Memory[*fold]

	act      sync.Mutex    // held from check to record: of two people acting at once one wins
	kept     []keptFor     // content of acts whose outcome is not known; under act
	dropping chan struct{} // held while old records are dropped or a hold is set
}

// name is what errors and logs call the fold.
const name = "evidence"

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxFile <= 0 {
		o.MaxFile = DefaultMaxFile
	}
}

func file(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, StateFile), o.Key.Derive("evidence view 1"))
}

func filesDir(o Options) string { return filepath.Join(o.Dir, "files") }

func filesKey(o Options) seal.Key { return o.Key.Derive("evidence files 1") }

// Open opens the book and brings it up to the journal's end.
func Open(ctx context.Context, j Journal, o Options) (*Book, error) {
	o.fill()
	b := &Book{o: o, journal: j, now: journal.NewMemory(newFold, readFold), dropping: make(chan struct{}, 1)}
	var err error
	if b.Store, err = openStore(filesDir(o), filesKey(o), o.Tight); err != nil {
		return nil, err
	}
	if b.Follower, err = journal.Follow(ctx, j, journal.Following{Name: name, State: b.now, File: file(o), Log: o.Log}); err != nil {
		return nil, err
	}
	if err := b.sweep(b.named()); err != nil { // the next start tries again
		o.Log.WarnContext(ctx, "evidence files left behind", "err", err)
	}
	return b, nil
}

// named returns the hash of every file that a record names.
func (b *Book) named() []string {
	b.now.RLock()
	defer b.now.RUnlock()
	var out []string
	for _, i := range b.now.Fold.items {
		for _, f := range i.Files {
			out = append(out, f.Hash)
		}
	}
	return out
}

// MaxFile is the largest file in bytes that is taken in.
func (b *Book) MaxFile() int64 { return b.o.MaxFile }

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (b *Book) Unreadable() uint64 {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.unreadable
}

// Cases returns the evidence by incident, the newest first.
func (b *Book) Cases() []*Case {
	b.now.RLock()
	defer b.now.RUnlock()
	out := slices.Clone(b.now.Fold.cases)
	slices.Reverse(out)
	return out
}

// Case returns the evidence of one incident, nil for none.
func (b *Book) Case(id string) *Case {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.find(id)
}

// Item returns one item. Errors: NotFound.
func (b *Book) Item(id string) (*Item, error) {
	b.now.RLock()
	defer b.now.RUnlock()
	if i := b.now.Fold.items[id]; i != nil {
		return i, nil
	}
	_, say := notThere.say(lang.Text{})
	return nil, fault.New(fault.NotFound, say)
}

// ByLabel returns the item whose label says ref, as scanned or typed; nil for
// none.
func (b *Book) ByLabel(ref string) *Item {
	ref = strings.ToUpper(strings.TrimSpace(ref))
	b.now.RLock()
	defer b.now.RUnlock()
	for _, i := range b.now.Fold.items {
		if i.Ref == ref {
			return i
		}
	}
	return nil
}

// Search returns the items of a case that hold each word of the text and are of
// the kind, "" for every kind, in the order of their numbers.
func (c *Case) Search(text string, kind Kind) []*Item {
	var out []*Item
	words := strings.Fields(strings.ToLower(text))
	for _, i := range c.Items {
		have := []string{i.Ref, i.Title, i.Serial, i.Found, i.Stored, i.Sealed, i.Holder.String(), i.Note, i.Taken.String()}
		for _, f := range i.Files {
			have = append(have, f.Name, f.Hash)
		}
		for _, h := range i.Hashes {
			have = append(have, h.Value, h.Of)
		}
		all := strings.ToLower(strings.Join(have, "\n"))
		if (kind == "" || i.Kind == kind) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) }) {
			out = append(out, i)
		}
	}
	return out
}

const (
	minText  = 3    // characters of a reason
	maxText  = 8000 // bytes of a text
	maxWord  = 500  // bytes of a field of one line
	maxFiles = 200  // of one act
	maxSums  = 50   // typed hashes of an item
	ahead    = 5 * time.Minute
)

// do records one act. What the fold decided about the record is the outcome.
// taken is made part of the store before the record is written, so that no
// record names a file that is not there.
//
// All acts: by.Person is required, by.At is filled in where it is zero, the same
// by.Key again returns the outcome of the first time. The caller checks the right
// to act. Errors: Invalid for what cannot be, NotFound for what is not there,
// Conflict where somebody was faster or a second person is needed.
func (b *Book) do(ctx context.Context, by Act, e event, taken ...*Taken) (string, error) {
	if len(by.Key) > 200 || !e.fits() {
		return "", errInvalid("Die Angaben sind zu lang.", "The details are too long.")
	}
	if by.At.IsZero() {
		by.At = b.o.Now()
	}
	by.At = by.At.Round(0).UTC()
	e.By = by
	id := by.id()
	b.act.Lock()
	defer b.act.Unlock()
	if err := b.Advance(ctx, 0); err != nil {
		return "", err
	}
	b.now.RLock()
	seq, done := b.now.Fold.known[id]
	e.Prev = b.now.Fold.lastOf(e.Case)
	why, against := b.now.Fold.judge(e)
	if !done && why == "" && e.whole() {
		e.Logbook = b.now.Fold.line(e, b.o.Zone)
	}
	room := b.now.Fold.items[e.Item].Takes(e.Files...)
	b.now.RUnlock()
	switch {
	case done:
		return b.again(ctx, seq, id, e)
	case why != "":
		return "", b.refuse(why, against)
	case room != nil:
		return "", room
	case !e.whole():
		return "", errInvalid("Die Angaben sind unvollständig.", "The details are incomplete.")
	}
	body, err := e.encode()
	if errors.Is(err, journal.ErrBody) {
		return "", errInvalid("Das ist zusammen zu viel für einen Eintrag. Bitte auf mehrere verteilen.", "This is too much for one record. Please spread it over several.")
	}
	if err != nil {
		return "", err
	}
	for _, t := range taken {
		b.kept = append(b.kept, keptFor{id, t.Hash})
		if err := b.keep(t); err != nil {
			b.settleKept(ctx, id)
			return "", err
		}
	}
	// With files the record is waited for, whoever went away meanwhile: its outcome
	// says what becomes of them.
	if len(taken) > 0 {
		ctx = context.WithoutCancel(ctx)
	}
	seq, err = b.journal.Append(ctx, journal.Record{ID: id, Time: by.At, Site: b.o.Site, Source: "evidence", Kind: journal.Evidence, Body: body})
	if err != nil {
		return "", fmt.Errorf("evidence %s: %w", e.Step, err)
	}
	if err := b.Advance(ctx, seq); err != nil {
		return "", err
	}
	b.settleKept(ctx)
	return b.outcome(id)
}

// keptFor is content that is kept for an act.
type keptFor struct {
	act  journal.ID
	hash string
}

// settleKept settles the content of acts that are on record and removes that of
// acts that are not, of one act or, after a record was appended, of all: what the
// journal does not have then of those before it, it never gets.
func (b *Book) settleKept(ctx context.Context, of ...journal.ID) {
	on := func(k keptFor) bool {
		b.now.RLock()
		defer b.now.RUnlock()
		_, on := b.now.Fold.known[k.act]
		return on
	}
	var left []keptFor
	for _, k := range b.kept {
		waits := len(of) > 0 && !slices.Contains(of, k.act)
		shared := func(o keptFor) bool { return o.hash == k.hash && (on(o) || len(of) > 0 && o.act != k.act) }
		var err error
		switch {
		case waits:
		case on(k):
			err = b.settle(k.hash)
		case !slices.ContainsFunc(b.kept, shared):
			err = b.abandon(k.hash)
		}
		if err != nil {
			b.o.Log.WarnContext(ctx, "evidence file not settled", "err", err)
		}
		if waits || err != nil {
			left = append(left, k)
		}
	}
	b.kept = left
}

// id is that of the record: the same key gives the same.
func (a Act) id() journal.ID {
	if a.Key == "" {
		return journal.NewID()
	}
	return journal.KeyOf("evidence", a.Key, nil)
}

// did reports whether the act is on record: what it changed must not be held
// against it when the form comes again.
func (b *Book) did(by Act) bool {
	b.now.RLock()
	defer b.now.RUnlock()
	_, done := b.now.Fold.known[by.id()]
	return done
}

// fits reports whether no text of the act is too long or no text at all.
func (e *event) fits() bool {
	long := []string{e.Text, e.Title}
	short := []string{e.Seal, e.Place, e.For, e.Way, e.Intact}
	for _, p := range []*Party{e.From, e.To} {
		if p != nil {
			short = append(short, p.Name, p.Org, p.Reach)
		}
	}
	if t := e.Thing; t != nil {
		long = append(long, t.Note)
		short = append(short, t.Title, t.Serial, t.Found, t.Tool, t.Version, t.Blocker, t.Seal, t.Place, t.Size, t.Taken.Name, t.Taken.Org, t.Taken.Reach)
		for _, h := range t.Hashes {
			short = append(short, h.Alg, h.Value, h.Of)
		}
		if len(t.Hashes) > maxSums {
			return false
		}
	}
	for _, f := range e.Files {
		short = append(short, f.Name)
	}
	for _, c := range e.Checks {
		short = append(short, c.Of, c.Got)
	}
	if e.Scope != nil {
		short = append(short, e.Scope.Patients...)
	}
	bad := func(most int) func(string) bool {
		return func(s string) bool { return len(s) > most || !utf8.ValidString(s) }
	}
	return len(e.Files) <= maxFiles && !slices.ContainsFunc(long, bad(maxText)) && !slices.ContainsFunc(short, bad(maxWord))
}

// again answers a form that was sent before: the same content is the same act,
// another one is a conflict.
func (b *Book) again(ctx context.Context, seq journal.Seq, id journal.ID, e event) (string, error) {
	recs, err := b.journal.Read(ctx, seq, 1)
	if err != nil {
		return "", fmt.Errorf("evidence: read journal: %w", err)
	}
	if len(recs) == 1 && recs[0].Seq == seq {
		was, err := decodeEvent(recs[0].Body)
		if err == nil && !sameAct(was, e) {
			return "", fault.Newf(fault.Conflict, lang.Text{
				DE: "Dieses Formular wurde schon für etwas anderes abgeschickt. Bitte die Seite neu laden.",
				EN: "This form was already sent for something else. Please reload the page.",
			}, "evidence %s: command key was used for %s", e.Step, was.Step)
		}
	}
	return b.outcome(id)
}

// sameAct reports whether two acts say the same, whenever they were written; b is
// the one that came now. Hashes that were worked out here are no part of what was
// said, nor is the time where nobody said one.
func sameAct(a, b event) bool {
	clock := b.clock
	for _, e := range []*event{&a, &b} {
		e.By.At, e.Prev, e.Logbook = time.Time{}, 0, nil
		e.From, e.Turn = nil, 0 // follow from the item as it stood
		e.Checks = slices.DeleteFunc(slices.Clone(e.Checks), func(c Comparison) bool { return c.Here })
		if !clock {
			continue
		}
		e.At = time.Time{}
		if e.Thing != nil {
			t := *e.Thing
			t.At = time.Time{}
			e.Thing = &t
		}
	}
	x, err := a.encode()
	y, err2 := b.encode()
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

func (b *Book) outcome(id journal.ID) (string, error) {
	b.now.RLock()
	r, refused := b.now.Fold.refused[id]
	b.now.RUnlock()
	if refused {
		return "", b.refuse(r.Why, r.Against)
	}
	return id.String(), nil
}

func (b *Book) refuse(why Reason, against Act) error {
	who := against.Name
	if who == "" {
		who = against.Person
	}
	at := against.At.In(b.o.Zone).Format("02.01. 15:04")
	kind, say := why.say(lang.Text{DE: who + " (" + at + " Uhr)", EN: who + " (" + at + ")"})
	return fault.Newf(kind, say, "evidence: %s", why)
}

func errInvalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

func said(s string) bool { return utf8.RuneCountInString(strings.TrimSpace(s)) >= minText }
