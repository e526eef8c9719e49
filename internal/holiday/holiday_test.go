package holiday

import (
	"testing"
	"time"
)

func TestEaster(t *testing.T) {
	t.Parallel()
	for y, want := range map[int]string{1999: "04-04", 2008: "03-23", 2024: "03-31", 2026: "04-05", 2027: "03-28", 2038: "04-25", 2049: "04-18"} {
		if got := easter(y).Format("01-02"); got != want {
			t.Errorf("%d: %s, want %s", y, got, want)
		}
	}
}

func TestHolidaysByLaw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country, state, day string
		everywhere, mostly  bool
	}{
		{"DE", "", "2026-10-03", true, true},
		{"DE", "NW", "2026-04-03", true, true}, // Karfreitag
		{"DE", "NW", "2026-05-14", true, true}, // Himmelfahrt
		{"DE", "NW", "2026-06-04", true, true}, // Fronleichnam
		{"DE", "", "2026-06-04", false, false}, // not in each state
		{"DE", "BE", "2026-06-04", false, false},
		{"DE", "BB", "2026-04-05", true, true}, // Ostersonntag
		{"DE", "HE", "2026-04-05", false, false},
		{"DE", "BY", "2026-08-15", false, true}, // where most are Catholic
		{"DE", "SL", "2026-08-15", true, true},
		{"DE", "BE", "2018-03-08", false, false},
		{"DE", "BE", "2019-03-08", true, true},
		{"DE", "HH", "2016-10-31", false, false},
		{"DE", "HH", "2026-10-31", true, true},
		{"DE", "SN", "2026-11-18", true, true}, // Buß- und Bettag
		{"DE", "SN", "2026-11-11", false, false},
		{"DE", "NW", "2026-12-24", false, false},
		{"AT", "", "2026-10-26", true, true},
		{"AT", "", "2026-04-03", false, false},
		{"CH", "", "2026-08-01", true, true},
		{"FR", "", "2026-07-14", false, false}, // not known here
	} {
		d, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if e, m := Everywhere(c.country, c.state, d), Mostly(c.country, c.state, d); e != c.everywhere || m != c.mostly {
			t.Errorf("%s %s %s: %t and %t", c.country, c.state, c.day, e, m)
		}
	}
	if len(States()) != 16 {
		t.Error(States())
	}
}
