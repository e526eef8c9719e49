package main

import (
	"context"
	"fmt"
	"io"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/lang"
)

func runExport(ctx context.Context, c console, args []string) error {
	if len(args) == 0 || args[0] != "harm" {
		fmt.Fprintln(c.err, "usage: notbetrieb export harm --config FILE [flags]; -h explains")
		return errUsage
	}
	path, rest := cutConfig(args[1:])
	return c.onHub(ctx, path, "export harm", rest, c.out)
}

// exportHarm writes the harm list and the reports of events under pseudonyms.
// The export is itself a record.
func exportHarm(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	fs := console{err: errw}.flags("export harm", "write what the outage may have harmed, and the reports of events, under pseudonyms to standard output; the export is recorded")
	o := harm.ExportOptions{}
	fs.StringVar(&o.Format, "format", "csv", "csv or json")
	fs.BoolVar(&o.MapWards, "map-wards", false, "write wards as W1, W2 …")
	fs.BoolVar(&o.Texts, "texts", false, "include free texts, drugs and examinations: they may name persons, read them before you pass them on")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	if o.Format != "csv" && o.Format != "json" {
		return fault.New(fault.Invalid, lang.Text{DE: "Die Form ist csv oder json.", EN: "The format is csv or json."})
	}
	return h.ExportHarm(ctx, call.User, o, out)
}
