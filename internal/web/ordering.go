package web

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
)

// orderKind is what order numbers are called in the number office.
const orderKind = "order"

// orderingRoutes are the pages of orders.
func (s *Server) orderingRoutes(on func(string, show)) {
	on("GET /patient/{key}/order/{section}", s.showOrdering)
	on("GET /patient/{key}/specimens.pdf", s.printSpecimens)
	on("GET /patient/{key}/placed/{seq}", s.showPlaced)
}

// formOf returns the form of that kind, also the one that is made from the
// house's laboratory catalogue; nil if there is none.
func (s *Server) formOf(kind string) *entry.Form {
	switch kind {
	case s.orderLab.Kind:
		return s.orderLab
	case s.values.Kind:
		return s.values
	case s.byPhone.Kind:
		return s.byPhone
	}
	return entry.FormOf(kind)
}

// formsOffered are the forms in the order people are offered them.
func (s *Server) formsOffered() []*entry.Form {
	all := slices.Clone(entry.Forms())
	at := slices.IndexFunc(all, func(f *entry.Form) bool { return f.Slots != nil })
	return slices.Insert(all, max(at, 0), s.byPhone, s.orderLab)
}

// askLinks are the ways to the sections that can be asked.
func askLinks(key clinical.PatientKey) []formLink {
	var out []formLink
	for _, n := range []clinical.Section{clinical.Laboratory, clinical.Radiology, clinical.Endoscopy, clinical.Consult, clinical.Transport, clinical.Diet} {
		out = append(out, formLink{"/patient/" + string(key) + "/order/" + string(n), sectionWord(n)})
	}
	return out
}

// showPlaced leads from an order to the entry that placed it.
func (s *Server) showPlaced(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	seq, err := strconv.ParseUint(v.PathValue("seq"), 10, 63)
	if err != nil {
		return s.unknown(v)
	}
	e, err := s.p.Desk.At(v.Context(), journal.Seq(seq))
	if err != nil {
		return nil, err
	}
	return seeOther("/patient/" + v.PathValue("key") + "/entry/" + e.Root), nil // which asks for the right to see it
}

// showOrdering opens the form that asks a section.
func (s *Server) showOrdering(v *visit) (http.Handler, error) {
	v.SetPathValue("form", entry.Ordering(clinical.Section(v.PathValue("section"))))
	return s.showWrite(v)
}

// drawNumbers gives a form that orders something its order numbers: those that
// an earlier version of the entry, or an earlier sending of it, has already, and
// fresh ones for what is new. A number that is then not signed is lost, which
// harms nobody.
func (s *Server) drawNumbers(v *visit, form *entry.Form, f *entry.Filled, root, key string) error {
	if form.Slots == nil {
		return nil
	}
	f.Numbers = map[string]string{}
	if root == "" {
		root = key
	}
	all, err := s.p.Desk.Versions(v.Context(), root)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	for _, version := range all {
		for _, fact := range version.Facts {
			if o, ok := fact.(clinical.Order); ok {
				f.Numbers[form.Slot(o, s.c.Catalogue)] = o.Placer
			}
		}
	}
	for _, slot := range form.Slots(f) {
		if f.Numbers[slot] != "" {
			continue
		}
		if s.p.Numbers == nil {
			return fault.New(fault.Unavailable, lang.Text{
				DE: "Es gibt keine Auftragsnummern. Bitte auf Papier anfordern und die IT-Leitstelle anrufen.",
				EN: "There are no order numbers. Please order on paper and call the IT desk.",
			})
		}
		if f.Numbers[slot], err = s.p.Numbers.Next(v.Context(), orderKind); err != nil {
			return err
		}
	}
	return nil
}

// asFarAs keeps how far an order is when its request is corrected: the tube
// that has arrived stays arrived.
func asFarAs(facts entry.Facts, orders []chart.Item[clinical.Order]) entry.Facts {
	for i, fact := range facts {
		o, ok := fact.(clinical.Order)
		if !ok {
			continue
		}
		if it := findOrder(orders, o.Placer); it != nil && it.V.Status.Open() && !it.Cancelled {
			o.Status = it.V.Status
			facts[i] = o
		}
	}
	return facts
}

// findOrder returns the order that has the number, nil if none has.
func findOrder(orders []chart.Item[clinical.Order], number string) *chart.Item[clinical.Order] {
	for i := range orders {
		if o := &orders[i].V; number != "" && (o.Placer == number || o.Placer == "" && o.Filler == number) {
			return &orders[i]
		}
	}
	return nil
}

// orderLine is one order that an entry placed.
type orderLine struct {
	Number   string
	What     string
	Specimen string
	Status   lang.Text
	Href     string // of its results, for who may enter them
}

// placed lists the orders of an entry as they stand now, and the address of
// their specimen labels.
func placed(facts entry.Facts, p *chart.Patient) (lines []orderLine, labels string) {
	query := ""
	for _, fact := range facts {
		o, ok := fact.(clinical.Order)
		if !ok {
			continue
		}
		if it := findOrder(p.Orders, o.Placer); it != nil {
			o.Status = it.V.Status
		}
		lines = append(lines, orderLine{Number: o.Placer, What: o.What.Label(), Specimen: o.Specimen, Status: orderWord(o.Status)})
		if o.Specimen != "" && o.Status != clinical.Cancelled {
			query += "&order=" + o.Placer
		}
	}
	if query != "" {
		labels = "/patient/" + string(p.Key) + "/specimens.pdf?" + query[1:]
	}
	return lines, labels
}

// printSpecimens draws the labels of orders of one patient.
func (s *Server) printSpecimens(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.Print, "print/specimens")
	if res != nil || err != nil {
		return res, err
	}
	var orders []clinical.Order
	for _, number := range v.URL.Query()["order"] {
		it := findOrder(o.p.Orders, number)
		if it == nil || it.Cancelled {
			return nil, fault.New(fault.NotFound, lang.Text{
				DE: "Diesen Auftrag hat diese Person nicht, oder er ist storniert. Es wurde kein Etikett gedruckt.",
				EN: "This person has no such order, or it is cancelled. No label was printed.",
			})
		}
		orders = append(orders, it.V)
	}
	start, convErr := strconv.Atoi(v.FormValue("start"))
	if convErr != nil {
		start = 1
	}
	var b bytes.Buffer
	if err := paper.SpecimenLabels(&b, s.head(v), o.p, orders, s.c.Labels, start); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "proben-"+string(o.kase)), nil
}

// by is the person at the screen.
func (v *visit) by() clinical.Staff {
	return clinical.Staff{ID: v.session.Person.ID, Name: v.session.Person.Name}
}

// asTaken reports whether another content stands where err's entry should.
func asTaken(err error, to **desk.Taken) bool { return errors.As(err, to) }

func uint64Word(n uint64) string { return strconv.FormatUint(n, 10) }
