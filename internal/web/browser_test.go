package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// browser starts Chromium without a window. Where there is none the test skips
// and says so; in CI it must be there.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium")
		}
		t.Skip("no Chromium on this machine")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ok(t, chromedp.Do(ctx))
	return ctx
}

// newTab is one tab in which everything must happen within half a minute.
func newTab(t *testing.T, browser context.Context, width, height int64) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	ok(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, height)))
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	limited, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	ok(t, chromedp.Do(limited, steps...))
}

func ask[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	limited, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	v, err := chromedp.Run(limited, chromedp.Evaluate[T](script))
	ok(t, err)
	return v
}

// until waits until the script is true.
func until(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	limited, stop := context.WithTimeout(ctx, 60*time.Second)
	defer stop()
	if _, err := chromedp.Run(limited, chromedp.Poll[bool](script)); err != nil {
		t.Fatalf("never true: %s: %v", script, err)
	}
}

func css(s string) chromedp.CSS { return chromedp.CSS(s) }

func TestInABrowser(t *testing.T) {
	t.Parallel()
	b := browser(t)
	h := newHouse(t)
	h.admit()
	h.potassium("5.4", "H")
	h.declare()
	ctx := newTab(t, b, 1366, 768)

	t.Run("a nurse signs in and opens a chart with the keyboard alone", func(t *testing.T) {
		do(t, ctx, chromedp.Navigate(h.server.URL+"/ward/3A"), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent("weber\t"+testPassword+"\r"), chromedp.WaitVisible(css(".wardtable")))
		for range 40 { // skip link, navigation, search, menu, filters, print, table, first row
			do(t, ctx, chromedp.KeyEvent("\t"))
			if ask[bool](t, ctx, `document.activeElement.matches(".rowlink")`) {
				break
			}
		}
		do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css(".banner h1")))
		if got := ask[string](t, ctx, `document.querySelector(".banner h1").textContent`); got != "MÜLLER, Anna" {
			t.Errorf("opened %q", got)
		}
	})

	t.Run("a refresh brings the new value and keeps focus, scroll and what is typed", func(t *testing.T) {
		do(t, ctx, chromedp.Navigate(h.server.URL+"/ward/3A"), chromedp.WaitVisible(css(".rowlink")), chromedp.Focus(css(".rowlink")))
		h.potassium("6.3", "HH")
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new Event("notbetrieb:renew"))`))
		until(t, ctx, `document.querySelector("main").textContent.includes("6,3")`)
		if !ask[bool](t, ctx, `document.activeElement.matches(".rowlink")`) {
			t.Error("the focus is lost")
		}
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`), chromedp.KeyEvent("mü"))
		h.potassium("6.9", "HH")
		do(t, ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new Event("notbetrieb:renew"))`), chromedp.Sleep(300*time.Millisecond))
		if got := ask[string](t, ctx, `document.querySelector("#q").value`); got != "mü" {
			t.Errorf("typed text is %q", got)
		}
		if ask[bool](t, ctx, `document.querySelector("main").textContent.includes("6,9")`) {
			t.Error("the page changed under somebody who types")
		}
	})

	t.Run("a scanner that types finds the patient", func(t *testing.T) {
		do(t, ctx, chromedp.Navigate(h.server.URL+"/"), chromedp.WaitVisible(css(".housetable")),
			chromedp.Evaluate[chromedp.Void](`for (const k of [..."4711001", "Enter"]) document.dispatchEvent(new KeyboardEvent("keydown", {key: k, bubbles: true}))`),
			chromedp.WaitVisible(css(".banner h1")))
	})

	t.Run("night mode stays on the next page", func(t *testing.T) {
		do(t, ctx, chromedp.Click(css(".me summary")), chromedp.Click(css(`button[name=night]`)), chromedp.WaitReady(css("html.night")),
			chromedp.Navigate(h.server.URL+"/ward/3A"), chromedp.WaitReady(css("html.night")))
	})

	t.Run("the navigation is one line, its groups open and close by the keyboard", func(t *testing.T) {
		do(t, ctx, chromedp.EmulateViewport(1366, 768), chromedp.Navigate(h.server.URL+"/"), chromedp.WaitVisible(css(".navgroup summary")))
		if high := ask[int](t, ctx, `document.querySelector(".nav").offsetHeight`); high >= 2*44 {
			t.Errorf("it is %d px high", high)
		}
		do(t, ctx, chromedp.Focus(css(".navgroup summary")), chromedp.KeyEvent("\r"), chromedp.WaitVisible(css(`.navgroup a[href="/outages"]`)))
		do(t, ctx, chromedp.KeyEvent("\t"), chromedp.KeyEvent(kb.Escape))
		until(t, ctx, `!document.querySelector(".navgroup[open]") && document.activeElement.matches(".navgroup summary")`)
	})

	t.Run("nothing scrolls sideways at 200 percent or on a tablet", func(t *testing.T) {
		for _, size := range [][2]int64{{683, 384}, {820, 1180}, {1024, 768}} {
			do(t, ctx, chromedp.EmulateViewport(size[0], size[1]))
			for _, path := range []string{"/", "/ward/3A", "/patient/" + annaKey, "/patient/" + annaKey + "/lab", "/patient/" + annaKey + "/curve", "/patient/" + annaKey + "/medication", "/patient/" + annaKey + "/course", "/outages", "/search?q=m", "/unread", "/print"} {
				do(t, ctx, chromedp.Navigate(h.server.URL+path), chromedp.WaitReady(css("main")))
				if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s at %d × %d is %d px too wide", path, size[0], size[1], over)
				}
			}
		}
	})
}

// finding is one violation that axe reports.
type axeFinding struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// TestAxeFindsNothing runs axe-core over every page of the gallery: every rule
// by day, the contrast again by night, the frame of an exercise on one page.
func TestAxeFindsNothing(t *testing.T) {
	t.Parallel()
	b := browser(t)
	axe := axeScript(t)
	for _, c := range []struct {
		kind  incident.ModeKind
		night bool
		rules string
		only  string
	}{
		{incident.Normal, false, `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`, ""},
		{incident.Emergency, true, `{type: "rule", values: ["color-contrast"]}`, ""},
		{incident.Exercise, true, `{type: "rule", values: ["color-contrast"]}`, "ward"},
	} {
		f := fixtureFrame(c.kind)
		f.Lang, f.Night = lang.DE, c.night
		pages := gallery(t, f)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if p, ok := pages[strings.TrimPrefix(r.URL.Path, "/g/")]; ok {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write(p)
				return
			}
			r.SetPathValue("hash", assets.hash)
			r.SetPathValue("name", filepath.Base(r.URL.Path))
			serveAsset(w, r)
		}))
		ctx := newTab(t, b, 1366, 768)
		names := make([]string, 0, len(pages))
		for n := range pages {
			if c.only == "" || c.only == n {
				names = append(names, n)
			}
		}
		slices.Sort(names)
		for _, n := range names {
			do(t, ctx, chromedp.Navigate(srv.URL+"/g/"+n), chromedp.Evaluate[chromedp.Void](axe))
			limited, stop := context.WithTimeout(ctx, 30*time.Second)
			raw, err := chromedp.Run(limited, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"], runOnly: `+c.rules+`}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
			stop()
			ok(t, err)
			var found []axeFinding
			ok(t, json.Unmarshal([]byte(raw), &found))
			for _, v := range found {
				t.Errorf("%s (%s, night %v): %s: %s: %s", n, c.kind, c.night, v.ID, v.Help, fmt.Sprint(v.Nodes[0].Target, " ", v.Nodes[0].Summary))
			}
			if c.kind == incident.Normal {
				fitsSmallScreens(t, ctx, n)
			}
		}
		srv.Close()
	}
}

// fitsSmallScreens checks that the page in the tab is no wider than a tablet, and
// than a desk's screen at 200 %.
func fitsSmallScreens(t *testing.T, ctx context.Context, page string) {
	t.Helper()
	for _, size := range [][2]int64{{683, 384}, {820, 1180}} {
		do(t, ctx, chromedp.EmulateViewport(size[0], size[1]))
		if over := ask[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s at %d px is %d px too wide", page, size[0], over)
		}
	}
	do(t, ctx, chromedp.EmulateViewport(1366, 768))
}

// axeScript returns axe-core, which is installed into .tools of the repository
// when it is not there yet.
func axeScript(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	ok(t, err)
	path := filepath.Join(root, ".tools", "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(path); err != nil {
		npm, lookErr := exec.LookPath("npm")
		if lookErr == nil {
			out, runErr := exec.CommandContext(t.Context(), npm, "install", "--prefix", filepath.Join(root, ".tools"), "--no-audit", "--no-fund", "axe-core@4.10.3").CombinedOutput()
			if runErr != nil {
				t.Logf("npm: %v %s", runErr, out)
			}
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("axe-core could not be installed")
		}
		t.Skip("axe-core is not there and npm could not get it")
	}
	return string(b)
}
