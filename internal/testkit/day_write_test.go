package testkit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/testkit"
)

// record fills in a form of the patient and signs it, with everything that
// happens to people at it. It returns the line of the ledger.
func (p *dayPerson) record(ctx context.Context, b bedside, form string, dice *rand.Rand, values ...string) (line, error) {
	action := b.href + "/write/" + form
	page, err := p.form(ctx, b, action)
	if err != nil {
		return line{}, err
	}
	if dice.IntN(100) < 5 {
		if page, err = p.mistypes(ctx, page, action, form); err != nil {
			return line{}, err
		}
	}
	happened := time.Time{}
	if dice.IntN(3) == 0 { // what was a while ago, as people type it
		happened = p.d.clock.read().In(p.d.zone).Add(-time.Duration(dice.IntN(50)) * time.Minute).Truncate(time.Minute)
		values = append(values, "at", happened.Format([]string{"15:04", "02.01. 15:04", "02.01.2006 15:04"}[dice.IntN(3)]))
	}
	sent, err := page.Form(action, append(values, "act", "sign")...)
	if err != nil {
		return line{}, err
	}
	l := line{form: form, kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, at: happened, fields: typed(sent)}
	if l.key == "" {
		return line{}, fmt.Errorf("%s has no key", action)
	}
	switch n := dice.IntN(100); {
	case n < 6: // kept while somebody thinks, as the page does by itself
		if err := p.keeps(action, sent); err != nil {
			return line{}, err
		}
	case n < 12: // still on its way when the button is pressed
		var late sync.WaitGroup
		other := *p
		b := *p.browser
		other.browser = &b
		late.Go(func() {
			if err := other.keeps(action, sent); err != nil {
				p.d.t.Error(err)
			}
		})
		defer late.Wait()
	}
	if form != "allergy" && form != "alert" && dice.IntN(100) < 4 {
		if err := p.interrupted(ctx, b, action, sent, dice.IntN(4) == 0); err != nil {
			return line{}, err
		}
		return line{}, nil
	}
	return p.signs(ctx, action, sent, l, dice)
}

// signs presses the button and takes down what was answered.
func (p *dayPerson) signs(ctx context.Context, action string, sent url.Values, l line, dice *rand.Rand) (line, error) {
	l.from = p.d.clock.read()
	send := p.send
	switch n := dice.IntN(100); {
	case n < 3:
		p.wire.cut.Store(cutSent)
	case n < 6:
		p.wire.cut.Store(cutAnswer)
	case n < 8:
		send = p.twice
	case n < 9: // the sign-in ends under somebody's hands
		if page, err := p.browser.Try("/signout", url.Values{}); err == nil && page.Status == http.StatusSeeOther {
			p.d.ledger.count("signed out meanwhile")
		}
	}
	page, err := send(ctx, action, sent)
	if err != nil {
		return line{}, err
	}
	for range 3 { // unusual, and right all the same; or asked before it is signed
		if page.Status != http.StatusOK && (page.Status != http.StatusUnprocessableEntity || !page.Has("#asked")) {
			break
		}
		if sent, err = confirmed(page, action); err != nil {
			return line{}, err
		}
		p.d.ledger.count("asked once more")
		if page, err = p.send(ctx, action, sent); err != nil {
			return line{}, err
		}
	}
	if page.Status == http.StatusForbidden || strings.HasPrefix(page.Location(), "/glass") {
		p.d.ledger.count("left the ward")
		return line{}, errGivesUp
	}
	if page.Status == http.StatusConflict && l.begins {
		p.d.ledger.count("came too late")
		return line{}, errGivesUp // somebody else has moved the patient
	}
	if page.Status != http.StatusSeeOther {
		return line{}, fmt.Errorf("%s: not signed: %d %s", action, page.Status, page.Text())
	}
	if l.first && !signedSeq.MatchString(page.Location()) {
		p.d.ledger.count("somebody was faster")
		return line{}, errGivesUp
	}
	l.to = p.d.clock.read()
	if m := signedSeq.FindStringSubmatch(page.Location()); m != nil {
		if l.seq, err = strconv.ParseUint(m[1], 10, 64); err != nil {
			return line{}, err
		}
	}
	p.d.ledger.add(l)
	shown, err := p.open(ctx, page.Location())
	if err != nil {
		return line{}, err
	}
	if shown.Status != http.StatusOK {
		return line{}, fmt.Errorf("%s: %d %s", page.Location(), shown.Status, shown.Text())
	}
	if strings.HasPrefix(l.form, "order-") {
		l.numbers = tubesOn(shown.Text())
	}
	if dice.IntN(50) == 0 { // back, and pressed again
		again, err := p.send(ctx, action, sent)
		if err != nil {
			return line{}, err
		}
		if again.Location() != page.Location() {
			return line{}, fmt.Errorf("%s: sent again leads to %d %s, before to %s", action, again.Status, again.Location(), page.Location())
		}
		p.d.ledger.count("sent again later")
	}
	return l, nil
}

