package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// prescribe signs a prescription for Anna Müller without a screen.
func (h *house) prescribe(pairs ...string) {
	h.t.Helper()
	path := "/patient/" + annaKey + "/prescribe"
	doctor := h.as("huber")
	a := doctor.post(path, append([]string{"key", strings.Repeat("0", 31) + string(rune('0'+h.control%10)), "act", "check"}, pairs...)...)
	h.control++
	_, seen, _ := strings.Cut(a.body, `name="seen" value="`)
	_, key, _ := strings.Cut(a.body, `name="key" value="`)
	seen, _, _ = strings.Cut(seen, `"`)
	key, _, _ = strings.Cut(key, `"`)
	a = doctor.post(path, append([]string{"key", key, "seen", seen, "act", "sign", "warned", "1", "despite", "nötig"}, pairs...)...)
	if !strings.HasSuffix(a.path, "/medication") {
		h.t.Fatalf("not prescribed: %d at %s: %s", a.code, a.path, a.text())
	}
}

func TestANurseGivesWithTheKeyboardAndAScanner(t *testing.T) {
	t.Parallel()
	b := browser(t)
	h := newHouse(t)
	h.admit()
	h.declare()
	begin := time.Now().In(berlin).Add(-2 * time.Minute)
	clock := begin.Format("15:04")
	for _, drug := range []string{"Pantoprazol", "Torasemid"} {
		h.prescribe("drug", drug, "strength", "20 mg", "dose", "1 Tbl.", "route", "p.o.", "times", clock, "start", begin.Format("02.01.2006 15:04"))
	}
	ctx := newTab(t, b, 1366, 768)
	do(t, ctx, chromedp.Navigate(h.server.URL+"/ward/3A/doses"), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent("weber\t"+testPassword+"\r"), chromedp.WaitVisible(css(".dosetable")))
	at := func() string {
		return ask[string](t, ctx, `(document.activeElement.id || document.activeElement.textContent) + " " + location.pathname`)
	}
	until(t, ctx, `document.activeElement.id === "next"`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("#band")))
	until(t, ctx, `document.readyState === "complete" && document.activeElement.id === "band"`)

	do(t, ctx, chromedp.KeyEvent("4711999\r")) // the scanner reads the band of somebody else
	until(t, ctx, `document.activeElement.id === "pack"`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("#wrongband")))
	if got := ask[string](t, ctx, `document.querySelector("#band").value`); got != "" {
		t.Errorf("the wrong number stays: %q", got)
	}
	until(t, ctx, `document.readyState === "complete"`)
	do(t, ctx, chromedp.Focus(css("#band")), chromedp.KeyEvent("4711001\r"))
	until(t, ctx, `document.activeElement.id === "pack"`)
	do(t, ctx, chromedp.KeyEvent("-03752864\r"), chromedp.WaitVisible(css("button[value=sign]")))
	until(t, ctx, `document.activeElement.value === "sign"`)
	if got := ask[string](t, ctx, `document.activeElement.textContent`); !strings.HasPrefix(got, "Für MÜLLER, Anna 1 Tbl. Pantoprazol p.o. gegeben ") {
		t.Errorf("the button says %q", got)
	}
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css(".dosetable")))
	until(t, ctx, `document.activeElement.id === "next" && document.activeElement.getAttribute("aria-label").includes("Torasemid")`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("#band")))
	until(t, ctx, `document.readyState === "complete"`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("button[value=sign]")))
	until(t, ctx, `document.activeElement.value === "sign"`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css(".dosetable")))
	until(t, ctx, `document.querySelectorAll("tr.dose.done").length === 2`)
	if got := at(); strings.Contains(got, "next") {
		t.Errorf("something is due still: %s", got)
	}
	h.as("huber").get("/patient/"+annaKey+"/medication").sees(t, "✓ gegeben", "S. Weber")

	for _, size := range [][2]int64{{683, 384}, {820, 1180}} {
		do(t, ctx, chromedp.EmulateViewport(size[0], size[1]))
		rx := ask[string](t, ctx, `document.querySelector("td.act a").getAttribute("href")`)
		for _, path := range []string{"/ward/3A/doses", rx} {
			do(t, ctx, chromedp.Navigate(h.server.URL+path), chromedp.WaitReady(css("main")))
			if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s at %d × %d is %d px too wide", path, size[0], size[1], over)
			}
			if small := ask[string](t, ctx, `[...document.querySelectorAll("main button, main a.button, main input, main select")].filter(e => e.offsetParent && e.type !== "hidden" && e.type !== "checkbox" && e.getBoundingClientRect().height < 44).map(e => e.id || e.textContent).join()`); small != "" {
				t.Errorf("%s: targets under 44 px: %s", path, small)
			}
		}
		do(t, ctx, chromedp.Navigate(h.server.URL+"/ward/3A/doses"), chromedp.WaitReady(css("main")))
	}
}
