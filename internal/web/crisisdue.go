package web

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/staff"
)

// crisisDuePage is the clocks of an incident.
type crisisDuePage struct {
	crisisHead
	Known  []knownView
	Due    []clockView
	Unsure bool // a duty's wording was not checked by anybody
}

type knownView struct {
	Which string
	Name  lang.Text
	At    stamp
	Who   string
	How   string
	By    actView
	Was   []knownView
}

// clockView is one report with its clock.
type clockView struct {
	ID       string
	Law      string
	Name     lang.Text
	To       string
	Way      lang.Text
	Note     lang.Text
	Applies  bool
	Decided  actView
	Why      string
	Runs     bool
	AtOnce   bool
	Assumed  bool
	Moved    bool
	Due      stamp
	Plain    stamp
	Left     string
	Level    rulebook.Warning
	Word     lang.Text
	Percent  int
	Versions int
	Sent     []sentView
	Late     string
	Open     bool
	Checked  string
	When     rulebook.Condition
	Gone     bool // the house's file no longer has the duty
}

type sentView struct {
	Version int
	At      stamp
	Way     string
	To      string
	Number  string
	Note    string
	Digest  string
	By      string
}

var crisisDuePageT = parse[crisisDuePage]("crisisdue")

func newClockView(d crisis.Due, f Frame) clockView {
	v := clockView{ID: d.Duty.ID, Law: d.Duty.Law, Name: d.Duty.Name, To: d.To, Way: d.Duty.Way, Note: d.Duty.Note, Applies: d.Applies, Decided: f.crisisAct(d.Report.Decided), Why: d.Report.Why,
		Runs: d.Runs(), AtOnce: d.AtOnce, Assumed: d.Assumed, Due: f.stamp(d.Due), Plain: f.stamp(d.Plain), Moved: !d.Due.Equal(d.Plain), Versions: len(d.Report.Versions), Open: d.Open(), Checked: d.Duty.Checked, When: d.Duty.When, Gone: d.Gone}
	for _, x := range d.Report.Sent {
		v.Sent = append(v.Sent, sentView{x.Version, f.stamp(x.At), x.Way, x.To, x.Number, x.Note, x.Digest, x.By.Name})
	}
	if late := d.Late(); late > 0 {
		v.Late = span(late)
	}
	if !v.Runs || v.AtOnce {
		return v
	}
	v.Level = d.Level(f.Now)
	if left := d.Due.Sub(f.Now); left > 0 {
		v.Left = longSpan(left)
	} else {
		v.Left = longSpan(-left)
	}
	if all := d.Plain.Sub(d.Start); all > 0 {
		v.Percent = int(min(max(f.Now.Sub(d.Start)*100/all, 0), 100))
	}
	return v
}

// longSpan is a duration in hours up to three days: a deadline is counted in
// hours.
func longSpan(d time.Duration) string {
	if d < 24*time.Hour || d >= 96*time.Hour {
		return span(d)
	}
	return strconv.Itoa(int(d.Hours())) + " h"
}

// Red and Amber say how a clock is shown.
func (d clockView) Red() bool {
	return d.Open && (d.Level >= rulebook.NinetyPercent || d.AtOnce && d.Runs)
}
func (d clockView) Amber() bool { return d.Open && !d.Red() && d.Level >= rulebook.Half }
func (d clockView) Over() bool  { return d.Level == rulebook.Overdue }

func newCrisisDuePage(h crisisHead, due []crisis.Due) crisisDuePage {
	p := crisisDuePage{crisisHead: h}
	for _, w := range []struct {
		which rulebook.Start
		name  lang.Text
	}{
		{rulebook.FromKnowledge, lang.Text{DE: "Kenntnis des Vorfalls", EN: "Knowledge of the incident"}},
		{rulebook.FromBreach, lang.Text{DE: "Kenntnis, dass personenbezogene Daten verletzt sind", EN: "Knowledge that personal data are concerned"}},
	} {
		k := knownView{Which: string(w.which), Name: w.name}
		if x, ok := h.C.Knowledge[w.which]; ok {
			k.At, k.Who, k.How, k.By = h.stamp(x.At), x.Who, x.How, h.crisisAct(x.By)
			for _, b := range slices.Backward(x.Was) {
				k.Was = append(k.Was, knownView{At: h.stamp(b.At), Who: b.Who, By: h.crisisAct(b.By)})
			}
		}
		p.Known = append(p.Known, k)
	}
	for _, d := range due {
		v := newClockView(d, h.Frame)
		p.Unsure = p.Unsure || v.Checked == "" && !v.Gone
		p.Due = append(p.Due, v)
	}
	return p
}

