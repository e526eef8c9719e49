package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/journal"
)

// Retain drops the records that the configured retention lets go: those of
// patients who are not in house, of whom nothing came for so long and of whom no
// entry is still to be handed back, and reads older than their own limit. Everything
// else stays, and so does what a legal hold keeps.
//
// It goes in short steps. A hold that is set between two of them keeps what is
// still there; charts that the steps before have closed come back with it.
func (h *Hub) Retain(ctx context.Context) error {
	return h.retain(ctx, func(string) error { return nil })
}

// The steps of dropping, as they are told before each.
const (
	closeCharts = "charts"
	dropRecords = "records"
	forgetReads = "reads"
)

// retain is Retain; before is told each step, and its error ends the run.
func (h *Hub) retain(ctx context.Context, before func(step string) error) error {
	if k := h.Config.Retention; k.Days <= 0 && k.KeepReadsDays <= 0 {
		return nil
	}
	if err := h.freezeAll(ctx); err != nil {
		return err
	}
	r := &retention{h: h, before: before, now: h.now()}
	if back, err := r.bringBack(ctx); err != nil || back {
		return err
	}
	if err := r.run(ctx); err != nil {
		_, back := r.bringBack(context.WithoutCancel(ctx))
		return errors.Join(err, back)
	}
	return nil
}

// retention is one run of dropping.
type retention struct {
	h      *Hub
	before func(step string) error
	now    time.Time

	// What was received, or read, before is dropped; zero drops nothing. As of the
	// newest step, and never more than at the first: what a hold kept that was
	// lifted meanwhile goes in the next run, out of the journal and the audit alike.
	messages, reads time.Time
	begun           bool
}

// step runs one step while no hold can be set.
func (r *retention) step(ctx context.Context, name string, do func(evidence.Held) error) error {
	if err := r.before(name); err != nil {
		return err
	}
	return r.h.Evidence.Dropping(ctx, func(held evidence.Held) error {
		messages, reads := r.limits(held)
		if r.begun {
			messages, reads = earlier(messages, r.messages), earlier(reads, r.reads)
		}
		r.messages, r.reads, r.begun = messages, reads, true
		return do(held)
	})
}

// earlier is the limit that drops less; zero drops nothing.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// limits are the times before which messages and reads are dropped.
func (r *retention) limits(held evidence.Held) (messages, reads time.Time) {
	k := r.h.Config.Retention
	if k.Days > 0 {
		messages = held.Limit(r.now.AddDate(0, 0, -k.Days))
	}
	if k.KeepReadsDays > 0 && len(held.Patients) == 0 { // who looked at whom is part of what is held about a person
		reads = held.Limit(r.now.AddDate(0, 0, -k.KeepReadsDays)).Truncate(time.Millisecond)
	}
	return messages, reads
}

func (r *retention) run(ctx context.Context) error {
	h := r.h
	owed, err := h.Back.Owed(ctx, h.Journal.Head())
	if err != nil {
		return err
	}
	err = r.step(ctx, closeCharts, func(held evidence.Held) error {
		if r.messages.IsZero() {
			return nil
		}
		_, err := h.Chart.Forget(ctx, r.messages, func(p clinical.PatientKey) bool { return owed[p] || held.Patients[string(p)] })
		return err
	})
	if err != nil {
		return err
	}
	if r.messages.IsZero() && r.reads.IsZero() {
		h.log.InfoContext(ctx, "retention rests: a legal hold stands")
		return nil
	}
	closed := r.messages
	report, err := r.prune(ctx)
	if err != nil {
		return err
	}
	if err := r.step(ctx, forgetReads, func(evidence.Held) error { return r.forget(ctx, h.Journal.Head()) }); err != nil {
		return err
	}
	h.log.InfoContext(ctx, "retention", slog.Any("report", report))
	if r.messages.Equal(closed) {
		return h.Chart.Dropped(ctx)
	}
	_, err = r.bringBack(ctx)
	return err
}

// prune drops the content of records, in steps. A read leaves the audit in the
// step in which it leaves the journal: both always agree.
func (r *retention) prune(ctx context.Context) (journal.PruneReport, error) {
	needed := func(journal.Seq) bool { return true }
	if !r.messages.IsZero() {
		var err error
		if needed, err = r.h.needed(ctx); err != nil {
			return journal.PruneReport{}, err
		}
	}
	var last journal.Seq // that was asked about
	drop := func(rec journal.Record) bool {
		last = rec.Seq
		switch rec.Kind {
		case journal.HL7, journal.ASTM:
			return rec.Received.Before(r.messages) && !needed(rec.Seq)
		case journal.Read: // by the read's own time, as the audit forgets them: both must agree
			return rec.Time.Before(r.reads)
		}
		return false
	}
	return r.h.Journal.Prune(ctx, r.now, drop, func(step func() error) error {
		return r.step(ctx, dropRecords, func(evidence.Held) error {
			if err := step(); err != nil {
				return err
			}
			return r.forget(ctx, last)
		})
	})
}

// forget drops reads out of the audit, up to a record.
func (r *retention) forget(ctx context.Context, upto journal.Seq) error {
	if r.reads.IsZero() {
		return nil
	}
	_, err := r.h.Staff.ForgetReads(ctx, r.reads, uint64(upto))
	return err
}

// bringBack has the charts folded anew, and says so, where a hold keeps messages
// of people whose charts are closed already: it was set between two steps, or
// after a run that broke off.
func (r *retention) bringBack(ctx context.Context) (bool, error) {
	forgot, err := r.h.Chart.Forgot(ctx)
	if err != nil || !forgot {
		return false, err
	}
	free, _ := r.limits(evidence.Held{})
	if held, _ := r.limits(r.h.Evidence.Held()); held.Equal(free) {
		return false, nil
	}
	r.h.log.InfoContext(ctx, "a legal hold keeps what was about to be dropped: the charts are folded anew")
	return true, r.h.Chart.Refold(ctx)
}

// needed says which records the charts of now still need.
func (h *Hub) needed(ctx context.Context) (_ func(journal.Seq) bool, err error) {
	v, err := h.Chart.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return v.Keep(ctx)
}
