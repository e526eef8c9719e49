package web

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// labPage is the cumulative table: analytes as rows in clinical groups, times
// as columns, newest left.
type labPage struct {
	Frame
	Columns []stamp
	Groups  []labGroupView

	headings labHeadings
	Texts    []labText // results in words, such as cultures
	Filters  []filterLink
	Pager    pagerView
	Notes    []labNote
	Pending  int
	Empty    bool
}

type labGroupView struct {
	Label lang.Text
	Rows  []labRow
	Span  int
}

type labRow struct {
	Name  string
	Code  string
	Unit  string
	Range string
	Spark spark
	Cells []labCell
	rank  int
}

// labCell holds what was measured of one analyte at one time.
type labCell struct {
	Values []labValue
}

type labValue struct {
	valueView
	Status  string // "", pending, withdrawn, none, preliminary, corrected
	Word    lang.Text
	Was     []string // earlier values, newest first
	Comment int      // number of the note, 0 none
	Long    bool     // a text, not a number
	Origin  sourceView
}

// labText is a result that is a sentence, not a number.
type labText struct {
	At    stamp
	Name  string
	Value labValue
	Group lang.Text
}

type labNote struct {
	No   int
	Text string
	Name string
	At   stamp
}

type pagerView struct {
	Newer, Older string
	Label        string
}

const labColumns = 8

var labPageT = parse[labPage]("lab")

// newLabPage draws the table of page n (0 newest) for the group, "" all.
func newLabPage(p *chart.Patient, f Frame, near around, group string, n int) labPage {
	f.Banner = newBanner(p, f, "lab", near)
	v := labPage{Frame: f.titled("patient", lang.Text{DE: "Labor", EN: "Laboratory"})}
	v.Refresh, v.Land = true, true
	all := labItems(p.Results)
	v.Empty = len(all) == 0
	v.headings = headingsFor(all)
	counts := map[int]map[string]bool{}
	for _, it := range all {
		g := v.headings.of(it.V)
		if counts[g] == nil {
			counts[g] = map[string]bool{}
		}
		counts[g][analyteKey(it.V)] = true
	}
	v.filters(p.Key, counts, group)
	if i := slices.IndexFunc(v.headings, func(g labGroup) bool { return g.id == group }); i >= 0 {
		all = slices.DeleteFunc(all, func(it chart.Item[clinical.Result]) bool { return v.headings.of(it.V) != i })
	}
	all = v.texts(all)
	times := sampleTimes(all)
	n = max(0, min(n, (len(times)-1)/labColumns))
	shown := times[min(n*labColumns, len(times)):min((n+1)*labColumns, len(times))]
	for _, t := range shown {
		v.Columns = append(v.Columns, f.stamp(t))
	}
	v.pager(p.Key, group, n, len(times))
	v.fill(all, shown)
	return v
}

// labItems are the laboratory and microbiology results.
func labItems(rs []chart.Item[clinical.Result]) []chart.Item[clinical.Result] {
	var out []chart.Item[clinical.Result]
	for _, r := range rs {
		if r.V.Section == clinical.Laboratory || r.V.Section == clinical.Microbiology {
			out = append(out, r)
		}
	}
	return out
}

// analyteKey keeps the same analyte in another unit in a row of its own.
func analyteKey(r clinical.Result) string {
	code := r.Code.Code
	if code == "" {
		code = r.Local.Code
	}
	if code == "" {
		code = strings.ToLower(r.Code.Label())
	}
	return code + "\x00" + r.Unit
}

// texts takes the results in words out of all and lists them on their own.
func (v *labPage) texts(all []chart.Item[clinical.Result]) []chart.Item[clinical.Result] {
	var rest []chart.Item[clinical.Result]
	for _, it := range all {
		if !isText(it.V) {
			rest = append(rest, it)
			continue
		}
		v.Texts = append(v.Texts, labText{At: v.stamp(it.V.At), Name: it.V.Code.Label(), Value: v.value(it), Group: v.headings[v.headings.of(it.V)].label})
	}
	return rest
}

// isText reports whether the result needs a line of its own.
func isText(r clinical.Result) bool {
	_, number := numberOf(r)
	return !number && len([]rune(r.Value)) > 12
}

// twoLimits is a reference range between two numbers.
var twoLimits = regexp.MustCompile(`^\s*(-?[0-9]+(?:[.,][0-9]+)?)\s*[-–]\s*(-?[0-9]+(?:[.,][0-9]+)?)\s*$`)

// rangeWord writes a reference range as the language does: 3,5 – 5,1.
func rangeWord(s string, l lang.Lang) string {
	m := twoLimits.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	return plain(m[1], l) + " – " + plain(m[2], l)
}

func sampleTimes(rs []chart.Item[clinical.Result]) []time.Time {
	seen := map[time.Time]bool{}
	var out []time.Time
	for _, r := range rs {
		t := r.V.At.Truncate(time.Minute)
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b time.Time) int { return b.Compare(a) })
	return out
}

func (v *labPage) filters(key clinical.PatientKey, counts map[int]map[string]bool, group string) {
	base := "/patient/" + string(key) + "/lab"
	total := 0
	for i, g := range v.headings {
		if n := len(counts[i]); n > 0 {
			total += n
			v.Filters = append(v.Filters, filterLink{base + "?group=" + g.id, g.label, n, g.id == group})
		}
	}
	v.Filters = slices.Insert(v.Filters, 0, filterLink{base, lang.Text{DE: "alle", EN: "all"}, total, group == ""})
}

