package testkit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

// childEnv names the data folder of a hub that runs in a process of its own, to
// be killed.
const childEnv = "NOTBETRIEB_TESTKIT_HUB"

// TestMain turns this test binary into such a hub where asked.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := hubProcess(testHouse(dir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if raw := os.Getenv(dayEnv); raw != "" {
		if err := dayProcess(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childHouse is what a child process runs: its configuration, its clock (nil is
// the system's), and who signs people up.
type childHouse struct {
	config config.Config
	now    func() time.Time
	people func(context.Context, *staff.Book) error
}

// testHouse is the test hospital on dir.
func testHouse(dir string) childHouse {
	c := testkit.Config(dir)
	c.Feeds = append(c.Feeds, analyserFeed())
	return childHouse{config: c, people: testkit.SignUp}
}

// hubProcess runs a hub. It says where its feeds listen in one line of JSON,
// then answers the words of its standard input.
func hubProcess(house childHouse) error {
	c := house.config
	if _, err := os.Stat(c.Keys.File); errors.Is(err, os.ErrNotExist) {
		if err := app.CreateKeys(c.Keys.File, "testhaus", ""); err != nil {
			return err
		}
	}
	if anchor := filepath.Join(filepath.Dir(c.Data), "anchor"); exists(anchor) {
		c.Checkpoint.AnchorDir = anchor
	}
	keys, err := app.OpenKeys(c.Keys.File, "")
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	o := app.Options{Log: slog.New(slog.DiscardHandler), Now: house.now, Hash: testkit.CheapHash()}
	h, err := app.Open(ctx, c, keys, o)
	if err != nil {
		return err
	}
	s, err := h.Listen(o, app.Pages(nil, lang.Text{}))
	if err != nil {
		return errors.Join(err, h.Close())
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	out := json.NewEncoder(os.Stdout)
	first := childSays{Feeds: map[string]string{}, Web: s.URL()}
	for _, f := range c.Feeds {
		first.Feeds[f.Name] = s.FeedAddr(f.Name).String()
	}
	if err := out.Encode(first); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		say := childSays{}
		switch in.Text() {
		case "full":
			say.Fail = fillDisk(true)
		case "free":
			say.Fail = fillDisk(false)
		case "people":
			if err := house.people(ctx, h.Staff); err != nil {
				say.Fail = err.Error()
			}
		case "settled":
			if err := h.Chart.Wait(ctx, h.Journal.Head()); err != nil {
				say.Fail = err.Error()
			}
		case "aside":
			a := h.Staff.Aside()
			say.Waiting, say.Kept = a.Waiting, a.Kept
		case "alarms":
			for _, a := range h.Alarms.All() {
				say.Alarms = append(say.Alarms, a.Key)
			}
			say.Ready = h.Ready(ctx) == nil
		default:
			if word, ok := strings.CutPrefix(in.Text(), "back "); ok {
				var err error
				if say.Back, err = handsBack(ctx, h, word); err != nil {
					say.Fail = err.Error()
				}
			}
		}
		if err := out.Encode(say); err != nil {
			return err
		}
	}
	stop()
	return errors.Join(<-ended, h.Close())
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// childSays is one line of a child's answer.
type childSays struct {
	Feeds         map[string]string // addresses, by name
	Web           string
	Fail          string
	Alarms        []string
	Ready         bool
	Waiting, Kept int
	Back          map[handback.State]int // how many entries stand where
}

// child is a running hub process.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	feed  string
	kis   string
	web   string
	bench string // where analysers connect
	feeds map[string]string
	mu    sync.Mutex
	out   *json.Decoder
	in    interface{ Write([]byte) (int, error) }
	stop  func() error
}

func startChild(t *testing.T, dir string) *child { return startHub(t, childEnv+"="+dir) }

// startHub starts this binary as the hub that env asks for.
func startHub(t *testing.T, env string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), env)
	var errs strings.Builder
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: cmd, out: json.NewDecoder(out), in: in, stop: in.Close}
	var first childSays
	if err := c.out.Decode(&first); err != nil {
		_ = cmd.Wait()
		t.Fatalf("the hub does not start: %v\n%s", err, errs.String())
	}
	c.feeds, c.web = first.Feeds, first.Web
	c.feed, c.kis, c.bench = first.Feeds["lis"], first.Feeds["kis"], first.Feeds["cobas"]
	return c
}

// ask says a word and returns the answer.
func (c *child) ask(word string) childSays {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := fmt.Fprintln(c.in, word); err != nil {
		c.t.Fatal(err)
	}
	var say childSays
	if err := c.out.Decode(&say); err != nil {
		c.t.Fatal(err)
	}
	return say
}

// kill ends the process at once, as a power cut does.
func (c *child) kill() {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
}

// end lets it stop in good order.
func (c *child) end() {
	c.t.Helper()
	if err := errors.Join(c.stop(), c.cmd.Wait()); err != nil {
		c.t.Fatal(err)
	}
}

// awake reports whether something answers at addr.
func awake(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	return c.Close() == nil
}
