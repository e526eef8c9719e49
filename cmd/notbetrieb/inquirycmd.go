package main

import (
	"context"
	"fmt"
	"os"

	"notbetrieb/internal/inquiry"
)

// runInquiry checks a released report offline: no configuration, no journal,
// only the file and the public key that was pinned before.
func runInquiry(_ context.Context, c console, args []string) error {
	path, v, err := pinned(c, args, "inquiry", "verify a report released from a sealed investigation with the pinned public key; needs nothing else")
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	report, broken := inquiry.Check(b, v)
	var found []string
	for _, x := range broken {
		found = append(found, x.Code+": "+x.Text.EN)
	}
	if err := damaged(c, "inquiry", found); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s\n%d entries, signed by %s\nno damage found; bericht.pdf is a convenience, pages.txt is what was checked\n", oneLine(report.Title), len(report.Entries), v.Name())
	return nil
}
