package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

const changesPerPage = 50

// changesPage lists what was deleted or altered in the hospital's own data.
type changesPage struct {
	reviewHead
	Asked  bool
	Kinds  []filterLink
	Person string
	Reason string // given: before and after are shown
	Open   bool   // they are
	Rows   []changeRow
	Total  int
	Pager  pagerView
	CSV    string
	PDF    string
	Rooms  []choice
	Hidden []labelledText
	Key    string

	days review.Span
}

type changeRow struct {
	Ref     string
	Kind    lang.Text
	Grave   bool
	At      stamp
	Sent    stamp
	Label   string
	Patient string
	Case    string
	By      string
	Feed    string
	Seq     uint64
	WasSeq  uint64
	Before  string
	After   string
	Unknown bool // what stood before is not known here
}

var changesPageT = parse[changesPage]("changes")

// changesFound passes the gate: the list is for who reviews accesses, before and
// after only with a reason, which the read audit keeps.
func (s *Server) changesFound(v *visit, what string) (changesPage, []oversight.Change, error) {
	h, sess, err := s.reviewed(v, "/review/changes", changesTitle)
	if err != nil {
		return changesPage{}, nil, err
	}
	p := changesPage{reviewHead: h, Person: strings.TrimSpace(v.FormValue("person")), Reason: strings.TrimSpace(v.FormValue("reason"))}
	if v.FormValue("from") == "" {
		p.Found.Ready = s.readyReviews(v.URL.Path, &p.reviewHead)
		return p, nil, nil
	}
	span, ok := p.span(v.now)
	p.Open = utf8.RuneCountInString(p.Reason) >= 5
	if p.Reason != "" && !p.Open {
		p.Problems = append(p.Problems, problem{"reason", lang.Text{DE: "Bitte den Grund in ein paar Worten angeben.", EN: "Please give the reason in a few words."}})
	}
	if !ok {
		return p, nil, nil
	}
	run, err := s.foundFor(v, sess, &p.reviewHead, span)
	if err != nil || run == nil {
		return p, nil, err
	}
	all := run.Changes
	p.Asked, p.days = true, span
	page := "review/changes"
	if what != "" && p.Open { // without a reason the list is shown, and nothing leaves
		page = "export"
	}
	d := staff.Decision{}
	if p.Open {
		d.Glass = &staff.Glass{Reason: p.Reason}
	}
	err = s.record(v, sess, d, want{page: page, what: fmt.Sprintf("Änderungen, %d Zeilen", len(all))})
	return p, all, err
}

func (s *Server) showChanges(v *visit) (http.Handler, error) {
	p, all, err := s.changesFound(v, "")
	if err != nil {
		return nil, err
	}
	if p.Asked {
		shown := p.fill(all, oversight.ChangeKind(v.FormValue("kind")), pageNumber(v))
		if p.Open {
			if shown, err = s.p.Review.Whole(v.Context(), p.days, shown); err != nil {
				return nil, err
			}
		}
		p.show(shown)
		p.Rooms, p.Key = s.openRooms(v), desk.NewKey()
	}
	code := http.StatusOK
	if len(p.Problems) > 0 {
		code = http.StatusUnprocessableEntity
	}
	return changesPageT.status(code, p)
}

// fill lays the changes of a kind out, "" all, and returns those of the page.
func (p *changesPage) fill(all []oversight.Change, kind oversight.ChangeKind, page int) []oversight.Change {
	link := func(k oversight.ChangeKind, page int) string {
		u := url.Values{"from": {p.From}, "to": {p.To}}
		for name, x := range map[string]string{"kind": string(k), "person": p.Person, "reason": p.Reason} {
			if x != "" {
				u.Set(name, x)
			}
		}
		if page > 0 {
			u.Set("page", strconv.Itoa(page))
		}
		return "?" + u.Encode()
	}
	counts := map[oversight.ChangeKind]int{}
	all = chosen(all, p.Person, "", counts)
	p.Kinds = []filterLink{{Href: "/review/changes" + link("", 0), Label: lang.Text{DE: "alle", EN: "all"}, Count: len(all), Here: kind == ""}}
	for _, k := range oversight.ChangeKinds() {
		if counts[k] > 0 || k == kind {
			p.Kinds = append(p.Kinds, filterLink{Href: "/review/changes" + link(k, 0), Label: k.Name(), Count: counts[k], Here: k == kind})
		}
	}
	rows := chosen(all, "", kind, nil)
	p.Total = len(rows)
	from := min(page*changesPerPage, len(rows))
	to := min(from+changesPerPage, len(rows))
	if page > 0 {
		p.Pager.Newer = "/review/changes" + link(kind, page-1)
	}
	if to < len(rows) {
		p.Pager.Older = "/review/changes" + link(kind, page+1)
	}
	p.Pager.Label = fmt.Sprintf("%d–%d / %d", min(from+1, to), to, len(rows))
	p.Hidden = []labelledText{{"kind", string(kind)}}
	if p.Open {
		p.CSV, p.PDF = "/review/changes.csv"+link(kind, 0), "/review/changes.pdf"+link(kind, 0)
	}
	return rows[from:to]
}

