package chart

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/seal"
)

// generated is a hospital's traffic made up on the fly: patients come, are
// moved, measured, treated and go; about 300 are in house at a time.
type generated struct {
	n   int
	rnd *rand.Rand
	now time.Time
	in  []guest
	no  int
}

type guest struct {
	number string
	no     string
	name   clinical.Name
	birth  clinical.Date
	left   int
	bed    clinical.Place
}

func families() []string {
	return []string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann",
		"Schäfer", "Koch", "Bauer", "Richter", "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun",
		"Krüger", "Hofmann", "Hartmann", "Lange", "Schmitt", "Werner", "Schmitz", "Krause", "Meier", "Lehmann", "Köhler"}
}

func givens() []string {
	return []string{"Anna", "Karl", "Otto", "Ute", "Gertrud", "Hans", "Petra", "Jürgen", "Sabine", "Emir", "Zoë", "Mia", "Ben", "Käthe", "Wolfgang", "Björn"}
}

// syllable makes family names that are not all the same.
func family(r *rand.Rand) string {
	f := families()
	if r.IntN(3) == 0 {
		return f[r.IntN(len(f))]
	}
	a := []string{"Alt", "Berg", "Bruns", "Dorn", "Eich", "Feld", "Grün", "Hage", "Linden", "Ober", "Roth", "Sand", "Stein", "Wald", "Wein", "Zier"}
	b := []string{"bach", "berger", "dorf", "felder", "hauser", "hoff", "mann", "meier", "müller", "schmied", "stett", "wald"}
	c := []string{"", "", "e", "er", "s", "-Weber", "-Koch"}
	return a[r.IntN(len(a))] + b[r.IntN(len(b))] + c[r.IntN(len(c))]
}

func (g *generated) message() message {
	g.n++
	g.now = g.now.Add(30 * time.Second)
	if len(g.in) < 300 {
		return g.admit()
	}
	i := g.rnd.IntN(len(g.in))
	p := &g.in[i]
	p.left--
	if p.left == 0 {
		m := g.msg("kis", "ADT^A03", p, clinical.Movement{Action: clinical.Insert, Kind: clinical.Discharge, Start: g.now, To: p.bed})
		g.in = slices.Delete(g.in, i, i+1)
		return m
	}
	switch k := g.rnd.IntN(100); {
	case k < 20:
		return g.msg("kis", "ADT^A08", p, g.person(p), clinical.StayDetails{Attending: clinical.Say(clinical.Staff{ID: "12", Name: "Dr. Weber"})},
			clinical.Movement{Action: clinical.Insert, Kind: clinical.StaySnapshot, To: p.bed})
	case k < 24:
		p.bed = g.bed()
		return g.msg("kis", "ADT^A02", p, g.person(p), transfer(g.now, p.bed))
	case k < 60:
		return g.msg("mon", "ORU^R01", p, g.results(clinical.Vitals, 5)...)
	case k < 80:
		return g.msg("lis", "ORU^R01", p, g.results(clinical.Laboratory, 12)...)
	case k < 97:
		return g.msg("kis", "RAS^O17", p, clinical.Dose{ID: strconv.Itoa(g.n), Prescription: "p" + p.no, Drug: clinical.Coded{Text: "Heparin"}, Amount: "5 000 IE", At: g.now, Status: clinical.Given})
	}
	return g.msg("ris", "MDM^T02", p, clinical.Document{ID: "d" + strconv.Itoa(g.n), Title: "Röntgen Thorax", Section: clinical.Radiology, Status: clinical.Final, At: g.now, Media: "text/plain", Text: "Kein Nachweis frischer Infiltrate. Herz normal groß."})
}

func (g *generated) person(p *guest) clinical.Demographics {
	return clinical.Demographics{Name: clinical.Say(p.name), Birth: clinical.Say(p.birth), Sex: clinical.Say(clinical.Female),
		Address: clinical.Say(clinical.Address{Street: "Hauptstr. 1", City: "Bonn", Zip: "53111"})}
}

func (g *generated) bed() clinical.Place {
	return place("W"+strconv.Itoa(g.rnd.IntN(12)), strconv.Itoa(300+g.rnd.IntN(15)), "F")
}