// typed is what a form holds of what its entry must hold.
func typed(sent url.Values) map[string]string {
	out := map[string]string{}
	for name := range sent {
		if v := strings.TrimSpace(sent.Get(name)); v != "" && !slices.Contains([]string{"key", "root", "of", "asof", "sheet", "reason", "back", "round", "confirmed", "sure", "act"}, name) {
			out[name] = v
		}
	}
	return out
}

// mistypes fills in what cannot be and is shown the form again. Nothing of it
// may be anywhere later.
func (p *dayPerson) mistypes(ctx context.Context, page *testkit.Page, action, form string) (*testkit.Page, error) {
	wrong := map[string][]string{"vitals": {"temp", "384"}, "fluids": {"oral", "viel"}, "diagnosis": {"code", "xyz"}}[form]
	if wrong == nil {
		wrong = []string{"at", "25:61"}
	}
	sent, err := page.Form(action, append(wrong, "act", "sign")...)
	if err != nil {
		return nil, err
	}
	page, err = p.send(ctx, action, sent)
	if err != nil {
		return nil, err
	}
	if page.Status != http.StatusUnprocessableEntity {
		return nil, fmt.Errorf("%s took %q: %d", action, wrong, page.Status)
	}
	sent, err = page.Form(action, wrong[0], "") // strikes it out
	if err != nil {
		return nil, err
	}
	p.d.ledger.count("mistyped")
	p.d.ledger.refuse(sent.Get("key"))
	return p.form(ctx, bedside{kase: page.In(".banner b.no").Text()}, action)
}

// keeps sends the draft that the page sends by itself.
func (p *dayPerson) keeps(action string, sent url.Values) error {
	draft := clone(sent)
	draft.Set("act", "draft")
	page, err := p.post(action, draft, "X-Draft", "1")
	if err == nil && !slices.Contains([]int{http.StatusNoContent, http.StatusUnauthorized, http.StatusConflict}, page.Status) && page.Status < 500 {
		return fmt.Errorf("%s: the draft is not kept: %d", action, page.Status)
	}
	if err == nil && page.Status == http.StatusNoContent {
		p.d.ledger.count("kept by itself")
	}
	return nil // a page that cannot keep it tries again later
}

func clone(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = values
	}
	return out
}

