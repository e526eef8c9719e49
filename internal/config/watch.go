package config

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"notbetrieb/internal/holiday"
)

// Watch is how the hospital's systems and feeds are watched. Which systems and
// probes there are is not written here but in the estate.
type Watch struct {
	Every       time.Duration `yaml:"every" doc:"From one probe of a system to the next, where the estate does not say otherwise."`
	Timeout     time.Duration `yaml:"timeout" doc:"A probe that has no answer after so long has failed."`
	Propose     time.Duration `yaml:"propose" doc:"A system that has been down so long is proposed as an outage. People declare it."`
	FalseAlarms float64       `yaml:"false_alarms" doc:"How many alarms a year one feed may raise while nothing is wrong. Fewer make it slower to tell what is."`
	Holidays    string        `yaml:"holidays" doc:"The German state whose public holidays count beside the nationwide ones: BW, BY, BE, BB, HB, HH, HE, MV, NI, NW, RP, SL, SN, ST, SH, TH. Empty: the nationwide ones alone."`
	Telematics  bool          `yaml:"telematics" doc:"Probes of kind ti-lage may ask gematik's status service over the internet, at most every five minutes. false: they ask nothing."`
	CA          string        `yaml:"ca" doc:"File with the authorities (PEM) whose certificates probes trust beside those of this machine."`
	Secrets     string        `yaml:"secrets" doc:"Folder with passwords of the accounts that probes sign in with: one file for each, named as in the estate's option secret. Empty: no probe signs in."`
	AlertToken  string        `yaml:"alert_token" doc:"File with the token that other monitorings show when they send alerts to /hooks/alerts (docs/integration.md). Empty: none are taken."`
	MinFree     Size          `yaml:"min_free" doc:"Less room on the disk of the data folder is an alarm. 0B: never."`
	Workplaces  []Workplace   `yaml:"workplaces" doc:"The computers on the wards that people read Notbetrieb on and that run day and night. One that is silent for ten minutes is an alarm. Not behind a proxy: there all have its address."`
}

// Workplace is a computer that people read Notbetrieb on.
type Workplace struct {
	Name    string `yaml:"name" doc:"As people call it."`
	Ward    string `yaml:"ward" doc:"Code of the ward it stands on. Empty: none."`
	Address string `yaml:"address" doc:"Its address, or the network of several that count as one workplace."`
}

// From are the addresses of the workplace; false if none can be read.
func (w Workplace) From() (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(w.Address); err == nil {
		return p.Masked(), !p.Addr().Is4In6() && p.Bits() > 0
	}
	a, err := netip.ParseAddr(w.Address)
	if err != nil || a.IsUnspecified() || a.IsMulticast() || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}

// defaultWatch is how a house is watched that says nothing of it.
func defaultWatch() Watch {
	return Watch{Every: time.Minute, Timeout: 10 * time.Second, Propose: 2 * time.Minute, FalseAlarms: 1, MinFree: 5 << 30}
}

func (k *checker) watch() {
	w := k.c.Watch
	if w.Every < 10*time.Second || w.Every > time.Hour {
		k.Note("watch.every", "Erlaubt sind 10s bis 1h.", "Allowed are 10s to 1h.")
	}
	if w.Timeout < time.Second || w.Timeout > time.Minute {
		k.Note("watch.timeout", "Erlaubt sind 1s bis 1m.", "Allowed are 1s to 1m.")
	}
	if w.Propose < 0 || w.Propose > time.Hour {
		k.Note("watch.propose", "Erlaubt sind 0s bis 1h.", "Allowed are 0s to 1h.")
	}
	if w.FalseAlarms < 0.01 || w.FalseAlarms > 100 {
		k.Note("watch.false_alarms", "Erlaubt sind 0.01 bis 100.", "Allowed are 0.01 to 100.")
	}
	if w.Holidays != "" {
		k.OneOf("watch.holidays", w.Holidays, holiday.States()...)
	}
	if w.MinFree < 0 {
		k.Note("watch.min_free", "0B oder mehr.", "0B or more.")
	}
	k.workplaces()
}

// workplaces checks each, and that no address is that of two: one would keep
// the other alive.
func (k *checker) workplaces() {
	names := map[string]string{}
	var taken []netip.Prefix
	far := false
	for i, w := range k.c.Watch.Workplaces {
		path := "watch.workplaces[" + strconv.Itoa(i) + "]"
		k.Required(path+".name", w.Name)
		k.once(names, path+".name", w.Name)
		if w.Ward != "" && len(k.c.Wards) != 0 && !slices.ContainsFunc(k.c.Wards, func(o Ward) bool { return o.Code == w.Ward }) {
			k.Note(path+".ward", "Eine Station „"+w.Ward+"“ steht nicht unter wards.", "There is no ward “"+w.Ward+"” under wards.")
		}
		from, ok := w.From()
		if !ok {
			k.Note(path+".address", "Das ist keine Adresse wie 10.20.3.11 und kein Netz wie 10.20.3.0/28.",
				"This is no address like 10.20.3.11 and no network like 10.20.3.0/28.")
		}
		for n, other := range taken {
			if ok && other.Overlaps(from) {
				at := "watch.workplaces[" + strconv.Itoa(n) + "]"
				k.Note(path+".address", "Diese Adresse gehört schon zu "+at+".", "This address already belongs to "+at+".")
				break
			}
		}
		taken = append(taken, from)
		far = far || ok && !from.Addr().IsLoopback()
	}
	if host, _, err := net.SplitHostPort(k.c.Web.Listen); far && err == nil && loopback(host) {
		k.warn("watch.workplaces", "web.listen ist nur von diesem Rechner aus erreichbar: Kein anderer Arbeitsplatz kann sich melden, und hinter einem Proxy haben alle dessen Adresse.",
			"web.listen can be reached from this machine only: no other workplace can be heard of, and behind a proxy all have its address.")
	}
}
