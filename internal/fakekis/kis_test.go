package fakekis

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/hl7"
)

var at = time.Date(2026, 11, 21, 8, 5, 0, 0, time.UTC)

// up returns a KIS that is up, and takes it down at the end.
func up(t *testing.T, o Options) *KIS {
	t.Helper()
	k, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Stop)
	return k
}

func dial(t *testing.T, k *KIS, wait time.Duration) *hl7.Client {
	t.Helper()
	c, err := hl7.Dial(t.Context(), k.Addr(), hl7.ClientOptions{Answer: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// entryOf is a pulse of 88 in the patient's chart; which counts the entries.
func entryOf(which byte, facts ...clinical.Fact) *entry.Entry {
	key := "0191f0f0f0f0700080000000000000" + string("0123456789abcdef"[which>>4&15]) + string("0123456789abcdef"[which&15])
	if len(facts) == 0 {
		v := 88.0
		facts = []clinical.Fact{clinical.Result{
			Filler: entry.Number(key), SubID: "pulse", Code: clinical.Coded{Code: "8867-4", Text: "Puls", System: "LN"}, Section: clinical.Vitals,
			Value: "88", Number: &v, Unit: "/min", Status: clinical.Final, At: at,
		}}
	}
	return &entry.Entry{
		Key: key, Root: key, Form: "vitals", State: entry.Signed, Case: "4711", At: at, Written: at,
		By: clinical.Staff{ID: "w", Name: "Weber"}, Facts: facts,
	}
}

var jörg = message.Subject{IDs: []clinical.Identifier{{Value: "100815", Authority: "KIS"}}, Case: "4711", Name: clinical.Name{Family: "Weiß", Given: "Jörg"}}

func handed(e *entry.Entry, about message.Subject, enhanced bool) []message.Message {
	list, _ := message.For(message.Sending{
		To:    message.Target{Name: "kis", Version: "2.5", Charset: "UNICODE UTF-8", SendingApp: "NOTBETRIEB", Authority: "KIS", Enhanced: enhanced, Takes: message.DefaultTakes()},
		Entry: e, About: about, Now: at.Add(12 * time.Hour),
	})
	return list
}

// one is a message of one pulse.
func one(which byte) []byte { return handed(entryOf(which), jörg, false)[0].Raw }

func ack(t *testing.T, raw []byte, err error) hl7.Ack {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	a, err := hl7.ParseAck(raw)
	if err != nil {
		t.Fatalf("%v: %q", err, raw)
	}
	return a
}

func TestWhatIsAcceptedIsKeptInOrderAndOnce(t *testing.T) {
	t.Parallel()
	k := up(t, Options{})
	c := dial(t, k, 10*time.Second)
	for _, n := range []byte{1, 2, 1, 3, 1} {
		raw, err := c.Send(t.Context(), one(n))
		if a := ack(t, raw, err); a.Code != hl7.AA {
			t.Errorf("%d: %s", n, a.Code)
		}
	}
	took := k.Accepted()
	if len(took) != 3 || took[0].Again != 2 || took[1].Again != 0 || took[0].Other || !bytes.Equal(took[2].Raw, one(3)) || took[0].Type != "ORU^R01" {
		t.Errorf("took %+v", took)
	}
	if n := len(k.Facts("100815")); n != 3 {
		t.Errorf("%d facts", n)
	}
	// The same control ID with other content is noticed.
	other := bytes.Replace(one(2), []byte("|88|"), []byte("|66|"), 1)
	raw, err := c.Send(t.Context(), other)
	if ack(t, raw, err); !k.Accepted()[1].Other {
		t.Error("other content under the same control ID went unnoticed")
	}
}

func TestAKISThatDoesNotNoticeRepetitionsShowsDoubles(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Doubles: true})
	c := dial(t, k, 10*time.Second)
	for range 2 {
		raw, err := c.Send(t.Context(), one(1))
		ack(t, raw, err)
	}
	if len(k.Accepted()) != 2 || len(k.History("100815")) != 2 {
		t.Errorf("took %d", len(k.Accepted()))
	}
}

func TestRefusalsBearTheirReason(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Rules: []Rule{
		{Type: "ORU^R01", Times: 1, Do: Refuse, Text: "Fall geschlossen"}, {Type: "ORU", Times: 1, Do: Reject}, {Type: "ORU", After: 1, Times: 1, Do: Refuse},
	}})
	c := dial(t, k, 10*time.Second)
	var got []hl7.AckCode
	for n := range byte(4) {
		raw, err := c.Send(t.Context(), one(n))
		a := ack(t, raw, err)
		got = append(got, a.Code)
		if n == 0 && (a.Text != "Fall geschlossen" || !bytes.Contains(raw, []byte("\rERR|"))) {
			t.Errorf("%q", raw)
		}
		if !a.Code.Positive() && a.Text == "" {
			t.Errorf("refused without a word: %q", raw)
		}
	}
	if want := []hl7.AckCode{hl7.AE, hl7.AR, hl7.AA, hl7.AE}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if len(k.Accepted()) != 1 || len(k.Arrived()) != 4 || k.Arrived()[1].Did != Reject {
		t.Errorf("took %d of %+v", len(k.Accepted()), k.Arrived())
	}
}

