package tray

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// Filing says in whose chart a page goes.
type Filing struct {
	Patient *chart.Patient
	Case    clinical.CaseNo // empty: the current one
	Ward    string          // set where it is filed
	Kind    string
	Title   string
	Serial  sheet.Serial // as the code says or as it was typed; empty if it is not known
	Page    int          // of the form; 0 unknown
	Turn    int          // degrees clockwise by which the picture is turned first

	By    clinical.Staff
	Role  string
	From  string
	Seen  uint64
	match string
}

// Root is the key of the entry that files the page the next time: whoever is
// second meets the first.
func (p *Page) Root() string {
	return journal.KeyOf(sourcePage, p.Ref+"/"+strconv.Itoa(p.Tries), nil).String()
}

// File files a waiting page in the chart that a person chose. The error's kind
// is Conflict if somebody else has decided meanwhile.
func (t *Tray) File(ctx context.Context, ref string, f Filing) (root string, seq journal.Seq, err error) {
	p, ok := t.Page(ref)
	if !ok {
		return "", 0, noPage()
	}
	if p.Filed != nil && p.Filed.Patient == f.Patient.Key && p.Filed.By.ID == f.By.ID { // sent twice
		return p.Filed.Root, t.Seq(), nil
	}
	if !p.Waits() {
		return "", 0, decided(&p)
	}
	if form, _ := t.Form(f.Serial); form.Exercise {
		return "", 0, fault.New(fault.Conflict, lang.Text{
			DE: "Dieser Bogen wurde in einer Übung gedruckt. Er gehört in keine Akte.", EN: "This form was printed in an exercise. It belongs to no chart.",
		})
	}
	f.match = "person"
	if f.Turn%360 != 0 && p.Picture != 0 {
		data, err := t.Picture(ctx, p)
		if err != nil {
			return "", 0, err
		}
		media, out, err := Turned(data, f.Turn)
		if err != nil {
			return "", 0, err
		}
		if p.Picture, err = t.picture(ctx, out, p.Ward); err != nil {
			return "", 0, err
		}
		p.Media, p.Size = media, len(out)
	}
	root = p.Root()
	seq, err = t.enter(ctx, &p, f)
	if err != nil {
		return "", 0, err
	}
	if f.Serial != "" {
		t.follow(ctx, f.Serial, seq)
	}
	return root, seq, nil
}

// follow files the other pages of a form that now has its patient.
func (t *Tray) follow(ctx context.Context, serial sheet.Serial, seq journal.Seq) {
	ctx, cancel := context.WithTimeout(ctx, forCharts)
	defer cancel()
	if t.Wait(ctx, seq) != nil {
		return
	}
	v, err := t.charts.View(ctx)
	if err != nil {
		return // they wait for a person, as before
	}
	defer func() { _ = v.Close() }()
	for _, p := range t.Waiting() {
		if c, ok := p.Code(); !ok || c.Serial != serial || p.Tries > 0 {
			continue
		}
		f, why, err := t.place(ctx, v, &p)
		if err == nil && why == nil {
			_, err = t.enter(ctx, &p, f)
		}
		if err != nil {
			t.o.Log.ErrorContext(ctx, "page of a form not filed, it waits", "err", err)
		}
	}
}

func noPage() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Diese gescannte Seite gibt es nicht.", EN: "There is no such scanned page."})
}

func decided(p *Page) error {
	by := ""
	switch {
	case p.Filed != nil:
		by = p.Filed.By.Name
	case p.Aside != nil:
		by = p.Aside.By.Name
	}
	return fault.New(fault.Conflict, lang.Text{
		DE: "Über diese Seite hat schon " + by + " entschieden. Wenn das falsch ist, bitte dort zurücknehmen.",
		EN: by + " has decided about this page already. If that is wrong, please take it back there.",
	})
}

// enter signs the entry that puts the page into a chart.
func (t *Tray) enter(ctx context.Context, p *Page, f Filing) (journal.Seq, error) {
	if f.Case == "" || f.Ward == "" {
		if st, ok := f.Patient.Current(); ok {
			f.Ward = st.Now.V.Ward
			if f.Case == "" {
				f.Case = st.Case
			}
		}
	}
	e := t.entryOf(p, f.By)
	e.Patient, e.IDs, e.Case, e.Ward, e.Sheet = f.Patient.Key, f.Patient.IDs, f.Case, f.Ward, string(f.Serial)
	e.Role, e.From, e.Seen = f.Role, f.From, f.Seen
	e.Fields[entry.SheetKind], e.Fields[entry.SheetTitle], e.Fields[entry.SheetMatch] = f.Kind, f.Title, f.match
	if f.Page > 0 {
		e.Fields[entry.SheetPage] = strconv.Itoa(f.Page)
	}
	e.Facts = entry.Facts{clinical.Document{
		ID: entry.Number(e.Root), Kind: clinical.Coded{Code: openCode, Text: "Papier"}, Title: documentTitle(e.Fields),
		Status: clinical.Final, At: e.At, Media: p.Media, Body: clinical.BodyRef{Seq: uint64(p.Picture), Size: p.Size},
	}}
	return t.sign(ctx, e)
}

// The codes of a filed page in the chart.
const (
	openCode = "NB-PAPER"
	doneCode = "NB-PAPER-DONE"
)

// documentTitle says in each list what the document is, and that what stands on
// it stands nowhere else yet.
func documentTitle(fields map[string]string) string {
	title := fields[entry.SheetTitle]
	if n := fields[entry.SheetPage]; n != "" {
		title += fmt.Sprintf(", Seite %s", n)
	}
	if fields[entry.SheetDone] != "" {
		return title + " (gescanntes Papier, Werte übertragen)"
	}
	return title + " (gescanntes Papier, Werte noch nicht übertragen)"
}

func (t *Tray) entryOf(p *Page, by clinical.Staff) entry.Entry {
	root := p.Root()
	return entry.Entry{
		Key: root, Root: root, Form: entry.SheetForm, State: entry.Signed, At: p.At, Written: t.o.Now().Truncate(time.Millisecond), By: by, Ward: p.Ward,
		Fields: map[string]string{entry.SheetRef: p.Ref},
	}
}

// PutAside says that a waiting page belongs to no chart.
func (t *Tray) PutAside(ctx context.Context, ref, why string, f Filing) (journal.Seq, error) {
	p, ok := t.Page(ref)
	if !ok {
		return 0, noPage()
	}
	if p.Aside != nil && p.Aside.By.ID == f.By.ID && p.Aside.Why == why { // sent twice
		return t.Seq(), nil
	}
	if !p.Waits() {
		return 0, decided(&p)
	}
	e := t.entryOf(&p, f.By)
	e.Role, e.From, e.Seen = f.Role, f.From, f.Seen
	e.Fields[entry.SheetAside] = why
	return t.sign(ctx, e)
}

// Marked returns the entry as it says that everything on the page was entered,
// or that it was not: what corrects it.
func Marked(e entry.Entry, done bool) entry.Entry {
	e.Fields = maps.Clone(e.Fields)
	delete(e.Fields, entry.SheetDone)
	code := openCode
	if done {
		e.Fields[entry.SheetDone], code = "1", doneCode
	}
	var facts entry.Facts
	for _, f := range e.Facts {
		if d, ok := f.(clinical.Document); ok {
			d.Kind.Code, d.Title = code, documentTitle(e.Fields)
			f = d
		}
		facts = append(facts, f)
	}
	e.Facts = facts
	return e
}
