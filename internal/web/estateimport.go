package web

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

const (
	estateUpload = "POST /estate/import"
	mostPreviews = 20        // imports that wait to be accepted, of all people
	previewLasts = time.Hour // until one is forgotten
	shownChanges = 400       // rows of a preview
)

// estateImportPage takes files and says what is wrong with them.
type estateImportPage struct {
	estateFrame
	Mistakes []mistakeView
	More     int
	Problems []problem
	Tables   []labelled // name and columns
	Empty    bool
	Key      string
}

type mistakeView struct {
	Place string
	Say   lang.Text
}

// estatePreviewPage shows what files would change, before somebody accepts it.
type estatePreviewPage struct {
	estateFrame
	ID      string
	Source  lang.Text
	Files   string
	Groups  []changeGroup
	N       int
	Added   int
	Changed int
	Removed int
	Hidden  int // rows that are not shown
	Found   []findingGroup
	NewOnes int // findings that were not there before
	Key     string
	Seen    uint64
	Stale   bool // somebody changed the estate since
	Problem lang.Text
}

type changeGroup struct {
	Title lang.Text
	Rows  []changeView
}

type changeView struct {
	Word  lang.Text
	Kind  string // added, changed, removed
	Name  string
	Cells []cellChange
}

type cellChange struct {
	Head lang.Text
	Was  string
	Now  string
}

// estateVersionsPage lists every accepted version.
type estateVersionsPage struct {
	estateFrame
	Rows    []estateVersionView
	Problem lang.Text
}

type estateVersionView struct {
	Seq                     uint64
	At                      stamp
	By                      string
	Why                     string
	Source                  lang.Text
	Added, Changed, Removed int
	Newest                  bool
	Key                     string
}

var (
	estateImportPageT   = parse[estateImportPage]("estateimport")
	estatePreviewPageT  = parse[estatePreviewPage]("estatepreview")
	estateVersionsPageT = parse[estateVersionsPage]("estateversions")
)

// preview is what somebody read in and has not accepted. It is only in memory:
// nothing that nobody stands for is kept.
type preview struct {
	person string
	at     time.Time
	source estate.Source
	files  string
	came   estate.Tables
}

type previews struct {
	mu  sync.Mutex
	all map[string]preview
}

// keep remembers a preview, and forgets the oldest where there are too many.
func (p *previews) keep(id string, x preview) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]preview{}
	}
	oldest := ""
	for k, old := range p.all {
		if x.at.Sub(old.at) > previewLasts {
			delete(p.all, k)
		} else if oldest == "" || old.at.Before(p.all[oldest].at) {
			oldest = k
		}
	}
	if len(p.all) >= mostPreviews {
		delete(p.all, oldest)
	}
	p.all[id] = x
}

// get returns the person's own preview.
func (p *previews) get(id, person string, now time.Time) (preview, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	x, ok := p.all[id]
	if !ok || x.person != person || now.Sub(x.at) > previewLasts {
		return preview{}, fault.New(fault.NotFound, lang.Text{
			DE: "Diese Vorschau gibt es nicht mehr. Bitte die Dateien noch einmal einlesen.",
			EN: "This preview is no longer there. Please read the files in again.",
		})
	}
	return x, nil
}

func (p *previews) drop(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, id)
}

func (s *Server) showEstateImport(v *visit) (http.Handler, error) {
	return s.drawEstateImport(v, http.StatusOK, estate.Import{}, nil)
}

func (s *Server) drawEstateImport(v *visit, code int, in estate.Import, problems []problem) (http.Handler, error) {
	e, f, err := s.kept(v, "import", lang.Text{DE: "Einlesen", EN: "Import"})
	if err != nil {
		return nil, err
	}
	return estateImportPageT.status(code, newEstateImportPage(e, f, in, problems))
}

