package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/watch"
)

// Rulebooks reads the house's own playbooks and duties, over the built-in ones.
// Every mistake of a file is in the error.
func Rulebooks(c config.Config) (map[rulebook.Kind]*rulebook.Playbook, []*rulebook.Duty, error) {
	books := map[rulebook.Kind]*rulebook.Playbook{}
	for k, p := range rulebook.Default() {
		books[k] = p
	}
	unread := func(err error, key string) error {
		return fault.Mark(err, fault.Invalid, lang.Text{
			DE: "Die Datei oder der Ordner bei " + key + " kann nicht gelesen werden.", EN: "The file or folder at " + key + " cannot be read.",
		})
	}
	if dir := c.Crisis.Playbooks; dir != "" {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, nil, unread(err, "crisis.playbooks")
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); ext != ".yaml" && ext != ".yml" {
				continue
			}
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return nil, nil, unread(err, "crisis.playbooks")
			}
			p, err := rulebook.Load(e.Name(), b)
			if err != nil {
				return nil, nil, err
			}
			books[p.Kind] = p
		}
	}
	if c.Crisis.Duties == "" {
		return books, rulebook.Duties(c.Crisis.Country), nil
	}
	b, err := os.ReadFile(c.Crisis.Duties)
	if err != nil {
		return nil, nil, unread(err, "crisis.duties")
	}
	duties, err := rulebook.LoadDuties(filepath.Base(c.Crisis.Duties), b)
	return books, duties, err
}

func (h *Hub) crisisOptions() (crisis.Options, error) {
	books, duties, err := Rulebooks(h.Config)
	o := crisis.Options{
		Dir: h.folder("crisis"), Key: h.Keys.Root.Derive("crisis"), Site: h.Config.Hospital.Site, Hospital: h.Config.Hospital.Name,
		House: h.Config.Crisis.House(), Playbooks: books, Duties: duties, Signer: h.Keys.Signer, Zone: h.Zone, Now: h.now, Log: h.log,
	}
	for _, x := range h.Config.Crisis.Hooks {
		o.Hooks = append(o.Hooks, crisis.Hook(x))
	}
	return o, err
}

func (h *Hub) openCrisis(ctx context.Context) error {
	o, err := h.crisisOptions()
	if err != nil {
		return err
	}
	h.Crisis, err = crisis.Open(ctx, h.Journal, o)
	return err
}

// keepCrisis writes into the logbooks what happens without a person of the
// crisis team: clocks that pass their warnings, outages declared and ended.
func (h *Hub) keepCrisis(ctx context.Context) error {
	if err := h.Crisis.EndLostRuns(ctx); err != nil && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "commands without an end", slog.Any("err", err))
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	seen := map[string]bool{}
	for {
		if err := h.watchCrisis(ctx, seen); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "logbooks not kept", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// watchCrisis is one look; seen are the acts on outages that are in the logbooks.
func (h *Hub) watchCrisis(ctx context.Context, seen map[string]bool) error {
	if _, err := h.Crisis.Remind(ctx); err != nil {
		return err
	}
	var errs []error
	for _, c := range h.Crisis.Running() { // one that cannot be kept holds up no other
		errs = append(errs, h.freeze(ctx, c), h.observe(ctx, c, seen))
	}
	return errors.Join(errs...)
}

// observe writes into the logbook of a crisis what is not in it yet: acts on
// outages, and what the watch saw.
func (h *Hub) observe(ctx context.Context, c *crisis.Crisis, seen map[string]bool) error {
	for _, n := range h.Board.Log(0) {
		key := fmt.Sprintf("outage/%d", n.Seq)
		if n.Refused != "" || n.Act.At.Before(c.Opened.At) || n.Exercise != c.Exercise || seen[c.ID+key] {
			continue
		}
		if text := outageLine(n, h.Board.Systems()); text != "" {
			if err := h.Crisis.Observe(ctx, c.ID, key, n.Act.At, text); err != nil {
				return err
			}
		}
		seen[c.ID+key] = true
	}
	if c.Exercise { // what the watch sees is no exercise
		return nil
	}
	for _, n := range h.Watch.Turns(c.Opened.At, h.now()) {
		key := fmt.Sprintf("watch/%d/%s", n.Minute.Unix(), n.State)
		if seen[c.ID+key] {
			continue
		}
		if err := h.Crisis.Observe(ctx, c.ID, key, n.Minute, turnedLine(n)); err != nil {
			return err
		}
		seen[c.ID+key] = true
	}
	return nil
}

// turnedLine says what the watch saw as the logbook does.
func turnedLine(n watch.Turned) string {
	var names []string
	for _, s := range n.Systems[:min(len(n.Systems), 12)] {
		names = append(names, s.DE)
	}
	if more := len(n.Systems) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("und %d weitere", more))
	}
	what := "ausgefallen"
	if n.State == incident.Up {
		what = "wieder in Betrieb"
	}
	return "Wache, " + what + ": " + strings.Join(names, ", ") + "."
}

// outageLine says an act on an outage as the logbook does.
func outageLine(n incident.Entry, systems []incident.System) string {
	name := n.System
	for _, s := range systems {
		if s.ID == n.System {
			name = s.Name.DE
		}
	}
	by := n.Act.Name
	if by == "" {
		by = n.Act.Person
	}
	what := map[incident.Step]string{
		incident.Declared: "Ausfall gemeldet", incident.Confirmed: "Ausfall bestätigt", incident.EndConfirmed: "Ausfall beendet",
		incident.EndedAlone: "Ausfall beendet", incident.WasWithdrawn: "Ausfallmeldung zurückgezogen", incident.Corrected: "Beginn des Ausfalls berichtigt",
		incident.StateSet: "Zustand gesetzt (" + string(n.State) + ")",
	}[n.Step]
	if what == "" {
		return ""
	}
	return name + ": " + what + " von " + by + "."
}
