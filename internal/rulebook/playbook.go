// Package rulebook is what a house works by in a crisis, as data: the playbooks
// (what to do, by whom, by when) and the duties to report (to whom, by when, with
// what content). It reads them strictly and works out when something is due. It
// knows no incident, keeps nothing and asks no clock.
package rulebook

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/lang"
)

// Kind says what kind of crisis it is. It selects the playbook. The words are
// the stored form.
type Kind string

const (
	Cyberattack Kind = "cyberattack"
	Insider     Kind = "insider"
	Technical   Kind = "technical"
	Telematics  Kind = "telematics"
	Power       Kind = "power"
	Fire        Kind = "fire"
	Flood       Kind = "flood"
	Planned     Kind = "planned"
)

// Kinds returns every kind in the order of the form.
func Kinds() []Kind {
	return []Kind{Cyberattack, Insider, Technical, Telematics, Power, Fire, Flood, Planned}
}

// Phase is one of the six parts of the work, after the plan by which a hospital
// goes on. The words are the stored form.
type Phase string

const (
	Operation      Phase = "operation"      // emergency operation
	Records        Phase = "records"        // access to records
	Infrastructure Phase = "infrastructure" // infrastructure
	Backups        Phase = "backups"        // integrity of backups
	Return         Phase = "return"         // return to normal
	Prevention     Phase = "prevention"     // so that it does not happen again
)

// Phases returns every phase in the order of the work.
func Phases() []Phase {
	return []Phase{Operation, Records, Infrastructure, Backups, Return, Prevention}
}

// Role is a seat in the crisis team. The words are the stored form.
type Role string

const (
	Lead       Role = "lead"       // leads and decides
	Medical    Role = "medical"    // medical director
	Nursing    Role = "nursing"    // director of nursing
	ITLead     Role = "it"         // information technology
	Technic    Role = "technic"    // building, power, water
	Press      Role = "press"      // communication
	Law        Role = "law"        // law and data protection
	Admin      Role = "admin"      // administration, staff, money
	Keeper     Role = "keeper"     // keeps the logbook
	Dispatch   Role = "dispatch"   // link to the dispatch centre, police, fire brigade
	Laboratory Role = "laboratory" // laboratory and pharmacy
	Security   Role = "security"   // information security officer
)

// Roles returns every role in the order of the board.
func Roles() []Role {
	return []Role{Lead, Medical, Nursing, ITLead, Security, Technic, Press, Law, Admin, Dispatch, Laboratory, Keeper}
}

// Playbook is what to do in one kind of crisis.
type Playbook struct {
	Kind    Kind      `yaml:"kind"`
	Version string    `yaml:"version"`
	Title   lang.Text `yaml:"title"`
	First   lang.Text `yaml:"first"` // the sentence for the first minutes
	Meeting struct {
		Every  time.Duration `yaml:"every"`
		Agenda []lang.Text   `yaml:"agenda"`
	} `yaml:"meeting"`
	Team  []Role `yaml:"team"` // seats to fill at once
	Tasks []Task `yaml:"tasks"`
	File  string
}

// Task is one line of a playbook.
type Task struct {
	ID          string        `yaml:"id"`
	Phase       Phase         `yaml:"phase"`
	Title       lang.Text     `yaml:"title"`
	How         lang.Text     `yaml:"how"`
	Role        Role          `yaml:"role"`
	Due         time.Duration `yaml:"due"`         // after the declaration
	After       []string      `yaml:"after"`       // tasks that come first
	Containment bool          `yaml:"containment"` // keeps the harm from spreading; done after two people agreed
	Hook        string        `yaml:"hook"`        // name of a configured command
}

//go:embed playbooks/*.yaml duties/*.yaml
var builtIn embed.FS

