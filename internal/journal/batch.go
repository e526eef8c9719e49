package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/seal"
)

const (
	bodyVersion  = 1 // first byte of batch.body: zstd, then XAES-256-GCM
	batchVersion = 1 // first byte of the plaintext

	// An entry begins with its tag. The tag of a record is the prefix that RFC
	// 6962 hashes before a leaf: the leaf hash is SHA-256 over the whole entry.
	tagRecord = 0x00
	tagPruned = 0x02 // not 0x01, the prefix of inner nodes

	maxBatchPlain = 256 << 20 // what a reader agrees to unpack
)

// entry is one place of a batch: a record, or what is left of a pruned one.
type entry struct {
	Record
	leaf   tlog.Hash
	pruned bool
}

// appendEntry appends a record's entry and returns its leaf hash.
func appendEntry(b []byte, r *Record, scratch []byte) (out, spare []byte, leaf tlog.Hash) {
	scratch = append(scratch[:0], tagRecord)
	scratch = appendRecord(scratch, r)
	b = binary.AppendUvarint(b, uint64(len(scratch)))
	return append(b, scratch...), scratch, sha256.Sum256(scratch)
}

// appendPruned appends what stays of a pruned record: place, ID, kind, when it
// was received, and the leaf hash so that the tree still adds up.
func appendPruned(b []byte, e *entry) []byte {
	p := []byte{tagPruned}
	p = binary.AppendUvarint(p, uint64(e.Seq))
	p = append(p, e.ID[:]...)
	p = appendTime(p, e.Received)
	p = appendWord(p, string(e.Kind))
	p = append(p, e.leaf[:]...)
	b = binary.AppendUvarint(b, uint64(len(p)))
	return append(b, p...)
}

// decodeBatch reads the plaintext of a batch whose first place is first. The
// bodies point into b.
func decodeBatch(b []byte, first Seq, count int) ([]entry, error) {
	s := scanner{b: b, words: make(map[string]string)}
	if s.byte() != batchVersion || count < 0 || count > len(b) {
		return nil, errDecode
	}
	out := make([]entry, 0, count)
	for i := range count {
		p := s.bytes(s.uvarint())
		if s.bad || len(p) == 0 {
			return nil, errDecode
		}
		var e entry
		var err error
		switch p[0] {
		case tagRecord:
			e.Record, err = decodeRecord(p[1:], s.words)
			e.leaf = sha256.Sum256(p)
		case tagPruned:
			e, err = decodePruned(p[1:], s.words)
		default:
			err = errDecode
		}
		if err != nil {
			return nil, err
		}
		if e.Seq != first+Seq(i) {
			return nil, fmt.Errorf("%w: place %d holds record %d", errDecode, first+Seq(i), e.Seq)
		}
		out = append(out, e)
	}
	if len(s.b) != 0 {
		return nil, errDecode
	}
	return out, nil
}

func decodePruned(b []byte, words map[string]string) (entry, error) {
	s := scanner{b: b, words: words}
	e := entry{pruned: true}
	e.Seq = Seq(s.uvarint())
	e.ID = s.id()
	e.Received = s.time()
	e.Kind = Kind(s.word())
	copy(e.leaf[:], s.bytes(tlog.HashSize))
	if s.bad || len(s.b) != 0 {
		return entry{}, errDecode
	}
	return e, nil
}

// vault packs and opens what the journal's tables hold. It is safe for use by
// many goroutines.
type vault struct {
	batch *seal.Box
	nodes *seal.Box
	ids   seal.Key
	enc   *zstd.Encoder
	dec   *zstd.Decoder
}

func newVault(k seal.Key) (*vault, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithEncoderConcurrency(2), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, fmt.Errorf("journal compression: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(maxBatchPlain))
	if err != nil {
		return nil, fmt.Errorf("journal compression: %w", err)
	}
	return &vault{
		batch: seal.NewBox(k.Derive("journal batch 1")),
		nodes: seal.NewBox(k.Derive("journal nodes 1")),
		ids:   k.Derive("journal ids 1"),
		enc:   enc, dec: dec,
	}, nil
}

// place is what a batch body is bound to: nobody can move it elsewhere.
func place(table string, first Seq, count int, before tlog.Hash) []byte {
	b := append([]byte("notbetrieb journal "), table...)
	b = binary.BigEndian.AppendUint64(b, uint64(first))
	b = binary.BigEndian.AppendUint64(b, uint64(count))
	return append(b, before[:]...)
}

// sealBatch compresses and encrypts plain. before is the root of the tree of
// all records before the batch.
func (v *vault) sealBatch(plain []byte, first Seq, count int, before tlog.Hash) []byte {
	packed := v.enc.EncodeAll(plain, make([]byte, 0, len(plain)/2+64))
	out := make([]byte, 1, 1+len(packed)+seal.Overhead)
	out[0] = bodyVersion
	return v.batch.Seal(out, packed, place("batch", first, count, before))
}

var errForged = errors.New("journal: bytes do not authenticate")

// openBatch is the reverse of sealBatch. body is left as it is.
func (v *vault) openBatch(body []byte, first Seq, count int, before tlog.Hash) ([]entry, error) {
	if len(body) < 1 || body[0] != bodyVersion {
		return nil, errDecode
	}
	packed, err := v.batch.Open(make([]byte, 0, len(body)), body[1:], place("batch", first, count, before))
	if err != nil {
		return nil, errForged
	}
	plain, err := v.dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDecode, err)
	}
	return decodeBatch(plain, first, count)
}
