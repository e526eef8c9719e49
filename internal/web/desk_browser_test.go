package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/staff"
)

// TestTheLaboratorysDeskWithScannerAndKeyboard orders, scans the label and
// enters a value without a mouse.
func TestTheLaboratorysDeskWithScannerAndKeyboard(t *testing.T) {
	t.Parallel()
	b := browser(t)
	h := newHouse(t)
	h.admit()
	h.declare()
	h.hire("labor", "T. Labor", nil, staff.Laboratory)
	placed := h.as("huber").post("/patient/"+annaKey+"/write/order-lab", "key", desk.NewKey(), "urgency", "S", "x.ELEK", "1", "act", "sign")
	if placed.code/100 > 3 {
		t.Fatalf("%d %s", placed.code, placed.text())
	}
	ctx := newTab(t, b, 1366, 768)
	do(t, ctx, chromedp.Navigate(h.server.URL+"/desk/lab"), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent("labor\t"+testPassword+"\r"), chromedp.WaitVisible(css("#scan")))
	number := ask[string](t, ctx, `document.querySelector(".worktable tbody tr td:nth-child(6)").textContent.trim()`)
	do(t, ctx, chromedp.KeyEvent(number+"\r"), chromedp.WaitVisible(css("#v0"))) // the field has the focus: the scanner types into it
	until(t, ctx, `document.readyState === "complete"`)
	if !ask[bool](t, ctx, `document.activeElement.id === "v0"`) {
		t.Error("the first value does not have the focus")
	}
	do(t, ctx, chromedp.KeyEvent("140\r"))
	until(t, ctx, `document.activeElement.name === "c0"`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("#scan"))) // Enter in an empty field stores
	if got := ask[string](t, ctx, `document.querySelector(".note.good").textContent`); got == "" {
		t.Error("nothing says that it is stored")
	}
	if !ask[bool](t, ctx, `document.activeElement.id === "scan"`) {
		t.Error("the desk is not ready for the next tube")
	}
}
