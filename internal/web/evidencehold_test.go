package web

import (
	"testing"
	"time"

	"notbetrieb/internal/evidence"
	"notbetrieb/internal/incident"
)

// The page names the last day that somebody typed, not the one after it, also
// where the clocks change in between.
func TestAHoldNamesItsLastDay(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Normal)
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, f.Now.Location()).UTC() }
	for _, c := range []struct {
		s    evidence.Scope
		want string
	}{
		{evidence.Scope{From: day(11, 10), To: day(11, 19)}, "alles vom 10.11.2026 bis 18.11.2026"},
		{evidence.Scope{From: day(10, 25), To: day(10, 26)}, "alles vom 25.10.2026 bis 25.10.2026"},
		{evidence.Scope{From: day(3, 28), To: day(3, 30)}, "alles vom 28.03.2026 bis 29.03.2026"},
		{evidence.Scope{From: day(11, 10)}, "alles vom 10.11.2026 an"},
		{evidence.Scope{Whole: true}, "das ganze Journal"},
	} {
		if got := scopeWords(c.s, nil, f).DE; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
