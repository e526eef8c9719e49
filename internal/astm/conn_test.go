package astm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// wire is the analyser's end of a line, driven byte by byte.
type wire struct {
	t  *testing.T
	nc net.Conn
}

func (w wire) send(b ...byte) {
	w.t.Helper()
	if _, err := w.nc.Write(b); err != nil {
		w.t.Error(err)
	}
}

func (w wire) expect(want byte) {
	w.t.Helper()
	var b [1]byte
	if _, err := io.ReadFull(w.nc, b[:]); err != nil || b[0] != want {
		w.t.Errorf("answer %#x (%v), want %#x", b[0], err, want)
	}
}

// silent fails if the other side answers within d.
func (w wire) silent(d time.Duration) {
	w.t.Helper()
	_ = w.nc.SetReadDeadline(time.Now().Add(d))
	var b [1]byte
	if n, _ := w.nc.Read(b[:]); n != 0 {
		w.t.Errorf("answer %#x, want none", b[0])
	}
	_ = w.nc.SetReadDeadline(time.Time{})
}

func framed(n byte, text string, end byte) []byte {
	return (&frame{number: n, text: []byte(text), end: end}).bytes()
}

// received is what the hub's end got.
type received struct {
	text []byte
	err  error
}

// line runs a story in a bubble of fake time: the analyser's side is told, the
// hub's side accepts every message and hands it over.
func line(t *testing.T, limits Limits, story func(w wire, got <-chan received, c *Conn)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		c := NewConn(here, limits)
		got := make(chan received, 100)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				text, err := c.Receive(t.Context())
				got <- received{text, err}
				if err != nil {
					return
				}
				if err := c.Accept(); err != nil {
					return
				}
			}
		}()
		story(wire{t, there}, got, c)
		_ = there.Close()
		<-done
		_ = c.Close()
	})
}

func (w wire) want(got <-chan received, text string) {
	w.t.Helper()
	if r := <-got; r.err != nil || string(r.text) != text {
		w.t.Errorf("got %q, %v; want %q", r.text, r.err, text)
	}
}

const shortMessage = "H|\\^&\rL|1|N\r"

func TestAWrongChecksumIsRefusedAndTheRepetitionTaken(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, c *Conn) {
		w.send(enq)
		w.expect(ack)
		bad := framed(1, "H|\\^&\r", etx)
		bad[3] ^= 0x10
		for range 3 {
			w.send(bad...)
			w.expect(nak)
		}
		w.send(framed(1, "H|\\^&\r", etx)...)
		w.expect(ack)
		w.send(framed(2, "L|1|N\r", etx)...)
		w.want(got, shortMessage)
		w.expect(ack)
		w.send(eot)
		synctest.Wait()
		if n := c.Noise(); n.Refused != 3 || n.Torn != 0 {
			t.Errorf("noise %+v", n)
		}
	})
}

func TestAFrameWhoseAnswerWasLostIsTakenOnce(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, c *Conn) {
		w.send(enq)
		w.expect(ack)
		for range 2 {
			w.send(framed(1, "H|\\^&\r", etx)...)
			w.expect(ack)
		}
		w.send(framed(2, "L|1|N\r", etx)...)
		w.want(got, shortMessage)
		w.expect(ack)
		w.send(framed(2, "L|1|N\r", etx)...) // the last one too
		w.expect(ack)
		w.send(framed(2, "L|1|X\r", etx)...) // another text under the same number is no repetition
		w.expect(nak)
		w.send(framed(5, "H|\\^&\r", etx)...) // nor may a number be left out
		w.expect(nak)
		w.send(framed(3, "H|\\^&\r", etx)...) // a second message in the same session
		w.expect(ack)
		w.send(framed(4, "L|1|F", etx)...) // without its last CR
		w.want(got, "H|\\^&\rL|1|F")
		w.expect(ack)
		w.send(eot)
		synctest.Wait()
		if n := c.Noise(); n.Repeated != 2 || n.Refused != 2 {
			t.Errorf("noise %+v", n)
		}
	})
}

func TestALongMessageRunsThroughTheFrameNumbers(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, _ *Conn) {
		text := "H|\\^&\rC|1|I|" + strings.Repeat("ä", 1500) + "\rL|1|N\r"
		w.send(enq)
		w.expect(ack)
		n := byte(1)
		rest := text
		for len(rest) > 100 { // packed: a terminator cut in two must not end it
			w.send(framed(n&7, rest[:100], etb)...)
			w.expect(ack)
			rest, n = rest[100:], n+1
		}
		for len(rest) > 3 {
			w.send(framed(n&7, rest[:3], etb)...)
			w.expect(ack)
			rest, n = rest[3:], n+1
		}
		w.send(framed(n&7, rest, etx)...)
		w.want(got, text)
		w.expect(ack)
	})
}

