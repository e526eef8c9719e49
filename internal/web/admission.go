package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/egk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
	"notbetrieb/internal/staff"
)

// admissionRoutes names the pages of the admission.
func (s *Server) admissionRoutes(on func(string, show)) {
	on("GET /admission", s.showAdmissionDesk)
	on("GET /admission/{form}", s.showAdmission)
	on("GET /admission/mass", s.newMass)
	on("GET /admission/mass/{series}", s.showMass)
	on("GET /admission/mass/{series}/bands.pdf", s.printMass)
	on("GET /admission/done/{root}", s.showAdmitted)
	on("GET /patient/{key}/move/{form}", s.showMove)
	on("GET /patient/{key}/swap", s.showSwap)
	on("GET /patient/{key}/same", s.showSame)
}

// admissionForms names the pages of the admission that take what people record.
func (s *Server) admissionForms(on func(string, show)) {
	on("POST /admission", s.findPerson)
	on("POST /admission/{form}", s.admit)
	on("POST /admission/mass/{series}", s.admitMass)
	on("POST /patient/{key}/move/{form}", s.move)
	on("POST /patient/{key}/swap", s.swap)
	on("POST /patient/{key}/joined", s.same)
}

// deskPage is where an admission begins: who is it?
type deskPage struct {
	Frame
	Text     string
	Asked    bool
	Rows     []hitRow
	Total    int
	Card     string // what the health card says, in one line
	Warn     lang.Text
	New      []carriedField // what the form of a new person begins with
	Closed   lang.Text
	Shut     bool // nothing is taken now
	Problems []problem
}

var deskPageT = parse[deskPage]("desk")

func (s *Server) showAdmissionDesk(v *visit) (http.Handler, error) {
	if open, _ := s.writable(v); !open {
		if _, err := v.need(staff.Admit); err != nil {
			return nil, err
		}
		return s.drawDesk(v, http.StatusOK, deskPage{Shut: true, Closed: lang.Text{
			DE: "Es ist kein Ausfall erklärt. Aufgenommen wird im KIS; hier erst, wenn ein Ausfall erklärt ist.",
			EN: "No outage is declared. Admissions belong into the HIS; here they are taken once an outage is declared.",
		}})
	}
	if res, err := s.atDesk(v, "admission", ""); res != nil || err != nil {
		return res, err
	}
	return s.drawDesk(v, http.StatusOK, deskPage{})
}

func (s *Server) drawDesk(v *visit, code int, p deskPage) (http.Handler, error) {
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p.Frame = f.titled("admission", lang.Text{DE: "Aufnahme", EN: "Admission"})
	if !p.Shut && v.mode.Kind != incident.Emergency {
		p.Closed = lang.Text{
			DE: "Der Ausfall ist beendet. Hier wird nur noch nachgetragen, was in ihm geschah.",
			EN: "The outage has ended. Only what happened in it is still recorded here.",
		}
	}
	return deskPageT.status(code, p)
}

// findPerson looks for whoever stands at the desk: by what was typed, scanned
// from a wristband or a sheet, or read from a health card.
func (s *Server) findPerson(v *visit) (http.Handler, error) {
	if res, err := s.atDesk(v, "admission/find", ""); res != nil || err != nil {
		return res, err
	}
	text := strings.TrimSpace(v.PostFormValue("q"))
	p := deskPage{Text: text}
	if v.resumed || text == "" {
		return s.drawDesk(v, http.StatusOK, p)
	}
	if code, err := sheet.Parse(text); err == nil && (code.Case != "" || code.Key != "") {
		return s.foundByCode(v, code, p)
	}
	asks := []string{text}
	typed := url.Values{}
	switch number, right := clinical.KVNR(text); {
	case egk.Reads(text):
		card, err := egk.Parse(text)
		if err != nil {
			p.Problems = []problem{{"q", fault.Say(err)}}
			return s.drawDesk(v, http.StatusUnprocessableEntity, p)
		}
		asks, typed = cardAsks(card), cardFields(card)
		p.Text, p.Card = "", card.Name.Display()+" *"+card.Birth.German()+" · "+card.Insurance.Fund+" · "+card.KVNR
	case number != "":
		asks, typed = []string{number}, url.Values{"kvnr": {number}}
		if !right {
			p.Warn = lang.Text{
				DE: "Die Prüfziffer dieser Versichertennummer passt nicht. Bitte mit der Karte vergleichen.",
				EN: "The check digit of this insurance number does not fit. Please compare it with the card.",
			}
		}
	default:
		typed = nameFields(text)
	}
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		p.New = append(p.New, carriedField{name, typed.Get(name)})
	}
	seen := map[clinical.PatientKey]bool{}
	var hits []chart.Hit
	for _, ask := range asks {
		found, _, err := v.view.Search(v.Context(), chart.Query{Text: ask, Limit: hitsPerPage})
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			if !seen[h.Key] {
				seen[h.Key] = true
				hits = append(hits, h)
			}
		}
	}
	p.Asked, p.Total = true, len(hits)
	p.Rows = newSearchPage(hits, len(hits), chart.Query{Text: text}, s.bare(v)).Rows
	return s.drawDesk(v, http.StatusOK, p)
}

// foundByCode shows whom a wristband, label or sheet belongs to.
func (s *Server) foundByCode(v *visit, code sheet.Code, p deskPage) (http.Handler, error) {
	p.Asked, p.Text = true, string(code.Case)
	if code.Key != "" {
		patient, err := v.view.Patient(v.Context(), code.Key, chart.Head())
		if err != nil {
			return nil, err
		}
		p.Text = ownID(patient).Value
	}
	hits, total, err := v.view.Search(v.Context(), chart.Query{Text: p.Text, Limit: hitsPerPage})
	if err != nil {
		return nil, err
	}
	p.Rows, p.Total = newSearchPage(hits, total, chart.Query{Text: p.Text}, s.bare(v)).Rows, total
	return s.drawDesk(v, http.StatusOK, p)
}

// cardAsks is how the person of a card is looked for.
func cardAsks(c egk.Card) []string {
	var out []string
	if c.KVNR != "" {
		out = append(out, c.KVNR)
	}
	if !c.Name.Zero() {
		out = append(out, strings.TrimSpace(c.Name.Family+" "+c.Name.Given+" "+birthText(c.Birth)))
	}
	return out
}

func birthText(d clinical.Date) string {
	if !d.Full() {
		return ""
	}
	return d.German()
}

// cardFields is what the form of a new person begins with.
func cardFields(c egk.Card) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"family": c.Name.Family, "given": c.Name.Given, "prefix": c.Name.Prefix, "birth": birthText(c.Birth), "sex": string(c.Sex),
		"street": c.Address.Street, "zip": c.Address.Zip, "city": c.Address.City,
		"kvnr": c.KVNR, "fund": c.Insurance.Fund, "ik": c.Insurance.IK,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// nameFields takes a name out of what was typed: "Müller, Anna 03.04.1951".
func nameFields(text string) url.Values {
	q := url.Values{}
	var words []string
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsAny(word, "0123456789") {
			if strings.Count(word, ".") == 2 {
				q.Set("birth", strings.TrimPrefix(word, "*"))
			}
			continue
		}
		words = append(words, word)
	}
	name := strings.Join(words, " ")
	family, given, comma := strings.Cut(name, ",")
	if !comma {
		family, given, _ = strings.Cut(name, " ")
	}
	if family = strings.TrimSpace(family); family != "" {
		q.Set("family", family)
	}
	if given = strings.TrimSpace(given); given != "" {
		q.Set("given", given)
	}
	return q
}
