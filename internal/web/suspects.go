package web

import (
	"cmp"
	"slices"
	"strings"

	spelling "notbetrieb/internal/chart/names"
	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Who is suspected is chosen from the people of the house. The form is sent as
// the others of the door are, never by an address: addresses are kept by
// browsers and proxies.

const (
	foundPeople = 20
	maxTyped    = 10_000 // bytes of the lines about people without an account
)

// suspectForm is where the suspects of a draft are chosen.
type suspectForm struct {
	Chosen []suspectRow
	Query  string
	Asked  bool
	Found  []suspectRow
	More   int    // found ones that are not shown
	Others string // a line for each person without an account
	Alike  []alikeRow
	Sure   string // the lines that were warned about
}

type suspectRow struct {
	ID, Name string
	Roles    []lang.Text
	Wards    string
	Off      bool // the account is switched off
	On       bool
}

// alikeRow is a typed line that resembles an account and is none.
type alikeRow struct {
	Line   string
	People []suspectRow
}

func newSuspectRow(p staff.Person, on bool) suspectRow {
	r := suspectRow{ID: p.ID, Name: p.Name, Wards: strings.Join(p.Wards, ", "), Off: p.Disabled, On: on}
	for _, x := range p.Roles {
		r.Roles = append(r.Roles, x.Name())
	}
	return r
}

// findPeople returns who has every word of the query in name, sign-in name or
// ward, the self left out.
func findPeople(people []staff.Person, query, self string) []staff.Person {
	words := strings.Fields(spelling.Fold(query))
	var out []staff.Person
	for _, p := range people {
		all := " " + spelling.Fold(p.Name+" "+p.ID+" "+strings.Join(p.Wards, " "))
		if len(words) > 0 && p.ID != self && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, " "+w) }) {
			out = append(out, p)
		}
	}
	return out
}

// alikePeople returns whose sign-in name or surname a typed line resembles.
func alikePeople(people []staff.Person, line, self string) []staff.Person {
	typed := strings.Fields(spelling.Fold(line))
	near := func(word string) bool {
		return len(word) > 2 && slices.ContainsFunc(typed, func(t string) bool { return len(t) > 2 && spelling.Similar(t, word) })
	}
	var out []staff.Person
	for _, p := range people {
		id, shown := spelling.Fold(p.ID), strings.Fields(spelling.Fold(p.Name))
		surname := ""
		if len(shown) > 0 {
			surname = shown[len(shown)-1]
		}
		if p.ID != self && (near(surname) || near(strings.ReplaceAll(id, " ", "")) || slices.ContainsFunc(strings.Fields(id), near)) {
			out = append(out, p)
		}
	}
	return out
}

// chosenSuspects reads the form: accounts that were ticked or typed as they are,
// and the lines that are no account.
func chosenSuspects(people []staff.Person, ticked []string, typed string) (accounts, others []string) {
	known := map[string]bool{}
	for _, p := range people {
		known[p.ID] = true
	}
	add := func(id string) {
		if !slices.Contains(accounts, id) {
			accounts = append(accounts, id)
		}
	}
	for _, id := range ticked {
		if known[id] {
			add(id)
		}
	}
	for line := range strings.Lines(typed) {
		switch line = strings.Join(strings.Fields(line), " "); {
		case line == "" || slices.Contains(others, line):
		case known[strings.ToLower(line)]:
			add(strings.ToLower(line))
		default:
			others = append(others, line)
		}
	}
	return accounts, others
}

// suspects fills the form of the own draft. act is what was pressed, "" for a
// page that is only shown. done says that the choice can be taken as it is.
func (s *Server) suspects(v *visit, d *inquiry.Draft, self, act string) (f suspectForm, accounts, others []string, done bool) {
	people := s.p.Staff.People()
	typed := clipText(v.PostFormValue("others"), maxTyped)
	accounts, others = chosenSuspects(people, v.PostForm["suspect"], typed)
	if act == "" {
		accounts, others = d.Suspects, d.Others
	}
	f.Others, f.Query = strings.Join(others, "\n"), strings.TrimSpace(v.PostFormValue("who"))
	for _, p := range people {
		if slices.Contains(accounts, p.ID) {
			f.Chosen = append(f.Chosen, newSuspectRow(p, true))
		}
	}
	if f.Query != "" && act == "find" {
		f.Asked = true
		found := slices.DeleteFunc(findPeople(people, f.Query, self), func(p staff.Person) bool { return slices.Contains(accounts, p.ID) })
		f.More = max(len(found)-foundPeople, 0)
		for _, p := range found[:min(len(found), foundPeople)] {
			f.Found = append(f.Found, newSuspectRow(p, false))
		}
	}
	if act != "suspects" {
		return f, accounts, others, false
	}
	shown := slices.Clone(accounts)
	for _, line := range others {
		row := alikeRow{Line: line}
		for _, p := range alikePeople(people, line, self) {
			if !slices.Contains(shown, p.ID) && len(row.People) < foundPeople {
				shown = append(shown, p.ID)
				row.People = append(row.People, newSuspectRow(p, false))
			}
		}
		if len(row.People) > 0 {
			f.Alike = append(f.Alike, row)
		}
	}
	f.Sure = f.Others
	return f, accounts, others, len(f.Alike) == 0 || cmp.Or(v.PostFormValue("sure"), "\x00") == f.Others
}
