package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"notbetrieb/internal/entry"
)

// What is done on a ward, and when: minutes after the shift began.
var nursing = []struct {
	minute int
	what   string
	share  int // of the patients, per cent
}{
	{10, "vitals", 100}, {50, "fluids", 100}, {95, "pain", 90}, {125, "score", 50}, {150, "fluids", 100}, {190, "vitals", 100}, {225, "care-note", 50}, {250, "fluids", 100},
	{280, "pain", 90}, {305, "alert", 4}, {325, "vitals", 80}, {370, "fluids", 100}, {400, "care-note", 100}, {440, "handover", 100},
}

// planWards plans the work of nurses and physicians between two times.
func (d *day) planWards(from, to time.Time) {
	within := func(t time.Time) bool { return !t.Before(from) && t.Before(to) }
	for _, ward := range d.wards {
		for _, shift := range shifts {
			for _, round := range nursing {
				at := d.at(shift.begin, round.minute)
				if shift.begin == 22 && at.Sub(from) >= 24*time.Hour {
					at = at.Add(-24 * time.Hour)
				}
				for n := range 2 {
					if within(at) {
						d.planRound(nurseID(ward, shift.name, strconv.Itoa(n+1)), ward, at, round.what, round.share, n)
					}
				}
			}
		}
		for _, round := range []struct {
			hour, minute int
			what         string
			share        int
		}{{7, 30, "note", 90}, {8, 40, "diagnosis", 15}, {9, 10, "allergy", 6}, {10, 0, "procedure", 8}, {11, 0, "consent", 8}, {16, 30, "note", 60}, {17, 30, "resuscitation", 4}, {21, 0, "note", 20}} {
			for n := range 2 {
				if at := d.at(round.hour, round.minute); within(at) {
					d.planRound(doctorID(ward, strconv.Itoa(n+1)), ward, at, round.what, round.share, n)
				}
			}
		}
	}
}

// planRound lets somebody go from bed to bed: the ward page first, then a chart
// a minute.
func (d *day) planRound(id, ward string, at time.Time, what string, share, half int) {
	d.plan(id, at, func(ctx context.Context, p *dayPerson) error {
		beds, err := p.patients(ctx, ward)
		if err != nil {
			return err
		}
		when := at
		for i, b := range beds {
			dice := d.dice(id, at.Unix(), what, b.kase)
			if i%2 != half || dice.IntN(100) >= share {
				continue
			}
			when = when.Add(time.Minute)
			d.plan(id, when, func(ctx context.Context, p *dayPerson) error { return p.visits(ctx, b, what, dice) })
		}
		return nil
	})
}

// visits is one thing done at one bed, and what follows from it.
func (p *dayPerson) visits(ctx context.Context, b bedside, what string, dice *rand.Rand) error {
	switch what {
	case "prescription":
		return p.prescribes(ctx, b, dice)
	case "order-lab":
		return p.orders(ctx, b, dice)
	case "order-radiology":
		return p.ordersImage(ctx, b, dice)
	case "phone-result":
		return p.takesByPhone(ctx, b, dice)
	}
	form, values := writes(what, b.kase, dice)
	l, err := p.record(ctx, b, form, dice, values...)
	if err != nil || l.key == "" {
		return err
	}
	switch n := dice.IntN(100); {
	case n < 3 && form == "vitals":
		err = p.corrects(ctx, b, l, dice, "pulse", strconv.Itoa(55+dice.IntN(40)), "temp", "")
	case n < 3 && form == "note":
		err = p.corrects(ctx, b, l, dice, "text", values[1]+" Berichtigt.")
	case n < 4:
		err = p.withdraws(ctx, b, l)
	}
	return err
}

