package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"

	"notbetrieb/internal/hl7"
)

// TestMain makes the test binary the program itself, for the scripts and for
// the tests that kill it.
func TestMain(m *testing.M) {
	runAsProgram()
	testscript.Main(m, map[string]func(){"notbetrieb": main})
}

// TestCommandLine runs the stories of testdata/script: what an operator types
// and what comes back.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"WEB", "KIS", "LIS"} {
				addr, err := freeAddr()
				if err != nil {
					return err
				}
				e.Setenv(name, addr)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "expand": expand, "send": send, "tarlist": tarList, "flip": flip, "spoil": spoil, "plain": plain,
		},
	})
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// exits CODE PROGRAM ARGS… runs a program that must end with the code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// expand FILE… puts the values of $VARIABLES into files.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// send ADDR FILE sends a message and waits for AA. It waits for the listener.
func send(ts *testscript.TestScript, neg bool, args []string) {
	raw := []byte(strings.ReplaceAll(strings.TrimSpace(ts.ReadFile(args[1])), "\n", "\r") + "\r")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var c *hl7.Client
	var err error
	for {
		if c, err = hl7.Dial(ctx, args[0], hl7.ClientOptions{}); err == nil || ctx.Err() != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Check(err)
	defer c.Close()
	answer, err := c.Send(ctx, raw)
	ts.Check(err)
	ack, err := hl7.ParseAck(answer)
	ts.Check(err)
	if (ack.Code == hl7.AA) == neg {
		ts.Fatalf("answered with %s", ack.Code)
	}
}

// plain WORD DIR… reports whether a word stands in plain in a file below the
// folders, as for grep: ! plain Lindner data.
func plain(ts *testscript.TestScript, neg bool, args []string) {
	var found []string
	for _, dir := range args[1:] {
		err := filepath.WalkDir(ts.MkAbs(dir), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
				return nil
			}
			if err != nil {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte(args[0])) {
				found = append(found, path)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		ts.Check(err)
	}
	if neg != (len(found) == 0) {
		ts.Fatalf("%q stands in %v", args[0], found)
	}
}

// tarlist TAR FILE writes the sorted names and sizes of a tar's files to FILE.
func tarList(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	var lines []string
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		body, err := io.ReadAll(r)
		ts.Check(err)
		lines = append(lines, fmt.Sprintf("%s %d %s", h.Name, h.Size, strings.ReplaceAll(string(body), "\r", "|")))
	}
	sort.Strings(lines)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// flip FILE turns one bit in the middle of a file over.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}

// spoil DATABASE TABLE COLUMN WHERE turns one bit of a stored blob over.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	c, err := sqlite3.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	get, _, err := c.Prepare(fmt.Sprintf("SELECT %s FROM %s WHERE %s", args[2], args[1], args[3]))
	ts.Check(err)
	if !get.Step() {
		ts.Fatalf("nothing to spoil: %v", get.Err())
	}
	b := get.ColumnBlob(0, nil)
	ts.Check(get.Close())
	b[len(b)/2] ^= 0x10
	set, _, err := c.Prepare(fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s", args[1], args[2], args[3]))
	ts.Check(err)
	ts.Check(set.BindBlob(1, b))
	ts.Check(set.Exec())
	ts.Check(set.Close())
	ts.Check(c.Close())
}
