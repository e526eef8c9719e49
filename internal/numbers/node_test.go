package numbers

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"notbetrieb/internal/fault"
)

func blocks(node string, k Kind, s Scheme, from ...uint64) []Block {
	var out []Block
	for _, n := range from {
		out = append(out, Block{Node: node, Kind: k, Scheme: s, From: n, To: n + 49})
	}
	return out
}

// A node that dies or loses its disk at every single write of its file, before
// the write took effect or after it, and goes on with what the disk has.
func TestANodeKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	for at := range 14 {
		for _, durable := range []bool{false, true} {
			for dies := range 3 { // not, at once, or some numbers later
				g := newGiven()
				var disk savedNode
				writes := 0
				start := func() *Node {
					n := newNode("3A", both(), NodeOptions{Step: 20})
					if disk.Version != 0 {
						if err := n.restore(disk); err != nil {
							t.Fatal(err)
						}
					}
					n.store = func(v savedNode) error {
						writes++
						if writes-1 != at || durable {
							disk = v
						}
						if writes-1 == at {
							return errCut
						}
						return nil
					}
					return n
				}
				n := start()
				give := func(want int) {
					for range want {
						text, err := n.Next("case")
						if errors.Is(err, errCut) {
							if dies > 0 {
								for more := 0; dies == 2 && more < 3; more++ {
									if text, err := n.Next("case"); err == nil {
										g.add(t, cases, text)
									}
								}
								n = start()
							}
							continue
						}
						if errors.Is(err, ErrEmpty) {
							return
						}
						if err != nil {
							t.Fatal(err)
						}
						g.add(t, cases, text)
					}
				}
				for _, b := range blocks("3A", "case", cases, 1, 101, 51, 1) {
					for n.Take(b) != nil { // until it is said to be durable
					}
					give(37)
				}
				give(200)
				if lost := 150 - g.total; lost < 0 || lost > 40 {
					t.Errorf("write %d, durable %v, dies %d: %d of 150 numbers given", at, durable, dies, g.total)
				}
			}
		}
	}
}

func TestANodeGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir, g := t.TempDir(), newGiven()
	for round := range 4 {
		n, err := OpenNode(dir, "3A", both(), NodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Take(blocks("3A", "patient", patient, 1, 51, 101)...); err != nil { // new only once
			t.Fatal(err)
		}
		if want := uint64(150 - 40*round); n.Left("patient") != want {
			t.Errorf("left %d, want %d", n.Left("patient"), want)
		}
		for range 25 { // two steps are begun
			text, err := n.Next("patient")
			if err != nil {
				t.Fatal(err)
			}
			g.add(t, patient, text)
		}
		if _, err := OpenNode(dir, "3A", both(), NodeOptions{}); fault.KindOf(err) != fault.Conflict {
			t.Fatalf("opened a second time: %v", err)
		}
		if err := errors.Join(n.Close(), n.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Next("patient"); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("after the end: %v", err)
		}
	}
}

// A node whose folder was set back takes fresh blocks in place of its old ones.
func TestRenewDropsWhatTheFolderHolds(t *testing.T) {
	t.Parallel()
	dir, g := t.TempDir(), newGiven()
	open := func() *Node {
		n, err := OpenNode(dir, "3A", both(), NodeOptions{Keep: 50})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	give := func(n *Node, count int) {
		for range count {
			text, err := n.Next("case")
			if err != nil {
				t.Fatal(err)
			}
			g.add(t, cases, text)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	n := open()
	if err := n.Take(append(blocks("3A", "case", cases, 1), blocks("3A", "patient", patient, 1)...)...); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "numbers.node")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	give(n, 45)
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	n = open()
	if err := n.Renew(blocks("3A", "case", cases, 51)...); err != nil {
		t.Fatal(err)
	}
	if n.Left("case") != 50 || n.Left("patient") != 50 || len(n.Taken()) != 2 || n.Taken()[0].To != 100 {
		t.Errorf("left %d and %d, taken %v", n.Left("case"), n.Left("patient"), n.Taken())
	}
	give(n, 50)
}

func TestADamagedFileGivesNoNumbers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, err := OpenNode(dir, "3A", both(), NodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.Take(blocks("3A", "case", cases, 1)...), n.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "numbers.node")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what, name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := OpenNode(dir, name, both(), NodeOptions{}); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%s: %v", what, err)
			if err == nil {
				_ = n.Close()
			}
		}
	}
	for i := range whole[:len(whole)-1] {
		b := append([]byte(nil), whole...)
		b[i] ^= 1
		try("a bit", "3A", b)
		try("cut", "3A", whole[:i])
	}
	try("another node's folder", "4B", whole)
}
