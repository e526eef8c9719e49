package web

import (
	"net/http"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func (s *Server) showSignin(v *visit) (http.Handler, error) {
	back := safeBack(v.FormValue("back"))
	if v.session != nil {
		return seeOther(back), nil
	}
	return signinPageT.of(newSigninPage(s.bare(v), "", back, nil, s.c.SigninHint))
}

func (s *Server) signin(v *visit) (http.Handler, error) {
	id, back := strings.ToLower(strings.TrimSpace(v.PostFormValue("id"))), safeBack(v.PostFormValue("back"))
	token, sess, err := s.p.Staff.SignIn(v.Context(), id, v.PostFormValue("password"), v.from())
	if err != nil {
		k := fault.KindOf(err)
		if k == fault.Internal || k == fault.Corrupt {
			return nil, err
		}
		p := newSigninPage(s.bare(v), id, back, []problem{{"password", fault.Say(err)}}, s.c.SigninHint)
		p.Carried = carriedOf(v)
		return signinPageT.status(status(k), p)
	}
	s.set(v, s.cookie("session"), token, 0)
	if sess.Person.Lang != "" {
		s.set(v, "lang", string(sess.Person.Lang), 365*24*time.Hour)
	}
	if sess.Person.MustChange {
		back = "/password"
	} else if c := carriedOf(v); c != nil {
		return s.resume(v, c, token), nil
	}
	return seeOther(back), nil
}

func (s *Server) signout(v *visit) (http.Handler, error) {
	if v.token != "" {
		if err := s.p.Staff.SignOut(v.Context(), v.token); err != nil {
			return nil, err
		}
	}
	if v.session != nil && s.p.Inquiry != nil {
		s.p.Inquiry.Gone(v.session.ID)
	}
	s.set(v, s.cookie("session"), "", 0)
	return seeOther("/signin"), nil
}

func (s *Server) showGlass(v *visit) (http.Handler, error) {
	return s.drawGlass(v, http.StatusOK, glassAsk{ward: v.FormValue("ward"), patient: v.FormValue("patient"), back: safeBack(v.FormValue("back"))})
}

// glassAsk is what a glass is asked for, and what goes on behind it.
type glassAsk struct {
	ward, patient string
	reason        string // as typed
	back          string
	carried       *carried // a form that is drawn again once it is open
	problems      []problem
}

func (s *Server) drawGlass(v *visit, code int, ask glassAsk) (http.Handler, error) {
	if _, err := v.need(staff.BreakGlass); err != nil {
		return nil, err
	}
	f := s.quietFrame(v)
	why := lang.Text{
		DE: "Es ist kein Ausfall erklärt. Patientendaten öffnen sich hier nur mit einem Grund.",
		EN: "No outage is declared. Patient data opens here only with a reason.",
	}
	if f.Mode.Kind != "normal" {
		why = lang.Text{
			DE: "Dieser Bereich gehört nicht zu Ihren Stationen. Er öffnet sich nur mit einem Grund.",
			EN: "This is not one of your wards. It opens only with a reason.",
		}
	}
	return glassPageT.status(code, glassPage{
		Frame: f.titled("glass", lang.Text{DE: "Lesen mit Grund", EN: "Reading with a reason"}), Why: why, Back: ask.back,
		Ward: ask.ward, Patient: ask.patient, Reason: ask.reason, Carried: ask.carried, Problems: ask.problems,
	})
}

func (s *Server) openGlass(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.BreakGlass)
	if err != nil {
		return nil, err
	}
	g := staff.Glass{Ward: v.PostFormValue("ward"), Patient: clinical.PatientKey(v.PostFormValue("patient")), Reason: strings.TrimSpace(v.PostFormValue("reason"))}
	if v.resumed {
		return s.drawGlass(v, http.StatusOK, glassAsk{
			ward: g.Ward, patient: string(g.Patient), reason: g.Reason, back: safeBack(v.PostFormValue("back")), carried: carriedOf(v),
		})
	}
	if err := s.p.Staff.OpenGlass(v.Context(), sess, g); err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Unavailable {
			return s.drawGlass(v, status(k), glassAsk{
				ward: g.Ward, patient: string(g.Patient), reason: g.Reason, back: safeBack(v.PostFormValue("back")),
				carried: carriedOf(v), problems: []problem{{"reason", fault.Say(err)}},
			})
		}
		return nil, err
	}
	if c := carriedOf(v); c != nil {
		return s.resume(v, c, v.token), nil
	}
	return seeOther(safeBack(v.PostFormValue("back"))), nil
}

func (s *Server) showPassword(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	return passwordPageT.of(newPasswordPage(s.bare(v), sess.Person.MustChange, nil))
}

func (s *Server) changePassword(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	wrong := func(code int, p problem) (http.Handler, error) {
		return passwordPageT.status(code, newPasswordPage(s.bare(v), sess.Person.MustChange, []problem{p}))
	}
	if v.PostFormValue("new") != v.PostFormValue("again") {
		return wrong(http.StatusUnprocessableEntity, problem{"again", lang.Text{DE: "Die beiden neuen Passwörter sind nicht gleich.", EN: "The two new passwords differ."}})
	}
	if err := s.p.Staff.ChangeOwn(v.Context(), sess, v.PostFormValue("old"), v.PostFormValue("new")); err != nil {
		switch k := fault.KindOf(err); k {
		case fault.Invalid:
			return wrong(status(k), problem{"new", fault.Say(err)})
		case fault.Unsigned, fault.Forbidden, fault.Unavailable:
			return wrong(status(k), problem{"old", fault.Say(err)})
		case fault.Internal, fault.NotFound, fault.Conflict, fault.Corrupt:
		}
		return nil, err
	}
	return seeOther("/"), nil
}

func (s *Server) setNight(v *visit) (http.Handler, error) {
	value := ""
	if v.PostFormValue("night") == "on" {
		value = "on"
	}
	s.set(v, "night", value, 365*24*time.Hour)
	return seeOther(safeBack(v.PostFormValue("back"))), nil
}

func (s *Server) setLang(v *visit) (http.Handler, error) {
	s.set(v, "lang", string(lang.Parse(v.PostFormValue("lang"))), 365*24*time.Hour)
	return seeOther(safeBack(v.PostFormValue("back"))), nil
}
