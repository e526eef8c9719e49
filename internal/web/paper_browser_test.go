package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestPaperInABrowser hands two pages in as a nurse does and files one of them
// with the keyboard.
func TestPaperInABrowser(t *testing.T) {
	t.Parallel()
	b := browser(t)
	h := newHouse(t)
	h.admit()
	h.declare()
	ctx := newTab(t, b, 1366, 768)
	do(t, ctx, chromedp.Navigate(h.server.URL+"/scan"), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent("weber\t"+testPassword+"\r"), chromedp.WaitVisible(css("#files")))
	// what a scanner left on the disk: two pages drawn by the browser itself
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`(async () => {
		const files = new DataTransfer();
		for (const n of [1, 2]) {
			const c = document.createElement("canvas");
			c.width = 1240; c.height = 1754;
			const g = c.getContext("2d");
			g.fillStyle = "#fff"; g.fillRect(0, 0, 1240, 1754);
			g.fillStyle = "#000"; g.font = "60px sans-serif"; g.fillText("Blatt " + n, 200, 400);
			files.items.add(new File([await new Promise(done => c.toBlob(done, "image/png"))], "blatt" + n + ".png", {type: "image/png"}));
		}
		const input = document.querySelector("#files");
		input.files = files.files;
		input.form.requestSubmit();
	})()`))
	do(t, ctx, chromedp.WaitVisible(css("main .note[role=status]")))
	waiting, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	ok(t, h.tray.Idle(waiting))
	do(t, ctx, chromedp.Navigate(h.server.URL+"/desk/scan"), chromedp.WaitVisible(css(".scans li.panel")))
	if got := ask[int](t, ctx, `document.querySelectorAll(".scans li.panel").length`); got != 2 {
		t.Errorf("%d pages wait, want 2", got)
	}
	until(t, ctx, `[...document.querySelectorAll(".thumb img")].every(i => i.complete && i.naturalWidth > 0)`)
	do(t, ctx, chromedp.Click(css(".scans h2 a")), chromedp.WaitVisible(css("#seek")))
	do(t, ctx, chromedp.Click(css(".turns a")), chromedp.WaitVisible(css("#seek")))
	until(t, ctx, `(i => i && i.complete && i.naturalWidth > i.naturalHeight)(document.querySelector(".paper img"))`)
	do(t, ctx, chromedp.Focus(css("#seek")), chromedp.KeyEvent("4711001\r"), chromedp.WaitVisible(css("#kind"))) // as a scanner types
	if got := ask[string](t, ctx, `document.querySelector("main button.main").textContent`); !strings.Contains(got, "MÜLLER, Anna") {
		t.Errorf("the button says %q", got)
	}
	do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("#kind").value = "vitals"; document.querySelector("#kind").form.requestSubmit()`))
	do(t, ctx, chromedp.WaitVisible(css(".formlist")))
	do(t, ctx, chromedp.Click(css(`.formlist a[href*="write/vitals"]`)), chromedp.WaitVisible(css("#sheetby")))
	until(t, ctx, `(i => i && i.complete && i.naturalWidth > 0)(document.querySelector(".paper img"))`)
	for _, size := range [][2]int64{{683, 384}, {820, 1180}, {1024, 768}} {
		do(t, ctx, chromedp.EmulateViewport(size[0], size[1]))
		here := ask[string](t, ctx, `location.pathname + location.search`)
		for _, path := range []string{here, strings.Split(here, "/write/")[0] + "/forms", "/ward/3A/pad", "/ward/3A/sheets", "/scan", "/desk/scan"} {
			do(t, ctx, chromedp.Navigate(h.server.URL+path), chromedp.WaitReady(css("main")))
			if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s at %d × %d is %d px too wide", path, size[0], size[1], over)
			}
		}
		do(t, ctx, chromedp.Navigate(h.server.URL+here))
	}
}
