package estate

import (
	"testing"
	"time"

	"notbetrieb/internal/lang"
)

func TestSpansAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"4 h": "4h", "4h": "4h", "30 min": "30m", "90 Min.": "1h30m", "2 Tage": "48h", "3 Tage": "3d", "1 Tag 12 h": "36h", "1,5 h": "1h30m", "0,5 Std.": "30m",
		"2 Wochen": "14d", "6 Monate": "180d", "0": "0", "sofort": "0", "": "", "72 Stunden": "3d", "30 s": "30s", "10 Jahre": "3650d",
	} {
		s, ok := ParseSpan(in)
		if !ok || s.String() != want {
			t.Errorf("%q is %q, %v; want %q", in, s, ok, want)
		}
		if back, ok := ParseSpan(s.String()); !ok || back != s {
			t.Errorf("%q comes back as %v", s, back)
		}
		for _, l := range []lang.Lang{lang.DE, lang.EN} {
			if back, ok := ParseSpan(s.In(l)); !ok || back != s {
				t.Errorf("%q is said as %q, which is read as %v", in, s.In(l), back)
			}
		}
	}
	for _, in := range []string{"4", "h", "vier Stunden", "4 Äpfel", "-1 h", "1e99 h", "999999999999 Jahre", "4 h x", ",", "1.2.3 h"} {
		if s, ok := ParseSpan(in); ok {
			t.Errorf("%q was read as %s", in, s)
		}
	}
}

func TestDaysAndAmounts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"31.12.2026": "2026-12-31", "1.2.2027": "2027-02-01", "2026-12-31": "2026-12-31", "02/2028": "2028-02-29", "": "", "1.2.27": "2027-02-01"} {
		if d, ok := ParseDate(in); !ok || d.String() != want {
			t.Errorf("%q is %q, %v", in, d, ok)
		}
	}
	for _, in := range []string{"31.2.2026", "gestern", "2026", "1.1.1066"} {
		if d, ok := ParseDate(in); ok {
			t.Errorf("%q was read as %s", in, d)
		}
	}
	for in, want := range map[string]int64{"1200": 1200, "1.200 €": 1200, "1 200,00 EUR": 1200, "1.200.000": 1200000, "0": 0, "900,-": 900, "1,200": 1200} {
		if e, ok := ParseEuro(in); !ok || e.Amount != want || !e.Stated {
			t.Errorf("%q is %v, %v", in, e, ok)
		}
	}
	for _, in := range []string{"12,50", "1.20", "-5", "viel", "99999999999999999999"} {
		if e, ok := ParseEuro(in); ok {
			t.Errorf("%q was read as %v", in, e)
		}
	}
	if got := (Euro{1234567, true}).In(lang.DE); got != "1.234.567 €" {
		t.Errorf("said as %q", got)
	}
	if got := (Date{2026, time.December, 31}).Minus(Of(90 * day)).String(); got != "2026-09-30" {
		t.Errorf("three months before the end of the year is %s", got)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Labor (LIS)": "labor-lis", "Kreißsaal": "kreisssaal", "Öffentliche Küche": "oeffentliche-kueche", "--": "", "漢字": "", "A/B 2": "a-b-2"} {
		if got := Slug(in); got != want || got != "" && !wholeID(got) {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
