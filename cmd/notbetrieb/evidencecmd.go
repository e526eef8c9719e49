package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"unicode"

	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// runEvidence checks a package of evidence offline: no configuration, no
// journal, only the file and the public key that was pinned before.
func runEvidence(ctx context.Context, c console, args []string) error {
	const usage = "usage: notbetrieb evidence check --key checkpoint.pub FILE"
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(c.err, usage)
		return errUsage
	}
	flags := c.flags("evidence check", "verify a package of evidence (Beweispaket) with the pinned public key; needs nothing else")
	keyFile := flags.String("key", "", "`FILE` with the hub's public key (checkpoint.pub), kept from before")
	if err := parse(flags, args[1:]); err != nil {
		return err
	}
	if flags.NArg() != 1 || *keyFile == "" {
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
	f, err := os.Open(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	m, broken, err := evidence.VerifyPackage(ctx, f, info.Size(), v)
	if err != nil {
		return fmt.Errorf("package: %w", err)
	}
	for _, x := range broken {
		fmt.Fprintf(c.out, "evidence/%s: %s\n", x.Code, oneLine(x.Text.EN))
	}
	if n := len(broken); n > 0 {
		return fault.Newf(fault.Corrupt, lang.Text{DE: fmt.Sprintf("%d Befunde.", n), EN: fmt.Sprintf("%d findings.", n)}, "%d findings", n)
	}
	fmt.Fprintf(c.out, "%s\n%s\nfor %s: %s\nmade %s UTC by %s\n%d items, %d records up to no. %d: signed by %s\n", oneLine(m.Hospital), oneLine(m.Title), oneLine(m.For), oneLine(m.Why),
		m.Made.UTC().Format("2006-01-02 15:04"), oneLine(m.By), len(m.Items), m.Records, m.Last, v.Name())
	for _, i := range m.Items {
		fmt.Fprintf(c.out, "B%d-%s  %s  %d lines, held by %s", m.Number, i.Ref, oneLine(i.Title), i.Lines, oneLine(i.Holder))
		if i.Gaps > 0 {
			fmt.Fprintf(c.out, "  GAPS IN THE CHAIN: %d", i.Gaps)
		}
		fmt.Fprintln(c.out)
		for _, x := range i.Files {
			where := x.Path
			if where == "" {
				where = "left out of this package"
			}
			fmt.Fprintf(c.out, "    %s  %d  %q  %s\n", x.SHA256, x.Bytes, x.Name, where)
		}
	}
	fmt.Fprintln(c.out, "no damage found")
	return nil
}

// oneLine is a text of a package as it may stand in a terminal: nothing in it
// moves the cursor, colours, turns the writing direction or begins a line of its
// own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
