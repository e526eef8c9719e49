package rhythm

import (
	"container/heap"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The simulated years: feeds as hospitals have them, with holidays, daylight
// saving, planned pauses and bursts. The numbers of docs/watch.md are those that
// `go test ./internal/watch/rhythm -run Year -v -years 20` prints.

var years = flag.Int("years", 1, "simulated years of each feed")

// simulated is how one feed of the simulated hospital sends.
type simulated struct {
	name  string
	hour  func(class time.Weekday, hour int) float64 // bursts an hour
	burst float64                                    // mean messages in a burst
	day   float64                                    // spread of a day's rate
	hours float64                                    // spread of an hour's rate
	fixed int                                        // hour of a nightly run of exactly one burst; -1: none
}

func clinicDay(h int) float64 {
	switch {
	case h >= 7 && h < 12:
		return 1
	case h >= 12 && h < 17:
		return 0.8
	case h >= 17 && h < 22:
		return 0.4
	}
	return 0.12
}

func factor(c time.Weekday, saturday, sunday float64) float64 {
	switch c {
	case time.Saturday:
		return saturday
	case time.Sunday:
		return sunday
	case time.Monday:
		return 1.1
	}
	return 1
}

func house() []simulated {
	shape := func(peak, saturday, sunday float64) func(time.Weekday, int) float64 {
		return func(c time.Weekday, h int) float64 { return peak * factor(c, saturday, sunday) * clinicDay(h) }
	}
	return []simulated{
		{"kis-adt", shape(60, 0.55, 0.5), 1.6, 0.02, 0.03, -1},
		{"lis", shape(12, 0.6, 0.5), 9, 0.02, 0.05, -1},
		{"pdms", func(time.Weekday, int) float64 { return 40 }, 1, 0.005, 0.02, -1},
		{"ris", func(c time.Weekday, h int) float64 {
			if h < 7 || h > 18 {
				return 0.15
			}
			return 14 * factor(c, 0.15, 0.1)
		}, 2, 0.04, 0.05, -1},
		{"apo", func(c time.Weekday, h int) float64 { // three rounds a day
			switch h {
			case 7, 12, 18:
				return 30
			}
			return 1.5
		}, 1.5, 0.02, 0.1, -1},
		{"docs", shape(1.2, 0.2, 0.15), 1.3, 0.05, 0.1, -1},
		{"nightly", func(time.Weekday, int) float64 { return 0 }, 300, 0.02, 0, 2},
	}
}

var berlin = func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return l
}()

// trouble is what happens to a feed.
type trouble struct {
	kind     Kind
	from, to time.Time
}

// gamma draws from a gamma distribution with mean 1 and the variance.
func gamma(r *rand.Rand, variance float64) float64 {
	if variance <= 0 {
		return 1
	}
	k := 1 / variance // Marsaglia and Tsang
	d := k - 1.0/3
	if k < 1 {
		return gamma(r, 1/(k+1)) * (k + 1) / k * math.Pow(r.Float64(), 1/k)
	}
	for c := 1 / math.Sqrt(9*d); ; {
		x := r.NormFloat64()
		v := math.Pow(1+c*x, 3)
		if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v / k
		}
	}
}

type times []time.Time

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i].Before(t[j]) }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(time.Time)) }
func (t *times) Pop() any {
	x := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return x
}

// year sends the messages of one feed in order, from and to in UTC hours. What
// falls into a pause or a silence is lost, a drop loses four of five, a flood
// sends six times as much.
func (s simulated) year(r *rand.Rand, cal Calendar, from, to time.Time, pauses []span, bad []trouble, yield func(time.Time)) {
	queue := &times{}
	dayFactor, day := 1.0, 0
	for h := from; h.Before(to); h = h.Add(time.Hour) {
		local := h.In(cal.Zone)
		if local.YearDay() != day {
			day, dayFactor = local.YearDay(), gamma(r, s.day)
		}
		class, quiet := local.Weekday(), 1.0
		switch d := cal.Day(h); {
		case cal.Holiday(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)):
			class = time.Sunday
		case !d.Plain:
			quiet = 0.75
		}
		rate := s.hour(class, local.Hour()) * dayFactor * gamma(r, s.hours) * quiet
		bursts := poisson(r, rate)
		if s.fixed >= 0 && local.Hour() == s.fixed {
			_, before := h.Add(-time.Hour).In(cal.Zone).Zone()
			_, now := h.In(cal.Zone).Zone()
			if h.Add(-time.Hour).In(cal.Zone).Hour() != s.fixed || before == now { // the hour that comes twice runs once
				bursts = 1
			}
		}
		for range bursts {
			at := h.Add(time.Duration(r.Float64() * float64(time.Hour)))
			for range 1 + poisson(r, (s.burst-1)*dayFactor) {
				heap.Push(queue, at)
				at = at.Add(time.Duration(r.ExpFloat64() * float64(4*time.Second)))
			}
		}
		for queue.Len() > 0 && (*queue)[0].Before(h.Add(time.Hour)) {
			s.send(r, heap.Pop(queue).(time.Time), pauses, bad, yield)
		}
	}
}

func (s simulated) send(r *rand.Rand, at time.Time, pauses []span, bad []trouble, yield func(time.Time)) {
	for _, p := range pauses {
		if !at.Before(p.From) && at.Before(p.To) {
			return
		}
	}
	for _, b := range bad {
		if at.Before(b.from) || !at.Before(b.to) {
			continue
		}
		switch {
		case b.kind == Silence, b.kind == Drop && r.Float64() < 0.8:
			return
		case b.kind == Flood:
			for range 5 {
				yield(at)
			}
		}
	}
	yield(at)
}

func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for left := mean; left > 0; n++ {
		if left -= r.ExpFloat64(); left < 0 {
			break
		}
	}
	return n
}