func newEstateImportPage(e *estate.Estate, f estateFrame, in estate.Import, problems []problem) estateImportPage {
	p := estateImportPage{estateFrame: f, More: in.More, Problems: problems, Empty: len(e.Systems) == 0}
	for _, m := range in.Mistakes {
		p.Mistakes = append(p.Mistakes, mistakeView{m.Place(f.Lang), m.Say})
	}
	for _, t := range estate.AllTables() {
		var heads []string
		for _, c := range t.Columns {
			head := c.Head.In(f.Lang)
			if c.Must {
				head += " *"
			}
			heads = append(heads, head)
		}
		p.Tables = append(p.Tables, labelled{t.Title, strings.Join(heads, " · ")})
	}
	return p
}

// readEstateFiles reads what was handed in and shows what it would change.
// Nothing is stored.
func (s *Server) readEstateFiles(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.KeepEstate)
	if err != nil {
		return nil, err
	}
	select { // a workbook takes a multiple of its size in memory
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	case <-v.Context().Done():
		return nil, v.Context().Err()
	}
	files, err := estateFiles(v)
	if err != nil {
		return s.drawEstateImport(v, http.StatusUnprocessableEntity, estate.Import{}, []problem{{"files", fault.Say(err)}})
	}
	now, _ := s.p.Estate.Current()
	in := estate.Read(files, &now.Tables)
	if len(in.Mistakes) > 0 {
		return s.drawEstateImport(v, http.StatusUnprocessableEntity, in, nil)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return s.previewOf(v, preview{person: sess.Person.ID, at: v.now, source: estate.FromFiles, files: strings.Join(names, ", "), came: in.Tables})
}

func (s *Server) previewOf(v *visit, p preview) (http.Handler, error) {
	id := journal.NewID().String()
	s.previews.keep(id, p)
	return seeOther("/estate/preview/" + id), nil
}

// estateFiles returns the files of the form.
func estateFiles(v *visit) ([]estate.File, error) {
	control := http.NewResponseController(v.w)
	_ = control.SetReadDeadline(time.Now().Add(uploadTime)) // a server without deadlines needs none
	parts, err := v.MultipartReader()
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Das war keine Datei. Bitte die Seite neu öffnen.", EN: "That was no file. Please open the page again."})
	}
	var files []estate.File
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.Mark(err, fault.Invalid, tooMuchEstate)
		}
		if part.FormName() != "files" || part.FileName() == "" {
			continue
		}
		b, err := io.ReadAll(io.LimitReader(part, estate.MaxFile+1))
		if err != nil {
			return nil, fault.Mark(err, fault.Invalid, tooMuchEstate)
		}
		files = append(files, estate.File{Name: strings.ToValidUTF8(path.Base(part.FileName()), "?"), Data: b})
	}
	if len(files) == 0 {
		return nil, fault.New(fault.Invalid, lang.Text{DE: "Bitte eine Datei wählen.", EN: "Please choose a file."})
	}
	return files, nil
}

var tooMuchEstate = lang.Text{
	DE: "Die Übertragung ist abgebrochen, oder es war zu viel auf einmal. Bitte noch einmal, höchstens 32 MiB.",
	EN: "The transfer broke off, or it was too much at once. Please try again, at most 32 MiB.",
}

// readEstateTemplate shows what the template would change.
func (s *Server) readEstateTemplate(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.KeepEstate)
	if err != nil {
		return nil, err
	}
	tables, err := estate.Template()
	if err != nil {
		return nil, err
	}
	now, _ := s.p.Estate.Current()
	tables.Feeds = now.Feeds
	return s.previewOf(v, preview{person: sess.Person.ID, at: v.now, source: estate.FromTemplate, came: *tables})
}

func (s *Server) showEstatePreview(v *visit) (http.Handler, error) {
	return s.drawEstatePreview(v, http.StatusOK, v.PathValue("id"), lang.Text{})
}

