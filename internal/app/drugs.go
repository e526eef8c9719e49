package app

import (
	"fmt"
	"os"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/web"
)

// Drugs reads what the house decided about medication. A drug table with
// mistakes is not used in part: the error names each with its line, and its kind
// is Invalid.
func Drugs(c config.Config) (web.Drugs, error) {
	out := web.Drugs{Second: c.Medication.SecondPerson, Trusting: !c.Medication.Unknown}
	for i, s := range c.Medication.SchemeTimes {
		if t, err := time.Parse("15:04", s); err == nil && i < len(out.Times) { // checked with the configuration
			out.Times[i] = clinical.DayTime(t.Hour()*60 + t.Minute())
		}
	}
	path := c.Medication.Table
	if path == "" {
		return out, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return out, fault.Mark(err, fault.NotFound, lang.Text{
			DE: "Die Arzneimitteltabelle (medication.table) ist nicht lesbar.", EN: "The drug table (medication.table) cannot be read.",
		})
	}
	if out.Table, err = dosing.Load(b); err != nil {
		return out, fmt.Errorf("%s:\n%w", path, err)
	}
	return out, nil
}

// doubleCheck says which drugs a second person checks, for what is printed
// without the pages.
func doubleCheck(c config.Config) (*dosing.Double, error) {
	drugs, err := Drugs(c)
	if err != nil {
		return nil, err
	}
	if drugs.Table == nil {
		if drugs.Table, err = dosing.Default(); err != nil {
			return nil, err
		}
	}
	d := drugs.Double()
	return &d, nil
}
