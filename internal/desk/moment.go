package desk

import (
	"time"

	"notbetrieb/internal/journal"
)

// Moment is where and when somebody signs.
type Moment struct {
	Time time.Time
	Role string
	From string // screen or station
	Seen uint64 // journal position of the page that was looked at
}

// NewKey returns a fresh key for a form that is opened.
func NewKey() string { return journal.NewID().String() }
