package web

import (
	"net/http"
	"strings"
	"testing"

	"notbetrieb/internal/desk"
)

// The journal takes nothing: what was typed is on the answer, whether the form
// can be drawn again or not, and one button sends it once more.
func TestWhatIsTypedIsGivenBackWhereTheJournalTakesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	h.declare()
	nurse := h.as("weber")
	ok(t, h.journal.Close())
	for path, field := range map[string]string{"/patient/" + annaKey + "/write/sbar": "situation", "/outages/declare": "why"} {
		a := nurse.post(path, "key", desk.NewKey(), field, "Sättigung fällt, Arzt ist gerufen", "act", "sign", "system", "lis")
		if a.code < http.StatusBadRequest && path != "/outages/declare" {
			t.Errorf("%s answers %d", path, a.code)
		}
		if !strings.Contains(a.body, "Sättigung fällt, Arzt ist gerufen") {
			t.Errorf("%s: what was typed is lost in the answer %d: %s", path, a.code, a.text())
		}
	}
}

// What is given back are the words of people, and never a password.
func TestOnlyWhatAPersonTypedIsGivenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.admit()
	a := h.visitor().post("/patient/"+annaKey+"/write/vitals", "key", desk.NewKey(), "seq", "77182", "bp", "118/76", "second-password", "geheim12345", "act", "sign")
	if a.code != http.StatusUnauthorized || strings.Contains(a.body, "geheim12345") {
		t.Errorf("%d: a password is carried", a.code)
	}
	gone := h.as("weber").post("/patient/niemand/write/vitals", "key", desk.NewKey(), "seq", "77182", "bp", "118/76", "acvpu", "A", "second-password", "geheim12345", "act", "sign")
	gone.sees(t, "Was Sie getippt haben", "118/76", "Blutdruck", "wach")
	for _, not := range []string{"geheim12345", "77182"} {
		if strings.Contains(gone.body, not) {
			t.Errorf("%q is on the page", not)
		}
	}
	for _, path := range []string{"/password", "/settings/lang"} {
		if b := h.as("weber").post(path, "old", "altes Geheimnis", "new", "neues Geheimnis", "again", "anders"); strings.Contains(b.body, "Geheimnis") {
			t.Errorf("%s shows a password", path)
		}
	}
}
