package hl7

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pieces is a connection that delivers the given reads, one per Read.
type pieces struct {
	net.Conn
	left [][]byte
	past bool // the deadline was set to the past
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[0])
	if n == len(p.left[0]) {
		p.left = p.left[1:]
	} else {
		p.left[0] = p.left[0][n:]
	}
	return n, nil
}

func (p *pieces) SetReadDeadline(time.Time) error { return nil }
func (p *pieces) Close() error                    { return nil }

// frames reads all frames of a stream.
func frames(t testing.TB, c *Conn) (all []string, err error) {
	t.Helper()
	for {
		frame, err := c.ReadFrame(context.Background())
		if err != nil {
			return all, err
		}
		all = append(all, string(frame))
	}
}

func TestFramesAreFoundInAnyStream(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, stream string
		want         []string
		err          error
		noise        Noise
	}{
		{"one frame", "\x0BMSH|a\r\x1C\r", []string{"MSH|a\r"}, io.EOF, Noise{}},
		{"two frames", "\x0BA\x1C\r\x0BB\x1C\r", []string{"A", "B"}, io.EOF, Noise{}},
		{"last 0x0D missing", "\x0BA\x1C\x0BB\x1C", []string{"A", "B"}, io.EOF, Noise{}},
		{"LF instead of CR", "\x0BA\x1C\n\x0BB\x1C\n", []string{"A", "B"}, io.EOF, Noise{}},
		{"line ends between", "\r\n\x0BA\x1C\r\n\r\n\x0BB\x1C\r", []string{"A", "B"}, io.EOF, Noise{}},
		{"bytes between", "xy\x0BA\x1C\rHallo\x0BB\x1C\rEnde", []string{"A", "B"}, io.EOF, Noise{Skipped: 11}},
		{"0x1C inside", "\x0BA\x1Cx\x1C\r", []string{"A\x1Cx"}, io.EOF, Noise{}},
		{"empty frame", "\x0B\x1C\r", []string{""}, io.EOF, Noise{}},
		{"begun anew", "\x0BMSH|^~\\&|halb\x0BMSH|^~\\&|ganz\r\x1C\r", []string{"MSH|^~\\&|ganz\r"}, io.EOF, Noise{Torn: 1}},
		{"cut off", "\x0BA\x1C\r\x0BMSH|", []string{"A"}, io.ErrUnexpectedEOF, Noise{}},
		{"nothing", "", nil, io.EOF, Noise{}},
	}
	for _, tt := range tests {
		for _, size := range []int{1, 2, 3, 1000} {
			p := &pieces{}
			for b := []byte(tt.stream); len(b) > 0; {
				n := min(size, len(b))
				p.left, b = append(p.left, b[:n]), b[n:]
			}
			c := NewConn(p, Limits{})
			got, err := frames(t, c)
			if strings.Join(got, "§") != strings.Join(tt.want, "§") || len(got) != len(tt.want) || !errors.Is(err, tt.err) || c.Noise() != tt.noise {
				t.Errorf("%s in pieces of %d: got %q, %v, %+v", tt.name, size, got, err, c.Noise())
			}
		}
	}
}

func TestABigFrameIsReadWholeAndATooBigOneIsNot(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("OBX|1|ED|\r", 50_000)
	c := NewConn(&pieces{left: [][]byte{[]byte("\x0B" + big + "\x1C\r")}}, Limits{Max: len(big)})
	if got, err := frames(t, c); len(got) != 1 || got[0] != big || !errors.Is(err, io.EOF) {
		t.Errorf("got %d frames, %v", len(got), err)
	}
	c = NewConn(&pieces{left: [][]byte{[]byte("\x0B" + big + "\x1C\r")}}, Limits{Max: len(big) - 1})
	if got, err := frames(t, c); len(got) != 0 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %d frames, %v", len(got), err)
	}
	c = NewConn(&pieces{left: [][]byte{bytes.Repeat([]byte("GET / HTTP/1.1 "), 10_000)}}, Limits{})
	if _, err := frames(t, c); !errors.Is(err, ErrNotMLLP) {
		t.Errorf("got %v", err)
	}
}

func TestASilentPeerIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := NewConn(ours, Limits{Idle: time.Hour})
		start := time.Now()
		_, err := c.ReadFrame(t.Context())
		if !errors.Is(err, ErrIdle) || time.Since(start) != time.Hour {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

func TestASlowFrameIsGivenUpHoweverOftenAByteComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := NewConn(ours, Limits{Idle: time.Hour, Read: time.Minute})
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, err := theirs.Write([]byte("\x0B"))
			for err == nil {
				time.Sleep(time.Second)
				_, err = theirs.Write([]byte("\x1CM"))
			}
		}()
		start := time.Now()
		_, err := c.ReadFrame(t.Context())
		if !errors.Is(err, ErrSlow) || time.Since(start) > 62*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		c.Close()
		<-done
	})
}

