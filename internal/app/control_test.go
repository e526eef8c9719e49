package app

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notbetrieb/internal/lang"
)

// The name of a Unix socket must be short; a data folder's need not.
func TestAHubWithoutItsControlSocketServesAllTheSame(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	c.Data = filepath.Join(c.Data, strings.Repeat("lang", 30))
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	o := Options{Answer: func(context.Context, *Hub, Call, io.Writer, io.Writer) error { return nil }}
	h := openHub(t, c, k, o)
	s, err := h.Listen(o, Pages(nil, lang.Text{}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	waitFor(t, "nobody is told", func() bool { return alarmed(h, "control") })
	select {
	case err := <-ended:
		t.Fatal("the hub has stopped:", err)
	default:
	}
	stop()
	if err := <-ended; err != nil {
		t.Error("run:", err)
	}
}
