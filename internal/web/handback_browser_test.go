package web

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/seal"
)

// returning is a house that hands back to a KIS; vital signs need two people.
func returning(kis *fakekis.KIS) wing {
	return func(ctx context.Context, h *house, key seal.Key, p *Parts) (func(context.Context) error, func() error) {
		target := handback.Target{
			Target:  message.Target{Name: "kis", Authority: "KIS", Zone: berlin, Takes: message.DefaultTakes()},
			System:  "kis",
			Address: kis.Addr(), Repeats: true, FourEyes: []message.Kind{message.Vitals}, Feeds: []string{"kis"},
		}
		var err error
		p.Back, err = handback.Open(ctx, h.t.TempDir(), key, h.journal, h.charts, []handback.Target{target}, handback.Options{Site: "klinikum"})
		ok(h.t, err)
		h.back = p.Back
		return p.Back.Run, p.Back.Close
	}
}

// deskTab is a screen of its own, 1366 × 768 at 200 percent, at which somebody signs
// in with the keyboard and opens a page.
func deskTab(t *testing.T, b context.Context, h *house, id, path, text string) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewContext(b, chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	ok(t, chromedp.Do(ctx, chromedp.EmulateViewport(683, 384)))
	do(t, ctx, chromedp.Navigate(h.server.URL+path), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent(id+"\t"+testPassword+"\r"))
	shows(t, ctx, text)
	return ctx
}

// shows waits until the text stands on the page that is being opened, which is no wider than the
// screen and whose buttons a finger can hit.
func shows(t *testing.T, ctx context.Context, text string) {
	t.Helper()
	arrives(t, ctx, fmt.Sprintf(`!window.left && document.querySelector("main")?.textContent.includes(%q)`, text))
	if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("%s is %d px too wide", ask[string](t, ctx, `location.href`), over)
	}
	if low := ask[string](t, ctx, `[...document.querySelectorAll("main button, main .button, main select")].filter(e => e.offsetParent && e.offsetHeight < 44).map(e => e.textContent + " " + e.offsetHeight).join("; ")`); low != "" {
		t.Errorf("%s: too low to hit: %s", ask[string](t, ctx, `location.href`), low)
	}
}

// goes presses Tab until the script is true of the element e that has the focus,
// and sees that it is on the screen with nothing over it.
func goes(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	for range 150 {
		do(t, ctx, chromedp.KeyEvent("\t"))
		if !ask[bool](t, ctx, `(e => `+script+`)(document.activeElement)`) {
			continue
		}
		if !ask[bool](t, ctx, `(e => { const r = e.getBoundingClientRect(), top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2); return top !== null && e.contains(top); })(document.activeElement)`) {
			t.Errorf("%s has the focus and cannot be seen", script)
		}
		return
	}
	t.Fatalf("Tab never leads to %s: %s", script, ask[string](t, ctx, `document.querySelector("main").innerText`))
}

// picks ticks the entry of a patient.
func picks(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	goes(t, ctx, fmt.Sprintf(`e.name === "item" && e.closest("section").textContent.includes(%q)`, name))
	typed(t, ctx, " ")
	if !ask[bool](t, ctx, `document.activeElement.checked`) {
		t.Fatalf("the entry of %s is not chosen", name)
	}
}

// presses goes to a button and presses Enter; the next page shows the text.
func presses(t *testing.T, ctx context.Context, button, text string) {
	t.Helper()
	goes(t, ctx, fmt.Sprintf(`e.matches(%q)`, button))
	ask[bool](t, ctx, `window.left = true`)
	typed(t, ctx, "\r")
	shows(t, ctx, text)
}

// opens leads a tab to a page.
func opens(t *testing.T, ctx context.Context, h *house, path, text string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(h.server.URL+path))
	shows(t, ctx, text)
}

// stands waits until no entry is on its way.
func (h *house) stands() {
	h.t.Helper()
	ctx, stop := context.WithTimeout(h.t.Context(), time.Minute)
	defer stop()
	for {
		seen := h.back.Seq()
		sum, err := h.back.Sum(ctx, "kis")
		ok(h.t, err)
		if sum.Machine == 0 {
			return
		}
		ok(h.t, h.back.Wait(ctx, seen+1))
	}
}

