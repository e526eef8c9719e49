package web

import (
	"net/http"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// strangersPage lists the patients of the outage who must be matched before
// anything about them can go.
type strangersPage struct {
	Frame
	Target targetView
	Rows   []strangerRow
	Wards  bool // only those of the reader's wards
}

type strangerRow struct {
	Name, Birth, Case, Ward string
	Entries                 int
	Href                    string
	Standing                lang.Text
	Done                    bool
	Lacks                   bool
}

// matchPage lays one patient of the outage beside those whom the target may
// know that one as. Nobody is chosen beforehand.
type matchPage struct {
	Frame
	Target   targetView
	Action   string
	Key      string
	Who      matchPerson
	Rows     []matchPerson
	Asked    string
	Matched  *matchedView
	Problems []problem
	Entries  int
}

// matchPerson is one person, with what differs from the one who is matched.
type matchPerson struct {
	Key     clinical.PatientKey
	Name    string
	Number  string
	Facts   []matchFact
	Differs int
}

type matchFact struct {
	Label lang.Text
	Text  string
	Off   bool // another value than at the patient of the outage, where both are known
}

// matchedView is who the patient is there, by whose word.
type matchedView struct {
	New     bool
	Number  string
	Case    string
	By      string
	At      stamp
	Second  string
	Lacks   bool
	Own     bool // the reader said so: somebody else confirms
	Sent    int
	CanPart bool
}

var (
	strangersPageT = parse[strangersPage]("strangers")
	matchPageT     = parse[matchPage]("match")
)

func (s *Server) showStrangers(v *visit) (http.Handler, error) {
	name := v.PathValue("target")
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	list, err := s.p.Back.Strangers(v.Context(), name)
	if err != nil {
		return nil, err
	}
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	p := strangersPage{}
	for _, x := range list {
		c, err := view.Patient(v.Context(), x.Key, chart.Head())
		if err != nil {
			return nil, err
		}
		st, _ := c.Current()
		d, err := s.mayBack(v, sess, st.Now.V.Ward, c.Key)
		if err != nil {
			return nil, err
		}
		if !d.Allowed() {
			p.Wards = true
			continue
		}
		row := strangerRow{Name: c.Name.V.Display(), Birth: c.Birth.V.German(), Case: string(st.Case), Ward: st.Now.V.Ward, Entries: x.Entries, Href: "/handback/" + name + "/match/" + string(x.Key), Done: x.Matched.Known(), Lacks: x.Matched.Lacks()}
		row.Standing = matchedWord(x.Matched)
		p.Rows = append(p.Rows, row)
	}
	ward := ""
	if d, err := s.mayBack(v, sess, "", ""); err == nil && !d.Allowed() && len(sess.Person.Wards) > 0 {
		ward = sess.Person.Wards[0]
	}
	if _, res, err := s.passBack(v, want{page: "handback/match", ward: ward, what: "zuzuordnende Patienten"}); res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p.Frame = f.titled("handback", lang.Text{DE: "Patienten zuordnen", EN: "Match patients"})
	if p.Target, err = s.targetOf(v.Context(), name, f); err != nil {
		return nil, err
	}
	return strangersPageT.of(p)
}

func matchedWord(m handback.Matched) lang.Text {
	switch {
	case m.Lacks():
		return lang.Text{DE: "zweite Person fehlt", EN: "second person missing"}
	case m.New:
		return lang.Text{DE: "dort neu", EN: "new there"}
	case m.Done():
		return lang.Text{DE: "zugeordnet", EN: "matched"}
	}
	return lang.Text{DE: "zuzuordnen", EN: "to be matched"}
}

// openMatch opens the patient of the outage whom the address names.
func (s *Server) openMatch(v *visit) (*chart.Patient, http.Handler, error) {
	view, err := s.charts(v)
	if err != nil {
		return nil, nil, err
	}
	p, err := view.Patient(v.Context(), clinical.PatientKey(v.PathValue("key")), chart.Head())
	if err != nil {
		return nil, nil, err
	}
	st, _ := p.Current()
	_, res, err := s.passBack(v, want{page: "handback/match", ward: st.Now.V.Ward, patient: p.Key, kase: st.Case})
	return p, res, err
}

func (s *Server) showMatch(v *visit) (http.Handler, error) {
	p, res, err := s.openMatch(v)
	if res != nil || err != nil {
		return res, err
	}
	return s.drawMatch(v, http.StatusOK, p, nil)
}

func (s *Server) drawMatch(v *visit, code int, c *chart.Patient, problems []problem) (http.Handler, error) {
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	name, key := v.PathValue("target"), clinical.PatientKey(v.PathValue("key"))
	m, sent, err := s.p.Back.Matching(v.Context(), name, key)
	if err != nil {
		return nil, err
	}
	p := matchPage{
		Frame: f.titled("handback", lang.Text{DE: "Patient zuordnen", EN: "Match a patient"}), Action: "/handback/" + name + "/match/" + string(key),
		Key: journal.NewID().String(), Who: newMatchPerson(c, nil, "", f), Asked: strings.TrimSpace(v.FormValue("q")), Problems: problems,
	}
	if p.Target, err = s.targetOf(v.Context(), name, f); err != nil {
		return nil, err
	}
	items, err := s.p.Back.Items(v.Context(), name, handback.Filter{Patient: key, Limit: 1000})
	if err != nil {
		return nil, err
	}
	p.Entries = len(items)
	if m.Done() {
		p.Matched = &matchedView{
			New: m.New, Case: string(m.Case), By: m.Act.By.Name, At: f.stamp(m.Act.At), Second: m.Second.By.Name, Lacks: m.Lacks(), Own: f.User != nil && m.Act.By.ID == f.User.ID,
			Sent: sent, CanPart: sent == 0,
		}
		if len(m.IDs) > 0 {
			p.Matched.Number = m.IDs[0].Value
		}
	}
	if p.Asked != "" {
		if p.Rows, err = s.candidates(v, c, p.Asked, p.Target.Name, f); err != nil {
			return nil, err
		}
	}
	return matchPageT.status(code, p)
}

// matchHits is how many persons are laid beside the one who is matched.
const matchHits = 8

// candidates searches for who the patient may be. Only persons of whom the
// target has a number count, and everybody is shown with what differs.
func (s *Server) candidates(v *visit, c *chart.Patient, text, target string, f Frame) ([]matchPerson, error) {
	hits, _, err := v.view.Search(v.Context(), chart.Query{Text: text, Limit: 3 * matchHits})
	if err != nil {
		return nil, err
	}
	var out []matchPerson
	for _, h := range hits {
		if h.Key == c.Key || len(out) == matchHits {
			continue
		}
		p, err := v.view.Patient(v.Context(), h.Key, chart.Head())
		if err != nil {
			return nil, err
		}
		if id, ok := s.p.Back.Number(target, p); ok {
			st, _ := p.Current()
			if err := s.record(v, *v.session, staff.Decision{Verdict: staff.Allowed}, want{page: "handback/match", patient: p.Key, kase: st.Case}); err != nil {
				return nil, err
			}
			out = append(out, newMatchPerson(p, c, id.Value, f))
		}
	}
	return out, nil
}

// newMatchPerson shows a person; beside is the one who is compared with, nil for
// that one.
func newMatchPerson(p, beside *chart.Patient, number string, f Frame) matchPerson {
	m := matchPerson{Key: p.Key, Name: p.Name.V.Display(), Number: number}
	st, _ := p.Current()
	add := func(de, en, text, other string) {
		x := matchFact{Label: lang.Text{DE: de, EN: en}, Text: text}
		if beside != nil && text != "" && other != "" && !strings.EqualFold(text, other) {
			x.Off = true
			m.Differs++
		}
		m.Facts = append(m.Facts, x)
	}
	of := func(get func(*chart.Patient) string) (string, string) {
		if beside == nil {
			return get(p), ""
		}
		return get(p), get(beside)
	}
	a, b := of(func(p *chart.Patient) string { return p.Name.V.Family })
	add("Nachname", "Family name", a, b)
	a, b = of(func(p *chart.Patient) string { return p.Name.V.Given })
	add("Vorname", "Given name", a, b)
	a, b = of(func(p *chart.Patient) string { return p.Birth.V.German() })
	add("Geboren", "Born", a, b)
	a, b = of(func(p *chart.Patient) string { return p.Sex.V.Letter() })
	add("Geschlecht", "Sex", a, b)
	a, b = of(insuranceNumber)
	add("Versichertennummer", "Insurance number", a, b)
	a, b = of(func(p *chart.Patient) string {
		return strings.TrimSpace(p.Address.V.Street + ", " + p.Address.V.Zip + " " + p.Address.V.City)
	})
	add("Anschrift", "Address", strings.Trim(a, ", "), strings.Trim(b, ", "))
	add("Fall", "Case", strings.TrimSpace(string(st.Case)+" "+st.Now.V.Ward), "")
	add("Nummer dort", "Number there", number, "")
	return m
}

func insuranceNumber(p *chart.Patient) string {
	for _, in := range p.Insurances {
		if !in.Cancelled && in.V.Number != "" {
			return in.V.Number
		}
	}
	return ""
}

// match records who the patient is there, or what the second person says of it.
func (s *Server) match(v *visit) (http.Handler, error) {
	p, res, err := s.openMatch(v)
	if res != nil || err != nil {
		return res, err
	}
	key, err := backKey(v)
	if err != nil {
		return nil, err
	}
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	name, who, act := v.PathValue("target"), clinical.PatientKey(v.PathValue("key")), s.backAct(v, sess)
	switch v.PostFormValue("act") {
	case "new":
		err = s.p.Back.MatchNew(v.Context(), key, name, who, act)
	case "agree":
		err = s.p.Back.Agree(v.Context(), key, name, who, act)
	case "part":
		err = s.p.Back.Part(v.Context(), key, name, who, act)
	default:
		err = s.matchTo(v, key, name, who, act)
	}
	switch k := fault.KindOf(err); {
	case err == nil:
		return seeOther("/handback/" + name + "/match/" + string(who)), nil
	case k == fault.Invalid || k == fault.Forbidden || k == fault.Conflict:
		return s.drawMatch(v, status(k), p, []problem{{"", fault.Say(err)}})
	}
	return nil, err
}

// matchTo matches with the person who was chosen.
func (s *Server) matchTo(v *visit, key journal.ID, name string, who clinical.PatientKey, act handback.Act) error {
	into := clinical.PatientKey(v.PostFormValue("into"))
	if into == "" || into == who {
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte die Person wählen.", EN: "Please choose the person."})
	}
	if act.Why == "" {
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte sagen, woran die Person erkannt wurde.", EN: "Please say how the person was recognised."})
	}
	p, err := v.view.Patient(v.Context(), into, chart.Head())
	if err != nil {
		return err
	}
	id, ok := s.p.Back.Number(name, p)
	if !ok {
		return fault.New(fault.Invalid, lang.Text{DE: "Von dieser Person ist keine Nummer des Zielsystems bekannt.", EN: "No number of the target system is known of this person."})
	}
	no := clinical.CaseNo("")
	if st, ok := p.Current(); ok && v.PostFormValue("case") == "theirs" && slices.Contains([]chart.StayState{chart.Present, chart.Away, chart.Planned}, st.State) {
		no = st.Case
	}
	return s.p.Back.Match(v.Context(), key, name, who, []clinical.Identifier{id}, no, act)
}
