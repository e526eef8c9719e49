package numbers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// childEnv carries folders and keys to the process that gets killed.
const childEnv = "NOTBETRIEB_NUMBERS_CHILD"

// TestMain turns this test binary into the child where asked.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(strings.Split(spec, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a hub and a node beside it that give numbers until they are killed.
// A number is given once it is on the standard output.
func child(spec []string) error {
	key, err := hex.DecodeString(spec[1])
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(spec[2])
	if err != nil {
		return err
	}
	ctx := context.Background()
	j, err := journal.Open(ctx, spec[0]+"/journal", seal.Key(key), signer, journal.Options{MinFree: -1})
	if err != nil {
		return err
	}
	f, err := Open(ctx, j, "hub", both(), Options{Dir: spec[0], Block: 30, draw: same})
	if err != nil {
		return err
	}
	n, err := OpenNode(spec[0]+"/node", "3A", both(), NodeOptions{Keep: 60, Step: 7})
	if err != nil {
		return err
	}
	errs := make(chan error)
	give := func(next func() (string, error)) {
		for {
			text, err := next()
			if err == nil {
				_, err = io.WriteString(os.Stdout, text+"\n")
			}
			if err != nil {
				errs <- err
				return
			}
		}
	}
	for range 4 {
		go give(func() (string, error) { return f.Next(ctx, "patient") })
	}
	go give(func() (string, error) {
		for n.Wants("patient") > 0 {
			b, err := f.Grant(ctx, "3A", "patient")
			if err != nil {
				return "", err
			}
			if err := n.Take(b); err != nil {
				return "", err
			}
		}
		return n.Next("patient")
	})
	return <-errs
}

func TestKilledWhileGivingNumbers(t *testing.T) {
	t.Parallel()
	secret, _, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	key := seal.NewKey()
	spec := fmt.Sprintf("%s\n%x\n%s", t.TempDir(), key[:], secret)
	g := newGiven()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	const rounds = 12
	for range rounds {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childEnv+"="+spec)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Process.Kill() })
		kill := time.AfterFunc(time.Duration(50+rng.IntN(150))*time.Millisecond, func() { _ = c.Process.Kill() })
		in := bufio.NewReader(out)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				break // the last line may be cut
			}
			g.add(t, patient, strings.TrimSpace(line))
		}
		if err := c.Wait(); err != nil && stderr.Len() > 0 {
			t.Fatalf("child: %v: %s", err, stderr.String())
		}
		kill.Stop()
	}
	t.Logf("%d kills, %d numbers, none twice", rounds, g.total)
}
