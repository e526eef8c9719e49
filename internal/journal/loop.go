package journal

import (
	"context"
	"errors"
	"runtime"
	"time"
)

const (
	// idleAfter is how long nothing must be appended before the WAL is emptied.
	idleAfter = time.Second
	// gatherMax is how long the writer waits for callers it expects, at most.
	// It also waits no longer than a quarter of what the last batch took.
	gatherMax = 250 * time.Microsecond
)

// run is the writer's goroutine: it takes all requests that wait, stores them
// together, answers, and does the housekeeping between batches.
func (j *Journal) run() {
	defer close(j.stopped)
	ctx := context.Background() // a started transaction is never abandoned
	timer := time.NewTimer(idleAfter)
	defer timer.Stop()
	for {
		reqs, closing := j.take()
		if len(reqs) > 0 {
			j.serve(ctx, reqs)
			j.tidy()
			continue
		}
		if closing {
			j.endErr = j.finish(ctx)
			return
		}
		timer.Reset(j.pause())
		select {
		case <-j.wake:
		case <-timer.C:
			j.idle()
		}
	}
}

// take returns what waits. Those who were answered last time usually come
// again at once, so it lets them run first for a moment: a fuller batch costs
// the same fsync. One caller alone never waits.
func (j *Journal) take() (reqs []*request, closing bool) {
	n := j.waits()
	if n > 0 && n < j.crowd {
		for until := time.Now().Add(min(j.took/4, gatherMax)); n < min(j.crowd, j.w.max) && time.Now().Before(until); n = j.waits() {
			runtime.Gosched()
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	n, recs := 0, 0
	for n < len(j.waiting) && recs < j.w.max {
		recs += len(j.waiting[n].recs)
		n++
	}
	reqs = j.waiting[:n:n]
	j.waiting = j.waiting[n:]
	if len(j.waiting) == 0 {
		j.waiting = nil
	}
	if n > 0 {
		j.crowd = n
	}
	return reqs, j.closing
}

func (j *Journal) waits() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.waiting)
}

// serve stores the appends of reqs in one transaction, then does the jobs.
func (j *Journal) serve(ctx context.Context, reqs []*request) {
	appends := make([]*request, 0, len(reqs))
	for _, q := range reqs {
		if q.job == nil {
			appends = append(appends, q)
		}
	}
	if len(appends) > 0 {
		start := time.Now()
		err := j.w.append(ctx, appends)
		j.took = time.Since(start)
		if err != nil {
			j.health.Store(&err)
		} else if j.health.Load() != nil {
			j.health.Store(nil)
		}
		j.publish()
		for _, q := range appends {
			q.done <- struct{}{}
		}
	}
	for _, q := range reqs {
		if q.job == nil {
			continue
		}
		if q.err = j.w.ready(ctx); q.err == nil {
			q.err = q.job(j.w)
		}
		j.publish()
		q.done <- struct{}{}
	}
}

// publish moves the head that readers see and wakes those who wait for it.
func (j *Journal) publish() {
	if j.w.conn == nil || uint64(j.w.seq()) == j.head.Load() {
		return
	}
	j.head.Store(uint64(j.w.seq()))
	j.mu.Lock()
	close(j.moved)
	j.moved = make(chan struct{})
	j.mu.Unlock()
}

// tidy is the housekeeping under load.
func (j *Journal) tidy() {
	if j.w.walPages >= walLimit {
		j.report("wal checkpoint", j.w.checkpointWAL(false))
	}
	if j.w.conn != nil && j.w.seq() > j.signed && time.Since(j.signedAt) >= j.o.CheckpointEvery {
		told := j.AnchorHealth() != nil
		if note, err := j.sign(j.w, false); note == nil || !told { // a place that stays away is told once
			j.report("checkpoint", err)
		}
	}
}

// idle is the housekeeping when nothing came for a while.
func (j *Journal) idle() {
	j.tidy()
	j.report("wal checkpoint", j.w.checkpointWAL(true))
}

// pause says when idle is due.
func (j *Journal) pause() time.Duration {
	if j.w.conn == nil {
		return time.Hour
	}
	p := time.Hour
	if j.w.walPages > 0 {
		p = idleAfter
	}
	if j.w.seq() > j.signed {
		p = min(p, max(j.o.CheckpointEvery-time.Since(j.signedAt), time.Millisecond))
	}
	return p
}

func (j *Journal) report(what string, err error) {
	if err != nil {
		j.o.Log.Error("journal housekeeping", "what", what, "err", err)
	}
}

// finish is the last work of the writer.
func (j *Journal) finish(ctx context.Context) error {
	defer func() {
		j.mu.Lock()
		close(j.moved) // those who wait see closing
		j.moved = make(chan struct{})
		j.mu.Unlock()
	}()
	if err := j.w.ready(ctx); err != nil {
		return errors.Join(err, j.w.drop())
	}
	err := j.w.settle()
	if err == nil && j.w.seq() > j.signed {
		_, err = j.sign(j.w, false)
	}
	if err == nil {
		err = j.w.checkpointWAL(true)
	}
	return errors.Join(err, j.w.drop())
}
