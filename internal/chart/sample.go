package chart

import (
	"slices"
	"time"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// An analyser knows a tube, not a patient. Whose it is says the order whose
// number is on it. Laboratories use numbers again, so an order counts only while
// it is open and young, and one of two patients is never chosen.

const (
	// orderAge is how long after it was last spoken of an open order is taken
	// for the one that a specimen names: specimens are not kept for longer.
	orderAge = 7 * 24 * time.Hour
	// sampleWait is how long a result waits for the order that it names.
	sampleWait = 12 * time.Hour
)

// numbers returns the numbers that can stand on the specimens of an order.
func numbers(o *clinical.Order) (out []string) {
	for _, no := range []string{o.Placer, o.Filler, o.Group} {
		if no != "" && !slices.Contains(out, no) {
			out = append(out, no)
		}
	}
	return out
}

// hasNumber reports whether no is one of them.
func hasNumber(o *clinical.Order, no string) bool {
	return no != "" && (o.Placer == no || o.Filler == no || o.Group == no)
}

// awaitedOrder is under what messages wait for an order.
func awaitedOrder(no string) string { return "order\x1f" + no }

// since returns from when on messages that waited for no are still filed, now
// that it is known: zero for always.
func since(no string, now time.Time) time.Time {
	if prefix := awaitedOrder(""); len(no) > len(prefix) && no[:len(prefix)] == prefix {
		return now.Add(-sampleWait)
	}
	return time.Time{}
}

// order notes that an identity has an order of these numbers. It is a hint: the
// order itself says whether it counts.
func (d *desk) order(pid int64, numbers ...string) {
	for _, no := range numbers {
		if !slices.Contains(d.orders[no], pid) {
			d.orders[no] = append(d.orders[no], pid)
			d.told = append(d.told, awaitedOrder(no))
		}
	}
}

// ordered returns the identities that have or had an order of the number.
func (d *desk) ordered(no string) []int64 {
	pids, err := d.shelf.ordered(no)
	if err != nil {
		d.fail(err)
	}
	for _, pid := range d.orders[no] {
		if !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// index notes the numbers of an order that the head does not have yet.
func (f *folder) index(h *headDoc, n *clinical.Order) {
	for _, no := range numbers(n) {
		if !slices.ContainsFunc(h.P.Orders, func(it Item[clinical.Order]) bool { return hasNumber(&it.V, no) }) {
			f.desk.order(h.pid, no)
		}
	}
}

// awaiting returns the orders of h that a specimen with the number can be of.
func (f *folder) awaiting(h *headDoc, no string) (out []*Item[clinical.Order]) {
	for i := range h.P.Orders {
		it := &h.P.Orders[i]
		if it.Cancelled || !it.V.Status.Open() || !hasNumber(&it.V, no) {
			continue
		}
		switch it.V.Section {
		case clinical.Laboratory, clinical.Microbiology, clinical.OtherSection, "":
		default:
			continue
		}
		last := when(it.Origin)
		if it.V.Due.After(last) {
			last = it.V.Due
		}
		if f.m.Received.Sub(last) <= orderAge {
			out = append(out, it)
		}
	}
	return out
}

// whoseSample returns the identity whose specimen was measured, or 0 and lists
// the message as unread if that is not certain.
func (f *folder) whoseSample(c *clinical.Change) int64 {
	named, certain := f.namedBy(c.IDs)
	var owners []int64 // persons who have the order
	mine := -1         // the one among them whom the analyser names
	for _, pid := range f.desk.ordered(c.Sample.Order) {
		root := f.desk.root(pid)
		if len(f.awaiting(f.desk.head(pid), c.Sample.Order)) == 0 ||
			slices.ContainsFunc(owners, func(o int64) bool { return f.desk.root(o) == root }) {
			continue
		}
		if named != 0 && f.desk.root(named) == root {
			mine = len(owners)
		}
		owners = append(owners, pid)
	}
	pid := named
	switch {
	case mine >= 0:
		pid = owners[mine]
	case len(owners) == 1:
		pid = owners[0]
	}
	switch {
	case !certain, named != 0 && mine < 0 && len(owners) > 0:
		f.refuse("contradiction", lang.Text{
			DE: "Die Probe gehört nach ihrem Auftrag zu einer anderen Person, als das Analysengerät nennt. Das Ergebnis wurde keiner Akte zugeordnet.",
			EN: "By its order the specimen belongs to another person than the analyser names. The result was filed in no chart.",
		})
	case pid == 0 && len(owners) > 1:
		f.refuse("ambiguous-order", lang.Text{
			DE: "Mehrere Personen haben einen offenen Auftrag mit dieser Nummer. Das Ergebnis wurde keiner Akte zugeordnet.",
			EN: "Several persons have an open order with this number. The result was filed in no chart.",
		})
	case pid == 0 && c.Sample.Order == "":
		f.refuse("unknown-patient", lang.Text{
			DE: "Das Analysengerät nennt eine Patientennummer, die hier nicht bekannt ist, und keine Auftragsnummer.",
			EN: "The analyser names a patient number that is not known here, and no order number.",
		})
	case pid == 0:
		if x := (waiting{no: awaitedOrder(c.Sample.Order), seq: f.m.Seq}); !slices.Contains(f.lists.waiting, x) {
			f.lists.waiting = append(f.lists.waiting, x)
		}
		f.refuse("unknown-order", lang.Text{
			DE: "Zu dieser Probe ist hier kein offener Auftrag bekannt. Wird er in den nächsten Stunden gemeldet, wird das Ergebnis zugeordnet.",
			EN: "No open order is known here for this specimen. If it is reported within the next hours, the result is filed.",
		})
	case f.otherThan(pid, &c.Sample.Person):
		f.refuse("contradiction", lang.Text{
			DE: "Das Analysengerät nennt zu dieser Probe eine andere Person, als hier unter der Nummer bekannt ist. Das Ergebnis wurde keiner Akte zugeordnet.",
			EN: "For this specimen the analyser names another person than is known here under the number. The result was filed in no chart.",
		})
	default:
		return pid
	}
	return 0
}

// namedBy returns the identity that is known under one of the identifiers, 0 if
// none is; it is false if two persons are.
func (f *folder) namedBy(ids []clinical.Identifier) (pid int64, certain bool) {
	for _, id := range ids {
		switch known := f.desk.lookup(id.Key()); {
		case known == 0:
		case pid == 0:
			pid = known
		case f.desk.root(pid) != f.desk.root(known):
			return pid, false
		}
	}
	return pid, true
}

// otherThan reports whether an analyser means somebody else than the person:
// where every identity with a known name says so.
func (f *folder) otherThan(pid int64, d *clinical.Demographics) bool {
	other := false
	for _, h := range f.desk.group(pid) {
		if !h.P.Name.Known {
			continue
		}
		if !otherPerson(&h.P, d) && !otherBirth(&h.P, d) {
			return false
		}
		other = true
	}
	return other
}

// otherBirth reports whether d has another birth date and no given name, so that
// the date is all there is to tell persons apart.
func otherBirth(p *Patient, d *clinical.Demographics) bool {
	name, _ := d.Name.Value()
	birth, _ := d.Birth.Value()
	return names.Given(name) == "" && birth.Full() && p.Birth.V.Full() && birth != p.Birth.V
}

// underOrder gives a result both numbers and the case of its order, so that what
// the laboratory says of it later finds it.
func (f *folder) underOrder(h *headDoc, n *clinical.Result, c *clinical.Change) *clinical.Change {
	orders := f.awaiting(h, c.Sample.Order)
	if len(orders) != 1 {
		return c // several under one group number: the number stays as it is
	}
	n.Placer, n.Filler = orders[0].V.Placer, orders[0].V.Filler
	in := *c
	in.Case = orders[0].Case
	return &in
}
