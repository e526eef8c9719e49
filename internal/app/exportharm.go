package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"notbetrieb/internal/harm"
)

// ExportHarm writes the harm list and the reports of events under pseudonyms.
// It is recorded before the first byte leaves.
func (h *Hub) ExportHarm(ctx context.Context, who string, o harm.ExportOptions, w io.Writer) (err error) {
	now := h.now().In(h.Zone)
	v, err := h.Chart.View(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	items, err := harm.NewWatch().Items(ctx, v, harm.Windows(h.Board.Outages(true), now), now)
	if err != nil {
		return err
	}
	lines, reports := h.Harm.Lines(items, now), h.Harm.Reports()
	if err := h.Harm.RecordExport(ctx, who, o, len(lines), len(reports)); err != nil {
		return err
	}
	if err := h.RecordConsole(ctx, who, "export", "", fmt.Sprintf("harm, %d lines, %d reports", len(lines), len(reports))); err != nil {
		return err
	}
	return harm.Export(w, lines, reports, o, h.Zone, now)
}
