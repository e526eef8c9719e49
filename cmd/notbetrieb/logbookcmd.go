package main

import (
	"context"
	"fmt"
	"os"

	"notbetrieb/internal/crisis"
)

// runLogbook checks an exported logbook offline: no configuration, no journal,
// only the file and the public key that was pinned before.
func runLogbook(_ context.Context, c console, args []string) error {
	path, v, err := pinned(c, args, "logbook", "verify an exported logbook (Einsatztagebuch) with the pinned public key; needs nothing else")
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("logbook: %w", err)
	}
	l, broken := crisis.VerifyLogbook(b, v)
	var found []string
	for _, x := range broken {
		found = append(found, x.Code+": "+x.Text.EN)
	}
	if err := damaged(c, "logbook", found); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s\n%s\n%d lines on %d pages, %d records: signed by %s\n", oneLine(l.Hospital), oneLine(l.Title), len(l.Lines), len(l.Pages), len(l.Records), v.Name())
	for _, p := range l.Pages {
		fmt.Fprintf(c.out, "page %3d  lines %d-%d  %s\n", p.Number, p.First, p.Last, p.Hash)
	}
	fmt.Fprintln(c.out, "no damage found; compare the hashes with those on the printed pages")
	return nil
}
