package intake

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the gateways do, by feed. No label and no value tells
// anything about a patient.
type Metrics struct {
	messages, bytes, unreadable, acks       *prometheus.CounterVec
	storeFailures, oversized, sequenceGaps  *prometheus.CounterVec
	connections, lastMessage                *prometheus.GaugeVec
	evicted                                 *prometheus.CounterVec
	accepted, refused, skipped, torn, files *prometheus.CounterVec
	frames                                  *prometheus.CounterVec
	seconds                                 *prometheus.HistogramVec
}

// NewMetrics registers the metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "notbetrieb", Subsystem: "intake", Name: name, Help: help,
		}, append([]string{"feed"}, labels...))
		reg.MustRegister(c)
		return c
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "notbetrieb", Subsystem: "intake", Name: name, Help: help,
		}, []string{"feed"})
		reg.MustRegister(g)
		return g
	}
	m := &Metrics{
		messages:      counter("messages_total", "Messages stored, resent ones included."),
		bytes:         counter("bytes_total", "Bytes of the messages stored."),
		unreadable:    counter("unreadable_total", "Messages stored without a readable MSH segment or header record."),
		acks:          counter("acknowledgements_total", "Acknowledgements received, which are neither stored nor answered."),
		storeFailures: counter("store_failures_total", "Messages not stored and not answered."),
		oversized:     counter("oversized_total", "Messages over the size limit, not stored and not answered."),
		sequenceGaps:  counter("sequence_gaps_total", "Gaps in the senders' sequence numbers (MSH-13)."),
		connections:   gauge("connections", "Open connections."),
		lastMessage:   gauge("last_message_timestamp_seconds", "When the last message was stored."),
		accepted:      counter("connections_total", "Connections taken."),
		refused:       counter("refused_connections_total", "Connections refused.", "reason"),
		evicted:       counter("evicted_connections_total", "Silent connections closed to make room for new ones."),
		skipped:       counter("skipped_bytes_total", "Bytes between frames."),
		torn:          counter("torn_frames_total", "Frames and transmissions given up or begun anew before their end."),
		frames:        counter("refused_frames_total", "Frames of analysers refused: wrong checksum or number, or not stored."),
		files:         counter("files_total", "Files picked up from a folder.", "result"),
	}
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "notbetrieb", Subsystem: "intake", Name: "accept_seconds",
		Help:    "Time from a whole message to its answer.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
	}, []string{"feed"})
	reg.MustRegister(m.seconds)
	return m
}

// feedMetrics are the metrics of one feed, looked up once.
type feedMetrics struct {
	messages, bytes, unreadable, acks       prometheus.Counter
	storeFailures, oversized, sequenceGaps  prometheus.Counter
	connections, lastMessage                prometheus.Gauge
	accepted, evicted, skipped, torn        prometheus.Counter
	refusedAddress, refusedFull, refusedTLS prometheus.Counter
	filesDone, filesBad, filesStuck         prometheus.Counter
	refusedFrames                           prometheus.Counter
	seconds                                 prometheus.Observer
}

func (m *Metrics) of(feed string) feedMetrics {
	return feedMetrics{
		messages:       m.messages.WithLabelValues(feed),
		bytes:          m.bytes.WithLabelValues(feed),
		unreadable:     m.unreadable.WithLabelValues(feed),
		acks:           m.acks.WithLabelValues(feed),
		storeFailures:  m.storeFailures.WithLabelValues(feed),
		oversized:      m.oversized.WithLabelValues(feed),
		sequenceGaps:   m.sequenceGaps.WithLabelValues(feed),
		connections:    m.connections.WithLabelValues(feed),
		lastMessage:    m.lastMessage.WithLabelValues(feed),
		evicted:        m.evicted.WithLabelValues(feed),
		accepted:       m.accepted.WithLabelValues(feed),
		skipped:        m.skipped.WithLabelValues(feed),
		torn:           m.torn.WithLabelValues(feed),
		refusedAddress: m.refused.WithLabelValues(feed, "address"),
		refusedFull:    m.refused.WithLabelValues(feed, "full"),
		refusedTLS:     m.refused.WithLabelValues(feed, "tls"),
		refusedFrames:  m.frames.WithLabelValues(feed),
		filesDone:      m.files.WithLabelValues(feed, "done"),
		filesBad:       m.files.WithLabelValues(feed, "bad"),
		filesStuck:     m.files.WithLabelValues(feed, "stuck"),
		seconds:        m.seconds.WithLabelValues(feed),
	}
}
