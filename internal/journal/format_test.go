package journal

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var update = flag.Bool("update", false, "write testdata/format1 anew")

// These keys belong to testdata/format1 and to nothing else.
const (
	fixtureSecret = "PRIVATE+KEY+kh-nord/hub+e994dc55+AU7qYr0OaiUrsepSRVyQNs4mgXJE3qeGPzw1ZaVqabXC"
	fixturePublic = "kh-nord/hub+e994dc55+AQJgtFJbmibSkkL9/sw4OVkJFvqTpNZRfCLg9cV6dqUV"
)

func fixtureKeys(t *testing.T) testKeys {
	t.Helper()
	var k testKeys
	for i := range k.key {
		k.key[i] = byte(i)
	}
	var err error
	if k.signer, err = note.NewSigner(fixtureSecret); err != nil {
		t.Fatal(err)
	}
	if k.verify, err = note.NewVerifier(fixturePublic); err != nil {
		t.Fatal(err)
	}
	return k
}

// fixture returns a copy of a journal of format 1 with 12 records, of which 2
// to 4 are pruned and 12 says so.
func fixture(t *testing.T) (testKeys, string) {
	t.Helper()
	k, kept := fixtureKeys(t), filepath.Join("testdata", "format1")
	if *update {
		if err := os.RemoveAll(kept); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
		j := k.open(t, kept, Options{Now: func() time.Time { return now }, CheckpointEvery: time.Hour})
		appendBatch(t, j, 0, 5)
		mustSign(t, j)
		appendBatch(t, j, 5, 6)
		if _, err := j.Prune(context.Background(), now.Add(1), func(r Record) bool { return r.Seq >= 2 && r.Seq <= 4 }, nil); err != nil {
			t.Fatal(err)
		}
		closeJournal(t, j)
		for _, f := range []string{lockName, dbName + "-wal", dbName + "-shm"} {
			_ = os.Remove(filepath.Join(kept, f))
		}
	}
	return k, copyDir(t, kept)
}

func TestAJournalOfFormat1StillOpens(t *testing.T) {
	t.Parallel()
	k, dir := fixture(t)
	if s := k.sound(t, dir); s.Records != 9 || s.Pruned != 3 || s.Checkpoints != 2 || s.Witnesses != 1 {
		t.Errorf("stats %+v", s)
	}
	j := k.open(t, dir, Options{})
	if s, err := j.Append(context.Background(), adt(2)); err != nil || s != 3 {
		t.Errorf("an ID of the old journal: %d, %v; want 3", s, err)
	}
	r, err := j.Get(context.Background(), 11)
	if want := adt(10); err != nil || !bytes.Equal(r.Body, want.Body) || r.ID != want.ID || r.Patient != want.Patient {
		t.Errorf("record 11 reads otherwise: %v", err)
	}
}

// TestThePageIsEnoughToReadAJournal follows docs/journal-format.md section 9
// with nothing of this package.
func TestThePageIsEnoughToReadAJournal(t *testing.T) {
	t.Parallel()
	k, dir := fixture(t)
	key, err := hkdf.Key(sha256.New, k.key[:], nil, "notbetrieb/journal batch 1", 32)
	if err != nil {
		t.Fatal(err)
	}
	c, err := sqlite3.Open(filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, _, err := c.Prepare("SELECT first, count, before, body FROM batch ORDER BY first")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	unzip, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unzip.Close()
	var leaves [][]byte
	found := 0
	for st.Step() {
		aad := []byte("notbetrieb journal batch")
		aad = binary.BigEndian.AppendUint64(aad, uint64(st.ColumnInt64(0)))
		aad = binary.BigEndian.AppendUint64(aad, uint64(st.ColumnInt64(1)))
		aad = append(aad, st.ColumnBlob(2, nil)...)
		plain, err := unzip.DecodeAll(openXAES(t, key, st.ColumnBlob(3, nil)[1:], aad), nil)
		if err != nil {
			t.Fatal(err)
		}
		for plain = plain[1:]; len(plain) > 0; {
			n, w := binary.Uvarint(plain)
			entry := plain[w : w+int(n)]
			plain = plain[w+int(n):]
			if entry[0] == 2 {
				leaves = append(leaves, entry[len(entry)-32:])
				continue
			}
			h := sha256.Sum256(entry)
			leaves = append(leaves, h[:])
			if want := adt(len(leaves) - 1); bytes.HasSuffix(entry, want.Body) && len(want.Body) > 0 {
				found++
			}
		}
	}
	if len(leaves) != 12 || found != 8 {
		t.Errorf("%d entries, %d bodies as they were received; want 12 and 8", len(leaves), found)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "anchor"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(signed, note.VerifierList(k.verify))
	if err != nil {
		t.Fatal(err)
	}
	if want := "kh-nord/hub\n12\n" + tlog.Hash(merkle(leaves)).String() + "\n"; n.Text != want {
		t.Errorf("anchor says %q, the records give %q", n.Text, want)
	}
}

// openXAES is XAES-256-GCM written down from the page.
func openXAES(t *testing.T, key, sealed, aad []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	var l [16]byte
	block.Encrypt(l[:], l[:])
	var k1 [16]byte
	for i := range k1 {
		k1[i] = l[i] << 1
		if i < 15 {
			k1[i] |= l[i+1] >> 7
		} else if l[0]&0x80 != 0 {
			k1[i] ^= 0x87
		}
	}
	var derived []byte
	for i := range byte(2) {
		m := append([]byte{0, i + 1, 0x58, 0}, sealed[:12]...)
		for x := range m {
			m[x] ^= k1[x]
		}
		block.Encrypt(m, m)
		derived = append(derived, m...)
	}
	if block, err = aes.NewCipher(derived); err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, sealed[12:24], sealed[24:], aad)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// merkle is RFC 6962 section 2.1 over leaf hashes.
func merkle(leaves [][]byte) [32]byte {
	if len(leaves) == 1 {
		return [32]byte(leaves[0])
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	l, r := merkle(leaves[:k]), merkle(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}
