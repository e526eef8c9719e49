package paper

import (
	"fmt"
	"io"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// Listing is a plain table over pages, with words before and after it.
type Listing struct {
	Title   string
	Before  []string // paragraphs
	Columns []ListingColumn
	Rows    [][]string
	After   []string
	Exact   []string // lines in small type as they are: a signature
}

// ListingColumn is one column; a width of 0 takes what is left.
type ListingColumn struct {
	Head  string
	Width float64 // mm
}

// List writes a listing. One whose columns are wider than the page is
// fault.Invalid, and nothing is written.
func List(w io.Writer, h Head, l Listing, o PackOptions) error {
	d, err := newDocument(w, h, o, l.Title)
	if err != nil {
		return err
	}
	f := d.newFlow(true, sheet.Code{}, l.Title)
	f.start(sheet.FormList)
	t := table{lines: true, grid: true}
	left := f.width()
	for _, c := range l.Columns {
		left -= c.Width
	}
	if left < 0 {
		return fault.Mark(fmt.Errorf("paper: columns of a listing are %.0f mm too wide", -left), fault.Invalid, lang.Text{DE: "Die Liste passt nicht auf das Blatt.", EN: "The listing does not fit the page."})
	}
	for _, c := range l.Columns {
		width := c.Width
		if width == 0 {
			width = left
		}
		t.cols = append(t.cols, column{head: c.Head, width: width})
	}
	s := style{f.f.cond, body}
	for _, p := range l.Before {
		f.para(style{f.f.cond, strong}, 0, p)
	}
	f.y += 2
	f.begin(t)
	for _, r := range l.Rows {
		cells := make([]cell, len(r))
		for i, text := range r {
			cells[i] = cell{{text: text, style: s}}
		}
		f.add(t, row{cells: cells})
	}
	f.again = nil
	f.y += 3
	for _, p := range l.After {
		f.para(style{f.f.cond, strong}, 0, p)
	}
	f.y += 2
	for _, line := range l.Exact {
		f.para(style{f.f.cond, small}, 0, line)
	}
	if err := f.finish(l.Title, false); err != nil {
		return err
	}
	return d.close()
}
