package staff

import (
	"testing"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// TestTheNextStartTakesTheStoreThatThisOneBegan: people and reads are not folded
// anew at each start.
func TestTheNextStartTakesTheStoreThatThisOneBegan(t *testing.T) {
	t.Parallel()
	dir, key := t.TempDir(), seal.NewKey()
	st, _, err := openStore(t.Context(), dir, key)
	if err != nil {
		t.Fatal(err)
	}
	id := journal.NewID()
	if _, err := st.db.Exec(`UPDATE at SET seq=7, record=?`, id[:]); err != nil {
		t.Fatal(err)
	}
	if err := st.db.Close(); err != nil {
		t.Fatal(err)
	}
	st, fresh, err := openStore(t.Context(), dir, key)
	if err != nil {
		t.Fatal(err)
	}
	defer st.db.Close()
	if fresh || st.at.seq != 7 || st.at.record != id {
		t.Errorf("it stands at %d, fresh: %v", st.at.seq, fresh)
	}
}
