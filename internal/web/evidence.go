package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func (s *Server) evidenceRoutes(on func(string, show)) {
	on("GET /evidence", s.showEvidence)
	on("GET /evidence/new", s.showSecure)
	on("GET /evidence/list.pdf", s.printEvidenceList)
	on("GET /evidence/item/{id}", s.showItem)
	on("GET /evidence/item/{id}/handover", s.showHandOver)
	on("GET /evidence/item/{id}/file/{hash}", s.showEvidenceFile)
	on("GET /evidence/item/{id}/print/{file}", s.printItem)
	on("GET /evidence/package", s.showPackage)
	on("POST /evidence/package", s.givePackage)
	on("GET /evidence/holds", s.showHolds)
}

// The pages that take files, as http.ServeMux names them.
const (
	securePattern = "POST /evidence/new"
	filesPattern  = "POST /evidence/item/{id}/files"
)

func (s *Server) evidenceForms(on func(string, show)) {
	on(securePattern, s.secure)
	on(filesPattern, s.addFiles)
	on("POST /evidence/item/{id}/handover", s.handOver)
	on("POST /evidence/item/{id}/do/{act}", s.actOnItem)
	on("POST /evidence/holds/{act}", s.actOnHold)
}

// evidenceHead is what every page of evidence has.
type evidenceHead struct {
	Frame
	Key      string // of the next act: the same form sent twice is one act
	Problems []problem
	Resumed  bool
	form     string
	typed    url.Values
	differs  *evidence.Deviation // why the form came back, nil for anything else
}

// Was is what was typed into a field of the form that came back, "" in all others.
func (h evidenceHead) Was(form, field string) string {
	if form != h.form {
		return ""
	}
	return h.typed.Get(field)
}

// Stood is the line that made the holder as the form that came back showed it: who
// typed for another holder is not taken at their word for the new one.
func (h evidenceHead) Stood(form string, turn int) int {
	if n, err := strconv.Atoi(h.Was(form, "turn")); err == nil {
		return n
	}
	return turn
}

// again are the typed hashes of an item with what a form that came back has typed,
// and here whether files that are held differ and nobody has confirmed it.
func (h evidenceHead) again(form string, i *evidence.Item) (typed []typedHash, here bool) {
	differs := map[string]string{}
	if h.differs != nil && h.Back(form) {
		for _, c := range h.differs.Checks {
			if here = here || c.Here; !c.Here {
				differs[c.Want] = c.Got
			}
		}
	}
	for n, x := range i.Hashes {
		typed = append(typed, typedHash{x, n + 1, h.Was(form, "hash."+x.Value), differs[x.Value]})
	}
	return typed, here
}

// Back reports whether this form came back: it stands open.
func (h evidenceHead) Back(form string) bool { return form == h.form }

func (s *Server) evidenceHead(v *visit, de, en string) evidenceHead {
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v) // evidence is kept although no chart can be read
	}
	return evidenceHead{Frame: f.titled("crisis", lang.Text{DE: de, EN: en}), Key: journal.NewID().String(), Resumed: v.resumed}
}

// looked passes the gate for a page about evidence and records the look; which is
// the item, file or list, by its number.
func (s *Server) looked(v *visit, right staff.Right, page, which string) error {
	sess, err := v.need(right)
	if err != nil {
		return err
	}
	return s.record(v, sess, staff.Decision{}, want{page: page, what: which})
}

// caseMark is an incident's evidence by its number: B3.
func caseMark(c *evidence.Case) string { return "B" + strconv.Itoa(c.Number) }

// refused is the head of a form that comes back, and the answer's status.
func (h *evidenceHead) refused(v *visit, form string, err error) int {
	h.form, h.typed = form, v.PostForm
	_ = errors.As(err, &h.differs)
	if err == nil {
		return http.StatusOK
	}
	h.Problems = []problem{{Say: fault.Say(err)}}
	return status(fault.KindOf(err))
}

// comesBack reports whether a form is drawn again for the error.
func comesBack(err error) bool {
	k := fault.KindOf(err)
	return err == nil || k == fault.Invalid || k == fault.Conflict || k == fault.Unavailable
}

func evidenceAct(v *visit) evidence.Act {
	return evidence.Act{Person: v.session.Person.ID, Name: v.session.Person.Name, Key: v.PostFormValue("key")}
}

