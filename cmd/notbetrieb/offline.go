package main

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// offline opens a file that came out of a hospital and the public key that was
// pinned before, for a check that needs no configuration and no journal. name is
// that of the command, file what its argument is called.
func offline(c console, name, file, about string, args []string) (*os.File, note.Verifier, error) {
	usage := "usage: notbetrieb " + name + " check --key checkpoint.pub " + file
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(c.err, usage)
		return nil, nil, errUsage
	}
	flags := c.flags(name+" check", about)
	keyFile := flags.String("key", "", "`FILE` with the hub's public key (checkpoint.pub), kept from before")
	if err := parse(flags, args[1:]); err != nil {
		return nil, nil, err
	}
	if flags.NArg() != 1 || *keyFile == "" {
		fmt.Fprintln(c.err, usage)
		return nil, nil, errUsage
	}
	public, err := os.ReadFile(*keyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("public key: %w", err)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(flags.Arg(0))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, v, nil
}

// tell prints what a check found wrong; that is an error then.
func tell(c console, broken []string) error {
	for _, x := range broken {
		fmt.Fprintln(c.out, oneLine(x))
	}
	if n := len(broken); n > 0 {
		return fault.Newf(fault.Corrupt, lang.Text{DE: fmt.Sprintf("%d Befunde.", n), EN: fmt.Sprintf("%d findings.", n)}, "%d findings", n)
	}
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
