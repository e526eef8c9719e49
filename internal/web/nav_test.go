package web

import (
	"strings"
	"testing"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/staff"
)

// navOf is the navigation in one line: "Haus, Krise[Ausfälle 2]".
func navOf(f Frame) string {
	var out []string
	for _, it := range f.Nav() {
		s := it.Label.DE
		if it.Here {
			s = "*" + s
		}
		if it.Lines != nil {
			var in []string
			for _, l := range it.Lines {
				name := l.Label.DE
				if l.Here {
					name = "*" + name
				}
				in = append(in, name)
			}
			s += "[" + strings.Join(in, " ") + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, " | ")
}

func frameOf(kind incident.ModeKind, at string, wards []string, roles ...staff.Role) Frame {
	f := Frame{Now: theNow, At: at, Mode: modeView{Kind: kind}}
	f.User = newUserView(staff.Session{Person: staff.Person{Name: "S. Weber", ID: "weber", Wards: wards, Roles: roles}}, f)
	return f
}

func TestTheNavigationFoldsOnlyWhereThereIsNoRoom(t *testing.T) {
	t.Parallel()
	back := frameOf(incident.Emergency, "watch", nil, staff.IT, staff.Crisis, staff.Auditor)
	back.Forward = &forwardPill{N: 2}
	for _, c := range []struct{ what, got, want string }{
		{"an auditor has room", navOf(frameOf(incident.Normal, "audit", nil, staff.Auditor)), "Haus | Krisenlagen | Ausfälle | Meldungen | *Zugriffe | Auswertung"},
		{"a nurse keeps what the ward works with in sight", navOf(frameOf(incident.Emergency, "ward/3A", []string{"3A", "3B"}, staff.Nurse)),
			"Haus | *3A | 3B | Aufnahme | Kritisch | Ungelesen | Papier | Druck | Krise[Krisenlagen Ausfälle Ausfallfolgen] | Rückgabe"},
		{"who leads and keeps everything finds it in groups", navOf(back),
			"Haus | Ungelesen | Druck | Krise[Krisenlagen Ausfälle Ausfallfolgen Meldungen] | *Systeme[Systeme *Wache] | Rückgabe[Rückgabe Weitergabe] | Verwaltung[Zugriffe Auswertung Personen]"},
		{"in normal operation no desk is open", navOf(frameOf(incident.Normal, "house", nil, staff.Laboratory)), "*Haus | Ungelesen | Papier | Druck | Krisenlagen | Ausfälle | Ausfallfolgen"},
	} {
		if c.got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.what, c.got, c.want)
		}
	}
	for _, it := range back.Nav() {
		if it.Label.DE == "Rückgabe" && it.Count != 2 {
			t.Errorf("the group says %d wait", it.Count)
		}
	}
}

// Whatever roles a person has, nothing that they may open is missing.
func TestTheNavigationOffersEverythingOnce(t *testing.T) {
	t.Parallel()
	f := frameOf(incident.Emergency, "house", nil, staff.Roles()...)
	f.Unsigned, f.Forward = 1, &forwardPill{}
	seen := map[string]int{}
	for _, it := range f.Nav() {
		if it.Href != "" {
			seen[it.Href]++
		}
		for _, l := range it.Lines {
			seen[l.Href]++
		}
	}
	for _, e := range navEntries {
		if seen[e.href] != 1 {
			t.Errorf("%s stands %d times", e.href, seen[e.href])
		}
	}
}
