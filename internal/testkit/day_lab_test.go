package testkit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// planLab plans what physicians order from the laboratory. What follows from an
// order is planned when it is signed.
func (d *day) planLab(from, to time.Time) {
	for _, ward := range d.wards {
		for _, hour := range []int{7, 11, 15, 20} {
			for n := range 2 {
				if at := d.at(hour, 5); !at.Before(from) && at.Before(to) {
					d.planRound(doctorID(ward, strconv.Itoa(n+1)), ward, at, "order-lab", 25, n)
					d.planRound(nurseID(ward, shiftAt(hour), strconv.Itoa(n+1)), ward, at.Add(40*time.Minute), "phone-result", 3, n)
				}
			}
		}
	}
}

// orders signs an order. The tube is in the laboratory a while later.
func (p *dayPerson) orders(ctx context.Context, b bedside, dice *rand.Rand) error {
	values := []string{"urgency", []string{"S", "A", "R"}[dice.IntN(3)], "x.K", "1", "x.NA", "1", "question", fmt.Sprintf("Fall %s, %06x", b.kase, dice.IntN(1<<24))}
	if dice.IntN(2) == 0 {
		values = append(values, "x.HB", "1") // a tube of its own
	}
	l, err := p.record(ctx, b, "order-lab", dice, values...)
	if err != nil || l.key == "" {
		return err
	}
	p.d.ledger.count("orders")
	now, analyst := p.d.clock.read(), dice.IntN(2)
	for i, number := range l.numbers {
		dice := p.d.dice("tube", number, b.kase)
		first, second := "labor"+strconv.Itoa(1+analyst), "labor"+strconv.Itoa(2-analyst)
		p.d.plan(first, now.Add(time.Duration(20+5*i)*time.Minute), func(ctx context.Context, p *dayPerson) error {
			return p.measures(ctx, b, number, second, dice)
		})
	}
	return nil
}

// measures scans the tube, enters its values and leaves the second look to
// somebody else.
func (p *dayPerson) measures(ctx context.Context, b bedside, number, second string, dice *rand.Rand) error {
	action := b.href + "/results/" + number
	page, err := p.form(ctx, b, "/desk/lab?scan="+strings.ToLower(number))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(page.Path, action) {
		return fmt.Errorf("the tube %s of case %s leads to %s", number, b.kase, page.Path)
	}
	values := map[string]string{"Kalium": fmt.Sprintf("%d,%d", 3+dice.IntN(2), dice.IntN(10)), "Natrium": strconv.Itoa(132 + dice.IntN(12)), "Hämoglobin": fmt.Sprintf("%d,%d", 9+dice.IntN(6), dice.IntN(10))}
	if dice.IntN(7) == 0 {
		values["Kalium"] = "6,8" // critical
	}
	codes := map[string]string{"Kalium": "K", "Natrium": "NA", "Hämoglobin": "HB"}
	l := line{form: "lab-results", kase: b.kase, by: p.id, fields: map[string]string{"number": number}, number: number, values: map[string]string{}}
	fill := []string{"act", "sign"}
	for i := 0; page.Has("#v" + strconv.Itoa(i)); i++ {
		name := page.In("label[for=v" + strconv.Itoa(i) + "]").Text()
		v := values[name]
		if v == "" {
			return fmt.Errorf("the order %s asks for %s", number, name)
		}
		fill = append(fill, "v"+strconv.Itoa(i), v)
		v = strings.TrimSuffix(v, ",0")
		l.fields[codes[name]], l.values[name] = "preliminary "+v, v
	}
	sent, err := page.Form(action, fill...)
	if err != nil {
		return err
	}
	l.key, l.root = sent.Get("key"), sent.Get("key")
	if _, err = p.signs(ctx, action, sent, l, dice); err != nil {
		return err
	}
	p.d.ledger.count("lab values")
	now := p.d.clock.read()
	p.d.plan(second, now.Add(10*time.Minute), func(ctx context.Context, p *dayPerson) error {
		return p.releases(ctx, b, number, l.values, dice)
	})
	if l.values["Kalium"] == "6,8" {
		p.d.plan(nurseID(b.ward, shiftAt(now.In(p.d.zone).Hour()), "1"), now.Add(3*time.Minute), func(ctx context.Context, p *dayPerson) error {
			return p.hears(ctx, b, "Kalium 6,8", dice)
		})
		if dice.IntN(2) == 0 {
			return nil
		}
		p.d.plan(p.id, now.Add(5*time.Minute), func(ctx context.Context, p *dayPerson) error { return p.calls(ctx, b, dice) })
	}
	return nil
}

