package testkit_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"notbetrieb/internal/app"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/testkit"
)

// numbered is an admission with a sequence number (MSH-13).
func numbered(n int) string {
	return fmt.Sprintf("MSH|^~\\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121080000||ADT^A01|S%d|P|2.5|%d||||DE|UNICODE UTF-8\rPID|1||1004%04d^^^HAUS^PI||Zahlmann^Nr||19500101|M\r", n, n, n)
}

func TestAnAlarmAboutAMissingMessageStandsUntilITConfirmsIt(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", numbered(1), numbered(3))
	house := h.As("it").Page("/").Sees("In den Folgenummern von kis fehlt mindestens eine Nachricht")
	key, mark := house.Attr("form.confirm input[name=key]", "value"), house.Attr("form.confirm input[name=mark]", "value")
	nurse := h.As("pflege").Page("/").Sees("fehlt mindestens eine Nachricht")
	if nurse.Has("form.confirm") {
		t.Error("a nurse is offered to end an alarm")
	}
	h.As("pflege").Post("/alarms/confirm", "key", key, "mark", mark).Answers(http.StatusForbidden)
	h.As("it").Post("/alarms/confirm", "key", "intake/kis/none", "mark", mark).Answers(http.StatusConflict)

	h.Receive("kis", numbered(5)) // again, after IT has looked
	h.As("it").Post("/alarms/confirm", "key", key, "mark", mark).Answers(http.StatusConflict)
	h.As("it").Page("/").Sees("2 Mal").Submit("/alarms/confirm").Answers(200).NotSees("fehlt mindestens eine Nachricht")

	var found []string
	for rec, err := range h.Hub.Select(t.Context(), app.Selection{Kind: journal.Command}) {
		if err != nil {
			t.Fatal(err)
		}
		var said struct{ Do, Key, By, Name string }
		if err := json.Unmarshal(rec.Body, &said); err != nil {
			t.Fatal(err)
		}
		found = append(found, strings.Join([]string{said.Do, said.Key, said.By, said.Name}, " "))
	}
	if len(found) != 1 || found[0] != "alarm.confirmed intake/kis/sequence it R. Vogel" {
		t.Errorf("the journal says %q", found)
	}
	h.Receive("kis", numbered(9))
	h.As("it").Page("/").Sees("fehlt mindestens eine Nachricht")
	h.Check()
}

func TestAnAlarmAboutAStateEndsWithItAndNotByConfirmation(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", numbered(1))
	h.Hub.Alarms.Raise("state", sayFull())
	house := h.As("it").Page("/").Sees("fast voll")
	if house.Has("form.confirm") {
		t.Error("a full disk can be confirmed away")
	}
	a, _ := h.Hub.Alarms.Get("state")
	h.As("it").Post("/alarms/confirm", "key", "state", "mark", a.Mark()).Answers(http.StatusUnprocessableEntity)
}

func sayFull() lang.Text {
	return lang.Text{DE: "Der Datenträger ist fast voll.", EN: "The disk is nearly full."}
}
