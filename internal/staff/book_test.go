package staff

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
	"notbetrieb/internal/seal"
)

// memory is a journal in memory.
type memory struct {
	mu    sync.Mutex
	recs  []journal.Record
	moved chan struct{}
	fail  error
}

func newMemory() *memory { return &memory{moved: make(chan struct{})} }

func (m *memory) Append(_ context.Context, r journal.Record) (journal.Seq, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return 0, m.fail
	}
	for _, o := range m.recs {
		if o.ID == r.ID {
			return o.Seq, nil
		}
	}
	r.Seq = journal.Seq(len(m.recs) + 1)
	m.recs = append(m.recs, r)
	close(m.moved)
	m.moved = make(chan struct{})
	return r.Seq, nil
}

func (m *memory) Read(_ context.Context, from journal.Seq, n int) ([]journal.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if int(from) > len(m.recs) {
		return nil, nil
	}
	rest := m.recs[max(from, 1)-1:]
	return append([]journal.Record(nil), rest[:min(n, len(rest))]...), nil
}

func (m *memory) Wait(ctx context.Context, after journal.Seq) error {
	for {
		m.mu.Lock()
		n, moved := len(m.recs), m.moved
		m.mu.Unlock()
		if journal.Seq(n) > after {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *memory) count(k journal.Kind) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.recs {
		if r.Kind == k {
			n++
		}
	}
	return n
}

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) step(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

// house is a book with its journal, clock and log.
type house struct {
	*Book
	t     *testing.T
	dir   string
	key   seal.Key
	j     Journal
	clock *clock
	log   *bytes.Buffer
	o     Options
}

const (
	weberPassword = "Regenschirm lila Kran"
	langePassword = "Tulpe-Anker-Fenster"
)

func newHouse(t *testing.T) *house {
	t.Helper()
	return houseOn(t, newMemory(), Options{})
}

func houseOn(t *testing.T, j Journal, o Options) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), key: seal.NewKey(), j: j, log: &bytes.Buffer{},
		clock: &clock{t: time.Date(2026, 11, 19, 2, 14, 0, 0, time.UTC)}}
	o.Hash = HashCost{Memory: 64, Time: 1, Threads: 1}
	o.Now = h.clock.now
	o.Log = slog.New(slog.NewTextHandler(h.log, nil))
	h.o = o
	h.start()
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func (h *house) start() {
	h.t.Helper()
	b, err := Open(h.t.Context(), h.dir, h.key, h.j, h.o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Book = b
}

func (h *house) restart() {
	h.t.Helper()
	if err := h.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.start()
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// staffed adds a nurse of 3A, a physician of the whole house and an IT person.
func (h *house) staffed() *house {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(h.Add(ctx, Console(), Person{ID: "s.weber", Name: "S. Weber", Roles: []Role{Nurse}, Wards: []string{"3A"}}))
	h.must(h.Add(ctx, Console(), Person{ID: "lange", Name: "Dr. M. Lange", Roles: []Role{Physician}}))
	h.must(h.Add(ctx, Console(), Person{ID: "krueger", Name: "T. Krüger", Roles: []Role{IT}}))
	h.must(h.SetPassword(ctx, Console(), "s.weber", weberPassword))
	h.must(h.SetPassword(ctx, Console(), "lange", langePassword))
	h.must(h.SetPassword(ctx, Console(), "krueger", langePassword))
	return h
}

func (h *house) signIn(id, password string) (string, Session) {
	h.t.Helper()
	token, s, err := h.SignIn(h.t.Context(), id, password, "10.3.1.7:51234")
	h.must(err)
	return token, s
}

// refused checks that err is of a kind.
func refused(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: got %v (kind %d), want kind %d", what, err, fault.KindOf(err), want)
	}
}

func TestRestartAndRebuildGiveTheSameBook(t *testing.T) {
	t.Parallel()
	h := houseOn(t, journaltest.Open(t, journal.Options{}), Options{}).staffed()
	token, s := h.signIn("s.weber", weberPassword)
	h.must(h.OpenGlass(t.Context(), s, Glass{Ward: "3B", Reason: "Reanimation, Hilfe auf 3B"}))
	for range 5 {
		_, _, _ = h.SignIn(t.Context(), "lange", "falsch", "10.3.1.9")
	}
	for i, ward := range []string{"3A", "3B", "3A"} {
		h.clock.step(10 * time.Minute)
		_, err := h.RecordRead(t.Context(), Read{Person: "s.weber", Name: "S. Weber", Session: s.ID, Ward: ward, Page: "ward",
			Patient: "", AsOf: uint64(i), Roles: []Role{Nurse}})
		h.must(err)
	}
	type picture struct {
		people  []Person
		reads   []Read
		session Session
		locks   int
	}
	look := func() picture {
		t.Helper()
		reads, err := h.Reads(t.Context(), ReadFilter{})
		h.must(err)
		s, err := h.Session(t.Context(), token)
		h.must(err)
		return picture{h.People(), reads, s, h.state.people["lange"].locks}
	}
	want := look()
	if len(want.people) != 3 || len(want.reads) != 3 || len(want.session.Glass) != 1 || want.locks != 1 {
		t.Fatalf("picture is %+v", want)
	}
	h.restart()
	if got := look(); !reflect.DeepEqual(got, want) {
		t.Errorf("after a restart\n%+v, want\n%+v", got, want)
	}
	for what, damage := range map[string]func(string) error{
		"deleted":   os.Remove,
		"cut":       func(p string) error { return os.Truncate(p, 5000) },
		"not ours":  func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("kein SQLite ", 1000)), 0o600) },
		"empty":     func(p string) error { return os.Truncate(p, 0) },
		"directory": func(string) error { h.key = seal.NewKey(); return nil },
	} {
		h.must(h.Close())
		_ = os.Remove(filepath.Join(h.dir, "staff.db-wal"))
		h.must(damage(filepath.Join(h.dir, "staff.db")))
		h.start()
		if got := look(); !reflect.DeepEqual(got, want) {
			t.Errorf("after staff.db was %s\n%+v, want\n%+v", what, got, want)
		}
	}
}

