package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/intake"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func alarmed(h *Hub, key string) bool {
	for _, a := range h.Alarms.All() {
		if a.Key == key {
			return true
		}
	}
	return false
}

// The drop folder often lies on a share of the system that is down.
func TestAMissingDropFolderDoesNotKeepTheHubFromServing(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	f := config.DefaultFeed()
	f.Name, f.Kind, f.System = "ablage", config.Folder, "kis"
	f.Folder = filepath.Join(t.TempDir(), "freigabe")
	c.Feeds = []config.Feed{f}
	h := openHub(t, c, k, Options{})
	s, err := h.Listen(Options{}, Pages(nil, lang.Text{}))
	if err != nil {
		t.Fatal("a folder that is away keeps the hub from starting:", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	waitFor(t, "no alarm", func() bool { return alarmed(h, "intake/ablage/folder") })
	if err := os.Mkdir(f.Folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Folder, "a.hl7"), []byte("MSH|^~\\&|KIS||||20261121||ADT^A01|1|P|2.5\rEVN||20261121\r"), 0o600); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the file is not taken when the folder is back", func() bool { return h.Journal.Head() > 0 })
	if alarmed(h, "intake/ablage/folder") {
		t.Error("the alarm stands though the folder is back")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error("run:", err)
	}
}

func TestAHubThatCannotListenGivesEveryPortFree(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	c, k := testConfig(t)
	f := config.DefaultFeed()
	f.Name, f.System, f.Listen = "kis", "kis", addr
	c.Feeds, c.Web.Listen = []config.Feed{f}, taken.Addr().String()
	h := openHub(t, c, k, Options{})
	if _, err := h.Listen(Options{}, Pages(nil, lang.Text{})); err == nil {
		t.Fatal("two listen on one port")
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal("the feed's port is still held:", err)
	}
	_ = again.Close()
}

func TestOneAlarmOfAFeedDoesNotHideAnother(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	h := openHub(t, c, k, Options{})
	say := lang.Text{DE: "Eine Datei lässt sich nicht lesen.", EN: "A file cannot be read."}
	for _, err := range []error{intake.ErrStore, intake.ErrSequence, intake.ErrBatch, intake.ErrOversized,
		fault.Mark(fmt.Errorf("%w: permission", intake.ErrFile), fault.Unavailable, say)} {
		h.intakeAlarm("kis", err)
	}
	all := h.Alarms.All()
	if len(all) != 5 {
		t.Fatalf("%d alarms stand, want 5: %v", len(all), all)
	}
	for _, a := range all {
		if a.Key == "intake/kis/file" && a.Text.DE != "kis: "+say.DE {
			t.Errorf("the alarm says %q", a.Text.DE)
		}
	}
}

func TestIdleOfZeroIsNever(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	h := openHub(t, c, k, Options{})
	f, err := h.feed(config.Feed{Name: "kis"})
	if err != nil || f.Idle < 10*365*24*time.Hour {
		t.Errorf("a silent connection is closed after %s (%v); the configuration says never", f.Idle, err)
	}
	if f, err = h.feed(config.Feed{Name: "kis", Idle: time.Hour}); err != nil || f.Idle != time.Hour {
		t.Errorf("idle is %s, %v", f.Idle, err)
	}
}

// With the disk nearly full the feeds stop first: their senders keep what they
// have, and people go on signing in and reading.
func TestANearlyFullDiskStopsTheFeedsAndNotTheReading(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	h := openHub(t, c, k, Options{})
	free, asked := uint64(reserve-1), errors.New("never")
	h.store.free = func() (uint64, error) { return free, asked }
	rec := journal.Record{ID: journal.NewID(), Time: time.Now(), Source: "kis", Kind: journal.HL7, Body: []byte("MSH")}
	asked = nil
	if _, err := h.store.Append(t.Context(), rec); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a message on a nearly full disk: %v", err)
	}
	h.look()
	if !alarmed(h, "disk") {
		t.Error("nobody is told")
	}
	if err := h.RecordConsole(t.Context(), "root", "raw", "", "record 1"); err != nil {
		t.Error("a read cannot be recorded:", err)
	}
	free = reserve
	h.store.at = time.Time{}
	if _, err := h.store.Append(t.Context(), rec); err != nil {
		t.Error("with room again:", err)
	}
	if h.look(); alarmed(h, "disk") {
		t.Error("the alarm stands with room again")
	}
}

func TestAFeedWithoutItsCertificateAloneStaysOffUntilTheFileIsThere(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	dir := t.TempDir()
	plain, secure := config.DefaultFeed(), config.DefaultFeed()
	plain.Name, plain.System, plain.Listen = "kis", "kis", "127.0.0.1:0"
	secure.Name, secure.System, secure.Listen = "lis", "kis", "127.0.0.1:0"
	secure.TLS = config.TLS{Cert: filepath.Join(dir, "server.pem"), Key: filepath.Join(dir, "server.key")}
	c.Feeds = []config.Feed{plain, secure}
	h := openHub(t, c, k, Options{})
	h.feedRetry = time.Millisecond
	s, err := h.Listen(Options{}, Pages(nil, lang.Text{}))
	if err != nil {
		t.Fatal("a certificate that is missing keeps the hub from starting:", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	a, ok := h.Alarms.Get("intake/lis/off")
	if !ok || !strings.Contains(a.Text.DE, "lis") || !strings.Contains(a.Text.DE, secure.TLS.Cert) {
		t.Fatalf("the alarm is %+v", a)
	}
	if s.FeedAddr("kis") == nil || s.FeedAddr("lis") != nil {
		t.Errorf("kis listens on %v, lis on %v", s.FeedAddr("kis"), s.FeedAddr("lis"))
	}
	if err := os.WriteFile(secure.TLS.Cert, []byte("kein Zertifikat"), 0o600); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a damaged file is not named", func() bool {
		a, _ := h.Alarms.Get("intake/lis/off")
		return strings.Contains(a.Text.DE, secure.TLS.Key) // the next that is missing
	})
	if err := os.Remove(secure.TLS.Cert); err != nil {
		t.Fatal(err)
	}
	if err := CreateCA(dir, "Testhaus", []string{"127.0.0.1"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the feed does not come", func() bool { return s.FeedAddr("lis") != nil })
	if alarmed(h, "intake/lis/off") {
		t.Error("the alarm stands though the feed listens")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error("run:", err)
	}
}
