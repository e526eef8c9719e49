package testkit_test

import (
	"context"
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/testkit"
)

func TestTheSameMessageAgainIsAnsweredAndAppliedOnce(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
	h.Declare("kis")
	before := h.Hub.Journal.Head()
	h.Receive("lis", "r01_mueller_potassium_6_1.hl7", "r01_mueller_potassium_6_1.hl7")
	if got := h.Hub.Journal.Head(); got != before {
		t.Errorf("the same message again moved the head from %d to %d", before, got)
	}
	lab := h.As("arzt").Page(chartOf(h.As("arzt").Page("/ward/3A"), "26047110") + "/lab")
	if n := strings.Count(lab.In(".labtable").Text(), "6,1"); n != 1 {
		t.Errorf("the value stands %d times in the table", n)
	}
	h.Receive("lis", strings.Replace(messageText(t, "r01_mueller_potassium_6_1.hl7"), "|6,1|", "|3,9|", 1))
	if got := h.Hub.Journal.Head(); got == before {
		t.Error("another message with the same control ID was dropped")
	}
	h.As("arzt").Page(chartOf(h.As("arzt").Page("/ward/3A"), "26047110") + "/lab").Sees("3,9")
}

func TestEnhancedAcknowledgement(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	c, err := h.Dial(t.Context(), "lis", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	first, err := c.Send(t.Context(), h.Message("r01_mueller_enhanced_ack.hl7"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []hl7.AckCode{hl7.CA, hl7.AA} {
		a, err := hl7.ParseAck([][]byte{first, second}[i])
		if err != nil || a.Code != want || a.ControlID != "L00032" {
			t.Errorf("answer %d is %+v, %v; want %s", i+1, a, err, want)
		}
	}
	h.Settle()
	h.Declare("kis")
	h.As("arzt").Page(chartOf(h.As("arzt").Page("/ward/3A"), "26047110") + "/lab").Sees("5,0")
}

func TestFilesDroppedIntoAFolderReachTheChart(t *testing.T) {
	t.Parallel()
	drop := t.TempDir()
	h := testkit.New(t, func(c *config.Config) {
		f := config.DefaultFeed()
		f.Name, f.Kind, f.Folder, f.System = "ablage", config.Folder, drop, "kis"
		c.Feeds = append(c.Feeds, f)
	})
	h.Drop(drop, "aufnahmen.hl7", "a01_mueller_3A.hl7", "a01_heidenreich_ITS.hl7")
	h.Drop(drop, "kein-hl7.hl7", "MSHwasauchimmer")
	waitFor(t, func() bool {
		left, err := filepath.Glob(filepath.Join(drop, "*.hl7"))
		return err == nil && len(left) == 0
	})
	h.Settle()
	h.Declare("kis")
	h.As("arzt").Page("/ward/3A").Sees("Müller")
	h.As("arzt").Page("/ward/ITS").Sees("von Heidenreich")
	bad, err := filepath.Glob(filepath.Join(drop, "bad", "*"))
	if err != nil || len(bad) == 0 {
		t.Errorf("the file that is no HL7 was not put aside: %v, %v", bad, err)
	}
}

func TestAFeedWithClientCertificatesLetsOnlyThoseIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, err := seal.NewCA("Klinik am Lindenhof", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	server, err := ca.IssueServer(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	sender, err := ca.IssueClient(time.Now(), "kis")
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.NewCA("Fremd", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := other.IssueClient(time.Now(), "kis")
	if err != nil {
		t.Fatal(err)
	}
	if err := seal.WriteCA(file("ca.pem"), file("ca.key"), ca); err != nil {
		t.Fatal(err)
	}
	if err := seal.WriteIdentity(file("server.pem"), file("server.key"), server); err != nil {
		t.Fatal(err)
	}
	h := testkit.New(t, func(c *config.Config) {
		c.Feeds[0].TLS = config.TLS{Cert: file("server.pem"), Key: file("server.key"), ClientCA: file("ca.pem")}
	})
	dial := func(certs ...tls.Certificate) error {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		c, err := h.Dial(ctx, "kis", &tls.Config{RootCAs: ca.Pool(), ServerName: "127.0.0.1", Certificates: certs})
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Send(ctx, h.Message("a01_mueller_3A.hl7"))
		return err
	}
	if err := dial(); err == nil {
		t.Error("a sender without a certificate was let in")
	}
	if err := dial(stranger.TLS()); err == nil {
		t.Error("a sender with a certificate of another authority was let in")
	}
	h.Settle()
	h.Declare("kis")
	h.As("arzt").Page("/ward/3A").NotSees("Müller")
	if err := dial(sender.TLS()); err != nil {
		t.Errorf("the sender with its certificate: %v", err)
	}
	h.Settle()
	h.As("arzt").Page("/ward/3A").Sees("Müller")
}

// waitFor waits until something outside the test's reach has happened.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestAMissingDropFolderStopsNothingElse(t *testing.T) {
	t.Parallel()
	drop := filepath.Join(t.TempDir(), "freigabe")
	h := testkit.New(t, func(c *config.Config) {
		f := config.DefaultFeed()
		f.Name, f.Kind, f.Folder, f.System = "ablage", config.Folder, drop, "kis"
		c.Feeds = append(c.Feeds, f)
	})
	waitFor(t, func() bool { return len(h.Hub.Alarms.All()) == 1 })
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.As("arzt").Page("/").Sees("Der Eingangsordner von ablage (", "ist nicht erreichbar")
	if err := os.Mkdir(drop, 0o700); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(h.Hub.Alarms.All()) == 0 })
	h.Drop(drop, "its.hl7", "a01_heidenreich_ITS.hl7")
	waitFor(t, func() bool {
		left, err := filepath.Glob(filepath.Join(drop, "*.hl7"))
		return err == nil && len(left) == 0
	})
	h.Settle()
	h.Declare("kis")
	h.As("arzt").Page("/ward/ITS").Sees("Heidenreich")
	h.As("arzt").Page("/ward/3A").Sees("Müller")
}
