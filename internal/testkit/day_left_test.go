package testkit_test

import (
	"cmp"
	"context"
	"regexp"
	"sort"
	"strings"
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

// left is the stopped hub's folder as it is read at the end.
type left struct {
	entries  map[uint64]entry.Entry   // signed, by place in the journal
	versions map[string][]entry.Entry // signed, by root, first one first
	signed   map[string]int           // how often, by key
	begun    map[string]bool          // keys of drafts that were ever kept
	drafts   map[string]bool          // keys of drafts that stand open in charts
	charts   map[clinical.PatientKey]*chart.Patient
	stays    map[string][]stay   // by case
	orders   map[string][]string // cases of the charts that have it, by number
	facts    map[string][]found  // what charts show of entries, by number
	pages    map[string][]bed    // the ward pages on which a case stands
}

func newLeft() *left {
	return &left{
		entries: map[uint64]entry.Entry{}, versions: map[string][]entry.Entry{}, signed: map[string]int{}, begun: map[string]bool{}, drafts: map[string]bool{},
		charts: map[clinical.PatientKey]*chart.Patient{}, stays: map[string][]stay{}, orders: map[string][]string{}, facts: map[string][]found{}, pages: map[string][]bed{},
	}
}

// found is one thing in a chart that an entry said.
type found struct {
	kase string // of the chart: every case of the patient
	what string // kind and part: "result pulse", "document"
	text string
	at   time.Time
	gone bool // struck out
}

// stay is one case as a chart shows it.
type stay struct {
	name  string // of the patient
	place clinical.Place
	state chart.StayState
	dead  bool
}

// bed is one row of a ward page.
type bed struct {
	ward string
	text string
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
	out := newLeft()
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
			if e.Patient != "" { // a page that was set aside is about nobody
				everybody[e.Patient] = true
			}
			if e.State == entry.Signed {
				out.versions[e.Root] = append(out.versions[e.Root], e)
				out.signed[e.Key]++
				out.entries[uint64(rec.Seq)] = e
			} else {
				out.begun[e.Key] = true
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
			l.stays[string(s.Case)] = append(l.stays[string(s.Case)], stay{p.Name.V.Family, s.Now.V, s.State, p.Dead.V || !p.Died.V.IsZero()})
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
			add(cmp.Or(x.V.Placer, x.V.Filler), x.Origin, found{what: "lab " + x.V.Code.Text, text: x.V.Value, at: x.V.At, gone: x.Cancelled || x.V.Status == clinical.Withdrawn})
			continue
		}
		add(cmp.Or(x.V.Filler, x.V.Placer), x.Origin, found{what: "result " + x.V.SubID, text: x.V.Value, at: x.V.At, gone: x.Cancelled || x.V.Status == clinical.Withdrawn})
	}
	for _, x := range p.Documents { // a finding is named after its order
		add(strings.TrimPrefix(x.V.ID, "NB/"), x.Origin, found{what: "document", text: x.V.Title + " " + x.V.Text, at: x.V.At, gone: x.Cancelled || x.V.Status == clinical.Withdrawn})
	}
	for _, x := range p.Diagnoses {
		add(x.V.ID, x.Origin, found{what: "diagnosis", text: x.V.What.Text, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Procedures {
		add(x.V.ID, x.Origin, found{what: "procedure", text: x.V.What.Text, at: x.V.At, gone: x.Cancelled})
	}
	l.takeDrugs(p, add)
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
	for _, x := range p.Notices {
		add(cmp.Or(x.V.Did, x.V.Told.Name), x.Origin, found{what: "notice", text: x.V.By.ID, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Drafts {
		l.drafts[x.V.Key] = true
	}
}

// takeDrugs takes up what is prescribed, given, reviewed and asked for.
func (l *left) takeDrugs(p *chart.Patient, add func(string, clinical.Origin, found)) {
	for _, x := range p.Doses {
		add(x.V.ID, x.Origin, found{what: "dose", text: string(x.V.Status) + " " + x.V.Amount, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Medication {
		add(x.V.Placer, x.Origin, found{what: "prescription", text: x.V.Drug.Text + " " + x.V.Note})
	}
	for _, x := range p.Reviews {
		add(x.V.ID, x.Origin, found{what: "review", text: x.V.Remark, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Requests {
		add(x.V.ID, x.Origin, found{what: "request", text: x.V.Drug + " " + x.V.Amount + " " + x.V.Note, at: x.V.At, gone: x.Cancelled})
	}
	for _, x := range p.Replies {
		add(x.V.ID, x.Origin, found{what: "reply", text: x.V.Note, at: x.V.At, gone: x.Cancelled})
	}
}
