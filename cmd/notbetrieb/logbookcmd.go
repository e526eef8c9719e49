package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// runLogbook checks an exported logbook offline: no configuration, no journal,
// only the file and the public key that was pinned before.
func runLogbook(_ context.Context, c console, args []string) error {
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(c.err, "usage: notbetrieb logbook check --key checkpoint.pub FILE")
		return errUsage
	}
	fs := c.flags("logbook check", "verify an exported logbook (Einsatztagebuch) with the pinned public key; needs nothing else")
	keyFile := fs.String("key", "", "`FILE` with the hub's public key (checkpoint.pub), kept from before")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	if fs.NArg() != 1 || *keyFile == "" {
		fmt.Fprintln(c.err, "usage: notbetrieb logbook check --key checkpoint.pub FILE")
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
		return fmt.Errorf("logbook: %w", err)
	}
	l, broken := crisis.VerifyLogbook(b, v)
	for _, x := range broken {
		fmt.Fprintf(c.out, "logbook/%s: %s\n", x.Code, x.Text.EN)
	}
	if n := len(broken); n > 0 {
		return fault.Newf(fault.Corrupt, lang.Text{DE: fmt.Sprintf("%d Befunde.", n), EN: fmt.Sprintf("%d findings.", n)}, "%d findings", n)
	}
	fmt.Fprintf(c.out, "%s\n%s\n%d lines on %d pages, %d records: signed by %s\n", l.Hospital, l.Title, len(l.Lines), len(l.Pages), len(l.Records), v.Name())
	for _, p := range l.Pages {
		fmt.Fprintf(c.out, "page %3d  lines %d-%d  %s\n", p.Number, p.First, p.Last, p.Hash)
	}
	fmt.Fprintln(c.out, "no damage found; compare the hashes with those on the printed pages")
	return nil
}