// evidencePage lists what was secured in one incident.
type evidencePage struct {
	evidenceHead
	Cases   []choice
	Case    string
	Name    string // of the incident
	Text    string
	Kinds   []choice
	Rows    []itemRow
	All     int
	Exports []exportRow
	Held    int
	Offer   bool // no hold stands for this attack
	Scanned string
}

type itemRow struct {
	*evidence.Item
	KindName lang.Text
	Secured  stamp
	Since    stamp // with who has it now
	Gaps     int
	Deviates bool
	Papers   int // signed ones that are missing
	End      lang.Text
	Asked    bool
}

type exportRow struct {
	evidence.Export
	At   stamp
	Part bool
}

var evidencePageT = parse[evidencePage]("evidence")

func newItemRow(i *evidence.Item, f Frame) itemRow {
	return itemRow{Item: i, KindName: i.Kind.Say(), Secured: f.stamp(i.At), Since: f.stamp(i.Entries[i.Turn-1].Since()), Gaps: i.Gaps(), Deviates: i.Deviates(), Papers: len(i.Awaited()), End: evidence.EndName(i.Ended), Asked: i.Asked > 0}
}

// casesFor are the incidents that evidence can belong to, the newest first, and
// the one chosen: as the address says, else a running one, else the newest.
func (s *Server) casesFor(v *visit, chosen string) (out []choice, c *crisis.Crisis) {
	all := s.incidents(v)
	for _, x := range all {
		if x.ID == chosen || chosen == "" && (c == nil || !c.Running() && x.Running()) {
			c = x
		}
	}
	for _, x := range all {
		out = append(out, choice{x.ID, lang.Text{DE: x.Title, EN: x.Title}, x == c})
	}
	return out, c
}

func (s *Server) showEvidence(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeEvidence); err != nil {
		return nil, err
	}
	scan := strings.TrimSpace(v.FormValue("scan"))
	if i := s.labelled(v, scan); i != nil {
		return seeOther("/evidence/item/" + i.ID), nil
	}
	cases, c := s.casesFor(v, v.FormValue("case"))
	if c != nil {
		if x := s.caseOf(v, c.ID); x != nil {
			if err := s.looked(v, staff.SeeEvidence, "evidence/list", caseMark(x)); err != nil {
				return nil, err
			}
		}
	}
	p := newEvidencePage(s.evidenceHead(v, "Beweise", "Evidence"), cases, c, s.p.Evidence.Cases(), s.standingHolds(v), v.FormValue("q"), evidence.Kind(v.FormValue("kind")))
	p.Scanned = scan
	if scan != "" {
		p.Problems = []problem{{"scan", lang.Text{DE: "Dieses Etikett gehört zu keinem Beweisstück hier: " + scan, EN: "This label belongs to no item here: " + scan}}}
	}
	return evidencePageT.of(p)
}

func newEvidencePage(h evidenceHead, cases []choice, c *crisis.Crisis, all []*evidence.Case, standing []evidence.Hold, text string, kind evidence.Kind) evidencePage {
	p := evidencePage{evidenceHead: h, Cases: cases, Text: text}
	for _, k := range evidence.Kinds() {
		p.Kinds = append(p.Kinds, choice{string(k), k.Say(), k == kind})
	}
	p.Held = len(standing)
	if c == nil {
		return p
	}
	p.Case, p.Name = c.ID, c.Title
	p.Offer = attack(c) && !slices.ContainsFunc(standing, func(h evidence.Hold) bool { return h.Scope.Case == c.ID && !h.Scope.From.IsZero() || h.Scope.Whole })
	for _, x := range all {
		if x.ID != c.ID {
			continue
		}
		p.All = len(x.Items)
		for _, i := range x.Search(text, kind) {
			p.Rows = append(p.Rows, newItemRow(i, h.Frame))
		}
		for _, e := range slices.Backward(x.Exports) {
			p.Exports = append(p.Exports, exportRow{e, h.stamp(e.By.At), len(e.Items) > 0})
		}
	}
	return p
}

// attack reports whether records should be held for the incident.
func attack(c *crisis.Crisis) bool {
	return c.Running() && !c.Exercise && (c.Kind == "cyberattack" || c.Kind == "insider")
}

// securePage is the form for a new item.
type securePage struct {
	evidenceHead
	Case      string
	Name      string
	Cases     []choice
	Kinds     []choice
	Powers    []choice
	Volatiles []choice
	Hashes    []hashField
	By        string
	Now       stamp
}

type hashField struct {
	N         int
	Value, Of string
}

var securePageT = parse[securePage]("evidencenew")

