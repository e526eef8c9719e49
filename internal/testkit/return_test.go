package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// backTarget is a KIS that everything is handed back to. The second one is the
// one whose feed the hub hears.
func backTarget(i int, addr string) config.HandbackTarget {
	t := config.DefaultTarget()
	t.Name, t.System, t.Address, t.ReceivingApp, t.ReceivingFacility = backName(i), "archiv", addr, "KIS", "LORENZ"
	if i == 1 {
		t.System = "kis"
	}
	t.Repeats, t.Lanes, t.Answer = true, 6, time.Minute
	return t
}

func backName(i int) string { return fmt.Sprint("kis-", i+1) }

// handsBack lets people in the hub's process work on a hand-back: "kis-1 flowing"
// sets a mode, "kis-1 work" lets them do what is with them, "kis-1 look" only
// counts.
func handsBack(ctx context.Context, h *app.Hub, word string) (map[handback.State]int, error) {
	name, do, _ := strings.Cut(word, " ")
	head := h.Journal.Head()
	if err := errors.Join(h.Chart.Wait(ctx, head), h.Back.Wait(ctx, head)); err != nil {
		return nil, err
	}
	by := handback.Act{By: clinical.Staff{ID: "krisenstab", Name: "Dr. A. Stein"}, At: time.Now()}
	switch do {
	case "look":
	case "work":
		if err := worksOff(ctx, h.Back, name, by); err != nil {
			return nil, err
		}
	default:
		if err := h.Back.SetMode(ctx, journal.NewID(), name, handback.Mode(do), by); err != nil {
			return nil, err
		}
	}
	out := map[handback.State]int{}
	wards, err := h.Back.Progress(ctx, name)
	for _, w := range wards {
		for s, n := range w.Count {
			out[s] += n
		}
	}
	return out, err
}

// worksOff lets people decide about everything that is with them: who is not
// known there is reported as new, what nobody has released is released with its
// conflicts read, what was refused or cannot be said is typed in.
func worksOff(ctx context.Context, b *handback.Book, name string, by handback.Act) error {
	strangers, err := b.Strangers(ctx, name)
	if err != nil {
		return err
	}
	for _, s := range strangers {
		if s.Matched.Done() {
			continue
		}
		if err := b.MatchNew(ctx, journal.NewID(), name, s.Key, by); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		states []handback.State
		do     handback.Decision
		why    string
	}{
		{[]handback.State{handback.Waiting}, handback.Release, ""},
		{[]handback.State{handback.Refused, handback.Rest, handback.Unclear}, handback.TypedIn, "dort nachgesehen und eingetragen"},
	} {
		items, err := b.Items(ctx, name, handback.Filter{States: x.states, Limit: 1 << 20})
		if err != nil {
			return err
		}
		act := by
		act.Why = x.why
		items = slices.DeleteFunc(items, func(it handback.Item) bool { return it.State == handback.Nothing })
		if len(items) == 0 {
			continue
		}
		if err := b.Decide(ctx, journal.NewID(), name, x.do, items, act); err != nil {
			return err
		}
	}
	return nil
}

// returns hands the day back twice: to a KIS that stands still, and to one that
// merges, renames and discharges its patients meanwhile. The hub is killed now
// and then. In the end both sides are compared field by field.
func (d *day) returns(l *left, kills int) {
	d.t.Helper()
	if d.t.Failed() {
		return
	}
	ctx := d.t.Context()
	var all []*fakekis.KIS
	for i := range 2 {
		kis := d.newKIS(l, uint64(i))
		d.hub.house.Backs = append(d.hub.house.Backs, kis.Addr())
		all = append(all, kis)
	}
	d.hub.mu.Lock()
	d.hub.open = make(chan struct{})
	d.hub.mu.Unlock()
	d.hub.start()
	for i, kis := range all {
		begun := time.Now()
		name := backName(i)
		if i == 1 {
			d.livesOn(ctx, kis, l, name)
		}
		d.drains(ctx, kis, name, kills/2)
		d.t.Logf("%s: %s, %d messages arrived, in %s", name, words(d.hub.child.ask("back "+name+" look").Back), len(kis.Arrived()), time.Since(begun).Round(time.Second))
	}
	d.hub.child.end()
	d.hub.checkHouse()
	for i, kis := range all {
		kis.Stop()
		d.compareReturn(ctx, kis, backName(i), l)
	}
}

