package app

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

const (
	lookEvery  = 5 * time.Second
	pruneEvery = 24 * time.Hour
	pruneFirst = 10 * time.Minute // after the start: a hub that is restarted daily drops too
)

// keepHouse watches the hub itself and drops once a day what may go.
func (h *Hub) keepHouse(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	prune := time.NewTimer(pruneFirst)
	defer prune.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			h.look()
		case <-prune.C:
			prune.Reset(pruneEvery)
			if err := h.Retain(ctx); err != nil && ctx.Err() == nil {
				h.log.Error("retention", slog.Any("err", err))
				h.Alarms.Raise("retention", lang.Text{
					DE: "Das Löschen nach Aufbewahrungsfrist ist fehlgeschlagen. Es wurde nichts verloren; das Protokoll nennt den Grund.",
					EN: "Dropping by retention failed. Nothing was lost; the log names the reason.",
				})
			} else {
				h.Alarms.Clear("retention")
			}
		}
	}
}

// lookAside raises or clears the alarm about reads that wait to be recorded.
func (h *Hub) lookAside(a staff.Aside) {
	if a.Since.IsZero() {
		h.Alarms.Clear("aside")
		return
	}
	n := strconv.Itoa(a.Waiting)
	text := lang.Text{
		DE: "Zugriffe werden daneben aufgezeichnet, weil das Journal nicht geschrieben werden kann: " + n + " warten. Sie werden nachgetragen, sobald es wieder geht.",
		EN: "Reads are recorded aside because the journal cannot be written: " + n + " wait. They are appended as soon as it works again.",
	}
	if a.Kept < a.Waiting {
		text.DE += " Sie liegen nur im Arbeitsspeicher: den Hub bis dahin nicht beenden."
		text.EN += " They are in memory only: do not stop the hub until then."
	}
	if a.Lost > 0 {
		text.DE += " " + strconv.Itoa(a.Lost) + " weitere sind nicht mehr aufgezeichnet."
		text.EN += " " + strconv.Itoa(a.Lost) + " more are not recorded."
	}
	h.Alarms.Raise("aside", text)
}

// look raises and clears the alarms about the hub's own health.
func (h *Hub) look() {
	h.lookAside(h.Staff.Aside())
	h.lookAtRecords()
	if err := h.Journal.AnchorHealth(); err != nil {
		h.Alarms.Raise("anchor", fault.Say(err))
	} else {
		h.Alarms.Clear("anchor")
	}
	if err := h.Journal.Health(); err != nil {
		h.Alarms.Raise("journal", sayJournal(err))
		return
	}
	h.Alarms.Clear("journal")
	if h.store.tight() {
		h.Alarms.Raise("disk", lang.Text{
			DE: "Der Datenträger des Journals ist fast voll. Nachrichten werden nicht mehr angenommen, die Absender behalten sie; gelesen werden kann weiter. Bitte Platz schaffen.",
			EN: "The journal's disk is nearly full. Messages are no longer taken, the senders keep them; reading goes on. Please make room.",
		})
	} else {
		h.Alarms.Clear("disk")
	}
	h.lookAtNumbers()
	for _, f := range h.Config.Feeds { // storing works again
		h.Alarms.ClearIf(intakeKey(f.Name, alarmStore), func(a Alarm) bool { return h.now().Sub(a.Last) > time.Minute })
	}
}

// lookAtNumbers raises an alarm for each number range of which less than a
// twentieth is left: there is time then to give it more digits.
func (h *Hub) lookAtNumbers() {
	for kind, s := range h.Config.Numbers.Ranges() {
		key := "numbers/" + string(kind)
		left := h.Numbers.Left(kind)
		if left >= s.Last()/20 {
			h.Alarms.Clear(key)
			continue
		}
		h.Alarms.Raise(key, lang.Text{
			DE: fmt.Sprintf("Vom Nummernkreis „%s“ sind noch %d Nummern frei. Bitte in numbers.%s mehr Stellen oder einen anderen Vorsatz einstellen.", kind, left, kind),
			EN: fmt.Sprintf("Of the number range “%s” %d numbers are left. Please give it more digits or another prefix in numbers.%s.", kind, left, kind),
		})
	}
}

// sayJournal says what a journal that cannot be written means. Only one that is
// damaged, or that another writer took over, keeps charts shut.
func sayJournal(err error) lang.Text {
	if fault.KindOf(err) != fault.Unavailable {
		return lang.Text{
			DE: "Das Journal wird nicht mehr geschrieben, weil es beschädigt ist oder ein zweiter Hub es übernommen hat. Akten öffnen sich nicht: mit den gedruckten Blättern arbeiten und die Platte prüfen.",
			EN: "The journal is no longer written because it is damaged or a second hub took it over. Charts do not open: work with the printed sheets and check the disk.",
		}
	}
	return lang.Text{
		DE: "Das Journal kann nicht geschrieben werden. Nachrichten werden nicht angenommen, die Absender behalten sie; gelesen werden kann weiter. Bitte die Platte prüfen.",
		EN: "The journal cannot be written. Messages are not taken, the senders keep them; reading goes on. Please check the disk.",
	}
}
