package tray

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// The sources of the files in the journal.
const (
	sourceFile = "scan"      // a file as it came
	sourcePage = "scan-page" // the picture of one page
)

// Printed is one print job of forms to write on: a record of its own, so that a
// serial that comes back is known.
type Printed struct {
	By    clinical.Staff `json:"by"`
	From  string         `json:"from,omitempty"`
	At    time.Time      `json:"at"`
	Forms []Form         `json:"forms"`

	Exercise bool `json:"exercise,omitempty"` // printed in one: it goes into no chart
}

// PadCover is the kind of the first sheet of an emergency pad.
const PadCover = "pad"

// Form is one printed form.
type Form struct {
	Serial  sheet.Serial        `json:"s"`
	Kind    string              `json:"k"` // which form, as paper names it
	Code    sheet.Form          `json:"f"` // what its code says
	Title   lang.Text           `json:"h"`
	Patient clinical.PatientKey `json:"p,omitempty"` // empty: printed before its patient was known
	Case    clinical.CaseNo     `json:"c,omitempty"`
	Ward    string              `json:"w,omitempty"`
	Pages   int                 `json:"n,omitempty"`

	Exercise bool `json:"x,omitempty"` // of the job
}

// Came is how a file arrived.
type Came struct {
	File journal.Seq    `json:"file"`
	Name string         `json:"name,omitempty"` // as the sender named it
	By   clinical.Staff `json:"by"`
	From string         `json:"from,omitempty"` // address, or "folder"
	Ward string         `json:"ward,omitempty"` // whose paper it is, as far as the sender said
	At   time.Time      `json:"at"`
}

// reading is what was read of a file: one record for each file.
type reading struct {
	File   journal.Seq `json:"file"`
	Failed *lang.Text  `json:"failed,omitempty"` // why the file could not be read to its end
	Pages  []Page      `json:"pages,omitempty"`
}

// note is the body of a record of kind [journal.Scanned]: one of the two.
type note struct {
	Came *Came    `json:"came,omitempty"`
	Read *reading `json:"read,omitempty"`
}

// Page is one page of a file.
type Page struct {
	Ref     string      `json:"ref"`
	File    journal.Seq `json:"file"`
	N       int         `json:"n"`                 // page of the file, from 1; 0 stands for a file that is no scan
	Picture journal.Seq `json:"seq,omitempty"`     // the record of its picture, 0 if there is none
	Media   string      `json:"m,omitempty"`       // image/jpeg or image/png
	Size    int         `json:"z,omitempty"`       // of the picture in bytes
	Sheets  []string    `json:"codes,omitempty"`   // every sheet code on it
	Labels  []string    `json:"labels,omitempty"`  // every label on it
	Reason  *lang.Text  `json:"reason,omitempty"`  // why a person must look at it
	Blank   bool        `json:"blank,omitempty"`   // nothing is on it
	Ward    string      `json:"ward,omitempty"`    // whose paper it is, as far as is known
	At      time.Time   `json:"at"`                // when the file came
	Filed   *Filed      `json:"filed,omitempty"`   // in a chart
	Aside   *Aside      `json:"aside,omitempty"`   // not for a chart
	Tries   int         `json:"tries,omitempty"`   // filings and settings aside that were taken back
	Known   bool        `json:"known,omitempty"`   // its file was read; an entry may be met before
	LastWhy string      `json:"lastwhy,omitempty"` // why the last filing was taken back
}

// Waits reports whether a person must decide about the page.
func (p *Page) Waits() bool { return p.Known && p.Filed == nil && p.Aside == nil }

// Name is what entries taken from a filed page call it: its serial, or which
// page of which file it is.
func (p *Page) Name() string {
	if p.Filed != nil && p.Filed.Serial != "" {
		return string(p.Filed.Serial)
	}
	return "Scan " + p.Ref
}

// Code is the one sheet code on the page, false if there is none or more.
func (p *Page) Code() (sheet.Code, bool) {
	if len(p.Sheets) != 1 {
		return sheet.Code{}, false
	}
	c, err := sheet.Parse(p.Sheets[0])
	return c, err == nil
}

