package web

import (
	"encoding/base64"
	"image/png"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"notbetrieb/internal/incident"
)

// A finger draws a signature; the form takes it along as a picture. A field that
// nobody signed sends none.
func TestASignatureIsDrawnOnTheScreen(t *testing.T) {
	t.Parallel()
	b := browser(t)
	all, _ := fixtureEvidence(t)
	f := fixtureFrame(incident.Emergency)
	page, err := handOverPageT.bytes(newHandOverPage(evidenceHead{Frame: f, Key: "k"}, all[0].Items[1]))
	ok(t, err)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write(page)
			return
		}
		r.SetPathValue("hash", assets.hash)
		r.SetPathValue("name", filepath.Base(r.URL.Path))
		serveAsset(w, r)
	}))
	t.Cleanup(srv.Close)
	tab := newTab(t, b, 820, 1180)
	do(t, tab, chromedp.Navigate(srv.URL+"/"))
	until(t, tab, `!document.querySelector("canvas").closest("[data-scripted]").hidden`)
	send := `(() => { const f = document.querySelector("form[data-sign]"); f.addEventListener("submit", e => e.preventDefault()); f.dispatchEvent(new Event("submit", {cancelable: true})); return f.elements.signature.value; })()`
	if got := ask[string](t, tab, `document.querySelector("#s-screen").checked = true; `+send); got != "" {
		t.Errorf("nobody signed, and %d bytes are sent", len(got))
	}
	ask[bool](t, tab, `(() => { const c = document.querySelector("canvas"), r = c.getBoundingClientRect(); c.setPointerCapture = () => {};
		document.querySelector("#s-paper").checked = true;
		const at = (k, x, y) => c.dispatchEvent(new PointerEvent(k, {pointerId: 1, clientX: r.left + x, clientY: r.top + y, bubbles: true}));
		at("pointerdown", 20, 60); for (let i = 0; i < 40; i++) at("pointermove", 20 + 8 * i, 60 + 30 * Math.sin(i)); at("pointerup", 340, 60); return true; })()`)
	drawn := ask[string](t, tab, send)
	text, isPicture := strings.CutPrefix(drawn, "data:image/png;base64,")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !isPicture || err != nil || len(text) > maxSignature {
		t.Fatalf("what is sent is no picture of a size that is taken: %d bytes, %v", len(drawn), err)
	}
	pic, err := png.Decode(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	dark := 0
	for y := range pic.Bounds().Dy() {
		for x := range pic.Bounds().Dx() {
			if r, _, _, _ := pic.At(x, y).RGBA(); r < 0x8000 {
				dark++
			}
		}
	}
	if dark < 500 {
		t.Errorf("the signature has %d dark points", dark)
	}
	if got := ask[string](t, tab, `document.querySelector("[data-clear]").click(); `+send); got != "" {
		t.Errorf("the field was cleared, and %d bytes are sent", len(got))
	}
}
