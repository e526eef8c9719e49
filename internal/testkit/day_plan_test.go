package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/testkit"
)

// A day in which everything is written here: the people of the house go through
// their work in its real order, each one thing at a time, many at once, while
// the hub is killed under their hands. The day's clock goes on as fast as the
// work does.

// atOnce is how many people are at a screen at the same moment.
const atOnce = 16

// lag is how much of the day may pass while somebody still does what was due.
const lag = 20 * time.Minute

// act is one thing somebody does at its time.
type act struct {
	at time.Time
	do func(context.Context) error
}

// dayPerson is somebody of the house at a browser of their own.
type dayPerson struct {
	d       *day
	id      string
	browser *testkit.Person
	wire    *wire
	in      bool // has signed in once

	// What the day keeps of the person, under its lock.
	todo []act // soonest first
	busy time.Time
}

// day is the house at work.
type day struct {
	t      *testing.T
	seed   uint64
	hub    *frailHub
	clock  *handClock
	zone   *time.Location
	wards  []string // that take part
	ledger ledger

	paperless bool // nothing prints here

	mu      sync.Mutex
	changed *sync.Cond
	people  []*dayPerson
	byID    map[string]*dayPerson
	working int
	failed  bool
}

func newDay(t *testing.T, house dayHouse, wards ...string) *day {
	t.Helper()
	h, clock := newDayHouse(t, house)
	zone, err := time.LoadLocation(h.house.config().Hospital.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	d := &day{t: t, seed: uint64(house.Seed), hub: h, clock: clock, zone: zone, byID: map[string]*dayPerson{}, ledger: ledger{did: map[string]int{}}}
	d.changed = sync.NewCond(&d.mu)
	for _, w := range h.house.config().Wards {
		if w.Kind != config.WardService && (len(wards) == 0 || slices.Contains(wards, w.Code)) {
			d.wards = append(d.wards, w.Code)
		}
	}
	for _, p := range dayStaff(h.house.config().Wards) {
		w := &wire{}
		b := testkit.Browser(t, h.url)
		b.Over(w.transport())
		one := &dayPerson{d: d, id: p.ID, browser: b, wire: w}
		d.people, d.byID[p.ID] = append(d.people, one), one
	}
	t.Cleanup(func() {
		for _, p := range d.people {
			p.wire.hangUp()
		}
	})
	return d
}

// dice are those of one act: the same however the acts are mixed.
func (d *day) dice(parts ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, parts...)
	return rand.New(rand.NewPCG(d.seed, h.Sum64()))
}

// at is a time of the day, in hours and minutes after the midnight before it
// began.
func (d *day) at(hour, minute int) time.Time {
	y, m, n := d.hub.house.Start.In(d.zone).Date()
	return time.Date(y, m, n, hour, minute, 0, 0, d.zone)
}

// plan puts an act into somebody's day.
func (d *day) plan(id string, at time.Time, do func(context.Context, *dayPerson) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.byID[id]
	if p == nil {
		d.t.Errorf("nobody is called %s", id)
		return
	}
	a := act{at: at, do: func(ctx context.Context) error { return do(ctx, p) }}
	i, _ := slices.BinarySearchFunc(p.todo, a, func(x, y act) int {
		if c := x.at.Compare(y.at); c != 0 {
			return c
		}
		return -1 // what was planned first comes first
	})
	p.todo = slices.Insert(p.todo, i, a)
	d.changed.Broadcast()
}

// next takes what is due first from somebody who is free; false when nothing is
// left to do.
func (d *day) next() (*dayPerson, act, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		var free *dayPerson
		oldest := time.Time{}
		older := func(t time.Time) {
			if oldest.IsZero() || t.Before(oldest) {
				oldest = t
			}
		}
		for _, p := range d.people {
			switch {
			case !p.busy.IsZero():
				older(p.busy)
			case len(p.todo) > 0 && (free == nil || p.todo[0].at.Before(free.todo[0].at)):
				free = p
			}
		}
		if d.failed || free == nil && d.working == 0 {
			return nil, act{}, false
		}
		if free != nil && d.working < atOnce && (oldest.IsZero() || free.todo[0].at.Sub(oldest) < lag) {
			a := free.todo[0]
			free.todo = free.todo[1:]
			free.busy = a.at
			d.working++
			return free, a, true
		}
		d.changed.Wait()
	}
}

func (d *day) finished(p *dayPerson, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.busy = time.Time{}
	d.working--
	if err != nil && !errors.Is(err, errGivesUp) {
		d.t.Errorf("%s at %s: %v", p.id, d.clock.read().In(d.zone).Format("15:04"), err)
		d.failed = true
	}
	d.changed.Broadcast()
}

// live goes through the day until everybody has done everything. The clock
// shows when the newest act began.
func (d *day) live(ctx context.Context) {
	d.t.Helper()
	var all sync.WaitGroup
	for {
		p, a, more := d.next()
		if !more {
			break
		}
		if err := d.clock.set(a.at); err != nil {
			d.t.Fatal(err)
		}
		all.Go(func() {
			err := errors.New("broke off") // where the test itself ends it
			defer func() { d.finished(p, err) }()
			err = a.do(ctx)
		})
	}
	all.Wait()
}

// power is the person whose acts are what goes wrong with the machine.
const power = "krisenstab"

// planKills lets the power fail at times spread over the day. What the hub
// left is checked each time where asked.
func (d *day) planKills(n int, from, to time.Time, check bool) {
	dice := d.dice("kills")
	step := to.Sub(from) / time.Duration(n)
	for k := range n {
		at := from.Add(step*time.Duration(k) + time.Duration(dice.Int64N(int64(step))))
		ward := d.wards[k%len(d.wards)]
		d.plan(nurseID(ward, shiftAt(at.In(d.zone).Hour()), "1"), at.Add(-5*time.Minute), func(ctx context.Context, p *dayPerson) error {
			return p.keepsOverAKill(ctx, ward, d.dice("kept", k))
		})
		wait := time.Duration(dice.IntN(60)) * time.Millisecond
		d.plan(power, at, func(ctx context.Context, _ *dayPerson) error {
			select { // into the middle of what the others do
			case <-time.After(wait):
			case <-ctx.Done():
			}
			look := func() {}
			if check {
				look = d.hub.checkHouse
			}
			d.hub.kill(look)
			d.ledger.count("kills")
			if *wholeDay {
				d.t.Logf("%s: killed, %d signed so far", at.Format("15:04"), d.ledger.signed())
			}
			return nil
		})
	}
}

// planFullDisk lets the disk be full for some minutes of the day.
func (d *day) planFullDisk(at time.Time) {
	d.plan(power, at, func(ctx context.Context, _ *dayPerson) error {
		if why := d.hub.child.ask("full").Fail; why != "" {
			d.ledger.count("disk cannot be made full")
			return nil
		}
		before := d.ledger.of("not stored")
		for d.ledger.of("not stored") < before+3 { // until people have met it
			select {
			case <-d.ledger.waits():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if why := d.hub.child.ask("free").Fail; why != "" {
			return errors.New(why)
		}
		d.ledger.count("disk full")
		return nil
	})
}