func TestBookAheadOfTheJournalIsFoldedAnew(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{}).staffed()
	h.must(h.Close())
	m.recs = m.recs[:2:2] // the journal was restored from a backup
	h.start()
	if n := len(h.People()); n != 2 {
		t.Errorf("%d people, want the 2 of the restored journal", n)
	}
	h.must(h.Close())
	other := newMemory()
	for range 2 {
		_, err := other.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.HL7})
		h.must(err)
	}
	h.j = other
	h.start()
	if n := len(h.People()); n != 0 {
		t.Errorf("%d people of another journal", n)
	}
}

func TestRunFollowsTheJournal(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{}).staffed()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	body, err := event{Type: personAdded, Person: &personFact{ID: "spaet", Name: "S. Pät", Roles: []Role{Nurse}}}.encode()
	h.must(err)
	seq, err := m.Append(ctx, journal.Record{ID: journal.NewID(), Kind: journal.Staff, Body: body})
	h.must(err)
	h.must(h.Wait(ctx, seq))
	if _, ok := h.Person("spaet"); !ok {
		t.Error("what another hub wrote is not seen")
	}
	stop()
	h.must(<-done)
}

func TestUnknownRecordsAreCountedAndLeftAlone(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{}).staffed()
	for _, body := range []string{`{"v":99,"t":"teleported"}`, `{"v":1,"t":"unheard"}`, `kaputt`, ``} {
		for _, k := range []journal.Kind{journal.Staff, journal.Read} {
			_, err := m.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: k, Body: []byte(body)})
			h.must(err)
		}
	}
	h.must(h.advance(t.Context(), 0))
	if h.Unreadable() != 8 {
		t.Errorf("%d unreadable, want 8", h.Unreadable())
	}
	h.signIn("s.weber", weberPassword)
	h.restart()
	if h.Unreadable() != 8 {
		t.Errorf("%d unreadable after a restart, want 8", h.Unreadable())
	}
}

func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{}).staffed()
	var errs []string
	token, s := h.signIn("s.weber", weberPassword)
	for _, p := range []string{"Geheim-Nummer-Eins", weberPassword + "x"} {
		_, _, err := h.SignIn(t.Context(), "s.weber", p, "10.3.1.7")
		errs = append(errs, err.Error(), fault.Say(err).DE, fault.Say(err).EN)
	}
	_, err := h.Session(t.Context(), token+"x")
	errs = append(errs, err.Error())
	for _, bad := range []string{"kurz", "Passwort2026!", "S.Weber1234"} {
		err := h.ChangeOwn(t.Context(), s, weberPassword, bad)
		errs = append(errs, err.Error(), fault.Say(err).DE)
	}
	m.fail = os.ErrPermission
	_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	errs = append(errs, err.Error())
	m.fail = nil
	h.must(h.Close())
	text := strings.Join(errs, "\n") + h.log.String()
	for _, r := range m.recs {
		text += string(r.Body)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	h.must(err)
	for _, secret := range []string{weberPassword, langePassword, token, base64.StdEncoding.EncodeToString(raw), "Geheim-Nummer", "Passwort2026"} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is in a log, an error or the journal")
		}
	}
	for _, line := range errs {
		if strings.Contains(line, "argon2id") {
			t.Errorf("a hash is in an error")
		}
	}
	for _, tail := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(h.dir, "staff.db"+tail))
		if err != nil && tail != "" {
			continue
		}
		h.must(err)
		for _, plain := range []string{"weber", "Weber", "SQLite", "argon2id"} {
			if bytes.Contains(b, []byte(plain)) {
				t.Errorf("%q stands readable in staff.db%s", plain, tail)
			}
		}
	}
}
