package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
)

const (
	filesInMemory = 4                                 // of all who hand in at the same time
	mostFiles     = 50                                // handed in at once
	mostUpload    = 8 * tray.MaxFile                  // bytes handed in at once
	uploadTime    = 10 * time.Minute                  // for a slow line
	uploadPage    = "POST /scan"                      // the one page that takes files
	scanTypes     = ".pdf,.tif,.tiff,.jpg,.jpeg,.png" // what a scanner sends
)

// bodyLimit is how many bytes a page takes.
func bodyLimit(pattern string) int64 {
	switch pattern {
	case uploadPage:
		return mostUpload
	case securePattern, filesPattern:
		return mostEvidence
	case estateUpload:
		return 2 * estate.MaxFile
	}
	return maxForm
}

// scanPage hands in scanned files and shows what became of the last ones.
type scanPage struct {
	Frame
	Types    string
	Wards    []string
	Ward     string
	Rows     []scanFileRow
	Taken    int
	Problems []problem
}

type scanFileRow struct {
	Seq     uint64
	Name    string // only of the reader's own files: a name may hold a name
	At      stamp
	By      string
	Read    bool
	Failed  lang.Text
	Pages   int
	Filed   int
	Waiting int
	Aside   int
	Again   bool // handed in just now, and was here before
	New     bool // handed in just now
	Times   int  // how often it was handed in
}

var scanPageT = parse[scanPage]("scan")

// RefreshSeconds is short while files are read.
func (scanPage) RefreshSeconds() int { return 3 }

func (s *Server) showScan(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.FileSheets); err != nil {
		return nil, err
	}
	return s.drawScan(v, http.StatusOK, nil)
}

func (s *Server) drawScan(v *visit, code int, problems []problem) (http.Handler, error) {
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v) // paper is taken although no chart can be read
	}
	q := v.URL.Query()
	p := scanPage{
		Frame: f.titled("paper", lang.Text{DE: "Papier einscannen", EN: "Scan paper"}), Types: scanTypes,
		Wards: v.session.Person.Wards, Ward: q.Get("ward"), Problems: problems,
	}
	before := s.p.Tray.Seq()
	for _, file := range s.p.Tray.Files(50) {
		row := s.newScanFileRow(file, f, v.session.Person.ID)
		seq := strconv.FormatUint(row.Seq, 10)
		row.New, row.Again = slices.Contains(q["file"], seq), slices.Contains(q["again"], seq)
		if row.New {
			p.Taken++
		}
		p.Refresh = p.Refresh || !file.Read
		p.Rows = append(p.Rows, row)
	}
	for _, file := range q["file"] { // stored, and not on the list yet
		seq, err := strconv.ParseUint(file, 10, 64)
		listed := slices.ContainsFunc(p.Rows, func(r scanFileRow) bool { return r.Seq == seq })
		if err == nil && !listed && seq <= uint64(s.p.Journal.Head()) && journal.Seq(seq) > before {
			p.Taken++
			p.Refresh = true
		}
	}
	return scanPageT.status(code, p)
}

func (s *Server) newScanFileRow(file tray.File, f Frame, reader string) scanFileRow {
	row := scanFileRow{Seq: uint64(file.Seq), At: f.stamp(file.At), Read: file.Read, Pages: file.Pages, Times: len(file.Came)}
	if file.Failed != nil {
		row.Failed = *file.Failed
	}
	for _, c := range file.Came {
		row.By = c.By.Name
		if c.By.ID == reader {
			row.Name = c.Name
		}
	}
	for _, p := range s.p.Tray.PagesOf(file.Seq) {
		switch {
		case p.Filed != nil:
			row.Filed++
		case p.Aside != nil:
			row.Aside++
		default:
			row.Waiting++
		}
	}
	return row
}

