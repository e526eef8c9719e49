package testkit_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// line is one thing that was answered as signed, as the person who signed it
// took it down.
type line struct {
	key, root string // "" where the hub makes the key: then seq names the record
	seq       uint64
	begins    bool              // a form of the admission
	numbers   []string          // of the orders that were placed
	number    string            // of the order that is answered
	values    map[string]string // of that order, by name
	corrects  string            // key of the version it corrects
	withdrawn bool
	form      string
	kase      string // of whom it was meant
	fields    map[string]string
	by        string
	at        time.Time // when it happened; zero: now was meant
	from, to  time.Time // first sent, answered
}

// ledger is what all people took down.
type ledger struct {
	mu      sync.Mutex
	lines   []line
	drafts  map[string]string // case by key
	heard   map[string]string // case by key, of critical values
	refused map[string]bool   // keys of forms that were refused
	doubts  map[string]bool   // keys of forms whose writer cannot say whether they stand
	did     map[string]int
	moved   chan struct{}
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

func (g *ledger) doubt(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doubts == nil {
		g.doubts = map[string]bool{}
	}
	g.doubts[key] = true
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

// left is the stopped hub's folder as it is read at the end.
type left struct {
	entries  map[uint64]entry.Entry   // signed, by place in the journal
	versions map[string][]entry.Entry // signed, by root, first one first
	signed   map[string]int           // how often, by key
	drafts   map[string]bool          // keys of drafts that stand open in charts
	charts   map[clinical.PatientKey]*chart.Patient
	stays    map[string][]stay   // by case
	orders   map[string][]string // cases of the charts that have it, by number
	facts    map[string][]found  // what charts show of entries, by number
}

// found is one thing in a chart that an entry said.
type found struct {
	kase  string // of the chart: every case of the patient
	what  string // kind and part: "result pulse", "document"
	text  string
	at    time.Time
	gone  bool // struck out
	marks []string
}

// stay is one case as a chart shows it.
type stay struct {
	name  string // of the patient
	ward  string
	state chart.StayState
}

// read reads journal and charts of the stopped hub.
func (d *day) read(ctx context.Context) *left {
	d.t.Helper()
	c := d.hub.house.config()
	keys, err := app.OpenKeys(c.Keys.File, "")
	if err != nil {
		d.t.Fatal(err)
	}
	h, err := app.Open(ctx, c, keys, app.Options{Hash: testkit.CheapHash(), Now: d.clock.read})
	if err != nil {
		d.t.Fatal(err)
	}
	defer h.Close()
	if err := h.Catch(ctx); err != nil {
		d.t.Fatal(err)
	}
	out := &left{entries: map[uint64]entry.Entry{}, versions: map[string][]entry.Entry{}, signed: map[string]int{}, drafts: map[string]bool{}, charts: map[clinical.PatientKey]*chart.Patient{}, stays: map[string][]stay{}, orders: map[string][]string{}, facts: map[string][]found{}}
	everybody := map[clinical.PatientKey]bool{} // true: an entry is about them
	for rec, err := range h.Select(ctx, app.Selection{}) {
		if err != nil {
			d.t.Fatal(err)
		}
		switch rec.Kind {
		case journal.HL7:
			if m := numberOfPID.FindSubmatch(rec.Body); m != nil {
				key := clinical.Identifier{Authority: "KIS", Value: string(m[1])}.Key()
				everybody[key] = everybody[key]
			}
		case journal.Entry:
			e, err := entry.Decode(rec.Body)
			if err != nil {
				d.t.Fatal(err)
			}
			everybody[e.Patient] = true
			if e.State == entry.Signed {
				out.versions[e.Root] = append(out.versions[e.Root], e)
				out.signed[e.Key]++
				out.entries[uint64(rec.Seq)] = e
			}
		}
	}
	out.look(ctx, d.t, h, everybody)
	return out
}

var numberOfPID = regexp.MustCompile(`\rPID\|1?\|\|(\d+)\^\^\^KIS`)

// look takes up what every chart shows.
func (l *left) look(ctx context.Context, t *testing.T, h *app.Hub, everybody map[clinical.PatientKey]bool) {
	t.Helper()
	v, err := h.Chart.View(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for key, written := range everybody {
		p, err := v.Patient(ctx, key, chart.All())
		if fault.KindOf(err) == fault.NotFound && err != nil && !written { // a number of a message about nobody
			continue
		}
		if err != nil {
			t.Fatalf("a chart cannot be read: %v", err)
		}
		if l.charts[p.Key] != nil {
			continue
		}
		l.charts[p.Key] = p
		var cases []string
		for _, s := range p.Stays {
			cases = append(cases, string(s.Case))
			l.stays[string(s.Case)] = append(l.stays[string(s.Case)], stay{p.Name.V.Family, s.Now.V.Ward, s.State})
		}
		sort.Strings(cases)
		l.take(p, " "+strings.Join(cases, " ")+" ")
	}
}

func (l *left) take(p *chart.Patient, cases string) {
	add := func(number string, o clinical.Origin, f found) {
		if o.Feed == chart.Here {
			f.kase = cases
			l.facts[number] = append(l.facts[number], f)
		}
	}
	for _, x := range p.Orders {
		l.orders[x.V.Placer] = append(l.orders[x.V.Placer], cases)
	}
	for _, x := range p.Results {
		if x.V.Section == clinical.Laboratory {
			add(x.V.Placer, x.Origin, found{what: "lab " + x.V.Code.Text, text: x.V.Value, at: x.V.At, gone: x.Cancelled})
			continue
		}
		add(x.V.Filler, x.Origin, found{what: "result " + x.V.SubID, text: x.V.Value, at: x.V.At, gone: x.Cancelled || x.V.Status == clinical.Withdrawn})
	}
	for _, x := range p.Documents {
		add(x.V.ID, x.Origin, found{what: "document", text: x.V.Text, at: x.V.At, gone: x.Cancelled || x.V.Status == clinical.Withdrawn})
	}
	for _, x := range p.Diagnoses {
		add(x.V.ID, x.Origin, found{what: "diagnosis", text: x.V.What.Text, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Procedures {
		add(x.V.ID, x.Origin, found{what: "procedure", text: x.V.What.Text, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Doses {
		add(x.V.ID, x.Origin, found{what: "dose", text: string(x.V.Status) + " " + x.V.Amount, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Medication {
		add(x.V.Placer, x.Origin, found{what: "prescription", text: x.V.Drug.Text + " " + x.V.Note})
	}
	for _, s := range p.Stays {
		for _, x := range s.Movements {
			add(x.V.ID, x.Origin, found{what: "movement", text: x.V.To.Ward, at: x.V.Start, gone: x.Cancelled})
		}
	}
	for _, x := range p.Allergies { // these have no number: their text is found by its mark
		add(x.V.To.Text, x.Origin, found{what: "allergy", text: x.V.To.Text, at: x.V.Since, gone: x.Cancelled})
	}
	for _, x := range p.Alerts {
		add(x.V.What.Text, x.Origin, found{what: "alert", text: x.V.What.Text, at: x.V.From, gone: x.Cancelled})
	}
	for _, x := range p.Drafts {
		l.drafts[x.V.Key] = true
	}
}

// result counts what a day may not do.
type result struct{ signed, lost, doubled, wrong, changed, strange int }

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
	for root, versions := range l.versions {
		for _, e := range versions {
			if _, heard := g.heard[e.Key]; !known[e.Key] && !heard && !g.doubts[e.Key] {
				tell(&r.strange, "an entry %s %s of %s is in the journal that nobody was told of", e.Form, root, e.By.ID)
			}
		}
	}
	for key := range g.doubts {
		if l.signed[key] > 1 {
			tell(&r.doubled, "an entry %s is in the journal %d times", key, l.signed[key])
		}
	}
	for key := range g.refused {
		if l.signed[key] > 0 {
			tell(&r.strange, "the form %s was refused and is in the journal", key)
		}
	}
	for key, kase := range g.drafts {
		if !known[key] && !l.drafts[key] {
			tell(&r.lost, "the draft %s of case %s is gone", key, kase)
		}
		if !known[key] && len(l.facts[entry.Number(key)]) > 0 {
			tell(&r.strange, "the draft %s of case %s is in a chart", key, kase)
		}
	}
	for key := range l.drafts {
		if known[key] {
			tell(&r.doubled, "the draft %s still waits, and is signed", key)
		}
	}
	for _, x := range last {
		inChart(l, x, tell, &r)
	}
	g.inStays(l, tell, &r)
	g.inLab(l, tell, &r)
	return r
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
	ward := map[string]string{} // by case, "" for who left
	for _, x := range g.lines {
		if !x.begins {
			continue
		}
		ward[x.kase] = x.fields["place"]
		switch all := l.stays[x.kase]; {
		case len(all) == 0:
			tell(&r.lost, "%s %s: case %s is in no chart", x.form, x.key, x.kase)
		case len(all) > 1:
			tell(&r.doubled, "%s %s: case %s is in %d charts", x.form, x.key, x.kase, len(all))
		case !strings.Contains(all[0].name, x.fields["family"]):
			tell(&r.wrong, "%s %s: case %s of %s is one of %s", x.form, x.key, x.kase, x.fields["family"], all[0].name)
		}
	}
	for kase, want := range ward {
		for _, got := range l.stays[kase] {
			if (got.state == chart.Left) != (want == "") || want != "" && got.ward != want {
				tell(&r.changed, "case %s is %s on %s, should be on %q", kase, got.state, got.ward, want)
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
	if !x.begins && x.form != entry.DoseForm && x.form != entry.PrescriptionForm && x.form != entry.StandingForm && x.number == "" {
		return maps.Equal(fields, x.fields)
	}
	for name, v := range x.fields {
		if fields[name] != v {
			return false
		}
	}
	return true
}

// inChart holds the version of an entry that counts against all charts: what it
// says stands once, in the chart of its patient, and nothing else of it.
func inChart(l *left, x line, tell func(*int, string, ...any), r *result) {
	number := entry.Number(x.root)
	for _, name := range []string{"to", "what"} {
		if x.form == "allergy" && name == "to" || x.form == "alert" && name == "what" {
			number = x.fields[name]
		}
	}
	if x.number != "" {
		number = x.number
	}
	seen := map[string]int{}
	stands := map[string]string{}
	for _, f := range l.facts[number] {
		if !strings.Contains(f.kase, " "+x.kase+" ") {
			tell(&r.wrong, "%s %s of case %s: %s is in the chart of%s", x.form, x.key, x.kase, f.what, f.kase)
		}
		if seen[f.what]++; seen[f.what] > 1 {
			tell(&r.doubled, "%s %s of case %s: %s stands %d times", x.form, x.key, x.kase, f.what, seen[f.what])
		}
		if !f.gone {
			stands[f.what] = f.text
		}
		if !f.gone && !x.at.IsZero() && x.number == "" && !f.at.Equal(x.at) {
			tell(&r.changed, "%s %s of case %s: %s is of %v, meant was %v", x.form, x.key, x.kase, f.what, f.at, x.at)
		}
	}
	want := x.shows()
	for what, text := range want {
		switch got, ok := stands[what]; {
		case !ok:
			tell(&r.lost, "%s %s of case %s: %s %q is in no chart", x.form, x.key, x.kase, what, text)
		case !strings.Contains(got, text):
			tell(&r.changed, "%s %s of case %s: %s is %q in the chart, typed was %q", x.form, x.key, x.kase, what, got, text)
		}
	}
	for what, text := range stands {
		if _, ok := want[what]; !ok && what != "result score" {
			tell(&r.strange, "%s %s of case %s: %s %q stands in the chart, nobody wrote it", x.form, x.key, x.kase, what, text)
		}
	}
}

// shows is what the charts must show of the entry, by part. It is worked out
// from what was typed alone.
func (x line) shows() map[string]string {
	out := map[string]string{}
	if x.withdrawn {
		return out
	}
	for name, v := range x.values {
		out["lab "+name] = v
	}
	f := x.fields
	switch x.form {
	case "vitals", "fluids":
		for name, v := range f {
			switch name {
			case "at", "note", "scale2":
			case "bp":
				up, down, _ := strings.Cut(v, "/")
				out["result bp.s"], out["result bp.d"] = up, down
			case "acvpu":
				out["result acvpu"] = map[string]string{"A": "wach", "C": "neu verwirrt"}[v]
			default:
				out["result "+name] = strings.TrimSuffix(v, ",0")
			}
		}
	case entry.DoseForm:
		out["dose"] = strings.TrimSpace(f["status"] + " " + f["amount"])
	case entry.PrescriptionForm:
		out["prescription"] = f["note"]
	case "admit-new", "admit-unknown", "newborn", "transfer", "discharge":
		out["movement"] = f["place"]
		if word, ok := map[string]string{"red": "rot", "orange": "orange", "yellow": "gelb"}[f["triage"]]; ok {
			out["result triage"] = word
		}
		if f["weight"] != "" { // in kilograms
			out["result weight"] = strings.TrimRight(f["weight"][:1]+","+f["weight"][1:], "0")
		}
	case "diagnosis":
		out["diagnosis"] = f["text"]
	case "procedure":
		out["procedure"] = f["text"]
		if f["report"] != "" {
			out["document"] = f["report"]
		}
	case "allergy":
		out["allergy"] = f["to"]
	case "alert":
		out["alert"] = f["what"]
	case "handover":
		out["document"] = f["s"]
	case "consent", "resuscitation", "note", "care-note":
		out["document"] = f["text"]
	}
	return out
}
