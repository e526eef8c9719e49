package main

import (
	"context"
	"fmt"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/interpret"
)

func runConfig(_ context.Context, c console, args []string) error {
	if len(args) > 0 && args[0] == "reference" {
		_, err := c.out.Write(config.Reference())
		return err
	}
	if len(args) > 0 && args[0] == "tables" {
		_, err := c.out.Write(interpret.BuiltIn())
		return err
	}
	if len(args) > 0 && args[0] == "drugs" {
		_, err := c.out.Write(dosing.BuiltIn())
		return err
	}
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(c.err, "usage: notbetrieb config check --config FILE | notbetrieb config reference | notbetrieb config tables | notbetrieb config drugs")
		return errUsage
	}
	fs := c.flags("config check", "report every mistake of a configuration")
	path := fs.String("config", "", "configuration `FILE`")
	if err := parse(fs, args[1:]); err != nil {
		return err
	}
	cfg, err := c.load(*path)
	if err != nil {
		return err
	}
	if _, err := app.Drugs(cfg); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, "no mistakes")
	return err
}
