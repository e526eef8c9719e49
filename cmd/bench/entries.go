package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
)

// writers is how many people are at a form at the same moment: in a house of
// three hundred beds more than are ever at a keyboard at once. Each signs an
// entry every second, a hundred times as fast as people do.
const (
	writers   = 50
	writeEach = time.Second
)

// entries measures how many entries fifty people can sign without a pause, how
// long one of them waits for the answer that an entry is durable, and how long
// until it is on the screen of somebody else while every ward of the house has
// its page open. An entry is late by what the hub makes its writer wait: its
// time is when the button was due to be pressed.
func entries(ctx context.Context, b *bench) error {
	dir, err := b.folder("entries")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := filled(ctx, b, dir)
	if err != nil {
		return err
	}
	return errors.Join(b.sign(ctx, r, dir), r.close())
}

// signature is one entry that was answered as signed.
type signature struct {
	begun, done time.Time
	key         string
	of          target
	value       string // as typed: unlike the entry before
}

func (b *bench) sign(ctx context.Context, r *running, dir string) error {
	targets, wards, err := inHouse(ctx, r)
	if err != nil {
		return err
	}
	crew := sized(b, writers, 4)
	people := make([]*reader, crew)
	for i := range people {
		if people[i], err = signIn(ctx, r.url, "arzt"); err != nil {
			return err
		}
	}
	if len(targets) < crew {
		return fmt.Errorf("only %d patients for %d writers", len(targets), crew)
	}
	long := sized(b, 12*time.Second, 500*time.Millisecond)
	flood, err := signAll(ctx, people, targets, long/2, 0)
	if err != nil {
		return err
	}
	alone, err := signAll(ctx, people, targets, long, writeEach)
	if err != nil {
		return err
	}
	size, err := entrySize(ctx, r.hub.Journal, alone[0].key)
	if err != nil {
		return err
	}
	raw, err := rawWaits(dir, size, crew, sized(b, 3*time.Second, 200*time.Millisecond))
	if err != nil {
		return err
	}
	var took sample
	for _, s := range alone {
		took = append(took, s.done.Sub(s.begun))
	}
	name := fmt.Sprintf("Entry, %d writers: ", crew)
	b.add(name+"entries signed without a pause", float64(len(flood))/(long/2).Seconds(), "entries/s", higher)
	b.add(name+"to durable p50", took.p50(), "ms", lower, peer(raw.p50(), "append+fsync of the same bytes by as many"))
	b.add(name+"to durable p99", took.p99(), "ms", lower, goal(250), peer(raw.p99(), "append+fsync of the same bytes by as many"))
	return b.onScreens(ctx, r, people, targets, wards, long)
}

// onScreens lets the same people write while every ward page is open.
func (b *bench) onScreens(ctx context.Context, r *running, people []*reader, targets []target, wards []string, long time.Duration) error {
	other, err := signIn(ctx, r.url, "arzt")
	if err != nil {
		return err
	}
	from := r.hub.Journal.Head()
	screens := openScreens(ctx, r, other, wards)
	all, err := signAll(ctx, people, targets, long, writeEach)
	if err == nil {
		err = r.hub.Chart.Wait(ctx, r.hub.Journal.Head())
	}
	drawn, screenErr := screens.close()
	if err := errors.Join(err, screenErr); err != nil {
		return err
	}
	seqs, err := seqsOfEntries(ctx, r.hub.Journal, from)
	if err != nil {
		return err
	}
	var happened []happening
	last := map[string]signature{}
	for _, s := range all {
		happened = append(happened, happening{ID: s.key, At: s.begun, Key: s.of.Key, Ward: s.of.Ward})
		last[s.of.Key] = s
	}
	took, missing := delays(happened, seqs, drawn)
	if missing > 0 {
		return fmt.Errorf("%d of %d entries were on no page", missing, len(all))
	}
	for key, s := range last {
		page, err := other.get(ctx, "/patient/"+key+"/write/vitals") // which says what was measured last
		if err != nil {
			return err
		}
		if !bytes.Contains(page, []byte(s.value)) {
			return errors.New("an entry is not on the page of somebody else")
		}
	}
	b.note("%d entries, %d ward pages drawn meanwhile, %d wards open", len(all), drawn.count(), len(wards))
	name := fmt.Sprintf("Entry, %d writers: ", len(people))
	b.add(name+"to another screen p50", took.p50(), "ms", lower)
	b.add(name+"to another screen p99", took.p99(), "ms", lower, goal(500))
	return nil
}

