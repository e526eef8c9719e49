package chart

import (
	"fmt"
	"testing"

	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
)

// strange sends a message about a ward that the table lacks.
func (w *world) strange(feed, ward string) uint64 {
	return w.src.add(message{Feed: feed, Kind: "ADT^A02", Sent: w.now, Received: w.now, Problems: []problem{{
		Code: interpret.UnknownWard, Segment: "PV1-3", Reason: lang.Text{DE: "Station „" + ward + "“ unbekannt", EN: "ward unknown"},
	}}})
}

func TestMessagesOfOneUnknownWardAreOneItem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := func(f UnreadFilter) (out []string, total int) {
		t.Helper()
		v := w.view()
		defer v.Close()
		items, total, err := v.Unread(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range items {
			out = append(out, fmt.Sprintf("%s %d×%d from %d", u.Feed, u.Seq, u.Count, u.First))
		}
		return out, total
	}
	check := func(what string, f UnreadFilter, total int, want ...string) {
		t.Helper()
		got, n := list(f)
		if fmt.Sprint(got) != fmt.Sprint(want) || n != total {
			t.Errorf("%s: %q of %d, want %q of %d", what, got, n, want, total)
		}
	}
	house := func(want, messages int) {
		t.Helper()
		v := w.view()
		defer v.Close()
		h, err := v.House(t.Context())
		if err != nil || h.Unread != want || h.Messages != messages {
			t.Errorf("the house counts %d of %d (%v), want %d of %d", h.Unread, h.Messages, err, want, messages)
		}
		feeds := 0
		for _, f := range h.Feeds {
			_, total, err := v.Unread(t.Context(), UnreadFilter{Feed: f.Name})
			if err != nil || uint64(total) != f.Unread {
				t.Errorf("feed %s counts %d, its list has %d (%v)", f.Name, f.Unread, total, err)
			}
			feeds += total
		}
		if n, err := v.UnreadMessages(t.Context(), UnreadFilter{}); err != nil || n != messages || feeds != want {
			t.Errorf("%d messages (%v), %d items of all feeds", n, err, feeds)
		}
	}
	group := func(seq uint64, aside bool, want string) {
		t.Helper()
		v := w.view()
		defer v.Close()
		list, _, err := v.Unread(t.Context(), UnreadFilter{Seq: seq, Aside: aside})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d items at %d (%v)", len(list), seq, err)
		}
		n, first, last, err := v.Alike(t.Context(), list[0])
		if got := fmt.Sprintf("%d from %d to %d", n, first, last); err != nil || got != want || aside == list[0].AsideAt.IsZero() {
			t.Errorf("%s, set aside %v (%v), want %s", got, list[0].AsideAt, err, want)
		}
	}
	syntax := func() uint64 {
		return w.src.add(message{Feed: "kis", Sent: w.now, Received: w.now, Problems: []problem{{Code: "syntax", Reason: lang.Text{DE: "unlesbar"}}}})
	}
	w.strange("kis", "9Z") // 1
	w.strange("lis", "9Z") // 2
	syntax()               // 3
	w.strange("kis", "9Z") // 4
	w.strange("kis", "8Y") // 5
	syntax()               // 6
	w.strange("kis", "9Z") // 7
	check("all", UnreadFilter{}, 5, "kis 7×3 from 1", "kis 6×1 from 6", "kis 5×1 from 5", "kis 3×1 from 3", "lis 2×1 from 2")
	check("the next page", UnreadFilter{Before: 6}, 5, "kis 5×1 from 5", "kis 3×1 from 3", "lis 2×1 from 2")
	check("one record", UnreadFilter{Seq: 4}, 1, "kis 4×1 from 4")
	check("each by itself", UnreadFilter{Each: true, Before: 5}, 7, "kis 4×1 from 4", "kis 3×1 from 3", "lis 2×1 from 2", "kis 1×1 from 1")
	house(5, 7)
	group(4, false, "3 from 1 to 7")
	group(6, false, "1 from 6 to 6")

	set := func(n uint64, segment string, undo bool) {
		t.Helper()
		body, err := Aside(seq(n), segment, "S. Weber", undo)
		if err != nil {
			t.Fatal(err)
		}
		w.src.add(message{Silent: true, Received: w.now, Aside: readAside(body)})
	}
	w.strange("kis", "9Z") // 8, unseen by who sets 7 aside
	set(7, "PV1-3", false)
	check("what came since stays open", UnreadFilter{}, 5, "kis 8×1 from 8", "kis 6×1 from 6", "kis 5×1 from 5", "kis 3×1 from 3", "lis 2×1 from 2")
	check("set aside", UnreadFilter{Aside: true}, 1, "kis 7×3 from 1")
	group(1, true, "3 from 1 to 7")
	group(8, false, "1 from 8 to 8")
	set(3, "", false)
	check("one that stands alone", UnreadFilter{Aside: true}, 2, "kis 7×3 from 1", "kis 3×1 from 3")
	set(7, "", true)
	check("opened again", UnreadFilter{Code: interpret.UnknownWard}, 3, "kis 8×4 from 1", "kis 5×1 from 5", "lis 2×1 from 2")
	house(4, 7)
}
