package main

import (
	"context"
	"errors"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

func runServe(ctx context.Context, c console, args []string) error {
	fs := c.flags("serve", "run the hub until it is told to stop")
	path := fs.String("config", "", "configuration `FILE`")
	if err := parse(fs, args); err != nil {
		return err
	}
	cfg, err := c.load(*path)
	if err != nil {
		return err
	}
	keys, err := c.keys(cfg)
	if err != nil {
		return err
	}
	log := c.logger(cfg.Log)
	o := app.Options{Log: log, Notifier: c.notifier(), Answer: answer, Version: version}
	h, err := app.Open(ctx, cfg, keys, o)
	if err != nil {
		return err
	}
	s, err := h.Listen(o, app.Pages(nil, lang.Text{}))
	if err == nil {
		log.InfoContext(ctx, "hub serves", "url", s.URL(), "version", version)
		err = s.Run(ctx)
	}
	err = errors.Join(err, h.Close())
	if ctx.Err() != nil && errors.Is(err, context.Canceled) && fault.KindOf(err) == fault.Internal {
		return nil // it was told to stop while it started
	}
	return err
}
