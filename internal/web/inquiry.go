package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

// Nothing of these pages is in the read audit, in the navigation or in a log:
// everybody who signs in gets the same page here, whether or not there is an
// investigation. Looks are written into the investigation itself.

const inquiryUpload = "POST /inquiry/{room}/file"

// underSeal reports whether a form belongs to an investigation. What was typed
// into it does not wait on a sign-in page: whoever signs in next would read it.
func underSeal(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	return strings.HasPrefix(path, "/inquiry")
}

// inquiryPage is the door.
type inquiryPage struct {
	Frame
	Problems []problem
	Waiting  bool
	Until    stamp
	Rooms    []inquiry.Room
	May      bool // begin a new one
	Draft    *inquiry.Draft
	Printed  string // the key of an envelope: shown once
	Label    string
	Form     map[string]string
	Sealed   bool
	Suspects *suspectForm // of the own draft, while it is said who is suspected
}

// casePage is an investigation that is open to this session.
type casePage struct {
	Frame
	Problems []problem
	Room     string
	Named    string // the case; the title of the page, which browsers keep, says nothing
	Key      string
	Subject  string
	Suspects []string
	Others   []string
	Members  []inquiry.Member
	Opened   inquiry.Act
	OpenedAt stamp
	Closed   bool
	Until    stamp
	Wrong    []string
	Entries  []entryRow
	Looks    []entryRow
	Open     []proposalRow
	Invited  []inquiry.Member
	Code     string
	Reports  []string
	Form     map[string]string
	Form2    string // the form that came back
}

type entryRow struct {
	N     uint64
	Kind  string
	Word  lang.Text
	At    stamp
	By    string
	With  string
	Title string
	Text  string
	Taken *inquiry.Taken
	File  *inquiry.File
	Seq   uint64
}

type proposalRow struct {
	ID   string
	Word lang.Text
	Who  string
	Why  string
	By   string
	At   stamp
	Mine bool
}

var (
	inquiryPageT = parse[inquiryPage]("inquiry")
	casePageT    = parse[casePage]("case")
)

func (s *Server) inquiryRoutes(on func(string, show)) {
	on("GET /inquiry", s.showInquiry)
	on("POST /inquiry", s.actAtDoor)
	on("GET /inquiry/{room}", s.showCase)
	on("POST /inquiry/{room}", s.actOnCase)
	on(inquiryUpload, s.attachToCase)
	on("GET /inquiry/{room}/file/{n}", s.showAttachment)
	on("GET /inquiry/{room}/report/{of}", s.takeReport)
}

func whoOf(sess staff.Session) inquiry.Who {
	return inquiry.Who{Person: sess.Person.ID, Name: sess.Person.Name, Session: sess.ID}
}

// openRooms are the investigations that are open to this session, for forms that
// take something into one.
func (s *Server) openRooms(v *visit) []choice {
	var out []choice
	for _, r := range s.p.Inquiry.Standing(whoOf(*v.session)).Rooms {
		out = append(out, choice{Value: r.ID, Label: lang.Text{DE: r.Title}})
	}
	return out
}

func (s *Server) showInquiry(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	return inquiryPageT.of(s.newInquiryPage(v, sess))
}

func (s *Server) newInquiryPage(v *visit, sess staff.Session) inquiryPage {
	f := s.bare(v)
	st := s.p.Inquiry.Standing(whoOf(sess))
	p := inquiryPage{
		Frame: f.titled("inquiry", lang.Text{DE: "Versiegelter Vorgang", EN: "Sealed investigation"}), Waiting: st.Waiting, Until: f.stamp(st.Until), Rooms: st.Rooms,
		May: staff.May(sess.Person, staff.OpenInquiry), Draft: st.Draft, Form: map[string]string{}, Sealed: v.FormValue("sealed") != "",
	}
	if d := st.Draft; d != nil && d.Mine && (!d.Told || v.FormValue("suspected") != "") {
		form, _, _, _ := s.suspects(v, d, sess.Person.ID, "")
		p.Suspects = &form
	}
	return p
}

