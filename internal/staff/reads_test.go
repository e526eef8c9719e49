package staff

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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
	for _, page := range []string{"evidence/item", "review/hit"} {
		r := base
		r.Page, r.What = page, "B1-0001"
		a, err := h.RecordRead(t.Context(), r)
		h.must(err)
		r.What = "B1-0002"
		b, err := h.RecordRead(t.Context(), r)
		h.must(err)
		if a == b {
			t.Errorf("%s: the look at another one is not on record", page)
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
	if n := m.count(journal.Read); n != 19 {
		t.Errorf("%d records, want 19", n)
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

func TestReadsAreForgottenByAge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 10 {
		_, err := h.RecordRead(t.Context(), Read{Person: "s.weber", Page: "search"})
		h.must(err)
		h.clock.step(time.Hour)
	}
	_, err := h.Reads(t.Context(), ReadFilter{})
	h.must(err)
	n, err := h.ForgetReads(t.Context(), h.clock.now().Add(-3*time.Hour), 1<<62)
	h.must(err)
	left, err := h.Reads(t.Context(), ReadFilter{})
	h.must(err)
	if n != 7 || len(left) != 3 {
		t.Errorf("%d forgotten, %d left, want 7 and 3", n, len(left))
	}
}

// BenchmarkReads measures one page of the audit among 100,000 reads, and the
// write of one.
func BenchmarkReads(b *testing.B) {
	h := benchHouse(b, 100_000)
	for name, f := range map[string]ReadFilter{
		"newest":       {},
		"patient":      {Patient: "patient000000077"},
		"person_range": {Person: "p17", From: h.now().Add(-100 * time.Hour), To: h.now().Add(-90 * time.Hour)},
		"old_range":    {From: time.Unix(1_800_010_000, 0), To: time.Unix(1_800_020_000, 0)},
		"glass":        {Glass: true},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r, err := h.Reads(b.Context(), f); err != nil || len(r) == 0 {
					b.Fatal(len(r), err)
				}
			}
		})
	}
}

type benched struct {
	*Book
	now func() time.Time
}

func benchHouse(b *testing.B, n int) benched {
	b.Helper()
	m := newMemory()
	at := time.Unix(1_800_000_000, 0)
	for i := range n {
		at = at.Add(2 * time.Second)
		body, err := encodeRead(Read{Time: at, Person: fmt.Sprintf("p%d", i%400), Name: "S. Weber", Session: "abcdefgh", Page: "chart/lab",
			Patient: anyPatient(fmt.Sprintf("patient%09d", i%3000)), Ward: fmt.Sprintf("W%d", i%12), Glass: i%500 == 0, Mode: "emergency"})
		if err != nil {
			b.Fatal(err)
		}
		m.recs = append(m.recs, journal.Record{Seq: journal.Seq(i + 1), ID: journal.NewID(), Kind: journal.Read, Body: body})
	}
	start := time.Now()
	k, err := Open(b.Context(), b.TempDir(), [32]byte{1}, m, Options{Now: func() time.Time { return at }})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("folded %d reads in %s", n, time.Since(start))
	b.Cleanup(func() { _ = k.Close() })
	return benched{k, func() time.Time { return at }}
}

func BenchmarkHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hashPassword("Regenschirm lila Kran", DefaultHashCost())
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
	if log := h.log.String(); !strings.Contains(log, "s.weber") || strings.Contains(log, "Reanimation") {
		t.Errorf("the log is to name the person and not the reason:\n%s", log)
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
