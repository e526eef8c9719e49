package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
)

func runDemo(ctx context.Context, c console, args []string) error {
	fs := c.flags("demo", "run a simulated hospital and the hub on this machine")
	listen := fs.String("listen", "127.0.0.1:8080", "`ADDR`ess of the pages")
	data := fs.String("data", "", "data `DIR`ectory; by default a temporary one that is removed at the end")
	seed := fs.Int64("seed", 1, "`N` that makes the hospital: the same seed, the same house")
	speed := fs.Float64("speed", 10, "how many times faster than real time the house lives on, `N`")
	verbose := fs.Bool("v", false, "log to standard error")
	if err := parse(fs, args); err != nil {
		return err
	}
	dir, remove, err := app.DemoDir(*data)
	if err != nil {
		return err
	}
	d := &app.Demo{Dir: dir, Listen: *listen, Seed: *seed, Speed: *speed, Log: c.logger(config.Log{Level: "warn"})}
	if *verbose {
		d.Log = c.logger(config.Log{Level: "info"})
	}
	began := time.Now()
	fmt.Fprintln(c.out, "Das simulierte Krankenhaus schickt zwei Wochen Nachrichten über MLLP …")
	err = d.Run(ctx, func() {}, func() {
		fmt.Fprintf(c.out, `
Notbetrieb       %s
Anmelden als     pflege, arzt, aufnahme, labor, radiologie, apotheke, it, krisenstab, krisenstab2, revision
Passwort         %s
Nachrichten      %d, nach %.1f s in den Akten

Strg+C beendet.
`, d.URL(), app.DemoPassword, d.Hub().Journal.Head(), time.Since(began).Seconds())
	})
	return errors.Join(err, remove())
}
