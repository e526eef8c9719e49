package callout

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// own keeps the key that a form chose apart from those of other people, of other
// acts and of the hub itself: nobody takes the key of a step before it is done.
func (a Act) own(act string) Act {
	if a.Key != "" && len(a.Key) <= maxKey {
		a.Key = "form/" + journal.KeyOf("callout form", act+"/"+a.Person, []byte(a.Key)).String()
	}
	return a
}

// clean is a text on one line without characters that nobody types.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

const (
	maxKey     = 200
	maxTitle   = 120 // characters
	maxText    = 600
	maxMinutes = 24 * 60
)

// do records one step. What the fold decided about the record is the outcome: if
// another was faster, the record stays and has no effect.
func (b *Book) do(ctx context.Context, by Act, r record) (journal.ID, error) {
	if len(by.Key) > maxKey {
		return journal.ID{}, invalid("Die Angaben sind zu lang.", "The details are too long.")
	}
	if by.At.IsZero() {
		by.At = b.o.Now()
	}
	by.At = by.At.Round(0).UTC()
	r.By = by
	id := journal.NewID()
	if by.Key != "" {
		id = journal.KeyOf("callout", by.Key, nil)
	}
	b.act.Lock()
	defer b.act.Unlock()
	if err := b.Advance(ctx, 0); err != nil {
		return id, err
	}
	b.now.RLock()
	seq, done := b.now.Fold.known[id]
	why, against := b.now.Fold.judge(&r)
	b.now.RUnlock()
	switch {
	case done:
		return id, b.again(ctx, seq, id, r)
	case why != "":
		return id, b.refuse(refusal{why, against})
	}
	body, err := r.encode()
	if err != nil {
		return id, err
	}
	if _, err := decodeRecord(body); err != nil {
		return id, fault.Mark(err, fault.Invalid, lang.Text{DE: "Die Angaben sind unvollständig.", EN: "The details are incomplete."})
	}
	seq, err = b.journal.Append(ctx, journal.Record{ID: id, Time: by.At, Site: b.o.Site, Source: "callout", Kind: journal.Callout, Body: body})
	if err != nil {
		return id, fmt.Errorf("callout %s: %w", r.Step, err)
	}
	if err := b.Advance(ctx, seq); err != nil {
		return id, err
	}
	return id, b.outcome(id)
}

// again answers a form that was sent before: the same content is the same act,
// another one is a conflict. The plan of a call-out is not compared: it was made
// of what the estate said then.
func (b *Book) again(ctx context.Context, seq journal.Seq, id journal.ID, r record) error {
	recs, err := b.journal.Read(ctx, seq, 1)
	if err != nil {
		return fmt.Errorf("callout: read journal: %w", err)
	}
	if len(recs) == 1 && recs[0].Seq == seq {
		if was, err := decodeRecord(recs[0].Body); err == nil && !sameAct(was, r) {
			return fault.Newf(fault.Conflict, lang.Text{
				DE: "Dieses Formular wurde schon für etwas anderes abgeschickt. Bitte die Seite neu laden.",
				EN: "This form was already sent for something else. Please reload the page.",
			}, "callout %s: command key was used for %s", r.Step, was.Step)
		}
	}
	return b.outcome(id)
}

func sameAct(a, b record) bool {
	for _, r := range []*record{&a, &b} {
		r.By.At = time.Time{}
		if r.Plan != nil {
			p := *r.Plan
			p.Posts, p.Name, p.Quorum = nil, "", 0
			r.Plan = &p
		}
	}
	x, err := a.encode()
	y, err2 := b.encode()
	return err == nil && err2 == nil && bytes.Equal(x, y)
}

func (b *Book) outcome(id journal.ID) error {
	b.now.RLock()
	r, refused := b.now.Fold.refused[id]
	b.now.RUnlock()
	if refused {
		return b.refuse(r)
	}
	return nil
}

func invalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }

