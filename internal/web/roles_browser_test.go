package web

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/staff"
)

// hands are somebody at the keyboard of a small screen: 1366 by 768 at 200 %.
// There is no mouse; a scanner types.
type hands struct {
	t   *testing.T
	h   *house
	ctx context.Context
}

// sits lets somebody sign in at a page.
func (p hands) sits(id, path, wait string) {
	p.t.Helper()
	do(p.t, p.ctx, chromedp.Navigate(p.h.server.URL+"/healthz"),
		chromedp.Evaluate[chromedp.Void](`fetch("/signout", {method: "POST", redirect: "manual"}).then(() => { window.out = true })`))
	until(p.t, p.ctx, `window.out === true`)
	do(p.t, p.ctx, chromedp.Navigate(p.h.server.URL+path), chromedp.WaitVisible(css("#id")), chromedp.KeyEvent(id+"\t"+testPassword+"\r"))
	p.at(wait)
}

// at waits for a page by something on it. The page fits the screen, and its
// buttons are large enough for a finger.
func (p hands) at(selector string) {
	p.t.Helper()
	page := arrived[struct {
		Path, Small string
		Over        int
	}](p.t, p.ctx, fmt.Sprintf(`document.querySelector(%q) && {
		Path: location.pathname,
		Over: document.documentElement.scrollWidth - innerWidth,
		Small: [...document.querySelectorAll("main button, main a.button, main form input, main form select, main form textarea")].filter(e => e.offsetParent && !e.matches("[type=hidden], [type=checkbox], [type=radio], .vh") && e.getBoundingClientRect().height < 44).map(e => e.id || e.name || e.textContent).join(),
	}`, selector))
	if page.Over > 0 {
		p.t.Errorf("%s is %d px too wide", page.Path, page.Over)
	}
	if page.Small != "" {
		p.t.Errorf("%s: targets under 44 px: %s", page.Path, page.Small)
	}
}

