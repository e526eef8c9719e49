package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// confirmed is the body of the command record by which a person confirms an
// alarm: what stood there, and who has seen to it. The time is the record's.
type confirmed struct {
	Do    string    `json:"do"`
	Key   string    `json:"key"`
	Text  lang.Text `json:"text"`
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
	By    string    `json:"by"`
	Name  string    `json:"name"`
}

const confirmCommand = "alarm.confirmed"

// ConfirmAlarm ends an alarm if it still bears the mark that the person saw. The
// word of that person is recorded first. Errors: Forbidden without
// [staff.ConfirmAlarms], Conflict where the alarm has gone or was raised again
// since, Invalid for one that ends by itself, and those of the journal.
func (h *Hub) ConfirmAlarm(ctx context.Context, by staff.Person, key, mark string) error {
	if !staff.May(by, staff.ConfirmAlarms) {
		return fault.New(fault.Forbidden, lang.Text{DE: "Warnungen bestätigt die IT.", EN: "Alarms are confirmed by IT."})
	}
	a, stands := h.Alarms.Get(key)
	switch {
	case !stands || a.Mark() != mark:
		return fault.New(fault.Conflict, lang.Text{
			DE: "Diese Warnung ist nicht mehr die, die Sie gesehen haben. Bitte neu ansehen.",
			EN: "This alarm is no longer the one you saw. Please look again.",
		})
	case !a.Told:
		return fault.New(fault.Invalid, lang.Text{
			DE: "Diese Warnung endet von selbst, sobald ihre Ursache behoben ist.",
			EN: "This alarm ends by itself as soon as its cause is mended.",
		})
	}
	body, err := json.Marshal(confirmed{Do: confirmCommand, Key: key, Text: a.Text, Since: a.Since.UTC(), Last: a.Last.UTC(), Count: a.Count, By: by.ID, Name: by.Name})
	if err != nil {
		return fmt.Errorf("confirm alarm: %w", err)
	}
	if _, err := h.Journal.Append(ctx, journal.Record{
		ID: journal.NewID(), Time: h.now().UTC(), Site: h.Config.Hospital.Site, Source: "alarm", Kind: journal.Command, Body: body,
	}); err != nil {
		return fmt.Errorf("confirm alarm: %w", err)
	}
	h.Alarms.ClearIf(key, func(now Alarm) bool { return now.Mark() == mark })
	return nil
}