func (b *Book) refuse(r refusal) error {
	who := r.Against.Name
	if who == "" {
		who = r.Against.Person
	}
	if who != "" {
		who = " (" + who + ", " + r.Against.At.In(b.o.Zone).Format("02.01. 15:04") + ")"
	}
	kind, say := fault.Conflict, lang.Text{DE: "Das geht jetzt nicht.", EN: "This is not possible now."}
	switch r.Why {
	case noCallout:
		kind, say = fault.NotFound, lang.Text{DE: "Diese Alarmierung gibt es nicht.", EN: "There is no such call-out."}
	case noSuch:
		say = lang.Text{DE: "Das gibt es hier nicht oder nicht mehr. Bitte die Seite neu laden.", EN: "This is not here, or no longer. Please reload the page."}
	case isOver:
		say = lang.Text{DE: "Die Alarmierung ist schon beendet" + who + ".", EN: "The call-out is already over" + who + "."}
	case onlyOnce:
		say = lang.Text{DE: "Das ist schon eingetragen" + who + ".", EN: "This is recorded already" + who + "."}
	case changedByAn:
		say = lang.Text{DE: "Jemand hat die Gruppe inzwischen geändert" + who + ". Bitte die Seite neu laden.", EN: "Somebody has changed the group meanwhile" + who + ". Please reload the page."}
	case underWay:
		say = lang.Text{DE: "An diese Person wird gerade gesendet.", EN: "Something is being sent to this person."}
	}
	return fault.Newf(kind, say, "callout: %s", r.Why)
}

// Order is what somebody wants said, and to whom.
type Order struct {
	Crisis  string
	Group   string // ID, or one of GroupTeam, GroupLead, GroupTree
	Holders []Holder
	Title   string
	Text    string
	Place   string
	Phone   string
	Ask     Ask
	Drill   bool
	Apart   bool // never told together with anything else
	Trigger Trigger
	Of      []Occasion // what it tells of, where no person begins it
}

// Preview is whom an order would call, before anything is sent.
type Preview struct {
	Name   string
	Quorum int
	Posts  []Post
	People int            // who are called first
	Ways   map[string]int // people by the ways out that would be tried for them
	Voice  []Person       // who can only be called by voice
	Lost   []Person       // who cannot be reached at all
	Left   int            // who are not called, because they are too many at once
}

func (b *Book) plan(o Order) (*plan, error) {
	for _, s := range []*string{&o.Title, &o.Text, &o.Place, &o.Phone} {
		*s = clean(*s)
	}
	if o.Ask == "" {
		o.Ask = Come
	}
	switch {
	case utf8.RuneCountInString(o.Title) < 3:
		return nil, invalid("Bitte in ein paar Worten sagen, was ist.", "Please say in a few words what it is.")
	case utf8.RuneCountInString(o.Title) > maxTitle:
		return nil, invalid(fmt.Sprintf("Der Anlass ist zu lang: höchstens %d Zeichen, damit er in eine SMS passt.", maxTitle), fmt.Sprintf("The reason is too long: at most %d characters, to fit an SMS.", maxTitle))
	case utf8.RuneCountInString(o.Text) > maxText, utf8.RuneCountInString(o.Place) > maxTitle, utf8.RuneCountInString(o.Phone) > 60:
		return nil, invalid("Der Text ist zu lang.", "The text is too long.")
	case !utf8.ValidString(o.Title + o.Text + o.Place + o.Phone):
		return nil, invalid("Der Text ist nicht lesbar.", "The text cannot be read.")
	}
	g, ok := b.named(o.Group)
	if !ok {
		return nil, invalid("Bitte die Gruppe wählen.", "Please choose the group.")
	}
	p := planner{estate: b.o.Estate(), outs: b.o.Outs, country: b.o.Country, role: b.o.Role, holders: o.Holders}
	posts, left := p.posts(g)
	if len(posts) == 0 {
		return nil, invalid("In dieser Gruppe ist niemand, der gerufen werden kann.", "There is nobody in this group who can be called.")
	}
	quorum := g.Quorum
	if quorum < 1 || quorum > len(posts) {
		quorum = len(posts)
	}
	return &plan{Crisis: o.Crisis, Group: g.ID, Name: g.Name, Title: o.Title, Text: o.Text, Place: o.Place, Phone: o.Phone, Ask: o.Ask, Drill: o.Drill, Trigger: o.Trigger, Of: clipped(o.Of), Quorum: quorum, Posts: posts, Left: left}, nil
}

