package web

import (
	"slices"
	"strings"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// peoplePage lists who may sign in.
type peoplePage struct {
	Frame
	Rows []personRow
}

type personRow struct {
	ID, Name string
	Roles    []lang.Text
	Wards    string
	Disabled bool
	Locked   stamp
	Must     bool
}

// personPage adds or changes one person.
type personPage struct {
	Frame
	New      bool
	ID       string
	Name     string
	Roles    []roleBox
	Wards    string
	English  bool
	Disabled bool
	Locked   stamp
	Problems []problem
	Done     lang.Text
}

type roleBox struct {
	Role  string
	Label lang.Text
	On    bool
}

var (
	peoplePageT = parse[peoplePage]("people")
	personPageT = parse[personPage]("person")
)

func newPeoplePage(people []staff.Person, f Frame) peoplePage {
	v := peoplePage{Frame: f.titled("people", lang.Text{DE: "Personen", EN: "People"})}
	slices.SortFunc(people, func(a, b staff.Person) int { return strings.Compare(a.ID, b.ID) })
	for _, p := range people {
		r := personRow{ID: p.ID, Name: p.Name, Wards: strings.Join(p.Wards, ", "), Disabled: p.Disabled, Must: p.MustChange}
		for _, x := range p.Roles {
			r.Roles = append(r.Roles, roleWord(x))
		}
		if p.LockedUntil.After(f.Now) {
			r.Locked = f.stamp(p.LockedUntil)
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

// newPersonPage shows the form for p; isNew offers the sign-in name.
func newPersonPage(p staff.Person, isNew bool, f Frame, problems []problem) personPage {
	title := lang.Text{DE: "Person ändern", EN: "Change person"}
	if isNew {
		title = lang.Text{DE: "Person anlegen", EN: "Add person"}
	}
	v := personPage{Frame: f.titled("people", title), New: isNew, ID: p.ID, Name: p.Name, Wards: strings.Join(p.Wards, ", "), English: p.Lang == lang.EN, Disabled: p.Disabled, Problems: problems}
	if p.LockedUntil.After(f.Now) {
		v.Locked = f.stamp(p.LockedUntil)
	}
	for _, r := range staff.Roles() {
		v.Roles = append(v.Roles, roleBox{Role: string(r), Label: roleWord(r), On: slices.Contains(p.Roles, r)})
	}
	return v
}

func roleWord(r staff.Role) lang.Text { return r.Name() }

// auditPage is the search over who read what.
type auditPage struct {
	Frame
	Filter auditForm
	Rows   []readRow
	Pager  pagerView
}

type auditForm struct {
	Person, Patient, Ward, Page, From, To string
	Glass                                 bool
}

type readRow struct {
	Seq     uint64
	At      stamp
	Name    string
	Person  string
	Roles   []lang.Text
	From    string
	Page    lang.Text
	Kept    string // the page's recorded name, which the filter takes
	Ward    string
	Case    string
	Patient string
	What    string
	Glass   bool
	Reason  string
	Mode    lang.Text
	Late    bool
}

var auditPageT = parse[auditPage]("audit")

func newAuditPage(reads []staff.Read, form auditForm, older string, f Frame) auditPage {
	v := auditPage{Frame: f.titled("audit", lang.Text{DE: "Zugriffe", EN: "Access log"}), Filter: form}
	v.Pager.Older = older
	for _, r := range reads {
		row := readRow{
			Seq: r.Seq, At: f.stamp(r.Time), Name: r.Name, Person: r.Person, From: r.From, Page: pageWord(r.Page), Kept: r.Page, Ward: r.Ward, Case: string(r.Case),
			Patient: string(r.Patient), What: r.What, Glass: r.Glass, Reason: r.Reason, Mode: readMode(r.Mode), Late: r.Late,
		}
		for _, x := range r.Roles {
			row.Roles = append(row.Roles, roleWord(x))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
