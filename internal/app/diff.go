package app

import (
	"context"
	"iter"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
)

// Diff yields what the charts would say otherwise under the mapping tables t.
func (h *Hub) Diff(ctx context.Context, t interpret.Tables, progress func(journal.Seq)) (iter.Seq2[chart.Difference, error], error) {
	t.Identity.Here = h.Config.Numbers.Authority
	site, err := interpret.Compile(t, h.Zone)
	if err != nil {
		return nil, err
	}
	return chart.Diff(ctx, h.chartConfig(), h.Journal, h.Site, site, progress), nil
}
