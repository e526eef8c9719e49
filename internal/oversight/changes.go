package oversight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/review"
)

// ChangeKind says what was done to the hospital's own data.
type ChangeKind string

const (
	ResultWithdrawn   ChangeKind = "result-withdrawn"   // OBX-11 D, W
	ResultCorrected   ChangeKind = "result-corrected"   // OBX-11 C
	ResultSilent      ChangeKind = "result-silent"      // a final value sent again with another one, and not marked as corrected
	DocumentWithdrawn ChangeKind = "document-withdrawn" // MDM T11
	DocumentAltered   ChangeKind = "document-altered"   // MDM T08 to T10, or sent again with another text
	MovementCancelled ChangeKind = "movement-cancelled" // ADT A11, A12, A13 …
	OrderCancelled    ChangeKind = "order-cancelled"
	EntryRemoved      ChangeKind = "entry-removed" // an allergy, diagnosis, procedure or warning was taken back
	Merged            ChangeKind = "merged"
	PersonDeleted     ChangeKind = "person-deleted" // ADT A29
	Moved             ChangeKind = "moved"          // A37, A44, A45: a merge taken back, a case given to another patient
)

// Name is what people call a change.
func (k ChangeKind) Name() lang.Text {
	switch k {
	case ResultWithdrawn:
		return lang.Text{DE: "Ergebnis gelöscht", EN: "Result deleted"}
	case ResultCorrected:
		return lang.Text{DE: "Ergebnis korrigiert", EN: "Result corrected"}
	case ResultSilent:
		return lang.Text{DE: "Endgültiges Ergebnis ohne Vermerk geändert", EN: "Final result changed without a mark"}
	case DocumentWithdrawn:
		return lang.Text{DE: "Befund gelöscht", EN: "Finding deleted"}
	case DocumentAltered:
		return lang.Text{DE: "Befund geändert", EN: "Finding altered"}
	case MovementCancelled:
		return lang.Text{DE: "Aufnahme oder Bewegung storniert", EN: "Admission or movement cancelled"}
	case OrderCancelled:
		return lang.Text{DE: "Auftrag storniert", EN: "Order cancelled"}
	case EntryRemoved:
		return lang.Text{DE: "Eintrag zurückgenommen", EN: "Entry taken back"}
	case Merged:
		return lang.Text{DE: "Patienten zusammengeführt", EN: "Patients merged"}
	case PersonDeleted:
		return lang.Text{DE: "Patient beim Sender gelöscht", EN: "Patient deleted at the sender"}
	case Moved:
		return lang.Text{DE: "Zusammenführung gelöst oder Fall umgehängt", EN: "Merge taken back or case moved"}
	}
	return lang.Text{}
}

// ChangeKinds returns every kind, the gravest first.
func ChangeKinds() []ChangeKind {
	return []ChangeKind{DocumentWithdrawn, ResultWithdrawn, ResultSilent, PersonDeleted, DocumentAltered, ResultCorrected, Moved, Merged, MovementCancelled, EntryRemoved, OrderCancelled}
}

// Change is one alteration with what stood before and after.
type Change struct {
	Ref     string // the same alteration has the same Ref
	Kind    ChangeKind
	At      time.Time // when the hub received it
	Sent    time.Time // when the message says it was sent
	Patient clinical.PatientKey
	Case    clinical.CaseNo
	Label   string // what it is: "Kalium", "Arztbrief"; no value
	Before  string // health data; "" where it is not known here
	After   string // health data
	BeforeN uint64 // record that said it, 0 unknown
	Seq     uint64 // record that altered it
	Feed    string
	By      string // as the message names people: "EVN-5 weber; OBX-16 Dr. Lang", "" if it names none
}

// Grave reports whether something is gone or silently different.
func (c *Change) Grave() bool {
	switch c.Kind {
	case ResultWithdrawn, ResultSilent, DocumentWithdrawn, DocumentAltered, PersonDeleted, ResultCorrected:
		return true
	default:
		return false
	}
}

