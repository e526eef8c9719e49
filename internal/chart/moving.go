package chart

import (
	"fmt"
	"slices"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
)

// A moving is one case on its way from one identity to another. What was sent
// without a case goes with it only if its order's number says that it belongs
// to the case, and to no other.
type moving struct {
	no           clinical.CaseNo
	mine, others map[string]bool // numbers that were sent with the case; with another one
	left         int             // entries without a case that stay
}

func newMoving(no clinical.CaseNo) *moving {
	return &moving{no: no, mine: map[string]bool{}, others: map[string]bool{}}
}

// note learns from an entry to which case its numbers belong.
func (m *moving) note(no clinical.CaseNo, numbers []string) {
	if no == "" {
		return
	}
	to := m.others
	if no.Same(m.no) {
		to = m.mine
	}
	for _, n := range numbers {
		to[n] = true
	}
}

// takes reports whether an entry goes with the case, and counts those of which
// nobody can say it.
func (m *moving) takes(no clinical.CaseNo, numbers []string) bool {
	if no != "" {
		return no.Same(m.no)
	}
	has := func(in map[string]bool) bool {
		return slices.ContainsFunc(numbers, func(n string) bool { return in[n] })
	}
	if has(m.mine) && !has(m.others) {
		return true
	}
	m.left++
	return false
}

// sides returns an order's numbers, told apart by who gave them.
func sides(placer, filler string) (out []string) {
	if placer != "" {
		out = append(out, placerSide+placer)
	}
	if filler != "" {
		out = append(out, fillerSide+filler)
	}
	return out
}

func resultNumbers(r *clinical.Result) []string     { return sides(r.Placer, r.Filler) }
func documentNumbers(d *clinical.Document) []string { return sides(d.Placer, d.Filler) }
func orderNumbers(o *clinical.Order) []string       { return sides(o.Placer, o.Filler) }

func drugNumbers(p *clinical.Prescription) []string {
	return append(sides(p.Placer, p.Filler), "x"+p.Key())
}

func doseNumbers(d *clinical.Dose) []string {
	if d.Prescription == "" {
		return nil
	}
	return []string{"x" + d.Prescription}
}

func noNumbers[T any](*T) []string { return nil }

// learn notes the numbers of a list.
func learn[T any](m *moving, list []Item[T], numbers func(*T) []string) {
	for i := range list {
		m.note(list[i].Case, numbers(&list[i].V))
	}
}

// learnFrom notes every number that an identity's entries have.
func (f *folder) learnFrom(m *moving, src *headDoc, keys []chapterKey) {
	learn(m, src.P.Orders, orderNumbers)
	learn(m, src.P.Medication, drugNumbers)
	for _, k := range keys {
		if k.kind < chapterSources {
			d := f.desk.part(k)
			learn(m, d.Results, resultNumbers)
			learn(m, d.Documents, documentNumbers)
		}
	}
}

// stayedBehind lists, on both charts, that entries without a case were not moved.
func (f *folder) stayedBehind(from, to *headDoc, m *moving) {
	if m.left == 0 {
		return
	}
	n := fmt.Sprint(m.left)
	for _, h := range []*headDoc{from, to} {
		f.unreadOn(f.desk.head(f.desk.root(h.pid)).P.Key, problem{Code: interpret.ByHand, Reason: lang.Text{
			DE: "Ein Fall wurde einer anderen Patientennummer zugeordnet. Ohne Fallnummer gesendete Einträge (" + n + ": Befunde, Dokumente, Anforderungen, Medikamente …) blieben bei der bisherigen. Bitte prüfen, wohin sie gehören.",
			EN: "A case was moved to another patient number. Entries sent without a case number (" + n + ": results, documents, orders, drugs …) stayed with the former one. Please check where they belong.",
		}})
	}
}

