package web

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
)

// backReportPage is a target's reports, and the way to make one and to declare
// the hand-back done.
type backReportPage struct {
	Frame
	Target   targetView
	Reports  []reportView
	Make     bool // the reader may make one
	Close    bool // the reader may declare the hand-back done
	Key      string
	Problems []problem
}

// reportView is one report in numbers.
type reportView struct {
	Version  int
	Final    bool
	At       stamp
	By       string
	Entries  int
	Counts   []countView
	From, To uint64
	Whole    bool
	Wrong    int // records that cannot be read, and entries the queue has alone
	Signed   bool
	Base     string // of the files
}

var backReportPageT = parse[backReportPage]("backreport")

func (s *Server) showReports(v *visit) (http.Handler, error) {
	return s.drawReports(v, http.StatusOK, nil)
}

func (s *Server) drawReports(v *visit, code int, problems []problem) (http.Handler, error) {
	sess, err := v.need(staff.SeeHouse)
	if err != nil {
		return nil, err
	}
	name := v.PathValue("target")
	list, err := s.p.Back.Reports(v.Context(), name)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := backReportPage{
		Frame: f.titled("handback", lang.Text{DE: "Berichte der Rückgabe", EN: "Reports of the hand-back"}), Key: journal.NewID().String(), Problems: problems,
		Make: mayReport(sess.Person), Close: staff.May(sess.Person, staff.OperateHandback),
	}
	if p.Target, err = s.targetOf(v.Context(), name, f); err != nil {
		return nil, err
	}
	for i := range slices.Backward(list) {
		p.Reports = append(p.Reports, newReportView(&list[i], p.Target.Href, f))
	}
	return backReportPageT.status(code, p)
}

func newReportView(r *handback.Report, href string, f Frame) reportView {
	v := reportView{
		Version: r.Version, Final: r.Final, At: f.stamp(r.At), By: r.By.Name, Entries: r.Entries, From: uint64(r.Since), To: uint64(r.Upto),
		Whole: r.Whole(), Wrong: r.Unreadable + r.Strange, Signed: r.Signature != "", Base: href + "/report/" + strconv.Itoa(r.Version) + "/",
	}
	for _, o := range handback.Outcomes() {
		v.Counts = append(v.Counts, countView{Word: outcomeOf(o), N: r.Count[o]})
	}
	return v
}

// mayReport reports whether a person may read and make reports. They name no
// patient but by the case.
func mayReport(p staff.Person) bool {
	return staff.May(p, staff.OperateHandback) || staff.May(p, staff.ReleaseEntries) && len(p.Wards) == 0
}

// needReporter returns the session of somebody who may read reports.
func (s *Server) needReporter(v *visit) (staff.Session, error) {
	sess, err := v.needSession()
	if err == nil && !mayReport(sess.Person) {
		err = fault.New(fault.Forbidden, lang.Text{DE: "Der Bericht ist für die, die die Rückgabe führen, und für Ärztinnen und Ärzte des ganzen Hauses.", EN: "The report is for those who run the hand-back, and for physicians of the whole house."})
	}
	return sess, err
}

// makeReport makes an interim report, or the last one and declares the hand-back
// done.
func (s *Server) makeReport(v *visit) (http.Handler, error) {
	sess, err := s.needReporter(v)
	if err != nil {
		return nil, err
	}
	key, err := backKey(v)
	if err != nil {
		return nil, err
	}
	name := v.PathValue("target")
	if v.PostFormValue("act") == "close" {
		if sess, err = v.need(staff.OperateHandback); err != nil {
			return nil, err
		}
		err = s.p.Back.SetMode(v.Context(), key, name, handback.Closed, s.backAct(v, sess))
	} else {
		_, err = s.p.Back.Report(v.Context(), key, name, s.backAct(v, sess))
	}
	if k := fault.KindOf(err); k == fault.Conflict {
		return s.drawReports(v, status(k), []problem{{"", fault.Say(err)}})
	}
	if err != nil {
		return nil, err
	}
	return seeOther("/handback/" + name + "/report"), nil
}

// reportFile answers with one report as a file, after a recorded read.
func (s *Server) reportFile(v *visit) (http.Handler, error) {
	sess, err := s.needReporter(v)
	if err != nil {
		return nil, err
	}
	name := v.PathValue("target")
	version, err := strconv.Atoi(v.PathValue("version"))
	if err != nil {
		return nil, fault.Mark(err, fault.NotFound, lang.Text{DE: "Diesen Bericht gibt es nicht.", EN: "There is no such report."})
	}
	r, body, err := s.p.Back.ReadReport(v.Context(), name, version)
	if err != nil {
		return nil, err
	}
	if err := s.record(v, sess, staff.Decision{Verdict: staff.Allowed}, want{page: "handback/report", what: strconv.Itoa(r.Entries) + " Einträge"}); err != nil {
		return nil, err
	}
	file := "rueckgabe-" + name + "-" + strconv.Itoa(version)
	switch v.PathValue("file") {
	case "report.json":
		return download(file+".json", "application/json", body), nil
	case "report.sig":
		return download(file+".sig", "text/plain; charset=utf-8", []byte(r.Signature)), nil
	}
	d, err := handback.ParseDocument(body)
	if err != nil {
		return nil, err
	}
	switch v.PathValue("file") {
	case "report.csv":
		return download(file+".csv", "text/csv; charset=utf-8", d.CSV()), nil
	case "report.pdf":
		pdf, err := s.reportPDF(v, &r, &d)
		return download(file+".pdf", "application/pdf", pdf), err
	}
	return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Datei gibt es nicht.", EN: "There is no such file."})
}