// changes returns what was deleted or altered in a span, the newest first: what
// messages of the hospital's systems withdrew, corrected, cancelled, merged, and
// what they sent again with another content.
// What it learns on the way of patients who were read, or of whom something grave
// was altered, goes into known: of everybody else nothing is asked.
func (d *Desk) changes(ctx context.Context, span review.Span, read map[clinical.PatientKey]bool, known map[clinical.PatientKey]review.Patient, tell func(Progress)) ([]Change, error) {
	keys, err := d.touched(ctx, span.From)
	if err != nil {
		return nil, err
	}
	f := finder{span: span, zone: d.o.Zone}
	err = d.each(ctx, keys, chart.All(), func(key clinical.PatientKey, p *chart.Patient) {
		from, asked := len(f.out), read[key]
		f.patient(p)
		for i := range f.out[from:] {
			asked = asked || f.out[from+i].Grave()
		}
		if asked && len(known) < maxPatients {
			known[key] = patientOf(p)
		}
		for i := range f.out[from:] { // a document may be long: it is read again where it is shown
			f.out[from+i].Before, f.out[from+i].After = "", ""
		}
	}, func(n int) { tell(Progress{Comparing, n, len(keys)}) })
	if err == nil {
		err = d.moved(ctx, &f)
	}
	if err != nil {
		return nil, err
	}
	for i := range f.out {
		f.out[i].By = d.namedIn(ctx, &f.out[i])
	}
	slices.SortStableFunc(f.out, func(a, b Change) int { return b.At.Compare(a.At) })
	return f.out, ctx.Err()
}