// actAtDoor is every form before an investigation is open.
func (s *Server) actAtDoor(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	w, ctx, to := whoOf(sess), v.Context(), "/inquiry"
	printed := ""
	may := staff.May(sess.Person, staff.OpenInquiry)
	switch act := v.PostFormValue("act"); {
	case act == "open":
		if err = s.p.Inquiry.Offer(ctx, w, v.PostFormValue("key-password"), v.PostFormValue("envelope") != ""); err == nil {
			if rooms := s.p.Inquiry.Standing(w).Rooms; len(rooms) == 1 {
				to = "/inquiry/" + rooms[0].ID
			}
		}
	case act == "join":
		err = s.p.Inquiry.Join(ctx, w, v.PostFormValue("code"), v.PostFormValue("new-password"), v.PostFormValue("again-password"))
		to = "/inquiry?sealed=joined"
	case act == "begin" && may:
		err = s.p.Inquiry.Begin(ctx, w, v.PostFormValue("title"), v.PostFormValue("subject"), nil, v.PostFormValue("new-password"), v.PostFormValue("again-password"))
	case (act == "find" || act == "suspects") && may:
		return s.nameSuspects(v, sess, act)
	case act == "envelope" && may:
		printed, err = s.p.Inquiry.Envelope(ctx, w, v.PostFormValue("label"))
	case act == "seal" && may:
		err = s.p.Inquiry.Seal(ctx, w)
	case act == "discard" && may:
		s.p.Inquiry.Discard(w)
	default:
		return s.unknown(v)
	}
	if err != nil && fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.Unavailable {
		return nil, err
	}
	if err == nil && printed == "" {
		return seeOther(to), nil
	}
	p := s.newInquiryPage(v, sess)
	p.Printed, p.Label = printed, v.PostFormValue("label")
	code := http.StatusOK
	if err != nil {
		code = status(fault.KindOf(err))
		p.Problems = []problem{{Say: fault.Say(err)}}
		for _, name := range []string{"act", "title", "subject", "code", "label"} {
			p.Form[name] = v.PostFormValue(name)
		}
	}
	return inquiryPageT.status(code, p)
}

// nameSuspects looks for people, or takes who is suspected.
func (s *Server) nameSuspects(v *visit, sess staff.Session, act string) (http.Handler, error) {
	w := whoOf(sess)
	d := s.p.Inquiry.Standing(w).Draft
	if d == nil || !d.Mine {
		return s.unknown(v)
	}
	form, accounts, others, done := s.suspects(v, d, sess.Person.ID, act)
	var problems []problem
	if done {
		err := s.p.Inquiry.Suspect(w, accounts, others)
		if err == nil {
			return seeOther("/inquiry"), nil
		}
		if fault.KindOf(err) != fault.Invalid {
			return nil, err
		}
		problems = []problem{{"others", fault.Say(err)}}
	}
	p := s.newInquiryPage(v, sess)
	p.Suspects, p.Problems = &form, problems
	code := http.StatusOK
	if len(problems)+len(form.Alike) > 0 {
		code = http.StatusUnprocessableEntity
	}
	return inquiryPageT.status(code, p)
}

// caseWords name what entries tell.
var caseWords = map[string]lang.Text{
	"opened": {DE: "Angelegt", EN: "Begun"}, "unlocked": {DE: "Zu zweit geöffnet", EN: "Opened by two"}, "look": {DE: "Angesehen", EN: "Looked at"},
	"note": {DE: "Notiz", EN: "Note"}, "decision": {DE: "Entscheidung", EN: "Decision"}, "hit": {DE: "Treffer", EN: "Hit"}, "change": {DE: "Änderung", EN: "Change"},
	"file": {DE: "Anlage", EN: "Attachment"}, "propose": {DE: "Vorgeschlagen", EN: "Proposed"}, "agree": {DE: "Zugestimmt", EN: "Agreed"}, "drop": {DE: "Abgelehnt oder zurückgenommen", EN: "Declined or taken back"},
	"rekeyed": {DE: "Benannte Personen geändert", EN: "Named people changed"}, "closed": {DE: "Abgeschlossen", EN: "Closed"}, "reopened": {DE: "Wieder geöffnet", EN: "Opened again"},
	"released": {DE: "Bericht herausgegeben", EN: "Report released"}, "locked": {DE: "Verschlossen", EN: "Shut"},
}

