package dosing

import (
	"fmt"
	"math"

	"notbetrieb/internal/clinical"
)

// person compares the drug with the patient's age, kidneys and pregnancy.
func (c *check) person() {
	for _, s := range c.drug.known {
		c.age(s)
		c.kidney(s)
		c.pregnancy(s)
	}
}

func (c *check) age(s *substance) {
	least, most, known := yearsOf(c.f)
	if len(s.Age) > 0 && !known {
		c.unchecked(AgeHint, "Alter unbekannt: Hinweis zu "+s.Name+" nicht geprüft.", "Age unknown: hint about "+s.Name+" not checked.")
		return
	}
	for _, a := range s.Age {
		if (a.From == 0 || most >= a.From) && (a.Below == 0 || least < a.Below) {
			c.found(AgeHint, levels[a.Level], s.Name+": "+a.DE, s.Name+": "+orDE(a.EN, a.DE))
		}
	}
}

func orDE(en, de string) string {
	if en == "" {
		return de
	}
	return en
}

// kidney compares the newest kidney function. Without an eGFR it is estimated
// from creatinine, age and sex (CKD-EPI 2021, without race); where the sex is
// not known the smaller value counts.
func (c *check) kidney(s *substance) {
	if len(s.Renal) == 0 {
		return
	}
	gfr, estimated, ok := c.gfr()
	if !ok {
		c.unchecked(Renal, "Nierenfunktion unbekannt: Anpassung von "+s.Name+" nicht geprüft.", "Kidney function unknown: adjustment of "+s.Name+" not checked.")
		return
	}
	hit := -1
	for i, r := range s.Renal {
		if gfr < r.Below && (hit < 0 || r.Below < s.Renal[hit].Below) {
			hit = i
		}
	}
	if hit < 0 {
		return
	}
	r := s.Renal[hit]
	de, en := fmt.Sprintf("eGFR %.0f ml/min", math.Floor(gfr)), fmt.Sprintf("eGFR %.0f ml/min", math.Floor(gfr))
	if estimated {
		de, en = de+" (aus Kreatinin geschätzt)", en+" (estimated from creatinine)"
	}
	c.found(Renal, levels[r.Level], de+". "+s.Name+": "+r.DE, en+". "+s.Name+": "+orDE(r.EN, r.DE))
}

// gfr is the eGFR, given or estimated. A creatinine over 20 mg/dl is taken for
// one in µmol/l and not used.
func (c *check) gfr() (v float64, estimated, ok bool) {
	if e := c.f.EGFR; e != nil {
		return *e, false, *e >= 0 && *e <= 250
	}
	least, most, known := yearsOf(c.f)
	cr := c.f.Creatinine
	if cr == nil || !known || least < 18 || !(*cr >= 0.1 && *cr <= 20) {
		return 0, false, false
	}
	female, male := ckdEPI(*cr, most, true), ckdEPI(*cr, most, false)
	switch c.f.Sex {
	case clinical.Female:
		return female, true, true
	case clinical.Male:
		return male, true, true
	case clinical.Diverse, clinical.SexUnknown:
	}
	return min(female, male), true, true
}

// ckdEPI is the CKD-EPI creatinine equation of 2021 in ml/min/1.73 m².
// Creatinine in mg/dl.
func ckdEPI(creatinine float64, years int, female bool) float64 {
	k, alpha, f := 0.9, -0.302, 1.0
	if female {
		k, alpha, f = 0.7, -0.241, 1.012
	}
	x := creatinine / k
	return 142 * math.Pow(min(x, 1), alpha) * math.Pow(max(x, 1), -1.2) * math.Pow(0.9938, float64(years)) * f
}

// pregnancy gives the hint where an alert says that the patient is pregnant,
// and says that nothing is known of women who may be.
func (c *check) pregnancy(s *substance) {
	h := s.Pregnancy
	if h.Level == "" {
		return
	}
	if c.f.Pregnant {
		c.found(PregnancyHint, levels[h.Level], s.Name+" in der Schwangerschaft: "+h.DE, s.Name+" in pregnancy: "+orDE(h.EN, h.DE))
		return
	}
	least, most, known := yearsOf(c.f)
	if c.f.Sex != clinical.Male && (!known || most >= 12 && least <= 55) {
		c.unchecked(PregnancyHint, "Schwangerschaft nicht bekannt: "+s.Name+" ist dort zu meiden oder anzupassen.", "Pregnancy not known: "+s.Name+" is to be avoided or adjusted then.")
	}
}
