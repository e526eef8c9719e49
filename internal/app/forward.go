package app

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"notbetrieb/internal/forward"
	"notbetrieb/internal/hl7"
)

// openForward makes the second receivers of the configuration.
func (h *Hub) openForward(ctx context.Context) error {
	var dests []forward.Destination
	var errs []error
	for _, c := range h.Config.Forward {
		d := forward.Destination{Name: c.Name, Feeds: c.Feeds, Types: c.Types, Address: c.Address, Dial: hl7.ClientOptions{Answer: c.Answer}, Repeats: c.Repeats}
		if c.TLS.CA != "" || c.TLS.Cert != "" {
			files, err := targetTLS(c.Name, c.TLS)
			errs = append(errs, err)
			d.Dial.TLS = files
		}
		dests = append(dests, d)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var err error
	h.Forward, err = forward.Open(ctx, h.Journal, dests, forward.Options{
		Dir: h.folder("forward"), Key: h.Keys.Root.Derive("forward"), Site: h.Config.Hospital.Site, Now: h.now, Log: h.log,
	})
	return err
}

// forwardMetrics registers how far each second receiver lags behind.
func (h *Hub) forwardMetrics() {
	for i, c := range h.Config.Forward {
		gauge := func(name, help string, f func(forward.Standing) float64) {
			h.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Namespace: "notbetrieb", Subsystem: "forward", Name: name, Help: help, ConstLabels: prometheus.Labels{"destination": c.Name},
			}, func() float64 { return f(h.Forward.Standings()[i]) }))
		}
		gauge("waiting", "Messages that arrived and were not passed on yet.", func(s forward.Standing) float64 { return float64(s.Waiting) })
		gauge("aside", "Messages that wait for a person.", func(s forward.Standing) float64 { return float64(len(s.Aside)) })
		gauge("passed_total", "Messages that the receiver accepted since it was configured.", func(s forward.Standing) float64 { return float64(s.Passed) })
		gauge("lag_seconds", "Age of the message that is being passed on; 0 if none waits.", func(s forward.Standing) float64 {
			if s.Waiting == 0 || s.Oldest.IsZero() {
				return 0
			}
			return max(h.now().Sub(s.Oldest).Seconds(), 0)
		})
	}
}