// proposalWords name what needs a second person.
var proposalWords = map[inquiry.Kind]lang.Text{
	inquiry.Close: {DE: "Vorgang abschließen", EN: "Close the investigation"}, inquiry.Reopen: {DE: "Vorgang wieder öffnen", EN: "Open it again"},
	inquiry.Add: {DE: "Person benennen", EN: "Name a person"}, inquiry.Remove: {DE: "Person herausnehmen", EN: "Remove a person"}, inquiry.Release: {DE: "Bericht herausgeben", EN: "Release a report"},
}

func (s *Server) showCase(v *visit) (http.Handler, error) {
	return s.drawCase(v, http.StatusOK, nil)
}

func (s *Server) drawCase(v *visit, code int, problems []problem) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	w, room := whoOf(sess), v.PathValue("room")
	c, until, err := s.p.Inquiry.Case(v.Context(), w, room, "Vorgang")
	if err != nil {
		return nil, err
	}
	f := s.bare(v)
	p := newCasePage(c, w, f.titled("inquiry", lang.Text{DE: "Versiegelter Vorgang", EN: "Sealed investigation"}))
	p.Room, p.Until, p.Problems = room, f.stamp(until), problems
	p.Invited, p.Reports = s.p.Inquiry.Invited(w, room), s.p.Inquiry.Released(w, room)
	if v.FormValue("invite") != "" {
		if p.Code, err = s.p.Inquiry.Invite(w, room); err != nil {
			return nil, err
		}
	}
	if len(problems) > 0 {
		p.Form2 = v.PostFormValue("act")
		for _, name := range []string{"text", "why", "member", "kind"} {
			p.Form[name] = v.PostFormValue(name)
		}
	}
	return casePageT.status(code, p)
}

func newCasePage(c *inquiry.Case, w inquiry.Who, f Frame) casePage {
	p := casePage{Frame: f, Named: c.Title, Key: desk.NewKey(), Subject: c.Subject, Suspects: c.Suspects, Others: c.Others, Members: c.Members, Opened: c.Opened, OpenedAt: f.stamp(c.Opened.At), Closed: !c.Running(), Wrong: c.Wrong, Form: map[string]string{}}
	for _, e := range slices.Backward(c.Entries) {
		r := entryRow{N: e.N, Kind: e.Kind, Word: caseWords[e.Kind], At: f.stamp(e.By.At), By: e.By.Name, With: e.With.Name, Title: e.Title, Text: e.Text, Taken: e.Taken, File: e.File, Seq: uint64(e.Seq)}
		if x, ok := proposalWords[inquiry.Kind(e.Title)]; ok {
			r.Title = x.In(f.Lang)
		}
		switch e.Kind {
		case "look", "unlocked", "locked":
			p.Looks = append(p.Looks, r)
		default:
			p.Entries = append(p.Entries, r)
		}
	}
	for _, x := range c.Open {
		p.Open = append(p.Open, proposalRow{ID: x.ID, Word: proposalWords[x.Kind], Who: x.Member.Name, Why: x.Why, By: x.By.Name, At: f.stamp(x.By.At), Mine: x.By.Person == w.Person})
	}
	return p
}

