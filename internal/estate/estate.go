package estate

// Estate is one version of the hospital's systems with the ways to look into
// it. It is never changed: an edit makes another one. The slices it returns must
// not be changed.
type Estate struct {
	Tables
	systems  map[string]int
	contacts map[string]int
	sites    map[string]int
	down     map[string][]Dependency // by System
	up       map[string][]Dependency // by On
	probes   map[string][]Probe      // by System
	stores   map[string][]Store      // by System
	backups  map[string][]BackupCopy // by System
	feeds    map[string]string       // system by feed
}

// New makes an estate of tables, which it keeps. Of two rows of one ID the first
// counts.
func New(t Tables) *Estate {
	e := &Estate{
		Tables: t, systems: map[string]int{}, contacts: map[string]int{}, sites: map[string]int{},
		down: map[string][]Dependency{}, up: map[string][]Dependency{}, probes: map[string][]Probe{},
		stores: map[string][]Store{}, backups: map[string][]BackupCopy{}, feeds: map[string]string{},
	}
	first := func(m map[string]int, id string, i int) {
		if _, there := m[id]; !there {
			m[id] = i
		}
	}
	for i := range t.Systems {
		first(e.systems, t.Systems[i].ID, i)
	}
	for i := range t.Contacts {
		first(e.contacts, t.Contacts[i].ID, i)
	}
	for i := range t.Sites {
		first(e.sites, t.Sites[i].ID, i)
	}
	for _, d := range t.Dependencies {
		e.down[d.System] = append(e.down[d.System], d)
		e.up[d.On] = append(e.up[d.On], d)
	}
	for _, p := range t.Probes {
		e.probes[p.System] = append(e.probes[p.System], p)
	}
	for _, s := range t.Stores {
		e.stores[s.System] = append(e.stores[s.System], s)
	}
	for _, b := range t.Backups {
		e.backups[b.System] = append(e.backups[b.System], b)
	}
	for _, f := range t.Feeds {
		if _, there := e.feeds[f.Name]; !there {
			e.feeds[f.Name] = f.System
		}
	}
	return e
}

// System returns a system by its ID.
func (e *Estate) System(id string) (System, bool) {
	i, ok := e.systems[id]
	if !ok {
		return System{}, false
	}
	return e.Systems[i], true
}

// Contact returns a contact by its ID.
func (e *Estate) Contact(id string) (Contact, bool) {
	i, ok := e.contacts[id]
	if !ok {
		return Contact{}, false
	}
	return e.Contacts[i], true
}

// Site returns a site by its ID.
func (e *Estate) Site(id string) (Site, bool) {
	i, ok := e.sites[id]
	if !ok {
		return Site{}, false
	}
	return e.Sites[i], true
}

// DependsOn returns what a system depends on, of every kind.
func (e *Estate) DependsOn(id string) []Dependency { return e.down[id] }

// NeededBy returns which dependencies lead to a system, of every kind.
func (e *Estate) NeededBy(id string) []Dependency { return e.up[id] }

// ProbesOf returns the probes of a system.
func (e *Estate) ProbesOf(id string) []Probe { return e.probes[id] }

// FeedSystem returns the system that a feed of the configuration comes from.
func (e *Estate) FeedSystem(feed string) (string, bool) {
	id, ok := e.feeds[feed]
	return id, ok
}
