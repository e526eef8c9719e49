package web

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// admitBeside admits two more to 3A, so that there is a round.
func (h *house) admitBeside() {
	h.t.Helper()
	for i, name := range []string{"Nowak^Erik", "Yilmaz^Elif"} {
		bed := []string{"301^T", "302^F"}[i]
		kase := fmt.Sprintf("471100%d", i+2)
		pv := "PV1|1|I|3A^" + bed + "||||||||||||||||" + kase
		h.receive("kis", "ADT^A01^ADT_A01", "EVN|A01|"+at(30*time.Hour), fmt.Sprintf("PID|1||90041%d^^^KIS^PI||%s^^^^^L||19600101|M", 8+i, name), pv)
	}
}

func typed(t *testing.T, ctx context.Context, keys string) {
	t.Helper()
	do(t, ctx, chromedp.KeyEvent(keys))
}

// arrives waits until the page that is being opened makes the script true.
func arrives(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	arrived[bool](t, ctx, script)
}

// arrived is arrives for a script whose answer is wanted: the first one that is
// something.
func arrived[T any](t *testing.T, ctx context.Context, script string) (answer T) {
	t.Helper()
	limited, stop := context.WithTimeout(ctx, 60*time.Second)
	defer stop()
	for {
		answer, err := chromedp.Run(limited, chromedp.Poll[T](`document.readyState === "complete" && `+script))
		if err == nil {
			return answer
		}
		if limited.Err() != nil { // any other error is of the page that was left meanwhile
			t.Fatalf("never true: %s: %v\n%s", script, err, ask[string](t, ctx, `location.href + " " + document.activeElement.id + " " + document.querySelector("main").innerText`))
		}
	}
}

// heading waits until the text stands on the page and its first field, or what
// is wrong with it, has the focus.
func heading(t *testing.T, ctx context.Context, text string) {
	t.Helper()
	arrives(t, ctx, fmt.Sprintf(`document.querySelector("main").textContent.includes(%q) && document.activeElement !== document.body`, text))
}

// scan types as a scanner does: faster than any hand, into whatever has the
// focus, Enter at the end.
func scan(t *testing.T, ctx context.Context, code string) {
	t.Helper()
	do(t, ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const e = document.activeElement;
		for (const key of [...%q, "Enter"]) {
			const on = e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
			if (on && key.length === 1 && e.matches("input")) e.value += key;
		}
	})()`, code)))
}

func TestARoundWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := browser(t)
	h := newHouse(t)
	h.admit()
	h.admitBeside()
	h.declare()
	ctx := newTab(t, b, 1366, 768)
	do(t, ctx, chromedp.Navigate(h.server.URL+"/ward/3A/round?form=vitals"), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent("weber\t"+testPassword+"\r"), chromedp.WaitVisible(css("#bp")))
	heading(t, ctx, "1 von 3")

	t.Run("Enter in a filled field goes on, in an empty one it signs and the next patient comes", func(t *testing.T) {
		typed(t, ctx, "120/80\r")
		if got := ask[string](t, ctx, `document.activeElement.id`); got != "pulse" {
			t.Fatalf("Enter led to %q", got)
		}
		typed(t, ctx, "72\r\r")
		heading(t, ctx, "2 von 3")
		heading(t, ctx, "für MÜLLER, Anna eingetragen")
	})
	t.Run("a patient is skipped, and the one before comes again", func(t *testing.T) {
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", ctrlKey: true, bubbles: true, cancelable: true}))`))
		heading(t, ctx, "3 von 3")
		do(t, ctx, chromedp.Navigate(ask[string](t, ctx, `document.querySelector(".steps a").href`)))
		heading(t, ctx, "2 von 3")
	})
	t.Run("a wristband leads to its patient and leaves nothing in the field", func(t *testing.T) {
		typed(t, ctx, "71")
		until(t, ctx, `document.querySelector("#bp").value === "71" && (window.begun ??= performance.now()) < performance.now() - 100`) // a hand rests before the scan
		scan(t, ctx, "4711003")
		heading(t, ctx, "3 von 3")
		scan(t, ctx, "99999999")
		heading(t, ctx, "gehört zu niemandem auf dieser Station")
		heading(t, ctx, "3 von 3")
		if got := ask[string](t, ctx, `document.querySelector("#bp").value`); got != "" {
			t.Errorf("the code stands in the field: %q", got)
		}
		do(t, ctx, chromedp.Navigate(ask[string](t, ctx, `document.querySelector(".steps a").href`)))
		heading(t, ctx, "schon begonnen") // what was typed before the scan was kept as a draft
	})
	t.Run("what cannot be is said at the top, and what was typed stays", func(t *testing.T) {
		do(t, ctx, chromedp.Focus(css("#temp")))
		typed(t, ctx, "384\r")
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("form[data-entry]").requestSubmit(document.querySelector("button[value=sign]"))`))
		heading(t, ctx, "384 kann nicht sein")
		if got := ask[string](t, ctx, `document.activeElement.id + document.querySelector("#temp").value`); got != "problems384" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("keeping a draft after the sign-in ended leads nowhere and says so", func(t *testing.T) {
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`fetch("/signout", {method: "POST", redirect: "manual"}).then(() => { window.out = true })`))
		until(t, ctx, `window.out === true`)
		do(t, ctx, chromedp.Focus(css("#resp")))
		typed(t, ctx, "77")
		until(t, ctx, `document.querySelector("#kept").textContent.includes("Anmeldung ist abgelaufen")`)
		if got := ask[string](t, ctx, `document.querySelector("#resp").value + location.pathname.includes("/write/vitals")`); got != "77true" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("nothing scrolls sideways at 200 percent, and the buttons are on the screen", func(t *testing.T) {
		do(t, ctx, chromedp.EmulateViewport(683, 384), chromedp.Navigate(h.server.URL+"/ward/3A/round?form=vitals"), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent("weber\t"+testPassword+"\r"), chromedp.WaitVisible(css("#bp")))
		for _, path := range []string{"/patient/" + annaKey + "/write/vitals?round=3A", "/patient/" + annaKey + "/write/braden", "/patient/" + annaKey + "/write", "/drafts", "/ward/3A/handover"} {
			do(t, ctx, chromedp.Navigate(h.server.URL+path), chromedp.WaitReady(css("main")))
			if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s is %d px too wide", path, over)
			}
			if ask[bool](t, ctx, `[...document.querySelectorAll("button[value=sign]")].some(b => b.getBoundingClientRect().bottom > innerHeight)`) {
				t.Errorf("%s: the button is below the screen", path)
			}
		}
	})
}
