package journal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/seal"
)

// testKeys are fixed for the whole test run, so that a child process has them.
type testKeys struct {
	key    seal.Key
	signer note.Signer
	verify note.Verifier
}

func keysFor(t testing.TB) testKeys {
	t.Helper()
	secret, public, err := seal.NewSigningKey("hub.test")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verify, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return testKeys{seal.NewKey(), signer, verify}
}

func (k testKeys) open(t testing.TB, dir string, o Options) *Journal {
	t.Helper()
	if o.MinFree == 0 {
		o.MinFree = -1
	}
	j, err := Open(context.Background(), dir, k.key, k.signer, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func closeJournal(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// adt returns the n-th message of a synthetic feed, about 1.5 KB.
func adt(n int) Record {
	names := []string{"Jürgen^Weißmüller", "Anna^von der Heide", "Zoë^Großkreutz-Öztürk", "Bärbel^Schüßler"}
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	var b strings.Builder
	fmt.Fprintf(&b, "MSH|^~\\&|KIS|KH-NORD|NB|KH-NORD|20261121%06d||ADT^A08^ADT_A01|%08d|P|2.5|||AL|NE|DE|UNICODE UTF-8\r", n%240000, n)
	fmt.Fprintf(&b, "PID|1||%07d^^^KH-NORD^PI||%s||19%02d0%d1%d|%s|||Lindenstraße %d^^Musterstadt^^%05d\r",
		rng.IntN(9999999), names[n%len(names)], 20+n%70, 1+n%9, n%9, []string{"M", "W"}[n%2], 1+n%200, 10000+rng.IntN(80000))
	fmt.Fprintf(&b, "PV1|1|I|3%c^%d^%d||||1234^Böhm^Käthe|||||||||||%010d\r", 'A'+n%6, 1+n%30, 1+n%3, rng.Uint64N(1e10))
	for i := 0; b.Len() < 1450; i++ {
		fmt.Fprintf(&b, "OBX|%d|NM|%d-%d^Kalium^LN||%d.%02d|mmol/l|3,5-5,1|%s|||F|||20261121%06d|LAB%06d\r",
			i+1, rng.IntN(9999), rng.IntN(9), rng.IntN(9), rng.IntN(99), []string{"N", "H", "L"}[rng.IntN(3)], rng.IntN(240000), rng.IntN(1e6))
	}
	body := []byte(b.String())
	return Record{
		ID: KeyOf("kis-adt", fmt.Sprint(n), body), Time: time.Unix(1795000000+int64(n), 0).UTC(),
		Site: "KH-NORD", Source: "kis-adt", Kind: HL7, Patient: fmt.Sprintf("p%05d", n%300), Ward: fmt.Sprintf("3%c", 'A'+n%6), Body: body,
	}
}

func TestWhatWasAppendedIsReadAfterReopening(t *testing.T) {
	t.Parallel()
	k, dir, ctx := keysFor(t), t.TempDir(), context.Background()
	j := k.open(t, dir, Options{})
	var want []Record
	for n := range 300 {
		r := adt(n)
		s, err := j.Append(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if s != Seq(n+1) {
			t.Fatalf("got Seq %d, want %d", s, n+1)
		}
		r.Seq = s
		want = append(want, r)
	}
	again, err := j.Append(ctx, adt(7))
	if err != nil || again != 8 {
		t.Fatalf("the same ID again: Seq %d, %v; want 8", again, err)
	}
	closeJournal(t, j)
	j = k.open(t, dir, Options{})
	if again, err := j.Append(ctx, adt(9)); err != nil || again != 10 {
		t.Fatalf("the same ID after reopening: Seq %d, %v; want 10", again, err)
	}
	got, err := j.Read(ctx, 1, 1000)
	if err != nil || len(got) != len(want) {
		t.Fatalf("read %d records, %v; want %d", len(got), err, len(want))
	}
	for i := range want {
		if string(got[i].Body) != string(want[i].Body) || got[i].Seq != want[i].Seq || !got[i].Time.Equal(want[i].Time) ||
			got[i].ID != want[i].ID || got[i].Patient != want[i].Patient || got[i].Received.IsZero() {
			t.Fatalf("record %d differs after reopening", i+1)
		}
	}
}

func TestNothingReadableLiesOnTheDisk(t *testing.T) {
	t.Parallel()
	k, dir, ctx := keysFor(t), t.TempDir(), context.Background()
	j := k.open(t, dir, Options{})
	for n := range 50 {
		if _, err := j.Append(ctx, adt(n)); err != nil {
			t.Fatal(err)
		}
	}
	look := func(when string) {
		es, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range es {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"Weißmüller", "Heide", "Lindenstra", "kis-adt", "KH-NORD", "p00007", "MSH|"} {
				if strings.Contains(string(b), secret) {
					t.Errorf("%s: file %s holds %q in clear", when, e.Name(), secret)
				}
			}
		}
	}
	look("while open")
	if _, err := j.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	look("after closing")
}

func TestWaitReturnsWithTheNextRecord(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	j := k.open(t, t.TempDir(), Options{})
	done := make(chan error)
	go func() { done <- j.Wait(ctx, 0) }()
	if _, err := j.Append(ctx, adt(1)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	go func() { done <- j.Wait(ctx, 1) }()
	closeJournal(t, j)
	if err := <-done; err == nil {
		t.Fatal("Wait on a closed journal returned nil")
	}
}
