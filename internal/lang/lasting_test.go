package lang

import (
	"testing"
	"time"
)

func TestALengthOfTimeIsSaidInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]Text{
		0:                            {"0 Minuten", "0 minutes"},
		time.Second:                  {"1 Sekunde", "1 second"},
		time.Minute:                  {"1 Minute", "1 minute"},
		30 * time.Minute:             {"30 Minuten", "30 minutes"},
		90 * time.Minute:             {"1 Stunde 30 Minuten", "1 hour 30 minutes"},
		24 * time.Hour:               {"24 Stunden", "24 hours"},
		36*time.Hour + 5*time.Second: {"36 Stunden 5 Sekunden", "36 hours 5 seconds"},
		48 * time.Hour:               {"2 Tage", "2 days"},
		72 * time.Hour:               {"3 Tage", "3 days"},
		-90 * time.Second:            {"-1 Minute 30 Sekunden", "-1 minute 30 seconds"},
		1500 * time.Millisecond:      {"2 Sekunden", "2 seconds"},
	} {
		if got := Lasting(d); got != want {
			t.Errorf("%v: %v, want %v", d, got, want)
		}
		for _, l := range []Lang{DE, EN} {
			if back, ok := ReadLasting(want.In(l)); d >= 0 && (!ok || back != d.Round(time.Second)) {
				t.Errorf("%q is read as %v %t", want.In(l), back, ok)
			}
		}
	}
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "24h0m0s": 24 * time.Hour, "3d": 72 * time.Hour, "1h30m": 90 * time.Minute, "5 Min.": 5 * time.Minute, "2 tagen": 48 * time.Hour} {
		if got, ok := ReadLasting(text); !ok || got != want {
			t.Errorf("%q: %v %t, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "24", "h", "-3h", "3 Wochen", "9999999999h", "4294967295d 4294967295d", "1.5h", "3 h x"} {
		if got, ok := ReadLasting(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
