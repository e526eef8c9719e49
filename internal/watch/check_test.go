package watch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/watch/probe"
)

// What is kept is compared with the journal, and each way of being wrong has its
// own finding.
func TestTheSavedWatchIsCheckedAgainstTheJournal(t *testing.T) {
	t.Parallel()
	s := tell(t)
	s.saw(probe.Good, "netz-1", "db-1", "kis-1", "kis-2")
	s.message("labor")
	s.saw(probe.Bad, "db-1")
	row, _, _ := s.System("db")
	s.well(s.Acknowledge(t.Context(), vogel("a"), "db", row.Seq, "bin dran"))
	s.well(s.Plan(t.Context(), vogel("p"), []string{"netz"}, s.clock.Now(), s.clock.Now().Add(time.Hour), "Tausch"))
	s.well(s.Close())
	s.saw(probe.Good, "db-1") // in the journal, not in the file
	file := filepath.Join(s.o.Dir, savedName)
	whole, err := os.ReadFile(file)
	s.well(err)

	found := func(want string) {
		t.Helper()
		got, err := Check(t.Context(), s.j, s.o)
		s.well(err)
		if want == "" && len(got) != 0 || want != "" && (len(got) != 1 || string(got[0].Code) != want) {
			t.Errorf("found %v, want %q", got, want)
		}
	}
	found("")
	bad := append([]byte(nil), whole...)
	bad[len(bad)/2] ^= 1
	s.well(os.WriteFile(file, bad, 0o600))
	found("watch-damaged")

	rewrite := func(change func(f *fold)) {
		t.Helper()
		s.well(os.WriteFile(file, whole, 0o600))
		plain, err := seal.NewFile(file, s.o.Key.Derive("watch view 1")).Load()
		s.well(err)
		f, err := readFold(plain, s.o)
		s.well(err)
		change(f)
		plain, err = f.Bytes()
		s.well(err)
		s.well(seal.NewFile(file, s.o.Key.Derive("watch view 1")).Store(plain))
	}
	rewrite(func(f *fold) { f.last = journal.NewID() })
	found("watch-ahead")
	rewrite(func(f *fold) { f.systems["db"].Ack.Text = "war nie da" })
	found("watch-differs")
	rewrite(func(f *fold) { f.windows = nil })
	found("watch-differs")

	s.well(os.WriteFile(file, whole, 0o600))
	s.o.Feeds = append(s.o.Feeds, Feed{Name: "neu", System: "kis"})
	found("") // a new feed: folded anew at the next start
	s.well(os.Remove(file))
	found("")
}