func words(counts map[handback.State]int) string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s %d", s, counts[s]))
	}
	return strings.Join(out, ", ")
}

// newKIS is a KIS that knows everybody from before the outage. It cuts
// connections, before and after it took a message, and dies now and then.
func (d *day) newKIS(l *left, seed uint64) *fakekis.KIS {
	d.t.Helper()
	kis, err := fakekis.New(fakekis.Options{
		Name: "KIS", Facility: "LORENZ", Authority: "KIS", Zone: d.zone, Dir: d.t.TempDir(), Numbers: true, Strict: true, Seed: seed, Now: d.clock.read,
		Chances: map[fakekis.Behaviour]int{fakekis.CutBefore: 8, fakekis.CutAfter: 8, fakekis.DieAfter: 2, fakekis.DieBefore: 2, fakekis.Refuse: 4},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range l.charts {
		for _, id := range p.IDs {
			if id.Authority == "KIS" {
				kis.Register(fakekis.Patient{Number: id.Value, Name: p.Name.V, Birth: p.Birth.V, Sex: p.Sex.V})
			}
		}
	}
	if err := kis.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(kis.Stop)
	return kis
}

// drains hands everything back: people work off what is with them, the KIS is
// put up again whenever it died, the hub is killed so many times.
func (d *day) drains(ctx context.Context, kis *fakekis.KIS, name string, kills int) {
	d.t.Helper()
	dice := rand.New(rand.NewPCG(d.seed, uint64(len(name))))
	ask := func(do string) map[handback.State]int {
		say := d.hub.child.ask("back " + name + " " + do)
		if say.Fail != "" {
			d.t.Fatal(name, do, say.Fail)
		}
		return say.Back
	}
	ask("testing")
	counts := ask("work")
	total := 0
	for _, n := range counts {
		total += n
	}
	ask("flowing")
	every := max(total/(kills+1), 1)
	for killed, last := 0, ""; ; {
		arrived := len(kis.Arrived())
		wait, stop := context.WithTimeout(ctx, 200*time.Millisecond) // then people look again
		_ = kis.Wait(wait, func() bool { return !kis.Up() || len(kis.Arrived()) > arrived+100 })
		stop()
		if ctx.Err() != nil {
			d.t.Fatal("the hand-back does not end:", last)
		}
		if err := kis.Start(); err != nil {
			d.t.Fatal(err)
		}
		if killed < kills && len(kis.Arrived()) > every*killed+dice.IntN(every) {
			d.hub.kill(func() {})
			killed++
		}
		counts = ask("work")
		last = words(counts)
		if counts[handback.Waiting]+counts[handback.Released]+counts[handback.Sent]+counts[handback.Refused]+counts[handback.Rest]+counts[handback.Unclear] == 0 {
			if killed < kills {
				d.t.Errorf("the hub was killed %d times, want %d", killed, kills)
			}
			return
		}
	}
}

// livesOn lets the KIS merge, rename and discharge patients who have entries,
// and tell it on its feed.
func (d *day) livesOn(ctx context.Context, kis *fakekis.KIS, l *left, name string) {
	d.t.Helper()
	if say := d.hub.child.ask("back " + name + " testing"); say.Fail != "" { // what it says from here on is said after the outage
		d.t.Fatal(say.Fail)
	}
	var numbers []string
	cases := map[string]clinical.CaseNo{}
	for _, root := range slices.Sorted(maps.Keys(l.versions)) {
		e := l.versions[root][0]
		if len(e.IDs) > 0 && e.IDs[0].Authority == "KIS" && !slices.Contains(numbers, e.IDs[0].Value) {
			numbers = append(numbers, e.IDs[0].Value)
			cases[e.IDs[0].Value] = e.Case
		}
	}
	for i, no := range numbers {
		p, _ := kis.Patient(no)
		switch {
		case i%9 == 0 && i+1 < len(numbers):
			kis.Merge(numbers[i+1], no)
		case i%9 == 3:
			name := p.Name
			name.Family += "-Neumann"
			kis.Rename(no, name)
		case i%9 == 6 && cases[no] != "":
			kis.Discharge(no, cases[no], d.clock.read())
		}
	}
	told := len(kis.Feed())
	if _, err := kis.Send(ctx, d.hub.house.Feeds[demo.KISADT], hl7.ClientOptions{}); err != nil {
		d.t.Fatal(err)
	}
	d.hub.child.ask("settled")
	d.t.Logf("the KIS told %d merges, renames and discharges", told)
}

// compareReturn holds the journal against what the KIS has.
func (d *day) compareReturn(ctx context.Context, kis *fakekis.KIS, name string, l *left) {
	d.t.Helper()
	items := d.itemsOf(ctx, name)
	where := map[string][]string{} // number of an entry → patients who have something of it
	for _, p := range kis.Patients() {
		if p.Into != "" {
			continue
		}
		for _, f := range kis.Facts(p.Number) {
			if no := numberOf(f); no != "" && !slices.Contains(where[no], p.Number) {
				where[no] = append(where[no], p.Number)
			}
		}
	}
	var lost, wrong, changed, done, fields, people int
	told, reasons := map[string]int{}, map[string]int{}
	say := func(n *int, kind, format string, args ...any) {
		*n++
		if told[kind]++; told[kind] <= 2 { // of each kind two are enough
			d.t.Errorf(name+": "+format, args...)
		}
	}
	for root, versions := range l.versions {
		e := versions[len(versions)-1]
		it, ok := items[root]
		if !ok || it.State.Open() {
			say(&lost, string(it.State), "%s %s is %q", e.Form, root, it.State)
			continue
		}
		done += it.Done
		if it.State == handback.Hand {
			reasons[it.Answer]++
			if people++; it.Decided.Why == "" {
				say(&lost, "why", "%s %s is with people, and nobody says why", e.Form, root)
			}
		}
		if e.Patient == "" {
			continue
		}
		p, known := kis.Patient(e.IDs[0].Value)
		for _, no := range where[entry.Number(root)] {
			if !known || no != p.Number {
				say(&wrong, "wrong", "%s %s of %s is with %s", e.Form, root, e.IDs[0].Value, no)
			}
		}
		if it.State != handback.Accepted {
			continue
		}
		n, missing := compareFacts(e, kis.History(e.IDs[0].Value))
		fields += n
		for _, m := range missing {
			say(&changed, m.kind, "%s %s: %s", e.Form, root, m.says)
		}
	}
	if took := len(kis.Accepted()); took != done {
		d.t.Errorf("%s: the KIS took %d messages, the hub counts %d", name, took, done)
	}
	d.t.Logf("%s: %d entries, %d fields compared, %d with people (%v); lost %d, wrong patient %d, changed %d", name, len(l.versions), fields, people, reasons, lost, wrong, changed)
}

// itemsOf reads how every entry stands with a target in the stopped hub's folder.
func (d *day) itemsOf(ctx context.Context, name string) map[string]handback.Item {
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
	out := map[string]handback.Item{}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Back.Run(run) }()
	items, err := h.Back.Items(ctx, name, handback.Filter{Limit: 1 << 20})
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		d.t.Fatal(err)
	}
	for _, it := range items {
		out[it.Root] = it
	}
	return out
}

