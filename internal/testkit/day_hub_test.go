package testkit_test

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

// dayEnv is what a hub of the demo hospital is told that runs in a process of
// its own, with a clock that the test turns.
const dayEnv = "NOTBETRIEB_TESTKIT_DAY"

// dayHouse is that hub. The ports are given once it has run for the first time:
// it comes back where it was.
type dayHouse struct {
	Dir   string
	Clock string // file of the clock
	Scans string // folder of the scanner
	Seed  int64
	Start time.Time
	Days  int  // of history
	Small bool // two wards
	Web   string
	Feeds map[string]string
	Backs []string // addresses of the KIS that everything is handed back to
}

func (h dayHouse) plan() demo.Plan {
	return demo.Plan{Seed: h.Seed, Start: h.Start, Days: h.Days, Small: h.Small, Feeds: h.Feeds}
}

func (h dayHouse) config() config.Config {
	given := map[string]bool{}
	web := cmp.Or(h.Web, lastingAddr(given))
	c := app.DemoConfig(demo.New(h.plan()), h.Dir, web)
	c.Scan.Folder = h.Scans
	for i := range c.Feeds {
		c.Feeds[i].Listen = cmp.Or(h.Feeds[c.Feeds[i].Name], lastingAddr(given))
	}
	for i, addr := range h.Backs {
		c.Targets = append(c.Targets, backTarget(i, addr))
	}
	return c
}

// lastingAddr is a free address whose port systems do not give to connections
// that go out: a hub that was killed finds it free again.
func lastingAddr(given map[string]bool) string {
	for {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(20_000+rand.IntN(12_000)))
		if given[addr] {
			continue
		}
		if l, err := net.Listen("tcp", addr); err == nil && l.Close() == nil {
			given[addr] = true
			return addr
		}
	}
}

func dayProcess(raw string) error {
	var h dayHouse
	if err := json.Unmarshal([]byte(raw), &h); err != nil {
		return err
	}
	now, err := readClock(h.Clock)
	if err != nil {
		return err
	}
	c := h.config()
	return hubProcess(childHouse{config: c, now: now, people: func(ctx context.Context, book *staff.Book) error {
		var errs []error
		for _, p := range dayStaff(c.Wards) {
			errs = append(errs, book.Add(ctx, staff.Console(), p), book.SetPassword(ctx, staff.Console(), p.ID, testkit.Password))
		}
		return errors.Join(errs...)
	}})
}

// dayStaff is who works in the house: two nurses a ward and shift, two
// physicians a ward, and those who work for all wards.
func dayStaff(wards []config.Ward) []staff.Person {
	var all []staff.Person
	add := func(id, name string, role staff.Role, wards ...string) {
		all = append(all, staff.Person{ID: id, Name: name, Roles: []staff.Role{role}, Wards: wards, Lang: lang.DE})
	}
	for _, w := range wards {
		if w.Kind == config.WardService {
			continue
		}
		for _, shift := range shifts {
			for _, n := range []string{"1", "2"} {
				add(nurseID(w.Code, shift.name, n), "P. "+w.Code+" "+shift.name+n, staff.Nurse, w.Code)
			}
		}
		for _, n := range []string{"1", "2"} {
			add(doctorID(w.Code, n), "Dr. "+w.Code+n, staff.Physician, w.Code)
		}
	}
	add("leitung", "Dr. H. Leitner", staff.Physician)
	add("krisenstab", "Dr. A. Stein", staff.Crisis)
	for _, n := range []string{"1", "2"} {
		add("aufnahme"+n, "A. Kurz"+n, staff.Admission)
		add("labor"+n, "T. Labor"+n, staff.Laboratory)
		add("radiologie"+n, "Dr. R. Lang"+n, staff.Radiology)
		add("apotheke"+n, "K. Sommer"+n, staff.Pharmacy)
	}
	return all
}

// shifts of nursing, with the hour each begins.
var shifts = []struct {
	name  string
	begin int
}{{"frueh", 6}, {"spaet", 14}, {"nacht", 22}}

