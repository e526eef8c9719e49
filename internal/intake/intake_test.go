package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// memory is a journal in memory that can fail and can be made to wait.
type memory struct {
	mu      sync.Mutex
	records []journal.Record
	seqs    map[journal.ID]journal.Seq
	calls   int
	fail    error
	gate    chan struct{} // if set, Append waits until it is closed
	entered chan struct{} // if set, told when Append waits
}

func (m *memory) Append(ctx context.Context, r journal.Record) (journal.Seq, error) {
	if m.gate != nil {
		m.entered <- struct{}{}
		select {
		case <-m.gate:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.fail != nil {
		return 0, m.fail
	}
	if seq, ok := m.seqs[r.ID]; ok {
		return seq, nil
	}
	if m.seqs == nil {
		m.seqs = make(map[journal.ID]journal.Seq)
	}
	m.records = append(m.records, r)
	m.seqs[r.ID] = journal.Seq(len(m.records))
	return m.seqs[r.ID], nil
}

func (m *memory) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func (m *memory) all() []journal.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]journal.Record(nil), m.records...)
}

// alarms collects what was alarmed.
type alarms struct {
	mu  sync.Mutex
	all []error
}

func (a *alarms) raise(_ string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, err)
}

func (a *alarms) count(kind error) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, err := range a.all {
		if errors.Is(err, kind) {
			n++
		}
	}
	return n
}

// log collects log lines.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// hub is one running listener with all that belongs to it.
type hub struct {
	*Listener
	journal *memory
	alarms  *alarms
	log     *log
	reg     *prometheus.Registry
	stop    context.CancelFunc
	done    chan error
}

// opener is how a listener is opened.
type opener func(Feed, Appender, *slog.Logger, *Metrics) (*Listener, error)

// listen runs an MLLP listener on loopback; change may alter the feed.
func listen(t testing.TB, j *memory, change func(*Feed)) *hub {
	t.Helper()
	return listenAs(t, NewListener, j, change)
}

func listenAs(t testing.TB, open opener, j *memory, change func(*Feed)) *hub {
	t.Helper()
	h := &hub{journal: j, alarms: &alarms{}, log: &log{}, reg: prometheus.NewRegistry(), done: make(chan error, 1)}
	feed := Feed{Name: "kis-adt", Site: "haus-1", Listen: "127.0.0.1:0", Zone: time.UTC, Alarm: h.alarms.raise}
	if change != nil {
		change(&feed)
	}
	var err error
	h.Listener, err = open(feed, j, slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})), NewMetrics(h.reg))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.stop = cancel
	go func() { h.done <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-h.done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
			h.done <- nil
		case <-time.After(30 * time.Second):
			t.Error("Run did not end")
		}
	})
	return h
}

func (h *hub) dial(t testing.TB) *hl7.Client {
	t.Helper()
	c, err := hl7.Dial(t.Context(), h.Addr().String(), hl7.ClientOptions{Answer: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// metric returns the sum of a metric over its labels.
func (h *hub) metric(t testing.TB, name string) float64 {
	t.Helper()
	families, err := h.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != "notbetrieb_intake_"+name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

// admission is a message of a patient whose name must reach no log.
func admission(id int) []byte {
	return fmt.Appendf(nil, "MSH|^~\\&|KIS|KLINIKUM|NB|KLINIKUM|20261121120405||ADT^A01^ADT_A01|%d|P|2.5\r"+
		"EVN|A01|20261121120405\rPID|1||%07d^^^KIS^PI||Geheimrat^Wilhelmine||19510403|F\rPV1|1|I|3B^312^2\r", id, id)
}

func ackOf(t testing.TB, answer []byte) hl7.Ack {
	t.Helper()
	a, err := hl7.ParseAck(answer)
	if err != nil {
		t.Fatalf("answer %q: %v", answer, err)
	}
	return a
}
