package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Serving is a hub whose sockets are open; Run serves them.
type Serving struct {
	hub     *Hub
	web     net.Listener
	metrics net.Listener // nil: none configured
	handler http.Handler
	feeds   []feedRunner
	o       Options
}

// feedRunner is a listener or a watched folder.
type feedRunner struct {
	name string
	addr func() net.Addr // nil for a folder
	run  func(context.Context) error
	stop func() error // closes a socket that never ran
}

// Listen opens every socket of the configuration. All mistakes are found here:
// a hub that starts, serves.
func (h *Hub) Listen(o Options, build func(*Hub) (http.Handler, error)) (_ *Serving, err error) {
	s := &Serving{hub: h, o: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closeSockets())
		}
	}()
	if s.feeds, err = h.openFeeds(); err != nil {
		return nil, err
	}
	if s.web, err = h.listenWeb(); err != nil {
		return nil, err
	}
	if h.Config.Metrics.Listen != "" {
		if s.metrics, err = net.Listen("tcp", h.Config.Metrics.Listen); err != nil {
			return nil, portTaken(err, h.Config.Metrics.Listen)
		}
	}
	if s.handler, err = build(h); err != nil {
		return nil, err
	}
	return s, nil
}

func (h *Hub) listenWeb() (net.Listener, error) {
	c := h.Config.Web
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, portTaken(err, c.Listen)
	}
	if c.TLS.Cert == "" {
		return l, nil
	}
	id, err := seal.ReadIdentity(c.TLS.Cert, c.TLS.Key)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	clients, err := clientPool(c.TLS.ClientCA)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return tls.NewListener(l, seal.ServerTLS(id, clients)), nil
}

// clientPool reads the authority whose certificates browsers must have; nil
// for none.
func clientPool(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("web.tls.client_ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fault.New(fault.Invalid, lang.Text{
			DE: "web.tls.client_ca: In der Datei steht kein Zertifikat.",
			EN: "web.tls.client_ca: there is no certificate in the file.",
		})
	}
	return pool, nil
}

func portTaken(err error, addr string) error {
	return fault.Mark(fmt.Errorf("listen %s: %w", addr, err), fault.Unavailable, lang.Text{
		DE: "Die Adresse " + addr + " ist nicht frei oder nicht erlaubt.",
		EN: "The address " + addr + " is in use or not allowed.",
	})
}

// URL returns the address of the pages on this machine.
func (s *Serving) URL() string {
	scheme := "http"
	if s.hub.Config.Web.TLS.Cert != "" {
		scheme = "https"
	}
	return scheme + "://" + s.web.Addr().String()
}

// FeedAddr returns where the named feed listens; nil for another kind and while
// it is off.
func (s *Serving) FeedAddr(name string) net.Addr {
	for _, f := range s.feeds {
		if f.name == name && f.addr != nil {
			return f.addr()
		}
	}
	return nil
}

func (s *Serving) closeSockets() error {
	errs := []error{closeFeeds(s.feeds)}
	for _, l := range []net.Listener{s.web, s.metrics} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

// Run serves until ctx ends. It stops in order: feeds first (what they have
// stored is answered), then pages, then the folds; the caller closes the hub.
func (s *Serving) Run(ctx context.Context) error {
	h := s.hub
	folding, stopFolds := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFolds()
	g, ctx := errgroup.WithContext(ctx)
	folds, fctx := errgroup.WithContext(folding)
	h.folds(fctx, folds)
	g.Go(func() error { // a fold that fails stops the hub
		select {
		case <-ctx.Done():
			return nil
		case <-fctx.Done():
			return folds.Wait()
		}
	})
	for _, f := range s.feeds {
		g.Go(func() error { return ended(ctx, f.run(ctx)) })
	}
	if h.Config.Scan.Folder != "" {
		g.Go(func() error { return ended(ctx, h.watchScans(ctx)) })
	}
	g.Go(func() error { return serveHTTP(ctx, s.web, s.handler, h.log) })
	if s.metrics != nil {
		g.Go(func() error { return serveHTTP(ctx, s.metrics, h.metricsHandler(), h.log) })
	}
	g.Go(func() error { return ended(ctx, h.keepHouse(ctx)) })
	g.Go(func() error { return ended(ctx, h.keepCrisis(ctx)) })
	g.Go(func() error { return ended(ctx, h.keepCallouts(ctx)) })
	g.Go(func() error { return ended(ctx, h.Callout.Work(ctx)) })
	g.Go(func() error { return ended(ctx, h.Watch.Look(ctx)) })
	g.Go(func() error { return ended(ctx, s.o.Notifier.Keep(ctx, h.alive)) })
	if s.o.Answer != nil {
		g.Go(func() error {
			h.serveControl(ctx, s.o.Answer)
			return nil
		})
	}
	if err := s.o.Notifier.Say("READY=1"); err != nil {
		h.log.Warn("service manager", slog.Any("err", err))
	}
	stopping := context.AfterFunc(ctx, func() { _ = s.o.Notifier.Say("STOPPING=1") })
	defer stopping()
	err := g.Wait()
	if h.closeWeb != nil {
		h.closeWeb() // a house pack that is still drawn holds a view of the charts
	}
	stopFolds()
	return errors.Join(err, folds.Wait())
}

// serveHTTP serves h on l until ctx ends, then lets running answers finish.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      10 * time.Minute, // the whole house as one PDF
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(l) }()
	select {
	case err := <-stopped:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return srv.Close()
	}
	return nil
}
