package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// FolderConfig is a folder into which a system writes files of messages.
type FolderConfig struct {
	Feed    Feed          // Name, Site, MaxMessage, Zone and Alarm are used
	Dir     string        // required
	Pattern string        // end of the names that are taken; ".hl7"
	Poll    time.Duration // how often to look; 2 s
	Done    string        // where stored files go, by day; Dir/done
	Keep    time.Duration // how long stored files stay there; 0: they are removed at once
	Bad     string        // where files go that cannot be taken; Dir/bad
	MaxFile int64         // bytes; 256 MiB
}

const (
	defaultPattern = ".hl7"
	defaultPoll    = 2 * time.Second
	defaultMaxFile = hl7.MaxSize
)

// Folder watches one folder. File names are not written to logs, alarms or
// metrics: they may hold a patient's name.
type Folder struct {
	acceptor
	c FolderConfig

	swept   time.Time          // when old files were last removed
	seen    map[string]version // at the last look
	settled map[string]outcome // dealt with, but not yet moved
}

// version tells whether a file was changed between two looks.
type version struct {
	size int64
	mod  time.Time
}

// outcome is what became of one version of a file; see storeFile for the reason.
type outcome struct {
	version
	reason string
}

// NewFolder checks that the folder is there and makes its done and bad folders.
func NewFolder(c FolderConfig, j Appender, log *slog.Logger, m *Metrics) (*Folder, error) {
	if c.Feed.Name == "" {
		return nil, errors.New("folder: the feed has no name")
	}
	if info, err := os.Stat(c.Dir); err != nil {
		return nil, fmt.Errorf("feed %s: %w", c.Feed.Name, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("feed %s: %s is no folder", c.Feed.Name, c.Dir)
	}
	c.Pattern = cmp.Or(c.Pattern, defaultPattern)
	c.Poll = positive(c.Poll, defaultPoll)
	c.Done = cmp.Or(c.Done, filepath.Join(c.Dir, "done"))
	c.Bad = cmp.Or(c.Bad, filepath.Join(c.Dir, "bad"))
	if c.MaxFile <= 0 {
		c.MaxFile = defaultMaxFile
	}
	c.MaxFile = c.Feed.Budget.most(c.MaxFile)
	for _, dir := range [...]string{c.Done, c.Bad} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("feed %s: %w", c.Feed.Name, err)
		}
	}
	f := &Folder{c: c, settled: make(map[string]outcome)}
	f.feed, f.journal, f.metrics = c.Feed.withDefaults(), j, m.of(c.Feed.Name)
	f.log = log.With("feed", c.Feed.Name)
	f.ids.begin(time.Now())
	return f, nil
}

