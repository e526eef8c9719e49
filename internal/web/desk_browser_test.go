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
	do(t, ctx, chromedp.KeyEvent(number+"\r"), chromedp.WaitVisible(css("#v0:focus"))) // the field has the focus: the scanner types into it
	for range 200 {                                                                    // the script of the page is loaded
		if ask[string](t, ctx, `document.readyState`) == "complete" {
			break
		}
	}
	do(t, ctx, chromedp.KeyEvent("140\r"), chromedp.WaitVisible(css("input[name=c0]:focus"))) // Enter goes on
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(css("#scan")))                   // Enter in an empty field stores
	if got := ask[string](t, ctx, `document.querySelector(".note.good").textContent`); got == "" {
		t.Error("nothing says that it is stored")
	}
	do(t, ctx, chromedp.WaitVisible(css("#scan:focus"))) // ready for the next tube
}