func TestASessionThatBreaksOffGivesNothing(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, c *Conn) {
		w.send(enq)
		w.expect(ack)
		w.send(framed(1, "H|\\^&\rP|1\r", etx)...)
		w.expect(ack)
		w.send(enq) // switched off and on again
		w.expect(ack)
		w.send(framed(1, "H|\\^&\r", etx)...)
		w.expect(ack)
		w.send(framed(2, "L|1|N\r", etx)[:5]...) // gives up inside a frame
		w.send(eot)
		synctest.Wait()
		w.send(enq)
		w.expect(ack)
		w.send(framed(1, "H|\\^&\r", etx)...)
		w.expect(ack)
		time.Sleep(31 * time.Second) // LIS1-A: the receiver gives up after 30 seconds
		w.send(framed(2, "L|1|N\r", etx)...)
		w.silent(5 * time.Second)
		w.send(enq)
		w.expect(ack)
		w.send(framed(1, shortMessage, etx)...)
		w.want(got, shortMessage)
		w.expect(ack)
		synctest.Wait()
		if n := c.Noise(); n.Torn != 3 || len(got) != 0 {
			t.Errorf("noise %+v, %d more", n, len(got))
		}
	})
}

func TestAMessageWithoutTerminatorComesWithTheEndOfTheSession(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, _ *Conn) {
		w.send(enq)
		w.expect(ack)
		w.send(framed(1, "H|\\^&\rP|1\r", etx)...)
		w.expect(ack)
		w.send(eot)
		r := <-got
		if r.err != nil || Whole(r.text) || string(r.text) != "H|\\^&\rP|1\r" {
			t.Errorf("got %+v", r)
		}
		w.silent(time.Second)
	})
}

func TestAFrameIsTakenInPiecesAndWithoutItsLineEnd(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, _ *Conn) {
		w.send('x', '\r', '\n', enq)
		w.expect(ack)
		for _, b := range framed(0, "H|\\^&\r", etx) { // some count from 0
			w.send(b)
			time.Sleep(lookAhead / 2)
		}
		w.expect(ack)
		whole := framed(1, "L|1|N\r", etx)
		w.send(whole[:len(whole)-2]...)
		w.want(got, shortMessage)
		w.expect(ack)
	})
}

func TestWhatIsTooLargeOrNoTransmissionEndsTheConnection(t *testing.T) {
	line(t, Limits{Max: 1000}, func(w wire, got <-chan received, _ *Conn) {
		w.send(enq)
		w.expect(ack)
		go func() { _, _ = w.nc.Write(append([]byte{stx, '1'}, bytes.Repeat([]byte{'x'}, 2000)...)) }()
		if r := <-got; !errors.Is(r.err, ErrTooLarge) {
			t.Errorf("got %v", r.err)
		}
	})
}

func TestAPortScannerIsNotListenedToForEver(t *testing.T) {
	line(t, Limits{}, func(w wire, got <-chan received, _ *Conn) {
		go func() { _, _ = w.nc.Write(bytes.Repeat([]byte{'x'}, maxNoise+1)) }()
		if r := <-got; !errors.Is(r.err, ErrNotASTM) {
			t.Errorf("got %v", r.err)
		}
	})
}

func TestSilenceAndTheEndOfTheLine(t *testing.T) {
	for name, c := range map[string]struct {
		before []byte
		want   error
		after  time.Duration
	}{
		"between sessions":  {nil, io.EOF, 0},
		"inside a session":  {[]byte{enq}, io.ErrUnexpectedEOF, 0},
		"silent since long": {nil, ErrIdle, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			line(t, Limits{Idle: time.Minute}, func(w wire, got <-chan received, _ *Conn) {
				w.send(c.before...)
				if len(c.before) > 0 {
					w.expect(ack)
				}
				time.Sleep(c.after)
				synctest.Wait()
				_ = w.nc.Close()
				if r := <-got; !errors.Is(r.err, c.want) {
					t.Errorf("got %v, want %v", r.err, c.want)
				}
			})
		})
	}
}

