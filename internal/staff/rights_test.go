package staff

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMayRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 19, 2, 14, 0, 0, time.UTC)
	as := func(wards string, roles ...Role) Session {
		return Session{Person: Person{ID: "x", Roles: roles, Wards: strings.Fields(wards)}}
	}
	with := func(s Session, g ...Glass) Session {
		for i := range g {
			if g[i].Until.IsZero() {
				g[i].Until = now.Add(time.Minute)
			}
		}
		s.Glass = g
		return s
	}
	const anna = "annaannaannaanna"
	for _, c := range []struct {
		name     string
		s        Session
		declared bool
		ward     string
		patient  string
		right    Right
		want     Verdict
	}{
		{"normal mode: a nurse's own ward needs a reason", as("3A", Nurse), false, "3A", anna, SeeChart, NeedsGlass},
		{"outage: a nurse reads the own ward", as("3A", Nurse), true, "3A", anna, SeeChart, Allowed},
		{"outage: another ward needs a reason", as("3A", Nurse), true, "3B", anna, SeeChart, NeedsGlass},
		{"outage: a patient without a ward needs a reason", as("3A", Nurse), true, "", anna, SeeChart, NeedsGlass},
		{"outage: a physician of the whole house reads everywhere", as("", Physician), true, "3B", anna, SeeChart, Allowed},
		{"outage: a physician of the whole house reads a patient without a ward", as("", Physician), true, "", anna, SeeChart, Allowed},
		{"outage: a nurse may search the whole house", as("3A", Nurse), true, "", "", Search, Allowed},
		{"normal mode: searching needs a reason", as("3A", Nurse), false, "", "", Search, NeedsGlass},
		{"normal mode: the house overview is open", as("3A", Nurse), false, "", "", SeeHouse, Allowed},

		{"glass without a target opens the own wards", with(as("3A", Nurse), Glass{}), false, "3A", anna, SeeChart, Allowed},
		{"glass without a target opens no other ward", with(as("3A", Nurse), Glass{}), false, "3B", anna, SeeChart, NeedsGlass},
		{"glass for one ward opens it", with(as("3A", Nurse), Glass{Ward: "3B"}), true, "3B", anna, SeeChart, Allowed},
		{"glass for one ward opens no other", with(as("3A", Nurse), Glass{Ward: "3B"}), true, "3C", anna, SeeChart, NeedsGlass},
		{"glass for one patient opens that patient anywhere", with(as("3A", Nurse), Glass{Patient: anna}), true, "3C", anna, SeeChart, Allowed},
		{"glass for one patient opens no other", with(as("3A", Nurse), Glass{Patient: anna}), false, "3A", "bertbertbertbert", SeeChart, NeedsGlass},
		{"glass for one patient opens no list", with(as("3A", Nurse), Glass{Patient: anna}), false, "3A", "", SeeWard, NeedsGlass},
		{"glass that ended opens nothing", with(as("3A", Nurse), Glass{Until: now}), false, "3A", anna, SeeChart, NeedsGlass},
		{"the second of two glasses counts", with(as("3A", Nurse), Glass{Ward: "3B", Until: now}, Glass{Ward: "3B"}), true, "3B", anna, SeeChart, Allowed},
		{"glass adds no right", with(as("", Admission), Glass{Patient: anna}), true, "3A", anna, SeeChart, Denied},

		{"admission sees identity in the whole house", as("Aufnahme", Admission), true, "3B", anna, SeeIdentity, Allowed},
		{"admission sees no medication", as("", Admission), true, "3B", anna, SeeMedication, Denied},
		{"laboratory sees results in the whole house", as("Labor", Laboratory), true, "3B", anna, SeeResults, Allowed},
		{"laboratory sees no findings", as("", Laboratory), true, "3B", anna, SeeFindings, Denied},
		{"radiology sees findings in the whole house", as("", Radiology), true, "", anna, SeeFindings, Allowed},
		{"pharmacy sees medication in the whole house", as("Apotheke", Pharmacy), true, "ITS", anna, SeeMedication, Allowed},
		{"pharmacy sees no chart", as("", Pharmacy), true, "ITS", anna, SeeChart, Denied},
		{"pharmacy in normal mode with a glass", with(as("Apotheke", Pharmacy), Glass{}), false, "ITS", anna, SeeMedication, Allowed},

		{"IT never sees a chart", with(as("", IT), Glass{}), true, "3A", anna, SeeChart, Denied},
		{"IT sees raw messages only with a reason, also in an outage", as("", IT), true, "3A", anna, SeeSources, NeedsGlass},
		{"IT sees raw messages with a reason", with(as("", IT), Glass{}), false, "", "", SeeSources, Allowed},
		{"IT sees the unread list without content", as("", IT), false, "", "", SeeUnread, Allowed},
		{"a physician sees raw messages of the chart in an outage", as("", Physician), true, "3A", anna, SeeSources, Allowed},
		{"the auditor searches reads", as("", Auditor), false, "", "", SearchReads, Allowed},
		{"the auditor sees no patient", with(as("", Auditor), Glass{}), true, "3A", anna, SeeIdentity, Denied},
		{"the crisis team prints the house in an outage", as("", Crisis), true, "", "", PrintHouse, Allowed},
		{"the crisis team prints the house before an outage is declared only with a reason", as("", Crisis), false, "", "", PrintHouse, NeedsGlass},
		{"the crisis team sees no chart", as("", Crisis), true, "3A", anna, SeeChart, Denied},

		{"two roles: the wider one counts for its right", as("3A", Nurse, Pharmacy), true, "3B", anna, SeeMedication, Allowed},
		{"two roles: the wider one does not lend its width", as("3A", Nurse, Pharmacy), true, "3B", anna, SeeChart, NeedsGlass},
		{"two roles: IT who also nurses reads sources of the own ward", as("3A", Nurse, IT), true, "3A", anna, SeeSources, Allowed},
		{"an unknown role sees nothing", as("", "emperor"), true, "3A", anna, SeeWard, Denied},
		{"an unknown right is denied", as("", Physician), true, "3A", anna, "see-everything", Denied},
		{"nobody sees nothing", Session{}, true, "3A", anna, SeeHouse, Denied},
		{"a disabled person sees nothing", Session{Person: Person{Roles: []Role{Physician}, Disabled: true}}, true, "3A", anna, SeeHouse, Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := (*Book)(nil).MayRead(c.s, c.declared, c.ward, anyPatient(c.patient), c.right, now)
			if d.Verdict != c.want {
				t.Errorf("got %d, want %d", d.Verdict, c.want)
			}
			if (d.Verdict == Allowed) != (d.Say.DE == "" && d.Say.EN == "") {
				t.Errorf("the sentence is %+v", d.Say)
			}
		})
	}
}

