package oversight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/review"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/staff"
)

// house is a desk over a journal with charts and people.
type house struct {
	*Desk
	t    testing.TB
	j    *journal.Journal
	now  time.Time
	sent int
}

func newHouse(t testing.TB) *house {
	t.Helper()
	ctx := t.Context()
	secret, _, err := seal.NewSigningKey("haus")
	must(t, err)
	signer, err := note.NewSigner(secret)
	must(t, err)
	h := &house{t: t, now: time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC)}
	root := seal.NewKey()
	h.j, err = journal.Open(ctx, t.TempDir(), root, signer, journal.Options{MinFree: -1, Now: h.clock})
	must(t, err)
	var tables interpret.Tables
	tables.Identity.Authority = "HAUS"
	site, err := interpret.Compile(tables, time.UTC)
	must(t, err)
	charts, err := chart.Open(ctx, chart.Config{Dir: t.TempDir(), Key: root.Derive("chart"), Now: h.clock}, h.j, site)
	must(t, err)
	people, err := staff.Open(ctx, t.TempDir(), root.Derive("staff"), h.j, staff.Options{Hash: staff.HashCost{Memory: 8, Time: 1, Threads: 1}, Now: h.clock})
	must(t, err)
	h.Desk, err = Open(ctx, h.j, charts, people, Options{Dir: t.TempDir(), Key: root.Derive("review"), Authority: "HAUS", Zone: time.UTC, Now: h.clock})
	must(t, err)
	run, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- charts.Run(run) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, h.Close(), people.Close(), charts.Close(), h.j.Close()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) clock() time.Time { return h.now }

// receive stores messages, a minute apart. {t} is their time.
func (h *house) receive(messages ...string) {
	h.t.Helper()
	for _, m := range messages {
		h.now = h.now.Add(time.Minute)
		h.sent++
		body := strings.NewReplacer("{t}", h.now.Format("20060102150405"), "{n}", fmt.Sprint(h.sent), "\n", "\r").Replace(m)
		seq, err := h.j.Append(h.t.Context(), journal.Record{ID: journal.NewID(), Time: h.now, Source: "kis", Kind: journal.HL7, Body: []byte(body)})
		must(h.t, err)
		must(h.t, h.charts.Wait(h.t.Context(), seq))
	}
}

const (
	head  = "MSH|^~\\&|KIS|HAUS|NB|HAUS|{t}||%s|M{n}|P|2.5|||||DE|UNICODE UTF-8\nEVN|%s|{t}|||weber^Weber^S\nPID|1||4711^^^HAUS^PI||Heidenreich^Otto||19500101|M\nPV1|1|I|3A^301^F||||||||||||||||9001^^^HAUS^VN|||||||||||||||||||||||||20261118080000\n"
	admit = "ZBE|B1^KIS|20261118080000||INSERT|N|A01\n"
)

func adt(event string) string { return fmt.Sprintf(head, "ADT^"+event, event) }

func lab(status, value string) string {
	return fmt.Sprintf(head, "ORU^R01", "R01") + "ORC|RE|P1|F1|||||||lang^Lang^P\nOBR|1|P1|F1|K^Kalium|||20261118070000\nOBX|1|NM|K^Kalium||" + value + "|mmol/l|3.5-5.1||||" + status + "|||20261118070000||oezdemir^Özdemir^T\n"
}

func letter(event, text string) string {
	m := fmt.Sprintf(head, "MDM^"+event, event) + "TXA|1|RAD|TX|20261118070000||||||||DOK-1|||||AU\n"
	if text != "" {
		m += "OBX|1|TX|RAD^Röntgen||" + text + "||||||F\n"
	}
	return m
}

// altered returns the changes that a review finds, with before and after.
func (h *house) altered(span review.Span) ([]Change, error) {
	h.t.Helper()
	run, err := h.Look(h.t.Context(), span, nil)
	must(h.t, err)
	for _, c := range run.Changes {
		if c.Kind != Moved && c.Before+c.After != "" {
			h.t.Errorf("a result that waits for its readers holds %+v", c)
		}
	}
	return h.Whole(h.t.Context(), span, run.Changes)
}

