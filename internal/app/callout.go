package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/web"
)

// This file calls people: it makes the ways out of the configuration, and lets
// crises, clocks and the watch begin call-outs.

func (h *Hub) calloutOptions() (callout.Options, error) {
	c := h.Config.Callout
	o := callout.Options{
		Dir: h.folder("callout"), Key: h.Keys.Root.Derive("callout"), Site: h.Config.Hospital.Site, Hospital: h.Config.Hospital.Name, URL: c.URL, Answers: c.Answers, Country: c.Country,
		Policy: callout.Policy{Tries: c.Tries, Pause: c.Pause, NextWay: c.NextWay, Deputy: c.Deputy},
		Quiet:  func(now time.Time) bool { return atQuiet(now.In(h.Zone), c.Quiet) },
		Estate: func() *estate.Estate { e, _ := h.Estate.Current(); return e },
		Role:   func(r rulebook.Role) string { return crisis.RoleName(r).DE },
		Zone:   h.Zone, Now: h.now, Log: h.log,
	}
	for i, x := range c.Ways {
		s, err := outlet(x)
		if err != nil {
			path := fmt.Sprintf("callout.ways[%d]", i)
			return o, fault.Mark(fmt.Errorf("%s: %w", path, err), fault.Invalid, lang.Text{
				DE: path + ": Die Datei mit dem Geheimnis oder den Zertifikaten kann nicht gelesen werden.", EN: path + ": the file with the secret or the certificates cannot be read.",
			})
		}
		o.Outs = append(o.Outs, callout.Out{Name: x.Name, Takes: x.Kinds(), Number: x.Kind == "sms" || x.Kind == "modem", Mail: x.Kind == "smtp", One: x.Kind == "modem", Send: s})
	}
	return o, nil
}

// outlet is a way out as the configuration describes it.
func outlet(o config.Outlet) (way.Sender, error) {
	secret, err := way.Secret(o.Secret)
	if err != nil {
		return nil, err
	}
	if o.CA != "" {
		if _, err := os.Stat(o.CA); err != nil {
			return nil, err
		}
	}
	switch o.Kind {
	case "smtp":
		return way.Mail{Host: o.Host, Security: way.Security(o.Security), From: o.From, User: o.User, Password: secret, Hello: o.Hello, CA: o.CA, Wait: o.Timeout}, nil
	case "sms":
		g := way.Gateway{Method: o.Method, URL: o.URL, Headers: map[string]string{}, Body: o.Body, Type: o.Type, Secret: secret, CA: o.CA, Wait: o.Timeout}
		for _, line := range o.Headers {
			k, v, _ := strings.Cut(line, ":")
			g.Headers[strings.TrimSpace(k)] = strings.TrimSpace(v)
		}
		if o.Accepted != "" {
			if g.Accepted, err = regexp.Compile(o.Accepted); err != nil {
				return nil, err
			}
		}
		return g, nil
	case "modem":
		return way.Command{Args: o.Command, Wait: o.Timeout}, nil
	case "webhook":
		return way.Webhook{URL: o.URL, Secret: secret, CA: o.CA, Wait: o.Timeout}, nil
	case "matrix":
		return way.Matrix{Server: o.URL, Token: secret, Room: o.Room, CA: o.CA, Wait: o.Timeout}, nil
	}
	return nil, errors.New("no such kind")
}

func (h *Hub) openCallout(ctx context.Context) error {
	o, err := h.calloutOptions()
	if err != nil {
		return err
	}
	h.Callout, err = callout.Open(ctx, h.Journal, o)
	return err
}

// smsToken reads the token of the gateway that hands over what came back; "" for
// none.
func (h *Hub) smsToken() (string, error) {
	file := h.Config.Callout.SMSToken
	token, err := way.Secret(file)
	if err == nil && file != "" && len(token) < 16 {
		err = errors.New("shorter than 16 characters")
	}
	if err != nil {
		return "", fault.Mark(fmt.Errorf("callout.sms_token: %w", err), fault.Invalid, lang.Text{
			DE: "callout.sms_token: " + filepath.Base(file) + " fehlt oder ist kürzer als 16 Zeichen.", EN: "callout.sms_token: " + filepath.Base(file) + " is missing or shorter than 16 characters.",
		})
	}
	return token, nil
}

// fresh is how old a declaration may be to call people as if it were of now.
const fresh = time.Hour

