package web

import (
	"net/url"
	"strconv"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// searchPage lists the patients found.
type searchPage struct {
	Frame
	Rows  []hitRow
	Total int
	Asked bool
	Pager pagerView
}

type hitRow struct {
	Key    clinical.PatientKey
	Name   string
	Birth  string
	Age    string
	Sex    string
	Case   string
	Place  string
	State  lang.Text
	Here   bool
	Since  stamp
	Left   stamp
	Why    lang.Text
	Merged bool
	Alike  bool
}

const hitsPerPage = 50

var searchPageT = parse[searchPage]("search")

func newSearchPage(hits []chart.Hit, total int, q chart.Query, f Frame) searchPage {
	v := searchPage{Frame: f.titled("search", lang.Text{DE: "Suche", EN: "Search"}), Total: total, Asked: q.Text != ""}
	v.Query = q.Text
	for _, h := range hits {
		v.Rows = append(v.Rows, hitRow{
			Key: h.Key, Name: h.Name.Display(), Birth: h.Birth.German(), Age: f.ageOf(h.Birth), Sex: f.sexOf(h.Sex), Case: string(h.Case),
			Place: placeWord(h.Place), State: stayWord(h.State), Here: h.State == chart.Present || h.State == chart.Away,
			Since: f.stamp(h.Since), Left: f.stamp(h.Left), Why: h.Why, Merged: h.Merged, Alike: h.Alike,
		})
	}
	at := func(offset int) string {
		return "/search?" + url.Values{"q": {q.Text}, "offset": {strconv.Itoa(offset)}}.Encode()
	}
	if q.Offset > 0 {
		v.Pager.Newer = at(max(q.Offset-hitsPerPage, 0))
	}
	if q.Offset+len(hits) < total {
		v.Pager.Older = at(q.Offset + hitsPerPage)
	}
	if total > 0 {
		v.Pager.Label = strconv.Itoa(q.Offset+1) + "–" + strconv.Itoa(q.Offset+len(hits)) + " / " + strconv.Itoa(total)
	}
	return v
}
