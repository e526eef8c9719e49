package web

import (
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/lang"
)

// housePage is all that the house overview may show: numbers and ages, no
// patient.
type housePage struct {
	Frame
	Alarms     []Alarm
	Groups     []wardGroup
	Patients   int
	Unplaced   int // in house, on no ward
	Beds       int
	Occupied   int
	Critical   int
	Arriving   int
	Isolated   int
	UnreadText lang.Text // what is unread, in words
}

// An Alarm is something about Notbetrieb itself that an operator must act on.
type Alarm struct {
	Key   string
	Text  lang.Text
	Since time.Time
	Mark  string // changes whenever it is raised again
	Count int
	Told  bool // stands until somebody confirms it
}

// At is since when the alarm stands, in the page's zone.
func (a Alarm) At() string { return a.Since.Format("02.01. 15:04") }

type wardGroup struct {
	Label lang.Text
	Wards []wardLine
}

type wardLine struct {
	Code, Name string
	Beds       int
	Occupied   int
	Free       int
	Fill       int // twentieths
	Critical   int
	Isolated   int
	Arriving   int
	Mine       bool
	Bedless    bool
}

var wardKinds = []struct {
	kind  string
	label lang.Text
}{
	{"emergency", lang.Text{DE: "Notaufnahme", EN: "Emergency department"}},
	{"icu", lang.Text{DE: "Intensivstationen", EN: "Intensive care"}},
	{"inpatient", lang.Text{DE: "Bettenstationen", EN: "Wards"}},
	{"obstetrics", lang.Text{DE: "Geburtshilfe", EN: "Obstetrics"}},
	{"outpatient", lang.Text{DE: "Ambulanzen", EN: "Outpatients"}},
	{"service", lang.Text{DE: "Funktionsbereiche", EN: "Services"}},
}

var housePageT = parse[housePage]("house")

func newHousePage(h chart.House, f Frame) housePage {
	p := housePage{
		Frame:    f.titled("house", lang.Text{DE: "Haus", EN: "House"}),
		Patients: h.Patients + h.Unplaced,
		Unplaced: h.Unplaced,
	}
	p.Refresh = true
	p.Unread = h.Unread
	p.UnreadText = unreadWords(h.Unread, h.Messages, false)
	by := map[string][]wardLine{}
	known := map[string]bool{}
	for _, k := range wardKinds {
		known[k.kind] = true
	}
	mine := map[string]bool{}
	if f.User != nil {
		for _, w := range f.User.Wards {
			mine[w] = true
		}
	}
	for _, w := range h.Wards {
		l := wardLine{
			Code: w.Code, Name: w.Name, Beds: w.Beds, Occupied: w.Occupied, Free: max(w.Beds-w.Occupied, 0),
			Critical: w.Critical, Isolated: w.Isolated, Arriving: w.Arriving, Mine: mine[w.Code], Bedless: w.Beds == 0,
		}
		if w.Beds > 0 {
			l.Fill = min(w.Occupied*20/w.Beds, 20)
		}
		kind := w.Kind
		if !known[kind] {
			kind = "inpatient"
		}
		by[kind] = append(by[kind], l)
		p.Beds += w.Beds
		p.Occupied += w.Occupied
		p.Critical += w.Critical
		p.Arriving += w.Arriving
		p.Isolated += w.Isolated
	}
	for _, k := range wardKinds {
		if ws := by[k.kind]; len(ws) > 0 {
			p.Groups = append(p.Groups, wardGroup{Label: k.label, Wards: ws})
		}
	}
	return p
}

// Percent is the width of the occupancy bar.
func (w wardLine) Percent() int { return w.Fill * 5 }

// None is said where no ward is known yet.
func (housePage) None() lang.Text {
	return lang.Text{
		DE: "Noch keine Station bekannt. Sobald die erste Meldung eintrifft, erscheint sie hier.",
		EN: "No ward known yet. The first message that arrives makes it appear here.",
	}
}
