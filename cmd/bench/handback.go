package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// handBack measures how fast the whole hub hands entries back, to one target and
// to twenty, beside what the same messages take over the same sockets when
// nobody writes anything down; then what a million entries that wait cost.
func handBack(ctx context.Context, b *bench) error {
	for _, targets := range []int{1, 20} {
		if err := b.deliver(ctx, targets); err != nil {
			return err
		}
	}
	return b.waiting(ctx)
}

// lanesOf is how many connections each target has.
const lanesOf = 8

// deliver hands entries back: each a set of vital signs, one message.
func (b *bench) deliver(ctx context.Context, targets int) error {
	sinks, err := startSinks(ctx, targets)
	if err != nil {
		return err
	}
	defer sinks.close() //nolint:errcheck // its report was read
	dir, err := b.folder("handback")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := serveTargets(ctx, dir, sinks.addrs)
	if err != nil {
		return err
	}
	n := sized(b, 12_000, 200) / targets
	took, sample, err := b.handOver(ctx, r, n)
	if err := errors.Join(err, r.close()); err != nil {
		return err
	}
	got, err := sinks.close()
	if err != nil {
		return err
	}
	if want := n * targets; got.Different != want || got.All != want {
		return fmt.Errorf("the targets got %d messages, %d different; want %d", got.All, got.Different, want)
	}
	plain, err := plainHandBack(ctx, targets, n, sample)
	if err != nil {
		return err
	}
	rate := float64(n*targets) / took.Seconds()
	name := fmt.Sprintf("Hand-back to %d targets, %d connections each: ", targets, lanesOf)
	if targets == 1 {
		name = fmt.Sprintf("Hand-back to 1 target, %d connections: ", lanesOf)
	}
	b.add(name+"messages taken", rate, "messages/s", higher, goal(map[int]float64{1: 300, 20: 500}[targets]),
		peer(plain, "the same messages over the same sockets, nothing written down"))
	return nil
}

