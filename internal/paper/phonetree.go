package paper

import (
	"io"
	"strconv"
	"strings"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/sheet"
)

// PhoneTree writes the phone tree of the estate and then everybody else who can
// be called, with every way to reach them: the sheet that lies at the gate and
// with the crisis team while no telephone book on a screen can be opened. What
// works without the house's network comes first. version is the record the
// estate stands at.
func PhoneTree(w io.Writer, h Head, e *estate.Estate, version uint64) error {
	d, err := newDocument(w, h, PackOptions{}, d2(h, "Telefonkette", "Phone tree"))
	if err != nil {
		return err
	}
	f := d.newFlow(false, sheet.Code{}, d.say("Telefonkette und Kontakte", "Phone tree and contacts"))
	f.banner = func(y float64) float64 {
		s := style{f.f.reg, 10.5}
		words := d.say("Wer erreicht ist, trägt Zeit und Handzeichen ein und ruft die Eingerückten darunter an.",
			"Whoever is reached writes time and initials and calls those indented below.")
		for _, l := range f.atMost(3, s.wrap(f.clean(words), f.width())) {
			f.text(f.left, y, s, l)
			y += s.leading()
		}
		return y + 1
	}
	f.start("")
	t := table{grid: true, lines: true, cols: f.rest([]column{
		{head: d.say("Wer", "Who"), width: 62}, {head: d.say("Zu erreichen", "To be reached"), width: 68}, {head: d.say("Vertretung", "Deputy"), width: 30},
		{head: d.say("Erreicht", "Reached") + "\n" + d.say("Zeit, Hz.", "time, init.")},
	})}
	roots, lost := e.PhoneTree()
	shown := map[string]bool{}
	f.section(d.say("Kette", "Tree"), d.say("Stand Nr. ", "version no. ")+strconv.FormatUint(version, 10), 20)
	f.begin(t)
	var walk func(b estate.Branch, depth int)
	walk = func(b estate.Branch, depth int) {
		shown[b.Contact.ID] = true
		f.contact(t, e, b.Contact, depth)
		for _, next := range b.Calls {
			walk(next, depth+1)
		}
	}
	for _, b := range roots {
		walk(b, 0)
	}
	if len(roots) == 0 {
		f.add(t, row{cells: []cell{{{text: d.say("keine Kette eingerichtet", "no tree is set up"), style: style{f.f.cond, body}}}}})
	}
	for _, c := range lost {
		shown[c.ID] = true
		f.contact(t, e, c, 0)
	}
	f.section(d.say("Weitere Kontakte", "Other contacts"), "", 20)
	f.begin(t)
	for _, c := range e.Contacts {
		if !shown[c.ID] {
			f.contact(t, e, c, 0)
		}
	}
	f.again = nil
	if err := f.finish(d.say("Telefonkette", "Phone tree"), false); err != nil {
		return err
	}
	return d.close()
}

// contact draws one contact; depth is how far down the tree it hangs.
func (f *flow) contact(t table, e *estate.Estate, c estate.Contact, depth int) {
	b, s := style{f.f.condBold, body}, style{f.f.cond, body}
	who := cell{{text: strings.Repeat("›  ", min(depth, 5)) + c.Name, style: b}}
	for _, x := range []string{c.Function, c.Company} {
		if x != "" {
			who = append(who, words{text: x, style: s})
		}
	}
	var ways, later cell
	for _, way := range c.Ways {
		line := way.Kind.Say().In(f.lang) + ": " + way.Value
		if way.Kind.Offline() {
			ways = append(ways, words{text: line, style: b})
		} else {
			later = append(later, words{text: line, style: style{f.f.cond, small}})
		}
	}
	if len(ways) == 0 {
		ways = cell{{text: f.say("‼ nur über das Netz des Hauses", "‼ only by the house's network"), style: b}}
	}
	deputy := ""
	if x, ok := e.Contact(c.Deputy); ok {
		deputy = x.Name
	}
	f.add(t, row{cells: []cell{who, append(ways, later...), {{text: deputy, style: s}}}, least: 11})
}
