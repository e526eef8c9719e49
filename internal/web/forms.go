package web

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
)

// This file prints forms to write on. Each gets a serial, and the journal knows
// the serial before the paper leaves.

// mostForms is how many of one form are printed for one patient at once.
const mostForms = 20

// formsPage offers forms to print: for one patient, or as a ward's pad.
type formsPage struct {
	Frame
	Rows     []formRow
	Key      string
	Action   string
	Ward     string // of a pad
	WardName string
	Beds     int
	Since    string // of the list of results
	Problems []problem
}

type formRow struct {
	Kind  string
	Title lang.Text
	Count string // as it stands in the field
}

var (
	formsPageT = parse[formsPage]("forms")
	padPageT   = parse[formsPage]("pad")
)

func (s *Server) paperRoutes(on func(string, show)) {
	on("GET /patient/{key}/forms", s.showForms)
	on("POST /patient/{key}/forms", s.printForms)
	on("GET /ward/{code}/pad", s.showPad)
	on("POST /ward/{code}/pad", s.printPad)
	on("GET /print/ward-results.pdf", s.printResults)
	on("GET /scan", s.showScan)
	on("POST /scan", s.takeScans)
	on("GET /desk/scan", s.showScanDesk)
	on("GET /desk/scan/{ref}", s.showScanPage)
	on("GET /desk/scan/{ref}/picture", s.showScanPicture)
	on("GET /desk/scan/{ref}/file", s.showFiling)
	on("GET /patient/{key}/sheet/{root}", s.showSheet)
	on("GET /patient/{key}/sheet/{root}/picture", s.showSheetPicture)
	on("GET /ward/{code}/sheets", s.showSheets)
}

func newFormsPage(f Frame, key string, count func(paper.Kind) string) formsPage {
	p := formsPage{Frame: f, Key: key}
	for _, k := range paper.Kinds() {
		p.Rows = append(p.Rows, formRow{string(k), k.Title(), count(k)})
	}
	return p
}

func (s *Server) showForms(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.Print, "print/choose")
	if res != nil || err != nil {
		return res, err
	}
	return s.drawForms(v, http.StatusOK, o, nil)
}

func (s *Server) drawForms(v *visit, code int, o *opened, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "print", o.near)
	chosen := v.FormValue("form")
	p := newFormsPage(f.titled("patient", lang.Text{DE: "Bögen drucken", EN: "Print forms"}), desk.NewKey(), func(k paper.Kind) string {
		if v.Method == http.MethodPost {
			return v.PostFormValue("n." + string(k))
		}
		if string(k) == chosen {
			return "1"
		}
		return "0"
	})
	p.Action, p.Problems = "/patient/"+string(o.p.Key)+"/forms", problems
	return formsPageT.status(code, p)
}

// counts reads how many of each form are asked for.
func counts(v *visit, most int) ([]paper.PadCount, []problem) {
	var out []paper.PadCount
	sum := 0
	for _, k := range paper.Kinds() {
		text := strings.TrimSpace(v.PostFormValue("n." + string(k)))
		if text == "" || text == "0" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > most {
			title := k.Title()
			return nil, []problem{{"n." + string(k), lang.Text{
				DE: title.DE + ": eine Zahl von 0 bis " + strconv.Itoa(most) + ".", EN: title.EN + ": a number from 0 to " + strconv.Itoa(most) + ".",
			}}}
		}
		out = append(out, paper.PadCount{Kind: k, Count: n})
		sum += n
	}
	if sum == 0 {
		return nil, []problem{{"", lang.Text{DE: "Kein Bogen gewählt. Bitte eine Anzahl eintragen.", EN: "No form chosen. Please fill in a number."}}}
	}
	return out, nil
}