var dutyActs = map[string]crisisAct{
	"knowledge": {staff.FileReports, "deadlines", func(s *Server, v *visit, by crisis.Act, id string) error {
		at, err := parseSince(v.PostFormValue("at"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.SignKnowledge(v.Context(), by, id, rulebook.Start(v.PostFormValue("of")), at, v.PostFormValue("who"), v.PostFormValue("how"))
		return err
	}},
	"decide": {staff.FileReports, "deadlines", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Decide(v.Context(), by, id, v.PostFormValue("of"), v.PostFormValue("applies") == "yes", v.PostFormValue("why"))
		return err
	}},
}

// dutyPage is one report: its fields, its versions, the proof of dispatch.
type dutyPage struct {
	crisisHead
	Duty     clockView
	Fields   []dutyField
	Versions []filedVersion
	Missing  []lang.Text
	Action   string
}

type dutyField struct {
	ID       string
	Name     lang.Text
	Hint     lang.Text
	Kind     rulebook.FieldKind
	Choices  []choice
	Value    string
	Required bool
}

type filedVersion struct {
	Number int
	By     actView
}

var dutyPageT = parse[dutyPage]("crisisreport")

// dutyOf finds duty and clock of the address.
func (s *Server) dutyOf(v *visit) (*crisis.Crisis, crisis.Due, error) {
	c, err := s.crisisOf(v, v.PathValue("id"))
	if err != nil {
		return nil, crisis.Due{}, err
	}
	for _, d := range s.p.Crisis.Deadlines(c) {
		if d.Duty.ID == v.PathValue("duty") {
			return c, d, nil
		}
	}
	return nil, crisis.Due{}, fault.New(fault.NotFound, lang.Text{DE: "Diese Meldung gibt es hier nicht.", EN: "There is no such report here."})
}

func (s *Server) showDuty(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeCrisis); err != nil {
		return nil, err
	}
	return s.drawDuty(v, http.StatusOK, nil, nil)
}

func (s *Server) drawDuty(v *visit, code int, typed map[string][]string, problems []problem) (http.Handler, error) {
	c, d, err := s.dutyOf(v)
	if err != nil {
		return nil, err
	}
	h := s.crisisHead(v, c, "deadlines")
	h.Problems, h.Resumed, h.typed, h.form = problems, v.resumed, typed, "report"
	if typed == nil {
		h.form = ""
	}
	return dutyPageT.status(code, newDutyPage(h, d, c.Prefill(d.Duty, s.p.Crisis.Duties(), s.knownFields(v, c, d))))
}

func newDutyPage(h crisisHead, d crisis.Due, values map[string]string) dutyPage {
	p := dutyPage{crisisHead: h, Duty: newClockView(d, h.Frame), Action: "/crisis/" + h.C.ID + "/report/" + d.Duty.ID}
	if h.typed != nil {
		values = map[string]string{}
		for _, f := range d.Duty.Form {
			values[f.ID] = h.Was("report", "f."+f.ID)
		}
	}
	for _, f := range d.Duty.Form {
		x := dutyField{ID: f.ID, Name: f.Name, Hint: f.Hint, Kind: f.Kind, Value: values[f.ID], Required: f.Required}
		for _, c := range f.Choices {
			x.Choices = append(x.Choices, choice{c.DE, c, c.DE == x.Value})
		}
		p.Fields = append(p.Fields, x)
	}
	for _, x := range slices.Backward(d.Report.Versions) {
		p.Versions = append(p.Versions, filedVersion{x.Number, h.crisisAct(x.By)})
	}
	if n := len(d.Report.Versions); n > 0 {
		for _, f := range crisis.Missing(d.Duty, d.Report.Versions[n-1].Fields) {
			p.Missing = append(p.Missing, f.Name)
		}
	}
	return p
}

