package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/journal"
)

// screen measures the time from when a message is due at its sender until the
// page of the ward it belongs to has been read whole with that message in it,
// while every ward of the house has its page open and reads it anew when it has
// changed, at most twenty times a second.
func screen(ctx context.Context, b *bench) error {
	dir, err := b.folder("screen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := filled(ctx, b, dir)
	if err != nil {
		return err
	}
	return errors.Join(b.watch(ctx, r, dir), r.close())
}

func (b *bench) watch(ctx context.Context, r *running, dir string) error {
	targets, wards, err := inHouse(ctx, r)
	if err != nil {
		return err
	}
	who, err := signIn(ctx, r.url, "arzt")
	if err != nil {
		return err
	}
	plan := pacePlan{
		Targets: targets, ADT: r.feed(demo.KISADT).String(), LIS: r.feed(demo.LIS).String(),
		Rate: sized(b, 500, 50), Long: sized(b, 12*time.Second, time.Second),
	}
	path := filepath.Join(dir, "plan.json")
	raw, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	from := r.hub.Journal.Head()
	screens := openScreens(ctx, r, who, wards)
	var sentAll []happening
	err = child(ctx, &sentAll, "pace", "-plan", path)
	if err == nil {
		err = r.hub.Chart.Wait(ctx, r.hub.Journal.Head())
	}
	drawn, screenErr := screens.close()
	if err := errors.Join(err, screenErr); err != nil {
		return err
	}
	if err := shown(ctx, who, sentAll); err != nil {
		return err
	}
	seqs, err := seqsOf(ctx, r.hub.Journal, from)
	if err != nil {
		return err
	}
	took, missing := delays(sentAll, seqs, drawn)
	if missing > 0 {
		return fmt.Errorf("%d of %d messages were on no page", missing, len(sentAll))
	}
	b.note("%d messages, %d ward pages drawn meanwhile, %d wards open", len(sentAll), drawn.count(), len(wards))
	b.add("Message to ward page p50, 500 messages/s", took.p50(), "ms", lower)
	b.add("Message to ward page p99, 500 messages/s", took.p99(), "ms", lower, goal(250))
	return nil
}

// inHouse lists the patients in beds, and the wards they lie on.
func inHouse(ctx context.Context, r *running) (targets []target, wards []string, err error) {
	v, err := r.hub.Chart.View(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	for _, w := range r.hub.Config.Wards {
		list, err := v.Ward(ctx, w.Code)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range list.Rows {
			if row.Free || row.Arriving || row.Unnamed || row.State != chart.Present {
				continue
			}
			t, ok, err := targetOf(ctx, v, row)
			if err != nil {
				return nil, nil, err
			}
			if ok {
				targets = append(targets, t)
			}
			if ok && !slices.Contains(wards, t.Ward) {
				wards = append(wards, t.Ward)
			}
		}
	}
	if len(targets) == 0 {
		return nil, nil, errors.New("nobody is in house")
	}
	return targets, wards, nil
}

func targetOf(ctx context.Context, v *chart.View, row chart.Row) (target, bool, error) {
	p, err := v.Patient(ctx, row.Key, chart.Head())
	if err != nil {
		return target{}, false, err
	}
	i := slices.IndexFunc(p.IDs, func(id clinical.Identifier) bool { return id.Authority == "KIS" })
	if i < 0 || row.Case == "" || len(p.Linked) > 0 {
		return target{}, false, nil
	}
	return target{
		Key: string(p.Key), Number: p.IDs[i].Value, Case: string(row.Case), Family: row.Name.Family, Given: row.Name.Given,
		Birth: fmt.Sprintf("%04d%02d%02d", row.Birth.Year, row.Birth.Month, row.Birth.Day), Sex: string(row.Sex),
		Ward: row.Place.Ward, Room: row.Place.Room, Bed: row.Place.Bed,
	}, true, nil
}

// drawing is one ward page that was read whole.
type drawing struct {
	at  time.Time
	seq uint64 // as of
}

type drawings map[string][]drawing // by ward

func (d drawings) count() (n int) {
	for _, list := range d {
		n += len(list)
	}
	return n
}

// screens are open ward pages.
type screens struct {
	stop context.CancelFunc
	wg   sync.WaitGroup
	mu   sync.Mutex
	drew drawings
	errs []error
}

// redraw is the least time between two drawings of one page.
const redraw = 50 * time.Millisecond

// openScreens opens one page for each ward; each is read anew whenever its ward
// has changed.
func openScreens(ctx context.Context, r *running, who *reader, wards []string) *screens {
	s := &screens{drew: drawings{}}
	ctx, s.stop = context.WithCancel(ctx)
	for _, ward := range wards {
		moved, end := r.hub.Chart.Subscribe()
		s.wg.Go(func() {
			defer end()
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-moved:
					if !m.All && !slices.Contains(m.Wards, ward) {
						continue
					}
				}
				// A page that was begun is finished: the run may end with it.
				s.draw(context.WithoutCancel(ctx), who, ward)
				time.Sleep(redraw)
			}
		})
	}
	return s
}

