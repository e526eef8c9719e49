package inquiry

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/seal"
)

// withEnvelope seals a case of adler and stein against vogel, with an envelope.
func (h *house) withEnvelope() string {
	h.t.Helper()
	ctx := h.t.Context()
	h.ok(h.Begin(ctx, who("adler"), title, subject, []string{"Vogel"}, phrase("adler"), phrase("adler")))
	h.ok(h.Join(ctx, who("stein"), h.Standing(who("adler")).Draft.Code, phrase("stein"), phrase("stein")))
	key, err := h.Envelope(ctx, who("adler"), "Tresor")
	h.ok(err)
	h.ok(h.Seal(ctx, who("adler")))
	return key
}

func TestASuspectWithAnEnvelopeOpensNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	key := h.withEnvelope()
	h.ok(h.Offer(ctx, who("vogel"), key, true))
	h.ok(h.Offer(ctx, who("stein"), phrase("stein"), false))
	if s := h.Standing(who("vogel")); len(s.Rooms) != 0 {
		t.Error("the suspect opened the case with an envelope and a named person")
	}
	h.ok(h.Offer(ctx, who("adler"), phrase("adler"), false))
	h.ok(h.Offer(ctx, who("vogel"), key, true))
	if s := h.Standing(who("vogel")); len(s.Rooms) != 0 {
		t.Error("the suspect came into the open case with an envelope")
	}
}

func TestAnEnvelopeThatWasUsedIsSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	key := h.withEnvelope()
	h.ok(h.Offer(ctx, who("zweitkonto"), key, true))
	h.ok(h.Offer(ctx, who("adler"), phrase("adler"), false))
	c := h.see("adler", h.Standing(who("adler")).Rooms[0].ID)
	for _, e := range c.Entries {
		if e.Kind == string(unlocked) && e.Text != "Umschlag: Tresor" {
			t.Errorf("the opening says %q", e.Text)
		}
	}
}

func TestWhoCameWithAnEnvelopeGoesWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	key := h.withEnvelope()
	room := h.enterAs("adler", "stein")
	h.ok(h.Offer(ctx, who("neu"), key, true))
	h.see("neu", room)
	h.ok(h.Propose(ctx, who("adler"), room, "p", Remove, envelopeID+"Tresor", "Umschlag ist verschwunden"))
	h.ok(h.Agree(ctx, who("stein"), room, "a", h.see("stein", room).Open[0].ID))
	if _, _, err := h.Case(ctx, who("neu"), room, "x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("still inside with the key that was taken out: %v", err)
	}
}

// One person with two envelopes and a second account cannot take the case away
// from the other one.
func TestTwoNamedPeopleRemain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.ok(h.Begin(ctx, who("adler"), title, subject, nil, phrase("adler"), phrase("adler")))
	h.ok(h.Join(ctx, who("stein"), h.Standing(who("adler")).Draft.Code, phrase("stein"), phrase("stein")))
	var keys []string
	for _, label := range []string{"Tresor", "Bank"} {
		key, err := h.Envelope(ctx, who("adler"), label)
		h.ok(err)
		keys = append(keys, key)
	}
	h.ok(h.Seal(ctx, who("adler")))
	h.ok(h.Offer(ctx, who("adler2"), keys[0], true))
	h.ok(h.Offer(ctx, who("adler"), phrase("adler"), false))
	room := h.Standing(who("adler")).Rooms[0].ID
	h.refused(h.Propose(ctx, who("adler"), room, "p", Remove, "stein", "stört die Ermittlung"), fault.Invalid)
}

func TestManyGuessesAtOnceAreStillFew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	var wg sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	h.Book.hashing <- struct{}{} // all are let in before the first is judged
	for range 4 * wrongEach {
		wg.Go(func() {
			err := h.Offer(t.Context(), who("stein"), "falscher Satz mit Wörtern", false)
			mu.Lock()
			defer mu.Unlock()
			if fault.KindOf(err) == fault.Invalid {
				wrong++
			}
		})
	}
	<-h.Book.hashing
	wg.Wait()
	if wrong > wrongEach {
		t.Errorf("%d guesses were answered", wrong)
	}
}

// cut is a transfer that breaks off, as a multipart reader tells it.
type cut struct{ io.Reader }

func (c cut) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestAnAttachmentThatBreaksOffIsNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	room := h.enterAs("adler", "stein")
	h.refused(h.Attach(t.Context(), who("adler"), room, "f", "tuer.log", "text/plain", cut{strings.NewReader("die erste Hälf")}), fault.Invalid)
	for _, e := range h.see("adler", room).Entries {
		if e.File != nil {
			t.Errorf("half a file is an attachment: %+v", e.File)
		}
	}
	h.ok(h.Attach(t.Context(), who("adler"), room, "f", "tuer.log", "text/plain", bytes.NewReader(make([]byte, pieceSize))))
}