// knownFields is what the incident and the house already say of a report's
// fields.
func (s *Server) knownFields(v *visit, c *crisis.Crisis, d crisis.Due) map[string]string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(s.c.Zone).Format("02.01.2006 15:04")
	}
	out := map[string]string{"entity": s.c.House, "what": c.Title, "began": at(c.Began), "noticed": at(c.Opened.At), "ended": at(c.Closed.At), "began-sure": "geschätzt", "diverted": "nein"}
	if c.BeganSure {
		out["began-sure"] = "sicher"
	}
	k := c.Knowledge[rulebook.FromKnowledge]
	if b, ok := c.Knowledge[rulebook.FromBreach]; ok && d.Duty.From == rulebook.FromBreach {
		k = b // the clock runs from when the breach was known
	}
	out["aware"], out["aware-who"] = at(k.At), k.Who
	switch c.Kind {
	case rulebook.Cyberattack, rulebook.Insider:
		out["malicious"], out["cause"] = "ja", "Angriff"
	case rulebook.Flood:
		out["cause"] = "Naturereignis"
	case rulebook.Fire: // nobody knows yet
		out["cause"] = "unbekannt"
	case rulebook.Technical, rulebook.Power, rulebook.Telematics, rulebook.Planned:
		out["malicious"], out["cause"] = "nein", "technisch"
	}
	var systems []string
	for _, o := range s.p.Outages.Outages(true) {
		if slices.Contains(c.Outages, o.ID) || o.Effective() && o.Exercise == c.Exercise {
			systems = append(systems, s.systemName(o.System).DE+" seit "+at(o.Since))
		}
	}
	if !c.Exercise {
		systems = append(systems, s.undeclared(v)...)
	}
	out["systems"] = strings.Join(systems, "\n")
	var scope, capacity, done []string
	for _, r := range c.Restrictions {
		if r.Service == crisis.Ambulances {
			out["diverted"] = "ja"
		}
		scope = append(scope, strings.TrimSpace(crisis.ServiceName(r.Service).DE+" seit "+at(r.From)+" "+r.Scope))
		out["until"] = at(r.Until)
	}
	for _, x := range c.Capacity {
		capacity = append(capacity, x.Unit+": "+x.Words())
	}
	for _, t := range c.Tasks {
		if t.State == crisis.TaskDone {
			done = append(done, at(t.By.At)+" "+t.Title)
		}
	}
	out["scope"], out["service"], out["capacity"], out["measures"] = strings.Join(scope, "\n"), strings.Join(scope, "\n"), strings.Join(capacity, "\n"), strings.Join(done, "\n")
	if n := s.numbersNow(v); n != nil {
		out["patients"] = strconv.Itoa(n.Patients)
	}
	return out
}

// saveDuty keeps a version, or the proof that one went out.
func (s *Server) saveDuty(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.FileReports)
	if err != nil {
		return nil, err
	}
	c, d, err := s.dutyOf(v)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawDuty(v, http.StatusOK, v.PostForm, nil)
	}
	by := crisis.Act{Person: sess.Person.ID, Name: sess.Person.Name, Key: v.PostFormValue("key")}
	if v.PostFormValue("act") == "sent" {
		err = s.recordSent(v, by, c, d)
	} else {
		fields := map[string]string{}
		for _, f := range d.Duty.Form {
			fields[f.ID] = v.PostFormValue("f." + f.ID)
		}
		_, err = s.p.Crisis.SaveReport(v.Context(), by, c.ID, d.Duty.ID, fields)
	}
	switch k := fault.KindOf(err); {
	case err == nil:
		return seeOther("/crisis/" + c.ID + "/report/" + d.Duty.ID + "#versions"), nil
	case k != fault.Invalid && k != fault.Conflict:
		return nil, err
	case v.PostFormValue("act") == "sent":
		return s.drawDuty(v, status(k), nil, []problem{{Say: fault.Say(err)}})
	default:
		return s.drawDuty(v, status(k), v.PostForm, []problem{{Say: fault.Say(err)}})
	}
}

