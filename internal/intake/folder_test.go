package intake

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// desk is a watched folder with all that belongs to it.
type desk struct {
	*Folder
	t       *testing.T
	dir     string
	journal *memory
	alarms  *alarms
	log     *log
}

func watch(t *testing.T, dir string, j *memory, change func(*FolderConfig)) *desk {
	t.Helper()
	d := &desk{t: t, dir: dir, journal: j, alarms: &alarms{}, log: &log{}}
	c := FolderConfig{Dir: dir, Keep: time.Hour, Feed: Feed{Name: "lis-dateien", Zone: time.UTC, Alarm: d.alarms.raise}}
	if change != nil {
		change(&c)
	}
	var err error
	d.Folder, err = NewFolder(c, j, slog.New(slog.NewTextHandler(d.log, nil)), NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) drop(name, content string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// looks looks n times and returns the last error.
func (d *desk) looks(n int) (err error) {
	for range n {
		err = d.look(d.t.Context())
	}
	return err
}

// files returns the files below the folder, without the folder of the day.
func (d *desk) files() string {
	d.t.Helper()
	var all []string
	err := filepath.WalkDir(d.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(d.dir, path)
		all = append(all, strings.ReplaceAll(filepath.ToSlash(rel), time.Now().Format(time.DateOnly)+"/", ""))
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func (d *desk) bodies() []string {
	var all []string
	for _, r := range d.journal.all() {
		all = append(all, string(r.Body))
	}
	return all
}

func TestAFileIsStoredOnceItIsWholeAndThenMoved(t *testing.T) {
	t.Parallel()
	d := watch(t, t.TempDir(), &memory{}, nil)
	one, two := string(admission(1)), string(admission(2))
	d.drop("a.hl7", one)
	d.drop("b.hl7.tmp", two)
	d.drop("liesmich.txt", "nicht gemeint")
	if err := d.looks(1); err != nil || len(d.bodies()) != 0 {
		t.Fatalf("taken at the first look: %v", err)
	}
	d.drop("a.hl7", one+two) // its writer went on
	if err := d.looks(1); err != nil || len(d.bodies()) != 0 {
		t.Fatalf("taken while it grew: %v", err)
	}
	if err := d.looks(2); err != nil {
		t.Fatal(err)
	}
	if got := d.bodies(); len(got) != 2 || got[0] != one || got[1] != two {
		t.Errorf("got %q", got)
	}
	if got := d.files(); got != "b.hl7.tmp done/a.hl7 liesmich.txt" {
		t.Errorf("files: %s", got)
	}
	if err := os.Rename(filepath.Join(d.dir, "b.hl7.tmp"), filepath.Join(d.dir, "a.hl7")); err != nil {
		t.Fatal(err)
	}
	if err := d.looks(2); err != nil || len(d.bodies()) != 2 {
		t.Errorf("the same message again: %v, %d records", err, len(d.bodies()))
	}
	if got := d.files(); got != "done/a.hl7 done/a.hl7.2 liesmich.txt" {
		t.Errorf("files: %s", got)
	}
	if len(d.alarms.all) != 0 {
		t.Errorf("alarms %v", d.alarms.all)
	}
}

func TestFilesAreTakenInTheOrderOfTheirTimes(t *testing.T) {
	t.Parallel()
	d := watch(t, t.TempDir(), &memory{}, nil)
	old := time.Now().Add(-time.Hour)
	for i, name := range []string{"c.hl7", "a.HL7", "b.hl7"} {
		d.drop(name, string(admission(i)))
		if err := os.Chtimes(filepath.Join(d.dir, name), old, old.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.looks(2); err != nil {
		t.Fatal(err)
	}
	for i, body := range d.bodies() {
		if body != string(admission(i)) {
			t.Errorf("record %d is not message %d", i, i)
		}
	}
}

func TestWhatCannotBeTakenIsPutAsideWithItsReason(t *testing.T) {
	t.Parallel()
	big := append(admission(9), bytes.Repeat([]byte("NTE|1||x\r"), 3000)...)
	tests := []struct {
		name, content string
		stored        int
		bad           bool
		reason        string
	}{
		{"no HL7", "Guten Tag", 0, true, "keine HL7-Nachricht"},
		{"empty", "", 0, true, "keine HL7-Nachricht"},
		{"batch", "FHS|^~\\&\rBHS|^~\\&\r" + string(admission(1)) + string(admission(2)) + "BTS|2\rFTS|1\r", 2, false, ""},
		{"batch without messages", "BHS|^~\\&\rBTS|0\r", 0, false, ""},
		{"batch cut off", "FHS|^~\\&\rBHS|^~\\&\r" + string(admission(1)), 1, true, "BHS without BTS"},
		{"batch short of one", "BHS|^~\\&\r" + string(admission(1)) + "BTS|2\r", 1, true, "BTS says 2 messages, found 1"},
		{"a message over the limit", string(admission(1)) + string(big), 1, true, "Nachricht 2 von 2"},
		{"a file over the limit", string(big) + string(big), 0, true, "größer als"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := watch(t, t.TempDir(), &memory{}, func(c *FolderConfig) { c.Feed.MaxMessage, c.MaxFile = 20_000, 40_000 })
			d.drop("Geheimrat_Wilhelmine.hl7", tt.content)
			if err := d.looks(3); err != nil {
				t.Fatal(err)
			}
			want := "done/Geheimrat_Wilhelmine.hl7"
			if tt.bad {
				want = "bad/Geheimrat_Wilhelmine.hl7 bad/Geheimrat_Wilhelmine.hl7.reason.txt"
			}
			if got := d.files(); got != want || len(d.bodies()) != tt.stored {
				t.Errorf("%d records, files %s", len(d.bodies()), got)
			}
			if (d.alarms.count(ErrFile) == 1) != tt.bad {
				t.Errorf("%d alarms", d.alarms.count(ErrFile))
			}
			if tt.bad {
				text, err := os.ReadFile(filepath.Join(d.dir, "bad", "Geheimrat_Wilhelmine.hl7.reason.txt"))
				if err != nil || !strings.Contains(string(text), tt.reason) {
					t.Errorf("reason %q, %v", text, err)
				}
			}
			for _, err := range d.alarms.all {
				if strings.Contains(err.Error()+d.log.String(), "Geheimrat") {
					t.Error("a file name leaked")
				}
			}
		})
	}
}

func TestAJournalThatFailsStopsTheFolderWithoutLossOrDouble(t *testing.T) {
	t.Parallel()
	j := &memory{fail: errors.New("disk full")}
	d := watch(t, t.TempDir(), j, nil)
	d.drop("a.hl7", string(admission(1)))
	d.drop("b.hl7", string(admission(2)))
	if err := d.looks(2); !errors.Is(err, ErrStore) || d.alarms.count(ErrStore) != 1 {
		t.Errorf("got %v", err)
	}
	if got := d.files(); got != "a.hl7 b.hl7" {
		t.Errorf("files: %s", got)
	}
	j.setFail(nil)
	if err := d.looks(1); err != nil || len(d.bodies()) != 2 || d.files() != "done/a.hl7 done/b.hl7" {
		t.Errorf("%v, %d records, %s", err, len(d.bodies()), d.files())
	}
}

var errCrash = errors.New("crash")

// appendFunc makes a function an Appender.
type appendFunc func(context.Context, journal.Record) (journal.Seq, error)

func (f appendFunc) Append(ctx context.Context, r journal.Record) (journal.Seq, error) {
	return f(ctx, r)
}

// crashAt is a journal that is gone from the n-th append on, and whose n-th
// record is on disk or not.
func crashAt(j *memory, n int, after bool) appendFunc {
	return func(ctx context.Context, r journal.Record) (journal.Seq, error) {
		n--
		if n >= 0 {
			return j.Append(ctx, r)
		}
		if n == -1 && after {
			_, _ = j.Append(ctx, r)
		}
		return 0, errCrash
	}
}

func TestACrashAtAnyPointLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	var file string
	for i := range 5 {
		file += string(admission(i))
	}
	for at := range 5 {
		for _, after := range []bool{false, true} {
			dir, j := t.TempDir(), &memory{}
			d := watch(t, dir, j, nil)
			d.journal, d.acceptor.journal = j, crashAt(j, at, after)
			d.drop("a.hl7", file)
			if err := d.looks(2); !errors.Is(err, errCrash) {
				t.Fatalf("no crash: %v", err)
			}
			if err := watch(t, dir, j, nil).looks(2); err != nil {
				t.Fatal(err)
			}
			if got := d.bodies(); strings.Join(got, "") != file || d.files() != "done/a.hl7" {
				t.Errorf("crash at %d, after %v: %d records, %s", at, after, len(got), d.files())
			}
		}
	}
}

func TestACrashBetweenStoringAndMovingLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	dir, j := t.TempDir(), &memory{}
	d := watch(t, dir, j, nil)
	d.drop("a.hl7", string(admission(1)))
	blocked := filepath.Join(dir, "done", time.Now().Format(time.DateOnly))
	if err := os.WriteFile(blocked, nil, 0o600); err != nil { // no folder can be made there
		t.Fatal(err)
	}
	if err := d.looks(4); err != nil {
		t.Fatal(err)
	}
	if j.calls != 1 || d.alarms.count(ErrFile) != 1 {
		t.Errorf("%d appends and %d alarms while only the move fails", j.calls, d.alarms.count(ErrFile))
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	if err := watch(t, dir, j, nil).looks(2); err != nil || len(j.all()) != 1 || d.files() != "done/a.hl7" {
		t.Errorf("%v, %d records, %s", err, len(j.all()), d.files())
	}
}

func TestFolderRunStopsWithItsContext(t *testing.T) {
	t.Parallel()
	d := watch(t, t.TempDir(), &memory{}, func(c *FolderConfig) { c.Poll = time.Millisecond })
	d.drop("a.hl7", string(admission(1)))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	wait(t, "the file", func() bool { return len(d.bodies()) == 1 })
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestAFolderThatIsNotThereIsFoundAtTheStart(t *testing.T) {
	t.Parallel()
	m := NewMetrics(prometheus.NewRegistry())
	for _, c := range []FolderConfig{{Dir: filepath.Join(t.TempDir(), "fehlt"), Feed: Feed{Name: "x"}}, {Dir: t.TempDir()}} {
		if _, err := NewFolder(c, &memory{}, slog.New(slog.DiscardHandler), m); err == nil {
			t.Errorf("no error for %+v", c)
		}
	}
}

// TestAllSamplesGoThroughTheFolder drops every sample message and expects each
// of them in the journal, byte for byte.
func TestAllSamplesGoThroughTheFolder(t *testing.T) {
	t.Parallel()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for len(files) == 0 {
		files, _ = filepath.Glob(filepath.Join(dir, "shared", "samples", "hl7v2", "*", "*.hl7"))
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if len(files) == 0 {
		t.Skip("no folder shared/samples/hl7v2 beside the repository")
	}
	d := watch(t, t.TempDir(), &memory{}, nil)
	want := make(map[string]bool)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d.drop(filepath.Base(file), string(raw))
		parts, _, err := hl7.SplitBatch(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			want[string(p)] = true
		}
	}
	if err := d.looks(2); err != nil {
		t.Fatal(err)
	}
	for _, body := range d.bodies() {
		if !want[body] {
			t.Error("a record is no message of the samples")
		}
	}
	if len(d.bodies()) != len(want) {
		t.Errorf("%d records, want %d", len(d.bodies()), len(want))
	}
	if strings.Contains(d.files(), "bad/") {
		t.Errorf("files: %s", d.files())
	}
}

// A share that goes away while it is watched looks like a folder in which
// nothing happens.
func TestAFolderThatGoesAwayRaisesAnAlarm(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "freigabe")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := watch(t, dir, &memory{}, func(c *FolderConfig) { c.Poll = time.Millisecond })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	wait(t, "the alarm", func() bool { return d.alarms.count(ErrFile) > 0 })
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}
