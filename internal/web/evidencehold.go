package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Keeping is what the house has decided about dropping old records.
type Keeping struct {
	Days       int // of messages; 0 keeps them
	Reads      int // of the record of reads
	Freeze     bool
	FreezeDays int // that a hold for an incident reaches back
	// Patient returns the key of the one person with a patient or case number.
	Patient func(ctx context.Context, number string) (clinical.PatientKey, error)
}

// holdsPage says what is dropped when, and what legal holds keep.
type holdsPage struct {
	evidenceHead
	Keeping
	Standing []holdView
	Lifted   []holdView
	Cases    []choice
}

type holdView struct {
	evidence.Hold
	What    lang.Text
	SetAt   stamp
	AskedAt stamp
	EndAt   stamp
	Own     bool // the reader asked to lift it
	By      lang.Text
}

var holdsPageT = parse[holdsPage]("holds")

func (s *Server) showHolds(v *visit) (http.Handler, error) {
	if err := s.looked(v, staff.SeeEvidence, "evidence/holds", "Sperrvermerke"); err != nil {
		return nil, err
	}
	return s.drawHolds(v, http.StatusOK, s.evidenceHead(v, "Aufbewahrung und Sperrvermerke", "Retention and legal holds"))
}

func (s *Server) drawHolds(v *visit, code int, h evidenceHead) (http.Handler, error) {
	cases, _ := s.casesFor(v, v.FormValue("case"))
	return holdsPageT.status(code, newHoldsPage(h, s.c.Keeping, s.holds(v), cases))
}

func newHoldsPage(h evidenceHead, k Keeping, holds []evidence.Hold, cases []choice) holdsPage {
	p := holdsPage{evidenceHead: h, Keeping: k, Cases: cases}
	for _, x := range holds {
		view := holdView{Hold: x, What: scopeWords(x.Scope, cases, h.Frame), SetAt: h.stamp(x.Set.At), AskedAt: h.stamp(x.Asked.At), EndAt: h.stamp(x.Lifted.At), Own: h.User != nil && x.Asked.Person == h.User.ID, By: lang.Text{DE: x.Set.Name, EN: x.Set.Name}}
		if x.Set.Person == "" {
			view.By = lang.Text{DE: "von selbst", EN: "by itself"}
		}
		if x.Stands() {
			p.Standing = append(p.Standing, view)
		} else {
			p.Lifted = append(p.Lifted, view)
		}
	}
	return p
}

func scopeWords(s evidence.Scope, cases []choice, f Frame) lang.Text {
	var de, en []string
	for _, c := range cases {
		if c.Value == s.Case {
			de, en = append(de, "Lage „"+c.Label.DE+"“"), append(en, "incident “"+c.Label.DE+"”")
		}
	}
	if s.Whole {
		de, en = append(de, "das ganze Journal"), append(en, "the whole journal")
	}
	if !s.From.IsZero() {
		day := f.stamp(s.From).At.Format("02.01.2006")
		till := lang.Text{DE: " an", EN: " on"}
		if !s.To.IsZero() {
			to := f.stamp(s.To.Add(-1)).At.Format("02.01.2006") // the end itself is the first moment behind it
			till = lang.Text{DE: " bis " + to, EN: " to " + to}
		}
		de, en = append(de, "alles vom "+day+till.DE), append(en, "everything from "+day+till.EN)
	}
	if n := len(s.Patients); n > 0 {
		de, en = append(de, strconv.Itoa(n)+" Patienten und alle Zugriffe"), append(en, strconv.Itoa(n)+" patients and all reads")
	}
	return lang.Text{DE: strings.Join(de, ", "), EN: strings.Join(en, ", ")}
}

var holdActs = map[string]func(s *Server, v *visit, by evidence.Act) error{
	"set": func(s *Server, v *visit, by evidence.Act) error {
		scope, err := s.typedScope(v)
		if err != nil {
			return err
		}
		_, err = s.p.Evidence.SetHold(v.Context(), by, scope, v.PostFormValue("why"))
		return err
	},
	"ask": func(s *Server, v *visit, by evidence.Act) error {
		return s.p.Evidence.AskLift(v.Context(), by, v.PostFormValue("of"), v.PostFormValue("why"))
	},
	"off": func(s *Server, v *visit, by evidence.Act) error {
		return s.p.Evidence.CallOffLift(v.Context(), by, v.PostFormValue("of"))
	},
	"lift": func(s *Server, v *visit, by evidence.Act) error {
		return s.p.Evidence.Lift(v.Context(), by, v.PostFormValue("of"))
	},
}

func (s *Server) actOnHold(v *visit) (http.Handler, error) {
	do, ok := holdActs[v.PathValue("act")]
	if !ok {
		return s.unknown(v)
	}
	if _, err := v.need(staff.HoldRecords); err != nil {
		return nil, err
	}
	if of := v.PostFormValue("of"); of != "" {
		if err := s.holdOf(v, of); err != nil {
			return nil, err
		}
	}
	var err error
	if !v.resumed {
		if err = do(s, v, evidenceAct(v)); err == nil {
			return seeOther("/evidence/holds"), nil
		}
	}
	if !comesBack(err) {
		return nil, err
	}
	h := s.evidenceHead(v, "Aufbewahrung und Sperrvermerke", "Retention and legal holds")
	form := v.PathValue("act")
	if of := v.PostFormValue("of"); of != "" {
		form += "/" + of
	}
	code := h.refused(v, form, err)
	return s.drawHolds(v, code, h)
}

// typedScope is what a hold is to keep, as the form says it.
func (s *Server) typedScope(v *visit) (evidence.Scope, error) {
	var out evidence.Scope
	switch v.PostFormValue("what") {
	case "whole":
		out.Whole = true
	case "case":
		c, err := s.crisisOf(v, v.PostFormValue("case"))
		if err != nil {
			return out, invalid("Bitte die Lage wählen.", "Please choose the incident.")
		}
		out.Case, out.From = c.ID, c.Began.AddDate(0, 0, -max(s.c.Keeping.FreezeDays, 1))
	case "span":
		from, ok := parseDay(strings.TrimSpace(v.PostFormValue("from")), v.now)
		if !ok {
			return out, invalid("Bitte den ersten Tag angeben (18.11.2026).", "Please give the first day (18.11.2026).")
		}
		out.From = from
		if text := strings.TrimSpace(v.PostFormValue("to")); text != "" {
			to, ok := parseDay(text, v.now)
			if !ok {
				return out, invalid("Der letzte Tag ist nicht lesbar (18.11.2026).", "The last day cannot be read (18.11.2026).")
			}
			out.To = to.AddDate(0, 0, 1)
		}
	case "patients":
		for _, no := range strings.FieldsFunc(v.PostFormValue("patients"), func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' || r == ' ' }) {
			key, err := s.c.Keeping.Patient(v.Context(), no)
			if err != nil || key == "" {
				return out, invalid("Zu der Nummer „"+no+"“ gibt es keinen oder mehr als einen Patienten.", "No patient or more than one has the number “"+no+"”.")
			}
			out.Patients = append(out.Patients, string(key))
		}
	}
	if about := v.PostFormValue("about"); about != "" && out.Case == "" {
		if _, err := s.crisisOf(v, about); err != nil {
			return out, invalid("Bitte die Lage wählen.", "Please choose the incident.")
		}
		out.Case = about
	}
	return out, nil
}

func invalid(de, en string) error { return fault.New(fault.Invalid, lang.Text{DE: de, EN: en}) }
