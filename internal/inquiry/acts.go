package inquiry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

const (
	maxTitle  = 200
	maxText   = 100_000
	pieceSize = 700 << 10 // bytes of an attachment in one page
	// MaxFile is the largest attachment in bytes.
	MaxFile = 64 << 20

	draftFor = 2 * time.Hour
)

func invalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

// draft is an investigation, or a new member, that is being set up. It is in
// memory only: after a restart it is begun anew.
type draft struct {
	code     string
	by       Who
	title    string
	subject  string
	suspects []string // sign-in names
	others   []string // people without an account, in words
	told     bool     // who is suspected, or that nobody is yet
	members  []Member
	room     string // of an invitation to an open case; "" for a new case
	until    time.Time

	// sessions are those that gave a passphrase for it: a password that somebody
	// else has set shows nothing of what its owner prepares.
	sessions map[string]bool
}

// Draft is what its people see of it.
type Draft struct {
	Code     string // only who began it sees the code
	Mine     bool
	Title    string // likewise
	Subject  string
	Suspects []string
	Others   []string
	Told     bool // who is suspected was said: before that nobody is told the code
	Members  []Member
	Ready    bool // two people at least have their keys in it
}

// newCode draws n letters.
func newCode(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: see crypto/rand
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return strings.ToLower(string(b))
}

func (b *Book) draftOf(w Who) *Draft {
	for _, d := range b.drafts {
		if slices.Contains(d.suspects, w.Person) {
			continue
		}
		in := slices.ContainsFunc(d.members, func(m Member) bool { return m.ID == w.Person && !m.Envelope })
		mine := d.by.Person == w.Person
		if d.room != "" || !in && !mine || !d.sessions[w.Session] {
			continue
		}
		out := &Draft{Mine: mine, Ready: d.ready()}
		if mine {
			out.Code, out.Title, out.Subject, out.Members = d.code, d.title, d.subject, slices.Clone(d.members)
			out.Suspects, out.Others, out.Told = slices.Clone(d.suspects), slices.Clone(d.others), d.told
		}
		return out
	}
	return nil
}

func (d *draft) ready() bool {
	n := 0
	for _, m := range d.members {
		if !m.Envelope {
			n++
		}
	}
	return n >= 2
}

// Begin sets up a new investigation. Who begins it gives the own passphrase;
// the others come with the code of the draft and give theirs. Nothing is written
// before Seal.
func (b *Book) Begin(ctx context.Context, w Who, title, subject string, suspects []string, phrase, again string) error {
	title, subject = strings.TrimSpace(title), strings.TrimSpace(subject)
	for i := range suspects {
		suspects[i] = strings.ToLower(strings.TrimSpace(suspects[i]))
	}
	suspects = slices.DeleteFunc(suspects, func(s string) bool { return s == "" })
	switch {
	case title == "" || len(title) > maxTitle:
		return invalid("Bitte eine kurze Bezeichnung angeben.", "Please give a short title.")
	case len(subject) < 5 || len(subject) > maxText:
		return invalid("Bitte in ein paar Worten sagen, worum es geht.", "Please say in a few words what it is about.")
	case slices.Contains(suspects, w.Person):
		return invalid("Wer verdächtigt wird, legt den Vorgang nicht an.", "A suspect does not begin the investigation.")
	}
	if err := checkPhrase(phrase, again, w.Person); err != nil {
		return err
	}
	s, err := b.key(ctx, phrase, w.Person)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tidy()
	for c, d := range b.drafts {
		if d.by.Person == w.Person && d.room == "" {
			delete(b.drafts, c)
		}
	}
	code := newCode(10)
	b.drafts[code] = &draft{code: code, by: w, title: title, subject: subject, suspects: suspects, told: len(suspects) > 0, until: b.o.Now().Add(draftFor), sessions: map[string]bool{w.Session: true},
		members: []Member{{ID: w.Person, Name: w.Name, Public: s.public}}}
	return nil
}

const maxSuspects = 50

