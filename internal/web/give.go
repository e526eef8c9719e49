package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// givePage is one dose at the bed: whom, what, how much, which way, when.
type givePage struct {
	Frame
	Action   string
	Hidden   []hiddenField
	Right    rightsView
	Answers  []answerLine // what is recorded for this time already
	Left     *leftView    // of a drug as needed
	State    lang.Text    // a prescription that is not in force
	Groups   []inputGroup
	At       string
	AtWrong  lang.Text
	Problems []problem
	Wrong    bool // the wristband of somebody else
	Beside   *besideView
	Resumed  bool
}

// rightsView are the five rights, large.
type rightsView struct {
	Name, Birth string
	Drug        string
	Strength    string
	Dose        string
	Rate        string
	Route       string
	Due         stamp // unknown: as needed
	Needed      bool
	Last        stamp
	Note        string
	Allergy     string
}

// answerLine is one answer to a planned dose.
type answerLine struct {
	Say   lang.Text
	Entry string // address of the entry, "" if it was not written here
}

type leftView struct {
	Most, Given, Rest lang.Text
	Why               lang.Text
	Over              bool
}

// givingPage is the one confirmation before a dose is recorded.
type givingPage struct {
	Frame
	Action   string
	Hidden   []hiddenField
	Right    rightsView
	Button   lang.Text // what is recorded, without the patient's name
	Notes    []lang.Text
	Asked    []askedView
	Second   bool
	Why      lang.Text // why a second person is needed
	ID       string
	Alone    string
	Problems []problem
}

// askedView is a question that must be answered with yes.
type askedView struct {
	Sure string
	Say  lang.Text
	Yes  bool
}

var (
	givePageT   = parse[givePage]("give")
	givingPageT = parse[givingPage]("giving")
)

// giving is a dose on its way.
type giving struct {
	form  *entry.Form
	typed map[string]string
	key   string // of a dose without a planned time
	it    rxItem
	due   time.Time
	n     int // answers to the planned time that were known
	every int
	extra bool // due is no planned time
	paper fromPaper
}

// giveFields are what is filled in.
func giveFields(form *entry.Form) []entry.Field {
	out := fieldsOf(form, "rx", "due", "asked", "alone")
	order := []string{"band", "pack", "status", "amount", "why", "words", "until"}
	slices.SortStableFunc(out, func(a, b entry.Field) int {
		return cmp.Compare(slices.Index(order, a.Name), slices.Index(order, b.Name))
	})
	return out
}

// givePart is what a dose is checked against: everything given lately.
func (v *visit) givePart() chart.Part { return chart.Part{Doses: true, Since: v.recentDays(doseDays)} }

// givingOf opens the dose that the address or the form names.
func (s *Server) givingOf(v *visit, get func(string) string) (*opened, giving, http.Handler, error) {
	x := giving{form: entry.FormOf(entry.DoseForm), paper: paperOf(v)}
	o, res, err := s.patientFor(v, v.givePart(), x.form, "give")
	if res != nil || err != nil {
		return nil, x, res, err
	}
	if x.it, err = rxNamed(o.p, get("rx")); err != nil {
		return nil, x, nil, err
	}
	if text := get("due"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, x, nil, noSuch(lang.Text{DE: "Diese Gabe gibt es nicht.", EN: "There is no such dose."})
		}
		x.due = at.In(v.now.Location())
		x.extra = !chart.PlansDose(&x.it.V, x.due)
	}
	for _, d := range chart.DuesOf(o.p, v.now.Location()) {
		if d.Prescription == x.it.V.Key() {
			x.every = d.Every
		}
	}
	return o, x, nil, nil
}

func (s *Server) showGive(v *visit) (http.Handler, error) {
	o, x, res, err := s.givingOf(v, v.FormValue)
	if res != nil || err != nil {
		return res, err
	}
	x.key, x.n = desk.NewKey(), x.answers(o.p)
	x.typed = map[string]string{"status": string(clinical.Given), "amount": plannedAmount(x.it.V)}
	return s.drawGive(v, o, x, nil, http.StatusOK)
}

