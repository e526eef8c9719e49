package oversight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/review"
)

const (
	keepFor  = 4 * time.Hour // how long a result waits for its readers
	keepEach = 3             // results that each person has at the most
	keepAll  = 12            // and all of them together: each may hold some ten megabytes
)

// Stage says what a review is doing.
type Stage string

const (
	Waiting   Stage = "wait"     // for another review: one is worked out at a time
	Reading   Stage = "reads"    // our own read audit
	Importing Stage = "logs"     // foreign logs
	Comparing Stage = "changes"  // charts, for what was deleted or altered
	Following Stage = "patients" // movements of those who were read
	Judging   Stage = "rules"
)

// Stages returns the stages in their order.
func Stages() []Stage { return []Stage{Waiting, Reading, Importing, Comparing, Following, Judging} }

// Progress is how far a review is. Total is 0 where it is not known.
type Progress struct {
	Stage       Stage
	Done, Total int
}

// Work is a review that somebody asked for and that goes on, or that failed.
type Work struct {
	Span    review.Span
	Started time.Time
	Progress
	Failed lang.Text // zero while it goes on
}

// job is a review that is worked out. The Desk's mu guards it.
type job struct {
	Work
	stop context.CancelFunc
	over chan struct{}
}

// Start begins a review in the background, which goes on when the page is left.
// Where the same one is under way or was just made, nothing begins. Errors:
// Invalid for a span that cannot be reviewed, Conflict while the person has
// another review under way, Unavailable where too many results are kept.
func (d *Desk) Start(ctx context.Context, person string, span review.Span) error {
	if err := fits(span); err != nil {
		return err
	}
	b, err := d.book(ctx)
	if err != nil {
		return err
	}
	now := d.o.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tidy(now)
	if j := d.jobs[person]; j != nil && j.Failed == (lang.Text{}) {
		if same(j.Span, span) {
			return nil
		}
		return fault.New(fault.Conflict, lang.Text{
			DE: "Ihre vorige Auswertung läuft noch. Bitte warten, bis sie fertig ist, oder sie abbrechen.",
			EN: "Your earlier review is still under way. Please wait until it is finished, or stop it.",
		})
	}
	if r := d.keptOf(span); r != nil && b.asked <= r.asOf && now.Sub(r.At).Abs() < freshFor {
		return nil
	}
	if len(d.runs) >= keepAll && !slices.ContainsFunc(d.runs, func(r *Run) bool { return r.By == person }) {
		return fault.New(fault.Unavailable, lang.Text{
			DE: "Es liegen schon zu viele Ergebnisse anderer bereit. Das älteste läuft bald ab; bitte später noch einmal.",
			EN: "Too many results of others are kept already. The oldest one expires soon; please try again later.",
		})
	}
	if d.base.Err() != nil {
		return fault.New(fault.Unavailable, lang.Text{DE: "Notbetrieb wird gerade beendet.", EN: "Notbetrieb is shutting down."})
	}
	work, stop := context.WithCancel(d.base)
	j := &job{Work: Work{Span: span, Started: now, Progress: Progress{Stage: Waiting}}, stop: stop, over: make(chan struct{})}
	d.jobs[person] = j
	d.group.Go(func() {
		defer close(j.over)
		defer stop()
		d.work(work, j, person)
	})
	return nil
}

// work works a review out and keeps its result.
func (d *Desk) work(ctx context.Context, j *job, person string) {
	run, err := d.inTurn(ctx, j)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil:
		run.By = person
		d.keep(run)
	case ctx.Err() == nil:
		d.o.Log.ErrorContext(ctx, "access review not made", "err", err)
		j.Failed = fault.Say(err)
		return
	}
	if d.jobs[person] == j {
		delete(d.jobs, person)
	}
}

