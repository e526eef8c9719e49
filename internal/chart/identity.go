package chart

import (
	"slices"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// keyOf is the identity a change names: that of its first identifier, which is
// the hospital's own number. Other identifiers (insurance, identity card) are
// searched by, but never decide whose chart it is: they are shared, mistyped
// and handed on.
func (f *folder) keyOf(c *clinical.Change) clinical.PatientKey {
	if len(c.IDs) == 0 {
		return ""
	}
	if id := c.IDs[0]; id != f.named.id || f.named.key == "" { // the changes of a message name one person
		f.named.id, f.named.key = id, id.Key()
	}
	return f.named.key
}

// who returns the identity that a change concerns, or 0 and lists the message
// as unread if that is not certain.
func (f *folder) who(c *clinical.Change) int64 {
	if c.Sample != nil {
		return f.whoseSample(c)
	}
	key := f.keyOf(c)
	pid, owner := f.desk.lookup(key), f.desk.owner(c.Case)
	switch {
	case key == "" && c.Case == "":
		f.refuse("no-patient", lang.Text{
			DE: "Die Nachricht nennt weder Patientennummer noch Fall.",
			EN: "The message names neither a patient number nor a case.",
		})
		return 0
	case key == "" && owner == 0:
		if !f.blamed {
			f.lists.waiting = append(f.lists.waiting, waiting{no: string(c.Case), seq: f.m.Seq})
		}
		f.refuse("unknown-case", lang.Text{
			DE: "Die Nachricht nennt nur einen Fall, der hier noch nicht bekannt ist. Sie wird zugeordnet, sobald er gemeldet wird.",
			EN: "The message names only a case that is not known here yet. It is filed as soon as the case is reported.",
		})
		return 0
	case key == "" && f.answersAnother(owner, c):
		return 0
	case key == "":
		return owner
	}
	if owner != 0 && owner != pid && (pid == 0 || f.desk.root(owner) != f.desk.root(pid)) && !f.claims(c, owner) {
		f.refuse("contradiction", lang.Text{
			DE: "Der Fall gehört hier zu einer anderen Person. Die Nachricht wurde keiner Akte zugeordnet.",
			EN: "The case belongs to another person here. The message was filed in no chart.",
		})
		return 0
	}
	if f.answersAnother(pid, c) {
		return 0
	}
	if pid == 0 {
		pid = f.desk.person(key)
	}
	if c.Case != "" && owner == 0 {
		f.desk.own(c.Case, pid)
		h := f.desk.touch(f.desk.head(pid))
		h.Cases = append(h.Cases, c.Case)
	}
	return pid
}

// answersAnother reports whether a result or finding names an order that was
// placed here for somebody else than pid, and lists the message. Numbers given
// here are given once, so either the number or the patient is wrong; those of
// other systems may be used again and prove nothing.
func (f *folder) answersAnother(pid int64, c *clinical.Change) bool {
	var no string
	switch what := c.What.(type) {
	case clinical.Result:
		no = what.Placer
	case clinical.Document:
		no = what.Placer
	}
	if no == "" || c.Origin.Feed == Here {
		return false
	}
	if f.placed.no != no || f.placed.seq != f.m.Seq { // the results of a message mostly name one order
		f.placed.no, f.placed.seq, f.placed.by = no, f.m.Seq, f.placedHere(no)
	}
	if len(f.placed.by) == 0 || pid != 0 && slices.Contains(f.placed.by, f.desk.root(pid)) {
		return false
	}
	f.refuse("contradiction", lang.Text{
		DE: "Das Ergebnis nennt einen Auftrag, der hier für eine andere Person gestellt wurde. Es wurde keiner Akte zugeordnet. Bitte im Labor oder bei der Befundung klären, wessen es ist.",
		EN: "The result names an order that was placed here for another person. It was filed in no chart. Please find out with the laboratory or the reporting department whose it is.",
	})
	return true
}

// placedHere returns the persons for whom an order of the number was placed
// here.
func (f *folder) placedHere(no string) (out []int64) {
	for _, pid := range f.desk.ordered(no) {
		h := f.desk.head(pid)
		if slices.ContainsFunc(h.P.Orders, func(it Item[clinical.Order]) bool { return it.Origin.Feed == Here && it.V.Placer == no }) {
			out = append(out, f.desk.root(pid))
		}
	}
	return out
}

// claims reports whether the change itself says that the case comes over from
// its present owner.
func (f *folder) claims(c *clinical.Change, owner int64) bool {
	var from []clinical.Identifier
	switch what := c.What.(type) {
	case clinical.CaseMove:
		from = what.From
	case clinical.Merge:
		from = what.From
	case clinical.Renumber:
		from = what.Old
	default:
		return false
	}
	for _, id := range from {
		if pid := f.desk.lookup(id.Key()); pid != 0 && f.desk.root(pid) == f.desk.root(owner) {
			return true
		}
	}
	return false
}

// refuse lists the message once as one that was not filed.
func (f *folder) refuse(code string, why lang.Text) {
	if !f.blamed {
		f.unread(problem{Code: code, Reason: why})
	}
}

// merge links the identities in From into h. Charts stay apart underneath, so
// that the merge can be taken back.
func (f *folder) merge(h *headDoc, m *clinical.Merge, c *clinical.Change) {
	for _, id := range m.From {
		key := id.Key()
		if key == "" || key == h.P.Key {
			continue
		}
		child := f.desk.head(f.desk.person(key))
		f.desk.touch(child).addIDs([]clinical.Identifier{id})
		f.link(child, h, c.Origin)
	}
	if m.FromCase != "" && c.Case != "" && m.FromCase != c.Case {
		f.mergeCases(m.FromCase, c)
	}
}

// link puts child under parent unless something newer was said. A merge the
// other way round turns an earlier one over.
func (f *folder) link(child, parent *headDoc, o clinical.Origin) {
	if cutSince(parent, child, o) || cutSince(child, parent, o) {
		return
	}
	if child.P.Into == parent.P.Key {
		if later(o, child.IntoBy) {
			child.IntoBy = o
		}
		return
	}
	if child.P.Into != "" && !later(o, child.IntoBy) {
		return
	}
	if f.under(parent, child) { // the survivor must not hang under its own child
		if !later(o, parent.IntoBy) {
			return
		}
		f.detach(parent)
	}
	f.detach(child)
	child.P.Into, child.IntoBy = parent.P.Key, o
	f.desk.touch(child)
	f.desk.touch(parent).P.Linked = append(parent.P.Linked, Link{Key: child.P.Key, Origin: o})
	for _, h := range []*headDoc{child, parent} {
		h.P.Seq = max(h.P.Seq, o.Seq)
		if o.Feed != Here {
			h.P.Told = max(h.P.Told, o.Seq)
		}
	}
}

// cutSince reports whether a merge of the two was taken back in a message of h
// that is newer than o.
func cutSince(h, other *headDoc, o clinical.Origin) bool {
	return slices.ContainsFunc(h.Cut, func(c cut) bool { return c.From == other.P.Key && later(c.By, o) })
}

// under reports whether h was merged, over any number of steps, into top.
func (f *folder) under(h, top *headDoc) bool {
	for range 64 {
		if h.P.Into == "" {
			return false
		}
		if h.P.Into == top.P.Key {
			return true
		}
		h = f.desk.head(f.desk.lookup(h.P.Into))
	}
	return true
}

// detach takes an identity out of the one it was merged into.
func (f *folder) detach(child *headDoc) {
	if child.P.Into == "" {
		return
	}
	parent := f.desk.touch(f.desk.head(f.desk.lookup(child.P.Into)))
	parent.P.Linked = slices.DeleteFunc(parent.P.Linked, func(l Link) bool { return l.Key == child.P.Key })
	f.changed(parent)
	child.P.Into, child.IntoBy = "", clinical.Origin{}
	f.changed(f.desk.touch(child))
}

// unmerge takes merges back (A37) and remembers it against older merge
// messages that come late.
func (f *folder) unmerge(h *headDoc, m *clinical.Unmerge, c *clinical.Change) {
	for _, id := range m.From {
		key := id.Key()
		pid := f.desk.lookup(key)
		h.Cut = append(slices.DeleteFunc(h.Cut, func(x cut) bool { return x.From == key }), cut{From: key, By: c.Origin})
		if pid == 0 || pid == h.pid {
			continue
		}
		child := f.desk.head(pid)
		if child.P.Into != "" && f.desk.root(pid) == f.desk.root(h.pid) && later(c.Origin, child.IntoBy) {
			f.detach(child)
		}
		if h.P.Into == key && later(c.Origin, h.IntoBy) {
			f.detach(h)
		}
	}
}

// mergeCases makes the case from another name of the change's case (A35).
func (f *folder) mergeCases(from clinical.CaseNo, c *clinical.Change) {
	into, gone := f.desk.owner(c.Case), f.desk.owner(from)
	if gone == 0 {
		f.desk.own(from, into)
		s := f.desk.touch(f.desk.head(into)).stayOf(c.Case, true)
		s.absorb(f.rules, &stay{S: Stay{Case: from}})
		return
	}
	if f.desk.root(into) != f.desk.root(gone) {
		f.refuse("contradiction", lang.Text{
			DE: "Zwei Fälle verschiedener Personen sollen einer werden. Es wurde nichts geändert.",
			EN: "Two cases of different persons are to become one. Nothing was changed.",
		})
		return
	}
	src := f.desk.touch(f.desk.head(gone))
	old := src.stayOf(from, false)
	dst := f.desk.touch(f.desk.head(into))
	if old != nil && (into != gone || old.S.Case != c.Case) {
		moved := *old
		src.Stays = slices.DeleteFunc(src.Stays, func(s stay) bool { return s.S.Case == moved.S.Case })
		dst.stayOf(c.Case, true).absorb(f.rules, &moved)
	}
	f.desk.own(from, into)
}
