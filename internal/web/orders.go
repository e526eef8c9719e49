package web

import (
	"cmp"
	"net/url"
	"strconv"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// ordersPage lists what was ordered: the open ones first.
type ordersPage struct {
	Frame
	Dead bool // nobody waits for the open ones any more
	Open []orderRow
	Done []orderRow
	Ask  []formLink // what the reader may order
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
	Entry     string // address of the entry that placed it here
	Labels    string // address of its specimen labels
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
	v.Refresh, v.Dead = true, p.Dead.V
	if f.User.Can(string(staff.PlaceOrders)) && f.Mode.Kind == incident.Emergency {
		v.Ask = askLinks(p.Key)
	}
	for _, it := range p.Orders {
		o := it.V
		r := orderRow{
			What: o.What.Label(), Section: sectionWord(o.Section), Status: orderWord(o.Status), Stat: o.Priority == "S" || o.Priority == "A",
			Off: it.Cancelled || o.Status == clinical.Cancelled, Requested: f.stamp(o.Requested), Due: f.stamp(o.Due), By: o.By.Name,
			Question: o.Question, Specimen: o.Specimen, Number: o.Placer, Origin: f.source(it.Origin, it.Back),
		}
		if it.Cancelled {
			r.Status = orderWord(clinical.Cancelled)
		}
		base := "/patient/" + string(p.Key)
		placed := it.Origin
		if n := len(it.Was); n > 0 {
			placed = it.Was[n-1].Origin
		}
		if placed.Feed == chart.Here {
			r.Entry = base + "/placed/" + strconv.FormatUint(placed.Seq, 10)
		}
		if no := cmp.Or(o.Placer, o.Filler); no != "" && o.Specimen != "" && !r.Off {
			r.Labels = base + "/specimens.pdf?order=" + url.QueryEscape(no)
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
			Off: it.Cancelled || a.Status == clinical.CalledOff || a.Status == clinical.Removed, Note: a.Note, Origin: f.source(it.Origin, it.Back),
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
