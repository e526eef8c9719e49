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

// pinned reads the arguments of "PART check --key checkpoint.pub FILE": a file
// that was given out is checked offline, with nothing but the public key that was
// kept from before. It returns the file's path and the key.
func pinned(c console, args []string, part, about string) (path string, v note.Verifier, err error) {
	usage := func() (string, note.Verifier, error) {
		fmt.Fprintf(c.err, "usage: notbetrieb %s check --key checkpoint.pub FILE\n", part)
		return "", nil, errUsage
	}
	if len(args) == 0 || args[0] != "check" {
		return usage()
	}
	flags := c.flags(part+" check", about)
	keyFile := flags.String("key", "", "`FILE` with the hub's public key (checkpoint.pub), kept from before")
	if err := parse(flags, args[1:]); err != nil {
		return "", nil, err
	}
	if flags.NArg() != 1 || *keyFile == "" {
		return usage()
	}
	public, err := os.ReadFile(*keyFile)
	if err != nil {
		return "", nil, fmt.Errorf("public key: %w", err)
	}
	v, err = seal.NewVerifier(strings.TrimSpace(string(public)))
	return flags.Arg(0), v, err
}

// damaged prints a line for each thing that is wrong with such a file; the error
// says how many there are.
func damaged(c console, part string, found []string) error {
	for _, x := range found {
		fmt.Fprintf(c.out, "%s/%s\n", part, oneLine(x))
	}
	if n := len(found); n > 0 {
		return fault.Newf(fault.Corrupt, lang.Text{DE: fmt.Sprintf("%d Befunde.", n), EN: fmt.Sprintf("%d findings.", n)}, "%d findings", n)
	}
	return nil
}

// oneLine is a text of a file that was given out as it may stand in a terminal: nothing in it
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