// takeScans stores the files of the form, one after the other. Each is durable
// before the next is looked at.
func (s *Server) takeScans(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.FileSheets)
	if err != nil {
		return nil, err
	}
	control := http.NewResponseController(v.w)
	_ = control.SetReadDeadline(time.Now().Add(uploadTime)) // a server without deadlines needs none
	parts, err := v.MultipartReader()
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Das war keine Datei. Bitte die Seite neu öffnen.", EN: "That was no file. Please open the page again."})
	}
	c := tray.Came{By: clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}, From: v.from()}
	took := url.Values{}
	var problems []problem
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, problem{"files", uploadBroke(err)})
			break
		}
		if part.FormName() == "ward" {
			ward, err := io.ReadAll(io.LimitReader(part, 200))
			if err == nil && (len(sess.Person.Wards) == 0 || slices.Contains(sess.Person.Wards, string(ward))) {
				c.Ward = string(ward)
			}
			continue
		}
		if part.FormName() != "files" || part.FileName() == "" {
			continue
		}
		if n > mostFiles {
			problems = append(problems, problem{"files", lang.Text{DE: "Höchstens 50 Dateien auf einmal. Die übrigen bitte danach.", EN: "At most 50 files at once. The others afterwards, please."}})
			break
		}
		if err := s.takeScan(v, part, c, took); err != nil {
			say := fault.Say(err)
			name := path.Base(part.FileName())
			problems = append(problems, problem{"files", lang.Text{DE: name + ": " + say.DE, EN: name + ": " + say.EN}})
			if k := fault.KindOf(err); k != fault.Invalid {
				break
			}
		}
	}
	if len(took) == 0 && len(problems) == 0 {
		problems = []problem{{"files", lang.Text{DE: "Bitte eine Datei wählen.", EN: "Please choose a file."}}}
	}
	if c.Ward != "" {
		took.Set("ward", c.Ward)
	}
	if len(problems) > 0 {
		v.URL.RawQuery = took.Encode()
		return s.drawScan(v, http.StatusUnprocessableEntity, problems)
	}
	return seeOther("/scan?" + took.Encode()), nil
}

func uploadBroke(err error) lang.Text {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return lang.Text{DE: "Das ist zu viel auf einmal. Bitte weniger Dateien wählen.", EN: "That is too much at once. Please choose fewer files."}
	}
	return lang.Text{
		DE: "Die Übertragung ist abgebrochen. Was oben als angenommen steht, ist gespeichert; das Übrige bitte noch einmal.",
		EN: "The transfer broke off. What is listed as taken is stored; please hand in the rest again.",
	}
}

// takeScan stores one file.
func (s *Server) takeScan(v *visit, part *multipart.Part, c tray.Came, took url.Values) error {
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	case <-v.Context().Done():
		return v.Context().Err()
	}
	body, err := io.ReadAll(io.LimitReader(part, tray.MaxFile+1))
	if err != nil {
		return fault.Mark(err, fault.Unavailable, uploadBroke(err))
	}
	c.Name = strings.ToValidUTF8(path.Base(part.FileName()), "")
	if len(c.Name) > 200 {
		c.Name = strings.ToValidUTF8(c.Name[:200], "")
	}
	t, err := s.p.Tray.Take(v.Context(), body, c)
	if err != nil {
		return err
	}
	kind := "file"
	if t.Again {
		kind = "again"
	}
	took.Add(kind, strconv.FormatUint(uint64(t.File), 10))
	return nil
}

// mayFile reports whether the reader may see scanned pages of a ward now.
func (s *Server) mayFile(v *visit, ward string) (staff.Decision, bool) {
	declared := v.mode.Kind == incident.Emergency || v.mode.Kind == incident.Exercise
	d := s.p.Staff.MayRead(*v.session, declared, ward, "", staff.FileSheets, v.now)
	return d, d.Allowed()
}

// paperWaiting counts the pages that wait for somebody like the reader.
func (s *Server) paperWaiting(v *visit) int {
	if s.p.Tray == nil || v.session == nil || !staff.May(v.session.Person, staff.FileSheets) {
		return 0
	}
	wards := map[string]bool{}
	return s.p.Tray.WaitingCount(func(ward string) bool {
		ok, known := wards[ward]
		if !known {
			_, ok = s.mayFile(v, ward)
			wards[ward] = ok
		}
		return ok
	})
}

func fileNumber(seq journal.Seq) string { return group(uint64(seq)) }
