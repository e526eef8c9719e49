package web

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"
	"strconv"
	"strings"

	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// itemPage is one item with its chain.
type itemPage struct {
	evidenceHead
	itemRow
	CaseName string
	New      bool
	Facts    []itemFact
	Files    []fileView
	Photos   []fileView
	Chain    []chainView
	Ask      *chainView // what waits for a second person
	Mine     bool       // the reader asked
	Typed    []typedHash
	Most     string
}

type itemFact struct {
	Name  lang.Text
	Value string
	Mono  bool
}

type fileView struct {
	evidence.File
	Href  string
	Bytes string
	Says  lang.Text
}

type chainView struct {
	evidence.Entry
	Says   lang.Text
	Moment stamp
	Until  stamp
	Wrote  stamp
	Checks []checkView
	Files  []fileView
	Notes  []lang.Text
	Bad    bool
}

type checkView struct {
	evidence.Comparison
	Short string
}

// handOverPage is the form that gives an item to somebody else.
type handOverPage struct {
	evidenceHead
	itemRow
	Typed []typedHash
	Held  int  // files whose hashes are worked out here
	Here  bool // one of them differs
	Now   stamp
}

type typedHash struct {
	evidence.Hash
	N       int
	Was     string
	Differs string // what was measured and is not the hash of the beginning
}

var (
	itemPageT     = parse[itemPage]("evidenceitem")
	handOverPageT = parse[handOverPage]("evidencehand")
)

func (s *Server) showItem(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeEvidence); err != nil {
		return nil, err
	}
	i, err := s.itemOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, staff.SeeEvidence, "evidence/item", i.Ref); err != nil {
		return nil, err
	}
	p := newItemPage(s.evidenceHead(v, "Beweisstück "+i.Ref, "Item "+i.Ref), i, s.caseName(i.Case), s.p.Evidence.MaxFile())
	p.New = v.FormValue("new") != ""
	return itemPageT.of(p)
}

func (s *Server) caseName(id string) string {
	if c := s.p.Evidence.Case(id); c != nil {
		return c.Title
	}
	return ""
}

func newItemPage(h evidenceHead, i *evidence.Item, name string, most int64) itemPage {
	p := itemPage{evidenceHead: h, itemRow: newItemRow(i, h.Frame), CaseName: name, Most: evidence.Bytes(most)}
	say := func(de, en, value string) {
		if value != "" {
			p.Facts = append(p.Facts, itemFact{Name: lang.Text{DE: de, EN: en}, Value: value})
		}
	}
	say("Hersteller, Seriennummer", "Make, serial number", i.Serial)
	say("Gefunden", "Found", i.Found)
	say("Gesichert von", "Secured by", i.Taken.String())
	say("Zustand", "State", evidence.PowerName(i.Power).In(h.Lang))
	say("Arbeitsspeicher, Netzverbindungen", "Memory, network state", evidence.VolatileName(i.Volatile).In(h.Lang))
	say("Werkzeug", "Tool", strings.TrimSpace(i.Tool+" "+i.Version))
	say("Schreibschutz", "Write blocker", i.Blocker)
	say("Siegel bei Sicherung", "Seal when secured", i.Thing.Seal)
	say("Ort bei Sicherung", "Place when secured", i.Thing.Place)
	say("Größe (liegt außerhalb)", "Size (kept outside)", i.Thing.Size)
	say("Bemerkung", "Note", i.Thing.Note)
	for _, x := range i.Hashes {
		p.Facts = append(p.Facts, itemFact{Name: lang.Text{DE: x.Alg + " " + x.Of, EN: x.Alg + " " + x.Of}, Value: x.Value, Mono: true})
	}
	for _, f := range i.Files {
		view := newFileView(i, f)
		if f.Role == evidence.Photo {
			p.Photos = append(p.Photos, view)
		} else {
			p.Files = append(p.Files, view)
		}
	}
	for _, e := range i.Entries {
		p.Chain = append(p.Chain, newChainView(i, e, h.Frame))
	}
	p.Typed, _ = h.again("verify", i)
	if i.Asked > 0 {
		p.Ask = &p.Chain[i.Asked-1]
		p.Mine = h.User != nil && p.Ask.By.Person == h.User.ID
	}
	return p
}