// numberOf is the number of the entry that said a fact, "" where none of ours
// did.
func numberOf(f clinical.Fact) string {
	id := ""
	switch f := f.(type) {
	case clinical.Result:
		id = f.Filler
	case clinical.Document:
		id = f.ID
	case clinical.Movement:
		id = f.ID
	case clinical.Dose:
		id = f.ID
	case clinical.Prescription:
		id = f.Placer
	case clinical.Diagnosis:
		id = f.ID
	case clinical.Procedure:
		id = f.ID
	}
	if len(id) < 18 || !strings.HasPrefix(id, "NB") {
		return ""
	}
	return id[:18]
}

// difference is what of a fact is not as it was written.
type difference struct{ kind, says string }

// compareFacts looks for each fact of an entry among all states that the KIS's
// facts of the patient had, and returns how many fields were compared and what
// is not there as it was written.
func compareFacts(e entry.Entry, got []clinical.Fact) (fields int, missing []difference) {
	for _, f := range e.Facts {
		want := shown(f, e)
		if len(want) == 0 {
			continue
		}
		best, least := difference{want["kind"], want["kind"] + " " + want["id"] + " is not there"}, len(want)+1
		for _, g := range got {
			has := shown(g, e)
			if len(has) == 0 || has["id"] != want["id"] || has["kind"] != want["kind"] {
				continue
			}
			var diff []string
			for _, k := range slices.Sorted(maps.Keys(want)) {
				if has[k] != want[k] {
					diff = append(diff, fmt.Sprintf("%s: wrote %q, there %q", k, want[k], has[k]))
				}
			}
			if len(diff) < least {
				best, least = difference{want["kind"] + before(strings.Join(diff, ""), ":"), want["kind"] + " " + want["id"] + ": " + strings.Join(diff, "; ")}, len(diff)
			}
		}
		if want["gone"] == "true" && least > len(want) { // a correction took it back before it was ever there
			continue
		}
		if fields += len(want); least > 0 {
			missing = append(missing, best)
		}
	}
	return fields, missing
}

