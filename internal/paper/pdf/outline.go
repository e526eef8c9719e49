package pdf

import "strconv"

func ref(obj int) string { return strconv.Itoa(obj) + " 0 R" }

// outline writes the table of contents (ISO 32000-1, 12.3.3) and returns the
// entry for the catalogue, "" where there are no marks.
func (w *Writer) outline() string {
	if len(w.marks) == 0 {
		return ""
	}
	root := w.reserve()
	objs := make([]int, len(w.marks))
	for i := range objs {
		objs[i] = w.reserve()
	}
	w.marks[0].deep = false
	var tops []int
	for i, m := range w.marks {
		if !m.deep {
			tops = append(tops, i)
		}
	}
	for n, i := range tops {
		end := len(w.marks)
		if n+1 < len(tops) {
			end = tops[n+1]
		}
		prev, next := -1, -1
		if n > 0 {
			prev = tops[n-1]
		}
		if n+1 < len(tops) {
			next = tops[n+1]
		}
		w.mark(objs, i, root, prev, next, i+1, end)
		for k := i + 1; k < end; k++ {
			prev, next = k-1, k+1
			if prev == i {
				prev = -1
			}
			if next == end {
				next = -1
			}
			w.mark(objs, k, objs[i], prev, next, 0, 0)
		}
	}
	w.begin(root)
	w.printf("<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>\nendobj\n", objs[tops[0]], objs[tops[len(tops)-1]], len(tops))
	return "/PageMode/UseOutlines/Outlines " + ref(root)
}

// mark writes one entry; its children are the marks from first up to end, closed.
func (w *Writer) mark(objs []int, i, parent, prev, next, first, end int) {
	w.begin(objs[i])
	w.printf("<</Title%s/Parent %s/Dest[%s/Fit]", text(w.marks[i].title), ref(parent), ref(w.marks[i].page))
	if prev >= 0 {
		w.printf("/Prev %s", ref(objs[prev]))
	}
	if next >= 0 {
		w.printf("/Next %s", ref(objs[next]))
	}
	if first < end {
		w.printf("/First %s/Last %s/Count %d", ref(objs[first]), ref(objs[end-1]), -(end - first))
	}
	w.printf(">>\nendobj\n")
}
