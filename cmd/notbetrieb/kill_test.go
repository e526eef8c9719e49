//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// served is a hub in a process of its own.
type served struct {
	cmd *exec.Cmd
	log *bytes.Buffer
}

// serve starts the hub and waits until it listens.
func serve(t *testing.T, configFile string) *served {
	t.Helper()
	s := &served{cmd: exec.Command(os.Args[0], "serve", "--config", configFile), log: &bytes.Buffer{}}
	s.cmd.Env = append(os.Environ(), asProgram+"=1")
	r, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	up := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			s.log.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "hub serves") {
				up <- true
			}
		}
		close(up)
	}()
	select {
	case ok := <-up:
		if !ok {
			t.Fatal("the hub does not start:\n" + s.log.String())
		}
	case <-time.After(60 * time.Second):
		t.Fatal("the hub does not start")
	}
	return s
}

// admission is the n-th message of one sender.
func admission(sender, n int) (id string, raw []byte) {
	id = fmt.Sprintf("S%dN%d", sender, n)
	return id, fmt.Appendf(nil, "MSH|^~\\&|KIS|HAUS|NB|HAUS|20261121080000||ADT^A01^ADT_A01|%s|P|2.5|||||DE|UNICODE UTF-8\r"+
		"EVN|A01|20261121080000\rPID|1||%d%05d^^^HAUS^PI||Wächter^Jörg||19700101|M\rPV1|1|I|3A^301^F||||||||||||||||F%s^^^HAUS^VN\r", id, sender, n, id)
}

// sendMany sends messages until the hub is gone and returns what was acknowledged.
// The last one, of which nothing is known, is sent again first, as senders do.
func sendMany(ctx context.Context, addr string, sender, from int) (acked []string, next int) {
	c, err := hl7.Dial(ctx, addr, hl7.ClientOptions{Answer: 20 * time.Second})
	if err != nil {
		return nil, from
	}
	defer c.Close()
	for n := from; ; n++ {
		id, raw := admission(sender, n)
		answer, err := c.Send(ctx, raw)
		if err != nil {
			return acked, n
		}
		if a, err := hl7.ParseAck(answer); err == nil && a.Code.Positive() && a.ControlID == id {
			acked = append(acked, id)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Killed in the middle of receiving, again and again: whatever was answered
// with AA is there, once, and the folder passes its check.
func TestKilledWhileReceiving(t *testing.T) {
	t.Parallel()
	const senders, rounds = 8, 4
	addr := freePort(t)
	path, _ := made(t, oneFeed(addr))
	acked, next := map[string]bool{}, make([]int, senders)
	for round := range rounds {
		s := serve(t, path)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				got, n := sendMany(t.Context(), addr, i, next[i])
				mu.Lock()
				defer mu.Unlock()
				next[i] = n
				for _, id := range got {
					acked[id] = true
				}
			})
		}
		time.Sleep(time.Duration(100+rand.IntN(500)) * time.Millisecond) // the moment of death is the test
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = s.cmd.Wait()
		wg.Wait()
		if code, out, errw := notbetrieb(t, nil, "check", "--config", path); code != 0 {
			t.Fatalf("round %d: check: %d\n%s%s", round, code, out, errw)
		}
	}
	c := console{getenv: func(string) string { return "" }, out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	cfg, err := c.load(path)
	if err != nil {
		t.Fatal(err)
	}
	h := openHere(t, c, cfg)
	stored := map[string]int{}
	for rec, err := range h.Select(t.Context(), app.Selection{Kind: journal.HL7}) {
		if err != nil {
			t.Fatal(err)
		}
		head, err := hl7.ReadHeader(rec.Body)
		if err != nil {
			t.Fatal(err)
		}
		stored[head.ControlID]++
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	for id := range acked {
		if stored[id] == 0 {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	for id, n := range stored {
		if n > 1 {
			t.Errorf("%s is stored %d times", id, n)
		}
	}
	if len(acked) == 0 {
		t.Error("nothing was acknowledged: the test is worth nothing")
	}
	t.Logf("%d kills, %d acknowledged, %d stored", rounds, len(acked), len(stored))
}

func TestCommandsRunInTheRunningHub(t *testing.T) {
	t.Parallel()
	addr := freePort(t)
	path, _ := made(t, oneFeed(addr))
	s := serve(t, path)
	c, err := hl7.Dial(t.Context(), addr, hl7.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, raw := admission(1, 1)
	if _, err := c.Send(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	sock := filepath.Join(filepath.Dir(path), "control.sock")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(sock); err == nil || time.Now().After(end) {
			break
		}
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"journal", "list", "--config", path, "--feed", "kis"}, 0, "hl7v2"},
		{[]string{"journal", "list", "--config", path, "--fly"}, 2, "fly"},
		{[]string{"journal", "list", "--config", path, "-h"}, 0, "newest last"},
		{[]string{"journal", "show", "--config", path, "99999"}, 4, "99999"},
		{[]string{"people", "add", "--config", path, "--id", "weber", "--name", "S. Weber", "--roles", "nurse"}, 0, "weber signs in with"},
		{[]string{"people", "add", "--config", path, "--id", "weber", "--name", "S. Weber", "--roles", "nurse"}, 5, "taken"},
		{[]string{"check", "--config", path, "--journal-only"}, 0, "no damage"},
		{[]string{"check", "--config", path}, 0, "A hub is running"},
		{[]string{"replay", "--config", path}, 5, "a hub is running"},
		{[]string{"serve", "--config", path}, 5, ""},
	} {
		code, out, errw := notbetrieb(t, nil, c.args...)
		if code != c.code || !strings.Contains(out+errw, c.says) {
			t.Errorf("%v: %d, want %d and %q:\n%s%s", c.args, code, c.code, c.says, out, errw)
		}
	}
	if i, err := os.Stat(sock); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("the control socket: %v, %v", i.Mode(), err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("told to stop, the hub ends with %v:\n%s", err, s.log)
	}
	if _, err := os.Stat(sock); !errors.Is(err, os.ErrNotExist) {
		t.Error("the control socket is left behind:", err)
	}
	if strings.Contains(s.log.String(), "Wächter") || strings.Contains(s.log.String(), "S1N1") {
		t.Error("the log holds health data")
	}
	if code, out, errw := notbetrieb(t, nil, "check", "--config", path); code != 0 {
		t.Errorf("check: %d\n%s%s", code, out, errw)
	}
}