// plannedAmount is what is to be given each time; nothing where the figures of
// the scheme say different amounts.
func plannedAmount(p clinical.Prescription) string {
	if strings.Trim(p.Scheme, "01-") != "" || strings.Contains(p.Scheme, "10") || strings.Contains(p.Scheme, "11") {
		return ""
	}
	if p.Dose == "" {
		return p.Rate
	}
	return p.Dose
}

// answers is how many records answer the planned time, those in error too.
func (x *giving) answers(p *chart.Patient) (n int) {
	if x.due.IsZero() {
		return 0
	}
	for _, d := range p.Doses {
		if chart.Of(&d.V, &x.it.V) && d.V.Due.Equal(x.due) {
			n++
		}
	}
	return n
}

// answered are the doses that stand for the planned time, newest first.
func (x *giving) answered(p *chart.Patient, zone *time.Location) []chart.Item[clinical.Dose] {
	if x.due.IsZero() {
		return nil
	}
	var out []chart.Item[clinical.Dose]
	for _, d := range p.Doses {
		off := d.Cancelled || d.V.Status == clinical.Retracted || d.V.Status == clinical.Dispensed
		if !off && chart.Of(&d.V, &x.it.V) && chart.DueOf(&x.it.V, &d.V, zone).Equal(x.due) {
			out = append(out, d)
		}
	}
	return out
}

// extraWord says that nothing is planned for the time of the address.
func (x *giving) extraWord(f Frame) lang.Text {
	at := f.stamp(x.due)
	return lang.Text{
		DE: "Für " + at.clock(lang.DE) + " ist von diesem Mittel keine Gabe geplant.", EN: "No dose of this drug is planned for " + at.clock(lang.EN) + ".",
	}
}

// entryKey is the key of the entry. Of a planned dose there is one first answer,
// one second and so on: two people who record the same one at once meet.
func (x *giving) entryKey(p *chart.Patient) string {
	if x.due.IsZero() {
		return x.key
	}
	return desk.KeyFor("dose", string(p.Key), x.it.V.Key(), x.due.UTC().Format(time.RFC3339), strconv.Itoa(x.n))
}

// hidden is what a form of this dose carries.
func (x *giving) hidden() []hiddenField {
	due := ""
	if !x.due.IsZero() {
		due = x.due.Format(time.RFC3339)
	}
	return []hiddenField{{"key", x.key}, {"rx", x.it.V.Key()}, {"due", due}, {"n", strconv.Itoa(x.n)}}
}

func answerWord(d clinical.Dose, f Frame) lang.Text {
	word := doseWord(d.Status)
	at, due := f.stamp(d.At), ""
	if !d.Due.IsZero() {
		due = f.stamp(d.Due).Time() + " "
	}
	by := d.By.Name
	if by == "" {
		by = d.By.ID
	}
	tail := ""
	if d.Amount != "" {
		tail = " (" + d.Amount + ")"
	}
	return lang.Text{
		DE: due + "wurde um " + at.clock(lang.DE) + " von " + cmp.Or(by, "unbekannt") + " als „" + word.DE + "“ eingetragen" + tail + ".",
		EN: due + "was recorded as “" + word.In(lang.EN) + "” at " + at.clock(lang.EN) + " by " + cmp.Or(by, "unknown") + tail + ".",
	}
}

func (s *Server) rightsOf(o *opened, x giving) rightsView {
	f, p := o.frame, x.it.V
	r := rightsView{
		Name: o.p.Name.V.Display(), Birth: o.p.Birth.V.German(), Drug: p.Drug.Label(), Strength: p.Strength, Dose: p.Dose, Rate: p.Rate,
		Route: p.Route, Due: f.stamp(x.due), Needed: p.AsNeeded, Note: p.Note, Allergy: allergyIn(p, o.p.Allergies),
	}
	if r.Drug == "" {
		r.Drug = p.Substance
	}
	if p.Scheme != "" && plannedAmount(p) == "" {
		r.Dose = strings.TrimSpace(p.Dose + " (" + p.Scheme + ")")
	}
	if strings.Contains(r.Drug, r.Strength) {
		r.Strength = ""
	}
	for _, d := range o.p.Doses { // newest first
		if (d.V.Status == clinical.Given || d.V.Status == clinical.Partly) && !d.Cancelled && chart.Of(&d.V, &p) {
			r.Last = f.stamp(d.V.At)
			break
		}
	}
	return r
}

