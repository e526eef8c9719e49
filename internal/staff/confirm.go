package staff

import (
	"context"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Confirm checks name and password of a second person who signs at a screen
// where somebody else is signed in. No session begins or ends. It counts and
// locks as [Book.SignIn] does and gives the same answers; whoever must change
// the password first cannot sign (fault.Forbidden): somebody else knows it.
func (b *Book) Confirm(ctx context.Context, id, password, from string) (Person, error) {
	id = strings.ToLower(strings.TrimSpace(id))
	if len(id) > maxIDLen {
		id = id[:maxIDLen]
	}
	m, err := b.verify(ctx, id, password, from)
	if err != nil {
		return Person{}, err
	}
	if m.MustChange {
		return Person{}, fault.New(fault.Forbidden, lang.Text{
			DE: "Diese Person muss erst selbst ein neues Passwort wählen und kann noch nicht gegenzeichnen.",
			EN: "This person has to choose a new password first and cannot countersign yet.",
		})
	}
	return m.Person, nil
}