func all() review.Span {
	return review.Span{From: time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
}

func TestWhatWasAlteredIsFoundWithBeforeAndAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		messages      []string
		kind          ChangeKind
		before, after string
		by            string
	}{
		"a result is corrected":                       {[]string{lab("F", "6.1"), lab("C", "4.6")}, ResultCorrected, "6.1 mmol/l", "4.6 mmol/l", "oezdemir"},
		"a result is deleted":                         {[]string{lab("F", "6.1"), lab("D", "")}, ResultWithdrawn, "6.1 mmol/l", "–", "lang"},
		"a result is wrong":                           {[]string{lab("F", "6.1"), lab("W", "6.1")}, ResultWithdrawn, "6.1 mmol/l", "–", "weber"},
		"a final result comes with another value":     {[]string{lab("F", "6.1"), lab("F", "4.6")}, ResultSilent, "6.1 mmol/l", "4.6 mmol/l", "weber"},
		"a preliminary one becomes final":             {[]string{lab("P", "6.1"), lab("F", "4.6")}, "", "", "", ""},
		"the same result comes twice":                 {[]string{lab("F", "6.1"), lab("F", "6.1")}, "", "", "", ""},
		"a finding is deleted":                        {[]string{letter("T02", "Herd rechts"), letter("T11", "")}, DocumentWithdrawn, "Herd rechts", "–", "weber"},
		"a finding is edited":                         {[]string{letter("T02", "Herd rechts"), letter("T08", "kein Herd")}, DocumentAltered, "Herd rechts", "kein Herd", "weber"},
		"an admission is cancelled":                   {[]string{adt("A11") + "ZBE|B1^KIS|20261118080000||CANCEL|N|A01\n"}, MovementCancelled, "Aufnahme 18.11.2026 08:00 3A 301 F", "–", "weber"},
		"a person is deleted at the sender":           {[]string{adt("A29")}, PersonDeleted, "4711", "–", "weber"},
		"two numbers are merged":                      {[]string{strings.ReplaceAll(adt("A28"), "4711", "4712"), adt("A40") + "MRG|4712^^^HAUS^PI\n"}, Merged, "4712", "4711", "weber"},
		"and taken apart":                             {[]string{adt("A37") + "PID|2||4712^^^HAUS^PI||Heidenreich^Otto\n"}, Moved, "4711", "4712", "weber"},
		"a deleted result of which nothing was known": {[]string{lab("D", "")}, ResultWithdrawn, "", "–", "weber"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.receive(adt("A01") + admit)
			h.receive(c.messages...)
			changes, err := h.altered(all())
			must(t, err)
			var got []Change
			for _, x := range changes {
				if c.kind == "" || x.Kind == c.kind {
					got = append(got, x)
				}
			}
			if c.kind == "" {
				if len(got) != 0 {
					t.Errorf("%+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Before != c.before || got[0].After != c.after || !strings.Contains(got[0].By, c.by) {
				t.Errorf("%+v", changes)
			}
			none, err := h.altered(review.Span{From: all().From, To: h.now.Add(-time.Hour)})
			must(t, err)
			if len(none) != 0 {
				t.Errorf("before it happened: %+v", none)
			}
		})
	}
}

func mapping() review.Mapping {
	return review.Mapping{Format: review.CSV, System: "KIS", Columns: review.Columns{Time: "Zeit", Person: "Wer", Patient: "Nr", Case: "Fall"}}
}

var me = Act{Person: "revision", Name: "H. Adler"}

func TestALogIsReadInOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.receive(adt("A01") + admit)
	text := "Zeit;Wer;Nr;Fall\n18.11.2026 09:30;kurz;4711;\n18.11.2026 09:31;kurz;;9001\n18.11.2026 09:32;kurz;unbekannt;\nx;kurz;1;\n"
	text += strings.Repeat("18.11.2026 09:40;kurz;4711;\n", 60_000) // more than one piece
	l, again, err := h.TakeLog(ctx, me, `C:\audit\kis.csv`, mapping(), strings.NewReader(text))
	if err != nil || again || l.Name != "kis.csv" || l.Report.Events != 60_003 || l.Report.Bad != 1 || len(l.Chunks) != 2 || l.Size != int64(len(text)) {
		t.Fatalf("%v %v %+v", err, again, l)
	}
	head := h.j.Head()
	if _, again, err = h.TakeLog(ctx, me, "kopie.csv", mapping(), strings.NewReader(text)); err != nil || !again || h.j.Head() != head {
		t.Fatalf("the same file again: %v %v, %d new records", again, err, h.j.Head()-head)
	}
	back, err := io.ReadAll(&pieces{ctx: ctx, j: h.journal, seqs: l.Chunks})
	if err != nil || !bytes.Equal(back, []byte(text)) {
		t.Fatalf("the file out of the journal: %v, %d bytes", err, len(back))
	}
	run, err := h.Look(ctx, all(), nil)
	must(t, err)
	if run.Logs != 1 || run.Outcome.Accesses != 60_003 || run.Outcome.Nameless != 1 || run.Outcome.Strangers != 60_003 {
		t.Errorf("%d logs, %+v", run.Logs, run.Outcome)
	}
	// With another mapping it is the same file, read anew.
	other := mapping()
	other.Columns.Case = ""
	if _, again, err = h.TakeLog(ctx, me, "kis.csv", other, strings.NewReader(text)); err != nil || again {
		t.Fatalf("with another mapping: %v %v", again, err)
	}
	logs, err := h.Logs(ctx)
	must(t, err)
	if len(logs) != 1 || logs[0].Mapping.Columns.Case != "" {
		t.Errorf("%+v", logs)
	}
	must(t, h.DropLog(ctx, me, logs[0].ID, "falsches Haus"))
	if run, err = h.Look(ctx, all(), nil); err != nil || run.Outcome.Accesses != 0 {
		t.Errorf("taken out: %v %+v", err, run.Outcome)
	}
}

// broken breaks off in the middle.
type broken struct{ text string }