func (s *Server) printForms(v *visit) (http.Handler, error) {
	part := chart.All()
	part.Since = v.recentDays(packDays)
	o, res, err := s.patient(v, part, staff.Print, "print/forms")
	if res != nil || err != nil {
		return res, err
	}
	list, problems := counts(v, mostForms)
	if len(problems) > 0 {
		return s.drawForms(v, http.StatusUnprocessableEntity, o, problems)
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	opt := s.packOptions(v, h)
	var blanks []paper.Blank
	job := s.newJob(v)
	for _, c := range list {
		for range c.Count {
			b := paper.Blank{Kind: c.Kind, Patient: o.p, Serial: sheet.NewSerial()}
			if o.near.Alike {
				b.Row = &chart.Row{NamesAlike: true}
			}
			blanks = append(blanks, b)
			job.Forms = append(job.Forms, tray.Form{
				Serial: b.Serial, Kind: string(c.Kind), Code: c.Kind.Form(), Title: c.Kind.Title(), Patient: o.p.Key, Case: o.kase, Ward: o.ward,
			})
		}
	}
	body, err := s.press(v, job, opt, func(w io.Writer, stands tray.Printed, opt paper.PackOptions) error {
		for i := range blanks {
			blanks[i].Serial = stands.Forms[i].Serial
		}
		return paper.Blanks(w, s.head(v), blanks, opt)
	})
	if err != nil {
		return nil, err
	}
	return pdf(body, "boegen-"+string(o.kase)), nil
}

func (s *Server) newJob(v *visit) tray.Printed {
	return tray.Printed{By: clinical.Staff{ID: v.session.Person.ID, Name: v.session.Person.Name}, From: v.from(), At: v.now, Exercise: v.mode.Kind == incident.Exercise}
}

// press draws a job, records it, and returns what may leave the house. Sent
// again, the job has the serials it had.
func (s *Server) press(v *visit, job tray.Printed, opt paper.PackOptions, draw func(io.Writer, tray.Printed, paper.PackOptions) error) ([]byte, error) {
	key := journal.NewID()
	if typed := v.PostFormValue("key"); typed != "" {
		var err error
		if key, err = journal.ParseID(typed); err != nil {
			return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Bitte die Seite neu öffnen.", EN: "Please open the page again."})
		}
	}
	pages := map[sheet.Serial]int{}
	opt.Pages = func(serial sheet.Serial, n int) { pages[serial] = n }
	var b bytes.Buffer
	if err := draw(&b, job, opt); err != nil {
		return nil, err
	}
	for i := range job.Forms {
		job.Forms[i].Pages = pages[job.Forms[i].Serial]
	}
	stands, err := tray.Print(v.Context(), s.p.Journal, s.c.Site, key, job)
	if err != nil {
		return nil, err
	}
	if stands.Forms[0].Serial == job.Forms[0].Serial {
		return b.Bytes(), nil
	}
	if len(stands.Forms) != len(job.Forms) || stands.Forms[0].Patient != job.Forms[0].Patient {
		return nil, fault.New(fault.Conflict, lang.Text{
			DE: "Unter diesem Auftrag wurde schon etwas anderes gedruckt. Bitte die Seite neu öffnen.",
			EN: "Something else was printed under this job. Please open the page again.",
		})
	}
	b.Reset()
	err = draw(&b, stands, opt)
	return b.Bytes(), err
}

// padWard opens a ward to print for it: no chart is read.
func (s *Server) padWard(v *visit) (chart.Ward, http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return chart.Ward{}, nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return chart.Ward{}, nil, err
	}
	w, err := view.Ward(v.Context(), v.PathValue("code"))
	if err != nil {
		return w, nil, err
	}
	if !staff.May(v.session.Person, staff.Print) {
		_, err := v.need(staff.Print)
		return w, nil, err
	}
	return w, nil, nil
}

func (s *Server) showPad(v *visit) (http.Handler, error) {
	w, res, err := s.padWard(v)
	if res != nil || err != nil {
		return res, err
	}
	return s.drawPad(v, http.StatusOK, w, nil)
}

