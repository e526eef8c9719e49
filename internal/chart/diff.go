package chart

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
)

// Difference is one place in which a person's chart would be another one under
// another mapping. Before and After hold health data: they are for the person
// at the terminal, never for a log.
type Difference struct {
	Key    clinical.PatientKey
	Field  string // as in Patient: "Name", "Stays", "Results", …; "Unread" for the unread list
	Before string // "" if it was not there
	After  string // "" if it would be gone
}

// Diff folds the journal once with each mapping, in a folder of its own that is
// removed afterwards, and yields every difference by person. The charts in
// cfg.Dir are neither used nor changed.
func Diff(ctx context.Context, cfg Config, j *journal.Journal, oldSite, newSite *interpret.Site, progress func(journal.Seq)) iter.Seq2[Difference, error] {
	return diff(ctx, cfg, [2]source{&journalSource{j: j, site: oldSite}, &journalSource{j: j, site: newSite}}, progress)
}

func diff(ctx context.Context, cfg Config, src [2]source, progress func(journal.Seq)) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		err := withViews(ctx, cfg, src, progress, func(v [2]*View) error { return compare(ctx, v, yield) })
		if err != nil && !errors.Is(err, errStop) {
			yield(Difference{}, err)
		}
	}
}

var errStop = errors.New("stop")

// withViews builds a chart from each source in a temporary folder.
func withViews(ctx context.Context, cfg Config, src [2]source, progress func(journal.Seq), use func([2]*View) error) (err error) {
	dir, err := os.MkdirTemp(cfg.Dir, "compare-")
	if err != nil {
		return fmt.Errorf("compare charts: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var views [2]*View
	for i := range src {
		one := cfg
		one.Dir = filepath.Join(dir, fmt.Sprint(i))
		if err := os.MkdirAll(one.Dir, 0o700); err != nil {
			return fmt.Errorf("compare charts: %w", err)
		}
		c, err := newClosed(one, src[i], "")
		if err != nil {
			return err
		}
		f, err := c.build(ctx, progress)
		if err != nil {
			return err
		}
		c.shown = f
		defer c.Close() //nolint:errcheck // the folder is removed
		if views[i], err = c.View(ctx); err != nil {
			return err
		}
		defer views[i].Close() //nolint:errcheck // only read
	}
	return use(views)
}

// compare yields the differences of every person in either view.
func compare(ctx context.Context, v [2]*View, yield func(Difference, error) bool) error {
	keys, err := everybody(v)
	if err != nil {
		return err
	}
	for _, key := range keys {
		var p [2]*Patient
		for i := range v {
			if p[i], err = v[i].whole(ctx, key); err != nil {
				return err
			}
		}
		if p[0].Key != key && p[1].Key != key {
			continue // merged away in both
		}
		if !fields(key, p, yield) {
			return errStop
		}
	}
	return compareUnread(ctx, v, yield)
}

func everybody(v [2]*View) ([]clinical.PatientKey, error) {
	var keys []clinical.PatientKey
	for i := range v {
		if err := v[i].conn.each(func(s *sqlite3.Stmt) bool {
			keys = append(keys, clinical.PatientKey(s.ColumnText(0)))
			return true
		}, "SELECT key FROM person"); err != nil {
			return nil, err
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// whole returns the chart, or an empty one for a person who is not there.
func (v *View) whole(ctx context.Context, key clinical.PatientKey) (*Patient, error) {
	n, err := v.conn.number("SELECT count(*) FROM person WHERE key=?", string(key))
	if err != nil || n == 0 {
		return &Patient{}, err
	}
	return v.Patient(ctx, key, All())
}

// fields compares two charts field by field, lists entry by entry.
func fields(key clinical.PatientKey, p [2]*Patient, yield func(Difference, error) bool) bool {
	a, b := reflect.ValueOf(p[0]).Elem(), reflect.ValueOf(p[1]).Elem()
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if name == "Seq" || name == "Key" || sameValue(a.Field(i), b.Field(i)) {
			continue
		}
		before, after := lines(a.Field(i), line), lines(b.Field(i), line)
		if slices.Equal(before, after) { // something that the words do not tell
			before, after = lines(a.Field(i), raw), lines(b.Field(i), raw)
		}
		for _, l := range before {
			if !slices.Contains(after, l) && !yield(Difference{Key: key, Field: name, Before: l}, nil) {
				return false
			}
		}
		for _, l := range after {
			if !slices.Contains(before, l) && !yield(Difference{Key: key, Field: name, After: l}, nil) {
				return false
			}
		}
	}
	return true
}

// lines writes each entry of a list, or a single value, on a line.
func lines(v reflect.Value, line func(reflect.Value) string) []string {
	if v.Kind() != reflect.Slice {
		if v.IsZero() {
			return nil
		}
		return []string{line(v)}
	}
	out := make([]string, v.Len())
	for i := range out {
		out[i] = line(v.Index(i))
	}
	return out
}

// compareUnread yields what one mapping reads and the other does not.
func compareUnread(ctx context.Context, v [2]*View, yield func(Difference, error) bool) error {
	var lists [2][]string
	var keys [2][]clinical.PatientKey
	for i := range v {
		for before := uint64(0); ; {
			list, _, err := v[i].Unread(ctx, UnreadFilter{Each: true, Before: before, Limit: 1000})
			if err != nil {
				return err
			}
			for _, u := range list {
				lists[i] = append(lists[i], fmt.Sprintf("%d %s %s %s: %s", u.Seq, u.Kind, u.Segment, u.Code, u.Reason.DE))
				keys[i] = append(keys[i], u.Key)
				before = u.Seq
			}
			if len(list) < 1000 {
				break
			}
		}
	}
	for i := range lists {
		other := make(map[string]bool, len(lists[1-i]))
		for _, l := range lists[1-i] {
			other[l] = true
		}
		for n, l := range lists[i] {
			if other[l] {
				continue
			}
			d := Difference{Key: keys[i][n], Field: "Unread"}
			if i == 0 {
				d.Before = l
			} else {
				d.After = l
			}
			if !yield(d, nil) {
				return errStop
			}
		}
	}
	return nil
}