// named finds a group, also those that nobody has to write down.
func (b *Book) named(id string) (Group, bool) {
	switch id {
	case GroupTeam:
		return Group{ID: id, Name: "Krisenstab der Lage"}, true
	case GroupLead:
		return Group{ID: id, Name: "Leitung des Krisenstabs", Quorum: 1}, true
	case GroupTree:
		return Group{ID: id, Name: "Telefonkette"}, true
	}
	return b.Group(id)
}

// Preview returns whom an order would call.
func (b *Book) Preview(o Order) (Preview, error) {
	p, err := b.plan(o)
	if err != nil {
		return Preview{}, err
	}
	c := begun(&record{Plan: p}, journal.Record{})
	out := Preview{Name: p.Name, Quorum: p.Quorum, Posts: c.Posts, Left: p.Left, Ways: map[string]int{}}
	for _, post := range c.Posts {
		x := post.Chain[0]
		out.People++
		seen := map[string]bool{}
		for _, w := range x.Ways {
			if !seen[w.Out] {
				out.Ways[w.Out]++
				seen[w.Out] = true
			}
		}
		switch {
		case len(x.Ways) > 0:
		case len(x.Phones) > 0:
			out.Voice = append(out.Voice, x)
		default:
			out.Lost = append(out.Lost, x)
		}
	}
	return out, nil
}

// Start calls a group. It returns when the call-out is on disk; the messages
// follow. Errors: Invalid for what cannot be sent, Conflict for a key that was
// used for something else.
func (b *Book) Start(ctx context.Context, by Act, o Order) (*Callout, error) {
	if o.Trigger == "" {
		o.Trigger = ByPerson
	}
	if o.Trigger == ByPerson && by.Person == "" {
		return nil, invalid("Die Angaben sind unvollständig.", "The details are incomplete.")
	}
	p, err := b.plan(o)
	if err != nil {
		return nil, err
	}
	coded(p.Posts, b.codes())
	if by.Person != "" {
		by = by.own("start")
	}
	id, err := b.do(ctx, by, record{Step: stepStarted, Plan: p})
	if err != nil {
		return nil, err
	}
	return b.Callout(id.String())
}

// codes are the answer codes that are in use.
func (b *Book) codes() map[string]bool {
	out := map[string]bool{}
	b.each(func(_ *Callout, _ Post, x Person) bool {
		out[x.Code] = true
		return true
	})
	return out
}

// each calls f for everybody on a call-out whose links still live, the newest
// first, until it returns false.
func (b *Book) each(f func(*Callout, Post, Person) bool) {
	oldest := b.o.Now().Add(-linkLife)
	for _, c := range b.All() {
		if c.Started.At.Before(oldest) {
			continue
		}
		for _, p := range c.Posts {
			for _, x := range p.Chain {
				if !f(c, p, x) {
					return
				}
			}
		}
	}
}

// Reply is what somebody answers.
type Reply struct {
	Word    Word
	Minutes int
	Via     Via
	Note    string
}

// answers reports whether the word can come this way.
func answers(r Reply) bool {
	switch r.Word {
	case Coming, Cannot, Knows:
		return true
	case NoReply:
		return r.Via == ByVoice || r.Via == ByCode
	case Said:
		return r.Via == BySMS || r.Via == ByNumber
	}
	return false
}