func TestEnhancedModeAcceptsFirstAndAnswersLater(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Rules: []Rule{{Control: handed(entryOf(2), jörg, true)[0].Control, Do: RefuseLater, Text: "Einheit unbekannt"}, {Control: handed(entryOf(3), jörg, true)[0].Control, Do: Refuse}}})
	c := dial(t, k, 10*time.Second)
	for n, want := range map[byte][]hl7.AckCode{1: {hl7.CA, hl7.AA}, 2: {hl7.CA, hl7.AE}, 3: {hl7.CE}} {
		m := handed(entryOf(n), jörg, true)[0]
		raw, err := c.Send(t.Context(), m.Raw)
		got := []hl7.AckCode{ack(t, raw, err).Code}
		for range want[1:] {
			raw, err := c.Receive(t.Context())
			a := ack(t, raw, err)
			if got = append(got, a.Code); a.ControlID != m.Control {
				t.Errorf("answers %s", a.ControlID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", n, got, want)
		}
	}
	if len(k.Accepted()) != 1 {
		t.Errorf("took %d", len(k.Accepted()))
	}
}

func TestNoAnswerOrAWrongOneLeavesItOpenWhetherItWasTaken(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		do    Behaviour
		taken int
	}{{Silent, 0}, {TakeSilent, 1}, {WrongID, 1}, {Garbage, 1}, {CutBefore, 0}, {CutAfter, 1}, {DieBefore, 0}, {DieAfter, 1}} {
		k := up(t, Options{Rules: []Rule{{Times: 1, Do: x.do}}})
		c := dial(t, k, 300*time.Millisecond)
		if _, err := c.Send(t.Context(), one(1)); !errors.Is(err, hl7.ErrNoAnswer) {
			t.Errorf("%s: %v", x.do, err)
		}
		if err := k.Wait(t.Context(), func() bool { return len(k.Arrived()) == 1 }); err != nil {
			t.Fatal(err)
		}
		if len(k.Accepted()) != x.taken {
			t.Errorf("%s: took %d", x.do, len(k.Accepted()))
		}
		if dead := x.do == DieBefore || x.do == DieAfter; dead {
			if err := k.Wait(t.Context(), func() bool { return !k.Up() }); err != nil {
				t.Fatal(err)
			}
			if err := k.Start(); err != nil {
				t.Fatal(err)
			}
		}
		_ = c.Close()
		raw, err := dial(t, k, 10*time.Second).Send(t.Context(), one(1))
		if a := ack(t, raw, err); a.Code != hl7.AA || len(k.Accepted()) != 1 || k.Accepted()[0].Again != x.taken {
			t.Errorf("%s: sent again: %s, took %+v", x.do, a.Code, k.Accepted())
		}
	}
}

func TestALateAnswerIsTheAnswer(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Rules: []Rule{{Do: Late, Times: 1}, {Do: Late, Delay: time.Millisecond}}})
	c := dial(t, k, 30*time.Second)
	done := make(chan error, 1)
	go func() {
		_, err := c.Send(context.Background(), one(1))
		done <- err
	}()
	if err := k.Wait(t.Context(), func() bool { return len(k.Accepted()) == 1 }); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		t.Fatalf("answered before it was released: %v", err)
	default:
	}
	k.Release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	raw, err := c.Send(t.Context(), one(2))
	ack(t, raw, err)
}