// actOnCase is every form of an open investigation.
func (s *Server) actOnCase(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	w, room, ctx, form := whoOf(sess), v.PathValue("room"), v.Context(), v.PostFormValue("key")
	to := "/inquiry/" + room
	switch act := v.PostFormValue("act"); act {
	case "note", "decision":
		err = s.p.Inquiry.Note(ctx, w, room, form+act, v.PostFormValue("text"), act == "decision")
	case "propose":
		err = s.p.Inquiry.Propose(ctx, w, room, form+act, inquiry.Kind(v.PostFormValue("kind")), v.PostFormValue("member"), v.PostFormValue("why"))
	case "agree":
		err = s.p.Inquiry.Agree(ctx, w, room, form+act, v.PostFormValue("of"))
	case "drop":
		err = s.p.Inquiry.Drop(ctx, w, room, form+act, v.PostFormValue("of"))
	case "leave":
		err, to = s.p.Inquiry.Leave(ctx, w, room), "/inquiry"
	case "invite":
		to += "?invite=1"
	case "hit", "change":
		return s.takeIntoCase(v, w, room, form+act, act == "change")
	default:
		return s.unknown(v)
	}
	switch k := fault.KindOf(err); {
	case err == nil:
		return seeOther(to), nil
	case k == fault.Invalid || k == fault.Conflict || k == fault.Forbidden:
		return s.drawCase(v, status(k), []problem{{Say: fault.Say(err)}})
	}
	return nil, err
}

// takeIntoCase takes a hit or a change in, as it stands now.
func (s *Server) takeIntoCase(v *visit, w inquiry.Who, room, form string, change bool) (http.Handler, error) {
	h, _, err := s.reviewed(v, "/review", lang.Text{})
	if err != nil {
		return nil, err
	}
	span, ok := h.span(v.now)
	if !ok {
		return s.unknown(v)
	}
	var t inquiry.Taken
	ref := v.PostFormValue("ref")
	run, _, err := s.p.Review.Kept(v.Context(), span)
	switch {
	case err != nil:
		return nil, err
	case run == nil:
		return nil, errNotKept()
	case change:
		i := slices.IndexFunc(run.Changes, func(c oversight.Change) bool { return c.Ref == ref })
		if i < 0 {
			return s.unknown(v)
		}
		whole, err := s.p.Review.Whole(v.Context(), span, run.Changes[i:i+1])
		if err != nil {
			return nil, err
		}
		t = takenChange(&whole[0], s.c.Zone)
	default:
		hit, err := run.Hit(ref)
		if err != nil {
			return nil, err
		}
		t = takenHit(&hit, s.c.Zone)
	}
	if err := s.p.Inquiry.Take(v.Context(), w, room, form+ref, t, change); err != nil {
		return nil, err
	}
	return seeOther("/inquiry/" + room), nil
}

func takenHit(h *review.Hit, zone *time.Location) inquiry.Taken {
	t := inquiry.Taken{Ref: h.ID, Title: review.Name(h.Rule).DE + ": " + h.Name + " (" + h.Person + ")"}
	for _, w := range h.Why {
		t.Facts = append(t.Facts, w.DE)
	}
	for _, w := range h.Against {
		t.Facts = append(t.Facts, "Dagegen: "+w.DE)
	}
	t.Facts = append(t.Facts, "Nicht bekannt: "+h.Unknown.DE)
	for i := range h.Events {
		a := &h.Events[i]
		t.Facts = append(t.Facts, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s %s %s", a.At.In(zone).Format("02.01.2006 15:04:05"), a.Ref, a.System, accessWord(a).DE, a.Patient, a.Number, a.From)))
	}
	return t
}

func takenChange(c *oversight.Change, zone *time.Location) inquiry.Taken {
	return inquiry.Taken{Ref: c.Ref, Title: c.Kind.Name().DE + ": " + c.Label, Before: c.Before, After: c.After, Facts: []string{
		"Geändert am " + c.At.In(zone).Format("02.01.2006 15:04:05") + " (Eintrag Nr. " + strconv.FormatUint(c.Seq, 10) + ", Quelle " + c.Feed + ")",
		"Vorher laut Eintrag Nr. " + strconv.FormatUint(c.BeforeN, 10), "Patient " + string(c.Patient) + ", Fall " + string(c.Case), "Wer laut Nachricht: " + c.By,
	}}
}

// attachToCase takes a file into the investigation.
func (s *Server) attachToCase(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	form := map[string]string{}
	part, err := uploaded(v, form)
	if err == nil {
		err = s.p.Inquiry.Attach(v.Context(), whoOf(sess), v.PathValue("room"), form["key"]+"file", part.FileName(), "application/octet-stream", part)
	}
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return s.drawCase(v, http.StatusUnprocessableEntity, []problem{{"file", fault.Say(err)}})
	}
	if err != nil {
		return nil, err
	}
	return seeOther("/inquiry/" + v.PathValue("room")), nil
}