func newFileView(i *evidence.Item, f evidence.File) fileView {
	return fileView{File: f, Href: "/evidence/item/" + i.ID + "/file/" + f.Hash, Bytes: evidence.Bytes(f.Size), Says: f.Role.Say()}
}

func newChainView(i *evidence.Item, e evidence.Entry, f Frame) chainView {
	c := chainView{Entry: e, Says: e.Say(), Moment: f.stamp(e.At), Until: f.stamp(e.Until), Wrote: f.stamp(e.By.At), Bad: e.Gap() || e.Deviates() || e.Intact == "no"}
	for _, x := range e.Checks {
		c.Checks = append(c.Checks, checkView{x, x.Want[:min(12, len(x.Want))]})
	}
	for _, x := range e.Files {
		c.Files = append(c.Files, newFileView(i, x))
	}
	if x := evidence.IntactName(e.Intact); x.DE != "" {
		c.Notes = append(c.Notes, x)
	}
	if e.Seal != "" {
		c.Notes = append(c.Notes, lang.Text{DE: "neues Siegel " + e.Seal, EN: "new seal " + e.Seal})
	}
	if e.Place != "" {
		c.Notes = append(c.Notes, lang.Text{DE: "Ort: " + e.Place, EN: "place: " + e.Place})
	}
	if x := e.Signed.Say(); x.DE != "" {
		c.Notes = append(c.Notes, x)
	}
	return c
}

// itemActs is every button of an item's page by its word in the address.
var itemActs = map[string]func(s *Server, v *visit, by evidence.Act, id string) error{
	"note": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.Note(v.Context(), by, id, v.PostFormValue("text"))
	},
	"correct": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.Correct(v.Context(), by, id, number(v, "of"), v.PostFormValue("text"))
	},
	"keep": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.Keep(v.Context(), by, id, v.PostFormValue("place"), v.PostFormValue("seal"), v.PostFormValue("intact"), v.PostFormValue("why"))
	},
	"verify": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.Verify(v.Context(), by, id, typedHashes(v), v.PostForm["deviates"])
	},
	"gap": func(s *Server, v *visit, by evidence.Act, id string) error {
		from, err := typedMoment(v, "from")
		if err != nil {
			return err
		}
		until, err := typedMoment(v, "until")
		if err != nil {
			return err
		}
		return s.p.Evidence.Gap(v.Context(), by, id, number(v, "turn"), from, until, typedParty(v), v.PostFormValue("why"))
	},
	"end": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.AskEnd(v.Context(), by, id, number(v, "turn"), v.PostFormValue("way"), typedParty(v), v.PostFormValue("why"))
	},
	"end-off": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.CallOffEnd(v.Context(), by, id, number(v, "of"))
	},
	"end-confirm": func(s *Server, v *visit, by evidence.Act, id string) error {
		return s.p.Evidence.ConfirmEnd(v.Context(), by, id, number(v, "of"))
	},
}

// number is a number in a hidden field, 0 for what is none.
func number(v *visit, field string) int {
	n, err := strconv.Atoi(v.PostFormValue(field))
	if err != nil {
		return 0
	}
	return n
}

func typedParty(v *visit) evidence.Party {
	return evidence.Party{Name: v.PostFormValue("to"), Org: v.PostFormValue("org"), Reach: v.PostFormValue("reach")}
}

// typedHashes are the hashes measured anew, by the one of the beginning.
func typedHashes(v *visit) map[string]string {
	out := map[string]string{}
	for name, values := range v.PostForm {
		if want, ok := strings.CutPrefix(name, "hash."); ok && len(values) > 0 {
			out[want] = values[0]
		}
	}
	return out
}

func (s *Server) actOnItem(v *visit) (http.Handler, error) {
	act := v.PathValue("act")
	do, ok := itemActs[act]
	if !ok {
		return s.unknown(v)
	}
	if _, err := v.need(staff.KeepEvidence); err != nil {
		return nil, err
	}
	i, err := s.itemOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !v.resumed {
		if err = do(s, v, evidenceAct(v), i.ID); err == nil {
			return seeOther("/evidence/item/" + i.ID + "#chain"), nil
		}
	}
	return s.itemAgain(v, i.ID, act, err)
}

