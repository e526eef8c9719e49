package web

import (
	"bytes"
	"net/http"
	"strings"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
)

// estateContactsPage is the phone tree and everybody who can be called.
type estateContactsPage struct {
	estateFrame
	Tree []branchView
	Lost []reachView
	List []reachView
	Find string
	N    int
	Add  string
}

type reachView struct {
	ID       string
	Name     string
	Function string
	Company  string
	Ways     []wayView
	Deputy   string
	Caller   string
	Note     string
	Offline  bool // can be reached without the house's network
	Edit     string
}

type wayView struct {
	Kind    lang.Text
	Value   string
	Offline bool
	Tel     string // for a telephone: the number as a link takes it
}

type branchView struct {
	reachView
	Depth int
	Calls int
}

// estateOptionsPage lays the places outside side by side.
type estateOptionsPage struct {
	estateFrame
	Names []optionHead
	Rows  []optionLine
	Add   string
}

type optionHead struct {
	Name string
	Edit string
}

// optionLine is one question with the answer of each place.
type optionLine struct {
	Label  lang.Text
	Source lang.Text
	Cells  []optionCell
}

type optionCell struct {
	Text lang.Text
	Mark estate.Answer
	Duty bool // the mark means something
}

var (
	estateContactsPageT = parse[estateContactsPage]("estatecontacts")
	estateOptionsPageT  = parse[estateOptionsPage]("estateoptions")
)

func newReachView(e *estate.Estate, c estate.Contact) reachView {
	v := reachView{ID: c.ID, Name: c.Name, Function: c.Function, Company: c.Company, Note: c.Note, Edit: rowHref("contacts", c.ID)}
	if d, ok := e.Contact(c.Deputy); ok {
		v.Deputy = d.Name
	}
	if d, ok := e.Contact(c.CalledBy); ok {
		v.Caller = d.Name
	}
	for _, w := range c.Ways {
		wv := wayView{Kind: w.Kind.Say(), Value: w.Value, Offline: w.Kind.Offline()}
		if w.Kind == estate.Mobile || w.Kind == estate.Landline || w.Kind == estate.Satellite {
			wv.Tel = strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' || r == '+' {
					return r
				}
				return -1
			}, w.Value)
		}
		v.Offline = v.Offline || wv.Offline
		v.Ways = append(v.Ways, wv)
	}
	return v
}

func (s *Server) showEstateContacts(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "contacts", lang.Text{DE: "Kontakte und Telefonkette", EN: "Contacts and phone tree"})
	if err != nil {
		return nil, err
	}
	return estateContactsPageT.of(newEstateContactsPage(e, f, strings.TrimSpace(v.URL.Query().Get("find"))))
}

func newEstateContactsPage(e *estate.Estate, f estateFrame, find string) estateContactsPage {
	p := estateContactsPage{estateFrame: f, Find: find, N: len(e.Contacts), Add: rowHref("contacts", "")}
	roots, lost := e.PhoneTree()
	var walk func(b estate.Branch, depth int)
	walk = func(b estate.Branch, depth int) {
		p.Tree = append(p.Tree, branchView{newReachView(e, b.Contact), min(depth, 6), len(b.Calls)})
		for _, next := range b.Calls {
			walk(next, depth+1)
		}
	}
	for _, b := range roots {
		walk(b, 0)
	}
	for _, c := range lost {
		p.Lost = append(p.Lost, newReachView(e, c))
	}
	for _, c := range e.Contacts {
		if find == "" || strings.Contains(strings.ToLower(c.Name+" "+c.Function+" "+c.Company), strings.ToLower(find)) {
			p.List = append(p.List, newReachView(e, c))
		}
	}
	return p
}

// printPhoneTree answers with the phone tree as a PDF, to lie where it is needed.
func (s *Server) printPhoneTree(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "contacts", lang.Text{DE: "Telefonkette", EN: "Phone tree"})
	if err != nil {
		return nil, err
	}
	h := paper.Head{
		Hospital: s.c.House, Mode: v.mode, AsOf: f.When.At, Seq: f.Version, Printed: v.now, PrintedBy: v.session.Person.Name, Where: v.from(), Lang: v.lang, Zone: s.c.Zone,
	}
	var b bytes.Buffer
	if err := paper.PhoneTree(&b, h, e, f.Version); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "telefonkette"), nil
}

func (s *Server) showEstateOptions(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "options", lang.Text{DE: "Ausweichorte im Vergleich", EN: "Places outside, side by side"})
	if err != nil {
		return nil, err
	}
	return estateOptionsPageT.of(newEstateOptionsPage(e, f, s.p.Estate.Today()))
}

func newEstateOptionsPage(e *estate.Estate, f estateFrame, today estate.Date) estateOptionsPage {
	f.Land = true
	p := estateOptionsPage{estateFrame: f, Add: rowHref("options", "")}
	t, _ := estate.TableOf("options")
	rows := t.Rows(&e.Tables)
	var duties [][]estate.Duty
	codes := []string{"country", "establishment", "c5", "c5-scope", "c5-customer", "processing"}
	for _, o := range e.Options {
		p.Names = append(p.Names, optionHead{o.Name, rowHref("options", o.ID)})
		duties = append(duties, o.Duties(today))
	}
	plain := func(keys ...string) {
		for _, key := range keys {
			c, _ := t.Column(key)
			line := optionLine{Label: c.Head}
			at := columnAt(t, key)
			for _, cells := range rows {
				de, en := cellWords(e, c, cells[at], lang.DE), cellWords(e, c, cells[at], lang.EN)
				line.Cells = append(line.Cells, optionCell{Text: lang.Text{DE: de, EN: en}})
			}
			p.Rows = append(p.Rows, line)
		}
	}
	plain("kind", "provider", "systems", "available", "setup", "monthly")
	for _, code := range codes {
		line := optionLine{}
		for _, list := range duties {
			cell := optionCell{Text: lang.Text{DE: "entfällt", EN: "does not apply"}}
			for _, d := range list {
				if d.Code == code {
					cell = optionCell{d.Say, d.Answer, true}
					line.Source = d.Source
				}
			}
			line.Cells = append(line.Cells, cell)
		}
		line.Label = dutyHead(code)
		p.Rows = append(p.Rows, line)
	}
	plain("c5-until", "kritis", "exit", "exit-time", "contact", "note")
	return p
}

func columnAt(t *estate.Table, key string) int {
	for i := range t.Columns {
		if t.Columns[i].Key == key {
			return i
		}
	}
	return 0
}

func dutyHead(code string) lang.Text {
	switch code {
	case "country":
		return lang.Text{DE: "Ort der Daten", EN: "Place of the data"}
	case "establishment":
		return lang.Text{DE: "Niederlassung in Deutschland", EN: "Establishment in Germany"}
	case "c5":
		return lang.Text{DE: "C5-Testat", EN: "C5 attestation"}
	case "c5-scope":
		return lang.Text{DE: "Umfang des Testats", EN: "Scope of the attestation"}
	case "c5-customer":
		return lang.Text{DE: "Pflichten des Kunden aus C5", EN: "Customer's part of C5"}
	case "processing":
		return lang.Text{DE: "Auftragsverarbeitung, Schweigepflicht", EN: "Processing on behalf, secrecy"}
	}
	return lang.Text{DE: code}
}
