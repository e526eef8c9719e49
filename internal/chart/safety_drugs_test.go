package chart

import (
	"testing"
)

func TestADueDoseSaysHowMuchAndOnWhichDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, tq, want string
	}{
		{"once at each time of a plain scheme", "TQ1|||1-0-1-0", "1 TBL"},
		{"a scheme of different amounts", "TQ1|||2-0-1-0", "1 TBL (2-0-1-0)"},
		{"a half", "TQ1|||½-0-0-0", "1 TBL (½-0-0-0)"},
		{"daily by a code", "TQ1|||QD", "1 TBL"},
		{"twice a day by a code", "TQ1|||BID", "1 TBL"},
		{"once a week, never once a day", "TQ1|||Q1W|0800", "1 TBL (Q1W)"},
		{"every other day", "TQ1|||Q2D|0800", "1 TBL (Q2D)"},
		{"on Mondays", "TQ1|||Q1J1|0800", "1 TBL (Q1J1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHospital(t)
			h.anna()
			h.tell("kis", "RDE^O11", "11190900", anna, "ORC|NW|V1", c.tq, "RXE||PZN1^Methotrexat 10 mg^PZN|1||TBL", "RXR|PO")
			d := h.rowOf("3A", "100").Doses
			if len(d) == 0 {
				t.Fatal("nothing due")
			}
			for _, one := range d {
				if one.Dose != c.want {
					t.Errorf("%q, want %q", one.Dose, c.want)
				}
			}
		})
	}
}

func TestAnUnverifiedReportIsPreliminary(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{"P": "preliminary", "R": "preliminary", "A": "preliminary", "F": "final", "": "final", "C": "corrected"} {
		h := newHospital(t)
		h.anna()
		h.tell("ris", "ORU^R01", "11190900", anna, "OBR|1||R1|CT^CT Schädel|||20261119080000||||||||||||||||||"+status, "OBX|1|FT|CT^Befund||Keine Blutung")
		p := h.chartOf("100")
		if len(p.Documents) != 1 || string(p.Documents[0].V.Status) != want {
			t.Errorf("%q: %+v", status, p.Documents)
		}
	}
}

func TestAnAppointmentCalledOffByTheOtherNumberIsOff(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.anna()
	h.tell("kis", "SIU^S12", "11190900", "SCH|T1|||||^CT|CT^CT||||^^^20261119150000", anna)
	h.tell("kis", "SIU^S15", "11191000", "SCH|T1|F77||||^CT|CT^CT", anna)
	p := h.chartOf("100")
	if len(p.Appointments) != 1 || !p.Appointments[0].Cancelled || p.Appointments[0].V.Start.IsZero() {
		t.Errorf("appointments %+v", p.Appointments)
	}
}
