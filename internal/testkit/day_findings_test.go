package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// planFindings plans what physicians order from radiology. The finding follows
// from the order: a short one first, the long one later.
func (d *day) planFindings(from, to time.Time) {
	for _, ward := range d.wards {
		for _, hour := range []int{8, 13, 18} {
			for n := range 2 {
				if at := d.at(hour, 15); !at.Before(from) && at.Before(to) {
					d.planRound(doctorID(ward, strconv.Itoa(n+1)), ward, at, "order-radiology", 10, n)
				}
			}
		}
	}
}

// ordersImage signs an order for an image. It is at the desk of the radiologists
// at once, and read half an hour later.
func (p *dayPerson) ordersImage(ctx context.Context, b bedside, dice *rand.Rand) error {
	mark := fmt.Sprintf("Fall %s, %06x", b.kase, dice.IntN(1<<24))
	values := []string{"urgency", []string{"S", "A", "R"}[dice.IntN(3)], "method", "CT", "region", "Thorax", "question", "Infiltrat? " + mark, "contrast", "no", "pregnant", "no"}
	l, err := p.record(ctx, b, "order-radiology", dice, values...)
	if err != nil || l.key == "" {
		return err
	}
	p.d.ledger.count("images ordered")
	if len(l.numbers) != 1 {
		return fmt.Errorf("an order has the numbers %v", l.numbers)
	}
	number, reader := l.numbers[0], "radiologie"+strconv.Itoa(1+dice.IntN(2))
	critical := dice.IntN(3) == 0
	p.d.plan(reader, p.d.clock.read().Add(30*time.Minute), func(ctx context.Context, p *dayPerson) error {
		return p.reads(ctx, b, number, "", "preliminary", critical, dice)
	})
	return nil
}

// reads writes the finding of an order: the short one, and then the long one
// that holds what the short one said.
func (p *dayPerson) reads(ctx context.Context, b bedside, number, before, state string, critical bool, dice *rand.Rand) error {
	page, err := p.form(ctx, b, "/desk/findings?scan="+strings.ToLower(number))
	if err != nil {
		return err
	}
	action := b.href + "/report/" + number
	if !strings.HasPrefix(page.Path, action) {
		return fmt.Errorf("the order %s of case %s leads to %s", number, b.kase, page.Path)
	}
	if before != "" && !strings.Contains(page.In("#finding").Text(), before) {
		return fmt.Errorf("the finding so far of %s is not in the field", number)
	}
	judgement := "Kein Infiltrat, Fall " + b.kase
	if critical {
		judgement = "Spannungspneumothorax, Fall " + b.kase
	}
	finding := strings.TrimSpace(before + fmt.Sprintf(" Zentral regelrecht, %06x.", dice.IntN(1<<24)))
	values := []string{"finding", finding, "judgement", judgement, "state", state, "act", "sign"}
	l := line{form: "finding", kase: b.kase, by: p.id, number: number, fields: map[string]string{"finding": finding, "judgement": judgement, "state": state}}
	if critical {
		values, l.fields["critical"] = append(values, "critical", "1"), "1"
	}
	sent, err := page.Form(action, values...)
	if err != nil {
		return err
	}
	l.key, l.root = sent.Get("key"), sent.Get("key")
	if _, err = p.signs(ctx, action, sent, l, dice); err != nil {
		return err
	}
	p.d.ledger.count("findings " + state)
	now := p.d.clock.read()
	if state == "preliminary" {
		p.d.plan(p.id, now.Add(45*time.Minute), func(ctx context.Context, p *dayPerson) error {
			return p.reads(ctx, b, number, finding, "final", critical, dice)
		})
	}
	if critical && state == "preliminary" {
		p.d.plan(nurseID(b.ward, shiftAt(now.In(p.d.zone).Hour()), "2"), now.Add(4*time.Minute), func(ctx context.Context, p *dayPerson) error {
			return p.hears(ctx, b, judgement, dice)
		})
	}
	p.d.plan(doctorID(b.ward, "1"), now.Add(6*time.Minute), func(ctx context.Context, p *dayPerson) error {
		page, err := p.form(ctx, b, b.href+"/findings")
		if err != nil {
			return err
		}
		if !strings.Contains(page.Text(), "Befund: CT Thorax") {
			return fmt.Errorf("the ward does not see the finding of %s: %s", number, page.Text())
		}
		p.d.ledger.count("findings seen on the ward")
		return nil
	})
	return nil
}

// calls tells the ward a critical value by telephone: it counts as told once it
// was read back.
func (p *dayPerson) calls(ctx context.Context, b bedside, dice *rand.Rand) error {
	action := b.href + "/critical"
	page, err := p.form(ctx, b, action)
	if err != nil {
		return err
	}
	if page.Count("button[value=phone]") != 1 {
		return errGivesUp // the ward knows, or there are several
	}
	told := fmt.Sprintf("Pflege %s, Fall %s, %06x", b.ward, b.kase, dice.IntN(1<<24))
	sent, err := page.Form(action, "act", "phone", "told", told)
	if err != nil {
		return err
	}
	sent.Del("readback")
	if page, err = p.send(ctx, action, sent); err != nil {
		return err
	}
	switch page.Status {
	case http.StatusUnprocessableEntity: // first read back
	case http.StatusSeeOther, http.StatusConflict:
		return errGivesUp // the ward was faster
	default:
		return fmt.Errorf("%s: told without reading back: %d %s", action, page.Status, page.Text())
	}
	if sent, err = page.Form(action, "act", "phone", "told", told, "readback", "1"); err != nil {
		return err
	}
	l := line{form: "notice", kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, first: true, some: true, fields: map[string]string{"told": told, "readback": "1"}}
	if _, err = p.signs(ctx, action, sent, l, dice); err == nil {
		p.d.ledger.count("critical values told by telephone")
	}
	return err
}

// takesByPhone writes down what the laboratory says on the telephone.
func (p *dayPerson) takesByPhone(ctx context.Context, b bedside, dice *rand.Rand) error {
	value := fmt.Sprintf("%d,%d", 3+dice.IntN(2), 1+dice.IntN(9))
	from := fmt.Sprintf("Fr. Klee, Labor, Fall %s, %06x", b.kase, dice.IntN(1<<24))
	_, err := p.record(ctx, b, "phone-result", dice, "from", from, "what", "Kalium", "value", value, "unit", "mmol/l", "readback", "1")
	if err == nil {
		p.d.ledger.count("results by telephone")
	}
	return err
}

// seesOnWard looks for a critical value at the head of the ward's page.
func (p *dayPerson) seesOnWard(ctx context.Context, b bedside, what string) error {
	page, err := p.open(ctx, "/ward/"+b.ward)
	if err != nil {
		return err
	}
	if !page.Has("tr.link[data-case=" + b.kase + "]") {
		return errGivesUp // moved meanwhile
	}
	chart, err := p.form(ctx, b, b.href+"/critical")
	if err != nil {
		return err
	}
	if !chart.Has("button[value=note]") {
		return errGivesUp // somebody was faster
	}
	if page.Has(".unheard a[href="+b.href+"/critical]") && strings.Contains(page.In(".unheard").Text(), what) {
		p.d.ledger.count("critical values red on the ward's page")
		return nil
	}
	return errors.New("the ward's page says nothing of " + what + " of case " + b.kase)
}