func TestItComesBackWithWhatItTook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := up(t, Options{Dir: dir})
	raw, err := dial(t, k, 10*time.Second).Send(t.Context(), one(1))
	ack(t, raw, err)
	k.Stop()
	if k.Up() {
		t.Error("still up")
	}
	if _, err := hl7.Dial(t.Context(), k.Addr(), hl7.ClientOptions{}); err == nil {
		t.Error("a dead KIS takes connections")
	}
	// Another process, after a power cut inside a write.
	f, err := os.OpenFile(filepath.Join(dir, "accepted.mllp"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\x0BMSH|^~\\&|HALF"); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	again := up(t, Options{Dir: dir})
	c := dial(t, again, 10*time.Second)
	for _, n := range []byte{1, 2} {
		raw, err := c.Send(t.Context(), one(n))
		ack(t, raw, err)
	}
	if took := again.Accepted(); len(took) != 2 || took[0].Again != 1 {
		t.Errorf("took %+v", took)
	}
	third := up(t, Options{Dir: dir})
	if len(third.Accepted()) != 2 || len(third.Facts("100815")) != 2 {
		t.Errorf("the third process has %d", len(third.Accepted()))
	}
}

func TestASeedGivesTheSameNight(t *testing.T) {
	t.Parallel()
	night := func(seed uint64) (did []Behaviour) {
		k := up(t, Options{Seed: seed, Chances: map[Behaviour]int{Refuse: 300, Reject: 200}})
		c := dial(t, k, 10*time.Second)
		for n := range byte(40) {
			raw, err := c.Send(t.Context(), one(n))
			ack(t, raw, err)
		}
		for _, a := range k.Arrived() {
			did = append(did, a.Did)
		}
		return did
	}
	first := night(7)
	if !slices.Equal(first, night(7)) || slices.Equal(first, night(8)) {
		t.Error("a seed is not a night")
	}
	for _, b := range []Behaviour{Accept, Refuse, Reject} {
		if !slices.Contains(first, b) {
			t.Errorf("%s never happened", b)
		}
	}
}

func TestAStrictKISKnowsItsPatients(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Strict: true})
	c := dial(t, k, 10*time.Second)
	raw, err := c.Send(t.Context(), one(1))
	if a := ack(t, raw, err); a.Code != hl7.AE || a.Text != "Patient nicht bekannt" {
		t.Errorf("%+v", a)
	}
	k.Register(Patient{Number: "100815", Name: clinical.Name{Family: "Weiß", Given: "Jörg"}})
	k.Register(Patient{Number: "200000", Name: clinical.Name{Family: "Weiss", Given: "Jörg"}})
	raw, err = c.Send(t.Context(), one(1))
	if a := ack(t, raw, err); a.Code != hl7.AA {
		t.Errorf("%+v", a)
	}
	k.Merge("200000", "100815")
	raw, err = c.Send(t.Context(), one(2))
	if a := ack(t, raw, err); a.Code != hl7.AE || a.Text != "Patient wurde zusammengeführt mit 200000" {
		t.Errorf("%+v", a)
	}
	if len(k.Facts("200000")) != 1 || len(k.Facts("100815")) != 1 {
		t.Error("a merge lost what was known")
	}
}

func TestBothSidesSayTheSameAfterACorrection(t *testing.T) {
	t.Parallel()
	k := up(t, Options{})
	c := dial(t, k, 10*time.Second)
	e := entryOf(1)
	send := func(e *entry.Entry, before string) {
		list, left := message.For(message.Sending{
			To: message.Target{Version: "2.5", Charset: "8859/1", Takes: message.DefaultTakes()}, Entry: e, About: jörg, Before: before, Now: at,
		})
		if len(left) > 0 {
			t.Fatal(left)
		}
		for _, m := range list {
			raw, err := c.Send(t.Context(), m.Raw)
			ack(t, raw, err)
		}
	}
	doc := clinical.Document{ID: entry.Number(e.Root), Kind: clinical.Coded{Code: "note"}, Title: "Verlauf", Text: "Erste Fassung", Status: clinical.Final, At: at}
	e.Facts = append(e.Facts, doc)
	send(e, "")
	v := 66.0
	pulse := e.Facts[0].(clinical.Result)
	pulse.Value, pulse.Number = "66", &v
	doc.Text = "Zweite Fassung"
	second := *e
	second.Key, second.Corrects, second.Facts = "0191f0f0f0f070008000000000009999", e.Key, entry.Supersede(e.Facts, entry.Facts{pulse, doc})
	send(&second, e.Key)
	facts := k.Facts("100815")
	if len(facts) != 2 || len(k.History("100815")) != 4 {
		t.Fatalf("%d facts: %+v", len(facts), facts)
	}
	if r, ok := facts[0].(clinical.Result); !ok || *r.Number != 66 || r.Status != clinical.Corrected {
		t.Errorf("%+v", facts[0])
	}
	if d, ok := facts[1].(clinical.Document); !ok || d.Text != "Zweite Fassung" {
		t.Errorf("%+v", facts[1])
	}
	third := second
	third.Key, third.Corrects, third.Withdrawn, third.Facts = "0191f0f0f0f070008000000000008888", second.Key, true, entry.Retract(second.Facts)
	send(&third, second.Key)
	for _, f := range k.Facts("100815") {
		switch f := f.(type) {
		case clinical.Result:
			if f.Status != clinical.Withdrawn {
				t.Errorf("%+v", f)
			}
		case clinical.Document:
			if f.Status != clinical.Withdrawn {
				t.Errorf("%+v", f)
			}
		}
	}
	if n := len(k.Facts("100815")); n != 2 {
		t.Errorf("%d facts", n)
	}
}

