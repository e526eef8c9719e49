package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

// logUpload is the form that takes a log of another system.
const logUpload = "POST /review/logs"

// logsPage lists the logs and lists that were read in, and takes new ones.
type logsPage struct {
	reviewHead
	Rows  []logRow
	Lists []listRow
	Form  map[string]string // as typed
	Zone  string
	Done  lang.Text
}

type logRow struct {
	ID, Name, System, Format string
	Hash                     string
	Lines, Events, Bad       int
	First, Last              stamp
	By                       string
	At                       stamp
	Dropped                  string
	BadLines                 []badLine
}

type badLine struct {
	Line int
	Why  lang.Text
}

type listRow struct {
	Kind lang.Text
	Name string
	Rows int
	By   string
	At   stamp
}

// rulesPage shows the rules in force and takes others.
type rulesPage struct {
	reviewHead
	Text  string
	Why   string
	Lines []review.Line // in words
	Was   []rulesRow
}

type rulesRow struct {
	By   string
	At   stamp
	Why  string
	Text string
}

var (
	logsPageT  = parse[logsPage]("logs")
	rulesPageT = parse[rulesPage]("rules")
)

func listWord(k oversight.ListKind) lang.Text {
	if k == oversight.Roster {
		return lang.Text{DE: "Dienstplan", EN: "Roster"}
	}
	return lang.Text{DE: "Besonders geschützte Akten", EN: "Specially protected charts"}
}

func (s *Server) showLogs(v *visit) (http.Handler, error) {
	return s.drawLogs(v, http.StatusOK, map[string]string{}, lang.Text{}, nil)
}

func (s *Server) drawLogs(v *visit, code int, form map[string]string, done lang.Text, problems []problem) (http.Handler, error) {
	h, _, err := s.reviewed(v, "/review/logs", lang.Text{DE: "Protokolle und Listen", EN: "Logs and lists"})
	if err != nil {
		return nil, err
	}
	h.Problems = append(h.Problems, problems...)
	logs, err := s.p.Review.Logs(v.Context())
	if err != nil {
		return nil, err
	}
	lists, err := s.p.Review.Lists(v.Context())
	if err != nil {
		return nil, err
	}
	return logsPageT.status(code, newLogsPage(h, logs, lists, form, done, s.c.Zone))
}

func newLogsPage(h reviewHead, logs []oversight.Log, lists map[oversight.ListKind]oversight.List, form map[string]string, done lang.Text, zone *time.Location) logsPage {
	p := logsPage{reviewHead: h, Form: form, Zone: zone.String(), Done: done}
	for i := range logs {
		l := &logs[i]
		r := logRow{ID: l.ID, Name: l.Name, System: l.Mapping.System, Format: string(l.Mapping.Format), Hash: l.Hash, Lines: l.Report.Lines, Events: l.Report.Events, Bad: l.Report.Bad,
			First: h.stamp(l.Report.First), Last: h.stamp(l.Report.Last), By: l.By.Name, At: h.stamp(l.By.At), Dropped: l.Dropped.Name}
		for _, b := range l.Report.List[:min(len(l.Report.List), 50)] {
			r.BadLines = append(r.BadLines, badLine(b))
		}
		p.Rows = append(p.Rows, r)
	}
	for _, k := range []oversight.ListKind{oversight.Roster, oversight.Flagged} {
		if l, ok := lists[k]; ok {
			p.Lists = append(p.Lists, listRow{listWord(k), l.Name, l.Rows, l.By.Name, h.stamp(l.By.At)})
		}
	}
	return p
}

// uploaded reads the fields of a form up to its file. The caller reads the file.
func uploaded(v *visit, form map[string]string) (*multipart.Part, error) {
	_ = http.NewResponseController(v.w).SetReadDeadline(time.Now().Add(uploadTime)) // a server without deadlines needs none
	broken := func(err error) error {
		return fault.Mark(err, fault.Invalid, lang.Text{DE: "Die Übertragung ist abgebrochen. Bitte noch einmal.", EN: "The transfer broke off. Please try again."})
	}
	parts, err := v.MultipartReader()
	if err != nil {
		return nil, broken(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Invalid, lang.Text{DE: "Bitte eine Datei wählen.", EN: "Please choose a file."})
		}
		if err != nil {
			return nil, broken(err)
		}
		if part.FormName() == "file" {
			if part.FileName() == "" {
				return nil, fault.New(fault.Invalid, lang.Text{DE: "Bitte eine Datei wählen.", EN: "Please choose a file."})
			}
			return part, nil
		}
		b, err := io.ReadAll(io.LimitReader(part, 20_000))
		if err != nil {
			return nil, broken(err)
		}
		form[part.FormName()] = strings.ToValidUTF8(string(b), "�")
	}
}

