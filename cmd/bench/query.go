package main

import "strings"

// queryKind is one way in which people look for a patient.
type queryKind struct {
	name      string
	text      func(p person, n int) string
	exact     bool // names one person, so that person must be found
	typo      bool
	needsCase bool
}

func queryKinds() []queryKind {
	return []queryKind{
		{name: "exact name", text: func(p person, _ int) string { return p.family + ", " + p.given }},
		{name: "beginning of a name", text: func(p person, n int) string { return cutRunes(p.family, 3+n%3) }},
		{name: "beginnings of both names", text: func(p person, _ int) string { return cutRunes(p.family, 4) + " " + cutRunes(p.given, 2) }},
		{name: "name and birth date", exact: true, text: func(p person, _ int) string {
			return p.family + " " + p.born.Format("02.01.2006")
		}},
		{name: "birth date", text: func(p person, _ int) string { return p.born.Format("02.01.2006") }},
		{name: "case number", exact: true, needsCase: true, text: func(p person, _ int) string { return p.caseNo }},
		{name: "patient number", exact: true, text: func(p person, _ int) string { return p.number() }},
		{name: "name with a typing error", typo: true, text: func(p person, n int) string {
			return mistype(p.family, n) + " " + p.given
		}},
		{name: "name with a typing error and birth date", typo: true, text: func(p person, n int) string {
			return mistype(p.family, n) + " " + p.born.Format("02.01.2006")
		}},
		{name: "name that nobody has", text: func(p person, n int) string { return mistype(mistype(mistype(p.family, n), n+1), n+5) + "xq" }},
	}
}

// mistype swaps, drops, doubles or replaces a letter behind the first.
func mistype(name string, n int) string {
	r := []rune(name)
	if len(r) < 4 {
		return name + "n"
	}
	i := 1 + n/4%(len(r)-2)
	switch n % 4 {
	case 0:
		r[i], r[i+1] = r[i+1], r[i]
	case 1:
		r = append(r[:i], r[i+1:]...)
	case 2:
		r = append(r[:i+1], r[i:]...)
	default:
		r[i] = []rune("aeiourstn")[n%9]
	}
	return strings.TrimSpace(string(r))
}

func cutRunes(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}
