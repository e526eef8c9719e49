package paper

import (
	"fmt"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/sheet"
)

// Measures of a sheet in millimetres. The left margin leaves room for the holes
// of a file.
const (
	marginLeft  = 18.0
	marginRight = 9.0
	marginTop   = 8.0
	footHeight  = 18.0
	marginFoot  = 9.0

	leastMatrix = 14.0 // side of the code of a form that comes back from the ward
)

// flow lays out one part of a document (a ward list, one patient) page by page.
// Its pages wait until the part is complete, because each says how many there
// are.
type flow struct {
	*document
	landscape bool
	code      sheet.Code // Form and Page are set per page
	kind      string     // title at the head of each page
	banner    func(y float64) float64
	again     func() // repeats the heading of what goes on, nil between sections
	form      sheet.Form
	pages     []leaf
	p         *pdf.Page
	y         float64 // next free millimetre
	left      float64
	right     float64
	bottom    float64 // last usable millimetre
	strange   bool    // a character could not be drawn
}

type leaf struct {
	page *pdf.Page
	form sheet.Form
}

func (d *document) newFlow(landscape bool, code sheet.Code, kind string) *flow {
	return &flow{document: d, landscape: landscape, code: code, kind: kind, form: code.Form}
}

func (f *flow) width() float64 { return f.right - f.left }

// clean returns s as it can be drawn, and remembers if a character could not.
func (f *flow) clean(s string) string {
	out := f.f.draw(s)
	box := string(unprintable)
	if !f.strange && strings.Count(out, box) > strings.Count(s, box) {
		f.strange = true
	}
	return out
}

// turn begins a new page and repeats banner and heading.
func (f *flow) turn() {
	w, h := 210.0, 297.0
	if f.landscape {
		w, h = h, w
	}
	f.p = f.out.Page(w, h)
	f.left, f.right, f.bottom = marginLeft, w-marginRight, h-marginFoot-footHeight
	f.pages = append(f.pages, leaf{f.p, f.form})
	f.y = f.mode()
	f.top()
	if f.banner != nil {
		f.y = f.banner(f.y)
	}
	if f.again != nil {
		f.again()
	}
}

// start begins a new page for another form.
func (f *flow) start(form sheet.Form) {
	f.form, f.again = form, nil
	f.turn()
}

// need turns the page unless h millimetres are left on this one.
func (f *flow) need(h float64) {
	if f.y+h > f.bottom {
		f.turn()
	}
}

// text writes one line with its upper edge at y.
func (f *flow) text(x, y float64, s style, line string) {
	f.p.Text(x, y+s.size*25.4/72*1.02, s.font, s.size, 0, line)
}

func (f *flow) textRight(right, y float64, s style, line string) {
	f.text(right-s.width(line), y, s, line)
}

// para writes text wrapped to the width, across pages if need be.
func (f *flow) para(s style, indent float64, text string) {
	for _, l := range s.wrap(f.clean(text), f.width()-indent) {
		f.need(s.leading())
		f.text(f.left+indent, f.y, s, l)
		f.y += s.leading()
	}
}

// section writes a heading and, at its right, how new its data is. Least is the
// room that must be left below it on the page.
func (f *flow) section(heading, note string, least float64) {
	f.again = nil
	if f.y+9+least > f.bottom {
		f.turn()
	} else {
		f.y += 2.5
	}
	f.heading(heading, note)
	f.again = func() {
		f.y += 1
		f.heading(heading+" "+f.say("(Fortsetzung)", "(continued)"), "")
	}
}

func (f *flow) heading(heading, note string) {
	h, n := style{f.f.bold, strong}, style{f.f.cond, small}
	f.text(f.left, f.y, h, heading)
	room := f.width() - h.width(heading) - 4
	y := f.y + 0.6
	for _, l := range f.atMost(2, n.wrap(f.clean(note), room)) {
		f.textRight(f.right, y, n, l)
		y += n.leading()
	}
	f.y = max(f.y+h.leading(), y)
	f.p.Line(f.left, f.y, f.right, f.y, 0.4, 0)
	f.y += 0.8
}