// keepCallouts begins call-outs that no person begins, and writes into the
// logbooks what came of all.
func (h *Hub) keepCallouts(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	seen, told := map[string]bool{}, &nightTold{}
	for {
		if err := h.watchCallouts(ctx, seen, told); err != nil && ctx.Err() == nil {
			h.log.ErrorContext(ctx, "call-outs not kept", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// watchCallouts is one look; seen are the lines that are in the logbooks. What
// several things ask for at one look is asked for once.
func (h *Hub) watchCallouts(ctx context.Context, seen map[string]bool, told *nightTold) error {
	now := h.now()
	var orders []callout.Order
	for _, c := range h.Crisis.All() {
		orders = append(orders, h.declaredOrders(c, now)...)
	}
	orders = append(orders, h.deadlineOrders(now)...)
	night := h.nightDue(now, told)
	orders = append(orders, h.nightOrders(night)...)
	var errs []error
	for _, o := range h.Callout.Together(orders) {
		errs = append(errs, h.begin(ctx, o))
	}
	if len(night) > 0 && h.Callout.Began(nightKey(night[0])) {
		told.tell(night, now)
	}
	for _, c := range h.Crisis.All() {
		for _, o := range h.Callout.Of(c.ID) {
			errs = append(errs, h.logCallout(ctx, c, o, seen))
		}
	}
	h.checkCallGroups()
	return errors.Join(errs...)
}

// begin starts a call-out; that there is nobody to call is no error of the look,
// but an alarm, and that somebody was faster is none at all.
func (h *Hub) begin(ctx context.Context, o callout.Order) error {
	_, err := h.Callout.Start(ctx, callout.Act{Name: "Notbetrieb"}, o)
	switch fault.KindOf(err) {
	case fault.Invalid:
		h.Alarms.Raise("callout/"+o.Group, lang.Text{
			DE: "Der Krisenstab konnte nicht von selbst alarmiert werden: " + fault.Say(err).DE, EN: "The crisis team could not be called automatically: " + fault.Say(err).EN,
		})
		return nil
	case fault.Conflict:
		return nil
	}
	if err == nil {
		h.Alarms.Clear("callout/" + o.Group)
	}
	return err
}

// checkCallGroups raises an alarm while the configuration names a group that
// nobody has written down: that is to be found before the crisis.
func (h *Hub) checkCallGroups() {
	c := h.Config.Callout
	for key, group := range map[string]string{"callout.declared": c.Declared, "callout.deadlines": c.Deadlines, "callout.night.group": c.Night.Group} {
		switch group {
		case "", callout.GroupTeam, callout.GroupLead, callout.GroupTree:
			continue
		}
		if _, ok := h.Callout.Group(group); ok {
			h.Alarms.Clear("group/" + key)
			continue
		}
		h.Alarms.Raise("group/"+key, lang.Text{
			DE: key + ": Die Gruppe „" + group + "“ gibt es auf der Seite Alarmierung nicht. Von selbst wird niemand gerufen.",
			EN: key + ": there is no group “" + group + "” on the page Call-out. Nobody is called automatically.",
		})
	}
}

// declaredOrders is the call-out of a declared incident that nobody has begun.
// One that comes late, because the hub was gone, is begun as well while the
// incident runs and nobody was called by hand: an SMS too many costs a moment, a
// crisis team that nobody told of costs hours. It says that it is late. Of what
// is older than [callout.Stale] the board says that nobody was called: by then
// people have found one another, or have to be called with words of today.
func (h *Hub) declaredOrders(c *crisis.Crisis, now time.Time) []callout.Order {
	group, age := h.Config.Callout.Declared, now.Sub(c.Declared.At)
	if group == "" || !c.Running() || age > callout.Stale {
		return nil
	}
	title := short(c.Outside(), 110)
	if age > fresh {
		if h.Callout.Called(c.ID, c.Exercise) {
			return nil
		}
		title = short("Verspätet (erklärt "+c.Declared.At.In(h.Zone).Format("02.01. 15:04")+" Uhr): "+title, 110)
	}
	return []callout.Order{{
		Crisis: c.ID, Group: group, Holders: web.Holders(c, now), Title: title, Text: "Krisenlage erklärt von " + c.Declared.Name + ".",
		Place: short(c.Meeting.Place, 120), Drill: c.Exercise, Apart: c.Few(), Trigger: callout.ByDeclared, Of: []callout.Occasion{{Key: "declared/" + c.ID, Crisis: c.ID, Line: title}},
	}}
}

// short cuts a text to n characters.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// soonDue is how far ahead a call-out for one term looks for others: who is
// called now is not called again in a few minutes.
const soonDue = 10 * time.Minute

// deadlineOrders tell of terms to report that pass 75 and 90 %, or end: one for
// each term. While the term still runs it is never too late to tell of it, also
// after a long stop.
func (h *Hub) deadlineOrders(now time.Time) []callout.Order {
	group := h.Config.Callout.Deadlines
	if group == "" {
		return nil
	}
	var due, near []callout.Order
	for _, c := range h.Crisis.All() {
		if c.Stage == crisis.StageOpen {
			continue
		}
		for _, d := range h.Crisis.Deadlines(c) {
			if !d.Open() || !d.Runs() || d.AtOnce {
				continue
			}
			level, ahead := d.Level(now), min(d.Level(now.Add(soonDue)), rulebook.NinetyPercent)
			switch {
			case level >= rulebook.Overdue && now.Sub(d.At(level)) > callout.Stale: // the board has it in red
			case level >= rulebook.ThreeQuarters && !h.Callout.Began(dueKey(c, d, level)):
				due = append(due, h.deadlineOrder(c, d, level, now))
			case ahead >= rulebook.ThreeQuarters && ahead > level && !h.Callout.Began(dueKey(c, d, ahead)):
				near = append(near, h.deadlineOrder(c, d, ahead, now))
			}
		}
	}
	if len(due) == 0 {
		return nil // what is near waits for its moment
	}
	return append(due, near...)
}

// dueKey is the same for each look at one warning of one term.
func dueKey(c *crisis.Crisis, d crisis.Due, level rulebook.Warning) string {
	return fmt.Sprintf("due/%s/%s/%d/%d", c.ID, d.Duty.ID, d.Start.Unix(), level)
}

func (h *Hub) deadlineOrder(c *crisis.Crisis, d crisis.Due, level rulebook.Warning, now time.Time) callout.Order {
	said := fmt.Sprintf("Meldefrist zu %d %% vergangen: ", level.Percent())
	if level >= rulebook.Overdue {
		said = "Meldefrist abgelaufen: "
	} else if at := d.At(level); at.After(now) {
		said = fmt.Sprintf("Meldefrist um %s Uhr zu %d %% vergangen: ", at.In(h.Zone).Format("15:04"), level.Percent())
	}
	until := "Frist bis " + d.Due.In(h.Zone).Format("02.01.2006 15:04") + " Uhr"
	return callout.Order{
		Crisis: c.ID, Group: h.Config.Callout.Deadlines, Holders: web.Holders(c, now), Title: short(said+d.Duty.Name.DE, 110), Text: until + ".", Ask: callout.Read, Drill: c.Exercise, Apart: c.Few(), Trigger: callout.ByDeadline,
		Of: []callout.Occasion{{Key: dueKey(c, d, level), Crisis: c.ID, Line: short(said+d.Duty.Name.DE, 150) + ", " + until}},
	}
}

// logCallout writes into the logbook of an incident what came of a call-out.
func (h *Hub) logCallout(ctx context.Context, c *crisis.Crisis, o *callout.Callout, seen map[string]bool) error {
	var errs []error
	line := func(what string, at time.Time, text string) {
		key := "callout/" + o.ID + "/" + what
		if at.IsZero() || seen[c.ID+key] {
			return
		}
		if o.Drill {
			text = "Probealarm. " + text
		}
		err := h.Crisis.Observe(ctx, c.ID, key, at, text)
		if err == nil || fault.KindOf(err) == fault.Conflict {
			seen[c.ID+key] = true
			return
		}
		errs = append(errs, err)
	}
	by := o.Started.Name
	line("start", o.Started.At, fmt.Sprintf("Alarmierung „%s“ begonnen von %s, gerufen werden %d: %s", o.Name, by, len(o.Posts), o.Title))
	for _, p := range o.Posts {
		if p.Unreachable() {
			line("nobody/"+p.ID, p.Nobody, "Alarmierung „"+o.Name+"“: niemand erreichbar für "+postName(p)+".")
		}
	}
	line("quorum", o.QuorumAt(), fmt.Sprintf("Alarmierung „%s“: %d haben zugesagt, das genügt.", o.Name, o.Quorum))
	end := "Alarmierung „" + o.Name + "“ beendet von " + o.Ended.Name
	if o.AllClear {
		end += ", Entwarnung an die Gerufenen"
	}
	line("end", o.Ended.At, end+".")
	return errors.Join(errs...)
}

// postName is a post in words.
func postName(p callout.Post) string {
	if p.Function != "" {
		return p.Function + " (" + p.Chain[0].Name + ")"
	}
	return p.Chain[0].Name
}