// to goes with the tab key to what the selector names: first as often as there
// are places on the way, then one by one.
func (p hands) to(selector string) {
	p.t.Helper()
	there := fmt.Sprintf(`document.activeElement.matches(%q)`, selector)
	if ask[bool](p.t, p.ctx, there) {
		return
	}
	ahead := ask[int](p.t, p.ctx, fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
			.filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.checkVisibility());
		return all.findIndex(e => e.matches(%q)) - all.indexOf(document.activeElement);
	})()`, selector))
	for range 40 {
		do(p.t, p.ctx, chromedp.KeyEvent(strings.Repeat("\t", max(ahead, 1))))
		if ask[bool](p.t, p.ctx, there) {
			return
		}
		ahead = 1
	}
	p.t.Fatalf("the keyboard never comes to %s on %s: %s", selector, ask[string](p.t, p.ctx, `location.pathname`), ask[string](p.t, p.ctx, `document.querySelector("main").innerText`))
}

// types fills fields in, named by id, going from one to the next by tab.
func (p hands) types(fields ...string) {
	p.t.Helper()
	for i := 0; i < len(fields); i += 2 {
		p.to("#" + fields[i])
		do(p.t, p.ctx, chromedp.KeyEvent(fields[i+1]))
	}
}

// presses goes to a button or link and presses Enter there.
func (p hands) presses(selector string) {
	p.t.Helper()
	p.to(selector)
	do(p.t, p.ctx, chromedp.KeyEvent("\r"))
}

// bed chooses a ward by its first letters and the first free bed there. What was
// typed stays while the beds are shown.
func (p hands) bed(ward string) {
	p.t.Helper()
	p.to("#ward")
	do(p.t, p.ctx, chromedp.KeyEvent(ward))
	p.reads(`window.before = "here"`)
	p.presses("button[value=beds]")
	arrives(p.t, p.ctx, `!window.before`) // the form before it may have had a place to choose too
	p.at("input[name=place]")
	p.to("input[name=place]")
	do(p.t, p.ctx, chromedp.KeyEvent(" "))
}

// sees waits for words in the page.
func (p hands) sees(words ...string) {
	p.t.Helper()
	for _, w := range words {
		arrives(p.t, p.ctx, fmt.Sprintf(`document.querySelector("main").innerText.replace(/\s+/g, " ").includes(%q)`, w))
	}
}

func (p hands) reads(script string) string { p.t.Helper(); return ask[string](p.t, p.ctx, script) }

// TestEachRoleWorksWithKeyboardAndScannerAlone walks the main path of each role
// on a screen of 200 %, in one house, one after the other, as a night goes.
func TestEachRoleWorksWithKeyboardAndScannerAlone(t *testing.T) {
	t.Parallel()
	b := browser(t)
	h := newHouse(t)
	h.admit()
	h.admitBeside()
	h.declare()
	h.hire("labor", "T. Labor", nil, staff.Laboratory)
	h.hire("labor2", "U. Labor", nil, staff.Laboratory)
	h.hire("radio", "V. Radiologie", nil, staff.Radiology)
	h.hire("apo", "W. Apotheke", nil, staff.Pharmacy)
	p := hands{t, h, newTab(t, b, 683, 384)}
	anna := "/patient/" + annaKey

	for _, x := range []struct {
		name string
		walk func(t *testing.T, p hands, chart string)
	}{
		{"a physician prescribes against a warning, changes and stops", prescribesByKeyboard},
		{"a physician decides what the KIS has otherwise", decidesByKeyboard},
		{"the pharmacy reviews, and remarks", reviewsByKeyboard},
		{"a nurse gives with a second person", givesByTwo},
		{"the laboratory answers, a second one releases, the ward is called", answersByKeyboard},
		{"radiology writes a critical finding and tells it", reportsByKeyboard},
		{"the admission takes the unknown, a newborn and a crowd", admitsByKeyboard},
	} {
		if !t.Run(x.name, func(t *testing.T) {
			p := p
			p.t = t
			x.walk(t, p, anna)
		}) {
			return // the night has taken another way
		}
	}
}

func prescribesByKeyboard(t *testing.T, p hands, chart string) {
	p.sits("huber", chart+"/prescribe", "#drug")
	clock := time.Now().In(berlin).Add(-2 * time.Minute).Format("15:04")
	p.types("drug", "Amoxicillin", "strength", "1000 mg", "dose", "1 Tbl.", "route", "p.o.", "times", clock)
	p.presses("button[value=check]")
	p.at("button[value=sign]")
	p.sees("Nicht ohne Begründung", "Penicillin") // she is allergic to it
	if at := p.reads(`document.activeElement.id`); at != "despite" {
		t.Errorf("the focus is at %q, not at the reason", at)
	}
	p.types("despite", "Penicillin in 2019 vertragen")
	p.presses("button[value=sign]")
	p.sees("Amoxicillin", "hier eingetragen")
	p.presses(`main a[href*="/prescribe?rx="]`)
	p.at("#dose")
	p.to("#dose")
	do(t, p.ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`), chromedp.KeyEvent("2 Tbl."))
	p.presses("button[value=check]")
	p.at("button[value=sign]")
	p.types("despite", "Gewicht 96 kg")
	p.presses("button[value=sign]")
	arrives(t, p.ctx, `location.pathname.endsWith("/medication")`)
	p.sees("2 Tbl.")
	// the same once more is a double
	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+chart+"/prescribe"))
	p.at("#drug")
	p.types("drug", "Amoxicillin", "strength", "1000 mg", "dose", "1 Tbl.", "route", "p.o.", "times", clock)
	p.presses("button[value=check]")
	p.at("button[value=sign]")
	p.sees("bereits verordnet")
	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+chart+"/medication"))
	p.at(`main a[href*="/prescription?rx="]`)
	p.presses(`main a[href*="/prescription?rx="]`)
	p.at("#why")
	p.types("why", "Exanthem")
	p.presses("button[value=stop]")
	p.sees("abgesetzt", "Exanthem")
}