// interrupted keeps a form as a draft. It is signed a quarter of an hour later
// from the list, unless it is forgotten.
func (p *dayPerson) interrupted(ctx context.Context, b bedside, action string, sent url.Values, forgotten bool) error {
	draft := clone(sent)
	draft.Set("act", "draft")
	page, err := p.send(ctx, action, draft)
	if err != nil {
		return err
	}
	if page.Status != http.StatusSeeOther {
		return fmt.Errorf("%s: no draft: %d %s", action, page.Status, page.Text())
	}
	form := action[strings.LastIndexByte(action, '/')+1:]
	key := sent.Get("key")
	p.d.ledger.draft(key, b.kase)
	kills := p.d.ledger.of("kills")
	if forgotten {
		p.d.ledger.count("draft left open")
		return nil
	}
	p.d.plan(p.id, p.d.clock.read().Add(15*time.Minute), func(ctx context.Context, p *dayPerson) error {
		list, err := p.form(ctx, b, b.href+"/write")
		if err != nil {
			return err
		}
		link := action + "?draft=" + key
		if !list.Has("a[href=" + link + "]") {
			return fmt.Errorf("%s does not list the draft %s", list.Path, link)
		}
		page, err := p.form(ctx, b, link)
		if err != nil {
			return err
		}
		again, err := page.Form(action, "act", "sign")
		if err != nil {
			return err
		}
		l := line{form: form, kase: b.kase, key: key, root: key, by: p.id, fields: typed(again)}
		if at := again.Get("at"); at != "" {
			var ok bool
			if l.at, ok = entry.ParseTime(at, p.d.clock.read().In(p.d.zone)); !ok {
				return fmt.Errorf("the draft says %q", at)
			}
		}
		if want, got := fmt.Sprint(typed(sent)), fmt.Sprint(l.fields); want != got {
			return fmt.Errorf("the draft holds %s, typed was %s", got, want)
		}
		_, err = p.signs(ctx, action, again, l, p.d.dice("draft", key))
		p.d.ledger.count("draft signed")
		if p.d.ledger.of("kills") > kills {
			p.d.ledger.count("draft signed after a kill")
		}
		return err
	})
	return nil
}

// keepsOverAKill begins a note that is finished after the power came back.
func (p *dayPerson) keepsOverAKill(ctx context.Context, ward string, dice *rand.Rand) error {
	return p.somebody(ctx, ward, dice, func(b bedside) error {
		form, values := writes("care-note", b.kase, dice)
		action := b.href + "/write/" + form
		page, err := p.form(ctx, b, action)
		if err != nil {
			return err
		}
		sent, err := page.Form(action, append(values, "act", "sign")...)
		if err != nil {
			return err
		}
		return p.interrupted(ctx, b, action, sent, false)
	})
}

// corrects opens a signed entry again and signs another version of it.
func (p *dayPerson) corrects(ctx context.Context, b bedside, l line, dice *rand.Rand, values ...string) error {
	action := b.href + "/write/" + l.form
	page, err := p.form(ctx, b, action+"?correct="+l.root)
	if err != nil {
		return err
	}
	sent, err := page.Form(action, append(values, "reason", "Zahlendreher", "act", "sign")...)
	if err != nil {
		return err
	}
	next := line{form: l.form, kase: b.kase, key: sent.Get("key"), root: l.root, corrects: l.key, by: p.id, fields: typed(sent)}
	if at := sent.Get("at"); at != "" {
		var ok bool
		if next.at, ok = entry.ParseTime(at, p.d.clock.read().In(p.d.zone)); !ok {
			return fmt.Errorf("the correction says %q", at)
		}
	}
	_, err = p.signs(ctx, action, sent, next, dice)
	p.d.ledger.count("corrected")
	return err
}

// withdraws strikes a signed entry out.
func (p *dayPerson) withdraws(ctx context.Context, b bedside, l line) error {
	at := b.href + "/entry/" + l.root
	page, err := p.form(ctx, b, at)
	if err != nil {
		return err
	}
	sent, err := page.Form(at+"/withdraw", "why", "Falscher Patient am Bett")
	if err != nil {
		return err
	}
	next := line{form: l.form, kase: b.kase, key: sent.Get("key"), root: l.root, corrects: l.key, withdrawn: true, by: p.id, fields: l.fields, at: l.at, from: p.d.clock.read()}
	if page, err = p.send(ctx, at+"/withdraw", sent); err != nil {
		return err
	}
	if page.Status != http.StatusSeeOther {
		return fmt.Errorf("%s: not withdrawn: %d %s", at, page.Status, page.Text())
	}
	next.to = p.d.clock.read()
	p.d.ledger.add(next)
	p.d.ledger.count("withdrawn")
	return nil
}