// shown are the fields of a fact that both sides must have alike, in one
// spelling; none for what goes as a sheet or concerns only Notbetrieb.
func shown(f clinical.Fact, e entry.Entry) map[string]string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	switch f := f.(type) {
	case clinical.Result:
		if f.SubID == "critical" { // the fake KIS reads the words of a finding as text of its report
			return nil
		}
		value := f.Value
		if f.Number != nil {
			value = fmt.Sprint(f.Comparator, *f.Number)
		}
		return map[string]string{
			"kind": "result", "id": f.Filler + f.Placer + before(f.SubID, "@") + f.Code.Code, "value": oneLine(value), "unit": f.Unit, "at": at(f.At), "name": f.Code.Label(),
			"gone": fmt.Sprint(f.Status == clinical.Withdrawn), "remark": oneLine(f.Comment), "range": figure(f.Low) + "–" + figure(f.High), "flags": strings.Join(f.Flags, ","),
		}
	case clinical.Document:
		if f.Text == "" || f.Status == clinical.Withdrawn {
			return nil
		}
		return map[string]string{"kind": "document", "id": before(f.ID, "-"), "title": f.Title, "text": oneLine(f.Text), "at": at(f.At)}
	case clinical.Order:
		if !f.Requested.Equal(e.At) {
			return nil
		}
		return map[string]string{"kind": "order", "id": f.Placer, "what": f.What.Label(), "priority": f.Priority, "at": at(f.Requested)}
	case clinical.Prescription:
		return map[string]string{"kind": "prescription", "id": f.Key(), "drug": f.Drug.Label(), "strength": f.Strength, "route": f.Route, "scheme": f.Scheme, "start": at(f.Start), "status": string(f.Status)}
	case clinical.Dose:
		return map[string]string{"kind": "dose", "id": before(f.ID, "/"), "drug": f.Drug.Label(), "at": at(f.At), "route": f.Route, "lot": f.Lot}
	case clinical.Movement:
		if f.Action == clinical.Cancel {
			return nil
		}
		out := map[string]string{"kind": "movement", "id": f.ID, "what": string(f.Kind), "at": at(f.Start)}
		if !f.To.Zero() { // others name where the patient lies
			out["to"] = entry.PlaceText(f.To)
		}
		return out
	case clinical.AllergyFact:
		if f.NoneKnown {
			return nil
		}
		return map[string]string{"kind": "allergy", "id": f.To.Code + f.To.Text, "reaction": f.Reaction, "severity": f.Severity}
	case clinical.Diagnosis:
		return map[string]string{"kind": "diagnosis", "id": f.ID, "what": f.What.Label()}
	case clinical.Procedure:
		return map[string]string{"kind": "procedure", "id": f.ID, "what": f.What.Label(), "at": at(f.At)}
	}
	return nil
}

// before is what stands before a sign: behind it a receiver's reading adds what
// tells two of one kind apart.
func before(s, sign string) string { s, _, _ = strings.Cut(s, sign); return s }

func figure(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
