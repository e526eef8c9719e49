package paper

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/sheet"
)

// Part is one part of a text sheet.
type Part struct {
	Heading string
	Text    string
}

// TextSheet is a sheet of words: a report, a situation report, a notice to hang
// up, a text for people outside.
type TextSheet struct {
	Kind  string // at the head of each page
	Title string
	Sub   string
	Parts []Part
	Large bool   // in type that is read from two metres
	Foot  string // below the last line
}

// Text writes a text sheet. The error is that of w, or of a font that cannot be
// read.
func Text(w io.Writer, h Head, s TextSheet) error {
	d, err := newDocument(w, h, PackOptions{}, s.Kind+" "+s.Title)
	if err != nil {
		return err
	}
	f := d.newFlow(false, sheet.Code{Ward: "-"}, s.Kind)
	f.start(sheet.FormList)
	big, sub, head, text := style{f.f.bold, title}, style{f.f.cond, 10.5}, style{f.f.bold, strong}, style{f.f.reg, 10.5}
	if s.Large {
		big, head, text = style{f.f.bold, 30}, style{f.f.bold, 20}, style{f.f.reg, 20}
	}
	f.para(big, 0, s.Title)
	if s.Sub != "" {
		f.para(sub, 0, s.Sub)
	}
	f.y += 1
	f.p.Line(f.left, f.y, f.right, f.y, 0.4, 0)
	for _, p := range s.Parts {
		f.y += 2.5
		f.need(head.leading() + text.leading())
		if p.Heading != "" {
			f.para(head, 0, p.Heading)
		}
		f.para(text, 0, p.Text)
	}
	if s.Foot != "" {
		f.y += 4
		f.para(style{f.f.cond, small}, 0, s.Foot)
	}
	if err := f.finish("", false); err != nil {
		return err
	}
	return d.close()
}

// LogSheet is one page of a logbook: its lines and its hash.
type LogSheet struct {
	Number      int
	First, Last int
	Before      string // hash of the page before
	Hash        string
	Lines       []LogLine
}

// LogLine is one line of a logbook.
type LogLine struct {
	Number   int
	Seq      uint64
	At       time.Time
	Recorded time.Time
	Kind     string
	By       string
	Text     string
	Corrects int
}

// LogbookEnd is what is printed after the last page: what was signed.
type LogbookEnd struct {
	Note       string
	Checkpoint string
}

// Logbook writes the pages of a logbook, each with its hash and a line to sign,
// and what was signed. A page that does not fit goes on on the next sheet. The
// error is that of w, or of a font that cannot be read.
func Logbook(w io.Writer, h Head, pages []LogSheet, end LogbookEnd) error {
	d, err := newDocument(w, h, PackOptions{}, d2(h, "Einsatztagebuch", "Logbook"))
	if err != nil {
		return err
	}
	f := d.newFlow(true, sheet.Code{Ward: "-"}, d.say("Einsatztagebuch", "Logbook"))
	t := table{grid: true, lines: true, cols: []column{
		{head: d.say("Nr.", "No."), width: 11, right: true}, {head: d.say("Zeit", "Time"), width: 33}, {head: d.say("Art", "Kind"), width: 26}, {head: d.say("Eingetragen von", "Written by"), width: 38},
		{head: d.say("Inhalt", "Content"), width: 145}, {head: "Journal", width: 17, right: true},
	}}
	for _, p := range pages {
		f.start(sheet.FormList)
		f.para(style{f.f.bold, strong}, 0, fmt.Sprintf(d.say("Seite %d des Tagebuchs · Zeilen %d bis %d", "Page %d of the logbook · lines %d to %d"), p.Number, p.First, p.Last))
		f.y += 0.5
		f.begin(t)
		for _, l := range p.Lines {
			f.add(t, row{cells: f.logLine(l)})
		}
		f.again = nil
		f.need(15)
		f.y += 2
		f.para(style{f.f.cond, small}, 0, d.say("Prüfsumme der Seite davor ", "Hash of the page before ")+p.Before)
		f.para(style{f.f.condBold, small}, 0, d.say("Prüfsumme dieser Seite ", "Hash of this page ")+p.Hash)
		f.y += 4
		f.para(style{f.f.cond, body}, 0, d.say("Geprüft, Datum, Unterschrift: ", "Checked, date, signature: ")+strings.Repeat("_", 60))
	}
	f.start(sheet.FormList)
	f.para(style{f.f.bold, strong}, 0, d.say("Was unterschrieben ist", "What was signed"))
	f.para(style{f.f.reg, body}, 0, d.say("Die Prüfsumme der letzten Seite umfasst alle Seiten davor. „notbetrieb logbook check“ prüft die Datei zum Tagebuch ohne Netz mit dem öffentlichen Schlüssel und nennt die Prüfsumme jeder Seite zum Vergleich mit dem Papier.",
		"The hash of the last page covers all pages before it. “notbetrieb logbook check” verifies the logbook's file offline with the public key and names the hash of each page, to compare with the paper."))
	f.y += 2
	for _, text := range []string{end.Note, end.Checkpoint} {
		f.para(style{f.f.cond, body}, 0, strings.TrimSpace(text))
		f.y += 3
	}
	if err := f.finish("", false); err != nil {
		return err
	}
	return d.close()
}