// itemAgain draws the item's page with the form that was refused.
func (s *Server) itemAgain(v *visit, id, form string, err error) (http.Handler, error) {
	if !comesBack(err) {
		return nil, err
	}
	i, gone := s.itemOf(v, id)
	if gone != nil {
		return nil, gone
	}
	if err := s.looked(v, staff.KeepEvidence, "evidence/item", i.Ref); err != nil {
		return nil, err
	}
	h := s.evidenceHead(v, "Beweisstück "+i.Ref, "Item "+i.Ref)
	code := h.refused(v, form, err)
	return itemPageT.status(code, newItemPage(h, i, s.caseName(i.Case), s.p.Evidence.MaxFile()))
}

func (s *Server) showHandOver(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.KeepEvidence); err != nil {
		return nil, err
	}
	i, err := s.itemOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, staff.KeepEvidence, "evidence/item", i.Ref); err != nil {
		return nil, err
	}
	return handOverPageT.of(newHandOverPage(s.evidenceHead(v, i.Ref+" übergeben", "Hand over "+i.Ref), i))
}

func newHandOverPage(h evidenceHead, i *evidence.Item) handOverPage {
	p := handOverPage{evidenceHead: h, itemRow: newItemRow(i, h.Frame), Now: h.stamp(h.Frame.Now)}
	p.Typed, p.Here = h.again("handover", i)
	for _, f := range i.Files {
		if f.Role == evidence.Content || f.Role == evidence.Photo {
			p.Held++
		}
	}
	return p
}

func (s *Server) handOver(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.KeepEvidence); err != nil {
		return nil, err
	}
	i, err := s.itemOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !v.resumed {
		if err = s.handedOver(v, i.ID); err == nil {
			return seeOther("/evidence/item/" + i.ID + "#chain"), nil
		}
	}
	if !comesBack(err) {
		return nil, err
	}
	if i, err2 := s.itemOf(v, i.ID); err2 == nil {
		if err := s.looked(v, staff.KeepEvidence, "evidence/item", i.Ref); err != nil {
			return nil, err
		}
		h := s.evidenceHead(v, i.Ref+" übergeben", "Hand over "+i.Ref)
		code := h.refused(v, "handover", err)
		return handOverPageT.status(code, newHandOverPage(h, i))
	}
	return nil, err
}

func (s *Server) handedOver(v *visit, id string) error {
	at, err := typedMoment(v, "at")
	if err != nil {
		return err
	}
	h := evidence.HandOver{
		Turn: number(v, "turn"), To: typedParty(v), At: at, Why: v.PostFormValue("why"), Intact: v.PostFormValue("intact"), Seal: v.PostFormValue("seal"),
		Place: v.PostFormValue("place"), Typed: typedHashes(v), Deviates: v.PostForm["deviates"], Signed: evidence.Signed(v.PostFormValue("signed")),
	}
	if h.Signed == evidence.OnScreen {
		if h.Signature, err = s.drawn(v, v.PostFormValue("signature")); err != nil {
			return err
		}
		if h.Signature != nil {
			defer h.Signature.Drop()
		}
	}
	return s.p.Evidence.HandOver(v.Context(), evidenceAct(v), id, h)
}

const (
	maxSignature     = 300 << 10 // bytes
	maxSignatureSide = 3000      // pixels
)

// drawn is a signature as the page sends it: a PNG in a data URL. Nil for none.
func (s *Server) drawn(v *visit, data string) (*evidence.Incoming, error) {
	if data == "" {
		return nil, nil
	}
	bad := fault.New(fault.Invalid, lang.Text{DE: "Die Unterschrift ist nicht lesbar. Bitte noch einmal oder auf Papier.", EN: "The signature cannot be read. Please again, or on paper."})
	text, ok := strings.CutPrefix(data, "data:image/png;base64,")
	if !ok || len(text) > maxSignature {
		return nil, bad
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width > maxSignatureSide || c.Height > maxSignatureSide {
		return nil, bad
	}
	if _, err := png.Decode(bytes.NewReader(b)); err != nil {
		return nil, bad
	}
	t, err := s.p.Evidence.Take(v.Context(), bytes.NewReader(b), maxSignature, nil)
	if err != nil {
		return nil, err
	}
	return &evidence.Incoming{Taken: t, Name: "unterschrift.png", Role: evidence.Signature}, nil
}
