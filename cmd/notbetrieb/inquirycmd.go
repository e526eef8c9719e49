package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// runInquiry checks a released report offline: no configuration, no journal,
// only the file and the public key that was pinned before.
func runInquiry(_ context.Context, c console, args []string) error {
	const usage = "usage: notbetrieb inquiry check --key checkpoint.pub FILE.zip"
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(c.err, usage)
		return errUsage
	}
	fs := c.flags("inquiry check", "verify a report released from a sealed investigation with the pinned public key; needs nothing else")
	keyFile := fs.String("key", "", "`FILE` with the hub's public key (checkpoint.pub), kept from before")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	if fs.NArg() != 1 || *keyFile == "" {
		fmt.Fprintln(c.err, usage)
		return errUsage
	}
	public, err := os.ReadFile(*keyFile)
	if err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		return err
	}
	b, err := os.ReadFile(fs.Arg(0))
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	report, broken := inquiry.Check(b, v)
	for _, x := range broken {
		fmt.Fprintf(c.out, "inquiry/%s: %s\n", x.Code, x.Text.EN)
	}
	if n := len(broken); n > 0 {
		return fault.Newf(fault.Corrupt, lang.Text{DE: fmt.Sprintf("%d Befunde.", n), EN: fmt.Sprintf("%d findings.", n)}, "%d findings", n)
	}
	fmt.Fprintf(c.out, "%s\n%d entries, signed by %s\nno damage found; bericht.pdf is a convenience, pages.txt is what was checked\n", report.Title, len(report.Entries), v.Name())
	return nil
}
