package chart

import (
	"slices"

	"notbetrieb/internal/clinical"
)

// moveChapters refiles the results, documents and doses of a case from one
// person to another, and their marks with them.
func (f *folder) moveChapters(src, dst *headDoc, no clinical.CaseNo) {
	keys, err := f.desk.chaptersOf(src.pid)
	if err != nil {
		f.desk.fail(err)
		return
	}
	for _, k := range keys {
		if k.kind >= chapterSources { // sources stay where they were read; homes follow below
			continue
		}
		f.moveChapter(k, dst, no)
	}
	move := func(m keptMark) bool { return !f.holds(src.pid, keys, m.Key) }
	for _, m := range src.Marks {
		if move(m) {
			dst.Marks = append(dst.Marks, m)
		}
	}
	src.Marks = slices.DeleteFunc(src.Marks, move)
	doc := func(d freshDoc) bool { return !f.holds(src.pid, keys, d.ID) }
	for _, d := range src.Fresh {
		if doc(d) {
			dst.Fresh = append(dst.Fresh, d)
		}
	}
	src.Fresh = slices.DeleteFunc(src.Fresh, doc)
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

func (f *folder) moveChapter(k chapterKey, dst *headDoc, no clinical.CaseNo) {
	src := f.desk.part(k)
	var moved chapter
	rest := chapter{Sources: src.Sources, Homes: src.Homes}
	split(src.Results, no, &moved.Results, &rest.Results)
	split(src.Documents, no, &moved.Documents, &rest.Documents)
	split(src.Doses, no, &moved.Doses, &rest.Doses)
	if len(moved.Results)+len(moved.Documents)+len(moved.Doses) == 0 {
		return
	}
	src = f.desk.edit(k)
	src.chapter, src.index = rest, nil
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

func split[T any](all []Item[T], no clinical.CaseNo, moved, rest *[]Item[T]) {
	for _, it := range all {
		if it.Case.Same(no) {
			*moved = append(*moved, it)
		} else {
			*rest = append(*rest, it)
		}
	}
}
