package app

import (
	"context"
	"errors"

	"net/netip"
	"path/filepath"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/intake"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// This file turns the configuration's words into those of the parts.

func (h *Hub) journalOptions() journal.Options {
	o := journal.Options{
		Now: h.now, Log: h.log,
		CheckpointEvery: h.Config.Checkpoint.Every,
		AnchorDir:       h.Config.Checkpoint.AnchorDir,
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

// openFeeds opens every listener and folder; all mistakes are returned at once.
func (h *Hub) openFeeds() ([]feedRunner, error) {
	metrics := intake.NewMetrics(h.registry)
	var out []feedRunner
	var errs []error
	for _, f := range h.Config.Feeds {
		feed, err := h.feed(f)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if f.Kind == config.Folder {
			folder, err := intake.NewFolder(intake.FolderConfig{Feed: feed, Dir: f.Folder, MaxFile: int64(f.MaxMessage) * 8}, h.Journal, h.log, metrics)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			out = append(out, feedRunner{name: f.Name, run: folder.Run})
			continue
		}
		l, err := intake.NewListener(feed, h.Journal, h.log, metrics)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, feedRunner{name: f.Name, addr: l.Addr(), run: l.Run, stop: l.Close})
	}
	if err := errors.Join(errs...); err != nil {
		for _, f := range out {
			if f.stop != nil {
				err = errors.Join(err, f.stop())
			}
		}
		return nil, err
	}
	return out, nil
}

func (h *Hub) feed(f config.Feed) (intake.Feed, error) {
	site := f.Site
	if site == "" {
		site = h.Config.Hospital.Site
	}
	feed := intake.Feed{
		Name: f.Name, Site: site, Listen: f.Listen, MaxMessage: int(f.MaxMessage), Idle: f.Idle, Zone: h.Zone,
		Alarm: h.intakeAlarm,
	}
	for _, a := range f.Allow {
		p, err := prefix(a)
		if err != nil {
			return feed, fault.Mark(err, fault.Invalid, lang.Text{
				DE: "feeds." + f.Name + ".allow: keine Adresse und kein Netz.",
				EN: "feeds." + f.Name + ".allow: neither an address nor a network.",
			})
		}
		feed.Allow = append(feed.Allow, p)
	}
	if f.TLS.On() {
		c, err := intake.TLSFiles{Cert: f.TLS.Cert, Key: f.TLS.Key, ClientCA: f.TLS.ClientCA, Require: f.TLS.ClientCA != ""}.Config()
		if err != nil {
			return feed, err
		}
		feed.TLS = c
	}
	return feed, nil
}

func prefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// intakeAlarm turns what a gateway met into a standing alarm.
func (h *Hub) intakeAlarm(feed string, err error) {
	h.Alarms.Raise("intake/"+feed, alarmText(feed, err))
}

func alarmText(feed string, err error) lang.Text {
	switch {
	case errors.Is(err, intake.ErrStore):
		return lang.Text{
			DE: "Nachrichten von " + feed + " können nicht gespeichert werden. Der Absender bekommt keine Antwort und behält sie. Platte und Journal prüfen.",
			EN: "Messages of " + feed + " cannot be stored. The sender gets no answer and keeps them. Check the disk and the journal.",
		}
	case errors.Is(err, intake.ErrOversized):
		return lang.Text{
			DE: "Eine Nachricht von " + feed + " ist größer als erlaubt und wurde nicht angenommen.",
			EN: "A message of " + feed + " is larger than allowed and was not taken.",
		}
	case errors.Is(err, intake.ErrSequence):
		return lang.Text{
			DE: "In den Folgenummern von " + feed + " fehlt mindestens eine Nachricht.",
			EN: "At least one message is missing in the sequence numbers of " + feed + ".",
		}
	case errors.Is(err, intake.ErrBatch):
		return lang.Text{
			DE: "Eine Sammeldatei von " + feed + " enthält nicht so viele Nachrichten, wie sie angibt.",
			EN: "A batch file of " + feed + " does not hold as many messages as it says.",
		}
	}
	return lang.Text{
		DE: "Eine Datei von " + feed + " konnte nicht übernommen werden. Sie liegt im Ordner bad mit dem Grund daneben.",
		EN: "A file of " + feed + " could not be taken. It lies in the folder bad with the reason beside it.",
	}
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

// readyLag is how many records the charts may be behind the journal and still
// count as caught up.
const readyLag = 5000