// Default returns the built-in playbooks, one for each kind. Everybody shares
// them; they are not changed.
var Default = sync.OnceValue(func() map[Kind]*Playbook {
	out := map[Kind]*Playbook{}
	names, _ := fs.Glob(builtIn, "playbooks/*.yaml")
	for _, name := range names {
		b, err := builtIn.ReadFile(name)
		if err != nil {
			panic(err) // part of the program; a test reads it
		}
		p, err := Load(path.Base(name), b)
		if err != nil {
			panic(err)
		}
		out[p.Kind] = p
	}
	return out
})

// BuiltIn returns the file of the playbook that ships for a kind, for a house
// that writes its own from it; nil for an unknown kind.
func BuiltIn(k Kind) []byte {
	b, err := builtIn.ReadFile("playbooks/" + string(k) + ".yaml")
	if err != nil {
		return nil
	}
	return b
}

// Load reads a playbook. The error is all [Mistakes] at once, each with its
// line; its kind is fault.Invalid.
func Load(file string, b []byte) (*Playbook, error) {
	r := newReader(file)
	p := &Playbook{File: file}
	if r.read(b, p) {
		r.playbook(p)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return p, nil
}

func (r *reader) playbook(p *Playbook) {
	oneOf(r, "kind", p.Kind, Kinds())
	r.Required("title", p.Title.DE)
	r.Required("version", p.Version)
	for i, role := range p.Team {
		oneOf(r, "team["+strconv.Itoa(i)+"]", role, Roles())
	}
	if len(p.Tasks) == 0 {
		r.Note("tasks", "Der Plan hat keine Aufgabe.", "The playbook has no task.")
	}
	at := map[string]int{}
	for i, t := range p.Tasks {
		path := "tasks[" + strconv.Itoa(i) + "]"
		r.Short(path+".id", t.ID)
		if _, twice := at[t.ID]; twice {
			r.Note(path+".id", "„"+t.ID+"“ steht zweimal da.", "“"+t.ID+"” stands here twice.")
		}
		at[t.ID] = i
		oneOf(r, path+".phase", t.Phase, Phases())
		oneOf(r, path+".role", t.Role, Roles())
		r.Required(path+".title", t.Title.DE)
		if t.Due > 90*24*time.Hour {
			r.Note(path+".due", "Länger als 90 Tage ist keine Frist für eine Krise.", "More than 90 days is no time limit for a crisis.")
		}
		if t.Hook != "" && !t.Containment {
			r.Note(path+".hook", "Einen Befehl gibt es nur bei containment: true.", "There is a command only with containment: true.")
		}
	}
	for i, t := range p.Tasks {
		for j, id := range t.After {
			path := "tasks[" + strconv.Itoa(i) + "].after[" + strconv.Itoa(j) + "]"
			first, ok := at[id]
			switch {
			case !ok:
				r.Note(path, "Diese Aufgabe gibt es nicht: "+id+".", "There is no such task: "+id+".")
			case p.Tasks[first].Due > t.Due:
				r.Note(path, "„"+id+"“ ist erst später fällig als diese Aufgabe.", "“"+id+"” is due later than this task.")
			}
		}
	}
	if c := cycle(p.Tasks, at); c != nil {
		way := strings.Join(c, " → ")
		r.Note("tasks["+strconv.Itoa(at[c[0]])+"].after", "Die Aufgaben warten im Kreis: "+way+".", "The tasks wait in a circle: "+way+".")
	}
}

// cycle returns tasks that wait for each other, nil if there are none.
func cycle(tasks []Task, at map[string]int) []string {
	state := map[string]int{} // 1 on the way, 2 done
	var way []string
	var visit func(id string) []string
	visit = func(id string) []string {
		i, ok := at[id]
		if !ok || state[id] == 2 {
			return nil
		}
		if state[id] == 1 {
			return append(way[slices.Index(way, id):len(way):len(way)], id)
		}
		state[id] = 1
		way = append(way, id)
		for _, next := range tasks[i].After {
			if c := visit(next); c != nil {
				return c
			}
		}
		way = way[:len(way)-1]
		state[id] = 2
		return nil
	}
	for _, t := range tasks {
		if c := visit(t.ID); c != nil {
			return c
		}
	}
	return nil
}
