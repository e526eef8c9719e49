// Package foreign runs programs of other origin that tests speak to: an HL7 v2
// receiver and a FHIR server, as they come from their makers. Nothing of the
// product uses it.
package foreign

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The programs, in scripts/foreign.
const (
	HL7  = "hl7.mjs"  // simple-hl7: prints each message as it reads it
	FHIR = "fhir.mjs" // Medplum's FHIR router with its repository in memory, under /fhir
)

// Program is one that runs until the test ends.
type Program struct {
	Addr  string // host:port where it listens
	lines chan string
}

// maxLine is the longest line in bytes that a program prints.
const maxLine = 8 << 20

// Start runs a program and returns when it listens. Where it is not installed
// (scripts/test-tools) the test is skipped; it fails where CI is set.
func Start(t testing.TB, script string) *Program {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(here), "..", "..", "scripts", "foreign")
	missing := func(what string) {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: run scripts/test-tools", what)
		}
		t.Skipf("%s is not installed (scripts/test-tools): no program of other origin answers", what)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("node")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		missing("scripts/foreign/node_modules")
	}
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, node, script)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		t.Fatal(err)
	}
	p := &Program{lines: make(chan string, 1024)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(p.lines)
		s := bufio.NewScanner(out)
		s.Buffer(nil, maxLine)
		for s.Scan() {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		stop()
		for range p.lines { // until it has ended
		}
		<-read
		_ = cmd.Wait() // it was killed
	})
	p.Addr = strings.TrimSpace(p.Line(t))
	return p
}

// Line returns the next line that the program prints.
func (p *Program) Line(t testing.TB) string {
	t.Helper()
	line, ok := <-p.lines
	if !ok {
		t.Fatal("the program of other origin ended")
	}
	return line
}