// TestNoRoleReadsClinicalDataBySideDoor walks every role, right, mode and glass.
func TestNoRoleReadsClinicalDataBySideDoor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 19, 2, 14, 0, 0, time.UTC)
	for _, role := range Roles() {
		for _, right := range Rights() {
			for _, declared := range []bool{false, true} {
				for _, glass := range [][]Glass{nil, {{Until: now.Add(time.Hour)}}} {
					s := Session{Person: Person{Roles: []Role{role}}, Glass: glass}
					v := decide(s, declared, "3A", "annaannaannaanna", right, now).Verdict
					has := slices.Contains(rightsOf(role), right)
					switch {
					case !has && v != Denied:
						t.Errorf("%s got %s without having it", role, right)
					case has && !aboutPatients(right) && v != Allowed:
						t.Errorf("%s did not get %s", role, right)
					case has && aboutPatients(right) && !declared && glass == nil && v == Allowed:
						t.Errorf("%s reads %s in normal mode without a reason", role, right)
					case has && aboutPatients(right) && glass != nil && v != Allowed:
						t.Errorf("%s does not get %s with a reason", role, right)
					}
				}
			}
		}
	}
}

// TestRightsTableInTheDocumentIsTheCode compares docs/security.md with the code.
func TestRightsTableInTheDocumentIsTheCode(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := rightsTable()
	if !strings.Contains(string(doc), want) {
		t.Errorf("docs/security.md does not hold this table:\n%s", want)
	}
}

// rightsTable is the rights table in the form of the document.
func rightsTable() string {
	var b strings.Builder
	b.WriteString("| Right |")
	for _, r := range Roles() {
		b.WriteString(" " + string(r) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(Roles())) + "\n")
	for _, right := range Rights() {
		b.WriteString("| `" + string(right) + "` |")
		for _, role := range Roles() {
			switch {
			case !slices.Contains(rightsOf(role), right):
				b.WriteString("  |")
			case alwaysGlass(role, right):
				b.WriteString(" reason |")
			case aboutPatients(right) && wholeHouse(role, right):
				b.WriteString(" house |")
			case aboutPatients(right):
				b.WriteString(" wards |")
			default:
				b.WriteString(" yes |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
