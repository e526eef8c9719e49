package web

import (
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// ordersPage lists what was ordered: the open ones first.
type ordersPage struct {
	Frame
	Open []orderRow
	Done []orderRow
}

type orderRow struct {
	What      string
	Section   lang.Text
	Status    lang.Text
	Stat      bool
	Off       bool
	Requested stamp
	Due       stamp
	By        string
	Question  string
	Specimen  string
	Number    string
	Origin    sourceView
}

// appointmentsPage lists appointments, soonest first.
type appointmentsPage struct {
	Frame
	Coming []appointmentRow
	Past   []appointmentRow
}

type appointmentRow struct {
	What   string
	Reason string
	Start  stamp
	End    stamp
	Place  string
	With   string
	Status lang.Text
	Off    bool
	Note   string
	Origin sourceView
}

var (
	ordersPageT       = parse[ordersPage]("orders")
	appointmentsPageT = parse[appointmentsPage]("appointments")
)

func newOrdersPage(p *chart.Patient, f Frame, near around) ordersPage {
	f.Banner = newBanner(p, f, "orders", near)
	v := ordersPage{Frame: f.titled("patient", lang.Text{DE: "Anforderungen", EN: "Orders"})}
	v.Refresh = true
	for _, it := range p.Orders {
		o := it.V
		r := orderRow{
			What: o.What.Label(), Section: sectionWord(o.Section), Status: orderWord(o.Status), Stat: o.Priority == "S" || o.Priority == "A",
			Off: it.Cancelled || o.Status == clinical.Cancelled, Requested: f.stamp(o.Requested), Due: f.stamp(o.Due), By: o.By.Name,
			Question: o.Question, Specimen: o.Specimen, Number: o.Placer, Origin: f.source(it.Origin),
		}
		if it.Cancelled {
			r.Status = orderWord(clinical.Cancelled)
		}
		if o.Status.Open() && !it.Cancelled {
			v.Open = append(v.Open, r)
		} else {
			v.Done = append(v.Done, r)
		}
	}
	return v
}

func newAppointmentsPage(p *chart.Patient, f Frame, near around) appointmentsPage {
	f.Banner = newBanner(p, f, "appointments", near)
	v := appointmentsPage{Frame: f.titled("patient", lang.Text{DE: "Termine", EN: "Appointments"})}
	v.Refresh = true
	for _, it := range p.Appointments {
		a := it.V
		r := appointmentRow{
			What: a.What.Label(), Reason: a.Reason, Start: f.stamp(a.Start), End: f.stamp(a.End), Place: a.Place, Status: appointmentWord(a.Status),
			Off: it.Cancelled || a.Status == clinical.CalledOff || a.Status == clinical.Removed, Note: a.Note, Origin: f.source(it.Origin),
		}
		for i, w := range a.With {
			if i > 0 {
				r.With += ", "
			}
			r.With += w.Name
		}
		if a.Start.After(f.Now) || sameDay(f.Now, a.Start) {
			v.Coming = append(v.Coming, r)
		} else {
			v.Past = append(v.Past, r)
		}
	}
	return v
}
