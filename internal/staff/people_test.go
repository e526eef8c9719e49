package staff

import (
	"context"
	"errors"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
)

func TestManagingPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	ctx := t.Context()
	nurse, _ := h.Person("s.weber")
	it, _ := h.Person("krueger")
	neu := Person{ID: "M.Öz", Name: "M. Öz", Roles: []Role{Nurse}}
	refused(t, "umlaut in a sign-in name", h.Add(ctx, it, neu), fault.Invalid)
	neu.ID = "M.Oez"
	refused(t, "a nurse adds", h.Add(ctx, nurse, neu), fault.Forbidden)
	refused(t, "a forged IT person adds", h.Add(ctx, Person{ID: "s.weber", Roles: []Role{IT}}, neu), fault.Forbidden)
	refused(t, "nobody adds", h.Add(ctx, Person{}, neu), fault.Forbidden)
	h.must(h.Add(ctx, it, neu))
	refused(t, "same name again", h.Add(ctx, it, neu), fault.Conflict)
	if p, ok := h.Person("m.oez"); !ok || p.Lang != "de" {
		t.Errorf("added person is %+v", p)
	}
	for what, p := range map[string]Person{
		"no role":          {ID: "x1", Name: "X"},
		"invented role":    {ID: "x1", Name: "X", Roles: []Role{"emperor"}},
		"no name":          {ID: "x1", Roles: []Role{Nurse}},
		"line in the name": {ID: "x1", Name: "X\nY", Roles: []Role{Nurse}},
		"no sign-in name":  {Name: "X", Roles: []Role{Nurse}},
		"console":          {ID: "#console", Name: "X", Roles: []Role{Nurse}},
		"auditor and more": {ID: "x1", Name: "X", Roles: []Role{Auditor, IT}},
		"empty ward":       {ID: "x1", Name: "X", Roles: []Role{Nurse}, Wards: []string{""}},
	} {
		refused(t, what, h.Add(ctx, it, p), fault.Invalid)
	}
	refused(t, "change of somebody unknown", h.Change(ctx, it, Person{ID: "niemand", Name: "X", Roles: []Role{Nurse}}), fault.NotFound)
	refused(t, "disable somebody unknown", h.Disable(ctx, it, "niemand"), fault.NotFound)
	refused(t, "password of somebody unknown", h.SetPassword(ctx, it, "niemand", weberPassword), fault.NotFound)
	refused(t, "a nurse resets a password", h.SetPassword(ctx, nurse, "lange", weberPassword), fault.Forbidden)
	refused(t, "a nurse unlocks", h.Unlock(ctx, nurse, "lange"), fault.Forbidden)

	own := it
	own.Roles = []Role{IT, Physician}
	refused(t, "IT makes itself a physician", h.Change(ctx, it, own), fault.Forbidden)
	refused(t, "IT disables itself", h.Disable(ctx, it, "krueger"), fault.Forbidden)
	refused(t, "the last manager goes", h.Disable(ctx, Console(), "krueger"), fault.Conflict)
	h.must(h.Add(ctx, Console(), Person{ID: "vogel", Name: "A. Vogel", Roles: []Role{IT}}))
	refused(t, "the other cannot sign in yet", h.Disable(ctx, Console(), "krueger"), fault.Conflict)
	h.must(h.SetPassword(ctx, Console(), "vogel", weberPassword))
	h.must(h.Disable(ctx, Console(), "krueger"))
	refused(t, "a disabled manager adds", h.Add(ctx, it, Person{ID: "x2", Name: "X", Roles: []Role{Nurse}}), fault.Forbidden)

	list := h.People()
	list[0].Roles[0] = "changed outside"
	if h.People()[0].Roles[0] == "changed outside" {
		t.Error("the list shares memory with the book")
	}
}

func TestPasswordsThatAreRefused(t *testing.T) {
	t.Parallel()
	p := Person{ID: "s.weber", Name: "Sabine von der Weber-Großmann"}
	for _, c := range []struct {
		password string
		good     bool
	}{
		{"Regenschirm lila Kran", true},
		{"regenschirmkran", true},
		{"x9#fTq2!Lm", true},
		{"die Katze frisst Nebel", true},
		{"früher Käse äh Übel", true},
		{"Sommerregen auf der Autobahn", true},
		{"kurz", false},
		{"123456789", false},
		{"ääääääää", false}, // 8 characters in 16 bytes
		{"1234567890", false},
		{"12345678901234", false},
		{"0000000000", false},
		{"aaaaaaaaaaaa", false},
		{"qwertzuiop", false},
		{"Qwertz12345", false},
		{"abcdefghijk", false},
		{"Passwort2026", false},
		{"P@ssw0rt2026!", false},
		{"passwortpasswort", false},
		{"Krankenhaus1!", false},
		{"Notbetrieb2026", false},
		{"Sommer2026!", false},
		{"Willkommen1", false},
		{"!!!Universitätsklinikum!!!", false},
		{"2026-11-19 02:14", false},
		{"S.Weber1234", false},
		{"Großmann1979", false},
		{"weber weber", false},
		{strings.Repeat("sehr lang ", 30), false},
		{"kein\xffgültiger Text", false},
	} {
		err := goodPassword(p, c.password)
		if (err == nil) != c.good {
			t.Errorf("%q: %v, want good %v", c.password, err, c.good)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: kind %d", c.password, fault.KindOf(err))
		}
	}
}

