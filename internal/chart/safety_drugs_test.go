package chart

import (
	"testing"
	"time"
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

func TestADrugWithoutATimeOfDayIsNotMissingFromTheList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		segments []string
		want     string
	}{
		{"an infusion with a rate", []string{"ORC|NW|V1", "TQ1|||C", "RXE||I1^Vollelektrolyt^L|1000||ml||||||||||||||||||83|ml/h", "RXR|IV"}, "laufend: Vollelektrolyt 83 ml/h"},
		{"every eight hours without a start", []string{"ORC|NW|V1", "TQ1|||Q8H", "RXE||I2^Cefuroxim^L|1500||mg", "RXR|IV"}, "ohne Uhrzeit: Cefuroxim 1500 mg i.v. alle 8 h"},
		{"a rhythm that no table knows", []string{"ORC|NW|V1", "TQ1|||XYZ7", "RXE||I3^Filgrastim^L|1||Amp", "RXR|SC"}, "ohne Uhrzeit: Filgrastim 1 Amp s.c. XYZ7"},
		{"nothing about when", []string{"ORC|NW|V1", "RXE||I4^Ramipril^L|1||TBL", "RXR|PO"}, "ohne Uhrzeit: Ramipril 1 TBL p.o."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHospital(t)
			h.anna()
			h.tell("kis", "RDE^O11", "11190900", append([]string{anna}, c.segments...)...)
			d := h.rowOf("3A", "100").Doses
			if len(d) != 1 {
				t.Fatalf("%d on the list: %+v", len(d), d)
			}
			now := start().Add(4 * time.Hour)
			s, ok := d[0].Standing(now, now.Add(8*time.Hour))
			if got := s.Word.DE + ": " + s.Drug + " " + s.Amount.DE; !ok || got != c.want {
				t.Errorf("%q, want %q (%+v)", got, c.want, d[0])
			}
		})
	}
}

func TestADrugWithoutATimeStandsOnTheListOnlyWhileItIsInForce(t *testing.T) {
	t.Parallel()
	now := start()
	end := now.Add(8 * time.Hour)
	drip := Due{Drug: "Vollelektrolyt", Rate: "83 ml/h", Timeless: true}
	with := func(change func(*Due)) Due { d := drip; change(&d); return d }
	for _, c := range []struct {
		name string
		due  Due
		want string // "" not on the list
	}{
		{"running", drip, "laufend"},
		{"on hold is not running", with(func(d *Due) { d.Hold = true }), "pausiert"},
		{"ended", with(func(d *Due) { d.Until = now }), ""},
		{"begins in this shift", with(func(d *Due) { d.From = now.Add(2 * time.Hour) }), "läuft ab 08:00"},
		{"begins tomorrow", with(func(d *Due) { d.From = now.Add(24 * time.Hour) }), ""},
		{"a short infusion three times a day does not run", with(func(d *Due) { d.Interval = "TID" }), "ohne Uhrzeit"},
		{"one with a time of day", with(func(d *Due) { d.Timeless = false }), ""},
	} {
		if s, ok := c.due.Standing(now, end); ok != (c.want != "") || s.Word.DE != c.want {
			t.Errorf("%s: %q %v, want %q", c.name, s.Word.DE, ok, c.want)
		}
	}
}
