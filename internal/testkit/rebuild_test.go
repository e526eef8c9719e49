package testkit_test

import (
	"strings"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/testkit"
)

// TestWhatCouldNotBeReadIsReplayedAfterTheMappingIsCorrected lets a message of
// the laboratory come in while the mapping does not understand it: it stands
// under Unread and not, or not rightly, in the chart. After a restart with the
// corrected mapping it is in the chart and gone from the list, and until then
// the old charts are shown.
func TestWhatCouldNotBeReadIsReplayedAfterTheMappingIsCorrected(t *testing.T) {
	t.Parallel()
	plain := messageText(t, "r01_mueller_potassium_6_1.hl7")
	for name, c := range map[string]struct {
		message      string
		wrong, right func(*config.Config)
		unread       string   // on the unread page before
		before       []string // not in the laboratory page before
		after        []string // in the laboratory page after
	}{
		"a kind of number that the identity rule does not take": {
			message: strings.Replace(strings.Replace(plain, "10047110^^^HAUS^PI", "10047110^^^HAUS^LABNR", 1), "PV1|1|I|||||||||||||||||26047110", "PV1|1|I", 1),
			wrong:   func(*config.Config) {},
			right: func(c *config.Config) {
				c.Mapping.Feeds["lis"] = interpret.FeedTable{Section: "lab", Types: []string{"PI", "LABNR"}}
			},
			unread: "weder eine Patientennummer des Hauses noch eine Fallnummer",
			before: []string{"6,1"}, after: []string{"Kalium", "6,1"},
		},
		"a local code that the table does not hold": {
			message: plain,
			wrong: func(c *config.Config) {
				c.Mapping.Feeds["lis"] = interpret.FeedTable{Section: "lab", MappedOnly: true}
				c.Mapping.Results = c.Mapping.Results[1:]
			},
			right: func(c *config.Config) {
				c.Mapping.Results = append([]interpret.ResultRule{{Feed: "lis", Code: "K", LOINC: "2823-3", Text: "Kalium im Serum", Unit: "mmol/l", Group: "Elektrolyte", Sort: 110}}, c.Mapping.Results...)
			},
			unread: "Befundcode",
			before: []string{"Kalium im Serum"}, after: []string{"Kalium im Serum", "6,1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := testkit.New(t, c.wrong)
			h.Receive("kis", "a01_mueller_3A.hl7")
			h.Receive("lis", c.message)
			h.Declare("kis")
			lab := chartOf(h.As("arzt").Page("/ward/3A"), "26047110") + "/lab"
			asBefore := func() {
				t.Helper()
				h.As("arzt").Page("/unread").Sees("ORU^R01", c.unread)
				h.As("arzt").Page("/ward/3A").Sees("Müller")
				h.As("arzt").Page(lab).Answers(200).NotSees(c.before...)
			}
			asBefore()
			c.right(&h.Config)
			h.Rebuilding(asBefore)
			waitFor(t, func() bool { return strings.Contains(h.As("arzt").Page("/unread").Text(), "Alles gelesen") })
			h.As("arzt").Page(lab).Sees(c.after...)
			h.As("arzt").Page("/ward/3A").Sees("Müller", "6,1")
			h.Check()
		})
	}
}
