package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/rulebook"
)

// evacuation measures how long a house waits for its evacuation list: each chart
// read, each read recorded, the PDF received whole over HTTP, as one person at a
// browser gets it. The patients of several histories of the demo hospital lie in
// the same beds.
func evacuation(ctx context.Context, b *bench) (err error) {
	dir, err := b.folder("evacuation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := serve(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	patients := 0
	for histories := sized(b, 5, 1); patients < sized(b, 1500, 20); histories++ {
		if _, err := fillHistories(ctx, r.hub.Journal, histories, b.short); err != nil {
			return err
		}
		if err := r.hub.Chart.Wait(ctx, r.hub.Journal.Head()); err != nil {
			return err
		}
		v, err := r.hub.Chart.View(ctx)
		if err != nil {
			return err
		}
		house, err := v.House(ctx)
		if err := errors.Join(err, v.Close()); err != nil {
			return err
		}
		patients = house.Patients
	}
	if err := prepare(ctx, r.hub); err != nil {
		return err
	}
	by := crisis.Act{Person: "krisenstab", Name: "Dr. A. Stein"}
	c, err := r.hub.Crisis.OpenCrisis(ctx, by, crisis.Opening{Kind: rulebook.Fire, Title: "Brand im Versorgungsgang"})
	if err == nil {
		_, err = r.hub.Crisis.Declare(ctx, by, c.ID, "niemand sonst erreichbar")
	}
	if err == nil {
		_, err = r.hub.Crisis.OrderEvacuation(ctx, by, c.ID, nil, "Halle Ost", "Rauch breitet sich aus")
	}
	if err != nil {
		return err
	}
	who, err := signIn(ctx, r.url, "krisenstab")
	if err != nil {
		return err
	}
	for _, x := range []struct {
		name, path, begins string
		goal               float64
	}{
		{fmt.Sprintf("Evacuation list of %d patients as PDF", patients), "/list.pdf", "%PDF", 10},
		{"The same once more", "/list.pdf", "%PDF", 10},
		{"Its first ward on the screen", "", "<!doctype html>", 1},
	} {
		begun := time.Now()
		body, err := who.get(ctx, "/evacuation/"+c.ID+x.path)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(body, []byte(x.begins)) || len(body) < 100*min(patients, 100) {
			return fmt.Errorf("evacuation: %d bytes that are no list", len(body))
		}
		b.add(x.name, time.Since(begun).Seconds(), "s", lower, goal(x.goal))
		b.note("%d bytes", len(body))
	}
	return nil
}
