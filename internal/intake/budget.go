package intake

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
)

// A Budget bounds the bytes of the messages that all feeds together have in
// hand: those being received, and those whole and not yet stored and answered.
// Who finds no room waits and reads nothing meanwhile, so that its sender waits
// too; nothing is dropped. Nil is a Budget without a bound.
//
// A message counts from its 16th KiB on: until then it lies in a buffer that its
// connection has anyway. It then asks for room for the largest message at once
// and gives back what it did not need. Were the room taken piece by piece, many
// half messages could fill it and wait for each other for ever.
type Budget struct {
	total int64
	room  *semaphore.Weighted
	used  prometheus.Gauge
	waits prometheus.Counter
}

// NewBudget makes a budget of so many bytes and registers its metrics.
func NewBudget(total int64, reg prometheus.Registerer) *Budget {
	b := &Budget{total: total, room: semaphore.NewWeighted(total)}
	b.used = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "notbetrieb", Subsystem: "intake", Name: "budget_used_bytes", Help: "Room taken by messages that are in hand.",
	})
	b.waits = prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: "notbetrieb", Subsystem: "intake", Name: "budget_waits_total", Help: "Messages that had to wait for room.",
	})
	reg.MustRegister(b.used, b.waits)
	return b
}

// most returns n, or the whole budget where that is less.
func (b *Budget) most(n int64) int64 {
	if b == nil {
		return n
	}
	return min(n, b.total)
}

// share is the room that one message holds.
type share struct {
	b *Budget
	n int64
}

// take waits for room for n bytes in place of what s holds.
func (s *share) take(ctx context.Context, n int64) error {
	s.give(0)
	if s.b == nil {
		return nil
	}
	if !s.b.room.TryAcquire(n) {
		s.b.waits.Inc()
		if err := s.b.room.Acquire(ctx, n); err != nil {
			return err
		}
	}
	s.n = n
	s.b.used.Add(float64(n))
	return nil
}

// give gives back all but n bytes.
func (s *share) give(n int64) {
	if back := s.n - n; back > 0 {
		s.b.room.Release(back)
		s.b.used.Sub(float64(back))
		s.n = n
	}
}