// Answer records an answer. An answer that comes again or when all is over is
// recorded too, and changes nothing; one over a link that was used before is a
// Conflict.
func (b *Book) Answer(ctx context.Context, by Act, callout, person string, r Reply) error {
	c, err := b.Callout(callout)
	if err != nil {
		return err
	}
	if r.Minutes < 0 || r.Minutes > maxMinutes {
		return invalid("Die Minuten sind nicht möglich.", "The minutes are not possible.")
	}
	if !answers(r) || r.Word == Knows && c.Ask != Read || r.Word == Coming && c.Ask == Read {
		return invalid("Bitte wählen, was geantwortet wurde.", "Please choose what was answered.")
	}
	if r.Word != Coming {
		r.Minutes = 0
	}
	note := clean(r.Note)
	if len([]rune(note)) > maxTitle {
		return invalid("Der Text ist zu lang.", "The text is too long.")
	}
	_, err = b.do(ctx, by.own("answer/"+string(r.Via)+"/"+callout+"/"+person), record{Step: stepAnswered, Callout: callout, Person: person, Word: r.Word, Minutes: r.Minutes, Via: r.Via, Text: note})
	return err
}

// Coded finds who has an answer code.
func (b *Book) Coded(code string) (c *Callout, x Person, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, code)
	b.each(func(at *Callout, _ Post, y Person) bool {
		if y.Code == code && !y.Since.IsZero() {
			c, x, ok = at, y, true
		}
		return !ok
	})
	return c, x, ok
}

// End ends a call-out: nobody is called any more. With clear those who were told
// are told that it is over.
func (b *Book) End(ctx context.Context, by Act, callout, why string, clear bool) error {
	why = clean(why)
	if len([]rune(why)) > maxText {
		return invalid("Der Text ist zu lang.", "The text is too long.")
	}
	_, err := b.do(ctx, by.own("end"), record{Step: stepEnded, Callout: callout, Text: why, Clear: clear})
	return err
}

// SaveGroup writes a group down. seen is Group.Seq as its author saw it.
func (b *Book) SaveGroup(ctx context.Context, by Act, g Group, seen uint64) error {
	g.Name = clean(g.Name)
	switch {
	case !validID(g.ID) || g.ID == GroupTeam || g.ID == GroupLead || g.ID == GroupTree:
		return invalid("Der Kurzname hat bis zu 40 kleine Buchstaben, Ziffern und Bindestriche und darf nicht team, lead oder tree sein.", "The short name has up to 40 small letters, digits and hyphens and must not be team, lead or tree.")
	case len([]rune(g.Name)) < 3 || len([]rune(g.Name)) > 80:
		return invalid("Bitte den Namen der Gruppe angeben.", "Please give the group's name.")
	case len(g.Seats) == 0 || len(g.Seats) > maxPosts:
		return invalid("Bitte mindestens eine Zeile ausfüllen.", "Please fill in at least one row.")
	case g.Quorum < 0 || g.Quorum > len(g.Seats):
		return invalid("So viele hat die Gruppe nicht.", "The group has not as many.")
	}
	e := b.o.Estate()
	for _, s := range g.Seats {
		if _, ok := e.Contact(s.Contact); !ok {
			return invalid("Bitte in jeder Zeile einen Kontakt wählen.", "Please choose a contact in each row.")
		}
		if s.Role != "" && !slices.Contains(rulebook.Roles(), s.Role) {
			return invalid("Diese Funktion gibt es nicht.", "There is no such role.")
		}
	}
	_, err := b.do(ctx, by.own("group"), record{Step: stepGroup, Group: &g, Seen: seen})
	return err
}

// RemoveGroup takes a group away. Its call-outs stay.
func (b *Book) RemoveGroup(ctx context.Context, by Act, id string, seen uint64) error {
	_, err := b.do(ctx, by.own("group"), record{Step: stepNoGroup, Group: &Group{ID: id}, Seen: seen})
	return err
}

func validID(s string) bool {
	ok := s != "" && len(s) <= 40
	for _, c := range []byte(s) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')
	}
	return ok
}
