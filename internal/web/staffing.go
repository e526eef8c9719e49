package web

import (
	"net/http"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func (s *Server) showPeople(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.ManagePeople); err != nil {
		return nil, err
	}
	return peoplePageT.of(newPeoplePage(s.p.Staff.People(), s.quietFrame(v)))
}

// quietFrame is a frame that does without the ages of the feeds if the charts
// cannot be read: people are managed also then.
func (s *Server) quietFrame(v *visit) Frame {
	f, err := s.frame(v)
	if err != nil {
		s.log.WarnContext(v.Context(), "page without the age of the data", "err", err)
		return s.bare(v)
	}
	return f
}

func (s *Server) showPerson(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.ManagePeople); err != nil {
		return nil, err
	}
	id := v.PathValue("id")
	if id == "new" {
		return personPageT.of(newPersonPage(staff.Person{}, true, s.quietFrame(v), nil))
	}
	p, ok := s.p.Staff.Person(id)
	if !ok {
		return nil, noPerson()
	}
	page := newPersonPage(p, false, s.quietFrame(v), nil)
	if v.FormValue("saved") != "" {
		page.Done = lang.Text{DE: "Gespeichert.", EN: "Saved."}
	}
	return personPageT.of(page)
}

func noPerson() error {
	return noSuch(lang.Text{DE: "Diese Person gibt es nicht.", EN: "There is no such person."})
}

func personOf(v *visit) staff.Person {
	p := staff.Person{Name: strings.TrimSpace(v.PostFormValue("name")), Lang: lang.Parse(v.PostFormValue("lang")), Disabled: v.PostFormValue("disabled") != ""}
	for _, r := range v.PostForm["role"] {
		p.Roles = append(p.Roles, staff.Role(r))
	}
	for w := range strings.SplitSeq(v.PostFormValue("wards"), ",") {
		if w = strings.TrimSpace(w); w != "" {
			p.Wards = append(p.Wards, w)
		}
	}
	return p
}

// changePerson adds or changes a person.
func (s *Server) changePerson(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ManagePeople)
	if err != nil {
		return nil, err
	}
	id := v.PathValue("id")
	p := personOf(v)
	if id != "new" {
		old, ok := s.p.Staff.Person(id)
		if !ok {
			return nil, noPerson()
		}
		p.ID, p.LockedUntil, p.MustChange = old.ID, old.LockedUntil, old.MustChange
		if err := s.p.Staff.Change(v.Context(), sess.Person, p); err != nil {
			return s.personRefused(v, p, false, "", err)
		}
		return seeOther("/people/" + p.ID + "?saved=1"), nil
	}
	p.ID = strings.ToLower(strings.TrimSpace(v.PostFormValue("id")))
	if err := s.p.Staff.Add(v.Context(), sess.Person, p); err != nil {
		return s.personRefused(v, p, true, "", err)
	}
	if pw := v.PostFormValue("password"); pw != "" {
		if err := s.p.Staff.SetPassword(v.Context(), sess.Person, p.ID, pw); err != nil {
			return s.personRefused(v, p, false, "password", err)
		}
	}
	return seeOther("/people/" + p.ID + "?saved=1"), nil
}

func (s *Server) personRefused(v *visit, p staff.Person, isNew bool, field string, err error) (http.Handler, error) {
	k := fault.KindOf(err)
	if k != fault.Invalid && k != fault.Conflict && k != fault.Forbidden {
		return nil, err
	}
	return personPageT.status(status(k), newPersonPage(p, isNew, s.quietFrame(v), []problem{{field, fault.Say(err)}}))
}

func (s *Server) resetPassword(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ManagePeople)
	if err != nil {
		return nil, err
	}
	p, ok := s.p.Staff.Person(v.PathValue("id"))
	if !ok {
		return nil, noPerson()
	}
	if err := s.p.Staff.SetPassword(v.Context(), sess.Person, p.ID, v.PostFormValue("password")); err != nil {
		return s.personRefused(v, p, false, "password", err)
	}
	return seeOther("/people/" + p.ID + "?saved=1"), nil
}

func (s *Server) unlockPerson(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ManagePeople)
	if err != nil {
		return nil, err
	}
	id := v.PathValue("id")
	if err := s.p.Staff.Unlock(v.Context(), sess.Person, id); err != nil {
		return nil, err
	}
	return seeOther("/people/" + id + "?saved=1"), nil
}
