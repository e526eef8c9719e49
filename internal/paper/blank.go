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
func (f *flow) notes() { f.lines(f.say("Notizen", "Notes")) }

// lines rules the rest of the page for handwriting.
func (f *flow) lines(what string) {
	b := style{f.f.condBold, small}
	const timeW, sign, step = 24.0, 26.0, 9.0
	f.text(f.left+pad, f.y, b, f.say("Datum, Uhrzeit", "Date, time"))
	f.text(f.left+timeW+pad, f.y, b, f.clean(what))
	f.text(f.right-sign+pad, f.y, b, f.say("Handzeichen", "Initials"))
	f.y += 4.6
	p, top := f.p, f.y
	y := top
	p.Line(f.left, y, f.right, y, 0.35, 0)
	for y+step <= f.bottom {
		y += step
		p.Line(f.left, y, f.right, y, 0.2, 0.3)
	}
	for _, x := range []float64{f.left, f.left + timeW, f.right - sign, f.right} {
		p.Line(x, top, x, y, 0.2, 0.3)
	}
	f.y = y
}