// showAttachment hands an attachment out, never to be run by the browser.
func (s *Server) showAttachment(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(v.PathValue("n"), 10, 63)
	if err != nil {
		return s.unknown(v)
	}
	var b bytes.Buffer
	f, err := s.p.Inquiry.File(v.Context(), whoOf(sess), v.PathValue("room"), n, &b)
	if err != nil {
		return nil, err
	}
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/;`, r) {
			return '_'
		}
		return r
	}, f.Name)
	return download(name, "application/octet-stream", b.Bytes()), nil
}

// takeReport hands out the report that two people agreed to.
func (s *Server) takeReport(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	b, err := s.p.Inquiry.Report(v.Context(), whoOf(sess), v.PathValue("room"), v.PathValue("of"), func(c *inquiry.Case) (map[string][]byte, error) {
		var out bytes.Buffer
		err := s.casePDF(v, c, &out)
		return map[string][]byte{"bericht.pdf": out.Bytes()}, err
	})
	if err != nil {
		return nil, err
	}
	return download("bericht-"+v.now.Format(time.DateOnly)+".zip", "application/zip", b), nil
}

// casePDF writes the investigation as sheets of paper.
func (s *Server) casePDF(v *visit, c *inquiry.Case, out io.Writer) error {
	l := paper.Listing{Title: lang.Text{DE: "Bericht aus einem versiegelten Vorgang", EN: "Report from a sealed investigation"}.In(v.lang), Before: []string{c.Title, clipText(c.Subject, 4000)},
		Columns: []paper.ListingColumn{{Head: "Nr.", Width: 10}, {Head: lang.Text{DE: "Zeit", EN: "Time"}.In(v.lang), Width: 27}, {Head: lang.Text{DE: "Wer", EN: "Who"}.In(v.lang), Width: 38}, {Head: lang.Text{DE: "Was", EN: "What"}.In(v.lang)}}}
	for _, e := range c.Entries {
		who := e.By.Name
		if e.With.Name != "" {
			who += ", " + e.With.Name
		}
		text := []string{caseWords[e.Kind].In(v.lang)}
		for _, x := range []string{e.Title, e.Text} {
			if x != "" {
				text = append(text, x)
			}
		}
		if t := e.Taken; t != nil {
			text = append(text, t.Facts[:min(len(t.Facts), 12)]...)
			if len(t.Facts) > 12 {
				text = append(text, lang.Text{DE: "Alle Zugriffe in pages.txt.", EN: "All accesses in pages.txt."}.In(v.lang))
			}
			if t.Before != "" {
				text = append(text, lang.Text{DE: "Vorher: ", EN: "Before: "}.In(v.lang)+t.Before, lang.Text{DE: "Nachher: ", EN: "After: "}.In(v.lang)+t.After)
			}
		}
		l.Rows = append(l.Rows, []string{strconv.FormatUint(e.N, 10), e.By.At.In(s.c.Zone).Format("02.01.2006 15:04"), who, clipText(strings.Join(text, "\n"), 4000)})
	}
	return paper.List(out, s.plainHead(v), l, paper.PackOptions{})
}
