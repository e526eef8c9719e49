package web

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/seal"
)

// TestAPageThatRestsShowsWhatTheCrisisTeamSays: nobody has touched the screen of
// the ward for longer than it stays awake, and on another somebody types.
func TestAPageThatRestsShowsWhatTheCrisisTeamSays(t *testing.T) {
	t.Parallel()
	b := browser(t)
	var team *crisis.Book
	h := newHouse(t, func(ctx context.Context, h *house, _ seal.Key, p *Parts) (func(context.Context) error, func() error) {
		var err error
		team, err = crisis.Open(ctx, h.journal, crisis.Options{Site: "klinikum", Zone: berlin, Playbooks: rulebook.Default()})
		ok(h.t, err)
		p.Crisis = team
		return team.Run, team.Close
	})
	h.admit()
	h.declare()
	ctx := deskTab(t, b, h, "weber", "/ward/3A", "MÜLLER")
	beat := chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new Event("notbetrieb:beat"))`)
	act := func(key string) crisis.Act { return crisis.Act{Key: key, Person: "krise", Name: "C. Krise"} }
	c, err := team.OpenCrisis(t.Context(), act("open"), crisis.Opening{Kind: rulebook.Technical, Title: "Netz gestört"})
	ok(t, err)
	say := func(text string) {
		_, err := team.Post(t.Context(), act(text), c.ID, crisis.Notice{Text: text, Level: crisis.Urgent, Wards: []string{"3A"}})
		ok(t, err)
	}
	notes := `document.querySelector("#staffnotes").textContent`

	do(t, ctx, chromedp.Evaluate[chromedp.Void](`{ const now = Date.now; Date.now = () => now() + 21 * 60 * 1000; scrollTo(0, 500); document.dispatchEvent(new Event("notbetrieb:renew")); }`))
	until(t, ctx, `!document.querySelector("#resting").hidden`)
	say("Monitore von Hand ablesen.")
	do(t, ctx, beat)
	until(t, ctx, notes+`.includes("Monitore von Hand ablesen.")`)
	if !ask[bool](t, ctx, `!document.querySelector("#resting").hidden && scrollY === 0`) {
		t.Error("the page no longer rests, or its top is not seen")
	}

	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("#q").focus()`), chromedp.KeyEvent("mü"))
	say("Aufzüge nicht benutzen.")
	do(t, ctx, beat)
	until(t, ctx, notes+`.includes("Aufzüge nicht benutzen.")`)
	if got := ask[string](t, ctx, `document.activeElement.id + ":" + document.querySelector("#q").value`); got != "q:mü" {
		t.Errorf("the message took focus or text: %q", got)
	}
}
