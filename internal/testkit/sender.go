package testkit

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/hl7"
)

// line is the connection of one sender to its feed.
type line struct {
	mu     sync.Mutex
	client *hl7.Client
}

func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil {
		_ = l.client.Close() // the hub may have closed it first
		l.client = nil
	}
}

// Message reads a message of testdata, or takes text that begins with MSH as
// it is. Files are UTF-8 with a segment per line, to be read by people; the
// bytes that are sent are in the character set that MSH-18 names.
func (h *Hospital) Message(nameOrText string) []byte {
	h.t.Helper()
	text := nameOrText
	if !strings.HasPrefix(text, "MSH") {
		b, err := os.ReadFile(filepath.Join("testdata", nameOrText))
		if err != nil {
			h.t.Fatal(err)
		}
		text = string(b)
	}
	raw := []byte(strings.ReplaceAll(strings.TrimSpace(text), "\n", "\r") + "\r")
	if head, err := hl7.ReadHeader(raw); err == nil && strings.HasPrefix(head.Charset, "8859/15") {
		if raw, err = charmap.ISO8859_15.NewEncoder().Bytes(raw); err != nil {
			h.t.Fatal(err)
		}
	}
	h.secrets.learn(raw)
	return raw
}

// Dial opens a further connection of a sender to a feed; tls may be nil.
func (h *Hospital) Dial(ctx context.Context, feed string, tls *tls.Config) (*hl7.Client, error) {
	addr := h.serves.FeedAddr(feed)
	if addr == nil {
		h.t.Fatalf("there is no listening feed %q", feed)
	}
	return hl7.Dial(ctx, addr.String(), hl7.ClientOptions{Answer: patience, TLS: tls})
}

// Analyser connects an analyser to its feed, until the test ends.
func (h *Hospital) Analyser(feed string) *astm.Conn {
	h.t.Helper()
	addr := h.serves.FeedAddr(feed)
	if addr == nil {
		h.t.Fatalf("there is no listening feed %q", feed)
	}
	nc, err := net.Dial("tcp", addr.String())
	if err != nil {
		h.t.Fatal(err)
	}
	c := astm.NewConn(nc, astm.Limits{Instrument: true, Reply: patience})
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Send sends one message over the feed's own connection and returns the first
// answer to it.
func (h *Hospital) Send(feed string, raw []byte) (hl7.Ack, error) {
	h.t.Helper()
	h.mu.Lock()
	l := h.lines[feed]
	if l == nil {
		l = &line{}
		h.lines[feed] = l
	}
	h.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.client == nil {
		if l.client, err = h.Dial(h.t.Context(), feed, nil); err != nil {
			return hl7.Ack{}, err
		}
	}
	answer, err := l.client.Send(h.t.Context(), raw)
	if err != nil {
		_ = l.client.Close() // what it said does not matter any more
		l.client = nil
		return hl7.Ack{}, err
	}
	return hl7.ParseAck(answer)
}

// Receive lets a feed receive messages, each a file of testdata or text, one a
// second. It waits for the answer AA and until the charts show them.
func (h *Hospital) Receive(feed string, messages ...string) {
	h.t.Helper()
	for _, m := range messages {
		h.Pass(time.Second)
		raw := h.Message(m)
		ack, err := h.Send(feed, raw)
		if err != nil {
			h.t.Fatalf("%s: %v", m, err)
		}
		if ack.Code != hl7.AA {
			h.t.Fatalf("%s was answered with %s", m, ack.Code)
		}
	}
	h.Settle()
}

// Drop puts a file into a folder as a careful writer does: finished, then
// renamed.
func (h *Hospital) Drop(dir, name string, messages ...string) {
	h.t.Helper()
	var all bytes.Buffer
	for _, m := range messages {
		all.Write(h.Message(m))
	}
	tmp := filepath.Join(dir, name+".tmp")
	if err := os.WriteFile(tmp, all.Bytes(), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(dir, name)); err != nil {
		h.t.Fatal(err)
	}
}
