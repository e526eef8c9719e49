package handback_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// kis is a receiving system that keeps what it accepted.
type kis struct {
	l    net.Listener
	mu   sync.Mutex
	got  map[string]int // by MSH-10
	list []string
	code hl7.AckCode
}

func newKIS(t *testing.T) *kis {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := &kis{l: l, got: map[string]int{}, code: hl7.AA}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go k.serve(nc)
		}
	}()
	return k
}

func (k *kis) serve(nc net.Conn) {
	c := hl7.NewConn(nc, hl7.Limits{})
	defer c.Close() //nolint:errcheck // a test's connection
	for {
		raw, err := c.ReadFrame(context.Background())
		if err != nil {
			return
		}
		h, err := hl7.ReadHeader(raw)
		if err != nil {
			return
		}
		k.mu.Lock()
		k.got[h.ControlID]++
		k.list = append(k.list, string(raw))
		code := k.code
		k.mu.Unlock()
		if err := c.WriteFrame(hl7.Answer(h, code, "Patient gesperrt", time.Now(), "A1")); err != nil {
			return
		}
	}
}

// house is a hub's journal and charts with one patient, and a queue to a KIS.
type house struct {
	*handback.Book
	t        *testing.T
	j        *journal.Journal
	charts   *chart.Chart
	verifier note.Verifier
	kis      *kis
	n        int
}

func newHouse(t *testing.T, change ...func(*handback.Target)) *house {
	t.Helper()
	dir := t.TempDir()
	secret, public, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	key := seal.NewKey()
	j, err := journal.Open(t.Context(), filepath.Join(dir, "journal"), key, signer, journal.Options{MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	site, err := interpret.Compile(interpret.Tables{Identity: interpret.IdentityTable{Authority: "HAUS", Here: "NOTBETRIEB"}}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chart.Open(t.Context(), chart.Config{Dir: filepath.Join(dir, "chart"), Key: key.Derive("chart"), Zone: time.UTC}, j, site)
	if err != nil {
		t.Fatal(err)
	}
	k := newKIS(t)
	target := handback.Target{
		Target: message.Target{Name: "kis", Version: "2.5", Charset: "UNICODE UTF-8", SendingApp: "NOTBETRIEB", ReceivingApp: "KIS", Authority: "HAUS", Zone: time.UTC, Takes: message.DefaultTakes()},
		System: "kis", Address: k.l.Addr().String(), Dial: hl7.ClientOptions{Answer: 5 * time.Second}, Repeats: true, Feeds: []string{"kis"},
	}
	for _, f := range change {
		f(&target)
	}
	b, err := handback.Open(t.Context(), dir, key, j, c, []handback.Target{target}, handback.Options{Retry: 5 * time.Millisecond, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{c.Run, b.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		wg.Wait()
		if err := errors.Join(b.Close(), c.Close(), j.Close()); err != nil {
			t.Error(err)
		}
	})
	return &house{Book: b, t: t, j: j, charts: c, verifier: verifier, kis: k}
}

// records signs an entry about a patient and returns it.
func (h *house) records(patient string, temp float64) entry.Entry {
	h.t.Helper()
	h.n++
	at := time.Date(2026, 11, 21, 8, h.n%60, 0, 0, time.UTC)
	key := journal.NewID().String()
	id := clinical.Identifier{Value: patient, Authority: "HAUS", Type: "PI"}
	e := entry.Entry{
		Key: key, Root: key, Form: "vitals", State: entry.Signed, Patient: id.Key(), IDs: []clinical.Identifier{id}, Case: clinical.CaseNo("F" + patient),
		Ward: "3A", At: at, Written: at, By: clinical.Staff{ID: "pflege", Name: "S. Weber"},
		Facts: entry.Facts{clinical.Result{Filler: entry.Number(key), SubID: "temp", Code: clinical.Coded{Code: "8310-5", System: "LN"}, Section: clinical.Vitals, Value: fmt.Sprint(temp), Number: &temp, Unit: "°C", Status: clinical.Final, At: at}},
	}
	body, err := e.Encode()
	if err != nil {
		h.t.Fatal(err)
	}
	rid, err := journal.ParseID(key)
	if err != nil {
		h.t.Fatal(err)
	}
	seq, err := h.j.Append(h.t.Context(), journal.Record{ID: rid, Kind: journal.Entry, Source: entry.Feed, Time: at, Body: body})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.Wait(h.t.Context(), seq); err != nil {
		h.t.Fatal(err)
	}
	return e
}

func (h *house) act(who string) handback.Act {
	return handback.Act{By: clinical.Staff{ID: who, Name: who}, At: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
}

// until waits until every item of the queue fits.
func (h *house) until(fits func([]handback.Item) bool) []handback.Item {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	for {
		before := h.Seq()
		items, err := h.Items(ctx, "kis", handback.Filter{})
		if err != nil {
			h.t.Fatal(err)
		}
		if fits(items) {
			return items
		}
		if err := h.Wait(ctx, before+1); err != nil {
			h.t.Fatalf("the queue stands still: %+v", items)
		}
	}
}

func all(s handback.State) func([]handback.Item) bool {
	return func(items []handback.Item) bool {
		for _, it := range items {
			if it.State != s {
				return false
			}
		}
		return true
	}
}

func TestAReleasedEntryReachesTheKISOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 5 {
		h.records(fmt.Sprint(100+i%2), 36.5+float64(i)/10)
	}
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Flowing, h.act("it")); err != nil {
		t.Fatal(err)
	}
	items, err := h.Items(t.Context(), "kis", handback.Filter{})
	if err != nil || len(items) != 5 || items[0].State != handback.Waiting {
		t.Fatalf("%+v %v", items, err)
	}
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items, h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	h.until(all(handback.Accepted))
	h.kis.mu.Lock()
	defer h.kis.mu.Unlock()
	if len(h.kis.got) != 5 || len(h.kis.list) != 5 {
		t.Errorf("%d messages, %d different", len(h.kis.list), len(h.kis.got))
	}
}

func TestARefusedEntryIsWithAPersonInTheTargetsWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.records("100", 36.5)
	h.kis.mu.Lock()
	h.kis.code = hl7.AE
	h.kis.mu.Unlock()
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Flowing, h.act("it")); err != nil {
		t.Fatal(err)
	}
	items, _ := h.Items(t.Context(), "kis", handback.Filter{})
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items, h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	items = h.until(all(handback.Refused))
	if items[0].Answer != "Patient gesperrt" || !items[0].State.WithPerson() {
		t.Errorf("%+v", items[0])
	}
	h.kis.mu.Lock()
	h.kis.code = hl7.AA
	h.kis.mu.Unlock()
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Resend, items, h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	h.until(all(handback.Accepted))
}

func TestNothingLeavesWhileTheSystemIsTested(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.records("100", 36.5)
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Testing, h.act("it")); err != nil {
		t.Fatal(err)
	}
	items, _ := h.Items(t.Context(), "kis", handback.Filter{})
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items, h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	h.until(all(handback.Released))
	h.records("101", 37) // something moves, and still nothing is sent
	h.kis.mu.Lock()
	defer h.kis.mu.Unlock()
	if len(h.kis.list) != 0 {
		t.Errorf("%d messages left", len(h.kis.list))
	}
}

func TestWhatNoMessageSaysIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.records("100", 36.5)
	warned := e
	warned.Key = journal.NewID().String()
	warned.Root = warned.Key
	warned.Facts = append(entry.Facts{}, e.Facts...)
	warned.Facts = append(warned.Facts, clinical.Alert{Kind: clinical.Cave, What: clinical.Coded{Text: "Sturzgefahr"}, Action: clinical.Insert})
	body, err := warned.Encode()
	if err != nil {
		t.Fatal(err)
	}
	id, err := journal.ParseID(warned.Key)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := h.j.Append(t.Context(), journal.Record{ID: id, Kind: journal.Entry, Source: entry.Feed, Time: e.At, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Wait(t.Context(), seq); err != nil {
		t.Fatal(err)
	}
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Flowing, h.act("it")); err != nil {
		t.Fatal(err)
	}
	items, _ := h.Items(t.Context(), "kis", handback.Filter{})
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items, h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	items = h.until(func(items []handback.Item) bool {
		return len(items) == 2 && items[0].State == handback.Accepted && items[1].State == handback.Rest
	})
	if items[1].Answer == "" {
		t.Error("nobody says what is left")
	}
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Closed, h.act("it")); err == nil {
		t.Error("closed with an entry that is not accounted for")
	}
	done := h.act("arzt")
	done.Why = "im KIS eingetragen"
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.TypedIn, items[1:], done); err != nil {
		t.Fatal(err)
	}
	h.until(func(items []handback.Item) bool { return items[1].State == handback.Hand })
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Closed, h.act("it")); err != nil {
		t.Error(err)
	}
}
