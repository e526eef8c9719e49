package web

import (
	"bytes"
	"context"
	"iter"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
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

// wardsOf is what a house job reads, and how each chart it reads is recorded.
type wardsOf struct {
	wards  []chart.WardLine
	since  time.Time
	lang   lang.Lang
	record func(ctx context.Context, ward string, key clinical.PatientKey) error
}

// drawHouse draws every ward as of one record. The folder is given out only
// after every read in it is durable.
func (s *Server) drawHouse(j *job, head paper.Head, o paper.PackOptions, w wardsOf) ([]byte, error) {
	view, err := s.p.Charts.View(j.ctx)
	if err != nil {
		return nil, err
	}
	defer view.Close() //nolint:errcheck // nothing was written
	head.Seq = view.Seq()
	var b bytes.Buffer
	if err := paper.House(j.ctx, &b, head, w.stations(j.ctx, view), j.total, o, j.progress); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// stations reads the wards one after the other.
func (w wardsOf) stations(ctx context.Context, view *chart.View) iter.Seq2[paper.Station, error] {
	return func(yield func(paper.Station, error) bool) {
		for _, line := range w.wards {
			if line.Occupied == 0 && line.Arriving == 0 {
				continue
			}
			st, err := w.station(ctx, view, line.Code)
			if !yield(st, err) || err != nil {
				return
			}
		}
		if st, err := w.nowhere(ctx, view); err != nil || len(st.Patients) > 0 {
			yield(st, err)
		}
	}
}

// nowhere reads those whom no message has put into a ward: their folder comes
// last.
func (w wardsOf) nowhere(ctx context.Context, view *chart.View) (paper.Station, error) {
	ward, err := view.Nowhere(ctx, w.lang)
	if err != nil {
		return paper.Station{}, err
	}
	return w.folder(ctx, view, ward)
}

func (w wardsOf) station(ctx context.Context, view *chart.View, code string) (paper.Station, error) {
	ward, err := view.Ward(ctx, code)
	if err != nil {
		return paper.Station{}, err
	}
	return w.folder(ctx, view, ward)
}

// folder reads the charts of a ward's list, each recorded.
func (w wardsOf) folder(ctx context.Context, view *chart.View, ward chart.Ward) (paper.Station, error) {
	part := chart.All()
	part.Since = w.since
	st := paper.Station{Ward: ward}
	for _, r := range ward.Rows {
		if r.Free { // who is coming is in the folder too, marked on the list
			continue
		}
		p, err := view.Patient(ctx, r.Key, part)
		if err != nil {
			return paper.Station{}, err
		}
		if err := w.record(ctx, ward.Code, p.Key); err != nil {
			return paper.Station{}, err
		}
		st.Patients = append(st.Patients, p)
	}
	return st, nil
}