// moveChapters refiles the results, documents and doses of a case from one
// person to another, and their marks with them.
func (f *folder) moveChapters(src, dst *headDoc, keys []chapterKey, mv *moving) {
	for _, k := range keys {
		if k.kind >= chapterSources { // sources stay where they were read; homes follow below
			continue
		}
		f.moveChapter(k, src, dst, mv)
	}
	move := func(m keptMark) bool { return !f.holds(src.pid, keys, m.Key) }
	for _, m := range src.Marks {
		if move(m) {
			dst.Marks = append(dst.Marks, m)
		}
	}
	src.Marks = slices.DeleteFunc(src.Marks, move)
	f.moveNotices(src, dst, keys)
	doc := func(d freshDoc) bool { return !f.holds(src.pid, keys, d.ID) }
	for _, d := range src.Fresh {
		if doc(d) {
			dst.Fresh = append(dst.Fresh, d)
		}
	}
	src.Fresh = slices.DeleteFunc(src.Fresh, doc)
}

// moveNotices takes along which critical results wait for somebody, and who took
// note of them.
func (f *folder) moveNotices(src, dst *headDoc, keys []chapterKey) {
	src.P.Unheard = slices.DeleteFunc(src.P.Unheard, func(c Critical) bool {
		moved := !f.holds(src.pid, keys, c.Result)
		if moved {
			dst.P.Unheard = append(dst.P.Unheard, c)
		}
		return moved
	})
	src.P.Notices = slices.DeleteFunc(src.P.Notices, func(it Item[clinical.Notice]) bool {
		moved := !f.holds(src.pid, keys, it.V.Result)
		if moved {
			dst.P.Notices = append(dst.P.Notices, it)
		}
		return moved
	})
}

// holds reports whether a result or document is still filed with the person.
func (f *folder) holds(pid int64, keys []chapterKey, key string) bool {
	for _, k := range keys {
		if k.pid == pid && k.kind <= chapterDocuments && f.desk.part(k).find(key) >= 0 {
			return true
		}
	}
	return false
}

func (f *folder) moveChapter(k chapterKey, from, dst *headDoc, mv *moving) {
	src := f.desk.part(k)
	var moved chapter
	rest := chapter{Sources: src.Sources, Homes: src.Homes}
	split(src.Results, mv, resultNumbers, &moved.Results, &rest.Results)
	split(src.Documents, mv, documentNumbers, &moved.Documents, &rest.Documents)
	split(src.Doses, mv, doseNumbers, &moved.Doses, &rest.Doses)
	if len(moved.Results)+len(moved.Documents)+len(moved.Doses) == 0 {
		return
	}
	src = f.desk.edit(k)
	src.chapter, src.index = rest, nil
	for i := range moved.Results {
		f.carryResult(from, dst, &moved.Results[i])
	}
	to := f.desk.edit(chapterKey{pid: dst.pid, kind: k.kind, day: k.day})
	to.Results = append(to.Results, moved.Results...)
	to.Documents = append(to.Documents, moved.Documents...)
	to.Doses = append(to.Doses, moved.Doses...)
	to.index = nil
	for i := range moved.Results {
		for _, number := range []string{moved.Results[i].V.Filler, moved.Results[i].V.Placer} {
			if number != "" {
				f.desk.edit(chapterKey{pid: dst.pid, kind: chapterHomes + k.kind - chapterResults}).addHome(number, k.day)
			}
		}
	}
	for i := range moved.Documents {
		f.desk.edit(chapterKey{pid: dst.pid, kind: chapterDocHomes}).addHome(documentKey(&moved.Documents[i].V), k.day)
	}
	for i := range moved.Doses {
		dst.given(&moved.Doses[i].V)
	}
}

func split[T any](all []Item[T], m *moving, numbers func(*T) []string, moved, rest *[]Item[T]) {
	for _, it := range all {
		if m.takes(it.Case, numbers(&it.V)) {
			*moved = append(*moved, it)
		} else {
			*rest = append(*rest, it)
		}
	}
}
