package config

// Evidence is what the house decides about secured things and legal holds.
type Evidence struct {
	MaxFile Size `yaml:"max_file" doc:"The largest file that is taken in. A larger image stays outside: its hash, tool and place are recorded."`
	Freeze  bool `yaml:"freeze" doc:"A declared cyberattack or suspicion of an insider stops retention by itself (a legal hold from freeze_days before its begin). Off: the page of the incident proposes it."`
	Days    int  `yaml:"freeze_days" doc:"How many days before the begin of the incident such a hold reaches back."`
}

// DefaultEvidence takes files up to a gigabyte and leaves the hold to people.
func DefaultEvidence() Evidence { return Evidence{MaxFile: 1 << 30, Days: 90} }

func (k *checker) evidence() {
	e := k.c.Evidence
	if e.MaxFile < 1<<20 || e.MaxFile > 64<<30 {
		k.Note("evidence.max_file", "Erlaubt sind 1MiB bis 64GiB.", "Allowed are 1MiB to 64GiB.")
	}
	if e.Days < 1 || e.Days > 3650 {
		k.Note("evidence.freeze_days", "Erlaubt sind 1 bis 3650.", "Allowed are 1 to 3650.")
	}
}
