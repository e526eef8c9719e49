package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/seal"
)

// FuzzDecodeRecord: whatever the bytes, decodeRecord returns; and what it
// accepts has this one encoding, so that a leaf hash names one record.
func FuzzDecodeRecord(f *testing.F) {
	r := adt(1)
	r.Seq = 300
	f.Add(appendRecord(nil, &r))
	f.Add(appendRecord(nil, &Record{Seq: 1, ID: ID{1}, Kind: Read}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b, nil)
		if err != nil {
			return
		}
		if again := appendRecord(nil, &r); !bytes.Equal(again, b) {
			t.Fatalf("another encoding of the same record: %x, %x", b, again)
		}
	})
}

// FuzzDecodeBatch: whatever the plaintext, decodeBatch returns; its entries
// are numbered without gaps and pack to the same bytes.
func FuzzDecodeBatch(f *testing.F) {
	plain := []byte{batchVersion}
	for i := range 3 {
		r := adt(i)
		r.Seq = Seq(10 + i)
		plain, _, _ = appendEntry(plain, &r, nil)
	}
	plain = appendPruned(plain, &entry{Record: Record{Seq: 13, ID: ID{9}, Kind: HL7}, pruned: true})
	f.Add(plain, uint64(10), 4)
	f.Fuzz(func(t *testing.T, b []byte, first uint64, count int) {
		es, err := decodeBatch(b, Seq(first), count)
		if err != nil {
			return
		}
		if len(es) != count {
			t.Fatalf("%d entries, want %d", len(es), count)
		}
		again, err := packWithout(&opened{first: Seq(first), entries: es}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		// The length before an entry may have been written longer than needed;
		// everything else is fixed.
		if len(again.body) > len(b) {
			t.Fatalf("packs to %d bytes, was %d", len(again.body), len(b))
		}
	})
}

// FuzzOpenBatch: no bytes without the key are taken for a batch.
func FuzzOpenBatch(f *testing.F) {
	v, err := newVault(seal.Key{1, 2, 3})
	if err != nil {
		f.Fatal(err)
	}
	r := adt(1)
	r.Seq = 1
	plain, _, _ := appendEntry([]byte{batchVersion}, &r, nil)
	good := v.sealBatch(plain, 1, 1, tlog.Hash{})
	f.Add(good, uint64(1), 1)
	f.Add(good[1:], uint64(1), 1)
	f.Fuzz(func(t *testing.T, b []byte, first uint64, count int) {
		es, err := v.openBatch(b, Seq(first), count, tlog.Hash{})
		if err == nil && (first != 1 || len(es) != 1 || !bytes.Equal(es[0].Body, r.Body)) {
			t.Fatal("forged bytes were opened")
		}
	})
}

// FuzzParseCheckpoint: what is accepted as the text of a checkpoint is written
// the same way again.
func FuzzParseCheckpoint(f *testing.F) {
	f.Add(Checkpoint{"hub.test", 12, tlog.Hash{1}}.text())
	f.Add("a\n0\n" + tlog.Hash{}.String() + "\nmore\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCheckpoint(s)
		if err != nil {
			return
		}
		if again := c.text(); len(again) > len(s) || s[:len(again)] != again {
			t.Fatalf("%q becomes %q", s, again)
		}
	})
}

// FuzzOpenCheckpoint: only what was signed with the key opens.
func FuzzOpenCheckpoint(f *testing.F) {
	k := keysFor(f)
	text := Checkpoint{"hub.test", 12, tlog.Hash{1}}.text()
	signed, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range []note.Verifier{k.verify, own{k.signer}} {
			if c, err := OpenCheckpoint(b, v); err == nil && c.text() != text {
				t.Fatalf("forged checkpoint %+v", c)
			}
		}
	})
}

// FuzzScanWAL: whatever lies beside the database, the scan returns.
func FuzzScanWAL(f *testing.F) {
	var head [walHeader + 2*(frameHeader+512)]byte
	binary.BigEndian.PutUint32(head[:], 0x377f0682)
	binary.BigEndian.PutUint32(head[8:], 512)
	f.Add(head[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		w := walScan{r: bytes.NewReader(b)}
		if n, err := w.scan(); err != nil || n == 1 {
			t.Fatalf("%d, %v", n, err)
		}
		if w.page == 0 {
			return
		}
		db := filepath.Join(t.TempDir(), "db")
		if err := os.WriteFile(db, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.inDatabase(db); err != nil {
			t.Fatal(err)
		}
	})
}

// goldenRecord is the SHA-256 of a version 1 encoding. It may only change
// together with recordVersion.
const goldenRecord = "5f5a388a9bcae61628b60c7dffb3fed59016650ae86ada8b156b274eb8697458"

func TestTheFormatStaysAsItIs(t *testing.T) {
	t.Parallel()
	r := adt(42)
	r.Seq, r.Received = 7, r.Time
	if got := fmt.Sprintf("%x", sha256.Sum256(appendRecord(nil, &r))); got != goldenRecord {
		t.Errorf("the encoding of a record changed: %s", got)
	}
}