// result is what a year of one feed gave.
type result struct {
	messages int
	false_   map[Kind]int
	delays   map[Kind][]time.Duration
	missed   map[Kind]int
	ten      time.Duration // how long a silence on a Tuesday at ten must last
}

// run lets a feed live through eight weeks of learning and a year.
func run(s simulated, seed uint64, bad bool) result {
	cal := Calendar{Zone: berlin, State: "NW"}
	r := rand.New(rand.NewPCG(seed, 7))
	begin := time.Date(2025, 11, 3, 0, 0, 0, 0, time.UTC)
	year := begin.AddDate(0, 0, 56)
	end := year.AddDate(1, 0, 0)
	var pauses []span // the first Sunday of each month, two to four
	for m := range 14 {
		d := time.Date(2025, time.Month(11+m), 1, 2, 0, 0, 0, berlin)
		d = d.AddDate(0, 0, (7-int(d.Weekday()))%7)
		pauses = append(pauses, span{d, d.Add(2 * time.Hour)})
	}
	var troubles []trouble
	if bad {
		for i, k := 0, year.AddDate(0, 0, 5); k.Before(end.AddDate(0, 0, -4)); i, k = i+1, k.AddDate(0, 0, 8) {
			at := k.Add(time.Duration(r.Float64() * float64(24*time.Hour)))
			troubles = append(troubles, trouble{[]Kind{Silence, Drop, Flood}[i%3], at, at.Add(36 * time.Hour)})
		}
	}
	f := New(cal, Options{})
	for _, p := range pauses {
		f.Pause(p.From, p.To)
	}
	out := result{false_: map[Kind]int{}, delays: map[Kind][]time.Duration{}, missed: map[Kind]int{}}
	seen := map[time.Time]bool{}
	found := map[int]bool{}
	look := func(now time.Time) {
		for _, x := range f.At(now) {
			if seen[x.Since] || x.Since.Before(year) {
				continue
			}
			seen[x.Since] = true
			hit := slices.IndexFunc(troubles, func(t trouble) bool {
				return !x.Since.Before(t.from) && x.Since.Before(t.to.Add(26*time.Hour))
			})
			switch {
			case hit < 0:
				out.false_[x.Kind]++
			case !found[hit] && x.Since.Before(troubles[hit].to):
				found[hit] = true
				k := troubles[hit].kind
				out.delays[k] = append(out.delays[k], x.Since.Sub(troubles[hit].from))
			}
		}
	}
	tick := begin
	s.year(r, cal, begin, end, pauses, troubles, func(at time.Time) {
		for ; tick.Before(at); tick = tick.Add(5 * time.Minute) {
			look(tick)
		}
		out.messages++
		f.Saw(at)
	})
	for i, t := range troubles {
		if !found[i] {
			out.missed[t.kind]++
		}
	}
	out.ten = time.Duration(f.limit() / f.rate(time.Tuesday, 10) * float64(time.Hour))
	return out
}

// TestAYearOfFeeds is the promise: no more false alarms than stated, and every
// silence found.
func TestAYearOfFeeds(t *testing.T) {
	t.Parallel()
	falseAll, feedYears := 0, 0
	var table strings.Builder
	fmt.Fprintf(&table, "| feed | messages a day | false alarms a year (silence, drop, flood) | silence, on a Tuesday at ten | silence of 36 h found after: median, worst | drop to a fifth: median, found | six-fold flood: median, found |\n|---|---|---|---|---|---|---|\n")
	for i, s := range house() {
		var all result
		all.false_, all.delays, all.missed = map[Kind]int{}, map[Kind][]time.Duration{}, map[Kind]int{}
		for y := range *years {
			quiet := run(s, uint64(100*y+i), false)
			bad := run(s, uint64(100*y+i+50), true)
			all.messages += quiet.messages
			all.ten += quiet.ten / time.Duration(*years)
			feedYears++
			for _, k := range []Kind{Silence, Drop, Flood} {
				all.false_[k] += quiet.false_[k]
				falseAll += quiet.false_[k]
				all.delays[k] = append(all.delays[k], bad.delays[k]...)
				all.missed[k] += bad.missed[k]
			}
		}
		per := func(k Kind) float64 { return float64(all.false_[k]) / float64(*years) }
		fmt.Fprintf(&table, "| %s | %d | %.2f (%.2f, %.2f, %.2f) | %s | %s | %s | %s |\n", s.name, all.messages / *years / 421,
			per(Silence)+per(Drop)+per(Flood), per(Silence), per(Drop), per(Flood),
			brief(all.ten), delays(all, Silence), delays(all, Drop), delays(all, Flood))
		if n := all.missed[Silence]; s.name != "nightly" && s.name != "docs" && n*10 > len(all.delays[Silence]) {
			t.Errorf("%s: %d silences of 36 hours were not found", s.name, n)
		}
	}
	t.Logf("%d feed years, %d false alarms\n%s", feedYears, falseAll, table.String())
	if limit := feedYears + 3*int(math.Sqrt(float64(feedYears))); falseAll > limit {
		t.Errorf("%d false alarms in %d feed years, stated is one a year (limit %d)", falseAll, feedYears, limit)
	}
}

func delays(r result, k Kind) string {
	d := r.delays[k]
	n := len(d) + r.missed[k]
	if len(d) == 0 {
		return fmt.Sprintf("– (0 of %d)", n)
	}
	slices.Sort(d)
	return fmt.Sprintf("%s, %s (%d of %d)", brief(d[len(d)/2]), brief(d[len(d)-1]), len(d), n)
}

func brief(d time.Duration) string {
	switch {
	case d > 30*24*time.Hour: // nothing is expected at that hour
		return "–"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}
