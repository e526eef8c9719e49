package hl7

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("MEZ", 3600)
	tests := []struct {
		sent      string
		want      string // RFC 3339 with nanoseconds; "" for an error
		precision Precision
	}{
		{"2026", "2026-01-01T00:00:00+01:00", ToYear},
		{"202611", "2026-11-01T00:00:00+01:00", ToMonth},
		{"20261121", "2026-11-21T00:00:00+01:00", ToDay},
		{"2026112112", "2026-11-21T12:00:00+01:00", ToHour},
		{"202611211204", "2026-11-21T12:04:00+01:00", ToMinute},
		{"20261121120405", "2026-11-21T12:04:05+01:00", ToSecond},
		{"20261121120405.1234", "2026-11-21T12:04:05.1234+01:00", ToFraction},
		{"20261121120405.0", "2026-11-21T12:04:05+01:00", ToFraction},
		{"20261121120405.1234-0530", "2026-11-21T12:04:05.1234-05:30", ToFraction},
		{"202611211204+0000", "2026-11-21T12:04:00Z", ToMinute},
		{"202611211204Z", "2026-11-21T12:04:00Z", ToMinute},
		{"202611211204+02:00", "2026-11-21T12:04:00+02:00", ToMinute},
		{"202611211204+02", "2026-11-21T12:04:00+02:00", ToMinute},
		{"20261121+0200", "2026-11-21T00:00:00+02:00", ToDay},
		{"  20261121 ", "2026-11-21T00:00:00+01:00", ToDay},
		{"20260228", "2026-02-28T00:00:00+01:00", ToDay},
		{"20240229", "2024-02-29T00:00:00+01:00", ToDay},
		{"202611212400", "2026-11-22T00:00:00+01:00", ToMinute},
		{"20261231235960", "2027-01-01T00:00:00+01:00", ToSecond},
		{"", "", 0}, {"202", "", 0}, {"20261", "", 0}, {"20261321", "", 0}, {"20260229", "", 0}, {"20260200", "", 0},
		{"0000", "", 0}, {"2026112125", "", 0}, {"202611212401", "", 0}, {"202611211260", "", 0}, {"21.11.2026", "", 0}, {"2026-11-21", "", 0},
		{"20261121120405.", "", 0}, {"202611211204.5", "", 0}, {"20261121120405.1234567890", "", 0}, {"20261121+25", "", 0}, {"20261121+1", "", 0}, {"20261121Zx", "", 0},
		{"gestern", "", 0}, {"202611211204050", "", 0}, {"2026112112040506", "", 0},
	}
	for _, tt := range tests {
		got, precision, err := ParseTime(tt.sent, berlin)
		if tt.want == "" {
			if err == nil || !got.IsZero() || precision != NoTime {
				t.Errorf("%q: got %v %v %v", tt.sent, got, precision, err)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != tt.want || precision != tt.precision {
			t.Errorf("%q: got %s (%d), %v", tt.sent, got.Format(time.RFC3339Nano), precision, err)
		}
	}
	if got, _, err := ParseTime("2026", nil); err != nil || got.Location() != time.UTC {
		t.Errorf("no location must mean UTC, got %v %v", got, err)
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sent             string
		year, month, day int
	}{
		{"19510403", 1951, 4, 3},
		{"195104", 1951, 4, 0},
		{"1951", 1951, 0, 0},
		{"19510400", 1951, 4, 0},
		{"19510000", 1951, 0, 0},
		{"195100", 1951, 0, 0},
		{"195104031530", 1951, 4, 3},
		{"19510403000000.0000+0100", 1951, 4, 3},
		{"195104031", 1951, 4, 3},
		{"", 0, 0, 0}, {"00000000", 0, 0, 0}, {"19511340", 0, 0, 0}, {"19510003", 0, 0, 0}, {"1951-04-03", 0, 0, 0}, {"195", 0, 0, 0}, {"x", 0, 0, 0},
	}
	for _, tt := range tests {
		y, m, d, err := ParseDate(tt.sent)
		if y != tt.year || m != tt.month || d != tt.day || (err == nil) != (tt.year != 0) {
			t.Errorf("%q: got %d %d %d, %v", tt.sent, y, m, d, err)
		}
	}
}