func (f *flow) logLine(l LogLine) []cell {
	c := style{f.f.cond, body}
	at := f.stamp(l.At)
	if !l.Recorded.IsZero() {
		at += "\n" + f.say("eingetragen ", "written ") + f.stamp(l.Recorded)
	}
	text := cell{{text: l.Text, style: style{f.f.reg, body}}}
	if l.Corrects > 0 {
		text = append(cell{{text: fmt.Sprintf(f.say("berichtigt Zeile %d", "corrects line %d"), l.Corrects), style: style{f.f.condBold, body}}}, text...)
	}
	return []cell{{{text: fmt.Sprint(l.Number), style: c}}, {{text: at, style: c}}, {{text: l.Kind, style: c}}, {{text: l.By, style: c}}, text, {{text: fmt.Sprint(l.Seq), style: c}}}
}

// Evacuee is one patient on the evacuation list.
type Evacuee struct {
	Bed          string
	Name         string
	Birth        string
	Case         string
	Sex          string
	Alike        bool
	Mobility     string // "" not taken
	MobilityFrom string // who or what says so, and when
	Oxygen       string
	Oxygenated   bool
	Isolation    string
	Note         string // ventilated, resuscitation status, newborn of
	To           string // checked off: where to
	At           time.Time
}

// EvacuationWard is the patients of one ward.
type EvacuationWard struct {
	Name     string
	Patients []Evacuee
}

// Evacuation writes the evacuation list, each ward on a sheet of its own: who
// lies where, how they move, what they need, and boxes for destination, time and
// initials. The error is that of w, or of a font that cannot be read.
func Evacuation(w io.Writer, h Head, point string, wards []EvacuationWard) error {
	d, err := newDocument(w, h, PackOptions{}, d2(h, "Evakuierungsliste", "Evacuation list"))
	if err != nil {
		return err
	}
	for _, ward := range wards {
		f := d.newFlow(true, sheet.Code{Ward: "-"}, d.say("Evakuierungsliste", "Evacuation list"))
		f.start(sheet.FormList)
		f.para(style{f.f.bold, 14}, 0, ward.Name)
		f.para(style{f.f.reg, 10.5}, 0, fmt.Sprintf(d.say("%d Patienten · Sammelpunkt: %s", "%d patients · assembly point: %s"), len(ward.Patients), point)+f.mobilities(ward.Patients))
		f.y += 0.5
		t := table{grid: true, lines: true, cols: []column{
			{head: d.say("Zi / Bett", "Room / bed"), width: 19}, {head: "Patient", width: 70}, {head: d.say("Beweglichkeit", "Mobility"), width: 40}, {head: d.say("Sauerstoff", "Oxygen"), width: 22},
			{head: d.say("Isolation, Besonderes", "Isolation, notes"), width: 45}, {head: d.say("Ziel", "Destination"), width: 36}, {head: d.say("Zeit", "Time"), width: 17}, {head: d.say("Hz.", "Init."), width: f.width() - 249},
		}}
		f.begin(t)
		for _, p := range ward.Patients {
			f.add(t, row{cells: f.evacuee(p), least: 12})
		}
		f.again = nil
		f.need(8)
		f.y += 2
		f.para(style{f.f.condBold, body}, 0, d.say("Station leer: Zahl gegangen ____  Zahl erwartet ____  Zeit ______  Handzeichen ______", "Ward empty: number gone ____  number expected ____  time ______  initials ______"))
		if err := f.finish(ward.Name, false); err != nil {
			return err
		}
	}
	if d.out.Pages() == 0 {
		f := d.newFlow(false, sheet.Code{Ward: "-"}, d.say("Evakuierungsliste", "Evacuation list"))
		f.start(sheet.FormList)
		f.para(style{f.f.bold, strong}, 0, d.say("Auf diesen Stationen ist niemand bekannt.", "Nobody is known on these wards."))
		if err := f.finish("", false); err != nil {
			return err
		}
	}
	return d.close()
}

// mobilities counts how many move how: what a ward asks for hands and chairs by.
func (f *flow) mobilities(list []Evacuee) string {
	counts, order := map[string]int{}, []string{}
	for _, p := range list {
		how := p.Mobility
		if how == "" {
			how = f.say("nicht erhoben", "not taken")
		}
		if counts[how]++; counts[how] == 1 {
			order = append(order, how)
		}
	}
	slices.Sort(order)
	out := ""
	for _, how := range order {
		out += fmt.Sprintf(" · %d %s", counts[how], how)
	}
	return out
}

func (f *flow) evacuee(p Evacuee) []cell {
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	who := cell{{text: p.Name, style: style{f.f.bold, body}}, {text: joined(" · ", p.Birth+" "+p.Sex, p.Case), style: c}}
	if p.Alike {
		who = append(who, words{text: "‼ " + f.say("NAMENSGLEICH", "SAME NAME"), style: b})
	}
	moves := cell{{text: p.Mobility, style: b}, {text: p.MobilityFrom, style: style{f.f.cond, small}}}
	if p.Mobility == "" {
		moves = cell{{text: f.say("□ geht  □ Rollstuhl", "□ walks  □ chair"), style: c}, {text: f.say("□ liegend  □ intensiv", "□ lying  □ intensive"), style: c}}
	}
	oxygen := cell{{text: p.Oxygen, style: c}}
	if p.Oxygenated {
		oxygen[0].style = b
	}
	at := ""
	if !p.At.IsZero() {
		at = f.clock(p.At)
	}
	return []cell{{{text: p.Bed, style: b}}, who, moves, oxygen, {{text: p.Isolation, style: b}, {text: p.Note, style: c}}, {{text: p.To, style: b}}, {{text: at, style: c}}}
}
