package chart

import (
	"slices"
	"strings"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// doubt lists a result or an order that goes by its number to one person and
// names another: a tube with the label of the twin, a number off by one digit.
// It is filed under the number, as every message is; people have to look.
func (f *folder) doubt(h *headDoc, d *clinical.Demographics) {
	if d.Aside && otherPerson(&h.P, d) {
		f.unread(problem{Code: "other-name", Segment: "PID-5", Reason: lang.Text{
			DE: "Die Nachricht nennt unter dieser Patientennummer eine andere Person. Sie wurde unter der Nummer abgelegt. Bitte prüfen, ob sie zu diesem Patienten gehört.",
			EN: "The message names another person under this patient number. It was filed under the number. Please check whether it belongs to this patient.",
		}})
	}
}

// otherPerson reports whether d names somebody else: another given name
// together with another birth date or sex, or another given name where there is
// a twin. A family name changes, and a given name is shortened; neither counts
// alone.
func otherPerson(p *Patient, d *clinical.Demographics) bool {
	name, named := d.Name.Value()
	if !named || !p.Name.Known || p.Name.Aside || p.Unnamed.V || alikeGiven(names.Given(name), names.Given(p.Name.V)) {
		return false
	}
	if slices.ContainsFunc(p.Names, func(it Item[clinical.Name]) bool { return alikeGiven(names.Given(name), names.Given(it.V)) }) {
		return false
	}
	birth, _ := d.Birth.Value()
	sex, _ := d.Sex.Value()
	return birth.Full() && p.Birth.V.Full() && birth != p.Birth.V ||
		sex != "" && p.Sex.V != "" && sex != p.Sex.V || p.Multiple.V || p.Order.Known
}

// alikeGiven reports whether two folded given names can be one person's, or one
// of them says nothing.
func alikeGiven(a, b string) bool {
	if a == "" || b == "" {
		return true
	}
	for _, x := range strings.Fields(a) {
		for _, y := range strings.Fields(b) {
			if strings.HasPrefix(x, y) || strings.HasPrefix(y, x) || names.Similar(x, y) {
				return true
			}
		}
	}
	return false
}
