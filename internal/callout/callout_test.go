package callout

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/seal"
)

// house is a hospital whose crisis team can be called: a clock that the test
// moves, a journal, and ways out that do as they are told.
type house struct {
	t   *testing.T
	j   *journal.Journal
	dir string
	key seal.Key
	sms *outlet
	eml *outlet
	b   *Book
	one bool // the way for SMS takes one after the other

	mu  sync.Mutex
	now time.Time
}

// outlet is a way out with what it says next; the last of its words stays.
type outlet struct {
	mu   sync.Mutex
	says []way.Outcome
	sent []way.Message
	off  bool          // the machine is off: what is handed over goes nowhere
	hang chan struct{} // not nil: it does not answer until it is closed
}

func (o *outlet) Send(ctx context.Context, m way.Message) way.Result {
	o.mu.Lock()
	if o.off {
		o.mu.Unlock()
		return way.Result{Outcome: way.Unclear}
	}
	o.sent = append(o.sent, m)
	out := o.says[0]
	if len(o.says) > 1 {
		o.says = o.says[1:]
	}
	hang := o.hang
	o.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return way.Result{Outcome: way.Unclear}
		}
	}
	return way.Result{Outcome: out, Detail: "said " + string(out)}
}

func (o *outlet) told() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for _, m := range o.sent {
		out = append(out, m.To)
	}
	return out
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	h.now = h.now.Add(d)
	h.mu.Unlock()
	h.look()
}

// look does what is due until nothing more follows.
func (h *house) look() {
	h.t.Helper()
	for range 20 {
		before := h.b.Seq()
		if err := h.b.Look(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		h.b.Idle()
		if h.b.Seq() == before {
			return
		}
	}
	h.t.Fatal("it never rests")
}

var people = []estate.Contact{
	{ID: "vogel", Name: "R. Vogel", Function: "Leitung IT", Deputy: "brinkmann", Root: true, Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 555-0001"}, {Kind: estate.Mail, Value: "vogel@klinik.example"}}},
	{ID: "brinkmann", Name: "T. Brinkmann", Function: "Technik", CalledBy: "vogel", Ways: []estate.Way{{Kind: estate.Mobile, Value: "+49 171 5550002"}, {Kind: estate.Landline, Value: "0511 22"}}},
	{ID: "falk", Name: "Dr. M. Falk", Function: "Ärztliche Direktion", CalledBy: "vogel", Ways: []estate.Way{{Kind: estate.Landline, Value: "0511 99"}}},
}

func newHouse(t *testing.T) *house {
	t.Helper()
	secret, _, err := seal.NewSigningKey("lindenhof")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: t.TempDir(), key: seal.NewKey(), sms: &outlet{says: []way.Outcome{way.Accepted}}, eml: &outlet{says: []way.Outcome{way.Accepted}}, now: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)}
	h.j, err = journal.Open(t.Context(), filepath.Join(h.dir, "journal"), h.key, signer, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.j.Close(); err != nil {
			t.Error(err)
		}
	})
	h.open(h.j)
	by := Act{Person: "it", Name: "R. Vogel"}
	if err := h.b.SaveGroup(t.Context(), by, Group{ID: "stab", Name: "Kernstab", Quorum: 1, Seats: []Seat{{Role: rulebook.ITLead, Contact: "vogel"}}}, 0); err != nil {
		t.Fatal(err)
	}
	return h
}

