package main

import (
	"context"
	"errors"
	"os"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/staff"
)

// pages measures how long a person waits for a page, over HTTP, one page after
// the other, in the filled demo hospital. A look at a page that was not read in
// the last minutes is recorded durably before the page goes out; the second
// look is not recorded again, so the two are measured apart.
func pages(ctx context.Context, b *bench) error {
	dir, err := b.folder("pages")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := filled(ctx, b, dir)
	if err != nil {
		return err
	}
	return errors.Join(b.leaf(ctx, r), r.close())
}

// leaf reads every ward and every chart, each twice.
func (b *bench) leaf(ctx context.Context, r *running) error {
	who, err := signIn(ctx, r.url, "arzt")
	if err != nil {
		return err
	}
	targets, wards, err := inHouse(ctx, r)
	if err != nil {
		return err
	}
	var first, worked sample
	var lists []string
	for _, w := range wards {
		lists = append(lists, "/ward/"+w)
	}
	again, err := leafTwice(ctx, who, lists, sized(b, 60, 2), &first, &worked)
	if err != nil {
		return err
	}
	b.note("processor time of a ward list, reader included: p50 %.2f ms, p99 %.2f ms", worked.p50(), worked.p99())
	b.add("Ward list page p50", again.p50(), "ms", lower)
	b.add("Ward list page p99", again.p99(), "ms", lower, goal(10))
	for _, page := range []struct{ name, path string }{
		{"overview", ""}, {"curve", "/curve"}, {"medication", "/medication"}, {"laboratory", "/lab"}, {"findings", "/findings"},
	} {
		var paths []string
		for _, t := range targets {
			paths = append(paths, "/patient/"+t.Key+page.path)
		}
		worked = worked[:0]
		again, err := leafTwice(ctx, who, paths, sized(b, 3, 1), &first, &worked)
		if err != nil {
			return err
		}
		b.note("processor time of %s, reader included: p50 %.2f ms, p99 %.2f ms", page.name, worked.p50(), worked.p99())
		b.add("Chart page p99: "+page.name, again.p99(), "ms", lower, goal(10))
	}
	b.add("First look at a page p50, the durable record of the read included", first.p50(), "ms", lower)
	b.add("First look at a page p99, the durable record of the read included", first.p99(), "ms", lower)
	return b.readRecord(ctx, r, targets)
}

// leafTwice reads each page once, then again and again.
func leafTwice(ctx context.Context, who *reader, paths []string, times int, first, worked *sample) (sample, error) {
	var again sample
	for n := range times + 1 {
		for _, p := range paths {
			before, begun := processorTime(), time.Now()
			if _, err := who.get(ctx, p); err != nil {
				return nil, err
			}
			took := time.Since(begun)
			if n == 0 {
				*first = append(*first, took)
			} else {
				again = append(again, took)
				*worked = append(*worked, processorTime()-before)
			}
		}
	}
	return again, nil
}

// readRecord measures the record of a read alone.
func (b *bench) readRecord(ctx context.Context, r *running, targets []target) error {
	var took sample
	for n := range sized(b, 1000, 20) {
		t := targets[n%len(targets)]
		begun := time.Now()
		_, err := r.hub.Staff.RecordRead(ctx, staff.Read{
			Person: "arzt", Name: "Dr. J. Brandt", Roles: []staff.Role{staff.Physician}, Session: "bench",
			Patient: clinical.PatientKey(t.Key), Case: clinical.CaseNo(t.Case), Ward: t.Ward, Page: "print",
		})
		if err != nil {
			return err
		}
		took = append(took, time.Since(begun))
	}
	b.add("The durable record of a read alone p99", took.p99(), "ms", lower)
	return nil
}