func (g *generated) admit() message {
	g.no++
	gv := givens()
	g.in = append(g.in, guest{
		number: strconv.Itoa(100000 + g.no), no: strconv.Itoa(4700000 + g.no), left: 60 + g.rnd.IntN(300), bed: g.bed(),
		name:  clinical.Name{Family: family(g.rnd), Given: gv[g.rnd.IntN(len(gv))]},
		birth: clinical.Date{Year: 1930 + g.rnd.IntN(90), Month: 1 + g.rnd.IntN(12), Day: 1 + g.rnd.IntN(28)},
	})
	p := &g.in[len(g.in)-1]
	return g.msg("kis", "ADT^A01", p, g.person(p), admit(g.now, p.bed),
		clinical.Diagnosis{What: clinical.Coded{Code: "I50.1", Text: "Linksherzinsuffizienz", System: "I10"}, Kind: "A", Priority: 1},
		clinical.Prescription{Placer: "p" + p.no, Drug: clinical.Coded{Text: "Heparin"}, Times: []clinical.DayTime{480, 1200}, Status: clinical.InProgress, Start: g.now})
}

func (g *generated) results(s clinical.Section, n int) []clinical.Fact {
	order := "o" + strconv.Itoa(g.n)
	if s == clinical.Vitals {
		order = ""
	}
	out := make([]clinical.Fact, n)
	for i := range out {
		x := float64(g.rnd.IntN(900)) / 100
		lo, hi := 3.5, 5.1
		out[i] = clinical.Result{Filler: order, Code: clinical.Coded{Code: strconv.Itoa(2000 + i), Text: "Analyt", System: "LN"}, Section: s,
			Value: strconv.FormatFloat(x, 'f', 1, 64), Number: &x, Unit: "mmol/l", Range: "3,5-5,1", Low: &lo, High: &hi, Status: clinical.Final, At: g.now}
	}
	return out
}

func (g *generated) msg(feed, kind string, p *guest, facts ...clinical.Fact) message {
	m := message{Seq: uint64(g.n), Feed: feed, Kind: kind, Control: strconv.Itoa(g.n), Sent: g.now, Received: g.now}
	o := clinical.Origin{Seq: m.Seq, Feed: feed, Sent: g.now, Received: g.now}
	ids := []clinical.Identifier{{Value: p.number, Authority: "KIS", Type: "PI"}}
	for _, f := range facts {
		m.Changes = append(m.Changes, clinical.Change{Origin: o, IDs: ids, Case: clinical.CaseNo(p.no), What: f})
	}
	return m
}

// stream is a source that makes its messages as they are read.
type stream struct {
	next func() message
	end  uint64
}

func (s *stream) head() uint64 { return s.end }

func (s *stream) read(_ context.Context, from uint64, limit int) ([]message, uint64, error) {
	if from > s.end {
		return nil, 0, nil
	}
	out := make([]message, 0, limit)
	for n := from; n <= s.end && len(out) < limit; n++ {
		out = append(out, s.next())
	}
	return out, out[len(out)-1].Seq, nil
}

func (s *stream) one(context.Context, uint64) (message, error) { return message{}, nil }
func (s *stream) wait(ctx context.Context, _ uint64) error     { <-ctx.Done(); return ctx.Err() }

func benchConfig(dir string) Config {
	return Config{Dir: dir, Key: seal.Key{9}, Feeds: []FeedPlan{{Name: "kis", System: "kis"}}}
}

func BenchmarkReplay(b *testing.B) {
	n := 100000
	for b.Loop() {
		dir := b.TempDir()
		g := &generated{rnd: rand.New(rand.NewPCG(1, 2)), now: start()}
		c, err := newClosed(benchConfig(dir), &stream{next: g.message, end: uint64(n)}, "")
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		f, err := c.build(b.Context(), nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.settle(f); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/time.Since(begun).Seconds(), "msg/s")
		b.ReportMetric(size(f.path), "MB")
		readBench(b, c, f)
	}
}

func size(path string) float64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(st.Size()) / 1e6
}

// readBench measures ward lists and charts.
func readBench(b *testing.B, c *Chart, f *file) {
	c.shown = f
	defer c.Close()
	var ward, chart, head []time.Duration
	v, err := c.View(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	v.now = start().Add(100000 * 30 * time.Second)
	keys, err := v.InHouse(b.Context())
	if err != nil || len(keys) == 0 {
		b.Fatal("nobody in house", err)
	}
	if err := v.Close(); err != nil {
		b.Fatal(err)
	}
	for i := range 600 {
		t := time.Now()
		v, err := c.View(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := v.Ward(b.Context(), "W"+strconv.Itoa(i%12)); err != nil {
			b.Fatal(err)
		}
		ward = append(ward, time.Since(t))
		t = time.Now()
		if _, err := v.Patient(b.Context(), keys[i%len(keys)], Head()); err != nil {
			b.Fatal(err)
		}
		head = append(head, time.Since(t))
		t = time.Now()
		p, err := v.Patient(b.Context(), keys[i%len(keys)], All())
		if err != nil {
			b.Fatal(err)
		}
		chart = append(chart, time.Since(t))
		if i == 5 {
			b.Log("results in one chart:", len(p.Results), "doses", len(p.Doses))
		}
		_ = v.Close()
	}
	b.ReportMetric(p99(ward), "ward-p99-ms")
	b.ReportMetric(float64(ward[len(ward)/2].Microseconds())/1000, "ward-p50-ms")
	b.ReportMetric(p99(head), "head-p99-ms")
	b.ReportMetric(p99(chart), "chart-p99-ms")
	b.ReportMetric(float64(chart[len(chart)/2].Microseconds())/1000, "chart-p50-ms")
}

func p99(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)*99/100].Microseconds()) / 1000
}