// signAll lets each of the people sign vital signs of a patient of their own, an
// entry every so often, or without a pause.
func signAll(ctx context.Context, people []*reader, targets []target, long, pause time.Duration) ([]signature, error) {
	each := make([][]signature, len(people))
	g, ctx := errgroup.WithContext(ctx)
	begun := time.Now()
	for i, who := range people {
		g.Go(func() error {
			for n := 0; n == 0 || time.Since(begun) < long; n++ {
				due := time.Time{}
				if pause > 0 {
					due = begun.Add(time.Duration(n)*pause + pause*time.Duration(i+1)/time.Duration(len(people)+1))
				}
				s, err := who.sign(ctx, targets[i], due)
				if err != nil {
					return err
				}
				each[i] = append(each[i], s)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var all []signature
	for _, list := range each {
		all = append(all, list...)
	}
	return all, nil
}

var keyOfForm = regexp.MustCompile(`name="key" value="([0-9a-f]{32})"`)

// sign opens the form, fills it in and signs it at the given time. Timed is what
// comes then: until the answer that the entry stands.
func (r *reader) sign(ctx context.Context, of target, due time.Time) (signature, error) {
	r.signed++ // the same values twice in ten minutes are asked about
	s := signature{of: of, value: fmt.Sprintf("%d/%d", 100+r.signed%80, 50+r.signed/80%40)}
	path := "/patient/" + of.Key + "/write/vitals"
	page, err := r.get(ctx, path)
	if err != nil {
		return s, err
	}
	m := keyOfForm.FindSubmatch(page)
	if m == nil {
		return s, errors.New("the form has no key")
	}
	s.key = string(m[1])
	form := url.Values{"key": {s.key}, "act": {"sign"}, "bp": {s.value}, "pulse": {"72"}, "temp": {"36,8"}, "resp": {"14"}, "spo2": {"97"}, "o2": {"0"}, "acvpu": {"A"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return s, fmt.Errorf("sign: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if s.begun = due; due.IsZero() {
		s.begun = time.Now()
	}
	time.Sleep(time.Until(s.begun))
	res, err := r.client.Do(req)
	if err != nil {
		return s, fmt.Errorf("sign: %w", err)
	}
	s.done = time.Now()
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return s, fmt.Errorf("sign: %s", res.Status)
	}
	return s, nil
}

// seqsOfEntries returns the record of each signed entry by its key.
func seqsOfEntries(ctx context.Context, j *journal.Journal, after journal.Seq) (map[string]uint64, error) {
	out := map[string]uint64{}
	for from := after + 1; ; {
		recs, err := j.Read(ctx, from, 1000)
		if err != nil {
			return nil, err
		}
		if len(recs) == 0 {
			return out, nil
		}
		for _, rec := range recs {
			if rec.Kind != journal.Entry {
				continue
			}
			e, err := entry.Decode(rec.Body)
			if err != nil {
				return nil, err
			}
			out[e.Key] = uint64(rec.Seq)
		}
		from = recs[len(recs)-1].Seq + 1
	}
}

// entrySize is the size of the record of an entry.
func entrySize(ctx context.Context, j *journal.Journal, key string) (int, error) {
	id, err := journal.ParseID(key)
	if err != nil {
		return 0, err
	}
	seq, err := j.Find(ctx, id)
	if err != nil {
		return 0, err
	}
	rec, err := j.Get(ctx, seq)
	return len(rec.Body), err
}

// rawWaits is how long so many callers wait for the append of their bytes to a
// plain file and its fsync, one file for all, whoever waits written together.
func rawWaits(dir string, size, callers int, long time.Duration) (sample, error) {
	p, err := newPlainFile(dir)
	if err != nil {
		return nil, err
	}
	defer os.Remove(p.f.Name())
	each := make([]sample, callers)
	var g errgroup.Group
	until := time.Now().Add(long)
	for i := range each {
		body := bytes.Repeat([]byte{byte(i)}, size)
		g.Go(func() error {
			for time.Now().Before(until) {
				begun := time.Now()
				if _, err := p.Append(context.Background(), journal.Record{Body: body}); err != nil {
					return err
				}
				each[i] = append(each[i], time.Since(begun))
			}
			return nil
		})
	}
	if err := errors.Join(g.Wait(), p.f.Close()); err != nil {
		return nil, err
	}
	var all sample
	for _, s := range each {
		all = append(all, s...)
	}
	return all, nil
}
