package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

const (
	flood   = 2000 // messages
	senders = 8
)

// sodium is message n of the flood: one result of the value n for one patient
// of a hundred.
func sodium(n int) []byte {
	return fmt.Appendf(nil, "MSH|^~\\&|LIS|HAUS|NOTBETRIEB|HAUS|20261121080000||ORU^R01|F%05d|P|2.3|||||DE|UNICODE UTF-8\r"+
		"PID|1||2000%04d^^^HAUS^PI||Flutmann^Nr%d||19500101|M\r"+
		"OBR|1|%05d^KIS|L%05d^LIS|KLCH^Klinische Chemie|||20261121080000|||||||||||||||||LAB|F\r"+
		"OBX|1|NM|NA^Natrium^L||%d|mmol/L|||||F|||20261121080000\r", n, n%100, n%100, n, n, n)
}

// crowd are eight connections that share a list of messages.
type crowd struct {
	mu    sync.Mutex
	next  int
	left  []int // sent without an answer, or not yet
	acked map[int]bool
}

func (c *crowd) take() (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.left) == 0 {
		return 0, false
	}
	n := c.left[0]
	c.left = c.left[1:]
	return n, true
}

func (c *crowd) settle(n int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ok {
		c.acked[n] = true
		return
	}
	c.left = append(c.left, n)
}

func (c *crowd) answered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.acked)
}

// send sends what is left over eight connections until all is answered or the
// hub is gone.
func (c *crowd) send(ctx context.Context, addr string) {
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			client, err := hl7.Dial(ctx, addr, hl7.ClientOptions{Answer: time.Minute})
			if err != nil {
				return
			}
			defer client.Close()
			for {
				n, more := c.take()
				if !more {
					return
				}
				answer, err := client.Send(ctx, sodium(n))
				if err == nil {
					var a hl7.Ack
					if a, err = hl7.ParseAck(answer); err == nil && a.Code != hl7.AA {
						err = errors.New("refused: " + string(a.Code))
					}
				}
				c.settle(n, err == nil)
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestAHubKilledWhileReceivingLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	c := &crowd{acked: map[int]bool{}}
	for n := range flood {
		c.left = append(c.left, n)
	}
	const kills = 5
	for k := range kills {
		hub := startChild(t, dir)
		sent := make(chan struct{})
		go func() { c.send(t.Context(), hub.feed); close(sent) }()
		goal := (k+1)*flood/(kills+1) + rand.IntN(flood/20)
		waitFor(t, func() bool { return c.answered() >= goal })
		hub.kill()
		<-sent
		checkFolder(t, dir)
	}
	hub := startChild(t, dir)
	c.send(t.Context(), hub.feed)
	hub.end()
	if len(c.acked) != flood || len(c.left) != 0 {
		t.Fatalf("%d of %d are answered, %d are left", len(c.acked), flood, len(c.left))
	}
	checkFolder(t, dir)
	values := valuesOf(t, dir)
	for n := range flood {
		switch got := values[n]; {
		case got == 0:
			t.Errorf("message %d was answered and is in no chart", n)
		case got > 1:
			t.Errorf("message %d stands %d times in the charts", n, got)
		}
	}
}

func keysOf(t *testing.T, dir string) app.Keys {
	t.Helper()
	keys, err := app.OpenKeys(testkit.Config(dir).Keys.File, "")
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// checkFolder fails the test for each damage of a data folder.
func checkFolder(t *testing.T, dir string) {
	t.Helper()
	checkData(t, testkit.Config(dir), keysOf(t, dir))
}

func checkData(t *testing.T, c config.Config, keys app.Keys) {
	t.Helper()
	found, stats, err := app.CheckJournal(t.Context(), c, keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	more, err := app.CheckDerived(t.Context(), c, keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(found, more) {
		if !f.Notice {
			t.Errorf("check of %d records: %s/%s: %s (%v)", stats.Records, f.Part, f.Code, f.Text.EN, f.Err)
		}
	}
}

// valuesOf counts the values in the charts of all patients of the flood, and
// looks that each message is in the journal once.
func valuesOf(t *testing.T, dir string) map[int]int {
	t.Helper()
	h, err := app.Open(t.Context(), testkit.Config(dir), keysOf(t, dir), app.Options{Hash: testkit.CheapHash()})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Catch(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for rec, err := range h.Select(t.Context(), app.Selection{Kind: journal.HL7}) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[rec.ID.String()] {
			t.Errorf("record %d is there twice", rec.Seq)
		}
		seen[rec.ID.String()] = true
	}
	if len(seen) != flood {
		t.Errorf("%d messages are in the journal, want %d", len(seen), flood)
	}
	v, err := h.Chart.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	values := map[int]int{}
	for p := range 100 {
		hits, _, err := v.Search(t.Context(), chart.Query{Text: fmt.Sprintf("2000%04d", p), Limit: 3})
		if err != nil || len(hits) != 1 {
			t.Fatalf("patient %d: %d hits, %v", p, len(hits), err)
		}
		pat, err := v.Patient(t.Context(), clinical.PatientKey(hits[0].Key), chart.All())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range pat.Results {
			var n int
			if _, err := fmt.Sscan(strings.TrimSpace(r.V.Value), &n); err != nil {
				t.Fatal(err)
			}
			values[n]++
		}
	}
	return values
}

func TestAFullDiskGivesNoAnswerAndAnAlarmAndTheSenderLosesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	hub := startChild(t, dir)
	one := &crowd{left: []int{1}, acked: map[int]bool{}}
	one.send(t.Context(), hub.feed)
	if one.answered() != 1 {
		t.Fatal("the first message is not answered")
	}
	if why := hub.ask("full").Fail; why != "" {
		t.Skip("the disk cannot be made full: " + why)
	}
	two := &crowd{left: []int{2}, acked: map[int]bool{}}
	two.send(t.Context(), hub.feed)
	if two.answered() != 0 {
		t.Error("a message was answered that could not be stored")
	}
	said := hub.ask("alarms")
	if !slices.Contains(said.Alarms, "intake/lis/store") || said.Ready {
		t.Errorf("alarms %v, ready %v", said.Alarms, said.Ready)
	}
	if !awake(hub.feed) {
		t.Error("the feed has stopped listening")
	}
	hub.ask("free")
	waitFor(t, func() bool {
		two.send(t.Context(), hub.feed)
		return two.answered() == 1
	})
	waitFor(t, func() bool { return hub.ask("alarms").Ready })
	hub.end()
	checkFolder(t, dir)
}
