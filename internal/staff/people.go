package staff

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

const (
	minIDLen   = 2
	maxIDLen   = 64
	maxNameLen = 120
	consoleID  = "#console"
	// consoleName is the console's where no name of a user is known.
	consoleName = "Konsole"
)

// Console is who acts at the machine itself, holding its key: the first setup,
// the command line, the demo. It may manage people and is in no list; nobody
// can sign in as it.
func Console() Person {
	return Person{ID: consoleID, Name: consoleName, Roles: []Role{IT}}
}

// ConsoleOf is the [Console] with the operating system's name of its user, which
// is recorded with each act. The hub takes it from the command line and cannot
// prove it; "" is the Console without a name.
func ConsoleOf(user string) Person {
	p := Console()
	if user != "" {
		p.Name = user[:min(len(user), maxNameLen)]
	}
	return p
}

// validID reports whether id can be a sign-in name: 2 to 64 lower-case letters,
// digits, dots, hyphens and underscores, beginning with a letter or digit.
func validID(id string) bool {
	if len(id) < minIDLen || len(id) > maxIDLen {
		return false
	}
	for i, c := range []byte(id) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case i > 0 && (c == '.' || c == '-' || c == '_'):
		default:
			return false
		}
	}
	return true
}

// People returns everybody, also the disabled, by name.
func (b *Book) People() []Person {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make([]Person, 0, len(b.state.people))
	for _, m := range b.state.people {
		out = append(out, m.copied())
	}
	slices.SortFunc(out, func(x, y Person) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// Person returns one person.
func (b *Book) Person(id string) (Person, bool) {
	m, ok := b.look(id)
	return m.Person, ok
}

// Add adds a person. Without [Book.SetPassword] that person cannot sign in.
// Errors: Forbidden without [ManagePeople], Invalid, Conflict if the name is
// taken.
func (b *Book) Add(ctx context.Context, by Person, p Person) error {
	b.act.Lock()
	defer b.act.Unlock()
	p, err := b.checked(by, p)
	if err != nil {
		return err
	}
	if _, taken := b.look(p.ID); taken {
		return fault.New(fault.Conflict, lang.Text{
			DE: "Diesen Anmeldenamen gibt es schon.", EN: "This sign-in name is taken.",
		})
	}
	if guarded(p.Roles) && by.ID != consoleID {
		return errGuarded()
	}
	added := act(personAdded, by)
	added.Person = factOf(p)
	_, err = b.record(ctx, added)
	return err
}

// Change gives an existing person another name, roles, wards, language, or
// disables and enables. Password and lock stay. Nobody changes their own roles
// or wards, and the last person who may manage people stays able to.
func (b *Book) Change(ctx context.Context, by Person, p Person) error {
	b.act.Lock()
	defer b.act.Unlock()
	return b.change(ctx, by, p)
}

func (b *Book) change(ctx context.Context, by Person, p Person) error {
	p, err := b.checked(by, p)
	if err != nil {
		return err
	}
	old, known := b.look(p.ID)
	if !known {
		return errNobody()
	}
	if by.ID == p.ID && (!slices.Equal(old.Roles, p.Roles) || !slices.Equal(old.Wards, p.Wards) || p.Disabled) {
		return fault.New(fault.Forbidden, lang.Text{
			DE: "Die eigenen Rollen und Stationen ändert jemand anders.",
			EN: "Somebody else has to change your own roles and wards.",
		})
	}
	if (guarded(old.Roles) || guarded(p.Roles)) && by.ID != consoleID && !slices.Equal(old.Roles, p.Roles) {
		return errGuarded()
	}
	if May(old.Person, ManagePeople) && !May(p, ManagePeople) && !b.otherManager(p.ID) {
		return fault.New(fault.Conflict, lang.Text{
			DE: "Das ist die letzte Person, die Personen verwalten darf.",
			EN: "This is the last person who may manage people.",
		})
	}
	changed := act(personChanged, by)
	changed.Person = factOf(p)
	_, err = b.record(ctx, changed)
	return err
}

// otherManager reports whether somebody else who can sign in may manage people.
func (b *Book) otherManager(id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, m := range b.state.people {
		if m.ID != id && m.phc != "" && May(m.Person, ManagePeople) {
			return true
		}
	}
	return false
}

// Unlock lifts the lock after wrong passwords.
func (b *Book) Unlock(ctx context.Context, by Person, id string) error {
	if !b.manages(by) {
		return errManage()
	}
	if _, known := b.look(id); !known {
		return errNobody()
	}
	e := act(unlocked, by)
	e.ID = id
	_, err := b.record(ctx, e)
	return err
}

// SetPassword gives somebody a new password, lifts a lock and ends that
// person's sessions. The person must change it at the next sign-in; only what
// the [Console] sets leaves that as it is.
//
// Of an auditor and of who manages people, only the Console sets it: Forbidden.
func (b *Book) SetPassword(ctx context.Context, by Person, id, password string) error {
	b.act.Lock() // the roles stay as they are until the password is set
	defer b.act.Unlock()
	if !b.manages(by) {
		return errManage()
	}
	m, known := b.look(id)
	if !known {
		return errNobody()
	}
	if guarded(m.Roles) && by.ID != consoleID {
		return errGuarded()
	}
	e := act(passwordSet, by)
	e.Must = by.ID != consoleID || m.MustChange
	return b.setPassword(ctx, m, password, e)
}

// ChangeOwn lets a person change their own password; old is checked like at
// [Book.SignIn] and counts towards a lock. Other sessions of the person end.
func (b *Book) ChangeOwn(ctx context.Context, s Session, old, password string) error {
	if _, err := b.verify(ctx, s.Person.ID, old, s.From); err != nil {
		return err
	}
	m, known := b.look(s.Person.ID)
	if !known {
		return errNobody()
	}
	if old == password {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Das neue Passwort ist das alte.", EN: "The new password is the old one.",
		})
	}
	return b.setPassword(ctx, m, password, event{By: m.ID, Keep: s.ID})
}