// leftOf is what remains of the daily maximum of a drug as needed.
func (s *Server) leftOf(p *chart.Patient, near around, rx clinical.Prescription, now time.Time) dosing.Left {
	var given []string
	for _, d := range p.Doses {
		if (d.V.Status == clinical.Given || d.V.Status == clinical.Partly) && !d.Cancelled && chart.Of(&d.V, &rx) && now.Sub(d.V.At) < 24*time.Hour {
			given = append(given, d.V.Amount)
		}
	}
	return s.c.Drugs.Table.Left(rx, given, factsOf(p, near, now).WeightKg)
}

// rxStateWord says that a prescription is not in force now; nothing if it is.
func rxStateWord(it rxItem, f Frame) lang.Text {
	switch {
	case it.Cancelled || !it.V.Status.Open():
		return lang.Text{DE: "Diese Verordnung ist abgesetzt.", EN: "This prescription was stopped."}
	case it.V.Status == clinical.OnHold:
		return lang.Text{DE: "Diese Verordnung ist pausiert.", EN: "This prescription is on hold."}
	case !it.V.End.IsZero() && !it.V.End.After(f.Now):
		return lang.Text{DE: "Diese Verordnung ist beendet.", EN: "This prescription has ended."}
	case it.V.Start.After(f.Now.Add(time.Hour)):
		return lang.Text{DE: "Diese Verordnung beginnt erst " + f.stamp(it.V.Start).clock(lang.DE) + ".", EN: "This prescription begins only " + f.stamp(it.V.Start).clock(lang.EN) + "."}
	}
	return lang.Text{}
}

func (s *Server) drawGive(v *visit, o *opened, x giving, wrong []entry.Mistake, code int) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	p := givePage{
		Frame: f.titled("patient", lang.Text{DE: "Gabe", EN: "Dose"}), Action: "/patient/" + string(o.p.Key) + "/give", Hidden: x.hidden(),
		Right: s.rightsOf(o, x), State: rxStateWord(x.it, f), Groups: inputGroups(giveFields(x.form), x.typed, wrong, "band"), At: x.typed[entry.AtField],
		Problems: problemsOf(wrong), Resumed: v.resumed, Beside: s.besideOf(o, x.paper, x.typed[entry.AtField], false, wrong),
	}
	if x.extra {
		say := x.extraWord(f)
		p.Answers = append(p.Answers, answerLine{Say: lang.Text{DE: say.DE + " Bitte nur als zusätzliche Gabe eintragen.", EN: say.EN + " Please record one only as an extra dose."}})
	}
	for _, d := range x.answered(o.p, v.now.Location()) {
		p.Answers = append(p.Answers, answerLine{answerWord(d.V, f), enteredPath(o.p.Key, d.Origin)})
	}
	if x.it.V.AsNeeded {
		l := s.leftOf(o.p, o.near, x.it.V, v.now)
		p.Left = &leftView{Most: l.Most, Given: l.Given, Rest: l.Rest, Why: l.Why, Over: l.Over}
	}
	for i := range p.Groups {
		for j := range p.Groups[i].Fields {
			if field := &p.Groups[i].Fields[j]; field.Name == "pack" {
				field.Go = true
			}
		}
	}
	for _, m := range wrong {
		switch m.Field {
		case "band":
			p.Wrong = true
		case entry.AtField:
			p.AtWrong = m.Say
		}
	}
	return givePageT.status(code, p)
}

