package web

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
)

const (
	mostEvidence  = 256 << 30        // bytes of one form; each file has its own limit
	evidenceLine  = 2 * time.Minute  // a transfer may be silent so long
	evidenceReply = 10 * time.Minute // to draw the answer, and to compare hashes
	evidenceField = 64 << 10         // bytes of the fields of a form that brings files
	evidenceFiles = 50               // files of one form
)

// takeForm reads a form that brings files, one after the other and none of them
// in memory, and makes its fields the form of the visit. roles say which field
// brings what. The caller drops the files. Whoever is not signed in gets the
// fields back after the sign-in, without the files. to is the item that gets them,
// nil for one that is yet to be made: of what it cannot take not a byte is read.
func (s *Server) takeForm(v *visit, right staff.Right, to *evidence.Item, roles map[string]evidence.Role, most int64) (files []evidence.Incoming, err error) {
	var named []evidence.File
	_, denied := v.need(right)
	if v.resumed {
		return nil, denied
	}
	parts, err := v.MultipartReader()
	if err != nil {
		if denied != nil {
			return nil, denied
		}
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Das war kein Formular mit Dateien. Bitte die Seite neu öffnen.", EN: "That was no form with files. Please open the page again."})
	}
	fields, room := url.Values{}, evidenceField
	control := http.NewResponseController(v.w)
	going := func(int64) { _ = control.SetReadDeadline(time.Now().Add(evidenceLine)) } // a server without deadlines needs none
	defer func() {
		v.Request.Form, v.Request.PostForm = fields, fields
		_ = control.SetWriteDeadline(time.Now().Add(evidenceReply))
		if denied != nil {
			err = denied
		}
	}()
	for {
		going(0)
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // one that is wrapped says that the last boundary is missing
			return files, nil
		}
		if err != nil {
			return files, fault.Mark(err, fault.Invalid, brokeOff())
		}
		role, brings := roles[part.FormName()]
		if !brings {
			b, err := io.ReadAll(io.LimitReader(part, int64(room)+1))
			if room -= len(b); err != nil || room < 0 {
				return files, fault.New(fault.Invalid, lang.Text{DE: "Diese Eingabe ist zu lang oder unlesbar und wurde nicht gespeichert.", EN: "This input is too long or unreadable and was not stored."})
			}
			fields.Add(part.FormName(), string(b))
			continue
		}
		if part.FileName() == "" || denied != nil {
			if denied != nil { // nothing is taken from whoever may not; the fields came before
				return files, denied
			}
			continue
		}
		if len(files) == evidenceFiles {
			return files, fault.New(fault.Invalid, lang.Text{DE: "Höchstens 50 Dateien auf einmal.", EN: "At most 50 files at once."})
		}
		named = append(named, evidence.File{Name: fileName(part), Role: role})
		if err := to.Takes(named...); err != nil {
			return files, err
		}
		f, err := s.takeOne(v, part, role, most, going)
		if err != nil {
			return files, err
		}
		files = append(files, f)
	}
}

