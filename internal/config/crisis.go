package config

import (
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"notbetrieb/internal/holiday"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// Crisis is what the crisis team needs of the house.
type Crisis struct {
	Country   string `yaml:"country" doc:"DE, AT or CH: whose duties to report apply."`
	State     string `yaml:"state" doc:"State of Germany by its short name (NW, BY, …): holidays and authorities. Empty: none."`
	Operator  string `yaml:"operator" doc:"Who runs the hospital: public, private, catholic or protestant. It decides which data protection law applies."`
	NIS2      bool   `yaml:"nis2" doc:"The hospital is an important or especially important entity (BSIG § 28)."`
	Critical  bool   `yaml:"critical" doc:"The hospital is a critical installation (30,000 full inpatient cases a year; BSI-KritisV, KRITIS-DachG)."`
	Playbooks string `yaml:"playbooks" doc:"Folder with the house's own playbooks (one YAML file for each kind; 'notbetrieb config playbook KIND' writes the built-in one). Empty: the built-in ones."`
	Duties    string `yaml:"duties" doc:"File with the house's own duties to report, checked by its lawyers ('notbetrieb config duties'). Empty: the built-in ones of the country."`
	Hooks     []Hook `yaml:"hooks" doc:"Commands that a task of containment runs after two different people agreed. No shell reads them."`
}

// Hook is a command of containment.
type Hook struct {
	Name    string        `yaml:"name" doc:"As the playbook names it."`
	Label   lang.Text     `yaml:"label" doc:"What it does, in the words of the button."`
	Command []string      `yaml:"command" doc:"The program with its whole path, then its arguments, one a line."`
	Timeout time.Duration `yaml:"timeout" doc:"It is stopped after so long. At most 10m."`
}

// DefaultCrisis is a house in Germany of which nobody has said more.
func DefaultCrisis() Crisis {
	return Crisis{Country: "DE", Operator: string(rulebook.Public), NIS2: true}
}

// House is what the duties depend on.
func (c Crisis) House() rulebook.House {
	return rulebook.House{Country: c.Country, State: c.State, Operator: rulebook.Operator(c.Operator), NIS2: c.NIS2, Critical: c.Critical}
}

func (k *checker) crisis() {
	c := k.c.Crisis
	k.OneOf("crisis.country", c.Country, "DE", "AT", "CH")
	if c.State != "" {
		k.OneOf("crisis.state", c.State, holiday.States()...)
	}
	if c.State != "" && c.Country != "DE" {
		k.Note("crisis.state", "Ein Land gibt es nur mit country: DE.", "There is a state only with country: DE.")
	}
	var operators []string
	for _, o := range rulebook.Operators() {
		operators = append(operators, string(o))
	}
	k.OneOf("crisis.operator", c.Operator, operators...)
	seen := map[string]string{}
	for i, h := range c.Hooks {
		path := "crisis.hooks[" + strconv.Itoa(i) + "]"
		k.Short(path+".name", h.Name)
		k.once(seen, path+".name", h.Name)
		k.Required(path+".label", h.Label.DE)
		if len(h.Command) == 0 || !filepath.IsAbs(h.Command[0]) || slices.ContainsFunc(h.Command, func(s string) bool { return slices.Contains([]byte(s), 0) }) {
			k.Note(path+".command", "Hier steht ein Programm mit ganzem Pfad.", "A program with its whole path is expected here.")
		}
		if h.Timeout < time.Second || h.Timeout > 10*time.Minute {
			k.Note(path+".timeout", "Erlaubt sind 1s bis 10m.", "Allowed are 1s to 10m.")
		}
	}
}
