package testkit_test

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/entry"
)

// line is one thing that was answered as signed, as the person who signed it
// took it down.
type line struct {
	key, root string // "" where the hub makes the key: then seq names the record
	seq       uint64
	begins    bool              // a form of the admission
	first     bool              // whoever comes second is led on without having signed
	some      bool              // its page adds to the fields what it worked out
	numbers   []string          // of the orders that were placed
	number    string            // of the order that is answered
	values    map[string]string // of that order, by name
	corrects  string            // key of the version it corrects
	withdrawn bool
	form      string
	kase      string // of whom it was meant
	fields    map[string]string
	sheet     string // serial of the paper it was taken from
	by        string
	at        time.Time // when it happened; zero: now was meant
	from, to  time.Time // first sent, answered
}

// ledger is what all people took down.
type ledger struct {
	mu       sync.Mutex
	lines    []line
	attempts []*attempt
	drafts   map[string]string // case by key
	refused  map[string]bool   // keys of forms that were refused
	paper    map[string]*leaf  // by what stands on it, and by its place in a file
	did      map[string]int
	moved    chan struct{}
}

func (g *ledger) add(l line) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, l)
}

func (g *ledger) draft(key, kase string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.drafts == nil {
		g.drafts = map[string]string{}
	}
	g.drafts[key] = kase
}

func (g *ledger) refuse(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused == nil {
		g.refused = map[string]bool{}
	}
	g.refused[key] = true
}

// names adds the case number that somebody was given.
func (g *ledger) names(key, kase string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.lines {
		if g.lines[i].key == key {
			g.lines[i].kase = kase
		}
	}
}

// count notes that something happened to somebody.
func (g *ledger) count(what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.did[what]++
	if g.moved != nil {
		close(g.moved)
		g.moved = nil
	}
}

// kinds is how many of which form were signed, in words.
func (g *ledger) kinds() string {
	n := map[string]int{}
	for _, x := range g.lines {
		n[x.form]++
	}
	var out []string
	for _, form := range slices.Sorted(maps.Keys(n)) {
		out = append(out, fmt.Sprintf("%s %d", form, n[form]))
	}
	return strings.Join(out, ", ")
}

func (g *ledger) signed() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.lines)
}

func (g *ledger) of(what string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.did[what]
}

// waits is closed at the next count.
func (g *ledger) waits() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.moved == nil {
		g.moved = make(chan struct{})
	}
	return g.moved
}

// tally is what happened, in words.
func (g *ledger) tally() string {
	var out []string
	for _, what := range slices.Sorted(maps.Keys(g.did)) {
		out = append(out, fmt.Sprintf("%s %d", what, g.did[what]))
	}
	return strings.Join(out, ", ")
}

// result counts what a day may not do, and what its people could not say: unheard
// are entries whose form left and was never answered.
type result struct{ signed, lost, doubled, wrong, changed, strange, unheard int }

// compare holds the ledger against what is left, and says what differs.
func (g *ledger) compare(l *left, say func(format string, args ...any)) result {
	var r result
	told := 0
	tell := func(n *int, format string, args ...any) {
		if *n++; told < 40 {
			told++
			say(format, args...)
		}
	}
	last := map[string]line{}
	known := map[string]bool{}
	taken := map[uint64]bool{}
	for _, x := range g.lines {
		r.signed++
		if x.key == "" { // the hub made the key
			x.key, x.root = l.entries[x.seq].Key, l.entries[x.seq].Root
			if x.key == "" || taken[x.seq] {
				tell(&r.lost, "%s of case %s, answered with record %d, is not in the journal, or another entry is", x.form, x.kase, x.seq)
				continue
			}
			taken[x.seq] = true
		}
		known[x.key] = true
		if was, ok := last[x.root]; !ok || was.key == x.corrects {
			last[x.root] = x
		}
		e, ok := standing(l.versions[x.root], x.key)
		switch {
		case l.signed[x.key] > 1:
			tell(&r.doubled, "%s %s of case %s is in the journal %d times", x.form, x.key, x.kase, l.signed[x.key])
		case !ok:
			tell(&r.lost, "%s %s of case %s was answered as signed and is not in the journal", x.form, x.key, x.kase)
			continue
		case string(e.Case) != x.kase:
			tell(&r.wrong, "%s %s was written for case %s and is of %s", x.form, x.key, x.kase, e.Case)
		}
		if why := x.differs(e); why != "" {
			tell(&r.changed, "%s %s of case %s: %s", x.form, x.key, x.kase, why)
		}
	}
	g.onPaper(l, known, tell, &r)
	g.nobodys(l, known, tell, &r)
	g.inDrafts(l, known, tell, &r)
	for _, x := range last {
		inChart(l, x, tell, &r)
	}
	g.inStays(l, tell, &r)
	g.inLab(l, tell, &r)
	g.onWards(l, tell, &r)
	return r
}