// reportPDF draws a report. What is signed, and the signature, stand at its end.
func (s *Server) reportPDF(v *visit, r *handback.Report, d *handback.Document) ([]byte, error) {
	if _, err := s.charts(v); err != nil {
		return nil, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = paper.List(&out, s.head(v), reportListing(r, d, s.c.Zone, v.lang), s.packOptions(v, h))
	return out.Bytes(), err
}

// reportListing is a report as it is printed.
func reportListing(r *handback.Report, d *handback.Document, zone *time.Location, in lang.Lang) paper.Listing {
	say := func(de, en string) string { return lang.Text{DE: de, EN: en}.In(in) }
	l := paper.Listing{Title: say("Rückgabe: Bericht ", "Hand-back: report ") + strconv.Itoa(r.Version)}
	kind := say("Zwischenbericht", "Interim report")
	if r.Final {
		kind = say("Abschlussbericht: Die Rückgabe ist abgeschlossen", "Final report: the hand-back is done")
	}
	l.Before = append(l.Before, kind+". "+say("System ", "System ")+r.Target+". "+r.At.In(zone).Format("02.01.2006 15:04")+", "+r.By.Name+".")
	sum := strconv.Itoa(r.Entries) + " " + say("Einträge im Journal, Nr. ", "entries in the journal, no. ") + strconv.FormatUint(uint64(r.Since), 10) + "–" + strconv.FormatUint(uint64(r.Upto), 10) + ": "
	for i, o := range handback.Outcomes() {
		if i > 0 {
			sum += ", "
		}
		sum += strconv.Itoa(r.Count[o]) + " " + outcomeOf(o).In(in)
	}
	l.Before = append(l.Before, sum+".")
	if !r.Whole() {
		l.Before = append(l.Before, say("Die Zahlen gehen nicht auf, oder ein Eintrag ist nicht lesbar. Bitte die IT rufen.", "The numbers do not add up, or an entry cannot be read. Please call IT."))
	}
	l.Columns = []paper.ListingColumn{
		{Head: say("Nr.", "No."), Width: 16}, {Head: say("Zeit", "Time"), Width: 28}, {Head: say("Fall", "Case"), Width: 26}, {Head: say("Stat.", "Ward"), Width: 14},
		{Head: say("Eintrag, von", "Entry, by"), Width: 62}, {Head: say("Was daraus wurde", "What became of it"), Width: 34}, {Head: say("Kontrollnummer, Zeit, Antwort; wer", "Control ID, time, answer; who")},
	}
	for i := range d.Lines {
		l.Rows = append(l.Rows, reportRow(&d.Lines[i], zone, in))
	}
	l.After = []string{say("Geprüft wird mit: notbetrieb handback verify --key SCHLÜSSEL report.sig report.json report.csv", "Verify with: notbetrieb handback verify --key KEY report.sig report.json report.csv")}
	l.Exact = append(strings.Split(strings.TrimSpace(r.Signature), "\n"), "")
	l.Exact = append(l.Exact, strings.Split(strings.TrimSpace(r.Checkpoint), "\n")...)
	return l
}

func reportRow(x *handback.Line, zone *time.Location, l lang.Lang) []string {
	at := func(t time.Time) string { return t.In(zone).Format("02.01.06 15:04") }
	var told []string
	for _, m := range x.Messages {
		told = append(told, strings.TrimSpace(m.Control+" "+at(m.At)+" "+m.Code+" "+m.Text))
	}
	if a := x.Hand; a != nil {
		told = append(told, cmp.Or(a.By.Name, a.By.ID)+" "+at(a.At)+": "+a.Why)
	}
	if a := x.Released; a != nil && x.Outcome == handback.Pending {
		told = append(told, lang.Text{DE: "freigegeben ", EN: "released "}.In(l)+cmp.Or(a.By.Name, a.By.ID)+" "+at(a.At))
	}
	outcome := outcomeOf(x.Outcome).In(l)
	if x.Outcome == handback.Pending {
		outcome += ": " + backWord(x.State).In(l)
	}
	return []string{
		strconv.FormatUint(uint64(x.Record), 10), at(x.At), string(x.Case), x.Ward, formTitle(x.Form).In(l) + ", " + x.By, outcome, strings.Join(told, "\n"),
	}
}

// journalNumber is a record's number in an address.
func journalNumber(seq uint64) string { return strconv.FormatUint(seq, 10) }

// oldestFirst sorts entries as they were recorded.
func oldestFirst(items []handback.Item) {
	slices.SortFunc(items, func(a, b handback.Item) int { return cmp.Compare(a.First, b.First) })
}
