package dicom

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// dcmtk starts a program of dcmtk that listens on a free port, and returns its
// address. Without dcmtk the test is skipped, but not where CI says that it is
// there.
func dcmtk(t *testing.T, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("storescp")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("dcmtk is not installed; scripts/test-tools installs it")
		}
		t.Skip("dcmtk is not installed; scripts/test-tools installs it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append(args, "--output-directory", t.TempDir(), strconv.Itoa(addr.Port))...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for {
		nc, err := net.Dial("tcp", addr.String())
		if err == nil {
			_ = nc.Close()
			return addr.String()
		}
		select {
		case <-t.Context().Done():
			t.Fatal("storescp does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ask(t *testing.T, addr string, titles Titles) error {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return Echo(ctx, nc, titles)
}

func TestStorescpAnswers(t *testing.T) {
	t.Parallel()
	addr := dcmtk(t, "--aetitle", "PACS")
	for range 3 {
		if err := ask(t, addr, Titles{Called: "PACS", Calling: "NOTBETRIEB"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStorescpRefusesEveryAssociation(t *testing.T) {
	t.Parallel()
	addr := dcmtk(t, "--refuse")
	var r *Rejected
	if err := ask(t, addr, Titles{Called: "PACS", Calling: "NOTBETRIEB"}); !errors.As(err, &r) {
		t.Fatalf("got %v, want a rejection", err)
	}
}

// peer answers one connection with the bytes, after what it read.
func peer(t *testing.T, answers ...[]byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		for _, a := range answers {
			if _, _, err := readPDU(nc); err != nil {
				return
			}
			if _, err := nc.Write(a); err != nil {
				return
			}
		}
		_, _, _ = readPDU(nc)
	}()
	return l.Addr().String()
}

func accept(result byte) []byte {
	body := append(make([]byte, 68), item(0x21, append([]byte{1, 0, result, 0}, item(0x40, []byte(implicitLittle))...))...)
	return pdu(associateAC, body)
}

func said(status uint16) []byte {
	set := append(element(0x0100, le16(0x8030)), element(0x0900, le16(status))...)
	value := append([]byte{1, 3}, set...)
	return pdu(dataTF, append([]byte{0, 0, 0, byte(len(value))}, value...))
}

func TestWhatAPeerMayAnswer(t *testing.T) {
	t.Parallel()
	titles := Titles{Called: "PACS", Calling: "NOTBETRIEB"}
	tests := []struct {
		name    string
		answers [][]byte
		want    func(error) bool
	}{
		{"success", [][]byte{accept(0), said(0), pdu(releaseRP, make([]byte, 4))}, func(err error) bool { return err == nil }},
		{"success, then it hangs up", [][]byte{accept(0), said(0)}, func(err error) bool { return err == nil }},
		{"out of resources", [][]byte{accept(0), said(0x0211)}, func(err error) bool { return errors.Is(err, Status(0x0211)) }},
		{"no verification", [][]byte{accept(3)}, func(err error) bool { return errors.Is(err, ErrNoVerification) }},
		{"called title not known", [][]byte{pdu(associateRJ, []byte{0, 1, 1, 7})}, func(err error) bool {
			var r *Rejected
			return errors.As(err, &r) && r.UnknownCalled() && !r.Busy()
		}},
		{"full", [][]byte{pdu(associateRJ, []byte{0, 2, 3, 2})}, func(err error) bool {
			var r *Rejected
			return errors.As(err, &r) && r.Busy()
		}},
		{"a web server", [][]byte{[]byte("HTTP/1.1 400 Bad Request\r\n\r\n")}, func(err error) bool { return errors.Is(err, ErrProtocol) }},
		{"an answer without end", [][]byte{{2, 0, 0xff, 0xff, 0xff, 0xff}}, func(err error) bool { return errors.Is(err, ErrProtocol) }},
		{"nothing", nil, func(err error) bool { return err != nil }},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			if err := ask(t, peer(t, x.answers...), titles); !x.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASilentPeerIsLeftWhenTimeIsUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := Echo(ctx, nc, Titles{Called: "A", Calling: "B"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

// FuzzAnswer: whatever a peer sends, the parsers end without a panic.
func FuzzAnswer(f *testing.F) {
	f.Add(accept(0)[6:], said(0)[6:])
	f.Add([]byte{}, []byte{0, 0, 0, 2, 1, 3})
	f.Fuzz(func(_ *testing.T, ac, data []byte) {
		if len(ac) > 68 {
			_, _ = presentation(ac[68:])
		}
		var command []byte
		if last, err := parts(data, &command); err == nil && last {
			_ = response(command)
		}
	})
}
