package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/lang"
)

// asProgram makes the test binary the program itself, for tests that kill it.
const asProgram = "NOTBETRIEB_TEST_AS_PROGRAM"

// runAsProgram runs the program if the test binary was started as one.
func runAsProgram() {
	if os.Getenv(asProgram) == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// notbetrieb runs one command line in this process.
func notbetrieb(t *testing.T, env map[string]string, args ...string) (code int, out, errw string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, func(k string) string { return env[k] }, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// made is a hub that init made; change, if any, changes its configuration.
func made(t *testing.T, change ...func(*config.Config)) (configFile, said string) {
	t.Helper()
	dir := filepath.Join(shortDir(t), "nb")
	code, out, errw := notbetrieb(t, nil, "init", "--data", dir, "--hospital", "Klinik am Lindenhof", "--listen", "127.0.0.1:0")
	if code != 0 {
		t.Fatalf("init: %d %s", code, errw)
	}
	path := filepath.Join(dir, "notbetrieb.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Parse(b)
	if err != nil {
		t.Fatal("init writes a configuration with mistakes:", err)
	}
	for _, f := range change {
		f(&c)
	}
	if err := os.WriteFile(path, config.Write(c), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, out
}

// shortDir is a folder whose sockets have short enough names.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "nb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// openHere opens a hub in this process.
func openHere(t *testing.T, c console, cfg config.Config) *app.Hub {
	t.Helper()
	k, err := c.keys(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h, err := app.Open(t.Context(), cfg, k, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func oneFeed(listen string) func(*config.Config) {
	return func(c *config.Config) {
		c.Systems = []config.System{{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}}
		f := config.DefaultFeed()
		f.Name, f.System, f.Listen = "kis", "kis", listen
		c.Feeds = []config.Feed{f}
	}
}

func TestAFreshFolderIsWholeAndPrivate(t *testing.T) {
	t.Parallel()
	path, said := made(t)
	if code, out, errw := notbetrieb(t, nil, "check", "--config", path); code != 0 {
		t.Errorf("check of a fresh folder: %d\n%s%s", code, out, errw)
	}
	if code, _, errw := notbetrieb(t, nil, "config", "check", "--config", path); code != 0 {
		t.Errorf("config check: %d %s", code, errw)
	}
	code, _, errw := notbetrieb(t, nil, "init", "--data", filepath.Dir(path))
	if code == 0 || !strings.Contains(errw, "nothing was changed") {
		t.Errorf("a second init: %d %s", code, errw)
	}
	password := regexp.MustCompile(`password (\S+)`).FindStringSubmatch(said)
	if password == nil {
		t.Fatalf("no password in %q", said)
	}
	err := filepath.WalkDir(filepath.Dir(path), func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		private := runtime.GOOS != "windows" && (d.IsDir() || filepath.Ext(p) == ".key" || filepath.Ext(p) == ".yaml")
		if private && i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", p, i.Mode())
		}
		if b, err := os.ReadFile(p); !d.IsDir() && (err != nil || bytes.Contains(b, []byte(password[1]))) {
			t.Errorf("%s holds the first password, or %v", p, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheFirstPasswordMustBeChanged(t *testing.T) {
	t.Parallel()
	path, _ := made(t)
	c := console{getenv: func(string) string { return "" }, out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	cfg, err := c.load(path)
	if err != nil {
		t.Fatal(err)
	}
	h := openHere(t, c, cfg)
	p, ok := h.Staff.Person("it")
	if !ok || !p.MustChange {
		t.Errorf("the first person is %+v", p)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// Somebody who asks for a passphrase never gets a key without one.
func TestInitWithAnEmptyPassphraseWritesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nb")
	code, _, errw := notbetrieb(t, nil, "init", "--data", dir, "--passphrase-env", "NB_PASS")
	if code != 2 || !strings.Contains(errw, "NB_PASS") {
		t.Errorf("init: %d %s", code, errw)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys", "master.key")); err == nil {
		t.Error("an unwrapped key was written")
	}
	env := map[string]string{"NB_PASS": "eine lange Passphrase"}
	if code, _, errw := notbetrieb(t, env, "init", "--data", dir, "--passphrase-env", "NB_PASS"); code != 0 {
		t.Fatalf("init with the passphrase: %d %s", code, errw)
	}
	path := filepath.Join(dir, "notbetrieb.yaml")
	if code, _, errw := notbetrieb(t, nil, "check", "--config", path); code != 2 {
		t.Errorf("check without the passphrase: %d %s", code, errw)
	}
	if code, out, errw := notbetrieb(t, env, "check", "--config", path); code != 0 {
		t.Errorf("check with the passphrase: %d %s%s", code, out, errw)
	}
}

func TestWrongWordsAreExplained(t *testing.T) {
	t.Parallel()
	path, _ := made(t, oneFeed("127.0.0.1:0"))
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("dats: /x\nweb:\n  listen: nirgends\nretention:\n  days: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "Usage:"},
		{[]string{"help"}, 0, "Usage:"},
		{[]string{"fly"}, 2, `no command "fly"`},
		{[]string{"serve"}, 2, "--config FILE is needed"},
		{[]string{"serve", "--config", "/nowhere.yaml"}, 4, "cannot be read"},
		{[]string{"serve", "--fly"}, 2, "fly"},
		{[]string{"config", "check", "--config", bad}, 2, "data"},
		{[]string{"config", "check", "--config", bad}, 2, "web.listen"},
		{[]string{"config", "check", "--config", bad}, 2, "retention.days"},
		{[]string{"journal", "fly"}, 2, `no command "fly"`},
		{[]string{"journal", "list", "--config", path, "--fly"}, 2, "fly"},
		{[]string{"journal", "list", "--config", path, "-h"}, 0, "newest last"},
		{[]string{"journal", "show", "--config", path, "99999"}, 4, "99999"},
		{[]string{"journal", "list", "--config", path, "--from", "gestern"}, 2, "Time not readable"},
		{[]string{"print", "--config", path}, 2, "exactly one"},
		{[]string{"print", "--config", path, "--patient", "4711"}, 4, "No patient"},
		{[]string{"people", "password", "--config", path, "--id", "niemand"}, 4, "no such person"},
		{[]string{"people", "add", "--config", path, "--id", "x y", "--name", "X", "--roles", "nurse"}, 2, "sign-in name"},
		{[]string{"config", "reference"}, 0, "retention:"},
	} {
		code, out, errw := notbetrieb(t, nil, c.args...)
		if code != c.code || !strings.Contains(out+errw, c.says) {
			t.Errorf("%v: %d, want %d and %q:\n%s%s", c.args, code, c.code, c.says, out, errw)
		}
	}
}

func TestAnInterruptedExportIsNotDone(t *testing.T) {
	t.Parallel()
	path, _ := made(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errw bytes.Buffer
	if code := run(ctx, []string{"journal", "export", "--config", path}, os.Getenv, nil, &out, &errw); code == 0 {
		t.Errorf("an interrupted export ends with 0: %s", errw.String())
	}
}
