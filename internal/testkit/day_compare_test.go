package testkit_test

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
)

// What the proof of the day would not see, it would not prove.
func TestTheComparisonSeesWhatIsLostDoubledAndMixedUp(t *testing.T) {
	t.Parallel()
	const key, other = "0191f0f0f0f070008000000000000001", "0191f0f0f0f070008000000000000002"
	at := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
	sound := func() (*ledger, *left) {
		typed := map[string]string{"pulse": "72", "temp": "38,4"}
		e := entry.Entry{Key: key, Root: key, Form: "vitals", State: entry.Signed, Case: "4711", By: clinical.Staff{ID: "pflege"}, At: at, Written: at, Fields: maps.Clone(typed)}
		n := entry.Number(key)
		g := &ledger{
			lines:  []line{{form: "vitals", kase: "4711", key: key, root: key, by: "pflege", fields: typed, from: at, to: at.Add(time.Minute)}},
			drafts: map[string]string{other: "4711"}, refused: map[string]bool{}, did: map[string]int{},
		}
		g.attempts = []*attempt{attemptOf("pflege", "/patient/m/write/vitals", url.Values{"key": {key}}), attemptOf("pflege", "/patient/m/write/note", url.Values{"key": {other}, "act": {"draft"}})}
		g.attempts[0].answer = 303
		l := newLeft()
		l.entries[1], l.versions[key], l.signed[key], l.drafts[other], l.begun[other] = e, []entry.Entry{e}, 1, true, true
		l.facts[n] = []found{{kase: " 4711 ", what: "result pulse", text: "72", at: at}, {kase: " 4711 ", what: "result temp", text: "38,4", at: at}}
		l.stays["4711"] = []stay{{name: "Müller", place: clinical.Place{Ward: "3A"}, state: chart.Present}}
		l.pages["4711"] = []bed{{"3A", "Müller Fall 4711"}}
		return g, l
	}
	n := entry.Number(key)
	for name, x := range map[string]struct {
		harm func(*ledger, *left)
		want result
	}{
		"sound":                   {func(*ledger, *left) {}, result{}},
		"not in the journal":      {func(_ *ledger, l *left) { delete(l.versions, key); delete(l.signed, key) }, result{lost: 1}},
		"not in the chart":        {func(_ *ledger, l *left) { l.facts[n] = l.facts[n][:1] }, result{lost: 1}},
		"struck out":              {func(_ *ledger, l *left) { l.facts[n][0].gone = true }, result{lost: 1}},
		"twice in the journal":    {func(_ *ledger, l *left) { l.signed[key] = 2 }, result{doubled: 1}},
		"twice in the chart":      {func(_ *ledger, l *left) { l.facts[n] = append(l.facts[n], l.facts[n][1]) }, result{doubled: 1}},
		"of another case":         {func(_ *ledger, l *left) { l.versions[key][0].Case = "4712" }, result{wrong: 1}},
		"in another chart":        {func(_ *ledger, l *left) { l.facts[n][1].kase = " 4712 4710 " }, result{wrong: 1}},
		"another value":           {func(_ *ledger, l *left) { l.facts[n][0].text = "27" }, result{changed: 1}},
		"another field":           {func(_ *ledger, l *left) { l.versions[key][0].Fields["pulse"] = "27" }, result{changed: 1}},
		"another time":            {func(_ *ledger, l *left) { l.versions[key][0].At = at.Add(-time.Hour) }, result{changed: 1}},
		"signed by somebody else": {func(_ *ledger, l *left) { l.versions[key][0].By.ID = "arzt" }, result{changed: 1}},
		"nobody was told": {func(_ *ledger, l *left) {
			l.versions[other] = []entry.Entry{{Key: other, Root: other, Form: "note"}}
		}, result{strange: 1}},
		"sent, never answered":      {sent(func(*attempt) {}), result{unheard: 1}},
		"sent and refused":          {sent(func(a *attempt) { a.answer = 422 }), result{strange: 1}},
		"sent with other words":     {sent(func(a *attempt) { a.sent.Set("text", "anderes") }), result{strange: 1}},
		"sent by somebody else":     {sent(func(a *attempt) { a.by = "arzt" }), result{strange: 1}},
		"sent for somebody else":    {sent(func(a *attempt) { a.action = "/patient/h/write/note" }), result{strange: 1}},
		"sent to be kept":           {sent(func(a *attempt) { a.sent.Set("act", "draft") }), result{strange: 1}},
		"a draft that nobody began": {func(_ *ledger, l *left) { l.begun[third] = true }, result{strange: 1}},
		"stored under a second key": {func(_ *ledger, l *left) {
			e := l.versions[key][0]
			e.Key, e.Root = third, third
			l.versions[third] = []entry.Entry{e}
		}, result{doubled: 1}},
		"the sheet is gone":               {paper(func(_ *leaf, l *left) { delete(l.versions, third) }), result{lost: 1}},
		"the sheet is not in the chart":   {paper(func(_ *leaf, l *left) { delete(l.facts, entry.Number(third)) }), result{lost: 1}},
		"the sheet is filed twice":        {paper(func(_ *leaf, l *left) { l.versions[other] = l.versions[third] }), result{doubled: 1}},
		"the sheet is with another case":  {paper(func(_ *leaf, l *left) { l.versions[third][0].Case = "4712" }), result{wrong: 1}},
		"the sheet is in another chart":   {paper(func(_ *leaf, l *left) { l.facts[entry.Number(third)][0].kase = " 4712 " }), result{wrong: 1}},
		"the sheet was guessed":           {paper(func(x *leaf, l *left) { x.spoilt, l.versions[third][0].Fields[entry.SheetMatch] = true, "code" }), result{wrong: 1}},
		"a sheet that nobody handed in":   {paper(func(_ *leaf, l *left) { l.versions[third][0].Sheet = "ZZZ" }), result{lost: 1, strange: 1}},
		"the sheet is not typed":          {paper(func(x *leaf, _ *left) { x.done = true }), result{changed: 1}},
		"admitted and on no ward's page":  {admitted(func(l *left) { clear(l.pages) }), result{lost: 1}},
		"admitted and on another's page":  {admitted(func(l *left) { l.pages["4711"][0].ward = "3B" }), result{wrong: 1}},
		"admitted and on two wards' page": {admitted(func(l *left) { l.pages["4711"] = append(l.pages["4711"], bed{"3B", ""}) }), result{doubled: 1}},
		"another's allergy on the page": {func(_ *ledger, l *left) {
			l.facts["Latex, Fall 4712"] = []found{{kase: " 4712 ", what: "allergy"}}
			l.pages["4711"][0].text += " Latex, Fall 4712"
		}, result{wrong: 1}},
		"the allergy is not on the page": {func(_ *ledger, l *left) { l.facts["Latex, Fall 4711"] = []found{{kase: " 4711 ", what: "allergy"}} }, result{lost: 1}},
		"nobody wrote it": {func(_ *ledger, l *left) {
			l.facts[n] = append(l.facts[n], found{kase: " 4711 ", what: "result spo2", text: "92"})
		}, result{strange: 1}},
		"the draft is gone":        {func(_ *ledger, l *left) { clear(l.drafts) }, result{lost: 1}},
		"the draft is in a chart":  {func(_ *ledger, l *left) { l.facts[entry.Number(other)] = l.facts[n] }, result{strange: 1}},
		"a draft of what stands":   {func(_ *ledger, l *left) { l.drafts[key] = true }, result{doubled: 1}},
		"the refused is signed":    {func(g *ledger, _ *left) { g.refused[key] = true }, result{strange: 1}},
		"the record is another's":  {func(g *ledger, _ *left) { g.lines = append(g.lines, line{form: "dose", kase: "4711", seq: 9}) }, result{lost: 1}},
		"admitted in two charts":   {admitted(func(l *left) { l.stays["4711"] = append(l.stays["4711"], l.stays["4711"]...) }), result{doubled: 1}},
		"admitted as another":      {admitted(func(l *left) { l.stays["4711"][0].name = "Meier" }), result{wrong: 1}},
		"admitted to another ward": {admitted(func(l *left) { l.stays["4711"][0].place.Ward = "3B" }), result{changed: 1}},
		"the case was given twice": {admitted(func(l *left) { l.entries[2] = l.entries[1] }), result{doubled: 2}},
	} {
		g, l := sound()
		x.harm(g, l)
		var said []string
		got := g.compare(l, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
		got.signed = 0
		if got != x.want {
			t.Errorf("%s: %+v, want %+v:\n%s", name, got, x.want, strings.Join(said, "\n"))
		}
	}
}

// third is the key of one more entry.
const third = "0191f0f0f0f070008000000000000003"

// sent makes a note that stands and that was sent without an answer.
func sent(harm func(*attempt)) func(*ledger, *left) {
	return func(g *ledger, l *left) {
		l.versions[third] = []entry.Entry{{Key: third, Root: third, Form: "note", Patient: "m", By: clinical.Staff{ID: "pflege"}, Fields: map[string]string{"text": "schläft"}}}
		l.signed[third] = 1
		a := attemptOf("pflege", "/patient/m/write/note", url.Values{"key": {third}, "text": {"schläft "}, "act": {"sign"}})
		g.attempts = append(g.attempts, a)
		harm(a)
	}
}

// paper makes a sheet that was handed in and lies in the chart.
func paper(harm func(*leaf, *left)) func(*ledger, *left) {
	return func(g *ledger, l *left) {
		x := &leaf{bedside: bedside{kase: "4711"}, serial: "7K2M9QXTE4", scans: 1, filed: true}
		g.paper = map[string]*leaf{x.serial: x}
		l.versions[third] = []entry.Entry{{Key: third, Root: third, Form: entry.SheetForm, Case: "4711", Sheet: x.serial, Fields: map[string]string{entry.SheetMatch: "person"}}}
		l.facts[entry.Number(third)] = []found{{kase: " 4711 ", what: "document"}}
		harm(x, l)
	}
}

// admitted makes the entry an admission to 3A.
func admitted(harm func(*left)) func(*ledger, *left) {
	return func(g *ledger, l *left) {
		x, e := &g.lines[0], l.entries[1]
		fields := map[string]string{"family": "Müller", "place": "3A"}
		x.form, x.fields, x.begins = "admit-new", fields, true
		e.Form, e.Fields, e.IDs = "admit-new", fields, []clinical.Identifier{{Value: "N1"}}
		l.entries[1], l.versions[e.Key] = e, []entry.Entry{e}
		l.facts[entry.Number(e.Key)] = []found{{kase: " 4711 ", what: "movement", text: "3A"}}
		harm(l)
	}
}
