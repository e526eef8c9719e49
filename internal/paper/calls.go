package paper

import (
	"io"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// CallSheet is the list that people are rung from, to be filled in by hand.
type CallSheet struct {
	Name    string // of the group
	Title   string
	Text    string
	Place   string
	Phone   string
	Answers string // the number that codes can be told to
	Drill   bool
	Read    bool // nobody is to come, only to know
	People  []CallPerson
}

// CallPerson is one row.
type CallPerson struct {
	Function string
	Name     string
	Code     string
	Deputy   bool
	Numbers  []CallNumber
	Known    lang.Text // what is known already; empty for nothing
}

// CallNumber is one way to ring somebody.
type CallNumber struct {
	Kind    lang.Text
	Value   string
	Offline bool
}

// Calls writes the list to ring from: the sentence to say, then everybody with
// the numbers in their order and boxes for what came of it. It works without any
// screen; what is written on it is typed in later. The error is that of w, or of
// a font that cannot be read.
func Calls(w io.Writer, h Head, s CallSheet) error {
	name := d2(h, "Anrufliste", "List to ring from")
	d, err := newDocument(w, h, PackOptions{}, name+" "+s.Name)
	if err != nil {
		return err
	}
	f := d.newFlow(false, sheet.Code{Ward: "-"}, name)
	f.start(sheet.FormList)
	title := s.Name
	if s.Drill {
		title = d.say("PROBEALARM (ÜBUNG): ", "TEST ALARM (EXERCISE): ") + title
	}
	f.para(style{f.f.bold, strong}, 0, title)
	f.y += 1
	f.para(style{f.f.condBold, body}, 0, d.say("Bitte so sagen:", "Please say:"))
	f.para(style{f.f.reg, 10.5}, 0, sentence(d, s, h.Hospital))
	f.y += 1
	f.para(style{f.f.cond, small}, 0, d.say("Die Nummern in ihrer Reihenfolge versuchen, jede zweimal. Wer nicht zu erreichen ist oder nicht kann: die Zeile darunter anrufen. Das Ausgefüllte später auf der Seite Alarmierung eintragen.",
		"Try the numbers in their order, each twice. Whoever cannot be reached or cannot come: ring the next row. Type what is filled in into the page Call-out later."))
	f.y += 2
	t := table{grid: true, lines: true, cols: f.rest([]column{
		{head: d.say("Wer", "Who"), width: 50}, {head: d.say("Nummern", "Numbers"), width: 52}, {head: "Code", width: 16}, {head: d.say("Erreicht", "Reached"), width: 20},
		{head: d.say("Antwort, Uhrzeit, Handzeichen", "Answer, time, initials")},
	})}
	f.begin(t)
	for _, p := range s.People {
		f.add(t, row{cells: f.callCells(p, s.Read), least: 13})
	}
	f.again = nil
	if err := f.finish(name, false); err != nil {
		return err
	}
	return d.close()
}

// sentence is what is said on the telephone.
func sentence(d *document, s CallSheet, hospital string) string {
	out := d.say("„Hier ist ", "“This is ") + hospital + ". "
	if s.Drill {
		out += d.say("Das ist eine Übung. ", "This is an exercise. ")
	}
	out += d.say("Alarm für: ", "Alarm for: ") + s.Name + ". " + s.Title + ". "
	if s.Text != "" {
		out += s.Text + " "
	}
	if s.Place != "" {
		out += d.say("Wohin: ", "Where to come: ") + s.Place + ". "
	}
	if s.Phone != "" {
		out += d.say("Rückruf unter ", "Ring back at ") + s.Phone + ". "
	}
	if s.Read {
		return out + d.say("Bitte bestätigen Sie, dass Sie es wissen.“", "Please confirm that you know.”")
	}
	return out + d.say("Kommen Sie? In wie vielen Minuten?“", "Do you come? In how many minutes?”")
}

func (f *flow) callCells(p CallPerson, read bool) []cell {
	b, c := style{f.f.condBold, body}, style{f.f.cond, body}
	name := p.Name
	if p.Deputy {
		name = "›  " + name
	}
	who := cell{{text: name, style: b}}
	if p.Function != "" {
		fn := p.Function
		if p.Deputy {
			fn = f.say("Vertretung ", "deputy ") + fn
		}
		who = append(who, words{text: fn, style: c})
	}
	var numbers cell
	for _, n := range p.Numbers {
		st := style{f.f.cond, small}
		if n.Offline {
			st = b
		}
		numbers = append(numbers, words{text: "□ □  " + n.Kind.In(f.lang) + ": " + n.Value, style: st})
	}
	if len(numbers) == 0 {
		numbers = cell{{text: f.say("‼ keine Nummer", "‼ no number"), style: b}}
	}
	answer := cell{{text: f.say("□ kommt in ____ min", "□ comes in ____ min"), style: c}, {text: f.say("□ kann nicht", "□ cannot"), style: c}}
	if read {
		answer = cell{{text: f.say("□ weiß Bescheid", "□ knows"), style: c}}
	}
	if known := p.Known.In(f.lang); known != "" {
		answer = cell{{text: "✓ " + known, style: b}}
	}
	return []cell{who, numbers, {{text: p.Code, style: c}}, {{text: f.say("□ ja  □ nein", "□ yes  □ no"), style: c}}, answer}
}
