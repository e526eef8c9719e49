package paper

import (
	"fmt"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// findings prints the newest findings in full and names the older ones.
func (c *chartSheets) findings() {
	most := c.o.Findings
	if most == 0 {
		most = 5
	}
	c.section(c.say("Neueste Befunde", "Newest findings"), c.fresh(newest(c.p.Documents), c.o.Limits.Master), 12)
	if len(c.p.Documents) == 0 {
		c.none(c.say("kein Befund übermittelt", "no finding was sent"))
		return
	}
	heading := c.again
	for i, d := range c.p.Documents {
		if i < most {
			c.finding(d)
			c.again = heading
			continue
		}
		if i == max(0, most) {
			c.para(style{c.f.condBold, body}, 0, fmt.Sprintf(c.say("Ältere Befunde, hier nicht gedruckt (%d):", "Older findings, not printed here (%d):"), len(c.p.Documents)-i))
		}
		c.para(style{c.f.cond, small}, 3, joined(" · ", c.when(d.V.At), c.findingTitle(d.V), c.withdrawnWord(d)))
	}
}

func (c *chartSheets) findingTitle(d clinical.Document) string {
	return orUnsent(firstOf(d.Title, d.Kind.Label()), c.say("Befund ohne Titel", "finding without title"))
}

func (c *chartSheets) withdrawnWord(d chart.Item[clinical.Document]) string {
	if d.Cancelled || d.V.Status == clinical.Withdrawn {
		return c.say("ZURÜCKGEZOGEN", "WITHDRAWN")
	}
	return ""
}

func (c *chartSheets) finding(d chart.Item[clinical.Document]) {
	h, s := style{c.f.bold, 10}, style{c.f.cond, body}
	gone := c.withdrawnWord(d) != ""
	c.need(3*h.leading() + 2)
	c.y += 1
	for _, l := range h.wrap(c.clean(c.findingTitle(d.V)), c.width()) {
		c.need(h.leading())
		c.text(c.left, c.y, h, l)
		if gone {
			c.flow.p.Line(c.left, c.y+h.leading()*0.52, c.left+h.width(l), c.y+h.leading()*0.52, 0.35, 0)
		}
		c.y += h.leading()
	}
	status := ""
	switch d.V.Status {
	case clinical.Preliminary:
		status = c.say("VORLÄUFIG", "PRELIMINARY")
	case clinical.Corrected:
		status = c.say("korrigierte Fassung", "corrected version")
	case clinical.Final, clinical.Withdrawn, clinical.NoResult, clinical.Pending:
	}
	if len(d.Was) > 0 && !gone {
		status = joined(", ", status, c.say("ersetzt die Fassung von ", "replaces the version of ")+c.when(d.Was[0].Origin.Received))
	}
	if d.V.Addendum != "" {
		status = joined(", ", status, c.say("Nachtrag", "addendum"))
	}
	c.para(style{c.f.cond, small}, 0, joined(" · ", c.when(d.V.At), c.sectionName(d.V.Section), d.V.By.Name, status, c.source(d.Origin)))
	title := c.findingTitle(d.V)
	heading := c.again
	c.again = func() {
		if heading != nil {
			heading()
		}
		b := style{c.f.condBold, body}
		for _, l := range c.atMost(2, b.wrap(c.clean(title+" "+c.say("(Fortsetzung)", "(continued)")), c.width())) {
			c.text(c.left, c.y, b, l)
			c.y += b.leading()
		}
	}
	switch {
	case gone:
		c.para(style{c.f.condBold, body}, 0, c.say("ZURÜCKGEZOGEN vom Absender. Der Text ist nicht gedruckt.", "WITHDRAWN by the sender. The text is not printed."))
	case d.V.Text != "":
		c.para(s, 0, d.V.Text)
	default:
		c.para(s, 0, fmt.Sprintf(c.say("Kein Text: liegt als %s vor (%s). Am Bildschirm unter Befunde, Journal Nr. %d.", "No text: kept as %s (%s). On screen under findings, journal no. %d."),
			orUnsent(d.V.Media, c.unsent()), size(d.V.Body.Size), d.Origin.Seq))
	}
	c.again = heading
	c.y += 1
}

func size(n int) string {
	switch {
	case n <= 0:
		return "? kB"
	case n < 10<<20:
		return itoa((n+1023)/1024) + " kB"
	}
	return itoa(n>>20) + " MB"
}
