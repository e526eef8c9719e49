package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/watch/rhythm"
)

// savedVersion is the layout of watch.state. A file of another layout is ignored
// and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "watch.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Systems    map[string]*system
	Findings   map[string][]rhythm.Finding
	Alerts     map[string]Alert
	Windows    []Window
	Blind      []Span
	Feeds      map[string]json.RawMessage
	Known      []knownAct
	Unreadable uint64
}

// errFeedNew is a feed of the configuration that the saved state does not know.
var errFeedNew = errors.New("watch: feed is new")

type knownAct struct {
	ID  journal.ID
	Seq journal.Seq
}

// sealedFile keeps one sealed value in a file, replaced as a whole.
type sealedFile struct {
	dir string
	box *seal.Box
}

func newSealedFile(dir string, key seal.Key) *sealedFile {
	return &sealedFile{dir: dir, box: seal.NewBox(key.Derive("watch view 1"))}
}

func (s *sealedFile) path() string { return filepath.Join(s.dir, savedName) }

// load fills the fold, whose feeds are those of the configuration. Any error
// means: fold anew. A feed that is new in the configuration is an error too: the
// journal may hold its history.
func (s *sealedFile) load(empty *fold, load func([]byte) (*rhythm.Feed, error)) (*fold, error) {
	b, err := os.ReadFile(s.path())
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	plain, err := s.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, errors.New("watch: saved state has another layout")
	}
	f := newFold()
	f.applied, f.last, f.windows, f.blind, f.unreadable = v.Seq, v.Record, v.Windows, v.Blind, v.Unreadable
	for k, x := range v.Systems {
		f.systems[k] = x
	}
	for k, x := range v.Findings {
		f.findings[k] = x
	}
	for k, x := range v.Alerts {
		f.alerts[k] = x
	}
	for _, a := range v.Known {
		f.known[a.ID] = a.Seq
	}
	for name := range empty.feeds {
		raw, ok := v.Feeds[name]
		if !ok {
			return nil, fmt.Errorf("%w: %s", errFeedNew, name)
		}
		if f.feeds[name], err = load(raw); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// bytes returns the fold in its saved form.
func (f *fold) bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, Systems: f.systems, Findings: f.findings, Alerts: f.alerts,
		Windows: f.windows, Blind: f.blind, Feeds: map[string]json.RawMessage{}, Unreadable: f.unreadable,
	}
	for id, seq := range f.known {
		v.Known = append(v.Known, knownAct{id, seq})
	}
	for name, feed := range f.feeds {
		b, err := feed.Bytes()
		if err != nil {
			return nil, err
		}
		v.Feeds[name] = b
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	return b, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (s *sealedFile) store(plain []byte) (err error) {
	f, err := os.CreateTemp(s.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("watch: %w", err)
		}
	}()
	if _, err = f.Write(s.box.Seal(nil, plain, []byte(savedName))); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path())
}