func (d *Desk) touched(ctx context.Context, since time.Time) (keys []clinical.PatientKey, err error) {
	v, err := d.charts.View(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	list, err := v.Touched(ctx, since)
	for _, t := range list {
		keys = append(keys, t.Key)
	}
	return keys, err
}

// Whole returns changes of a review with what stood before and after, read anew
// from the charts.
func (d *Desk) Whole(ctx context.Context, span review.Span, list []Change) ([]Change, error) {
	want := map[clinical.PatientKey]bool{}
	for i := range list {
		want[list[i].Patient] = true
	}
	f := finder{span: span, zone: d.o.Zone}
	refs := map[string]int{}
	for i := range list {
		refs[list[i].Ref] = i
	}
	out := slices.Clone(list)
	err := d.each(ctx, slices.Sorted(maps.Keys(want)), chart.All(), func(_ clinical.PatientKey, p *chart.Patient) {
		f.out = f.out[:0]
		f.patient(p)
		for i := range f.out {
			if at, ok := refs[f.out[i].Ref]; ok {
				out[at].Before, out[at].After = f.out[i].Before, f.out[i].After
			}
		}
	}, func(int) {})
	return out, err
}

// finder collects the changes of a span.
type finder struct {
	span review.Span
	zone *time.Location
	p    *chart.Patient
	out  []Change
}

func (f *finder) add(kind ChangeKind, o clinical.Origin, kase clinical.CaseNo, label, before, after string, was uint64) {
	if !f.span.Has(o.Received) {
		return
	}
	f.out = append(f.out, Change{
		Ref: fmt.Sprintf("%s-%d-%d-%s", kind, o.Seq, was, label), Kind: kind, At: o.Received, Sent: o.Sent, Patient: f.p.Key, Case: kase,
		Label: label, Before: before, After: after, BeforeN: was, Seq: o.Seq, Feed: o.Feed,
	})
}

func (f *finder) patient(p *chart.Patient) {
	f.p = p
	for i := range p.Results {
		f.result(&p.Results[i])
	}
	for i := range p.Documents {
		f.document(&p.Documents[i])
	}
	for i := range p.Stays {
		s := &p.Stays[i]
		for j := range s.Movements {
			if m := &s.Movements[j]; m.Cancelled {
				text := fmt.Sprintf("%s %s %s", m.V.Kind.Name().DE, m.V.Start.In(f.zone).Format("02.01.2006 15:04"), place(m.V.To))
				f.add(MovementCancelled, m.Origin, s.Case, m.V.Kind.Name().DE, text, gone(), firstSeq(m.Was))
			}
		}
	}
	for i := range p.Orders {
		o := &p.Orders[i]
		if o.V.Status == clinical.Cancelled && len(o.Was) > 0 && o.Was[0].V.Status != clinical.Cancelled {
			f.add(OrderCancelled, o.Origin, o.Case, o.V.What.Label(), o.V.What.Label()+" ("+o.Was[0].V.Status.Name().DE+")", gone(), o.Was[0].Origin.Seq)
		}
	}
	removed(f, p.Allergies, func(a *clinical.Allergy) string { return "Allergie " + a.To.Label() })
	removed(f, p.Diagnoses, func(x *clinical.Diagnosis) string { return "Diagnose " + x.What.Label() })
	removed(f, p.Procedures, func(x *clinical.Procedure) string { return "Prozedur " + x.What.Label() })
	removed(f, p.Alerts, func(a *clinical.Alert) string { return "Warnung " + a.What.Label() })
	for _, l := range p.Linked {
		var ids []string
		for _, id := range l.IDs {
			ids = append(ids, id.Value)
		}
		f.add(Merged, l.Origin, "", "Nr. "+strings.Join(ids, ", "), strings.Join(ids, ", "), numberOf(p), 0)
	}
	if p.Withdrawn.Known && p.Withdrawn.V {
		f.add(PersonDeleted, p.Withdrawn.Origin, "", "Person", numberOf(p), gone(), 0)
	}
}

func removed[T any](f *finder, list []chart.Item[T], say func(*T) string) {
	for i := range list {
		if it := &list[i]; it.Cancelled {
			f.add(EntryRemoved, it.Origin, it.Case, say(&it.V), say(&it.V), gone(), firstSeq(it.Was))
		}
	}
}

func firstSeq[T any](was []chart.Version[T]) uint64 {
	if len(was) == 0 {
		return 0
	}
	return was[0].Origin.Seq
}

func gone() string { return "–" }

func place(p clinical.Place) string { return strings.TrimSpace(p.Ward + " " + p.Room + " " + p.Bed) }

func numberOf(p *chart.Patient) string {
	if len(p.IDs) == 0 {
		return string(p.Key)
	}
	return p.IDs[0].Value
}

// result walks the versions of one result from the newest back.
func (f *finder) result(it *chart.Item[clinical.Result]) {
	now, at := it.V, it.Origin
	if len(it.Was) == 0 && now.Status == clinical.Withdrawn {
		f.add(ResultWithdrawn, at, it.Case, now.Code.Label(), "", gone(), 0)
	}
	for i := range it.Was {
		w := &it.Was[i]
		if chart.MeasuredLater(it, w) {
			continue
		}
		kind := ChangeKind("")
		switch {
		case now.Status == clinical.Withdrawn && w.V.Status != clinical.Withdrawn:
			kind = ResultWithdrawn
		case now.Status == clinical.Corrected && valueOf(&now) != valueOf(&w.V):
			kind = ResultCorrected
		case (w.V.Status == clinical.Final || w.V.Status == clinical.Corrected) && now.Status == clinical.Final && !w.V.Device && valueOf(&now) != valueOf(&w.V):
			kind = ResultSilent
		}
		if kind != "" {
			after := valueOf(&now)
			if kind == ResultWithdrawn {
				after = gone()
			}
			f.add(kind, at, it.Case, now.Code.Label(), valueOf(&w.V), after, w.Origin.Seq)
		}
		now, at = w.V, w.Origin
	}
}

func valueOf(r *clinical.Result) string {
	s := strings.TrimSpace(r.Shown() + " " + r.Unit)
	if len(r.Flags) > 0 {
		s += " [" + strings.Join(r.Flags, " ") + "]"
	}
	if r.Comment != "" {
		s += " (" + r.Comment + ")"
	}
	return s
}

// maxText is how much of a document's text stands in a comparison.
const maxText = 20_000

// document walks the versions of one document from the newest back, and looks
// for the one that it replaces.
func (f *finder) document(it *chart.Item[clinical.Document]) {
	label := firstWord(it.V.Title, it.V.Kind.Label(), "Dokument")
	if len(it.Was) == 0 {
		switch {
		case it.V.Status == clinical.Withdrawn:
			f.add(DocumentWithdrawn, it.Origin, it.Case, label, "", gone(), 0)
		case it.V.Replaces != "":
			for i := range f.p.Documents {
				if was := &f.p.Documents[i]; was.V.ID == it.V.Replaces && was != it {
					f.add(DocumentAltered, it.Origin, it.Case, label, textOf(&was.V), textOf(&it.V), was.Origin.Seq)
				}
			}
		}
		return
	}
	now, at := it.V, it.Origin
	for i := range it.Was {
		w := &it.Was[i]
		final := w.V.Status == clinical.Final || w.V.Status == clinical.Corrected
		switch {
		case now.Status == clinical.Withdrawn && w.V.Status != clinical.Withdrawn:
			f.add(DocumentWithdrawn, at, it.Case, label, textOf(&w.V), gone(), w.Origin.Seq)
		case final && now.Status != clinical.Withdrawn && textOf(&now) != textOf(&w.V):
			f.add(DocumentAltered, at, it.Case, label, textOf(&w.V), textOf(&now), w.Origin.Seq)
		}
		now, at = w.V, w.Origin
	}
}

func textOf(d *clinical.Document) string {
	if d.Text == "" && d.Body != (clinical.BodyRef{}) {
		return fmt.Sprintf("%s, %d Bytes", d.Media, d.Body.Size)
	}
	if len(d.Text) > maxText {
		return strings.ToValidUTF8(d.Text[:maxText], "") + " …"
	}
	return d.Text
}

func firstWord(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// movedKinds are the events that leave no trace in one chart: they are looked
// for in the messages themselves.
var movedKinds = [][]byte{[]byte("^A37"), []byte("^A44"), []byte("^A45"), []byte("^A43"), []byte("^A23"), []byte("^A24")}

// moved reads the messages of the span for merges taken back and cases moved.
func (d *Desk) moved(ctx context.Context, f *finder) error {
	from, err := d.firstSince(ctx, f.span.From)
	if err != nil {
		return err
	}
	for head := d.journal.Head(); from <= head; {
		recs, err := d.journal.Read(ctx, from, 1024)
		if err != nil {
			return fmt.Errorf("changes: %w", err)
		}
		if len(recs) == 0 {
			return nil
		}
		for i := range recs {
			r := &recs[i]
			if r.Received.After(f.span.To.Add(time.Hour)) {
				return nil
			}
			if r.Kind == journal.HL7 && slices.ContainsFunc(movedKinds, func(k []byte) bool { return bytes.Contains(r.Body[:min(len(r.Body), 300)], k) }) {
				d.movedBy(r, f)
			}
		}
		from = recs[len(recs)-1].Seq + 1
	}
	return nil
}

func (d *Desk) movedBy(r *journal.Record, f *finder) {
	m, err := hl7.Parse(r.Body)
	if err != nil {
		return
	}
	event := m.Get("MSH-9.2")
	if !slices.ContainsFunc(movedKinds, func(k []byte) bool { return string(k[1:]) == event }) {
		return
	}
	no := m.Get("PID-3.1")
	f.p = &chart.Patient{Key: d.number(no)}
	other := firstWord(m.Get("MRG-1.1"), m.Get("PID[2]-3.1"))
	f.add(Moved, clinical.Origin{Seq: uint64(r.Seq), Feed: r.Source, Received: r.Received}, clinical.CaseNo(m.Get("PV1-19.1")), "ADT^"+event, no, firstWord(other, gone()), 0)
}

// firstSince finds the first record that was received at t or later: the
// journal's own clock hardly goes back.
func (d *Desk) firstSince(ctx context.Context, t time.Time) (journal.Seq, error) {
	lo, hi := journal.Seq(1), d.journal.Head()+1
	for lo < hi {
		mid := lo + (hi-lo)/2
		recs, err := d.journal.Read(ctx, mid, 1) // the next one that was not pruned
		if err != nil {
			return 0, fmt.Errorf("changes: %w", err)
		}
		if len(recs) > 0 && recs[0].Received.Before(t) {
			lo = recs[0].Seq + 1
		} else {
			hi = mid
		}
	}
	return lo, nil
}

// namedIn returns the people whom the message names that altered something.
func (d *Desk) namedIn(ctx context.Context, c *Change) string {
	rec, err := d.journal.Get(ctx, journal.Seq(c.Seq))
	if err != nil || rec.Kind != journal.HL7 {
		return ""
	}
	m, err := hl7.Parse(rec.Body)
	if err != nil {
		return ""
	}
	var out []string
	seen := map[string]bool{}
	for _, path := range []string{"EVN-5", "ORC-19", "ORC-10", "ORC-11", "ORC-12", "OBR-32", "OBX-16", "TXA-11", "TXA-9", "TXA-22"} {
		who := strings.TrimSpace(m.Get(path+".1") + " " + m.Get(path+".2") + " " + m.Get(path+".3"))
		if who != "" && !seen[who] {
			seen[who] = true
			out = append(out, path+" "+who)
		}
	}
	return strings.Join(out, "; ")
}
