package watch

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/lang"
)

// A Workplace is a computer of the house that people read Notbetrieb on.
// Whatever comes from its addresses is a sign of its life.
type Workplace struct {
	Name string
	Ward string // code; "" for none
	From netip.Prefix
}

// WorkplaceLine is one workplace as the board shows it.
type WorkplaceLine struct {
	Workplace
	Seen bool          // since the hub started
	For  time.Duration // since it was seen; where it never was, since the hub started
}

const (
	quiet     = 10 * time.Minute // a workplace that was seen is silent after so long: pages tell of themselves every two minutes
	firstSign = 15 * time.Minute // and one that was not seen since the start: computers are switched on in the morning after, too
	manyQuiet = 3                // so many silent ones have one cause
	mostNamed = 5
)

// Silent reports whether the workplace should have been heard of.
func (l WorkplaceLine) Silent() bool {
	if l.Seen {
		return l.For >= quiet
	}
	return l.For >= firstSign
}

// workplaces remembers when each workplace was seen. Nothing of it is recorded.
type workplaces struct {
	clock func() time.Time

	mu    sync.Mutex
	list  []Workplace
	start time.Time
	seen  []time.Time          // by place in list; zero: never
	told  map[string]lang.Text // alarms that stand
}

func newWorkplaces(list []Workplace, clock func() time.Time) *workplaces {
	if clock == nil {
		clock = time.Now
	}
	return &workplaces{clock: clock, list: list, start: clock(), seen: make([]time.Time, len(list)), told: map[string]lang.Text{}}
}

// see takes a sign from an address and reports whether it ended a silence.
func (p *workplaces) see(from netip.Addr) (back bool) {
	if len(p.list) == 0 || !from.IsValid() {
		return false
	}
	from = from.Unmap().WithZone("")
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	for i, w := range p.list {
		if w.From.Contains(from) {
			back = back || p.line(i, now).Silent()
			p.seen[i] = now
		}
	}
	return back
}

// line is how a workplace stands. The caller holds mu.
func (p *workplaces) line(i int, now time.Time) WorkplaceLine {
	l := WorkplaceLine{Workplace: p.list[i], Seen: !p.seen[i].IsZero(), For: now.Sub(p.start)}
	if l.Seen {
		l.For = now.Sub(p.seen[i])
	}
	return l
}

// lines are all workplaces, who was not heard of longest first.
func (p *workplaces) lines() []WorkplaceLine {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	out := make([]WorkplaceLine, 0, len(p.list))
	for i := range p.list {
		out = append(out, p.line(i, now))
	}
	slices.SortStableFunc(out, func(a, b WorkplaceLine) int {
		return cmp.Or(cmp.Compare(b.For, a.For), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// look raises what is new or says something else now, and clears what is over.
func (p *workplaces) look(raise func(string, lang.Text), clear func(string)) {
	now := silences(p.lines())
	p.mu.Lock()
	defer p.mu.Unlock()
	for key := range p.told {
		if _, stands := now[key]; !stands {
			clear(key)
		}
	}
	for key, text := range now {
		if p.told[key] != text {
			raise(key, text)
		}
	}
	p.told = now
}

// silences are the alarms about silent workplaces by key: one for each, or one
// for many, since many have one cause.
func silences(lines []WorkplaceLine) map[string]lang.Text {
	silent := slices.DeleteFunc(slices.Clone(lines), func(l WorkplaceLine) bool { return !l.Silent() })
	out := map[string]lang.Text{}
	if n := len(silent); n >= manyQuiet || n > 1 && n == len(lines) {
		out["watch/workplaces"] = manySay(silent, len(lines))
		return out
	}
	for _, l := range silent {
		out["watch/workplace/"+l.Name] = l.say()
	}
	return out
}

// say is the alarm about one silent workplace.
func (l WorkplaceLine) say() lang.Text {
	de, en := "Der Arbeitsplatz "+l.Name, "The workplace "+l.Name
	if l.Ward != "" {
		de, en = de+" (Station "+l.Ward+")", en+" (ward "+l.Ward+")"
	}
	if !l.Seen {
		return lang.Text{
			DE: de + " hat sich nicht gemeldet, seit Notbetrieb vor " + lasting(l.For) + " gestartet ist: Rechner aus, Netz getrennt, kein Browser offen oder Adresse falsch eingetragen. Papiermappe bereithalten.",
			EN: en + " has not been heard of since Notbetrieb started " + lasting(l.For) + " ago: computer off, network cut, no browser open or wrong address configured. Keep the paper folder ready.",
		}
	}
	return lang.Text{
		DE: de + " hat sich seit " + lasting(l.For) + " nicht gemeldet: Rechner aus, Netz getrennt oder Browser geschlossen. Papiermappe bereithalten.",
		EN: en + " has not been heard of for " + lasting(l.For) + ": computer off, network cut or browser closed. Keep the paper folder ready.",
	}
}

// manySay is the alarm about many silent workplaces, the longest silent first,
// of all.
func manySay(silent []WorkplaceLine, all int) lang.Text {
	n := len(silent)
	if n == all {
		since := lasting(silent[n-1].For)
		return lang.Text{
			DE: fmt.Sprintf("Keiner der %d Arbeitsplätze meldet sich seit %s: Netz zwischen den Stationen und diesem Rechner prüfen. Papiermappen bereithalten.", all, since),
			EN: fmt.Sprintf("None of the %d workplaces has been heard of for %s: check the network between the wards and this machine. Keep the paper folders ready.", all, since),
		}
	}
	var names []string
	for _, l := range silent[:min(n, mostNamed)] {
		names = append(names, l.Name)
	}
	list := lang.Text{DE: strings.Join(names, ", "), EN: strings.Join(names, ", ")}
	if more := n - len(names); more > 0 {
		list.DE, list.EN = list.DE+fmt.Sprintf(" und %d weitere", more), list.EN+fmt.Sprintf(" and %d more", more)
	}
	since := lasting(silent[0].For)
	return lang.Text{
		DE: fmt.Sprintf("%d von %d Arbeitsplätzen melden sich nicht, am längsten seit %s: %s. Eine gemeinsame Ursache suchen (Netz, Strom). Papiermappen bereithalten.", n, all, since, list.DE),
		EN: fmt.Sprintf("%d of %d workplaces are not heard of, the longest for %s: %s. Look for a common cause (network, power). Keep the paper folders ready.", n, all, since, list.EN),
	}
}

// lasting is a time in minutes, or in hours and minutes.
func lasting(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	if h == 0 {
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d h %02d", h, m)
}

// Seen takes a request from an address as a sign of the workplace there.
func (w *Watch) Seen(from netip.Addr) {
	if w.self.places.see(from) {
		w.soon() // its alarm ends now
	}
}

// Workplaces are those of the configuration, who was not heard of longest first.
func (w *Watch) Workplaces() []WorkplaceLine { return w.self.places.lines() }
