package journal

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// frontier is the right edge of the RFC 6962 tree: one hash for each complete
// subtree, the largest first. With it a leaf is added and the root computed
// without reading anything.
type frontier struct {
	n     int64
	peaks []tlog.Hash
}

// push adds a leaf and appends to dst the hashes that become complete with it,
// in the order of tlog.StoredHashes.
func (f *frontier) push(dst []tlog.Hash, leaf tlog.Hash) []tlog.Hash {
	dst = append(dst, leaf)
	h := leaf
	for m := f.n; m&1 == 1; m >>= 1 {
		last := len(f.peaks) - 1
		h = tlog.NodeHash(f.peaks[last], h)
		f.peaks = f.peaks[:last]
		dst = append(dst, h)
	}
	f.peaks = append(f.peaks, h)
	f.n++
	return dst
}

// root returns the hash of the whole tree; that of the empty tree is SHA-256
// of nothing.
func (f *frontier) root() tlog.Hash {
	if len(f.peaks) == 0 {
		return sha256.Sum256(nil)
	}
	last := len(f.peaks) - 1
	h := f.peaks[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(f.peaks[i], h)
	}
	return h
}

func (f *frontier) clone() frontier {
	// Room for one more peak than 2^40 records need: push never allocates.
	return frontier{f.n, append(make([]tlog.Hash, 0, 48), f.peaks...)}
}

// peakIndexes returns where the peaks of a tree of n records are stored.
func peakIndexes(n int64) []int64 {
	var out []int64
	var done int64
	for level := 62; level >= 0; level-- {
		if n&(1<<level) != 0 {
			out = append(out, tlog.StoredHashIndex(level, done>>level))
			done += 1 << level
		}
	}
	return out
}

// frontierAt reads the right edge of the tree as it was with n records.
func frontierAt(n int64, r tlog.HashReader) (frontier, error) {
	if n == 0 {
		return frontier{}, nil
	}
	peaks, err := r.ReadHashes(peakIndexes(n))
	if err != nil {
		return frontier{}, err
	}
	f := frontier{n, peaks}
	return f.clone(), nil
}

// storedAt says which record brought the hash with this index: the hash lies
// in the node row of that record's batch.
func storedAt(index int64) Seq {
	level, n := tlog.SplitStoredHashIndex(index)
	return Seq((n + 1) << level)
}

func (v *vault) sealNodes(hs []tlog.Hash, first Seq) []byte {
	plain := make([]byte, 0, len(hs)*tlog.HashSize)
	for i := range hs {
		plain = append(plain, hs[i][:]...)
	}
	return v.nodes.Seal(nil, plain, place("nodes", first, 0, tlog.Hash{}))
}

func (v *vault) openNodes(data []byte, first Seq) ([]tlog.Hash, error) {
	plain, err := v.nodes.Open(nil, data, place("nodes", first, 0, tlog.Hash{}))
	if err != nil {
		return nil, errForged
	}
	if len(plain)%tlog.HashSize != 0 {
		return nil, fmt.Errorf("%w: %d bytes of tree hashes", errDecode, len(plain))
	}
	hs := make([]tlog.Hash, len(plain)/tlog.HashSize)
	for i := range hs {
		copy(hs[i][:], plain[i*tlog.HashSize:])
	}
	return hs, nil
}