func decidesByKeyboard(t *testing.T, p hands, chart string) {
	order := func(dose string) {
		p.h.receive("kis", "RDE^O11^RDE_O11", "PID|1||900417^^^KIS^PI||Müller^Anna^^^^^L||19510403|F", pv1("3A^301^F"),
			"ORC|NW|90077^KIS", "RXE||C07AB07^Bisoprolol^ATC|"+dose+"||mg", "TQ1|||1-0-1-0||||20260101080000", "RXR|PO^oral")
	}
	order("5")
	p.sits("huber", chart+"/medication", `main a[href*="/prescription?rx=90077"]`)
	p.presses(`main a[href*="/prescription?rx=90077"]`)
	p.at("#why")
	p.types("why", "Puls 44")
	p.presses("button[value=stop]")
	p.sees("Puls 44")
	order("10")
	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+chart+"/medication"))
	p.at(`main a[href*="/contest?"]`)
	p.sees("Strittig")
	p.presses(`main a[href*="/contest?"]`)
	p.at("button[value=ours]")
	p.types("why", "Rücksprache Kardiologie")
	do(t, p.ctx, chromedp.KeyEvent("\r")) // of two buttons Enter in the field presses none
	p.presses("button[value=ours]")
	p.at(".rxlist, .rxtable, table")
	if strings.Contains(p.reads(`document.querySelector("main").innerText`), "Strittig:") {
		t.Error("it is still contested")
	}
}

func reviewsByKeyboard(t *testing.T, p hands, _ string) {
	p.h.prescribe("drug", "Pantoprazol", "strength", "40 mg", "dose", "1 Tbl.", "route", "p.o.", "times", "08:00")
	p.sits("apo", "/desk/pharmacy", ".worktable")
	p.sees("Pantoprazol")
	p.presses(`main a.button[aria-label*="Pantoprazol"]`)
	p.at("#remark")
	p.types("remark", "vor dem Essen")
	p.presses("button[value=remark]")
	p.sees("Gespeichert")
	p.h.prescribe("drug", "Torasemid", "strength", "20 mg", "dose", "1 Tbl.", "route", "p.o.", "times", "09:00")
	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+"/desk/pharmacy"))
	p.at(`button[aria-label*="Torasemid"]`)
	p.presses(`button[aria-label*="Torasemid"]`)
	p.sees("Gespeichert")
}

func givesByTwo(t *testing.T, p hands, _ string) {
	begin := time.Now().In(berlin).Add(-2 * time.Minute)
	p.h.prescribe("drug", "Heparin", "strength", "25000 IE/5 ml", "dose", "5000 IE", "route", "i.v.", "times", begin.Format("15:04"), "start", begin.Format("02.01.2006 15:04"))
	p.sits("weber", "/ward/3A/doses", ".dosetable")
	p.presses(`tr.dose a[aria-label*="Heparin"]`)
	p.at("#band")
	p.to("#band")
	do(t, p.ctx, chromedp.KeyEvent("4711001\r"))
	arrives(t, p.ctx, `document.activeElement.id === "pack"`)
	do(t, p.ctx, chromedp.KeyEvent("\r"))
	p.at("#second")
	p.types("second", "thoma", "second-password", testPassword)
	do(t, p.ctx, chromedp.KeyEvent("\r"))
	p.at(".dosetable")
	p.sees("gegeben")
	p.h.as("huber").get("/patient/"+annaKey+"/medication").sees(t, "Heparin", "B. Thoma")
}

func answersByKeyboard(t *testing.T, p hands, chart string) {
	p.sits("weber", chart+"/write/order-lab", "#urgency")
	p.to("#urgency")
	do(t, p.ctx, chromedp.KeyEvent("N"))
	p.to(`[name="x.ELEK"]`)
	do(t, p.ctx, chromedp.KeyEvent(" "))
	p.presses("main button[value=sign]")
	arrives(t, p.ctx, `document.querySelector("main") && !document.querySelector("#urgency")`)
	number := ""
	for _, w := range strings.Fields(p.h.as("labor").get("/desk/lab").text()) {
		if strings.HasPrefix(w, "NA") {
			number = w
		}
	}
	p.sits("labor", "/desk/lab", "#scan")
	do(t, p.ctx, chromedp.KeyEvent(number+"\r")) // the scanner at the label
	p.at("#v0")
	name := p.reads(`[...document.querySelectorAll("label[for^=v]")].find(l => l.textContent === "Kalium").htmlFor`)
	p.types(name, "6,9")
	p.presses("button[value=sign]")
	p.at("#scan")
	p.sits("labor2", "/desk/lab", "#scan")
	do(t, p.ctx, chromedp.KeyEvent(number+"\r"))
	p.at("button[value=release]")
	p.presses("button[value=release]")
	p.at("#scan")
	p.sits("labor", chart+"/critical", "input[name=told]")
	p.sees("Kalium 6,9")
	p.to("input[name=told]")
	do(t, p.ctx, chromedp.KeyEvent("S. Weber, 3A"))
	p.to("input[name=readback]")
	do(t, p.ctx, chromedp.KeyEvent(" "))
	p.presses("button[value=phone]")
	arrives(t, p.ctx, `!!document.querySelector("main") && !document.querySelector("input[name=told]")`)
	p.h.as("huber").get(chart+"/critical").sees(t, "S. Weber, 3A")
}

