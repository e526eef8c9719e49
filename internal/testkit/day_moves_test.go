package testkit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// planMoves plans what else becomes of patients: a crowd in the emergency
// department, beds that are swapped, leaves, a death.
func (d *day) planMoves(from, to time.Time, every time.Duration, crowds ...int) {
	emergency := d.wards[0]
	for _, w := range d.wards {
		if w == "ZNA" {
			emergency = w
		}
	}
	for _, hour := range crowds {
		d.plan("aufnahme2", d.at(hour, 45), func(ctx context.Context, p *dayPerson) error {
			return p.admitsMany(ctx, emergency, d.dice("crowd", hour))
		})
	}
	for i, at := 0, from.Add(every); at.Before(to); i, at = i+1, at.Add(every) {
		dice := d.dice("moves", i)
		ward := d.wards[dice.IntN(len(d.wards))]
		id := nurseID(ward, shiftAt(at.In(d.zone).Hour()), "2")
		switch {
		case i%7 == 6:
			d.plan(doctorID(ward, "2"), at, func(ctx context.Context, p *dayPerson) error { return p.dies(ctx, ward, dice) })
		case i%2 == 0:
			d.plan(id, at, func(ctx context.Context, p *dayPerson) error { return p.swaps(ctx, ward, dice) })
		default:
			d.plan("leitung", at, func(ctx context.Context, p *dayPerson) error { return p.leaves(ctx, ward, dice) })
		}
	}
}

// admitsMany admits a crowd, line by line and some alike at once.
func (p *dayPerson) admitsMany(ctx context.Context, ward string, dice *rand.Rand) error {
	page, err := p.open(ctx, "/admission/mass")
	if err != nil {
		return err
	}
	action := page.Path
	for range 8 {
		if page.Status != http.StatusOK || !strings.HasPrefix(action, "/admission/mass/") {
			return fmt.Errorf("%s: %d %s", action, page.Status, page.Text())
		}
		count := 1
		if dice.IntN(4) == 0 {
			count = 3
		}
		typed := map[string]string{"triage": []string{"red", "orange", "yellow"}[dice.IntN(3)], "sex": []string{"M", "F"}[dice.IntN(2)], "age": strconv.Itoa(8 + dice.IntN(70)), "place": ward, "class": "E"}
		sent, err := page.Form(action, "triage", typed["triage"], "sex", typed["sex"], "age", typed["age"], "ward", ward, "count", strconv.Itoa(count))
		if err != nil {
			return err
		}
		first, err := strconv.Atoi(sent.Get("n"))
		if err != nil {
			return err
		}
		switch n := dice.IntN(10); {
		case n < 2:
			p.wire.cut.Store(cutSent)
		case n < 4:
			p.wire.cut.Store(cutAnswer)
		}
		send := p.send
		if dice.IntN(5) == 0 {
			send = p.twice
		}
		from := p.d.clock.read()
		if page, err = send(ctx, action, sent); err != nil {
			return err
		}
		if page.Status != http.StatusSeeOther {
			return fmt.Errorf("%s: not admitted: %d %s", action, page.Status, page.Text())
		}
		to := p.d.clock.read()
		if page, err = p.open(ctx, action); err != nil {
			return err
		}
		all := page.Cases() // the newest first
		if want := first + count; len(all) != want {
			return fmt.Errorf("%s: %d are admitted, %d were", action, len(all), want)
		}
		for i := range count {
			key := massKey(strings.TrimPrefix(action, "/admission/mass/"), first+i)
			p.d.ledger.add(line{form: "admit-unknown", key: key, root: key, kase: all[len(all)-1-first-i], by: p.id, fields: typed, begins: true, from: from, to: to})
			p.d.ledger.count("admitted in a crowd")
		}
	}
	return nil
}