// nobodys finds the entries that were answered to nobody: each came of a form
// that left without an answer, or should not be there.
func (g *ledger) nobodys(l *left, known map[string]bool, tell func(*int, string, ...any), r *result) {
	accounted := map[*attempt]bool{}
	for _, root := range slices.Sorted(maps.Keys(l.versions)) {
		for _, e := range l.versions[root] {
			switch {
			case known[e.Key]:
			case g.accounts(e, accounted):
				r.unheard++
				if l.signed[e.Key] > 1 {
					tell(&r.doubled, "%s %s is in the journal %d times", e.Form, e.Key, l.signed[e.Key])
				}
			case g.repeats(e):
				tell(&r.doubled, "%s %s of case %s by %s is in the journal once more, under a key that nobody sent", e.Form, e.Key, e.Case, e.By.ID)
			default:
				tell(&r.strange, "%s %s of case %s by %s is in the journal: nobody sent it, or whoever did was told that it is not stored", e.Form, e.Key, e.Case, e.By.ID)
			}
		}
	}
	for key := range l.begun {
		if !g.began(key) {
			tell(&r.strange, "the draft %s was kept and nobody sent it", key)
		}
	}
	for key := range g.refused {
		if l.signed[key] > 0 {
			tell(&r.strange, "the form %s was refused and is in the journal", key)
		}
	}
}

// repeats reports whether an entry says what somebody's line says already.
func (g *ledger) repeats(e entry.Entry) bool {
	return slices.ContainsFunc(g.lines, func(x line) bool {
		return x.form == e.Form && x.by == e.By.ID && x.kase == string(e.Case) && len(x.fields) > 0 && x.holds(e.Fields)
	})
}

// inDrafts holds what was kept unsigned against the charts' lists of drafts.
func (g *ledger) inDrafts(l *left, known map[string]bool, tell func(*int, string, ...any), r *result) {
	for key, kase := range g.drafts {
		signed := known[key] || l.signed[key] > 0
		if !signed && !l.drafts[key] {
			tell(&r.lost, "the draft %s of case %s is gone", key, kase)
		}
		if !signed && len(l.facts[entry.Number(key)]) > 0 {
			tell(&r.strange, "the draft %s of case %s is in a chart", key, kase)
		}
	}
	for key := range l.drafts {
		if known[key] {
			tell(&r.doubled, "the draft %s still waits, and is signed", key)
		}
	}
}

// where is what the ledger says of a case: where it lies, and how.
type where struct {
	place            string // "" was never said here
	gone, away, dead bool
}

// inStays holds who came, moved and went against the stays of all charts, and
// the numbers that were given against each other.
func (g *ledger) inStays(l *left, tell func(*int, string, ...any), r *result) {
	given := map[string]string{} // number → key of the entry
	for _, e := range l.entries {
		if form := entry.FormOf(e.Form); form == nil || !form.Begins || e.Corrects != "" {
			continue
		}
		for _, no := range []string{"case " + string(e.Case), "patient " + e.IDs[0].Value} {
			if was := given[no]; was != "" {
				tell(&r.doubled, "the number of %s was given to %s, too", e.Key, was)
			}
			given[no] = e.Key
		}
	}
	for _, x := range g.lines {
		if !x.begins {
			continue
		}
		switch all := l.stays[x.kase]; {
		case len(all) == 0:
			tell(&r.lost, "%s %s: case %s is in no chart", x.form, x.key, x.kase)
		case len(all) > 1:
			tell(&r.doubled, "%s %s: case %s is in %d charts", x.form, x.key, x.kase, len(all))
		case !strings.Contains(all[0].name, x.fields["family"]):
			tell(&r.wrong, "%s %s: case %s of %s is one of %s", x.form, x.key, x.kase, x.fields["family"], all[0].name)
		}
	}
	for kase, want := range g.lie(l) {
		for _, got := range l.stays[kase] {
			state := chart.Present
			switch {
			case want.gone:
				state = chart.Left
			case want.away:
				state = chart.Away
			}
			place := entry.PlaceText(got.place)
			if got.state != state || got.dead != want.dead || !want.gone && want.place != "" && place != want.place && got.place.Ward != want.place {
				tell(&r.changed, "case %s is %s on %q (dead: %v), should be %+v", kase, got.state, place, got.dead, want)
			}
		}
	}
}