func reportsByKeyboard(t *testing.T, p hands, chart string) {
	a := p.h.as("huber").post(chart+"/write/order-radiology", "key", desk.NewKey(), "urgency", "S", "method", "CT", "region", "Schädel", "question", "Blutung", "contrast", "no", "pregnant", "no", "act", "sign")
	if a.code/100 > 3 {
		t.Fatalf("%d %s", a.code, a.text())
	}
	number := ""
	for _, w := range strings.Fields(p.h.as("radio").get("/desk/findings").text()) {
		if strings.HasPrefix(w, "NA") {
			number = w
		}
	}
	p.sits("radio", "/desk/findings", "#scan")
	do(t, p.ctx, chromedp.KeyEvent(number+"\r"))
	p.at("main button[value=sign]")
	p.types("finding", "Hyperdense Raumforderung frontal rechts, 3 cm.", "judgement", "Intrazerebrale Blutung")
	p.to("#state")
	do(t, p.ctx, chromedp.KeyEvent("e"))
	p.to("#critical")
	do(t, p.ctx, chromedp.KeyEvent(" "))
	p.presses("main button[value=sign]")
	p.at(".worktable, #scan")
	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+chart+"/critical"))
	p.at("input[name=told]")
	p.to("input[name=told]")
	do(t, p.ctx, chromedp.KeyEvent("Dr. Huber, 3A"))
	p.to("input[name=readback]")
	do(t, p.ctx, chromedp.KeyEvent(" "))
	p.presses("button[value=phone]")
	arrives(t, p.ctx, `!!document.querySelector("main") && !document.querySelector("input[name=told]")`)
	p.h.as("huber").get(chart+"/critical").sees(t, "Dr. Huber, 3A")
}

func admitsByKeyboard(t *testing.T, p hands, _ string) {
	p.sits("aufn", "/admission/admit-unknown", "#sex")
	p.to("#sex")
	do(t, p.ctx, chromedp.KeyEvent("m"))
	p.types("age", "40", "found", "Bahnhof")
	p.to("#class")
	do(t, p.ctx, chromedp.KeyEvent("N"))
	p.bed("Z")
	p.presses("main .acting button[value=sign]")
	p.sees("Armband")

	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+"/admission/newborn?mother="+annaKey))
	p.at("#family")
	p.to("#sex")
	do(t, p.ctx, chromedp.KeyEvent("w"))
	p.types("weight", "3400")
	p.bed("3B")
	p.types("at", time.Now().In(berlin).Format("15:04"))
	p.presses("main .acting button[value=sign]")
	p.sees("Armband")

	do(t, p.ctx, chromedp.Navigate(p.h.server.URL+"/admission/mass"))
	p.at("#triage")
	p.to("#ward")
	do(t, p.ctx, chromedp.KeyEvent("Z"))
	for i := range 3 {
		arrives(t, p.ctx, fmt.Sprintf(`document.querySelectorAll("tr[data-case]").length === %d`, i))
		p.types("age", fmt.Sprint(20+i))
		p.presses("main .acting button.main")
	}
	arrives(t, p.ctx, `document.querySelectorAll("tr[data-case]").length === 3`)
	p.at("#triage")
}