func TestWhatIsRefusedIsRepeatedSixTimesAndKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		hub, analyser := NewConn(here, Limits{}), NewConn(there, Limits{Instrument: true})
		offered := make(chan int, 1)
		go func() {
			n := 0
			for {
				text, err := hub.Receive(t.Context())
				if err != nil {
					offered <- n
					return
				}
				if n++; string(text) != string(chemistry()) {
					t.Errorf("got %q", text)
				}
				_ = hub.Refuse()
			}
		}()
		if err := analyser.Send(t.Context(), chemistry()); !errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
		_ = analyser.Close()
		if n := <-offered; n != 7 {
			t.Errorf("offered %d times, want once and six repetitions", n)
		}
		_ = hub.Close()
	})
}

func TestARefusedMessageIsTakenWhenItComesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		hub, analyser := NewConn(here, Limits{}), NewConn(there, Limits{Instrument: true})
		go func() {
			for n := range 3 {
				text, err := hub.Receive(t.Context())
				if err != nil || string(text) != string(chemistry()) {
					t.Errorf("got %q, %v", text, err)
				}
				if n < 2 {
					_ = hub.Refuse()
				} else {
					_ = hub.Accept()
				}
			}
			_, _ = hub.Receive(t.Context())
		}()
		if err := analyser.Send(t.Context(), chemistry()); err != nil {
			t.Error(err)
		}
		_ = analyser.Close()
		_ = hub.Close()
	})
}

func TestTheInstrumentGoesFirstWhenBothBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		hub := NewConn(here, Limits{})
		w := wire{t, there}
		done := make(chan struct{})
		go func() { // an instrument that begins at the same moment
			defer close(done)
			w.expect(enq)
			w.send(enq)
			time.Sleep(time.Second)
			w.send(enq)
			w.expect(ack)
			w.send(framed(1, shortMessage, etx)...)
			w.expect(ack)
			w.send(eot)
			w.expect(enq) // now the hub
			w.send(nak)   // busy
			w.expect(enq)
			w.send(ack)
			whole := make([]byte, len(framed(1, "H|\\^&\r", etx)))
			_, _ = io.ReadFull(there, whole)
			w.send(ack)
			_, _ = io.ReadFull(there, whole)
			w.send(eot) // acknowledges, and asks to stop
			w.expect(eot)
		}()
		if err := hub.Send(t.Context(), []byte(shortMessage)); !errors.Is(err, ErrContention) {
			t.Errorf("got %v", err)
		}
		if text, err := hub.Receive(t.Context()); err != nil || string(text) != shortMessage {
			t.Errorf("got %q, %v", text, err)
		}
		if err := hub.Accept(); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if _, err := hub.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) { // only the EOT
			t.Errorf("got %v", err)
		}
		cancel()
		start := time.Now()
		if err := hub.Send(t.Context(), []byte(shortMessage)); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("waited %s for a busy instrument", waited)
		}
		<-done
		_, _ = hub.Close(), there.Close()
	})
}

func TestNobodyThereIsGivenUpAfter15Seconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		hub, w := NewConn(here, Limits{}), wire{t, there}
		go func() {
			w.expect(enq)
			w.expect(eot)
		}()
		start := time.Now()
		if err := hub.Send(t.Context(), []byte(shortMessage)); !errors.Is(err, ErrNoReply) {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited != 15*time.Second {
			t.Errorf("waited %s", waited)
		}
		synctest.Wait()
		_, _ = hub.Close(), there.Close()
	})
}

// script plays bytes to a Conn and swallows its answers.
type script struct {
	net.Conn
	in *bytes.Reader
}

func (s script) Read(b []byte) (int, error)       { return s.in.Read(b) }
func (s script) Write(b []byte) (int, error)      { return len(b), nil }
func (s script) SetReadDeadline(time.Time) error  { return nil }
func (s script) SetWriteDeadline(time.Time) error { return nil }
func (s script) Close() error                     { return nil }

func FuzzReceive(f *testing.F) {
	var whole []byte
	for _, fr := range cut(chemistry()) {
		whole = append(whole, fr.bytes()...)
	}
	f.Add(append(append([]byte{enq}, whole...), eot))
	f.Add([]byte{enq, stx, '1', 'H', stx, '1', etx, 'x', 'x', eot, enq})
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := NewConn(script{in: bytes.NewReader(raw)}, Limits{Max: 1 << 16})
		total := 0
		for {
			text, err := c.Receive(t.Context())
			if err != nil {
				break
			}
			if len(text) == 0 || len(text) > 1<<16 {
				t.Fatalf("a message of %d bytes", len(text))
			}
			if total += len(text); total > len(raw) {
				t.Fatal("more came out than went in")
			}
			_ = c.Accept()
		}
	})
}
