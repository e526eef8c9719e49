package testkit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/entry"
)

// planAdmissions plans who comes, moves and goes between two times: so many an
// hour.
func (d *day) planAdmissions(from, to time.Time, anHour int) {
	step := time.Hour / time.Duration(anHour)
	for i, at := 0, from.Add(3*time.Minute); at.Before(to); i, at = i+1, at.Add(step) {
		dice := d.dice("admission", i)
		clerk := "aufnahme" + strconv.Itoa(1+i%2)
		ward := d.wards[dice.IntN(len(d.wards))]
		switch n := dice.IntN(10); {
		case n < 4:
			d.plan(clerk, at, func(ctx context.Context, p *dayPerson) error { return p.admits(ctx, ward, i, dice) })
		case n < 5:
			d.plan(clerk, at, func(ctx context.Context, p *dayPerson) error { return p.admitsUnknown(ctx, ward, dice) })
		case n < 6 && strings.Contains(strings.Join(d.wards, " "), "GEB"):
			at := at
			d.plan(nurseID("GEB", shiftAt(at.In(d.zone).Hour()), "1"), at, func(ctx context.Context, p *dayPerson) error { return p.delivers(ctx, dice) })
		case n < 8:
			to := d.wards[dice.IntN(len(d.wards))]
			d.plan("leitung", at, func(ctx context.Context, p *dayPerson) error { return p.transfers(ctx, ward, to, dice) })
		default:
			d.plan("leitung", at, func(ctx context.Context, p *dayPerson) error { return p.discharges(ctx, ward, dice) })
		}
	}
}

// admits admits somebody new to a ward.
func (p *dayPerson) admits(ctx context.Context, ward string, n int, dice *rand.Rand) error {
	const action = "/admission/admit-new"
	// Names that nobody else has, and that are like nobody else's.
	letters := []string{"Quab", "Zyrt", "Oxhö", "Wumm", "Jekl", "Irvu", "Pfno", "Tschi", "Ägid", "Knub"}
	family := letters[n%10] + strings.ToLower(letters[n/10%10]) + strings.ToLower(letters[n/100%10]) + "au"
	birth := time.Date(1930+dice.IntN(70), time.Month(1+dice.IntN(12)), 1+dice.IntN(28), 0, 0, 0, 0, time.UTC).Format("02.01.2006")
	return p.begins(ctx, action, action, "admit-new", dice, map[string]string{
		"family": family, "given": "Ada", "birth": birth, "sex": "F", "class": "I", "cause": "Sturz " + family, "place": ward,
	})
}

func (p *dayPerson) admitsUnknown(ctx context.Context, ward string, dice *rand.Rand) error {
	const action = "/admission/admit-unknown"
	return p.begins(ctx, action, action, "admit-unknown", dice, map[string]string{
		"triage": []string{"red", "orange", "yellow"}[dice.IntN(3)], "sex": "M", "age": strconv.Itoa(20 + dice.IntN(60)), "found": fmt.Sprintf("Bahnhof, Gleis %d", dice.IntN(1<<20)), "class": "E", "place": ward,
	})
}

// delivers admits a newborn of a mother on the ward.
func (p *dayPerson) delivers(ctx context.Context, dice *rand.Rand) error {
	beds, err := p.patients(ctx, "GEB")
	if err != nil {
		return err
	}
	for range 5 { // children lie on the ward too
		b := beds[dice.IntN(len(beds))]
		page, err := p.form(ctx, b, b.href+"/write")
		if err != nil {
			return err
		}
		link := "/admission/newborn?mother=" + strings.TrimPrefix(b.href, "/patient/")
		if !page.Has("a[href=" + link + "]") {
			continue
		}
		at := p.d.clock.read().In(p.d.zone).Add(-time.Duration(1+dice.IntN(20)) * time.Minute).Format("15:04")
		return p.begins(ctx, link, "/admission/newborn", "newborn", dice, map[string]string{
			"sex": "F", "weight": strconv.Itoa(2600 + dice.IntN(1500)), "order": strconv.Itoa(1 + dice.IntN(3)), "place": "GEB", "at": at,
		})
	}
	return errGivesUp
}