// writes is what somebody types into which form. Texts name the case they are
// about, so that one in another chart is seen.
func writes(what, kase string, dice *rand.Rand) (form string, values []string) {
	n := func(low, span int) string { return strconv.Itoa(low + dice.IntN(span)) }
	mark := fmt.Sprintf("Fall %s, %06x", kase, dice.IntN(1<<24))
	pick := func(list ...string) string { return list[dice.IntN(len(list))] }
	switch what {
	case "pain":
		return "vitals", []string{"pain", n(0, 11), "pulse", n(55, 50)}
	case "vitals":
		temp := fmt.Sprintf("%d,%d", 36+dice.IntN(3), dice.IntN(10))
		if dice.IntN(60) == 0 {
			temp = "41,8" // unusual
		}
		return what, []string{"bp", n(95, 70) + "/" + n(50, 40), "pulse", n(50, 60), "temp", temp, "resp", n(11, 12), "spo2", n(91, 9), "o2", pick("", "0", "2"), "acvpu", pick("A", "A", "A", "C")}
	case "fluids":
		return what, []string{"oral", n(1, 40) + "0", "iv", pick("", "500", "1000"), "urine", n(5, 40) + "0", "note", pick("", mark)}
	case "score":
		return "braden", []string{"sensory", n(1, 4), "moisture", n(1, 4), "activity", n(1, 4), "mobility", n(1, 4), "nutrition", n(1, 4), "friction", n(1, 3)}
	case "alert":
		return what, []string{"kind", pick("isolation", "cave", "risk"), "what", "Sturz im Flur, " + mark}
	case entry.DrugRequestForm:
		return what, []string{"drug", "Enoxaparin 40 mg", "amount", "5 Spritzen", "urgency", pick("S", "A", "R"), "note", mark}
	case "handover":
		return what, []string{"s", "Stabil. " + mark, "b", "Aufnahme wegen Dyspnoe", "a", pick("", "besser als am Morgen"), "r", "Bilanz weiter, Visite morgen"}
	case "diagnosis":
		return what, []string{"text", "Pneumonie, " + mark, "code", pick("J18.9", "I50.1", ""), "kind", pick("W", "A", "F")}
	case "allergy":
		return what, []string{"to", "Wirkstoff " + mark, "kind", pick("DA", "FA"), "severity", pick("SV", "MO", "MI"), "reaction", "Ausschlag"}
	case "procedure":
		return what, []string{"text", "Pleurapunktion, " + mark, "code", pick("8-152.1", ""), "report", pick("", "Ohne Komplikation. "+mark)}
	case "consent":
		return what, []string{"what", "Koloskopie, " + mark, "answer", pick("yes", "no", "proxy"), "text", "Blutung, Perforation"}
	case "resuscitation":
		return what, []string{"status", pick("full", "DNR"), "basis", "patient", "text", "Gespräch mit der Tochter. " + mark}
	}
	return what, []string{"text", "Verlauf ohne Besonderheiten, isst und trinkt.\nUnterhält sich. " + mark} // note, care-note
}

// declare declares the KIS out of service, by two people.
func (d *day) declare(ctx context.Context) error {
	lead, crisis := d.byID["leitung"], d.byID[power]
	page, err := lead.open(ctx, "/outages")
	if err != nil {
		return err
	}
	sent, err := page.Form("/outages/declare", "system", "kis", "why", "Anmeldung hängt seit dem Morgen")
	if err != nil {
		return err
	}
	if page, err = lead.send(ctx, "/outages/declare", sent); err != nil {
		return err
	}
	if sent, err = page.Form("/outages/declared"); err != nil {
		return err
	}
	if _, err = lead.send(ctx, "/outages/declared", sent); err != nil {
		return err
	}
	for {
		if page, err = crisis.open(ctx, "/outages"); err != nil {
			return err
		}
		if page.Has("section.outage") {
			break
		}
	}
	action := "/outages/" + page.Attr("section.outage", "id") + "/confirm"
	if sent, err = page.Form(action); err != nil {
		return err
	}
	if page, err = crisis.send(ctx, action, sent); err != nil {
		return err
	}
	if page.Status >= 400 {
		return errors.New(page.Text())
	}
	return nil
}
