package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// hubCommand is an operator's command that needs the opened hub. It runs in
// the hub's own process where one is running, else in this one.
type hubCommand func(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error

// hubCommands are the commands that a running hub runs for the command line.
func hubCommands() map[string]hubCommand {
	return map[string]hubCommand{
		"journal list":    journalList,
		"journal show":    journalShow,
		"journal export":  journalExport,
		"export harm":     exportHarm,
		"print":           printPDF,
		"people list":     peopleList,
		"people add":      peopleAdd,
		"people password": peoplePassword,
		"people roles":    peopleRoles,
		"numbers list":    numbersList,
		"numbers grant":   numbersGrant,
		"replay diff":     replayDiff,
	}
}

// answer runs a forwarded call inside the hub.
func answer(ctx context.Context, h *app.Hub, call app.Call, out, errw io.Writer) error {
	cmd, ok := hubCommands()[call.Name]
	if !ok {
		return fault.New(fault.NotFound, lang.Text{DE: "Der Hub kennt diesen Befehl nicht.", EN: "The hub does not know this command."})
	}
	return cmd(ctx, h, call, out, errw)
}

// onHub runs the named command in the running hub, or opens the hub here.
func (c console) onHub(ctx context.Context, configPath, name string, args []string, out io.Writer) error {
	if wantsHelp(args) { // explained without a configuration: the flags are read before the hub is touched
		return hubCommands()[name](ctx, nil, app.Call{Name: name, Args: []string{"-h"}}, out, c.err)
	}
	cfg, err := c.load(configPath)
	if err != nil {
		return err
	}
	call := app.Call{Name: name, Args: args, User: operator()}
	err = app.Forward(ctx, cfg.Data, call, out, c.err)
	if !errors.Is(err, app.ErrNoHub) {
		return err
	}
	keys, err := c.keys(cfg)
	if err != nil {
		return err
	}
	h, err := app.Open(ctx, cfg, keys, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if needsCharts(name, args) {
		err = h.Catch(ctx)
	} else {
		err = h.CatchPeople(ctx)
	}
	if err == nil {
		err = hubCommands()[name](ctx, h, call, out, c.err)
	}
	return errors.Join(err, h.Close())
}

// needsCharts reports whether a command reads the charts: records can be given
// out without, unless they are those of a patient.
func needsCharts(name string, args []string) bool {
	return !strings.HasPrefix(name, "journal ") ||
		slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(strings.TrimLeft(a, "-"), "patient") })
}

func wantsHelp(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "-h" || a == "-help" || a == "--help" })
}

// operator names the person at the command line for the audit.
func operator() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}

// load reads a configuration; warnings go to standard error.
func (c console) load(path string) (config.Config, error) {
	if path == "" {
		fmt.Fprintln(c.err, "notbetrieb: --config FILE is needed")
		return config.Config{}, errUsage
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return config.Config{}, fault.Mark(err, fault.NotFound, lang.Text{
			DE: "Die Konfiguration ist nicht lesbar.", EN: "The configuration cannot be read.",
		})
	}
	cfg, warnings, err := config.Parse(b)
	for _, w := range warnings {
		fmt.Fprintf(c.err, "%s: warning: %s\n", path, w.In(lang.EN))
	}
	if err != nil {
		return config.Config{}, fmt.Errorf("%s:\n%w", path, err)
	}
	return cfg, nil
}

func (c console) keys(cfg config.Config) (app.Keys, error) {
	pass, err := c.passphrase(cfg)
	if err != nil {
		return app.Keys{}, err
	}
	return app.OpenKeys(cfg.Keys.File, pass)
}

// passphrase returns what wraps the master key, "" if the configuration names
// none. A named one that is empty is a mistake, never an unwrapped key.
func (c console) passphrase(cfg config.Config) (string, error) {
	name := cfg.Keys.PassphraseEnv
	if name == "" {
		return "", nil
	}
	if pass := c.getenv(name); pass != "" {
		return pass, nil
	}
	return "", fault.Newf(fault.Invalid, lang.Text{
		DE: "Die Passphrase fehlt: Umgebungsvariable " + name + ".",
		EN: "The passphrase is missing: environment variable " + name + ".",
	}, "passphrase variable %s is empty", name)
}

// logger writes structured lines to standard error.
func (c console) logger(l config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(c.err, o))
	}
	return slog.New(slog.NewTextHandler(c.err, o))
}

// notifier is the service manager, if one started this process.
func (c console) notifier() app.Notifier {
	n := app.Notifier{Socket: c.getenv("NOTIFY_SOCKET")}
	if us := c.getenv("WATCHDOG_USEC"); us != "" {
		if d, err := time.ParseDuration(us + "us"); err == nil {
			n.Watchdog = d
		}
	}
	return n
}