func TestTheSameFormWithOtherWordsIsNotSwallowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	room := h.enterAs("adler", "stein")
	ctx := t.Context()
	h.ok(h.Note(ctx, who("adler"), room, "f", "Konto gesperrt um 9:10", false))
	h.ok(h.Note(ctx, who("adler"), room, "f", "Konto gesperrt um 9:10", false))
	h.refused(h.Note(ctx, who("adler"), room, "f", "Konto gesperrt um 9:40", false), fault.Conflict)
}

// A password that an administrator sets opens the account, not what its owner
// prepares there.
func TestAnotherSessionSeesNothingOfADraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.ok(h.Begin(ctx, who("adler"), title, subject, []string{"vogel"}, phrase("adler"), phrase("adler")))
	h.ok(h.Join(ctx, who("stein"), h.Standing(who("adler")).Draft.Code, phrase("stein"), phrase("stein")))
	for _, id := range []string{"adler", "stein"} {
		other := who(id)
		other.Session = "by somebody else"
		if d := h.Standing(other).Draft; d != nil {
			t.Errorf("%s: %+v", id, d)
		}
		h.refused(h.Seal(ctx, other), fault.NotFound)
		other.Session = "after signing in again"
		h.ok(h.Offer(ctx, other, phrase(id), false))
		if d := h.Standing(other).Draft; d == nil || d.Mine != (id == "adler") {
			t.Errorf("%s does not get back to the draft: %+v", id, d)
		}
	}
}

func TestKeysAreForgottenWithoutAVisit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.begin()
	kept := func(room string) []seal.Key {
		h.Book.mu.Lock()
		defer h.Book.mu.Unlock()
		return h.rooms[room].keys
	}
	gone := func(keys []seal.Key, why string) {
		t.Helper()
		for _, k := range keys {
			if k != (seal.Key{}) {
				t.Errorf("%s: the key is still in memory", why)
			}
		}
	}
	keys := kept(h.enterAs("adler", "stein"))
	h.pass(31 * time.Minute)
	h.Standing(who("arzt"))
	gone(keys, "half an hour passed")
	keys = kept(h.enterAs("adler", "stein"))
	h.Gone(who("adler").Session)
	if len(h.Standing(who("stein")).Rooms) != 1 {
		t.Error("the other one lost the case")
	}
	h.Gone(who("stein").Session)
	gone(keys, "both signed out")
	h.ok(h.Offer(t.Context(), who("adler"), phrase("adler"), false))
	h.Gone(who("adler").Session)
	h.ok(h.Offer(t.Context(), who("stein"), phrase("stein"), false))
	if len(h.Standing(who("stein")).Rooms) != 0 {
		t.Error("a passphrase waited after its session was over")
	}
}

// Who is suspected is said before the code is; whoever came before that has no
// key left, and the same page as everybody.
func TestASuspectThatJoinedHasNoKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.ok(h.Begin(ctx, who("adler"), title, subject, nil, phrase("adler"), phrase("adler")))
	d := h.Standing(who("adler")).Draft
	if d.Told {
		t.Fatal("nobody has said who is suspected")
	}
	h.ok(h.Join(ctx, who("stein"), d.Code, phrase("stein"), phrase("stein")))
	h.ok(h.Join(ctx, who("vogel"), d.Code, phrase("vogel"), phrase("vogel")))
	if err := h.Suspect(who("adler"), []string{"adler"}, nil); err == nil {
		t.Error("somebody suspects herself")
	}
	if err := h.Suspect(who("stein"), []string{"vogel"}, nil); err == nil {
		t.Error("somebody else says who is suspected")
	}
	h.ok(h.Suspect(who("adler"), []string{"vogel"}, []string{"Wartungsfirma"}))
	if h.Standing(who("vogel")).Draft != nil {
		t.Error("the suspect still sees what is prepared")
	}
	if err := h.Join(ctx, who("vogel"), d.Code, phrase("vogel"), phrase("vogel")); err == nil || err.Error() != errNothing().Error() {
		t.Errorf("the suspect joins again: %v", err)
	}
	if d = h.Standing(who("adler")).Draft; !d.Told || len(d.Members) != 2 || len(d.Others) != 1 {
		t.Errorf("the draft: %+v", d)
	}
	h.ok(h.Seal(ctx, who("adler")))
	h.ok(h.Offer(ctx, who("adler"), phrase("adler"), false))
	if err := h.Offer(ctx, who("vogel"), phrase("vogel"), false); err == nil {
		t.Error("the suspect has a key")
	}
	h.ok(h.Offer(ctx, who("stein"), phrase("stein"), false))
	rooms := h.Standing(who("stein")).Rooms
	if len(rooms) != 1 {
		t.Fatalf("%d rooms", len(rooms))
	}
	c, _, err := h.Case(ctx, who("stein"), rooms[0].ID, "Vorgang")
	h.ok(err)
	if len(c.Suspects) != 1 || len(c.Others) != 1 {
		t.Errorf("%q %q", c.Suspects, c.Others)
	}
}
