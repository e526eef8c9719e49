//go:build !windows

package crisis

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestACommandThatIsStoppedLeavesNothingRunning: what it started in the background
// dies with it, and does not cut the next segment minutes after the logbook said
// that the command was stopped.
func TestACommandThatIsStoppedLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	h := Hook{Name: "cut-remote", Command: []string{script(t, "(sleep 60; echo still here) >"+pipe+" 2>/dev/null &\nwait")}, Timeout: time.Minute * 5}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int, 1)
	go func() {
		code, _, _ := execute(ctx, h)
		ended <- code
	}()
	f, err := os.Open(pipe) // as soon as the child has it open
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stop()
	if code := <-ended; code != -1 {
		t.Errorf("it ended with %d", code)
	}
	said, err := io.ReadAll(f) // until everybody who could write is gone
	if err != nil || len(said) > 0 {
		t.Errorf("the child went on: %q %v", said, err)
	}
}
