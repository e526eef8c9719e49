package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"notbetrieb/internal/watch"
)

// metrics registers what the hub tells of itself. No metric carries a label
// that could name a patient.
func (h *Hub) metrics() {
	gauge := func(name, help string, f func() float64) {
		h.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "notbetrieb", Name: name, Help: help}, f))
	}
	gauge("journal_head", "Number of the newest record.", func() float64 { return float64(h.Journal.Head()) })
	gauge("chart_position", "Number of the newest record that the charts show.", func() float64 { return float64(h.Chart.Position()) })
	gauge("journal_writable", "1 if the journal can be written.", func() float64 {
		if h.Journal.Health() != nil {
			return 0
		}
		return 1
	})
	for kind := range h.Config.Numbers.Ranges() {
		gauge("numbers_left_"+string(kind), "Numbers of this kind that are not given yet.", func() float64 { return float64(h.Numbers.Left(kind)) })
	}
	h.forwardMetrics()
	count := func(name, help string, f func(watch.Counts) float64) {
		gauge("watch_"+name, help, func() float64 { return f(h.Watch.Counts()) })
	}
	count("systems_up", "Systems that are up.", func(c watch.Counts) float64 { return float64(c.Up) })
	count("systems_degraded", "Systems that are degraded, restoring or catching up.", func(c watch.Counts) float64 { return float64(c.Degraded) })
	count("systems_down", "Systems that are down.", func(c watch.Counts) float64 { return float64(c.Down) })
	count("systems_unknown", "Systems of which nothing is known.", func(c watch.Counts) float64 { return float64(c.Unknown) })
	count("alarms", "Causes of failures that nobody has acknowledged, planned ones aside.", func(c watch.Counts) float64 { return float64(c.Alarms) })
	count("feeds_silent", "Feeds that are silent.", func(c watch.Counts) float64 { return float64(c.Silent) })
	count("probes_run", "Probes run since the start.", func(c watch.Counts) float64 { return float64(c.Probes) })
	count("probe_delay_seconds", "The longest a probe began after its time since the start.", func(c watch.Counts) float64 { return c.Late.Seconds() })
	h.registry.MustRegister(h.glass)
	gauge("alarms", "Alarms that stand now.", func() float64 { return float64(len(h.Alarms.All())) })
}

// metricsHandler serves /metrics, /healthz and /readyz for machines.
func (h *Hub) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.Ready(r.Context()); err != nil {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	return mux
}