// inTurn makes a review when no other one is being made: their memory does not
// add up, and the house goes on working beside it.
func (d *Desk) inTurn(ctx context.Context, j *job) (run *Run, err error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("oversight: %w", ctx.Err())
	}
	defer func() {
		if recover() != nil { // what was recovered may hold a value of a message
			err = errors.New("oversight: a review broke off")
		}
	}()
	return d.Look(ctx, j.Span, func(p Progress) {
		d.mu.Lock()
		defer d.mu.Unlock()
		j.Progress = p
	})
}

// keep keeps a result and drops what the person has too many of. The caller
// holds mu.
func (d *Desk) keep(r *Run) {
	d.runs = slices.DeleteFunc(d.runs, func(x *Run) bool { return same(x.Span, r.Span) })
	d.runs = append([]*Run{r}, d.runs...)
	n := 0
	d.runs = slices.DeleteFunc(d.runs, func(x *Run) bool {
		if x.By == r.By {
			n++
		}
		return x.By == r.By && n > keepEach
	})
	for i := len(d.runs) - 1; i > 0 && len(d.runs) > keepAll; i-- {
		if d.runs[i].By == r.By {
			d.runs = slices.Delete(d.runs, i, i+1)
		}
	}
	time.AfterFunc(keepFor+time.Second, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.tidy(d.o.Now())
	})
}

// tidy drops what was kept long enough. The caller holds mu.
func (d *Desk) tidy(now time.Time) {
	d.runs = slices.DeleteFunc(d.runs, func(r *Run) bool { return !now.Before(r.Until) })
}

// keptOf returns the kept result of a span. The caller holds mu.
func (d *Desk) keptOf(span review.Span) *Run {
	for _, r := range d.runs {
		if same(r.Span, span) {
			return r
		}
	}
	return nil
}

func same(a, b review.Span) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) }

// Kept returns the result of a span, nil if none is kept. old says that rules,
// logs or lists changed since it was made.
func (d *Desk) Kept(ctx context.Context, span review.Span) (r *Run, old bool, err error) {
	b, err := d.book(ctx)
	if err != nil {
		return nil, false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tidy(d.o.Now())
	r = d.keptOf(span)
	return r, r != nil && b.asked > r.asOf, nil
}

// Spans returns the days whose results are kept, the newest result first.
func (d *Desk) Spans() []review.Span {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tidy(d.o.Now())
	runs := slices.Clone(d.runs)
	slices.SortStableFunc(runs, func(a, b *Run) int { return b.At.Compare(a.At) })
	var out []review.Span
	for _, r := range runs {
		out = append(out, r.Span)
	}
	return out
}

// Working returns the review of a person that goes on, or that failed last.
func (d *Desk) Working(person string) (Work, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	j := d.jobs[person]
	if j == nil {
		return Work{}, false
	}
	return j.Work, true
}

// Stop ends the review of a person, and forgets one that failed.
func (d *Desk) Stop(person string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if j := d.jobs[person]; j != nil {
		j.stop()
		delete(d.jobs, person)
	}
}

// Idle returns when no review goes on.
func (d *Desk) Idle(ctx context.Context) error {
	for {
		var over chan struct{}
		d.mu.Lock()
		for _, j := range d.jobs {
			if j.Failed == (lang.Text{}) {
				over = j.over
			}
		}
		d.mu.Unlock()
		if over == nil {
			return nil
		}
		select {
		case <-over:
		case <-ctx.Done():
			return fmt.Errorf("oversight: %w", ctx.Err())
		}
	}
}

// Run follows the journal until ctx ends. Reviews end with it.
func (d *Desk) Run(ctx context.Context) error {
	err := d.Follower.Run(ctx)
	d.quit()
	return err
}

// Close ends the reviews that go on and saves where the desk stands.
func (d *Desk) Close() error {
	d.quit()
	return d.Follower.Close()
}

func (d *Desk) quit() {
	d.mu.Lock()
	d.end()
	d.mu.Unlock()
	d.group.Wait()
}
