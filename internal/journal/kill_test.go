package journal

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/seal"
)

// childEnv carries folder, keys and seed to the process that gets killed.
const childEnv = "NOTBETRIEB_JOURNAL_CHILD"

// TestMain turns this test binary into the appending child where asked.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child appends with 32 goroutines until it is killed. Each acknowledged
// record goes to the standard output at once: ID and Seq, 24 bytes.
func child(spec string) error {
	f := strings.Split(spec, "\n")
	raw, err := hex.DecodeString(f[1])
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(f[2])
	if err != nil {
		return err
	}
	var start int
	if _, err := fmt.Sscan(f[3], &start); err != nil {
		return err
	}
	ctx := context.Background()
	j, err := Open(ctx, f[0], seal.Key(raw), signer, Options{MinFree: -1, CheckpointEvery: 20 * time.Millisecond})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	errs := make(chan error)
	for g := range 32 {
		go func() {
			for n := start + g; ; n += 32 {
				recs := []Record{adt(n)}
				if n%11 == 0 {
					recs = append(recs, adt(n-8), adt(n+1_000_000)) // repeats and small batches
				}
				seqs, err := j.AppendAll(ctx, recs)
				if err != nil {
					errs <- err
					return
				}
				var out []byte
				for i, s := range seqs {
					out = append(out, recs[i].ID[:]...)
					out = binary.BigEndian.AppendUint64(out, uint64(s))
				}
				mu.Lock()
				_, err = os.Stdout.Write(out)
				mu.Unlock()
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

func TestKilledWhileAppendingLosesNothing(t *testing.T) {
	t.Parallel()
	secret, public, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	k := testKeys{key: seal.NewKey()}
	if k.signer, err = note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	if k.verify, err = note.NewVerifier(public); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	acked := make(map[ID]Seq)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for round := range *kills {
		if round%25 == 24 { // a fresh journal now and then: creation is killed too
			dir, acked = t.TempDir(), make(map[ID]Seq)
		}
		spec := fmt.Sprintf("%s\n%x\n%s\n%d", dir, k.key[:], secret, round*100_000)
		after := time.Duration(rng.IntN(200)) * time.Millisecond
		runAndKill(t, spec, after, acked)
		verifyKilled(t, k, dir, acked)
		if t.Failed() {
			t.Fatalf("round %d, killed after %s", round, after)
		}
	}
	t.Logf("%d kills, %d records acknowledged in the last journal", *kills, len(acked))
}

// runAndKill starts the child, kills it, and takes up what it acknowledged.
func runAndKill(t *testing.T, spec string, after time.Duration, acked map[ID]Seq) {
	t.Helper()
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
	kill := time.AfterFunc(after+50*time.Millisecond, func() { _ = c.Process.Kill() })
	defer kill.Stop()
	in := bufio.NewReader(out)
	var ack [24]byte
	for {
		if _, err := io.ReadFull(in, ack[:]); err != nil {
			break
		}
		id, s := ID(ack[:16]), Seq(binary.BigEndian.Uint64(ack[16:]))
		if old, ok := acked[id]; ok && old != s {
			t.Errorf("acknowledged as %d, later as %d", old, s)
		}
		acked[id] = s
	}
	if err := c.Wait(); err != nil && stderr.Len() > 0 {
		t.Fatalf("child: %v: %s", err, stderr.String())
	}
}

func verifyKilled(t *testing.T, k testKeys, dir string, acked map[ID]Seq) {
	t.Helper()
	j := k.open(t, dir, Options{})
	at := make(map[ID]Seq)
	for from := Seq(1); ; {
		recs, err := j.Read(context.Background(), from, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(recs) == 0 {
			break
		}
		for _, r := range recs {
			if r.Seq != from {
				t.Fatalf("got record %d, want %d", r.Seq, from)
			}
			if at[r.ID] != 0 {
				t.Errorf("records %d and %d have the same ID", at[r.ID], r.Seq)
			}
			at[r.ID] = r.Seq
			from++
		}
	}
	for id, s := range acked {
		if at[id] != s {
			t.Errorf("acknowledged as %d, found as %d", s, at[id])
		}
	}
	closeJournal(t, j)
	k.sound(t, dir)
}