func TestASenderThatNeverSendsTheLastByteIsAnsweredSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := NewConn(ours, Limits{})
		for i, limit := range []time.Duration{lookAhead, 0, 0} {
			go func() { _, _ = theirs.Write([]byte("\x0BA\x1C")) }()
			start := time.Now()
			got, err := c.ReadFrame(t.Context())
			if err != nil || string(got) != "A" || time.Since(start) > limit {
				t.Errorf("frame %d: got %q, %v after %s", i, got, err, time.Since(start))
			}
		}
		c.Close()
		theirs.Close()
	})
}

func TestTheEndOfTheContextEndsAWaitingRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := NewConn(ours, Limits{})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.ReadFrame(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		if _, err := c.ReadFrame(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("second read: %v", err)
		}
	})
}

// counted counts the writes of a connection.
type counted struct {
	net.Conn
	writes [][]byte
}

func (c *counted) Write(b []byte) (int, error) {
	c.writes = append(c.writes, bytes.Clone(b))
	return len(b), nil
}
func (c *counted) SetWriteDeadline(time.Time) error { return nil }

func TestAFrameIsOneWrite(t *testing.T) {
	t.Parallel()
	nc := &counted{}
	c := NewConn(nc, Limits{})
	for _, text := range []string{"MSH|1\r", strings.Repeat("x", 2<<20), "MSH|2\r"} {
		if err := c.WriteFrame([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if len(nc.writes) != 3 || string(nc.writes[2]) != "\x0BMSH|2\r\x1C\r" {
		t.Errorf("%d writes, last %q", len(nc.writes), nc.writes[2])
	}
}

func TestClientTakesOnlyTheAnswerToItsMessage(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		c := NewConn(nc, Limits{})
		defer c.Close()
		raw, err := c.ReadFrame(context.Background())
		if err != nil {
			return
		}
		h, _ := ReadHeader(raw)
		strange := h
		strange.ControlID = "another"
		_ = c.WriteFrame(Answer(strange, AA, "", time.Now(), "1"))
		_ = c.WriteFrame([]byte("kein HL7"))
		_ = c.WriteFrame(Answer(h, CA, "", time.Now(), "2"))
		_ = c.WriteFrame(Answer(h, AE, "Fall unbekannt", time.Now(), "3"))
		_, _ = c.ReadFrame(context.Background())
	}()
	client, err := Dial(t.Context(), l.Addr().String(), ClientOptions{Answer: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	answer, err := client.Send(t.Context(), []byte(aufnahme))
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := ParseAck(answer); a.Code != CA || a.ControlID != "4711" {
		t.Errorf("got %+v", a)
	}
	answer, err = client.Receive(t.Context())
	if a, _ := ParseAck(answer); err != nil || a.Code != AE || a.Text != "Fall unbekannt" {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := client.Send(t.Context(), []byte("kein HL7")); !errors.Is(err, ErrNoHeader) {
		t.Errorf("got %v", err)
	}
}

func TestClientSaysWhenNoAnswerCame(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		nc, err := l.Accept()
		if err == nil {
			_, _ = nc.Read(make([]byte, 1<<16))
			_ = nc.Close()
		}
	}()
	client, err := Dial(t.Context(), l.Addr().String(), ClientOptions{Answer: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Send(t.Context(), []byte(aufnahme)); !errors.Is(err, ErrNoAnswer) || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func FuzzMLLP(f *testing.F) {
	f.Add([]byte("xx\x0BMSH|a\r\x1C\r\x0BMSH|b\x1C\x0BMSH|c\x0BMSH|d\x1Cx\x1C\r"), uint64(1))
	f.Add(bytes.Repeat([]byte("\x0BMSH|^~\\&|A\rOBX|1\r\x1C\r"), 5), uint64(7))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		whole := NewConn(&pieces{left: [][]byte{bytes.Clone(stream)}}, Limits{Max: 1 << 20})
		want, wantErr := frames(t, whole)
		r := rand.New(rand.NewPCG(seed, 1))
		p := &pieces{}
		for b := bytes.Clone(stream); len(b) > 0; {
			n := 1 + r.IntN(len(b))
			p.left, b = append(p.left, b[:n]), b[n:]
		}
		cut := NewConn(p, Limits{Max: 1 << 20})
		got, gotErr := frames(t, cut)
		if strings.Join(got, "§") != strings.Join(want, "§") || len(got) != len(want) || !errors.Is(gotErr, wantErr) || cut.Noise() != whole.Noise() {
			t.Fatalf("cut: %q, %v, %+v\nwhole: %q, %v, %+v", got, gotErr, cut.Noise(), want, wantErr, whole.Noise())
		}
	})
}
