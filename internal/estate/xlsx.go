package estate

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"notbetrieb/internal/lang"
)

var errBook = errors.New("estate: the workbook cannot be read")

// readXLSX reads a workbook whose sheets are tables.
func (r *reading) readXLSX(f File) {
	sheets, err := workbook(f)
	if err != nil {
		r.wrong(Mistake{File: f.Name, Say: lang.Text{
			DE: "Die Arbeitsmappe ist nicht lesbar, mit einem Passwort geschützt oder ausgepackt größer als 16 MiB.",
			EN: "The workbook cannot be read, is protected by a password, or is larger than 16 MiB unpacked.",
		}})
		return
	}
	for _, s := range sheets {
		switch t, ok := tableNamed(s.name); {
		case aside(s.name) || s.heads == nil:
		case len(s.heads) > maxCols:
			r.wrong(Mistake{File: f.Name, Sheet: s.name, Say: tooWide})
		case ok:
			r.take(t, s)
		default:
			r.wrong(Mistake{File: f.Name, Sheet: s.name, Say: lang.Text{
				DE: "Dieses Blatt gehört zu keiner Tabelle. Bitte so benennen: " + names(lang.DE, "") + ". Ein Blatt, dessen Name mit _ beginnt, wird nicht gelesen.",
				EN: "This sheet belongs to no table. Please name it one of: " + names(lang.EN, "") + ". A sheet whose name begins with _ is not read.",
			}})
		}
	}
}

// workbook reads all sheets within the limits. A panic of the library on
// malformed input is an error.
func workbook(f File) (sheets []*sheet, err error) {
	defer func() {
		if recover() != nil {
			sheets, err = nil, errBook
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(f.Data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: 8 * maxFile, UnzipXMLSizeLimit: 8 * maxFile, // the same: nothing is unpacked to disk
	})
	if err != nil {
		return nil, errBook
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	dates := func(n float64) (Date, bool) {
		t, err := excelize.ExcelDateToTime(n, false)
		return DateOf(t), err == nil
	}
	if p, err := book.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		dates = func(n float64) (Date, bool) {
			t, err := excelize.ExcelDateToTime(n, true)
			return DateOf(t), err == nil
		}
	}
	for _, name := range book.GetSheetList() {
		if aside(name) {
			continue
		}
		rows, err := book.Rows(name)
		if err != nil {
			return nil, errBook
		}
		var lines []line
		for n := 1; rows.Next() && len(lines) <= maxRows+10; n++ {
			cells, err := rows.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				return nil, errors.Join(errBook, rows.Close())
			}
			if _, some := firstCell(cells); some {
				lines = append(lines, line{n, tidy(cells)})
			}
		}
		if err := errors.Join(rows.Error(), rows.Close()); err != nil {
			return nil, errBook
		}
		s := newSheet(f.Name, name, lines)
		s.dates = dates
		sheets = append(sheets, s)
	}
	return sheets, nil
}

// tidy writes numbers that a spreadsheet keeps as 1.7E+11 or 3.0000000001 as
// people see them.
func tidy(cells []string) []string {
	for i, c := range cells {
		if !strings.ContainsAny(c, "eE.") || c == "" || c[0] < '0' || c[0] > '9' {
			continue
		}
		n, err := strconv.ParseFloat(c, 64)
		if err != nil || math.Abs(n) > 1e15 {
			continue
		}
		if whole := math.Round(n); math.Abs(n-whole) < 1e-9 {
			cells[i] = strconv.FormatFloat(whole, 'f', 0, 64)
		}
	}
	return cells
}

// day turns the number of a day into the day; everything else stays.
func (s *sheet) day(raw string) string {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || n < 1 || n > 100_000 {
		return raw
	}
	if d, ok := s.dates(math.Floor(n)); ok {
		return d.String()
	}
	return raw
}

// XLSX returns a workbook with a sheet for each table, heads and words in
// language l, and a sheet that explains every column.
func XLSX(of *Tables, l lang.Lang) (out []byte, err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	head, err1 := book.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6E3DC"}},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, NumFmt: 49,
	})
	cell, err2 := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, NumFmt: 49}) // 49: text, so that a number stays what was typed
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("estate workbook: %w", err)
	}
	for _, t := range tables {
		if err := writeSheet(book, t, of, l, head, cell); err != nil {
			return nil, fmt.Errorf("estate workbook: %w", err)
		}
	}
	if err := writeGuide(book, l, head, cell); err != nil {
		return nil, fmt.Errorf("estate workbook: %w", err)
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		return nil, fmt.Errorf("estate workbook: %w", err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		return nil, fmt.Errorf("estate workbook: %w", err)
	}
	return b.Bytes(), nil
}

func writeSheet(book *excelize.File, t *Table, of *Tables, l lang.Lang, head, style int) error {
	name := t.Title.In(l)
	if _, err := book.NewSheet(name); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, c := range t.Columns {
		width := 18.0
		if c.Long {
			width = 44
		}
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
		if err := w.SetColStyle(i+1, i+1, style); err != nil {
			return err
		}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		mark := ""
		if c.Must {
			mark = " *"
		}
		row[i] = excelize.Cell{StyleID: head, Value: c.Head.In(l) + mark}
	}
	if err := w.SetRow("A1", row); err != nil {
		return err
	}
	for n, cells := range t.Rows(of) {
		for i, v := range cells {
			row[i] = excelize.Cell{StyleID: style, Value: t.Columns[i].Show(v, l)}
		}
		if err := w.SetRow("A"+strconv.Itoa(n+2), row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return dropdowns(book, t, l)
}

// dropdowns offers the values of closed sets.
func dropdowns(book *excelize.File, t *Table, l lang.Lang) error {
	for i, c := range t.Columns {
		var words []string
		for _, w := range c.Words {
			words = append(words, strings.ReplaceAll(w.Say.In(l), ",", ""))
		}
		if len(words) == 0 || len([]rune(strings.Join(words, ","))) > 250 {
			continue
		}
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(col + "2:" + col + "5000")
		v.ShowErrorMessage = false // what is typed otherwise is said at the import
		if err := v.SetDropList(words); err != nil {
			return err
		}
		if err := book.AddDataValidation(t.Title.In(l), v); err != nil {
			return err
		}
	}
	return nil
}

// writeGuide explains every column on a sheet that is not read back.
func writeGuide(book *excelize.File, l lang.Lang, head, style int) error {
	name := lang.Text{DE: "Anleitung", EN: "Instructions"}.In(l)
	if _, err := book.NewSheet(name); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range []float64{20, 34, 14, 90} {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	var heads []any
	for _, h := range []lang.Text{{DE: "Tabelle", EN: "Table"}, {DE: "Spalte", EN: "Column"}, {DE: "Pflicht", EN: "Required"}, {DE: "Was dort steht", EN: "What goes there"}} {
		heads = append(heads, excelize.Cell{StyleID: head, Value: h.In(l)})
	}
	if err := w.SetRow("A1", heads); err != nil {
		return err
	}
	n := 1
	for _, t := range tables {
		for _, c := range t.Columns {
			n++
			must := ""
			if c.Must {
				must = yes.Say.In(l)
			}
			cells := []any{}
			for _, v := range []string{t.Title.In(l), c.Head.In(l), must, c.Explain().In(l)} {
				cells = append(cells, excelize.Cell{StyleID: style, Value: v})
			}
			if err := w.SetRow("A"+strconv.Itoa(n), cells); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}
