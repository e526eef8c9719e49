package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/foreign"
)

// TestACallThatCouldNotBeginIsNotForgotten: an incident was declared, then the
// hub was gone. Back after three hours it calls and says that it is late; back
// after thirteen it calls nobody, and the board, the wall and the page of the
// call-outs say so until somebody calls. Who was called by hand meanwhile is not
// called again.
func TestACallThatCouldNotBeginIsNotForgotten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		away   time.Duration
		byHand bool
		calls  int
	}{{"three hours", 3 * time.Hour, false, 1}, {"called by hand meanwhile", 3 * time.Hour, true, 0}, {"thirteen hours", 13 * time.Hour, false, 0}} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			mail, sms := foreign.NewMailHost(t, nil), newSMSGateway(t)
			h := alarmHouse(t, mail, sms)
			contacts(t, h)
			id := declareCrisis(t, h)
			declared := h.Clock()
			if c.byHand {
				ask := h.As("krisenstab").Post("/callout", "crisis", id, "group", "stab", "title", "Von Hand gerufen", "key", "hand", "sure", "1")
				ask.Answers(303)
				soon(t, "the SMS left", func() bool { return len(sms.all()) == 1 })
			}
			h.Stop()
			h.Pass(c.away)
			h.Config.Callout.Declared = "stab"             // as if it had been off all the time
			h.Config.Callout.Night.Group = "gibt-es-nicht" // said at the end of each look
			h.Restart()
			team := h.As("krisenstab")
			if c.calls == 0 {
				soon(t, "the hub has looked", func() bool { _, ok := h.Hub.Alarms.Get("group/callout.night.group"); return ok })
				if n := len(by(h, callout.ByDeclared)); n != 0 {
					t.Errorf("%d call-outs", n)
				}
			} else {
				soon(t, "it calls", func() bool { return len(by(h, callout.ByDeclared)) == 1 })
				soon(t, "the SMS left", func() bool { return len(sms.all()) == 1 })
				if text, at := sms.all()[0], declared.In(h.Hub.Zone).Format("02.01. 15:04"); !strings.Contains(text, "Verspätet (erklärt "+at+" Uhr): ") {
					t.Errorf("the SMS says %q", text)
				}
			}
			board, page, wall := team.Page("/crisis/"+id).Answers(200), team.Page("/callout").Answers(200), team.Page("/crisis/"+id+"?wall=1").Answers(200)
			const says, button = "Niemand wurde gerufen. Die Lage wurde erklärt", "Jetzt rufen"
			if c.away < callout.Stale {
				board.NotSees(says, button)
				page.NotSees(says, button)
				return
			}
			board.Sees(says, button)
			page.Sees(says, button)
			wall.Sees("● niemand")
			form := team.Page("/callout?crisis=" + id + "&group=stab").Answers(200)
			form.Submit("/callout").Answers(200).Submit("/callout").Answers(200).Sees("0 von 2")
			team.Page("/crisis/"+id).Answers(200).NotSees(says, button)
		})
	}
}
