package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/forward"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/intake"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/numbers"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/tray"
	"notbetrieb/internal/watch"
)

// Options are what the surroundings give to a hub; nil and zero values have
// defaults.
type Options struct {
	Log      *slog.Logger
	Now      func() time.Time
	Clock    func() time.Time // of the machine, where Now is another; nil is time.Now
	Hash     staff.HashCost   // of passwords; tests make it cheap
	Glass    time.Duration    // how long a break-glass grant lasts; 0: an hour
	Notifier Notifier
	Version  string
	// Answer runs the operator's commands sent to the running hub; nil: there
	// is no control socket.
	Answer func(ctx context.Context, h *Hub, call Call, out, errw io.Writer) error
}

// Hub is the opened parts of one node.
type Hub struct {
	Config   config.Config
	Zone     *time.Location
	Keys     Keys
	Journal  *journal.Journal
	Site     *interpret.Site
	Chart    *chart.Chart
	Staff    *staff.Book
	Board    *incident.Board
	Harm     *harm.Register
	Estate   *estate.Book
	Crisis   *crisis.Book
	Callout  *callout.Book
	Evidence *evidence.Book
	Watch    *watch.Watch
	Review   *oversight.Desk
	Inquiry  *inquiry.Book
	Numbers  *numbers.Office
	Desk     *desk.Desk
	Tray     *tray.Tray
	Back     *handback.Book
	Forward  *forward.Relay
	Assays   *catalogue.Catalogue // what the laboratory offers
	Alarms   *Alarms

	store     *roomy         // the journal as the gateways see it
	budget    *intake.Budget // of all feeds together
	log       *slog.Logger
	now       func() time.Time
	clock     func() time.Time // of the machine; nil is time.Now
	registry  *prometheus.Registry
	glass     prometheus.Counter
	feedRetry time.Duration
	phrases   staff.HashCost        // of passphrases of sealed investigations; zero: much
	closeWeb  func()                // ends what the pages draw in the background; nil before Pages
	unready   func() error          // why the demo is not ready; nil in a real house
	probes    func() []estate.Probe // of the demo, in place of those of the estate; nil in a real house
}

// Open opens journal and folds. Nothing listens and nothing is folded until
// Run, or Catch for a command that needs the present state without serving.
func Open(ctx context.Context, cfg config.Config, keys Keys, o Options) (_ *Hub, err error) {
	h, err := plan(cfg, keys, o)
	if err != nil {
		return nil, err
	}
	h.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	h.Alarms = NewAlarms(h.now, func(a Alarm) {
		h.log.Error("alarm", slog.String("key", a.Key), slog.String("text", a.Text.EN))
	})
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	return h, h.open(ctx, o)
}

// plan is a hub with nothing opened yet.
func plan(cfg config.Config, keys Keys, o Options) (*Hub, error) {
	zone, err := time.LoadLocation(cfg.Hospital.Timezone)
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{
			DE: "Die Zeitzone der Konfiguration ist nicht bekannt.", EN: "The configured time zone is not known.",
		})
	}
	h := &Hub{Config: cfg, Zone: zone, Keys: keys, log: o.Log, now: o.Now, clock: o.Clock, registry: prometheus.NewRegistry(), feedRetry: feedRetry}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if h.now == nil {
		h.now = time.Now
	}
	h.glass = prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: "notbetrieb", Name: "glass_opened_total", Help: "Break-glass grants opened since the start.",
	})
	if h.Assays, err = assays(cfg.Laboratory.Catalogue); err != nil {
		return nil, err
	}
	tables := cfg.Mapping
	tables.Identity.Here = cfg.Numbers.Authority
	h.Site, err = interpret.Compile(tables, zone)
	return h, err
}

