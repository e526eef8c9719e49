package chart

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/seal"
)

// scripted is a journal of messages written by a test.
type scripted struct {
	mu   sync.Mutex
	msgs []message
	more chan struct{}
}

func newScripted() *scripted { return &scripted{more: make(chan struct{})} }

func (s *scripted) head() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint64(len(s.msgs))
}

func (s *scripted) read(_ context.Context, from uint64, limit int) ([]message, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from > uint64(len(s.msgs)) {
		return nil, 0, nil
	}
	out := s.msgs[from-1:]
	out = append([]message(nil), out[:min(len(out), limit)]...)
	return out, out[len(out)-1].Seq, nil
}

func (s *scripted) one(_ context.Context, seq uint64) (message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.msgs[seq-1], nil
}

func (s *scripted) wait(ctx context.Context, after uint64) error {
	for {
		s.mu.Lock()
		more, n := s.more, uint64(len(s.msgs))
		s.mu.Unlock()
		if n > after {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
		}
	}
}

// add appends a message and returns its number.
func (s *scripted) add(m message) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Seq = uint64(len(s.msgs) + 1)
	for i := range m.Changes {
		m.Changes[i].Origin = clinical.Origin{Seq: m.Seq, Feed: m.Feed, Sent: m.Sent, Received: m.Received}
	}
	s.msgs = append(s.msgs, m)
	close(s.more)
	s.more = make(chan struct{})
	return m.Seq
}

// world is a hospital for a test: a scripted journal and its charts.
type world struct {
	t     *testing.T
	src   *scripted
	chart *Chart
	cfg   Config
	now   time.Time
	stop  func()
}

// start is when every test's story begins.
func start() time.Time { return time.Date(2026, 11, 19, 6, 0, 0, 0, time.UTC) }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, src: newScripted(), now: start()}
	w.cfg = Config{
		Dir: t.TempDir(), Key: seal.Key{1, 2, 3}, Zone: time.FixedZone("MEZ", 3600), Now: func() time.Time { return start().Add(12 * time.Hour) },
		Wards: []WardPlan{
			{Code: "3A", Name: "Innere 3A", Kind: "inpatient", Beds: []Bed{{"301", "F"}, {"301", "T"}, {"302", "F"}, {"310", "F"}}},
			{Code: "ITS", Name: "Intensiv", Kind: "icu", Beds: []Bed{{"1", "1"}, {"1", "2"}}},
		},
		Feeds: []FeedPlan{{Name: "kis", System: "kis"}, {Name: "lis", System: "lis"}},
	}
	w.open("v1")
	t.Cleanup(func() { w.close() })
	return w
}

func (w *world) open(mapping string) {
	w.t.Helper()
	c, err := openWith(w.t.Context(), w.cfg, w.src, mapping)
	if err != nil {
		w.t.Fatal(err)
	}
	w.chart = c
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		if err := c.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *world) close() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

// send adds a message of a feed, one minute after the one before.
func (w *world) send(feed string, changes ...clinical.Change) uint64 {
	w.now = w.now.Add(time.Minute)
	return w.sendAt(feed, w.now, changes...)
}

func (w *world) sendAt(feed string, sent time.Time, changes ...clinical.Change) uint64 {
	return w.src.add(message{Feed: feed, Kind: "ADT^A08", Control: fmt.Sprint(w.src.head()), Sent: sent, Received: w.now, Changes: changes})
}

// view returns a view that has everything sent so far.
func (w *world) view() *View {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 60*time.Second)
	defer cancel()
	for { // a rebuild may lower the position once
		if err := w.chart.Wait(ctx, seq(w.src.head())); err != nil {
			w.t.Fatal(err)
		}
		v, err := w.chart.View(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if v.Seq() >= w.src.head() {
			w.t.Cleanup(func() { _ = v.Close() })
			return v
		}
		if err := v.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// settle waits until everything sent is folded.
func (w *world) settle() {
	w.t.Helper()
	if err := w.view().Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) patient(number string) *Patient {
	w.t.Helper()
	v := w.view()
	defer v.Close()
	p, err := v.Patient(w.t.Context(), key(number), All())
	if err != nil {
		w.t.Fatalf("patient %s: %v", number, err)
	}
	return p
}

func (w *world) ward(code string) Ward {
	w.t.Helper()
	v := w.view()
	defer v.Close()
	l, err := v.Ward(w.t.Context(), code)
	if err != nil {
		w.t.Fatalf("ward %s: %v", code, err)
	}
	return l
}

func (w *world) unread() []Unread {
	w.t.Helper()
	v := w.view()
	defer v.Close()
	u, _, err := v.Unread(w.t.Context(), UnreadFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func id(number string) clinical.Identifier {
	return clinical.Identifier{Value: number, Authority: "KIS", Type: "PI"}
}

func key(number string) clinical.PatientKey { return id(number).Key() }

// of returns a change about a patient and case.
func of(number, no string, what clinical.Fact) clinical.Change {
	c := clinical.Change{Case: clinical.CaseNo(no), What: what}
	if number != "" {
		c.IDs = []clinical.Identifier{id(number)}
	}
	return c
}

func person(family, given string, y, m, d int, sex clinical.Sex) clinical.Demographics {
	return clinical.Demographics{
		Name:  clinical.Say(clinical.Name{Family: family, Given: given}),
		Birth: clinical.Say(clinical.Date{Year: y, Month: m, Day: d}), Sex: clinical.Say(sex),
	}
}

func place(ward, room, bed string) clinical.Place {
	return clinical.Place{Ward: ward, Room: room, Bed: bed}
}

func admit(at time.Time, to clinical.Place) clinical.Movement {
	return clinical.Movement{Action: clinical.Insert, Kind: clinical.Admission, Event: "A01", Start: at, To: to, Class: clinical.Inpatient}
}

func transfer(at time.Time, to clinical.Place) clinical.Movement {
	return clinical.Movement{Action: clinical.Insert, Kind: clinical.Transfer, Event: "A02", Start: at, To: to}
}
