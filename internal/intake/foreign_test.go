package intake

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	foreign "github.com/google/simhospital/pkg/hl7"

	"notbetrieb/internal/hl7"
)

// TestASenderOfOtherOriginInGo uses simhospital's sender, which writes a frame
// in three writes and insists on every byte of the answer's frame.
func TestASenderOfOtherOriginInGo(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, nil)
	sender, err := foreign.NewMLLPSender(h.Addr().String(), true, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	for i := range 50 {
		raw := admission(i)
		if i%2 == 1 { // as simhospital itself sends: accept acknowledgement only
			raw = bytes.Replace(raw, []byte("|P|2.5\r"), []byte("|P|2.3|||AL||44|ASCII\r"), 1)
		}
		if err := sender.Send(raw); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if n := len(h.journal.all()); n != 50 {
		t.Errorf("%d records", n)
	}
}

// TestASenderOfOtherOriginInPython uses mllp_send of the Debian package
// python3-hl7, where it is installed.
func TestASenderOfOtherOriginInPython(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("mllp_send")
	if err != nil {
		t.Skip("mllp_send (Debian package python3-hl7) is not installed")
	}
	h := listen(t, &memory{}, nil)
	host, port, err := net.SplitHostPort(h.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var framed, loose []byte
	for i := range 10 {
		named := func(id int) []byte {
			return bytes.Replace(admission(id), []byte("Wilhelmine"), []byte("Jörg-Müller"), 1)
		}
		framed = append(append(append(framed, 0x0B), named(i)...), 0x1C, 0x0D)
		loose = append(append(loose, bytes.ReplaceAll(named(100+i), []byte("\r"), []byte("\n"))...), '\n')
	}
	for _, run := range []struct {
		name    string
		content []byte
		args    []string
	}{{"framed.hl7", framed, nil}, {"loose.hl7", loose, []string{"--loose"}}} {
		file := filepath.Join(dir, run.name)
		if err := os.WriteFile(file, run.content, 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(h.journal.all())
		args := append([]string{"--port", port, "--file", file}, run.args...)
		out, err := exec.CommandContext(t.Context(), tool, append(args, host)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", run.name, err, out)
		}
		if n := strings.Count(string(out), "MSA|AA|"); n != 10 {
			t.Errorf("%s: %d positive answers\n%q", run.name, n, out)
		}
		all := h.journal.all()
		if len(all)-before != 10 {
			t.Errorf("%s: %d records", run.name, len(all)-before)
		}
		for _, r := range all[before:] {
			m, err := hl7.Parse(r.Body)
			if err != nil || m.Get("PID-5.2") != "Jörg-Müller" || m.Len() != 4 {
				t.Errorf("%s: %v", run.name, err)
			}
		}
	}
}
