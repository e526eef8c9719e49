package handback_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// chaos lets everybody act at random while messages are on their way.
func (x *trial) chaos() {
	x.t.Helper()
	for range 3 + x.r.IntN(4) {
		x.signs(nil, false)
	}
	x.mode(handback.Flowing)
	x.decide(handback.Release, func(handback.Item) bool { return true })
	for range 10 + x.r.IntN(14) {
		time.Sleep(time.Duration(x.r.IntN(4000)) * time.Microsecond) // lets messages get somewhere; how far does not matter
		if !x.kis.Up() && x.r.IntN(2) == 0 {
			x.up()
		}
		switch {
		case x.r.IntN(6) == 0:
			x.bury()
			x.rise()
		case x.calm:
			if x.r.IntN(3) == 0 {
				x.mode(x.anyMode())
			}
		default:
			x.somebody()
		}
	}
}

func (x *trial) anyMode() handback.Mode {
	return []handback.Mode{handback.Paused, handback.Slowly, handback.Flowing, handback.Flowing}[x.r.IntN(4)]
}

func (x *trial) up() {
	if err := x.kis.Start(); err != nil {
		x.t.Fatal(err)
	}
}

// somebody does something.
func (x *trial) somebody() {
	x.t.Helper()
	half := func(states ...handback.State) func(handback.Item) bool {
		return func(it handback.Item) bool { return slices.Contains(states, it.State) && x.r.IntN(2) == 0 }
	}
	switch x.r.IntN(10) {
	case 0:
		x.signs(nil, false)
	case 1, 2, 3:
		list := x.versions[x.roots[x.r.IntN(len(x.roots))]]
		if last := list[len(list)-1]; !last.Withdrawn {
			x.signs(&last, x.r.IntN(3) == 0)
		}
	case 4, 5:
		x.decide(handback.Release, half(handback.Waiting))
	case 6:
		x.decide(handback.Recall, half(handback.Released, handback.Sent))
	case 7:
		x.mode(x.anyMode())
	case 8:
		x.decide(handback.Resend, half(handback.Refused))
	case 9:
		x.looks()
	}
}

// looks lets people settle what is unclear: they look into the KIS. What is
// there they correct there, what is not there is sent anew.
func (x *trial) looks() {
	x.t.Helper()
	there := map[string]bool{}
	unclear := x.items(func(s handback.State) bool { return s == handback.Unclear })
	if len(unclear) == 0 {
		return
	}
	x.kis.Stop() // what is still in its sockets does not arrive after they looked
	x.up()
	took := x.took()
	for _, it := range unclear {
		x.unclear[it.Root] = true
		there[it.Root] = slices.ContainsFunc(took, func(m taken) bool { return m.e.Root == it.Root && !handback.Knows(it, m.part, m.e.Key) })
	}
	found := func(want bool) func(handback.Item) bool {
		return func(it handback.Item) bool {
			found, looked := there[it.Root]
			return looked && it.State == handback.Unclear && found == want
		}
	}
	x.decide(handback.TypedIn, found(true))
	x.decide(handback.Resend, found(false))
}

// settle lets everybody finish: the KIS is well again, and people work off what
// is with them until nothing is open. It returns what became of each entry.
func (x *trial) settle() []handback.Item {
	x.t.Helper()
	x.kis.SetChances(nil)
	x.up()
	for range 100 {
		x.mode(handback.Flowing)
		x.quiet()
		open := x.decide(handback.Release, func(it handback.Item) bool { return it.State == handback.Waiting })
		open += x.decide(handback.Resend, func(it handback.Item) bool { return it.State == handback.Refused })
		open += x.decide(handback.TypedIn, func(it handback.Item) bool { return it.State == handback.Rest })
		x.looks()
		all := x.items(func(handback.State) bool { return true })
		if open == 0 && !slices.ContainsFunc(all, func(it handback.Item) bool { return it.State.Open() }) {
			x.mode(handback.Closed)
			return all
		}
	}
	x.t.Fatalf("the hand-back does not end: %+v", x.items(handback.State.Open))
	return nil
}

func (x *trial) items(some func(handback.State) bool) []handback.Item {
	x.t.Helper()
	var out []handback.Item
	x.does(func(ctx context.Context) error {
		all, err := x.b.Items(ctx, "kis", handback.Filter{})
		out = slices.DeleteFunc(all, func(it handback.Item) bool { return !some(it.State) })
		return err
	})
	return out
}

