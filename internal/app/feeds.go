package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/intake"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/tray"
)

// This file makes the gateways of the configuration's feeds.

// feedRetry is how long to wait for a certificate that cannot be used.
const feedRetry = time.Minute

// openFeeds opens every listener; all mistakes are returned at once. What lies
// in files of somebody else may come later and keeps nothing else from running:
// see watchFolder and feedToCome.
func (h *Hub) openFeeds() ([]feedRunner, error) {
	metrics := intake.NewMetrics(h.registry)
	h.budget = intake.NewBudget(int64(h.Config.Intake.InFlight), h.registry)
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
		if f.TLS.On() {
			if feed.TLS, err = tlsOf(f.TLS); err != nil {
				out = append(out, h.feedToCome(f, feed, metrics, err))
				continue
			}
		}
		l, err := listener(f)(feed, h.store, h.log, metrics)
		if op := (*net.OpError)(nil); errors.As(err, &op) {
			err = portTaken(err, f.Listen)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, feedRunner{name: f.Name, addr: l.Addr, run: l.Run, stop: l.Close})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, closeFeeds(out))
	}
	return out, nil
}

// listener makes what listens for a feed of its kind.
func listener(f config.Feed) func(intake.Feed, intake.Appender, *slog.Logger, *intake.Metrics) (*intake.Listener, error) {
	if f.Kind == config.ASTM {
		return intake.NewAnalyserListener
	}
	return intake.NewListener
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
			DE: "Der Eingangsordner von " + c.Feed.Name + " (" + c.Dir + ") ist nicht erreichbar. Er wird immer wieder versucht; bis dahin kommt von dort nichts an.",
			EN: "The drop folder of " + c.Feed.Name + " (" + c.Dir + ") cannot be reached. It is tried again and again; until then nothing arrives from there.",
		})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(folderRetry):
		}
	}
}

// watchScans takes what scanners put into their folder.
func (h *Hub) watchScans(ctx context.Context) error {
	return h.Tray.Watch(ctx, tray.Folder{
		Dir:   h.Config.Scan.Folder,
		Raise: func(text lang.Text) { h.Alarms.Raise("scan/folder", text) },
		Clear: func() { h.Alarms.Clear("scan/folder") },
		Tell:  func(text lang.Text) { h.Alarms.Tell("scan/failed", text) },
	})
}

func (h *Hub) feed(f config.Feed) (intake.Feed, error) {
	site := f.Site
	if site == "" {
		site = h.Config.Hospital.Site
	}
	feed := intake.Feed{
		Name: f.Name, Site: site, Listen: f.Listen, MaxMessage: int(f.MaxMessage), Idle: idle(f.Idle), Zone: h.Zone, Budget: h.budget,
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
	return feed, nil
}

func tlsOf(t config.TLS) (*tls.Config, error) {
	return intake.TLSFiles{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA, Require: t.ClientCA != ""}.Config()
}

// feedToCome is a feed whose certificate cannot be used: it alone stays off,
// with an alarm, and its files are tried again every minute.
func (h *Hub) feedToCome(f config.Feed, feed intake.Feed, m *intake.Metrics, err error) feedRunner {
	var open atomic.Pointer[intake.Listener]
	h.feedOff(f.Name, err)
	run := func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(h.feedRetry):
			}
			l, err := h.openLate(f, feed, m)
			if err != nil {
				h.feedOff(f.Name, err)
				continue
			}
			h.Alarms.Clear(intakeKey(f.Name, alarmOff))
			open.Store(l)
			return l.Run(ctx)
		}
	}
	return feedRunner{name: f.Name, run: run, addr: func() net.Addr {
		if l := open.Load(); l != nil {
			return l.Addr()
		}
		return nil
	}}
}

func (h *Hub) openLate(f config.Feed, feed intake.Feed, m *intake.Metrics) (*intake.Listener, error) {
	var err error
	if feed.TLS, err = tlsOf(f.TLS); err != nil {
		return nil, err
	}
	return listener(f)(feed, h.store, h.log, m)
}

// feedOff raises the alarm about a feed that does not listen.
func (h *Hub) feedOff(name string, err error) {
	h.log.Error("feed is off, will try again", slog.String("feed", name), slog.Any("err", err))
	text := lang.Text{
		DE: "Der Eingang " + name + " ist aus: die Adresse ist nicht frei.",
		EN: "The feed " + name + " is off: its address is in use.",
	}
	if file := (*intake.FileError)(nil); errors.As(err, &file) {
		text = lang.Text{
			DE: "Der Eingang " + name + " ist aus: " + file.File + " fehlt oder ist nicht brauchbar.",
			EN: "The feed " + name + " is off: " + file.File + " is missing or cannot be used.",
		}
	}
	text.DE += " Jede Minute wird es neu versucht; bis dahin kommt von dort nichts an."
	text.EN += " It is tried again every minute; until then nothing arrives from there."
	h.Alarms.Raise(intakeKey(name, alarmOff), text)
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
	if kind == alarmStore { // ends when storing works again
		h.Alarms.Raise(intakeKey(feed, kind), text)
		return
	}
	h.Alarms.Tell(intakeKey(feed, kind), text)
}

// The kinds of intake alarms.
const (
	alarmStore    = "store"
	alarmSize     = "size"
	alarmSequence = "sequence"
	alarmBatch    = "batch"
	alarmFile     = "file"
	alarmOff      = "off"
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
