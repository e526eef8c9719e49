package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// A running hub holds the journal's lock, so the operator's commands run inside
// it: the command line sends its words over a Unix socket in the data folder
// and copies what comes back. Who may open the socket is decided by the
// folder's permissions.

// controlName is the socket's file name inside the data folder.
const controlName = "control.sock"

// maxCall bounds the words of one command in bytes.
const maxCall = 4 << 20

// A Call is one command sent to a running hub.
type Call struct {
	Name string   `json:"name"`
	Args []string `json:"args"`
	User string   `json:"user"` // the operating system's name of the caller, for the audit
}

// piece is one line of the answer.
type piece struct {
	Out  []byte     `json:"out,omitempty"`
	Err  []byte     `json:"err,omitempty"`
	Done bool       `json:"done,omitempty"`
	Fail string     `json:"fail,omitempty"`
	Kind fault.Kind `json:"kind,omitempty"`
	Said string     `json:"said,omitempty"` // "help" or "usage": the answer has explained itself
	Say  lang.Text  `json:"say,omitzero"`
}

// Answerer runs one call inside the hub.
type Answerer func(ctx context.Context, call Call, out, errw io.Writer) error

// ServeControl answers calls on the data folder's socket until ctx ends.
func ServeControl(ctx context.Context, dir string, answer Answerer) error {
	path := filepath.Join(dir, controlName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(fmt.Errorf("control socket: %w", err), l.Close())
	}
	srv := &http.Server{
		Handler:           controlHandler(answer),
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(l) }()
	select {
	case <-ctx.Done():
	case err := <-stopped:
		return fmt.Errorf("control socket: %w", err)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return srv.Shutdown(end)
}

// serveControl serves the operator's commands. Without its socket (a path that
// is too long, a file system that has none) the hub serves all the same.
func (h *Hub) serveControl(ctx context.Context, answer func(context.Context, *Hub, Call, io.Writer, io.Writer) error) {
	err := ServeControl(ctx, h.Config.Data, func(ctx context.Context, call Call, out, errw io.Writer) error {
		return answer(ctx, h, call, out, errw)
	})
	if err == nil || ctx.Err() != nil {
		return
	}
	h.log.ErrorContext(ctx, "commands are not answered", slog.Any("err", err))
	h.Alarms.Raise("control", lang.Text{
		DE: "Befehle an den laufenden Hub (journal, print, people) werden nicht angenommen; das Protokoll nennt den Grund.",
		EN: "Commands to the running hub (journal, print, people) are not taken; the log names the reason.",
	})
}

func controlHandler(answer Answerer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call Call
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCall)).Decode(&call); err != nil {
			http.Error(w, "bad call", http.StatusBadRequest)
			return
		}
		lines := &lineWriter{w: w}
		lines.end(answer(r.Context(), call, lines.stream(false), lines.stream(true)))
	})
}

// lineWriter sends the pieces of an answer, one JSON line each.
type lineWriter struct {
	mu sync.Mutex
	w  http.ResponseWriter
}

func (l *lineWriter) send(p piece) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := json.NewEncoder(l.w).Encode(p); err != nil {
		return err
	}
	return http.NewResponseController(l.w).Flush()
}

func (l *lineWriter) end(err error) {
	p := piece{Done: true}
	if err != nil {
		p.Fail, p.Kind, p.Say = err.Error(), fault.KindOf(err), fault.Say(err)
		switch {
		case errors.Is(err, flag.ErrHelp):
			p.Said = "help"
		case errors.Is(err, ErrUsage):
			p.Said = "usage"
		}
	}
	_ = l.send(p) // the caller has gone away: nobody is left to tell
}

func (l *lineWriter) stream(isErr bool) io.Writer {
	return writerFunc(func(b []byte) (int, error) {
		p := piece{Out: b}
		if isErr {
			p = piece{Err: b}
		}
		if err := l.send(p); err != nil {
			return 0, err
		}
		return len(b), nil
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// ErrUsage is the error of a command that has already said what is wrong with
// its arguments.
var ErrUsage = errors.New("usage")

// ErrNoHub says that no hub runs on this data folder.
var ErrNoHub = errors.New("no hub is running here")

// Forward runs call inside the hub that serves dir and copies its output. It
// returns ErrNoHub if none is running.
func Forward(ctx context.Context, dir string, call Call, out, errw io.Writer) error {
	path := filepath.Join(dir, controlName)
	if _, err := os.Stat(path); err != nil {
		return ErrNoHub
	}
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	body, err := json.Marshal(call)
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://hub/", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call: %w", err)
	}
	res, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return ErrNoHub // the socket of a hub that was killed
	}
	defer res.Body.Close()
	return copyPieces(res.Body, out, errw)
}

func copyPieces(r io.Reader, out, errw io.Writer) error {
	d := json.NewDecoder(bufio.NewReader(r))
	for {
		var p piece
		if err := d.Decode(&p); err != nil {
			return fault.Newf(fault.Unavailable, lang.Text{
				DE: "Der Hub hat die Verbindung mitten in der Antwort beendet.",
				EN: "The hub ended the connection in the middle of its answer.",
			}, "control: %v", err)
		}
		if _, err := out.Write(p.Out); err != nil {
			return err
		}
		if _, err := errw.Write(p.Err); err != nil {
			return err
		}
		if !p.Done {
			continue
		}
		if p.Fail == "" {
			return nil
		}
		switch p.Said {
		case "help":
			return flag.ErrHelp
		case "usage":
			return ErrUsage
		}
		return fault.Newf(p.Kind, p.Say, "%s", p.Fail)
	}
}
