package testkit_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/testkit"
)

// TestAFeedIsPassedOnToASecondReceiver is Notbetrieb between the interface engine
// and an archive: in good times, without a declared outage.
func TestAFeedIsPassedOnToASecondReceiver(t *testing.T) {
	t.Parallel()
	archive, err := fakekis.New(fakekis.Options{Rules: []fakekis.Rule{{Type: "ADT^A02", Times: 1, Do: fakekis.Refuse, Text: "Station unbekannt"}}})
	if err == nil {
		err = archive.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(archive.Stop)
	h := testkit.New(t, func(c *config.Config) {
		f := config.DefaultForward()
		f.Name, f.Feeds, f.Types, f.Address, f.Repeats = "archiv", []string{"kis"}, []string{"ADT"}, archive.Addr(), true
		c.Forward = append(c.Forward, f)
	})
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Receive("kis", "a02_mueller_to_3B.hl7")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	wait := func(fits func() bool) {
		t.Helper()
		for seq := h.Hub.Forward.Seq(); !fits(); seq = h.Hub.Forward.Seq() {
			if err := h.Hub.Forward.Wait(ctx, seq+1); err != nil {
				t.Fatalf("the forwarding stands still: %+v", h.Hub.Forward.Standings())
			}
		}
	}
	standing := func() (passed uint64, aside int) {
		s := h.Hub.Forward.Standings()[0]
		return s.Passed, len(s.Aside)
	}
	wait(func() bool { passed, aside := standing(); return passed == 1 && aside == 1 })
	if got := archive.Accepted(); len(got) != 1 || !bytes.Equal(got[0].Raw, h.Message("a01_mueller_3A.hl7")) {
		t.Errorf("it did not arrive as it came in: %+v", got)
	}
	h.As("pflege").Page("/forward").Answers(http.StatusForbidden)
	page := h.As("it").Page("/forward").Answers(200).Sees("archiv", "Station unbekannt", "ADT^A02", "Weitergabe 1")
	page.Submit("/forward/archiv", "act", "again").Answers(422).Sees("Bitte Nachrichten auswählen")
	h.Restart()
	page = h.As("it").Page("/forward").Sees("Station unbekannt")
	seq := page.Attr("input[name=seq]", "value")
	page.Submit("/forward/archiv", "seq", seq, "act", "again").Answers(200)
	wait(func() bool { passed, aside := standing(); return passed == 2 && aside == 0 })
	if got := archive.Accepted(); len(got) != 2 || !strings.HasPrefix(got[1].Type, "ADT^A02") {
		t.Errorf("%+v", got)
	}
	h.As("it").Page("/forward").NotSees("Station unbekannt")
	h.Check()
}