// Run looks into the folder until ctx ends; then the error is nil.
//
// A file is taken when its name ends with the pattern and two looks found it
// unchanged; a writer that renames a finished .tmp file is safest. Files go in
// the order of their times. Each message of a file is stored first, then the
// file is moved to the done folder; after a crash in between it is read again,
// and the same messages have the same keys. Files in the done folder are removed
// when they have lain there for as long as Keep says. A file that is not a file of
// messages goes to the bad folder, beside a text that says why.
func (f *Folder) Run(ctx context.Context) error {
	f.log.InfoContext(ctx, "folder watched", "dir", f.c.Dir)
	tick := time.NewTicker(f.c.Poll)
	defer tick.Stop()
	for {
		if err := f.look(ctx); err != nil && ctx.Err() == nil && f.seldom.now("look") {
			f.log.ErrorContext(ctx, "folder not read to its end, will try again", "err", err)
			f.unreachable(err)
		}
		f.sweep(ctx, time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// unreachable tells of a folder that cannot be looked into any more: nothing
// else would, for a folder in which no file is looks just as silent.
func (f *Folder) unreachable(err error) {
	if errors.Is(err, ErrStore) {
		return // told by store
	}
	f.feed.Alarm(f.feed.Name, fault.Mark(fmt.Errorf("%w: %w", ErrFile, err), fault.Unavailable, lang.Text{
		DE: "Der Eingangsordner lässt sich nicht lesen. Von dort kommt nichts an. Bitte Freigabe und Rechte prüfen.",
		EN: "The folder cannot be read. Nothing arrives from there. Please check the share and permissions.",
	}))
}

// look goes through the folder once. It stops at the first message that cannot
// be stored, so that later files do not overtake it.
func (f *Folder) look(ctx context.Context) error {
	entries, err := os.ReadDir(f.c.Dir)
	if err != nil {
		return withoutPath(err)
	}
	type candidate struct {
		name string
		version
	}
	now := make(map[string]version)
	var ready []candidate
	for _, e := range entries {
		if !f.wanted(e) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone since
		}
		v := version{info.Size(), info.ModTime()}
		now[e.Name()] = v
		if f.seen[e.Name()] == v {
			ready = append(ready, candidate{e.Name(), v})
		}
	}
	f.seen = now
	slices.SortFunc(ready, func(a, b candidate) int {
		return cmp.Or(a.mod.Compare(b.mod), cmp.Compare(a.name, b.name))
	})
	for name := range f.settled {
		if _, still := now[name]; !still {
			delete(f.settled, name)
		}
	}
	for _, c := range ready {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := f.take(ctx, c.name, c.version); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) wanted(e fs.DirEntry) bool {
	return e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") &&
		strings.HasSuffix(strings.ToLower(e.Name()), strings.ToLower(f.c.Pattern))
}

// take stores and moves one file. An error means that a message could not be
// stored; everything else is settled by moving the file.
func (f *Folder) take(ctx context.Context, name string, v version) error {
	if o, ok := f.settled[name]; ok && o.version == v {
		f.finish(ctx, name, o) // at an earlier look only the move failed
		return nil
	}
	if v.size > f.c.MaxFile {
		f.metrics.oversized.Inc()
		f.finish(ctx, name, outcome{v, fmt.Sprintf("Die Datei ist größer als %d Byte. Sie wurde nicht gelesen. (The file is larger than allowed and was not read.)", f.c.MaxFile)})
		return nil
	}
	room := &share{b: f.feed.Budget}
	if err := room.take(ctx, v.size); err != nil {
		return err
	}
	defer room.give(0)
	path := filepath.Join(f.c.Dir, name)
	raw, err := os.ReadFile(path)
	if err != nil {
		f.cannotRead(ctx, err)
		return nil
	}
	reason, err := f.storeFile(ctx, raw)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err != nil || v != (version{info.Size(), info.ModTime()}) {
		return nil // its writer went on: the next look reads it anew
	}
	f.finish(ctx, name, outcome{v, reason})
	return nil
}

// cannotRead tells of a file that is there but does not open. Others go on.
func (f *Folder) cannotRead(ctx context.Context, err error) {
	if errors.Is(err, fs.ErrNotExist) || !f.seldom.now("read") {
		return
	}
	err = withoutPath(err)
	f.metrics.filesStuck.Inc()
	f.log.ErrorContext(ctx, "file not read", "err", err)
	f.feed.Alarm(f.feed.Name, fault.Mark(fmt.Errorf("%w: %w", ErrFile, err), fault.Unavailable, lang.Text{
		DE: "Eine Datei im Eingangsordner lässt sich nicht lesen. Bitte Rechte prüfen.",
		EN: "A file in the folder cannot be read. Please check permissions.",
	}))
}

// storeFile stores the messages of a file. reason says why the file belongs to
// the bad folder, in German and English; "" if it does not.
func (f *Folder) storeFile(ctx context.Context, raw []byte) (reason string, err error) {
	messages, info, err := hl7.SplitBatch(raw)
	if err != nil && info.Enveloped() && len(info.Problems) == 0 {
		return "", nil // a batch without messages, and says so
	}
	if err != nil {
		f.metrics.unreadable.Inc()
		return "Die Datei enthält keine HL7-Nachricht (kein MSH-Segment). Nichts daraus wurde gespeichert. (No HL7 message in the file; nothing of it was stored.)", nil
	}
	var reasons []string
	for i, one := range messages {
		if len(one) > f.feed.MaxMessage {
			f.metrics.oversized.Inc()
			reasons = append(reasons, fmt.Sprintf("Nachricht %d von %d ist größer als %d Byte und wurde NICHT gespeichert. (Message over the limit, NOT stored.)", i+1, len(messages), f.feed.MaxMessage))
			continue
		}
		h, err := hl7.ReadHeader(one)
		if err != nil {
			f.metrics.unreadable.Inc()
		}
		if err := f.store(ctx, h, one); err != nil {
			return "", err
		}
	}
	for _, p := range info.Problems {
		reasons = append(reasons, fmt.Sprintf("Die Datei ist unvollständig (%s). Alle %d enthaltenen Nachrichten sind gespeichert. (The file is incomplete; what it held is stored.)", p, len(messages)))
	}
	return strings.Join(reasons, "\n"), nil
}

// finish moves a file out of the way: to done, or to bad with its reason. A
// move that fails is tried again at each look; the messages are not read again.
func (f *Folder) finish(ctx context.Context, name string, o outcome) {
	var err error
	if o.reason == "" {
		err = f.putDone(name)
	} else {
		err = f.moveBad(name, o.reason)
	}
	if err == nil {
		delete(f.settled, name)
		delete(f.seen, name)
	} else {
		f.settled[name] = o
	}
	f.tell(ctx, o.reason, err)
}

// tell counts and alarms; it names neither file nor contents.
func (f *Folder) tell(ctx context.Context, reason string, err error) {
	say := lang.Text{
		DE: "Eine Datei konnte nicht oder nicht ganz übernommen werden. Sie liegt im Ordner für fehlerhafte Dateien, daneben der Grund.",
		EN: "A file could not be taken, or not all of it. It is in the folder for bad files, the reason beside it.",
	}
	switch {
	case err != nil:
		f.metrics.filesStuck.Inc()
		say = lang.Text{
			DE: "Eine Datei wurde bearbeitet, lässt sich aber nicht aus dem Eingangsordner bewegen. Bitte Rechte und Platz prüfen.",
			EN: "A file was handled but cannot be moved out of its folder. Please check permissions and space.",
		}
		if f.seldom.now("move") {
			f.log.ErrorContext(ctx, "file not moved", "err", err)
			f.feed.Alarm(f.feed.Name, fault.Mark(fmt.Errorf("%w: %w", ErrFile, err), fault.Unavailable, say))
		}
	case reason == "":
		f.metrics.filesDone.Inc()
	default:
		f.metrics.filesBad.Inc()
		f.log.WarnContext(ctx, "file put aside", "dir", f.c.Bad)
		f.feed.Alarm(f.feed.Name, fault.Mark(fmt.Errorf("%w: see the reason beside it", ErrFile), fault.Invalid, say))
	}
}
