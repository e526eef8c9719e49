package watch

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"notbetrieb/internal/journal"
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

type knownAct struct {
	ID  journal.ID
	Seq journal.Seq
}

// newMemory returns an empty fold that listens to the feeds of the options.
func newMemory(o Options) *journal.Memory[*fold] {
	fresh := func() *fold {
		f := newFold()
		for _, feed := range o.Feeds {
			f.feeds[feed.Name] = rhythm.New(o.calendar(), o.rhythm())
		}
		return f
	}
	return journal.NewMemory(fresh, func(plain []byte) (*fold, error) { return readFold(plain, o) })
}

// readFold returns the fold that Bytes made, with the feeds of the options. Any
// error means: fold anew. So does a feed that is new in the configuration: the
// journal may hold its history.
func readFold(plain []byte, o Options) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, fmt.Errorf("watch: %w", journal.ErrLayout)
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
	for _, feed := range o.Feeds {
		raw, ok := v.Feeds[feed.Name]
		if !ok {
			return nil, fmt.Errorf("watch: feed %s is new: %w", feed.Name, journal.ErrLayout)
		}
		var err error
		if f.feeds[feed.Name], err = rhythm.Load(o.calendar(), o.rhythm(), raw); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, Systems: f.systems, Findings: f.findings, Alerts: f.alerts,
		Windows: f.windows, Blind: f.blind, Feeds: map[string]json.RawMessage{}, Unreadable: f.unreadable,
	}
	for id, seq := range f.known {
		v.Known = append(v.Known, knownAct{id, seq})
	}
	slices.SortFunc(v.Known, func(a, b knownAct) int { return cmp.Compare(a.Seq, b.Seq) })
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
