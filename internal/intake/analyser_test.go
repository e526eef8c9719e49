package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/journal"
)

// haematology is a blood count whose patient must reach no log.
func haematology(specimen int) []byte {
	return []byte(strings.Join([]string{
		fmt.Sprintf(`H|\^&|%d||XN-1000^00-21^11034^^^^AB123456||||||||E1394-97|20261121083000`, specimen),
		`P|1|||7654321|Geheimrat^Wilhelmine||19510403|F`,
		fmt.Sprintf(`O|1||^^%18d^B|^^^^WBC\^^^^HGB\^^^^PLT|||||||N||||||||||||||F`, specimen),
		`R|1|^^^^WBC^1|7.86|10*3/uL||N||F||||20261121082900`,
		`R|2|^^^^HGB^1|8.1|g/dL||L||F||||20261121082900`,
		`R|3|^^^^PLT^1|----|10*3/uL||A||F||||20261121082900`,
		`L|1|N`, ""}, "\r"))
}

func bench(t testing.TB, j *memory, change func(*Feed)) *hub {
	t.Helper()
	return listenAs(t, NewAnalyserListener, j, change)
}

// analyser connects as an analyser does.
func (h *hub) analyser(t testing.TB) *astm.Conn {
	t.Helper()
	c := astm.NewConn(h.line(t), astm.Limits{Instrument: true, Reply: 20 * time.Second})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// line is a connection whose bytes the test says itself.
func (h *hub) line(t testing.TB) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", h.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	return nc
}

// say sends bytes and fails unless the answer is want.
func say(t testing.TB, nc net.Conn, want byte, sent ...byte) {
	t.Helper()
	if _, err := nc.Write(sent); err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	_ = nc.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadFull(nc, b[:]); err != nil || b[0] != want {
		t.Fatalf("answer %#x (%v), want %#x", b[0], err, want)
	}
}

// The bytes of LIS1-A as an analyser says them.
const (
	sENQ, sACK, sNAK, sEOT = 0x05, 0x06, 0x15, 0x04
)

// onWire is a whole message in one frame.
func onWire(n byte, text []byte) []byte {
	body := append([]byte{'0' + n}, text...)
	body = append(body, 0x03)
	sum := byte(0)
	for _, c := range body {
		sum += c
	}
	return append(append([]byte{0x02}, body...), fmt.Sprintf("%02X\r\n", sum)...)
}

func TestAnAnalysersMessageIsStoredAsItCameAndThenAcknowledged(t *testing.T) {
	t.Parallel()
	j := &memory{gate: make(chan struct{}), entered: make(chan struct{}, 1)}
	h := bench(t, j, func(f *Feed) { f.Name = "xn1000" })
	sent := make(chan error, 1)
	c := h.analyser(t)
	go func() { sent <- c.Send(t.Context(), haematology(4711001)) }()
	<-j.entered
	select {
	case err := <-sent:
		t.Fatalf("acknowledged (%v) before it was stored", err)
	default:
	}
	close(j.gate)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	all := j.all()
	if len(all) != 1 {
		t.Fatalf("%d records", len(all))
	}
	r := all[0]
	if !bytes.Equal(r.Body, haematology(4711001)) || r.Source != "xn1000" || r.Site != "haus-1" || r.Kind != journal.ASTM {
		t.Errorf("got %+v", r)
	}
	if r.ID != journal.KeyOf("xn1000", "4711001", r.Body) || !r.Time.Equal(time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)) {
		t.Errorf("got ID %x, time %s", r.ID, r.Time)
	}
	if h.metric(t, "last_message_timestamp_seconds") == 0 || h.metric(t, "messages_total") != 1 {
		t.Error("not counted")
	}
}

func TestWhatCannotBeStoredIsRefusedAndTakenLater(t *testing.T) {
	t.Parallel()
	j := &memory{fail: errors.New("disk full")}
	h := bench(t, j, nil)
	c := h.analyser(t)
	if err := c.Send(t.Context(), haematology(1)); !errors.Is(err, astm.ErrRefused) {
		t.Fatalf("got %v", err)
	}
	if h.alarms.count(ErrStore) != 7 || h.metric(t, "store_failures_total") != 7 {
		t.Errorf("%d alarms", h.alarms.count(ErrStore))
	}
	j.setFail(nil)
	if err := c.Send(t.Context(), haematology(1)); err != nil { // the same connection serves on
		t.Fatal(err)
	}
	if n := len(j.all()); n != 1 {
		t.Errorf("%d records", n)
	}
	if strings.Contains(h.log.String(), "Geheimrat") || strings.Contains(h.log.String(), "7654321") {
		t.Error("a patient in the log")
	}
}