// finish writes the foot of each page and hands the pages over. The first one
// gets an entry in the table of contents where mark is not empty.
func (f *flow) finish(mark string, deep bool) error {
	if f.o.Pages != nil && f.code.Serial != "" {
		f.o.Pages(f.code.Serial, len(f.pages))
	}
	for i, s := range f.pages {
		f.p = s.page
		f.foot(i+1, len(f.pages), s.form)
		if err := f.out.Add(s.page); err != nil {
			return fmt.Errorf("add page: %w", err)
		}
		if i == 0 && mark != "" {
			f.out.Mark(f.f.draw(mark), deep)
		}
	}
	return nil
}

// top writes hospital and kind of sheet.
func (f *flow) top() {
	s, b := style{f.f.cond, body}, style{f.f.bold, strong}
	kind := f.clean(f.kind)
	f.textRight(f.right, f.y, b, kind)
	y := f.y
	for _, l := range f.atMost(2, s.wrap(f.clean(f.head.Hospital), f.width()-b.width(kind)-6)) {
		f.text(f.left, y+0.4, s, l)
		y += s.leading()
	}
	f.y = max(y, f.y+b.leading()) + 0.6
}

// mode draws the frame of the operating mode and returns the first free
// millimetre below its words.
func (f *flow) mode() float64 {
	m := f.head.Mode
	if m.Kind != incident.Emergency && m.Kind != incident.Exercise {
		s := style{f.f.cond, small}
		word := f.say("Normalbetrieb", "Normal operation")
		if len(m.Crises) > 0 {
			word += f.clean(f.crises())
			if l := s.wrap(word, f.width()*2/3); len(l) > 1 {
				word = l[0] + " …"
			}
		}
		f.textRight(f.right, marginTop-1, s, word)
		f.p.Line(f.left, marginTop+1, f.right-s.width(word)-2, marginTop+1, 0.2, 0)
		return marginTop + 4
	}
	f.p.Place(f.frame(), 0, 0)
	s := style{f.f.bold, strong}
	y := marginTop + 1.5
	for _, l := range f.atMost(4, s.wrap(f.clean(f.modeWords()), f.width()-4)) {
		f.text(f.left+2, y, s, l)
		y += s.leading()
	}
	f.p.Box(f.left, marginTop+0.6, f.width(), y-marginTop-0.2, 0.8, 0)
	return y + 2
}

func (f *flow) modeWords() string {
	m := f.head.Mode
	systems := ""
	for i, s := range m.Systems {
		if i > 0 {
			systems += ", "
		}
		systems += s.Name.In(f.lang)
	}
	words := f.say("NOTBETRIEB", "EMERGENCY OPERATION")
	if m.Kind == incident.Exercise {
		words = f.say("ÜBUNG – nicht für die Versorgung verwenden", "EXERCISE – not for patient care")
	}
	if !m.Since.IsZero() {
		words += f.say(" seit ", " since ") + f.day(m.Since) + " " + f.clock(m.Since)
	}
	if systems != "" {
		words += " · " + systems + f.say(" ausgefallen", " out of service")
	}
	return words + f.crises()
}

// crises names the declared incidents, "" where there is none.
func (f *flow) crises() string {
	if len(f.head.Mode.Crises) == 0 {
		return ""
	}
	return f.say(" · Krisenlage: ", " · Incident: ") + strings.Join(f.head.Mode.Crises, ", ")
}

// frame returns the frame of the mode, drawn once per document and size.
func (f *flow) frame() *pdf.Form {
	if form := f.frames[f.landscape]; form != nil {
		return form
	}
	w, h := f.p.W, f.p.H
	form := f.out.Form(w, h)
	f.frames[f.landscape] = form
	p := form.Page()
	const edge = 4.8
	if f.head.Mode.Kind == incident.Emergency {
		p.Box(edge, edge, w-2*edge, h-2*edge, 1.2, 0)
		return form
	}
	const band, step = 2.2, 4.0
	for x := edge; x+band <= w-edge; x += step {
		p.Line(x, edge+band, x+band, edge, 0.7, 0)
		p.Line(x, h-edge, x+band, h-edge-band, 0.7, 0)
	}
	for y := edge + step; y+band <= h-edge-band; y += step {
		p.Line(edge, y+band, edge+band, y, 0.7, 0)
		p.Line(w-edge-band, y+band, w-edge, y, 0.7, 0)
	}
	word := f.say("ÜBUNG", "EXERCISE")
	size := 150.0
	for f.f.bold.Width(word, size) > 0.72*min(w, h)*1.3 {
		size -= 5
	}
	half := f.f.bold.Width(word, size) / 2 * 0.7071
	p.Turned(w/2-half+size*0.12*0.7, h/2+half+size*0.12*0.7, 45, f.f.bold, size, 0.4, 0.8, word)
	return form
}

