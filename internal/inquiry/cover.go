package inquiry

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"math"
	"strings"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Every hub writes sealed records that say nothing, so that sealed records tell
// nobody that there is an investigation. They are made as real ones are, with
// keys that are thrown away, and they come as real ones come: in visits, of a
// few pages within some minutes, in times with many visits and times with few.
// Each hub goes through such times whether or not there is an investigation.

const (
	quietGap = 72 * time.Hour // between visits on average
	busyGap  = 9 * time.Hour

	quietLasts = 6  // visits on average
	busyLasts  = 15 // likewise

	shareBusy = 4 // one hub in so many is in a busy time when it starts
)

// blank is what is written at once, and how long after what was written before.
type blank struct {
	after time.Duration
	sizes []int // of pages, in bytes of their text; lockHere is a lock
}

const lockHere = -1

// moods is where the noise of a hub stands.
type moods struct{ busy bool }

func newMoods() *moods { return &moods{busy: draw(shareBusy) == 0} }

// next returns how long after now the next visit begins. Most are by day.
func (m *moods) next(now time.Time) time.Duration {
	gap, lasts := quietGap, uint64(quietLasts)
	if m.busy {
		gap, lasts = busyGap, busyLasts
	}
	if draw(lasts) == 0 {
		m.busy = !m.busy
	}
	after := waiting(gap)
	at := now.Add(after)
	if hour := at.Hour(); (hour < 7 || hour >= 20) && draw(4) != 0 {
		at = time.Date(at.Year(), at.Month(), at.Day(), 7+int(draw(13)), int(draw(60)), int(draw(60)), 0, at.Location())
	}
	return max(at.Sub(now), time.Duration(draw(uint64(time.Hour))))
}

// waiting returns a length of time until something that comes by chance, mean on
// average.
func waiting(mean time.Duration) time.Duration {
	u := (float64(draw(1<<53)) + 1) / (1 << 53)
	return time.Duration(-math.Log(u) * float64(mean))
}

// between returns a length of time from least to most, short ones as often as
// long ones.
func between(least, most time.Duration) time.Duration {
	u := float64(draw(1<<53)) / (1 << 53)
	return time.Duration(float64(least) * math.Pow(float64(most)/float64(least), u))
}

// newVisit returns what one visit writes.
func newVisit() []blank {
	text := func() int { return int(draw(1200)) }
	var out []blank
	if draw(8) == 0 { // set up, and opened afterwards
		out = append(out, blank{0, []int{lockHere, text()}}, blank{between(time.Minute, 30*time.Minute), []int{text()}})
	} else {
		out = append(out, blank{0, []int{text()}})
	}
	out = append(out, blank{between(time.Second, 10*time.Second), []int{text()}}) // the first look
	for range 1 + draw(1+draw(16)) {
		pause := between(3*time.Second, 12*time.Minute)
		switch draw(24) {
		case 0, 1, 2: // a hit with its accesses, a long note
			out = append(out, blank{pause, []int{int(between(4<<10, 120<<10))}})
		case 3: // somebody is named
			out = append(out, blank{pause, []int{text(), text(), lockHere}})
		case 4: // somebody is taken out
			out = append(out, blank{pause, []int{text(), lockHere, text()}})
		case 5: // a file
			for range draw(3) {
				out = append(out, blank{pause, []int{pieceSize}})
				pause = between(20*time.Millisecond, 2*time.Second)
			}
			out = append(out, blank{pause, []int{int(between(1<<10, pieceSize))}}, blank{between(10*time.Millisecond, time.Second), []int{text()}})
		default:
			out = append(out, blank{pause, []int{text()}})
		}
		if draw(3) != 0 { // the page is shown again
			out = append(out, blank{between(30*time.Millisecond, 10*time.Second), []int{text()}})
		}
	}
	return out
}

// noise writes what nobody wrote until ctx ends.
func (b *Book) noise(ctx context.Context) {
	wait := func(d time.Duration) bool {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(d):
			return true
		}
	}
	m := newMoods()
	for wait(m.next(b.o.Now())) {
		key := seal.NewKey()
		for _, x := range newVisit() {
			if !wait(x.after) {
				return
			}
			recs, err := b.blanks(key, x)
			if err == nil {
				_, err = b.journal.AppendAll(ctx, recs)
			}
			if err != nil && ctx.Err() == nil {
				b.o.Log.WarnContext(ctx, "sealed record not written", "err", err)
			}
		}
	}
}

// blanks makes the records of a blank.
func (b *Book) blanks(key seal.Key, x blank) ([]journal.Record, error) {
	var out []journal.Record
	for _, size := range x.sizes {
		id := journal.NewID()
		body, err := blankLock(key)
		if size != lockHere {
			p := page{V: pageVersion, Text: strings.Repeat("x", min(size, 4<<10))}
			if size > 4<<10 {
				p = page{V: pageVersion, Data: make([]byte, size)}
			}
			body, err = sealPage(key, id, p)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b.sealed(id, body))
	}
	return out, nil
}

// blankLock is a lock for people who do not exist.
func blankLock(key seal.Key) ([]byte, error) {
	var members []Member
	for range 2 {
		s, err := newSecret(PrintedKey(), "", seal.NewKey(), Cost{Memory: 8, Time: 1, Lanes: 1})
		if err != nil {
			return nil, err
		}
		members = append(members, Member{Public: s.public})
	}
	var id caseID
	_, _ = rand.Read(id[:]) // never fails: see crypto/rand
	return newLock(id, key, members)
}

// draw returns a random number below n.
func draw(n uint64) uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: see crypto/rand
	return binary.BigEndian.Uint64(b[:]) % n
}