// Suspect says who is suspected in the draft of w: sign-in names of accounts,
// and others in words. Whoever gave a passphrase before and is suspected now has
// no key in it, and is not told.
func (b *Book) Suspect(w Who, accounts, others []string) error {
	switch {
	case slices.Contains(accounts, w.Person):
		return invalid("Wer verdächtigt wird, legt den Vorgang nicht an.", "A suspect does not begin the investigation.")
	case len(accounts)+len(others) > maxSuspects:
		return invalid("Mehr als fünfzig Verdächtigte fasst ein Vorgang nicht.", "An investigation does not hold more than fifty suspects.")
	case slices.ContainsFunc(others, func(s string) bool { return len(s) > maxTitle }):
		return invalid("Eine Angabe ist zu lang: eine Zeile je Person.", "A line is too long: one line for each person.")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.ownDraft(w)
	if d == nil {
		return errGone()
	}
	d.suspects, d.others, d.told = slices.Clone(accounts), slices.Clone(others), true
	d.members = slices.DeleteFunc(d.members, func(m Member) bool { return !m.Envelope && slices.Contains(d.suspects, m.ID) })
	return nil
}

// Join gives the passphrase of somebody who was told the code.
func (b *Book) Join(ctx context.Context, w Who, code, phrase, again string) error {
	code = strings.ToLower(strings.TrimSpace(code))
	b.mu.Lock()
	b.tidy()
	late := b.tries.tooMany(w.Person, b.o.Now())
	d := b.drafts[code]
	if !late && (d == nil || slices.Contains(d.suspects, w.Person)) {
		b.tries.wrong(w.Person, b.o.Now())
		d = nil
	}
	b.mu.Unlock()
	switch {
	case late:
		return errTries()
	case d == nil:
		return errNothing()
	}
	if err := checkPhrase(phrase, again, w.Person); err != nil {
		return err
	}
	s, err := b.key(ctx, phrase, w.Person)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if d = b.drafts[code]; d == nil || slices.Contains(d.suspects, w.Person) { // said so meanwhile
		return errNothing()
	}
	d.members = slices.DeleteFunc(d.members, func(m Member) bool { return m.ID == w.Person && !m.Envelope })
	if len(d.members) >= maxMembers {
		return invalid("Mehr als acht Schlüssel fasst ein Vorgang nicht.", "An investigation does not hold more than eight keys.")
	}
	d.members = append(d.members, Member{ID: w.Person, Name: w.Name, Public: s.public})
	d.sessions[w.Session] = true
	return nil
}

// Envelope adds a printed key to the draft of w and returns it: it is shown and
// printed once and kept nowhere.
func (b *Book) Envelope(ctx context.Context, w Who, label string) (string, error) {
	key := PrintedKey()
	s, err := b.key(ctx, key, envelopeID)
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.ownDraft(w)
	if d == nil {
		return "", errGone()
	}
	if len(d.members) >= maxMembers {
		return "", invalid("Mehr als acht Schlüssel fasst ein Vorgang nicht.", "An investigation does not hold more than eight keys.")
	}
	if label = strings.TrimSpace(label); label == "" || len(label) > maxTitle {
		return "", invalid("Bitte sagen, wo der Umschlag liegt.", "Please say where the envelope is kept.")
	}
	d.members = append(d.members, Member{ID: envelopeID, Name: label, Public: s.public, Envelope: true})
	return key, nil
}

func (b *Book) ownDraft(w Who) *draft {
	b.tidy()
	for _, d := range b.drafts {
		if d.by.Person == w.Person && d.room == "" && d.sessions[w.Session] {
			return d
		}
	}
	return nil
}

// again brings a session to the draft that its person gave the same passphrase
// for in another one. The caller holds mu.
func (b *Book) again(w Who, s secret) bool {
	found := false
	for _, d := range b.drafts {
		if d.room == "" && slices.ContainsFunc(d.members, func(m Member) bool {
			return m.ID == w.Person && !m.Envelope && slices.Equal(m.Public, s.public)
		}) {
			d.sessions[w.Session], found = true, true
		}
	}
	return found
}

// Discard drops the draft of w.
func (b *Book) Discard(w Who) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := b.ownDraft(w); d != nil {
		delete(b.drafts, d.code)
	}
}

// Seal makes the draft of w an investigation. It is shut then: two of its people
// open it.
func (b *Book) Seal(ctx context.Context, w Who) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.ownDraft(w)
	switch {
	case d == nil:
		return errGone()
	case !d.ready():
		return invalid("Es fehlt noch eine zweite Person mit ihrem Schlüsselsatz.", "A second person with a passphrase is still missing.")
	}
	var id caseID
	_, _ = rand.Read(id[:])
	key := seal.NewKey()
	lock, err := newLock(id, key, d.members)
	if err != nil {
		return err
	}
	r := &room{caseID: id, keys: []seal.Key{key}}
	rec, _, err := b.next(r, journal.NewID(), page{Step: opened, By: w.act(b.o.Now()), Title: d.title, Text: d.subject, Suspects: d.suspects, Others: d.others, Members: d.members, Case: &id})
	if err != nil {
		return err
	}
	if _, err := b.journal.AppendAll(ctx, []journal.Record{b.sealed(journal.NewID(), lock), rec}); err != nil {
		return fmt.Errorf("inquiry: %w", err)
	}
	delete(b.drafts, d.code)
	return nil
}

// Leave shuts the investigation for everybody who has it open.
func (b *Book) Leave(ctx context.Context, w Who, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, id)
	if err != nil {
		return err
	}
	err = b.write(ctx, r, "", page{Step: locked, By: w.act(b.o.Now())})
	b.drop(id)
	return err
}

