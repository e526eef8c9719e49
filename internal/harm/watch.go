package harm

import (
	"context"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
)

// Item is what an outage may have done to one patient.
type Item struct {
	Key     clinical.PatientKey
	Keys    []clinical.PatientKey // Key and every identity merged into it
	Name    clinical.Name
	Birth   clinical.Date
	Sex     clinical.Sex
	Unnamed bool
	Case    clinical.CaseNo
	Place   clinical.Place // now, or the last one
	Gone    bool           // has left the house
	Dead    bool
	Found   []Finding
}

// Watch keeps what Find gave for each patient until the patient's chart
// changes, so that the list of a house costs the charts that changed. It is
// safe for use by many goroutines.
type Watch struct {
	mu      sync.Mutex
	windows []Window
	until   time.Time
	known   map[clinical.PatientKey]watched
}

type watched struct {
	seq  uint64
	item Item
}

// ahead is how far beyond now findings are worked out, so that time alone needs
// no chart to be read again.
const ahead = 6 * time.Hour

// NewWatch returns a Watch that has seen nothing.
func NewWatch() *Watch { return &Watch{known: map[clinical.PatientKey]watched{}} }

// Items returns every patient with something found in the windows, as of the
// view, by key. What is not due yet is among it: see [Finding.Shown]. now is in
// the hospital's zone. The items share memory with later calls and must not be
// changed.
func (w *Watch) Items(ctx context.Context, v *chart.View, windows []Window, now time.Time) ([]Item, error) {
	if len(windows) == 0 {
		return nil, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.EqualFunc(windows, w.windows, sameWindow) || now.After(w.until) || now.Before(w.until.Add(-2*ahead)) {
		w.windows, w.until, w.known = slices.Clone(windows), now.Add(ahead), map[clinical.PatientKey]watched{}
	}
	touched, err := v.Touched(ctx, windows[0].From.Add(-before))
	if err != nil {
		return nil, err
	}
	next := make(map[clinical.PatientKey]watched, len(touched))
	var out []Item
	for _, t := range touched {
		k, ok := w.known[t.Key]
		if !ok || k.seq != t.Seq {
			if k, err = look(ctx, v, t, w.windows, w.until); err != nil {
				if fault.KindOf(err) == fault.NotFound {
					continue
				}
				return nil, err
			}
		}
		next[t.Key] = k
		if len(k.item.Found) > 0 {
			out = append(out, k.item)
		}
	}
	w.known = next
	return out, nil
}

func sameWindow(a, b Window) bool {
	return a.Outage == b.Outage && a.System == b.System && a.From.Equal(b.From) && a.To.Equal(b.To)
}

func look(ctx context.Context, v *chart.View, t chart.Newest, windows []Window, until time.Time) (watched, error) {
	p, err := v.Patient(ctx, t.Key, Part(windows[0].From))
	if err != nil {
		return watched{}, err
	}
	return watched{seq: t.Seq, item: ItemOf(p, windows, until)}, nil
}

// ItemOf is what the windows did to the patient of one chart; see [Find].
func ItemOf(p *chart.Patient, windows []Window, until time.Time) Item {
	it := Item{
		Key: p.Key, Keys: []clinical.PatientKey{p.Key}, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V, Unnamed: p.Unnamed.V,
		Dead: p.Dead.V, Found: Find(p, windows, until),
	}
	for _, l := range p.Linked {
		it.Keys = append(it.Keys, l.Key)
	}
	if st, ok := p.Current(); ok {
		it.Case, it.Place, it.Gone = st.Case, st.Now.V, st.State == chart.Left
	}
	return it
}
