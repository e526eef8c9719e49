package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

func TestAMessageIsStoredAsItCameAndThenAnswered(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	raw := admission(4711)
	answer, err := h.dial(t).Send(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if a := ackOf(t, answer); a.Code != hl7.AA || a.ControlID != "4711" {
		t.Errorf("got %+v", a)
	}
	all := h.journal.all()
	if len(all) != 1 {
		t.Fatalf("%d records", len(all))
	}
	r := all[0]
	if !bytes.Equal(r.Body, raw) || r.Source != "kis-adt" || r.Site != "haus-1" || r.Kind != journal.HL7 || r.Patient != "" || r.Ward != "" {
		t.Errorf("got %+v", r)
	}
	if r.ID != journal.KeyOf("kis-adt", "4711", raw) || !r.Time.Equal(time.Date(2026, 11, 21, 12, 4, 5, 0, time.UTC)) || !r.Received.IsZero() {
		t.Errorf("got ID %x, time %s", r.ID, r.Time)
	}
	if h.metric(t, "last_message_timestamp_seconds") == 0 || h.metric(t, "messages_total") != 1 || h.metric(t, "bytes_total") != float64(len(raw)) {
		t.Errorf("messages %v", h.metric(t, "messages_total"))
	}
}

func TestTheSameMessageAgainIsAnsweredAgainAndStoredOnce(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	for range 2 {
		c := h.dial(t) // as after a lost connection
		if a := ackOf(t, send(t, c, admission(1))); a.Code != hl7.AA || a.ControlID != "1" {
			t.Errorf("got %+v", a)
		}
	}
	other := bytes.Replace(admission(1), []byte("A01"), []byte("A08"), 1)
	if a := ackOf(t, send(t, h.dial(t), other)); a.Code != hl7.AA {
		t.Errorf("got %+v", a)
	}
	if n := len(h.journal.all()); n != 2 {
		t.Errorf("%d records, want 2: the same number with another body is another message", n)
	}
}

func send(t testing.TB, c *hl7.Client, raw []byte) []byte {
	t.Helper()
	answer, err := c.Send(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestAnyLineEndMarkAndCharsetIsTaken(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	base := string(admission(5))
	wide := []byte("\xFF\xFE")
	for _, c := range []byte(base) {
		wide = append(wide, c, 0)
	}
	for name, raw := range map[string]string{
		"CR": base, "LF": strings.ReplaceAll(base, "\r", "\n"), "CRLF": strings.ReplaceAll(base, "\r", "\r\n"),
		"BOM": "\xEF\xBB\xBF" + base, "Latin": strings.Replace(base, "Wilhelmine", "J\xF6rg", 1), "UTF-16": string(wide),
		"lines before":   "Guten Tag\r\n" + base,
		"odd delimiters": strings.NewReplacer("|", "$", "^", "%").Replace(base),
	} {
		if a := ackOf(t, send(t, h.dial(t), []byte(raw))); a.Code != hl7.AA || a.ControlID != "5" {
			t.Errorf("%s: got %+v", name, a)
		}
		all := h.journal.all()
		if last := all[len(all)-1]; string(last.Body) != raw {
			t.Errorf("%s: bytes changed", name)
		}
	}
}

func TestEnhancedModeIsAnsweredByTheBook(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	tests := []struct {
		name, accept, app string
		want              []hl7.AckCode
	}{
		{"original", "", "", []hl7.AckCode{hl7.AA}},
		{"accept only", "AL", "", []hl7.AckCode{hl7.CA}},
		{"accept, no application", "AL", "NE", []hl7.AckCode{hl7.CA}},
		{"both", "AL", "AL", []hl7.AckCode{hl7.CA, hl7.AA}},
		{"application only", "NE", "AL", []hl7.AckCode{hl7.AA}},
		{"on success", "SU", "SU", []hl7.AckCode{hl7.CA, hl7.AA}},
		{"only errors", "ER", "ER", nil},
		{"never", "NE", "NE", nil},
	}
	nc, conn := rawDial(t, h)
	defer nc.Close()
	for i, tt := range tests {
		raw := strings.Replace(string(admission(i)), "|P|2.5\r", "|P|2.5|||"+tt.accept+"|"+tt.app+"\r", 1)
		if err := conn.WriteFrame([]byte(raw)); err != nil {
			t.Fatal(err)
		}
		// The answer to the next message proves that nothing more came.
		if err := conn.WriteFrame(admission(100 + i)); err != nil {
			t.Fatal(err)
		}
		var got []hl7.AckCode
		for {
			answer, err := conn.ReadFrame(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			a := ackOf(t, answer)
			if a.ControlID == strconv.Itoa(100+i) {
				break
			}
			got = append(got, a.Code)
			if a.ControlID != strconv.Itoa(i) {
				t.Errorf("%s: answer to %s", tt.name, a.ControlID)
			}
		}
		if len(got) != len(tt.want) || len(got) > 0 && (got[0] != tt.want[0] || got[len(got)-1] != tt.want[len(got)-1]) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func rawDial(t testing.TB, h *hub) (net.Conn, *hl7.Conn) {
	t.Helper()
	nc, err := net.Dial("tcp", h.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	return nc, hl7.NewConn(nc, hl7.Limits{Idle: 20 * time.Second, Read: 20 * time.Second})
}

func TestFramesMayBeSplitAndJoinedWithNoiseBetween(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	nc, conn := rawDial(t, h)
	stream := []byte("\r\n")
	for i := range 20 {
		stream = append(append(append(stream, 0x0B), admission(i)...), 0x1C, 0x0D)
		if i%3 == 0 {
			stream = append(stream, "Rauschen"...)
		}
	}
	go func() {
		for n := 1; len(stream) > 0; n = n*3%701 + 1 {
			n = min(n, len(stream))
			_, _ = nc.Write(stream[:n])
			stream = stream[n:]
		}
	}()
	for i := range 20 {
		answer, err := conn.ReadFrame(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a := ackOf(t, answer); a.ControlID != strconv.Itoa(i) || a.Code != hl7.AA {
			t.Fatalf("answer %d: got %+v", i, a)
		}
	}
	for i, r := range h.journal.all() {
		if !bytes.Equal(r.Body, admission(i)) {
			t.Errorf("record %d is not message %d", i+1, i)
		}
	}
}

func TestWhatHasNoHeaderIsKeptAndDoesNotBlockItsSender(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	_, conn := rawDial(t, h)
	for _, raw := range []string{"Guten Tag", "PID|1||7\r", "MSHallo"} {
		if err := conn.WriteFrame([]byte(raw)); err != nil {
			t.Fatal(err)
		}
		answer, err := conn.ReadFrame(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a := ackOf(t, answer); a.Code != hl7.AA || a.ControlID != "" {
			t.Errorf("got %+v", a)
		}
	}
	if all := h.journal.all(); len(all) != 3 || string(all[0].Body) != "Guten Tag" || h.metric(t, "unreadable_total") != 3 {
		t.Errorf("%d records", len(all))
	}
}

func TestEmptyFramesAndAcknowledgementsAreNotAnswered(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	_, conn := rawDial(t, h)
	head, _ := hl7.ReadHeader(admission(1))
	for _, raw := range [][]byte{nil, []byte("\r"), hl7.Answer(head, hl7.AA, "", time.Now(), "9"), admission(2)} {
		if err := conn.WriteFrame(raw); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := conn.ReadFrame(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a := ackOf(t, answer); a.ControlID != "2" || len(h.journal.all()) != 1 || h.metric(t, "acknowledgements_total") != 1 {
		t.Errorf("got %+v, %d records", a, len(h.journal.all()))
	}
}

func TestABatchInOneFrameIsStoredMessageByMessage(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	_, conn := rawDial(t, h)
	batch := "BHS|^~\\&|KIS\r" + string(admission(1)) + string(admission(2)) + "BTS|3\r"
	if err := conn.WriteFrame([]byte(batch)); err != nil {
		t.Fatal(err)
	}
	answer, err := conn.ReadFrame(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	parts, info, err := hl7.SplitBatch(answer)
	if err != nil || len(parts) != 2 || info.Batches != 1 || len(info.Problems) > 0 {
		t.Fatalf("answer %q: %+v %v", answer, info, err)
	}
	if ackOf(t, parts[0]).ControlID != "1" || ackOf(t, parts[1]).ControlID != "2" {
		t.Errorf("answer %q", answer)
	}
	if h.alarms.count(ErrBatch) != 1 {
		t.Error("no alarm about the missing third message")
	}
	if err := conn.WriteFrame(append(admission(3), admission(4)...)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3", "4"} {
		answer, err := conn.ReadFrame(t.Context())
		if err != nil || ackOf(t, answer).ControlID != want {
			t.Errorf("got %q, %v", answer, err)
		}
	}
	for i, r := range h.journal.all() {
		if !bytes.Equal(r.Body, admission(i+1)) {
			t.Errorf("record %d: %q", i+1, r.Body)
		}
	}
}

func TestWhatCannotBeStoredIsNotAnswered(t *testing.T) {
	t.Parallel()
	j := &memory{fail: errors.New("disk full")}
	h := listen(t, j, nil)
	_, conn := rawDial(t, h)
	if err := conn.WriteFrame(admission(1)); err != nil {
		t.Fatal(err)
	}
	if answer, err := conn.ReadFrame(t.Context()); err == nil || errors.Is(err, hl7.ErrIdle) {
		t.Errorf("got answer %q, %v; want a closed connection", answer, err)
	}
	if h.alarms.count(ErrStore) != 1 || h.metric(t, "store_failures_total") != 1 || h.metric(t, "last_message_timestamp_seconds") != 0 {
		t.Error("no alarm")
	}
	j.setFail(nil)
	if a := ackOf(t, send(t, h.dial(t), admission(1))); a.Code != hl7.AA {
		t.Errorf("sent again: %+v", a)
	}
}

func TestAnOversizedMessageIsNotAnswered(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, func(f *Feed) { f.MaxMessage = 10_000 })
	_, conn := rawDial(t, h)
	big := append(admission(1), bytes.Repeat([]byte("NTE|1||x\r"), 2000)...)
	_ = conn.WriteFrame(big)
	if answer, err := conn.ReadFrame(t.Context()); err == nil || errors.Is(err, hl7.ErrIdle) {
		t.Errorf("got answer %q, %v; want a closed connection", answer, err)
	}
	wait(t, "the alarm", func() bool { return h.alarms.count(ErrOversized) == 1 && h.metric(t, "oversized_total") == 1 })
	if len(h.journal.all()) != 0 {
		t.Error("something was stored")
	}
}

// wait polls for what another goroutine does.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestOnlyAllowedSendersMayConnect(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, func(f *Feed) { f.Allow = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	_, conn := rawDial(t, h)
	_ = conn.WriteFrame(admission(1))
	if _, err := conn.ReadFrame(t.Context()); err == nil {
		t.Error("answered a sender that is not allowed")
	}
	if h.metric(t, "refused_connections_total") != 1 || len(h.journal.all()) != 0 {
		t.Error("not refused")
	}
	h = listen(t, &memory{}, func(f *Feed) { f.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	send(t, h.dial(t), admission(1))
}

func TestTooManyConnectionsAreRefused(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, func(f *Feed) { f.MaxConns = 2 })
	a, b := h.dial(t), h.dial(t)
	send(t, a, admission(1))
	send(t, b, admission(2))
	_, conn := rawDial(t, h)
	if _, err := conn.ReadFrame(t.Context()); err == nil || errors.Is(err, hl7.ErrIdle) {
		t.Errorf("third connection: %v", err)
	}
	_ = a.Close()
	wait(t, "a free place", func() bool { return h.metric(t, "connections") == 1 })
	send(t, h.dial(t), admission(3))
}

func TestASenderThatNeverClosesDoesNotShutItselfOut(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, func(f *Feed) { f.MaxConns = 3 })
	h.mu.Lock()
	h.feed.Spare = time.Nanosecond
	h.mu.Unlock()
	first := h.dial(t)
	for i := range 20 {
		c := first
		if i > 0 {
			c = h.dial(t)
		}
		send(t, c, admission(i))
	}
	h.mu.Lock()
	places := len(h.conns)
	h.mu.Unlock()
	if places > 3 || h.metric(t, "evicted_connections_total") < 17 || len(h.journal.all()) != 20 {
		t.Errorf("%d places taken, %d records", places, len(h.journal.all()))
	}
	// One that was closed to make room counts until its goroutine has ended.
	wait(t, "three connections", func() bool { return h.metric(t, "connections") <= 3 })
	if _, err := first.Receive(t.Context()); err == nil || errors.Is(err, hl7.ErrIdle) {
		t.Errorf("the oldest connection: %v", err)
	}
}

func TestSilentAndSlowSendersAreDisconnected(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, func(f *Feed) { f.Idle, f.FrameTime = 50*time.Millisecond, 50*time.Millisecond })
	_, silent := rawDial(t, h)
	if _, err := silent.ReadFrame(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("silent: %v", err)
	}
	nc, slow := rawDial(t, h)
	go func() {
		_, err := nc.Write([]byte{0x0B})
		for err == nil {
			_, err = nc.Write([]byte("M"))
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if _, err := slow.ReadFrame(t.Context()); err == nil || errors.Is(err, hl7.ErrIdle) {
		t.Errorf("slow: %v", err)
	}
	wait(t, "the end of both", func() bool { return h.metric(t, "connections") == 0 })
	if len(h.journal.all()) != 0 {
		t.Error("half a frame was stored")
	}
}

func TestSixtyFourConnectionsAtOnceLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	var wg sync.WaitGroup
	for conn := range 64 {
		wg.Go(func() {
			c, err := hl7.Dial(context.Background(), h.Addr().String(), hl7.ClientOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for i := range 20 {
				answer, err := c.Send(context.Background(), admission(conn*1000+i))
				if err != nil {
					t.Error(err)
					return
				}
				if a, err := hl7.ParseAck(answer); err != nil || a.Code != hl7.AA {
					t.Errorf("got %+v, %v", a, err)
				}
			}
		})
	}
	wg.Wait()
	last := make(map[string]int)
	for _, r := range h.journal.all() {
		head, err := hl7.ReadHeader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(head.ControlID)
		conn := strconv.Itoa(n / 1000)
		if n%1000 != last[conn] {
			t.Errorf("connection %s: message %d after %d", conn, n%1000, last[conn]-1)
		}
		last[conn]++
	}
	if n := len(h.journal.all()); n != 64*20 {
		t.Errorf("%d records, want %d", n, 64*20)
	}
}

func TestStoppingAnswersWhatIsInWork(t *testing.T) {
	t.Parallel()
	j := &memory{gate: make(chan struct{}), entered: make(chan struct{}, 1)}
	h := listen(t, j, nil)
	_, busy := rawDial(t, h)
	_, idle := rawDial(t, h)
	half, _ := rawDial(t, h)
	_, _ = half.Write([]byte("\x0BMSH|^~"))
	if err := busy.WriteFrame(admission(1)); err != nil {
		t.Fatal(err)
	}
	<-j.entered
	h.stop()
	if _, err := idle.ReadFrame(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("idle connection: %v", err)
	}
	close(j.gate)
	answer, err := busy.ReadFrame(t.Context())
	if err != nil || ackOf(t, answer).Code != hl7.AA {
		t.Errorf("message in work: %q, %v", answer, err)
	}
	if err := <-h.done; err != nil {
		t.Errorf("Run: %v", err)
	}
	h.done <- nil
	if len(j.all()) != 1 {
		t.Errorf("%d records", len(j.all()))
	}
	if _, err := net.Dial("tcp", h.Addr().String()); err == nil {
		t.Error("still listening")
	}
}

func TestStoppingDoesNotWaitForeverForAJournalThatHangs(t *testing.T) {
	t.Parallel()
	j := &memory{gate: make(chan struct{}), entered: make(chan struct{}, 1)}
	h := listen(t, j, func(f *Feed) { f.Stop = 20 * time.Millisecond })
	_, conn := rawDial(t, h)
	if err := conn.WriteFrame(admission(1)); err != nil {
		t.Fatal(err)
	}
	<-j.entered
	h.stop()
	if answer, err := conn.ReadFrame(t.Context()); err == nil {
		t.Errorf("answered %q without storing", answer)
	}
	if err := <-h.done; err != nil {
		t.Errorf("Run: %v", err)
	}
	h.done <- nil
}

func TestMissingSequenceNumbersRaiseAnAlarm(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	c := h.dial(t)
	id := 0
	for _, step := range []struct {
		app, number string
		alarms      int
	}{
		{"KIS", "7", 0}, {"KIS", "8", 0}, {"KIS", "8", 0}, {"LIS", "100", 0}, {"KIS", "11", 1},
		{"KIS", "12", 1}, {"LIS", "101", 1}, {"KIS", "1", 1}, {"KIS", "", 1}, {"KIS", "x", 1}, {"KIS", "0", 1}, {"KIS", "2", 1}, {"LIS", "103", 2},
	} {
		id++
		raw := strings.Replace(string(admission(id)), "|P|2.5\r", "|P|2.5|"+step.number+"\r", 1)
		send(t, c, []byte(strings.Replace(raw, "|KIS|", "|"+step.app+"|", 1)))
		if n := h.alarms.count(ErrSequence); n != step.alarms {
			t.Errorf("%s %s: %d alarms, want %d", step.app, step.number, n, step.alarms)
		}
	}
}

func TestNoHealthDataInLogsAlarmsAndMetrics(t *testing.T) {
	t.Parallel()
	j := &memory{}
	h := listen(t, j, func(f *Feed) { f.MaxMessage = 10_000 })
	send(t, h.dial(t), admission(735184201))
	_, conn := rawDial(t, h)
	_ = conn.WriteFrame([]byte("Geheimrat Wilhelmine ohne MSH"))
	_, _ = conn.ReadFrame(t.Context())
	j.setFail(errors.New("disk full"))
	_ = conn.WriteFrame(admission(735184202))
	_, _ = conn.ReadFrame(t.Context())
	j.setFail(nil)
	_, conn = rawDial(t, h)
	_ = conn.WriteFrame(append(admission(735184203), bytes.Repeat([]byte("NTE|1||Geheimrat\r"), 2000)...))
	_, _ = conn.ReadFrame(t.Context())
	wait(t, "all connections to end", func() bool { return h.alarms.count(ErrOversized) == 1 })
	families, err := h.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	said := h.log.String()
	for _, f := range families {
		said += f.String()
	}
	for _, err := range h.alarms.all {
		said += err.Error()
	}
	for _, secret := range []string{"Geheimrat", "Wilhelmine", "19510403", "7351842"} {
		if strings.Contains(said, secret) {
			t.Errorf("%s leaked", secret)
		}
	}
	if !strings.Contains(said, "not stored") {
		t.Error("nothing was said about the failure")
	}
}

func FuzzAccept(f *testing.F) {
	f.Add(admission(1))
	f.Add([]byte("BHS|^~\\&\rMSH|^~\\&|A\rBTS|7\r"))
	f.Add([]byte("MSH|^~\\&|A||||||ACK|1\rMSA|AA|1\r"))
	f.Add([]byte("\xFF\xFEM\x00S\x00H\x00|\x00"))
	f.Add([]byte("MSH|^~\\&|A\nMSH|^~\\&|B|||||||||x|7||NE|NE"))
	m := NewMetrics(prometheus.NewRegistry()).of("kis")
	f.Fuzz(func(t *testing.T, raw []byte) {
		j := &memory{}
		a := &acceptor{feed: Feed{Name: "kis"}.withDefaults(), journal: j, metrics: m}
		answers, err := a.accept(t.Context(), raw)
		if err != nil {
			t.Fatalf("accept: %v", err)
		}
		kept := 0
		for _, r := range j.all() {
			kept += len(r.Body)
		}
		if len(answers) > 0 && kept == 0 {
			t.Fatal("answered what was not stored")
		}
		head, headErr := hl7.ReadHeader(raw)
		if kept == 0 && len(bytes.TrimSpace(raw)) > 0 && (headErr != nil || head.Type != "ACK") {
			t.Fatalf("nothing of it was stored: %q", raw)
		}
		j.setFail(errors.New("disk full"))
		if answers, err := a.accept(t.Context(), raw); kept > 0 && (err == nil || len(answers) > 0) {
			t.Fatal("answered although the journal failed")
		}
	})
}

func BenchmarkAccept(b *testing.B) {
	for _, conns := range []int{1, 16, 256} {
		b.Run("conns="+strconv.Itoa(conns), func(b *testing.B) { benchmarkAccept(b, conns) })
	}
}

// benchmarkAccept sends b.N messages over that many connections, one at a time
// on each, to a journal in memory.
func benchmarkAccept(b *testing.B, conns int) {
	h := listen(b, &memory{}, nil)
	clients := make([]*hl7.Client, conns)
	for i := range clients {
		clients[i] = h.dial(b)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i, c := range clients {
		n := b.N / conns
		if i < b.N%conns {
			n++
		}
		wg.Go(func() {
			for k := range n {
				if _, err := c.Send(context.Background(), admission(i*10_000_000+k)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