func TestStoredPassword(t *testing.T) {
	t.Parallel()
	cheap := HashCost{Memory: 64, Time: 1, Threads: 1}
	stored := hashPassword("Übel früh Käse", cheap)
	for password, want := range map[string]bool{
		"Übel früh Käse":                   true,
		"U\u0308bel fru\u0308h Ka\u0308se": true, // the same letters typed in two parts
		"Ubel fruh Kase":                   false,
		"":                                 false,
	} {
		if got, err := checkPassword(password, stored); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	if hashPassword("x", cheap) == hashPassword("x", cheap) {
		t.Error("two hashes of one password are equal: no salt")
	}
	if _, _, c, err := parsePHC(hashPassword("x", DefaultHashCost())); err != nil || c != DefaultHashCost() {
		t.Errorf("cost read back is %+v, %v", c, err)
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=64,t=1,p=1$$", strings.Replace(stored, "argon2id", "argon2i", 1),
		strings.Replace(stored, "v=19", "v=16", 1), strings.Replace(stored, "m=64", "m=99999999", 1),
		strings.Replace(stored, "t=1", "t=0", 1), strings.Replace(stored, "p=1", "p=0", 1), stored + "$x"} {
		if _, err := checkPassword("x", bad); !errors.Is(err, errPHC) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTheConsolesUserIsRecordedByName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, root := t.Context(), ConsoleOf("HAUS\\vogel")
	h.must(h.Add(ctx, root, Person{ID: "weber", Name: "S. Weber", Roles: []Role{IT}}))
	h.must(h.SetPassword(ctx, root, "weber", weberPassword))
	p, _ := h.Person("weber")
	p.Wards = []string{"3A"}
	h.must(h.Change(ctx, root, p))
	h.must(h.Unlock(ctx, root, "weber"))
	h.must(h.Unlock(ctx, p, "weber"))
	h.must(h.Unlock(ctx, Console(), "weber"))
	h.must(h.Unlock(ctx, ConsoleOf(""), "weber"))
	recs, err := h.j.Read(ctx, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range recs {
		e, err := decodeEvent(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(e.Type)+" "+e.By+" "+e.Op)
	}
	want := `person-added #console HAUS\vogel, password-set #console HAUS\vogel, person-changed #console HAUS\vogel, unlocked #console HAUS\vogel, ` +
		`unlocked weber , unlocked #console , unlocked #console `
	if strings.Join(got, ", ") != want {
		t.Errorf("recorded:\n%s\nwant:\n%s", strings.Join(got, ", "), want)
	}
}

// Whoever manages people must not become the auditor, on no way.
func TestOnlyTheConsoleReachesWhoWatchesOverOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	ctx := t.Context()
	it, _ := h.Person("krueger")
	h.must(h.Add(ctx, Console(), Person{ID: "adler", Name: "H. Adler", Roles: []Role{Auditor}}))
	h.must(h.SetPassword(ctx, Console(), "adler", langePassword))
	h.must(h.Add(ctx, Console(), Person{ID: "vogel", Name: "A. Vogel", Roles: []Role{IT}}))
	adler, _ := h.Person("adler")
	for _, id := range []string{"adler", "vogel", "krueger"} {
		refused(t, "IT sets the password of "+id, h.SetPassword(ctx, it, id, weberPassword), fault.Forbidden)
	}
	h.must(h.Disable(ctx, it, "adler"))
	refused(t, "IT sets the password of a disabled auditor", h.SetPassword(ctx, it, "adler", weberPassword), fault.Forbidden)
	for what, roles := range map[string][]Role{"a nurse for a while": {Nurse}, "IT": {IT}} {
		p := adler
		p.Roles = roles
		refused(t, "the auditor becomes "+what, h.Change(ctx, it, p), fault.Forbidden)
	}
	for _, role := range []Role{Auditor, IT} {
		refused(t, "IT adds a person as "+string(role), h.Add(ctx, it, Person{ID: "neu", Name: "Neu", Roles: []Role{role}}), fault.Forbidden)
		p, _ := h.Person("s.weber")
		p.Roles = []Role{role}
		refused(t, "a nurse becomes "+string(role), h.Change(ctx, it, p), fault.Forbidden)
	}
	adler.Name = "Helga Adler"
	h.must(h.Change(ctx, it, adler)) // a name is no power, and so she is enabled again
	if _, _, err := h.SignIn(ctx, "adler", langePassword, "10.3.1.7:1"); err != nil {
		t.Error("the auditor's own password:", err)
	}
	h.must(h.SetPassword(ctx, Console(), "adler", weberPassword))
	h.must(h.SetPassword(ctx, it, "s.weber", langePassword))
}

// What somebody with several roles does is done in the role that allows it.
func TestTheRoleThatAllowsAnAct(t *testing.T) {
	t.Parallel()
	p := Person{ID: "x", Roles: []Role{Crisis, Physician, Nurse}}
	for right, want := range map[Right]Role{
		Prescribe: Physician, GiveDoses: Physician, OperateHandback: Crisis, SeeHouse: Crisis, Dispense: "", WriteNursing: Physician,
	} {
		if got := RoleFor(p, right); got != want {
			t.Errorf("%s: %q, want %q", right, got, want)
		}
	}
}

// Disable ends a person's access as the page of people does.
func (b *Book) Disable(ctx context.Context, by Person, id string) error {
	p, known := b.Person(id)
	if !known {
		return errNobody()
	}
	p.Disabled = true
	return b.Change(ctx, by, p)
}