func (b *broken) Read(p []byte) (int, error) {
	if b.text == "" {
		return 0, errors.New("connection lost")
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

func TestALogThatBreaksOffIsNoLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, _, err := h.TakeLog(t.Context(), me, "kis.csv", mapping(), &broken{"Zeit;Wer;Nr;Fall\n18.11.2026 09:30;kurz;4711;\n"})
	if err == nil {
		t.Error("taken")
	}
	for _, text := range []string{"", "Zeit;Wer\n1;2\n", "Zeit;Wer;Nr;Fall\nx;y;z;a\n"} {
		if _, _, err := h.TakeLog(t.Context(), me, "kis.csv", mapping(), strings.NewReader(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	if logs, err := h.Logs(t.Context()); err != nil || len(logs) != 0 {
		t.Errorf("%v %+v", err, logs)
	}
}

func TestRulesListsAndJudgementsStand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	if err := h.SetRules(ctx, me, "mass:\n  lest: 2\n", "Tippfehler gefunden"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("misspelt rules: %v", err)
	}
	must(t, h.SetRules(ctx, me, "mass:\n  least: 2\n", "kleines Haus"))
	must(t, h.SetRules(ctx, me, "mass:\n  least: 3\n", "doch mehr"))
	rules, was, err := h.Rules(ctx)
	must(t, err)
	if rules.Mass.Least != 3 || len(was) != 2 || was[1].Why != "kleines Haus" {
		t.Errorf("%+v %+v", rules.Mass, was)
	}
	for kind, text := range map[ListKind]string{Roster: "person;von;bis;stationen\nWeber;18.11.2026 20:00;19.11.2026 06:00;3A 3B\n", Flagged: "patient;grund;person\n4711;Kollegin;it\n"} {
		if n, err := h.TakeList(ctx, me, kind, "liste.csv", []byte(text)); err != nil || n != 1 {
			t.Errorf("%s: %d %v", kind, n, err)
		}
		for _, bad := range []string{"", "x;y\n1;2\n", strings.Replace(text, "18.11.2026 20:00", "gestern", 1) + "a;;;\n"} {
			if _, err := h.TakeList(ctx, me, kind, "liste.csv", []byte(bad)); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %q: %v", kind, bad, err)
			}
		}
	}
	hit := review.Hit{ID: "abc", Person: "kurz"}
	key := journal.NewID().String()
	for range 2 { // the same form twice
		must(t, h.Judge(ctx, me, key, hit, Suspicious, "kein Dienst"))
	}
	if err := h.Judge(ctx, me, journal.NewID().String(), hit, Explained, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if err := h.Judge(ctx, me, journal.NewID().String(), review.Hit{ID: "x", Person: "revision"}, Explained, "das war ich"); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("about oneself: %v", err)
	}
	if list, err := h.Judgements(ctx, "abc"); err != nil || len(list) != 1 || list[0].Verdict != Suspicious || list[0].By.Name != "H. Adler" {
		t.Errorf("%v %+v", err, list)
	}
}

func TestStaysOfMovements(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.receive(adt("A01")+admit, strings.ReplaceAll(adt("A02"), "3A^301^F", "3B^311^F")+"ZBE|B2^KIS|20261118120000||INSERT|N|A02\n", strings.ReplaceAll(adt("A03"), "3A^301^F", "3B^311^F")+"ZBE|B3^KIS|20261119100000||INSERT|N|A03\n")
	wantStays(t, h, []review.Stay{{Ward: "3A", From: day(18, 8), To: day(18, 12)}, {Ward: "3B", From: day(18, 12), To: day(19, 10)}})
}

// A planned transfer has moved nobody: the old ward still treats.
func TestAPlannedTransferEndsNoStay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.receive(adt("A01")+admit, strings.ReplaceAll(adt("A15"), "3A^301^F", "3B^311^F")+"ZBE|B2^KIS|20261118120000||INSERT|N|A15\n")
	wantStays(t, h, []review.Stay{{Ward: "3A", From: day(18, 8)}})
	h.receive(strings.ReplaceAll(adt("A02"), "3A^301^F", "3B^311^F") + "ZBE|B3^KIS|20261118160000||INSERT|N|A02\n")
	wantStays(t, h, []review.Stay{{Ward: "3A", From: day(18, 8), To: day(18, 16)}, {Ward: "3B", From: day(18, 16)}})
}

func day(d, hour int) time.Time { return time.Date(2026, 11, d, hour, 0, 0, 0, time.UTC) }

func wantStays(t *testing.T, h *house, stays []review.Stay) {
	t.Helper()
	v, err := h.charts.View(t.Context())
	must(t, err)
	defer func() { must(t, v.Close()) }()
	p, err := v.Patient(t.Context(), clinical.Identifier{Value: "4711", Authority: "HAUS"}.Key(), chart.Head())
	must(t, err)
	got := fmt.Sprint(patientOf(p).Stays)
	if want := fmt.Sprint(stays); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The list of protected charts names a number that was merged since; the chart
// was read under the one number and under the other.
func TestAProtectedChartStaysProtectedAfterAMerge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.receive(strings.ReplaceAll(adt("A28"), "4711", "4712"), adt("A01")+admit, adt("A40")+"MRG|4712^^^HAUS^PI\n")
	_, err := h.TakeList(ctx, me, Flagged, "liste.csv", []byte("patient;why;person\n4712;Kollegin;\n"))
	must(t, err)
	must(t, h.staff.Add(ctx, staff.Console(), staff.Person{ID: "vogel", Name: "R. Vogel", Roles: []staff.Role{staff.IT}}))
	for _, no := range []string{"4711", "4712"} {
		h.now = h.now.Add(time.Minute)
		_, err = h.staff.RecordRead(ctx, staff.Read{Person: "vogel", Name: "R. Vogel", Page: "chart/lab", Patient: h.number(no)})
		must(t, err)
	}
	run, err := h.Look(ctx, all(), nil)
	must(t, err)
	var hits []review.Hit
	for _, x := range run.Outcome.Hits {
		if x.Rule == "flagged" {
			hits = append(hits, x)
		}
	}
	if len(hits) != 1 || hits[0].Count != 2 {
		t.Errorf("%+v", hits)
	}
}

// Whoever was explained for forty charts is not explained for the hundred that
// came in the same night afterwards.
func TestAJudgementCoversOnlyWhatItSaw(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	hit := review.Hit{ID: "abc", Person: "kurz", Count: 40, To: h.now}
	must(t, h.Judge(ctx, me, journal.NewID().String(), hit, Explained, "Bettenplanung"))
	list, err := h.Judgements(ctx, "abc")
	must(t, err)
	if len(list) != 1 || !list[0].Covers(&hit) {
		t.Fatalf("%+v", list)
	}
	for name, change := range map[string]func(*review.Hit){
		"more accesses":             func(x *review.Hit) { x.Count = 41 },
		"as many, with a later one": func(x *review.Hit) { x.To = x.To.Add(time.Minute) },
	} {
		more := hit
		change(&more)
		if list[0].Covers(&more) {
			t.Errorf("%s: still judged", name)
		}
	}
}
