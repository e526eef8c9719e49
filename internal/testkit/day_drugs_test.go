package testkit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/entry"
)

// planDrugs plans the doses of the wards and what physicians prescribe.
func (d *day) planDrugs(from, to time.Time) {
	for _, ward := range d.wards {
		for hour := from; hour.Before(to); hour = hour.Add(time.Hour) {
			for n := range 2 {
				d.planDoses(nurseID(ward, shiftAt(hour.In(d.zone).Hour()), []string{"1", "2"}[n]), ward, hour.Add(25*time.Minute), n)
			}
		}
		for _, hour := range []int{8, 15} {
			for n := range 2 {
				if at := d.at(hour, 30); !at.Before(from) && at.Before(to) {
					d.planRound(doctorID(ward, []string{"1", "2"}[n]), ward, at, "prescription", 20, n)
				}
			}
		}
	}
}

func shiftAt(hour int) string {
	for _, s := range shifts {
		if h := (hour - s.begin + 24) % 24; h < 8 {
			return s.name
		}
	}
	return ""
}

// planDoses lets a nurse give what is due by the ward's list, for the patients
// of one half.
func (d *day) planDoses(id, ward string, at time.Time, half int) {
	d.plan(id, at, func(ctx context.Context, p *dayPerson) error {
		beds, err := p.patients(ctx, ward)
		if err != nil {
			return err
		}
		list, err := p.open(ctx, "/ward/"+ward+"/doses")
		if err != nil {
			return err
		}
		when := at
		for _, state := range []string{"over", "now"} {
			if !list.Has("tr.dose." + state) {
				continue
			}
			for _, link := range list.In("tr.dose." + state).Links() {
				i := slices.IndexFunc(beds, func(b bedside) bool { return strings.HasPrefix(link, b.href+"/give?") })
				if i < 0 || i%2 != half || !strings.Contains(link, "due=") {
					continue
				}
				b, dice := beds[i], d.dice("dose", link)
				when = when.Add(20 * time.Second)
				d.plan(id, when, func(ctx context.Context, p *dayPerson) error { return p.gives(ctx, b, link, dice) })
			}
		}
		return nil
	})
}

// gives records a dose: on the form, then on the page that confirms it.
func (p *dayPerson) gives(ctx context.Context, b bedside, link string, dice *rand.Rand) error {
	action := b.href + "/give"
	page, err := p.form(ctx, b, link)
	if err != nil {
		return err
	}
	values := []string{"act", "check"}
	if dice.IntN(12) == 0 {
		values = append(values, "status", "refused", "amount", "", "why", "will")
	} else if page.Attr("#amount", "value") == "" {
		values = append(values, "amount", "1 Tbl.")
	}
	sent, err := page.Form(action, values...)
	if err != nil {
		return err
	}
	if page, err = p.send(ctx, action, sent); err != nil {
		return err
	}
	if page.Status != http.StatusOK {
		return fmt.Errorf("%s: %d %s", link, page.Status, page.Text())
	}
	if sent, err = confirmed(page, action); err != nil {
		return err
	}
	l := line{form: entry.DoseForm, kase: b.kase, by: p.id, fields: map[string]string{}}
	for _, name := range []string{"status", "amount", "why", "at", "alone"} {
		if v := sent.Get(name); v != "" {
			l.fields[name] = v
		}
	}
	var ok bool
	if l.at, ok = entry.ParseTime(sent.Get("at"), p.d.clock.read().In(p.d.zone)); !ok {
		return fmt.Errorf("the dose says %q", sent.Get("at"))
	}
	_, err = p.signs(ctx, action, sent, l, dice)
	p.d.ledger.count("doses")
	return err
}

// prescribes signs a prescription, with what its check asks for.
func (p *dayPerson) prescribes(ctx context.Context, b bedside, dice *rand.Rand) error {
	action := b.href + "/prescribe"
	page, err := p.form(ctx, b, action)
	if err != nil {
		return err
	}
	drugs := [][]string{
		{"drug", "Pantoprazol", "strength", "40 mg", "form", "Tablette", "dose", "1 Tbl.", "route", "p.o.", "times", "10:00 18:00"},
		{"drug", "Metamizol", "strength", "500 mg", "form", "Tablette", "dose", "1 Tbl.", "route", "p.o.", "scheme", "1-1-1-1"},
		{"drug", "Torasemid", "strength", "10 mg", "form", "Tablette", "dose", "1 Tbl.", "route", "p.o.", "scheme", "1-0-0-0"},
		{"drug", "Paracetamol", "strength", "500 mg", "form", "Tablette", "dose", "1 Tbl.", "route", "p.o.", "needed", "1", "most", "3 g", "indication", "Schmerzen"},
	}
	values := append(drugs[dice.IntN(len(drugs))], "note", fmt.Sprintf("Fall %s, %06x", b.kase, dice.IntN(1<<24)))
	sent, err := page.Form(action, append(values, "act", "check")...)
	if err != nil {
		return err
	}
	l := line{form: entry.PrescriptionForm, kase: b.kase, key: sent.Get("key"), root: sent.Get("key"), by: p.id, fields: map[string]string{}}
	for i := 0; i < len(values); i += 2 {
		l.fields[values[i]] = values[i+1]
	}
	if page, err = p.send(ctx, action, sent); err != nil {
		return err
	}
	if page.Status != http.StatusOK {
		return fmt.Errorf("%s: %d %s", action, page.Status, page.Text())
	}
	if sent, err = confirmed(page, action); err != nil {
		return err
	}
	if _, err = p.signs(ctx, action, sent, l, dice); err != nil {
		return err
	}
	p.d.ledger.count("prescribed")
	if dice.IntN(4) > 0 {
		return nil
	}
	return p.stops(ctx, b, dice)
}

// stops stops one of the patient's prescriptions.
func (p *dayPerson) stops(ctx context.Context, b bedside, dice *rand.Rand) error {
	list, err := p.form(ctx, b, b.href+"/medication")
	if err != nil {
		return err
	}
	var links []string
	for _, l := range list.Links() {
		if strings.HasPrefix(l, b.href+"/prescription?rx=") && !slices.Contains(links, l) {
			links = append(links, l)
		}
	}
	if len(links) == 0 {
		return errGivesUp
	}
	action := b.href + "/prescription"
	page, err := p.form(ctx, b, links[dice.IntN(len(links))])
	if err != nil {
		return err
	}
	if !page.Has("[value=stop]") {
		return errGivesUp // it is stopped already
	}
	why := fmt.Sprintf("Hypotonie, Fall %s, %06x", b.kase, dice.IntN(1<<24))
	sent, err := page.Form(action, "to", "stop", "why", why)
	if err != nil {
		return err
	}
	l := line{form: entry.StandingForm, kase: b.kase, by: p.id, fields: map[string]string{"to": "stop", "why": why}}
	_, err = p.signs(ctx, action, sent, l, dice)
	p.d.ledger.count("stopped")
	return err
}

// signedSeq is the record that an answer leads to.
var signedSeq = regexp.MustCompile(`[?&]signed=(\d+)`)