// fileName is the name of a file that a form brings, without its folders and not
// too long.
func fileName(part *multipart.Part) string {
	name := strings.ToValidUTF8(path.Base(strings.ReplaceAll(part.FileName(), `\`, "/")), "")
	if r := []rune(name); len(r) > 100 {
		name = string(r[:60]) + "…" + string(r[len(r)-39:])
	}
	return name
}

func (s *Server) takeOne(v *visit, part *multipart.Part, role evidence.Role, most int64, going func(int64)) (evidence.Incoming, error) {
	t, err := s.p.Evidence.Take(v.Context(), part, most, going)
	if err != nil {
		if fault.KindOf(err) == fault.Internal && v.Context().Err() == nil {
			return evidence.Incoming{}, fault.Mark(err, fault.Invalid, brokeOff())
		}
		return evidence.Incoming{}, err
	}
	return evidence.Incoming{Taken: t, Name: fileName(part), Role: role}, nil
}

func brokeOff() lang.Text {
	return lang.Text{DE: "Die Übertragung ist abgebrochen. Es wurde nichts eingetragen.", EN: "The transfer broke off. Nothing was recorded."}
}

// addFiles takes photos and evidence files, or the signed receipt of a line.
func (s *Server) addFiles(v *visit) (http.Handler, error) {
	id := v.PathValue("id")
	var to *evidence.Item
	var none error
	if _, denied := v.need(staff.KeepEvidence); denied == nil {
		to, none = s.itemOf(v, id)
	}
	files, err := s.takeForm(v, staff.KeepEvidence, to, map[string]evidence.Role{"content": evidence.Content, "photo": evidence.Photo, "receipt": evidence.Receipt}, s.p.Evidence.MaxFile())
	defer evidence.Drop(files)
	if err == nil {
		err = none
	}
	if err == nil && !v.resumed {
		switch of := number(v, "of"); {
		case of > 0 && len(files) == 1:
			err = s.p.Evidence.AttachReceipt(v.Context(), evidenceAct(v), id, of, files[0])
		case of > 0:
			err = invalid("Bitte genau eine Datei mit der unterschriebenen Quittung wählen; mehrere Seiten bitte als ein PDF.", "Please choose exactly one file with the signed receipt; several pages please as one PDF.")
		default:
			err = s.p.Evidence.AddFiles(v.Context(), evidenceAct(v), id, files, v.PostFormValue("text"))
		}
		if err == nil {
			return seeOther("/evidence/item/" + id + "#files"), nil
		}
	}
	if v.session == nil {
		return nil, err
	}
	return s.itemAgain(v, id, "files", err)
}

// showEvidenceFile hands one file out. The look is recorded before the first
// byte leaves.
func (s *Server) showEvidenceFile(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeEvidence); err != nil {
		return nil, err
	}
	i, err := s.itemOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f, ok := i.File(v.PathValue("hash"))
	if !ok {
		return s.unknown(v)
	}
	r, err := s.p.Evidence.Open(f.Hash, f.Size)
	if err != nil {
		return nil, err
	}
	if err := s.looked(v, staff.SeeEvidence, "evidence/file", i.Ref+" "+f.Hash[:12]); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer r.Close()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		kind, way := "application/octet-stream", "attachment"
		if strings.HasPrefix(f.Media, "image/") {
			kind, way = f.Media, "inline"
		}
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", mime.FormatMediaType(way, map[string]string{"filename": f.Name}))
		_, _ = io.Copy(slow(w), r) // what does not open is missing at the end: the length says so
	}), nil
}

// slow lets an answer take as long as it goes on.
func slow(w http.ResponseWriter) io.Writer {
	return &goingOn{w, http.NewResponseController(w)}
}

type goingOn struct {
	io.Writer
	control *http.ResponseController
}

func (g *goingOn) Write(b []byte) (int, error) {
	_ = g.control.SetWriteDeadline(time.Now().Add(evidenceLine)) // a server without deadlines needs none
	return g.Writer.Write(b)
}

// packagePage orders a package.
type packagePage struct {
	evidenceHead
	Case  string
	Name  string
	Rows  []packageRow
	Bytes string
}

type packageRow struct {
	itemRow
	Bytes string
	Here  bool
}

var packagePageT = parse[packagePage]("evidencepackage")

func (s *Server) showPackage(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.GiveEvidence); err != nil {
		return nil, err
	}
	return s.drawPackage(v, nil)
}

func (s *Server) drawPackage(v *visit, err error) (http.Handler, error) {
	c := s.caseOf(v, v.FormValue("case"))
	if c == nil {
		return s.unknown(v)
	}
	if err := s.looked(v, staff.GiveEvidence, "evidence/package", caseMark(c)); err != nil {
		return nil, err
	}
	h := s.evidenceHead(v, "Beweispaket herausgeben", "Give out a package")
	code := h.refused(v, "package", err)
	return packagePageT.status(code, newPackagePage(h, c))
}

func newPackagePage(h evidenceHead, c *evidence.Case) packagePage {
	p := packagePage{evidenceHead: h, Case: c.ID, Name: c.Title}
	var all int64
	for _, i := range c.Items {
		var n int64
		for _, f := range i.Files {
			n += f.Size
		}
		all += n
		p.Rows = append(p.Rows, packageRow{newItemRow(i, h.Frame), evidence.Bytes(n), slices.Contains(h.typed["item"], i.ID)})
	}
	p.Bytes = evidence.Bytes(all)
	return p
}

// givePackage records the order and then sends the package.
func (s *Server) givePackage(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.GiveEvidence); err != nil {
		return nil, err
	}
	if !s.knowsOf(v, v.PostFormValue("case")) {
		return s.unknown(v)
	}
	o, err := s.p.Evidence.OrderExport(v.Context(), evidenceAct(v), v.PostFormValue("case"), evidence.Order{For: v.PostFormValue("for"), Why: v.PostFormValue("why"), Items: v.PostForm["item"]})
	if err != nil {
		if comesBack(err) {
			return s.drawPackage(v, err)
		}
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", `attachment; filename="`+o.Name()+`"`)
		h.Set("Cache-Control", "no-store")
		if err := o.Write(r.Context(), s.p.Journal, slow(w), nil); err != nil {
			s.log.ErrorContext(r.Context(), "evidence package not whole", "err", err)
			panic(http.ErrAbortHandler) // the browser must not take half a package for a whole one
		}
	}), nil
}

func (s *Server) evidenceSheetHead(v *visit) paper.Head {
	return paper.Head{Hospital: s.c.House, Mode: v.mode, AsOf: v.now, Seq: uint64(s.p.Evidence.Seq()), Printed: v.now, PrintedBy: v.session.Person.Name, Where: v.from(), Lang: v.lang, Zone: s.c.Zone}
}

func (s *Server) printEvidenceList(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeEvidence); err != nil {
		return nil, err
	}
	c := s.caseOf(v, v.FormValue("case"))
	if c == nil {
		return s.unknown(v)
	}
	if err := s.looked(v, staff.SeeEvidence, "print/evidence", "Liste "+caseMark(c)); err != nil {
		return nil, err
	}
	var rows []paper.EvidenceRow
	for _, i := range c.Items {
		r := paper.EvidenceRow{Ref: i.Ref, What: i.Kind.Say().In(v.lang) + ": " + i.Title, Found: i.Found + "\n" + s.clock(i.At), Holder: i.Holder.String(), Place: i.Stored, Seal: i.Sealed, State: evidence.EndName(i.Ended).In(v.lang), Loud: i.Gaps() > 0 || i.Deviates()}
		if i.Gaps() > 0 {
			r.State = joined(r.State, lang.Text{DE: "‼ Lücke", EN: "‼ gap"}.In(v.lang))
		}
		if i.Deviates() {
			r.State = joined(r.State, lang.Text{DE: "‼ Prüfsumme weicht ab", EN: "‼ hash differs"}.In(v.lang))
		}
		if len(i.Awaited()) > 0 {
			r.State = joined(r.State, lang.Text{DE: "Unterschrift fehlt", EN: "signature missing"}.In(v.lang))
		}
		rows = append(rows, r)
	}
	var b bytes.Buffer
	if err := paper.EvidenceList(&b, s.evidenceSheetHead(v), c.Title, rows); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "beweismittelliste"), nil
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}

func (s *Server) clock(t time.Time) string { return t.In(s.c.Zone).Format("02.01.2006 15:04") }

// printItem prints the label of an item, its custody sheet, or the receipt of
// one line.
func (s *Server) printItem(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeEvidence); err != nil {
		return nil, err
	}
	i, err := s.itemOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	head := s.evidenceSheetHead(v)
	switch file := v.PathValue("file"); file {
	case "label.pdf":
		err = paper.EvidenceLabels(&b, head, []paper.EvidenceLabel{{Ref: i.Ref, Title: i.Title, House: s.c.House, Seal: i.Sealed, At: s.clock(i.At)}}, s.c.Labels, max(number(v, "count"), 2), 1)
	case "sheet.pdf":
		err = paper.Custody(&b, head, []paper.CustodySheet{s.custodySheet(v, i)})
	case "receipt.pdf":
		n, convErr := strconv.Atoi(v.FormValue("line"))
		if convErr != nil || n < 1 || n > len(i.Entries) || !i.Entries[n-1].Receipted() {
			return s.unknown(v)
		}
		var sheet paper.CustodySheet
		if sheet, err = s.receipt(v, i, i.Entries[n-1]); err == nil {
			err = paper.Custody(&b, head, []paper.CustodySheet{sheet, sheet}) // one for each side
		}
	default:
		return s.unknown(v)
	}
	if err != nil {
		return nil, err
	}
	which := map[string]string{"label.pdf": "Etikett", "sheet.pdf": "Begleitschein", "receipt.pdf": "Quittung Zeile " + v.FormValue("line")}[v.PathValue("file")]
	if err := s.looked(v, staff.SeeEvidence, "print/evidence", i.Ref+" "+which); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "beweis-"+i.Ref), nil
}

func (s *Server) itemFacts(v *visit, i *evidence.Item) []paper.Fact {
	say := func(de, en, value string) paper.Fact {
		return paper.Fact{Name: lang.Text{DE: de, EN: en}.In(v.lang), Value: value}
	}
	out := []paper.Fact{
		say("Lage", "Incident", s.caseName(i.Case)), say("Art", "Kind", i.Kind.Say().In(v.lang)), say("Hersteller, Seriennummer", "Make, serial number", i.Serial),
		say("Gefunden", "Found", i.Found), say("Gesichert", "Secured", s.clock(i.At)+" · "+i.Taken.String()), say("Zustand", "State", evidence.PowerName(i.Power).In(v.lang)),
		say("Arbeitsspeicher, Netz", "Memory, network", evidence.VolatileName(i.Volatile).In(v.lang)), say("Werkzeug", "Tool", strings.TrimSpace(i.Tool+" "+i.Version)),
		say("Schreibschutz", "Write blocker", i.Blocker), say("Größe", "Size", i.Thing.Size), say("Bemerkung", "Note", i.Thing.Note),
	}
	for _, h := range i.Hashes {
		out = append(out, paper.Fact{Name: h.Alg + " " + h.Of, Value: h.Value})
	}
	for _, f := range i.Files {
		if f.Role == evidence.Content || f.Role == evidence.Photo {
			out = append(out, paper.Fact{Name: "SHA-256 " + f.Name, Value: f.Hash + " (" + evidence.Bytes(f.Size) + ")"})
		}
	}
	return out
}

func (s *Server) custodySheet(v *visit, i *evidence.Item) paper.CustodySheet {
	c := paper.CustodySheet{Kind: lang.Text{DE: "Begleitschein Beweisstück", EN: "Custody sheet"}.In(v.lang), Title: i.Title, Label: i.Ref, Facts: s.itemFacts(v, i)}
	c.Facts = append(c.Facts, paper.Fact{Name: lang.Text{DE: "Hat jetzt", EN: "Held by"}.In(v.lang), Value: i.Holder.String()}, paper.Fact{Name: lang.Text{DE: "Siegel jetzt", EN: "Seal now"}.In(v.lang), Value: i.Sealed}, paper.Fact{Name: lang.Text{DE: "Ort jetzt", EN: "Place now"}.In(v.lang), Value: i.Stored})
	if n := i.Gaps(); n > 0 {
		c.Warn = lang.Text{DE: "Die Kette hat " + strconv.Itoa(n) + " Lücke(n).", EN: "The chain has " + strconv.Itoa(n) + " gap(s)."}.In(v.lang)
	}
	for _, e := range i.Entries {
		view := newChainView(i, e, s.bare(v))
		l := paper.CustodyLine{Number: strconv.Itoa(e.Number), At: s.clock(e.At), What: view.Says.In(v.lang), By: e.By.Name + "\n" + s.clock(e.By.At), Loud: view.Bad}
		if !e.Until.IsZero() {
			l.At += "\n– " + s.clock(e.Until)
		}
		if e.Of > 0 {
			l.What += lang.Text{DE: " zu Zeile ", EN: " of line "}.In(v.lang) + strconv.Itoa(e.Of)
		}
		if e.From.Name != "" || e.To.Name != "" {
			l.Text = append(l.Text, strings.TrimPrefix(strings.TrimSuffix(e.From.String()+" → "+e.To.String(), " → "), " → "))
		}
		l.Text = append(l.Text, e.Text)
		for _, n := range view.Notes {
			l.Text = append(l.Text, n.In(v.lang))
		}
		for _, x := range e.Checks {
			word := lang.Text{DE: "stimmt", EN: "right"}
			if !x.Right() {
				word = lang.Text{DE: "‼ WEICHT AB", EN: "‼ DIFFERS"}
			}
			l.Text = append(l.Text, x.Alg+" "+x.Of+": "+word.In(v.lang))
		}
		for _, f := range e.Files {
			l.Text = append(l.Text, f.Role.Say().In(v.lang)+": "+f.Name)
		}
		c.Chain = append(c.Chain, l)
	}
	return c
}

// receipt is what both sides sign.
func (s *Server) receipt(v *visit, i *evidence.Item, e evidence.Entry) (paper.CustodySheet, error) {
	title := lang.Text{DE: "Übergabeprotokoll und Quittung", EN: "Hand-over protocol and receipt"}
	words := lang.Text{
		DE: e.To.String() + " bestätigt, das bezeichnete Beweisstück am " + s.clock(e.At) + " Uhr von " + e.From.String() + " in dem genannten Zustand erhalten zu haben.",
		EN: e.To.String() + " confirms to have received the item named above from " + e.From.String() + " on " + s.clock(e.At) + " in the state described.",
	}
	if e.Way == evidence.Destroyed {
		title = lang.Text{DE: "Protokoll der Vernichtung", EN: "Protocol of destruction"}
		words = lang.Text{DE: "Das bezeichnete Beweisstück wurde vernichtet.", EN: "The item named above was destroyed."}
	}
	c := paper.CustodySheet{Kind: title.In(v.lang), Title: i.Title, Label: i.Ref, Facts: s.itemFacts(v, i), Words: words.In(v.lang), Foot: lang.Text{DE: "Zeile ", EN: "Line "}.In(v.lang) + strconv.Itoa(e.Number) + lang.Text{DE: " der Kette, Journal Nr. ", EN: " of the chain, journal no. "}.In(v.lang) + strconv.FormatUint(uint64(e.Seq), 10)}
	add := func(de, en, value string) {
		c.Facts = append(c.Facts, paper.Fact{Name: lang.Text{DE: de, EN: en}.In(v.lang), Value: value})
	}
	add("Grund der Übergabe", "Reason", e.Text)
	add("Erreichbar, Vorgang", "Reach, file number", e.To.Reach)
	add("Siegel davor", "Seal before", strings.TrimSpace(sealBefore(i, e.Number)+" "+evidence.IntactName(e.Intact).In(v.lang)))
	add("Siegel danach", "Seal afterwards", e.Seal)
	add("Ort danach", "Place afterwards", e.Place)
	if e.Deviates() {
		c.Warn = lang.Text{DE: "Mindestens eine Prüfsumme weicht von der bei der Sicherung ab.", EN: "At least one hash differs from the one when the item was secured."}.In(v.lang)
	}
	from, to := e.From.String(), e.To.String()
	if e.Way == evidence.Destroyed {
		from, to = i.Entries[e.Of-1].By.Name, e.By.Name
	}
	c.Signers = []paper.Signer{{Who: lang.Text{DE: "übergeben: ", EN: "handed over: "}.In(v.lang) + from}, {Who: lang.Text{DE: "erhalten: ", EN: "received: "}.In(v.lang) + to}}
	if e.Signed == evidence.Refused {
		c.Signers[1].Who += lang.Text{DE: " (verweigert)", EN: " (refused)"}.In(v.lang)
	}
	for _, f := range e.Files {
		if f.Role == evidence.Signature {
			pic, err := s.signature(f)
			if err != nil {
				return c, err
			}
			c.Signers[1].Picture = pic
		}
	}
	return c, nil
}

// sealBefore is the number of the seal that was on an item before a line.
func sealBefore(i *evidence.Item, line int) string {
	seal := i.Thing.Seal
	for _, e := range i.Entries[:line-1] {
		if e.Seal != "" {
			seal = e.Seal
		}
	}
	return seal
}

func (s *Server) signature(f evidence.File) (image.Image, error) {
	r, err := s.p.Evidence.Open(f.Hash, f.Size)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return png.Decode(io.LimitReader(r, maxSignature))
}