// act writes one page of an open, running case.
func (b *Book) act(ctx context.Context, w Who, id, form string, p page) (journal.Seq, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, err := b.room(w, id)
	if err != nil {
		return 0, err
	}
	if !r.c.Running() {
		return 0, fault.New(fault.Conflict, lang.Text{DE: "Der Vorgang ist abgeschlossen. Zum Weiterschreiben wird er zu zweit wieder geöffnet.", EN: "The investigation is closed. Two people open it again to go on."})
	}
	p.By = w.act(b.o.Now())
	return b.writeAt(ctx, r, form, p)
}

// Note writes a note or, with decision, what was decided.
func (b *Book) Note(ctx context.Context, w Who, room, form, text string, decision bool) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxText {
		return invalid("Bitte einen Text schreiben.", "Please write a text.")
	}
	p := page{Step: noted, Text: text}
	if decision {
		p.Step = decided
	}
	_, err := b.act(ctx, w, room, form, p)
	return err
}

// Take takes a hit of a review, or a change with change, into the case.
func (b *Book) Take(ctx context.Context, w Who, room, form string, t Taken, change bool) error {
	p := page{Step: tookHit, Taken: &t, Title: t.Title}
	if change {
		p.Step = tookChange
	}
	_, err := b.act(ctx, w, room, form, p)
	return err
}

// Attach takes a file in as a stream. One that breaks off leaves no attachment.
func (b *Book) Attach(ctx context.Context, w Who, room, form, file, media string, in io.Reader) error {
	name := path.Base(strings.ReplaceAll(strings.TrimSpace(file), `\`, "/"))
	if len(name) > maxTitle {
		name = strings.ToValidUTF8(name[:maxTitle], "")
	}
	if name == "" || name == "." || name == "/" {
		return invalid("Bitte eine Datei wählen.", "Please choose a file.")
	}
	f := File{Name: name, Media: media}
	h := sha256.New()
	buf := make([]byte, pieceSize)
	for {
		n, err := full(in, buf)
		if n > 0 {
			_, _ = h.Write(buf[:n]) // a hash takes everything
			if f.Size += int64(n); f.Size > MaxFile {
				return invalid("Die Datei ist zu groß (mehr als 64 MB).", "The file is too large (more than 64 MB).")
			}
			seq, err := b.act(ctx, w, room, "", page{Step: piece, Data: slices.Clone(buf[:n])})
			if err != nil {
				return err
			}
			f.Pieces = append(f.Pieces, seq)
		}
		if err == io.EOF { // as it is: an unexpected one is a transfer that broke off
			break
		}
		if err != nil {
			return fault.Mark(err, fault.Invalid, lang.Text{DE: "Die Übertragung ist abgebrochen. Bitte noch einmal.", EN: "The transfer broke off. Please try again."})
		}
	}
	if f.Size == 0 {
		return invalid("Die Datei ist leer.", "The file is empty.")
	}
	f.Hash = hex.EncodeToString(h.Sum(nil))
	_, err := b.act(ctx, w, room, form, page{Step: attached, Title: name, File: &f})
	return err
}

// full reads until buf is full or in ends. Unlike [io.ReadFull] it passes the
// error of in on as it is, so that an end is told from a break.
func full(in io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = in.Read(buf[n:])
		n += k
	}
	return n, err
}

// File writes an attachment to out.
func (b *Book) File(ctx context.Context, w Who, room string, n uint64, out io.Writer) (File, error) {
	b.mu.Lock()
	r, err := b.room(w, room)
	var f *File
	if err == nil {
		for _, e := range r.c.Entries {
			if e.N == n && e.File != nil {
				f = e.File
			}
		}
		if f == nil {
			err = errGone()
		} else {
			err = b.write(ctx, r, "", page{Step: looked, By: w.act(b.o.Now()), Text: f.Name})
		}
	}
	var keys []seal.Key
	if err == nil {
		keys = slices.Clone(r.keys)
	}
	b.mu.Unlock()
	if err != nil {
		return File{}, err
	}
	return *f, b.pieces(ctx, keys, f, out)
}

func (b *Book) pieces(ctx context.Context, keys []seal.Key, f *File, out io.Writer) error {
	for _, s := range f.Pieces {
		rec, err := b.journal.Get(ctx, s)
		if err != nil {
			return fmt.Errorf("inquiry: %w", err)
		}
		found := false
		for _, k := range keys {
			if p, ok := openPage(k, rec.ID, rec.Body); ok {
				if _, err := out.Write(p.Data); err != nil {
					return fmt.Errorf("inquiry: %w", err)
				}
				found = true
				break
			}
		}
		if !found {
			return fault.Newf(fault.Corrupt, lang.Text{DE: "Ein Teil der Datei ist beschädigt.", EN: "A part of the file is damaged."}, "inquiry: piece of an attachment does not open")
		}
	}
	return nil
}