// give takes a filled form: shows the confirmation, or records the dose.
func (s *Server) give(v *visit) (http.Handler, error) {
	o, x, res, err := s.givingOf(v, v.PostFormValue)
	if res != nil || err != nil {
		return res, err
	}
	x.typed, x.key = typedOf(v, giveFields(x.form)), v.PostFormValue("key")
	x.n, _ = strconv.Atoi(v.PostFormValue("n")) // anything else is the first
	act := v.PostFormValue("act")
	if v.resumed || act == "edit" {
		return s.drawGive(v, o, x, nil, http.StatusOK)
	}
	filled, wrong := x.form.Fill(func(name string) string { return x.typed[name] }, nil, aboutOf(v, o.p))
	if band := filled.Text("band"); band != "" {
		if say, right := bandOf(o.p, band); !right {
			wrong = append([]entry.Mistake{{Field: "band", Say: say}}, wrong...)
			x.typed["band"] = ""
		}
	}
	if len(wrong) == 0 && !s.inOutage(v, filled.At) {
		wrong = append(wrong, entry.Mistake{Field: entry.AtField, Say: lang.Text{
			DE: "Zu dieser Zeit war kein Ausfall erklärt. Was davor und danach war, gehört in das KIS.",
			EN: "No outage was declared at that time. What was before and after belongs into the HIS.",
		}})
	}
	wrong = append(wrong, s.sheetMistakes(o, x.paper.form(x.typed[entry.AtField]))...)
	if len(wrong) > 0 {
		return s.drawGive(v, o, x, wrong, http.StatusUnprocessableEntity)
	}
	asked := s.giveQuestions(o, x, filled)
	if act != "sign" {
		x.n = x.answers(o.p)
		return s.drawGiving(v, o, x, filled, asked, nil, http.StatusOK)
	}
	return s.signDose(v, o, x, filled, asked)
}

// gives reports whether something of the drug was given.
func gives(f *entry.Filled) bool {
	st := clinical.DoseStatus(f.Text("status"))
	return st == clinical.Given || st == clinical.Partly
}

// signDose records the dose once every question is answered and, for a drug
// that needs it, a second person has signed.
func (s *Server) signDose(v *visit, o *opened, x giving, filled *entry.Filled, asked []entry.Mistake) (http.Handler, error) {
	e := s.entryOf(v, o, x.form.Kind, x.entryKey(o.p))
	e.At, e.Fields = filled.At, filled.Typed
	e.Fields["rx"] = entry.RxLine(x.it.V)
	if !x.due.IsZero() {
		e.Fields["due"] = x.due.Format("02.01.2006 15:04")
	}
	d := filled.Dose(x.it.V, x.due, entry.Number(e.Key))
	if filled.Text("band") != "" {
		e.Fields["band"], d.Scanned = "ja", true
	}
	if pack := filled.Text("pack"); pack != "" {
		e.Fields["pack"] = packWord(s.c.Drugs.Table, x.it.V, pack).DE
	}
	s.onPaper(o, x.paper, &e, "")
	if seq, ok := s.signedAlready(v, e); ok { // a second click: the questions were answered by the first
		return s.toDoses(v, o, x, e.Root, seq)
	}
	yes := v.PostForm["sure"]
	var wrong []entry.Mistake
	var said []string
	for _, m := range asked {
		if !slices.Contains(yes, m.Sure) {
			wrong = append(wrong, entry.Mistake{Say: lang.Text{DE: "Noch nicht bestätigt: " + m.Say.DE, EN: "Not confirmed yet: " + m.Say.EN}})
		}
		said = append(said, m.Say.DE)
	}
	if len(said) > 0 {
		e.Fields["asked"] = strings.Join(said, "\n")
	}
	if len(wrong) > 0 {
		x.n = x.answers(o.p)
		return s.drawGiving(v, o, x, filled, asked, wrong, http.StatusUnprocessableEntity)
	}
	if gives(filled) && s.c.Drugs.second(x.it.V) {
		second, alone, mistake := s.countersigned(v)
		if mistake != nil {
			return s.drawGiving(v, o, x, filled, asked, []entry.Mistake{*mistake}, http.StatusUnprocessableEntity)
		}
		e.Second, d.Checked = second, second
		if alone != "" {
			e.Fields["alone"] = alone
			d = filled.Dose(x.it.V, x.due, d.ID)
			d.Scanned = filled.Text("band") != ""
		}
	}
	e.Facts = entry.Facts{d}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if taken, ok := errors.AsType[*desk.Taken](err); ok { // somebody else was faster
		x.n++
		x.key = desk.NewKey()
		say := takenMistake(taken, o.frame)
		for _, fact := range taken.Entry.Facts {
			if other, ok := fact.(clinical.Dose); ok {
				say.Say.DE, say.Say.EN = answerWord(other, o.frame).DE+" "+say.Say.DE, answerWord(other, o.frame).EN+" "+say.Say.EN
			}
		}
		return s.drawGive(v, o, x, []entry.Mistake{say}, http.StatusConflict)
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Unavailable || k == fault.Invalid) {
		return s.drawGiving(v, o, x, filled, asked, []entry.Mistake{{Say: fault.Say(err)}}, status(k))
	}
	if err != nil {
		return nil, err
	}
	return s.toDoses(v, o, x, e.Root, seq)
}