func (s *Server) drawEstatePreview(v *visit, code int, id string, problem lang.Text) (http.Handler, error) {
	e, f, err := s.kept(v, "import", lang.Text{DE: "Vorschau", EN: "Preview"})
	if err != nil {
		return nil, err
	}
	x, err := s.previews.get(id, v.session.Person.ID, v.now)
	if err != nil {
		return nil, err
	}
	p := newEstatePreviewPage(e, estate.New(x.came), f, s.p.Estate.Today())
	p.ID, p.Source, p.Files, p.Key, p.Seen, p.Problem = id, sourceWord(x.source, 0), x.files, journal.NewID().String(), f.Version, problem
	return estatePreviewPageT.status(code, p)
}

// newEstatePreviewPage lays what stands and what came side by side.
func newEstatePreviewPage(was, now *estate.Estate, f estateFrame, today estate.Date) estatePreviewPage {
	p := estatePreviewPage{estateFrame: f}
	changes := estate.Diff(&was.Tables, &now.Tables)
	p.N = len(changes)
	for _, c := range changes {
		cv := changeView{Word: lang.Text{DE: "geändert", EN: "changed"}, Kind: "changed"}
		switch {
		case c.Was == nil:
			p.Added++
			cv.Word, cv.Kind = lang.Text{DE: "neu", EN: "new"}, "added"
		case c.Now == nil:
			p.Removed++
			cv.Word, cv.Kind = lang.Text{DE: "fällt weg", EN: "is removed"}, "removed"
		default:
			p.Changed++
		}
		if p.Added+p.Changed+p.Removed > shownChanges {
			p.Hidden++
			continue
		}
		t, _ := estate.TableOf(c.Table)
		if len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Title != t.Title {
			p.Groups = append(p.Groups, changeGroup{Title: t.Title})
		}
		cv.Name = strings.Trim(c.Row, "/")
		for _, i := range c.Cells() {
			cell := cellChange{Head: t.Columns[i].Head}
			if c.Was != nil {
				cell.Was = cellWords(was, &t.Columns[i], c.Was[i], f.Lang)
			}
			if c.Now != nil {
				cell.Now = cellWords(now, &t.Columns[i], c.Now[i], f.Lang)
			}
			if cell.Was != "" || cell.Now != "" {
				cv.Cells = append(cv.Cells, cell)
			}
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Rows = append(g.Rows, cv)
	}
	before := map[string]bool{}
	for _, x := range was.Check(today) {
		before[x.Code+"/"+x.Table+"/"+x.Row+x.Say.DE] = true
	}
	var fresh []estate.Finding
	for _, x := range now.Check(today) {
		if !before[x.Code+"/"+x.Table+"/"+x.Row+x.Say.DE] {
			fresh = append(fresh, x)
		}
	}
	p.NewOnes = len(fresh)
	p.Found = findingGroups(fresh[:min(len(fresh), shownChanges)])
	return p
}

// acceptEstate makes a preview the newest version.
func (s *Server) acceptEstate(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.KeepEstate)
	if err != nil {
		return nil, err
	}
	c := s.estateCommand(v, sess)
	if _, done := s.p.Estate.Done(v.Context(), c.Key); done { // sent twice
		return seeOther("/estate/versions"), nil
	}
	id := v.PostFormValue("preview")
	x, err := s.previews.get(id, sess.Person.ID, v.now)
	if err != nil {
		return nil, err
	}
	now, seen := s.p.Estate.Current()
	if seen != c.Seen {
		return s.drawEstatePreview(v, http.StatusConflict, id, lang.Text{
			DE: "Der Stand hat sich inzwischen geändert. Bitte die Änderungen noch einmal ansehen.",
			EN: "The state has changed meanwhile. Please look at the changes once more.",
		})
	}
	if err := s.p.Estate.Accept(v.Context(), c, x.source, estate.Diff(&now.Tables, &x.came)); err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Invalid {
			return s.drawEstatePreview(v, status(k), id, fault.Say(err))
		}
		return nil, err
	}
	s.previews.drop(id)
	return seeOther("/estate/versions"), nil
}