// releases is the second look.
func (p *dayPerson) releases(ctx context.Context, b bedside, number string, values map[string]string, dice *rand.Rand) error {
	action := b.href + "/results/" + number
	page, err := p.form(ctx, b, action)
	if err != nil {
		return err
	}
	if !page.Has("button[value=release]") {
		return errGivesUp
	}
	sent, err := page.Form(action, "act", "release")
	if err != nil {
		return err
	}
	l := line{form: "lab-results", kase: b.kase, by: p.id, fields: map[string]string{"number": number}, number: number, values: values}
	_, err = p.signs(ctx, action, sent, l, dice)
	p.d.ledger.count("lab releases")
	return err
}

// hears takes note of a critical value.
func (p *dayPerson) hears(ctx context.Context, b bedside, what string, dice *rand.Rand) error {
	if err := p.seesOnWard(ctx, b, what); err != nil {
		return err
	}
	action := b.href + "/critical"
	page, err := p.form(ctx, b, action)
	if err != nil {
		return err
	}
	if page.Count("button[value=note]") != 1 {
		return errGivesUp // somebody was faster, or there are several
	}
	sent, err := page.Form(action, "act", "note", "did", fmt.Sprintf("Arzt informiert, Fall %s, %06x", b.kase, dice.IntN(1<<24)))
	if err != nil {
		return err
	}
	l := line{form: "notice", kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, first: true, some: true, fields: map[string]string{"did": sent.Get("did")}}
	if _, err = p.signs(ctx, action, sent, l, dice); err == nil {
		p.d.ledger.count("critical values heard")
	}
	return err
}

// inLab holds orders, tubes and notes against the charts: each number was given
// once, stands in one chart, that of the patient it was ordered for, and asks
// for what was ticked.
func (g *ledger) inLab(l *left, tell func(*int, string, ...any), r *result) {
	owner := map[string]string{}
	for _, x := range g.lines {
		if !strings.HasPrefix(x.form, "order-") {
			continue
		}
		e, ok := standing(l.versions[x.root], x.key)
		if !ok {
			continue // told already
		}
		asked := map[string]bool{}
		for _, fact := range e.Facts {
			o, ok := fact.(clinical.Order)
			if !ok {
				continue
			}
			if was := owner[o.Placer]; was != "" && was != x.root {
				tell(&r.doubled, "the number %s was given to %s and %s", o.Placer, was, x.root)
			}
			owner[o.Placer] = x.root
			switch charts := l.orders[o.Placer]; {
			case len(charts) == 0:
				tell(&r.lost, "order %s of case %s is in no chart", o.Placer, x.kase)
			case len(charts) > 1:
				tell(&r.doubled, "order %s of case %s is in %d charts", o.Placer, x.kase, len(charts))
			case !strings.Contains(charts[0], " "+x.kase+" "):
				tell(&r.wrong, "order %s of case %s is in the chart of%s", o.Placer, x.kase, charts[0])
			}
			for _, part := range o.Parts {
				asked[part.Code] = true
			}
		}
		for name := range x.fields {
			if code, ok := strings.CutPrefix(name, "x."); ok && !x.withdrawn && !asked[code] {
				tell(&r.changed, "order %s of case %s does not ask for %s", x.key, x.kase, code)
			}
		}
	}
}

// tubesOn are the order numbers on a page, each once.
func tubesOn(text string) []string {
	all := orderNumber.FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}