// open opens the book, as a hub does that starts.
func (h *house) open(j Journal) {
	h.t.Helper()
	var err error
	h.b, err = Open(h.t.Context(), j, Options{
		Dir: h.dir, Key: h.key, Site: "lindenhof", Hospital: "Klinik am Lindenhof", URL: "https://alarm.example", Answers: "0511 4711", Country: "49", Now: h.clock, Zone: time.UTC,
		Outs:   []Out{{Name: "sms", Takes: []estate.WayKind{estate.Mobile}, Number: true, One: h.one, Send: h.sms}, {Name: "mail", Takes: []estate.WayKind{estate.Mail}, Mail: true, Send: h.eml}},
		Estate: func() *estate.Estate { return estate.New(estate.Tables{Contacts: people}) },
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) start(o Order) *Callout {
	h.t.Helper()
	if o.Group == "" {
		o.Group = "stab"
	}
	o.Title = "Dateien verschlüsselt"
	c, err := h.b.Start(h.t.Context(), Act{Person: "krisenstab", Name: "Dr. A. Stein", Key: "k-" + o.Group}, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) callout(c *Callout) *Callout {
	h.t.Helper()
	c, err := h.b.Callout(c.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) expect(what string, got, want []string) {
	h.t.Helper()
	if !slices.Equal(got, want) {
		h.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

const vogel, brinkmann = "+491715550001", "+491715550002"

// TestAnAcknowledgementThatIsLostCallsTheNext: the gateway takes the SMS and
// never delivers it. After two minutes the mail goes out, after eight the
// deputy is called, after eight more nobody is left; a late answer is welcome.
func TestAnAcknowledgementThatIsLostCallsTheNext(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	h.look()
	h.expect("at once", h.sms.told(), []string{vogel})
	h.pass(119 * time.Second)
	h.expect("before two minutes", h.eml.told(), nil)
	h.pass(time.Second)
	h.expect("after two minutes", h.eml.told(), []string{"vogel@klinik.example"})
	h.pass(6 * time.Minute)
	h.expect("after eight", h.sms.told(), []string{vogel, brinkmann})
	h.pass(8*time.Minute - time.Second)
	if n := h.callout(c).Unreachable(); n != 0 {
		t.Errorf("%d given up too early", n)
	}
	h.pass(time.Second)
	if now := h.callout(c); now.Unreachable() != 1 || !now.QuorumAt().IsZero() {
		t.Errorf("unreachable: %d", now.Unreachable())
	}
	h.pass(time.Hour)
	h.expect("nothing more", h.sms.told(), []string{vogel, brinkmann})
	if err := h.b.Answer(t.Context(), Act{Key: "late"}, c.ID, "1.1", Reply{Word: Coming, Minutes: 30, Via: ByLink}); err != nil {
		t.Fatal(err)
	}
	now := h.callout(c)
	if now.Unreachable() != 0 || now.Covered() != 1 || now.Running() {
		t.Errorf("after the late answer: %d unreachable, %d covered", now.Unreachable(), now.Covered())
	}
	if d := now.FirstAt().Sub(now.Started.At); d != 76*time.Minute {
		t.Errorf("first after %s", d)
	}
}

// TestAGatewayThatFailsIsTriedAgainAndLeft: the second try comes after 20
// seconds, the third after 40; then the next way. One that refuses is left at
// once, and where all fail the deputy need not wait.
func TestAGatewayThatFailsIsTriedAgainAndLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.sms.says = []way.Outcome{way.Unreached, way.Unreached, way.Unreached, way.Accepted}
	h.eml.says = []way.Outcome{way.Refused}
	c := h.start(Order{})
	h.look()
	h.pass(19 * time.Second)
	h.expect("before the pause is over", h.sms.told(), []string{vogel})
	h.pass(time.Second)
	h.expect("second try", h.sms.told(), []string{vogel, vogel})
	h.pass(39 * time.Second)
	h.expect("before the longer pause is over", h.sms.told(), []string{vogel, vogel})
	h.pass(time.Second)
	h.expect("third try, then the mail, then the deputy", append(h.sms.told(), h.eml.told()...), []string{vogel, vogel, vogel, brinkmann, "vogel@klinik.example"})
	if x, _ := h.callout(c).Person("1.1"); x.Told() || x.Twice() {
		t.Error("nothing may have arrived, and that is not known")
	}
	if id := h.sms.sent[0].ID; id != h.sms.sent[2].ID || id == h.sms.sent[3].ID {
		t.Error("tries to tell the same do not bear the same ID")
	}
}

// TestWhoCannotComeIsReplacedAtOnce also from a wrong telephone: the SMS comes
// from another number and holds the code.
func TestWhoCannotComeIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	h.look()
	x, _ := c.Person("1.1")
	for range 2 { // the gateway hands it over twice
		if n, err := h.b.Inbound(t.Context(), "m1", "0160 1", "Nein, leider nicht. "+x.Code); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	h.look()
	h.expect("the deputy", h.sms.told(), []string{vogel, brinkmann})
	if n, err := h.b.Inbound(t.Context(), "m2", "0171/5550002", "Ja, 15 min "+c.Posts[0].Chain[1].Code); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	now := h.callout(c)
	by, ok := now.Posts[0].By()
	if a, _ := by.Answered(); !ok || by.Name != "T. Brinkmann" || a.Minutes != 15 || a.Via != BySMS {
		t.Errorf("%+v", by)
	}
	if n := len(now.Posts[0].Chain[0].Answers); n != 1 {
		t.Errorf("one SMS is %d answers", n)
	}
	if n, _ := h.b.Inbound(t.Context(), "m3", "0160 1", "wer ist da"); n != 0 {
		t.Error("a stranger counts")
	}
}

// TestALinkTakesOneAnswer: the same again is nothing, another is a conflict, and
// a token that was never made opens nothing; after a week it is dead.
func TestALinkTakesOneAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	h.look()
	token := strings.TrimPrefix(h.sms.sent[0].Link, "https://alarm.example/a/")
	in, ok := h.b.Invited(token)
	if !ok || in.Person.ID != "1.1" || !strings.Contains(in.Text, "Dateien verschlüsselt") || len(token) < 22 {
		t.Fatalf("%v %q", ok, token)
	}
	if _, ok := h.b.Invited(h.b.token(c.ID, "1.2")); ok {
		t.Error("the deputy has a link before being called")
	}
	for _, bad := range []string{"", "x", token[1:], token + "A"} {
		if _, ok := h.b.Invited(bad); ok {
			t.Errorf("%q opens", bad)
		}
	}
	say := func(key string, w Word) error {
		return h.b.Answer(t.Context(), Act{Key: key}, c.ID, "1.1", Reply{Word: w, Via: ByLink})
	}
	if err := say("a", Coming); err != nil {
		t.Fatal(err)
	}
	if err := say("a", Coming); err != nil {
		t.Errorf("sent twice: %v", err)
	}
	if err := say("b", Cannot); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another answer: %v", err)
	}
	h.pass(8 * 24 * time.Hour)
	if _, ok := h.b.Invited(token); ok {
		t.Error("the link lives for ever")
	}
}

// TestTheEndTellsThoseWhoWereCalled on the way that took the call, and nobody
// else. An answer after it is kept as too late.
func TestTheEndTellsThoseWhoWereCalled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.sms.says = []way.Outcome{way.Refused}
	c := h.start(Order{Drill: true})
	h.look()
	by := Act{Person: "krisenstab", Name: "Dr. A. Stein"}
	if err := h.b.End(t.Context(), by, c.ID, "Fehlalarm", true); err != nil {
		t.Fatal(err)
	}
	h.look()
	h.pass(time.Hour)
	h.expect("by SMS", h.sms.told(), []string{vogel})
	h.expect("by mail", h.eml.told(), []string{"vogel@klinik.example", "vogel@klinik.example"})
	last := h.eml.sent[1]
	if !strings.Contains(last.Subject, "PROBEALARM (ÜBUNG) ENTWARNUNG") || !strings.Contains(last.Text, "Fehlalarm") || last.Link != "" || last.ID == h.eml.sent[0].ID {
		t.Errorf("the all-clear: %+v", last)
	}
	if err := h.b.Answer(t.Context(), by, c.ID, "1.1", Reply{Word: Coming, Via: ByVoice}); err != nil {
		t.Fatal(err)
	}
	if now := h.callout(c); now.Covered() != 0 || !now.Posts[0].Chain[0].Answers[0].Late {
		t.Error("an answer after the end counts")
	}
	if err := h.b.End(t.Context(), by, c.ID, "", false); fault.KindOf(err) != fault.Conflict {
		t.Errorf("ended twice: %v", err)
	}
}

// dying is a journal that dies after so many records.
type dying struct {
	*journal.Journal
	mu   sync.Mutex
	left int
}

var errDied = errors.New("the machine is off")

func (d *dying) Append(ctx context.Context, r journal.Record) (journal.Seq, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left == 0 {
		return 0, errDied
	}
	d.left--
	return d.Journal.Append(ctx, r)
}

// TestAHubThatDiesLosesNobody stops the hub after each record in turn and starts
// it again: whoever has to be told is told at least once and at most twice, and
// the second time is shown.
func TestAHubThatDiesLosesNobody(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		left, before := n/2, n%2 == 0 // before the message leaves, or after
		h := newHouse(t)
		c := h.start(Order{Group: GroupTree})
		h.open(&dying{Journal: h.j, left: left})
		h.sms.off = before
		_ = h.b.Look(t.Context()) // it dies on the way
		h.b.Idle()
		h.sms.off = false
		h.open(h.j)
		h.look()
		h.pass(time.Minute)
		now := h.callout(c)
		for _, to := range []string{vogel, brinkmann} {
			told := 0
			for _, s := range h.sms.told() {
				if s == to {
					told++
				}
			}
			x := now.Posts[0].Chain[0]
			if to == brinkmann {
				x = now.Posts[1].Chain[0]
			}
			if told < 1 || told > 2 || told == 2 && !x.Twice() {
				t.Errorf("died after %d records: %s was told %d times, shown as twice: %t", left, to, told, x.Twice())
			}
		}
		if d, err := Check(t.Context(), h.j, h.b.o); err != nil || len(d) != 0 {
			t.Errorf("died after %d records: %v %v", left, d, err)
		}
	}
}

// TestAClockThatIsMovedStopsNothing: set back by two hours, what waits goes on at
// once; set forward, it goes on early. The night of the clock change is a night
// as any other.
func TestAClockThatIsMovedStopsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.now = time.Date(2026, 10, 25, 0, 59, 0, 0, time.UTC) // 02:59 in Berlin, a minute before it is 02:00 again
	h.start(Order{})
	h.look()
	h.pass(2 * time.Minute)
	h.expect("over the change of the clock", h.eml.told(), []string{"vogel@klinik.example"})
	h.pass(-2 * time.Hour)
	h.expect("set back", h.sms.told(), []string{vogel, brinkmann})
	h.pass(3 * time.Hour)
	if h.b.All()[0].Unreachable() != 1 {
		t.Error("set forward: still waiting")
	}
	h.now = h.now.Add(24 * time.Hour)
	h.start(Order{Group: GroupTree})
	h.now = h.now.Add(13 * time.Hour)
	h.look()
	h.expect("a day after it began", h.sms.told(), []string{vogel, brinkmann})
}