// Labelled are the codes of the labels on the page.
func (p *Page) Labelled() []sheet.Code {
	var out []sheet.Code
	for _, l := range p.Labels {
		if c, err := sheet.Parse(l); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// Filed is where a page went.
type Filed struct {
	Root    string              `json:"root"` // of the entry
	Patient clinical.PatientKey `json:"p"`
	Case    clinical.CaseNo     `json:"c,omitempty"`
	Ward    string              `json:"w,omitempty"`
	Serial  sheet.Serial        `json:"s,omitempty"`
	Kind    string              `json:"k,omitempty"`
	Title   string              `json:"h,omitempty"`
	Page    int                 `json:"n,omitempty"` // of the form
	By      clinical.Staff      `json:"by"`
	At      time.Time           `json:"at"`
	Match   string              `json:"m"` // "code" or "person"
	Done    bool                `json:"d,omitempty"`
	DoneBy  clinical.Staff      `json:"db,omitzero"`
	DoneAt  time.Time           `json:"da,omitzero"`
}

// Aside is a page that belongs to no chart.
type Aside struct {
	Root string         `json:"root"`
	Why  string         `json:"why"`
	By   clinical.Staff `json:"by"`
	At   time.Time      `json:"at"`
}

// File is one scanned file.
type File struct {
	Seq    journal.Seq `json:"seq"`
	Size   int         `json:"size"`
	At     time.Time   `json:"at"`
	Came   []Came      `json:"came,omitempty"` // each time it was sent
	Read   bool        `json:"read,omitempty"`
	Failed *lang.Text  `json:"failed,omitempty"`
	Pages  int         `json:"pages,omitempty"`
}

// Ref names a page of a file.
func Ref(file journal.Seq, n int) string { return fmt.Sprintf("%d-%d", file, n) }

func parseRef(ref string) (file journal.Seq, n int, ok bool) {
	a, b, _ := strings.Cut(ref, "-")
	seq, err1 := strconv.ParseUint(a, 10, 64)
	n, err2 := strconv.Atoi(b)
	return journal.Seq(seq), n, err1 == nil && err2 == nil
}

// state is the fold of all records about paper.
type state struct {
	Seq    journal.Seq
	Record journal.ID
	Forms  map[sheet.Serial]Form
	Files  map[journal.Seq]*File
	Pages  map[string]*Page
	Typed  map[string][]Typed // by the name of the sheet
}

// Typed is an entry that was taken from a sheet.
type Typed struct {
	Root      string              `json:"root"`
	Form      string              `json:"f"`
	Patient   clinical.PatientKey `json:"p"`
	At        time.Time           `json:"at"`
	By        clinical.Staff      `json:"by"`
	Withdrawn bool                `json:"w,omitempty"`
}

func newState() *state {
	return &state{Forms: map[sheet.Serial]Form{}, Files: map[journal.Seq]*File{}, Pages: map[string]*Page{}, Typed: map[string][]Typed{}}
}

// At returns the last record taken in.
func (s *state) At() (journal.Seq, journal.ID) { return s.Seq, s.Record }

// Take takes records in and returns how many of them were about paper.
func (s *state) Take(recs []journal.Record) (acts int) {
	for i := range recs {
		if s.apply(&recs[i]) {
			acts++
		}
	}
	return acts
}

// apply takes one record in and reports whether it was about paper. What cannot
// be read is left out: the record itself stays in the journal. Records that were
// applied before change nothing.
func (s *state) apply(r *journal.Record) bool {
	if r.Seq <= s.Seq {
		return false
	}
	s.Seq, s.Record = r.Seq, r.ID
	switch r.Kind {
	case journal.Printed:
		var p Printed
		if json.Unmarshal(r.Body, &p) == nil {
			for _, f := range p.Forms {
				f.Exercise = p.Exercise
				s.Forms[f.Serial] = f
			}
			return true
		}
	case journal.File:
		if r.Source == sourceFile {
			s.file(r.Seq).Size, s.file(r.Seq).At = len(r.Body), r.Received
			return true
		}
	case journal.Scanned:
		var n note
		if json.Unmarshal(r.Body, &n) == nil {
			s.scanned(n)
			return true
		}
	case journal.Entry:
		e, err := entry.Decode(r.Body)
		switch {
		case err != nil || e.State != entry.Signed:
		case e.Form == entry.SheetForm:
			s.entered(&e)
			return true
		case e.Sheet != "":
			s.typed(&e)
			return true
		}
	default:
	}
	return false
}

// unread returns the file that came first of those that are not read, nil if
// all are.
func (s *state) unread() *File {
	var next *File
	for _, f := range s.Files {
		if !f.Read && f.Size > 0 && (next == nil || f.Seq < next.Seq) {
			next = f
		}
	}
	return next
}

func (s *state) file(seq journal.Seq) *File {
	f := s.Files[seq]
	if f == nil {
		f = &File{Seq: seq}
		s.Files[seq] = f
	}
	return f
}

func (s *state) page(ref string) *Page {
	p := s.Pages[ref]
	if p == nil {
		file, n, _ := parseRef(ref)
		p = &Page{Ref: ref, File: file, N: n}
		s.Pages[ref] = p
	}
	return p
}

func (s *state) scanned(n note) {
	if n.Came != nil {
		f := s.file(n.Came.File)
		f.Came = append(f.Came, *n.Came)
	}
	if n.Read == nil || s.file(n.Read.File).Read {
		return
	}
	f := s.file(n.Read.File)
	f.Read, f.Failed, f.Pages = true, n.Read.Failed, 0
	for _, read := range n.Read.Pages {
		p := s.page(read.Ref)
		filed, aside, tries, why := p.Filed, p.Aside, p.Tries, p.LastWhy
		*p = read
		p.Known, p.Filed, p.Aside, p.Tries, p.LastWhy = true, filed, aside, tries, why
		if p.N > 0 {
			f.Pages++
		}
	}
}

// entered takes in what a person, or the code on the sheet, decided about a page.
func (s *state) entered(e *entry.Entry) {
	if _, _, ok := parseRef(e.Fields[entry.SheetRef]); !ok {
		return
	}
	p := s.page(e.Fields[entry.SheetRef])
	switch {
	case e.Withdrawn:
		if p.Filed != nil && p.Filed.Root == e.Root || p.Aside != nil && p.Aside.Root == e.Root {
			p.Filed, p.Aside = nil, nil
			p.Tries++
			p.LastWhy = e.By.Name + ": " + e.Reason
		}
	case e.Fields[entry.SheetAside] != "":
		p.Aside = &Aside{Root: e.Root, Why: e.Fields[entry.SheetAside], By: e.By, At: e.Written}
	default:
		f := &Filed{
			Root: e.Root, Patient: e.Patient, Case: e.Case, Ward: e.Ward, Serial: sheet.Serial(e.Sheet), Kind: e.Fields[entry.SheetKind],
			Title: e.Fields[entry.SheetTitle], By: e.By, At: e.Written, Match: e.Fields[entry.SheetMatch],
		}
		f.Page, _ = strconv.Atoi(e.Fields[entry.SheetPage])
		if e.Corrects != "" && p.Filed != nil && p.Filed.Root == e.Root { // who filed it stays
			f.By, f.At = p.Filed.By, p.Filed.At
		}
		if e.Fields[entry.SheetDone] != "" {
			f.Done, f.DoneBy, f.DoneAt = true, e.By, e.Written
		}
		p.Filed = f
	}
}

// typed takes in an entry that says it was taken from a sheet.
func (s *state) typed(e *entry.Entry) {
	t := Typed{Root: e.Root, Form: e.Form, Patient: e.Patient, At: e.At, By: e.By, Withdrawn: e.Withdrawn}
	list := s.Typed[e.Sheet]
	if i := slices.IndexFunc(list, func(o Typed) bool { return o.Root == e.Root }); i >= 0 {
		list[i] = t
		return
	}
	s.Typed[e.Sheet] = append(list, t)
}

// bound returns the patient to whom a person gave the pages of a form that was
// printed without one; false if nobody did, or to more than one.
func (s *state) bound(serial sheet.Serial) (Filed, bool) {
	var found *Filed
	for _, p := range s.Pages {
		if p.Filed == nil || p.Filed.Serial != serial {
			continue
		}
		if found != nil && found.Patient != p.Filed.Patient {
			return Filed{}, false
		}
		found = p.Filed
	}
	if found == nil {
		return Filed{}, false
	}
	return *found, true
}

// same returns the filed page that shows the same picture, nil if there is none.
func (s *state) same(p *Page) *Page {
	if p.Picture == 0 {
		return nil
	}
	for _, o := range s.Pages {
		if o.Ref != p.Ref && o.Picture == p.Picture && o.Filed != nil {
			return o
		}
	}
	return nil
}

// sorted returns copies of the pages that is chooses, oldest first.
func (s *state) sorted(is func(*Page) bool) []Page {
	var out []Page
	for _, p := range s.Pages {
		if is(p) {
			out = append(out, *p)
		}
	}
	slices.SortFunc(out, func(a, b Page) int {
		if a.File != b.File {
			return int(int64(a.File) - int64(b.File))
		}
		return a.N - b.N
	})
	return out
}