// serveTargets serves the demo hospital with targets at those addresses.
func serveTargets(ctx context.Context, dir string, addrs []string) (*running, error) {
	cfg, keys, err := demoHub(dir, time.Now())
	if err != nil {
		return nil, err
	}
	cfg.Targets = nil
	for i, addr := range addrs {
		t := config.DefaultTarget()
		t.Name, t.System, t.Address, t.Lanes, t.Repeats = fmt.Sprintf("target-%02d", i+1), cfg.Systems[0].ID, addr, lanesOf, true
		cfg.Targets = append(cfg.Targets, t)
	}
	hub, err := app.Open(ctx, cfg, keys, app.Options{Hash: staff.HashCost{Memory: 1024, Time: 1, Threads: 1}})
	if err != nil {
		return nil, err
	}
	s, err := hub.Listen(app.Options{}, app.Pages(nil, lang.Text{}))
	if err != nil {
		return nil, errors.Join(err, hub.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	r := &running{hub: hub, url: s.URL(), feed: s.FeedAddr, stop: stop, done: make(chan error, 1)}
	go func() { r.done <- s.Run(ctx) }()
	return r, nil
}

// handOver signs n entries, releases them to every target, and waits until all
// are taken. The time is that of the delivery alone. It returns a message too.
func (b *bench) handOver(ctx context.Context, r *running, n int) (time.Duration, []byte, error) {
	hub := r.hub
	authority := hub.Config.Mapping.Identity.Authority
	if err := fillEntries(ctx, hub.Journal, n, max(n/20, 1), authority); err != nil {
		return 0, nil, err
	}
	head := hub.Journal.Head()
	if err := errors.Join(hub.Chart.Wait(ctx, head), hub.Back.Wait(ctx, head)); err != nil {
		return 0, nil, err
	}
	by := handback.Act{By: clinical.Staff{ID: "arzt", Name: "Dr. Brandt"}, At: time.Now()}
	for _, name := range hub.Back.Targets() {
		if err := hub.Back.SetMode(ctx, journal.NewID(), name, handback.Testing, by); err != nil {
			return 0, nil, err
		}
		items, err := hub.Back.Items(ctx, name, handback.Filter{Limit: n})
		if err != nil {
			return 0, nil, err
		}
		if len(items) != n {
			return 0, nil, fmt.Errorf("%s lists %d entries, want %d", name, len(items), n)
		}
		if err := hub.Back.Decide(ctx, journal.NewID(), name, handback.Release, items, by); err != nil {
			return 0, nil, err
		}
	}
	begun := time.Now()
	for _, name := range hub.Back.Targets() {
		if err := hub.Back.SetMode(ctx, journal.NewID(), name, handback.Flowing, by); err != nil {
			return 0, nil, err
		}
	}
	for _, name := range hub.Back.Targets() {
		if err := allTaken(ctx, hub.Back, name, n); err != nil {
			return 0, nil, err
		}
	}
	took := time.Since(begun)
	raw, err := sentMessage(ctx, hub.Journal)
	return took, raw, err
}

// allTaken waits until a target took n entries.
func allTaken(ctx context.Context, book *handback.Book, name string, n int) error {
	for {
		counts, err := book.Progress(ctx, name)
		if err != nil {
			return err
		}
		done, bad := 0, 0
		for _, w := range counts {
			done += w.Count[handback.Accepted]
			bad += w.Count[handback.Refused] + w.Count[handback.Unclear] + w.Count[handback.Rest]
		}
		if bad > 0 {
			return fmt.Errorf("%d entries went to a person", bad)
		}
		if done == n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// fillEntries signs n entries in turn for so many patients. Each is a set of
// vital signs.
func fillEntries(ctx context.Context, j *journal.Journal, n, patients int, authority string) error {
	at := time.Now().Add(-time.Duration(n) * time.Second).Truncate(time.Second)
	var recs []journal.Record
	for i := range n {
		id := journal.NewID()
		key := id.String()
		who := clinical.Identifier{Value: fmt.Sprint(60_000_000 + i%patients), Authority: authority, Type: "PI"}
		when := at.Add(time.Duration(i) * time.Second)
		e := entry.Entry{
			Key: key, Root: key, Form: "vitals", State: entry.Signed, Patient: who.Key(), IDs: []clinical.Identifier{who}, Case: clinical.CaseNo("F" + who.Value),
			Ward: fmt.Sprint("W", i%20), At: when, Written: when, By: clinical.Staff{ID: "pflege", Name: "Weber, S."}, Role: "nurse",
			Fields: map[string]string{"pulse": fmt.Sprint(60 + i%60), "bp": "120/80", "temp": "36,8"},
		}
		for _, x := range []struct {
			sub, code, unit string
			value           float64
		}{{"pulse", "8867-4", "/min", float64(60 + i%60)}, {"sys", "8480-6", "mmHg", 120}, {"temp", "8310-5", "°C", 36.8}} {
			e.Facts = append(e.Facts, clinical.Result{
				Filler: entry.Number(key), SubID: x.sub, Code: clinical.Coded{Code: x.code, System: "LN"}, Section: clinical.Vitals,
				Value: fmt.Sprint(x.value), Number: &x.value, Unit: x.unit, Status: clinical.Final, At: when, By: e.By,
			})
		}
		body, err := e.Encode()
		if err != nil {
			return fmt.Errorf("entry: %w", err)
		}
		recs = append(recs, journal.Record{ID: id, Time: when, Site: "demo", Source: entry.Feed, Kind: journal.Entry, Patient: string(e.Patient), Body: body})
		if len(recs) < appendBatch && i < n-1 {
			continue
		}
		if _, err := j.AppendAll(ctx, recs); err != nil {
			return fmt.Errorf("fill the journal: %w", err)
		}
		recs = recs[:0]
	}
	return nil
}

// sentMessage returns a message as it left.
func sentMessage(ctx context.Context, j *journal.Journal) ([]byte, error) {
	for seq := j.Head(); seq > 0; seq-- {
		rec, err := j.Get(ctx, seq)
		if err != nil {
			return nil, err
		}
		if raw := handback.MessageOf(rec); raw != nil {
			return raw, nil
		}
	}
	return nil, fault.New(fault.NotFound, lang.Text{DE: "Es wurde nichts gesendet.", EN: "Nothing was sent."})
}

// plainHandBack sends a message as often to as many targets over as many
// connections, and writes nothing down.
func plainHandBack(ctx context.Context, targets, each int, raw []byte) (float64, error) {
	sinks, err := startSinks(ctx, targets)
	if err != nil {
		return 0, err
	}
	defer sinks.close() //nolint:errcheck // nothing is reported
	begun := time.Now()
	if err := sendPlain(ctx, sinks.addrs, each, raw); err != nil {
		return 0, err
	}
	return float64(each*targets) / time.Since(begun).Seconds(), nil
}

func sendLane(ctx context.Context, addr string, lane, n int, t template) error {
	c, err := hl7.Dial(ctx, addr, hl7.ClientOptions{})
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // everything was answered
	var msg []byte
	for i := range n {
		msg = t.with(msg[:0], fmt.Sprintf("P%d-%d", lane, i))
		answer, err := c.Send(ctx, msg)
		if err != nil {
			return err
		}
		if a, err := hl7.ParseAck(answer); err != nil || a.Code != hl7.AA {
			return errAnswer
		}
	}
	return nil
}
