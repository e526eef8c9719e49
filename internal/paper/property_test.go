package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// odd makes strings as senders make them: long, in any script, with control
// and direction characters, line ends and broken bytes.
type odd struct{ r *rand.Rand }

func (o odd) text() string {
	pieces := []string{"Ärztin", "ß", "ẞ", " ", "\n", "\r\n", "\t", "\x00", "\u202e", "\u200b", "é", "e\u0301", "Ångström", "漢字", "😀", "العربية", "\xff\xfe", "µg/l", "≥", "-", "/", strings.Repeat("W", 70), strings.Repeat("il ", 12), "Ż", "|", "()", "<<>>", "%s", "\\", "½", "İ"}
	var b strings.Builder
	for range o.r.IntN(12) {
		b.WriteString(pieces[o.r.IntN(len(pieces))])
	}
	if o.r.IntN(300) == 0 {
		return strings.Repeat(b.String(), 60)
	}
	return b.String()
}

func (o odd) time() time.Time {
	switch o.r.IntN(8) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(math.MaxInt32*int64(o.r.IntN(3)), 0)
	}
	return printed.Add(-time.Duration(o.r.IntN(9*24*60)) * time.Minute)
}

func (o odd) origin() clinical.Origin {
	return clinical.Origin{Seq: o.r.Uint64(), Feed: []string{"here", "kis-adt", o.text()}[o.r.IntN(3)], Received: o.time()}
}

func (o odd) coded() clinical.Coded {
	return clinical.Coded{Code: o.text(), Text: o.text(), System: "LN"}
}

// pick returns one of the given values.
func pick[T any](o odd, of ...T) T { return of[o.r.IntN(len(of))] }

func (o odd) patient(drugs int) *chart.Patient {
	p := &chart.Patient{Key: clinical.PatientKey(fmt.Sprintf("key%d", o.r.Uint32()))}
	p.IDs = []clinical.Identifier{{Value: o.text()}}
	p.Name = known(clinical.Name{Family: o.text(), Given: o.text(), Prefix: o.text(), Title: o.text(), Further: o.text()}, printed)
	p.Birth = known(clinical.Date{Year: o.r.IntN(3000), Month: o.r.IntN(14), Day: o.r.IntN(33)}, printed)
	p.Sex.V = clinical.Sex(pick(o, "F", "M", "D", "", "X?"))
	if o.r.IntN(2) == 0 {
		s := stayAt(clinical.CaseNo(o.text()), o.text(), o.text(), o.text(), o.time(), o.text())
		s.Attending.V.Name = o.text()
		p.Stays = []chart.Stay{s}
	}
	for range o.r.IntN(10) {
		p.Allergies = append(p.Allergies, chart.Item[clinical.Allergy]{Origin: o.origin(), Cancelled: o.r.IntN(5) == 0, V: clinical.Allergy{To: o.coded(), Reaction: o.text(), Severity: o.text()}})
		p.Alerts = append(p.Alerts, chart.Item[clinical.Alert]{Origin: o.origin(), V: clinical.Alert{Kind: pick(o, clinical.Isolation, clinical.Cave, clinical.Risk, clinical.Resuscitation), What: o.coded(), Until: o.time()}})
		p.Diagnoses = append(p.Diagnoses, chart.Item[clinical.Diagnosis]{Origin: o.origin(), V: clinical.Diagnosis{What: o.coded(), Kind: o.text(), At: o.time()}})
		p.Orders = append(p.Orders, chart.Item[clinical.Order]{Origin: o.origin(), V: clinical.Order{What: o.coded(), Status: pick(o, clinical.Ordered, clinical.OnHold, ""), Question: o.text(), Due: o.time(), Requested: o.time()}})
		p.Documents = append(p.Documents, chart.Item[clinical.Document]{Origin: o.origin(), V: clinical.Document{Title: o.text(), Text: o.text(), At: o.time(), Status: pick(o, clinical.Final, clinical.Withdrawn, "")}})
		p.Appointments = append(p.Appointments, chart.Item[clinical.Appointment]{V: clinical.Appointment{What: o.coded(), Start: o.time(), Place: o.text()}})
	}
	for range o.r.IntN(60) {
		p.Results = append(p.Results, o.result())
	}
	for i := range drugs {
		d := drug(i, fmt.Sprintf("ZZ%03dQQ ", i)+o.text(), o.text(), o.text(), o.text(), o.text(), pick(o, "1-0-1-0", "1-1-1", "", o.text()), o.text())
		d.Cancelled, d.V.AsNeeded, d.V.Rate, d.V.Note = o.r.IntN(8) == 0, o.r.IntN(6) == 0, pick(o, "", "", o.text()), o.text()
		d.V.Status = pick(o, clinical.InProgress, clinical.Completed, clinical.OnHold, "")
		for range o.r.IntN(9) {
			d.V.Times = append(d.V.Times, clinical.DayTime(o.r.IntN(3000)-500))
			p.Doses = append(p.Doses, chart.Item[clinical.Dose]{V: clinical.Dose{Drug: clinical.Coded{Text: "Gabe"}, Prescription: d.V.Key(), At: o.time(), Status: pick(o, clinical.Given, clinical.Refused, clinical.Partly), Reason: o.text()}})
		}
		p.Medication = append(p.Medication, d)
	}
	return p
}

