package rhythm

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Beat is one hour of a feed as a page draws it.
type Beat struct {
	Start     time.Time
	N         int     // messages
	Low, High float64 // what an ordinary hour holds: 19 of 20 lie between
	Judged    bool    // false in a pause, and while the feed is still being learned
	Part      bool    // the present hour, which is not over
}

// Beats returns the newest hours, oldest first, the present one last.
func (f *Feed) Beats(hours int) []Beat {
	if f.s.Begun.IsZero() {
		return nil
	}
	past := f.s.Past[max(len(f.s.Past)-hours+1, 0):]
	out := make([]Beat, 0, len(past)+1)
	v := f.s.Spread[0]
	beat := func(h hour, n int) Beat {
		return Beat{
			Start: h.Start, N: n, Judged: f.Ready() && !h.Out,
			Low: float64(lowest(0.025, h.Low, v.at(h.Low)) + 1), High: float64(highest(0.025, h.High, v.at(h.High)) - 1),
		}
	}
	for _, h := range past {
		out = append(out, beat(h, h.N))
	}
	now := beat(f.present, f.s.Count)
	now.Part = true
	return append(out, now)
}

// Last is when the newest message came; zero before the first.
func (f *Feed) Last() time.Time { return f.s.Last }

// Expected is how many messages an hour are expected now.
func (f *Feed) Expected() float64 { return f.present.Low }

// maxAhead is how far Due looks.
const maxAhead = 21 * 24

// Due is when a silence will be raised if nothing more comes; zero if the feed is
// not judged yet, or that lies more than three weeks ahead.
func (f *Feed) Due() time.Time {
	if !f.Ready() {
		return time.Time{}
	}
	left, at := f.limit()-f.s.Open, f.s.Upto
	rate, start := f.present.Low, f.present.Start
	for range maxAhead {
		end := start.Add(time.Hour)
		if inHour := rate * end.Sub(at).Hours(); inHour >= left {
			return at.Add(time.Duration(max(left, 0) / rate * float64(time.Hour)))
		} else {
			left -= inHour
		}
		at, start = end, end
		rate, _ = f.rates(f.cal.Day(start), start)
	}
	return time.Time{}
}

// Bytes returns what has been learned, to be kept between starts.
func (f *Feed) Bytes() ([]byte, error) {
	b, err := json.Marshal(f.s)
	if err != nil {
		return nil, fmt.Errorf("rhythm: %w", err)
	}
	return b, nil
}

// Load makes a feed of what Bytes returned.
func Load(cal Calendar, o Options, b []byte) (*Feed, error) {
	f := New(cal, o)
	if err := json.Unmarshal(b, &f.s); err != nil {
		return nil, fmt.Errorf("rhythm: %w", err)
	}
	if f.s.Begun.IsZero() {
		return f, nil
	}
	if f.s.Upto.Before(f.s.Begun) || f.s.Last.After(f.s.Upto) || len(f.s.Past) > keepHours || f.s.Count < 0 {
		return nil, errors.New("rhythm: what was kept contradicts itself")
	}
	count, touched := f.s.Count, f.s.Touched
	f.open(f.s.Upto.Truncate(time.Hour))
	f.s.Count, f.s.Touched = count, touched
	return f, nil
}
