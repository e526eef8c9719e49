package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// estateTablePage is one table of the estate as it is.
type estateTablePage struct {
	estateFrame
	List listView
}

// estateRowPage changes one row, or adds one.
type estateRowPage struct {
	estateFrame
	Table    lang.Text
	New      bool
	Name     string
	Fields   []estateField
	Problems []problem
	Action   string
	Back     string
	Key      string
	Seen     uint64
	Why      string
	Resumed  bool
}

type estateField struct {
	Key     string
	Label   lang.Text
	Hint    lang.Text
	Value   string
	Must    bool
	Long    bool
	Fixed   bool // cannot be changed: the ID of a row that stands
	Options []optionView
	List    []optionView // offered, not enforced
	Many    bool
	Problem lang.Text
}

type optionView struct {
	Value string
	Label lang.Text
	On    bool
}

var (
	estateTablePageT = parse[estateTablePage]("estatetable")
	estateRowPageT   = parse[estateRowPage]("estaterow")
)

func queryEscape(s string) string { return url.QueryEscape(s) }

// rowHref is the address of the form of one row.
func rowHref(table, row string) string {
	if row == "" {
		return "/estate/tables/" + table + "/row"
	}
	return "/estate/tables/" + table + "/row?row=" + queryEscape(row)
}

// newListView shows the rows of a table that take accepts, with the columns in
// which any of them has a value, but those in without. References are shown by the name they lead to.
func newListView(e *estate.Estate, t *estate.Table, l lang.Lang, may bool, take func([]string) bool, without ...string) listView {
	v := listView{Key: t.Key, Title: t.Title, May: may, Add: rowHref(t.Key, "")}
	var rows [][]string
	used := make([]bool, len(t.Columns))
	for _, cells := range t.Rows(&e.Tables) {
		if !take(cells) {
			continue
		}
		rows = append(rows, cells)
		for i, c := range cells {
			used[i] = used[i] || c != ""
		}
	}
	if t.Columns[0].Key == "id" && t.Key != "backups" && t.Key != "probes" {
		used[0] = false
	}
	for i, c := range t.Columns {
		used[i] = used[i] && !slices.Contains(without, c.Key)
		if used[i] {
			v.Heads = append(v.Heads, c.Head)
		}
	}
	for _, cells := range rows {
		r := cellRow{Name: t.KeyOf(cells), Edit: rowHref(t.Key, t.KeyOf(cells))}
		for i := range t.Columns {
			if used[i] {
				r.Cells = append(r.Cells, cellWords(e, &t.Columns[i], cells[i], l))
			}
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

// cellWords is a stored value as people read it, references by name.
func cellWords(e *estate.Estate, c *estate.Column, stored string, l lang.Lang) string {
	switch {
	case c.Key == "setup" || c.Key == "monthly":
		amount, _ := estate.ParseEuro(stored)
		return amount.In(l)
	case c.Ref == "" || stored == "":
		return c.Show(stored, l)
	}
	var out []string
	for id := range strings.SplitSeq(stored, ", ") {
		out = append(out, refName(e, c.Ref, id, l))
	}
	return strings.Join(out, ", ")
}

func refName(e *estate.Estate, table, id string, l lang.Lang) string {
	switch table {
	case "systems":
		if s, ok := e.System(id); ok {
			return s.Name.In(l)
		}
	case "contacts":
		if c, ok := e.Contact(id); ok {
			return c.Name
		}
	case "sites":
		if s, ok := e.Site(id); ok {
			return s.Name
		}
	}
	return id
}

func (s *Server) showEstateTable(v *visit) (http.Handler, error) {
	t, ok := estate.TableOf(v.PathValue("table"))
	if !ok {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Tabelle gibt es nicht.", EN: "There is no such table."})
	}
	if t.Key == "systems" {
		return seeOther("/estate"), nil
	}
	e, f, err := s.estateOf(v, "tables/"+t.Key, t.Title)
	if err != nil {
		return nil, err
	}
	f.Land = true
	return estateTablePageT.of(estateTablePage{f, newListView(e, t, f.Lang, f.May, func([]string) bool { return true })})
}

func (s *Server) showEstateRow(v *visit) (http.Handler, error) {
	return s.drawEstateRow(v, http.StatusOK, nil, nil)
}

// drawEstateRow shows the form of a row with what was typed, or with what
// stands.
func (s *Server) drawEstateRow(v *visit, code int, typed map[string]string, wrong map[string]lang.Text) (http.Handler, error) {
	t, ok := estate.TableOf(v.PathValue("table"))
	if !ok {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Tabelle gibt es nicht.", EN: "There is no such table."})
	}
	row := v.URL.Query().Get("row")
	e, f, err := s.kept(v, "tables/"+t.Key, lang.Text{DE: "Ändern", EN: "Change"})
	if err != nil {
		return nil, err
	}
	cells, there := e.Row(t, row)
	if row != "" && !there && typed == nil {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Zeile gibt es nicht.", EN: "There is no such row."})
	}
	p := newEstateRowPage(e, t, f, row, cells, typed, wrong)
	p.Key, p.Seen, p.Why = journal.NewID().String(), f.Version, v.PostFormValue("why")
	if typed != nil {
		p.Key = v.PostFormValue("key")
		p.Seen = formSeen(v)
	}
	if row == "" && typed == nil { // a new row can be begun from the page of a system
		for i := range p.Fields {
			if given := v.URL.Query().Get(p.Fields[i].Key); given != "" && len(given) < 200 {
				p.Fields[i].Value = given
			}
		}
	}
	return estateRowPageT.status(code, p)
}

func newEstateRowPage(e *estate.Estate, t *estate.Table, f estateFrame, row string, cells []string, typed map[string]string, wrong map[string]lang.Text) estateRowPage {
	p := estateRowPage{estateFrame: f, Table: t.Title, New: row == "", Action: rowHref(t.Key, row), Back: "/estate/tables/" + t.Key}
	if t.Key == "systems" && row != "" {
		p.Back = "/estate/system/" + row
	}
	p.Name = strings.Trim(row, "/")
	for i := range t.Columns {
		c := &t.Columns[i]
		field := estateField{
			Key: c.Key, Label: c.Head, Hint: c.Explain(), Must: c.Must, Long: c.Long, Many: c.Many, Problem: wrong[c.Key], Fixed: c.Key == "id" && row != "",
		}
		if cells != nil {
			field.Value = c.Show(cells[i], f.Lang)
		}
		if typed != nil {
			field.Value = typed[c.Key]
		}
		if len(c.Words) > 0 {
			field.Hint = c.Hint
			read, _ := c.Read(field.Value)
			for _, w := range c.Words {
				field.Options = append(field.Options, optionView{Value: w.Stored, Label: w.Say, On: w.Stored == read})
			}
		}
		if to, ok := estate.TableOf(c.Ref); ok && !c.Many {
			name := slices.IndexFunc(to.Columns, func(c estate.Column) bool { return c.Key == "name" })
			for _, r := range to.Rows(&e.Tables) {
				o := optionView{Value: r[0]}
				if name >= 0 {
					o.Label = lang.Text{DE: r[name]}
				}
				field.List = append(field.List, o)
			}
		}
		p.Fields = append(p.Fields, field)
	}
	if say, ok := wrong[""]; ok {
		p.Problems = append(p.Problems, problem{"", say})
	}
	for _, field := range p.Fields {
		if field.Problem.DE != "" {
			p.Problems = append(p.Problems, problem{field.Key, lang.Text{DE: field.Label.DE + ": " + field.Problem.DE, EN: field.Label.In(lang.EN) + ": " + field.Problem.In(lang.EN)}})
		}
	}
	return p
}

func (s *Server) estateCommand(v *visit, sess staff.Session) estate.Command {
	return estate.Command{
		Key: v.PostFormValue("key"), Person: sess.Person.ID, Name: sess.Person.Name, Why: v.PostFormValue("why"), Seen: formSeen(v),
	}
}

func (s *Server) saveEstateRow(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.KeepEstate)
	if err != nil {
		return nil, err
	}
	t, ok := estate.TableOf(v.PathValue("table"))
	if !ok {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Tabelle gibt es nicht.", EN: "There is no such table."})
	}
	row := v.URL.Query().Get("row")
	typed := map[string]string{}
	for _, c := range t.Columns {
		typed[c.Key] = v.PostFormValue(c.Key)
	}
	if v.resumed {
		return s.drawEstateRow(v, http.StatusOK, typed, nil)
	}
	c := s.estateCommand(v, sess)
	if done, ok := s.p.Estate.Done(v.Context(), c.Key); ok {
		row = done
	}
	e, _ := s.p.Estate.Current()
	changes, wrong, err := editOf(e, t, row, typed, v.PostFormValue("act"))
	if wrong != nil {
		return s.drawEstateRow(v, http.StatusUnprocessableEntity, typed, wrong)
	}
	if err == nil && len(changes) > 0 {
		err = s.p.Estate.Accept(v.Context(), c, estate.FromScreen, changes)
		row = changes[0].Row
	}
	switch k := fault.KindOf(err); {
	case err == nil:
		now, _ := s.p.Estate.Current()
		return seeOther(afterRow(now, t, row)), nil
	case k == fault.Conflict || k == fault.Invalid || k == fault.NotFound:
		return s.drawEstateRow(v, status(k), typed, map[string]lang.Text{"": fault.Say(err)})
	}
	return nil, err
}

// editOf is what a sent form changes. A row that the same form has taken away
// before is no mistake.
func editOf(e *estate.Estate, t *estate.Table, row string, typed map[string]string, act string) ([]estate.Change, map[string]lang.Text, error) {
	if act != "remove" {
		changes, wrong := e.Edit(t, row, typed)
		return changes, wrong, nil
	}
	if _, there := e.Row(t, row); !there {
		return nil, nil, nil
	}
	changes, err := e.Remove(t, row)
	return changes, nil, err
}

// afterRow is where the reader goes after a row was changed.
func afterRow(e *estate.Estate, t *estate.Table, row string) string {
	switch _, there := e.Row(t, row); {
	case t.Key == "systems" && there:
		return "/estate/system/" + row
	case t.Key == "systems":
		return "/estate"
	case t.Key == "contacts":
		return "/estate/contacts"
	}
	return "/estate/tables/" + t.Key
}

// formSeen is the version that a form showed.
func formSeen(v *visit) uint64 {
	n, err := strconv.ParseUint(v.PostFormValue("seen"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
