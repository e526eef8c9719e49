package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// runHandback verifies the files of a report of the hand-back: on any machine,
// with the hospital's public key alone.
func runHandback(_ context.Context, c console, args []string) error {
	if len(args) == 0 || args[0] != "verify" {
		fmt.Fprintln(c.err, "usage: notbetrieb handback verify --key FILE SIGNATURE [FILE…]; -h explains")
		return errUsage
	}
	fs := c.flags("handback verify", "verify a report of the hand-back: its signature, and the JSON and CSV files that it names")
	key := fs.String("key", "", "`FILE` with the hospital's public key (checkpoint.pub)")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	if *key == "" || fs.NArg() == 0 {
		fmt.Fprintln(c.err, "notbetrieb handback verify: --key and the file of the signature are needed")
		return errUsage
	}
	public, err := os.ReadFile(*key)
	if err != nil {
		return unreadable(err, *key)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		return err
	}
	var files [][]byte
	for _, name := range fs.Args() {
		b, err := os.ReadFile(name)
		if err != nil {
			return unreadable(err, name)
		}
		files = append(files, b)
	}
	text, err := handback.Verify(files[0], v, files[1:]...)
	if text != "" {
		fmt.Fprint(c.out, text)
	}
	if err != nil {
		return fault.Mark(err, fault.Corrupt, fault.Say(err))
	}
	fmt.Fprintf(c.out, "signature valid, %d file(s) as signed\n", len(files)-1)
	return nil
}

func unreadable(err error, name string) error {
	return fault.Mark(err, fault.NotFound, lang.Text{DE: name + " ist nicht lesbar.", EN: name + " cannot be read."})
}
