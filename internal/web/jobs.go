package web

import (
	"bytes"
	"context"
	"iter"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
)

// seqType turns a number from an address into a journal number.
func seqType(n uint64) journal.Seq { return journal.Seq(n) }

// jobs holds the house job: one at a time, in memory only, gone after a while.
type jobs struct {
	mu  sync.Mutex
	now *job
}

// jobKeeps is how long a drawn folder waits for its reader.
const jobKeeps = 20 * time.Minute

type job struct {
	id      string
	by      string
	started time.Time
	ctx     context.Context //nolint:containedctx // the job outlives the request that starts it
	stop    context.CancelFunc

	mu    sync.Mutex
	done  int
	total int
	ended bool
	body  []byte
	fail  lang.Text
}

func newJobs() *jobs { return &jobs{} }

func (js *jobs) stop() {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.now != nil {
		js.now.stop()
	}
}

// start makes a job, unless one is being drawn: fault.Conflict.
func (js *jobs) start(now time.Time, by string, total int) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.now != nil && !js.now.finished() {
		return nil, fault.New(fault.Conflict, lang.Text{
			DE: "Eine Hausmappe wird gerade gezeichnet. Bitte warten, bis sie fertig ist.",
			EN: "A house folder is being drawn. Please wait until it is finished.",
		})
	}
	ctx, stop := context.WithCancel(context.Background())
	js.now = &job{id: journal.NewID().String(), by: by, started: now, ctx: ctx, stop: stop, total: total}
	j := js.now
	time.AfterFunc(jobKeeps, func() { js.forget(j) })
	return j, nil
}

func (js *jobs) forget(j *job) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.now == j {
		j.stop()
		js.now = nil
	}
}

func (js *jobs) find(id string) *job {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.now == nil || js.now.id != id {
		return nil
	}
	return js.now
}

// running returns the job for the reader who started it, nil if there is none.
func (js *jobs) running(f Frame) *jobView {
	js.mu.Lock()
	j := js.now
	js.mu.Unlock()
	if j == nil || f.User == nil || j.by != f.User.ID {
		return nil
	}
	v := j.view(f)
	return &v
}

func (j *job) progress(done, total int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done, j.total = done, max(total, done)
}

func (j *job) finish(body []byte, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	if err != nil {
		j.fail = fault.Say(err)
		return
	}
	j.body = body
}

func (j *job) finished() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended
}

func (j *job) bytes() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.body
}

func (j *job) view(f Frame) jobView {
	j.mu.Lock()
	defer j.mu.Unlock()
	return jobView{
		ID: j.id, Done: j.done, Total: j.total, Finished: j.ended && j.fail.DE == "", Failed: j.fail,
		Size: group(uint64(len(j.body)/1024)) + " kB", Started: f.stamp(j.started),
	}
}

// drawHouse draws every ward as of one record. The read was recorded when the
// job was ordered.
func (s *Server) drawHouse(j *job, head paper.Head, o paper.PackOptions, wards []chart.WardLine, since time.Time) ([]byte, error) {
	view, err := s.p.Charts.View(j.ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close() //nolint:errcheck // nothing was written
	head.Seq = view.Seq()
	var b bytes.Buffer
	if err := paper.House(j.ctx, &b, head, stations(j.ctx, view, wards, since), j.total, o, j.progress); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// stations reads the wards one after the other.
func stations(ctx context.Context, view *chart.View, wards []chart.WardLine, since time.Time) iter.Seq2[paper.Station, error] {
	part := chart.All()
	part.Since = since
	return func(yield func(paper.Station, error) bool) {
		for _, line := range wards {
			if line.Occupied == 0 {
				continue
			}
			w, err := view.Ward(ctx, line.Code)
			if err != nil {
				yield(paper.Station{}, err)
				return
			}
			st := paper.Station{Ward: w}
			for _, r := range w.Rows {
				if r.Free || r.Arriving {
					continue
				}
				p, err := view.Patient(ctx, r.Key, part)
				if err != nil {
					yield(paper.Station{}, err)
					return
				}
				st.Patients = append(st.Patients, p)
			}
			if !yield(st, nil) {
				return
			}
		}
	}
}