// lie is where everybody lies who came or was moved here.
func (g *ledger) lie(l *left) map[string]where {
	var moved []line
	for _, x := range g.lines {
		if x.begins {
			moved = append(moved, x)
		}
	}
	at := func(x line) time.Time { // two may move one person at the same minute: what happened later counts
		e, _ := standing(l.versions[x.root], x.key)
		return e.At
	}
	sort.SliceStable(moved, func(i, j int) bool { return at(moved[i]).Before(at(moved[j])) })
	out := map[string]where{}
	for _, x := range moved {
		w := out[x.kase]
		switch x.form {
		case "discharge":
			w.gone = true
		case "death":
			w.dead = true
		case "leave":
			w.away = true
		default:
			w.place, w.away = x.fields["place"], false
		}
		out[x.kase] = w
	}
	return out
}

// onWards holds the ward pages against the ledger: everybody stands on one of
// them, the right one, with the warnings that were written here.
func (g *ledger) onWards(l *left, tell func(*int, string, ...any), r *result) {
	for kase, all := range l.pages {
		if len(all) > 1 {
			tell(&r.doubled, "case %s stands on the pages of %d wards", kase, len(all))
		}
	}
	for kase, want := range g.lie(l) {
		ward, _, _ := strings.Cut(want.place, " · ")
		switch all := l.pages[kase]; {
		case want.gone && len(all) > 0:
			tell(&r.wrong, "case %s has left and stands on the page of %s", kase, all[0].ward)
		case want.gone:
		case len(all) == 0:
			tell(&r.lost, "case %s stands on the page of no ward, should be on %q", kase, ward)
		case ward != "" && all[0].ward != ward:
			tell(&r.wrong, "case %s stands on the page of %s, should be on %s", kase, all[0].ward, ward)
		}
	}
	for number, all := range l.facts {
		for _, f := range all {
			if f.what != "allergy" && f.what != "alert" || f.gone || !strings.Contains(number, "Fall ") {
				continue // only what names its case can be told apart
			}
			for kase, rows := range l.pages {
				shows := slices.ContainsFunc(rows, func(b bed) bool { return strings.Contains(b.text, number) })
				if mine := strings.Contains(f.kase, " "+kase+" "); shows && !mine {
					tell(&r.wrong, "the %s %q of%s is shown beside case %s", f.what, number, f.kase, kase)
				} else if mine && !shows && f.what == "allergy" {
					tell(&r.lost, "the %s %q is not shown beside case %s", f.what, number, kase)
				}
			}
		}
	}
}

func standing(versions []entry.Entry, key string) (entry.Entry, bool) {
	for _, e := range versions {
		if e.Key == key {
			return e, true
		}
	}
	return entry.Entry{}, false
}

// differs says in what an entry is not what was signed, "" if in nothing.
func (x line) differs(e entry.Entry) string {
	switch {
	case e.Form != x.form:
		return "the form is " + e.Form
	case e.Corrects != x.corrects || e.Withdrawn != x.withdrawn:
		return fmt.Sprintf("it corrects %q, withdrawn %v", e.Corrects, e.Withdrawn)
	case e.By.ID != x.by:
		return "it is signed by " + e.By.ID
	case e.Sheet != x.sheet:
		return fmt.Sprintf("it is taken from sheet %q, was from %q", e.Sheet, x.sheet)
	case !x.holds(e.Fields):
		return fmt.Sprintf("the fields are %v, typed was %v", e.Fields, x.fields)
	case e.Written.Before(x.from) || e.Written.After(x.to):
		return fmt.Sprintf("it was written at %v, sent at %v, answered at %v", e.Written, x.from, x.to)
	case !x.at.IsZero() && !e.At.Equal(x.at):
		return fmt.Sprintf("it happened at %v, meant was %v", e.At, x.at)
	case x.at.IsZero() && !x.withdrawn && (e.At.Before(x.from.Truncate(time.Second)) || e.At.After(x.to)):
		return fmt.Sprintf("it happened at %v, signed between %v and %v", e.At, x.from, x.to)
	}
	return ""
}

// holds reports whether an entry's fields are what was typed. Pages of their own
// add what they worked out.
func (x line) holds(fields map[string]string) bool {
	if !x.begins && !x.some && x.form != entry.DoseForm && x.form != entry.PrescriptionForm && x.form != entry.StandingForm && x.number == "" {
		return maps.Equal(fields, x.fields)
	}
	for name, v := range x.fields {
		if fields[name] != v {
			return false
		}
	}
	return true
}