func (s *Server) recordSent(v *visit, by crisis.Act, c *crisis.Crisis, d crisis.Due) error {
	at, err := parseSince(v.PostFormValue("at"), v.now)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(v.PostFormValue("version"))
	if err != nil {
		version = 0
	}
	_, err = s.p.Crisis.SendReport(v.Context(), by, c.ID, d.Duty.ID, crisis.Dispatch{Version: version, At: at, Way: v.PostFormValue("way"), To: v.PostFormValue("to"), Number: v.PostFormValue("number"), Note: v.PostFormValue("note")})
	return err
}

// registerPage is the register of breaches of personal data.
type registerPage struct {
	Frame
	Rows []breachView
}

type breachView struct {
	ID      string
	Title   string
	Kind    lang.Text
	Law     string
	Began   stamp
	Known   stamp
	Applies bool
	Why     string
	Due     clockView
	Fields  []dutyField // of the newest version
}

var registerPageT = parse[registerPage]("register")

func (s *Server) showRegister(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeCrisis); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v)
	}
	return registerPageT.of(newRegisterPage(s.breaches(v), f))
}

func newRegisterPage(rows []crisis.Breach, f Frame) registerPage {
	p := registerPage{Frame: f.titled("crisis", lang.Text{DE: "Verzeichnis der Datenschutzverletzungen", EN: "Register of personal data breaches"})}
	p.Land = true
	for _, b := range rows {
		x := breachView{ID: b.Crisis.ID, Title: b.Crisis.Title, Kind: crisis.KindName(b.Crisis.Kind), Law: b.Due.Duty.Law, Began: f.stamp(b.Crisis.Began), Known: f.stamp(b.Known.At), Applies: b.Due.Applies, Why: b.Due.Report.Why, Due: newClockView(b.Due, f)}
		if n := len(b.Due.Report.Versions); n > 0 {
			for _, field := range b.Due.Duty.Form {
				if val := b.Due.Report.Versions[n-1].Fields[field.ID]; val != "" && slices.Contains([]string{"what", "breach-kind", "data", "groups", "persons", "consequences", "risk", "measures", "informed"}, field.ID) {
					x.Fields = append(x.Fields, dutyField{Name: field.Name, Value: val})
				}
			}
		}
		p.Rows = append(p.Rows, x)
	}
	return p
}

// printCrisis draws a sheet about an incident, or hands out its files.
func (s *Server) printCrisis(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeCrisis); err != nil {
		return nil, err
	}
	if err := s.p.Crisis.Advance(v.Context(), 0); err != nil { // a sheet as of a moment ago is better than none
		s.log.WarnContext(v.Context(), "the logbook may lack the newest lines", "err", err)
	}
	c, err := s.crisisOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	head := s.crisisSheet(v, c)
	var b bytes.Buffer
	name := v.PathValue("file")
	switch name {
	case "logbook.pdf":
		pages := crisis.Paged(c.ID, c.Lines)
		signed, signErr := s.p.Crisis.SignedNote(c, pages)
		if signErr != nil {
			return nil, signErr
		}
		err = paper.Logbook(&b, head, logSheets(pages), paper.LogbookEnd{Note: signed, Checkpoint: string(s.p.Journal.LatestCheckpoint())})
	case "logbook.json":
		return s.exportLogbook(v, c)
	case "report.pdf", "report.json":
		return s.printDuty(v, c, head, name)
	case "situation.pdf":
		n, convErr := strconv.Atoi(v.FormValue("version"))
		if convErr != nil || n < 1 || n > len(c.Situations) {
			return s.unknown(v)
		}
		x := c.Situations[n-1]
		var parts []paper.Part
		for _, p := range x.Sections {
			parts = append(parts, paper.Part{Heading: p.Title.In(v.lang), Text: p.Text})
		}
		err = paper.Text(&b, head, paper.TextSheet{Kind: lang.Text{DE: "Lagebericht", EN: "Situation report"}.In(v.lang), Title: c.Title, Sub: "Fassung " + strconv.Itoa(n) + " · " + x.By.Name + " · " + x.By.At.In(s.c.Zone).Format("02.01.2006 15:04"), Parts: parts})
	case "notice.pdf", "text.pdf", "dispatch.pdf":
		sheet, ok := s.textSheet(v, c, name)
		if !ok {
			return s.unknown(v)
		}
		err = paper.Text(&b, head, sheet)
	default:
		return s.unknown(v)
	}
	if err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), strings.TrimSuffix(name, ".pdf")), nil
}