// TestAnUnknownPersonGetsANumberOfTheKIS admits somebody under a provisional
// number, and reads the KIS's feed as a second KIS would.
func TestAnUnknownPersonGetsANumberOfTheKIS(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Numbers: true, Strict: true, Now: func() time.Time { return at.Add(time.Hour) }})
	c := dial(t, k, 10*time.Second)
	who := message.Subject{IDs: []clinical.Identifier{{Value: "N900001", Authority: "NOTBETRIEB"}}, New: true, Case: "N12"}
	admitted := entryOf(1, clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Unbekannt", Given: "Fall N12"}), Sex: clinical.Say(clinical.Male)},
		clinical.Movement{ID: "NB1", Action: clinical.Insert, Kind: clinical.Admission, Event: "A01", Start: at, To: clinical.Place{Ward: "ZNA"}})
	for _, e := range []*entry.Entry{admitted, entryOf(2)} {
		for _, m := range handed(e, who, false) {
			raw, err := c.Send(t.Context(), m.Raw)
			if a := ack(t, raw, err); a.Code != hl7.AA {
				t.Fatalf("%+v", a)
			}
		}
	}
	p, ok := k.Patient("N900001")
	if !ok || p.Number == "N900001" || p.Name.Family != "Unbekannt" || len(p.Stays) != 1 || p.Stays[0].Place.Ward != "ZNA" || !p.Stays[0].Admitted.Equal(at) {
		t.Fatalf("%+v", p)
	}
	k.Rename(p.Number, clinical.Name{Family: "Heide", Prefix: "von der", Given: "Änne"})
	k.Transfer(p.Number, "N12", clinical.Place{Ward: "3A", Room: "1"}, at.Add(time.Hour))
	k.Discharge(p.Number, "N12", at.Add(2*time.Hour))
	k.Admit("800", Stay{Case: "99", Place: clinical.Place{Ward: "7"}, Admitted: at})
	k.Merge("800", p.Number)

	other := up(t, Options{})
	if n, err := k.Send(t.Context(), other.Addr(), hl7.ClientOptions{}); err != nil || n != 6 || len(k.Feed()) != 0 {
		t.Fatalf("sent %d: %v", n, err)
	}
	var types []string
	for _, a := range other.Accepted() {
		types = append(types, a.Type)
	}
	if want := []string{"ADT^A47", "ADT^A31", "ADT^A02", "ADT^A03", "ADT^A01", "ADT^A40"}; !slices.Equal(types, want) {
		t.Errorf("%v", types)
	}
	got, _ := other.Patient("800")
	if len(got.Stays) != 2 || !got.Stays[1].Discharged.Equal(at.Add(2*time.Hour)) || got.Stays[1].Place.Ward != "3A" {
		t.Errorf("%+v", got)
	}
	if was := other.Patients(); len(was) != 2 || was[0].Into != "800" && was[1].Into != "800" {
		t.Errorf("%+v", was)
	}
}

