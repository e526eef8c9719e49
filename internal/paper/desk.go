package paper

import (
	"io"
	"slices"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/sheet"
)

// BedResults are the results of one patient for the list of a ward.
type BedResults struct {
	Row     chart.Row // who and where
	Results []chart.Item[clinical.Result]
}

// ResultList is what the list of results of a ward is drawn from.
type ResultList struct {
	Ward   chart.Ward
	Serial sheet.Serial
	Since  time.Time // results that arrived earlier are left out; zero: none
	Beds   []BedResults
}

// WardResults writes the list of all results of a ward since a time, bed by bed,
// newest first, each with a field for who has seen it: the sheet a laboratory or
// a ward desk sends round while no screen works. Vital signs are left out; a
// patient without a result is named as such. A list without a serial is
// fault.Invalid, and nothing is written.
func WardResults(w io.Writer, h Head, list ResultList, o PackOptions) error {
	if err := checkSerial(list.Serial); err != nil {
		return err
	}
	ward, since, beds := list.Ward, list.Since, list.Beds
	d, err := newDocument(w, h, o, d2(h, "Befundliste", "List of results")+" "+wardName(ward))
	if err != nil {
		return err
	}
	f := d.newFlow(false, sheet.Code{Serial: list.Serial, Ward: ward.Code}, d.say("Befundliste", "List of results"))
	c := &chartSheets{flow: f, p: &chart.Patient{}}
	f.banner = func(y float64) float64 { return c.deskBanner(ward, since, y) }
	f.start(sheet.FormList)
	t := table{grid: true, lines: true, cols: f.rest([]column{
		{head: d.say("Entnommen", "Taken"), width: 25}, {head: d.say("Untersuchung", "Test"), width: 46}, {head: d.say("Wert", "Value"), width: 40},
		{head: d.say("Referenz", "Reference"), width: 22}, {head: d.say("Eingegangen", "Arrived"), width: 25}, {head: d.say("Gesehen", "Seen") + "\n" + d.say("Zeit, Hz.", "time, init.")},
	})}
	if len(beds) == 0 {
		c.none(d.say("Keine Patienten auf dieser Liste.", "No patients on this list."))
	}
	var without []string
	c.begin(t)
	for _, b := range beds {
		list := arrivedSince(b.Results, since)
		if len(list) == 0 {
			without = append(without, joined(" ", bedWords(d, b.Row), d.name(b.Row.Name, b.Row.Unnamed)))
			continue
		}
		c.deskBed(t, b.Row, list)
	}
	c.again = nil
	if len(without) > 0 {
		c.y += 3
		c.need(12)
		c.para(style{f.f.condBold, body}, 0, d.say("Ohne Ergebnis in dieser Zeit:", "Without a result in this time:"))
		for _, l := range without {
			c.para(style{f.f.cond, body}, 3, l)
		}
	}
	c.y += 2
	c.para(style{f.f.cond, small}, 0, d.say("↑ ↓ außerhalb der Referenz · ‼ kritisch: sofort dem Arzt sagen, Zeit und Handzeichen eintragen", "↑ ↓ outside the reference · ‼ critical: tell the physician at once, write time and initials"))
	if err := f.finish(wardName(ward), false); err != nil {
		return err
	}
	return d.close()
}

// deskBanner says of which ward and since when the list is.
func (c *chartSheets) deskBanner(ward chart.Ward, since time.Time, y float64) float64 {
	b, s := style{c.f.bold, title}, style{c.f.reg, 10.5}
	for _, l := range c.atMost(3, b.wrap(c.clean(wardName(ward)), c.width())) {
		c.text(c.left, y, b, l)
		y += b.leading()
	}
	words := c.say("alle bekannten Ergebnisse", "all known results")
	if !since.IsZero() {
		words = c.say("Ergebnisse, eingegangen seit ", "results that arrived since ") + c.stamp(since)
	}
	c.text(c.left, y, s, c.clean(words))
	return y + s.leading() + 2
}

// arrivedSince returns the results that came in since a time, newest first.
func arrivedSince(list []chart.Item[clinical.Result], since time.Time) []chart.Item[clinical.Result] {
	var out []chart.Item[clinical.Result]
	for _, r := range list {
		if r.V.Section != clinical.Vitals && !r.Origin.Received.Before(since) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b chart.Item[clinical.Result]) int { return b.V.At.Compare(a.V.At) })
	return out
}

func bedWords(d *document, r chart.Row) string {
	if r.Place.Room == "" && r.Place.Bed == "" {
		return ""
	}
	return d.place(r.Place)
}

// deskBed writes one patient's results under a line that says who it is, which
// is repeated on each page.
func (c *chartSheets) deskBed(t table, r chart.Row, list []chart.Item[clinical.Result]) {
	heading := c.again
	who := joined(" · ", bedWords(c.document, r), c.name(r.Name, r.Unnamed), c.birth(r.Birth), c.caseNo(r.Case))
	if r.NamesAlike {
		who += " · ‼ " + c.say("NAMENSGLEICH", "SAME NAME")
	}
	s := style{c.f.bold, 10}
	line := func(words string) {
		for _, l := range c.atMost(4, s.wrap(c.clean(words), c.width()-2*pad)) {
			c.text(c.left+pad, c.y+0.6, s, l)
			c.y += s.leading()
		}
		c.y += 1.2
		c.flow.p.Line(c.left, c.y, c.right, c.y, 0.35, 0)
	}
	c.need(24)
	c.y += 1.5
	line(who)
	c.again = func() {
		if heading != nil {
			heading()
		}
		line(who + " " + c.say("(Fortsetzung)", "(continued)"))
	}
	for _, r := range list {
		if r.V.Value == "" {
			r.V.Unit = "" // of what is not there yet
		}
		value := c.cell(c.valueWords(r))
		if r.V.Abnormal() || r.V.Critical() {
			value = c.bold(c.valueWords(r))
		}
		if r.Cancelled || r.V.Status == clinical.Withdrawn {
			value[0].strike = true
		}
		for _, was := range r.Was {
			value = append(value, words{text: joined(" ", c.voice.number(was.V), was.V.Unit), style: style{c.f.cond, body}, strike: true})
		}
		name := append(c.bold(orUnsent(resultName(r.V), c.unsent())), words{text: r.V.Comment, style: style{c.f.cond, small}})
		c.add(t, row{least: 7.5, cells: []cell{c.cell(c.when(r.V.At)), name, value, c.cell(r.V.Range), c.cell(c.when(r.Origin.Received))}})
	}
	c.again = heading
}
