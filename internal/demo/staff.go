package demo

// doctor is a physician of the house.
type doctor struct {
	id, family, given, title string
}

// hire gives a ward its physicians: the first is the Chefarzt, then two
// Oberärzte, then assistants.
func (w *world) hire(ws *wardState) {
	d := newDice(w.h.plan.Seed, "staff "+ws.plan.code)
	l := w.h.lists
	for i := range 7 {
		doc := doctor{id: "A" + itoa(1000+10*len(w.wards)+i), family: pick(&d, l.family), title: "Dr. med."}
		doc.given = pick(&d, l.menMid)
		if d.percent(55) {
			doc.given = pick(&d, l.womMid)
		}
		switch {
		case i == 0:
			doc.title = pick(&d, []string{"Prof. Dr. med.", "PD Dr. med.", "Dr. med."})
		case i > 3 && d.percent(50):
			doc.title = ""
		}
		ws.staff = append(ws.staff, doc)
	}
}

// words returns the name as written under a report.
func (d doctor) words() string {
	if d.title == "" {
		return d.given + " " + d.family
	}
	return d.title + " " + d.given + " " + d.family
}