// TestAGatewayThatHangsHoldsNobodyUp: while one message is on its way for ever
// the other people are called, and a second message never overtakes the first.
func TestAGatewayThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.eml.hang = make(chan struct{})
	h.sms.says = []way.Outcome{way.Refused}
	h.start(Order{Group: GroupTree})
	for range 5 {
		if err := h.b.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for len(h.eml.told()) == 0 { // until the mail hangs
		if err := h.b.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.mu.Lock()
	h.now = h.now.Add(5 * time.Minute)
	h.mu.Unlock()
	_ = h.b.Look(t.Context())
	h.expect("by SMS", slices.Sorted(slices.Values(h.sms.told())), []string{vogel, brinkmann})
	h.expect("by mail", h.eml.told(), []string{"vogel@klinik.example"})
	close(h.eml.hang)
	h.b.Idle()
}

// TestWhoIsCalled: whoever sits in the crisis team comes before the contact of
// the group, two hats are one person, and the number written down on the seat is
// used.
func TestWhoIsCalled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := Group{ID: "zwei", Name: "Zwei Hüte", Seats: []Seat{{Role: rulebook.ITLead, Contact: "vogel"}, {Function: "Netz", Contact: "vogel"}, {Function: "Medizin", Contact: "falk"}}}
	if err := h.b.SaveGroup(t.Context(), Act{Person: "it"}, g, 0); err != nil {
		t.Fatal(err)
	}
	pre, err := h.b.Preview(Order{Group: "zwei", Title: "Probe", Holders: []Holder{{Role: rulebook.Lead, Name: "Jemand"}}})
	if err != nil || pre.People != 2 || pre.Posts[0].Function != "it, Netz" || len(pre.Voice) != 1 || pre.Ways["sms"] != 1 || pre.Ways["mail"] != 1 {
		t.Errorf("%+v %v", pre, err)
	}
	pre, err = h.b.Preview(Order{Group: GroupTeam, Title: "Probe", Holders: []Holder{{Role: rulebook.ITLead, Name: "Deputy", Deputy: true, Reach: "x@y.example"}, {Role: rulebook.ITLead, Name: "t. brinkmann", Reach: "0160 777777"}}})
	if err != nil || len(pre.Posts) != 1 {
		t.Fatalf("%+v %v", pre, err)
	}
	chain := pre.Posts[0].Chain
	if chain[0].Contact != "brinkmann" || chain[0].Ways[0].To != "+49160777777" || chain[0].Ways[1].To != brinkmann || chain[1].Ways[0].To != "x@y.example" {
		t.Errorf("%+v", chain)
	}
	for _, o := range []Order{{Group: "zwei"}, {Group: "niemand", Title: "Probe"}, {Group: GroupLead, Title: "Probe"}, {Group: "zwei", Title: strings.Repeat("x", 121)}} {
		if _, err := h.b.Preview(o); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestWhatPeopleTypeIntoAnSMS is read as they mean it.
func TestWhatPeopleTypeIntoAnSMS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want sms
	}{
		{"481516", sms{code: "481516"}},
		{"Code 481516, komme in 20 Min.", sms{"481516", Coming, 20}},
		{"JA 15", sms{"", Coming, 15}},
		{"ja aber nicht heute 481516", sms{"481516", Cannot, 0}},
		{"Nein", sms{word: Cannot}},
		{"ok\n481516\n5", sms{"481516", Coming, 5}},
		{"0171 5550001", sms{}},
		{"", sms{}},
		{"wer ist das?", sms{}},
	} {
		if got := readSMS(c.text); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
}

// TestTheTextsFitAndSayTheyAreADrill, in every length: where to answer is never
// cut off.
func TestTheTextsFitAndSayTheyAreADrill(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, drill := range []bool{false, true} {
		c := &Callout{ID: strings.Repeat("a", 32), Name: "Kernstab", Title: strings.Repeat("Ein langer Anlass ", 6), Place: "Raum 12", Phone: "0511 4700", Ask: Come, Drill: drill, Posts: []Post{{ID: "1", Called: 1, Chain: []Person{{ID: "1.1", Name: "R. Vogel", Code: "481516"}}}}}
		x := c.Posts[0].Chain[0]
		short, long := h.b.short(c, x), h.b.text(c, c.Posts[0], x)
		if n := len([]rune(short)); n > maxShort || !strings.HasSuffix(short, h.b.link(c, x)) || !strings.Contains(short, "Code 481516") {
			t.Errorf("%d characters: %q", n, short)
		}
		for _, text := range []string{short, long} {
			if strings.Contains(text, "ÜBUNG") != drill {
				t.Errorf("drill %t: %q", drill, text)
			}
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"v":1,"step":"answered","by":{"at":"2026-11-22T02:00:00Z"},"callout":"a","person":"1.1","word":"coming","via":"link"}`))
	f.Add([]byte(`{"v":1,"step":"started","by":{"at":"2026-11-22T02:00:00Z"},"plan":{"group":"g","name":"n","title":"t","ask":"come","trigger":"person","quorum":1,"posts":[{"id":"1","function":"","chain":[{"id":"1.1","name":"x","code":"1"}]}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := journal.NewMemory(newFold, readFold)
		for i, b := range [][]byte{body, body} {
			m.Take([]journal.Record{{Seq: journal.Seq(i + 1), ID: journal.ID{byte(i + 1)}, Kind: journal.Callout, Body: b}})
		}
		for _, c := range m.Fold.callouts {
			c.due(time.Unix(0, 0), DefaultPolicy(), false, func(string) bool { return false })
		}
		plain, _, err := m.Save()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readFold(plain); err != nil {
			t.Fatal(err)
		}
	})
}
