package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"notbetrieb/internal/app"
	"notbetrieb/internal/astm"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

func analyserFeed() config.Feed {
	f := config.DefaultFeed()
	f.Name, f.Kind, f.System, f.Listen = "cobas", config.ASTM, "lis", "127.0.0.1:0"
	return f
}

// labOrder is an order of Müller's ward for the laboratory.
const labOrder = `MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121081000||ORM^O01|O00099|P|2.3|||||DE|UNICODE UTF-8
PID|1||10047110^^^HAUS^PI||Müller^Jürgen^^^^^L||19580314|M
PV1|1|I|3A^301^F||||||||||||||||26047110^^^HAUS^VN
ORC|NW|81001^KIS
OBR|1|81001^KIS||ELEK^Elektrolyte||||||||||||||||||||LAB`

// potassiumOf is what an analyser measured in the tube with that number.
func potassiumOf(tube, value string) []byte {
	return []byte(strings.Join([]string{
		`H|\^&|||c503^1|||||host|RSUPL^BATCH|P|1|20261121083503`, `P|1`,
		`O|1|` + tube + `|0042^50012^3^^S1^SC|^^^991^1|R||20261121081500||||N`,
		`R|1|^^^991^1|` + value + `|mmol/l|3.4^4.5|HH||F||op1^SYSTEM||20261121083017|c503`, `C|1|I|27^Hämolyse|I`,
		`L|1|N`, ""}, "\r"))
}

func TestWithoutTheLaboratorysSystemAnAnalyserReachesTheWard(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Feeds = append(c.Feeds, analyserFeed())
		c.Mapping.Results = append(c.Mapping.Results, c.Mapping.Results[0])
		r := &c.Mapping.Results[len(c.Mapping.Results)-1]
		r.Feed, r.Code = "cobas", "991"
	})
	h.Receive("kis", "a01_mueller_3A.hl7", labOrder)
	h.Declare("lis")
	analyser := h.Analyser("cobas")
	for _, m := range [][]byte{potassiumOf("81001", "6.1"), potassiumOf("81001", "6.1"), potassiumOf("81009", "2.2")} {
		if err := analyser.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	h.Settle()
	h.Declare("kis")
	ward := h.As("arzt").Page("/ward/3A")
	ward.Sees("6,1")
	lab := h.As("arzt").Page(chartOf(ward, "26047110") + "/lab")
	lab.Sees("Kalium", "6,1", "vorläufig", "Analysengerät, nicht validiert", "Hämolyse").NotSees("2,2")
	unread := h.As("arzt").Page("/unread")
	unread.Sees("ASTM", "kein offener Auftrag bekannt")
	h.As("arzt").Page(unread.Attr("a[href^='/record/']", "href")).Sees("81009", "2.2")
	h.Check()
	h.Replay()
}

const tubes = 400

func tubeOf(n int) []byte {
	m := strings.Replace(string(potassiumOf(fmt.Sprintf("T%02d", n%10), fmt.Sprint(n))), `H|\^&||`, fmt.Sprintf(`H|\^&|%d|`, n), 1)
	return []byte(strings.Replace(m, "^^^991^1", fmt.Sprintf("^^^991^%d", n), 2))
}

// measure sends what is left over two analysers until all is acknowledged or the
// hub is gone.
func (c *crowd) measure(ctx context.Context, addr string) {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			analyser := astm.NewConn(nc, astm.Limits{Instrument: true})
			defer analyser.Close()
			for {
				n, more := c.take()
				if !more {
					return
				}
				err := analyser.Send(ctx, tubeOf(n))
				c.settle(n, err == nil)
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAHubKilledWhileAnalysersSendLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	hub := startChild(t, dir)
	client, err := hl7.Dial(t.Context(), hub.feed, hl7.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for p := range 10 {
		order := fmt.Appendf(nil, "MSH|^~\\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121080000||ORM^O01|T%d|P|2.3\r"+
			"PID|1||3000%04d^^^HAUS^PI||Flutmann^Nr%d||19500101|M\rORC|NW|T%02d\rOBR|1|T%02d||KLCH^Klinische Chemie\r", p, p, p, p, p)
		if _, err := client.Send(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	_ = client.Close()
	c := &crowd{acked: map[int]bool{}}
	for n := range tubes {
		c.left = append(c.left, n)
	}
	const kills = 3
	for k := range kills {
		sent := make(chan struct{})
		go func() { c.measure(t.Context(), hub.bench); close(sent) }()
		waitFor(t, func() bool { return c.answered() >= (k+1)*tubes/(kills+1) })
		hub.kill()
		<-sent
		hub = startChild(t, dir)
	}
	c.measure(t.Context(), hub.bench)
	hub.end()
	if len(c.acked) != tubes || len(c.left) != 0 {
		t.Fatalf("%d of %d are acknowledged, %d are left", len(c.acked), tubes, len(c.left))
	}
	checkFolder(t, dir)
	for n, times := range tubesOf(t, dir) {
		if times != 1 {
			t.Errorf("tube %d stands %d times in the charts", n, times)
		}
	}
}

// tubesOf counts how often each tube's value stands in the charts, and looks
// that each message is in the journal once.
func tubesOf(t *testing.T, dir string) []int {
	t.Helper()
	h, err := app.Open(t.Context(), testkit.Config(dir), keysOf(t, dir), app.Options{Hash: testkit.CheapHash()})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Catch(t.Context()); err != nil {
		t.Fatal(err)
	}
	records := 0
	for _, err := range h.Select(t.Context(), app.Selection{Kind: journal.ASTM}) {
		if err != nil {
			t.Fatal(err)
		}
		records++
	}
	if records != tubes {
		t.Errorf("%d messages are in the journal, want %d", records, tubes)
	}
	v, err := h.Chart.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	out := make([]int, tubes)
	for p := range 10 {
		id := clinical.Identifier{Value: fmt.Sprintf("3000%04d", p), Authority: "HAUS"}
		pat, err := v.Patient(t.Context(), id.Key(), chart.All())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range pat.Results {
			var n int
			if _, err := fmt.Sscan(r.V.Value, &n); err != nil || n%10 != p {
				t.Error(errors.Join(err, fmt.Errorf("patient %d has the value %s", p, r.V.Value)))
				continue
			}
			out[n]++
		}
	}
	return out
}