// million builds, once, a file with many patients and returns its folder.
func million(b *testing.B, n int) string {
	dir := os.Getenv("CHART_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	dir = filepath.Join(dir, fmt.Sprint("chart-", n))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	g := &generated{rnd: rand.New(rand.NewPCG(1, 2)), now: start()}
	src := &stream{end: uint64(2 * n)}
	var last message
	src.next = func() message {
		g.n++
		if g.n%2 == 1 {
			g.now = g.now.Add(time.Second)
			g.n--
			last = g.admit()
			g.n++
			last.Seq = uint64(g.n)
			for i := range last.Changes {
				last.Changes[i].Origin.Seq = last.Seq
			}
			return last
		}
		p := &g.in[0]
		if len(g.in) < 1500 {
			return g.msg("kis", "ADT^A08", p, g.person(p))
		}
		m := g.msg("kis", "ADT^A03", p, clinical.Movement{Action: clinical.Insert, Kind: clinical.Discharge, Start: g.now, To: p.bed})
		g.in = g.in[1:]
		return m
	}
	c, err := newClosed(benchConfig(dir), src, "")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, pointer)); err == nil {
		return dir
	}
	begun := time.Now()
	f, err := c.build(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := c.settle(f); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d messages in %v, %.0f MB", 2*n, time.Since(begun), size(f.path))
	if err := f.close(); err != nil {
		b.Fatal(err)
	}
	return dir
}

func BenchmarkSearchAmongMany(b *testing.B) {
	n := 100000
	if s := os.Getenv("CHART_BENCH_PATIENTS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	dir := million(b, n)
	begun := time.Now()
	c, err := openWith(b.Context(), benchConfig(dir), &stream{end: uint64(2 * n)}, "")
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	v, err := c.View(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := v.Patient(b.Context(), clinical.Identifier{Value: "100500", Authority: "KIS"}.Key(), All()); err != nil {
		b.Fatal(err)
	}
	opened := time.Since(begun)
	r := rand.New(rand.NewPCG(3, 4))
	kinds := map[string]func() string{
		"family":      func() string { return family(r) },
		"full":        func() string { return givens()[r.IntN(16)] + " " + family(r) },
		"beginnings":  func() string { return family(r)[:4] + " " + givens()[r.IntN(16)][:2] },
		"common":      func() string { return "Müller Anna" },
		"short":       func() string { return family(r)[:2] },
		"typo":        func() string { f := family(r); return f[:2] + f[3:] + " " + givens()[r.IntN(16)] },
		"typo-family": func() string { f := family(r); return f[:2] + "q" + f[2:] },
		"birth":       func() string { return fmt.Sprintf("%d.%d.%d", 1+r.IntN(28), 1+r.IntN(12), 1930+r.IntN(90)) },
		"year-name":   func() string { return fmt.Sprintf("%s %d", family(r), 1930+r.IntN(90)) },
		"year":        func() string { return fmt.Sprint(1930 + r.IntN(90)) },
		"number":      func() string { return strconv.Itoa(100000 + r.IntN(n)) },
		"case-prefix": func() string { return strconv.Itoa(4700000 + r.IntN(n))[:5] },
	}
	for b.Loop() {
		for kind, text := range kinds {
			var took []time.Duration
			hits := 0
			for range 200 {
				q := text()
				t := time.Now()
				found, _, err := v.Search(b.Context(), Query{Text: q})
				if err != nil {
					b.Fatal(err)
				}
				hits += len(found)
				took = append(took, time.Since(t))
			}
			b.ReportMetric(p99(took), kind+"-p99-ms")
			b.Logf("%-12s p50 %6.2f ms p99 %6.2f ms hits %d", kind, float64(took[100].Microseconds())/1000, p99(took), hits/200)
		}
	}
	b.ReportMetric(float64(opened.Microseconds())/1000, "open-ms")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/1e6, "sys-MB")
	_ = v.Close()
}