// swaps exchanges the beds of two patients of a ward.
func (p *dayPerson) swaps(ctx context.Context, ward string, dice *rand.Rand) error {
	beds, err := p.patients(ctx, ward)
	if err != nil {
		return err
	}
	for _, i := range dice.Perm(len(beds)) {
		b := beds[i]
		action := b.href + "/swap"
		page, err := p.open(ctx, action)
		if err != nil {
			return err
		}
		if page.Status != http.StatusOK || !page.Has("#with-0") {
			continue // in no bed, or nobody else is
		}
		n := 0
		for page.Has("#with-" + strconv.Itoa(n)) {
			n++
		}
		with := page.Attr("#with-"+strconv.Itoa(dice.IntN(n)), "value")
		sent, err := page.Form(action, "with", with)
		if err != nil {
			return err
		}
		key, theirs, _ := strings.Cut(with, " ")
		other := ""
		for _, o := range beds {
			if strings.HasSuffix(o.href, "/"+key) {
				other = o.kase
			}
		}
		if other == "" {
			return errGivesUp // moved meanwhile
		}
		from := p.d.clock.read()
		mine := line{form: "transfer", kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, begins: true, fields: map[string]string{"place": theirs, "cause": "Bettentausch mit Fall " + other}}
		if mine, err = p.signs(ctx, action, sent, mine, dice); err != nil {
			if strings.Contains(err.Error(), "mit wem getauscht wird") {
				return errGivesUp // one of the two was moved meanwhile
			}
			return err
		}
		second := swapKey(mine.key)
		p.d.ledger.add(line{form: "transfer", kase: other, key: second, root: second, by: p.id, begins: true, fields: map[string]string{"place": sent.Get("mine"), "cause": "Bettentausch mit Fall " + b.kase}, from: from, to: p.d.clock.read()})
		p.d.ledger.count("beds swapped")
		return nil
	}
	return errGivesUp
}

// leaves sends somebody on leave; they come back to their ward an hour later.
func (p *dayPerson) leaves(ctx context.Context, ward string, dice *rand.Rand) error {
	return p.somebody(ctx, ward, dice, func(b bedside) error {
		if err := p.moves(ctx, b, "leave", dice, map[string]string{"cause": "Trauerfall " + b.kase}); err != nil {
			return err
		}
		p.d.plan(p.id, p.d.clock.read().Add(time.Hour), func(ctx context.Context, p *dayPerson) error {
			action := b.href + "/move/return"
			page, err := p.form(ctx, b, action)
			if err != nil && strings.Contains(err.Error(), action+": 409") {
				return errGivesUp // has come back already, or will not
			}
			if err != nil {
				return err
			}
			sent, err := page.Form(action, "act", "sign")
			if err != nil {
				return err
			}
			l := line{form: "return", kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, begins: true, fields: map[string]string{"place": sent.Get("place")}}
			_, err = p.signs(ctx, action, sent, l, dice)
			p.d.ledger.count("return")
			return err
		})
		return nil
	})
}

// dies records a death and, an hour later, that the bed is free.
func (p *dayPerson) dies(ctx context.Context, ward string, dice *rand.Rand) error {
	return p.somebody(ctx, ward, dice, func(b bedside) error {
		action := b.href + "/move/death"
		page, err := p.form(ctx, b, action)
		if err != nil {
			return err
		}
		typed := map[string]string{"certified": page.Attr("#certified", "value"), "told": "yes", "note": "Fall " + b.kase}
		sent, err := page.Form(action, "told", "yes", "note", typed["note"], "act", "sign")
		if err != nil {
			return err
		}
		if page, err = p.send(ctx, action, sent); err != nil {
			return err
		}
		if sent, err = confirmed(page, action); err != nil {
			return err
		}
		l := line{form: "death", kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, begins: true, fields: typed}
		if _, err = p.signs(ctx, action, sent, l, dice); err != nil {
			return err
		}
		p.d.ledger.count("death")
		p.d.plan("leitung", p.d.clock.read().Add(time.Hour), func(ctx context.Context, p *dayPerson) error {
			return p.moves(ctx, b, "discharge", dice, map[string]string{"disposition": "07", "note": "Fall " + b.kase})
		})
		return nil
	})
}
