package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"notbetrieb/internal/app"
	"notbetrieb/internal/numbers"
)

func runNumbers(ctx context.Context, c console, args []string) error {
	if len(args) == 0 || args[0] != "list" && args[0] != "grant" {
		fmt.Fprintln(c.err, "usage: notbetrieb numbers list|grant --config FILE [flags]; -h explains")
		return errUsage
	}
	path, rest := cutConfig(args[1:])
	return c.onHub(ctx, path, "numbers "+args[0], rest, c.out)
}

// numbersList prints the ranges with what is left of them.
func numbersList(_ context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	if err := parse(console{err: errw}.flags("numbers list", "list the number ranges and what is left of them"), call.Args); err != nil {
		return err
	}
	ranges := h.Config.Numbers.Ranges()
	for _, kind := range slices.Sorted(maps.Keys(ranges)) {
		s := ranges[kind]
		if _, err := fmt.Fprintf(out, "%-10s %s to %s  %d left\n", kind, s.Format(1), s.Format(s.Last()), h.Numbers.Left(kind)); err != nil {
			return err
		}
	}
	return nil
}

// numbersGrant reserves a block for a station and prints it as the station
// takes it.
func numbersGrant(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	fs := console{err: errw}.flags("numbers grant", "reserve a block of numbers for a station")
	node := fs.String("node", "", "`NAME` of the station")
	kind := fs.String("kind", "", "patient, case, order or specimen")
	if err := parse(fs, call.Args); err != nil {
		return err
	}
	b, err := h.Numbers.Grant(ctx, *node, numbers.Kind(*kind))
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(b)
}
