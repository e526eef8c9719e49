package testkit_test

import (
	"net/http"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// a whole day of the house: what the tests of keeping are about.
func aDay(h *testkit.Hospital) {
	h.Receive("kis", "a01_mueller_3A.hl7", "a01_twin_lea_3A.hl7", "a01_twin_mia_3A.hl7", "a01_schmidt_1949_3A.hl7",
		"a01_gross_old_number_3A.hl7", "a04_gross_second_number_outpatient.hl7", "a01_newborn_brandtner_GEB.hl7",
		"a01_mother_brandtner_GEB.hl7", "a01_heidenreich_ITS.hl7", "a04_unknown_man_3B.hl7", "adt_q77_mueller_unknown_event.hl7",
		"t_a01_testpatient_3A.hl7", "t02_mueller_letter_pdf.hl7", "o01_mueller_ct_ordered.hl7", "o11_mueller_ramipril.hl7")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7", "r01_twin_mia_by_number_only.hl7", "r01_gross_first_number_sodium_128.hl7",
		"r01_gross_second_number_hb_7_9.hl7", "r01_mueller_potassium_corrected_4_6.hl7")
	h.Receive("pdms", "r01_mueller_vitals.hl7")
	h.Receive("kis", "a40_gross_merged.hl7", "a02_mueller_to_3B.hl7")
}

func TestADayChecksCleanAndReplaysEqual(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	aDay(h)
	h.Declare("kis")
	ward := h.As("pflege").Page("/ward/3B").In("main").Text()
	key := chartOf(h.As("pflege").Page("/ward/3B"), "26047110")
	lab := h.As("pflege").Page(key + "/lab").In("main").Text()
	h.Check()
	h.Replay()
	if got := h.As("pflege").Page("/ward/3B").In("main").Text(); got != ward {
		t.Errorf("after the replay the ward reads\n%s\nwant\n%s", got, ward)
	}
	if got := h.As("pflege").Page(key + "/lab").In("main").Text(); got != lab {
		t.Errorf("after the replay the laboratory reads\n%s\nwant\n%s", got, lab)
	}
	h.Check()
}

func TestPeopleStaySignedInWhenTheHubIsRestarted(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	h.As("pflege").Look("/ward/3A").Answers(http.StatusOK)
	glass := h.As("pflege2").Page("/ward/3A")
	glass.Submit("/glass", "reason", "Aushilfe auf 3A").Answers(200)
	h.Restart()
	h.As("pflege").Look("/ward/3A").Answers(http.StatusOK).Sees("Müller").In("#modeline").Sees("Notbetrieb")
	h.As("pflege2").Look("/ward/3A").Answers(http.StatusOK)
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	h.As("pflege").Page("/ward/3A").Sees("6,1")
	h.As("pflege").Page("/").Submit("/signout")
	h.Restart()
	if at := h.As("pflege").Look("/ward/3A").Location(); !underPath(at, "/signin") {
		t.Errorf("who signed out is led to %q after a restart", at)
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	h.As("pflege").Look("/ward/3A").Answers(200)
	h.Pass(29 * time.Minute)
	h.As("pflege").Look("/ward/3A").Answers(200)
	h.Pass(31 * time.Minute)
	if at := h.As("pflege").Look("/ward/3A").Location(); !underPath(at, "/signin") {
		t.Errorf("after half an hour of silence the ward leads to %q", at)
	}
}

func TestRetentionDropsOldPatientsAndKeepsThoseInHouse(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) { c.Retention = config.Retention{Days: 30, KeepReadsDays: 60} })
	h.Receive("kis", "a01_mueller_3A.hl7", "a02_mueller_to_3B.hl7", "a03_mueller_discharged.hl7", "a01_schmidt_1949_3A.hl7")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	h.Declare("kis")
	h.As("arzt").Page("/search?q=26047110").Sees("Müller")
	h.Pass(90 * 24 * time.Hour)
	h.Receive("kis", "a01_heidenreich_ITS.hl7")
	if err := h.Hub.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.As("arzt").SignIn("arzt", testkit.Password)
	h.As("arzt").Page("/search?q=26047110").Sees("Niemand gefunden")
	h.As("arzt").Page("/ward/3A").Sees("Schmidt-Lorenz")
	h.As("arzt").Page("/ward/ITS").Sees("Heidenreich")
	h.Check()
	h.Replay()
	h.As("arzt").Page("/ward/3A").Sees("Schmidt-Lorenz")
	h.As("arzt").Page("/search?q=26047110").Sees("Niemand gefunden")
	h.Check()
}

// What was written here and is not back in the hospital's systems is not
// forgotten, however long ago the patient left.
func TestRetentionKeepsWhatIsNotHandedBack(t *testing.T) {
	t.Parallel()
	for _, target := range []bool{true, false} {
		h := testkit.New(t, func(c *config.Config) {
			c.Retention = config.Retention{Days: 30, KeepReadsDays: 60}
			if target {
				to := config.DefaultTarget()
				to.Name, to.System, to.Address = "kis", "kis", "127.0.0.1:1"
				c.Targets = append(c.Targets, to)
			}
		})
		h.Receive("kis", "a01_mueller_3A.hl7")
		h.Declare("kis")
		chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
		h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "pulse", "88", "act", "sign").Answers(200)
		h.Receive("kis", "a03_mueller_discharged.hl7")
		h.Pass(90 * 24 * time.Hour)
		h.Receive("kis", "a01_heidenreich_ITS.hl7")
		if err := h.Hub.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.As("arzt").SignIn("arzt", testkit.Password)
		found := h.As("arzt").Page("/search?q=26047110")
		if !target {
			found.Sees("Niemand gefunden")
			continue
		}
		found.Sees("Müller").NotSees("Niemand gefunden")
		by := handback.Act{By: clinical.Staff{ID: "krisenstab", Name: "Dr. A. Stein"}, At: h.Clock(), Why: "von Hand eingetragen"}
		if err := h.Hub.Back.SetMode(t.Context(), journal.NewID(), "kis", handback.Paused, by); err != nil {
			t.Fatal(err)
		}
		items, err := h.Hub.Back.Items(t.Context(), "kis", handback.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Hub.Back.Decide(t.Context(), journal.NewID(), "kis", handback.TypedIn, items, by); err != nil {
			t.Fatal(err)
		}
		if err := h.Hub.Retain(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.As("arzt").Page("/search?q=26047110").Sees("Niemand gefunden")
	}
}
