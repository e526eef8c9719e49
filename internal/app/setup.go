package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/config"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/numbers"
	"notbetrieb/internal/staff"
)

// This file turns the configuration's words into those of the parts.

func (h *Hub) journalOptions() journal.Options {
	o := journal.Options{
		Now: h.now, Log: h.log,
		CheckpointEvery: h.Config.Checkpoint.Every,
		AnchorDir:       h.Config.Checkpoint.AnchorDir,
		MinFree:         startFree,
	}
	return o
}

func (h *Hub) chartConfig() chart.Config {
	return chart.Config{
		Dir: h.folder("chart"), Key: h.Keys.Root.Derive("chart"), Zone: h.Zone,
		Wards: wardPlans(h.Config), Feeds: feedPlans(h.Config), Now: h.now, Log: h.log,
	}
}

func (h *Hub) staffOptions(o Options) staff.Options {
	return staff.Options{
		Idle: h.Config.Web.Session.Idle, Absolute: h.Config.Web.Session.Absolute,
		Hash: o.Hash, Glass: o.Glass, GlassMost: 4 * o.Glass, Site: h.Config.Hospital.Site, Now: h.now, Log: h.log, Alarm: h.glassOpened,
	}
}

func (h *Hub) boardOptions() incident.Options {
	return incident.Options{
		Dir: h.folder("incident"), Key: h.Keys.Root.Derive("incident"),
		Site: h.Config.Hospital.Site, Zone: h.Zone, Now: h.now, Log: h.log,
	}
}

// assays reads the laboratory's catalogue, "" for the built-in one.
func assays(path string) (*catalogue.Catalogue, error) {
	if path == "" {
		return catalogue.Default(), nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{
			DE: "Der Laborkatalog (laboratory.catalogue) kann nicht gelesen werden.", EN: "The laboratory's catalogue (laboratory.catalogue) cannot be read.",
		})
	}
	return catalogue.Load(b)
}

func (h *Hub) harmOptions() harm.Options {
	return harm.Options{
		Dir: h.folder("harm"), Key: h.Keys.Root.Derive("harm"),
		Site: h.Config.Hospital.Site, Zone: h.Zone, Now: h.now, Log: h.log,
	}
}

func (h *Hub) estateOptions() estate.Options {
	return estate.Options{
		Dir: h.folder("estate"), Key: h.Keys.Root.Derive("estate"),
		Site: h.Config.Hospital.Site, Zone: h.Zone, Now: h.now, Log: h.log,
	}
}

// numberOptions keeps the witness of reserved numbers where the journal's is.
func (h *Hub) numberOptions() numbers.Options {
	dir := h.Config.Checkpoint.AnchorDir
	if dir == "" {
		dir = h.folder("numbers")
	}
	return numbers.Options{Dir: dir, Site: h.Config.Hospital.Site, Now: h.now, Log: h.log}
}

// asideFile is where reads wait while the journal cannot be written: on the
// second disk that the configuration names for the anchor; "" is in memory.
func (h *Hub) asideFile() string {
	if h.Config.Checkpoint.AnchorDir == "" {
		return ""
	}
	return filepath.Join(h.Config.Checkpoint.AnchorDir, "reads-aside")
}

// chartKind is what a ward list does differently for a kind of ward.
func chartKind(k config.WardKind) string {
	switch k {
	case config.WardICU, config.WardIMC:
		return "icu"
	case config.WardEmergency:
		return "emergency"
	case config.WardBirth, config.WardNewborn:
		return "obstetrics"
	case config.WardDay:
		return "outpatient"
	case config.WardService:
		return "service"
	case config.WardNormal, config.WardChildren:
	}
	return "inpatient"
}

func wardPlans(c config.Config) []chart.WardPlan {
	var out []chart.WardPlan
	for _, w := range c.Wards {
		plan := chart.WardPlan{Code: w.Code, Name: w.Name, Kind: chartKind(w.Kind)}
		if plan.Name == "" {
			plan.Name = w.Code
		}
		for _, room := range w.Beds {
			for _, bed := range room.Beds {
				plan.Beds = append(plan.Beds, chart.Bed{Room: room.Room, Name: bed})
			}
		}
		out = append(out, plan)
	}
	return out
}

func feedPlans(c config.Config) []chart.FeedPlan {
	var out []chart.FeedPlan
	for _, f := range c.Feeds {
		label := f.Label
		if label.DE == "" {
			label = lang.Text{DE: f.Name, EN: f.Name}
		}
		out = append(out, chart.FeedPlan{Name: f.Name, Label: label, System: f.System})
	}
	return out
}

func systems(c config.Config) []incident.System {
	var out []incident.System
	for _, s := range c.Systems {
		out = append(out, incident.System{ID: s.ID, Name: s.Name})
	}
	return out
}

// folder returns the folder of one part inside the data folder.
func (h *Hub) folder(part string) string { return filepath.Join(h.Config.Data, part) }

// Ready reports whether the journal can be written and the charts are caught
// up; its error says which is not.
func (h *Hub) Ready(context.Context) error {
	if h.unready != nil {
		if err := h.unready(); err != nil {
			return err
		}
	}
	if err := h.Journal.Health(); err != nil {
		return err
	}
	if behind := uint64(h.Journal.Head()) - uint64(h.Chart.Position()); behind > readyLag {
		return fault.New(fault.Unavailable, lang.Text{
			DE: "Die Akten holen noch auf.", EN: "The charts are still catching up.",
		})
	}
	return nil
}

// alive reports whether a restart would help: only when another writer took
// the journal over. A full disk, a damaged file and charts that catch up are
// no reason to take the pages away from the wards; a restart would make each
// of them last longer.
func (h *Hub) alive(context.Context) error {
	if err := h.Journal.Health(); errors.Is(err, journal.ErrFenced) {
		return err
	}
	return nil
}

// readyLag is how many records the charts may be behind the journal and still
// count as caught up.
const readyLag = 5000