// takeLog reads the log of another system in.
func (s *Server) takeLog(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewAccess)
	if err != nil {
		return nil, err
	}
	form := map[string]string{}
	part, err := uploaded(v, form)
	if err != nil {
		return s.logsRefused(v, form, err)
	}
	m := review.Mapping{
		Format: review.Format(form["format"]), System: strings.TrimSpace(form["system"]), Zone: strings.TrimSpace(form["zone"]), Charset: form["charset"], Comma: form["comma"],
		Columns: review.Columns{Time: form["time"], Clock: form["clock"], Person: form["person"], Name: form["name"], Patient: form["patient"], Case: form["case"], Ward: form["ward"], Action: form["action"], Station: form["station"], Reason: form["reason"]},
	}
	if m.Zone == "" {
		m.Zone = s.c.Zone.String()
	}
	l, again, err := s.p.Review.TakeLog(v.Context(), byOf(sess), part.FileName(), m, part)
	if err != nil {
		return s.logsRefused(v, form, err)
	}
	done := lang.Text{DE: "Eingelesen: " + l.Name, EN: "Read in: " + l.Name}
	if again {
		done = lang.Text{DE: "Diese Datei ist schon eingelesen: " + l.Name, EN: "This file was read in before: " + l.Name}
	}
	return s.drawLogs(v, http.StatusOK, map[string]string{}, done, nil)
}

func (s *Server) logsRefused(v *visit, form map[string]string, err error) (http.Handler, error) {
	if fault.KindOf(err) != fault.Invalid {
		return nil, err
	}
	return s.drawLogs(v, http.StatusUnprocessableEntity, form, lang.Text{}, []problem{{"", fault.Say(err)}})
}

func (s *Server) takeList(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewAccess)
	if err != nil {
		return nil, err
	}
	form := map[string]string{}
	part, err := uploaded(v, form)
	if err != nil {
		return s.logsRefused(v, form, err)
	}
	b, err := io.ReadAll(part)
	if err == nil {
		_, err = s.p.Review.TakeList(v.Context(), byOf(sess), oversight.ListKind(form["kind"]), path.Base(part.FileName()), b)
	}
	if err != nil {
		return s.logsRefused(v, form, err)
	}
	return seeOther("/review/logs"), nil
}

func (s *Server) dropLog(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewAccess)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.showLogs(v)
	}
	if err := s.p.Review.DropLog(v.Context(), byOf(sess), v.PathValue("id"), v.PostFormValue("why")); err != nil {
		return s.logsRefused(v, map[string]string{"why": v.PostFormValue("why")}, err)
	}
	return seeOther("/review/logs"), nil
}

func (s *Server) showRules(v *visit) (http.Handler, error) {
	return s.drawRules(v, http.StatusOK, "", "", nil)
}

func (s *Server) drawRules(v *visit, code int, text, why string, problems []problem) (http.Handler, error) {
	h, _, err := s.reviewed(v, "/review/rules", lang.Text{DE: "Regeln der Auswertung", EN: "Rules of the review"})
	if err != nil {
		return nil, err
	}
	h.Problems = append(h.Problems, problems...)
	rules, was, err := s.p.Review.Rules(v.Context())
	if err != nil {
		return nil, err
	}
	return rulesPageT.status(code, newRulesPage(h, rules, was, text, why))
}

func newRulesPage(h reviewHead, rules review.Rules, was []oversight.RuleSet, text, why string) rulesPage {
	p := rulesPage{reviewHead: h, Text: text, Why: why, Lines: rules.Lines(func(r string) lang.Text { return staff.Role(r).Name() })}
	if text == "" {
		p.Text = rules.Text(h.Lang)
		if len(was) > 0 {
			p.Text = review.InWords(was[0].Text, h.Lang)
		}
	}
	for _, x := range was {
		p.Was = append(p.Was, rulesRow{x.By.Name, h.stamp(x.By.At), x.Why, review.InWords(x.Text, h.Lang)})
	}
	return p
}

func (s *Server) setRules(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewAccess)
	if err != nil {
		return nil, err
	}
	text, why := strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), v.PostFormValue("why")
	if v.resumed {
		return s.drawRules(v, http.StatusOK, text, why, nil)
	}
	err = s.p.Review.SetRules(v.Context(), byOf(sess), text, why)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return s.drawRules(v, http.StatusUnprocessableEntity, text, why, []problem{{"text", fault.Say(err)}})
	}
	if err != nil {
		return nil, err
	}
	return seeOther("/review/rules"), nil
}