func nurseID(ward, shift, n string) string { return lower("pflege-" + ward + "-" + shift + n) }
func doctorID(ward, n string) string       { return lower("arzt-" + ward + "-" + n) }

// handClock is a clock that only goes when it is moved. Another process reads
// it from a file: the same time twice, so that it is never read half written.
type handClock struct {
	f   *os.File
	now atomic.Int64
}

func newHandClock(path string, start time.Time) (*handClock, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	c := &handClock{f: f}
	return c, c.set(start)
}

func (c *handClock) read() time.Time { return time.Unix(0, c.now.Load()) }

// set moves the clock; it never goes back. One goroutine sets it.
func (c *handClock) set(t time.Time) error {
	if n := t.UnixNano(); n > c.now.Load() {
		c.now.Store(n)
		b := binary.BigEndian.AppendUint64(nil, uint64(n))
		_, err := c.f.WriteAt(append(b, b...), 0)
		return err
	}
	return nil
}

func readClock(path string) (func() time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	var last atomic.Int64
	read := func() bool {
		var b [16]byte
		if _, err := f.ReadAt(b[:], 0); err != nil || string(b[:8]) != string(b[8:]) {
			return false
		}
		last.Store(int64(binary.BigEndian.Uint64(b[:8])))
		return true
	}
	if !read() {
		return nil, fmt.Errorf("clock: %s cannot be read", path)
	}
	return func() time.Time {
		read()
		return time.Unix(0, last.Load())
	}, nil
}

// frailHub is a hub in a process of its own that is killed now and then and
// comes back on the same folder and the same ports.
type frailHub struct {
	t     *testing.T
	house dayHouse
	kills int

	mu    sync.Mutex
	child *child
	open  chan struct{} // closed while the hub answers
}

func newFrailHub(t *testing.T, house dayHouse) *frailHub {
	t.Helper()
	h := &frailHub{t: t, house: house, open: make(chan struct{})}
	h.start()
	return h
}

func (h *frailHub) start() {
	h.t.Helper()
	raw, err := json.Marshal(h.house)
	if err != nil {
		h.t.Fatal(err)
	}
	c := startHub(h.t, dayEnv+"="+string(raw))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.child = c
	h.house.Web, h.house.Feeds = c.web[len("http://"):], c.feeds
	close(h.open)
}

// kill ends the process at once, looks at what it left, and starts it again.
func (h *frailHub) kill(look func()) {
	h.t.Helper()
	h.mu.Lock()
	h.open = make(chan struct{})
	c := h.child
	h.mu.Unlock()
	c.kill()
	h.kills++
	look()
	h.start()
}

// url is the address of the pages.
func (h *frailHub) url() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return "http://" + h.house.Web
}

// back waits until the hub answers again; false if the test ends before.
func (h *frailHub) back(ctx context.Context) bool {
	h.mu.Lock()
	open := h.open
	h.mu.Unlock()
	select {
	case <-open:
		return true
	case <-ctx.Done():
		return false
	}
}

// checkHouse fails the test for each damage of the stopped hub's folder.
func (h *frailHub) checkHouse() {
	h.t.Helper()
	c := h.house.config()
	keys, err := app.OpenKeys(c.Keys.File, "")
	if err != nil {
		h.t.Fatal(err)
	}
	checkData(h.t, c, keys)
}

// newDayHouse fills the hub of a new house over MLLP.
func newDayHouse(t *testing.T, house dayHouse) (*frailHub, *handClock) {
	t.Helper()
	dir := t.TempDir()
	house.Dir, house.Clock, house.Scans = filepath.Join(dir, "data"), filepath.Join(dir, "clock"), filepath.Join(dir, "scanner")
	if err := os.Mkdir(house.Scans, 0o700); err != nil {
		t.Fatal(err)
	}
	clock, err := newHandClock(house.Clock, house.Start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = clock.f.Close() })
	h := newFrailHub(t, house)
	if err := demo.New(h.house.plan()).Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"people", "settled"} {
		if why := h.child.ask(word).Fail; why != "" {
			t.Fatal(why)
		}
	}
	return h, clock
}