func (v *labPage) pager(key clinical.PatientKey, group string, n, total int) {
	at := func(page int) string {
		q := url.Values{}
		if group != "" {
			q.Set("group", group)
		}
		if page > 0 {
			q.Set("page", strconv.Itoa(page))
		}
		s := "/patient/" + string(key) + "/lab"
		if len(q) > 0 {
			s += "?" + q.Encode()
		}
		return s
	}
	if n > 0 {
		v.Pager.Newer = at(n - 1)
	}
	if (n+1)*labColumns < total {
		v.Pager.Older = at(n + 1)
	}
	if total > 0 {
		v.Pager.Label = strconv.Itoa(n*labColumns+1) + "–" + strconv.Itoa(min((n+1)*labColumns, total)) + " / " + strconv.Itoa(total)
	}
}

// fill puts the results into groups, rows and cells.
func (v *labPage) fill(all []chart.Item[clinical.Result], shown []time.Time) {
	column := map[time.Time]int{}
	for i, t := range shown {
		column[t] = i
	}
	type course struct {
		row   *labRow
		items []chart.Item[clinical.Result]
		group int
	}
	courses := map[string]*course{}
	var order []string
	for _, it := range all {
		k := analyteKey(it.V)
		c := courses[k]
		if c == nil {
			g := v.headings.of(it.V)
			c = &course{group: g, row: &labRow{Name: it.V.Code.Label(), Code: it.V.Code.Code, Unit: it.V.Unit, Range: rangeWord(it.V.Range, v.Lang), Cells: make([]labCell, len(shown)), rank: v.headings.rank(g, it.V)}}
			courses[k] = c
			order = append(order, k)
		}
		c.items = append(c.items, it)
		if c.row.Range == "" {
			c.row.Range = rangeWord(it.V.Range, v.Lang)
		}
		if i, ok := column[it.V.At.Truncate(time.Minute)]; ok {
			c.row.Cells[i].Values = append(c.row.Cells[i].Values, v.value(it))
		}
	}
	groups := make([][]labRow, len(v.headings))
	for _, k := range order {
		c := courses[k]
		if !slices.ContainsFunc(c.row.Cells, func(x labCell) bool { return len(x.Values) > 0 }) {
			continue
		}
		c.row.Spark = courseOf(c.items)
		groups[c.group] = append(groups[c.group], *c.row)
	}
	for i, rows := range groups {
		if len(rows) == 0 {
			continue
		}
		slices.SortStableFunc(rows, func(a, b labRow) int {
			if a.rank != b.rank {
				return a.rank - b.rank
			}
			return strings.Compare(a.Name, b.Name)
		})
		v.Groups = append(v.Groups, labGroupView{Label: v.headings[i].label, Rows: rows, Span: len(shown) + 3})
	}
}

func (v *labPage) value(it chart.Item[clinical.Result]) labValue {
	r := it.V
	x := labValue{Word: resultWord(r.Status), Origin: v.source(it.Origin, it.Back)}
	x.Num = decimal(r.Value, v.Lang)
	x.Num.Whole = r.Comparator + strings.TrimPrefix(x.Num.Whole, r.Comparator)
	x.Mark = markResult(r)
	x.Long = isText(r)
	switch {
	case it.Cancelled || r.Status == clinical.Withdrawn:
		x.Status, x.Mark = "withdrawn", mark{}
	case r.Status == clinical.Pending:
		x.Status, x.Mark = "pending", mark{}
		v.Pending++
	case r.Status == clinical.NoResult:
		x.Status = "none"
	case r.Status == clinical.Preliminary:
		x.Status = "preliminary"
	case r.Status == clinical.Corrected:
		x.Status = "corrected"
	}
	for _, w := range it.Was {
		if chart.MeasuredLater(&it, &w) {
			v.Notes = append(v.Notes, labNote{No: len(v.Notes) + 1, Name: r.Code.Label(), At: v.stamp(w.V.At),
				Text: lang.Text{DE: "Neue Messung am Gerät, nicht validiert: ", EN: "Measured again by the analyser, not validated: "}.In(v.Lang) + compared(w.V, v.Lang)})
			continue
		}
		if usable(w.V) && w.V.Value != r.Value {
			x.Was = append(x.Was, plain(w.V.Value, v.Lang))
		}
	}
	if r.Comment != "" {
		v.Notes = append(v.Notes, labNote{No: len(v.Notes) + 1, Text: r.Comment, Name: r.Code.Label(), At: v.stamp(r.At)})
		x.Comment = len(v.Notes)
	}
	return x
}

// courseOf draws the numbers of one analyte over all its times.
func courseOf(items []chart.Item[clinical.Result]) spark {
	slices.SortStableFunc(items, func(a, b chart.Item[clinical.Result]) int { return a.V.At.Compare(b.V.At) })
	var t, n []float64
	var low, high *float64
	for _, it := range items {
		if x, ok := numberOf(it.V); ok && !it.Cancelled {
			t, n = append(t, float64(it.V.At.Unix())), append(n, x)
			low, high = it.V.Low, it.V.High
		}
	}
	for len(t) > 2 && t[len(t)-1]-t[0] > 21*24*3600 {
		t, n = t[1:], n[1:]
	}
	if len(n) > 12 {
		t, n = t[len(t)-12:], n[len(n)-12:]
	}
	return drawSpark(t, n, low, high)
}

// View is the value alone, as the kit draws it.
func (v labValue) View() valueView { return v.valueView }