func sourceWord(src estate.Source, of uint64) lang.Text {
	switch src {
	case estate.FromFiles:
		return lang.Text{DE: "eingelesen", EN: "import"}
	case estate.FromTemplate:
		return lang.Text{DE: "Vorlage", EN: "template"}
	case estate.FromScreen:
		return lang.Text{DE: "am Bildschirm", EN: "on screen"}
	case estate.FromVersion:
		n := strconv.FormatUint(of, 10)
		return lang.Text{DE: "zurück auf Stand " + n, EN: "back to version " + n}
	}
	return lang.Text{DE: string(src)}
}

func (s *Server) showEstateVersions(v *visit) (http.Handler, error) {
	return s.drawEstateVersions(v, http.StatusOK, lang.Text{})
}

func (s *Server) drawEstateVersions(v *visit, code int, problem lang.Text) (http.Handler, error) {
	_, f, err := s.estateOf(v, "versions", lang.Text{DE: "Stände", EN: "Versions"})
	if err != nil {
		return nil, err
	}
	return estateVersionsPageT.status(code, newEstateVersionsPage(f, s.p.Estate.Versions(), problem))
}

func newEstateVersionsPage(f estateFrame, all []estate.Version, problem lang.Text) estateVersionsPage {
	p := estateVersionsPage{estateFrame: f, Problem: problem}
	for i, x := range all {
		by := x.By.Name
		if by == "" {
			by = x.By.Person
		}
		p.Rows = append(p.Rows, estateVersionView{
			Seq: x.Seq, At: f.stamp(x.By.At), By: by, Why: x.By.Why, Source: sourceWord(x.Source, x.Of),
			Added: x.Added, Changed: x.Changed, Removed: x.Removed, Newest: i == 0, Key: journal.NewID().String(),
		})
	}
	return p
}

// restoreEstate makes an earlier version the newest again.
func (s *Server) restoreEstate(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.KeepEstate)
	if err != nil {
		return nil, err
	}
	version, err := strconv.ParseUint(v.PostFormValue("version"), 10, 64)
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Bitte die Seite neu öffnen.", EN: "Please open the page again."})
	}
	if err := s.p.Estate.Restore(v.Context(), s.estateCommand(v, sess), version); err != nil {
		if k := fault.KindOf(err); k == fault.Conflict || k == fault.Invalid {
			return s.drawEstateVersions(v, status(k), fault.Say(err))
		}
		return nil, err
	}
	return seeOther("/estate/versions"), nil
}

// exportEstate answers with the estate as a file, or the template as one to fill
// in.
func (s *Server) exportEstate(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "import", lang.Text{DE: "Ausgeben", EN: "Export"})
	if err != nil {
		return nil, err
	}
	tables := &e.Tables
	name, isTemplate := strings.CutPrefix(v.PathValue("file"), "template")
	if isTemplate {
		if tables, err = estate.Template(); err != nil {
			return nil, err
		}
		name = "estate" + name
	}
	switch name {
	case "estate.xlsx":
		b, err := estate.XLSX(tables, f.Lang)
		if err != nil {
			return nil, err
		}
		return download(v.PathValue("file"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b), nil
	case "estate.yaml":
		return download(v.PathValue("file"), "application/yaml", estate.YAML(tables, f.Lang)), nil
	case "estate-csv.zip":
		b, err := csvZip(tables, f.Lang)
		if err != nil {
			return nil, err
		}
		return download(v.PathValue("file"), "application/zip", b), nil
	}
	return s.unknown(v)
}

func csvZip(tables *estate.Tables, l lang.Lang) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, t := range estate.AllTables() {
		w, err := z.Create(estate.Slug(t.Title.In(l)) + ".csv")
		if err == nil {
			_, err = w.Write(estate.CSV(t, tables, l))
		}
		if err != nil {
			return nil, fmt.Errorf("estate csv: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("estate csv: %w", err)
	}
	return b.Bytes(), nil
}