func TestAFeedThatIsRefusedStays(t *testing.T) {
	t.Parallel()
	k := up(t, Options{})
	k.Rename("1", clinical.Name{Family: "A"})
	k.Rename("1", clinical.Name{Family: "B"})
	other := up(t, Options{Rules: []Rule{{After: 1, Times: 1, Do: Refuse}}})
	if n, err := k.Send(t.Context(), other.Addr(), hl7.ClientOptions{}); err == nil || n != 1 || len(k.Feed()) != 1 {
		t.Errorf("sent %d: %v", n, err)
	}
	if n, err := k.Send(t.Context(), other.Addr(), hl7.ClientOptions{}); err != nil || n != 1 || len(k.Feed()) != 0 {
		t.Errorf("sent %d: %v", n, err)
	}
	if p, _ := other.Patient("1"); p.Name.Family != "B" {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsNoMessageIsRejected(t *testing.T) {
	t.Parallel()
	k := up(t, Options{})
	c := dial(t, k, 10*time.Second)
	_, err := c.Send(t.Context(), []byte("MSH|^~\\&|A|B|C|D|20261121||ORU^R01|1|P|2.5\r"))
	if err != nil {
		t.Error(err)
	}
	if p := k.Patients(); len(p) != 0 {
		t.Errorf("%+v", p)
	}
}

// TestANightOfFaultsLosesAndDoublesNothing hands sixty entries to a KIS that
// cuts, dies, answers wrongly and refuses, as any sender must: the same message
// again until it is answered, another one only after a refusal.
func TestANightOfFaultsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Dir: t.TempDir(), Seed: 20261121, Chances: map[Behaviour]int{
		CutBefore: 80, CutAfter: 80, DieBefore: 50, DieAfter: 50, Garbage: 20, WrongID: 20, Silent: 20, TakeSilent: 30, Refuse: 60, Reject: 40,
	}})
	const entries = 60
	for n := range byte(entries) {
		again, tries := 0, 0
		for done := false; !done; tries++ {
			if tries > 50 {
				t.Fatal("no end")
			}
			list, _ := message.For(message.Sending{
				To:    message.Target{Name: "kis", Version: "2.5", Charset: "8859/1", SendingApp: "NOTBETRIEB", Authority: "KIS", Takes: message.DefaultTakes()},
				Entry: entryOf(n), About: jörg, Again: again, Now: at.Add(time.Duration(tries) * time.Minute),
			})
			c, err := hl7.Dial(t.Context(), k.Addr(), hl7.ClientOptions{Answer: 200 * time.Millisecond})
			if err != nil {
				if err := k.Start(); err != nil {
					t.Fatal(err)
				}
				continue
			}
			raw, err := c.Send(t.Context(), list[0].Raw)
			_ = c.Close()
			if err != nil {
				continue
			}
			switch a := ack(t, raw, err); {
			case a.Code.Positive():
				done = true
			default:
				again++
			}
		}
	}
	did := map[Behaviour]bool{}
	for _, a := range k.Arrived() {
		did[a.Did] = true
	}
	if len(did) != 11 {
		t.Errorf("only %v happened", did)
	}
	if took, facts, history := len(k.Accepted()), len(k.Facts("100815")), len(k.History("100815")); facts != entries || took != entries || history != entries {
		t.Errorf("%d of %d entries are there, took %d (%d)", facts, entries, took, history)
	}
	for _, a := range k.Accepted() {
		if a.Other {
			t.Errorf("%s came with other content", a.Control)
		}
	}
}

func TestWhatItTookComesBackUnderItsOwnNameOnce(t *testing.T) {
	t.Parallel()
	k := up(t, Options{Echo: true})
	c := dial(t, k, 30*time.Second)
	raw := one(1)
	for range 2 { // the second is a repetition: taken once, told once
		answer, err := c.Send(t.Context(), raw)
		if a := ack(t, answer, err); a.Code != hl7.AA {
			t.Fatalf("%+v", a)
		}
	}
	feed := k.Feed()
	if len(feed) != 1 {
		t.Fatalf("%d messages on the feed", len(feed))
	}
	h, err := hl7.ReadHeader(feed[0])
	if err != nil || h.SendingApp != "KIS" || h.ReceivingApp != "NOTBETRIEB" || h.ControlID == "" {
		t.Fatalf("%+v %v", h, err)
	}
	sent, err := hl7.ReadHeader(raw)
	if err != nil || h.ControlID == sent.ControlID || h.Type != sent.Type {
		t.Errorf("sent %+v, told %+v", sent, h)
	}
	if _, body, _ := bytes.Cut(feed[0], []byte("\r")); !bytes.HasSuffix(raw, body) {
		t.Errorf("the content changed:\n%s\n%s", raw, body)
	}
}