func TestALostAcknowledgementStoresOnce(t *testing.T) {
	t.Parallel()
	h := bench(t, &memory{}, nil)
	nc := h.line(t)
	say(t, nc, sACK, sENQ)
	for range 3 { // the analyser did not hear it
		say(t, nc, sACK, onWire(1, haematology(1))...)
	}
	_ = nc.Close()
	if err := h.analyser(t).Send(t.Context(), haematology(1)); err != nil { // and after its restart, in many frames
		t.Fatal(err)
	}
	if n := len(h.journal.all()); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

func TestAWrongChecksumStoresNothing(t *testing.T) {
	t.Parallel()
	h := bench(t, &memory{}, nil)
	nc := h.line(t)
	say(t, nc, sACK, sENQ)
	bad := bytes.Replace(onWire(1, haematology(1)), []byte("8.1|g/dL"), []byte("9.1|g/dL"), 1)
	say(t, nc, sNAK, bad...)
	if n := len(h.journal.all()); n != 0 {
		t.Fatalf("%d records", n)
	}
	say(t, nc, sACK, onWire(1, haematology(1))...)
	if all := h.journal.all(); len(all) != 1 || !bytes.Equal(all[0].Body, haematology(1)) {
		t.Errorf("got %d records", len(all))
	}
	say(t, nc, sACK, sEOT, sENQ) // counted by then
	_ = nc.Close()
}

func TestAnAnalyserCutOffInAMessageSendsItAgain(t *testing.T) {
	t.Parallel()
	h := bench(t, &memory{}, nil)
	half := haematology(1)[:120]
	nc := h.line(t)
	say(t, nc, sACK, sENQ)
	say(t, nc, sACK, onWire(1, half)...)
	_ = nc.Close()
	if err := h.analyser(t).Send(t.Context(), haematology(1)); err != nil {
		t.Fatal(err)
	}
	if all := h.journal.all(); len(all) != 1 || !bytes.Equal(all[0].Body, haematology(1)) {
		t.Errorf("got %d records", len(all))
	}
}

func TestAMessageThatItsSenderDidNotFinishIsKept(t *testing.T) {
	t.Parallel()
	h := bench(t, &memory{}, nil)
	half := haematology(1)[:120]
	nc := h.line(t)
	say(t, nc, sACK, sENQ)
	say(t, nc, sACK, onWire(1, half)...)
	say(t, nc, sACK, sEOT, sENQ)
	if all := h.journal.all(); len(all) != 1 || !bytes.Equal(all[0].Body, half) {
		t.Errorf("got %d records", len(all))
	}
	two := append(haematology(2), haematology(3)...)
	say(t, nc, sACK, onWire(1, two)...)
	say(t, nc, sACK, onWire(2, []byte("kein Kopf\rL|1|N\r"))...)
	if all := h.journal.all(); len(all) != 4 || h.metric(t, "unreadable_total") != 1 {
		t.Errorf("got %d records, %v unreadable", len(all), h.metric(t, "unreadable_total"))
	}
}

func TestTwoAnalysersDoNotMixTheirMessages(t *testing.T) {
	t.Parallel()
	h := bench(t, &memory{}, nil)
	const each = 40
	var wg sync.WaitGroup
	for a := range 2 {
		c := h.analyser(t)
		wg.Go(func() {
			for i := range each {
				if err := c.Send(t.Context(), haematology(1000*a+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	all := h.journal.all()
	seen := map[string]bool{}
	for _, r := range all {
		seen[string(r.Body)] = true
	}
	for a := range 2 {
		for i := range each {
			if !seen[string(haematology(1000*a+i))] {
				t.Errorf("message %d of analyser %d is missing", i, a)
			}
		}
	}
	if len(all) != 2*each {
		t.Errorf("%d records", len(all))
	}
}

func TestATooLargeTransmissionIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	h := bench(t, &memory{}, func(f *Feed) { f.MaxMessage = 1000 })
	err := h.analyser(t).Send(t.Context(), []byte("H|\\^&\rC|1|I|"+strings.Repeat("x", 2000)+"\rL|1|N\r"))
	if err == nil {
		t.Error("acknowledged")
	}
	h.stop()
	if err := <-h.done; err != nil {
		t.Error(err)
	}
	h.done <- nil
	if h.alarms.count(ErrOversized) != 1 || len(h.journal.all()) > 0 {
		t.Errorf("%d alarms, %d records", h.alarms.count(ErrOversized), len(h.journal.all()))
	}
}
