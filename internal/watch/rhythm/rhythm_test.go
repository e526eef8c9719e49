package rhythm

import (
	"math"
	"testing"
	"time"
)

func TestHolidays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state, day string
		want       bool
	}{
		{"", "2026-01-01", true},
		{"", "2026-04-03", true},   // Good Friday
		{"", "2026-04-06", true},   // Easter Monday
		{"", "2026-05-14", true},   // Ascension
		{"", "2026-05-25", true},   // Whit Monday
		{"", "2026-06-04", false},  // Corpus Christi, not everywhere
		{"NW", "2026-06-04", true}, //
		{"BE", "2026-06-04", false},
		{"", "2024-04-01", true}, // Easter Monday of a leap year
		{"", "2038-04-26", true}, // the latest Easter there is
		{"", "2008-03-24", true}, // one of the earliest
		{"", "2026-10-03", true},
		{"NI", "2026-10-31", true},
		{"NI", "2016-10-31", false},
		{"BW", "2026-10-31", false},
		{"SN", "2026-11-18", true}, // Buß- und Bettag
		{"SN", "2025-11-19", true},
		{"SN", "2026-11-11", false},
		{"BY", "2026-01-06", true},
		{"BY", "2026-08-15", true},
		{"TH", "2026-09-20", true},
		{"BE", "2026-03-08", true},
		{"BB", "2026-04-05", true}, // Easter Sunday
		{"", "2026-12-24", false},
		{"", "2026-12-26", true},
	}
	for _, x := range tests {
		d, err := time.Parse(time.DateOnly, x.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Calendar{Zone: berlin, State: x.state}).Holiday(d); got != x.want {
			t.Errorf("%s in %q: holiday %t, want %t", x.day, x.state, got, x.want)
		}
	}
}

func TestDaysAreToldByTheLocalDate(t *testing.T) {
	t.Parallel()
	c := Calendar{Zone: berlin, State: "NW"}
	at := func(s string) Day {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return c.Day(x)
	}
	if got := at("2026-04-05T22:30:00Z"); got.Low != time.Sunday || got.High != time.Monday || got.Plain {
		t.Errorf("Easter Monday half past midnight is %+v", got)
	}
	if got := at("2026-05-15T10:00:00Z"); got.Low != time.Sunday || got.High != time.Friday || got.Plain {
		t.Errorf("the Friday after Ascension is %+v", got)
	}
	if got := at("2026-12-29T10:00:00Z"); got.Plain {
		t.Errorf("between the years is %+v", got)
	}
	if got := at("2026-07-14T10:00:00Z"); got != (Day{time.Tuesday, time.Tuesday, true}) {
		t.Errorf("an ordinary Tuesday is %+v", got)
	}
}

// TestCountsAgreeWithTheSum compares the fraction with the sum of the
// probabilities, term by term.
func TestCountsAgreeWithTheSum(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ mean, spread float64 }{{0.3, 1}, {5, 0.1}, {80, 0.02}, {400, 0.5}, {3000, 0.01}, {20000, 0.05}} {
		r := 1 / x.spread
		term := r * math.Log(r/(r+x.mean)) // ln P(0)
		sum := math.Exp(term)
		for k := 0; k < int(2*x.mean)+10; k++ {
			if got := atMost(k, x.mean, x.spread); math.Abs(got-sum) > 1e-8 {
				t.Fatalf("mean %g, spread %g: P(N ≤ %d) = %g, the sum says %g", x.mean, x.spread, k, got, sum)
			}
			if got := atLeast(k+1, x.mean, x.spread); math.Abs(got-(1-sum)) > 1e-8 {
				t.Fatalf("mean %g, spread %g: P(N > %d) = %g, the sum says %g", x.mean, x.spread, k, got, 1-sum)
			}
			term += math.Log((float64(k) + r) / float64(k+1) * x.mean / (r + x.mean))
			sum += math.Exp(term)
		}
		for _, p := range []float64{1e-6, 1e-3, 0.05} {
			if k := lowest(p, x.mean, x.spread); k >= 0 && atMost(k, x.mean, x.spread) > p || atMost(k+1, x.mean, x.spread) <= p {
				t.Errorf("mean %g, spread %g: %d is not the largest count below %g", x.mean, x.spread, k, p)
			}
			if k := highest(p, x.mean, x.spread); atLeast(k, x.mean, x.spread) > p || atLeast(k-1, x.mean, x.spread) <= p {
				t.Errorf("mean %g, spread %g: %d is not the smallest count above %g", x.mean, x.spread, k, p)
			}
		}
	}
}

// even sends one message every ten minutes from from on.
func even(f *Feed, from, to time.Time) {
	for t := from; t.Before(to); t = t.Add(10 * time.Minute) {
		f.Saw(t)
	}
}

var begin = time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC)

func TestAFeedIsNotJudgedBeforeItIsKnown(t *testing.T) {
	t.Parallel()
	f := New(Calendar{Zone: berlin}, Options{})
	even(f, begin, begin.AddDate(0, 0, 20))
	if got := f.At(begin.AddDate(0, 0, 25)); len(got) != 0 || f.Ready() {
		t.Errorf("after 20 days the feed is judged: %+v", got)
	}
	if want := begin.AddDate(0, 0, 28); !f.ReadyAt().Equal(want) {
		t.Errorf("ready at %s, want %s", f.ReadyAt(), want)
	}
}