func (o odd) result() chart.Item[clinical.Result] {
	v := pick(o, 37.2, -1, 1e300, math.Inf(1), math.NaN(), 0)
	r := clinical.Result{Code: o.coded(), Panel: o.coded(), Section: pick(o, clinical.Laboratory, clinical.Vitals, clinical.Microbiology), Value: o.text(), Unit: o.text(), Range: o.text(), Flags: []string{pick(o, "HH", "N", "L", "", "zz")}, Status: pick(o, clinical.Final, clinical.Pending, clinical.Corrected, clinical.Withdrawn), At: o.time(), Comment: o.text()}
	if o.r.IntN(2) == 0 {
		r.Number = &v
	}
	if o.r.IntN(3) == 0 {
		r.Code.Code = pick(o, loincTemperature, loincPulse, loincSystolic, loincDiastolic, loincWeight)
	}
	return chart.Item[clinical.Result]{V: r, Origin: o.origin(), Cancelled: o.r.IntN(9) == 0, Was: []chart.Version[clinical.Result]{{V: clinical.Result{Value: o.text()}}}}
}

func FuzzNoPatientMakesASheetPanic(f *testing.F) {
	for i := range uint64(6) {
		f.Add(i, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, english bool) {
		o := odd{rand.New(rand.NewPCG(seed, 7))}
		l := lang.DE
		if english {
			l = lang.EN
		}
		h := headOf(pick(o, incident.Normal, incident.Emergency, incident.Exercise), l)
		h.Hospital, h.Where, h.PrintedBy = o.text(), o.text(), o.text()
		p := o.patient(o.r.IntN(12))
		w := chart.Ward{Code: o.text(), Name: o.text(), Rows: []chart.Row{{Key: p.Key, Name: p.Name.V, NamesAlike: true, Allergies: []string{o.text()}, Reason: o.text()}}}
		if err := WardPack(io.Discard, h, w, []*chart.Patient{p, nil}, packOptions()); err != nil {
			t.Fatal(err)
		}
		if err := Wristband(io.Discard, h, []Band{{Patient: p, Mother: p}}, AdultBand()); err != nil {
			t.Fatal(err)
		}
		if err := Labels(io.Discard, h, []*chart.Patient{p}, Labels70x37(), 1, 1); err != nil {
			t.Fatal(err)
		}
		if err := Blanks(io.Discard, h, o.blanks(p), packOptions()); err != nil {
			t.Fatal(err)
		}
		if err := WardResults(io.Discard, h, ResultList{w, "7K2M9QXTE4", o.time(), []BedResults{{Row: w.Rows[0], Results: p.Results}}}, packOptions()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEveryDrugOfAnOddPatientStandsInThePlanOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			o := odd{rand.New(rand.NewPCG(seed, 11))}
			p := o.patient(25)
			d := drawTo(t, func(w io.Writer) error { return Patient(w, headOf(incident.Emergency, lang.DE), p, packOptions()) })
			text := d.flat(t)
			for i := range p.Medication {
				if n := strings.Count(text, fmt.Sprintf("ZZ%03dQQ", i)); n != 1 {
					t.Errorf("drug %d stands in the text %d times", i, n)
				}
			}
			checkBoxes(t, d)
		})
	}
}

