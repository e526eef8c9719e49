package paper

// blank draws the sheet to write on: a Kurve of one day by the hour, rows for
// what is measured, and lines for notes.
func (c *chartSheets) blank() {
	s, b := style{c.f.cond, small}, style{c.f.condBold, small}
	c.text(c.left, c.y, style{c.f.reg, 10.5}, c.say("Datum: ____ . ____ . ________      Schicht: ____________      Name, Hz.: ______________________________", "Date: ____ / ____ / ________      Shift: ____________      Name, initials: ______________________________"))
	c.y += 7
	const axis, h = 20.0, 49.0
	x, w, top := c.left+axis, c.width()-axis, c.y+4.5
	hour := w / 24
	p := c.flow.p
	c.text(c.left, top-4.4, b, "°C")
	c.textRight(x-1, top-4.4, b, "P, RR")
	for v := celsius.low; v <= celsius.high; v += 0.5 {
		y := celsius.y(top, h, v)
		whole := v == float64(int(v))
		width, gray := 0.1, 0.6
		switch {
		case v == 37:
			width, gray = 0.6, 0
		case whole:
			width, gray = 0.2, 0.3
		}
		p.Line(x, y, x+w, y, width, gray)
		if whole && v > celsius.low && v < celsius.high {
			c.text(c.left, y-2.1, s, itoa(int(v)))
			c.textRight(x-1, y-2.1, s, itoa(int(beats.low+(v-celsius.low)*30)))
		}
	}
	rows := []string{"SpO₂ %", c.say("Atemfr.", "Resp rate"), c.say("Schmerz", "Pain"), c.say("BZ", "Glucose"), c.say("Einfuhr ml", "Intake ml"), c.say("Ausfuhr ml", "Output ml"), c.say("Stuhl", "Stool"), c.say("Lagerung", "Position"), c.say("Handzeichen", "Initials")}
	const rowH = 7.0
	bottom := top + h + float64(len(rows))*rowH
	for i, name := range rows {
		y := top + h + float64(i)*rowH
		p.Line(c.left, y, c.right, y, 0.25, 0.2)
		c.text(c.left, y+1.5, b, c.clean(name))
	}
	p.Line(c.left, bottom, c.right, bottom, 0.35, 0)
	for i := range 25 {
		width, gray := 0.1, 0.5
		if i%6 == 0 {
			width, gray = 0.35, 0
		}
		p.Line(x+float64(i)*hour, top-4.4, x+float64(i)*hour, bottom, width, gray)
		if i < 24 {
			label := itoa((i + 6) % 24)
			c.text(x+float64(i)*hour+(hour-s.width(label))/2, top-4.4, s, label)
		}
	}
	p.Line(c.left, top, c.right, top, 0.35, 0)
	c.y = bottom + 3
	c.lines(c.say("Eintrag, Anordnung, Gabe", "Entry, order, dose"))
}

// notes is a page of lines.
func (c *chartSheets) notes() { c.lines(c.say("Notizen", "Notes")) }

// lines rules the rest of the page for handwriting.
func (c *chartSheets) lines(what string) {
	b := style{c.f.condBold, small}
	const timeW, sign, step = 24.0, 26.0, 9.0
	c.text(c.left+pad, c.y, b, c.say("Datum, Uhrzeit", "Date, time"))
	c.text(c.left+timeW+pad, c.y, b, c.clean(what))
	c.text(c.right-sign+pad, c.y, b, c.say("Handzeichen", "Initials"))
	c.y += 4.6
	p, top := c.flow.p, c.y
	y := top
	p.Line(c.left, y, c.right, y, 0.35, 0)
	for y+step <= c.bottom {
		y += step
		p.Line(c.left, y, c.right, y, 0.2, 0.3)
	}
	for _, x := range []float64{c.left, c.left + timeW, c.right - sign, c.right} {
		p.Line(x, top, x, y, 0.2, 0.3)
	}
	c.y = y
}
