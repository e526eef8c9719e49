package handback

import (
	"log/slog"
	"testing"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// TestTheNextStartTakesTheStoreThatThisOneBegan: queues are not folded anew at
// each start.
func TestTheNextStartTakesTheStoreThatThisOneBegan(t *testing.T) {
	t.Parallel()
	dir, key, log := t.TempDir(), seal.NewKey(), slog.New(slog.DiscardHandler)
	st, err := openStore(t.Context(), dir, key, log)
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
	if st, err = openStore(t.Context(), dir, key, log); err != nil {
		t.Fatal(err)
	}
	defer st.db.Close()
	if st.at.seq != 7 || st.at.record != id {
		t.Errorf("it stands at %d", st.at.seq)
	}
}