func TestAllRowsOfACrowdedPatientArePrinted(t *testing.T) {
	t.Parallel()
	p := crowded()
	text := drawTo(t, func(w io.Writer) error { return Patient(w, headOf(incident.Normal, lang.DE), p, packOptions()) }).flat(t)
	for i := range 60 {
		if n := strings.Count(text, fmt.Sprintf("Präparat-%03d", i)); n != 1 {
			t.Errorf("Präparat-%03d stands in the text %d times", i, n)
		}
	}
	for i := range 150 {
		if n := strings.Count(text, fmt.Sprintf("Zeile %03d", i)); n != 1 {
			t.Errorf("line %d of the finding stands in the text %d times", i, n)
		}
	}
	for i := range 40 {
		if !strings.Contains(text, fmt.Sprintf("Allergen-%02d", i)) {
			t.Errorf("allergy %d is missing", i)
		}
	}
}

func stations(n int) iter.Seq2[Station, error] {
	return func(yield func(Station, error) bool) {
		for range n {
			w, p := ward3A()
			if !yield(Station{Ward: w, Patients: p}, nil) {
				return
			}
		}
	}
}

func TestAHousePackCountsPagesOverAllWardsAndTellsProgress(t *testing.T) {
	t.Parallel()
	var steps []int
	d := drawTo(t, func(w io.Writer) error {
		return House(t.Context(), w, headOf(incident.Emergency, lang.DE), stations(3), 9, packOptions(), func(done, total int) {
			if total != 9 {
				t.Errorf("total %d", total)
			}
			steps = append(steps, done)
		})
	})
	if !slices.Equal(steps, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Errorf("progress %v", steps)
	}
	text := d.flat(t)
	if strings.Count(text, "Seite") != 48 || !strings.Contains(text, "Seite 48 von") || strings.Count(d.text(t), "\f") != 48 {
		t.Error("pages are not counted over the whole house")
	}
}

// meter counts what was written when a patient was done.
type meter struct{ n int }

func (m *meter) Write(b []byte) (int, error) { m.n += len(b); return len(b), nil }

func TestAHousePackLeavesMemoryWardByWard(t *testing.T) {
	t.Parallel()
	var m meter
	var seen []int
	err := House(t.Context(), &m, headOf(incident.Normal, lang.DE), stations(12), 36, packOptions(), func(int, int) { seen = append(seen, m.n) })
	if err != nil {
		t.Fatal(err)
	}
	if half := seen[len(seen)/2]; half < m.n/4 {
		t.Errorf("after half of the patients %d of %d bytes were written", half, m.n)
	}
}

func TestAHousePackStopsWhenAskedTo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := House(ctx, io.Discard, headOf(incident.Normal, lang.DE), stations(5), 15, packOptions(), func(done, _ int) {
		if done == 4 {
			cancel()
		}
		if done > 4 {
			t.Error("went on after the stop")
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	broken := errors.New("broken")
	err = House(t.Context(), io.Discard, headOf(incident.Normal, lang.DE), func(yield func(Station, error) bool) { yield(Station{}, broken) }, 0, packOptions(), nil)
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// full is a printer or disk that takes n bytes.
type full struct{ n int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.n {
		n := f.n
		f.n = 0
		return n, errFull
	}
	f.n -= len(b)
	return len(b), nil
}

func TestAFullDiskIsAnErrorWhereverItHappens(t *testing.T) {
	t.Parallel()
	ward, patients := ward3A()
	var whole bytes.Buffer
	if err := WardPack(&whole, headOf(incident.Normal, lang.DE), ward, patients, packOptions()); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < whole.Len(); n += 4001 {
		if err := WardPack(&full{n}, headOf(incident.Normal, lang.DE), ward, patients, packOptions()); !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}
