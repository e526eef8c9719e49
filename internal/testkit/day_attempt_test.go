package testkit_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// Whoever presses a button whose answer is lost cannot say whether the entry
// stands. So every form is noted before it leaves the browser, with the key it
// carries and what came back. In the end each entry of the journal is one that
// was answered as signed, or one whose form left and was never answered, or
// nobody's: a defect.

// attempt is one form that left a browser.
type attempt struct {
	by     string
	action string
	sent   url.Values
	keys   []string // that its entries can have; none: the hub makes them
	answer int      // status; 0: none came
}

func attemptOf(by, action string, sent url.Values) *attempt {
	a := &attempt{by: by, action: action, sent: clone(sent)}
	key := sent.Get("key")
	switch {
	case strings.HasPrefix(action, "/admission/mass/"):
		n, _ := strconv.Atoi(sent.Get("n"))
		count, _ := strconv.Atoi(sent.Get("count"))
		for i := range count {
			a.keys = append(a.keys, massKey(strings.TrimPrefix(action, "/admission/mass/"), n+i))
		}
	case strings.HasSuffix(action, "/swap"):
		a.keys = []string{key, swapKey(key)}
	case strings.HasSuffix(action, "/give"), strings.HasSuffix(action, "/prescription"): // of a time in the plan, of a state that is changed
	case key != "":
		a.keys = []string{key}
	}
	return a
}

// massKey and swapKey are the keys of entries that follow from a form's own.
func massKey(series string, n int) string {
	return journal.KeyOf("mass", series, []byte(strconv.Itoa(n))).String()
}
func swapKey(key string) string { return journal.KeyOf("swap", key, nil).String() }

// post sends a form, noted before it leaves.
func (p *dayPerson) post(action string, sent url.Values, header ...string) (*testkit.Page, error) {
	a := attemptOf(p.id, action, sent)
	p.d.ledger.leaves(a)
	page, err := p.browser.Try(action, sent, header...)
	if err == nil {
		p.d.ledger.comesBack(a, page.Status)
	}
	return page, err
}

func (g *ledger) leaves(a *attempt) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.attempts = append(g.attempts, a)
}

func (g *ledger) comesBack(a *attempt, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a.answer = status
}

// lost reports whether its writer was not told what became of it.
func (a *attempt) lost() bool { return a.answer == 0 || a.answer >= http.StatusInternalServerError }

// drafts reports whether it asks to be kept and not signed.
func (a *attempt) drafts() bool { return a.sent.Get("act") == "draft" }

// mayBe reports whether an entry that stands can have come of the attempt: under
// its key, by the same hand, about the same patient, with the same words.
func (a *attempt) mayBe(e entry.Entry) bool {
	if !a.lost() || a.drafts() || e.By.ID != a.by || len(a.keys) > 0 && !slices.Contains(a.keys, e.Key) {
		return false
	}
	if len(a.keys) == 0 && e.Form != entry.DoseForm && e.Form != entry.StandingForm && e.Form != entry.SheetForm {
		return false
	}
	if rest, ok := strings.CutPrefix(a.action, "/patient/"); ok && !strings.HasSuffix(a.action, "/swap") {
		if key, _, _ := strings.Cut(rest, "/"); clinical.PatientKey(key) != e.Patient {
			return false
		}
	}
	for name, v := range e.Fields {
		if a.sent.Has(name) && strings.TrimSpace(a.sent.Get(name)) != v {
			return false
		}
	}
	return true
}

// accounts takes the attempt that an entry came of, so that none counts twice.
func (g *ledger) accounts(e entry.Entry, taken map[*attempt]bool) bool {
	for _, a := range g.attempts {
		if !taken[a] && a.mayBe(e) {
			taken[a] = len(a.keys) == 0 // of a key there is one entry anyway, and of a form for many several
			return true
		}
	}
	return false
}

// began reports whether somebody sent the form of a draft.
func (g *ledger) began(key string) bool {
	return slices.ContainsFunc(g.attempts, func(a *attempt) bool { return slices.Contains(a.keys, key) })
}
