package handback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// What people decided beside the states of entries is kept in tables of its
// own: which conflicts they confirmed, who a patient is at a target, the reports;
// and at what pace a target answers.
const peopleSchema = `
CREATE TABLE over (target TEXT, root TEXT, key TEXT NOT NULL, marks BLOB NOT NULL, PRIMARY KEY (target, root)) WITHOUT ROWID;
CREATE TABLE sent_to (target TEXT, patient TEXT, no TEXT, n INTEGER NOT NULL, PRIMARY KEY (target, patient, no)) WITHOUT ROWID;
CREATE TABLE pace (target TEXT, slot INTEGER, good INTEGER NOT NULL, bad INTEGER NOT NULL, PRIMARY KEY (target, slot)) WITHOUT ROWID;
CREATE TABLE report (target TEXT, n INTEGER, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (target, n)) WITHOUT ROWID;
`

// people takes in what an event says of these.
func (t *tx) people(e *event, seq journal.Seq) error {
	switch e.Step {
	case released, again:
		for _, it := range e.Items {
			if len(it.Over) == 0 {
				continue
			}
			if err := t.put(`INSERT OR REPLACE INTO over VALUES(?,?,?,?)`, []any{e.Target, it.Root, it.Key}, it.Over); err != nil {
				return err
			}
			if err := t.confirmedNew(e, it); err != nil {
				return err
			}
		}
	case matched, agreed, parted:
		return t.matching(e)
	case sending:
		return t.exec(`INSERT INTO sent_to VALUES(?,?,?,1) ON CONFLICT(target, patient, no) DO UPDATE SET n=n+1`, e.Target, string(e.Patient), e.To)
	case answered:
		return t.paced(e)
	case reported:
		return t.put(`INSERT OR REPLACE INTO report VALUES(?,?,?,?)`, []any{e.Target, e.Report.Version, int64(seq)}, e.Report)
	default:
	}
	return nil
}

// withhold puts the item back to people. One that has left already may have
// arrived: that a person must see.
func (s *stateRow) withhold(e *event) bool {
	if s.Turn != e.Turn {
		return false
	}
	switch s.State {
	case Released:
		s.State, s.Decided, s.Second = Waiting, Act{}, Act{}
	case Sent:
		s.State = Unclear
	default:
		return false
	}
	s.idle()
	s.Hold, s.Answer = e.Hold, e.Text
	s.Turn++
	return true
}

// confirmed returns the marks of the conflicts that were confirmed for a version
// of an entry.
func (b *Book) confirmed(ctx context.Context, target, root, key string) ([]string, error) {
	var body []byte
	var marks []string
	err := b.st.db.QueryRowContext(ctx, `SELECT marks FROM over WHERE target=? AND root=? AND key=?`, target, root, key).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &marks)
	}
	return marks, err
}

// slotLength is how long answers are counted together.
const slotLength = 10 * time.Second

// slotsKept is how many of these are kept: a day.
const slotsKept = int64(24 * time.Hour / slotLength)

// paced counts an answer with which an entry is off the machine: refused, or the
// last of its messages taken.
func (t *tx) paced(e *event) error {
	if e.At.IsZero() || e.Code == "" || positive(e.Code) && !e.Last {
		return nil
	}
	slot, good, bad := e.At.Unix()/int64(slotLength/time.Second), 0, 0
	if positive(e.Code) {
		good = 1
	} else {
		bad = 1
	}
	if err := t.exec(`INSERT INTO pace VALUES(?,?,?,?) ON CONFLICT(target, slot) DO UPDATE SET good=good+excluded.good, bad=bad+excluded.bad`, e.Target, slot, good, bad); err != nil {
		return err
	}
	return t.exec(`DELETE FROM pace WHERE target=? AND slot<?`, e.Target, slot-slotsKept)
}

// Pace is how many entries were answered in each of the newest slots, oldest first, up
// to now. The slot that is not over yet is left out.
type Pace struct {
	Slot   time.Duration
	Good   []int // accepted
	Bad    []int // refused
	Latest time.Time
}

// Pace returns the answers of a target in the last span.
func (b *Book) Pace(ctx context.Context, target string, now time.Time, span time.Duration) (Pace, error) {
	n := int(span / slotLength)
	p := Pace{Slot: slotLength, Good: make([]int, n), Bad: make([]int, n)}
	last := now.Unix()/int64(slotLength/time.Second) - 1
	rows, err := b.st.db.QueryContext(ctx, `SELECT slot, good, bad FROM pace WHERE target=? AND slot>? AND slot<=? ORDER BY slot`, target, last-int64(n), last)
	if err != nil {
		return p, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var slot int64
		var good, bad int
		if err := rows.Scan(&slot, &good, &bad); err != nil {
			return p, err
		}
		i := n - 1 - int(last-slot)
		p.Good[i], p.Bad[i] = good, bad
		p.Latest = time.Unix((slot+1)*int64(slotLength/time.Second), 0)
	}
	return p, rows.Err()
}

// Forecast is how long the machine still needs for what is released. It says
// nothing of what waits for people.
type Forecast struct {
	Known    bool
	Why      lang.Text // where it is not known
	PerMin   float64   // answers in a minute, on average
	From, To time.Duration
}

// The least that a forecast is made of.
const (
	forecastSpan  = 5 * time.Minute
	forecastSlots = 6  // slots in which answers came
	forecastLeast = 10 // answers
)

// Forecast says from the pace of the last minutes how long n entries take: a
// range from the faster to the slower half of them. It is not known where too
// little has been answered, or nothing in the last minute.
func (p Pace) Forecast(n int) Forecast {
	var all []int
	sum := 0
	first := slices.IndexFunc(p.Good, func(g int) bool { return g > 0 })
	if first < 0 {
		first = len(p.Good)
	}
	all = p.Good[first:]
	for _, g := range all {
		sum += g
	}
	perMin := func(answers, slots int) float64 { return float64(answers) / (float64(slots) * p.Slot.Minutes()) }
	last := all[max(0, len(all)-int(time.Minute/p.Slot)):]
	silent := true
	for _, g := range last {
		silent = silent && g == 0
	}
	switch {
	case n == 0:
		return Forecast{Why: lang.Text{DE: "Es ist nichts freigegeben.", EN: "Nothing is released."}}
	case sum > 0 && silent:
		return Forecast{Why: lang.Text{DE: "Nicht bekannt: In der letzten Minute kam keine Antwort.", EN: "Not known: no answer came in the last minute."}}
	case len(all) < forecastSlots || sum < forecastLeast:
		return Forecast{Why: lang.Text{DE: "Noch nicht bekannt: Es kamen erst wenige Antworten.", EN: "Not known yet: only few answers have come."}}
	}
	half := len(all) / 2
	sorted := slices.Sorted(slices.Values(all))
	slow, fast := 0, 0
	for _, g := range sorted[:half] {
		slow += g
	}
	for _, g := range sorted[len(sorted)-half:] {
		fast += g
	}
	f := Forecast{Known: true, PerMin: perMin(sum, len(all))}
	f.From = rounded(float64(n) / perMin(fast, half))
	if slow == 0 {
		slow = 1
	}
	f.To = rounded(float64(n) / perMin(slow, half))
	return f
}

// rounded is a number of minutes as people say it: up to the next one, from half
// an hour on to the next five.
func rounded(minutes float64) time.Duration {
	d := time.Duration(minutes * float64(time.Minute))
	step := time.Minute
	if d > 30*time.Minute {
		step = 5 * time.Minute
	}
	return (d + step - 1) / step * step
}
