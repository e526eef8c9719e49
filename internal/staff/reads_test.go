package staff

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
)

func anyPatient(s string) clinical.PatientKey { return clinical.PatientKey(s) }

func TestARefreshIsTheSameRead(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{})
	base := Read{Person: "s.weber", Session: "s1", Page: "chart/lab", Patient: "annaannaannaanna", Case: "4711001", Ward: "3A", Mode: "emergency", AsOf: 10}
	first, err := h.RecordRead(t.Context(), base)
	h.must(err)
	for _, c := range []struct {
		name   string
		after  time.Duration
		change func(*Read)
		same   bool
	}{
		{"a minute later", time.Minute, func(*Read) {}, true},
		{"with newer data", 0, func(r *Read) { r.AsOf = 99 }, true},
		{"another page", 0, func(r *Read) { r.Page = "chart/vitals" }, false},
		{"another patient", 0, func(r *Read) { r.Patient = "bertbertbertbert" }, false},
		{"another session", 0, func(r *Read) { r.Session = "s2" }, false},
		{"another mode", 0, func(r *Read) { r.Mode = "normal" }, false},
		{"under a glass", 0, func(r *Read) { r.Glass, r.Reason = true, "Notfall" }, false},
		{"five minutes after the first", 4 * time.Minute, func(*Read) {}, false},
	} {
		h.clock.step(c.after)
		r := base
		c.change(&r)
		seq, err := h.RecordRead(t.Context(), r)
		h.must(err)
		if (seq == first) != c.same {
			t.Errorf("%s: record %d, the first is %d, want same %v", c.name, seq, first, c.same)
		}
	}
	for _, page := range []string{"search", "print/ward", "export", "raw"} {
		r := base
		r.Page = page
		a, err := h.RecordRead(t.Context(), r)
		h.must(err)
		b, err := h.RecordRead(t.Context(), r)
		h.must(err)
		if a == b {
			t.Errorf("%s twice is one record", page)
		}
	}
	if n := m.count(journal.Read); n != 15 {
		t.Errorf("%d records, want 15", n)
	}
	_, err = h.RecordRead(t.Context(), Read{Page: "ward"})
	refused(t, "read by nobody", err, fault.Internal)
}

// TestReadsAreFoundByEveryFilter compares the answers with a plain search
// through all records, with clocks that step back now and then.
func TestReadsAreFoundByEveryFilter(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{})
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[rnd.IntN(len(s))] }
	var all []Read
	begin := h.clock.now()
	for i := range 600 {
		d := time.Duration(rnd.IntN(40)) * time.Second
		if i%97 == 96 {
			d = -3 * time.Hour
		}
		h.clock.step(d)
		r := Read{Time: h.clock.now().Add(-time.Duration(rnd.IntN(90)) * time.Second), Person: pick("s.weber", "lange", "vogel"),
			Patient: anyPatient(pick("", "annaannaannaanna", "bertbertbertbert")), Ward: pick("", "3A", "3B"),
			Page: pick("ward", "search", "chart/lab"), Glass: rnd.IntN(20) == 0, What: fmt.Sprint(i)}
		seq, err := h.RecordRead(t.Context(), r)
		h.must(err)
		r.Seq = uint64(seq)
		all = append(all, r)
	}
	for range 400 {
		f := ReadFilter{Limit: 1 + rnd.IntN(30)}
		if rnd.IntN(3) == 0 {
			f.Person = pick("s.weber", "niemand")
		}
		if rnd.IntN(3) == 0 {
			f.Patient = "annaannaannaanna"
		}
		if rnd.IntN(3) == 0 {
			f.Ward = "3B"
		}
		if rnd.IntN(4) == 0 {
			f.Page = "search"
		}
		f.Glass = rnd.IntN(6) == 0
		if rnd.IntN(2) == 0 {
			f.From = begin.Add(time.Duration(rnd.IntN(12000)-6000) * time.Second)
		}
		if rnd.IntN(2) == 0 {
			f.To = begin.Add(time.Duration(rnd.IntN(12000)-6000) * time.Second)
		}
		compareReads(t, h, all, f)
	}
}

// compareReads pages through f and compares with all.
func compareReads(t *testing.T, h *house, all []Read, f ReadFilter) {
	t.Helper()
	var want []uint64
	for _, r := range slices.Backward(all) {
		if (f.Person == "" || r.Person == f.Person) && (f.Patient == "" || r.Patient == f.Patient) &&
			(f.Ward == "" || r.Ward == f.Ward) && (f.Page == "" || r.Page == f.Page) && (!f.Glass || r.Glass) &&
			(f.From.IsZero() || !r.Time.Before(f.From)) && (f.To.IsZero() || r.Time.Before(f.To)) {
			want = append(want, r.Seq)
		}
	}
	var got []uint64
	page := f
	for {
		reads, err := h.Reads(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reads {
			got = append(got, r.Seq)
		}
		if len(reads) < f.Limit {
			break
		}
		page.Before = got[len(got)-1]
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v: got %v, want %v", f, got, want)
	}
}

func TestGlassIsRecordedAndReported(t *testing.T) {
	t.Parallel()
	var alarms []string
	m := newMemory()
	h := houseOn(t, m, Options{Alarm: func(_ context.Context, s Session, g Glass) {
		alarms = append(alarms, s.Person.ID+" "+g.Ward+" "+g.Until.Format("15:04"))
	}}).staffed()
	token, s := h.signIn("s.weber", weberPassword)
	now := h.clock.now()
	refused(t, "no reason", h.OpenGlass(t.Context(), s, Glass{Ward: "3B"}), fault.Invalid)
	refused(t, "blanks", h.OpenGlass(t.Context(), s, Glass{Ward: "3B", Reason: "         "}), fault.Invalid)
	refused(t, "ended before it began", h.OpenGlass(t.Context(), s, Glass{Reason: "Notfall", Until: now.Add(-time.Hour)}), fault.Invalid)
	refused(t, "session of nobody", h.OpenGlass(t.Context(), Session{ID: "x", Person: s.Person}, Glass{Reason: "Notfall"}), fault.Unsigned)
	h.must(h.OpenGlass(t.Context(), s, Glass{Ward: "3B", Reason: "Reanimation auf 3B"}))
	h.must(h.OpenGlass(t.Context(), s, Glass{Reason: "Kurve der eigenen Station", Until: now.Add(1000 * time.Hour)}))
	if want := []string{"s.weber 3B 03:14", "s.weber  06:14"}; !slices.Equal(alarms, want) {
		t.Errorf("alarms %q, want %q", alarms, want)
	}
	h.restart()
	s, err := h.Session(t.Context(), token)
	h.must(err)
	d := h.MayRead(s, false, "3B", "annaannaannaanna", SeeChart, h.clock.now())
	if !d.Allowed() || d.Glass == nil || d.Glass.Reason != "Reanimation auf 3B" {
		t.Errorf("decision after a restart is %+v", d)
	}
	h.must(h.Add(t.Context(), Console(), Person{ID: "pruef", Name: "R. Evision", Roles: []Role{Auditor}}))
	h.must(h.SetPassword(t.Context(), Console(), "pruef", weberPassword))
	_, s = h.signIn("pruef", weberPassword)
	refused(t, "the auditor opens a glass", h.OpenGlass(t.Context(), s, Glass{Reason: "Neugier"}), fault.Forbidden)
}
