package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// What somebody typed is on the answer to it, whatever the answer is. Forms that
// are refused come back filled; where there is no form to draw again (the
// patient has left, the right is gone, the journal takes nothing), the page that
// says so shows the words, so that they can be copied to where they belong.

// typedText is one field of a form that was sent and not stored.
type typedText struct {
	Label lang.Text // empty where the field's words are not known
	Text  string
	Rows  int
}

// machine are the fields that pages fill in, not people.
var machine = map[string]bool{
	"key": true, "of": true, "root": true, "rx": true, "asof": true, "act": true, "seen": true, "sure": true, "back": true, "round": true,
	"sheet": true, "confirmed": true, "warned": true, "no": true, "code": true, "patient": true, "into": true, "mine": true, "turn": true,
	"seq": true, "ref": true, "item": true, "result": true, "state": true, "mark": true, "upto": true, "after": true, "conflict": true,
	"high": true, "segment": true, "preview": true, "show": true, "sort": true, "off": true, "again": true, carryPath: true,
}

// written are the patterns whose forms are known by another name than the last
// part of their address.
var written = map[string]string{
	"POST /patient/{key}/prescribe":    entry.PrescriptionForm,
	"POST /patient/{key}/prescription": entry.StandingForm,
	"POST /patient/{key}/contest":      entry.ContestForm,
	"POST /patient/{key}/give":         entry.DoseForm,
}

// besides are the words beside fields that many pages have.
var besides = map[string]lang.Text{
	"why":     {DE: "Grund", EN: "Reason"},
	"reason":  {DE: "Grund", EN: "Reason"},
	"other":   {DE: "Anderer Grund", EN: "Another reason"},
	"despite": {DE: "Grund, trotzdem zu verordnen", EN: "Reason to prescribe nevertheless"},
	"alone":   {DE: "Grund, allein zu unterschreiben", EN: "Reason to sign alone"},
	"how":     {DE: "Woran erkannt", EN: "Recognised by"},
	"text":    {DE: "Text", EN: "Text"},
	"note":    {DE: "Bemerkung", EN: "Remark"},
	"title":   {DE: "Titel", EN: "Title"},
	"name":    {DE: "Name", EN: "Name"},
	"at":      {DE: "Wann", EN: "When"},
	"taken":   {DE: "Entnommen um", EN: "Taken at"},
	"told":    {DE: "Mitgeteilt an", EN: "Told to"},
	"outcome": {DE: "Ergebnis", EN: "Outcome"},
	"serial":  {DE: "Bogennummer", EN: "Sheet number"},
	"page":    {DE: "Seite", EN: "Page"},
	"place":   {DE: "Ort", EN: "Place"},

	sheetByField: {DE: "Geschrieben von", EN: "Written by"},
}

// withheld reports whether a field is never shown again nor carried: it is
// typed anew.
func withheld(name string) bool { return strings.HasSuffix(name, "password") }

// forgets reports whether the page takes nothing that is worth giving back:
// sign-in and passwords, and what the screen looks like.
func forgets(pattern string) bool {
	_, path, _ := strings.Cut(pattern, " ")
	switch path {
	case "", "/", "/signin", "/signout", "/password", "/demo", "/people/{id}/password":
		return true
	}
	return strings.HasPrefix(path, "/settings/") || strings.HasPrefix(path, "/demo/")
}

// typedTexts lists what a person typed into the form that was sent: the fields
// of a known form in their order, then the others by name.
func (s *Server) typedTexts(v *visit) []typedText {
	if v.Method != http.MethodPost || forgets(v.Pattern) || underSeal(v.Pattern) && v.session == nil || v.ParseForm() != nil {
		return nil
	}
	var out []typedText
	add := func(label lang.Text, text string) {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, typedText{label, text, min(1+strings.Count(text, "\n")+len(text)/60, 12)})
		}
	}
	known := map[string]bool{}
	name := v.PathValue("form")
	if x := written[v.Pattern]; x != "" {
		name = x
	}
	if form := s.formOf(name); form != nil {
		typed := map[string]string{}
		for _, x := range form.Fields {
			typed[x.Name], known[x.Name] = v.PostFormValue(x.Name), true
		}
		for _, x := range form.Shown(typed, v.lang) {
			add(x.Label, strings.TrimSpace(x.Text+" "+x.Unit))
		}
	}
	rows := rowLabels(v)
	for _, name := range slices.Sorted(maps.Keys(v.PostForm)) {
		plain := strings.TrimPrefix(name, carryPrefix) // of a form that is carried itself
		if known[name] || withheld(name) || rows["v"+strings.TrimPrefix(plain, "q")] != (lang.Text{}) {
			continue
		}
		label := besides[plain]
		if x, ok := rows[name]; ok {
			label = x
		}
		for _, text := range v.PostForm[name] {
			if !machine[plain] || strings.Contains(text, " ") { // on some pages a person types it
				add(label, text)
			}
		}
	}
	return out
}

// rowLabels names the fields of a table of values by the test of their row.
func rowLabels(v *visit) map[string]lang.Text {
	out := map[string]lang.Text{}
	codes := v.PostForm["code"]
	for i, no := range v.PostForm["no"] {
		if i >= len(codes) {
			break
		}
		test, _, _ := strings.Cut(codes[i], "/")
		out["v"+no] = lang.Text{DE: test, EN: test}
		out["c"+no] = lang.Text{DE: test + ", Bemerkung", EN: test + ", remark"}
	}
	return out
}

// givenBack is the page after a sign-in for a form that no page draws again: it
// shows what was typed, and that nothing came of it.
func (s *Server) givenBack(v *visit) (http.Handler, error) {
	p := newErrorPage(s.bare(v), http.StatusOK, lang.Text{
		DE: "Sie sind wieder angemeldet. Ausgeführt und gespeichert wurde nichts. Was Sie getippt hatten, steht unten; bitte die Seite neu öffnen und es dort noch einmal eintragen.",
		EN: "You are signed in again. Nothing was done or stored. What you had typed stands below; please open the page again and enter it there once more.",
	}, "/")
	p.Title = lang.Text{DE: "Noch nicht gespeichert", EN: "Not stored yet"}
	p.Typed = s.typedTexts(v)
	return errorPageT.of(p)
}

// again is the form as it was sent, for the button that sends it once more:
// where nothing was wrong with it, only the record could not be written.
func (s *Server) again(v *visit, kind fault.Kind) *carried {
	if kind != fault.Unavailable || v.session == nil || v.resumed {
		return nil
	}
	c := s.carry(v)
	if c == nil {
		return nil
	}
	c.Path = safeBack(v.URL.RequestURI()) // with what stands behind the question mark
	for i := range c.Fields {
		c.Fields[i].Name = strings.TrimPrefix(c.Fields[i].Name, carryPrefix)
	}
	return c
}