func (b *Book) setPassword(ctx context.Context, m member, password string, e event) error {
	if err := goodPassword(m.Person, password); err != nil {
		return err
	}
	release, err := b.slot(ctx)
	if err != nil {
		return err
	}
	e.PHC = hashPassword(password, b.o.Hash)
	release()
	e.Type, e.ID = passwordSet, m.ID
	_, err = b.record(ctx, e)
	return err
}

// manages reports whether by may manage people. Roles are looked up afresh: a
// page that was opened before a role was taken away does not help.
func (b *Book) manages(by Person) bool {
	if by.ID == consoleID {
		return true
	}
	m, known := b.look(by.ID)
	return known && May(m.Person, ManagePeople)
}

// checked returns p in its stored spelling, or why it cannot be stored.
func (b *Book) checked(by, p Person) (Person, error) {
	if !b.manages(by) {
		return p, errManage()
	}
	p.ID = strings.ToLower(strings.TrimSpace(p.ID))
	p.Name = strings.TrimSpace(p.Name)
	p.Lang = lang.Parse(string(p.Lang))
	p.Roles = slices.Compact(slices.Sorted(slices.Values(p.Roles)))
	p.Wards = slices.Compact(slices.Sorted(slices.Values(p.Wards)))
	invalid := func(de, en string) (Person, error) {
		return p, fault.New(fault.Invalid, lang.Text{DE: de, EN: en})
	}
	switch {
	case !validID(p.ID):
		return invalid("Der Anmeldename braucht 2 bis 64 Zeichen: kleine Buchstaben, Ziffern, Punkt, Bindestrich.",
			"The sign-in name needs 2 to 64 characters: small letters, digits, dot, hyphen.")
	case p.Name == "" || len(p.Name) > maxNameLen || strings.ContainsFunc(p.Name, isControl):
		return invalid("Bitte den Namen angeben, wie er angezeigt werden soll.", "Please give the name as it is to be shown.")
	case len(p.Roles) == 0:
		return invalid("Bitte mindestens eine Rolle wählen.", "Please choose at least one role.")
	case len(p.Wards) > 500 || slices.Contains(p.Wards, ""):
		return invalid("Die Liste der Stationen stimmt nicht.", "The list of wards is wrong.")
	}
	for _, r := range p.Roles {
		if rightsOf(r) == nil {
			return invalid("Diese Rolle gibt es nicht.", "There is no such role.")
		}
	}
	if slices.Contains(p.Roles, Auditor) && len(p.Roles) > 1 {
		return invalid("Die Revision prüft andere und hat keine zweite Rolle.", "An auditor checks others and has no second role.")
	}
	return p, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func errManage() error {
	return fault.New(fault.Forbidden, lang.Text{
		DE: "Personen verwaltet die IT.", EN: "People are managed by IT.",
	})
}

func errGuarded() error {
	return fault.New(fault.Forbidden, lang.Text{
		DE: "Rolle und Passwort von Prüfung und IT werden nur an der Konsole des Rechners gesetzt (notbetrieb people).",
		EN: "Role and password of auditors and IT are set only at the machine's console (notbetrieb people).",
	})
}

func errNobody() error {
	return fault.New(fault.NotFound, lang.Text{
		DE: "Diese Person gibt es nicht.", EN: "There is no such person.",
	})
}
