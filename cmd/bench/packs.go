package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
)

// packs measures how long the paper takes: charts read from the files and drawn
// as PDF, as a ward needs it, with the demo hospital's two weeks of findings.
func packs(ctx context.Context, b *bench) error {
	dir, err := b.folder("packs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := filled(ctx, b, dir)
	if err != nil {
		return err
	}
	return errors.Join(b.print(ctx, r.hub), r.close())
}

// printer draws packs from one view.
type printer struct {
	v    *chart.View
	head paper.Head
	o    paper.PackOptions
	all  []chart.Row
	from time.Time
}

func (b *bench) print(ctx context.Context, hub *app.Hub) (err error) {
	p, err := newPrinter(ctx, hub)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.v.Close()) }()
	var took []float64
	size := 0
	for range sized(b, 5, 1) {
		begun := time.Now()
		w := &counter{}
		station, err := p.station(ctx, 0, 30)
		if err != nil {
			return err
		}
		if err := paper.WardPack(w, p.head, station.Ward, station.Patients, p.o); err != nil {
			return err
		}
		took, size = append(took, time.Since(begun).Seconds()), w.n
	}
	b.add("Ward pack of 30 patients", median(took), "s", lower, goal(1))
	b.note("%d bytes", size)
	patients := sized(b, 1000, 60)
	begun := time.Now()
	w := &counter{}
	if err := paper.House(ctx, w, p.head, p.stations(ctx, patients), patients, p.o, nil); err != nil {
		return err
	}
	b.add("House pack of "+number(float64(patients))+" patients", time.Since(begun).Seconds(), "s", lower, goal(30))
	b.note("%d bytes", w.n)
	begun = time.Now()
	job := app.PrintJob{House: true, Lang: lang.DE, User: "bench"}
	if err := hub.PrintPDF(ctx, job, io.Discard, func(int, int) {}); err != nil {
		return err
	}
	b.add("The demo house as “notbetrieb print” does it, each read recorded", time.Since(begun).Seconds(), "s", lower)
	return nil
}

func newPrinter(ctx context.Context, hub *app.Hub) (*printer, error) {
	v, err := hub.Chart.View(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now().In(hub.Zone)
	p := &printer{v: v, from: now.AddDate(0, 0, -14), head: paper.Head{
		Hospital: hub.Config.Hospital.Name, Mode: hub.Board.Mode(now), AsOf: v.AsOf(), Seq: v.Seq(), Printed: now,
		PrintedBy: "bench", Where: "bench", Lang: lang.DE, Zone: hub.Zone,
	}}
	house, err := v.House(ctx)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	p.o = paper.PackOptions{Feeds: house.Feeds}
	for _, line := range house.Wards {
		w, err := v.Ward(ctx, line.Code)
		if err != nil {
			return nil, errors.Join(err, v.Close())
		}
		for _, row := range w.Rows {
			if !row.Free {
				p.all = append(p.all, row)
			}
		}
	}
	if len(p.all) == 0 {
		return nil, errors.Join(errors.New("nobody is in house"), v.Close())
	}
	return p, nil
}

// station is a ward of n beds with the patients of the house from the given one
// on, from the first again where there are too few. Charts are read each time.
func (p *printer) station(ctx context.Context, from, n int) (paper.Station, error) {
	part := chart.All()
	part.Since = p.from
	s := paper.Station{Ward: chart.Ward{Code: "B", Name: "Station B", Kind: "inpatient", Beds: n, Occupied: n}}
	for i := range n {
		row := p.all[(from+i)%len(p.all)]
		pat, err := p.v.Patient(ctx, row.Key, part)
		if err != nil {
			return s, err
		}
		s.Ward.Rows, s.Patients = append(s.Ward.Rows, row), append(s.Patients, pat)
	}
	return s, nil
}

// stations yields wards of 30 beds until all patients are in one.
func (p *printer) stations(ctx context.Context, patients int) iter.Seq2[paper.Station, error] {
	return func(yield func(paper.Station, error) bool) {
		for from := 0; from < patients; from += 30 {
			s, err := p.station(ctx, from, min(30, patients-from))
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// counter counts what is written.
type counter struct{ n int }

func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}
