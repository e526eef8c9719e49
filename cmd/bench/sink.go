package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/hl7"
)

// sinks are receivers in a process of their own: each takes every message, says
// AA, and keeps only its control ID.
type sinks struct {
	addrs []string
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
	got   received
	err   error
	once  sync.Once
}

// received is what they got.
type received struct {
	All, Different int
}

func startSinks(ctx context.Context, n int) (*sinks, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("sinks: %w", err)
	}
	s := &sinks{cmd: exec.CommandContext(ctx, self, "-child", "sink", "-n", fmt.Sprint(n))}
	s.cmd.Stderr = os.Stderr
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("sinks: %w", err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("sinks: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("sinks: %w", err)
	}
	s.out = bufio.NewScanner(out)
	for range n {
		if !s.out.Scan() {
			_, err := s.close()
			return nil, errors.Join(errors.New("sinks: they did not start"), err)
		}
		s.addrs = append(s.addrs, s.out.Text())
	}
	return s, nil
}

// close ends them and returns what they got.
func (s *sinks) close() (received, error) {
	s.once.Do(func() {
		_ = s.in.Close()
		if s.out.Scan() {
			s.err = json.Unmarshal(s.out.Bytes(), &s.got)
		}
		s.err = errors.Join(s.err, s.cmd.Wait())
	})
	return s.got, s.err
}

// sinkChild is that process: it ends when its input does.
func sinkChild(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("sink", flag.ContinueOnError)
	n := fs.Int("n", 1, "how many")
	if err := fs.Parse(args); err != nil {
		return err
	}
	var mu sync.Mutex
	var got received
	for range *n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("sink: %w", err)
		}
		defer l.Close()
		seen := map[string]bool{}
		take := func(control string) {
			mu.Lock()
			defer mu.Unlock()
			got.All++
			if !seen[control] {
				seen[control] = true
				got.Different++
			}
		}
		go accept(ctx, l, take)
		fmt.Fprintln(out, l.Addr())
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	mu.Lock()
	defer mu.Unlock()
	return json.NewEncoder(out).Encode(got)
}

func accept(ctx context.Context, l net.Listener, take func(control string)) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			c := hl7.NewConn(nc, hl7.Limits{})
			defer c.Close() //nolint:errcheck // it is over
			for {
				raw, err := c.ReadFrame(ctx)
				if err != nil {
					return
				}
				h, err := hl7.ReadHeader(raw)
				if err != nil {
					return
				}
				take(h.ControlID)
				if c.WriteFrame(hl7.Answer(h, hl7.AA, "", time.Now(), "A")) != nil {
					return
				}
			}
		}()
	}
}

// sendPlain sends a message so often to each address.
func sendPlain(ctx context.Context, addrs []string, each int, raw []byte) error {
	t, ok := cut(raw)
	if !ok {
		return errors.New("sender: the message has no control ID")
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, addr := range addrs {
		for lane := range lanesOf {
			g.Go(func() error { return sendLane(ctx, addr, lane, each/lanesOf, t) })
		}
	}
	return g.Wait()
}