func (p *changesPage) show(rows []oversight.Change) {
	for i := range rows {
		p.Rows = append(p.Rows, newChangeRow(&rows[i], p.Frame, p.Open))
	}
}

// wholeChanges are the chosen changes with before and after, for a table that
// leaves the house.
func (s *Server) wholeChanges(v *visit, p *changesPage, all []oversight.Change) ([]oversight.Change, error) {
	return s.p.Review.Whole(v.Context(), p.days, chosen(all, p.Person, oversight.ChangeKind(v.FormValue("kind")), nil))
}

// chosen returns the changes of a kind that name the person; "" is any.
func chosen(all []oversight.Change, person string, kind oversight.ChangeKind, counts map[oversight.ChangeKind]int) []oversight.Change {
	var out []oversight.Change
	for _, c := range all {
		if person != "" && !strings.Contains(strings.ToLower(c.By), strings.ToLower(person)) || kind != "" && c.Kind != kind {
			continue
		}
		if counts != nil {
			counts[c.Kind]++
		}
		out = append(out, c)
	}
	return out
}

func newChangeRow(c *oversight.Change, f Frame, open bool) changeRow {
	r := changeRow{Ref: c.Ref, Kind: c.Kind.Name(), Grave: c.Grave(), At: f.stamp(c.At), Sent: f.stamp(c.Sent), Label: c.Label, Patient: string(c.Patient), Case: string(c.Case), By: c.By, Feed: c.Feed, Seq: c.Seq, WasSeq: c.BeforeN}
	if open {
		r.Before, r.After, r.Unknown = c.Before, c.After, c.Before == ""
	}
	return r
}

// cellText keeps a spreadsheet from taking a value for a formula.
func cellText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (s *Server) changesCSV(v *visit) (http.Handler, error) {
	p, all, err := s.changesFound(v, "csv")
	if err != nil {
		return nil, err
	}
	if !p.Asked || !p.Open {
		return s.showChanges(v)
	}
	if all, err = s.wholeChanges(v, &p, all); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma = ';'
	rows := [][]string{{"Zeit", "Art", "Was", "Vorher", "Nachher", "Wer laut Nachricht", "Quelle", "Eintrag", "Eintrag vorher", "Patient", "Fall"}}
	for _, c := range all {
		row := []string{c.At.In(s.c.Zone).Format("2006-01-02 15:04:05"), c.Kind.Name().In(v.lang), c.Label, c.Before, c.After, c.By, c.Feed, strconv.FormatUint(c.Seq, 10), strconv.FormatUint(c.BeforeN, 10), string(c.Patient), string(c.Case)}
		for i := range row {
			row[i] = cellText(row[i])
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return download("aenderungen-"+v.now.Format(time.DateOnly)+".csv", "text/csv; charset=utf-8", b.Bytes()), nil
}

func (s *Server) changesPDF(v *visit) (http.Handler, error) {
	p, all, err := s.changesFound(v, "pdf")
	if err != nil {
		return nil, err
	}
	if !p.Asked || !p.Open {
		return s.showChanges(v)
	}
	if all, err = s.wholeChanges(v, &p, all); err != nil {
		return nil, err
	}
	title := changesTitle.In(v.lang)
	l := paper.Listing{Title: title, Before: []string{fmt.Sprintf("%s – %s. %s: %s", p.From, p.To, lang.Text{DE: "Grund der Einsicht", EN: "Reason for looking"}.In(v.lang), p.Reason)},
		Columns: []paper.ListingColumn{{Head: lang.Text{DE: "Zeit", EN: "Time"}.In(v.lang), Width: 27}, {Head: lang.Text{DE: "Was", EN: "What"}.In(v.lang), Width: 52}, {Head: lang.Text{DE: "Vorher", EN: "Before"}.In(v.lang), Width: 62}, {Head: lang.Text{DE: "Nachher", EN: "After"}.In(v.lang), Width: 62}, {Head: lang.Text{DE: "Wer, Eintrag", EN: "Who, record"}.In(v.lang)}}}
	for _, c := range all {
		l.Rows = append(l.Rows, []string{c.At.In(s.c.Zone).Format("02.01.2006 15:04"), c.Kind.Name().In(v.lang) + ": " + c.Label + " (" + string(c.Patient) + ")", clipText(c.Before, 1500), clipText(c.After, 1500), strings.TrimSpace(c.By + " Nr. " + strconv.FormatUint(c.Seq, 10))})
	}
	var b bytes.Buffer
	if err := paper.List(&b, s.plainHead(v), l, paper.PackOptions{}); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "aenderungen"), nil
}

// plainHead is the head of a sheet that shows no chart.
func (s *Server) plainHead(v *visit) paper.Head {
	return paper.Head{Hospital: s.c.House, Mode: v.mode, AsOf: v.now, Seq: uint64(s.p.Journal.Head()), Printed: v.now, PrintedBy: v.session.Person.Name, Where: v.from(), Lang: v.lang, Zone: s.c.Zone}
}

// clipText cuts a text between two runes and says so.
func clipText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + " …"
}
