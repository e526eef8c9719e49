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
	"time"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/testkit"
)

// planPharmacy lets the two of the pharmacy go through their lists every half
// hour, and the wards ask for what they lack.
func (d *day) planPharmacy(from, to time.Time) {
	for at := from.Add(100 * time.Minute); at.Before(to); at = at.Add(30 * time.Minute) {
		if hour := at.In(d.zone).Hour(); hour < 7 || hour > 19 {
			continue
		}
		for n := range 2 {
			d.plan("apotheke"+strconv.Itoa(n+1), at, func(ctx context.Context, p *dayPerson) error { return p.worksThroughTheLists(ctx, n) })
		}
	}
	for _, ward := range d.wards {
		for _, hour := range []int{7, 12, 17} {
			if at := d.at(hour, 35); !at.Before(from) && at.Before(to) {
				d.planRound(nurseID(ward, shiftAt(hour), "1"), ward, at, entry.DrugRequestForm, 8, 0)
			}
		}
	}
}

// worksThroughTheLists takes up what waits, every other line each.
func (p *dayPerson) worksThroughTheLists(ctx context.Context, half int) error {
	for show, part := range map[string]string{"": "/pharmacy?rx=", "requests": "/reply?to="} {
		list, err := p.open(ctx, "/desk/pharmacy?show="+show)
		if err != nil {
			return err
		}
		if list.Status != http.StatusOK {
			return fmt.Errorf("the pharmacy's list: %d %s", list.Status, list.Text())
		}
		when := p.d.clock.read()
		var links []string
		for _, link := range list.Links() {
			if strings.Contains(link, part) && !slices.Contains(links, link) {
				links = append(links, link)
			}
		}
		for i, link := range links {
			if i%2 != half || i > 40 {
				continue
			}
			when = when.Add(30 * time.Second)
			dice := p.d.dice("pharmacy", p.id, when.Unix())
			do := p.reviews
			if show != "" {
				do = p.replies
			}
			p.d.plan(p.id, when, func(ctx context.Context, p *dayPerson) error { return do(ctx, link, dice) })
		}
	}
	return nil
}

// whose is the patient of an open page.
func whose(page *testkit.Page) bedside {
	b := bedside{kase: page.In(".banner b.no").Text()}
	if rest, ok := strings.CutPrefix(page.Path, "/patient/"); ok {
		key, _, _ := strings.Cut(rest, "/")
		b.href = "/patient/" + key
	}
	return b
}

// opens opens a page of a list: what stood on it may be done meanwhile.
func (p *dayPerson) opens(ctx context.Context, link string) (*testkit.Page, bedside, error) {
	page, err := p.open(ctx, link)
	if err != nil {
		return nil, bedside{}, err
	}
	if page.Status == http.StatusNotFound || page.Status == http.StatusForbidden || strings.HasPrefix(page.Path, "/glass") {
		return nil, bedside{}, errGivesUp
	}
	if page.Status != http.StatusOK {
		return nil, bedside{}, fmt.Errorf("%s: %d %s", link, page.Status, page.Text())
	}
	return page, whose(page), nil
}

// reviews looks at a prescription: it is right, or the ward is told something,
// and now and then the drug is handed out.
func (p *dayPerson) reviews(ctx context.Context, link string, dice *rand.Rand) error {
	page, b, err := p.opens(ctx, link)
	if err != nil {
		return err
	}
	action := b.href + "/pharmacy"
	l := line{kase: b.kase, by: p.id, first: true, some: true, fields: map[string]string{}}
	mark := fmt.Sprintf("Fall %s, %06x", b.kase, dice.IntN(1<<24))
	var values []string
	what := "prescriptions reviewed"
	p.d.ledger.count("prescriptions looked at")
	switch n := p.d.ledger.of("prescriptions looked at") % 6; {
	case n == 3:
		l.form, l.fields["remark"], what = "rx-review", "Bitte vor dem Essen. "+mark, "remarks to wards"
		values = []string{"act", "remark", "remark", l.fields["remark"]}
	case n == 5:
		l.form, l.fields["amount"], l.fields["lot"], what = "rx-dispensed", "20 Tbl.", mark, "drugs handed out"
		values = []string{"act", "dispense", "amount", "20 Tbl.", "lot", mark}
	case !page.Has("button[value=review]"):
		return errGivesUp // the other was faster
	default:
		l.form, values = "rx-review", []string{"act", "review"}
	}
	sent, err := page.Form(action, values...)
	if err != nil {
		return err
	}
	l.key, l.root = sent.Get("key"), sent.Get("key")
	if _, err = p.signs(ctx, action, sent, l, dice); err != nil {
		return staleIs(err)
	}
	p.d.ledger.count(what)
	if l.fields["remark"] != "" {
		p.d.plan("leitung", p.d.clock.read().Add(25*time.Minute), func(ctx context.Context, p *dayPerson) error {
			list, err := p.form(ctx, b, b.href+"/medication")
			if err != nil {
				return err
			}
			if !strings.Contains(list.Text(), l.fields["remark"]) {
				return errGivesUp // the prescription was stopped or changed
			}
			for _, link := range list.Links() {
				if to, err := url.Parse(link); err == nil && strings.HasSuffix(to.Path, "/reply") && to.Query().Get("to") == entry.Number(l.root) {
					return p.replies(ctx, link, p.d.dice("reply", l.root))
				}
			}
			return fmt.Errorf("the remark %q cannot be answered: %s", l.fields["remark"], list.Text())
		})
	}
	return nil
}

// staleIs gives up where what was looked at had changed under the reader.
func staleIs(err error) error {
	if err != nil && (strings.Contains(err.Error(), "inzwischen geändert") || strings.Contains(err.Error(), "Inzwischen hat")) {
		return errGivesUp
	}
	return err
}

// replies answers a remark of the pharmacy, or a ward's request.
func (p *dayPerson) replies(ctx context.Context, link string, dice *rand.Rand) error {
	page, b, err := p.opens(ctx, link)
	if err != nil {
		return err
	}
	action := b.href + "/reply"
	if !page.Has("form[action=" + action + "]") {
		return errGivesUp // it is answered
	}
	note := fmt.Sprintf("Fall %s, %06x", b.kase, dice.IntN(1<<24))
	l := line{form: "rx-remark", kase: b.kase, by: p.id, some: true, fields: map[string]string{"note": note}}
	values := []string{"note", note}
	if page.Has("button[value=done]") {
		act := []string{"done", "done", "refuse"}[dice.IntN(3)]
		l.form, l.fields["act"] = "drug-request-answer", act
		values = append(values, "act", act)
	}
	sent, err := page.Form(action, values...)
	if err != nil {
		return err
	}
	l.key, l.root = sent.Get("key"), sent.Get("key")
	if _, err = p.signs(ctx, action, sent, l, dice); err != nil {
		return staleIs(err)
	}
	p.d.ledger.count(map[string]string{"rx-remark": "remarks answered", "drug-request-answer": "requests answered"}[l.form])
	return nil
}
