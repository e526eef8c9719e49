package app

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"notbetrieb/internal/lang"
)

// serviceManager listens like systemd does and returns what it is told.
func serviceManager(t *testing.T) (socket string, told <-chan string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no service manager with a socket here")
	}
	dir, err := os.MkdirTemp("", "sd") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	words := make(chan string, 1000)
	go func() {
		b := make([]byte, 200)
		for {
			n, err := c.Read(b)
			if err != nil {
				close(words)
				return
			}
			words <- string(b[:n])
		}
	}()
	t.Cleanup(func() {
		_ = c.Close()
		_ = os.RemoveAll(dir)
	})
	return socket, words
}

func hear(t *testing.T, told <-chan string, want string) {
	t.Helper()
	end := time.After(30 * time.Second)
	for {
		select {
		case w := <-told:
			if w == want {
				return
			}
		case <-end:
			t.Fatalf("the service manager is never told %s", want)
		}
	}
}

// A hub whose charts catch up, or whose disk is full, is of use to the wards; a
// watchdog that restarts it would take that from them, again and again.
func TestTheWatchdogDoesNotKillAHubThatIsNotReady(t *testing.T) {
	t.Parallel()
	socket, told := serviceManager(t)
	c, k := testConfig(t)
	o := Options{Notifier: Notifier{Socket: socket, Watchdog: 30 * time.Millisecond}}
	h := openHub(t, c, k, o)
	h.unready = func() error { return errTest }
	s, err := h.Listen(o, Pages(nil, lang.Text{}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	hear(t, told, "READY=1")
	if h.Ready(ctx) == nil {
		t.Fatal("the hub is ready; the test is worth nothing")
	}
	hear(t, told, "WATCHDOG=1")
	stop()
	hear(t, told, "STOPPING=1")
	if err := <-ended; err != nil {
		t.Error("run:", err)
	}
}

func TestAServiceManagerThatIsGoneDoesNotStopTheHub(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	n := Notifier{Socket: filepath.Join(t.TempDir(), "nobody"), Watchdog: 3 * time.Millisecond}
	asked := 0
	err := n.Keep(ctx, func(context.Context) error {
		if asked++; asked == 3 {
			stop()
		}
		return nil
	})
	if err != nil || asked < 3 {
		t.Errorf("asked %d times, then %v", asked, err)
	}
}
