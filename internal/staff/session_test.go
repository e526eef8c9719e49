package staff

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/fault"
)

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	token, s := h.signIn(" S.Weber ", weberPassword)
	if s.Person.Name != "S. Weber" || s.From != "10.3.1.7:51234" || s.Expires.Sub(s.Started) != 12*time.Hour {
		t.Errorf("session is %+v", s)
	}
	got, err := h.Session(t.Context(), token)
	h.must(err)
	if got.ID != s.ID {
		t.Errorf("session of the token is %s, want %s", got.ID, s.ID)
	}
	for _, wrong := range []string{"", "x", token + "x", token[:len(token)-1], strings.ToUpper(token), s.ID} {
		_, err := h.Session(t.Context(), wrong)
		refused(t, "wrong token", err, fault.Unsigned)
	}
	if all := h.Sessions(); len(all) != 1 || all[0].ID != s.ID {
		t.Errorf("open sessions are %+v", all)
	}
	h.must(h.SignOut(t.Context(), token))
	h.must(h.SignOut(t.Context(), token))
	if all := h.Sessions(); len(all) != 0 {
		t.Errorf("open sessions after sign-out are %+v", all)
	}
	_, err = h.Session(t.Context(), token)
	refused(t, "token after sign-out", err, fault.Unsigned)
}

func TestSignInIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	h.must(h.Add(t.Context(), Console(), Person{ID: "neu", Name: "N. Neu", Roles: []Role{Nurse}}))
	h.must(h.Disable(t.Context(), Console(), "lange"))
	said := make(map[string]bool)
	for _, c := range []struct{ name, id, password string }{
		{"wrong password", "s.weber", "Regenschirm lila kran"},
		{"empty password", "s.weber", ""},
		{"unknown person", "niemand", weberPassword},
		{"disabled person with the right password", "lange", langePassword},
		{"person without a password", "neu", ""},
		{"endless password", "s.weber", strings.Repeat("ä", 1<<16)},
		{"name that is no name", "s.weber\x00' OR 1=1", weberPassword},
		{"the console", "#console", weberPassword},
	} {
		_, _, err := h.SignIn(t.Context(), c.id, c.password, "10.3.1.7")
		refused(t, c.name, err, fault.Unsigned)
		said[err.Error()+fault.Say(err).DE] = true
	}
	if len(said) != 1 {
		t.Errorf("the answers differ and tell who exists: %v", said)
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []time.Duration // each followed by a use
		alive bool
	}{
		{"used after 29 minutes", []time.Duration{29 * time.Minute}, true},
		{"used twice within 30 minutes each", []time.Duration{20 * time.Minute, 20 * time.Minute}, true},
		{"unused for 30 minutes", []time.Duration{30 * time.Minute}, false},
		{"twelve hours of work", repeat(29*time.Minute, 25), false},
		{"clock a minute back", []time.Duration{-time.Minute}, true},
		{"clock a year back", []time.Duration{-365 * 24 * time.Hour}, false},
		{"clock a day forward", []time.Duration{24 * time.Hour}, false},
		{"clock back in the middle of a shift", []time.Duration{25 * time.Minute, 25 * time.Minute, -45 * time.Minute, 29 * time.Minute}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t).staffed()
			token, _ := h.signIn("s.weber", weberPassword)
			var err error
			for _, d := range c.steps {
				h.clock.step(d)
				_, err = h.Session(t.Context(), token)
			}
			if (err == nil) != c.alive {
				t.Errorf("session: %v, want alive %v", err, c.alive)
			}
			h.must(h.sweep(t.Context()))
			if n := len(h.state.seats); (n == 1) != c.alive {
				t.Errorf("%d sessions kept", n)
			}
		})
	}
}

func repeat(d time.Duration, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = d
	}
	return out
}

func TestDisabledPersonLosesTheSessionAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	token, _ := h.signIn("s.weber", weberPassword)
	h.must(h.Disable(t.Context(), Console(), "s.weber"))
	_, err := h.Session(t.Context(), token)
	refused(t, "session of a disabled person", err, fault.Unsigned)
	p, _ := h.Person("s.weber")
	p.Disabled = false
	h.must(h.Change(t.Context(), Console(), p))
	_, err = h.Session(t.Context(), token)
	refused(t, "old session of a person enabled again", err, fault.Unsigned)
	h.signIn("s.weber", weberPassword)
}

func TestRoleTakenAwayHoldsFromTheNextPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	token, _ := h.signIn("s.weber", weberPassword)
	p, _ := h.Person("s.weber")
	p.Roles = []Role{Admission}
	h.must(h.Change(t.Context(), Console(), p))
	s, err := h.Session(t.Context(), token)
	h.must(err)
	if May(s.Person, SeeChart) {
		t.Error("still sees charts")
	}
}

func TestNewPasswordEndsSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	here, s := h.signIn("s.weber", weberPassword)
	there, _ := h.signIn("s.weber", weberPassword)
	refused(t, "wrong old password", h.ChangeOwn(t.Context(), s, "falsch", "Kutsche Nebel Zange"), fault.Unsigned)
	refused(t, "same password", h.ChangeOwn(t.Context(), s, weberPassword, weberPassword), fault.Invalid)
	h.must(h.ChangeOwn(t.Context(), s, weberPassword, "Kutsche Nebel Zange"))
	if _, err := h.Session(t.Context(), here); err != nil {
		t.Errorf("own session: %v", err)
	}
	_, err := h.Session(t.Context(), there)
	refused(t, "other session", err, fault.Unsigned)
	it, _ := h.Person("krueger")
	h.must(h.SetPassword(t.Context(), it, "s.weber", weberPassword))
	_, err = h.Session(t.Context(), here)
	refused(t, "session after a reset", err, fault.Unsigned)
	if _, s = h.signIn("s.weber", weberPassword); !s.Person.MustChange {
		t.Error("a password set by somebody else need not be changed")
	}
	h.must(h.ChangeOwn(t.Context(), s, weberPassword, "Kutsche Nebel Zange"))
	if p, _ := h.Person("s.weber"); p.MustChange {
		t.Error("must change the own password again")
	}
}
