package main

import (
	"context"
	"fmt"
	"io"

	"notbetrieb/internal/inquiry"
)

// runInquiry checks a released report offline: no configuration, no journal,
// only the file and the public key that was pinned before.
func runInquiry(_ context.Context, c console, args []string) error {
	f, v, err := offline(c, "inquiry", "FILE.zip", "verify a report released from a sealed investigation with the pinned public key; needs nothing else", args)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	report, broken := inquiry.Check(b, v)
	var wrong []string
	for _, x := range broken {
		wrong = append(wrong, "inquiry/"+x.Code+": "+x.Text.EN)
	}
	if err := tell(c, wrong); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s\n%d entries, signed by %s\nno damage found; bericht.pdf is a convenience, pages.txt is what was checked\n", oneLine(report.Title), len(report.Entries), v.Name())
	return nil
}