// foot writes age and origin of the sheet, page numbers and the code.
func (f *flow) foot(page, of int, form sheet.Form) {
	s, b := style{f.f.cond, small}, style{f.f.condBold, body}
	top := f.p.H - marginFoot - footHeight + 1.5
	f.p.Line(f.left, top-0.5, f.right, top-0.5, 0.4, 0)
	code := f.code
	code.Form, code.Page, code.Seq = form, page, f.head.Seq
	within := span{most: footHeight - 1.6}
	if code.Serial != "" {
		within.least = leastMatrix
	}
	side := 0.0
	if form != "" {
		side = matrix(f.p, f.right, f.p.H-marginFoot-0.2, within, code.String())
	}
	room := f.width() - side - 32
	y := top
	line := func(st style, words string) {
		for _, l := range f.atMost(2, st.wrap(f.clean(words), room)) {
			f.text(f.left, y, st, l)
			y += st.leading()
		}
	}
	asOf := f.say("Daten vom Stand ", "Data as of ") + f.stamp(f.head.AsOf)
	if !f.head.AsOf.IsZero() {
		asOf += " (" + f.ago(f.head.AsOf) + ")"
	}
	line(b, asOf+" · "+f.say("Journal Nr. ", "journal no. ")+f.seq())
	printed := f.say("Gedruckt ", "Printed ") + f.stamp(f.head.Printed)
	if f.record {
		printed = f.say("Unterschrieben ", "Signed ") + f.stamp(f.head.Printed)
	}
	for _, w := range []string{f.head.Where, f.head.PrintedBy} {
		if w != "" {
			printed += " · " + w
		}
	}
	line(s, printed)
	if f.strange {
		line(s, f.say("□ = Zeichen, das diese Schrift nicht hat", "□ = character this font does not have"))
	}
	x := f.right - side - 2
	if code.Serial != "" {
		x = f.right - within.most - 2
	}
	big := style{f.f.bold, strong}
	f.textRight(x, top, big, fmt.Sprintf(f.say("Blatt %d von %d", "Sheet %d of %d"), page, of))
	f.total2(x, top+big.leading())
	if code.Serial != "" {
		f.textRight(x, top+big.leading()+s.leading(), style{f.f.condBold, body}, f.say("Bogen ", "Form ")+code.Serial.Spaced())
	}
}

// total2 writes "Seite 17 von 133" with the total of the whole document.
func (f *flow) total2(right, y float64) {
	s := style{f.f.reg, small}
	words := fmt.Sprintf(f.say("Seite %d von", "Page %d of"), f.out.Pages()+1)
	f.text(right-13-s.width(words), y, s, words)
	f.p.Place(f.total, right-12, y+s.size*25.4/72*1.02-4)
}

func (f *flow) seq() string {
	if f.head.Seq == 0 {
		return f.say("unbekannt", "unknown")
	}
	return fmt.Sprint(f.head.Seq)
}

// fresh says when a block last changed and when its source was last heard, and
// says in words if the source has been silent for longer than the limit: an old
// diagnosis is not out of date while its sender talks.
func (f *flow) fresh(newest clinical.Origin, limit time.Duration) string {
	if newest.Received.IsZero() {
		return ""
	}
	out := f.say("neuester Eintrag ", "newest entry ") + f.when(newest.Received)
	src := f.source(newest)
	if src != "" {
		out += " " + src
	}
	heard := newest.Received
	for _, feed := range f.o.Feeds {
		if feed.Name == newest.Feed && feed.Last.After(heard) {
			heard = feed.Last
			out += " · " + src + f.say(" zuletzt gehört ", " last heard ") + f.when(heard)
		}
	}
	out += ", " + f.ago(heard)
	if limit > 0 && f.now.Sub(heard) > limit {
		out += " · " + f.outdated()
	}
	return out
}

func (f *flow) outdated() string { return f.say("▲ VERALTET", "▲ OUT OF DATE") }

// source names the feed of an origin.
func (f *flow) source(o clinical.Origin) string {
	if o.Feed == "here" {
		return f.say("hier erfasst", "entered here")
	}
	for _, feed := range f.o.Feeds {
		if feed.Name == o.Feed {
			if label := feed.Label.In(f.lang); label != "" {
				return label
			}
		}
	}
	return o.Feed
}