func (s *Server) showSecure(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.KeepEvidence); err != nil {
		return nil, err
	}
	cases, c := s.casesFor(v, v.FormValue("case"))
	return securePageT.of(newSecurePage(s.evidenceHead(v, "Beweisstück sichern", "Secure an item"), cases, c))
}

const hashFields = 3 // for typed hashes

func newSecurePage(h evidenceHead, cases []choice, c *crisis.Crisis) securePage {
	p := securePage{evidenceHead: h, Cases: cases, Now: h.stamp(h.Frame.Now)}
	if c != nil {
		p.Case, p.Name = c.ID, c.Title
	}
	p.By = h.Was("new", "taken")
	if p.By == "" && h.User != nil {
		p.By = h.User.Name
	}
	for _, k := range evidence.Kinds() {
		p.Kinds = append(p.Kinds, choice{string(k), k.Say(), string(k) == h.Was("new", "kind")})
	}
	for _, x := range evidence.Powers() {
		p.Powers = append(p.Powers, choice{x, evidence.PowerName(x), x == h.Was("new", "power")})
	}
	for _, x := range evidence.Volatiles() {
		p.Volatiles = append(p.Volatiles, choice{x, evidence.VolatileName(x), x == h.Was("new", "volatile")})
	}
	for n := range hashFields {
		f := hashField{N: n + 1}
		if vs, of := h.typed["hash"], h.typed["of"]; n < len(vs) && n < len(of) {
			f.Value, f.Of = vs[n], of[n]
		}
		p.Hashes = append(p.Hashes, f)
	}
	return p
}

// secure takes a new item with its photos.
func (s *Server) secure(v *visit) (http.Handler, error) {
	files, err := s.takeForm(v, staff.KeepEvidence, nil, map[string]evidence.Role{"photo": evidence.Photo}, evidence.MaxPhoto)
	defer evidence.Drop(files)
	if err == nil && !v.resumed {
		var id string
		if id, err = s.secured(v, files); err == nil {
			return seeOther("/evidence/item/" + id + "?new=1"), nil
		}
	}
	if !comesBack(err) || v.session == nil {
		return nil, err
	}
	cases, c := s.casesFor(v, v.PostFormValue("case"))
	h := s.evidenceHead(v, "Beweisstück sichern", "Secure an item")
	code := h.refused(v, "new", err)
	if k := v.PostFormValue("key"); k != "" {
		h.Key = k
	}
	return securePageT.status(code, newSecurePage(h, cases, c))
}

func (s *Server) secured(v *visit, files []evidence.Incoming) (string, error) {
	c, err := s.crisisOf(v, v.PostFormValue("case"))
	if err != nil {
		return "", fault.New(fault.Invalid, lang.Text{DE: "Bitte die Lage wählen, zu der es gehört.", EN: "Please choose the incident it belongs to."})
	}
	at, err := typedMoment(v, "at")
	if err != nil {
		return "", err
	}
	t := evidence.Thing{
		Kind: evidence.Kind(v.PostFormValue("kind")), Title: v.PostFormValue("title"), Serial: v.PostFormValue("serial"), Found: v.PostFormValue("found"), At: at,
		Power: v.PostFormValue("power"), Volatile: v.PostFormValue("volatile"), Taken: evidence.Party{Name: v.PostFormValue("taken")},
		Tool: v.PostFormValue("tool"), Version: v.PostFormValue("version"), Blocker: v.PostFormValue("blocker"), Seal: v.PostFormValue("seal"),
		Place: v.PostFormValue("place"), Size: v.PostFormValue("size"), Note: v.PostFormValue("note"),
	}
	of := v.PostForm["of"]
	for n, value := range v.PostForm["hash"] {
		h := evidence.Hash{Value: value}
		if n < len(of) {
			h.Of = of[n]
		}
		t.Hashes = append(t.Hashes, h)
	}
	return s.p.Evidence.Secure(v.Context(), evidenceAct(v), c.ID, titleOf(c), t, files)
}

// titleOf is an incident's title as it stands on everything that leaves the house:
// what was secured in an exercise never passes for evidence.
func titleOf(c *crisis.Crisis) string {
	if c.Exercise {
		return "ÜBUNG: " + c.Title
	}
	return c.Title
}

// typedMoment is a time as it was typed, zero for none.
func typedMoment(v *visit, field string) (time.Time, error) {
	text := strings.TrimSpace(v.PostFormValue(field))
	if text == "" {
		return time.Time{}, nil
	}
	return parseSince(text, v.now)
}
