package web

import (
	"fmt"
	"slices"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// bedPicker is the choice of a place: a ward, then one of its free beds.
type bedPicker struct {
	Label lang.Text
	Ward  string
	Wards []wardChoice
	Beds  []bedChoice
	Wrong lang.Text
}

type wardChoice struct {
	Code, Name string
	Free       int
	Here       bool
}

type bedChoice struct {
	ID, Value, Label string
	Taken, Chosen    bool
}

// chosenWard is the ward whose beds a form shows: the one chosen, that of the
// place, or the first of the person's own.
func chosenWard(v *visit, typed map[string]string, stands string) string {
	if w := v.FormValue("ward"); w != "" {
		return w
	}
	if p, ok := entry.ParsePlace(typed["place"]); ok {
		return p.Ward
	}
	if stands != "" {
		return stands
	}
	if len(v.session.Person.Wards) > 0 {
		return v.session.Person.Wards[0]
	}
	return ""
}

// beds draws the choice. It names no patient: free beds are numbers of the
// house.
func (s *Server) beds(v *visit, label lang.Text, ward, place string) (*bedPicker, error) {
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	b := &bedPicker{Label: label, Ward: ward}
	for _, w := range h.Wards {
		if w.Kind == "service" && w.Code != ward {
			continue
		}
		b.Wards = append(b.Wards, wardChoice{Code: w.Code, Name: w.Name, Free: max(w.Beds-w.Occupied, 0), Here: w.Code == ward})
	}
	if ward == "" {
		return b, nil
	}
	w, err := v.view.Ward(v.Context(), ward)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	for _, r := range w.Rows {
		text := entry.PlaceText(r.Place)
		if r.Place.Bed == "" && r.Place.Room == "" || !r.Free && text != place {
			continue
		}
		b.Beds = append(b.Beds, bedChoice{Value: text, Label: r.Place.Room + " " + r.Place.Bed, Taken: !r.Free, Chosen: text == place})
	}
	b.Beds = append(b.Beds, bedChoice{Value: ward, Chosen: place == ward || len(b.Beds) == 0})
	for i := range b.Beds {
		b.Beds[i].ID = fmt.Sprintf("bed-%d", i)
	}
	return b, nil
}

// checkPlace says what is wrong with a place for the patient self ("" for a
// new one): a ward that is not there, a bed of another ward than the one
// chosen, a bed that is taken, a ward on which the person records nothing.
func (s *Server) checkPlace(v *visit, text string, self clinical.PatientKey, write bool) ([]entry.Mistake, error) {
	p, ok := entry.ParsePlace(text)
	if !ok {
		return nil, nil // said by the form
	}
	wrong := func(de, en, sure string) []entry.Mistake {
		return []entry.Mistake{{Field: "place", Say: lang.Text{DE: de, EN: en}, Sure: sure}}
	}
	if w := v.FormValue("ward"); w != "" && w != p.Ward {
		return wrong("Bitte ein Bett der gewählten Station wählen.", "Please choose a bed of the chosen ward.", ""), nil
	}
	w, err := v.view.Ward(v.Context(), p.Ward)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return wrong("Diese Station gibt es nicht.", "There is no such ward.", ""), nil
	}
	if err != nil {
		return nil, err
	}
	if write {
		open, declared := s.writable(v)
		d := s.p.Staff.MayWrite(*v.session, open, declared, p.Ward, "", staff.Admit, v.now)
		if !d.Allowed() {
			return wrong("Auf dieser Station nehmen Sie nicht auf. Bitte die Station oder die Aufnahme bitten.",
				"You do not admit on this ward. Please ask the ward or the admission desk.", ""), nil
		}
	}
	if p.Room == "" && p.Bed == "" {
		return nil, nil
	}
	i := slices.IndexFunc(w.Rows, func(r chart.Row) bool {
		return r.Place.Room == p.Room && r.Place.Bed == p.Bed && (r.Free || r.Key != self)
	})
	switch {
	case i >= 0 && w.Rows[i].Free:
		return nil, nil
	case i >= 0 && !w.Rows[i].Arriving:
		return wrong("Dieses Bett ist inzwischen belegt. Trotzdem?", "This bed is taken meanwhile. Go on?", "taken="+text), nil
	case i >= 0, slices.ContainsFunc(w.Rows, func(r chart.Row) bool { return r.Place.Room == p.Room && r.Place.Bed == p.Bed }), w.Beds == 0:
		return nil, nil
	}
	return wrong("Dieses Bett gibt es auf der Station nicht.", "There is no such bed on the ward.", ""), nil
}