func TestSilenceIsFoundAndEndsWithMessages(t *testing.T) {
	t.Parallel()
	f := New(Calendar{Zone: berlin}, Options{})
	stop := begin.AddDate(0, 0, 40)
	even(f, begin, stop)
	due := f.Due()
	if due.Before(stop.Add(10*time.Minute)) || due.After(stop.Add(6*time.Hour)) {
		t.Fatalf("with a message every ten minutes a silence is due %s after the last", due.Sub(stop))
	}
	if got := f.At(due.Add(-time.Minute)); len(got) != 0 {
		t.Errorf("found before it was due: %+v", got)
	}
	got := f.At(due.Add(time.Minute))
	if len(got) != 1 || got[0].Kind != Silence || !got[0].From.Equal(stop.Add(-10*time.Minute)) || got[0].Got != 0 {
		t.Fatalf("found %+v, want the silence since the last message", got)
	}
	f.Saw(due.Add(2 * time.Minute))
	if got := f.At(due.Add(3 * time.Minute)); len(got) != 1 || got[0].Got != 1 {
		t.Errorf("one message is not the end, but there is %+v", got)
	}
	even(f, due.Add(12*time.Minute), due.Add(30*time.Minute))
	if got := f.At(due.Add(31 * time.Minute)); len(got) != 0 {
		t.Errorf("after three messages there is still %+v", got)
	}
}

func TestAPlannedPauseIsNoSilence(t *testing.T) {
	t.Parallel()
	f := New(Calendar{Zone: berlin}, Options{})
	stop := begin.AddDate(0, 0, 40)
	even(f, begin, stop)
	f.Pause(stop, stop.Add(30*time.Hour))
	for h := range 30 {
		if got := f.At(stop.Add(time.Duration(h) * time.Hour)); len(got) != 0 {
			t.Fatalf("%d hours into the pause there is %+v", h, got)
		}
	}
	even(f, stop.Add(30*time.Hour), stop.Add(40*time.Hour))
	f.Pause(stop.Add(40*time.Hour), stop.Add(90*time.Hour))
	f.Resume(stop.Add(42 * time.Hour)) // called off
	if got := f.At(stop.Add(56 * time.Hour)); len(got) != 1 || got[0].Kind != Silence {
		t.Errorf("14 hours after the pause was over there is %+v, want a silence", got)
	}
}

// TestTheClockChangeIsNoTrouble: in March an hour is missing, in October one
// comes twice; neither is a silence, a drop or a flood.
func TestTheClockChangeIsNoTrouble(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"2026-03-29", "2026-10-25"} {
		day, err := time.ParseInLocation(time.DateOnly, change, berlin)
		if err != nil {
			t.Fatal(err)
		}
		f := New(Calendar{Zone: berlin}, Options{})
		end := day.AddDate(0, 0, 3)
		for at := day.AddDate(0, 0, -60); at.Before(end); at = at.Add(time.Minute) {
			l := at.In(berlin)
			if l.Hour() >= 7 && l.Hour() < 19 || l.Minute()%10 == 0 {
				f.Saw(at)
			}
			if got := f.At(at); len(got) != 0 {
				t.Fatalf("%s: %+v", l, got)
			}
		}
	}
}

func TestWhatLastsAWeekIsHowItIs(t *testing.T) {
	t.Parallel()
	f := New(Calendar{Zone: berlin}, Options{})
	half := begin.AddDate(0, 0, 40)
	for at := begin; at.Before(half); at = at.Add(time.Minute) {
		f.Saw(at)
	}
	raised := false
	for at := half; at.Before(half.AddDate(0, 0, 60)); at = at.Add(10 * time.Minute) {
		f.Saw(at)
		raised = raised || len(f.At(at)) > 0
	}
	if !raised {
		t.Error("a tenth of the messages is no drop")
	}
	if got := f.At(half.AddDate(0, 0, 60)); len(got) != 0 {
		t.Errorf("two months later it is still %+v", got)
	}
	if rate := f.Expected(); rate > 12 {
		t.Errorf("two months later %.1f messages an hour are expected, 6 come", rate)
	}
}

func TestWhatWasLearnedIsKept(t *testing.T) {
	t.Parallel()
	cal := Calendar{Zone: berlin, State: "NW"}
	f := New(cal, Options{})
	stop := begin.AddDate(0, 0, 40).Add(17 * time.Minute)
	even(f, begin, stop)
	f.Pause(stop.AddDate(0, 0, 3), stop.AddDate(0, 0, 4))
	b, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 64<<10 {
		t.Errorf("a feed keeps %d bytes", len(b))
	}
	again, err := Load(cal, Options{}, b)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := f.Due(), again.Due(); !a.Equal(b) {
		t.Errorf("a silence was due at %s, after a restart at %s", a, b)
	}
	even(f, stop, stop.Add(50*time.Hour))
	even(again, stop, stop.Add(50*time.Hour))
	x, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	y, err := again.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if string(x) != string(y) {
		t.Error("after a restart the feed learns otherwise")
	}
	if beats := f.Beats(48); len(beats) != 48 || !beats[47].Part || beats[40].N != 6 || beats[40].Low > 6 || beats[40].High < 6 {
		t.Errorf("the newest hours are %+v", beats[max(len(beats)-8, 0):])
	}
}

// FuzzLoad: whatever lies in the file, loading it gives an error or a feed that
// goes on.
func FuzzLoad(f *testing.F) {
	r := New(Calendar{Zone: berlin}, Options{})
	even(r, begin, begin.AddDate(0, 0, 35))
	b, err := r.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"begun":"2026-01-01T00:00:00Z","last":"2026-01-01T00:00:00Z","upto":"2026-03-01T00:00:00Z","gaps":[[3,1,1,1]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := Load(Calendar{Zone: berlin}, Options{}, b)
		if err != nil || x.s.Upto.Year() > 2200 || x.s.Upto.Year() < 1900 {
			return
		}
		x.At(x.s.Upto.Add(30 * time.Hour))
		x.Saw(x.s.Upto.Add(time.Minute))
		x.Beats(10)
		x.Due()
	})
}