func (s *Server) drawPad(v *visit, code int, w chart.Ward, problems []problem) (http.Handler, error) {
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	beds := max(w.Beds, w.Occupied)
	proposed := map[paper.Kind]int{}
	for _, c := range paper.PadFor(beds) {
		proposed[c.Kind] = c.Count
	}
	p := newFormsPage(f.titled("ward/"+w.Code, lang.Text{DE: "Notfallblock " + w.Code, EN: "Emergency pad " + w.Code}), desk.NewKey(), func(k paper.Kind) string {
		if v.Method == http.MethodPost {
			return v.PostFormValue("n." + string(k))
		}
		return strconv.Itoa(proposed[k])
	})
	p.Action, p.Ward, p.WardName, p.Beds, p.Problems = "/ward/"+w.Code+"/pad", w.Code, w.Name, beds, problems
	p.Since = v.now.Add(-24 * time.Hour).Format("02.01.2006 15:04")
	return padPageT.status(code, p)
}

func (s *Server) printPad(v *visit) (http.Handler, error) {
	w, res, err := s.padWard(v)
	if res != nil || err != nil {
		return res, err
	}
	list, problems := counts(v, 500)
	if len(problems) > 0 {
		return s.drawPad(v, http.StatusUnprocessableEntity, w, problems)
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	job := s.newJob(v)
	job.Forms = padForms(w, list)
	body, err := s.press(v, job, s.packOptions(v, h), func(out io.Writer, stands tray.Printed, opt paper.PackOptions) error {
		next := 0
		serial := func() sheet.Serial {
			next++
			if next > len(stands.Forms) {
				return "" // refused by the printer
			}
			return stands.Forms[next-1].Serial
		}
		return paper.Pad(out, s.head(v), paper.PadPlan{Ward: chart.Ward{Code: w.Code, Name: w.Name}, Counts: list, Serial: serial}, opt)
	})
	if err != nil {
		return nil, err
	}
	return pdf(body, "notfallblock-"+w.Code), nil
}

// padForms lists the documents of a pad in the order their serials are asked
// for: the cover first.
func padForms(w chart.Ward, list []paper.PadCount) []tray.Form {
	out := []tray.Form{{Serial: sheet.NewSerial(), Kind: tray.PadCover, Code: sheet.FormBlank, Title: lang.Text{DE: "Notfallblock", EN: "Emergency pad"}, Ward: w.Code}}
	for _, c := range list {
		for range c.Count {
			out = append(out, tray.Form{Serial: sheet.NewSerial(), Kind: string(c.Kind), Code: c.Kind.Form(), Title: c.Kind.Title(), Ward: w.Code})
		}
	}
	return out
}

// printResults draws the list of results of a ward since a time: by default of
// the last day.
func (s *Server) printResults(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeResults); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	w, err := view.Ward(v.Context(), v.FormValue("ward"))
	if err != nil {
		return nil, err
	}
	since := v.now.Add(-24 * time.Hour)
	if text := strings.TrimSpace(v.FormValue("since")); text != "" {
		if since, err = parseSince(text, v.now); err != nil {
			return nil, err
		}
	}
	res, err := s.pass(v, want{right: staff.Print, page: "print/ward-results", ward: w.Code, what: strconv.Itoa(w.Occupied) + " Patienten"})
	if res != nil || err != nil {
		return res, err
	}
	list := paper.ResultList{Ward: w, Serial: sheet.NewSerial(), Since: since}
	var keys []clinical.PatientKey
	for _, r := range w.Rows {
		if r.Free {
			continue
		}
		p, err := view.Patient(v.Context(), r.Key, chart.Part{Lab: true, Other: true, Since: since.AddDate(0, 0, -7)})
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		list.Beds = append(list.Beds, paper.BedResults{Row: r, Results: p.Results})
		keys = append(keys, r.Key)
	}
	if err := s.recordEach(v, w.Code, keys); err != nil {
		return nil, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	job := s.newJob(v)
	job.Forms = []tray.Form{{Serial: list.Serial, Kind: "ward-results", Code: sheet.FormList, Title: lang.Text{DE: "Befundliste", EN: "List of results"}, Ward: w.Code}}
	body, err := s.press(v, job, s.packOptions(v, h), func(out io.Writer, stands tray.Printed, opt paper.PackOptions) error {
		list.Serial = stands.Forms[0].Serial
		return paper.WardResults(out, s.head(v), list, opt)
	})
	if err != nil {
		return nil, err
	}
	return pdf(body, "befundliste-"+w.Code), nil
}