// countersigned is the second person of a double check, or why there is none.
func (s *Server) countersigned(v *visit) (second clinical.Staff, alone string, wrong *entry.Mistake) {
	id, password := strings.TrimSpace(v.PostFormValue("second")), v.PostFormValue("second-password")
	alone = strings.Join(strings.Fields(v.PostFormValue("alone")), " ")
	mistake := func(field, de, en string) *entry.Mistake {
		return &entry.Mistake{Field: field, Say: lang.Text{DE: de, EN: en}}
	}
	switch {
	case id == "" && alone != "":
		if len([]rune(alone)) > 500 {
			return second, "", mistake("alone", "Höchstens 500 Zeichen.", "At most 500 characters.")
		}
		return second, alone, nil
	case id == "" || password == "":
		return second, "", mistake("second", "Dieses Mittel braucht eine zweite Person: bitte gegenzeichnen lassen, oder sagen, warum niemand da ist.", "This drug needs a second person: please have it countersigned, or say why nobody is there.")
	case strings.EqualFold(id, v.session.Person.ID):
		return second, "", mistake("second", "Die zweite Person muss eine andere sein.", "The second person must be somebody else.")
	}
	p, err := s.p.Staff.Confirm(v.Context(), id, password, v.from())
	if err != nil {
		say := fault.Say(err)
		return second, "", mistake("second", say.DE, say.In(lang.EN))
	}
	if p.ID == v.session.Person.ID || !staff.May(p, staff.GiveDoses) {
		return second, "", mistake("second", "Diese Person darf hier nicht gegenzeichnen.", "This person cannot countersign here.")
	}
	return clinical.Staff{ID: p.ID, Name: p.Name}, "", nil
}

// toDoses leads back to the ward's list, to the next dose that is due.
func (s *Server) toDoses(v *visit, o *opened, x giving, root string, seq journal.Seq) (http.Handler, error) {
	back := "/patient/" + string(o.p.Key) + "/medication"
	if sheet, ok := s.sheetAt(o, x.paper.root); ok { // the next box of the plan
		return s.signed(v, o, newSheetView(sheet, o.frame).Href(), root, seq)
	}
	if o.ward != "" {
		back = "/ward/" + url.PathEscape(o.ward) + "/doses?after=" + url.QueryEscape(string(o.p.Key))
		if !x.due.IsZero() {
			back += "&due=" + url.QueryEscape(x.due.Format(time.RFC3339))
		}
	}
	return s.signed(v, o, back, root, seq)
}