// quiet waits until nothing moves by itself any more: what is released has
// arrived or is with a person, or waits behind an admission that is.
func (x *trial) quiet() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		before := x.b.Seq()
		behind := map[clinical.PatientKey]bool{}
		moving := false
		for _, it := range x.items(func(handback.State) bool { return true }) {
			switch it.State {
			case handback.Released, handback.Sent:
				moving = moving || !behind[it.Patient]
			case handback.Waiting, handback.Refused, handback.Unclear:
				behind[it.Patient] = behind[it.Patient] || slices.Contains(it.Kinds, message.Admission)
			case handback.Accepted, handback.Rest, handback.Hand, handback.Nothing:
			}
		}
		if !moving {
			return
		}
		if x.alarm.Load() {
			x.mode(handback.Flowing) // people looked, and let it send again
			continue
		}
		x.does(func(life context.Context) error {
			both, stop := context.WithCancel(life)
			defer stop()
			defer context.AfterFunc(ctx, stop)()
			if err := x.b.Wait(both, before+1); ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	x.t.Fatalf("the queue stands still: %+v", x.items(handback.State.Open))
}

// taken is a message that the KIS took.
type taken struct {
	e     entry.Entry
	part  string
	again int
	kis   fakekis.Accepted
}

// took says of each message that the KIS took which part of which version it is.
func (x *trial) took() []taken {
	x.t.Helper()
	of := map[string]taken{}
	for _, list := range x.versions {
		for _, e := range list {
			for _, part := range parts(e.Form) {
				for again := range 12 {
					of[message.ControlID("kis", e.Key, part, again)] = taken{e: e, part: part, again: again}
				}
			}
		}
	}
	var out []taken
	for _, a := range x.kis.Accepted() {
		m, ok := of[a.Control]
		if !ok {
			x.t.Errorf("the KIS took a message that nobody knows: %s %s", a.Type, a.Control)
			continue
		}
		m.kis = a
		out = append(out, m)
	}
	return out
}

// judge compares both sides and returns how many entries people did by hand.
func (x *trial) judge(all []handback.Item) (byHand int) {
	x.t.Helper()
	took := x.took()
	x.judgeMessages(took)
	if x.calm {
		x.judgeOrder(took)
	}
	states := map[string]handback.State{}
	x.mode(handback.Testing) // lists what is handed back next: nothing of before
	if again := x.items(func(handback.State) bool { return true }); len(again) > 0 {
		x.t.Errorf("a queue that was closed and opened anew lists %d entries", len(again))
	}
	for _, it := range all {
		states[it.Root] = it.State
	}
	for _, root := range x.roots {
		list := x.versions[root]
		last := list[len(list)-1]
		switch st := states[root]; st {
		case handback.Accepted:
			if last.Form == "warned" && !last.Withdrawn {
				x.t.Errorf("lost: nobody was told of the warning in %s", root)
			}
			x.judgeFacts(last, took)
		case handback.Nothing:
			if slices.ContainsFunc(took, func(m taken) bool { return m.e.Root == root }) {
				x.t.Errorf("of %s nothing should be there", root)
			}
		case handback.Hand:
			byHand++
		default:
			x.t.Errorf("lost: %s is %q", root, st)
		}
	}
	return byHand
}

// judgeMessages: no part of a version twice, only what was released, under the
// right patient.
func (x *trial) judgeMessages(took []taken) {
	x.t.Helper()
	count := map[string]int{}
	for _, m := range took {
		count[m.e.Key+m.part]++
		if n := count[m.e.Key+m.part]; n > 1 {
			x.t.Errorf("doubled: %s of %s was taken %d times; the KIS repeats %v\n%s", m.part, m.e.Key, n, x.to.Repeats, x.story(m.e.Root))
		}
		if m.kis.Other {
			x.t.Errorf("%s of %s came again with other content", m.part, m.e.Key)
		}
		if !x.released[m.e.Key] {
			x.t.Errorf("%s of %s left, and nobody released it", m.part, m.e.Key)
		}
		msg, err := hl7.Parse(m.kis.Raw)
		if err != nil {
			x.t.Fatal(err)
		}
		if got := msg.Get("PID-3.1"); got != m.e.IDs[0].Value {
			x.t.Errorf("wrong patient: %s of %s is with %s, not with %s", m.part, m.e.Key, got, m.e.IDs[0].Value)
		}
	}
}

// story is what the journal says of an entry, and what of it reached the KIS.
func (x *trial) story(root string) string {
	x.t.Helper()
	var out strings.Builder
	for from := journal.Seq(1); ; {
		recs, err := x.j.Read(x.t.Context(), from, 1000)
		if err != nil || len(recs) == 0 {
			break
		}
		for _, r := range recs {
			from = r.Seq + 1
			var body map[string]any
			if json.Unmarshal(r.Body, &body) != nil || !strings.Contains(string(r.Body), root) {
				continue
			}
			for _, long := range []string{"facts", "raw", "sum", "Facts", "Raw", "Sum"} {
				delete(body, long)
			}
			short, _ := json.Marshal(body)
			fmt.Fprintf(&out, "%d %s %s %s\n", r.Seq, r.Received.Format("05.000"), r.Kind, short)
		}
	}
	for _, a := range x.kis.Arrived() {
		fmt.Fprintf(&out, "arrived %+v\n", a)
	}
	return out.String()
}

// judgeOrder: each patient's entries arrived in the order they were written.
func (x *trial) judgeOrder(took []taken) {
	x.t.Helper()
	last := map[clinical.PatientKey]int{}
	for _, m := range took {
		at := slices.Index(x.roots, m.e.Root)
		if x.unclear[m.e.Root] { // it came when people had looked
			continue
		}
		if at < last[m.e.Patient] {
			x.t.Errorf("entry %d of %s came after entry %d", at, m.e.Patient, last[m.e.Patient])
		}
		last[m.e.Patient] = at
	}
}

// judgeFacts: the KIS has the last version, each fact once, with its patient and
// with nobody else.
func (x *trial) judgeFacts(e entry.Entry, took []taken) {
	x.t.Helper()
	number := entry.Number(e.Root)
	var mine []clinical.Fact
	for _, p := range x.kis.Patients() {
		for _, f := range x.kis.Facts(p.Number) {
			if !strings.Contains(idOf(f), number) {
				continue
			}
			if p.Number != e.IDs[0].Value {
				x.t.Errorf("wrong patient: %T of %s is with %s", f, e.Root, p.Number)
			}
			mine = append(mine, f)
		}
	}
	want := 0
	for _, f := range e.Facts {
		if _, ok := f.(clinical.Alert); ok {
			continue
		}
		if e.Withdrawn && !slices.ContainsFunc(took, func(m taken) bool { return m.e.Root == e.Root && m.part == partOfFact(f) }) {
			continue // it never got there, so nothing is taken back
		}
		want++
		if !slices.ContainsFunc(mine, func(g clinical.Fact) bool { return same(f, g) }) {
			x.t.Errorf("the KIS has not %+v of %s (%d versions), but %+v", f, e.Key, len(x.versions[e.Root]), mine)
		}
	}
	if len(mine) != want {
		x.t.Errorf("the KIS has %d facts of %s (%d versions), want %d: %+v", len(mine), e.Root, len(x.versions[e.Root]), want, mine)
	}
}

// idOf is the number by which a fact is known.
func idOf(f clinical.Fact) string {
	switch f := f.(type) {
	case clinical.Result:
		return f.Filler
	case clinical.Document:
		return f.ID
	case clinical.Movement:
		return f.ID
	}
	return ""
}

func partOfFact(f clinical.Fact) string {
	switch f.(type) {
	case clinical.Document:
		return "document/1"
	case clinical.Movement:
		return "admission/1"
	}
	return "vitals/1"
}

// same reports whether the KIS has a fact as it was written.
func same(want, got clinical.Fact) bool {
	switch w := want.(type) {
	case clinical.Result:
		g, ok := got.(clinical.Result)
		return ok && g.Value == w.Value && g.Code.Code == w.Code.Code && g.At.Equal(w.At) && (g.Status == clinical.Withdrawn) == (w.Status == clinical.Withdrawn)
	case clinical.Document:
		g, ok := got.(clinical.Document)
		if w.Status == clinical.Withdrawn {
			return ok && g.Status == clinical.Withdrawn
		}
		return ok && g.Text == w.Text && g.Status == clinical.Final
	case clinical.Movement:
		g, ok := got.(clinical.Movement)
		if w.Action == clinical.Cancel { // it names the place where the patient is again
			return ok && g.Action == clinical.Cancel
		}
		return ok && g.To == w.To && g.Action != clinical.Cancel
	}
	return false
}
