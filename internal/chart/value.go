package chart

import (
	"reflect"
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// rules are the decisions of one hospital that the fold needs. They hold no
// state: the same changes in any order give the same chart.
type rules struct {
	leading map[string]bool // feeds that own person and stay data (the KIS, and entries made here)
	zone    *time.Location
}

// when is the time by which statements about one thing are ordered: the
// sender's clock, or ours where none was sent.
func when(o clinical.Origin) time.Time {
	if o.Sent.IsZero() {
		return o.Received
	}
	return o.Sent
}

// later reports whether o says the newer thing. At the same second the later
// record wins.
func later(o, p clinical.Origin) bool {
	a, b := when(o), when(p)
	if a.Equal(b) {
		return o.Seq >= p.Seq
	}
	return a.After(b)
}

// beats reports whether a statement from o replaces one from p. What the
// leading system said about a person or a stay is never replaced by a copy that
// another system carries in its messages; a copy only fills gaps.
func (r rules) beats(o, p clinical.Origin) bool {
	if a, b := r.leading[o.Feed], r.leading[p.Feed]; a != b {
		return a
	}
	return later(o, p)
}

// saying is who says a value: where it comes from, and whether the message is
// about something else and only mentions it.
type saying struct {
	by    clinical.Origin
	aside bool
}

// replaces reports whether n says it better than o.
func (r rules) replaces(n, o saying) bool {
	if n.aside != o.aside {
		return !n.aside
	}
	return r.beats(n.by, o.by)
}

// say folds what a message said about one field. What is said aside fills what
// is unknown; it deletes nothing and gives way to whatever is said in earnest,
// whenever that was.
func say[T any](r rules, v *Value[T], s clinical.Said[T], n saying) {
	if s.Silent() || n.aside && s.Cleared() {
		return
	}
	if (v.Known || v.Gone) && !r.replaces(n, saying{v.Origin, v.Aside}) {
		return
	}
	v.V, v.Known = s.Value()
	v.Gone = s.Cleared()
	v.Origin, v.Aside = n.by, n.aside
}

// sayAnew is say; it reports whether the value that people see is now another
// one.
func sayAnew[T comparable](r rules, v *Value[T], s clinical.Said[T], n saying) bool {
	known, gone, was := v.Known, v.Gone, v.V
	say(r, v, s, n)
	return v.Known != known || v.Gone != gone || v.V != was
}

// newest returns the value of two that counts, for the union of two identities.
func newest[T any](r rules, a, b Value[T]) Value[T] {
	switch {
	case !b.Known && !b.Gone:
		return a
	case !a.Known && !a.Gone:
		return b
	case r.replaces(saying{b.Origin, b.Aside}, saying{a.Origin, a.Aside}):
		return b
	}
	return a
}

// indexItem returns the position of the first entry that same knows, or -1.
func indexItem[T any](list []Item[T], same func(*T) bool) int {
	for i := range list { // entries are large: none is copied
		if same(&list[i].V) {
			return i
		}
	}
	return -1
}

// enter puts one statement into a list. same finds the entry it is about. A
// newer statement supersedes and the older one stays as history, a repeated one
// only renews the origin, an older one that comes late joins the history.
func enter[T any](list []Item[T], n Item[T], same func(*T) bool) []Item[T] {
	i := indexItem(list, same)
	if i < 0 {
		return append(list, n)
	}
	it := &list[i]
	if it.Case == "" {
		it.Case = n.Case
	}
	switch {
	case n.Cancelled && later(n.Origin, it.newest()):
		it.Cancelled, it.Origin, it.Back = true, n.Origin, Echo{} // keeps the words: a cancel often has none
	case n.Cancelled:
		// something newer has been said since
	case equal(&n.V, &it.V):
		if later(n.Origin, it.Origin) {
			it.Origin, it.Cancelled = n.Origin, false
		}
	case later(n.Origin, it.newest()):
		it.Was = slices.Insert(it.Was, 0, Version[T]{V: it.V, Origin: it.Origin, Off: it.Cancelled})
		it.V, it.Origin, it.Cancelled, it.Back = n.V, n.Origin, false, Echo{}
	case it.Cancelled && len(it.Was) == 0:
		it.V = n.V // the cancel came first
	default:
		it.Was = addVersion(it.Was, Version[T]{V: n.V, Origin: n.Origin})
	}
	return list
}

// claim is enter for what people record here beside what others said of the
// same. Whoever takes it back takes back what that entry said, not what another
// system or another entry says: that stands again. And a system that takes back
// what it said takes back nothing that was signed here.
func claim[T any](list []Item[T], n Item[T], same func(*T) bool) []Item[T] {
	i := indexItem(list, same)
	if i < 0 || list[i].Cancelled || !later(n.Origin, list[i].Origin) {
		return enter(list, n, same)
	}
	if n.Origin.Feed != Here {
		switch {
		case n.Cancelled && list[i].withdraw(n.Origin.Feed):
			return list
		case !n.Cancelled && list[i].Origin.Feed == Here && equal(&n.V, &list[i].V):
			list[i].Was = addVersion(list[i].Was, Version[T]{V: n.V, Origin: n.Origin})
			return list
		}
		return enter(list, n, same)
	}
	it := &list[i]
	if !n.Cancelled {
		it.Was = slices.Insert(it.Was, 0, Version[T]{V: it.V, Origin: it.Origin})
		it.V, it.Origin, it.Back = n.V, n.Origin, Echo{}
		return list
	}
	if it.Origin.Feed != Here { // another system has said it since
		return list
	}
	if !equal(&n.V, &it.V) {
		for j := range it.Was {
			if w := &it.Was[j]; !w.Off && w.Origin.Feed == Here && equal(&n.V, &w.V) {
				w.Off = true
				return list
			}
		}
	}
	j := slices.IndexFunc(it.Was, func(w Version[T]) bool { return !w.Off })
	if j < 0 {
		it.Cancelled, it.Origin, it.Back = true, n.Origin, Echo{}
		return list
	}
	gone := Version[T]{V: it.V, Origin: it.Origin, Off: true}
	it.V, it.Origin, it.Back = it.Was[j].V, it.Was[j].Origin, Echo{}
	it.Was = slices.Insert(slices.Delete(it.Was, j, j+1), 0, gone)
	return list
}

// withdraw takes back what a system said of an entry and reports whether
// something that was signed here stands all the same.
func (it *Item[T]) withdraw(feed string) bool {
	for j := range it.Was {
		if w := &it.Was[j]; w.Origin.Feed == feed {
			w.Off = true
		}
	}
	if it.Origin.Feed == Here {
		return true
	}
	j := slices.IndexFunc(it.Was, func(w Version[T]) bool { return !w.Off && w.Origin.Feed == Here })
	if it.Origin.Feed != feed || j < 0 {
		return false
	}
	gone := Version[T]{V: it.V, Origin: it.Origin, Off: true}
	it.V, it.Origin = it.Was[j].V, it.Was[j].Origin
	it.Was = slices.Insert(slices.Delete(it.Was, j, j+1), 0, gone)
	return true
}

// addVersion puts an older version where it belongs, newest first.
func addVersion[T any](was []Version[T], n Version[T]) []Version[T] {
	at := len(was)
	for i := range was {
		if equal(&was[i].V, &n.V) {
			return was
		}
		if at == len(was) && later(n.Origin, was[i].Origin) {
			at = i
		}
	}
	return slices.Insert(was, at, n)
}

// equal compares two values as a reader would: times by the instant.
func equal[T any](a, b *T) bool {
	return sameValue(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem())
}

func sameValue(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[time.Time]() {
			return a.Addr().Interface().(*time.Time).Equal(*b.Addr().Interface().(*time.Time))
		}
		for i := range a.NumField() {
			if !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return sameValue(a.Elem(), b.Elem())
	default:
		return a.Equal(b)
	}
}