func (s *screens) draw(ctx context.Context, who *reader, ward string) {
	body, err := who.get(ctx, "/ward/"+ward)
	var seq uint64
	if err == nil {
		seq, err = pageSeq(body)
	}
	at := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	s.drew[ward] = append(s.drew[ward], drawing{at, seq})
}

// close lets the last changes be drawn and ends all pages.
func (s *screens) close() (drawings, error) {
	time.Sleep(time.Second)
	s.stop()
	s.wg.Wait()
	return s.drew, errors.Join(s.errs...)
}

// seqsOf returns the record of each message by its control ID.
func seqsOf(ctx context.Context, j *journal.Journal, after journal.Seq) (map[string]uint64, error) {
	out := map[string]uint64{}
	for from := after + 1; ; {
		recs, err := j.Read(ctx, from, 1000)
		if err != nil {
			return nil, err
		}
		if len(recs) == 0 {
			return out, nil
		}
		for _, r := range recs {
			if f := bytes.SplitN(r.Body, []byte("|"), 11); r.Kind == journal.HL7 && len(f) == 11 {
				out[string(f[9])] = uint64(r.Seq)
			}
		}
		from = recs[len(recs)-1].Seq + 1
	}
}

// delays returns for each message how long it took until a page of its ward was
// as of its record, and how many were never seen.
func delays(all []happening, seqs map[string]uint64, drew drawings) (took sample, missing int) {
	for _, list := range drew {
		slices.SortFunc(list, func(a, b drawing) int { return a.at.Compare(b.at) })
	}
	for _, h := range all {
		seq, known := seqs[h.ID]
		i := slices.IndexFunc(drew[h.Ward], func(d drawing) bool { return known && d.seq >= seq })
		if i < 0 {
			missing++
			continue
		}
		took = append(took, drew[h.Ward][i].at.Sub(h.At))
	}
	return took, missing
}

// shown makes sure that the pages say what the messages said: the newest result
// of each patient, and each patient on the ward of the last transfer.
func shown(ctx context.Context, who *reader, all []happening) error {
	last := map[string]happening{}
	for _, h := range all {
		last[h.Key] = h
	}
	page := map[string][]byte{}
	noResult, noPatient := 0, 0
	for key, h := range last {
		if page[h.Ward] == nil {
			body, err := who.get(ctx, "/ward/"+h.Ward)
			if err != nil {
				return err
			}
			page[h.Ward] = body
		}
		if !bytes.Contains(page[h.Ward], []byte("/patient/"+key)) {
			noPatient++
		} else if !bytes.Contains(page[h.Ward], []byte(h.Value)) {
			noResult++
		}
	}
	if noResult+noPatient > 0 {
		return fmt.Errorf("of %d patients %d are not on the ward of the last message and %d without its result", len(last), noPatient, noResult)
	}
	return nil
}
