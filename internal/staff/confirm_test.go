package staff

import (
	"testing"

	"notbetrieb/internal/fault"
)

func TestASecondPersonSignsWithoutASession(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	before := len(h.Sessions())
	p, err := h.Confirm(t.Context(), " S.Weber ", weberPassword, "10.3.1.7")
	if err != nil || p.ID != "s.weber" || len(h.Sessions()) != before {
		t.Fatalf("%+v %v, %d sessions", p, err, len(h.Sessions()))
	}
	for range 4 {
		_, err = h.Confirm(t.Context(), "s.weber", "ganz sicher falsch", "10.3.1.7")
		refused(t, "a wrong password", err, fault.Unsigned)
	}
	_, err = h.Confirm(t.Context(), "s.weber", "ganz sicher falsch", "10.3.1.7")
	refused(t, "the fifth wrong password", err, fault.Forbidden)
	_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	refused(t, "the lock holds for the sign-in too", err, fault.Forbidden)
	_, err = h.Confirm(t.Context(), "niemand", weberPassword, "10.3.1.8")
	refused(t, "nobody", err, fault.Unsigned)
}
