package config

import (
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
}