// packWord says how a scanned pack goes with the prescription.
func packWord(t *dosing.Table, p clinical.Prescription, scanned string) lang.Text {
	pzn, ok := dosing.ReadPZN(scanned)
	if !ok {
		return lang.Text{DE: "gescannt, keine PZN darin: nicht vergleichbar", EN: "scanned, no PZN in it: cannot be compared"}
	}
	switch t.Fits(p, pzn) {
	case dosing.FitSame:
		return lang.Text{DE: "PZN " + pzn + " wie verordnet", EN: "PZN " + pzn + " as prescribed"}
	case dosing.FitSubstance:
		return lang.Text{DE: "PZN " + pzn + ": Wirkstoff wie verordnet, Stärke bitte vergleichen", EN: "PZN " + pzn + ": substance as prescribed, please compare the strength"}
	case dosing.FitOther:
		return lang.Text{DE: "PZN " + pzn + " ist nicht die verordnete", EN: "PZN " + pzn + " is not the one prescribed"}
	case dosing.FitUnknown:
	}
	return lang.Text{DE: "PZN " + pzn + " gescannt: nicht vergleichbar", EN: "PZN " + pzn + " scanned: cannot be compared"}
}

func (s *Server) drawGiving(v *visit, o *opened, x giving, filled *entry.Filled, asked, wrong []entry.Mistake, code int) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	p := givingPage{
		Frame: f.titled("patient", lang.Text{DE: "Gabe bestätigen", EN: "Confirm the dose"}), Action: "/patient/" + string(o.p.Key) + "/give", Hidden: x.hidden(),
		Right: s.rightsOf(o, x), Button: giveWords(x, filled, f), Second: gives(filled) && s.c.Drugs.second(x.it.V), Why: s.c.Drugs.secondWhy(x.it.V), ID: v.PostFormValue("second"),
		Alone: v.PostFormValue("alone"), Problems: problemsOf(wrong),
	}
	for _, field := range giveFields(x.form) {
		if text := x.typed[field.Name]; text != "" {
			p.Hidden = append(p.Hidden, hiddenField{field.Name, text})
		}
	}
	at := x.typed[entry.AtField]
	if at == "" {
		at = filled.At.Format("02.01.2006 15:04") // the minute that the button says
	}
	p.Hidden = append(append(p.Hidden, hiddenField{entry.AtField, at}), x.paper.hidden()...)
	if filled.Text("band") != "" {
		p.Notes = append(p.Notes, lang.Text{DE: "✓ Armband gescannt: es ist das richtige.", EN: "✓ Wristband scanned: it is the right one."})
	}
	if pack := filled.Text("pack"); pack != "" {
		w := packWord(s.c.Drugs.Table, x.it.V, pack)
		p.Notes = append(p.Notes, lang.Text{DE: "Packung: " + w.DE + ".", EN: "Pack: " + w.EN + "."})
	}
	yes := v.PostForm["sure"]
	for _, m := range asked {
		p.Asked = append(p.Asked, askedView{m.Sure, m.Say, slices.Contains(yes, m.Sure)})
	}
	return givingPageT.status(code, p)
}

// giveWords is what the button records: 5 000 IE Heparin s.c. gegeben 08:05.
func giveWords(x giving, filled *entry.Filled, f Frame) lang.Text {
	p := x.it.V
	st := clinical.DoseStatus(filled.Text("status"))
	amount := ""
	if gives(filled) {
		amount = filled.Text("amount") + " "
	}
	at := f.stamp(filled.At)
	drug := cmp.Or(p.Drug.Label(), p.Substance)
	what := strings.Join(strings.Fields(amount+drug+" "+p.Route), " ")
	out := lang.Text{DE: what + " " + doseWord(st).DE + " " + at.clock(lang.DE), EN: what + " " + doseWord(st).In(lang.EN) + " " + at.clock(lang.EN)}
	if st == clinical.Postponed {
		if until, ok := entry.ParseNext(filled.Text("until"), filled.Now); ok {
			out.DE, out.EN = what+" verschoben auf "+f.stamp(until).clock(lang.DE), what+" postponed to "+f.stamp(until).clock(lang.EN)
		}
	}
	return out
}
