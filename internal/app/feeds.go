package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/intake"
	"notbetrieb/internal/lang"
)

// This file makes the gateways of the configuration's feeds.

// openFeeds opens every listener; all mistakes are returned at once. Folders
// are opened by their runners: see watchFolder.
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
			c := intake.FolderConfig{Feed: feed, Dir: f.Folder, Keep: f.KeepDone, MaxFile: int64(f.MaxMessage) * 8}
			out = append(out, feedRunner{name: f.Name, run: func(ctx context.Context) error { return h.watchFolder(ctx, c, metrics) }})
			continue
		}
		open := intake.NewListener
		if f.Kind == config.ASTM {
			open = intake.NewAnalyserListener
		}
		l, err := open(feed, h.store, h.log, metrics)
		if op := (*net.OpError)(nil); errors.As(err, &op) {
			err = portTaken(err, f.Listen)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, feedRunner{name: f.Name, addr: l.Addr(), run: l.Run, stop: l.Close})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, closeFeeds(out))
	}
	return out, nil
}

// closeFeeds closes feeds that never ran.
func closeFeeds(feeds []feedRunner) error {
	var errs []error
	for _, f := range feeds {
		if f.stop != nil {
			errs = append(errs, f.stop())
		}
	}
	return errors.Join(errs...)
}

// folderRetry is how long to wait for a drop folder that is not there.
const folderRetry = 5 * time.Second

// watchFolder opens a drop folder and watches it. The folder often lies on a
// share of the very system that is down: a hub that cannot reach it raises an
// alarm and serves everything else.
func (h *Hub) watchFolder(ctx context.Context, c intake.FolderConfig, m *intake.Metrics) error {
	key := "intake/" + c.Feed.Name + "/folder"
	for told := false; ; told = true {
		folder, err := intake.NewFolder(c, h.store, h.log, m)
		if err == nil {
			h.Alarms.Clear(key)
			return folder.Run(ctx)
		}
		if !told {
			h.log.ErrorContext(ctx, "drop folder not opened, will try again", slog.String("feed", c.Feed.Name), slog.Any("err", err))
		}
		h.Alarms.Raise(key, lang.Text{
			DE: "Der Eingangsordner von " + c.Feed.Name + " ist nicht erreichbar. Er wird immer wieder versucht; bis dahin kommt von dort nichts an.",
			EN: "The drop folder of " + c.Feed.Name + " cannot be reached. It is tried again and again; until then nothing arrives from there.",
		})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(folderRetry):
		}
	}
}

func (h *Hub) feed(f config.Feed) (intake.Feed, error) {
	site := f.Site
	if site == "" {
		site = h.Config.Hospital.Site
	}
	feed := intake.Feed{
		Name: f.Name, Site: site, Listen: f.Listen, MaxMessage: int(f.MaxMessage), Idle: idle(f.Idle), Zone: h.Zone,
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

// idle reads the configured silence after which a connection is closed: 0 is
// never, and what has gone away is found by keep-alives.
func idle(d time.Duration) time.Duration {
	if d <= 0 {
		return 100 * 365 * 24 * time.Hour
	}
	return d
}

// intakeAlarm turns what a gateway met into a standing alarm, one for each
// kind: a gap in numbers must not hide that nothing can be stored.
func (h *Hub) intakeAlarm(feed string, err error) {
	kind, text := alarmText(feed, err)
	h.Alarms.Raise(intakeKey(feed, kind), text)
}

// The kinds of intake alarms.
const (
	alarmStore    = "store"
	alarmSize     = "size"
	alarmSequence = "sequence"
	alarmBatch    = "batch"
	alarmFile     = "file"
)

func intakeKey(feed, kind string) string { return "intake/" + feed + "/" + kind }

func alarmText(feed string, err error) (kind string, text lang.Text) {
	switch {
	case errors.Is(err, intake.ErrStore):
		return alarmStore, lang.Text{
			DE: "Nachrichten von " + feed + " können nicht gespeichert werden. Der Absender bekommt keine Antwort und behält sie. Platte und Journal prüfen.",
			EN: "Messages of " + feed + " cannot be stored. The sender gets no answer and keeps them. Check the disk and the journal.",
		}
	case errors.Is(err, intake.ErrOversized):
		return alarmSize, lang.Text{
			DE: "Eine Nachricht von " + feed + " ist größer als erlaubt und wurde nicht angenommen.",
			EN: "A message of " + feed + " is larger than allowed and was not taken.",
		}
	case errors.Is(err, intake.ErrSequence):
		return alarmSequence, lang.Text{
			DE: "In den Folgenummern von " + feed + " fehlt mindestens eine Nachricht.",
			EN: "At least one message is missing in the sequence numbers of " + feed + ".",
		}
	case errors.Is(err, intake.ErrBatch):
		return alarmBatch, lang.Text{
			DE: "Eine Sammeldatei von " + feed + " enthält nicht so viele Nachrichten, wie sie angibt.",
			EN: "A batch file of " + feed + " does not hold as many messages as it says.",
		}
	}
	say := fault.Say(err) // a file that was put aside, cannot be read or cannot be moved
	return alarmFile, lang.Text{DE: feed + ": " + say.DE, EN: feed + ": " + say.EN}
}
