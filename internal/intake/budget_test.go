package intake

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"notbetrieb/internal/hl7"
)

// scan is an admission of about n bytes.
func scan(id, n int) []byte {
	return append(admission(id), bytes.Repeat([]byte("NTE|1||x\r"), n/9)...)
}

func TestMessagesOfAllFeedsShareOneBudgetAndWaitForIt(t *testing.T) {
	t.Parallel()
	const largest = 100_000
	reg := prometheus.NewRegistry()
	budget := NewBudget(largest, reg)
	feed := func(f *Feed) { f.MaxMessage, f.Budget = largest, budget }
	kis, lis := listen(t, &memory{}, feed), listen(t, &memory{}, feed)
	kis.reg, lis.reg = reg, reg
	nc, _ := rawDial(t, kis)
	half := append([]byte{0x0b}, scan(1, 60_000)...)
	if _, err := nc.Write(half); err != nil {
		t.Fatal(err)
	}
	wait(t, "the first message to take its room", func() bool { return kis.metric(t, "budget_used_bytes") == largest })
	answer := make(chan []byte, 1)
	sender := lis.dial(t)
	go func() {
		b, _ := sender.Send(t.Context(), scan(2, 50_000))
		answer <- b
	}()
	wait(t, "the second to wait", func() bool { return lis.metric(t, "budget_waits_total") == 1 })
	if len(lis.journal.all()) != 0 {
		t.Error("a message was stored for which there was no room")
	}
	if a := ackOf(t, send(t, lis.dial(t), admission(3))); a.Code != hl7.AA {
		t.Errorf("a small message had to wait: %+v", a)
	}
	if _, err := nc.Write([]byte{0x1c, 0x0d}); err != nil {
		t.Fatal(err)
	}
	if a := ackOf(t, <-answer); a.Code != hl7.AA || a.ControlID != "2" {
		t.Errorf("the one that waited: %+v", a)
	}
	if len(kis.journal.all()) != 1 || len(lis.journal.all()) != 2 {
		t.Error("something was dropped")
	}
	wait(t, "all room to be given back", func() bool { return kis.metric(t, "budget_used_bytes") == 0 })
}

func TestAConnectionThatBreaksGivesItsRoomBack(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	h := listen(t, &memory{}, func(f *Feed) { f.MaxMessage, f.Budget = 100_000, NewBudget(100_000, reg) })
	h.reg = reg
	nc, _ := rawDial(t, h)
	if _, err := nc.Write(append([]byte{0x0b}, scan(1, 60_000)...)); err != nil {
		t.Fatal(err)
	}
	wait(t, "the room to be taken", func() bool { return h.metric(t, "budget_used_bytes") == 100_000 })
	if err := nc.Close(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the room to be given back", func() bool { return h.metric(t, "budget_used_bytes") == 0 })
}

func TestAMessageOverTheWholeBudgetIsOversized(t *testing.T) {
	t.Parallel()
	h := listen(t, &memory{}, func(f *Feed) { f.Budget = NewBudget(40_000, prometheus.NewRegistry()) })
	_, conn := rawDial(t, h)
	_ = conn.WriteFrame(scan(1, 50_000))
	if answer, err := conn.ReadFrame(t.Context()); err == nil {
		t.Errorf("answered with %q", answer)
	}
	wait(t, "the alarm", func() bool { return h.alarms.count(ErrOversized) == 1 })
	if a := ackOf(t, send(t, h.dial(t), scan(2, 30_000))); a.Code != hl7.AA {
		t.Errorf("one within the budget: %+v", a)
	}
}

func TestFilesUseTheBudgetToo(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	d := watch(t, t.TempDir(), &memory{}, func(c *FolderConfig) { c.Feed.Budget = NewBudget(20_000, reg) })
	d.drop("klein.hl7", string(scan(1, 10_000)))
	d.drop("groß.hl7", string(scan(2, 30_000)))
	for range 2 {
		if err := d.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.journal.all()) != 1 {
		t.Errorf("%d messages are stored", len(d.journal.all()))
	}
	if _, err := os.Stat(filepath.Join(d.dir, "bad", "groß.hl7")); err != nil {
		t.Error("a file over the whole budget is not put aside:", err)
	}
}
