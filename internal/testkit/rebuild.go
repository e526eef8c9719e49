package testkit

import (
	"context"
	"errors"
	"net/http/httptest"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/app"
	"notbetrieb/internal/lang"
)

// Rebuilding restarts the hub with the present configuration, lets look read
// its pages at the moment before the first record is folded anew, and then
// starts it in full: what the reader sees while charts are being rebuilt, held
// still.
func (h *Hospital) Rebuilding(look func()) {
	h.t.Helper()
	h.Stop()
	hub, err := app.Open(h.t.Context(), h.Config, h.keys, h.options())
	if err != nil {
		h.t.Fatal("open:", err)
	}
	handler, err := app.Pages(nil, lang.Text{})(hub)
	if err != nil {
		h.t.Fatal("pages:", errors.Join(err, hub.Close()))
	}
	ctx, stop := context.WithCancel(h.t.Context())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return hub.Staff.Run(ctx) })
	g.Go(func() error { return hub.Board.Run(ctx) })
	g.Go(func() error { return hub.Harm.Run(ctx) })
	pages := httptest.NewServer(handler)
	func() {
		defer func() { // also where look ends the test
			h.still = ""
			pages.Close()
			stop()
			if err := errors.Join(ignoreCancelled(g.Wait()), hub.Close()); err != nil {
				h.t.Error("stop:", err)
			}
		}()
		h.still = pages.URL
		look()
	}()
	h.start()
}

func ignoreCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
