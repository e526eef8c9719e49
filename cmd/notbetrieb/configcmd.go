package main

import (
	"context"
	"fmt"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
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
	if len(args) == 2 && (args[0] == "playbook" || args[0] == "duties") {
		b := rulebook.BuiltIn(rulebook.Kind(args[1]))
		if args[0] == "duties" {
			b = rulebook.BuiltInDuties(args[1])
		}
		if b == nil {
			return fault.New(fault.NotFound, lang.Text{DE: "Dazu gibt es keine Vorlage.", EN: "There is no such template."})
		}
		_, err := c.out.Write(b)
		return err
	}
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(c.err, "usage: notbetrieb config check --config FILE | notbetrieb config reference | notbetrieb config tables | notbetrieb config drugs | notbetrieb config playbook KIND | notbetrieb config duties COUNTRY")
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
	if _, _, err := app.Rulebooks(cfg); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, "no mistakes")
	return err
}