// begins fills in a form that begins a stay, and takes down the numbers that
// the page shows in the end.
func (p *dayPerson) begins(ctx context.Context, link, action, form string, dice *rand.Rand, typed map[string]string) error {
	page, err := p.open(ctx, link)
	if err != nil {
		return err
	}
	if page.Status != http.StatusOK {
		return fmt.Errorf("%s: %d %s", link, page.Status, page.Text())
	}
	values := []string{"act", "beds", "ward", typed["place"]}
	for name, v := range typed {
		if name != "place" {
			values = append(values, name, v)
		}
	}
	sent, err := page.Form(action, values...)
	if err != nil {
		return err
	}
	if page, err = p.send(ctx, action, sent); err != nil {
		return err
	}
	if sent, err = page.Form(action, "place", typed["place"], "act", "sign"); err != nil {
		return err
	}
	l := line{form: form, key: sent.Get("key"), root: sent.Get("key"), by: p.id, fields: typed, begins: true}
	if at := typed["at"]; at != "" {
		l.at, _ = entry.ParseTime(at, p.d.clock.read().In(p.d.zone))
	}
	l, err = p.signs(ctx, action, sent, l, dice)
	if err != nil || l.key == "" {
		return err
	}
	p.d.ledger.count("admitted")
	done, err := p.open(ctx, "/admission/done/"+l.root)
	if err != nil {
		return err
	}
	no := caseNumber.FindString(done.Text())
	if no == "" {
		return fmt.Errorf("%s shows no case number: %s", done.Path, done.Text())
	}
	p.d.ledger.names(l.key, no)
	return nil
}

// moves fills in a form about somebody in the house; typed is what is typed.
func (p *dayPerson) moves(ctx context.Context, b bedside, form string, dice *rand.Rand, typed map[string]string) error {
	action := b.href + "/move/" + form
	page, err := p.form(ctx, b, action)
	if err != nil && strings.Contains(err.Error(), action+": 409") {
		return errGivesUp // left meanwhile, or is on leave
	}
	if err != nil {
		return err
	}
	values := []string{"act", "sign"}
	if to := typed["place"]; to != "" {
		sent, err := page.Form(action, "ward", to, "act", "beds")
		if err != nil {
			return err
		}
		if page, err = p.send(ctx, action, sent); err != nil {
			return err
		}
	}
	for name, v := range typed {
		values = append(values, name, v)
	}
	sent, err := page.Form(action, values...)
	if err != nil {
		return err
	}
	l := line{form: form, kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, fields: typed, begins: true}
	if form == "discharge" { // confirmed on one more page
		if page, err = p.send(ctx, action, sent); err != nil {
			return err
		}
		if sent, err = confirmed(page, action); err != nil {
			return err
		}
	}
	_, err = p.signs(ctx, action, sent, l, dice)
	p.d.ledger.count(form)
	return err
}

func (p *dayPerson) transfers(ctx context.Context, ward, to string, dice *rand.Rand) error {
	return p.somebody(ctx, ward, dice, func(b bedside) error {
		return p.moves(ctx, b, "transfer", dice, map[string]string{"place": to, "cause": "Bettenplanung " + b.kase})
	})
}

func (p *dayPerson) discharges(ctx context.Context, ward string, dice *rand.Rand) error {
	return p.somebody(ctx, ward, dice, func(b bedside) error {
		return p.moves(ctx, b, "discharge", dice, map[string]string{"disposition": "01", "note": "Fall " + b.kase})
	})
}

// somebody picks a patient of the ward who is there.
func (p *dayPerson) somebody(ctx context.Context, ward string, dice *rand.Rand, do func(bedside) error) error {
	beds, err := p.patients(ctx, ward)
	if err != nil || len(beds) == 0 {
		return err
	}
	for range 10 {
		b := beds[dice.IntN(len(beds))]
		page, err := p.form(ctx, b, b.href+"/write")
		if err != nil {
			return err
		}
		if page.Has("a[href=" + b.href + "/move/transfer]") { // not somebody who is still expected
			return do(b)
		}
	}
	return errGivesUp
}
