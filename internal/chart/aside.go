package chart

import (
	"encoding/json"
	"fmt"
	"time"

	"notbetrieb/internal/journal"
)

// aside is a person's word that an unread item has been looked at.
type aside struct {
	Do      string `json:"do"`
	Seq     uint64 `json:"seq"`
	Segment string `json:"segment,omitempty"` // "" means every part of the record
	By      string `json:"by"`
	Undo    bool   `json:"undo,omitempty"`

	At time.Time `json:"-"` // when the word was received
}

const asideCommand = "chart.unread.aside"

// Aside returns the body of the command record that sets the unread items of
// record seq aside, or with undo opens them again; segment names one part, ""
// all of them. Append it with kind [journal.Command]; the chart folds it.
func Aside(seq journal.Seq, segment, by string, undo bool) ([]byte, error) {
	b, err := json.Marshal(aside{Do: asideCommand, Seq: uint64(seq), Segment: segment, By: by, Undo: undo})
	if err != nil {
		return nil, fmt.Errorf("aside command: %w", err)
	}
	return b, nil
}

// readAside returns the command in body if it is one for the unread list.
// Commands of other parts and of newer versions are none.
func readAside(body []byte) *aside {
	var a aside
	if err := json.Unmarshal(body, &a); err != nil || a.Do != asideCommand || a.Seq == 0 {
		return nil
	}
	return &a
}