func TestAHandBackWithTheKeyboardAloneAtTwiceTheSize(t *testing.T) {
	t.Parallel()
	b := browser(t)
	kis, err := fakekis.New(fakekis.Options{Authority: "KIS", Rules: []fakekis.Rule{{Patient: "900418", Do: fakekis.Refuse, Text: "Fall gesperrt"}}})
	ok(t, err)
	ok(t, kis.Start())
	t.Cleanup(kis.Stop)
	h := newHouse(t, returning(kis))
	h.admit()
	h.admitBeside()
	h.declare()
	link := regexp.MustCompile(`href="/patient/([^"/?]+)[^>]*>\s*NOWAK`).FindStringSubmatch(h.as("weber").get("/ward/3A").body)
	if link == nil {
		t.Fatal("Nowak is not on the ward")
	}
	for _, key := range []string{annaKey, link[1]} {
		if a := h.as("weber").post("/patient/"+key+"/write/vitals", "key", desk.NewKey(), "temp", "38,4", "act", "sign"); a.code != 200 || !strings.Contains(a.text(), "unterschrieben von S. Weber") {
			t.Fatalf("%d %s", a.code, a.text())
		}
	}
	h.receive("kis", "ADT^A08^ADT_A01", "EVN|A08|"+at(0), "PID|1||900417^^^KIS^PI||Möller^Anna^^^^^L||19510403|F", pv1("3A^301^F"))

	it := deskTab(t, b, h, "adler", "/handback", "keine Rückgabe")
	presses(t, it, "button[value=testing]", "Es wird nichts gesendet")
	ok(t, h.back.Wait(t.Context(), h.journal.Head()))

	nurse := deskTab(t, b, h, "weber", "/handback/kis", "Fall 4711001")
	if !t.Run("one person releases what nothing stands against, and is asked about a conflict", func(t *testing.T) {
		shows(t, nurse, "heißt dort anders")
		presses(t, nurse, ".bulk button.main", "zweite Freigabe fehlt")
		picks(t, nurse, "ÖLLER")
		presses(t, nurse, `form.spaced button[value=release]`, "Trotz Konflikt freigeben?")
		shows(t, nurse, "hieß die Person hier MÜLLER, Anna")
		presses(t, nurse, "button.grave", "erste von Ihnen")
	}) {
		return
	}
	if !t.Run("the second release is another person's", func(t *testing.T) {
		picks(t, nurse, "NOWAK")
		presses(t, nurse, `button[value=second]`, "Die erste Freigabe stammt von Ihnen")
		if !ask[bool](t, nurse, `document.activeElement.id === "problems"`) {
			t.Error("what is wrong does not have the focus")
		}
		doctor := deskTab(t, b, h, "huber", "/handback/kis?state=released", "erste: S. Weber")
		picks(t, doctor, "ÖLLER")
		picks(t, doctor, "NOWAK")
		presses(t, doctor, `button[value=second]`, "freigegeben")
		arrives(t, doctor, `!document.querySelector("main").textContent.includes("zweite Freigabe fehlt")`)
	}) {
		return
	}
	if n := len(kis.Accepted()); n != 0 {
		t.Fatalf("%d messages left while the system was tested", n)
	}
	if !t.Run("what the KIS refuses comes back with its words and is done by hand", func(t *testing.T) {
		opens(t, it, h, "/handback", "freigegeben")
		presses(t, it, "button[value=flowing]", "KIS · sendet")
		h.stands()
		opens(t, nurse, h, "/handback/kis?state=refused", "Fall gesperrt")
		picks(t, nurse, "NOWAK")
		presses(t, nurse, `button[value=hand]`, "Bitte sagen, was von Hand getan wurde")
		if !ask[bool](t, nurse, `document.querySelector("input[name=item]").checked`) {
			t.Error("the choice is gone")
		}
		goes(t, nurse, `e.id === "why"`)
		typed(t, nurse, "nach Rücksprache im KIS eingetippt")
		presses(t, nurse, `button[value=hand]`, "Nach dieser Auswahl gibt es nichts")
		opens(t, nurse, h, "/handback/kis?state=hand", "NOWAK")
	}) {
		return
	}
	if !t.Run("it is stopped at once, goes on slowly, and ends with a report", func(t *testing.T) {
		opens(t, it, h, "/handback", "2 von 2")
		presses(t, it, "button[value=paused]", "Angehalten: Es wird nichts gesendet.")
		presses(t, it, "button[value=slowly]", "sendet langsam")
		presses(t, it, "button[value=paused]", "Angehalten: Es wird nichts gesendet.")
		presses(t, it, `.acting a.button`, "Rückgabe abschließen:")
		presses(t, it, `button[value=close]`, "Abschlussbericht")
	}) {
		return
	}
	if n := len(kis.Accepted()); n != 1 {
		t.Errorf("the KIS took %d messages", n)
	}
}
