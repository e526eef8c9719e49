// Command notbetrieb is the whole product in one binary: the hub that serves a
// hospital, the demo hospital, and the tools of the people who run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"notbetrieb/internal/app"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// version is set by the linker.
var version = "dev"

func main() {
	app.TuneMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// console is what a command may talk to. Nothing below cmd reads the
// environment or the standard streams.
type console struct {
	getenv func(string) string
	in     io.Reader
	out    io.Writer
	err    io.Writer
}

// command is one word of the command line; each lives in a file of its own.
type command struct {
	name, args, short string
	run               func(ctx context.Context, c console, args []string) error
}

// commands is the whole command line.
func commands() []command {
	return []command{
		{"demo", "[flags]", "run a simulated hospital and the hub on this machine", runDemo},
		{"init", "--data DIR", "write a configuration, keys, the own CA and the first person", runInit},
		{"serve", "--config FILE", "run the hub", runServe},
		{"check", "--config FILE", "verify the journal, its checkpoints and everything derived", runCheck},
		{"replay", "--config FILE [--diff]", "rebuild all derived data, or show what a new mapping would change", runReplay},
		{"journal", "list|show|export", "list records, show one, export raw bytes", runJournal},
		{"export", "harm --config FILE", "write the harm list and reports of events under pseudonyms", runExport},
		{"print", "--config FILE", "print ward packs, the house or one patient as PDF", runPrint},
		{"people", "list|add|password|roles", "people who may sign in, while the hub is stopped or running", runPeople},
		{"cert", "feed --config FILE NAME", "issue a certificate to the sender of a feed", runCert},
		{"config", "check|reference|tables", "check a configuration, print the commented reference or the built-in tables", runConfig},
		{"evidence", "check --key FILE", "verify a package of evidence offline", runEvidence},
		{"logbook", "check --key FILE", "verify an exported logbook of an incident offline", runLogbook},
		{"numbers", "list|grant", "what is left of the number ranges; blocks for a station", runNumbers},
		{"handback", "verify", "verify the signature of a report of the hand-back", runHandback},
		{"version", "", "print the version", runVersion},
	}
}

// errUsage is returned by a command that has already said what is wrong with
// its arguments.
var errUsage = app.ErrUsage

func run(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out, errw io.Writer) int {
	c := console{getenv: getenv, in: in, out: out, err: errw}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(out)
		if len(args) == 0 {
			return 2
		}
		return 0
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		err := cmd.run(ctx, c, args[1:])
		return c.exit(cmd.name, err)
	}
	fmt.Fprintf(errw, "notbetrieb: no command %q\n", args[0])
	usage(errw)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "notbetrieb keeps a hospital reading when its IT is gone.")
	fmt.Fprintln(w, "\nUsage: notbetrieb COMMAND [flags]")
	fmt.Fprintln(w)
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-9s %-24s %s\n", cmd.name, cmd.args, cmd.short)
	}
	fmt.Fprintln(w, "\nnotbetrieb COMMAND -h explains its flags.")
	fmt.Fprintln(w, "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 damage found, 4 not found, 5 refused, 6 unavailable.")
}

// exit prints err and returns the exit code: the only place where the two meet.
func (c console) exit(name string, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case fault.KindOf(err) == fault.Internal && errors.Is(err, context.Canceled):
		fmt.Fprintf(c.err, "notbetrieb %s: interrupted (%v)\n", name, err)
		return 1 // a half-written export is not done
	}
	said := fault.Say(err).In(lang.EN)
	detail := err.Error()
	switch {
	case fault.KindOf(err) == fault.Internal, strings.Contains(detail, said):
		fmt.Fprintf(c.err, "notbetrieb %s: %s\n", name, detail)
	default:
		fmt.Fprintf(c.err, "notbetrieb %s: %s\n  (%s)\n", name, said, detail)
	}
	switch fault.KindOf(err) {
	case fault.Corrupt:
		return 3
	case fault.NotFound:
		return 4
	case fault.Forbidden, fault.Unsigned, fault.Conflict:
		return 5
	case fault.Unavailable:
		return 6
	case fault.Invalid:
		return 2
	case fault.Internal:
	}
	return 1
}

// flags returns a flag set that reports to the console and never exits.
func (c console) flags(name, about string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(c.err)
	fs.Usage = func() {
		fmt.Fprintf(c.err, "notbetrieb %s: %s\n\nFlags:\n", name, about)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads the flags; a mistake has been reported when it returns.
func parse(fs *flag.FlagSet, args []string) error {
	err := fs.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return errUsage
}

func runVersion(_ context.Context, c console, _ []string) error {
	_, err := fmt.Fprintln(c.out, "notbetrieb", version)
	return err
}