func (h *Hub) open(ctx context.Context, o Options) error {
	for _, part := range []string{"journal", "chart", "staff", "incident", "harm", "estate", "crisis", "callout", "evidence", "numbers", "tray", "handback", "forward", "watch", "review", "sealed"} {
		if err := os.MkdirAll(h.folder(part), 0o700); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
	}
	var err error
	h.Journal, err = journal.Open(ctx, h.folder("journal"), h.Keys.Root, h.Keys.Signer, h.journalOptions())
	if err != nil {
		return err
	}
	h.store = &roomy{journal: h.Journal, free: func() (uint64, error) { return journal.Free(h.folder("journal")) }}
	h.Chart, err = chart.Open(ctx, h.chartConfig(), h.Journal, h.Site)
	if err != nil {
		return err
	}
	people := h.staffOptions(o)
	people.AsideFile, people.OnAside = h.asideFile(), h.lookAside
	h.Staff, err = staff.Open(ctx, h.folder("staff"), h.Keys.Root.Derive("staff"), h.Journal, people)
	if err != nil {
		return err
	}
	h.Board, err = incident.Open(ctx, h.Journal, systems(h.Config), h.boardOptions())
	if err != nil {
		return err
	}
	h.Harm, err = harm.Open(ctx, h.Journal, h.harmOptions())
	if err != nil {
		return err
	}
	h.Estate, err = estate.Open(ctx, h.Journal, h.estateOptions())
	if err != nil {
		return err
	}
	if err := h.openCrisis(ctx); err != nil {
		return err
	}
	if err := h.openCallout(ctx); err != nil {
		return err
	}
	h.Evidence, err = evidence.Open(ctx, h.Journal, h.evidenceOptions())
	if err != nil {
		return err
	}
	h.Numbers, err = numbers.Open(ctx, h.Journal, h.Config.Numbers.Node, h.Config.Numbers.Ranges(), h.numberOptions())
	if err != nil {
		return err
	}
	h.Desk = desk.New(h.Journal, h.Config.Hospital.Site, h.Config.Numbers.Node)
	h.Tray, err = tray.Open(ctx, h.Journal, h.Chart, h.Desk.Sign, tray.Options{
		Dir: h.folder("tray"), Key: h.Keys.Root, Site: h.Config.Hospital.Site, Now: h.now, Log: h.log,
	})
	if err != nil {
		return err
	}
	if err := h.openHandback(ctx); err != nil {
		return err
	}
	if err := h.openForward(ctx); err != nil {
		return err
	}
	if err := h.openWatch(ctx); err != nil {
		return err
	}
	h.phrases = o.Hash
	if err := h.openInquiry(ctx); err != nil {
		return err
	}
	h.metrics()
	return nil
}

// Close closes what is open, the journal last.
func (h *Hub) Close() error {
	var errs []error
	if h.Back != nil {
		errs = append(errs, h.Back.Close())
	}
	if h.Numbers != nil {
		errs = append(errs, h.Numbers.Close())
	}
	if h.Staff != nil {
		errs = append(errs, h.Staff.Close())
	}
	if h.Chart != nil {
		errs = append(errs, h.Chart.Close())
	}
	if h.Journal != nil {
		errs = append(errs, h.Journal.Close())
	}
	return errors.Join(errs...)
}

// Catch folds everything up to the journal's present head and returns; it is
// what an operator's command needs.
func (h *Hub) Catch(ctx context.Context) error {
	return caught(ctx, h.Journal.Head(), h.Chart, h.Staff, h.Board, h.Harm, h.Estate, h.Crisis, h.Callout, h.Evidence)
}

// CatchPeople is Catch without the charts: for commands that give out records
// and must do so also where damage keeps the charts from being built.
func (h *Hub) CatchPeople(ctx context.Context) error {
	return caught(ctx, h.Journal.Head(), h.Staff, h.Board, h.Harm, h.Estate, h.Crisis, h.Callout, h.Evidence)
}

// follower is a fold of the journal.
type follower interface {
	Run(ctx context.Context) error
	Wait(ctx context.Context, seq journal.Seq) error
}

// caught runs the followers until each has folded head.
func caught(ctx context.Context, head journal.Seq, all ...follower) error {
	ctx, stop := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	for _, f := range all {
		g.Go(func() error { return ended(ctx, f.Run(ctx)) })
	}
	g.Go(func() error {
		defer stop()
		var errs []error
		for _, f := range all {
			errs = append(errs, f.Wait(ctx, head))
		}
		return errors.Join(errs...)
	})
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// folds starts the followers of the journal.
func (h *Hub) folds(ctx context.Context, g *errgroup.Group) {
	g.Go(func() error { return ended(ctx, h.Chart.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Staff.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Board.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Harm.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Estate.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Crisis.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Callout.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Evidence.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Review.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Inquiry.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Watch.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Numbers.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Tray.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Back.Run(ctx)) })
	g.Go(func() error { return ended(ctx, h.Forward.Run(ctx)) })
}

// ended turns the error of a part that was told to stop into nil.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || err == nil) {
		return nil
	}
	return err
}

// glassOpened is told of each break-glass grant: the security officer's alarm.
func (h *Hub) glassOpened(_ context.Context, s staff.Session, g staff.Glass) {
	h.glass.Inc()
	h.log.Warn("break-glass opened", slog.String("person", s.Person.ID), slog.String("session", s.ID),
		slog.String("ward", g.Ward), slog.Time("until", g.Until))
}