// crisisSheet is the head of a sheet that shows no chart: it says the journal's
// position and works without charts.
func (s *Server) crisisSheet(v *visit, c *crisis.Crisis) paper.Head {
	return paper.Head{Hospital: s.c.House, Mode: v.mode, AsOf: v.now, Seq: uint64(c.Last), Printed: v.now, PrintedBy: v.session.Person.Name, Where: v.from(), Lang: v.lang, Zone: s.c.Zone}
}

func logSheets(pages []crisis.LogPage) []paper.LogSheet {
	var out []paper.LogSheet
	for _, p := range pages {
		x := paper.LogSheet{Number: p.Number, First: p.First, Last: p.Last, Before: p.Before, Hash: p.Hash}
		for _, l := range p.Lines {
			x.Lines = append(x.Lines, paper.LogLine{Number: l.Number, Seq: uint64(l.Seq), At: l.At, Recorded: l.Recorded, Kind: crisis.LineName(l.Kind).DE, By: l.By, Text: l.Text, Corrects: l.Corrects})
		}
		out = append(out, x)
	}
	return out
}

func (s *Server) printDuty(v *visit, c *crisis.Crisis, head paper.Head, name string) (http.Handler, error) {
	n, err := strconv.Atoi(v.FormValue("version"))
	if err != nil {
		return s.unknown(v)
	}
	id := v.FormValue("duty")
	body, err := s.p.Crisis.ReportJSON(c, id, n)
	if err != nil {
		return nil, err
	}
	file := "meldung-" + id + "-" + strconv.Itoa(n)
	if name == "report.json" {
		return download(file+".json", "application/json", body), nil
	}
	version, err := s.p.Crisis.Version(c, id, n)
	if err != nil {
		return nil, err
	}
	sheet := paper.TextSheet{Kind: lang.Text{DE: "Meldung", EN: "Report"}.In(v.lang), Title: version.Head.Name.In(v.lang), Sub: version.Head.Law + " · an " + version.Head.To + " · Fassung " + strconv.Itoa(n) + " · " + version.By.Name + " " + version.By.At.In(s.c.Zone).Format("02.01.2006 15:04"), Foot: "SHA-256 " + crisis.Digest(body)}
	for _, f := range version.Form {
		if f.Text == "" {
			f.Text = "– keine Angabe –"
		}
		sheet.Parts = append(sheet.Parts, paper.Part{Heading: f.Title.In(v.lang), Text: f.Text})
	}
	var b bytes.Buffer
	if err := paper.Text(&b, head, sheet); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), file), nil
}

// exportLogbook hands the logbook out with its proofs. That it left is a line of
// the logbook itself.
func (s *Server) exportLogbook(v *visit, c *crisis.Crisis) (http.Handler, error) {
	if _, err := v.need(staff.FileReports); err != nil {
		return nil, err
	}
	by := crisis.Act{Person: v.session.Person.ID, Name: v.session.Person.Name, Key: journal.NewID().String()}
	c, err := s.p.Crisis.Log(v.Context(), by, c.ID, crisis.Entry{Kind: crisis.MessageOut, Text: "Einsatztagebuch als Datei mit Nachweisen ausgegeben."})
	if err != nil {
		return nil, err
	}
	l, err := s.p.Crisis.Export(v.Context(), c, s.p.Journal)
	if err != nil {
		return nil, err
	}
	body, err := l.Bytes()
	if err != nil {
		return nil, err
	}
	return download("einsatztagebuch-"+v.now.Format("2006-01-02-1504")+".json", "application/json", body), nil
}
