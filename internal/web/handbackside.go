package web

import (
	"net/http"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// sidesPage is one patient on both sides: what was recorded here and what the
// returned system says since.
type sidesPage struct {
	Frame
	Target targetView
	Name   string
	Birth  string
	Case   string
	Href   string
	Rows   []sideRow
	Counts []sideCount
	Items  []backPatient // the entries, to act on
	Key    string
	Back   string
}

type sideRow struct {
	Kind   lang.Text
	What   string
	At     stamp
	Ours   string
	Theirs string
	Word   lang.Text
	State  handback.Standing
	Gone   bool
	Entry  string // address of the entry
	Record string // address of the message, for those who may see it
	Stands lang.Text
}

type sideCount struct {
	Word lang.Text
	N    int
}

var sidesPageT = parse[sidesPage]("sides")

// showSides lays both sides of one patient beside each other.
func (s *Server) showSides(v *visit) (http.Handler, error) {
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	c, err := view.Patient(v.Context(), clinical.PatientKey(v.PathValue("key")), chart.All())
	if err != nil {
		return nil, err
	}
	st, _ := c.Current()
	if _, res, err := s.passBack(v, want{page: "handback/patient", ward: st.Now.V.Ward, patient: c.Key, kase: st.Case}); res != nil || err != nil {
		return res, err
	}
	name := v.PathValue("target")
	pairs, items, err := s.p.Back.Side(v.Context(), name, c)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := sidesPage{
		Frame: f.titled("handback", lang.Text{DE: "Beide Seiten", EN: "Both sides"}), Name: c.Name.V.Display(), Birth: c.Birth.V.German(), Case: string(st.Case),
		Href: "/patient/" + string(c.Key), Key: journal.NewID().String(), Back: "/handback/" + name + "/patient/" + string(c.Key),
	}
	if p.Target, err = s.targetOf(v.Context(), name, f); err != nil {
		return nil, err
	}
	p.lay(pairs, items, f)
	var open []handback.Item
	for _, it := range items {
		if it.State != handback.Nothing && it.State != handback.Accepted && it.State != handback.Hand {
			open = append(open, it)
		}
	}
	oldestFirst(open)
	if p.Items, err = s.backPatients(v, view, name, open, f); err != nil {
		return nil, err
	}
	return sidesPageT.of(p)
}

// lay fills in the rows and how many there are of each standing.
func (p *sidesPage) lay(pairs []handback.Pair, items map[uint64]handback.Item, f Frame) {
	sum := map[handback.Standing]int{}
	for _, x := range pairs {
		sum[x.State]++
		row := sideRow{
			Kind: pairWord(x.Kind), What: x.What, At: f.stamp(x.At), Ours: x.Ours, Theirs: x.Theirs, Word: standingWord(x.State), State: x.State, Gone: x.Gone,
		}
		if it, ok := items[x.Entry]; ok {
			row.Entry, row.Stands = p.Href+"/entry/"+it.Root, backWord(it.State)
		}
		if x.Record != 0 && f.User.Can(string(staff.SeeSources)) {
			row.Record = p.Href + "/record/" + journalNumber(x.Record)
		}
		p.Rows = append(p.Rows, row)
	}
	for _, st := range []handback.Standing{handback.Differ, handback.Ours, handback.Theirs, handback.Same} {
		p.Counts = append(p.Counts, sideCount{standingWord(st), sum[st]})
	}
}
